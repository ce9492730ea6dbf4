"""The rows under the months, as on the paper card: weights, least gains, letters."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPen

from posyandu_app.domain.kms import Letter
from posyandu_app.ui.charts.canvas import CENTER, LEFT, Canvas
from posyandu_app.ui.charts.geometry import spread
from posyandu_app.ui.charts.layout import Row, row_label
from posyandu_app.ui.charts.model import ChartPoint, Mark
from posyandu_app.ui.charts.standards import LAST_MONTH


def paint_rows(canvas: Canvas) -> None:
    """Every row that has room."""
    box, layout, text = canvas.frame.box, canvas.layout, canvas.style.text_px
    label_width = box.left - layout.card.left - text * 0.5
    rule = canvas.shade(canvas.colors.grid, 0.13)
    for row, top, bottom in layout.rows:
        canvas.level(top, layout.card.left + layout.margin, box.right, rule)
        area = QRectF(layout.card.left + layout.margin, top, label_width, bottom - top)
        canvas.text(area, LEFT, row_label(row), canvas.colors.ink_soft, canvas.style.font(0.88, 500))
        if row is Row.GAINS:
            _gains(canvas, top, bottom)
        elif row is Row.WEIGHTS:
            _weights(canvas, top, bottom)
        else:
            _letters(canvas, top, bottom)


def _gains(canvas: Canvas, top: float, bottom: float) -> None:
    """The least gain for each month, one cell for each run of equal months, as printed on the card."""
    gains, font = canvas.model.minimum_gains, canvas.style.font(0.84)
    box, x = canvas.frame.box, canvas.model.x
    start = 0
    while start < LAST_MONTH:
        end = start + 1
        while end < LAST_MONTH and gains[end] == gains[start]:
            end += 1
        left, right = max(float(start), x.low), min(float(end), x.high)
        if left < right:
            area = QRectF(
                canvas.frame.px(left), top, canvas.frame.px(right) - canvas.frame.px(left), bottom - top
            )
            words = str(gains[start])
            if QFontMetricsF(font).horizontalAdvance(words) <= area.width():
                canvas.text(area, CENTER, words, canvas.colors.ink, font)
            if right < x.high:
                canvas.upright(area.right(), top + 3, bottom - 3, canvas.shade(canvas.colors.grid, 0.2))
        start = end
    canvas.level(
        bottom,
        canvas.layout.card.left + canvas.layout.margin,
        box.right,
        canvas.shade(canvas.colors.grid, 0.13),
    )


def _weights(canvas: Canvas, top: float, bottom: float) -> None:
    """The weights under their points, the newest first; one without room is left to the callout."""
    font = canvas.style.font(0.84)
    metrics, box = QFontMetricsF(font), canvas.frame.box
    taken: list[tuple[float, float]] = []
    for point in reversed(canvas.shown()):
        if point.mark is Mark.IMPLAUSIBLE:
            continue
        words = point.value.removesuffix(" kg")
        width = metrics.horizontalAdvance(words)
        x = canvas.frame.px(point.x)
        left = min(max(x - width / 2, box.left - width / 3), box.right - width * 2 / 3)
        if any(
            left < right + 3 * canvas.unit and start < left + width + 3 * canvas.unit
            for start, right in taken
        ):
            continue
        taken.append((left, left + width))
        canvas.text(QRectF(left, top, width + 1, bottom - top), CENTER, words, canvas.colors.ink, font)


def _lettered(canvas: Canvas) -> list[ChartPoint]:
    return [point for point in canvas.shown() if point.record is not None]


def _chip(canvas: Canvas) -> float:
    return min(canvas.style.text_px * 1.42, max(canvas.style.text_px * 0.72, canvas.layout.pitch * 0.94))


def _boxed(canvas: Canvas, size: float) -> bool:
    """Whether there is room for a chip about the letter; without it T runs are underlined."""
    return size >= canvas.style.text_px * 1.05


def _letter_places(canvas: Canvas, points: Sequence[ChartPoint]) -> list[tuple[ChartPoint, float]]:
    """Where the letters go, the newest that fit, none over another."""
    box, size = canvas.frame.box, _chip(canvas)
    fit = max(1, int((box.width + size) / size))
    newest = list(points[-fit:])
    rows = spread([canvas.frame.px(point.x) for point in newest], size, box.left, box.right)
    return list(zip(newest, rows, strict=True))


def _letters(canvas: Canvas, top: float, bottom: float) -> None:
    size, middle = _chip(canvas), (top + bottom) / 2
    placed = [(point.record, x) for point, x in _letter_places(canvas, _lettered(canvas)) if point.record]
    boxed = _boxed(canvas, size)
    canvas.painter.setPen(canvas.pen(canvas.colors.falling, 2.6 if boxed else 1.6))
    row = middle if boxed else middle + size * 0.72
    for (_, start), (record, end) in pairwise(placed):
        if record.two_t:
            canvas.painter.drawLine(QPointF(start, row), QPointF(end, row))
    for record, x in placed:
        _letter(canvas, record.letter, x, middle, size)


def _letter(canvas: Canvas, letter: Letter, x: float, y: float, size: float) -> None:
    """One letter on its chip: T full, N light, B and O without ground, so that shape tells too."""
    colors = canvas.colors
    area = QRectF(x - size / 2, y - size / 2, size, size).adjusted(0.75, 0.75, -0.75, -0.75)
    painter = canvas.painter
    boxed = _boxed(canvas, size)
    if letter is Letter.T:
        if boxed:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.falling))
            painter.drawRoundedRect(area, size * 0.24, size * 0.24)
        color = colors.on_falling if boxed else colors.falling
    elif letter is Letter.N:
        if boxed:
            painter.setPen(QPen(QColor(colors.rising), canvas.unit))
            painter.setBrush(QColor(colors.rising_soft))
            painter.drawEllipse(area)
        color = colors.rising
    else:
        color = colors.plain
    font = canvas.style.font(size / canvas.style.text_px * (0.68 if boxed else 0.9), 600)
    canvas.text(QRectF(x - size, y - size, size * 2, size * 2), CENTER, letter.value, color, font)


def paint_preview_letter(canvas: Canvas, point: ChartPoint) -> None:
    """The letter of the point being typed, outlined."""
    middles = [(top + bottom) / 2 for row, top, bottom in canvas.layout.rows if row is Row.LETTERS]
    if point.record is None or not middles:
        return
    size = _chip(canvas)
    taken = [x for _, x in _letter_places(canvas, _lettered(canvas))]
    x = canvas.frame.px(point.x)
    for other in taken:
        if abs(other - x) < size:
            x = other + size if point.x >= canvas.model.x.low else x
    area = QRectF(x - size / 2, middles[0] - size / 2, size, size)
    canvas.painter.setPen(QPen(QColor(canvas.colors.fresh), 1.6 * canvas.unit))
    canvas.painter.setBrush(QColor(canvas.colors.casing))
    canvas.painter.drawRoundedRect(area, size * 0.24, size * 0.24)
    font = canvas.style.font(size / canvas.style.text_px * 0.68, 600)
    canvas.text(
        area.adjusted(-size, -size, size, size),
        CENTER,
        point.record.letter.value,
        canvas.colors.fresh,
        font,
    )
