"""From operations to what is visible: one pure function of the set of operations known.

Used by every laptop and by the district server, so order of arrival never matters and
there is no rebase code (sync rules 4 to 6). A register (child, user, posyandu) is a set of
fields: `<kind>.register`, then `<kind>.set`. A fact (measurement, visit, dose) is created once,
by `<kind>.record`, and later operations name it: `<kind>.correct`, `.void`, `.restore`.

    field   heads = writes that no other known write is based on
            one head, or heads that agree → that value
            else → the greatest (eff, replica, seq) is shown; what becomes of the loser
            depends on the field's class
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

from posyandu_app.domain.operations import (
    Json,
    JsonObject,
    Operation,
    OpKey,
    canonical_again,
    canonical_text,
    kind_of,
)

PROJECTION_VERSION = 1

FieldClass = Literal["identity", "contact", "state", "server"]
Status = Literal["local", "applied", "conflict", "duplicate", "held", "quarantined"]

CHILD_FIELDS: Mapping[str, FieldClass] = {
    "name": "identity",
    "sex": "identity",
    "birth_date": "identity",
    "nik": "identity",
    "kk": "identity",
    "mother_name": "identity",
    "mother_nik": "identity",
    "father_name": "contact",
    "address": "contact",
    "rt": "contact",
    "rw": "contact",
    "phone": "contact",
    "child_order": "contact",
    "gestation_weeks": "contact",
    "birth_weight_g": "contact",
    "birth_length_mm": "contact",
    "birth_head_mm": "contact",
    "kia_held": "contact",
    "imd": "contact",
    "state": "state",
    "state_on": "contact",
    "moved_to": "contact",
    "origin": "contact",
}
_OF_STATE = ("state_on", "moved_to")
"""What is told of a state: shown is what came with the one that is shown."""
REGISTERS = ("child", "user", "posyandu", "session", "rules")
FACTS = (
    "measurement",
    "visit",
    "dose",
    "home_visit",
    "consent",
    "review",
    "recommendation",
    "answer",
    "report_check",
    "access",
)
KINDS = REGISTERS + FACTS

_FIXED_FACT_FIELDS = ("child", "confirmed", "source")

_STATE_RANK: Mapping[str, int] = {"meninggal": 3, "pindah": 2, "lulus": 1, "aktif": 0}


class Known(NamedTuple):
    """An operation as this replica knows it: `eff` is the server's, or the writer's own stamp until then."""

    replica: str
    eff: str
    operation: Operation

    @property
    def key(self) -> OpKey:
        return OpKey(self.replica, self.operation.seq)

    @property
    def rank(self) -> tuple[str, str, int]:
        """What decides between concurrent writes: the greatest is shown."""
        return (self.eff, self.replica, self.operation.seq)


@dataclass(frozen=True, slots=True)
class Write:
    """One value given to one field, and the writes its author had on screen."""

    known: Known
    value: Json
    bases: tuple[OpKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """A value nobody has superseded yet, and the operation that gave it."""

    key: OpKey
    value: Json


@dataclass(frozen=True, slots=True)
class Field:
    """What is visible of a field; `key` is the `base` of the next edit; `heads` has the shown one first."""

    value: Json
    key: OpKey
    heads: tuple[Head, ...]

    @property
    def agreed(self) -> bool:
        return all(head.value == self.value for head in self.heads)


@dataclass(frozen=True, slots=True)
class Row:
    """The visible state of one entity, equal on every replica that knows the same operations.

    `values` holds only raw visible values; `bases` maps each field to the operation shown;
    `disputed` maps each field that a person must decide to its heads.
    """

    kind: str
    entity: str
    scope: str
    values: JsonObject
    bases: Mapping[str, OpKey] = field(default_factory=dict)
    disputed: Mapping[str, tuple[Head, ...]] = field(default_factory=dict)

    def digest(self) -> bytes:
        """SHA-256 over the visible values: equal rows have equal digests (sync rule 13)."""
        disputed: JsonObject = {name: [head.value for head in heads] for name, heads in self.disputed.items()}
        return hashlib.sha256(
            canonical_again(
                {
                    "kind": self.kind,
                    "entity": self.entity,
                    "scope": self.scope,
                    "values": self.values,
                    "disputed": disputed,
                }
            )
        ).digest()


def merge_field(
    writes: Sequence[Write], field_class: FieldClass = "contact", beside: OpKey | None = None
) -> Field:
    """The visible value of one field from all its known writes; `writes` must not be empty.

    A value that the operation `beside` gave, or whose author saw such a one, goes before every other.
    """
    superseded = {base for write in writes for base in write.bases}
    heads = [write for write in writes if write.known.key not in superseded]
    if not heads:  # only a forged cycle of bases leaves no head: fall back to all
        heads = list(writes)
    state = field_class == "state"
    stem = _stem(writes, beside) if beside is not None and len(heads) > 1 else frozenset()
    heads.sort(
        key=lambda w: (_state_rank(w.value) if state else 0, w.known.key in stem, w.known.rank), reverse=True
    )
    return Field(
        value=heads[0].value,
        key=heads[0].known.key,
        heads=tuple(Head(write.known.key, write.value) for write in heads),
    )


def _stem(writes: Sequence[Write], root: OpKey) -> AbstractSet[OpKey]:
    """The writes of an operation and those based on them, one upon another."""
    stem = {write.known.key for write in writes if write.known.key == root}
    grown = 0
    while grown < len(stem):
        grown = len(stem)
        stem |= {write.known.key for write in writes if not stem.isdisjoint(write.bases)}
    return stem


def _state_rank(value: Json) -> int:
    return _STATE_RANK.get(value, -1) if isinstance(value, str) else -1


def project(kind: str, entity: str, known: Iterable[Known]) -> Row | None:
    """The row of an entity from all operations known for it, or None while it does not exist yet.

    Nor does it exist any more when its content was erased by law; an operation without its content, kept
    for the chain of the log it stands in, says nothing.
    Operations of unknown type, and fields that are not in the expected form, are left for a
    newer version to read; they never hide what is understood.
    """
    operations = sorted(
        (item for item in known if item.operation.payload is not None), key=lambda item: item.rank
    )
    if kind in REGISTERS:
        classes = CHILD_FIELDS if kind == "child" else {}
        return _project_register(kind, entity, operations, classes)
    if kind in FACTS:
        return _project_fact(kind, entity, operations)
    return None


def entity_kind(operation: Operation) -> str:
    """The kind of row that an operation shapes; `conflict.resolve` shapes a child."""
    kind = kind_of(operation.type)
    return "child" if kind == "conflict" else kind


def _project_register(
    kind: str, entity: str, operations: Sequence[Known], classes: Mapping[str, FieldClass]
) -> Row | None:
    created_by = f"{kind}.register"
    births = [item for item in operations if item.operation.type == created_by]
    if not births:
        return None
    writes: dict[str, list[Write]] = {}
    writing = (created_by, f"{kind}.set", "conflict.resolve" if kind == "child" else "")
    scope = births[0].operation.scope
    for item in operations:
        operation = item.operation
        payload = operation.payload or {}
        if operation.type in writing:
            for name, change in payload.items():
                if isinstance(change, dict) and "v" in change:
                    writes.setdefault(name, []).append(Write(item, change["v"], _bases(change)))
        elif operation.type == "child.transfer" and kind == "child" and isinstance(payload.get("to"), str):
            scope = str(payload["to"])
    fields = {name: merge_field(items, classes.get(name, "contact")) for name, items in writes.items()}
    if kind == "child" and "state" in fields:
        shown = fields["state"].key
        fields |= {name: merge_field(writes[name], beside=shown) for name in _OF_STATE if name in writes}
    return Row(
        kind=kind,
        entity=entity,
        scope=scope,
        values={name: merged.value for name, merged in sorted(fields.items()) if merged.value is not None},
        bases={name: merged.key for name, merged in fields.items()},
        disputed={
            name: merged.heads
            for name, merged in sorted(fields.items())
            if classes.get(name) == "identity" and not merged.agreed
        },
    )


def _project_fact(kind: str, entity: str, operations: Sequence[Known]) -> Row | None:
    births = [item for item in operations if item.operation.type == f"{kind}.record"]
    if not births:
        return None
    birth = births[0]
    record = birth.operation.payload or {}
    writes = {name: [Write(birth, value)] for name, value in record.items() if name not in _FIXED_FACT_FIELDS}
    corrections: list[Known] = []
    for item in operations:
        changes = (item.operation.payload or {}).get("set")
        if item.operation.type == f"{kind}.correct" and isinstance(changes, dict):
            corrections.append(item)
            for name, change in changes.items():
                if name not in _FIXED_FACT_FIELDS and isinstance(change, dict) and "v" in change:
                    writes.setdefault(name, []).append(Write(item, change["v"], _bases(change)))
    fields = {name: merge_field(items) for name, items in writes.items()}
    values: JsonObject = {name: merged.value for name, merged in fields.items() if merged.value is not None}
    values |= {name: record[name] for name in _FIXED_FACT_FIELDS if record.get(name) is not None}
    disputed = {name: merged.heads for name, merged in sorted(fields.items()) if not merged.agreed}
    voids = _standing_voids(kind, operations)
    overlooked = [item for item in corrections if voids and not all(_saw(void, item.key) for void in voids)]
    if overlooked:
        disputed["voided"] = tuple(Head(item.key, item.operation.payload) for item in overlooked)
    elif voids:
        values["voided"] = True
    return Row(
        kind=kind,
        entity=entity,
        scope=birth.operation.scope,
        values=dict(sorted(values.items())),
        bases={name: merged.key for name, merged in fields.items()},
        disputed=disputed,
    )


def is_plain_fact(operation: Operation) -> bool:
    """Whether the row of this fact, as long as nobody corrects it, holds just the payload's values."""
    payload = operation.payload
    return _records_fact(operation.type) and payload is not None and None not in payload.values()


@lru_cache(maxsize=1024)
def _records_fact(operation_type: str) -> bool:
    kind, _, action = operation_type.partition(".")
    return action == "record" and kind in FACTS


@lru_cache(maxsize=1024)
def plain_fact_fields(payload: tuple[str, ...]) -> tuple[str, ...]:
    """Of the fields of a plain fact's payload those that it is the base of."""
    return tuple(name for name in payload if name not in _FIXED_FACT_FIELDS)


def plain_fact_digest(operation: Operation, payload: bytes) -> bytes:
    """`Row.digest` of a plain fact with no other operation, straight from its canonical payload."""
    return fact_digest(kind_of(operation.type), operation.entity, operation.scope, payload)


def fact_digest(kind: str, entity: str, scope: str, values: bytes) -> bytes:
    """`Row.digest` of an undisputed fact, from its values as canonical JSON."""
    row = b'{"disputed":{},"entity":%b,"kind":%b,"scope":%b,"values":%b}'
    return hashlib.sha256(row % (canonical_text(entity), _encoded(kind), _encoded(scope), values)).digest()


@lru_cache(maxsize=1024)
def _encoded(text: str) -> bytes:
    return canonical_text(text)


def _standing_voids(kind: str, operations: Sequence[Known]) -> list[Known]:
    """The voids that no `<kind>.restore` has taken back by name."""
    taken_back = {
        key
        for item in operations
        if item.operation.type == f"{kind}.restore"
        for key in _keys((item.operation.payload or {}).get("voids"))
    }
    return [i for i in operations if i.operation.type == f"{kind}.void" and i.key not in taken_back]


def _saw(void: Known, key: OpKey) -> bool:
    """Whether the author of a void had that operation on screen: in `seen`, or earlier in her own log."""
    if key.replica == void.replica and key.seq < void.operation.seq:
        return True
    return key in _keys((void.operation.payload or {}).get("seen"))


def _bases(change: JsonObject) -> tuple[OpKey, ...]:
    base = change.get("base")
    single = _keys([base]) if base is not None else []
    return tuple(single + _keys(change.get("bases")))


def _keys(value: Json) -> list[OpKey]:
    if not isinstance(value, list):
        return []
    keys = []
    for item in value:
        if isinstance(item, list) and len(item) == 2:
            replica, seq = item
            if isinstance(replica, str) and isinstance(seq, int) and not isinstance(seq, bool):
                keys.append(OpKey(replica, seq))
    return keys
