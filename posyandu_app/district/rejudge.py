"""What is judged again, because what it waited for has come, or what it was put aside for has changed.

A verdict hangs on more than the operation: on what is known here, on where its child is placed and on
which area its laptop has. Most of all a restored server hears things in another order than they were
done in: what a new posyandu writes about a child before the move that brings her there.

It is marked as stored and not judged; the judge, who calls here and holds the order lock, then takes it in
the order it came, whatever it was that woke it.
"""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import ColumnElement, Connection, TextClause, and_, or_, select, update

from posyandu_app.district import schema
from posyandu_app.district.schema import HELD, QUARANTINED, STORED
from posyandu_app.district.store import among, chunks
from posyandu_app.district.verdicts import OUT_OF_SCOPE
from posyandu_app.domain.scopes import all_ancestors


def what_waited_for(connection: Connection, created: Collection[str]) -> int:
    """Mark what was held for these entities, which exist now; how many operations."""
    columns = schema.op.c
    held = columns.status == HELD
    any_held = select(columns.seq).where(schema.WAITS, held).limit(1)
    if not created or connection.execute(any_held).first() is None:
        return 0
    return sum(
        _mark(connection, schema.WAITS, held, columns.ref.in_(some)) for some in chunks(sorted(created))
    )


def what_was_outside(connection: Connection, moved: Mapping[str, Collection[str]]) -> int:
    """Mark what was put aside as out of scope about subjects that came to further scopes; how many.

    Also what joins them with somebody else (`ref` names the one of the two who lay outside).

    Only of laptops whose area, or a former one, may hold such a scope: what anybody else has written about
    her is not looked at again. Whether it stands is for the judge.
    """
    marked = 0
    for some in chunks(sorted(moved)):
        scopes = frozenset(scope for subject in some for scope in moved[subject])
        about = schema.op.c.subject.in_(some)
        joined = schema.op.c.ref.in_(some)
        marked += _mark(connection, _outside(), about, _by_laptops_that_read(scopes))
        marked += _mark(connection, schema.WAITS, _outside(), joined, _by_laptops_that_read(scopes))
    return marked


def what_was_outside_for(connection: Connection, devices: Iterable[str]) -> int:
    """Mark what was put aside as out of scope of laptops that were given another area; how many."""
    theirs = select(schema.segment.c.id).where(schema.segment.c.device.in_(list(devices)))
    return _mark(connection, schema.WAITS, _outside(), schema.op.c.segment.in_(theirs))


def forgotten_somewhere(connection: Connection, subjects: Collection[str]) -> set[str]:
    """Those of the subjects whom some scope has been told to forget."""
    query = "SELECT DISTINCT subject FROM leaving WHERE subject IN <values>"
    return {subject for (subject,) in among(connection, query, subjects)}


def _outside() -> ColumnElement[bool]:
    return and_(schema.op.c.status == QUARANTINED, schema.op.c.why == OUT_OF_SCOPE)


def _by_laptops_that_read(scopes: frozenset[str]) -> ColumnElement[bool]:
    device, segment = schema.device.c, schema.segment.c
    may = or_(device.scope.in_(sorted(all_ancestors(scopes))), device.former.is_not(None))
    return (
        select(segment.id)
        .join(schema.device, device.id == segment.device)
        .where(segment.id == schema.op.c.segment, may)
        .exists()
    )


def _mark(connection: Connection, *which: ColumnElement[bool] | TextClause) -> int:
    return connection.execute(update(schema.op).where(*which).values(status=STORED)).rowcount
