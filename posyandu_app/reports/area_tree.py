"""All areas of the data as one tree, and the closing of what is covered in it.

A parent's figure is the sum of its areas'. Whoever sees all but one of such a family can work the
last one out; so wherever exactly one figure of a family is covered, a second one is covered with
it, up and down the whole tree. In a tree of sums that is enough: a covered figure can then grow by
what another covered one loses, with every figure in sight as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posyandu_app.reports.areas import Areas, Level, area_of, parent_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from posyandu_app.reports.columns import Bools, Ints

    Counts = npt.NDArray[np.int64]

WHOLE = ""
"""The key of everything there is."""
NOTHING = (True, True, 0, 0)


@dataclass(frozen=True, slots=True)
class AreaTree:
    """The areas with everything at 0; `parent` is −1 there. `of_place` are the ancestors of each place."""

    codes: tuple[str, ...]
    index: dict[str, int]
    parent: Ints
    of_place: Ints
    families: tuple[tuple[int, tuple[int, ...]], ...]
    """Each parent with its areas."""

    @classmethod
    def of(cls, areas: Areas) -> AreaTree:
        """The tree of all places."""
        import numpy as np

        above = [[area_of(scope, level) for level in Level] for scope in areas.scopes]
        codes = (WHOLE, *sorted({code for path in above for code in path}))
        index = {code: place for place, code in enumerate(codes)}
        parents = [-1]
        for code in codes[1:]:
            parent = parent_of(code)
            parents.append(index.get(parent, 0))
        families: dict[int, list[int]] = {}
        for place, parent_place in enumerate(parents[1:], 1):
            families.setdefault(parent_place, []).append(place)
        return cls(
            codes,
            index,
            np.array(parents, dtype=np.int32),
            np.array([[index[code] for code in path] for path in above], dtype=np.int32).reshape(
                len(above), len(Level)
            ),
            tuple((parent_place, tuple(members)) for parent_place, members in families.items()),
        )

    def sums(self, by_place: Counts) -> Counts:
        """Counts of places (places × anything) as counts of areas, each place once in each area."""
        import numpy as np

        found = np.zeros((len(self.codes), *by_place.shape[1:]), dtype=np.int64)
        if len(by_place):
            found[0] = by_place.sum(axis=0)
        for level in range(self.of_place.shape[1]):
            column = self.of_place[:, level]
            # a scope that ends higher up stands for itself further down: it is counted there once
            fresh = column != self.of_place[:, level - 1] if level else column >= 0
            np.add.at(found, column[fresh], by_place[fresh])
        return found

    def close(self, covered: Bools, counts: Ints | Counts, groups: Ints | Counts) -> None:
        """Cover more areas, in place, until no family has exactly one covered figure.

        `counts` of `groups` children: the next to be covered is the smallest count that is not 0,
        an area before its parent.
        """
        import numpy as np

        if not covered.any():
            return
        todo = True
        while todo:
            todo = False
            inside = np.bincount(self.parent[1:], covered[1:], minlength=len(covered)).astype(np.int64)
            for parent, members in self.families:
                if int(inside[parent]) + bool(covered[parent]) != 1:
                    continue
                alone = [place for place in members if covered[place]]
                if len(alone) + bool(covered[parent]) != 1:
                    continue
                others = [place for place in members if not covered[place]]
                chosen = (
                    min(others, key=lambda place: size(int(counts[place]), int(groups[place])))
                    if others
                    else parent
                )
                covered[chosen] = True
                todo = True


def size(count: int, of: int) -> tuple[bool, bool, int, int]:
    """The order of covering: the smallest count that is not 0, else the smallest group that is not empty."""
    return (count == 0, of == 0, count, of)


def close_family(covered: list[bool], sizes: Sequence[tuple[int, int]], whole_covered: bool) -> list[bool]:
    """The parts of one whole, covered further so that neither a part nor the whole can be worked out."""
    found = list(covered)
    while sum(found) + whole_covered == 1:
        others = [place for place, hidden in enumerate(found) if not hidden]
        if not others:
            break
        found[min(others, key=lambda place: size(*sizes[place]))] = True
    return found


def until_stable(covered: Bools, *steps: Callable[[], None]) -> None:
    """Take the steps in turn until none of them covers anything more."""
    before = -1
    while (now := int(covered.sum())) != before:
        before = now
        for step in steps:
            step()
