"""What did not agree between this laptop and the server, and was mended: kept, and told to the server."""

from typing import NamedTuple

from posyandu_app.storage.connection import Database

_TOLD = "incidents_told"
_MOST = 500


class Incident(NamedTuple):
    """One thing that did not agree; `at` is RFC 3339, `what` a word, `detail` never says who."""

    n: int
    at: str
    what: str
    detail: str


def note(database: Database, what: str, at: str, detail: str = "") -> None:
    """Keep that something did not agree; only the latest few hundred are kept."""
    with database.atomic():
        database.run("INSERT INTO incident(at, what, detail) VALUES (?, ?, ?)", (at, what, detail))
        database.run("DELETE FROM incident WHERE n <= (SELECT max(n) FROM incident) - ?", (_MOST,))


def known(database: Database) -> list[Incident]:
    """All that are kept, the latest first."""
    return [
        Incident(*row) for row in database.rows("SELECT n, at, what, detail FROM incident ORDER BY n DESC")
    ]


def untold(database: Database, most: int) -> list[Incident]:
    """Those that the server has not heard of, in their order."""
    return [
        Incident(*row)
        for row in database.rows(
            "SELECT n, at, what, detail FROM incident WHERE n > ? ORDER BY n LIMIT ?",
            (int(database.meta(_TOLD) or 0), most),
        )
    ]


def told(database: Database, upto: int) -> None:
    """The server has heard of all up to this number."""
    with database.atomic():
        if upto > int(database.meta(_TOLD) or 0):
            database.set_meta(_TOLD, str(upto))
