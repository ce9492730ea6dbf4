"""Who may open this laptop: the people, another one, a new password, somebody who leaves."""

import time
from collections.abc import Callable
from datetime import date

from PySide6.QtWidgets import QVBoxLayout, QWidget

from posyandu_app.domain.dates import format_date
from posyandu_app.domain.errors import InvalidValue, UserError
from posyandu_app.domain.model import Role
from posyandu_app.i18n import tr
from posyandu_app.services import laptop_users
from posyandu_app.services.laptop_users import Person
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace
from posyandu_app.ui.desk import Desk
from posyandu_app.ui.messages import describe
from posyandu_app.ui.screens import users_state as us
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.screens.users_state import UsersState, View
from posyandu_app.ui.widgets.basic import Button, Label, Segmented, row
from posyandu_app.ui.widgets.fields import Field, PasswordField
from posyandu_app.ui.widgets.parts import Part, Parts
from posyandu_app.ui.widgets.rail import role_name
from posyandu_app.ui.widgets.scroll import Scroll

WIDEST, FORM = 760, 600
Read = tuple[tuple[Person, ...], tuple[Role, ...], bool]


class UsersScreen(Screen):
    """Number or arrow keys choose somebody; a form takes Enter from field to field; Esc is one step back."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "users_screen")
        self._state = UsersState()
        self.title = Label(self, "", "display", wrap=True)
        self.lead = Label(self, "", "body", "soft", wrap=True)
        self.message = Label(self, "", "strong", "danger", wrap=True)
        self.message.setObjectName("users_message")
        self.add = Button(self, tr("Tambah pengguna"), "F4", "secondary", "user-plus", name="user_add")
        self.save = Button(self, "", "F9", "primary", name="user_save")
        self.cancel = Button(
            self, tr("Kembali"), "", "secondary", "arrow-left", name="user_back", shown_key="Esc"
        )
        self.parts: Parts | None = None
        self._inside = QWidget(self)
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 0, 8)
        self._column.setSpacing(16)
        self._form = self._build_form()
        self._column.addWidget(self._form)
        self._column.addWidget(self.message)
        self._column.addLayout(row(self.cancel, self.save, self.add, None, spacing=8))
        self._column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(32, 24, 32, 8)
        whole.setSpacing(12)
        whole.addWidget(self.title)
        whole.addWidget(self.lead)
        whole.addSpacing(4)
        whole.addWidget(Scroll(self, self._inside), 1)
        self.add.clicked.connect(lambda: self._to(us.adding(self._state)))
        self.save.clicked.connect(self._submit)
        self.cancel.clicked.connect(self.escape)
        self._show()

    def _build_form(self) -> QWidget:
        form = QWidget(self)
        form.setMaximumWidth(FORM)
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        own = PasswordField(form, tr("Kata sandi Anda sekarang"), name="user_own", show_key="F6")
        new = PasswordField(
            form,
            tr("Kata sandi baru"),
            tr("Paling sedikit 8 huruf atau angka."),
            name="user_new",
            show_key="F7",
        )
        repeated = PasswordField(form, tr("Kata sandi baru sekali lagi"), name="user_repeated")
        repeated.follow(new)
        name = Field(form, tr("Namanya"), name="user_name", longest=80)
        self.fields: dict[str, Field] = {"name": name, "own": own, "new": new, "repeated": repeated}
        self._role_line = QWidget(form)
        self._role_column = QVBoxLayout(self._role_line)
        self._role_column.setContentsMargins(0, 0, 0, 0)
        self._role_column.setSpacing(6)
        self._role_column.addWidget(Label(self._role_line, tr("Perannya"), "strong"))
        self.role: Segmented | None = None
        column.addWidget(name)
        column.addWidget(self._role_line)
        for password in (own, new, repeated):
            column.addWidget(password)
        for key, field in self.fields.items():
            field.entered.connect(lambda key=key: self._entered(key))
            field.changed.connect(lambda _text, key=key: self._change(us.typed(self._state, key)))
        return form

    @property
    def state(self) -> UsersState:
        """What is in sight."""
        return self._state

    # what the window asks

    def hints(self) -> tuple[tuple[str, str], ...]:
        if self._state.fields:
            return ((tr("Lanjut"), "Enter"), (us.deed(self._state), "F9"), (tr("Kembali"), "Esc"))
        return ((tr("Pilih"), "↑ ↓"), (tr("Lanjut"), "Enter"), (tr("Kembali"), "Esc"))

    def open(self, child: str = "") -> None:
        self._to(us.finished(self._state))
        self._read()

    def leave(self) -> None:
        self._forget()

    def changed(self, changes: Changes) -> None:
        if "user" in changes.kinds and self.isVisible():
            self._read()

    def escape(self) -> None:
        if self._state.busy:
            return
        if self._state.view == View.PEOPLE:
            self.desk.go("settings")
        else:
            self._to(us.back(self._state))

    # reading

    def _read(self) -> None:
        def people(ws: Workspace) -> Read:
            return laptop_users.everybody(ws), laptop_users.roles_to_give(ws), ws.practice

        def answered(found: Read) -> None:
            if us.read(self._state, *found) != self._state:
                self._to(us.read(self._state, *found))

        self.desk.ask(people, answered)

    # moving

    def _to(self, state: UsersState) -> None:
        """Another view, or the same one with other people: its first field or line takes the keyboard."""
        left, moved = self._state, state.view != self._state.view
        self._state = state
        if moved:
            self._forget()
        if not state.fields:
            self._build_parts()
        elif state.asks_role:
            self._build_roles()
        self._show()
        if self.isVisible():
            self._take_keyboard(left)

    def _change(self, state: UsersState) -> None:
        self._state = state
        self._show()

    def _take_keyboard(self, left: UsersState) -> None:
        wrong = next((name for name in self._state.fields if name in self._state.errors), None)
        if self._state.fields:
            self.fields[wrong or self._state.fields[0]].setFocus()
        elif self.parts is not None:
            self.parts.take_keyboard(str(left.view) if self._state.view == View.COLLEAGUE else left.chosen)

    def _build_parts(self) -> None:
        if self.parts is not None:
            self._column.removeWidget(self.parts)
            self.parts.hide()
            self.parts.deleteLater()
            self.parts = None
        parts = self._deeds() if self._state.view == View.COLLEAGUE else self._people()
        if not parts:
            return
        self.parts = Parts(self._inside, parts)
        self.parts.setMaximumWidth(WIDEST)
        self.parts.opened.connect(self._open_part)
        self._column.insertWidget(0, self.parts)

    def _people(self) -> list[Part]:
        return [
            Part(
                person.user_id or person.label, "users", person.name, _about(person), letters=_letters(person)
            )
            for person in self._state.people
        ]

    def _deeds(self) -> list[Part]:
        return [
            Part(
                View.RESET,
                "key-round",
                tr("Beri kata sandi baru"),
                tr("Bila ia lupa kata sandinya. Nama, peran, dan catatannya tetap."),
            ),
            Part(
                View.REMOVE,
                "user-minus",
                tr("Keluarkan dari laptop ini"),
                tr("Bila ia tidak bertugas lagi. Catatannya tetap ada dengan namanya."),
            ),
        ]

    def _open_part(self, room: str) -> None:
        if self._state.view == View.COLLEAGUE:
            self._to(us.deed_chosen(self._state, View(room)))
            return
        state = us.opened(self._state, room)
        if state.view == View.PEOPLE:
            self._change(state)
        else:
            self._to(state)

    def _build_roles(self) -> None:
        if self.role is not None:
            self.role.deleteLater()
        choices = [(role_name(role), "") for role in self._state.roles]
        self.role = Segmented(self._role_line, choices, tr("Perannya"), name="user_role")
        self.role.set_index(self._state.roles.index(self._state.role))
        self.role.chosen.connect(lambda at: self._change(us.role_chosen(self._state, at)))
        self.role.entered.connect(lambda: self.fields["new"].setFocus())
        self._role_column.addLayout(row(self.role, None))
        QWidget.setTabOrder(self.fields["name"].edit, self.role)
        QWidget.setTabOrder(self.role, self.fields["new"].edit)

    def _entered(self, name: str) -> None:
        order = self._state.fields
        if name == "name" and self._state.asks_role and self.role is not None:
            self.role.setFocus()
        elif name == order[-1]:
            self._submit()
        else:
            self.fields[order[order.index(name) + 1]].setFocus()

    # doing

    def _submit(self) -> None:
        texts = {name: field.text() for name, field in self.fields.items()}
        self._state = us.submit(self._state, texts, _now())
        self._show()
        if not self._state.busy:
            self._take_keyboard(self._state)
            return
        self.desk.do(self._deed(texts), self._done, self._refused)

    def _deed(self, texts: dict[str, str]) -> Callable[[Workspace], Changes]:
        state = self._state
        own, new = texts["own"], texts["new"]
        deeds: dict[View, Callable[[Workspace], Changes]] = {
            View.ADD: lambda ws: laptop_users.add(ws, texts["name"], state.role, new),
            View.OWN: lambda ws: laptop_users.change_own_password(ws, own, new),
            View.RESET: lambda ws: laptop_users.set_password(ws, state.chosen, own, new),
            View.REMOVE: lambda ws: laptop_users.remove(ws, state.chosen, own),
        }
        return deeds[state.view]

    def _done(self, _: Changes) -> None:
        sentence = us.said(self._state)
        self._to(us.finished(self._state))
        self.desk.say(sentence)

    def _refused(self, error: Exception) -> None:
        if isinstance(error, UserError) and error.code == "wrong_password":
            self._state = us.wrong_password(self._state, _now())
        else:
            name = error.field if isinstance(error, InvalidValue) else ""
            self._state = us.refused(self._state, name, describe(error))
        self._show()
        self._take_keyboard(self._state)

    # showing

    def _forget(self) -> None:
        """No password stays in a field that is not in sight."""
        for field in self.fields.values():
            field.edit.clear()
            if isinstance(field, PasswordField):
                field.hide_text()

    def _show(self) -> None:
        state = self._state
        title, lead = us.words(state)
        self.title.setText(title)
        self.lead.setText(lead)
        self.lead.setVisible(bool(lead))
        form = bool(state.fields)
        self._form.setVisible(form)
        self._role_line.setVisible(state.asks_role)
        if self.parts is not None:
            self.parts.setVisible(not form)
        for name, field in self.fields.items():
            field.setVisible(name in state.fields)
            field.set_error(state.errors.get(name, ""))
            field.edit.setReadOnly(state.busy)
        self.message.setText(state.message)
        self.message.setVisible(bool(state.message))
        self.add.setVisible(state.view == View.PEOPLE and not state.practice)
        self.save.setVisible(form)
        self.save.set_words(tr("Sebentar…") if state.busy else us.deed(state))
        self.save.setEnabled(not state.busy)
        self.cancel.setVisible(state.view != View.PEOPLE)
        self.hints_changed.emit()


def _about(person: Person) -> str:
    """Role, whether she is the one at the keyboard, and who gave her the password she has."""
    said = [role_name(person.role) if person.role is not None else tr("Belum pernah membuka laptop ini")]
    if person.here:
        said.append(tr("sedang memakai laptop ini"))
    if person.reset_on:
        words = tr("kata sandi baru dari {name}, {date}")
        on = format_date(date.fromisoformat(person.reset_on))
        said.append(words.format(name=person.reset_by, date=on))
    return " · ".join(said)


def _letters(person: Person) -> str:
    return "".join(word[0] for word in person.name.split()[:2]).upper()


def _now() -> int:
    return time.monotonic_ns() // 1_000_000
