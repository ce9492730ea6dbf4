"""The operation log: the single way in for what people did here and for what others did.

Own entries are gapless and hash-chained; others' entries arrive in any order, any number
of times. Every call leaves the projected rows equal to what the log says.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, NamedTuple

from msgspec import Struct

from posyandu_app import __version__
from posyandu_app.bulk import without_collections
from posyandu_app.domain import hlc
from posyandu_app.domain.clock import Clock, timestamp
from posyandu_app.domain.merge import Known, entity_kind
from posyandu_app.domain.operations import (
    GENESIS,
    JsonObject,
    Operation,
    OpKey,
    Sealed,
    canonical_again,
    clean,
    parse,
    seal,
    whole,
)
from posyandu_app.storage import arrivals, projection
from posyandu_app.storage.connection import Database, Value

LOCAL = "local"
FORKED_FROM = "forked_from"
"""In the first operation of a log: the key of the last operation of the log that it goes on from."""
CARRIED = "carried"
"""The status of another's entry that came by stick and of which the server has not said anything yet."""
ELSEWHERE = "elsewhere"
"""The status of one that came by stick and stands in the server's order, and not in what was read of it."""
LEFT, ERASED = "left", "erased"
"""Why an entry has no content any more: its child left this laptop's area, or the law wanted it."""
SUM_SIZE = 2**256

Moved = tuple[int | None, int | None, bytes]
"""An entry's place in the server's order before and after, and its content hash."""


class BrokenChain(Exception):
    """An entry of a log does not fit its hash: the file was altered behind the program's back."""

    def __init__(self, replica: str, seq: int) -> None:
        super().__init__(f"entry {seq} of log {replica} does not fit its hash")
        self.replica = replica
        self.seq = seq


class ForkedLog(Exception):
    """Another copy of this database has written under the same replica and number (sync rule 17)."""

    def __init__(self, replica: str, seq: int) -> None:
        super().__init__(f"entry {seq} of log {replica} exists with other content")
        self.replica = replica
        self.seq = seq


@dataclass(frozen=True, slots=True)
class NewOperation:
    """A deed about to be logged."""

    type: str
    entity: str
    scope: str
    payload: JsonObject
    v: int = 1


@dataclass(frozen=True, slots=True)
class LoggedOperation:
    """An entry of the log; `hash` is its place in the chain, None for others' entries.

    `payload_hash` stands in for a payload that was erased.
    """

    replica: str
    operation: Operation
    hash: bytes | None
    eff: str
    status: str
    ss: int | None
    payload_hash: bytes | None = None

    @property
    def key(self) -> OpKey:
        return OpKey(self.replica, self.operation.seq)

    @property
    def written(self) -> "Written":
        """An own entry as it travels."""
        assert self.hash is not None, "own entries are chained"
        body = canonical_again(self.operation.to_json())
        return Written(self.operation.seq, body, self.hash, self.payload_hash)


class Written(NamedTuple):
    """An own entry as it travels: number, canonical bytes, hash in the chain, hash of an erased payload.

    `left` says that this was forgotten here alone, since its child had left.
    """

    seq: int
    body: bytes
    hash: bytes
    payload_hash: bytes | None
    left: bool = False


class Received(Struct, frozen=True, gc=False):
    """An operation of the server's feed.

    `payload_hash` stands in for an erased payload; `sealed` spares sealing it again. By `proof` the server
    knows that it has told this with this `eff`.
    """

    replica: str
    operation: Operation
    eff: str
    status: str
    ss: int
    payload_hash: bytes | None = None
    sealed: Sealed | None = None
    proof: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an operation at the server, signed for by it; `proof` comes where the feed tells it."""

    replica: str
    seq: int
    status: str
    ss: int | None = None
    eff: str | None = None
    why: str | None = None
    ref: str | None = None
    message: str | None = None
    proof: str | None = None


def append(
    database: Database, operations: Sequence[NewOperation], *, actor: str, clock: Clock
) -> list[OpKey]:
    """Log one deed and project it, all or nothing; returns the keys of its operations."""
    if not operations:
        return []
    with database.atomic():
        replica = database.replica
        at, now_ms = timestamp(clock.now()), clock.ms()
        seq, chain, last, transaction = _own_tip(database, replica)
        former = forked_from(database) if seq == 0 else []
        entries = []
        for index, new in enumerate(operations, 1):
            last = hlc.tick(last, now_ms)
            payload = clean(new.payload)
            assert isinstance(payload, dict)
            operation = Operation(
                seq=seq + index,
                type=new.type,
                v=new.v,
                entity=new.entity,
                scope=new.scope,
                actor=actor,
                at=at,
                hlc=last,
                tx=(transaction + 1, index, len(operations)),
                app=__version__,
                payload=payload,
                extra={FORKED_FROM: list(former[0])} if former and index == 1 else {},
            )
            sealed = seal(operation)
            chain = sealed.chain(chain)
            known = Known(replica, last, operation)
            entries.append(Entry(known, sealed, sealed.content(replica), chain, LOCAL, None))
        earlier = _entities_with_entries(database, {new.entity for new in operations})
        insert(database, entries)
        projection.apply(database, entries, earlier)
        return [entry.known.key for entry in entries]


def receive(
    database: Database,
    items: Sequence[Received],
    receipts: Sequence[Receipt] = (),
    *,
    received_at: str,
    server_ms: int | None = None,
    heard: int = 0,
) -> frozenset[str]:
    """Take in a page of the feed and receipts, in any order, any number of times; returns entities touched.

    `received_at` is when the server signed for it (RFC 3339). `server_ms` is its time at contact: others'
    stamps push this clock up to five minutes beyond it. `heard` is how far the order was known before: a
    receipt gives no entry a place up to there, nor another's entry any; only the feed says what is read
    here. Another's entry gives way to what the server says stands there (and is put aside, unless it was
    only carried here). Raises `ForkedLog` when the own log is known to the server with other content, or
    with more than was written here.
    """
    with without_collections(), database.atomic():
        replica = database.replica
        marks = _known_marks(database, [(i.replica, i.operation.seq) for i in items])
        fresh: dict[tuple[str, int], Entry] = {}
        news: list[Receipt] = []
        given_way: set[str] = set()
        agreed: frozenset[OpKey] | None = None
        restored: set[str] = set()
        told_again: set[str] = set()
        erased: set[str] = set()
        moved: list[Moved] = []
        for item in items:
            operation = item.operation
            key = (item.replica, operation.seq)
            sealed = item.sealed or seal(operation, item.payload_hash)
            content = sealed.content(item.replica)
            entry, mark = fresh.get(key), marks.get(key)
            standing = entry or mark
            if standing is None:
                if item.replica == replica:
                    raise ForkedLog(replica, operation.seq)
                known = Known(item.replica, item.eff, operation)
                fresh[key] = Entry(known, sealed, content, None, item.status, item.ss, item.proof)
            elif content != standing.content:
                if entry is not None:
                    raise ForkedLog(item.replica, operation.seq)
                if item.replica == replica:
                    raise ForkedLog(replica, operation.seq)
                if agreed is None:
                    agreed = frozenset(_agreed(items, marks))
                given_way |= _give_way(database, OpKey(*key), agreed, received_at, moved)
                known = Known(item.replica, item.eff, operation)
                fresh[key] = Entry(known, sealed, content, None, item.status, item.ss, item.proof)
            elif mark is not None and entry is None:
                if mark.erased != (sealed.payload is None):
                    _put_payload(database, OpKey(*key), sealed)
                    (erased if sealed.payload is None else restored).add(operation.entity)
                if operation.type == "measurement.record":
                    told_again.add(operation.entity)
                news.append(
                    Receipt(item.replica, operation.seq, item.status, item.ss, item.eff, proof=item.proof)
                )
        entries = list(fresh.values())
        entities = {entry.known.operation.entity for entry in entries}
        earlier = _entities_with_entries(database, entities)
        insert(database, entries)
        moved += [(None, entry.ss, entry.content) for entry in entries]
        restamped, moved_by_feed = _take_receipts(database, news, received_at)
        stamped, moved_by_receipt = _take_receipts(database, receipts, received_at, heard)
        adjust_sum(database, moved + moved_by_feed + moved_by_receipt)
        restamped |= stamped | restored | erased | arrivals.not_marked(database, told_again)
        if erased:
            projection.remove(database, erased)
        if given_way:
            projection.rebuild(database)  # a row may be gone altogether; this happens to copied disks only
        else:
            projection.apply(database, entries, earlier, restamped)
        if server_ms is not None and entries:
            _observe(database, replica, max(entry.known.operation.hlc for entry in entries), server_ms)
        return frozenset(restamped | given_way | entities)


def carry(database: Database, items: Sequence[tuple[Known, Sealed]]) -> tuple[int, frozenset[str]]:
    """Take in what another laptop handed over directly; returns how much is new, and its entities.

    It stands as `CARRIED` until the server's word for it comes; what is known already stays as
    it is. Raises `ForkedLog` when an entry is known with other content, or should be in the own
    log and is not.
    """
    with database.atomic():
        marks = {
            key: mark.content
            for key, mark in _known_marks(database, [known.key for known, _ in items]).items()
        }
        entries: list[Entry] = []
        for known, sealed in items:
            content = sealed.content(known.replica)
            if known.key not in marks:
                if known.replica == database.replica:
                    raise ForkedLog(*known.key)
                entries.append(Entry(known, sealed, content, None, CARRIED, None))
            if marks.setdefault(known.key, content) != content:
                raise ForkedLog(*known.key)
        entities = {entry.known.operation.entity for entry in entries}
        earlier = _entities_with_entries(database, entities)
        insert(database, entries)
        projection.apply(database, entries, earlier)
        return len(entries), frozenset(entities)


def own_after(database: Database, seq: int, limit: int) -> list[LoggedOperation]:
    """This database's own entries after a number, in order, at most `limit`."""
    return [
        logged(row)
        for row in database.rows(
            f"SELECT {COLUMNS} FROM log WHERE replica = ? AND seq > ? ORDER BY seq LIMIT ?",  # noqa: S608
            (database.replica, seq, limit),
        )
    ]


def written_after(database: Database, seq: int, limit: int, replica: str | None = None) -> list[Written]:
    """This database's own entries after a number as they travel, in order, at most `limit`.

    `replica` is a log that it went on from, which it has written too as far as it is shared.
    """
    return [
        Written(number, whole(envelope, payload), chain, payload_hash, payload is None and why == LEFT)
        for number, envelope, payload, chain, payload_hash, why in database.rows(
            "SELECT seq, envelope, payload, hash, payload_hash, why FROM log"
            " WHERE replica = ? AND seq > ? ORDER BY seq LIMIT ?",
            (replica or database.replica, seq, limit),
        )
    ]


def entries_between(database: Database, replica: str, first: int, last: int) -> list[LoggedOperation]:
    """The known entries of a log between two numbers, both included, in order."""
    return [
        logged(row)
        for row in database.rows(
            f"SELECT {COLUMNS} FROM log WHERE replica = ? AND seq BETWEEN ? AND ? ORDER BY seq",  # noqa: S608
            (replica, first, last),
        )
    ]


def entries_of(database: Database, entity: str) -> list[LoggedOperation]:
    """Every known entry about an entity, in the order of their stamps."""
    found = database.rows(f"SELECT {COLUMNS} FROM log WHERE entity = ?", (entity,))  # noqa: S608
    return sorted((logged(row) for row in found), key=lambda e: (e.eff, e.replica, e.operation.seq))


def first_keys(database: Database, entities: Iterable[str]) -> dict[str, OpKey]:
    """Entity → the first of its known entries in the order of their stamps."""
    first: dict[str, tuple[str, str, int]] = {}
    for entity, *rank in database.rows(
        "SELECT entity, eff, replica, seq FROM log WHERE entity IN (SELECT value FROM json_each(?))",
        (json.dumps(list(entities)),),
    ):
        eff, replica, seq = rank
        first[entity] = min(first.get(entity, (eff, replica, seq)), (eff, replica, seq))
    return {entity: OpKey(replica, seq) for entity, (_, replica, seq) in first.items()}


def entries_about(database: Database, entities: Sequence[str]) -> list[LoggedOperation]:
    """Every known entry about these entities, in the order of their stamps."""
    found = database.rows(
        f"SELECT {COLUMNS} FROM log WHERE entity IN (SELECT value FROM json_each(?))"  # noqa: S608
        " ORDER BY eff, replica, seq",
        (json.dumps(list(entities)),),
    )
    return [logged(row) for row in found]


def entry(database: Database, key: OpKey) -> LoggedOperation | None:
    """One entry by its key, or None."""
    row = database.one(f"SELECT {COLUMNS} FROM log WHERE replica = ? AND seq = ?", tuple(key))  # noqa: S608
    return None if row is None else logged(row)


def tip(database: Database) -> tuple[int, bytes]:
    """Number and hash of this database's own last entry; 0 and `GENESIS` when it has none."""
    seq, chain, _, _ = _own_tip(database, database.replica)
    return seq, chain


def last_stamp(database: Database) -> str:
    """The last stamp this database has given or heard; its clock never goes behind it."""
    return _own_tip(database, database.replica)[2]


def hash_at(database: Database, seq: int, replica: str | None = None) -> bytes:
    """The chain's hash at a number of the own log, or of one that it went on from; `GENESIS` at 0."""
    if seq == 0:
        return GENESIS
    log = replica or database.replica
    row = database.one("SELECT hash FROM log WHERE replica = ? AND seq = ?", (log, seq))
    if row is None:
        raise LookupError(f"the own log has no entry {seq}")
    return bytes(row[0])


def have(database: Database) -> dict[str, int]:
    """How far this database holds its own log, and those it went on from, without a gap.

    Of a log that another copy goes on with, only what was written before the copies parted counts.
    """
    return {database.replica: _gapless(database, database.replica)} | {
        key.replica: min(key.seq, _gapless(database, key.replica)) for key in forked_from(database)
    }


def _gapless(database: Database, replica: str) -> int:
    return database.number(
        "SELECT max(seq) FROM (SELECT seq, row_number() OVER (ORDER BY seq) AS place FROM log"
        " WHERE replica = ?) WHERE seq = place",
        (replica,),
    )


def forked_from(database: Database) -> list[OpKey]:
    """The last operations that this database shares with the logs it went on from, the latest first."""
    return [OpKey(replica, seq) for replica, seq in json.loads(database.meta(FORKED_FROM) or "[]")]


def held(database: Database) -> dict[str, int]:
    """How far this database holds every log it knows of, from 1 without a gap."""
    return dict(
        database.rows(
            "SELECT replica, max(seq) FROM (SELECT replica, seq,"
            " row_number() OVER (PARTITION BY replica ORDER BY seq) AS place FROM log)"
            " WHERE seq = place GROUP BY replica ORDER BY replica"
        )
    )


def verify_chain(database: Database, replica: str | None = None) -> int:
    """How many entries of a log fit their hashes; raises `BrokenChain` at the first that does not."""
    replica = replica or database.replica
    previous, expected = GENESIS, 1
    after = 0
    while True:
        page = database.rows(
            "SELECT seq, envelope, payload, payload_hash, hash, content, entity, type, scope FROM log"
            " WHERE replica = ? AND seq > ? ORDER BY seq LIMIT 1000",
            (replica, after),
        )
        if not page:
            return expected - 1
        for seq, envelope, payload, payload_hash, chain, content, *columns in page:
            try:
                operation = read_operation(envelope, payload)
            except ValueError:
                raise BrokenChain(replica, seq) from None
            sealed = seal(operation, payload_hash if payload is None else None)
            previous = sealed.chain(previous)
            if (
                seq != expected
                or operation.seq != seq
                or chain != previous
                or content != sealed.content(replica)
                or columns != [operation.entity, operation.type, operation.scope]
            ):
                raise BrokenChain(replica, seq)
            expected += 1
        after = page[-1][0]


class Entry(Struct, frozen=True, gc=False):
    """An entry about to be stored; `chain` is its place in the own log, None for others'."""

    known: Known
    sealed: Sealed
    content: bytes
    chain: bytes | None
    status: str
    ss: int | None
    proof: str | None = None


COLUMNS = "replica, envelope, payload, hash, eff, status, ss, payload_hash"


def logged(row: tuple[Any, ...]) -> LoggedOperation:
    replica, envelope, payload, chain, eff, status, ss, payload_hash = row
    return LoggedOperation(replica, read_operation(envelope, payload), chain, eff, status, ss, payload_hash)


def read_operation(envelope: str, payload: str | None) -> Operation:
    """An operation from its stored form; `payload` is None after an erasure."""
    decoded = json.loads(envelope)
    return parse({**decoded, "payload": None if payload is None else json.loads(payload)})


def _own_tip(database: Database, replica: str) -> tuple[int, bytes, str, int]:
    """Number, chain hash, last stamp and last transaction of the own log."""
    row = database.one(
        "SELECT seq, hash, envelope FROM log WHERE replica = ? ORDER BY seq DESC LIMIT 1", (replica,)
    )
    heard = database.meta("hlc") or hlc.ZERO
    if row is None:
        return 0, GENESIS, heard, 0
    envelope = json.loads(row[2])
    tx = envelope["tx"]
    return row[0], bytes(row[1]), max(envelope["hlc"], heard), tx[0] if tx else 0


def _agreed(items: Sequence[Received], marks: Mapping[tuple[str, int], "_Mark"]) -> Iterator[OpKey]:
    """Those of these entries that are known here just as the server tells them."""
    for item in items:
        key = OpKey(item.replica, item.operation.seq)
        sealed = item.sealed or seal(item.operation, item.payload_hash)
        if key in marks and marks[key].content == sealed.content(item.replica):
            yield key


def _give_way(
    database: Database, key: OpKey, agreed: AbstractSet[OpKey], at: str, moved: list[Moved]
) -> set[str]:
    """Take out another's entry that stands otherwise at the server; returns the entities it was about.

    With it go those after it in its log that the server told in another history: the same copy wrote
    them, unless the server has `agreed` to them meanwhile. What was more than carried here is kept in
    `displaced`: its writer sends it under other numbers.
    """
    gone: set[str] = set()
    for seq, entity, status, ss, content, envelope, payload in database.rows(
        "SELECT seq, entity, status, ss, content, envelope, payload FROM log"
        " WHERE replica = ? AND (seq = ? OR (seq > ? AND ss IS NULL AND status <> ?))",
        (key.replica, key.seq, key.seq, CARRIED),
    ):
        if OpKey(key.replica, seq) in agreed:
            continue
        database.run("DELETE FROM log WHERE replica = ? AND seq = ?", (key.replica, seq))
        gone.add(entity)
        if status != CARRIED:
            database.run(
                "INSERT INTO displaced(replica, seq, at, envelope, payload) VALUES (?, ?, ?, ?, ?)",
                (key.replica, seq, at, envelope, payload),
            )
            moved.append((ss, None, content))
    return gone


def _observe(database: Database, replica: str, received: str, server_ms: int) -> None:
    if not hlc.is_stamp(received):
        return
    last = _own_tip(database, replica)[2]
    pushed = hlc.observe(last, received, server_ms)
    if pushed > last:
        database.set_meta("hlc", pushed)


class _Mark(NamedTuple):
    """What is known under a key: its content hash, and whether its payload was erased."""

    content: bytes
    erased: bool


def _put_payload(database: Database, key: OpKey, sealed: Sealed) -> None:
    """The payload of a known entry as the server has it: told again after a purge, or erased by law."""
    payload = None if sealed.payload is None else sealed.payload.decode("utf-8")
    hashed, why = (sealed.payload_hash, ERASED) if payload is None else (None, None)
    database.run(
        "UPDATE log SET payload = ?, payload_hash = ?, why = ? WHERE replica = ? AND seq = ?",
        (payload, hashed, why, *key),
    )


def _known_marks(database: Database, keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], _Mark]:
    return {
        key: _Mark(content, bool(erased))
        for key, (content, erased) in _standing(database, keys, "content, payload IS NULL")
    }


def _entities_with_entries(database: Database, entities: set[str]) -> set[str]:
    return {
        entity
        for (entity,) in database.rows(
            "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM log WHERE log.entity = value)",
            (json.dumps(list(entities)),),
        )
    }


_TOLD = (
    *("replica", "seq", "type", "entity", "kind", "scope", "eff", "status", "ss", "envelope", "payload"),
    *("content", "proof"),
)
_OWN_OR_ERASED = (*_TOLD, "hash", "payload_hash")


def insert(database: Database, entries: Sequence[Entry]) -> None:
    """Store entries that are not there yet; the caller projects them."""

    plain: list[tuple[Value, ...]] = []
    others: list[tuple[Value, ...]] = []
    for item in entries:
        known, sealed = item.known, item.sealed
        operation, payload = known.operation, sealed.payload
        row = (
            known.replica,
            operation.seq,
            operation.type,
            operation.entity,
            entity_kind(operation),
            operation.scope,
            known.eff,
            item.status,
            item.ss,
            sealed.envelope.decode("utf-8"),
            None if payload is None else payload.decode("utf-8"),
            item.content,
            item.proof,
        )
        if payload is not None and item.chain is None:
            plain.append(row)
        else:
            others.append((*row, item.chain, sealed.payload_hash if payload is None else None))
    database.insert("log", _TOLD, plain)
    database.insert("log", _OWN_OR_ERASED, others)


def _take_receipts(
    database: Database, receipts: Sequence[Receipt], received_at: str, heard: int | None = None
) -> tuple[set[str], list[Moved]]:
    """Mark entries as the server says; returns entities with new stamps, and moves in its order.

    What is not of the feed itself comes with how far the feed was `heard` before.
    """
    restamped: set[str] = set()
    moved: list[Moved] = []
    if not receipts:
        return restamped, moved
    standing = dict(
        _standing(database, ((r.replica, r.seq) for r in receipts), "entity, eff, status, ss, content")
    )
    replica, own = database.replica, {key.replica: key.seq for key in forked_from(database)}
    updates: list[tuple[Value, ...]] = []
    for receipt in receipts:
        found = standing.get((receipt.replica, receipt.seq))
        if found is None:
            continue
        entity, eff, status, ss, content = found
        if (ss is not None or status == ELSEWHERE) and receipt.ss is None:
            continue  # an older receipt, come late: what the server has applied stays applied
        now, place = receipt.status, receipt.ss
        if heard is not None and ss is None and place is not None:
            if receipt.replica != replica and receipt.seq > own.get(receipt.replica, 0):
                now, place = ELSEWHERE, None
            elif place <= heard:
                continue  # it was purged since
        new_eff = receipt.eff if receipt.eff is not None and hlc.is_stamp(receipt.eff) else eff
        if new_eff != eff:
            restamped.add(entity)
        if (now, place, new_eff) == (status, ss, eff) and receipt.why is None:
            continue
        if place != ss:
            moved.append((ss, place, content))
        found[1:4] = new_eff, now, place
        updates.append(
            (
                now,
                place,
                new_eff,
                receipt.ref,
                receipt.message,
                receipt.why,
                receipt.proof,
                received_at,
                receipt.replica,
                receipt.seq,
            )
        )
    database.run_many(
        "UPDATE log SET status = ?, ss = ?, eff = ?, ref = ?, message = ?,"  # noqa: S608 - own words
        f" why = CASE WHEN payload IS NULL AND why IN ('{LEFT}', '{ERASED}') THEN why ELSE ? END,"
        " proof = coalesce(?, proof),"
        " received_at = coalesce(received_at, ?) WHERE replica = ? AND seq = ?",
        updates,
    )
    return restamped, moved


def _standing(
    database: Database, keys: Iterable[tuple[str, int]], columns: str
) -> Iterator[tuple[tuple[str, int], list[Any]]]:
    """What stands in some columns of the entries with these keys, and perhaps of others between them."""
    seqs: dict[str, list[int]] = {}
    for replica, seq in keys:
        seqs.setdefault(replica, []).append(seq)
    for replica, wanted in seqs.items():
        first, last = min(wanted), max(wanted)
        numbers = json.dumps(wanted) if last - first >= 2 * len(wanted) else None
        among = "IN (SELECT value FROM json_each(?))" if numbers else "BETWEEN ? AND ?"
        for seq, *standing in database.rows(
            f"SELECT seq, {columns} FROM log WHERE replica = ? AND seq {among}",  # noqa: S608 - own columns
            (replica, numbers) if numbers else (replica, first, last),
        ):
            yield (replica, seq), standing


def adjust_sum(database: Database, moved: Sequence[Moved]) -> None:
    """Keep the sum of entries up to the cursor right when entries below it come or move (rule 13)."""
    row = database.one("SELECT cursor, log_count, log_sum FROM peer") if moved else None
    if row is None:
        return
    cursor, count, total = row[0], row[1], int.from_bytes(row[2], "big")
    for old, new, content in moved:
        step = (new is not None and new <= cursor) - (old is not None and old <= cursor)
        if not step:
            continue
        count += step
        total += step * int.from_bytes(content, "big")
    database.run(
        "UPDATE peer SET log_count = ?, log_sum = ?", (count, (total % SUM_SIZE).to_bytes(32, "big"))
    )


def count(database: Database) -> int:
    """The number of entries in this database, own and others'."""
    return database.number("SELECT count(*) FROM log")


def statuses(database: Database) -> Mapping[str, int]:
    """How many entries stand at each status that needs another entry or a person."""
    return dict(
        database.rows(
            "SELECT status, count(*) FROM log WHERE status NOT IN ('local', 'applied')"
            " AND payload IS NOT NULL GROUP BY status"
        )
    )
