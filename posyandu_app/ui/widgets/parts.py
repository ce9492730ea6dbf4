"""The parts of a place under one another: number keys, arrow keys or a click open one."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from posyandu_app.ui import icons, paint, theme
from posyandu_app.ui.widgets.basic import press_with

ROW = 80
GAP = 12
_WRAPPED = int(Qt.TextFlag.TextWordWrap)


@dataclass(frozen=True, slots=True)
class Part:
    """One part: the room it opens, its icon, its title, and a sentence on what is found there.

    `letters` stand in place of the icon when the part is a person.
    """

    room: str
    icon: str
    title: str
    detail: str
    letters: str = ""


class PartButton(QAbstractButton):
    """A wide button with icon, title, sentence and its key."""

    def __init__(self, parent: QWidget, part: Part, key: str) -> None:
        super().__init__(parent)
        self._part, self._key = part, key
        self.setObjectName(f"part_{part.room}")
        self.setText(part.title)
        self.setAccessibleName(f"{part.title} ({key})" if key else part.title)
        self.setAccessibleDescription(part.detail)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        if key:
            press_with(self, key)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        look = theme.current()
        needs = look.px(28) + 2 + self._detail_height(width) + look.px(20)
        return max(look.px(ROW), round(needs))

    def sizeHint(self) -> QSize:
        width = theme.current().px(640)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        look = theme.current()
        title = QFontMetricsF(look.font("lead_strong")).horizontalAdvance(self._part.title)
        return QSize(round(self._left() + title + self._right()), look.px(ROW))

    def _left(self) -> float:
        return 16 + theme.current().px(44) + 16

    def _right(self) -> float:
        look = theme.current()
        return 20 + (paint.badge_width(self._key, look) if self._key else 0) + 16

    def _detail_height(self, width: float) -> float:
        inside = max(40.0, width - self._left() - self._right())
        metrics = QFontMetricsF(theme.current().font("small"))
        return metrics.boundingRect(QRectF(0, 0, inside, 1000), _WRAPPED, self._part.detail).height()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        here = self.hasFocus()
        edge = c.accent if here else c.line_strong if self.underMouse() else c.line
        fill = c.accent_soft if here else c.surface
        paint.rounded(painter, rect, theme.RADIUS, fill, edge, 3 if here else look.stroke)
        disc = QRectF(rect.left() + 16, rect.center().y() - look.px(22), look.px(44), look.px(44))
        paint.rounded(painter, disc, disc.height() / 2, c.accent if here else c.sunken)
        size, at = look.px(24), disc.center()
        ink = c.on_accent if here else c.ink_soft
        if self._part.letters:
            font = look.font("strong")
            paint.text(painter, disc, self._part.letters, font, ink, theme.ALIGN_CENTER, elide=False)
        else:
            icons.draw(painter, self._part.icon, ink, at.x() - size / 2, at.y() - size / 2, size)
        left, right = self._left(), self._right()
        width, needs = self.width() - left - right, self._detail_height(self.width())
        top = rect.center().y() - (look.px(28) + 2 + needs) / 2
        title = QRectF(left, top, width, look.px(28))
        paint.text(painter, title, self._part.title, look.font("lead_strong"), c.ink)
        painter.setFont(look.font("small"))
        painter.setPen(theme.color(c.ink_soft))
        painter.drawText(QRectF(left, title.bottom() + 2, width, needs + 2), _WRAPPED, self._part.detail)
        if self._key:
            place = self.width() - right + 16
            paint.key_badge(painter, place, rect.center().y(), self._key, look, c.ink_soft, c.line_strong)


class Parts(QWidget):
    """All parts; `opened` tells the room of the one that was taken."""

    opened = Signal(str)

    def __init__(self, parent: QWidget, parts: Sequence[Part]) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        self.buttons: dict[str, PartButton] = {}
        for number, part in enumerate(parts, 1):
            button = PartButton(self, part, str(number) if number < 10 else "")
            button.clicked.connect(lambda _=False, room=part.room: self.opened.emit(room))
            self.buttons[part.room] = button
            column.addWidget(button)

    def take_keyboard(self, room: str = "") -> None:
        """Put the keyboard on a part, the first one when it is not here."""
        first = next(iter(self.buttons))
        self.buttons[room if room in self.buttons else first].setFocus()
