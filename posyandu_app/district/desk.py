"""The three things a laptop can ask of the server: to join, to exchange, and whether it is there."""

import hashlib
import hmac
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from posyandu_app.bulk import without_collections
from posyandu_app.district import (
    feed,
    incidents,
    intake,
    known_again,
    leaving,
    recheck,
    refusal,
    repair,
    returned,
    schema,
)
from posyandu_app.district.config import District
from posyandu_app.district.judge import OWNERS, judge
from posyandu_app.district.store import EPOCH, RESTORED, Store, fact
from posyandu_app.district.telling import Telling
from posyandu_app.domain.clock import rfc3339
from posyandu_app.domain.forms import is_id
from posyandu_app.domain.merge import PROJECTION_VERSION
from posyandu_app.sync import wire
from posyandu_app.sync.signing import (
    BadSignature,
    from_base64,
    sign_message,
    verify_continuation,
    verify_key,
    verify_message,
)

MAX_REPLICAS = 64
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that look alike
CODE_LENGTH = 12

_MINUTE = 60
_TOLD_TO_THE_LAPTOP = frozenset({"fork", "damaged"})


def system_ms() -> int:
    """Milliseconds since 1970 UTC by the clock of this machine."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that has been taken in; `kept` are the segments that fit what the server holds."""

    request: wire.Request
    device: intake.Device
    kept: list[intake.ReadSegment]
    received_ms: int


class Desk:
    """Answers requests of the protocol; every error is a `Refusal`. Safe to use from several threads."""

    def __init__(self, district: District, store: Store, now_ms: Callable[[], int] = system_ms) -> None:
        self._district = district
        self._store = store
        self._now_ms = now_ms
        self._guesses = Guesses(now_ms)
        self._telling = Telling(district.keys)

    def health(self) -> wire.Health:
        """That the server is up and its database answers, and who it is."""
        with self._store.read() as connection:
            epoch = _epoch(connection)
        return wire.Health("ok", rfc3339(self._now_ms()), epoch, self._district.keys.public, [wire.PROTO])

    # exchange

    def exchange(self, body: bytes) -> bytes:
        """Take in what a laptop says, and tell it what became of it and what it has to hear."""
        with without_collections():
            return sign_message(self.answer(self.take_in(body)), self._district.keys.sign)

    def take_in(self, body: bytes, *, carried: bool = False) -> Visit:
        """Store and judge what a laptop says; it is durable when this returns.

        A request that was `carried` here on a stick, nobody knows how long, tells nothing of the
        laptop's clock, and what comes before it may be on another stick.
        """
        received_ms = self._now_ms()
        request = _read(body, wire.Request)
        _check(request)
        known_again.let_in(self._district, self._store, request.cards, received_ms, only=request.device)
        device = self._find(request.device)
        _check_signature(body, device.sign_key)
        known_again.let_in(self._district, self._store, request.cards, received_ms)
        if request.heard:
            known_again.hear(self._district, self._store, self._telling, request, received_ms)
            device = self._find(request.device)
        try:
            return self._store_and_judge(request, device, received_ms, carried)
        except refusal.Refusal as refused:
            self._sign(refused, device, received_ms)
            raise

    def _find(self, device: str) -> intake.Device:
        with self._store.read() as connection:
            found = intake.find_device(connection, device)
        if found is None:
            raise refusal.unknown_device()
        return found

    def _store_and_judge(
        self, request: wire.Request, device: intake.Device, received_ms: int, carried: bool
    ) -> Visit:
        segments = _read_segments(request)
        segments.sort(key=lambda item: item.segment.replica)
        skew_ms = 0 if carried else _milliseconds(request.sent_at) - received_ms
        with self._store.write() as connection:
            epoch, region = _epoch(connection), self._district.region
            offered = returned.read(connection, request.returned, self._telling, device)
            if offered:  # each log in one order, whether it is pushed or given back
                pushed = {item.segment.replica: item.segment.device for item in segments}
                intake.lock_logs(connection, dict.fromkeys(offered, device.id) | pushed)
            kept, fresh, signed = intake.store(
                connection,
                segments,
                device,
                received_ms,
                skew_ms,
                pass_over_gaps=carried or request.epoch != epoch,
            )
            read = request.cursor if request.epoch == epoch else None  # it does not know this history yet
            if carried:
                intake.touch(connection, device, received_ms, read_at_least=read or 0)
            else:
                intake.touch(connection, device, received_ms, skew_ms, read)
            incidents.note(connection, device.id, request.incidents, received_ms)
            to_recheck = not device.revoked and recheck.is_wanted(request.incidents)
            erased = returned.erasures(connection, request.heard.get(wire.ERASED, {}), self._telling)
            if fresh or signed or offered or erased or to_recheck:
                self._store.lock_order(connection)
            to_judge = intake.make_part(connection, signed)
            back = returned.take(connection, offered, device, region, received_ms)
            fresh += back.fresh
            to_judge |= bool(fresh or back.filled)
            if back.fresh or back.filled:
                self._note(connection, device, "returned", f"{len(back.fresh)} {back.filled}", received_ms)
            if erased:
                self._note(connection, device, "erased_again", str(len(erased)), received_ms)
            if to_recheck:
                recheck.begin(connection, device.scope, device.id, received_ms)
            looking = recheck.is_under_way(connection)
            due = leaving.any_due(connection, received_ms)
            if to_judge:
                judge(connection, region, fresh)
            returned.erase_again(connection, erased, received_ms)
            if offered:
                returned.tell_erased(connection, offered, device.scope)
        if due:
            self._close_what_is_due(received_ms)
        if looking:
            self._look_on(received_ms)
        return Visit(request, device, kept, received_ms)

    def _note(
        self, connection: Connection, device: intake.Device, what: str, detail: str, now_ms: int
    ) -> None:
        incidents.note(connection, device.id, [wire.Incident(rfc3339(now_ms), what, detail)], now_ms)

    def _close_what_is_due(self, now_ms: int) -> None:
        with self._store.write() as connection:
            self._store.lock_order(connection)
            leaving.close_due(connection, now_ms)

    def _look_on(self, now_ms: int) -> None:
        with self._store.write() as connection:
            self._store.lock_order(connection)
            recheck.go_on(connection, now_ms)

    def _sign(self, refused: refusal.Refusal, device: intake.Device, received_ms: int) -> None:
        """Let the laptop know for sure what it shall act on, and keep that it happened."""
        told = refused.reply
        if told.error not in _TOLD_TO_THE_LAPTOP:
            return
        message = wire.Refusal(
            device=device.id,
            error=told.error,
            message=told.message,
            proto=wire.PROTO,
            received_at=rfc3339(received_ms),
            replica=told.replica,
            seq=told.seq,
            first=refused.first,
            refused=refused.refused,
        )
        refused.signed = sign_message(message, self._district.keys.sign)
        found = wire.Incident(rfc3339(received_ms), told.error, f"{told.replica} {told.seq}")
        with self._store.write() as connection:
            incidents.note(connection, device.id, [found], received_ms)

    def answer(self, visit: Visit, *, after: int | None = None, limit: int | None = None) -> wire.Reply:
        """What became of the request and the page of the feed that it asks for.

        `after` and `limit` ask for another page instead: the next one, or none at all.
        """
        with self._store.read() as connection:
            return self._reply(connection, visit, after, limit)

    def _reply(
        self, connection: Connection, visit: Visit, after: int | None, limit: int | None
    ) -> wire.Reply:
        request, device = visit.request, visit.device
        epoch = _epoch(connection)
        cursor = request.cursor if request.epoch == epoch else 0
        cursor = cursor if after is None else after
        limit = request.limit if limit is None else limit
        named = list(dict.fromkeys([*request.have, *(segment.replica for segment in request.segments)]))
        pushed = [(item.segment.replica, item.segment.first, item.last_seq) for item in visit.kept]
        receipts: list[wire.Receipt] = []
        if after is None:
            left = device.had_another_area or request.forgot
            receipts = feed.receipts_of(connection, pushed, device.scope if left else None, request.have)
        readers, revoked, repaired = None, [], None
        order = wire.Order(wipe=True) if device.revoked else None
        if device.revoked:
            heard, sanity = wire.Feed(cursor, cursor, [], more=False), None
        else:
            arrivals = device.role in OWNERS
            told = pushed if after is None else []
            whole = device.had_another_area or (request.forgot and fact(connection, RESTORED) is not None)
            how = arrivals, told, whole
            heard, passed = feed.page(
                connection, self._telling, device.scope, cursor, limit, request.have, *how
            )
            receipts += passed
            if not heard.more and after is None:
                receipts += feed.aside(connection, list(request.have), told)
            forget = leaving.orders(connection, device.scope, cursor, heard.to)
            if forget.purge or forget.erase:
                proofs = {child: self._telling.proof_of(wire.ERASED, child) for child in forget.erase}
                order = wire.Order(purge=forget.purge, erase=forget.erase, proofs=proofs)
            sanity = None if heard.more else feed.sanity(connection, device.scope, heard.to)
            if not heard.more:
                revoked = feed.revoked(connection, device.scope)
                readers = _readers(connection, device) if device.role in OWNERS else None
            if request.repair is not None and request.epoch == epoch and after is None:
                repaired = repair.answer(
                    connection, self._telling, device.scope, request.repair, heard.to, request.limit
                )
        received_at = rfc3339(visit.received_ms)
        proofs = {laptop: self._telling.proof_of(wire.REVOKED, laptop) for laptop in revoked}
        proofs[device.id] = self._telling.proof_of_area(device.id, device.scope, received_at)
        return wire.Reply(
            proto=wire.PROTO,
            device=device.id,
            epoch=epoch,
            received_at=received_at,
            have=intake.have_of(connection, named),
            receipts=receipts,
            feed=heard,
            sanity=sanity,
            order=order,
            read_limit=_read_limit(request),
            readers=readers,
            revoked=revoked,
            proofs=proofs,
            holds=intake.holds_of(connection, request.have),
            scope=device.scope,
            repair=repaired,
            answers=request.mark,
        )

    # enrolment

    def enrol(self, body: bytes, address: str = "") -> bytes:
        """Let a laptop join with a code, once; asked again by the same laptop, answer again."""
        now_ms = self._now_ms()
        request = _read(body, wire.EnrolRequest)
        _check_enrolment(request)
        _check_signature(body, request.sign_key)
        self._refuse_unknown(request.code, address)
        with self._store.write() as connection:
            scope, role, former = self._use_code(connection, request, now_ms)
            reply = wire.EnrolReply(
                proto=wire.PROTO,
                device=request.device,
                scope=scope,
                role=role,
                district=self._district.name,
                epoch=_epoch(connection),
                server=self._district.keys.public,
                received_at=rfc3339(now_ms),
                sign_key=request.sign_key,
                seal_key=request.seal_key,
                continues=former,
            )
        return sign_message(reply, self._district.keys.sign)

    def _refuse_unknown(self, code: str, address: str) -> None:
        """Raise `Refusal` for a code that nobody gave out, before anything is held up by it."""
        with self._store.read() as connection:
            digest = code_digest(self._district, code)
            known = connection.execute(select(schema.code.c.digest).where(schema.code.c.digest == digest))
            if known.first() is not None:
                return
        wait_s = self._guesses.note(address)
        raise refusal.code_unknown() if wait_s is None else refusal.too_many_guesses(wait_s)

    def _use_code(
        self, connection: Connection, request: wire.EnrolRequest, now_ms: int
    ) -> tuple[str, str, str | None]:
        """Scope and role of the code, now this laptop's, and what that was enrolled as before."""
        digest = code_digest(self._district, request.code)
        found = connection.execute(
            select(schema.code).where(schema.code.c.digest == digest).with_for_update()
        ).one_or_none()
        if found is None:
            raise refusal.code_unknown()
        known = connection.execute(
            select(schema.device.c.sign_key, schema.device.c.continues).where(
                schema.device.c.id == request.device
            )
        ).one_or_none()
        if found.used_ms is not None:
            if found.device == request.device and known is not None and known.sign_key == request.sign_key:
                return found.scope, found.role, known.continues
            raise refusal.code_used()
        if now_ms > found.expires_ms:
            raise refusal.code_expired()
        if known is not None:
            raise refusal.device_taken()
        former = _former_device(connection, request)
        connection.execute(
            schema.device.insert().values(
                id=request.device,
                name=request.name.strip(),
                scope=found.scope,
                role=found.role,
                sign_key=request.sign_key,
                seal_key=request.seal_key,
                app=request.app,
                enrolled_ms=now_ms,
                continues=former,
            )
        )
        connection.execute(
            update(schema.code)
            .where(schema.code.c.digest == digest)
            .values(used_ms=now_ms, device=request.device)
        )
        return found.scope, found.role, former


def _former_device(connection: Connection, request: wire.EnrolRequest) -> str | None:
    """What the laptop was enrolled as here before, if it proves it; None when it was not."""
    claimed = request.continues
    former = None if claimed is None else intake.find_device(connection, claimed.device)
    if claimed is None or former is None:
        return None
    try:
        verify_continuation(claimed, request.device, verify_key(former.sign_key))
    except BadSignature:
        raise refusal.bad_signature() from None
    return former.id


class Guesses:
    """Tells whoever tries codes to stop after a few wrong ones from one address; a right one is always taken.

    A code is one of 31¹², about 60 bits: at a thousand tries a second over the 14 days in which a thousand
    codes are open, the chance to meet one is less than one in half a million. To turn right codes away as
    well would only let anybody keep the laptops of a village, or of the district, from joining.
    """

    WINDOW_MS = 10 * _MINUTE * 1000
    FROM_ONE = 10
    _MOST = 10_000

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._wrong: dict[str, deque[int]] = {}
        self._lock = threading.Lock()

    def note(self, address: str) -> int | None:
        """A wrong code came from there; when it was one too many, after how many seconds another may come."""
        now_ms = self._now_ms()
        with self._lock:
            wrong = self._wrong.pop(address, None) or deque(maxlen=self.FROM_ONE)
            self._wrong[address] = wrong  # whoever was heard of longest ago goes first
            if len(self._wrong) > self._MOST:
                del self._wrong[next(iter(self._wrong))]
            if len(wrong) == self.FROM_ONE and wrong[0] > now_ms - self.WINDOW_MS:
                return -(-(wrong[0] + self.WINDOW_MS - now_ms) // 1000)
            wrong.append(now_ms)
            return None


def code_digest(district: District, code: str) -> bytes:
    """How a code is kept: useless without the server's keys. Spaces, dashes and case do not matter."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    key = hashlib.sha256(b"posyandu-code-1" + bytes(district.keys.sign)).digest()
    return hmac.new(key, plain.encode("utf-8"), hashlib.sha256).digest()


def _read_limit(request: wire.Request) -> int | None:
    """The version of the projection that it takes to show everything, for a laptop whose own is older."""
    if request.reads is None or request.reads >= PROJECTION_VERSION:
        return None
    return PROJECTION_VERSION


def _readers(connection: Connection, device: intake.Device) -> list[wire.Reader]:
    return [
        wire.Reader(scope, cursor, None if seen_ms is None else rfc3339(seen_ms))
        for scope, cursor, seen_ms in feed.readers(connection, device.scope, device.id)
    ]


def _epoch(connection: Connection) -> str:
    epoch = fact(connection, EPOCH)
    assert epoch is not None, "made with the database"
    return epoch


def _read(body: bytes, message: type[wire.T]) -> wire.T:
    try:
        return wire.decode(body, message)
    except wire.Malformed as error:
        raise refusal.malformed(str(error)) from None


def _check(request: wire.Request) -> None:
    if request.proto != wire.PROTO:
        raise refusal.malformed("proto")
    if not is_id(request.device):
        raise refusal.malformed("device")
    if not (0 <= request.cursor < 2**62) or not (1 <= request.limit <= wire.MAX_OPERATIONS):
        raise refusal.malformed("cursor or limit")
    if not _is_have(request.have):
        raise refusal.malformed("have")
    if sum(len(segment.ops) for segment in request.segments) + len(request.returned) > wire.MAX_OPERATIONS:
        raise refusal.too_large()
    if len(request.segments) > wire.MAX_SEGMENTS:
        raise refusal.too_large()
    if not all(map(incidents.fits, request.incidents)) or len(request.incidents) > incidents.MOST_AT_ONCE:
        raise refusal.malformed("incidents")
    _milliseconds(request.sent_at)


def _read_segments(request: wire.Request) -> list[intake.ReadSegment]:
    """The segments with their hashes checked; another laptop's that does not fit them is left out."""
    found = []
    for segment in request.segments:
        try:
            found.append(intake.read(segment))
        except refusal.Refusal:
            if segment.device == request.device:
                raise
    return found


def _is_have(have: Mapping[str, int]) -> bool:
    return len(have) <= MAX_REPLICAS and all(is_id(name) and 0 <= seq < 2**62 for name, seq in have.items())


def _milliseconds(sent_at: str) -> int:
    try:
        moment = datetime.fromisoformat(sent_at)
        return int(moment.timestamp() * 1000) if moment.tzinfo is not None else _no_offset()
    except (ValueError, OverflowError):
        raise refusal.malformed("sent_at") from None


def _no_offset() -> int:
    raise ValueError("a time needs its offset")


def _check_enrolment(request: wire.EnrolRequest) -> None:
    if request.proto != wire.PROTO:
        raise refusal.malformed("proto")
    if not is_id(request.device):
        raise refusal.malformed("device")
    if request.continues is not None and not is_id(request.continues.device):
        raise refusal.malformed("continues")
    if not 0 < len(request.name.strip()) <= 100 or len(request.app) > 100 or len(request.code) > 100:
        raise refusal.malformed("name, app or code")
    if not all(text.isprintable() for text in (request.name, request.app)):
        raise refusal.malformed("name or app")
    try:
        verify_key(request.sign_key)
        from_base64(request.seal_key, 32)
    except ValueError:
        raise refusal.malformed("sign_key or seal_key") from None


def _check_signature(body: bytes, sign_key: str) -> None:
    try:
        verify_message(body, verify_key(sign_key))
    except BadSignature:
        raise refusal.bad_signature() from None
    except wire.Malformed as error:
        raise refusal.malformed(str(error)) from None
