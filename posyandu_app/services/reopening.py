"""Taking a decision back: what was in dispute is in dispute again, with the same values.

The log only grows, so a decision is undone by writing every value once more, each on top of the
decision: none of them has seen the others, so a person is asked again. `origin` finds who first
wrote such a value.
"""

from collections.abc import Mapping, Sequence

from posyandu_app.domain import persons
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.operations import Json, JsonObject, OpKey, field_write
from posyandu_app.i18n import tr
from posyandu_app.services.workspace import Workspace, require_author
from posyandu_app.storage import children, facts, log, measurements
from posyandu_app.storage import persons as records
from posyandu_app.storage.log import LoggedOperation, NewOperation

DECIDED = "keputusan bidan"
"""The reason that stands in operations by which the midwife decides."""


def compensation(ws: Workspace, deed: Sequence[LoggedOperation]) -> list[NewOperation] | None:
    """The operations that take a decision back, or take that back; None for any other deed."""
    if not deed:
        return None
    first = deed[0]
    if first.operation.type.startswith("person."):
        return [_person_back(ws, entry) for entry in deed]
    if len(deed) == 1 and _joined(first):
        require_author(ws, first.operation.actor)
        return _reopened(ws, first)
    decided = _decided_before(ws, deed)
    if decided is not None:
        require_author(ws, first.operation.actor)
        return [_again(decided, deed)]
    if _is_a_void_decision(deed):
        require_author(ws, first.operation.actor)
        return _void_in_dispute(ws, deed)
    return None


def origin(ws: Workspace, key: OpKey, name: str, value: Json) -> LoggedOperation | None:
    """Who first gave a value that was written again when a decision about it was taken back."""
    entry = log.entry(ws.database, key)
    for _ in range(50):
        if entry is None:
            return None
        base = _change(entry, name).get("base")
        decided = _entry(ws, base)
        if decided is None or not _joined(decided):
            return entry
        earlier = [_entry(ws, base) for base in _bases(decided, name)]
        same = [item for item in earlier if item is not None and _given(item, name) == value]
        if not same:
            return entry
        entry = same[0]
    return entry


def _changes(entry: LoggedOperation) -> JsonObject:
    payload = entry.operation.payload or {}
    inner = payload.get("set")
    changes = inner if entry.operation.type.endswith(".correct") and isinstance(inner, dict) else payload
    return {name: change for name, change in changes.items() if isinstance(change, dict)}


def _change(entry: LoggedOperation, name: str) -> JsonObject:
    found = _changes(entry).get(name)
    return found if isinstance(found, dict) else {}


def _given(entry: LoggedOperation, name: str) -> Json:
    if entry.operation.type.endswith(".record"):
        return (entry.operation.payload or {}).get(name)
    return _change(entry, name).get("v")


def _bases(entry: LoggedOperation, name: str) -> list[Json]:
    bases = _change(entry, name).get("bases")
    return bases if isinstance(bases, list) else []


def _joined(entry: LoggedOperation) -> bool:
    """Whether an operation decided between several values."""
    return any(_bases(entry, name) for name in _changes(entry))


def _entry(ws: Workspace, key: Json) -> LoggedOperation | None:
    if not isinstance(key, list) or len(key) != 2:
        return None
    return log.entry(ws.database, OpKey(str(key[0]), int(str(key[1]))))


def _shown(ws: Workspace, kind: str, entity: str) -> Mapping[str, OpKey]:
    if kind == "conflict":
        return children.shown_by(ws.database, entity)
    if kind == "measurement":
        found = measurements.get(ws.database, entity)
    else:
        found = facts.get(ws.database, facts.KINDS[kind], entity)  # type: ignore[assignment]
    return {} if found is None else dict(found.bases)


def _new(entry: LoggedOperation, changes: JsonObject, *, decides: bool) -> NewOperation:
    operation = entry.operation
    kind = operation.type.partition(".")[0]
    if kind in ("conflict", "child"):
        type_ = "conflict.resolve" if decides else "child.set"
        return NewOperation(type_, operation.entity, operation.scope, changes)
    payload: JsonObject = {"set": changes, "reason": DECIDED}
    return NewOperation(f"{kind}.correct", operation.entity, operation.scope, payload)


def _reopened(ws: Workspace, entry: LoggedOperation) -> list[NewOperation]:
    kind = entry.operation.type.partition(".")[0]
    shown = _shown(ws, kind, entry.operation.entity)
    made: list[NewOperation] = []
    for name in _changes(entry):
        if shown.get(name) != entry.key:
            raise UserError(
                tr("Sudah diubah lagi setelah itu, jadi tidak dapat diurungkan. Periksa datanya."),
                code="changed_since",
            )
        values: list[Json] = []
        for base in _bases(entry, name):
            before = _entry(ws, base)
            value = None if before is None else _given(before, name)
            if value not in values:
                values.append(value)
        made += [  # the last one written is shown, as it was before
            _new(entry, {name: field_write(value, entry.key)}, decides=False) for value in reversed(values)
        ]
    return made


def _decided_before(ws: Workspace, deed: Sequence[LoggedOperation]) -> LoggedOperation | None:
    """The decision that this deed took back, if it did."""
    if len(deed) < 2 or any(entry.operation.entity != deed[0].operation.entity for entry in deed):
        return None
    bases = [_change(entry, name).get("base") for entry in deed for name in _changes(entry)]
    decided = _entry(ws, bases[0]) if bases and all(base == bases[0] for base in bases) else None
    return decided if decided is not None and _joined(decided) else None


def _again(decided: LoggedOperation, deed: Sequence[LoggedOperation]) -> NewOperation:
    changes: JsonObject = {}
    for name in _changes(decided):
        keys: list[Json] = [list(entry.key) for entry in reversed(deed) if name in _changes(entry)]
        changes[name] = {"v": _given(decided, name), "bases": keys}
    return _new(decided, changes, decides=True)


def _is_a_void_decision(deed: Sequence[LoggedOperation]) -> bool:
    first = deed[0].operation
    return first.type.endswith(".restore") and (first.payload or {}).get("reason") == DECIDED


def _void_in_dispute(ws: Workspace, deed: Sequence[LoggedOperation]) -> list[NewOperation]:
    """Hidden again by somebody who has not seen the correction, as it was; and visible because of it."""
    restore = deed[0]
    kind = restore.operation.type.partition(".")[0]
    voids = (restore.operation.payload or {}).get("voids")
    made = []
    if len(deed) > 1:
        taken: JsonObject = {"voids": [list(deed[1].key)], "reason": DECIDED}
        made.append(NewOperation(f"{kind}.restore", restore.operation.entity, restore.operation.scope, taken))
    for key in voids if isinstance(voids, list) else []:
        void = _entry(ws, key)
        if void is not None:
            seen = (void.operation.payload or {}).get("seen")
            again: JsonObject = {"seen": seen if isinstance(seen, list) else [], "reason": DECIDED}
            made.append(
                NewOperation(f"{kind}.void", restore.operation.entity, restore.operation.scope, again)
            )
    return made


def _person_back(ws: Workspace, entry: LoggedOperation) -> NewOperation:
    require_author(ws, entry.operation.actor)
    one, other = entry.operation.entity, str((entry.operation.payload or {}).get("other"))
    about = records.about(ws.database, one, other)
    if [item.key for item in persons.last(about)] != [entry.key]:
        raise UserError(
            tr("Sudah diubah lagi setelah itu, jadi tidak dapat diurungkan. Periksa datanya."),
            code="changed_since",
        )
    earlier = persons.standing(item for item in about if item.key != entry.key)
    before = earlier.get(frozenset((one, other)))
    type_ = "person.link" if before is not None and before.together else "person.unlink"
    told: JsonObject = {"other": other, "reason": "diurungkan", "seen": [list(entry.key)]}
    if before is None or before.undecided:
        told["undecided"] = True
    return NewOperation(type_, entry.operation.entity, entry.operation.scope, told)
