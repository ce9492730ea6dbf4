"""Fields to type into: a label above, the hint or the error below, never a spin box."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from posyandu_app.i18n import tr
from posyandu_app.ui import icons, paint, theme
from posyandu_app.ui.widgets.basic import Button, Label

LONGEST = 200


def mark_wrong(edit: QWidget, wrong: bool) -> None:
    """Show or clear the red border of a field whose value needs mending."""
    if edit.property("wrong") != wrong:
        edit.setProperty("wrong", wrong)
        edit.style().unpolish(edit)
        edit.style().polish(edit)


class LineEdit(QLineEdit):
    """One line of text; what is pasted is cut at `longest` characters, and Enter is a signal."""

    def __init__(self, parent: QWidget, accessible: str, *, name: str = "", longest: int = LONGEST) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setMaxLength(longest)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAttribute(Qt.WidgetAttribute.WA_MacShowFocusRect, False)

    def event(self, event: QEvent) -> bool:
        return leaves_undo_to_window(self, event) or super().event(event)


class DayEdit(LineEdit):
    """A date typed in short; `escaped` when it is given up, `left` when the keyboard goes elsewhere."""

    escaped = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


def leaves_undo_to_window(edit: QLineEdit, event: QEvent) -> bool:
    """Whether Ctrl+Z is not about typing: with nothing to take back in the field it undoes the last deed."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    undo = event.matches(QKeySequence.StandardKey.Undo) and not edit.isUndoAvailable()
    redo = event.matches(QKeySequence.StandardKey.Redo) and not edit.isRedoAvailable()
    if undo or redo:
        event.ignore()
    return undo or redo


class Field(QWidget):
    """A labelled line of text with room for a hint that turns into the error."""

    entered = Signal()
    changed = Signal(str)

    def __init__(
        self,
        parent: QWidget,
        label: str,
        hint: str = "",
        *,
        name: str,
        longest: int = LONGEST,
        optional: bool = False,
    ) -> None:
        super().__init__(parent)
        self._hint = hint
        words = tr("{label} (boleh kosong)").format(label=label) if optional else label
        self.label = Label(self, words, "strong")
        self.edit = self._make_edit(label, name, longest)
        self.label.setBuddy(self.edit)
        self.note = Label(self, hint, "small", "soft", wrap=True)
        self.note.setObjectName(f"{name}_note")
        self.note.setVisible(bool(hint))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(6)
        self.column.addWidget(self.label)
        self.column.addLayout(self._line())
        self.column.addWidget(self.note)
        self.edit.returnPressed.connect(self.entered)
        self.edit.textEdited.connect(self.changed)
        self.setFocusProxy(self.edit)

    def _make_edit(self, label: str, name: str, longest: int) -> LineEdit:
        return LineEdit(self, label, name=name, longest=longest)

    def _line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.edit)
        return line

    def text(self) -> str:
        """What stands in the field, without white space at its ends."""
        return self.edit.text().strip()

    def set_text(self, text: str) -> None:
        """Fill the field."""
        self.edit.setText(text)

    def set_error(self, message: str) -> None:
        """Say what to mend, or with "" go back to the hint; what was typed stays."""
        self.note.setText(message or self._hint)
        self.note.set_ink("danger" if message else "soft")
        self.note.setVisible(bool(message or self._hint))
        self.edit.setAccessibleDescription(message or self._hint)
        mark_wrong(self.edit, bool(message))

    def set_warning(self, message: str) -> None:
        """Say what does not fit together; it never forbids going on."""
        self.note.setText(message)
        self.note.set_ink("accent")
        self.note.setVisible(True)
        self.edit.setAccessibleDescription(message)


class PasswordEdit(LineEdit):
    """Hidden text; keys typed are told so that Caps Lock can be noticed, `moved` tells ↑ as −1, ↓ as 1."""

    key_typed = Signal(str, bool)
    moved = Signal(int)

    def __init__(self, parent: QWidget, accessible: str, *, name: str) -> None:
        super().__init__(parent, accessible, name=name, longest=1000)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.key_typed.emit(event.text(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(1 if event.key() == Qt.Key.Key_Down else -1)
            return
        super().keyPressEvent(event)


class PasswordField(Field):
    """A password with a button that shows it; `turned` tells the echo mode."""

    key_typed = Signal(str, bool)
    moved = Signal(int)
    turned = Signal(QLineEdit.EchoMode)

    def __init__(self, parent: QWidget, label: str, hint: str = "", *, name: str, show_key: str = "") -> None:
        super().__init__(parent, label, hint, name=name)
        self.show_button = Button(self, tr("Tampilkan"), show_key, "secondary", "eye", name=f"{name}_show")
        self.show_button.clicked.connect(self._toggle)
        self._row.addWidget(self.show_button)

    def _make_edit(self, label: str, name: str, longest: int) -> LineEdit:
        edit = PasswordEdit(self, label, name=name)
        edit.key_typed.connect(self.key_typed)
        edit.moved.connect(self.moved)
        return edit

    def _line(self) -> QHBoxLayout:
        self._row = super()._line()
        return self._row

    def text(self) -> str:
        return self.edit.text()

    def hide_text(self) -> None:
        """Back to dots."""
        if self.edit.echoMode() == QLineEdit.EchoMode.Normal:
            self._toggle()

    def follow(self, other: "PasswordField") -> None:
        """Show and hide together with another password; the button of this one goes away."""
        self.show_button.hide()
        other.turned.connect(self.edit.setEchoMode)

    def _toggle(self) -> None:
        hidden = self.edit.echoMode() == QLineEdit.EchoMode.Password
        self.edit.setEchoMode(QLineEdit.EchoMode.Normal if hidden else QLineEdit.EchoMode.Password)
        self.turned.emit(self.edit.echoMode())
        self.show_button.set_words(tr("Sembunyikan") if hidden else tr("Tampilkan"))
        self.edit.setFocus()


class SearchEdit(LineEdit):
    """The search box: a magnifier on the left, its key on the right; the arrow keys belong to the list."""

    moved = Signal(int)

    def __init__(self, parent: QWidget, placeholder: str, key: str, *, name: str) -> None:
        super().__init__(parent, placeholder, name=name)
        self._key = key
        self.setPlaceholderText(placeholder)
        self.setProperty("role", "lead")

    def resizeEvent(self, event: QResizeEvent) -> None:
        look = theme.current()
        self.setTextMargins(look.px(34), 0, round(paint.badge_width(self._key, look)) + 8, 0)
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: 8,
            Qt.Key.Key_PageUp: -8,
        }
        step = steps.get(Qt.Key(event.key()))
        if step is not None:
            self.moved.emit(step)
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = look.px(22)
        middle = self.height() / 2
        icons.draw(painter, "search", c.ink_soft, look.px(14), middle - size / 2, size)
        width = paint.badge_width(self._key, look)
        paint.key_badge(
            painter, self.width() - width - 12, middle, self._key, look, c.ink_soft, c.line_strong
        )
