"""What is due for a child on a day, from her age, the doses known and the questions answered.

Vitamin A and deworming follow campaigns (programme rules); immunisations follow their ages
and the shortest intervals between doses (`resources/visit_rules.toml`, with sources). The
app reminds; the midwife decides. Three choices of this app:

*Overdue* is more than `overdue_after_months` completed months after the day a dose became
due, or calendar months after the campaign month. A dose belongs to the campaign whose month
came last. What fell due before this posyandu kept the child's doses is "belum tercatat", not
overdue, until the Buku KIA was copied: missing paper accuses nobody.

A dose given on any day counts as given, also when an earlier day is looked at: nobody is
offered twice what she has had.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from posyandu_app.domain.age import Month, age_in_days, completed_months, months_before
from posyandu_app.domain.danger_signs import DangerSign
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.doses import CapsuleColour, Dose, DoseKind, DoseState
from posyandu_app.domain.facts import standing
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import Child, ChildState
from posyandu_app.domain.numbers import format_count
from posyandu_app.domain.risk import Findings
from posyandu_app.domain.rules import AgeGroup, ProgramRules
from posyandu_app.domain.visit_rules import Antigen, VisitRules, default_visit_rules
from posyandu_app.domain.visits import Development, Visit
from posyandu_app.i18n import tr

_CAMPAIGNS_AHEAD = 12


class Kind(StrEnum):
    """What a service is about, in the order of the card."""

    EXCLUSIVE_BREASTFEEDING = "asi_eksklusif"
    COMPLEMENTARY_FEEDING = "mp_asi"
    DEVELOPMENT = "perkembangan"
    VITAMIN_A = "vitamin_a"
    DEWORMING = "obat_cacing"
    IMMUNISATION = "imunisasi"
    KPSP = "kpsp"


class State(StrEnum):
    """How a service stands on a day."""

    NOT_YET = "belum_waktunya"
    DUE = "waktunya"
    OVERDUE = "terlambat"
    UNRECORDED = "belum_tercatat"
    DONE = "sudah"
    REFUSED = "menolak"
    MISSED = "terlewat"

    @property
    def label(self) -> str:
        return {
            State.NOT_YET: tr("Belum waktunya"),
            State.DUE: tr("Waktunya"),
            State.OVERDUE: tr("Terlambat"),
            State.UNRECORDED: tr("Belum tercatat"),
            State.DONE: tr("Sudah"),
            State.REFUSED: tr("Menolak"),
            State.MISSED: tr("Lewat umurnya"),
        }[self]


@dataclass(frozen=True, slots=True)
class Service:
    """One thing to give or ask, how it stands, and one plain sentence about it.

    `code` is the antigen, or the capsule's colour; `from_day` and `last_day` are when it may be
    given, both included, None where nothing limits it; `done_on` is the day it was given or refused.
    """

    kind: Kind
    code: str
    name: str
    state: State
    text: str
    from_day: date | None = None
    last_day: date | None = None
    done_on: date | None = None

    @property
    def offered(self) -> bool:
        """Whether it is to be given or asked today; the rest is out of the way."""
        return self.state in (State.DUE, State.OVERDUE)


@dataclass(frozen=True, slots=True)
class Milestone:
    """An age worth announcing, reached on a day, and what changes with it."""

    months: int
    reached_on: date
    text: str


def reaches(birth: date, months: int) -> date:
    """The day a child completes so many months; the month's last day when her day is missing in it."""
    return months_before(birth, -months)


def is_expected(child: Child, on: date, plan: VisitRules | None = None) -> bool:
    """Whether the posyandu expects this child on a day: active, born, and not yet 60 months.

    A child without birth date is expected: her age is asked, not assumed.
    """
    if child.state != ChildState.ACTIVE:
        return False
    if child.birth_date is None:
        return True
    return child.birth_date <= on and not graduates(child, on, plan)


def graduates(child: Child, on: date, plan: VisitRules | None = None) -> bool:
    """Whether a child has completed the months (60) after which the posyandu balita is over for her."""
    months = (plan or default_visit_rules()).graduation_months
    return child.birth_date is not None and completed_months(child.birth_date, on) >= months


def services(
    child: Child,
    on: date,
    doses: Iterable[Dose],
    visits: Iterable[Visit],
    rules: ProgramRules,
    plan: VisitRules | None = None,
    *,
    since: date | None = None,
) -> tuple[Service, ...]:
    """Everything scheduled for a child and how it stands on a day, in the order of the card.

    `doses` and `visits` are those of this child; voided ones are left out. `since` is the day
    from which this posyandu has kept her doses here (when she was registered, or the posyandu
    began); nothing that fell due earlier is called overdue. A child who is not expected, or
    whose birth date is unknown, has nothing scheduled.
    """
    case = _case(child, on, doses, visits, plan, since)
    if case is None:
        return ()
    return (
        *_questions(case),
        *_vitamin_a(case, rules),
        *_deworming(case, rules),
        *_immunisations(case),
        *_kpsp(case),
    )


def watched(
    child: Child,
    on: date,
    doses: Iterable[Dose],
    visits: Iterable[Visit],
    rules: Sequence[ProgramRules],
    plan: VisitRules | None = None,
    *,
    since: date | None = None,
) -> list[tuple[Service, ...]]:
    """Of the `services` those that `findings` looks at, under each of some rules."""
    case = _case(child, on, doses, visits, plan, since)
    if case is None:
        return [()] * len(rules)
    immunisations = _immunisations(case)
    return [(*_vitamin_a(case, by), *immunisations) for by in rules]


class _Case(NamedTuple):
    """One child on one day, with what is known of her."""

    child: Child
    birth: date
    on: date
    age: int
    doses: Sequence[Dose]
    visits: Sequence[Visit]
    plan: VisitRules
    since: date | None

    def of_kind(self, kind: DoseKind) -> list[Dose]:
        return [dose for dose in self.doses if dose.what == kind]


def _case(
    child: Child,
    on: date,
    doses: Iterable[Dose],
    visits: Iterable[Visit],
    plan: VisitRules | None,
    since: date | None,
) -> _Case | None:
    """What is known of a child of whom something is scheduled, else None."""
    plan = plan or default_visit_rules()
    birth = child.birth_date
    if birth is None or not is_expected(child, on, plan):
        return None
    known = [dose for dose in standing(doses) if dose.child == child.id]
    asked = [visit for visit in standing(visits) if visit.child == child.id]
    return _Case(child, birth, on, completed_months(birth, on), known, asked, plan, since)


def _questions(case: _Case) -> list[Service]:
    month = Month.of(case.on)
    this_month = [visit for visit in case.visits if Month.of(visit.date) == month]
    found = []
    first, last = case.plan.exclusive_breastfeeding_ages
    if first <= case.age <= last:
        answered = any(visit.exclusive_breastfeeding is not None for visit in this_month)
        text = tr("Tanyakan: bulan ini hanya ASI, tanpa makanan atau minuman lain?")
        found.append(_asked(Kind.EXCLUSIVE_BREASTFEEDING, tr("ASI eksklusif"), answered, text))
    first, last = case.plan.complementary_feeding_ages
    if first <= case.age <= last:
        answered = any(visit.complementary_feeding is not None for visit in this_month)
        text = tr("Tanyakan: apakah MP-ASI sudah sesuai umur?")
        found.append(_asked(Kind.COMPLEMENTARY_FEEDING, tr("MP-ASI"), answered, text))
    answered = any(
        visit.development in (Development.COMPLETE, Development.INCOMPLETE) for visit in this_month
    )
    text = tr("Isi ceklis perkembangan di Buku KIA sesuai umur anak.")
    found.append(_asked(Kind.DEVELOPMENT, tr("Ceklis perkembangan"), answered, text))
    return found


def _asked(kind: Kind, name: str, answered: bool, text: str) -> Service:
    if answered:
        return Service(kind, "", name, State.DONE, tr("Sudah ditanyakan bulan ini."))
    return Service(kind, "", name, State.DUE, text)


class Campaign(NamedTuple):
    """A campaign month and everything until the next one begins."""

    month: Month
    next: Month

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.month <= Month.of(day) < self.next


def campaign_of(day: date, months: Sequence[int]) -> Campaign:
    """The campaign a day belongs to: the one whose month (1–12, rising, at least one) came last."""
    today = Month.of(day)
    starts = [Month(year, month) for year in range(today.year - 1, today.year + 2) for month in months]
    begun = [start for start in starts if start <= today]
    return Campaign(begun[-1], starts[len(begun)])


def capsule_colour(age_months: int, rules: ProgramRules) -> CapsuleColour | None:
    """The vitamin A capsule for an age in completed months; None when the age gets none."""
    if age_months in rules.vitamin_a.blue_ages:
        return CapsuleColour.BLUE
    return CapsuleColour.RED if age_months in rules.vitamin_a.red_ages else None


def _vitamin_a(case: _Case, rules: ProgramRules) -> list[Service]:
    ages = AgeGroup(
        min(rules.vitamin_a.blue_ages.first, rules.vitamin_a.red_ages.first),
        max(rules.vitamin_a.blue_ages.last, rules.vitamin_a.red_ages.last),
    )
    colour = capsule_colour(case.age, rules)
    service = _in_campaign(case, DoseKind.VITAMIN_A, rules.vitamin_a.months, ages)
    if service is None or not service.offered:
        return [] if service is None else [service]
    if colour is None:  # a district's ages may leave a gap between the two capsules
        return []
    units = rules.vitamin_a.blue_iu if colour is CapsuleColour.BLUE else rules.vitamin_a.red_iu
    dose = tr("{colour} {units} IU.").format(colour=colour.label, units=format_count(units))
    return [replace(service, code=colour, text=f"{service.text} {dose}")]


def _deworming(case: _Case, rules: ProgramRules) -> list[Service]:
    ages = AgeGroup(rules.deworming.from_age_months, case.plan.graduation_months - 1)
    service = _in_campaign(case, DoseKind.DEWORMING, rules.deworming.months, ages)
    if service is None:
        return []
    dose = case.plan.deworming_dose(case.age)
    if not service.offered or dose is None:
        return [service]
    note = tr("Albendazol {mg} mg ({tablets} tablet). Tunda bila anak demam atau sakit.").format(
        mg=dose.mg, tablets=dose.tablets
    )
    return [replace(service, text=f"{service.text} {note}")]


def _in_campaign(case: _Case, kind: DoseKind, months: Sequence[int], ages: AgeGroup) -> Service | None:
    """How the dose of the campaign in force stands; None when no campaign will ever reach this child."""
    campaign = campaign_of(case.on, months)
    made = [dose for dose in case.of_kind(kind) if dose.date in campaign]
    upcoming = _next_campaign(case, campaign, months, ages)
    follow = "" if upcoming is None else " " + tr("Berikutnya {month}.").format(month=upcoming.label)
    base = Service(Kind(kind.value), "", kind.label, State.NOT_YET, "")
    given = [dose for dose in made if dose.given]
    if given:
        text = tr("Sudah diberikan {date}.").format(date=format_date(given[-1].date)) + follow
        return replace(base, state=State.DONE, text=text, done_on=given[-1].date, code=given[-1].colour or "")
    first, last = reaches(case.birth, ages.first), reaches(case.birth, ages.last + 1) - timedelta(days=1)
    in_time = first <= campaign.month.last_day and case.on <= last
    if not in_time:
        return None if upcoming is None else replace(base, text=follow.strip(), from_day=upcoming.first_day)
    start = max(first, campaign.month.first_day)
    base = replace(base, from_day=start, last_day=min(last, campaign.next.first_day - timedelta(days=1)))
    refused = [dose for dose in made if dose.state == DoseState.REFUSED]
    if refused:
        return _refused(base, refused[-1].date)
    if case.on < start:
        return replace(base, text=tr("Mulai {date}.").format(date=format_date(start)))
    return _not_given(case, base, campaign)


def _not_given(case: _Case, base: Service, campaign: Campaign) -> Service:
    past = Month.of(case.on).number - campaign.month.number
    label = campaign.month.label
    if past == 0:
        return replace(base, state=State.DUE, text=tr("Waktunya bulan ini."))
    if past <= case.plan.overdue_after_months:
        return replace(base, state=State.DUE, text=tr("Susulan {month}.").format(month=label))
    if case.since is None or case.since > campaign.month.last_day:
        text = tr("{month}: belum tercatat. Lihat Buku KIA.").format(month=label)
        return replace(base, state=State.UNRECORDED, text=text)
    text = tr("Belum mendapat yang {month}. Tanyakan bidan.").format(month=label)
    return replace(base, state=State.OVERDUE, text=text)


def _next_campaign(case: _Case, campaign: Campaign, months: Sequence[int], ages: AgeGroup) -> Month | None:
    first, last = reaches(case.birth, ages.first), reaches(case.birth, ages.last + 1) - timedelta(days=1)
    month = campaign.next
    for _ in range(_CAMPAIGNS_AHEAD * 12):
        if month.first_day > last:
            return None
        if first <= month.last_day:
            return month
        month = campaign_of(month.first_day, months).next
    return None


def _immunisations(case: _Case) -> list[Service]:
    records = case.of_kind(DoseKind.IMMUNISATION)
    given: dict[str, date] = {}
    refused: dict[str, date] = {}
    for dose in records:
        code = dose.antigen or ""
        if dose.given:
            given.setdefault(code, dose.date)
        elif dose.state == DoseState.REFUSED:
            refused[code] = dose.date
    implied = _implied(given, case.plan)
    known_from = _known_from(case, records)
    found: dict[str, Service] = {}
    for antigen in case.plan.antigens:
        code = antigen.code
        if not antigen.active and code not in given and code not in refused:
            continue
        if code in given:
            text = tr("Sudah diberikan {date}.").format(date=format_date(given[code]))
            found[code] = _dose(antigen, State.DONE, text, done_on=given[code])
        elif code in implied:
            found[code] = _dose(antigen, State.DONE, tr("Sudah: dosis berikutnya sudah tercatat."))
        else:
            before = None if antigen.after is None else found.get(antigen.after)
            found[code] = _open_dose(case, antigen, before, refused.get(code), known_from)
    return list(found.values())


def _implied(given: dict[str, date], plan: VisitRules) -> set[str]:
    """The doses that must have been given since a later one of their series was."""
    implied: set[str] = set()
    for antigen in reversed(plan.antigens):
        if antigen.after is not None and (antigen.code in given or antigen.code in implied):
            implied.add(antigen.after)
    return implied - set(given)


def _known_from(case: _Case, records: Sequence[Dose]) -> date | None:
    """The day from which a missing immunisation is missing indeed; None when no day is known to be."""
    if any(visit.book_copied for visit in case.visits):
        return case.birth
    days = [dose.date for dose in records]
    if case.since is not None:
        days.append(case.since)
    return min(days, default=None)


def window(antigen: Antigen, birth: date, before: date | None) -> tuple[date, date]:
    """The first and last day a dose may be given, `before` being the day of the dose before it, if known.

    The last day may lie before the first: then it can no longer be given in time.
    """
    first = reaches(birth, antigen.from_age_months)
    if before is not None:
        after_days = before + timedelta(days=antigen.interval_days)
        first = max(first, after_days, months_before(before, -antigen.interval_months))
    last = reaches(birth, antigen.before_age_months) - timedelta(days=1)
    if antigen.last_age_days is not None:
        last = min(last, birth + timedelta(days=antigen.last_age_days))
    return first, last


def _dose(
    antigen: Antigen,
    state: State,
    text: str,
    first: date | None = None,
    last: date | None = None,
    done_on: date | None = None,
) -> Service:
    return Service(Kind.IMMUNISATION, antigen.code, antigen.name, state, text, first, last, done_on)


def _open_dose(
    case: _Case,
    antigen: Antigen,
    before: Service | None,
    refused_on: date | None,
    known_from: date | None,
) -> Service:
    first, last = window(antigen, case.birth, before.done_on if _given(before) and before else None)
    if case.on > last or first > last or (before is not None and before.state is State.MISSED):
        text = tr("Tidak diberikan lagi pada umur ini. Bila sudah pernah, salin dari Buku KIA.")
        return _dose(antigen, State.MISSED, text, first, last)
    if case.on < first:
        text = tr("Mulai {date}.").format(date=format_date(first))
        return _dose(antigen, State.NOT_YET, text, first, last)
    if before is not None and before.state not in (State.DONE, State.UNRECORDED):
        text = tr("Menunggu {name}.").format(name=before.name)
        return _dose(antigen, State.NOT_YET, text, first, last)
    if refused_on is not None:
        return _dose(antigen, State.REFUSED, _why_refused(refused_on), first, last, refused_on)
    due = max(first, reaches(case.birth, antigen.due_age_months))
    age = tr("umur {months} bulan").format(months=antigen.due_age_months)
    if case.on < due or completed_months(due, case.on) <= case.plan.overdue_after_months:
        return _dose(antigen, State.DUE, tr("Waktunya ({age}).").format(age=age), first, last)
    if known_from is None or due < known_from:
        text = tr("Belum tercatat. Lihat Buku KIA, lalu salin tanggalnya.")
        return _dose(antigen, State.UNRECORDED, text, first, last)
    text = tr("Terlambat, seharusnya {age}. Bidan menentukan susulannya.").format(age=age)
    return _dose(antigen, State.OVERDUE, text, first, last)


def _why_refused(on: date) -> str:
    return tr("Ditolak keluarga {date}. Tawarkan lagi dan beri tahu bidan.").format(date=format_date(on))


def _refused(base: Service, on: date) -> Service:
    return replace(base, state=State.REFUSED, text=_why_refused(on), done_on=on)


def _given(service: Service | None) -> bool:
    return service is not None and service.state is State.DONE


def kpsp_form(
    birth: date, on: date, gestation_weeks: int | None, plan: VisitRules | None = None
) -> int | None:
    """The KPSP form (months) whose age a child has on a day; None when none is due.

    The age is corrected for preterm birth until 24 months; a rest of 16 days or more rounds up (SDIDTK).
    """
    kpsp = (plan or default_visit_rules()).kpsp
    start = birth
    early = gestation_weeks is not None and gestation_weeks < kpsp.preterm_below_weeks
    if early and gestation_weeks and completed_months(birth, on) < kpsp.preterm_until_months:
        start = birth + timedelta(weeks=kpsp.term_weeks - gestation_weeks)
    if on < start:
        return None
    months = completed_months(start, on)
    if age_in_days(reaches(start, months), on) >= kpsp.round_up_from_days:
        months += 1
    return months if months in kpsp.age_months else None


def _kpsp(case: _Case) -> list[Service]:
    form = kpsp_form(case.birth, case.on, case.child.gestation_weeks, case.plan)
    if form is None:
        return []
    name = tr("KPSP {months} bulan").format(months=form)
    return [Service(Kind.KPSP, str(form), name, State.DUE, tr("Diperiksa bidan atau petugas kesehatan."))]


def milestones(
    child: Child, on: date, previous: date | None = None, plan: VisitRules | None = None
) -> tuple[Milestone, ...]:
    """The ages announced that a child reached after the previous session and up to this one.

    Without a previous session: those reached within the last month. A child who is not expected has none.
    """
    plan = plan or default_visit_rules()
    birth = child.birth_date
    if birth is None or child.state != ChildState.ACTIVE:
        return ()
    after = previous or months_before(on, 1)
    ages = [*plan.milestone_months, plan.graduation_months]
    found = [(months, reaches(birth, months)) for months in ages]
    return tuple(Milestone(m, day, _milestone(m, plan)) for m, day in found if after < day <= on)


def _milestone(months: int, plan: VisitRules) -> str:
    known = {
        6: tr("Genap 6 bulan: mulai MP-ASI, ASI diteruskan; mulai dapat vitamin A kapsul biru."),
        9: tr("Genap 9 bulan: waktunya imunisasi Campak-Rubela."),
        12: tr("Genap 1 tahun: vitamin A kapsul merah dan obat cacing mulai diberikan."),
        24: tr("Genap 2 tahun: mulai sekarang tinggi badan diukur berdiri."),
        59: tr("Umur 59 bulan: bulan depan lulus dari posyandu balita."),
        plan.graduation_months: tr("Genap 5 tahun: lulus dari posyandu balita."),
    }
    return known.get(months, tr("Genap {months} bulan.").format(months=months))


def doubts(
    dose: Dose,
    child: Child,
    doses: Iterable[Dose],
    rules: ProgramRules,
    plan: VisitRules | None = None,
) -> tuple[str, ...]:
    """What to ask before a dose is saved: given already, wrong age or colour, too soon. It never blocks."""
    plan = plan or default_visit_rules()
    if child.birth_date is None or dose.state != DoseState.GIVEN:
        return ()
    others = [
        other for other in standing(doses) if other.given and other.child == child.id and other.id != dose.id
    ]
    age = completed_months(child.birth_date, dose.date)
    if dose.what == DoseKind.IMMUNISATION:
        return tuple(_antigen_doubts(dose, child.birth_date, others, plan))
    if dose.what == DoseKind.VITAMIN_A:
        right = capsule_colour(age, rules)
        return tuple(
            _campaign_doubts(dose, others, rules.vitamin_a.months) + _colour_doubts(dose, age, right)
        )
    if dose.what == DoseKind.DEWORMING:
        found = _campaign_doubts(dose, others, rules.deworming.months)
        if age < rules.deworming.from_age_months:
            text = tr("Obat cacing mulai umur {months} bulan; anak ini {age} bulan.")
            found.append(text.format(months=rules.deworming.from_age_months, age=age))
        return tuple(found)
    return ()


def _antigen_doubts(dose: Dose, birth: date, others: Sequence[Dose], plan: VisitRules) -> list[str]:
    antigen = plan.antigen(dose.antigen)
    if antigen is None:
        return []
    given = {other.antigen: other.date for other in others if other.what == DoseKind.IMMUNISATION}
    if antigen.code in given:
        text = tr("{name} sudah tercatat {date}.")
        return [text.format(name=antigen.name, date=format_date(given[antigen.code]))]
    before = given.get(antigen.after) if antigen.after else None
    first, last = window(antigen, birth, before)
    if dose.date < first:
        text = tr("{name} paling cepat {date}.")
        return [text.format(name=antigen.name, date=format_date(first))]
    if dose.date > last:
        text = tr("{name} paling lambat {date}.")
        return [text.format(name=antigen.name, date=format_date(last))]
    if antigen.after and before is None:
        text = tr("{before} belum tercatat. Sudah pernah diberikan?")
        return [text.format(before=plan.antigen_name(antigen.after))]
    return []


def _campaign_doubts(dose: Dose, others: Sequence[Dose], months: Sequence[int]) -> list[str]:
    campaign = campaign_of(dose.date, months)
    same = [other for other in others if other.what == dose.what and other.date in campaign]
    if not same:
        return []
    text = tr("Sudah tercatat {date} untuk {month}.")
    return [text.format(date=format_date(same[-1].date), month=campaign.month.label)]


def _colour_doubts(dose: Dose, age: int, right: CapsuleColour | None) -> list[str]:
    if right is None:
        return [tr("Umur {age} bulan tidak mendapat kapsul vitamin A di posyandu.").format(age=age)]
    if dose.colour in tuple(CapsuleColour) and dose.colour != right:
        return [tr("Umur {age} bulan seharusnya {colour}.").format(age=age, colour=right.label.lower())]
    return []


def overdue(due: Iterable[Service], kind: Kind) -> tuple[str, ...]:
    """The names of what is overdue among services of a kind."""
    return tuple(service.name for service in due if service.kind is kind and service.state is State.OVERDUE)


def findings(visits: Iterable[Visit], due: Iterable[Service], on: date) -> Findings:
    """What risk needs to know besides the measurements, from the visits up to a day and what is due then.

    The latest answer to each question stands until it is answered again; a danger sign from an earlier
    month carries its date.
    """
    seen = standing(visits, on)
    scheduled = tuple(due)
    signs = [visit for visit in seen if visit.danger_signs is not None]
    symptoms = [visit for visit in seen if visit.tb_symptoms is not None]
    checked = [v for v in seen if v.development in (Development.COMPLETE, Development.INCOMPLETE)]
    return Findings(
        danger_signs=_signs(signs[-1], on) if signs else (),
        tb_symptoms=len(symptoms[-1].tb_symptoms or ()) if symptoms else 0,
        development_complete=checked[-1].development == Development.COMPLETE if checked else None,
        vitamin_a_overdue=bool(overdue(scheduled, Kind.VITAMIN_A)),
        immunisation_overdue=overdue(scheduled, Kind.IMMUNISATION),
    )


def _signs(visit: Visit, on: date) -> tuple[str, ...]:
    order = {str(sign): place for place, sign in enumerate(DangerSign)}
    codes = sorted(visit.danger_signs or (), key=lambda code: (order.get(code, len(order)), code))
    labels = [label_of(DangerSign, code) for code in codes]
    if Month.of(visit.date) == Month.of(on):
        return tuple(labels)
    dated = tr("{sign} ({date})")
    return tuple(dated.format(sign=label, date=format_date(visit.date)) for label in labels)
