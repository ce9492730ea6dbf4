"""Steps that are said in a few words: the outcome of a follow-up, closing, opening again, a note."""

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from posyandu_app.domain.reviews import Outcome
from posyandu_app.i18n import tr
from posyandu_app.ui.case.step import StepPage
from posyandu_app.ui.screens.case_state import Page
from posyandu_app.ui.widgets.basic import Card, Label
from posyandu_app.ui.widgets.fields import Field
from posyandu_app.ui.widgets.scroll import Scroll
from posyandu_app.ui.widgets.ways import Ways


class SayPage(StepPage):
    """Which choices and fields there are depends on the page; what was typed stays until it is saved."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "", tr("Simpan"), name="say")
        self.page = Page.NOTE
        self._choices: tuple[Outcome, ...] = ()
        self._index = -1
        self.ways = Ways(self, tr("Hasil"), name="say_outcome")
        self.revisit = Field(
            self,
            tr("Kontrol berikutnya"),
            tr("Kosong berarti tidak ada kontrol yang ditunggu."),
            name="say_revisit_on",
            longest=40,
        )
        self.note = Field(self, tr("Catatan"), name="say_note", longest=500)
        self._choosing = Card(self, margins=18, spacing=8)
        choices = QWidget(self._choosing)
        inner = QVBoxLayout(choices)
        inner.setContentsMargins(0, 0, 0, 0)
        self.lead = Label(choices, "", "body", "soft", wrap=True)
        self.lead.setObjectName("say_lead")
        self.about = Label(self, "", "body", "soft", wrap=True)
        inner.addWidget(self.lead)
        inner.addWidget(self.ways)
        inner.addStretch(1)
        self._choosing.column.addWidget(Scroll(self._choosing, choices), 1)
        told = Card(self, margins=18, spacing=10)
        for widget in (self.about, self.revisit, self.note):
            told.column.addWidget(widget)
        told.column.addStretch(1)
        self.sides.addWidget(self._choosing, 1)
        self.sides.addWidget(told, 1)
        self.ways.chosen.connect(self._chosen)
        self.ways.entered.connect(
            lambda: (self.revisit if self.revisit.isVisible() else self.note).edit.setFocus()
        )
        self.revisit.entered.connect(self.note.edit.setFocus)
        self.note.entered.connect(self.save.setFocus)
        self.revisit.changed.connect(lambda _: self.revisit.set_error(""))
        self.note.changed.connect(lambda _: self.note.set_error(""))

    @property
    def outcome(self) -> Outcome | None:
        """What was chosen."""
        return self._choices[self._index] if 0 <= self._index < len(self._choices) else None

    def open(self, page: Page, choices: Sequence[Outcome], lead: str, revisit: str) -> None:
        """Begin one of the pages, empty."""
        self.page, self._choices, self._index = page, tuple(choices), -1
        titles = {
            Page.OUTCOME: (tr("Catat hasil tindak lanjut"), tr("Simpan hasil")),
            Page.CLOSE: (tr("Tutup kasus"), tr("Tutup kasus")),
            Page.REOPEN: (tr("Buka kembali"), tr("Buka kembali")),
            Page.NOTE: (tr("Catatan"), tr("Simpan catatan")),
        }
        title, button = titles[page]
        self.title = title
        self.save.set_words(button)
        for label, told in ((self.lead, bool(choices)), (self.about, not choices)):
            label.setText(lead)
            label.setVisible(bool(lead) and told)
        self._choosing.setVisible(bool(choices))
        self._show_ways()
        self.revisit.setVisible(page is Page.OUTCOME)
        self.revisit.set_text(revisit)
        names = {Page.REOPEN: tr("Mengapa dibuka kembali?")}
        self.note.label.setText(names.get(page, tr("Catatan")))
        self.note.edit.setAccessibleName(names.get(page, tr("Catatan")))
        self.note.set_text("")
        self.refuse("", "")

    def refuse(self, name: str, message: str) -> None:
        """Say at its field what must be mended; with "" nothing is wrong."""
        self.revisit.set_error(message if name == "revisit_on" else "")
        self.note.set_error(message if name == "note" else "")
        self.say(message if name not in ("revisit_on", "note") else "")
        if name == "revisit_on":
            self.revisit.edit.setFocus()
        elif name == "note":
            self.note.edit.setFocus()
        elif message and self._choices:
            self.ways.setFocus()

    def take_keyboard(self) -> None:
        if self._choices:
            self.ways.setFocus()
        else:
            self.note.edit.setFocus()

    def _chosen(self, index: int) -> None:
        self._index = index
        self._show_ways()
        self.say("")

    def _show_ways(self) -> None:
        self.ways.show_ways([item.label for item in self._choices], self._index)
