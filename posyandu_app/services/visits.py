"""The card of a visit: what is asked and said besides measuring, one card for each child and day."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date

from posyandu_app.domain import names
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.errors import InvalidValue, UserError
from posyandu_app.domain.facts import Fact, standing
from posyandu_app.domain.model import Child
from posyandu_app.domain.visits import Attendance, Visit
from posyandu_app.i18n import tr
from posyandu_app.services import deeds, recording
from posyandu_app.services.assessing import facts_of
from posyandu_app.services.children import get
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace, require_writer
from posyandu_app.storage.log import NewOperation

ANSWERS = tuple(field.name for field in fields(Visit) if field.name not in {f.name for f in fields(Fact)})
"""The names of everything a card can say."""


def of_child(ws: Workspace, child_id: str) -> tuple[Visit, ...]:
    """The cards of a child that stand, oldest first."""
    return standing(facts_of(ws, Visit, child_id))


def on_day(ws: Workspace, child_id: str, on: date) -> Visit | None:
    """The card of a child on a day, or None; of two that met by sync, the one recorded last."""
    found = [card for card in of_child(ws, child_id) if card.date == on]
    return found[-1] if found else None


def record(ws: Workspace, typed: Visit, reason: str = "") -> Changes:
    """Save the card of `typed.child` on `typed.date`: a new one, or more answers on the one there is.

    What is None in a card that was filled from nothing takes no answer back. Raises
    `InvalidValue` naming the field, `UserError` when nothing changes.
    """
    with ws.database.atomic():
        child = get(ws, typed.child)
        operation = operation_for(ws, child, typed, reason)
        if operation is None:
            raise UserError(tr("Tidak ada yang berubah."), code="nothing_changed")
        return deeds.save(
            ws, [operation], _label(tr("Disimpan: {what}"), child, typed.date), about=[child.id]
        )


def operation_for(ws: Workspace, child: Child, typed: Visit, reason: str = "") -> NewOperation | None:
    """The operation that makes the day's card say what was typed; None when it says so already."""
    require_writer(ws)
    stands = on_day(ws, child.id, typed.date)
    if stands is None:
        return recording.new(ws, child, typed)
    return recording.between(ws, child, stands, filled_in(stands, typed), reason)


def correct(ws: Workspace, visit_id: str, changes: Mapping[str, object], reason: str = "") -> Changes:
    """Correct answers of a card (None takes one back); a reason is needed once the day was closed.

    A kader corrects what she answered, the midwife everything. Raises `InvalidValue` for a day that
    has a card of this child already.
    """
    with ws.database.atomic():
        made = recording.correct(ws, Visit, visit_id, changes, reason)
        other = on_day(ws, made.child.id, made.fact.date)
        if other is not None and other.id != visit_id:
            raise InvalidValue(
                "date",
                tr("Tanggal {date} sudah punya kartu kunjungan. Perbaiki kartu itu.").format(
                    date=format_date(made.fact.date)
                ),
            )
        label = _label(tr("Diperbaiki: {what}"), made.child, made.fact.date)
        return deeds.save(ws, [made.operation], label, about=[made.child.id])


def void(ws: Workspace, visit_id: str, reason: str = "") -> Changes:
    """Hide a card that should not count; it stays in the history and can be taken back."""
    with ws.database.atomic():
        made = recording.hide(ws, Visit, visit_id, reason)
        label = _label(tr("Dibatalkan: {what}"), made.child, made.fact.date)
        return deeds.save(ws, [made.operation], label, about=[made.child.id])


def filled_in(stands: Visit, typed: Visit) -> Visit:
    """The card that stands with what was typed on it.

    An empty answer takes one back only where the form was filled from this card and nobody has
    answered since. Answers typed on an empty form say nothing new about a child who is there.
    """
    filled_from_it = typed.id == stands.id
    now, seen = dict(stands.bases), dict(typed.bases) if filled_from_it else {}
    answers = {
        name: value
        for name in ANSWERS
        if (value := getattr(typed, name)) is not None or (name in seen and seen[name] == now.get(name))
    }
    if not filled_from_it and stands.came and typed.attendance == Attendance.PRESENT and len(answers) > 1:
        del answers["attendance"]
    return replace(stands, **answers)


def _label(sentence: str, child: Child, on: date) -> str:
    what = tr("kartu kunjungan {name}, {date}")
    return sentence.format(what=what.format(name=names.display(child.name), date=format_date(on)))
