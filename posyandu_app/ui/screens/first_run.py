"""First start on this laptop: where the posyandu is, then who works here."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from posyandu_app.domain import regions
from posyandu_app.domain.model import Role
from posyandu_app.domain.regions import Level
from posyandu_app.i18n import tr
from posyandu_app.ui.screens import first_run_state as fs
from posyandu_app.ui.screens.first_run_state import FirstRunState, Step
from posyandu_app.ui.widgets.basic import Button, Label, Segmented, row
from posyandu_app.ui.widgets.fields import Field, PasswordField
from posyandu_app.ui.widgets.scroll import Scroll
from posyandu_app.ui.widgets.suggest import SuggestField, Suggestion
from posyandu_app.ui.widgets.welcome import Welcome

_ROLES = (Role.KADER, Role.BIDAN)
_LEVELS = {"kabupaten": Level.KABUPATEN, "kecamatan": Level.KECAMATAN, "village": Level.VILLAGE}


class FirstRunScreen(QWidget):
    """Tells `wanted(Setup)` when everything has been answered."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("first_run_screen")
        self._state = FirstRunState()
        self.fields: dict[str, Field] = {}
        self.title = Label(self, "", "display")
        self.lead = Label(self, "", "body", "soft", wrap=True)
        self.steps = Label(self, "", "small_strong", "accent")
        self.message = Label(self, "", "strong", "danger", wrap=True)
        self.message.setObjectName("first_run_message")
        self.back = Button(
            self, tr("Kembali"), "", "secondary", "arrow-left", name="first_run_back", shown_key="Esc"
        )
        self.next = Button(self, tr("Lanjut"), "", "primary", name="first_run_next", shown_key="Enter")
        self.place = self._place()
        self.person = self._person()
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(Welcome(self))
        whole.addWidget(Scroll(self, self._column()), 1)
        self.back.clicked.connect(self.go_back)
        self.next.clicked.connect(self._forward)
        self._show()

    def _column(self) -> QWidget:
        content = QWidget(self)
        column = QVBoxLayout()
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(10)
        column.addStretch(1)
        column.addWidget(self.steps)
        column.addWidget(self.title)
        column.addWidget(self.lead)
        column.addSpacing(8)
        column.addWidget(self.place)
        column.addWidget(self.person)
        column.addWidget(self.message)
        column.addSpacing(8)
        column.addLayout(row(self.back, self.next, None, spacing=8))
        column.addStretch(2)
        whole = QHBoxLayout(content)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addStretch(1)
        whole.addLayout(column, 5)
        whole.addStretch(1)
        return content

    def _place(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        words = {
            "kabupaten": (
                tr("Kabupaten atau kota"),
                tr("Ketik beberapa huruf, lalu pilih dengan ↓ dan Enter."),
            ),
            "kecamatan": (tr("Kecamatan"), ""),
            "village": (tr("Desa atau kelurahan"), ""),
        }
        for level, (label, hint) in words.items():
            field = SuggestField(page, label, hint, partial(self._regions, level), name=level)
            field.picked.connect(
                lambda code, level=level: self._set(fs.place_chosen(self._state, level, code))
            )
            field.changed.connect(
                lambda _text, level=level: self._set(fs.place_chosen(self._state, level, ""))
            )
            self._add(column, level, field)
        self._text_field(column, page, "posyandu_name", tr("Nama posyandu"), tr("Misalnya Melati 1."))
        return page

    def _person(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        self._text_field(
            column,
            page,
            "user_name",
            tr("Nama Anda"),
            tr("Nama ini Anda pilih setiap kali membuka aplikasi."),
        )
        self.role = Segmented(page, [(tr("Kader"), ""), (tr("Bidan"), "")], tr("Peran Anda"), name="role")
        self.role.chosen.connect(lambda index: self._set(fs.role_chosen(self._state, _ROLES[index])))
        self.role.entered.connect(lambda: self.fields["password"].setFocus())
        column.addLayout(row(Label(page, tr("Peran Anda"), "strong"), self.role, None))
        rule = tr(
            "Paling sedikit 8 huruf atau angka. Simpan baik-baik: tanpa kata sandi data tidak bisa dibuka."
        )
        first = PasswordField(page, tr("Kata sandi"), rule, name="password")
        second = PasswordField(page, tr("Kata sandi sekali lagi"), name="repeated")
        for name, field in (("password", first), ("repeated", second)):
            field.changed.connect(lambda text, name=name: self._set(fs.typed(self._state, name, text)))
            self._add(column, name, field)
        return page

    def _text_field(self, column: QVBoxLayout, page: QWidget, name: str, label: str, hint: str) -> None:
        field = Field(page, label, hint, name=name, longest=100)
        field.changed.connect(lambda text: self._set(fs.typed(self._state, name, text)))
        self._add(column, name, field)

    def _add(self, column: QVBoxLayout, name: str, field: Field) -> None:
        self.fields[name] = field
        field.entered.connect(lambda: self._entered(name))
        column.addWidget(field)

    def _regions(self, level: str, text: str) -> list[Suggestion]:
        parent = {"kabupaten": "", "kecamatan": self._state.kabupaten, "village": self._state.kecamatan}[
            level
        ]
        if level != "kabupaten" and not parent:
            return []
        found = regions.search(text, _LEVELS[level], parent)
        return [Suggestion(region.code, region.name, _above(region.code)) for region in found]

    def start(self) -> None:
        """Put the keyboard into the first field."""
        self.fields["kabupaten"].setFocus()

    def go_back(self) -> None:
        """Esc: one step back."""
        self._set(fs.back(self._state))
        self.fields["posyandu_name"].setFocus()

    def refuse(self, name: str, message: str) -> None:
        """Setting up did not work."""
        self._set(fs.refused(self._state, name, message))
        self._focus_first_error()

    def _entered(self, name: str) -> None:
        order = ["kabupaten", "kecamatan", "village", "posyandu_name"]
        if self._state.step == Step.PERSON:
            order = ["user_name", "role", "password", "repeated"]
        at = order.index(name)
        if at == len(order) - 1:
            self._forward()
        elif order[at + 1] == "role":
            self.role.setFocus()
        else:
            self.fields[order[at + 1]].setFocus()

    def _forward(self) -> None:
        before = self._state.step
        self._set(fs.forward(self._state))
        if self._state.busy:
            self.wanted.emit(fs.setup_of(self._state))
        elif self._state.step != before:
            self.fields["user_name"].setFocus()
        else:
            self._focus_first_error()

    def _focus_first_error(self) -> None:
        first = next((name for name in self.fields if name in self._state.errors), None)
        if first is not None:
            self.fields[first].setFocus()

    def _set(self, state: FirstRunState) -> None:
        below = {"kabupaten": ("kecamatan", "village"), "kecamatan": ("village",)}
        for level, others in below.items():
            if getattr(self._state, level) != getattr(state, level):
                for name in others:
                    field = self.fields[name]
                    assert isinstance(field, SuggestField)
                    field.clear()
        self._state = state
        self._show()

    def _show(self) -> None:
        state = self._state
        place = state.step == Step.PLACE
        self.steps.setText(tr("Langkah {now} dari {all}").format(now=state.steps_done + 1, all=len(Step)))
        self.title.setText(tr("Posyandu baru di laptop ini") if place else tr("Siapa yang bekerja di sini?"))
        self.lead.setText(
            tr("Di mana posyandu Anda? Cukup sekali ini saja.")
            if place
            else tr("Data anak terkunci. Hanya kata sandi Anda yang membukanya.")
        )
        self.place.setVisible(place)
        self.person.setVisible(not place)
        self.back.setVisible(not place)
        for name, field in self.fields.items():
            field.set_error(state.errors.get(name, ""))
        self.role.set_index(_ROLES.index(state.role))
        self.message.setText(state.message)
        self.message.setVisible(bool(state.message))
        words = tr("Menyiapkan…") if state.busy else tr("Lanjut") if place else tr("Mulai memakai")
        self.next.set_words(words)
        self.next.setEnabled(not state.busy)


def _above(code: str) -> str:
    """The region that a region lies in."""
    parts = code.split(".")
    return regions.name_of(".".join(parts[:-1])) or "" if len(parts) > 1 else ""
