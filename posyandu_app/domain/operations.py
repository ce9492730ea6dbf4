"""One entry of the log: its form, its canonical bytes and its place in the hash chain.

Canonical JSON is what every hash and signature is taken over: UTF-8, keys sorted by
code point, no white space, integers only, non-ASCII unescaped. Writers normalise
strings to NFC (`clean`); readers hash exactly what came.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from json.encoder import encode_basestring
from typing import Annotated, Any, NamedTuple, TypeAlias

from msgspec import Meta, Struct, structs

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = dict[str, "Json"]

GENESIS = bytes(32)
MAX_INTEGER = 2**63 - 1

_PLAIN = frozenset((str, bool, type(None)))
_TEXTS = ("type", "entity", "scope", "actor", "at", "hlc", "app")
_KNOWN = frozenset((*_TEXTS, "seq", "v", "tx", "payload"))
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


class MalformedOperation(ValueError):
    """Not an operation at all: a required part is missing or of the wrong kind."""


class OpKey(NamedTuple):
    """The identity of an operation and its idempotency key."""

    replica: str
    seq: int


def field_write(value: Json, base: OpKey | None = None) -> JsonObject:
    """A field's new value as an operation carries it, with the write that whoever changed it saw there."""
    return {"v": value, "base": None if base is None else list(base)}


def field_writes(values: Mapping[str, Json], seen: Mapping[str, OpKey] | None = None) -> JsonObject:
    """New values of several fields; `seen` says which write each was based on."""
    return {name: field_write(value, (seen or {}).get(name)) for name, value in values.items()}


def clean(value: Json) -> Json:
    """The value with every string in NFC and free of lone surrogates, fit to be written to the log.

    Raises `ValueError` for floats and for integers beyond 64 bits.
    """
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {unicodedata.normalize("NFC", key): clean(item) for key, item in value.items()}
    _check_scalar(value)
    return value


def canonical(value: Json) -> bytes:
    """The one byte form of a JSON value; raises `ValueError` for floats and unpaired surrogates."""
    _check(value)
    try:
        return _encode(value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("text is not valid Unicode") from error


def canonical_again(value: Json) -> bytes:
    """The canonical bytes of parts of an operation that has been sealed: they need no second check."""
    return _encode(value).encode("utf-8")


def canonical_text(value: str) -> bytes:
    """The same for a text alone, in a tenth of the time."""
    return encode_basestring(value).encode("utf-8")


def _check(value: Json) -> None:
    items: Iterable[Json]
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise ValueError("object keys must be text")
        items = value.values()
    elif isinstance(value, list):
        items = value
    else:
        items = (value,)
    for item in items:
        if type(item) in _PLAIN:
            continue
        if isinstance(item, dict | list):
            _check(item)
        elif not isinstance(item, str):
            _check_scalar(item)


def _check_scalar(value: Json) -> None:
    if value is None or isinstance(value, bool):
        return
    if not isinstance(value, int):
        raise ValueError(f"only integers, text, true, false and null are allowed, not {type(value).__name__}")
    if abs(value) > MAX_INTEGER:
        raise ValueError("integer beyond 64 bits")


_Number = Annotated[int, Meta(ge=1, le=MAX_INTEGER)]
_Integer = Annotated[int, Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)]


class Operation(Struct, frozen=True, gc=False, omit_defaults=True):
    """What a person did, as it stands in the log; `payload` is None after a legal erasure.

    `tx` is (transaction, index, size) of the deed it belongs to. `extra` holds envelope
    fields of a newer version, kept as they came so that the hash still fits.
    """

    seq: _Number
    type: str
    v: _Number
    entity: str
    scope: str
    actor: str
    at: str
    hlc: str
    tx: tuple[_Integer, _Integer, _Integer] | None
    app: str
    payload: dict[str, Any] | None
    extra: dict[str, Any] = {}

    def envelope(self) -> JsonObject:
        """The operation without its payload."""
        return {
            **self.extra,
            "seq": self.seq,
            "type": self.type,
            "v": self.v,
            "entity": self.entity,
            "scope": self.scope,
            "actor": self.actor,
            "at": self.at,
            "hlc": self.hlc,
            "tx": list(self.tx) if self.tx is not None else None,
            "app": self.app,
        }

    def to_json(self) -> JsonObject:
        """The operation as it travels."""
        return {**self.envelope(), "payload": self.payload}

    def without_payload(self) -> "Operation":
        """The operation as it stands after a legal erasure."""
        return self.but(payload=None)

    def but(self, **changes: Any) -> "Operation":
        """The same with other parts."""
        return structs.replace(self, **changes)


def parse(value: Json) -> Operation:
    """The operation in a decoded JSON value; raises `MalformedOperation` naming the bad part."""
    if not isinstance(value, dict):
        raise MalformedOperation("an operation must be an object")
    try:
        seq, v, tx, payload = value["seq"], value["v"], value["tx"], value["payload"]
        kind, entity, scope, actor = value["type"], value["entity"], value["scope"], value["actor"]
        at, stamp, app = value["at"], value["hlc"], value["app"]
    except KeyError as missing:
        raise MalformedOperation(f"{missing.args[0]} must be present") from None
    if not (
        isinstance(kind, str)
        and isinstance(entity, str)
        and isinstance(scope, str)
        and isinstance(actor, str)
        and isinstance(at, str)
        and isinstance(stamp, str)
        and isinstance(app, str)
    ):
        wrong = next(name for name in _TEXTS if not isinstance(value[name], str))
        raise MalformedOperation(f"{wrong} must be text")
    if type(seq) is not int or not 1 <= seq <= MAX_INTEGER:
        raise MalformedOperation("seq must be a positive integer")
    if type(v) is not int or not 1 <= v <= MAX_INTEGER:
        raise MalformedOperation("v must be a positive integer")
    if payload is not None and not isinstance(payload, dict):
        raise MalformedOperation("payload must be an object")
    return Operation(
        seq, kind, v, entity, scope, actor, at, stamp, _parse_tx(tx), app, payload, _beside_known(value)
    )


def _beside_known(value: JsonObject) -> JsonObject:
    """The parts of an operation that a newer version has added."""
    if len(value) == len(_KNOWN):  # all of those are there
        return {}
    return {key: item for key, item in value.items() if key not in _KNOWN}


def _parse_tx(value: Json) -> tuple[int, int, int] | None:
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 3:
        first, second, third = value
        if isinstance(first, int) and isinstance(second, int) and isinstance(third, int):
            return (first, second, third)
    raise MalformedOperation("tx must be three integers")


def whole(envelope: str, payload: str | None) -> bytes:
    """The canonical bytes of an operation from those of its two parts; a payload of None was erased."""
    place = _BEFORE_PAYLOAD.search(envelope)
    if place is None:  # a newer version's field stands between
        decoded = json.loads(envelope)
        return canonical_again({**decoded, "payload": None if payload is None else json.loads(payload)})
    at = place.end(1)
    return f'{envelope[:at]},"payload":{"null" if payload is None else payload}{envelope[at:]}'.encode()


_BEFORE_PAYLOAD = re.compile(r'("hlc":"[^"\\]*"),"scope":')


def payload_hash(payload: JsonObject | None) -> bytes:
    """SHA-256 of the canonical payload; kept in its place when the payload is erased."""
    return hashlib.sha256(canonical(payload)).digest()


class Sealed(Struct, frozen=True, gc=False):
    """An operation's canonical bytes, made once, and the hashes that follow from them."""

    envelope: bytes
    payload: bytes | None
    envelope_hash: bytes
    payload_hash: bytes

    def chain(self, previous: bytes) -> bytes:
        """hash(n) of the log from hash(n-1); `GENESIS` before the first operation."""
        return hashlib.sha256(previous + self.envelope_hash + self.payload_hash).digest()

    def content(self, replica: str) -> bytes:
        """The operation's own hash, without its place in the chain: what the sanity sums add up (rule 13).

        A laptop that is fed only part of another's log can compute it, and an erasure leaves it as it is.
        """
        return hashlib.sha256(replica.encode("utf-8") + self.envelope_hash + self.payload_hash).digest()


def seal(operation: Operation, hash_of_payload: bytes | None = None) -> Sealed:
    """The canonical bytes and hashes of an operation; `hash_of_payload` stands in for an erased payload."""
    envelope = canonical(operation.envelope())
    if hash_of_payload is not None:
        payload, inner = None, hash_of_payload
    else:
        payload = canonical(operation.payload)
        inner = hashlib.sha256(payload).digest()
    return Sealed(envelope, payload, hashlib.sha256(envelope).digest(), inner)


def chain_hash(previous: bytes, operation: Operation, hash_of_payload: bytes | None = None) -> bytes:
    """hash(n) of the log from hash(n-1); `GENESIS` before the first operation."""
    return seal(operation, hash_of_payload).chain(previous)


def content_hash(replica: str, operation: Operation, hash_of_payload: bytes | None = None) -> bytes:
    """The operation's own hash, the same on every replica that holds it (see `Sealed.content`)."""
    return seal(operation, hash_of_payload).content(replica)


def kind_of(operation_type: str) -> str:
    """What an operation type is about: the part before the dot ("child.set" → "child")."""
    return operation_type.partition(".")[0]
