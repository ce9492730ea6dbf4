"""Proposals from the data: each with its rule and figures; nothing goes out before a person has edited it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from posyandu_app.domain.age import Month
from posyandu_app.domain.model import Role
from posyandu_app.i18n import tr
from posyandu_app.reports import proposing
from posyandu_app.reports.prevalence import By
from posyandu_app.reports.quality import Check
from posyandu_app.reports.recommend import Proposal, Rule
from posyandu_app.services import recommendations
from posyandu_app.services.recommendations import FigureKey
from posyandu_app.services.views import Changes
from posyandu_app.ui import words
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.models.line_model import Line, LineDelegate, LineModel
from posyandu_app.ui.screens.recommend_write_state import Letter
from posyandu_app.ui.screens.report_state import figure_address
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Button, Card, Label, Segmented, row
from posyandu_app.ui.widgets.care import Rule as Hairline
from posyandu_app.ui.widgets.empty import Empty
from posyandu_app.ui.widgets.month_bar import MonthBar
from posyandu_app.ui.widgets.rows import Rows, RowsCard
from posyandu_app.ui.widgets.scroll import Scroll

_URGENT = (Rule.SEVERE_WASTING, Rule.TWO_T)


class ProposalsScreen(Screen):
    """Enter takes a proposal into the form; F3 turns to other areas, Ctrl+← → to another month."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "proposals_screen")
        this = Month.of(desk.clock.today())
        self._levels = (
            proposing.LEVELS if desk.workspace.user.role == Role.DINAS else (By.VILLAGE, By.POSYANDU)
        )
        self._by = By.POSYANDU
        self._found: tuple[Proposal, ...] = ()
        self._asked: dict[FigureKey, date] = {}
        self._latest = Latest(desk, desk.analyse)
        self.month = MonthBar(self, this.previous(), this, name="proposals_month")
        called = {By.KECAMATAN: tr("Kecamatan"), By.VILLAGE: tr("Desa"), By.POSYANDU: tr("Posyandu")}
        self.levels = Segmented(
            self,
            [(called[by], "") for by in self._levels],
            tr("Menurut"),
            name="proposals_levels",
            role="small_strong",
            height=44,
        )
        self.levels.set_index(self._levels.index(self._by))
        self.lead = Label(self, "", "body", "soft", wrap=True)
        self.lead.setObjectName("proposals_lead")
        self.model = LineModel(self)
        self.list = Rows(self, tr("Usulan"), name="proposals_list")
        self.list.setModel(self.model)
        self.list.setItemDelegate(LineDelegate(self.list, most=2, right=130))
        self.empty = Empty(self, name="proposals_empty")
        self._views = QStackedWidget(self)
        self.aside = Card(self, spacing=12)
        self._lay_out()
        self.month.turned.connect(lambda _: self.refresh())
        self.levels.chosen.connect(self._level_chosen)
        self.list.opened.connect(self._take)
        self.list.clicked.connect(lambda _: self.list.setFocus())
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self.take.clicked.connect(self._take)

    def _lay_out(self) -> None:
        inside = QWidget(self.aside)
        told = QVBoxLayout(inside)
        told.setContentsMargins(0, 0, 8, 0)
        told.setSpacing(12)
        self.text = Label(inside, "", "lead", wrap=True)
        self.text.setObjectName("proposal_text")
        self.why = Label(inside, "", "body", wrap=True)
        self.why.setObjectName("proposal_why")
        self.figures = Label(inside, "", "body", wrap=True)
        self.figures.setObjectName("proposal_figures")
        told.addWidget(self.text)
        told.addWidget(Hairline(inside))
        told.addWidget(Label(inside, tr("Mengapa diusulkan"), "small_strong", "soft"))
        told.addWidget(self.why)
        self.look = Button(
            inside, tr("Lihat angka"), "F7", icon="chart-line", name="proposal_look", small=True
        )
        told.addLayout(row(Label(inside, tr("Berdasarkan angka"), "small_strong", "soft"), None, self.look))
        told.addWidget(self.figures)
        told.addStretch(1)
        for label in (self.text, self.why, self.figures):
            label.setMinimumWidth(1)
        self.take = Button(
            self.aside,
            tr("Pakai dan sunting"),
            "",
            "primary",
            "square-pen",
            name="proposal_take",
            shown_key="Enter",
        )
        self.aside.column.addWidget(Scroll(self.aside, inside), 1)
        self.look.clicked.connect(self._look)
        self.aside.column.addLayout(row(self.take, None))
        whole = QWidget(self)
        both = QHBoxLayout(whole)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(16)
        both.addWidget(RowsCard(whole, self.list), 1)
        both.addWidget(self.aside, 1)
        self._views.addWidget(whole)
        self._views.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 8)
        column.setSpacing(16)
        column.addLayout(row(Label(self, tr("Usulan dari data"), "display"), None, self.month))
        head = row(spacing=16)
        head.addWidget(self.lead, 1)
        head.addWidget(self.levels)
        column.addLayout(head)
        column.addWidget(self._views, 1)

    def hints(self) -> tuple[tuple[str, str], ...]:
        return (
            (tr("Pilih"), "↑ ↓"),
            (tr("Pakai dan sunting"), "Enter"),
            (tr("Lihat angka"), "F7"),
            (tr("Wilayah lain"), "F3"),
            (tr("Bulan lain"), "Ctrl ← →"),
            (tr("Kembali"), "Esc"),
        )

    @property
    def found(self) -> tuple[Proposal, ...]:
        """The proposals in sight."""
        return self._found

    def open(self, child: str = "") -> None:
        self.refresh()
        self.list.setFocus()

    def changed(self, changes: Changes) -> None:
        if self.isVisible() and "measurement" in changes.kinds:
            self.refresh()

    def refresh(self) -> None:
        """Take the proposals from the data anew."""
        month, by, area = self.month.month, self._by, self.desk.workspace.scope or ""
        self.lead.setText(tr("Menghitung dari data di laptop ini …"))
        self.desk.ask(recommendations.asked, self._asked_found)
        self._latest.ask(
            lambda analyst: proposing.proposals(analyst, area, month, by),
            self._show,
        )

    def turn_filter(self) -> None:
        """F3: other areas."""
        self._level_chosen((self._levels.index(self._by) + 1) % len(self._levels))

    def escape(self) -> None:
        self.desk.go("recommend")

    def _level_chosen(self, at: int) -> None:
        self._by = self._levels[at]
        self.levels.set_index(at)
        self.refresh()

    def _show(self, found: tuple[Proposal, ...]) -> None:
        self._found = found
        self.lead.setText(
            tr("{count} usulan. Anda yang memutuskan apa yang dikirim.").format(count=len(found))
        )
        self._show_lines()
        self._views.setCurrentIndex(0 if found else 1)
        if found:
            self.list.setCurrentIndex(self.model.index(0, 0))
            self._show_one(0)
        else:
            self.empty.show_words(
                "lightbulb",
                tr("Tidak ada usulan untuk {month}").format(month=self.month.month.label),
                tr("Tidak ada angka yang melewati batas, atau belum ada data bulan ini. Coba bulan lain."),
            )

    def _show_lines(self) -> None:
        self.model.set_lines(lines(self._found, self._asked, self.desk.clock.today()))

    def _asked_found(self, asked: dict[FigureKey, date]) -> None:
        """Some of it was asked for before."""
        self._asked = asked
        self._show_lines()

    def _current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self._show_one(current.row())

    def _show_one(self, at: int) -> None:
        proposal = self._found[at]
        self.text.setText(proposal.text)
        self.why.setText(proposal.rule.explanation)
        figures = [f"{evidence.label}: {proposing.told(evidence)}" for evidence in proposal.evidence]
        self.figures.setText("\n".join(figures))

    def _look(self) -> None:
        """F7: the figures of the area and month behind the proposal."""
        at = self.list.currentIndex().row()
        if 0 <= at < len(self._found):
            proposal = self._found[at]
            code = proposal.evidence[0].code
            place = "quality" if code in tuple(Check) else "analysis"
            self.desk.go(place, figure_address(code, proposal.area, self.month.month))

    def _take(self) -> None:
        at = self.list.currentIndex().row()
        if 0 <= at < len(self._found):
            proposal = self._found[at]
            self.desk.handed = Letter(
                to=proposal.area,
                text=proposal.text,
                due_on=self.desk.clock.today() + timedelta(days=proposal.due_days),
                figures=tuple(proposing.figure_of(evidence) for evidence in proposal.evidence),
                reason=proposal.rule.explanation,
                rule=proposal.rule,
            )
            self.desk.go("recommend_write")


def _figure(proposal: Proposal) -> str:
    """The figure that a proposal rests on first, as one line."""
    first = next(iter(proposal.evidence), None)
    return "" if first is None else proposing.told(first, limits=False)


def _sent(proposal: Proposal, asked: Mapping[FigureKey, date], today: date) -> str:
    """When the figure that a proposal rests on first was made a recommendation of, in words."""
    figures = [proposing.figure_of(evidence) for evidence in proposal.evidence[:1]]
    days = [day for one in figures if (day := asked.get((one.code, one.area, one.last))) is not None]
    return tr("Dikirim {day}").format(day=words.day_short(days[0], today)) if days else ""


def lines(found: Sequence[Proposal], asked: Mapping[FigureKey, date], today: date) -> tuple[Line, ...]:
    """Proposals as a list shows them, gravest first; `asked` are the figures already made a letter of."""
    return tuple(
        Line(
            key=f"{proposal.rule}|{proposal.area}",
            title=f"{proposal.label} · {proposal.rule.label}",
            text=_figure(proposal),
            right=_sent(proposal, asked, today),
            icon="triangle-alert" if proposal.rule in _URGENT else "lightbulb",
            ink="danger" if proposal.rule in _URGENT else "accent",
        )
        for proposal in found
    )
