"""The people of this laptop as its own database keeps them; each one's key stands in `keys.json`.

`label` joins the two: the name she opens the laptop with, "" for somebody who was removed.
"""

import json
from dataclasses import dataclass

from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.storage.connection import Database

_ACCOUNT = "account:"


@dataclass(frozen=True, slots=True)
class Account:
    """One person; `reset_by` and `reset_on` (ISO date) say who last gave her a new password, "" if nobody."""

    user_id: str
    name: str
    role: str
    label: str = ""
    reset_by: str = ""
    reset_on: str = ""


def everybody(database: Database) -> tuple[Account, ...]:
    """All who ever had an account here, in the order of their ids, which is that of their coming."""
    stored = database.metas(_ACCOUNT)
    return tuple(_read(key.removeprefix(_ACCOUNT), text) for key, text in stored.items())


def find(database: Database, user_id: str) -> Account:
    """One account; `UserError` when the keys are not those of this database."""
    stored = database.meta(_ACCOUNT + user_id)
    if stored is None:
        raise UserError(
            tr("Kunci ini bukan milik pengguna data ini. Kembalikan folder data dari cadangan yang sama."),
            code="unknown_user",
        )
    return _read(user_id, stored)


def keep(database: Database, account: Account) -> None:
    """Write an account, new or changed."""
    kept = {
        "name": account.name,
        "role": account.role,
        "label": account.label,
        "reset_by": account.reset_by,
        "reset_on": account.reset_on,
    }
    database.set_meta(_ACCOUNT + account.user_id, json.dumps(kept))


def _read(user_id: str, stored: str) -> Account:
    kept = json.loads(stored)
    return Account(
        user_id,
        kept["name"],
        kept["role"],
        kept.get("label", ""),
        kept.get("reset_by", ""),
        kept.get("reset_on", ""),
    )
