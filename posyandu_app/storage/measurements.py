"""Weighings and measurements as the log has them now."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from posyandu_app.domain.model import Measurement, Position
from posyandu_app.domain.reading import read_date
from posyandu_app.storage import measured
from posyandu_app.storage.connection import Database
from posyandu_app.storage.projection import bases

_SELECT = (
    "SELECT id, child, date, weight_g, length_mm, position, head_mm, muac_mm, oedema, confirmed, source,"
    " voided, actor, at, hlc, bases, replica, seq, rest FROM measurement "
)


def get(database: Database, measurement_id: str) -> Measurement | None:
    """One measurement, or None; also None while its child or date cannot be read."""
    row = database.one(_SELECT + "WHERE id = ?", (measurement_id,))
    return None if row is None else _measurement(row)


def of_child(database: Database, child_id: str) -> list[Measurement]:
    """All measurements of one child, voided ones too, oldest first."""
    rows = database.rows(_SELECT + "WHERE child = ? ORDER BY date, hlc, id", (child_id,))
    return [item for row in rows if (item := _measurement(row)) is not None]


def of_children(database: Database, ids: Iterable[str]) -> dict[str, list[Measurement]]:
    """All measurements of these children, voided ones too, oldest first."""
    found: dict[str, list[Measurement]] = {}
    for row in database.rows(
        _SELECT + "WHERE child IN (SELECT value FROM json_each(?)) ORDER BY child, date, hlc, id",  # noqa: S608
        (json.dumps(list(ids)),),
    ):
        item = _measurement(row)
        if item is not None:
            found.setdefault(item.child, []).append(item)
    return found


def of_changed(database: Database, version: int) -> set[str]:
    """The children with a measurement written after a version of the rows (`projection.version`)."""
    return {
        child
        for (child,) in database.rows(  # `child` leads the index that also holds `changed`
            "SELECT text FROM term WHERE text IS NOT NULL AND n IN"
            " (SELECT child FROM measured WHERE child >= 0 AND changed > ?)",
            (version,),
        )
    }


def sharing_days(database: Database, among: Iterable[str] | None = None) -> set[str]:
    """The children, of all or of some, with several standing measurements on one day."""
    some = "" if among is None else "child IN (SELECT value FROM json_each(?)) AND "
    return {
        child
        for (child,) in database.rows(
            f"SELECT DISTINCT child FROM measurement WHERE {some}NOT voided AND child IS NOT NULL"  # noqa: S608
            " GROUP BY child, date HAVING count(*) > 1",
            () if among is None else (json.dumps(list(among)),),
        )
    }


def count(database: Database) -> int:
    """The number of measurements in this database that were not voided."""
    return database.number("SELECT count(*) FROM measurement WHERE NOT voided")


def versions(database: Database, ids: Iterable[str]) -> Mapping[str, tuple[int, int]]:
    """A mark of each child's set of measurements: equal marks mean that nothing has changed."""
    return {
        child: (count, changed)
        for child, count, changed in database.rows(
            "SELECT child, count(*), max(changed) FROM measurement"
            " WHERE child IN (SELECT value FROM json_each(?)) GROUP BY child",
            (json.dumps(list(ids)),),
        )
    }


def _measurement(row: tuple[Any, ...]) -> Measurement | None:
    (
        entity,
        child,
        day,
        weight_g,
        length_mm,
        position,
        head_mm,
        muac_mm,
        oedema,
        confirmed,
        source,
        voided,
        actor,
        at,
        hlc,
        stored,
        replica,
        seq,
        rest,
    ) = row
    on = read_date(day)
    if on is None or child is None:
        return None
    if stored is not None:
        shown = bases(stored)
    else:
        figures = (weight_g, length_mm, position, head_mm, muac_mm, oedema)
        named = [name for name, value in zip(_FIGURES, figures, strict=True) if value is not None]
        shown = measured.shown_bases(replica, seq, ("date", *named, *(json.loads(rest) if rest else ())))
    return Measurement(
        id=entity,
        child=child,
        date=on,
        weight_g=weight_g,
        length_mm=length_mm,
        position=_POSITIONS.get(position),
        head_mm=head_mm,
        muac_mm=muac_mm,
        oedema=oedema,
        confirmed=_codes(confirmed),
        source=source,
        actor=actor,
        at=at,
        hlc=hlc,
        voided=bool(voided),
        bases=tuple(shown.items()),
    )


_FIGURES = ("weight_g", "length_mm", "position", "head_mm", "muac_mm", "oedema")
_POSITIONS: Mapping[str, Position] = {position.value: position for position in Position}


def _codes(stored: str | None) -> tuple[str, ...]:
    codes = json.loads(stored) if stored is not None else []
    return tuple(code for code in codes if isinstance(code, str)) if isinstance(codes, list) else ()
