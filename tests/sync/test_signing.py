"""Signatures: right ones pass, everything else does not."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.sync import wire
from posyandu_app.sync.signing import (
    BadSignature,
    Keys,
    from_base64,
    open_message,
    sign_message,
    sign_segment,
    to_base64,
    verify_key,
    verify_message,
    verify_segment,
)

KEYS, OTHER = Keys.generate(), Keys.generate()
REQUEST = wire.Request(1, "d", "2026-11-23T09:12:44+07:00", None, 0, {"r": 3}, [], 50)


def test_keys_come_back_from_their_bytes():
    again = Keys.from_bytes(KEYS.to_bytes())
    assert again.public == KEYS.public
    assert again.to_bytes() == KEYS.to_bytes()


@pytest.mark.parametrize("size", [0, 32, 63, 65])
def test_keys_of_another_size_are_none(size):
    with pytest.raises(ValueError, match="64"):
        Keys.from_bytes(bytes(size))


def test_a_signed_message_is_opened_by_its_senders_key():
    body = sign_message(REQUEST, KEYS.sign)
    opened = open_message(body, KEYS.sign.verify_key, wire.Request)
    assert opened.have == {"r": 3}
    with pytest.raises(BadSignature):
        open_message(body, OTHER.sign.verify_key, wire.Request)


def test_the_signature_is_over_the_hash_of_the_canonical_message():
    message = json.loads(sign_message(REQUEST, KEYS.sign))
    signature = from_base64(message.pop("signature"), 64)
    canonical = json.dumps(message, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    KEYS.sign.verify_key.verify(hashlib.sha256(canonical).digest(), signature)


def test_a_message_in_another_spacing_is_still_signed():
    message = json.loads(sign_message(REQUEST, KEYS.sign))
    verify_message(json.dumps(message, indent=3).encode(), KEYS.sign.verify_key)


@given(st.data())
def test_every_altered_byte_is_noticed(data):
    body = sign_message(REQUEST, KEYS.sign)
    place = data.draw(st.integers(0, len(body) - 1))
    flipped = body[place] ^ (1 << data.draw(st.integers(0, 7)))
    with pytest.raises((BadSignature, wire.Malformed)):
        verify_message(body[:place] + bytes([flipped]) + body[place + 1 :], KEYS.sign.verify_key)


def segment(**otherwise) -> wire.Segment:
    parts = {"replica": "r", "first": 5, "ops": [b"1", b"2"], "last": "ab"} | otherwise
    signed = sign_segment("r", 5, 6, "ab", KEYS.sign)
    return wire.Segment(**parts, prev="", device="d", sig=signed)


def test_a_segment_is_signed_with_its_log_its_place_and_its_last_hash():
    verify_segment(segment(), KEYS.sign.verify_key)
    for otherwise in ({"replica": "q"}, {"first": 4}, {"ops": [b"1"]}, {"last": "ac"}):
        with pytest.raises(BadSignature):
            verify_segment(segment(**otherwise), KEYS.sign.verify_key)
    with pytest.raises(BadSignature):
        verify_segment(segment(), OTHER.sign.verify_key)


@pytest.mark.parametrize("text", ["", "a", "é", "AAAA", to_base64(bytes(33)), to_base64(bytes(32))[:-1]])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(ValueError, match=r"base64|expected"):
        verify_key(text)
