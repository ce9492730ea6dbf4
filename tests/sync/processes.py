"""Real processes to kill: the district server, a syncing laptop, and a line that misbehaves."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

KILLS = int(os.environ.get("POSYANDU_KILLS", "5"))
"""How often the server and the laptop are killed at random in one test."""


class ServerProcess:
    """`posyandu district serve` on one port, started again after every kill."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        self.folder = folder
        self.database = database
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, dies_at: str = "") -> None:
        """Start, ready to answer; `dies_at` names a point at which it kills itself."""
        words = ["district", "serve", "--data", str(self.folder), "--port", str(self.port)]
        words += ["--database", self.database] if self.database else []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.sync.dying", dies_at, *words],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert json.loads(line)["listening"] == self.url

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
            self.wait()

    def wait(self) -> int:
        """How it ended."""
        assert self._process is not None
        code = self._process.wait(timeout=30)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code


@contextmanager
def server_process(folder: Path, database: str | None = None) -> Iterator[ServerProcess]:
    """A running server, killed at the end."""
    server = ServerProcess(folder, database)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def sync_process(database: Path, dies_at: str = "") -> subprocess.Popen[str]:
    """A laptop's process that exchanges until nothing waits, and may kill itself at a point."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.sync.dying", dies_at, "laptop", str(database)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


class Line:
    """A TCP proxy on loopback that can swallow, cut and double what passes."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.swallow_replies = 0
        self.double_requests = False
        self.cut_request_at: int | None = None
        self.cut_reply_at: int | None = None
        self.request_bytes = 0
        self.reply_bytes = 0
        self._stop = False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._stop = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._stop:
            client, _ = self._listener.accept()
            client.settimeout(20)
            with suppress(OSError), client:
                self._carry_all(client)

    def _carry_all(self, client: socket.socket) -> None:
        while request := message(client):
            self.request_bytes += len(request)
            if self.cut_request_at is not None:
                self._ask(request[: self.cut_request_at], whole=False)
                return
            if self.double_requests:
                self._ask(request)
            reply = self._ask(request)
            self.reply_bytes += len(reply)
            if self.swallow_replies > 0:
                self.swallow_replies -= 1
                return
            if self.cut_reply_at is not None:
                client.sendall(reply[: self.cut_reply_at])
                return
            client.sendall(reply)

    def _ask(self, request: bytes, whole: bool = True) -> bytes:
        with socket.create_connection(("127.0.0.1", self._target), timeout=20) as server:
            server.sendall(request)
            return message(server) if whole else b""


def message(line: socket.socket) -> bytes:
    """One whole HTTP message, or nothing when the line was closed before it began."""
    came = b""
    while b"\r\n\r\n" not in came:
        piece = line.recv(65536)
        if not piece:
            return b""
        came += piece
    head, _, body = came.partition(b"\r\n\r\n")
    length = next(
        (int(row.split(b":")[1]) for row in head.lower().split(b"\r\n") if row.startswith(b"content-length")),
        0,
    )
    while len(body) < length:
        piece = line.recv(65536)
        if not piece:
            raise ConnectionError("cut in the middle")
        body += piece
    return head + b"\r\n\r\n" + body
