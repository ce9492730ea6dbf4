import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.reports.statistics import apart, limits, means, more_than_chance, share, t_quantile


@pytest.mark.parametrize(
    ("df", "value"),
    [
        (1, 12.7062047361747),
        (2, 4.30265272974946),
        (3, 3.18244630528371),
        (10, 2.22813885198627),
        (30, 2.04227245630124),
        (100, 1.98397151852355),
        (200, 1.97189622363391),
        (1000, 1.96233908082641),
        (1_000_000, 1.95996635682482),
    ],
)
def test_students_t_is_that_of_the_tables(df, value):
    assert t_quantile(df) == pytest.approx(value, rel=1e-11)


def test_where_the_closed_form_ends_the_expansion_goes_on_smoothly():
    steps = [t_quantile(df) for df in range(196, 206)]
    falls = [a - b for a, b in pairwise(steps)]
    assert all(first > second > 0 for first, second in pairwise(falls))


def test_without_a_degree_of_freedom_there_is_no_t():
    assert math.isnan(t_quantile(0))


COUNTS = st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(COUNTS, st.integers(2, 10**6))
def test_the_interval_holds_the_prevalence_and_stays_between_0_and_100(counts, more):
    count, of = counts
    found = share(count, of, of + more)
    assert 0 <= found.low <= found.percent <= found.high <= 100
    assert found.percent == pytest.approx(100 * count / of)


@given(COUNTS, st.integers(2, 10**6))
def test_those_with_and_those_without_mirror_each_other(counts, more):
    count, of = counts
    one, other = share(count, of, of + more), share(of - count, of, of + more)
    assert one.se == pytest.approx(other.se)
    assert (one.low, one.high) == pytest.approx((100 - other.high, 100 - other.low), abs=1e-9)


def test_none_or_all_of_few_is_judged_by_the_rule_of_three():
    assert limits(share(0, 20, 20)) == (0, 15)
    assert limits(share(20, 20, 20)) == (85, 100)
    assert limits(share(0, 2, 2)) == limits(share(0, 0, 0)) == (0, 100)
    assert not apart(share(0, 100, 100), share(1, 105, 105))
    assert apart(share(0, 100, 100), share(30, 105, 105))


def test_at_0_and_100_per_cent_who_gives_no_width():
    assert (share(0, 40, 900).low, share(0, 40, 900).high) == (0, 0)
    assert (share(40, 40, 900).low, share(40, 40, 900).high) == (100, 100)


def test_nobody_measured_is_no_prevalence_of_zero():
    found = share(0, 0, 50)
    assert (found.count, found.of, found.percent, found.low, found.hidden) == (0, 0, None, None, False)


def test_one_record_alone_has_no_interval():
    assert (share(1, 1, 1).percent, share(1, 1, 1).se, share(1, 1, 1).high) == (100, None, None)


@given(st.lists(st.tuples(st.integers(-600, 600), st.integers(-1, 3)), max_size=60))
def test_means_and_deviations_are_those_of_the_textbook(pairs):
    values = np.array([value / 100 for value, _ in pairs])
    groups = np.array([group for _, group in pairs], dtype=np.intp)
    found = means(values, groups, 4, max(len(pairs), 2))
    for group, one in enumerate(found):
        mine = [value / 100 for value, of in pairs if of == group]
        assert one.of == len(mine)
        if not mine:
            assert one.mean is one.sd is None
            continue
        mean = sum(mine) / len(mine)
        assert one.mean == pytest.approx(mean, abs=1e-12)
        if len(mine) == 1:
            assert one.sd is None
        else:
            sd = math.sqrt(sum((value - mean) ** 2 for value in mine) / (len(mine) - 1))
            assert one.sd == pytest.approx(sd, abs=1e-9)
            assert one.high - one.mean == pytest.approx(one.mean - one.low, abs=1e-9)


def tail(count, of, rate):
    """P(at least so many), summed up from the other end."""
    return sum(math.comb(of, n) * rate**n * (1 - rate) ** (of - n) for n in range(count, of + 1))


@given(st.integers(1, 200).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))), st.integers(1, 40))
def test_few_are_judged_by_the_binomial_distribution(counts, percent):
    count, of = counts
    if of * percent >= 5000:
        return
    chance = tail(count, of, percent / 100)
    if abs(chance - 0.05) > 1e-9:
        assert more_than_chance(count, of, percent / 100) is (chance < 0.05 and count > of * percent / 100)


def test_one_is_too_many_where_none_is_allowed():
    assert more_than_chance(1, 1000, 0.0)
    assert not more_than_chance(0, 1000, 0.0)
    assert not more_than_chance(0, 0, 0.01)
    assert not more_than_chance(30, 30, 1.0)


@pytest.mark.parametrize(("count", "more"), [(10_000, False), (10_100, False), (10_200, True), (10**6, True)])
def test_many_are_judged_by_the_normal_distribution(count, more):
    assert more_than_chance(count, 10**6, 0.01) is more
