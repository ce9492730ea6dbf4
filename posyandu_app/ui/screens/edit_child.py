"""Changing what is known of a child: the form of registration, filled in; only what changed is written."""

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtWidgets import QWidget

from posyandu_app.domain import names
from posyandu_app.domain.consent import Consent, ConsentState, Relation
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import Child
from posyandu_app.domain.operations import OpKey
from posyandu_app.i18n import tr
from posyandu_app.services import children, consent, drafts, registration
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace
from posyandu_app.ui.desk import Desk
from posyandu_app.ui.screens import register_state as rs
from posyandu_app.ui.screens.form_screen import FormScreen
from posyandu_app.ui.screens.register_state import RegisterState
from posyandu_app.ui.widgets.basic import Button


class EditChildScreen(FormScreen):
    """Opened from a child's card; NIK and KK stand masked until F7 shows them."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "edit_screen", "edit", tr("Simpan perubahan"))
        self._child = ""
        self.reveal = Button(self, tr("Lihat NIK dan KK"), "F7", "quiet", "eye", name="edit_reveal")
        self._lay_out(self.reveal, ())
        self.form.similar.hide()
        self.setTabOrder(self.parts, self.reveal)
        self.setTabOrder(self.reveal, self.back)
        self.reveal.clicked.connect(lambda: self._event(rs.revealed))

    def hints(self) -> tuple[tuple[str, str], ...]:
        return (
            (tr("Berikutnya"), "Enter"),
            (tr("Simpan"), "F9"),
            (tr("Bagian lain"), "F11"),
            (tr("Lihat NIK"), "F7"),
            (tr("Kembali"), "Esc"),
        )

    @property
    def about(self) -> str:
        return self._child

    def draft_key(self) -> str:
        return drafts.of_edit(self._child) if self._state.child is not None else ""

    def open(self, child: str = "") -> None:
        self._child = child
        self._state = RegisterState(today=self.desk.latest_day)
        self._typeahead.hold()
        self.desk.ask(
            lambda workspace: _read(workspace, child), lambda answer: self._opened(*answer), self._gone
        )

    def changed(self, changes: Changes) -> None:
        if (
            self.isVisible()
            and changes.kinds & {"child", "conflict", "consent"}
            and self._state.child is not None
        ):
            child = self._child
            self.desk.ask(
                lambda workspace: (
                    children.get(workspace, child),
                    registration.shown(workspace, child),
                    consent.in_force(workspace, child),
                ),
                lambda answer: self._refreshed(*answer),
            )

    def escape(self) -> None:
        self.desk.go("child", self._child)

    def _gone(self, error: Exception) -> None:
        self._typeahead.release()
        self.desk.trouble(error)
        self.desk.go("roster")

    def _opened(
        self,
        child: Child,
        seen: Mapping[str, OpKey],
        decided: Consent | None,
        draft: dict[str, str] | None,
    ) -> None:
        if child.id != self._child:
            return
        self._draft.opened(draft)
        self.title.setText(tr("Ubah data {name}").format(name=names.display(child.name)))
        self._set(rs.edit_child(child, seen, self.desk.latest_day, draft, decided))
        self.fields[rs.NAME].edit.selectAll()
        self._typeahead.release()

    def _refreshed(self, child: Child, seen: Mapping[str, OpKey], decided: Consent | None) -> None:
        if child.id == self._child and self._state.phase != "saving":
            state = rs.refreshed(self._state, child, seen)
            self._set(rs.decision_in_force(state, decided), focus=False)

    def say(self, state: RegisterState) -> None:
        super().say(state)
        self.reveal.setVisible(bool(state.masked))
        self.form.in_force.setText(_in_force(state.decided))

    def submit(self, state: RegisterState) -> None:
        child, changes, seen = self._child, rs.changes_of(state), state.seen
        decision = rs.decision_of(state)

        def write(workspace: Workspace) -> Changes:
            if decision is not None and not changes:
                return consent.record(workspace, decision)
            return registration.update(workspace, child, changes, seen=seen, decision=decision)

        self.desk.do(write, self._saved, self.failed)

    def _saved(self, changes: Changes) -> None:
        self.forget_draft()
        self._state = replace(self._state, child=None)
        self._typeahead.release()
        self.desk.offer(changes)
        self.desk.go("child", self._child)


def _read(
    workspace: Workspace, child: str
) -> tuple[Child, Mapping[str, OpKey], Consent | None, dict[str, str] | None]:
    return (
        children.get(workspace, child),
        registration.shown(workspace, child),
        consent.in_force(workspace, child),
        drafts.load(workspace, drafts.of_edit(child)),
    )


def _in_force(decided: Consent | None) -> str:
    if decided is None:
        return tr("Orang tua belum ditanya.")
    return tr("Berlaku sekarang: {state} — {name} ({relation}), {date}, teks {version}").format(
        state=label_of(ConsentState, decided.state),
        name=decided.name,
        relation=label_of(Relation, decided.relation).lower(),
        date=format_date(decided.date),
        version=decided.version,
    )
