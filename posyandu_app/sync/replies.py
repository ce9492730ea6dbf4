"""What a reply of the server tells, proved and read, and taken in: operations, receipts, orders."""

from collections.abc import Sequence
from typing import NamedTuple

from nacl.signing import VerifyKey

from posyandu_app.storage import arrivals, forks, leaving, log, peer, proofs, writers
from posyandu_app.storage.connection import Database
from posyandu_app.storage.peer import Peer
from posyandu_app.sync import wire
from posyandu_app.sync.signing import BadSignature, open_message
from posyandu_app.sync.trouble import Portal


class Told(NamedTuple):
    """What a reply tells beside its operations: when it was signed, when they came, who wrote, orders."""

    received_at: str
    came: list[tuple[str, int, int, str]]
    laptops: dict[str, str]
    order: wire.Order | None

    @classmethod
    def by(cls, reply: wire.Reply) -> "Told":
        return cls(reply.received_at, reply.feed.came, reply.feed.laptops, reply.order)


def open_reply(body: bytes, server: Peer) -> wire.Reply:
    """The reply, proved to be the server's and meant for this laptop."""
    try:
        told = open_message(body, VerifyKey(server.sign_key), wire.Reply)
        if told.device != server.device or told.proto != wire.PROTO or told.feed.to < told.feed.from_:
            raise Portal
        wire.moment(told.received_at)
        arrivals.told(told.feed.came)
    except (wire.Malformed, BadSignature, ValueError):
        raise Portal from None
    return told


def is_older(told: wire.Reply, server: Peer) -> bool:
    """Whether something that was signed later was taken in before."""
    last = server.last_received_at
    return last is not None and wire.moment(told.received_at) < wire.moment(last)


def read_items(found: Sequence[wire.FeedItem]) -> list[log.Received]:
    try:
        return [_received(item) for item in found]
    except wire.Malformed:
        raise Portal from None


def receipts_in(told: wire.Reply) -> list[log.Receipt]:
    return [
        log.Receipt(item.replica, item.seq, item.status, item.ss, item.eff, item.why, item.ref, item.message)
        for item in told.receipts
    ]


def _received(item: wire.FeedItem) -> log.Received:
    arrived = wire.read_operation(item.op, item.erased)
    return log.Received(
        item.replica,
        arrived.operation,
        item.eff,
        item.status,
        item.ss,
        sealed=arrived.sealed,
        proof=item.proof,
    )


def receive(
    database: Database, told: Told, items: list[log.Received], receipts: list[log.Receipt], heard: int = 0
) -> frozenset[str]:
    """Take in operations and receipts in one transaction of the caller's; returns the entities touched."""
    arrivals.note(database, arrivals.told(told.came))
    writers.note(database, told.laptops)
    changed = log.receive(
        database,
        items,
        receipts,
        received_at=told.received_at,
        server_ms=int(wire.moment(told.received_at).timestamp() * 1000),
        heard=heard,
    )
    entities = {item.operation.entity for item in items}
    leaving.back(database, entities)
    if items and peer.has_heard_again(database):
        changed |= forks.let_go(database, entities)
    return changed


def hear_orders(database: Database, order: wire.Order, at: str) -> None:
    """Keep whom this laptop is to forget."""
    leaving.hear(database, order.purge, leaving.PURGE, at)
    leaving.hear(database, order.erase, leaving.ERASE, at)
    proofs.note(database, proofs.ERASED, order.proofs)
