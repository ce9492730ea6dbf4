"""Pengaturan: one list of parts, opened and left by keys."""

import pytest
from PySide6.QtCore import Qt

from posyandu_app.ui.places import rooms
from posyandu_app.ui.screens.settings_parts import parts

Key = Qt.Key


def test_number_arrow_and_enter_open_a_part_and_esc_returns_to_it(hands):
    hands.go("settings")
    listed = list(hands.main.screen_of("settings").parts.buttons)
    for number, room in enumerate(listed, 1):
        hands.press(Key(ord(str(number))))
        assert hands.main.place == room
        hands.press(Key.Key_Escape)
        assert hands.main.place == "settings"
        assert hands.focus.objectName() == f"part_{room}", "the keyboard is where it left"
    hands.main.screen_of("settings").parts.take_keyboard()
    for room in listed:
        assert hands.focus.objectName() == f"part_{room}"
        hands.press(Key.Key_Return)
        assert hands.main.place == room
        hands.press(Key.Key_Escape)
        hands.press(Key.Key_Down)
    hands.press(Key.Key_Escape)
    assert hands.main.place == "roster"


@pytest.mark.parametrize("role", ["kader", "bidan", "tpg", "dinas"])
def test_every_part_is_a_room_within_settings(role):
    within = {room.name for room in rooms() if room.within == "settings"}
    assert {part.room for part in parts(role)} <= within
    assert "display" in {part.room for part in parts(role)}


def test_a_part_marks_settings_in_the_rail(hands):
    hands.go("settings")
    hands.press(Key.Key_1)
    assert hands.main.rail.findChild(object, "place_settings").isChecked()
