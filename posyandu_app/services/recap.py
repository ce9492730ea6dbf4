"""Before and after the posyandu day: who is expected, what it came to, who is to be seen at home.

Everything is computed from what stands now; a closed day that is corrected gives a corrected recap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from posyandu_app.domain import recap
from posyandu_app.domain.recap import ChildFile, Line, Preparation, Recap
from posyandu_app.domain.sessions import Session
from posyandu_app.services import drafts, sessions
from posyandu_app.services.assessing import recorded_of, status_of
from posyandu_app.services.drafts import WaitingDraft
from posyandu_app.services.roster import registered_children
from posyandu_app.services.workspace import Workspace, is_posyandu


@dataclass(frozen=True, slots=True)
class Closing:
    """The closing of a day: its recap, the lines as printed, and what is still half-entered.

    `session` is None for a day that was never opened, or when several posyandu are counted together.
    """

    recap: Recap
    lines: tuple[Line, ...]
    drafts: tuple[WaitingDraft, ...]
    session: Session | None


def before(ws: Workspace, on: date, scope: str | None = None) -> Preparation:
    """The list before a day: who is expected, what to have ready, ages reached since the last session."""
    return recap.prepare(files(ws, scope), on, ws.rules, previous=_session_before(ws, on, scope))


def closing(ws: Workspace, on: date, scope: str | None = None) -> Closing:
    """What a day came to, last month beside it; of this laptop's posyandu, or of one of them."""
    found = recap.close(files(ws, scope), on, ws.rules)
    place = scope or ws.scope
    known = (
        set() if place is None else {child.id for child in registered_children(ws, place, every_record=True)}
    )
    return Closing(
        recap=found,
        lines=recap.lines(found.now.total, found.before.total, ws.rules),
        drafts=tuple(waiting for waiting in drafts.waiting(ws) if waiting.child.id in known),
        session=sessions.of_day(ws, on, place) if place is not None and is_posyandu(place) else None,
    )


def files(ws: Workspace, scope: str | None = None) -> tuple[ChildFile, ...]:
    """Everything that lists and recaps need about each child, whatever became of her."""
    with ws.database.snapshot():
        found = registered_children(ws, scope)
        statuses = status_of(ws, found)
        recorded = recorded_of(ws, [child.id for child in found])
    return tuple(
        ChildFile(
            child=status.child,
            history=status.history,
            visits=mine.visits,
            doses=mine.doses,
            home_visits=mine.home_visits,
            since=status.since,
        )
        for status in statuses
        for mine in (recorded[status.child.id],)
    )


def _session_before(ws: Workspace, on: date, scope: str | None) -> date | None:
    place = scope or ws.scope
    if place is None:
        return None
    held: Sequence[date] = [session.date for session in sessions.listed(ws, place) if session.date < on]
    return max(held, default=None)
