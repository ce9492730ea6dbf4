"""Boxes with words over the chart: notes, the value being typed, the point being read."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPen

from posyandu_app.ui.charts.canvas import CENTER, LEFT, Canvas
from posyandu_app.ui.charts.geometry import place_box
from posyandu_app.ui.charts.layout import off_paper
from posyandu_app.ui.charts.model import ChartPoint


def paint_notes(canvas: Canvas) -> None:
    """What the reader must know first, in the corner above the lines that growth never reaches."""
    if not canvas.model.notes:
        return
    text, box = canvas.style.text_px, canvas.frame.box
    font = canvas.style.font(1.0, 500, figures=False)
    width = min(box.width * 0.62, text * 30)
    lines = [line for note in canvas.model.notes for line in _wrapped(note, font, width)]
    height = text * 1.5 * len(lines)
    inner = text * 0.8
    wide = max(QFontMetricsF(font).horizontalAdvance(words) for words in lines)
    area = QRectF(box.left + text * 0.7, box.top + text * 0.7, wide + inner * 2, height + inner * 1.4)
    canvas.painter.setPen(Qt.PenStyle.NoPen)
    canvas.painter.setBrush(canvas.shade(canvas.colors.note, 0.9))
    canvas.painter.drawRoundedRect(area, 8, 8)
    for at, words in enumerate(lines):
        place = QRectF(area.left() + inner, area.top() + inner * 0.7 + at * text * 1.5, wide + 1, text * 1.5)
        canvas.text(place, LEFT, words, canvas.colors.ink, font)


def paint_value(canvas: Canvas, point: ChartPoint) -> None:
    """The value of the point being typed, beside it."""
    text = canvas.style.text_px
    font = canvas.style.font(1.2, 600)
    arrow = "" if not off_paper(point, canvas.model) else "↑ " if point.y > canvas.model.y.high else "↓ "
    words = arrow + point.value
    width = QFontMetricsF(font).horizontalAdvance(words) + text * 1.2
    box = place_box(
        canvas.place(point), (width, text * 2.0), canvas.frame.box.grown(-3), canvas.busy(), 15 * canvas.unit
    )
    area = QRectF(box.left, box.top, box.width, box.height)
    canvas.painter.setPen(QPen(QColor(canvas.colors.fresh), 1.6 * canvas.unit))
    canvas.painter.setBrush(QColor(canvas.colors.casing))
    canvas.painter.drawRoundedRect(area, text, text)
    canvas.text(area, CENTER, words, canvas.colors.fresh, font)


def paint_callout(canvas: Canvas, point: ChartPoint) -> None:
    """The point being read: a ring, a line down to its month, and what it says."""
    painter, colors, unit, text = canvas.painter, canvas.colors, canvas.unit, canvas.style.text_px
    box = canvas.frame.box
    x, y = canvas.place(point)
    canvas.upright(x, y + 8 * unit, box.bottom, canvas.shade(colors.focus, 0.55), 1.2)
    painter.setPen(QPen(QColor(colors.focus), 2.4 * unit))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(x, y), 9 * unit, 9 * unit)

    head = canvas.style.font(1.08, 600, figures=False)
    body = canvas.style.font(1.0, 400, figures=False)
    room = max(text * 10, min(box.width - text * 2, text * 26))
    detail = point.detail(saved=point is not canvas.model.preview)
    lines = [(words, head) for words in _joined(point.head(), head, room)]
    lines += [(words, body) for words in _joined(detail, body, room)]
    wide = max(QFontMetricsF(font).horizontalAdvance(words) for words, font in lines)
    step, inner = text * 1.5, text * 0.85
    size = (wide + inner * 2, step * len(lines) + inner * 1.3)
    place = place_box((x, y), size, box.grown(-2), canvas.busy(), 17 * unit)
    area = QRectF(place.left, place.top, place.width, place.height)
    painter.setPen(QPen(QColor(colors.on_callout), 1.5 * unit))
    painter.setBrush(QColor(colors.callout))
    painter.drawRoundedRect(area, 8, 8)
    for at, (words, font) in enumerate(lines):
        row = QRectF(area.left() + inner, area.top() + inner * 0.65 + at * step, wide + 1, step)
        color = colors.on_callout if font is head else colors.on_callout_soft
        canvas.text(row, LEFT, words, color, font)


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
