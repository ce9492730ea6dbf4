"""A client that means harm: a clear error, nothing kept that should not be, nothing told."""

import json
import random

import pytest
from msgspec import structs
from sqlalchemy import select

from posyandu_app.district import admin, schema
from posyandu_app.district.refusal import Refusal
from posyandu_app.district.telling import Telling
from posyandu_app.sync import wire
from posyandu_app.sync.signing import Keys, sign_message
from tests.district.hand import ZERO, Hand, b64, canonical, new_id, sha256, sign, statuses
from tests.district.server import POSYANDU, REGION, VILLAGE


@pytest.fixture
def laptop(join):
    laptop = join()
    laptop.measure(laptop.child("Rahasia Sekali"))
    return laptop


def refused(server, body: bytes) -> tuple[int, str]:
    """Status and word of the refusal; the sentence is Indonesian and repeats nothing of the body."""
    before = server.status()
    with pytest.raises(Refusal) as error:
        server.desk.exchange(body)
    assert error.value.reply.message[0].isupper()
    assert "Rahasia" not in json.dumps(error.value.reply.message)
    assert server.status() == before
    return error.value.status, error.value.reply.error


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"<html>",
        b"\xff\xfe",
        b'{"proto":1}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'"' + b"x" * 1_000_000,
        b"1" * 10_000,
        b'{"proto":1e999}',
        b'{"proto":NaN}',
    ],
)
def test_what_is_no_request_is_malformed(server, body):
    assert refused(server, body) == (400, "malformed")


@pytest.mark.parametrize(
    "otherwise",
    [
        {"proto": 2},
        {"proto": 0},
        {"proto": True},
        {"proto": "1"},
        {"proto": 1.0},
        {"device": "x"},
        {"device": None},
        {"sent_at": "kemarin"},
        {"sent_at": "2026-11-18T09:00:00"},
        {"cursor": -1},
        {"cursor": 2**62},
        {"cursor": 2**200},
        {"cursor": 1.5},
        {"cursor": "0"},
        {"limit": 0},
        {"limit": 2001},
        {"limit": -5},
        {"have": []},
        {"have": {"x": 1}},
        {"have": {new_id(): -1}},
        {"have": {new_id(): 2**62}},
        {"have": {new_id(): 1.5}},
        {"have": {f"{n:08x}-0000-4000-8000-000000000000": 1 for n in range(65)}},
        {"segments": {}},
        {"segments": [1]},
        {"segments": [{}]},
        {"epoch": 5},
    ],
    ids=lambda value: next(iter(value)),
)
def test_a_part_that_is_not_in_its_form_is_malformed(server, laptop, otherwise):
    request = laptop.request(**otherwise)
    body = json.dumps(sign_loosely(request, laptop)).encode()
    assert refused(server, body) == (400, "malformed")


def sign_loosely(request: dict, laptop: Hand) -> dict:
    return {**request, "signature": json.loads(sign(request, laptop.key))["signature"]}


@pytest.mark.parametrize(
    "otherwise",
    [
        {"replica": "x"},
        {"first": 0},
        {"first": -1},
        {"first": 2**63},
        {"ops": []},
        {"ops": [1]},
        {"ops": [{}]},
        {"ops": [None]},
        {"prev": "kurang"},
        {"prev": "AB" * 32},
        {"prev": "ab" * 31},
        {"last": ""},
        {"sig": 1},
    ],
    ids=lambda value: f"{next(iter(value))}",
)
def test_a_segment_that_is_not_in_its_form_is_malformed(server, laptop, otherwise):
    assert refused(server, laptop.signed(laptop.segment() | otherwise)) == (400, "malformed")


@pytest.mark.parametrize(
    "otherwise",
    [
        {"seq": 0},
        {"seq": 5},
        {"seq": True},
        {"seq": "1"},
        {"v": 0},
        {"v": None},
        {"type": 1},
        {"entity": None},
        {"scope": ["32"]},
        {"actor": {}},
        {"hlc": 12},
        {"tx": "1,1,1"},
        {"tx": [1, 2]},
        {"payload": []},
        {"payload": "x"},
        {"payload": {"n": 2**63}},
        {"payload": {"n": -(2**63)}},
        {"payload": {"n": 10**400}},
    ],
    ids=lambda value: f"{next(iter(value))}",
)
def test_an_operation_that_is_none_is_malformed(server, laptop, otherwise):
    operation = laptop.ops[0] | otherwise
    laptop.ops.clear()
    del laptop.hashes[1:]
    laptop.append(operation)
    assert refused(server, laptop.signed(laptop.segment())) == (400, "malformed")


def test_an_operation_without_a_part_is_malformed(server, laptop):
    for name in ("seq", "type", "v", "entity", "scope", "actor", "at", "hlc", "tx", "app", "payload"):
        segment = laptop.segment()
        segment["ops"] = [{key: value for key, value in laptop.ops[0].items() if key != name}]
        assert refused(server, laptop.signed(segment)) == (400, "malformed")


@pytest.mark.parametrize("number", ["1.5", "1e3", "1.0", "-0.0", "1E400", "9" * 400])
def test_numbers_that_are_no_integers_of_64_bits_are_malformed(server, laptop, number):
    body = laptop.signed(laptop.segment()).replace(b'"weight_g":8400', f'"weight_g":{number}'.encode())
    assert refused_after_signing(server, laptop, body) == (400, "malformed")


def refused_after_signing(server, laptop, body: bytes) -> tuple[int, str]:
    """The refusal of raw bytes signed as they stand, whatever a JSON library thinks of them."""
    import re

    from tests.district.hand import sha256

    unsigned = re.sub(rb',"signature":"[^"]*"', b"", body)
    signature = b64(laptop.key.sign(sha256(unsigned)).signature).encode()
    return refused(server, unsigned[:-1] + b',"signature":"' + signature + b'"}')


def test_deep_nesting_is_malformed(server, laptop):
    for depth in (33, 200, 900):
        deep: object = 1
        for _ in range(depth):
            deep = [deep]
        laptop.ops.clear()
        del laptop.hashes[1:]
        laptop.write("child.note", new_id(), {"deep": deep})
        assert refused(server, laptop.signed(laptop.segment())) == (400, "malformed")


def test_nesting_that_is_allowed_passes_and_can_be_heard(server, laptop, join):
    deep: object = 1
    for _ in range(28):
        deep = {"d": deep}
    laptop.write("teleposyandu.call", new_id(), {"deep": deep})
    laptop.push(server)
    bidan = join(VILLAGE)
    assert bidan.hear(server)[-1]["op"] == laptop.ops[-1]


def test_duplicate_keys_do_not_say_one_thing_to_the_hash_and_another_to_the_reader(server, laptop):
    twice = laptop.signed(laptop.segment()).replace(b'"weight_g":8400', b'"weight_g":8400,"weight_g":9999')
    assert refused_after_signing(server, laptop, twice) == (422, "damaged")


def test_a_lone_surrogate_is_malformed(server, laptop):
    body = laptop.signed(laptop.segment()).replace(b"Rahasia Sekali", b"\\ud800")
    assert refused_after_signing(server, laptop, body) == (400, "malformed")


def test_invalid_utf8_is_malformed(server, laptop):
    body = laptop.signed(laptop.segment()).replace(b"Rahasia Sekali", b"\xff\xfe")
    assert refused_after_signing(server, laptop, body) == (400, "malformed")


def test_more_operations_than_allowed_are_too_large(server, laptop):
    one = laptop.ops[0]
    segment = laptop.segment() | {"ops": [one] * (wire.MAX_OPERATIONS + 1)}
    assert refused(server, laptop.signed(segment)) == (413, "too_large")
    many = [laptop.segment() for _ in range(65)]
    assert refused(server, laptop.signed(*many)) == (413, "too_large")


def test_a_stranger_hears_nothing(server, laptop):
    laptop.push(server)
    stranger = Hand(POSYANDU, laptop.now_ms, epoch=laptop.epoch)
    assert refused(server, stranger.signed()) == (401, "unknown_device")
    stranger.device = laptop.device
    assert refused(server, stranger.signed()) == (401, "bad_signature")


@pytest.mark.parametrize(
    "signature", ["", "x", "A" * 88, b64(bytes(64)), b64(bytes(63)), None, 5, [1], "é" * 9]
)
def test_a_signature_that_is_none_is_refused(server, laptop, signature):
    body = canonical({**laptop.request(), "signature": signature})
    assert refused(server, body) in {(401, "bad_signature"), (400, "malformed")}


def test_an_unsigned_request_is_refused(server, laptop):
    assert refused(server, canonical(laptop.request())) == (400, "malformed")


def test_every_altered_byte_of_a_signed_request_is_noticed(server, laptop):
    body = laptop.signed(laptop.segment())
    chance = random.Random(20261118)
    for _ in range(300):
        place = chance.randrange(len(body))
        altered = body[:place] + bytes([body[place] ^ (1 << chance.randrange(7))]) + body[place + 1 :]
        assert refused(server, altered)[0] in (400, 401)


def test_a_signature_of_another_message_is_refused(server, laptop):
    other = json.loads(laptop.signed(cursor=7))
    assert refused(server, canonical({**laptop.request(), "signature": other["signature"]}))[0] == 401


def test_a_segment_signed_by_nobody_or_by_another_is_refused(server, laptop, join):
    thief = join(VILLAGE)
    text = f"posyandu-segment-1|{laptop.replica}|1|2|{laptop.hashes[2]}"
    forged = b64(thief.key.sign(text.encode()).signature)
    for segment in (
        laptop.segment() | {"sig": b64(bytes(64))},
        laptop.segment() | {"sig": forged},
        laptop.segment() | {"sig": laptop.segment(until=1)["sig"]},
    ):
        assert refused(server, laptop.signed(segment)) == (401, "bad_signature")


@pytest.mark.parametrize("erased_here", [False, True])
def test_a_carrier_takes_no_content_from_what_its_author_has_not_told(server, join, erased_here):
    """The signature covers the payload's hash alone; only what was erased by law here comes without it."""
    author, carrier = join(), join()
    child = author.child()
    author.write("child.set", child, {"name": {"v": "Anak Lain", "base": [author.replica, 1]}})
    if erased_here:
        author.push(server, until=1)
        admin.erase(server.store, child, "Surat 12/2026")
    whole = author.segment()
    emptied = [*whole["ops"][:1], whole["ops"][1] | {"payload": None}]
    hashes = {"2": sha256(canonical(whole["ops"][1]["payload"])).hex()}
    told = carrier.ask(server, whole | {"ops": emptied, "erased": hashes})
    assert told["have"][author.replica] == (2 if erased_here else 0)
    told = author.push(server)
    assert told["have"][author.replica] == 2
    if not erased_here:
        assert statuses(told) == ["applied", "applied"]


def test_anothers_segment_that_does_not_fit_is_left_out_and_holds_up_nothing(server, laptop, join):
    """A carrier is not to blame for what she carries (F11)."""
    kader = join()
    kader.child()
    kader.push(server)
    kader.child()
    laptop.push(server)
    seq = laptop.write("child.set", new_id(), {"name": {"v": "Siti", "base": None}})
    forked = Hand(kader.scope, kader.now_ms, kader.device, kader.replica, kader.key)
    forked.child()
    forked.child()
    for segment in (
        kader.segment() | {"device": new_id()},
        kader.segment() | {"device": "\x00"},
        kader.segment(2) | {"sig": b64(bytes(64))},
        kader.segment(2) | {"prev": "ab" * 32},
        kader.segment(2) | {"ops": [{}]},
        kader.segment() | {"replica": new_id(), "first": 7},
        forked.segment(),
    ):
        reply = laptop.ask(server, segment, laptop.segment(first=seq))
        assert reply["have"][segment["replica"]] == (1 if segment["replica"] == kader.replica else 0)
        assert reply["have"][laptop.replica] == seq
        assert {receipt["replica"] for receipt in reply["receipts"]} == {laptop.replica}
    assert laptop.ask(server, kader.segment(2))["have"][kader.replica] == 2


def test_anothers_log_cannot_be_written(server, laptop, join):
    laptop.push(server)
    thief = join(VILLAGE)
    thief.replica, thief.ops, thief.hashes = laptop.replica, list(laptop.ops), list(laptop.hashes)
    thief.scope = POSYANDU
    laptop.push(server)
    thief.child("Disusupkan")
    assert refused(server, thief.signed(thief.segment(first=3))) == (409, "fork")
    assert refused(server, thief.signed(thief.segment())) == (409, "fork")
    assert laptop.ask(server)["have"] == {laptop.replica: 2}


def test_a_laptop_of_another_area_cannot_go_on_with_a_log(server, laptop, join):
    laptop.push(server)
    server.time.move(60_000)
    thief = join("32.11.13.2008")
    thief.replica, thief.ops, thief.hashes = laptop.replica, list(laptop.ops), list(laptop.hashes)
    thief.child("Disusupkan")
    assert refused(server, thief.signed(thief.segment(first=3))) == (409, "fork")
    assert laptop.ask(server)["have"] == {laptop.replica: 2}


def test_a_chain_that_does_not_begin_at_its_beginning_is_damage(server, laptop):
    segment = laptop.segment() | {"prev": "ab" * 32}
    assert refused(server, laptop.signed(segment)) == (422, "damaged")
    assert laptop.segment()["prev"] == ZERO


def test_a_replayed_request_harms_nothing(server, laptop):
    body = laptop.signed(laptop.segment())
    server.desk.exchange(body)
    laptop.measure(laptop.child())
    laptop.push(server, first=3)
    before = server.status()
    for _ in range(3):
        server.desk.exchange(body)
    assert server.status() == before


def test_a_hostile_have_does_not_keep_others_from_hearing(server, laptop, join):
    laptop.push(server)
    bidan, liar = join(VILLAGE), join(VILLAGE)
    liar.ask(server, have={laptop.replica: 2**61}, cursor=2**61)
    assert len(bidan.hear(server)) == 2
    assert liar.ask(server, cursor=2**61)["feed"] == {"from": 2**61, "to": 2**61, "ops": [], "more": False}


def an_operation(**otherwise) -> dict[str, object]:
    """What a laptop of the posyandu may write and was told, otherwise where it is said so."""
    return {
        "seq": 7,
        "type": "measurement.record",
        "v": 1,
        "entity": new_id(),
        "scope": POSYANDU,
        "actor": new_id(),
        "at": "2026-11-18T09:00:00+07:00",
        "hlc": "019ab2f0c1e0-0000",
        "tx": None,
        "app": "1.0.0",
        "payload": {"child": new_id(), "date": "2026-11-18", "weight_g": 8400},
    } | otherwise


ODD_OPERATIONS = {
    "no payload": {"payload": None},
    "an area of others": {"scope": VILLAGE},
    "what the Dinas hands out": {"type": "recommendation.record"},
    "signs that hide": {"payload": {"child": new_id(), "x": "\u202e"}},
}


@pytest.mark.parametrize("odd", ODD_OPERATIONS)
def test_what_nobody_there_may_write_does_not_come_back(server, join, odd):
    laptop = join()
    admin.restored(server.store)
    before = server.status()
    laptop.ask(server, returned=[server.told(new_id(), an_operation(**ODD_OPERATIONS[odd]))])
    assert server.status() == before


ODD_RETURNS = {
    "no operation": {"op": 5},
    "a number beyond all": {"op": an_operation(seq=2**63 - 1)},
    "an unreadable id": {"replica": "' OR 1=1"},
    "no proof": {"proof": ""},
    "a proof made up": {"proof": "é" * 8},
    "the proof of another operation": {"op": an_operation()},
    "the proof of another number": {"op": an_operation(seq=8, entity="1" * 32)},
    "the proof of another log": {"replica": new_id()},
    "another stamp": {"eff": "019ab2f0c1e1-0000"},
}


@pytest.mark.parametrize("odd", ODD_RETURNS)
def test_a_restored_server_believes_nothing_that_it_has_not_told_itself(server, join, odd):
    laptop = join()
    admin.restored(server.store)
    told = server.told(
        new_id(), an_operation(type="child.register", payload={"name": {"v": "A", "base": None}})
    )
    before = server.status()
    laptop.ask(server, returned=[told | ODD_RETURNS[odd]])
    assert server.status() == before
    with server.store.read() as connection:
        assert connection.scalars(select(schema.replica.c.id)).all() == []
    laptop.ask(server, returned=[told])
    assert server.status().statuses == {"applied": 1}


def test_the_keys_of_another_server_prove_nothing(server, join):
    laptop = join()
    admin.restored(server.store)
    told = server.told(new_id(), an_operation(), keys=Keys.generate())
    laptop.ask(server, returned=[told])
    assert server.status().operations == 0


def test_a_restored_server_knows_only_those_again_whom_it_has_let_in(server, join):
    laptop = join()
    mine, others = server.district.keys, Keys.generate()
    good = wire.EnrolReply(
        proto=wire.PROTO,
        device=new_id(),
        scope=POSYANDU,
        role="kader",
        district="Dinas",
        epoch="",
        server=mine.public,
        received_at="2026-11-18T09:00:00Z",
        sign_key=others.public.sign_key,
        seal_key=others.public.seal_key,
    )

    def shown(card: wire.EnrolReply, keys: Keys = mine) -> int:
        laptop.ask(server, cards=[json.loads(sign_message(card, keys.sign))])
        return len(admin.devices(server.store))

    assert shown(good) == 1, "it was never put back"
    admin.restored(server.store)
    assert shown(good, others) == 1
    assert shown(structs.replace(good, sign_key=None)) == 1
    assert shown(structs.replace(good, scope="32.12")) == 1
    assert shown(structs.replace(good, device="x")) == 1
    laptop.ask(server, cards=[5, "", {}, {"signature": "é"}])
    before = server.status()
    assert shown(structs.replace(good, device=laptop.device)) == 1, (
        "a card changes nothing of a laptop that is known"
    )
    assert server.status() == before
    assert shown(good) == 2
    assert shown(good) == 2


def test_nobody_erases_a_child_but_the_server_itself(server, laptop):
    laptop.push(server)
    child = laptop.ops[0]["entity"]

    def proof(child: str, keys: Keys = server.district.keys) -> str:
        return Telling(keys).proof_of(wire.ERASED, child)

    def ask(erased: dict[str, str]) -> None:
        laptop.ask(server, heard={"erased": erased})

    before = server.status().statuses
    ask({child: proof(child)})
    assert server.status().statuses == before, "it was never put back"
    admin.restored(server.store)
    ask({child: "", "é" * 40: "é", new_id(): proof(child)})
    ask({child: proof(new_id())})
    ask({child: proof(child, Keys.generate())})
    assert server.status().digests["child"][0] == 1
    ask({child: proof(child)})
    assert "child" not in server.status().digests or server.status().digests["child"][0] == 0


def test_nobody_revokes_a_laptop_or_takes_an_area_but_the_server_itself(server, join):
    laptop, other = join(), join()
    telling, at = Telling(server.district.keys), "2027-01-01T00:00:00Z"

    def tell(what: str, told: dict[str, str]) -> None:
        laptop.ask(server, heard={what: told})

    def areas_and_revoked() -> list[tuple[str, bool]]:
        return [(row.scope, row.revoked_at is not None) for row in admin.devices(server.store)]

    for scope in (VILLAGE, POSYANDU):  # what was so before the Dinas decided it is so no more
        admin.rescope(server.district, server.store, laptop.device, scope)
    before = areas_and_revoked()
    good = telling.proof_of("revoked", other.device)
    area = telling.proof_of_area(laptop.device, VILLAGE, at)
    tell("revoked", {other.device: good})
    tell("area", {VILLAGE: area})
    assert areas_and_revoked() == before, "it was never put back"
    admin.restored(server.store)
    for proof in ("", "é", telling.proof_of("erased", other.device), good[::-1]):
        tell("revoked", {other.device: proof})
    elsewhere = telling.proof_of_area(laptop.device, "32.12", at)
    of_before = telling.proof_of_area(laptop.device, VILLAGE, "2026-01-01T00:00:00Z")
    for scope, proof in (
        (VILLAGE, ""),
        (VILLAGE, "x y"),
        (VILLAGE, telling.proof_of_area(other.device, VILLAGE, at)),
        (VILLAGE, of_before),
        (REGION, area),
        ("32.12", elsewhere),
    ):
        tell("area", {scope: proof})
    tell("what only a newer program knows", {"a": "b"})
    assert areas_and_revoked() == before
    tell("revoked", {other.device: good})
    tell("area", {VILLAGE: area})
    assert sorted(areas_and_revoked()) == sorted([(VILLAGE, False), (POSYANDU, True)])


def test_a_new_program_may_give_back_kinds_that_this_one_does_not_know(server, join):
    laptop = join()
    admin.restored(server.store)
    op = an_operation(seq=1, type="household.register", payload={"a": {"v": 1}})
    laptop.ask(server, returned=[server.told(new_id(), op)])
    assert server.status().statuses == {"applied": 1}


def test_nothing_comes_back_to_a_server_that_was_never_put_back(server, join):
    laptop, dead = join(), join()
    dead.child()
    back = [server.told(dead.replica, dead.ops[0])]
    laptop.ask(server, returned=back)
    assert server.status().operations == 0
    admin.restored(server.store)
    laptop.ask(server, returned=back)
    assert server.status().statuses == {"applied": 1}


def test_what_a_revoked_laptop_sent_is_put_right_by_the_same_content_alone(server, join):
    thief, other = join(), join()
    thief.child("Benar")
    admin.restored(server.store)
    admin.revoke(server.store, thief.device)
    thief.push(server)
    told = server.told(thief.replica, thief.ops[0])
    forged = told | {"op": told["op"] | {"payload": {"name": {"v": "Palsu", "base": None}}}}
    other.ask(server, returned=[forged])
    assert server.status().statuses == {"quarantined": 1}
    other.ask(server, returned=[told])
    assert server.status().statuses == {"applied": 1}
