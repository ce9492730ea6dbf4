"""Visits to the homes of children who did not come, or who need somebody to look after them."""

from collections.abc import Mapping

from posyandu_app.domain import names
from posyandu_app.domain.facts import standing
from posyandu_app.domain.home_visits import HomeVisit
from posyandu_app.domain.model import Child
from posyandu_app.i18n import tr
from posyandu_app.services import deeds, recording
from posyandu_app.services.assessing import facts_of
from posyandu_app.services.children import get
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace, require_writer


def of_child(ws: Workspace, child_id: str) -> tuple[HomeVisit, ...]:
    """The home visits of a child that stand, oldest first."""
    return standing(facts_of(ws, HomeVisit, child_id))


def record(ws: Workspace, home_visit: HomeVisit) -> Changes:
    """Save a visit to the home of `home_visit.child`; raises `InvalidValue` naming the field."""
    require_writer(ws)
    with ws.database.atomic():
        child = get(ws, home_visit.child)
        new = recording.new(ws, child, home_visit)
        return deeds.save(ws, [new], _label(tr("Disimpan: {what}"), child), about=[child.id])


def correct(ws: Workspace, home_visit_id: str, changes: Mapping[str, object], reason: str = "") -> Changes:
    """Correct a home visit; a kader what she entered, the midwife everything."""
    with ws.database.atomic():
        made = recording.correct(ws, HomeVisit, home_visit_id, changes, reason)
        return deeds.save(
            ws, [made.operation], _label(tr("Diperbaiki: {what}"), made.child), about=[made.child.id]
        )


def void(ws: Workspace, home_visit_id: str, reason: str = "") -> Changes:
    """Hide a home visit that was never made; it stays in the history and can be taken back."""
    with ws.database.atomic():
        made = recording.hide(ws, HomeVisit, home_visit_id, reason)
        return deeds.save(
            ws, [made.operation], _label(tr("Dibatalkan: {what}"), made.child), about=[made.child.id]
        )


def _label(sentence: str, child: Child) -> str:
    return sentence.format(what=tr("kunjungan rumah {name}").format(name=names.display(child.name)))
