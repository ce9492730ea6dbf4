"""How alike words are, for whole columns of pairs: `domain.names.jaro_winkler`, letter by letter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from posyandu_app.reports.texts import each

if TYPE_CHECKING:
    from posyandu_app.reports.columns import Floats, Ints, Rows, Wide

_PREFIX = 4
_SECOND = 26
_ROUNDING = 1e-9


class Words(NamedTuple):
    """Words `known` by number: the letters of each in a row, filled up with −1, and how many they are.

    `marks` has its letters a to z as bits, and once more for a second of one; `others` is how many letters
    it has besides. `begins` holds the first four letters, 16 bits of each.
    """

    known: Sequence[str]
    letters: Ints
    lengths: Rows
    marks: Wide
    others: Ints
    begins: Wide

    @classmethod
    def of(cls, words: Sequence[str]) -> Words:
        import numpy as np

        lengths = np.fromiter(map(len, words), dtype=np.intp, count=len(words))
        letters = np.full((len(words), max(int(lengths.max(initial=0)), _PREFIX)), -1, dtype=np.int32)
        letters[each(lengths)] = np.frombuffer("".join(words).encode("utf-32-le"), dtype=np.int32)
        marks = np.zeros(len(words), dtype=np.int64)
        begins = np.zeros(len(words), dtype=np.int64)
        for place, column in enumerate(letters.T):
            plain = (column >= ord("a")) & (column <= ord("z"))
            bit = np.where(plain, np.int64(1) << np.where(plain, column - ord("a"), 0).astype(np.int64), 0)
            marks |= np.where(marks & bit, bit << _SECOND, bit)
            if place < _PREFIX:
                begins |= (column.astype(np.int64) & 0xFFFF) << 16 * place
        return cls(
            words, letters, lengths, marks, (lengths - np.bitwise_count(marks)).astype(np.int32), begins
        )

    def likeness(self, one: Rows, other: Rows, least: float = 0.0) -> Floats:
        """`names.jaro_winkler` of words given by their numbers, 0 to 1.

        Where that is below `least`, what is told is below it too, but may be the most that letters allow.
        """
        import numpy as np

        found = self.at_most(one, other)
        near = np.flatnonzero((found >= least - _ROUNDING) & (one != other))
        if near.size:
            pairs, which = np.unique(one[near] << 32 | other[near], return_inverse=True)
            a, b = pairs >> 32, pairs & 0xFFFF_FFFF
            wide, other_wide = (int(self.lengths[side].max()) for side in (a, b))
            exact = jaro_winkler(
                self.letters[a, :wide], self.lengths[a], self.letters[b, :other_wide], self.lengths[b]
            )
            found[near] = exact[which]
        return found

    def at_most(self, one: Rows, other: Rows) -> Floats:
        """What `names.jaro_winkler` gives at most: as if all letters that both have stood alike."""
        import numpy as np

        common = np.bitwise_count(self.marks[one] & self.marks[other])
        common = common + np.minimum(self.others[one], self.others[other])
        jaro = np.where(common > 0, (common / self.lengths[one] + common / self.lengths[other] + 1) / 3, 0.0)
        differ = self.begins[one] ^ self.begins[other]
        prefix = sum((differ & (1 << 16 * count) - 1) == 0 for count in range(1, _PREFIX))
        prefix = prefix + (differ == 0)
        found: Floats = jaro + prefix * 0.1 * (1 - jaro)
        return found


def jaro_winkler(one: Ints, length: Rows, other: Ints, other_length: Rows) -> Floats:
    """`names.jaro_winkler` of rows of letters; what is behind a word's length is −1."""
    import numpy as np

    reach = np.maximum(np.maximum(length, other_length) // 2 - 1, 0)[:, np.newaxis]
    free = other >= 0
    matched = np.zeros(one.shape, dtype=bool)
    distance, row = np.arange(other.shape[1]), np.arange(len(other))
    for place in range(one.shape[1]):
        near = other == one[:, place, np.newaxis]
        near &= free
        near &= np.abs(distance - place) <= reach
        there = near.argmax(axis=1)
        hit = near[row, there]
        matched[:, place] = hit
        free[row[hit], there[hit]] = False
    count = matched.sum(axis=1)
    differ = one[matched] != other[(other >= 0) & ~free]  # each side in its own order, word by word
    swapped = np.bincount(np.repeat(row, count), differ, len(row)) / 2
    some = np.maximum(count, 1)
    jaro = count / np.maximum(length, 1) + count / np.maximum(other_length, 1) + (count - swapped) / some
    jaro = np.where(count > 0, jaro / 3, 0.0)
    shorter = min(one.shape[1], other.shape[1], _PREFIX)
    same = (one[:, :shorter] == other[:, :shorter]) & (one[:, :shorter] >= 0)
    prefix = np.logical_and.accumulate(same, axis=1).sum(axis=1)
    found: Floats = jaro + prefix * 0.1 * (1 - jaro)
    return found
