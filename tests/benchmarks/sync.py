"""Sync: operations a second each way, laptop and server process together, and bytes on the wire.

The laptop is a real encrypted database, the server a real process with SQLite, and both write
durably. What each operation costs includes signatures, hash chains, judging and visible rows.
"""

import random
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import uuid_utils

from posyandu_app.domain.clock import SystemClock
from posyandu_app.storage import log
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import NewOperation
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.enrolment import enrol
from posyandu_app.sync.http import HttpTransport
from tests.benchmarks.figures import Figure
from tests.district import server as servers
from tests.district.server import POSYANDU, VILLAGE
from tests.sync.processes import Line, ServerProcess, server_process

CHILDREN, MONTHS = 300, 40
SESSION = 60
ACTOR = "11111111-1111-4111-8111-111111111111"


def report() -> Iterable[Figure]:
    """Push and pull of a posyandu's years, then one session of 60 children over a counting line."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _measure(Path(folder))


def _measure(folder: Path) -> Iterable[Figure]:
    chance = random.Random(60)
    with servers.running(folder / "dinas") as server:
        codes = [server.code(POSYANDU), server.code(VILLAGE)]
    with server_process(folder / "dinas") as process:
        kader, bidan = (_laptop(folder / f"{index}.db", process, code) for index, code in enumerate(codes))
        children = _register(kader)
        total = len(children)
        for month in range(MONTHS):
            total += _weigh(kader, children, f"{2023 + month // 12}-{month % 12 + 1:02d}-10", chance)
        seconds = _sync(kader, process.url)
        yield Figure("push", total / seconds, "operations/s", at_least=10_000, note=f"{total:,} operations")
        seconds = _sync(bidan, process.url)
        yield Figure("pull", total / seconds, "operations/s", at_least=30_000, note=f"{total:,} operations")
        yield from _session(kader, children, process, chance)
        kader.close()
        bidan.close()


def _session(
    kader: Database, children: list[str], process: ServerProcess, chance: random.Random
) -> Iterable[Figure]:
    _weigh(kader, children[:SESSION], "2026-11-10", chance)
    line = Line(process.port)
    try:
        _sync(kader, line.url)
    finally:
        line.close()
    note = f"{SESSION} children weighed and measured"
    yield Figure("session up", line.request_bytes / 1000, "kB", at_most=12, note=note)
    yield Figure("session down", line.reply_bytes / 1000, "kB", at_most=12, note=note)


def _laptop(path: Path, process: ServerProcess, code: str) -> Database:
    database = Database.create(path, bytes(32))
    with HttpTransport(process.url) as transport:
        enrol(database, transport, code, path.stem)
    return database


def _register(database: Database) -> list[str]:
    fields = {"sex": "F", "birth_date": "2023-01-05", "mother_name": "Siti Aminah", "rt": "02", "rw": "05"}
    deeds = [
        (
            "child.register",
            str(uuid_utils.uuid7()),
            {
                name: {"v": value, "base": None}
                for name, value in {**fields, "name": f"Anak {number}"}.items()
            },
        )
        for number in range(CHILDREN)
    ]
    _log(database, deeds)
    return [child for _, child, _ in deeds]


def _weigh(database: Database, children: list[str], date: str, chance: random.Random) -> int:
    """One session: each weighing is its own deed, as a person makes it."""
    for child in children:
        payload = {
            "child": child,
            "date": date,
            "weight_g": chance.randrange(40, 200) * 100,
            "length_mm": chance.randrange(500, 1100),
            "position": "standing",
            "head_mm": chance.randrange(400, 520),
            "muac_mm": chance.randrange(115, 180),
        }
        _log(
            database,
            [("measurement.record", str(uuid_utils.uuid7()), payload)],
        )
    return len(children)


def _log(database: Database, deeds: list[tuple[str, str, dict]]) -> None:
    new = [NewOperation(kind, entity, POSYANDU, payload) for kind, entity, payload in deeds]
    log.append(database, new, actor=ACTOR, clock=SystemClock())


def _sync(database: Database, url: str) -> float:
    started = time.perf_counter()
    with HttpTransport(url) as transport:
        exchange_all(Engine(database, SystemClock()), transport)
    return time.perf_counter() - started
