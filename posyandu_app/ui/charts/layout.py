"""Where the parts of a chart go in its rectangle: measured with the real typeface, painted by `painter`."""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication

from posyandu_app.i18n import tr
from posyandu_app.ui.charts.colors import NORMAL, ChartColors
from posyandu_app.ui.charts.geometry import Box, Frame, Point, marks, pick_step
from posyandu_app.ui.charts.model import ChartModel, ChartPoint, Indicator

MONTH_STEPS = (1.0, 2.0, 3.0, 6.0, 12.0)
LENGTH_STEPS = (5.0, 10.0)
VALUE_STEPS = (1.0, 2.0, 5.0, 10.0, 20.0)


class Row(StrEnum):
    """The rows under the months, as on the paper card."""

    WEIGHTS = "weights"
    GAINS = "gains"
    LETTERS = "letters"


@dataclass(frozen=True, slots=True)
class ChartStyle:
    """How a chart is dressed: colours, the size of its text in px, its typeface ("" is the application's)."""

    colors: ChartColors = NORMAL
    text_px: float = 13.0
    family: str = ""
    rounded: bool = True

    @property
    def unit(self) -> float:
        """How much lines and marks grow with the text."""
        return self.text_px / 13.0

    def font(self, size: float = 1.0, weight: int = 400, *, figures: bool = True) -> QFont:
        """The typeface at `size` times the text size; `figures` of equal width for columns and axes."""
        font = QFont(self.family) if self.family else QFont(QGuiApplication.font())
        font.setPixelSize(max(7, round(self.text_px * size)))
        font.setWeight(QFont.Weight(weight))
        font.setFeature(QFont.Tag("tnum"), int(figures))
        return font


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of plot, axes and rows; `x_step` and `y_step` are the labelled marks, in axis units."""

    card: Box
    frame: Frame
    title_top: float
    title_height: float
    strip_top: float
    axis_bottom: float
    rows: tuple[tuple[Row, float, float], ...]
    x_step: float
    y_step: float
    margin: float

    @property
    def pitch(self) -> float:
        """Pixels for each month, or for each centimetre."""
        return self.frame.box.width / self.frame.x.width


def lay_out(rect: QRectF, model: ChartModel, style: ChartStyle) -> Layout:
    """The places for one chart; a rectangle too small for text still gives a plot of at least 40 px."""
    text = style.text_px
    metrics = QFontMetricsF(style.font())
    small = QFontMetricsF(style.font(0.88))
    card = Box(rect.left(), rect.top(), rect.right(), rect.bottom())
    pad = text * 0.95
    title_top, title_height = card.top + text * 0.75, text * 1.75
    strip_top = title_top + title_height + text * 0.1
    top = strip_top + text * 1.5

    labels = [axis_text(value) for value in (model.y.low, model.y.high)]
    names = [x_unit(model), *(row_label(row) for row in Row)] if model.is_kms else [x_unit(model)]
    numbers = max(metrics.horizontalAdvance(label) for label in labels)
    wide = max(numbers - text * 0.4, *(small.horizontalAdvance(name) for name in names), 0.0)
    left = card.left + pad + wide + text * 1.3
    right = max(left + 40, card.right - pad - metrics.horizontalAdvance("+3") - text * 0.45)

    axis, row_height, foot = text * 1.65, text * 1.75, text * 0.6
    pitch = (right - left) / model.x.width
    rows = _rows(model, style, card.height, pitch)
    bottom = max(top + 40, card.bottom - foot - axis - row_height * len(rows))
    frame = Frame(Box(left, top, right, bottom), model.x, model.y)
    placed = tuple(
        (row, bottom + axis + row_height * at, bottom + axis + row_height * (at + 1))
        for at, row in enumerate(rows)
    )
    steps = LENGTH_STEPS if model.by_length else MONTH_STEPS
    return Layout(
        card=card,
        frame=frame,
        title_top=title_top,
        title_height=title_height,
        strip_top=strip_top,
        axis_bottom=bottom + axis,
        rows=placed,
        x_step=pick_step(model.x, frame.box.width, metrics.horizontalAdvance("00") + text * 0.7, steps),
        y_step=pick_step(model.y, frame.box.height, text * 1.65, VALUE_STEPS),
        margin=pad,
    )


def position(point: ChartPoint, layout: Layout, style: ChartStyle) -> Point:
    """The pixel at which a point is drawn; a value off the paper is drawn at its edge."""
    box = layout.frame.box
    x, y = layout.frame.pixel((point.x, point.y))
    inset = min(style.unit * 9, box.height / 4)
    if y < box.top:
        return x, box.top + inset
    if y > box.bottom:
        return x, box.bottom - inset
    return x, y


def off_paper(point: ChartPoint, model: ChartModel) -> bool:
    """Whether the value lies above or below the stretch that the chart shows."""
    return not model.y.holds(point.y)


def in_window(point: ChartPoint, model: ChartModel) -> bool:
    """Whether the point lies within the stretch of months or centimetres that the chart shows."""
    return model.x.holds(point.x)


def x_unit(model: ChartModel) -> str:
    """The unit of the horizontal axis."""
    return tr("cm") if model.by_length else tr("bulan")


def y_unit(model: ChartModel) -> str:
    """The unit of the vertical axis."""
    if model.indicator in (Indicator.BB_U, Indicator.BB_TB):
        return tr("kg")
    return tr("kg/m²") if model.indicator is Indicator.IMT_U else tr("cm")


def row_label(row: Row) -> str:
    """What stands before a row, as on the card."""
    return {Row.WEIGHTS: tr("BB (kg)"), Row.GAINS: tr("KBM (g)"), Row.LETTERS: tr("N/T")}[row]


def axis_text(value: float) -> str:
    """A number at an axis; only whole numbers stand there."""
    return str(round(value))


def x_marks(layout: Layout) -> list[float]:
    """The labelled places of the horizontal axis."""
    return marks(layout.frame.x, layout.x_step)


def y_marks(layout: Layout) -> list[float]:
    """The labelled places of the vertical axis."""
    return marks(layout.frame.y, layout.y_step)


def _rows(model: ChartModel, style: ChartStyle, height: float, pitch: float) -> tuple[Row, ...]:
    if not model.is_kms or height < style.text_px * 17:
        return ()
    cell = QFontMetricsF(style.font(0.8)).horizontalAdvance("800") + style.text_px * 0.3
    rows: list[Row] = []
    if height >= style.text_px * 32 and pitch >= cell * 0.62:
        rows.append(Row.WEIGHTS)
    if model.minimum_gains and height >= style.text_px * 27 and pitch >= cell:
        rows.append(Row.GAINS)
    return (*rows, Row.LETTERS)
