"""z-scores of one child by WHO's method (Child Growth Standards 2006, as in WHO's `anthro` 1.1.0).

Whole grams and millimetres come in, so that a length converted by 7 mm meets its own
row of the table: 103.1 cm lying at two years is read at exactly 102.4 cm.
"""

from dataclasses import dataclass

from posyandu_app.domain.growth_standards import LAST_DAY, Indicator, Lms, lms
from posyandu_app.domain.model import Position, Sex
from posyandu_app.i18n import written

HEIGHT_FROM_DAY = 731
"""From this day WHO compares standing height; before it, lying length (24 × 30.4375 = 730.5)."""
POSITION_MM = 7
"""Standing height is this much less than lying length."""
STANDING_FROM_DAY = 274
"""Before nine months (273.9375 days) "standing" cannot be right and is taken as unknown."""
HEIGHT_FROM_MM = 870
"""Without age and position, lengths from here on are compared as heights."""


@dataclass(frozen=True, slots=True)
class ZScore:
    """A z-score in hundredths of a standard deviation, rounded half away from zero.

    `flagged` is WHO's mark of a biologically implausible value: shown with a request
    to measure again, and left out of prevalence.
    """

    centi: int
    flagged: bool

    @property
    def value(self) -> float:
        """The z-score in standard deviations, two decimals."""
        return self.centi / 100


@dataclass(frozen=True, slots=True)
class Growth:
    """What one weighing and measuring says about a child; None is "not computed", never "normal".

    `length_used_mm` is the length (below 731 days) or height after conversion for the
    position; `position_used` is the position as recorded, None when unknown or when
    the child was too young to have stood (`standing_too_young`).
    """

    age_days: int | None
    length_used_mm: int | None
    bmi: float | None
    weight_for_age: ZScore | None
    length_for_age: ZScore | None
    weight_for_length: ZScore | None
    bmi_for_age: ZScore | None
    head_for_age: ZScore | None
    position_used: Position | None
    standing_too_young: bool
    too_old: bool
    oedema: bool


def plain(y: float, standard: Lms) -> float:
    """The z-score of `y` by the LMS formula alone (kg, cm or kg/m² as in the standard)."""
    power, median, spread = standard
    return float(((y / median) ** power - 1) / (spread * power))


def restricted(y: float, standard: Lms) -> float:
    """The z-score of `y`, counted beyond ±3 in steps of the distance between the 2nd and 3rd SD line.

    WHO restricts weight-based indicators this way, since no data lie out there.
    """
    z = plain(y, standard)
    if z > 3:
        outer = standard.at(3)
        return 3 + (y - outer) / (outer - standard.at(2))
    if z < -3:
        outer = standard.at(-3)
        return -3 + (y - outer) / (standard.at(-2) - outer)
    return z


def to_centi(z: float) -> int:
    """Hundredths of a standard deviation, rounded half away from zero."""
    hundredths = int(abs(z) * 100 + 0.5)
    return -hundredths if z < 0 else hundredths


def format_z(centi: int) -> str:
    """The z-score as people here write it: "−2,05" with comma and a real minus sign."""
    whole, hundredths = divmod(abs(centi), 100)
    return ("−" if centi < 0 else "") + written(f"{whole}.{hundredths:02d}")


def _score(
    indicator: Indicator, sex: Sex | None, x: float | None, y: float | None, low: int, high: int
) -> ZScore | None:
    if sex is None or x is None or y is None:
        return None
    standard = lms(indicator, sex, x)
    if standard is None:
        return None
    centi = to_centi(plain(y, standard) if indicator in ("lhfa", "hcfa") else restricted(y, standard))
    return ZScore(centi, centi < low or centi > high)


def _compared_as_height(age_days: int | None, length_mm: int, position: Position | None) -> bool:
    if age_days is not None:
        return age_days >= HEIGHT_FROM_DAY
    if position is not None:
        return position is Position.STANDING
    return length_mm >= HEIGHT_FROM_MM


def _converted(length_mm: int, age_days: int | None, position: Position | None) -> int:
    if age_days is None:
        return length_mm
    if age_days < HEIGHT_FROM_DAY and position is Position.STANDING:
        return length_mm + POSITION_MM
    if age_days >= HEIGHT_FROM_DAY and position is Position.LYING:
        return length_mm - POSITION_MM
    return length_mm


def _positive(value: int | None) -> int | None:
    return value if value is not None and value > 0 else None


def assess(
    sex: Sex | None,
    age_days: int | None,
    *,
    weight_g: int | None = None,
    length_mm: int | None = None,
    position: Position | None = None,
    head_mm: int | None = None,
    oedema: int | None = 0,
) -> Growth:
    """Every index that the given values allow, equal to WHO's `anthro` 1.1.0 in every printed digit.

    Ages in days (0–1826; older is `too_old`, before birth gives no z-score), weight in
    grams, lengths in millimetres; what is missing, zero or negative counts as not
    measured. Without age only weight-for-length is computed. With oedema (grade 1 or
    more) the indices that hold weight are not computed.
    """
    weight, length, head = _positive(weight_g), _positive(length_mm), _positive(head_mm)
    swollen = bool(oedema)
    standing_too_young = (
        position is Position.STANDING and age_days is not None and age_days < STANDING_FROM_DAY
    )
    position_used = None if standing_too_young else position
    used = None if length is None else _positive(_converted(length, age_days, position_used))
    bmi = None
    if weight is not None and length is not None and used is not None:
        # in centimetres and shifted there, as WHO's software does: equal to its last printed digit
        bmi = weight / 1000 / ((length / 10 + (used - length) / 10) / 100) ** 2

    out_of_range = age_days is not None and not 0 <= age_days <= LAST_DAY
    by_sex = None if out_of_range else sex
    kilograms = None if weight is None or swollen else weight / 1000
    by_height = used is not None and _compared_as_height(age_days, used, position_used)
    return Growth(
        age_days=age_days,
        length_used_mm=used,
        bmi=bmi,
        weight_for_age=_score("wfa", by_sex, age_days, kilograms, -600, 500),
        length_for_age=_score("lhfa", by_sex, age_days, None if used is None else used / 10, -600, 600),
        weight_for_length=_score("wfh" if by_height else "wfl", by_sex, used, kilograms, -500, 500),
        bmi_for_age=_score("bfa", by_sex, age_days, None if swollen else bmi, -500, 500),
        head_for_age=_score("hcfa", by_sex, age_days, None if head is None else head / 10, -500, 500),
        position_used=position_used,
        standing_too_young=standing_too_young,
        too_old=age_days is not None and age_days > LAST_DAY,
        oedema=swollen,
    )
