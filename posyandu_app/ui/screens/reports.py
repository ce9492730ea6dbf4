"""The monthly reports of an area: which posyandu has sent, which not, which report was returned."""

from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from posyandu_app.domain.age import Month
from posyandu_app.domain.model import Role
from posyandu_app.i18n import tr
from posyandu_app.reports.analyst import Analyst
from posyandu_app.reports.areas import Level
from posyandu_app.reports.coverage import CoverageRow
from posyandu_app.services import monthly_reports
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace, posyandu_names
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.models.line_model import LineDelegate, LineModel
from posyandu_app.ui.screens import report_state as rs
from posyandu_app.ui.screens.report_state import OverviewState, Place, Show, address
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Label, row
from posyandu_app.ui.widgets.chips import Chips
from posyandu_app.ui.widgets.empty import Empty
from posyandu_app.ui.widgets.month_bar import MonthBar
from posyandu_app.ui.widgets.rows import Rows, RowsCard

_SHOWS = tuple(Show)


class ReportsScreen(Screen):
    """Enter opens a posyandu's report; 1 to 5 narrow the list, Ctrl+← → turn the month."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "reports_screen")
        this = Month.of(desk.clock.today())
        self._state = OverviewState(this.previous())
        self._counted: tuple[CoverageRow, ...] = ()
        self._whole = desk.workspace.user.role == Role.DINAS
        self._latest = Latest(desk)
        self._figures = Latest(desk, desk.analyse)
        self.month = MonthBar(self, this.previous(), this, name="reports_month")
        self.lead = Label(self, "", "body", "soft", wrap=True)
        self.lead.setObjectName("reports_lead")
        self.chips = Chips(self, tr("Tampilkan"), name="reports_parts")
        self.model = LineModel(self)
        self.list = Rows(self, tr("Laporan per posyandu"), name="reports_list")
        self.list.setModel(self.model)
        self.list.setItemDelegate(LineDelegate(self.list, most=1, right=240))
        self.card = RowsCard(self, self.list)
        self.empty = Empty(self, name="reports_empty")
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 8)
        column.setSpacing(16)
        column.addLayout(row(Label(self, tr("Laporan bulanan"), "display"), None, self.month))
        column.addWidget(self.lead)
        column.addWidget(self.chips)
        column.addWidget(self.card, 1)
        column.addWidget(self.empty, 1)
        self.empty.hide()
        self.month.turned.connect(self._month_turned)
        self.list.opened.connect(self._open_chosen)
        self.list.clicked.connect(self._clicked)
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self.chips.chosen.connect(lambda at: self._set(rs.shown(self._state, _SHOWS[at])))
        for at, show in enumerate(_SHOWS):
            key = QShortcut(QKeySequence(str(at + 1)), self)
            key.activated.connect(lambda show=show: self._set(rs.shown(self._state, show)))
        self.setTabOrder(self.chips, self.list)
        self._show()

    def hints(self) -> tuple[tuple[str, str], ...]:
        return (
            (tr("Pilih"), "↑ ↓"),
            (tr("Buka laporan"), "Enter"),
            (tr("Bagian"), "1–5"),
            (tr("Bulan lain"), "Ctrl ← →"),
            (tr("Kembali"), "Esc"),
        )

    @property
    def state(self) -> OverviewState:
        return self._state

    def open(self, child: str = "") -> None:
        self.refresh()
        (self.list if self.list.isVisible() else self.chips).setFocus()

    def changed(self, changes: Changes) -> None:
        if self.isVisible() and changes.kinds != frozenset({"draft"}):
            self.refresh()

    def refresh(self) -> None:
        """Read the month again; a whole district is counted by the analysis, beside the work."""
        month, area = self._state.month, self.desk.workspace.scope or ""
        if self._whole:
            self._figures.ask(lambda analyst: _counted(analyst, area, month), self._counts_found)
        else:
            self._latest.ask(lambda ws: _overview(ws, month), lambda places: self._found(month, places))

    def turn_filter(self) -> None:
        """F3: the next part."""
        at = _SHOWS.index(self._state.show)
        self._set(rs.shown(self._state, _SHOWS[(at + 1) % len(_SHOWS)]))

    def escape(self) -> None:
        self.desk.go("roster")

    def _counts_found(self, rows: tuple[CoverageRow, ...]) -> None:
        month = self._state.month
        self._latest.ask(
            lambda ws: _with_decisions(ws, month, rows), lambda places: self._found(month, places)
        )

    def _found(self, month: Month, places: tuple[Place, ...]) -> None:
        if month == self._state.month:
            self._set(rs.found(self._state, places))

    def _month_turned(self, month: Month) -> None:
        self._state = OverviewState(month, self._state.show, chosen=self._state.chosen)
        self._show()
        self.refresh()

    def _set(self, state: OverviewState) -> None:
        self._state = state
        self._show()

    def _show(self) -> None:
        state = self._state
        self.lead.setText(rs.summary(state, self.desk.clock.today()))
        self.chips.show_chips(
            [("", show.label, state.count(show), str(at + 1)) for at, show in enumerate(_SHOWS)],
            _SHOWS.index(state.show),
        )
        lines = state.lines
        self.model.set_lines(lines)
        if lines:
            index = self.model.index(max(self.model.index_of(state.chosen), 0), 0)
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)
        nothing = state.loaded and not lines
        if nothing and self.list.hasFocus():
            self.chips.setFocus()
        self.card.setVisible(not nothing)
        self.empty.setVisible(nothing)
        if nothing and state.places:
            told = tr("Tekan 1 untuk melihat semua posyandu.")
            self.empty.show_words("clipboard-list", tr("Tidak ada posyandu di bagian ini"), told)
        elif nothing:
            self.empty.show_words(
                "clipboard-list",
                tr("Belum ada posyandu di laptop ini"),
                tr("Posyandu dan datanya datang dengan sinkronisasi atau USB."),
            )

    def _current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self._state = rs.chosen(self._state, self.model.row(current.row()).key)

    def _clicked(self, index: QModelIndex) -> None:
        self._state = rs.chosen(self._state, self.model.row(index.row()).key)
        self._open_chosen()

    def _open_chosen(self) -> None:
        if self._state.chosen:
            self.desk.go("report", address(self._state.chosen, self._state.month))


def _overview(workspace: Workspace, month: Month) -> tuple[Place, ...]:
    return tuple(
        Place(found.scope, found.posyandu, found.skdn, found.status, found.tones)
        for found in monthly_reports.overview(workspace, month)
    )


def _counted(analyst: Analyst, area: str, month: Month) -> tuple[CoverageRow, ...]:
    return analyst.skdn(area, month, month.previous(), Level.POSYANDU).table.rows


def _with_decisions(workspace: Workspace, month: Month, rows: tuple[CoverageRow, ...]) -> tuple[Place, ...]:
    decided, names = monthly_reports.decided(workspace, month), posyandu_names(workspace)
    return tuple(
        Place(found.key, names.get(found.key, found.label), found.skdn, decided.get(found.key), {})
        for found in rows
    )
