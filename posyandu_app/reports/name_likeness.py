"""Whether names are alike, for whole columns of pairs: what `domain.names.similar` says of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from posyandu_app.bulk import side_by_side
from posyandu_app.domain import names
from posyandu_app.reports.columns import Numbered
from posyandu_app.reports.texts import Texts, any_of, each
from posyandu_app.reports.word_likeness import Words

if TYPE_CHECKING:
    from posyandu_app.reports.columns import Bools, Floats, Ints, Rows, Wide

_ROUNDING = 1e-9
_LETTER_BITS = 61
_AT_ONCE = 16_384
"""Pairs compared together: so many that they stay in the processor's cache."""


class Spellings(NamedTuple):
    """The folded words of parts of texts, one after another, `counts[p]` of part p.

    Each is compared by the word of `loose` with the number in `compared`. `muhammad` are the forms of that
    name; `marks` the letters of each word as bits, `lengths` how many.
    """

    loose: Words
    compared: Rows
    muhammad: Bools
    marks: Wide
    lengths: Ints
    counts: Rows

    @classmethod
    def of(cls, parts: Iterable[str]) -> Spellings:
        import numpy as np

        folded = [names.folded(part) for part in parts]
        words = [word for of_part in folded for word in of_part]
        numbers = Numbered()
        compared = np.array([numbers[names.loose(word)] for word in words], dtype=np.intp)
        return cls(
            Words.of(tuple(numbers)),
            compared,
            np.array([word in names.MUHAMMAD for word in words], dtype=bool),
            np.array([_letters(word) for word in words], dtype=np.int64),
            np.array([len(word) for word in words], dtype=np.int32),
            np.array([len(of_part) for of_part in folded], dtype=np.intp),
        )

    def counted(self, texts: Texts) -> Rows:
        """How many words texts have."""
        import numpy as np

        text = np.repeat(np.arange(len(texts.known)), texts.counts)
        return np.bincount(text, self.counts[texts.parts], len(texts.known)).astype(np.intp)


def _letters(word: str) -> int:
    """The letters of a word as bits."""
    return sum({1 << ord(letter) % _LETTER_BITS for letter in word})


def alike(spellings: Spellings, texts: Texts, one: Rows, other: Rows, percent: int) -> Bools:
    """Whether `names.similar` of pairs of texts, given by their places, reaches so many whole percent."""
    import numpy as np

    spelled = _Spelled.by(spellings, texts)
    one, other = np.minimum(one, other), np.maximum(one, other)  # as `names.similar` sorts them
    otherwise = spelled.sizes[one] != spelled.sizes[other]
    joined = _Joined.of_pairs(spelled, one[otherwise], other[otherwise])
    least = (percent - 0.5) / 100 - _ROUNDING
    found = np.zeros(len(one), dtype=bool)

    def compare(start: int) -> None:
        some = slice(start, start + _AT_ONCE)
        likeness = _similar(spelled, joined, one[some], other[some], least)
        found[some] = np.rint(likeness * 100) >= percent

    side_by_side(compare, range(0, len(one), _AT_ONCE))
    for pair in np.flatnonzero(~found & spelled.may_be_one(one, other)).tolist():
        key = names.fold(texts.known[one[pair]])
        found[pair] = key != "" and key == names.fold(texts.known[other[pair]])
    return found


class _Spelled(NamedTuple):
    """Texts as they are compared; `words[starts[t]:starts[t] + sizes[t]]` are those of text t, by number.

    `prefixed` are the texts before which a form of Muhammad was left out; `marks` all letters as bits, −1 for
    a text whose key may be cut.
    """

    loose: Words
    words: Rows
    starts: Rows
    sizes: Rows
    prefixed: Bools
    marks: Wide

    @classmethod
    def by(cls, spellings: Spellings, texts: Texts) -> _Spelled:
        import numpy as np

        part, step = each(spellings.counts[texts.parts])
        before = np.cumsum(spellings.counts) - spellings.counts
        word = before[texts.parts[part]] + step
        text = np.repeat(np.arange(len(texts.known)), texts.counts)[part]
        counts = np.bincount(text, minlength=len(texts.known))
        muhammad = spellings.muhammad[word]
        others = counts - np.bincount(text[muhammad], minlength=len(counts))
        kept = np.flatnonzero(~muhammad | (others == 0)[text])
        sizes = np.bincount(text[kept], minlength=len(counts))
        letters = np.bincount(text, spellings.lengths[word], len(counts))
        return cls(
            spellings.loose,
            spellings.compared[word[kept]],
            np.cumsum(sizes) - sizes,
            sizes,
            (others > 0) & (others < counts),
            np.where(letters > names.LONGEST, -1, any_of(spellings.marks[word], counts)),
        )

    def may_be_one(self, one: Rows, other: Rows) -> Bools:
        """Whether the letters allow that texts share a key."""
        a, b = self.marks[one], self.marks[other]
        found: Bools = (a == b) | (a < 0) | (b < 0)
        return found


class _Joined(NamedTuple):
    """The words of a text as one: that of text t is number `of[t]`."""

    words: Words
    of: Rows

    @classmethod
    def of_pairs(cls, spelled: _Spelled, one: Rows, other: Rows) -> _Joined:
        """Of the texts that stand in pairs."""
        import numpy as np

        wanted = np.zeros(len(spelled.sizes), dtype=bool)
        wanted[one] = wanted[other] = True
        known, words = spelled.loose.known, spelled.words.tolist()
        starts, sizes = spelled.starts[wanted].tolist(), spelled.sizes[wanted].tolist()
        joined = [
            "".join([known[word] for word in words[start : start + size]])
            for start, size in zip(starts, sizes, strict=True)
        ]
        return cls(Words.of(joined), np.cumsum(wanted) - 1)


def _similar(spelled: _Spelled, joined: _Joined, one: Rows, other: Rows, least: float) -> Floats:
    """`names.similar` of texts without a common key; where it is below `least`, some figure below it."""
    import numpy as np

    swap = spelled.sizes[one] > spelled.sizes[other]
    short, long = np.where(swap, other, one), np.where(swap, one, other)
    found = _by_words(spelled, short, long, least)
    otherwise = np.flatnonzero((spelled.sizes[short] < spelled.sizes[long]) & (spelled.sizes[short] > 0))
    a, b = (joined.of[side[otherwise]] for side in (one, other))
    found[otherwise] = np.maximum(
        found[otherwise], joined.words.likeness(a, b, least) - names.JOINED_OTHERWISE
    )
    found -= names.WITHOUT_MUHAMMAD * (spelled.prefixed[one] != spelled.prefixed[other])
    return np.maximum(found, 0)


def _by_words(spelled: _Spelled, short: Rows, long: Rows, least: float) -> Floats:
    """The least alike pair when each word of the shorter name has its best partner; any below `least`."""
    import numpy as np

    rows, others = spelled.sizes[short], spelled.sizes[long]
    first = np.cumsum(others) - others
    taken = np.zeros(int(others.sum()), dtype=bool)
    worst = np.where(rows > 0, 1.0, 0.0)
    for step in range(int(rows.max(initial=0))):
        pairs = np.flatnonzero((rows > step) & (worst >= least))
        if not pairs.size:
            break
        which, place = each(others[pairs])
        word = spelled.words[spelled.starts[short[pairs]] + step]
        partner = spelled.words[spelled.starts[long[pairs]][which] + place]
        likeness = spelled.loose.likeness(word[which], partner, least)
        partners = first[pairs][which] + place
        likeness[taken[partners]] = -1
        starts = np.cumsum(others[pairs]) - others[pairs]
        best = np.maximum.reduceat(likeness, starts)
        best_ones = np.flatnonzero(likeness == best[which])
        taken[partners[best_ones[np.searchsorted(best_ones, starts)]]] = True
        worst[pairs] = np.minimum(worst[pairs], best)
    missing = others - rows
    worst -= names.WORD_MISSING * missing
    some = np.flatnonzero((missing > 0) & (rows > 0))
    worst[some] -= names.FIRST_WORD_MISSING * ~taken[first[some]]
    return worst
