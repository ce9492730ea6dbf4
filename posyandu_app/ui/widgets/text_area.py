"""A labelled field for several lines, with the hint or the error below; Tab goes on to the next field."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from posyandu_app.ui.widgets.basic import Label
from posyandu_app.ui.widgets.fields import mark_wrong


class _Edit(QPlainTextEdit):
    def __init__(self, parent: QWidget, longest: int) -> None:
        super().__init__(parent)
        self._longest = longest
        self.setTabChangesFocus(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.textChanged.connect(self._cut)

    def _cut(self) -> None:
        """What is pasted beyond the longest is left out."""
        text = self.toPlainText()
        if len(text) > self._longest:
            self.setPlainText(text[: self._longest])
            self.moveCursor(self.textCursor().MoveOperation.End)

    def event(self, event: QEvent) -> bool:
        """With nothing typed to take back, Ctrl+Z is about the last deed."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            undo = event.matches(QKeySequence.StandardKey.Undo) and not self.document().isUndoAvailable()
            redo = event.matches(QKeySequence.StandardKey.Redo) and not self.document().isRedoAvailable()
            if undo or redo:
                event.ignore()
                return True
        return super().event(event)


class TextArea(QWidget):
    """Several lines of text."""

    changed = Signal()

    def __init__(
        self,
        parent: QWidget,
        label: str,
        hint: str = "",
        *,
        name: str,
        longest: int = 2000,
        height: int = 120,
    ) -> None:
        super().__init__(parent)
        self._hint = hint
        self.label = Label(self, label, "strong")
        self.edit = _Edit(self, longest)
        self.edit.setObjectName(name)
        self.edit.setAccessibleName(label)
        self.edit.setMinimumHeight(height)
        self.label.setBuddy(self.edit)
        self.note = Label(self, hint, "small", "soft", wrap=True)
        self.note.setObjectName(f"{name}_note")
        self.note.setVisible(bool(hint))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.label)
        column.addWidget(self.edit, 1)
        column.addWidget(self.note)
        self.edit.textChanged.connect(self.changed)
        self.setFocusProxy(self.edit)

    def text(self) -> str:
        """What stands in the field, without white space at its ends."""
        return self.edit.toPlainText().strip()

    def set_text(self, text: str) -> None:
        """Fill the field; whoever goes on writing does so at its end."""
        self.edit.setPlainText(text)
        self.edit.moveCursor(QTextCursor.MoveOperation.End)

    def set_error(self, message: str) -> None:
        """Say what to mend, or with "" go back to the hint; what was typed stays."""
        self.note.setText(message or self._hint)
        self.note.set_ink("danger" if message else "soft")
        self.note.setVisible(bool(message or self._hint))
        self.edit.setAccessibleDescription(message or self._hint)
        mark_wrong(self.edit, bool(message))
