"""The server's HTTP interface: bodies in and out within limits, everything else is `Desk`.

Nothing is read without a laptop's signature, and no body unpacks to more than it may. When
more laptops come at once than can be served, the rest are told when to come again.
"""

import asyncio
import gc
import json
import logging
import random
import socket
import ssl
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import uvicorn
from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import HTTPException
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
BUSY_SECONDS = 5
WAIT_SECONDS = 0.5
_FIRST_GUESS_S = 0.2
_LEARNT_FROM = 20
_LATELY_S = 60.0
_WORTH_PACKING = 300
_MADE_BETWEEN_COLLECTIONS = 200_000  # a full request makes about that many objects, none of them garbage yet

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
            raise refusal.busy(self._come_back_in())
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

    def _come_back_in(self) -> int:
        now = time.monotonic()
        while self._sent_away and self._sent_away[0] < now - _LATELY_S:
            self._sent_away.popleft()
        self._sent_away.append(now)
        backlog_s = len(self._sent_away) * self._takes_s / self._working
        return round(random.uniform(1, min(max(BUSY_SECONDS, backlog_s), _LATELY_S)))  # noqa: S311 - no secret


def make_app(desk: Desk, gate: Gate | None = None) -> Litestar:
    """The application that answers for a desk."""
    gate = gate or Gate()
    published = json.dumps(openapi.document(), ensure_ascii=False).encode("utf-8")

    @post("/v1/exchange", status_code=200)
    async def exchange(request: _Request) -> Response[bytes]:
        packed, encoding = await _body(request)
        return _answer(request, await gate.run(lambda: desk.exchange(_unpacked(packed, encoding))))

    @post("/v1/enrol", status_code=200)
    async def enrol(request: _Request) -> Response[bytes]:
        packed, encoding = await _body(request)
        address = request.client.host if request.client is not None else ""
        return _answer(request, await gate.run(lambda: desk.enrol(_unpacked(packed, encoding), address)))

    @get("/v1/health")
    async def health(request: _Request) -> Response[bytes]:
        return _answer(request, await asyncio.to_thread(lambda: wire.encode(desk.health())))

    @get("/v1/openapi.json")
    async def schema(request: _Request) -> Response[bytes]:
        return _answer(request, published)

    handlers: list[ControllerRouterHandler] = [exchange, enrol, health, schema]
    return Litestar(
        handlers,
        openapi_config=None,
        logging_config=None,
        exception_handlers={Refusal: _refused, HTTPException: _http_error, Exception: _bug},
    )


async def _body(request: _Request) -> tuple[bytes, str]:
    """The request's body as it came, and how it is compressed; raises `Refusal` beyond the limits."""
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.stream():
                size += len(piece)
                if size > wire.MAX_BODY:
                    raise refusal.too_large()
                pieces.append(piece)
    except TimeoutError:
        raise refusal.too_slow() from None
    return b"".join(pieces), request.headers.get("content-encoding", "identity").strip().lower()


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
    """Closes a connection whose request has not said within some seconds what it wants.

    Otherwise a few hundred connections that send a byte now and then would keep everybody out.
    """

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # TCP alone
        super().connection_made(transport)
        _send_at_once(transport)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self._wait_for_head()
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

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


def configured(desk: Desk, **more: Any) -> uvicorn.Config:
    """How the application is served: within limits of connections, time and size of a head."""
    return uvicorn.Config(
        make_app(desk),
        http=_Impatient,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=30,
        limit_concurrency=1_000,
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
        self.should_exit = True


def serve(
    desk: Desk, host: str, port: int, *, certificate: str | None = None, private_key: str | None = None
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
    config = configured(desk, ssl_certfile=certificate, ssl_keyfile=private_key)
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
