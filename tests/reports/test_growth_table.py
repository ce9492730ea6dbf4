"""Whole columns of children: one formula with `assess`, down to the last printed digit."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posyandu_app.domain.growth_standards import lms, table
from posyandu_app.domain.model import Position, Sex
from posyandu_app.domain.zscore import Growth, assess, restricted, to_centi
from posyandu_app.reports import growth_table
from posyandu_app.reports.growth_table import (
    FEMALE,
    LYING,
    MALE,
    STANDING,
    Children,
    GrowthColumns,
    assess_many,
)

REFERENCE = Path(__file__).resolve().parents[1] / "data" / "growth" / "who_zscore_reference.csv"
INDICES = ("length_for_age", "weight_for_age", "weight_for_length", "bmi_for_age", "head_for_age")
SEXES = {None: 0, Sex.MALE: MALE, Sex.FEMALE: FEMALE}
POSITIONS = {None: 0, Position.LYING: LYING, Position.STANDING: STANDING}
NAN = float("nan")


def columns(rows):
    """Rows of (sex, age, weight, length, position, head, oedema) as `Children`."""
    sex, age, weight, length, position, head, oedema = zip(*rows, strict=True) if rows else [()] * 7

    def numbers(values):
        return np.array([NAN if value is None else float(value) for value in values])

    return Children(
        sex=np.array([SEXES[value] for value in sex], dtype=np.int8),
        age_days=numbers(age),
        weight_g=numbers(weight),
        length_mm=numbers(length),
        position=np.array([POSITIONS[value] for value in position], dtype=np.int8),
        head_mm=numbers(head),
        oedema=np.array([bool(value) for value in oedema], dtype=bool),
    )


def one(
    sex=Sex.MALE, age=None, weight=None, length=None, position=None, head=None, oedema=0
) -> GrowthColumns:
    return assess_many(columns([(sex, age, weight, length, position, head, oedema)]))


def differences(found: GrowthColumns, row: int, expected: Growth) -> list[str]:
    """What row `row` of the table says otherwise than the scalar formula."""
    wrong = []
    for name in INDICES:
        score, scores = getattr(expected, name), getattr(found, name)
        same = np.isnan(scores.centi[row]) if score is None else scores.centi[row] == score.centi
        if not same or bool(scores.flagged[row]) != (score is not None and score.flagged):
            wrong.append(name)
    if expected.length_used_mm is None:
        same_length = np.isnan(found.length_used_mm[row])
    else:
        same_length = found.length_used_mm[row] == expected.length_used_mm
    same_bmi = (
        np.isnan(found.bmi[row]) if expected.bmi is None else found.bmi[row] == pytest.approx(expected.bmi)
    )
    return wrong + [
        name
        for name, same in (
            ("length_used_mm", same_length),
            ("bmi", same_bmi),
            ("standing_too_young", found.standing_too_young[row] == expected.standing_too_young),
            ("too_old", found.too_old[row] == expected.too_old),
        )
        if not same
    ]


def scalar(sex, age, weight, length, position, head, oedema) -> Growth:
    return assess(sex, age, weight_g=weight, length_mm=length, position=position, head_mm=head, oedema=oedema)


def test_every_row_of_whos_reference_is_met_in_every_printed_digit():
    with REFERENCE.open(newline="") as file:
        rows = list(csv.DictReader(file))

    def whole(cell, factor):
        return round(float(cell) * factor) if cell else None

    positions = {"": None, "l": Position.LYING, "h": Position.STANDING}
    found = assess_many(
        columns(
            [
                (
                    Sex(row["sex"]),
                    int(row["age_days"]),
                    whole(row["weight_kg"], 1000),
                    whole(row["lenhei_cm"], 10),
                    positions[row["measure"]],
                    whole(row["headc_cm"], 10),
                    row["oedema"] == "y",
                )
                for row in rows
            ]
        )
    )
    for short, name in zip(("len", "wei", "wfl", "bmi", "hc"), INDICES, strict=True):
        scores = getattr(found, name)
        printed = [
            ("", "") if c != c else (f"{c / 100:.15g}", str(int(f)))
            for c, f in zip(scores.centi, scores.flagged, strict=True)
        ]
        assert printed == [(row[f"z{short}"], row[f"f{short}"]) for row in rows], name
    assert ["" if mm != mm else f"{mm / 10:.15g}" for mm in found.length_used_mm] == [
        row["clenhei"] for row in rows
    ]
    expected_bmi = [NAN if row["cbmi"] == "" else float(row["cbmi"]) for row in rows]
    np.testing.assert_allclose(found.bmi, expected_bmi, rtol=1e-13)


def mostly(sensible, wild):
    return st.none() | st.one_of(sensible, sensible, sensible, wild)


children = st.tuples(
    st.sampled_from([None, *Sex]),
    mostly(
        st.integers(0, 1826) | st.sampled_from([0, 273, 274, 730, 731, 1826, 1827]), st.integers(-100, 10**6)
    ),
    mostly(st.integers(500, 40_000), st.integers(-10, 10**9)),
    mostly(
        st.integers(400, 1250) | st.sampled_from([450, 650, 869, 870, 1031, 1100, 1200]),
        st.integers(-10, 10**6),
    ),
    st.sampled_from([None, *Position]),
    mostly(st.integers(250, 600), st.integers(-10, 10**6)),
    st.sampled_from([0, 0, 0, 1]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(children, min_size=1, max_size=40))
def test_table_and_scalar_agree_on_any_children(rows):
    found = assess_many(columns(rows))
    wrong = {rows[i]: names for i, row in enumerate(rows) if (names := differences(found, i, scalar(*row)))}
    assert wrong == {}


def test_table_and_scalar_agree_on_many_plausible_children():
    random = np.random.default_rng(7)
    rows = []
    for _ in range(8000):
        age = int(random.integers(0, 1830))
        length = int(random.normal(500 + 170 * np.log1p(age / 150), 60))
        rows.append(
            (
                Sex.MALE if random.random() < 0.5 else Sex.FEMALE,
                age,
                int(max(800, (length / 10) ** 2 * 1.6 * random.normal(1, 0.2))),
                length,
                (None, Position.LYING, Position.STANDING)[int(random.integers(0, 3))],
                int(random.normal(460, 35)),
                int(random.random() < 0.02),
            )
        )
    found = assess_many(columns(rows))
    wrong = {row: names for i, row in enumerate(rows) if (names := differences(found, i, scalar(*row)))}
    assert wrong == {}


def test_the_cut_into_blocks_leaves_no_trace(monkeypatch):
    rows = [(Sex.FEMALE, day, 9000 + day, 600 + day // 4, None, 450, 0) for day in range(0, 1826, 5)]
    whole = assess_many(columns(rows))
    monkeypatch.setattr(growth_table, "_BLOCK", 7)
    pieces = assess_many(columns(rows))
    for name in INDICES:
        np.testing.assert_array_equal(getattr(whole, name).centi, getattr(pieces, name).centi)
        np.testing.assert_array_equal(getattr(whole, name).flagged, getattr(pieces, name).flagged)
    np.testing.assert_array_equal(whole.length_used_mm, pieces.length_used_mm)


def test_no_children_give_empty_columns():
    found = assess_many(columns([]))
    assert len(found.bmi) == 0
    assert all(len(getattr(found, name).centi) == 0 for name in INDICES)


def test_columns_of_different_length_are_a_bug_and_say_so():
    with pytest.raises(ValueError, match="different length"):
        Children(
            np.zeros(2, np.int8),
            np.zeros(2),
            np.zeros(3),
            np.zeros(2),
            np.zeros(2, np.int8),
            np.zeros(2),
            np.zeros(2, bool),
        )


def test_103_1_cm_lying_at_two_years_is_read_at_exactly_102_4():
    found = one(age=800, weight=16_000, length=1031, position=Position.LYING)
    assert found.length_used_mm[0] == 1024
    assert found.weight_for_length.centi[0] == to_centi(
        restricted(16.0, table("wfh", Sex.MALE).rows[1024 - 650])
    )


# facts.md 8.4: WLZ of a boy of 7.5 kg at 70.05 cm lies between −1.439 and −1.473
def test_half_a_millimetre_is_interpolated():
    found = one(age=300, weight=7500, length=700.5)
    assert found.weight_for_length.centi[0] == -146
    assert one(age=300, weight=7500, length=700).weight_for_length.centi[0] == -144
    assert one(age=300, weight=7500, length=701).weight_for_length.centi[0] == -147


@given(
    st.sampled_from(list(Sex)),
    st.sampled_from([(500, "wfl", 450, 1099), (900, "wfh", 650, 1199)]),
    st.floats(0, 1, exclude_max=True),
    st.floats(0.01, 0.99),
    st.integers(2000, 40_000),
)
def test_finer_lengths_use_interpolated_rows_also_beyond_three(sex, choice, where, fraction, weight):
    age, indicator, first, last = choice
    length = int(first + where * (last - first)) + fraction
    found = one(sex=sex, age=age, weight=weight, length=length).weight_for_length
    assert found.centi[0] == to_centi(restricted(weight / 1000, lms(indicator, sex, length)))


def test_a_length_just_outside_the_table_is_outside():
    assert np.isnan(one(age=300, weight=7500, length=449.9).weight_for_length.centi[0])
    assert np.isnan(one(age=300, weight=27_500, length=1100.1).weight_for_length.centi[0])
    assert not np.isnan(one(age=300, weight=27_500, length=1100).weight_for_length.centi[0])


@pytest.mark.parametrize(
    ("age", "day"), [(0.4, 0), (0.5, 1), (99.49, 99), (99.5, 100), (1825.5, 1826), (1826.24, 1826)]
)
def test_ages_with_a_fraction_are_rounded_half_up(age, day):
    assert (
        one(age=age, weight=9000).weight_for_age.centi[0]
        == assess(Sex.MALE, day, weight_g=9000).weight_for_age.centi
    )


def test_sixty_months_are_counted_before_rounding():
    assert np.isnan(one(age=1826.25, weight=18_000).weight_for_age.centi[0])
    assert one(age=1826.25).too_old[0]


def test_nine_months_are_counted_before_rounding():
    young = one(age=273.9, weight=8000, length=700, position=Position.STANDING)
    assert young.standing_too_young[0]
    assert young.length_used_mm[0] == 700
    old_enough = one(age=273.94, weight=8000, length=700, position=Position.STANDING)
    assert old_enough.length_used_mm[0] == 707


def test_infinite_and_impossible_numbers_pass_without_warning():
    huge = one(age=900, weight=1e300, length=1e200, head=1e300)
    assert huge.weight_for_age.flagged[0]
    assert huge.head_for_age.flagged[0]
    tiny = one(age=900, weight=1e-300, length=1e-200, head=1e-300)
    assert tiny.weight_for_age.flagged[0]


def test_unknown_sex_codes_give_no_z_score():
    child = columns([(Sex.MALE, 500, 9000, 780, None, 450, 0)])
    child.sex[0] = 9
    found = assess_many(child)
    assert all(np.isnan(getattr(found, name).centi[0]) for name in INDICES)
