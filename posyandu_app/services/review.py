"""The midwife's list, worst first, and the figures of the status line."""

from collections import Counter

from posyandu_app.domain.age import completed_months
from posyandu_app.domain.risk import Tone
from posyandu_app.services.assessing import status_of
from posyandu_app.services.roster import expected_children
from posyandu_app.services.views import Counts, RiskRow
from posyandu_app.services.workspace import Workspace, posyandu_names
from posyandu_app.storage import children, log, measurements


def at_risk(ws: Workspace) -> tuple[RiskRow, ...]:
    """The children who need somebody, now or still from before, worst first, each with her reasons."""
    posyandu, today = posyandu_names(ws), ws.clock.today()
    listed = [status for status in status_of(ws, expected_children(ws)) if status.risk.listed]
    listed.sort(key=lambda status: (status.risk.worst_first, status.child.name, status.child.id))
    return tuple(
        RiskRow(
            child=status.child,
            posyandu=posyandu.get(status.child.scope, status.child.scope),
            age_months=None
            if status.child.birth_date is None
            else completed_months(status.child.birth_date, today),
            risk=status.risk,
            last=status.history[-1] if status.history else None,
        )
        for status in listed
    )


def counts(ws: Workspace) -> Counts:
    """Children, standing measurements and log entries on this laptop, and how the expected children do."""
    tones = Counter(status.risk.tone for status in status_of(ws, expected_children(ws)))
    database = ws.database
    return Counts(
        children=children.count(database),
        measurements=measurements.count(database),
        operations=log.count(database),
        tones={tone.value: tones[tone] for tone in Tone},
    )
