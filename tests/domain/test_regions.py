import hashlib
from pathlib import Path

import pytest

from posyandu_app.domain.regions import Level, Region, name_of, path_of, search
from posyandu_app.paths import resources


def test_the_shipped_table_is_the_one_its_readme_speaks_of():
    folder = resources() / "regions"
    notice = (folder / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256((folder / "regions.csv").read_bytes()).hexdigest() in notice
    assert "Open Database License" in notice
    assert "idn-area-data" in notice


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("32", "Jawa Barat"),
        ("32.11", "Kabupaten Sumedang"),
        ("32.11.13", "Pamulihan"),
        ("32.11.13.2005", "Cilembu"),
        ("12.07.28.1007", "Lubuk Pakam I,II"),
        ("35.29.22", 'Ra"as'),
    ],
)
def test_a_code_has_its_official_name(code, name):
    assert name_of(code) == name


@pytest.mark.parametrize(
    "code",
    ["", "99", "32.1", "32.11.13.9999", "code", "32.11.13.2005.001", "３２", "32.11\n", "%", "9" * 100_000],
)
def test_what_is_no_region_has_no_name(code):
    assert name_of(code) is None


def test_the_path_of_a_scope_goes_down_to_its_village():
    assert path_of("32.11.13.2005.001") == (
        Region("32", "Jawa Barat", Level.PROVINCE),
        Region("32.11", "Kabupaten Sumedang", Level.KABUPATEN),
        Region("32.11.13", "Pamulihan", Level.KECAMATAN),
        Region("32.11.13.2005", "Cilembu", Level.VILLAGE),
    )
    assert path_of("32.11") == path_of("32.11.13")[:2]


@pytest.mark.parametrize("code", ["", "99.99", "32.99", "32.11.13.9999.001", "../..", "x" * 100_000])
def test_an_unknown_code_has_no_path(code):
    assert path_of(code) == ()


def test_sumedang_has_26_kecamatan_and_277_villages():
    assert len(search("", Level.KECAMATAN, "32.11", limit=1000)) == 26
    assert len(search("", Level.VILLAGE, "32.11", limit=1000)) == 277
    assert len(search("", Level.PROVINCE, limit=100)) == 38


def test_typing_ahead_finds_by_level_and_parent():
    assert [region.code for region in search("cil", Level.VILLAGE, "32.11.13")] == ["32.11.13.2005"]
    assert [region.name for region in search("SUM", Level.KABUPATEN, "32")] == ["Kabupaten Sumedang"]
    assert [region.name for region in search("sumedang s", Level.KECAMATAN, "32.11")] == ["Sumedang Selatan"]
    assert search("cilembu", Level.KECAMATAN, "32.11") == ()
    assert search("cil", Level.VILLAGE, "32.99") == ()


def test_a_name_written_in_one_word_or_two_is_found():
    assert "Jatinunggal" in [region.name for region in search("jati nunggal", Level.KECAMATAN, "32.11")]


def test_names_that_begin_with_the_text_come_before_those_that_hold_it():
    names = [region.name for region in search("selatan", Level.KECAMATAN, limit=10_000)]
    begins = [name.startswith("Selatan") for name in names]
    assert begins == sorted(begins, reverse=True)
    assert "Sumedang Selatan" in names


def test_the_number_of_answers_is_limited():
    assert len(search("", Level.VILLAGE, limit=7)) == 7


@pytest.mark.parametrize(
    ("text", "level", "parent"),
    [
        ("a" * 1_000_000, 4, ""),
        ("cil", 9, ""),
        ("cil", 4, "'; --"),
        ("\x00", 1, ""),
        ("%", 1, "32.11.13.2005"),
    ],
)
def test_hostile_questions_have_no_answer(text, level, parent):
    assert [region for region in search(text, level, parent) if parent] == []
    assert isinstance(search(text, level, parent), tuple)


def test_the_folder_holds_nothing_without_a_source():
    folder = resources() / "regions"
    assert sorted(Path(path).name for path in folder.iterdir()) == ["README.md", "regions.csv"]
