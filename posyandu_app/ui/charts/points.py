"""The child's weighings: her line, the mark of each, the one being typed."""

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainterPath, QPen, QPolygonF

from posyandu_app.ui.charts.canvas import LEFT, Canvas
from posyandu_app.ui.charts.layout import in_window, off_paper
from posyandu_app.ui.charts.model import ChartPoint, Mark


def paint_line(canvas: Canvas) -> None:
    """Her line, dotted over months without a weighing."""
    solid, dotted = QPainterPath(), []
    for start, end, gap in canvas.model.links():
        a, b = QPointF(*canvas.frame.pixel((start.x, start.y))), QPointF(*canvas.frame.pixel((end.x, end.y)))
        if gap:
            dotted.append(QLineF(a, b))
        else:
            if solid.currentPosition() != a or solid.elementCount() == 0:
                solid.moveTo(a)
            solid.lineTo(b)
    canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
    casing = canvas.pen(canvas.colors.casing, 5.4)
    casing.setColor(canvas.shade(canvas.colors.casing, 0.8))
    canvas.painter.setPen(casing)
    canvas.painter.drawPath(solid)
    canvas.painter.setPen(canvas.pen(canvas.colors.child, 2.5))
    canvas.painter.drawPath(solid)
    if dotted:
        dots = canvas.pen(canvas.colors.child, 2.3)
        dots.setDashPattern([0.01, 2.4])
        canvas.painter.setPen(dots)
        canvas.painter.drawLines(dotted)


def paint_marks(canvas: Canvas) -> None:
    """A mark for each weighing."""
    for point in canvas.shown():
        _mark(canvas, point, _radius(canvas) * _emphasis(canvas, point))


def _mark(canvas: Canvas, point: ChartPoint, radius: float) -> None:
    x, y = canvas.place(point)
    color = canvas.colors.falling if point.mark is Mark.IMPLAUSIBLE else canvas.colors.child
    if point.mark is Mark.IMPLAUSIBLE or off_paper(point, canvas.model):
        _cross(canvas, x, y, radius * 1.15, color)
    else:
        canvas.painter.setPen(QPen(QColor(canvas.colors.casing), min(1.5 * canvas.unit, radius * 0.36)))
        canvas.painter.setBrush(QColor(color))
        if point.mark is Mark.BIRTH:
            reach = radius * 1.25
            canvas.painter.drawPolygon(
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
            canvas.painter.drawEllipse(QPointF(x, y), radius, radius)
        if point.double:
            canvas.painter.setPen(Qt.PenStyle.NoPen)
            canvas.painter.setBrush(QColor(canvas.colors.casing))
            canvas.painter.drawEllipse(QPointF(x, y), radius * 0.4, radius * 0.4)
    if off_paper(point, canvas.model):
        _edge_value(canvas, point, x, y, color)


def _radius(canvas: Canvas) -> float:
    pitch = canvas.layout.pitch * (0.5 if canvas.model.by_length else 1.0)
    return min(4.3, max(2.5, pitch * 0.3 / canvas.style.unit)) * canvas.unit


def _emphasis(canvas: Canvas, point: ChartPoint) -> float:
    """The newest point is drawn larger."""
    return 1.25 if point is canvas.model.points[-1] else 1.0


def _cross(canvas: Canvas, x: float, y: float, reach: float, color: str) -> None:
    arms = [
        QLineF(x - reach, y - reach, x + reach, y + reach),
        QLineF(x - reach, y + reach, x + reach, y - reach),
    ]
    canvas.painter.setPen(canvas.pen(canvas.colors.casing, 5.0))
    canvas.painter.drawLines(arms)
    canvas.painter.setPen(canvas.pen(color, 2.4))
    canvas.painter.drawLines(arms)


def _edge_value(canvas: Canvas, point: ChartPoint, x: float, y: float, color: str) -> None:
    """Say the value of a point that lies off the paper, with an arrow to where it lies."""
    box = canvas.frame.box
    arrow = "↑" if point.y > canvas.model.y.high else "↓"
    font = canvas.style.font(0.86, 600)
    words = f"{arrow} {point.value}"
    width = min(QFontMetricsF(font).horizontalAdvance(words), box.width / 2)
    left = x + canvas.unit * 13 if x + width + canvas.unit * 17 < box.right else x - width - canvas.unit * 13
    area = QRectF(left, y - canvas.style.text_px * 0.75, width, canvas.style.text_px * 1.5)
    canvas.painter.setPen(Qt.PenStyle.NoPen)
    canvas.painter.setBrush(canvas.shade(canvas.colors.note, 0.85))
    canvas.painter.drawRoundedRect(area.adjusted(-3, 0, 3, 0), 4, 4)
    canvas.text(
        area,
        LEFT,
        QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, width + 1),
        color,
        font,
    )


def paint_preview(canvas: Canvas, point: ChartPoint) -> None:
    """The point being typed: a hollow ring, joined by dashes."""
    painter, colors, unit = canvas.painter, canvas.colors, canvas.unit
    x, y = canvas.place(point)
    painter.save()
    painter.setClipRect(
        canvas.plot.adjusted(-8 * unit, -8 * unit, 8 * unit, 8 * unit), Qt.ClipOperation.IntersectClip
    )
    dashes = canvas.pen(colors.fresh, 2.4)
    dashes.setCapStyle(Qt.PenCapStyle.FlatCap)
    dashes.setDashPattern([1.5, 1.1])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    ends = [
        (canvas.frame.pixel((a.x, a.y)), canvas.frame.pixel((b.x, b.y)))
        for a, b in canvas.model.preview_links()
    ]
    strokes = [QLineF(QPointF(*start), QPointF(*end)) for start, end in ends]
    casing = canvas.pen(colors.casing, 5.0)
    casing.setColor(canvas.shade(colors.casing, 0.8))
    painter.setPen(casing)
    painter.drawLines(strokes)
    painter.setPen(dashes)
    painter.drawLines(strokes)
    painter.restore()
    for neighbour in {end for stroke in canvas.model.preview_links() for end in stroke} - {point}:
        if in_window(neighbour, canvas.model):
            _mark(canvas, neighbour, _radius(canvas) * _emphasis(canvas, neighbour))

    halo = QColor(colors.fresh)
    halo.setAlphaF(0.16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(halo)
    painter.drawEllipse(QPointF(x, y), 12 * unit, 12 * unit)
    strange = point.mark is Mark.IMPLAUSIBLE or off_paper(point, canvas.model)
    reach = (8 if strange else 6) * unit
    painter.setPen(QPen(QColor(colors.fresh), 2.8 * unit))
    painter.setBrush(QColor(colors.casing))
    painter.drawEllipse(QPointF(x, y), reach, reach)
    if strange:
        _cross(canvas, x, y, 3.4 * unit, colors.falling)
