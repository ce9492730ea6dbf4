"""What cards, doses, home visits and consents have in common: recorded, corrected, hidden the same way."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Generic, TypeVar

import uuid_utils

from posyandu_app.domain.consent import Consent, ConsentState, Relation
from posyandu_app.domain.counselling import Topic
from posyandu_app.domain.danger_signs import DangerSign
from posyandu_app.domain.doses import CapsuleColour, Dose, DoseKind, DoseState
from posyandu_app.domain.errors import InvalidValue, UserError
from posyandu_app.domain.facts import Fact, check, correction, payload
from posyandu_app.domain.home_visits import HomeVisit, VisitOutcome, VisitReason
from posyandu_app.domain.labels import Labelled
from posyandu_app.domain.model import Child
from posyandu_app.domain.operations import Json, JsonObject
from posyandu_app.domain.visit_rules import default_visit_rules
from posyandu_app.domain.visits import Attendance, Development, Referral, TbSymptom, Visit
from posyandu_app.i18n import tr
from posyandu_app.services import sessions
from posyandu_app.services.children import get
from posyandu_app.services.workspace import Workspace, latest_date, require_author, require_writer
from posyandu_app.storage import facts, log
from posyandu_app.storage.log import NewOperation

F = TypeVar("F", bound=Fact)

_KEPT_BY_THE_LOG = frozenset({"id", "child", "actor", "at", "hlc", "voided", "bases"})
_SAID_ANEW_AT_EVERY_TABLE = frozenset({"attendance"})
_OF_THE_DAY = (Visit.kind, Dose.kind)


@dataclass(frozen=True, slots=True)
class Corrected(Generic[F]):
    """A correction about to be logged: whose fact, how it reads afterwards, and the operation."""

    child: Child
    fact: F
    operation: NewOperation


def find(ws: Workspace, kind: type[F], entity: str) -> tuple[F, Child]:
    """A fact and its child; raises `UserError` when this laptop does not have it."""
    found = facts.get(ws.database, kind, entity)
    if found is None:
        raise UserError(tr("Catatan ini tidak ada di laptop ini."), code="unknown_fact")
    return found, get(ws, found.child)


def new(ws: Workspace, child: Child, fact: Fact) -> NewOperation:
    """The checked operation that records a fact about a child; raises `InvalidValue` naming the field."""
    check_form(fact, [field.name for field in fields(fact)])
    made = replace(fact, id=str(uuid_utils.uuid7()), child=child.id)
    checked = check(made, latest_date(ws), child.birth_date)
    return NewOperation(f"{fact.kind}.record", checked.id, child.scope, payload(checked))


def between(ws: Workspace, child: Child, before: F, after: F, reason: str = "") -> NewOperation | None:
    """The checked operation that turns one fact into the other; None when they say the same.

    Whoever writes may answer what nobody has answered yet. An answer that stands is changed by its
    author or the midwife, and after the day was closed only with a reason.
    """
    require_writer(ws)
    if before.voided:
        raise UserError(tr("Catatan ini sudah dibatalkan."), code="voided")
    old, wanted = payload(before), payload(after)
    changed = {name for name in {*old, *wanted} if old.get(name) != wanted.get(name)}
    check_form(after, changed)
    checked = check(after, latest_date(ws), child.birth_date)
    told = correction(before, checked)
    if told is None:
        return None
    if (changed & old.keys()) - _SAID_ANEW_AT_EVERY_TABLE:
        require_author(ws, before.actor)
        if before.kind in _OF_THE_DAY:
            sessions.require_reason(ws, child.scope, before.date, before.hlc, reason)
    return NewOperation(
        f"{before.kind}.correct", before.id, child.scope, {**told, "reason": sessions.reason_text(reason)}
    )


def correct(
    ws: Workspace, kind: type[F], entity: str, changes: Mapping[str, object], reason: str
) -> Corrected[F]:
    """The correction of a fact field by field (None takes an answer back).

    Raises `UserError` when nothing changes.
    """
    before, child = find(ws, kind, entity)
    known = {field.name for field in fields(kind)} - _KEPT_BY_THE_LOG
    for name in changes:
        if name not in known:
            raise ValueError(f"a {kind.kind} has no field {name!r}")
    after = replace(before, **changes)  # type: ignore[arg-type]
    operation = between(ws, child, before, after, reason)
    if operation is None:
        raise UserError(tr("Tidak ada yang berubah."), code="nothing_changed")
    return Corrected(child, after, operation)


def hide(ws: Workspace, kind: type[F], entity: str, reason: str) -> Corrected[F]:
    """The operation that hides a fact which should not count; by its author or the midwife."""
    before, child = find(ws, kind, entity)
    require_author(ws, before.actor)
    if before.voided:
        raise UserError(tr("Catatan ini sudah dibatalkan."), code="nothing_changed")
    if before.kind in _OF_THE_DAY:
        sessions.require_reason(ws, child.scope, before.date, before.hlc, reason)
    seen: list[Json] = [list(entry.key) for entry in log.entries_of(ws.database, entity)]
    told: JsonObject = {"seen": seen, "reason": sessions.reason_text(reason)}
    return Corrected(child, before, NewOperation(f"{before.kind}.void", entity, child.scope, told))


_FLAGS = frozenset({"exclusive_breastfeeding", "complementary_feeding", "local_food", "book_copied"})
_TEXTS = frozenset({"note", "referral_reason", "name", "version"})
_REQUIRED = frozenset({"attendance", "what", "state", "reason", "relation", "version"})
SETS: Mapping[str, type[Labelled]] = {
    "tb_symptoms": TbSymptom,
    "danger_signs": DangerSign,
    "counselling": Topic,
}
"""The list that the codes of a field with several come from."""
CODES: Mapping[tuple[str, str], type[Labelled]] = {
    (Visit.kind, "attendance"): Attendance,
    (Visit.kind, "development"): Development,
    (Visit.kind, "referral"): Referral,
    (Dose.kind, "what"): DoseKind,
    (Dose.kind, "state"): DoseState,
    (Dose.kind, "colour"): CapsuleColour,
    (HomeVisit.kind, "reason"): VisitReason,
    (HomeVisit.kind, "outcome"): VisitOutcome,
    (Consent.kind, "relation"): Relation,
    (Consent.kind, "state"): ConsentState,
}
"""The list that the code of a kind's field comes from."""


def check_form(fact: Fact, names: Collection[str]) -> None:
    """Refuse, with `InvalidValue`, a value that is not of its field's kind or not in its list."""
    for name in sorted(set(names) - _KEPT_BY_THE_LOG):
        value = getattr(fact, name)
        if value is None and name not in _REQUIRED and name != "date":
            continue
        if not _fits(fact.kind, name, value):
            raise InvalidValue(name, _what_to_choose(name))


def _fits(kind: str, name: str, value: object) -> bool:
    if name == "date":
        return type(value) is date
    if name in _FLAGS:
        return isinstance(value, bool)
    if name in SETS:
        return isinstance(value, frozenset) and all(code in tuple(SETS[name]) for code in value)
    if (kind, name) in CODES:
        return isinstance(value, str) and value in tuple(CODES[kind, name])
    if name == "antigen":
        return isinstance(value, str) and default_visit_rules().antigen(value) is not None
    assert name in _TEXTS, f"{kind} got a field that nobody checks: {name}"
    return isinstance(value, str) and (bool(value) or name not in _REQUIRED)


def _what_to_choose(name: str) -> str:
    if name == "date":
        return tr("Isi tanggalnya.")
    if name in _FLAGS:
        return tr("Pilih ya atau tidak.")
    return tr("Isi dengan tulisan.") if name in _TEXTS else tr("Pilih dari daftar.")
