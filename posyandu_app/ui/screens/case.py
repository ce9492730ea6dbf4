"""One case: how it stands, and every step on it, each on a page of its own; Esc goes back one page."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from posyandu_app.domain.age import completed_months
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Role
from posyandu_app.domain.mtbs import MtbsClass
from posyandu_app.domain.reviews import Decision, later
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.i18n import tr
from posyandu_app.services import cases, referral
from posyandu_app.services.cases import CaseCard, Proposal
from posyandu_app.services.referral import ReferralLetter
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace
from posyandu_app.ui import letter_paper
from posyandu_app.ui.case.decide import ExamPage, PlanPage
from posyandu_app.ui.case.letter import LetterPage
from posyandu_app.ui.case.overview import Overview
from posyandu_app.ui.case.say import SayPage
from posyandu_app.ui.case.step import StepPage
from posyandu_app.ui.case.verify import VerifyPage
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.messages import describe
from posyandu_app.ui.paper import Paper
from posyandu_app.ui.screens import case_state as cs
from posyandu_app.ui.screens import decide_state as ds
from posyandu_app.ui.screens import verify_state as vs
from posyandu_app.ui.screens.case_state import Page
from posyandu_app.ui.screens.decide_state import DecideState
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.screens.verify_state import VerifyState
from posyandu_app.ui.widgets.basic import Button, Label, row
from posyandu_app.ui.widgets.child_header import ChildHeader

_SAID = frozenset({Page.OUTCOME, Page.CLOSE, Page.REOPEN, Page.NOTE})


class CaseScreen(Screen):
    """Opened from the worklist and the calendar, for bidan and TPG."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "case_screen")
        self._child = ""
        self._card: CaseCard | None = None
        self._page = Page.OVERVIEW
        self._verify: VerifyState | None = None
        self._decide = DecideState()
        self._letter: ReferralLetter | None = None
        self._file: Path | None = None
        self._saving = False
        self._latest, self._latest_proposal = Latest(desk), Latest(desk)
        self.printer = Paper(desk)
        self.card_button = Button(
            self, tr("Kartu anak"), "", "secondary", name="case_card", shown_key="Ctrl+Enter"
        )
        self.step = Label(self, "", "lead_strong", "accent")
        self.step.setObjectName("case_step")
        beside = QWidget(self)
        side = row(self.step, self.card_button, spacing=0)
        beside.setLayout(side)
        self.step.hide()
        self.header = ChildHeader(self, beside, name="case_header")
        self.overview = Overview(self)
        self.verify = VerifyPage(self)
        self.exam = ExamPage(self)
        self.plan = PlanPage(self)
        self.say = SayPage(self)
        self.letter = LetterPage(self)
        self.pages = QStackedWidget(self)
        for page in (self.overview, self.verify, self.exam, self.plan, self.say, self.letter):
            self.pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 20, 32, 8)
        column.setSpacing(12)
        column.addWidget(self.header)
        column.addWidget(self.pages, 1)
        self._connect()

    def _connect(self) -> None:
        self.header.back.clicked.connect(self.escape)
        self.card_button.clicked.connect(self.open_card)
        self.overview.wanted.connect(self.turn_to)
        self.verify.changed.connect(self._verified)
        self.verify.done.connect(self._save_verify)
        self.exam.changed.connect(self._examined)
        self.exam.done.connect(lambda: self.turn_to(Page.PLAN))
        self.plan.changed.connect(self._planned)
        self.plan.done.connect(self._save_plan)
        self.say.done.connect(self._save_said)
        self.letter.done.connect(self._save_letter)
        self.letter.opened.connect(self._open_letter)
        for page in (self.verify, self.exam, self.plan, self.say, self.letter):
            page.left.connect(self.escape)
        charts = QShortcut(QKeySequence("F10"), self)
        charts.activated.connect(self.overview.next_chart)

    # what the window asks

    def hints(self) -> tuple[tuple[str, str], ...]:
        back = (tr("Kembali"), "Esc")
        match self._page:
            case Page.OVERVIEW:
                return (
                    (tr("Langkah berikutnya"), "F9"),
                    (tr("Grafik lain"), "F10"),
                    (tr("Kartu anak"), "Ctrl+Enter"),
                    back,
                )
            case Page.VERIFY:
                return (
                    (tr("Berikutnya"), "Enter"),
                    (tr("Simpan"), "F9"),
                    (tr("Cara ukur"), "F7"),
                    (tr("Batal"), "Esc"),
                )
            case Page.EXAM:
                keys = ((tr("Centang"), tr("Spasi")), (tr("Berikutnya"), "Tab"), (tr("Lanjut"), "F9"))
                return (*keys, (tr("Batal"), "Esc"))
            case Page.LETTER:
                return ((tr("Simpan PDF"), "F9"), (tr("Buka berkas"), "O"), back)
        return ((tr("Berikutnya"), "Enter"), (tr("Simpan"), "F9"), back)

    @property
    def page(self) -> Page:
        """The task in sight."""
        return self._page

    @property
    def case_card(self) -> CaseCard | None:
        return self._card

    def open(self, child: str = "") -> None:
        if child and child != self._child:
            self._child, self._card = child, None
        self._go(Page.OVERVIEW)
        self._read(new=True)

    def changed(self, changes: Changes) -> None:
        if self.isVisible() and changes.kinds & {"child", "measurement", "review", "visit", "dose"}:
            self._read(new=False)

    def escape(self) -> None:
        if self._page is Page.OVERVIEW:
            self.desk.go("back", self._child)
        elif self._page is Page.PLAN:
            self._go(Page.EXAM)
        else:
            self._go(Page.OVERVIEW)

    def open_card(self) -> None:
        self.desk.go("child", self._child)

    # reading

    def _read(self, *, new: bool) -> None:
        child = self._child

        def found(card: CaseCard) -> None:
            if card.child.id != self._child:
                return
            self._card = card
            self.header.show_child(card.child, card.today, card.status.history)
            self.overview.show_card(card, self._rules)
            if new:
                self.overview.show_child(card)
            if self._page is Page.OVERVIEW:
                self._keyboard_home()

        self._latest.ask(lambda workspace: cases.card(workspace, child), found)

    @property
    def _rules(self) -> ProgramRules:
        return self.desk.workspace.rules

    # pages

    def turn_to(self, page: Page) -> None:
        """Begin a step."""
        card = self._card
        if card is None or self._saving:
            return
        if page is Page.VERIFY:
            bidan = self.desk.workspace.user.role is Role.BIDAN
            self._verify = vs.start(card, self._rules, may_change=bidan)
            self.verify.show_state(self._verify)
        elif page is Page.EXAM:
            self._decide = DecideState()
            self.exam.open(card)
            self._show_exam()
            self._propose()
        elif page is Page.PLAN:
            self._show_plan()
        elif page is Page.LETTER:
            self._show_letter()
            return
        elif page in _SAID:
            self.say.open(page, cs.outcomes(page, card.case), self._lead(page), self._next_revisit(page))
        self._go(page)

    def _go(self, page: Page) -> None:
        self._page = page
        if page is Page.OVERVIEW:
            self.pages.setCurrentWidget(self.overview)
            self.step.hide()
            self.card_button.show()
            self._keyboard_home()
        else:
            steps: dict[Page, StepPage] = {
                Page.VERIFY: self.verify,
                Page.EXAM: self.exam,
                Page.PLAN: self.plan,
                Page.LETTER: self.letter,
            }
            step = steps.get(page, self.say)
            self.pages.setCurrentWidget(step)
            self.card_button.hide()
            self.step.setText(step.title)
            self.step.show()
            step.take_keyboard()
        self.hints_changed.emit()

    def _keyboard_home(self) -> None:
        if not self.overview.isAncestorOf(self.focusWidget() or self):
            self.overview.main.setFocus()

    def _lead(self, page: Page) -> str:
        assert self._card is not None
        if page is Page.CLOSE:
            return cs.why_not_recovered(page, self._card.case)
        if page is Page.OUTCOME:
            return tr("Apa hasilnya sejak keputusan terakhir?")
        if page is Page.NOTE:
            return tr("Catatan tidak mengubah keadaan kasus.")
        return ""

    def _next_revisit(self, page: Page) -> str:
        """The default of the next revisit: the days of the class that was decided on, from today."""
        card = self._card
        if page is not Page.OUTCOME or card is None or card.case is None:
            return ""
        days = self._rules.revisit_days
        wait = {
            MtbsClass.SEVERE.value: days.gizi_buruk,
            MtbsClass.MODERATE.value: days.gizi_kurang,
            MtbsClass.OVERWEIGHT.value: days.gizi_lebih,
            MtbsClass.OVERWEIGHT_RISK.value: days.gizi_lebih,
        }
        found = [wait[review.mtbs] for review in card.case.decisions if review.mtbs in wait]
        return format_date(later(card.today, min(found))) if found else ""

    # confirming

    def _verified(self, state: VerifyState) -> None:
        self._verify = state
        self.verify.show_state(state)

    def _save_verify(self) -> None:
        if self._verify is None:
            return
        state = self._verify = vs.checked(self._verify)
        self.verify.show_state(state)
        if state.errors:
            self.verify.take_keyboard()
            return
        before, child = state.before, self._child
        self._do(
            lambda workspace: cases.confirm(
                workspace,
                child,
                vs.said(state),
                measurement_id=before.id if before is not None else None,
                remeasured=vs.measured(state),
                note=self.verify.note.text() or None,
                confirmed=tuple(state.doubted),
            ),
            self._verify_refused,
        )

    def _verify_refused(self, name: str, message: str) -> None:
        if self._verify is not None:
            self._verified(vs.refused(self._verify, name, message))
            self.verify.take_keyboard()

    # deciding

    def _examined(self, state: DecideState) -> None:
        self._decide = state
        self._show_exam()
        self._propose()

    def _propose(self) -> None:
        child, exam = self._child, self._decide.exam

        def found(proposal: Proposal) -> None:
            if child == self._child and exam == self._decide.exam:
                self._decide = ds.proposed(self._decide, proposal)
                self._show_exam()
                if self._page is Page.PLAN:
                    self._show_plan()

        self._latest_proposal.ask(lambda workspace: cases.propose(workspace, child, exam), found)

    def _show_exam(self) -> None:
        history = self._card.status.history if self._card is not None else ()
        self.exam.show_state(self._decide, history[-1].measurement.oedema if history else None)

    def _planned(self, state: DecideState) -> None:
        self._decide = state
        self._show_plan()

    def _show_plan(self) -> None:
        card = self._card
        if card is None:
            return
        reasons = [item.reason.text for item in card.case.reasons] if card.case is not None else []
        birth = card.child.birth_date
        months = None if birth is None else completed_months(birth, card.today)
        self.plan.show_state(self._decide, reasons, months)

    def _save_plan(self) -> None:
        state, child = self._decide, self._child
        try:
            plan = ds.plan_of(state)
        except InvalidValue as error:
            self._plan_refused(error.field, error.message)
            return
        refers = bool(plan.decisions & {Decision.REFER, Decision.REFER_TODAY})
        self._do(
            lambda workspace: cases.decide(
                workspace,
                child,
                plan.decisions,
                exam=state.exam,
                place=plan.place,
                pmt_days=plan.pmt_days,
                revisit_on=plan.revisit_on,
                note=plan.note,
            ),
            self._plan_refused,
            then=self._show_letter if refers else None,
        )

    def _plan_refused(self, name: str, message: str) -> None:
        self._planned(ds.refused(self._decide, name, message))
        self.plan.take_keyboard()

    # outcome, closing, reopening, notes

    def _save_said(self) -> None:
        page, child, outcome = self.say.page, self._child, self.say.outcome
        note = self.say.note.text() or None
        if page is Page.OUTCOME:
            if outcome is None:
                self.say.refuse("outcome", tr("Pilih hasil tindak lanjut."))
                return
            try:
                revisit = ds.read_revisit(self.say.revisit.text())
            except InvalidValue as error:
                self.say.refuse(error.field, error.message)
                return
            self._do(
                lambda ws: cases.outcome(ws, child, outcome, revisit_on=revisit, note=note), self.say.refuse
            )
        elif page is Page.CLOSE:
            if outcome is None:
                self.say.refuse("outcome", tr("Pilih dengan apa kasus ditutup."))
                return
            self._do(lambda ws: cases.close(ws, child, outcome, note=note), self.say.refuse)
        elif page is Page.REOPEN:
            self._do(lambda ws: cases.reopen(ws, child, note or ""), self.say.refuse)
        else:
            self._do(lambda ws: cases.add_note(ws, child, note or ""), self.say.refuse)

    # the letter

    def _show_letter(self) -> None:
        child = self._child

        def found(letter: ReferralLetter) -> None:
            self._letter, self._file = letter, None
            self.letter.show_letter(letter)
            self._go(Page.LETTER)

        self.desk.ask(lambda workspace: _letter(workspace, child), found)

    def _save_letter(self) -> None:
        letter = self._letter
        if letter is None:
            return
        name = f"surat-rujukan-{letter.number.lower()}"
        self._file = self.printer.save(name, lambda path: letter_paper.to_pdf(path, letter), show=False)
        if self._file is not None:
            self.letter.show_saved(self._file.name)

    def _open_letter(self) -> None:
        if self._file is not None:
            self.printer.show(self._file)

    # deeds

    def _do(
        self,
        deed: Callable[[Workspace], Changes],
        refused: Callable[[str, str], None],
        then: Callable[[], None] | None = None,
    ) -> None:
        """One deed at a time; a refusal stands at its field and nothing typed is lost."""
        if self._saving:
            return
        self._saving = True

        def done(changes: Changes) -> None:
            self._saving = False
            self.desk.offer(changes)
            self._go(Page.OVERVIEW)
            if then is not None:
                then()

        def failed(error: Exception) -> None:
            self._saving = False
            field = error.field if isinstance(error, InvalidValue) else ""
            refused(field, describe(error))

        self.desk.do(deed, done, failed)


def _letter(workspace: Workspace, child: str) -> ReferralLetter:
    """The letter of the referral in force, else of the last one there was."""
    case = cases.card(workspace, child).case
    if case is not None and not any(review.refers for review in case.decisions):
        last = [review for review in case.reviews if review.refers and review.by_health_worker]
        if last:
            return referral.letter(workspace, child, last[-1].id)
    return referral.letter(workspace, child)
