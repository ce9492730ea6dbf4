"""The likeness of names and words over columns is that of the domain."""

import random
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posyandu_app.domain import names
from posyandu_app.reports import name_likeness
from posyandu_app.reports.columns import Numbered
from posyandu_app.reports.name_likeness import Spellings, alike
from posyandu_app.reports.texts import Texts
from posyandu_app.reports.word_likeness import Words
from tests import varied_names

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


def texts_of(known):
    parts = Numbered()
    texts = Texts.by(known, parts, names.LONGEST)
    return Spellings.of(parts), texts


def agree(known, pairs, percents):
    """Whether of pairs of rows the columns say what the domain says."""
    spellings, texts = texts_of(known)
    one, other = texts.of[[a for a, _ in pairs]], texts.of[[b for _, b in pairs]]
    similar = [round(names.similar(known[a], known[b]) * 100) for a, b in pairs]
    for percent in percents:
        assert alike(spellings, texts, one, other, percent).tolist() == [
            each >= percent for each in similar
        ], percent


@pytest.mark.parametrize("seed", range(8))
def test_names_are_alike_where_the_domain_says_so(monkeypatch, seed):
    monkeypatch.setattr(name_likeness, "_AT_ONCE", 50)
    drawn = random.Random(seed)
    known = [" ".join(drawn.choices(PARTS, k=drawn.randint(0, 4))) for _ in range(60)]
    pairs = [(drawn.randrange(60), drawn.randrange(60)) for _ in range(800)]
    agree(known, pairs, range(101))


def test_varied_names_are_alike_where_the_domain_says_so():
    known = varied_names.children(1000, seed=2, unnamed=0).names
    begin = sorted(range(1000), key=known.__getitem__)
    agree(known, [*pairwise(begin), *zip(begin, begin[2:], strict=False)], range(70, 101))


@given(st.lists(st.text() | st.text("abmdjoeu .", max_size=12), min_size=2, max_size=8))
@settings(deadline=None)
def test_whatever_is_written_the_domain_agrees(known):
    agree(known, [(a, b) for a in range(len(known)) for b in range(a)], (0, 1, 50, 85, 86, 100))


def test_names_with_one_key_are_the_same_also_where_the_key_is_cut():
    long = "x" + "yx" * 99
    agree(
        ["M Rizki", "Mrizki", long, long[:-1], long[1:], "h", ""],
        list(product(range(7), repeat=2)),
        (85, 100),
    )


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=30), st.floats(0, 1))
@settings(deadline=None)
def test_words_are_as_alike_as_the_domain_says(pairs, least):
    known = [word for pair in pairs for word in pair]
    one = np.arange(0, len(known), 2)
    words, exact = Words.of(known), [names.jaro_winkler(*pair) for pair in pairs]
    assert words.likeness(one, one + 1).tolist() == exact
    limited = words.likeness(one, one + 1, least).tolist()
    assert all(
        told == value if value >= least else told < least for told, value in zip(limited, exact, strict=True)
    )
    assert all(words.at_most(one, one + 1) >= np.array(exact) - 1e-12)


def test_no_pairs_have_no_likeness():
    spellings, texts = texts_of(["Siti"])
    none = np.empty(0, dtype=np.intp)
    assert alike(spellings, texts, none, none, 85).tolist() == []
