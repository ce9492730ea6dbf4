"""Counts and sums of hashes of what each area reads: laptops compare theirs with them (sync rule 13)."""

from sqlalchemy import Connection, select

from posyandu_app.district import schema
from posyandu_app.district.store import Rows, chunks, upsert
from posyandu_app.domain.scopes import from_above

LOG = "log"
"""The kind under which operations are counted; the others are kinds of rows."""
SUM_SIZE = 2**256


def add(connection: Connection, changes: dict[tuple[str, str], list[int]]) -> None:
    """Add counts and sums of hashes to areas; sums wrap at 256 bits."""
    standing: dict[tuple[str, str], tuple[int, int]] = {}
    for some in chunks({area for area, _ in changes}):
        for area, kind, count, total in connection.execute(
            select(schema.tally.c.area, schema.tally.c.kind, schema.tally.c.count, schema.tally.c.sum).where(
                schema.tally.c.area.in_(some)
            )
        ):
            standing[area, kind] = count, int.from_bytes(total, "big")
    rows: Rows = []
    for (area, kind), (count, total) in changes.items():
        count_before, total_before = standing.get((area, kind), (0, 0))
        total = (total_before + total) % SUM_SIZE
        rows.append((area, kind, count_before + count, total.to_bytes(32, "big")))
    upsert(connection, schema.tally, ("area", "kind", "count", "sum"), rows)


def of(connection: Connection, area: str) -> dict[str, tuple[int, bytes]]:
    """Count and sum of hashes of what an area reads, by kind; `LOG` for operations."""
    found: dict[str, tuple[int, int]] = {}
    for kind, count, total in connection.execute(
        select(schema.tally.c.kind, schema.tally.c.count, schema.tally.c.sum).where(
            schema.tally.c.area.in_((area, *from_above(area)))
        )
    ):
        number, standing = found.get(kind, (0, 0))
        found[kind] = number + count, (standing + int.from_bytes(total, "big")) % SUM_SIZE
    return {kind: (count, total.to_bytes(32, "big")) for kind, (count, total) in found.items()}
