"""The messages of the sync protocol, shared by laptop and district server.

Messages are msgspec structs. A signed message is canonical JSON whose last key is
`signature`, taken over the SHA-256 of the canonical form without it. Operations stay raw
bytes until they are read one by one, so that one bad operation never spoils a request and
fields of newer versions travel on as they came.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from posyandu_app.domain import operations
from posyandu_app.domain.operations import Json, JsonObject, MalformedOperation, Operation, Sealed

PROTO = 1
MAX_OPERATIONS = 2_000
MAX_SEGMENTS = 64
MAX_BODY = 1024 * 1024
MAX_UNPACKED = 16 * 1024 * 1024
MAX_DEPTH = 32
_MARK_LENGTH = 24
ERASED, REVOKED, AREA = "erased", "revoked", "area"
"""What a laptop tells again of what the server had told: children, laptops, the area this one has."""

T = TypeVar("T", bound=Struct)

_SIGNATURE_AT_END = re.compile(rb',"signature":"([A-Za-z0-9+/]{86}==)"\}')
_SIGNATURE_SIZE = 104
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_LONG_NUMBER = b"0" * 19
_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"000000000")
_encoder = msgspec.json.Encoder(order="sorted")


class Malformed(ValueError):
    """A message that is not in the protocol's form; the text says where, never what stood there."""


def _no_float(text: str) -> float:
    raise ValueError("a number with a fraction or exponent")


_decode_any: Callable[[bytes | Raw], Json] = msgspec.json.Decoder(float_hook=_no_float).decode


class Segment(Struct, frozen=True, omit_defaults=True):
    """A gapless stretch of one replica's log, signed by the laptop that wrote it.

    `erased` has, by number, the payload hash (hex) of each operation whose payload is null by erasure. Those
    in `left` were forgotten on that laptop alone, since their child had left its area: no law wanted it.
    """

    replica: str
    first: int
    prev: str
    ops: list[Raw]
    last: str
    device: str
    sig: str
    erased: dict[str, str] = {}
    left: list[int] = []


class Returned(Struct, frozen=True):
    """Another's operation that a former history of the server has told with that `eff`, and this one not.

    `proof` is the one it was told with.
    """

    replica: str
    eff: str
    op: Raw
    proof: str = ""


class Incident(Struct, frozen=True, omit_defaults=True):
    """Something that did not agree and was mended; `detail` never says who."""

    at: str
    what: str
    detail: str = ""


class Wanted(Struct, frozen=True):
    """A laptop's bucket sums up to `cursor`, to hear again what differs, from beyond `after` on.

    `sums` are count and sum of the content hashes in each of the 256 buckets by first byte.
    """

    cursor: int
    after: int
    sums: list[tuple[int, str]]


class Request(Struct, frozen=True, omit_defaults=True):
    """What a laptop has to say and what it already holds; `reads` is its projection's version.

    `returned` are others' operations that the server has told before it was restored, and does not tell now.
    `cards` are the server's answers to the joining of those who wrote what is carried, and of this laptop.
    `heard` is what the server has told of children, laptops and areas: by kind, each with its proof.
    `forgot` says that content of its own operations was forgotten here, since the child had left.
    """

    proto: int
    device: str
    sent_at: str
    epoch: str | None
    cursor: int
    have: dict[str, int]
    segments: list[Segment]
    limit: int
    reads: int | None = None
    incidents: list[Incident] = []
    repair: Wanted | None = None
    returned: list[Returned] = []
    heard: dict[str, dict[str, str]] = {}
    cards: list[Raw] = []
    forgot: bool = False
    signature: str | UnsetType = UNSET

    @property
    def mark(self) -> str | None:
        """What tells it from every other request, once it is signed: the beginning of its signature."""
        return None if self.signature is UNSET else self.signature[:_MARK_LENGTH]


class Receipt(Struct, frozen=True, omit_defaults=True, rename={"with_": "with"}):
    """What became of one operation; without `ss` it is kept but not in anybody's feed."""

    replica: str
    seq: int
    status: str
    ss: int | None = None
    eff: str | None = None
    with_: list[tuple[str, int]] = []
    why: str | None = None
    ref: str | None = None
    message: str | None = None


class FeedItem(Struct, frozen=True, omit_defaults=True, gc=False, rename={"with_": "with"}):
    """One operation in the server's order; `erased` is the payload's hash (hex) when it was erased.

    By `proof` the server will know, should it be restored to before, that it has told this with this `eff`.
    """

    ss: int
    replica: str
    eff: str
    status: str
    op: Raw
    with_: list[tuple[str, int]] = []
    erased: str | None = None
    proof: str | None = None


class Feed(Struct, frozen=True, omit_defaults=True, rename={"from_": "from"}):
    """The operations after `from` up to and including `to` that the reader does not hold yet.

    `total` comes while there is more: how many operations the reader will hold in all. `came` says,
    to those who count for others, when stretches of logs came to the server: replica, first, last, time.
    `laptops` are the names that the writers of the logs in `ops` were given at joining, by replica.
    """

    from_: int
    to: int
    ops: list[FeedItem]
    more: bool
    total: int | None = None
    came: list[tuple[str, int, int, str]] = []
    laptops: dict[str, str] = {}


class Repair(Struct, frozen=True, rename={"from_": "from"}):
    """Everything in the buckets that differ, in the server's order from beyond `from` up to `to`."""

    buckets: list[int]
    from_: int
    to: int
    ops: list[FeedItem]
    more: bool


class Sanity(Struct, frozen=True):
    """Count and sum of operation hashes, and of visible rows by kind, in scope up to the cursor.

    Sums are 256-bit, lower-case hex. `rows` holds `version`, the projection's, beside the kinds.
    """

    cursor: int
    log: tuple[int, str]
    rows: dict[str, int | tuple[int, str]]


class Order(Struct, frozen=True, omit_defaults=True):
    """What the server tells a laptop to do: forget everything, or all about these children.

    `purge` are children who are no longer in its reading, `erase` those whose data was erased by law. By
    `proofs` the server will know, should it be restored to before, that it has erased them.
    """

    wipe: bool = False
    purge: list[str] = []
    erase: list[str] = []
    proofs: dict[str, str] = {}


class Reader(Struct, frozen=True, omit_defaults=True):
    """How far another laptop has read, as it said itself, and when it was last heard of."""

    scope: str
    cursor: int
    seen_at: str | None = None


class Reply(Struct, frozen=True, omit_defaults=True):
    """What the server holds, what became of what came, and what the laptop has to hear.

    `sanity` comes when the feed has reached its end, and for those who hand things out `readers` too:
    the other laptops inside the scope, so that they see who has it. `revoked` are laptops for which
    nothing is to be sealed any more. `holds` proves to the laptop that its own log is meant: for each log
    named in `have`, a number and the chain hash (hex) there, of what both sides hold. `scope` is the
    laptop's area as it is now. `answers` is the `mark` of the request. By `proofs` the server will know,
    should it be restored to before, whom it has revoked, and that this `device` has this `scope`.
    """

    proto: int
    device: str
    epoch: str
    received_at: str
    have: dict[str, int]
    receipts: list[Receipt]
    feed: Feed
    sanity: Sanity | None = None
    order: Order | None = None
    read_limit: int | None = None
    readers: list[Reader] | None = None
    revoked: list[str] = []
    proofs: dict[str, str] = {}
    holds: dict[str, tuple[int, str]] = {}
    scope: str | None = None
    repair: Repair | None = None
    answers: str | None = None
    signature: str | UnsetType = UNSET


class Refusal(Struct, frozen=True, omit_defaults=True):
    """Why a request was not taken; signed, so that a laptop may act on it.

    A fork lies exactly at `seq` when that is not before `first`, where the segment begins. `refused` is its
    last number and the chain hash (hex) there: what the laptop has written that is meant, not its copy.
    """

    device: str
    error: str
    message: str
    proto: int
    received_at: str
    replica: str | None = None
    seq: int | None = None
    first: int | None = None
    refused: tuple[int, str] | None = None
    signature: str | UnsetType = UNSET


class ServerKeys(Struct, frozen=True):
    """The public keys by which a laptop knows its server from then on."""

    sign_key: str
    seal_key: str


class Continues(Struct, frozen=True):
    """The device that a laptop was before it was enrolled again; signed by that device's key."""

    device: str
    sig: str


class EnrolRequest(Struct, frozen=True, omit_defaults=True):
    """A laptop asks to join with a code from the Dinas; signed by the key it brings.

    With `continues` it goes on writing the logs that it began under its former id.
    """

    proto: int
    code: str
    device: str
    name: str
    sign_key: str
    seal_key: str
    app: str
    continues: Continues | None = None
    signature: str | UnsetType = UNSET


class EnrolReply(Struct, frozen=True, omit_defaults=True):
    """The scope given to a laptop and the server's keys.

    With `sign_key` and `seal_key`, the laptop's own, it proves to other laptops who that laptop is, and to a
    server that was put back to before; `continues` is what it was enrolled as before.
    """

    proto: int
    device: str
    scope: str
    role: str
    district: str
    epoch: str
    server: ServerKeys
    received_at: str
    sign_key: str | None = None
    seal_key: str | None = None
    continues: str | None = None
    signature: str | UnsetType = UNSET


class Health(Struct, frozen=True):
    """Whether the server is up, and who it is."""

    status: str
    time: str
    epoch: str
    server: ServerKeys
    proto: list[int]


class ErrorReply(Struct, frozen=True, omit_defaults=True):
    """Why a request was not taken; `message` is a sentence for the person at the laptop."""

    error: str
    message: str
    have: dict[str, int] | None = None
    replica: str | None = None
    seq: int | None = None


def encode(value: "Struct | Json") -> bytes:
    """Canonical JSON of a message or value: equal to `operations.canonical`, and fast."""
    return _encoder.encode(value)


def decode(body: bytes, message: type[T]) -> T:
    """The message in a body; fields this version does not know are left out. Raises `Malformed`."""
    try:
        return msgspec.json.decode(body, type=message)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed("not JSON, or nested too deeply") from None


def decode_json(body: bytes | Raw) -> Json:
    """Any JSON value of the protocol: no floats, no integer beyond 64 bits, not deep. Raises `Malformed`."""
    try:
        value = _decode_any(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Malformed("not JSON of this protocol: integers only, and not nested deeply") from None
    raw = bytes(body)
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH:
        _check_depth(value, MAX_DEPTH)
    if _LONG_NUMBER in raw.translate(_DIGITS_ALIKE):
        try:
            operations.canonical(value)
        except ValueError as error:
            raise Malformed(str(error)) from None
    return value


def _check_depth(value: Json, left: int) -> None:
    if not isinstance(value, dict | list):
        return
    if left == 0:
        raise Malformed(f"nested deeper than {MAX_DEPTH} levels")
    for item in value.values() if isinstance(value, dict) else value:
        _check_depth(item, left - 1)


def mark_of(signed: bytes) -> str:
    """The mark of a request (`Request.mark`) that was signed here: its signature stands last."""
    return signed[-_SIGNATURE_SIZE:][len(b',"signature":"') :][:_MARK_LENGTH].decode("ascii")


def signed(body: bytes) -> tuple[bytes, str]:
    """The SHA-256 that a message's signature was taken over, and the signature. Raises `Malformed`.

    Our own writers send canonical JSON, of which the signed bytes are a slice; any other
    spacing or order is brought to canonical form first.
    """
    end = _SIGNATURE_AT_END.fullmatch(body[-_SIGNATURE_SIZE:])
    if end is None:
        return canonically_signed(body)
    digest = hashlib.sha256(memoryview(body)[:-_SIGNATURE_SIZE])  # years of data are not copied for it
    digest.update(b"}")
    return digest.digest(), end[1].decode("ascii")


def canonically_signed(body: bytes) -> tuple[bytes, str]:
    """Like `signed`, always by way of the decoded value: for the rare slice that is not canonical."""
    value = _decode_message(body)
    signature = value.pop("signature", None)
    if not isinstance(signature, str):
        raise Malformed("signature must be text")
    return hashlib.sha256(encode(value)).digest(), signature


def _decode_message(body: bytes) -> JsonObject:
    try:
        value = _decode_any(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Malformed("not JSON of this protocol: integers only, and not nested deeply") from None
    if not isinstance(value, dict):
        raise Malformed("a message must be an object")
    return value


class Arrived(Struct, frozen=True, gc=False):
    """An operation as it came: read, with its canonical bytes and hashes."""

    operation: Operation
    body: bytes
    sealed: Sealed


_decode_plain = msgspec.json.Decoder(Operation, float_hook=_no_float).decode
_PAYLOAD_KEY, _AFTER_PAYLOAD = b',"payload":', b',"scope":'


def read_operation(raw: bytes | Raw, erased: str | None = None) -> Arrived:
    """The operation in raw JSON; raises `Malformed` naming the bad part.

    `erased` is the hash (hex) of a payload that has been erased, and is null now.
    """
    return (_read_plain(bytes(raw)) if erased is None else None) or _read_any(raw, erased)


def _read_plain(body: bytes) -> Arrived | None:
    """Like `_read_any`, in a third of the time, for what is written canonically and holds nothing new.

    None for everything else: whoever wants to know why asks `_read_any`.
    """
    try:
        operation = _decode_plain(body)
        if operation.extra or operation.payload is None or encode(operation) != body:
            return None
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        return None
    # in a text these quotes would stand behind a backslash; only the payload holds further objects
    start, end = body.index(_PAYLOAD_KEY), body.rindex(_AFTER_PAYLOAD)
    content = body[start + len(_PAYLOAD_KEY) : end]
    if content.count(b"{") + content.count(b"[") > MAX_DEPTH - 1:  # it stands in an object itself
        return None
    if _LONG_NUMBER in content.translate(_DIGITS_ALIKE):
        return None
    envelope = body[:start] + body[end:]
    return Arrived(operation, body, _seal(envelope, content))


def _read_any(raw: bytes | Raw, erased: str | None) -> Arrived:
    value = decode_json(raw)
    try:
        operation = operations.parse(value)
    except MalformedOperation as error:
        raise Malformed(str(error)) from None
    assert isinstance(value, dict), "parse takes objects only"
    body = encode(value)
    payload = encode(value.pop("payload"))
    envelope = encode(value)
    if erased is not None:
        if operation.payload is not None or _HASH.fullmatch(erased) is None:
            raise Malformed("erased")
        hash_of_envelope = hashlib.sha256(envelope).digest()
        return Arrived(operation, body, Sealed(envelope, None, hash_of_envelope, bytes.fromhex(erased)))
    return Arrived(operation, body, _seal(envelope, payload))


def stored_operation(body: bytes) -> Operation:
    """The operation in bytes that `read_operation` has let in before."""
    return operations.parse(_decode_any(body))


def _seal(envelope: bytes, payload: bytes) -> Sealed:
    return Sealed(envelope, payload, hashlib.sha256(envelope).digest(), hashlib.sha256(payload).digest())


def is_nfc(body: bytes) -> bool:
    """Whether every string in a JSON text is in the one composed form that writers must use."""
    return body.isascii() or unicodedata.is_normalized("NFC", body.decode("utf-8"))


def moment(text: str) -> datetime:
    """A time as messages tell it; raises `ValueError` when it is none or has no offset."""
    told = datetime.fromisoformat(text)
    if told.tzinfo is None:
        raise ValueError("a time needs its offset")
    return told
