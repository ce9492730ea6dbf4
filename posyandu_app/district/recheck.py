"""The server looks at its own rows and sums when a laptop could not make them agree (sync rule 13).

A laptop that differs makes its own rows anew first. When that has not helped, what is wrong may stand
here. The area is gone through a slice with each exchange, whoever comes, so that nobody waits for it;
in the end its counts and sums are counted anew. What has been judged, and the order, are not touched.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, or_, select, text, tuple_

from posyandu_app.district import incidents, schema, stored, tallies
from posyandu_app.district.store import Rows, chunks, fact, set_fact, upsert
from posyandu_app.domain.clock import rfc3339
from posyandu_app.domain.merge import KINDS, project
from posyandu_app.domain.scopes import all_ancestors, from_above, within
from posyandu_app.sync.wire import Incident

SLICE = 500
"""How many entities are looked at in one go."""
_UNDER_WAY, _DONE = "recheck", "rechecked"
_EVERY_MS = 24 * 60 * 60 * 1000

_PLACED = "(p.scope = :area OR (p.scope >= :below AND p.scope < :beyond) OR p.scope IN :above)"
_ENTITIES = f"""
SELECT DISTINCT o.entity FROM op AS o JOIN placement AS p ON p.subject = o.subject
WHERE o.ss IS NOT NULL AND o.entity > :after AND {_PLACED} ORDER BY o.entity LIMIT :slice
"""  # noqa: S608 - of constants
_ROWS = f"""
SELECT r.entity, r.kind, r.digest, p.scope FROM row AS r JOIN placement AS p ON p.subject = r.subject
WHERE {_PLACED} ORDER BY r.entity, r.kind
"""  # noqa: S608 - of constants
_OPERATIONS = f"""
SELECT o.replica, o.seq, o.content, p.scope FROM op AS o JOIN placement AS p ON p.subject = o.subject
WHERE o.ss IS NOT NULL AND {_PLACED} ORDER BY o.replica, o.seq
"""  # noqa: S608 - of constants

_STANDING = select(*(schema.row.c[name] for name in stored.ROW_COLUMNS))


@dataclass(frozen=True, slots=True)
class _Work:
    """An area being looked at, up to which entity, for which laptop, and how many rows were wrong."""

    area: str
    device: str
    after: str = ""
    wrong: int = 0


def is_wanted(told: Sequence[Incident]) -> bool:
    """Whether a laptop says that it differs although it has done what it can."""
    return any(
        one.what == "rows_still_differ" or (one.what == "log_differs" and one.detail == "again")
        for one in told
    )


def begin(connection: Connection, area: str, device: str, now_ms: int) -> None:
    """Look at an area from now on, unless something is looked at already or this was within a day."""
    done: dict[str, int] = json.loads(fact(connection, _DONE) or "{}")
    lately = any(within(area, other) and 0 <= now_ms - at < _EVERY_MS for other, at in done.items())
    if not lately and not is_under_way(connection):
        _keep(connection, _Work(area, device))


def is_under_way(connection: Connection) -> bool:
    """Whether an area is being looked at."""
    return bool(fact(connection, _UNDER_WAY))


def go_on(connection: Connection, now_ms: int) -> None:
    """Look at the next slice, or bring it to its end; the caller holds the order lock."""
    kept = fact(connection, _UNDER_WAY)
    if not kept:
        return  # another process was quicker
    work = _Work(**json.loads(kept))
    entities = list(
        connection.scalars(_query(_ENTITIES), {**_where(work.area), "after": work.after, "slice": SLICE})
    )
    if entities:
        wrong = work.wrong + _make_right(connection, entities)
        _keep(connection, _Work(work.area, work.device, entities[-1], wrong))
        return
    sums = _count_anew(connection, work.area)
    done: dict[str, int] = json.loads(fact(connection, _DONE) or "{}")
    done = {area: at for area, at in done.items() if now_ms - at < _EVERY_MS} | {work.area: now_ms}
    set_fact(connection, _DONE, json.dumps(done))
    set_fact(connection, _UNDER_WAY, "")
    what = "server_mended" if work.wrong or sums else "server_checked"
    found = Incident(rfc3339(now_ms), what, f"{work.area} {work.wrong} {sums}")
    incidents.note(connection, work.device, [found], now_ms)


def _keep(connection: Connection, work: _Work) -> None:
    set_fact(connection, _UNDER_WAY, json.dumps(asdict(work)))


def _make_right(connection: Connection, entities: list[str]) -> int:
    """Make these entities' rows as the operations say; gives how many were not so."""
    standing: dict[tuple[str, str], Any] = {
        (row.entity, row.kind): row
        for row in connection.execute(_STANDING.where(schema.row.c.entity.in_(entities)))
    }
    subjects = _subjects(connection, entities)
    placed = _placements(connection, set(subjects.values()) | {row.subject for row in standing.values()})
    changes: dict[tuple[str, str], list[int]] = {}
    wrong: Rows = []
    gone = set(standing)
    for entity, known in stored.known_operations(connection, entities).items():
        for kind in KINDS:
            made = project(kind, entity, known)
            if made is None:
                continue
            gone.discard((entity, kind))
            right = stored.row_columns(made, subjects[entity], made.digest())
            before = standing.get((entity, kind))
            if before is not None and tuple(before) == right:
                continue
            wrong.append(right)
            _count(changes, placed.get(subjects[entity], frozenset()), kind, made.digest(), 1)
            if before is not None:
                _count(changes, placed.get(before.subject, frozenset()), kind, bytes(before.digest), -1)
    for key in gone:
        row = standing[key]
        _count(changes, placed.get(row.subject, frozenset()), row.kind, bytes(row.digest), -1)
    if gone:
        keys = tuple_(schema.row.c.entity, schema.row.c.kind)
        connection.execute(delete(schema.row).where(keys.in_(sorted(gone))))
    upsert(connection, schema.row, stored.ROW_COLUMNS, wrong)
    tallies.add(connection, changes)
    return len(wrong) + len(gone)


def _subjects(connection: Connection, entities: list[str]) -> dict[str, str]:
    found = connection.execute(
        select(schema.op.c.entity, schema.op.c.subject).where(
            schema.op.c.entity.in_(entities), schema.op.c.ss.is_not(None)
        )
    )
    return {row.entity: row.subject for row in found}


def _placements(connection: Connection, subjects: set[str]) -> dict[str, frozenset[str]]:
    columns = schema.placement.c
    found: dict[str, frozenset[str]] = {}
    for some in chunks(subjects):
        for subject, scope in connection.execute(
            select(columns.subject, columns.scope).where(columns.subject.in_(some))
        ):
            found[subject] = found.get(subject, frozenset()) | {scope}
    return found


def _count(
    changes: dict[tuple[str, str], list[int]], placed: frozenset[str], kind: str, digest: bytes, sign: int
) -> None:
    for area in all_ancestors(placed):
        entry = changes.setdefault((area, kind), [0, 0])
        entry[0] += sign
        entry[1] += sign * int.from_bytes(digest, "big")


def _count_anew(connection: Connection, area: str) -> int:
    """Count and add up what stands in an area and the areas inside it; gives how many sums were wrong."""
    counted: dict[tuple[str, str], tuple[int, int]] = {}
    placed_rows = connection.execute(_query(_ROWS), _where(area))
    for (_, kind), same in groupby(placed_rows, lambda row: (row.entity, row.kind)):
        _add(counted, area, kind, list(same), lambda row: row.digest)
    operations = connection.execute(_query(_OPERATIONS), _where(area))
    for _, same in groupby(operations, lambda row: (row.replica, row.seq)):
        _add(counted, area, tallies.LOG, list(same), lambda row: row.content)
    standing = dict(_tallies_in(connection, area))
    wrong = {
        key: counted.get(key, (0, 0))
        for key in counted.keys() | standing.keys()
        if counted.get(key, (0, 0)) != standing.get(key, (0, 0))
    }
    rows: Rows = [
        (name, kind, count, total.to_bytes(32, "big")) for (name, kind), (count, total) in wrong.items()
    ]
    upsert(connection, schema.tally, ("area", "kind", "count", "sum"), rows)
    return len(wrong)


def _add(
    counted: dict[tuple[str, str], tuple[int, int]], area: str, kind: str, same: list[Any], sum_of: Any
) -> None:
    """Count one thing, which may be placed several times, once in each area that holds it."""
    value = int.from_bytes(bytes(sum_of(same[0])), "big")
    for name in all_ancestors(frozenset(row.scope for row in same)):
        if _is_counted(name, area):
            count, total = counted.get((name, kind), (0, 0))
            counted[name, kind] = count + 1, (total + value) % tallies.SUM_SIZE


def _is_counted(name: str, area: str) -> bool:
    return within(name, area) or name in from_above(area)


def _tallies_in(connection: Connection, area: str) -> Iterator[tuple[tuple[str, str], tuple[int, int]]]:
    columns = schema.tally.c
    inside = or_(
        columns.area.in_((area, *from_above(area))),
        and_(columns.area >= f"{area}.", columns.area < f"{area}/"),
    )
    for name, kind, count, total in connection.execute(
        select(columns.area, columns.kind, columns.count, columns.sum).where(inside)
    ):
        yield (name, kind), (count, int.from_bytes(bytes(total), "big"))


def _query(words: str) -> Any:
    return text(words).bindparams(bindparam("above", expanding=True))


def _where(area: str) -> dict[str, object]:
    return {"area": area, "below": f"{area}.", "beyond": f"{area}/", "above": from_above(area) or ("",)}
