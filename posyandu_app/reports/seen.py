"""What a figure of data quality is about in each record behind it: no more than that stands in a list.

Without names a figure may tell nothing of the child that is covered elsewhere: no z-score, no weight
together with a length (a hint at BB/TB), of a LiLA only the digit (by itself it says who is wasted),
and no order that would tell a z-score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from posyandu_app.domain.classify import Index
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.reports import jumps
from posyandu_app.reports.frames import Frame
from posyandu_app.reports.growth_table import FLAGS, Scores, worst_flag
from posyandu_app.reports.quality import (
    DAYS_UNTIL,
    DIGIT_FIELDS,
    SAME_FIELDS,
    SD_MEASURES,
    Check,
    digit_of,
)
from posyandu_app.reports.snapshots import scores_of

if TYPE_CHECKING:
    from posyandu_app.reports.columns import Ints

ORDERED_FOR_ALL = frozenset((*DAYS_UNTIL, *SAME_FIELDS, Check.JUMPS))
"""The checks whose records stand in the order of what is seen of them, also without names."""

_INDICES = {
    "length_for_age": Index.TB_U,
    "weight_for_age": Index.BB_U,
    "weight_for_length": Index.BB_TB,
    "bmi_for_age": Index.IMT_U,
    "head_for_age": Index.LK_U,
}
_MEASURES = {
    Index.TB_U.value: ("length_mm",),
    Index.BB_U.value: ("weight_g",),
    Index.BB_TB.value: ("weight_g", "length_mm"),
    Index.IMT_U.value: ("weight_g", "length_mm"),
    Index.LK_U.value: ("head_mm",),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a check on digits looks at: grams or millimetres of a measure, and the digit.

    `value` is None where it would tell of the child what is covered.
    """

    check: Check
    value: int | None
    digit: int


@dataclass(frozen=True, slots=True)
class Wait:
    """How many days after the weighing a record was saved or came, and when (`date.toordinal()`)."""

    days: int
    until: int


@dataclass(frozen=True, slots=True)
class Jump:
    """A change that is hard to believe of `weight_g`, `length_mm` or `head_mm`, g or mm.

    `earlier_day` is `date.toordinal()`; `shift` what a change of position adds to the change, 0 where
    it is not told.
    """

    field: str
    earlier: int
    earlier_day: int
    later: int
    shift: int


@dataclass(frozen=True, slots=True)
class Same:
    """A `weight_g` or `length_mm` that is last month's: it has stood so many months, since `earlier_day`."""

    field: str
    value: int
    earlier_day: int
    months: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """A z-score that lies too far off, hundredths of SD, with the measures it was taken from, g or mm.

    It lies beyond WHO's flag, or, of the check of a standard deviation, far from the mean. Without
    names `centi` is None, and of two measures none is told.
    """

    check: Check
    index: str
    centi: int | None
    measures: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Twin:
    """The other record that may be the same child: her name as the list shows names, and her posyandu.

    `same_nik`, or else alike by name and birth date; `more` further records may be she too.
    """

    name: str
    posyandu: str
    same_nik: bool
    more: int


Seen: TypeAlias = Reading | Wait | Jump | Same | Doubt | Twin


def seen(
    frame: Frame, rows: Sequence[int], check: Check, rules: ProgramRules, *, masked: bool
) -> list[Seen | None]:
    """What the figure is about in each visit; None where that is what was measured, or left out."""
    import numpy as np

    at = np.array(rows, dtype=np.intp)
    if check is Check.JUMPS:
        fields, _ = jumps.worst_jump(frame, at, rules)
        return [
            _jump(frame, row, jumps.MEASURED[field], masked)
            for row, field in zip(rows, fields.tolist(), strict=True)
        ]
    if check in SAME_FIELDS:
        field = SAME_FIELDS[check]
        months, since = jumps.stood(frame, field, at)
        told = (
            column.tolist() for column in (getattr(frame.visits, field)[at], frame.visits.day[since], months)
        )
        return [Same(field, *one) for one in zip(*told, strict=True)]
    if check is Check.FLAGGED:
        names = tuple(FLAGS)
        found, _ = worst_flag(frame.growth, at)
        return [
            _doubt(
                frame, row, check, _INDICES[names[index]].value, getattr(frame.growth, names[index]), masked
            )
            for row, index in zip(rows, found.tolist(), strict=True)
        ]
    if check in SD_MEASURES:
        measure = SD_MEASURES[check]
        scores = scores_of(frame, measure)
        return [_doubt(frame, row, check, measure.label, scores, masked) for row in rows]
    return [_of_one(frame, row, check, masked) for row in rows]


def _of_one(frame: Frame, row: int, check: Check, masked: bool) -> Reading | Wait | None:
    visits = frame.visits
    if check in DAYS_UNTIL:
        until = int(getattr(visits, DAYS_UNTIL[check])[row])
        return Wait(until - int(visits.day[row]), until)
    if check in DIGIT_FIELDS:
        value = int(getattr(visits, DIGIT_FIELDS[check])[row])
        told = None if masked and check is Check.MUAC_DIGITS else value
        return Reading(check, told, digit_of(check, value))
    return None


def _jump(frame: Frame, row: int, field: str, masked: bool) -> Jump:
    """Without names nothing is told of a position: where it is not written it follows from the age."""
    then = int(jumps.before(frame, field)[row])
    values: Ints = getattr(frame.visits, field)
    shift = 0 if masked or field != "length_mm" else jumps.shift_mm(frame, row)
    return Jump(field, int(values[then]), int(frame.visits.day[then]), int(values[row]), shift)


def _doubt(frame: Frame, row: int, check: Check, index: str, scores: Scores, masked: bool) -> Doubt:
    fields = _MEASURES[index]
    told = () if masked and len(fields) > 1 else fields
    measures = tuple((field, int(getattr(frame.visits, field)[row])) for field in told)
    return Doubt(check, index, None if masked else int(scores.centi[row]), measures)
