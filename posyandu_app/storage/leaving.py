"""What this laptop is to forget: children who left its area, and those whose data was erased by law.

Nothing goes while the server has not signed for all that was written here about the child, nor while a
record of hers is carried for others in one signed stretch with what has not arrived. Then her rows
go, what others wrote about her, half-typed forms and old backups; of what was written here the envelope
and the payload's hash stay, so that the own chain still verifies (sync rules 10 and 19).
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from posyandu_app.domain.forms import is_id
from posyandu_app.domain.merge import REGISTERS
from posyandu_app.storage import carried, log, projection, sealed
from posyandu_app.storage.connection import Database

PURGE, ERASE = "purge", "erase"
_RENEW_BACKUPS, _FORGOT_OWN = "renew_backups", "forgot_own"
_AMONG = "(SELECT value FROM json_each(?))"
_AMONG_KEYS = "(replica, seq) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))"
_ABOUT_ITSELF = (*REGISTERS, "person")


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
            _unplace(database, _about(database, children))


def hear_put_aside(database: Database, receipts: Sequence[log.Receipt], at: str) -> None:
    """What the server has put aside because the child was erased by law is forgotten here too."""
    keys = {(receipt.replica, receipt.seq) for receipt in receipts if receipt.why == log.ERASED}
    if not keys:
        return
    found = database.rows(f"SELECT DISTINCT entity FROM log WHERE {_AMONG_KEYS}", (_text(keys),))  # noqa: S608
    under = _under(database, [entity for (entity,) in found])
    about = {item.child for item in under if (item.replica, item.seq) in keys and item.payload is not None}
    hear(database, sorted(about), ERASE, at)


def back(database: Database, entities: Collection[str]) -> None:
    """Children who are told about again stay."""
    with database.atomic():
        if database.number("SELECT count(*) FROM leaving"):
            database.run(
                f"DELETE FROM leaving WHERE why = 'purge' AND child IN {_AMONG}",  # noqa: S608
                (_text(entities),),
            )


def carry_out(database: Database) -> frozenset[str]:
    """Forget every child of whom nothing is unacknowledged any more; returns what was forgotten."""
    with database.atomic():
        waiting = dict(database.rows("SELECT child, why FROM leaving"))
        gone: set[str] = set()
        for child, why in waiting.items():
            about = _about(database, [child])
            if _unacknowledged(database, child, about):
                continue
            gone |= _forget(database, child, about, keep_all=why == ERASE)
            database.run("DELETE FROM leaving WHERE child = ?", (child,))
        if gone:
            database.set_meta(_RENEW_BACKUPS, "1")
    _forget_columns(database, gone)
    return frozenset(gone)


def let_go(database: Database, at: str) -> frozenset[str]:
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
                " AND why IN ('out_of_scope', 'outside_district', 'erased', 'already_recorded', 'id_taken'))"
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
            hear(database, _written_about(database, gone), PURGE, at)
    _forget_columns(database, gone)
    return frozenset(gone)


def _written_about(database: Database, gone: Collection[str]) -> list[str]:
    """Those of the children, not shown any more, about whom something put aside was written here."""
    aside = database.rows(
        "SELECT DISTINCT coalesce(payload ->> '$.child', entity) FROM log"
        " WHERE status NOT IN ('local', 'applied') AND status = 'quarantined'"
        " AND why = 'out_of_scope' AND payload IS NOT NULL AND replica = ?",
        (database.replica,),
    )
    shown = "SELECT EXISTS (SELECT 1 FROM child WHERE id = ?)"
    return [child for (child,) in aside if child in gone and not database.number(shown, (child,))]


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
    is no news of the child, with a receipt or without; nor is what it has put aside about her, unless it
    knew nothing else of her. A child whom a colleague had handed over, and who was let go since, is known by
    what was written here about her.
    """
    signed = "status = 'local' AND replica = ? AND seq <= (SELECT acked FROM peer)"
    known = "status IN ('applied', 'conflict', 'duplicate')"
    told = (
        f"EXISTS (SELECT 1 FROM log WHERE entity = of.id AND (ss IS NOT NULL OR NOT ({known}))"  # noqa: S608
        f" AND NOT ({signed}) AND NOT (status IN ('held', 'quarantined') AND EXISTS (SELECT 1 FROM log"
        f" WHERE entity = of.id AND ss IS NULL AND ({known} OR {signed}))))"
    )
    alone = "of.child IS NOT NULL AND NOT EXISTS (SELECT 1 FROM child WHERE child.id = of.child)"
    return [
        child
        for (child,) in database.rows(
            f"SELECT id FROM child AS of WHERE NOT {told}"  # noqa: S608
            f" UNION SELECT child FROM measurement AS of WHERE {alone} AND NOT {told}"
            f" UNION SELECT child FROM other_row AS of WHERE {alone} AND NOT {told}",
            (database.replica,) * 6,
        )
    ]


def has_forgotten_own(database: Database) -> bool:
    """Whether this laptop had to forget content that it wrote itself, and not by law."""
    return database.meta(_FORGOT_OWN) is not None


def backups_are_old(database: Database) -> bool:
    """Whether backups still hold what was forgotten."""
    return database.meta(_RENEW_BACKUPS) is not None


def backups_renewed(database: Database) -> None:
    """No backup holds any of it any more."""
    database.set_meta(_RENEW_BACKUPS, None)


class _Entry(NamedTuple):
    """An entry of the log and the child that it is about, or the id it stands under when it is about none."""

    replica: str
    seq: int
    entity: str
    kind: str
    status: str
    payload: str | None
    child: str


def _about(database: Database, children: Collection[str]) -> list[_Entry]:
    """Everything that is about these children, and nothing that only stands under the same id."""
    wanted = _text(children)
    found = database.rows(
        f"SELECT id FROM measurement WHERE child IN {_AMONG}"  # noqa: S608
        f" UNION SELECT id FROM other_row WHERE child IN {_AMONG}"
        f" UNION SELECT entity FROM log WHERE payload ->> '$.child' IN {_AMONG}"
        " UNION SELECT value FROM json_each(?)",
        (wanted,) * 4,
    )
    among = frozenset(children)
    return [item for item in _under(database, [entity for (entity,) in found]) if item.child in among]


def _under(database: Database, entities: Sequence[str]) -> list[_Entry]:
    """All that stands under these ids. A record is about the child it names, and what changes it as well.

    A laptop can have written of one child under the id of another's record: of two records of a kind, what
    changes them is about the child of the one that the server has not put aside.
    """
    rows = database.rows(
        "SELECT replica, seq, entity, kind, status, payload, payload ->> '$.child', type LIKE '%.record'"  # noqa: S608
        f" FROM log WHERE entity IN {_AMONG}"
        " ORDER BY type NOT LIKE '%.record', status = 'quarantined', eff, replica, seq",
        (_text(entities),),
    )
    recorded: dict[tuple[str, str], str] = {}
    under = []
    for replica, seq, entity, kind, status, payload, named, is_record in rows:
        child = named if kind not in _ABOUT_ITSELF and is_id(named) else None
        if child is not None:
            recorded.setdefault((entity, kind), child)
        if child is None or not is_record:
            child = recorded.get((entity, kind), entity)
        under.append(_Entry(replica, seq, entity, kind, status, payload, child))
    return under


def _unplace(database: Database, about: Sequence[_Entry]) -> None:
    keys = (_text((item.replica, item.seq) for item in about),)
    placed = f"{_AMONG_KEYS} AND ss IS NOT NULL"
    moved: list[log.Moved] = [
        (ss, None, content)
        for ss, content in database.rows(f"SELECT ss, content FROM log WHERE {placed}", keys)  # noqa: S608
    ]
    database.run(f"UPDATE log SET ss = NULL WHERE {placed}", keys)  # noqa: S608
    log.adjust_sum(database, moved)


def _unacknowledged(database: Database, child: str, about: Sequence[_Entry]) -> bool:
    """Whether something about her may be nowhere but here, or is signed for together with what may be."""
    acked = database.number("SELECT max(acked) FROM peer")
    return (
        any(
            item.status == log.CARRIED or (item.replica == database.replica and item.seq > acked)
            for item in about
        )
        or bool(database.number("SELECT EXISTS (SELECT 1 FROM carried WHERE instr(left_out, ?))", (child,)))
        or any(
            any(
                item.replica == stretch.replica and stretch.first <= item.seq <= stretch.last_seq
                for item in about
            )
            and carried.operations(database, stretch)
            for stretch in carried.waiting(database)
        )
    )


def _forget(database: Database, child: str, about: Sequence[_Entry], *, keep_all: bool) -> frozenset[str]:
    """Returns the entities that look different for it."""
    own = {database.replica: log.tip(database)[0]} | {
        key.replica: key.seq for key in log.forked_from(database)
    }
    why = log.ERASED if keep_all else log.LEFT
    for item in about:
        if not keep_all and item.seq > own.get(item.replica, 0):
            database.run("DELETE FROM log WHERE replica = ? AND seq = ?", (item.replica, item.seq))
        elif item.payload is not None:
            database.run(
                "UPDATE log SET payload = NULL, payload_hash = ?, why = ? WHERE replica = ? AND seq = ?",
                (hashlib.sha256(item.payload.encode("utf-8")).digest(), why, item.replica, item.seq),
            )
            if not keep_all:
                database.set_meta(_FORGOT_OWN, "1")
        elif keep_all:
            database.run(
                "UPDATE log SET why = ? WHERE replica = ? AND seq = ?", (why, item.replica, item.seq)
            )
    entities = frozenset((child, *(item.entity for item in about)))
    projection.remove(database, entities)
    projection.refresh(database, entities)
    database.run("DELETE FROM draft WHERE child = ?", (child,))
    names_nobody = "payload ->> '$.child' IS NULL AND envelope ->> '$.entity' = ?"
    database.run(
        f"DELETE FROM displaced WHERE instr(coalesce(payload, ''), ?) OR ({names_nobody})",  # noqa: S608
        (child, child),
    )
    database.run_many(
        f"DELETE FROM displaced WHERE {names_nobody} AND envelope ->> '$.type' LIKE ? || '.%'",  # noqa: S608
        {(item.entity, item.kind) for item in about},
    )
    return entities


def _text(values: Iterable[object]) -> str:
    return json.dumps(list(values))
