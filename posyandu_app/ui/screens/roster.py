"""The roster: search, choose, open. The first place of every posyandu day."""

from PySide6.QtCore import QModelIndex, QRectF, QSize
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from posyandu_app.domain import card_codes
from posyandu_app.i18n import tr
from posyandu_app.services import roster
from posyandu_app.services.views import Changes, RosterRow
from posyandu_app.services.workspace import posyandu_name
from posyandu_app.ui import paint, qr_paper, theme
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.models.roster_model import RosterDelegate, RosterModel
from posyandu_app.ui.paper import Paper
from posyandu_app.ui.screens import roster_state as rs
from posyandu_app.ui.screens.roster_state import RosterState, Show
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Button, Label, Segmented, row
from posyandu_app.ui.widgets.date_bar import DateBar
from posyandu_app.ui.widgets.empty import Empty
from posyandu_app.ui.widgets.fields import SearchEdit
from posyandu_app.ui.widgets.rows import Rows, RowsCard

_SHOWS = tuple(Show)


class Progress(QWidget):
    """How many of the children are done: a thin bar, its words stand beside it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._part = 0.0
        self.setFixedHeight(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_part(self, part: float) -> None:
        """0 to 1."""
        self._part = part
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.current().colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        paint.rounded(painter, rect, 4, c.sunken, c.line_strong, 1)
        if self._part > 0:
            paint.rounded(painter, QRectF(0, 0, max(8.0, rect.width() * self._part), 8), 4, c.accent)


class RosterScreen(Screen):
    """All children of the area; typing finds, Enter weighs, or opens the card for whoever only reads."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "roster_screen")
        self._state = RosterState()
        self._sought = ""
        self._stale = True
        self._enter_waits = False
        self._latest = Latest(desk)
        self.printer = Paper(desk)
        self.search = SearchEdit(self, tr("Cari nama atau NIK"), "F2", name="search")
        self.date = DateBar(self, "roster_date")
        self.figures = Label(self, "", "body", "soft")
        self.figures.setObjectName("roster_figures")
        self.progress = Progress(self)
        self.new = Button(self, tr("Anak baru"), "F4", "secondary", "user-plus", name="new_child")
        self.filter = Segmented(self, self._choices(), tr("Tampilkan"), name="roster_filter")
        self.model = RosterModel(self)
        self.list = Rows(self, tr("Daftar anak"), name="roster_list")
        self.card = RowsCard(self, self.list)
        self.list.setModel(self.model)
        self.list.setItemDelegate(RosterDelegate(self.list))
        self.empty = Empty(self, name="roster_empty")
        self.new.setVisible(desk.workspace.writes)
        self._lay_out()
        self.search.textEdited.connect(self._searched)
        self.search.moved.connect(self._moved)
        self.search.returnPressed.connect(self._open_chosen)
        self.filter.chosen.connect(lambda index: self._set(rs.filtered(self._state, _SHOWS[index])))
        self.list.clicked.connect(self._clicked)
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self.list.opened.connect(self._open_chosen)
        self.new.clicked.connect(lambda: desk.go("register"))
        QShortcut(QKeySequence("Ctrl+R"), self).activated.connect(self.print_cards)
        self.date.entered.connect(self._date_entered)
        self.date.left.connect(self.search.setFocus)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 8)
        column.setSpacing(16)
        head = row(Label(self, tr("Penimbangan"), "display"), None, self.date)
        column.addLayout(head)
        tools = row(spacing=12)
        tools.addWidget(self.search, 1)
        tools.addWidget(self.filter)
        tools.addWidget(self.new)
        column.addLayout(tools)
        figures = row(self.figures, spacing=16)
        figures.addWidget(self.progress, 1)
        column.addLayout(figures)
        column.addWidget(self.card, 1)
        column.addWidget(self.empty, 1)
        self.empty.hide()
        for first, second in ((self.search, self.filter), (self.filter, self.new), (self.new, self.list)):
            self.setTabOrder(first, second)

    def _choices(self) -> list[tuple[str, str]]:
        return [(tr("Belum"), ""), (tr("Sudah"), ""), (tr("Semua"), "")]

    def hints(self) -> tuple[tuple[str, str], ...]:
        find = ((tr("Cari"), "F2"), (tr("Pilih"), "↑ ↓"))
        if not self.desk.workspace.writes:
            return (*find, (tr("Kartu anak"), "Enter"), (tr("Saringan"), "F3"), (tr("Kartu QR"), "Ctrl+R"))
        return (
            *find,
            (tr("Timbang"), "Enter"),
            (tr("Kartu anak"), "Ctrl+Enter"),
            (tr("Saringan"), "F3"),
            (tr("Anak baru"), "F4"),
            (tr("Kartu QR"), "Ctrl+R"),
        )

    @property
    def state(self) -> RosterState:
        return self._state

    def open(self, child: str = "") -> None:
        if self._sought in self.desk.done:
            self._clear_search()
        self._sought = ""
        self.search.setText(self.search.text())  # from here Ctrl+Z is about deeds, not an earlier search
        if child:
            self._state = rs.chosen(self._state, child)
        self.date.show_date(self.desk.weighing_date, self.desk.clock.today())
        if self._stale:
            self.refresh()
        else:
            self._show()
        self.focus_search()

    def changed(self, changes: Changes) -> None:
        self._stale = True
        if "measurement" in changes.kinds and not self.isVisible():
            self._clear_search()
        if self.isVisible():
            self.refresh()

    def _clear_search(self) -> None:
        """Found and done: the list is whole again."""
        self.search.setText("")
        self._state = rs.searched(self._state, "")

    def refresh(self) -> None:
        """Read the list again."""
        self._stale = False
        query = self._state.query
        if query.strip():
            self._latest.ask(lambda ws: (roster.rows(ws), roster.rows(ws, query)), self._both_found)
        else:
            self._latest.ask(lambda ws: roster.rows(ws), lambda rows: self._found("", rows))

    def focus_search(self) -> None:
        """F2: type a name at once, over whatever was searched before."""
        self.search.setFocus()
        self.search.selectAll()

    def turn_filter(self) -> None:
        """F3: the next part of the list."""
        self._set(rs.next_filter(self._state))

    def escape(self) -> None:
        if self.search.text():
            self.search.clear()
            self._searched("")
        self.search.setFocus()

    def _searched(self, text: str) -> None:
        self._enter_waits = False
        self._state = rs.searched(self._state, text)
        self._latest.ask(lambda ws: roster.rows(ws, text), lambda rows: self._found(text, rows))

    def _both_found(self, answer: tuple[tuple[RosterRow, ...], tuple[RosterRow, ...]]) -> None:
        query = self._state.query
        self._set(rs.found(self._state, "", answer[0]))
        self._found(query, answer[1])

    def _found(self, query: str, rows: tuple[RosterRow, ...]) -> None:
        if query != self.search.text():
            return
        self._set(rs.found(self._state, query, rows))
        if self._enter_waits:
            self._enter_waits = False
            self._open_chosen()

    def _set(self, state: RosterState) -> None:
        if state.everybody is not self._state.everybody:
            self.desk.set_roster(state.everybody)
        self._state = state
        self._show()

    def _show(self) -> None:
        state = self._state
        total, done = len(state.everybody), state.done
        sentence = tr("{done} dari {total} anak sudah ditimbang bulan ini")
        self.figures.setText(sentence.format(done=done, total=total) if total else "")
        self.progress.show_part(done / total if total else 0)
        self.progress.setVisible(bool(total))
        self.filter.set_index(_SHOWS.index(state.show))
        self.filter.setEnabled(not state.query.strip())
        rows = state.visible
        self.model.set_rows(rows, self.desk.clock.today())
        self._show_choice()
        nothing = state.loaded and not rows
        self.card.setVisible(not nothing)
        self.empty.setVisible(nothing)
        if nothing:
            self._show_empty()

    def _show_empty(self) -> None:
        state = self._state
        if card_codes.looks_like_code(state.query):
            self.empty.show_words(
                "search",
                tr("Kartu ini tidak dikenal di laptop ini"),
                tr("Pindai sekali lagi, atau cari dengan nama. Mungkin anak ini dari posyandu lain."),
            )
        elif state.query.strip():
            self.empty.show_words(
                "search",
                tr("Tidak ada yang cocok dengan “{query}”").format(query=state.query.strip()[:40]),
                tr("Coba sebagian nama anak atau ibunya saja. Kalau anak baru, tekan F4.")
                if self.desk.workspace.writes
                else tr("Coba sebagian nama anak atau ibunya saja."),
            )
        elif not state.everybody:
            self.empty.show_words(
                "baby",
                tr("Belum ada anak di daftar ini"),
                tr("Tekan F4 untuk mendaftarkan anak pertama.")
                if self.desk.workspace.writes
                else tr("Anak yang didaftarkan di posyandu datang dengan sinkronisasi."),
            )
        elif state.show == Show.WAITING:
            self.empty.show_words(
                "check", tr("Semua anak sudah ditimbang bulan ini"), tr("Tekan F3 untuk melihat daftarnya.")
            )
        else:
            self.empty.show_words(
                "scale",
                tr("Belum ada yang ditimbang bulan ini"),
                tr("Tekan F3 untuk melihat yang belum ditimbang."),
            )

    def _show_choice(self) -> None:
        at = self.model.index_of(self._state.chosen)
        selection = self.list.selectionModel()
        selection.blockSignals(True)
        index = self.model.index(max(at, 0), 0) if self.model.rowCount() else QModelIndex()
        self.list.setCurrentIndex(index)
        selection.blockSignals(False)
        if index.isValid():
            self._state = rs.chosen(self._state, self.model.row(index.row()).child.id)
            self.list.scrollTo(index)
        self.list.viewport().update()

    def _moved(self, steps: int) -> None:
        self._state = rs.moved(self._state, steps)
        self._show_choice()

    def _current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self._state = rs.chosen(self._state, self.model.row(current.row()).child.id)

    def _clicked(self, index: QModelIndex) -> None:
        self._state = rs.chosen(self._state, self.model.row(index.row()).child.id)
        self._open_chosen()

    def open_card(self) -> None:
        """Ctrl+Enter: the card of the chosen child."""
        if self._state.chosen:
            self.desk.go("child", self._state.chosen)

    def print_cards(self) -> None:
        """Ctrl+R: the QR cards of the children in sight, eight on a page."""
        children = [row.child for row in self._state.visible]
        self.desk.ask(
            lambda workspace: [
                qr_paper.card_of(child, posyandu_name(workspace, child.scope)) for child in children
            ],
            self._cards_made,
        )

    def _cards_made(self, cards: list[qr_paper.QrCard]) -> None:
        self.printer.save("kartu-qr", lambda path: qr_paper.to_pdf(path, cards))

    def _open_chosen(self) -> None:
        if self._state.fresh:
            if self._state.chosen:
                self._sought = "" if self._state.chosen in self.desk.done else self._state.chosen
                self.desk.go("weighing" if self.desk.workspace.writes else "child", self._state.chosen)
        else:
            self._enter_waits = True  # a scanner's Enter comes before the answer

    def _date_entered(self, text: str) -> None:
        today, on = self.desk.clock.today(), self.date.read(text, self.desk.latest_day)
        if on is None:
            return
        self.desk.set_weighing_date(on)
        self.date.show_date(on, today)
        self.search.setFocus()
