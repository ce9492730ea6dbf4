"""The first fill of a laptop: pages of the feed wait here and are shown together (sync rule 12).

Until the last one has come nothing of them is visible, so an interrupted fill is never taken for a
complete one; it goes on where it was. Afterwards all of it is there at once.
"""

from collections.abc import Iterator
from typing import NamedTuple

from posyandu_app.storage.connection import Database

_UNDER_WAY, _TOTAL = "filling", "filling_total"


class Filling(NamedTuple):
    """How far a first fill has come: operations received, and in all as the server counts them."""

    received: int
    total: int


class Page(NamedTuple):
    """One page that waits: a packed reply; of its operations those beyond `after` count."""

    after: int
    upto: int
    body: bytes


def begin(database: Database) -> None:
    """From now on a first fill is expected."""
    with database.atomic():
        database.run("DELETE FROM filling")
        database.set_meta(_UNDER_WAY, "1")
        database.set_meta(_TOTAL, None)


def is_under_way(database: Database) -> bool:
    """Whether this laptop has not had its first fill yet."""
    return database.meta(_UNDER_WAY) is not None


def progress(database: Database) -> Filling | None:
    """How far it has come; None when no page waits."""
    row = database.one("SELECT count(*), sum(count) FROM filling")
    if row is None or not row[0]:
        return None
    return Filling(row[1], max(row[1], int(database.meta(_TOTAL) or 0)))


def keep(database: Database, page: Page, count: int, total: int | None) -> None:
    """Keep a page that follows those that wait."""
    with database.atomic():
        database.run(
            "INSERT INTO filling(after, upto, count, page) VALUES (?, ?, ?, ?)", (*page[:2], count, page.body)
        )
        if total is not None:
            database.set_meta(_TOTAL, str(total))


def taken(database: Database) -> Iterator[Page]:
    """Everything that waits, in order, one page in memory at a time; inside the transaction that shows it.

    Each goes when the next is asked for: to let all of them go at once takes memory for all of them.
    """
    while row := database.one("SELECT after, upto, page FROM filling ORDER BY after LIMIT 1"):
        page = Page(*row)
        yield page
        database.run("DELETE FROM filling WHERE after = ?", (page.after,))


def forget(database: Database) -> None:
    """Drop the pages that wait; the fill begins anew."""
    with database.atomic():
        database.run("DELETE FROM filling")


def finish(database: Database) -> None:
    """The fill is complete; in the same transaction as its operations are taken in."""
    with database.atomic():
        database.run("DELETE FROM filling")
        database.set_meta(_UNDER_WAY, None)
        database.set_meta(_TOTAL, None)
