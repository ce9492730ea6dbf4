"""A posyandu day in figures and lists: who is expected before it, what it came to when it closes.

Pure computation on children with their assessed histories, cards and doses; nothing is stored.
The counts S, K, D, N, T, O, B, 2T and BGM are those of `skdn` (F1-Gizi, F2 2023); the counts of
the card follow the ILP recap (facts.md, 3.5).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from posyandu_app.domain import risk as risks
from posyandu_app.domain.age import Month, completed_months
from posyandu_app.domain.assessment import Assessed
from posyandu_app.domain.classify import Index
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.doses import CapsuleColour, Dose, DoseKind, DoseState
from posyandu_app.domain.facts import standing
from posyandu_app.domain.home_visits import HomeVisit, VisitReason
from posyandu_app.domain.kms import Letter
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import Child, ChildState
from posyandu_app.domain.risk import Risk, Tone
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.domain.schedule import (
    Kind,
    Milestone,
    Service,
    State,
    campaign_of,
    capsule_colour,
    findings,
    graduates,
    is_expected,
    milestones,
    services,
)
from posyandu_app.domain.skdn import Skdn, SkdnTable, count, format_percent, permille
from posyandu_app.domain.visit_rules import VisitRules, default_visit_rules
from posyandu_app.domain.visits import Attendance, Development, Referral, Visit
from posyandu_app.i18n import tr

INFANT_MONTHS = 6
"""The ILP recap parts the children at six completed months."""

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class ChildFile:
    """Everything known of one child that a list or a recap needs.

    `history` is oldest first. `since` is the day from which this posyandu knows the child: nobody
    is absent, and nothing is overdue, before it.
    """

    child: Child
    history: Sequence[Assessed] = ()
    visits: Sequence[Visit] = ()
    doses: Sequence[Dose] = ()
    home_visits: Sequence[HomeVisit] = ()
    since: date | None = None

    def came_in(self, month: Month) -> bool:
        """Whether the child was measured, or was there, in a month."""
        measured = any(Month.of(item.measurement.date) == month for item in self.history)
        return measured or any(visit.came for visit in self.visits_in(month))

    def visits_in(self, month: Month) -> list[Visit]:
        """The cards of a month that stand, oldest first."""
        return [visit for visit in standing(self.visits) if Month.of(visit.date) == month]

    def last_came(self, until: date) -> date | None:
        """The last day up to `until` on which the child was measured or there."""
        days = [item.measurement.date for item in self.history]
        days += [visit.date for visit in standing(self.visits) if visit.came]
        return max((day for day in days if day <= until), default=None)

    def known_on(self, day: date) -> bool:
        """Whether the posyandu knew this child by that day; yes where nothing says when it began."""
        return self.since is None or self.since <= day

    def due(self, on: date, rules: ProgramRules, plan: VisitRules) -> tuple[Service, ...]:
        """What is scheduled for the child and how it stands on a day."""
        return services(self.child, on, self.doses, self.visits, rules, plan, since=self.since)

    def risk(self, on: date, rules: ProgramRules, due: Iterable[Service], *, session_over: bool) -> Risk:
        """The child's tone on a day, with the findings of her card."""
        return risks.assess(
            self.child,
            self.history,
            on,
            rules,
            findings(self.visits, due, on),
            session_over=session_over,
            registered_on=self.since,
        )


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Something that was begun and must be looked at again, from a day on."""

    code: str
    text: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Expected:
    """One child expected at a posyandu day; `due` is what to give or to copy, without the questions."""

    child: Child
    age_months: int | None
    due: tuple[Service, ...]
    follow_ups: tuple[FollowUp, ...]
    milestones: tuple[Milestone, ...]
    absent_last: bool
    risk: Risk


@dataclass(frozen=True, slots=True)
class Preparation:
    """The list before the day: who comes, what to have ready, who leaves the posyandu balita.

    `needs` counts what is due by name, in the order of the card; `graduates` are children who have
    completed 60 months and are still marked active.
    """

    on: date
    expected: tuple[Expected, ...]
    needs: tuple[tuple[str, int], ...]
    graduates: tuple[Child, ...]


@dataclass(frozen=True, slots=True)
class Absent:
    """One child who did not come: why to visit her (worst first) and the visit of the month, if made."""

    child: Child
    reasons: tuple[VisitReason, ...]
    last_came: date | None
    visited: HomeVisit | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One child who waits for the midwife: her tone with its reasons, and what the family refused."""

    child: Child
    risk: Risk
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of those who should get something in a campaign got it, or refused it."""

    name: str
    target: int = 0
    given: int = 0
    refused: int = 0

    @property
    def percent(self) -> int | None:
        """Given of target in tenths of a per cent; None when nobody should get it."""
        return permille(self.given, self.target)

    def __add__(self, other: "Coverage") -> "Coverage":
        return Coverage(
            self.name,
            self.target + other.target,
            self.given + other.given,
            self.refused + other.refused,
        )


@dataclass(frozen=True, slots=True)
class CardCounts:
    """The counts of the cards of one month for one age band; "yes" is always of those asked.

    Who moved away, or was registered after the day, is expected in the month but not absent.
    """

    expected: int = 0
    came: int = 0
    absent: int = 0
    development_complete: int = 0
    development_incomplete: int = 0
    tb_suspected: int = 0
    danger_signs: int = 0
    breastfeeding_asked: int = 0
    breastfeeding_yes: int = 0
    feeding_asked: int = 0
    feeding_yes: int = 0
    local_food: int = 0
    counselled: int = 0
    referred: int = 0


@dataclass(frozen=True, slots=True)
class Recap:
    """The closing of a posyandu day.

    `now` and `before` are this month's and last month's SKDN. `infants` are children under six
    completed months, `older` the rest. `vitamin_a` and `deworming` belong to the campaign that came
    last; `campaign_open` says that this month is its month. `doses` counts the immunisations of the
    month by name: given, refused.
    """

    on: date
    now: SkdnTable
    before: SkdnTable
    infants: CardCounts
    older: CardCounts
    absent: tuple[Absent, ...]
    waiting: tuple[Waiting, ...]
    campaign: Month
    campaign_open: bool
    vitamin_a: tuple[Coverage, ...]
    deworming: Coverage
    doses: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line of the recap: this month, last month, and the target where there is one."""

    code: str
    label: str
    now: str
    before: str
    target: str = ""


def prepare(
    files: Iterable[ChildFile],
    on: date,
    rules: ProgramRules,
    plan: VisitRules | None = None,
    *,
    previous: date | None = None,
) -> Preparation:
    """The list before a posyandu day; `previous` is the day of the session before, if there was one."""
    plan = plan or default_visit_rules()
    known = [file for file in files if file.known_on(on)]
    rows = [_expected(file, on, rules, plan, previous) for file in known if is_expected(file.child, on, plan)]
    rows.sort(key=lambda row: (row.child.name.casefold(), row.child.id))
    leaving = [
        file.child
        for file in known
        if graduates(file.child, on, plan) and file.child.state == ChildState.ACTIVE
    ]
    leaving.sort(key=lambda child: (child.name.casefold(), child.id))
    return Preparation(on, tuple(rows), _needs(rows, plan), tuple(leaving))


def _needs(rows: Sequence[Expected], plan: VisitRules) -> tuple[tuple[str, int], ...]:
    offered = Counter((s.kind, s.code, s.name) for row in rows for s in row.due if s.offered)
    kinds = list(Kind)
    codes = [*CapsuleColour, *(antigen.code for antigen in plan.antigens), *map(str, plan.kpsp.age_months)]
    in_order = sorted(
        offered, key=lambda need: (kinds.index(need[0]), codes.index(need[1]) if need[1] else 0)
    )
    return tuple(
        (label_of(CapsuleColour, code) if kind is Kind.VITAMIN_A else name, offered[kind, code, name])
        for kind, code, name in in_order
    )


_QUESTIONS = (Kind.EXCLUSIVE_BREASTFEEDING, Kind.COMPLEMENTARY_FEEDING, Kind.DEVELOPMENT)


def _expected(
    file: ChildFile, on: date, rules: ProgramRules, plan: VisitRules, previous: date | None
) -> Expected:
    due = file.due(on, rules, plan)
    birth = file.child.birth_date
    shown = tuple(
        service
        for service in due
        if service.kind not in _QUESTIONS
        and service.state in (State.DUE, State.OVERDUE, State.UNRECORDED, State.REFUSED)
    )
    last = Month.of(previous) if previous is not None else Month.of(on).previous()
    return Expected(
        child=file.child,
        age_months=None if birth is None else completed_months(birth, on),
        due=shown,
        follow_ups=follow_ups(file, on, rules),
        milestones=milestones(file.child, on, previous, plan),
        absent_last=_was_absent(file, last, plan),
        risk=file.risk(on, rules, due, session_over=False),
    )


def _was_absent(file: ChildFile, month: Month, plan: VisitRules) -> bool:
    """Whether a child who was known and expected in a month did not come; a moved one is not absent."""
    if not file.known_on(month.last_day) or not is_expected(file.child, month.last_day, plan):
        return False
    if any(visit.attendance == Attendance.MOVED for visit in file.visits_in(month)):
        return False
    return not file.came_in(month)


def follow_ups(file: ChildFile, on: date, rules: ProgramRules) -> tuple[FollowUp, ...]:
    """What was begun at the last visits and is to be looked at by a day (revisits: MTBS, programme rules)."""
    seen = [item for item in file.history if item.measurement.date <= on]
    found = []
    nutrition = _nutrition(seen, rules)
    if nutrition is not None:
        found.append(nutrition)
    record = next((item.record for item in reversed(seen) if item.record is not None), None)
    if record is not None and record.letter is Letter.T and record.month < Month.of(on):
        text = tr("{month}: berat tidak naik. Lihat apakah bulan ini naik.").format(month=record.month.label)
        found.append(FollowUp("not_rising", text, record.month.next().first_day))
    cards = [visit for visit in standing(file.visits) if visit.came and visit.date < on]
    if cards and cards[-1].referral:
        text = tr("Dirujuk ke {place} {date}. Tanyakan hasilnya.")
        text = text.format(place=label_of(Referral, cards[-1].referral), date=format_date(cards[-1].date))
        found.append(FollowUp("referral", text, cards[-1].date))
    return tuple(item for item in found if item.due_on <= on)


def _nutrition(seen: Sequence[Assessed], rules: ProgramRules) -> FollowUp | None:
    """The revisit that the latest nutritional status asks for; the gravest when several do."""
    swollen = next((item for item in reversed(seen) if item.measurement.oedema is not None), None)
    if swollen is not None and swollen.measurement.oedema:
        on = swollen.measurement.date
        text = tr("Kontrol kaki bengkak sejak {date}.").format(date=format_date(on))
        return FollowUp("oedema", text, on + timedelta(days=rules.revisit_days.gizi_buruk))
    days = {
        "GB": rules.revisit_days.gizi_buruk,
        "GK": rules.revisit_days.gizi_kurang,
        "GL": rules.revisit_days.gizi_lebih,
        "O": rules.revisit_days.gizi_lebih,
    }
    asking = []
    for index in (Index.BB_TB, Index.LILA):
        item = next((item for item in reversed(seen) if _judged(item, index)), None)
        if item is not None and item.categories[index].code in days:
            asking.append((item.categories[index], item.measurement.date))
    if not asking:
        return None
    category, on = max(asking, key=lambda found: abs(found[0].side))
    text = tr("Kontrol {status} sejak {date}.").format(status=category.label.lower(), date=format_date(on))
    return FollowUp("nutrition", text, on + timedelta(days=days[category.code]))


def _judged(item: Assessed, index: Index) -> bool:
    score = item.growth.weight_for_length
    flagged = index is Index.BB_TB and score is not None and score.flagged
    return index in item.categories and not flagged


def close(files: Iterable[ChildFile], on: date, rules: ProgramRules, plan: VisitRules | None = None) -> Recap:
    """The closing of the posyandu day `on`: counts of its month and the one before, and who is to be seen.

    What was entered for the month after `on` counts for the month too; a later month does not.
    """
    plan = plan or default_visit_rules()
    known = tuple(files)
    month = Month.of(on)
    expected = [file for file in known if _belongs(file, month, plan)]
    cases = {
        file.child.id: _case(file, on, rules, plan)
        for file in known
        if _belongs(file, month, plan) or file.came_in(month)
    }
    campaign = campaign_of(on, rules.vitamin_a.months).month
    return Recap(
        on=on,
        now=skdn(known, month, rules),
        before=skdn(known, month.previous(), rules),
        infants=_cards([file for file in expected if _is_infant(file, on)], on, rules, plan),
        older=_cards([file for file in expected if not _is_infant(file, on)], on, rules, plan),
        absent=_absentees(expected, on, cases, plan),
        waiting=_waiting(cases.values()),
        campaign=campaign,
        campaign_open=campaign == month,
        vitamin_a=_capsules(expected, on, rules),
        deworming=_worms(expected, on, rules),
        doses=_immunised(known, month, plan),
    )


def skdn(files: Iterable[ChildFile], month: Month, rules: ProgramRules) -> SkdnTable:
    """The SKDN of the children the posyandu knew in that month: who came later does not swell its S."""
    return count([(file.child, file.history) for file in known_in(files, month)], month, rules)


def known_in(files: Iterable[ChildFile], month: Month) -> tuple[ChildFile, ...]:
    """The children whom the posyandu knew in a month, or who came in it."""
    return tuple(file for file in files if file.known_on(month.last_day) or file.came_in(month))


def _belongs(file: ChildFile, month: Month, plan: VisitRules) -> bool:
    """Expected at the month's end, or there in it although she has left since; the S of the lists."""
    if file.came_in(month):
        birth, came = file.child.birth_date, file.last_came(month.last_day)
        return birth is None or came is None or completed_months(birth, came) < plan.graduation_months
    return file.known_on(month.last_day) and is_expected(file.child, month.last_day, plan)


def _is_infant(file: ChildFile, on: date) -> bool:
    birth = file.child.birth_date
    return birth is not None and completed_months(birth, on) < INFANT_MONTHS


def _cards(files: Sequence[ChildFile], on: date, rules: ProgramRules, plan: VisitRules) -> CardCounts:
    """The latest answer of each child to each question in the month, counted."""
    month = Month.of(on)
    counts: Counter[str] = Counter(expected=len(files))
    for file in files:
        cards = file.visits_in(month)
        counts["came"] += file.came_in(month)
        counts["absent"] += _is_absent(file, on, plan)
        development = _latest(visit.development for visit in cards)
        counts["development_complete"] += development == Development.COMPLETE
        counts["development_incomplete"] += development == Development.INCOMPLETE
        symptoms = _latest(visit.tb_symptoms for visit in cards) or ()
        counts["tb_suspected"] += len(symptoms) >= rules.refer.tb_symptoms
        counts["danger_signs"] += bool(_latest(visit.danger_signs for visit in cards))
        breast = _latest(visit.exclusive_breastfeeding for visit in cards)
        counts["breastfeeding_asked"] += breast is not None
        counts["breastfeeding_yes"] += breast is True
        food = _latest(visit.complementary_feeding for visit in cards)
        counts["feeding_asked"] += food is not None
        counts["feeding_yes"] += food is True
        counts["local_food"] += any(visit.local_food for visit in cards)
        counts["counselled"] += any(visit.counselling for visit in cards)
        counts["referred"] += any(visit.referral for visit in cards)
    return CardCounts(**counts)


def _latest(answers: Iterable[A | None]) -> A | None:
    given = [answer for answer in answers if answer is not None]
    return given[-1] if given else None


_SEVERE = (Tone.RUJUK, Tone.RUJUK_SEGERA)


def _is_absent(file: ChildFile, on: date, plan: VisitRules) -> bool:
    return file.known_on(on) and _was_absent(file, Month.of(on), plan)


def _absentees(
    files: Sequence[ChildFile], on: date, cases: Mapping[str, Waiting], plan: VisitRules
) -> tuple[Absent, ...]:
    """The home-visit list: the gravest reason first, then neighbour by neighbour."""
    found = []
    for file in files:
        if _is_absent(file, on, plan):
            visited = [v for v in standing(file.home_visits) if Month.of(v.date) == Month.of(on)]
            found.append(
                Absent(
                    child=file.child,
                    reasons=_reasons(cases[file.child.id].risk),
                    last_came=file.last_came(on),
                    visited=visited[-1] if visited else None,
                )
            )
    found.sort(key=lambda row: (_urgency(row.reasons), *_address(row.child), row.child.name.casefold()))
    return tuple(found)


_BY_URGENCY = (
    VisitReason.ABSENT_AT_RISK,
    VisitReason.ABSENT_AFTER_T,
    VisitReason.ABSENT_TWICE,
    VisitReason.ABSENT,
)


def _reasons(risk: Risk) -> tuple[VisitReason, ...]:
    codes = {reason.code for reason in risk.reasons}
    found = []
    if risk.tone in _SEVERE or risk.previous in _SEVERE:
        found.append(VisitReason.ABSENT_AT_RISK)
    if "missed_after_t" in codes:
        found.append(VisitReason.ABSENT_AFTER_T)
    if "not_seen" in codes:
        found.append(VisitReason.ABSENT_TWICE)
    return tuple(found) or (VisitReason.ABSENT,)


def _urgency(reasons: Sequence[VisitReason]) -> int:
    return min(_BY_URGENCY.index(reason) for reason in reasons)


def _address(child: Child) -> tuple[str, str, str]:
    """Neighbours beside each other: RW, RT with leading zeros, then the street."""
    return ((child.rw or "").zfill(3), (child.rt or "").zfill(3), (child.address or "").casefold())


def _case(file: ChildFile, on: date, rules: ProgramRules, plan: VisitRules) -> Waiting:
    """How a child stands when the day is closed, and what her family refused."""
    due = file.due(on, rules, plan)
    refused = tuple(service.name for service in due if service.state is State.REFUSED)
    return Waiting(file.child, file.risk(Month.of(on).last_day, rules, due, session_over=True), refused)


def _waiting(cases: Iterable[Waiting]) -> tuple[Waiting, ...]:
    found = [case for case in cases if case.risk.listed or case.refused]
    found.sort(key=lambda row: (*row.risk.worst_first, row.child.name.casefold(), row.child.id))
    return tuple(found)


def _capsules(files: Sequence[ChildFile], on: date, rules: ProgramRules) -> tuple[Coverage, ...]:
    """Vitamin A of the campaign by capsule, by the age on the day it was given, else on the day `on`."""
    totals = {colour: Coverage(colour.label) for colour in CapsuleColour}
    for file in files:
        state, day = _campaign_dose(file, DoseKind.VITAMIN_A, on, rules.vitamin_a.months)
        birth = file.child.birth_date
        colour = None if birth is None else capsule_colour(completed_months(birth, day), rules)
        if colour is not None:
            totals[colour] += _one(totals[colour].name, state)
    return tuple(totals.values())


def _worms(files: Sequence[ChildFile], on: date, rules: ProgramRules) -> Coverage:
    total = Coverage(DoseKind.DEWORMING.label)
    for file in files:
        state, day = _campaign_dose(file, DoseKind.DEWORMING, on, rules.deworming.months)
        birth = file.child.birth_date
        if birth is not None and completed_months(birth, day) >= rules.deworming.from_age_months:
            total += _one(total.name, state)
    return total


def _one(name: str, state: str | None) -> Coverage:
    return Coverage(name, 1, int(state == DoseState.GIVEN), int(state == DoseState.REFUSED))


def _campaign_dose(
    file: ChildFile, kind: DoseKind, on: date, months: Sequence[int]
) -> tuple[str | None, date]:
    """What became of a campaign's dose by the end of the month, and the day that says the child's age."""
    campaign = campaign_of(on, months)
    made = [
        dose
        for dose in standing(file.doses, Month.of(on).last_day)
        if dose.what == kind and dose.date in campaign
    ]
    given = [dose for dose in made if dose.given]
    if given:
        return DoseState.GIVEN, given[-1].date
    refused = any(dose.state == DoseState.REFUSED for dose in made)
    return (DoseState.REFUSED if refused else None), on


def _immunised(
    files: Sequence[ChildFile], month: Month, plan: VisitRules
) -> tuple[tuple[str, int, int], ...]:
    counts: dict[str, list[int]] = {}
    for file in files:
        for dose in standing(file.doses):
            if dose.what == DoseKind.IMMUNISATION and Month.of(dose.date) == month:
                row = counts.setdefault(dose.antigen or "", [0, 0])
                row[0] += dose.state == DoseState.GIVEN
                row[1] += dose.state == DoseState.REFUSED
    order = {antigen.code: place for place, antigen in enumerate(plan.antigens)}
    codes = sorted(counts, key=lambda code: (order.get(code, len(order)), code))
    return tuple((plan.antigen_name(code), counts[code][0], counts[code][1]) for code in codes)


def lines(now: Skdn, before: Skdn, rules: ProgramRules) -> tuple[Line, ...]:
    """The SKDN of a group as printed, last month beside it; a ratio without denominator is "—"."""
    counted = (
        ("S", tr("S — sasaran"), now.S, before.S),
        ("K", tr("K — punya KMS/Buku KIA"), now.K, before.K),
        ("D", tr("D — ditimbang"), now.D, before.D),
        ("N", tr("N — naik"), now.N, before.N),
        ("T", tr("T — tidak naik"), now.T, before.T),
        ("O", tr("O — bulan lalu tidak ditimbang"), now.O, before.O),
        ("B", tr("B — baru"), now.B, before.B),
        ("2T", tr("2T — tidak naik 2 bulan"), now.two_t, before.two_t),
        ("BGM", tr("BGM — di bawah garis merah"), now.bgm, before.bgm),
    )
    ratios = (
        ("K/S", tr("K/S — jangkauan"), now.k_s, before.k_s, None),
        ("D/S", tr("D/S — partisipasi"), now.d_s, before.d_s, rules.targets.d_s),
        ("N/D", tr("N/D — keberhasilan"), now.n_d, before.n_d, rules.targets.n_d),
        ("N/(N+T)", tr("N/D — tanpa O dan B"), now.n_nt, before.n_nt, None),
    )
    return (
        *(Line(code, label, str(one), str(other)) for code, label, one, other in counted),
        *(
            Line(code, label, format_percent(one), format_percent(other), f"{aim} %" if aim else "")
            for code, label, one, other, aim in ratios
        ),
    )
