"""Joining with a code: once, for one laptop, not by guessing."""

import json

import pytest
from sqlalchemy import select

from posyandu_app.district import admin, schema
from posyandu_app.district.desk import CODE_LENGTH, CODE_LETTERS, Guesses
from posyandu_app.district.refusal import Refusal
from posyandu_app.domain.errors import UserError
from tests.district.hand import Hand, b64, canonical, new_id, opened, sign
from tests.district.server import POSYANDU, REGION, VILLAGE


def hand(server) -> Hand:
    return Hand(POSYANDU, server.time.now)


def refused(server, body: bytes, address: str = "") -> tuple[int, str]:
    with pytest.raises(Refusal) as error:
        server.desk.enrol(body, address)
    return error.value.status, error.value.reply.error


def test_a_code_gives_scope_role_and_the_servers_keys(server):
    laptop = hand(server)
    answer = server.desk.enrol(laptop.enrolment(server.code(POSYANDU)))
    key = json.loads(answer)["server"]["sign_key"]
    told = opened(answer, key)
    assert (told["device"], told["scope"], told["role"], told["proto"]) == (
        laptop.device,
        POSYANDU,
        "kader",
        1,
    )
    assert told["server"]["sign_key"] == server.desk.health().server.sign_key
    assert told["epoch"] == server.desk.health().epoch


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", " "), lambda code: f"  {code} "])
def test_a_code_may_be_typed_with_spaces_and_small_letters(server, typed):
    server.desk.enrol(hand(server).enrolment(typed(server.code(POSYANDU))))


def test_a_code_has_no_letters_that_look_alike(server):
    code = server.code(POSYANDU)
    assert [len(part) for part in code.split("-")] == [4, 4, 4]
    assert set(code) <= set(CODE_LETTERS) | {"-"}
    assert not set(CODE_LETTERS) & set("01OIL")


def test_codes_are_not_stored_readably(server):
    code = server.code(POSYANDU)
    with server.store.read() as connection:
        (kept,) = connection.execute(select(schema.code)).all()
    plain = code.replace("-", "")
    assert plain.encode() not in bytes(kept.digest)
    assert plain not in str(kept)


def test_a_code_enrols_one_laptop(server):
    code = server.code(POSYANDU)
    server.desk.enrol(hand(server).enrolment(code))
    assert refused(server, hand(server).enrolment(code)) == (403, "code_used")


def test_the_same_laptop_is_answered_again_when_the_answer_was_lost(server):
    laptop, code = hand(server), server.code(POSYANDU)
    body = laptop.enrolment(code)
    first = json.loads(server.desk.enrol(body))
    server.time.move(30 * 24 * 3600 * 1000)
    again = json.loads(server.desk.enrol(body))
    assert {k: first[k] for k in ("device", "scope", "epoch")} == {
        k: again[k] for k in ("device", "scope", "epoch")
    }
    assert len(admin.devices(server.store)) == 1


def test_a_used_code_does_not_let_another_take_the_device(server):
    laptop, code = hand(server), server.code(POSYANDU)
    server.desk.enrol(laptop.enrolment(code))
    thief = hand(server)
    thief.device = laptop.device
    assert refused(server, thief.enrolment(code)) == (403, "code_used")
    assert refused(server, thief.enrolment(server.code(POSYANDU))) == (409, "device_taken")


def test_a_code_expires(server):
    code = server.code(POSYANDU)
    from posyandu_app.district.desk import system_ms

    server.time.now = system_ms() + 15 * 24 * 3600 * 1000
    assert refused(server, hand(server).enrolment(code)) == (403, "code_expired")


def test_an_unknown_code_is_refused_and_guessing_is_slowed_down(server):
    laptop = hand(server)
    for _ in range(Guesses.FROM_ONE):
        assert refused(server, laptop.enrolment("AAAA-AAAA-AAAA"), "10.0.0.1") == (403, "code_unknown")
    with pytest.raises(Refusal) as error:
        server.desk.enrol(laptop.enrolment("AAAA-AAAA-AAAA"), "10.0.0.1")
    assert (error.value.status, error.value.reply.error) == (429, "too_many")
    assert error.value.retry_after == 600
    assert refused(server, laptop.enrolment("AAAA-AAAA-AAAA"), "10.0.0.2") == (403, "code_unknown")
    server.time.move(Guesses.WINDOW_MS)
    assert refused(server, laptop.enrolment("AAAA-AAAA-AAAA"), "10.0.0.1") == (403, "code_unknown")


def test_how_long_to_wait_after_wrong_codes_is_exact(server):
    laptop = hand(server)
    wrong = laptop.enrolment("AAAA-AAAA-AAAA")
    for _ in range(Guesses.FROM_ONE):
        refused(server, wrong, "10.0.0.1")
        server.time.move(20_000)
    with pytest.raises(Refusal) as error:
        server.desk.enrol(wrong, "10.0.0.1")
    assert error.value.retry_after == 400  # the first of the ten was 200 s ago
    server.time.move(399_000)
    assert refused(server, wrong, "10.0.0.1") == (429, "too_many")
    server.time.move(1_001)
    assert refused(server, wrong, "10.0.0.1") == (403, "code_unknown")


def test_a_right_code_is_taken_whoever_else_guesses(server):
    """Nobody can lock out a village office behind one address, nor the district from everywhere."""
    wrong = hand(server).enrolment("AAAA-AAAA-AAAA")
    for number in range(300):
        refused(server, wrong, f"10.0.{number // 250}.{number % 250}")
    for _ in range(20):
        refused(server, wrong, "10.9.9.9")
    assert refused(server, wrong, "10.9.9.9") == (429, "too_many")
    for address in ("10.9.9.9", "10.0.0.1", "10.8.8.8"):
        server.desk.enrol(hand(server).enrolment(server.code(POSYANDU)), address)
    assert server.status().devices == 3


def test_what_is_remembered_of_guesses_is_bounded(server):
    guesses = Guesses(server.time)
    for number in range(30_000):
        assert guesses.note(str(number % 20_000)) is None
    assert len(guesses._wrong) == Guesses._MOST


def test_codes_cannot_be_found_by_trying():
    codes = len(CODE_LETTERS) ** CODE_LENGTH
    tried = 1_000 * 14 * 24 * 3600
    assert codes / (tried * 1_000) > 500_000


@pytest.mark.parametrize(
    "otherwise",
    [
        {"proto": 2},
        {"device": "laptop-1"},
        {"device": new_id().upper()},
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 101},
        {"name": "a\nb"},
        {"name": 5},
        {"code": "A" * 101},
        {"code": None},
        {"app": "x" * 101},
        {"sign_key": ""},
        {"sign_key": "bukan kunci"},
        {"sign_key": b64(bytes(31))},
        {"seal_key": b64(bytes(33))},
        {"seal_key": "é"},
    ],
    ids=lambda value: next(iter(value)),
)
def test_an_enrolment_not_in_its_form_is_malformed_and_the_code_stays_good(server, otherwise):
    laptop, code = hand(server), server.code(POSYANDU)
    assert refused(server, laptop.enrolment(**{"code": code} | otherwise)) == (400, "malformed")
    server.desk.enrol(laptop.enrolment(code))


def test_an_enrolment_signed_by_another_key_is_refused(server):
    laptop, code = hand(server), server.code(POSYANDU)
    message = json.loads(laptop.enrolment(code))
    del message["signature"]
    assert refused(server, sign(message, Hand(POSYANDU, 0).key)) == (401, "bad_signature")
    assert refused(server, canonical(message)) == (400, "malformed")
    weak = {**message, "sign_key": b64(bytes(32))}
    assert refused(server, canonical({**weak, "signature": b64(bytes(64))}))[0] in (400, 401)


@pytest.mark.parametrize("scope", ["", "32", "32.1", "32.110", "33.11.01", "abc", "32.11.", "32.11' OR 1=1"])
def test_a_code_is_for_an_area_of_the_server(server, scope):
    with pytest.raises(UserError):
        server.code(scope)


@pytest.mark.parametrize(
    ("scope", "role"),
    [(REGION, "dinas"), ("32.11.13", "tpg"), (VILLAGE, "bidan"), (POSYANDU, "kader")],
)
def test_the_usual_role_follows_from_the_area(server, scope, role):
    assert admin.issue_code(server.district, server.store, scope)[1] == role


@pytest.mark.parametrize("days", [0, -1, 366, 10**9])
def test_a_code_holds_for_a_sensible_time(server, days):
    with pytest.raises(UserError, match="365"):
        admin.issue_code(server.district, server.store, POSYANDU, days=days)


def test_a_role_must_be_one(server):
    with pytest.raises(UserError, match="kader, bidan, tpg, dinas"):
        admin.issue_code(server.district, server.store, POSYANDU, role="raja")
