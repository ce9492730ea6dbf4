"""How the case of a child at risk stands: a pure function of her measurements and of the reviews about her.

    new         a reason stands that no health worker has had on screen
    verified    every reason was looked at; nothing is decided yet
    follow-up   decided; goes on until somebody closes it, also when the reasons are gone
    resolved    closed, and no reason has come up since that the closing did not name

Only bidan and TPG move a case, and not with a mere note. A review names those before it (`seen`);
of reviews that did not see each other each counts, so a case that one closes while another decides
stays open, whatever order they arrive in. A reason that ends and comes back is a new one.

2T is closed by a person, never by the scale: a 2T that nobody verified stays on the list as
"belum diverifikasi" when the weight rises again (kartu bantu ILP; facts.md, 4.5). Only 2T weighed
with this app is waited for: who verified what an imported list says is not known.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from posyandu_app.domain import risk as risks
from posyandu_app.domain.assessment import Assessed
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.facts import standing
from posyandu_app.domain.kms import MonthRecord
from posyandu_app.domain.model import Child
from posyandu_app.domain.reviews import Outcome, Review, Step, later
from posyandu_app.domain.risk import Reason, Risk, Tone
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.domain.schedule import campaign_of
from posyandu_app.domain.visits import Development, Visit
from posyandu_app.i18n import tr

TWO_T_WAITING = "two_t_waiting"
_PLAN = (Step.DECIDE, Step.OUTCOME, Step.CLOSE, Step.REOPEN)
_LOOKED = (Step.VERIFY, *_PLAN)
_TWO_T = frozenset({"two_t", TWO_T_WAITING})
_NOT_MEASURED = frozenset({"not_measured", "not_measured_again"})
_WEEK = timedelta(days=7)


class CaseState(StrEnum):
    """How far a case is; codes are stable."""

    NEW = "baru"
    VERIFIED = "terverifikasi"
    FOLLOW_UP = "tindak_lanjut"
    RESOLVED = "selesai"

    @property
    def label(self) -> str:
        return {
            CaseState.NEW: tr("Baru"),
            CaseState.VERIFIED: tr("Terverifikasi"),
            CaseState.FOLLOW_UP: tr("Tindak lanjut"),
            CaseState.RESOLVED: tr("Selesai"),
        }[self]


class Group(StrEnum):
    """Reasons as a midwife filters them."""

    DANGER = "tanda_bahaya"
    SEVERE = "gizi_buruk"
    WASTING = "gizi_kurang"
    UNDERWEIGHT = "berat_kurang"
    TWO_T = "dua_t"
    NOT_RISING = "tidak_naik"
    FALLING = "turun_jalur"
    STUNTING = "pendek"
    OVERWEIGHT = "gizi_lebih"
    HEAD = "lingkar_kepala"
    TB = "tbc"
    DEVELOPMENT = "perkembangan"
    ABSENT = "tidak_datang"
    MEASURE_AGAIN = "ukur_ulang"
    SERVICES = "layanan"
    OTHER = "lainnya"

    @property
    def label(self) -> str:
        return {
            Group.DANGER: tr("Tanda bahaya"),
            Group.SEVERE: tr("Gizi buruk"),
            Group.WASTING: tr("Gizi kurang"),
            Group.UNDERWEIGHT: tr("Berat badan kurang"),
            Group.TWO_T: tr("2T"),
            Group.NOT_RISING: tr("Berat tidak naik"),
            Group.FALLING: tr("Turun jalur pertumbuhan"),
            Group.STUNTING: tr("Pendek"),
            Group.OVERWEIGHT: tr("Gizi lebih"),
            Group.HEAD: tr("Lingkar kepala"),
            Group.TB: tr("Gejala TBC"),
            Group.DEVELOPMENT: tr("Perkembangan"),
            Group.ABSENT: tr("Tidak datang"),
            Group.MEASURE_AGAIN: tr("Ukur ulang"),
            Group.SERVICES: tr("Vitamin A dan imunisasi"),
            Group.OTHER: tr("Alasan lain"),
        }[self]


_GROUPS: Mapping[str, Group] = {
    "danger_sign": Group.DANGER,
    "oedema": Group.SEVERE,
    "severe_wasting": Group.SEVERE,
    "severe_muac": Group.SEVERE,
    "weight_very_low": Group.SEVERE,
    "wasting": Group.WASTING,
    "low_muac": Group.WASTING,
    "underweight": Group.UNDERWEIGHT,
    "bgm": Group.UNDERWEIGHT,
    "two_t": Group.TWO_T,
    TWO_T_WAITING: Group.TWO_T,
    "first_t": Group.NOT_RISING,
    "z_drop": Group.FALLING,
    "stunting": Group.STUNTING,
    "overweight": Group.OVERWEIGHT,
    "overweight_risk": Group.OVERWEIGHT,
    "above_orange": Group.OVERWEIGHT,
    "small_head": Group.HEAD,
    "large_head": Group.HEAD,
    "tb_symptoms": Group.TB,
    "development": Group.DEVELOPMENT,
    "not_seen": Group.ABSENT,
    "missed_after_t": Group.ABSENT,
    "implausible": Group.MEASURE_AGAIN,
    "standing_too_young": Group.MEASURE_AGAIN,
    "vitamin_a": Group.SERVICES,
    "immunisation": Group.SERVICES,
}


def group_of(code: str) -> Group:
    """The group of a reason's code; a code of a newer version is "alasan lain"."""
    return _GROUPS.get(code, Group.OTHER)


@dataclass(frozen=True, slots=True)
class Standing:
    """A reason that stands, since when without a break (None: not known).

    `new` says that no health worker has had it on screen.
    """

    reason: Reason
    since: date | None
    new: bool

    @property
    def group(self) -> Group:
        return group_of(self.reason.code)


@dataclass(frozen=True, slots=True)
class Case:
    """One child's case as of a day.

    `reasons` are worst first, `reviews` oldest first with the notes among them, voided ones left
    out. `heads` are the last reviews that no other has seen; several mean that health workers wrote
    without knowing of each other. `decisions` are in force. `measured_on` is the last visit.
    """

    child: str
    on: date
    state: CaseState
    reopened: bool
    reasons: tuple[Standing, ...]
    reviews: tuple[Review, ...]
    heads: tuple[Review, ...]
    decisions: tuple[Review, ...]
    revisit_on: date | None
    awaiting_referral: bool
    measured_on: date | None

    @property
    def tone(self) -> Tone:
        """The worst reason's tone; BAIK when none stands any more."""
        return max(
            (item.reason.tone for item in self.reasons), key=lambda tone: tone.severity, default=Tone.BAIK
        )

    @property
    def has_news(self) -> bool:
        """Whether a reason stands that no health worker has reviewed, also in the middle of a follow-up."""
        return any(item.new for item in self.reasons)

    @property
    def concurrent(self) -> bool:
        return len(self.heads) > 1

    @property
    def improved(self) -> bool:
        """In follow-up, and no reason for referral stands any more: a health worker may close it."""
        return self.state is CaseState.FOLLOW_UP and self.tone.severity < Tone.RUJUK.severity

    @property
    def overdue_days(self) -> int:
        """Days past the revisit that was agreed; 0 when it is not due or nothing was agreed."""
        if self.state is not CaseState.FOLLOW_UP or self.revisit_on is None:
            return 0
        return max(0, (self.on - self.revisit_on).days)

    @property
    def since(self) -> date | None:
        """The day from which the oldest reason stands."""
        return min((item.since for item in self.reasons if item.since is not None), default=None)

    @property
    def pmt_until(self) -> date | None:
        """The last day of supplementary food that was decided, None when there is none."""
        return max((day for review in self.decisions if (day := review.pmt_until)), default=None)

    @property
    def worst_first(self) -> tuple[int, bool, int, int]:
        """Sort key of the worklist: tone, then what nobody has seen, then the longest overdue and waiting."""
        since = self.since.toordinal() if self.since is not None else self.on.toordinal()
        return (-self.tone.severity, not self.has_news, -self.overdue_days, since)


def build(
    child: Child,
    history: Sequence[Assessed],
    risk: Risk,
    reviews: Iterable[Review],
    on: date,
    rules: ProgramRules,
    visits: Iterable[Visit] = (),
) -> Case | None:
    """The case of a child, or None when there is and was none.

    `risk` is hers on the day `on`, from the same history (oldest first). The result depends on the
    set of reviews only, never on the order they came in, and a review counts whatever its author's
    clock said.
    """
    known = standing(reviews)
    health = [review for review in known if review.by_health_worker and review.step in _LOOKED]
    reasons = _reasons(history, risk, health, on, rules, visits)
    plan = [review for review in health if review.step in _PLAN]
    heads = _heads(plan)
    state, reopened = _state(heads, reasons)
    if state is None:
        return None
    decisions = () if state is not CaseState.FOLLOW_UP else _in_force(plan)
    return Case(
        child=child.id,
        on=on,
        state=state,
        reopened=reopened,
        reasons=reasons,
        reviews=known,
        heads=heads,
        decisions=decisions,
        revisit_on=_revisit(heads) if state is CaseState.FOLLOW_UP else None,
        awaiting_referral=any(review.refers and not _answered(review, plan) for review in decisions),
        measured_on=risk.measured_on,
    )


def seen_by_next(reviews: Iterable[Review]) -> frozenset[str]:
    """What the next review names as seen: every step since the last closing, that included."""
    plan = [item for item in standing(reviews) if item.by_health_worker and item.step in _PLAN]
    closings = [place for place, review in enumerate(plan) if review.step == Step.CLOSE]
    heads = {review.id for review in _heads(plan)}
    return frozenset(review.id for review in plan[closings[-1] if closings else 0 :]) | heads


def _heads(plan: Sequence[Review]) -> tuple[Review, ...]:
    seen = {entity for review in plan for entity in review.seen if entity != review.id}
    return tuple(review for review in plan if review.id not in seen) or tuple(plan[-1:])


def _state(heads: Sequence[Review], reasons: Sequence[Standing]) -> tuple[CaseState | None, bool]:
    """The state, and whether the case was closed before; no state where there is no case."""
    new = any(item.new for item in reasons)
    waiting = CaseState.NEW if new else CaseState.VERIFIED
    if not heads:
        return (waiting, False) if reasons else (None, False)
    if all(review.step == Step.CLOSE for review in heads):
        unnamed = [item for item in reasons if not _covered(item.reason.code, item.since, heads)]
        return (waiting, True) if unnamed else (CaseState.RESOLVED, False)
    if all(review.step in (Step.CLOSE, Step.REOPEN) for review in heads):
        return waiting, True
    return CaseState.FOLLOW_UP, False


def _covered(code: str, since: date | None, reviews: Iterable[Review]) -> bool:
    """Whether one of the reviews had this reason on screen, in the run that stands now."""
    names = _TWO_T if code in _TWO_T else {code}
    return any(review.reasons & names and (since is None or since <= review.date) for review in reviews)


def _in_force(plan: Sequence[Review]) -> tuple[Review, ...]:
    """The decisions that no later decision has seen, as far as no closing has ended them."""
    decided = [review for review in plan if review.step == Step.DECIDE]
    ended = {
        entity
        for review in plan
        if review.step in (Step.CLOSE, Step.DECIDE)
        for entity in review.seen
        if entity != review.id
    }
    return tuple(review for review in decided if review.id not in ended)


def _revisit(heads: Sequence[Review]) -> date | None:
    days = [review.revisit_on for review in heads if review.step in (Step.DECIDE, Step.OUTCOME)]
    return min((day for day in days if day is not None), default=None)


def _answered(decision: Review, plan: Sequence[Review]) -> bool:
    """Whether somebody has told what came of a referral."""
    return any(review.step == Step.OUTCOME and decision.id in review.seen for review in plan)


def _reasons(
    history: Sequence[Assessed],
    risk: Risk,
    health: Sequence[Review],
    on: date,
    rules: ProgramRules,
    visits: Iterable[Visit],
) -> tuple[Standing, ...]:
    told = [
        reason
        for reason in (*risk.reasons, *risk.older_reasons)
        if reason.tone.severity >= Tone.WASPADA.severity and reason.code not in _NOT_MEASURED
    ]
    since = standing_since(history, risk, on, rules, visits)
    found = [
        Standing(reason, since.get(reason.code), not _covered(reason.code, since.get(reason.code), health))
        for reason in told
    ]
    waiting = None if any(reason.code == "two_t" for reason in told) else _two_t_waiting(history, health, on)
    if waiting is not None:
        text = tr("2T pada {month} belum diverifikasi bidan").format(month=waiting.month.label)
        found.append(Standing(Reason(TWO_T_WAITING, Tone.WASPADA, text), waiting.date, new=True))
    found.sort(key=lambda item: -item.reason.tone.severity)
    return tuple(found)


def _two_t_waiting(history: Sequence[Assessed], health: Sequence[Review], on: date) -> MonthRecord | None:
    """The last 2T weighed with this app, when no health worker has had its run of months on screen."""
    records = [
        item.record
        for item in history
        if item.record is not None and item.measurement.source is None and item.record.date <= on
    ]
    while records and not records[-1].two_t:
        records.pop()
    if not records:
        return None
    last = first = records.pop()
    while records and records[-1].two_t and records[-1].month == first.month.previous():
        first = records.pop()
    return None if _covered("two_t", first.date, health) else last


def standing_since(
    history: Sequence[Assessed],
    risk: Risk,
    on: date,
    rules: ProgramRules,
    visits: Iterable[Visit] = (),
) -> dict[str, date | None]:
    """Since when each reason of a risk stands without a break, by code; None where that is not known.

    A reason from measurements: the first of the visits running back from the last at which it stood.
    From the card: likewise the first card. Absence: the last visit. Vitamin A: the campaign's month.
    """
    codes = {reason.code for reason in (*risk.reasons, *risk.older_reasons)}
    since: dict[str, date | None] = dict.fromkeys(codes)
    since |= _from_cards(codes, visits, on, rules)
    for code in codes & {"not_seen", "missed_after_t"}:
        since[code] = risk.measured_on
    if "vitamin_a" in codes:
        since["vitamin_a"] = campaign_of(on, rules.vitamin_a.months).month.first_day
    open_: AbstractSet[str] = codes - {"not_seen", "missed_after_t", "vitamin_a", "immunisation", *_CARD}
    open_ -= _NOT_MEASURED
    days = {item.measurement.date for item in history if item.measurement.date <= on}
    for day in sorted(days, reverse=True):
        open_ = risks.stood(history, day, rules, open_)
        if not open_:
            break
        since |= dict.fromkeys(open_, day)
    return since


_CARD = ("danger_sign", "tb_symptoms", "development")


def _from_cards(
    codes: Iterable[str], visits: Iterable[Visit], on: date, rules: ProgramRules
) -> dict[str, date | None]:
    cards = tuple(reversed(standing(visits, on)))
    answers = {
        "danger_sign": [(v.date, bool(v.danger_signs)) for v in cards if v.danger_signs is not None],
        "tb_symptoms": [
            (v.date, len(v.tb_symptoms) >= rules.refer.tb_symptoms)
            for v in cards
            if v.tb_symptoms is not None
        ],
        "development": [
            (v.date, v.development == Development.INCOMPLETE)
            for v in cards
            if v.development in (Development.COMPLETE, Development.INCOMPLETE)
        ],
    }
    since: dict[str, date | None] = {}
    for code in _CARD:
        if code not in codes:
            continue
        for day, found in answers[code]:
            if not found:
                break
            since[code] = day
    return since


def check_close(outcome: str | None, case: Case | None) -> None:
    """Refuse, with `InvalidValue`, to call a child recovered while a reason for referral stands."""
    if case is None or outcome != Outcome.RECOVERED:
        return
    for item in case.reasons:
        if item.reason.tone.severity >= Tone.RUJUK.severity:
            raise InvalidValue(
                "outcome",
                tr("Belum bisa ditutup sebagai sembuh, masih ada: {reason}").format(reason=item.reason.text),
            )


class Appointment(StrEnum):
    """What stands in the follow-up calendar."""

    REVISIT = "kontrol"
    PMT_WEIGHING = "timbang_pmt"
    PMT_END = "akhir_pmt"
    REFERRAL = "hasil_rujukan"

    @property
    def label(self) -> str:
        return {
            Appointment.REVISIT: tr("Kontrol"),
            Appointment.PMT_WEIGHING: tr("Timbang mingguan PMT"),
            Appointment.PMT_END: tr("PMT selesai: periksa hasilnya"),
            Appointment.REFERRAL: tr("Tanyakan hasil rujukan"),
        }[self]


@dataclass(frozen=True, slots=True)
class Due:
    """One entry of the calendar."""

    on: date
    what: Appointment


def calendar(case: Case, weighed: Iterable[date]) -> tuple[Due, ...]:
    """What is to be done about a child in follow-up and when, the past that is still open included.

    `weighed` are the days she was weighed: during PMT every week (Juknis PMT). A referral's outcome
    is asked for the day after.
    """
    if case.state is not CaseState.FOLLOW_UP:
        return ()
    found = [Due(case.revisit_on, Appointment.REVISIT)] if case.revisit_on is not None else []
    if case.awaiting_referral:
        sent = min(review.date for review in case.decisions if review.refers)
        found.append(Due(later(sent, 1), Appointment.REFERRAL))
    days = sorted(weighed)
    for review in case.decisions:
        start, until = review.pmt_from, review.pmt_until
        if start is None or until is None:
            continue
        last = max((day for day in days if start <= day <= until), default=start)
        if last < until and until - last > _WEEK and case.on <= until:
            found.append(Due(last + _WEEK, Appointment.PMT_WEIGHING))
        found.append(Due(until, Appointment.PMT_END))
    return tuple(sorted(set(found), key=lambda due: (due.on, due.what)))


class Show(StrEnum):
    """Which cases the worklist shows."""

    OPEN = "terbuka"
    NEW = "baru"
    FOLLOW_UP = "tindak_lanjut"
    OVERDUE = "lewat_waktu"
    RESOLVED = "selesai"

    @property
    def label(self) -> str:
        return {
            Show.OPEN: tr("Semua yang terbuka"),
            Show.NEW: tr("Baru"),
            Show.FOLLOW_UP: tr("Tindak lanjut"),
            Show.OVERDUE: tr("Lewat waktu kontrol"),
            Show.RESOLVED: tr("Selesai"),
        }[self]


def shown(case: Case, show: Show = Show.OPEN, group: Group | None = None) -> bool:
    """Whether the worklist shows a case under these filters.

    What nobody has looked at counts as new in the middle of a follow-up too.
    """
    if group is not None and all(item.group is not group for item in case.reasons):
        return False
    match show:
        case Show.OPEN:
            return case.state is not CaseState.RESOLVED
        case Show.NEW:
            return case.state is CaseState.NEW or (case.state is CaseState.FOLLOW_UP and case.has_news)
        case Show.FOLLOW_UP:
            return case.state in (CaseState.FOLLOW_UP, CaseState.VERIFIED)
        case Show.OVERDUE:
            return case.overdue_days > 0
        case Show.RESOLVED:
            return case.state is CaseState.RESOLVED
