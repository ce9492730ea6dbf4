"""Which figures of a period are covered, for every area at once and for every view alike.

A figure covered in one table must not stand open in another one: in the area's own headline, its
trend, a ranking or a list of children. So it is decided once for the whole tree of areas (and for
the puskesmas, whose figures are sums of villages), and every view asks here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from posyandu_app.domain.rules import AgeGroup
from posyandu_app.reports.area_tree import AreaTree, size, until_stable
from posyandu_app.reports.areas import Level, area_of, lies_in, parent_of
from posyandu_app.reports.causes import Cause
from posyandu_app.reports.cohort import PATHS, CohortTable, Path
from posyandu_app.reports.frames import Frame
from posyandu_app.reports.growth_table import FEMALE, MALE
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import ALL, Indicator, affected, by_age
from posyandu_app.reports.snapshots import Snapshot, take

if TYPE_CHECKING:
    from posyandu_app.reports.area_tree import Counts
    from posyandu_app.reports.columns import Bools, Ints, Rows

Relation = tuple[int, tuple[int, ...]]
"""A whole and its parts, as places among the cells."""


@dataclass(frozen=True, slots=True)
class Cover:
    """What is covered in one period; areas and puskesmas are looked up by their keys."""

    tree: AreaTree
    extra: Mapping[tuple[str, str], int]
    """Puskesmas inside an area → its cell."""
    hidden: Bools
    """Cells (areas, then puskesmas) × indicators."""

    def hides(self, area: str, indicator: Indicator) -> bool:
        """Whether the figure of an area is covered; an area without any child has nothing to cover."""
        place = self.tree.index.get(area)
        return place is not None and bool(self.hidden[place, ALL.index(indicator)])

    def hides_puskesmas(self, key: str, within: str, indicator: Indicator) -> bool:
        """The same for a puskesmas ("puskesmas:name") as far as it lies inside an area."""
        cell = self.extra.get((key, area_of(within, Level.KECAMATAN)))
        if cell is None or within.count(".") >= Level.VILLAGE - 1:
            return self.hides(within, indicator)
        return bool(self.hidden[cell, ALL.index(indicator)])


def tree_of(frame: Frame) -> AreaTree:
    """The tree of the frame's areas, made once."""
    return frame.remember("area tree", lambda: AreaTree.of(frame.areas))


def small(counts: Counts, groups: Counts, smallest_shown: int) -> Bools:
    """Which figures must be covered on their own account (`disclosure.is_small` for columns)."""
    import numpy as np

    few = np.minimum(counts, groups - counts) < smallest_shown
    found: Bools = ((groups > 0) & (groups < smallest_shown)) | ((counts > 0) & few)
    return found


def covers(
    frame: Frame, periods: Sequence[Period], smallest_shown: int, villages: Mapping[str, str] | None = None
) -> tuple[Cover, ...]:
    """What is covered in each of some periods that do not overlap."""
    named = tuple(sorted((villages or {}).items()))
    made: dict[object, Cover] = frame.remember("covers", dict)
    missing = [period for period in periods if (period, smallest_shown, named) not in made]
    for period, cover in zip(missing, _made(frame, missing, smallest_shown, dict(named)), strict=True):
        made[period, smallest_shown, named] = cover
    return tuple(made[period, smallest_shown, named] for period in periods)


def _made(
    frame: Frame, periods: Sequence[Period], smallest_shown: int, villages: Mapping[str, str]
) -> list[Cover]:
    import numpy as np

    if not periods:
        return []
    tree, snapshot = tree_of(frame), take(frame, periods)
    extra, relations = _puskesmas(tree, villages)
    places = len(frame.areas.scopes)
    cell = snapshot.period.astype(np.intp) * places + frame.children.place[snapshot.child]
    shape = (len(periods), places)
    has = np.zeros((*shape, len(ALL)), dtype=np.int64)
    of = np.zeros_like(has)
    for at, indicator in enumerate(ALL):
        found, counts = affected(snapshot, indicator)
        of[..., at] = np.bincount(cell[counts], minlength=len(periods) * places).reshape(shape)
        has[..., at] = np.bincount(cell[counts & found], minlength=len(periods) * places).reshape(shape)
    return [
        _closed(tree, extra, relations, tree.sums(has[at]), tree.sums(of[at]), smallest_shown)
        for at in range(len(periods))
    ]


def _closed(
    tree: AreaTree,
    extra: Mapping[tuple[str, str], int],
    relations: Sequence[Relation],
    counts: Counts,
    groups: Counts,
    smallest_shown: int,
) -> Cover:
    import numpy as np

    areas = len(tree.codes)
    if extra:
        more = np.zeros((len(extra), len(ALL)), dtype=np.int64)
        counts, groups = np.vstack((counts, more)), np.vstack((groups, more))
        for whole, parts in relations:
            if whole >= areas:
                counts[whole] = counts[list(parts)].sum(axis=0)
                groups[whole] = groups[list(parts)].sum(axis=0)
    hidden = small(counts, groups, smallest_shown)
    for at in range(len(ALL)):
        covered, count, of = hidden[:, at], counts[:, at], groups[:, at]
        until_stable(
            covered,
            lambda c=covered, n=count, of=of: tree.close(c[:areas], n, of),  # type: ignore[misc]
            lambda c=covered, n=count, of=of: _close_relations(c, n, of, relations),  # type: ignore[misc]
        )
    return Cover(tree, extra, hidden)


def _puskesmas(
    tree: AreaTree, villages: Mapping[str, str]
) -> tuple[dict[tuple[str, str], int], tuple[Relation, ...]]:
    """A cell for each puskesmas inside everything, a kabupaten or kecamatan, and the sums it stands in."""
    extra: dict[tuple[str, str], int] = {}
    relations: list[Relation] = []
    known = [code for code in tree.codes if code.count(".") == Level.VILLAGE - 1]
    if not any(code in villages for code in known):
        return extra, ()
    for within in (code for code in tree.codes if code.count(".") < Level.VILLAGE - 1):
        parts: dict[str, list[int]] = {}
        rest = []
        for code in known:
            if lies_in(code, within):
                if code in villages:
                    parts.setdefault(villages[code], []).append(tree.index[code])
                else:
                    rest.append(tree.index[code])
        for name, members in parts.items():
            extra[f"puskesmas:{name}", within] = len(tree.codes) + len(extra)
            relations.append((extra[f"puskesmas:{name}", within], tuple(members)))
        cells = tuple(extra[f"puskesmas:{name}", within] for name in parts)
        if cells:
            relations.append((tree.index[within], (*cells, *rest)))
    return extra, tuple(relations)


def _close_relations(
    covered: Bools, counts: Ints | Counts, groups: Ints | Counts, relations: Sequence[Relation]
) -> None:
    for whole, parts in relations:
        if int(covered[whole]) + int(covered[list(parts)].sum()) == 1:
            others = [cell for cell in parts if not covered[cell]] or [whole]
            chosen = min(others, key=lambda cell: size(int(counts[cell]), int(groups[cell])))
            covered[chosen] = True


# the same children over time


@dataclass(frozen=True, slots=True)
class CohortCounts:
    """Which paths of which areas are covered: cells are areas × paths."""

    tree: AreaTree
    hidden: Bools

    def hides(self, area: str, path: Path) -> bool:
        """Whether the count of an area's path is covered."""
        place = self.tree.index.get(area)
        return place is not None and bool(self.hidden[place, PATHS.index(path)])


_AFTER = (
    (Path.NEW, Path.PERSISTENT, Path.JOINED_AFFECTED),
    (Path.NEVER, Path.RECOVERED, Path.JOINED_HEALTHY),
)
"""The affected and the others of the later period: their sums are the prevalence's numbers then."""
_BEFORE = ((Path.RECOVERED, Path.PERSISTENT, Path.LOST_AFFECTED), (Path.NEVER, Path.NEW, Path.LOST_HEALTHY))
_GONE = (Path.GRADUATED, Path.LEFT)


def cohort_cover(
    frame: Frame, table: CohortTable, before: Cover, after: Cover, smallest_shown: int
) -> CohortCounts:
    """What is covered of a cohort, for every area there is; `table` is one of the whole frame's children.

    No path can be worked out from the other areas' or from the prevalences of both periods, and none
    of those from the paths.
    """
    import numpy as np

    tree = tree_of(frame)
    shape = (len(frame.areas.scopes), len(PATHS))
    chosen = table.path >= 0
    cell = frame.children.place[chosen].astype(np.intp) * len(PATHS) + table.path[chosen]
    counts = tree.sums(np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape))
    hidden: Bools = (counts > 0) & (counts < smallest_shown)
    indicator = ALL.index(table.indicator)
    areas = len(tree.codes)
    sums = [(after, part) for part in _AFTER] + [(before, part) for part in _BEFORE]

    def close_areas() -> None:
        for path in range(len(PATHS)):
            tree.close(hidden[:, path], counts[:, path], counts[:, path])

    def close_rows() -> None:
        for cover, parts in sums:
            columns = [PATHS.index(path) for path in parts]
            alone = hidden[:, columns].sum(axis=1) + cover.hidden[:areas, indicator] == 1
            if cover is before:
                gone = [PATHS.index(path) for path in _GONE]
                alone &= counts[:, gone].sum(axis=1) == 0
            for area in np.flatnonzero(alone).tolist():
                others = [column for column in columns if not hidden[area, column]]
                if others:
                    order = [(size(int(counts[area, at]), int(counts[area, at])), at) for at in others]
                    hidden[area, min(order)[1]] = True

    until_stable(hidden, close_areas, close_rows)
    return CohortCounts(tree, hidden)


# causes


@dataclass(frozen=True, slots=True)
class CauseCover:
    """Which causes of which areas are covered."""

    tree: AreaTree
    hidden: Mapping[Cause, Bools]

    def hides(self, area: str, cause: Cause) -> bool:
        """Whether the share of an area is covered."""
        place = self.tree.index.get(area)
        return place is not None and bool(self.hidden[cause][place])


def cause_cover(frame: Frame, marks: Mapping[Cause, tuple[Bools, Bools]], smallest_shown: int) -> CauseCover:
    """What is covered of the causes; `marks` says for each child whether she has it and counts."""
    import numpy as np

    tree, places, place = tree_of(frame), len(frame.areas.scopes), frame.children.place
    hidden = {}
    for cause, (has, of) in marks.items():
        counts = tree.sums(np.bincount(place[has & of], minlength=places))
        groups = tree.sums(np.bincount(place[of], minlength=places))
        hidden[cause] = small(counts, groups, smallest_shown)
        tree.close(hidden[cause], counts, groups)
    return CauseCover(tree, hidden)


# what a list of children may tell


class Told(NamedTuple):
    """What a list tells of a child besides where she lives."""

    sex: bool
    age: bool
    z: bool


ALL_TOLD, NOTHING_TOLD = Told(True, True, True), Told(False, False, False)


@dataclass(frozen=True, slots=True)
class ListCover:
    """How a list without names shows its children, each affected one in the snapshot's order.

    `label` is the area that may be named, `told` what else may be told.
    """

    label: tuple[str, ...]
    told: tuple[Told, ...]


def list_cover(
    snapshot: Snapshot,
    cover: Cover,
    indicator: Indicator,
    area: str,
    groups: Sequence[AgeGroup],
    smallest_shown: int,
) -> ListCover:
    """What a list of the children behind a figure may tell without telling more than the tables do.

    Areas are named on the deepest level on which every figure stands open; where that is the list's
    own, those just below whose figures stand open, and the others together by the list's area. Sex,
    age and z-score are told of the children of an area whose splits by sex and by age, and whose graver
    cases, are open as well, and each never of all areas but one. The snapshot is of the area.
    """
    import numpy as np

    scopes = snapshot.frame.areas.scopes
    has, _ = affected(snapshot, indicator)
    place = snapshot.frame.children.place[snapshot.child]
    there = sorted({scopes[one] for one in np.unique(place[has]).tolist()})
    own = max(area.count(".") + 1 if area else 0, int(Level.KABUPATEN) - 1)
    below = sorted((level for level in Level if level > own), reverse=True)
    deepest = next(
        (
            level
            for level in below
            if not any(cover.hides(code, indicator) for code in {area_of(scope, level) for scope in there})
        ),
        below[-1] if below else None,
    )

    def label(scope: str) -> str:
        if deepest is None or not lies_in(scope, area):
            return area
        code = area_of(scope, deepest)
        return area if cover.hides(code, indicator) else code

    of_place = [label(scope) for scope in scopes]
    codes = sorted(set(of_place))
    index = {code: at for at, code in enumerate(codes)}
    of_row = np.array([index[code] for code in of_place], dtype=np.intp)[place]
    splits = _open_splits(snapshot, indicator, of_row, len(codes), groups, smallest_shown)
    listed = [at for at in range(len(codes)) if (has & (of_row == at)).any()]
    sizes = {at: int((has & (of_row == at)).sum()) for at in listed}
    graver = _GRAVER.get(indicator)
    for at in listed:
        splits[2, at] &= graver is None or not cover.hides(codes[at], graver)
    for is_open in splits:
        closed = [at for at in listed if not is_open[at]]
        if len(closed) == 1 and len(listed) > 1:
            is_open[min((at for at in listed if is_open[at]), key=lambda at: (sizes[at], at))] = False
    chosen = of_row[has].tolist()
    told = [Told(*(bool(is_open[at]) for is_open in splits)) for at in range(len(codes))]
    return ListCover(tuple(codes[at] for at in chosen), tuple(told[at] for at in chosen))


def _open_splits(
    snapshot: Snapshot,
    indicator: Indicator,
    of_row: Rows,
    count: int,
    groups: Sequence[AgeGroup],
    smallest_shown: int,
) -> Bools:
    """Sex, age, graver cases × groups of children: whether a split holds no small number."""
    import numpy as np

    frame = snapshot.frame
    has, counts = affected(snapshot, indicator)
    sex = frame.children.sex[snapshot.child]
    splits = [
        (2, np.where(sex == MALE, 0, np.where(sex == FEMALE, 1, -1)), has),
        (len(groups), by_age(frame.age_days[snapshot.visit], groups).of, has),
    ]
    if indicator in _GRAVER:
        splits.append((1, np.zeros(len(snapshot), dtype=np.intp), affected(snapshot, _GRAVER[indicator])[0]))
    found = np.ones((3, count), dtype=bool)
    for split, (parts, part, marked) in enumerate(splits):
        chosen = counts & (part >= 0)
        cell = of_row * parts + part
        of = np.bincount(cell[chosen], minlength=count * parts)
        number = np.bincount(cell[chosen & marked], minlength=count * parts)
        found[split] = ~small(number, of, smallest_shown).reshape(count, parts).any(axis=1)
    return found


_GRAVER = {
    Indicator.STUNTING: Indicator.SEVERE_STUNTING,
    Indicator.WASTING: Indicator.SEVERE_WASTING,
    Indicator.UNDERWEIGHT: Indicator.SEVERE_UNDERWEIGHT,
    Indicator.OVERWEIGHT: Indicator.OBESITY,
}


def smallest_open(scope: str, within: str, hides: Callable[[str], bool]) -> str:
    """The smallest area around a scope whose figure stands open, at the widest `within`."""
    code = scope
    while code != within and code and hides(code):
        code = parent_of(code)
    return code if lies_in(code, within) else within
