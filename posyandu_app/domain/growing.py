"""One entity as its operations come one by one: what each of them changes, however many came before.

`merge.project` makes a row of all that is known and costs as much. Whoever has to say of each operation of
a long history what became of it asks here, and makes the row once.
"""

from collections.abc import Iterable
from itertools import islice

from posyandu_app.domain.merge import (
    CHILD_FIELDS,
    FACTS,
    Known,
    Writes,
    is_correction,
    move_in,
    saw,
    seen_by,
    taken_back_by,
    writes_in,
)
from posyandu_app.domain.operations import Json, Operation, OpKey

Shows = tuple[str, dict[str, tuple[Json, bool]]]


class Growing:
    """What is known of one entity of a kind, in whatever order it comes."""

    def __init__(self, kind: str, known: Iterable[Known] = ()) -> None:
        self.kind = kind
        self._is_fact = kind in FACTS
        self._fields: dict[str, Writes] = {}
        self._birth: Known | None = None
        self._moves = Writes("contact")
        self._moved = False
        self._corrections: list[OpKey] = []
        self._overlooked: dict[OpKey, int] = {}
        self._voids: dict[OpKey, tuple[Known, frozenset[OpKey]]] = {}
        self._taken_back: set[OpKey] = set()
        for item in known:
            self.add(item)

    @property
    def exists(self) -> bool:
        """Whether the operation that creates the entity is known."""
        return self._birth is not None

    @property
    def scope(self) -> str:
        """Where it is now; "" while it does not exist."""
        if self._moved:
            return str(self._moves.shown())
        return "" if self._birth is None else self._birth.operation.scope

    def add(self, item: Known) -> None:
        """Another operation is known."""
        operation = item.operation
        if operation.payload is None:
            return
        if operation.type == f"{self.kind}.{'record' if self._is_fact else 'register'}":
            self._bear(item)
        if not (self._is_fact and operation.type == f"{self.kind}.record"):
            self._write(item)
        move = move_in(item)
        if move is not None:
            self._moves.add(move)
            self._moved = True
        if self._is_fact:
            self._correct_or_void(item)

    def against(self, item: Known, most: int) -> tuple[OpKey, ...]:
        """The operations that a known one is in dispute with, a person deciding: the first `most` of them."""
        others: set[OpKey] = set()
        for name, _ in writes_in(self.kind, item):
            writes = self._fields.get(name)
            if writes is not None and item.key in writes and self._is_disputed(name, writes):
                others.update(islice((write.known.key for write in writes.heads()), most + 1))
        if item.key in self._overlooked or item.operation.type == f"{self.kind}.void":
            others.update(islice(self._overlooked, most + 1))
        return tuple(sorted(others - {item.key})[:most])

    def shows(self, operation: Operation) -> Shows:
        """Where it is, and of the fields that an operation names the value and whether it is disputed."""
        shown: dict[str, tuple[Json, bool]] = {}
        for name in operation.payload or {}:
            writes = self._fields.get(name)
            shown[name] = (
                (None, False) if writes is None else (writes.shown(), self._is_disputed(name, writes))
            )
        return self.scope, shown

    def _is_disputed(self, name: str, writes: Writes) -> bool:
        decided = self._is_fact or (self.kind == "child" and CHILD_FIELDS.get(name) == "identity")
        return decided and writes.differ()

    def _bear(self, item: Known) -> None:
        """The creating operation that is lowest in rank makes the entity; of a fact no other counts."""
        former = self._birth
        if former is not None and former.rank < item.rank:
            return
        self._birth = item
        if self._is_fact:
            if former is not None:
                for name, _ in writes_in(self.kind, former):
                    self._fields[name].remove(former.key)
            self._write(item)

    def _write(self, item: Known) -> None:
        for name, write in writes_in(self.kind, item):
            writes = self._fields.get(name)
            if writes is None:
                field_class = CHILD_FIELDS.get(name, "contact") if self.kind == "child" else "contact"
                writes = self._fields[name] = Writes(field_class)
            writes.add(write)

    def _correct_or_void(self, item: Known) -> None:
        operation = item.operation
        if is_correction(self.kind, operation):
            self._corrections.append(item.key)
            overlooked = sum(not saw(*void, item.key) for void in self._voids.values())
            if overlooked:
                self._overlooked[item.key] = overlooked
        elif operation.type == f"{self.kind}.void" and item.key not in self._taken_back:
            void = self._voids[item.key] = item, seen_by(item)
            for key in self._corrections:
                if not saw(*void, key):
                    self._overlooked[key] = self._overlooked.get(key, 0) + 1
        elif operation.type == f"{self.kind}.restore":
            for key in taken_back_by(item):
                self._take_back(key)

    def _take_back(self, key: OpKey) -> None:
        self._taken_back.add(key)
        void = self._voids.pop(key, None)
        if void is None:
            return
        for correction in [one for one in self._overlooked if not saw(*void, one)]:
            self._overlooked[correction] -= 1
            if not self._overlooked[correction]:
                del self._overlooked[correction]
