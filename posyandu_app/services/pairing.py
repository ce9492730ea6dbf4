"""What is looked for among all children of this laptop, kept and brought up to date with what has changed.

Pairs of records that may be one child (`domain.doubles`), and children with several weighings on one day.
"""

from dataclasses import dataclass
from typing import cast

from posyandu_app.bulk import without_collections
from posyandu_app.domain.doubles import Doubles
from posyandu_app.domain.model import Child
from posyandu_app.domain.rules import DuplicateRules
from posyandu_app.services.roster import REGISTERED_BY_MISTAKE
from posyandu_app.services.workspace import Workspace, within
from posyandu_app.storage import children, measurements, projection

_CACHE = "looked_for"
_MANY = 500
"""Of more changed records than these the pairs are looked for anew."""


@dataclass(slots=True)
class Found:
    """What stands at a version of the rows (`storage.projection.version`), for an area and rules."""

    version: int
    area: str | None
    rules: DuplicateRules
    doubles: Doubles
    sharing: set[str]

    @property
    def pairs(self) -> list[tuple[Child, Child]]:
        """The pairs of records that a person should look at, smaller id first."""
        return self.doubles.pairs()


def found(ws: Workspace, *, keep: bool) -> Found:
    """What is found now; to be called within `snapshot`.

    `keep` says that no transaction is under way: what it has written may never come to stand, so nothing
    that is found in one is kept.
    """
    kept = cast("Found | None", ws.cache.get(_CACHE))
    version = projection.version(ws.database)
    if kept is None or not _may_go_on(ws, kept, version):
        kept = None
    elif kept.version == version:
        return kept
    if not keep:
        return _all(ws, version)
    if kept is None or not _brought_up_to_date(ws, kept, version):
        kept = ws.cache[_CACHE] = _all(ws, version)
    return kept


def _may_go_on(ws: Workspace, kept: Found, version: int) -> bool:
    same = (kept.area, kept.rules) == (ws.scope, ws.rules.duplicates)
    return same and projection.removed_at(ws.database) <= kept.version <= version


def _all(ws: Workspace, version: int) -> Found:
    area = ws.scope
    with without_collections():
        records = [
            ((child.scope, n), child)
            for n, child in children.changed_since(ws.database, 0)
            if _counts(area, child)
        ]
        doubles = Doubles(records, ws.rules)
    sharing = measurements.sharing_days(ws.database)
    return Found(version, area, ws.rules.duplicates, doubles, sharing)


def _brought_up_to_date(ws: Workspace, kept: Found, version: int) -> bool:
    """Whether so little has changed that what is kept could follow."""
    changed = children.changed_since(ws.database, kept.version)
    weighed = measurements.of_changed(ws.database, kept.version)
    if max(len(changed), len(weighed)) > _MANY:
        return False
    for n, child in changed:
        if _counts(kept.area, child):
            kept.doubles.put((child.scope, n), child)
        else:
            kept.doubles.drop(child.id)
    if weighed:
        kept.sharing = kept.sharing - weighed | measurements.sharing_days(ws.database, weighed)
    kept.version = version
    return True


def _counts(area: str | None, child: Child) -> bool:
    return area is not None and within(area, child.scope) and child.state != REGISTERED_BY_MISTAKE
