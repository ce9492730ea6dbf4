"""Keys and signatures: how a laptop and its district server know each other.

Ed25519 signs messages and segments, X25519 opens what is sealed for its owner. Keys and
signatures travel as standard base64, hashes as lower-case hex.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import TypeVar

from msgspec import Struct
from nacl.bindings import crypto_sign_SEEDBYTES
from nacl.exceptions import BadSignatureError, CryptoError
from nacl.public import PrivateKey
from nacl.signing import SigningKey, VerifyKey

from posyandu_app.sync import wire

T = TypeVar("T", bound=Struct)


class BadSignature(ValueError):
    """A signature that was not made by the key it should be of, or is no signature at all."""


@dataclass(frozen=True)
class Keys:
    """The two private keys of a laptop or a server."""

    sign: SigningKey
    seal: PrivateKey

    @classmethod
    def generate(cls) -> "Keys":
        """New keys from the operating system's randomness."""
        return cls(SigningKey.generate(), PrivateKey.generate())

    @classmethod
    def from_bytes(cls, private: bytes) -> "Keys":
        """The keys that `to_bytes` gave; raises `ValueError` for anything else."""
        if len(private) != 2 * crypto_sign_SEEDBYTES:
            raise ValueError("private keys must be 64 bytes")
        return cls(SigningKey(private[:32]), PrivateKey(private[32:]))

    def to_bytes(self) -> bytes:
        """Both private keys, to be kept where only their owner reads."""
        return bytes(self.sign) + bytes(self.seal)

    @property
    def public(self) -> wire.ServerKeys:
        """The public halves, as they travel."""
        return wire.ServerKeys(to_base64(bytes(self.sign.verify_key)), to_base64(bytes(self.seal.public_key)))


def to_base64(raw: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(raw).decode("ascii")


def from_base64(text: str, size: int) -> bytes:
    """The bytes in their one standard base64 form; raises `ValueError` when they are not exactly `size`."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("not base64") from None
    if to_base64(raw) != text:
        raise ValueError("not the one base64 form")
    if len(raw) != size:
        raise ValueError(f"{size} bytes expected")
    return raw


def verify_key(text: str) -> VerifyKey:
    """A public signing key from base64; raises `ValueError`."""
    return VerifyKey(from_base64(text, 32))


def sign_message(message: Struct, key: SigningKey) -> bytes:
    """The message as canonical JSON with its signature in its place, which is last."""
    unsigned = wire.encode(message)
    signature = to_base64(key.sign(hashlib.sha256(unsigned).digest()).signature)
    return b"".join((memoryview(unsigned)[:-1], b',"signature":"', signature.encode("ascii"), b'"}'))


def verify_message(body: bytes, key: VerifyKey) -> None:
    """Pass when the body was signed by that key; raises `BadSignature`, or `wire.Malformed`."""
    if not _fits(key, *wire.signed(body)) and not _fits(key, *wire.canonically_signed(body)):
        raise BadSignature("the message is not signed by its sender")


def open_message(body: bytes, key: VerifyKey, message: type[T]) -> T:
    """The message in a body signed by that key; raises `BadSignature` or `wire.Malformed`."""
    verify_message(body, key)
    return wire.decode(body, message)


def sign_segment(replica: str, first: int, last_seq: int, last: str, key: SigningKey) -> str:
    """A laptop's signature under a stretch of its log, by way of the last hash of the chain."""
    return to_base64(key.sign(_segment_text(replica, first, last_seq, last)).signature)


def verify_segment(segment: wire.Segment, key: VerifyKey) -> None:
    """Pass when the segment was signed by that key; raises `BadSignature`."""
    last_seq = segment.first + len(segment.ops) - 1
    if not _fits(key, _segment_text(segment.replica, segment.first, last_seq, segment.last), segment.sig):
        raise BadSignature("the segment is not signed by its laptop")


def sign_continuation(former: str, device: str, former_key: SigningKey) -> wire.Continues:
    """That the laptop enrolled as `former` is enrolled again as `device`."""
    return wire.Continues(former, to_base64(former_key.sign(_continuation_text(former, device)).signature))


def verify_continuation(continues: wire.Continues, device: str, former_key: VerifyKey) -> None:
    """Pass when the former device has signed for the new one; raises `BadSignature`."""
    if not _fits(former_key, _continuation_text(continues.device, device), continues.sig):
        raise BadSignature("the continuation is not signed by the former device")


def _continuation_text(former: str, device: str) -> bytes:
    return f"posyandu-continue-1|{former}|{device}".encode()


def _segment_text(replica: str, first: int, last_seq: int, last: str) -> bytes:
    return f"posyandu-segment-1|{replica}|{first}|{last_seq}|{last}".encode()


def _fits(key: VerifyKey, message: bytes, signature: str) -> bool:
    try:
        key.verify(message, from_base64(signature, 64))
    except (BadSignatureError, CryptoError, ValueError):
        return False
    return True
