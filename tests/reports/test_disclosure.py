"""Small numbers are covered, and cannot be worked out from what is left."""

from collections import Counter
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.age import Month
from posyandu_app.domain.model import Role, Sex
from posyandu_app.reports import covering, prevalence
from posyandu_app.reports.analysis_rules import SmallNumbers, default_analysis_rules
from posyandu_app.reports.area_tree import AreaTree, close_family
from posyandu_app.reports.areas import Areas, Level
from posyandu_app.reports.cohort import Path, cohort
from posyandu_app.reports.disclosure import HIDDEN, cover_cohort, cover_series, cover_table, is_small
from posyandu_app.reports.frames import of_domain
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import By, Indicator
from posyandu_app.reports.snapshots import take
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


@given(SHARES, st.integers(1, 12), st.booleans())
def test_no_part_of_a_whole_stands_covered_alone(counts, smallest, whole_covered):
    shares = [share(count, of, 1000) for count, of in counts]
    small = [is_small(one, smallest) for one in shares]
    covered = close_family(small, counts, whole_covered)
    assert all(hidden or not is_hidden for hidden, is_hidden in zip(covered, small, strict=True))
    assert sum(covered) + whole_covered != 1 or all(covered)
    if not any(small) and not whole_covered:
        assert not any(covered)


def test_the_second_to_be_covered_is_the_smallest_that_is_not_nothing():
    counts = [(2, 40), (20, 40), (7, 40), (0, 40), (9, 40)]
    assert close_family([True, False, False, False, False], counts, False) == [
        True,
        False,
        True,
        False,
        False,
    ]
    assert close_family([True, False, False], [(2, 40), (0, 30), (0, 0)], False) == [True, True, False]
    assert close_family([True, False, False], [(2, 40), (0, 30), (0, 0)], True) == [True, False, False]


def worked_out(relations, known):
    """What anybody can work out who sees these cells: by exact elimination, with no use of this app."""
    cells = sorted({cell for relation in relations for cell in relation})
    free = [cell for cell in cells if cell not in known]
    rows = [
        [Fraction((-1 if cell == relation[0] else 1) if cell in relation else 0) for cell in free]
        for relation in relations
    ]
    found, at = set(), 0
    for column in range(len(free)):
        pivot = next((r for r in range(at, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [value / rows[at][column] for value in rows[at]]
        for r in range(len(rows)):
            if r != at and rows[r][column]:
                rows[r] = [a - rows[r][column] * b for a, b in zip(rows[r], rows[at], strict=True)]
        at += 1
    for row in rows:
        filled = [cell for cell, value in zip(free, row, strict=True) if value]
        if len(filled) == 1:
            found.add(filled[0])
    return found


PLACES = st.lists(
    st.tuples(
        st.sampled_from(
            [
                f"32.11.{kecamatan}.{village}.{n}"
                for kecamatan in (10, 13)
                for village in (2001, 2002)
                for n in (1, 2, 3)
            ]
        ),
        st.integers(0, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))),
    ),
    min_size=1,
    unique_by=lambda place: place[0],
)


@given(PLACES, st.integers(2, 9))
def test_no_covered_figure_of_any_area_can_be_worked_out_from_all_that_is_shown(places, smallest):
    tree = AreaTree.of(Areas(tuple(scope for scope, _ in places), {}))
    counts, groups = (tree.sums(np.array([pair[at] for _, pair in places], dtype=np.int64)) for at in (0, 1))
    covered = covering.small(counts, groups, smallest)
    on_their_own = covered.copy()
    tree.close(covered, counts, groups)
    relations = [(tree.codes[parent], *(tree.codes[c] for c in members)) for parent, members in tree.families]
    shown = {code for code, hidden in zip(tree.codes, covered.tolist(), strict=True) if not hidden}
    assert not worked_out(relations, shown)
    assert (covered >= on_their_own).all()
    if not on_their_own.any():
        assert not covered.any()


def district(stunted_by_scope):
    children, visits = [], []
    for place, (scope, stunted) in enumerate(stunted_by_scope.items()):
        for number in range(30):
            one = girl(place * 100 + number, scope=scope)
            children.append(one)
            visits.append(tall(one, DAY, -2.6 if number < stunted else 0.0))
    return of_domain(children, visits)


VILLAGE, OTHER = "32.11.13.2005", "32.11.13.2001"


def shown(frame, by, within="", villages=None):
    """A table of November as the Dinas sees it."""
    (cover,) = covering.covers(frame, [IN_NOVEMBER], 5, villages)
    return cover_table(prevalence.table(frame, IN_NOVEMBER, by, RULES, within, villages), cover, FIVE)


def test_posyandu_of_one_village_are_a_family_of_their_own():
    frame = district({f"{VILLAGE}.001": 2, f"{VILLAGE}.002": 9, f"{VILLAGE}.003": 12, f"{OTHER}.001": 8})
    table = shown(frame, By.POSYANDU)
    counts = {row.key: row.shares[Indicator.STUNTING].count for row in table.rows}
    assert counts == {f"{VILLAGE}.001": None, f"{VILLAGE}.002": None, f"{VILLAGE}.003": 12, f"{OTHER}.001": 8}
    assert table.total.shares[Indicator.STUNTING].count == 31
    assert all(row.shares[Indicator.OVERWEIGHT].count == 0 for row in table.rows)


def test_the_total_cannot_give_away_the_only_area():
    table = shown(district({f"{VILLAGE}.001": 2}), By.POSYANDU)
    assert table.total.shares[Indicator.STUNTING] is HIDDEN
    assert table.rows[0].shares[Indicator.STUNTING].hidden


def test_a_sex_with_small_numbers_takes_the_other_with_it():
    children = [girl(number, sex=Sex.MALE if number < 30 else Sex.FEMALE) for number in range(60)]
    visits = [
        tall(child, DAY, -2.6 if number in range(18, 33) else 0.0) for number, child in enumerate(children)
    ]
    frame = of_domain(children, visits)
    table = prevalence.table(frame, IN_NOVEMBER, By.SEX, RULES)
    assert [row.shares[Indicator.STUNTING].count for row in table.rows] == [12, 3]
    covered = shown(frame, By.SEX)
    assert [row.shares[Indicator.STUNTING].hidden for row in covered.rows] == [True, True]
    assert covered.total.shares[Indicator.STUNTING].count == 15


def test_a_series_covers_each_month_by_itself():
    frame = district({f"{VILLAGE}.001": 3})
    periods = [IN_NOVEMBER.previous(), IN_NOVEMBER]
    points = prevalence.series(frame, periods, {Indicator.STUNTING: 14}, VILLAGE)
    october, november = cover_series(points, VILLAGE, covering.covers(frame, periods, 5))
    assert (october.row.shares[Indicator.STUNTING].count, november.row.shares[Indicator.STUNTING].count) == (
        0,
        None,
    )
    assert november.reached(Indicator.STUNTING) is None


def test_a_figure_covered_for_its_neighbours_sake_is_covered_in_its_own_headline_and_trend():
    """The second one covered is not small; its own page must not give away the first."""
    frame = district({f"{VILLAGE}.001": 2, f"{VILLAGE}.002": 9, f"{VILLAGE}.003": 12})
    second = f"{VILLAGE}.002"
    assert shown(frame, By.SEX, second).total.shares[Indicator.STUNTING].hidden
    assert all(
        row.shares[Indicator.STUNTING].hidden for row in shown(frame, By.SEX, second).rows if row.children
    )
    points = prevalence.series(frame, [IN_NOVEMBER], {}, second)
    (point,) = cover_series(points, second, covering.covers(frame, [IN_NOVEMBER], 5))
    assert point.row.shares[Indicator.STUNTING].hidden


def test_a_covered_village_has_no_posyandu_that_stand_open_altogether():
    frame = district({f"{VILLAGE}.001": 2, f"{OTHER}.001": 6, f"{OTHER}.002": 7, "32.11.10.2001.001": 20})
    villages = {row.key: row.shares[Indicator.STUNTING].count for row in shown(frame, By.VILLAGE).rows}
    assert villages[VILLAGE] is None
    assert villages[OTHER] is None
    posyandu = {row.key: row.shares[Indicator.STUNTING].count for row in shown(frame, By.POSYANDU).rows}
    assert posyandu[f"{OTHER}.001"] is None
    assert posyandu[f"{OTHER}.002"] == 7


def test_a_puskesmas_cannot_give_away_its_only_covered_village():
    third = "32.11.13.2002"
    frame = district({f"{VILLAGE}.001": 2, f"{OTHER}.001": 9, f"{third}.001": 12})
    villages = {VILLAGE: "Puskesmas A", OTHER: "Puskesmas B", third: "Puskesmas A"}
    table = shown(frame, By.PUSKESMAS, "32.11.13", villages)
    (cover,) = covering.covers(frame, [IN_NOVEMBER], 5, villages)
    relations = [
        ("32.11.13", VILLAGE, OTHER, third),
        ("puskesmas:Puskesmas A", VILLAGE, third),
        ("puskesmas:Puskesmas B", OTHER),
        ("32.11.13", "puskesmas:Puskesmas A", "puskesmas:Puskesmas B"),
    ]
    seen = {row.key for row in table.rows if not row.shares[Indicator.STUNTING].hidden}
    seen |= {
        code for code in ("32.11.13", VILLAGE, OTHER, third) if not cover.hides(code, Indicator.STUNTING)
    }
    assert VILLAGE not in seen
    assert VILLAGE not in worked_out(relations, seen)


def test_a_list_names_no_smaller_area_than_its_figures_do():
    frame = district({f"{VILLAGE}.001": 2, f"{VILLAGE}.002": 9, f"{VILLAGE}.003": 12})
    (cover,) = covering.covers(frame, [IN_NOVEMBER], 5)
    found = covering.list_cover(
        take(frame, [IN_NOVEMBER], VILLAGE), cover, Indicator.STUNTING, VILLAGE, RULES.prevalence_groups, 5
    )
    assert Counter(found.label) == {VILLAGE: 11, f"{VILLAGE}.003": 12}, "001 and 002 are covered"
    assert all(found.told[0]), found.told[0]
    assert set(found.told) == {covering.ALL_TOLD}


def test_a_list_tells_sex_and_age_only_where_the_tables_do():
    """12 boys and 3 girls: the table covers both, so the list of 15 tells no sex."""
    children = [girl(number, sex=Sex.MALE if number < 30 else Sex.FEMALE) for number in range(60)]
    visits = [
        tall(child, DAY, -2.6 if number in range(18, 33) else 0.0) for number, child in enumerate(children)
    ]
    frame = of_domain(children, visits)
    (cover,) = covering.covers(frame, [IN_NOVEMBER], 5)
    area = children[0].scope
    found = covering.list_cover(
        take(frame, [IN_NOVEMBER], area), cover, Indicator.STUNTING, area, RULES.prevalence_groups, 5
    )
    assert found.label == (area,) * 15
    assert not any(told.sex for told in found.told)
    assert all(told.age and told.z for told in found.told), "all of one age group, none graver"


def cohort_of(recovered_by_place, stunted=20):
    """30 children in each place, so many stunted in February, and so many of those recovered by August."""
    then, now = date(2026, 2, 12), date(2026, 8, 12)
    children, visits = [], []
    for place, recovered in enumerate(recovered_by_place):
        for number in range(30):
            one = girl(place * 100 + number, scope=f"{VILLAGE}.00{place + 1}")
            children.append(one)
            visits.append(tall(one, then, -2.6 if number < stunted else 0.0))
            visits.append(tall(one, now, -2.6 if recovered <= number < stunted else 0.0))
    frame = of_domain(children, visits)
    periods = [Period.of_month(Month(2026, month)) for month in (2, 8)]
    table = cohort(frame, *periods, Indicator.STUNTING, Level.POSYANDU)
    both = covering.covers(frame, periods, 5)
    return cover_cohort(covering.cohort_cover(frame, table, *both, 5), table), both


def test_paths_of_a_cohort_are_covered_with_the_shares_that_tell_them():
    (*areas, total), _ = cohort_of((2, 10, 12))
    assert [row.counts[Path.RECOVERED] for row in areas] == [None, None, 12]
    assert [row.recovery.hidden for row in areas] == [True, True, False]
    assert total.counts[Path.RECOVERED] == 24


def test_a_covered_path_cannot_be_worked_out_from_the_prevalences_of_both_months():
    """20 stunted in February of whom 2 recovered: the 18 who did not would tell the 2."""
    (first, *_), (february, august) = cohort_of((2, 10, 12))
    assert not february.hides(first.key, Indicator.STUNTING)
    assert not august.hides(first.key, Indicator.STUNTING)
    assert first.counts[Path.PERSISTENT] is None
    assert first.counts[Path.NEVER] is None


def test_a_covered_prevalence_cannot_be_added_up_from_the_paths():
    """28 of 30 are stunted in August, so August is covered: those who stayed so must be, too."""
    (first, *_), (_, august) = cohort_of((2, 10, 12), stunted=30)
    assert august.hides(first.key, Indicator.STUNTING)
    assert first.counts[Path.PERSISTENT] is None


@pytest.mark.parametrize(
    ("role", "hidden"),
    [(Role.KADER, False), (Role.BIDAN, False), (Role.TPG, False), (Role.DINAS, True), ("tamu", True)],
)
def test_small_numbers_are_hidden_from_roles_that_do_not_see_names(role, hidden):
    assert default_analysis_rules().small_numbers.hidden_from(role) is hidden
