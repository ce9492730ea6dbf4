"""Counts and sums of content hashes, by which laptop and server compare what they hold (sync rule 13)."""

import json
from collections.abc import Sequence

from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import SUM_SIZE, Moved, adjust_sum

BUCKETS = 256


def recount(database: Database) -> None:
    """Count everything up to the cursor anew, from the entries themselves."""
    with database.atomic():
        counts, sums = _by_bucket(database, None)
        database.run(
            "UPDATE peer SET log_count = ?, log_sum = ?",
            (sum(counts), (sum(sums) % SUM_SIZE).to_bytes(32, "big")),
        )


def buckets(database: Database, cursor: int) -> list[tuple[int, str]]:
    """Count and sum (hex) of each bucket, by first byte of the content hash, of entries up to `cursor`."""
    counts, sums = _by_bucket(database, cursor)
    return [
        (count, (total % SUM_SIZE).to_bytes(32, "big").hex())
        for count, total in zip(counts, sums, strict=True)
    ]


def _by_bucket(database: Database, cursor: int | None) -> tuple[list[int], list[int]]:
    counts, sums = [0] * BUCKETS, [0] * BUCKETS
    upto = cursor if cursor is not None else database.number("SELECT cursor FROM peer")
    after = 0
    while page := database.rows(
        "SELECT ss, content FROM log WHERE ss > ? AND ss <= ? ORDER BY ss LIMIT 20000", (after, upto)
    ):
        after = page[-1][0]
        for _, content in page:
            counts[content[0]] += 1
            sums[content[0]] += int.from_bytes(content, "big")
    return counts, sums


def unplace(database: Database, numbers: Sequence[int], cursor: int) -> None:
    """Take the entries of some buckets, up to `cursor`, out of the server's order: they are told again."""
    which = "ss <= ? AND hex(substr(content, 1, 1)) IN (SELECT value FROM json_each(?))"
    parameters = (cursor, json.dumps([f"{number:02X}" for number in numbers]))
    with database.atomic():
        moved: list[Moved] = [
            (ss, None, content)
            for ss, content in database.rows(f"SELECT ss, content FROM log WHERE {which}", parameters)  # noqa: S608
        ]
        database.run(f"UPDATE log SET ss = NULL WHERE {which}", parameters)  # noqa: S608
        adjust_sum(database, moved)
