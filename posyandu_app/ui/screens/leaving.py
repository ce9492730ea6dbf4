"""A child moves away, dies, graduates, changes the posyandu or comes back: each with its day."""

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from posyandu_app.domain import names
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Child
from posyandu_app.i18n import tr
from posyandu_app.services import children, moves
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace, posyandu_names
from posyandu_app.ui.desk import Desk
from posyandu_app.ui.messages import describe
from posyandu_app.ui.screens import leaving_state as ls
from posyandu_app.ui.screens.leaving_state import DATE, TO, LeavingState, Why
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Button, Label, NameLabel, row
from posyandu_app.ui.widgets.choices import Choices
from posyandu_app.ui.widgets.fields import Field
from posyandu_app.ui.widgets.suggest import SuggestField, Suggestion


class LeavingScreen(Screen):
    """Arrows choose what happened, Enter goes on to its day, F9 saves."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "leaving_screen")
        self._child = ""
        self._state: LeavingState | None = None
        self._places: Mapping[str, str] = {}
        self.back = Button(
            self, tr("Kembali"), icon="arrow-left", name="leaving_back", shown_key="Esc", compact=True
        )
        self.title = NameLabel(self, "", "display")
        self.title.setObjectName("leaving_title")
        self.choices: Choices | None = None
        self._left = QVBoxLayout()
        self.date = Field(
            self, tr("Sejak tanggal"), tr("Contoh: 17/08/2025"), name="leaving_date", longest=60
        )
        self.to = Field(
            self, tr("Pindah ke"), tr("Desa atau kota, kalau tahu."), name="leaving_to", longest=200
        )
        self.place = SuggestField(self, tr("Posyandu tujuan"), "", self._offer, name="leaving_place")
        self.save = Button(self, tr("Simpan"), "F9", "primary", name="leaving_save")
        self.message = Label(self, "", "small_strong", "danger", wrap=True)
        self.message.setObjectName("leaving_message")
        self._lay_out()
        self.back.clicked.connect(self.escape)
        self.date.changed.connect(lambda text: self._event(ls.typed, DATE, text))
        self.to.changed.connect(lambda text: self._event(ls.typed, TO, text))
        self.place.picked.connect(lambda scope: self._event(ls.place_chosen, scope))
        self.date.entered.connect(lambda: self._entered(DATE))
        self.to.entered.connect(lambda: self._entered(TO))
        self.place.entered.connect(lambda: self._entered(TO))
        self.save.clicked.connect(lambda: self._event(ls.ask_save))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 20, 32, 8)
        column.setSpacing(20)
        line = row(self.back, spacing=16)
        line.addWidget(self.title, 1)
        column.addLayout(line)
        right = QVBoxLayout()
        right.setSpacing(16)
        for widget in (self.place, self.date, self.to, self.message):
            right.addWidget(widget)
        right.addLayout(row(self.save, None))
        right.addStretch(1)
        body = QHBoxLayout()
        body.setSpacing(32)
        body.addLayout(self._left, 6)
        body.addLayout(right, 5)
        column.addLayout(body, 1)

    def hints(self) -> tuple[tuple[str, str], ...]:
        return (
            (tr("Pilih"), "↑ ↓"),
            (tr("Berikutnya"), "Enter"),
            (tr("Simpan"), "F9"),
            (tr("Kembali"), "Esc"),
        )

    @property
    def about(self) -> str:
        return self._child

    @property
    def state(self) -> LeavingState | None:
        return self._state

    def open(self, child: str = "") -> None:
        self._child, self._state = child, None
        self.desk.ask(
            lambda workspace: (children.get(workspace, child), dict(posyandu_names(workspace))),
            lambda answer: self._opened(*answer),
        )

    def leave(self) -> None:
        self.place.close_offers()

    def escape(self) -> None:
        self.desk.go("child", self._child)

    def _opened(self, child: Child, places: Mapping[str, str]) -> None:
        if child.id != self._child:
            return
        self._places = places
        self.title.setText(tr("{name}: apa yang terjadi?").format(name=names.display(child.name)))
        state = ls.opened(child, self.desk.workspace.user.role, self.desk.clock.today())
        self.place.clear()
        self.to.set_text("")
        self._offer_choices(state)
        self._set(state)
        assert self.choices is not None
        self.choices.setFocus()

    def _offer_choices(self, state: LeavingState) -> None:
        if self.choices is not None:
            self._left.removeWidget(self.choices)
            self.choices.hide()
            self.choices.deleteLater()
        while self._left.count():
            self._left.takeAt(0)
        offered = [why.choice for why in state.whys]
        self.choices = Choices(self, offered, tr("Apa yang terjadi"), name="leaving_choices")
        self.choices.chosen.connect(lambda at: self._event(ls.chosen, at))
        self.choices.entered.connect(lambda: self._entered(""))
        self._left.addWidget(self.choices)
        self._left.addStretch(1)
        self.choices.show()
        stops = (self.choices, self.place.edit, self.date.edit, self.to.edit, self.save, self.back)
        for at, stop in enumerate(stops[1:]):
            self.setTabOrder(stops[at], stop)

    def _offer(self, text: str) -> list[Suggestion]:
        wanted = text.strip().casefold()
        own = self._state.child.scope if self._state is not None else ""
        return [
            Suggestion(scope, name)
            for scope, name in sorted(self._places.items(), key=lambda item: item[1].casefold())
            if wanted in name.casefold() and scope != own
        ]

    def _event(self, event: Callable[..., LeavingState], *arguments: object) -> None:
        if self._state is None or self._state.phase == "saving":
            return
        after = event(self._state, *arguments)
        self._set(after)
        if after.phase == "saving":
            self._save(after)
        elif after.errors:
            self._focus(next(iter(after.errors)))

    def _entered(self, name: str) -> None:
        """Enter: the next field that is asked, or save after the last."""
        if self._state is None:
            return
        asks = self._state.asks
        following = asks[asks.index(name) + 1 :] if name in asks else asks
        if following:
            self._focus(following[0])
        else:
            self._event(ls.ask_save)

    def _focus(self, name: str) -> None:
        assert self._state is not None
        field = self.date if name == DATE else self.place if self._state.why is Why.TRANSFERRED else self.to
        field.edit.setFocus()
        field.edit.selectAll()

    def _set(self, state: LeavingState) -> None:
        self._state = state
        assert self.choices is not None
        self.choices.set_index(state.whys.index(state.why))
        self.date.setVisible(DATE in state.asks)
        self.to.setVisible(state.why is Why.MOVED)
        self.place.setVisible(state.why is Why.TRANSFERRED)
        for field, text in ((self.date, state.day), (self.to, state.to)):
            if field.edit.text() != text:
                field.set_text(text)
        self.date.set_error(state.errors.get(DATE, ""))
        self.to.set_error(state.errors.get(TO, ""))
        self.place.set_error(state.errors.get(TO, ""))
        self.message.setText(state.message)
        self.message.setVisible(bool(state.message))
        self.save.setEnabled(state.phase == "entering")

    def _save(self, state: LeavingState) -> None:
        self.desk.do(lambda workspace: _do(workspace, state), self._saved, self._failed)

    def _saved(self, changes: Changes) -> None:
        self.desk.offer(changes)
        self.desk.go("child", self._child)

    def _failed(self, error: Exception) -> None:
        if self._state is not None:
            name = error.field if isinstance(error, InvalidValue) else ""
            self._set(ls.refused(self._state, name, describe(error)))
            for wrong in self._state.errors:
                self._focus(wrong)


def _do(workspace: Workspace, state: LeavingState) -> Changes:
    child = state.child.id
    match state.why:
        case Why.MOVED:
            return moves.move_away(workspace, child, state.on, state.to.strip())
        case Why.TRANSFERRED:
            return moves.transfer(workspace, child, state.place, state.on)
        case Why.DIED:
            return moves.died(workspace, child, state.on)
        case Why.GRADUATED:
            return moves.graduate(workspace, (child,), state.on)
        case Why.BACK:
            return moves.come_back(workspace, child)
