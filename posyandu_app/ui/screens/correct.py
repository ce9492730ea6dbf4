"""Correcting a saved visit: what it was and what it becomes side by side; a reason once the day is over."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Measurement, Position
from posyandu_app.i18n import tr
from posyandu_app.services import child_book, drafts, weighing
from posyandu_app.services.child_book import ChildBook, Visited
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace
from posyandu_app.ui.desk import Desk
from posyandu_app.ui.draft_keeper import DraftKeeper
from posyandu_app.ui.messages import describe
from posyandu_app.ui.screens import child_state
from posyandu_app.ui.screens import correct_state as cs
from posyandu_app.ui.screens.correct_state import CorrectState
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.typeahead import Typeahead
from posyandu_app.ui.widgets.basic import Button, Card, Label, Pill, row
from posyandu_app.ui.widgets.child_form import ChoiceField
from posyandu_app.ui.widgets.child_header import ChildHeader
from posyandu_app.ui.widgets.fields import Field
from posyandu_app.ui.widgets.scroll import Scroll

_POSITIONS = (Position.LYING, Position.STANDING)


class CorrectScreen(Screen):
    """Enter goes on, F9 saves; only what changed is written, the old value stays in the history."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "correct_screen")
        self._measurement = ""
        self._state: CorrectState | None = None
        self._showing = False
        self._draft = DraftKeeper(self, desk, self._standing)
        self._typeahead = Typeahead(self)
        self.header = ChildHeader(self, None, name="correct_header")
        self._form = QWidget(self)
        labels = {
            cs.DATE: tr("Tanggal"),
            cs.WEIGHT: tr("Berat (kg)"),
            cs.LENGTH: tr("PB/TB (cm)"),
            cs.MUAC: tr("LiLA (cm)"),
            cs.HEAD: tr("LK (cm)"),
            cs.REASON: tr("Alasan perbaikan"),
        }
        self.fields = {
            name: Field(self._form, label, name=f"correct_{name}", longest=500 if name == cs.REASON else 60)
            for name, label in labels.items()
        }
        lying, standing = tr("Terlentang"), tr("Berdiri")
        self.position = ChoiceField(
            self._form, tr("Cara ukur"), [(lying, "t"), (standing, "b")], name="correct_position"
        )
        grades = [(tr("Tidak"), "0"), ("+1", "1"), ("+2", "2"), ("+3", "3")]
        self.oedema = ChoiceField(self._form, tr("Bengkak kedua kaki"), grades, name="correct_oedema")
        self.resumed = Label(self, tr("Lanjutan isian yang belum selesai"), "small_strong", "accent")
        self.resumed.setObjectName("correct_resumed")
        self.was = Label(self, "", "body", "soft", wrap=True)
        self.was.setObjectName("correct_was")
        self.tone = Pill(self, name="correct_tone")
        self.becomes = Label(self, "", "lead_strong", wrap=True)
        self.becomes.setObjectName("correct_becomes")
        self.doubt = Label(self, "", "body", "accent", wrap=True)
        self.doubt.setObjectName("correct_doubt")
        self.save = Button(self, tr("Simpan perbaikan"), "F9", "primary", name="correct_save")
        self.message = Label(self, "", "small_strong", "danger", wrap=True)
        self.message.setObjectName("correct_message")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 20, 32, 8)
        column.setSpacing(16)
        column.addWidget(self.header)
        grid = QGridLayout(self._form)
        grid.setContentsMargins(0, 0, 12, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        top = Qt.AlignmentFlag.AlignTop
        for name, place in (
            (cs.DATE, (0, 0, 1, 2)),
            (cs.WEIGHT, (0, 2, 1, 2)),
            (cs.LENGTH, (0, 4, 1, 2)),
            (cs.REASON, (3, 0, 1, 6)),
        ):
            grid.addWidget(self.fields[name], *place, top)
        arm_and_head = row(spacing=16)
        arm_and_head.addWidget(self.position, 0, top)
        for name in (cs.MUAC, cs.HEAD):
            arm_and_head.addWidget(self.fields[name], 1, top)
        grid.addLayout(arm_and_head, 1, 0, 1, 6)
        grid.addWidget(self.oedema, 2, 0, 1, 6, top)
        grid.setRowStretch(4, 1)
        for at in range(6):
            grid.setColumnStretch(at, 1)
        meaning = Card(self, margins=16, spacing=6)
        meaning.column.addWidget(Label(meaning, tr("Tertulis sekarang"), "small_strong", "accent"))
        meaning.column.addWidget(self.was)
        meaning.column.addSpacing(8)
        meaning.column.addWidget(Label(meaning, tr("Menjadi"), "small_strong", "accent"))
        meaning.column.addLayout(row(self.tone, None))
        meaning.column.addWidget(self.becomes)
        meaning.column.addWidget(self.doubt)
        meaning.column.addStretch(1)
        body = QHBoxLayout()
        body.setSpacing(24)
        body.addWidget(Scroll(self, self._form), 8)
        body.addWidget(Scroll(self, meaning), 5)
        column.addLayout(body, 1)
        bottom = row(self.save, spacing=12)
        bottom.addWidget(self.resumed)
        bottom.addWidget(self.message, 1)
        column.addLayout(bottom)
        stops = [self._stop(name) for name in cs.ORDER] + [self.save, self.header.back]
        for at, stop in enumerate(stops[1:]):
            self.setTabOrder(stops[at], stop)

    def _connect(self) -> None:
        for name, field in self.fields.items():
            field.edit.textEdited.connect(lambda text, name=name: self._event(cs.typed, name, text))
            field.edit.returnPressed.connect(lambda name=name: self._event(cs.entered, name))
        self.position.answers.chosen.connect(lambda at: self._event(cs.position_chosen, _POSITIONS[at]))
        self.position.answers.entered.connect(lambda: self._event(cs.entered, cs.POSITION))
        self.oedema.answers.chosen.connect(lambda at: self._event(cs.oedema_chosen, at))
        self.oedema.answers.entered.connect(lambda: self._event(cs.entered, cs.OEDEMA))
        self.save.clicked.connect(lambda: self._event(cs.ask_save))
        self.header.back.clicked.connect(self.escape)

    def hints(self) -> tuple[tuple[str, str], ...]:
        return ((tr("Berikutnya"), "Enter"), (tr("Simpan"), "F9"), (tr("Kembali"), "Esc"))

    @property
    def about(self) -> str:
        return self._measurement

    @property
    def state(self) -> CorrectState | None:
        return self._state

    def open(self, child: str = "") -> None:
        """`child` is the id of the visit to correct."""
        self._measurement, self._state = child, None
        self._typeahead.hold()
        self.desk.ask(
            lambda workspace: (
                *child_book.visited(workspace, child),
                drafts.load(workspace, drafts.of_correction(child)),
            ),
            lambda answer: self._opened(*answer),
            self._gone,
        )

    def leave(self) -> None:
        self._draft.keep()
        self._typeahead.release()

    def _standing(self) -> tuple[str, dict[str, str]] | None:
        state = self._state
        if state is None or state.phase == "saving":
            return None
        return drafts.of_correction(state.seen.id), cs.fields_of(state)

    def escape(self) -> None:
        state = self._state
        self.desk.go("child" if state is not None else "roster", state.book.child.id if state else "")

    def _gone(self, error: Exception) -> None:
        self._typeahead.release()
        self.desk.trouble(error)
        self.desk.go("roster")

    def _opened(self, book: ChildBook, visit: Visited, draft: dict[str, str] | None) -> None:
        if visit.measurement.id != self._measurement:
            return
        state = cs.opened(book, visit, self.desk.clock.today(), draft)
        self._draft.opened(draft)
        self.header.show_child(book.child, book.card.today, book.card.history)
        cells = child_state.cells(visit, book.child, book.card.today)
        self.was.setText(f"{cells.told}")
        label = tr("Alasan perbaikan") if visit.needs_reason else tr("Alasan perbaikan (boleh kosong)")
        self.fields[cs.REASON].label.setText(label)
        self._set(state)
        self.fields[cs.WEIGHT].edit.selectAll()
        self._typeahead.release()

    def _event(self, event: Callable[..., CorrectState], *arguments: object) -> None:
        if self._state is None or self._showing or self._state.phase == "saving":
            return
        after = event(self._state, *arguments)
        self._set(after)
        self._draft.soon()
        if after.phase == "saving":
            self._save(after)

    def _save(self, state: CorrectState) -> None:
        self._typeahead.hold()
        changes, reason, seen = cs.changes_of(state), state.texts[cs.REASON], state.seen
        self.desk.do(
            lambda workspace: _corrected(workspace, seen, changes, reason), self._saved, self._failed
        )

    def _saved(self, changes: Changes) -> None:
        child = self._state.book.child.id if self._state is not None else ""
        self._draft.done()
        self._state = None
        self._typeahead.release()
        self.desk.offer(changes)
        self.desk.go("child", child)

    def _failed(self, error: Exception) -> None:
        self._typeahead.release()
        if self._state is not None:
            name = error.field if isinstance(error, InvalidValue) else ""
            self._set(cs.refused(self._state, name, describe(error)))

    def _set(self, state: CorrectState) -> None:
        self._state = state
        self._showing = True
        try:
            for name, field in self.fields.items():
                if field.edit.text() != state.texts[name]:
                    field.set_text(state.texts[name])
                field.set_error(state.errors.get(name, ""))
            position = _POSITIONS.index(state.position) if state.position is not None else -1
            self.resumed.setVisible(state.resumed)
            self.position.answers.set_index(position)
            self.oedema.answers.set_index(state.oedema)
            self._show_meaning(state)
            self.message.setText(state.message or self._hindrance(state))
            self.save.setEnabled(state.phase == "entering" and not self._hindrance(state))
        finally:
            self._showing = False
        target = self._stop(state.focus)
        if self.isVisible() and not target.hasFocus():
            target.setFocus()
            if state.focus in self.fields:
                self.fields[state.focus].edit.selectAll()

    @staticmethod
    def _hindrance(state: CorrectState) -> str:
        if state.seen.voided:
            return tr("Penimbangan ini sudah dibatalkan. Kembalikan dulu, baru perbaiki.")
        if not state.visit.may_change:
            return tr("Ditulis {name}. Hanya penulisnya atau bidan yang boleh memperbaiki.").format(
                name=state.visit.who
            )
        return ""

    def _show_meaning(self, state: CorrectState) -> None:
        seen = cs.becomes(state, self.desk.workspace.rules)
        self.tone.setVisible(seen is not None)
        self.becomes.setText(seen.headline if seen is not None else "—")
        questions = seen.questions if seen is not None else ()
        self.doubt.setText("\n".join(question.text for question in questions[:2]))
        self.doubt.setVisible(bool(questions))
        if seen is not None:
            self.tone.show_tone(seen.risk.tone, seen.risk.tone.label)

    def _stop(self, name: str) -> QWidget:
        if name == cs.POSITION:
            return self.position.answers
        return self.oedema.answers if name == cs.OEDEMA else self.fields[name].edit


def _corrected(
    workspace: Workspace, seen: Measurement, changes: Mapping[str, object], reason: str
) -> Changes:
    """The correction saved, and its draft forgotten."""
    made = weighing.correct(workspace, seen.id, changes, reason, seen=seen)
    drafts.clear(workspace, drafts.of_correction(seen.id))
    return made
