"""What this laptop knows of the district server: its keys, how far each has heard the other, and the sums."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.storage import filling, returned
from posyandu_app.storage.connection import Database

SUM_SIZE = 2**256
_AT_ONCE = 20_000
_READERS, _REVOKED, _HEARD_AGAIN = "readers", "revoked", "heard_again"
PRACTICE = "practice"
"""The name under which a database remembers that its children are made up."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The server's side of the exchange; `acked` is the server-signed `have` of the own log.

    `log_count` and `log_sum` are the number and sum of the hashes of all entries with `ss` ≤ `cursor`.
    During a first fill `staged` is up to where pages wait.
    """

    url: str
    device: str
    scope: str
    sign_key: bytes
    seal_key: bytes
    epoch: str | None
    cursor: int = 0
    acked: int = 0
    last_received_at: str | None = None
    log_count: int = 0
    log_sum: bytes = bytes(32)
    staged: int = 0

    @property
    def heard(self) -> int:
        """Up to where the feed has come here, shown or waiting: where the next page begins."""
        return max(self.cursor, self.staged)


def load(database: Database) -> Peer | None:
    """The server this laptop is enrolled with, or None."""
    row = database.one(
        "SELECT url, device, scope, sign_key, seal_key, epoch, cursor, acked, last_received_at, log_count,"
        " log_sum, (SELECT coalesce(max(upto), 0) FROM filling) FROM peer"
    )
    return None if row is None else Peer(*row)


@dataclass(frozen=True, slots=True)
class Reader:
    """Another laptop inside this one's scope: how far it had read at this one's last contact."""

    scope: str
    cursor: int
    seen_at: str | None = None


def readers(database: Database) -> tuple[Reader, ...]:
    """The laptops that the server told of; () unless this one hands things out and has met it."""
    return tuple(Reader(*told) for told in json.loads(database.meta(_READERS) or "[]"))


def note_readers(database: Database, told: Sequence[Reader]) -> None:
    """Keep what the server says about who has read how far."""
    database.set_meta(_READERS, json.dumps([[item.scope, item.cursor, item.seen_at] for item in told]))


def revoked(database: Database) -> frozenset[str]:
    """The laptops that the server has said are revoked."""
    return frozenset(json.loads(database.meta(_REVOKED) or "[]"))


def note_revoked(database: Database, devices: Sequence[str]) -> None:
    """Keep that these laptops are revoked; they stay so."""
    with database.atomic():
        known = revoked(database)
        if not known.issuperset(devices):
            database.set_meta(_REVOKED, json.dumps(sorted(known.union(devices))))


def is_practice(database: Database) -> bool:
    """Whether this database holds made-up children and so never meets a server."""
    return database.meta(PRACTICE) is not None


def enrol(database: Database, peer: Peer) -> None:
    """Keep the server this laptop is enrolled with, from its beginning.

    Raises `UserError` for a practice database: made-up children are never sent.
    """
    if is_practice(database):
        raise UserError(
            tr("Ini data latihan: tidak dapat digabungkan dengan Dinas dan tidak pernah dikirim."),
            code="practice",
        )
    with database.atomic():
        database.run("DELETE FROM peer")
        if database.run("UPDATE log SET ss = NULL WHERE ss IS NOT NULL"):
            database.set_meta(_HEARD_AGAIN, "1")
        database.run(
            "INSERT INTO peer(one, url, device, scope, sign_key, seal_key, epoch, cursor, acked,"
            " last_received_at, log_count, log_sum) VALUES (1, ?, ?, ?, ?, ?, ?, 0, 0, ?, 0, ?)",
            (
                peer.url,
                peer.device,
                peer.scope,
                peer.sign_key,
                peer.seal_key,
                peer.epoch,
                peer.last_received_at,
                bytes(32),
            ),
        )
        filling.begin(database)


def acknowledge(database: Database, acked: int, received_at: str) -> None:
    """Keep the server-signed watermark of the own log and its time; it may fall (a restored server)."""
    with database.atomic():
        database.run("UPDATE peer SET acked = ?, last_received_at = ?", (acked, received_at))


def advance(database: Database, cursor: int) -> None:
    """Move the cursor forward over entries that are received in the same transaction.

    What is received after that is counted as it comes.
    """
    with database.atomic():
        row = database.one("SELECT cursor, log_count, log_sum FROM peer")
        if row is None or cursor <= row[0]:
            return
        after, count, total = row[0], row[1], int.from_bytes(row[2], "big")
        while part := database.rows(  # a first fill of a kabupaten is a million of them
            "SELECT ss, content FROM log WHERE ss > ? AND ss <= ? ORDER BY ss LIMIT ?",
            (after, cursor, _AT_ONCE),
        ):
            after = part[-1][0]
            count += len(part)
            total += sum(int.from_bytes(content, "big") for _, content in part)
        database.run(
            "UPDATE peer SET cursor = ?, log_count = ?, log_sum = ?",
            (cursor, count, (total % SUM_SIZE).to_bytes(32, "big")),
        )


def begin_epoch(database: Database, epoch: str, acked: int = 0, *, at: str) -> None:
    """Start over with a server whose history changed: everything is heard and said again (sync rule 16).

    `at` is when the server has told so (RFC 3339).
    """
    with database.atomic():
        database.run("UPDATE peer SET epoch = ?, acked = ?", (epoch, acked))
        hear_again(database)
        returned.server_lost(database, at)


def hear_again(database: Database) -> None:
    """Begin to read the server's order from its beginning; what is here stays."""
    with database.atomic():
        filling.forget(database)
        database.run("UPDATE log SET ss = NULL WHERE ss IS NOT NULL")
        database.run("UPDATE peer SET cursor = 0, log_count = 0, log_sum = ?", (bytes(32),))
        database.set_meta(_HEARD_AGAIN, "1")


def has_heard_again(database: Database) -> bool:
    """Whether the server's order was read from its beginning more than once: some of it may be no more."""
    return database.meta(_HEARD_AGAIN) is not None


def move_to(database: Database, *, url: str | None = None, scope: str | None = None) -> None:
    """Keep the server's new address, or the scope it has given this laptop."""
    with database.atomic():
        database.run("UPDATE peer SET url = coalesce(?, url), scope = coalesce(?, scope)", (url, scope))


def row_sums(database: Database) -> Mapping[str, tuple[int, bytes]]:
    """Number and sum of the digests of the projected rows of each kind (sync rule 13)."""
    return {
        kind: (count, total)
        for kind, count, total in database.rows("SELECT kind, count, sum FROM row_sum ORDER BY kind")
    }
