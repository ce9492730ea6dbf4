"""What must be visible, written a second time from the rules, with nothing of `domain.merge`.

Rule 4: a register is its fields, a fact is created once and corrected by name. Rule 5: heads are the
writes nobody based another on; the greatest (eff, replica, seq) is shown. Rule 6: identity losers, and
every loser in a fact, are listed; a removal never beats a correction it has not seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.simulation.releases import ALLERGY, HOUSEHOLD, NEWER, OLDER, PLAN

IDENTITY = frozenset({"name", "sex", "birth_date", "nik", "kk", "mother_name", "mother_nik"})
STRENGTH = {"aktif": 0, "lulus": 1, "pindah": 2, "meninggal": 3}
REGISTERS = frozenset({"child", "user", "posyandu", "session", "rules"})
FACTS = frozenset(
    {
        "measurement",
        "visit",
        "dose",
        "home_visit",
        "consent",
        "review",
        "recommendation",
        "answer",
        "report_check",
    }
)
FIXED = frozenset({"child", "confirmed", "source"})


@dataclass(frozen=True)
class Knowledge:
    """What a release of the program knows."""

    registers: frozenset[str] = REGISTERS
    facts: frozenset[str] = FACTS
    identity: frozenset[str] = IDENTITY


KNOWN = {
    OLDER: Knowledge(),
    NEWER: Knowledge(REGISTERS | {HOUSEHOLD}, FACTS | {PLAN}, IDENTITY | {ALLERGY}),
}


class Op(NamedTuple):
    """An operation with the stamp that counts."""

    replica: str
    seq: int
    eff: str
    body: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, int]:
        return (self.replica, self.seq)

    @property
    def rank(self) -> tuple[str, str, int]:
        return (self.eff, self.replica, self.seq)


class Visible(NamedTuple):
    """A row: its values, and for each field that a person must decide its heads, the shown one first."""

    scope: str
    values: dict[str, Any]
    disputed: dict[str, list[Any]]


class Write(NamedTuple):
    op: Op
    value: Any
    bases: frozenset[tuple[str, int]]


def rows(operations: Iterable[Op], release: int = OLDER) -> dict[tuple[str, str], Visible]:
    """Every row that a release makes of these operations, by kind and entity."""
    known = KNOWN[release]
    about: dict[tuple[str, str], list[Op]] = {}
    for op in operations:
        kind = op.body["type"].split(".")[0]
        about.setdefault(("child" if kind == "conflict" else kind, op.body["entity"]), []).append(op)
    found = {}
    for (kind, entity), ops in about.items():
        row = None
        if kind in known.registers:
            row = _register(kind, ops, known.identity)
        elif kind in known.facts:
            row = _fact(kind, ops)
        if row is not None:
            found[kind, entity] = row
    return found


def _register(kind: str, ops: Sequence[Op], identity: frozenset[str]) -> Visible | None:
    births = [op for op in ops if op.body["type"] == f"{kind}.register"]
    if not births:
        return None
    writes: dict[str, list[Write]] = {}
    for op in ops:
        if op.body["type"] in (f"{kind}.register", f"{kind}.set", "conflict.resolve"):
            for name, change in (op.body["payload"] or {}).items():
                if isinstance(change, dict) and "v" in change:
                    writes.setdefault(name, []).append(Write(op, change["v"], _seen(change)))
    values, disputed = {}, {}
    gave_state = (
        _heads(writes["state"], STRENGTH)[0].op.key if kind == "child" and "state" in writes else None
    )
    for name, said in writes.items():
        heads = _heads(said, STRENGTH if kind == "child" and name == "state" else {})
        if gave_state is not None and name in ("state_on", "moved_to"):
            heads.sort(key=lambda head: not _goes_back_to(head, gave_state, said))
        if heads[0].value is not None:
            values[name] = heads[0].value
        if kind == "child" and name in identity and any(head.value != heads[0].value for head in heads):
            disputed[name] = [head.value for head in heads]
    moves = [op for op in ops if op.body["type"] == "child.transfer"]
    if moves:
        known = {tuple(key) for op in moves for key in op.body["payload"].get("bases", [])}
        last = [op for op in moves if op.key not in known] or moves
        scope = max(last, key=lambda op: op.rank).body["payload"]["to"]
    else:
        scope = min(births, key=lambda op: op.rank).body["scope"]
    return Visible(scope, values, disputed)


def _fact(kind: str, ops: Sequence[Op]) -> Visible | None:
    births = [op for op in ops if op.body["type"] == f"{kind}.record"]
    if not births:
        return None
    birth = min(births, key=lambda op: op.rank)
    record = birth.body["payload"] or {}
    writes = {name: [Write(birth, value, frozenset())] for name, value in record.items() if name not in FIXED}
    corrections = []
    for op in ops:
        changes = (op.body["payload"] or {}).get("set")
        if op.body["type"] == f"{kind}.correct" and isinstance(changes, dict):
            corrections.append(op)
            for name, change in changes.items():
                writes.setdefault(name, []).append(Write(op, change["v"], _seen(change)))
    values = {name: record[name] for name in FIXED if record.get(name) is not None}
    disputed = {}
    for name, said in writes.items():
        heads = _heads(said, {})
        if heads[0].value is not None:
            values[name] = heads[0].value
        if any(head.value != heads[0].value for head in heads):
            disputed[name] = [head.value for head in heads]
    restored = {
        tuple(key)
        for op in ops
        if op.body["type"] == f"{kind}.restore"
        for key in op.body["payload"]["voids"]
    }
    voids = [op for op in ops if op.body["type"] == f"{kind}.void" and op.key not in restored]
    unseen = [op for op in corrections if any(not _had_seen(void, op) for void in voids)]
    if unseen:
        disputed["voided"] = [op.body["payload"] for op in sorted(unseen, key=lambda op: op.rank)]
    elif voids:
        values["voided"] = True
    return Visible(birth.body["scope"], values, disputed)


def _had_seen(void: Op, correction: Op) -> bool:
    earlier = void.replica == correction.replica and correction.seq < void.seq
    return earlier or list(correction.key) in void.body["payload"]["seen"]


def _heads(writes: Sequence[Write], strength: Mapping[str, int]) -> list[Write]:
    based_on = {base for write in writes for base in write.bases}
    heads = [write for write in writes if write.op.key not in based_on]
    return sorted(
        heads,
        key=lambda write: (strength.get(write.value, -1) if strength else 0, write.op.rank),
        reverse=True,
    )


def _goes_back_to(write: Write, key: tuple[str, int], among: Sequence[Write]) -> bool:
    """Whether it is of that operation, or its author saw a write that goes back to it."""
    by_key: dict[tuple[str, int], list[Write]] = {}
    for other in among:
        by_key.setdefault(other.op.key, []).append(other)
    todo, been = [write.op.key], set()
    while todo:
        at = todo.pop()
        if at == key and at in by_key:
            return True
        if at not in been:
            been.add(at)
            todo += [base for other in by_key.get(at, []) for base in other.bases]
    return False


def _seen(change: Mapping[str, Any]) -> frozenset[tuple[str, int]]:
    named = [change["base"]] if change.get("base") is not None else []
    return frozenset((replica, seq) for replica, seq in [*named, *change.get("bases", [])])
