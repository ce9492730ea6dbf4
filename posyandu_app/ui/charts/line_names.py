"""Names of lines and bands written along them, where the child's line leaves room."""

from math import atan2, ceil, degrees, floor

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetricsF

from posyandu_app.i18n import tr
from posyandu_app.ui.charts.canvas import CENTER, Canvas
from posyandu_app.ui.charts.geometry import Box, Point, height_at


def paint_names(canvas: Canvas) -> None:
    """Write the names of lines and bands along them, where the child's line leaves room."""
    if canvas.model.is_kms:
        font = canvas.style.font(0.86, 600, figures=False)
        _along(
            canvas,
            canvas.curve(canvas.model.red_line),
            tr("garis merah"),
            canvas.colors.red_text,
            font,
            below=True,
        )
        _along(
            canvas,
            canvas.curve(canvas.model.orange_line),
            tr("garis oranye"),
            canvas.colors.orange_text,
            font,
            below=False,
        )
        return
    font = canvas.style.font(0.86, 500, figures=False)
    for band in canvas.model.bands:
        if band.name is None:
            continue
        if band.low is None and band.high is not None:
            _along(canvas, canvas.curve(band.high), band.name, canvas.colors.ink_soft, font, below=True)
        elif band.high is None and band.low is not None:
            _along(canvas, canvas.curve(band.low), band.name, canvas.colors.ink_soft, font, below=False)
        elif band.name_z is not None:
            lower, upper = canvas.curve(floor(band.name_z)), canvas.curve(ceil(band.name_z))
            _between(canvas, lower, upper, band.name, font)


def _along(canvas: Canvas, curve: list[Point], name: str, color: str, font: QFont, *, below: bool) -> None:
    away = canvas.style.text_px * 0.86 * (1 if below else -1)
    _name(canvas, [(x, y + away) for x, y in curve], name, color, font)


def _between(canvas: Canvas, lower: list[Point], upper: list[Point], name: str, font: QFont) -> None:
    x = canvas.frame.box.right - canvas.style.text_px * 3
    low, high = height_at(lower, x), height_at(upper, x)
    if low is None or high is None or low - high < canvas.style.text_px * 1.15:
        return
    middle = [(x, (y + other) / 2) for x, y in lower if (other := height_at(upper, x)) is not None]
    _name(canvas, middle, name, canvas.colors.ink_soft, font)


def _name(canvas: Canvas, track: list[Point], name: str, color: str, font: QFont) -> None:
    """Write `name` on the track, as far right as the child's line allows; not at all without room."""
    width = QFontMetricsF(font).horizontalAdvance(name)
    tall = canvas.style.text_px * 0.62
    box = canvas.frame.box
    busy = canvas.busy()
    for share in _shares(canvas, width):
        right = box.left + box.width * share
        left = right - width
        start, end = height_at(track, left), height_at(track, right)
        if start is None or end is None:
            continue
        if not all(box.top + tall < y < box.bottom - tall for y in (start, end)):
            continue
        reach = Box(left, min(start, end) - tall, right, max(start, end) + tall).grown(canvas.unit * 3)
        slope = (end - start) / width
        if any(
            reach.holds(point) and abs(point[1] - (start + (point[0] - left) * slope)) < tall * 1.6
            for point in busy
        ):
            continue
        canvas.painter.save()
        canvas.painter.translate((left + right) / 2, (start + end) / 2)
        canvas.painter.rotate(degrees(atan2(end - start, width)))
        canvas.text(QRectF(-width, -tall * 2, width * 2, tall * 4), CENTER, name, color, font)
        canvas.painter.restore()
        return


def _shares(canvas: Canvas, width: float) -> tuple[float, ...]:
    """Where a name may end, best first: away from the newest point, where the next one says its value."""
    box = canvas.frame.box
    shown = canvas.shown()
    rightmost = (0.985, 0.8, 0.62, 0.45)
    early = not shown or canvas.place(shown[-1])[0] < box.left + box.width * 0.6
    if early or not canvas.model.is_kms:  # elsewhere the bands are too narrow at their beginning
        return rightmost
    first = (width + canvas.style.text_px) / max(box.width, 1.0)
    return (first, first + 0.17, *rightmost)
