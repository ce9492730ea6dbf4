"""Names of posyandu and villages in the spellings that files and laptops use."""

import pytest

from posyandu_app.domain.places import fold_posyandu, fold_village


@pytest.mark.parametrize(
    "spelling", ["MELATI 1", "Melati I", "POSYANDU MELATI 1", "melati-01", " Melati  1 ", "MELATI1"]
)
def test_spellings_of_one_posyandu(spelling):
    assert fold_posyandu(spelling) == "melati 1"


def test_posyandu_that_differ_by_number_stay_apart():
    assert (
        len({fold_posyandu(name) for name in ("Melati", "Melati 1", "Melati 2", "Melati 10", "Melati 12")})
        == 5
    )


def test_a_posyandu_named_posyandu_or_i_keeps_its_name():
    assert fold_posyandu("I") == "i"
    assert fold_posyandu("-") == ""


@pytest.mark.parametrize("spelling", ["CILEMBU", "Desa Cilembu", "Ci Lembu", "Ds. Cilembu", "KEL CILEMBU"])
def test_spellings_of_one_village(spelling):
    assert fold_village(spelling) == "cilembu"


def test_a_village_that_begins_like_the_word_village_keeps_its_name():
    assert fold_village("Kelapa Dua") == "kelapadua"
    assert fold_village("Desakan") == "desakan"
