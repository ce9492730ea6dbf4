"""The canonical form and the hash chain: what every hash and signature stands on."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain import operations
from posyandu_app.domain.operations import (
    GENESIS,
    MalformedOperation,
    Operation,
    canonical,
    chain_hash,
    clean,
    kind_of,
    parse,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def operation(**changes: object) -> Operation:
    parts: dict[str, object] = {
        "seq": 1,
        "type": "child.register",
        "v": 1,
        "entity": "e",
        "scope": "32.11.13.2005.001",
        "actor": "a",
        "at": "2026-11-23T09:12:44+07:00",
        "hlc": "0199a3c2f4d1-0003",
        "tx": (1, 0, 1),
        "app": "0.1.0",
        "payload": {"name": {"v": "Siti Aminah", "base": None}},
    }
    return Operation(**{**parts, **changes})  # type: ignore[arg-type]


def test_canonical_form_is_sorted_without_white_space_and_unescaped():
    assert canonical({"b": [1, None, True], "a": "Éka"}) == '{"a":"Éka","b":[1,null,true]}'.encode()


def test_keys_are_sorted_by_code_point_not_by_utf16_unit():
    assert canonical({"\U0001f600": 1, "\ufb01": 2}) == '{"\ufb01":2,"\U0001f600":1}'.encode()


@given(values)
def test_canonical_form_round_trips(value):
    assert json.loads(canonical(value)) == value


@given(values)
def test_canonical_form_does_not_depend_on_how_the_sender_wrote_it(value):
    assert canonical(json.loads(json.dumps(value, indent=3))) == canonical(value)


@pytest.mark.parametrize("bad", [1.0, float("nan"), 2**63, -(2**63), b"x", {1: 2}, [0.5], {"a": {"b": 1.5}}])
def test_what_has_no_single_byte_form_is_refused(bad):
    with pytest.raises(ValueError):
        canonical(bad)


def test_unpaired_surrogate_is_refused_by_canonical_and_mended_by_clean():
    with pytest.raises(ValueError, match="Unicode"):
        canonical("\ud800")
    assert canonical(clean("a\ud800")) == b'"a?"'


def test_clean_brings_text_to_one_form():
    assert clean({"e\u0301": ["e\u0301"]}) == {"é": ["é"]}


def test_clean_refuses_floats():
    with pytest.raises(ValueError, match="float"):
        clean([8.4])


def test_chain_is_the_published_formula():
    first = operation()
    envelope = hashlib.sha256(canonical(first.envelope())).digest()
    payload = hashlib.sha256(canonical(first.payload)).digest()
    assert chain_hash(GENESIS, first) == hashlib.sha256(GENESIS + envelope + payload).digest()


def test_erased_payload_keeps_the_chain_when_its_hash_is_kept():
    whole = operation()
    kept = operations.payload_hash(whole.payload)
    assert chain_hash(GENESIS, whole.without_payload(), kept) == chain_hash(GENESIS, whole)
    assert chain_hash(GENESIS, whole.without_payload()) != chain_hash(GENESIS, whole)


@pytest.mark.parametrize(
    "changes",
    [
        {"seq": 2},
        {"type": "child.set"},
        {"actor": "b"},
        {"at": "x"},
        {"payload": {}},
        {"tx": None},
        {"extra": {"n": 1}},
    ],
)
def test_any_change_changes_the_hash(changes):
    assert chain_hash(GENESIS, operation(**changes)) != chain_hash(GENESIS, operation())


def test_operation_survives_the_wire_with_fields_of_a_newer_version():
    sent = operation(extra={"witness": ["x", 1]})
    assert parse(json.loads(canonical(sent.to_json()))) == sent


@pytest.mark.parametrize(
    "name", ["seq", "type", "v", "entity", "scope", "actor", "at", "hlc", "tx", "app", "payload"]
)
def test_every_part_is_needed(name):
    value = operation().to_json()
    del value[name]
    with pytest.raises(MalformedOperation, match=name):
        parse(value)


@pytest.mark.parametrize(
    "changes",
    [
        {"seq": 0},
        {"seq": True},
        {"seq": 1.0},
        {"seq": "1"},
        {"v": -1},
        {"seq": 2**63},
        {"type": None},
        {"tx": [1, 2]},
        {"tx": "x"},
        {"tx": [1, 2, "3"]},
        {"payload": []},
        {"payload": "x"},
    ],
)
def test_parts_of_the_wrong_kind_are_named(changes):
    with pytest.raises(MalformedOperation):
        parse({**operation().to_json(), **changes})


@pytest.mark.parametrize("value", [None, [], "x", 1])
def test_what_is_no_object_is_no_operation(value):
    with pytest.raises(MalformedOperation):
        parse(value)


def test_kind_is_the_part_before_the_dot():
    assert [kind_of(t) for t in ("child.set", "measurement.record", "novel")] == [
        "child",
        "measurement",
        "novel",
    ]


@pytest.mark.parametrize("extra", [{}, {"a": 1}, {"mood": "calm"}, {"q": [1]}, {"zz": {"x": None}}])
@pytest.mark.parametrize("payload", [None, {}, {"note": 'a ,"scope": b', "n": [1, {"v": "é"}]}])
def test_a_whole_operation_is_made_of_its_two_stored_parts(extra, payload):
    value = {
        **extra,
        "seq": 7,
        "type": "visit.record",
        "v": 1,
        "entity": "e",
        "scope": "32.11",
        "actor": 'x","hlc":"0",\\"scope":"',
        "at": "t",
        "hlc": "0199a3c2f4d1-0003",
        "tx": [1, 1, 1],
        "app": "1",
        "payload": payload,
    }
    operation = operations.parse(value)
    sealed = operations.seal(operation)
    stored = None if payload is None else sealed.payload.decode()
    assert operations.whole(sealed.envelope.decode(), stored) == operations.canonical(value)
