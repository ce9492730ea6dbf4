"""A seed's world: laptops, people, a line and a server, one queue of events, one thread, one trace."""

import hashlib
import heapq
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache, partial
from multiprocessing.util import Finalize
from pathlib import Path
from traceback import extract_tb
from unittest import mock

from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Role
from posyandu_app.storage import carried, leaving, log, peer, returned
from posyandu_app.storage.connection import Database
from posyandu_app.sync import engine, status
from tests.simulation import deciders, fate, newer, people, twists
from tests.simulation.chance import DAY, HOUR, MINUTE, SECOND, Dice, decided_by, moment
from tests.simulation.dinas import Backup, Dinas
from tests.simulation.disk import Disk, Killed, under
from tests.simulation.faults import Fault
from tests.simulation.invariants import Check
from tests.simulation.laptop import KEY, Laptop, Place
from tests.simulation.ledger import Ledger, Violation, require
from tests.simulation.network import ALL, FAIR, NARROWER, Network
from tests.simulation.people import Person
from tests.simulation.sticks import UsbStick

START = moment(2026, 11, 2)
COPIES = True
"""Whether disks are copied, so that two laptops write into one log until one goes on in its own."""
PATIENCE_TO_HEAL = 50 * HOUR
"""Once all is healed every laptop must be done in this time; repairs are made once a day."""

Act = Callable[[Person], None]
Deeds = tuple[tuple[int, Act], ...]
EVEN: Mapping[Act, int] = {}

VILLAGE = "32.11.13.2005"
POSYANDU = ("32.11.13.2005.001", "32.11.13.2005.002", "32.11.13.2008.001")
TALK = (None, None, None, "name", "birth_date")
"""What everybody talks about in a world: a field of its first child that all laptops change."""
WRONG_TIMES = (
    moment(1970, 1, 1),
    moment(2000, 1, 1),
    moment(2026, 10, 30),
    moment(2028, 11, 2),
    moment(2038, 1, 19),
    moment(2100, 1, 1),
)


@dataclass(frozen=True)
class Size:
    """How much happens in a world."""

    laptops: tuple[int, int] = (2, 4)
    days: tuple[int, int] = (2, 4)
    deeds: tuple[int, int] = (2, 8)


SMALL = Size()
LARGE = Size(laptops=(5, 10), days=(4, 7), deeds=(4, 14))
HUGE = Size(laptops=(20, 40), days=(2, 4), deeds=(2, 6))
SIZES = {"small": SMALL, "large": LARGE, "huge": HUGE}


@dataclass
class Outcome:
    """What became of a seed."""

    seed: int
    trace: str
    violation: Violation | None
    seconds: float
    counts: dict[str, int] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


class World:
    """Everything of one seed."""

    def __init__(
        self,
        seed: int,
        folder: Path,
        size: Size,
        *,
        copies: bool = COPIES,
        keep_lines: bool = False,
        with_twists: bool = True,
    ) -> None:
        self.dice = Dice(seed)
        self.ids = Dice(f"ids {seed}")
        self.now_ms = START
        self.folder = folder
        self.size = size
        self.fate, self.fates = fate.of(seed), Dice(f"fates {seed}")
        self.twists = twists.of(seed) if with_twists else frozenset[str]()
        self.twisting = Dice(f"twisting {seed}")
        self.wisdom = deciders.Wisdom()
        self.copies = copies and self.fate not in fate.FORGETTING
        self.disks: dict[Path, Disk] = {}
        self.ledger = Ledger()
        self.network = Network(self)
        self.check = Check(self)
        self.laptops: list[Laptop] = []
        self.sticks: list[UsbStick] = []
        self.posyandu = POSYANDU
        self.first_batch = self.dice.choice((50, 50, 12, 4))
        self.talk = Dice(f"talk {seed}").choice(TALK)
        self.healing = False
        self.dinas_was_hurt = False
        self.backup: Backup | None = None
        self.counts: dict[str, int] = {}
        self.lines: list[str] | None = [] if keep_lines else None
        self._trace = hashlib.sha256()
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._order = 0
        self._folder_of_templates = folder.parent

    # events

    def after(self, ms: int, action: Callable[[], None]) -> None:
        """Let something happen in so many milliseconds; what is asked for first happens first."""
        self._order += 1
        heapq.heappush(self._queue, (self.now_ms + ms, self._order, action))

    def unless_healing(self, ms: int, action: Callable[[], None]) -> None:
        """Let something happen in so many milliseconds that does not happen any more once all is healed."""
        self.after(ms, lambda: None if self.healing else action())

    def note(self, *what: object) -> None:
        """Enter what happened in the trace."""
        line = " ".join([str(self.now_ms - START), *map(str, what)])
        self._trace.update(line.encode("utf-8") + b"\n")
        of_its_own = len(what) == 1 or str(what[0]).startswith("dinas ")
        name = str(what[0] if of_its_own else what[1])
        self.counts[name] = self.counts.get(name, 0) + 1
        if self.lines is not None:
            self.lines.append(line)

    @property
    def trace(self) -> str:
        return self._trace.hexdigest()

    def uuid4(self) -> uuid.UUID:
        return uuid.UUID(int=self.ids.getrandbits(128), version=4)

    def posyandu_in(self, area: str) -> list[str]:
        """The posyandu of an area."""
        return [scope for scope in POSYANDU if scope == area or scope.startswith(f"{area}.")]

    def run(self) -> None:
        """Live through the plan, heal everything, and check that nothing was lost."""
        self.dinas = Dinas(self.folder / "dinas", lambda: self.now_ms)
        try:
            end = self._plan()
            self._live(end)
            self._heal()
            self.check.everything()
        finally:
            for laptop in self.laptops:
                laptop.switch_off()
            self.dinas.close()

    def _live(self, deadline: int, until: Callable[[], bool] = lambda: False) -> bool:
        """Let things happen until then, or until something is so, which is returned."""
        while self._queue and self._queue[0][0] <= deadline:
            if until():
                return True
            at, _, action = heapq.heappop(self._queue)
            self.now_ms = max(self.now_ms, at)
            action()
        return until()

    # the plan

    def _plan(self) -> int:
        """Ask for everything that people and fate will do; returns when it ends."""
        dice, size = self.dice, self.size
        count = dice.between(*size.laptops)
        alone = self.talk is None and self.fate is None
        alone = alone and twists.PAIRS not in self.twists
        self.ages = twists.Ages(self)
        for number in range(count if alone else max(count, 3)):
            place = self._place(number)
            laptop = Laptop(self, place, _template(self._folder_of_templates))
            laptop.release = self.ages.first(laptop)
            laptop.set_up()
            self.laptops.append(laptop)
        extra = self._extra_deeds()
        liking = {deed: dice.choice((0, 1, 1, 1, 5)) for _, deed in people.BIDAN}
        liking[people.register] = 1
        if self.talk is not None:
            liking |= {people.change: 5, people.resolve: 5}
        if self.fate == fate.MONTHS or twists.CLOCK in self.twists:
            liking |= {people.move: 5}
        persons = {laptop.name: Person(laptop, self._deeds(laptop, liking, extra)) for laptop in self.laptops}
        self.sticks += [UsbStick(self, f"stick-{number}") for number in range(dice.choice((0, 0, 1, 2)))]
        day = START
        days = dice.between(*size.days)
        for number in range(days + 2 if self.fate == fate.MONTHS else days):
            if number == days:
                day = fate.months_pass(self, day)
            for laptop in self.laptops:
                if dice.chance(0.75):
                    self._plan_session(persons[laptop.name], day + dice.between(0, 40 * MINUTE))
            day += dice.choice((HOUR, DAY, DAY, 7 * DAY, 30 * DAY))
        if dice.chance(0.2) and self.copies:
            self.unless_healing(dice.between(0, day - START), self._copy_a_disk)
        self._plan_server(day - START)
        fate.plan(self, day - START)
        twists.plan_clock(self, day - START)
        twists.plan_fire(self, day - START)
        self.ages.plan(day - START)
        return day - self.dice.between(0, HOUR) if self.dice.chance(0.5) else day

    def _place(self, number: int) -> Place:
        if number == 2:
            return Place(f"L{number}", VILLAGE, Role.BIDAN)
        if number == 1 and twists.PAIRS in self.twists:
            return Place(f"L{number}", self.twisting.choice((VILLAGE, "32.11.13")), Role.BIDAN)
        if number == 3 and self.dice.chance(0.25):
            return Place(f"L{number}", *self.dice.choice((("32.11.13", Role.TPG), ("32.11", Role.DINAS))))
        scope = POSYANDU[0] if number < 2 or self.dice.chance(0.4) else self.dice.choice(POSYANDU)
        return Place(f"L{number}", scope, Role.KADER)

    def _extra_deeds(self) -> Deeds:
        dice = self.dice
        chosen: list[tuple[int, Act]] = []
        for chance, weight, deed in (
            (0.3, 3, people.of_a_newer_version),
            (0.3, 3, people.badly),
        ):
            if dice.chance(chance):
                chosen.append((weight, deed))
        return tuple(chosen)

    def _deeds(self, laptop: Laptop, liking: Mapping[Act, int] = EVEN, extra: Deeds = ()) -> Deeds:
        """What is done on a laptop: each world likes other deeds, so that each meets each in some world."""
        role = laptop.place.role
        usual = {Role.BIDAN: people.BIDAN, Role.KADER: people.KADER}.get(role, people.READER)
        liked = tuple((weight * liking.get(deed, 1), deed) for weight, deed in usual)
        if not liked:
            return ()
        if twists.PAIRS in self.twists:
            liked += deciders.MIDWIFE if role is Role.BIDAN else deciders.KADER
        if twists.AGES in self.twists:
            liked += ((40, newer.write),)
        return liked + extra

    def _plan_session(self, person: Person, at: int) -> None:
        dice, laptop = self.dice, person.laptop
        weather, wrong = dice.choice(ALL), dice.chance(0.12)
        showing = dice.choice(WRONG_TIMES) + dice.between(0, DAY)
        fuse = dice.between(0, 3000) if dice.chance(0.2) else None
        spare = dice.between(0, 6) if dice.chance(0.1) else None
        joins = dice.chance(0.8)

        def begin() -> None:
            laptop.weather = NARROWER if laptop.narrow else weather
            if wrong:
                laptop.clock.set(showing)
            laptop.disk.fuse = fuse
            laptop.switch_on()
            if spare is not None:
                self.note(laptop.name, "disk fills")
                laptop.disk.fill(spare)
            if joins and laptop.on:
                laptop.soon(dice.between(0, 5 * MINUTE), lambda: _join_once(laptop))

        moment_ms = at - self.now_ms
        self.unless_healing(moment_ms, begin)
        for _ in range(dice.between(*self.size.deeds)):
            moment_ms += dice.between(SECOND, 4 * MINUTE)
            self.unless_healing(moment_ms, lambda: laptop.step(person.act))
            if self.sticks and dice.chance(0.15):
                stick = dice.choice(self.sticks)
                self.unless_healing(moment_ms, lambda stick=stick: laptop.step(lambda: stick.visit(laptop)))
            if wrong and dice.chance(0.1):
                back = dice.chance(0.5)
                self.unless_healing(moment_ms, partial(self._set_clock, laptop, None if back else showing))
        moment_ms += dice.between(SECOND, 30 * MINUTE)
        self.unless_healing(moment_ms, laptop.switch_off)

    def _set_clock(self, laptop: Laptop, showing: int | None) -> None:
        """Somebody sets a laptop's clock in the middle of the work: right, or back to what was wrong."""
        laptop.clock.set(self.now_ms if showing is None else showing)

    def _copy_a_disk(self) -> None:
        """A technician copies a laptop's disk to a second machine, and both are used."""
        written = [laptop for laptop in self.laptops if self.ledger.tip(laptop.book) and not laptop.wiped]
        off = [laptop for laptop in written if not laptop.on]
        if not off:
            return
        laptop = self.dice.choice(off)
        self.note(laptop.name, "is copied")
        twin = laptop.copied()
        self.laptops.append(twin)
        person = Person(twin, self._deeds(twin))
        for _ in range(self.dice.between(1, 2)):
            self._plan_session(person, self.now_ms + self.dice.between(MINUTE, DAY))

    def _plan_server(self, length: int) -> None:
        dice = self.dice
        for _ in range(dice.between(0, 2)):
            self.unless_healing(dice.between(0, length), self._hurt_dinas)
        for stick in self.sticks:
            for _ in range(dice.between(1, 4)):
                self.unless_healing(dice.between(0, length), stick.visit_dinas)
            for _ in range(dice.between(0, 3)):
                self.unless_healing(dice.between(0, length), stick.suffer)
        if dice.chance(0.15):
            start = dice.between(0, length)
            self.unless_healing(start, lambda: self._fill_dinas(True))
            self.unless_healing(start + dice.between(MINUTE, DAY), lambda: self._fill_dinas(False))
        restored = dice.chance(0.25) and self.fate not in fate.FORGETTING
        if restored:
            start = dice.between(0, length)
            self.unless_healing(start, self.back_up_dinas)
            self.unless_healing(dice.between(start, length) + 1, self.restore_dinas)
        if dice.chance(0.1):
            self.unless_healing(dice.between(0, length), self._upgrade_dinas)
        if dice.chance(0.3) and len(self.laptops) > 2 and not restored:
            self.unless_healing(dice.between(0, length), self._revoke)

    # what befalls the server

    def _hurt_dinas(self) -> None:
        self.dinas_was_hurt = True
        self.dinas.fuse = self.dice.between(0, 150)

    def start_dinas(self) -> None:
        """Somebody has started the server's process again."""
        if self.dinas.down:
            self.note("dinas starts")
            try:
                self.dinas.start()
            except Killed:
                self.note("dinas dies at its start")
                self.after(MINUTE, self.start_dinas)
                return
            except UserError:
                require(self.dinas.full, "I7", "the server does not start")
                self.after(MINUTE, self.start_dinas)
                return
            self.check.server()

    def _fill_dinas(self, full: bool) -> None:
        self.note("dinas full" if full else "dinas has room")
        self.dinas_was_hurt = True
        self.dinas.full = full

    def back_up_dinas(self) -> None:
        """The technician makes a backup, if the server is up."""
        if not self.dinas.down:
            self.note("dinas backs up")
            self.backup = self.dinas.back_up()

    def restore_dinas(self) -> None:
        """The last backup is put in the place of the database."""
        if self.backup is not None:
            self.note("dinas is restored")
            self.dinas.full = False
            self.dinas.restore(self.backup)
            self.check.server()

    def _upgrade_dinas(self) -> None:
        if not self.dinas.down and not self.dinas.full:
            self.note("dinas is upgraded")
            self.dinas.fuse = None
            self.dinas.upgrade()
            self.check.server()

    def _revoke(self) -> None:
        """Of the laptops that the server knows, the one with the most that has not been sent.

        Not after a fire: what it sends a second time is put aside then, unless somebody who reads all of it,
        as the Dinas does, gives it back.
        """
        if any(laptop.burnt for laptop in self.laptops):
            return
        if self.dinas.down or self.dinas.full:
            self.unless_healing(HOUR, self._revoke)
            return
        have = self.dinas.have()
        known = [laptop for laptop in self.laptops if laptop.replica in have and not laptop.wiped]
        unsent = {laptop.name: self.ledger.tip(laptop.book) - have[laptop.replica] for laptop in known}
        laptop = max(known, key=lambda one: unsent[one.name], default=None)
        device = None if laptop is None else self.device_of(laptop)
        if laptop is None or device is None:
            return
        if unsent[laptop.name] < 2:  # not much could be lost yet: later
            self.unless_healing(HOUR, self._revoke)
            return
        self.note(laptop.name, "is revoked")
        self.dinas.fuse = None
        self.dinas.revoke(device)
        laptop.revoked = True
        laptop.narrow = self.dice.chance(0.5)  # so that it hears of it before all has been sent

    def device_of(self, laptop: Laptop) -> str | None:
        """As what the server knows a laptop now: what its log came from, or what it joined as since."""
        found = self.dinas.rows("SELECT device FROM replica WHERE id = ?", laptop.replica)
        device = None
        while found:
            device = str(found[0][0])
            found = self.dinas.rows(
                "SELECT id FROM device WHERE continues = ? AND seen_ms IS NOT NULL"
                " ORDER BY enrolled_ms DESC LIMIT 1",
                device,
            )
        return device

    # healing

    def _heal(self) -> None:
        """Every line is fair, every disk has room, everything is switched on; nobody does anything more."""
        self.note("healing")
        self.healing = True
        self.dinas.full = False
        self.dinas.fuse = None
        twists.heal_clock(self)
        self.start_dinas()
        self.ages.heal()
        for laptop in self.laptops:
            laptop.weather = FAIR
            laptop.disk.fuse = None
            laptop.disk.make_room()
            laptop.switch_on()
            laptop.soon(0, lambda laptop=laptop: _join_once(laptop))
            if laptop.former_scope is not None and self.dinas.histories > 0:
                laptop.soon(DAY, lambda laptop=laptop: fate.rescope_again(self, laptop))
        self._come_to_rest()
        if any(laptop.burnt for laptop in self.laptops):
            self._let_a_week_pass()

    def _come_to_rest(self) -> None:
        deadline = self.now_ms + PATIENCE_TO_HEAL
        require(
            self._live(deadline, self._at_rest),
            "I2",
            f"not everything was exchanged {PATIENCE_TO_HEAL // HOUR} hours after all was healed",
        )

    def _let_a_week_pass(self) -> None:
        """So long others wait with what the burnt laptop had told them, before they give it back."""
        self.note("a week passes")
        on = [laptop for laptop in self.laptops if laptop.on]
        for laptop in on:
            laptop.switch_off()
        self.now_ms += returned.PATIENCE // timedelta(milliseconds=1) + DAY
        for laptop in on:
            laptop.switch_on()
        self._live(self.now_ms + DAY)
        self._come_to_rest()

    def _at_rest(self) -> bool:
        revoked = {
            device for (device,) in self.dinas.rows("SELECT id FROM device WHERE revoked_ms IS NOT NULL")
        }
        for laptop in self.laptops:  # a copy is revoked together with the laptop whose keys it has
            server = peer.load(laptop.database) if laptop.on else None
            laptop.revoked = laptop.revoked or (server is not None and server.device in revoked)
        head, epoch = self.dinas.head, self.dinas.epoch
        return all(self._is_done(laptop, head, epoch) for laptop in self.laptops)

    def _is_done(self, laptop: Laptop, head: int, epoch: str) -> bool:
        if laptop.wiped or laptop.burnt:
            return True
        if not laptop.on or laptop.line is None or laptop.line.under_way:
            return False
        with laptop.looked_into():
            return self._has_all(laptop, head, epoch)

    def _has_all(self, laptop: Laptop, head: int, epoch: str) -> bool:
        server = peer.load(laptop.database)
        tip, _ = log.tip(laptop.database)
        if server is None or server.epoch != epoch or server.acked < tip:
            return False
        if laptop.revoked:  # it is to be wiped now that everything has arrived, unless it has joined anew
            revoked = "SELECT count(*) FROM device WHERE id = ? AND revoked_ms IS NOT NULL"
            return self.dinas.rows(revoked, server.device)[0][0] == 0
        if laptop.former_scope is not None and not fate.has_settled(laptop):
            return False
        if leaving.waiting(laptop.database):
            return False
        if status.status(laptop.database).outdated != (self.dinas.release > laptop.release):
            return False  # nothing was exchanged since the server was updated
        have = self.dinas.have()  # what was left out once is offered again after a day
        if any(have.get(one.replica, 0) >= one.last_seq for one in carried.waiting(laptop.database)):
            return False
        return server.cursor >= head and (laptop.mended is None or laptop.mended(laptop.database))


def _join_once(laptop: Laptop) -> None:
    if peer.load(laptop.database) is None:
        laptop.join()


@lru_cache(maxsize=1)
def base() -> Path:
    """This process's folder for everything simulated: in memory where the system has such a place."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="posyandu-sim-", dir=memory if memory.is_dir() else None))
    Finalize(None, shutil.rmtree, (folder, True), exitpriority=1)  # also runs where a pool's process ends
    return folder


@lru_cache(maxsize=1)
def _template(folder: Path) -> Path:
    """An empty laptop's database, copied for every laptop."""
    path = folder / "template.db"
    with decided_by(Dice(0), lambda: 0):
        Database.create(path, KEY).close()
    return path


@contextmanager
def _room(seed: int) -> Iterator[Path]:
    folder = base() / f"seed-{seed}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def simulate(
    seed: int,
    fault: Fault | None = None,
    size: Size | None = None,
    *,
    copies: bool = COPIES,
    keep_lines: bool = False,
    with_twists: bool = True,
) -> Outcome:
    """Live through one seed, with a fault in the program or without; the same seed gives the same trace.

    Without twists a world is what its seed meant before there were any (`twists`).

    A program that crashes has broken a promise too: nobody can save then.
    """
    started = time.perf_counter()
    with _room(seed) as folder:
        world = World(
            seed,
            folder,
            size or size_of(seed),
            copies=copies,
            keep_lines=keep_lines,
            with_twists=with_twists,
        )
        violation = None
        with (
            decided_by(world.ids, lambda: world.now_ms, lambda: world.dinas.now_ms()),
            under(world.disks),
            mock.patch.object(engine, "FIRST_BATCH", world.first_batch),
        ):
            try:
                with fault.installed(world) if fault is not None else nullcontext():
                    world.run()
            except Violation as broken:
                violation = broken
            except Exception as crash:
                violation = Violation("crash", _told(crash))
        world.counts["operations"] = len(world.ledger)
        return Outcome(
            seed, world.trace, violation, time.perf_counter() - started, world.counts, world.lines or []
        )


def _told(crash: Exception) -> str:
    """Kind, place and words of an error, on one line."""
    where = " < ".join(
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in reversed(extract_tb(crash.__traceback__)[-5:])
    )
    return f"{type(crash).__name__} {crash} at {where}"


def size_of(seed: int) -> Size:
    """Most worlds are small; every fortieth is large, every thousandth has up to 40 laptops."""
    if seed % 1000 == 999:
        return HUGE
    return LARGE if seed % 40 == 39 else SMALL
