"""Several server processes on one PostgreSQL: one order without a gap, also when one of them is killed."""

import random
import threading

from sqlalchemy import text

from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.enrolment import enrol
from posyandu_app.sync.http import HttpTransport
from posyandu_app.sync.trouble import SyncTrouble
from tests.district import server as servers
from tests.district.server import OTHER_POSYANDU, POSYANDU, VILLAGE
from tests.sync.laptops import Laptop
from tests.sync.processes import KILLS, server_process

SEED = 20261118


def test_two_processes_on_one_postgresql_and_one_is_killed(tmp_path):
    database = servers.postgres()
    with servers.running(tmp_path / "dinas", database) as server:
        codes = {scope: server.code(scope) for scope in (POSYANDU, OTHER_POSYANDU, VILLAGE)}
        with (
            server_process(tmp_path / "dinas", database) as one,
            server_process(tmp_path / "dinas", database) as two,
        ):
            laptops = []
            for number, (scope, code) in enumerate(codes.items()):
                laptop = Laptop(tmp_path / f"laptop-{number}.db", scope)
                with HttpTransport(one.url) as line:
                    enrol(laptop.database, line, code, "Laptop Uji")
                laptops.append(laptop)
            reader = laptops[2]
            chance = random.Random(SEED)
            for round_ in range(max(3, KILLS)):
                writers = [
                    threading.Thread(target=write, args=(laptop, (one.url, two.url), SEED + round_))
                    for laptop in laptops[:2]
                ]
                for thread in writers:
                    thread.start()
                killer = threading.Timer(chance.uniform(0.05, 0.4), two.kill)
                killer.start()
                while any(thread.is_alive() for thread in writers):
                    sync(reader, one.url)
                for thread in (*writers, killer):
                    thread.join()
                two.start()
            for laptop in [*laptops, *laptops]:
                assert sync(laptop, two.url)
            assert all(laptop.status.unsent == 0 for laptop in laptops)
            written = [laptop.status.total for laptop in laptops]
            with server.store.read() as connection:
                given_out = list(connection.scalars(text("SELECT DISTINCT ss FROM feed ORDER BY ss")))
                stored = connection.scalar(text("SELECT count(*) FROM op"))
            assert given_out == list(range(1, sum(written) + 1))
            assert stored == sum(written)
            assert reader.database.number("SELECT count(*) FROM log") == sum(written)
            assert reader.digests() == {kind: tuple(pair) for kind, pair in server.status().digests.items()}
            for laptop in laptops:
                assert sync(laptop, one.url)
                laptop.database.close()


def write(laptop: Laptop, urls: tuple[str, str], seed: int) -> None:
    """A person who saves, and a laptop that comes to either server."""
    chance = random.Random(seed)
    for _ in range(12):
        laptop.weigh(laptop.register())
        sync(laptop, chance.choice(urls))


def sync(laptop: Laptop, url: str) -> bool:
    """Whether the server at that address was reached."""
    try:
        with HttpTransport(url) as line:
            done = exchange_all(Engine(laptop.database, laptop.clock), line)
    except SyncTrouble:
        return False
    assert done.incidents == ()
    return True
