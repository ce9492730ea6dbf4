"""The date of weighing, large, and changeable by its key: today, or yesterday's paper."""

from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from posyandu_app.domain.dates import check_visit_date, format_date, format_day_long, parse_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.i18n import tr
from posyandu_app.ui.widgets.basic import Button, Label
from posyandu_app.ui.widgets.fields import DayEdit, mark_wrong


class DateBar(QWidget):
    """Shows the date; F6 turns it into a field. Emits `entered(text)`, or `left()` when given up."""

    entered = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self._on = date.min
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.label = Label(self, "", "lead_strong")
        self.label.setObjectName(f"{name}_label")
        self.past = Label(self, tr("Mengisi catatan hari lain"), "small_strong", "accent")
        self.past.setObjectName(f"{name}_past")
        self.edit = DayEdit(
            self, tr("Tanggal penimbangan, misalnya 22/11/2026"), name=f"{name}_edit", longest=60
        )
        self.edit.setFixedWidth(260)
        self.error = Label(self, "", "small", "danger", wrap=True)
        self.error.setObjectName(f"{name}_error")
        words = tr("Ganti tanggal")
        self.button = Button(self, words, "F6", icon="calendar-days", name=f"{name}_button", compact=True)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.label, 0, Qt.AlignmentFlag.AlignRight)
        texts.addWidget(self.past, 0, Qt.AlignmentFlag.AlignRight)
        texts.addWidget(self.edit)
        texts.addWidget(self.error)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(12)
        line.addLayout(texts)
        line.addWidget(self.button)
        self.button.clicked.connect(self.open)
        self.edit.returnPressed.connect(lambda: self.entered.emit(self.edit.text()))
        self.edit.textEdited.connect(lambda: self._say(""))
        self.edit.escaped.connect(self._leave)
        self._turn(editing=False)

    @property
    def editing(self) -> bool:
        return self.edit.isVisibleTo(self)

    def show_date(self, on: date, today: date) -> None:
        """Show this date and stop editing."""
        self._on = on
        self.label.setText(format_day_long(on))
        self.past.setText(tr("Mengisi catatan hari lain") if on != today else "")
        self._turn(editing=False)

    def open(self) -> None:
        """Type another date."""
        self.edit.setText(format_date(self._on))
        self._turn(editing=True)
        self.edit.setFocus()
        self.edit.selectAll()

    def read(self, text: str, latest: date) -> date | None:
        """The day that was typed, up to `latest`; None for one that cannot be, which is said."""
        try:
            on = parse_date(text)
            check_visit_date(on, latest)
        except InvalidValue as error:
            self.refuse(error.message)
            return None
        return on

    def refuse(self, message: str) -> None:
        """The date cannot be; the sentence says why, what was typed stays."""
        self._say(message)
        self.edit.setFocus()

    def _leave(self) -> None:
        self._turn(editing=False)
        self.left.emit()

    def _say(self, message: str) -> None:
        self.error.setText(message)
        self.error.setVisible(bool(message))
        mark_wrong(self.edit, bool(message))

    def _turn(self, *, editing: bool) -> None:
        self._say("")
        self.edit.setVisible(editing)
        self.label.setVisible(not editing)
        self.past.setVisible(not editing and bool(self.past.text()))
        self.button.setVisible(not editing)
