"""What is told, with a proof by which the server knows later that it has told this.

A restored server has forgotten what it told since the backup was made; its keys it has not. So what others
give back (`returned`) is believed when the server itself has said it, whoever brings it.
"""

import hmac
import json
from collections.abc import Mapping
from hashlib import blake2b

from msgspec import Raw

from posyandu_app.sync import wire
from posyandu_app.sync.signing import Keys
from posyandu_app.sync.wire import FeedItem

_PROOF_SIZE = 8
"""Bytes: a laptop that guesses must ask the server each time."""
_PURPOSE = b"posyandu-told-1"


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
        told = blake2b(content, key=self._key, digest_size=_PROOF_SIZE, person=b"operation")
        told.update(eff.encode("utf-8"))
        return told.hexdigest()

    def proof_of(self, what: str, one: str) -> str:
        """What only this server can say of an erased child, or of a revoked laptop."""
        person, key = what.encode("utf-8"), self._key
        return blake2b(one.encode("utf-8"), key=key, digest_size=_PROOF_SIZE, person=person).hexdigest()

    def proof_of_area(self, device: str, scope: str, at: str) -> str:
        """What only this server can say: that a laptop has this area at this time, which stands in it."""
        return f"{at} {self.proof_of(wire.AREA, f'{device} {scope} {at}')}"

    def has_told(self, content: bytes, eff: str, proof: str) -> bool:
        """Whether this server has told that operation with that stamp once."""
        return _are_equal(self.proof(content, eff), proof)

    def proved(self, what: str, told: Mapping[str, str]) -> list[str]:
        """Those children or laptops, each with a proof, of whom this server has told that once."""
        return [one for one, proof in told.items() if _are_equal(self.proof_of(what, one), proof)]

    def areas(self, device: str, told: Mapping[str, str]) -> dict[str, str]:
        """The areas, each with a proof, that this server has told the laptop it has, and when."""
        at = {scope: proof.partition(" ")[0] for scope, proof in told.items()}
        return {
            scope: at[scope]
            for scope, proof in told.items()
            if _are_equal(self.proof_of_area(device, scope, at[scope]), proof)
        }


def _are_equal(own: str, told: str) -> bool:
    return hmac.compare_digest(own.encode("utf-8"), told.encode("utf-8"))


def against_of(conflicts: str | None) -> list[tuple[str, int]]:
    """The keys of the operations that an operation contradicts, as they are stored."""
    return [(replica, seq) for replica, seq in json.loads(conflicts)] if conflicts else []
