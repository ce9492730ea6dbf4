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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from posyandu_app.domain.operations import (
    Json,
    JsonObject,
    Operation,
    OpKey,
    canonical_again,
    canonical_text,
    kind_of,
)

PROJECTION_VERSION = 2

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


class Known(Struct, frozen=True, gc=False):
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


class Write(Struct, frozen=True, gc=False):
    """One value given to one field, and the writes its author had on screen."""

    known: Known
    value: Json
    bases: tuple[OpKey, ...] = ()


class Head(Struct, frozen=True, gc=False):
    """A value nobody has superseded yet, and the operation that gave it."""

    key: OpKey
    value: Json


class Field(Struct, frozen=True, gc=False):
    """What is visible of a field; `key` is the `base` of the next edit; `heads` has the shown one first."""

    value: Json
    key: OpKey
    heads: tuple[Head, ...]

    @property
    def agreed(self) -> bool:
        return all(head.value == self.value for head in self.heads)


class Row(Struct, frozen=True, gc=False):
    """The visible state of one entity, equal on every replica that knows the same operations.

    `values` holds only raw visible values; `bases` maps each field to the operation shown;
    `disputed` maps each field that a person must decide to its heads.
    """

    kind: str
    entity: str
    scope: str
    values: JsonObject
    bases: Mapping[str, OpKey] = {}
    disputed: Mapping[str, tuple[Head, ...]] = {}

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


class Writes:
    """The known writes of one field, in whatever order they come; each costs what it says itself."""

    __slots__ = ("_all", "_heads", "_is_state", "_shown", "_superseded", "_values")

    def __init__(self, field_class: FieldClass = "contact") -> None:
        self._is_state = field_class == "state"
        self._all: dict[OpKey, Write] = {}
        self._superseded: set[OpKey] = set()
        self._heads: dict[OpKey, Write] = {}
        self._values: dict[object, int] = {}
        self._shown: Write | None = None

    def __contains__(self, key: OpKey) -> bool:
        """Whether an operation gave one of the heads."""
        return key in (self._heads or self._all)

    def add(self, write: Write) -> None:
        """Another write is known."""
        key = write.known.key
        if key in self._all:
            return
        self._all[key] = write
        self._superseded.update(write.bases)
        for base in write.bases:
            self._lower(base)
        if key not in self._superseded:
            self._heads[key] = write
            value = _comparable(write.value)
            self._values[value] = self._values.get(value, 0) + 1
            if self._shown is not None and self._order(write) > self._order(self._shown):
                self._shown = write

    def remove(self, key: OpKey) -> None:
        """A write that was based on nothing counts no more."""
        del self._all[key]
        self._lower(key)

    def _lower(self, key: OpKey) -> None:
        write = self._heads.pop(key, None)
        if write is None:
            return
        value = _comparable(write.value)
        self._values[value] -= 1
        if not self._values[value]:
            del self._values[value]
        if write is self._shown:
            self._shown = None

    def heads(self) -> Iterable[Write]:
        """The writes that no other is based on, as they came; all, if forged bases leave none."""
        return (self._heads or self._all).values()

    def differ(self) -> bool:
        """Whether the heads do not agree."""
        if self._heads:
            return len(self._values) > 1
        return len({_comparable(write.value) for write in self._all.values()}) > 1

    def shown(self) -> Json:
        """The value of the greatest head."""
        if not self._heads:
            return max(self._all.values(), key=self._order).value
        if self._shown is None:
            self._shown = max(self._heads.values(), key=self._order)
        return self._shown.value

    def merged(self, beside: OpKey | None = None) -> Field:
        """The field; a value that `beside` gave, or whose author saw such a one, goes before every other."""
        stem = (
            _stem(self._all.values(), beside) if beside is not None and len(self._heads) != 1 else frozenset()
        )

        def order(write: Write) -> tuple[int, bool, tuple[str, str, int]]:
            strength, rank = self._order(write)
            return strength, write.known.key in stem, rank

        heads = sorted(self.heads(), key=order, reverse=True)
        return Field(
            value=heads[0].value,
            key=heads[0].known.key,
            heads=tuple(Head(write.known.key, write.value) for write in heads),
        )

    def _order(self, write: Write) -> tuple[int, tuple[str, str, int]]:
        return _state_rank(write.value) if self._is_state else 0, write.known.rank


def _comparable(value: Json) -> object:
    return canonical_again(value) if isinstance(value, (dict, list)) else value


def merge_field(
    writes: Sequence[Write], field_class: FieldClass = "contact", beside: OpKey | None = None
) -> Field:
    """The visible value of one field from all its known writes; `writes` must not be empty.

    A value that the operation `beside` gave, or whose author saw such a one, goes before every other.
    """
    if len(writes) == 1:
        key, value = writes[0].known.key, writes[0].value
        return Field(value, key, (Head(key, value),))
    known = Writes(field_class)
    for write in writes:
        known.add(write)
    return known.merged(beside)


def _stem(writes: Iterable[Write], root: OpKey) -> AbstractSet[OpKey]:
    """The writes of an operation and those based on them, one upon another."""
    upon: dict[OpKey, list[OpKey]] = {}
    stem: set[OpKey] = set()
    for write in writes:
        if write.known.key == root:
            stem.add(root)
        for base in write.bases:
            upon.setdefault(base, []).append(write.known.key)
    grown = list(stem)
    while grown:
        further = [key for key in upon.get(grown.pop(), ()) if key not in stem]
        stem.update(further)
        grown += further
    return stem


def last_moves(known: Iterable[Known]) -> list[OpKey]:
    """Of the moves of one child those after which nobody who knew of them moved her again; in order.

    They are what the next move is based on: a clock does not decide between a move and the one before.
    """
    moves = [item for item in known if item.operation.type == "child.transfer"]
    before = {base for item in moves for base in _bases(item.operation.payload or {})}
    return sorted(item.key for item in moves if item.key not in before)


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
    births = [item for item in operations if item.operation.type == f"{kind}.register"]
    if not births:
        return None
    writes: dict[str, list[Write]] = {}
    moves: list[Write] = []
    for item in operations:
        for name, write in writes_in(kind, item):
            writes.setdefault(name, []).append(write)
        moved = move_in(item) if kind == "child" else None
        if moved is not None:
            moves.append(moved)
    fields = {name: merge_field(items, classes.get(name, "contact")) for name, items in writes.items()}
    if kind == "child" and "state" in fields:
        shown = fields["state"].key
        fields |= {name: merge_field(writes[name], beside=shown) for name in _OF_STATE if name in writes}
    return Row(
        kind=kind,
        entity=entity,
        scope=str(merge_field(moves).value) if moves else births[0].operation.scope,
        values={name: merged.value for name, merged in sorted(fields.items()) if merged.value is not None},
        bases={name: merged.key for name, merged in fields.items()},
        disputed={
            name: merged.heads
            for name, merged in sorted(fields.items())
            if classes.get(name) == "identity" and not merged.agreed
        },
    )


def writes_in(kind: str, item: Known) -> Iterator[tuple[str, Write]]:
    """What an operation writes in the fields of an entity of a kind: field and write."""
    operation, payload = item.operation, item.operation.payload or {}
    if operation.type == f"{kind}.record" and kind in FACTS:
        yield from ((name, Write(item, value)) for name, value in payload.items() if _can_change(name))
        return
    changes: Json = payload
    if kind in FACTS:
        changes = payload.get("set") if operation.type == f"{kind}.correct" else None
    elif operation.type not in (
        f"{kind}.register",
        f"{kind}.set",
        "conflict.resolve" if kind == "child" else "",
    ):
        return
    if isinstance(changes, dict):
        for name, change in changes.items():
            if isinstance(change, dict) and "v" in change and (kind not in FACTS or _can_change(name)):
                yield name, Write(item, change["v"], _bases(change))


def _can_change(name: str) -> bool:
    return name not in _FIXED_FACT_FIELDS


def move_in(item: Known) -> Write | None:
    """The scope that a child is moved to, and the moves that it follows; None for any other operation."""
    to = moved_to(item.operation)
    return None if to is None else Write(item, to, _bases(item.operation.payload or {}))


def moved_to(operation: Operation) -> str | None:
    """The scope that a child is moved to, or None for any other operation."""
    to = (operation.payload or {}).get("to")
    return to if operation.type == "child.transfer" and isinstance(to, str) else None


def is_correction(kind: str, operation: Operation) -> bool:
    """Whether the operation corrects a fact of a kind."""
    return operation.type == f"{kind}.correct" and isinstance((operation.payload or {}).get("set"), dict)


def _project_fact(kind: str, entity: str, operations: Sequence[Known]) -> Row | None:
    births = [item for item in operations if item.operation.type == f"{kind}.record"]
    if not births:
        return None
    birth = births[0]
    record = birth.operation.payload or {}
    writes = {name: [write] for name, write in writes_in(kind, birth)}
    corrections = [item for item in operations if is_correction(kind, item.operation)]
    for item in corrections:
        for name, write in writes_in(kind, item):
            writes.setdefault(name, []).append(write)
    fields = {name: merge_field(items) for name, items in writes.items()}
    values: JsonObject = {name: merged.value for name, merged in fields.items() if merged.value is not None}
    values |= {name: record[name] for name in _FIXED_FACT_FIELDS if record.get(name) is not None}
    disputed = {name: merged.heads for name, merged in sorted(fields.items()) if not merged.agreed}
    voids = [(void, seen_by(void)) for void in _standing_voids(kind, operations)]
    overlooked = [item for item in corrections if not all(saw(*void, item.key) for void in voids)]
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
    row = b'{"disputed":{},"entity":%b%b%b}' % (canonical_text(entity), _before_values(kind, scope), values)
    return hashlib.sha256(row).digest()


@lru_cache(maxsize=1024)
def _before_values(kind: str, scope: str) -> bytes:
    return b',"kind":%b,"scope":%b,"values":' % (canonical_text(kind), canonical_text(scope))


def _standing_voids(kind: str, operations: Sequence[Known]) -> list[Known]:
    """The voids that no `<kind>.restore` has taken back by name."""
    taken_back = {
        key for item in operations if item.operation.type == f"{kind}.restore" for key in taken_back_by(item)
    }
    return [i for i in operations if i.operation.type == f"{kind}.void" and i.key not in taken_back]


def taken_back_by(restore: Known) -> list[OpKey]:
    """The voids that a restore names."""
    return _keys((restore.operation.payload or {}).get("voids"))


def seen_by(void: Known) -> frozenset[OpKey]:
    """The corrections that a void names as seen."""
    return frozenset(_keys((void.operation.payload or {}).get("seen")))


def saw(void: Known, seen: AbstractSet[OpKey], key: OpKey) -> bool:
    """Whether the author of a void had that operation on screen: in `seen`, or earlier in her own log."""
    return key in seen or (key.replica == void.replica and key.seq < void.operation.seq)


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
