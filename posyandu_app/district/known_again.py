"""What a restored server hears of its own deeds since the backup: whom it let in, revoked, gave another area.

Each laptop keeps what the server has said of it, signed or with a proof, and tells it once the server's
history is another. What was decided anew since the backup was put back is not undone by that.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Raw
from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from posyandu_app.district import enrolled, incidents, judge, rejudge, schema
from posyandu_app.district.config import District
from posyandu_app.district.store import EPOCH, RESTORED, Store, chunks, fact, set_fact
from posyandu_app.district.telling import Telling
from posyandu_app.domain.clock import rfc3339
from posyandu_app.domain.forms import is_id
from posyandu_app.domain.scopes import is_scope, within
from posyandu_app.sync import wire
from posyandu_app.sync.signing import BadSignature, from_base64, open_message, verify_key

_MOST = wire.MAX_SEGMENTS + 1
"""One card for each segment, and the laptop's own."""
_NAME_SIGNS = 8
_BACKED_UP = "backed_up_ms"


def put_back(connection: Connection) -> None:
    """Keep until when this server remembers: the last moment that stands in the backup."""
    latest = max(
        connection.scalar(select(func.max(column))) or 0
        for column in (schema.device.c.seen_ms, schema.device.c.enrolled_ms, schema.segment.c.received_ms)
    )
    set_fact(connection, _BACKED_UP, str(latest))


def decided(connection: Connection, device: str) -> None:
    """Keep that a laptop's area was decided in this history of the server."""
    set_fact(connection, f"area:{device}", fact(connection, EPOCH) or "")


def let_in(district: District, store: Store, cards: Sequence[Raw], now_ms: int) -> None:
    """Let in again those laptops whom this server had let in, as their cards prove, and does not know."""
    if not cards or not _was_put_back(store):
        return
    joined = {card.device: card for raw in cards[:_MOST] if (card := _proved(raw, district))}
    with store.read() as connection:
        unknown = joined.keys() - _known(connection, joined)
    for device in sorted(unknown):
        with store.write() as connection:
            _let_in(connection, joined[device], now_ms)


def hear(district: District, store: Store, telling: Telling, request: wire.Request, now_ms: int) -> bool:
    """Revoke again, and give this laptop its area again, as it proves; whether it has another area now.

    Each in a transaction of its own: nobody waits for a laptop's row while others wait for this one.
    """
    if not request.heard or not _was_put_back(store):
        return False
    for device in telling.proved(wire.REVOKED, request.heard.get(wire.REVOKED, {})):
        with store.write() as connection:
            if fact(connection, f"revoked:{device}") is None:  # it may not be known yet
                set_fact(connection, f"revoked:{device}", str(now_ms))
                enrolled.revoke(connection, device, now_ms)
    areas = telling.areas(request.device, request.heard.get(wire.AREA, {}))
    with store.write() as connection:
        given = _give_area(connection, request.device, areas, district.region, now_ms)
        if given:
            store.lock_order(connection)
            if rejudge.what_was_outside_for(connection, given):
                judge.judge(connection, district.region)
    return bool(given)


def _was_put_back(store: Store) -> bool:
    with store.read() as connection:
        return fact(connection, RESTORED) is not None


def _proved(raw: Raw, district: District) -> wire.EnrolReply | None:
    """The answer to a laptop's joining, if it is this server's own."""
    try:
        card = open_message(bytes(raw), district.keys.sign.verify_key, wire.EnrolReply)
        verify_key(card.sign_key or "")
        from_base64(card.seal_key or "", 32)
    except (BadSignature, wire.Malformed, ValueError):
        return None
    return card if is_id(card.device) and within(card.scope, district.region) else None


def _known(connection: Connection, devices: Iterable[str]) -> set[str]:
    columns = schema.device.c
    return {
        known
        for some in chunks(devices)
        for known in connection.scalars(select(columns.id).where(columns.id.in_(some)))
    }


def _let_in(connection: Connection, card: wire.EnrolReply, now_ms: int) -> None:
    """Its name is lost; the technician finds it by its id. Who was told to be revoked stays so."""
    new = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(
        new(schema.device)
        .values(
            id=card.device,
            name=f"Laptop {card.device[:_NAME_SIGNS]}",
            scope=card.scope,
            role=card.role,
            sign_key=card.sign_key,
            seal_key=card.seal_key,
            app="",
            enrolled_ms=now_ms,
            continues=card.continues,
        )
        .on_conflict_do_nothing(index_elements=["id"])
    )
    if fact(connection, f"revoked:{card.device}") is not None:
        enrolled.revoke(connection, card.device, now_ms)
    _note(connection, card.device, "known_again", now_ms)


def _note(connection: Connection, device: str, what: str, now_ms: int) -> None:
    incidents.note(connection, device, [wire.Incident(rfc3339(now_ms), what)], now_ms)


def _give_area(
    connection: Connection, device: str, areas: Mapping[str, str], region: str, now_ms: int
) -> list[str]:
    """Give a laptop the area that it was given after the backup was made."""
    backed_up = int(fact(connection, _BACKED_UP) or 0)
    if fact(connection, f"area:{device}") == fact(connection, EPOCH):
        return []
    for scope, at in areas.items():
        lost = datetime.fromisoformat(at).timestamp() * 1000 > backed_up
        if lost and is_scope(scope) and within(scope, region):
            given = enrolled.give_area(connection, device, scope, now_ms)
            for one in given:
                _note(connection, one, "area_again", now_ms)
            return given
    return []
