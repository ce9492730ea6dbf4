"""Visible rows from the log: always what `domain.merge` makes of every known entry, never edited by hand."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol

from posyandu_app.domain import names
from posyandu_app.domain.merge import (
    KINDS,
    PROJECTION_VERSION,
    Known,
    Row,
    entity_kind,
    is_plain_fact,
    plain_fact_digest,
    project,
)
from posyandu_app.domain.operations import Json, JsonObject, OpKey, Sealed, canonical, parse
from posyandu_app.storage import measured
from posyandu_app.storage.connection import Database, Progress, Value
from posyandu_app.storage.values import text

SUM_SIZE = 2**256
_PAGE = 2000
_MOST_NAMED = 20_000
_REMOVED = "rows_removed"


class Fresh(Protocol):
    """An entry that has just been logged, with its canonical bytes."""

    @property
    def known(self) -> Known: ...
    @property
    def sealed(self) -> Sealed: ...


def apply(
    database: Database,
    fresh: Sequence[Fresh],
    earlier: AbstractSet[str],
    restamped: AbstractSet[str] = frozenset(),
) -> None:
    """Project the entities of new entries; only those with `earlier` entries are read again from the log."""
    again = set(restamped)
    plain: dict[str, Fresh] = {}
    others: dict[str, list[Known]] = {}
    for item in fresh:
        known = item.known
        operation = known.operation
        entity = operation.entity
        if entity in earlier or entity in again:
            again.add(entity)
        elif entity in others:
            others[entity].append(known)
        elif entity in plain:
            others[entity] = [plain.pop(entity).known, known]
        elif operation.type == "measurement.record" and is_plain_fact(operation):
            plain[entity] = item
        else:
            others[entity] = [known]
    _write_plain_measurements(database, plain)
    _write(database, _projected(others.items()), fresh=True)
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


def remove(database: Database, entities: Collection[str]) -> None:
    """Take the rows of these entities away, with their sums, disputes and search: the log has let them go."""
    wanted = (json.dumps(list(entities)),)
    which = "IN (SELECT value FROM json_each(?))"
    with database.atomic():
        database.run(
            f"DELETE FROM child_search WHERE rowid IN (SELECT n FROM child WHERE id {which})",  # noqa: S608
            wanted,
        )
        gone = {"measurement": measured.remove(database, entities)}
        for table, kind in (("child", "'child'"), ("other_row", "kind")):
            for entity, of_kind, digest in database.rows(
                f"DELETE FROM {table} WHERE id {which} RETURNING id, {kind}, digest",  # noqa: S608
                wanted,
            ):
                gone.setdefault(of_kind, {})[entity] = digest
        database.run(f"DELETE FROM dispute WHERE entity {which}", wanted)  # noqa: S608
        for of_kind, digests in gone.items():
            _adjust_sum(database, of_kind, {}, digests)
        _note_removal(database)


def reproject(database: Database, kinds: Iterable[str]) -> frozenset[str]:
    """Make every row of these kinds anew from the log, for when what is shown is not what the log says.

    Returns the entities whose rows were made, of very many the first.
    """
    made: set[str] = set()
    with database.atomic():
        _note_removal(database)
        for kind in kinds:
            if kind == "measurement":
                measured.clear(database)
            elif kind == "child":
                database.run("DELETE FROM child_search")
                database.run("DELETE FROM child")
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
                if len(made) < _MOST_NAMED:
                    made.update(row.entity for row, _ in found)
                after = page[-1]
    return frozenset(made)


def rebuild(database: Database, progress: Progress | None = None) -> None:
    """Make every row anew from the log, in one transaction; people's drafts stay."""
    with database.atomic():
        _note_removal(database)
        measured.clear(database)
        for table in ("child", "other_row", "dispute", "row_sum", "child_search"):
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
            _write_measurements(database, items, digests, changed, fresh)
        else:
            _write_others(database, items, digests, changed)
        _write_disputes(database, [row for row, _ in items], fresh)
        _adjust_sum(database, kind, digests, old)


def _next_change(database: Database) -> int:
    """A number that grows with every write, by which rows tell that they have changed."""
    changed = version(database) + 1
    database.set_meta("changed", str(changed))
    return changed


def _note_removal(database: Database) -> None:
    """Rows go away: whoever keeps a copy of them must ask which are still there (see `removed_at`)."""
    database.set_meta(_REMOVED, str(_next_change(database)))


def version(database: Database) -> int:
    """The number of the last change of any row; each row keeps that of its own last change."""
    return int(database.meta("changed") or "0")


def removed_at(database: Database) -> int:
    """The number of the last change by which rows went away."""
    return int(database.meta(_REMOVED) or "0")


def _write_plain_measurements(database: Database, items: Mapping[str, Fresh]) -> None:
    """What `_write` does, without its detours, for measurements nobody has corrected: most of a feed."""
    if not items:
        return
    digests: dict[str, bytes] = {}
    rows = []
    for entity, item in items.items():
        known, payload = item.known, item.sealed.payload
        operation = known.operation
        assert payload is not None
        assert operation.payload is not None
        digests[entity] = plain_fact_digest(operation, payload)
        rows.append(measured.Standing(known, operation.scope, operation.payload))
    measured.write(database, rows, _next_change(database), fresh=True)
    _adjust_sum(database, "measurement", digests, {})


def _digests(database: Database, kind: str, entities: list[str]) -> dict[str, bytes]:
    wanted = json.dumps(entities)
    if kind == "measurement":
        return measured.digests(database, entities)
    if kind == "child":
        sql = "SELECT id, digest FROM child WHERE id IN (SELECT value FROM json_each(?))"
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


def _write_measurements(
    database: Database,
    items: Sequence[tuple[Row, list[Known]]],
    digests: dict[str, bytes],
    changed: int,
    fresh: bool,
) -> None:
    measured.write(
        database, [_standing(row, known, digests[row.entity]) for row, known in items], changed, fresh=fresh
    )


def _standing(row: Row, known: list[Known], digest: bytes) -> measured.Standing:
    birth = _birth(row, known)
    about = sum(entity_kind(item.operation) == row.kind for item in known)
    if about == 1 and is_plain_fact(birth.operation):
        return measured.Standing(birth, row.scope, row.values)
    disputed = _text(list(row.disputed)) if row.disputed else None
    return measured.Standing(birth, row.scope, row.values, _bases(row), disputed, digest)


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
