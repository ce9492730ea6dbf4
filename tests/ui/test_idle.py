"""A laptop that is left alone locks itself and loses nothing."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from posyandu_app.settings import load
from tests.ui.conftest import LABEL, PASSWORD

Key = Qt.Key


def test_left_alone_it_locks_and_the_half_typed_child_comes_back(hands):
    hands.open_child("Bagas Saputra")
    hands.type("10,2")
    hands.app.idle.watch(150)
    hands.wait(600)
    assert hands.app.window.main is None
    assert hands.text("unlock_said").startswith("Terkunci")
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    assert hands.main.place == "weighing"
    assert hands.weighing.boxes["weight_g"].edit.text() == "10,2"


def test_a_key_keeps_it_open(hands):
    hands.app.idle.watch(3000)
    for _ in range(4):
        hands.wait(1000)
        QTest.keyClick(hands.app.window.windowHandle(), Key.Key_Shift)
    assert hands.app.window.main is not None


def test_how_long_is_a_setting_and_never_is_one_of_its_choices(hands, posyandu):
    hands.main.go("display")
    hands.main.display.lock_minutes.setFocus()
    for wanted in (30, 0):
        hands.press(Key.Key_Right)
        assert load(posyandu.folder.settings).settings.lock_minutes == wanted
    assert not hands.app.idle._timer.isActive()
    hands.press(Key.Key_Left)
    assert hands.app.idle._timer.interval() == 30 * 60_000
