"""Taking a deed back: one compensating operation for each it was made of; nothing is ever removed."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from posyandu_app.domain import names
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.doses import Dose
from posyandu_app.domain.errors import NotAllowed, UserError
from posyandu_app.domain.facts import Fact, standing
from posyandu_app.domain.merge import FACTS
from posyandu_app.domain.model import Measurement
from posyandu_app.domain.operations import Json, JsonObject, OpKey, field_write, kind_of
from posyandu_app.domain.visits import Visit
from posyandu_app.i18n import tr
from posyandu_app.services import deeds, moves, programme_rules, reopening, sessions, withdrawing
from posyandu_app.services.roster import REGISTERED_BY_MISTAKE
from posyandu_app.services.views import Changes, Undo
from posyandu_app.services.workspace import (
    Workspace,
    inside,
    require_author,
    require_mover,
)
from posyandu_app.storage import case_facts, children, facts, log, measurements
from posyandu_app.storage.log import LoggedOperation, NewOperation

_REASON = "diurungkan"
_KINDS = ("measurement", *facts.KINDS)
_OF_THE_DAY = ("measurement", Visit.kind, Dose.kind)


def undo(ws: Workspace, undo: Undo) -> Changes:
    """Take a deed back; the `Changes` returned offer to take that back in turn.

    Raises `UserError` when somebody has changed the same values since, when the posyandu day
    it belongs to was closed since, or when there is nothing left to take back.
    """
    with ws.database.atomic():
        done = [log.entry(ws.database, OpKey(*key)) for key in undo.operation_keys]
        known = [entry for entry in done if entry is not None]
        back = reopening.compensation(ws, known)
        if back is None:
            back = [compensation(ws, entry) for entry in reversed(known) if not _is_a_choice(entry)]
        if not back:
            raise UserError(tr("Tidak ada yang dapat diurungkan."), code="nothing_to_undo")
        saved = deeds.save(ws, back, _label(undo.label))
    programme_rules.refresh(ws)
    touched = {child for new in back if (child := _child_of(ws, kind_of(new.type), new.entity)) is not None}
    return replace(saved, entities=saved.entities | touched)


def _is_a_choice(entry: LoggedOperation) -> bool:
    """Whether it says no more than that somebody preferred this record: there is nothing to take back."""
    return entry.operation.type.endswith(".correct") and (entry.operation.payload or {}).get("set") == {}


def _label(label: str) -> str:
    """What an undo is called: "Diurungkan: …" for "Disimpan: …", and "Dikembalikan: …" for that."""
    undone, again = tr("Diurungkan: {what}"), tr("Dikembalikan: {what}")
    _, mark, what = label.partition(": ")
    sentence = again if label.startswith(undone.format(what="")) else undone
    return sentence.format(what=what if mark else label)


def compensation(ws: Workspace, entry: LoggedOperation) -> NewOperation:
    """The operation that takes an entry back; raises `UserError` when that cannot be any more."""
    kind, _, action = entry.operation.type.partition(".")
    if kind in withdrawing.KINDS:
        return withdrawing.compensation(ws, entry)
    require_author(ws, entry.operation.actor)
    if kind in _KINDS:
        _still_open(ws, kind, entry)
        match action:
            case "record" | "restore":
                return _hide(ws, kind, entry)
            case "void":
                payload: JsonObject = {"voids": _with_undone(ws, entry), "reason": _REASON}
                return _new(ws, entry, f"{kind}.restore", payload)
            case "correct":
                return _correct_back(ws, kind, entry)
    match entry.operation.type:
        case "child.register":
            return _unregister(ws, entry)
        case "child.set":
            shown = children.shown_by(ws.database, entry.operation.entity)
            return _new(ws, entry, "child.set", _former(ws, entry, entry.operation.payload or {}, shown))
        case "child.transfer":
            return _transfer_back(ws, entry)
        case "session.register":
            return _never_opened(ws, entry)
        case "session.set":
            row = facts.session_row(ws.database, entry.operation.entity)
            former = _former(ws, entry, entry.operation.payload or {}, row.bases if row is not None else {})
            return _new(ws, entry, "session.set", former)
    raise NotAllowed(tr("Ini tidak dapat diurungkan."))


def _new(ws: Workspace, entry: LoggedOperation, type_: str, payload: JsonObject) -> NewOperation:
    """An operation on the same entity, in the scope where its child is now, if this laptop works there."""
    entity, scope = entry.operation.entity, entry.operation.scope
    child_id = _child_of(ws, kind_of(type_), entity)
    child = None if child_id is None else children.get(ws.database, child_id)
    if child is not None and inside(ws, child.scope):
        scope = child.scope
    return NewOperation(type_, entity, scope, payload)


def _child_of(ws: Workspace, kind: str, entity: str) -> str | None:
    if kind == "child":
        return entity
    if kind in withdrawing.KINDS:
        return case_facts.child_of(ws.database, kind, entity)
    if kind == "measurement":
        found = measurements.get(ws.database, entity)
        return None if found is None else found.child
    return facts.child_of(ws.database, entity) if kind in FACTS else None


def _stands(ws: Workspace, kind: str, entity: str) -> "Measurement | Fact | None":
    """The fact of an operation as it is visible now."""
    if kind == "measurement":
        return measurements.get(ws.database, entity)
    return facts.get(ws.database, facts.KINDS[kind], entity)


def _still_open(ws: Workspace, kind: str, entry: LoggedOperation) -> None:
    """Refuse to change, without a reason, what stood in a day when that was closed."""
    fact = _stands(ws, kind, entry.operation.entity)
    child = None if fact is None else children.get(ws.database, fact.child)
    if fact is None or child is None or kind not in _OF_THE_DAY or _decided(entry):
        return
    if sessions.needs_reason(ws, child.scope, fact.date, entry.operation.hlc):
        raise UserError(
            tr(
                "Hari posyandu {date} sudah ditutup. Perbaiki dengan alasan, atau buka lagi hari itu dulu."
            ).format(date=format_date(fact.date)),
            code="session_closed",
        )


def _decided(entry: LoggedOperation) -> bool:
    return (entry.operation.payload or {}).get("reason") == reopening.DECIDED


def _hide(ws: Workspace, kind: str, entry: LoggedOperation) -> NewOperation:
    fact = _stands(ws, kind, entry.operation.entity)
    if fact is not None and fact.voided:
        raise UserError(
            tr("Penimbangan ini sudah dibatalkan.")
            if kind == "measurement"
            else tr("Catatan ini sudah dibatalkan."),
            code="nothing_to_undo",
        )
    known = log.entries_of(ws.database, entry.operation.entity)
    if any(_came_since(ws, entry, item) for item in known):
        raise UserError(_changed_since(), code="changed_since")
    seen: list[Json] = [list(item.key) for item in known]
    return _new(ws, entry, f"{kind}.void", {"seen": seen, "reason": _REASON})


def _with_undone(ws: Workspace, void: LoggedOperation) -> list[Json]:
    """A void to take back, and those by which this person undid that it had been taken back before.

    Another undo of hers that hides the same fact stands for itself and is not among them.
    """
    known = log.entries_of(ws.database, void.operation.entity)
    named: list[Json] = [[*void.key]]
    while True:
        restores: list[Json] = [[*item.key] for item in known if _names(item, "voids", named)]
        more: list[Json] = [
            [*item.key]
            for item in known
            if item.operation.type == void.operation.type
            and item.operation.actor == void.operation.actor
            and (item.operation.payload or {}).get("reason") == _REASON
            and [*item.key] not in named
            and _names(item, "seen", restores)
        ]
        if not more:
            return named
        named += more


def _names(item: LoggedOperation, field: str, keys: Collection[Json]) -> bool:
    """Whether an operation names one of these in a list of keys."""
    named = (item.operation.payload or {}).get(field)
    return isinstance(named, list) and any(key in named for key in keys)


def _came_since(ws: Workspace, entry: LoggedOperation, other: LoggedOperation) -> bool:
    """Whether an entry is another laptop's correction that the deed to be undone had not seen."""
    if other.replica == ws.database.replica or not other.operation.type.endswith(".correct"):
        return False
    return not any(list(other.key) in seen for seen in _seen_by_the_void(ws, entry))


def _seen_by_the_void(ws: Workspace, restore: LoggedOperation) -> Iterator[list[Json]]:
    """What was on screen when the visit was hidden that this deed brought back."""
    voids = (restore.operation.payload or {}).get("voids")
    for key in voids if isinstance(voids, list) else []:
        if isinstance(key, list) and len(key) == 2:
            void = log.entry(ws.database, OpKey(str(key[0]), int(str(key[1]))))
            seen = (void.operation.payload or {}).get("seen") if void is not None else None
            if isinstance(seen, list):
                yield seen


def _correct_back(ws: Workspace, kind: str, entry: LoggedOperation) -> NewOperation:
    fact = _stands(ws, kind, entry.operation.entity)
    changes = (entry.operation.payload or {}).get("set")
    assert isinstance(changes, dict), "written by a correction"
    shown = dict(fact.bases) if fact is not None else {}
    former = _former(ws, entry, changes, shown)
    return _new(ws, entry, f"{kind}.correct", {"set": former, "reason": _REASON})


def _unregister(ws: Workspace, entry: LoggedOperation) -> NewOperation:
    child_id = entry.operation.entity
    child = children.get(ws.database, child_id)
    if child is not None and any(not item.voided for item in measurements.of_child(ws.database, child_id)):
        raise UserError(
            tr("{name} sudah ditimbang. Urungkan penimbangannya dulu.").format(
                name=names.display(child.name)
            ),
            code="has_measurements",
        )
    recorded = facts.of_children(ws.database, [child_id]).get(child_id)
    if child is not None and recorded is not None and standing((*recorded.visits, *recorded.doses)):
        raise UserError(
            tr("{name} sudah punya catatan kunjungan. Urungkan catatan itu dulu.").format(
                name=names.display(child.name)
            ),
            code="has_measurements",
        )
    return unregistered(ws, entry)


def unregistered(ws: Workspace, entry: LoggedOperation) -> NewOperation:
    """The child of an entry that registered her was registered by mistake, whatever is known of her."""
    shown = children.shown_by(ws.database, entry.operation.entity).get("state")
    return _new(ws, entry, "child.set", {"state": field_write(REGISTERED_BY_MISTAKE, shown)})


def _transfer_back(ws: Workspace, entry: LoggedOperation) -> NewOperation:
    require_mover(ws)
    operation, child = entry.operation, children.get(ws.database, entry.operation.entity)
    if child is None or child.scope != (operation.payload or {}).get("to"):
        raise UserError(_changed_since(), code="changed_since")
    scope = child.scope if inside(ws, child.scope) else operation.scope
    return moves.to_posyandu(ws, child.id, scope, operation.scope, ws.clock.today())


def _never_opened(ws: Workspace, entry: LoggedOperation) -> NewOperation:
    """A posyandu day without a date is none."""
    row = facts.session_row(ws.database, entry.operation.entity)
    if row is None or row.session is None or not row.session.is_open or row.bases.get("date") != entry.key:
        raise UserError(_changed_since(), code="changed_since")
    return _new(ws, entry, "session.set", {"date": field_write(None, entry.key)})


def _former(
    ws: Workspace, entry: LoggedOperation, changes: JsonObject, shown: Mapping[str, OpKey]
) -> JsonObject:
    """The values that stood before, for each field that still shows this entry's."""
    former: JsonObject = {}
    for name, change in changes.items():
        if shown.get(name) == entry.key and isinstance(change, dict):
            former[name] = field_write(_value_before(ws, change.get("base"), name), entry.key)
    if not former:
        raise UserError(_changed_since(), code="changed_since")
    return former


def _changed_since() -> str:
    return tr("Sudah diubah lagi setelah itu, jadi tidak dapat diurungkan. Periksa datanya.")


def _value_before(ws: Workspace, base: Json, name: str) -> Json:
    """What the operation that was on screen had given to a field; None when the field was empty."""
    if not isinstance(base, list) or len(base) != 2:
        return None
    before = log.entry(ws.database, OpKey(str(base[0]), int(str(base[1]))))
    payload = {} if before is None else before.operation.payload or {}
    if before is not None and before.operation.type.endswith(".record"):
        return payload.get(name)
    values = payload.get("set", payload)
    change = values.get(name) if isinstance(values, dict) else None
    return change.get("v") if isinstance(change, dict) else None
