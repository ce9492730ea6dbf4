"""On real processes, with real kills: the server's log finally holds every save exactly once, all agree.

`POSYANDU_KILLS=1000 python -m pytest -m process tests/sync` is the long run.
"""

import os
import random
import sqlite3
import threading
import time
from contextlib import closing

import pytest

from posyandu_app.domain.operations import OpKey
from posyandu_app.storage.connection import Database
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.enrolment import enrol
from posyandu_app.sync.http import HttpTransport
from posyandu_app.sync.trouble import SyncTrouble
from tests.district import server as servers
from tests.district.server import POSYANDU, VILLAGE
from tests.sync.dying import LAPTOP_POINTS, SERVER_POINTS
from tests.sync.laptops import KEY, Laptop
from tests.sync.processes import KILLS, Line, server_process, sync_process

pytestmark = [pytest.mark.process, pytest.mark.timeout(3600)]

SEED = int(os.environ.get("POSYANDU_SEED", "20261123"))


class Scene:
    """A kader and a bidan, a server process between them, and the list of everything that was saved."""

    def __init__(self, tmp_path, process, codes: list[str]) -> None:
        self.process = process
        self.ledger: set[OpKey] = set()
        self.kader = Laptop(tmp_path / "kader.db", POSYANDU)
        self.bidan = Laptop(tmp_path / "bidan.db", POSYANDU)
        self.kader.clock = self.bidan.clock = servers_clock()
        for laptop, code in zip((self.kader, self.bidan), codes, strict=True):
            with HttpTransport(process.url) as transport:
                enrol(laptop.database, transport, code, "Laptop Uji")
        self.children: list[str] = []

    def save(self, laptop: Laptop, chance: random.Random) -> None:
        """What a person does: a new child, a weighing or an edit; each is in the ledger once acknowledged."""
        deed = chance.randrange(4)
        if deed == 0 or not self.children:
            self.children.append(laptop.register(f"Anak {len(self.children)}"))
        elif deed < 3:
            laptop.weigh(chance.choice(self.children), chance.randrange(5000, 15000))
        else:
            laptop.edit(chance.choice(self.children), chance.choice(["name", "phone"]), f"X{chance.random()}")
        seq = laptop.database.number("SELECT max(seq) FROM log WHERE replica = ?", (laptop.database.replica,))
        self.ledger.add(OpKey(laptop.database.replica, seq))

    def try_sync(self, laptop: Laptop, url: str | None = None) -> bool:
        """Whether an exchange went through; whatever trouble there was is what a person would be told."""
        with HttpTransport(url or self.process.url, answer_seconds=20) as transport:
            try:
                exchange_all(Engine(laptop.database, laptop.clock), transport)
            except SyncTrouble:
                return False
        return True

    def settle(self) -> None:
        """All faults healed: exchange until everybody has heard everything."""
        for laptop in (self.kader, self.bidan, self.kader, self.bidan):
            assert self.try_sync(laptop)

    def check(self) -> None:
        """The ledger is in the server's log exactly once, all statuses are final, all rows agree."""
        with closing(sqlite3.connect(self.process.folder / "district.db")) as database:
            held = database.execute("SELECT replica, seq, status FROM op").fetchall()
            areas = "SELECT kind, count, lower(hex(sum)) FROM tally WHERE area = '' AND kind != 'log'"
            digests = {kind: (count, total) for kind, count, total in database.execute(areas) if count}
            orders = [ss for (ss,) in database.execute("SELECT ss FROM op WHERE ss IS NOT NULL ORDER BY ss")]
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        keys = [OpKey(replica, seq) for replica, seq, _ in held]
        assert len(keys) == len(set(keys))
        assert set(keys) == self.ledger
        assert {status for _, _, status in held} <= {"applied", "conflict"}
        assert orders == list(range(1, len(keys) + 1))
        for laptop in (self.kader, self.bidan):
            assert laptop.digests() == digests
            assert laptop.status.unsent == 0
            assert laptop.database.number("SELECT count(*) FROM log") == len(keys)
            from posyandu_app.storage import log

            log.verify_chain(laptop.database)

    def reopen(self, laptop: Laptop) -> None:
        laptop.database = Database.open(laptop.database.path, KEY)
        laptop.engine = Engine(laptop.database, laptop.clock)


def servers_clock():
    from posyandu_app.domain.clock import FixedClock, SystemClock

    return FixedClock(SystemClock().now())


@pytest.fixture
def scene(tmp_path):
    with servers.running(tmp_path / "dinas") as server:
        codes = [server.code(POSYANDU), server.code(VILLAGE)]
    with server_process(tmp_path / "dinas") as process:
        scene = Scene(tmp_path, process, codes)
        yield scene
        scene.kader.database.close()
        scene.bidan.database.close()


def test_the_server_killed_at_random_moments_loses_and_doubles_nothing(scene):
    chance = random.Random(SEED)
    for _ in range(KILLS):
        for laptop in (scene.kader, scene.bidan):
            for _ in range(chance.randrange(1, 6)):
                scene.save(laptop, chance)
        killer = threading.Timer(chance.uniform(0, 0.06), scene.process.kill)
        killer.start()
        while scene.try_sync(chance.choice([scene.kader, scene.bidan])):
            scene.save(scene.kader, chance)
        killer.join()
        scene.process.start()
    scene.settle()
    scene.check()


@pytest.mark.parametrize("point", SERVER_POINTS)
def test_the_server_killed_at_a_named_point_loses_and_doubles_nothing(scene, point):
    chance = random.Random(SEED)
    for laptop in (scene.kader, scene.bidan):
        scene.save(laptop, chance)
    scene.process.kill()
    scene.process.start(dies_at=point)
    assert not scene.try_sync(scene.kader)
    assert scene.process.wait() == -9
    scene.process.start()
    scene.settle()
    scene.check()


@pytest.mark.parametrize("point", LAPTOP_POINTS)
def test_a_laptop_killed_at_a_named_point_loses_and_doubles_nothing(scene, point):
    chance = random.Random(SEED)
    for laptop in (scene.kader, scene.bidan):
        for _ in range(5):
            scene.save(laptop, chance)
    assert scene.try_sync(scene.bidan)
    scene.kader.database.close()
    with sync_process(scene.kader.database.path, dies_at=point) as killed:
        killed.communicate(timeout=60)
    assert killed.returncode == -9
    scene.reopen(scene.kader)
    assert scene.kader.status.unsent > 0
    scene.save(scene.kader, chance)
    scene.settle()
    scene.check()


def test_a_laptop_killed_at_random_moments_loses_and_doubles_nothing(scene):
    chance = random.Random(SEED)
    killed = 0
    for _ in range(KILLS):
        for laptop in (scene.kader, scene.bidan):
            for _ in range(chance.randrange(1, 30)):
                scene.save(laptop, chance)
        assert scene.try_sync(scene.bidan)
        scene.kader.database.close()
        with sync_process(scene.kader.database.path) as process:
            assert process.stdout.readline() == "open\n"
            time.sleep(chance.uniform(0, 0.15))
            process.kill()
        killed += process.returncode == -9
        scene.reopen(scene.kader)
    assert killed > 0
    scene.settle()
    scene.check()


def test_replies_that_are_lost_lose_and_double_nothing(scene):
    chance = random.Random(SEED)
    line = Line(scene.process.port)
    try:
        for round_ in range(6):
            scene.save(scene.kader, chance)
            scene.save(scene.bidan, chance)
            line.swallow_replies = 1 + round_ % 2
            assert not scene.try_sync(scene.kader, line.url)
            assert scene.kader.status.unsent == 1
            line.swallow_replies = 0
            assert scene.try_sync(scene.kader, line.url)
    finally:
        line.close()
    scene.settle()
    scene.check()


def test_requests_that_arrive_twice_lose_and_double_nothing(scene):
    chance = random.Random(SEED)
    line = Line(scene.process.port)
    line.double_requests = True
    try:
        for _ in range(4):
            for laptop in (scene.kader, scene.bidan):
                for _ in range(5):
                    scene.save(laptop, chance)
                assert scene.try_sync(laptop, line.url)
    finally:
        line.close()
    scene.settle()
    scene.check()


def test_a_line_cut_at_any_place_loses_and_doubles_nothing(scene):
    """Cut the request and the reply at places all over; every offset is the long run's (issue 4)."""
    chance = random.Random(SEED)
    line = Line(scene.process.port)
    try:
        scene.save(scene.kader, chance)
        assert scene.try_sync(scene.kader, line.url)
        longest = max(line.request_bytes, line.reply_bytes)
        places = sorted({0, 1, 2, longest - 1, *(chance.randrange(longest) for _ in range(6))})
        for place in places:
            for way in ("cut_request_at", "cut_reply_at"):
                scene.save(scene.kader, chance)
                setattr(line, way, place)
                scene.try_sync(scene.kader, line.url)
                setattr(line, way, None)
                assert scene.try_sync(scene.kader, line.url)
                assert scene.kader.status.unsent == 0
    finally:
        line.close()
    scene.settle()
    scene.check()


def test_saving_is_possible_while_an_exchange_is_under_way(scene, tmp_path):
    """Nobody waits for the network: another process saves while the laptop's exchange is carried."""
    chance = random.Random(SEED)
    for _ in range(40):
        scene.save(scene.kader, chance)
    saved = threading.Event()

    class Slow:
        def __init__(self, transport: HttpTransport) -> None:
            self.transport = transport
            self.url = transport.url

        def exchange(self, body: bytes) -> bytes:
            reply = self.transport.exchange(body)
            if not saved.is_set():
                scene.save(scene.kader, chance)
                saved.set()
            return reply

        def enrol(self, body: bytes) -> bytes:
            return self.transport.enrol(body)

    with HttpTransport(scene.process.url) as transport:
        exchange_all(Engine(scene.kader.database, scene.kader.clock), Slow(transport))
    assert saved.is_set()
    assert scene.kader.status.unsent == 0
    scene.settle()
    scene.check()
