import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Sex
from posyandu_app.domain.rules import AgeGroup, Span, default_rules, load
from posyandu_app.paths import resources

SHIPPED = (resources() / "program_rules.toml").read_text(encoding="utf-8")
RULES = default_rules()


def changed(old: str, new: str) -> str:
    assert SHIPPED.count(old) >= 1, old
    return SHIPPED.replace(old, new, 1)


def test_kbm_of_boys_is_that_of_the_decisions():
    by_month = {
        1: 800,
        2: 900,
        3: 800,
        4: 600,
        5: 500,
        6: 400,
        7: 400,
        8: 300,
        11: 300,
        12: 200,
        60: 200,
        0: 800,
    }
    assert {month: RULES.kbm(Sex.MALE, month) for month in by_month} == by_month


def test_kbm_of_girls_is_that_of_the_decisions():
    by_month = {
        1: 800,
        2: 900,
        3: 800,
        4: 600,
        5: 500,
        6: 400,
        7: 300,
        10: 300,
        11: 200,
        12: 200,
        60: 200,
        0: 800,
    }
    assert {month: RULES.kbm(Sex.FEMALE, month) for month in by_month} == by_month


@pytest.mark.parametrize("month", [-1, -61, 61, 1000])
def test_there_is_no_kbm_outside_0_to_60_months(month):
    assert RULES.kbm(Sex.MALE, month) is None


def test_every_default_of_the_decisions_is_in_the_file():
    assert (RULES.red_line, RULES.orange_line, RULES.refer_after_t) == (-300, 100, 2)
    assert (RULES.pmt_days.gizi_kurang, RULES.pmt_days.bb_kurang, RULES.pmt_days.tidak_naik) == (56, 28, 14)
    assert RULES.vitamin_a.months == (2, 8)
    assert (RULES.vitamin_a.blue_iu, RULES.vitamin_a.blue_ages) == (100_000, AgeGroup(6, 11))
    assert (RULES.vitamin_a.red_iu, RULES.vitamin_a.red_ages) == (200_000, AgeGroup(12, 59))
    assert (RULES.deworming.months, RULES.deworming.from_age_months) == ((2, 8), 12)
    assert (RULES.targets.d_s, RULES.targets.n_d, RULES.targets.stunting) == (85, 85, 14)
    assert RULES.report_groups == ((0, 5), (6, 11), (12, 23), (24, 35), (36, 59))
    assert RULES.prevalence_groups == ((0, 5), (6, 11), (12, 23), (24, 35), (36, 47), (48, 59))
    assert RULES.not_seen_months == 2
    assert (RULES.revisit_days.gizi_buruk, RULES.revisit_days.gizi_kurang, RULES.revisit_days.gizi_lebih) == (
        7,
        14,
        14,
    )
    assert (RULES.same_day.muac_below_mm, RULES.same_day.weight_below_g, RULES.same_day.wfl_below) == (
        115,
        4000,
        -300,
    )
    assert (RULES.refer.wfl_below, RULES.refer.wfl_above, RULES.refer.muac_below_mm) == (-200, 200, 125)
    assert (RULES.watch.z_drop, RULES.watch.wfl_above) == (67, 100)
    assert RULES.plausibility.weight_g == Span(500, 30_000)
    assert RULES.plausibility.length_mm == Span(300, 1300)
    assert RULES.duplicates.birth_days == 30


def test_age_groups_hold_both_ends_and_are_labelled():
    group = RULES.report_groups[1]
    assert [month in group for month in (5, 6, 11, 12)] == [False, True, True, False]
    assert group.label == "6–11 bulan"
    assert None not in group


def test_every_section_of_the_file_names_its_source():
    sections = re.split(r"^\[", SHIPPED, flags=re.MULTILINE)[1:]
    assert [section.partition("]")[0] for section in sections if "Sumber/Source: " not in section] == []


def test_a_district_changes_one_value():
    rules = load(changed("red_line_sd = -3.00", "red_line_sd = -2"))
    assert rules.red_line == -200
    assert rules.kbm_boys == RULES.kbm_boys


def test_a_file_is_read_like_its_text(tmp_path):
    path = tmp_path / "aturan.toml"
    path.write_text(SHIPPED, encoding="utf-8")
    assert load(path) == load(SHIPPED) == RULES


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("red_line_sd = -3.00", "", "kms.red_line_sd belum ada; isinya harus angka SD"),
        ("red_line_sd = -3.00", 'red_line_sd = "-3"', "kms.red_line_sd harus angka SD"),
        ("red_line_sd = -3.00", "red_line_sd = -3.005", "kms.red_line_sd"),
        ("red_line_sd = -3.00", "red_line_sd = nan", "kms.red_line_sd"),
        ("red_line_sd = -3.00", "red_line_sd = -inf", "kms.red_line_sd"),
        ("red_line_sd = -3.00", "red_line_sd = true", "kms.red_line_sd"),
        ("red_line_sd = -3.00", "red_line_sd = 1e999999", "kms.red_line_sd"),
        ("red_line_sd = -3.00", "red_lime_sd = -3.00\nred_line_sd = -3.00", "kms.red_lime_sd tidak dikenal"),
        ("refer_after_t = 2", "refer_after_t = 3", "kms.refer_after_t harus bilangan bulat 1 sampai 2"),
        ("refer_after_t = 2", "refer_after_t = 2.0", "kms.refer_after_t"),
        ("refer_after_t = 2", f"refer_after_t = {'9' * 5000}", "tidak terbaca"),
        ('"12-60" = 200', '"12-59" = 200', "kms.kbm_boys_g harus setiap bulan"),
        ('"12-60" = 200', '"12-61" = 200', "kms.kbm_boys_g.12-61"),
        ('"12-60" = 200', '"11-60" = 200', "kms.kbm_boys_g.11-60"),
        ('"6-7" = 400', '"7-6" = 400', "kms.kbm_boys_g.7-6"),
        ('"6-7" = 400', '"6-7" = -400', "kms.kbm_boys_g.6-7"),
        ('"6-7" = 400', '"enam" = 400', "kms.kbm_boys_g.enam"),
        ("months = [2, 8]", "months = [2, 13]", "vitamin_a.months harus daftar bulan"),
        ("months = [2, 8]", "months = [8, 2]", "vitamin_a.months"),
        ("months = [2, 8]", "months = []", "vitamin_a.months"),
        ("months = [2, 8]", 'months = "Februari"', "vitamin_a.months"),
        ("blue_age_months = [6, 11]", "blue_age_months = [11, 6]", "vitamin_a.blue_age_months"),
        ("blue_age_months = [6, 11]", "blue_age_months = [6]", "vitamin_a.blue_age_months"),
        ('"6-11", "12-23"', '"6-10", "12-23"', "age_groups.report harus daftar kelompok umur"),
        ('"36-59"]', '"36-60"]', "age_groups.report"),
        ("z_drop_months = [2, 3, 4]", "z_drop_months = [4, 3, 2]", "risk.watch.z_drop_months"),
        ("z_drop_sd = 0.67", "z_drop_sd = -0.67", "risk.watch.z_drop_sd"),
        ("weight_g = [500, 30000]", "weight_g = [500, 500]", "plausibility.weight_g"),
        ("weight_below_g = 4000", "weight_below_g = 4", "risk.same_day.weight_below_g"),
        ("name_percent = 85", "name_percent = 101", "duplicates.name_percent"),
        ("[targets]", "[target]", "targets belum ada"),
        ('version = "2026.1"', 'version = ""', "version harus teks"),
        ('version = "2026.1"', "version = 2026", "version harus teks"),
        ("format = 1 ", "format = 2 ", "Perbarui aplikasi"),
        ("format = 1 ", "format = 0 ", "format harus bilangan bulat"),
        ("format = 1 ", "", "format belum ada"),
        ("[pmt_days]", "[pmt_days", "tidak terbaca"),
        ("[pmt_days]", "[kms]", "tidak terbaca"),
    ],
)
def test_a_wrong_file_is_refused_by_the_name_of_the_key(old, new, says):
    with pytest.raises(UserError, match=re.escape(says)) as trouble:
        load(changed(old, new))
    assert len(trouble.value.message) < 250


@pytest.mark.parametrize("section", [1, "teks", []])
def test_a_section_that_is_none_is_refused(section):
    without = re.sub(r"\[revisit_days\][^\[]*", "", SHIPPED)
    with pytest.raises(UserError, match=re.escape("revisit_days harus sebuah bagian")):
        load(without.replace("format = 1 ", f"revisit_days = {section!r}\nformat = 1 ".replace("'", '"'), 1))


@pytest.mark.parametrize("text", ["", "[", "\x00", "a" * 1_000_000, "[" * 50_000, "x = " + "[" * 5000])
def test_what_is_no_rules_file_is_one_sentence(text):
    with pytest.raises(UserError):
        load(text)


def test_a_file_that_is_missing_or_not_text_is_one_sentence(tmp_path):
    with pytest.raises(UserError, match="tidak bisa dibuka"):
        load(tmp_path / "tidak-ada.toml")
    with pytest.raises(UserError, match="tidak bisa dibuka"):
        load(tmp_path)
    binary = tmp_path / "biner.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="tidak terbaca"):
        load(binary)
    huge = tmp_path / "besar.toml"
    huge.write_bytes(b"#" * 5_000_000)
    with pytest.raises(UserError, match="terlalu besar"):
        load(huge)


@given(st.decimals(-6, 6, places=2))
def test_every_limit_in_hundredths_is_read_exactly(limit):
    rules = load(changed("red_line_sd = -3.00", f"red_line_sd = {limit}"))
    assert Decimal(rules.red_line) / 100 == limit
