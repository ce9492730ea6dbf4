"""z-scores and PMK categories for a CSV file of children: its own cells stay, results are appended.

The file is read and written piece by piece, so a million rows need no more memory
than a few thousand. A cell that cannot be read leaves empty every result that needs
it, is reported with row, column and reason, and stops nothing else.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from posyandu_app.domain import classify
from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.reports.csv_records import Record, records
from posyandu_app.reports.growth_cells import places_of, readers
from posyandu_app.reports.growth_table import (
    POSITION_UNKNOWN,
    SEX_UNKNOWN,
    Children,
    GrowthColumns,
    Scores,
    assess_many,
)

if TYPE_CHECKING:
    from posyandu_app.domain.classify import Category
    from posyandu_app.reports.growth_table import Floats

SCORE_COLUMNS = (
    *("clenhei", "cbmi"),
    *("zlen", "flen", "zwei", "fwei", "zwfl", "fwfl", "zbmi", "fbmi", "zhc", "fhc"),
)
CATEGORY_COLUMNS = ("kategori_bb_u", "kategori_tb_u", "kategori_bb_tb", "kategori_imt_u", "kategori_lk_u")
RESULT_COLUMNS = SCORE_COLUMNS + CATEGORY_COLUMNS
"""What is appended: WHO `anthro`'s names, then the PMK 2/2020 category of each index."""

_ROWS_AT_ONCE = 20_000
_CHARACTERS_AT_ONCE = 16_000_000
_LONGEST_LINE = 16_000_000
_REMEMBERED_TEXTS = 100_000
_WHOLE_ROW = -1
_MISSING = -(10**15)


@dataclass(slots=True)
class Summary:
    """What happened to a file: rows computed, cells or rows that cannot be read, children without
    z-scores for their age, and children too young to have stood as recorded."""

    rows: int = 0
    bad: int = 0
    too_old: int = 0
    standing_too_young: int = 0


def assess_csv(source: BinaryIO, target: BinaryIO, report: Callable[[str], None]) -> Summary:
    """Copy a CSV file, appending `RESULT_COLUMNS`; every cell, quotation mark and line ending stays.

    The first line that is not blank holds the titles (`growth_cells.COLUMN_NAMES`); the
    separator is comma, semicolon, tab or bar. `report` gets one sentence for each cell
    that cannot be read and for each thing worth knowing. Rows are counted as a
    spreadsheet does, from 1. Raises `UserError` when the file is no CSV or lacks columns.
    """
    text = io.TextIOWrapper(source, encoding="utf-8", errors="surrogateescape", newline="")
    try:
        return _assess_lines(_lines(text), target, report)
    finally:
        text.detach()


def _assess_lines(lines: Iterator[str], target: BinaryIO, report: Callable[[str], None]) -> Summary:
    number = 0
    for opening in lines:
        number += 1
        if opening.strip("\ufeff \t\r\n"):
            break
        target.write(_encoded(opening))
    else:
        raise UserError(tr("Berkas ini kosong."), code="growth_csv_empty")
    mark = "\ufeff" if opening.startswith("\ufeff") else ""
    first_line = opening.removeprefix(mark)
    _refuse_what_is_no_csv(first_line)
    delimiter = _delimiter(first_line)
    rows = records(chain([first_line], lines), delimiter)
    titles = next(rows)
    layout = _layout(delimiter, titles.cells or [])
    _tell_of_earlier_results(titles.cells or [], report)
    target.write(_encoded(mark + delimiter.join((titles.text, *RESULT_COLUMNS)) + titles.ending))

    job, batch = _Job(layout, target, report), _Batch()
    for row, record in enumerate(rows, number + 1):
        job.take(batch, row, record)
        if batch.full:
            job.finish(batch)
            batch = _Batch()
    job.finish(batch)
    return job.summary


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines with their endings; bytes that are not UTF-8 pass through and come out as they were."""
    while line := text.readline(_LONGEST_LINE):
        if len(line) >= _LONGEST_LINE:
            raise UserError(
                tr("Ada baris yang terlalu panjang; berkas ini bukan tabel CSV."), code="growth_csv_not_csv"
            )
        yield line


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _refuse_what_is_no_csv(line: str) -> None:
    if line.startswith(("PK\x03\x04", "\udcd0\udccf\x11")):
        raise UserError(
            tr("Ini berkas Excel. Buka di Excel, simpan sebagai CSV UTF-8, lalu coba lagi."),
            code="growth_csv_not_csv",
        )
    if "\0" in line or line.startswith(("\udcff\udcfe", "\udcfe\udcff")):
        raise UserError(
            tr("Berkas ini bukan tabel CSV. Simpan sebagai CSV UTF-8, lalu coba lagi."),
            code="growth_csv_not_csv",
        )


def _delimiter(line: str) -> str:
    """The separator under which most titles are understood, then the one that gives most columns."""

    def merit(delimiter: str) -> tuple[int, int]:
        titles = next(records([line], delimiter)).cells or line.split(delimiter)
        return len(places_of(titles)), len(titles)

    return max((",", ";", "\t", "|"), key=merit)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the file is built: separator, number of columns, and where each understood column stands."""

    delimiter: str
    width: int
    places: dict[str, int]
    titles: dict[int, str]


def _layout(delimiter: str, titles: Sequence[str]) -> _Layout:
    found = places_of(titles)
    for places in found.values():
        if len(places) > 1:
            raise UserError(
                tr('Ada {count} kolom bernama "{column}". Hapus atau ganti nama yang tidak dipakai.').format(
                    count=len(places), column=_shown(titles[places[0]])
                ),
                code="growth_csv_ambiguous",
            )
    has_age = "age_days" in found or {"birth_date", "visit_date"} <= found.keys()
    has_size = not found.keys().isdisjoint(("weight_kg", "lenhei_cm", "headc_cm"))
    if "sex" not in found or not has_size or not (has_age or {"weight_kg", "lenhei_cm"} <= found.keys()):
        raise UserError(
            tr(
                "Judul kolom yang dibutuhkan tidak ditemukan. Baris pertama harus memuat sex "
                "(jenis_kelamin), age_days atau birth_date (tgl_lahir) dan visit_date "
                "(tanggal_pengukuran), serta weight_kg (berat), lenhei_cm (tinggi) atau headc_cm "
                "(lingkar_kepala)."
            ),
            code="growth_csv_no_columns",
        )
    single = {role: places[0] for role, places in found.items()}
    return _Layout(
        delimiter, len(titles), single, {place: _shown(titles[place]) for place in single.values()}
    )


def _shown(title: str) -> str:
    """A column's own title, fit for one line on a screen."""
    return "".join(sign if sign.isprintable() else " " for sign in title[:40]).strip()


def _tell_of_earlier_results(titles: Sequence[str], report: Callable[[str], None]) -> None:
    earlier = [title.strip() for title in titles if title.strip() in RESULT_COLUMNS]
    if earlier:
        report(
            tr(
                "Berkas ini sudah punya kolom hasil ({columns}). Kolom itu dibiarkan; hasil yang baru ada "
                "di {count} kolom terakhir."
            ).format(columns=", ".join(dict.fromkeys(earlier)), count=len(RESULT_COLUMNS))
        )


@dataclass(slots=True)
class _Batch:
    """Some rows on their way: the text to write, and number and cells of those that are computed."""

    texts: list[tuple[str, str, bool]] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    complaints: list[tuple[int, int, str]] = field(default_factory=list)
    characters: int = 0

    def add(self, text: str, ending: str, number: int, cells: list[str] | None) -> None:
        self.texts.append((text, ending, bool(cells)))
        self.characters += len(text)
        if cells:
            self.cells.append(cells)
            self.numbers.append(number)

    @property
    def full(self) -> bool:
        return len(self.texts) >= _ROWS_AT_ONCE or self.characters >= _CHARACTERS_AT_ONCE


class _Job:
    """One file being computed."""

    def __init__(self, layout: _Layout, target: BinaryIO, report: Callable[[str], None]) -> None:
        self.layout = layout
        self.target = target
        self.report = report
        self.summary = Summary()
        self.readers = readers()
        self.writer: _Writer | None = None

    def take(self, batch: _Batch, number: int, record: Record) -> None:
        """Put one record into the batch, padded or trimmed to the width of the titles."""
        text, ending, cells = record
        width, delimiter = self.layout.width, self.layout.delimiter
        if cells is None:
            reason = tr("tanda kutipnya tidak ditutup atau selnya terlalu panjang.")
            batch.complaints.append((number, _WHOLE_ROW, reason))
        elif len(cells) > width and text.endswith(delimiter * (len(cells) - width)):
            text, cells = text[: width - len(cells)], cells[:width]
        elif len(cells) > width:
            reason = tr(
                "jumlah selnya {found}, padahal kolomnya {width}. Periksa koma desimal dan tanda kutip."
            ).format(found=len(cells), width=width)
            batch.complaints.append((number, _WHOLE_ROW, reason))
            cells = None
        elif cells:
            text += delimiter * (width - len(cells))
        batch.add(text, ending, number, cells)

    def finish(self, batch: _Batch) -> None:
        """Compute, report and write one batch."""
        tails: Iterator[str] = iter(())
        if batch.cells:
            if self.writer is None:
                self.writer = _Writer(self.layout.delimiter, self._decimal_mark(batch))
            growth = assess_many(self._children(batch))
            tails = self.writer.tails(growth)
            self.summary.rows += len(batch.cells)
            self.summary.too_old += int(growth.too_old.sum())
            self.summary.standing_too_young += int(growth.standing_too_young.sum())
        self._complain(batch)
        delimiter = self.layout.delimiter
        pieces = [
            f"{text}{delimiter}{next(tails)}{ending}" if computed else text + ending
            for text, ending, computed in batch.texts
        ]
        self.target.write(_encoded("".join(pieces)))
        for reader in self.readers.values():
            reader.forget_if_many()

    def _complain(self, batch: _Batch) -> None:
        for number, place, reason in sorted(batch.complaints):
            if place == _WHOLE_ROW:
                sentence = tr("Baris {row}: {reason}").format(row=number, reason=reason)
            else:
                sentence = tr("Baris {row}, kolom {column}: {reason}").format(
                    row=number, column=self.layout.titles[place], reason=reason
                )
            self.report(sentence)
        self.summary.bad += len(batch.complaints)

    def _decimal_mark(self, batch: _Batch) -> str:
        """A comma where the file itself writes one, so that the same spreadsheet reads the results."""
        if self.layout.delimiter == ",":
            return "."
        places = self.layout.places
        sizes = [places[role] for role in ("weight_kg", "lenhei_cm", "headc_cm") if role in places]
        has_comma = any("," in row[place] for row in batch.cells for place in sizes if place < len(row))
        return "," if has_comma else "."

    def _column(self, batch: _Batch, role: str) -> tuple[Floats, list[int]]:
        """The numbers of one column, NaN where empty, and the rows whose cell cannot be read."""
        import numpy as np

        place = self.layout.places.get(role)
        if place is None:
            return np.full(len(batch.cells), np.nan), []
        reader = self.readers[role]
        cells = [row[place] if place < len(row) else "" for row in batch.cells]
        values = np.array([reader[cell] for cell in cells])
        bad = [row for row, cell in enumerate(cells) if cell in reader.reasons] if reader.reasons else []
        batch.complaints.extend((batch.numbers[row], place, reader.reasons[cells[row]]) for row in bad)
        return values, bad

    def _ages(self, batch: _Batch) -> tuple[Floats, list[int]]:
        """Age in days from its own column or, where that is empty, from the two dates."""
        import numpy as np

        ages, bad_ages = self._column(batch, "age_days")
        births, bad_births = self._column(batch, "birth_date")
        visits, bad_visits = self._column(batch, "visit_date")
        by_dates = np.isnan(ages)
        by_dates[bad_ages] = False
        between = visits - births
        early = np.flatnonzero(by_dates & (between < 0)).tolist()
        reason = tr("tanggal pengukuran lebih awal daripada tanggal lahir.")
        batch.complaints.extend(
            (batch.numbers[row], self.layout.places["visit_date"], reason) for row in early
        )
        unread = [row for row in chain(bad_births, bad_visits) if by_dates[row]]
        return np.where(by_dates, between, ages), [*bad_ages, *unread, *early]

    def _children(self, batch: _Batch) -> Children:
        """The batch as columns; a result that needs an unreadable cell is made impossible to compute."""
        import numpy as np

        sexes, _ = self._column(batch, "sex")
        ages, bad_ages = self._ages(batch)
        weights, _ = self._column(batch, "weight_kg")
        lengths, _ = self._column(batch, "lenhei_cm")
        positions, bad_positions = self._column(batch, "measure")
        heads, _ = self._column(batch, "headc_cm")
        oedema, bad_oedema = self._column(batch, "oedema")
        lengths[bad_ages] = np.nan
        lengths[bad_positions] = np.nan
        oedema[bad_oedema] = 1
        return Children(
            sex=np.nan_to_num(sexes, nan=SEX_UNKNOWN).astype(np.int8),
            age_days=ages,
            weight_g=weights,
            length_mm=lengths,
            position=np.nan_to_num(positions, nan=POSITION_UNKNOWN).astype(np.int8),
            head_mm=heads,
            oedema=oedema == 1,
        )


class _Texts(dict[int, str]):
    """The text of each whole number met so far; none for `_MISSING`."""

    def __init__(self, write: Callable[[int], str]) -> None:
        super().__init__({_MISSING: ""})
        self.write = write

    def __missing__(self, number: int) -> str:
        text = self.write(number)
        if len(self) < _REMEMBERED_TEXTS:
            self[number] = text
        return text


class _Writer:
    """Results as text, in the digits that WHO's `anthro` prints."""

    def __init__(self, delimiter: str, decimal_mark: str) -> None:
        self.delimiter = delimiter
        self.decimal_mark = decimal_mark
        self.scores = _Texts(lambda centi: self._digits(centi / 100))
        self.labels = {
            name: _Texts(_labeller(of))
            for name, of in (
                ("weight_for_age", classify.weight_for_age),
                ("length_for_age", classify.length_for_age),
                ("weight_for_length", classify.weight_for_length),
                ("bmi_for_age", classify.bmi_for_age),
                ("head_for_age", classify.head_for_age),
            )
        }

    def tails(self, growth: GrowthColumns) -> Iterator[str]:
        """The appended cells of each row, separated, in the order of `RESULT_COLUMNS`."""
        centi = {name: _whole(getattr(growth, name)) for name in self.labels}
        columns: list[Iterable[str]] = [
            ["" if mm != mm else self._digits(mm / 10) for mm in growth.length_used_mm.tolist()],
            ["" if bmi != bmi else self._digits(bmi) for bmi in growth.bmi.tolist()],
        ]
        for name in ("length_for_age", "weight_for_age", "weight_for_length", "bmi_for_age", "head_for_age"):
            flags = getattr(growth, name).flagged.tolist()
            columns.append(map(self.scores.__getitem__, centi[name]))
            columns.append(
                "" if number == _MISSING else "1" if flag else "0"
                for number, flag in zip(centi[name], flags, strict=True)
            )
        columns.extend(map(labels.__getitem__, centi[name]) for name, labels in self.labels.items())
        return map(self.delimiter.join, zip(*columns, strict=True))

    def _digits(self, number: float) -> str:
        return f"{number:.15g}".replace(".", self.decimal_mark)


def _labeller(of: Callable[[int], Category]) -> Callable[[int], str]:
    return lambda centi: of(centi).label


def _whole(scores: Scores) -> list[int]:
    import numpy as np

    numbers: list[int] = np.nan_to_num(scores.centi, nan=_MISSING).astype(np.int64).tolist()
    return numbers
