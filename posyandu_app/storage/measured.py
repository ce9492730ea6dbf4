"""Measurements as narrow rows: a laptop of the Dinas holds a million of them and reads all for an analysis.

Texts that stand in many rows (areas, people, children, logs) are numbers of the table `term`, days are
`date.toordinal()`, and what follows from the rest is not stored: a measurement that nobody has corrected has
neither `bases` nor `digest`, since `replica` and `seq` name the operation that recorded it. What is not of
the expected kind stays in `rest` for a newer version. `figures`, which SQLite keeps itself, has the numbers
again as characters: those of a whole page of rows are joined at once (see `FIGURES`). The view `measurement`
has the same rows with texts and dates in their places, and is what everything but the analysis reads.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct

from posyandu_app.domain.merge import Known, fact_digest, plain_fact_fields
from posyandu_app.domain.operations import Json, JsonObject, OpKey, canonical_again
from posyandu_app.domain.reading import read_date
from posyandu_app.storage import arrivals
from posyandu_app.storage.connection import Database

POSITIONS: Mapping[str, int] = {"lying": 1, "standing": 2}
"""How a position is stored; 0 is none."""

_MEASURES = ("weight_g", "length_mm", "head_mm", "muac_mm")
FIGURES = ("child", "actor", "scope", "day", "saved", "came", *_MEASURES, "how")
"""What the characters of `figures` tell: a number is a character with that code beyond `FIRST`, each of the
first three is two of them (the lower 16 bits last); no figure is more than a million. `how` is the position,
and 4 for an oedema, and 8 for what was voided or has no date."""
WIDE = 3
FIRST = 0xE000
"""Beyond it no code is half of a pair."""

_NUMBERS = (*_MEASURES, "oedema")
VALUES = ("child", "date", "weight_g", "length_mm", "position", "head_mm", "muac_mm", "oedema")
"""The values that have a column of their own in the view."""

_OF_ALL = (
    *("id", "scope", "child", "actor", "replica", "seq", "day", "saved", "weight_g", "length_mm", "position"),
    *("head_mm", "muac_mm", "voided", "changed", "at", "hlc"),
)
_OF_SOME = (*_OF_ALL, "came", "oedema")
_COLUMNS = (*_OF_SOME, "confirmed", "source", "rest", "bases", "disputed", "digest")
"""What is not told of a measurement costs least where it is not named."""
_REPLACED = [f"{name} = excluded.{name}" for name in _COLUMNS if name not in ("id", "came")]
_UPSERT = (
    f"INSERT INTO measured({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 - own
    f" ON CONFLICT(id) DO UPDATE SET came = coalesce(came, excluded.came), {', '.join(_REPLACED)}"
)


class Standing(Struct, frozen=True, gc=False):
    """A measurement to be written: its values, who recorded it, and what is stored beside them.

    `bases`, `disputed` and `digest` are None where nobody has corrected it: they follow from the values.
    """

    birth: Known
    scope: str
    values: JsonObject
    bases: str | None = None
    disputed: str | None = None
    digest: bytes | None = None


def write(database: Database, items: Sequence[Standing], changed: int, *, fresh: bool) -> None:
    """Put rows in the table; `fresh` ones are not there yet."""
    came = arrivals.days(database, [item.birth for item in items])
    terms = _numbered(database, items)
    rows = [_columns(item, terms, changed, day) for item, day in zip(items, came, strict=True)]
    if not fresh:
        database.run_many(_UPSERT, (row + (None,) * (len(_COLUMNS) - len(row)) for row in rows))
        return
    for columns in (_OF_ALL, _OF_SOME, _COLUMNS):
        database.insert("measured", columns, [row for row in rows if len(row) == len(columns)])


def _columns(
    item: Standing, terms: Mapping[str | None, int], changed: int, came: int | None
) -> tuple[Any, ...]:
    """The row of a measurement: `_OF_ALL`, `_OF_SOME` or all `_COLUMNS`, as there is something to tell."""
    known, operation, values = item.birth, item.birth.operation, item.values
    child, day, position = values.get("child"), ordinal(values.get("date")), values.get("position")
    told = 0 if day is None else 1
    if type(child) is str:
        told += 1
    else:
        child = None
    place = POSITIONS.get(position, 0) if type(position) is str else 0
    if place:
        told += 1
    numbers: list[int | None] = []
    for name in _NUMBERS:
        value = values.get(name)
        if type(value) is int:
            numbers.append(value)
            told += 1
        else:
            numbers.append(None)
    weight, length, head, muac, oedema = numbers
    confirmed, source, voided, rest = None, None, 0, None
    if len(values) > told:
        rest = {
            name: value
            for name, value in values.items()
            if not (
                (name == "child" and child is not None)
                or (name == "date" and day is not None)
                or (name == "position" and place)
                or (name in _NUMBERS and type(value) is int)
            )
        }
        confirmed = rest.pop("confirmed", None)
        source = rest.pop("source") if type(rest.get("source")) is str else None
        voided = int(rest.get("voided") is True and rest.pop("voided") is True)
    row = (
        operation.entity,
        terms[item.scope],
        terms[child],
        terms[operation.actor],
        terms[known.replica],
        operation.seq,
        day,
        ordinal(operation.at[:10]) or 0,
        weight,
        length,
        place,
        head,
        muac,
        voided,
        changed,
        operation.at,
        operation.hlc,
    )
    if item.digest is None and len(values) == told:
        return row if came is None and oedema is None else (*row, came, oedema)
    return (
        *row,
        came,
        oedema,
        None if confirmed is None else _text(confirmed),
        source,
        _text(rest) if rest else None,
        item.bases,
        item.disputed,
        item.digest,
    )


def digests(database: Database, ids: Iterable[str]) -> dict[str, bytes]:
    """The digests of the rows of these measurements, as far as there are rows."""
    return {
        entity: digest or fact_digest("measurement", entity, scope, canonical_again(_values(stored)))
        for entity, scope, digest, *stored in database.rows(
            f"SELECT id, scope, digest, {_STORED} FROM measurement"  # noqa: S608
            " WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
    }


def values(database: Database, measurement_id: str) -> JsonObject:
    """The visible raw values of a measurement; empty when it is not there."""
    row = database.one(f"SELECT {_STORED} FROM measurement WHERE id = ?", (measurement_id,))  # noqa: S608
    return {} if row is None else _values(row)


_STORED = f"confirmed, source, voided, rest, {', '.join(VALUES)}"


def _values(row: Sequence[Any]) -> JsonObject:
    confirmed, source, voided, rest, *told = row
    found: JsonObject = {name: value for name, value in zip(VALUES, told, strict=True) if value is not None}
    if rest is not None:
        found |= json.loads(rest)
    if confirmed is not None:
        found["confirmed"] = json.loads(confirmed)
    if source is not None:
        found["source"] = source
    if voided:
        found["voided"] = True
    return found


def remove(database: Database, ids: Collection[str]) -> dict[str, bytes]:
    """Take the rows of these measurements away; returns the digests of those that were there."""
    gone = digests(database, ids)
    database.run("DELETE FROM measured WHERE id IN (SELECT value FROM json_each(?))", (json.dumps([*gone]),))
    return gone


def clear(database: Database) -> None:
    """Take every row away."""
    database.run("DELETE FROM measured")
    database.run("DELETE FROM term WHERE n > 0")


def shown_bases(replica: str, seq: int, values: Iterable[str]) -> dict[str, OpKey]:
    """Field → operation shown of a measurement that nobody has corrected: `values` are its fields."""
    key = OpKey(replica, seq)
    return dict.fromkeys(plain_fact_fields(tuple(sorted(values))), key)


def _numbered(database: Database, items: Sequence[Standing]) -> dict[str | None, int]:
    """The numbers of all texts that stand in these rows; those that have none get one."""
    texts = {item.scope for item in items} | {item.birth.replica for item in items}
    texts |= {item.birth.operation.actor for item in items}
    texts |= {child for item in items if type(child := item.values.get("child")) is str}
    wanted = json.dumps(sorted(texts))
    database.run("INSERT OR IGNORE INTO term(text) SELECT value FROM json_each(?)", (wanted,))
    found: dict[str | None, int] = dict(
        database.rows("SELECT text, n FROM term WHERE text IN (SELECT value FROM json_each(?))", (wanted,))
    )
    return found | {None: 0}


@lru_cache(maxsize=4096)
def _day(text: str) -> int | None:
    found = read_date(text)
    return None if found is None else found.toordinal()


def ordinal(value: Json) -> int | None:
    """A date in its one stored form as `date.toordinal()`; anything else is None."""
    return _day(value) if type(value) is str and len(value) == 10 else None


def _text(value: Json) -> str:
    return canonical_again(value).decode("utf-8")
