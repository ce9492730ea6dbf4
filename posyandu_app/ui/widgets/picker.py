"""One choice of many that takes little room: a button with its key, and under it, when wanted, the list."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from posyandu_app.ui import icons, paint, theme
from posyandu_app.ui.widgets.basic import press_with
from posyandu_app.ui.widgets.tips import show_tip

Option = tuple[str, int]
"""Its words and how many it shows."""
ROW = 40
WIDEST = 150
MARGIN = 8


class Picker(QAbstractButton):
    """Shows what is chosen; its key, Enter or a click opens the list right below it."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget, label: str, key: str, icon: str, *, name: str) -> None:
        super().__init__(parent)
        self._home, self._label, self._key, self._icon = parent, label, key, icon
        self._options: tuple[Option, ...] = ()
        self._index = 0
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.panel = PickerList(parent, label, name=f"{name}_list")
        self.panel.hide()
        press_with(self, key)
        self.clicked.connect(self.open)
        self.panel.picked.connect(self._picked)
        self.panel.left.connect(self.setFocus)

    def show_options(self, options: Sequence[Option], index: int) -> None:
        """Show what can be chosen, and which one is."""
        self._options, self._index = tuple(options), index
        self.setText(self._options[index][0] if index else self._label)
        self.setAccessibleName(f"{self._label}: {self._options[index][0]} ({self._key})")
        show_tip(self, self._options[index][0])
        self.updateGeometry()
        self.update()

    def open(self) -> None:
        """Open the list under the button, inside the window."""
        self.panel.show_options(self._options, self._index)
        size, home = self.panel.sizeHint(), self._home
        corner = self.mapTo(home, QPoint(0, self.height() + 4))
        corner.setX(max(0, min(corner.x(), home.width() - size.width() - 32)))
        self.panel.setGeometry(corner.x(), corner.y(), size.width(), size.height())
        self.panel.show()
        self.panel.raise_()
        self.panel.setFocus()

    def _picked(self, index: int) -> None:
        self.chosen.emit(index)

    def sizeHint(self) -> QSize:
        look = theme.current()
        width = min(QFontMetricsF(look.font("small_strong")).horizontalAdvance(self.text()), look.px(WIDEST))
        width += look.px(14) * 2 + look.px(26) + look.px(24) + paint.badge_width(self._key, look) + 8
        return QSize(round(width), max(look.px(42), theme.TARGET))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.open()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body, narrowed = QRectF(self.rect()), self._index > 0
        fill, line = (c.accent_soft, c.accent) if narrowed else (c.surface, c.line_strong)
        paint.rounded(painter, body, body.height() / 2, fill, line, 2 if narrowed else look.stroke)
        if self.hasFocus():
            paint.focus_ring(painter, body, body.height() / 2, look)
        ink = c.accent if narrowed else c.ink
        size, middle, x = look.px(18), body.center().y(), float(look.px(14))
        icons.draw(painter, self._icon, ink, x, middle - size / 2, size)
        x += look.px(26)
        font = look.font("small_strong")
        x += paint.text(painter, QRectF(x, 0, look.px(WIDEST), body.height()), self.text(), font, ink)
        icons.draw(painter, "chevron-down", ink, x + 4, middle - size / 2, size)
        x += look.px(24) + 6
        paint.key_badge(painter, x, middle, self._key, look, c.ink_soft, c.line_strong)


class PickerList(QWidget):
    """The open list: arrows and Enter, or a number; Esc, or going elsewhere, leaves it as it was."""

    picked = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget, accessible: str, *, name: str) -> None:
        super().__init__(parent)
        self._options: tuple[Option, ...] = ()
        self._index = 0
        self._accessible = accessible
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_options(self, options: Sequence[Option], index: int) -> None:
        """Show these, one of them marked."""
        self._options = tuple(options)
        self._mark(index)

    def _mark(self, index: int) -> None:
        self._index = max(0, min(index, len(self._options) - 1))
        self.setAccessibleName(f"{self._accessible}: {self._options[self._index][0]}")
        self.update()

    def _row(self) -> float:
        """The height of a row: less when a long list must fit the window."""
        home = self.parentWidget()
        room = (home.height() - 120) if home is not None else 600
        return max(24.0, min(float(theme.current().px(ROW)), room / max(1, len(self._options))))

    def sizeHint(self) -> QSize:
        look = theme.current()
        metrics = QFontMetricsF(look.font("body"))
        width = max((metrics.horizontalAdvance(words) for words, _ in self._options), default=0)
        height = self._row() * len(self._options) + 2 * MARGIN
        return QSize(round(width) + look.px(130), round(height))

    def _rect(self, index: int) -> QRectF:
        height = self._row()
        return QRectF(MARGIN, MARGIN + index * height, self.width() - 2 * MARGIN, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint.rounded(painter, QRectF(self.rect()), theme.RADIUS, c.surface, c.accent, 2)
        for at, (words, count) in enumerate(self._options):
            rect, on = self._rect(at), at == self._index
            if on:
                paint.rounded(painter, rect, 8, c.accent_soft)
            key = str(at + 1) if at < 9 else ""
            if key:
                width = paint.badge_width(key, look)
                paint.key_badge(
                    painter, rect.right() - width - 8, rect.center().y(), key, look, c.ink_soft, c.line_strong
                )
            number = QRectF(rect.right() - look.px(96), rect.top(), look.px(56), rect.height())
            paint.text(
                painter, number, str(count), look.font("body", figures=True), c.ink_soft, theme.ALIGN_RIGHT
            )
            box = rect.adjusted(12, 0, -look.px(100), 0)
            paint.text(painter, box, words, look.font("strong" if on else "body"), c.accent if on else c.ink)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for at in range(len(self._options)):
            if self._rect(at).contains(event.position()):
                self._pick(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, text = event.key(), event.text()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._mark(self._index + (1 if key == Qt.Key.Key_Down else -1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._pick(self._index)
        elif key == Qt.Key.Key_Escape:
            self.hide()
            self.left.emit()
        elif text.isascii() and text.isdigit() and 0 < int(text) <= len(self._options):
            self._pick(int(text) - 1)
        else:
            super().keyPressEvent(event)

    def _pick(self, index: int) -> None:
        self.hide()
        self.picked.emit(index)

    def event(self, event: QEvent) -> bool:
        """Numbers are answers here, not the chips of the screen behind."""
        if event.type() == QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            if event.text().isdigit():
                event.accept()
                return True
        if event.type() == QEvent.Type.FocusOut:
            self.hide()
        return super().event(event)
