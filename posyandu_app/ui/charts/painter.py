"""The growth chart in paint: one function for screen, PNG and PDF, in two layers.

`paint_standing` is everything that changes only with the child, the chart or the size;
`paint_passing` is the point being typed and the point being read. `paint_chart` is both.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import atan2, ceil, degrees, floor
from operator import itemgetter

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from posyandu_app.domain.kms import Letter
from posyandu_app.domain.model import Sex
from posyandu_app.i18n import tr, written
from posyandu_app.ui.charts.geometry import Box, Frame, Point, along, height_at, marks, place_box, spread
from posyandu_app.ui.charts.layout import (
    ChartStyle,
    Layout,
    Row,
    axis_text,
    in_window,
    lay_out,
    off_paper,
    position,
    row_label,
    x_marks,
    x_unit,
    y_marks,
    y_unit,
)
from posyandu_app.ui.charts.model import ChartModel, ChartPoint, Mark
from posyandu_app.ui.charts.standards import LAST_MONTH, SD_LINES, Band, Tint, Weight, line, weight

_CENTER = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def paint_chart(
    painter: QPainter, rect: QRectF, model: ChartModel, style: ChartStyle, read: ChartPoint | None = None
) -> None:
    """Paint the whole chart into `rect`; the painter may belong to a screen, an image or a page."""
    paint_standing(painter, rect, model, style)
    paint_passing(painter, rect, model, style, read)


def paint_standing(painter: QPainter, rect: QRectF, model: ChartModel, style: ChartStyle) -> None:
    """Paint ground, bands, lines, axes, rows and the saved points."""
    canvas = _Canvas(painter, model, style, lay_out(rect, model, style))
    painter.save()
    canvas.hints()
    canvas.card()
    painter.save()
    painter.setClipRect(canvas.plot, Qt.ClipOperation.IntersectClip)
    canvas.bands()
    canvas.grid()
    canvas.standard_lines()
    canvas.names()
    canvas.child_line()
    painter.restore()
    canvas.border()
    canvas.marks()
    canvas.title()
    canvas.axes()
    canvas.line_ends()
    canvas.rows()
    canvas.notes()
    painter.restore()


def paint_passing(
    painter: QPainter, rect: QRectF, model: ChartModel, style: ChartStyle, read: ChartPoint | None = None
) -> None:
    """Paint the point not yet saved and the callout of the point being read, over `paint_standing`."""
    if model.preview is None and read is None:
        return
    canvas = _Canvas(painter, model, style, lay_out(rect, model, style))
    painter.save()
    canvas.hints()
    if model.preview is not None and in_window(model.preview, model):
        canvas.preview(model.preview, labelled=read != model.preview)
    if read is not None and in_window(read, model):
        canvas.callout(read)
    painter.restore()


class _Canvas:
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
        self.device = scale if scale > 0 else 1.0
        self.curves: dict[float, list[Point]] = {}

    def hints(self) -> None:
        self.painter.setRenderHints(
            QPainter.RenderHint.Antialiasing
            | QPainter.RenderHint.TextAntialiasing
            | QPainter.RenderHint.SmoothPixmapTransform
        )

    # plain shapes

    def text(
        self,
        area: QRectF,
        flags: Qt.AlignmentFlag,
        words: str,
        color: str,
        font: QFont,
    ) -> None:
        self.painter.setFont(font)
        self.painter.setPen(QColor(color))
        self.painter.drawText(area, int(flags) | int(Qt.TextFlag.TextSingleLine), words)

    def snapped(self, value: float) -> float:
        return round(value * self.device) / self.device

    def hair(self, thick: float = 1.0) -> float:
        return max(1, round(thick * self.style.unit * self.device * 0.75)) / self.device

    def upright(self, x: float, top: float, bottom: float, color: QColor, thick: float = 1.0) -> None:
        width = self.hair(thick)
        self.painter.fillRect(QRectF(self.snapped(x - width / 2), top, width, bottom - top), color)

    def level(self, y: float, left: float, right: float, color: QColor, thick: float = 1.0) -> None:
        width = self.hair(thick)
        self.painter.fillRect(QRectF(left, self.snapped(y - width / 2), right - left, width), color)

    def shade(self, color: str, opacity: float) -> QColor:
        shaded = QColor(color)
        shaded.setAlphaF(min(1.0, opacity * (2.0 if self.colors.heavy else 1.0)))
        return shaded

    def pen(self, color: str, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
        return QPen(
            QColor(color), width * self.unit, style, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        )

    # the standing layer

    def card(self) -> None:
        box = self.layout.card
        area = QRectF(box.left, box.top, box.width, box.height)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(QColor(self.sheet.ground))
        if self.style.rounded:
            self.painter.drawRoundedRect(area, 12, 12)
        else:
            self.painter.drawRect(area)
        self.painter.fillRect(self.plot, QColor(self.sheet.paper))

    def curve(self, z: float) -> list[Point]:
        if self.model.sex is None:
            return []
        if z not in self.curves:
            points = line(self.model.table, self.model.sex, z)
            first = bisect_right(points, self.model.x.low, key=itemgetter(0))
            last = bisect_left(points, self.model.x.high, key=itemgetter(0))
            self.curves[z] = [self.frame.pixel(point) for point in points[max(0, first - 1) : last + 1]]
        return self.curves[z]

    def bands(self) -> None:
        self.painter.setPen(Qt.PenStyle.NoPen)
        for band in self.model.bands:
            if band.tint is Tint.NONE:
                continue
            self.painter.setBrush(QColor(self.colors.tints[band.tint]))
            self.painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in self.outline(band)]))

    def outline(self, band: Band) -> list[Point]:
        box = self.frame.box
        lower = self.curve(band.low) if band.low is not None else []
        upper = self.curve(band.high) if band.high is not None else []
        ends = [curve for curve in (lower, upper) if curve]
        if not ends:
            return []
        left, right = ends[0][0][0], ends[0][-1][0]
        lower = lower or [(left, box.bottom + 2), (right, box.bottom + 2)]
        upper = upper or [(left, box.top - 2), (right, box.top - 2)]
        return [*lower, *reversed(upper)]

    def grid(self) -> None:
        box, layout = self.frame.box, self.layout
        faint, plain, strong = (self.shade(self.colors.grid, opacity) for opacity in (0.055, 0.13, 0.42))
        if layout.pitch * 1.0 >= 6 * self.style.unit:
            for x in marks(self.model.x, 1.0):
                self.upright(self.frame.px(x), box.top, box.bottom, faint)
        if layout.y_step / 2 / self.model.y.width * box.height >= 9 * self.style.unit:
            for y in marks(self.model.y, layout.y_step / 2):
                self.level(self.frame.py(y), box.left, box.right, faint)
        for x in x_marks(layout):
            if self.model.by_length or x % 12:
                self.upright(self.frame.px(x), box.top, box.bottom, plain)
        for y in y_marks(layout):
            self.level(self.frame.py(y), box.left, box.right, plain)
        for x in self.years():
            self.upright(self.frame.px(x), box.top, box.bottom, strong)

    def years(self) -> list[float]:
        if self.model.by_length:
            return []
        return [x for x in marks(self.model.x, 12.0) if self.model.x.low < x < self.model.x.high]

    def standard_lines(self) -> None:
        for z in self.levels():
            path = _path(self.curve(z))
            if path is None:
                continue
            self.painter.setBrush(Qt.BrushStyle.NoBrush)
            self.painter.setPen(self.standard_pen(z))
            self.painter.drawPath(path)

    def levels(self) -> list[float]:
        if self.model.is_kms:
            return sorted({*SD_LINES, self.model.red_line, self.model.orange_line})
        return list(SD_LINES)

    def standard_pen(self, z: float) -> QPen:
        colors = self.colors
        if self.model.is_kms:
            if z == self.model.red_line:
                return self.pen(colors.red_line, 2.8)
            if z == self.model.orange_line:
                return self.pen(colors.orange_line, 2.4)
            return self.pen(colors.median, 1.3) if z == 0 else self.pen(colors.edge, 0.8)
        pens = {
            Weight.MEDIAN: (colors.median, 1.8),
            Weight.LIMIT: (colors.limit, 1.4),
            Weight.SEVERE: (colors.severe, 2.2),
            Weight.GUIDE: (colors.edge, 0.8),
        }
        return self.pen(*pens[weight(self.model.table, z)])

    def names(self) -> None:
        """Write the names of lines and bands along them, where the child's line leaves room."""
        if self.model.is_kms:
            font = self.style.font(0.86, 600, figures=False)
            self.name_along(
                self.curve(self.model.red_line), tr("garis merah"), self.colors.red_text, font, below=True
            )
            self.name_along(
                self.curve(self.model.orange_line),
                tr("garis oranye"),
                self.colors.orange_text,
                font,
                below=False,
            )
            return
        font = self.style.font(0.86, 500, figures=False)
        for band in self.model.bands:
            if band.name is None:
                continue
            if band.low is None and band.high is not None:
                self.name_along(self.curve(band.high), band.name, self.colors.ink_soft, font, below=True)
            elif band.high is None and band.low is not None:
                self.name_along(self.curve(band.low), band.name, self.colors.ink_soft, font, below=False)
            elif band.name_z is not None:
                lower, upper = self.curve(floor(band.name_z)), self.curve(ceil(band.name_z))
                self.name_between(lower, upper, band.name, font)

    def name_along(self, curve: list[Point], name: str, color: str, font: QFont, *, below: bool) -> None:
        away = self.style.text_px * 0.86 * (1 if below else -1)
        self.name_line([(x, y + away) for x, y in curve], name, color, font)

    def name_between(self, lower: list[Point], upper: list[Point], name: str, font: QFont) -> None:
        x = self.frame.box.right - self.style.text_px * 3
        low, high = height_at(lower, x), height_at(upper, x)
        if low is None or high is None or low - high < self.style.text_px * 1.15:
            return
        middle = [(x, (y + other) / 2) for x, y in lower if (other := height_at(upper, x)) is not None]
        self.name_line(middle, name, self.colors.ink_soft, font)

    def name_line(self, track: list[Point], name: str, color: str, font: QFont) -> None:
        """Write `name` on the track, as far right as the child's line allows; not at all without room."""
        width = QFontMetricsF(font).horizontalAdvance(name)
        tall = self.style.text_px * 0.62
        box = self.frame.box
        busy = self.busy()
        for share in self.shares(width):
            right = box.left + box.width * share
            left = right - width
            start, end = height_at(track, left), height_at(track, right)
            if start is None or end is None:
                continue
            if not all(box.top + tall < y < box.bottom - tall for y in (start, end)):
                continue
            reach = Box(left, min(start, end) - tall, right, max(start, end) + tall).grown(self.unit * 3)
            slope = (end - start) / width
            if any(
                reach.holds(point) and abs(point[1] - (start + (point[0] - left) * slope)) < tall * 1.6
                for point in busy
            ):
                continue
            self.painter.save()
            self.painter.translate((left + right) / 2, (start + end) / 2)
            self.painter.rotate(degrees(atan2(end - start, width)))
            self.text(QRectF(-width, -tall * 2, width * 2, tall * 4), _CENTER, name, color, font)
            self.painter.restore()
            return

    def shares(self, width: float) -> tuple[float, ...]:
        """Where a name may end, best first: away from the newest point, where the next one says its value."""
        box = self.frame.box
        shown = [point for point in self.model.points if in_window(point, self.model)]
        rightmost = (0.985, 0.8, 0.62, 0.45)
        early = not shown or self.place(shown[-1])[0] < box.left + box.width * 0.6
        if early or not self.model.is_kms:  # elsewhere the bands are too narrow at their beginning
            return rightmost
        first = (width + self.style.text_px) / max(box.width, 1.0)
        return (first, first + 0.17, *rightmost)

    def busy(self) -> list[Point]:
        """The pixels of the child's line, which words must not cover."""
        shown = [point for point in self.model.points if in_window(point, self.model)]
        spots = [position(point, self.layout, self.style) for point in shown]
        chain = [self.place(point) for point in shown if point.mark is not Mark.IMPLAUSIBLE]
        return spots + along(chain, 8.0)

    def place(self, point: ChartPoint) -> Point:
        return position(point, self.layout, self.style)

    def child_line(self) -> None:
        solid, dotted = QPainterPath(), []
        for start, end, gap in self.model.links():
            a, b = QPointF(*self.frame.pixel((start.x, start.y))), QPointF(*self.frame.pixel((end.x, end.y)))
            if gap:
                dotted.append(QLineF(a, b))
            else:
                if solid.currentPosition() != a or solid.elementCount() == 0:
                    solid.moveTo(a)
                solid.lineTo(b)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        casing = self.pen(self.colors.casing, 5.4)
        casing.setColor(self.shade(self.colors.casing, 0.8))
        self.painter.setPen(casing)
        self.painter.drawPath(solid)
        self.painter.setPen(self.pen(self.colors.child, 2.5))
        self.painter.drawPath(solid)
        if dotted:
            dots = self.pen(self.colors.child, 2.3)
            dots.setDashPattern([0.01, 2.4])
            self.painter.setPen(dots)
            self.painter.drawLines(dotted)

    def border(self) -> None:
        box = self.frame.box
        color = self.shade(self.colors.grid, 0.42)
        self.level(box.bottom, box.left, box.right, color)
        self.upright(box.left, box.top, box.bottom, color)

    def radius(self) -> float:
        pitch = self.layout.pitch * (0.5 if self.model.by_length else 1.0)
        return min(4.3, max(2.5, pitch * 0.3 / self.style.unit)) * self.unit

    def marks(self) -> None:
        shown = [point for point in self.model.points if in_window(point, self.model)]
        for point in shown:
            self.mark(point, self.radius() * self.emphasis(point))

    def emphasis(self, point: ChartPoint) -> float:
        """The newest point is drawn larger."""
        return 1.25 if point is self.model.points[-1] else 1.0

    def mark(self, point: ChartPoint, radius: float) -> None:
        x, y = self.place(point)
        color = self.colors.falling if point.mark is Mark.IMPLAUSIBLE else self.colors.child
        if point.mark is Mark.IMPLAUSIBLE or off_paper(point, self.model):
            self.cross(x, y, radius * 1.15, color)
        else:
            self.painter.setPen(QPen(QColor(self.colors.casing), min(1.5 * self.unit, radius * 0.36)))
            self.painter.setBrush(QColor(color))
            if point.mark is Mark.BIRTH:
                reach = radius * 1.25
                self.painter.drawPolygon(
                    QPolygonF(
                        [
                            QPointF(x, y - reach),
                            QPointF(x + reach, y),
                            QPointF(x, y + reach),
                            QPointF(x - reach, y),
                        ]
                    )
                )
            else:
                self.painter.drawEllipse(QPointF(x, y), radius, radius)
            if point.double:
                self.painter.setPen(Qt.PenStyle.NoPen)
                self.painter.setBrush(QColor(self.colors.casing))
                self.painter.drawEllipse(QPointF(x, y), radius * 0.4, radius * 0.4)
        if off_paper(point, self.model):
            self.edge_value(point, x, y, color)

    def cross(self, x: float, y: float, reach: float, color: str) -> None:
        arms = [
            QLineF(x - reach, y - reach, x + reach, y + reach),
            QLineF(x - reach, y + reach, x + reach, y - reach),
        ]
        self.painter.setPen(self.pen(self.colors.casing, 5.0))
        self.painter.drawLines(arms)
        self.painter.setPen(self.pen(color, 2.4))
        self.painter.drawLines(arms)

    def edge_value(self, point: ChartPoint, x: float, y: float, color: str) -> None:
        """Say the value of a point that lies off the paper, with an arrow to where it lies."""
        box = self.frame.box
        arrow = "↑" if point.y > self.model.y.high else "↓"
        font = self.style.font(0.86, 600)
        words = f"{arrow} {point.value}"
        width = min(QFontMetricsF(font).horizontalAdvance(words), box.width / 2)
        left = x + self.unit * 13 if x + width + self.unit * 17 < box.right else x - width - self.unit * 13
        area = QRectF(left, y - self.style.text_px * 0.75, width, self.style.text_px * 1.5)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(self.shade(self.colors.note, 0.85))
        self.painter.drawRoundedRect(area.adjusted(-3, 0, 3, 0), 4, 4)
        self.text(
            area,
            _LEFT,
            QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, width + 1),
            color,
            font,
        )

    def title(self) -> None:
        layout, style = self.layout, self.style
        card = layout.card
        words = {
            Sex.MALE: tr("Laki-laki"),
            Sex.FEMALE: tr("Perempuan"),
            None: tr("Jenis kelamin belum diisi"),
        }
        sex = words[self.model.sex]
        font = style.font(1.0, 500, figures=False)
        width = QFontMetricsF(font).horizontalAdvance(sex)
        height = layout.title_height
        right = card.right - layout.margin
        left = card.left + layout.margin
        bold = style.font(1.18, 600, figures=False)
        room = max(0.0, right - left - width - style.text_px)
        metrics = QFontMetricsF(bold)
        fits = metrics.horizontalAdvance(self.model.title) <= room
        title = self.model.title if fits else self.model.short_title
        title = metrics.elidedText(title, Qt.TextElideMode.ElideRight, room)
        self.text(QRectF(left, layout.title_top, room, height), _LEFT, title, self.sheet.ink, bold)
        self.text(
            QRectF(right - width - 1, layout.title_top, width + 1, height), _RIGHT, sex, self.sheet.ink, font
        )

    def axes(self) -> None:
        layout, style, box = self.layout, self.style, self.frame.box
        text = style.text_px
        plain, bold, small = style.font(), style.font(1.0, 600), style.font(0.88, 500)
        gutter = text * 0.5
        label_width = box.left - layout.card.left - gutter
        for y in y_marks(layout):
            row = self.frame.py(y)
            area = QRectF(layout.card.left, row - text, label_width, text * 2)
            self.text(area, _RIGHT, axis_text(y), self.colors.ink, plain)
        strip = text * 1.4
        self.text(
            QRectF(box.left - text * 0.4, layout.strip_top, text * 6, strip),
            _LEFT,
            y_unit(self.model),
            self.colors.ink_soft,
            small,
        )
        for x in x_marks(layout):
            column = self.frame.px(x)
            year = not self.model.by_length and x % 12 == 0
            area = QRectF(column - text * 2, box.bottom, text * 4, layout.axis_bottom - box.bottom)
            self.text(area, _CENTER, axis_text(x), self.colors.ink, bold if year else plain)
        self.text(
            QRectF(
                layout.card.left + layout.margin, box.bottom, label_width, layout.axis_bottom - box.bottom
            ),
            _LEFT,
            x_unit(self.model),
            self.colors.ink_soft,
            small,
        )
        for x in self.years():
            column = self.frame.px(x)
            words = tr("1 tahun") if x == 12 else tr("{years} tahun").format(years=round(x / 12))
            width = QFontMetricsF(small).horizontalAdvance(words)
            column = min(max(column, box.left + width / 2), box.right - width / 2)
            self.text(
                QRectF(column - width, layout.strip_top, width * 2, strip),
                _CENTER,
                words,
                self.colors.ink_soft,
                small,
            )

    def line_ends(self) -> None:
        """Label each line at its right end, apart from one another."""
        box, text = self.frame.box, self.style.text_px
        ends: list[tuple[float, float]] = []
        for z in self.levels():
            curve = self.curve(z)
            y = height_at(curve, min(box.right, curve[-1][0])) if curve else None
            if y is not None and box.top - 1 <= y <= box.bottom + 1:
                ends.append((y, z))
        ends.sort()
        rows = spread([y for y, _ in ends], text * 1.08, box.top - text * 0.4, box.bottom - text * 0.2)
        for (_, z), row in zip(ends, rows, strict=True):
            color, weight = self.colors.ink, 400
            if self.model.is_kms and z == self.model.red_line:
                color, weight = self.colors.red_text, 600
            elif self.model.is_kms and z == self.model.orange_line:
                color, weight = self.colors.orange_text, 600
            elif z == 0:
                weight = 600
            area = QRectF(box.right + text * 0.4, row - text, self.layout.card.right - box.right, text * 2)
            self.text(area, _LEFT, _sd_text(z), color, self.style.font(0.92, weight))

    # the rows under the months

    def rows(self) -> None:
        box, layout, text = self.frame.box, self.layout, self.style.text_px
        label_width = box.left - layout.card.left - text * 0.5
        rule = self.shade(self.colors.grid, 0.13)
        for row, top, bottom in layout.rows:
            self.level(top, layout.card.left + layout.margin, box.right, rule)
            area = QRectF(layout.card.left + layout.margin, top, label_width, bottom - top)
            self.text(area, _LEFT, row_label(row), self.colors.ink_soft, self.style.font(0.88, 500))
            if row is Row.GAINS:
                self.gains(top, bottom)
            elif row is Row.WEIGHTS:
                self.weights(top, bottom)
            else:
                self.letters(top, bottom)

    def gains(self, top: float, bottom: float) -> None:
        """The least gain for each month, one cell for each run of equal months, as printed on the card."""
        gains, font = self.model.minimum_gains, self.style.font(0.84)
        box, x = self.frame.box, self.model.x
        start = 0
        while start < LAST_MONTH:
            end = start + 1
            while end < LAST_MONTH and gains[end] == gains[start]:
                end += 1
            left, right = max(float(start), x.low), min(float(end), x.high)
            if left < right:
                area = QRectF(
                    self.frame.px(left), top, self.frame.px(right) - self.frame.px(left), bottom - top
                )
                words = str(gains[start])
                if QFontMetricsF(font).horizontalAdvance(words) <= area.width():
                    self.text(area, _CENTER, words, self.colors.ink, font)
                if right < x.high:
                    self.upright(area.right(), top + 3, bottom - 3, self.shade(self.colors.grid, 0.2))
            start = end
        self.level(
            bottom, self.layout.card.left + self.layout.margin, box.right, self.shade(self.colors.grid, 0.13)
        )

    def weights(self, top: float, bottom: float) -> None:
        """The weights under their points, the newest first; one without room is left to the callout."""
        font = self.style.font(0.84)
        metrics, box = QFontMetricsF(font), self.frame.box
        taken: list[tuple[float, float]] = []
        for point in reversed(self.model.points):
            if not in_window(point, self.model) or point.mark is Mark.IMPLAUSIBLE:
                continue
            words = point.value.removesuffix(" kg")
            width = metrics.horizontalAdvance(words)
            x = self.frame.px(point.x)
            left = min(max(x - width / 2, box.left - width / 3), box.right - width * 2 / 3)
            if any(
                left < right + 3 * self.unit and start < left + width + 3 * self.unit
                for start, right in taken
            ):
                continue
            taken.append((left, left + width))
            self.text(QRectF(left, top, width + 1, bottom - top), _CENTER, words, self.colors.ink, font)

    def lettered(self) -> list[ChartPoint]:
        return [
            point for point in self.model.points if point.record is not None and in_window(point, self.model)
        ]

    def chip(self) -> float:
        return min(self.style.text_px * 1.42, max(self.style.text_px * 0.72, self.layout.pitch * 0.94))

    def boxed(self, size: float) -> bool:
        """Whether there is room for a chip about the letter; without it T runs are underlined."""
        return size >= self.style.text_px * 1.05

    def letter_places(self, points: Sequence[ChartPoint]) -> list[tuple[ChartPoint, float]]:
        """Where the letters go, the newest that fit, none over another."""
        box, size = self.frame.box, self.chip()
        fit = max(1, int((box.width + size) / size))
        newest = list(points[-fit:])
        rows = spread([self.frame.px(point.x) for point in newest], size, box.left, box.right)
        return list(zip(newest, rows, strict=True))

    def letters(self, top: float, bottom: float) -> None:
        size, middle = self.chip(), (top + bottom) / 2
        placed = [(point.record, x) for point, x in self.letter_places(self.lettered()) if point.record]
        boxed = self.boxed(size)
        self.painter.setPen(self.pen(self.colors.falling, 2.6 if boxed else 1.6))
        row = middle if boxed else middle + size * 0.72
        for (_, start), (record, end) in pairwise(placed):
            if record.two_t:
                self.painter.drawLine(QPointF(start, row), QPointF(end, row))
        for record, x in placed:
            self.letter(record.letter, x, middle, size)

    def letter(self, letter: Letter, x: float, y: float, size: float) -> None:
        """One letter on its chip: T full, N light, B and O without ground, so that shape tells too."""
        colors = self.colors
        area = QRectF(x - size / 2, y - size / 2, size, size).adjusted(0.75, 0.75, -0.75, -0.75)
        painter = self.painter
        boxed = self.boxed(size)
        if letter is Letter.T:
            if boxed:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colors.falling))
                painter.drawRoundedRect(area, size * 0.24, size * 0.24)
            color = colors.on_falling if boxed else colors.falling
        elif letter is Letter.N:
            if boxed:
                painter.setPen(QPen(QColor(colors.rising), self.unit))
                painter.setBrush(QColor(colors.rising_soft))
                painter.drawEllipse(area)
            color = colors.rising
        else:
            color = colors.plain
        font = self.style.font(size / self.style.text_px * (0.68 if boxed else 0.9), 600)
        self.text(QRectF(x - size, y - size, size * 2, size * 2), _CENTER, letter.value, color, font)

    def notes(self) -> None:
        """What the reader must know first, in the corner above the lines that growth never reaches."""
        if not self.model.notes:
            return
        text, box = self.style.text_px, self.frame.box
        font = self.style.font(1.0, 500, figures=False)
        width = min(box.width * 0.62, text * 30)
        lines = [line for note in self.model.notes for line in _wrapped(note, font, width)]
        height = text * 1.5 * len(lines)
        inner = text * 0.8
        wide = max(QFontMetricsF(font).horizontalAdvance(words) for words in lines)
        area = QRectF(box.left + text * 0.7, box.top + text * 0.7, wide + inner * 2, height + inner * 1.4)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(self.shade(self.colors.note, 0.9))
        self.painter.drawRoundedRect(area, 8, 8)
        for at, words in enumerate(lines):
            place = QRectF(
                area.left() + inner, area.top() + inner * 0.7 + at * text * 1.5, wide + 1, text * 1.5
            )
            self.text(place, _LEFT, words, self.colors.ink, font)

    # the passing layer

    def preview(self, point: ChartPoint, *, labelled: bool) -> None:
        """The point being typed: a hollow ring with its value, joined by dashes, its letter outlined."""
        painter, colors, unit = self.painter, self.colors, self.unit
        x, y = self.place(point)
        painter.save()
        painter.setClipRect(
            self.plot.adjusted(-8 * unit, -8 * unit, 8 * unit, 8 * unit), Qt.ClipOperation.IntersectClip
        )
        dashes = self.pen(colors.fresh, 2.4)
        dashes.setCapStyle(Qt.PenCapStyle.FlatCap)
        dashes.setDashPattern([1.5, 1.1])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        ends = [
            (self.frame.pixel((a.x, a.y)), self.frame.pixel((b.x, b.y)))
            for a, b in self.model.preview_links()
        ]
        strokes = [QLineF(QPointF(*start), QPointF(*end)) for start, end in ends]
        casing = self.pen(colors.casing, 5.0)
        casing.setColor(self.shade(colors.casing, 0.8))
        painter.setPen(casing)
        painter.drawLines(strokes)
        painter.setPen(dashes)
        painter.drawLines(strokes)
        painter.restore()
        for neighbour in {end for stroke in self.model.preview_links() for end in stroke} - {point}:
            if in_window(neighbour, self.model):
                self.mark(neighbour, self.radius() * self.emphasis(neighbour))

        halo = QColor(colors.fresh)
        halo.setAlphaF(0.16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(halo)
        painter.drawEllipse(QPointF(x, y), 12 * unit, 12 * unit)
        strange = point.mark is Mark.IMPLAUSIBLE or off_paper(point, self.model)
        reach = (8 if strange else 6) * unit
        painter.setPen(QPen(QColor(colors.fresh), 2.8 * unit))
        painter.setBrush(QColor(colors.casing))
        painter.drawEllipse(QPointF(x, y), reach, reach)
        if strange:
            self.cross(x, y, 3.4 * unit, colors.falling)
        for row, top, bottom in self.layout.rows:
            if row is Row.LETTERS:
                self.preview_letter(point, (top + bottom) / 2)
        if labelled:
            self.value_chip(point, (x, y))

    def preview_letter(self, point: ChartPoint, middle: float) -> None:
        if point.record is None:
            return
        size = self.chip()
        taken = [x for _, x in self.letter_places(self.lettered())]
        x = self.frame.px(point.x)
        for other in taken:
            if abs(other - x) < size:
                x = other + size if point.x >= self.model.x.low else x
        area = QRectF(x - size / 2, middle - size / 2, size, size)
        self.painter.setPen(QPen(QColor(self.colors.fresh), 1.6 * self.unit))
        self.painter.setBrush(QColor(self.colors.casing))
        self.painter.drawRoundedRect(area, size * 0.24, size * 0.24)
        font = self.style.font(size / self.style.text_px * 0.68, 600)
        self.text(
            area.adjusted(-size, -size, size, size),
            _CENTER,
            point.record.letter.value,
            self.colors.fresh,
            font,
        )

    def value_chip(self, point: ChartPoint, anchor: Point) -> None:
        text = self.style.text_px
        font = self.style.font(1.2, 600)
        arrow = "" if not off_paper(point, self.model) else "↑ " if point.y > self.model.y.high else "↓ "
        words = arrow + point.value
        width = QFontMetricsF(font).horizontalAdvance(words) + text * 1.2
        box = place_box(anchor, (width, text * 2.0), self.frame.box.grown(-3), self.busy(), 15 * self.unit)
        area = QRectF(box.left, box.top, box.width, box.height)
        self.painter.setPen(QPen(QColor(self.colors.fresh), 1.6 * self.unit))
        self.painter.setBrush(QColor(self.colors.casing))
        self.painter.drawRoundedRect(area, text, text)
        self.text(area, _CENTER, words, self.colors.fresh, font)

    def callout(self, point: ChartPoint) -> None:
        """The point being read: a ring, a line down to its month, and what it says."""
        painter, colors, unit, text = self.painter, self.colors, self.unit, self.style.text_px
        box = self.frame.box
        x, y = self.place(point)
        self.upright(x, y + 8 * unit, box.bottom, self.shade(colors.focus, 0.55), 1.2)
        painter.setPen(QPen(QColor(colors.focus), 2.4 * unit))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(x, y), 9 * unit, 9 * unit)

        head = self.style.font(1.08, 600, figures=False)
        body = self.style.font(1.0, 400, figures=False)
        room = max(text * 10, min(box.width - text * 2, text * 26))
        detail = point.detail(saved=point is not self.model.preview)
        lines = [(words, head) for words in _joined(point.head(), head, room)]
        lines += [(words, body) for words in _joined(detail, body, room)]
        wide = max(QFontMetricsF(font).horizontalAdvance(words) for words, font in lines)
        step, inner = text * 1.5, text * 0.85
        size = (wide + inner * 2, step * len(lines) + inner * 1.3)
        place = place_box((x, y), size, box.grown(-2), self.busy(), 17 * unit)
        area = QRectF(place.left, place.top, place.width, place.height)
        painter.setPen(QPen(QColor(colors.on_callout), 1.5 * unit))
        painter.setBrush(QColor(colors.callout))
        painter.drawRoundedRect(area, 8, 8)
        for at, (words, font) in enumerate(lines):
            row = QRectF(area.left() + inner, area.top() + inner * 0.65 + at * step, wide + 1, step)
            color = colors.on_callout if font is head else colors.on_callout_soft
            self.text(row, _LEFT, words, color, font)


def _path(points: Sequence[Point]) -> QPainterPath | None:
    if len(points) < 2:
        return None
    path = QPainterPath(QPointF(*points[0]))
    for x, y in points[1:]:
        path.lineTo(x, y)
    return path


def _sd_text(z: float) -> str:
    number = written(f"{abs(z):g}")
    return number if z == 0 else f"{'+' if z > 0 else '−'}{number}"


def _joined(parts: Sequence[str], font: QFont, room: float) -> list[str]:
    """The parts with dots between them, in as few lines as fit; longer parts are wrapped."""
    metrics = QFontMetricsF(font)
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]} · {part}" if lines else part
        if lines and metrics.horizontalAdvance(longer) <= room:
            lines[-1] = longer
        else:
            lines.extend(_wrapped(part, font, room))
    return lines


def _wrapped(words: str, font: QFont, room: float) -> list[str]:
    metrics = QFontMetricsF(font)
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and metrics.horizontalAdvance(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(metrics.elidedText(word, Qt.TextElideMode.ElideRight, room))
    return lines
