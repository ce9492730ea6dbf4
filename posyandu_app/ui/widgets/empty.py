"""What an empty screen says: what it means and what to do first."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from posyandu_app.ui.widgets.basic import Icon, Label


class Empty(QWidget):
    """An icon, one sentence, and the first step."""

    def __init__(self, parent: QWidget, *, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.icon = Icon(self, "baby", 56, "line_strong")
        self.title = Label(self, "", "heading", wrap=True)
        self.text = Label(self, "", "body", "soft", wrap=True)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch(2)
        column.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignHCenter)
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setMaximumWidth(640)
            label.setMinimumWidth(420)
            column.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def show_words(self, icon: str, title: str, text: str) -> None:
        """Say this."""
        self.icon.set_icon(icon)
        self.title.setText(title)
        self.text.setText(text)
        self.setAccessibleName(f"{title}. {text}")
