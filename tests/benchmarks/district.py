"""A kabupaten: the first fill of a posyandu and of the whole, and 1,500 laptops that reconnect at once.

Real server processes, a real PostgreSQL for the reconnection, real encrypted databases. Laptops that
only have to send are written by hand beforehand: what is measured is the server and the line, with the
senders on the same two cores.
"""

import asyncio
import random
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from multiprocessing import get_context
from pathlib import Path

import httpx
from msgspec import Raw

from posyandu_app.domain import hlc
from posyandu_app.domain.clock import SystemClock, timestamp
from posyandu_app.domain.operations import GENESIS, JsonObject, Operation, seal
from posyandu_app.storage import log, peer
from posyandu_app.storage.connection import Database
from posyandu_app.sync import wire
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.enrolment import enrol
from posyandu_app.sync.http import HttpTransport
from posyandu_app.sync.signing import Keys, sign_message, sign_segment
from tests.benchmarks.figures import Figure
from tests.district import server as servers
from tests.district.server import REGION, Server
from tests.sync.processes import ServerProcess, server_process

KABUPATEN_CHILDREN, MEASURED = 80_000, 1_000_000
POSYANDU_CHILDREN, POSYANDU_MONTHS = 300, 24
LAPTOPS, OPERATIONS = 1_500, 120
PROCESSES = 2
ACTOR = "11111111-1111-4111-8111-111111111111"
_PATIENCE_S = 600
_WRITTEN_AHEAD = 4
_BEGAN_MS, _MINUTE_MS = 1_704_848_400_000, 60_000  # 2024-01-10, 08.00 in Bandung


def report() -> Iterable[Figure]:
    """The figures, from the smallest to the largest."""
    yield from _posyandu()
    yield from _reconnection()
    yield from _kabupaten()


@dataclass
class Writer:
    """A laptop that only writes and sends: its keys and its log, in memory."""

    scope: str
    chance: random.Random
    device: str = ""
    replica: str = ""
    private: bytes = field(default_factory=lambda: Keys.generate().to_bytes())
    epoch: str = ""
    tip: bytes = GENESIS
    seq: int = 0

    def __post_init__(self) -> None:
        self.device, self.replica = (
            str(uuid.UUID(int=self.chance.getrandbits(128), version=4)) for _ in range(2)
        )

    @property
    def keys(self) -> Keys:
        return Keys.from_bytes(self.private)

    def _id(self, ms: int) -> str:
        """An id as the app makes it, UUID version 7: the time, and the rest at random."""
        return str(uuid.UUID(int=ms << 80 | 7 << 76 | 2 << 62 | self.chance.getrandbits(62)))

    def join(self, server: Server) -> "Writer":
        """Be enrolled, as with a code."""
        request = wire.EnrolRequest(
            proto=wire.PROTO,
            code=server.code(self.scope),
            device=self.device,
            name="Laptop",
            sign_key=self.keys.public.sign_key,
            seal_key=self.keys.public.seal_key,
            app="0.1.0",
        )
        answer = server.desk.enrol(sign_message(request, self.keys.sign))
        self.epoch = wire.decode(answer, wire.EnrolReply).epoch
        return self

    def day(self, children: int, months: int) -> Iterator[tuple[str, str, JsonObject]]:
        """So many children registered, and each weighed in so many months."""
        known = [self._id(_BEGAN_MS + number * _MINUTE_MS) for number in range(children)]
        for number, child in enumerate(known):
            fields = {
                "name": f"Anak {number}",
                "sex": "F",
                "birth_date": "2024-01-05",
                "mother_name": "Siti Aminah",
                "rt": "02",
                "rw": "05",
            }
            yield "child.register", child, {name: {"v": v, "base": None} for name, v in fields.items()}
        for month in range(months):
            on = f"{2024 + month // 12}-{month % 12 + 1:02d}-10"
            began_ms = _BEGAN_MS + month * 30 * 24 * 60 * _MINUTE_MS
            for number, child in enumerate(known):
                yield (
                    "measurement.record",
                    self._id(began_ms + number * _MINUTE_MS),
                    {
                        "child": child,
                        "date": on,
                        "weight_g": self.chance.randrange(40, 200) * 100,
                        "length_mm": self.chance.randrange(500, 1100),
                        "position": "standing",
                        "head_mm": self.chance.randrange(400, 520),
                        "muac_mm": self.chance.randrange(115, 180),
                    },
                )

    def request(self, deeds: list[tuple[str, str, JsonObject]]) -> bytes:
        """The next signed request, with these deeds in it."""
        first, before, ops = self.seq + 1, self.tip, []
        now_ms, at = SystemClock().ms(), timestamp(SystemClock().now())
        for kind, entity, payload in deeds:
            self.seq += 1
            operation = Operation(
                seq=self.seq,
                type=kind,
                v=1,
                entity=entity,
                scope=self.scope,
                actor=ACTOR,
                at=at,
                hlc=hlc.stamp(now_ms + self.seq),
                tx=(self.seq, 1, 1),
                app="0.1.0",
                payload=payload,
            )
            self.tip = seal(operation).chain(self.tip)
            ops.append(Raw(wire.encode(operation.to_json())))
        segment = wire.Segment(
            replica=self.replica,
            first=first,
            prev=before.hex(),
            ops=ops,
            last=self.tip.hex(),
            device=self.device,
            sig=sign_segment(self.replica, first, self.seq, self.tip.hex(), self.keys.sign),
        )
        request = wire.Request(
            proto=wire.PROTO,
            device=self.device,
            sent_at=at,
            epoch=self.epoch,
            cursor=0,
            have={self.replica: self.seq},
            segments=[segment],
            limit=2000,
        )
        return sign_message(request, self.keys.sign)


def _requests(writer: Writer, children: int, months: int) -> list[tuple[bytes, int]]:
    """All that a laptop has to send, and how many operations there are in each request."""
    deeds = list(writer.day(children, months))
    some = (deeds[start : start + wire.MAX_OPERATIONS] for start in range(0, len(deeds), wire.MAX_OPERATIONS))
    return [(writer.request(part), len(part)) for part in some]


def _take_in(server: Server, requests: Iterable[tuple[bytes, int]]) -> int:
    """Let the server take in these requests, in its own process; how many operations."""
    total = 0
    for body, count_ in requests:
        server.desk.take_in(body)
        total += count_
    return total


def _written_elsewhere(writers: Iterable[Writer], children: int, months: int) -> Iterator[tuple[bytes, int]]:
    """The requests of many laptops, written by another process while the server takes in those before."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        ahead: deque[Future[list[tuple[bytes, int]]]] = deque()
        for writer in writers:
            ahead.append(pool.submit(_requests, writer, children, months))
            if len(ahead) > _WRITTEN_AHEAD:
                yield from ahead.popleft().result()
        for written in ahead:
            yield from written.result()


def _posyandu() -> Iterable[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with servers.running(folder / "dinas") as server:
            writer = Writer("32.11.13.2005.001", random.Random(1)).join(server)
            total = _take_in(server, _requests(writer, POSYANDU_CHILDREN, POSYANDU_MONTHS))
            code = server.code(writer.scope)
        with server_process(folder / "dinas") as process:
            database = _joined(folder / "laptop.db", process, code)
            seconds = _fill(database, process.url)
            assert log.count(database) == total
            database.close()
    note = f"{POSYANDU_CHILDREN} children, {POSYANDU_MONTHS} months: {total:,} operations"
    yield Figure("first fill of a posyandu", seconds, "s", at_most=3, note=note)


def _joined(path: Path, process: ServerProcess, code: str) -> Database:
    database = Database.create(path, bytes(32))
    with HttpTransport(process.url) as transport:
        enrol(database, transport, code, path.stem)
    return database


def _fill(database: Database, url: str) -> float:
    started = time.perf_counter()
    with HttpTransport(url) as transport:
        exchange_all(Engine(database, SystemClock()), transport)
    return time.perf_counter() - started


# the whole kabupaten


def _kabupaten() -> Iterable[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with servers.running(folder / "dinas") as server:
            chance, places = random.Random(2), KABUPATEN_CHILDREN // POSYANDU_CHILDREN + 1
            months = round(MEASURED / (places * POSYANDU_CHILDREN))
            writers = (
                Writer(
                    f"{REGION}.{1 + number % 26:02d}.{2001 + number % 270}.{1 + number // 270:03d}",
                    random.Random(chance.random()),
                ).join(server)
                for number in range(places)
            )
            started = time.perf_counter()
            total = _take_in(server, _written_elsewhere(writers, POSYANDU_CHILDREN, months))
            taken = time.perf_counter() - started
            code = server.code(REGION, "dinas")
        yield Figure(
            "taken in by the server",
            total / taken,
            "operations/s",
            note="written meanwhile by a second process",
        )
        with server_process(folder / "dinas") as process:
            told = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "tests.benchmarks.district",
                    str(folder / "all.db"),
                    process.url,
                    code,
                    str(total),
                ],
                capture_output=True,
                text=True,
                check=True,
            ).stdout.split()
    seconds, received, first, last = (float(word) for word in told)
    assert received == total, (received, total)
    note = f"{places * POSYANDU_CHILDREN:,} children, {total:,} operations"
    yield Figure("first fill of a kabupaten", seconds, "s", at_most=300, note=note)
    yield Figure("its peak memory", last, "MiB", note=f"{first:,.0f} MiB after the first tenth")
    yield Figure("peak memory at the end to that after a tenth", last / first, "×", at_most=1.5)


def _fill_in_a_process(path: Path, url: str, code: str, total: int) -> None:
    """Fill a new database in this process and print seconds, operations, and two peaks of memory in MiB."""
    database = Database.create(path, bytes(32))
    with HttpTransport(url) as transport:
        enrol(database, transport, code, path.stem)
    peaks: list[float] = []

    def heard(exchanged: object) -> None:
        if not peaks and getattr(exchanged, "received", 0) > total / 10:
            peaks.append(_peak())

    started = time.perf_counter()
    with HttpTransport(url) as transport:
        exchange_all(Engine(database, SystemClock()), transport, heard)
    seconds = time.perf_counter() - started
    print(seconds, log.count(database), peaks[0] if peaks else _peak(), _peak())  # noqa: T201
    server = peer.load(database)
    assert server is not None
    database.close()


def _peak() -> float:
    """The most memory that this program has had; `ru_maxrss` would begin with what its parent had."""
    (line,) = (x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


# everybody at once


def _reconnection() -> Iterable[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder, url = Path(name), servers.postgres()
        with servers.running(folder / "dinas", url) as server:
            chance = random.Random(3)
            writers = [
                Writer(f"{REGION}.{1 + n % 26:02d}.{2001 + n % 270}.{1 + n // 270:03d}", chance).join(server)
                for n in range(LAPTOPS)
            ]
            bodies = [writer.request(list(writer.day(OPERATIONS // 2, 1))) for writer in writers]
            before = server.status().operations
        processes = [ServerProcess(folder / "dinas", url) for _ in range(PROCESSES)]
        for process in processes:
            process.start()
        try:
            started = time.perf_counter()
            seconds, refused = asyncio.run(_all_at_once(bodies, [process.url for process in processes]))
            taken = time.perf_counter() - started
        finally:
            for process in processes:
                process.kill()
        with servers.running(folder / "after", url) as server:
            arrived = server.status().operations - before
    lost = LAPTOPS * OPERATIONS - arrived
    p95 = sorted(seconds)[int(len(seconds) * 0.95)]
    note = f"{LAPTOPS:,} laptops, {OPERATIONS} operations each, {PROCESSES} server processes on PostgreSQL"
    yield Figure("reconnection: operations lost", lost, "", at_most=0, note=note)
    yield Figure("reconnection: exchange, p50", statistics.median(seconds), "s")
    yield Figure("reconnection: exchange, p95", p95, "s", at_most=2)
    yield Figure("reconnection: until all are served", taken, "s", note=f"{refused:,} times told to wait")


async def _all_at_once(bodies: list[bytes], urls: list[str]) -> tuple[list[float], int]:
    """Every laptop sends at the same moment and does as it is told; seconds of each taken exchange."""
    seconds: list[float] = []
    told_to_wait = count()
    limits = httpx.Limits(max_connections=len(bodies) + 10, max_keepalive_connections=0)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:

        async def laptop(number: int, body: bytes) -> None:
            chance = random.Random(number)
            give_up = time.monotonic() + _PATIENCE_S
            while time.monotonic() < give_up:
                started = time.perf_counter()
                try:
                    answer = await client.post(f"{urls[number % len(urls)]}/v1/exchange", content=body)
                except httpx.TransportError:
                    await asyncio.sleep(chance.uniform(0, 5))
                    continue
                if answer.status_code == 200:
                    seconds.append(time.perf_counter() - started)
                    return
                assert answer.status_code in (429, 503), answer.text
                next(told_to_wait)
                wait = float(answer.headers.get("Retry-After", "5"))
                await asyncio.sleep(wait * chance.uniform(0.5, 1.5))
            raise AssertionError("a laptop was never served")

        await asyncio.gather(*(laptop(number, body) for number, body in enumerate(bodies)))
    return seconds, next(told_to_wait)


if __name__ == "__main__":
    _fill_in_a_process(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
