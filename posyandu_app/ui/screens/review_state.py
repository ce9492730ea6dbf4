"""The worklist as pure functions of (state, event)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from posyandu_app.domain import cases, names, reviews
from posyandu_app.domain.cases import CaseState, Group, Show
from posyandu_app.domain.risk import Tone
from posyandu_app.i18n import tr
from posyandu_app.services.cases import CaseRow
from posyandu_app.ui import case_words, words

SHOWS = tuple(Show)
FALTERING = Group.FALLING


@dataclass(frozen=True, slots=True)
class ReviewState:
    """Every case, worst first; `show`, `group` and `place` (a posyandu's scope) narrow what is seen."""

    rows: tuple[CaseRow, ...] = ()
    show: Show = Show.OPEN
    group: Group | None = None
    place: str | None = None
    chosen: str = ""
    loaded: bool = False

    @property
    def visible(self) -> tuple[CaseRow, ...]:
        return tuple(row for row in self.rows if self._fits(row, self.show, self.group, self.place))

    def count(self, show: Show) -> int:
        """How many a chip of how far they are shows, under the other two filters."""
        return sum(self._fits(row, show, self.group, self.place) for row in self.rows)

    @property
    def groups(self) -> tuple[tuple[Group | None, int], ...]:
        """All, then the reasons that stand under the other filters, each with how many children."""
        rows = [row for row in self.rows if self._fits(row, self.show, None, self.place)]
        found = Counter(group for row in rows for group in {item.group for item in row.case.reasons})
        kept = [group for group in Group if found[group] or group is self.group]
        return ((None, len(rows)), *((group, found[group]) for group in kept))

    @property
    def places(self) -> tuple[tuple[str | None, str, int], ...]:
        """All, then each posyandu with a case: scope, name, and how many under the other filters."""
        rows = [row for row in self.rows if self._fits(row, self.show, self.group, None)]
        found = Counter(row.child.scope for row in rows)
        names = {row.child.scope: row.posyandu for row in self.rows}
        each = sorted(names, key=lambda scope: (names[scope], scope))
        return (
            (None, tr("Semua posyandu"), len(rows)),
            *((scope, names[scope], found[scope]) for scope in each),
        )

    @property
    def several(self) -> bool:
        """Whether there is more than one posyandu to choose from."""
        return len({row.child.scope for row in self.rows}) > 1

    @property
    def row(self) -> CaseRow | None:
        """The chosen one, when she is in sight."""
        return next((row for row in self.visible if row.child.id == self.chosen), None)

    def _fits(self, row: CaseRow, show: Show, group: Group | None, place: str | None) -> bool:
        return (place is None or row.child.scope == place) and cases.shown(row.case, show, group)


def found(state: ReviewState, rows: Sequence[CaseRow]) -> ReviewState:
    """The list was read; the choice and the filters stay where they were if they still can."""
    known = {row.child.scope for row in rows}
    place = state.place if state.place in known else None
    return _settled(replace(state, rows=tuple(rows), place=place, loaded=True))


def shown(state: ReviewState, show: Show) -> ReviewState:
    """Only those that are so far."""
    return _settled(replace(state, show=show))


def next_show(state: ReviewState) -> ReviewState:
    """F3: the next chip, from the first again after the last."""
    return shown(state, SHOWS[(SHOWS.index(state.show) + 1) % len(SHOWS)])


def narrowed(state: ReviewState, group: Group | None) -> ReviewState:
    """Only those with a reason of this group, or all."""
    return _settled(replace(state, group=group))


def placed(state: ReviewState, place: str | None) -> ReviewState:
    """Only one posyandu, or all."""
    return _settled(replace(state, place=place))


def unfiltered(state: ReviewState) -> ReviewState:
    """All that are open, of every posyandu and for every reason."""
    return _settled(replace(state, show=Show.OPEN, group=None, place=None))


def chosen(state: ReviewState, child: str) -> ReviewState:
    """Somebody of the list was chosen."""
    return replace(state, chosen=child)


def _settled(state: ReviewState) -> ReviewState:
    ids = [row.child.id for row in state.visible]
    return state if state.chosen in ids else replace(state, chosen=ids[0] if ids else "")


def show_words(show: Show) -> str:
    """What a chip is called."""
    return {
        Show.OPEN: tr("Terbuka"),
        Show.NEW: tr("Baru"),
        Show.FOLLOW_UP: tr("Tindak lanjut"),
        Show.OVERDUE: tr("Terlambat"),
        Show.RESOLVED: tr("Selesai"),
    }[show]


def group_words(group: Group | None) -> str:
    """What a reason is called in the filter."""
    return tr("Semua alasan") if group is None else group.label


def lead(state: ReviewState) -> str:
    """The sentence above the list."""
    return " · ".join(lead_parts(state))


def lead_parts(state: ReviewState) -> tuple[str, ...]:
    """How many of each tone, how many have no reason any more, and how many falter before they are short."""
    rows = state.visible
    tones = Counter(row.case.tone for row in rows if row.case.reasons)
    order = (Tone.RUJUK_SEGERA, Tone.RUJUK, Tone.WASPADA)
    told = [f"{tones[tone]} {tone.label}" for tone in order if tones[tone]]
    over = sum(not row.case.reasons and row.case.state is not CaseState.RESOLVED for row in rows)
    if over:
        told.append(tr("{count} tanpa alasan lagi").format(count=over))
    early = sum(is_early(row) for row in rows)
    if early:
        told.append(tr("{count} mulai turun jalur, belum pendek").format(count=early))
    return tuple(told)


def waiting(rows: Sequence[CaseRow], *, decides: bool) -> int:
    """How many wait for this person: what nobody has looked at or is late; for a kader every open case."""
    wanted = (Show.NEW, Show.OVERDUE) if decides else (Show.OPEN,)
    return sum(any(cases.shown(row.case, show) for show in wanted) for row in rows)


def is_early(row: CaseRow) -> bool:
    """Whether a child falls through her channels while she is not short yet: the time to act."""
    groups = {item.group for item in row.case.reasons}
    return FALTERING in groups and Group.STUNTING not in groups


def table(state: ReviewState, today: date) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """The list in sight as heads and cells for paper."""
    heads = (tr("Nama anak"), tr("Umur"), tr("Posyandu"), tr("Alasan"), tr("Ukuran terakhir"), tr("Keadaan"))
    lines = []
    for row in state.visible:
        measured = row.last.measurement if row.last is not None else None
        last = words.NOTHING
        if measured is not None:
            last = f"{words.weight(measured.weight_g)}, {words.length(measured.length_mm)}"
            last = f"{last} ({words.day_short(measured.date, today)})"
        lines.append(
            (
                f"{names.display(row.child.name)}\n{words.mother(row.child)}, {words.place(row.child)}",
                words.age(row.child, today),
                row.posyandu,
                f"{case_words.tone_label(row.case)}: "
                + "; ".join(case_words.reason(item, today) for item in row.case.reasons),
                last,
                _planned(row, today),
            )
        )
    return heads, lines


def _planned(row: CaseRow, today: date) -> str:
    """How far a case is and what was decided, for paper."""
    decided = "; ".join(reviews.sentence(review) for review in row.case.decisions)
    standing = case_words.standing(row.case, today)
    return f"{standing}: {decided}" if decided else standing
