"""MTBS: every class with every edge of its band, for both age charts, and what to do about it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain import mtbs, zscore
from posyandu_app.domain.age import age_in_days
from posyandu_app.domain.danger_signs import DangerSign
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import Position, Sex
from posyandu_app.domain.mtbs import Complication, Examination, MtbsClass, Pmt
from posyandu_app.domain.rules import load, shipped_text
from posyandu_app.domain.visits import Referral
from tests.domain.field import RULES

C = MtbsClass
BIRTH = date(2025, 1, 10)
BABY_ON = date(2025, 5, 10)  # 4 completed months
TODDLER_ON = date(2026, 3, 10)  # 14 completed months
WELL = {"oedema": 0, "muac_mm": 140, "appetite": True}
STRONG = {"oedema": 0, "appetite": True, "not_rising": False}


def toddler(centi: int | None = 0, on: date = TODDLER_ON, length_mm: int = 780, **more) -> Examination:
    return _examined(centi, on, length_mm, {**WELL, **more})


def baby(centi: int | None = 0, on: date = BABY_ON, length_mm: int = 620, **more) -> Examination:
    return _examined(centi, on, length_mm, {**STRONG, **more})


def _examined(centi: int | None, on: date, length_mm: int, values: dict) -> Examination:
    values = {
        "sex": Sex.FEMALE,
        "birth_date": BIRTH,
        "length_mm": length_mm,
        "position": Position.LYING,
    } | values
    if centi is not None:
        values = {"weight_g": weight_for(centi, on, length_mm)} | values
    return Examination(on=on, **values)


def weight_for(centi: int, on: date, length_mm: int) -> int:
    """A weight whose BB/PB is exactly that, to the last printed digit."""
    for weight in range(2000, 30000):
        growth = zscore.assess(
            Sex.FEMALE, age_in_days(BIRTH, on), weight_g=weight, length_mm=length_mm, position=Position.LYING
        )
        if growth.weight_for_length is not None and growth.weight_for_length.centi == centi:
            return weight
    raise AssertionError(f"no weight has {centi}")


def classed(examination: Examination) -> MtbsClass | None:
    return mtbs.classify(examination, RULES).code


# --- 6 to 59 months ---


@pytest.mark.parametrize(
    ("centi", "code"),
    [
        (-301, C.SEVERE),
        (-300, C.MODERATE),
        (-201, C.MODERATE),
        (-200, C.NORMAL),
        (0, C.NORMAL),
        (100, C.NORMAL),
        (101, C.OVERWEIGHT_RISK),
        (200, C.OVERWEIGHT_RISK),
        (201, C.OVERWEIGHT),
        (300, C.OVERWEIGHT),
        (301, C.OBESE),
    ],
)
def test_from_six_months_the_band_of_weight_for_length_decides(centi, code):
    assert classed(toddler(centi)) is code


@pytest.mark.parametrize(
    ("muac_mm", "code"),
    [(114, C.SEVERE), (115, C.MODERATE), (124, C.MODERATE), (125, C.NORMAL)],
)
def test_a_thin_arm_makes_it_worse_than_the_band_says(muac_mm, code):
    assert classed(toddler(0, muac_mm=muac_mm)) is code
    assert classed(toddler(250, muac_mm=muac_mm)) is (C.OVERWEIGHT if code is C.NORMAL else code)


@pytest.mark.parametrize(("grade", "code"), [(0, C.NORMAL), (1, C.SEVERE), (2, C.SEVERE), (3, C.COMPLICATED)])
def test_oedema_by_grade(grade, code):
    assert classed(toddler(0, oedema=grade)) is code


@pytest.mark.parametrize(("weight_g", "code"), [(3999, C.COMPLICATED), (4000, C.NORMAL)])
def test_under_four_kilograms_from_six_months_on_is_complicated(weight_g, code):
    day = date(2025, 7, 10)
    small = toddler(None, on=day, length_mm=545, weight_g=weight_g)
    assert classed(small) is code
    assert (
        classed(baby(None, on=day - timedelta(days=1), length_mm=545, weight_g=weight_g)) is not C.COMPLICATED
    )


@pytest.mark.parametrize("sign", list(Complication))
@pytest.mark.parametrize("severe", [{"centi": -301}, {"muac_mm": 114}, {"oedema": 1}, {"oedema": 2}])
def test_any_complication_makes_gizi_buruk_an_emergency(severe, sign):
    assert classed(toddler(**severe)) is C.SEVERE
    found = mtbs.classify(toddler(**severe, complications=frozenset({sign})), RULES)
    assert (found.code, found.same_day, found.refer) == (C.COMPLICATED, True, Referral.HOSPITAL)
    assert sign.label in found.findings


def test_no_appetite_and_danger_signs_count_as_complications():
    assert classed(toddler(-301, appetite=False)) is C.COMPLICATED
    assert classed(toddler(-301, danger_signs=frozenset({DangerSign.CONVULSION}))) is C.COMPLICATED


def test_a_complication_without_gizi_buruk_leaves_the_class_and_a_danger_sign_sends_away():
    assert classed(toddler(-250, complications=frozenset({Complication.PNEUMONIA}))) is C.MODERATE
    found = mtbs.classify(toddler(0, danger_signs=frozenset({DangerSign.CONVULSION})), RULES)
    assert (found.code, found.same_day, found.refer) == (C.NORMAL, True, Referral.HOSPITAL)
    assert found.action == ("Rujuk hari ini juga ke fasilitas yang dapat merawat inap.",)


# --- 2 to under 6 months ---


@pytest.mark.parametrize(
    ("centi", "code"),
    [
        (-301, C.COMPLICATED),
        (-300, C.MODERATE),
        (-201, C.MODERATE),
        (-200, C.NORMAL),
        (100, C.NORMAL),
        (101, C.OVERWEIGHT_RISK),
        (200, C.OVERWEIGHT_RISK),
        (201, C.OVERWEIGHT),
        (300, C.OVERWEIGHT),
        (301, C.OBESE),
    ],
)
def test_under_six_months_gizi_buruk_is_always_complicated(centi, code):
    assert classed(baby(centi)) is code


@pytest.mark.parametrize(
    "sign",
    [
        {"oedema": 1},
        {"appetite": False},
        {"not_rising": True},
        {"complications": frozenset({Complication.HIGH_FEVER})},
        {"complications": frozenset({"tanda_versi_baru"})},
    ],
)
def test_under_six_months_any_sign_is_enough(sign):
    found = mtbs.classify(baby(0, **sign), RULES)
    assert (found.code, found.same_day) == (C.COMPLICATED, True)


def test_under_six_months_the_arm_does_not_classify():
    assert classed(baby(0, muac_mm=105)) is C.NORMAL


@pytest.mark.parametrize(
    ("on", "code"),
    [
        (date(2025, 3, 9), None),
        (date(2025, 3, 10), C.COMPLICATED),
        (date(2025, 7, 9), C.COMPLICATED),
        (date(2025, 7, 10), C.SEVERE),
        (date(2030, 1, 9), C.SEVERE),
        (date(2030, 1, 10), None),
    ],
)
def test_the_chart_follows_completed_months(on, code):
    thin = Examination(
        sex=Sex.FEMALE, birth_date=BIRTH, on=on, weight_g=5000, length_mm=680, position=Position.LYING, **WELL
    )
    assert classed(thin) is code


# --- what to do ---


def test_the_revisit_comes_from_the_rules():
    rules = load(
        shipped_text()
        .replace("gizi_buruk = 7", "gizi_buruk = 5")
        .replace("gizi_lebih = 14", "gizi_lebih = 30")
    )
    bands = {C.SEVERE: -320, C.MODERATE: -250, C.NORMAL: 0, C.OVERWEIGHT_RISK: 150, C.OVERWEIGHT: 250}
    bands[C.OBESE] = 320
    days = {code: mtbs.classify(toddler(centi), rules).revisit_days for code, centi in bands.items()}
    assert days == {
        C.SEVERE: 5, C.MODERATE: 14, C.NORMAL: None, C.OVERWEIGHT_RISK: 30, C.OVERWEIGHT: 30, C.OBESE: None,
    }  # fmt: skip


def test_a_feeding_problem_brings_gizi_kurang_back_earlier():
    assert mtbs.classify(toddler(-250, feeding_problem=True), RULES).revisit_days == 7
    assert mtbs.classify(toddler(-250, feeding_problem=False), RULES).revisit_days == 14
    assert mtbs.classify(toddler(-250), RULES).revisit_days == 14


@pytest.mark.parametrize(
    ("centi", "refer"),
    [
        (-320, Referral.PUSKESMAS),
        (-250, Referral.PUSKESMAS),
        (0, None),
        (150, None),
        (250, None),
        (320, Referral.HOSPITAL),
    ],
)
def test_where_each_class_is_referred(centi, refer):
    found = mtbs.classify(toddler(centi), RULES)
    assert (found.refer, found.same_day) == (refer, False)
    assert found.action


@pytest.mark.parametrize(
    ("on", "dose"),
    [
        (date(2025, 7, 9), "50.000"),
        (date(2025, 7, 10), "100.000"),
        (date(2026, 1, 9), "100.000"),
        (date(2026, 1, 10), "200.000"),
    ],
)
def test_vitamin_a_before_referral_by_age(on, dose):
    swollen = Examination(sex=Sex.MALE, birth_date=BIRTH, on=on, oedema=3)
    assert f"Beri vitamin A {dose} IU." in mtbs.classify(swollen, RULES).action


# --- what is not known ---


def test_nothing_measured_is_never_good():
    found = mtbs.classify(Examination(sex=Sex.FEMALE, birth_date=BIRTH, on=TODDLER_ON), RULES)
    assert (found.code, found.label, found.revisit_days) == (None, "Belum dapat diklasifikasi", None)
    assert found.missing == (
        "Ukur berat dan panjang atau tinggi",
        "Periksa bengkak di kedua kaki",
        "Ukur LiLA",
    )


def test_a_good_arm_alone_is_no_class():
    assert classed(toddler(None)) is None


def test_gizi_buruk_without_the_appetite_test_asks_for_it():
    assert mtbs.classify(toddler(-320, appetite=None), RULES).missing == ("Uji nafsu makan",)
    assert mtbs.classify(toddler(0, appetite=None), RULES).missing == ()
    assert mtbs.classify(baby(0, appetite=None, not_rising=None), RULES).missing == (
        "Lihat apakah berat naik", "Lihat apakah bayi kuat menyusu",
    )  # fmt: skip


def test_a_thin_arm_without_weight_says_that_it_may_be_worse():
    found = mtbs.classify(toddler(None, muac_mm=120), RULES)
    assert (found.code, found.missing) == (C.MODERATE, ("Ukur berat dan panjang atau tinggi",))


def test_an_implausibly_thin_child_is_not_kept_waiting_and_an_implausibly_fat_one_is_measured_again():
    thin = mtbs.classify(toddler(None, weight_g=4500), RULES)
    assert thin.code is C.SEVERE
    assert "tidak masuk akal" in thin.missing[0]
    fat = mtbs.classify(toddler(None, weight_g=29_000), RULES)
    assert fat.code is None
    assert "tidak masuk akal" in fat.missing[0]


def test_without_sex_or_birth_date_oedema_and_danger_signs_still_send_away():
    nameless = Examination(sex=None, birth_date=None, on=TODDLER_ON, oedema=1)
    found = mtbs.classify(nameless, RULES)
    assert (found.code, found.same_day, found.missing) == (None, True, ("Tanggal lahir belum diisi",))
    calm = mtbs.classify(Examination(sex=None, birth_date=None, on=TODDLER_ON, oedema=0), RULES)
    assert (calm.same_day, calm.refer, calm.action) == (False, None, ())
    assert mtbs.classify(toddler(0, sex=None), RULES).missing[0] == "Jenis kelamin belum diisi"
    early = mtbs.classify(toddler(0, on=date(2025, 1, 20)), RULES)
    assert early.missing == ("Umur di bawah 2 bulan: pakai bagan MTBM",)


def test_codes_of_a_newer_version_are_shown_as_they_came():
    found = mtbs.classify(toddler(-320, complications=frozenset({"zz_baru", Complication.PNEUMONIA})), RULES)
    assert found.findings[-2:] == ("Pneumonia", "zz_baru")
    assert (label_of(MtbsClass, "kelas_baru"), label_of(MtbsClass, None)) == ("kelas_baru", "—")


@given(
    months=st.integers(0, 70),
    weight_g=st.none() | st.integers(0, 40_000),
    length_mm=st.none() | st.integers(0, 1500),
    muac_mm=st.none() | st.integers(0, 400),
    oedema=st.none() | st.integers(0, 3),
    appetite=st.none() | st.booleans(),
    not_rising=st.none() | st.booleans(),
    complications=st.frozensets(st.sampled_from([*Complication, "lain"])),
)
def test_more_illness_never_makes_the_class_milder(months, complications, **found):
    day = BIRTH + timedelta(days=months * 31)
    examined = {"sex": Sex.MALE, "birth_date": BIRTH, "on": day, "position": Position.LYING, **found}
    well = mtbs.classify(Examination(**examined), RULES)
    ill = mtbs.classify(Examination(**examined, complications=complications), RULES)
    order = [*MtbsClass, None]
    assert order.index(ill.code) <= order.index(well.code)
    assert ill.same_day >= well.same_day
    assert (ill.code is C.COMPLICATED) <= ill.same_day


# --- supplementary food ---


@pytest.mark.parametrize(
    ("code", "reasons", "months", "expected"),
    [
        (C.MODERATE, {"wasting", "two_t"}, 14, Pmt(56, "gizi_kurang")),
        (None, {"low_muac"}, 6, Pmt(56, "gizi_kurang")),
        (C.NORMAL, {"underweight", "two_t"}, 14, Pmt(28, "bb_kurang")),
        (C.NORMAL, {"bgm"}, 59, Pmt(28, "bb_kurang")),
        (None, {"two_t"}, 14, Pmt(14, "tidak_naik")),
        (None, {"first_t"}, 14, Pmt(14, "tidak_naik")),
        (C.NORMAL, {"stunting"}, 14, None),
        (C.MODERATE, {"wasting"}, 5, None),
        (C.MODERATE, {"wasting"}, 60, None),
        (C.MODERATE, {"wasting"}, None, None),
        (C.SEVERE, {"severe_wasting", "underweight"}, 14, None),
        (None, {"severe_wasting", "underweight"}, 14, None),
        (C.COMPLICATED, {"underweight"}, 14, None),
        (C.OVERWEIGHT, {"first_t"}, 14, None),
    ],
)
def test_days_of_supplementary_food_by_the_gravest_cause(code, reasons, months, expected):
    assert mtbs.pmt(code, reasons, months, RULES) == expected
