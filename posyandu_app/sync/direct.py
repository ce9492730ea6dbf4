"""From one laptop to another by stick, without any server: posyandu to midwife.

Segments keep their author's signature, so the laptop that receives them can carry them on to
the server. What came so has not reached the Dinas until the server says it has.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from msgspec import UNSET, Raw, Struct, UnsetType

from posyandu_app.domain import forms, hlc
from posyandu_app.domain.clock import Clock, timestamp
from posyandu_app.domain.merge import Known
from posyandu_app.domain.operations import Operation, Sealed
from posyandu_app.domain.scopes import within
from posyandu_app.storage import carried, log, peer
from posyandu_app.storage.carried import Stretch
from posyandu_app.storage.connection import Database
from posyandu_app.storage.peer import Peer
from posyandu_app.sync import cards, engine, segments, wire
from posyandu_app.sync.cards import Laptop, NotOurs
from posyandu_app.sync.signing import BadSignature, open_message, sign_message, verify_segment

MAX_STRETCH = 200
MAX_STRETCH_BYTES = 256 * 1024
"""A stretch cannot be cut by those who carry it, so it is small enough for any exchange."""
MAX_BYTES = 3 * 1024 * 1024


class NotBelieved(ValueError):
    """A handover of another server's laptop, for somebody else, or altered."""


class Handover(Struct, frozen=True):
    """Segments for another laptop; `cards` are the server's proofs of who wrote them and who hands over."""

    cards: list[Raw]
    device: str
    proto: int
    reader: str
    segments: list[wire.Segment]
    sent_at: str
    signature: str | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Taken:
    """What a handover brought: operations that were not known here, and segments that were left out."""

    giver: Laptop
    operations: int
    changed: frozenset[str]
    left_out: int


def write(
    database: Database,
    clock: Clock,
    server: Peer,
    own: Laptop,
    reader: Laptop,
    have: Mapping[str, int] | None,
) -> Iterator[tuple[bytes, int]]:
    """The handovers for one laptop, each with the number of operations in it.

    `have` is what its card says it holds; without one, it is taken to know what the Dinas has
    signed for. Nothing outside the reader's area goes along.
    """
    known = {**cards.known(database, server), own.device: own}
    keys = engine.device_keys(database)
    for batch in _batches(_segments(database, server, known, reader, have)):
        writers = sorted({own.device, *(segment.device for segment in batch)})
        handover = Handover(
            cards=[Raw(known[device].proof) for device in writers],
            device=own.device,
            proto=wire.PROTO,
            reader=reader.device,
            segments=batch,
            sent_at=timestamp(clock.now()),
        )
        yield sign_message(handover, keys.sign), sum(len(segment.ops) for segment in batch)


def _batches(found: Iterator[wire.Segment]) -> Iterator[list[wire.Segment]]:
    batch: list[wire.Segment] = []
    size = count = 0
    for segment in found:
        size, count = size + engine.size_of(segment), count + len(segment.ops)
        if batch and (size > MAX_BYTES or count > wire.MAX_OPERATIONS):
            yield batch
            batch, size, count = [], engine.size_of(segment), len(segment.ops)
        batch.append(segment)
    if batch:
        yield batch


def _segments(
    database: Database,
    server: Peer,
    known: Mapping[str, Laptop],
    reader: Laptop,
    have: Mapping[str, int] | None,
) -> Iterator[wire.Segment]:
    """What the reader may read and lacks, of the own log and of what is carried for others."""
    keys = engine.device_keys(database)
    after = server.acked if have is None else have.get(database.replica, 0)
    while page := log.own_after(database, after, wire.MAX_OPERATIONS):
        after = page[-1].operation.seq
        for readable, run in groupby(page, lambda item: reader.reads(item.operation.scope or server.scope)):
            left = list(run) if readable else []
            while left:
                some = left[:MAX_STRETCH]
                segment = engine.own_segment(database, some, server.device, keys, MAX_STRETCH_BYTES)
                left = left[len(segment.ops) :]
                yield segment
    for stretch in carried.waiting(database):
        author = known.get(stretch.device)
        if author is None or author.device == reader.device:
            continue
        if have is not None and have.get(stretch.replica, 0) >= stretch.last_seq:
            continue
        entries = carried.operations(database, stretch)
        if all(reader.reads(item.operation.scope or author.scope) for item in entries):
            carried_on = engine.carried_segment(database, stretch)
            if carried_on is not None:
                yield carried_on


def take(database: Database, clock: Clock, server: Peer, body: bytes) -> Taken:
    """Take in what another laptop hands over; a segment that does not hold is left out alone.

    Raises `NotBelieved`; then nothing has changed.
    """
    try:
        claimed = wire.decode(body, Handover)
        laptops = {item.device: item for item in (cards.believe(bytes(raw), server) for raw in claimed.cards)}
        giver = laptops[claimed.device]
        told = open_message(body, giver.sign_key, Handover)
    except (wire.Malformed, NotOurs, BadSignature, KeyError):
        raise NotBelieved from None
    if told.proto != wire.PROTO or told.reader != server.device:
        raise NotBelieved
    operations = left_out = 0
    gone = peer.revoked(database)
    changed: frozenset[str] = frozenset()
    for segment in told.segments:
        try:
            author = laptops[segment.device]
            if author.device in gone:
                raise NotBelieved
            items = _believed(segment, author, server, clock.ms())
            with database.atomic():
                cards.remember(database, author)
                new, entities = log.carry(database, items)
                carried.keep(database, _stretch(segment))
        except (NotBelieved, KeyError, log.ForkedLog):
            left_out += 1
        else:
            operations, changed = operations + new, changed | entities
    return Taken(giver, operations, changed, left_out)


def _stretch(segment: wire.Segment) -> Stretch:
    return Stretch(
        replica=segment.replica,
        first=segment.first,
        last_seq=segment.first + len(segment.ops) - 1,
        prev=segment.prev,
        last=segment.last,
        device=segment.device,
        sig=segment.sig,
    )


def _believed(segment: wire.Segment, author: Laptop, server: Peer, now_ms: int) -> list[tuple[Known, Sealed]]:
    """The operations of a segment, signed by its author and fit to be shown; raises `NotBelieved`.

    Nobody has judged them yet, so what the server would put aside for its form or its area is
    not taken in here; it comes by way of the server when a person there has looked at it.
    """
    try:
        verify_segment(segment, author.sign_key)
        chain = segments.read(segment)
    except (BadSignature, wire.Malformed, segments.Damaged):
        raise NotBelieved from None
    if not forms.is_id(segment.replica):
        raise NotBelieved
    items = []
    for arrived in chain.arrived:
        operation = arrived.operation
        if forms.flaw(operation) is not None or not _concerns(operation, author, server):
            raise NotBelieved
        eff = hlc.effective(operation.hlc, now_ms)
        items.append((Known(segment.replica, eff, operation), arrived.sealed))
    return items


def _concerns(operation: Operation, author: Laptop, server: Peer) -> bool:
    """Whether an operation lies in the area of this laptop, and of the one that wrote it."""
    scope = operation.scope or author.scope
    return author.reads(scope) and within(scope, server.scope)
