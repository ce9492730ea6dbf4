"""The follow-up calendar: who is to be seen when, the overdue first; Enter opens the case."""

from functools import partial
from itertools import pairwise

from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from posyandu_app.domain.dates import format_day_long
from posyandu_app.domain.model import Role
from posyandu_app.i18n import tr
from posyandu_app.services import cases
from posyandu_app.services.cases import CalendarRow
from posyandu_app.services.views import Changes
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.models.controls_model import ControlsDelegate, ControlsModel
from posyandu_app.ui.paper import Paper
from posyandu_app.ui.screens import controls_state as cs
from posyandu_app.ui.screens.controls_state import AHEAD, WHENS, ControlsState, When
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Button, ElidedLabel, Label, row
from posyandu_app.ui.widgets.chips import Chips
from posyandu_app.ui.widgets.empty import Empty
from posyandu_app.ui.widgets.picker import Picker
from posyandu_app.ui.widgets.rows import Rows, RowsCard
from posyandu_app.ui.widgets.tabs import of_attention


class ControlsScreen(Screen):
    """1 to 5 and F3 choose the days, P a posyandu, Ctrl+P prints."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "controls_screen")
        self._state = ControlsState(desk.clock.today())
        self._list_lost = False
        self._latest = Latest(desk)
        self.printer = Paper(desk)
        self.lead = ElidedLabel(self, "", "body", "soft")
        self.lead.setObjectName("controls_lead")
        self.place = Picker(self, tr("Posyandu"), "P", "sprout", name="controls_place")
        self.paper = Button(self, tr("Cetak"), "Ctrl+P", icon="printer", name="controls_print", compact=True)
        self.place.panel.left.connect(self._back_to_rows)
        self.chips = Chips(self, tr("Tampilkan"), name="controls_when")
        self.model = ControlsModel(self)
        self.list = Rows(self, tr("Jadwal kontrol"), name="controls_list")
        self.list.setModel(self.model)
        self.list.setItemDelegate(ControlsDelegate(self.list))
        self.card = RowsCard(self, self.list)
        self.empty = Empty(self, name="controls_empty")
        self.empty.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 20, 32, 8)
        column.setSpacing(12)
        head = row(Label(self, tr("Jadwal kontrol"), "display"), None, self.place, self.paper, spacing=8)
        column.addLayout(head)
        role = desk.workspace.user.role
        self.tabs = of_attention(self, desk, "controls", decides=role is Role.BIDAN)
        line = row(spacing=12)
        line.addWidget(self.lead, 1)
        line.addWidget(self.tabs)
        column.addLayout(line)
        column.addWidget(self.chips)
        column.addWidget(self.card, 1)
        column.addWidget(self.empty, 1)
        for first, second in pairwise((self.list, self.chips, self.tabs, self.place, self.paper)):
            self.setTabOrder(first, second)
        self.list.opened.connect(self._open_chosen)
        self.list.clicked.connect(lambda _: self._open_chosen())
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self.paper.clicked.connect(self.print_list)
        self.chips.chosen.connect(lambda at: self._set(cs.turned(self._state, WHENS[at])))
        self.place.chosen.connect(self._placed)
        for at, when in enumerate(WHENS):
            key = QShortcut(QKeySequence(str(at + 1)), self)
            key.activated.connect(partial(self._turn, when))

    def hints(self) -> tuple[tuple[str, str], ...]:
        return (
            (tr("Pilih"), "↑ ↓"),
            (tr("Buka kasus"), "Enter"),
            (tr("Hari lain"), "1–5"),
            (tr("Posyandu"), "P"),
            (tr("Cetak"), "Ctrl+P"),
            (tr("Kembali"), "Esc"),
        )

    @property
    def state(self) -> ControlsState:
        return self._state

    def open(self, child: str = "") -> None:
        if self._state.today != self.desk.clock.today():
            self._state = ControlsState(self.desk.clock.today(), when=self._state.when)
        self._show()
        self.refresh()
        self.list.setFocus()

    def changed(self, changes: Changes) -> None:
        if self.isVisible() and changes.kinds != frozenset({"draft"}):
            self.refresh()

    def refresh(self) -> None:
        """Read the calendar again."""
        until = self._state.today + AHEAD
        self._latest.ask(lambda workspace: cases.calendar(workspace, until), self._found)

    def turn_filter(self) -> None:
        """F3: the next stretch of days."""
        self._set(cs.next_when(self._state))

    def escape(self) -> None:
        self.desk.go("review")

    def print_list(self) -> None:
        """Ctrl+P: the list in sight as PDF."""
        state = self._state
        title = f"{tr('Jadwal kontrol')} · {state.when.label} · {format_day_long(state.today)}"
        heads, lines = cs.table(state)
        name = f"jadwal-kontrol-{state.today.isoformat()}"
        self.printer.save_table(name, title, (cs.lead(state),), [("", heads, lines)])

    def _found(self, rows: tuple[CalendarRow, ...]) -> None:
        self._set(cs.found(self._state, rows))

    def _turn(self, when: When) -> None:
        self._set(cs.turned(self._state, when))

    def _back_to_rows(self) -> None:
        (self.chips if self.card.isHidden() else self.list).setFocus()

    def _placed(self, at: int) -> None:
        self._set(cs.placed(self._state, self._state.places[at][0]))
        self._back_to_rows()

    def _set(self, state: ControlsState) -> None:
        self._state = state
        self._show()

    def _show(self) -> None:
        state = self._state
        chips = [("", when.label, state.count(when), str(at + 1)) for at, when in enumerate(WHENS)]
        self.chips.show_chips(chips, WHENS.index(state.when))
        places = state.places
        self.place.setVisible(len(places) > 2)
        self.place.show_options(
            [(name, count) for _, name, count in places],
            [scope for scope, _, _ in places].index(state.place),
        )
        self.lead.setText(cs.lead(state))
        entries = state.entries
        self.model.set_entries(entries, state.today)
        at = self.model.index_of(state.chosen)
        if at >= 0:
            index = self.model.index(at, 0)
            self.list.setCurrentIndex(index)
            self.list.scrollTo(self.model.index(max(0, at - 1), 0))
            self.list.scrollTo(index)
        nothing = state.loaded and not entries
        gone, back = nothing and self.list.hasFocus(), bool(entries) and self._list_lost
        self.card.setVisible(not nothing)
        self.empty.setVisible(nothing)
        if gone or back:
            (self.chips if gone else self.list).setFocus()
            self._list_lost = gone
        if nothing:
            self.empty.show_words("calendar-check", *_nothing(state))

    def _current_changed(self, current: QModelIndex) -> None:
        if current.isValid() and self.model.row(current.row()).row is not None:
            self._state = cs.chosen(self._state, self.model.row(current.row()).key)

    def _open_chosen(self) -> None:
        chosen = cs.chosen_row(self._state)
        if chosen is not None:
            self.desk.go("case", chosen.child.id)


def _nothing(state: ControlsState) -> tuple[str, str]:
    if not state.rows:
        return (
            tr("Belum ada jadwal kontrol"),
            tr("Jadwal muncul sesudah kasus diputuskan di Perlu perhatian."),
        )
    return tr("Tidak ada kontrol pada hari-hari ini"), tr("Tekan 4 untuk melihat semua jadwal.")
