"""Visits, doses, home visits, consents and sessions as the log has them now."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar, cast

from posyandu_app.domain.consent import Consent, read_consent
from posyandu_app.domain.doses import Dose, read_dose
from posyandu_app.domain.facts import Fact
from posyandu_app.domain.home_visits import HomeVisit, read_home_visit
from posyandu_app.domain.operations import Json, OpKey
from posyandu_app.domain.sessions import Session, read_session
from posyandu_app.domain.visits import Visit, read_visit
from posyandu_app.storage.connection import Database
from posyandu_app.storage.projection import bases

F = TypeVar("F", bound=Fact)

_READERS: Mapping[str, Callable[..., Fact | None]] = {
    Visit.kind: read_visit,
    Dose.kind: read_dose,
    HomeVisit.kind: read_home_visit,
    Consent.kind: read_consent,
}
KINDS: Mapping[str, type[Fact]] = {kind.kind: kind for kind in (Visit, Dose, HomeVisit, Consent)}
"""The kinds of facts besides measurements, by the first part of their operations' types."""

_SELECT = "SELECT kind, id, child, actor, at, hlc, vals, bases FROM other_row "


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded about one child besides measurements, voided too, oldest first."""

    visits: tuple[Visit, ...] = ()
    doses: tuple[Dose, ...] = ()
    home_visits: tuple[HomeVisit, ...] = ()
    consents: tuple[Consent, ...] = ()


def joined(parts: Sequence[Recorded]) -> Recorded:
    """What was recorded under several records of one child, oldest first."""
    if len(parts) == 1:
        return parts[0]

    def all_of(name: str) -> Any:
        every = [fact for part in parts for fact in getattr(part, name)]
        return tuple(sorted(every, key=lambda fact: (fact.date, fact.hlc, fact.id)))

    return Recorded(all_of("visits"), all_of("doses"), all_of("home_visits"), all_of("consents"))


def get(database: Database, kind: type[F], entity: str) -> F | None:
    """One fact, or None; also None while its child or date cannot be read."""
    row = database.one(_SELECT + "WHERE kind = ? AND id = ?", (kind.kind, entity))
    return None if row is None else cast(F | None, _fact(row, json.loads(row[6]), bases(row[7])))


def child_of(database: Database, entity: str) -> str | None:
    """The child that a fact is about, or None when no such fact is known."""
    row = database.one(
        "SELECT child FROM other_row WHERE kind IN (SELECT value FROM json_each(?)) AND id = ?",
        (json.dumps(list(KINDS)), entity),
    )
    return None if row is None else row[0]


def of_child(database: Database, kind: type[F], child_id: str) -> tuple[F, ...]:
    """All facts of a kind about one child, voided too, oldest first, each with its bases."""
    rows = database.rows(
        _SELECT + "WHERE child = ? AND kind = ? ORDER BY date, hlc, id", (child_id, kind.kind)
    )
    found = (_fact(row, json.loads(row[6]), bases(row[7])) for row in rows)
    return tuple(cast(F, fact) for fact in found if fact is not None)


def of_children(database: Database, ids: Iterable[str]) -> dict[str, Recorded]:
    """Everything recorded about these children, for lists: without the bases that an edit needs."""
    rows = database.rows(
        _SELECT + "WHERE child IN (SELECT value FROM json_each(?))"  # noqa: S608
        " AND kind IN (SELECT value FROM json_each(?)) ORDER BY child, date, hlc, id",
        (json.dumps(list(ids)), json.dumps(list(KINDS))),
    )
    values = json.loads(f"[{','.join(row[6] for row in rows)}]")
    found: dict[str, dict[str, list[Fact]]] = {}
    for row, visible in zip(rows, values, strict=True):
        fact = _fact(row, visible, None)
        if fact is not None:
            found.setdefault(fact.child, {kind: [] for kind in KINDS})[fact.kind].append(fact)
    return {child: _recorded(by_kind) for child, by_kind in found.items()}


def visits_on(database: Database, ids: Iterable[str], day: date) -> dict[str, list[Visit]]:
    """The cards of these children on a day that stand, oldest first."""
    rows = database.rows(
        _SELECT + "WHERE child IN (SELECT value FROM json_each(?)) AND kind = 'visit'"  # noqa: S608
        " AND date = ? ORDER BY hlc, id",
        (json.dumps(list(ids)), day.isoformat()),
    )
    found: dict[str, list[Visit]] = {}
    for row in rows:
        visit = cast(Visit | None, _fact(row, json.loads(row[6]), None))
        if visit is not None and not visit.voided:
            found.setdefault(visit.child, []).append(visit)
    return found


def versions(database: Database, ids: Iterable[str]) -> Mapping[str, tuple[int, int]]:
    """A mark of each child's set of facts: equal marks mean that nothing has changed."""
    return {
        child: (count, changed)
        for child, count, changed in database.rows(
            "SELECT child, count(*), max(changed) FROM other_row"
            " WHERE child IN (SELECT value FROM json_each(?)) GROUP BY child",
            (json.dumps(list(ids)),),
        )
    }


def entities_of(database: Database, child_id: str) -> list[str]:
    """The ids of everything recorded about a child, of whatever kind, measurements too."""
    return [
        entity
        for (entity,) in database.rows(
            "SELECT id FROM other_row WHERE child = ? UNION SELECT id FROM measurement WHERE child = ?",
            (child_id, child_id),
        )
    ]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as stored; `session` is None while it has no date, because opening it was taken back."""

    session: Session | None
    bases: Mapping[str, OpKey]


def session_row(database: Database, entity: str) -> SessionRow | None:
    """One session by its id, or None when it was never opened."""
    row = database.one(
        "SELECT id, scope, vals, bases FROM other_row WHERE kind = 'session' AND id = ?", (entity,)
    )
    return None if row is None else SessionRow(_session(row), bases(row[3]))


def sessions(database: Database, scope: str) -> list[Session]:
    """The sessions of a scope and of the scopes inside it, oldest first."""
    rows = database.rows(
        "SELECT id, scope, vals, bases FROM other_row WHERE kind = 'session'"
        " AND (scope = ? OR scope >= ? AND scope < ?) ORDER BY date, scope, id",
        (scope, scope + ".", scope + "/"),
    )
    return [session for row in rows if (session := _session(row)) is not None]


def _session(row: tuple[Any, ...]) -> Session | None:
    entity, scope, vals, stored = row
    return read_session(entity, scope, json.loads(vals), bases(stored))


def _fact(row: tuple[Any, ...], values: Mapping[str, Json], shown: Mapping[str, OpKey] | None) -> Fact | None:
    kind, entity, _, actor, at, hlc, *_ = row
    return _READERS[kind](entity, values, shown, actor=actor or "", at=at or "", hlc=hlc or "")


def _recorded(by_kind: Mapping[str, list[Fact]]) -> Recorded:
    return Recorded(
        visits=cast(tuple[Visit, ...], tuple(by_kind[Visit.kind])),
        doses=cast(tuple[Dose, ...], tuple(by_kind[Dose.kind])),
        home_visits=cast(tuple[HomeVisit, ...], tuple(by_kind[HomeVisit.kind])),
        consents=cast(tuple[Consent, ...], tuple(by_kind[Consent.kind])),
    )
