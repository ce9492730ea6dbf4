"""Whether a segment is one gapless chain of operations: the same question on laptop and server."""

from typing import NamedTuple

from posyandu_app.domain.operations import GENESIS
from posyandu_app.sync import wire


class Damaged(ValueError):
    """A hash does not fit: the segment was altered or cut."""


class Chain(NamedTuple):
    """The operations of a segment as they came, and the hash after each of them."""

    arrived: tuple[wire.Arrived, ...]
    hashes: tuple[bytes, ...]


def read(segment: wire.Segment) -> Chain:
    """The operations of a segment, proved to fit its hashes; raises `wire.Malformed` or `Damaged`."""
    if not segment.ops or not 1 <= segment.first <= 2**62:
        raise wire.Malformed("segment")
    previous = _hash(segment.prev)
    if segment.first == 1 and previous != GENESIS:
        raise Damaged("the first operation follows nothing")
    arrived, hashes = [], []
    for expected, raw in enumerate(segment.ops, segment.first):
        try:
            item = wire.read_operation(raw, segment.erased.get(str(expected)))
        except wire.Malformed as error:
            raise wire.Malformed(f"operation {expected}: {error}") from None
        if item.operation.seq != expected:
            raise wire.Malformed(f"operation {expected}: seq")
        previous = item.sealed.chain(previous)
        arrived.append(item)
        hashes.append(previous)
    if previous != _hash(segment.last):
        raise Damaged("the last hash does not fit")
    return Chain(tuple(arrived), tuple(hashes))


def _hash(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raise wire.Malformed("hash") from None
    if len(raw) != 32 or raw.hex() != text:
        raise wire.Malformed("hash")
    return raw
