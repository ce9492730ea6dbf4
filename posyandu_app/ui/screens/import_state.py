"""The rows of a trial import as a person reads them, by kind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import overload

from posyandu_app.domain import names
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.eppgbm import EppgbmRow, EppgbmSheet
from posyandu_app.domain.numbers import format_count
from posyandu_app.domain.zscore import format_z
from posyandu_app.i18n import tr
from posyandu_app.services import import_undo
from posyandu_app.services.import_undo import Import, TakenBack
from posyandu_app.services.importing import ImportPlan, Outcome, PlannedRow, field_label
from posyandu_app.ui import words
from posyandu_app.ui.screens.day_state import ICON, DayRow

Key = tuple[str, int]
"""Sheet and number of a row of the file."""


class Kind(StrEnum):
    """What a person wants to see of the rows."""

    NEW = "new"
    LOOK = "look"
    KNOWN = "known"
    SKIPPED = "skipped"
    Z = "z"


_OF = {
    Outcome.CREATE: Kind.NEW,
    Outcome.MATCH: Kind.KNOWN,
    Outcome.SKIP: Kind.SKIPPED,
    Outcome.PROBLEM: Kind.LOOK,
}
_ICONS = {
    Kind.NEW: "user-plus",
    Kind.KNOWN: "check",
    Kind.SKIPPED: "arrow-right",
    Kind.LOOK: "triangle-alert",
    Kind.Z: "equal-not",
}


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial run beside the file that it is about."""

    sheet: EppgbmSheet
    plan: ImportPlan

    @property
    def asks_posyandu(self) -> bool:
        """Whether none of the file's posyandu is this laptop's, so that a person must say which."""
        return bool(self.plan.posyandu) and all(item.scope is None for item in self.plan.posyandu)

    @property
    def open_questions(self) -> tuple[PlannedRow, ...]:
        """The first row of each child whom a person has not decided on yet, in the order of the file."""
        found: dict[str, PlannedRow] = {}
        for row in self.plan.rows:
            if row.question is not None and row.question.decided is None:
                found.setdefault(row.question.key, row)
        return tuple(found.values())

    def planned(self, name: str) -> PlannedRow | None:
        """The row shown under that name in the list."""
        return next((row for row in self.plan.rows if row_name(row.sheet, row.number) == name), None)

    @property
    def writes(self) -> bool:
        return bool(self.plan.deeds)


def row_name(sheet: str, number: int) -> str:
    """What a row is called in the list."""
    return f"{sheet}!{number}"


def kind_words(kind: Kind) -> str:
    """What a kind of row is called."""
    return {
        Kind.NEW: tr("Akan disimpan"),
        Kind.LOOK: tr("Perlu dilihat"),
        Kind.KNOWN: tr("Sudah ada"),
        Kind.SKIPPED: tr("Dilewati"),
        Kind.Z: tr("Z-score berbeda"),
    }[kind]


class Listed(Sequence[DayRow]):
    """The rows of one kind, in the order of the file; each is put into words when it is looked at."""

    def __init__(self, trial: Trial, kind: Kind, keys: Sequence[Key], put: Callable[[int], DayRow]) -> None:
        self._about = (trial, kind)
        self._keys = keys
        self._put = put

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, at: int) -> DayRow: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[DayRow]: ...
    def __getitem__(self, at: int | slice) -> DayRow | Sequence[DayRow]:
        if isinstance(at, slice):
            return [self._put(place) for place in range(*at.indices(len(self._keys)))]
        return self._put(range(len(self._keys))[at])

    def same(self, other: "Listed | None") -> bool:
        """Whether another list shows the same kind of the very same trial."""
        return other is not None and self._about[0] is other._about[0] and self._about[1] is other._about[1]

    def place_of(self, name: str) -> int:
        """Where the row of that name stands, −1 when it is of another kind."""
        return next((at for at, key in enumerate(self._keys) if row_name(*key) == name), -1)


def rows(trial: Trial, kind: Kind) -> Listed:
    """The rows of one kind."""
    written = {(row.sheet, row.number): row for row in trial.sheet.rows}
    several = len({row.sheet for row in trial.sheet.rows}) > 1
    if kind is Kind.Z:
        told = _z_told(trial)
        found = list(told)
        return Listed(
            trial,
            kind,
            found,
            lambda at: _z_row(found[at], written.get(found[at]), several, told[found[at]]),
        )
    planned = [row for row in trial.plan.rows if _OF[row.outcome] is kind]
    keys = [(row.sheet, row.number) for row in planned]
    return Listed(trial, kind, keys, lambda at: _row(planned[at], written.get(keys[at]), several))


def counts(trial: Trial) -> dict[Kind, int]:
    """How many rows each kind has."""
    found = {kind: trial.plan.counts.outcomes.get(outcome, 0) for outcome, kind in _OF.items()}
    return {**found, Kind.Z: len({(item.sheet, item.number) for item in trial.plan.z_differences})}


def first_kind(trial: Trial) -> Kind:
    """The first kind that has any rows."""
    found = counts(trial)
    return next((kind for kind in Kind if found[kind]), Kind.NEW)


def summary(trial: Trial) -> str:
    """The figures of a trial run in one sentence."""
    figures = trial.plan.counts
    sentence = tr(
        "{rows} baris dibaca: {children} anak baru, {measurements} ukuran baru, {look} baris perlu dilihat."
    )
    return sentence.format(
        rows=format_count(figures.rows),
        children=format_count(figures.children_created),
        measurements=format_count(figures.measurements_created),
        look=format_count(figures.outcomes.get(Outcome.PROBLEM, 0)),
    )


def last_import(made: Import) -> str:
    """Which import can be taken back: "Impor terakhir: daftar.xlsx, 23/11/2026 09.12"."""
    when = words.moment(datetime.fromisoformat(made.at))
    return tr("Impor terakhir: {file}, {when}").format(file=made.file or "—", when=when)


def taken_back(changes: TakenBack) -> str:
    """What became of an import that was taken back, and who stays."""
    gone = tr("Impor diurungkan: {count} anak.").format(count=format_count(changes.gone))
    if not changes.kept:
        return gone
    stay = tr("{count} anak tetap, karena sudah diubah sesudah impor: {names}.")
    return f"{gone} " + stay.format(
        count=format_count(len(changes.kept)), names=import_undo.few(changes.kept)
    )


def progress(doing: str, done: int, total: int) -> str:
    """How far long work has come: "Membaca berkas: 1.500 dari 5.000"."""
    words = {
        "read": tr("Membaca berkas: {done} dari {total}"),
        "plan": tr("Memeriksa baris: {done} dari {total}"),
        "back": tr("Mengurungkan: {done} dari {total} anak"),
        "write": tr("Menyimpan: {done} dari {total}"),
    }[doing]
    return words.format(done=format_count(done), total=format_count(total))


def _row(planned: PlannedRow, written: EppgbmRow | None, several_sheets: bool) -> DayRow:
    kind = _OF[planned.outcome]
    told = [remark.text for remark in planned.remarks]
    told += [
        tr("Di berkas lain, yang di sini tetap: {field}.").format(field=field_label(name))
        for name in planned.differences
    ]
    if planned.question is not None:
        told.append(
            tr("Enter: pilih anaknya.") if planned.question.decided is None else tr("Enter: ubah keputusan.")
        )
    return _shown(
        kind, planned.sheet, planned.number, written, several_sheets, planned.reason, " ".join(told)
    )


def _z_told(trial: Trial) -> dict[Key, list[str]]:
    found: dict[Key, list[str]] = {}
    for item in trial.plan.z_differences:
        told = tr("ZS {index} berkas {theirs}, dihitung ulang {ours}.").format(
            index=item.index, theirs=format_z(item.file_centi), ours=format_z(item.our_centi)
        )
        found.setdefault((item.sheet, item.number), []).append(told)
    return found


def _z_row(key: Key, written: EppgbmRow | None, several: bool, told: list[str]) -> DayRow:
    return _shown(Kind.Z, *key, written, several, told[0], " ".join(told[1:]))


def _shown(
    kind: Kind, sheet: str, number: int, written: EppgbmRow | None, several: bool, upper: str, lower: str
) -> DayRow:
    place = tr("Baris {number}").format(number=f"{sheet}!{number}" if several else number)
    mother = names.display(written.mother_name) if written is not None and written.mother_name else "—"
    on = written.measured_on if written is not None else None
    return DayRow(
        child=row_name(sheet, number),
        name=names.display(written.name) if written is not None and written.name else "—",
        mother=mother,
        place=format_date(on) if on is not None else "—",
        age=place,
        tone=ICON + _ICONS[kind],
        upper=upper,
        lower=lower,
    )
