"""Stretches of logs as they go out: of the own one, of those it went on from, and what is carried."""

import json
from collections.abc import Mapping, Sequence

from msgspec import Raw

from posyandu_app.domain.operations import GENESIS
from posyandu_app.storage import carried, log
from posyandu_app.storage.carried import Stretch
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import Written
from posyandu_app.sync import wire
from posyandu_app.sync.signing import Keys, sign_segment

MAX_BYTES = 3 * 1024 * 1024
_LACKING, _GIVEN_UP = "shared_lacking", "shared_given_up"


def next_own(
    database: Database, start: int, limit: int, device: str, keys: Keys
) -> tuple[list[wire.Segment], int]:
    """The next stretch of the own log, if any, within the limits; and how many operations it has."""
    entries = log.written_after(database, start, limit)
    if not entries:
        return [], 0
    segment = own(database, entries, device, keys, MAX_BYTES)
    return [segment], len(segment.ops)


def shared(database: Database, limit: int, device: str, keys: Keys) -> list[wire.Segment]:
    """What the server lacks of the logs that the own one went on from, the oldest first.

    It was signed for before both copies parted; a server that was put back hears it from either.
    """
    found: list[wire.Segment] = []
    lacking = json.loads(database.meta(_LACKING) or "{}")
    for key in reversed(log.forked_from(database)):
        have = lacking.get(key.replica, key.seq)
        entries = log.written_after(database, have, min(limit, key.seq - have), key.replica)
        if entries and entries[0].seq == have + 1:
            found.append(own(database, entries, device, keys, MAX_BYTES, key.replica))
            limit -= len(found[-1].ops)
    return found


def shared_is_lacking(database: Database) -> bool:
    """Whether the server lacks something of the logs that the own one went on from."""
    return database.meta(_LACKING) is not None


def give_up_shared(database: Database, replica: str, epoch: str) -> None:
    """The server takes nothing of that log from this laptop, in this epoch: it belongs to another."""
    with database.atomic():
        given_up = [*_given_up(database, epoch), replica]
        database.set_meta(_GIVEN_UP, json.dumps({"epoch": epoch, "logs": given_up}))
        database.set_meta(_LACKING, None)


def _given_up(database: Database, epoch: str) -> list[str]:
    kept = json.loads(database.meta(_GIVEN_UP) or "{}")
    return list(kept["logs"]) if kept.get("epoch") == epoch else []


def note_shared(
    database: Database, have: Mapping[str, int], holds: Mapping[str, tuple[int, str]], epoch: str
) -> None:
    """Keep how far the server holds the logs that the own one went on from, where it lacks something.

    Where it holds something else under these numbers, or takes nothing of it, there is no more to say.
    """
    lacking = {}
    given_up = _given_up(database, epoch)
    for key in log.forked_from(database):
        if key.replica in given_up:
            continue
        held = have.get(key.replica, key.seq)
        seq, chain = holds.get(key.replica, (0, GENESIS.hex()))
        if held < key.seq and seq == held and log.hash_at(database, seq, key.replica).hex() == chain:
            lacking[key.replica] = held
    database.set_meta(_LACKING, json.dumps(lacking) if lacking else None)


def own(
    database: Database,
    entries: Sequence[Written],
    device: str,
    keys: Keys,
    most_bytes: int,
    replica: str | None = None,
) -> wire.Segment:
    """A gapless stretch of the own log, signed: of these entries the first one and all that fit after it.

    `replica` is a log that it went on from, when the entries are of that.
    """
    replica = replica or database.replica
    bodies: list[Raw] = []
    size = 0
    for item in entries:
        size += len(item.body)
        if bodies and size > most_bytes:
            break
        bodies.append(Raw(item.body))
    first, last = entries[0].seq, entries[len(bodies) - 1]
    return wire.Segment(
        replica=replica,
        first=first,
        prev=log.hash_at(database, first - 1, replica).hex(),
        ops=bodies,
        last=last.hash.hex(),
        device=device,
        sig=sign_segment(replica, first, last.seq, last.hash.hex(), keys.sign),
        erased={
            str(item.seq): item.payload_hash.hex()
            for item in entries[: len(bodies)]
            if item.payload_hash is not None
        },
        left=[item.seq for item in entries[: len(bodies)] if item.left],
    )


def size_of(segment: wire.Segment) -> int:
    """About how many bytes a segment takes before compression."""
    return sum(memoryview(raw).nbytes for raw in segment.ops)


def of_another(database: Database, stretch: Stretch) -> wire.Segment | None:
    """A stretch of another's log as its laptop signed it; None when it does not stand here any more."""
    operations = carried.operations(database, stretch)
    if not operations:
        return None
    return wire.Segment(
        replica=stretch.replica,
        first=stretch.first,
        prev=stretch.prev,
        ops=[Raw(wire.encode(item.operation)) for item in operations],
        last=stretch.last,
        device=stretch.device,
        sig=stretch.sig,
        erased={
            str(item.operation["seq"]): item.payload_hash.hex()
            for item in operations
            if item.payload_hash is not None
        },
    )


def add_carried(
    database: Database, segments: list[wire.Segment], waiting: Sequence[Stretch], room: int
) -> int:
    """Add the first of others' stretches, as many as fit, one at least if there is nothing else."""
    size = sum(map(size_of, segments)) if waiting else 0
    for number, stretch in enumerate(waiting):
        segment = of_another(database, stretch)
        if segment is None:
            continue
        room -= len(segment.ops)
        size += size_of(segment)
        full = len(segments) == wire.MAX_SEGMENTS
        if full or (segments and (room < 0 or size > MAX_BYTES)):
            return number
        segments.append(segment)
    return len(waiting)
