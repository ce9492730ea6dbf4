"""The card under the growth: its ground, the bands and lines of the standard, the grid."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen, QPolygonF

from posyandu_app.ui.charts.canvas import Canvas
from posyandu_app.ui.charts.geometry import Point, marks
from posyandu_app.ui.charts.layout import x_marks, y_marks
from posyandu_app.ui.charts.standards import Band, Tint, Weight, weight


def paint_ground(canvas: Canvas) -> None:
    """The ground in the colour of the child's sex, and the paper in it."""
    box = canvas.layout.card
    area = QRectF(box.left, box.top, box.width, box.height)
    canvas.painter.setPen(Qt.PenStyle.NoPen)
    canvas.painter.setBrush(QColor(canvas.sheet.ground))
    if canvas.style.rounded:
        canvas.painter.drawRoundedRect(area, 12, 12)
    else:
        canvas.painter.drawRect(area)
    canvas.painter.fillRect(canvas.plot, QColor(canvas.sheet.paper))


def paint_bands(canvas: Canvas) -> None:
    """The bands between lines of the standard."""
    canvas.painter.setPen(Qt.PenStyle.NoPen)
    for band in canvas.model.bands:
        if band.tint is Tint.NONE:
            continue
        canvas.painter.setBrush(QColor(canvas.colors.tints[band.tint]))
        canvas.painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in _outline(canvas, band)]))


def _outline(canvas: Canvas, band: Band) -> list[Point]:
    box = canvas.frame.box
    lower = canvas.curve(band.low) if band.low is not None else []
    upper = canvas.curve(band.high) if band.high is not None else []
    ends = [curve for curve in (lower, upper) if curve]
    if not ends:
        return []
    left, right = ends[0][0][0], ends[0][-1][0]
    lower = lower or [(left, box.bottom + 2), (right, box.bottom + 2)]
    upper = upper or [(left, box.top - 2), (right, box.top - 2)]
    return [*lower, *reversed(upper)]


def paint_grid(canvas: Canvas) -> None:
    """Months and units faint, labelled ones plain, years strong."""
    box, layout = canvas.frame.box, canvas.layout
    faint, plain, strong = (canvas.shade(canvas.colors.grid, opacity) for opacity in (0.055, 0.13, 0.42))
    if layout.pitch * 1.0 >= 6 * canvas.style.unit:
        for x in marks(canvas.model.x, 1.0):
            canvas.upright(canvas.frame.px(x), box.top, box.bottom, faint)
    if layout.y_step / 2 / canvas.model.y.width * box.height >= 9 * canvas.style.unit:
        for y in marks(canvas.model.y, layout.y_step / 2):
            canvas.level(canvas.frame.py(y), box.left, box.right, faint)
    for x in x_marks(layout):
        if canvas.model.by_length or x % 12:
            canvas.upright(canvas.frame.px(x), box.top, box.bottom, plain)
    for y in y_marks(layout):
        canvas.level(canvas.frame.py(y), box.left, box.right, plain)
    for x in canvas.years():
        canvas.upright(canvas.frame.px(x), box.top, box.bottom, strong)


def paint_lines(canvas: Canvas) -> None:
    """The lines of the standard."""
    for z in canvas.levels():
        path = _path(canvas.curve(z))
        if path is None:
            continue
        canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
        canvas.painter.setPen(_pen(canvas, z))
        canvas.painter.drawPath(path)


def _pen(canvas: Canvas, z: float) -> QPen:
    colors = canvas.colors
    if canvas.model.is_kms:
        if z == canvas.model.red_line:
            return canvas.pen(colors.red_line, 2.8)
        if z == canvas.model.orange_line:
            return canvas.pen(colors.orange_line, 2.4)
        return canvas.pen(colors.median, 1.3) if z == 0 else canvas.pen(colors.edge, 0.8)
    pens = {
        Weight.MEDIAN: (colors.median, 1.8),
        Weight.LIMIT: (colors.limit, 1.4),
        Weight.SEVERE: (colors.severe, 2.2),
        Weight.GUIDE: (colors.edge, 0.8),
    }
    return canvas.pen(*pens[weight(canvas.model.table, z)])


def paint_border(canvas: Canvas) -> None:
    """The two axes."""
    box = canvas.frame.box
    color = canvas.shade(canvas.colors.grid, 0.42)
    canvas.level(box.bottom, box.left, box.right, color)
    canvas.upright(box.left, box.top, box.bottom, color)


def _path(points: Sequence[Point]) -> QPainterPath | None:
    if len(points) < 2:
        return None
    path = QPainterPath(QPointF(*points[0]))
    for x, y in points[1:]:
        path.lineTo(x, y)
    return path
