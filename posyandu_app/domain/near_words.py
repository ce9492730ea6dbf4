"""Which of many words are near each other, by the most that their letters allow.

How many letters a word has in common with each of the others is counted for all of them at once: the others
are the bits of whole numbers, one number for every letter, and the counts stand in columns of bits.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

_ROUNDING = 1e-9
PREFIX = 4
"""So many letters at the beginning count for more in `names.jaro_winkler`."""


@lru_cache(maxsize=65536)
def fewest(one: int, other: int, prefix: int, least: float) -> int:
    """How many letters words of these lengths must have in common for their likeness to reach `least`.

    The likeness is `names.jaro_winkler`, 0 to 1, of words that begin with `prefix` equal letters, 0 to 4.
    """
    jaro = (least - prefix * 0.1) / (1 - prefix * 0.1)
    return max(-int(-((3 * jaro - 1) * one * other / (one + other) - _ROUNDING) // 1), prefix, 1)


def letters(word: str) -> Iterator[tuple[str, int]]:
    """The letters of a word, each with its number among the equal ones: "ada" → a 0, d 0, a 1."""
    seen: Counter[str] = Counter()
    for letter in word:
        yield letter, seen[letter]
        seen[letter] += 1


def prefix(one: str, other: str) -> int:
    """How many letters at the beginning are equal, at most 4."""
    count = 0
    for letter, of_other in zip(one[:PREFIX], other[:PREFIX], strict=False):
        if letter != of_other:
            break
        count += 1
    return count


def near(words: Sequence[str], least: float) -> "list[array[int]]":
    """Of each word the places of those whose likeness may reach `least`; no other's does."""
    having: dict[tuple[str, int], int] = defaultdict(int)
    beginning: dict[str, int] = defaultdict(int)
    of_length: dict[int, int] = defaultdict(int)
    for place, word in enumerate(words):
        for letter in letters(word):
            having[letter] |= 1 << place
        for count in range(min(len(word), PREFIX) + 1):
            beginning[word[:count]] |= 1 << place
        of_length[len(word)] |= 1 << place
    asked = {length: tuple(_asked(length, of_length, least)) for length in of_length}
    found = []
    for word in words:
        common, those = _Counts([having[letter] for letter in letters(word)]), 0
        for count, wanted, others in asked[len(word)]:
            those |= common.reach(wanted) & others & (beginning[word[:count]] if count else others)
        found.append(array("L", _places(those)))
    return found


def _asked(length: int, of_length: Mapping[int, int], least: float) -> Iterator[tuple[int, int, int]]:
    """Of a word: how many letters others begin alike with, how many must be common, and which others."""
    for count in range(min(length, PREFIX) + 1):
        others: dict[int, int] = defaultdict(int)
        for of_other, those in of_length.items():
            wanted = fewest(length, of_other, count, least)
            fewer = not count or wanted < fewest(length, of_other, count - 1, least)
            if fewer and max(count, wanted) <= min(length, of_other):
                others[wanted] |= those
        yield from ((count, wanted, those) for wanted, those in others.items())


class _Counts:
    """How often each bit is set in some numbers, as columns of the counts' binary digits."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self._digits: list[int] = []
        self._reach: dict[int, int] = {}
        for carried in numbers:
            for place, digit in enumerate(self._digits):
                self._digits[place], carried = digit ^ carried, digit & carried
            if carried:
                self._digits.append(carried)

    def reach(self, count: int) -> int:
        """The bits that are set at least so often; `count` is 1 or more."""
        if count not in self._reach:
            more, equal = 0, -1
            for place in reversed(range(max(len(self._digits), count.bit_length()))):
                digit = self._digits[place] if place < len(self._digits) else 0
                if count >> place & 1:
                    equal &= digit
                else:
                    more |= equal & digit
                    equal &= ~digit
            self._reach[count] = more | equal
        return self._reach[count]


def _places(bits: int) -> Iterator[int]:
    digits = bin(bits)[:1:-1]
    place = digits.find("1")
    while place >= 0:
        yield place
        place = digits.find("1", place + 1)
