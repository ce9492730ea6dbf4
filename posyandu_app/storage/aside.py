"""Entries that the Dinas holds back or has put aside, and from when on people are told of them.

Whatever waits for another laptop's entry mostly comes right by itself, and is shown only after 30 days;
what was put aside is shown at once (sync rule 3). The status sentence and the sync page follow this one rule.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from posyandu_app.storage.connection import Database

HELD, QUARANTINED = "held", "quarantined"
HELD_DAYS = 30


@dataclass(frozen=True, slots=True)
class Aside:
    """An entry that the server holds back or has put aside; `since` is when it said so (RFC 3339)."""

    status: str
    why: str
    kind: str
    entity: str
    message: str | None
    since: str | None

    def is_shown(self, now: datetime) -> bool:
        """Whether people are told of it; one that is held and whose time cannot be read is not."""
        if self.status != HELD:
            return True
        try:
            since = datetime.fromisoformat(self.since or "")
        except ValueError:
            return False
        return since.tzinfo is not None and now - since >= timedelta(days=HELD_DAYS)


def shown(database: Database, now: datetime) -> list[Aside]:
    """The entries put aside of which people are told now, oldest first; what was erased is none."""
    found = [
        Aside(status, why or "", kind, entity, message, since)
        for status, why, kind, entity, message, since in database.rows(
            "SELECT status, why, kind, entity, message, received_at FROM log"
            " WHERE status NOT IN ('local', 'applied') AND status IN (?, ?) AND payload IS NOT NULL"
            " ORDER BY received_at, replica, seq",
            (HELD, QUARANTINED),
        )
    ]
    return [item for item in found if item.is_shown(now)]
