"""A field that offers what it could mean while one types; only an offered thing can be chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from posyandu_app.ui import paint, theme
from posyandu_app.ui.widgets.fields import Field, LineEdit

MOST = 6
ROW = 44


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that can be chosen: what is kept, its words, and what tells it from its like."""

    key: str
    words: str
    detail: str = ""


class Offers(QWidget):
    """The offers under the field, above everything else in the window."""

    taken = Signal(int)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._offers: tuple[Suggestion, ...] = ()
        self._index = 0
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    def show_offers(self, offers: Sequence[Suggestion], index: int) -> None:
        """Show these, one of them marked."""
        self._offers, self._index = tuple(offers), index
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, theme.current().px(ROW) * len(self._offers) + 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint.rounded(painter, QRectF(self.rect()), 10, c.surface, c.line_strong, 1.5)
        height = look.px(ROW)
        for index, offer in enumerate(self._offers):
            box = QRectF(8, 8 + index * height, self.width() - 16, height)
            if index == self._index:
                paint.rounded(painter, box, 8, c.accent_soft, c.accent if look.stroke > 1 else "", 2)
            inner = box.adjusted(10, 0, -10, 0)
            font = look.font("strong" if index == self._index else "body")
            took = paint.text(painter, inner, offer.words, font, c.ink)
            paint.text(
                painter, inner.adjusted(took + 12, 0, 0, 0), offer.detail, look.font("small"), c.ink_soft
            )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = int((event.position().y() - 8) // theme.current().px(ROW))
        if 0 <= index < len(self._offers):
            self.taken.emit(index)


class _SuggestEdit(LineEdit):
    moved = Signal(int)
    escaped = Signal()
    focus_lost = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.moved.emit(1)
        elif event.key() == Qt.Key.Key_Up:
            self.moved.emit(-1)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusOutEvent(event)
        self.focus_lost.emit()


class SuggestField(Field):
    """`chosen` is the key of what was chosen, "" while nothing is."""

    picked = Signal(str)

    def __init__(
        self,
        parent: QWidget,
        label: str,
        hint: str,
        source: Callable[[str], Sequence[Suggestion]],
        *,
        name: str,
    ) -> None:
        super().__init__(parent, label, hint, name=name)
        self._source = source
        self._found: tuple[Suggestion, ...] = ()
        self._index = 0
        self._chosen = ""
        self._offers: Offers | None = None
        self.edit.textEdited.connect(self._typed)
        assert isinstance(self.edit, _SuggestEdit)
        self.edit.moved.connect(self._move)
        self.edit.focus_lost.connect(self.close_offers)
        self.edit.returnPressed.disconnect()
        self.edit.returnPressed.connect(self._enter)

    def _make_edit(self, label: str, name: str, longest: int) -> LineEdit:
        return _SuggestEdit(self, label, name=name, longest=longest)

    @property
    def chosen(self) -> str:
        return self._chosen

    def choose(self, suggestion: Suggestion) -> None:
        """Take this one."""
        self._chosen = suggestion.key
        self.edit.setText(suggestion.words)
        self.close_offers()
        self.set_error("")
        self.picked.emit(suggestion.key)

    def clear(self) -> None:
        """Forget what was chosen."""
        self._chosen = ""
        self.edit.clear()
        self.close_offers()

    def offer_more(self, text: str, more: Sequence[Suggestion]) -> None:
        """Offers that took longer to find, for what was typed then."""
        if text == self.edit.text() and not self._chosen and self.edit.hasFocus():
            known = {offer.key for offer in self._found}
            self._found = (*self._found, *(offer for offer in more if offer.key not in known))[:MOST]
            self._show()

    def close_offers(self) -> None:
        """Take the offers away."""
        if self._offers is not None:
            self._offers.hide()

    def _typed(self, text: str) -> None:
        self._chosen = ""
        named = any(letter.isalnum() for letter in text)
        self._found = tuple(self._source(text))[:MOST] if named else ()
        self._index = 0
        self._show()

    def _move(self, step: int) -> None:
        if not self._found or (self._offers is not None and not self._offers.isVisible()):
            self._found = tuple(self._source("" if self._chosen else self.edit.text()))[:MOST]
            self._index = 0
        elif self._found:
            self._index = max(0, min(self._index + step, len(self._found) - 1))
        self._show()

    def _enter(self) -> None:
        if not self._chosen and self._found:
            self.choose(self._found[self._index])
        self.entered.emit()

    def _show(self) -> None:
        if self._offers is None:
            self._offers = Offers(self.window())
            self._offers.setObjectName(f"{self.edit.objectName()}_offers")
            self._offers.taken.connect(lambda index: self.choose(self._found[index]))
        self._offers.show_offers(self._found, self._index)
        corner = self.edit.mapTo(self.window(), QPoint(0, self.edit.height() + 4))
        height = self._offers.sizeHint().height()
        if corner.y() + height > self.window().height():
            corner = self.edit.mapTo(self.window(), QPoint(0, -height - 4))
        self._offers.setGeometry(corner.x(), corner.y(), self.edit.width(), height)
        self._offers.setVisible(bool(self._found))
        self._offers.raise_()
        offered = self._found[self._index].words if self._found else ""
        self.edit.setAccessibleDescription(offered)
