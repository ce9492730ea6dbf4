"""Made-up children with a growth history, for the tests of the chart."""

from collections.abc import Sequence
from datetime import date, timedelta

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from posyandu_app.domain import assessment
from posyandu_app.domain.age import Month
from posyandu_app.domain.assessment import Assessed, Draft
from posyandu_app.domain.growth_standards import lms
from posyandu_app.domain.model import Child, Measurement, Position, Sex
from posyandu_app.domain.rules import default_rules
from posyandu_app.ui.charts.layout import ChartStyle
from posyandu_app.ui.charts.model import ChartModel, ChartPoint
from posyandu_app.ui.charts.painter import paint_chart

BIRTH = date(2024, 3, 12)


def make_child(sex: Sex | None = Sex.FEMALE, birth: date | None = BIRTH, **fields: object) -> Child:
    return Child("anak-1", "32.11.13.2005/melati", "Siti Aminah", sex, birth, mother_name="Dewi", **fields)  # type: ignore[arg-type]


def weighed(day: date, grams: int | None, **fields: object) -> Measurement:
    return Measurement(f"ukur-{day}-{grams}", "anak-1", day, weight_g=grams, **fields)  # type: ignore[arg-type]


def monthly(child: Child, months: int, *, z: float = -0.5, skip: Sequence[int] = ()) -> list[Measurement]:
    """One visit a month on the 12th, along one z-score in weight, length and head."""
    assert child.birth_date is not None
    sex, found = child.sex or Sex.FEMALE, []
    for number in range(1, months + 1):
        month = Month.of(child.birth_date).shifted(number)
        day = date(month.year, month.month, 12)
        age = (day - child.birth_date).days
        values = [lms(indicator, sex, age) for indicator in ("wfa", "lhfa", "hcfa")]
        if number in skip or None in values:
            continue
        weight, length, head = (standard.at(z) for standard in values if standard)
        found.append(
            weighed(
                day,
                round(weight * 10) * 100,
                length_mm=round(length * 10),
                position=Position.LYING if age < 731 else Position.STANDING,
                head_mm=round(head * 10),
            )
        )
    return found


def history(child: Child, measurements: Sequence[Measurement]) -> tuple[Assessed, ...]:
    return assessment.assess_history(child, measurements, default_rules())


def typed(child: Child, measurements: Sequence[Measurement], **draft: object) -> Assessed:
    """The assessment of what stands in the form: next month's visit unless told otherwise."""
    day = draft.pop("day", max((m.date for m in measurements), default=BIRTH) + timedelta(days=30))
    return assessment.preview(child, measurements, Draft(day, **draft), default_rules()).assessed  # type: ignore[arg-type]


def painted(
    model: ChartModel,
    width: int = 700,
    height: int = 500,
    style: ChartStyle | None = None,
    read: ChartPoint | None = None,
) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#ffffff"))
    painter = QPainter(image)
    paint_chart(painter, QRectF(0, 0, width, height), model, style or ChartStyle(), read)
    painter.end()
    return image


def common_color(image: QImage, x: float, y: float, reach: int = 3) -> str:
    """The colour that most pixels about a place have."""
    seen: dict[str, int] = {}
    for row in range(round(y) - reach, round(y) + reach + 1):
        for column in range(round(x) - reach, round(x) + reach + 1):
            name = image.pixelColor(column, row).name()
            seen[name] = seen.get(name, 0) + 1
    return max(seen, key=lambda name: seen[name])
