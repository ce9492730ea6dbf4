"""Months and ages of whole columns are those of the domain, day by day."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain import age
from posyandu_app.reports.day_columns import completed_months, month_numbers

DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))
NEAR = st.dates(date(2023, 12, 1), date(2024, 3, 31))


def column(days):
    return np.array([day.toordinal() for day in days], dtype=np.int32)


@given(st.lists(st.tuples(DAYS, DAYS), max_size=20) | st.lists(st.tuples(NEAR, NEAR), max_size=200))
def test_completed_months_are_those_of_the_domain(pairs):
    births, days = [birth for birth, _ in pairs], [day for _, day in pairs]
    expected = [age.completed_months(*pair) for pair in pairs]
    assert completed_months(column(births), column(days)).tolist() == expected
    assert month_numbers(column(days)).tolist() == [age.Month.of(day).number for day in days]


def test_every_birth_on_every_day_of_four_years():
    days = [
        date.fromordinal(day) for day in range(date(2023, 1, 1).toordinal(), date(2027, 1, 1).toordinal())
    ]
    column_of_days = column(days)
    for birth in (date(2024, 2, 29), date(2023, 3, 31), date(2024, 1, 30), date(2025, 2, 28), days[0]):
        found = completed_months(np.full(len(days), birth.toordinal(), dtype=np.int32), column_of_days)
        assert found.tolist() == [age.completed_months(birth, day) for day in days]


@pytest.mark.parametrize("on", [date(2025, 2, 28), date(2025, 3, 1), date(2028, 2, 28), date(2028, 2, 29)])
def test_who_is_born_on_29_february_grows_older_every_year(on):
    born = date(2024, 2, 29)
    assert completed_months(column([born]), column([on]))[0] == age.completed_months(born, on)
