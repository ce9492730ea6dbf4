"""What people have decided about two records that may be one child."""

import json

from posyandu_app.domain.operations import Json, OpKey
from posyandu_app.domain.persons import REGISTERED_BY_MISTAKE, Decided, groups, last
from posyandu_app.storage.connection import Database


def decisions(database: Database) -> list[Decided]:
    """Every known decision, of whichever laptop; few in any posyandu."""
    found = []
    for replica, seq, type_, entity, eff, payload, envelope in database.rows(
        "SELECT replica, seq, type, entity, eff, payload, envelope FROM log"
        " WHERE kind = 'person' AND payload IS NOT NULL"
    ):
        said, told = json.loads(payload), json.loads(envelope)
        other = said.get("other")
        if isinstance(other, str) and type_ in ("person.link", "person.unlink"):
            found.append(
                Decided(
                    entity,
                    other,
                    together=type_ == "person.link",
                    rank=(eff, replica, seq),
                    actor=told["actor"],
                    at=told["at"],
                    undecided=said.get("undecided") is True,
                    seen=_keys(said["seen"]) if "seen" in said else None,
                )
            )
    return found


def _keys(told: object) -> frozenset[OpKey]:
    pairs = [key for key in told if isinstance(key, list) and len(key) == 2] if isinstance(told, list) else []
    return frozenset(OpKey(str(replica), seq) for replica, seq in pairs if type(seq) is int)


def about(database: Database, one: str, other: str) -> list[Decided]:
    """What is known to have been decided about two records."""
    return [item for item in decisions(database) if item.pair == {one, other}]


def seen_by_now(database: Database, one: str, other: str) -> list[Json]:
    """What the next decision about two records names as known to its author."""
    return [list(item.key) for item in last(about(database, one, other))]


def records_of(database: Database, child_id: str) -> tuple[str, ...]:
    """All records of the child that this record is of, smallest id first; itself alone when not linked."""
    return groups(decisions(database)).get(child_id, (child_id,))


def behind(database: Database) -> dict[str, str]:
    """Record → the record that stands for its child: the smallest id of hers that counts (sync rule 9).

    Only records that stand behind another are named; those registered by mistake stand for nobody.
    """
    linked = groups(decisions(database))
    if not linked:
        return {}
    counted = {
        record
        for (record,) in database.rows(
            "SELECT id FROM child WHERE id IN (SELECT value FROM json_each(?)) AND state IS NOT ?",
            (json.dumps(list(linked)), REGISTERED_BY_MISTAKE),
        )
    }
    found = {}
    for record in sorted(counted):
        first = next(other for other in linked[record] if other in counted)
        if first != record:
            found[record] = first
    return found
