"""A short list of people to choose from, big enough to hit, moved through with the arrow keys."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from posyandu_app.i18n import tr
from posyandu_app.ui import icons, paint, theme

ROW = 60


class People(QWidget):
    """Everybody who can unlock this laptop, nobody chosen at the index −1.

    `moved` tells ↑ as −1 and ↓ as 1, `typed` a character that belongs to the password and whether Shift
    was held: whoever types at once loses no letter of it.
    """

    chosen = Signal(int)
    moved = Signal(int)
    typed = Signal(str, bool)
    entered = Signal()

    def __init__(self, parent: QWidget, accessible: str, *, name: str) -> None:
        super().__init__(parent)
        self._labels: tuple[str, ...] = ()
        self._index = 0
        self._accessible = accessible
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_people(self, labels: Sequence[str], index: int) -> None:
        """Show these, one of them chosen, or with −1 nobody yet."""
        self._labels, self._index = tuple(labels), index
        chosen = self._labels[index] if self._labels and index >= 0 else tr("belum dipilih")
        self.setAccessibleName(f"{self._accessible}: {chosen}")
        self.updateGeometry()
        self.update()

    def chosen_rect(self) -> QRectF:
        """Where the chosen one stands, or the first."""
        return self._rect(max(self._index, 0))

    def sizeHint(self) -> QSize:
        look = theme.current()
        metrics = QFontMetricsF(look.font("lead_strong"))
        width = max((metrics.horizontalAdvance(label) for label in self._labels), default=0)
        return QSize(
            round(width) + look.px(120), look.px(ROW) * len(self._labels) + 8 * max(0, len(self._labels) - 1)
        )

    def _rect(self, index: int) -> QRectF:
        height = theme.current().px(ROW)
        return QRectF(0, index * (height + 8), self.width(), height)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        asking = self._index < 0 and self.hasFocus()
        for index, label in enumerate(self._labels):
            rect = self._rect(index)
            chosen = index == self._index
            paint.rounded(
                painter,
                rect,
                theme.RADIUS,
                c.accent_soft if chosen else c.surface,
                c.accent if chosen or asking else c.line_strong,
                3 if chosen and self.hasFocus() else 2 if chosen or asking else 1,
            )
            disc = QRectF(rect.left() + 12, rect.center().y() - look.px(18), look.px(36), look.px(36))
            paint.rounded(painter, disc, disc.height() / 2, c.accent if chosen else c.sunken)
            letters = "".join(word[0] for word in label.split()[:2]).upper()
            ink = c.on_accent if chosen else c.ink_soft
            paint.text(
                painter, disc, letters, look.font("small_strong"), ink, theme.ALIGN_CENTER, elide=False
            )
            left = disc.right() + 14
            words = QRectF(left, rect.top(), rect.right() - left - look.px(44), rect.height())
            paint.text(painter, words, label, look.font("lead_strong" if chosen else "lead"), c.ink)
            if chosen:
                size = look.px(22)
                icons.draw(
                    painter, "check", c.accent, rect.right() - size - 16, rect.center().y() - size / 2, size
                )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for index in range(len(self._labels)):
            if self._rect(index).contains(event.position()):
                self.chosen.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(1 if event.key() == Qt.Key.Key_Down else -1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif event.text() and event.text().isprintable():
            self.typed.emit(event.text(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)
