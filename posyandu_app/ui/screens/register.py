"""A new child in under a minute, with those who may be the same child shown while typing."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from posyandu_app.domain import names
from posyandu_app.domain.dates import format_time
from posyandu_app.domain.model import Child
from posyandu_app.i18n import tr
from posyandu_app.services import drafts, registration
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace, is_posyandu, posyandu_names
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.screens import register_state as rs
from posyandu_app.ui.screens.form_screen import FormScreen
from posyandu_app.ui.screens.register_fields import POSYANDU, Part
from posyandu_app.ui.screens.register_state import RegisterState
from posyandu_app.ui.widgets.basic import Button, KeyCap, Label, Segmented
from posyandu_app.ui.widgets.suggest import Suggestion

_PAUSE_MS = 150
AFTERWARDS = ("weigh", "next")
"""What comes after a child is registered: she is weighed, or the next of the list is written down."""


class RegisterScreen(FormScreen):
    """The fast way asks seven things and the consent; what comes after saving is chosen with F12."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "register_screen", "register", tr("Simpan anak baru"))
        self._posyandu: dict[str, str] = {}
        self._latest = Latest(desk)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.look_now)
        self.title.setText(tr("Pendaftaran anak baru"))
        self.similar = self.form.similar
        self.empty = Button(self, tr("Kosongkan"), "Ctrl+N", "quiet", name="register_empty")
        self.afterwards = Segmented(
            self,
            [(tr("Timbang"), "t"), (tr("Anak berikutnya"), "a")],
            tr("Sesudah disimpan"),
            name="register_afterwards",
            role="small_strong",
            height=42,
        )
        then = Label(self, tr("lalu"), "body", "soft")
        self._lay_out(self.empty, (then, self.afterwards, KeyCap(self, "F12")))
        self.setTabOrder(self.parts, self.empty)
        self.setTabOrder(self.empty, self.back)
        self.empty.clicked.connect(self._empty)
        self.afterwards.chosen.connect(lambda at: desk.wish("after_register", AFTERWARDS[at]))
        self.similar.opened.connect(lambda child: desk.go("weighing", child))
        turn = QShortcut(QKeySequence("F12"), self)
        turn.activated.connect(lambda: self.afterwards.choose(1 - max(self.afterwards.index, 0)))

    def hints(self) -> tuple[tuple[str, str], ...]:
        return (
            (tr("Berikutnya"), "Enter"),
            (tr("Simpan"), "F9"),
            (tr("Bagian lain"), "F11"),
            (tr("Sesudah disimpan"), "F12"),
            (tr("Kembali"), "Esc"),
        )

    def draft_key(self) -> str:
        return drafts.NEW_CHILD

    def open(self, child: str = "") -> None:
        self._typeahead.hold()
        self.afterwards.set_index(AFTERWARDS.index(self.desk.wishes.get("after_register", AFTERWARDS[0])))
        self.desk.ask(_read, lambda answer: self._opened(*answer))

    def leave(self) -> None:
        self._pause.stop()
        super().leave()

    def escape(self) -> None:
        self.desk.go("roster")

    def _opened(self, scope: str, places: dict[str, str], draft: dict[str, str] | None) -> None:
        self._posyandu = places
        draft = dict(draft or {})
        self._draft.opened(draft)
        wanted = draft.pop(POSYANDU, "")
        several = not is_posyandu(scope)
        self.form.posyandu.setVisible(several)
        state = rs.scope_known(rs.new_child(self.desk.latest_day, draft), scope, several)
        self._set(state, focus=False)
        if several and not places:
            self.form.posyandu.set_warning(tr("Belum ada posyandu di laptop ini. Sinkronkan dulu dengan F5."))
        if several and len(places) == 1:
            wanted = next(iter(places))
        if several and wanted in places:
            self.form.posyandu.choose(Suggestion(wanted, places[wanted]))
        self._apply_focus()
        self._typeahead.release()
        self.look_now()

    def _offer_posyandu(self, text: str) -> list[Suggestion]:
        wanted = text.strip().casefold()
        return [
            Suggestion(scope, name) for scope, name in self._posyandu.items() if wanted in name.casefold()
        ]

    def happened(self) -> None:
        self._pause.start()

    def look_now(self) -> None:
        """Look for children who may be the one being registered."""
        known = rs.input_of(self._state)
        if not known.name and not known.nik:
            self._found(())
            return
        self._latest.ask(lambda workspace: registration.possible_duplicates(workspace, known), self._found)

    def _found(self, children: tuple[Child, ...]) -> None:
        self._state = rs.duplicates_found(self._state, children)
        self.similar.show_children(children)
        self.say(self._state)

    def say(self, state: RegisterState) -> None:
        super().say(state)
        if not state.message and state.duplicates and state.part is not Part.MAIN:
            told = tr("Mirip dengan {name} yang sudah terdaftar. Periksa di bagian pertama.")
            self.message.setText(told.format(name=names.display(state.duplicates[0].name)))
            self.message.set_ink("accent")
        self.empty.setVisible(not state.untouched)

    def _empty(self) -> None:
        """Begin anew; what was typed is forgotten."""
        fresh = rs.new_child(self.desk.latest_day)
        self._again(rs.scope_known(fresh, self._state.scope, self._state.needs_posyandu))
        self.forget_draft()

    def _again(self, state: RegisterState) -> None:
        """An empty form, at its first field."""
        if not state.posyandu:
            self.form.posyandu.clear()
        self.similar.show_children(())
        self._set(state)

    def submit(self, state: RegisterState) -> None:
        child, decision = rs.input_of(state), rs.decision_of(state)
        self.desk.do(
            lambda workspace: registration.register(workspace, child, decision), self._registered, self.failed
        )

    def _registered(self, changes: Changes) -> None:
        state, today = self._state, self.desk.clock.today()
        self.forget_draft()
        detail = ""
        if changes.saved_at is not None:
            detail = tr("Tersimpan di laptop ini, {time} — belum dikirim").format(
                time=format_time(changes.saved_at)
            )
        self.desk.offer(changes, detail)
        if AFTERWARDS[max(self.afterwards.index, 0)] == "next":
            self._again(rs.next_child(state, today))
        else:
            self._set(rs.new_child(today), focus=False)
            self.similar.show_children(())
            self.form.posyandu.clear()
            self.desk.go("weighing", changes.child)
        self._typeahead.release()


def _read(workspace: Workspace) -> tuple[str, dict[str, str], dict[str, str] | None]:
    return (
        workspace.scope or "",
        dict(posyandu_names(workspace)),
        drafts.load(workspace, drafts.NEW_CHILD),
    )
