"""The line between a laptop and the server harmed at every byte.

It is cut short there, or one bit is turned over, or it stalls for a moment, or what it carries comes
a second time up to there.

A real server process, the real transport, and a proxy between them. At each offset of the request and
of the reply something new is saved, the line is harmed there once, and the next exchange goes
through: everything has arrived, once, and no more than one batch was sent again.
"""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from posyandu_app.district import admin
from posyandu_app.domain.clock import FixedClock, SystemClock
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import Engine, Outgoing
from posyandu_app.sync.enrolment import enrol
from posyandu_app.sync.http import HttpTransport
from posyandu_app.sync.trouble import SyncTrouble
from tests.simulation.ledger import require
from tests.simulation.real import lives
from tests.simulation.real.process import Process
from tests.simulation.world import base
from tests.sync.laptops import Laptop

REGION, POSYANDU = "32.11", "32.11.13.2005.001"
WAYS = (
    "cut request",
    "cut reply",
    "turned request",
    "turned reply",
    "stalled request",
    "stalled reply",
    "doubled request",
)
_PATIENCE = 1.5
_STALL = 0.003


class HarmedLine:
    """A TCP proxy that carries one HTTP exchange at a time and harms the next one as it is told."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.way, self.at = "", 0
        self.longest = {"request": 0, "reply": 0}
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.settimeout(20)
            with suppress(OSError), client:
                while request := _message(client):
                    if not self._carry(client, request):
                        break

    def _carry(self, client: socket.socket, request: bytes) -> bool:
        """Whether the line is still whole afterwards."""
        way = self.way
        if not way:
            self.longest["request"] = max(self.longest["request"], len(request))
        with socket.create_connection(
            ("127.0.0.1", self._target), timeout=_PATIENCE if way else 20
        ) as server:
            if way == "cut request":
                server.sendall(request[: self.at])
                return False
            if way == "stalled request":
                _stalled(server, request, self.at)
            else:
                server.sendall(_turned(request, self.at) if way == "turned request" else request)
            reply = _message(server)
        if way == "doubled request":
            with socket.create_connection(("127.0.0.1", self._target), timeout=_PATIENCE) as again:
                again.sendall(request[: self.at + 1])
                if self.at + 1 == len(request):
                    require(bool(_message(again)), "I7", "a request that comes twice is answered twice")
        if not way:
            self.longest["reply"] = max(self.longest["reply"], len(reply))
        if way == "cut reply":
            client.sendall(reply[: self.at])
            return False
        if way == "stalled reply":
            _stalled(client, reply, self.at)
        else:
            client.sendall(_turned(reply, self.at) if way == "turned reply" else reply)
        return way == "" or way.startswith(("stalled", "doubled"))


def _turned(message: bytes, at: int) -> bytes:
    at = min(at, len(message) - 1)
    return message[:at] + bytes([message[at] ^ (1 << at % 8)]) + message[at + 1 :]


def _stalled(line: socket.socket, message: bytes, at: int) -> None:
    """Send it in two pieces, so that the reader sees the first one alone."""
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.sendall(message[:at])
    time.sleep(_STALL)
    line.sendall(message[at:])


def _message(line: socket.socket) -> bytes:
    """One whole HTTP message, or nothing when the line was closed before it began."""
    came = b""
    while b"\r\n\r\n" not in came:
        piece = line.recv(65536)
        if not piece:
            return b""
        came += piece
    head, _, body = came.partition(b"\r\n\r\n")
    rows = head.lower().split(b"\r\n")
    length = next((int(row.split(b":")[1]) for row in rows if row.startswith(b"content-length")), 0)
    while len(body) < length:
        piece = line.recv(65536)
        if not piece:
            raise ConnectionError("cut in the middle")
        body += piece
    return head + b"\r\n\r\n" + body


class CountingEngine(Engine):
    """Counts the operations that are sent."""

    sent = 0

    def prepare(self, *arguments: object, **named: object) -> Outgoing:
        outgoing = super().prepare(*arguments, **named)  # type: ignore[arg-type]
        self.sent += outgoing.count
        return outgoing


@dataclass
class Harm:
    """How a way of harming went: offsets tried, and operations that were sent a second time at most."""

    way: str
    offsets: int
    of: int
    most_resent: int = 0
    failed: int = 0


class Scene:
    """One laptop, a server's process, and the line between them."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "dinas"
        district = admin.init(self.data, "Dinas Kesehatan Uji", REGION)
        store = admin.open_store(district)
        code = admin.issue_code(district, store, POSYANDU)[0]
        store.close()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port: int = free.getsockname()[1]
        words = ["serve", "--data", str(self.data), "--port", str(port)]
        self._server = Process(lambda _: lives.district(words))
        require(self._server.wait_for("listening"), "I7", "the server does not start")
        self.laptop = Laptop(folder / "laptop.db", POSYANDU)
        self.laptop.clock = FixedClock(SystemClock().now())
        self.engine = CountingEngine(self.laptop.database, self.laptop.clock)
        self.line = HarmedLine(port)
        with HttpTransport(self.line.url) as transport:
            enrol(self.laptop.database, transport, code, "Laptop Uji")
        self.child = self.laptop.register()
        self.saved = 1
        self.exchange()

    def close(self) -> None:
        self.line.close()
        self._server.kill()
        self._server.end()
        self.laptop.database.close()

    def exchange(self) -> bool:
        """Whether an exchange went through."""
        patience = _PATIENCE + 0.5 if self.line.way else 60
        with HttpTransport(self.line.url, answer_seconds=patience) as transport:
            try:
                exchange_all(self.engine, transport)
            except SyncTrouble:
                return False
        return True

    def harm(self, way: str, at: int, found: Harm) -> None:
        """Save, exchange over the harmed line, then over the whole one; nothing is lost or doubled."""
        self.laptop.weigh(self.child, 5000 + self.saved)
        self.saved += 1
        before = self.engine.sent
        self.line.way, self.line.at = way, at
        failed = not self.exchange()
        found.failed += failed
        if way.startswith(("stalled", "doubled")):
            require(not failed, "I7", f"{way} at {at}: nothing was lost on the way, and yet it failed")
        told = self.laptop.status
        require(told.total == self.saved, "I9", f"{way} at {at}: {told.total} of {self.saved} are saved")
        require(
            told.received >= self.saved - 1, "I5", f"{way} at {at}: {told.received} of {self.saved} received"
        )
        if told.unsent == 0:
            self._server_holds(self.saved, f"{way} at {at}")
        self.line.way = ""
        require(self.exchange(), "I7", f"{way} at {at}: the next exchange over a whole line fails")
        require(self.laptop.status.unsent == 0, "I9", f"{way} at {at}: something is still unsent")
        resent = self.engine.sent - before - 1
        require(resent <= 1, "I8", f"{way} at {at}: {resent} operations were sent again")
        found.most_resent = max(found.most_resent, resent)

    def _server_holds(self, wanted: int, when: str) -> None:
        import sqlite3

        with closing(sqlite3.connect(self.data / "district.db")) as database:
            rows = database.execute("SELECT count(*), count(DISTINCT seq), max(seq) FROM op").fetchone()
        require(rows == (wanted,) * 3, "I2", f"{when}: of {wanted} operations the server holds {rows}")

    def check(self) -> None:
        """I2: everything is there, once."""
        self._server_holds(self.saved, "in the end")


@contextmanager
def scene() -> Iterator[Scene]:
    """A scene, taken down at the end; must be set up where no other thread runs."""
    folder = base() / f"cuts-{time.monotonic_ns()}"
    folder.mkdir(parents=True)
    made = Scene(folder)
    try:
        yield made
        made.check()
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)


def run(sample: int | None = None, told: Callable[[Harm], None] = lambda _: None) -> list[Harm]:
    """Harm the line at every offset in every way, or at so many offsets spread over each way."""
    found = []
    with scene() as made:
        made.laptop.weigh(made.child)
        made.saved += 1
        require(made.exchange(), "I7", "a whole line does not carry")
        for way in WAYS:
            length = made.line.longest[way.split()[1]]
            step = 1 if sample is None else max(1, length // sample)
            offsets = sorted({*range(0, length, step), length - 1})
            harm = Harm(way, len(offsets), length)
            for at in offsets:
                made.harm(way, at, harm)
            found.append(harm)
            told(harm)
    return found
