"""PMK 2/2020 and Buku KIA: every edge of every band, with the field's own words and codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app import i18n
from posyandu_app.domain import classify
from posyandu_app.domain.classify import Category, Index, categories, index_name, lila
from posyandu_app.domain.model import Sex
from posyandu_app.domain.zscore import assess

SIX_BANDS = [
    (-999, "GB", "Gizi buruk", -3),
    (-301, "GB", "Gizi buruk", -3),
    (-300, "GK", "Gizi kurang", -2),
    (-299, "GK", "Gizi kurang", -2),
    (-201, "GK", "Gizi kurang", -2),
    (-200, "GN", "Gizi baik (normal)", 0),
    (-199, "GN", "Gizi baik (normal)", 0),
    (0, "GN", "Gizi baik (normal)", 0),
    (100, "GN", "Gizi baik (normal)", 0),
    (101, "RGL", "Berisiko gizi lebih", 1),
    (200, "RGL", "Berisiko gizi lebih", 1),
    (201, "GL", "Gizi lebih", 2),
    (300, "GL", "Gizi lebih", 2),
    (301, "O", "Obesitas", 3),
    (999, "O", "Obesitas", 3),
]


@pytest.mark.parametrize(
    ("centi", "code", "label", "side"),
    [
        (-999, "SK", "Berat badan sangat kurang", -3),
        (-301, "SK", "Berat badan sangat kurang", -3),
        (-300, "K", "Berat badan kurang", -2),
        (-299, "K", "Berat badan kurang", -2),
        (-201, "K", "Berat badan kurang", -2),
        (-200, "N", "Berat badan normal", 0),
        (-199, "N", "Berat badan normal", 0),
        (0, "N", "Berat badan normal", 0),
        (100, "N", "Berat badan normal", 0),
        (101, "RBBL", "Risiko berat badan lebih", 1),
        (301, "RBBL", "Risiko berat badan lebih", 1),
    ],
)
def test_bands_of_weight_for_age(centi, code, label, side):
    assert classify.weight_for_age(centi) == Category(Index.BB_U, code, label, side)


@pytest.mark.parametrize(
    ("centi", "code", "label", "side"),
    [
        (-301, "SP", "Sangat pendek", -3),
        (-300, "P", "Pendek", -2),
        (-299, "P", "Pendek", -2),
        (-201, "P", "Pendek", -2),
        (-200, "N", "Normal", 0),
        (101, "N", "Normal", 0),
        (116, "N", "Normal", 0),  # a real master sheet called this one "Tinggi"
        (300, "N", "Normal", 0),
        (301, "Ti", "Tinggi", 1),
    ],
)
def test_bands_of_length_for_age(centi, code, label, side):
    assert classify.length_for_age(centi) == Category(Index.TB_U, code, label, side)


@pytest.mark.parametrize(("centi", "code", "label", "side"), SIX_BANDS)
def test_bands_of_weight_for_length(centi, code, label, side):
    assert classify.weight_for_length(centi) == Category(Index.BB_TB, code, label, side)


@pytest.mark.parametrize(("centi", "code", "label", "side"), SIX_BANDS)
def test_bands_of_bmi_for_age_are_those_of_weight_for_length(centi, code, label, side):
    assert classify.bmi_for_age(centi) == Category(Index.IMT_U, code, label, side)


@pytest.mark.parametrize(
    ("centi", "code", "label", "side"),
    [
        (-301, "Mi", "Mikrosefali", -2),
        (-201, "Mi", "Mikrosefali", -2),
        (-200, "N", "Normal", 0),
        (0, "N", "Normal", 0),
        (200, "N", "Normal", 0),
        (201, "Ma", "Makrosefali", 2),
    ],
)
def test_bands_of_head_circumference(centi, code, label, side):
    assert classify.head_for_age(centi) == Category(Index.LK_U, code, label, side)


@pytest.mark.parametrize(
    ("mm", "months", "code", "label", "side"),
    [
        (109, 0, "BHP", "Berisiko hambatan pertumbuhan", -2),
        (109, 5, "BHP", "Berisiko hambatan pertumbuhan", -2),
        (110, 5, "–", "Pertumbuhan baik", 0),
        (114, 5, "–", "Pertumbuhan baik", 0),
        (109, 6, "GB", "Gizi buruk", -3),
        (114, 6, "GB", "Gizi buruk", -3),
        (115, 6, "GK", "Gizi kurang", -2),
        (124, 6, "GK", "Gizi kurang", -2),
        (125, 6, "N", "Gizi baik", 0),
        (124, 59, "GK", "Gizi kurang", -2),
        (125, 59, "N", "Gizi baik", 0),
    ],
)
def test_bands_of_lila_change_at_six_months(mm, months, code, label, side):
    assert lila(mm, months) == Category(Index.LILA, code, label, side)


def test_gizi_is_never_said_of_weight_for_age():
    assert not any("izi" in classify.weight_for_age(centi).label for centi in range(-600, 600))


@given(st.integers(-1500, 1500))
def test_a_higher_z_never_lies_in_a_lower_band(centi):
    for of in (
        classify.weight_for_age,
        classify.length_for_age,
        classify.weight_for_length,
        classify.bmi_for_age,
        classify.head_for_age,
    ):
        assert of(centi).side <= of(centi + 1).side


@pytest.mark.parametrize(
    ("index", "age", "name"),
    [
        (Index.TB_U, 730, "PB/U"),
        (Index.TB_U, 731, "TB/U"),
        (Index.BB_TB, 0, "BB/PB"),
        (Index.BB_TB, 731, "BB/TB"),
        (Index.TB_U, None, "TB/U"),
        (Index.BB_U, 10, "BB/U"),
        (Index.IMT_U, 10, "IMT/U"),
        (Index.LK_U, 10, "LK/U"),
        (Index.LILA, 10, "LiLA"),
    ],
)
def test_the_index_is_named_as_the_child_is_measured(index, age, name):
    assert index_name(index, age) == name


def test_every_index_of_a_fully_measured_child():
    growth = assess(Sex.FEMALE, 365, weight_g=7000, length_mm=740, head_mm=400)
    found = {index: category.code for index, category in categories(growth, 124, 11).items()}
    assert found == {
        Index.BB_U: "K",
        Index.TB_U: "N",
        Index.BB_TB: "GK",
        Index.IMT_U: "GK",
        Index.LK_U: "Mi",
        Index.LILA: "GK",
    }


def test_what_was_not_measured_is_absent_and_never_normal():
    assert categories(assess(Sex.MALE, 400), None, 13) == {}
    assert set(categories(assess(Sex.MALE, 400, weight_g=9000), None, 13)) == {Index.BB_U}


def test_lila_needs_an_age_and_a_value():
    growth = assess(Sex.MALE, None)
    assert categories(growth, 120, None) == {}
    assert categories(growth, 0, 10) == {}
    assert categories(growth, -5, 10) == {}
    assert categories(growth, 120, -1) == {}


def test_from_sixty_months_there_is_no_category_at_all():
    growth = assess(Sex.MALE, 1827, weight_g=18_000, length_mm=1100, head_mm=510)
    assert categories(growth, 150, 60) == {}
    assert Index.LILA in categories(assess(Sex.MALE, 1826), 150, 60)


def test_with_oedema_there_is_no_status_that_rests_on_weight():
    growth = assess(Sex.MALE, 400, weight_g=9000, length_mm=760, head_mm=460, oedema=1)
    assert set(categories(growth, 120, 13)) == {Index.TB_U, Index.LK_U, Index.LILA}


def test_a_flagged_score_still_has_its_category():
    growth = assess(Sex.MALE, 900, weight_g=3000)
    assert growth.weight_for_age.flagged
    assert categories(growth, None, 29)[Index.BB_U].code == "SK"


def test_the_label_follows_the_language():
    i18n.set_language("en")
    assert classify.length_for_age(-301).label == "Severely stunted"
    assert classify.weight_for_age(-250).label == "Underweight"
    assert classify.weight_for_length(-301).label == "Severely wasted"
    assert classify.bmi_for_age(301).label == "Obese"
