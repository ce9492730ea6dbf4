"""The same children at two times: two bars, of those who had it before and of those who had not."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from posyandu_app.domain.numbers import format_count
from posyandu_app.i18n import tr
from posyandu_app.ui import paint, theme
from posyandu_app.ui.pictures.style import PictureStyle


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the children of a bar: what became of them, how many (None: covered), tone and words."""

    key: str
    label: str
    count: int | None
    figure: str
    tone: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Children with one beginning, and what became of them."""

    title: str
    parts: tuple[Part, ...]

    @property
    def covered(self) -> bool:
        """Whether a part is covered: then the widths of the others would tell a wrong share."""
        return any(part.count is None for part in self.parts)


@dataclass(frozen=True, slots=True)
class Flow:
    """The two bars."""

    bars: tuple[Bar, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Every part in the order of reading."""
        return tuple(part.key for bar in self.bars for part in bar.parts)

    def part(self, key: str) -> Part | None:
        """One part."""
        return next((part for bar in self.bars for part in bar.parts if part.key == key), None)


_TITLE, _BAR, _LINE, _GAP = 28, 38, 52, 16
_ACROSS = 3
LEAST = 0.72
"""So far the picture may be squeezed where the window is low."""


def height(flow: Flow, style: PictureStyle) -> float:
    """How high the whole picture is."""
    rows = sum(_tall(bar) for bar in flow.bars)
    return style.px(rows + _GAP * (len(flow.bars) - 1) + 8)


def _squeezed(rect: QRectF, flow: Flow, style: PictureStyle) -> float:
    """The height of one unit: a little lower where the rectangle is."""
    return style.px(1) * min(1.0, max(rect.height() / max(height(flow, style), 1.0), LEAST))


def paint_flow(painter: QPainter, rect: QRectF, flow: Flow, style: PictureStyle, chosen: str = "") -> None:
    """Paint both bars with their words; the chosen part is framed."""
    unit = _squeezed(rect, flow, style)
    top = rect.top()
    for bar in flow.bars:
        _paint_bar(painter, QRectF(rect.left(), top, rect.width(), 0), bar, style, chosen, unit)
        top += unit * (_tall(bar) + _GAP)


def part_at(rect: QRectF, flow: Flow, style: PictureStyle, place: QPointF) -> str:
    """The part under a place, "" for none."""
    unit = _squeezed(rect, flow, style)
    top = rect.top()
    for bar in flow.bars:
        for part, box in [*_pieces(rect, top, bar, unit), *_legend(rect, top, bar, unit)]:
            if box.contains(place):
                return part.key
        top += unit * (_tall(bar) + _GAP)
    return ""


def _tall(bar: Bar) -> float:
    return _TITLE + _BAR + 10 + _LINE * -(-len(bar.parts) // _ACROSS)


def _pieces(rect: QRectF, top: float, bar: Bar, unit: float) -> list[tuple[Part, QRectF]]:
    total = 0 if bar.covered else sum(part.count or 0 for part in bar.parts)
    x, found = rect.left(), []
    for part in bar.parts:
        width = rect.width() * (part.count or 0) / total if total else 0.0
        found.append((part, QRectF(x, top + unit * _TITLE, width, unit * _BAR)))
        x += width
    return found


def _legend(rect: QRectF, top: float, bar: Bar, unit: float) -> list[tuple[Part, QRectF]]:
    first = top + unit * (_TITLE + _BAR + 10)
    wide, tall = rect.width() / _ACROSS, unit * _LINE
    boxes = []
    for at, part in enumerate(bar.parts):
        x, y = rect.left() + wide * (at % _ACROSS), first + tall * (at // _ACROSS)
        boxes.append((part, QRectF(x, y, wide - 12 * unit, tall)))
    return boxes


def _paint_bar(
    painter: QPainter, rect: QRectF, bar: Bar, style: PictureStyle, chosen: str, unit: float
) -> None:
    c = style.colors
    top = rect.top()
    title = QRectF(rect.left(), top, rect.width(), unit * (_TITLE - 6))
    paint.text(painter, title, bar.title, style.font("strong"), c.ink)
    if bar.covered:
        whole = QRectF(rect.left(), top + unit * _TITLE, rect.width(), unit * _BAR)
        fill(painter, whole, "", style)
        paint.text(painter, whole, tr("angka kecil ditutup"), style.font("body"), c.ink, theme.ALIGN_CENTER)
    for part, box in _pieces(rect, top, bar, unit):
        if box.width() < 0.5:
            continue
        inner = box.adjusted(0, 0, -style.px(2) if box.width() > 6 else 0, 0)
        fill(painter, inner, part.tone, style)
        words = format_count(part.count or 0)
        if style.width(words, "strong", figures=True) + style.px(12) < inner.width():
            ink = style.look.tone(part.tone).text if part.tone else c.ink
            paint.text(painter, inner, words, style.font("strong", figures=True), ink, theme.ALIGN_CENTER)
        if part.key == chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(c.focus), style.px(3)))
            painter.drawRect(inner.adjusted(1.5, 1.5, -1.5, -1.5))
    for part, box in _legend(rect, top, bar, unit):
        if part.key == chosen:
            paint.rounded(painter, box, 8, c.accent_soft, c.accent, 2)
        side, line = style.px(18), box.height() / 2
        swatch = QRectF(box.left() + style.px(10), box.top() + (line - side) / 2 + 2, side, side)
        fill(painter, swatch, part.tone, style)
        left = swatch.right() + style.px(10)
        label = QRectF(left, box.top() + 2, box.right() - left - 4, line)
        paint.text(painter, label, part.label, style.font("body"), c.ink)
        figure = label.translated(0, line - 4)
        paint.text(painter, figure, part.figure, style.font("strong", figures=True), c.ink)


_HATCH = {
    "baik": Qt.BrushStyle.NoBrush,
    "rujuk": Qt.BrushStyle.BDiagPattern,
    "rujuk_segera": Qt.BrushStyle.DiagCrossPattern,
    "waspada": Qt.BrushStyle.HorPattern,
}


def fill(painter: QPainter, box: QRectF, tone: str, style: PictureStyle) -> None:
    """The ground of a part: its colour, and a pattern that is known without it."""
    c, look = style.colors, style.look
    colors = look.tone(tone) if tone else None
    painter.setPen(QPen(QColor(colors.solid if colors else c.line_strong), style.px(1)))
    painter.setBrush(QColor(colors.soft if colors else c.sunken))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    pattern = _HATCH.get(tone, Qt.BrushStyle.NoBrush)
    if pattern != Qt.BrushStyle.NoBrush and colors is not None:
        ink = QColor(colors.solid)
        ink.setAlphaF(0.35)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(ink, pattern))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4)
