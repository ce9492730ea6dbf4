"""Who can open the laptop: passwords, several people, and key files that somebody has tampered with."""

import json
import os
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.pwhash import argon2id

from posyandu_app.domain.errors import InvalidValue, UserError
from posyandu_app.storage import keys
from posyandu_app.storage.keys import KeyRing

KEY = bytes(range(32))
PASSWORD = "melati123"


@pytest.fixture
def ring(tmp_path):
    return KeyRing.create(tmp_path / "keys.json", KEY, "Ibu Sari", PASSWORD, user="u-1", cheap=True)


@pytest.fixture
def path(ring, tmp_path):
    return tmp_path / "keys.json"


def test_the_right_password_opens_and_tells_whose_it_is(ring, path):
    assert KeyRing.load(path).unlock("Ibu Sari", PASSWORD) == KEY
    assert KeyRing.load(path).open("Ibu Sari", PASSWORD).user == "u-1"


@pytest.mark.parametrize(
    "wrong", ["", "melati12", "melati1234", "Melati123", "melati123 ", "x" * 100_000, "\ud800"]
)
def test_a_wrong_password_is_told_in_a_sentence(ring, wrong):
    with pytest.raises(UserError) as told:
        ring.unlock("Ibu Sari", wrong)
    assert told.value.code == "wrong_password"
    assert told.value.message.startswith("Kata sandi salah.")


def test_an_unknown_name_is_told(ring):
    with pytest.raises(UserError) as told:
        ring.unlock("Ibu Dewi", PASSWORD)
    assert told.value.code == "unknown_label"


def test_a_composed_and_a_decomposed_letter_are_one_password(ring):
    ring.add(KEY, "Dewi", "kafé-aman", cheap=True)
    assert ring.unlock("Dewi", "kafe\u0301-aman") == KEY


def test_each_person_has_her_own_password(ring, path):
    ring.add(KEY, "Bidan Rina", "cempaka-7", user="u-2", cheap=True)
    again = KeyRing.load(path)
    assert again.labels() == ("Ibu Sari", "Bidan Rina")
    assert again.unlock("Bidan Rina", "cempaka-7") == again.unlock("Ibu Sari", PASSWORD) == KEY
    with pytest.raises(UserError):
        again.unlock("Bidan Rina", PASSWORD)


def test_changing_a_password_changes_only_that_one(ring, path):
    ring.add(KEY, "Bidan Rina", "cempaka-7", cheap=True)
    ring.change_password("Ibu Sari", PASSWORD, "kenanga-88", cheap=True)
    again = KeyRing.load(path)
    assert again.unlock("Ibu Sari", "kenanga-88") == again.unlock("Bidan Rina", "cempaka-7") == KEY
    with pytest.raises(UserError):
        again.unlock("Ibu Sari", PASSWORD)


def test_changing_needs_the_old_password_and_a_good_new_one(ring, path):
    before = path.read_bytes()
    with pytest.raises(UserError):
        ring.change_password("Ibu Sari", "salah-salah", "kenanga-88", cheap=True)
    with pytest.raises(InvalidValue):
        ring.change_password("Ibu Sari", PASSWORD, "pendek", cheap=True)
    assert path.read_bytes() == before


def test_a_removed_person_cannot_open_and_the_last_one_stays(ring, path):
    ring.add(KEY, "Bidan Rina", "cempaka-7", cheap=True)
    ring.remove("Ibu Sari")
    assert KeyRing.load(path).labels() == ("Bidan Rina",)
    with pytest.raises(UserError) as told:
        ring.remove("Bidan Rina")
    assert told.value.code == "last_key"
    assert KeyRing.load(path).unlock("Bidan Rina", "cempaka-7") == KEY


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("", "label"),
        ("   ", "label"),
        ("a" * 81, "label"),
        ("a\x00b", "label"),
        ("ibu sari", "label"),
        (" Ibu  Sari ", "label"),
    ],
)
def test_names_to_sign_in_with(ring, label, field):
    with pytest.raises(InvalidValue) as told:
        ring.add(KEY, label, PASSWORD, cheap=True)
    assert told.value.field == field
    assert ring.labels() == ("Ibu Sari",)


@pytest.mark.parametrize("password", ["", "1234567", "x" * 257])
def test_passwords_that_are_too_short_or_too_long(ring, password):
    with pytest.raises(InvalidValue) as told:
        ring.add(KEY, "Dewi", password, cheap=True)
    assert told.value.field == "password"


def test_nothing_is_overwritten_by_setting_up_again(ring, path):
    before = path.read_bytes()
    with pytest.raises(UserError) as told:
        KeyRing.create(path, bytes(32), "Lain", PASSWORD, cheap=True)
    assert told.value.code == "keys_exist"
    assert path.read_bytes() == before


def test_neither_key_nor_password_stands_in_the_file(path):
    text = path.read_text()
    assert KEY.hex() not in text
    assert PASSWORD not in text


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_only_this_user_may_read_the_key_file(path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_default_wrap_is_strong(tmp_path):
    ring = KeyRing.create(tmp_path / "k.json", KEY, "A", PASSWORD)
    stored = json.loads((tmp_path / "k.json").read_text())["keys"][0]
    assert stored["kdf"] == "argon2id13"
    assert stored["memory"] >= 256 * 1024 * 1024
    assert stored["passes"] >= 3
    assert ring.unlock("A", PASSWORD) == KEY


def test_an_interrupted_save_leaves_the_old_file_whole(ring, path, monkeypatch):
    before = path.read_bytes()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError) as told:
        ring.add(KEY, "Dewi", PASSWORD, cheap=True)
    assert told.value.code == "not_writable"
    assert path.read_bytes() == before
    assert ring.labels() == ("Ibu Sari",)
    assert [item.name for item in path.parent.iterdir()] == ["keys.json"]


def test_a_missing_key_file_is_told(tmp_path):
    with pytest.raises(UserError) as told:
        KeyRing.load(tmp_path / "keys.json")
    assert told.value.code == "keys_missing"


def wrap(**changes: object) -> dict[str, object]:
    good = {
        "label": "A",
        "kdf": "argon2id13",
        "passes": 1,
        "memory": argon2id.MEMLIMIT_MIN,
        "salt": "A" * 22 + "==",
        "box": "AAAA",
    }
    return {**good, **changes}


HOSTILE = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b'{"version":1}',
    b'{"version":1,"keys":[]}',
    b'{"version":2,"keys":[{}]}',
    b'{"version":1,"keys":{"a":1}}',
    b'{"version":1,"keys":[null]}',
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b"9" * 5000,
    b'{"version":1,' + b" " * (1024 * 1024),
    *(
        json.dumps({"version": 1, "keys": keys_}).encode()
        for keys_ in (
            [wrap(kdf="scrypt")],
            [wrap(memory=2**40)],
            [wrap(memory=0)],
            [wrap(memory=8192.5)],
            [wrap(memory=True)],
            [wrap(passes=2**31)],
            [wrap(passes=0)],
            [wrap(passes="1")],
            [wrap(salt="AAAA")],
            [wrap(salt=None)],
            [wrap(salt="ä")],
            [wrap(box=5)],
            [wrap(box="***")],
            [wrap(label="")],
            [wrap(label=7)],
            [wrap(label="a\nb")],
            [wrap(label="x" * 200)],
            [wrap(), wrap()],
            [wrap(), wrap(label="a")],
        )
    ),
]


@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
def test_a_key_file_of_somebody_else_is_told_and_left_alone(tmp_path, content):
    path = tmp_path / "keys.json"
    path.write_bytes(content)
    with pytest.raises(UserError) as told:
        KeyRing.load(path)
    assert told.value.code == "keys_damaged"
    assert "Tidak ada yang diubah" in told.value.message
    assert path.read_bytes() == content


@given(content=st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_bytes_at_all_make_it_fall_over(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    path.write_bytes(content)
    with pytest.raises(UserError):
        KeyRing.load(path)


@pytest.mark.parametrize("name", ["salt", "box", "label", "passes"])
def test_a_changed_wrap_does_not_open(ring, path, name):
    ring.add(KEY, "Bidan Rina", PASSWORD, cheap=True)
    stored = json.loads(path.read_text())
    first, second = stored["keys"]
    if name == "passes":
        first["passes"] = 2
    elif name == "label":
        first["label"], second["label"] = second["label"], first["label"]
    else:
        first[name] = second[name]
    path.write_text(json.dumps(stored))
    with pytest.raises(UserError) as told:
        KeyRing.load(path).unlock(first["label"], PASSWORD)
    assert told.value.code == "wrong_password"


def test_new_keys_differ():
    assert len({keys.new_key() for _ in range(100)}) == 100
