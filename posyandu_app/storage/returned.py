"""What others did and the server has told here, and has lost since: it goes back to it (sync rule 16).

A restored server hears again from each laptop what that one wrote. What was written on a laptop that is no
more, or that had to forget it after a move, is left with those who have read it. Authors are given a week,
counted by the server's time, to bring theirs themselves, signed; then the rest is offered, page by page and
once a week, until nothing is left that the server does not tell. Each goes with the proof it was told with:
a server believes nobody but itself.
"""

import json
from datetime import datetime, timedelta
from typing import NamedTuple

from posyandu_app.domain.operations import OpKey, whole
from posyandu_app.storage import log, proofs
from posyandu_app.storage.connection import Database, Value

PATIENCE = timedelta(days=7)
_LOST_SINCE, _OFFERED, _ON_A_STICK = "server_lost_since", "returned_upto", "told_by_stick"
_FIRST = OpKey("", 0)


class Returned(NamedTuple):
    """Another's operation as it goes back: its key and canonical bytes, stamp and proof of its telling."""

    key: OpKey
    eff: str
    body: bytes
    proof: str


def server_lost(database: Database, at: str) -> None:
    """Keep that the server's history is another since `at`, in its own time: it may lack what it told."""
    with database.atomic():
        database.set_meta(_LOST_SINCE, at)
        database.set_meta(_OFFERED, None)
        proofs.tell_again(database)


def heard_everything(database: Database, at: str) -> None:
    """The server's order was read to its end at `at`: begin, or end, to offer what it has not told."""
    since, upto = database.meta(_LOST_SINCE), database.meta(_OFFERED)
    if upto is not None:
        if not _after(database, OpKey(*json.loads(upto)), 1):
            server_lost(database, at)  # what was not taken is offered again in a week
        return
    if since is None:
        return
    waited = datetime.fromisoformat(at) - datetime.fromisoformat(since)
    if waited < timedelta(0):
        database.set_meta(_LOST_SINCE, at)  # its clock was ahead and was set right
    elif waited >= PATIENCE:
        if _after(database, _FIRST, 1):
            database.set_meta(_OFFERED, json.dumps(_FIRST))
        else:
            database.set_meta(_LOST_SINCE, None)


def is_due(database: Database) -> bool:
    """Whether something is to be offered with the next request."""
    return database.meta(_OFFERED) is not None


def next_page(database: Database, most: int, most_bytes: int) -> list[Returned]:
    """What is to be offered next, at most so many operations and bytes; one at least when there is one."""
    upto = database.meta(_OFFERED)
    if upto is None or most < 1:
        return []
    page: list[Returned] = []
    size = 0
    for item in _after(database, OpKey(*json.loads(upto)), most):
        size += len(item.body)
        if page and size > most_bytes:
            break
        page.append(item)
    return page


def offered(database: Database, last: OpKey) -> None:
    """The server has heard what was offered up to this one, and tells of what it has taken.

    One that was put back once more meanwhile has its week again first.
    """
    if is_due(database):
        database.set_meta(_OFFERED, json.dumps(last))


def carried_off(database: Database, mark: str, last: OpKey | None, *, told: bool) -> None:
    """What is offered up to this one, and `proofs`, have left on a stick, in the request with that mark."""
    if last is not None or told:
        database.set_meta(_ON_A_STICK, json.dumps([mark, told, *(last or ())]))


def was_told_by_stick(database: Database, mark: str | None) -> bool:
    """Whether the request with that mark, which left on a stick, has told what the server had told."""
    sent, told, *_ = json.loads(database.meta(_ON_A_STICK) or "[null, false]")
    return sent is not None and sent == mark and bool(told)


def answered(database: Database, mark: str | None) -> None:
    """The server has answered a request with that mark, whatever program made it."""
    sent, told, *last = json.loads(database.meta(_ON_A_STICK) or "[null, false]")
    if sent is None or sent != mark:
        return
    if last:
        offered(database, OpKey(*last))
    if told:
        proofs.heard(database)
    database.set_meta(_ON_A_STICK, None)


def _after(database: Database, key: OpKey, most: int) -> list[Returned]:
    own = [(database.replica, log.tip(database)[0]), *log.forked_from(database)]
    written_here = " OR ".join(["(replica = ? AND seq <= ?)"] * len(own))
    values: list[Value] = [*key, *(value for pair in own for value in pair), most]
    return [
        Returned(OpKey(replica, seq), eff, whole(envelope, payload), proof)
        for replica, seq, eff, envelope, payload, proof in database.rows(
            "SELECT replica, seq, eff, envelope, payload, proof FROM log"  # noqa: S608 - own conditions
            " WHERE (replica, seq) > (?, ?) AND ss IS NULL AND status <> 'local' AND payload IS NOT NULL"
            " AND proof IS NOT NULL AND (status IN ('applied', 'conflict', 'duplicate', 'held')"
            f" OR (status = 'quarantined' AND why = '{log.LEFT}'))"
            f" AND NOT ({written_here})"
            " AND NOT EXISTS (SELECT 1 FROM leaving WHERE child IN (entity, payload ->> '$.child'))"
            " ORDER BY replica, seq LIMIT ?",
            values,
        )
    ]
