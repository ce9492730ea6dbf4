"""One of a few ways under one another, each a line of words with its key; arrows move, Enter goes on."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from posyandu_app.ui import paint, theme

ROW_LARGE = 44


class Ways(QWidget):
    """A round mark before each way, the chosen one filled; numbers choose while it has the keyboard."""

    chosen = Signal(int)
    entered = Signal()

    def __init__(self, parent: QWidget, accessible: str, *, name: str) -> None:
        super().__init__(parent)
        self._ways: tuple[str, ...] = ()
        self._index = -1
        self._accessible = accessible
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(accessible)

    @property
    def index(self) -> int:
        """The chosen one, −1 for none."""
        return self._index

    @property
    def ways(self) -> tuple[str, ...]:
        return self._ways

    def show_ways(self, ways: Sequence[str], index: int) -> None:
        """Show these, one of them chosen, without telling anybody."""
        if len(ways) != len(self._ways):
            self.updateGeometry()
        self._ways, self._index = tuple(ways), index
        shown = self._ways[index] if 0 <= index < len(self._ways) else "—"
        self.setAccessibleName(f"{self._accessible}: {shown}")
        self.update()

    @staticmethod
    def _row() -> int:
        return theme.TARGET if theme.current().scale == 1 else ROW_LARGE

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(theme.current().font("strong"))
        width = max((metrics.horizontalAdvance(way) for way in self._ways), default=0)
        return QSize(round(width) + theme.current().px(90), self._row() * len(self._ways))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height, size = self._row(), look.px(22)
        for at, words in enumerate(self._ways):
            rect, on = QRectF(0, at * height, self.width(), height), at == self._index
            if on:
                paint.rounded(painter, rect.adjusted(0, 1, 0, -1), 8, c.accent_soft)
            mark = QRectF(10, rect.center().y() - size / 2, size, size)
            paint.rounded(painter, mark, size / 2, c.surface, c.accent if on else c.line_strong, 2)
            if on:
                inner = mark.adjusted(6, 6, -6, -6)
                paint.rounded(painter, inner, inner.height() / 2, c.accent)
            key = str(at + 1) if at < 9 else ""
            wide = paint.badge_width(key, look)
            if key and self.hasFocus():  # elsewhere the same figure means something else
                paint.key_badge(
                    painter, rect.right() - wide - 10, rect.center().y(), key, look, c.ink_soft, c.line_strong
                )
            left = mark.right() + 12
            box = QRectF(left, rect.top(), rect.right() - wide - 18 - left, height)
            paint.text(painter, box, words, look.font("strong" if on else "body"), c.ink)
        if self.hasFocus():
            paint.focus_ring(painter, QRectF(self.rect()), 10, look)

    def _choose(self, index: int) -> None:
        if self._ways:
            self.chosen.emit(max(0, min(index, len(self._ways) - 1)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(int(event.position().y() // self._row()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, text = event.key(), event.text()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Right):
            self._choose(self._index + 1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Left):
            self._choose(max(self._index, 0) - 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif text.isascii() and text.isdigit() and 0 < int(text) <= len(self._ways):
            self._choose(int(text) - 1)
        else:
            super().keyPressEvent(event)
