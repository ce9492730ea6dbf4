"""The month that is looked at, with a button and a key to each side."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from posyandu_app.domain.age import Month
from posyandu_app.i18n import tr
from posyandu_app.ui import theme
from posyandu_app.ui.widgets.basic import Button, Label


class MonthBar(QWidget):
    """Ctrl+← and Ctrl+→ turn the month; never beyond the one under way."""

    turned = Signal(object)

    def __init__(self, parent: QWidget, month: Month, last: Month, *, name: str) -> None:
        super().__init__(parent)
        self._month, self._last = month, last
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.label = Label(self, "", "lead_strong")
        self.label.setObjectName(f"{name}_label")
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.before = Button(
            self,
            tr("Bulan sebelumnya"),
            "Ctrl+Left",
            icon="chevron-left",
            name=f"{name}_before",
            shown_key="Ctrl ←",
            compact=True,
        )
        self.after = Button(
            self,
            tr("Bulan berikutnya"),
            "Ctrl+Right",
            icon="chevron-right",
            name=f"{name}_after",
            shown_key="Ctrl →",
            compact=True,
        )
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.before)
        line.addWidget(self.label)
        line.addWidget(self.after)
        self.before.clicked.connect(lambda: self._turn(self._month.previous()))
        self.after.clicked.connect(lambda: self._turn(self._month.next()))
        self._show()

    @property
    def month(self) -> Month:
        return self._month

    def _turn(self, month: Month) -> None:
        if month <= self._last:
            self._month = month
            self._show()
            self.turned.emit(month)

    def _show(self) -> None:
        self.label.setText(self._month.label)
        self.label.setMinimumWidth(theme.current().px(150))
        self.after.setEnabled(self._month < self._last)
