"""Everything one screen needs about one child."""

from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Child
from posyandu_app.i18n import tr
from posyandu_app.services import access
from posyandu_app.services.assessing import status_of
from posyandu_app.services.views import ChildCard
from posyandu_app.services.workspace import Workspace, inside
from posyandu_app.storage import children
from posyandu_app.storage import persons as records


def get(ws: Workspace, child_id: str) -> Child:
    """One child; raises `UserError` when this laptop does not have her."""
    child = children.get(ws.database, child_id)
    if child is None:
        raise UserError(tr("Anak ini tidak ada di laptop ini. Cari lagi dari daftar."), code="unknown_child")
    return child


def open_card(ws: Workspace, child_id: str) -> ChildCard:
    """A child with her whole history and how she does today; any of her records opens the same card.

    The Dinas, which sees names masked elsewhere, is written down as having opened it.
    """
    child = get(ws, child_id)
    access.note(ws, child)
    members = [
        c
        for c in children.of_ids(ws.database, records.records_of(ws.database, child_id))
        if inside(ws, c.scope)
    ]
    status = status_of(ws, [min(members, key=lambda c: c.id, default=child)])[0]
    return ChildCard(
        child=status.child,
        history=status.history,
        risk=status.risk,
        today=ws.clock.today(),
        findings=status.findings,
    )
