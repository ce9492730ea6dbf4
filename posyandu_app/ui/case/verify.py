"""Confirming a measurement: the midwife's own values beside the kader's, and what follows from them."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from posyandu_app.domain.model import Position
from posyandu_app.domain.reviews import Verdict as Said
from posyandu_app.i18n import tr
from posyandu_app.ui import words
from posyandu_app.ui.case.step import StepPage
from posyandu_app.ui.screens import verify_state as vs
from posyandu_app.ui.screens.verify_state import VerifyState
from posyandu_app.ui.screens.weighing_state import HEAD, LENGTH, MUAC, OEDEMA, TYPED, WEIGHT
from posyandu_app.ui.widgets.basic import Card, KeyCap, Label, Pill, Segmented, row
from posyandu_app.ui.widgets.fields import Field
from posyandu_app.ui.widgets.measure import MeasureBox, Verdict
from posyandu_app.ui.widgets.scroll import Scroll
from posyandu_app.ui.widgets.ways import Ways

_POSITIONS = (Position.LYING, Position.STANDING)
_NEUTRAL = "belum_diukur"


class VerifyPage(StepPage):
    """Enter goes from field to field; nothing need be typed to say that the kader's values are right."""

    changed = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, tr("Periksa ukuran"), tr("Simpan pemeriksaan"), name="verify")
        self._state: VerifyState | None = None
        self._showing = False
        self.lead = Label(self, "", "small", "soft", wrap=True)
        self.lead.setObjectName("verify_lead")
        self.boxes = {
            WEIGHT: MeasureBox(self, tr("Berat badan (BB)"), "kg", name="verify_weight_g"),
            LENGTH: MeasureBox(self, tr("Tinggi badan (TB)"), "cm", name="verify_length_mm"),
            MUAC: MeasureBox(self, tr("Lengan atas (LiLA)"), "cm", name="verify_muac_mm"),
            HEAD: MeasureBox(self, tr("Lingkar kepala (LK)"), "cm", name="verify_head_mm"),
        }
        self.position = Segmented(
            self,
            [(tr("Terlentang"), "t"), (tr("Berdiri"), "b")],
            tr("Cara ukur"),
            name="verify_position",
            role="small_strong",
            height=40,
        )
        self.oedema = Segmented(
            self,
            [(tr("Tidak"), "0"), ("+1", "1"), ("+2", "2"), ("+3", "3")],
            tr("Bengkak kedua kaki"),
            name="verify_oedema",
            role="small_strong",
            height=40,
        )
        self.sides.addWidget(self._fields(), 1)
        self.sides.addWidget(self._meaning(), 1)
        self._connect()

    def _fields(self) -> QWidget:
        fields = QWidget(self)
        column = QVBoxLayout(fields)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addWidget(self.lead)
        column.addWidget(self.boxes[WEIGHT])
        column.addWidget(self.boxes[LENGTH])
        how = Label(fields, tr("Cara ukur"), "small", "soft")
        column.addLayout(row(how, None, KeyCap(fields, "F7"), self.position, spacing=10))
        column.addWidget(self.boxes[MUAC])
        column.addWidget(self.boxes[HEAD])
        swollen = Label(fields, tr("Bengkak kedua kaki"), "small", "soft")
        column.addLayout(row(swollen, None, self.oedema, spacing=10))
        column.addStretch(1)
        return Scroll(self, fields)

    def _meaning(self) -> QWidget:
        whole = Card(self, margins=16, spacing=0)
        card = QWidget(whole)
        column = QVBoxLayout(card)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.ways = Ways(card, tr("Bagaimana ukuran kader?"), name="verify_verdict")
        self.meaning = Label(card, "", "small", "soft", wrap=True)
        self.meaning.setObjectName("verify_meaning")
        self.now, self.then = Pill(card, name="verify_now"), Pill(card, name="verify_then")
        self.arrow = Label(card, "→", "strong", "soft")
        self.why = Label(card, "", "small", wrap=True)
        self.why.setObjectName("verify_why")
        self.note = Field(card, tr("Catatan"), name="verify_note", longest=500, optional=True)
        column.addWidget(Label(card, tr("Ukuran kader"), "strong"))
        column.addWidget(self.ways)
        column.addWidget(self.meaning)
        column.addLayout(row(self.now, self.arrow, self.then, None, spacing=8))
        column.addWidget(self.why)
        column.addStretch(1)
        column.addWidget(self.note)
        whole.column.addWidget(Scroll(whole, card), 1)
        return whole

    def _connect(self) -> None:
        following = {WEIGHT: LENGTH, LENGTH: MUAC, MUAC: HEAD}
        for name, box in self.boxes.items():
            box.edit.textEdited.connect(lambda text, name=name: self._event(vs.typed, name, text))
            box.edit.left.connect(partial(self._left_field, name))
            after = self.boxes[following[name]].edit if name in following else self.oedema
            box.edit.returnPressed.connect(partial(self._enter, name, after))
        self.position.chosen.connect(self._position_chosen)
        self.oedema.chosen.connect(lambda grade: self._event(vs.oedema_chosen, grade))
        self.oedema.entered.connect(self.ways.setFocus)
        self.ways.chosen.connect(self._said)
        self.ways.entered.connect(self.save.setFocus)
        self.note.entered.connect(self.save.setFocus)
        turn = QShortcut(QKeySequence("F7"), self)
        turn.activated.connect(lambda: self._event(vs.position_turned))

    def show_state(self, state: VerifyState) -> None:
        """Show another child's values, or what became of the form."""
        self._state = state
        self._showing = True
        before = state.before
        if before is None:
            self.lead.setText(tr("Belum pernah diukur. Isi hasil ukur bidan."))
        else:
            sentence = tr("Kader mengukur {day}. Ukur ulang bila ragu; yang tidak diukur dikosongkan.")
            self.lead.setText(sentence.format(day=words.day_short(before.date, state.today)))
        for name, box in self.boxes.items():
            self._show_box(state, name, box)
        self.position.set_index(_POSITIONS.index(state.position))
        self.oedema.set_index(-1 if state.oedema is None else state.oedema)
        offered = vs.verdicts(state)
        said = vs.said(state)
        self.ways.show_ways([item.label for item in offered], offered.index(said) if said in offered else -1)
        self.meaning.setText(vs.meaning(state))
        now, then = vs.follows(state)
        self.now.show_tone(now.tone.value, now.tone.label)
        self.then.show_tone(then.tone.value, then.tone.label)
        for widget in (self.arrow, self.now):
            widget.setVisible(now.tone is not then.tone)
        self.why.setText("\n".join(reason.text for reason in then.reasons[:2]))
        messages = [text for name, text in state.errors.items() if name not in TYPED]
        self.say(" ".join(messages))
        self._showing = False

    def _show_box(self, state: VerifyState, name: str, box: MeasureBox) -> None:
        if name == LENGTH:
            lying = state.position is Position.LYING
            box.set_label(tr("Panjang badan (PB)") if lying else tr("Tinggi badan (TB)"))
        before = state.before
        value = None if before is None else getattr(before, name)
        kader = words.weight(value) if name == WEIGHT else words.length(value)
        told = [Verdict(tr("Kader: {value}").format(value=kader), "", 0, _NEUTRAL)]
        difference = vs.difference(state, name)
        if difference:
            mine = vs.measured(state)
            new = getattr(mine, name) if mine is not None else None
            side = 0 if new == value or new is None else 1 if new > value else -1
            told.append(Verdict(difference, "", side, _NEUTRAL))
        box.show_state(state.texts.get(name, ""), told, state.errors.get(name, ""))

    def take_keyboard(self) -> None:
        if self._state is not None and OEDEMA in self._state.errors:
            self.oedema.setFocus()
            return
        wrong = [name for name in TYPED if self._state is not None and name in self._state.errors]
        edit = self.boxes[wrong[0] if wrong else WEIGHT].edit
        edit.setFocus()
        edit.selectAll()

    def _event(self, event: object, *arguments: object) -> None:
        if self._state is None or self._showing:
            return
        assert callable(event)
        self.changed.emit(event(self._state, *arguments))

    def _enter(self, name: str, after: QWidget) -> None:
        self._event(vs.entered, name)
        if self._state is not None and name not in self._state.errors:
            after.setFocus()

    def _left_field(self, name: str) -> None:
        if self._state is not None and self._state.texts.get(name, "").strip():
            self._event(vs.entered, name)

    def _position_chosen(self, index: int) -> None:
        if self._state is not None and self._state.position is not _POSITIONS[index]:
            self._event(vs.position_turned)

    def _said(self, index: int) -> None:
        if self._state is not None:
            self._event(vs.verdict_chosen, Said(vs.verdicts(self._state)[index]))
