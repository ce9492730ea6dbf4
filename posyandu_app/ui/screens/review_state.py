"""The midwife's list as pure functions of (state, event)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from posyandu_app.domain.risk import Tone
from posyandu_app.services.views import RiskRow
from posyandu_app.ui.models.risk_model import tone_of

SHOWS: tuple[Tone | None, ...] = (None, Tone.RUJUK_SEGERA, Tone.RUJUK, Tone.WASPADA)


@dataclass(frozen=True, slots=True)
class ReviewState:
    """Everybody listed, worst first; `tone` narrows the list to one status."""

    rows: tuple[RiskRow, ...] = ()
    tone: Tone | None = None
    chosen: str = ""
    loaded: bool = False

    @property
    def visible(self) -> tuple[RiskRow, ...]:
        return tuple(row for row in self.rows if self.tone is None or tone_of(row) == self.tone)

    def count(self, tone: Tone | None) -> int:
        """How many children a filter shows."""
        return len(self.rows) if tone is None else sum(tone_of(row) == tone for row in self.rows)


def found(state: ReviewState, rows: Sequence[RiskRow]) -> ReviewState:
    """The list was read; the choice stays where it was if it is still there.

    A status from before that nobody has checked since ranks like one found today.
    """
    worst_first = sorted(rows, key=lambda row: -tone_of(row).severity)
    return _settled(replace(state, rows=tuple(worst_first), loaded=True))


def narrowed(state: ReviewState, tone: Tone | None) -> ReviewState:
    """Only one status, or all."""
    return _settled(replace(state, tone=tone))


def chosen(state: ReviewState, child: str) -> ReviewState:
    """Somebody of the list was chosen."""
    return replace(state, chosen=child)


def _settled(state: ReviewState) -> ReviewState:
    ids = [row.child.id for row in state.visible]
    return state if state.chosen in ids else replace(state, chosen=ids[0] if ids else "")
