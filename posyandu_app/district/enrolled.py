"""What is decided about a laptop that has joined: it is revoked, or given another area."""

import json
from collections.abc import Collection

from sqlalchemy import Connection, select, update

from posyandu_app.district import intake, judge, schema


def revoke(connection: Connection, devices: Collection[str], now_ms: int) -> None:
    """Take leave of laptops: what they send is kept aside, they hear nothing more and are told to wipe."""
    columns = schema.device.c
    connection.execute(
        update(schema.device)
        .where(columns.id.in_(devices), columns.revoked_ms.is_(None))
        .values(revoked_ms=now_ms)
    )


def give_area(connection: Connection, device: str, scope: str, now_ms: int) -> list[str]:
    """Give a laptop another area; what it wrote in the old one may come for 90 more days.

    It goes for whatever it has joined as since. Returns the ids for which it is another: what was put aside
    as outside their area is to be judged again (`rejudge.what_was_outside_for`), by whoever holds the order
    lock after this.
    """
    columns = schema.device.c
    given: list[str] = []
    for one, area_now, former_areas in connection.execute(
        select(columns.id, columns.scope, columns.former)
        .where(columns.id.in_(intake.with_later_ids(connection, device)), columns.scope != scope)
        .with_for_update()
    ).all():
        former = [
            [area, until]
            for area, until in json.loads(former_areas or "[]")
            if until > now_ms and area not in (scope, area_now)
        ]
        former.append([area_now, now_ms + judge.READS_ON_MS])
        connection.execute(
            update(schema.device)
            .where(columns.id == one)
            .values(scope=scope, former=json.dumps(former), cursor=None)
        )
        given.append(one)
    return given
