"""What the screen asks back before it believes a figure: it warns, it never blocks.

Limits come from the programme rules ("plausibility"); WHO's flags from the z-scores. A
field gets one question, the most telling one: a comma slip before a range, a range before
a change, a change before WHO's flag.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posyandu_app.domain import zscore
from posyandu_app.domain.age import Month, age_in_days, completed_months
from posyandu_app.domain.growth_standards import Indicator, lms
from posyandu_app.domain.model import Child, Measurement, Position
from posyandu_app.domain.numbers import field_name, format_length, format_weight
from posyandu_app.domain.rules import PlausibilityRules, ProgramRules, Span
from posyandu_app.domain.zscore import HEIGHT_FROM_DAY, POSITION_MM, Growth
from posyandu_app.i18n import tr, written

if TYPE_CHECKING:
    from posyandu_app.domain.assessment import Draft

FIELDS = ("weight_g", "length_mm", "head_mm", "muac_mm")
SAME_AS_LAST_MONTH = "same_as_last_month"
SWAPPED = ("weight_g.swapped", "length_mm.swapped")
_NEAR = 10
"""How many percent of what is expected a figure in the wrong field may be away from it."""
_STANDARDS: dict[str, tuple[Indicator, int]] = {
    "weight_g": ("wfa", 1000),
    "length_mm": ("lhfa", 10),
    "head_mm": ("hcfa", 10),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A doubt about what was typed, with both answers as button texts.

    `yes` keeps the value and `code` goes into the measurement's `confirmed`; `no` puts
    `suggestion` (g or mm) into the field, or empties it to be measured again when None. After
    `no` to one of `SWAPPED` weight and length change places.
    """

    code: str
    field: str
    text: str
    yes: str
    no: str
    suggestion: int | None = None


def questions(
    child: Child, history: Sequence[Measurement], draft: "Draft", rules: ProgramRules
) -> tuple[Question, ...]:
    """The questions about a draft, in the order of the fields; none when nothing is doubtful.

    `history` may hold voided and later measurements: only those that stand and are earlier
    than the draft's day are compared with.
    """
    earlier = sorted(
        (item for item in history if item.date < draft.date and not item.voided),
        key=lambda item: (item.date, item.hlc, item.id),
    )
    view = _View(child, earlier, draft, rules.plausibility)
    asked = [question for field in FIELDS if (question := view.about(field)) is not None]
    asked += view.about_position()
    if not asked:
        asked += view.about_weight_for_length()
    return tuple(asked + view.about_same(exclude={question.field for question in asked}))


class _View:
    """One draft beside what is known of the child."""

    def __init__(
        self, child: Child, earlier: Sequence[Measurement], draft: "Draft", rules: PlausibilityRules
    ) -> None:
        self.child = child
        self.earlier = earlier
        self.draft = draft
        self.rules = rules
        birth = child.birth_date
        self.days = None if birth is None else age_in_days(birth, draft.date)
        self.months = None if birth is None else completed_months(birth, draft.date)
        self.growth: Growth = zscore.assess(
            child.sex,
            self.days,
            weight_g=draft.weight_g,
            length_mm=draft.length_mm,
            position=draft.position,
            head_mm=draft.head_mm,
            oedema=draft.oedema,
        )

    def about(self, field: str) -> Question | None:
        value: int | None = getattr(self.draft, field)
        if value is None:
            return None
        return (
            self._swapped(field, value)
            or self._comma_slip(field, value)
            or self._out_of_range(field, value)
            or self._changed(field, value)
            or self._flagged(field, value)
        )

    def _last(self, field: str) -> Measurement | None:
        return next((item for item in reversed(self.earlier) if getattr(item, field) is not None), None)

    def _median(self, field: str) -> int | None:
        """WHO's median for age and sex, in g or mm."""
        if field not in _STANDARDS or self.child.sex is None or self.days is None:
            return None
        indicator, unit = _STANDARDS[field]
        standard = lms(indicator, self.child.sex, self.days)
        return None if standard is None else round(standard.m * unit)

    def _likely(self, field: str, value: int) -> bool:
        """Whether a value is near what is expected: half to double the median, else within the range."""
        expected = self._median(field)
        if expected is None:
            return value in self._span(field)
        return expected <= 2 * value and value <= 2 * expected

    def _span(self, field: str) -> Span:
        span: Span = getattr(self.rules, field)
        return span

    def _swapped(self, field: str, value: int) -> Question | None:
        """Weight and length in each other's field; a whole number alone is a comma forgotten rather."""
        if field not in ("weight_g", "length_mm"):
            return None
        if self._likely(field, value) or self._like_last(field, value):
            return None
        weight, length = self.draft.weight_g, self.draft.length_mm
        both = False
        if weight is not None and length is not None:
            both = self._near("length_mm", weight // 100) and self._near("weight_g", length * 100)
            if not both:
                return None
        if field == "weight_g":
            if value % 100 or not (both or (value % 1000 and self._near("length_mm", value // 100))):
                return None
            asked, moved = tr("{typed}? Itu seperti panjang/tinggi badannya. Tertukar?"), tr("Ya, itu PB/TB")
        else:
            if not (both or (value % 10 and self._near("weight_g", value * 100))):
                return None
            asked, moved = tr("{typed}? Itu seperti berat badannya. Tertukar?"), tr("Ya, itu berat")
        typed = _short(field, value)
        yes, no = tr("Benar {value}").format(value=typed), tr("Ya, tukar keduanya") if both else moved
        return Question(f"{field}.swapped", field, asked.format(typed=typed), yes, no)

    def _near(self, field: str, value: int) -> bool:
        """Whether a value is about what was measured last, or what is usual at this age."""
        last = self._last(field)
        expected = self._median(field) if last is None else int(getattr(last, field))
        return expected is not None and 100 * abs(value - expected) <= _NEAR * expected

    def _comma_slip(self, field: str, value: int) -> Question | None:
        if self._likely(field, value) or self._like_last(field, value):
            return None
        tenth = value // 10 if value % 10 == 0 else None
        hundredth = value // 100 if value % 100 == 0 else None
        for meant in (tenth, value * 10, hundredth):
            if meant is not None and self._likely(field, meant) and meant in self._span(field):
                return Question(
                    code=f"{field}.comma",
                    field=field,
                    text=tr("{typed}? Maksudnya {meant}?").format(
                        typed=_short(field, value), meant=_short(field, meant)
                    ),
                    yes=tr("Benar {value}").format(value=_short(field, value)),
                    no=tr("Ganti jadi {value}").format(value=_short(field, meant)),
                    suggestion=meant,
                )
        return None

    def _like_last(self, field: str, value: int) -> bool:
        last = self._last(field)
        before: int | None = None if last is None else getattr(last, field)
        return (
            before is not None and before <= 2 * value and value <= 2 * before and value in self._span(field)
        )

    def _out_of_range(self, field: str, value: int) -> Question | None:
        span = self._span(field)
        if value in span:
            return None
        text = tr("{name} {value} di luar yang biasa ({low} sampai {high}). Sudah benar?").format(
            name=field_name(field),
            value=_short(field, value),
            low=_number(field, span.low),
            high=_short(field, span.high),
        )
        return _doubt(f"{field}.range", field, text, value)

    def _changed(self, field: str, value: int) -> Question | None:
        last = self._last(field)
        if last is None:
            return None
        months = max(1, Month.of(self.draft.date).number - Month.of(last.date).number)
        change = value - int(getattr(last, field))
        if field == "length_mm":
            change += self._standing_difference(last)
        fall, rise = self._limits(field, months)
        if fall is not None and -change > fall:
            text = tr("{name} turun {change} sejak {date}. Sudah benar?")
        elif rise is not None and change > rise:
            text = tr("{name} naik {change} sejak {date}. Sudah benar?")
        else:
            return None
        text = text.format(
            name=field_name(field), change=_short(field, abs(change)), date=f"{last.date:%d/%m/%Y}"
        )
        return _doubt(f"{field}.{'fall' if change < 0 else 'rise'}", field, text, value)

    def _limits(self, field: str, months: int) -> tuple[int | None, int | None]:
        """The fall and the rise, in g or mm since so many months, that need no question."""
        rules = self.rules
        if field == "weight_g":
            return rules.weight_fall_g_per_month * months, rules.weight_rise_g_per_month * months
        if field == "length_mm":
            return rules.length_fall_mm, self._length_rise(months)
        if field == "head_mm":
            return rules.head_fall_mm, None
        return None, None

    def _length_rise(self, months: int) -> int | None:
        """Growth allowed in the months passed, each at the pace of the age the child had then."""
        if self.months is None:
            return None
        young = self.rules.length_rise_young_below_months
        fast = sum(1 for back in range(months) if self.months - back < young)
        return (
            fast * self.rules.length_rise_young_mm_per_month
            + (months - fast) * self.rules.length_rise_mm_per_month
        )

    def _standing_difference(self, last: Measurement) -> int:
        """What the change from standing to lying, or back, adds by itself (WHO: 0.7 cm)."""
        now = _standing(self.draft.position, self.days)
        birth = self.child.birth_date
        then = _standing(last.position, None if birth is None else age_in_days(birth, last.date))
        return POSITION_MM * (int(now) - int(then))

    def _flagged(self, field: str, value: int) -> Question | None:
        score = {
            "weight_g": self.growth.weight_for_age,
            "length_mm": self.growth.length_for_age,
            "head_mm": self.growth.head_for_age,
        }.get(field)
        if score is None or not score.flagged:
            return None
        text = tr("{name} {value} hampir tidak mungkin untuk umurnya (z {z}). Ukur ulang?").format(
            name=field_name(field), value=_short(field, value), z=zscore.format_z(score.centi)
        )
        return _doubt(f"{field}.flag", field, text, value)

    def about_weight_for_length(self) -> list[Question]:
        scores = (self.growth.weight_for_length, self.growth.bmi_for_age)
        flagged = next((score for score in scores if score is not None and score.flagged), None)
        weight, length = self.draft.weight_g, self.draft.length_mm
        if flagged is None or weight is None or length is None:
            return []
        text = tr("Berat {weight} dan panjang/tinggi {length} tidak cocok (z {z}). Ukur ulang?").format(
            weight=_short("weight_g", weight),
            length=_short("length_mm", length),
            z=zscore.format_z(flagged.centi),
        )
        return [Question("weight_for_length.flag", "length_mm", text, tr("Keduanya benar"), tr("Ukur ulang"))]

    def about_position(self) -> list[Question]:
        limit = self.rules.standing_from_age_months
        standing = self.draft.length_mm is not None and self.draft.position is Position.STANDING
        if not standing or self.months is None:
            return []
        if self.months >= limit and not self.growth.standing_too_young:
            return []
        text = tr("Di bawah {limit} bulan anak diukur terlentang. Benar diukur berdiri?").format(limit=limit)
        return [
            Question("position.standing", "position", text, tr("Benar berdiri"), tr("Ganti jadi terlentang"))
        ]

    def about_same(self, exclude: set[str]) -> list[Question]:
        """One question for all values that repeat those of last month."""
        last_month = Month.of(self.draft.date).previous()
        same = []
        for field in FIELDS:
            last = self._last(field)
            value: int | None = getattr(self.draft, field)
            if value is None or last is None or field in exclude or Month.of(last.date) != last_month:
                continue
            if getattr(last, field) == value:
                same.append(field)
        if not same:
            return []
        values = ", ".join(
            f"{field_name(field)} {_short(field, getattr(self.draft, field))}" for field in same
        )
        text = tr("{values}: sama persis dengan bulan lalu. Benar diukur hari ini?").format(values=values)
        return [Question(SAME_AS_LAST_MONTH, same[0], text, tr("Ya, sudah diukur"), tr("Ukur ulang"))]


def _standing(position: Position | None, age_days: int | None) -> bool:
    if position is None:
        return age_days is not None and age_days >= HEIGHT_FROM_DAY
    return position is Position.STANDING


def _doubt(code: str, field: str, text: str, value: int) -> Question:
    yes = tr("Benar {value}").format(value=_short(field, value))
    return Question(code, field, text, yes, tr("Ukur ulang"))


def _number(field: str, value: int) -> str:
    text = format_weight(value) if field == "weight_g" else format_length(value)
    return text.removesuffix(written(".0"))


def _short(field: str, value: int) -> str:
    """The value as spoken, with its unit and without an idle ",0": "84 kg", "8,4 kg", "0,3 cm"."""
    return f"{_number(field, value)} {'kg' if field == 'weight_g' else 'cm'}"
