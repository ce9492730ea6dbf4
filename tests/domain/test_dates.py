from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.dates import (
    check_birth_date,
    check_visit_date,
    format_date,
    format_day_long,
    format_time,
    parse_birth_date,
    parse_date,
    parse_past_date,
)
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.i18n import set_language

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "text",
    [
        "17/8/2026",
        "17/08/2026",
        "17-08-26",
        "17-8-2026",
        "17.8.2026",
        "17 8 2026",
        " 17 / 8 / 2026 ",
        "17082026",
        "17 agustus 2026",
        "17 Agustus 2026",
        "17 AGT 26",
        "17-Ags-2026",
        "17agu2026",
        "2026-08-17",
        "2026/8/17",
    ],
)
def test_a_date_is_read_in_every_way_people_write_it(text):
    assert parse_date(text) == date(2026, 8, 17)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("5 peb 2026", 2),
        ("5 Maret 26", 3),
        ("5 mei 2026", 5),
        ("5 Nop 2026", 11),
        ("5 des 2026", 12),
        ("5 okt 26", 10),
    ],
)
def test_month_names_in_their_spellings(text, month):
    assert parse_date(text) == date(2026, month, 5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "belum diisi"),
        ("   ", "belum diisi"),
        ("31/02/2026", "Februari 2026 sampai tanggal 28"),
        ("29/02/2026", "Februari 2026 sampai tanggal 28"),
        ("31/4/2026", "April 2026 sampai tanggal 30"),
        ("0/4/2026", "Tanggal 0 tidak ada"),
        ("08/17/2026", "hari dulu, lalu bulan"),
        ("17/0/2026", "Tidak ada bulan 0"),
        ("17/8", "tidak terbaca"),
        ("17/8/026", "tidak terbaca"),
        ("kemarin", "tidak terbaca"),
        ("17 foo 2026", "tidak terbaca"),
        ("17/8/2026/9", "tidak terbaca"),
        ("１７/８/２０２６", "tidak terbaca"),
        ("-17/8/2026", "tidak terbaca"),
        ("17/8/0000", "tidak masuk akal"),
        ("17/8/9999", "tidak masuk akal"),
        ("1" * 1_000_000, "terlalu panjang"),
        ("17/8/2026" + " " * 100 + "x", "terlalu panjang"),
        ("\x00", "tidak terbaca"),
    ],
)
def test_what_is_no_date_is_refused_with_what_to_mend(text, says):
    with pytest.raises(InvalidValue, match=says) as trouble:
        parse_date(text, "birth_date")
    assert trouble.value.field == "birth_date"
    assert len(trouble.value.message) < 120


LATEST = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("23/11", LATEST),
        ("24/11", date(2025, 11, 24)),
        ("1208", date(2026, 8, 12)),
        ("1.1", date(2026, 1, 1)),
        ("120825", date(2025, 8, 12)),
        ("12/8/25", date(2025, 8, 12)),
        ("12082025", date(2025, 8, 12)),
        ("29/2", date(2024, 2, 29)),
    ],
)
def test_a_date_of_the_past_may_be_typed_in_short(text, day):
    assert parse_past_date(text, LATEST) == day


@pytest.mark.parametrize("text", ["", "12", "3213", "32/1", "0/5", "31/4", "besok", "1/2/3/4", "12345"])
def test_a_short_date_that_is_none_is_refused(text):
    with pytest.raises(InvalidValue):
        parse_past_date(text, LATEST)


def test_29_february_exists_in_leap_years_only():
    assert parse_date("29/2/2024") == date(2024, 2, 29)
    with pytest.raises(InvalidValue):
        parse_date("29/2/2100")


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_what_is_printed_can_be_typed(day):
    assert parse_date(format_date(day)) == day
    assert parse_date(day.isoformat()) == day
    assert parse_date(format_day_long(day).partition(", ")[2]) == day
    assert parse_date(f"{day:%d%m%Y}") == day
    assert parse_date(f"{day:%d-%m-%y}") == day


@given(st.text(max_size=60))
def test_any_text_is_a_date_or_a_sentence(text):
    with suppress(InvalidValue):
        assert isinstance(parse_date(text), date)


def test_the_time_of_day_is_written_as_clocks_are_in_each_language():
    assert format_time(datetime(2026, 11, 23, 9, 5)) == "09.05"
    set_language("en")
    assert format_time(datetime(2026, 11, 23, 9, 5)) == "09:05"
    assert format_time(datetime(2026, 11, 23, 23, 59)) == "23:59"


def test_the_long_form_names_the_weekday():
    assert format_day_long(TODAY) == "Senin, 23 November 2026"
    assert format_day_long(date(2026, 5, 1)) == "Jumat, 1 Mei 2026"
    set_language("en")
    assert format_day_long(TODAY) == "Monday, 23 November 2026"


@pytest.mark.parametrize("birth", [TODAY, date(2026, 1, 1), date(2021, 11, 23), date(2016, 11, 23)])
def test_a_birth_date_of_the_last_ten_years_is_taken(birth):
    check_birth_date(birth, TODAY)


@pytest.mark.parametrize(
    ("birth", "says"),
    [
        (date(2026, 11, 24), "24/11/2026 belum terjadi"),
        (date(2095, 1, 1), "belum terjadi"),
        (date(2016, 11, 22), "lebih dari 10 tahun"),
        (date(1926, 8, 17), "Periksa tahunnya"),
        (date.min, "Periksa tahunnya"),
    ],
)
def test_a_birth_date_that_cannot_be_is_refused(birth, says):
    with pytest.raises(InvalidValue, match=says) as trouble:
        check_birth_date(birth, TODAY)
    assert trouble.value.field == "birth_date"


def test_a_visit_on_the_day_of_birth_and_today_is_taken():
    check_visit_date(TODAY, TODAY, TODAY)
    check_visit_date(TODAY - timedelta(days=1), TODAY, TODAY - timedelta(days=1))
    check_visit_date(TODAY, TODAY)


@pytest.mark.parametrize(
    ("visit", "birth", "says"),
    [
        (date(2026, 11, 24), None, "belum terjadi"),
        (date(2026, 11, 1), date(2026, 11, 2), r"sebelum anak lahir \(02/11/2026\)"),
        (date(2010, 1, 1), None, "terlalu lama"),
    ],
)
def test_a_visit_that_cannot_be_is_refused(visit, birth, says):
    with pytest.raises(InvalidValue, match=says) as trouble:
        check_visit_date(visit, TODAY, birth)
    assert trouble.value.field == "date"


@pytest.mark.parametrize("text", ["170825", " 17 08 25 ", "17/8/2025", "17082025"])
def test_a_birth_date_is_typed_as_briefly_as_its_year_allows(text):
    assert parse_birth_date(text) == date(2025, 8, 17)


@pytest.mark.parametrize("text", ["08/2025", "8 2025", "agustus 2025", "Agt-2025"])
def test_a_month_of_birth_alone_is_told_what_to_write_when_nobody_knows_the_day(text):
    with pytest.raises(InvalidValue) as raised:
        parse_birth_date(text)
    assert raised.value.field == "birth_date"
    assert raised.value.message == "Hari lahir belum ditulis. Kalau tidak ada yang tahu, tulis 15/08/2025."


@pytest.mark.parametrize("text", ["17/8", "1708", "2025", "13/2025", "besok 2025", "320825", ""])
def test_what_is_no_birth_date_stays_refused(text):
    with pytest.raises(InvalidValue):
        parse_birth_date(text)
