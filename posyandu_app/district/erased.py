"""Operations whose content was erased by law: the envelope and the payload's hash stay (sync rule 19)."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, exists, select, true, update

from posyandu_app.district import schema
from posyandu_app.district.store import chunks
from posyandu_app.district.verdicts import ABOUT_ITSELF
from posyandu_app.domain.operations import OpKey, payload_hash
from posyandu_app.sync import wire


def among(connection: Connection, subjects: Collection[str], entities: Collection[str]) -> set[str]:
    """Those of the subjects whose data was erased, and those of the entities that belonged to them."""
    found: set[str] = set()
    if connection.execute(select(schema.erasure.c.subject).limit(1)).first() is None:
        return found
    for some in chunks(subjects):
        found.update(
            connection.scalars(select(schema.erasure.c.subject).where(schema.erasure.c.subject.in_(some)))
        )
    operations = schema.op.c
    for some in chunks(entities):
        found.update(
            connection.scalars(
                select(operations.entity)
                .join(schema.erasure, schema.erasure.c.subject == operations.subject)
                .where(operations.entity.in_(some))
            )
        )
    return found


def changes_put_aside(connection: Connection, subject: str, entity: str | None = None) -> list[OpKey]:
    """Changes to facts about a subject, or to one of them, that never found what they change.

    Its record was put aside or came after them, so that nothing in them tells whom they are about.
    """
    about = schema.op.alias()
    operations = schema.op.c
    whose = (about.c.subject == subject) & (about.c.entity == operations.entity)
    one = true() if entity is None else operations.entity == entity
    found = connection.execute(
        select(operations.replica, operations.seq)
        .where(
            operations.ss.is_(None),
            operations.subject == operations.entity,
            operations.kind.not_in(ABOUT_ITSELF),
        )
        .where(operations.erased.is_(None), one, exists().where(whose))
    )
    return [OpKey(replica, seq) for replica, seq in found]


def drop_payloads(connection: Connection, keys: Sequence[OpKey]) -> None:
    """Keep of these operations the envelope and the payload's hash."""
    for key in keys:
        this = (schema.op.c.replica == key.replica) & (schema.op.c.seq == key.seq)
        body = connection.scalar(select(schema.op.c.body).where(this))
        assert body is not None, "named by its own table"
        operation = wire.stored_operation(body.encode("utf-8"))
        without = wire.encode(operation.without_payload().to_json()).decode("utf-8")
        connection.execute(
            update(schema.op).where(this).values(body=without, erased=payload_hash(operation.payload))
        )
