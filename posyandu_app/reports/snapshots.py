"""What each child's measurements of a period say: one row per child and period.

A child counts once in a period, with the last measurement in it. Each index speaks with the last
visit at which all it needs was measured, so that a weighing without length in December does not
hide the length of August. WHO's rules (`anthro`): ages up to 1826 days, or not known; a flagged
z-score is left out and no earlier one takes its place; oedema counts as below −3 SD in every
index that holds weight, and has no part in means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from posyandu_app.domain.classify import Index
from posyandu_app.domain.growth_standards import LAST_DAY
from posyandu_app.reports.frames import NO_AGE, Frame
from posyandu_app.reports.growth_table import Scores
from posyandu_app.reports.periods import Period

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from posyandu_app.reports.columns import Bools, Ints, Rows

    Centi: TypeAlias = npt.NDArray[np.int16]

MISSING = -32_768
"""No z-score: not measured, not computed, or flagged."""
OEDEMA = -31_000
"""Stands for "below −3 SD, by oedema"; below every z-score that WHO does not flag."""


class Measure(StrEnum):
    """The four indices of prevalence, by WHO's short names."""

    LENGTH_FOR_AGE = "HA"
    WEIGHT_FOR_AGE = "WA"
    BMI_FOR_AGE = "BMI"
    WEIGHT_FOR_LENGTH = "WH"

    @property
    def holds_weight(self) -> bool:
        return self is not Measure.LENGTH_FOR_AGE

    @property
    def label(self) -> str:
        """The index as the field names it."""
        return {
            Measure.LENGTH_FOR_AGE: Index.TB_U.value,
            Measure.WEIGHT_FOR_AGE: Index.BB_U.value,
            Measure.BMI_FOR_AGE: Index.IMT_U.value,
            Measure.WEIGHT_FOR_LENGTH: Index.BB_TB.value,
        }[self]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rows by child and period; `centi` holds hundredths of SD, `MISSING` or `OEDEMA`.

    `period` is an index into `periods`, `child` and `visit` rows of the frame (the last visit of
    the child in the period).
    """

    frame: Frame
    periods: tuple[Period, ...]
    period: Ints
    child: Ints
    visit: Rows
    centi: Mapping[Measure, Centi]

    def __len__(self) -> int:
        return len(self.child)

    @property
    def age_months(self) -> Ints:
        """Completed months at the last visit; `NO_AGE` without a birth date."""
        months: Ints = self.frame.age_months[self.visit]
        return months

    def chosen(self, rows: Bools) -> Snapshot:
        """These rows."""
        return Snapshot(
            self.frame,
            self.periods,
            self.period[rows],
            self.child[rows],
            self.visit[rows],
            {measure: centi[rows] for measure, centi in self.centi.items()},
        )


def take(frame: Frame, periods: Sequence[Period], within: str = "") -> Snapshot:
    """Each child's state in each period, for the children of an area ("" for all).

    Periods must not overlap. The area is where the child is registered now.
    """
    import numpy as np

    visits = frame.visits
    rows, period = _in_periods(frame, periods)
    age = frame.age_days[rows]
    counted = (age == NO_AGE) | (age >= 0) & (age <= LAST_DAY)
    if within:
        counted &= frame.areas.inside(within)[frame.children.place[visits.child[rows]]]
    rows, period = rows[counted], period[counted]
    child = visits.child[rows]
    last = np.ones(len(rows), dtype=bool)
    last[:-1] = (child[1:] != child[:-1]) | (period[1:] != period[:-1])
    group = np.cumsum(last) - last
    return Snapshot(
        frame=frame,
        periods=tuple(periods),
        period=period[last],
        child=child[last],
        visit=rows[last],
        centi={measure: _latest(frame, measure, rows, group, int(last.sum())) for measure in Measure},
    )


def _in_periods(frame: Frame, periods: Sequence[Period]) -> tuple[Rows, Ints]:
    """The visits of some periods, and for each the index of its period."""
    import numpy as np

    if not periods:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.int32)
    first = min(period.first.number for period in periods)
    table = np.full(max(period.last.number for period in periods) - first + 1, -1, dtype=np.int32)
    for index, period in enumerate(periods):
        span = slice(period.first.number - first, period.last.number - first + 1)
        if (table[span] >= 0).any():
            raise ValueError("periods overlap")
        table[span] = index
    month = frame.month
    rows = np.flatnonzero((month >= first) & (month < first + len(table)))
    place = table[month[rows] - first]
    return (rows, place) if (table >= 0).all() else (rows[place >= 0], place[place >= 0])


def scores_of(frame: Frame, measure: Measure) -> Scores:
    """The z-scores of every visit for one index."""
    growth = frame.growth
    return {
        Measure.LENGTH_FOR_AGE: growth.length_for_age,
        Measure.WEIGHT_FOR_AGE: growth.weight_for_age,
        Measure.BMI_FOR_AGE: growth.bmi_for_age,
        Measure.WEIGHT_FOR_LENGTH: growth.weight_for_length,
    }[measure]


def centi_of(frame: Frame, measure: Measure) -> Centi:
    """The z-scores of every visit for one index, with `MISSING` and `OEDEMA`."""
    return frame.remember(("centi", measure), lambda: _centi(frame, measure))


def _centi(frame: Frame, measure: Measure) -> Centi:
    return marked(scores_of(frame, measure), frame.visits.oedema if measure.holds_weight else None)


def marked(scores: Scores, oedema: Bools | None = None) -> Centi:
    """z-scores as prevalence takes them: flagged ones `MISSING`, `OEDEMA` where an index holds weight."""
    import numpy as np

    good = ~(np.isnan(scores.centi) | scores.flagged)
    centi = np.full(len(good), MISSING, dtype=np.int16)
    np.copyto(centi, scores.centi, where=good, casting="unsafe")
    if oedema is not None:
        centi[oedema] = OEDEMA
    return centi


def _latest(frame: Frame, measure: Measure, rows: Rows, group: Rows, count: int) -> Centi:
    """For each group of rows the z-score at the last row where all that the index needs was measured."""
    import numpy as np

    visits = frame.visits
    length, weight = visits.length_mm[rows] > 0, visits.weight_g[rows] > 0
    needed = {
        Measure.LENGTH_FOR_AGE: length,
        Measure.WEIGHT_FOR_AGE: weight,
        Measure.BMI_FOR_AGE: length & weight,
        Measure.WEIGHT_FOR_LENGTH: length & weight,
    }[measure]
    if measure.holds_weight:
        needed = needed | visits.oedema[rows]
    found = np.full(count, MISSING, dtype=np.int16)
    found[group[needed]] = centi_of(frame, measure)[rows[needed]]  # of equal groups the last row stays
    return found
