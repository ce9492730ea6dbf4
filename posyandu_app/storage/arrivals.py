"""When stretches of others' logs came to the server, as it has told those who count for others.

A measurement keeps the day of it in `came`. A laptop's own entries, and what an older server has told,
have none: the day is not known then, never guessed.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from posyandu_app.domain.merge import Known
from posyandu_app.storage.connection import Database

_DAY_MS = 24 * 60 * 60 * 1000
_DAYS_BEFORE_1970 = 719_163
"""`date(1970, 1, 1).toordinal()`"""
_NEAREST = 8
_NO_END = 2**63
MAX_OPERATIONS = 2_000
"""No stretch is longer than what one request holds."""
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)\Z")


class Came(NamedTuple):
    """The operations `first` to `last` of a log came to the server at a moment (ms since 1970 UTC)."""

    replica: str
    first: int
    last: int
    at_ms: int


def told(stretches: Iterable[tuple[str, int, int, str]]) -> list[Came]:
    """What the server says, with its times read; raises `ValueError` for a time without offset."""
    found = []
    for replica, first, last, at in stretches:
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError("a time needs its offset")
        found.append(Came(replica, first, last, int(moment.timestamp() * 1000)))
    return found


def note(database: Database, stretches: Sequence[Came]) -> None:
    """Keep when stretches came; told twice, the earlier moment stays (a restored server hears them again)."""
    if not stretches:
        return
    with database.atomic():
        database.run_many(
            "INSERT INTO arrival(replica, first, last_seq, at_ms) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET at_ms = min(at_ms, excluded.at_ms)",
            stretches,
        )


def not_marked(database: Database, measurements: Collection[str]) -> frozenset[str]:
    """Those of these measurements that do not say yet when they came, where arrivals are told at all."""
    if not measurements or not _are_told(database):
        return frozenset()
    return frozenset(
        id_
        for (id_,) in database.rows(
            "SELECT id FROM measurement WHERE came IS NULL AND id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(measurements)),),
        )
    )


def _are_told(database: Database) -> bool:
    return bool(database.number("SELECT EXISTS (SELECT 1 FROM arrival)"))


def days(database: Database, written: Sequence[Known]) -> list[int | None]:
    """The days (`date.toordinal()`) on which operations came to the server, None where it is not known.

    The day of each is told by the offset from UTC of when it was written.
    """
    if not written or not _are_told(database):
        return [None] * len(written)
    seqs: dict[str, list[int]] = {}
    for item in written:
        seqs.setdefault(item.replica, []).append(item.operation.seq)
    known = {replica: _known(database, replica, min(among), max(among)) for replica, among in seqs.items()}
    found: list[int | None] = []
    for item in written:
        operation = item.operation
        came, offset = _came(known[item.replica], operation.seq), _offset_ms(operation.at[19:])
        found.append(None if came is None else (came + offset) // _DAY_MS + _DAYS_BEFORE_1970)
    return found


def _known(database: Database, replica: str, least: int, most: int) -> list[tuple[int, int, int]]:
    return database.rows(
        "SELECT first, last_seq, at_ms FROM arrival WHERE replica = ? AND first BETWEEN ? AND ?"
        " ORDER BY first, last_seq",
        (replica, least - MAX_OPERATIONS + 1, most),
    )


def _came(known: Sequence[tuple[int, int, int]], seq: int) -> int | None:
    """The earliest moment among the nearest stretches that hold a number; they overlap where told twice."""
    place = bisect_right(known, (seq, _NO_END, 0))
    holding = [at_ms for _, last, at_ms in known[max(place - _NEAREST, 0) : place] if last >= seq]
    return min(holding, default=None)


@lru_cache(maxsize=64)
def _offset_ms(at: str) -> int:
    offset = _OFFSET.search(at)
    if offset is None:
        return 0
    minutes = int(offset[2]) * 60 + int(offset[3])
    return (minutes if offset[1] == "+" else -minutes) * 60_000
