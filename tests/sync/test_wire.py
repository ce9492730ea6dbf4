"""Messages: canonical, tolerant of what is new, and never more than a clear error for what is bad."""

import copy
import hashlib
import json
import pickle
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain import operations
from posyandu_app.sync import wire

integers = st.integers(-operations.MAX_INTEGER, operations.MAX_INTEGER)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | integers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
OPERATION = {
    "seq": 1,
    "type": "child.register",
    "v": 1,
    "entity": "8c1f0000-0000-4000-8000-000000000000",
    "scope": "32.11.13.2005.001",
    "actor": "kader",
    "at": "2026-11-23T09:12:44+07:00",
    "hlc": "0199a3c2f4d1-0003",
    "tx": [1, 1, 1],
    "app": "1.0.0",
    "payload": {"name": {"v": "Siti", "base": None}},
}


@given(values)
def test_the_fast_canonical_form_is_the_defined_one(value):
    assert wire.encode(value) == operations.canonical(value)


@given(values)
def test_what_is_encoded_is_decoded_again(value):
    assert wire.decode_json(wire.encode(value)) == value


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_malformed(body):
    for read in (wire.decode_json, wire.read_operation, wire.signed):
        with suppress(wire.Malformed):
            read(body)
    for message in (wire.Request, wire.Reply, wire.EnrolRequest, wire.EnrolReply, wire.ErrorReply):
        with pytest.raises(wire.Malformed):
            wire.decode(body, message)


@given(st.dictionaries(texts, values, max_size=5))
def test_unknown_parts_of_an_operation_are_kept_byte_for_byte(extra):
    value = {**extra, **OPERATION}
    arrived = wire.read_operation(json.dumps(value).encode())
    assert arrived.body == operations.canonical(value)
    assert arrived.operation.to_json() == value
    assert arrived.sealed == operations.seal(arrived.operation)
    assert wire.stored_operation(arrived.body) == arrived.operation


words = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('",\\\\:{}payload'), max_size=12)
payloads = st.dictionaries(words, values, max_size=4) | st.none()


@given(st.fixed_dictionaries(dict.fromkeys(("scope", "actor", "at", "hlc", "app"), words)), payloads)
def test_an_operation_written_canonically_is_read_as_any_other(parts, payload):
    """The short way for canonical bytes and the long way for any others agree in every part."""
    value = {**OPERATION, **parts, "payload": payload}
    body = operations.canonical(value)
    loose = json.dumps(value, indent=1).encode()
    assert wire.read_operation(body) == wire.read_operation(loose)
    assert wire.read_operation(body).sealed == operations.seal(operations.parse(value))


LIMITS = [0, 1, -1, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63) + 1, -(2**63), 10**30]
odd_numbers = st.sampled_from(LIMITS) | st.booleans() | st.none() | st.just("1")
odd_values = st.recursive(
    odd_numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
odd_parts = st.one_of(
    st.dictionaries(st.sampled_from(["seq", "v"]), odd_numbers),
    st.builds(lambda numbers: {"tx": numbers}, st.lists(st.sampled_from(LIMITS), min_size=3, max_size=3)),
    st.builds(lambda content: {"payload": content}, st.dictionaries(words, odd_values, max_size=3)),
    st.dictionaries(st.sampled_from([*OPERATION, "extra", "zz"]), odd_values, max_size=2),
)


def as_if_unknown(body: bytes):
    try:
        return wire._read_any(body, None)
    except wire.Malformed:
        return wire.Malformed


def as_read(body: bytes):
    try:
        return wire.read_operation(body)
    except wire.Malformed:
        return wire.Malformed


@given(odd_parts, st.booleans(), st.data())
def test_bytes_are_the_same_operation_or_none_whichever_way_they_are_read(parts, escaped, data):
    """What only one way lets in is a log that stands on some laptops and not on others."""
    value = {**OPERATION, **parts}
    body = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=escaped).encode()
    if data.draw(st.booleans()):
        part, again = data.draw(st.sampled_from(sorted(value))), json.dumps(data.draw(odd_values)).encode()
        body = b'{"%b":%b,%b' % (part.encode(), again, body[1:])
    assert as_read(body) == as_if_unknown(body)


@pytest.mark.parametrize("number", LIMITS)
@pytest.mark.parametrize("part", ["tx", "seq", "v", "payload", "extra"])
def test_numbers_pass_up_to_64_bits_wherever_they_stand(part, number):
    value = {**OPERATION, part: {"tx": [number, 1, 1], "payload": {"n": number}}.get(part, number)}
    body = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    least = 1 if part in ("seq", "v") else -operations.MAX_INTEGER
    assert (as_read(body) is not wire.Malformed) == (least <= number <= operations.MAX_INTEGER)
    assert as_read(body) == as_if_unknown(body)


@pytest.mark.parametrize("extra", [{}, [], {"a": 1}, [1], 0, 5, None, "", "x", True])
def test_a_part_of_a_newer_version_may_be_called_extra(extra):
    value = {**OPERATION, "extra": extra}
    arrived = wire.read_operation(operations.canonical(value))
    assert arrived.body == operations.canonical(value)
    assert arrived.operation.extra == {"extra": extra}
    assert arrived.operation.to_json() == value
    assert arrived.sealed == operations.seal(arrived.operation)
    assert wire.stored_operation(arrived.body) == arrived.operation


def test_an_operation_without_new_parts_shares_them_with_no_other():
    first, second = (wire.read_operation(operations.canonical(OPERATION)).operation for _ in range(2))
    first.extra["x"] = 1
    assert second.extra == wire.read_operation(operations.canonical(OPERATION)).operation.extra == {}
    assert pickle.loads(pickle.dumps(second)) == copy.deepcopy(second) == second


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"seq":1', b'"seq":0'),
        (b'"seq":1', b'"seq":9223372036854775808'),
        (b'"seq":1', b'"seq":1.0'),
        (b'"seq":1', b'"seq":true'),
        (b'"tx":[1,1,1]', b'"tx":[1,1]'),
        (b'"tx":[1,1,1]', b'"tx":[1,1,1.5]'),
        (b'"actor":"kader"', b'"actor":5'),
        (b'"payload":{', b'"payload":[],"x":{'),
        (b'"v":"Siti"', b'"v":1.5'),
        (b'"v":"Siti"', b'"v":' + b"[" * 40 + b"]" * 40),
    ],
)
def test_a_part_out_of_form_is_malformed_also_in_canonical_bytes(old, new):
    body = operations.canonical(OPERATION)
    assert old in body
    with pytest.raises(wire.Malformed):
        wire.read_operation(body.replace(old, new))


def test_of_two_payloads_the_last_counts_and_is_sealed():
    body = operations.canonical(OPERATION).replace(b'"payload":', b'"payload":{"a":1},"payload":')
    assert wire.read_operation(body) == wire.read_operation(operations.canonical(OPERATION))


@pytest.mark.parametrize("number", ["1.5", "1e3", "-1.0", str(2**63), str(-(2**63)), "1" * 400])
def test_only_integers_of_64_bits_are_numbers(number):
    for body in (f'{{"n":{number}}}', f"[[{number}]]", number):
        with pytest.raises(wire.Malformed):
            wire.decode_json(body.encode())


def test_the_largest_integers_pass():
    for number in (operations.MAX_INTEGER, -operations.MAX_INTEGER, 0):
        assert wire.decode_json(str(number).encode()) == number


def test_long_digits_in_text_are_no_number():
    assert wire.decode_json(b'{"nik":"32111300000000000000001"}') == {"nik": "32111300000000000000001"}


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def test_depth_is_limited():
    assert wire.decode_json(nested(wire.MAX_DEPTH))
    for depth in (wire.MAX_DEPTH + 1, 500, 100_000):
        with pytest.raises(wire.Malformed):
            wire.decode_json(nested(depth))


def test_many_brackets_side_by_side_are_not_deep():
    assert len(wire.decode_json(b"[" + b",".join([b"{}"] * 1000) + b"]")) == 1000


def test_the_signed_part_is_a_slice_of_a_canonical_body():
    signature = "A" * 86 + "=="
    body = b'{"a":1,"signature":"' + signature.encode() + b'"}'
    signed = hashlib.sha256(b'{"a":1}').digest(), signature
    assert wire.signed(body) == wire.canonically_signed(body) == signed


def test_another_order_and_spacing_has_the_same_signed_part():
    signature = "A" * 86 + "=="
    body = json.dumps({"signature": signature, "z": [1], "a": "é"}, indent=1).encode()
    assert wire.signed(body) == (hashlib.sha256('{"a":"é","z":[1]}'.encode()).digest(), signature)


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"signature":5}', b'{"a":1.5,"signature":"x"}', b""])
def test_a_message_without_a_signature_is_malformed(body):
    with pytest.raises(wire.Malformed):
        wire.signed(body)


@pytest.mark.parametrize("message", [wire.Request, wire.Reply, wire.EnrolRequest, wire.EnrolReply])
def test_the_signature_stands_last_in_the_canonical_form(message):
    names = [field.encode_name for field in msgspec.structs.fields(message)]
    assert max(names) == "signature"


def test_a_message_of_a_newer_version_is_read_without_what_is_new():
    body = b'{"error":"gap","message":"x","have":{"a":1},"zebra":{"deep":[1.5]}}'
    assert wire.decode(body, wire.ErrorReply) == wire.ErrorReply("gap", "x", {"a": 1})


@pytest.mark.parametrize(("text", "composed"), [("An\u00e9", True), ("Ane\u0301", False), ("", True)])
def test_composed_text_is_known(text, composed):
    assert wire.is_nfc(json.dumps({"name": text}, ensure_ascii=False).encode()) is composed
