"""How laptops know each other without a server in between.

A card is what the district server signed when the laptop joined (its id, area, role and public
keys), with how far the laptop holds each log, signed by the laptop. It lies open on a stick and
tells nothing of any child. A laptop believes the cards of its own server's laptops only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec import UNSET, Raw, Struct, UnsetType
from nacl.signing import VerifyKey

from posyandu_app.domain.clock import Clock, timestamp
from posyandu_app.domain.scopes import within
from posyandu_app.storage import log, peer
from posyandu_app.storage.carried import Stretch
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import LoggedOperation
from posyandu_app.storage.peer import Peer
from posyandu_app.sync import enrolment, wire
from posyandu_app.sync.signing import BadSignature, from_base64, open_message, sign_message, verify_key

_LEARNED = "laptop:"


class NotOurs(ValueError):
    """A card that this laptop's server has not signed, or that its laptop has not."""


class Card(Struct, frozen=True):
    """Who a laptop is and what it holds; `enrolment` is the server's signed answer as it came."""

    cursor: int
    enrolment: Raw
    epoch: str | None
    have: dict[str, int]
    proto: int
    sent_at: str
    signature: str | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Holds:
    """What a laptop has by its own word: logs without a gap, and the server's feed up to the cursor."""

    have: Mapping[str, int]
    epoch: str | None
    cursor: int

    def has(self, item: LoggedOperation, epoch: str | None) -> bool:
        """Whether an operation need not be handed to it; `epoch` is of the history that `item.ss` is in."""
        heard = self.epoch == epoch and item.ss is not None and item.ss <= self.cursor
        return heard or item.operation.seq <= self.have.get(item.replica, 0)


@dataclass(frozen=True, slots=True)
class Laptop:
    """A laptop that the server has let in, with the proof of it."""

    device: str
    scope: str
    role: str
    sign_key: VerifyKey
    seal_key: bytes
    proof: bytes

    def reads(self, scope: str) -> bool:
        """Whether something of this scope is in the laptop's area."""
        return within(scope, self.scope)


def own(database: Database, server: Peer) -> Laptop | None:
    """This laptop with the proof of it; None when its server gave none that names its keys."""
    proof = enrolment.proof(database)
    try:
        return None if proof is None else believe(proof, server)
    except NotOurs:
        return None


def write(database: Database, own: Laptop, server: Peer, clock: Clock) -> bytes:
    """This laptop's card."""
    card = Card(
        cursor=server.cursor,
        enrolment=Raw(own.proof),
        epoch=server.epoch,
        have=log.held(database),
        proto=wire.PROTO,
        sent_at=timestamp(clock.now()),
    )
    return sign_message(card, enrolment.device_keys(database).sign)


def read(body: bytes, server: Peer) -> tuple[Laptop, Holds]:
    """The laptop of a card, and what it holds; raises `NotOurs`."""
    try:
        card = wire.decode(body, Card)
        laptop = believe(bytes(card.enrolment), server)
        card = open_message(body, laptop.sign_key, Card)
    except (wire.Malformed, BadSignature):
        raise NotOurs from None
    return laptop, Holds(card.have, card.epoch, card.cursor)


def believe(proof: bytes, server: Peer) -> Laptop:
    """The laptop that this laptop's own server has let in; raises `NotOurs`."""
    try:
        told = open_message(proof, VerifyKey(server.sign_key), wire.EnrolReply)
        if told.proto != wire.PROTO or told.sign_key is None or told.seal_key is None:
            raise NotOurs
        sign, seal = verify_key(told.sign_key), from_base64(told.seal_key, 32)
    except (wire.Malformed, BadSignature, ValueError):
        raise NotOurs from None
    return Laptop(told.device, told.scope, told.role, sign, seal, proof)


def remember(database: Database, laptop: Laptop) -> None:
    """Keep who a laptop is, so that files can be sealed for it when its card is not at hand."""
    database.set_meta(_LEARNED + laptop.device, laptop.proof.decode("utf-8"))


def known(database: Database, server: Peer) -> dict[str, Laptop]:
    """The laptops of this server whose card was seen, by device; not this one, nor those revoked."""
    found, gone = {}, peer.revoked(database) | {server.device}
    for proof in database.metas(_LEARNED).values():
        try:
            laptop = believe(proof.encode("utf-8"), server)
        except NotOurs:
            continue  # of the server that this laptop was enrolled with before
        if laptop.device not in gone:
            found[laptop.device] = laptop
    return found


def to_show(database: Database, server: Peer, carried: Sequence[Stretch], *, itself: bool) -> list[Raw]:
    """By what a server that was put back knows again who wrote these stretches, and this laptop `itself`."""
    own = enrolment.proof(database) if itself else None
    laptops = known(database, server) if carried else {}
    proofs = [laptops[device].proof for device in sorted({one.device for one in carried} & laptops.keys())]
    return [Raw(proof) for proof in (proofs if own is None else [own, *proofs])]
