"""Changes from visit to visit that are hard to believe, and values that were not measured again.

The limits are those of `domain.plausibility`, which asks about them at entry; here they are looked
for in what was saved all the same, or came from a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from posyandu_app.domain.rules import ProgramRules
from posyandu_app.domain.zscore import HEIGHT_FROM_DAY, POSITION_MM
from posyandu_app.reports.frames import NO_AGE, Frame
from posyandu_app.reports.growth_table import POSITION_UNKNOWN, STANDING

if TYPE_CHECKING:
    from posyandu_app.reports.columns import Bools, Codes, Floats, Ints, Rows

MEASURED = ("weight_g", "length_mm", "head_mm")


def before(frame: Frame, field: str) -> Rows:
    """For each visit the child's last visit on an earlier day that has the field; −1 for none."""
    return frame.remember(("before", field), lambda: _before(frame, field))


def _before(frame: Frame, field: str) -> Rows:
    import numpy as np

    visits = frame.visits
    has = getattr(visits, field) > 0
    latest = np.maximum.accumulate(np.where(has, np.arange(len(visits)), -1)) if len(visits) else np.empty(0)
    upto = frame.earlier_day - 1
    found = np.where(upto >= 0, latest[upto], -1).astype(np.intp)
    found[(found >= 0) & (visits.child[found] != visits.child)] = -1
    return found


def comparable(frame: Frame, field: str) -> Bools:
    """Which visits have the field and an earlier one to compare it with."""
    found: Bools = (getattr(frame.visits, field) > 0) & (before(frame, field) >= 0)
    return found


def jumped(frame: Frame, field: str, rules: ProgramRules) -> Bools:
    """Which visits changed by more than the rules believe, in g or mm for the months that have passed.

    A length that was taken standing once and lying once is compared after WHO's 0.7 cm.
    """
    return frame.remember(("jumped", field, rules), lambda: _jumped(frame, field, rules))


def _jumped(frame: Frame, field: str, rules: ProgramRules) -> Bools:
    import numpy as np

    now = np.flatnonzero(comparable(frame, field))
    then = before(frame, field)[now]
    values = getattr(frame.visits, field)
    change = values[now] - values[then]
    months = np.maximum(frame.month[now] - frame.month[then], 1)
    limits = rules.plausibility
    if field == "weight_g":
        fall, rise = limits.weight_fall_g_per_month * months, limits.weight_rise_g_per_month * months
        wild = (-change > fall) | (change > rise)
    elif field == "length_mm":
        change += _shift(frame, now, then)
        wild = (-change > limits.length_fall_mm) | (change > _length_rise(frame, now, months, rules))
    else:
        wild = -change > limits.head_fall_mm
    found = np.zeros(len(values), dtype=bool)
    found[now[wild]] = True
    return found


def _length_rise(frame: Frame, now: Rows, months: Ints, rules: ProgramRules) -> Ints:
    """The growth believed in the months passed, each at the pace of the age the child had then."""
    import numpy as np

    limits, age = rules.plausibility, frame.age_months[now]
    slow = np.clip(age - limits.length_rise_young_below_months + 1, 0, months)
    believed = (
        months - slow
    ) * limits.length_rise_young_mm_per_month + slow * limits.length_rise_mm_per_month
    return np.where(age == NO_AGE, np.iinfo(np.int32).max, believed)


def shift_mm(frame: Frame, row: int) -> int:
    """What the change of position since the last length adds to its change by WHO's 0.7 cm: −7, 0 or 7 mm."""
    import numpy as np

    now = np.array([row])
    return int(_shift(frame, now, before(frame, "length_mm")[now])[0])


def _shift(frame: Frame, now: Rows, then: Rows) -> Ints:
    import numpy as np

    standing = _standing(frame)
    return POSITION_MM * (standing[now].astype(np.int32) - standing[then])


def _standing(frame: Frame) -> Bools:
    """Whether a length counts as taken standing: as written, else by age."""
    import numpy as np

    position = frame.visits.position
    by_age = frame.age_days >= HEIGHT_FROM_DAY
    return np.where(position == POSITION_UNKNOWN, by_age, position == STANDING)


def worst_jump(frame: Frame, rows: Rows, rules: ProgramRules) -> tuple[Codes, Floats]:
    """Of each visit the measure (as numbered in `MEASURED`) that jumped worst; how often the believed change.

    The change is taken as it was written, and against what is believed of a child of any age: an order
    by it tells neither age nor position. −1 where nothing jumped.
    """
    import numpy as np

    shares = []
    for field in MEASURED:
        then, values = before(frame, field)[rows], getattr(frame.visits, field)
        change = values[rows] - values[then]
        months = np.maximum(frame.month[rows] - frame.month[then], 1)
        fall, rise = _believed(field, months, rules)
        share = np.abs(change) / np.where(change < 0, fall, rise)
        shares.append(np.where(jumped(frame, field, rules)[rows], share, -1.0))
    return np.argmax(shares, axis=0).astype(np.int8), np.max(shares, axis=0)


def _believed(field: str, months: Ints, rules: ProgramRules) -> tuple[Ints, Ints]:
    """The fall and the rise believed of a child of any age, at least 1 g or mm; of a head any rise."""
    import numpy as np

    limits = rules.plausibility
    believed: dict[str, tuple[int | Ints, int | Ints]] = {
        "weight_g": (limits.weight_fall_g_per_month * months, limits.weight_rise_g_per_month * months),
        "length_mm": (limits.length_fall_mm, limits.length_rise_mm_per_month * months),
        "head_mm": (limits.head_fall_mm, np.iinfo(np.int32).max),
    }
    fall, rise = believed[field]
    return np.maximum(fall, 1), np.maximum(rise, 1)


def stood(frame: Frame, field: str, rows: Rows) -> tuple[Ints, Rows]:
    """For how many months in a row each visit's value has stood, its own among them, and since which visit.

    One month, and the visit itself, for a new value.
    """
    import numpy as np

    same, then = same_as_last_month(frame, field), before(frame, field)
    count, at = np.ones(len(rows), dtype=np.int32), np.array(rows, dtype=np.intp)
    again = same[at]
    while again.any():
        count[again] += 1
        at[again] = then[at[again]]
        again &= same[at]
    return count, at


def last_month(frame: Frame, field: str) -> Bools:
    """Which visits have the field, and had it in the calendar month before."""
    import numpy as np

    then = before(frame, field)
    found: Bools = comparable(frame, field) & (frame.month[np.maximum(then, 0)] == frame.month - 1)
    return found


def same_as_last_month(frame: Frame, field: str) -> Bools:
    """Which visits repeat last month's value to the last digit."""
    import numpy as np

    values = getattr(frame.visits, field)
    found: Bools = last_month(frame, field) & (values[np.maximum(before(frame, field), 0)] == values)
    return found
