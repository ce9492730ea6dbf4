"""The test's own list of every save that the app acknowledged, and of what people typed and had on screen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from posyandu_app.domain.operations import JsonObject, OpKey, canonical


class Violation(AssertionError):
    """A promise of docs/sync-proof.md that was broken; `promise` is its number."""

    def __init__(self, promise: str, what: str) -> None:
        super().__init__(promise, what)
        self.promise = promise
        self.what = what

    def __str__(self) -> str:
        return f"{self.promise}: {self.what}"


def require(kept: bool, promise: str, what: str) -> None:
    """Raise `Violation` unless the promise was kept."""
    if not kept:
        raise Violation(promise, what)


@dataclass(frozen=True)
class Deed:
    """What a person did, in the words of the protocol: what must stand in the log once it is saved.

    `entity` is None where the laptop makes the id; `payload` None where only the type is foreseen.
    """

    type: str
    entity: str | None
    payload: JsonObject | None

    def is_told_by(self, operation: JsonObject) -> bool:
        """Whether an operation says this and nothing else."""
        return (
            operation["type"] == self.type
            and (self.entity is None or operation["entity"] == self.entity)
            and (self.payload is None or canonical(operation["payload"]) == canonical(self.payload))
        )


@dataclass(frozen=True)
class Entry:
    """One acknowledged operation."""

    key: OpKey
    operation: JsonObject
    content: bytes
    chain: bytes


@dataclass
class Ledger:
    """All that was acknowledged, a book for each laptop; a copied disk begins with a copy of its book."""

    books: dict[str, list[Entry]] = field(default_factory=dict)
    left: dict[str, list[Entry]] = field(default_factory=dict)

    def tip(self, book: str) -> int:
        """How many operations were acknowledged."""
        return len(self.books.get(book, ()))

    def keys(self, book: str) -> set[OpKey]:
        """Everything that was acknowledged, also in the logs that were left."""
        return {entry.key for entry in [*self.left.get(book, ()), *self.books.get(book, ())]}

    def copy(self, book: str, to: str) -> None:
        """A disk was copied, and with it all that had been acknowledged on it."""
        self.books[to] = list(self.books.get(book, ()))
        self.left[to] = list(self.left.get(book, ()))

    def acknowledge(self, book: str, entries: Iterable[Entry], deeds: Iterable[Deed] | None) -> None:
        """The app says that these are saved; they must follow on one another and say what was done."""
        kept = self.books.setdefault(book, [])
        new = list(entries)
        for entry in new:
            require(entry.key.seq == len(kept) + 1, "I5", f"{entry.key} does not follow entry {len(kept)}")
            kept.append(entry)
        if deeds is None:
            return
        wanted = list(deeds)
        require(len(wanted) == len(new), "I4", f"{len(new)} operations were logged for {len(wanted)} deeds")
        for deed, entry in zip(wanted, new, strict=True):
            require(
                deed.is_told_by(entry.operation),
                "I4",
                f"a person did {_told(deed.type, deed.payload)},"
                f" the log says {_told(str(entry.operation['type']), entry.operation['payload'])}",
            )

    def go_on(self, book: str, former: str, kept: int, entries: Sequence[Entry]) -> None:
        """A copied disk has a log of its own from here on: what stood after `kept` begins it, renumbered."""
        known, moved = self.books.get(book, []), list(entries)
        tail = known[kept:]
        require(len(moved) >= len(tail), "I1", f"{book} took {len(moved)} of {len(tail)} operations along")
        for old, new in zip(tail, moved, strict=False):
            require(
                _renumbered(old.operation, former, kept, new.key.replica) == _without_number(new.operation),
                "I1",
                f"{old.key} became another deed as {new.key}",
            )
        self.left.setdefault(book, []).extend(known[:kept])
        self.books[book] = moved[: len(tail)]

    def __len__(self) -> int:
        return sum(map(len, self.books.values()))


def _renumbered(operation: JsonObject, former: str, kept: int, replica: str) -> JsonObject:
    """The operation as it must stand in another log, but for its own number."""

    def renumber(value: object) -> object:
        if isinstance(value, dict):
            return {name: renumber(item) for name, item in value.items()}
        if isinstance(value, list):
            if len(value) == 2 and value[0] == former and isinstance(value[1], int) and value[1] > kept:
                return [replica, value[1] - kept]
            return [renumber(item) for item in value]
        return value

    return _without_number(operation | {"payload": renumber(operation["payload"])})


def _without_number(operation: JsonObject) -> JsonObject:
    return {name: value for name, value in operation.items() if name not in ("seq", "forked_from")}


def _told(kind: str, payload: object) -> str:
    return f"{kind} {payload}"
