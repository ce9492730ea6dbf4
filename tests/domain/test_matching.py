"""Whose line it is: NIK, else name, birth date and sex; what is not clear stays with a person."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from posyandu_app.domain.matching import Match, Roll
from posyandu_app.domain.model import Child, Sex
from posyandu_app.domain.rules import default_rules

BORN = date(2025, 8, 17)
RULES = default_rules().duplicates
NIK = "3211135708250003"
OTHER_NIK = "3211135708250009"


@dataclass(frozen=True)
class Line:
    name: str = "Siti Aminah"
    nik: str | None = NIK
    sex: Sex | None = Sex.FEMALE
    birth_date: date | None = BORN
    mother_name: str | None = "Neng Sumiati"
    measured_on: date | None = date(2026, 11, 10)


SITI = Child(
    id="siti",
    scope="x",
    name="Siti Aminah",
    sex=Sex.FEMALE,
    birth_date=BORN,
    nik=NIK,
    mother_name="Neng Sumiati",
)


def find(line: Line, *children: Child, lines: tuple[Line, ...] = ()) -> Match:
    return Roll(children, lines or (line,), RULES).find(line)


def test_nobody_is_found_on_an_empty_roll():
    assert find(Line()) == Match()


def test_the_same_nik_and_name_are_one_child():
    assert find(Line(), SITI).person is not None


@pytest.mark.parametrize(
    "name", ["SITI AMINAH", "Sitti Aminah", "Siti Aminahh", "By Ny Neng", "Bayi Ny. Neng"]
)
def test_the_same_nik_with_another_spelling_or_before_the_naming_is_one_child(name):
    found = find(Line(name=name), SITI)
    assert found.person is not None
    assert found.person.id == "siti"


def test_the_same_nik_with_a_corrected_birth_date_is_one_child():
    found = find(Line(birth_date=BORN + timedelta(days=31)), SITI)
    assert found.person is not None


def test_the_same_nik_with_another_name_and_mother_is_another_child_whose_nik_is_in_doubt():
    found = find(Line(name="Dewi Maulana", mother_name="Teti Maulana"), SITI)
    assert found == Match(nik_in_doubt=True)


@pytest.mark.parametrize("mother", ["Neng Sumiati", None])
def test_the_same_nik_with_another_name_is_for_a_person_when_the_mother_does_not_tell(mother):
    found = find(Line(name="Dewi Maulana", mother_name=mother), SITI)
    assert found.person is None
    assert found.unclear is not None


def test_two_children_here_with_one_nik_are_told_apart_by_name():
    twin = replace(SITI, id="dewi", name="Dewi Maulana", mother_name="Teti")
    found = find(Line(), twin, SITI)
    assert found.person is not None
    assert found.person.id == "siti"


def test_two_records_of_one_child_are_for_a_person():
    found = find(Line(), SITI, replace(SITI, id="siti-2"))
    assert found.unclear is not None


def test_a_nik_of_two_children_in_the_list_is_right_for_neither():
    siti, dewi = Line(), Line(name="Dewi Maulana", mother_name="Teti Maulana")
    roll = Roll((), (siti, dewi), RULES)
    assert roll.find(siti) == Match(nik_in_doubt=True)
    assert roll.find(dewi) == Match(nik_in_doubt=True)


def test_twins_with_one_nik_stand_in_the_list_on_one_day_and_are_two_children():
    siti, dewi = Line(), Line(name="Dewi Aminah")
    roll = Roll((), (siti, dewi), RULES)
    first = roll.add(siti, "1", None)
    assert roll.find(dewi) == Match(nik_in_doubt=True)
    assert roll.find(siti).person is first


def test_without_a_nik_name_birth_date_and_sex_decide():
    found = find(Line(nik=None, name="SITTI AMINAH"), SITI)
    assert found.person is not None
    assert find(Line(nik=None, name="Rina"), SITI) == Match()
    assert find(Line(nik=None, sex=Sex.MALE), SITI) == Match()


def test_a_nik_that_was_missing_here_is_no_obstacle():
    found = find(Line(), replace(SITI, nik=None))
    assert found.person is not None
    assert not found.nik_in_doubt


def test_one_name_and_birth_date_with_two_mothers_is_for_a_person():
    found = find(Line(nik=None, mother_name="Teti Maulana"), SITI)
    assert found.unclear is not None


def test_one_name_and_birth_date_with_two_niks_is_for_a_person():
    found = find(Line(nik=OTHER_NIK), SITI)
    assert found.unclear is not None


def test_one_name_and_birth_date_with_two_niks_and_two_mothers_are_two_children():
    assert find(Line(nik=OTHER_NIK, mother_name="Teti Maulana"), SITI) == Match()


def test_two_children_of_one_name_and_birth_date_here_are_for_a_person():
    found = find(Line(nik=None, mother_name=None), SITI, replace(SITI, id="2", nik=None))
    assert found.unclear is not None


def test_nearly_the_same_name_with_the_same_birth_date_and_mother_is_for_a_person():
    near = Line(nik=None, name="Siti Aminnatun")
    assert find(near, SITI).unclear is not None
    assert find(replace(near, mother_name="Teti Maulana"), SITI) == Match()
    assert find(replace(near, mother_name=None), SITI).unclear is not None
    assert find(replace(near, nik=OTHER_NIK), SITI) == Match()


@pytest.mark.parametrize("days", [-30, -1, 1, 30])
def test_the_same_name_and_mother_with_a_birth_date_nearby_are_for_a_person(days):
    line = Line(nik=None, birth_date=BORN + timedelta(days=days))
    assert find(line, SITI).unclear is not None
    assert find(replace(line, mother_name="Teti Maulana"), SITI) == Match()


def test_a_birth_date_further_away_is_another_child():
    assert find(Line(nik=None, birth_date=BORN + timedelta(days=31)), SITI) == Match()


def test_twins_of_nearly_one_name_stand_in_the_list_on_one_day_and_are_two_children():
    one, other = Line(nik=None), Line(nik=None, name="Siti Aminnatun")
    roll = Roll((SITI,), (one, other), RULES)
    assert roll.find(other) == Match()


def test_the_order_of_rows_with_and_without_nik_makes_no_difference():
    with_nik, without = Line(), Line(nik=None)
    for first, second in ((with_nik, without), (without, with_nik)):
        roll = Roll((), (first, second), RULES)
        person = roll.add(first, "1", first.nik)
        found = roll.find(second)
        assert found.person is person
        roll.meet(person, second, second.nik)
        assert person.nik == NIK
        assert roll.find(Line(mother_name=None)).person is person


def test_a_line_without_birth_date_is_found_by_nik_alone():
    assert find(Line(sex=None, birth_date=None, mother_name=None), SITI).person is not None
    assert find(Line(nik=None, sex=None, birth_date=None), SITI) == Match()


def test_a_child_here_without_a_name_harms_nobody():
    assert find(Line(name="Dewi", nik=None), replace(SITI, name="", nik=None)) == Match()


def test_a_nik_that_a_thousand_rows_share_is_nobodys():
    lines = tuple(
        Line(name=f"Anak {chr(97 + i % 26)}{chr(97 + i // 26)}", mother_name=None) for i in range(600)
    )
    roll = Roll((), lines, RULES)
    assert roll.find(lines[0]) == Match(nik_in_doubt=True)
