"""One recommendation: for whoever receives it to answer, for whoever sent it to follow."""

from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from posyandu_app.domain.dates import format_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Role
from posyandu_app.domain.recommendations import AnswerState
from posyandu_app.i18n import tr
from posyandu_app.reports import proposing
from posyandu_app.reports.proposing import Changed
from posyandu_app.services import recommendations
from posyandu_app.services.recommendations import SENDERS, Row
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace, posyandu_names
from posyandu_app.ui.desk import Deed, Desk, Latest
from posyandu_app.ui.models.line_model import LineDelegate, LineModel
from posyandu_app.ui.screens import recommend_state as rs
from posyandu_app.ui.screens.recommend_write_state import based_on
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Button, Card, Icon, Label, row
from posyandu_app.ui.widgets.care import Rule
from posyandu_app.ui.widgets.rows import Rows
from posyandu_app.ui.widgets.scroll import Scroll
from posyandu_app.ui.widgets.text_area import TextArea

LONGEST_NOTE = 500
ASIDE = 400

Read = tuple[Row, dict[str, str]]


class RecommendationScreen(Screen):
    """F9 says it is done, F6 that it cannot be; its sender takes it back with Ctrl+D or writes it anew."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "recommendation_screen")
        self._id = ""
        self._row: Row | None = None
        self._latest = Latest(desk)
        self.to = Label(self, "", "display", wrap=True)
        self.to.setObjectName("recommendation_to")
        self.facts = Label(self, "", "body", "soft", wrap=True)
        self.facts.setObjectName("recommendation_facts")
        self.due = Label(self, "", "lead_strong")
        self.due.setObjectName("recommendation_due")
        self.due_icon = Icon(self, "clock-alert", 22, "ink_soft")
        self._make_message()
        self._make_answer()
        self._make_followed()
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 8)
        column.setSpacing(8)
        head = row(spacing=12)
        head.addWidget(self.to, 1)
        head.addWidget(self.due_icon)
        head.addWidget(self.due)
        column.addLayout(head)
        column.addWidget(self.facts)
        column.addSpacing(8)
        both = QHBoxLayout()
        both.setSpacing(16)
        both.addWidget(self.message, 3)
        both.addWidget(self.answer, 2)
        both.addWidget(self.followed, 3)
        column.addLayout(both, 1)

    def _make_message(self) -> None:
        self.message = Card(self, spacing=12)
        inside = QWidget(self.message)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(12)
        self.text = Label(inside, "", "lead", wrap=True)
        self.text.setObjectName("recommendation_text")
        self.figures = Label(inside, "", "body", wrap=True)
        self.figures.setObjectName("recommendation_figures")
        self.figures_head = Label(inside, "", "small_strong", "soft")
        self.figures_head.setObjectName("recommendation_figures_head")
        self.rule = Rule(inside)
        column.addWidget(self.text)
        column.addSpacing(4)
        column.addWidget(self.rule)
        column.addWidget(self.figures_head)
        column.addWidget(self.figures)
        self.since_head = Label(inside, tr("Berubahkah sesudahnya?"), "small_strong", "soft")
        self.since = Label(inside, "", "body", wrap=True)
        self.since.setObjectName("recommendation_since")
        column.addWidget(self.since_head)
        column.addWidget(self.since)
        column.addStretch(1)
        for label in (self.text, self.figures, self.since):
            label.setMinimumWidth(1)
        self.message.column.addWidget(Scroll(self.message, inside), 1)

    def _make_answer(self) -> None:
        self.answer = Card(self, spacing=12)
        self.answered = Label(self.answer, "", "strong", "accent", wrap=True)
        self.answered.setObjectName("recommendation_answered")
        self.note = TextArea(
            self.answer,
            tr("Catatan"),
            tr("Boleh kosong bila sudah dikerjakan. Bila tidak bisa, tulis sebabnya."),
            name="recommendation_note",
            longest=LONGEST_NOTE,
            height=140,
        )
        self.done = Button(
            self.answer, tr("Sudah dikerjakan"), "F9", "primary", "check", name="recommendation_done"
        )
        self.cannot = Button(
            self.answer, tr("Tidak bisa"), "F6", "secondary", "circle-x", name="recommendation_cannot"
        )
        self.child = Button(
            self.answer,
            tr("Buka kartu anak"),
            "",
            "quiet",
            "baby",
            name="recommendation_child",
            shown_key="Ctrl+Enter",
        )
        self.child.clicked.connect(self.open_card)
        self.answer.column.addWidget(Label(self.answer, tr("Jawaban Anda"), "heading"))
        self.answer.column.addWidget(self.answered)
        self.answer.column.addWidget(self.note)
        for button in (self.done, self.cannot, self.child):
            self.answer.column.addWidget(button)
        self.answer.column.addStretch(1)
        self.answer.setMinimumWidth(ASIDE)
        self.answer.hide()
        self.done.clicked.connect(lambda: self._answer(AnswerState.DONE))
        self.cannot.clicked.connect(lambda: self._answer(AnswerState.CANNOT))

    def _make_followed(self) -> None:
        self.followed = Card(self, margins=16, spacing=8)
        self.reached = Label(self.followed, "", "heading", wrap=True)
        self.reached.setObjectName("recommendation_reached")
        self.way = Label(self.followed, "", "small", "soft", wrap=True)
        self.way.setObjectName("recommendation_way")
        self.model = LineModel(self)
        self.list = Rows(self.followed, tr("Jawaban per wilayah"), name="recommendation_parts")
        self.list.setModel(self.model)
        self.list.setItemDelegate(LineDelegate(self.list, most=6, right=160))
        self.anew = Button(
            self.followed, tr("Ganti"), "Ctrl+N", "secondary", "square-pen", name="recommendation_anew"
        )
        self.back = Button(
            self.followed, tr("Tarik"), "Ctrl+D", "secondary", "undo-2", name="recommendation_withdraw"
        )
        self.followed.column.addWidget(self.reached)
        self.followed.column.addWidget(self.way)
        self.followed.column.addWidget(self.list, 1)
        self.followed.column.addLayout(row(self.anew, self.back, None, spacing=12))
        self.anew.clicked.connect(lambda: self.desk.go("recommend_write", self._id))
        self.back.clicked.connect(self._withdraw)

    def hints(self) -> tuple[tuple[str, str], ...]:
        if self._row is not None and self._row.may_answer:
            return (
                (tr("Sudah dikerjakan"), "F9"),
                (tr("Tidak bisa"), "F6"),
                (tr("Kembali"), "Esc"),
            )
        return ((tr("Kembali"), "Esc"),)

    def open(self, child: str = "") -> None:
        """`child` is the recommendation's id: opening it is what counts as seen (sync rule 18)."""
        if child:
            if child != self._id:
                self.note.set_text("")
            self._id = child
        self.note.set_error("")
        wanted = self._id
        self.desk.ask(lambda workspace: recommendations.opened(workspace, wanted), self._seen, self._gone)

    def changed(self, changes: Changes) -> None:
        if self.isVisible() and changes.kinds != frozenset({"draft"}):
            self.refresh()

    def refresh(self) -> None:
        """Read it again."""
        wanted = self._id
        self._latest.ask(lambda workspace: _read(workspace, wanted), self._found)

    def escape(self) -> None:
        self.desk.go("recommend")

    def open_card(self) -> None:
        """Ctrl+Enter: the child it is about."""
        if self._row is not None and self._row.child is not None and self.child.isVisible():
            self.desk.go("child", self._row.child.id)

    def _gone(self, error: Exception) -> None:
        self.desk.trouble(error)
        self.desk.go("recommend")

    def _seen(self, changes: Changes | None) -> None:
        if changes is not None:
            self.desk.changed.emit(changes)
        else:
            self.refresh()

    def _found(self, found: Read) -> None:
        self._row, places = found
        self._show(self._row, places, self.desk.clock.today())
        self.hints_changed.emit()
        item = self._row.status.recommendation
        if self.desk.workspace.user.role in SENDERS and item.figures:
            today = self.desk.clock.today()
            self.desk.analyse(
                lambda analyst: proposing.changed_since(analyst, item.figures, item.sent_on, today),
                self._changes_found,
            )

    def _show(self, found: Row, places: dict[str, str], today: date) -> None:
        role, status, item = self.desk.workspace.user.role, found.status, found.status.recommendation
        self.to.setText(rs.whom(found, role))
        facts = [rs.sender(found), format_date(item.sent_on)]
        if item.due_on is not None:
            facts.append(tr("tenggat {date}").format(date=format_date(item.due_on)))
        self.facts.setText("  ·  ".join(fact for fact in facts if fact))
        self.due.setText(rs.due_words(status, today))
        self.due.set_ink("danger" if status.overdue_days else "accent")
        self.due_icon.setVisible(bool(status.overdue_days))
        self.due_icon.set_icon("clock-alert", "danger")
        self.text.setText(item.text)
        analyst = self.desk.analyst
        based = "\n".join(f"{figure.label}: {proposing.told_to(analyst, figure)}" for figure in item.figures)
        self.figures.setText(based)
        self.figures_head.setText(based_on(item.figures))
        for widget in (self.rule, self.figures_head, self.figures):
            widget.setVisible(bool(based))
        for widget in (self.since_head, self.since):
            widget.hide()
        self.answer.setVisible(found.may_answer)
        self.followed.setVisible(not found.may_answer)
        if found.may_answer:
            self._show_answer(found, today)
        else:
            self._show_followed(found, places, today)

    def _show_answer(self, found: Row, today: date) -> None:
        said = [answer for answer in found.status.answers if answer.final]
        ended = bool(said) and not found.status.open
        words = [line.told for line in rs.answer_lines(found.status, today) if line.icon != "eye"]
        self.answered.setText("\n".join(words[:3]))
        self.answered.setVisible(bool(words))
        self.done.setEnabled(not found.status.recommendation.voided)
        self.cannot.setEnabled(not found.status.recommendation.voided)
        self.child.setVisible(found.child is not None)
        if self.isVisible() and not self.note.edit.hasFocus():
            (self.list if ended else self.note).setFocus()

    def _show_followed(self, found: Row, places: dict[str, str], today: date) -> None:
        status = found.status
        self.reached.setText(rs.reached(status))
        self.way.setText(_way(found))
        lines = rs.part_lines(status, places, today) or rs.answer_lines(status, today)
        self.model.set_lines(lines)
        role, mine = self.desk.workspace.user, status.recommendation.actor
        may = role.role == Role.DINAS or (role.role in SENDERS and mine == role.id)
        for button in (self.anew, self.back):
            button.setVisible(may and not status.recommendation.voided)
        if self.isVisible():
            self.list.setFocus()

    def _changes_found(self, changes: tuple[Changed, ...]) -> None:
        self.since.setText("\n".join(_changed_words(change) for change in changes))
        for widget in (self.since_head, self.since):
            widget.setVisible(bool(changes))

    # deeds

    def _answer(self, state: AnswerState) -> None:
        if self._row is None or not self._row.may_answer:
            return
        wanted, note = self._id, self.note.text()
        self.note.set_error("")

        def done(changes: Changes) -> None:
            self.note.set_text("")
            assert changes.undo is not None, "an answer can be undone"
            self.desk.offer(changes, deed=Deed(changes.undo))
            self.desk.go("recommend")

        self.desk.do(
            lambda workspace: recommendations.answer(workspace, wanted, state, note), done, self._refused
        )

    def _refused(self, error: Exception) -> None:
        if isinstance(error, InvalidValue) and error.field == "note":
            self.note.set_error(error.message)
            self.note.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.desk.trouble(error)

    def _withdraw(self) -> None:
        wanted = self._id

        def done(changes: Changes) -> None:
            self.desk.offer(changes)
            self.desk.go("recommend")

        self.desk.do(lambda workspace: recommendations.withdraw(workspace, wanted), done)


def _read(workspace: Workspace, wanted: str) -> Read:
    found = recommendations.one(workspace, wanted)
    places = dict(posyandu_names(workspace))
    for part in found.status.parts:
        places.setdefault(part.scope, recommendations.area_name(workspace, part.scope))
    return found, places


def _way(found: Row) -> str:
    """Where it is on its way, in one sentence."""
    reach = found.status.reach
    if not reach.at_server:
        return tr("Masih di laptop ini. Berangkat pada sinkronisasi atau USB berikutnya.")
    if not reach.laptops:
        return tr("Sudah di server Dinas. Belum ada laptop penerima yang menghubungi.")
    return tr("Sampai di {read} dari {count} laptop penerima.").format(read=reach.read, count=reach.laptops)


def _changed_words(change: Changed) -> str:
    judged = {True: tr("membaik"), False: tr("memburuk"), None: tr("tetap")}[change.better]
    if change.better is not None and change.chance:
        judged = tr("{judged}, mungkin kebetulan").format(judged=judged)
    months_now = change.months_now
    if change.running:
        months_now = tr("{month} (belum selesai)").format(month=months_now)
    elif change.sent_within:
        months_now = tr("{month} (bulan dikirim)").format(month=months_now)
    if not change.comparable:
        judged = tr("belum dapat dibandingkan")
    return tr("{label}\n{months_before}: {before}\n{months_now}: {now}\n→ {judged}").format(
        label=change.label,
        months_before=change.months_before,
        before=change.before,
        months_now=months_now,
        now=change.now,
        judged=judged,
    )
