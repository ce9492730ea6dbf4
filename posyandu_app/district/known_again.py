"""What a restored server hears of its own deeds since the backup: whom it let in, revoked, gave another area.

Each laptop keeps what the server has said of it, signed or with a proof, and tells it once the server's
history is another. What was decided anew since the backup was put back is not undone by that.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from msgspec import Raw
from sqlalchemy import Connection, func, select

from posyandu_app.district import enrolled, incidents, judge, rejudge, schema
from posyandu_app.district.config import District
from posyandu_app.district.store import EPOCH, RESTORED, Rows, Store, chunks, fact, insert, set_fact
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


def know_again(
    district: District, store: Store, telling: Telling, request: wire.Request, now_ms: int
) -> None:
    """Take what a laptop tells of this server's deeds, as far as it proves them and they are not known."""
    if not request.cards and not request.heard:
        return
    with store.read() as connection:
        if fact(connection, RESTORED) is None:
            return
    joined = [card for raw in request.cards[:_MOST] if (card := _proved(raw, district))]
    revoked = telling.proved(wire.REVOKED, request.heard.get(wire.REVOKED, {}))
    areas = telling.areas(request.device, request.heard.get(wire.AREA, {}))
    if not joined and not revoked and not areas:
        return
    with store.write() as connection:
        known = _let_in(connection, joined, now_ms)
        _revoke(connection, revoked, now_ms)
        given = _give_area(connection, request.device, areas, district.region, now_ms)
        for what, some in (("known_again", known), ("area_again", given)):
            for device in some:
                incidents.note(connection, device, [wire.Incident(rfc3339(now_ms), what)], now_ms)
        if given:
            store.lock_order(connection)
            if rejudge.what_was_outside_for(connection, given):
                judge.judge(connection, district.region)


def _proved(raw: Raw, district: District) -> wire.EnrolReply | None:
    """The answer to a laptop's joining, if it is this server's own."""
    try:
        card = open_message(bytes(raw), district.keys.sign.verify_key, wire.EnrolReply)
        verify_key(card.sign_key or "")
        from_base64(card.seal_key or "", 32)
    except (BadSignature, wire.Malformed, ValueError):
        return None
    return card if is_id(card.device) and within(card.scope, district.region) else None


def _let_in(connection: Connection, cards: Sequence[wire.EnrolReply], now_ms: int) -> list[str]:
    """Let in again those who are not known; who was told to be revoked stays so. Returns their ids."""
    joined = {card.device: card for card in cards}
    for some in chunks(list(joined)):
        for known in connection.scalars(select(schema.device.c.id).where(schema.device.c.id.in_(some))):
            del joined[known]
    columns = ("id", "name", "scope", "role", "sign_key", "seal_key", "app", "continues", "enrolled_ms")
    rows: Rows = [(*_columns(card), now_ms) for _, card in sorted(joined.items())]
    insert(connection, schema.device, columns, rows)
    for device in joined:
        if fact(connection, f"revoked:{device}") is not None:
            enrolled.revoke(connection, device, now_ms)
    return sorted(joined)


def _columns(card: wire.EnrolReply) -> tuple[str | None, ...]:
    """Its name is lost; the technician finds it by its id."""
    name = f"Laptop {card.device[:_NAME_SIGNS]}"
    return card.device, name, card.scope, card.role, card.sign_key, card.seal_key, "", card.continues


def _revoke(connection: Connection, told: Collection[str], now_ms: int) -> None:
    for device in sorted(told):
        set_fact(connection, f"revoked:{device}", str(now_ms))  # it may not be known yet
        enrolled.revoke(connection, device, now_ms)


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
            return enrolled.give_area(connection, device, scope, now_ms)
    return []
