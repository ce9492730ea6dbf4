"""How alike two names can be at most, for whole columns of pairs: `domain.names.similar` from above.

Whoever is below a limit here is below it there; the rest is few and is compared by the domain itself.
The likeness of words is that of `names.jaro_winkler`, letter by letter over columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from posyandu_app.bulk import side_by_side
from posyandu_app.domain import names
from posyandu_app.reports.columns import Numbered

if TYPE_CHECKING:
    from posyandu_app.reports.columns import Floats, Ints, Rows, Wide

_PREFIX = 4
_SECOND = 26
_ROUNDING = 1e-9
_AT_ONCE = 8_192
"""Pairs of words compared together: so many that they stay in the processor's cache."""


def most_alike(texts: Sequence[str], one: Rows, other: Rows, least: float = 0.0) -> Floats:
    """For pairs of texts, given by their places, at least what `names.similar` gives, 0 to 1.

    Where that is below `least`, what is told is below it too, but may be more than it would be otherwise.
    """
    import numpy as np

    spelled, known = _spelled(texts, np.union1d(one, other))
    swap = spelled.rank[one] > spelled.rank[other]
    one, other = np.where(swap, other, one), np.where(swap, one, other)
    swap = spelled.sizes[one] > spelled.sizes[other]
    short, long = np.where(swap, other, one), np.where(swap, one, other)
    found = np.zeros(len(one))
    compared = np.flatnonzero(spelled.sizes[short])
    short, long = short[compared], long[compared]
    missing = spelled.sizes[long] - spelled.sizes[short]
    if compared.size:
        best = _by_words(spelled, known, short, long, least) - names.WORD_MISSING * missing
        otherwise = np.flatnonzero(missing)
        if otherwise.size:
            a, b = (spelled.joined[place[compared[otherwise]]] for place in (one, other))
            joined = _of_words(known, a, b, least) - names.JOINED_OTHERWISE
            best[otherwise] = np.maximum(best[otherwise], joined)
        best -= names.WITHOUT_MUHAMMAD * (spelled.prefixed[short] != spelled.prefixed[long])
        found[compared] = np.maximum(best, 0)
    found[(spelled.key[one] == spelled.key[other]) & (spelled.key[one] >= 0)] = 1
    return found


class _Spelled(NamedTuple):
    """Texts as they are compared; `words[starts[t]:starts[t] + sizes[t]]` are the numbers of words of text t.

    `joined` is the number of all of them as one word, `prefixed` whether a form of Muhammad was left
    out, `key` numbers what texts are found by (−1 for none), `rank` is their place in order.
    """

    words: Rows
    starts: Rows
    sizes: Rows
    joined: Rows
    prefixed: Rows
    key: Rows
    rank: Rows


def _spelled(texts: Sequence[str], wanted: Rows) -> tuple[_Spelled, Numbered]:
    """The wanted ones of some texts, and the words by number; of the others nothing is told."""
    import numpy as np

    known, keys = Numbered(), Numbered()
    words: list[int] = []
    told: list[int] = []
    for place in wanted.tolist():
        found_by, parts, without = names.spelled(texts[place])
        words += [known[part] for part in parts]
        told += (len(parts), known["".join(parts)], without, keys[found_by] if found_by else -1)
    count, joined, prefixed, key, starts, rank = (np.zeros(len(texts), dtype=np.intp) for _ in range(6))
    count[wanted], joined[wanted], prefixed[wanted], key[wanted] = np.array(told).reshape(-1, 4).T
    starts[wanted] = np.cumsum(count[wanted]) - count[wanted]
    order = sorted(wanted.tolist(), key=lambda place: texts[place][: names.LONGEST])
    rank[order] = np.arange(len(order))
    return _Spelled(np.array(words, dtype=np.intp), starts, count, joined, prefixed, key, rank), known


def _by_words(spelled: _Spelled, known: Iterable[str], short: Rows, long: Rows, least: float) -> Floats:
    """The least alike word of the shorter name with the word of the longer one that is most like it."""
    import numpy as np

    rows, others = spelled.sizes[short], spelled.sizes[long]
    pair, step = _each(rows)
    word = spelled.words[spelled.starts[short][pair] + step]
    partners = others[pair]
    at, place = _each(partners)
    partner = spelled.words[spelled.starts[long][pair][at] + place]
    likeness = _of_words(known, word[at], partner, least)
    best = np.maximum.reduceat(likeness, np.cumsum(partners) - partners)
    worst: Floats = np.minimum.reduceat(best, np.cumsum(rows) - rows)
    return worst


def _each(counts: Rows) -> tuple[Rows, Rows]:
    """For each of so many in every row: the row, and which of them it is."""
    import numpy as np

    row = np.repeat(np.arange(len(counts)), counts)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)


def _of_words(known: Iterable[str], one: Rows, other: Rows, least: float) -> Floats:
    """`names.jaro_winkler` of words given by their numbers, each pair compared once.

    Below `least` it may be what their letters allow at most, also below it.
    """
    import numpy as np

    pairs, which = np.unique(one << 32 | other, return_inverse=True)
    letters, lengths = _letters(tuple(known))
    marks = _marks(letters)
    found = np.empty(len(pairs))

    def part(start: int) -> None:
        some = slice(start, start + _AT_ONCE)
        a, b = pairs[some] >> 32, pairs[some] & 0xFFFF_FFFF
        likeness = _at_most(letters, lengths, marks, a, b)
        near = np.flatnonzero(likeness >= least - _ROUNDING)
        if near.size:
            a, b = a[near], b[near]
            wide, other_wide = int(lengths[a].max()), int(lengths[b].max())
            likeness[near] = jaro_winkler(letters[a, :wide], lengths[a], letters[b, :other_wide], lengths[b])
        found[some] = likeness

    side_by_side(part, range(0, len(pairs), _AT_ONCE))
    return found[which]


def _at_most(letters: Ints, lengths: Rows, marks: tuple[Wide, Ints], one: Rows, other: Rows) -> Floats:
    """What `names.jaro_winkler` gives at most: as if all letters that both have stood alike."""
    import numpy as np

    bits, rest = marks
    common = np.bitwise_count(bits[one] & bits[other]) + np.minimum(rest[one], rest[other])
    jaro = np.where(common > 0, (common / lengths[one] + common / lengths[other] + 1) / 3, 0.0)
    prefix = _same_beginning(letters[one, :_PREFIX], letters[other, :_PREFIX])
    found: Floats = jaro + prefix * 0.1 * (1 - jaro)
    return found


def _marks(letters: Ints) -> tuple[Wide, Ints]:
    """The letters a to z of words as bits, and once more for a second of one; how many letters are left."""
    import numpy as np

    bits = np.zeros(len(letters), dtype=np.int64)
    for column in letters.T:
        plain = (column >= ord("a")) & (column <= ord("z"))
        bit = np.where(plain, np.int64(1) << np.where(plain, column - ord("a"), 0).astype(np.int64), 0)
        bits |= np.where(bits & bit, bit << _SECOND, bit)
    return bits, ((letters >= 0).sum(axis=1) - np.bitwise_count(bits)).astype(np.int32)


def _same_beginning(one: Ints, other: Ints) -> Rows:
    """How many letters at the beginning of words are the same."""
    import numpy as np

    same = (one == other) & (one >= 0)
    found: Rows = np.logical_and.accumulate(same, axis=1).sum(axis=1)
    return found


def _letters(words: Sequence[str]) -> tuple[Ints, Rows]:
    """The letters of words, a word in each row, filled up with −1; and their lengths."""
    import numpy as np

    lengths = np.fromiter(map(len, words), dtype=np.intp, count=len(words))
    letters = np.full((len(words), int(lengths.max(initial=0))), -1, dtype=np.int32)
    letters[_each(lengths)] = np.frombuffer("".join(words).encode("utf-32-le"), dtype=np.int32)
    return letters, lengths


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
    prefix = _same_beginning(one[:, :shorter], other[:, :shorter])
    found: Floats = jaro + prefix * 0.1 * (1 - jaro)
    return found
