"""Children who may have been registered twice, found among all of a district's at once.

The rule is `domain.names.possible_duplicate` (same NIK; or same sex, birth dates within 30 days,
similar name and similar mother's name). It is asked only of pairs that have a chance: children of
one sex, born within the days, of whose names and of whose mothers' names some word begins alike.
Nothing is merged: a person decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from posyandu_app.bulk import without_collections
from posyandu_app.domain import names
from posyandu_app.domain.model import Child, Sex
from posyandu_app.domain.persons import REGISTERED_BY_MISTAKE, standing
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.reports.columns import Days, Numbered, in_order
from posyandu_app.reports.name_likeness import most_alike
from posyandu_app.storage import persons
from posyandu_app.storage.connection import Database

if TYPE_CHECKING:
    from posyandu_app.reports.columns import Bools, Ints, Rows, Wide

    Whole = TypeVar("Whole", int, Wide)

_NEIGHBOURS = 400
"""No child is compared with more others of one block: whole villages of one name end somewhere."""
_AT_ONCE = 2_000_000
_FIRST_FEW = 5
_MOST_WORDS = 6
_WORDS_ALIKE = 0.7
_ROUNDING = 1e-9
_BIRTH_BITS = date.max.toordinal().bit_length()
_LOOSE = str.maketrans({"y": "i", "j": "i", "z": "s", "f": "p", "h": None, " ": None})
_SEXES = {sex.value: sex for sex in Sex}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be one child; `same_nik` or else by name and birth date."""

    one: str
    other: str
    same_nik: bool


class Records(NamedTuple):
    """What tells children apart, in columns of equal length; `births` are `date.toordinal()`, 0 not known.

    `sexes` are as they are stored; what is no sex is none.
    """

    ids: Sequence[str]
    scopes: Sequence[str]
    names: Sequence[str]
    sexes: Sequence[str | None]
    births: Ints
    niks: Sequence[str | None]
    mothers: Sequence[str | None]

    def child(self, place: int) -> Child:
        """The child in a row."""
        born = int(self.births[place])
        return Child(
            id=self.ids[place],
            scope=self.scopes[place],
            name=self.names[place],
            sex=_SEXES.get(self.sexes[place] or ""),
            birth_date=date.fromordinal(born) if born else None,
            nik=self.niks[place],
            mother_name=self.mothers[place],
        )


@without_collections()
def read(database: Database) -> Records:
    """The children of a database with what tells them apart, those registered by mistake left out.

    Records that somebody has said are one child stand once.
    """
    import numpy as np

    behind = persons.behind(database)
    rows = database.rows(
        "SELECT id, scope, ifnull(name, ''), sex, birth_date, nik, mother_name FROM child NOT INDEXED"
        " WHERE state IS NOT ?",  # in the order of n
        (REGISTERED_BY_MISTAKE,),
    )
    if behind:
        rows = [row for row in rows if row[0] not in behind]
    ids, scopes, called, sexes, births, niks, mothers = zip(*rows, strict=True) if rows else ((),) * 7
    days = Days()
    born = np.fromiter((days[on] for on in births), dtype=np.int32, count=len(births))
    return Records(ids, scopes, called, sexes, born, niks, mothers)


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
def find(records: Records, rules: ProgramRules) -> tuple[Pair, ...]:
    """The pairs that may be one child, by the order of the children."""
    found = dict.fromkeys(_same_nik(records.niks), True)
    for pair in _near(records, rules):
        one, other = (records.child(place) for place in pair)
        if pair not in found and names.possible_duplicate(one, other, rules):
            found[pair] = False
    return tuple(Pair(records.ids[a], records.ids[b], same) for (a, b), same in sorted(found.items()))


def _same_nik(niks: Sequence[str | None]) -> Iterator[tuple[int, int]]:
    """Pairs with one NIK: everybody with the first few who have it."""
    often = {nik for nik, count in Counter(niks).items() if count > 1 and nik and len(set(nik)) > 1}
    first: dict[str, list[int]] = {nik: [] for nik in often}
    for place, nik in enumerate(niks):
        if nik in often:
            before = first[nik]
            yield from ((other, place) for other in before)
            if len(before) < _FIRST_FEW:
                before.append(place)


def _near(records: Records, rules: ProgramRules) -> list[tuple[int, int]]:
    """The pairs worth a comparison of names."""
    import numpy as np

    words = _Words()
    own = _Called.by(records.names, words)
    mothers = _Called.by([mother or "" for mother in records.mothers], words)
    likeness = _Likeness(words.loose)
    found = [np.empty(0, dtype=np.int64)]
    own_marks, mother_marks = own.marks[own.of], mothers.marks[mothers.of]
    nameless = mother_marks == 0
    for left, right, alone in _born_near(records, own, mothers, nameless, rules.duplicates.birth_days):
        chosen = np.flatnonzero(_alike(own_marks, left, right))
        left, right, alone = left[chosen], right[chosen], alone[chosen]
        either = nameless[left] | nameless[right]
        chosen = np.where(alone, either, either | _alike(mother_marks, left, right))
        left, right = left[chosen], right[chosen]
        found.append(np.unique(np.minimum(left, right) << 32 | np.maximum(left, right)))
    pairs = np.unique(np.concatenate(found))
    low, high = pairs >> 32, pairs & 0xFFFF_FFFF
    least = (rules.duplicates.name_percent - 0.5) / 100 - _ROUNDING
    likely = most_alike(own.texts, own.of[low], own.of[high]) >= least
    low, high = low[likely], high[likely]
    of_low, of_high = mothers.of[low], mothers.of[high]
    likely = most_alike(mothers.texts, of_low, of_high) >= least
    likely |= ~(mothers.named[of_low] & mothers.named[of_high])
    low, high = low[likely], high[likely]
    return [
        (one, other)
        for one, other, a, b, c, d in zip(
            *(column.tolist() for column in (low, high, own.of[low], own.of[high])),
            *(column.tolist() for column in (mothers.of[low], mothers.of[high])),
            strict=True,
        )
        if likeness.between(own.words[a], own.words[b])
        and likeness.between(mothers.words[c], mothers.words[d])
    ]


class _Words(dict[str, int]):
    """Words as they are written, by the numbers of their loose keys in `loose`; −1 without one."""

    def __init__(self) -> None:
        self.loose = Numbered()

    def __missing__(self, word: str) -> int:
        key = names.fold(word).translate(_LOOSE)
        self[word] = self.loose[key] if key else -1
        return self[word]


class _Called(NamedTuple):
    """What a column of names says: `of` numbers the texts, each has its words and marks.

    The letters that words of text t begin with are `letters[starts[t]:starts[t + 1]]`, each once.
    """

    of: Rows
    texts: Sequence[str]
    words: list[list[int]]
    marks: Wide
    letters: Wide
    starts: Rows

    @property
    def named(self) -> Bools:
        """Which texts hold a name at all."""
        import numpy as np

        return np.array([bool(words) for words in self.words], dtype=bool)

    @classmethod
    def by(cls, column: Sequence[str], words: _Words) -> _Called:
        import numpy as np

        texts = Numbered()
        of = np.fromiter((texts[text] for text in column), dtype=np.intp, count=len(column))
        told = [
            [key for part in text.casefold().split()[:_MOST_WORDS] if (key := words[part]) >= 0]
            for text in texts
        ]
        counts = np.fromiter(map(len, told), dtype=np.intp, count=len(told))
        word = np.fromiter((one for of_text in told for one in of_text), dtype=np.intp, count=counts.sum())
        text = np.repeat(np.arange(len(told)), counts)
        first, last = (np.array([ord(key[end]) for key in words.loose], dtype=np.int64) for end in (0, -1))
        marks = np.array([_marks(key) for key in words.loose], dtype=np.int64)[word]
        meets = np.flatnonzero(text[1:] == text[:-1])
        marks[meets] |= np.int64(1) << _bit(last[word[meets]], first[word[meets + 1]])
        all_marks = np.zeros(len(told), dtype=np.int64)
        some = np.flatnonzero(counts)
        if some.size:
            all_marks[some] = np.bitwise_or.reduceat(marks, (np.cumsum(counts) - counts)[some])
        pairs = np.unique(text << 32 | first[word])
        starts = np.searchsorted(pairs >> 32, np.arange(len(told) + 1))
        return cls(of, tuple(texts), told, all_marks, pairs & 0xFFFF_FFFF, starts)

    def begin(self, places: Rows) -> tuple[Rows, Wide]:
        """The letters that the words of names begin with: which of the places given, and the letter."""
        import numpy as np

        texts = self.of[places]
        counts = self.starts[texts + 1] - self.starts[texts]
        which = np.repeat(np.arange(len(places)), counts)
        steps = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        return which, self.letters[self.starts[texts][which] + steps]


def _marks(word: str) -> int:
    """The neighbouring letters of a word as bits."""
    return sum({1 << _bit(ord(one), ord(other)) for one, other in pairwise(word)})


def _bit(one: Whole, other: Whole) -> Whole:
    """Which bit stands for two letters, or for columns of them."""
    return (one * 29 + other) % 61


class _Likeness(dict[tuple[int, int], bool]):
    """Whether two words could be one, each pair looked at once; far below what makes names similar."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = tuple(keys)

    def __missing__(self, words: tuple[int, int]) -> bool:
        one, other = words
        self[words] = one == other or names.jaro_winkler(self._keys[one], self._keys[other]) >= _WORDS_ALIKE
        return self[words]

    def between(self, words: Sequence[int], others: Sequence[int]) -> bool:
        """Whether every word of a name could be one of the other's; names of other lengths are let pass."""
        if len(words) != len(others):
            return True
        return all(word in others or any(self[word, other] for other in others) for word in words)


def _alike(marks: Wide, left: Rows, right: Rows) -> Bools:
    """Whether most neighbouring letters of one name are in the other: a second word may be missing."""
    import numpy as np

    one, other = marks[left], marks[right]
    apart = np.minimum(np.bitwise_count(one & ~other), np.bitwise_count(other & ~one))
    shorter = np.minimum(np.bitwise_count(one), np.bitwise_count(other))
    found: Bools = (apart * 3 < shorter) | (one == other)
    return found


def _born_near(
    records: Records, own: _Called, mothers: _Called, nameless: Bools, days: int
) -> Iterator[tuple[Rows, Rows, Bools]]:
    """All pairs of a block born within so many days, a bounded number at a time.

    A block is of one sex, one first letter of a word of the names and one of the mothers' names; in
    another one (the pairs are `alone`) a child without mother's name meets all the others.
    """
    import numpy as np

    born, code_of = records.births, {sex: code for code, sex in enumerate(_SEXES, 1)}
    sex = np.array([code_of.get(one or "", 0) for one in records.sexes], dtype=np.int64)
    known = np.flatnonzero(born)
    which, letter = own.begin(known)
    named, mother = mothers.begin(known[which])
    letters, code = np.unique(np.concatenate([letter, mother]), return_inverse=True)
    letter, mother = code[: len(letter)], code[len(letter) :]
    member = known[which]
    block = (sex[member] * len(letters) + letter) * (len(letters) + 1)
    awaited = np.zeros(int(block.max(initial=0)) + 1, dtype=bool)
    awaited[block[nameless[member]]] = True
    meeting = np.flatnonzero(awaited[block])
    block = np.concatenate([block[meeting], block[named] + mother + 1])
    member = np.concatenate([member[meeting], member[named]])
    births, order = in_order(block, born[member], _BIRTH_BITS)
    member, alone = member[order], order < len(meeting)
    ends = np.searchsorted(births, np.minimum(births + days, births | (1 << _BIRTH_BITS) - 1), side="right")
    counts = np.minimum(ends - np.arange(len(member)) - 1, _NEIGHBOURS)
    before = np.cumsum(counts) - counts
    start = 0
    while start < len(member):
        stop = max(int(np.searchsorted(before, before[start] + _AT_ONCE)), start + 1)
        some = counts[start:stop]
        left = np.repeat(np.arange(start, stop), some)
        steps = np.arange(len(left)) - np.repeat(before[start:stop] - before[start], some)
        yield member[left], member[left + 1 + steps], alone[left]
        start = stop
