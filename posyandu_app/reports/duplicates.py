"""Children who may have been registered twice, found among all of a district's at once.

The rule is `domain.names.possible_duplicate` (same NIK; or same sex, birth dates within 30 days,
similar name and similar mother's name). It is asked only of pairs that have a chance: children of
one sex, born within the days, of whose names and of whose mothers' names some word begins alike.
Nothing is merged: a person decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from posyandu_app.bulk import without_collections
from posyandu_app.domain import names
from posyandu_app.domain.model import Child, Sex
from posyandu_app.domain.persons import REGISTERED_BY_MISTAKE, standing
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.storage import persons
from posyandu_app.storage.connection import Database
from posyandu_app.storage.values import read_date

if TYPE_CHECKING:
    from posyandu_app.reports.columns import Bools, Ints, Rows, Wide

_NEIGHBOURS = 400
"""No child is compared with more others of one block: whole villages of one name end somewhere."""
_AT_ONCE = 2_000_000
_FIRST_FEW = 5
_WORDS_ALIKE = 0.7
_ANY = "*"
"""Marks the block in which a child without mother's name meets all the others."""
_LOOSE = str.maketrans({"y": "i", "j": "i", "z": "s", "f": "p", "h": None, " ": None})


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be one child; `same_nik` or else by name and birth date."""

    one: str
    other: str
    same_nik: bool


@without_collections()
def read(database: Database) -> list[Child]:
    """The children of a database with what tells them apart, those registered by mistake left out.

    Records that somebody has said are one child stand once.
    """
    behind = persons.behind(database)
    sexes = {sex.value: sex for sex in Sex}
    return [
        Child(
            id=child,
            scope=scope,
            name=name or "",
            sex=sexes.get(sex),
            birth_date=read_date(birth),
            nik=nik,
            mother_name=mother,
        )
        for child, scope, name, sex, birth, nik, mother in database.rows(
            "SELECT id, scope, name, sex, birth_date, nik, mother_name FROM child"
            " WHERE state IS NOT ? ORDER BY n",
            (REGISTERED_BY_MISTAKE,),
        )
        if child not in behind
    ]


def decided_apart(database: Database) -> frozenset[frozenset[str]]:
    """The pairs that somebody has said are two children, each record by the one it stands behind."""
    behind = persons.behind(database)
    return frozenset(
        frozenset(behind.get(record, record) for record in pair)
        for pair, decided in standing(persons.decisions(database)).items()
        if not decided.together and not decided.undecided
    )


def open_pairs(pairs: Sequence[Pair], apart: AbstractSet[frozenset[str]]) -> tuple[Pair, ...]:
    """The pairs about which nobody has decided that they are two children."""
    return tuple(pair for pair in pairs if frozenset((pair.one, pair.other)) not in apart)


@without_collections()
def find(children: Sequence[Child], rules: ProgramRules) -> tuple[Pair, ...]:
    """The pairs that may be one child, by the order of the children."""
    found = dict.fromkeys(_same_nik(children), True)
    for pair in _near(children, rules):
        one, other = (children[place] for place in pair)
        if pair not in found and names.possible_duplicate(one, other, rules):
            found[pair] = False
    return tuple(Pair(children[a].id, children[b].id, same) for (a, b), same in sorted(found.items()))


def _same_nik(children: Sequence[Child]) -> Iterator[tuple[int, int]]:
    """Pairs with one NIK: everybody with the first few who have it."""
    first: dict[str, list[int]] = {}
    for place, child in enumerate(children):
        if child.nik is not None and len(set(child.nik)) > 1:
            before = first.setdefault(child.nik, [])
            yield from ((other, place) for other in before)
            if len(before) < _FIRST_FEW:
                before.append(place)


class _Folded(dict[str, str]):
    """Words with their loose keys, each made once."""

    def __missing__(self, word: str) -> str:
        self[word] = names.fold(word).translate(_LOOSE)
        return self[word]


def _near(children: Sequence[Child], rules: ProgramRules) -> list[tuple[int, int]]:
    """The pairs worth a comparison of names."""
    import numpy as np

    folded, marks = _Folded(), _Marks()
    born = np.array(
        [0 if c.birth_date is None else c.birth_date.toordinal() for c in children], dtype=np.int32
    )
    own, mothers = ([_words(text, folded) for text in texts] for texts in _texts(children))
    own_marks, mother_marks = (
        np.array([marks.of(w) for w in words], dtype=np.int64) for words in (own, mothers)
    )
    blocks: dict[tuple[str | None, str, str], list[int]] = defaultdict(list)
    for place, child in enumerate(children):
        if born[place] == 0:
            continue
        for first in {word[0] for word in own[place]}:
            blocks[child.sex, first, _ANY].append(place)
            for mother in {word[0] for word in mothers[place]}:
                blocks[child.sex, first, mother].append(place)
    nameless, likeness = mother_marks == 0, _Likeness()
    pairs: set[tuple[int, int]] = set()
    for (_, _, mother), places in blocks.items():
        members = np.array(places, dtype=np.intp)
        if mother == _ANY and not nameless[members].any():
            continue
        for left, right in _within_days(members, born, rules.duplicates.birth_days):
            if mother == _ANY:
                alone = nameless[left] | nameless[right]
                left, right = left[alone], right[alone]
            likely = np.flatnonzero(_alike(own_marks, left, right))
            left, right = left[likely], right[likely]
            likely = np.flatnonzero(_alike(mother_marks, left, right) | nameless[left] | nameless[right])
            low, high = np.minimum(left, right)[likely], np.maximum(left, right)[likely]
            pairs.update(zip(low.tolist(), high.tolist(), strict=True))
    return sorted(
        (one, other)
        for one, other in pairs
        if likeness.between(own[one], own[other]) and likeness.between(mothers[one], mothers[other])
    )


def _texts(children: Sequence[Child]) -> tuple[list[str], list[str]]:
    return [child.name for child in children], [child.mother_name or "" for child in children]


def _words(text: str, folded: _Folded) -> list[str]:
    return [key for word in text.casefold().split()[:6] if (key := folded[word])]


class _Marks(dict[str, int]):
    """The neighbouring letters of words as bits, each word's made once."""

    def __missing__(self, word: str) -> int:
        self[word] = sum({_bit(one, other) for one, other in pairwise(word)})
        return self[word]

    def of(self, words: Sequence[str]) -> int:
        """The marks of a name, words joined."""
        bits = 0
        for word in words:
            bits |= self[word]
        for word, following in pairwise(words):
            bits |= _bit(word[-1], following[0])
        return bits


class _Likeness(dict[tuple[str, str], bool]):
    """Whether two words could be one, each pair looked at once; far below what makes names similar."""

    def __missing__(self, words: tuple[str, str]) -> bool:
        self[words] = names.jaro_winkler(*words) >= _WORDS_ALIKE
        return self[words]

    def between(self, words: Sequence[str], others: Sequence[str]) -> bool:
        """Whether every word of a name could be one of the other's; names of other lengths are let pass."""
        if len(words) != len(others):
            return True
        return all(any(self[word, other] for other in others) for word in words)


def _bit(one: str, other: str) -> int:
    return 1 << (ord(one) * 29 + ord(other)) % 61


def _alike(marks: Wide, left: Rows, right: Rows) -> Bools:
    """Whether most neighbouring letters of one name are in the other: a second word may be missing."""
    import numpy as np

    one, other = marks[left], marks[right]
    apart = np.minimum(np.bitwise_count(one & ~other), np.bitwise_count(other & ~one))
    shorter = np.minimum(np.bitwise_count(one), np.bitwise_count(other))
    found: Bools = (apart * 3 < shorter) | (one == other)
    return found


def _within_days(members: Rows, born: Ints, days: int) -> Iterator[tuple[Rows, Rows]]:
    """All pairs of a block born within so many days, a bounded number at a time."""
    import numpy as np

    members = members[np.argsort(born[members], kind="stable")]
    births = born[members]
    ends = np.searchsorted(births, births + days, side="right")
    counts = np.minimum(ends - np.arange(len(members)) - 1, _NEIGHBOURS)
    before = np.cumsum(counts) - counts
    start = 0
    while start < len(members):
        stop = max(int(np.searchsorted(before, before[start] + _AT_ONCE)), start + 1)
        some = counts[start:stop]
        left = np.repeat(np.arange(start, stop), some)
        steps = np.arange(len(left)) - np.repeat(before[start:stop] - before[start], some)
        yield members[left], members[left + 1 + steps]
        start = stop
