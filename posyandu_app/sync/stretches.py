"""Stretches of logs as they go out: the own one, and those that are carried for others."""

from collections.abc import Sequence

from msgspec import Raw

from posyandu_app.storage import carried, log
from posyandu_app.storage.carried import Stretch
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import Written
from posyandu_app.sync import wire
from posyandu_app.sync.signing import Keys, sign_segment


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
