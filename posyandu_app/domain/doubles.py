"""The pairs of records that may be one child (`names.possible_duplicate`), kept while records change.

Compared are records with one NIK, and those of one sex with names of which a word begins alike, born within
the days of the rules. Of very many records at once most pairs are left out by what their words allow.
"""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from posyandu_app.domain import names, near_words
from posyandu_app.domain.model import Child, Sex
from posyandu_app.domain.rules import ProgramRules

Place: TypeAlias = tuple[str, int]
"""Where a record stands among the others, by scope and number: of one NIK the first meets the rest."""

_Block: TypeAlias = "tuple[Sex | None, str]"
_ROUNDING = 1e-9
_NEAR_KEPT = 4096


class Doubles:
    """Records and the pairs among them; records come and go with `put` and `drop`."""

    def __init__(self, records: Iterable[tuple[Place, Child]], rules: ProgramRules) -> None:
        self._rules = rules
        self._records: dict[str, tuple[Place, Child]] = {}
        self._blocks: dict[_Block, list[tuple[int, str]]] = defaultdict(list)
        self._of_nik: dict[str, dict[str, Place]] = defaultdict(dict)
        self._same_nik: dict[str, tuple[tuple[str, str], ...]] = {}
        self._alike: dict[str, set[str]] = defaultdict(set)
        for place, child in records:
            self._enter(place, child)
        for block in self._blocks.values():
            block.sort()
        for nik in self._of_nik:
            self._meet_by_nik(nik)
        for one, other in _likely([child for _, child in self._records.values()], rules):
            if names.possible_duplicate(one, other, rules):
                self._join(one.id, other.id)

    def put(self, place: Place, child: Child) -> None:
        """Enter a record, or what it says now."""
        self.drop(child.id)
        for block in self._enter(place, child):
            members = self._blocks[block]
            insort(members, members.pop())
            for other in _born_about(members, child, self._rules.duplicates.birth_days):
                if names.possible_duplicate(child, self._records[other][1], self._rules):
                    self._join(child.id, other)
        if child.nik is not None:
            self._meet_by_nik(child.nik)

    def drop(self, record: str) -> None:
        """Forget a record; one that is not there is no error."""
        if record not in self._records:
            return
        _, child = self._records.pop(record)
        for block in _blocks_of(child):
            members = self._blocks[block]
            del members[bisect_left(members, (_born(child), record))]
        for other in self._alike.pop(record, ()):
            self._alike[other].discard(record)
        if child.nik is not None:
            del self._of_nik[child.nik][record]
            self._meet_by_nik(child.nik)

    def pairs(self) -> list[tuple[Child, Child]]:
        """The pairs that a person should look at, smaller id first, in the order of their ids."""
        found = {(one, other) for one, others in self._alike.items() for other in others if one < other}
        found.update(pair for pairs in self._same_nik.values() for pair in pairs)
        return [(self._records[one][1], self._records[other][1]) for one, other in sorted(found)]

    def _enter(self, place: Place, child: Child) -> Set[_Block]:
        self._records[child.id] = place, child
        if child.nik is not None:
            self._of_nik[child.nik][child.id] = place
        blocks = _blocks_of(child)
        for block in blocks:
            self._blocks[block].append((_born(child), child.id))
        return blocks

    def _join(self, one: str, other: str) -> None:
        self._alike[one].add(other)
        self._alike[other].add(one)

    def _meet_by_nik(self, nik: str) -> None:
        """The first record with a NIK and each of the others, as far as they may be one child."""
        self._same_nik.pop(nik, None)
        if len(self._of_nik[nik]) < 2:
            return
        first, *others = (self._records[record][1] for record in sorted(self._of_nik[nik], key=self._place))
        found = (other for other in others if names.possible_duplicate(first, other, self._rules))
        self._same_nik[nik] = tuple((min(first.id, o.id), max(first.id, o.id)) for o in found)

    def _place(self, record: str) -> Place:
        return self._records[record][0]


def _born(child: Child) -> int:
    return 0 if child.birth_date is None else child.birth_date.toordinal()


def _blocks_of(child: Child) -> Set[_Block]:
    if child.birth_date is None:
        return set()
    return {(child.sex, word[0]) for word in map(names.fold, child.name.split()) if word}


def _born_about(members: Sequence[tuple[int, str]], child: Child, days: int) -> Iterator[str]:
    """The others of a block, by birth, who were born within so many days of a child."""
    first = bisect_left(members, (_born(child) - days, ""))
    for born, other in members[first:]:
        if born > _born(child) + days:
            break
        if other != child.id:
            yield other


class _Text(NamedTuple):
    """A name as `names.similar` compares it: its key, its words by number, and those joined.

    `rarest` is that of the words that fewest others are near; `letters` are those of `joined` as bits, one
    for each letter and its number among the equal ones.
    """

    key: str
    words: tuple[int, ...]
    rarest: int
    joined: str
    letters: int


@dataclass(frozen=True, slots=True, eq=False)
class _Member:
    """A record that others meet; `words` and `rarest` hold also what else than words makes a pair likely."""

    child: Child
    name: _Text
    mother: _Text
    words: Set[int]
    rarest: Set[int]
    letters: int
    length: int
    begins: str


class _Texts(dict[str, _Text]):
    """What names say, each read once, so that those that cannot be alike are told apart quickly."""

    def __init__(self, called: Iterable[str], least: float) -> None:
        self._numbers: dict[object, int] = {}
        self._bits: dict[tuple[str, int], int] = {}
        self._joined_least = least + names.JOINED_OTHERWISE
        said = {text: names.given(names.folded(text))[0] for text in called}
        often = Counter(word for words in said.values() for word in words)
        self._known = list(often)
        self._near = [*near_words.near(self._known, least), ()]  # the last for a name without words
        self._numbers.update((word, number) for number, word in enumerate(often))
        counts = list(often.values())
        met = [sum([counts[other] for other in others]) for others in self._near]
        for text, words in said.items():
            numbers, joined = tuple(self._numbers[word] for word in words), "".join(words)
            bits = [self._bits.setdefault(one, len(self._bits)) for one in near_words.letters(joined)]
            rarest = min(numbers, key=met.__getitem__, default=-1)
            letters = sum(1 << bit for bit in bits)
            self[text] = _Text(names.fold(text), numbers, rarest, joined, letters)
        self._least = least
        self._like: dict[tuple[int, int], bool] = {}
        self.near = lru_cache(maxsize=_NEAR_KEPT)(lambda word: frozenset(self._near[word]))
        self.fewest = lru_cache(maxsize=None)(self._fewest)
        self._longest = max((len(text.joined) for text in self.values()), default=0)

    def mark(self, *what: str) -> int:
        """A number for something that makes a pair likely when both have it."""
        return self._numbers.setdefault(what, len(self._numbers))

    def _fewest(self, length: int, begun: tuple[int, ...]) -> Sequence[int]:
        """By its length, how many common letters make another joined name likely; `begun` begin alike."""
        least, others = self._joined_least, range(1, self._longest + 1)
        return [0, *(min(near_words.fewest(length, n, count, least) for count in begun) for n in others)]

    def may_be_alike(self, one: _Text, other: _Text) -> bool:
        """Whether names may be alike; never False for two that are."""
        few, many = (one, other) if len(one.words) <= len(other.words) else (other, one)
        if one.key == other.key:
            return True
        for word in few.words:
            if self.near(word).isdisjoint(many.words):
                break
        else:
            return True
        if len(few.words) == len(many.words):
            return False
        begun = near_words.prefix(one.joined, other.joined)
        wanted = near_words.fewest(len(one.joined), len(other.joined), begun, self._joined_least)
        return (one.letters & other.letters).bit_count() >= wanted

    def may_be_one(self, one: _Text, other: _Text) -> bool:
        """The same of words that are compared in full, each two of them once."""
        few, many = (one, other) if len(one.words) <= len(other.words) else (other, one)
        if all(any(self._are_like(word, of_other) for of_other in many.words) for word in few.words):
            return True
        if len(few.words) == len(many.words):
            return one.key == other.key
        return one.key == other.key or _likeness(one.joined, other.joined) >= self._joined_least

    def _are_like(self, one: int, other: int) -> bool:
        if (one, other) not in self._like:
            self._like[one, other] = _likeness(self._known[one], self._known[other]) >= self._least
        return self._like[one, other]


def _likeness(one: str, other: str) -> float:
    """The greater of both ways: which letters are matched may hang on the order."""
    return max(names.jaro_winkler(one, other), names.jaro_winkler(other, one))


def _likely(children: Sequence[Child], rules: ProgramRules) -> Iterator[tuple[Child, Child]]:
    """Of the pairs of a block born within the days all that may be one child, and few others."""
    least = (rules.duplicates.name_percent - 0.5) / 100 - _ROUNDING
    texts = _Texts([text for child in children for text in (child.name, child.mother_name or "")], least)
    often = Counter(child.nik for child in children)
    blocks: dict[_Block, dict[int, _Waiting]] = defaultdict(lambda: defaultdict(_Waiting))
    for child in sorted(children, key=_born):
        if child.birth_date is None:
            continue
        name, mother = texts[child.name], texts[child.mother_name or ""]
        own = {texts.mark("key", name.key)}
        if child.nik is not None and often[child.nik] > 1:
            own.add(texts.mark("nik", child.nik))
        rarest = texts.near(name.rarest) | own
        near: Set[int] = frozenset()
        born, words, letters = _born(child), len(name.words), name.letters
        length, begins = len(name.joined), name.joined[:2]
        fewest, begun = texts.fewest(length, begun=(0, 1)), texts.fewest(length, begun=(2, 3, 4))
        member = _Member(
            child, name, mother, own.union(name.words), own | {name.rarest}, letters, length, begins
        )
        met: set[_Member] = set()
        for block in _blocks_of(child):
            for count, waiting in blocks[block].items():
                others = waiting.since(born - rules.duplicates.birth_days)
                if count == words:
                    found = [other for other in others if not rarest.isdisjoint(other.words)]
                elif count > words:
                    found = [
                        other
                        for other in others
                        if not rarest.isdisjoint(other.words)
                        or (letters & other.letters).bit_count()
                        >= (begun if other.begins == begins else fewest)[other.length]
                    ]
                else:
                    near = near or own.union(*map(texts.near, name.words))
                    found = [
                        other
                        for other in others
                        if not near.isdisjoint(other.rarest)
                        or (letters & other.letters).bit_count()
                        >= (begun if other.begins == begins else fewest)[other.length]
                    ]
                met.update(found)
            blocks[block][words].add(born, member)
        for other in met:
            if (child.nik is not None and child.nik == other.child.nik) or (
                texts.may_be_alike(name, other.name)
                and (not mother.key or not other.mother.key or texts.may_be_alike(mother, other.mother))
                and texts.may_be_one(name, other.name)
            ):
                yield child, other.child


class _Waiting:
    """Members by birth, the eldest first."""

    def __init__(self) -> None:
        self._births: list[int] = []
        self._members: list[_Member] = []

    def add(self, born: int, member: _Member) -> None:
        self._births.append(born)
        self._members.append(member)

    def since(self, born: int) -> list[_Member]:
        return self._members[bisect_left(self._births, born) :]
