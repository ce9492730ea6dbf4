"""What registering a child and changing what is known of her have in common: one form, kept as a draft."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from posyandu_app.domain.errors import InvalidValue
from posyandu_app.i18n import tr
from posyandu_app.services import drafts
from posyandu_app.ui.desk import Desk
from posyandu_app.ui.draft_keeper import DraftKeeper
from posyandu_app.ui.messages import describe
from posyandu_app.ui.screens import register_state as rs
from posyandu_app.ui.screens.register_fields import Part
from posyandu_app.ui.screens.register_state import RegisterState
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.typeahead import Typeahead
from posyandu_app.ui.widgets.basic import Button, KeyCap, Label, NameLabel, row
from posyandu_app.ui.widgets.child_form import ChildForm, parts_switch
from posyandu_app.ui.widgets.fields import Field
from posyandu_app.ui.widgets.suggest import Suggestion


class FormScreen(Screen):
    """Enter goes on, F11 turns to the next part, F9 saves from everywhere, Esc keeps what is typed."""

    def __init__(self, parent: QWidget, desk: Desk, name: str, prefix: str, save: str) -> None:
        super().__init__(parent, desk, name)
        self._state = RegisterState(today=desk.latest_day)
        self._showing = False
        self._typeahead = Typeahead(self)
        self._draft = DraftKeeper(self, desk, self._standing)
        self.back = Button(
            self, tr("Kembali"), icon="arrow-left", name=f"{prefix}_back", shown_key="Esc", compact=True
        )
        self.title = NameLabel(self, "", "display")
        self.title.setObjectName(f"{prefix}_title")
        self.parts = parts_switch(self, f"{prefix}_parts")
        self.resumed = Label(self, tr("Lanjutan isian yang belum selesai"), "small_strong", "accent")
        self.resumed.setObjectName(f"{prefix}_resumed")
        self.form = ChildForm(self, prefix, self._offer_posyandu)
        self.save = Button(self, save, "F9", "primary", name=f"{prefix}_save")
        self.message = Label(self, "", "small_strong", "danger", wrap=True)
        self.message.setObjectName(f"{prefix}_message")
        self._connect()

    def _lay_out(self, head: QWidget | None, foot: tuple[QWidget, ...]) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 20, 32, 8)
        column.setSpacing(14)
        line = row(self.back, spacing=16)
        line.addWidget(self.title, 1)
        if head is not None:
            line.addWidget(head)
        column.addLayout(line)
        column.addLayout(row(self.parts, KeyCap(self, "F11"), 8, self.resumed, None, spacing=10))
        column.addWidget(self.form, 1)
        bottom = row(self.save, *foot, spacing=12)
        bottom.addWidget(self.message, 1)
        column.addLayout(bottom)
        before = self.form.last_stop
        for stop in (self.save, *(widget for widget in foot if _takes_keyboard(widget)), self.parts):
            self.setTabOrder(before, stop)
            before = stop

    def _connect(self) -> None:
        form = self.form
        form.typed.connect(lambda name, text: self._event(rs.typed, name, text))
        form.chosen.connect(lambda name, code: self._event(rs.chosen, name, code))
        form.entered.connect(lambda name: self._event(rs.entered, name))
        form.left.connect(self._left)
        form.posyandu_picked.connect(lambda scope: self._event(rs.posyandu_chosen, scope))
        self.parts.chosen.connect(self._part_chosen)
        self.parts.entered.connect(lambda: self.form.take_keyboard(self._state.focus))
        self.save.clicked.connect(lambda: self._event(rs.ask_save))
        self.back.clicked.connect(self.escape)
        turn = QShortcut(QKeySequence("F11"), self)
        turn.activated.connect(lambda: self._event(rs.next_part))

    @property
    def state(self) -> RegisterState:
        return self._state

    @property
    def fields(self) -> dict[str, Field]:
        """The text fields by name."""
        return self.form.fields

    # drafts

    def draft_key(self) -> str:
        """Under which name what is half-typed waits."""
        raise NotImplementedError

    def _standing(self) -> tuple[str, dict[str, str]] | None:
        key = self.draft_key()
        if self._state.phase == "saving" or not key:
            return None
        return key, rs.fields_of(self._state)

    def forget_draft(self) -> None:
        """Saved: nothing waits any more."""
        key = self.draft_key()
        self._draft.done()
        self.desk.tell(lambda workspace: drafts.clear(workspace, key))

    def leave(self) -> None:
        self._draft.keep()
        self._typeahead.release()
        self.form.posyandu.close_offers()

    # events

    def _event(self, event: Callable[..., RegisterState], *arguments: object) -> None:
        if self._showing or self._state.phase == "saving":
            return
        after = event(self._state, *arguments)
        self._set(after)
        self._draft.soon()
        self.happened()
        if after.phase == "saving":
            self._typeahead.hold()
            self.submit(after)

    def happened(self) -> None:
        """Something was typed or chosen."""

    def submit(self, state: RegisterState) -> None:
        """Save."""
        raise NotImplementedError

    def _left(self, name: str) -> None:
        focus = self._state.focus
        self._set(rs.focused(rs.left(self._state, name), focus), focus=False)

    def _part_chosen(self, at: int) -> None:
        self._set(rs.turned(self._state, tuple(Part)[at]), focus=False)

    def failed(self, error: Exception) -> None:
        """Saving did not work: say what to mend, keep everything."""
        self._typeahead.release()
        name = error.field if isinstance(error, InvalidValue) else ""
        self._set(rs.refused(self._state, name, describe(error)))
        self._draft.keep()

    def _offer_posyandu(self, text: str) -> list[Suggestion]:
        return []

    # showing

    def _set(self, state: RegisterState, *, focus: bool = True) -> None:
        self._state = state
        self._showing = True
        try:
            self.form.show_state(state)
            self.parts.set_index(tuple(Part).index(state.part))
            self.resumed.setVisible(state.resumed)
            self.say(state)
            self.save.setEnabled(state.phase == "entering")
        finally:
            self._showing = False
        if focus:
            self._apply_focus()

    def say(self, state: RegisterState) -> None:
        """The sentence beside the deeds."""
        self.message.setText(state.message)
        self.message.set_ink("danger")

    def _apply_focus(self) -> None:
        if self.isVisible():
            self.form.take_keyboard(self._state.focus)


def _takes_keyboard(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
