"""Covers small numbers where names are not seen, so that a figure cannot point at one child.

A count of 1 to `smallest_shown` − 1 is covered, and so is one that leaves so few children *without*
the condition: "9 of 10" tells as much about the tenth. A group with so few children shows no
figure at all. What could be worked out from the figures left is covered with them (`covering`).
Zero is shown: nobody is pointed at. The threshold is a choice of this app (see
`analysis_rules.toml`).

SKDN is not covered: its counts are what every posyandu reports upwards (F1-Gizi, F2). Nor are the
counts of data quality: they tell of measuring, not of a child.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from posyandu_app.reports.analysis_rules import SmallNumbers
from posyandu_app.reports.area_tree import close_family
from posyandu_app.reports.causes import CauseRow, CauseTable
from posyandu_app.reports.cohort import CohortTable, Path, counts_of
from posyandu_app.reports.prevalence import By, Indicator, PrevalenceRow, PrevalenceTable, SeriesPoint
from posyandu_app.reports.statistics import Share

if TYPE_CHECKING:
    from posyandu_app.reports.covering import CauseCover, CohortCounts, Cover

HIDDEN = Share()
"""Stands for a share that is not shown."""


def is_small(one: Share, smallest_shown: int) -> bool:
    """Whether a share must be covered on its own account."""
    if one.count is None or one.of is None:
        return True
    return 0 < one.of < smallest_shown or (
        one.count > 0 and min(one.count, one.of - one.count) < smallest_shown
    )


def cover_table(table: PrevalenceTable, cover: Cover, rules: SmallNumbers) -> PrevalenceTable:
    """The table as shown to somebody who does not see names.

    Areas are covered as in every other view of the period; the groups of age and sex of an area so
    that neither they nor the area's own figure, if that is covered, can be worked out.
    """
    hidden = [_hidden(table, row.key, cover) for row in table.rows]
    if table.by in (By.AGE, By.SEX):
        hidden = _split(table, cover, rules)
    rows = tuple(_without(row, which) for row, which in zip(table.rows, hidden, strict=True))
    return replace(table, rows=rows, total=cover_row(table.total, table.within, cover))


def _hidden(table: PrevalenceTable, key: str, cover: Cover) -> frozenset[Indicator]:
    if table.by is By.PUSKESMAS:
        return frozenset(each for each in Indicator if cover.hides_puskesmas(key, table.within, each))
    return frozenset(each for each in Indicator if cover.hides(key or table.within, each))


def _split(table: PrevalenceTable, cover: Cover, rules: SmallNumbers) -> list[frozenset[Indicator]]:
    hidden: list[set[Indicator]] = [set() for _ in table.rows]
    for indicator in Indicator:
        found = [row.shares[indicator] for row in table.rows]
        covered = close_family(
            [is_small(one, rules.smallest_shown) for one in found],
            [(one.count or 0, one.of or 0) for one in found],
            cover.hides(table.within, indicator),
        )
        for place in (place for place, is_hidden in enumerate(covered) if is_hidden):
            hidden[place].add(indicator)
    return [frozenset(each) for each in hidden]


def _without(row: PrevalenceRow, hidden: Collection[Indicator]) -> PrevalenceRow:
    shares = {each: HIDDEN if each in hidden else one for each, one in row.shares.items()}
    return replace(row, shares=shares)


def cover_row(row: PrevalenceRow, area: str, cover: Cover) -> PrevalenceRow:
    """The figures of an area in a period, as shown to somebody who does not see names."""
    return _without(row, [each for each in Indicator if cover.hides(area, each)])


def cover_series(
    points: Sequence[SeriesPoint], area: str, covers: Sequence[Cover]
) -> tuple[SeriesPoint, ...]:
    """An area's series as shown to somebody who does not see names; a cover for each period."""
    return tuple(
        replace(point, row=cover_row(point.row, area, cover))
        for point, cover in zip(points, covers, strict=True)
    )


@dataclass(frozen=True, slots=True)
class CoveredCohortRow:
    """An area of a cohort table as shown: None for a covered count, `HIDDEN` for a covered share."""

    key: str
    label: str
    counts: Mapping[Path, int | None]
    recovery: Share
    incidence: Share


def cover_cohort(found: CohortCounts, table: CohortTable) -> tuple[CoveredCohortRow, ...]:
    """The areas of a cohort table, and the whole of it, as shown to somebody who does not see names.

    A share is covered with any count that it could be taken back to.
    """
    rows = []
    for row in (*table.rows, table.total):
        shown = {path: None if found.hides(row.key, path) else n for path, n in counts_of(row).items()}
        rows.append(
            CoveredCohortRow(
                row.key,
                row.label,
                shown,
                _unless_covered(row.recovery, shown, (Path.RECOVERED, Path.PERSISTENT)),
                _unless_covered(row.incidence, shown, (Path.NEW, Path.NEVER)),
            )
        )
    return tuple(rows)


def _unless_covered(one: Share, counts: Mapping[Path, int | None], parts: Sequence[Path]) -> Share:
    return HIDDEN if any(counts[part] is None for part in parts) else one


def cover_causes(table: CauseTable, cover: CauseCover) -> CauseTable:
    """Causes as shown to somebody who does not see names."""

    def covered(row: CauseRow) -> CauseRow:
        shares = {each: HIDDEN if cover.hides(row.key, each) else one for each, one in row.shares.items()}
        return replace(row, shares=shares)

    return replace(table, rows=tuple(covered(row) for row in table.rows), total=covered(table.total))
