"""What is told, with a proof by which the server knows later that it has told this.

A restored server has forgotten what it told since the backup was made; its keys it has not. So what others
give back (`returned`) is believed when the server itself has said it, whoever brings it.
"""

import hmac
import json
from hashlib import blake2b

from msgspec import Raw

from posyandu_app.sync.signing import Keys
from posyandu_app.sync.wire import FeedItem

_PROOF_SIZE = 8
"""Bytes: a laptop that guesses must ask the server each time."""
_PURPOSE = b"posyandu-told-1"
_OPERATION, _ERASURE = b"operation", b"erasure"


class Telling:
    """Tells operations with the proof that one server's keys make."""

    def __init__(self, keys: Keys) -> None:
        self._key = blake2b(_PURPOSE, key=bytes(keys.sign), digest_size=32).digest()

    def item(
        self,
        ss: int,
        replica: str,
        eff: str,
        status: str,
        conflicts: str | None,
        body: str,
        erased: bytes | None,
        content: bytes,
    ) -> FeedItem:
        """An operation that stands in the order, from its columns."""
        against = against_of(conflicts)
        gone = None if erased is None else bytes(erased).hex()
        raw = Raw(body.encode("utf-8"))
        return FeedItem(ss, replica, eff, status, raw, against, gone, self.proof(content, eff))

    def proof(self, content: bytes, eff: str) -> str:
        """What only this server can say of an operation, by its content hash, and of the stamp it has."""
        told = blake2b(content, key=self._key, digest_size=_PROOF_SIZE, person=_OPERATION)
        told.update(eff.encode("utf-8"))
        return told.hexdigest()

    def proof_of_erasure(self, child: str) -> str:
        """What only this server can say of a child whose data was erased by law."""
        told = blake2b(child.encode("utf-8"), key=self._key, digest_size=_PROOF_SIZE, person=_ERASURE)
        return told.hexdigest()

    def has_told(self, content: bytes, eff: str, proof: str) -> bool:
        """Whether this server has told that operation with that stamp once."""
        return _are_equal(self.proof(content, eff), proof)

    def has_erased(self, child: str, proof: str) -> bool:
        """Whether this server has told once that the child's data was erased."""
        return _are_equal(self.proof_of_erasure(child), proof)


def _are_equal(own: str, told: str) -> bool:
    return hmac.compare_digest(own.encode("utf-8"), told.encode("utf-8"))


def against_of(conflicts: str | None) -> list[tuple[str, int]]:
    """The keys of the operations that an operation contradicts, as they are stored."""
    return [(replica, seq) for replica, seq in json.loads(conflicts)] if conflicts else []
