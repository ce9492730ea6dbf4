"""One exchange with the district server, as pure steps around a transport.

`prepare` reads the log and gives the bytes to send; `apply` takes the server's bytes and
changes the database in one transaction. Between them anything may carry the bytes: HTTPS on
another thread, or a stick. Losing either, or having them twice, loses and doubles nothing.
"""

import json
import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from msgspec import Raw
from nacl.signing import VerifyKey

from posyandu_app import __version__
from posyandu_app.bulk import without_collections
from posyandu_app.domain.clock import Clock, timestamp
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.merge import PROJECTION_VERSION
from posyandu_app.i18n import tr
from posyandu_app.storage import carried, log, peer
from posyandu_app.storage.carried import Stretch
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import LoggedOperation
from posyandu_app.storage.peer import Peer
from posyandu_app.sync import wire
from posyandu_app.sync.signing import (
    BadSignature,
    Keys,
    from_base64,
    open_message,
    sign_continuation,
    sign_message,
    sign_segment,
    verify_key,
)
from posyandu_app.sync.trouble import Forked, Gap, NotEnrolled, Portal, Refused, TooLarge

FIRST_BATCH = 50
AIM_SECONDS = 3.0
MAX_SEGMENT_BYTES = 3 * 1024 * 1024

_KEYS, _JOINING, _REPAIRED, _ENROLMENT = "device_keys", "joining", "repaired_at", "enrolment"
_REPAIR_EVERY_MS = 24 * 60 * 60 * 1000
_OFFER_AGAIN_MS = 24 * 60 * 60 * 1000
_SHORT_SECONDS = AIM_SECONDS / 2


class Transport(Protocol):
    """Carries bytes to the server and back; raises `SyncTrouble` when no answer came."""

    @property
    def url(self) -> str: ...
    def exchange(self, body: bytes) -> bytes: ...
    def enrol(self, body: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A signed request, ready to be carried; it may be lost, sent twice or late.

    `first` and `count` are of the own operations in it; `offered` are the stretches of others in
    it and in those that it follows; `more` says that there is something for a next one.
    """

    body: bytes
    first: int
    count: int
    cursor: int
    offered: frozenset[Stretch] = frozenset()
    more: bool = False


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What an exchange brought: own operations newly signed for, others' received, receipts by status.

    `more` says that another exchange has something to do; `wipe_ordered` that this laptop was
    revoked; `incidents` name what did not agree and was or could not be mended.
    """

    sent: int = 0
    received: int = 0
    statuses: Mapping[str, int] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    more: bool = False
    wipe_ordered: bool = False
    incidents: tuple[str, ...] = ()

    def __add__(self, later: "Exchanged") -> "Exchanged":
        statuses = dict(self.statuses)
        for name, count in later.statuses.items():
            statuses[name] = statuses.get(name, 0) + count
        return Exchanged(
            sent=self.sent + later.sent,
            received=self.received + later.received,
            statuses=statuses,
            changed=self.changed | later.changed,
            more=later.more,
            wipe_ordered=later.wipe_ordered,
            incidents=self.incidents + later.incidents,
        )


class Engine:
    """The laptop's half of the protocol on one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._resend_from: int | None = None
        self._offered: frozenset[Stretch] = frozenset()
        self._answered: dict[Stretch, int] = {}

    def prepare(self, limit: int = FIRST_BATCH, follows: Outgoing | None = None) -> Outgoing:
        """The next request: own operations past the watermark, at most `limit`, and what is wanted back.

        What is carried for others goes along once all of the own log is in. `follows` is the
        request before this one where no answer comes in between, as on a stick. Raises `NotEnrolled`.
        """
        limit = max(1, min(limit, wire.MAX_OPERATIONS))
        database = self._database
        with database.snapshot():
            server, keys = self._server(), self._keys()
            tip, _ = log.tip(database)
            start = server.acked if self._resend_from is None else self._resend_from
            offered: frozenset[Stretch] = frozenset()
            if follows is not None:
                start, offered = follows.first + follows.count - 1, follows.offered
            start = min(start, tip)
            segments, count = self._own(start, limit, server, keys)
            left = self._to_carry(offered)
            taken = (
                self._add_carried(segments, left, limit - count)
                if start + count == tip and limit >= FIRST_BATCH
                else 0
            )
            request = wire.Request(
                proto=wire.PROTO,
                device=server.device,
                sent_at=timestamp(self._clock.now()),
                epoch=server.epoch,
                cursor=server.cursor,
                have=log.have(database),
                segments=segments,
                limit=limit,
            )
        self._offered = frozenset(left[:taken])
        return Outgoing(
            body=sign_message(request, keys.sign),
            first=start + 1,
            count=count,
            cursor=server.cursor,
            offered=offered | self._offered,
            more=start + count < tip or taken < len(left),
        )

    def _own(self, start: int, limit: int, server: Peer, keys: Keys) -> tuple[list[wire.Segment], int]:
        """The next stretch of the own log, if any, within the limits; and how many operations it has."""
        entries = log.own_after(self._database, start, limit)
        if not entries:
            return [], 0
        segment = own_segment(self._database, entries, server.device, keys, MAX_SEGMENT_BYTES)
        return [segment], len(segment.ops)

    def _to_carry(self, offered: AbstractSet[Stretch] = frozenset()) -> list[Stretch]:
        """What is carried for others and not `offered`; what the server has left out waits for a day."""
        now = self._clock.ms()
        return [
            stretch
            for stretch in carried.waiting(self._database)
            if stretch not in offered
            and not 0 <= now - self._answered.get(stretch, now + 1) < _OFFER_AGAIN_MS
        ]

    def _add_carried(self, segments: list[wire.Segment], waiting: Sequence[Stretch], room: int) -> int:
        """Add the first of others' stretches, as many as fit, one at least if there is nothing else."""
        size = sum(map(size_of, segments)) if waiting else 0
        for number, stretch in enumerate(waiting):
            segment = carried_segment(self._database, stretch)
            if segment is None:
                continue
            room -= len(segment.ops)
            size += size_of(segment)
            if segments and (room < 0 or size > MAX_SEGMENT_BYTES):
                return number
            segments.append(segment)
        return len(waiting)

    def rewind(self, have: Mapping[str, int]) -> None:
        """Send again from what the server says it holds; the watermark stays until it signs for another."""
        self._resend_from = max(0, have.get(self._database.replica, 0))

    def apply(self, reply: bytes) -> Exchanged:
        """Take in what the server says, all or nothing: operations, cursor, receipts and watermark.

        Raises `Portal` for anything the server has not signed for this laptop, `Forked` when it
        holds other things under this database's numbers; then nothing has changed.
        """
        database = self._database
        with database.snapshot():
            server = self._server()
        with without_collections():
            told, items = _open_reply(reply, server)
            try:
                with database.atomic():
                    exchanged = self._take(told, items, self._server())
            except log.ForkedLog:
                raise Forked from None
        self._resend_from = None
        self._answered |= dict.fromkeys(self._offered, self._clock.ms())
        self._offered = frozenset()
        return exchanged

    def _take(self, told: wire.Reply, items: list[log.Received], server: Peer) -> Exchanged:
        database = self._database
        last = server.last_received_at
        late = last is not None and _moment(told.received_at) < _moment(last)
        incidents: list[str] = []
        if told.epoch != server.epoch:
            if late:
                return Exchanged()  # an answer from before the server's history changed
            incidents.append("new_epoch")
            peer.begin_epoch(database, told.epoch, told.have.get(database.replica, 0))
            server = self._server()
        before = server.acked
        self._acknowledge(told, server, late, incidents)
        follows = told.feed.from_ <= server.cursor  # less: written on a stick before other news came
        heard = [item for item in items if follows and item.ss > server.cursor]
        changed = self._receive(told, heard, server)
        carried.settle(database, told.have)
        peer.note_revoked(database, told.revoked)
        if told.readers is not None and not late:
            peer.note_readers(database, [peer.Reader(r.scope, r.cursor, r.seen_at) for r in told.readers])
        server = self._server()
        if told.sanity is not None and not late and told.sanity.cursor == server.cursor:
            self._compare(told.sanity, server, incidents)
            server = self._server()
        for name in incidents:
            logging.getLogger(__name__).warning("sync incident: %s", name)
        tip, _ = log.tip(database)
        statuses: dict[str, int] = {}
        for receipt in told.receipts:
            statuses[receipt.status] = statuses.get(receipt.status, 0) + 1
        return Exchanged(
            sent=max(0, server.acked - before),
            received=len(heard),
            statuses=statuses,
            changed=changed,
            more=(
                told.feed.more
                or server.acked < tip
                or server.cursor < told.feed.to
                or bool(self._to_carry(self._offered))
            ),
            wipe_ordered=told.order is not None and told.order.wipe,
            incidents=tuple(incidents),
        )

    def _acknowledge(self, told: wire.Reply, server: Peer, late: bool, incidents: list[str]) -> None:
        """Move the watermark to what the server has signed for; a late answer never lowers it."""
        have = told.have.get(self._database.replica)
        if have is None:
            return
        if late:
            assert server.last_received_at is not None
            peer.acknowledge(self._database, max(have, server.acked), server.last_received_at)
            return
        if have < server.acked:
            incidents.append("have_fell")
        peer.acknowledge(self._database, have, told.received_at)

    def _receive(self, reply: wire.Reply, items: list[log.Received], server: Peer) -> frozenset[str]:
        database = self._database
        receipts = [
            log.Receipt(
                item.replica, item.seq, item.status, item.ss, item.eff, item.why, item.ref, item.message
            )
            for item in reply.receipts
        ]
        changed = log.receive(
            database,
            items,
            receipts,
            received_at=reply.received_at,
            server_ms=int(_moment(reply.received_at).timestamp() * 1000),
        )
        if reply.feed.from_ <= server.cursor:
            peer.advance(database, reply.feed.to)
        return changed

    def _compare(self, sanity: wire.Sanity, server: Peer, incidents: list[str]) -> None:
        """Compare both sides' sums; on a difference hear everything again, at most once a day."""
        count, total = sanity.log
        if (server.log_count, server.log_sum.hex()) != (count, total):
            incidents.append("log_differs")
            self._hear_again(server)
        elif self._rows_differ(sanity):
            incidents.append("rows_differ")

    def _hear_again(self, server: Peer) -> None:
        database, now = self._database, self._clock.ms()
        repaired = int(database.meta(_REPAIRED) or -_REPAIR_EVERY_MS)
        if 0 <= now - repaired < _REPAIR_EVERY_MS or server.epoch is None:
            return
        database.set_meta(_REPAIRED, str(now))
        peer.begin_epoch(database, server.epoch, server.acked)

    def _rows_differ(self, sanity: wire.Sanity) -> bool:
        """Whether visible rows differ although both sides know the same operations, and no others."""
        database = self._database
        if sanity.rows.get("version") != PROJECTION_VERSION:
            return False
        own = {
            kind: (count, total.hex()) for kind, (count, total) in peer.row_sums(database).items() if count
        }
        theirs = {
            kind: tuple(pair) for kind, pair in sanity.rows.items() if not isinstance(pair, int) and pair[0]
        }
        # what is unsent, held, put aside, carried, or lost by a restored server is known here alone
        return own != theirs and log.count(database) == sanity.log[0]

    def _server(self) -> Peer:
        server = peer.load(self._database)
        if server is None:
            raise NotEnrolled
        return server

    def _keys(self) -> Keys:
        return device_keys(self._database)


def device_keys(database: Database) -> Keys:
    """This laptop's private keys; raises `NotEnrolled`."""
    kept = database.meta(_KEYS)
    if kept is None:
        raise NotEnrolled
    return Keys.from_bytes(bytes.fromhex(kept))


def enrolment(database: Database) -> bytes | None:
    """What the server signed when this laptop joined, as it came; None before."""
    kept = database.meta(_ENROLMENT)
    return None if kept is None else kept.encode("utf-8")


def enrolled_role(database: Database) -> str | None:
    """The role that the code gave this laptop; None before it joined."""
    kept = enrolment(database)
    return None if kept is None else wire.decode(kept, wire.EnrolReply).role


def own_segment(
    database: Database,
    entries: Sequence[LoggedOperation],
    device: str,
    keys: Keys,
    most_bytes: int,
) -> wire.Segment:
    """A gapless stretch of the own log, signed: of these entries the first one and all that fit after it."""
    bodies: list[Raw] = []
    size = 0
    for item in entries:
        body = wire.encode(item.operation.to_json())
        size += len(body)
        if bodies and size > most_bytes:
            break
        bodies.append(Raw(body))
    first, last = entries[0].operation.seq, entries[len(bodies) - 1]
    assert last.hash is not None, "own entries are chained"
    return wire.Segment(
        replica=database.replica,
        first=first,
        prev=log.hash_at(database, first - 1).hex(),
        ops=bodies,
        last=last.hash.hex(),
        device=device,
        sig=sign_segment(database.replica, first, last.operation.seq, last.hash.hex(), keys.sign),
    )


def size_of(segment: wire.Segment) -> int:
    """About how many bytes a segment takes before compression."""
    return sum(memoryview(raw).nbytes for raw in segment.ops)


def carried_segment(database: Database, stretch: Stretch) -> wire.Segment | None:
    """A stretch of another's log as its laptop signed it; None when it does not stand here any more."""
    operations = carried.operations(database, stretch)
    if not operations:
        return None
    return wire.Segment(
        replica=stretch.replica,
        first=stretch.first,
        prev=stretch.prev,
        ops=[Raw(wire.encode(operation)) for operation in operations],
        last=stretch.last,
        device=stretch.device,
        sig=stretch.sig,
    )


def exchange_all(
    engine: Engine,
    transport: Transport,
    progress: Callable[[Exchanged], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Exchanged:
    """Exchange until nothing waits either way or `stop` says so; raises `SyncTrouble` when contact fails.

    What was exchanged before trouble stays exchanged. Batches grow while a round trip is
    short, shrink when it is long, and halve when the server finds them too large.
    """
    batch, total, gaps, idle = FIRST_BATCH, Exchanged(), 0, 0
    while True:
        outgoing = engine.prepare(batch)
        started = time.monotonic()
        try:
            reply = transport.exchange(outgoing.body)
        except TooLarge:
            if outgoing.count <= 1 and batch == 1:
                raise
            batch = max(1, min(batch, outgoing.count or batch) // 2)
            continue
        except Gap as gap:
            gaps += 1
            if gaps > 3:
                raise
            engine.rewind(gap.have)
            continue
        exchanged = engine.apply(reply)
        total += exchanged
        if progress is not None:
            progress(total)
        idle = 0 if exchanged.sent or exchanged.received or exchanged.statuses else idle + 1
        if not exchanged.more or idle > 3 or (stop is not None and stop()):
            return total
        batch = next_batch(batch, time.monotonic() - started)


def next_batch(batch: int, seconds: float) -> int:
    """The size of the next batch after a round trip that took so long."""
    if seconds < _SHORT_SECONDS:
        return min(batch * 4, wire.MAX_OPERATIONS)
    if seconds > AIM_SECONDS:
        return max(batch // 2, 1)
    return batch


def enrol(database: Database, transport: Transport, code: str, name: str) -> None:
    """Join the district with a code; its answer may be lost and asked for again.

    The server's keys in the answer are the ones this laptop trusts from then on. Raises
    `SyncTrouble`, and `UserError` when the code is for another area than the data here.
    """
    if peer.is_practice(database):
        raise UserError(
            tr("Ini data latihan: tidak pernah digabungkan dengan Dinas dan tidak pernah dikirim."),
            code="practice",
        )
    name = " ".join(name.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise UserError(tr("Isi nama laptop ini, paling banyak 100 huruf."), code="bad_name")
    if not any(letter.isalnum() for letter in code) or len(code) > 100:
        raise UserError(tr("Isi kode dari Dinas, seperti ABCD-EFGH-JKLM."), code="bad_code")
    device, keys = _identity_for(database, transport.url, code)
    request = wire.EnrolRequest(
        proto=wire.PROTO,
        code=code,
        device=device,
        name=name,
        sign_key=keys.public.sign_key,
        seal_key=keys.public.seal_key,
        app=__version__,
        continues=_continuation(database, device),
    )
    answer = transport.enrol(sign_message(request, keys.sign))
    joined = _open_enrolment(answer, device)
    _check_area(database, joined.scope)
    server = joined.server
    with database.atomic():
        peer.enrol(
            database,
            Peer(
                url=transport.url,
                device=device,
                scope=joined.scope,
                sign_key=bytes(verify_key(server.sign_key)),
                seal_key=from_base64(server.seal_key, 32),
                epoch=joined.epoch,
            ),
        )
        database.set_meta(_KEYS, keys.to_bytes().hex())
        database.set_meta(_ENROLMENT, answer.decode("utf-8"))
        database.set_meta(_JOINING, None)
        database.set_meta(_REPAIRED, None)


def _identity_for(database: Database, url: str, code: str) -> tuple[str, Keys]:
    """A new device id with its keys, or the one whose answer may have been lost: same server, same code."""
    wanted = f"{url} {''.join(letter for letter in code.upper() if letter.isalnum())}"
    kept = json.loads(database.meta(_JOINING) or "{}")
    if kept.get("for") == wanted:
        return str(kept["device"]), Keys.from_bytes(bytes.fromhex(kept["keys"]))
    device, keys = str(uuid.uuid4()), Keys.generate()
    kept = {"for": wanted, "device": device, "keys": keys.to_bytes().hex()}
    database.set_meta(_JOINING, json.dumps(kept))
    return device, keys


def _continuation(database: Database, device: str) -> wire.Continues | None:
    """Proof that this laptop is the one enrolled before, so that it goes on writing its log."""
    former, kept = peer.load(database), database.meta(_KEYS)
    if former is None or kept is None:
        return None
    return sign_continuation(former.device, device, Keys.from_bytes(bytes.fromhex(kept)).sign)


def _open_enrolment(answer: bytes, device: str) -> wire.EnrolReply:
    try:
        claimed = wire.decode(answer, wire.EnrolReply)
        joined = open_message(answer, verify_key(claimed.server.sign_key), wire.EnrolReply)
        from_base64(joined.server.seal_key, 32)
        _moment(joined.received_at)
    except (wire.Malformed, BadSignature, ValueError):
        raise Portal from None
    if joined.device != device:
        raise Portal
    if joined.proto != wire.PROTO:
        raise Refused("proto")
    return joined


def _check_area(database: Database, scope: str) -> None:
    """Raise `UserError` when this laptop works in an area that the code is not for."""
    own = database.meta("scope")
    if own is None or own == scope or own.startswith(f"{scope}."):
        return
    raise UserError(
        tr(
            "Kode ini untuk wilayah {other}, sedangkan data di laptop ini dari wilayah {own}. "
            "Minta kode untuk wilayah {own}."
        ).format(other=scope, own=own),
        code="other_area",
    )


def _open_reply(body: bytes, server: Peer) -> tuple[wire.Reply, list[log.Received]]:
    """The reply and the operations in it, proved to be the server's and meant for this laptop."""
    try:
        told = open_message(body, VerifyKey(server.sign_key), wire.Reply)
        if told.device != server.device or told.proto != wire.PROTO or told.feed.to < told.feed.from_:
            raise Portal
        _moment(told.received_at)
        return told, [_received(item) for item in told.feed.ops]
    except (wire.Malformed, BadSignature, ValueError):
        raise Portal from None


def _received(item: wire.FeedItem) -> log.Received:
    arrived = wire.read_operation(item.op)
    return log.Received(
        item.replica, arrived.operation, item.eff, item.status, item.ss, sealed=arrived.sealed
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs its offset")
    return moment
