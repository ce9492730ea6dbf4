"""Users and posyandu: the names behind ids and scopes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from posyandu_app.storage.connection import Database
from posyandu_app.storage.values import text


@dataclass(frozen=True, slots=True)
class RegisteredUser:
    """A user as the log knows her; `role` is text, since newer versions may know others."""

    id: str
    scope: str
    name: str
    role: str


def user(database: Database, user_id: str) -> RegisteredUser | None:
    """One user, or None while her registration has not arrived."""
    row = database.one("SELECT scope, vals FROM other_row WHERE kind = 'user' AND id = ?", (user_id,))
    if row is None:
        return None
    values = json.loads(row[1])
    return RegisteredUser(user_id, row[0], text(values.get("name")) or "", text(values.get("role")) or "")


def posyandu_names(database: Database) -> Mapping[str, str]:
    """Scope → name of every posyandu known here."""
    return {
        scope: name
        for scope, stored in database.rows("SELECT scope, vals FROM other_row WHERE kind = 'posyandu'")
        if (name := text(json.loads(stored).get("name")))
    }
