"""Laptops of the tests: a real encrypted database, the engine on it, and what a person does."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.operations import OpKey
from posyandu_app.storage import log, peer
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import NewOperation
from posyandu_app.sync.conversation import Transport, exchange_all
from posyandu_app.sync.engine import Engine, Exchanged
from posyandu_app.sync.enrolment import enrol
from posyandu_app.sync.status import SyncStatus, status
from tests.district.server import POSYANDU, START_MS, Server, Wire

on_sqlite_alone = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
"""For a test that takes long and of which the server's database is no part."""

KEY = bytes(range(32))
START = datetime.fromtimestamp(START_MS / 1000, UTC)
ACTOR = "11111111-1111-4111-8111-111111111111"


class Laptop:
    """One laptop and the person before it."""

    def __init__(self, path: Path, scope: str = POSYANDU) -> None:
        self.database = Database.create(path, KEY)
        self.clock = FixedClock(START)
        self.engine = Engine(self.database, self.clock)
        self.scope = scope
        self.transport: Transport | None = None

    def join(self, server: Server, scope: str | None = None) -> "Laptop":
        self.transport = Wire(server.desk)
        enrol(self.database, self.transport, server.code(scope or self.scope), "Laptop Uji")
        return self

    # what a person does

    def log(self, kind: str, entity: str, payload: dict, scope: str | None = None) -> OpKey:
        self.clock.move(timedelta(seconds=1))
        new = NewOperation(kind, entity, scope or self.scope, payload)
        return log.append(self.database, [new], actor=ACTOR, clock=self.clock)[0]

    def register(self, name: str = "Anak Uji", **fields) -> str:
        child = str(uuid.uuid4())
        values = {"name": name, "sex": "F", "birth_date": "2025-01-05"} | fields
        self.log("child.register", child, {field: {"v": v, "base": None} for field, v in values.items()})
        return child

    def weigh(self, child: str, weight_g: int = 8400) -> str:
        measurement = str(uuid.uuid4())
        payload = {"child": child, "date": "2026-11-18", "weight_g": weight_g}
        self.log("measurement.record", measurement, payload)
        return measurement

    def edit(self, child: str, field: str, value) -> OpKey:
        """Change a field as a person does: based on what is on screen."""
        return self.log("child.set", child, {field: {"v": value, "base": self.base(child, field)}})

    # what can be seen

    def base(self, child: str, field: str):
        from posyandu_app.storage.projection import bases

        row = self.database.one("SELECT bases FROM child WHERE id = ?", (child,))
        key = bases(row[0]).get(field) if row is not None else None
        return None if key is None else list(key)

    def value(self, child: str, field: str):
        import json

        row = self.database.one("SELECT vals FROM child WHERE id = ?", (child,))
        return None if row is None else json.loads(row[0]).get(field)

    def weight(self, measurement: str) -> int | None:
        row = self.database.one("SELECT weight_g FROM measurement WHERE id = ?", (measurement,))
        return None if row is None else row[0]

    def statuses(self) -> dict[str, int]:
        return dict(self.database.rows("SELECT status, count(*) FROM log GROUP BY status"))

    def digests(self) -> dict[str, tuple[int, str]]:
        sums = peer.row_sums(self.database)
        return {kind: (count, total.hex()) for kind, (count, total) in sums.items() if count}

    @property
    def peer(self) -> peer.Peer:
        known = peer.load(self.database)
        assert known is not None
        return known

    @property
    def status(self) -> SyncStatus:
        return status(self.database, clock=self.clock)

    # exchanging

    def sync(self, transport: Transport | None = None) -> Exchanged:
        carrier = transport or self.transport
        assert carrier is not None
        return exchange_all(self.engine, carrier)


def a_copy(laptop: Laptop, folder: Path) -> Laptop:
    """Another laptop on a copy of this one's disk, as it is now; the caller closes its database."""
    laptop.database.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    path = folder / f"salinan-{uuid.uuid4()}.db"
    shutil.copy(laptop.database.path, path)
    twin = object.__new__(Laptop)
    twin.database, twin.clock, twin.scope = Database.open(path, KEY), laptop.clock, laptop.scope
    twin.engine, twin.transport = Engine(twin.database, twin.clock), laptop.transport
    return twin


@contextmanager
def laptops(folder: Path, server: Server | None = None) -> Iterator:
    """Makes laptops, joined when there is a server, and closes them at the end."""
    made: list[Laptop] = []

    def make(scope: str = POSYANDU) -> Laptop:
        laptop = Laptop(folder / f"laptop-{len(made)}.db", scope)
        made.append(laptop)
        return laptop if server is None else laptop.join(server)

    yield make
    for laptop in made:
        laptop.database.close()
