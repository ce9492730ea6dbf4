"""A column of texts: each once, in order, and the parts between their spaces by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from posyandu_app.reports.columns import Numbered

if TYPE_CHECKING:
    from posyandu_app.reports.columns import Rows, Wide


class Texts(NamedTuple):
    """`of` is the place of each row's text in `known`, where they are sorted and none stands twice.

    `parts` are the numbers of all their parts, text after text; text t has `counts[t]`.
    """

    of: Rows
    known: Sequence[str]
    parts: Rows
    counts: Rows

    @classmethod
    def by(cls, column: Sequence[str], parts: Numbered, longest: int) -> Texts:
        """Texts are read up to so many letters."""
        import numpy as np

        known = sorted(set(column))
        places = {text: place for place, text in enumerate(known)}
        of = np.fromiter((places[text] for text in column), dtype=np.intp, count=len(column))
        told: list[int] = []
        counts = np.zeros(len(known), dtype=np.intp)
        for place, text in enumerate(known):
            before = len(told)
            told += [parts[part] for part in text[:longest].split()]
            counts[place] = len(told) - before
        return cls(of, known, np.array(told, dtype=np.intp), counts)


def each(counts: Rows) -> tuple[Rows, Rows]:
    """For each of so many in every row: the row, and which of them it is."""
    import numpy as np

    row = np.repeat(np.arange(len(counts)), counts)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)


def any_of(marks: Wide, counts: Rows) -> Wide:
    """All bits of so many marks in every row, 0 for none."""
    import numpy as np

    found = np.zeros(len(counts), dtype=np.int64)
    some = np.flatnonzero(counts)
    if some.size:
        found[some] = np.bitwise_or.reduceat(marks, (np.cumsum(counts) - counts)[some])
    return found
