"""Covers small numbers where names are not seen, so that a figure cannot point at one child.

A count of 1 to `smallest_shown` − 1 is covered, and so is one that leaves so few children *without*
the condition: "9 of 10" tells as much about the tenth. A group with so few children shows no
figure at all. Where one covered count of a family could be worked out from the family's total,
a second one is covered with it. Zero is shown: nobody is pointed at. The threshold is a choice of
this app (see `analysis_rules.toml`).

SKDN is not covered: its counts are what every posyandu reports upwards (F1-Gizi, F2).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from posyandu_app.reports.analysis_rules import SmallNumbers
from posyandu_app.reports.areas import lies_in, parent_of
from posyandu_app.reports.cohort import CohortTable, Path, counts_of
from posyandu_app.reports.prevalence import By, Indicator, PrevalenceRow, PrevalenceTable, SeriesPoint
from posyandu_app.reports.statistics import Share

HIDDEN = Share()
"""Stands for a share that is not shown."""


def is_small(one: Share, smallest_shown: int) -> bool:
    """Whether a share must be covered on its own account."""
    if one.count is None or one.of is None:
        return True
    return 0 < one.of < smallest_shown or (
        one.count > 0 and min(one.count, one.of - one.count) < smallest_shown
    )


def covered_in_family(shares: Sequence[Share], smallest_shown: int) -> list[bool]:
    """Which shares of a family, whose total is known, must be covered: all small ones, and never just one."""
    covered = [is_small(one, smallest_shown) for one in shares]
    if sum(covered) == 1 and len(shares) > 1:
        others = [place for place, hidden in enumerate(covered) if not hidden]
        covered[min(others, key=lambda place: _size(shares[place]))] = True
    return covered


def _size(one: Share) -> tuple[bool, bool, int, int]:
    """The next to be covered: the smallest count that is not 0, else the smallest group that is not empty."""
    count, of = one.count or 0, one.of or 0
    return (count == 0, of == 0, count, of)


def cover_table(table: PrevalenceTable, rules: SmallNumbers) -> PrevalenceTable:
    """The table as shown to somebody who does not see names.

    Areas of one parent are a family; age groups and sexes are one family each. A total with a
    small number is covered as well.
    """
    families: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(table.rows):
        families[_family(table, row)].append(place)
    rows = list(table.rows)
    for places in families.values():
        for place, row in zip(places, _cover_family([rows[place] for place in places], rules), strict=True):
            rows[place] = row
    return replace(table, rows=tuple(rows), total=cover_row(table.total, rules))


def _family(table: PrevalenceTable, row: PrevalenceRow) -> str:
    if table.by not in (By.KECAMATAN, By.VILLAGE, By.POSYANDU):
        return ""
    parent = parent_of(row.key)
    return parent if lies_in(parent, table.within) else table.within


def _cover_family(rows: Sequence[PrevalenceRow], rules: SmallNumbers) -> list[PrevalenceRow]:
    shares = [dict(row.shares) for row in rows]
    for indicator in Indicator:
        found = [row.shares[indicator] for row in rows]
        for place, hidden in enumerate(covered_in_family(found, rules.smallest_shown)):
            if hidden:
                shares[place][indicator] = HIDDEN
    return [replace(row, shares=of_row) for row, of_row in zip(rows, shares, strict=True)]


def cover_row(row: PrevalenceRow, rules: SmallNumbers) -> PrevalenceRow:
    """One row on its own, as shown to somebody who does not see names."""
    shares = {
        indicator: HIDDEN if is_small(one, rules.smallest_shown) else one
        for indicator, one in row.shares.items()
    }
    return replace(row, shares=shares)


def cover_series(points: Sequence[SeriesPoint], rules: SmallNumbers) -> tuple[SeriesPoint, ...]:
    """A series as shown to somebody who does not see names."""
    return tuple(replace(point, row=cover_row(point.row, rules)) for point in points)


@dataclass(frozen=True, slots=True)
class CoveredCohortRow:
    """An area of a cohort table as shown: None for a covered count, `HIDDEN` for a covered share."""

    key: str
    label: str
    counts: Mapping[Path, int | None]
    recovery: Share
    incidence: Share


def cover_cohort(table: CohortTable, rules: SmallNumbers) -> tuple[CoveredCohortRow, ...]:
    """The areas of a cohort table as shown to somebody who does not see names.

    A share is covered with any count that it could be taken back to.
    """
    counts = [dict[Path, int | None](counts_of(row)) for row in table.rows]
    families: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(table.rows):
        families[parent_of(row.key)].append(place)
    for path in Path:
        for places in families.values():
            found = [Share(counts_of(table.rows[place])[path], _ANY) for place in places]
            for place, hidden in zip(places, covered_in_family(found, rules.smallest_shown), strict=True):
                if hidden:
                    counts[place][path] = None
    return tuple(
        CoveredCohortRow(
            row.key,
            row.label,
            shown,
            _unless_covered(row.recovery, shown, (Path.RECOVERED, Path.PERSISTENT)),
            _unless_covered(row.incidence, shown, (Path.NEW, Path.NEVER)),
        )
        for row, shown in zip(table.rows, counts, strict=True)
    )


_ANY = 10**9
"""A group that is never small itself: only the count decides."""


def _unless_covered(one: Share, counts: Mapping[Path, int | None], parts: Sequence[Path]) -> Share:
    return HIDDEN if any(counts[part] is None for part in parts) else one
