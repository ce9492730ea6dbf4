"""Ids made from what they name, so that two laptops that name the same thing give it the same one.

Anybody can work such an id out: it stands only for what it was made from, and UUIDs of version 5 are
kept for these ids.
"""

import uuid
from datetime import date

POSYANDU = uuid.UUID("0d2bb6d5-6d0c-5b43-8d1c-55a0a0c33d11")
SESSIONS = uuid.UUID("6f0f2d5e-4c0c-5d3a-9a77-3b1f6f7f2a11")
KINDS = frozenset({"posyandu", "session"})
"""The kinds of registers whose ids are derived."""

_VERSION_AT = 14


def posyandu_entity(scope: str) -> str:
    """The one id of the posyandu of a scope, the same on every laptop."""
    return str(uuid.uuid5(POSYANDU, scope))


def session_id(scope: str, day: date) -> str:
    """The one id of a posyandu's session on a day, so that two laptops that open it open the same."""
    return str(uuid.uuid5(SESSIONS, f"{scope}/{day.isoformat()}"))


def is_derived(entity: str) -> bool:
    """Whether an id (a UUID in its form) is one of version 5."""
    return entity[_VERSION_AT] == "5"
