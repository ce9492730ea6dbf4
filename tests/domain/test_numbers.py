from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.numbers import (
    field_name,
    format_count,
    format_gain,
    format_length,
    format_weight,
    parse_length,
    parse_weight,
)
from posyandu_app.i18n import set_language


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("8,4", 8400),
        ("8.4", 8400),
        ("8", 8000),
        (" 8,40 kg", 8400),
        ("8,4kg", 8400),
        ("8,4 KG.", 8400),
        ("8 , 4", 8400),
        ("8,45", 8450),
        ("8,456", 8456),
        ("8,4000", 8400),
        ("08,4", 8400),
        ("0,9", 900),
        ("8450 g", 8450),
        ("8450 gr", 8450),
        ("84", 84000),
        ("999,999", 999_999),
        ("\u00a08,4\u00a0", 8400),
    ],
)
def test_a_weight_is_whole_grams(text, grams):
    assert parse_weight(text) == grams


@pytest.mark.parametrize(
    ("text", "millimetres"),
    [
        ("85,2", 852),
        ("85.2", 852),
        ("85", 850),
        ("85,20 cm", 852),
        ("852 mm", 852),
        ("103,1", 1031),
        ("9,9", 99),
    ],
)
def test_a_length_is_whole_millimetres(text, millimetres):
    assert parse_length(text) == millimetres


@pytest.mark.parametrize("text", ["", "   ", "\t\n", "\u00a0"])
def test_nothing_typed_is_nothing_measured(text):
    assert parse_weight(text) is None
    assert parse_length(text) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("8,4,1", "lebih dari satu"),
        ("8.4,1", "lebih dari satu"),
        ("8,,4", "lebih dari satu"),
        (",", "belum ditulis"),
        ("8,", "di belakang koma belum ditulis"),
        ("8,kg", "hanya angka"),
        (",4", "di depan koma belum ditulis"),
        ("abc", "hanya angka dan satu koma"),
        ("8,4 lb", "hanya angka"),
        ("8kg4", "hanya angka"),
        ("kg", "hanya angka"),
        ("-3", "tidak boleh minus"),
        ("−3", "tidak boleh minus"),
        ("+3", "hanya angka"),
        ("１２", "angka biasa 0 sampai 9"),
        ("٨٫٤", "angka biasa 0 sampai 9"),
        ("²", "hanya angka"),
        ("1e5", "hanya angka"),
        ("0x8", "hanya angka"),
        ("8_4", "hanya angka"),
        ("nan", "hanya angka"),
        ("inf", "hanya angka"),
        ("8 4", "spasi di tengah"),
        ("1.234", "Pakai koma: 1,234"),
        ("8.400 kg", "Pakai koma: 8,400"),
        ("8,4567", "paling banyak tiga angka"),
        ("8450,5 g", "tanpa koma"),
        ("0", "tidak mungkin 0"),
        ("0,000", "tidak mungkin 0"),
        ("1000", "terlalu besar"),
        ("8400", "terlalu besar"),
        ("1000000 g", "terlalu besar"),
        ("9" * 1_000_000, "terlalu panjang"),
        ("8,4" + "0" * 50, "terlalu panjang"),
        ("8,4\x00", "hanya angka"),
        ("{0}", "hanya angka"),
        ("8,4 😀", "hanya angka"),
    ],
)
def test_what_is_no_weight_is_refused_with_what_to_mend(text, says):
    with pytest.raises(InvalidValue, match=says) as trouble:
        parse_weight(text)
    assert trouble.value.field == "weight_g"
    message = trouble.value.message
    mends = ("8,4", "Pakai koma: ", "Kosongkan", "Kurang koma? 1,0 / 10,0")
    assert any(mend in message for mend in mends)
    assert len(message) < 120


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("85,25", "paling banyak satu angka"),
        ("1.234", "Pakai koma"),
        ("1000", "terlalu besar"),
        ("85,2 kg", "hanya angka"),
        ("-1", "LiLA tidak boleh minus"),
        ("abc", "LiLA hanya angka"),
    ],
)
def test_a_refused_length_names_its_field(text, says):
    with pytest.raises(InvalidValue, match=says) as trouble:
        parse_length(text, "muac_mm")
    assert trouble.value.field == "muac_mm"


def test_every_measured_field_has_a_name():
    assert field_name("head_mm") == "Lingkar kepala"
    assert field_name("something_new") == "Angka"


@pytest.mark.parametrize(
    ("grams", "text"),
    [(8400, "8,4"), (8450, "8,45"), (8456, "8,456"), (8000, "8,0"), (905, "0,905"), (-300, "−0,3")],
)
def test_a_weight_keeps_what_was_typed(grams, text):
    assert format_weight(grams) == text


@pytest.mark.parametrize(("mm", "text"), [(852, "85,2"), (850, "85,0"), (7, "0,7"), (-7, "−0,7")])
def test_a_length_has_one_decimal(mm, text):
    assert format_length(mm) == text


@pytest.mark.parametrize(("grams", "text"), [(250, "+250 g"), (-300, "−300 g"), (0, "0 g")])
def test_a_gain_shows_its_sign(grams, text):
    assert format_gain(grams) == text


@given(st.integers(1, 999_999))
def test_a_printed_weight_can_be_typed(grams):
    assert parse_weight(format_weight(grams)) == grams
    assert parse_weight(f"{format_weight(grams)} kg") == grams
    assert parse_weight(f"{grams} g") == grams


@pytest.mark.parametrize(
    ("text", "grams"), [("8.456", 8456), ("8.4", 8400), ("8,4", 8400), ("8,45 kg", 8450)]
)
def test_in_english_a_point_stands_before_the_decimals_and_a_comma_is_read_too(text, grams):
    set_language("en")
    assert parse_weight(text) == grams
    assert "," not in format_weight(grams)
    assert parse_weight(format_weight(grams)) == grams


def test_in_english_a_comma_before_three_figures_can_be_read_in_two_ways():
    set_language("en")
    with pytest.raises(InvalidValue, match=r"8,456 can be read in two ways. Use a decimal point: 8\.456"):
        parse_weight("8,456")
    assert (format_length(852), format_count(12_345), format_gain(-300)) == ("85.2", "12,345", "−300 g")


@given(st.integers(1, 9_999))
def test_a_printed_length_can_be_typed(mm):
    assert parse_length(format_length(mm)) == mm
    assert parse_length(format_length(mm).replace(",", ".")) == mm


@given(st.text(max_size=40))
def test_any_text_is_a_weight_nothing_or_a_sentence(text):
    with suppress(InvalidValue):
        grams = parse_weight(text)
        assert grams is None or 0 < grams < 1_000_000
        assert (grams is None) == (not text.strip())


@pytest.mark.parametrize(
    ("text", "right"), [("8450", "8,45"), ("1350", "1,35 / 13,5"), ("13500", "13,5"), ("2900", "2,9 / 29,0")]
)
def test_a_weight_without_its_comma_is_refused_with_how_it_may_be_written(text, right):
    with pytest.raises(InvalidValue) as raised:
        parse_weight(text)
    assert raised.value.message == f"Berat {text} kg terlalu besar. Kurang koma? {right}"
