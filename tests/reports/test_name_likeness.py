"""The likeness of names over columns is never less than that of the domain, and that of words the same."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posyandu_app.domain import names
from posyandu_app.reports import name_likeness
from posyandu_app.reports.name_likeness import jaro_winkler as of_columns
from posyandu_app.reports.name_likeness import most_alike

WORDS = st.text("abcdeé李", min_size=1, max_size=14) | st.text("ab", min_size=1, max_size=9)
PARTS = (
    *(
        "Siti",
        "Sitti",
        "Aminah",
        "Nur",
        "Aini",
        "Nuraini",
        "Noer",
        "Muhammad",
        "M",
        "Moch.",
        "Rizky",
        "Riski",
    ),
    *(
        "Djoko",
        "Joko",
        "Tjetjep",
        "Cecep",
        "Khoirul",
        "Choirul",
        "'Aisyah",
        "Aisha",
        "-",
        "李",
        "É",
        "a" * 90,
        "",
    ),
)


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=30))
@settings(deadline=None)
def test_words_are_as_alike_as_the_domain_says(pairs):
    sides = [name_likeness._letters(side) for side in zip(*pairs, strict=True)]
    found = of_columns(*sides[0], *sides[1])
    assert found.tolist() == [names.jaro_winkler(*pair) for pair in pairs]


@pytest.mark.parametrize("seed", range(8))
def test_no_pair_of_names_is_more_alike_than_is_told(monkeypatch, seed):
    monkeypatch.setattr(name_likeness, "_AT_ONCE", 50)
    drawn = random.Random(seed)
    texts = [" ".join(drawn.choices(PARTS, k=drawn.randint(0, 4))) for _ in range(60)]
    one, other = (np.array([drawn.randrange(60) for _ in range(800)]) for _ in range(2))
    told = most_alike(texts, one, other)
    similar = np.array([names.similar(texts[a], texts[b]) for a, b in zip(one, other, strict=True)])
    assert (told >= similar - 1e-12).all()
    assert (told <= 1).all()
    assert (told < similar + 0.2).mean() > 0.9, "near enough to be of use"


@pytest.mark.parametrize("seed", range(8))
def test_with_a_limit_whoever_reaches_it_is_told_the_same_and_nobody_else_does(monkeypatch, seed):
    monkeypatch.setattr(name_likeness, "_AT_ONCE", 50)
    drawn = random.Random(seed)
    texts = [" ".join(drawn.choices(PARTS, k=drawn.randint(0, 4))) for _ in range(60)]
    one, other = (np.array([drawn.randrange(60) for _ in range(800)]) for _ in range(2))
    told = most_alike(texts, one, other)
    for least in (0.7, 0.845, 0.96, 1.0):
        limited = most_alike(texts, one, other, least)
        reach = told >= least
        assert limited[reach].tolist() == told[reach].tolist()
        assert (limited[~reach] < least).all()
        assert (limited >= told).all()


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=30))
@settings(deadline=None)
def test_letters_allow_no_less_than_the_likeness_of_words(pairs):
    words = [word for pair in pairs for word in pair]
    letters, lengths = name_likeness._letters(words)
    one = np.arange(0, len(words), 2)
    most = name_likeness._at_most(letters, lengths, name_likeness._marks(letters), one, one + 1)
    assert all(most >= np.array([names.jaro_winkler(*pair) for pair in pairs]) - 1e-12)


def test_no_pairs_have_no_likeness():
    none = np.empty(0, dtype=np.intp)
    assert most_alike(["Siti"], none, none).tolist() == []
    assert most_alike(["", "-"], np.array([0, 1]), np.array([1, 1])).tolist() == [0, 0]
