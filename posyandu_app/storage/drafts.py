"""Half-typed forms: what stands in them survives a power cut."""

import json
from collections.abc import Mapping

from posyandu_app.storage.connection import Database


def save(database: Database, child: str, user: str, fields: Mapping[str, str], updated_at: str) -> None:
    """Keep what a user has typed for a child; on the disk when this returns."""
    with database.atomic():
        database.run(
            "INSERT OR REPLACE INTO draft(child, user, fields, updated_at) VALUES (?, ?, ?, ?)",
            (child, user, json.dumps(dict(fields), ensure_ascii=False), updated_at),
        )


def load(database: Database, child: str, user: str) -> dict[str, str] | None:
    """What a user had typed for a child, or None."""
    row = database.one("SELECT fields FROM draft WHERE child = ? AND user = ?", (child, user))
    return None if row is None else dict(json.loads(row[0]))


def clear(database: Database, child: str, user: str) -> None:
    """Forget what a user had typed for a child."""
    with database.atomic():
        database.run("DELETE FROM draft WHERE child = ? AND user = ?", (child, user))


def waiting(database: Database) -> list[tuple[str, str, str]]:
    """Child, user and time of every draft, the longest waiting first."""
    return [
        (child, user, at)
        for child, user, at in database.rows(
            "SELECT child, user, updated_at FROM draft ORDER BY updated_at, child, user"
        )
    ]


def hand_over(database: Database, child: str, giver: str, taker: str, updated_at: str) -> None:
    """Make one user's draft another's, who must have none of this child."""
    with database.atomic():
        database.run(
            "UPDATE draft SET user = ?, updated_at = ? WHERE child = ? AND user = ?",
            (taker, updated_at, child, giver),
        )
