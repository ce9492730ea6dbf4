"""A prevalence over time against its target: the line, its 95 % band, and the wider area thin beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from posyandu_app.i18n import written
from posyandu_app.ui import paint, theme
from posyandu_app.ui.pictures.dots import axis_end, mark_step
from posyandu_app.ui.pictures.style import PictureStyle


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One period: words under the axis, `year` where one begins, per cents or None, `reading` in words."""

    short: str
    year: str
    value: float | None
    low: float | None
    high: float | None
    around: float | None
    reading: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """The points in order; names of the two lines and of the target, "" for none."""

    points: tuple[TrendPoint, ...]
    name: str
    around_name: str = ""
    target: float | None = None
    target_words: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """The plot in its rectangle, and the scale."""

    plot: QRectF
    high: float
    count: int

    def x(self, at: float) -> float:
        return self.plot.left() + (at + 0.5) / max(self.count, 1) * self.plot.width()

    def y(self, value: float) -> float:
        return self.plot.bottom() - min(value, self.high) / self.high * self.plot.height()


def place(rect: QRectF, trend: Trend, style: PictureStyle) -> _Place:
    """Where the plot lies."""
    values = [v for p in trend.points for v in (p.high, p.around, p.value)] + [trend.target]
    high = axis_end([None if v is None else v * 1.06 for v in values])
    last = next((p for p in reversed(trend.points) if p.value is not None), None)
    names = [trend.name, trend.around_name] if last is not None else []
    right = max((style.width(name, "small_strong") for name in names), default=0.0)
    right = min(right, rect.width() * 0.22) + style.px(28)
    left = style.width("100", "small", figures=True) + style.px(26)
    plot = QRectF(
        rect.left() + left,
        rect.top() + style.px(18),
        max(rect.width() - left - right, 40.0),
        max(rect.height() - style.px(18) - style.px(56), 40.0),
    )
    return _Place(plot, high, len(trend.points))


def paint_trend(
    painter: QPainter, rect: QRectF, trend: Trend, style: PictureStyle, read: int | None = None
) -> None:
    """Paint the whole chart; the point that is read stands out and tells its figures."""
    at = place(rect, trend, style)
    _axes(painter, at, trend, years_told(rect, trend, style), style)
    _line(painter, at, [p.around for p in trend.points], style.colors.line_strong, 2.0, style)
    _band(painter, at, trend.points, style)
    _line(painter, at, [p.value for p in trend.points], style.colors.accent, 3.0, style)
    for index, point in enumerate(trend.points):
        if point.value is not None:
            radius = style.px(6.5 if index == read else 4)
            painter.setPen(QPen(QColor(style.colors.surface), style.px(1.5)))
            painter.setBrush(QColor(style.colors.accent))
            painter.drawEllipse(QPointF(at.x(index), at.y(point.value)), radius, radius)
    _ends(painter, at, trend, rect, style)
    if read is not None and 0 <= read < len(trend.points):
        _callout(painter, at, trend.points[read], read, style)


def nearest(rect: QRectF, trend: Trend, style: PictureStyle, x: float) -> int | None:
    """The point whose column holds a place on screen."""
    at = place(rect, trend, style)
    if not trend.points or not at.plot.left() <= x <= at.plot.right():
        return None
    return min(int((x - at.plot.left()) / at.plot.width() * at.count), at.count - 1)


def _axes(painter: QPainter, at: _Place, trend: Trend, years: Sequence[int], style: PictureStyle) -> None:
    c, figures = style.colors, style.font("small", figures=True)
    step, value = mark_step(at.high), 0.0
    while value <= at.high + 1e-6:
        y = at.y(value)
        painter.fillRect(QRectF(at.plot.left(), round(y), at.plot.width(), 1), QColor(c.line))
        words = written(f"{value:g}") + (" %" if value + step > at.high + 1e-6 else "")
        box = QRectF(at.plot.left() - style.px(70), y - style.px(10), style.px(60), style.px(20))
        paint.text(painter, box, words, figures, c.ink_soft, theme.ALIGN_RIGHT, elide=False)
        value += step
    wide = max((style.width(p.short, "small") for p in trend.points), default=1.0) + style.px(10)
    every = max(1, -(-int(wide) // max(int(at.plot.width() / max(at.count, 1)), 1)))
    for index, point in enumerate(trend.points):
        box = QRectF(at.x(index) - wide, at.plot.bottom() + style.px(6), 2 * wide, style.px(20))
        if (len(trend.points) - 1 - index) % every == 0:
            paint.text(painter, box, point.short, style.font("small"), c.ink_soft, theme.ALIGN_CENTER)
        if index in years:
            below = box.translated(0, style.px(20))
            paint.text(painter, below, point.year, style.font("small_strong"), c.ink, theme.ALIGN_CENTER)
    if trend.target is not None:
        y = at.y(trend.target)
        painter.setPen(QPen(QColor(c.accent), style.px(1.5), Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(at.plot.left(), y), QPointF(at.plot.right(), y))
        font = style.font("small_strong")
        box = QRectF(at.plot.left() + style.px(4), y - style.px(21), at.plot.width(), style.px(20))
        paint.text(painter, box, trend.target_words, font, c.accent)


def years_told(rect: QRectF, trend: Trend, style: PictureStyle) -> tuple[int, ...]:
    """The points under which a year is written: not the first one's where the next year's stands too near."""
    at = place(rect, trend, style)
    found = [index for index, point in enumerate(trend.points) if point.year]
    room = style.width("2026", "small_strong", figures=True) + style.px(8)
    near = {index for index, after in pairwise(found) if at.x(after) - at.x(index) < room}
    return tuple(index for index in found if index not in near)


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Neighbouring known values; a gap breaks the line."""
    runs: list[list[tuple[int, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((index, value))
    return [run for run in runs if run]


def _line(
    painter: QPainter,
    at: _Place,
    values: Sequence[float | None],
    ink: str,
    width: float,
    style: PictureStyle,
) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(
        QPen(
            QColor(ink),
            style.px(width),
            Qt.PenStyle.SolidLine,
            Qt.PenCapStyle.RoundCap,
            Qt.PenJoinStyle.RoundJoin,
        )
    )
    for run in _runs(values):
        painter.drawPolyline(QPolygonF([QPointF(at.x(index), at.y(value)) for index, value in run]))


def _band(painter: QPainter, at: _Place, points: Sequence[TrendPoint], style: PictureStyle) -> None:
    shade = QColor(style.colors.accent)
    shade.setAlphaF(0.16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(shade)
    highs, lows = _runs([p.high for p in points]), _runs([p.low for p in points])
    for high, low in zip(highs, lows, strict=False):
        path = QPainterPath(QPointF(at.x(high[0][0]), at.y(high[0][1])))
        for index, value in [*high[1:], *reversed(low)]:
            path.lineTo(at.x(index), at.y(value))
        path.closeSubpath()
        painter.drawPath(path)


def _ends(painter: QPainter, at: _Place, trend: Trend, rect: QRectF, style: PictureStyle) -> None:
    """The name of each line at its right end, set apart when they would meet."""
    c = style.colors
    ends: list[tuple[float, str, str]] = []
    for name, ink, values in (
        (trend.name, c.accent, [p.value for p in trend.points]),
        (trend.around_name, c.ink_soft, [p.around for p in trend.points]),
    ):
        known = [value for value in values if value is not None]
        if name and known:
            ends.append((at.y(known[-1]), name, ink))
    ends.sort()
    heights = [end[0] for end in ends]
    if len(ends) == 2 and heights[1] - heights[0] < style.px(22):
        middle = sum(heights) / 2
        heights = [middle - style.px(11), middle + style.px(11)]
    for y, (_, name, ink) in zip(heights, ends, strict=True):
        left = at.plot.right() + style.px(6)
        box = QRectF(left, y - style.px(11), rect.right() - left, style.px(22))
        paint.text(painter, box, name, style.font("small_strong"), ink)


def _callout(painter: QPainter, at: _Place, point: TrendPoint, index: int, style: PictureStyle) -> None:
    c = style.colors
    x = at.x(index)
    painter.setPen(QPen(QColor(c.ink), style.px(1)))
    painter.drawLine(QPointF(x, at.plot.top()), QPointF(x, at.plot.bottom()))
    roles = ["small", "lead_strong"] + ["small"] * 6
    lines = list(zip(point.reading, roles, strict=False))
    width = max(style.width(words, role, figures=True) for words, role in lines) + style.px(28)
    tall = [style.px(26 if role == "lead_strong" else 20) for _, role in lines]
    height = sum(tall) + style.px(18)
    left = x + style.px(12)
    if left + width > at.plot.right() + style.px(40):
        left = x - style.px(12) - width
    top = at.plot.top()
    if point.value is not None and at.y(point.value) < top + height + style.px(8):
        top = min(at.plot.bottom() - height, at.y(point.value) + style.px(16))
    box = QRectF(left, top, width, height)
    paint.rounded(painter, box, theme.RADIUS - 2, c.bar)
    y = top + style.px(9)
    for (words, role), step in zip(lines, tall, strict=True):
        paint.text(
            painter,
            QRectF(left + style.px(14), y, width, step),
            words,
            style.font(role, figures=True),
            c.on_bar,
            elide=False,
        )
        y += step
