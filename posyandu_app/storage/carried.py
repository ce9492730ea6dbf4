"""What this laptop carries to the server for others: signed stretches of their logs.

The operations stand in the log, from which the bytes that were signed are made again; here are
the signatures, and those operations that were not fit to be shown.
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

from posyandu_app.domain.operations import JsonObject
from posyandu_app.storage import log
from posyandu_app.storage.connection import Database


class Stretch(NamedTuple):
    """A stretch of another's log as its laptop signed it; hashes are lower-case hex, `sig` base64.

    `left_out` is a JSON array of its operations that do not stand in the log.
    """

    replica: str
    first: int
    last_seq: int
    prev: str
    last: str
    device: str
    sig: str
    left_out: str = "[]"


def keep(database: Database, stretch: Stretch) -> None:
    """Carry this stretch until the server holds it, unless a longer one covers it."""
    place = (stretch.replica, stretch.device, stretch.first, stretch.last_seq)
    with database.atomic():
        covered = database.number(
            "SELECT count(*) FROM carried WHERE replica = ? AND device = ? AND first <= ? AND last_seq >= ?",
            place,
        )
        if covered or not _is_news(database, stretch):
            return
        database.run(
            "DELETE FROM carried WHERE replica = ? AND device = ? AND first >= ? AND last_seq <= ?", place
        )
        database.run("INSERT OR REPLACE INTO carried VALUES (?, ?, ?, ?, ?, ?, ?, ?)", stretch)


def waiting(database: Database) -> list[Stretch]:
    """Everything that is carried, in the order of the logs."""
    return [
        Stretch(*row)
        for row in database.rows(
            "SELECT replica, first, last_seq, prev, last, device, sig, left_out FROM carried"
            " ORDER BY replica, first, last_seq"
        )
    ]


class Carried(NamedTuple):
    """An operation of a stretch as it travels; `payload_hash` stands in for a payload that was erased."""

    operation: JsonObject
    payload_hash: bytes | None


def operations(database: Database, stretch: Stretch) -> list[Carried]:
    """The operations of a stretch in order; empty when not all of them are known here any more."""
    found = {item["seq"]: Carried(item, None) for item in json.loads(stretch.left_out)}
    for entry in log.entries_between(database, stretch.replica, stretch.first, stretch.last_seq):
        found.setdefault(entry.operation.seq, Carried(entry.operation.to_json(), entry.payload_hash))
    whole = len(found) == stretch.last_seq - stretch.first + 1
    return [found[seq] for seq in sorted(found)] if whole else []


def settle(database: Database, have: Mapping[str, int]) -> None:
    """Let go of what the server has spoken of, and of what stands in no log here once it has signed for it.

    What it holds and has not spoken of goes on to be sent: the answer tells what became of it. What cannot
    be sent any more, since some of it was forgotten here, is with its author.
    """
    with database.atomic():
        for stretch in waiting(database):
            held = have.get(stretch.replica, 0) >= stretch.last_seq
            left_out = stretch.left_out != "[]" and not held and bool(operations(database, stretch))
            if not left_out and not _is_unspoken(database, stretch):
                database.run(
                    "DELETE FROM carried WHERE replica = ? AND first = ? AND last_seq = ?", stretch[:3]
                )


def _is_news(database: Database, stretch: Stretch) -> bool:
    """Whether there is anything in it of which the server has not said a word."""
    return _is_unspoken(database, stretch) or stretch.left_out != "[]"


def _is_unspoken(database: Database, stretch: Stretch) -> bool:
    return bool(
        database.number(
            "SELECT EXISTS (SELECT 1 FROM log WHERE replica = ? AND seq BETWEEN ? AND ? AND status = ?)",
            (stretch.replica, stretch.first, stretch.last_seq, log.CARRIED),
        )
    )
