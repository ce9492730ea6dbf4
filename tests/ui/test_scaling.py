"""Windows enlarges a screen of 1366 by 768 to 125 % or 150 %: every room stays whole, as Qt runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from posyandu_app.ui.fit import Fit, fit

ROOT = Path(__file__).resolve().parents[2]
SCREENS = {"1.25": (1093, 614), "1.5": (911, 512)}
TASK_AND_TITLE_BAR = 80


def cut_off_in(scaling, size, text):
    """What is cut off in every room, told by a process of its own, since Qt reads the factor once."""
    width, height = map(str, size)
    done = subprocess.run(
        [sys.executable, "-m", "tests.ui.scaled", width, height, "--text", text],
        cwd=ROOT,
        env={**os.environ, "QT_SCALE_FACTOR": scaling, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("text", ["normal", "large"])
@pytest.mark.parametrize("scaling", SCREENS)
def test_no_room_is_cut_off_on_an_enlarged_screen(scaling, text):
    assert cut_off_in(scaling, SCREENS[scaling], text) == {}


@pytest.mark.parametrize("scaling", SCREENS)
def test_nor_between_the_title_and_the_task_bar(scaling):
    width, height = SCREENS[scaling]
    assert cut_off_in(scaling, (width, height - TASK_AND_TITLE_BAR), "normal") == {}


def test_a_whole_screen_keeps_its_full_size():
    for size in ((1366, 768), (1366, 690), (1920, 1032)):
        assert fit(*size, 1.0) == Fit()


@pytest.mark.parametrize("scaling", SCREENS)
def test_what_is_drawn_smaller_stays_larger_than_without_the_enlargement(scaling):
    suits = fit(*SCREENS[scaling], float(scaling))
    assert suits.compact
    assert 1.08 < suits.shrink * float(scaling) < float(scaling)


def test_a_window_made_small_by_hand_keeps_its_type():
    assert fit(900, 600, 1.0) == Fit(compact=True, shrink=1.0)


def test_a_compact_rail_says_in_tool_tips_what_it_no_longer_shows(hands):
    hands.app.window.resize(911, 512)
    hands.settle()
    rail = hands.main.rail
    assert rail.width() < 140
    assert rail.lock.toolTip() == "Kunci (Ctrl+L)"
    assert rail.network.toolTip() == "Jaringan (F8)"
    assert rail.status.toolTip().startswith("Tersimpan di laptop ini")
    assert not rail.status_title.isVisible()
    hands.go("settings")
    hands.app.window.resize(1366, 768)
    hands.settle()
    assert rail.width() > 250
    assert rail.status_title.isVisible()
    assert rail.lock.toolTip() == ""


def test_the_field_with_the_keyboard_is_scrolled_into_sight(hands):
    window = hands.app.window
    window.resize(911, 432)
    hands.settle()
    hands.open_child("Aisyah Putri")
    for _ in range(8):
        place = hands.focus.mapTo(window, hands.focus.rect().center())
        assert 0 <= place.y() < window.height() - hands.main.foot.height(), hands.focus.objectName()
        hands.focus.focusNextChild()
        hands.settle()
