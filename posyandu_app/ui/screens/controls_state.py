"""The follow-up calendar as pure functions: what is due when, for whom, why and since when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from posyandu_app.domain import names
from posyandu_app.domain.cases import Appointment
from posyandu_app.domain.dates import format_date, format_day_long
from posyandu_app.i18n import tr
from posyandu_app.services.cases import CalendarRow
from posyandu_app.ui import case_words, words

AHEAD = timedelta(days=366)
"""How far the calendar looks: as far as a revisit can be planned."""


class When(StrEnum):
    """The stretches that are shown; the overdue stand first in each but their own."""

    TODAY = "today"
    WEEK = "week"
    NEXT_WEEK = "next_week"
    ALL = "all"
    OVERDUE = "overdue"

    @property
    def label(self) -> str:
        return {
            When.TODAY: tr("Hari ini"),
            When.WEEK: tr("Minggu ini"),
            When.NEXT_WEEK: tr("Minggu depan"),
            When.ALL: tr("Semua"),
            When.OVERDUE: tr("Terlambat"),
        }[self]


WHENS = tuple(When)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: a heading of a day, or an appointment with a child (`row` is None for a heading)."""

    title: str
    row: CalendarRow | None = None
    overdue: bool = False

    @property
    def key(self) -> str:
        """Tells one appointment from every other."""
        if self.row is None:
            return ""
        return f"{self.row.child.id} {self.row.due.what.value} {self.row.due.on.isoformat()}"


@dataclass(frozen=True, slots=True)
class ControlsState:
    """What is due up to a year ahead; `place` (a posyandu's scope) narrows it, `chosen` is an entry's key."""

    today: date
    rows: tuple[CalendarRow, ...] = ()
    when: When = When.WEEK
    place: str | None = None
    chosen: str = ""
    loaded: bool = False

    def count(self, when: When) -> int:
        """How many a stretch shows; the overdue are counted only in their own."""
        return sum(self._within(row, when) for row in self._here)

    @property
    def _here(self) -> tuple[CalendarRow, ...]:
        return tuple(row for row in self.rows if self.place in (None, row.child.scope))

    def _within(self, row: CalendarRow, when: When) -> bool:
        on, monday = row.due.on, self.today - timedelta(days=self.today.weekday())
        if on < self.today:
            return when in (When.OVERDUE, When.ALL)
        match when:
            case When.TODAY:
                return on == self.today
            case When.WEEK:
                return on < monday + timedelta(days=7)
            case When.NEXT_WEEK:
                return monday + timedelta(days=7) <= on < monday + timedelta(days=14)
            case When.ALL:
                return True
        return False

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The lines in sight: the overdue, the longest first, then day by day."""
        late = [row for row in self._here if row.due.on < self.today]
        found: list[Entry] = []
        if late and self.when is not When.NEXT_WEEK:
            found.append(Entry(tr("Terlambat"), overdue=True))
            found += [Entry(appointment(row, self.today), row, overdue=True) for row in late]
        day: date | None = None
        for row in self._here:
            if row.due.on < self.today or not self._within(row, self.when):
                continue
            if row.due.on != day:
                day = row.due.on
                found.append(Entry(day_title(day, self.today)))
            found.append(Entry(appointment(row, self.today), row))
        return tuple(found)

    @property
    def places(self) -> tuple[tuple[str | None, str, int], ...]:
        """All, then each posyandu with an appointment: scope, name, how many."""
        named = {row.child.scope: row.posyandu for row in self.rows}
        each = sorted(named, key=lambda scope: (named[scope], scope))
        counted = [
            (scope, named[scope], sum(row.child.scope == scope for row in self.rows)) for scope in each
        ]
        return ((None, tr("Semua posyandu"), len(self.rows)), *counted)


def found(state: ControlsState, rows: Sequence[CalendarRow]) -> ControlsState:
    """The calendar was read; the choice stays where it was if it is still there."""
    known = {row.child.scope for row in rows}
    place = state.place if state.place in known else None
    return _settled(replace(state, rows=tuple(rows), place=place, loaded=True))


def turned(state: ControlsState, when: When) -> ControlsState:
    """Another stretch."""
    return _settled(replace(state, when=when))


def next_when(state: ControlsState) -> ControlsState:
    """F3: the next stretch, from the first again after the last."""
    return turned(state, WHENS[(WHENS.index(state.when) + 1) % len(WHENS)])


def placed(state: ControlsState, place: str | None) -> ControlsState:
    """Only one posyandu, or all."""
    return _settled(replace(state, place=place))


def chosen(state: ControlsState, key: str) -> ControlsState:
    """An appointment was chosen."""
    return replace(state, chosen=key)


def chosen_row(state: ControlsState) -> CalendarRow | None:
    """The chosen appointment, when it is in sight."""
    return next((entry.row for entry in state.entries if entry.key == state.chosen and entry.row), None)


def _settled(state: ControlsState) -> ControlsState:
    keys = [entry.key for entry in state.entries if entry.row is not None]
    return state if state.chosen in keys else replace(state, chosen=keys[0] if keys else "")


def day_title(day: date, today: date) -> str:
    """ "Hari ini, Senin, 23 November 2026"."""
    long = format_day_long(day)
    if day == today:
        return tr("Hari ini · {day}").format(day=long)
    if day == today + timedelta(days=1):
        return tr("Besok · {day}").format(day=long)
    return long


def appointment(row: CalendarRow, today: date) -> str:
    """What is to be done: "Kontrol", "Tanyakan hasil rujukan", with how late it is."""
    label = row.due.what.label if isinstance(row.due.what, Appointment) else str(row.due.what)
    late = (today - row.due.on).days
    if late <= 0:
        return label
    return tr("{what} · terlambat {days} hari").format(what=label, days=late)


def why(row: CalendarRow, today: date) -> str:
    """Why she is followed up, and since when."""
    case = row.case
    if not case.reasons:
        return tr("Tanpa alasan lagi: periksa, lalu tutup")
    since = case_words.since(case.reasons[0].since, today)
    return " · ".join(part for part in (case_words.short(case), since, case_words.more(case)) if part)


def lead(state: ControlsState) -> str:
    """The sentence above the list."""
    late, today = state.count(When.OVERDUE), state.count(When.TODAY)
    told = [tr("{count} terlambat").format(count=late)] if late else []
    told.append(tr("{count} hari ini").format(count=today))
    told.append(tr("{count} minggu ini").format(count=state.count(When.WEEK)))
    return " · ".join(told)


def table(state: ControlsState) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """The list in sight as heads and cells for paper."""
    heads = (tr("Tanggal"), tr("Nama anak"), tr("Alamat"), tr("Posyandu"), tr("Yang dilakukan"), tr("Alasan"))
    return heads, [
        (
            format_date(entry.row.due.on),
            f"{names.display(entry.row.child.name)}, {words.mother(entry.row.child)}",
            words.place(entry.row.child),
            entry.row.posyandu,
            entry.title,
            why(entry.row, state.today),
        )
        for entry in state.entries
        if entry.row is not None
    ]
