"""What a scope stops reading: children who moved away long enough ago, and data erased by law.

Each is a place in the server's order, so that every laptop hears of it exactly when its cursor passes.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, select, text

from posyandu_app.district import erased, schema, tallies
from posyandu_app.district.store import HEAD, Rows, chunks, fact, insert, set_fact
from posyandu_app.domain.operations import OpKey
from posyandu_app.domain.scopes import all_ancestors, is_scope, within
from posyandu_app.sync import wire

PURGE, ERASE = "purge", "erase"
_AT_ONCE = 200


class Orders(NamedTuple):
    """The children a laptop is to forget."""

    purge: list[str]
    erase: list[str]


def any_due(connection: Connection, now_ms: int) -> bool:
    """Whether some scope has read about a child who left it for long enough."""
    until = schema.placement.c.until_ms
    return connection.execute(select(until).where(until <= now_ms).limit(1)).first() is not None


def close_due(connection: Connection, now_ms: int) -> int:
    """Take children out of the scopes they left 90 days ago; the caller holds the order lock."""
    columns = schema.placement.c
    due = connection.execute(
        select(columns.subject, columns.scope).where(columns.until_ms <= now_ms).limit(_AT_ONCE)
    ).all()
    left: dict[str, list[str]] = {}
    for subject, scope in due:
        _close(connection, subject, scope)
        left.setdefault(scope, []).append(subject)
    for scope, subjects in left.items():
        _clear_feed(connection, scope, subjects)
    return len(due)


def _close(connection: Connection, subject: str, scope: str) -> None:
    placed = _placed(connection, subject)
    gone = all_ancestors(placed) - all_ancestors(placed - {scope})
    changes: dict[tuple[str, str], list[int]] = {}
    operations = schema.op.c
    contents = connection.scalars(
        select(operations.content).where(operations.subject == subject, operations.ss.is_not(None))
    )
    _subtract(changes, gone, tallies.LOG, contents)
    for kind, digest in connection.execute(
        select(schema.row.c.kind, schema.row.c.digest).where(schema.row.c.subject == subject)
    ):
        _subtract(changes, gone, kind, [digest])
    tallies.add(connection, changes)
    connection.execute(
        delete(schema.placement).where(
            schema.placement.c.subject == subject, schema.placement.c.scope == scope
        )
    )
    tell(connection, subject, [scope], PURGE)


def _clear_feed(connection: Connection, scope: str, subjects: Sequence[str]) -> None:
    """Take subjects out of a scope's feed, all in one look through it."""
    connection.execute(
        text(
            "DELETE FROM feed WHERE scope = :scope AND EXISTS (SELECT 1 FROM op WHERE op.subject IN :subjects"
            " AND op.replica = feed.replica AND op.seq = feed.seq)"
        ).bindparams(bindparam("subjects", expanding=True)),
        {"scope": scope, "subjects": subjects},
    )


def _subtract(
    changes: dict[tuple[str, str], list[int]], areas: Iterable[str], kind: str, hashes: Iterable[bytes]
) -> None:
    listed = [int.from_bytes(bytes(one), "big") for one in hashes]
    for area in areas:
        entry = changes.setdefault((area, kind), [0, 0])
        entry[0] -= len(listed)
        entry[1] -= sum(listed)


def _placed(connection: Connection, subject: str) -> frozenset[str]:
    return frozenset(
        connection.scalars(select(schema.placement.c.scope).where(schema.placement.c.subject == subject))
    )


def _written_in(connection: Connection, subject: str) -> frozenset[str]:
    """Where what stands aside about a subject says that it was written: others may have read it there.

    A restored server knows some children by nothing else.
    """
    operations = schema.op.c
    bodies = connection.scalars(
        select(operations.body).where(operations.subject == subject, operations.ss.is_(None))
    )
    scopes = (wire.stored_operation(body.encode("utf-8")).scope for body in bodies)
    return frozenset(filter(is_scope, scopes))


def tell(connection: Connection, subject: str, scopes: Iterable[str], why: str) -> None:
    """Order the laptops that read these scopes to forget a subject; the caller holds the order lock."""
    head = int(fact(connection, HEAD) or 0)
    rows: Rows = [(ss, subject, scope, why) for ss, scope in enumerate(sorted(scopes), head + 1)]
    insert(connection, schema.leaving, ("ss", "subject", "scope", "why"), rows)
    set_fact(connection, HEAD, str(head + len(rows)))


def told_to_erase(connection: Connection, subjects: Collection[str], scope: str) -> set[str]:
    """Those of these subjects of whom a scope was told already that they were erased."""
    columns = schema.leaving.c
    found: set[str] = set()
    for some in chunks(subjects):
        found.update(
            connection.scalars(
                select(columns.subject).where(
                    columns.subject.in_(some), columns.scope == scope, columns.why == ERASE
                )
            )
        )
    return found


def orders(connection: Connection, area: str, cursor: int, to: int) -> Orders:
    """Whom a laptop of this area is to forget, of what lies after its cursor and up to `to`.

    Who is back in its reading by now is left out.
    """
    columns = schema.leaving.c
    told = [
        (subject, why)
        for subject, scope, why in connection.execute(
            select(columns.subject, columns.scope, columns.why)
            .where(columns.ss > cursor, columns.ss <= to)
            .order_by(columns.ss)
        )
        if within(scope, area)
    ]
    moved = list(dict.fromkeys(subject for subject, why in told if why == PURGE))
    readable: set[str] = set()
    for some in chunks(moved):
        for subject, scope in connection.execute(
            select(schema.placement.c.subject, schema.placement.c.scope).where(
                schema.placement.c.subject.in_(some)
            )
        ):
            if within(scope, area):
                readable.add(subject)
    return Orders(
        purge=[subject for subject in moved if subject not in readable],
        erase=list(dict.fromkeys(subject for subject, why in told if why == ERASE)),
    )


def erase(connection: Connection, subject: str, reason: str, now_ms: int) -> int:
    """Drop everything that was said about a child and keep the hashes; returns how many operations.

    The chains still verify, the order stays whole, and every laptop that reads about her is told (sync
    rule 19). What still comes about her is kept without its content. The caller holds the order lock.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    operations = schema.op.c
    keys = [
        OpKey(replica, seq)
        for replica, seq in connection.execute(
            select(operations.replica, operations.seq).where(
                operations.subject == subject, operations.erased.is_(None)
            )
        )
    ]
    keys += erased.changes_put_aside(connection, subject)
    erased.drop_payloads(connection, keys)
    placed = _placed(connection, subject)
    changes: dict[tuple[str, str], list[int]] = {}
    for kind, digest in connection.execute(
        select(schema.row.c.kind, schema.row.c.digest).where(schema.row.c.subject == subject)
    ):
        _subtract(changes, all_ancestors(placed), kind, [digest])
    tallies.add(connection, changes)
    connection.execute(delete(schema.row).where(schema.row.c.subject == subject))
    if not erased.among(connection, [subject], [subject]):
        connection.execute(schema.erasure.insert().values(subject=subject, at_ms=now_ms, reason=reason))
    tell(connection, subject, placed | _written_in(connection, subject), ERASE)
    return len(keys)
