"""The children of this laptop's posyandu: the whole list, or those that fit what is typed."""

from posyandu_app.domain import card_codes, names, persons
from posyandu_app.domain.age import Month, completed_months
from posyandu_app.domain.model import Child, ChildState
from posyandu_app.services.assessing import ChildStatus, status_of
from posyandu_app.services.views import RosterRow
from posyandu_app.services.workspace import Workspace, inside, several_posyandu, within
from posyandu_app.storage import children, drafts
from posyandu_app.storage import persons as records

MOST_FOUND = 50
_MANY = 1000


def rows(ws: Workspace, query: str = "") -> tuple[RosterRow, ...]:
    """The children still expected, by name; with a query those it fits, whatever became of them.

    A query is any part of the child's or mother's name or NIK, or the code of a QR card; whose own name
    begins so comes before those of whom something else fits, as Enter opens the first. On a laptop
    with very many children the first `MOST_FOUND` are shown; another letter narrows them.
    """
    found = expected_children(ws) if not query.strip() else _found(ws, query)
    has_draft = frozenset(child for child, _, _ in drafts.waiting(ws.database))
    statuses, several = status_of(ws, found), several_posyandu(ws)
    return tuple(
        sorted(
            (
                _row(ws, status, status.child.id in has_draft, several.get(status.child.scope, ""))
                for status in statuses
            ),
            key=lambda row: (
                names.distance(query, row.child.name) if query.strip() else 0,
                names.fold(row.child.name),
                row.child.id,
            ),
        )
    )


def expected_children(ws: Workspace, scope: str | None = None) -> list[Child]:
    """The children of this laptop's scope, or of one inside it, that are still expected at the posyandu."""
    return [child for child in registered_children(ws, scope) if is_expected(child)]


def registered_children(
    ws: Workspace, scope: str | None = None, *, every_record: bool = False
) -> list[Child]:
    """The children of this laptop's scope, or of one inside it, whatever became of them.

    A child with several records stands once, with the smallest id, unless `every_record` is wanted.
    """
    place = scope or ws.scope
    if place is None or not inside(ws, place):
        return []
    found = children.in_scope(ws.database, place)
    standing = [child for child in found if child.state != REGISTERED_BY_MISTAKE]
    return standing if every_record else each_once(ws, standing)


def each_once(ws: Workspace, found: list[Child]) -> list[Child]:
    """Of the records of one child only the one with the smallest id."""
    groups = persons.groups(records.decisions(ws.database))
    if not groups:
        return found
    here = {child.id for child in found}
    return [
        child
        for child in found
        if child.id == next((record for record in groups.get(child.id, ()) if record in here), child.id)
    ]


def is_expected(child: Child) -> bool:
    """Whether a child is not dead, moved away or past the programme; unknown states count as expected."""
    return child.state not in _GONE


REGISTERED_BY_MISTAKE = persons.REGISTERED_BY_MISTAKE
_GONE = (ChildState.DEAD, ChildState.MOVED, ChildState.GRADUATED, REGISTERED_BY_MISTAKE)


def _found(ws: Workspace, query: str) -> list[Child]:
    area = ws.scope
    if area is None:
        return []
    if card_codes.looks_like_code(query):
        child_id = card_codes.child_of(query)
        known = None if child_id is None else children.get(ws.database, child_id)
        return [known] if known is not None and within(area, known.scope) else []
    limit = MOST_FOUND if children.count(ws.database) > _MANY else _MANY
    found = children.of_ids(ws.database, children.search(ws.database, query, limit))
    fitting = [c for c in found if within(area, c.scope) and c.state != REGISTERED_BY_MISTAKE]
    return _by_first_record(ws, fitting)


def _by_first_record(ws: Workspace, found: list[Child]) -> list[Child]:
    """Whoever is found by any of her records, as the record that stands for her."""
    groups = persons.groups(records.decisions(ws.database))
    linked = [child for child in found if child.id in groups]
    if not linked:
        return found
    together = {record for child in linked for record in groups[child.id]}
    area = ws.scope or ""
    members = [
        c
        for c in children.of_ids(ws.database, together)
        if within(area, c.scope) and c.state != REGISTERED_BY_MISTAKE
    ]
    return [child for child in found if child.id not in groups] + each_once(ws, members)


def _row(ws: Workspace, status: ChildStatus, has_draft: bool, posyandu: str) -> RosterRow:
    today, child = ws.clock.today(), status.child
    weighed = [item.measurement for item in status.history if item.measurement.weight_g is not None]
    last = status.history[-1].measurement if status.history else None
    return RosterRow(
        child=child,
        age_months=None if child.birth_date is None else completed_months(child.birth_date, today),
        last_date=None if last is None else last.date,
        last_weight_g=weighed[-1].weight_g if weighed else None,
        measured_this_month=any(
            Month.of(item.measurement.date) == Month.of(today) for item in status.history
        ),
        has_draft=has_draft,
        risk=status.risk,
        posyandu=posyandu,
    )
