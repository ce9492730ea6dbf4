"""The form of a child: the few fields of the fast way, the rest, and the parents' consent."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from posyandu_app.domain.consent import ConsentState, Relation, consent_text
from posyandu_app.i18n import tr
from posyandu_app.ui.screens import register_fields as rf
from posyandu_app.ui.screens.register_fields import CHOICES, Part
from posyandu_app.ui.screens.register_state import RegisterState, version_of
from posyandu_app.ui.widgets.basic import Card, Label, Segmented
from posyandu_app.ui.widgets.fields import Field
from posyandu_app.ui.widgets.scroll import Scroll
from posyandu_app.ui.widgets.similar import Similar
from posyandu_app.ui.widgets.suggest import SuggestField, Suggestion

_TOP = Qt.AlignmentFlag.AlignTop


class ChoiceField(QWidget):
    """One answer of a few under its label; the error stands below."""

    def __init__(
        self,
        parent: QWidget,
        label: str,
        choices: Sequence[tuple[str, str]],
        *,
        name: str,
        role: str = "strong",
    ) -> None:
        super().__init__(parent)
        self.label = Label(self, label, "strong")
        self.answers = Segmented(self, choices, label, name=name, role=role)
        self.note = Label(self, "", "small", "danger", wrap=True)
        self.note.setObjectName(f"{name}_note")
        self.note.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.label)
        column.addWidget(self.answers, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.note)
        self.setFocusProxy(self.answers)

    def set_error(self, message: str) -> None:
        """Say what to mend, nothing with ""."""
        self.note.setText(message)
        self.note.setVisible(bool(message))


class ChildForm(QWidget):
    """Three parts of one form, one in sight; it shows a state and reports what hands do.

    `typed(name, text)`, `chosen(name, code)`, `entered(name)`, `left(name)` and `posyandu_picked(scope)`.
    """

    typed = Signal(str, str)
    chosen = Signal(str, str)
    entered = Signal(str)
    left = Signal(str)
    posyandu_picked = Signal(str)

    def __init__(
        self, parent: QWidget, prefix: str, offer_posyandu: Callable[[str], Sequence[Suggestion]]
    ) -> None:
        super().__init__(parent)
        self._prefix = prefix
        self._showing = False
        self.fields: dict[str, Field] = {}
        self.choices: dict[str, ChoiceField] = {}
        self.similar = Similar(self)
        self._pages = QStackedWidget(self)
        self._contents = {part: QWidget(self) for part in Part}
        self.posyandu = SuggestField(
            self._contents[Part.MAIN], tr("Posyandu"), "", offer_posyandu, name=f"{prefix}_posyandu"
        )
        self.posyandu.hide()
        self._make(Part.MAIN, _main_texts())
        self._choice(Part.MAIN, rf.SEX, tr("Jenis kelamin"), [(tr("Laki-laki"), "l"), (tr("Perempuan"), "p")])
        self._make(Part.MORE, _more_texts())
        yes_no = [(tr("Ya"), "y"), (tr("Tidak"), "t")]
        self._choice(Part.MORE, rf.KIA, tr("Punya Buku KIA"), yes_no)
        self._choice(Part.MORE, rf.IMD, tr("IMD saat lahir"), yes_no)
        self._choice(Part.CONSENT, rf.DECISION, tr("Jawaban orang tua"), _answers(False))
        people = [(person.label, person.label[0].lower()) for person in Relation]
        self._choice(Part.CONSENT, rf.RELATION, tr("Yang menjawab"), people)
        self._make(Part.CONSENT, ((rf.SPEAKER, tr("Nama yang menjawab"), "", 100),))
        self.effect = Label(self._contents[Part.CONSENT], "", "body", "soft", wrap=True)
        self.effect.setObjectName(f"{prefix}_consent_effect")
        self.in_force = Label(self._contents[Part.CONSENT], "", "body", wrap=True)
        self.in_force.setObjectName(f"{prefix}_consent_in_force")
        self.in_force.hide()
        self._lay_out()
        self.posyandu.picked.connect(self.posyandu_picked)
        self.posyandu.entered.connect(self.fields[rf.NAME].setFocus)

    def _make(self, part: Part, texts: Sequence[tuple[str, str, str, int]]) -> None:
        for name, label, hint, longest in texts:
            field = Field(self._contents[part], label, hint, name=f"{self._prefix}_{name}", longest=longest)
            field.edit.textEdited.connect(lambda text, name=name: self.typed.emit(name, text))
            field.edit.returnPressed.connect(lambda name=name: self.entered.emit(name))
            field.edit.editingFinished.connect(lambda name=name: self._finished(name))
            self.fields[name] = field

    def _choice(self, part: Part, name: str, label: str, choices: Sequence[tuple[str, str]]) -> None:
        role = "small_strong" if part is Part.CONSENT else "strong"
        field = ChoiceField(self._contents[part], label, choices, name=f"{self._prefix}_{name}", role=role)
        field.answers.chosen.connect(lambda at, name=name: self.chosen.emit(name, CHOICES[name][at]))
        field.answers.entered.connect(lambda name=name: self.entered.emit(name))
        self.choices[name] = field

    def _finished(self, name: str) -> None:
        if not self._showing and QApplication.focusWidget() is not self.fields[name].edit:
            self.left.emit(name)

    # how it is laid out

    def _lay_out(self) -> None:
        self._lay_out_main()
        self._lay_out_more()
        self._lay_out_consent()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)
        stops = [self.posyandu.edit, *(self.stop(name) for part in Part for name in rf.FIELDS[part])]
        for first, second in pairwise(stops):
            self.setTabOrder(first, second)

    def _lay_out_main(self) -> None:
        page = QWidget(self)
        grid = _grid(self._contents[Part.MAIN])
        grid.addWidget(self.posyandu, 0, 0, 1, 4)
        for name, place in (
            (rf.NAME, (1, 0, 1, 2)),
            (rf.SEX, (1, 2, 1, 2)),
            (rf.BIRTH, (2, 0, 1, 2)),
            (rf.MOTHER, (2, 2, 1, 2)),
            (rf.NIK, (3, 0, 1, 2)),
            (rf.RT, (3, 2, 1, 1)),
            (rf.RW, (3, 3, 1, 1)),
        ):
            grid.addWidget(self.widget(name), *place, _TOP)
        grid.setRowStretch(4, 1)
        body = QHBoxLayout(page)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(24)
        body.addWidget(Scroll(page, self._contents[Part.MAIN]), 3)
        body.addWidget(self.similar, 2, _TOP)
        self._pages.addWidget(page)

    def _lay_out_more(self) -> None:
        grid = _grid(self._contents[Part.MORE])
        grid.setVerticalSpacing(8)
        for at, wide in enumerate((6, 6, 5, 5)):  # sixteen figures are longer than a name
            grid.setColumnStretch(at, wide)
        lead = Label(
            self._contents[Part.MORE],
            tr("Semua boleh kosong dan dapat dilengkapi kapan saja."),
            "body",
            "soft",
        )
        grid.addWidget(lead, 0, 0, 1, 4)
        for name, place in (
            (rf.KK, (1, 0, 1, 1)),
            (rf.MOTHER_NIK, (1, 1, 1, 1)),
            (rf.FATHER, (1, 2, 1, 1)),
            (rf.PHONE, (1, 3, 1, 1)),
            (rf.ADDRESS, (2, 0, 1, 2)),
            (rf.ORIGIN, (2, 2, 1, 2)),
            (rf.CHILD_ORDER, (3, 0, 1, 1)),
            (rf.WEEKS, (3, 1, 1, 1)),
            (rf.BIRTH_WEIGHT, (3, 2, 1, 1)),
            (rf.BIRTH_LENGTH, (3, 3, 1, 1)),
            (rf.BIRTH_HEAD, (4, 0, 1, 1)),
            (rf.KIA, (4, 1, 1, 1)),
            (rf.IMD, (4, 2, 1, 1)),
        ):
            grid.addWidget(self.widget(name), *place, _TOP)
        grid.setRowStretch(5, 1)
        self._pages.addWidget(Scroll(self, self._contents[Part.MORE]))

    def _lay_out_consent(self) -> None:
        content = self._contents[Part.CONSENT]
        read = Card(content, margins=12, spacing=5)
        read.column.addWidget(Label(read, tr("Bacakan untuk orang tua atau wali"), "small_strong", "accent"))
        paragraphs = consent_text()
        for at, paragraph in enumerate(paragraphs):
            role = "strong" if at == len(paragraphs) - 1 else "body"
            read.column.addStretch(1)
            read.column.addWidget(Label(read, paragraph, role, wrap=True))
        read.column.addStretch(4)
        answers = QVBoxLayout()
        answers.setSpacing(8)
        for name in rf.FIELDS[Part.CONSENT]:
            answers.addWidget(self.widget(name))
        answers.addWidget(self.in_force)
        answers.addWidget(self.effect)
        answers.addStretch(1)
        body = QHBoxLayout(content)
        body.setContentsMargins(0, 0, 12, 0)
        body.setSpacing(18)
        body.addWidget(read, 4)
        body.addLayout(answers, 1)
        self._pages.addWidget(Scroll(self, content))

    # showing

    def widget(self, name: str) -> QWidget:
        """The whole field of that name."""
        return self.fields[name] if name in self.fields else self.choices[name]

    def stop(self, name: str) -> QWidget:
        """Where the keyboard goes for that field."""
        if name == rf.POSYANDU:
            return self.posyandu.edit
        return self.fields[name].edit if name in self.fields else self.choices[name].answers

    @property
    def last_stop(self) -> QWidget:
        """The last field of the whole form."""
        return self.stop(rf.SPEAKER)

    def show_state(self, state: RegisterState) -> None:
        """Show what was typed, what to mend and what to look at again."""
        self._showing = True
        try:
            self._pages.setCurrentIndex(tuple(Part).index(state.part))
            for name, field in self.fields.items():
                if field.edit.text() != state.shown(name):
                    field.set_text(state.shown(name))
                field.set_error(state.errors.get(name, ""))
                if name in state.notes and name not in state.errors:
                    field.set_warning(state.notes[name])
            self.choices[rf.DECISION].answers.set_choices(_answers(state.can_withdraw))
            for name, choice in self.choices.items():
                code = state.text(name)
                choice.answers.set_index(CHOICES[name].index(code) if code in CHOICES[name] else -1)
                choice.set_error(state.errors.get(name, ""))
            self.posyandu.set_error(state.errors.get(rf.POSYANDU, ""))
            self.effect.setText(_effect(state))
            asked_before = state.child is not None and not state.text(rf.DECISION)
            self.in_force.setVisible(asked_before)
            self.effect.setVisible(not asked_before)
        finally:
            self._showing = False

    def take_keyboard(self, name: str) -> None:
        """The keyboard to a field, what stands in it selected."""
        target = self.stop(name)
        if not target.hasFocus():
            target.setFocus()
            if name in self.fields:
                self.fields[name].edit.selectAll()


def _grid(content: QWidget) -> QGridLayout:
    grid = QGridLayout(content)
    grid.setContentsMargins(0, 0, 12, 0)
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(14)
    for at in range(4):
        grid.setColumnStretch(at, 1)
    return grid


def _main_texts() -> tuple[tuple[str, str, str, int], ...]:
    return (
        (rf.NAME, tr("Nama anak"), "", 100),
        (rf.BIRTH, tr("Tanggal lahir"), tr("Contoh: 17/08/2025"), 60),
        (rf.MOTHER, tr("Nama ibu"), "", 100),
        (rf.NIK, tr("NIK anak"), tr("16 angka, boleh menyusul."), 60),
        (rf.RT, tr("RT"), "", 10),
        (rf.RW, tr("RW"), "", 10),
    )


def _more_texts() -> tuple[tuple[str, str, str, int], ...]:
    return (
        (rf.KK, tr("Nomor KK"), "", 60),
        (rf.MOTHER_NIK, tr("NIK Ibu"), "", 60),
        (rf.FATHER, tr("Nama ayah"), "", 100),
        (rf.PHONE, tr("Telepon"), "", 40),
        (rf.ADDRESS, tr("Alamat"), "", 200),
        (rf.ORIGIN, tr("Pindahan dari"), "", 200),
        (rf.CHILD_ORDER, tr("Anak ke"), "", 10),
        (rf.WEEKS, tr("Hamil (minggu)"), "", 10),
        (rf.BIRTH_WEIGHT, tr("Berat lahir (kg)"), "", 20),
        (rf.BIRTH_LENGTH, tr("Panjang lahir (cm)"), "", 20),
        (rf.BIRTH_HEAD, tr("LK lahir (cm)"), "", 20),
    )


def _answers(can_withdraw: bool) -> list[tuple[str, str]]:
    """In the order of `CHOICES`; withdrawing is the last one."""
    answers = [(tr("Setuju"), "s"), (tr("Tidak setuju"), "t"), (tr("Ditarik"), "d")]
    return answers if can_withdraw else answers[:-1]


def _effect(state: RegisterState) -> str:
    decision = state.text(rf.DECISION)
    if decision == ConsentState.REFUSED:
        return tr(
            "Anak tetap didaftar dan dilayani. Keputusan ini tercatat "
            "dan boleh diubah kapan saja di kartu anak."
        )
    if decision == ConsentState.GIVEN:
        told = tr("Dicatat dengan nama, tanggal hari ini, dan versi teks yang dibacakan ({version}).")
        return told.format(version=version_of(state))
    if decision == ConsentState.WITHDRAWN:
        told = tr(
            "Persetujuan atas teks {version} ditarik mulai hari ini. Anak tetap dilayani, catatannya tidak "
            "dihapus, dan orang tua boleh setuju lagi kapan saja."
        )
        return told.format(version=version_of(state))
    return tr("Belum ditanya? Lewati dengan Enter; anak tetap didaftar.")


def parts_switch(parent: QWidget, name: str) -> Segmented:
    """The three parts side by side."""
    return Segmented(
        parent, [(part.label, "") for part in Part], tr("Bagian"), name=name, role="small_strong", height=42
    )
