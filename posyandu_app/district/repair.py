"""Finding what a laptop holds otherwise, by the sums of 256 buckets, and telling it just that again.

An operation's bucket is the first byte of its content hash (sync rule 13).
"""

from sqlalchemy import Connection, bindparam, text

from posyandu_app.district import refusal
from posyandu_app.district.feed import MAX_PAGE
from posyandu_app.district.telling import Telling
from posyandu_app.domain.scopes import from_above
from posyandu_app.sync.wire import FeedItem, Repair, Wanted

BUCKETS = 256
_SUM = 2**256

# each operation of an area once, where it stands last in the order
_OPERATIONS = """
SELECT o.content, max(f.ss)
FROM feed AS f JOIN op AS o ON o.replica = f.replica AND o.seq = f.seq
WHERE (f.scope = :area OR (f.scope >= :below AND f.scope < :beyond) OR f.scope IN :above) AND f.ss <= :cursor
GROUP BY o.replica, o.seq
"""


def answer(
    connection: Connection, telling: Telling, area: str, wanted: Wanted, head: int, limit: int
) -> Repair:
    """What stands in the buckets whose sums differ from the laptop's, a page at a time.

    Raises `Refusal` for sums that are none.
    """
    if len(wanted.sums) != BUCKETS or not (0 <= wanted.after <= wanted.cursor < 2**62):
        raise refusal.malformed("repair")
    cursor = min(wanted.cursor, head)
    where = {
        "area": area,
        "below": f"{area}.",
        "beyond": f"{area}/",
        "above": from_above(area) or ("",),
        "cursor": cursor,
    }
    counts, sums = [0] * BUCKETS, [0] * BUCKETS
    places: list[tuple[int, int]] = []
    query = text(_OPERATIONS).bindparams(bindparam("above", expanding=True))
    for content, ss in connection.execute(query, where):
        value = bytes(content)
        counts[value[0]] += 1
        sums[value[0]] += int.from_bytes(value, "big")
        places.append((ss, value[0]))
    own = [(counts[n], (sums[n] % _SUM).to_bytes(32, "big").hex()) for n in range(BUCKETS)]
    buckets = [n for n, (mine, theirs) in enumerate(zip(own, wanted.sums, strict=True)) if mine != theirs]
    differing = set(buckets)
    order = sorted(ss for ss, bucket in places if bucket in differing and ss > wanted.after)
    items: list[FeedItem] = []
    to, size = wanted.after, 0
    for start in range(0, min(limit, len(order)), 500):
        for item in _items(connection, telling, where, order[start : min(start + 500, limit)]):
            if size > MAX_PAGE:
                return Repair(buckets, wanted.after, to, items, more=True)
            items.append(item)
            to, size = item.ss, size + memoryview(item.op).nbytes
    more = len(order) > limit
    return Repair(buckets, wanted.after, to if more else cursor, items, more=more)


def _items(
    connection: Connection, telling: Telling, where: dict[str, object], some: list[int]
) -> list[FeedItem]:
    query = text(
        "SELECT DISTINCT f.ss, o.replica, o.eff, o.status, o.conflicts, o.body, o.erased, o.content"
        " FROM feed AS f JOIN op AS o ON o.replica = f.replica AND o.seq = f.seq"
        " WHERE f.ss IN :some AND (f.scope = :area OR (f.scope >= :below AND f.scope < :beyond)"
        " OR f.scope IN :above) ORDER BY f.ss"
    ).bindparams(bindparam("above", expanding=True), bindparam("some", expanding=True))
    return [telling.item(*row) for row in connection.execute(query, {**where, "some": some})]
