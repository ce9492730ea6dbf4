"""What stands between a village and its Dinas: a proxy on real sockets that behaves as lines really do."""

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from tests.sync.processes import message

PORTAL_PAGE = b"<html><title>Wi-Fi Desa</title>Masukkan nomor telepon</html>"


def answer(status: int, body: bytes, *headers: str) -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class BadLine:
    """Carries HTTP to a port as it is told.

    `instead` answers in the server's place when it gives something; `copies` of a request arrive; the
    answer comes `late_s` later, in pieces of `piece` bytes with `pause_s` between them. `context` makes
    it speak TLS. `carried` counts the requests that reached the server.
    """

    def __init__(self, target: int, context: ssl.SSLContext | None = None) -> None:
        self._target, self._context = target, context
        self._listener = socket.create_server(("127.0.0.1", 0))
        scheme = "http" if context is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        self.instead: Callable[[bytes], bytes | None] = lambda _: None
        self.copies, self.late_s, self.piece, self.pause_s = 1, 0.0, 0, 0.0
        self.carried = 0
        self._threads: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def __enter__(self) -> "BadLine":
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in (self._thread, *self._threads):
            thread.join()

    def heal(self) -> None:
        """From now on it is a good line."""
        self.instead, self.copies, self.late_s, self.piece = (lambda _: None), 1, 0.0, 0

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._talk, args=(client,))
            self._threads.append(thread)
            thread.start()

    def _talk(self, client: socket.socket) -> None:
        client.settimeout(20)
        with suppress(OSError), client, self._secured(client) as line:
            while request := message(line):
                said = self.instead(request)
                line.sendall(said) if said is not None else self._carry(line, request)
                if said is not None:
                    return

    def _secured(self, client: socket.socket) -> socket.socket:
        return client if self._context is None else self._context.wrap_socket(client, server_side=True)

    def _carry(self, client: socket.socket, request: bytes) -> None:
        for _ in range(self.copies):
            with socket.create_connection(("127.0.0.1", self._target), timeout=20) as server:
                server.sendall(request)
                reply = message(server)
            self.carried += 1
        time.sleep(self.late_s)
        step = self.piece or len(reply)
        for start in range(0, len(reply), step):
            client.sendall(reply[start : start + step])
            time.sleep(self.pause_s if self.piece else 0)


def length_of(request: bytes) -> int:
    """The length that a request names for its body."""
    found = re.search(rb"content-length: (\d+)", request.lower())
    return int(found[1]) if found is not None else 0
