"""Cells of other people's spreadsheets: text, numbers, dates and yes/no, whatever stands in them."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain import cells
from posyandu_app.domain.cells import Quantity, Unreadable


@pytest.mark.parametrize(
    "empty", ["", " ", "-", " – ", "--", "NaN", "N/A", "#REF!", "#DIV/0!", None, "\u00a0", "\n"]
)
def test_what_people_write_for_nothing_is_nothing(empty):
    assert cells.text(empty) == ""
    assert cells.quantity(empty) is None
    assert cells.day(empty) is None
    assert cells.yes_or_no(empty) is None


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("  SITI \n AMINAH\t", "SITI AMINAH"),
        ("a\x00b\x1f\u200bc", "a b c"),
        ("\u2068SITI\u2069 AMI\u202eNAH", "SITI AMINAH"),
        (2.0, "2"),
        (1.5, "1.5"),
        (3, "3"),
        (True, "ya"),
        ("e\u0301", "é"),
        (datetime(2026, 8, 17, 9), "2026-08-17"),
        ("#cantik", "#cantik"),
    ],
)
def test_text_is_one_plain_line(cell, shown):
    assert cells.text(cell) == shown


def test_a_text_of_a_million_letters_is_cut():
    assert len(cells.text("a" * 1_000_000)) == cells.MAX_TEXT


@pytest.mark.parametrize(
    ("cell", "value", "unit"),
    [
        (8.4, "8.4", ""),
        (8, "8", ""),
        ("8,4", "8.4", ""),
        (" 8.45 ", "8.45", ""),
        ("8,4 N", "8.4", ""),
        ("8,4 T", "8.4", ""),
        ("8,4N", "8.4", ""),
        ("8,4 (O)", "8.4", ""),
        ("8,4 kg", "8.4", "kg"),
        ("8400 gram", "8400", "g"),
        ("85,2cm", "85.2", "cm"),
        ("-1,2", "-1.2", ""),
        (12.64, "12.64", ""),
    ],
)
def test_numbers_as_people_write_them(cell, value, unit):
    assert cells.quantity(cell) == Quantity(Decimal(value), unit)


@pytest.mark.parametrize(
    "cell",
    [
        "PINDAH RUMAH",
        "8,4,2",
        "1.234,5",
        "8 4",
        "٨٫٤",
        "８．４",
        "=1+1",
        "1e9",
        "inf",
        float("inf"),
        float("nan"),
        1e300,
        10**12,
        True,
        date(2026, 4, 8),
        datetime(2026, 4, 8),
        time(8, 4),
        timedelta(hours=8),
        "9" * 5000,
    ],
)
def test_what_is_no_number_is_refused(cell):
    with pytest.raises(Unreadable):
        cells.quantity(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "2024-08-17",
        "2024-8-17",
        "2024-08-17 00:00:00",
        "2024-08-17T00:00:00",
        "17/08/2024",
        "17-08-2024",
        "17/8/2024 07:30",
        "17 Agustus 2024",
        "45521",
        45521,
        45521.0,
        45521.75,
        date(2024, 8, 17),
        datetime(2024, 8, 17, 23, 59),
    ],
)
def test_dates_in_every_form_that_files_have(cell):
    assert cells.day(cell) == date(2024, 8, 17)


@pytest.mark.parametrize(
    "cell",
    [
        "2024-02-30",
        "31/02/2024",
        "08/25/2024",
        "kemarin",
        5,
        0,
        -1,
        1e18,
        float("nan"),
        True,
        time(1),
        "0000-00-00",
    ],
)
def test_days_that_no_calendar_has_are_refused(cell):
    with pytest.raises(Unreadable):
        cells.day(cell)


@given(st.dates(date(1960, 1, 1), date(2100, 1, 1)))
def test_excel_counts_days_by_the_1900_rule(day):
    assert cells.day((day - date(1899, 12, 30)).days) == day


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ("Ya", True),
        ("y", True),
        (1, True),
        ("TIDAK", False),
        ("T", False),
        (0, False),
        ("mungkin", None),
        (None, None),
    ],
)
def test_yes_and_no(cell, answer):
    assert cells.yes_or_no(cell) is answer


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)


@given(anything)
def test_no_cell_breaks_the_reader(cell):
    assert "\n" not in cells.text(cell)
    cells.yes_or_no(cell)
    for read in (cells.quantity, cells.day):
        with suppress(Unreadable):
            read(cell)
