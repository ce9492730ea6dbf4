"""What the analyst answers: one record for each view, counted and covered, ready to be put into words."""

from __future__ import annotations

from dataclasses import dataclass

from posyandu_app.domain.age import Month
from posyandu_app.domain.skdn import Skdn
from posyandu_app.reports.causes import CauseTable
from posyandu_app.reports.coverage import CoverageRow, CoverageTable
from posyandu_app.reports.disclosure import CoveredCohortRow
from posyandu_app.reports.periods import Period, months
from posyandu_app.reports.prevalence import Indicator, PrevalenceRow, PrevalenceTable, SeriesPoint


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to be analysed: the months with measurements, and how many of what.

    `usual` is the last month that is not merely begun: with at least half the visits of the one before.
    """

    first: Month | None
    last: Month | None
    usual: Month | None
    children: int
    visits: int


@dataclass(frozen=True, slots=True)
class PrevalenceAnswer:
    """A table, the whole area in the period compared with, and the children under five expected then."""

    table: PrevalenceTable
    before: PrevalenceRow
    compared_with: Period
    expected: int


@dataclass(frozen=True, slots=True)
class TrendAnswer:
    """An area period by period, and the area around it ("" when it is the widest one known here)."""

    points: tuple[SeriesPoint, ...]
    around: tuple[SeriesPoint, ...]
    around_name: str


@dataclass(frozen=True, slots=True)
class SkdnAnswer:
    """The coverage of a month, and the whole area in the month compared with."""

    table: CoverageTable
    before: CoverageRow
    compared_with: Month


@dataclass(frozen=True, slots=True)
class CohortAnswer:
    """The paths of the whole area, and of the areas inside it, covered where they are small."""

    indicator: Indicator
    before: Period
    after: Period
    total: CoveredCohortRow
    rows: tuple[CoveredCohortRow, ...]


@dataclass(frozen=True, slots=True)
class CauseAnswer:
    """Causes and coverage beside the prevalences of the same areas and period."""

    causes: CauseTable
    prevalence: PrevalenceTable
    coverage: CoverageTable


@dataclass(frozen=True, slots=True)
class RulesEffect:
    """What other programme rules would make of the figures of a month, for all children of an area.

    `letters` children would have another letter, or another 2T, at their last weighing.
    """

    month: Month
    before: Skdn
    after: Skdn
    letters: int


def all_months(known: Known, most: int = 24) -> tuple[Period, ...]:
    """The months with measurements, the last `most` of them."""
    if known.first is None or known.last is None:
        return ()
    first = max(known.first, known.last.shifted(1 - most))
    return months(first, known.last)
