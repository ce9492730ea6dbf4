"""A new child in under a minute, with those who may be the same child shown while typing."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from posyandu_app.domain import names
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Child, Sex
from posyandu_app.i18n import tr
from posyandu_app.services import registration
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import is_posyandu, posyandu_names
from posyandu_app.ui import words
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.messages import describe
from posyandu_app.ui.screens import register_state as rs
from posyandu_app.ui.screens.register_state import (
    ADDRESS,
    BIRTH,
    MOTHER,
    NAME,
    NIK,
    PHONE,
    POSYANDU,
    RT,
    RW,
    SEX,
    RegisterState,
)
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.typeahead import Typeahead
from posyandu_app.ui.widgets.basic import Button, Card, Label, Segmented, row
from posyandu_app.ui.widgets.fields import Field
from posyandu_app.ui.widgets.scroll import Scroll
from posyandu_app.ui.widgets.suggest import SuggestField, Suggestion

_SEXES = (Sex.MALE, Sex.FEMALE)
_MOST_SHOWN = 3
_PAUSE_MS = 150


class RegisterScreen(Screen):
    """Enter goes on; in the last field it saves, and the child can be weighed at once."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "register_screen")
        self._state = RegisterState(today=desk.clock.today())
        self._posyandu: dict[str, str] = {}
        self._showing = False
        self._typeahead = Typeahead(self)
        self._latest = Latest(desk)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.look_now)
        self.back = Button(
            self, tr("Kembali"), icon="arrow-left", name="register_back", shown_key="Esc", compact=True
        )
        self.save = Button(self, tr("Simpan anak baru"), "F9", "primary", name="register_save")
        self.message = Label(self, "", "small_strong", "danger", wrap=True)
        self.message.setObjectName("register_message")
        self.fields: dict[str, Field] = {}
        self._form = QWidget(self)
        self._make_fields()
        self.similar = Similar(self)
        self._lay_out()
        self.back.clicked.connect(self.escape)
        self.save.clicked.connect(lambda: self._event(rs.ask_save))
        self.similar.opened.connect(lambda child: desk.go("weighing", child))

    def _make_fields(self) -> None:
        texts = (
            (NAME, tr("Nama anak"), "", 100, False),
            (BIRTH, tr("Tanggal lahir"), tr("Contoh: 17/08/2025"), 60, False),
            (MOTHER, tr("Nama ibu"), "", 100, False),
            (NIK, tr("NIK"), tr("16 angka, boleh menyusul."), 60, True),
            (RT, tr("RT"), "", 10, False),
            (RW, tr("RW"), "", 10, False),
            (ADDRESS, tr("Alamat"), "", 200, True),
            (PHONE, tr("Telepon"), "", 40, True),
        )
        for name, label, hint, longest, optional in texts:
            field = Field(
                self._form, label, hint, name=f"register_{name}", longest=longest, optional=optional
            )
            field.edit.textEdited.connect(lambda text, name=name: self._event(rs.typed, name, text))
            field.edit.returnPressed.connect(lambda name=name: self._event(rs.entered, name))
            field.edit.editingFinished.connect(lambda name=name: self._left(name))
            self.fields[name] = field
        self.sex = Segmented(
            self._form,
            [(tr("Laki-laki"), "l"), (tr("Perempuan"), "p")],
            tr("Jenis kelamin"),
            name="register_sex",
        )
        self.sex.chosen.connect(lambda index: self._event(rs.sex_chosen, _SEXES[index]))
        self.sex.entered.connect(lambda: self._event(rs.entered, SEX))
        self.sex_error = Label(self._form, "", "small", "danger", wrap=True)
        self.sex_error.setObjectName("register_sex_note")
        self.posyandu = SuggestField(
            self._form, tr("Posyandu"), "", self._offer_posyandu, name="register_posyandu"
        )
        self.posyandu.picked.connect(lambda scope: self._event(rs.posyandu_chosen, scope))
        self.posyandu.entered.connect(self.fields[NAME].setFocus)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 20, 32, 8)
        column.setSpacing(16)
        column.addLayout(row(self.back, Label(self, tr("Anak baru"), "display"), None))
        grid = QGridLayout(self._form)
        grid.setContentsMargins(0, 0, 12, 0)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(14)
        grid.addWidget(self.posyandu, 0, 0, 1, 4)
        sex = QVBoxLayout()
        sex.setSpacing(6)
        sex.addWidget(Label(self._form, tr("Jenis kelamin"), "strong"))
        sex.addWidget(self.sex, 0, Qt.AlignmentFlag.AlignLeft)
        sex.addWidget(self.sex_error)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self.fields[NAME], 1, 0, 1, 2, top)
        grid.addLayout(sex, 1, 2, 1, 2, top)
        grid.addWidget(self.fields[BIRTH], 2, 0, 1, 2, top)
        grid.addWidget(self.fields[MOTHER], 2, 2, 1, 2, top)
        grid.addWidget(self.fields[NIK], 3, 0, 1, 2, top)
        grid.addWidget(self.fields[RT], 3, 2, top)
        grid.addWidget(self.fields[RW], 3, 3, top)
        grid.addWidget(self.fields[ADDRESS], 4, 0, 1, 2, top)
        grid.addWidget(self.fields[PHONE], 4, 2, 1, 2, top)
        grid.setRowStretch(5, 1)
        for at in range(4):
            grid.setColumnStretch(at, 1)
        form = QVBoxLayout()
        form.setSpacing(12)
        form.addWidget(Scroll(self, self._form), 1)
        bottom = row(self.save, spacing=12)
        bottom.addWidget(self.message, 1)
        form.addLayout(bottom)
        body = QHBoxLayout()
        body.setSpacing(24)
        body.addLayout(form, 3)
        body.addWidget(self.similar, 2, Qt.AlignmentFlag.AlignTop)
        column.addLayout(body, 1)
        edits: list[QWidget] = [self.posyandu.edit, self.fields[NAME].edit, self.sex]
        edits += [self.fields[name].edit for name in (BIRTH, MOTHER, NIK, RT, RW, ADDRESS, PHONE)]
        edits += [self.save]
        for first, second in pairwise(edits):
            self.setTabOrder(first, second)

    def hints(self) -> tuple[tuple[str, str], ...]:
        return ((tr("Berikutnya"), "Enter"), (tr("Simpan"), "F9"), (tr("Kembali"), "Esc"))

    @property
    def state(self) -> RegisterState:
        return self._state

    def open(self, child: str = "") -> None:
        self.desk.ask(
            lambda workspace: (workspace.scope or "", dict(posyandu_names(workspace))), self._scope_known
        )
        if self._state.phase == "saving" or self._state.untouched:
            self._set(RegisterState(today=self.desk.clock.today()))
        self._apply_focus()

    def leave(self) -> None:
        self._pause.stop()
        self._typeahead.release()
        self.posyandu.close_offers()

    def escape(self) -> None:
        self.desk.go("roster")

    def _scope_known(self, answer: tuple[str, dict[str, str]]) -> None:
        scope, self._posyandu = answer
        several = not is_posyandu(scope)
        self.posyandu.setVisible(several)
        self._state = rs.scope_known(self._state, scope, several)
        if several and not self._posyandu:
            self.posyandu.set_warning(tr("Belum ada posyandu di laptop ini. Sinkronkan dulu dengan F5."))
        if several and len(self._posyandu) == 1:
            only, name = next(iter(self._posyandu.items()))
            self.posyandu.choose(Suggestion(only, name))
        self._apply_focus()

    def _offer_posyandu(self, text: str) -> list[Suggestion]:
        wanted = text.strip().casefold()
        return [
            Suggestion(scope, name) for scope, name in self._posyandu.items() if wanted in name.casefold()
        ]

    def _event(self, event: Callable[..., RegisterState], *arguments: object) -> None:
        if self._showing or self._state.phase == "saving":
            return
        after = event(self._state, *arguments)
        self._set(after)
        self._pause.start()
        if after.phase == "saving":
            self._register()

    def _left(self, name: str) -> None:
        if QApplication.focusWidget() is not self.fields[name].edit and not self._showing:
            focus = self._state.focus
            self._set(rs.focused(rs.left(self._state, name), focus), focus=False)

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

    def _register(self) -> None:
        self._typeahead.hold()
        child = rs.input_of(self._state)
        self.desk.do(
            lambda workspace: registration.register(workspace, child), self._registered, self._refused
        )

    def _registered(self, changes: Changes) -> None:
        self._set(RegisterState(today=self.desk.clock.today()), focus=False)
        self.similar.show_children(())
        self.posyandu.clear()
        saved = changes.saved_at
        detail = ""
        if saved is not None:
            detail = tr("Tersimpan di laptop ini, {time} — belum dikirim").format(
                time=words.clock_time(saved)
            )
        self.desk.offer(changes, detail)
        self.desk.go("weighing", next(iter(changes.entities)))
        self._typeahead.release()

    def _refused(self, error: Exception) -> None:
        self._typeahead.release()
        name = error.field if isinstance(error, InvalidValue) else ""
        self._set(rs.refused(self._state, name, describe(error)))

    def _set(self, state: RegisterState, *, focus: bool = True) -> None:
        self._state = state
        self._showing = True
        try:
            for name, field in self.fields.items():
                if field.edit.text() != state.texts.get(name, ""):
                    field.set_text(state.texts.get(name, ""))
                field.set_error(state.errors.get(name, ""))
                if name in state.notes and name not in state.errors:
                    field.set_warning(state.notes[name])
            self.sex.set_index(_SEXES.index(state.sex) if state.sex is not None else -1)
            self.sex_error.setText(state.errors.get(SEX, ""))
            self.sex_error.setVisible(SEX in state.errors)
            self.posyandu.set_error(state.errors.get(POSYANDU, ""))
            self.message.setText(state.message)
            self.save.setEnabled(state.phase == "entering")
        finally:
            self._showing = False
        if focus:
            self._apply_focus()

    def _apply_focus(self) -> None:
        if not self.isVisible():
            return
        wanted = self._state.focus
        target: QWidget = self.sex if wanted == SEX else self.posyandu.edit
        if wanted in self.fields:
            target = self.fields[wanted].edit
        if not target.hasFocus():
            target.setFocus()


class Similar(Card):
    """Those who may be the same child; a person decides, nothing is merged."""

    opened = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, spacing=12)
        self.setObjectName("similar")
        self._ids: list[str] = []
        self.title = Label(self, tr("Mungkin sudah terdaftar"), "heading")
        self.text = Label(self, "", "body", "soft", wrap=True)
        self.column.addWidget(self.title)
        self.column.addWidget(self.text)
        self._names: list[Label] = []
        self._details: list[Label] = []
        self._buttons: list[Button] = []
        for at in range(_MOST_SHOWN):
            name = Label(self, "", "strong", wrap=True)
            detail = Label(self, "", "small", "soft", wrap=True)
            button = Button(self, tr("Buka anak ini"), f"Ctrl+{at + 1}", name=f"similar_{at + 1}")
            button.clicked.connect(lambda _=False, at=at: self.opened.emit(self._ids[at]))
            self.column.addWidget(name)
            self.column.addWidget(detail)
            self.column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            self._names.append(name)
            self._details.append(detail)
            self._buttons.append(button)
        self.column.addStretch(1)
        self.show_children(())

    def show_children(self, children: Sequence[Child]) -> None:
        """Show the most similar ones, nobody when there are none."""
        shown = children[:_MOST_SHOWN]
        self._ids = [child.id for child in shown]
        self.text.setText(
            tr("Periksa dulu: bila anak yang sama, buka saja dia dan jangan daftarkan lagi.")
            if shown
            else tr("Sambil Anda mengetik, anak yang mirip dan sudah terdaftar muncul di sini.")
        )
        for at in range(_MOST_SHOWN):
            visible = at < len(shown)
            for widget in (self._names[at], self._details[at], self._buttons[at]):
                widget.setVisible(visible)
            if visible:
                child = shown[at]
                born = format_date(child.birth_date) if child.birth_date is not None else words.NOTHING
                facts = (words.mother(child), tr("lahir {date}").format(date=born), words.place(child))
                self._names[at].setText(names.display(child.name))
                self._details[at].setText(" · ".join(facts))
