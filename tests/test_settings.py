"""Settings come back as saved; a bad file is moved aside and never a reason not to start."""

import json
import os
import stat

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from posyandu_app import settings
from posyandu_app.settings import Settings


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "settings.json"


def test_a_new_laptop_has_the_defaults_and_writes_nothing(path):
    assert settings.load(path) == settings.Loaded(Settings(), None)
    assert not path.parent.exists()


def test_what_is_saved_comes_back(path):
    chosen = Settings(
        language="en", text_size="large", contrast="high", network_on=False, last_label="Ibu Sari é"
    )
    assert settings.save(path, chosen) is None
    assert settings.load(path) == settings.Loaded(chosen, None)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_only_this_user_may_read_them(path):
    settings.save(path, Settings())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe",
        b"9" * 5000,
        b"[" * 50_000,
        b'{"language":"en"}' + b" " * 70_000,
    ],
)
def test_a_bad_file_is_kept_aside_and_told(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    loaded = settings.load(path)
    assert loaded.settings == Settings()
    assert loaded.message is not None
    assert "settings.json.rusak-1" in loaded.message
    assert path.with_name("settings.json.rusak-1").read_bytes() == content
    assert not path.exists()


def test_a_second_bad_file_does_not_replace_the_first(path):
    path.parent.mkdir()
    for number in (1, 2):
        path.write_text(f"bad {number}")
        settings.load(path)
        assert path.with_name(f"settings.json.rusak-{number}").read_text() == f"bad {number}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("language", "de"),
        ("language", None),
        ("language", ["id"]),
        ("text_size", "huge"),
        ("contrast", 1),
        ("network_on", "false"),
        ("network_on", 0),
        ("last_label", 7),
        ("last_label", "x" * 201),
        ("last_label", "a\nb"),
    ],
)
def test_one_bad_value_costs_only_itself(path, name, value):
    path.parent.mkdir()
    good = {
        "language": "en",
        "text_size": "large",
        "contrast": "high",
        "network_on": False,
        "last_label": "Sari",
    }
    path.write_text(json.dumps({**good, name: value}))
    loaded = settings.load(path)
    expected = {**good, name: getattr(Settings(), name)}
    assert {key: getattr(loaded.settings, key) for key in good} == expected
    assert loaded.message is not None
    assert name in loaded.message


def test_settings_of_a_newer_version_are_kept(path):
    path.parent.mkdir()
    path.write_text(json.dumps({"language": "en", "voice": {"speed": 2}}))
    loaded = settings.load(path)
    assert loaded.message is None
    settings.save(path, loaded.settings)
    assert json.loads(path.read_text())["voice"] == {"speed": 2}


@pytest.mark.parametrize(
    ("name", "value"), [("language", "de"), ("last_label", "x" * 500), ("network_on", 1)]
)
def test_saving_something_else_is_a_bug(path, name, value):
    with pytest.raises(ValueError):
        settings.save(path, Settings(**{name: value}))
    assert not path.exists()


def test_a_disk_that_takes_nothing_is_told_and_the_old_file_stays(path, monkeypatch):
    settings.save(path, Settings(language="en"))

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert settings.save(path, Settings()) is not None
    monkeypatch.undo()
    assert settings.load(path).settings.language == "en"
    assert [item.name for item in path.parent.iterdir()] == ["settings.json"]


@given(
    content=st.binary(max_size=100)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(settings.NAMES), inner, max_size=3)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
@hypothesis_settings(deadline=None)
def test_no_file_at_all_keeps_the_app_from_starting(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("settings") / "settings.json"
    path.write_bytes(content)
    loaded = settings.load(path)
    assert settings.save(path, loaded.settings) is None
    assert settings.load(path).settings == loaded.settings
