"""What this laptop carries to the server for others: signed stretches of their logs.

Only the signatures are kept here; the operations stand in the log, from which the bytes that
were signed are made again.
"""

from collections.abc import Mapping
from typing import NamedTuple

from posyandu_app.storage import log
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import LoggedOperation


class Stretch(NamedTuple):
    """A stretch of another's log as its laptop signed it; hashes are lower-case hex, `sig` base64."""

    replica: str
    first: int
    last_seq: int
    prev: str
    last: str
    device: str
    sig: str


def keep(database: Database, stretch: Stretch) -> None:
    """Carry this stretch until the server holds it, unless a longer one covers it."""
    place = (stretch.replica, stretch.device, stretch.first, stretch.last_seq)
    with database.atomic():
        covered = database.number(
            "SELECT count(*) FROM carried WHERE replica = ? AND device = ? AND first <= ? AND last_seq >= ?",
            place,
        )
        if covered or not _is_news(database, stretch):
            return
        database.run(
            "DELETE FROM carried WHERE replica = ? AND device = ? AND first >= ? AND last_seq <= ?", place
        )
        database.run("INSERT OR REPLACE INTO carried VALUES (?, ?, ?, ?, ?, ?, ?)", stretch)


def waiting(database: Database) -> list[Stretch]:
    """Everything that is carried, in the order of the logs."""
    return [
        Stretch(*row)
        for row in database.rows(
            "SELECT replica, first, last_seq, prev, last, device, sig FROM carried"
            " ORDER BY replica, first, last_seq"
        )
    ]


def operations(database: Database, stretch: Stretch) -> list[LoggedOperation]:
    """The operations of a stretch; empty when not all of them stand here as they were signed."""
    found = log.entries_between(database, stretch.replica, stretch.first, stretch.last_seq)
    whole = len(found) == stretch.last_seq - stretch.first + 1
    return found if whole and all(item.operation.payload is not None for item in found) else []


def settle(database: Database, have: Mapping[str, int]) -> None:
    """Let go of what the server has signed for, and of what it has spoken of already."""
    with database.atomic():
        for stretch in waiting(database):
            if have.get(stretch.replica, 0) >= stretch.last_seq or not _is_news(database, stretch):
                database.run(
                    "DELETE FROM carried WHERE replica = ? AND first = ? AND last_seq = ?", stretch[:3]
                )


def _is_news(database: Database, stretch: Stretch) -> bool:
    """Whether there is anything in it of which the server has not said a word."""
    return (
        database.number(
            "SELECT count(*) FROM log WHERE replica = ? AND seq BETWEEN ? AND ? AND status = ?",
            (stretch.replica, stretch.first, stretch.last_seq, log.CARRIED),
        )
        > 0
    )
