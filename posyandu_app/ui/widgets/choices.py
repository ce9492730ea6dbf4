"""A few ways to go on, each with picture, words and meaning; arrow keys move, Enter takes one."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from posyandu_app.ui import icons, paint, theme

ROW = 96
GAP = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """One way: an icon, a title, and a sentence that may take two lines."""

    icon: str
    title: str
    detail: str


class Choices(QWidget):
    """Ways under one another, one of them marked."""

    chosen = Signal(int)
    entered = Signal()

    def __init__(self, parent: QWidget, choices: Sequence[Choice], accessible: str, *, name: str) -> None:
        super().__init__(parent)
        self._choices = tuple(choices)
        self._accessible = accessible
        self._index = 0
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_index(0)

    def set_index(self, index: int) -> None:
        """Mark one without telling anybody."""
        self._index = index
        choice = self._choices[index]
        self.setAccessibleName(f"{self._accessible}: {choice.title}")
        self.setAccessibleDescription(choice.detail)
        self.update()

    def sizeHint(self) -> QSize:
        look = theme.current()
        metrics = QFontMetricsF(look.font("lead_strong"))
        width = max(metrics.horizontalAdvance(choice.title) for choice in self._choices)
        height = look.px(ROW) * len(self._choices) + GAP * (len(self._choices) - 1)
        return QSize(round(width) + look.px(100), height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _rect(self, index: int) -> QRectF:
        height = theme.current().px(ROW)
        return QRectF(0, index * (height + GAP), self.width(), height)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, choice in enumerate(self._choices):
            rect = self._rect(index).adjusted(1, 1, -1, -1)
            chosen = index == self._index
            line = 3 if chosen and self.hasFocus() else 2 if chosen else look.stroke
            fill, edge = (c.accent_soft, c.accent) if chosen else (c.surface, c.line_strong)
            paint.rounded(painter, rect, theme.RADIUS, fill, edge, line)
            disc = QRectF(rect.left() + 16, rect.center().y() - look.px(22), look.px(44), look.px(44))
            paint.rounded(painter, disc, disc.height() / 2, c.accent if chosen else c.sunken)
            size = look.px(24)
            at = disc.center()
            ink = c.on_accent if chosen else c.ink_soft
            icons.draw(painter, choice.icon, ink, at.x() - size / 2, at.y() - size / 2, size)
            left = disc.right() + 16
            width = rect.right() - left - 12
            wrapped = Qt.TextFlag.TextWordWrap
            small = QFontMetricsF(look.font("small"))
            needs = small.boundingRect(QRectF(0, 0, width, 1000), int(wrapped), choice.detail).height()
            top = rect.center().y() - (look.px(28) + 2 + needs) / 2
            title = QRectF(left, top, width, look.px(28))
            paint.text(painter, title, choice.title, look.font("lead_strong"), c.ink)
            painter.setFont(look.font("small"))
            painter.setPen(theme.color(c.ink_soft))
            painter.drawText(QRectF(left, title.bottom() + 2, width, needs + 2), int(wrapped), choice.detail)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for index in range(len(self._choices)):
            if self._rect(index).contains(event.position()):
                self.chosen.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.chosen.emit(min(self._index + 1, len(self._choices) - 1))
        elif event.key() == Qt.Key.Key_Up:
            self.chosen.emit(max(self._index - 1, 0))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)
