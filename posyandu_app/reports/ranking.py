"""Areas in order, worst first, with what has changed since the month or year before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from posyandu_app.domain.age import Month
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.domain.skdn import Skdn
from posyandu_app.reports import coverage
from posyandu_app.reports.analysis_rules import SmallNumbers
from posyandu_app.reports.areas import Level
from posyandu_app.reports.covering import covers
from posyandu_app.reports.disclosure import cover_table
from posyandu_app.reports.frames import Frame
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import By, Indicator, PrevalenceTable, table
from posyandu_app.reports.statistics import Share, apart, share


@dataclass(frozen=True, slots=True)
class RankingRow:
    """One area: its place (1 is worst; equal figures share a place), its figure now and before.

    `change` is in percentage points, `clear` when the two 95 % intervals do not meet: then the
    change is more than chance. `moved` is by how many places the area has become better (positive)
    or worse. Areas without a figure, or with a covered one, have no place and stand last.
    """

    key: str
    label: str
    place: int | None
    now: Share
    before: Share
    change: float | None
    clear: bool
    moved: int | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The areas in order; `high_is_bad` tells which end is the worse one."""

    code: str
    period: Period
    compared_with: Period
    high_is_bad: bool
    rows: tuple[RankingRow, ...]


SKDN_SHARES: Mapping[str, Callable[[Skdn], tuple[int, int]]] = {
    "d_s": lambda skdn: (skdn.D, skdn.S),
    "n_d": lambda skdn: (skdn.N, skdn.D),
    "n_nt": lambda skdn: (skdn.N, skdn.N + skdn.T),
    "k_s": lambda skdn: (skdn.K, skdn.S),
}
"""The ratios of SKDN that can be ranked, all of them better when high."""


def by_prevalence(
    frame: Frame,
    indicator: Indicator,
    period: Period,
    compared_with: Period,
    by: By,
    rules: ProgramRules,
    within: str = "",
    small_numbers: SmallNumbers | None = None,
    puskesmas: Mapping[str, str] | None = None,
) -> Ranking:
    """Areas by the prevalence of an indicator, highest first; with `small_numbers` small ones are covered.

    `by` must part by area. `compared_with` is any other period: `period.previous()` or
    `period.year_before()`.
    """
    if by.level is None:
        raise ValueError("only areas are ranked")

    def shares(of: Period) -> dict[str, Share]:
        found: PrevalenceTable = table(frame, of, by, rules, within)
        if small_numbers is not None:
            (cover,) = covers(frame, [of], small_numbers.smallest_shown, puskesmas)
            found = cover_table(found, cover, small_numbers)
        return {row.key: row.shares[indicator] for row in found.rows}

    now, before = shares(period), shares(compared_with)
    return Ranking(str(indicator), period, compared_with, True, _ranked(frame, now, before, True))


def by_skdn(
    frame: Frame,
    code: str,
    month: Month,
    compared_with: Month,
    level: Level,
    rules: ProgramRules,
    within: str = "",
) -> Ranking:
    """Areas by a ratio of SKDN (a key of `SKDN_SHARES`), lowest first."""
    counts = SKDN_SHARES[code]

    def shares(of: Month) -> dict[str, Share]:
        rows = coverage.table(frame, of, level, rules, within).rows
        return {row.key: share(*counts(row.skdn), counts(row.skdn)[1]) for row in rows}

    now, before = shares(month), shares(compared_with)
    periods = Period.of_month(month), Period.of_month(compared_with)
    return Ranking(code, *periods, False, _ranked(frame, now, before, False))


def _ranked(
    frame: Frame, now: Mapping[str, Share], before: Mapping[str, Share], high_is_bad: bool
) -> tuple[RankingRow, ...]:
    places, earlier = _places(now, high_is_bad), _places(before, high_is_bad)
    rows = [_row(frame, key, one, before.get(key, Share(0, 0)), places, earlier) for key, one in now.items()]
    return tuple(sorted(rows, key=lambda row: (row.place is None, row.place or 0, row.label, row.key)))


def _row(
    frame: Frame,
    key: str,
    now: Share,
    before: Share,
    places: Mapping[str, int],
    earlier: Mapping[str, int],
) -> RankingRow:
    change = None if now.percent is None or before.percent is None else now.percent - before.percent
    place, place_before = places.get(key), earlier.get(key)
    return RankingRow(
        key=key,
        label=frame.areas.name(key),
        place=place,
        now=now,
        before=before,
        change=change,
        clear=apart(now, before),
        moved=None if place is None or place_before is None else place - place_before,
    )


def _places(shares: Mapping[str, Share], high_is_bad: bool) -> dict[str, int]:
    """The place of each area that has a figure; equal figures share the better place."""
    known = {key: one.percent for key, one in shares.items() if one.percent is not None}
    ordered: Sequence[float] = sorted(known.values(), reverse=high_is_bad)
    first: dict[float, int] = {}
    for place, percent in enumerate(ordered, 1):
        first.setdefault(percent, place)
    return {key: first[percent] for key, percent in known.items()}
