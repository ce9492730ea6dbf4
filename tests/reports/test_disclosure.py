"""Small numbers are covered, and cannot be worked out from what is left."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.age import Month
from posyandu_app.domain.model import Role, Sex
from posyandu_app.reports import prevalence
from posyandu_app.reports.analysis_rules import SmallNumbers, default_analysis_rules
from posyandu_app.reports.areas import Level
from posyandu_app.reports.cohort import Path, cohort
from posyandu_app.reports.disclosure import (
    HIDDEN,
    cover_cohort,
    cover_series,
    cover_table,
    covered_in_family,
    is_small,
)
from posyandu_app.reports.frames import of_domain
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import By, Indicator
from posyandu_app.reports.statistics import share
from tests.reports.analysis import IN_NOVEMBER, RULES, girl, tall

FIVE = SmallNumbers(5, frozenset({"bidan"}))
DAY = date(2026, 11, 12)


@pytest.mark.parametrize(
    ("count", "of", "small"),
    [
        (0, 40, False),
        (1, 40, True),
        (4, 40, True),
        (5, 40, False),
        (35, 40, False),
        (36, 40, True),
        (40, 40, True),
        (0, 4, True),
        (0, 5, False),
        (0, 0, False),
        (5, 10, False),
        (5, 9, True),
    ],
)
def test_what_is_small(count, of, small):
    assert is_small(share(count, of, 100), 5) is small


SHARES = st.lists(
    st.integers(0, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))), min_size=1, max_size=12
)


@given(SHARES, st.integers(1, 12))
def test_nothing_small_is_shown_and_nothing_stands_covered_alone(counts, smallest):
    shares = [share(count, of, 1000) for count, of in counts]
    covered = covered_in_family(shares, smallest)
    for one, hidden in zip(shares, covered, strict=True):
        assert hidden or not is_small(one, smallest)
    assert sum(covered) != 1 or len(counts) == 1
    if not any(is_small(one, smallest) for one in shares):
        assert not any(covered)


def test_the_second_to_be_covered_is_the_smallest_that_is_not_nothing():
    assert covered_in_family([share(n, 40, 200) for n in (2, 20, 7, 0, 9)], 5) == [
        True,
        False,
        True,
        False,
        False,
    ]
    assert covered_in_family([share(2, 40, 200), share(0, 30, 200), share(0, 0, 200)], 5) == [
        True,
        True,
        False,
    ]


def district(stunted_by_scope):
    children, visits = [], []
    for place, (scope, stunted) in enumerate(stunted_by_scope.items()):
        for number in range(30):
            one = girl(place * 100 + number, scope=scope)
            children.append(one)
            visits.append(tall(one, DAY, -2.6 if number < stunted else 0.0))
    return of_domain(children, visits)


VILLAGE, OTHER = "32.11.13.2005", "32.11.13.2001"


def test_posyandu_of_one_village_are_a_family_of_their_own():
    frame = district({f"{VILLAGE}.001": 2, f"{VILLAGE}.002": 9, f"{VILLAGE}.003": 12, f"{OTHER}.001": 8})
    table = cover_table(prevalence.table(frame, IN_NOVEMBER, By.POSYANDU, RULES), FIVE)
    shown = {row.key: row.shares[Indicator.STUNTING].count for row in table.rows}
    assert shown == {f"{VILLAGE}.001": None, f"{VILLAGE}.002": None, f"{VILLAGE}.003": 12, f"{OTHER}.001": 8}
    assert table.total.shares[Indicator.STUNTING].count == 31
    assert all(row.shares[Indicator.OVERWEIGHT].count == 0 for row in table.rows)


def test_the_total_cannot_give_away_the_only_area():
    table = cover_table(
        prevalence.table(district({f"{VILLAGE}.001": 2}), IN_NOVEMBER, By.POSYANDU, RULES), FIVE
    )
    assert table.total.shares[Indicator.STUNTING] is HIDDEN
    assert table.rows[0].shares[Indicator.STUNTING].hidden


def test_a_sex_with_small_numbers_takes_the_other_with_it():
    children = [girl(number, sex=Sex.MALE if number < 30 else Sex.FEMALE) for number in range(60)]
    visits = [
        tall(child, DAY, -2.6 if number in range(18, 33) else 0.0) for number, child in enumerate(children)
    ]
    table = prevalence.table(of_domain(children, visits), IN_NOVEMBER, By.SEX, RULES)
    assert [row.shares[Indicator.STUNTING].count for row in table.rows] == [12, 3]
    covered = cover_table(table, FIVE)
    assert [row.shares[Indicator.STUNTING].hidden for row in covered.rows] == [True, True]
    assert covered.total.shares[Indicator.STUNTING].count == 15


def test_a_series_covers_each_month_by_itself():
    points = prevalence.series(
        district({f"{VILLAGE}.001": 3}), [IN_NOVEMBER.previous(), IN_NOVEMBER], {Indicator.STUNTING: 14}
    )
    october, november = cover_series(points, FIVE)
    assert (october.row.shares[Indicator.STUNTING].count, november.row.shares[Indicator.STUNTING].count) == (
        0,
        None,
    )
    assert november.reached(Indicator.STUNTING) is None


def test_paths_of_a_cohort_are_covered_with_the_shares_that_tell_them():
    then, now = date(2026, 2, 12), date(2026, 8, 12)
    children, visits = [], []
    for place, recovered in enumerate((2, 10, 12)):
        for number in range(30):
            one = girl(place * 100 + number, scope=f"{VILLAGE}.00{place + 1}")
            children.append(one)
            visits += [tall(one, then, -2.6), tall(one, now, 0.0 if number < recovered else -2.6)]
    table = cohort(
        of_domain(children, visits),
        Period.of_month(Month(2026, 2)),
        Period.of_month(Month(2026, 8)),
        Indicator.STUNTING,
        Level.POSYANDU,
    )
    shown = cover_cohort(table, FIVE)
    assert [row.counts[Path.RECOVERED] for row in shown] == [None, None, 12]
    assert [row.recovery.hidden for row in shown] == [True, True, False]
    assert [row.incidence.count for row in shown] == [0, 0, 0]
    assert [row.counts[Path.PERSISTENT] for row in shown] == [28, 20, 18]


@pytest.mark.parametrize(
    ("role", "hidden"),
    [(Role.KADER, False), (Role.BIDAN, False), (Role.TPG, False), (Role.DINAS, True), ("tamu", True)],
)
def test_small_numbers_are_hidden_from_roles_that_do_not_see_names(role, hidden):
    assert default_analysis_rules().small_numbers.hidden_from(role) is hidden
