"""Children registered twice, child by child: what the search by columns must find, to the last pair."""

from collections import defaultdict
from itertools import pairwise

from posyandu_app.domain import names
from posyandu_app.reports import duplicates
from posyandu_app.reports.duplicates import Pair

LOOSE = str.maketrans({"y": "i", "j": "i", "z": "s", "f": "p", "h": None, " ": None})


def find(children, rules):
    found = dict.fromkeys(same_nik(children), True)
    for one, other in near(children, rules):
        if names.possible_duplicate(children[one], children[other], rules):
            found.setdefault((one, other), False)
    return tuple(Pair(children[a].id, children[b].id, same) for (a, b), same in sorted(found.items()))


def same_nik(children):
    """Everybody with the first few of the same NIK."""
    first = defaultdict(list)
    for place, child in enumerate(children):
        if child.nik is not None and len(set(child.nik)) > 1:
            yield from ((other, place) for other in first[child.nik][: duplicates._FIRST_FEW])
            first[child.nik].append(place)


def near(children, rules):
    """Those of a block who are born within the days, with names and mothers' names that look alike."""
    own = [words_of(child.name) for child in children]
    mothers = [words_of(child.mother_name or "") for child in children]
    blocks = defaultdict(list)
    for place, child in enumerate(children):
        if child.birth_date is not None:
            for first in {word[0] for word in own[place]}:
                for mother in {None, *(word[0] for word in mothers[place])}:
                    blocks[child.sex, first, mother].append(place)
    for (_, _, mother), members in blocks.items():
        members.sort(key=lambda place: children[place].birth_date)
        for at, one in enumerate(members):
            for other in members[at + 1 : at + 1 + duplicates._NEIGHBOURS]:
                apart = (children[other].birth_date - children[one].birth_date).days
                nameless = not (marks_of(mothers[one]) and marks_of(mothers[other]))
                pair = min(one, other), max(one, other)
                if (
                    apart <= rules.duplicates.birth_days
                    and (nameless or mother is not None)
                    and alike(own[one], own[other])
                    and (nameless or alike(mothers[one], mothers[other]))
                    and all(words_alike(*(of[place] for place in pair)) for of in (own, mothers))
                ):
                    yield pair


def words_of(text):
    keys = [names.fold(word).translate(LOOSE) for word in text.casefold().split()[:6]]
    return [key for key in keys if key]


def marks_of(words):
    """The neighbouring letters of a name."""
    return {(ord(a) * 29 + ord(b)) % 61 for a, b in pairwise("".join(words))}


def alike(words, others):
    one, other = marks_of(words), marks_of(others)
    return one == other or min(len(one - other), len(other - one)) * 3 < min(len(one), len(other))


def words_alike(words, others):
    return len(words) != len(others) or all(
        any(names.jaro_winkler(word, other) >= duplicates._WORDS_ALIKE for other in others) for word in words
    )
