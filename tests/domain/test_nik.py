from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Sex
from posyandu_app.domain.nik import check, mask, sixteen_digits

SCOPE = "32.11.13.2005.001"
BOY = "3211131708240001"
GIRL = "3211135708240002"
BIRTH = date(2024, 8, 17)


@pytest.mark.parametrize(
    "typed", [BOY, f" {BOY} ", "3211 1317 0824 0001", "32.11.13.170824.0001", "321113-170824-0001"]
)
def test_a_nik_that_fits_is_kept_without_warning(typed):
    found = check(typed, BIRTH, Sex.MALE, SCOPE)
    assert found.digits == BOY
    assert found.warnings == ()


def test_a_womans_day_has_40_added():
    assert check(GIRL, BIRTH, Sex.FEMALE, SCOPE).warnings == ()
    assert check("3211137108240002", date(2024, 8, 31), Sex.FEMALE, SCOPE).warnings == ()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "16 buah"),
        ("321113170824000", "ini 15"),
        ("32111317082400011", "ini 17"),
        ("321113170824000A", "hanya angka"),
        ("３２１１１３１７０８２４０００１", "hanya angka"),
        ("3.21113E+15", "hanya angka"),
        ("02022***********", "hanya angka"),
        ("9" * 1_000_000, "ini 1000000"),
        ("\x00" * 16, "hanya angka"),
    ],
)
def test_only_what_is_not_16_digits_is_refused(typed, says):
    with pytest.raises(InvalidValue, match=says) as trouble:
        check(typed)
    assert trouble.value.field == "nik"


def test_a_family_card_number_is_refused_by_its_own_name():
    assert sixteen_digits("3211 1301 0115 0001", "kk") == "3211130101150001"
    with pytest.raises(InvalidValue, match="Nomor KK harus 16 angka, ini 3") as trouble:
        sixteen_digits("123", "kk")
    assert trouble.value.field == "kk"


@pytest.mark.parametrize(
    ("nik", "birth", "sex", "scope", "says"),
    [
        (BOY, date(2024, 8, 18), Sex.MALE, SCOPE, "Tanggal lahir di NIK 17/08/24, di sini 18/08/2024"),
        (BOY, BIRTH, Sex.FEMALE, SCOPE, "untuk laki-laki, di sini perempuan"),
        (GIRL, BIRTH, Sex.MALE, SCOPE, "untuk perempuan, di sini laki-laki"),
        ("3211131708240000", BIRTH, Sex.MALE, SCOPE, "0000"),
        ("3211133513240001", BIRTH, Sex.MALE, SCOPE, "tidak ada di kalender"),
        ("3211130008240001", BIRTH, Sex.MALE, SCOPE, "tidak ada di kalender"),
        ("3211117208240001", BIRTH, Sex.FEMALE, "32.11.11", "tidak ada di kalender"),
        ("3211011708240001", BIRTH, Sex.MALE, SCOPE, "Wado, Kabupaten Sumedang, Jawa Barat"),
        ("9999991708240001", BIRTH, Sex.MALE, SCOPE, "99.99.99 di NIK tidak dikenal"),
        ("9999991708240001", BIRTH, Sex.MALE, None, "99.99.99 di NIK tidak dikenal"),
        ("0327701708240001", BIRTH, Sex.MALE, SCOPE, "diawali 0"),
        ("1111111111111111", BIRTH, Sex.MALE, SCOPE, "satu angka yang diulang"),
        ("0000000000000000", BIRTH, Sex.MALE, SCOPE, "satu angka yang diulang"),
    ],
)
def test_what_does_not_fit_is_one_warning_in_words(nik, birth, sex, scope, says):
    found = check(nik, birth, sex, scope)
    assert found.digits == nik
    assert len(found.warnings) == 1
    assert says in found.warnings[0]


@pytest.mark.parametrize("scope", ["32", "32.11", "32.11.13", "32.11.13.2005", SCOPE])
def test_the_region_is_compared_as_far_as_the_scope_goes(scope):
    assert check(BOY, BIRTH, Sex.MALE, scope).warnings == ()


def test_nothing_known_of_the_child_is_nothing_to_doubt():
    assert check(BOY).warnings == ()


def test_several_misfits_are_all_told():
    assert len(check("3211015708240000", date(2025, 1, 1), Sex.MALE, SCOPE).warnings) == 4


@given(st.text("0123456789", min_size=16, max_size=16))
def test_every_16_digits_are_taken(digits):
    assert check(digits, BIRTH, Sex.FEMALE, SCOPE).digits == digits


def test_a_nik_is_shown_masked():
    assert mask("3211130101240001") == "3211********0001"


@given(st.text(max_size=40))
def test_what_is_no_nik_is_hidden_whole(text):
    shown = mask(text)
    assert len(shown) <= 16
    assert set(shown) <= {"*"} or len(text) == 16
