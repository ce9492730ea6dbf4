"""Pairs of records that may be one child: none is lost to what makes the search quick, whatever happens."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posyandu_app.domain import names, near_words
from posyandu_app.domain.doubles import Doubles
from posyandu_app.domain.model import Child, Sex
from posyandu_app.domain.rules import default_rules
from tests import varied_names

RULES = default_rules()
BORN = date(2025, 1, 1)
REPEATED = "1111111111111111"


def with_rules(percent: int, days: int):
    return replace(RULES, duplicates=replace(RULES.duplicates, name_percent=percent, birth_days=days))


def every_pair(records, rules):
    """The rule, pair by pair: the NIK of the first who has it, or words that begin alike and near births."""
    found, first, blocks = set(), {}, defaultdict(list)
    for _, child in sorted(records, key=lambda record: record[0]):
        if child.nik is not None and first.setdefault(child.nik, child) is not child:
            found.add((first[child.nik], child))
        if child.birth_date is not None:
            for letter in {word[0] for word in map(names.fold, child.name.split()) if word}:
                for other in blocks[child.sex, letter]:
                    if abs(child.birth_date - other.birth_date) <= timedelta(
                        days=rules.duplicates.birth_days
                    ):
                        found.add((child, other))
                blocks[child.sex, letter].append(child)
    found = {
        tuple(sorted((one.id, other.id)))
        for one, other in found
        if names.possible_duplicate(one, other, rules)
    }
    return sorted(found)


def pairs_of(doubles):
    return [(one.id, other.id) for one, other in doubles.pairs()]


def varied(count, seed, unnamed, days):
    rows = varied_names.children(count, seed, unnamed, days)
    return [
        (
            (f"32.11.13.2005.{number % 3:03d}", number),
            Child(
                rows.ids[number],
                f"32.11.13.2005.{number % 3:03d}",
                rows.names[number],
                Sex(rows.sexes[number]),
                date.fromordinal(int(rows.births[number])),
                mother_name=rows.mothers[number],
            ),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("count", "unnamed", "percent", "birth_days"),
    [
        (500, 0.1, 85, 30),
        (501, 0.5, 85, 30),
        (502, 1.0, 85, 30),
        (200, 0.0, 100, 366),
        (201, 0.3, 70, 10),
        (503, 0.9, 50, 3),
    ],
)
def test_of_varied_names_no_pair_is_lost(count, unnamed, percent, birth_days):
    records = varied(count, count, unnamed, 120)
    rules = with_rules(percent, birth_days)
    found = pairs_of(Doubles(records, rules))
    assert found == every_pair(records, rules)
    assert found


_NAMES = (
    *(
        "Siti Aminah",
        "Siti Aminnah",
        "Sitti Aminah",
        "Aminah",
        "Siti",
        "SITI NUR AMINAH",
        "Nur Aini",
        "Nuraini",
    ),
    *(
        "Noer Aini",
        "Muhammad Rizky",
        "Moh. Rizki",
        "Rizky",
        "Muhammad",
        "M.",
        "Ahmad Jaya",
        "Ahmadjaya",
        "Djoko",
    ),
    *(
        "Joko",
        "Asri",
        "Sari",
        "Asep Saepuloh",
        "Asep",
        "Bayi Ny. Aminah",
        "Khoirul Anwar",
        "Koirul Anwar",
        "123",
    ),
    *(
        "",
        "---",
        205 * "." + " Siti",
        "Zahra",
        "Sahra",
        "Anna Ana",
        "A A",
        "Budi Budi",
        "Budi",
        "Phyllis",
        "Filis",
        "Ámïnah",
    ),
)
_children = st.builds(
    Child,
    st.sampled_from([f"anak-{number}" for number in range(12)]),
    st.sampled_from(["32.11.13.2005.001", "32.11.13.2005.002"]),
    st.sampled_from(_NAMES) | st.text("abinrsyzhkuj ", max_size=14),
    st.sampled_from([Sex.FEMALE, Sex.FEMALE, Sex.MALE, None]),
    st.none() | st.integers(0, 50).map(lambda days: BORN + timedelta(days=days)),
    nik=st.none() | st.sampled_from([REPEATED, "3211130101250001", "3211130101250002"]),
    mother_name=st.none() | st.sampled_from(_NAMES),
)
_deeds = st.lists(st.tuples(st.booleans(), _children, st.integers(0, 40)), min_size=1, max_size=8)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(_children, max_size=12, unique_by=lambda child: child.id), _deeds, st.sampled_from([50, 85, 100])
)
def test_after_any_changes_the_pairs_are_those_of_a_search_from_the_beginning(children, deeds, percent):
    rules = with_rules(percent, 30)
    records = {child.id: ((child.scope, number), child) for number, child in enumerate(children)}
    kept = Doubles(records.values(), rules)
    for comes, child, number in deeds:
        if comes:
            records[child.id] = (child.scope, number), child
            kept.put(*records[child.id])
        else:
            records.pop(child.id, None)
            kept.drop(child.id)
        assert pairs_of(kept) == every_pair(records.values(), rules)
    assert pairs_of(Doubles(records.values(), rules)) == pairs_of(kept)


def test_twins_stand_as_a_pair_only_when_they_are_called_alike():
    def twin(id_, name):
        return Child(id_, "32.11.13.2005.001", name, Sex.MALE, BORN, mother_name="Rohmah")

    hasan, husen, hasyim = twin("a", "Hasan"), twin("b", "Husein"), twin("c", "Hassan")
    records = [((child.scope, number), child) for number, child in enumerate((hasan, husen, hasyim))]
    assert pairs_of(Doubles(records, RULES)) == [("a", "c")]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text("abcdeénr'", min_size=1, max_size=12), min_size=1, max_size=25, unique=True),
    st.sampled_from([0.495, 0.7, 0.845, 0.95, 0.995]),
)
def test_no_word_that_is_like_another_is_left_out_of_those_near_it(words, least):
    for word, near in zip(words, near_words.near(words, least), strict=True):
        like = {place for place, other in enumerate(words) if names.jaro_winkler(word, other) >= least}
        assert like <= set(near)


def test_words_of_many_letters_are_near_few_others():
    words = sorted({word for _, child in varied(300, 8, 0, 100) for word in names.folded(child.name)})
    near = near_words.near(words, 0.845)
    assert sum(map(len, near)) < len(words) ** 2 / 10
