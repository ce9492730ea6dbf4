"""Made-up children, users and deeds, and databases to put them in."""

import uuid
from datetime import datetime, timedelta, timezone

from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.operations import Operation
from posyandu_app.storage.log import NewOperation, Received

KEY = bytes(range(32))
SCOPE = "32.11.13.2005.001"
WIB = timezone(timedelta(hours=7))


def clock() -> FixedClock:
    """A Monday morning in Cilembu."""
    return FixedClock(datetime(2026, 11, 23, 9, 12, 44, tzinfo=WIB))


def new_id() -> str:
    return str(uuid.uuid4())


def child(name: str = "Siti Aminah", entity: str | None = None, **fields: object) -> NewOperation:
    values = {"name": name, "sex": "F", "birth_date": "2025-11-23", **fields}
    payload = {key: {"v": value, "base": None} for key, value in values.items()}
    return NewOperation("child.register", entity or new_id(), SCOPE, payload)


def measurement(of: str, entity: str | None = None, **fields: object) -> NewOperation:
    payload = {"child": of, "date": "2026-11-23", "weight_g": 8400, "oedema": 0, **fields}
    return NewOperation("measurement.record", entity or new_id(), SCOPE, payload)


def operation(new: NewOperation, seq: int, ms: int = 1_790_000_000_000, actor: str = "u") -> Operation:
    """A deed as another laptop logged it."""
    return Operation(
        seq=seq,
        type=new.type,
        v=new.v,
        entity=new.entity,
        scope=new.scope,
        actor=actor,
        at="2026-11-23T09:12:44+07:00",
        hlc=f"{ms:012x}-0000",
        tx=(seq, 1, 1),
        app="1.0.0",
        payload=new.payload,
    )


def received(
    replica: str, op: Operation, ss: int, eff: str | None = None, status: str = "applied"
) -> Received:
    return Received(replica, op, eff or op.hlc, status, ss)
