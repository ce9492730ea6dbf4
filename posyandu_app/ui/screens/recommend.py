"""Recommendations: what Dinas and puskesmas ask, and for those who ask what has become of it."""

from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from posyandu_app.domain.model import Role
from posyandu_app.domain.scopes import is_scope
from posyandu_app.i18n import tr
from posyandu_app.services import monthly_reports, recommendations
from posyandu_app.services.monthly_reports import Returned
from posyandu_app.services.recommendations import SENDERS, Row
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.models.line_model import LineDelegate, LineModel
from posyandu_app.ui.screens import recommend_state as rs
from posyandu_app.ui.screens.recommend_state import REPORT, Part, RecommendState
from posyandu_app.ui.screens.recommend_write_state import Sent
from posyandu_app.ui.screens.report_state import address
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Button, Label, row
from posyandu_app.ui.widgets.chips import Chips
from posyandu_app.ui.widgets.empty import Empty
from posyandu_app.ui.widgets.rows import Rows, RowsCard

KINDS = frozenset({"recommendation", "answer", "report_check"})
"""What changes this list; changes that came by sync name no kind and count as any."""

Read = tuple[tuple[Row, ...], tuple[Row, ...], tuple[Returned, ...]]


class RecommendScreen(Screen):
    """Enter opens one; 1 to 4 or F3 turn to another part; Ctrl+N writes, Ctrl+U shows proposals."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "recommend_screen")
        role = desk.workspace.user.role
        self._sends = role in SENDERS
        parts = rs.parts_of(role)
        self._state = RecommendState(role, desk.workspace.scope or "", desk.clock.today(), parts[0])
        self._about = ""
        self._sent = frozenset[str]()
        self._arrived = False
        self._latest = Latest(desk)
        self.write = Button(self, tr("Tulis"), "Ctrl+N", "primary", "square-pen", name="recommend_write")
        self.propose = Button(
            self, tr("Usulan"), "Ctrl+U", "secondary", "lightbulb", name="recommend_propose"
        )
        self.lead = Label(self, _lead(role), "body", "soft", wrap=True)
        self.lead.setObjectName("recommend_lead")
        self.chips = Chips(self, tr("Tampilkan"), name="recommend_parts")
        self.model = LineModel(self)
        self.list = Rows(self, tr("Daftar rekomendasi"), name="recommend_list")
        self.list.setModel(self.model)
        self.list.setItemDelegate(LineDelegate(self.list, most=2))
        self.card = RowsCard(self, self.list)
        self.empty = Empty(self, name="recommend_empty")
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 8)
        column.setSpacing(16)
        title = Label(self, tr("Rekomendasi"), "display")
        column.addLayout(row(title, None, self.propose, self.write, spacing=12))
        column.addWidget(self.lead)
        column.addWidget(self.chips)
        column.addWidget(self.card, 1)
        column.addWidget(self.empty, 1)
        self.empty.hide()
        self.write.setVisible(self._sends)
        self.propose.setVisible(self._sends)
        for deed in (self.write, self.propose):
            deed.setEnabled(self._sends)
        self.write.clicked.connect(lambda: desk.go("recommend_write"))
        self.propose.clicked.connect(lambda: desk.go("proposals"))
        self.list.opened.connect(self._open_chosen)
        self.list.clicked.connect(self._clicked)
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self.chips.chosen.connect(lambda at: self._turn(self._state.parts[at]))
        for at, part in enumerate(parts):
            key = QShortcut(QKeySequence(str(at + 1)), self)
            key.activated.connect(lambda part=part: self._turn(part))
        self.setTabOrder(self.chips, self.list)
        self._show()

    def hints(self) -> tuple[tuple[str, str], ...]:
        return (
            (tr("Pilih"), "↑ ↓"),
            (tr("Buka"), "Enter"),
            (tr("Bagian"), f"1–{len(self._state.parts)}"),
            (tr("Kembali"), "Esc"),
        )

    @property
    def state(self) -> RecommendState:
        return self._state

    def open(self, child: str = "") -> None:
        """`child` may be a scope or a child: who sends begins to write to it, others see what is about it."""
        if child and self._sends:
            self.desk.go("recommend_write", child)
            return
        self._about = "" if is_scope(child) else child
        sent, self.desk.handed = self.desk.handed, None
        self._sent = sent.entities if isinstance(sent, Sent) else frozenset[str]()
        self._arrived = True
        self.refresh()
        (self.list if self.list.isVisible() else self.chips).setFocus()

    def changed(self, changes: Changes) -> None:
        if self.isVisible() and changes.kinds != frozenset({"draft"}):
            self.refresh()

    def refresh(self) -> None:
        """Read the list again."""
        self._latest.ask(read, self._found)

    def turn_filter(self) -> None:
        """F3: the next part."""
        self._turn(rs.next_part(self._state).part)

    def escape(self) -> None:
        self.desk.go("roster")

    def _found(self, found: Read) -> None:
        rows, waiting, returned = found
        self._state = rs.opened(self._state, rows, waiting, returned)
        self.desk.counted.emit("recommend", len(waiting) + len(returned))
        self._choose_about()
        self._show()

    def _choose_about(self) -> None:
        """Come from a child: the first one about her, in whichever part it stands; else what was sent now."""
        about, self._about = self._about, ""
        sent, self._sent = self._sent, frozenset()
        wanted = [row for row in self._state.rows if row.child is not None and row.child.id == about]
        wanted = wanted or [row for row in self._state.rows if row.id in sent]
        if wanted:
            part = next(part for part in self._state.parts if wanted[0] in self._state.in_part(part))
            self._state = rs.chosen(rs.turned(self._state, part), wanted[0].id)

    def _turn(self, part: Part) -> None:
        self._state = rs.turned(self._state, part)
        self._show()
        if self._state.lines:
            self.list.setFocus()

    def _show(self) -> None:
        state = self._state
        self.chips.show_chips(
            [("", part.label, state.count(part), str(at + 1)) for at, part in enumerate(state.parts)],
            state.parts.index(state.part),
        )
        lines = state.lines
        self.model.set_lines(lines)
        at = max(self.model.index_of(state.chosen), 0)
        if lines:
            index = self.model.index(at, 0)
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)
        nothing = state.loaded and not lines
        if nothing and self.list.hasFocus():
            self.chips.setFocus()
        elif not nothing and self.chips.hasFocus() and self._arrived:
            self.list.setFocus()
        self._arrived = False
        self.card.setVisible(not nothing)
        self.empty.setVisible(nothing)
        if nothing:
            self.empty.show_words("check", *rs.nothing(state.part))

    def _current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self._state = rs.chosen(self._state, self.model.row(current.row()).key)

    def _clicked(self, index: QModelIndex) -> None:
        self._state = rs.chosen(self._state, self.model.row(index.row()).key)
        self._open_chosen()

    def _open_chosen(self) -> None:
        key = self._state.chosen
        if key.startswith(REPORT):
            check = next(
                item.check for item in self._state.returned if item.check.id == key.removeprefix(REPORT)
            )
            self.desk.go("report", address(check.scope, check.month))
        elif key:
            self.desk.go("recommendation", key)


def read(workspace: Workspace) -> Read:
    """All that concerns this laptop, what waits for the person here, and the reports that came back."""
    mends = workspace.user.role in (Role.KADER, Role.BIDAN)
    return (
        recommendations.listed(workspace),
        recommendations.waiting(workspace),
        monthly_reports.returned(workspace) if mends else (),
    )


def _lead(role: str) -> str:
    if role == Role.DINAS:
        return tr("Yang Anda minta dari kecamatan, desa, dan posyandu, dan sampai di mana jawabannya.")
    if role == Role.TPG:
        return tr("Yang diminta Dinas dari puskesmas, dan yang Anda minta dari desa dan posyandu.")
    return tr("Yang diminta Dinas dan puskesmas dari Anda. Yang paling mendesak di atas.")
