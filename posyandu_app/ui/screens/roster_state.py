"""The roster as pure functions of (state, event)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from posyandu_app.services.views import RosterRow


class Show(StrEnum):
    """Which children the list shows."""

    WAITING = "waiting"
    DONE = "done"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class RosterState:
    """What was searched, what was found, and who is chosen in the list.

    `rows` is what the services found for `answered`; `everybody` the whole roster, which the
    figures and the order of weighing come from.
    """

    query: str = ""
    rows: tuple[RosterRow, ...] = ()
    everybody: tuple[RosterRow, ...] = ()
    show: Show = Show.WAITING
    chosen: str = ""
    answered: str | None = None

    @property
    def loaded(self) -> bool:
        """Whether anything has been read yet."""
        return self.answered is not None

    @property
    def fresh(self) -> bool:
        """Whether the rows answer what is searched now."""
        return self.answered == self.query

    @property
    def visible(self) -> tuple[RosterRow, ...]:
        """The rows of the list. A search looks everywhere, whatever the filter says."""
        if self.query.strip() or self.show == Show.ALL:
            return self.rows
        done = self.show == Show.DONE
        return tuple(row for row in self.rows if row.measured_this_month == done)

    @property
    def done(self) -> int:
        return sum(row.measured_this_month for row in self.everybody)

    @property
    def order(self) -> tuple[str, ...]:
        """The children in the order of the list, for going on to the next one."""
        return tuple(row.child.id for row in self.everybody)


def found(state: RosterState, query: str, rows: Sequence[RosterRow]) -> RosterState:
    """The answer of a search came; the choice stays where it was if it is still there."""
    rows = tuple(rows)
    everybody = state.everybody if query.strip() else rows
    return _settled(replace(state, query=query, rows=rows, everybody=everybody, answered=query))


def searched(state: RosterState, query: str) -> RosterState:
    """A search was typed: its first finding will be chosen."""
    if query == state.query:
        return state
    return replace(state, query=query, chosen="", answered=None)


def filtered(state: RosterState, show: Show) -> RosterState:
    """Another part of the list."""
    return _settled(replace(state, show=show))


def next_filter(state: RosterState) -> RosterState:
    """The filters in turn."""
    shows = list(Show)
    return filtered(state, shows[(shows.index(state.show) + 1) % len(shows)])


def moved(state: RosterState, steps: int) -> RosterState:
    """Up or down the list, stopping at its ends."""
    ids = [row.child.id for row in state.visible]
    if not ids:
        return replace(state, chosen="")
    at = ids.index(state.chosen) if state.chosen in ids else -1
    return replace(state, chosen=ids[max(0, min(at + steps, len(ids) - 1))])


def chosen(state: RosterState, child: str) -> RosterState:
    """Somebody of the list was chosen."""
    return replace(state, chosen=child)


def _settled(state: RosterState) -> RosterState:
    ids = [row.child.id for row in state.visible]
    if state.chosen in ids:
        return state
    return replace(state, chosen=ids[0] if ids else "")
