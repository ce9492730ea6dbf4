"""What parents and guardians decided about their children's data: who, as what, when, to which text.

Nobody's care depends on it: a child whose parents said no is served all the same.
"""

from posyandu_app.domain import names
from posyandu_app.domain.consent import Consent, ConsentState, consent_in_force
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import Child
from posyandu_app.i18n import tr
from posyandu_app.services import deeds, recording
from posyandu_app.services.assessing import facts_of
from posyandu_app.services.children import get
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace, require_writer
from posyandu_app.storage.log import NewOperation


def in_force(ws: Workspace, child_id: str) -> Consent | None:
    """The latest decision about a child's data, whatever it was; None when nobody was asked."""
    return consent_in_force(facts_of(ws, Consent, child_id))


def record(ws: Workspace, decision: Consent) -> Changes:
    """Save a decision about `decision.child`; raises `InvalidValue` naming the field.

    A later decision replaces an earlier one, which stays in the history.
    """
    with ws.database.atomic():
        child = get(ws, decision.child)
        what = tr("{state}, {name}").format(
            state=label_of(ConsentState, decision.state), name=names.display(child.name)
        )
        label = tr("Disimpan: {what}").format(what=what)
        return deeds.save(ws, [operation_for(ws, child, decision)], label, about=[child.id])


def operation_for(ws: Workspace, child: Child, decision: Consent) -> NewOperation:
    """The checked operation that records a decision, for `record` and for registration."""
    require_writer(ws)
    return recording.new(ws, child, decision)
