"""The failures of other systems, put back into the program on purpose: each must be caught.

A fault is a small patch that makes the program fail as the system named in the design once did.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

from msgspec import structs

from posyandu_app.district import desk, feed, intake, judge, refusal, schema, stored, verdicts
from posyandu_app.district.store import HEAD, fact, insert, set_fact
from posyandu_app.domain import forms, hlc, merge
from posyandu_app.domain.errors import UserError
from posyandu_app.services import deciding, registration
from posyandu_app.storage import log, peer, returned
from posyandu_app.storage.log import NewOperation
from posyandu_app.sync import engine, replies, scheduler, status, usb, wire
from posyandu_app.sync.status import Link
from posyandu_app.sync.trouble import Portal, SyncTrouble
from tests.simulation.chance import DAY, SECOND

if TYPE_CHECKING:
    from tests.simulation.world import World

Put = Callable[[Any, str, Any], None]
"""Puts something else in the place of an attribute, until the end of the world."""


@dataclass(frozen=True)
class Fault:
    """A failure seen elsewhere, and how it is put into this program."""

    number: str
    failure: str
    install: Callable[["World", Put], None]
    copies: bool = False

    @contextmanager
    def installed(self, world: "World") -> Iterator[None]:
        """Inside, the program has the fault."""
        with ExitStack() as stack:

            def put(target: Any, name: str, value: Any) -> None:
                stack.enter_context(mock.patch.object(target, name, value))

            self.install(world, put)
            yield


def _f1(world: "World", put: Put) -> None:
    prepare, acknowledge = engine.Engine.prepare, engine.Engine._acknowledge

    def prepares(self: Any, *arguments: Any, **named: Any) -> engine.Outgoing:
        outgoing = prepare(self, *arguments, **named)
        self.sent_up_to = outgoing.first + outgoing.count - 1
        return outgoing

    def marks_what_stands_there_when_the_answer_comes(self: Any, told: wire.Reply, *others: Any) -> None:
        acknowledge(self, told, *others)
        server = peer.load(self._database)
        if server is not None and server.acked == getattr(self, "sent_up_to", None):
            peer.acknowledge(self._database, log.tip(self._database)[0], told.received_at)

    put(engine.Engine, "prepare", prepares)
    put(engine.Engine, "_acknowledge", marks_what_stands_there_when_the_answer_comes)


def _f2(world: "World", put: Put) -> None:
    def page_since_a_time(
        connection: Any,
        telling: Any,
        area: str,
        cursor: int,
        limit: int,
        have: Mapping[str, int],
        *_: Any,
        **__: Any,
    ) -> tuple[wire.Feed, list[wire.Receipt]]:
        rows = connection.exec_driver_sql(
            "SELECT DISTINCT segment.received_ms, op.replica, op.seq, op.eff, op.status, op.body FROM feed"
            " JOIN op ON op.replica = feed.replica AND op.seq = feed.seq"
            " JOIN segment ON segment.id = op.segment"
            " WHERE (feed.scope = ? OR feed.scope LIKE ?) AND segment.received_ms > ?"
            " ORDER BY segment.received_ms, op.ss LIMIT ?",
            (area, f"{area}.%", cursor, limit + 1),
        ).fetchall()
        items = [
            wire.FeedItem(at, replica, eff, status_, wire.Raw(body.encode()))
            for at, replica, seq, eff, status_, body in rows[:limit]
            if seq > have.get(replica, 0)
        ]
        to = max([cursor, *(row[0] for row in rows[:limit])])
        return wire.Feed(cursor, to, items, more=len(rows) > limit), []

    put(feed, "page", page_since_a_time)
    put(world, "_is_done", lambda laptop, head, epoch: type(world)._is_done(world, laptop, 0, epoch))


def _f3(world: "World", put: Put) -> None:
    judge_all = judge.judge
    reserved: list[int] = []

    def commits(connection: Any, region: str) -> Any:
        """What was numbered before is written now; others may have read past its numbers."""
        head = int(fact(connection, HEAD) or 0)
        set_fact(connection, HEAD, str(reserved.pop()))
        judged = judge_all(connection, region)
        set_fact(connection, HEAD, str(max(head, int(fact(connection, HEAD) or 0))))
        return judged

    def finish() -> None:
        if reserved and not world.dinas.down:
            with world.dinas.store.write() as connection:
                commits(connection, world.dinas.district.region)

    def numbers_now_and_writes_later(connection: Any, region: str, fresh: Sequence[verdicts.Fresh]) -> Any:
        waits = verdicts.Verdict(schema.STORED)
        insert(connection, schema.op, stored.OP_COLUMNS, [stored.op_row(i, "", waits, None) for i in fresh])
        if reserved:
            return commits(connection, region)
        head = int(fact(connection, HEAD) or 0)
        reserved.append(head)
        set_fact(connection, HEAD, str(head + len(fresh)))
        world.after(SECOND, finish)
        return 0

    world.dinas_was_hurt = True
    put(desk, "judge", numbers_now_and_writes_later)


def _f4(world: "World", put: Put) -> None:
    begin, acknowledge = peer.begin_epoch, peer.acknowledge

    def begins_and_keeps_the_watermark(database: Any, epoch: str, acked: int = 0, **told: str) -> None:
        server = peer.load(database)
        begin(database, epoch, max(acked, server.acked if server is not None else 0), **told)

    def never_lowers_it(database: Any, acked: int, received_at: str) -> None:
        server = peer.load(database)
        acknowledge(database, max(acked, server.acked if server is not None else 0), received_at)

    put(peer, "begin_epoch", begins_and_keeps_the_watermark)
    put(peer, "acknowledge", never_lowers_it)


def _f5(world: "World", put: Put) -> None:
    put(intake, "_refuse_fork", lambda *_: None)


def _f6(world: "World", put: Put) -> None:
    changed_child = registration.changed_child

    def the_whole_row(ws: Any, child: Any, changes: Mapping[str, object], seen: Any = None) -> Any:
        new = changed_child(ws, child, changes, seen)
        if new is None:
            return None
        based_on = registration.shown(ws, child.id) if seen is None else seen
        row = {
            name: {"v": registration.wire(getattr(child, name)), "base": list(based_on[name])}
            for name in registration.FIELDS
            if name in based_on
        }
        return dataclasses.replace(new, payload=row | new.payload)

    put(registration, "changed_child", the_whole_row)


def _f7(world: "World", put: Put) -> None:
    put(hlc, "effective", lambda stamp, *_: stamp)


def _f8(world: "World", put: Put) -> None:
    append = log.append

    def refuses_when_the_clock_is_behind(database: Any, operations: Any, *, actor: str, clock: Any) -> Any:
        if clock.ms() < hlc.milliseconds(log.last_stamp(database)) - DAY:
            raise UserError("jam laptop salah", code="wrong_clock")
        return append(database, operations, actor=actor, clock=clock)

    put(log, "append", refuses_when_the_clock_is_behind)


def _f9(world: "World", put: Put) -> None:
    put(merge, "saw", lambda *_: True)


def _f10(world: "World", put: Put) -> None:
    project_fact = merge._project_fact

    def revives_silently(*arguments: Any) -> Any:
        row = project_fact(*arguments)
        if row is None or "voided" not in row.disputed:
            return row
        rest = {name: heads for name, heads in row.disputed.items() if name != "voided"}
        return structs.replace(row, disputed=rest)

    put(merge, "_project_fact", revives_silently)


def _refusing(world: "World", put: Put, refuses: Callable[[Any, wire.Request, Any], str | None]) -> None:
    """Let the server refuse a request for what it says or who sends it."""
    take_in = desk.Desk.take_in

    def takes_in(self: Any, body: bytes, **named: Any) -> desk.Visit:
        with suppress(wire.Malformed):
            request = wire.decode(body, wire.Request)
            with self._store.read() as connection:
                word = refuses(connection, request, self._now_ms())
            if word is not None:
                raise refusal.Refusal(422, word, "ditolak")
        return take_in(self, body, **named)

    put(desk.Desk, "take_in", takes_in)


def _operations(request: wire.Request) -> Iterator[Any]:
    for segment in request.segments:
        for raw in segment.ops:
            yield wire.read_operation(raw).operation


def _f11(world: "World", put: Put) -> None:
    def one_bad_record(connection: Any, request: wire.Request, now_ms: int) -> str | None:
        return "bad_record" if any(forms.flaw(item) is not None for item in _operations(request)) else None

    _refusing(world, put, one_bad_record)


def _f12(world: "World", put: Put) -> None:
    receive = log.receive

    def forgets_what_was_put_aside(database: Any, *arguments: Any, **named: Any) -> frozenset[str]:
        with database.atomic():
            changed = receive(database, *arguments, **named)
            database.run(
                "DELETE FROM measured WHERE id IN (SELECT entity FROM log WHERE status = 'quarantined')"
            )
        return changed

    put(log, "receive", forgets_what_was_put_aside)


def _f13(world: "World", put: Put) -> None:
    changed_child = registration.changed_child

    def clears_what_it_does_not_know(ws: Any, child: Any, changes: Any, seen: Any = None) -> Any:
        new = changed_child(ws, child, changes, seen)
        if new is None:
            return None
        unknown = {
            name: {"v": None, "base": list(key)}
            for name, key in registration.shown(ws, child.id).items()
            if name not in (*registration.FIELDS, "state", "state_on", "moved_to", "origin")
        }
        return dataclasses.replace(new, payload=unknown | new.payload)

    put(registration, "changed_child", clears_what_it_does_not_know)


def _f14(world: "World", put: Put) -> None:
    def another_version(connection: Any, request: wire.Request, now_ms: int) -> str | None:
        return "upgrade_first" if any(item.v != 1 for item in _operations(request)) else None

    _refusing(world, put, another_version)


def _f15(world: "World", put: Put) -> None:
    page = feed.page

    def the_first_page_is_taken_for_all(
        connection: Any, telling: Any, area: str, cursor: int, *others: Any
    ) -> Any:
        told, receipts = page(connection, telling, area, cursor, *others)
        if cursor == 0 and told.more:
            told = wire.Feed(cursor, int(fact(connection, HEAD) or 0), told.ops, more=False)
        return told, receipts

    put(feed, "page", the_first_page_is_taken_for_all)


def _f16(world: "World", put: Put) -> None:
    apply = engine.Engine.apply

    def saves_the_cursor_by_itself(self: Any, reply: bytes) -> engine.Exchanged:
        read, before = self._server, self._server()
        with suppress(SyncTrouble):
            told = replies.open_reply(reply, before)
            if told.epoch == before.epoch and told.feed.from_ <= before.cursor:
                with self._database.atomic():
                    peer.advance(self._database, told.feed.to)
        as_it_was = [before, before]
        self._server = lambda: as_it_was.pop() if as_it_was else read()
        try:
            return apply(self, reply)
        finally:
            del self._server

    put(engine.Engine, "apply", saves_the_cursor_by_itself)


def _f17(world: "World", put: Put) -> None:
    receive = log.receive

    def loses_one_of_many(database: Any, items: Sequence[Any], *others: Any, **named: Any) -> Any:
        kept = items[:-1] if len(items) > 3 else items
        return receive(database, kept, *others, **named)

    put(log, "receive", loses_one_of_many)
    put(engine.Engine, "_compare", lambda *_: frozenset())


def _f18(world: "World", put: Put) -> None:
    begin = peer.begin_epoch

    def starts_from_the_server_alone(database: Any, epoch: str, acked: int = 0, **told: str) -> None:
        with database.atomic():
            database.run("DELETE FROM log WHERE replica = ? AND seq > ?", (database.replica, acked))
            begin(database, epoch, acked, **told)

    put(peer, "begin_epoch", starts_from_the_server_alone)


def _f19(world: "World", put: Put) -> None:
    put(judge.Sitting, "_send_history", lambda *_: None)


def _f20(world: "World", put: Put) -> None:
    receive, append = log.receive, log.append

    def merges_what_is_linked(database: Any) -> None:
        links = database.rows(
            "SELECT entity, payload ->> 'other' FROM log WHERE type = 'person.link'"
            " ORDER BY eff, replica, seq"
        )
        for pair in links:
            stays, goes = sorted(pair)
            database.run("INSERT OR IGNORE INTO term(text) VALUES (?)", (stays,))
            database.run(
                "UPDATE measured SET child = (SELECT n FROM term WHERE text = ?)"
                " WHERE child = (SELECT n FROM term WHERE text = ?)",
                (stays, goes),
            )
            database.run("DELETE FROM child WHERE id = ?", (goes,))

    def receives(database: Any, *arguments: Any, **named: Any) -> frozenset[str]:
        with database.atomic():
            changed = receive(database, *arguments, **named)
            merges_what_is_linked(database)
        return changed

    def appends(database: Any, *arguments: Any, **named: Any) -> Any:
        with database.atomic():
            keys = append(database, *arguments, **named)
            merges_what_is_linked(database)
        return keys

    put(log, "receive", receives)
    put(log, "append", appends)


def _f21(world: "World", put: Put) -> None:
    apply, prepare_after = engine.Engine.apply, engine.Engine.prepare_after

    def goes_on_after_any_answer(self: Any, *arguments: Any) -> Any:
        with suppress(Portal):
            return prepare_after(self, *arguments)
        return None

    def counts_any_answer(self: Any, reply: bytes) -> engine.Exchanged:
        try:
            return apply(self, reply)
        except Portal:
            tip, _ = log.tip(self._database)
            peer.acknowledge(self._database, tip, "2026-11-02T07:00:00+07:00")
            return engine.Exchanged()

    put(engine.Engine, "prepare_after", goes_on_after_any_answer)
    put(engine.Engine, "apply", counts_any_answer)


def _f22(world: "World", put: Put) -> None:
    apply = engine.Engine.apply

    def wipes_at_once(self: Any, reply: bytes) -> engine.Exchanged:
        exchanged = apply(self, reply)
        if exchanged.wipe_ordered:
            with self._database.atomic():
                self._database.run("DELETE FROM log")
        return exchanged

    put(engine.Engine, "apply", wipes_at_once)


def _f23(world: "World", put: Put) -> None:
    status_ = status.status

    def says_what_the_last_call_met(database: Any, link: Link = Link.UNKNOWN, clock: Any = None) -> Any:
        told = status_(database, link, clock)
        if link is not Link.ONLINE:
            return told
        return dataclasses.replace(
            told, received=told.total, unsent=0, message="Semua data sudah diterima Dinas"
        )

    put(status, "status", says_what_the_last_call_met)


def _f24(world: "World", put: Put) -> None:
    put(scheduler, "backoff", lambda *_: 1e9)


def _f25(world: "World", put: Put) -> None:
    receive = engine.Engine._receive

    def by_position(self: Any, told: wire.Reply, items: Any, receipts: Any, server: Any) -> frozenset[str]:
        own = [item for item in receipts if item.replica == self._database.replica]
        others = [item for item in receipts if item.replica != self._database.replica]
        renumbered = [
            dataclasses.replace(item, seq=server.acked + place) for place, item in enumerate(own, 1)
        ]
        return receive(self, told, items, others + renumbered, server)

    put(engine.Engine, "_receive", by_position)


def _f26(world: "World", put: Put) -> None:
    apply = engine.Engine.apply

    def tidies_up(self: Any, reply: bytes) -> engine.Exchanged:
        exchanged = apply(self, reply)
        for entity in sorted(exchanged.changed):
            row = self._database.one("SELECT scope, name FROM child WHERE id = ?", (entity,))
            if row is not None and row[1]:
                tidy = NewOperation(
                    "child.set", entity, row[0], {"name": {"v": row[1].upper(), "base": None}}
                )
                log.append(self._database, [tidy], actor="", clock=self._clock)
        return exchanged

    put(engine.Engine, "apply", tidies_up)


def _f27(world: "World", put: Put) -> None:
    def not_heard_of_for_weeks(connection: Any, request: wire.Request, now_ms: int) -> str | None:
        seen = connection.exec_driver_sql(
            "SELECT seen_ms FROM device WHERE id = ?", (request.device,)
        ).scalar()
        return "token_expired" if seen is not None and now_ms - seen > 14 * DAY else None

    _refusing(world, put, not_heard_of_for_weeks)


def _f28(world: "World", put: Put) -> None:
    write = usb._Export._write_requests

    def counts_copied_as_sent(self: Any) -> usb.Exported:
        done = write(self)
        server = peer.load(self._database)
        if server is not None and not done.stopped:
            tip, _ = log.tip(self._database)
            peer.acknowledge(self._database, tip, server.last_received_at or "2026-11-02T07:00:00+07:00")
        return done

    put(usb._Export, "_write_requests", counts_copied_as_sent)


def _o1(world: "World", put: Put) -> None:
    put(engine.Engine, "_is_awaited", lambda *_: False)


def _o2(world: "World", put: Put) -> None:
    put(judge, "is_of_a_newer_program", lambda _: False)


def _o3(world: "World", put: Put) -> None:
    put(deciding, "_kept", lambda *_: [])


def _o4(world: "World", put: Put) -> None:
    put(returned, "next_page", lambda *_: [])


FAULTS = (
    Fault("F1", "an edit made while its record is being uploaded is marked as sent", _f1),
    Fault("F2", "a timestamp cursor skips ties and late commits", _f2),
    Fault("F3", "a sequence assigned before commit: a reader overtakes it", _f3),
    Fault("F4", "server restored, laptops do not resend", _f4),
    Fault("F5", "a cloned laptop reuses an identity", _f5, copies=True),
    Fault("F6", "a write of the whole row drops others’ fields", _f6),
    Fault("F7", "a clock in the future wins for ever", _f7),
    Fault("F8", "a wrong clock forbids work", _f8),
    Fault("F9", "a delete beats an edit silently", _f9),
    Fault("F10", "an edit revives silently", _f10),
    Fault("F11", "one bad record blocks the queue", _f11),
    Fault("F12", "a rejected record vanishes from view", _f12),
    Fault("F13", "an old client wipes fields it does not know", _f13),
    Fault("F14", "a version gate refuses the upload", _f14),
    Fault("F15", "an interrupted first fill is taken for complete", _f15),
    Fault("F16", "the cursor is saved in another transaction than the rows", _f16),
    Fault("F17", "the sanity check passes although contents differ", _f17),
    Fault("F18", "recovery throws one side away", _f18),
    Fault("F19", "a child moves and its history does not follow", _f19),
    Fault("F20", "a merge of two records rewrites ids, late data goes to a dead record", _f20),
    Fault("F21", "a captive portal’s 200 counts as success", _f21),
    Fault("F22", "a switched-off account wipes unsent data", _f22),
    Fault("F23", "“successful” while something is unsent", _f23),
    Fault("F24", "a retry that never retries", _f24),
    Fault("F25", "receipts matched by position hit the wrong operation", _f25),
    Fault("F26", "a framework write beats a person’s edit", _f26),
    Fault("F27", "a token expired after weeks offline, upload refused", _f27),
    Fault("F28", "what was copied to a stick counts as sent, and the stick is lost", _f28),
)

ONCE_HERE = (
    Fault("O1", "the answers of a server whose clock was ahead and is set right are taken for late", _o1),
    Fault("O2", "a change to what only newer programs know does not follow the child", _o2),
    Fault("O3", "two who prefer different weighings of one day take both away", _o3),
    Fault("O4", "what a burnt laptop had sent does not come back to a restored server", _o4),
)
"""Failures that this program once had, found by other means than these worlds."""

ALL = FAULTS + ONCE_HERE
