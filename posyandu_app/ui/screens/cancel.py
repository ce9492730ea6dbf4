"""Cancelling a saved visit, and bringing a cancelled one back: one page, one reason, one key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QVBoxLayout, QWidget

from posyandu_app.domain.dates import format_date
from posyandu_app.domain.doses import Dose
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.home_visits import HomeVisit
from posyandu_app.domain.operations import OpKey
from posyandu_app.domain.visits import Visit
from posyandu_app.i18n import tr
from posyandu_app.services import child_book, doses, home_visits, visits, weighing
from posyandu_app.services.child_book import ChildBook
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace
from posyandu_app.ui.desk import Desk
from posyandu_app.ui.messages import describe
from posyandu_app.ui.screens import child_state
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Button, Card, Label, row
from posyandu_app.ui.widgets.child_header import ChildHeader
from posyandu_app.ui.widgets.fields import Field


@dataclass(frozen=True, slots=True)
class Standing:
    """What is about to be hidden or brought back: its child, its words, whose it is, and who may."""

    book: ChildBook
    told: str
    who: str
    may_change: bool
    needs_reason: bool


class CancelScreen(Screen):
    """The visit leaves the card and the counts, and stays in the history; it can be brought back."""

    name = "cancel"

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, f"{self.name}_screen")
        self._measurement = ""
        self._book: ChildBook | None = None
        self._standing: Standing | None = None
        self._seen: Sequence[OpKey] = ()
        self._saving = False
        self.header = ChildHeader(self, None, name=f"{self.name}_header")
        card = Card(self, margins=24, spacing=10)
        self.title = Label(card, "", "heading", wrap=True)
        self.told = Label(card, "", "body", wrap=True)
        self.told.setObjectName(f"{self.name}_told")
        self.means = Label(card, self.meaning(), "body", "soft", wrap=True)
        for label in (self.title, self.told, self.means):
            card.column.addWidget(label)
        self.reason = Field(self, tr("Alasan"), name=f"{self.name}_reason", longest=500)
        self.save = Button(self, self.deed(), "F9", "primary", name=f"{self.name}_save")
        self.message = Label(self, "", "small_strong", "danger", wrap=True)
        self.message.setObjectName(f"{self.name}_message")
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 20, 32, 8)
        column.setSpacing(20)
        column.addWidget(self.header)
        column.addWidget(card)
        column.addWidget(self.reason)
        column.addLayout(row(self.save, None))
        column.addWidget(self.message)
        column.addStretch(1)
        self.reason.entered.connect(self._save)
        self.reason.changed.connect(lambda _: self.reason.set_error(""))
        self.save.clicked.connect(self._save)
        self.header.back.clicked.connect(self.escape)
        self.setTabOrder(self.reason.edit, self.save)

    # what the two pages differ in

    def deed(self) -> str:
        """What the button does."""
        return tr("Batalkan penimbangan")

    def meaning(self) -> str:
        """What follows from it."""
        return tr("Tidak dihitung lagi di grafik, huruf KMS, dan rekap. Tetap ada di riwayat.")

    def do(self, workspace: Workspace, measurement: str, reason: str) -> Changes:
        """Do it."""
        return weighing.void(workspace, measurement, reason, seen=self._seen)

    def read(self, workspace: Workspace, measurement: str) -> Standing:
        """What it is about."""
        book, visit = child_book.visited(workspace, measurement)
        self._seen = weighing.on_screen(workspace, measurement)
        told = child_state.cells(visit, book.child, book.card.today).told
        return Standing(book, told, visit.who, visit.may_change, visit.needs_reason)

    # the screen

    def hints(self) -> tuple[tuple[str, str], ...]:
        return ((self.deed(), "Enter"), (tr("Kembali"), "Esc"))

    @property
    def about(self) -> str:
        return self._measurement

    def open(self, child: str = "") -> None:
        """`child` is the id of the visit."""
        self._measurement, self._book, self._saving = child, None, False
        self.desk.ask(
            lambda workspace: self.read(workspace, child),
            lambda found: self._opened(child, found),
            self._gone,
        )

    def escape(self) -> None:
        book = self._book
        self.desk.go("child" if book is not None else "roster", book.child.id if book is not None else "")

    def _gone(self, error: Exception) -> None:
        self.desk.trouble(error)
        self.desk.go("roster")

    def _opened(self, record: str, visit: Standing) -> None:
        if record != self._measurement:
            return
        book = visit.book
        self._book, self._standing = book, visit
        self.header.show_child(book.child, book.card.today, book.card.history)
        self.title.setText(self.deed() + "?")
        self.told.setText(visit.told)
        words = tr("Alasan") if visit.needs_reason else tr("Alasan (boleh kosong)")
        self.reason.label.setText(words)
        self.reason.set_text("")
        self.reason.set_error("")
        hindered = not visit.may_change
        said = tr("Ditulis {name}. Hanya penulisnya atau bidan yang boleh membatalkan.")
        self.message.setText(said.format(name=visit.who) if hindered else "")
        self.reason.setVisible(not hindered)
        self.save.setEnabled(not hindered)
        (self.header.back if hindered else self.reason.edit).setFocus()

    def _save(self) -> None:
        if self._standing is None or self._saving or not self._standing.may_change:
            return
        self._saving = True
        measurement, reason = self._measurement, self.reason.text()
        self.desk.do(lambda workspace: self.do(workspace, measurement, reason), self._saved, self._failed)

    def _saved(self, changes: Changes) -> None:
        self.desk.offer(changes)
        self.escape()

    def _failed(self, error: Exception) -> None:
        self._saving = False
        if isinstance(error, InvalidValue) and error.field == "reason":
            self.reason.set_error(error.message)
            self.reason.edit.setFocus()
        else:
            self.message.setText(describe(error))


class RestoreScreen(CancelScreen):
    """A cancelled visit counts again."""

    name = "restore"

    def deed(self) -> str:
        return tr("Kembalikan penimbangan")

    def meaning(self) -> str:
        return tr("Dihitung lagi di grafik, huruf KMS, dan rekap.")

    def do(self, workspace: Workspace, measurement: str, reason: str) -> Changes:
        return weighing.restore(workspace, measurement, reason)


_VOIDS: Mapping[str, Callable[[Workspace, str, str], Changes]] = {
    Dose.kind: doses.void,
    Visit.kind: visits.void,
    HomeVisit.kind: home_visits.void,
}


class CancelGivenScreen(CancelScreen):
    """A dose, a card or a home visit that never was leaves the schedule and the counts."""

    name = "cancel_given"
    _kind = ""

    def deed(self) -> str:
        return tr("Batalkan catatan")

    def meaning(self) -> str:
        return tr("Tidak dihitung lagi dalam jadwal dan rekap. Tetap ada di riwayat.")

    def read(self, workspace: Workspace, measurement: str) -> Standing:
        child, _, record = measurement.partition("/")
        book, item = child_book.given(workspace, child, record)
        self._kind = item.kind
        told = " · ".join((format_date(item.date), item.title, *item.details))
        return Standing(book, told, item.who, item.may_change, item.needs_reason)

    def do(self, workspace: Workspace, measurement: str, reason: str) -> Changes:
        return _VOIDS[self._kind](workspace, measurement.partition("/")[2], reason)
