"""One laptop: the real database, services and engine, driven as the app drives them, by a world's events."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Role
from posyandu_app.domain.operations import OpKey
from posyandu_app.domain.rules import default_rules
from posyandu_app.services import accounts
from posyandu_app.services.views import Changes, User
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import log, peer
from posyandu_app.storage.accounts import Account, keep
from posyandu_app.storage.connection import Database
from posyandu_app.sync import enrolment, scheduler, status, wire
from posyandu_app.sync.conversation import Conversation
from posyandu_app.sync.engine import Engine, Exchanged, Outgoing
from posyandu_app.sync.scheduler import Go, State
from posyandu_app.sync.status import Link
from posyandu_app.sync.trouble import Busy, Offline, Refused, SyncTrouble
from tests.simulation.chance import HOUR, MINUTE, SECOND, LaptopClock
from tests.simulation.disk import Disk, Killed
from tests.simulation.ledger import Deed, Entry, require
from tests.simulation.network import FAIR, Weather
from tests.simulation.releases import OLDER, running

if TYPE_CHECKING:
    from tests.simulation.world import World

KEY = bytes(range(32))
URL = "https://dinas.example.id"
NOT_ENROLLED_ANY_MORE = ("unknown_device", "bad_signature")


@dataclass(frozen=True)
class Place:
    """Who works on a laptop and where."""

    name: str
    scope: str
    role: Role


class Laptop:
    """A laptop with its one user; `workspace` is None while it is switched off."""

    def __init__(self, world: "World", place: Place, template: Path) -> None:
        self.world = world
        self.place = place
        self.name = self.book = place.name
        self.path = world.folder / f"{place.name}.db"
        shutil.copy(template, self.path)
        self.disk = world.disks[self.path] = Disk(self.path)
        self.clock = LaptopClock(lambda: world.now_ms)
        self.weather: Weather = FAIR
        self.narrow = False
        self.release = OLDER
        self.session = 0
        self.workspace: Workspace | None = None
        self.line: Line | None = None
        self.revoked = self.wiped = self.burnt = False
        self.mended: Callable[[Database], bool] | None = None
        self.former_scope: str | None = None
        self.has_a_copy = False
        self.joined = 0
        self.code: str | None = None
        self.attempted: Sequence[Deed] | None = None
        self.replica = ""
        self.user = User("", "", place.role)

    def copied(self) -> "Laptop":
        """The whole disk, copied to another machine that is used from now on as well."""
        twin = Laptop(self.world, replace(self.place, name=f"{self.name}-copy"), self.path)
        self.has_a_copy = twin.has_a_copy = True
        twin.replica, twin.user, twin.revoked = self.replica, self.user, self.revoked
        twin.mended, twin.release = self.mended, self.release
        self.world.ledger.copy(self.book, twin.book)
        return twin

    def set_up(self) -> None:
        """What happens before the first person sits down."""
        with running(self.release):
            database = Database.open(self.path, KEY)
        database.set_meta("replica", str(self.world.uuid4()))
        self.replica = database.replica
        self.user = User(str(self.world.uuid4()), f"Kader {self.name}", self.place.role)
        with database.atomic():
            database.set_meta("scope", self.place.scope)
            database.set_meta("posyandu_name", f"Posyandu {self.place.scope[-3:]}")
            keep(database, Account(self.user.id, self.user.name, self.user.role.value, self.user.name))
        database.close()

    # power

    @property
    def on(self) -> bool:
        return self.workspace is not None

    @property
    def ws(self) -> Workspace:
        assert self.workspace is not None, "switched on"
        return self.workspace

    @property
    def database(self) -> Database:
        return self.ws.database

    def switch_on(self) -> None:
        """Open the database as the app does; whatever was committed before is there."""
        if self.on or self.wiped or self.burnt:
            return
        with running(self.release):
            self._start()

    def _start(self) -> None:
        self.session += 1
        self.world.note(self.name, "on", self.weather.name, self.clock.now().isoformat(timespec="seconds"))
        try:
            database = Database.open(self.path, KEY)
            self.workspace = Workspace(database, self.user, default_rules(), self.clock)
            self.world.check.reopened(self)
            self._announce()
        except Killed:
            self.die()
            return
        self.line = Line(self)
        self.world.check.laptop(self)
        self.step(self.line.wake)

    def _announce(self) -> None:
        """What the app logs by itself for the person who set it up: her name and her posyandu's."""
        missing = 3 - self.world.ledger.tip(self.book)
        if missing > 0:
            self.attempted = []
            accounts.announce(self.ws)
            self.attempted = None
            self.world.check.set_up(self)

    def switch_off(self) -> None:
        """Close the app."""
        if self.on:
            self.world.note(self.name, "off")
            self.ws.close()
            self._forget()

    def die(self) -> None:
        """Power cut: the process is gone with all that was not committed."""
        self.world.note(self.name, "dies")
        self.disk.power_lost()
        self._forget()
        dice = self.world.dice
        back = dice.between(10 * SECOND, HOUR)
        self.world.after(back, self.switch_on)
        self.world.unless_healing(back + dice.between(MINUTE, 20 * MINUTE), self.switch_off)

    def wipe(self) -> None:
        """The Dinas has taken this laptop's leave and says that it holds everything: nothing stays here."""
        self.world.check.may_wipe(self)
        self.world.note(self.name, "is wiped")
        self.wiped = True
        self.ws.close()
        self._forget()
        for path in self.path.parent.glob(f"{self.path.name}*"):
            path.unlink()

    def _forget(self) -> None:
        self.workspace = None
        self.line = None
        self.session += 1

    def soon(self, ms: int, action: Callable[[], None]) -> None:
        """Do something in a while, if the laptop has not been switched off by then."""
        session = self.session

        def then() -> None:
            if self.on and self.session == session:
                self.step(action)

        self.world.after(ms, then)

    def step(self, action: Callable[[], None]) -> None:
        """One step of the process; it may die in it."""
        if not self.on:
            return
        with running(self.release):
            try:
                action()
            except Killed:
                self.die()
            if self.on:
                self.world.check.laptop(self)

    @contextmanager
    def looked_into(self) -> Iterator[None]:
        """Inside, the test looks at the disk itself, with the program that runs here."""
        with running(self.release), self.disk.unwatched():
            yield

    # what a person does

    def save(
        self, what: str, action: Callable[[], Changes | list[OpKey]], deeds: Sequence[Deed]
    ) -> Changes | None:
        """Do a deed and enter it in the ledger once the app says it is saved; None when it says it is not.

        Without `deeds` it is not foreseen what the log will say.

        The app may refuse only what its rules refuse, or a full disk; then nothing was saved.
        """
        before = self.tip()
        self.attempted = deeds
        try:
            done = action()
        except UserError as error:
            self.attempted = None
            require(self.tip() == before, "I7", f"{what} was refused and is in the log")
            self.world.note(self.name, what, "refused", error.code or "")
            if error.code == "disk_full":
                require(self.disk.full, "I7", "an empty disk is called full")
                return None
            raise
        self.attempted = None
        keys = done if isinstance(done, list) else [OpKey(*key) for key in done.undo.operation_keys]  # type: ignore[union-attr]
        entries = self.entries(len(keys))
        require([entry.key for entry in entries] == keys, "I2", f"{what} was logged as {keys}")
        self.world.ledger.acknowledge(self.book, entries, deeds or None)
        self.world.wisdom.saved(self, entries)
        self.world.note(self.name, what, keys[0].seq, entries[-1].chain.hex())
        self.saved()
        return done if isinstance(done, Changes) else None

    def saved(self) -> None:
        """The app exchanges after a save when it can."""
        if self.line is not None:
            self.soon(1, self.line.wake)

    def entries(self, count: int) -> list[Entry]:
        """The last entries of the own log, as they stand on the disk."""
        return self.entries_after(self.tip() - count)

    def tip(self) -> int:
        """How many operations the own log holds."""
        with self.disk.unwatched():
            return log.tip(self.database)[0]

    def entries_after(self, seq: int) -> list[Entry]:
        """The own log after a number, as it stands on the disk."""
        with self.disk.unwatched():
            contents = dict(
                self.database.rows(
                    "SELECT seq, content FROM log WHERE replica = ? AND seq > ?", (self.replica, seq)
                )
            )
            return [
                Entry(item.key, item.operation.to_json(), contents[item.key.seq], item.hash or b"")
                for item in log.own_after(self.database, seq, 1_000_000)
            ]

    # contact

    def look_for_a_new_log(self) -> None:
        """A copy that has met the other's entries goes on in a log of its own: the ledger goes along."""
        database = self.database
        if database.replica == self.replica:
            return
        kept = log.forked_from(database)[0]
        require(kept.replica == self.replica, "I5", f"{self.name} went on from a log that was not its own")
        former, self.replica = self.replica, database.replica
        moved = self.entries_after(0)
        self.world.note(self.name, "goes on in a log of its own", kept.seq, len(moved))
        self.world.ledger.go_on(self.book, former, kept.seq, moved)

    def join(self) -> None:
        """Enrol with a code from the Dinas; the answer may be lost and asked for again."""
        world = self.world
        if self.code is None and world.dinas.full:  # no code can be had now
            self.soon(world.dice.between(MINUTE, 20 * MINUTE), self.join)
            return
        if self.code is None:
            self.code = world.dinas.code(self.place.scope, self.place.role.value)
        try:
            enrolment.enrol(self.database, _Door(self), self.code, f"Laptop {self.name}")
        except SyncTrouble as trouble:
            world.note(self.name, "not enrolled", trouble.code or "")
            if isinstance(trouble, Refused):
                self.code = None
            self.soon(world.dice.between(MINUTE, 20 * MINUTE), self.join)
            return
        except UserError as error:
            if error.code == "other_area" and self._has_not_heard_of_its_area():
                world.note(self.name, "has a code for an area it has not heard of")
                self.code = None
                return  # it is still enrolled, and hears of it with an exchange
            require(error.code == "disk_full" and self.disk.full, "I7", f"enrolment refused: {error}")
            self.soon(world.dice.between(MINUTE, 20 * MINUTE), self.join)
            return
        self.code = None
        self.joined += 1
        world.note(self.name, "enrolled")
        if self.line is not None:
            self.line.asked = True
            self.line.wake()

    def _has_not_heard_of_its_area(self) -> bool:
        server = peer.load(self.database)
        return server is not None and server.scope == self.former_scope

    def hear_stale(self, reply: bytes) -> None:
        """An answer turns up that nobody waits for any more."""
        if self.on and not self.world.healing:
            self.world.note(self.name, "hears a stale answer")
            self.step(lambda: self._take_stale(reply))

    def _take_stale(self, reply: bytes) -> None:
        try:
            exchanged = Engine(self.database, self.clock).apply(reply)
        except SyncTrouble as trouble:
            self.world.note(self.name, "stale answer refused", trouble.code or "")
        except UserError as error:
            require(error.code == "disk_full" and self.disk.full, "I7", f"a stale answer: {error}")
        else:
            self.world.check.applied(self, exchanged)

    def unsigned_praise(self) -> bytes:
        """An answer that says everything arrived, in the right form, signed by nobody."""
        server = peer.load(self.database)
        if server is None:
            return b"[]"
        tip = log.tip(self.database)[0]
        praise = wire.Reply(
            proto=wire.PROTO,
            device=server.device,
            epoch=server.epoch or "",
            received_at=self.clock.now().isoformat(),
            have={self.replica: tip},
            receipts=[],
            feed=wire.Feed(server.cursor, server.cursor, [], more=False),
            signature="A" * 86 + "==",
        )
        return wire.encode(praise)


class _Door:
    """The way to the server for an enrolment; its answer may be lost."""

    url = URL

    def __init__(self, laptop: Laptop) -> None:
        self._laptop = laptop

    def exchange(self, body: bytes) -> bytes:
        raise AssertionError("an enrolment does not exchange")

    def enrol(self, body: bytes) -> bytes:
        from posyandu_app.district.refusal import Refusal

        world, weather = self._laptop.world, self._laptop.weather
        if not weather.connected or world.dinas.down or world.dice.chance(weather.lose_request):
            raise Offline
        try:
            answer = world.dinas.enrol(body)
        except Refusal as refused:
            raise Refused(refused.reply.error) from None
        except Killed:
            world.note("dinas dies over an enrolment")
            world.after(world.dice.between(SECOND, HOUR), world.start_dinas)
            raise Offline from None
        except Exception:
            if not world.dinas.full:
                raise
            raise Busy(5) from None
        if world.dice.chance(weather.lose_reply):
            raise Offline
        return answer


class Line:
    """Sync inside one running app: the scheduler decides, one request is under way at a time.

    What comes next goes out before an answer is taken in, as in the app; trouble in taking it in waits
    until the line is free.
    """

    def __init__(self, laptop: Laptop) -> None:
        self._laptop = laptop
        self._world = laptop.world
        self._talk = Conversation(Engine(laptop.database, laptop.clock))
        self._failures = 0
        self._trouble: Exception | None = None
        self._jitter = 1.0
        self._last_attempt: float | None = None
        self._last_success: float | None = None
        self._retry_at: float | None = None
        self._alarm = 0
        self.link = Link.UNKNOWN
        self.under_way = False
        self.asked = False
        self.exchanges = 0

    @property
    def _now(self) -> float:
        return self._world.now_ms / 1000

    def wake(self) -> None:
        """Do what the scheduler says now."""
        self._alarm += 1
        told = status.status(self._laptop.database, self.link, self._laptop.clock)
        action = scheduler.next_action(
            State(
                now=self._now,
                enrolled=told.enrolled,
                under_way=self.under_way,
                unsent=told.unsent,
                last_attempt=self._last_attempt,
                last_success=self._last_success,
                failures=self._failures,
                jitter=self._jitter,
                retry_at=self._retry_at,
                asked=self.asked,
            )
        )
        if isinstance(action, Go):
            self.asked = False
            self._last_attempt = self._now
            self.under_way = True
            self._begin()
        elif action.seconds is not None:
            alarm = self._alarm
            self._laptop.soon(
                max(50, round(action.seconds * 1000)), lambda: self.wake() if self._alarm == alarm else None
            )

    def _begin(self) -> None:
        try:
            outgoing = self._talk.begin()
        except UserError as trouble:  # a copy that is to go on in a log of its own, and has no room for it
            full = trouble.code == "disk_full" and self._laptop.disk.full
            require(full, "I7", f"a request: {trouble}")
            self._failed(trouble)
            return
        self._send(outgoing)
        self._talk.read_ahead(outgoing)

    def _send(self, outgoing: Outgoing) -> None:
        laptop, session, started = self._laptop, self._laptop.session, self._now

        def answered(reply: bytes) -> None:
            if laptop.on and laptop.session == session:
                self._talk.took(self._now - started)
                laptop.step(lambda: self._answered(outgoing, reply))

        def failed(error: Exception) -> None:
            if laptop.on and laptop.session == session:
                laptop.step(lambda: self._not_carried(outgoing, error))

        self._world.network.carry(laptop, outgoing.body, answered, failed)

    def _not_carried(self, outgoing: Outgoing, error: Exception) -> None:
        if self._is_over():
            return
        try:
            if isinstance(error, SyncTrouble):
                self._talk.mend(outgoing, error)
                self._begin()
                return
        except SyncTrouble as trouble:
            error = trouble
        self._failed(error)

    def _is_over(self) -> bool:
        """Whether an answer could not be taken in while this request was under way; the line is free now."""
        trouble, self._trouble = self._trouble, None
        if trouble is not None:
            self._failed(trouble)
        return trouble is not None

    def _answered(self, outgoing: Outgoing, reply: bytes) -> None:
        if self._is_over():
            return
        following: Outgoing | None = None
        try:
            following = self._talk.follow(outgoing, reply)
            if following is not None:
                self._send(following)
            exchanged, more = self._talk.take(reply)
        except UserError as trouble:
            if not isinstance(trouble, SyncTrouble):
                full = trouble.code == "disk_full" and self._laptop.disk.full
                require(full, "I7", f"an answer: {trouble}")
            if following is None:
                self._failed(trouble)
            else:
                self._trouble = trouble
            return
        self._world.check.applied(self._laptop, exchanged)
        if exchanged.wipe_due:
            self._laptop.wipe()
            return
        self._taken(exchanged)
        if following is not None:
            self._talk.read_ahead(following)
        elif more:
            self._begin()
        else:
            self.under_way = False
            self.wake()

    def _taken(self, exchanged: Exchanged) -> None:
        self.exchanges += 1
        self.link, self._failures, self._retry_at = Link.ONLINE, 0, None
        self._last_success = self._now
        self._world.note(
            self._laptop.name,
            "exchanged",
            exchanged.sent,
            exchanged.received,
            sorted(exchanged.statuses.items()),
        )

    def _failed(self, error: Exception) -> None:
        world = self._world
        world.note(self._laptop.name, "no exchange", getattr(error, "code", type(error).__name__))
        self.under_way = False
        self._failures += 1
        self._jitter = world.dice.random()
        if isinstance(error, SyncTrouble):
            self.link = error.link
            self._retry_at = self._now + error.retry_after if isinstance(error, Busy) else None
        word = error.word if isinstance(error, Refused) else ""
        if word in NOT_ENROLLED_ANY_MORE:
            self._laptop.soon(world.dice.between(MINUTE, 30 * MINUTE), self._laptop.join)
        self.wake()
