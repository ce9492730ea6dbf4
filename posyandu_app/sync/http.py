"""HTTPS transport: the only import of httpx.

Every failure is one of `sync.trouble`:

SyncTrouble
├── Offline          no network, no server there, the line broke
│   └── Slow         the answer did not come in time, as a whole
├── Portal           a redirect, a page, or any answer that is not the server's
├── BadCertificate   TLS does not trust the server
│   ├── WrongHost    … because it is another's
│   ├── Expired      … because its days are over
│   └── WrongClock   … because its days have not begun
├── Busy             429, 502, 503, 504, 500; `retry_after` in seconds
├── TooManyCodes     429 `too_many`
├── TooLarge         413, 408
├── Gap, Forked      409
├── Unsafe           plain http beyond this machine
└── Refused          any other error of the protocol; `word` says which

The signature of an answer is the engine's to verify: until then it is only bytes.
"""

import re
import ssl
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from posyandu_app import __version__
from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.storage import peer
from posyandu_app.storage.connection import Database
from posyandu_app.sync import compression, wire
from posyandu_app.sync.trouble import (
    BadCertificate,
    Busy,
    Expired,
    Forked,
    Gap,
    NotEnrolled,
    Offline,
    Portal,
    Refused,
    Slow,
    SyncTrouble,
    TooLarge,
    TooManyCodes,
    Unsafe,
    WrongClock,
    WrongHost,
)

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0
"""How long the line may be silent."""
WHOLE_SECONDS = 10 * 60.0
"""How long an answer may take as a whole: one that drips would hold up everything after it."""
MAX_ANSWER = 8 * 1024 * 1024
MAX_UNPACKED_ANSWER = 64 * 1024 * 1024

_ALLOW_PLAIN, _CERTIFICATE = "allow_plain", "certificate"
_BUSY_SECONDS = 30
_LONGEST_WAIT = 15 * 60
_LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|::1", re.ASCII)
_AS_SAID = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?(/.*)?", re.ASCII)
"""An address as it is told on the telephone: a host's name without the https:// before it."""
_NOT_YET_VALID, _EXPIRED, _OTHER_HOST, _OTHER_ADDRESS = 9, 10, 62, 64  # OpenSSL's verify codes


class HttpTransport:
    """One server over HTTPS; safe to use from one thread at a time."""

    def __init__(
        self,
        url: str,
        *,
        allow_plain: bool = False,
        certificate: Path | None = None,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        """`certificate` is an own authority's (PEM); `allow_plain` lets http cross a network, for tests.

        Raises `Unsafe`, or `UserError` for what is no address.
        """
        self.url = url.strip().rstrip("/")
        if _AS_SAID.fullmatch(self.url):
            self.url = f"https://{self.url}"
        address = _address(self.url)
        on_this_machine = _LOOPBACK.fullmatch(address.host) is not None
        if address.scheme != "https" and not on_this_machine and not allow_plain:
            raise Unsafe
        self._client = httpx.Client(
            # a plain address has no certificate, and to read every authority takes longer than a session
            verify=address.scheme == "https" and _trust(certificate),
            follow_redirects=False,
            trust_env=not on_this_machine,
            timeout=httpx.Timeout(answer_seconds, connect=CONNECT_SECONDS),
            headers={"user-agent": f"posyandu/{__version__}", "accept-encoding": "zstd, gzip"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def exchange(self, body: bytes) -> bytes:
        """The server's reply to a request, not verified yet."""
        return self._post("/v1/exchange", body)

    def enrol(self, body: bytes) -> bytes:
        """The server's answer to an enrolment, not verified yet."""
        return self._post("/v1/enrol", body)

    def health(self) -> wire.Health:
        """Whether the server is there."""
        try:
            return wire.decode(
                self._answer(self._client.build_request("GET", f"{self.url}/v1/health")), wire.Health
            )
        except wire.Malformed:
            raise Portal from None

    def _post(self, path: str, body: bytes) -> bytes:
        packed = compression.pack(body, "zstd")
        headers = {"content-type": "application/json", "content-encoding": "zstd"}
        return self._answer(
            self._client.build_request("POST", f"{self.url}{path}", content=packed, headers=headers)
        )

    def _answer(self, request: httpx.Request) -> bytes:
        until = time.monotonic() + WHOLE_SECONDS
        try:
            response = self._client.send(request, stream=True)
            try:
                body = _read(response, until)
            finally:
                response.close()
        except httpx.TransportError as error:
            raise _trouble_of_line(error) from None
        if response.status_code != 200:
            raise _trouble_of_answer(response, body)
        return body


def remember(database: Database, *, allow_plain: bool, certificate: Path | None) -> None:
    """Keep how the server is reached, beside its address."""
    with database.atomic():
        database.set_meta(_ALLOW_PLAIN, "1" if allow_plain else None)
        database.set_meta(_CERTIFICATE, None if certificate is None else str(certificate.resolve()))


def transport_for(database: Database) -> HttpTransport:
    """The way to the server this laptop is enrolled with; raises `NotEnrolled`."""
    server = peer.load(database)
    if server is None:
        raise NotEnrolled
    certificate = database.meta(_CERTIFICATE)
    return HttpTransport(
        server.url,
        allow_plain=database.meta(_ALLOW_PLAIN) is not None,
        certificate=None if certificate is None else Path(certificate),
    )


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise _no_address() from None
    if address.scheme not in ("http", "https") or not address.host or address.userinfo or address.query:
        raise _no_address()
    return address


def _no_address() -> UserError:
    return UserError(
        tr("Alamat server tidak benar; contoh: https://posyandu.dinkes.example.id"), code="bad_address"
    )


def _trust(certificate: Path | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context()
    if certificate is not None:
        try:
            context.load_verify_locations(certificate)
        except (OSError, ssl.SSLError):
            raise UserError(
                tr("Berkas sertifikat tidak dapat dibaca."), code="bad_certificate_file"
            ) from None
    return context


def _read(response: httpx.Response, until: float) -> bytes:
    """The answer's body as it was before compression, within limits of size and time.

    Raises `Portal` for a strange one, `Slow` for one that drips.
    """
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_raw():
        size += len(piece)
        if size > MAX_ANSWER:
            raise Portal
        if time.monotonic() > until:
            raise Slow
        pieces.append(piece)
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    try:
        return compression.unpack(b"".join(pieces), encoding, MAX_UNPACKED_ANSWER)
    except (compression.BadCompression, compression.TooLarge):
        raise Portal from None


def _trouble_of_line(error: httpx.TransportError) -> SyncTrouble:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _trouble_of_certificate(cause.verify_code)
        cause = cause.__cause__ or cause.__context__
    return Slow() if isinstance(error, (httpx.ReadTimeout, httpx.WriteTimeout)) else Offline()


def _trouble_of_certificate(verify_code: int) -> BadCertificate:
    today = datetime.now().astimezone().date()
    if verify_code == _NOT_YET_VALID:
        return WrongClock(today)
    if verify_code == _EXPIRED:
        return Expired(today)
    return WrongHost() if verify_code in (_OTHER_HOST, _OTHER_ADDRESS) else BadCertificate()


def _trouble_of_answer(response: httpx.Response, body: bytes) -> SyncTrouble:
    status = response.status_code
    try:
        reply = wire.decode(body, wire.ErrorReply)
    except wire.Malformed:
        if status == 413:
            return TooLarge()
        return Busy(_retry_after(response)) if status in (429, 500, 502, 503, 504) else Portal()
    if status in (408, 413):
        return TooLarge()
    if status == 429 and reply.error == "too_many":
        return TooManyCodes()
    if status in (429, 500, 502, 503, 504):
        return Busy(_retry_after(response))
    if reply.error == "gap" and reply.have is not None:
        return Gap(reply.have)
    if reply.error == "fork":
        return Forked(body)
    return Refused(reply.error[:40])


def _retry_after(response: httpx.Response) -> int:
    """Seconds until we may come again, within reason; a date is read by the server's own clock."""
    text = response.headers.get("retry-after", "").strip()
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else _until(text, response)
    return max(1, min(wanted, _LONGEST_WAIT))


def _until(text: str, response: httpx.Response) -> int:
    """Seconds to a moment as HTTP writes it, from the answer's `Date`: the laptop's clock may be wrong."""
    then = _moment(text)
    if then is None:
        return _BUSY_SECONDS
    now = _moment(response.headers.get("date", "")) or datetime.now(UTC)
    return int((then - now).total_seconds())


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
