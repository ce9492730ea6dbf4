"""A crowd, and lines that send or take nothing: the rest are served or told when to come again."""

import re
import resource
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing, suppress

import pytest

from posyandu_app.district import web
from posyandu_app.sync import wire
from posyandu_app.sync.http import HttpTransport
from posyandu_app.sync.trouble import Busy
from tests.district import server as servers
from tests.district.hand import Hand, opened, statuses
from tests.district.server import POSYANDU, listening
from tests.sync.processes import ROOT, message


@pytest.fixture
def laptop(join):
    laptop = join()
    laptop.measure(laptop.child())
    return laptop


def line_to(url: str, data: bytes = b"", taking: int | None = None) -> socket.socket:
    """An open line on which something was sent; `taking` is how many bytes it buffers."""
    line = socket.socket()
    if taking is not None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, taking)
    line.settimeout(20)
    line.connect(("127.0.0.1", int(url.rpartition(":")[2])))
    line.sendall(data)
    return line


def post(body: bytes, length: int | None = None) -> bytes:
    length = len(body) if length is None else length
    return f"POST /v1/exchange HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode() + body


def until_busy(url: str, body: bytes) -> Busy:
    """What the laptop meets as soon as the server has noticed the crowd."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            with HttpTransport(url) as transport:
                transport.exchange(body)
        except Busy as busy:
            return busy
    raise AssertionError("served all the time")


def test_beyond_the_limit_of_connections_a_laptop_is_told_when_to_come_again(server, laptop):
    body = laptop.signed(laptop.segment())
    with listening(server.desk, most=3) as url:
        with ExitStack() as crowd:
            for _ in range(3):
                crowd.enter_context(closing(line_to(url)))
            busy = until_busy(url, body)
            assert 1 <= busy.retry_after <= web.BUSY_SECONDS
            with closing(line_to(url, post(b" " * (wire.MAX_BODY - 1)))) as line:
                answer = message(line)
                assert line.recv(1) == b"", "it was told to come again, not to stay"
            assert answer.startswith(b"HTTP/1.1 429")
            assert re.search(rb"retry-after: [1-5]\r", answer)
            assert b'"error":"busy"' in answer
            assert b"sibuk" in answer
        time.sleep(0.2)
        with HttpTransport(url) as transport:
            assert statuses(opened(transport.exchange(body), laptop.server_key)) == ["applied", "applied"]


def test_far_beyond_the_limit_nobody_is_let_in_and_those_inside_are_served(server, laptop, monkeypatch):
    monkeypatch.setattr(web, "_TURNED_AWAY", 2)
    with listening(server.desk, most=3) as url, ExitStack() as crowd:
        inside = crowd.enter_context(closing(line_to(url, post(b"", 10))))
        for _ in range(4):
            crowd.enter_context(closing(line_to(url)))
        with closing(line_to(url)) as outside:
            assert heard(outside) == b""
        inside.sendall(b"0123456789")
        assert message(inside).startswith(b"HTTP/1.1 400")


def test_bodies_half_way_in_do_not_fill_the_memory(server, laptop, monkeypatch):
    monkeypatch.setattr(web, "MOST_OF_BODIES", 1_000_000)
    body = laptop.signed(laptop.segment())
    with listening(server.desk) as url:
        with closing(line_to(url, post(b" " * 999_000, 1_000_000))):
            time.sleep(0.3)
            with closing(line_to(url, post(b" " * 100_000))) as other:
                answer = message(other)
            assert answer.startswith(b"HTTP/1.1 429")
            assert b"retry-after" in answer
        until = time.monotonic() + 10
        while not (answer := _asked(url, body)).startswith(b"HTTP/1.1 200"):
            assert time.monotonic() < until, answer
    assert server.status().operations == 2


def _asked(url: str, body: bytes) -> bytes:
    with closing(line_to(url, post(body))) as line:
        return message(line)


def heard(line: socket.socket) -> bytes:
    """All that comes until the line is closed or cut."""
    came = b""
    with suppress(ConnectionResetError):
        while part := line.recv(65536):
            came += part
    return came


ONCE_IN_EACH = b'{"openapi":'
PIPELINED = b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 600


def test_an_answer_that_nobody_takes_is_given_up(server, monkeypatch):
    monkeypatch.setattr(web, "ANSWER_SECONDS", 0.3)
    with listening(server.desk) as url, closing(line_to(url, PIPELINED, taking=4096)) as line:
        time.sleep(1.5)
        assert heard(line).count(b"HTTP/1.1 200") < 600


def test_an_answer_that_is_taken_slowly_is_given_whole(server, monkeypatch):
    monkeypatch.setattr(web, "ANSWER_SECONDS", 10)
    with listening(server.desk) as url, closing(line_to(url, PIPELINED, taking=4096)) as line:
        answers, end = 0, b""
        until = time.monotonic() + 2
        while answers < 600 and (part := line.recv(8192 if time.monotonic() < until else 1_000_000)):
            answers += (end + part).count(ONCE_IN_EACH)
            end = part[1 - len(ONCE_IN_EACH) :]
            if time.monotonic() < until:
                time.sleep(0.02)
    assert answers == 600


def test_a_line_that_breaks_half_way_is_no_bug_of_the_server(server, caplog):
    with listening(server.desk) as url:
        line_to(url, post(b"{", 1000)).close()
        time.sleep(0.3)
    assert caplog.records == []


def test_who_stalls_while_the_server_ends_is_told_to_come_again(server, monkeypatch):
    monkeypatch.setattr(web, "STOP_SECONDS", 0.3)
    with ExitStack() as stack:
        with listening(server.desk) as url:
            line = stack.enter_context(closing(line_to(url, post(b"{", 1000))))
            time.sleep(0.2)
        answer = message(line)
    assert answer.startswith(b"HTTP/1.1 429")
    assert b"retry-after" in answer


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: -1",
        "Content-Length: 1\r\nContent-Length: 2",
        "Content-Length: 9" + "9" * 30,
        "Content-Length: x",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: gzip, chunked",
        "Content-Encoding: \x80\xff",
        "X: " + "x" * 20_000,
    ],
    ids=lambda head: head[:30],
)
def test_a_strange_head_or_length_is_refused_and_the_next_is_served(server, laptop, head):
    with listening(server.desk) as url:
        asked = f"POST /v1/exchange HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n0\r\n\r\n".encode("latin-1")
        with closing(line_to(url, asked)) as line:
            line.shutdown(socket.SHUT_WR)
            answer = line.recv(65536)
        assert answer == b"" or re.match(rb"HTTP/1.1 4\d\d ", answer), answer
        assert _asked(url, laptop.signed()).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("chunk", [b"zz\r\n", b"-1\r\n", b"ffffffffffffffff\r\n", b"5\r\nabc"], ids=repr)
def test_chunks_that_are_none_end_the_line(server, laptop, chunk):
    asked = b"POST /v1/exchange HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk
    with listening(server.desk) as url:
        with closing(line_to(url, asked)) as line:
            line.shutdown(socket.SHUT_WR)
            answer = line.recv(65536)
        assert answer == b"" or re.match(rb"HTTP/1.1 4\d\d ", answer), answer
        assert _asked(url, laptop.signed()).startswith(b"HTTP/1.1 200")


def test_chunks_without_end_are_too_large_and_end_the_line(server, monkeypatch):
    monkeypatch.setattr(web, "HEAD_SECONDS", 0.5)
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    asked = b"POST /v1/exchange HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with listening(server.desk) as url, closing(line_to(url, asked)) as line:
        line.sendall(chunk * 18)
        assert message(line).startswith(b"HTTP/1.1 413")
        with pytest.raises(ConnectionError):
            pour(line, chunk)


def pour(line: socket.socket, chunk: bytes) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        line.sendall(chunk)
        time.sleep(0.01)


# real processes

SERVE = """
import sys
from posyandu_app.district import web
web.STOP_SECONDS, web.BUSY_SECONDS = 1, 1
from posyandu_app.cli import main
sys.exit(main(["district", "serve", "--port", "0", *sys.argv[1:]]))
"""


def served(*words: str, files: int | None = None) -> tuple[subprocess.Popen[str], str]:
    """`posyandu district serve` in a process that may open so many files; and where it listens."""

    def limit() -> None:
        if files is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        preexec_fn=limit,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().split('"')[3]


@pytest.mark.process
def test_a_process_that_may_open_few_files_turns_away_before_it_runs_out_of_them(tmp_path):
    with servers.running(tmp_path / "dinas") as server:
        laptop = Hand(POSYANDU, server.time.now).join(server)
        body = laptop.signed()
        process, url = served("--data", str(tmp_path / "dinas"), files=450)
        with ExitStack() as crowd:
            for _ in range(web.connections_for(450) + 10):
                crowd.enter_context(closing(line_to(url)))
            busy = until_busy(url, body)
        assert busy.retry_after >= 1
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=30)[1] == ""
        assert process.returncode == 0


@pytest.mark.process
def test_a_process_ends_in_time_though_the_database_does_not_answer(tmp_path):
    database = servers.postgres()
    with servers.running(tmp_path / "dinas", database) as server:
        laptop = Hand(POSYANDU, server.time.now).join(server)
        laptop.child()
        process, url = served("--data", str(tmp_path / "dinas"), "--database", database)
        with server.store.write() as connection, closing(line_to(url)) as line:
            server.store.lock_order(connection)
            line.sendall(post(laptop.signed(laptop.segment())))
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            answer = message(line)
            assert process.wait(timeout=10) == 1
        process.communicate()
        assert answer.startswith(b"HTTP/1.1 429"), "come again"
        assert server.status().operations == 0
        assert statuses(laptop.push(server)) == ["applied"]
