"""Filters as chips: shape and word of a status, how many, and its key."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from posyandu_app.ui import paint, theme

Chip = tuple[str, str, int, str]


class Chips(QWidget):
    """One of a few filters; arrow keys move, every chip shows its key."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget, accessible: str, *, name: str) -> None:
        super().__init__(parent)
        self._chips: tuple[Chip, ...] = ()
        self._index = 0
        self._accessible = accessible
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_chips(self, chips: Sequence[Chip], index: int) -> None:
        """(tone or "", words, count, key) each, one chosen; a count below 0 is not shown."""
        self._chips, self._index = tuple(chips), index
        self.setAccessibleName(f"{self._accessible}: {_label(*self._chips[index][1:3])}")
        self.updateGeometry()
        self.update()

    def _widths(self) -> list[float]:
        look = theme.current()
        strong = QFontMetricsF(look.font("small_strong"))
        return [
            look.px(14) * 2
            + (look.px(26) if tone else 0)
            + strong.horizontalAdvance(_label(words, count))
            + (look.px(10) + paint.badge_width(key, look) if key else 0)
            for tone, words, count, key in self._chips
        ]

    def sizeHint(self) -> QSize:
        widths = self._widths()
        width = sum(widths) + 8 * max(0, len(widths) - 1)
        return QSize(round(width), max(theme.current().px(42), theme.TARGET))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _boxes(self) -> list[QRectF]:
        boxes, x = [], 0.0
        for width in self._widths():
            boxes.append(QRectF(x, 0, width, self.height()))
            x += width + 8
        return boxes

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = look.font("small_strong")
        for at, ((tone, words, count, key), box) in enumerate(zip(self._chips, self._boxes(), strict=True)):
            on = at == self._index
            fill, line = (c.accent_soft, c.accent) if on else (c.surface, c.line_strong)
            radius = box.height() / 2
            paint.rounded(painter, box, radius, fill, line, 2 if on else 1)
            if on and self.hasFocus():
                paint.focus_ring(painter, box, radius, look)
            x = box.left() + look.px(14)
            if tone:
                size = look.px(18)
                paint.tone_shape(painter, QRectF(x, box.center().y() - size / 2, size, size), tone, look)
                x += look.px(26)
            ink = c.accent if on else c.ink
            took = paint.text(
                painter,
                QRectF(x, box.top(), box.width(), box.height()),
                _label(words, count),
                font,
                ink,
                elide=False,
            )
            x += took + look.px(10)
            if key:
                paint.key_badge(painter, x, box.center().y(), key, look, c.ink_soft, c.line_strong)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for at, box in enumerate(self._boxes()):
            if box.contains(event.position()):
                self.chosen.emit(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Right:
            self.chosen.emit(min(self._index + 1, len(self._chips) - 1))
        elif event.key() == Qt.Key.Key_Left:
            self.chosen.emit(max(self._index - 1, 0))
        else:
            super().keyPressEvent(event)


def _label(words: str, count: int) -> str:
    return words if count < 0 else f"{words}  {count}"
