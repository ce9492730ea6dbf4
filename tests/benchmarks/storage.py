"""How fast the laptop saves, takes in what others did, finds a child, and shows a posyandu."""

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import uuid_utils

from posyandu_app.bulk import without_collections
from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.doubles import Doubles
from posyandu_app.domain.model import Child, Position, Role, Sex
from posyandu_app.domain.operations import Operation, seal
from posyandu_app.domain.rules import default_rules
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, children, deciding, registration, review, roster, weighing
from posyandu_app.services.accounts import Setup
from posyandu_app.services.registration import ChildInput
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import children as stored_children
from posyandu_app.storage import log, projection
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import Received
from tests import varied_names
from tests.benchmarks.figures import Figure, seconds

CLOCK = FixedClock(datetime(2026, 11, 23, 9, tzinfo=timezone(timedelta(hours=7))))
SCOPE = "32.11.13.2005.001"
FIRST = [
    "Siti",
    "Budi",
    "Ahmad",
    "Dewi",
    "Rina",
    "Sari",
    "Putri",
    "Agus",
    "Nur",
    "Muhammad",
    "Aisyah",
    "Rizky",
    "Fitri",
    "Eka",
    "Asep",
    "Euis",
    "Cecep",
    "Iis",
]
LAST = [
    "Aminah",
    "Santoso",
    "Wijaya",
    "Lestari",
    "Hidayat",
    "Kurniawan",
    "Rahmawati",
    "Saputra",
    "Permana",
    "Maulana",
    "Kartika",
    "Hasanah",
]
QUERIES = ("siti aminah", "s", "si", "sit", "qx", "nurhasanah kartika", "3211", "0001", "asep")


def report() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="posyandu-bench-") as name:
        folder = Path(name)
        yield from saving(folder / "saving")
        yield from first_fill(folder / "fill")
        yield from searching(folder / "search")
        yield from one_posyandu(folder / "posyandu")
        yield from questions(folder / "questions")
        yield from doubles_of_a_district()


def saving(folder: Path) -> Iterator[Figure]:
    """Each deed is its own durable transaction; the disk's fsync is part of it."""
    with workspace(folder) as ws:
        child_id = register(ws, "Siti Aminah", date(2025, 1, 1))
        start = time.perf_counter()
        for number in range(500):
            weighing.record(ws, child_id, Draft(CLOCK.today(), 8000 + number, 712, Position.LYING))
        yield Figure("saving a visit", 500 / (time.perf_counter() - start), "visits/s", at_least=100)
        child = children.get(ws, child_id)
        deeds = [weighing.new_measurement(ws, child, Draft(CLOCK.today(), 8000 + n)) for n in range(10_000)]
        start = time.perf_counter()
        log.append(ws.database, deeds, actor=ws.user.id, clock=CLOCK)
        yield Figure("one deed of 10,000 operations", 10_000 / (time.perf_counter() - start), "operations/s")


def first_fill(folder: Path) -> Iterator[Figure]:
    """A new laptop hears everything: sealed operations, as the messages bring them, in pages of 2,000."""
    items = list(others_measurements(40_000))
    best = 0.0
    for attempt in range(3):
        database = Database.create(folder / f"{attempt}.db", bytes(32))
        start = time.perf_counter()
        with database.atomic():
            for first in range(0, len(items), 2000):
                log.receive(database, items[first : first + 2000], received_at="2026-11-23T09:00:00+07:00")
        best = max(best, len(items) / (time.perf_counter() - start))
        if attempt == 2:
            again = seconds(lambda database=database: receive_all(database, items), runs=1)
            anew = seconds(lambda database=database: projection.rebuild(database), runs=1)
        database.close()
    yield Figure("hearing fresh measurements", best, "operations/s", at_least=30_000)
    yield Figure("hearing the same once more", len(items) / again, "operations/s")
    yield Figure("making all rows anew", len(items) / anew, "operations/s")


def receive_all(database: Database, items: list[Received]) -> None:
    for first in range(0, len(items), 2000):
        log.receive(database, items[first : first + 2000], received_at="2026-11-23T09:00:00+07:00")


def searching(folder: Path) -> Iterator[Figure]:
    database = Database.create(folder / "x.db", bytes(32))
    chance = random.Random(3)
    with database.atomic():
        for first in range(0, 100_000, 5000):
            items = [received(first + n + 1, registration_of(chance)) for n in range(5000)]
            log.receive(database, items, received_at="2026-11-23T09:00:00+07:00")
    database.close()
    database = Database.open(folder / "x.db", bytes(32))
    first_time, later = 0.0, 0.0
    for query in QUERIES:
        first_time = max(
            first_time, seconds(lambda query=query: stored_children.search(database, query, 50), 1)
        )
        later = max(later, seconds(lambda query=query: stored_children.search(database, query, 50), 3))
    yield Figure(
        "search in 100,000 children, slowest, nothing in memory yet", first_time * 1000, "ms", at_most=50
    )
    yield Figure("search in 100,000 children, slowest, afterwards", later * 1000, "ms", at_most=50)
    database.close()


def one_posyandu(folder: Path) -> Iterator[Figure]:
    """300 children weighed for 24 months."""
    chance = random.Random(24)
    with workspace(folder) as ws:
        for number in range(300):
            born = date(2024, 11, 1) - timedelta(days=chance.randrange(600))
            child = children.get(
                ws, register(ws, f"{chance.choice(FIRST)} {chance.choice(LAST)} {number}", born)
            )
            visits = []
            grams, millimetres = 9000 + chance.randrange(3000), 750 + chance.randrange(150)
            for month in range(24):
                grams, millimetres = (
                    grams + chance.randrange(-100, 350),
                    millimetres + chance.randrange(0, 14),
                )
                day = CLOCK.today() - timedelta(days=30 * (23 - month))
                visits.append(
                    weighing.new_measurement(ws, child, Draft(day, grams, millimetres, Position.STANDING))
                )
            log.append(ws.database, visits, actor=ws.user.id, clock=CLOCK)
        ws.close()
        start = time.perf_counter()
        ws = accounts.unlock(DataFolder(folder), "Sari", "melati123", CLOCK)
        yield Figure("opening the database", (time.perf_counter() - start) * 1000, "ms")
        start = time.perf_counter()
        roster.rows(ws)
        yield Figure("roster, 300 × 24, first time", (time.perf_counter() - start) * 1000, "ms", at_most=300)
        yield Figure("roster, afterwards", seconds(lambda: roster.rows(ws)) * 1000, "ms")
        yield Figure("midwife's list, afterwards", seconds(lambda: review.at_risk(ws)) * 1000, "ms")
        yield Figure(
            "roster with a search", seconds(lambda: roster.rows(ws, "siti")) * 1000, "ms", at_most=50
        )
        ws.close()


def questions(folder: Path) -> Iterator[Figure]:
    """4,000 children of very many names weighed twelve times, looked at for what a midwife must decide."""
    with workspace(folder) as ws:
        made = varied_names.children(4000, seed=7, unnamed=0.1)
        items = []
        for name, sex, born, mother in zip(made.names, made.sexes, made.births, made.mothers, strict=True):
            fields = {"name": name, "sex": sex, "birth_date": date.fromordinal(int(born)).isoformat()}
            items.append(received(len(items) + 1, fields | ({"mother_name": mother} if mother else {})))
            child = items[-1].operation.entity
            for month in range(12):
                day = (CLOCK.today() - timedelta(days=30 * month)).isoformat()
                weighing_ = {"child": child, "date": day, "weight_g": 8000 + month}
                items.append(heard(len(items) + 1, "measurement.record", weighing_))
        with ws.database.atomic():
            receive_all(ws.database, items)
        ids = [item.operation.entity for item in items[::13]]
        start = time.process_time()
        found = len(deciding.waiting(ws).decisions)
        first = time.process_time() - start
        yield Figure(
            "questions for the midwife among 4,000 children", first * 1000, "ms", note=f"{found} found"
        )
        later = []
        for number, child in enumerate(ids[:20]):
            weighing.record(ws, child, Draft(CLOCK.today(), 8500 + number, 712, Position.LYING))
            start = time.process_time()
            deciding.waiting(ws)
            later.append(time.process_time() - start)
        yield Figure("the same after a save", min(later) * 1000, "ms", at_most=10)
        yield Figure("so many times faster than from the beginning", first / min(later), "×", at_least=100)


def doubles_of_a_district() -> Iterator[Figure]:
    """Who of 80,000 children of very many names may be registered twice."""
    made = varied_names.children(80_000, seed=7, unnamed=0.1)
    told = zip(made.ids, made.scopes, made.names, made.sexes, made.births, made.mothers, strict=True)
    records = [
        ((scope, n), Child(id_, scope, name, Sex(sex), date.fromordinal(int(born)), mother_name=mother))
        for n, (id_, scope, name, sex, born, mother) in enumerate(told)
    ]
    rules = default_rules()
    start = time.process_time()
    with without_collections():
        doubles = Doubles(records, rules)
    taken = time.process_time() - start
    yield Figure(
        "doubles among 80,000 children", taken, "s", at_most=60, note=f"{len(doubles.pairs())} pairs"
    )
    start = time.process_time()
    for record in records[:100]:
        doubles.put(*record)
    yield Figure("one of them changed", (time.process_time() - start) * 10, "ms", at_most=60)


@contextmanager
def workspace(folder: Path) -> Iterator[Workspace]:
    setup = Setup(SCOPE, "Melati 1", "Sari", "Sari", Role.KADER, "melati123")
    ws = accounts.set_up(DataFolder(folder), setup, CLOCK, cheap=True)
    yield ws
    ws.close()


def register(ws: Workspace, name: str, born: date) -> str:
    return next(iter(registration.register(ws, ChildInput(name, Sex.FEMALE, born)).entities))


def registration_of(chance: random.Random) -> dict[str, object]:
    return {
        "name": f"{chance.choice(FIRST)} {chance.choice(LAST)}",
        "mother_name": f"{chance.choice(FIRST)} {chance.choice(LAST)}",
        "nik": str(chance.randrange(10**15, 10**16)),
        "birth_date": "2025-01-01",
        "sex": "F",
    }


def received(seq: int, fields: dict[str, object]) -> Received:
    payload = {name: {"v": value, "base": None} for name, value in fields.items()}
    return heard(seq, "child.register", payload)


def others_measurements(count: int) -> Iterator[Received]:
    kids = [str(uuid_utils.uuid7()) for _ in range(count // 24)]
    for seq in range(1, count + 1):
        yield heard(
            seq,
            "measurement.record",
            {
                "child": kids[seq % len(kids)],
                "date": "2026-11-23",
                "weight_g": 8000 + seq % 4000,
                "length_mm": 712,
                "position": "lying",
                "head_mm": 451,
                "muac_mm": 139,
                "oedema": 0,
            },
        )


def heard(seq: int, type_: str, payload: dict[str, object]) -> Received:
    operation = Operation(
        seq=seq,
        type=type_,
        v=1,
        entity=str(uuid_utils.uuid7()),
        scope=SCOPE,
        actor="8c1f7a52-5a2f-4b1e-9a77-3b1f6f7f2a11",
        at="2026-11-23T09:12:44+07:00",
        hlc="0199a3c2f4d1-0003",
        tx=(seq, 1, 1),
        app="1.0.0",
        payload=payload,
    )
    replica = "5d0c7a52-5a2f-4b1e-9a77-3b1f6f7f2a22"
    return Received(replica, operation, operation.hlc, "applied", seq, sealed=seal(operation))
