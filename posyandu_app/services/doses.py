"""Immunisations, vitamin A and deworming: what was given or refused, on the day it happened."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from posyandu_app.domain import names, schedule
from posyandu_app.domain.age import completed_months
from posyandu_app.domain.doses import CapsuleColour, Dose, DoseKind, DoseState
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.facts import standing
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import Child
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.domain.schedule import Service
from posyandu_app.domain.visit_rules import default_visit_rules
from posyandu_app.i18n import tr
from posyandu_app.services import deeds, recording, visits
from posyandu_app.services.assessing import facts_of, since
from posyandu_app.services.children import get
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace, require_writer
from posyandu_app.storage.log import NewOperation

CONFIRMED = "dose_doubt"
"""Kept with a dose whose doubts a person has answered."""


def of_child(ws: Workspace, child_id: str) -> tuple[Dose, ...]:
    """The doses of a child that stand, given and refused, oldest first."""
    return standing(facts_of(ws, Dose, child_id))


def due(ws: Workspace, child_id: str, on: date) -> tuple[Service, ...]:
    """Everything scheduled for a child and how it stands on a day, in the order of the card."""
    child = get(ws, child_id)
    return schedule.services(
        child,
        on,
        of_child(ws, child_id),
        visits.of_child(ws, child_id),
        ws.rules,
        since=since(ws, [child_id]).get(child_id),
    )


def doubts(ws: Workspace, dose: Dose) -> tuple[str, ...]:
    """What to ask before a dose of `dose.child` is saved; it never blocks."""
    child = get(ws, dose.child)
    return schedule.doubts(coloured(ws.rules, child, dose), child, of_child(ws, child.id), ws.rules)


def record(ws: Workspace, dose: Dose, *, confirmed: bool = False) -> Changes:
    """Save a dose of `dose.child`; `confirmed` says that somebody was asked about its doubts.

    A vitamin A capsule without a colour gets that of the child's age. Raises `UserError` for the
    very same dose of the very same day.
    """
    with ws.database.atomic():
        child = get(ws, dose.child)
        dose = coloured(ws.rules, child, dose)
        made = operations_for(ws, child, [dose], confirmed=confirmed)
        if not made:
            raise UserError(
                tr("{what} sudah tercatat pada hari itu.").format(what=told(dose)), code="nothing_changed"
            )
        return deeds.save(ws, made, _label(tr("Disimpan: {what}"), child, dose), about=[child.id])


def operations_for(
    ws: Workspace, child: Child, typed: Sequence[Dose], *, confirmed: bool = False
) -> list[NewOperation]:
    """The operations that record these doses; what stands already, on the same day and alike, is left out."""
    require_writer(ws)
    stand = list(of_child(ws, child.id))
    made = []
    for dose in typed:
        mine = replace(coloured(ws.rules, child, dose), child=child.id)
        if any(_same(mine, other) for other in stand):
            continue
        new = recording.new(ws, child, mine)
        if confirmed and schedule.doubts(mine, child, stand, ws.rules):
            new.payload["confirmed"] = [CONFIRMED]
        made.append(new)
        stand.append(replace(mine, id=new.entity))
    return made


def correct(ws: Workspace, dose_id: str, changes: Mapping[str, object], reason: str = "") -> Changes:
    """Correct a dose (None takes a value away); a reason is needed for what stood in a closed day."""
    with ws.database.atomic():
        made = recording.correct(ws, Dose, dose_id, changes, reason)
        label = _label(tr("Diperbaiki: {what}"), made.child, made.fact)
        return deeds.save(ws, [made.operation], label, about=[made.child.id])


def void(ws: Workspace, dose_id: str, reason: str = "") -> Changes:
    """Hide a dose that was never given; it stays in the history and can be taken back."""
    with ws.database.atomic():
        made = recording.hide(ws, Dose, dose_id, reason)
        label = _label(tr("Dibatalkan: {what}"), made.child, made.fact)
        return deeds.save(ws, [made.operation], label, about=[made.child.id])


def told(dose: Dose) -> str:
    """A dose in a few words: "MR 1", "Vitamin A (kapsul biru)", "Obat cacing (menolak)"."""
    if dose.what == DoseKind.IMMUNISATION:
        name = default_visit_rules().antigen_name(dose.antigen)
    else:
        name = label_of(DoseKind, dose.what)
    marks = []
    if dose.colour:
        marks.append(label_of(CapsuleColour, dose.colour).lower())
    if dose.state != DoseState.GIVEN:
        marks.append(label_of(DoseState, dose.state).lower())
    return f"{name} ({', '.join(marks)})" if marks else name


def coloured(rules: ProgramRules, child: Child, dose: Dose) -> Dose:
    """The dose with the capsule of the child's age, where nobody chose one."""
    wanted = dose.what == DoseKind.VITAMIN_A and dose.state == DoseState.GIVEN and not dose.colour
    if not wanted or child.birth_date is None or type(dose.date) is not date:
        return dose
    return replace(dose, colour=schedule.capsule_colour(completed_months(child.birth_date, dose.date), rules))


def _same(dose: Dose, other: Dose) -> bool:
    return (dose.what, dose.antigen, dose.date, dose.state) == (
        other.what,
        other.antigen,
        other.date,
        other.state,
    )


def _label(sentence: str, child: Child, dose: Dose) -> str:
    what = tr("{name}, {dose}").format(name=names.display(child.name), dose=told(dose))
    return sentence.format(what=what)
