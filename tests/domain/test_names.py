from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.model import Sex
from posyandu_app.domain.names import display, fold, jaro_winkler, possible_duplicate, similar
from tests.domain.field import RULES, child

ALIKE = RULES.duplicates.name_percent / 100
WORDS = st.text("abcdefghijklmnopqrstuvwxyz'-.éÉ DJOETQK", min_size=0, max_size=30)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Djoko", "Joko"),
        ("Soekarno", "Sukarno"),
        ("Noer Hajati", "Nur Hajati"),
        ("Tjetjep", "Cecep"),
        ("Zoelqarnain", "Zulkarnain"),
        ("Nur Aini", "Nuraini"),
        ("Nu'man", "NUMAN"),
        ("Nur Rahman", "Nurahman"),
        ("Annisa", "Anisa"),
        ("Aisyah  ", "aisyah"),
        ("Novi", "Nofi"),
        ("Réza", "Reza"),
        ("Abdul-Aziz", "Abdul Aziz"),
        ("Rizqi", "Rizki"),
        ("Alexa", "Aleksa"),
        ("ﬁtri", "Fitri"),
    ],
)
def test_spellings_of_one_name_share_a_key(one, other):
    assert fold(one) == fold(other)
    assert similar(one, other) == 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jaja", "Yaya"),
        ("Cici", "Kiki"),
        ("Endang", "Undang"),
        ("Ani", "Ina"),
        ("Euis", "Elis"),
        ("Ela", "Maulana"),
    ],
)
def test_different_names_keep_different_keys(one, other):
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("ahmad", "Ahmad Jaya"),
        ("jaya", "Ahmad Jaya"),
        ("djaja", "Ahmad Jaja"),
        ("eko", "Joko Eko"),
        ("joko", "Joko Eko"),
        ("hidayat", "Ahmad Hidayat"),
        ("jaelani", "Hidayat Jaelani"),
        ("iis", "Siti Iis"),
        ("jani", "Anjani"),
        ("noer", "Siti Nuraini"),
        ("nuraini", "Siti Noer Aini"),
    ],
)
def test_any_word_of_a_name_finds_it(part, name):
    assert fold(part) in fold(name)


def test_digits_are_never_taken_together():
    assert fold("3211130001110022") == "3211130001110022"


@pytest.mark.parametrize("nothing", ["", "   ", "'-.", "😀", "\x00"])
def test_what_holds_no_letter_has_an_empty_key(nothing):
    assert fold(nothing) == ""
    assert similar(nothing, "Siti") == 0.0
    assert similar(nothing, nothing) == 0.0


def test_an_endless_name_is_cut_not_choked_on():
    assert len(fold("ab" * 500_000)) <= 200
    assert similar("ab" * 500_000, "ab" * 500_000) == 1.0


@given(st.one_of(st.text(max_size=300), WORDS))
def test_folding_twice_changes_nothing(name):
    assert fold(fold(name)) == fold(name)


@given(st.lists(st.text("abcdeghijklmnoprstuy", min_size=1, max_size=8), min_size=1, max_size=5))
def test_every_word_of_a_name_is_found_in_its_key(words):
    key = fold(" ".join(words))
    assert all(fold(word) in key for word in words)


@given(WORDS)
def test_case_and_spaces_make_no_difference(name):
    assert fold(name.upper()) == fold(name) == fold(f"  {name} ")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Siti Aminah", "Aminah Siti"),
        ("Muhammad Rizki", "Moch. Riski"),
        ("Muhammad Rizki", "Rizky"),
        ("M. Rizki Pratama", "Mohamad Rizki Pratama"),
        ("Khoirunnisa", "Choirunisa"),
        ("Yusuf", "Jusuf"),
        ("Fitri", "Pitri"),
        ("Nadhira", "Nadira"),
        ("Siti", "Siti Aminah"),
        ("Aisyah Putri", "Aisah Putri"),
        ("Arief", "Arif"),
        ("Nadhira Maulana", "Nadira Maulanaa"),
        ("Syarifah", "Sharifa"),
        ("Nurhaliza", "Nur Haliza"),
    ],
)
def test_names_that_people_would_take_for_one_are_alike(one, other):
    assert similar(one, other) >= ALIKE
    assert similar(one, other) == similar(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rizki", "Raka"),
        ("Dewi Putri", "Dewi Maulana"),
        ("Asep Hidayat", "Asep Lestari"),
        ("Muhammad Gunawan", "Raka Gunawan"),
        ("Asep Suryana", "Dewi Suryana"),
        ("Siti Aminah", "Siti Rohmah"),
        ("Gunawan", "Raka Gunawan"),
        ("Muhammad", "Siti"),
    ],
)
def test_different_children_are_not_alike(one, other):
    assert similar(one, other) < ALIKE


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_symmetric_and_within_0_and_1(one, other):
    assert 0.0 <= similar(one, other) == similar(other, one) <= 1.0


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("MARTHA", "MARHTA", 0.9611), ("DIXON", "DICKSONX", 0.8133), ("DWAYNE", "DUANE", 0.84), ("a", "b", 0.0)],
)
def test_jaro_winkler_equals_the_published_examples(one, other, expected):
    assert jaro_winkler(one, other) == pytest.approx(expected, abs=5e-5)


def slow_jaro(one, other):
    """The Jaro likeness, letter by letter."""
    if one == other:
        return 1.0 if one else 0.0
    reach = max(max(len(one), len(other)) // 2 - 1, 0)
    taken, matched = set(), []
    for place, letter in enumerate(one):
        near = range(max(0, place - reach), min(len(other), place + reach + 1))
        there = next((at for at in near if at not in taken and other[at] == letter), None)
        if there is not None:
            taken.add(there)
            matched.append(letter)
    if not matched:
        return 0.0
    swapped = sum(a != other[at] for a, at in zip(matched, sorted(taken), strict=True)) / 2
    count = len(matched)
    return (count / len(one) + count / len(other) + (count - swapped) / count) / 3


@given(*[st.text("abc\x00é李", max_size=12) | st.text(max_size=20)] * 2)
def test_jaro_winkler_is_jaro_and_the_letters_in_front(one, other):
    jaro, prefix = (
        slow_jaro(one, other),
        sum(one[:end] == other[:end] for end in range(1, min(4, len(one)) + 1)),
    )
    assert jaro_winkler(one, other) == jaro + prefix * 0.1 * (1 - jaro)


FIRST = child(date(2025, 3, 10), Sex.MALE, id="a", name="Muhammad Rizki", mother_name="Siti Aminah", nik=None)


def other(**changes):
    return replace(FIRST, **{"id": "b", **changes})


def test_the_same_nik_is_a_possible_duplicate_whatever_else_differs():
    twin = other(name="Dewi", sex=Sex.FEMALE, birth_date=date(2022, 1, 1), nik="3211131003250001")
    assert possible_duplicate(replace(FIRST, nik="3211131003250001"), twin, RULES)


@pytest.mark.parametrize("nik", [None, "0000000000000000", "1111111111111111"])
def test_a_missing_or_empty_nik_links_nobody(nik):
    stranger = other(name="Raka", nik=nik, mother_name="Euis")
    assert not possible_duplicate(replace(FIRST, nik=nik), stranger, RULES)


@pytest.mark.parametrize("days", [-30, -1, 0, 1, 30])
def test_similar_names_born_within_30_days_are_possible_duplicates(days):
    again = other(
        name="Moch Riski", mother_name="St. Aminah", birth_date=FIRST.birth_date + timedelta(days=days)
    )
    assert possible_duplicate(FIRST, again, RULES)
    assert possible_duplicate(again, FIRST, RULES)


@pytest.mark.parametrize(
    "changes",
    [
        {"birth_date": date(2025, 4, 10)},
        {"birth_date": date(2025, 2, 7)},
        {"birth_date": None},
        {"sex": Sex.FEMALE},
        {"name": "Raka Pratama"},
        {"mother_name": "Euis Kurniasih"},
    ],
)
def test_one_difference_that_counts_makes_two_children(changes):
    assert not possible_duplicate(FIRST, other(**changes), RULES)


def test_a_mother_not_yet_named_does_not_speak_against_it():
    assert possible_duplicate(FIRST, other(mother_name=None), RULES)
    assert possible_duplicate(FIRST, other(mother_name="-"), RULES)


def test_a_child_is_no_duplicate_of_herself():
    assert not possible_duplicate(FIRST, FIRST, RULES)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("SITI AMINAH", "Siti Aminah"),
        ("siti  aminah ", "Siti Aminah"),
        ("NUR'AINI", "Nur'aini"),
        ("ABDUL-AZIZ", "Abdul-Aziz"),
        ("M.RIZKI", "M.Rizki"),
        ("raka ii", "Raka II"),
        ("Siti aminah", "Siti aminah"),
        ("McDonald", "McDonald"),
        ("", ""),
        ("😀", "😀"),
    ],
)
def test_a_name_is_printed_as_a_name(typed, shown):
    assert display(typed) == shown


@given(st.text(max_size=50))
def test_printing_a_name_twice_changes_nothing(name):
    assert display(display(name)) == display(name)
