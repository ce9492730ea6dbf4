"""A child at the tables: everything typed for her on one day, looked at before and saved in one deed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from posyandu_app.domain import assessment, counselling, names, risk, schedule
from posyandu_app.domain.age import age_in_days
from posyandu_app.domain.assessment import Assessed, Draft, Preview
from posyandu_app.domain.consent import Consent, consent_in_force
from posyandu_app.domain.counselling import Advice
from posyandu_app.domain.danger_signs import DangerSign, danger_signs_for
from posyandu_app.domain.derived_ids import session_id
from posyandu_app.domain.doses import Dose
from posyandu_app.domain.errors import InvalidValue, UserError
from posyandu_app.domain.model import Child, Measurement
from posyandu_app.domain.risk import Risk
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.domain.schedule import Service
from posyandu_app.domain.sessions import Session
from posyandu_app.domain.visits import Attendance, Visit
from posyandu_app.i18n import tr
from posyandu_app.services import deeds, visits, weighing
from posyandu_app.services import doses as dosing
from posyandu_app.services.assessing import ChildStatus, facts_of, status_of
from posyandu_app.services.children import get
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace, require_writer
from posyandu_app.storage import drafts, facts
from posyandu_app.storage.log import NewOperation

_MOST_TOLD = 2


@dataclass(frozen=True, slots=True)
class DayForm:
    """What was typed for a child on a day.

    `date` is the day of the weighing and the card, whatever stands in them; a dose keeps its own,
    since it may be copied from the Buku KIA. `measurement` is the id of the weighing that the form
    was filled from: then it is corrected, else a new one is recorded. `card` is the card of the day
    with what was changed on it, or one with an empty id on which only the answers typed count.
    `confirmed` holds the codes of the questions answered with yes, `doses_confirmed` says that the
    doubts about the doses were. `reason` is needed to change what stood in a closed day.
    """

    date: date
    weighing: Draft | None = None
    confirmed: tuple[str, ...] = ()
    measurement: str | None = None
    card: Visit | None = None
    doses: tuple[Dose, ...] = ()
    doses_confirmed: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DayCard:
    """Everything the tables need about one child on one day, as it is saved.

    `measurement` and `card` are those of the day, `services` what is scheduled and how it stands,
    `danger_signs` those to ask about at her age, `draft` what this person has half typed.
    """

    child: Child
    on: date
    status: ChildStatus
    visits: tuple[Visit, ...]
    doses: tuple[Dose, ...]
    services: tuple[Service, ...]
    measurement: Measurement | None
    card: Visit | None
    danger_signs: tuple[DangerSign, ...]
    consent: Consent | None
    session: Session | None
    draft: dict[str, str] | None

    @property
    def closed(self) -> bool:
        """Whether the day is over, so that changing what stands in it needs a reason."""
        return self.session is not None and not self.session.is_open

    @property
    def measurements(self) -> tuple[Measurement, ...]:
        """Every measurement that stands, oldest first."""
        return tuple(item.measurement for item in self.status.history)


@dataclass(frozen=True, slots=True)
class DoseDoubt:
    """What to ask before a dose is saved."""

    dose: Dose
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DayPreview:
    """What the screen says about a half-typed form, as if it were saved now.

    `weighing` is None while nothing is measured in it; `advice` is what to tell the mother.
    """

    weighing: Preview | None
    risk: Risk
    services: tuple[Service, ...]
    advice: tuple[Advice, ...]
    doubts: tuple[DoseDoubt, ...]


def open_form(ws: Workspace, child_id: str, on: date) -> DayCard:
    """What is known of a child as of a day, for the form; raises `UserError` when she is not here."""
    with ws.database.snapshot():
        child = get(ws, child_id)
        status = status_of(ws, [child], on)[0]
        cards, given = visits.of_child(ws, child_id), dosing.of_child(ws, child_id)
        consents = facts_of(ws, Consent, child_id)
        session = facts.session_row(ws.database, session_id(child.scope, on))
        draft = drafts.load(ws.database, child_id, ws.user.id)
    of_day = [item.measurement for item in status.history if item.measurement.date == on]
    return DayCard(
        child=child,
        on=on,
        status=status,
        visits=cards,
        doses=given,
        services=_services(child, on, given, cards, ws.rules, status.since),
        measurement=of_day[-1] if of_day else None,
        card=next((card for card in reversed(cards) if card.date == on), None),
        danger_signs=danger_signs_for(
            None if child.birth_date is None else age_in_days(child.birth_date, on)
        ),
        consent=consent_in_force(consents),
        session=None if session is None else session.session,
        draft=draft,
    )


def preview(day: DayCard, form: DayForm, rules: ProgramRules) -> DayPreview:
    """The assessment of what is typed; pure and fast, nothing is read or saved."""
    child = day.child
    cards = [card for card in day.visits if day.card is None or card.id != day.card.id]
    typed = None if form.card is None else replace(form.card, child=child.id, date=form.date)
    card = typed if day.card is None or typed is None else visits.filled_in(day.card, typed)
    card = card or day.card
    all_cards = (*cards, *((card,) if card is not None else ()))
    given = tuple(replace(dosing.coloured(rules, child, dose), child=child.id) for dose in form.doses)
    due = _services(child, form.date, (*day.doses, *given), all_cards, rules, day.status.since)
    found = schedule.findings(all_cards, due, form.date)
    earlier = [item for item in day.measurements if item.id != form.measurement]
    draft = _measured(form)
    weighing_preview = None if draft is None else assessment.preview(child, earlier, draft, rules, found)
    if weighing_preview is not None:
        assessed: Assessed | None = weighing_preview.assessed
        status = weighing_preview.risk
    else:
        of_day = [item for item in day.status.history if item.measurement.date == form.date]
        assessed = of_day[-1] if of_day else None
        status = risk.assess(
            child, day.status.history, form.date, rules, found, registered_on=day.status.since
        )
    return DayPreview(
        weighing=weighing_preview,
        risk=status,
        services=due,
        advice=counselling.advise(child, assessed, form.date, rules, visit=card, due=due),
        doubts=_doubts(child, given, day.doses, rules),
    )


def save_child(ws: Workspace, child_id: str, form: DayForm) -> Changes:
    """Save everything typed for a child in one deed with one undo, and forget her draft.

    Raises `InvalidValue` that names the field, `UserError` when nothing was typed or nothing changes;
    then nothing at all is saved.
    """
    require_writer(ws)
    if type(form.date) is not date:
        raise InvalidValue("date", tr("Isi tanggal penimbangan."))
    with ws.database.atomic():
        child = get(ws, child_id)
        operations = _operations(ws, child, form)
        if not operations:
            if form.weighing is None and form.card is None and not form.doses:
                raise InvalidValue("weight_g", tr("Isi berat, atau hasil pengukuran yang lain."))
            raise UserError(tr("Tidak ada yang berubah."), code="nothing_changed")
        label = tr("Disimpan: {what}").format(what=_told(child, form, ws.rules))
        changes = deeds.save(ws, operations, label, about=[child.id])
        drafts.clear(ws.database, child_id, ws.user.id)
    return changes


def _operations(ws: Workspace, child: Child, form: DayForm) -> list[NewOperation]:
    made = _weighing(ws, child, form)
    given = dosing.operations_for(ws, child, form.doses, confirmed=form.doses_confirmed)
    if form.card is not None:
        typed = replace(form.card, child=child.id, date=form.date)
        seen = bool(made) or bool(given)
        if not seen or _answers(typed) or visits.on_day(ws, child.id, form.date) is not None:
            card = visits.operation_for(ws, child, typed, form.reason)
            made += [card] if card is not None else []
    return made + given


def _weighing(ws: Workspace, child: Child, form: DayForm) -> list[NewOperation]:
    draft = _measured(form)
    if form.measurement is None:
        return [] if draft is None else [weighing.new_measurement(ws, child, draft, form.confirmed)]
    if form.weighing is None:
        return []
    before = weighing.get_measurement(ws, form.measurement)
    if before.child != child.id:
        raise ValueError("the measurement is another child's")
    stands, wanted = weighing.draft_of(before), replace(form.weighing, date=form.date)
    changed = {
        name: getattr(wanted, name)
        for name in ("date", *weighing.MEASURED)
        if getattr(wanted, name) != getattr(stands, name)
    }
    operation = weighing.correction(ws, child, before, changed, form.reason) if changed else None
    return [operation] if operation is not None else []


def _measured(form: DayForm) -> Draft | None:
    """The weighing typed, on the form's date; None while nothing is measured in it."""
    typed = form.weighing
    if typed is None:
        return None
    values = (typed.weight_g, typed.length_mm, typed.head_mm, typed.muac_mm)
    if all(value is None for value in values) and not typed.oedema:
        return None
    return replace(typed, date=form.date)


def _answers(card: Visit) -> bool:
    """Whether a card says more than that the child is there."""
    answered = any(getattr(card, name) is not None for name in visits.ANSWERS if name != "attendance")
    return answered or card.attendance != Attendance.PRESENT


def _services(
    child: Child,
    on: date,
    given: Sequence[Dose],
    cards: Sequence[Visit],
    rules: ProgramRules,
    since: date | None,
) -> tuple[Service, ...]:
    return schedule.services(child, on, given, cards, rules, since=since)


def _doubts(
    child: Child, given: Sequence[Dose], saved: Sequence[Dose], rules: ProgramRules
) -> tuple[DoseDoubt, ...]:
    """The doubts about each typed dose, the ones typed before it taken as given."""
    found = []
    before = list(saved)
    for place, dose in enumerate(given):
        sentences = schedule.doubts(dose, child, before, rules)
        before.append(replace(dose, id=f"typed {place}"))
        if sentences:
            found.append(DoseDoubt(dose, sentences))
    return tuple(found)


def _told(child: Child, form: DayForm, rules: ProgramRules) -> str:
    """The deed in a few words: "Siti Aminah, 8,4 kg, Vitamin A (kapsul biru)"."""
    draft = _measured(form)
    parts = [weighing.told(child, draft) if draft is not None else names.display(child.name)]
    if 0 < len(form.doses) <= _MOST_TOLD:
        parts += [dosing.told(dosing.coloured(rules, child, dose)) for dose in form.doses]
    elif form.doses:
        parts.append(tr("{count} dosis").format(count=len(form.doses)))
    elif draft is None:
        parts.append(tr("kartu kunjungan"))
    return ", ".join(parts)
