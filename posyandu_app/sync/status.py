"""What people are told about sync: computed from the log and the watermark, never from the last HTTP call."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Link(StrEnum):
    """What the last attempt at contact met."""

    NOT_ENROLLED = "not_enrolled"
    UNKNOWN = "unknown"
    ONLINE = "online"
    OFFLINE = "offline"
    SWITCHED_OFF = "switched_off"
    PORTAL = "portal"
    BAD_CERTIFICATE = "bad_certificate"
    SERVER_BUSY = "server_busy"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """Operations waiting and received, and when a server last signed for something.

    `unsent` are own operations past the server-signed watermark; `held`, `quarantined` and
    `conflicts` are counts of operations that need another operation or a person.
    """

    enrolled: bool
    total: int
    received: int
    unsent: int
    held: int
    quarantined: int
    conflicts: int
    last_received_at: datetime | None
    cursor: int
    link: Link
    message: str
