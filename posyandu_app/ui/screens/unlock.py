"""Unlock: who are you, and your password."""

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from posyandu_app.i18n import tr
from posyandu_app.ui.screens import unlock_state as us
from posyandu_app.ui.screens.unlock_state import UnlockState
from posyandu_app.ui.widgets.basic import Button, Label, row
from posyandu_app.ui.widgets.fields import PasswordField
from posyandu_app.ui.widgets.people import People
from posyandu_app.ui.widgets.scroll import Scroll
from posyandu_app.ui.widgets.welcome import Welcome

PEOPLE_IN_SIGHT = 272


class UnlockScreen(QWidget):
    """Asks for the password and tells `wanted(label, password)`; the window answers with accept or refuse."""

    wanted = Signal(str, str)
    practice_wanted = Signal()
    discard_wanted = Signal()

    def __init__(self, parent: QWidget, labels: tuple[str, ...], said: str = "", label: str = "") -> None:
        super().__init__(parent)
        self.setObjectName("unlock_screen")
        self._state = UnlockState(labels)
        if label in labels:
            self._state = us.select(self._state, labels.index(label))
        else:
            self._state = us.asking_who(self._state)
        self._tick = QTimer(self)
        self._tick.setInterval(250)
        self._tick.timeout.connect(self._count_down)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(Welcome(self))
        whole.addStretch(1)
        whole.addLayout(self._form(said), 6)
        whole.addStretch(1)
        self._show()

    def _form(self, said: str) -> QVBoxLayout:
        form = QVBoxLayout()
        form.setContentsMargins(24, 32, 24, 32)
        form.setSpacing(16)
        form.addStretch(1)
        form.addWidget(Label(self, tr("Siapa Anda?"), "display"))
        self.said = Label(self, said, "body", "soft", wrap=True)
        self.said.setObjectName("unlock_said")
        self.said.setVisible(bool(said))
        form.addWidget(self.said)
        self.people = People(self, tr("Siapa Anda"), name="unlock_label")
        self._list = Scroll(self, self.people, most=PEOPLE_IN_SIGHT)
        form.addWidget(self._list)
        self.hint = Label(self, "", "small", "soft", wrap=True)
        self.hint.setObjectName("unlock_hint")
        self.hint.setVisible(len(self._state.labels) > 1)
        form.addWidget(self.hint)
        form.addSpacing(4)
        self.password = PasswordField(self, tr("Kata sandi"), name="unlock_password", show_key="F7")
        form.addWidget(self.password)
        self.caps = Label(
            self, tr("Caps Lock menyala: huruf menjadi besar semua."), "small_strong", "danger", wrap=True
        )
        self.caps.setObjectName("unlock_caps")
        form.addWidget(self.caps)
        self.button = Button(self, tr("Buka"), "", "primary", name="unlock_button", shown_key="Enter")
        form.addWidget(self.button)
        self.practice = Button(self, tr("Latihan"), "F9", "quiet", "baby", name="practice_button")
        self.discard = Button(
            self, tr("Buang data latihan"), "F10", "quiet", "undo-2", name="discard_practice"
        )
        self.discard.setVisible(False)
        self.practice.clicked.connect(self._practise)
        self.discard.clicked.connect(self.discard_wanted)
        form.addLayout(row(self.practice, self.discard, None, spacing=8))
        form.addStretch(2)
        self.people.chosen.connect(self._chosen)
        self.people.moved.connect(self._move)
        self.people.typed.connect(self._typed)
        self.people.entered.connect(self._person_entered)
        self.password.entered.connect(self._submit)
        self.password.key_typed.connect(self._key)
        self.password.moved.connect(self._move)
        self.button.clicked.connect(self._submit)
        self.setTabOrder(self.people, self.password.edit)
        self.setTabOrder(self.password.edit, self.password.show_button)
        self.setTabOrder(self.password.show_button, self.button)
        return form

    def start(self, *, choosing: bool = False) -> None:
        """Put the keyboard where the next key belongs: on the people when it is not clear who comes."""
        if choosing:
            self._state = us.asking_who(self._state)
            self._show()
        if self._state.labels and not self._state.label:
            self.people.setFocus()
        else:
            self.password.setFocus()

    def show_practice(self, practised: bool) -> None:
        """Whether there are practice data to go on with or to throw away."""
        self.practice.set_words(tr("Lanjut latihan") if practised else tr("Latihan"))
        self.discard.setVisible(practised)

    def show_discarded(self) -> None:
        """There are no practice data any more."""
        self.show_practice(practised=False)
        self.start()

    def choose(self, label: str) -> None:
        """Choose somebody by name; a name that is not there changes nothing."""
        if label in self._state.labels:
            self._chosen(self._state.labels.index(label))

    def refuse(self) -> None:
        """The password was wrong."""
        self._state = us.refused(self._state, _now())
        self.password.edit.selectAll()
        self._show()
        self._tick.start()
        self.password.setFocus()

    def fail(self, message: str) -> None:
        """Something else went wrong; the sentence says what."""
        self._state = us.broken(self._state, message)
        self._show()
        self.password.setFocus()

    def _chosen(self, index: int) -> None:
        self._choose(us.select(self._state, index))

    def _move(self, step: int) -> None:
        self._choose(us.move(self._state, step))

    def _choose(self, state: UnlockState) -> None:
        before, self._state = self._state, state
        if before.label and before.label != state.label:
            self.password.edit.clear()  # it was the other one's
        self._show()
        at = self.people.chosen_rect().center()
        self._list.ensureVisible(0, round(at.y()), 0, round(self.people.chosen_rect().height()))

    def _typed(self, text: str, shift: bool) -> None:
        """Typed while the keyboard was on the people: it belongs to the password."""
        self.password.setFocus()
        self.password.edit.insert(text)
        self._key(text, shift)

    def _person_entered(self) -> None:
        if self._state.label and not self.password.text():
            self.password.setFocus()
        else:
            self._submit()

    def _key(self, text: str, shift: bool) -> None:
        self._state = us.typed(self._state, text, shift)
        self._show()

    def _submit(self) -> None:
        self._state = us.submit(self._state, self.password.text(), _now())
        self._show()
        if self._state.nameless:
            self.people.setFocus()
        if self._state.busy:
            self.wanted.emit(self._state.label, self.password.text())

    def _practise(self) -> None:
        if not self._state.busy:
            self._state = us.opening(self._state)
            self._show()
            self.practice_wanted.emit()

    def _count_down(self) -> None:
        now = _now()
        if self._state.busy or not self._state.message:
            self._tick.stop()
            return
        waiting = us.is_waiting(self._state, now)
        self._state = us.waiting(self._state, now)
        self._show()
        if not waiting:
            self._tick.stop()

    def _show(self) -> None:
        state = self._state
        self.people.show_people(state.labels, state.selected)
        if state.nameless:
            self.hint.setText(tr("Pilih dulu nama Anda dengan ↑ atau ↓, lalu Enter."))
        else:
            self.hint.setText(tr("Pilih dengan ↑ dan ↓, lalu ketik kata sandi."))
        self.hint.set_ink("danger" if state.nameless else "soft")
        self.password.set_error(state.message)
        self.caps.setVisible(state.caps_lock)
        self.button.set_words(tr("Membuka…") if state.busy else tr("Buka"))
        self.button.setEnabled(not state.busy)
        self.password.edit.setReadOnly(state.busy)


def _now() -> int:
    return time.monotonic_ns() // 1_000_000
