"""Which entries of the own log came in with which list, and what was written about those children since.

It never leaves this laptop: elsewhere an import is what it is made of.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from posyandu_app.storage.connection import Database

_LAST = "import"


@dataclass(frozen=True, slots=True)
class Import:
    """The list taken in last: the name of its file, when (RFC 3339), and its entries `first` to `last`.

    `replica` is the log that has these numbers.
    """

    file: str
    at: str
    replica: str
    first: int
    last: int


def note(database: Database, made: Import) -> None:
    """Remember an import, or how far it has come; the same file going on where it ended is the same one."""
    before = last(database)
    if before is not None and (before.file, before.last + 1) == (made.file, made.first):
        made = replace(made, first=before.first)
    database.set_meta(_LAST, json.dumps(asdict(made)))


def last(database: Database) -> Import | None:
    """The import that can be taken back, if any; none in a log that another one became since."""
    stored = database.meta(_LAST)
    made = Import(**json.loads(stored)) if stored else None
    return made if made is not None and made.replica == database.replica else None


def forget(database: Database) -> None:
    """It was taken back."""
    database.set_meta(_LAST, None)


def touched(database: Database, made: Import, children: Iterable[str]) -> frozenset[str]:
    """Those of the children registered by an import about whom anything else was written and stands.

    A visit or card that was cancelled again touches nobody.
    """
    own = (made.replica, made.first, made.last)
    rows = database.rows(
        "WITH mine AS (SELECT value AS id FROM json_each(?))"
        " SELECT l.entity FROM mine JOIN log l ON l.entity = mine.id"
        "  WHERE NOT (l.replica = ? AND l.seq BETWEEN ? AND ?)"
        " UNION SELECT m.child FROM mine"
        "  JOIN measurement m ON m.child = mine.id JOIN log l ON l.entity = m.id"
        "  WHERE NOT (l.replica = ? AND l.seq BETWEEN ? AND ?) AND (m.voided = 0 OR EXISTS"
        "   (SELECT 1 FROM log i WHERE i.entity = m.id AND i.replica = ? AND i.seq BETWEEN ? AND ?))"
        " UNION SELECT o.child FROM mine JOIN other_row o ON o.child = mine.id"
        "  WHERE ifnull(o.vals ->> '$.voided', 0) = 0",
        (json.dumps(list(children)), *own, *own, *own),
    )
    return frozenset(row[0] for row in rows)
