"""What every step of a case shares: a title, two columns, one main button that stays in its place."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from posyandu_app.i18n import tr
from posyandu_app.ui.widgets.basic import Button, Label, row


class StepPage(QWidget):
    """One task; `done` asks to save or go on, `left` to go back with nothing changed.

    `title` stands beside the child's name while the page is in sight.
    """

    done = Signal()
    left = Signal()

    def __init__(self, parent: QWidget, title: str, button: str, *, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.title = title
        self.save = Button(self, button, "F9", "primary", name=f"{name}_save")
        self.cancel = Button(self, tr("Batal"), "", "quiet", name=f"{name}_cancel", shown_key="Esc")
        self.message = Label(self, "", "small_strong", "danger", wrap=True)
        self.message.setObjectName(f"{name}_message")
        self.message.hide()
        self.sides = QHBoxLayout()
        self.sides.setSpacing(16)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self.sides, 1)
        column.addWidget(self.message)
        column.addLayout(row(self.save, self.cancel, None, spacing=8))
        self.save.clicked.connect(self.done)
        self.cancel.clicked.connect(self.left)

    def say(self, message: str) -> None:
        """Say under the form what must be mended, or nothing."""
        self.message.setText(message)
        self.message.setVisible(bool(message))

    def take_keyboard(self) -> None:
        """Begin where the person types first."""
        self.save.setFocus()
