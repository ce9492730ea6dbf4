"""Possible duplicates among many are those that comparing everybody with everybody finds."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posyandu_app.domain import names
from posyandu_app.domain.model import Sex
from posyandu_app.reports import duplicates
from posyandu_app.reports.duplicates import Pair
from posyandu_app.storage.connection import Database
from tests import generator, varied_names
from tests.reports import slow_duplicates
from tests.reports.analysis import RULES, child_of, girl, records

BIRTH = date(2024, 5, 3)


def pairs(children):
    return {frozenset((pair.one, pair.other)) for pair in duplicates.find(records(children), RULES)}


def by_hand(children):
    return {
        frozenset((one.id, other.id))
        for place, one in enumerate(children)
        for other in children[:place]
        if names.possible_duplicate(one, other, RULES)
    }


def named(number, name, mother="Siti Rahmawati", days=0, **more):
    values = {"nik": None, "name": name, "mother_name": mother, **more}
    return girl(number, BIRTH + timedelta(days=days), **values)


def test_all_pairs_of_a_generated_village_are_found():
    world = generator.make(children=1000, months=2, posyandu=3, seed=17)
    found = duplicates.find(records(world.children), RULES)
    assert pairs(world.children) == by_hand(world.children)
    assert len(found) >= 5
    assert any(pair.same_nik for pair in found)
    assert any(not pair.same_nik for pair in found)


@pytest.mark.parametrize("unnamed", [0, 0.3, 1])
@pytest.mark.parametrize("seed", range(4))
def test_among_varied_names_the_columns_find_what_is_found_child_by_child(seed, unnamed):
    district = varied_names.children(600, seed, unnamed, days=90)
    children = [child_of(district, place) for place in range(600)]
    found = duplicates.find(district, RULES)
    assert found == slow_duplicates.find(children, RULES)
    assert {frozenset((pair.one, pair.other)) for pair in found} <= by_hand(children)
    assert found


@pytest.mark.parametrize(
    ("name", "mother"),
    [
        ("Siti Aminah", "Nurhayati"),
        ("SITI AMINAH", "NUR HAYATI"),
        ("Sitti Aminah", "Noerhajati"),
        ("Siti", "Nurhayati"),
        ("Aminah Siti", "Nurhayati"),
        ("Siti Aminah", None),
        ("Siti Aminah", ""),
    ],
)
def test_other_spellings_are_found(name, mother):
    children = [named(1, "Siti Aminah", "Nurhayati"), named(2, name, mother, days=3)]
    assert pairs(children) == by_hand(children) == {frozenset(("anak-1", "anak-2"))}


@pytest.mark.parametrize(
    "other",
    [
        named(2, "Budi Santoso"),
        named(2, "Siti Aminah", "Dewi Lestari"),
        named(2, "Siti Aminah", days=31),
        named(2, "Siti Aminah", sex=Sex.MALE),
        named(2, ""),
    ],
)
def test_others_are_left_alone(other):
    assert pairs([named(1, "Siti Aminah"), other]) == set()


def test_one_nik_is_enough_but_sixteen_zeros_are_not_a_nik():
    one, other = named(1, "Siti"), named(2, "Bagus", "Ayu", days=900, sex=Sex.MALE)
    with_nik = [girl(number, nik="3211131203240001") for number in (3, 4)]
    nothing = [named(5, "Rina", nik="0" * 16), named(6, "Tono", "Ayu", nik="0" * 16)]
    found = duplicates.find(records([one, other, *with_nik, *nothing]), RULES)
    assert found == (Pair("anak-3", "anak-4", same_nik=True),)


NAMES = st.sampled_from(
    [
        "Siti Aminah",
        "Sitti Aminah",
        "Aminah",
        "Muhammad Rizki",
        "M Rizky",
        "Rizki",
        "Djoko",
        "Joko",
        "A",
        "",
        "李",
    ]
)


@given(st.lists(st.tuples(NAMES, st.one_of(st.none(), NAMES), st.integers(0, 40)), max_size=12))
@settings(deadline=None)
def test_whatever_is_found_the_domain_agrees_with(drawn):
    children = [named(number, name, mother, days) for number, (name, mother, days) in enumerate(drawn)]
    assert pairs(children) <= by_hand(children)


SYLLABLES = ("si", "ti", "a", "mi", "nah", "nur", "ya", "ri", "z", "ki", "dwi", "tjo", "jo", "oe", "李", "é")


def children_at_random(seed, count):
    """Children whose names are few syllables, mistyped here and there: many look alike."""
    drawn = random.Random(seed)

    def name():
        words = ["".join(drawn.choices(SYLLABLES, k=drawn.randint(1, 3))) for _ in range(drawn.randint(0, 4))]
        if drawn.random() < 0.1:
            words *= 4
        return drawn.choice((" ".join, " - ".join, "  ".join))(words).title()

    def typed_again(text):
        at = drawn.randint(0, len(text))
        return text[:at] + drawn.choice(("", "h", "a", " ")) + text[at + drawn.randint(0, 1) :]

    known = [(name(), name()) for _ in range(max(count // 4, 1))]
    for number in range(count):
        own, mother = (drawn.choice((one, typed_again(one))) for one in drawn.choice(known))
        yield girl(
            number,
            None if drawn.random() < 0.03 else BIRTH + timedelta(days=drawn.randint(0, 90)),
            name=own,
            mother_name=drawn.choice((mother, mother, mother, mother, "", "A", None)),
            sex=drawn.choice((Sex.FEMALE, Sex.FEMALE, Sex.MALE, None)),
            nik=drawn.choice((None, "", "0" * 16, f"32111352110{drawn.randint(0, count):05d}")),
        )


@pytest.mark.parametrize("neighbours", [400, 6])
@pytest.mark.parametrize("seed", range(12))
def test_the_columns_find_what_is_found_child_by_child(monkeypatch, seed, neighbours):
    monkeypatch.setattr(duplicates, "_NEIGHBOURS", neighbours)
    monkeypatch.setattr(duplicates, "_AT_ONCE", 500)
    children = list(children_at_random(seed, 40 + 40 * seed))
    found = duplicates.find(records(children), RULES)
    assert found == slow_duplicates.find(children, RULES)
    assert seed < 3 or len(found) > 10


def test_a_thousand_children_of_one_name_do_not_stop_the_laptop(monkeypatch):
    monkeypatch.setattr(duplicates, "_NEIGHBOURS", 5)
    monkeypatch.setattr(duplicates, "_AT_ONCE", 100)
    found = duplicates.find(records([named(number, "Siti Aminah") for number in range(1000)]), RULES)
    assert 990 <= len(found) <= 5000


def test_children_are_read_as_the_log_has_them(tmp_path):
    world = generator.make(children=60, months=2, posyandu=2, seed=3)
    database = Database.create(tmp_path / "posyandu.db", bytes(32))
    try:
        generator.store(world, database)
        read = duplicates.read(database)
    finally:
        database.close()
    children = [child_of(read, place) for place in range(len(read.ids))]
    assert [(c.id, c.scope, c.name, c.nik, c.sex, c.birth_date, c.mother_name) for c in children] == [
        (c.id, c.scope, c.name, c.nik, c.sex, c.birth_date, c.mother_name) for c in world.children
    ]


def test_without_children_nothing_is_found(tmp_path):
    database = Database.create(tmp_path / "posyandu.db", bytes(32))
    try:
        assert duplicates.find(duplicates.read(database), RULES) == ()
    finally:
        database.close()
