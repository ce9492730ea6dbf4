"""Laptops that joined after the backup which was put back: known again by what this server signed then.

Each laptop keeps the answer to its joining, and gives it along when it hands something to another. By it a
restored server knows who signed what is carried here, and whom it has let in itself.
"""

from collections.abc import Sequence

from msgspec import Raw
from sqlalchemy import Connection, select

from posyandu_app.district import incidents, schema
from posyandu_app.district.config import District
from posyandu_app.district.store import RESTORED, Store, chunks, fact, insert
from posyandu_app.domain.clock import rfc3339
from posyandu_app.domain.forms import is_id
from posyandu_app.domain.scopes import within
from posyandu_app.sync import wire
from posyandu_app.sync.signing import BadSignature, from_base64, open_message, verify_key

_MOST = wire.MAX_SEGMENTS + 1
"""One card for each segment, and the laptop's own."""
_NAME_SIGNS = 8


def know_again(district: District, store: Store, cards: Sequence[Raw], now_ms: int) -> None:
    """Let in again those of these laptops whom this server had let in before it was put back."""
    with store.read() as connection:
        if fact(connection, RESTORED) is None:
            return
        joined = _unknown(connection, [card for raw in cards[:_MOST] if (card := _proved(raw, district))])
    if not joined:
        return
    with store.write() as connection:
        store.lock_order(connection)  # two that bring the same card do it one after the other
        joined = _unknown(connection, joined)
        rows = [(*_columns(card), now_ms) for card in joined]
        columns = ("id", "name", "scope", "role", "sign_key", "seal_key", "app", "continues", "enrolled_ms")
        insert(connection, schema.device, columns, rows)
        for card in joined:
            told = wire.Incident(rfc3339(now_ms), "known_again")
            incidents.note(connection, card.device, [told], now_ms)


def _proved(raw: Raw, district: District) -> wire.EnrolReply | None:
    """The answer to a laptop's joining, if it is this server's own."""
    try:
        card = open_message(bytes(raw), district.keys.sign.verify_key, wire.EnrolReply)
        verify_key(card.sign_key or "")
        from_base64(card.seal_key or "", 32)
    except (BadSignature, wire.Malformed, ValueError):
        return None
    return card if is_id(card.device) and within(card.scope, district.region) else None


def _unknown(connection: Connection, cards: Sequence[wire.EnrolReply]) -> list[wire.EnrolReply]:
    joined = {card.device: card for card in cards}
    for some in chunks(list(joined)):
        for known in connection.scalars(select(schema.device.c.id).where(schema.device.c.id.in_(some))):
            del joined[known]
    return [joined[device] for device in sorted(joined)]


def _columns(card: wire.EnrolReply) -> tuple[str | None, ...]:
    """Its name is lost; the technician finds it by its id."""
    name = f"Laptop {card.device[:_NAME_SIGNS]}"
    return card.device, name, card.scope, card.role, card.sign_key, card.seal_key, "", card.continues
