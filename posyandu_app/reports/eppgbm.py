"""Reads e-PPGBM / SIGIZI lists from Excel or CSV files into typed rows.

Formats and their wrinkles: `facts.md` section 5. What a cell means is decided in
`domain/eppgbm.py`; here the file is opened and the header row found.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from posyandu_app.domain.cells import Cell
from posyandu_app.domain.eppgbm import (
    EppgbmRow,
    EppgbmSheet,
    Layout,
    nearly_a_header,
    parse_row,
    recognise,
)
from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.reports.spreadsheet import MergedDown, Sheet, sheets

HEADER_WITHIN = 30
"""The header row stands within so many rows of the top."""

Progress = Callable[[int, int], None]

_MEASURES = frozenset({"weight", "length", "muac", "head", "oedema", "z_weight", "z_length", "z_ratio"})
_STEP = 500


def read(path: Path, progress: Progress | None = None) -> EppgbmSheet:
    """Every row of every visible sheet that has an e-PPGBM header (NIK, a name, and Berat or berat lahir).

    `progress` gets the rows read and the rows there are in the sheet being read. Raises
    `UserError` with what to do when the file cannot be opened, has no such header, or has
    weights without a column for their dates.
    """
    rows: list[EppgbmRow] = []
    layouts: list[Layout] = []
    other_sheets: list[str] = []
    lacking: list[tuple[str, ...]] = []
    for sheet in sheets(path):
        layout = _read_sheet(sheet, rows, progress, lacking)
        if layout is None:
            other_sheets.append(sheet.name)
        else:
            layouts.append(layout)
    if not layouts:
        raise _no_header(min(lacking, key=len, default=()))
    problems = [
        tr("Lembar “{name}” tidak dibaca: bukan daftar e-PPGBM.").format(name=n) for n in other_sheets
    ]
    return EppgbmSheet(
        rows=tuple(rows),
        posyandu=tuple(dict.fromkeys(row.posyandu for row in rows if row.posyandu)),
        problems=tuple(problems),
        unknown_columns=tuple(dict.fromkeys(name for layout in layouts for name in layout.unknown)),
    )


def _no_header(lacking: Sequence[str]) -> UserError:
    """What to do about a file without a header; `lacking` are the headings that the nearest row lacks."""
    if lacking:
        return UserError(
            tr(
                "Judul kolom yang belum ada di berkas ini: {names}. "
                "Tambahkan di baris judulnya, atau pakai contoh isian dari aplikasi ini."
            ).format(names=", ".join(lacking)),
            code="header_missing",
        )
    return UserError(
        tr(
            "Baris judul dengan kolom NIK, Nama dan Berat tidak ditemukan. "
            "Pilih berkas status gizi dari e-PPGBM atau contoh isian dari aplikasi ini, "
            "dan jangan menghapus baris judulnya."
        ),
        code="header_missing",
    )


def _read_sheet(
    sheet: Sheet, rows: list[EppgbmRow], progress: Progress | None, lacking: list[tuple[str, ...]]
) -> Layout | None:
    """Append the sheet's rows; None when its first rows hold no header, and `lacking` gets what they lack."""
    layout: Layout | None = None
    merged = _Merged(sheet.merged)
    for index, values in enumerate(sheet.rows):
        merged.fill(index, values)
        if layout is None:
            if index >= HEADER_WITHIN:
                return None
            layout = recognise(values)
            if layout is None and (missing := nearly_a_header(values)):
                lacking.append(missing)
            if layout is not None:
                _check(layout)
                merged.leave_alone = frozenset(
                    column for key, column in layout.columns.items() if key in _MEASURES
                )
            continue
        row = parse_row(values, layout, sheet.name, index + 1)
        if row is not None:
            rows.append(row)
        if progress is not None and index % _STEP == 0:
            progress(index, sheet.height)
    if progress is not None and layout is not None:
        progress(sheet.height, sheet.height)
    return layout


def _check(layout: Layout) -> None:
    if "weight" in layout.columns and "measured_on" not in layout.columns:
        raise UserError(
            tr("Kolom Tanggal Pengukuran tidak ada, jadi berat tidak bisa dicatat. Lengkapi berkasnya."),
            code="column_missing",
        )


class _Merged:
    """Repeats a merged cell downwards, since a file holds its value in the top row only.

    Columns in `leave_alone` stay as they are: a measured value belongs to one row.
    """

    def __init__(self, merged: Sequence[MergedDown]) -> None:
        self.leave_alone: frozenset[int] = frozenset()
        self._waiting = sorted(merged, reverse=True)
        self._open: dict[int, tuple[int, Cell]] = {}

    def fill(self, index: int, values: list[Cell]) -> None:
        for column, (last_row, value) in list(self._open.items()):
            if index > last_row:
                del self._open[column]
            elif column not in self.leave_alone and column < len(values) and values[column] in ("", None):
                values[column] = value
        while self._waiting and self._waiting[-1].first_row <= index:
            _, last_row, column = self._waiting.pop()
            if column < len(values):
                self._open[column] = (last_row, values[column])
