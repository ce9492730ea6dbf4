"""The chart being painted: its places in pixels, and the plain shapes that all its parts are made of."""

from bisect import bisect_left, bisect_right
from operator import itemgetter

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from posyandu_app.ui.charts.geometry import Frame, Point, along, marks
from posyandu_app.ui.charts.layout import ChartStyle, Layout, in_window, position
from posyandu_app.ui.charts.model import ChartModel, ChartPoint, Mark
from posyandu_app.ui.charts.standards import SD_LINES, line

CENTER = Qt.AlignmentFlag.AlignCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Canvas:
    """A painter with the model, the layout and the scheme of one chart at hand."""

    def __init__(self, painter: QPainter, model: ChartModel, style: ChartStyle, layout: Layout) -> None:
        self.painter = painter
        self.model = model
        self.style = style
        self.layout = layout
        self.colors = style.colors
        self.unit = style.unit * (1.25 if style.colors.heavy else 1.0)
        self.sheet = self.colors.sheet(model.sex)
        self.frame: Frame = layout.frame
        box = layout.frame.box
        self.plot = QRectF(box.left, box.top, box.width, box.height)
        scale = painter.deviceTransform().m11()
        self._device = scale if scale > 0 else 1.0
        self._curves: dict[float, list[Point]] = {}

    def hints(self) -> None:
        """Smooth lines and letters."""
        self.painter.setRenderHints(
            QPainter.RenderHint.Antialiasing
            | QPainter.RenderHint.TextAntialiasing
            | QPainter.RenderHint.SmoothPixmapTransform
        )

    def text(self, area: QRectF, flags: Qt.AlignmentFlag, words: str, color: str, font: QFont) -> None:
        """One line of words in an area."""
        self.painter.setFont(font)
        self.painter.setPen(QColor(color))
        self.painter.drawText(area, int(flags) | int(Qt.TextFlag.TextSingleLine), words)

    def _snapped(self, value: float) -> float:
        return round(value * self._device) / self._device

    def _hair(self, thick: float = 1.0) -> float:
        return max(1, round(thick * self.style.unit * self._device * 0.75)) / self._device

    def upright(self, x: float, top: float, bottom: float, color: QColor, thick: float = 1.0) -> None:
        """An upright hairline, sharp on every screen."""
        width = self._hair(thick)
        self.painter.fillRect(QRectF(self._snapped(x - width / 2), top, width, bottom - top), color)

    def level(self, y: float, left: float, right: float, color: QColor, thick: float = 1.0) -> None:
        """A level hairline, sharp on every screen."""
        width = self._hair(thick)
        self.painter.fillRect(QRectF(left, self._snapped(y - width / 2), right - left, width), color)

    def shade(self, color: str, opacity: float) -> QColor:
        """The colour let through in part, less so in high contrast."""
        shaded = QColor(color)
        shaded.setAlphaF(min(1.0, opacity * (2.0 if self.colors.heavy else 1.0)))
        return shaded

    def pen(self, color: str, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
        """A pen with round ends; `width` is in px of a chart with text of ordinary size."""
        return QPen(
            QColor(color), width * self.unit, style, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        )

    def curve(self, z: float) -> list[Point]:
        """The pixels of the standard's line at a z-score, from edge to edge; none without a sex."""
        if self.model.sex is None:
            return []
        if z not in self._curves:
            points = line(self.model.table, self.model.sex, z)
            first = bisect_right(points, self.model.x.low, key=itemgetter(0))
            last = bisect_left(points, self.model.x.high, key=itemgetter(0))
            self._curves[z] = [self.frame.pixel(point) for point in points[max(0, first - 1) : last + 1]]
        return self._curves[z]

    def levels(self) -> list[float]:
        """The z-scores at which the chart shows a line."""
        if self.model.is_kms:
            return sorted({*SD_LINES, self.model.red_line, self.model.orange_line})
        return list(SD_LINES)

    def years(self) -> list[float]:
        """The birthdays within the chart, in months."""
        if self.model.by_length:
            return []
        return [x for x in marks(self.model.x, 12.0) if self.model.x.low < x < self.model.x.high]

    def shown(self) -> list[ChartPoint]:
        """The child's points within the chart, oldest first."""
        return [point for point in self.model.points if in_window(point, self.model)]

    def busy(self) -> list[Point]:
        """The pixels of the child's line, which words must not cover."""
        shown = self.shown()
        spots = [self.place(point) for point in shown]
        chain = [self.place(point) for point in shown if point.mark is not Mark.IMPLAUSIBLE]
        return spots + along(chain, 8.0)

    def place(self, point: ChartPoint) -> Point:
        """The pixel of a point; one off the paper stands at its edge."""
        return position(point, self.layout, self.style)
