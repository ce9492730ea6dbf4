"""The story of the README, played by the real command: laptop, district server, midwife."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "posyandu_app", "demo", "--out", str(out)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    return out, done


def test_the_story_ends_well(played):
    _, done = played
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout


def test_nothing_is_complained_about(played):
    assert played[1].stderr.strip() == ""


def test_the_posyandu_is_filled_from_the_export(played):
    summary = _summary(played[0])
    assert summary["before"]["children"] == 90
    assert summary["before"]["measurements"] == 539


def test_the_weighing_arrives_everywhere_exactly_once(played):
    summary = _summary(played[0])
    for place in ("kader", "bidan", "dinas"):
        assert summary[place]["measurements"] == 540
        assert summary[place]["operations"]["unsent"] == 0
    assert summary["district"]["measurements"] == 540
    made = sum(summary[place]["operations"]["made"] for place in ("kader", "bidan", "dinas"))
    assert summary["district"]["operations"] == made == summary["district"]["applied"]


def test_laptops_and_server_agree(played):
    summary = _summary(played[0])
    assert summary["agree"] is True
    assert summary["kader"]["rows"] == summary["bidan"]["rows"]
    assert summary["district"]["digests"]["child"] == summary["kader"]["rows"]["child"]
    assert summary["kader"]["at_risk"] == summary["bidan"]["at_risk"]
    assert sum(summary["kader"]["at_risk"].values()) == 90


def test_the_midwife_decides_the_dinas_asks_and_the_kader_answers(played):
    checks = _summary(played[0])["checks"]
    for told in (
        "proposals say their figures",
        "opening it is what counts as seen",
        "the Dinas sees that it is done, with the kader's note",
        "the Dinas holds the same too",
        "the midwife has confirmed, classified and decided",
        "the kader sees whom the midwife wants to see again",
    ):
        assert checks[told] is True, told


def test_every_step_has_its_picture(played):
    out = played[0]
    pictures = _summary(out)["pictures"]
    assert len(pictures) >= 12
    for name in pictures:
        assert (out / name).read_bytes().startswith(b"\x89PNG")


def test_a_folder_with_things_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    done = subprocess.run(
        [sys.executable, "-m", "posyandu_app", "demo", "--out", str(tmp_path / "o"), "--keep", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert done.returncode == 2
    assert "tidak kosong" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def _summary(out: Path) -> dict:
    return json.loads((out / "summary.json").read_text(encoding="utf-8"))
