"""The HTTP interface: limits, compression both ways, errors as JSON, and nothing read without a signature."""

import asyncio
import gzip
import json
import socket
import threading
import time

import httpx
import msgspec
import pytest
import zstandard
from litestar.testing import TestClient

from posyandu_app.district import openapi, web
from posyandu_app.district.refusal import Refusal
from posyandu_app.sync import compression, wire
from tests.district.hand import opened, statuses
from tests.district.server import VILLAGE, listening


@pytest.fixture
def laptop(join):
    laptop = join()
    laptop.measure(laptop.child())
    return laptop


@pytest.fixture
def client(server):
    with TestClient(web.make_app(server.desk), raise_server_exceptions=False) as client:
        client.headers["accept-encoding"] = "identity"
        yield client


def test_an_exchange_over_http(client, laptop):
    answer = client.post("/v1/exchange", content=laptop.signed(laptop.segment()))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert statuses(opened(answer.content, laptop.server_key)) == ["applied", "applied"]


@pytest.mark.parametrize("encoding", ["zstd", "gzip"])
def test_bodies_may_be_packed_both_ways(client, laptop, encoding, join):
    bidan = join(VILLAGE)
    for _ in range(20):
        laptop.child("Anak dengan nama panjang sekali")
    body = compression.pack(laptop.signed(laptop.segment()), encoding)
    answer = client.post("/v1/exchange", content=body, headers={"content-encoding": encoding})
    assert answer.status_code == 200
    with client.stream(
        "POST", "/v1/exchange", content=bidan.signed(), headers={"accept-encoding": encoding}
    ) as answer:
        assert answer.headers["content-encoding"] == encoding
        raw = b"".join(answer.iter_raw())
    reply = opened(compression.unpack(raw, encoding, 10**7), bidan.server_key)
    assert len(reply["feed"]["ops"]) == 22


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("gzip, zstd", "zstd"),
        ("gzip", "gzip"),
        ("zstd;q=0, gzip;q=0.5", "gzip"),
        ("br, deflate", None),
        ("", None),
        ("GZIP ; q=1.0", "gzip"),
        ("*", None),
    ],
)
def test_an_answer_is_packed_in_what_the_client_takes(client, header, encoding):
    with client.stream("GET", "/v1/openapi.json", headers={"accept-encoding": header}) as answer:
        assert answer.headers.get("content-encoding") == encoding


@pytest.mark.parametrize(
    ("content", "encoding", "status", "word"),
    [
        (b"x" * (wire.MAX_BODY + 1), "identity", 413, "too_large"),
        (b"", "identity", 400, "malformed"),
        (b"bukan zstd", "zstd", 415, "bad_encoding"),
        (b"bukan gzip", "gzip", 415, "bad_encoding"),
        (b"{}", "br", 415, "bad_encoding"),
        (b"{}", "zstd, zstd", 415, "bad_encoding"),
        (gzip.compress(b" " * (wire.MAX_UNPACKED + 1)), "gzip", 413, "too_large"),
        (zstandard.compress(b" " * (wire.MAX_UNPACKED + 1)), "zstd", 413, "too_large"),
        (zstandard.compress(bytes(2**30)), "zstd", 413, "too_large"),
    ],
    ids=range(9),
)
@pytest.mark.parametrize("path", ["/v1/exchange", "/v1/enrol"])
def test_a_body_beyond_limits_or_in_a_strange_encoding_is_refused(
    client, path, content, encoding, status, word
):
    answer = client.post(path, content=content, headers={"content-encoding": encoding})
    assert (answer.status_code, answer.json()["error"]) == (status, word)
    assert answer.json()["message"]


def test_a_refusal_is_json_with_a_word_and_a_sentence(client, laptop):
    laptop.child()
    answer = client.post("/v1/exchange", content=laptop.signed(laptop.segment(first=3)))
    assert answer.status_code == 409
    assert answer.json() == {
        "error": "gap",
        "message": "Ada data sebelumnya yang belum sampai; laptop mengirim ulang dari sana.",
        "have": {laptop.replica: 0},
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1", 404),
        ("GET", "/v2/exchange", 404),
        ("GET", "/v1/exchange", 405),
        ("DELETE", "/v1/exchange", 405),
        ("GET", "/v1/../v1/exchange", 405),
        ("GET", "/schema", 404),
        ("GET", "/v1/exchange/children", 404),
        ("POST", "/v1/health", 405),
    ],
)
def test_other_addresses_and_methods_tell_nothing(client, method, path, status):
    answer = client.request(method, path)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "message"}


def test_no_unsigned_request_is_told_a_child(client, laptop):
    laptop.child("Rahasia Sekali")
    client.post("/v1/exchange", content=laptop.signed(laptop.segment()))
    request = laptop.request(have={}, cursor=0)
    bodies = [
        json.dumps(request).encode(),
        json.dumps({**request, "signature": ""}).encode(),
        json.dumps({**request, "signature": "A" * 86 + "=="}).encode(),
        laptop.signed(have={})[:-2],
    ]
    for body in bodies:
        answer = client.post("/v1/exchange", content=body)
        assert answer.status_code in (400, 401)
        assert b"Rahasia" not in answer.content
    for path in ("/v1/health", "/v1/openapi.json", "/v1/enrol", "/v1/exchange"):
        assert b"Rahasia" not in client.get(path).content


def test_enrolment_over_http_slows_guessing_down(client, laptop):
    body = laptop.enrolment("AAAA-AAAA-AAAA")
    words = [client.post("/v1/enrol", content=body).json()["error"] for _ in range(11)]
    assert words == ["code_unknown"] * 10 + ["too_many"]
    assert client.post("/v1/enrol", content=body).headers["retry-after"] == "600"


@pytest.mark.parametrize(
    ("proxies", "believed"),
    [((), False), (["10.0.0.0/24"], False), (["127.0.0.1"], True), (["127.0.0.0/8"], True)],
)
def test_only_a_proxy_that_was_named_says_where_a_code_came_from(server, laptop, proxies, believed):
    body = laptop.enrolment("AAAA-AAAA-AAAA")
    with listening(server.desk, proxies=proxies) as url, httpx.Client(trust_env=False) as line:

        def word(come_from: str) -> str:
            headers = {"x-forwarded-for": come_from}
            return line.post(f"{url}/v1/enrol", content=body, headers=headers).json()["error"]

        assert [word("203.0.113.7") for _ in range(11)] == ["code_unknown"] * 10 + ["too_many"]
        assert word("203.0.113.8") == ("code_unknown" if believed else "too_many")
        assert word("198.51.100.1, 203.0.113.7") == "too_many", "what a laptop says before its proxy is not"


def test_a_bug_is_one_calm_sentence_and_no_trace(client, server, laptop, monkeypatch, caplog):
    def broken(body: bytes) -> bytes:
        raise ZeroDivisionError("Rahasia Sekali")

    monkeypatch.setattr(server.desk, "exchange", broken)
    with TestClient(web.make_app(server.desk), raise_server_exceptions=False) as client:
        answer = client.post("/v1/exchange", content=laptop.signed())
    assert (answer.status_code, answer.json()["error"]) == (500, "server_error")
    assert "Rahasia" not in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert "failed" in caplog.text


def test_a_slow_body_is_given_up(server, monkeypatch):
    monkeypatch.setattr(web, "BODY_SECONDS", 0.05)
    with listening(server.desk) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as line:
            line.sendall(b"POST /v1/exchange HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
            answer = b""
            while b"too_slow" not in answer and (part := line.recv(65536)):
                answer += part
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"too_slow" in answer


def test_a_head_that_comes_a_byte_now_and_then_is_given_up_and_keeps_nobody_out(server, laptop, monkeypatch):
    """Slow loris, also on a connection that has been answered once."""
    monkeypatch.setattr(web, "HEAD_SECONDS", 0.3)
    with listening(server.desk) as url:
        host, port = url.removeprefix("http://").split(":")
        health = b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n"
        with (
            socket.create_connection((host, int(port)), timeout=10) as fresh,
            socket.create_connection((host, int(port)), timeout=10) as used,
        ):
            used.sendall(health)
            while b'"status"' not in used.recv(65536):
                pass
            for line in (fresh, used):
                assert dripped(line) < 5
        with httpx.Client(base_url=url) as client:
            assert client.post("/v1/exchange", content=laptop.signed()).status_code == 200


def dripped(line: socket.socket) -> float:
    """Seconds until the server has had enough of it."""
    began = time.monotonic()
    line.settimeout(0.05)
    while time.monotonic() - began < 10:
        try:
            line.sendall(b"G")
            if line.recv(1) == b"":
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - began


def test_a_server_that_is_told_to_stop_finishes_what_is_under_way(server, laptop, monkeypatch):
    exchange, entered, answers = server.desk.exchange, threading.Event(), []

    def slow(body: bytes) -> bytes:
        entered.set()
        time.sleep(0.5)
        return exchange(body)

    monkeypatch.setattr(server.desk, "exchange", slow)
    with listening(server.desk) as url:

        def ask() -> None:
            answers.append(httpx.post(f"{url}/v1/exchange", content=laptop.signed(laptop.segment())))

        asking = threading.Thread(target=ask)
        asking.start()
        assert entered.wait(10)
    asking.join()
    assert answers[0].status_code == 200
    assert statuses(opened(answers[0].content, laptop.server_key)) == ["applied", "applied"]


def test_the_end_of_an_answer_does_not_wait_until_its_beginning_was_acknowledged(server):
    """A kernel may hold an acknowledgement back for 40 ms or more; nobody shall wait for that."""
    seconds = []
    with listening(server.desk) as url, httpx.Client() as client:
        for _ in range(8):
            with client.stream("GET", f"{url}/v1/health") as answer:
                line = answer.extensions["network_stream"].get_extra_info("socket")
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
                answer.read()
            started = time.monotonic()
            client.get(f"{url}/v1/health")
            seconds.append(time.monotonic() - started)
    assert min(seconds) < 0.035


def test_more_at_once_than_can_be_served_are_asked_to_come_later():
    """Backpressure instead of collapse: those inside are served, the rest hear when to come again."""

    async def crowd():
        gate, free = web.Gate(working=1, waiting=2), threading.Event()

        def work() -> bytes:
            free.wait(10)
            return b"done"

        inside = [asyncio.create_task(gate.run(work)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Refusal) as refused:
            await gate.run(work)
        free.set()
        assert await asyncio.gather(*inside) == [b"done"] * 3
        assert await gate.run(lambda: b"again") == b"again"
        return refused.value

    refused = asyncio.run(crowd())
    assert (refused.status, refused.reply.error) == (429, "busy")
    assert 1 <= refused.retry_after <= web.BUSY_SECONDS


def test_as_many_wait_as_are_served_in_a_moment_and_the_rest_do_not_come_back_together():
    async def crowd():
        gate = web.Gate(working=1, waiting=50, wait_s=0.2)
        for _ in range(60):  # it learns that a request takes about a fiftieth of a second
            await gate.run(lambda: time.sleep(0.02) or b"")
        served, again = [], []

        async def laptop():
            try:
                served.append(await gate.run(lambda: time.sleep(0.02) or b""))
            except Refusal as refused:
                again.append(refused.retry_after)

        await asyncio.gather(*(laptop() for _ in range(2_000)))
        return served, again

    served, again = asyncio.run(crowd())
    assert 2 <= len(served) <= 1 + 10, "one at work, and a fifth of a second's work waiting"
    assert len(served) + len(again) == 2_000
    assert max(again) > web.BUSY_SECONDS, "those sent away are more than a few seconds' work"
    assert len(set(again)) > 10


def test_the_published_document_describes_every_message(client, laptop):
    published = client.get("/v1/openapi.json").json()
    assert published == json.loads(json.dumps(openapi.document()))
    assert set(published["paths"]) == {"/v1/enrol", "/v1/exchange", "/v1/health"}
    schemas = published["components"]["schemas"]
    for message in (wire.Request, wire.Reply, wire.Segment, wire.Receipt, wire.FeedItem, wire.EnrolRequest):
        names = {field.encode_name for field in msgspec.structs.fields(message)}
        assert set(schemas[message.__name__]["properties"]) == names
    assert schemas["Segment"]["properties"]["ops"]["items"] == {"$ref": "#/components/schemas/Operation"}
    assert set(schemas["Operation"]["required"]) == set(laptop.ops[0])
    for reference in set(_references(published)):
        assert reference.removeprefix("#/components/schemas/") in schemas


def _references(value):
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "$ref":
                yield item
            else:
                yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
