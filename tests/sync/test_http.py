"""What the line can do to a laptop, each with its own trouble and sentence; on real sockets."""

import re
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta

import pytest

from posyandu_app.domain.errors import UserError
from posyandu_app.sync import compression, http
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.enrolment import enrol
from posyandu_app.sync.http import HttpTransport, remember, transport_for
from posyandu_app.sync.status import Link
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
    TooLarge,
    TooManyCodes,
    Unsafe,
    WrongClock,
    WrongHost,
)
from tests.district.server import POSYANDU, listening

ON_SQLITE_ALONE = "what the line does"


@contextmanager
def answering(raw: bytes | None, context: ssl.SSLContext | None = None, hold: float = 0):
    """A server that reads a request and answers with these bytes, whatever was asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        while not done.is_set():
            line, _ = listener.accept()
            line.settimeout(5)
            with suppress(OSError), line if context is None else _secured(line, context) as talk:
                _read_request(talk)
                done.wait(hold)
                talk.sendall(raw or b"")

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        done.set()
        socket.create_connection(listener.getsockname()).close()
        thread.join()
        listener.close()


def _secured(line: socket.socket, context: ssl.SSLContext) -> socket.socket:
    try:
        return context.wrap_socket(line, server_side=True)
    except OSError:
        line.close()
        raise


def _read_request(line: socket.socket) -> None:
    """Everything that was sent: closing on unread bytes would cut the answer."""
    came = b""
    while b"\r\n\r\n" not in came:
        piece = line.recv(65536)
        if not piece:
            return
        came += piece
    head, _, body = came.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    while length is not None and len(body) < int(length[1]):
        body += line.recv(65536)


def raw(status: int, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def error(word: str, more: str = "") -> bytes:
    return f'{{"error":"{word}","message":"Kalimat dari luar"{more}}}'.encode()


def trouble_of(answer: bytes | None):
    with answering(answer) as url, HttpTransport(url, answer_seconds=2) as transport:
        with pytest.raises(UserError) as raised:
            transport.exchange(b"{}")
        return raised.value


@pytest.mark.parametrize(
    ("answer", "kind", "link"),
    [
        (raw(302, b"", "Location: http://login.wifi/"), Portal, Link.PORTAL),
        (raw(403, b"<html>Masuk dulu</html>"), Portal, Link.PORTAL),
        (raw(511, b"<html>Masuk dulu</html>"), Portal, Link.PORTAL),
        (raw(404, b"Not found"), Portal, Link.PORTAL),
        (raw(200, b"x" * 10, "Content-Encoding: zstd"), Portal, Link.PORTAL),
        (raw(200, b"x", "Content-Encoding: br"), Portal, Link.PORTAL),
        (raw(200, compression.pack(bytes(2**27), "gzip"), "Content-Encoding: gzip"), Portal, Link.PORTAL),
        (raw(413, error("too_large")), TooLarge, Link.REFUSED),
        (raw(413, b"nginx"), TooLarge, Link.REFUSED),
        (raw(408, error("too_slow")), TooLarge, Link.REFUSED),
        (raw(503, error("busy"), "Retry-After: 7"), Busy, Link.SERVER_BUSY),
        (raw(429, error("busy"), "Retry-After: 7"), Busy, Link.SERVER_BUSY),
        (raw(429, error("too_many"), "Retry-After: 600"), TooManyCodes, Link.REFUSED),
        (raw(502, b"<html>nginx</html>"), Busy, Link.SERVER_BUSY),
        (raw(500, error("server_error")), Busy, Link.SERVER_BUSY),
        (raw(409, error("gap", ',"have":{"r":7}')), Gap, Link.REFUSED),
        (raw(409, error("fork", ',"replica":"r","seq":7')), Forked, Link.REFUSED),
        (raw(401, error("unknown_device")), Refused, Link.REFUSED),
        (raw(403, error("code_used")), Refused, Link.REFUSED),
        (raw(422, error("damaged")), Refused, Link.REFUSED),
        (raw(418, error("zebra")), Refused, Link.REFUSED),
        (b"", Offline, Link.OFFLINE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", Offline, Link.OFFLINE),
        (b"garbage\r\n\r\n", Offline, Link.OFFLINE),
    ],
    ids=range(24),
)
def test_each_answer_has_its_own_trouble(answer, kind, link):
    raised = trouble_of(answer)
    assert type(raised) is kind
    assert raised.link is link
    assert raised.message.endswith(".")
    assert "Kalimat dari luar" not in raised.message  # what nobody has signed is not shown to people


def test_after_too_many_wrong_codes_the_person_is_told_to_compare():
    raised = trouble_of(raw(429, error("too_many"), "Retry-After: 301"))
    assert raised.message == (
        "Terlalu banyak kode salah dari sini. Cocokkan dulu kodenya dengan petugas Dinas; kode yang benar "
        "langsung diterima."
    )


def test_each_trouble_has_its_own_sentence():
    words = [
        "unknown_device",
        "bad_signature",
        "code_unknown",
        "code_used",
        "code_expired",
        "damaged",
        "zebra",
    ]
    day = date(2026, 11, 18)
    troubles = [Offline(), Slow(), Portal(), Busy(1), TooLarge(), Gap({}), Forked()]
    troubles += [TooManyCodes()]
    troubles += [
        BadCertificate(),
        WrongHost(),
        Expired(day),
        WrongClock(day),
        Unsafe(),
        NotEnrolled(),
        *(Refused(word) for word in words),
    ]
    assert len({trouble.message for trouble in troubles}) == len(troubles)


def test_where_a_certificate_is_no_good_the_stick_goes_on():
    day = date(2026, 11, 18)
    for trouble in (BadCertificate(), WrongHost(), Expired(day)):
        assert trouble.message.endswith("Data aman; sementara itu kirim lewat flashdisk.")
        assert "petugas Dinas" in trouble.message
        assert "flashdisk" not in trouble.joining, "who has not joined has nothing to send yet"
    assert "Betulkan tanggal dan jam laptop." in WrongClock(day).message


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("0", 1),
        ("99999", 900),
        ("besok", 30),
        ("-5", 30),
        ("9" * 50, 30),
        ("", 30),
        ("Wed, 18 Nov 2026 02:00:42 GMT\r\nDate: Wed, 18 Nov 2026 02:00:00 GMT", 42),
        ("Wed, 18 Nov 2099 02:00:00 GMT", 900),
        ("Wed, 18 Nov 2020 02:00:00 GMT", 1),
        ("Wed, 99 Nov 2026 99:99:99 GMT", 30),
    ],
)
def test_a_busy_server_is_believed_within_reason(header, seconds):
    raised = trouble_of(raw(503, error("busy"), f"Retry-After: {header}"))
    assert isinstance(raised, Busy)
    assert raised.retry_after == seconds


def test_the_word_of_a_refusal_is_kept_short():
    raised = trouble_of(raw(400, error("x" * 10_000)))
    assert isinstance(raised, Refused)
    assert len(raised.message) < 200


def test_gap_tells_from_where():
    raised = trouble_of(raw(409, error("gap", ',"have":{"r":7}')))
    assert isinstance(raised, Gap)
    assert raised.have == {"r": 7}


def test_no_server_is_offline():
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()
    with HttpTransport(f"http://127.0.0.1:{port}") as transport, pytest.raises(Offline):
        transport.exchange(b"{}")


def test_a_name_that_does_not_resolve_is_offline():
    with HttpTransport("https://tidak-ada.invalid") as transport, pytest.raises(Offline):
        transport.exchange(b"{}")


def test_a_server_that_never_answers_is_a_slow_line():
    with (
        answering(None, hold=3) as url,
        HttpTransport(url, answer_seconds=0.2) as transport,
        pytest.raises(Slow) as raised,
    ):
        transport.exchange(b"{}")
    assert raised.value.link is Link.SLOW


def test_an_endless_answer_is_given_up(monkeypatch):
    monkeypatch.setattr(http, "MAX_ANSWER", 1000)
    assert isinstance(trouble_of(raw(200, b"x" * 5000)), Portal)


@pytest.mark.parametrize(
    "url", ["http://posyandu.example.id", "http://192.168.1.5:8443", "http://127.0.0.1.evil.id"]
)
def test_children_never_cross_a_network_in_the_clear(url):
    with pytest.raises(Unsafe, match="https"):
        HttpTransport(url)
    HttpTransport(url, allow_plain=True).close()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "https://x.id/"]
)
def test_this_machine_and_https_are_fine(url):
    HttpTransport(url).close()


@pytest.mark.parametrize(
    "url",
    ["", "posyandu", "ftp://x.id", "https://", "http://[", "https://a:b@x.id", "https://x.id/?a=1", "//x"],
)
def test_what_is_no_address_is_told(url):
    with pytest.raises(UserError, match="Alamat server"):
        HttpTransport(url)


def test_a_certificate_file_that_is_none_is_told(tmp_path):
    (tmp_path / "x.pem").write_text("bukan sertifikat")
    for path in (tmp_path / "x.pem", tmp_path / "tidak-ada.pem"):
        with pytest.raises(UserError, match="sertifikat"):
            HttpTransport("https://x.id", certificate=path)


def test_a_certificate_nobody_vouches_for_is_not_trusted_unless_it_is_given(authority):
    pem, context = authority(timedelta(-1), timedelta(1))
    with answering(raw(200, b"{}"), context) as url:
        with HttpTransport(url) as transport, pytest.raises(BadCertificate) as raised:
            transport.exchange(b"{}")
        assert type(raised.value) is BadCertificate
        assert raised.value.link is Link.BAD_CERTIFICATE
        with HttpTransport(url, certificate=pem) as transport:
            assert transport.exchange(b"{}") == b"{}"


@pytest.mark.parametrize(("start", "end", "kind"), [(-9, -1, Expired), (1, 9, WrongClock)])
def test_a_certificate_out_of_its_days_points_to_the_laptops_date(authority, start, end, kind):
    pem, context = authority(timedelta(start), timedelta(end))
    with (
        answering(raw(200, b"{}"), context) as url,
        HttpTransport(url, certificate=pem) as transport,
        pytest.raises(kind, match=datetime.now().astimezone().strftime("%d/%m/%Y")) as raised,
    ):
        transport.exchange(b"{}")
    assert raised.value.link is Link.WRONG_CLOCK


def test_a_certificate_of_another_address_points_to_the_address(authority):
    pem, context = authority(timedelta(-1), timedelta(1), "10.0.0.1")
    with (
        answering(raw(200, b"{}"), context) as url,
        HttpTransport(url, certificate=pem) as transport,
        pytest.raises(WrongHost, match="alamat"),
    ):
        transport.exchange(b"{}")


def test_a_laptop_joins_and_exchanges_over_http(server, make_alone):
    laptop = make_alone()
    laptop.weigh(laptop.register())
    with listening(server.desk) as url:
        with HttpTransport(url) as transport:
            assert transport.health().status == "ok"
            enrol(laptop.database, transport, server.code(POSYANDU), "Laptop Melati 1")
        with transport_for(laptop.database) as transport:
            assert exchange_all(Engine(laptop.database, laptop.clock), transport).sent == 2
    assert server.status().statuses == {"applied": 2}
    assert laptop.status.unsent == 0


def test_how_the_server_is_reached_is_remembered(server, make, tmp_path):
    laptop = make()
    remember(laptop.database, allow_plain=False, certificate=tmp_path / "tidak-ada.pem")
    with pytest.raises(UserError, match="sertifikat"):
        transport_for(laptop.database)
    remember(laptop.database, allow_plain=True, certificate=None)
    transport_for(laptop.database).close()


def test_a_laptop_without_a_server_has_no_way_to_it(make_alone):
    with pytest.raises(NotEnrolled):
        transport_for(make_alone().database)


def test_a_page_for_health_is_a_portal():
    with answering(raw(200, b"<html>")) as url, HttpTransport(url) as transport, pytest.raises(Portal):
        transport.health()


@pytest.mark.parametrize("typed", ["posyandu.dinkes.example.id", " https://posyandu.dinkes.example.id/ "])
def test_an_address_as_people_say_it_is_one_over_https(typed):
    with HttpTransport(typed) as transport:
        assert transport.url == "https://posyandu.dinkes.example.id"
