"""Segments into the log: signatures and hash chains checked first, then kept whole.

Nothing is judged here (sync rule 2): once a segment fits its hashes and its laptop's
signature, every operation in it is kept, whatever it says. `judge` stores them with their
verdicts in the same transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from posyandu_app.district import erased, refusal, schema
from posyandu_app.district.verdicts import Fresh
from posyandu_app.domain import hlc
from posyandu_app.domain.forms import is_id
from posyandu_app.domain.operations import GENESIS, OpKey
from posyandu_app.sync import segments, wire
from posyandu_app.sync.signing import BadSignature, verify_key, verify_segment


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled laptop; `had_another_area` says that it was given the one it has later on."""

    id: str
    scope: str
    role: str
    sign_key: str
    seal_key: str
    revoked: bool
    had_another_area: bool


class Signed(NamedTuple):
    """An operation that had come back from others, and where it stands now that its author has signed it."""

    key: OpKey
    segment: int
    chain: bytes


class Stored(NamedTuple):
    """The segments that fit what is held, and of their operations those that are new.

    `signed` are those that had come back from others before; `make_part` makes them part of their log.
    """

    kept: list["ReadSegment"]
    fresh: list[Fresh]
    signed: list[Signed]


@dataclass(frozen=True, slots=True)
class ReadSegment:
    """A segment whose operations fit its own hashes; `chain` has the hash after each of them."""

    segment: wire.Segment
    arrived: tuple[wire.Arrived, ...]
    chain: tuple[bytes, ...]

    @property
    def last_seq(self) -> int:
        return self.segment.first + len(self.arrived) - 1

    def before(self, seq: int) -> "ReadSegment":
        """The part of it that ends before this number, which lies in it and is not its first."""
        size = seq - self.segment.first
        return ReadSegment(self.segment, self.arrived[:size], self.chain[:size])


def find_device(connection: Connection, device: str) -> Device | None:
    """The laptop enrolled under that id, or None."""
    columns = schema.device.c
    named = (columns.id, columns.scope, columns.role, columns.sign_key, columns.seal_key)
    found = connection.execute(
        select(*named, columns.revoked_ms, columns.former).where(columns.id == device)
    ).one_or_none()
    if found is None:
        return None
    id_, scope, role, sign_key, seal_key, revoked_ms, former = found
    return Device(id_, scope, role, sign_key, seal_key, revoked_ms is not None, former is not None)


def read(segment: wire.Segment) -> ReadSegment:
    """The operations of a segment with their hashes; raises `Refusal` when it is not one gapless chain."""
    if not (is_id(segment.replica) and is_id(segment.device)):
        raise refusal.malformed("segment")
    try:
        arrived, chain = segments.read(segment)
    except wire.Malformed as error:
        raise refusal.malformed(str(error)) from None
    except segments.Damaged:
        raise refusal.damaged(segment.replica, segment.first) from None
    return ReadSegment(segment, arrived, chain)


def store(
    connection: Connection,
    arrived: Sequence[ReadSegment],
    carrier: Device,
    received_ms: int,
    skew_ms: int,
    *,
    pass_over_gaps: bool,
) -> Stored:
    """Keep the segments that fit what is held, and let the logs grow by them.

    The caller stores what is new, with its verdicts, in the same transaction.

    Raises `Refusal` for a gap, a fork or a foreign signature in the carrier's own segments; a fork is also
    what goes on with another laptop's log.
    Another laptop's are left out then: its trouble is not the carrier's and holds up nothing.
    `pass_over_gaps` leaves segments out that start too late: the reply's `have` tells where to
    start when the server's history is another than the laptop thinks (sync rule 16).
    """
    kept: list[ReadSegment] = []
    fresh: list[Fresh] = []
    signed: list[Signed] = []
    for item in arrived:
        own = item.segment.device == carrier.id
        try:
            now, new, signed_now = _store(connection, item, carrier, received_ms, skew_ms if own else 0)
        except refusal.Refusal as refused:
            if own and not (pass_over_gaps and refused.reply.error == "gap"):
                raise
        else:
            kept.append(now)
            fresh += new
            signed += signed_now
    return Stored(kept, fresh, signed)


def _store(
    connection: Connection, item: ReadSegment, carrier: Device, received_ms: int, skew_ms: int
) -> tuple[ReadSegment, list[Fresh], list[Signed]]:
    """What is kept of a segment, what is new in it, and what others had given back of it.

    Where others have given back something else under one of its numbers, what comes before it is kept: the
    laptop says again what is left out, hears that both copies parted there, and nobody would send the rest.
    """
    segment = item.segment
    writer = carrier if segment.device == carrier.id else find_device(connection, segment.device)
    if writer is None:
        raise refusal.bad_signature(segment.replica)
    try:
        verify_segment(segment, verify_key(writer.sign_key))
    except (BadSignature, ValueError):
        raise refusal.bad_signature(segment.replica) from None
    have, tip, mine = _claim(connection, segment.replica, writer)
    if segment.first > have + 1:
        raise refusal.gap({segment.replica: have})
    _refuse_fork(connection, item, have, tip)
    if item.last_seq <= have:
        return item, [], []
    if not mine:
        raise refusal.fork(segment, have + 1)
    if writer.id != carrier.id:
        _refuse_emptied(connection, item, have)
    came_back, parted = _came_back(connection, item, have)
    if parted is not None:
        if parted == have + 1:
            raise refusal.fork(segment, parted)
        item = item.before(parted)
    key = _keep(connection, item, carrier, received_ms)
    signed = [
        Signed(OpKey(segment.replica, seq), key, item.chain[seq - segment.first]) for seq in sorted(came_back)
    ]
    return item, _fresh(item, have, key, came_back, received_ms, skew_ms), signed


class Log(NamedTuple):
    """Whose a log is, how far it is held without a gap, and its last hash."""

    device: str
    have: int
    tip: bytes


def lock_logs(connection: Connection, devices: Mapping[str, str]) -> None:
    """Lock these logs in the order in which everybody does; by log the laptop whose it is if it is new."""
    for replica, device in sorted(devices.items()):
        lock_log(connection, replica, device)


def lock_log(connection: Connection, replica: str, device: str) -> Log:
    """Lock a log, which is the laptop's when it was never heard of."""
    new = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(
        new(schema.replica)
        .values(id=replica, device=device, have=0, tip=GENESIS)
        .on_conflict_do_nothing(index_elements=["id"])
    )
    owner, have, tip = connection.execute(
        select(schema.replica.c.device, schema.replica.c.have, schema.replica.c.tip)
        .where(schema.replica.c.id == replica)
        .with_for_update()
    ).one()
    return Log(owner, have, bytes(tip))


def _claim(connection: Connection, replica: str, writer: Device) -> tuple[int, bytes, bool]:
    """How far the log is held, its last hash, and whether it is the writer's; the log is locked.

    It belongs to the laptop that was heard first. Another that joined with a copy of the same disk, made
    before either had joined, may tell what is held already, and goes on in a log of its own.
    """
    owner, have, tip = lock_log(connection, replica, writer.id)
    if have == 0 and owner != writer.id:  # named by what could not be taken in
        connection.execute(
            update(schema.replica).where(schema.replica.c.id == replica).values(device=writer.id)
        )
        owner = writer.id
    mine = owner == writer.id or owner in _former_ids(connection, writer.id)
    return have, tip, mine


def with_later_ids(connection: Connection, device: str) -> list[str]:
    """This id and all that the laptop has joined as since: the technician may name an old one."""
    columns = schema.device.c
    found = [device]
    for one in found:
        later = select(columns.id).where(columns.continues == one, columns.id.not_in(found))
        found += connection.scalars(later)
    return found


def _former_ids(connection: Connection, device: str) -> set[str]:
    """Everything this laptop was enrolled as before."""
    former: set[str] = set()
    current: str | None = device
    while current is not None and current not in former:
        former.add(current)
        current = connection.scalar(select(schema.device.c.continues).where(schema.device.c.id == current))
    return former


def _refuse_fork(connection: Connection, item: ReadSegment, have: int, tip: bytes) -> None:
    """Raise `Refusal` when what is held already is not what the segment says was written there."""
    segment = item.segment
    before = segment.first - 1
    if before == have:
        if bytes.fromhex(segment.prev) != tip:
            raise refusal.fork(segment, have)
        return
    held: dict[int, bytes] = {
        seq: bytes(chain)
        for seq, chain in connection.execute(
            select(schema.op.c.seq, schema.op.c.chain)
            .where(schema.op.c.replica == segment.replica)
            .where(schema.op.c.seq.between(before, min(item.last_seq, have)))
        )
    }
    claimed = {before: bytes.fromhex(segment.prev)} if before else {}
    claimed |= dict(enumerate(item.chain, segment.first))
    for seq, chain in sorted(held.items()):
        if claimed[seq] != chain:
            raise refusal.fork(segment, seq)


def _refuse_emptied(connection: Connection, item: ReadSegment, have: int) -> None:
    """Raise `Refusal` when a carrier brings news without its content, unless that was erased by law here."""
    emptied = {
        arrived.operation.seq: arrived.operation.entity
        for arrived in item.arrived
        if arrived.sealed.payload is None and arrived.operation.seq > have
    }
    gone = erased.among(connection, list(emptied.values()), list(emptied.values())) if emptied else set()
    for seq, entity in emptied.items():
        if entity not in gone:
            raise refusal.damaged(item.segment.replica, seq)


def _came_back(connection: Connection, item: ReadSegment, have: int) -> tuple[set[int], int | None]:
    """The numbers of what others gave back before its author came with it (`returned`).

    Also the first number under which something else stands, or None; what comes before that is the same log.
    """
    this = schema.op.c
    found: set[int] = set()
    for seq, content in connection.execute(
        select(this.seq, this.content)
        .where(this.replica == item.segment.replica, this.seq.between(have + 1, item.last_seq))
        .order_by(this.seq)
    ):
        sealed = item.arrived[seq - item.segment.first].sealed
        if bytes(content) != sealed.content(item.segment.replica):
            return found, seq
        found.add(seq)
    return found, None


def _keep(connection: Connection, item: ReadSegment, carrier: Device, received_ms: int) -> int:
    """Keep what was signed, and how far its log goes now; returns the segment's number."""
    segment = item.segment
    columns = {
        "replica": segment.replica,
        "first": segment.first,
        "last_seq": item.last_seq,
        "prev": segment.prev,
        "last": segment.last,
        "device": segment.device,
        "carrier": carrier.id,
        "sig": segment.sig,
        "received_ms": received_ms,
    }
    key = connection.execute(schema.segment.insert().values(columns)).inserted_primary_key
    assert key is not None
    connection.execute(
        update(schema.replica)
        .where(schema.replica.c.id == segment.replica)
        .values(have=item.last_seq, tip=item.chain[-1])
    )
    number: int = key[0]
    return number


def make_part(connection: Connection, signed: Sequence[Signed]) -> bool:
    """Make what others gave back part of its log; whether some, which stood aside, is to be judged again.

    The caller holds the order lock: what somebody else judges at this moment is not judged a second time.
    """
    columns = schema.op.c
    aside = 0
    for item in signed:
        this = (columns.replica == item.key.replica) & (columns.seq == item.key.seq)
        connection.execute(update(schema.op).where(this).values(segment=item.segment, chain=item.chain))
        stands_aside = columns.status.in_((schema.HELD, schema.QUARANTINED))
        waking = update(schema.op).where(this, stands_aside).values(status=schema.STORED)
        aside += connection.execute(waking).rowcount
    return aside > 0


def _fresh(
    item: ReadSegment, have: int, key: int, came_back: Collection[int], received_ms: int, skew_ms: int
) -> list[Fresh]:
    segment, left = item.segment, frozenset(item.segment.left)
    fresh: list[Fresh] = []
    for arrived, chain in zip(item.arrived, item.chain, strict=True):
        operation = arrived.operation
        if operation.seq <= have or operation.seq in came_back:
            continue
        stamp = operation.hlc if hlc.is_stamp(operation.hlc) else hlc.stamp(received_ms)
        eff = hlc.effective(stamp, received_ms, skew_ms)
        content = arrived.sealed.content(segment.replica)
        is_left = operation.seq in left
        fresh.append(Fresh(OpKey(segment.replica, operation.seq), arrived, key, eff, chain, content, is_left))
    return fresh


def touch(
    connection: Connection,
    device: Device,
    seen_ms: int,
    skew_ms: int | None = None,
    cursor: int | None = None,
    read_at_least: int = 0,
) -> None:
    """Keep when a laptop was last heard of and, where it said so itself, its clock's error and cursor.

    The cursor is None when it does not know the server's present history yet. `read_at_least` is what it had
    read when it wrote a stick that may be old.
    """
    told = {} if skew_ms is None else {"skew_ms": skew_ms, "cursor": cursor}
    if read_at_least:
        columns = schema.device.c
        connection.execute(
            update(schema.device)
            .where(columns.id == device.id, func.coalesce(columns.cursor, 0) < read_at_least)
            .values(cursor=read_at_least)
        )
    connection.execute(
        update(schema.device).where(schema.device.c.id == device.id).values(seen_ms=seen_ms, **told)
    )


def holds_of(connection: Connection, have: Mapping[str, int]) -> dict[str, tuple[int, str]]:
    """Of each log that a laptop holds, the last number that is held here too, and the chain's hash there."""
    found: dict[str, tuple[int, str]] = {}
    for replica, held, tip in connection.execute(
        select(schema.replica.c.id, schema.replica.c.have, schema.replica.c.tip).where(
            schema.replica.c.id.in_(list(have))
        )
    ):
        both = min(held, have[replica])
        if both == held:
            found[replica] = both, bytes(tip).hex()
        elif both > 0:
            chain = connection.scalar(
                select(schema.op.c.chain).where(schema.op.c.replica == replica, schema.op.c.seq == both)
            )
            assert chain is not None, "the log is held without a gap"
            found[replica] = both, bytes(chain).hex()
    return found


def have_of(connection: Connection, replicas: Sequence[str]) -> dict[str, int]:
    """How far each of these logs is held without a gap; 0 for one never heard of."""
    held = dict.fromkeys(replicas, 0)
    for replica, have in connection.execute(
        select(schema.replica.c.id, schema.replica.c.have).where(schema.replica.c.id.in_(replicas))
    ):
        held[replica] = have
    return held
