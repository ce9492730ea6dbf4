"""Visible rows from the log: always what `domain.merge` makes of every known entry, never edited by hand."""

import json
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from posyandu_app.domain import names
from posyandu_app.domain.merge import (
    KINDS,
    PROJECTION_VERSION,
    Known,
    Row,
    entity_kind,
    is_plain_fact,
    plain_fact_digest,
    plain_fact_fields,
    project,
)
from posyandu_app.domain.operations import Json, JsonObject, Operation, OpKey, canonical, parse
from posyandu_app.storage import arrivals
from posyandu_app.storage.connection import Database, Progress, Value

SUM_SIZE = 2**256
_PAGE = 2000
_REMOVED = "rows_removed"


class Fresh(NamedTuple):
    """An entry that has just been logged, with the canonical bytes of its payload (None when erased)."""

    known: Known
    payload: bytes | None


def apply(
    database: Database,
    fresh: Sequence[Fresh],
    earlier: AbstractSet[str],
    restamped: AbstractSet[str] = frozenset(),
) -> None:
    """Project the entities of new entries; only those with `earlier` entries are read again from the log."""
    new: dict[str, list[Fresh]] = {}
    again = set(restamped)
    for item in fresh:
        entity = item.known.operation.entity
        if entity in earlier or entity in restamped:
            again.add(entity)
        elif entity in new:
            new[entity].append(item)
        else:
            new[entity] = [item]
    plain, others = [], []
    for entity, items in new.items():
        first, *more = items
        if not more and _is_plain_measurement(first):
            plain.append(first)
        else:
            others.append((entity, [item.known for item in items]))
    _write_plain_measurements(database, plain)
    _write(database, _projected(others), fresh=True)
    if again:
        refresh(database, again)


def refresh(database: Database, entities: Iterable[str]) -> None:
    """Project these entities again from everything the log holds about them."""
    rows = database.rows(
        "SELECT entity, replica, eff, envelope, payload FROM log"
        " WHERE entity IN (SELECT value FROM json_each(?)) ORDER BY entity",
        (json.dumps(list(entities)),),
    )
    _write(database, _projected(_grouped(rows)), fresh=False)


def remove(database: Database, entities: Iterable[str]) -> None:
    """Take the rows of these entities away, with their sums, disputes and search: the log has let them go."""
    wanted = (json.dumps(list(entities)),)
    which = "IN (SELECT value FROM json_each(?))"
    with database.atomic():
        database.run(
            f"DELETE FROM child_search WHERE rowid IN (SELECT n FROM child WHERE id {which})",  # noqa: S608
            wanted,
        )
        gone: dict[str, dict[str, bytes]] = {}
        for table, kind in (("child", "'child'"), ("measurement", "'measurement'"), ("other_row", "kind")):
            for entity, of_kind, digest in database.rows(
                f"DELETE FROM {table} WHERE id {which} RETURNING id, {kind}, digest",  # noqa: S608
                wanted,
            ):
                gone.setdefault(of_kind, {})[entity] = digest
        database.run(f"DELETE FROM dispute WHERE entity {which}", wanted)  # noqa: S608
        for of_kind, digests in gone.items():
            _adjust_sum(database, of_kind, {}, digests)
        _note_removal(database)


def reproject(database: Database, kinds: Iterable[str]) -> None:
    """Make every row of these kinds anew from the log, for when what is shown is not what the log says."""
    with database.atomic():
        _note_removal(database)
        for kind in kinds:
            if kind == "child":
                database.run("DELETE FROM child_search")
            if kind in ("child", "measurement"):
                database.run(f"DELETE FROM {kind}")  # noqa: S608
            else:
                database.run("DELETE FROM other_row WHERE kind = ?", (kind,))
            database.run("DELETE FROM dispute WHERE kind = ?", (kind,))
            database.run("DELETE FROM row_sum WHERE kind = ?", (kind,))
            after = ""
            while page := [
                entity
                for (entity,) in database.rows(
                    "SELECT DISTINCT entity FROM log WHERE kind = ? AND entity > ? ORDER BY entity LIMIT ?",
                    (kind, after, _PAGE),
                )
            ]:
                rows = database.rows(
                    "SELECT entity, replica, eff, envelope, payload FROM log"
                    " WHERE entity IN (SELECT value FROM json_each(?)) ORDER BY entity",
                    (json.dumps(page),),
                )
                found = [item for item in _projected(_grouped(rows)) if item[0].kind == kind]
                _write(database, found, fresh=True)
                after = page[-1]


def rebuild(database: Database, progress: Progress | None = None) -> None:
    """Make every row anew from the log, in one transaction; people's drafts stay."""
    with database.atomic():
        _note_removal(database)
        for table in ("child", "measurement", "other_row", "dispute", "row_sum", "child_search"):
            database.run(f"DELETE FROM {table}")  # noqa: S608
        total = database.number("SELECT count(DISTINCT entity) FROM log")
        done, after = 0, ""
        while True:
            page = [
                entity
                for (entity,) in database.rows(
                    "SELECT DISTINCT entity FROM log WHERE entity > ? ORDER BY entity LIMIT ?", (after, _PAGE)
                )
            ]
            if not page:
                break
            rows = database.rows(
                "SELECT entity, replica, eff, envelope, payload FROM log"
                " WHERE entity BETWEEN ? AND ? ORDER BY entity",
                (page[0], page[-1]),
            )
            _write(database, _projected(_grouped(rows)), fresh=True)
            after = page[-1]
            done += len(page)
            if progress is not None:
                progress(done, total)
        database.set_meta("projection_version", str(PROJECTION_VERSION))


def _grouped(rows: Iterable[tuple[Any, ...]]) -> Iterable[tuple[str, list[Known]]]:
    for entity, entries in groupby(rows, key=itemgetter(0)):
        yield (
            entity,
            [
                Known(
                    replica,
                    eff,
                    parse(
                        {**json.loads(envelope), "payload": None if payload is None else json.loads(payload)}
                    ),
                )
                for _, replica, eff, envelope, payload in entries
            ],
        )


def _projected(entities: Iterable[tuple[str, list[Known]]]) -> list[tuple[Row, list[Known]]]:
    found = []
    for entity, known in entities:
        for kind in sorted({entity_kind(item.operation) for item in known}):
            row = project(kind, entity, known) if kind in KINDS else None
            if row is not None:
                found.append((row, known))
    return found


def _write(database: Database, projected: Sequence[tuple[Row, list[Known]]], *, fresh: bool) -> None:
    """Put rows in their tables, with sums, disputes and search in step; `fresh` rows are not there yet."""
    if not projected:
        return
    changed = _next_change(database)
    by_kind: dict[str, list[tuple[Row, list[Known]]]] = {}
    for item in projected:
        by_kind.setdefault(item[0].kind, []).append(item)
    for kind, items in by_kind.items():
        digests = {row.entity: row.digest() for row, _ in items}
        old = {} if fresh else _digests(database, kind, list(digests))
        if kind == "child":
            _write_children(database, items, digests, changed)
        elif kind == "measurement":
            _write_measurements(database, items, digests, changed)
        else:
            _write_others(database, items, digests, changed)
        _write_disputes(database, [row for row, _ in items], fresh)
        _adjust_sum(database, kind, digests, old)


def _next_change(database: Database) -> int:
    """A number that grows with every write, by which rows tell that they have changed."""
    changed = int(database.meta("changed") or "0") + 1
    database.set_meta("changed", str(changed))
    return changed


def _note_removal(database: Database) -> None:
    """Rows go away: whoever keeps a copy of them must ask which are still there (see `removed_at`)."""
    database.set_meta(_REMOVED, str(_next_change(database)))


def removed_at(database: Database) -> int:
    """The number of the last change by which rows went away."""
    return int(database.meta(_REMOVED) or "0")


def _is_plain_measurement(item: Fresh) -> bool:
    operation = item.known.operation
    return operation.type == "measurement.record" and item.payload is not None and is_plain_fact(operation)


def _write_plain_measurements(database: Database, items: Sequence[Fresh]) -> None:
    """What `_write` does, without its detours, for measurements nobody has corrected: most of a feed."""
    if not items:
        return
    changed = _next_change(database)
    digests: dict[str, bytes] = {}

    came = arrivals.days(database, [(item.known.key, item.known.operation.at) for item in items])

    def parameters(item: Fresh, came: int | None) -> tuple[Value, ...]:
        known, payload = item
        operation = known.operation
        assert payload is not None
        digest = digests[operation.entity] = plain_fact_digest(operation, payload)
        values = operation.payload or {}
        shown = _shown(known.replica, operation.seq, plain_fact_fields(tuple(values)))
        return _measurement_columns(
            operation.entity,
            operation.scope,
            values,
            operation,
            shown,
            None,
            digest,
            changed,
            came,
        )

    database.run_many(_NEW_MEASUREMENT, map(parameters, items, came))
    _adjust_sum(database, "measurement", digests, {})


def _digests(database: Database, kind: str, entities: list[str]) -> dict[str, bytes]:
    wanted = json.dumps(entities)
    if kind in ("child", "measurement"):
        sql = f"SELECT id, digest FROM {kind} WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608
        return dict(database.rows(sql, (wanted,)))
    return dict(
        database.rows(
            "SELECT id, digest FROM other_row WHERE kind = ? AND id IN (SELECT value FROM json_each(?))",
            (kind, wanted),
        )
    )


def _adjust_sum(database: Database, kind: str, new: dict[str, bytes], old: dict[str, bytes]) -> None:
    row = database.one("SELECT count, sum FROM row_sum WHERE kind = ?", (kind,))
    count, total = (0, 0) if row is None else (row[0], int.from_bytes(row[1], "big"))
    count += len(new) - len(old)
    total += sum(int.from_bytes(digest, "big") for digest in new.values())
    total -= sum(int.from_bytes(digest, "big") for digest in old.values())
    database.run(
        "INSERT OR REPLACE INTO row_sum(kind, count, sum) VALUES (?, ?, ?)",
        (kind, count, (total % SUM_SIZE).to_bytes(32, "big")),
    )


def _write_disputes(database: Database, rows: Sequence[Row], fresh: bool) -> None:
    if not fresh:
        database.run_many(
            "DELETE FROM dispute WHERE kind = ? AND entity = ?", ((row.kind, row.entity) for row in rows)
        )
    disputes = [
        (row.kind, row.entity, name, _text([[*head.key, head.value] for head in heads]))
        for row in rows
        for name, heads in row.disputed.items()
    ]
    if disputes:
        database.run_many(
            "INSERT OR REPLACE INTO dispute(kind, entity, field, heads) VALUES (?, ?, ?, ?)", disputes
        )


_CHILD = (
    "INSERT INTO child(id, scope, name, sex, birth_date, nik, mother_name, state, actor, at, vals, bases,"
    " disputed, digest, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT(id) DO UPDATE SET scope = excluded.scope, name = excluded.name, sex = excluded.sex,"
    " birth_date = excluded.birth_date, nik = excluded.nik, mother_name = excluded.mother_name,"
    " state = excluded.state, actor = excluded.actor, at = excluded.at, vals = excluded.vals,"
    " bases = excluded.bases, disputed = excluded.disputed, digest = excluded.digest,"
    " changed = excluded.changed"
)


def _write_children(
    database: Database, items: Sequence[tuple[Row, list[Known]]], digests: dict[str, bytes], changed: int
) -> None:
    rows = [row for row, _ in items]
    births = {row.entity: _birth(row, known).operation for row, known in items}
    database.run_many(
        _CHILD,
        (
            (
                row.entity,
                row.scope,
                *(text(row.values.get(name)) for name in _CHILD_TEXT),
                births[row.entity].actor,
                births[row.entity].at,
                _text(row.values),
                _bases(row),
                _text(list(row.disputed)) if row.disputed else None,
                digests[row.entity],
                changed,
            )
            for row in rows
        ),
    )
    places = dict(
        database.rows(
            "SELECT id, n FROM child WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps([row.entity for row in rows]),),
        )
    )
    database.run_many(
        "INSERT OR REPLACE INTO child_search(rowid, key) VALUES (?, ?)",
        ((places[row.entity], search_key(row.values)) for row in rows),
    )


_CHILD_TEXT = ("name", "sex", "birth_date", "nik", "mother_name", "state")


def _birth(row: Row, known: Sequence[Known]) -> Known:
    """The operation that made the entity: what tells who wrote it and when."""
    if len(known) == 1:
        return known[0]
    births = (f"{row.kind}.register", f"{row.kind}.record")
    return min((item for item in known if item.operation.type in births), key=lambda k: k.rank)


_NEW_MEASUREMENT = (
    "INSERT INTO measurement(id, scope, child, date, weight_g, length_mm, position, head_mm, muac_mm, oedema,"
    " confirmed, source, voided, actor, at, hlc, rest, bases, disputed, digest, changed, came)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_MEASUREMENT = (
    f"{_NEW_MEASUREMENT}"
    " ON CONFLICT(id) DO UPDATE SET scope = excluded.scope, child = excluded.child, date = excluded.date,"
    " weight_g = excluded.weight_g, length_mm = excluded.length_mm, position = excluded.position,"
    " head_mm = excluded.head_mm, muac_mm = excluded.muac_mm, oedema = excluded.oedema,"
    " confirmed = excluded.confirmed, source = excluded.source, voided = excluded.voided,"
    " actor = excluded.actor, at = excluded.at, hlc = excluded.hlc, rest = excluded.rest,"
    " bases = excluded.bases, disputed = excluded.disputed, digest = excluded.digest,"
    " changed = excluded.changed, came = coalesce(came, excluded.came)"
)


_MEASURED: tuple[tuple[str, type], ...] = (
    ("child", str),
    ("date", str),
    ("weight_g", int),
    ("length_mm", int),
    ("position", str),
    ("head_mm", int),
    ("muac_mm", int),
    ("oedema", int),
)


def _measurement_columns(
    entity: str,
    scope: str,
    values: JsonObject,
    birth: Operation,
    shown: str,
    disputed: str | None,
    digest: bytes,
    changed: int,
    came: int | None,
) -> tuple[Any, ...]:
    """The columns of a measurement; what is not of the expected kind stays in `rest` for a newer version."""
    measured = [value if type(value := values.get(name)) is kind else None for name, kind in _MEASURED]
    confirmed, source, voided, rest = None, None, False, None
    if len(values) > len(measured) - measured.count(None):
        rest = dict(values)
        for (name, _), value in zip(_MEASURED, measured, strict=True):
            if value is not None:
                del rest[name]
        confirmed = rest.pop("confirmed", None)
        source = rest.pop("source") if type(rest.get("source")) is str else None
        voided = rest.get("voided") is True and rest.pop("voided") is True
    return (
        entity,
        scope,
        *measured,
        None if confirmed is None else _text(confirmed),
        source,
        voided,
        birth.actor,
        birth.at,
        birth.hlc,
        _text(rest) if rest else None,
        shown,
        disputed,
        digest,
        changed,
        came,
    )


def _write_measurements(
    database: Database, items: Sequence[tuple[Row, list[Known]]], digests: dict[str, bytes], changed: int
) -> None:
    births = [_birth(row, known) for row, known in items]
    came = arrivals.days(database, [(birth.key, birth.operation.at) for birth in births])

    def parameters(row: Row, birth: Known, came: int | None) -> tuple[Value, ...]:
        disputed = _text(list(row.disputed)) if row.disputed else None
        return _measurement_columns(
            row.entity,
            row.scope,
            row.values,
            birth.operation,
            _bases(row),
            disputed,
            digests[row.entity],
            changed,
            came,
        )

    database.run_many(_MEASUREMENT, map(parameters, (row for row, _ in items), births, came))


def _write_others(
    database: Database, items: Sequence[tuple[Row, list[Known]]], digests: dict[str, bytes], changed: int
) -> None:
    def parameters(item: tuple[Row, list[Known]]) -> tuple[Value, ...]:
        row, known = item
        birth = _birth(row, known).operation
        return (
            row.kind,
            row.entity,
            row.scope,
            text(row.values.get("child")),
            text(row.values.get("date")),
            birth.actor,
            birth.at,
            birth.hlc,
            _text(row.values),
            _bases(row),
            _text(list(row.disputed)) if row.disputed else None,
            digests[row.entity],
            changed,
        )

    database.run_many(
        "INSERT OR REPLACE INTO other_row(kind, id, scope, child, date, actor, at, hlc, vals, bases,"
        " disputed, digest, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        map(parameters, items),
    )


def search_key(values: JsonObject) -> str:
    """What a child is found by: folded names of child and mother, and identity numbers."""
    parts = [names.fold(text(values.get(name)) or "") for name in ("name", "mother_name")]
    parts += [text(values.get(name)) or "" for name in ("nik", "mother_nik")]
    return " ".join(part for part in parts if part)


def text(value: Json) -> str | None:
    """A value that should be text, or None when it is not."""
    return value if isinstance(value, str) else None


def number(value: Json) -> int | None:
    """A value that should be an integer, or None when it is not."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Json) -> str:
    return canonical(value).decode("utf-8")


def _bases(row: Row) -> str:
    """The operations shown, each with the fields it is shown for: most rows come from one operation."""
    shown: dict[OpKey, list[str]] = {}
    for name, key in row.bases.items():
        shown.setdefault(key, []).append(name)
    return "\n".join(_shown(key.replica, key.seq, tuple(names)) for key, names in shown.items())


def _shown(replica: str, seq: int, names: tuple[str, ...]) -> str:
    return f"{seq} {_quoted(replica)} {_quoted(names)}"


@lru_cache(maxsize=4096)
def _quoted(value: str | tuple[str, ...]) -> str:
    return json.dumps(value)


def bases(stored: str) -> dict[str, OpKey]:
    """Field → operation shown, from its stored form."""
    found: dict[str, OpKey] = {}
    for line in stored.splitlines():
        seq, rest = line.split(" ", 1)
        replica, names = _unquoted(rest)
        key = OpKey(replica, int(seq))
        for name in names:
            found[name] = key
    return found


@lru_cache(maxsize=4096)
def _unquoted(stored: str) -> tuple[str, tuple[str, ...]]:
    replica, end = _decoder.raw_decode(stored)
    return replica, tuple(json.loads(stored[end:]))


_decoder = json.JSONDecoder()
