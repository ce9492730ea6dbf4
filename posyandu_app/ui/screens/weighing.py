"""The weighing screen: one child, one figure after the other, and at once what it means."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from posyandu_app.domain.classify import Category, index_name
from posyandu_app.domain.model import Position
from posyandu_app.domain.plausibility import Question
from posyandu_app.domain.risk import Risk
from posyandu_app.domain.zscore import ZScore, format_z
from posyandu_app.i18n import tr
from posyandu_app.services import children, drafts, weighing
from posyandu_app.services.views import Changes, ChildCard
from posyandu_app.ui import theme, words
from posyandu_app.ui.charts.model import Indicator
from posyandu_app.ui.desk import Deed, Desk
from posyandu_app.ui.kms_chart import GrowthChart
from posyandu_app.ui.messages import describe
from posyandu_app.ui.screens import weighing_state as state_of
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.screens.weighing_state import (
    DATE,
    HEAD,
    LENGTH,
    MUAC,
    OEDEMA,
    QUESTION,
    TYPED,
    WEIGHT,
    WeighingState,
)
from posyandu_app.ui.typeahead import Typeahead
from posyandu_app.ui.widgets.basic import Button, KeyCap, Label, Segmented, row
from posyandu_app.ui.widgets.child_header import ChildHeader
from posyandu_app.ui.widgets.date_bar import DateBar
from posyandu_app.ui.widgets.measure import MeasureBox, Verdict
from posyandu_app.ui.widgets.scroll import Scroll
from posyandu_app.ui.widgets.status_block import StatusBlock

DRAFT_DELAY_MS = 400
_POSITIONS = (Position.LYING, Position.STANDING)


class WeighingScreen(Screen):
    """Enter goes on; in the last field it saves and the next child opens."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "weighing_screen")
        self._state: WeighingState | None = None
        self._card: ChildCard | None = None
        self._wanted = ""
        self._kept: dict[str, str] = {}
        self._showing = False
        self._typeahead = Typeahead(self)
        self._draft_timer = QTimer(self)
        self._draft_timer.setSingleShot(True)
        self._draft_timer.setInterval(DRAFT_DELAY_MS)
        self._draft_timer.timeout.connect(self.keep_draft)
        self.date = DateBar(self, "weighing_date")
        self.header = ChildHeader(self, self.date, name="weighing_header")
        self.boxes = {
            WEIGHT: MeasureBox(self, tr("Berat badan (BB)"), "kg", name=WEIGHT),
            LENGTH: MeasureBox(self, tr("Tinggi badan (TB)"), "cm", name=LENGTH),
            MUAC: MeasureBox(self, tr("Lengan atas (LiLA)"), "cm", name=MUAC),
            HEAD: MeasureBox(self, tr("Lingkar kepala (LK)"), "cm", name=HEAD),
        }
        self.position = Segmented(
            self,
            [(tr("Terlentang"), "t"), (tr("Berdiri"), "b")],
            tr("Cara ukur"),
            name="position",
            role="small_strong",
            height=42,
        )
        self.oedema = Segmented(
            self,
            [(tr("Tidak"), "0"), ("+1", "1"), ("+2", "2"), ("+3", "3")],
            tr("Bengkak kedua kaki"),
            name=OEDEMA,
            role="small_strong",
            height=42,
        )
        self.save = Button(self, tr("Simpan dan lanjut"), "F9", "primary", name="save")
        self.message = Label(self, "", "small_strong", "danger", wrap=True)
        self.message.setObjectName("weighing_message")
        self.status = StatusBlock(self)
        self.chart = GrowthChart(self)
        self.chart.setObjectName("growth_chart")
        self.chart.setMinimumSize(240, 130)
        self._lay_out()
        self._connect()

    # how it is laid out

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 20, 32, 8)
        column.setSpacing(16)
        column.addWidget(self.header)
        body = QHBoxLayout()
        body.setSpacing(24)
        body.addLayout(self._form(), 1)
        right = QVBoxLayout()
        right.setSpacing(16)
        right.addWidget(self.status)
        right.addWidget(self.chart, 1)
        body.addLayout(right, 1)
        column.addLayout(body, 1)

    def _form(self) -> QVBoxLayout:
        fields = QWidget(self)
        column = QVBoxLayout(fields)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.boxes[WEIGHT])
        column.addWidget(self.boxes[LENGTH])
        how = row(
            Label(fields, tr("Cara ukur"), "body", "soft"),
            None,
            KeyCap(fields, "F7"),
            self.position,
            spacing=12,
        )
        column.addLayout(how)
        column.addWidget(self.boxes[MUAC])
        column.addWidget(self.boxes[HEAD])
        column.addLayout(
            row(Label(fields, tr("Bengkak kedua kaki"), "body", "soft"), None, self.oedema, spacing=12)
        )
        column.addStretch(1)
        form = QVBoxLayout()
        form.setSpacing(12)
        form.addWidget(Scroll(self, fields), 1)
        bottom = row(self.save, spacing=12)
        bottom.addWidget(self.message, 1)
        form.addLayout(bottom)
        order = [self.boxes[WEIGHT].edit, self.boxes[LENGTH].edit, self.position, self.boxes[MUAC].edit]
        order += [
            self.boxes[HEAD].edit,
            self.oedema,
            self.save,
            self.status.question.mend,
            self.status.question.keep,
        ]
        order += [self.chart, self.header.back]
        for first, second in pairwise(order):
            self.setTabOrder(first, second)
        return form

    def _connect(self) -> None:
        for name, box in self.boxes.items():
            box.edit.textEdited.connect(lambda text, name=name: self._event(state_of.typed, name, text))
            box.edit.returnPressed.connect(lambda name=name: self._event(state_of.entered, name))
            box.edit.left.connect(lambda name=name: self._event(state_of.left, name, self._focused()))
        self.position.chosen.connect(self._position_chosen)
        self.oedema.chosen.connect(lambda degree: self._event(state_of.oedema_chosen, degree))
        self.oedema.entered.connect(lambda: self._event(state_of.entered, OEDEMA))
        self.save.clicked.connect(lambda: self._event(state_of.ask_save))
        self.status.question.answered.connect(lambda keep: self._event(state_of.answer, keep))
        self.header.back.clicked.connect(self.escape)
        self.date.entered.connect(self._date_entered)
        self.date.left.connect(lambda: self._apply_focus())
        turn = QShortcut(QKeySequence("F7"), self)
        turn.activated.connect(lambda: self._event(state_of.position_turned))
        charts = QShortcut(QKeySequence("F10"), self)
        charts.activated.connect(self._next_chart)

    # what the window asks

    def hints(self) -> tuple[tuple[str, str], ...]:
        return (
            (tr("Berikutnya"), "Enter"),
            (tr("Simpan"), "F9"),
            (tr("Cara ukur"), "F7"),
            (tr("Grafik lain"), "F10"),
            (tr("Kembali"), "Esc"),
        )

    @property
    def state(self) -> WeighingState | None:
        return self._state

    @property
    def busy(self) -> bool:
        """Whether keys are kept back because a child is being saved or opened."""
        return self._typeahead.holding

    def open(self, child: str = "") -> None:
        self._wanted = child
        self._typeahead.hold()
        self.desk.ask(
            lambda workspace: (children.open_card(workspace, child), drafts.load(workspace, child)),
            lambda answer: self._opened(*answer),
            self._not_opened,
        )

    def leave(self) -> None:
        self.keep_draft()
        self._wanted = ""
        self._state = None
        self._typeahead.release()

    def changed(self, changes: Changes) -> None:
        state = self._state
        if state is not None and state.phase == "entering" and changes.kinds & {"child", "measurement"}:
            child = state.child.id
            self.desk.ask(lambda workspace: children.open_card(workspace, child), self._refreshed)

    def escape(self) -> None:
        self.desk.go("roster", self._state.child.id if self._state is not None else "")

    def keep_draft(self) -> None:
        """Keep what is half-typed, off the GUI thread; nothing when it is kept already."""
        self._draft_timer.stop()
        state = self._state
        if state is None or state.phase == "saving":
            return
        fields, child = state_of.fields_of(state), state.child.id
        if fields == self._kept:
            return
        self._kept = fields
        if fields:
            self.desk.tell(lambda workspace: drafts.save(workspace, child, fields))
        else:
            self.desk.tell(lambda workspace: drafts.clear(workspace, child))
        self.desk.draft_changed(child)

    # opening

    def _opened(self, card: ChildCard, draft: dict[str, str] | None) -> None:
        if card.child.id != self._wanted:
            return
        self._card, self._kept = card, dict(draft or {})
        history = tuple(item.measurement for item in card.history)
        state = state_of.start(
            card.child, history, self.desk.workspace.rules, self.desk.weighing_date, card.today, draft
        )
        self.chart.set_theme(theme.current())
        self.chart.set_child(card.child, card.history, rules=self.desk.workspace.rules, today=state.on)
        self.chart.set_indicator(Indicator.BB_U)
        self._set(state)
        self._typeahead.release()

    def _not_opened(self, error: Exception) -> None:
        self._typeahead.release()
        self.desk.trouble(error)
        self.desk.go("roster")

    def _refreshed(self, card: ChildCard) -> None:
        """Somebody else's change to this child arrived: her history is new, what is typed stays."""
        state = self._state
        if state is None or state.child.id != card.child.id or state.phase == "saving":
            return
        self._card = card
        history = tuple(item.measurement for item in card.history)
        self.chart.set_child(card.child, card.history, rules=self.desk.workspace.rules, today=state.on)
        self._set(state_of.refreshed(state, card.child, history), focus=False)

    # events

    def _event(self, event: Callable[..., WeighingState], *arguments: object) -> None:
        if self._state is None or self._showing or self._state.phase == "saving":
            return
        after = event(self._state, *arguments)
        self._set(after)
        self._draft_timer.start()
        if after.phase == "saving":
            self._record(after)

    def _position_chosen(self, index: int) -> None:
        if self._state is not None and self._state.position != _POSITIONS[index]:
            self._event(state_of.position_turned)

    def _date_entered(self, text: str) -> None:
        self._event(state_of.date_entered, text)
        state = self._state
        if state is not None and DATE not in state.errors:
            self.desk.set_weighing_date(state.on)

    def _next_chart(self) -> None:
        shown = list(Indicator)
        self.chart.set_indicator(shown[(shown.index(self.chart.indicator) + 1) % len(shown)])

    # saving

    def _record(self, state: WeighingState) -> None:
        self._draft_timer.stop()
        self._typeahead.hold()
        child, draft = state.child, state_of.draft_of(state)
        confirmed = state_of.confirmed_of(state)
        self.desk.do(
            lambda workspace: weighing.record(workspace, child.id, draft, confirmed),
            lambda changes: self._saved(state, changes),
            self._failed,
        )

    def _saved(self, state: WeighingState, changes: Changes) -> None:
        child, fields = state.child.id, state_of.fields_of(state)
        self._state, self._kept = None, {}
        self.desk.measured(child)
        if changes.undo is not None and changes.saved_at is not None:
            saved = tr("Tersimpan di laptop ini, {time} — belum dikirim")
            deed = Deed(changes.undo, lambda: self._undone(child, fields), lambda: self._redone(child))
            self.desk.offer(changes, saved.format(time=words.clock_time(changes.saved_at)), deed)
        following = state_of.next_child(self.desk.order, child, self.desk.done)
        if following is None:
            self._typeahead.release()
            self.desk.go("roster")
        else:
            self.desk.go("weighing", following)

    def _failed(self, error: Exception) -> None:
        self._typeahead.release()
        if self._state is not None:
            self._set(state_of.save_failed(self._state, describe(error)))
            self.keep_draft()

    def _undone(self, child: str, fields: dict[str, str]) -> None:
        """What was taken back waits as a draft, so that nothing typed is lost."""
        self.desk.unmeasured(child)
        state = self._state
        here = state is not None and state.child.id == child
        if here and state is not None and not state.untouched:
            return
        self.desk.tell(lambda workspace: drafts.save(workspace, child, fields))
        if here:
            self.open(child)
        self.desk.draft_changed(child)

    def _redone(self, child: str) -> None:
        self.desk.measured(child)
        self.desk.tell(lambda workspace: drafts.clear(workspace, child))
        self.desk.draft_changed(child)

    # showing

    def _set(self, state: WeighingState, *, focus: bool = True) -> None:
        before, self._state = self._state, state
        self._showing = True
        try:
            if before is None or before.on != state.on or before.child != state.child:
                self.header.show_child(state.child, state.on, self._card.history if self._card else ())
            if before is None or before.on != state.on:
                self.date.show_date(state.on, state.today)
            for name in TYPED:
                self._show_field(state, name)
            self.position.set_index(_POSITIONS.index(state.position))
            self.oedema.set_index(state.oedema)
            self.message.setText(state.message)
            self.save.setEnabled(state.phase == "entering")
            self._show_status(state)
            self.chart.set_preview(state.preview.assessed if state.preview is not None else None)
            if DATE in state.errors:
                self.date.refuse(state.errors[DATE])
        finally:
            self._showing = False
        if focus:
            self._apply_focus()

    def _show_field(self, state: WeighingState, name: str) -> None:
        box = self.boxes[name]
        if name == LENGTH:
            lying = state.position == Position.LYING
            box.set_label(tr("Panjang badan (PB)") if lying else tr("Tinggi badan (TB)"))
        days = state.preview.assessed.age_days if state.preview is not None else None
        found = [_verdict(category, score, days) for category, score in state_of.findings(state, name)]
        box.show_state(state.texts.get(name, ""), found, state.errors.get(name, ""))

    def _show_status(self, state: WeighingState) -> None:
        if state.question is not None:
            question = state.question
            self.status.ask(
                question.text, mend=question.no, keep=question.yes, note=_last_value(state, question)
            )
        elif (seen := state.preview) is not None:
            letter = seen.assessed.record.letter.value if seen.assessed.record is not None else ""
            self.status.show_status(letter, seen.risk.tone, seen.risk.tone.label, seen.headline, seen.advice)
        elif self._card is not None:
            risk = self._card.risk
            advice = " ".join(_before(risk, state.today))
            self.status.show_prompt(risk.tone, risk.tone.label, tr("Ketik berat badan"), advice)

    def _focused(self) -> str:
        widget = QApplication.focusWidget()
        for name, box in self.boxes.items():
            if widget is box.edit:
                return name
        return OEDEMA if widget is self.oedema else ""

    def _apply_focus(self) -> None:
        state = self._state
        if state is None or not state.focus or self.date.editing:
            return
        places: dict[str, QWidget] = {name: box.edit for name, box in self.boxes.items()}
        places |= {OEDEMA: self.oedema, QUESTION: self.status.question.mend}
        target = places.get(state.focus)
        if target is not None and not target.hasFocus():
            target.setFocus()
            if state.focus in self.boxes:
                self.boxes[state.focus].edit.selectAll()


def _verdict(category: Category, score: ZScore | None, age_days: int | None) -> Verdict:
    figure = "" if score is None else f"{index_name(category.index, age_days)} {format_z(score.centi)}"
    if score is not None and score.flagged:
        return Verdict(tr("Ukur ulang"), figure, category.side, "waspada")
    if category.side > 0:
        tone = "lebih"
    else:
        tone = {0: "baik", -1: "waspada", -2: "rujuk"}.get(category.side, "rujuk_segera")
    return Verdict(category.label, figure, category.side, tone)


def _last_value(state: WeighingState, question: Question) -> str:
    """What was measured last, which settles most doubts."""
    name = question.field if question.field in TYPED else LENGTH
    last = next((item for item in reversed(state.history) if getattr(item, name) is not None), None)
    if last is None:
        return tr("Belum pernah diukur sebelumnya.")
    value = words.weight(last.weight_g) if name == WEIGHT else words.length(getattr(last, name))
    return tr("Sebelumnya {value}, {day}.").format(value=value, day=words.day_short(last.date, state.today))


def _before(risk: Risk, today: date) -> list[str]:
    """How the child did last time, while nothing has been typed yet."""
    said = []
    if risk.previous is not None and risk.previous_on is not None:
        day = words.day_short(risk.previous_on, today)
        said.append(tr("Terakhir {tone}, {day}.").format(tone=risk.previous.label, day=day))
    told = risk.reasons if risk.previous is None else risk.older_reasons
    if told:
        said.append(f"{told[0].text.rstrip('.')}.")
    return said
