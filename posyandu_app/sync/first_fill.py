"""The first fill: pages wait, packed, until the last one is there, and are shown all together (rule 12)."""

from collections.abc import Iterator

from posyandu_app.domain.clock import Clock
from posyandu_app.storage import filling, log, peer
from posyandu_app.storage.connection import Database
from posyandu_app.storage.peer import Peer
from posyandu_app.sync import compression, mending, wire
from posyandu_app.sync.replies import Told, hear_orders, read_items, receive

_MOST_CHANGED = 20_000
_MOST_READ_AHEAD = 20_000
"""So many operations stay in memory too, read while the server makes the next page."""


class FirstFill:
    """Takes the pages of a first fill; all of it in the caller's transactions."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._read_ahead: dict[bytes, tuple[list[log.Received], Told]] = {}

    def take(
        self, told: wire.Reply, page: bytes, receipts: list[log.Receipt], server: Peer
    ) -> tuple[int, frozenset[str]]:
        """Keep a page of the first fill until the last one is there, and then show all of them together."""
        database = self._database
        changed = log.receive(database, [], receipts, received_at=told.received_at, heard=server.heard)
        if told.feed.from_ > server.heard:
            return 0, changed
        count = len(told.feed.ops) if told.feed.to > server.heard else 0
        if not told.feed.more:
            return count, changed | self._show_all(told, server.heard)
        if told.feed.to > server.heard:
            packed = compression.pack(page, "zstd")
            filling.keep(
                database,
                filling.Page(server.heard, told.feed.to, packed),
                count + len(receipts),
                told.feed.total,
            )
            if count + sum(len(items) for items, _ in self._read_ahead.values()) <= _MOST_READ_AHEAD:
                self._read_ahead[packed] = read_items(told.feed.ops), Told.by(told)
        return count, changed

    def _show_all(self, last: wire.Reply, heard: int) -> frozenset[str]:
        database = self._database
        changed: set[str] = set()
        with database.as_one():
            for after, upto, items, told in self._pages_to_show(last, heard):
                peer.advance(database, upto)
                entities = receive(database, told, [item for item in items if item.ss > after], [])
                if told.order is not None:
                    hear_orders(database, told.order, told.received_at)
                if len(changed) < _MOST_CHANGED:
                    changed |= entities
        mending.counted(database, self._clock.ms())
        filling.finish(database)
        return frozenset(changed)

    def _pages_to_show(
        self, last: wire.Reply, heard: int
    ) -> Iterator[tuple[int, int, list[log.Received], Told]]:
        """From where to where, operations and what was told: of the pages that wait, then of the last one."""
        ahead, self._read_ahead = self._read_ahead, {}
        for after, upto, body in filling.taken(self._database):
            yield after, upto, *(ahead.pop(body, None) or _unpacked_page(body))
        if last.feed.to > heard:
            yield heard, last.feed.to, read_items(last.feed.ops), Told.by(last)


def _unpacked_page(packed: bytes) -> tuple[list[log.Received], Told]:
    """The operations in a page that waited, and what the server told with them."""
    told = wire.decode(compression.unpack(packed, "zstd", wire.MAX_UNPACKED * 4), wire.Reply)
    return read_items(told.feed.ops), Told.by(told)
