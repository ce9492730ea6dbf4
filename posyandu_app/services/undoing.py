"""Taking a deed back: one compensating operation for each it was made of; nothing is ever removed."""

from collections.abc import Mapping

from posyandu_app.domain import names
from posyandu_app.domain.errors import NotAllowed, UserError
from posyandu_app.domain.operations import Json, JsonObject, OpKey
from posyandu_app.i18n import tr
from posyandu_app.services.roster import REGISTERED_BY_MISTAKE
from posyandu_app.services.views import Changes, Undo
from posyandu_app.services.workspace import Workspace, require_author, require_writer
from posyandu_app.storage import children, log, measurements
from posyandu_app.storage.log import LoggedOperation, NewOperation


def undo(ws: Workspace, undo: Undo) -> Changes:
    """Take a deed back; the `Changes` returned offer to take that back in turn.

    Raises `UserError` when somebody has changed the same values since, or when there is
    nothing left to take back.
    """
    require_writer(ws)
    with ws.database.atomic():
        done = [log.entry(ws.database, OpKey(*key)) for key in undo.operation_keys]
        back = [_compensation(ws, entry) for entry in reversed(done) if entry is not None]
        if not back:
            raise UserError(tr("Tidak ada yang dapat diurungkan."), code="nothing_to_undo")
        keys = log.append(ws.database, back, actor=ws.user.id, clock=ws.clock)
        touched = {new.entity for new in back}
        for entity in tuple(touched):
            found = measurements.get(ws.database, entity)
            if found is not None:
                touched.add(found.child)
    return Changes(
        kinds=frozenset(new.type.partition(".")[0] for new in back),
        entities=frozenset(touched),
        saved_at=ws.clock.now(),
        undo=Undo(_label(undo.label), tuple((key.replica, key.seq) for key in keys)),
    )


def _label(label: str) -> str:
    """What an undo is called: "Diurungkan: …" for "Disimpan: …", and "Dikembalikan: …" for that."""
    undone, again = tr("Diurungkan: {what}"), tr("Dikembalikan: {what}")
    _, mark, what = label.partition(": ")
    sentence = again if label.startswith(undone.format(what="")) else undone
    return sentence.format(what=what if mark else label)


def _compensation(ws: Workspace, entry: LoggedOperation) -> NewOperation:
    operation = entry.operation
    require_author(ws, operation.actor)
    match operation.type:
        case "measurement.record" | "measurement.restore":
            return _hide(ws, entry)
        case "measurement.void":
            return _new(ws, entry, "measurement.restore", {"voids": [list(entry.key)], "reason": _REASON})
        case "measurement.correct":
            return _correct_back(ws, entry)
        case "child.register":
            return _unregister(ws, entry)
        case "child.set":
            shown = children.shown_by(ws.database, operation.entity)
            return _new(ws, entry, "child.set", _former(ws, entry, operation.payload or {}, shown))
    raise NotAllowed(tr("Ini tidak dapat diurungkan."))


_REASON = "diurungkan"


def _new(ws: Workspace, entry: LoggedOperation, type_: str, payload: JsonObject) -> NewOperation:
    """An operation on the same entity, in the scope where its child is now."""
    entity = entry.operation.entity
    found = measurements.get(ws.database, entity)
    child = children.get(ws.database, found.child if found is not None else entity)
    return NewOperation(type_, entity, child.scope if child is not None else entry.operation.scope, payload)


def _hide(ws: Workspace, entry: LoggedOperation) -> NewOperation:
    found = measurements.get(ws.database, entry.operation.entity)
    if found is not None and found.voided:
        raise UserError(tr("Penimbangan ini sudah dibatalkan."), code="nothing_to_undo")
    seen: list[Json] = [list(known.key) for known in log.entries_of(ws.database, entry.operation.entity)]
    return _new(ws, entry, "measurement.void", {"seen": seen, "reason": _REASON})


def _correct_back(ws: Workspace, entry: LoggedOperation) -> NewOperation:
    found = measurements.get(ws.database, entry.operation.entity)
    changes = (entry.operation.payload or {}).get("set")
    assert isinstance(changes, dict), "written by `correct`"
    shown = dict(found.bases) if found is not None else {}
    former = _former(ws, entry, changes, shown)
    return _new(ws, entry, "measurement.correct", {"set": former, "reason": _REASON})


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
    shown = children.shown_by(ws.database, child_id).get("state")
    state: JsonObject = {"v": REGISTERED_BY_MISTAKE, "base": None if shown is None else list(shown)}
    return _new(ws, entry, "child.set", {"state": state})


def _former(
    ws: Workspace, entry: LoggedOperation, changes: JsonObject, shown: Mapping[str, OpKey]
) -> JsonObject:
    """The values that stood before, for each field that still shows this entry's."""
    former: JsonObject = {}
    for name, change in changes.items():
        if shown.get(name) == entry.key and isinstance(change, dict):
            former[name] = {"v": _value_before(ws, change.get("base"), name), "base": list(entry.key)}
    if not former:
        raise UserError(
            tr("Sudah diubah lagi setelah itu, jadi tidak dapat diurungkan. Periksa datanya."),
            code="changed_since",
        )
    return former


def _value_before(ws: Workspace, base: Json, name: str) -> Json:
    """What the operation that was on screen had given to a field; None when the field was empty."""
    if not isinstance(base, list) or len(base) != 2:
        return None
    before = log.entry(ws.database, OpKey(str(base[0]), int(str(base[1]))))
    payload = {} if before is None else before.operation.payload or {}
    if before is not None and before.operation.type == "measurement.record":
        return payload.get(name)
    values = payload.get("set", payload)
    change = values.get(name) if isinstance(values, dict) else None
    return change.get("v") if isinstance(change, dict) else None
