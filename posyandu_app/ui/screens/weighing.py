"""The weighing screen: one child, one figure after the other, and at once what it means."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from itertools import pairwise

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from posyandu_app.domain.dates import format_time
from posyandu_app.domain.model import Position
from posyandu_app.domain.plausibility import Question
from posyandu_app.domain.risk import Risk, Tone
from posyandu_app.i18n import tr
from posyandu_app.services import cases, children, day, drafts
from posyandu_app.services.cases import Wanted
from posyandu_app.services.day import DayCard, DayPreview
from posyandu_app.services.views import Changes, ChildCard
from posyandu_app.services.workspace import Workspace
from posyandu_app.ui import case_words, theme, words
from posyandu_app.ui.charts.model import Indicator
from posyandu_app.ui.desk import Deed, Desk
from posyandu_app.ui.draft_keeper import DraftKeeper
from posyandu_app.ui.kms_chart import GrowthChart
from posyandu_app.ui.messages import describe
from posyandu_app.ui.screens import care_state as care_of
from posyandu_app.ui.screens import weighing_state as state_of
from posyandu_app.ui.screens.care_state import CareState
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
from posyandu_app.ui.widgets.care import CareList, MotherCard
from posyandu_app.ui.widgets.child_header import ChildHeader
from posyandu_app.ui.widgets.date_bar import DateBar
from posyandu_app.ui.widgets.measure import MeasureBox, verdict_of
from posyandu_app.ui.widgets.scroll import Scroll
from posyandu_app.ui.widgets.status_block import StatusBlock

_IN_HEADLINE = frozenset({"two_t", "first_t"})
"""Reasons that the sentence of the KMS has told already."""
_POSITIONS = (Position.LYING, Position.STANDING)


class WeighingScreen(Screen):
    """Enter goes on; in the last field it saves and the next child opens.

    F11 turns to the service table of the same child; Enter goes there by itself when a capsule or
    an injection has its time today. Both tables are saved in one deed.
    """

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "weighing_screen")
        self._state: WeighingState | None = None
        self._care: CareState | None = None
        self._seen: DayPreview | None = None
        self._card: ChildCard | None = None
        self._wanted = ""
        self._showing = False
        self._typeahead = Typeahead(self)
        self._draft = DraftKeeper(self, desk, self._standing)
        self._draft.kept.connect(desk.draft_changed)
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
        self.turn = Button(self, tr("Pelayanan"), "F11", "quiet", name="turn_table")
        self.message = Label(self, "", "small_strong", "danger", wrap=True)
        self.message.setObjectName("weighing_message")
        self.status = StatusBlock(self)
        self.chart = GrowthChart(self)
        self.chart.setObjectName("growth_chart")
        self.chart.setMinimumSize(240, 130)
        self.services = CareList(self)
        self.mother = MotherCard(self)
        self._left, self._right = QStackedWidget(self), QStackedWidget(self)
        self._lay_out()
        self._connect()

    # how it is laid out

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 20, 32, 8)
        column.setSpacing(16)
        column.addWidget(self.header)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addLayout(self._form(), 1)
        meaning = QWidget(self)
        right = QVBoxLayout(meaning)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(16)
        right.addWidget(self.status)
        right.addWidget(self.chart, 1)
        self._right.addWidget(meaning)
        self._right.addWidget(self.mother)
        body.addWidget(self._right, 1)
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
        self._left.addWidget(Scroll(self, fields))
        self._left.addWidget(self.services)
        form.addWidget(self._left, 1)
        self.message.hide()
        form.addWidget(self.message)
        form.addLayout(row(self.save, self.turn, None, spacing=8))
        order = [self.boxes[WEIGHT].edit, self.boxes[LENGTH].edit, self.position, self.boxes[MUAC].edit]
        order += [
            self.boxes[HEAD].edit,
            self.oedema,
            self.save,
            self.turn,
            self.status.question.mend,
            self.status.question.keep,
        ]
        order += [self.chart, self.mother.said, self.mother.more, self.header.back]
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
        self.oedema.entered.connect(self._last_entered)
        self.save.clicked.connect(lambda: self._event(state_of.ask_save))
        self.turn.clicked.connect(self.turn_table)
        self.services.answered.connect(lambda code, choice: self._care_event(care_of.answered, code, choice))
        self.services.ticked.connect(lambda mark, on: self._care_event(care_of.ticked, mark, on))
        self.services.date_typed.connect(lambda code, text: self._care_event(care_of.date_typed, code, text))
        self.services.date_left.connect(lambda code: self._date_read(care_of.date_left, code))
        self.services.date_forgotten.connect(lambda code: self._date_read(care_of.date_forgotten, code))
        self.services.finished.connect(self.save.setFocus)
        self.mother.told.connect(lambda on: self._care_event(care_of.told, on))
        self.mother.turned.connect(self._next_message)
        self.status.question.answered.connect(lambda keep: self._event(state_of.answer, keep))
        self.header.back.clicked.connect(self.escape)
        self.date.entered.connect(self._date_entered)
        self.date.left.connect(lambda: self._apply_focus())
        turn = QShortcut(QKeySequence("F7"), self)
        turn.activated.connect(self._turn_position)
        charts = QShortcut(QKeySequence("F10"), self)
        charts.activated.connect(self._next_chart)

    # what the window asks

    def hints(self) -> tuple[tuple[str, str], ...]:
        if self.at_services:
            return (
                (tr("Berikutnya"), "Enter"),
                (tr("Pilih"), "← →"),
                (tr("Tanggal lain"), "0–9"),
                (tr("Simpan"), "F9"),
                (tr("Pengukuran"), "F11"),
                (tr("Kembali"), "Esc"),
            )
        return (
            (tr("Berikutnya"), "Enter"),
            (tr("Simpan"), "F9"),
            (tr("Pelayanan"), "F11"),
            (tr("Cara ukur"), "F7"),
            (tr("Grafik lain"), "F10"),
            (tr("Kembali"), "Esc"),
        )

    @property
    def state(self) -> WeighingState | None:
        return self._state

    @property
    def about(self) -> str:
        return self._state.child.id if self._state is not None else ""

    @property
    def care(self) -> CareState | None:
        return self._care

    @property
    def at_services(self) -> bool:
        """Whether the service table is in sight rather than the measurements."""
        return self._left.currentWidget() is self.services

    @property
    def busy(self) -> bool:
        """Whether keys are kept back because a child is being saved or opened."""
        return self._typeahead.holding

    def open(self, child: str = "") -> None:
        self._wanted = child
        self._typeahead.hold()
        on = self.desk.weighing_date
        self.desk.ask(
            lambda workspace: _read(workspace, child, on),
            lambda answer: self._opened(*answer),
            self._not_opened,
        )
        self._ask_wanted(child)

    def _ask_wanted(self, child: str) -> None:
        """Whether a health worker waits for this child: said quietly under her name."""

        def found(wish: Wanted | None) -> None:
            if child == self._wanted:
                today = self.desk.clock.today()
                self.header.show_note(*(case_words.wish(wish, today) if wish is not None else ()))

        self.header.show_note()
        self.desk.ask(lambda workspace: cases.wanted_child(workspace, child), found)

    def leave(self) -> None:
        self._draft.keep()
        self._wanted = ""
        self._state, self._care = None, None
        self._typeahead.release()

    def changed(self, changes: Changes) -> None:
        state = self._state
        if state is not None and "review" in changes.kinds:
            self._ask_wanted(state.child.id)
        known = {"child", "measurement", "visit", "dose", "session"}
        if state is not None and state.phase == "entering" and changes.kinds & known:
            child, on = state.child.id, state.on
            self.desk.ask(
                lambda workspace: (
                    children.open_card(workspace, child),
                    day.open_form(workspace, child, on),
                ),
                lambda answer: self._refreshed(*answer),
            )

    def escape(self) -> None:
        if self.at_services:
            self.turn_table()
            return
        self.desk.go("roster", self._state.child.id if self._state is not None else "")

    def turn_table(self) -> None:
        """F11: from the measurements to the services of the same child, and back."""
        if self._state is None or self._state.phase != "entering":
            return
        if (name := self._focused()) in TYPED:
            self._event(state_of.left, name, name)
        self._show_table(services=not self.at_services)

    def _standing(self) -> tuple[str, dict[str, str]] | None:
        state = self._state
        if state is None or state.phase == "saving":
            return None
        return state.child.id, self._fields(state)

    def _fields(self, state: WeighingState) -> dict[str, str]:
        """What a draft keeps of both tables."""
        fields = state_of.fields_of(state)
        if self._care is not None and (answers := care_of.fields_of(self._care)):
            fields = {DATE: state.on.isoformat(), **fields, **answers}
        return fields

    # opening

    def _opened(self, card: ChildCard, draft: dict[str, str] | None, whose: str, of_day: DayCard) -> None:
        if card.child.id != self._wanted:
            return
        self._card = card
        self._draft.opened(draft)
        history = tuple(item.measurement for item in card.history)
        state = state_of.start(
            card.child, history, self.desk.workspace.rules, self.desk.weighing_date, card.today, draft
        )
        self.chart.set_theme(theme.current())
        self.chart.set_child(card.child, card.history, rules=self.desk.workspace.rules, today=state.on)
        self.chart.set_indicator(Indicator.BB_U)
        self._care = care_of.start(of_day, self.desk.workspace.rules, card.today, draft)
        self._seen = None
        self._show_table(services=False, focus=False)
        self._set(replace(state, more=self._care.touched))
        if whose:
            self.desk.say(tr("Lanjutan isian {name}").format(name=whose))
        self._typeahead.release()

    def _not_opened(self, error: Exception) -> None:
        self._typeahead.release()
        self.desk.trouble(error)
        self.desk.go("roster")

    def _refreshed(self, card: ChildCard, of_day: DayCard) -> None:
        """Somebody else's change to this child arrived: her history is new, what is typed stays."""
        state = self._state
        if state is None or state.child.id != card.child.id or state.phase == "saving":
            return
        self._card = card
        history = tuple(item.measurement for item in card.history)
        self.chart.set_child(card.child, card.history, rules=self.desk.workspace.rules, today=state.on)
        if self._care is not None and of_day.on == state.on:
            self._care = care_of.reopened(self._care, of_day)
        self._set(state_of.refreshed(state, card.child, history), focus=False)
        self._show_care()

    # events

    def _event(self, event: Callable[..., WeighingState], *arguments: object) -> None:
        if self._state is None or self._showing or self._state.phase == "saving":
            return
        after = event(self._state, *arguments)
        if self.at_services and event is state_of.ask_save and after.phase != "saving":
            self._show_table(services=False, focus=False)
        if after.phase == "saving" and not self._dates_read():
            return
        self._set(after)
        self._draft.soon()
        if after.phase == "saving":
            self._record(after)

    def _last_entered(self) -> None:
        """Enter in the last field: to the services when something has its time today, else save."""
        if self._care is not None and care_of.waits_today(self._care):
            self.turn_table()
        else:
            self._event(state_of.entered, OEDEMA)

    def _turn_position(self) -> None:
        if not self.at_services:
            self._event(state_of.position_turned)

    def _position_chosen(self, index: int) -> None:
        if self._state is not None and self._state.position != _POSITIONS[index]:
            self._event(state_of.position_turned)

    def _date_entered(self, text: str) -> None:
        self._event(state_of.date_entered, text)
        state = self._state
        if state is not None and DATE not in state.errors:
            self.desk.set_weighing_date(state.on)
            child, on = state.child.id, state.on
            self.desk.ask(lambda workspace: day.open_form(workspace, child, on), self._on_another_day)

    def _on_another_day(self, of_day: DayCard) -> None:
        state = self._state
        if (
            self._care is not None
            and state is not None
            and (state.child.id, state.on)
            == (
                of_day.child.id,
                of_day.on,
            )
        ):
            self._care = care_of.reopened(self._care, of_day)
            self._show_care()

    def _next_chart(self) -> None:
        shown = list(Indicator)
        self.chart.set_indicator(shown[(shown.index(self.chart.indicator) + 1) % len(shown)])

    # the service table

    def _show_table(self, *, services: bool, focus: bool = True) -> None:
        """Turn to one of the two tables; both keep what stands in them."""
        turned = services != self.at_services
        self._left.setCurrentIndex(int(services))
        self._right.setCurrentIndex(int(services))
        if services:
            self._show_care()
            self.services.chain(self.oedema, self.save)
            self.services.take_keyboard()
        elif self._state is not None and focus:
            self._set(self._state)
        if turned:
            self.hints_changed.emit()
        self._name_turn()

    def _name_turn(self) -> None:
        waiting = care_of.due_count(self._care) if self._care is not None else 0
        if self.at_services:
            self.turn.set_words(tr("Pengukuran"))
        elif waiting:
            self.turn.set_words(tr("Pelayanan ({count})").format(count=waiting))
        else:
            self.turn.set_words(tr("Pelayanan"))

    def _care_event(self, event: Callable[..., CareState], *arguments: object) -> None:
        if self._care is None or self._state is None or self._state.phase == "saving":
            return
        self._care = event(self._care, *arguments)
        self._state = replace(self._state, more=self._care.touched, message="")
        self.message.hide()
        self._show_care()
        self._draft.soon()

    def _date_read(self, event: Callable[..., CareState], code: str) -> None:
        if self._care is not None and code in {**self._care.dates, **self._care.wrong}:
            self._care_event(event, code)

    def _dates_read(self) -> bool:
        """Whether every day typed at the service table can be; else the first one gets the keyboard."""
        if self._care is None:
            return True
        self._care = care_of.all_read(self._care)
        if not self._care.wrong:
            return True
        self._show_table(services=True, focus=False)
        self.services.row(next(iter(self._care.wrong))).date.setFocus()
        return False

    def _next_message(self) -> None:
        if self._care is not None and self._seen is not None:
            self._care = care_of.next_message(self._care, len(self._seen.advice))
            self._show_care()

    def _show_care(self) -> None:
        """The rows, the words for the mother, and what both tables together mean."""
        care, state = self._care, self._state
        if care is None or state is None:
            return
        self._name_turn()
        if not self.at_services:
            return
        seen = self._seen = care_of.look(care, state_of.draft_of(state))
        self.services.show_items(care_of.items(care))
        for shown in self.services.rows:
            item = shown.item
            shown.show_answer(
                care.answers.get(item.code, ""),
                care.ticks,
                care_of.note_of(care, item, seen),
                care_of.day_of(care, item.code) if item.dated else "",
                wrong=item.code in care.wrong,
            )
        self.mother.show_advice(seen.advice, care.message, care.told)
        headline = seen.weighing.headline if seen.weighing is not None else tr("Belum ditimbang hari ini")
        reasons = [reason for reason in seen.risk.reasons if reason.code not in _IN_HEADLINE]
        told = reasons[0].text if reasons else ""
        if told and seen.risk.tone == Tone.RUJUK_SEGERA:
            headline, told = told, headline
        self.mother.show_status(seen.risk.tone, seen.risk.tone.label, headline, told)

    # saving

    def _record(self, state: WeighingState) -> None:
        self._draft.stop()
        self._typeahead.hold()
        care, child, draft = self._care, state.child, state_of.draft_of(state)
        if care is None:
            return
        form = care_of.form_of(
            care, draft, state_of.confirmed_of(state), care_of.look(care, draft) if care.touched else None
        )
        self.desk.do(
            lambda workspace: day.save_child(workspace, child.id, replace(form, date=state.on)),
            lambda changes: self._saved(state, changes),
            self._failed,
        )

    def _saved(self, state: WeighingState, changes: Changes) -> None:
        child, fields = state.child.id, self._fields(state)
        self._draft.done()
        self._state, self._care = None, None
        self.desk.measured(child)
        if changes.undo is not None and changes.saved_at is not None:
            saved = tr("Tersimpan di laptop ini, {time} — belum dikirim")
            deed = Deed(
                changes.undo, lambda: self._undone(child, fields), lambda: self._redone(child, fields)
            )
            self.desk.offer(changes, saved.format(time=format_time(changes.saved_at)), deed)
        self._go_on_from(child)

    def _go_on_from(self, child: str) -> None:
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
            self._draft.keep()

    def _undone(self, child: str, fields: dict[str, str]) -> None:
        """What was taken back waits as a draft, so that nothing typed is lost, and she is at hand again."""
        self.desk.unmeasured(child)
        self._draft.keep()
        self.desk.tell(lambda workspace: _put_back(workspace, child, fields))
        self.desk.draft_changed(child)
        if self._state is None or self._state.phase != "saving":
            self.desk.resumed.emit(child)

    def _redone(self, child: str, fields: dict[str, str]) -> None:
        """Saved again; what was changed meanwhile stays, else on to the next child as after saving."""
        self.desk.measured(child)
        self._draft.keep()
        self.desk.tell(lambda workspace: _put_away(workspace, child, fields))
        self.desk.draft_changed(child)
        state = self._state
        if state is not None and state.child.id == child and self._fields(state) == fields:
            self._draft.done()
            self._state, self._care = None, None
            self._go_on_from(child)

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
            self.message.setVisible(bool(state.message))
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
        found = [verdict_of(category, score, days) for category, score in state_of.findings(state, name)]
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
        if state is None or not state.focus or self.date.editing or self.at_services:
            return
        places: dict[str, QWidget] = {name: box.edit for name, box in self.boxes.items()}
        places |= {OEDEMA: self.oedema, QUESTION: self.status.question.mend}
        target = places.get(state.focus)
        if target is not None and not target.hasFocus():
            target.setFocus()
            if state.focus in self.boxes and not state_of.half_typed(state, state.focus):
                self.boxes[state.focus].edit.selectAll()


def _read(
    workspace: Workspace, child: str, on: date
) -> tuple[ChildCard, dict[str, str] | None, str, DayCard]:
    """A child, what was left half-typed for her and by which colleague, and her card of that day."""
    draft, whose = drafts.go_on(workspace, child)
    with suppress(KeyError, TypeError, ValueError):
        on = date.fromisoformat((draft or {})[DATE])
    return children.open_card(workspace, child), draft, whose, day.open_form(workspace, child, on)


def _put_back(workspace: Workspace, child: str, fields: dict[str, str]) -> None:
    """A weighing that was taken back, beside what waits of the child already."""
    drafts.save(workspace, child, state_of.with_taken_back(drafts.load(workspace, child), fields))


def _put_away(workspace: Workspace, child: str, fields: dict[str, str]) -> None:
    """A weighing that is saved again waits no more, unless it was changed meanwhile."""
    if drafts.load(workspace, child) == fields:
        drafts.clear(workspace, child)


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
