"""Programme rules: every rule in words for everybody; the Dinas changes them after seeing the effect."""

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QModelIndex, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from posyandu_app.domain.age import Month
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Role
from posyandu_app.domain.rules import default_rules, load
from posyandu_app.domain.rules_form import LONGEST, Group
from posyandu_app.domain.rules_versions import RulesVersion
from posyandu_app.i18n import tr
from posyandu_app.reports.analyst import Analyst
from posyandu_app.reports.answers import RulesEffect
from posyandu_app.services import programme_rules
from posyandu_app.services.programme_rules import Effect
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace, latest_date
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.models.line_model import LineDelegate, LineModel
from posyandu_app.ui.screens import rules_state as rs
from posyandu_app.ui.screens.rules_state import RulesState
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Button, Card, Label, row
from posyandu_app.ui.widgets.chips import Chips
from posyandu_app.ui.widgets.fields import Field
from posyandu_app.ui.widgets.recap import Figures
from posyandu_app.ui.widgets.rows import Rows, RowsCard

_GROUPS = tuple(Group)
LIST, EFFECT, HISTORY = range(3)
PROGRESS_MS = 200


class _Cancelled(Exception):
    """The person looks at something else: nobody waits for the effect any more."""


class RulesScreen(Screen):
    """Enter edits a rule, F7 shows the effect, F9 publishes, F6 shows every version there was."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "rules_screen")
        self._edits = desk.workspace.user.role == Role.DINAS
        self._state: RulesState | None = None
        self._versions: tuple[RulesVersion, ...] = ()
        self._effect: Effect | None = None
        self._first: RulesEffect | None = None
        self._done = (0, 0)
        self._running = self._stop = False
        self._latest = Latest(desk)
        self.lead = Label(self, "", "body", "soft", wrap=True)
        self.lead.setObjectName("rules_lead")
        self.history_button = Button(self, tr("Riwayat"), "F6", icon="history", name="rules_history")
        self.effect_button = Button(self, tr("Lihat akibat"), "F7", icon="eye", name="rules_effect")
        self.publish = Button(self, tr("Terbitkan"), "F9", "primary", "send", name="rules_publish")
        self.chips = Chips(self, tr("Bagian aturan"), name="rules_groups")
        self._views = QStackedWidget(self)
        self._make_list()
        self._make_effect()
        self._make_history()
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 8)
        column.setSpacing(12)
        title = Label(self, tr("Aturan program"), "display")
        column.addLayout(row(title, None, self.effect_button, self.publish, spacing=12))
        head = row(spacing=12)
        head.addWidget(self.lead, 1)
        head.addWidget(self.history_button)
        column.addLayout(head)
        column.addWidget(self._views, 1)
        for button in (self.effect_button, self.publish):
            button.setVisible(self._edits)
            button.setEnabled(self._edits)
        self.history_button.clicked.connect(lambda: self._turn(HISTORY))
        self.effect_button.clicked.connect(self.show_effect)
        self.publish.clicked.connect(self._publish)
        self._tick = QTimer(self)
        self._tick.setInterval(PROGRESS_MS)
        self._tick.timeout.connect(self._show_progress)
        for at, group in enumerate(_GROUPS):
            key = QShortcut(QKeySequence(str(at + 1)), self.list)
            key.activated.connect(lambda group=group: self._choose_group(group))

    def _make_list(self) -> None:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.model = LineModel(self)
        self.list = Rows(page, tr("Aturan program"), name="rules_list")
        self.list.setModel(self.model)
        self.list.setItemDelegate(LineDelegate(self.list, most=2, right=240))
        self.list.opened.connect(self._edit)
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self.value = Field(page, tr("Nilai"), "", name="rules_value", longest=LONGEST)
        self.value.entered.connect(self._typed)
        self.value.setVisible(False)
        column.addWidget(self.chips)
        column.addWidget(RowsCard(page, self.list), 1)
        column.addWidget(self.value)
        self._views.addWidget(page)
        self.chips.chosen.connect(lambda at: self._choose_group(_GROUPS[at]))

    def _make_effect(self) -> None:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.effect = Label(page, "", "lead_strong", wrap=True)
        self.effect.setObjectName("rules_effect_told")
        both = QHBoxLayout()
        both.setSpacing(16)
        card = Card(page, margins=16)
        self.figures = Figures(card, name="rules_figures")
        card.column.addWidget(self.figures, 1)
        self.affected_model = LineModel(self)
        self.affected = Rows(page, tr("Anak yang berubah"), name="rules_affected")
        self.affected.setModel(self.affected_model)
        self.affected.setItemDelegate(LineDelegate(self.affected, most=3, right=170))
        both.addWidget(card, 2)
        self.affected_card = RowsCard(page, self.affected)
        both.addWidget(self.affected_card, 3)
        self.note = Field(page, tr("Alasan perubahan"), "", name="rules_note", longest=200, optional=True)
        self.note.entered.connect(self.publish.setFocus)
        column.addWidget(self.effect)
        column.addLayout(both, 1)
        column.addWidget(self.note)
        self._views.addWidget(page)

    def _make_history(self) -> None:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.history_model = LineModel(self)
        self.history = Rows(page, tr("Riwayat aturan"), name="rules_versions")
        self.history.setModel(self.history_model)
        self.history.setItemDelegate(LineDelegate(self.history, right=260))
        self.withdraw = Button(page, tr("Tarik versi ini"), "Ctrl+D", icon="undo-2", name="rules_withdraw")
        self.withdraw.setVisible(self._edits)
        self.withdraw.setEnabled(self._edits)
        self.withdraw.clicked.connect(self._withdraw)
        column.addWidget(RowsCard(page, self.history), 1)
        column.addLayout(row(self.withdraw, None))
        self._views.addWidget(page)

    # what the window asks

    def hints(self) -> tuple[tuple[str, str], ...]:
        if self._views.currentIndex() != LIST:
            return ((tr("Kembali"), "Esc"),)
        edit: tuple[tuple[str, str], ...] = ((tr("Ubah"), "Enter"),) if self._edits else ()
        return ((tr("Pilih"), "↑ ↓"), *edit, (tr("Bagian"), "1–5"), (tr("Kembali"), "Esc"))

    @property
    def state(self) -> RulesState | None:
        return self._state

    @property
    def found(self) -> Effect | None:
        """The effect in sight."""
        return self._effect

    def open(self, child: str = "") -> None:
        self._turn(LIST)
        self.refresh()
        self.list.setFocus()

    def leave(self) -> None:
        self._stop = True

    def changed(self, changes: Changes) -> None:
        if self.isVisible() and changes.kinds & {"rules", "enrolment", "child"}:
            self.refresh()

    def refresh(self) -> None:
        """Read what is in force and every version again."""
        self._latest.ask(_read, lambda found: self._found(*found))

    def turn_filter(self) -> None:
        """F3: the next part."""
        if self._state is not None:
            at = _GROUPS.index(self._state.group)
            self._choose_group(_GROUPS[(at + 1) % len(_GROUPS)])

    def escape(self) -> None:
        if self.value.isVisible():
            self._close_value()
        elif self._views.currentIndex() != LIST:
            self._stop = True
            self._turn(LIST)
            self.list.setFocus()
        else:
            self.desk.go("settings")

    # showing

    def _turn(self, at: int) -> None:
        self._views.setCurrentIndex(at)
        if at == HISTORY:
            self.history.setFocus()
        self._close_value()
        self.hints_changed.emit()

    def _found(self, text: str, version: str, versions: tuple[RulesVersion, ...]) -> None:
        before = self._state
        changes: Mapping[str, str] = before.changes if before is not None and before.text == text else {}
        group = before.group if before is not None else Group.KMS
        self._state, self._versions = rs.opened(text, version, group, changes), versions
        self.history_model.set_lines(rs.history_lines(versions, version))
        if versions:
            self.history.setCurrentIndex(self.history_model.index(0, 0))
        self.withdraw.setVisible(self._edits and bool(versions))
        self._show()

    def _show(self) -> None:
        state = self._state
        if state is None:
            return
        told = tr("Berlaku: versi {version}. Versi ini tercetak di setiap laporan.")
        words = told.format(version=state.version)
        if state.changes:
            waits = tr("{count} perubahan belum diterbitkan.").format(count=len(state.changes))
            words = f"{words} {waits}"
        self.lead.setText(words)
        self.chips.show_chips(
            [("", group.label, state.count(group), str(at + 1)) for at, group in enumerate(_GROUPS)],
            _GROUPS.index(state.group),
        )
        at = max(self.list.currentIndex().row(), 0)
        self.model.set_lines(state.lines)
        self.list.setCurrentIndex(self.model.index(min(at, self.model.rowCount() - 1), 0))

    def _choose_group(self, group: Group) -> None:
        if self._state is not None and self._views.currentIndex() == LIST:
            self._state = replace(self._state, group=group)
            self.list.setCurrentIndex(QModelIndex())
            self._close_value()
            self._show()

    def _current_changed(self, _: QModelIndex) -> None:
        if self.value.isVisible() and not self.value.edit.hasFocus():
            self._close_value()

    # editing

    def _edit(self) -> None:
        at = self.list.currentIndex().row()
        if self._state is None or not self._edits or at < 0:
            return
        item = self._state.fields[at]
        self.value.label.setText(f"{item.label} ({item.unit})")
        self.value.edit.setAccessibleName(f"{item.label} ({item.unit})")
        self.value.set_error("")
        self.value.set_text(self._state.value(item.key))
        self.value.setVisible(True)
        self.value.edit.setFocus()
        self.value.edit.selectAll()

    def _typed(self) -> None:
        at = self.list.currentIndex().row()
        if self._state is None or at < 0:
            return
        try:
            self._state = rs.typed(self._state, self._state.fields[at].key, self.value.text())
        except InvalidValue as error:
            self.value.set_error(error.message)
            return
        self._effect = None
        self._close_value()
        self._show()

    def _close_value(self) -> None:
        if self.value.isVisible():
            self.value.setVisible(False)
            self.list.setFocus()

    # effect and publishing

    def _next(self, state: RulesState) -> str:
        taken = {default_rules().version}
        taken |= {rules.version for item in self._versions if (rules := item.rules) is not None}
        return rs.next_version(taken, self.desk.clock.today())

    def _draft(self) -> str | None:
        state = self._state
        if state is None or not state.changes:
            self.desk.report(tr("Belum ada yang diubah. Pilih aturan, lalu tekan Enter."))
            return None
        return rs.draft(state, self._next(state), tr("Aturan Dinas"))

    def show_effect(self) -> None:
        """F7: what the changes would do to the children known here; nothing is saved."""
        text = self._draft()
        if text is None or self._running:
            return
        self._running, self._stop, self._done, self._effect = True, False, (0, 0), None
        self._first = None
        self._turn(EFFECT)
        self.figures.show_lines(("",), ())
        self.affected_model.set_lines(())
        self._tick.start()
        self._show_progress()

        def progress(done: int, of: int) -> None:
            self._done = (done, of)
            if self._stop:
                raise _Cancelled

        ws = self.desk.workspace

        def count_statuses(first: RulesEffect) -> None:
            if self._stop:
                self._failed(_Cancelled())
                return
            self._show_first(first)
            self.desk.analyse(
                lambda analyst: programme_rules.preview(_beside(analyst, ws), text, progress=progress),
                self._effect_found,
                self._failed,
            )

        # figures first, which are there at once; the statuses are counted child by child, beside the work
        self.desk.analyse(lambda analyst: _first_effect(analyst, ws, text), count_statuses, self._failed)

    def _show_first(self, first: RulesEffect) -> None:
        self._first = first
        self.figures.show_lines((tr("Angka laporan"), tr("Nanti"), tr("Sekarang")), rs.first_rows(first))
        self._show_progress()

    def _show_progress(self) -> None:
        done, of = self._done
        if self._first is not None:
            self.effect.setText(rs.first_words(self._first, done, of))
            return
        self.effect.setText(tr("Menghitung akibat: {done} dari {of} anak …").format(done=done, of=of or "…"))

    def _failed(self, error: Exception) -> None:
        self._running = False
        self._tick.stop()
        if not isinstance(error, _Cancelled):
            self.desk.trouble(error)

    def _effect_found(self, effect: Effect) -> None:
        self._running, self._effect = False, effect
        self._tick.stop()
        self.effect.setText(rs.effect_words(effect))
        self.figures.show_lines((tr("Angka"), tr("Nanti"), tr("Sekarang")), rs.effect_rows(effect))
        self.affected_model.set_lines(rs.affected_lines(effect, masked=True))
        self.affected_card.setVisible(bool(effect.affected))
        if self._views.currentIndex() == EFFECT:
            self.note.edit.setFocus()

    def _publish(self) -> None:
        """F9: after the effect was seen."""
        if self._running:
            return
        if self._effect is None:
            self.show_effect()
            return
        text, note = self._draft(), self.note.text()
        if text is None:
            return

        def done(changes: Changes) -> None:
            self._effect = None
            self.note.set_text("")
            if self._state is not None:
                self._state = replace(self._state, changes={})
            self.desk.offer(changes)
            self._turn(LIST)
            self.list.setFocus()

        self.desk.do(lambda ws: programme_rules.publish(ws, text, note=note), done)

    def _withdraw(self) -> None:
        at = self.history.currentIndex().row()
        if not self._edits or at < 0 or self._views.currentIndex() != HISTORY:
            return
        version = self.history_model.row(at).key
        self.desk.do(lambda ws: programme_rules.withdraw(ws, version), self.desk.offer)


def _read(workspace: Workspace) -> tuple[str, str, tuple[RulesVersion, ...]]:
    programme_rules.refresh(workspace)
    return (
        programme_rules.content(workspace),
        workspace.rules.version,
        programme_rules.versions(workspace),
    )


def _beside(analyst: Analyst, ws: Workspace) -> Workspace:
    """The same workspace on the connection of the analysis, so that nothing at the desk has to wait."""
    return Workspace(analyst.database, ws.user, ws.rules, ws.clock, ws.folder)


def _first_effect(analyst: Analyst, ws: Workspace, text: str) -> RulesEffect:
    beside = _beside(analyst, ws)
    return analyst.effect(load(text), beside.scope or "", Month.of(latest_date(beside)).previous())
