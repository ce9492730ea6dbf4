"""The file that says what is due at which age: complete as shipped, and refused by key when it is not."""

import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posyandu_app.domain.errors import UserError
from posyandu_app.domain.visit_rules import default_visit_rules, load
from posyandu_app.paths import resources

TEXT = (resources() / "visit_rules.toml").read_text(encoding="utf-8")
PLAN = default_visit_rules()


def test_the_immunisations_stand_at_the_months_of_the_national_schedule():
    by_month: dict[int, list[str]] = {}
    for antigen in PLAN.antigens:
        if antigen.active:
            by_month.setdefault(antigen.due_age_months, []).append(antigen.code)
    assert by_month == {
        0: ["hb0"],
        1: ["bcg", "opv1"],
        2: ["dpt_hb_hib_1", "opv2", "pcv1", "rv1"],
        3: ["dpt_hb_hib_2", "opv3", "pcv2", "rv2"],
        4: ["dpt_hb_hib_3", "opv4", "ipv1", "rv3"],
        9: ["mr1", "ipv2"],
        12: ["pcv3"],
        18: ["dpt_hb_hib_4", "mr2"],
    }


def test_japanese_encephalitis_is_off_where_it_is_not_endemic():
    assert PLAN.antigen("je").active is False


def test_kpsp_and_milestones_are_those_of_the_source():
    assert PLAN.kpsp.age_months == (3, 6, 9, 12, 15, 18, 21, 24, 30, 36, 42, 48, 54, 60, 66, 72)
    assert PLAN.milestone_months == (6, 9, 12, 24, 59)
    assert PLAN.graduation_months == 60


@pytest.mark.parametrize(("age", "mg"), [(11, None), (12, 200), (23, 200), (24, 400), (59, 400)])
def test_albendazole_doubles_at_two_years(age, mg):
    dose = PLAN.deworming_dose(age)
    assert (dose.mg if dose else None) == mg


def test_an_unknown_antigen_keeps_its_code_as_name():
    assert PLAN.antigen_name("hpv") == "hpv"
    assert PLAN.antigen_name(None) == "—"
    assert PLAN.antigen_name("mr1") == "Campak-Rubela (MR) 1"


def changed(before: str, after: str) -> str:
    assert before in TEXT
    return TEXT.replace(before, after, 1)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (changed("round_up_from_days = 16", "round_up_from_days = 0"), "kpsp.round_up_from_days"),
        (changed("round_up_from_days = 16", 'round_up_from_days = "16"'), "kpsp.round_up_from_days"),
        (changed("round_up_from_days = 16", "round_up_from_days = true"), "kpsp.round_up_from_days"),
        (changed("round_up_from_days = 16", "round_up_from = 16"), "kpsp.round_up_from_days"),
        (changed("age_months = [6, 9, 12, 24, 59]", "age_months = [6, 6, 12]"), "milestones.age_months"),
        (changed("age_months = [6, 9, 12, 24, 59]", "age_months = [12, 6]"), "milestones.age_months"),
        (changed("age_months = [6, 9, 12, 24, 59]", "age_months = []"), "milestones.age_months"),
        (changed("age_months = [6, 9, 12, 24, 59]", "age_months = 6"), "milestones.age_months"),
        (
            changed("complementary_feeding_age_months = [6, 23]", "complementary_feeding_age_months = [6]"),
            "questions.complementary_feeding_age_months",
        ),
        (changed('code = "bcg"', 'code = "hb0"'), "antigen.code"),
        (changed('after = "opv1"', 'after = "opv3"'), "antigen.after"),
        (changed('after = "opv1"', 'after = "polio"'), "antigen.after"),
        (changed("last_age_days = 7", "last_age_days = -7"), "antigen.last_age_days"),
        (changed("before_age_months = 12", "before_age_months = 1"), "antigen.before_age_months"),
        (changed("from_age_months = 0", "from_age_months = 2"), "antigen.from_age_months"),
        (changed("active = false", 'active = "tidak"'), "antigen.active"),
        (changed("active = false", "aktif = false"), "antigen.aktif"),
        (changed('name = "BCG"', 'name = ""'), "antigen.name"),
        (changed("mg = 200", "mg = 0"), "deworming_dose.mg"),
        (changed("from_age_months = 24", "from_age_months = 12"), "deworming_dose.from_age_months"),
        (changed("[kpsp]", "[kspp]"), "kpsp"),
        (changed("[immunisation]", "[[immunisation]]"), "immunisation"),
        (re.sub(r"(?s)\[\[deworming_dose\]\].*(?=\[immunisation\])", "", TEXT), "deworming_dose"),
    ],
)
def test_a_wrong_entry_is_refused_by_its_key(text, key):
    with pytest.raises(UserError) as caught:
        load(text)
    assert key in caught.value.message
    assert caught.value.code == "rules_invalid"


def test_a_file_of_a_newer_form_asks_for_a_newer_app():
    with pytest.raises(UserError, match="Perbarui aplikasi"):
        load(changed("format = 1 ", "format = 2 "))


@pytest.mark.parametrize("text", ["= nothing", "a = 1\na = 2", "\x00", "[" * 5000])
def test_what_is_not_toml_is_refused_with_a_sentence(text):
    with pytest.raises(UserError, match="tidak terbaca"):
        load(text)


def test_a_huge_file_is_refused(tmp_path):
    big = tmp_path / "big.toml"
    big.write_text("#" * 300_000, encoding="utf-8")
    with pytest.raises(UserError, match="terlalu besar"):
        load(big)


def test_a_missing_or_binary_file_is_refused(tmp_path):
    with pytest.raises(UserError, match="tidak bisa dibuka"):
        load(tmp_path / "nowhere.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(UserError, match="tidak terbaca"):
        load(binary)


LINES = TEXT.splitlines()


@settings(max_examples=60)
@given(st.integers(0, len(LINES) - 1), st.integers(0, len(LINES) - 1))
def test_a_file_with_a_line_lost_or_moved_is_whole_or_refused_with_a_sentence(lost, place):
    lines = [line for number, line in enumerate(LINES) if number != lost]
    lines.insert(place, LINES[lost])
    for text in ("\n".join(lines), "\n".join(LINES[:lost] + LINES[lost + 1 :])):
        with suppress(UserError):
            assert load(text).antigens


def test_the_reader_says_where_each_source_is():
    notes = (resources() / "visit_rules.md").read_text(encoding="utf-8")
    for word in ("IM.02.02/C/3052/2023", "IPV2", "WHO", "Buku KIA", "albendazole", "KPSP", "Overdue"):
        assert word in notes
