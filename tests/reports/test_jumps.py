"""Jumps and repeated values of whole columns are those that the domain asks about at entry."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posyandu_app.domain import plausibility
from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.model import Position, Sex
from posyandu_app.reports import jumps
from posyandu_app.reports.frames import of_domain
from tests.reports.analysis import RULES, girl, measured

FIRST = date(2026, 1, 5)
VISITS = st.lists(
    st.fixed_dictionaries(
        {"after": st.integers(0, 100)},
        optional={
            "weight_g": st.integers(3000, 16_000),
            "length_mm": st.integers(500, 1100),
            "head_mm": st.integers(380, 480),
            "position": st.sampled_from(Position),
        },
    ),
    max_size=7,
)
BIRTHS = st.one_of(st.none(), st.dates(date(2023, 1, 1), date(2026, 1, 5)))


def asked(child, earlier, item):
    """The codes of the questions that the entry form would ask about a visit."""
    draft = Draft(
        item.date, item.weight_g, item.length_mm, item.position, item.head_mm, item.muac_mm, item.oedema or 0
    )
    return {question.code for question in plausibility.questions(child, earlier, draft, RULES)}


@given(BIRTHS, st.sampled_from([Sex.MALE, None]), VISITS)
@settings(max_examples=200, deadline=None)
def test_what_jumps_is_what_would_have_been_asked_about(birth, sex, drawn):
    child, visits, day = girl(1, birth, sex=sex), [], FIRST
    for number, one in enumerate(drawn):
        values = dict(one)
        day += timedelta(days=values.pop("after"))
        visits.append(measured(child, day, key=f"{number:02d}", **values))
    frame = of_domain([child], visits)
    marks = {field: jumps.jumped(frame, field, RULES) for field in jumps.MEASURED}
    same = {field: jumps.same_as_last_month(frame, field) for field in ("weight_g", "length_mm")}
    for row, key in enumerate(frame.visit_ids(range(len(visits)))):
        item = visits[int(key)]
        codes = asked(child, [other for other in visits if other is not item], item)
        for field, jumped in marks.items():
            changed = {f"{field}.fall", f"{field}.rise"} & codes
            graver = {f"{field}.comma", f"{field}.range"} & codes
            assert bool(changed) == bool(jumped[row] and not graver)
        if "same_as_last_month" in codes:
            assert same["weight_g"][row] or same["length_mm"][row] or item.head_mm
        elif same["weight_g"][row]:
            assert any(code.startswith(("weight_g.", "weight_for_length")) for code in codes)


def frame_of(*weights, birth=date(2025, 1, 10)):
    child = girl(1, birth)
    return of_domain([child], [measured(child, day, weight_g=grams) for day, grams in weights])


@pytest.mark.parametrize(
    ("grams", "days", "jumped"),
    [(10_000, 30, False), (10_001, 30, True), (6_500, 30, False), (6_499, 30, True), (14_000, 90, False)],
)
def test_weight_may_change_by_so_much_a_month(grams, days, jumped):
    frame = frame_of((date(2026, 1, 5), 8000), (date(2026, 1, 5) + timedelta(days=days), grams))
    assert jumps.jumped(frame, "weight_g", RULES).tolist() == [False, jumped]


def test_a_visit_without_the_value_is_passed_over():
    frame = frame_of((date(2026, 1, 5), 8000), (date(2026, 2, 5), None), (date(2026, 3, 5), 8000))
    assert jumps.before(frame, "weight_g").tolist() == [-1, 0, 0]
    assert jumps.comparable(frame, "weight_g").tolist() == [False, False, True]
    assert jumps.same_as_last_month(frame, "weight_g").tolist() == [False, False, False]


def test_two_on_one_day_are_not_compared_with_each_other():
    frame = frame_of((date(2026, 1, 5), 8000), (date(2026, 2, 5), 8100), (date(2026, 2, 5), 8200))
    assert jumps.before(frame, "weight_g").tolist() == [-1, 0, 0]


def test_children_are_not_compared_with_each_other():
    one, other = girl(1), girl(2)
    frame = of_domain(
        [one, other], [measured(one, FIRST, weight_g=5000), measured(other, FIRST, weight_g=15_000)]
    )
    assert jumps.before(frame, "weight_g").tolist() == [-1, -1]


def test_a_value_of_last_month_repeated_is_seen():
    frame = frame_of((date(2026, 1, 5), 8000), (date(2026, 2, 5), 8000), (date(2026, 4, 5), 8000))
    assert jumps.last_month(frame, "weight_g").tolist() == [False, True, False]
    assert jumps.same_as_last_month(frame, "weight_g").tolist() == [False, True, False]


def test_a_value_stands_as_many_months_as_it_was_repeated_without_a_gap():
    days = [date(2026, month, 5) for month in (1, 2, 3, 4, 6)]
    frame = frame_of(*((day, 8000) for day in days), (date(2026, 7, 5), 8100))
    months, since = jumps.stood(frame, "weight_g", np.arange(6))
    assert months.tolist() == [1, 2, 3, 4, 1, 1]
    assert since.tolist() == [0, 0, 0, 0, 4, 5]


def test_the_worst_jump_of_a_visit_is_the_one_farthest_beyond_what_is_believed():
    child = girl(1, date(2025, 1, 10))
    first = measured(child, date(2026, 1, 5), weight_g=8000, length_mm=750, head_mm=450)
    frame = of_domain(
        [child],
        [
            first,
            measured(child, date(2026, 2, 5), weight_g=12_000, length_mm=820, head_mm=460),
            measured(child, date(2026, 3, 5), weight_g=12_000, length_mm=825, head_mm=430),
            measured(child, date(2026, 5, 5), weight_g=12_100, length_mm=820, head_mm=430),
        ],
    )
    fields, shares = jumps.worst_jump(frame, np.arange(4), RULES)
    assert [jumps.MEASURED[field] for field in fields[1:3]] == ["length_mm", "head_mm"]
    assert shares.tolist() == pytest.approx([-1, 70 / 30, 30 / 5, -1])


def test_the_order_of_jumps_tells_neither_age_nor_position():
    born = [None, date(2025, 12, 1), date(2024, 1, 1), date(2022, 1, 1)]
    children = [girl(number, birth) for number, birth in enumerate(born)]
    visits = [
        measured(child, day, length_mm=length)
        for child in children
        for day, length in ((date(2026, 1, 5), 600), (date(2026, 2, 5), 690))
    ]
    frame = of_domain(children, visits)
    _, shares = jumps.worst_jump(frame, np.flatnonzero(jumps.jumped(frame, "length_mm", RULES)), RULES)
    assert shares.tolist() == [3.0] * 3


def test_nobody_measured_is_no_jump():
    frame = of_domain([], [])
    assert jumps.jumped(frame, "weight_g", RULES).tolist() == []
    assert jumps.same_as_last_month(frame, "length_mm").tolist() == []
