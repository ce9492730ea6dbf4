"""What an empty screen says: what it means and what to do first."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from posyandu_app.ui.widgets.basic import Icon, Label

WIDTH = 600


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
            label.setFixedWidth(WIDTH)
            column.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def show_words(self, icon: str, title: str, text: str) -> None:
        """Say this."""
        self.icon.set_icon(icon)
        self.title.setText(title)
        self.text.setText(text)
        self.setAccessibleName(f"{title}. {text}")
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Wrapped words beside stretches get the height of one line unless told."""
        for label in (self.title, self.text):
            label.ensurePolished()
            label.setMinimumHeight(max(0, label.heightForWidth(WIDTH)))
