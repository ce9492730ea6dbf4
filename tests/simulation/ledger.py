"""The test's own list of every save that the app acknowledged, and of what people typed and had on screen."""

from collections.abc import Iterable
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

    def tip(self, book: str) -> int:
        """How many operations were acknowledged."""
        return len(self.books.get(book, ()))

    def copy(self, book: str, to: str) -> None:
        """A disk was copied, and with it all that had been acknowledged on it."""
        self.books[to] = list(self.books.get(book, ()))

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

    def __len__(self) -> int:
        return sum(map(len, self.books.values()))


def _told(kind: str, payload: object) -> str:
    return f"{kind} {payload}"
