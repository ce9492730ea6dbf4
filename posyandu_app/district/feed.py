"""What a laptop has to hear: receipts for what is its own, and the rest in the server's order."""

from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, select, text

from posyandu_app.district import schema, tallies
from posyandu_app.district.store import HEAD, chunks, fact, read_rows
from posyandu_app.district.telling import Telling, against_of
from posyandu_app.domain.clock import rfc3339
from posyandu_app.domain.merge import PROJECTION_VERSION
from posyandu_app.domain.scopes import from_above, is_leaf, within
from posyandu_app.sync.wire import Feed, FeedItem, Receipt, Sanity

MAX_PAGE = 4 * 1024 * 1024
MOST_ASIDE = 100

_PAGE = """
SELECT f.ss, o.replica, o.seq, o.eff, o.status, o.conflicts, o.body, o.erased, o.content, o.ss AS first_ss,
    o.segment
FROM feed AS f JOIN op AS o ON o.replica = f.replica AND o.seq = f.seq
WHERE {scope} AND f.ss > <value> AND f.ss <= <value>
ORDER BY f.ss LIMIT <value>
"""
_LEAF = "f.scope = <value>"
# SQLite shall walk the order from the cursor on, not gather a whole area and sort it: hence the plus
_AREA = "({plus}f.scope = <value> OR ({plus}f.scope >= <value> AND {plus}f.scope < <value>))"
_FROM_ABOVE = "f.scope IN ({signs})"
_RECEIPTS = (
    "SELECT seq, status, ss, eff, conflicts, why, ref, message FROM op"
    " WHERE replica = <value> AND seq BETWEEN <value> AND <value> ORDER BY seq"
)

Stretch = tuple[str, int, int]
"""Of a log from a number to a number, both in it."""


def page(
    connection: Connection,
    telling: Telling,
    area: str,
    cursor: int,
    limit: int,
    have: Mapping[str, int],
    arrivals: bool = False,
    told: Sequence[Stretch] = (),
    whole: bool = False,
) -> tuple[Feed, list[Receipt]]:
    """The next operations of an area after the cursor, and receipts for those that `have` covers.

    What lies in the stretches that are `told` of already gets no second receipt. `whole` tells all else
    whole, to a laptop that may have had to forget its own.

    At most `limit` of both together and about `MAX_PAGE` bytes; `to` never passes over anything. What is
    told again, because its child came back, is told whole: the laptop may have had to forget it. With
    `arrivals` the page says when its operations came here.
    """
    head = int(fact(connection, HEAD) or 0)
    items: list[FeedItem] = []
    receipts: list[Receipt] = []
    came: dict[int, tuple[str, int, int]] = {}
    written: dict[str, int] = {}
    to, size, taken, seen = cursor, 0, 0, 0
    stretches: dict[str, list[Stretch]] = {}
    for stretch in told:
        stretches.setdefault(stretch[0], []).append(stretch)

    def read(*, more: bool) -> tuple[Feed, list[Receipt]]:
        total = _total(connection, area) if more else None
        upto = to if more else max(to, head)
        names = _laptops(connection, written.values())
        return Feed(cursor, upto, items, more, total, _arrivals(connection, came), names), receipts

    rows = _in_order(connection, area, cursor, head, limit + 1)
    for ss, replica, seq, eff, status, conflicts, body, erased, content, first_ss, segment in rows:
        seen += 1
        if ss == to:
            continue  # one operation in two scopes of the same reader
        if taken == limit or size > MAX_PAGE:
            return read(more=True)
        known = seq <= have.get(replica, 0) and ss == first_ss
        just_told = known and any(first <= seq <= last for _, first, last in stretches.get(replica, ()))
        if known and not whole and not just_told:
            receipts.append(Receipt(replica, seq, status, ss, eff, against_of(conflicts)))
        elif not just_told:
            size += len(body) + len(conflicts or "")
            written[replica] = max(segment, written.get(replica, 0))
            items.append(telling.item(ss, replica, eff, status, conflicts, body, erased, content))
            if arrivals:
                _, first, last = came.get(segment, (replica, seq, seq))
                came[segment] = replica, min(first, seq), max(last, seq)
        to, taken = ss, taken + 1
    return read(more=seen > limit)


def _arrivals(
    connection: Connection, stretches: Mapping[int, tuple[str, int, int]]
) -> list[tuple[str, int, int, str]]:
    """When stretches of logs, each inside the segment it stands under, came to the server."""
    if not stretches:
        return []
    segment = schema.segment.c
    found = connection.execute(
        select(segment.id, segment.received_ms).where(segment.id.in_(list(stretches))).order_by(segment.id)
    )
    return [(*stretches[id_], rfc3339(received_ms)) for id_, received_ms in found]


def _laptops(connection: Connection, segments: Collection[int]) -> dict[str, str]:
    """By log, what the laptop that signed a segment of it was called when it joined."""
    if not segments:
        return {}
    segment, device = schema.segment.c, schema.device.c
    found = connection.execute(
        select(segment.replica, device.name)
        .join_from(schema.segment, schema.device, device.id == segment.device)
        .where(segment.id.in_(list(segments)), segment.sig != schema.UNSIGNED)
        .order_by(segment.replica)
    )
    return {replica: name for replica, name in found}  # noqa: C416  (rows of a driver are no pairs to mypy)


def _total(connection: Connection, area: str) -> int:
    """How many operations a laptop of this area holds once it has heard everything."""
    return tallies.of(connection, area).get(tallies.LOG, (0, b""))[0]


def _in_order(connection: Connection, area: str, cursor: int, head: int, limit: int) -> list[Any]:
    """The first rows of the order after the cursor: what lies in the area, and what comes down to it."""
    plus = "+" if connection.dialect.name == "sqlite" else ""
    scope = _LEAF if is_leaf(area) else _AREA.format(plus=plus)
    between = (cursor, head, limit)
    within = (area,) if is_leaf(area) else (area, f"{area}.", f"{area}/")  # "/" is the sign after the dot
    rows = read_rows(connection, _PAGE.format(scope=scope), within + between)
    above = tuple(from_above(area))
    if above:
        from_there = _FROM_ABOVE.format(signs=", ".join(["<value>"] * len(above)))
        also = read_rows(connection, _PAGE.format(scope=from_there), above + between)
        if also:
            rows += also
            rows.sort(key=itemgetter(0))
    return rows[:limit]


def receipts_of(
    connection: Connection,
    stretches: Sequence[Stretch],
    area: str | None = None,
    own: Collection[str] = (),
) -> list[Receipt]:
    """What became of the operations in these stretches of logs.

    With an `area` what nobody in it reads has no place (`ss`) in the laptop's `own` logs: it counts what it
    reads, and can have written of what lies in the area that it had before, or of a child who has left.
    """
    found: list[Receipt] = []
    for stretch in stretches:
        replica = stretch[0]
        rows = read_rows(connection, _RECEIPTS, stretch)
        outside: set[int] = set()
        if area is not None and replica in own:
            outside = _not_read_in(connection, area, [ss for _, _, ss, *_ in rows])
        for seq, status, ss, eff, conflicts, why, ref, message in rows:
            known_eff = eff if ss is not None else None
            place = None if ss in outside else ss
            found.append(
                Receipt(replica, seq, status, place, known_eff, against_of(conflicts), why, ref, message)
            )
    return found


def _not_read_in(connection: Connection, area: str, places: Sequence[int | None]) -> set[int]:
    """Those of these places in the order under which nobody in the area reads anything."""
    above = from_above(area)
    outside = {ss for ss in places if ss is not None}
    for some in chunks(sorted(outside)):
        for ss, scope in connection.execute(
            select(schema.feed.c.ss, schema.feed.c.scope).where(schema.feed.c.ss.in_(some))
        ):
            if within(scope, area) or scope in above:
                outside.discard(ss)
    return outside


def aside(connection: Connection, replicas: Sequence[str], told: Sequence[Stretch] = ()) -> list[Receipt]:
    """What stands held or quarantined of these logs and is not `told` of: no page would tell it."""
    found: list[Receipt] = []
    for replica in replicas:
        rows = connection.execute(
            text(  # hence the plus: the few that stand aside are looked up, not the whole log read in order
                "SELECT seq, status, why, ref, message FROM op WHERE replica = :replica"
                " AND status IN ('held', 'quarantined') ORDER BY +seq LIMIT :most"
            ),
            {"replica": replica, "most": MOST_ASIDE},
        )
        found += [
            Receipt(replica, seq, status, why=why, ref=ref, message=message)
            for seq, status, why, ref, message in rows
            if not any(log == replica and first <= seq <= last for log, first, last in told)
        ]
    return found


def sanity(connection: Connection, area: str, cursor: int) -> Sanity:
    """Counts and sums by which a laptop that has read everything proves it holds the same."""
    standing = tallies.of(connection, area)
    count, total = standing.pop(tallies.LOG, (0, bytes(32)))
    rows: dict[str, int | tuple[int, str]] = {"version": PROJECTION_VERSION}
    rows |= {kind: (number, digest.hex()) for kind, (number, digest) in sorted(standing.items())}
    return Sanity(cursor, (count, total.hex()), rows)


def readers(connection: Connection, area: str, but: str) -> list[tuple[str, int, int | None]]:
    """Scope, cursor and last contact of the laptops inside an area; one is left out, and those revoked."""
    head = int(fact(connection, HEAD) or 0)
    device = schema.device.c
    found = connection.execute(
        select(device.scope, device.cursor, device.seen_ms)
        .where(device.id != but, device.revoked_ms.is_(None))
        .order_by(device.scope, device.id)
    )
    return [(scope, min(cursor or 0, head), seen) for scope, cursor, seen in found if within(scope, area)]


def revoked(connection: Connection, area: str) -> list[str]:
    """The laptops that were revoked and whose area shares something with this one."""
    device = schema.device.c
    found = connection.execute(
        select(device.id, device.scope).where(device.revoked_ms.is_not(None)).order_by(device.id)
    )
    return [id_ for id_, scope in found if within(scope, area) or within(area, scope)]
