"""Who of the Dinas opened whose record: written down by the opening itself, seen by everybody concerned.

The Dinas sees names masked. Opening one child's card unmasks it, and is an operation like any other
(`access.record`): it travels to posyandu, village and puskesmas, and nothing takes it back.
"""

from dataclasses import dataclass
from datetime import datetime

import uuid_utils

from posyandu_app.domain.model import Child, Role
from posyandu_app.services.workspace import Workspace, user_name
from posyandu_app.storage import log
from posyandu_app.storage.log import NewOperation

KIND = "access"


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening: whose record, where she lives, who opened it, when."""

    child: str
    scope: str
    who: str
    at: datetime | None


def note(ws: Workspace, child: Child) -> bool:
    """Write down that the person at the keyboard opens a record; whether there was anything to write.

    Only the Dinas is written down, once for each child, person and day.
    """
    if ws.user.role is not Role.DINAS:
        return False
    today = ws.clock.today().isoformat()
    with ws.database.atomic():
        known = ws.database.one(
            "SELECT 1 FROM other_row WHERE kind = ? AND child = ? AND actor = ? AND date = ?",
            (KIND, child.id, ws.user.id, today),
        )
        if known is not None:
            return False
        payload = {"child": child.id, "date": today, "by": ws.user.name}
        new = NewOperation(f"{KIND}.record", str(uuid_utils.uuid7()), child.scope, {**payload})
        log.append(ws.database, [new], actor=ws.user.id, clock=ws.clock)
    return True


def openings(ws: Workspace, area: str = "", limit: int = 200) -> tuple[Opening, ...]:
    """The latest openings of records in an area ("" for all that is known here), newest first."""
    rows = ws.database.rows(
        "SELECT child, scope, actor, at, vals ->> '$.by' FROM other_row WHERE kind = ?"
        " AND (? = '' OR scope = ? OR scope >= ? AND scope < ?) ORDER BY hlc DESC, id DESC LIMIT ?",
        (KIND, area, area, area + ".", area + "/", limit),
    )
    return tuple(
        Opening(child or "", scope, by or user_name(ws, actor), _moment(at))
        for child, scope, actor, at, by in rows
    )


def _moment(at: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(at or "")
    except ValueError:
        return None
