"""Requests that left on a stick since the last answer was taken in: their marks.

By the server's clock alone an answer to one of them might look older than what was taken in before: that
clock may have been ahead and was set right since.
"""

import json

from posyandu_app.storage.connection import Database

_ASKED = "asked_by_stick"
_MOST = 256


def remember(database: Database, mark: str) -> None:
    """A request with this mark is on its way."""
    with database.atomic():
        database.set_meta(_ASKED, json.dumps([*waiting(database), mark][-_MOST:]))


def waiting(database: Database) -> list[str]:
    """The marks of the requests that are on their way."""
    found: list[str] = json.loads(database.meta(_ASKED) or "[]")
    return found


def forget(database: Database) -> None:
    """An answer has come: of those that come after it, in whatever order, the server's times tell again."""
    if database.meta(_ASKED) is not None:
        database.set_meta(_ASKED, None)
