"""What waits for the midwife's decision: both versions side by side, one key decides, the next appears."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from posyandu_app.domain import names
from posyandu_app.domain.model import Role
from posyandu_app.i18n import tr
from posyandu_app.services import deciding
from posyandu_app.services.deciding import Decision, Kind, Waiting
from posyandu_app.services.views import Changes
from posyandu_app.ui import theme
from posyandu_app.ui.desk import Deed, Desk, Latest
from posyandu_app.ui.screens import questions_state as ds
from posyandu_app.ui.screens.questions_state import QuestionsState
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Button, Label, NameLabel, row
from posyandu_app.ui.widgets.chips import Chips
from posyandu_app.ui.widgets.empty import Empty
from posyandu_app.ui.widgets.scroll import Scroll
from posyandu_app.ui.widgets.tabs import of_attention
from posyandu_app.ui.widgets.versions import Versions

STEP = 64
FROM_SYNC = "sync"
"""Opened so, Esc leads back to the sync page."""


class QuestionsScreen(Screen):
    """1, 2 … decide; PgDn leaves a question for later; F3 shows what has been joined."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "decide_screen")
        self._state = QuestionsState()
        self._stale = True
        self._busy = False
        self._asked_again = ""
        self._from, self._at_card = "", False
        self._latest = Latest(desk)
        self.chips = Chips(self, tr("Tampilkan"), name="decide_lists")
        self.tabs = of_attention(self, desk, "decide", decides=True) if self._may_choose else None
        self.part = Label(
            self,
            tr(
                "Anak yang mungkin terdaftar atau ditimbang dua kali ditanyakan kepada bidannya, tidak di"
                " sini; lihat juga Analisis, Mutu data."
            ),
            "body",
            "soft",
            wrap=True,
        )
        self.part.setObjectName("decide_part")
        self.part.hide()
        self.place = Label(self, "", "body", "soft")
        self.place.setObjectName("decide_place")
        self.name = NameLabel(self, "", "title")
        self.name.setObjectName("decide_name")
        self.question = Label(self, "", "heading", wrap=True)
        self.question.setObjectName("decide_question")
        self.note = Label(self, "", "body", "soft", wrap=True)
        self.note.setObjectName("decide_note")
        self.later = Button(self, tr("Nanti saja"), "PgDown", "quiet", shown_key="PgDn", name="decide_later")
        self.versions = Versions(self)
        self.empty = Empty(self, name="decide_empty")
        self._lay_out()
        self.chips.chosen.connect(lambda at: self._set(ds.turned(self._state, at == 1)))
        self.later.clicked.connect(lambda: self._set(ds.moved(self._state, 1)))
        back = QShortcut(QKeySequence("PgUp"), self)
        back.activated.connect(lambda: self._set(ds.moved(self._state, -1)))
        for key, way in (("Down", 1), ("Up", -1)):
            QShortcut(QKeySequence(key), self).activated.connect(lambda way=way: self._scroll(way))
        self.versions.chosen.connect(self._choose)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 20, 32, 8)
        column.setSpacing(12)
        head = row(Label(self, tr("Perlu keputusan"), "display"), None)
        self.chips.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        head.addWidget(self.chips, 0, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(head)
        column.addWidget(self.part)
        line = row(spacing=12)
        line.addWidget(self.place, 1)
        if self.tabs is not None:
            line.addWidget(self.tabs)
        column.addLayout(line)
        self._asked = QWidget(
            self
        )  # whom it is about and what is asked stay in sight when the versions scroll
        asked = QVBoxLayout(self._asked)
        asked.setContentsMargins(0, 4, 0, 0)
        asked.setSpacing(8)
        asked.addWidget(self.name)
        question = row(spacing=16)
        question.addWidget(self.question, 1)
        question.addWidget(self.later, 0, Qt.AlignmentFlag.AlignVCenter)
        asked.addLayout(question)
        column.addWidget(self._asked)
        case = QWidget(self)
        inside = QVBoxLayout(case)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        inside.addWidget(self.versions)
        inside.addWidget(self.note)
        inside.addStretch(1)
        self.case_scroll = Scroll(self, case)
        column.addWidget(self.case_scroll, 1)
        column.addWidget(self.empty, 1)
        self.empty.hide()

    def hints(self) -> tuple[tuple[str, str], ...]:
        current = self._state.current
        keys: tuple[tuple[str, str], ...] = ()
        if current is not None and self._may_choose:
            many = len(current.choices)
            keys = ((tr("Putuskan"), "1" if many == 1 else f"1–{many}"), (tr("Urungkan"), "Ctrl+Z"))
        if self.case_scroll.isVisible() and self.case_scroll.verticalScrollBar().maximum():
            keys = (*keys, (tr("Gulir"), "↑ ↓"))
        if len(self._state.questions) > 1:
            keys = (*keys, (tr("Berikutnya"), "PgDn"))
        return (*keys, (tr("Daftar lain"), "F3"), (tr("Kembali"), "Esc"))

    def _scroll(self, way: int) -> None:
        bar = self.case_scroll.verticalScrollBar()
        bar.setValue(bar.value() + way * theme.current().px(STEP))

    @property
    def state(self) -> QuestionsState:
        return self._state

    @property
    def _may_choose(self) -> bool:
        return self.desk.workspace.user.role is Role.BIDAN

    def open(self, child: str = "") -> None:
        if not self._at_card:
            self._from = child
        self._at_card = False
        self.refresh() if self._stale else self._show()
        self._take_keyboard()

    def changed(self, changes: Changes) -> None:
        if changes.kinds == frozenset({"draft"}):
            return
        self._stale = True
        if self.isVisible() or self._may_choose:  # the midwife's rail counts what waits
            self.refresh()

    def refresh(self) -> None:
        """Read the lists again."""
        self._stale = False
        self._latest.ask(deciding.waiting, self._found)

    def turn_filter(self) -> None:
        """F3: the other list."""
        self._set(ds.turned(self._state, not self._state.linked))

    def open_card(self) -> None:
        """Ctrl+Enter: the child's card."""
        current = self._state.current
        if current is not None:
            self._at_card = True
            self.desk.go("child", current.child.id)

    def escape(self) -> None:
        self.desk.go("review" if self._may_choose and self._from != FROM_SYNC else "sync")

    def _found(self, waiting: Waiting) -> None:
        self.desk.counted.emit("decide", len(waiting.decisions))
        state = ds.found(self._state, waiting)
        if self._asked_again in {item.id for item in (*waiting.decisions, *waiting.linked)}:
            state, self._asked_again = ds.shown(state, self._asked_again), ""
        self._set(state)

    def _set(self, state: QuestionsState) -> None:
        before, self._state = self._state.current, state
        at = next((at for at, button in enumerate(self.versions.buttons) if button.hasFocus()), None)
        self._show()
        if not self.isVisible():
            pass
        elif state.current is None or before is None or state.current.id != before.id:
            self._take_keyboard()
        elif at is not None and at < len(self.versions.buttons):  # the answers may have been made anew
            self.versions.buttons[at].setFocus()
        self.hints_changed.emit()
        QTimer.singleShot(0, self, self.hints_changed.emit)  # when it is known whether all of it fits

    def _choose(self, at: int) -> None:
        decision = self._state.current
        if decision is None or self._busy:
            return
        self._busy, self._asked_again = True, ""

        def done(changes: Changes) -> None:
            self._busy = False
            undo = changes.undo
            deed = None if undo is None else Deed(undo, undone=lambda: self._ask_again(decision.id))
            self.desk.offer(changes, deed=deed)

        def failed(error: Exception) -> None:
            self._busy = False
            self.desk.trouble(error)
            self.refresh()

        self.desk.do(lambda workspace: deciding.decide(workspace, decision, at), done, failed)

    def _ask_again(self, id_: str) -> None:
        """What was decided is taken back: that question comes in sight as soon as it is read again."""
        self._asked_again = id_

    def _show(self) -> None:
        state, current = self._state, self._state.current
        self.chips.show_chips(
            [
                ("", tr("Menunggu"), len(state.waiting.decisions), ""),
                ("", tr("Sudah digabungkan"), len(state.waiting.linked), "F3"),
            ],
            1 if state.linked else 0,
        )
        self.part.setVisible(not state.waiting.whole and not state.linked)
        self._asked.setVisible(current is not None)
        self.case_scroll.setVisible(current is not None)
        self.empty.setVisible(current is None and state.loaded)
        if current is None:
            self.empty.show_words("check", *_nothing(state.linked))
            self.place.setText("")
            self.versions.show_versions((), (), may_choose=False)
            return
        of_all = tr("Pertanyaan {number} dari {count}").format(
            number=state.at + 1, count=len(state.questions)
        )
        self.place.setText(f"{of_all} · {current.place}")
        self.name.setText(names.seen_by(self.desk.workspace.user.role, current.child.name))
        self.name.setVisible(current.kind not in (Kind.DUPLICATE, Kind.LINKED))  # both names are on the cards
        self.question.setText(current.question)
        self.later.setVisible(len(state.questions) > 1)
        self.versions.show_versions(current.versions, current.choices, may_choose=self._may_choose)
        self.note.setText(self._note(current))
        self.note.setVisible(bool(self.note.text()))

    def _note(self, current: Decision) -> str:
        parts = []
        if not self._may_choose:
            parts.append(tr("Bidan yang memutuskan. Beri tahu bidan bila Anda tahu mana yang benar."))
        if current.pending:
            parts.append(tr("Selama belum diputuskan, pertumbuhan anak ini menunggu konfirmasi."))
        if current.kind is Kind.DUPLICATE:
            parts.append(tr("Bila digabungkan, semua penimbangan tetap ada dan bisa dipisahkan lagi."))
        return " ".join(parts)

    def _take_keyboard(self) -> None:
        if self.versions.buttons:
            self.versions.buttons[0].setFocus()
        elif self.later.isVisible():
            self.later.setFocus()
        else:
            self.chips.setFocus()


def _nothing(linked: bool) -> tuple[str, str]:
    if linked:
        return (
            tr("Belum ada yang digabungkan"),
            tr("Bila dua catatan ternyata satu anak, gabungannya tampil di sini dan bisa dipisahkan lagi."),
        )
    return (
        tr("Tidak ada yang perlu diputuskan"),
        tr("Bila dua laptop menulis hal yang berbeda tentang satu anak, keduanya tampil di sini."),
    )
