"""The HTTP interface against requests made from its own OpenAPI document, on both databases side by side.

No answer of 500 and more, nothing about a child for whoever has not signed, and the same answer from both.
A good request in which one part is odd gets deep into the server; what else stands in it is taken in.
`--hypothesis-profile=long --timeout 3000` tries ten thousand of each; what it finds stays as an `@example`.
"""

import gzip
import json
import uuid
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

import httpx
import pytest
import schemathesis
import zstandard
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from posyandu_app.district import openapi
from posyandu_app.sync import wire
from tests.district import odd
from tests.district import server as servers
from tests.district.hand import ZERO, Hand, b64, new_id, opened

DOCUMENT = json.loads(json.dumps(openapi.document()))
SCHEMAS = DOCUMENT["components"]["schemas"]
NAME = "Rahasia Aminah"
POSYANDU_IDS = uuid.UUID("0d2bb6d5-6d0c-5b43-8d1c-55a0a0c33d11")
BY_THE_CLOCK = {"received_at", "signature", "epoch", "eff", "time", "seen_at", "came", "answers"}

# what was asked before has changed the servers, so that a failure cannot be made smaller by asking again
calmly = settings(deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
seldom = settings(calmly, max_examples=max(10, settings().max_examples // 8))


@dataclass
class Side:
    """One of the two servers, and the line to it."""

    server: servers.Server
    client: httpx.Client
    epoch: str = ""
    cursor: int = 0


@dataclass
class Both:
    """The same laptops at a server on SQLite and at one on PostgreSQL."""

    sides: list[Side]
    laptop: Hand
    child: str
    answers: Counter[str] = field(default_factory=Counter)
    minute: int = 0

    def ask(self, path: str, body_for, way: str, method: str = "POST", **headers: str) -> httpx.Response:
        """Ask both; `body_for` makes each side's body. The answer of one, after both were found to agree."""
        self.minute += 1
        answers = []
        for side in self.sides:
            side.server.time.now = servers.START_MS + 60_000 * self.minute
            body = body_for(side) if callable(body_for) else body_for
            sent = {"accept-encoding": "identity", **headers}
            if len(body) > wire.MAX_BODY // 2 and "content-encoding" not in sent:
                body, sent = zstandard.compress(body), {**sent, "content-encoding": "zstd"}
            answer = side.client.request(method, path, content=body, headers=sent)
            assert answer.status_code < 500, f"{path} {way}: {answer.text}"
            assert set(answer.json()) >= {"error", "message"} or answer.status_code == 200
            answers.append(answer)
        one, other = answers
        assert one.status_code == other.status_code, (one.text, other.text)
        assert list(differences(lasting(one.json()), lasting(other.json()))) == []
        self.answers[f"{path} {way} {one.status_code}"] += 1
        return one

    def told(self, segment: dict, way: str, **otherwise) -> dict | None:
        """The reply to a segment in an else good request, or None when it was refused."""

        def body(side: Side) -> bytes:
            request = self.request(side, segment) | otherwise
            return odd.signed(request, self.laptop.key)

        answer = self.ask("/v1/exchange", body, way)
        return self.opened(answer) if answer.status_code == 200 else None

    def request(self, side: Side, *segments: dict) -> dict:
        """A good request, with all that it may hold."""
        first = "2026-11-18T09:00:00+07:00"
        request = self.laptop.request(*segments, epoch=side.epoch, cursor=side.cursor, limit=50)
        return request | {
            "have": {segment["replica"]: 1 for segment in segments},
            "reads": 1,
            "incidents": [{"at": first, "what": "fork", "detail": ""}],
            "repair": {"cursor": side.cursor, "after": max(0, side.cursor - 20), "sums": [[0, ZERO]] * 256},
        }

    def opened(self, answer: httpx.Response) -> dict:
        """The reply, and where both sides stand by it."""
        reply = opened(answer.content, self.laptop.server_key)
        if not reply["feed"]["more"]:
            for side in self.sides:
                side.cursor = max(side.cursor, min(reply["feed"]["to"], 2**40))
        judged = [receipt.get("why") for receipt in reply["receipts"]]
        assert "judge_failed" not in judged, "put aside because the judge fell over"
        return reply


def lasting(answer):
    """An answer without what hangs on the clock and on whose server it is."""
    if isinstance(answer, dict):
        return {name: lasting(item) for name, item in answer.items() if name not in BY_THE_CLOCK}
    return [lasting(item) for item in answer] if isinstance(answer, list) else answer


def differences(one, other, where: str = ""):
    """Where two answers differ, and how."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in one.keys() | other.keys():
            yield from differences(one.get(name), other.get(name), f"{where}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (mine, yours) in enumerate(zip(one, other, strict=True)):
            yield from differences(mine, yours, f"{where}[{number}]")
    elif one != other:
        yield where, one, other


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    with ExitStack() as stack:
        sides = []
        for name, database in (("sqlite", None), ("postgresql", servers.postgres())):
            server = stack.enter_context(servers.running(folder / name, database))
            url = stack.enter_context(servers.listening(server.desk))
            sides.append(Side(server, stack.enter_context(httpx.Client(base_url=url, timeout=30))))
        laptop = Hand(servers.POSYANDU, servers.START_MS)
        for side in sides:
            laptop.join(side.server)
            side.epoch = laptop.epoch or ""
        child = laptop.child(NAME)
        laptop.measure(child)
        for side in sides:
            laptop.push(side.server, epoch=side.epoch)
        both = Both(sides, laptop, child)
        yield both
        print(*sorted(both.answers.items()), sep="\n")  # noqa: T201 - seen with -s
        for side in sides:
            other = Hand(servers.VILLAGE, side.server.time.now).join(side.server)
            assert {item["op"]["entity"] for item in other.hear(side.server)} >= {child}, "it works as before"


# whole requests, as the document allows them

ROUTES = list(schemathesis.openapi.from_dict(DOCUMENT).get_all_operations())


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.ok().label)
def test_whole_requests(both, route):
    operation = route.ok()

    @seldom
    @given(case=operation.as_strategy(), stranger=st.booleans())
    def ask(case, stranger):
        made = case.body if isinstance(case.body, dict) else None
        if made is None:
            both.ask(operation.path, b"", "empty", operation.method.upper())
            return
        raw = both.ask(operation.path, odd.text(made).encode(), "raw")
        assert raw.status_code in (400, 401, 403, 413)
        key = Hand(servers.POSYANDU, 0).key if stranger else both.laptop.key
        signed = odd.signed(made | {"device": both.laptop.device}, key)
        answer = both.ask(operation.path, signed, "stranger" if stranger else "signed")
        assert NAME not in raw.text
        assert answer.status_code != 200 or not stranger

    ask()


# one odd part in a good request


def good_log(laptop: Hand, payload: dict | None = None) -> Hand:
    """A log of its own of two children and a measurement."""
    log = replace(laptop, replica=new_id(), ops=[], hashes=[ZERO])
    log.measure(log.child())
    log.child("Sesudahnya")
    return log


def segment_of(log: Hand, operations: list[dict], previous: str = ZERO) -> dict:
    """A segment of these operations, hashed and signed as they are."""
    hashes = [previous]
    first = operations[0]["seq"]
    for operation in operations:
        hashes.append(odd.chained(hashes[-1], operation))
    text = f"posyandu-segment-1|{log.replica}|{first}|{first + len(operations) - 1}|{hashes[-1]}"
    return {
        "replica": log.replica,
        "first": first,
        "prev": previous,
        "ops": operations,
        "last": hashes[-1],
        "device": log.device,
        "sig": b64(log.key.sign(text.encode()).signature),
    }


def place_of(name: str, good: dict) -> st.SearchStrategy[tuple[odd.Place, dict]]:
    """A part of a good message, with its schema; each field at the top as often as another."""
    by_field: dict[str | int, list[tuple[odd.Place, dict]]] = {"something_new": [(("something_new",), {})]}
    for place, schema in odd.places(DOCUMENT, SCHEMAS[name], good):
        by_field.setdefault(place[0], []).append((place, schema))
    return st.sampled_from(list(by_field)).flatmap(lambda field: st.sampled_from(by_field[field]))


def draw_other(data, value, place: odd.Place, schema: dict | None):
    """The value with another thing in its place, or without it."""
    ways = ["odd", "none"] if schema is None else ["odd", "odd", "allowed", "none"]
    way = data.draw(st.sampled_from(ways), "way")
    if way == "none":
        try:
            return odd.without(value, place)
        except (KeyError, IndexError, TypeError):
            return value
    strategy = odd.odd if way == "odd" or schema is None else odd.of_schema(DOCUMENT, schema)
    other = data.draw(strategy, "other")
    note(f"{place}: {str(other)[:100]!r}")
    return odd.put(value, place, other)


@calmly
@given(data=st.data())
def test_a_request_with_an_odd_part(both, data):
    log = good_log(both.laptop)
    segment = log.segment()
    pattern = both.request(both.sides[0], segment)
    place, schema = data.draw(place_of("Request", pattern), "place")
    changed = draw_other(data, pattern, place, schema)
    standing = {"epoch", "cursor", "repair"} - {place[0]}

    def body(side: Side) -> bytes:
        mine = both.request(side, segment)
        return odd.signed(changed | {name: mine[name] for name in standing}, both.laptop.key)

    answer = both.ask("/v1/exchange", body, f"odd {place[0]}")
    if answer.status_code == 200:
        both.opened(answer)


@calmly
@given(data=st.data())
def test_an_enrolment_with_an_odd_part(both, data):
    laptop = Hand(servers.POSYANDU, servers.START_MS)
    former = both.laptop
    good = json.loads(laptop.enrolment("")) | {"continues": laptop.continuation(former)}
    place, schema = data.draw(place_of("EnrolRequest", good), "place")
    with_a_code = place != ("code",)
    changed = draw_other(data, good, place, schema)

    def body(side: Side) -> bytes:
        code = {"code": side.server.code(servers.POSYANDU)} if with_a_code else {}
        side.server.time.move(3_600_000)  # that nobody is guessing
        return odd.signed(changed | code, laptop.key)

    both.minute += 60
    both.ask("/v1/enrol", body, f"odd {place[0]}")


# operations of every type, signed and hashed as they are


def payloads(child: str, fact: str, replica: str) -> dict[str, dict]:
    """A good payload for each type of operation that the protocol's page names."""
    key = [replica, 1]
    change = {"name": {"v": "Nama Lain", "base": key}, "state": {"v": "pindah", "base": None}}
    about = {"child": child, "date": "2026-11-18"}
    return {
        "child.register": {"name": {"v": "Anak", "base": None}, "sex": {"v": "F", "base": None}},
        "child.set": change,
        "child.transfer": {"to": servers.OTHER_POSYANDU, "date": "2026-11-18"},
        "conflict.resolve": {"name": {"v": "Anak", "bases": [key]}},
        "measurement.record": {**about, "weight_g": 8400, "length_mm": 712, "position": "lying"},
        "measurement.correct": {"set": {"weight_g": {"v": 8500, "base": [replica, 2]}}, "reason": "salah"},
        "measurement.void": {"reason": "salah", "seen": [[replica, 2]]},
        "measurement.restore": {"voids": [[replica, 3]]},
        "person.link": {"other": child, "reason": "sama"},
        "person.unlink": {"other": child, "reason": "lain", "undecided": True},
        "consent.record": {**about, "name": "Ibu", "relation": "ibu", "version": "1", "state": "diberikan"},
        "dose.record": {**about, "what": "vitamin_a", "state": "diberikan", "colour": "biru"},
        "visit.record": {**about, "confirmed": ["x"], "source": "kia"},
        "visit.correct": {"set": {"note": {"v": "x", "base": None}}, "reason": "salah"},
        "user.register": {"name": {"v": "Kader", "base": None}, "role": {"v": "kader", "base": None}},
        "user.set": {"name": {"v": "Kader", "base": None}},
        "posyandu.register": {"name": {"v": "Melati", "base": None}},
        "access.record": {**about, "by": "Dinas"},
        "recommendation.record": about,
        "rules.register": {"v": {"v": "1", "base": None}},
        "teleposyandu.call": {**about, "minutes": 5},
        "person.rename": {"other": child},
    }


def checked(both: Both, log: Hand, operations: list[dict], way: str) -> None:
    """Ask with operations between good ones: those are applied if any of it is taken in."""
    last = {**log.ops[2], "seq": 3 + len(operations)}
    reply = both.told(segment_of(log, [log.ops[0], log.ops[1], *operations, last]), way)
    if reply is None:
        return
    stands = {receipt["seq"]: receipt["status"] for receipt in reply["receipts"]}
    assert stands[1] in ("applied", "conflict")
    assert stands[last["seq"]] == "applied", "what comes after is judged as ever"
    assert reply["have"] == {log.replica: last["seq"]}


TYPES = list(payloads("", "", ""))


def good_operation(log: Hand, kind: str, seq: int = 3) -> dict:
    child, fact = log.ops[0]["entity"], log.ops[1]["entity"]
    entity = fact if kind in ("measurement.correct", "measurement.void") else new_id()
    if kind.startswith(("child.", "conflict.", "person.")):
        entity = child
    if kind == "posyandu.register":
        entity = str(uuid.uuid5(POSYANDU_IDS, servers.POSYANDU))
    payload = payloads(child, fact, log.replica)[kind]
    return {**log.ops[2], "seq": seq, "type": kind, "entity": entity, "payload": payload}


@calmly
@given(data=st.data(), kinds=st.lists(st.sampled_from(TYPES), min_size=12, max_size=12))
def test_operations_with_an_odd_part_each(both, data, kinds):
    log = good_log(both.laptop)
    operations = []
    for seq, kind in enumerate(kinds, 3):
        good = good_operation(log, kind, seq)
        place = data.draw(st.sampled_from([("new",), ("child",), *odd.parts(good["payload"])]), "place")
        value = data.draw(odd.storable, "value")
        operations.append(good | {"payload": odd.put(good["payload"], place, value)})
    checked(both, log, operations, "odd payloads")


@calmly
@given(data=st.data(), kind=st.sampled_from(TYPES))
def test_an_operation_with_any_part_otherwise(both, data, kind):
    log = good_log(both.laptop)
    good = good_operation(log, kind)
    place, schema = data.draw(place_of("Operation", good), "place")
    if place == ("payload",):
        place, schema = (
            data.draw(st.sampled_from([place, *(("payload", *p) for p in odd.parts(good["payload"]))])),
            None,
        )
    checked(both, log, [draw_other(data, good, place, schema)], kind)


def test_every_odd_text_in_every_place_of_every_type(both):
    """In one log of thousands: each is put aside or applied, alike on both databases."""
    log = good_log(both.laptop)
    operations = log.ops[:2]
    for kind in TYPES:
        good = good_operation(log, kind)
        for place in [("child",), ("other",), ("new",), *odd.parts(good["payload"])]:
            for text in odd.STORABLE_TEXTS:
                payload = odd.put(good["payload"], place, text)
                operations.append(good | {"seq": len(operations) + 1, "entity": new_id(), "payload": payload})
        for text in odd.STORABLE_TEXTS:
            operations.append(
                good | {"seq": len(operations) + 1, "payload": {text: {"v": text, "base": None}}}
            )
            operations.append(good | {"seq": len(operations) + 1, "payload": {text: text}})
    judged = 0
    previous = ZERO
    for start in range(0, len(operations), 500):
        some = operations[start : start + 500]
        segment = segment_of(log, some, previous)
        previous = segment["last"]
        reply = both.told(segment, "odd texts", have={log.replica: start}, reads=None)
        assert reply is not None
        judged += len([receipt for receipt in reply["receipts"] if receipt["replica"] == log.replica])
    assert judged >= len(operations) > 3_000


def test_odd_texts_in_every_text_of_a_request(both):
    log = good_log(both.laptop)
    segment = log.segment()
    pattern = both.request(both.sides[0], segment)
    texts = {
        place: schema
        for place, schema in odd.places(DOCUMENT, SCHEMAS["Request"], pattern)
        if "string" in (schema.get("type"), *(one.get("type") for one in schema.get("anyOf", ())))
        and "ops" not in place
        and "sums" not in place
    }
    assert ("segments", 0, "device") in texts
    for place in texts:
        for text in ("\x00", "", odd.TEXTS[5], odd.LONG, "x", new_id()):
            changed = odd.put(pattern, place, text)

            def body(side: Side, changed=changed, place=place) -> bytes:
                mine = both.request(side, segment)
                standing = {name: mine[name] for name in ("epoch", "cursor", "repair") if name != place[0]}
                return odd.signed(changed | standing, both.laptop.key)

            answer = both.ask("/v1/exchange", body, f"text {place[0]}")
            if answer.status_code == 200:
                both.opened(answer)


@pytest.mark.parametrize("kind", TYPES)
def test_a_good_operation_of_every_type_gets_through_to_the_judge(both, kind):
    """Otherwise the odd ones would not get deep either."""
    log = good_log(both.laptop)
    reply = both.told(segment_of(log, [log.ops[0], log.ops[1], good_operation(log, kind)]), "good")
    assert reply is not None
    expected = {"recommendation.record": "server_owned", "rules.register": "server_owned"}
    expected |= {"measurement.restore": "unknown_measurement", "visit.correct": "unknown_visit"}
    expected |= {"user.set": "unknown_user"}
    assert reply["receipts"][2].get("why") == expected.get(kind)


# bodies packed in odd ways


def bomb(size: int) -> dict[str, bytes]:
    return {"gzip": gzip.compress(bytes(size), 9), "zstd": zstandard.compress(bytes(size))}


BOMBS = {size: bomb(size) for size in (wire.MAX_UNPACKED + 1, 8 * wire.MAX_UNPACKED)}
SKIPPED = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"  # a zstd frame without content

HEADERS = ("identity", "zstd", "gzip", "", "GZIP", "zstd;q=1", "br", "deflate", "zstd, gzip", "x" * 200)


@calmly
@given(data=st.data(), claimed=st.sampled_from(HEADERS), way=st.sampled_from(("zstd", "gzip", "identity")))
def test_a_body_packed_in_an_odd_way(both, data, claimed, way):
    log = good_log(both.laptop)
    harm = data.draw(
        st.sampled_from(("none", "none", "cut", "flip", "behind", "twice", "skipped", "bomb", "empty")),
        "harm",
    )
    size = data.draw(st.sampled_from(list(BOMBS)), "size")
    place = data.draw(st.floats(0, 1, exclude_max=True), "place")
    bit = 1 << data.draw(st.integers(0, 7), "bit")
    # a bit that is turned in packed bytes means the same to both servers only where all bytes are the same
    history = {} if harm == "none" else {"epoch": new_id()}
    segment, first = log.segment(), both.sides[0]

    def body(side: Side) -> bytes:
        request = both.request(first if history else side, segment) | history
        made = odd.signed(request, both.laptop.key)
        packed = {"zstd": zstandard.compress, "gzip": gzip.compress, "identity": bytes}[way](made)
        at = int(place * len(packed))
        return {
            "none": packed,
            "cut": packed[:at],
            "flip": packed[:at] + bytes([packed[at] ^ bit]) + packed[at + 1 :],
            "behind": packed + b"\x00",
            "twice": packed + packed,
            "skipped": SKIPPED + packed,
            "bomb": BOMBS[size].get(way, b" " * (wire.MAX_BODY + 1)),
            "empty": b"",
        }[harm]

    answer = both.ask("/v1/exchange", body, f"packed {harm}", **{"content-encoding": claimed})
    if harm == "none" and claimed.strip().lower() in (way, "" if way == "identity" else way):
        assert answer.status_code == 200
        both.opened(answer)
    if harm in ("bomb", "empty", "cut"):
        assert answer.status_code in (400, 401, 413, 415)
