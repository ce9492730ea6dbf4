"""What this laptop is to forget: children who left its area, and those whose data was erased by law.

Nothing goes while the server has not signed for all that was written here about the child, nor while a
record of hers is carried for others in one signed stretch with what has not arrived. Then her rows
go, what others wrote about her, half-typed forms and old backups; of what was written here the envelope
and the payload's hash stay, so that the own chain still verifies (sync rules 10 and 19).
"""

import hashlib
import json
from collections.abc import Collection, Sequence

from posyandu_app.storage import carried, log, projection, sealed
from posyandu_app.storage.connection import Database

PURGE, ERASE = "purge", "erase"
_RENEW_BACKUPS = "renew_backups"
_AMONG = "(SELECT value FROM json_each(?))"


def hear(database: Database, children: Sequence[str], why: str, at: str) -> None:
    """Keep that these children are to be forgotten; a purged one counts in no sum from now on."""
    if not children:
        return
    with database.atomic():
        database.run_many(
            "INSERT INTO leaving(child, why, at) VALUES (?, ?, ?)"
            " ON CONFLICT(child) DO UPDATE SET why = excluded.why WHERE excluded.why = 'erase'",
            [(child, why, at) for child in children],
        )
        if why == PURGE:
            _unplace(database, _entities(database, children))


def hear_put_aside(database: Database, receipts: Sequence[log.Receipt], at: str) -> None:
    """What the server has put aside because the child was erased by law is forgotten here too."""
    for receipt in receipts:
        if receipt.why == "erased":
            found = database.rows(
                "SELECT coalesce(payload ->> '$.child', entity) FROM log"
                " WHERE replica = ? AND seq = ? AND payload IS NOT NULL",
                (receipt.replica, receipt.seq),
            )
            hear(database, [child for (child,) in found], ERASE, at)


def back(database: Database, entities: Collection[str]) -> None:
    """Children who are told about again stay."""
    with database.atomic():
        if database.number("SELECT count(*) FROM leaving"):
            database.run(
                f"DELETE FROM leaving WHERE why = 'purge' AND child IN {_AMONG}",  # noqa: S608
                (json.dumps(list(entities)),),
            )


def carry_out(database: Database) -> frozenset[str]:
    """Forget every child of whom nothing is unacknowledged any more; returns what was forgotten."""
    with database.atomic():
        waiting = dict(database.rows("SELECT child, why FROM leaving"))
        gone: set[str] = set()
        for child, why in waiting.items():
            entities = _entities(database, [child])
            if _unacknowledged(database, child, entities):
                continue
            _forget(database, child, entities, keep_all=why == ERASE)
            database.run("DELETE FROM leaving WHERE child = ?", (child,))
            gone |= entities
        if gone:
            database.set_meta(_RENEW_BACKUPS, "1")
    _forget_columns(database, gone)
    return frozenset(gone)


def let_go(database: Database) -> frozenset[str]:
    """Forget what came by stick about children whom this laptop does not read about; returns its entities.

    To be called when the server's whole order was heard: what it has applied, and not told, lies outside,
    and so does what it has put aside for lying outside its author's area or the district, or as the child
    was erased, and what it holds back that was written for an area that is not this laptop's any more.
    """
    own = [database.replica, *(key.replica for key in log.forked_from(database))]
    with database.atomic():
        gone = {
            entity
            for (entity,) in database.rows(
                "DELETE FROM log WHERE status NOT IN ('local', 'applied')"  # noqa: S608
                " AND (status = ? OR (status = 'quarantined'"
                " AND why IN ('out_of_scope', 'outside_district', 'erased'))"
                " OR (status = 'held' AND NOT EXISTS (SELECT 1 FROM peer WHERE log.scope = peer.scope"
                " OR substr(log.scope, 1, length(peer.scope) + 1) = peer.scope || '.')))"
                f" AND replica NOT IN {_AMONG} AND NOT EXISTS"
                " (SELECT 1 FROM carried WHERE carried.replica = log.replica"
                " AND log.seq BETWEEN carried.first AND carried.last_seq) RETURNING entity",
                (log.ELSEWHERE, json.dumps(own)),
            )
        }
        if gone:
            projection.remove(database, gone)
            projection.refresh(database, gone)
            database.set_meta(_RENEW_BACKUPS, "1")
    _forget_columns(database, gone)
    return frozenset(gone)


def _forget_columns(database: Database, gone: Collection[str]) -> None:
    """The kept columns hold them too, and are read anew from the database at the next analysis."""
    if gone:
        sealed.beside(database.path, sealed.ANALYSIS).unlink(missing_ok=True)


def waiting(database: Database) -> list[str]:
    """The children who are to be forgotten as soon as the server has signed for everything about them."""
    return [child for (child,) in database.rows("SELECT child FROM leaving ORDER BY child")]


def outside(database: Database) -> list[str]:
    """The children of whom the server, asked for everything, has not said a word, though it knew them.

    Only after its whole order was read under a new scope and the sums agree. What it has signed for here
    and not put aside is no news of the child, with a receipt or without. A child whom a colleague had handed
    over, and who was let go since, is known by what was written here about her.
    """
    told = (
        "EXISTS (SELECT 1 FROM log WHERE entity = of.id AND"
        " (ss IS NOT NULL OR status NOT IN ('applied', 'conflict', 'duplicate'))"
        " AND NOT (status = 'local' AND replica = ? AND seq <= (SELECT acked FROM peer)))"
    )
    alone = "of.child IS NOT NULL AND NOT EXISTS (SELECT 1 FROM child WHERE child.id = of.child)"
    return [
        child
        for (child,) in database.rows(
            f"SELECT id FROM child AS of WHERE NOT {told}"  # noqa: S608
            f" UNION SELECT child FROM measurement AS of WHERE {alone} AND NOT {told}"
            f" UNION SELECT child FROM other_row AS of WHERE {alone} AND NOT {told}",
            (database.replica,) * 3,
        )
    ]


def backups_are_old(database: Database) -> bool:
    """Whether backups still hold what was forgotten."""
    return database.meta(_RENEW_BACKUPS) is not None


def backups_renewed(database: Database) -> None:
    """No backup holds any of it any more."""
    database.set_meta(_RENEW_BACKUPS, None)


def _entities(database: Database, children: Sequence[str]) -> set[str]:
    """The children and everything that is about them."""
    wanted = json.dumps(list(children))
    found = database.rows(
        f"SELECT id FROM measurement WHERE child IN {_AMONG}"  # noqa: S608
        f" UNION SELECT id FROM other_row WHERE child IN {_AMONG}"
        f" UNION SELECT entity FROM log WHERE payload ->> '$.child' IN {_AMONG}",
        (wanted, wanted, wanted),
    )
    return {*children, *(entity for (entity,) in found)}


def _unplace(database: Database, entities: Collection[str]) -> None:
    which = f"entity IN {_AMONG} AND ss IS NOT NULL"
    wanted = (json.dumps(list(entities)),)
    moved: list[log.Moved] = [
        (ss, None, content)
        for ss, content in database.rows(f"SELECT ss, content FROM log WHERE {which}", wanted)  # noqa: S608
    ]
    database.run(f"UPDATE log SET ss = NULL WHERE {which}", wanted)  # noqa: S608
    log.adjust_sum(database, moved)


def _unacknowledged(database: Database, child: str, entities: Collection[str]) -> bool:
    """Whether something about her may be nowhere but here, or is signed for together with what may be."""
    wanted = json.dumps(list(entities))
    return (
        bool(
            database.number(
                f"SELECT EXISTS (SELECT 1 FROM log WHERE entity IN {_AMONG} AND (status = ? OR"  # noqa: S608
                " (replica = ? AND seq > (SELECT coalesce(max(acked), 0) FROM peer))))"
                " OR EXISTS (SELECT 1 FROM carried WHERE instr(left_out, ?))",
                (wanted, log.CARRIED, database.replica, child),
            )
        )
        or any(
            database.number(
                f"SELECT EXISTS (SELECT 1 FROM log WHERE entity IN {_AMONG}"  # noqa: S608
                " AND replica = ? AND seq BETWEEN ? AND ?)",
                (wanted, *stretch[:3]),
            )
            and carried.operations(database, stretch)
            for stretch in carried.waiting(database)
        )
    )


def _forget(database: Database, child: str, entities: Collection[str], *, keep_all: bool) -> None:
    wanted = json.dumps(list(entities))
    own = {database.replica: log.tip(database)[0]} | {
        key.replica: key.seq for key in log.forked_from(database)
    }
    for replica, seq, payload in database.rows(
        f"SELECT replica, seq, payload FROM log WHERE entity IN {_AMONG}",  # noqa: S608
        (wanted,),
    ):
        if not keep_all and seq > own.get(replica, 0):
            database.run("DELETE FROM log WHERE replica = ? AND seq = ?", (replica, seq))
        elif payload is not None:
            database.run(
                "UPDATE log SET payload = NULL, payload_hash = ? WHERE replica = ? AND seq = ?",
                (hashlib.sha256(payload.encode("utf-8")).digest(), replica, seq),
            )
    projection.remove(database, entities)
    database.run("DELETE FROM draft WHERE child = ?", (child,))
    database.run_many(
        "DELETE FROM displaced WHERE instr(envelope, ?) OR instr(coalesce(payload, ''), ?)",
        [(entity, entity) for entity in entities],
    )
