"""The views of a screen as tabs with their keys, and the path of areas from the widest one down."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from posyandu_app.ui import icons, paint, theme
from posyandu_app.ui.pictures.style import PictureStyle
from posyandu_app.ui.widgets.tips import show_tip


class Tabs(QWidget):
    """Views side by side; a digit chooses from anywhere on the screen, arrow keys from here."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget, words: Sequence[str], accessible: str, *, name: str) -> None:
        super().__init__(parent)
        self._words = tuple(words)
        self._accessible = accessible
        self._at = 0
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_index(0)

    def set_index(self, at: int) -> None:
        """Mark one without telling anybody."""
        self._at = at
        self.setAccessibleName(f"{self._accessible}: {self._words[at]} ({at + 1})")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, max(round(theme.current().px(44)), theme.TARGET))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _role(self) -> str:
        """The type of the words: smaller where they would not all have room."""
        return (
            "strong" if sum(self._widths("strong")) + 8 * len(self._words) <= self.width() else "small_strong"
        )

    def _widths(self, role: str) -> list[float]:
        style = PictureStyle.of(self)
        return [
            style.width(words, role) + style.px(8) + paint.badge_width(str(at + 1), style.look)
            for at, words in enumerate(self._words)
        ]

    def boxes(self) -> list[QRectF]:
        """Where the tabs lie."""
        widths = self._widths(self._role())
        spare = (self.width() - sum(widths)) / max(len(widths), 1)
        pad = max(2.0, min(spare, PictureStyle.of(self).px(28)))
        boxes, x = [], 0.0
        for width in widths:
            boxes.append(QRectF(x, 0, width + pad, self.height()))
            x += width + pad
        return boxes

    def paintEvent(self, event: QPaintEvent) -> None:
        style = PictureStyle.of(self)
        c = style.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(
            QRectF(0, self.height() - style.look.stroke, self.width(), style.look.stroke), theme.color(c.line)
        )
        role = self._role()
        for at, (words, box) in enumerate(zip(self._words, self.boxes(), strict=True)):
            on = at == self._at
            if on:
                bar = QRectF(box.left(), box.bottom() - 4, box.width(), 4)
                paint.rounded(painter, bar, 2, c.accent)
                if self.hasFocus():
                    paint.focus_ring(painter, box.adjusted(0, 2, 0, -6), 8, style.look)
            key = paint.badge_width(str(at + 1), style.look)
            took = style.width(words, role)
            left = box.left() + (box.width() - took - key - style.px(8)) / 2
            middle = (box.height() - 4) / 2
            paint.key_badge(painter, left, middle, str(at + 1), style.look, c.ink_soft, c.line_strong)
            area = QRectF(left + key + style.px(8), 0, took + 2, box.height() - 4)
            font = style.font(role if on else {"strong": "body"}.get(role, "small"))
            paint.text(painter, area, words, font, c.accent if on else c.ink, elide=False)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for at, box in enumerate(self.boxes()):
            if box.contains(event.position()):
                self.chosen.emit(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Right:
            self.chosen.emit(min(self._at + 1, len(self._words) - 1))
        elif event.key() == Qt.Key.Key_Left:
            self.chosen.emit(max(self._at - 1, 0))
        else:
            super().keyPressEvent(event)


_ROLES = ("display", "title", "heading")


class Trail(QWidget):
    """Where one is: Kabupaten › Kecamatan › Desa › Posyandu; a click goes back there, Esc one step."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget, *, name: str) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_path(self, names: Sequence[str]) -> None:
        """Show this path; the last is where one is."""
        self._names = tuple(names)
        self.setAccessibleName(" › ".join(names))
        show_tip(self, " › ".join(names))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, round(theme.current().px(40)))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def _boxes(self) -> list[tuple[QRectF, str]]:
        """The names in sight with their places; the outermost are left out where there is no room for all."""
        if not self._names:
            return []
        style, width = PictureStyle.of(self), float(self.width())
        gap = style.px(28)
        *before, last = self._names
        for start in range(len(before) + 1):
            needs = [style.width(name, "lead") for name in before[start:]]
            own = width - sum(needs) - gap * len(needs)
            role = next((role for role in _ROLES if style.width(last, role) <= own), "")
            if role or start == len(before):
                break
        boxes, x = [], 0.0
        for need in needs:
            boxes.append((QRectF(x, 0, need, self.height()), "lead"))
            x += need + gap
        boxes.append((QRectF(x, 0, max(width - x, 0.0), self.height()), role or _ROLES[-1]))
        return boxes

    def paintEvent(self, event: QPaintEvent) -> None:
        style = PictureStyle.of(self)
        c = style.colors
        painter = QPainter(self)
        boxes = self._boxes()
        for at, (name, (box, role)) in enumerate(zip(self._names[-len(boxes) :], boxes, strict=True)):
            last = at == len(boxes) - 1
            paint.text(painter, box, name, style.font(role), c.ink if last else c.accent)
            if not last:
                size = round(style.px(16))
                x = box.right() + (style.px(28) - size) / 2
                icons.draw(painter, "chevron-right", c.ink_soft, x, (self.height() - size) / 2, size)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        boxes = self._boxes()
        for at, (box, _) in enumerate(boxes):
            if box.contains(event.position()):
                self.chosen.emit(at + len(self._names) - len(boxes))
