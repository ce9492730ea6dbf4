"""Children who may have been registered twice, found among all of a district's at once.

The rule is that of `domain.names.possible_duplicate` (same NIK; or same sex, birth dates within 30 days,
similar name and similar mother's name), here over columns. Only pairs that have a chance are compared:
children of one sex, born within the days, of whose names and of whose mothers' names some word begins alike
and most neighbouring letters are the same. Names at the edge of what is similar may differ in more.
Nothing is merged: a person decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

from posyandu_app.bulk import side_by_side, without_collections
from posyandu_app.domain import names
from posyandu_app.domain.model import Sex
from posyandu_app.domain.persons import REGISTERED_BY_MISTAKE, standing
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.reports.columns import Days, Numbered, distinct, in_order
from posyandu_app.reports.name_likeness import Spellings, alike
from posyandu_app.reports.texts import Texts, any_of, each
from posyandu_app.storage import persons
from posyandu_app.storage.connection import Database

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from posyandu_app.reports.columns import Bools, Ints, Rows, Wide

    Counts: TypeAlias = npt.NDArray[np.uint8]

    Whole = TypeVar("Whole", int, Wide)

_NEIGHBOURS = 400
"""No child is compared with more others of one block: whole villages of one name end somewhere."""
_AT_ONCE = 100_000
"""Pairs compared together: so many that they stay in the processor's cache."""
_FIRST_FEW = 5
_MOST_WORDS = 6
_WORDS_ALIKE = 0.7
_NO_LETTERS = 61
_BIRTH_BITS = date.max.toordinal().bit_length()
_LOOSE = str.maketrans({"y": "i", "j": "i", "z": "s", "f": "p", "h": None, " ": None})
_SEXES = [sex.value for sex in Sex]


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
    for pair in _alike(records, rules):
        found.setdefault(pair, False)
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


def _alike(records: Records, rules: ProgramRules) -> list[tuple[int, int]]:
    """Pairs of one sex, born within the days, whose names and mothers' names are alike."""
    import numpy as np

    parts = Numbered()
    own_names = Texts.by(records.names, parts, names.LONGEST)
    mother_names = Texts.by([mother or "" for mother in records.mothers], parts, names.LONGEST)
    keys = _Keys.of_parts(parts)
    own, mothers = _Called.by(own_names, keys), _Called.by(mother_names, keys)
    nameless = (mothers.marks == 0)[mothers.of]
    own_marks, mother_marks = _Marks.of(own.marks[own.of]), _Marks.of(mothers.marks[mothers.of])
    found = [np.empty(0, dtype=np.int64)]

    def compare(some: _Meeting) -> None:
        left, right = some.alike(own_marks)
        likely = nameless[left] | nameless[right]
        others = np.flatnonzero(~likely)
        likely[others] = mother_marks.alike(left[others], right[others])
        left, right = left[likely], right[likely]
        found.append(np.minimum(left, right) << 32 | np.maximum(left, right))

    side_by_side(compare, _born_near(records, own, mothers, nameless, rules.duplicates.birth_days))
    pairs = distinct(np.concatenate(found))
    low, high = pairs >> 32, pairs & 0xFFFF_FFFF
    spellings, percent = Spellings.of(parts), rules.duplicates.name_percent
    chosen = alike(spellings, own_names, own.of[low], own.of[high], percent)
    low, high = low[chosen], high[chosen]
    of_low, of_high = mothers.of[low], mothers.of[high]
    unnamed = spellings.counted(mother_names) == 0
    chosen = unnamed[of_low] | unnamed[of_high]
    named = np.flatnonzero(~chosen)
    chosen[named] = alike(spellings, mother_names, of_low[named], of_high[named], percent)
    likeness = _Likeness(keys.known)
    return [
        (one, other)
        for one, other in zip(low[chosen].tolist(), high[chosen].tolist(), strict=True)
        if likeness.between(own.said(one), own.said(other))
        and likeness.between(mothers.said(one), mothers.said(other))
    ]


class _Keys(NamedTuple):
    """Loose keys by number, and those of parts of names: −1 for a part without one.

    Of each key the first and the last letter, and its neighbouring letters as bits.
    """

    known: Sequence[str]
    of: Rows
    first: Wide
    last: Wide
    marks: Wide

    @classmethod
    def of_parts(cls, parts: Iterable[str]) -> _Keys:
        import numpy as np

        numbers = Numbered()
        keys = (names.fold(part.casefold()).translate(_LOOSE) for part in parts)
        of = np.array([numbers[key] if key else -1 for key in keys], dtype=np.intp)
        first, last = (np.array([ord(key[end]) for key in numbers], dtype=np.int64) for end in (0, -1))
        return cls(
            tuple(numbers), of, first, last, np.array([_marks(key) for key in numbers], dtype=np.int64)
        )


class _Called(NamedTuple):
    """What a column of names says: `of` numbers the texts, each has its words and marks.

    The words of text t are `words[starts[t]:starts[t + 1]]`; the letters that they begin with are
    `letters[letters_start[t]:letters_start[t + 1]]`, each once.
    """

    of: Rows
    words: Rows
    starts: Rows
    marks: Wide
    letters: Wide
    letters_start: Rows

    @classmethod
    def by(cls, texts: Texts, keys: _Keys) -> _Called:
        import numpy as np

        text, place = each(texts.counts)
        kept = np.flatnonzero((place < _MOST_WORDS) & (keys.of[texts.parts] >= 0))
        text, word = text[kept], keys.of[texts.parts[kept]]
        marks = keys.marks[word]
        meets = np.flatnonzero(text[1:] == text[:-1])
        marks[meets] |= np.int64(1) << _bit(keys.last[word[meets]], keys.first[word[meets + 1]])
        letters = distinct(text << 32 | keys.first[word])
        every = np.arange(len(texts.known) + 1)
        starts = np.searchsorted(text, every)
        return cls(
            texts.of,
            word,
            starts,
            any_of(marks, np.diff(starts)),
            letters & 0xFFFF_FFFF,
            np.searchsorted(letters >> 32, every),
        )

    def said(self, row: int) -> list[int]:
        """The words of a row."""
        text = self.of[row]
        found: list[int] = self.words[self.starts[text] : self.starts[text + 1]].tolist()
        return found

    def begin(self, places: Rows) -> tuple[Rows, Wide]:
        """The letters that the words of names begin with: which of the places given, and the letter."""
        texts = self.of[places]
        starts = self.letters_start[texts]
        which, step = each(self.letters_start[texts + 1] - starts)
        return which, self.letters[starts[which] + step]


def _marks(word: str) -> int:
    """The neighbouring letters of a word as bits."""
    return sum({1 << _bit(ord(one), ord(other)) for one, other in pairwise(word)})


def _bit(one: Whole, other: Whole) -> Whole:
    """Which bit stands for two letters, or for columns of them."""
    return (one * 29 + other) % _NO_LETTERS


class _Likeness(dict[tuple[int, int], bool]):
    """Whether two words could be one, each pair looked at once; far below what makes names similar."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys

    def __missing__(self, words: tuple[int, int]) -> bool:
        one, other = words
        self[words] = one == other or names.jaro_winkler(self._keys[one], self._keys[other]) >= _WORDS_ALIKE
        return self[words]

    def between(self, words: Sequence[int], others: Sequence[int]) -> bool:
        """Whether every word of a name could be one of the other's; names of other lengths are let pass."""
        if len(words) != len(others):
            return True
        return all(word in others or any(self[word, other] for other in others) for word in words)


class _Marks(NamedTuple):
    """The neighbouring letters of names as bits, and how many of them another name must have.

    Those are more than two thirds of the shorter one's, since a second word may be missing; a name without
    any has a bit of its own, so that it is like others without any.
    """

    bits: Wide
    needed: Counts

    @classmethod
    def of(cls, marks: Wide) -> _Marks:
        import numpy as np

        bits = np.where(marks == 0, np.int64(1) << _NO_LETTERS, marks)
        return cls(bits, np.bitwise_count(bits) * 2 // 3 + 1)

    def at(self, rows: Rows) -> _Marks:
        return _Marks(self.bits[rows], self.needed[rows])

    def times(self, counts: Rows) -> _Marks:
        """Each so many times."""
        return _Marks(self.bits.repeat(counts), self.needed.repeat(counts))

    def like(self, others: _Marks) -> Bools:
        """Whether each is like the other in its place."""
        import numpy as np

        found: Bools = np.bitwise_count(self.bits & others.bits) >= np.minimum(self.needed, others.needed)
        return found

    def alike(self, left: Rows, right: Rows) -> Bools:
        return self.at(left).like(self.at(right))


class _Meeting(NamedTuple):
    """Children who meet others: each of the rows in `left` meets `counts` of `others` from `first` on.

    The rows of `left` and `others` are those of `member`, which are the children.
    """

    member: Rows
    left: Rows
    first: Rows
    counts: Rows
    others: Rows | None

    def parts(self) -> Iterator[_Meeting]:
        """The same in parts of a bounded number of pairs."""
        import numpy as np

        before = np.cumsum(self.counts) - self.counts
        start = 0
        while start < len(self.left):
            stop = max(int(np.searchsorted(before, before[start] + _AT_ONCE)), start + 1)
            part = slice(start, stop)
            yield self._replace(left=self.left[part], first=self.first[part], counts=self.counts[part])
            start = stop

    def alike(self, marks: _Marks) -> tuple[Rows, Rows]:
        """The children of whom the one meets the other and whose marks are alike."""
        import numpy as np

        ends = np.cumsum(self.counts)
        at = np.repeat(self.first - (ends - self.counts), self.counts)
        at += np.arange(len(at))
        other = self.member[at if self.others is None else self.others[at]]
        one = marks.at(self.member[self.left]).times(self.counts)
        chosen = np.flatnonzero(one.like(marks.at(other)))
        left = self.left[np.searchsorted(ends, chosen, side="right")]
        return self.member[left], other[chosen]


def _born_near(
    records: Records, own: _Called, mothers: _Called, nameless: Bools, days: int
) -> list[_Meeting]:
    """All pairs of a block born within so many days, in parts of a bounded number.

    A block is of one sex, one first letter of a word of the names and one of the mothers' names; in
    another one a child without mother's name meets all the others.
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
    block = sex[member] * len(letters) + letter
    awaited = np.zeros(int(block.max(initial=0)) + 1, dtype=bool)
    awaited[block[nameless[member]]] = True
    waiting = np.flatnonzero(awaited[block])
    everybody, last = _by_birth(block[waiting], member[waiting], born, days)
    return [
        part
        for meeting in (
            *_with_nameless(everybody, last, nameless[everybody]),
            _all(*_by_birth(block[named] * len(letters) + mother, member[named], born, days)),
        )
        for part in meeting.parts()
    ]


def _by_birth(block: Rows, member: Rows, born: Ints, days: int) -> tuple[Rows, Rows]:
    """The members by block and birth, and behind each the row up to which the others meet her."""
    import numpy as np

    births, order = in_order(block, born[member], _BIRTH_BITS)
    ends = np.searchsorted(births, np.minimum(births + days, births | (1 << _BIRTH_BITS) - 1), side="right")
    return member[order], np.minimum(ends, np.arange(len(member)) + 1 + _NEIGHBOURS)


def _all(member: Rows, last: Rows) -> _Meeting:
    """Everybody meets whoever comes behind her."""
    import numpy as np

    rows = np.arange(len(member))
    return _Meeting(member, rows, rows + 1, last - rows - 1, None)


def _with_nameless(member: Rows, last: Rows, nameless: Bools) -> tuple[_Meeting, _Meeting]:
    """A child without mother's name meets whoever comes behind her, the others only such children."""
    import numpy as np

    without, others = np.flatnonzero(nameless), np.flatnonzero(~nameless)
    upto = np.concatenate([[0], np.cumsum(nameless)])
    first = upto[others + 1]
    return (
        _Meeting(member, without, without + 1, last[without] - without - 1, None),
        _Meeting(member, others, first, upto[last[others]] - first, without),
    )
