"""The server's HTTP interface: bodies in and out within limits, everything else is `Desk`.

Nothing is read without a laptop's signature, and no body unpacks to more than it may. When
more laptops come at once than can be served, the rest are told when to come again.
"""

import asyncio
import gc
import json
import logging
import os
import random
import socket
import ssl
import sys
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import uvicorn
from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import HTTPException, InternalServerException
from litestar.types import ControllerRouterHandler
from uvicorn.protocols.http.h11_impl import H11Protocol

from posyandu_app.district import openapi, refusal
from posyandu_app.district.desk import Desk
from posyandu_app.district.refusal import Refusal
from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.sync import compression, wire
from posyandu_app.sync.compression import BadCompression, TooLarge

HEAD_SECONDS = 20
BODY_SECONDS = 60
ANSWER_SECONDS = 10 * 60
"""How long a laptop may take over its answer, as long as it waits for one itself."""
STOP_SECONDS = 30
BUSY_SECONDS = 5
MOST_CONNECTIONS = 1_000
MOST_OF_BODIES = 64 * 1024 * 1024
_TURNED_AWAY = 200  # further connections that are told to come later, each in a moment
_OTHER_FILES = 128  # database, certificates, log
WAIT_SECONDS = 0.5
_FIRST_GUESS_S = 0.2
_LEARNT_FROM = 20
_LATELY_S = 60.0
_WORTH_PACKING = 300
_MADE_BETWEEN_COLLECTIONS = 200_000  # a full request makes about that many objects, none of them garbage yet

_CROWDED = "crowded"

_Request = Request[Any, Any, Any]


class Gate:
    """Lets a few requests work at once and as many wait as are served in a moment; the rest come later.

    How long a request takes is learnt from those before it. Whoever is sent away is told a time at random
    within what it will take to serve all that were sent away lately, so that they do not come back together.
    """

    def __init__(self, working: int = 4, waiting: int = 60, wait_s: float = WAIT_SECONDS) -> None:
        self._slots = asyncio.Semaphore(working)
        self._working, self._waiting, self._wait_s = working, waiting, wait_s
        self._inside = 0
        self._takes_s = _FIRST_GUESS_S
        self._sent_away: deque[float] = deque()

    async def run(self, work: Callable[[], bytes]) -> bytes:
        """The result of the work, done on a thread; raises `Refusal` when there is no room."""
        if self._inside >= self._working + self._room():
            raise refusal.busy(self.come_back_in())
        self._inside += 1
        try:
            async with self._slots:
                started = time.monotonic()
                try:
                    return await asyncio.to_thread(work)
                finally:
                    self._takes_s += (time.monotonic() - started - self._takes_s) / _LEARNT_FROM
        finally:
            self._inside -= 1

    def _room(self) -> int:
        """How many may wait: no more than are served in the time that is fair to wait."""
        return max(1, min(self._waiting, int(self._wait_s * self._working / self._takes_s)))

    def come_back_in(self) -> int:
        """Seconds after which one that is sent away may come again."""
        now = time.monotonic()
        while self._sent_away and self._sent_away[0] < now - _LATELY_S:
            self._sent_away.popleft()
        self._sent_away.append(now)
        backlog_s = len(self._sent_away) * self._takes_s / self._working
        return round(random.uniform(1, min(max(BUSY_SECONDS, backlog_s), _LATELY_S)))  # noqa: S311 - no secret


class Bodies:
    """What is held of bodies until they were worked on: no more than `most` bytes of all together."""

    def __init__(self, gate: Gate, most: int) -> None:
        self._gate, self._most = gate, most
        self._held = 0

    @asynccontextmanager
    async def read(self, request: _Request) -> AsyncIterator[tuple[bytes, str]]:
        """A body as it came, and how it is compressed; raises `Refusal` beyond the limits.

        Whoever is still inside when the server has to end is told to come again.
        """
        held = bytearray()
        try:
            await self._fill(held, request)
            yield bytes(held), request.headers.get("content-encoding", "identity").strip().lower()
        except asyncio.CancelledError:
            raise refusal.busy(BUSY_SECONDS) from None
        finally:
            self._held -= len(held)

    async def _fill(self, held: bytearray, request: _Request) -> None:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for piece in request.stream():
                    held += piece
                    self._held += len(piece)
                    if len(held) > wire.MAX_BODY:
                        raise refusal.too_large()
                    if self._held > self._most:
                        raise refusal.busy(self._gate.come_back_in())
        except (TimeoutError, InternalServerException):  # the latter when the line broke: nobody hears it
            raise refusal.too_slow() from None


def make_app(desk: Desk, gate: Gate | None = None) -> Litestar:
    """The application that answers for a desk."""
    gate = gate or Gate()
    bodies = Bodies(gate, MOST_OF_BODIES)
    published = json.dumps(openapi.document(), ensure_ascii=False).encode("utf-8")

    @post("/v1/exchange", status_code=200)
    async def exchange(request: _Request) -> Response[bytes]:
        async with bodies.read(request) as (packed, encoding):
            return _answer(request, await gate.run(lambda: desk.exchange(_unpacked(packed, encoding))))

    @post("/v1/enrol", status_code=200)
    async def enrol(request: _Request) -> Response[bytes]:
        address = request.client.host if request.client is not None else ""
        async with bodies.read(request) as (packed, encoding):
            return _answer(request, await gate.run(lambda: desk.enrol(_unpacked(packed, encoding), address)))

    @get("/v1/health")
    async def health(request: _Request) -> Response[bytes]:
        return _answer(request, await asyncio.to_thread(lambda: wire.encode(desk.health())))

    @get("/v1/openapi.json")
    async def schema(request: _Request) -> Response[bytes]:
        return _answer(request, published)

    async def turn_away(request: _Request) -> None:
        """Tell those beyond the limit of connections to come later, after hearing them out."""
        if not request.scope.get("state", {}).get(_CROWDED):
            return
        with suppress(TimeoutError, InternalServerException):
            async with asyncio.timeout(HEAD_SECONDS):
                async for _ in request.stream():
                    pass
        raise refusal.busy(gate.come_back_in())

    handlers: list[ControllerRouterHandler] = [exchange, enrol, health, schema]
    return Litestar(
        handlers,
        openapi_config=None,
        logging_config=None,
        before_request=turn_away,
        exception_handlers={Refusal: _refused, HTTPException: _http_error, Exception: _bug},
    )


def _unpacked(packed: bytes, encoding: str) -> bytes:
    """The body as it was before compression; raises `Refusal` beyond the limits."""
    try:
        return compression.unpack(packed, encoding, wire.MAX_UNPACKED)
    except TooLarge:
        raise refusal.too_large() from None
    except BadCompression:
        raise refusal.bad_encoding() from None


def _answer(request: _Request, body: bytes) -> Response[bytes]:
    accepted = _accepted(request.headers.get("accept-encoding", ""))
    encoding = next((name for name in compression.ENCODINGS if name in accepted), "identity")
    headers = {"vary": "accept-encoding", "cache-control": "no-store"}
    if encoding != "identity" and len(body) > _WORTH_PACKING:
        body = compression.pack(body, encoding)
        headers["content-encoding"] = encoding
    return Response(body, media_type="application/json", headers=headers)


def _accepted(header: str) -> set[str]:
    """The encodings that a client names and does not weigh with nothing."""
    named = (part.replace(" ", "").lower().partition(";q=") for part in header.split(","))
    return {name for name, _, weight in named if weight.strip("0.") or not weight}


def _refused(_: _Request, error: Refusal) -> Response[bytes]:
    headers = {"cache-control": "no-store"}
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    body = error.signed or wire.encode(error.reply)
    return Response(body, status_code=error.status, media_type="application/json", headers=headers)


def _http_error(request: _Request, error: HTTPException) -> Response[bytes]:
    words = {404: "not_found", 405: "not_allowed", 413: "too_large"}
    if error.status_code >= 500:
        return _bug(request, error)
    message = tr("Alamat atau cara meminta ini tidak dikenal server.")
    return _refused(request, Refusal(error.status_code, words.get(error.status_code, "malformed"), message))


def _bug(request: _Request, error: Exception) -> Response[bytes]:
    logging.getLogger(__name__).error("request to %s failed", request.url.path, exc_info=error)
    message = tr("Ada yang tidak beres di server Dinas; laptop mencoba lagi nanti.")
    return _refused(request, Refusal(500, "server_error", message, retry_after=BUSY_SECONDS))


class _Impatient(H11Protocol):
    """Closes a connection whose request has not said within some seconds what it wants, or takes no answer.

    Otherwise a few hundred connections that send or take a byte now and then would keep everybody out.
    Those beyond `most` are told when to come again, and further ones are not let in.
    """

    _timer: asyncio.TimerHandle | None = None
    _taking: asyncio.TimerHandle | None = None
    _crowded = False

    def __init__(self, most: int, **more: Any) -> None:
        super().__init__(**more)
        self._most = most

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # TCP alone
        super().connection_made(transport)
        _send_at_once(transport)
        if len(self.connections) > self._most:
            self._crowded = True
            self.app_state = {**self.app_state, _CROWDED: True}
        if len(self.connections) > self._most + _TURNED_AWAY:
            transport.abort()
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self._wait_for_head()
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
            self.cycle.keep_alive &= not self._crowded

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._taken()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait_until_taken()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._taken()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        if self.transport.get_write_buffer_size():  # it closes when that was taken
            self._wait_until_taken()

    def _wait_until_taken(self) -> None:
        if self._taking is None:
            self._taking = self.loop.call_later(ANSWER_SECONDS, self.transport.abort)

    def _taken(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None

    def _wait_for_head(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(BUSY_SECONDS if self._crowded else HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        self.transport.abort()


def _send_at_once(transport: asyncio.BaseTransport) -> None:
    """Hold back no end of an answer until its beginning was acknowledged, which takes 40 ms or more.

    asyncio sees to this only on listeners that name their protocol, which `socket.create_server` does not.
    """
    line = transport.get_extra_info("socket")
    if line is not None and line.family in (socket.AF_INET, socket.AF_INET6):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def connections_for(files: int) -> int:
    """How many connections are served with so many files that the process may open."""
    return max(1, min(MOST_CONNECTIONS, files - _OTHER_FILES - _TURNED_AWAY))


def _most_files() -> int:
    """How many files this process may open, once it was given all that it can have."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return sys.maxsize
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + _TURNED_AWAY + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


def configured(
    desk: Desk, most: int = MOST_CONNECTIONS, proxies: Sequence[str] = (), **more: Any
) -> uvicorn.Config:
    """How the application is served: within limits of connections, time and size of a head.

    Only `proxies` (addresses or networks) are believed when they say from where a request came.
    """
    return uvicorn.Config(
        make_app(desk),
        http=partial(_Impatient, most),  # type: ignore[arg-type]  # called as the class is
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_keep_alive=30,
        timeout_graceful_shutdown=STOP_SECONDS,
        h11_max_incomplete_event_size=16 * 1024,
        **more,
    )


class _Server(uvicorn.Server):
    """Says where it listens once it does, and ends quietly when it is told to stop."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._listening()

    def handle_exit(self, sig: int, frame: Any) -> None:
        if not self.should_exit:
            overdue = threading.Timer(STOP_SECONDS + BUSY_SECONDS, _end_anyhow)
            overdue.daemon = True
            overdue.start()
        self.should_exit = True


def _end_anyhow() -> None:
    """End although work is under way: a database that does not answer must not keep the process.

    What was not committed is taken back, what was not answered is asked again.
    """
    logging.getLogger(__name__).error("ended while requests were under way")
    os._exit(1)


def serve(
    desk: Desk,
    host: str,
    port: int,
    *,
    certificate: str | None = None,
    private_key: str | None = None,
    proxies: Sequence[str] = (),
) -> None:
    """Answer until told to stop (SIGTERM, SIGINT); requests under way are finished first.

    Prints one JSON line {"listening": url} when ready; port 0 takes a free one. Raises `UserError`
    when the port is taken or the certificate cannot be used.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise UserError(
            tr("Server tidak dapat mendengar di {host}:{port} ({reason}). Pilih port lain.").format(
                host=host, port=port, reason=error.strerror
            )
        ) from None
    config = configured(
        desk, connections_for(_most_files()), proxies, ssl_certfile=certificate, ssl_keyfile=private_key
    )
    try:
        config.load()
    except (OSError, ssl.SSLError):
        listener.close()
        raise UserError(tr("Sertifikat atau kunci TLS tidak dapat dipakai.")) from None
    bound: int = listener.getsockname()[1]
    scheme = "https" if certificate else "http"
    shown = f"[{host}]" if ":" in host else host

    gc.freeze()
    gc.set_threshold(_MADE_BETWEEN_COLLECTIONS)

    def listening() -> None:
        sys.stdout.write(json.dumps({"listening": f"{scheme}://{shown}:{bound}"}) + "\n")
        sys.stdout.flush()

    _Server(config, listening).run([listener])
