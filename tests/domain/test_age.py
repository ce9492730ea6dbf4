from calendar import isleap
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.age import Month, age_in_days, completed_months, label, months_before
from posyandu_app.i18n import set_language

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("birth", "on", "months"),
    [
        (date(2026, 1, 20), date(2026, 6, 13), 4),  # PMK 2/2020's own example
        (date(2026, 7, 28), date(2026, 8, 1), 0),
        (date(2026, 5, 10), date(2026, 5, 10), 0),
        (date(2026, 5, 10), date(2026, 6, 9), 0),
        (date(2026, 5, 10), date(2026, 6, 10), 1),
        (date(2021, 11, 23), date(2026, 11, 22), 59),
        (date(2021, 11, 23), date(2026, 11, 23), 60),
        (date(2026, 1, 31), date(2026, 2, 27), 0),
        (date(2026, 1, 31), date(2026, 2, 28), 1),  # February has no 31st: its last day completes the month
        (date(2026, 1, 31), date(2026, 3, 30), 1),
        (date(2026, 1, 31), date(2026, 3, 31), 2),
        (date(2026, 1, 31), date(2026, 4, 29), 2),
        (date(2026, 1, 31), date(2026, 4, 30), 3),
        (date(2024, 1, 30), date(2024, 2, 28), 0),
        (date(2024, 1, 30), date(2024, 2, 29), 1),
        (date(2024, 2, 29), date(2025, 2, 27), 11),
        (date(2024, 2, 29), date(2025, 2, 28), 12),  # no 29 February to wait for
        (date(2024, 2, 29), date(2028, 2, 28), 47),
        (date(2024, 2, 29), date(2028, 2, 29), 48),
        (date(2025, 2, 28), date(2028, 2, 28), 36),
        (date(2026, 5, 10), date(2026, 5, 9), -1),
        (date(2026, 5, 10), date(2026, 4, 10), -1),
        (date(2026, 5, 10), date(2026, 4, 9), -2),
    ],
)
def test_completed_months(birth, on, months):
    assert completed_months(birth, on) == months


@given(DAYS, st.integers(0, 3000))
def test_months_never_fall_as_days_pass_and_rise_by_one_at_most(birth, days):
    today = birth + timedelta(days=days)
    step = completed_months(birth, today + timedelta(days=1)) - completed_months(birth, today)
    assert step in (0, 1)


@given(DAYS, st.integers(0, 120))
def test_a_month_is_full_exactly_when_the_birthday_comes_round(birth, months):
    anniversary = months_before(birth, -months)
    assert completed_months(birth, anniversary) == months
    assert completed_months(birth, anniversary - timedelta(days=1)) == months - 1


@given(DAYS, st.integers(-4000, 4000))
def test_age_in_days_is_the_difference(birth, days):
    assert age_in_days(birth, birth + timedelta(days=days)) == days


def test_five_years_are_1826_or_1827_days():
    assert age_in_days(date(2021, 1, 15), date(2026, 1, 15)) == 1826
    assert age_in_days(date(2023, 6, 1), date(2028, 6, 1)) == 1827


@pytest.mark.parametrize(
    ("birth", "on", "text"),
    [
        (date(2024, 8, 17), date(2026, 11, 23), "2 tahun 3 bulan"),
        (date(2024, 11, 23), date(2026, 11, 23), "2 tahun"),
        (date(2026, 4, 1), date(2026, 11, 23), "7 bulan"),
        (date(2026, 11, 1), date(2026, 11, 23), "22 hari"),
        (date(2026, 11, 23), date(2026, 11, 23), "0 hari"),
        (date(2026, 11, 24), date(2026, 11, 23), "—"),
    ],
)
def test_age_in_words(birth, on, text):
    assert label(birth, on) == text


def test_the_year_turns_at_the_month():
    assert Month(2026, 12).next() == Month(2027, 1)
    assert Month(2026, 1).previous() == Month(2025, 12)
    assert Month(2026, 1).shifted(-25) == Month(2023, 12)


def test_a_month_in_words():
    assert Month(2026, 11).label == "November 2026"
    assert Month(2026, 8).label == "Agustus 2026"
    set_language("en")
    assert Month(2026, 8).label == "August 2026"


@given(DAYS)
def test_a_day_lies_between_the_ends_of_its_month(day):
    month = Month.of(day)
    assert month.first_day <= day <= month.last_day
    assert month.last_day + timedelta(days=1) == month.next().first_day
    assert month.previous() < month < month.next()
    assert month.next().previous() == month


@given(st.integers(1990, 2100))
def test_february_ends_with_the_leap_year(year):
    assert Month(year, 2).last_day.day == (29 if isleap(year) else 28)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 5, 31), 3, date(2026, 2, 28)),
        (date(2024, 5, 31), 3, date(2024, 2, 29)),
        (date(2026, 1, 15), 2, date(2025, 11, 15)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
    ],
)
def test_months_before_stays_inside_the_month(day, months, expected):
    assert months_before(day, months) == expected
