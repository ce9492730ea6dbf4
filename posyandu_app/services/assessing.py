"""Every child's history and risk, computed when read and remembered until something about her changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from posyandu_app.domain import risk
from posyandu_app.domain.assessment import Assessed, assess_history
from posyandu_app.domain.model import Child
from posyandu_app.i18n import language
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import children, measurements

_CACHE = "assessed"


@dataclass(frozen=True, slots=True)
class ChildStatus:
    """One child as of a day; `history` is oldest first, voided measurements left out."""

    child: Child
    history: tuple[Assessed, ...]
    risk: risk.Risk


@dataclass(frozen=True, slots=True)
class _Remembered:
    child: Child
    version: tuple[int, int] | None
    language: str
    history: tuple[Assessed, ...]


def status_of(ws: Workspace, found: Sequence[Child], on: date | None = None) -> list[ChildStatus]:
    """History and risk of these children, in their order; only what changed since last time is computed."""
    day = on or ws.clock.today()
    ids = [child.id for child in found]
    with ws.database.snapshot():
        versions = measurements.versions(ws.database, ids)
        remembered = _remembered(ws)
        stale = [
            child
            for child in found
            if (kept := remembered.get(child.id)) is None
            or kept.version != versions.get(child.id)
            or kept.child != child
            or kept.language != language()
        ]
        fresh = measurements.of_children(ws.database, [child.id for child in stale])
        registered = children.registered_at(ws.database, ids)
    for child in stale:
        history = assess_history(child, fresh.get(child.id, ()), ws.rules)
        remembered[child.id] = _Remembered(child, versions.get(child.id), language(), history)
    return [
        ChildStatus(
            child,
            remembered[child.id].history,
            risk.assess(
                child,
                remembered[child.id].history,
                day,
                ws.rules,
                registered_on=children.read_date(registered.get(child.id, "")[:10]),
            ),
        )
        for child in found
    ]


def _remembered(ws: Workspace) -> dict[str, _Remembered]:
    return cast(dict[str, _Remembered], ws.cache.setdefault(_CACHE, {}))
