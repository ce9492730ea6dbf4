"""How operations and visible rows stand in the server's tables."""

import json
from collections import Counter
from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from posyandu_app.district import schema
from posyandu_app.district.store import among
from posyandu_app.district.verdicts import Fresh, Verdict
from posyandu_app.domain import forms
from posyandu_app.domain.merge import Known, Row, entity_kind
from posyandu_app.domain.operations import Json, JsonObject
from posyandu_app.sync import wire

TOLD = ("status", "ss", "conflicts", "why", "ref", "message")
OP_COLUMNS = (
    *("replica", "seq", "segment", "entity", "kind", "subject", "eff", "body", "chain", "content", "erased"),
    *TOLD,
)


def told(verdict: Verdict, ss: int | None) -> tuple[object, ...]:
    conflicts = json.dumps(verdict.conflicts) if verdict.conflicts else None
    return verdict.status, ss, conflicts, verdict.why, verdict.ref, verdict.message


def op_row(fresh: Fresh, subject: str, verdict: Verdict, ss: int | None) -> tuple[object, ...]:
    """An operation that has just come, with its verdict, as it is stored (`OP_COLUMNS`)."""
    arrived = fresh.arrived
    operation, sealed = arrived.operation, arrived.sealed
    return (
        *fresh.key,
        fresh.segment,
        operation.entity if forms.is_id(operation.entity) else "",
        _indexable(entity_kind(operation)),
        subject,
        fresh.eff,
        arrived.body.decode("utf-8"),
        fresh.chain,
        fresh.content,
        sealed.payload_hash if sealed.payload is None else None,
        *told(verdict, ss),
    )


def _indexable(kind: str) -> str:
    return kind if len(kind) <= 32 and kind.isascii() and kind.isprintable() else ""


def known_operations(connection: Connection, entities: Iterable[str]) -> dict[str, list[Known]]:
    """Every operation in the server's order about these entities, by entity and as it stands in the order."""
    return known_with_sizes(connection, entities)[0]


def known_with_sizes(
    connection: Connection, entities: Iterable[str]
) -> tuple[dict[str, list[Known]], Counter[str]]:
    """The same, and for each entity how many letters all of its operations have."""
    known: dict[str, list[Known]] = {}
    sizes: Counter[str] = Counter()
    query = (
        "SELECT entity, replica, eff, body FROM op WHERE entity IN <values> AND ss IS NOT NULL ORDER BY ss"
    )
    for entity, replica, eff, body in among(connection, query, entities):
        operation = wire.stored_operation(body.encode("utf-8"))
        known.setdefault(entity, []).append(Known(replica, eff, operation))
        sizes[entity] += len(body)
    return known, sizes


def statuses(connection: Connection) -> dict[str, int]:
    """How many operations stand at each status."""
    found = connection.execute(select(schema.op.c.status, func.count()).group_by(schema.op.c.status))
    return {row[0]: row[1] for row in found}


StoredRow = tuple[str, str, str, str, bytes]
ROW_COLUMNS = ("entity", "kind", "subject", "body", "digest")


def row_columns(row: Row, subject: str, digest: bytes) -> StoredRow:
    """A visible row as it is stored (`ROW_COLUMNS`)."""
    disputed: JsonObject = {
        name: [[*head.key, head.value] for head in heads] for name, heads in row.disputed.items()
    }
    body: dict[str, Json] = {"scope": row.scope, "values": row.values, "disputed": disputed}
    return row.entity, row.kind, subject, wire.encode(body).decode("utf-8"), digest
