"""Who is at the posyandu: said at the door, or plain from what was measured or asked."""

from dataclasses import dataclass, replace
from datetime import date

from posyandu_app.domain import names
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import Child
from posyandu_app.domain.visits import Attendance, Visit
from posyandu_app.services import sessions, visits
from posyandu_app.services.assessing import ChildStatus, cards_on, status_of
from posyandu_app.services.children import get
from posyandu_app.services.roster import expected_children
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Attending:
    """One child in the attendance list of a day.

    `state` is a code of `domain.visits.Attendance`, or None while she may still come: once the
    day is closed, who was known and not there is absent.
    """

    child: Child
    state: str | None
    measured: bool
    card: Visit | None

    @property
    def waits(self) -> bool:
        """Whether she is there and has not been measured yet."""
        return self.state == Attendance.PRESENT and not self.measured


def on_day(ws: Workspace, on: date, scope: str | None = None) -> tuple[Attending, ...]:
    """Every child expected at this laptop's posyandu (or at one of them) on a day, by name."""
    found = [
        child for child in expected_children(ws, scope) if child.birth_date is None or child.birth_date <= on
    ]
    cards = cards_on(ws, [child.id for child in found], on)
    closed = {
        session.scope for session in sessions.listed(ws, scope) if session.date == on and not session.is_open
    }
    rows = [
        _row(status, on, cards.get(status.child.id, []), over=status.child.scope in closed)
        for status in status_of(ws, found)
    ]
    return tuple(sorted(rows, key=lambda row: (row.child.name.casefold(), row.child.id)))


def mark(ws: Workspace, child_id: str, on: date, state: str) -> Changes:
    """Say at the door how a child stands: there, there but not measurable, absent, or moved away."""
    made = visits.record(ws, Visit(id="", child=child_id, date=on, attendance=state))
    if made.undo is None:
        return made
    label = f"{label_of(Attendance, state)}: {names.display(get(ws, child_id).name)}"
    return replace(made, undo=replace(made.undo, label=label))


def _row(status: ChildStatus, on: date, cards: list[Visit], *, over: bool) -> Attending:
    measured = any(item.measurement.date == on for item in status.history)
    state: str | None = None
    if measured:
        state = Attendance.PRESENT
    elif cards:
        state = cards[-1].attendance
    elif over and (status.since is None or status.since <= on):
        state = Attendance.ABSENT
    return Attending(status.child, state, measured, cards[-1] if cards else None)
