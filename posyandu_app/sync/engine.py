"""One exchange with the district server, as pure steps around a transport.

`prepare` reads the log and gives the bytes to send; `apply` takes the server's bytes and
changes the database in one transaction. Between them anything may carry the bytes: HTTPS on
another thread, or a stick. Losing either, or having them twice, loses and doubles nothing.
"""

import logging
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec import Raw
from nacl.signing import VerifyKey

from posyandu_app.bulk import without_collections
from posyandu_app.domain.clock import Clock, timestamp
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.merge import PROJECTION_VERSION
from posyandu_app.domain.operations import OpKey
from posyandu_app.storage import (
    asked,
    backup,
    carried,
    filling,
    forks,
    incidents,
    leaving,
    log,
    peer,
    proofs,
    returned,
)
from posyandu_app.storage.carried import Stretch
from posyandu_app.storage.connection import Database
from posyandu_app.storage.filling import Filling
from posyandu_app.storage.peer import Peer
from posyandu_app.sync import cards, enrolment, mending, stretches, wire
from posyandu_app.sync.first_fill import FirstFill
from posyandu_app.sync.replies import (
    Told,
    hear_orders,
    is_older,
    open_reply,
    read_items,
    receipts_in,
    receive,
)
from posyandu_app.sync.signing import (
    BadSignature,
    Keys,
    open_message,
    sign_message,
)
from posyandu_app.sync.status import READ_LIMIT
from posyandu_app.sync.trouble import Forked, NotEnrolled

FIRST_BATCH = 50

_SEEKING, _LEFT_SCOPE = "seeking_fork", "left_scope"
_SEEK_BACK = 1_000
"""How far before the place named a fork is looked for at a time."""
_REPORTED_AT_ONCE = 50
_MOST_ASKED = 16
_OFFER_AGAIN_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A signed request, ready to be carried; it may be lost, sent twice or late.

    `first` and `count` are of the own operations in it; `offered` are the stretches of others in
    it and in those that it follows, `returned` the last of others' operations that go back to the server;
    `left` own operations come after it, and `more` says that there is something for a next one.
    """

    body: bytes
    first: int
    count: int
    cursor: int
    offered: frozenset[Stretch] = frozenset()
    returned: OpKey | None = None
    left: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class Ahead:
    """Own operations after `start`, signed while the request that ends there is under way."""

    replica: str
    start: int
    segments: tuple[wire.Segment, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What an exchange brought: own operations newly signed for, others' received, receipts by status.

    `more` says that another exchange has something to do; `incidents` name what did not agree and was
    or could not be mended. `wipe_ordered` says that this laptop was revoked, `wipe_due` that besides
    nothing is left here that the server has not signed for. `fill` is how far a first fill is.
    """

    sent: int = 0
    received: int = 0
    statuses: Mapping[str, int] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    more: bool = False
    wipe_ordered: bool = False
    wipe_due: bool = False
    incidents: tuple[str, ...] = ()
    fill: Filling | None = None

    @property
    def moved(self) -> bool:
        """Whether it has brought anything on; what stands aside is told with every exchange."""
        return bool(self.sent or self.received or self.statuses.keys() - {"held", "quarantined"})

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
            wipe_due=later.wipe_due,
            incidents=self.incidents + later.incidents,
            fill=later.fill,
        )


class _Asked(NamedTuple):
    """What a request tells: incidents and others' operations up to these, and what the server had told."""

    incidents: int = 0
    returned: OpKey | None = None
    told: bool = False


class Engine:
    """The laptop's half of the protocol on one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._resend_from: int | None = None
        self._refusal: bytes | None = None
        self._noticed: list[str] = []
        self._asked: dict[str, _Asked] = {}
        self._offered: frozenset[Stretch] = frozenset()
        self._answered: dict[Stretch, int] = {}
        self._opened: tuple[bytes, bytes, wire.Reply] | None = None
        self._fill = FirstFill(database, clock)
        self._introduces = False

    def prepare(
        self,
        limit: int = FIRST_BATCH,
        follows: Outgoing | None = None,
        cursor: int | None = None,
        ahead: Ahead | None = None,
    ) -> Outgoing:
        """The next request: own operations past the watermark, at most `limit`, and what is wanted back.

        What is carried for others goes along once all of the own log is in. `follows` is the
        request before this one where no answer comes in between, as on a stick, and `cursor` how far will
        be heard before the answer comes; `ahead` spares reading again what it fits. Raises `NotEnrolled`,
        and `Forked` when what `refused` was told is not the server's word.
        """
        self.settle_refusal()
        database = self._database
        limit = max(1, min(limit, wire.MAX_OPERATIONS))
        if database.meta(_SEEKING) is not None:
            limit = wire.MAX_OPERATIONS
        with database.snapshot():
            server, keys = self._server(), self._keys()
            tip, _ = log.tip(database)
            cursor = server.heard if cursor is None else cursor
            start = server.acked if self._resend_from is None else self._resend_from
            offered: frozenset[Stretch] = frozenset()
            if follows is not None:
                start, offered = follows.first + follows.count - 1, follows.offered
            start = min(start, tip)
            shared = stretches.shared(database, limit, server.device, keys) if follows is None else []
            room = limit - sum(len(segment.ops) for segment in shared)
            if ahead is not None and not shared and (ahead.replica, ahead.start) == (database.replica, start):
                segments, count = list(ahead.segments), ahead.count
            else:
                segments, count = stretches.next_own(database, start, room, server.device, keys)
            segments, room = [*shared, *segments], room - count
            left = self._to_carry(offered)
            taken = (
                stretches.add_carried(database, segments, left, room)
                if start + count == tip and limit >= FIRST_BATCH
                else 0
            )
            going_back = []
            last = None if follows is None else follows.returned
            if not left and last is None and room >= min(limit, FIRST_BATCH // 2):
                going_back = returned.next_page(database, room, stretches.MAX_BYTES)
                last = going_back[-1].key if going_back else None
            heard = proofs.to_tell(database)
            untold = incidents.untold(database, _REPORTED_AT_ONCE)
            request = wire.Request(
                proto=wire.PROTO,
                device=server.device,
                sent_at=timestamp(self._clock.now()),
                epoch=server.epoch,
                cursor=cursor,
                have=log.have(database),
                segments=segments,
                limit=limit,
                reads=PROJECTION_VERSION,
                incidents=[wire.Incident(one.at, one.what, one.detail) for one in untold],
                repair=mending.wanted(database),
                returned=[
                    wire.Returned(one.key.replica, one.eff, Raw(one.body), one.proof) for one in going_back
                ],
                heard=heard,
                cards=cards.to_show(database, server, left[:taken], itself=self._introduces),
                forgot=leaving.has_forgotten_own(database),
            )
        self._offered = frozenset(left[:taken])
        body = sign_message(request, keys.sign)
        tells = _Asked(untold[-1].n if untold else 0, last if going_back else None, bool(heard))
        self._ask(wire.mark_of(body), tells)
        return Outgoing(
            body=body,
            first=start + 1,
            count=count,
            cursor=cursor,
            offered=offered | self._offered,
            returned=last,
            left=tip - start - count,
            more=start + count < tip or taken < len(left),
        )

    def read_ahead(self, outgoing: Outgoing, limit: int) -> Ahead | None:
        """The own operations after those in a request that is still under way; None when there are none."""
        if outgoing.left <= 0:
            return None
        database, start = self._database, outgoing.first + outgoing.count - 1
        with database.snapshot():
            segments, count = stretches.next_own(database, start, limit, self._server().device, self._keys())
            return Ahead(database.replica, start, tuple(segments), count)

    def prepare_after(
        self, reply: bytes, outgoing: Outgoing, limit: int, ahead: Ahead | None = None
    ) -> Outgoing | None:
        """The request after the one that `reply` answers, which has not been taken in yet.

        It can be on its way while the reply is taken in; when that fails, its answer is left aside and
        comes again. None when nothing more waits either way, when the reply is not of the plainest kind
        or when what is carried for others would go along.
        """
        database = self._database
        if outgoing.offered or self._refusal is not None:
            return None
        with database.snapshot():
            server, (tip, _) = self._server(), log.tip(database)
            if database.meta(_SEEKING) is not None or mending.is_under_way(database):
                return None
            if stretches.shared_is_lacking(database):
                return None
            if tip - (outgoing.first + outgoing.count - 1) <= limit and self._to_carry():
                return None
        with without_collections():
            told = self._open(reply, server)
        sent = outgoing.first + outgoing.count - 1
        plain = (
            told.feed.from_ == server.heard
            and told.epoch == server.epoch
            and told.scope in (None, server.scope)
            and told.order is None
            and told.have.get(database.replica, 0) == sent == self._proved(told)
        )
        if not plain or not (told.feed.more or sent < tip):
            return None
        if ahead is not None and ahead.count > limit:
            ahead = None
        return self.prepare(limit, follows=outgoing, cursor=told.feed.to, ahead=ahead)

    def carried_off(self, outgoing: Outgoing) -> None:
        """A request has left on a stick: its answer will be known as one, whenever it comes."""
        mark = wire.mark_of(outgoing.body)
        asked.remember(self._database, mark)
        tells = self._asked.get(mark, _Asked())
        returned.carried_off(self._database, mark, tells.returned, told=tells.told)

    def _open(self, reply: bytes, server: Peer) -> wire.Reply:
        """The reply, proved to be the server's; the same one is not proved twice."""
        if self._opened is None or self._opened[0] is not reply or self._opened[1] != server.sign_key:
            self._opened = reply, server.sign_key, open_reply(reply, server)
        return self._opened[2]

    def _ask(self, mark: str, asked: "_Asked") -> None:
        """Remember a request by its mark."""
        self._asked[mark] = asked
        if len(self._asked) > _MOST_ASKED:
            del self._asked[next(iter(self._asked))]

    def _forget_asked(self, answered: str | None) -> None:
        """Forget the request that was answered, and those before it."""
        if answered in self._asked:
            while next(iter(self._asked)) != answered:
                del self._asked[next(iter(self._asked))]
            del self._asked[answered]

    def _to_carry(self, offered: AbstractSet[Stretch] = frozenset()) -> list[Stretch]:
        """What is carried for others and not `offered`; what the server has left out waits for a day."""
        now = self._clock.ms()
        return [
            stretch
            for stretch in carried.waiting(self._database)
            if stretch not in offered
            and not 0 <= now - self._answered.get(stretch, now + 1) < _OFFER_AGAIN_MS
        ]

    def introduce(self) -> bool:
        """Tell the server from now on that it has let this laptop in; False when it was told so before."""
        new, self._introduces = not self._introduces, True
        return new

    def rewind(self, have: Mapping[str, int]) -> None:
        """Send again from what the server says it holds; the watermark stays until it signs for another."""
        self._resend_from = max(0, have.get(self._database.replica, 0))

    def refused(self, evidence: bytes) -> None:
        """The server says that another copy of this database has written here; `prepare` acts on it."""
        self._refusal = evidence

    def settle_refusal(self) -> None:
        """Go on under a new name if the server has signed that the numbers are taken (sync rule 17)."""
        evidence, self._refusal = self._refusal, None
        if evidence is None:
            return
        server, database = self._server(), self._database
        try:
            told = open_message(evidence, VerifyKey(server.sign_key), wire.Refusal)
        except (wire.Malformed, BadSignature):
            raise Forked from None
        if told.device != server.device or told.error != "fork" or told.seq is None or told.first is None:
            raise Forked
        with database.atomic():
            if told.replica not in (None, database.replica):
                stretches.give_up_shared(database, told.replica, server.epoch or "")
            if told.replica != database.replica or not 0 < told.seq <= log.tip(database)[0]:
                return  # of a log that this copy has left already
            if told.refused is not None and not self._has_written(*told.refused):
                return  # on a stick: what another copy has written
            if told.seq < told.first:
                self._seek(told.seq)
            else:
                self._mint(told.seq)

    def _has_written(self, seq: int, chain: str) -> bool:
        """Whether the own log has that chain hash (hex) at a number."""
        database = self._database
        return seq <= log.tip(database)[0] and log.hash_at(database, seq).hex() == chain

    def notices(self) -> tuple[str, ...]:
        """What has not agreed since the last exchange; each is told once."""
        told, self._noticed = tuple(self._noticed), []
        return told

    def _seek(self, seq: int) -> None:
        """Both copies parted at this number or before: say again what comes before it, and be told where."""
        database = self._database
        database.set_meta(_SEEKING, "1")
        server = self._server()
        acked = max(0, min(server.acked, seq - 1 - _SEEK_BACK))
        peer.acknowledge(database, acked, server.last_received_at or timestamp(self._clock.now()))

    def _mint(self, first: int) -> None:
        database = self._database
        database.set_meta(_SEEKING, None)
        old = database.replica
        forks.mint(database, first)
        self._resend_from = None
        self._notice("forked", f"{old} {first}")

    def _notice(self, what: str, detail: str = "") -> None:
        """Keep that something did not agree, and tell whoever asked for the exchange."""
        incidents.note(self._database, what, timestamp(self._clock.now()), detail)
        self._noticed.append(what)
        logging.getLogger(__name__).warning("sync incident: %s", what)

    def apply(self, reply: bytes) -> Exchanged:
        """Take in what the server says, all or nothing: operations, cursor, receipts and watermark.

        Raises `Portal` for anything the server has not signed for this laptop, `Forked` when its feed
        speaks with two tongues; then nothing has changed.
        """
        database = self._database
        with database.snapshot():
            server = self._server()
            waits = filling.is_under_way(database)
        with without_collections():
            told, self._opened = self._open(reply, server), None
            waits = waits and (told.feed.more or server.staged > 0)
            items = [] if waits else read_items(told.feed.ops)
            mended = read_items(told.repair.ops) if told.repair is not None else []
            noticed = list(self._noticed)
            for _ in range(2):
                try:
                    with database.atomic():
                        exchanged = self._take(told, reply if waits else None, items, mended)
                    break
                except log.ForkedLog as forked:
                    self._noticed = noticed
                    if forked.replica != database.replica:
                        raise Forked from None
                    if told.epoch != server.epoch:
                        return self._begin_epoch_alone(told)
                    first = self._parted(told, forked.seq)
                    if first is None:
                        return Exchanged(more=True)  # the server tells when it hears what comes before
                    with database.atomic():
                        self._mint(first)
                        noticed = list(self._noticed)
            else:
                raise Forked
        self._noticed = []
        self._resend_from = None
        self._introduces = False
        self._forget_asked(told.answers)
        self._answered |= dict.fromkeys(self._offered, self._clock.ms())
        self._offered = frozenset()
        self._renew_backups()
        return exchanged

    def _begin_epoch_alone(self, told: wire.Reply) -> Exchanged:
        """Hear nothing of a reply but that the server's history is another.

        It tells under numbers of the own log what was not written here, and may not hold what comes before
        them any more: that goes to it first, for after a `mint` nobody would send it.
        """
        with self._database.atomic():
            self._notice("new_epoch")
            peer.begin_epoch(self._database, told.epoch, self._proved(told), at=told.received_at)
        return Exchanged(more=True, incidents=self.notices())

    def _renew_backups(self) -> None:
        """No backup holds what was forgotten; tried again with every exchange until it is so."""
        if leaving.backups_are_old(self._database):
            try:
                backup.renew(self._database, self._clock.now())
            except UserError as error:
                logging.getLogger(__name__).warning("backups not renewed yet: %s", error.code)
            else:
                leaving.backups_renewed(self._database)

    def _take(
        self, told: wire.Reply, page: bytes | None, items: list[log.Received], mended: list[log.Received]
    ) -> Exchanged:
        database = self._database
        server = self._server()
        awaited = self._is_awaited(told)
        late = not awaited and (is_older(told, server) or self._knows_less(told, server))
        if not late:
            asked.forget(database)
        if told.epoch != server.epoch:
            if late:
                return Exchanged()  # an answer from before the server's history changed
            self._notice("new_epoch")
            peer.begin_epoch(database, told.epoch, self._proved(told), at=told.received_at)
            server = self._server()
        if told.scope not in (None, server.scope) and not late and not self._has_heard_area(told):
            return Exchanged(more=True, incidents=tuple(self._noticed))  # it may have forgotten it
        if told.scope is not None and told.scope != server.scope and not late:
            self._notice("new_scope", f"{server.scope} {told.scope}")
            database.set_meta(_LEFT_SCOPE, server.scope)
            peer.move_to(database, scope=told.scope)
            peer.hear_again(database)
            server = self._server()
        if not self._is_for_this_copy(told, server, late):
            return Exchanged(more=not late, incidents=tuple(self._noticed))
        before = server.acked
        self._acknowledge(told, server, late)
        if not late:
            stretches.note_shared(database, told.have, told.holds, told.epoch)
        follows = told.feed.from_ <= server.heard  # less: written on a stick before other news came
        receipts = receipts_in(told)
        if page is not None:
            received, changed = self._fill.take(told, page, receipts, server)
        else:
            heard = [item for item in items if follows and item.ss > server.heard]
            changed = self._receive(told, heard, receipts, server)
            received = len(heard)
            if follows and not told.feed.more and filling.is_under_way(database):
                filling.finish(database)
        if page is None and told.order is not None and follows and told.feed.to > server.heard:
            hear_orders(database, told.order, told.received_at)
        carried.settle(database, told.have)
        leaving.hear_put_aside(database, receipts, told.received_at)
        changed |= leaving.carry_out(database)
        peer.note_revoked(database, told.revoked)
        self._note_proofs(told, late)
        if told.readers is not None and not late:
            peer.note_readers(database, [peer.Reader(r.scope, r.cursor, r.seen_at) for r in told.readers])
        if not late:
            database.set_meta(READ_LIMIT, None if told.read_limit is None else str(told.read_limit))
            answered = self._asked.get(told.answers or "", _Asked())
            incidents.told(database, answered.incidents)
            if answered.returned is not None:
                returned.offered(database, answered.returned)
            returned.answered(database, told.answers)
            if answered.told:
                proofs.heard(database)
        if told.repair is not None:
            changed |= mending.take(database, told.repair, mended, told.received_at)
        read_all = told.sanity is not None and follows and told.feed.to == self._server().cursor
        if read_all and not mending.is_under_way(database):
            changed |= leaving.let_go(database, told.received_at) | forks.let_go(database)
            changed |= leaving.carry_out(database)
            returned.heard_everything(database, told.received_at)
        changed |= self._compare(told, late)
        return self._outcome(told, before, received, changed)

    def _has_heard_area(self, told: wire.Reply) -> bool:
        """Whether the server knows which area it has given this laptop, though it was put back since."""
        database = self._database
        if proofs.AREA not in proofs.to_tell(database):
            return True
        answered = self._asked.get(told.answers or "", _Asked())
        return answered.told or returned.was_told_by_stick(database, told.answers)

    def _note_proofs(self, told: wire.Reply, late: bool) -> None:
        """Keep by what a restored server knows again whom it has revoked, and which area it gave here."""
        database, server = self._database, self._server()
        revoked = {laptop: proof for laptop, proof in told.proofs.items() if laptop in told.revoked}
        proofs.note(database, proofs.REVOKED, revoked)
        if told.scope is not None and not late:
            proofs.note_area(database, told.scope, told.proofs.get(server.device))

    def _is_awaited(self, told: wire.Reply) -> bool:
        """Whether it is the first answer to what was asked since one was taken in.

        Such a one is not late, whatever the server's clock says: it may have been years ahead and was set
        right. Of all else its times tell.
        """
        return told.answers in self._asked or told.answers in asked.waiting(self._database)

    def _knows_less(self, told: wire.Reply, server: Peer) -> bool:
        """Whether it tells of less of the own log than the server has signed for before.

        Unawaited it was made earlier, with the clock ahead, whatever its time, and carried about since.
        """
        if told.answers is None or server.last_received_at is None or told.epoch != server.epoch:
            return False
        if self._database.replica not in told.have:
            return False
        return self._signed_for(told, server) < server.acked

    def _outcome(self, told: wire.Reply, before: int, received: int, changed: frozenset[str]) -> Exchanged:
        database, server = self._database, self._server()
        tip, _ = log.tip(database)
        statuses: dict[str, int] = {}
        for receipt in told.receipts:
            statuses[receipt.status] = statuses.get(receipt.status, 0) + 1
        wipe = told.order is not None and told.order.wipe
        left = server.acked < tip or bool(self._to_carry(self._offered))
        shared = stretches.shared_is_lacking(database)
        return Exchanged(
            sent=max(0, server.acked - before),
            received=received,
            statuses=statuses,
            changed=changed,
            more=told.feed.more
            or left
            or shared
            or server.heard < told.feed.to
            or mending.is_under_way(database)
            or ((returned.is_due(database) or bool(proofs.to_tell(database))) and not wipe),
            wipe_ordered=wipe,
            wipe_due=wipe and not left and not shared,
            incidents=tuple(self._noticed),
            fill=filling.progress(database),
        )

    def _proved(self, told: wire.Reply) -> int:
        """Up to where the server proves that it holds the own log, as it was written here."""
        database = self._database
        own, (tip, _) = database.replica, log.tip(database)
        have = min(told.have.get(own, 0), tip)
        if own not in told.holds:
            return have
        seq, chain = told.holds[own]
        return min(have, seq) if seq <= tip and log.hash_at(database, seq).hex() == chain else 0

    def _parted(self, told: wire.Reply, seq: int) -> int | None:
        """Where both copies parted when the feed tells of another's deed under this number; None if before.

        What the server holds back, or puts aside, is not in the feed: both may have parted before the first
        number that the feed tells, but not before the end of an own log that the server proves to hold whole.
        """
        database = self._database
        proved = self._proved(told) if database.replica in told.holds else 0
        if seq <= max(proved, self._server().acked) + 1:
            return seq
        tip, _ = log.tip(database)
        return tip + 1 if seq > tip and proved == tip > 0 else None

    def _is_for_this_copy(self, told: wire.Reply, server: Peer, late: bool) -> bool:
        """Whether the server means this very log, not that of another copy of this database (sync rule 17).

        Where it proves that this copy has not written what it holds, nothing of the reply counts; the next
        exchange finds out where both parted.
        """
        database = self._database
        own, (tip, _) = database.replica, log.tip(database)
        seq = told.holds.get(own, (0, ""))[0]
        if seq and self._proved(told) < seq:
            self._notice("other_copy")
            if not late and seq <= server.acked:
                self._seek(seq)
            return False
        if seq == tip and not late and told.have.get(own, 0) > tip:
            self._acknowledge(told, server, late)
            self._mint(tip + 1)  # an old copy of the file: the server has heard what was written after it
        return True

    def _acknowledge(self, told: wire.Reply, server: Peer, late: bool) -> None:
        """Move the watermark to what the server has signed for; a late answer never lowers it."""
        database = self._database
        if database.replica not in told.have:
            return
        have = self._signed_for(told, server)
        if late:
            assert server.last_received_at is not None
            peer.acknowledge(database, max(have, server.acked), server.last_received_at)
            return
        if have < server.acked:
            self._notice("have_fell")
        elif have > server.acked:
            database.set_meta(_SEEKING, None)
        peer.acknowledge(database, have, told.received_at)

    def _signed_for(self, told: wire.Reply, server: Peer) -> int:
        """Up to where the server has signed for the own log, of which the reply tells."""
        have = self._proved(told)
        if have and told.have[self._database.replica] >= server.acked:
            have = max(have, server.acked)  # on a stick: proved for what the request knew, written before
        return have

    def _receive(
        self, told: wire.Reply, items: list[log.Received], receipts: list[log.Receipt], server: Peer
    ) -> frozenset[str]:
        if told.feed.from_ <= server.cursor:
            peer.advance(self._database, told.feed.to)
        return receive(self._database, Told.by(told), items, receipts, server.heard)

    def _compare(self, told: wire.Reply, late: bool) -> frozenset[str]:
        """Compare both sides' sums and begin to mend what differs; forget what lies outside.

        Returns the entities that look different for it.
        """
        database, server = self._database, self._server()
        if told.sanity is None or late or told.sanity.cursor != server.cursor:
            return frozenset()
        if mending.is_under_way(database):
            return frozenset()
        changed: frozenset[str] = frozenset()
        for difference in mending.compare(database, self._clock.ms(), told.sanity):
            self._notice(difference.what, difference.detail)
            changed |= difference.changed
        server = self._server()
        agreed = (server.log_count, server.log_sum.hex()) == tuple(told.sanity.log)
        if not agreed or database.meta(_LEFT_SCOPE) is None:
            return changed
        leaving.hear(database, leaving.outside(database), leaving.PURGE, told.received_at)
        database.set_meta(_LEFT_SCOPE, None)
        return changed | leaving.carry_out(database)

    def _server(self) -> Peer:
        server = peer.load(self._database)
        if server is None:
            raise NotEnrolled
        return server

    def _keys(self) -> Keys:
        return enrolment.device_keys(self._database)
