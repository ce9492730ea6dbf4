"""The rules as people read and type them: every rule is there, goes out and comes back the same."""

import tomllib

import pytest

from posyandu_app.domain import rules, rules_form
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Sex
from posyandu_app.domain.rules_form import edited, fields, shown

SHIPPED = rules.shipped_text()


def keys(table, path=""):
    for key, value in table.items():
        if isinstance(value, dict) and not key.startswith("kbm_"):
            yield from keys(value, f"{path}{key}.")
        else:
            yield path + key


def test_every_rule_of_the_file_is_on_the_page_with_words_unit_and_source():
    inside = set(keys(tomllib.loads(SHIPPED))) - {"format", "version", "title"}
    assert {field.key for field in fields()} == inside
    for field in fields():
        assert field.label, field.key
        assert field.unit, field.key
        assert field.source, field.key


def test_values_typed_as_they_are_shown_change_nothing():
    made = edited(SHIPPED, shown(SHIPPED), "uji-1", "Uji")
    before, after = rules.load(SHIPPED), rules.load(made)
    assert after.version == "uji-1"
    assert shown(made) == shown(SHIPPED)
    for sex in Sex:
        assert [after.kbm(sex, month) for month in range(61)] == [
            before.kbm(sex, month) for month in range(61)
        ]
    assert (after.refer, after.same_day, after.watch, after.plausibility) == (
        before.refer,
        before.same_day,
        before.watch,
        before.plausibility,
    )
    assert (after.report_groups, after.vitamin_a, after.targets) == (
        before.report_groups,
        before.vitamin_a,
        before.targets,
    )


@pytest.mark.parametrize(
    ("key", "typed", "read", "value"),
    [
        ("kms.red_line_sd", "-2", lambda r: r.red_line, -200),
        ("kms.red_line_sd", "−2,50", lambda r: r.red_line, -250),
        ("kms.refer_after_t", " 1 ", lambda r: r.refer_after_t, 1),
        ("vitamin_a.months", "3 9", lambda r: r.vitamin_a.months, (3, 9)),
        ("age_groups.report", "0–5, 6–23, 24-59", lambda r: len(r.report_groups), 3),
        ("targets.d_s_percent", "90", lambda r: r.targets.d_s, 90),
        ("risk.watch.z_drop_sd", "0.5", lambda r: r.watch.z_drop, 50),
        ("kms.kbm_boys_g", "0–12: 300, 13–60: 100", lambda r: (r.kbm_boys[12], r.kbm_boys[13]), (300, 100)),
    ],
)
def test_what_is_typed_is_what_holds(key, typed, read, value):
    assert read(rules.load(edited(SHIPPED, {key: typed}, "uji-1", "Uji"))) == value


@pytest.mark.parametrize(
    ("key", "typed", "told"),
    [
        ("kms.refer_after_t", "3", "Rujuk sesudah berapa T berturut-turut harus bilangan bulat 1 sampai 2."),
        ("kms.refer_after_t", "dua", "Rujuk sesudah berapa T berturut-turut: tulis seperti 14."),
        ("kms.refer_after_t", "1,5", "Rujuk sesudah berapa T berturut-turut: tulis seperti 14."),
        ("kms.red_line_sd", "-99", "Garis merah KMS, BB/U harus angka SD"),
        ("kms.red_line_sd", "1e5", "Garis merah KMS, BB/U: tulis seperti −2,00."),
        ("kms.red_line_sd", "", "Garis merah KMS, BB/U: tulis seperti −2,00."),
        ("vitamin_a.months", "8, 2", "Bulan vitamin A harus daftar bulan"),
        ("vitamin_a.months", "Februari", "Bulan vitamin A: tulis seperti 2, 8."),
        ("age_groups.report", "0–5, 7–59", "Kelompok umur laporan harus daftar kelompok umur"),
        ("kms.kbm_girls_g", "0–59: 300", "KBM perempuan menurut umur harus setiap bulan"),
        ("kms.kbm_girls_g", "0–60 300", "KBM perempuan menurut umur: tulis seperti"),
        ("kms.kbm_girls_g", "0–60: 99999", "KBM perempuan menurut umur harus"),
        ("targets.d_s_percent", "101", "Target D/S harus bilangan bulat 0 sampai 100."),
        ("targets.d_s_percent", "-5", "Target D/S: tulis seperti 14."),
        ("plausibility.weight_g", "30000, 500", "Berat yang wajar harus dua bilangan bulat"),
        ("targets.d_s_percent", "9" * 500, "Target D/S: tulis seperti 14."),
    ],
)
def test_what_cannot_be_is_told_in_the_words_of_the_page(key, typed, told):
    with pytest.raises(InvalidValue) as caught:
        edited(SHIPPED, {key: typed}, "uji-1", "Uji")
    assert caught.value.field == key
    assert caught.value.message.startswith(told)


def test_titles_with_quotes_stay_one_line_of_text():
    made = edited(SHIPPED, {}, "uji-1", 'Aturan "baru" \\ Dinas')
    assert rules.load(made).title == 'Aturan "baru" \\ Dinas'


def test_an_older_override_is_completed_with_what_is_shipped():
    assert rules_form.shown("format = 1\n[targets]\nd_s_percent = 90\n")["targets.d_s_percent"] == "90"
    assert rules_form.shown("format = 1\n[targets]\nd_s_percent = 90\n")["kms.refer_after_t"] == "2"
