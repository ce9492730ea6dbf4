"""What was exchanged with the Dinas or other laptops, for the person at this laptop; it never leaves it.

Nothing about any child: when, which way, how many operations, and a word for what stood in the way.
"""

from dataclasses import dataclass
from enum import StrEnum

from posyandu_app.storage.connection import Database

KEPT = 200
"""How many are remembered; older ones are forgotten."""


class Way(StrEnum):
    """How the data went."""

    LINE = "line"
    STICK_OUT = "stick_out"
    STICK_IN = "stick_in"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange, or `times` alike in a row; `at` is the last one's (RFC 3339), `trouble` "" when none."""

    at: str
    way: str
    sent: int
    received: int
    trouble: str = ""
    times: int = 1


def note(database: Database, done: Exchange) -> None:
    """Remember an exchange; one more that moved nothing for the same reason only counts up the last."""
    with database.atomic():
        last = database.one(
            "SELECT n, way, sent, received, trouble, times FROM exchange ORDER BY n DESC LIMIT 1"
        )
        alike = (done.way, 0, 0, done.trouble)
        if last is not None and tuple(last[1:5]) == alike and (done.sent, done.received) == (0, 0):
            database.run("UPDATE exchange SET at = ?, times = ? WHERE n = ?", (done.at, last[5] + 1, last[0]))
            return
        database.run(
            "INSERT INTO exchange(at, way, sent, received, trouble, times) VALUES (?, ?, ?, ?, ?, 1)",
            (done.at, done.way, done.sent, done.received, done.trouble),
        )
        database.run("DELETE FROM exchange WHERE n <= (SELECT max(n) FROM exchange) - ?", (KEPT,))


def latest(database: Database, limit: int) -> tuple[Exchange, ...]:
    """The latest exchanges, newest first."""
    rows = database.rows(
        "SELECT at, way, sent, received, trouble, times FROM exchange ORDER BY n DESC LIMIT ?", (limit,)
    )
    return tuple(Exchange(*row) for row in rows)
