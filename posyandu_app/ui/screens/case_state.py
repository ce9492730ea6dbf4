"""What can be done about a case now: the pages of the screen, and the step that comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from posyandu_app.domain.cases import Case, CaseState, check_close
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.reviews import AT_THE_END, ON_THE_WAY, Outcome
from posyandu_app.domain.risk import Tone
from posyandu_app.i18n import tr


class Page(StrEnum):
    """One task each; `OVERVIEW` is where every one begins and ends."""

    OVERVIEW = "overview"
    VERIFY = "verify"
    EXAM = "exam"
    PLAN = "plan"
    LETTER = "letter"
    OUTCOME = "outcome"
    CLOSE = "close"
    REOPEN = "reopen"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Action:
    """A step that can be taken: its page, what it is called, and its key."""

    page: Page
    words: str
    key: str


def actions(case: Case | None) -> tuple[Action, ...]:
    """The steps that fit how the case stands; the first is the one that comes next."""
    verify = Action(Page.VERIFY, tr("Periksa ukuran"), "U")
    decide = Action(Page.EXAM, tr("Putuskan"), "K")
    note = Action(Page.NOTE, tr("Catatan"), "C")
    close = Action(Page.CLOSE, tr("Tutup kasus"), "T")
    outcome = Action(Page.OUTCOME, tr("Catat hasil"), "H")
    letter = [Action(Page.LETTER, tr("Surat rujukan"), "S")] if was_referred(case) else []
    if case is None:
        return (verify, decide)
    if case.state is CaseState.RESOLVED:
        return (Action(Page.REOPEN, tr("Buka kembali"), "B"), *letter, note)
    if case.state is CaseState.FOLLOW_UP:
        steps = [outcome, close, verify, decide]
        if case.has_news:
            steps = [verify, decide, outcome, close]
        elif case.improved:
            steps = [close, outcome, verify, decide]
        return (*steps, *letter, note)
    steps = [verify, decide] if case.state is CaseState.NEW else [decide, verify]
    return (*steps, close, *letter, note)


def was_referred(case: Case | None) -> bool:
    """Whether there is a referral that a letter can be written for."""
    if case is None:
        return False
    return any(review.refers and review.by_health_worker for review in case.reviews)


def next_words(case: Case | None) -> str:
    """Why the next step is the next one."""
    if case is None:
        return tr("Tidak ada kasus: tidak ada alasan yang berdiri.")
    if case.state is CaseState.NEW:
        return tr("Pastikan dulu ukurannya benar, lalu putuskan.")
    if case.state is CaseState.VERIFIED:
        return tr("Ukuran sudah dilihat. Putuskan apa yang dilakukan.")
    if case.state is CaseState.RESOLVED:
        return tr("Kasus ini sudah ditutup.")
    if case.has_news:
        return tr("Ada alasan baru sejak keputusan terakhir. Lihat dulu.")
    if case.improved:
        return tr("Tidak ada lagi alasan rujuk. Kasus boleh ditutup.")
    if case.overdue_days:
        return tr("Kontrol terlambat {days} hari. Catat hasilnya, atau bahwa anak tidak datang.").format(
            days=case.overdue_days
        )
    return tr("Tunggu kontrol, lalu catat hasilnya.")


def outcomes(page: Page, case: Case | None) -> Sequence[Outcome]:
    """What may be chosen on a page; recovered only where no reason for referral stands."""
    if page is Page.OUTCOME:
        return ON_THE_WAY
    if page is Page.CLOSE:
        sick = case is not None and case.tone.severity >= Tone.RUJUK.severity
        return tuple(item for item in AT_THE_END if not (sick and item is Outcome.RECOVERED))
    return ()


def why_not_recovered(page: Page, case: Case | None) -> str:
    """Why "sembuh" is not among the choices."""
    if page is not Page.CLOSE:
        return ""
    try:
        check_close(Outcome.RECOVERED, case)
    except InvalidValue as error:
        return error.message
    return ""
