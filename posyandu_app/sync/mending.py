"""Comparing what laptop and server hold, and mending just what differs (sync rule 13).

Never a wipe: what the server is asked for again comes in like news, and the own log is not touched.
"""

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from posyandu_app.domain.merge import PROJECTION_VERSION
from posyandu_app.storage import log, peer, projection, sums
from posyandu_app.storage.connection import Database
from posyandu_app.sync import wire

_ASKING, _ASKED_AT, _REPROJECTED_AT = "repairing", "repaired_at", "reprojected_at"
_RECOUNTED_AT, _DIFFERS = "recounted_at", "differs"
_EVERY_MS = 24 * 60 * 60 * 1000


def is_under_way(database: Database) -> bool:
    """Whether the server is being asked again for what differs."""
    return database.meta(_ASKING) is not None


def differs(database: Database) -> bool:
    """Whether something that did not agree at the last comparison has not been mended yet."""
    return database.meta(_DIFFERS) is not None


def wanted(database: Database) -> wire.Wanted | None:
    """What to ask the server for, with this side's sums; None when nothing differs."""
    asking = json.loads(database.meta(_ASKING) or "null")
    if asking is None:
        return None
    cursor, after = asking
    return wire.Wanted(cursor, after, sums.buckets(database, cursor))


def take(
    database: Database, told: wire.Repair, items: Sequence[log.Received], received_at: str
) -> frozenset[str]:
    """Take in what the server tells again; before its first page, forget where those buckets stood."""
    asking = json.loads(database.meta(_ASKING) or "null")
    if asking is None or told.from_ != asking[1]:
        return frozenset()
    cursor, after = asking
    with database.atomic():
        if after == 0:
            sums.unplace(database, told.buckets, cursor)
        changed = log.receive(database, items, received_at=received_at)
        database.set_meta(_ASKING, json.dumps([cursor, told.to]) if told.more else None)
    return changed


class Difference(NamedTuple):
    """A word and a detail for something that did not agree, and what looks different now that it does."""

    what: str
    detail: str = ""
    changed: frozenset[str] = frozenset()


def compare(database: Database, now_ms: int, sanity: wire.Sanity) -> Iterator[Difference]:
    """Compare both sides' sums and begin to mend; gives each thing that differs.

    What differs is asked for, or made anew, at most once a day. As often the entries themselves are
    counted: the running count stays right when one of them is lost.
    """
    standing = False
    for difference in _compare(database, now_ms, sanity):
        standing = standing or difference.what in ("log_differs", "rows_still_differ")
        yield difference
    if standing != differs(database):
        database.set_meta(_DIFFERS, "1" if standing else None)


def _compare(database: Database, now_ms: int, sanity: wire.Sanity) -> Iterator[Difference]:
    agreed = _log_agrees(database, sanity)
    if not agreed or _once_a_day(database, _RECOUNTED_AT, now_ms):
        sums.recount(database)
    if _log_agrees(database, sanity):
        if not agreed:
            yield Difference("log_recounted")
    elif _once_a_day(database, _ASKED_AT, now_ms):
        database.set_meta(_ASKING, json.dumps([sanity.cursor, 0]))
        yield Difference("log_differs", f"{sums_of(database)} {sanity.log[0]}")
    else:
        yield Difference("log_differs", "again")
        return
    kinds = _kinds_that_differ(database, sanity)
    if kinds and not is_under_way(database):
        if _once_a_day(database, _REPROJECTED_AT, now_ms):
            yield Difference("rows_differ", " ".join(kinds), projection.reproject(database, kinds))
            kinds = _kinds_that_differ(database, sanity)
        if kinds:
            yield Difference("rows_still_differ", " ".join(kinds))


def counted(database: Database, now_ms: int) -> None:
    """Every entry has just been counted, as after a first fill: the next count is due in a day."""
    database.set_meta(_RECOUNTED_AT, str(now_ms))


def forget(database: Database) -> None:
    """Nothing was asked for: the server is another."""
    for name in (_ASKING, _ASKED_AT, _REPROJECTED_AT, _RECOUNTED_AT, _DIFFERS):
        database.set_meta(name, None)


def sums_of(database: Database) -> int:
    """How many entries stand in the server's order here."""
    server = peer.load(database)
    return 0 if server is None else server.log_count


def _log_agrees(database: Database, sanity: wire.Sanity) -> bool:
    server = peer.load(database)
    return server is not None and (server.log_count, server.log_sum.hex()) == tuple(sanity.log)


def _kinds_that_differ(database: Database, sanity: wire.Sanity) -> list[str]:
    """The kinds whose visible rows differ although both sides know the same operations, and no others."""
    if sanity.rows.get("version") != PROJECTION_VERSION or log.count(database) != sanity.log[0]:
        return []  # what is unsent, put aside, carried, or lost by a restored server is known here alone
    own = {kind: (count, total.hex()) for kind, (count, total) in peer.row_sums(database).items() if count}
    theirs = {
        kind: tuple(pair) for kind, pair in sanity.rows.items() if not isinstance(pair, int) and pair[0]
    }
    return sorted(kind for kind in own.keys() | theirs.keys() if own.get(kind) != theirs.get(kind))


def _once_a_day(database: Database, name: str, now_ms: int) -> bool:
    last = int(database.meta(name) or -_EVERY_MS)
    if 0 <= now_ms - last < _EVERY_MS:
        return False
    database.set_meta(name, str(now_ms))
    return True
