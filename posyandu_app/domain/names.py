"""Names as Indonesians spell them: one key to find them by, a likeness, and possible duplicates.

Old and new spelling (Djoko/Joko, Noer/Nur, Tjetjep/Cecep), q and k, v and f, doubled
letters and joined names ("Nur Aini", "Nuraini") share one key.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from posyandu_app.domain.model import Child, Role
from posyandu_app.domain.rules import ProgramRules

DOT = "•"
LONGEST = 200
_LETTERS = str.maketrans({"q": "k", "v": "f", "x": "ks"})
_CLUSTERS = {"dj": "j", "tj": "c", "oe": "u"}
_LOOSE_CLUSTERS = (
    ("kh", "k"),
    ("ch", "k"),
    ("sy", "s"),
    ("sh", "s"),
    ("sj", "s"),
    ("th", "t"),
    ("dh", "d"),
    ("dz", "z"),
    ("gh", "g"),
    ("ph", "f"),
    ("ie", "i"),
    ("iy", "i"),
    ("y", "i"),
    ("j", "i"),
    ("z", "s"),
    ("f", "p"),
)
MUHAMMAD = frozenset(
    {"m", "md", "mh", "moh", "muh", "mohd", "muhd", "moch", "mokh", "much", "mukh"}
    | {f"m{vowel}{h}amad" for vowel in "ou" for h in ("h", "ch", "kh")}
    | {f"m{vowel}{h}amed" for vowel in "ou" for h in ("h", "ch", "kh")}
)
_TAKEN = "\udfff"
"""Stands where a letter was matched: half of a pair, which no text has alone."""
WORD_MISSING = 0.04
FIRST_WORD_MISSING = 0.12
WITHOUT_MUHAMMAD = 0.03
JOINED_OTHERWISE = 0.02
_ROMAN = frozenset({"II", "III", "IV", "VI", "VII", "VIII", "IX"})


def fold(name: str) -> str:
    """The key that a name is searched by: equal for spellings that people take for the same.

    Lower-case letters and digits without spaces; a space stays only where joining two words
    would spell a different sound ("Ahmad Jaya" → "ahmad jaya"). `fold(fold(x)) == fold(x)`.
    Any part of a name has a key that is found in the key of the name, unless the part begins
    or ends inside a sound written with two letters.
    """
    return _key(folded(name))


def _key(words: Iterable[str]) -> str:
    key = ""
    for folded in words:
        if key and key[-1] == folded[0] and folded[0].isalpha():
            folded = folded[1:]
        if folded:
            key += (" " if key and key[-1] + folded[0] in _CLUSTERS else "") + folded
    return key[:LONGEST].rstrip()


_SIGNS = {code: " " for code in range(128) if not chr(code).isalnum()}


def _words(name: str) -> list[str]:
    if name.isascii():
        return name[:LONGEST].lower().translate(_SIGNS).split()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name[:LONGEST]).casefold())
    shown = (letter if letter.isalnum() else "" if unicodedata.combining(letter) else " " for letter in plain)
    return "".join(shown).split()


@lru_cache(maxsize=65536)
def _fold_word(word: str) -> str:
    folded = _undouble(word.translate(_LETTERS))
    before = ""
    while folded != before:
        before = folded
        for cluster, sound in _CLUSTERS.items():
            folded = folded.replace(cluster, sound)
        folded = _undouble(folded)
    return folded


def _undouble(word: str) -> str:
    return "".join(
        letter
        for place, letter in enumerate(word)
        if not place or letter != word[place - 1] or not letter.isalpha()
    )


def similar(one: str, other: str) -> float:
    """How alike two names are, 0 to 1; 1 for the same name in another spelling, 0 for an empty one.

    Names are as alike as their least alike word (Jaro-Winkler on folded words, with sounds
    that are often confused taken as one: kh/k, sy/s, y/i, z/s, f/p). Words may stand in any
    order or be joined; a later word may be missing at a small price, and so may Muhammad.
    """
    if (key := fold(one)) and key == fold(other):
        return 1.0
    return _similar(*sorted((one[:LONGEST], other[:LONGEST])))


@lru_cache(maxsize=8192)
def _similar(one: str, other: str) -> float:
    (words, prefixed), (others, other_prefixed) = given(folded(one)), given(folded(other))
    if not words or not others:
        return 0.0
    best = _by_words(words, others)
    if len(words) != len(others):
        best = max(best, jaro_winkler("".join(words), "".join(others)) - JOINED_OTHERWISE)
    return max(best - (WITHOUT_MUHAMMAD if prefixed != other_prefixed else 0.0), 0.0)


def folded(name: str) -> list[str]:
    """The words of a name, each in the one spelling that stands for all of its."""
    return [_fold_word(word) for word in _words(name)]


def distance(query: str, name: str) -> int:
    """How far a name is from what was typed to find it, 0 to 3: it begins so; every typed word begins
    one of its words; it holds them all somewhere; or something else than the name fits."""
    typed, key = folded(query), fold(name)
    if key.startswith(_key(typed)):
        return 0
    if all(any(word.startswith(part) for word in folded(name)) for part in typed):
        return 1
    return 2 if all(part in key for part in typed) else 3


def given(words: list[str]) -> tuple[list[str], bool]:
    """The words that `similar` compares, of folded ones, and whether Muhammad was left out before them."""
    left = [word for word in words if word not in MUHAMMAD]
    return [loose(word) for word in left or words], bool(left) and len(left) < len(words)


@lru_cache(maxsize=65536)
def loose(word: str) -> str:
    """A folded word as `similar` compares it."""
    for cluster, sound in _LOOSE_CLUSTERS:
        word = word.replace(cluster, sound)
    return _undouble(word)


def _by_words(words: list[str], others: list[str]) -> float:
    """Each word of the shorter name with its best partner; the least alike pair decides."""
    shorter, longer = sorted((words, others), key=len)
    left = list(enumerate(longer))
    worst = 1.0
    for word in shorter:
        place, best = max(left, key=lambda item: jaro_winkler(word, item[1]))
        worst = min(worst, jaro_winkler(word, best))
        left.remove((place, best))
    first_missing = any(place == 0 for place, _ in left)
    return worst - WORD_MISSING * len(left) - (FIRST_WORD_MISSING if first_missing else 0.0)


def jaro_winkler(one: str, other: str) -> float:
    """The Jaro-Winkler likeness of two texts, 0 to 1, with a prefix of up to four letters at 0.1."""
    jaro = _jaro(one, other)
    prefix = 0
    for letter, letter_of_other in zip(one[:4], other[:4], strict=False):
        if letter != letter_of_other:
            break
        prefix += 1
    return jaro + prefix * 0.1 * (1 - jaro)


def _jaro(one: str, other: str) -> float:
    if one == other:
        return 1.0 if one else 0.0
    reach = max(max(len(one), len(other)) // 2 - 1, 0)
    left, matched = other, ""
    for place, letter in enumerate(one):
        there = left.find(letter, max(0, place - reach), place + reach + 1)
        if there >= 0:
            left = left[:there] + _TAKEN + left[there + 1 :]
            matched += letter
    if not matched:
        return 0.0
    in_other = [letter for letter, rest in zip(other, left, strict=True) if rest == _TAKEN]
    swapped = sum(a != b for a, b in zip(matched, in_other, strict=True)) / 2
    count = len(matched)
    return (count / len(one) + count / len(other) + (count - swapped) / count) / 3


def possible_duplicate(one: Child, other: Child, rules: ProgramRules) -> bool:
    """Whether two records may be one child, for a person to decide; nothing is ever merged by this.

    The same NIK; or the same sex, birth dates at most 30 days apart, similar name and similar
    mother's name. A mother's name that is missing on either side does not speak against it.
    """
    if one.id == other.id:
        return False
    if one.nik is not None and one.nik == other.nik and len(set(one.nik)) > 1:
        return True
    if one.sex != other.sex or one.birth_date is None or other.birth_date is None:
        return False
    if abs((one.birth_date - other.birth_date).days) > rules.duplicates.birth_days:
        return False
    alike = rules.duplicates.name_percent
    if _percent(one.name, other.name) < alike:
        return False
    mothers = (one.mother_name or "", other.mother_name or "")
    return not all(fold(name) for name in mothers) or _percent(*mothers) >= alike


def _percent(one: str, other: str) -> int:
    return round(similar(one, other) * 100)


def initials(name: str) -> str:
    """The name as somebody sees it who may not know it: the first letter of each word and dots."""
    return " ".join(f"{word[0].upper()}{DOT * 3}" for word in name.split()[:4]) or DOT * 3


def seen_by(role: str, name: str) -> str:
    """The name as a role reads it outside an opened card: in full, or for the Dinas its initials."""
    return initials(name) if role == Role.DINAS else display(name)


def display(name: str) -> str:
    """The name as printed: tidy spaces; capitals only at the beginnings when it was typed in one case."""
    tidy = " ".join(unicodedata.normalize("NFC", name).split())
    if tidy.isupper() or tidy.islower():
        return " ".join(_capitalised(word) for word in tidy.split(" "))
    return tidy


def _capitalised(word: str) -> str:
    if word.upper() in _ROMAN:
        return word.upper()
    parts = []
    start = True
    for letter in word:
        parts.append(letter.title() if start else letter.lower())
        start = letter in "-./("
    return "".join(parts)
