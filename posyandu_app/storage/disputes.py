"""Fields to which several laptops have given different values, until a person decides."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from posyandu_app.domain.operations import Json, OpKey
from posyandu_app.storage import measured
from posyandu_app.storage.connection import Database


@dataclass(frozen=True, slots=True)
class Dispute:
    """A field and the values nobody has superseded, the one that is shown first.

    The field "voided" means: hidden by one laptop, corrected by another that had not seen it.
    """

    kind: str
    entity: str
    field: str
    heads: tuple[tuple[OpKey, Json], ...]


_SELECT = "SELECT kind, entity, field, heads FROM dispute "


def all_of(database: Database) -> list[Dispute]:
    """Every dispute."""
    return [_dispute(row) for row in database.rows(_SELECT + "ORDER BY kind, entity, field")]


def of(database: Database, kind: str, entity: str) -> list[Dispute]:
    """The disputes about one record."""
    rows = database.rows(_SELECT + "WHERE kind = ? AND entity = ? ORDER BY field", (kind, entity))
    return [_dispute(row) for row in rows]


def count(database: Database) -> int:
    """How many fields are in dispute."""
    return database.number("SELECT count(*) FROM dispute")


def values(database: Database, kind: str, entity: str) -> Mapping[str, Json]:
    """The visible raw values of a record; empty when it is not there."""
    if kind == "measurement":
        return measured.values(database, entity)
    if kind == "child":
        row = database.one("SELECT vals FROM child WHERE id = ?", (entity,))
    else:
        row = database.one("SELECT vals FROM other_row WHERE kind = ? AND id = ?", (kind, entity))
    return {} if row is None else cast(dict[str, Json], json.loads(row[0]))


def _dispute(row: tuple[str, str, str, str]) -> Dispute:
    kind, entity, name, heads = row
    return Dispute(
        kind,
        entity,
        name,
        tuple((OpKey(replica, seq), value) for replica, seq, value in json.loads(heads)),
    )
