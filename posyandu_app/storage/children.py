"""Children as the log has them now, and finding them as somebody types."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from posyandu_app.domain import names
from posyandu_app.domain.model import Child, ChildState, Sex
from posyandu_app.domain.operations import Json, OpKey
from posyandu_app.domain.reading import read_date
from posyandu_app.storage.connection import Database
from posyandu_app.storage.projection import bases
from posyandu_app.storage.values import number, text

_TRIGRAM = 3
_LONGEST_QUERY = 100


def get(database: Database, child_id: str) -> Child | None:
    """One child, or None."""
    row = database.one("SELECT id, scope, vals, disputed FROM child WHERE id = ?", (child_id,))
    return None if row is None else _child(row)


def of_ids(database: Database, ids: Iterable[str]) -> list[Child]:
    """These children, those that exist, in no particular order."""
    return [
        _child(row)
        for row in database.rows(
            "SELECT id, scope, vals, disputed FROM child WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
    ]


def in_scope(database: Database, scope: str) -> list[Child]:
    """Every child of a scope and of the scopes inside it."""
    return [
        _child(row)
        for row in database.rows(
            "SELECT id, scope, vals, disputed FROM child WHERE scope = ? OR scope >= ? AND scope < ?",
            (scope, scope + ".", scope + "/"),
        )
    ]


def count(database: Database) -> int:
    """The number of children's records in this database, whatever became of them."""
    return database.number("SELECT count(*) FROM child")


def changed_since(database: Database, version: int) -> list[tuple[int, Child]]:
    """The children written after a version of the rows (`projection.version`), each with its number."""
    return [
        (n, _child(row))
        for n, *row in database.rows(
            "SELECT n, id, scope, vals, disputed FROM child WHERE changed > ?", (version,)
        )
    ]


def shown_by(database: Database, child_id: str) -> Mapping[str, OpKey]:
    """Field → the operation whose value is shown: the `base` of the next edit."""
    row = database.one("SELECT bases FROM child WHERE id = ?", (child_id,))
    return {} if row is None else bases(row[0])


def registered_at(database: Database, ids: Iterable[str]) -> Mapping[str, str]:
    """When each of these children was first written down (RFC 3339)."""
    return dict(
        database.rows(
            "SELECT id, at FROM child WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
        )
    )


def with_nik(database: Database, nik: str) -> list[Child]:
    """The children with this NIK."""
    found = database.rows("SELECT id, scope, vals, disputed FROM child WHERE nik = ?", (nik,))
    return [_child(row) for row in found]


def born_between(database: Database, first: date, last: date) -> list[Child]:
    """The children born on these days."""
    return [
        _child(row)
        for row in database.rows(
            "SELECT id, scope, vals, disputed FROM child WHERE birth_date BETWEEN ? AND ?",
            (first.isoformat(), last.isoformat()),
        )
    ]


def search(database: Database, query: str, limit: int) -> list[str]:
    """Ids of the children that every typed word fits: any part of child's or mother's name, or of a NIK."""
    words = [folded for word in query[:_LONGEST_QUERY].split() if (folded := names.fold(word))]
    if not words:
        return []
    long = [word for word in words if len(word) >= _TRIGRAM]
    short = [f"%{word}%" for word in words if len(word) < _TRIGRAM]
    if long:
        conditions = ["child_search MATCH ?", *["key LIKE ?"] * len(short)]
        parameters = [" AND ".join(f'"{word}"' for word in long), *short]
        table = "SELECT rowid FROM child_search"
    else:  # too short for the index: its table of texts is read through, faster than by way of it
        conditions, parameters = ["c0 LIKE ?"] * len(short), short
        table = "SELECT id FROM child_search_content"
    found = database.rows(f"{table} WHERE {' AND '.join(conditions)} LIMIT ?", (*parameters, limit))
    return [
        child_id
        for (child_id,) in database.rows(
            "SELECT child.id FROM json_each(?) AS found JOIN child ON child.n = found.value",
            (json.dumps([n for (n,) in found]),),
        )
    ]


def _child(row: Sequence[Any]) -> Child:
    child_id, scope, stored, disputed = row
    values: dict[str, Json] = json.loads(stored)
    return Child(
        id=child_id,
        scope=scope,
        name=text(values.get("name")) or "",
        sex=_sex(values.get("sex")),
        birth_date=read_date(values.get("birth_date")),
        nik=text(values.get("nik")),
        kk=text(values.get("kk")),
        mother_name=text(values.get("mother_name")),
        mother_nik=text(values.get("mother_nik")),
        father_name=text(values.get("father_name")),
        address=text(values.get("address")),
        rt=text(values.get("rt")),
        rw=text(values.get("rw")),
        phone=text(values.get("phone")),
        child_order=number(values.get("child_order")),
        gestation_weeks=number(values.get("gestation_weeks")),
        birth_weight_g=number(values.get("birth_weight_g")),
        birth_length_mm=number(values.get("birth_length_mm")),
        birth_head_mm=number(values.get("birth_head_mm")),
        kia_held=_flag(values.get("kia_held")),
        imd=_flag(values.get("imd")),
        state=text(values.get("state")) or ChildState.ACTIVE,
        state_on=read_date(values.get("state_on")),
        moved_to=text(values.get("moved_to")),
        origin=text(values.get("origin")),
        disputed=frozenset(json.loads(disputed)) if disputed is not None else frozenset(),
    )


def _sex(value: Json) -> Sex | None:
    return Sex(value) if value in ("M", "F") else None


def _flag(value: Json) -> bool | None:
    return value if isinstance(value, bool) else None
