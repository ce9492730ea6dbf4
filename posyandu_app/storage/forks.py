"""Going on under a new name when another copy of this database has written under the same numbers.

A disk was cloned, or an old copy of the file was put back: two laptops then write into one log. The
one that finds the number taken moves what it has written since into a log of its own, and both copies
go on working; nothing is lost or doubled (sync rule 17).
"""

import json
import uuid
from collections.abc import Collection

from posyandu_app.domain.merge import Known
from posyandu_app.domain.operations import GENESIS, Json, JsonObject, OpKey, seal
from posyandu_app.storage import log, projection
from posyandu_app.storage.connection import Database


def mint(database: Database, first: int) -> str:
    """Give this database a new log that begins with the own entries from `first` on; returns its id.

    The deeds keep their time and their author; what they say about each other is renumbered. The new
    log's first entry, be it moved or the next to be written, names where the old one was left.
    """
    with database.atomic():
        old, new = database.replica, str(uuid.uuid4())
        stamp, kept = log.last_stamp(database), OpKey(old, first - 1)
        tail = database.rows(
            "DELETE FROM log WHERE replica = ? AND seq >= ?"
            " RETURNING seq, envelope, payload, payload_hash, ss, content",
            (old, first),
        )
        tail.sort()
        moved: list[log.Moved] = []
        entries: list[log.Entry] = []
        chain = GENESIS
        for number, (_, envelope, payload, payload_hash, ss, content) in enumerate(tail, 1):
            operation = log.read_operation(envelope, payload)
            extra = {name: value for name, value in operation.extra.items() if name != log.FORKED_FROM}
            operation = operation.but(
                seq=number,
                payload=_renumbered(operation.payload, old, first, new),
                extra=extra | ({log.FORKED_FROM: list(kept)} if number == 1 else {}),
            )
            sealed = seal(operation, payload_hash)
            chain = sealed.chain(chain)
            moved.append((ss, None, content))
            known = Known(new, operation.hlc, operation)
            entries.append(log.Entry(known, sealed, sealed.content(new), chain, log.LOCAL, None))
        log.insert(database, entries)
        log.adjust_sum(database, moved)
        database.set_meta("replica", new)
        database.set_meta(log.FORKED_FROM, json.dumps([kept, *log.forked_from(database)]))
        database.set_meta("hlc", stamp)
        database.run("UPDATE peer SET acked = 0")
        projection.refresh(database, {entry.known.operation.entity for entry in entries})
        return new


def let_go(database: Database, entities: Collection[str] | None = None) -> frozenset[str]:
    """Forget what its writer has moved into another log since; returns the entities it was about.

    It goes once the server has told the same deed under its new number: nobody may ever write under the
    old one, and nothing would then take its place. Looked for among what came by stick, or among all that
    is known of some entities and was told in a history of the server that is no more.
    """
    which = "c.status NOT IN ('local', 'applied') AND c.status = ?"
    wanted = log.CARRIED
    if entities is not None:
        which, wanted = "c.entity IN (SELECT value FROM json_each(?))", json.dumps(list(entities))
    with database.atomic():
        gone: set[str] = set()
        for entity, *found in database.rows(
            "SELECT c.entity, c.replica, c.seq, c.envelope, c.payload, d.replica, d.envelope, d.payload"  # noqa: S608
            " FROM log c JOIN log d ON d.entity = c.entity AND d.type = c.type AND d.replica <> c.replica"
            f" WHERE {which} AND c.ss IS NULL AND c.replica <> ? AND d.ss IS NOT NULL"
            " AND c.envelope ->> '$.hlc' = d.envelope ->> '$.hlc'",
            (wanted, database.replica),
        ):
            replica, seq, *told = found
            if _is_the_same_deed(replica, *told):
                database.run("DELETE FROM log WHERE replica = ? AND seq = ?", (replica, seq))
                gone.add(entity)
        if gone:
            projection.refresh(database, gone)
    return frozenset(gone)


def _is_the_same_deed(
    old: str, envelope: str, payload: str | None, new: str, new_envelope: str, new_payload: str | None
) -> bool:
    """Whether an operation is what `mint` made of another one."""
    left, moved = log.read_operation(envelope, payload), log.read_operation(new_envelope, new_payload)
    first = left.seq - moved.seq + 1
    expected = left.but(
        seq=moved.seq,
        payload=None if moved.payload is None else _renumbered(left.payload, old, first, new),
        extra={name: value for name, value in left.extra.items() if name != log.FORKED_FROM},
    )
    extra = {name: value for name, value in moved.extra.items() if name != log.FORKED_FROM}
    return first > 0 and expected == moved.but(extra=extra)


def _renumbered(payload: JsonObject | None, old: str, first: int, new: str) -> JsonObject | None:
    """The payload with every key of a moved entry replaced by its new one."""
    if payload is None:
        return None

    def renumber(value: Json) -> Json:
        if isinstance(value, dict):
            return {name: renumber(item) for name, item in value.items()}
        if not isinstance(value, list):
            return value
        if len(value) == 2 and value[0] == old and type(value[1]) is int and value[1] >= first:
            return [new, value[1] - first + 1]
        return [renumber(item) for item in value]

    return {name: renumber(item) for name, item in payload.items()}
