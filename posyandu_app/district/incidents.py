"""What did not agree between a laptop and the server, kept for the technician; never a name or a child."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from posyandu_app.district import schema
from posyandu_app.district.store import upsert
from posyandu_app.sync import wire

MOST_AT_ONCE = 50
_MOST_OF_ONE = 1_000


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that did not agree, as the laptop or the server noticed it."""

    device: str
    at: str
    what: str
    detail: str


def fits(told: wire.Incident) -> bool:
    """Whether what a laptop tells is in its form."""
    texts = (told.at, told.what, told.detail)
    return all(len(one) <= 200 and one.isprintable() for one in texts) and bool(told.what)


def note(connection: Connection, device: str, told: Sequence[wire.Incident], received_ms: int) -> None:
    """Keep them, each once; a laptop that tells of thousands is not listened to any more."""
    if not told:
        return
    known = connection.scalar(
        select(func.count()).select_from(schema.incident).where(schema.incident.c.device == device)
    )
    if (known or 0) >= _MOST_OF_ONE:
        return
    rows: dict[tuple[str, str], tuple[object, ...]] = {
        (one.at, one.what): (device, one.at, one.what, one.detail, received_ms) for one in told
    }
    columns = ("device", "at", "what", "detail", "received_ms")
    upsert(connection, schema.incident, columns, list(rows.values()))


def known(connection: Connection, most: int = 1_000) -> list[Incident]:
    """The latest, newest first."""
    columns = schema.incident.c
    found = connection.execute(
        select(columns.device, columns.at, columns.what, columns.detail)
        .order_by(columns.received_ms.desc(), columns.at.desc())
        .limit(most)
    )
    return [Incident(*row) for row in found]
