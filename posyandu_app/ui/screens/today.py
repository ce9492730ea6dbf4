"""Asked once after unlocking when the clock stands behind what is already written here: which day is it?"""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from posyandu_app.domain.dates import format_date, parse_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.i18n import tr
from posyandu_app.ui.desk import Desk
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Button, Card, Label, row
from posyandu_app.ui.widgets.fields import Field

WIDTH = 640
FARTHEST_YEARS = 10
"""A day so many years past the last known one is a slip of the finger."""


class TodayScreen(Screen):
    """The last known day stands in the field; Enter takes it, Esc goes on with the clock as it is."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "today_screen")
        card = Card(self, margins=32, spacing=16)
        card.setFixedWidth(WIDTH)
        card.column.addWidget(Label(card, tr("Hari ini tanggal berapa?"), "display", wrap=True))
        self.why = Label(card, "", "body", "soft", wrap=True)
        self.why.setObjectName("today_why")
        card.column.addWidget(self.why)
        self.field = Field(
            card, tr("Tanggal hari ini"), tr("Seperti 17/08/2026"), name="today_date", longest=60
        )
        card.column.addWidget(self.field)
        self.use = Button(card, tr("Pakai tanggal ini"), kind="primary", name="today_use", shown_key="Enter")
        self.later = Button(card, tr("Nanti saja"), kind="quiet", name="today_later", shown_key="Esc")
        card.column.addLayout(row(self.use, self.later, None, spacing=12))
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 8)
        column.addStretch(2)
        column.addLayout(row(None, card, None))
        column.addStretch(3)
        self.field.entered.connect(self._answer)
        self.field.changed.connect(lambda _: self.field.set_error(""))
        self.use.clicked.connect(self._answer)
        self.later.clicked.connect(self.escape)

    def hints(self) -> tuple[tuple[str, str], ...]:
        return ((tr("Pakai tanggal ini"), "Enter"), (tr("Nanti saja"), "Esc"))

    def open(self, child: str = "") -> None:
        today, known = self.desk.clock.today(), self.desk.latest_day
        words = tr(
            "Jam laptop ini menunjukkan {clock}, padahal di sini sudah ada catatan sampai {known}. "
            "Catatan lama tetap aman."
        )
        self.why.setText(words.format(clock=format_date(today), known=format_date(known)))
        if not self.field.text():
            self.field.set_text(format_date(known))
        self.field.edit.setFocus()
        self.field.edit.selectAll()

    def escape(self) -> None:
        self.desk.dated.emit(None)

    def _answer(self) -> None:
        try:
            on = parse_date(self.field.text())
            if on.year > self.desk.latest_day.year + FARTHEST_YEARS:
                raise InvalidValue(
                    "date", tr("Tahun {year} tidak masuk akal. Periksa lagi.").format(year=on.year)
                )
        except InvalidValue as error:
            self.field.set_error(error.message)
            self.field.edit.setFocus()
            return
        self.desk.dated.emit(on)
