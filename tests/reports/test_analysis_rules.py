"""The limits of the analysis come from one file that is checked key by key."""

import pytest

from posyandu_app.domain.errors import UserError
from posyandu_app.paths import resources
from posyandu_app.reports.analysis_rules import Range, Steps, default_analysis_rules, load

TEXT = (resources() / "analysis_rules.toml").read_text(encoding="utf-8")


def test_the_shipped_limits():
    rules = default_analysis_rules()
    assert rules.small_numbers.smallest_shown == 5
    assert rules.quality.sd_length_for_age == Range(1.10, 1.30)
    assert rules.severity["stunting"] == Steps(2.5, 10, 20, 30)
    assert rules.targets == {"wasting": 7.0}
    assert rules.quality.flagged_percent_above == 1.0


def test_every_section_names_its_source():
    for section in TEXT.split("\n[")[1:]:
        assert "Sumber/Source" in section, section.splitlines()[0]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("smallest_shown = 5", "smallest_shown = 0", "small_numbers.smallest_shown"),
        ("smallest_shown = 5", "smallest_shown = true", "small_numbers.smallest_shown"),
        ("smallest_shown = 5", "", "small_numbers.smallest_shown"),
        ('["kader", "bidan", "tpg"]', '["bupati"]', "small_numbers.roles_that_see_names"),
        ("wasting = 7.0", "wasting = 101", "targets_percent.wasting"),
        ("wasting = 7.0", "wasting = nan", "targets_percent.wasting"),
        ("wasting = 7.0", "wasting = inf", "targets_percent.wasting"),
        ("wasting = 7.0", "stunting = 14", "targets_percent.stunting"),
        ("[2.5, 10.0, 20.0, 30.0]", "[10.0, 2.5, 20.0, 30.0]", "severity_percent.stunting"),
        ("[2.5, 10.0, 20.0, 30.0]", "[2.5, nan, 20.0, 30.0]", "severity_percent.stunting"),
        ("[2.5, 10.0, 20.0, 30.0]", "[2.5, 10.0]", "severity_percent.stunting"),
        ("[1.10, 1.30]", '["a", "b"]', "quality.sd_length_for_age"),
        ("late_after_days = 7", "late_after_days = 7.5", "quality.late_after_days"),
        ("due_days = 30 ", "due_days = 0 ", "recommend.due_days"),
        ("[recommend]", "[rekomendasi]", "recommend"),
        ("judged_from = 100", "judged_from = 100\nselamanya = 1", "quality.selamanya"),
        ('version = "2026.1"', "version = 2026", "version"),
    ],
)
def test_a_wrong_key_is_named(old, new, named):
    assert TEXT.count(old) >= 1
    with pytest.raises(UserError, match=named.replace(".", r"\.")) as caught:
        load(TEXT.replace(old, new, 1))
    assert caught.value.code == "rules_invalid"


def test_a_target_can_be_left_out():
    assert load(TEXT.replace("wasting = 7.0", "")).targets == {}


@pytest.mark.parametrize("text", ["", "format = [", "x" * 200_000, "\0", "format = 1\nformat = 1"])
def test_what_is_not_such_a_file_is_refused(text):
    with pytest.raises(UserError):
        load(text)


def test_a_newer_form_says_that_the_app_must_be_updated():
    with pytest.raises(UserError, match="Perbarui") as caught:
        load(TEXT.replace("format = 1 ", "format = 2 "))
    assert caught.value.code == "rules_newer"


def test_a_file_that_is_not_there_is_named_without_its_path(tmp_path):
    with pytest.raises(UserError, match=r"aturan\.toml") as caught:
        load(tmp_path / "aturan.toml")
    assert str(tmp_path) not in caught.value.message


def test_a_file_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "aturan.toml"
    path.write_bytes(TEXT.encode("utf-16"))
    with pytest.raises(UserError) as caught:
        load(path)
    assert caught.value.code == "rules_unreadable"
