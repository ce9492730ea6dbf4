"""Killed thousands of times, at random and at named points: what was acknowledged is there, once.

A kader's laptop, her midwife's and one more, the server, and a technician with a stick, all real
processes on real files and a real socket. Somebody is killed at every turn; at the end of a
world everything is healed, and the server's log is the list of what was acknowledged.
"""

import json
import random
import shutil
import socket
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from posyandu_app.district import admin
from posyandu_app.domain.clock import SystemClock
from posyandu_app.domain.model import Role
from posyandu_app.services.views import User
from posyandu_app.storage import log, peer, projection
from posyandu_app.storage.connection import Database
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.enrolment import enrol
from posyandu_app.sync.http import HttpTransport
from posyandu_app.sync.status import status
from tests.simulation.laptop import KEY
from tests.simulation.ledger import Violation, require
from tests.simulation.real import lives
from tests.simulation.real.process import Process
from tests.simulation.world import base
from tests.sync.dying import LAPTOP_POINTS, SERVER_POINTS

REGION, VILLAGE, POSYANDU = "32.11", "32.11.13.2005", "32.11.13.2005.001"
KILLS_OF_A_WORLD = 50


@dataclass
class Outcome:
    """What became of a world of kills."""

    seed: int
    kills: int = 0
    of_the_server: int = 0
    at_points: int = 0
    operations: int = 0
    violation: Violation | None = None
    seconds: float = 0.0


@dataclass
class Machine:
    """A laptop's file, and what was acknowledged on it: number → content hash."""

    name: str
    path: Path
    user: User
    acknowledged: dict[int, str] = field(default_factory=dict)

    def open(self) -> Database:
        return Database.open(self.path, KEY)


class World:
    """Three laptops, a stick and a server."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.outcome = Outcome(seed)
        self.chance = random.Random(seed)
        self.folder = folder
        self.stick = folder / "stick"
        self.stick.mkdir()
        self.data = folder / "dinas"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.server: Process | None = None
        self.machines: list[Machine] = []

    def run(self, kills: int) -> None:
        """Set up, kill so many times, heal, check."""
        self._set_up()
        try:
            while self.outcome.kills < kills:
                self._turn()
            self._heal()
        finally:
            if self.server is not None:
                self.server.kill()
                self.server.end()
        self._check()

    def _set_up(self) -> None:
        district = admin.init(self.data, "Dinas Kesehatan Uji", REGION)
        store = admin.open_store(district)
        places = (
            ("kader", POSYANDU, Role.KADER),
            ("kader-2", POSYANDU, Role.KADER),
            ("bidan", VILLAGE, Role.BIDAN),
        )
        codes = [admin.issue_code(district, store, scope, str(role))[0] for _, scope, role in places]
        store.close()
        self._start()
        for (name, scope, role), code in zip(places, codes, strict=True):
            machine = Machine(
                name,
                self.folder / f"{name}.db",
                User(f"{len(self.machines):08}-1111-4111-8111-111111111111", name, role),
            )
            database = Database.create(machine.path, KEY)
            with database.atomic():
                database.set_meta("scope", POSYANDU if role is Role.KADER else scope)
                database.set_meta("posyandu_name", "Melati 1")
            with HttpTransport(self.url) as transport:
                enrol(database, transport, code, name)
            database.close()
            self.machines.append(machine)

    # killing

    def _start(self, point: str = "", after: int = 0) -> None:
        words = ["serve", "--data", str(self.data), "--port", str(self.port)]
        self.server = Process(lambda _: lives.district(words, point, after))
        self.server.wait_for("listening")

    def _turn(self) -> None:
        """One laptop at work; it is killed, or the server under it, or both."""
        chance = self.chance
        if chance.random() < 0.1:
            self._serve_a_stick()
            return
        if self.server is None:
            point = chance.choice(list(SERVER_POINTS)) if chance.random() < 0.5 else ""
            self._start(point, chance.randrange(0, 6))
        machine = chance.choice(self.machines)
        victim = chance.choice(("laptop", "laptop", "laptop", "server", "both"))
        seed, fuse, point = chance.randrange(2**32), None, ""
        if victim != "server" and chance.random() < 0.6:
            if chance.random() < 0.5:
                fuse = chance.randrange(0, 1500)
            else:
                point = chance.choice(list(LAPTOP_POINTS))
        after = chance.randrange(0, 5)

        def live(say: lives.Say) -> None:
            if point:
                lives.dies_at(point, after)
            lives.laptop(machine.path, machine.user, self.url, self.stick, seed, fuse, say)

        process = Process(live)
        if process.wait_for("open\n"):
            time.sleep(chance.uniform(0, 0.12))
            if victim != "laptop":
                self.server.kill()
            if victim != "server" and fuse is None and not point:
                process.kill()
        self._hear(machine, process)
        if point or fuse is not None:
            self.outcome.at_points += bool(process.killed)
        self._bury_the_server(killed=victim != "laptop")
        self._look_at(machine)

    def _bury_the_server(self, killed: bool) -> None:
        """Count the server's death, also one at a point of its own."""
        assert self.server is not None
        if killed or not self._server_lives():
            self.server.end()
            self.outcome.kills += bool(self.server.killed)
            self.outcome.of_the_server += bool(self.server.killed)
            self.server = None

    def _server_lives(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5):
                return True
        except ConnectionRefusedError:
            return False

    def _serve_a_stick(self) -> None:
        """The technician takes in a stick, and is killed over it or not."""
        words = ["usb", "--data", str(self.data), str(self.stick)]
        process = Process(lambda _: lives.district(words))
        if self.chance.random() < 0.7:
            time.sleep(self.chance.uniform(0, 0.15))
            process.kill()
        process.end()
        self.outcome.kills += bool(process.killed)
        self.outcome.of_the_server += bool(process.killed)

    def _hear(self, machine: Machine, process: Process) -> None:
        """What the laptop acknowledged before it went."""
        for line in process.end():
            if line.startswith("["):
                _, seq, content = json.loads(line)
                machine.acknowledged[seq] = content
        self.outcome.kills += bool(process.killed)

    # looking

    def _look_at(self, machine: Machine) -> None:
        """I1, I5: after the kill all that was acknowledged is on the disk, whole."""
        database = machine.open()
        try:
            tip, _ = log.tip(database)
            require(
                log.verify_chain(database) == tip,
                "I5",
                f"the log of {machine.name} has a gap or a half entry",
            )
            there = dict(
                database.rows(
                    "SELECT seq, lower(hex(content)) FROM log WHERE replica = ?", (database.replica,)
                )
            )
            lost = [seq for seq, content in machine.acknowledged.items() if there.get(seq) != content]
            require(not lost, "I1", f"{machine.name} acknowledged {lost} and lost it")
        finally:
            database.close()

    def _heal(self) -> None:
        """Nobody is killed any more: the stick is served, and everybody exchanges until all is quiet."""
        if self.server is not None:
            self.server.kill()
            self.server.end()
        words = ["usb", "--data", str(self.data), str(self.stick)]
        Process(lambda _: lives.district(words)).end()
        self._start()
        for _ in range(2):
            for machine in self.machines:
                database = machine.open()
                with HttpTransport(self.url) as transport:
                    exchange_all(Engine(database, SystemClock()), transport)
                database.close()

    def _check(self) -> None:
        """I2, I3, I9: the server holds every laptop's log once and nothing else; all rows agree."""
        with closing(sqlite3.connect(self.data / "district.db")) as server:
            require(server.execute("PRAGMA integrity_check").fetchone() == ("ok",), "I1", "the server's file")
            held = server.execute("SELECT replica, seq, lower(hex(content)), status FROM op").fetchall()
            orders = [ss for (ss,) in server.execute("SELECT ss FROM op WHERE ss IS NOT NULL ORDER BY ss")]
            sums = "SELECT kind, count, lower(hex(sum)) FROM tally WHERE area = '' AND kind != 'log'"
            digests = {kind: (count, total) for kind, count, total in server.execute(sums) if count}
        require(orders == list(range(1, len(held) + 1)), "I5", "the server's order has gaps")
        there = {(replica, seq): content for replica, seq, content, _ in held}
        require(len(there) == len(held), "I2", "something is held twice")
        known: dict[tuple[str, int], str] = {}
        for machine in self.machines:
            self._look_at(machine)
            database = machine.open()
            try:
                known |= {
                    (database.replica, seq): content
                    for seq, content in database.rows(
                        "SELECT seq, lower(hex(content)) FROM log WHERE replica = ?", (database.replica,)
                    )
                }
                require(status(database).unsent == 0, "I9", f"{machine.name} says that something is unsent")
                everything = database.number("SELECT count(*) FROM log")
                require(everything == len(held), "I3", f"{machine.name} holds {everything} of {len(held)}")
                self._rows_agree(machine, database, digests)
            finally:
                database.close()
        require(known == there, "I2", f"the server holds {len(there)} operations of {len(known)}")
        self.outcome.operations = len(held)

    def _rows_agree(self, machine: Machine, database: Database, digests: dict[str, tuple[int, str]]) -> None:
        own = {
            kind: (count, total.hex()) for kind, (count, total) in peer.row_sums(database).items() if count
        }
        require(own == digests, "I3", f"the rows of {machine.name} are not the server's")
        projection.rebuild(database)
        anew = {
            kind: (count, total.hex()) for kind, (count, total) in peer.row_sums(database).items() if count
        }
        require(own == anew, "I3", f"the rows of {machine.name} do not follow from its log")


def live(seed: int, kills: int = KILLS_OF_A_WORLD) -> Outcome:
    """One world of kills; must be called where no other thread runs."""
    started = time.monotonic()
    folder = base() / f"kills-{seed}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    world = World(seed, folder)
    try:
        world.run(kills)
    except Violation as broken:
        world.outcome.violation = broken
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    world.outcome.seconds = time.monotonic() - started
    return world.outcome
