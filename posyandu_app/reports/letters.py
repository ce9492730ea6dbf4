"""The letters N, T, O, B under every growth card at once: `domain.kms.records` over whole columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from posyandu_app.domain.rules import ProgramRules
from posyandu_app.reports.frames import NO_AGE, Frame
from posyandu_app.reports.growth_table import FEMALE, MALE

if TYPE_CHECKING:
    from posyandu_app.reports.columns import Bools, Codes, Ints, Rows

N, T, O, B = 1, 2, 3, 4  # noqa: E741 - the field's own letters


@dataclass(frozen=True, slots=True)
class LetterColumns:
    """One row per child and month with a weighing that counts, by child and month.

    `visit` and `child` are rows of the frame, `month` is `Month.number`, `letter` one of N, T, O, B,
    `gain_g` the change since the last month weighed (0 for B), `two_t` T in this month and the one
    before, `bgm` a BB/U below the red line that WHO does not flag.
    """

    visit: Rows
    child: Ints
    month: Ints
    age_months: Ints
    letter: Codes
    gain_g: Ints
    two_t: Bools
    bgm: Bools


def letters(frame: Frame, rules: ProgramRules) -> LetterColumns:
    """Every letter of every child; equal to `domain.kms.records` and to BGM of `domain.skdn`."""
    return frame.remember(("letters", rules), lambda: _letters(frame, rules))


def _letters(frame: Frame, rules: ProgramRules) -> LetterColumns:
    import numpy as np

    visits = frame.visits
    rows = np.flatnonzero(visits.weight_g > 0)
    rows, age, kbm = _weighings(frame, rows, frame.age_months[rows], rules)
    child, month, weight = visits.child[rows], frame.month[rows], visits.weight_g[rows]

    later = _after(child, 1)
    next_month = np.zeros(len(rows), dtype=bool)
    next_month[1:] = later[1:] & (month[1:] == month[:-1] + 1)
    gain = np.zeros(len(rows), dtype=np.int32)
    gain[1:] = np.where(later[1:], weight[1:] - weight[:-1], 0)
    letter = np.where(~later, B, np.where(~next_month, O, np.where(gain >= kbm, N, T))).astype(np.int8)
    two_t = np.zeros(len(rows), dtype=bool)
    two_t[1:] = (letter[1:] == T) & (letter[:-1] == T) & next_month[1:]
    scores = frame.growth.weight_for_age
    return LetterColumns(
        visit=rows,
        child=child,
        month=month,
        age_months=age,
        letter=letter,
        gain_g=gain,
        two_t=two_t,
        bgm=~scores.flagged[rows] & (scores.centi[rows] < rules.red_line),
    )


def ages_weighed(frame: Frame, month: int, rules: ProgramRules) -> Ints:
    """Each child's age in months at the weighing that gives a letter in a month (`Month.number`), else −1."""
    import numpy as np

    rows = np.flatnonzero((frame.month == month) & (frame.visits.weight_g > 0))
    rows, age, _ = _weighings(frame, rows, frame.age_months_at(rows), rules)
    found = np.full(len(frame.children), -1, dtype=np.int32)
    found[frame.visits.child[rows]] = age
    return found


def _weighings(frame: Frame, rows: Rows, age: Ints, rules: ProgramRules) -> tuple[Rows, Ints, Ints]:
    """Of visits with a weight, and the ages then, the last of each child and month; with its KBM, if any."""
    import numpy as np

    child = frame.visits.child[rows]
    known = (frame.children.sex[child] > 0) & (age != NO_AGE)
    rows, age, child = rows[known], age[known], child[known]
    month = frame.month[rows]
    last = np.ones(len(rows), dtype=bool)
    last[:-1] = (child[1:] != child[:-1]) | (month[1:] != month[:-1])
    rows, age = rows[last], age[last]
    kbm = _minimum_gains(frame.children.sex[child[last]], age, rules)
    has = kbm >= 0
    return rows[has], age[has], kbm[has]


def _after(child: Ints, steps: int) -> Bools:
    """Whether the row so many before belongs to the same child."""
    import numpy as np

    same = np.zeros(len(child), dtype=bool)
    same[steps:] = child[steps:] == child[:-steps]
    return same


def _minimum_gains(sex: Codes, age: Ints, rules: ProgramRules) -> Ints:
    """The KBM at each age in grams; −1 at an age that has none."""
    import numpy as np

    found = np.full(len(age), -1, dtype=np.int32)
    for code, gains in ((MALE, rules.kbm_boys), (FEMALE, rules.kbm_girls)):
        chosen = (sex == code) & (age >= 0) & (age < len(gains))
        found[chosen] = np.array(gains, dtype=np.int32)[age[chosen]]
    return found


def of_month(columns: LetterColumns, month: int, children: int) -> Rows:
    """For each child the row of its letter in a month (`Month.number`), −1 for none."""
    import numpy as np

    found = np.full(children, -1, dtype=np.intp)
    rows = np.flatnonzero(columns.month == month)
    found[columns.child[rows]] = rows
    return found


def last_letters(frame: Frame, rules: ProgramRules) -> Codes:
    """For each child the letter of the last month that has one, 8 more for 2T, 0 for none."""
    import numpy as np

    columns = letters(frame, rules)
    found = np.zeros(len(frame.children), dtype=np.int8)
    found[columns.child] = columns.letter + 8 * columns.two_t  # of equal children the last month stays
    return found
