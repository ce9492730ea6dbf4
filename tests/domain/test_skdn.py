from dataclasses import astuple
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.age import Month
from posyandu_app.domain.assessment import assess_history
from posyandu_app.domain.model import ChildState, Sex
from posyandu_app.domain.skdn import Skdn, count, format_percent, permille
from tests.domain.field import RULES, child, visit

NOVEMBER = Month(2026, 11)


def counted(*pairs, month=NOVEMBER):
    return count(((one, assess_history(one, visits, RULES)) for one, visits in pairs), month, RULES)


def girl(number: int, **more):
    return child(date(2025, 3, 10), Sex.FEMALE, id=f"anak-{number}", kia_held=True, **more)


def weights(*by_month: int | None, last: Month = NOVEMBER):
    first = last.shifted(1 - len(by_month))
    return [
        visit(date(*first.shifted(place), 12), weight)
        for place, weight in enumerate(by_month)
        if weight is not None
    ]


def test_a_posyandu_in_one_month():
    table = counted(
        (girl(1), weights(9000, 9300)),  # N
        (girl(2), weights(9000, 9100)),  # T
        (girl(3), weights(9000, 9000, 9000)),  # T, 2T
        (girl(4), weights(9000, None, 9500)),  # O
        (girl(5), weights(9000)),  # B
        (girl(6), weights(9000, None)),  # did not come
        (
            child(date(2025, 3, 10), Sex.MALE, id="anak-7", kia_held=False),
            weights(7000, 7000),
        ),  # T, BGM, no card
    )
    assert table.total == Skdn(S=7, K=6, D=6, N=1, T=3, O=1, B=1, two_t=1, bgm=1)
    assert table.by_sex[Sex.MALE] == Skdn(S=1, K=0, D=1, T=1, bgm=1)
    assert table.total.d_s == 857
    assert table.total.n_d == 167
    assert table.total.n_nt == 250
    assert table.total.k_s == 857
    assert table.total.d_k == 1000
    assert table.total.n_s == 143
    assert table.total.two_t_d == 167
    assert table.total.bgm_d == 167


def test_an_empty_posyandu_has_no_ratios():
    total = counted().total
    assert total == Skdn()
    assert {
        total.k_s,
        total.d_s,
        total.d_k,
        total.n_d,
        total.n_nt,
        total.n_s,
        total.two_t_d,
        total.bgm_d,
    } == {None}
    assert format_percent(total.n_d) == "—"


def test_n_d_without_o_and_b_is_none_when_only_new_children_came():
    total = counted((girl(1), weights(9000))).total
    assert (total.n_d, total.n_nt) == (0, None)


@pytest.mark.parametrize(
    ("value", "text"), [(726, "72,6 %"), (0, "0,0 %"), (1000, "100,0 %"), (1250, "125,0 %"), (None, "—")]
)
def test_a_ratio_is_printed_with_one_decimal(value, text):
    assert format_percent(value) == text


def test_the_example_of_the_old_standard_45_of_62():
    assert format_percent(permille(45, 62)) == "72,6 %"


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_ratios_round_half_up(part, whole):
    value = permille(part, whole)
    assert value is not None
    assert abs(value * whole - part * 1000) * 2 <= whole
    assert (2 * part * 1000) % (2 * whole) != whole or value * whole > part * 1000


def test_children_of_60_months_and_more_are_not_counted():
    born = date(2021, 11, 12)
    table = counted(
        (child(born, id="a"), [visit(date(2026, 11, 11), 16000)]),  # 59 months
        (child(born, id="b"), [visit(date(2026, 11, 12), 16000)]),  # 60 months
        (child(born, id="c"), []),  # 60 months before the month is over
        (child(date(2021, 12, 1), id="d"), []),
    )
    assert (table.total.S, table.total.D) == (2, 1)


def test_a_child_born_after_the_month_is_not_counted_in_it():
    table = counted((child(date(2026, 12, 1)), []), (child(date(2026, 11, 30), id="b"), []))
    assert table.total.S == 1


@pytest.mark.parametrize("state", [ChildState.MOVED, ChildState.DEAD, ChildState.GRADUATED, "cuti"])
def test_who_is_no_longer_active_counts_only_in_months_weighed(state):
    gone = child(state=state)
    assert counted((gone, [])).total.S == 0
    assert counted((gone, weights(12_000))).total == Skdn(S=1, D=1, B=1)


def test_a_child_without_sex_is_in_the_total_only_and_has_no_letter():
    table = counted((child(sex=None), weights(9000, 9300)))
    assert table.total == Skdn(S=1)
    assert all(part == Skdn() for part in table.by_sex.values())
    assert sum(part.S for part in table.by_group.values()) == 1


def test_a_child_without_birth_date_is_not_counted():
    assert counted((child(None), weights(9000))).total == Skdn()


def test_the_age_group_is_that_of_the_day_of_weighing():
    born = date(2026, 5, 12)
    by_day = {day: counted((child(born), [visit(date(2026, 11, day), 7000)])).by_group for day in (11, 12)}
    first, second = RULES.report_groups[:2]
    assert (by_day[11][first].D, by_day[11][second].D) == (1, 0)
    assert (by_day[12][first].D, by_day[12][second].D) == (0, 1)


def test_a_flagged_weight_is_not_bgm():
    assert counted((child(date(2025, 3, 10), Sex.FEMALE), weights(3000))).total.bgm == 0


def test_bgm_begins_below_minus_3_00():
    born, day = date(2025, 11, 23), 23  # a girl of 365 days: −3 SD is 6.3 kg
    bgm = {
        grams: counted((child(born), [visit(date(2026, 11, day), grams)])).total.bgm
        for grams in (5900, 6200, 6400)
    }
    assert bgm == {5900: 1, 6200: 1, 6400: 0}


def test_a_child_weighed_twice_in_the_month_counts_once():
    twice = [visit(date(2026, 11, 3), 9000), visit(date(2026, 11, 20), 9100)]
    assert counted((girl(1), twice)).total == Skdn(S=1, K=1, D=1, B=1)


CHILDREN = st.lists(
    st.tuples(
        st.builds(
            child,
            st.one_of(st.none(), st.dates(date(2021, 6, 1), date(2026, 12, 31))),
            st.sampled_from([None, *Sex]),
            kia_held=st.sampled_from([None, True, False]),
            state=st.sampled_from(list(ChildState)),
        ),
        st.lists(
            st.builds(
                visit,
                st.dates(date(2026, 7, 1), date(2026, 11, 30)),
                st.one_of(st.none(), st.integers(2000, 20_000)),
                key=st.uuids().map(str),
            ),
            max_size=6,
        ),
    ),
    max_size=8,
)


@given(CHILDREN)
def test_d_is_n_plus_t_plus_o_plus_b_in_every_group(children):
    table = counted(*children)
    parts = [
        table.total,
        *table.by_sex.values(),
        *table.by_group.values(),
        *table.by_group_and_sex.values(),
    ]
    for part in parts:
        assert part.D == part.N + part.T + part.O + part.B
        assert max(part.D, part.K) <= part.S
        assert part.two_t <= part.T
        assert part.bgm <= part.D


@given(CHILDREN)
def test_the_age_groups_and_the_sexes_add_up(children):
    table = counted(*children)
    by_group = sum(table.by_group.values(), Skdn())
    assert by_group == table.total
    with_sex = counted(*((one, visits) for one, visits in children if one.sex is not None))
    assert sum(with_sex.by_sex.values(), Skdn()) == with_sex.total
    assert sum(with_sex.by_group_and_sex.values(), Skdn()) == with_sex.total


@given(CHILDREN, CHILDREN)
def test_two_posyandu_together_are_the_sum_of_both(one, other):
    both = counted(*one, *other).total
    assert astuple(both) == astuple(counted(*one).total + counted(*other).total)
