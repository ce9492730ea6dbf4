"""z-scores of one child: WHO's own figures, its rules for age, position and oedema, and its limits."""

import csv
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.growth_standards import lms, table
from posyandu_app.domain.model import Position, Sex
from posyandu_app.domain.zscore import ZScore, assess, format_z, restricted, to_centi

REFERENCE = Path(__file__).resolve().parents[1] / "data" / "growth" / "who_zscore_reference.csv"
POSITIONS = {"": None, "l": Position.LYING, "h": Position.STANDING}
INDICES = {
    "len": "length_for_age",
    "wei": "weight_for_age",
    "wfl": "weight_for_length",
    "bmi": "bmi_for_age",
    "hc": "head_for_age",
}
M, F = Sex.MALE, Sex.FEMALE
LYING, STANDING = Position.LYING, Position.STANDING


def scaled(cell: str, factor: int) -> int | None:
    if not cell:
        return None
    exact = Fraction(cell) * factor
    assert exact.denominator == 1
    return int(exact)


def printed(score: ZScore | None) -> tuple[str, str]:
    """A score and its flag as `anthro` prints them in a CSV file."""
    return ("", "") if score is None else (f"{score.value:.15g}", str(int(score.flagged)))


def test_every_row_of_whos_reference_is_met_in_every_printed_digit():
    with REFERENCE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4997
    differing = []
    for row in rows:
        growth = assess(
            Sex(row["sex"]),
            int(row["age_days"]),
            weight_g=scaled(row["weight_kg"], 1000),
            length_mm=scaled(row["lenhei_cm"], 10),
            position=POSITIONS[row["measure"]],
            head_mm=scaled(row["headc_cm"], 10),
            oedema=int(row["oedema"] == "y"),
        )
        used = growth.length_used_mm
        found = {"clenhei": "" if used is None else f"{used / 10:.15g}"}
        for short, name in INDICES.items():
            found[f"z{short}"], found[f"f{short}"] = printed(getattr(growth, name))
        differing += [(row, key) for key, value in found.items() if row[key] != value]
        assert (growth.bmi is None) == (row["cbmi"] == "")
        if growth.bmi is not None:
            assert f"{growth.bmi:.15g}" == row["cbmi"]
    assert differing == []


# computed independently from WHO's tables (facts.md 8.4)
@pytest.mark.parametrize(
    ("index", "sex", "age", "given", "centi"),
    [
        ("weight_for_age", M, 0, {"weight_g": 3300}, -10),
        ("weight_for_age", M, 365, {"weight_g": 9600}, -4),
        ("weight_for_age", F, 365, {"weight_g": 7000}, -205),
        ("weight_for_age", M, 548, {"weight_g": 8000}, -280),
        ("weight_for_age", F, 1000, {"weight_g": 8000}, -410),
        ("weight_for_age", M, 183, {"weight_g": 4000}, -546),
        ("weight_for_age", M, 1826, {"weight_g": 30000}, 358),
        ("length_for_age", M, 365, {"length_mm": 710}, -199),
        ("length_for_age", F, 730, {"length_mm": 800}, -198),
        ("length_for_age", M, 731, {"length_mm": 810}, -201),
        ("length_for_age", F, 1500, {"length_mm": 900}, -310),
        ("length_for_age", M, 548, {"length_mm": 780, "position": STANDING}, -132),
        ("length_for_age", F, 913, {"length_mm": 850, "position": LYING}, -181),
        ("weight_for_length", M, 300, {"length_mm": 710, "weight_g": 7000}, -266),
        ("weight_for_length", F, 300, {"length_mm": 710, "weight_g": 6000}, -382),
        ("weight_for_length", M, 900, {"length_mm": 850, "weight_g": 9000}, -331),
        ("weight_for_length", F, 900, {"length_mm": 850, "weight_g": 14500}, 259),
        ("weight_for_length", M, 1800, {"length_mm": 1200, "weight_g": 22800}, 21),
        ("head_for_age", M, 180, {"head_mm": 433}, 3),
        ("head_for_age", F, 365, {"head_mm": 400}, -360),
    ],
)
def test_known_children(index, sex, age, given, centi):
    assert getattr(assess(sex, age, **given), index).centi == centi


def test_103_1_cm_lying_at_two_years_is_read_at_exactly_102_4():
    for sex in Sex:
        for age in (731, 1000, 1826):
            lying = assess(sex, age, weight_g=16_000, length_mm=1031, position=LYING)
            standing = assess(sex, age, weight_g=16_000, length_mm=1024, position=STANDING)
            assert lying.length_used_mm == 1024
            assert lying.weight_for_length == standing.weight_for_length
            expected = restricted(16.0, table("wfh", sex).rows[1024 - 650])
            assert lying.weight_for_length.centi == to_centi(expected)


@given(st.sampled_from(list(Sex)), st.integers(731, 1826), st.integers(657, 1207), st.integers(3000, 40_000))
def test_lying_from_two_years_is_the_same_as_standing_seven_millimetres_less(sex, age, length, weight):
    lying = assess(sex, age, weight_g=weight, length_mm=length, position=LYING)
    standing = assess(sex, age, weight_g=weight, length_mm=length - 7, position=STANDING)
    for name in (*INDICES.values(), "length_used_mm"):
        assert getattr(lying, name) == getattr(standing, name)
    assert lying.bmi == pytest.approx(standing.bmi, rel=1e-14)


@given(st.sampled_from(list(Sex)), st.integers(274, 730), st.integers(450, 1000), st.integers(3000, 20_000))
def test_standing_before_two_years_is_the_same_as_lying_seven_millimetres_more(sex, age, length, weight):
    standing = assess(sex, age, weight_g=weight, length_mm=length, position=STANDING)
    lying = assess(sex, age, weight_g=weight, length_mm=length + 7, position=LYING)
    for name in (*INDICES.values(), "length_used_mm"):
        assert getattr(standing, name) == getattr(lying, name)
    assert standing.bmi == pytest.approx(lying.bmi, rel=1e-14)


def test_length_ends_at_day_730_and_height_begins_at_day_731():
    assert assess(M, 730, length_mm=850, position=STANDING).length_used_mm == 857
    assert assess(M, 730, length_mm=850, position=LYING).length_used_mm == 850
    assert assess(M, 731, length_mm=850, position=STANDING).length_used_mm == 850
    assert assess(M, 731, length_mm=850, position=LYING).length_used_mm == 843


def test_standing_below_nine_months_is_taken_as_unknown():
    growth = assess(M, 273, length_mm=700, weight_g=8000, position=STANDING)
    assert growth.standing_too_young
    assert growth.position_used is None
    assert growth.length_used_mm == 700


def test_from_nine_months_a_child_may_have_stood():
    growth = assess(M, 274, length_mm=700, weight_g=8000, position=STANDING)
    assert not growth.standing_too_young
    assert growth.position_used is STANDING
    assert growth.length_used_mm == 707


def test_lying_below_nine_months_is_as_it_should_be():
    growth = assess(M, 10, length_mm=510, position=LYING)
    assert not growth.standing_too_young
    assert growth.position_used is LYING


@pytest.mark.parametrize(
    ("age", "length", "computed"),
    [
        (700, 450, True),
        (700, 449, False),
        (700, 1100, True),
        (700, 1101, False),
        (800, 650, True),
        (800, 649, False),
        (800, 1200, True),
        (800, 1201, False),
    ],
)
def test_weight_for_length_ends_where_its_table_ends(age, length, computed):
    growth = assess(F, age, weight_g=10_000, length_mm=length)
    assert (growth.weight_for_length is not None) is computed
    assert growth.length_for_age is not None


def test_the_table_ends_apply_to_the_converted_length():
    assert assess(F, 800, weight_g=10_000, length_mm=656, position=LYING).weight_for_length is None
    assert assess(F, 800, weight_g=10_000, length_mm=657, position=LYING).weight_for_length is not None
    assert assess(F, 800, weight_g=20_000, length_mm=1207, position=LYING).weight_for_length is not None
    assert assess(F, 700, weight_g=20_000, length_mm=1094, position=STANDING).weight_for_length is None


def test_the_last_day_is_1826_and_then_the_app_says_too_old():
    inside = assess(M, 1826, weight_g=18_000, length_mm=1100, head_mm=510)
    assert not inside.too_old
    assert all(getattr(inside, name) is not None for name in INDICES.values())
    outside = assess(M, 1827, weight_g=18_000, length_mm=1107, head_mm=510, position=LYING)
    assert outside.too_old
    assert all(getattr(outside, name) is None for name in INDICES.values())
    assert outside.length_used_mm == 1100
    assert outside.bmi == pytest.approx(18 / 1.1**2)


def test_a_visit_before_birth_gives_no_z_score_and_breaks_nothing():
    growth = assess(M, -1, weight_g=3300, length_mm=500, head_mm=350)
    assert all(getattr(growth, name) is None for name in INDICES.values())
    assert not growth.too_old


def test_without_age_only_weight_for_length_is_computed():
    growth = assess(M, None, weight_g=8000, length_mm=700, head_mm=440)
    assert growth.weight_for_length == assess(M, 300, weight_g=8000, length_mm=700).weight_for_length
    assert growth.length_for_age is growth.weight_for_age is growth.bmi_for_age is growth.head_for_age is None


@pytest.mark.parametrize(
    ("length", "position", "like_age"),
    [
        (869, None, 500),
        (870, None, 900),
        (700, STANDING, 900),
        (900, LYING, 500),
    ],
)
def test_without_age_the_position_or_the_size_chooses_the_table(length, position, like_age):
    growth = assess(F, None, weight_g=10_000, length_mm=length, position=position)
    assert growth.length_used_mm == length
    assert (
        growth.weight_for_length == assess(F, like_age, weight_g=10_000, length_mm=length).weight_for_length
    )


def test_without_sex_there_is_no_z_score():
    growth = assess(None, 500, weight_g=10_000, length_mm=800, head_mm=460)
    assert all(getattr(growth, name) is None for name in INDICES.values())
    assert growth.bmi == pytest.approx(15.625)


@pytest.mark.parametrize("grade", [1, 2, 3])
def test_with_oedema_weight_says_nothing(grade):
    growth = assess(M, 500, weight_g=10_000, length_mm=800, head_mm=460, oedema=grade)
    assert growth.oedema
    assert growth.weight_for_age is growth.weight_for_length is growth.bmi_for_age is None
    assert growth.length_for_age is not None
    assert growth.head_for_age is not None
    assert growth.bmi is not None


@pytest.mark.parametrize("none", [0, None, False])
def test_no_oedema_recorded_is_no_oedema(none):
    assert assess(M, 500, weight_g=10_000, oedema=none).weight_for_age is not None


@pytest.mark.parametrize("nothing", [None, 0, -1, -10_000])
def test_what_is_zero_or_less_was_not_measured(nothing):
    growth = assess(M, 500, weight_g=nothing, length_mm=nothing, head_mm=nothing)
    assert all(getattr(growth, name) is None for name in INDICES.values())
    assert growth.bmi is None
    assert growth.length_used_mm is None


def test_a_length_that_vanishes_by_conversion_was_not_measured():
    growth = assess(M, 800, weight_g=9000, length_mm=7, position=LYING)
    assert growth.length_used_mm is None
    assert growth.bmi is None


@pytest.mark.parametrize("edge", [-600, 500])
def test_the_limit_itself_is_not_flagged(edge):
    scores = {assess(M, 900, weight_g=grams).weight_for_age for grams in range(1000, 30_000)}
    assert ZScore(edge, False) in scores
    assert ZScore(edge + (1 if edge > 0 else -1), True) in scores


@pytest.mark.parametrize(
    ("index", "low", "high"),
    [
        ("weight_for_age", -600, 500),
        ("length_for_age", -600, 600),
        ("weight_for_length", -500, 500),
        ("bmi_for_age", -500, 500),
        ("head_for_age", -500, 500),
    ],
)
def test_flags_are_set_strictly_outside_whos_limits(index, low, high):
    seen = set()
    for grams in range(2000, 60_000, 400):
        seen.add(getattr(assess(M, 900, weight_g=grams, length_mm=860, head_mm=480), index))
    for length in range(500, 1300):
        seen.add(getattr(assess(M, 900, weight_g=12_000, length_mm=length, head_mm=length // 2), index))
    seen.discard(None)
    assert {score.flagged for score in seen} == {False, True}
    for score in seen:
        assert score.flagged is (score.centi < low or score.centi > high)


@pytest.mark.parametrize(
    ("z", "centi"),
    [
        (0.0, 0),
        (-0.0, 0),
        (0.005, 1),
        (-0.005, -1),
        (0.0049, 0),
        (-0.0049, 0),
        (1.999, 200),
        (-2.125, -213),
        (2.125, 213),
    ],
)
def test_rounding_is_half_away_from_zero(z, centi):
    assert to_centi(z) == centi


@pytest.mark.parametrize("name", ["lhfa", "hcfa"])
def test_rounding_is_that_of_exact_fractions(name):
    """No binary slip at a half: the tables' decimals and whole millimetres, computed exactly."""
    index, asked = {"lhfa": ("length_for_age", "length_mm"), "hcfa": ("head_for_age", "head_mm")}[name]
    for sex in Sex:
        for day in range(0, 1827, 61):
            median, spread = (Fraction(str(value)) for value in lms(name, sex, day)[1:])
            for mm in range(300, 1300, 7):
                exact = (Fraction(mm, 10) / median - 1) / spread * 100
                rounded = int(abs(exact) + Fraction(1, 2)) * (1 if exact >= 0 else -1)
                assert getattr(assess(sex, day, **{asked: mm}), index).centi == rounded


@pytest.mark.parametrize(
    ("centi", "text"),
    [
        (0, "0,00"),
        (5, "0,05"),
        (-5, "−0,05"),
        (-205, "−2,05"),
        (100, "1,00"),
        (-1234, "−12,34"),
        (300, "3,00"),
    ],
)
def test_z_is_written_with_comma_and_a_real_minus(centi, text):
    assert format_z(centi) == text


@given(
    st.sampled_from([None, *Sex]),
    st.none() | st.integers(-(10**9), 10**9),
    st.none() | st.integers(-(10**15), 10**15),
    st.none() | st.integers(-(10**15), 10**15),
    st.sampled_from([None, *Position]),
    st.none() | st.integers(-(10**15), 10**15),
    st.none() | st.integers(-3, 3),
)
def test_no_number_whatever_makes_it_fail(sex, age, weight, length, position, head, oedema):
    growth = assess(
        sex, age, weight_g=weight, length_mm=length, position=position, head_mm=head, oedema=oedema
    )
    for name in INDICES.values():
        score = getattr(growth, name)
        assert score is None or isinstance(score.centi, int)


@given(st.sampled_from(list(Sex)), st.integers(0, 1826), st.integers(500, 40_000), st.integers(1, 2000))
def test_more_weight_never_gives_a_lower_z(sex, age, weight, more):
    lighter = assess(sex, age, weight_g=weight).weight_for_age.centi
    assert assess(sex, age, weight_g=weight + more).weight_for_age.centi >= lighter


@given(st.sampled_from(list(Sex)), st.integers(0, 1826), st.integers(300, 1300), st.integers(1, 100))
def test_more_length_never_gives_a_lower_z(sex, age, length, more):
    shorter = assess(sex, age, length_mm=length).length_for_age.centi
    assert assess(sex, age, length_mm=length + more).length_for_age.centi >= shorter
