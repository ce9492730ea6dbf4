"""The worklist: who needs somebody, worst first, why and since when, and how far each case is."""

import itertools
from functools import partial

from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from posyandu_app.domain.cases import Show
from posyandu_app.domain.dates import format_day_long
from posyandu_app.domain.model import Role
from posyandu_app.domain.reviews import HEALTH_WORKERS
from posyandu_app.i18n import tr
from posyandu_app.services import cases
from posyandu_app.services.cases import CaseRow
from posyandu_app.services.views import Changes
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.models.case_model import CaseDelegate, CaseModel
from posyandu_app.ui.paper import Paper
from posyandu_app.ui.screens import review_state as rs
from posyandu_app.ui.screens.review_state import SHOWS, ReviewState
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Button, FittingLabel, Label, row
from posyandu_app.ui.widgets.case_glance import CaseGlance
from posyandu_app.ui.widgets.chips import Chips
from posyandu_app.ui.widgets.empty import Empty
from posyandu_app.ui.widgets.picker import Picker
from posyandu_app.ui.widgets.rows import Rows, RowsCard
from posyandu_app.ui.widgets.tabs import of_attention


class ReviewScreen(Screen):
    """Enter opens the case, for the kader the child's card; 1 to 5 and F3, P and A narrow the list."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "review_screen")
        self._state = ReviewState()
        self._stale = True
        self._list_lost = False
        self._latest = Latest(desk)
        self.decides = desk.workspace.user.role in HEALTH_WORKERS
        self.printer = Paper(desk)
        self.lead = FittingLabel(self, "body", "soft")
        self.lead.setObjectName("review_lead")
        role = desk.workspace.user.role
        self.tabs = of_attention(self, desk, "review", decides=role is Role.BIDAN) if self.decides else None
        self.place = Picker(self, tr("Posyandu"), "P", "sprout", name="review_place")
        self.group = Picker(self, tr("Alasan"), "A", "stethoscope", name="review_group")
        for picker in (self.place, self.group):
            picker.panel.left.connect(self._back_to_rows)
        self.paper = Button(self, tr("Cetak"), "Ctrl+P", icon="printer", name="review_print", compact=True)
        self.chips = Chips(self, tr("Tampilkan"), name="review_filter")
        self.model = CaseModel(self)
        self.list = Rows(self, tr("Anak yang perlu perhatian"), name="review_list")
        self.list.setUniformItemSizes(True)
        self.list.setModel(self.model)
        self.list.setItemDelegate(CaseDelegate(self.list))
        self.glance = CaseGlance(self)
        self.empty = Empty(self, name="review_empty")
        self._both = QWidget(self)
        self._lay_out()
        self.list.opened.connect(self._open_chosen)
        self.glance.button.clicked.connect(self._open_chosen)
        self.list.doubleClicked.connect(lambda _: self._open_chosen())
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self.paper.clicked.connect(self.print_list)
        self.chips.chosen.connect(lambda at: self._set(rs.shown(self._state, SHOWS[at])))
        self.place.chosen.connect(lambda at: self._narrow(place=at))
        self.group.chosen.connect(lambda at: self._narrow(group=at))
        for at, show in enumerate(SHOWS):
            key = QShortcut(QKeySequence(str(at + 1)), self)
            key.activated.connect(partial(self._show_only, show))
        everything = QShortcut(QKeySequence("0"), self)
        everything.activated.connect(lambda: self._set(rs.unfiltered(self._state)))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 20, 32, 8)
        column.setSpacing(12)
        head = row(Label(self, tr("Perlu perhatian"), "display"), None, self.place, self.group, self.paper)
        head.setSpacing(8)
        column.addLayout(head)
        line = row(spacing=12)
        line.addWidget(self.lead, 1)
        if self.tabs is not None:
            line.addWidget(self.tabs)
        column.addLayout(line)
        column.addWidget(self.chips)
        both = QHBoxLayout(self._both)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(16)
        both.addWidget(RowsCard(self._both, self.list), 11)
        both.addWidget(self.glance, 8)
        column.addWidget(self._both, 1)
        column.addWidget(self.empty, 1)
        self.empty.hide()
        tabs = (self.tabs,) if self.tabs is not None else ()
        order = (self.list, self.glance.button, self.chips, *tabs, self.place, self.group, self.paper)
        for first, second in itertools.pairwise(order):
            self.setTabOrder(first, second)

    def hints(self) -> tuple[tuple[str, str], ...]:
        opens = tr("Buka kasus") if self.decides else tr("Buka kartu")
        return (
            (tr("Pilih"), "↑ ↓"),
            (opens, "Enter"),
            (tr("Saringan"), "1–5"),
            (tr("Alasan"), "A"),
            *(((tr("Posyandu"), "P"),) if self._state.several else ()),
            (tr("Tanpa saringan"), "0"),
            (tr("Kembali"), "Esc"),
        )

    @property
    def state(self) -> ReviewState:
        return self._state

    def open(self, child: str = "") -> None:
        if child:
            self._state = rs.chosen(self._state, child)
        if self._stale:
            self.refresh()
        else:
            self._show()
        self.list.setFocus()

    def changed(self, changes: Changes) -> None:
        if changes.kinds != frozenset({"draft"}):
            self._stale = True
            if self.isVisible():
                self.refresh()

    def refresh(self) -> None:
        """Read the list again."""
        self._stale = False
        self._latest.ask(cases.every_case, self._found)

    def turn_filter(self) -> None:
        """F3: the next chip."""
        self._set(rs.next_show(self._state))

    def escape(self) -> None:
        self.desk.go("roster")

    def open_card(self) -> None:
        """Ctrl+Enter: the card of the chosen child."""
        if self._state.row is not None:
            self.desk.go("child", self._state.chosen)

    def print_list(self) -> None:
        """Ctrl+P: the list in sight as PDF."""
        state, today = self._state, self.desk.clock.today()
        show = rs.show_words(state.show)
        title = f"{tr('Perlu perhatian')} · {show} · {format_day_long(today)}"
        heads, lines = rs.table(state, today)
        self.printer.save_table(
            f"perlu-perhatian-{today.isoformat()}", title, (rs.lead(state),), [("", heads, lines)]
        )

    def _found(self, rows: tuple[CaseRow, ...]) -> None:
        several = self._state.several
        self._set(rs.found(self._state, rows))
        self.desk.counted.emit("review", rs.waiting(rows, decides=self.decides))
        if several != self._state.several:
            self.hints_changed.emit()

    def _show_only(self, show: Show) -> None:
        self._set(rs.shown(self._state, show))

    def _narrow(self, *, place: int | None = None, group: int | None = None) -> None:
        state = self._state
        if place is not None:
            state = rs.placed(state, state.places[place][0])
        if group is not None:
            state = rs.narrowed(state, state.groups[group][0])
        self._set(state)
        self._back_to_rows()

    def _back_to_rows(self) -> None:
        (self.list if self._state.visible else self.chips).setFocus()

    def _set(self, state: ReviewState) -> None:
        self._state = state
        self._show()

    def _show(self) -> None:
        state, today = self._state, self.desk.clock.today()
        self.chips.show_chips(
            [("", rs.show_words(show), state.count(show), str(at + 1)) for at, show in enumerate(SHOWS)],
            SHOWS.index(state.show),
        )
        places, groups = state.places, state.groups
        self.place.setVisible(state.several)
        self.place.show_options(
            [(name, count) for _, name, count in places],
            [scope for scope, _, _ in places].index(state.place),
        )
        self.group.show_options(
            [(rs.group_words(group), count) for group, count in groups],
            [group for group, _ in groups].index(state.group),
        )
        self.lead.set_parts(rs.lead_parts(state))
        rows = state.visible
        self.model.set_rows(rows, today, several=state.several and state.place is None)
        at = max(self.model.index_of(state.chosen), 0)
        if rows:
            index = self.model.index(at, 0)
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)
            self._glance()
        nothing = state.loaded and not rows
        gone, back = nothing and self.list.hasFocus(), bool(rows) and self._list_lost
        self._both.setVisible(not nothing)
        self.empty.setVisible(nothing)
        if nothing:
            self.empty.show_words("check", *_nothing(state))
        if gone or back:
            (self.chips if gone else self.list).setFocus()
            self._list_lost = gone

    def _glance(self) -> None:
        shown = self._state.row
        if shown is not None:
            self.glance.show_row(shown, self.desk.clock.today(), decides=self.decides)

    def _current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self._state = rs.chosen(self._state, self.model.row(current.row()).child.id)
            self._glance()

    def _open_chosen(self) -> None:
        if self._state.row is not None:
            self.desk.go("case" if self.decides else "child", self._state.chosen)


def _nothing(state: ReviewState) -> tuple[str, str]:
    if state.group is not None or state.place is not None or state.show is not Show.OPEN:
        return (
            tr("Tidak ada anak di saringan ini"),
            tr("Tekan 0 untuk melihat semua yang perlu perhatian."),
        )
    return (
        tr("Tidak ada anak yang perlu perhatian"),
        tr(
            "Artinya: tidak ada yang harus dirujuk atau diwaspadai dari semua yang sudah diukur. "
            "Anak yang belum ditimbang belum bisa dinilai."
        ),
    )
