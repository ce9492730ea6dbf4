"""z-scores of many children at once: the formula of `domain.zscore` over whole columns.

numpy is imported when the first table is computed, so that nothing else waits for it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from posyandu_app.bulk import side_by_side
from posyandu_app.domain.growth_standards import LAST_DAY, Indicator, table
from posyandu_app.domain.model import Sex
from posyandu_app.domain.zscore import HEIGHT_FROM_DAY, HEIGHT_FROM_MM, POSITION_MM

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats: TypeAlias = npt.NDArray[np.float64]
    Ints: TypeAlias = npt.NDArray[np.int32]
    Codes: TypeAlias = npt.NDArray[np.int8]
    Bools: TypeAlias = npt.NDArray[np.bool_]
    Rows: TypeAlias = npt.NDArray[np.intp]

SEX_UNKNOWN, MALE, FEMALE = 0, 1, 2
POSITION_UNKNOWN, LYING, STANDING = 0, 1, 2

DAYS_OF_MONTH = 30.4375
_NINE_MONTHS = 9 * DAYS_OF_MONTH
_SIXTY_MONTHS = 60 * DAYS_OF_MONTH
FLAGS = {
    "length_for_age": (-600, 600),
    "weight_for_age": (-600, 500),
    "weight_for_length": (-500, 500),
    "bmi_for_age": (-500, 500),
    "head_for_age": (-500, 500),
}
"""The columns of z-scores, and beyond which hundredths of SD WHO flags them."""
_BLOCK = 16_384
"""Children computed together: so many that their columns stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Children:
    """Columns of equal length, one child and visit per row; NaN (or code 0) is "not known".

    `sex` is 1 male, 2 female; ages are days and may have a fraction, which WHO rounds
    half up; weights are grams and lengths millimetres, finite, finer figures as fractions;
    `position` is 1 lying, 2 standing.
    """

    sex: Codes
    age_days: Floats
    weight_g: Floats | Ints
    length_mm: Floats | Ints
    position: Codes
    head_mm: Floats | Ints
    oedema: Bools

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, field.name)) for field in fields(self)}
        if len(lengths) > 1:
            raise ValueError(f"columns of different length: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.sex)

    def part(self, rows: slice) -> Children:
        """These rows, sharing memory."""
        return Children(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True, slots=True)
class Scores:
    """One index: whole hundredths of a standard deviation, NaN where not computed, and WHO's flag."""

    centi: Floats
    flagged: Bools


@dataclass(frozen=True, slots=True)
class GrowthColumns:
    """The columns of `domain.zscore.Growth`, row by row as the children came."""

    length_used_mm: Floats
    bmi: Floats
    length_for_age: Scores
    weight_for_age: Scores
    weight_for_length: Scores
    bmi_for_age: Scores
    head_for_age: Scores
    standing_too_young: Bools
    too_old: Bools


@dataclass(frozen=True, slots=True)
class _Standard:
    """L, M, S of several tables one after another, with the outer SD lines; the last row is NaN."""

    l: Floats  # noqa: E741 - WHO's own name
    m: Floats
    s: Floats
    upper: Floats
    upper_step: Floats
    lower: Floats
    lower_step: Floats

    @property
    def nothing(self) -> int:
        """The row whose results are all NaN."""
        return len(self.m) - 1


@lru_cache(maxsize=8)
def _standard(*indicators: Indicator) -> _Standard:
    """The tables of the indicators one after another, boys before girls."""
    import numpy as np

    rows = [
        row
        for indicator in indicators
        for sex in (Sex.MALE, Sex.FEMALE)
        for row in table(indicator, sex).rows
    ]
    power, median, spread = np.array([*rows, (np.nan, np.nan, np.nan)]).T.copy()

    def line(z: int) -> Floats:
        at: Floats = median * (1 + power * spread * z) ** (1 / power)
        return at

    return _Standard(power, median, spread, line(3), line(3) - line(2), line(-3), line(-2) - line(-3))


def _scores(z: Floats, index: str) -> Scores:
    """Rounded half away from zero to hundredths, with WHO's strict flags on the rounded value."""
    import numpy as np

    centi = np.abs(z)
    centi *= 100
    centi += 0.5
    np.trunc(centi, out=centi)
    np.copysign(centi, z, out=centi)
    centi += 0.0  # makes −0 a plain 0
    low, high = FLAGS[index]
    return Scores(centi, (centi < low) | (centi > high))


def _plain(y: Floats, rows: Rows, standard: _Standard) -> Floats:
    """The LMS formula where L is 1 throughout, as it is for length and head circumference."""
    z: Floats = y / standard.m.take(rows)
    z -= 1
    z /= standard.s.take(rows)
    return z


def _restricted(y: Floats, rows: Rows, standard: _Standard) -> Floats:
    """The LMS formula, restricted beyond ±3 as in `domain.zscore.restricted`."""
    z = _lms(y, standard.l.take(rows), standard.m.take(rows), standard.s.take(rows))
    _restrict(z, y, rows, standard)
    return z


def _lms(y: Floats, power: Floats, median: Floats, spread: Floats) -> Floats:
    import numpy as np

    z: Floats = y / median
    np.log(z, out=z)
    z *= power
    np.expm1(z, out=z)
    spread *= power
    z /= spread
    return z


def _restrict(z: Floats, y: Floats, rows: Rows, standard: _Standard) -> None:
    import numpy as np

    above = np.flatnonzero(z > 3)
    if above.size:
        at = rows[above]
        z[above] = 3 + (y[above] - standard.upper[at]) / standard.upper_step[at]
    below = np.flatnonzero(z < -3)
    if below.size:
        at = rows[below]
        z[below] = -3 + (y[below] - standard.lower[at]) / standard.lower_step[at]


def _between_rows(y: Floats, rows: Rows, fraction: Floats, standard: _Standard) -> Floats:
    """As `_restricted`, with L, M and S interpolated between a row and the next."""
    import numpy as np

    def at(column: Floats) -> Floats:
        low = column[rows]
        mixed: Floats = low + fraction * (column[rows + 1] - low)
        return mixed

    power, median, spread = at(standard.l), at(standard.m), at(standard.s)

    def line(z: int) -> Floats:
        found: Floats = median * (1 + power * spread * z) ** (1 / power)
        return found

    z = _lms(y, power, median, spread.copy())
    upper, lower = line(3), line(-3)
    here = _Standard(power, median, spread, upper, upper - line(2), lower, line(-2) - lower)
    _restrict(z, y, np.arange(len(z)), here)
    return z


def _positive(values: Floats | Ints) -> Floats:
    import numpy as np

    return np.where(values > 0, values, np.nan)


def _assess_block(children: Children) -> GrowthColumns:
    import numpy as np

    age, sex, position = children.age_days, children.sex, children.position
    day = np.floor(age + 0.5)
    known_sex = (sex == MALE) | (sex == FEMALE)
    in_range = (age >= 0) & (age < _SIXTY_MONTHS)
    late = day >= HEIGHT_FROM_DAY
    standing = position == STANDING
    lying = position == LYING
    standing_too_young = standing & (age < _NINE_MONTHS)

    length = _positive(children.length_mm)
    shift = POSITION_MM * (standing & ~standing_too_young & (day < HEIGHT_FROM_DAY)).astype(float)
    shift -= POSITION_MM * (lying & late)
    used = _positive(length + shift)
    weight = _positive(children.weight_g) / 1000
    # in centimetres and shifted there, as WHO's software does: equal to its last printed digit
    centimetres = np.where(np.isnan(used), np.nan, length / 10 + shift / 10)
    bmi = weight / np.square(centimetres / 100)
    swollen = children.oedema
    if swollen.any():
        weight = np.where(swollen, np.nan, weight)
        bmi_without_oedema = np.where(swollen, np.nan, bmi)
    else:
        bmi_without_oedema = bmi

    days = LAST_DAY + 1
    by_day = np.full(len(age), 2 * days, dtype=np.intp)
    np.copyto(by_day, day + days * (sex - 1.0), where=known_sex & in_range, casting="unsafe")
    return GrowthColumns(
        length_used_mm=used,
        bmi=bmi,
        length_for_age=_scores(_plain(used / 10, by_day, _standard("lhfa")), "length_for_age"),
        weight_for_age=_scores(_restricted(weight, by_day, _standard("wfa")), "weight_for_age"),
        weight_for_length=_weight_for_length(
            weight,
            used,
            sex,
            known_sex & (in_range | np.isnan(age)),
            _as_height(age, late, standing, lying, used),
        ),
        bmi_for_age=_scores(_restricted(bmi_without_oedema, by_day, _standard("bfa")), "bmi_for_age"),
        head_for_age=_scores(
            _plain(_positive(children.head_mm) / 10, by_day, _standard("hcfa")), "head_for_age"
        ),
        standing_too_young=standing_too_young,
        too_old=age >= _SIXTY_MONTHS,
    )


def _as_height(age: Floats, late: Bools, standing: Bools, lying: Bools, used: Floats) -> Bools:
    """Which rows WHO compares with the height table: by age, else as measured, else by size."""
    import numpy as np

    ageless = np.isnan(age)
    if not ageless.any():
        return late
    guessed: Bools = late | (ageless & (standing | (~lying & (used >= HEIGHT_FROM_MM))))
    return guessed


def _weight_for_length(weight: Floats, used: Floats, sex: Codes, wanted: Bools, as_height: Bools) -> Scores:
    import numpy as np

    standard = _standard("wfl", "wfh")
    length, height = table("wfl", Sex.MALE), table("wfh", Sex.MALE)
    lengths, heights = len(length.rows), len(height.rows)
    # rows of the standard: lengths of boys, of girls, heights of boys, of girls
    start = (sex - 1.0) * lengths - length.first
    np.copyto(start, 2 * lengths + (sex - 1.0) * heights - height.first, where=as_height)
    inside = wanted & np.where(
        as_height,
        (used >= height.first) & (used <= height.last),
        (used >= length.first) & (used <= length.last),
    )
    whole = np.floor(used)
    rows = np.full(len(used), standard.nothing, dtype=np.intp)
    np.copyto(rows, start + whole, where=inside, casting="unsafe")
    z = _restricted(weight, rows, standard)
    between = np.flatnonzero(inside & (used > whole))
    if between.size:
        z[between] = _between_rows(weight[between], rows[between], (used - whole)[between], standard)
    return _scores(z, "weight_for_length")


def worst_flag(growth: GrowthColumns, rows: Rows) -> tuple[Codes, Floats]:
    """Of each row the index (as numbered in `FLAGS`) farthest beyond WHO's flag, and how far.

    An index of weight and length together is taken only where none of a single measure is flagged,
    which tells what is wrong. Hundredths of SD; −1 where none is flagged.
    """
    import numpy as np

    beyond = np.empty((len(FLAGS), len(rows)))
    for at, (index, (low, high)) in enumerate(FLAGS.items()):
        scores: Scores = getattr(growth, index)
        centi, flagged = scores.centi[rows], scores.flagged[rows]
        beyond[at] = np.where(flagged, np.maximum(low - centi, centi - high), -1.0)
    both = [at for at, index in enumerate(FLAGS) if index in ("weight_for_length", "bmi_for_age")]
    alone = np.delete(beyond, both, axis=0).max(axis=0) > 0
    beyond[np.ix_(both, alone)] = -1.0
    return beyond.argmax(axis=0).astype(np.int8), beyond.max(axis=0)


def _empty(count: int) -> GrowthColumns:
    """Columns of so many children, to be filled."""
    import numpy as np

    def floats() -> Floats:
        return np.empty(count, dtype=np.float64)

    def bools() -> Bools:
        return np.empty(count, dtype=np.bool_)

    one, two, three, four, five = (Scores(floats(), bools()) for _ in range(5))
    return GrowthColumns(floats(), floats(), one, two, three, four, five, bools(), bools())


def _put(block: GrowthColumns | Scores, whole: GrowthColumns | Scores, rows: slice) -> None:
    """Write the columns of a block in their rows of the whole."""
    for field in fields(block):
        values, column = getattr(block, field.name), getattr(whole, field.name)
        if isinstance(values, Scores):
            _put(values, column, rows)
        else:
            column[rows] = values


def assess_many(children: Children) -> GrowthColumns:
    """All indices of all children, each equal to what `domain.zscore.assess` gives for that child.

    Fractions, which `assess` does not take, are read as WHO reads them: ages rounded
    half up to whole days, lengths interpolated between the 0.1 cm rows. Raises
    `UserError` when the shipped WHO table is missing or changed.
    """
    import numpy as np

    whole = _empty(len(children))

    def block(start: int) -> None:
        rows = slice(start, start + _BLOCK)
        with np.errstate(over="ignore", divide="ignore"):
            _put(_assess_block(children.part(rows)), whole, rows)

    _standard("lhfa")  # a table that is missing or changed is told of even where nobody is assessed
    side_by_side(block, range(0, len(children), _BLOCK))
    return whole
