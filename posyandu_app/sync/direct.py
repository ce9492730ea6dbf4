"""From one laptop to another by stick, without any server: posyandu to midwife.

Segments keep their author's signature, so the laptop that receives them can carry them on to
the server. What came so has not reached the Dinas until the server says it has.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from msgspec import UNSET, Raw, Struct, UnsetType

from posyandu_app.domain import forms, hlc
from posyandu_app.domain.clock import Clock, timestamp
from posyandu_app.domain.merge import Known
from posyandu_app.domain.operations import Operation, Sealed, kind_of
from posyandu_app.domain.scopes import HANDED_OUT, within
from posyandu_app.storage import carried, log, peer
from posyandu_app.storage.carried import Stretch
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import LoggedOperation
from posyandu_app.storage.peer import Peer
from posyandu_app.sync import cards, enrolment, segments, stretches, wire
from posyandu_app.sync.cards import Holds, Laptop, NotOurs
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
    """What a handover brought: operations that were not known here, and how much was left out."""

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
    holds: Holds | None,
) -> Iterator[tuple[bytes, int]]:
    """The handovers for one laptop, each with the number of operations in it.

    `holds` is what its card says; without one, it is taken to know what the Dinas has signed for.
    Nothing outside the reader's area goes along, and nothing that the Dinas has put aside.
    """
    known = {**cards.known(database, server), own.device: own}
    keys = enrolment.device_keys(database)
    for batch in _batches(_segments(database, server, known, reader, holds)):
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
        size, count = size + stretches.size_of(segment), count + len(segment.ops)
        if batch and (size > MAX_BYTES or count > wire.MAX_OPERATIONS):
            yield batch
            batch, size, count = [], stretches.size_of(segment), len(segment.ops)
        batch.append(segment)
    if batch:
        yield batch


def _segments(
    database: Database,
    server: Peer,
    known: Mapping[str, Laptop],
    reader: Laptop,
    holds: Holds | None,
) -> Iterator[wire.Segment]:
    """What the reader may read and lacks, of the own log and of what is carried for others."""
    keys = enrolment.device_keys(database)
    after = server.acked if holds is None else 0

    def wanted(item: LoggedOperation) -> bool:
        fit = item.status != "quarantined" and item.operation.payload is not None
        readable = fit and reader.reads(item.operation.scope or server.scope)
        return readable and (holds is None or not holds.has(item, server.epoch))

    while page := log.own_after(database, after, wire.MAX_OPERATIONS):
        after = page[-1].operation.seq
        for goes_along, run in groupby(page, wanted):
            left = list(run) if goes_along else []
            while left:
                some = [item.written for item in left[:MAX_STRETCH]]
                segment = stretches.own(database, some, server.device, keys, MAX_STRETCH_BYTES)
                left = left[len(segment.ops) :]
                yield segment
    for stretch in carried.waiting(database):
        author = known.get(stretch.device)
        if author is None or author.device == reader.device:
            continue
        if holds is not None and holds.have.get(stretch.replica, 0) >= stretch.last_seq:
            continue
        held = carried.operations(database, stretch)
        scopes = {str(item.operation["scope"]) or author.scope for item in held}
        if all(map(reader.reads, scopes)):
            carried_on = stretches.of_another(database, stretch)
            if carried_on is not None and not carried_on.erased:
                yield carried_on


def take(database: Database, clock: Clock, server: Peer, body: bytes) -> Taken:
    """Take in what another laptop hands over; a segment or operation that does not hold is left out alone.

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
            arrived = _believed(segment, author, server)
            fit = [item for item in arrived if _may_stand(item.operation, author)]
            unfit = [item for item in arrived if not _may_stand(item.operation, author)]
            with database.atomic():
                cards.remember(database, author)
                new, entities = log.carry(database, _known(segment.replica, fit, clock.ms()))
                carried.keep(database, _stretch(segment, unfit))
        except (NotBelieved, KeyError, log.ForkedLog):
            left_out += 1
        else:
            operations, changed = operations + new, changed | entities
            left_out += len(unfit)
    return Taken(giver, operations, changed, left_out)


def _believed(segment: wire.Segment, author: Laptop, server: Peer) -> Sequence[wire.Arrived]:
    """The operations of a segment signed by its author, all of them in both laptops' areas.

    Raises `NotBelieved`.
    """
    try:
        verify_segment(segment, author.sign_key)
        chain = segments.read(segment)
    except (BadSignature, wire.Malformed, segments.Damaged):
        raise NotBelieved from None
    scopes = {item.operation.scope or author.scope for item in chain.arrived}
    if not all(author.reads(scope) and within(scope, server.scope) for scope in scopes):
        raise NotBelieved
    if not forms.is_id(segment.replica) or segment.erased:
        raise NotBelieved
    return chain.arrived


def _may_stand(operation: Operation, author: Laptop) -> bool:
    """Whether the server would let it stand: nobody has judged it yet, and it is to be shown."""
    owners = HANDED_OUT.get(kind_of(operation.type), {author.role})
    return forms.flaw(operation) is None and author.role in owners


def _known(replica: str, arrived: Sequence[wire.Arrived], now_ms: int) -> list[tuple[Known, Sealed]]:
    return [
        (Known(replica, hlc.effective(item.operation.hlc, now_ms), item.operation), item.sealed)
        for item in arrived
    ]


def _stretch(segment: wire.Segment, left_out: Sequence[wire.Arrived]) -> Stretch:
    return Stretch(
        replica=segment.replica,
        first=segment.first,
        last_seq=segment.first + len(segment.ops) - 1,
        prev=segment.prev,
        last=segment.last,
        device=segment.device,
        sig=segment.sig,
        left_out="[" + ",".join(item.body.decode("utf-8") for item in left_out) + "]",
    )
