"""The children behind a figure: by name and address for those entitled, masked for everybody else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from posyandu_app.domain import names
from posyandu_app.domain.model import Sex
from posyandu_app.domain.reading import read_date
from posyandu_app.storage.connection import Database

MOST = 500
"""So many children are listed at once; a longer list is no longer read by anybody."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who a child is; masked, the names are initials, and mother, address and house are left out."""

    id: str
    scope: str
    name: str
    mother: str
    address: str
    house: str
    sex: Sex | None
    birth: date | None


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening of a child's record by the Dinas: who opened whose, and when (RFC 3339)."""

    child: str
    scope: str
    who: str
    at: str


def openings(database: Database, area: str, most: int = MOST) -> tuple[Opened, ...]:
    """The latest openings of records in an area, newest first (see `services.access`)."""
    rows = database.rows(
        "SELECT child, scope, vals ->> '$.by', at FROM other_row WHERE kind = 'access'"
        " AND (? = '' OR scope = ? OR scope >= ? AND scope < ?) ORDER BY hlc DESC, id DESC LIMIT ?",
        (area, area, area + ".", area + "/", most),
    )
    return tuple(Opened(child or "", scope, who or "—", at or "") for child, scope, who, at in rows)


def people(database: Database, ids: Sequence[str], *, masked: bool) -> dict[str, Person]:
    """These children by id; names never leave this function unmasked when `masked`."""
    found = {}
    for child, scope, name, sex, birth, mother, values in database.rows(
        "SELECT id, scope, name, sex, birth_date, mother_name, vals FROM child"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    ):
        read = json.loads(values)
        house = " / ".join(
            f"{word} {read[field]}" for word, field in (("RT", "rt"), ("RW", "rw")) if read.get(field)
        )
        found[child] = Person(
            id=child,
            scope=scope,
            name=names.initials(name or "") if masked else names.display(name or ""),
            mother="" if masked else names.display(mother or ""),
            address="" if masked else str(read.get("address") or ""),
            house="" if masked else house,
            sex=Sex(sex) if sex in tuple(Sex) else None,
            birth=read_date(birth),
        )
    return found
