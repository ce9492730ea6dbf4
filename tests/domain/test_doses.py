"""Immunisations, capsules and deworming: what a dose must say."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from posyandu_app.domain.doses import Dose, read_dose
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.facts import check

DAY = date(2026, 11, 23)


def test_a_dose_that_does_not_say_what_was_given_is_left():
    assert read_dose("d", {"child": "c", "date": "2026-11-23"}) is None


def test_a_dose_before_birth_is_refused_and_on_the_day_of_birth_is_not():
    dose = Dose(id="d", child="c", date=DAY, what="imunisasi", antigen="hb0")
    assert check(dose, DAY, birth=DAY) == dose
    with pytest.raises(InvalidValue, match="sebelum anak lahir"):
        check(replace(dose, date=DAY - timedelta(days=1)), DAY, birth=DAY)


def test_an_immunisation_needs_its_name_and_a_capsule_its_colour():
    with pytest.raises(InvalidValue) as caught:
        check(Dose(id="d", child="c", date=DAY, what="imunisasi"), DAY)
    assert caught.value.field == "antigen"
    capsule = Dose(id="d", child="c", date=DAY, what="vitamin_a")
    with pytest.raises(InvalidValue) as caught:
        check(capsule, DAY)
    assert caught.value.field == "colour"
    assert check(replace(capsule, state="menolak"), DAY).state == "menolak"
    assert check(Dose(id="d", child="c", date=DAY, what="obat_cacing"), DAY)
