"""The posyandu day: who is expected, who is there, who is missing, and what it came to."""

from collections.abc import Callable
from datetime import date, datetime
from itertools import pairwise

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from posyandu_app.domain.dates import format_day_long, format_time
from posyandu_app.domain.home_visits import HomeVisit, VisitOutcome
from posyandu_app.domain.visits import Attendance
from posyandu_app.i18n import tr
from posyandu_app.services import attendance, cases, home_visits, recap, sessions
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace, is_posyandu, several_posyandu
from posyandu_app.ui import day_paper, words
from posyandu_app.ui.counts import waiting
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.models.day_model import DayDelegate, DayModel
from posyandu_app.ui.screens import day_state as ds
from posyandu_app.ui.screens.day_state import DayBook, DayState, Part
from posyandu_app.ui.screens.paper_screen import PaperScreen
from posyandu_app.ui.screens.sync_screen import COPY
from posyandu_app.ui.widgets.basic import Button, Label, row
from posyandu_app.ui.widgets.chips import Chips
from posyandu_app.ui.widgets.date_bar import DateBar
from posyandu_app.ui.widgets.empty import Empty
from posyandu_app.ui.widgets.going_home import GoingHome
from posyandu_app.ui.widgets.needs import Needs
from posyandu_app.ui.widgets.recap import RecapPanel
from posyandu_app.ui.widgets.rows import Rows, RowsCard

_PARTS = tuple(Part)
_MARKS = {
    "h": Attendance.PRESENT,
    "x": Attendance.NOT_MEASURABLE,
    "t": Attendance.ABSENT,
    "p": Attendance.MOVED,
}
_OUTCOMES = {
    "b": VisitOutcome.MET,
    "k": VisitOutcome.NOT_HOME,
    "p": VisitOutcome.MOVED,
    "m": VisitOutcome.REFUSED,
}


class DayRows(Rows):
    """A list in which letters mark the chosen child instead of searching."""

    def __init__(self, parent: QWidget, accessible: str, *, name: str) -> None:
        super().__init__(parent, accessible, name=name)
        self.letter: Callable[[str], bool] = lambda _: False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text = event.text().lower()
        if text and not event.modifiers() and self.letter(text):
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters never jump to a name here."""


class DayScreen(PaperScreen):
    """Five views of one day; F9 opens and closes the day, letters mark, Ctrl+P prints."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "day_screen")
        today = desk.clock.today()
        self._state = DayState(on=today, today=today)
        self._latest = Latest(desk)
        self.date = DateBar(self, "day_date")
        self.session = Label(self, "", "body", "soft", wrap=True)
        self.session.setObjectName("day_session")
        self.turn = Button(self, tr("Buka hari posyandu"), "F9", "primary", name="day_turn")
        self.paper = Button(self, tr("Cetak"), "Ctrl+P", name="day_print")
        self.home = GoingHome(self, "going_home")
        self.home_short = GoingHome(self, "going_home_short", compact=True)
        self.chips = Chips(self, tr("Tampilkan"), name="day_parts")
        self.asked = Label(self, "", "small_strong", "accent")
        self.asked.setObjectName("day_asked")
        self.asked.hide()
        self.lead = Label(self, "", "body", "soft", wrap=True)
        self.lead.setObjectName("day_lead")
        self.needs = Needs(self, tr("Siapkan"), name="day_needs")
        self.model = DayModel(self)
        self.list = DayRows(self, tr("Daftar anak"), name="day_list")
        self.list.setModel(self.model)
        self.list.setItemDelegate(DayDelegate(self.list))
        self.list.letter = self._letter
        self.recap = RecapPanel(self, [label for label, _ in ds.groups(desk.workspace.rules)])
        self.empty = Empty(self, name="day_empty")
        self._views = QStackedWidget(self)
        self._lay_out()
        self.chips.chosen.connect(lambda at: self._set(ds.turned(self._state, _PARTS[at])))
        self.turn.clicked.connect(self._turn_day)
        self.paper.clicked.connect(self.print_part)
        self.recap.groups.chosen.connect(self._group_chosen)
        self.list.clicked.connect(lambda _: self._open_chosen())
        self.list.opened.connect(self._open_chosen)
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self.date.entered.connect(self._date_entered)
        self.date.left.connect(self._take_keyboard)
        for home in (self.home, self.home_short):
            home.hide()
            home.sync_wanted.connect(desk.sync_asked)
            home.copy_wanted.connect(lambda: desk.go("sync", COPY))
        desk.unsent_changed.connect(self._show_home)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 8)
        column.setSpacing(12)
        column.addLayout(row(Label(self, tr("Hari posyandu"), "display"), None, self.date))
        deeds = row(self.turn, self.paper, spacing=12)
        deeds.insertWidget(0, self.session, 1)
        deeds.insertWidget(1, self.home_short, 1)
        column.addLayout(deeds)
        column.addWidget(self.home)
        column.addWidget(self.asked)
        column.addWidget(self.chips)
        column.addWidget(self.lead)
        column.addWidget(self.needs)
        self._views.addWidget(RowsCard(self, self.list))
        self._views.addWidget(self.recap)
        self._views.addWidget(self.empty)
        column.addWidget(self._views, 1)
        order = (
            *(self.list, self.recap.groups, self.chips),
            *(self.home_short.sync, self.home_short.copy, self.turn, self.paper),
            *(self.home.sync, self.home.copy),
        )
        for first, second in pairwise(order):
            self.setTabOrder(first, second)

    def hints(self) -> tuple[tuple[str, str], ...]:
        marks: tuple[tuple[str, str], ...] = ()
        part = self._state.part if self.desk.workspace.writes else None
        if part == Part.PRESENT:
            marks = (
                (tr("Hadir"), "H"),
                (tr("Tidak dapat diukur"), "X"),
                (tr("Tidak hadir"), "T"),
                (tr("Pindah"), "P"),
            )
        elif part == Part.ABSENT:
            marks = (
                (tr("Dikunjungi, bertemu"), "B"),
                (tr("Kosong"), "K"),
                (tr("Pindah"), "P"),
                (tr("Menolak"), "M"),
            )
        opens = tr("Timbang") if self._opens == "weighing" else tr("Kartu anak")
        enter = () if self._state.part == Part.RECAP else ((opens, "Enter"),)
        return (*marks, *enter, (tr("Tampilan lain"), "F3"), (tr("Cetak"), "Ctrl+P"), (tr("Kembali"), "Esc"))

    @property
    def state(self) -> DayState:
        return self._state

    def open(self, child: str = "") -> None:
        on = self.desk.weighing_date
        if on != self._state.on:
            self._state = DayState(on=on, today=self.desk.clock.today(), part=self._state.part)
        self.date.show_date(on, self.desk.clock.today())
        self._show()
        self.refresh()
        self._take_keyboard()

    def changed(self, changes: Changes) -> None:
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Read the day again."""
        on = self._state.on
        self._latest.ask(lambda workspace: _read(workspace, on), self._found)
        self.desk.ask(waiting, self._asked)

    def turn_filter(self) -> None:
        """F3: the next view."""
        self._set(ds.next_part(self._state))

    def escape(self) -> None:
        self.desk.go("roster")

    def print_part(self) -> None:
        """Ctrl+P: the view in sight as PDF."""
        state = self._state
        if state.book is None:
            return
        name = {
            Part.EXPECTED: "daftar-sasaran",
            Part.PRESENT: "kehadiran",
            Part.ABSENT: "kunjungan-rumah",
            Part.WAITING: "untuk-bidan",
            Part.RECAP: "rekap",
        }[state.part]
        title = f"{state.part.label} · {self.desk.workspace.posyandu_name} · {format_day_long(state.on)}"
        lead, tables = ds.lead(state, writes=False), self._tables(state)
        self.save_paper(
            [
                (
                    f"{name}-{state.on.isoformat()}.pdf",
                    lambda path: day_paper.to_pdf(path, title, (lead,) if lead else (), tables),
                )
            ]
        )

    def _tables(self, state: DayState) -> list[day_paper.Table]:
        if state.part != Part.RECAP:
            heads, lines = ds.table(state)
            return [("", heads, lines)]
        rules = self.desk.workspace.rules
        heads = (tr("Penimbangan"), tr("Bulan ini"), tr("Bulan lalu"), tr("Target"))
        tables: list[day_paper.Table] = []
        for at, (label, _) in enumerate(ds.groups(rules)):
            found = ds.lines(ds.DayState(state.on, state.today, state.part, group=at, book=state.book), rules)
            tables.append(
                (label, heads, [(line.label, line.now, line.before, line.target) for line in found])
            )
        tables.insert(1, (tr("Pelayanan"), (tr("Pelayanan"), tr("Jumlah")), ds.services(state)))
        return tables

    # deeds

    def _turn_day(self) -> None:
        book, on = self._state.book, self._state.on
        session = book.session if book is not None else None
        if session is None:
            self._do(lambda workspace: sessions.open_day(workspace, on))
        elif session.is_open:
            self._do(lambda workspace: sessions.close_day(workspace, on))
        else:
            self._do(lambda workspace: sessions.reopen_day(workspace, on))

    def _letter(self, letter: str) -> bool:
        if letter in "12345":
            self._set(ds.turned(self._state, _PARTS[int(letter) - 1]))
            return True
        child, on = self._state.chosen, self._state.on
        if not child or not self.desk.workspace.writes:
            return False
        if self._state.part == Part.PRESENT and letter in _MARKS:
            mark = _MARKS[letter]
            self._do(lambda workspace: attendance.mark(workspace, child, on, mark), go_on=True)
            return True
        if self._state.part == Part.ABSENT and letter in _OUTCOMES:
            made = self._home_visit(child, _OUTCOMES[letter])
            self._do(lambda workspace: home_visits.record(workspace, made), go_on=True)
            return True
        return False

    def _home_visit(self, child: str, outcome: VisitOutcome) -> HomeVisit:
        assert self._state.book is not None
        absent = next(row for row in self._state.book.closing.recap.absent if row.child.id == child)
        return HomeVisit(
            id="", child=child, date=self.desk.clock.today(), reason=absent.reasons[0], outcome=outcome
        )

    def _do(self, deed: Callable[[Workspace], Changes], *, go_on: bool = False) -> None:
        def done(changes: Changes) -> None:
            self.desk.offer(changes)
            if go_on:
                at = self.model.index_of(self._state.chosen)
                self._choose(min(at + 1, self.model.rowCount() - 1))

        self.desk.do(deed, done)

    # showing

    def _asked(self, count: int) -> None:
        """A quiet line when Dinas or puskesmas wait for an answer."""
        words = tr("{count} permintaan menunggu jawaban. Lihat di Rekomendasi.")
        self.asked.setText(words.format(count=count))
        self.asked.setVisible(count > 0)

    def _found(self, book: DayBook) -> None:
        if book.on == self._state.on:
            self._set(ds.opened(self._state, book))

    def _set(self, state: DayState) -> None:
        turned = state.part != self._state.part
        self._state = state
        self._show()
        if turned:
            self._take_keyboard()
            self.hints_changed.emit()

    def _group_chosen(self, at: int) -> None:
        self._state = DayState(
            self._state.on, self._state.today, self._state.part, self._state.chosen, at, self._state.book
        )
        self._show()

    def _show(self) -> None:
        state, scope = self._state, self.desk.workspace.scope
        self.chips.show_chips(
            [("", part.label, ds.count(state, part), str(at + 1)) for at, part in enumerate(_PARTS)],
            _PARTS.index(state.part),
        )
        session = state.book.session if state.book is not None else None
        at = _time(session.closed_at or session.opened_at) if session is not None else ""
        writes, one = self.desk.workspace.writes, scope is not None and is_posyandu(scope)
        lead = ds.lead(state, writes=writes)
        standing = ds.session_words(state, at) if one else ""  # each posyandu has a day of its own
        self.session.setText(lead if state.part == Part.RECAP else standing)
        needs = ds.needs(state)
        self.needs.show_needs(needs)
        self.needs.setVisible(bool(needs))
        self.lead.setVisible(state.part != Part.RECAP and not needs)
        self.turn.setVisible(one and writes)
        if session is None:
            self.turn.set_words(tr("Buka hari posyandu"))
        else:
            self.turn.set_words(tr("Tutup hari posyandu") if session.is_open else tr("Buka lagi"))
        self.lead.setText(lead)
        self._show_home()
        rows = ds.rows(state)
        self.model.set_rows(rows)
        self._choose(max(self.model.index_of(state.chosen), 0))
        if state.part == Part.RECAP:
            self.recap.show_recap(ds.lines(state, self.desk.workspace.rules), ds.services(state), state.group)
            self._views.setCurrentWidget(self.recap)
        elif state.book is not None and not rows:
            self.empty.show_words("check", *_nothing(state.part, writes))
            self._views.setCurrentWidget(self.empty)
        else:
            self._views.setCurrentIndex(0)

    def _show_home(self) -> None:
        """Once the day is closed, what the Dinas has not received is not forgotten."""
        session = self._state.book.session if self._state.book is not None else None
        over = session is not None and not session.is_open
        reminds = over and self.desk.unsent > 0 and not self.desk.workspace.practice
        short = self._state.part == Part.RECAP
        for home in (self.home, self.home_short):
            home.show_waiting(self.desk.unsent, self.desk.network_on)
        self.turn.set_kind("secondary" if over else "primary")
        self.home.setVisible(reminds and not short)
        self.home_short.setVisible(reminds and short)
        self.session.setHidden(reminds and short)

    def _choose(self, at: int) -> None:
        if 0 <= at < self.model.rowCount():
            index = self.model.index(at, 0)
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)

    def _current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self._state = ds.chosen(self._state, self.model.row(current.row()).child)

    def _take_keyboard(self) -> None:
        if self._state.part == Part.RECAP:
            self.recap.groups.setFocus()
        elif self._views.currentIndex() == 0:
            self.list.setFocus()
        else:
            self.chips.setFocus()

    def _open_chosen(self) -> None:
        if self._state.chosen:
            self.desk.go(self._opens, self._state.chosen)

    @property
    def _opens(self) -> str:
        """Where Enter leads to."""
        return "weighing" if self.desk.workspace.writes and self._state.part != Part.WAITING else "child"

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if (
            event.text() in ("1", "2", "3", "4", "5")
            and not event.modifiers() & Qt.KeyboardModifier.AltModifier
        ):
            self._set(ds.turned(self._state, _PARTS[int(event.text()) - 1]))
            return
        super().keyPressEvent(event)

    def _date_entered(self, text: str) -> None:
        today, on = self.desk.clock.today(), self.date.read(text, self.desk.latest_day)
        if on is None:
            return
        self.desk.set_weighing_date(on)
        self._state = DayState(on=on, today=today, part=self._state.part)
        self.date.show_date(on, today)
        self._show()
        self.refresh()
        self._take_keyboard()


def _read(workspace: Workspace, on: date) -> DayBook:
    closing = recap.closing(workspace, on)
    return DayBook(
        on,
        recap.before(workspace, on),
        closing,
        attendance.on_day(workspace, on),
        closing.session,
        {wish.child.id: wish for wish in cases.wanted(workspace)},
        several_posyandu(workspace),
    )


def _time(moment: str) -> str:
    try:
        return format_time(datetime.fromisoformat(moment))
    except ValueError:
        return words.NOTHING


def _nothing(part: Part, writes: bool) -> tuple[str, str]:
    if part == Part.ABSENT:
        return tr("Semua anak datang bulan ini"), tr("Tidak ada yang perlu dikunjungi di rumah.")
    if part == Part.WAITING:
        return tr("Tidak ada yang menunggu bidan"), tr("Artinya: dari yang sudah diukur, tidak ada temuan.")
    if not writes:
        come = tr("Anak yang didaftarkan di posyandu datang dengan sinkronisasi.")
        return tr("Belum ada anak di daftar ini"), come
    return tr("Belum ada anak di daftar ini"), tr("Tekan F4 untuk mendaftarkan anak pertama.")
