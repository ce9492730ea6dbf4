import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.reports.digits import preference

COUNTS = st.lists(st.integers(0, 500), min_size=10, max_size=10)


def test_equal_digits_show_no_preference():
    found = preference([30] * 10)
    assert (found.n, found.dissimilarity, found.score) == (300, 0, 0)
    assert found.preferred == ()
    assert found.is_problem(100, 20) is False


def test_one_digit_only_is_the_worst_there_is():
    found = preference([0, 0, 0, 0, 0, 200, 0, 0, 0, 0])
    assert found.dissimilarity == pytest.approx(90)
    assert found.score == pytest.approx(100)
    assert found.preferred == (5,)
    assert found.is_problem(100, 20) is True


def test_the_score_is_that_of_the_monica_project():
    counts = [60, 20, 25, 22, 18, 45, 20, 15, 10, 15]  # worked through by hand: χ² = Σ (n − 25)² ÷ 25
    chi = sum((count - 25) ** 2 for count in counts) / 25
    found = preference(counts)
    assert found.chi_square == pytest.approx(chi)
    assert found.score == pytest.approx(100 * math.sqrt(chi / (9 * 250)))
    assert found.preferred == (0, 5)


@given(COUNTS)
def test_figures_stay_in_their_ranges(counts):
    found = preference(counts)
    if found.n == 0:
        assert found.score is found.dissimilarity is None
        assert found.is_problem(1, 0) is None
        return
    assert 0 <= found.dissimilarity <= 90 + 1e-9
    assert 0 <= found.score <= 100 + 1e-9
    assert all(counts[digit] * 10 > found.n for digit in found.preferred)


@given(COUNTS, st.permutations(range(10)))
def test_it_does_not_matter_which_digit_is_preferred(counts, order):
    one, other = preference(counts), preference([counts[place] for place in order])
    assert one.score == pytest.approx(other.score) if one.score is not None else other.score is None
    assert one.dissimilarity == (pytest.approx(other.dissimilarity) if one.n else None)


def test_few_readings_are_not_judged():
    assert preference([9, 0, 0, 0, 0, 0, 0, 0, 0, 0]).is_problem(10, 20) is None


def test_a_high_score_that_chance_explains_is_no_problem():
    found = preference([4, 0, 1, 1, 0, 2, 1, 0, 1, 0])
    assert found.score > 20
    assert found.is_problem(10, 20) is False


def test_there_are_ten_digits():
    with pytest.raises(ValueError, match="ten"):
        preference([1, 2, 3])
