"""What a restored server hears of its own deeds since the backup: whom it let in, revoked, gave another area.

Each laptop keeps what the server has said of it, signed or with a proof, and tells it once the server's
history is another. What was decided anew since the backup was put back is not undone by that.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Raw
from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from posyandu_app.district import enrolled, incidents, judge, rejudge, schema
from posyandu_app.district.config import District
from posyandu_app.district.store import RESTORED, Store, chunks, fact, set_fact
from posyandu_app.district.telling import Telling
from posyandu_app.domain.clock import rfc3339
from posyandu_app.domain.forms import is_id
from posyandu_app.domain.scopes import is_scope, within
from posyandu_app.sync import wire
from posyandu_app.sync.signing import BadSignature, from_base64, open_message, verify_key

_MOST = wire.MAX_SEGMENTS + 1
"""One card for each segment, and the laptop's own."""
_NAME_SIGNS = 8


def decided(connection: Connection, device: str, now_ms: int) -> None:
    """Keep when a laptop's area was decided: what the server has said of it before is not true any more."""
    set_fact(connection, f"area:{device}", str(now_ms))


def revoke_when_known(connection: Connection, device: str, now_ms: int) -> bool:
    """Revoke a laptop that this server, put back to before, does not know yet; whether it was put back."""
    if fact(connection, RESTORED) is None:
        return False
    set_fact(connection, f"revoked:{device}", str(now_ms))
    return True


def name_of(device: str) -> str:
    """What a laptop is called whose name is lost."""
    return f"Laptop {device[:_NAME_SIGNS]}"


def let_in(
    district: District, store: Store, cards: Sequence[Raw], now_ms: int, only: str | None = None
) -> None:
    """Let in again those laptops whom this server had let in, as their cards prove, and does not know.

    Of others' cards than that of the laptop `only` nothing is read, before that has proved who it is.
    """
    if not cards or not _was_put_back(store):
        return
    some = [raw for raw in cards[:_MOST] if only is None or only.encode() in bytes(raw)]
    joined = {card.device: card for raw in some if (card := _proved(raw, district))}
    joined = {device: card for device, card in joined.items() if only in (None, device)}
    with store.read() as connection:
        unknown = joined.keys() - _known(connection, joined)
    for device in sorted(unknown):
        with store.write() as connection:
            _let_in(connection, joined[device], now_ms)
        with store.write() as connection:  # it may have been told meanwhile that this one is revoked
            if fact(connection, f"revoked:{device}") is not None:
                enrolled.revoke(connection, [device], now_ms)


def hear(district: District, store: Store, telling: Telling, request: wire.Request, now_ms: int) -> None:
    """Revoke again, and give this laptop its area again, as it proves.

    Each in a transaction of its own: nobody waits for a laptop's row while others wait for this one.
    """
    if not _was_put_back(store):
        return
    for device in telling.proved(wire.REVOKED, request.heard.get(wire.REVOKED, {})):
        with store.write() as connection:
            revoke_when_known(connection, device, now_ms)
            enrolled.revoke(
                connection, [device], now_ms
            )  # of what it has joined as since there is a proof too
    areas = telling.areas(request.device, request.heard.get(wire.AREA, {}))
    with store.write() as connection:
        given = _give_area(connection, request.device, areas, district.region, now_ms)
        if given:
            store.lock_order(connection)
            if rejudge.what_was_outside_for(connection, given):
                judge.judge(connection, district.region)


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
    """Its name is lost; the technician finds it by its id."""
    new = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(
        new(schema.device)
        .values(
            id=card.device,
            name=name_of(card.device),
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
    _note(connection, card.device, "known_again", now_ms)


def _note(connection: Connection, device: str, what: str, now_ms: int) -> None:
    incidents.note(connection, device, [wire.Incident(rfc3339(now_ms), what)], now_ms)


def _give_area(
    connection: Connection, device: str, areas: Mapping[str, str], region: str, now_ms: int
) -> list[str]:
    """Give a laptop the area that the server has told it last, unless that was decided anew since."""
    if not areas:
        return []
    scope, at = max(areas.items(), key=lambda told: datetime.fromisoformat(told[1]))
    decided_ms = int(fact(connection, f"area:{device}") or 0)
    old = datetime.fromisoformat(at).timestamp() * 1000 <= decided_ms
    if old or not is_scope(scope) or not within(scope, region):
        return []
    given = enrolled.give_area(connection, device, scope, now_ms)
    for one in given:
        _note(connection, one, "area_again", now_ms)
    return given
