"""Nothing is cut off, everything has a name, a size to hit and a place in the order of the eye."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit

from posyandu_app.paths import DataFolder
from posyandu_app.ui.kms_chart import GrowthChart
from posyandu_app.ui.widgets.basic import Button
from tests.ui.conftest import LABEL, PASSWORD
from tests.ui.looking import cut_off, focusable, in_sight, needs_scrolling, shortened, too_small, unnamed

Key = Qt.Key
LOOKS = [
    pytest.param(
        {"text_size": size, "contrast": contrast, "language": language}, id=f"{size}-{contrast}-{language}"
    )
    for size, contrast, language in (
        ("normal", "normal", "id"),
        ("large", "normal", "id"),
        ("large", "high", "id"),
        ("normal", "high", "en"),
        ("large", "normal", "en"),
    )
]
LAPTOP = (1366, 768)
WITH_TASK_BAR = (1366, 690)


def check(hands, sizes=(LAPTOP, WITH_TASK_BAR), *, scrolling=False):
    """`scrolling` allows long forms to scroll in large type; the keyboard brings them into sight."""
    window = hands.app.window
    for size in sizes:
        window.resize(*size)
        hands.settle()
        assert (window.width(), window.height()) == size, "the window does not grow beyond the screen"
        assert cut_off(window) == [], size
        if size == LAPTOP:
            assert (short := shortened(window)) == [], f"no words end in …: {short}"
            assert scrolling or needs_scrolling(window) == []
    assert unnamed(window) == []
    assert too_small(window) == []


@pytest.mark.parametrize("look", LOOKS)
def test_every_place_fits_the_laptop_in_every_look(start, posyandu, look):
    hands = start(posyandu.folder, **look)
    check(hands)
    hands.enter("salah")
    check(hands)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    check(hands)
    hands.open_child("Aisyah Putri")
    check(hands)
    hands.enter("114")
    assert hands.weighing.state.question is not None
    check(hands)
    hands.press(Key.Key_1)
    for text in ("87,2", "11,2", "delapan koma empat"):
        hands.enter(text)
    check(hands)
    hands.focus.selectAll()
    hands.enter("46,5")
    check(hands)
    hands.press(Key.Key_Return)
    check(hands)
    hands.press(Key.Key_F6)
    check(hands)
    hands.press(Key.Key_Escape)
    for place in ("day", "review", "sync", "settings"):
        hands.go(place)
        check(hands)
    hands.press(Key.Key_1)
    assert hands.main.place == "display"
    check(hands)
    hands.go("review")
    hands.press(Key.Key_Return)
    assert hands.main.place == "child"
    check(hands)
    hands.press(Key.Key_F4)
    check(hands)
    hands.press(Key.Key_F9)
    check(hands, sizes=(LAPTOP,))


@pytest.mark.parametrize("look", LOOKS)
def test_the_first_start_fits_the_laptop_in_every_look(start, tmp_path, look):
    folder = DataFolder(tmp_path / "new")
    folder.root.mkdir()
    hands = start(folder, **look)
    check(hands, sizes=(LAPTOP,))
    for _ in range(2):
        hands.press(Key.Key_Return)
    check(hands, sizes=(LAPTOP,))
    hands.press(Key.Key_Return)
    check(hands, sizes=(LAPTOP,))
    for text in ("sumedang", "pamulihan", "cilembu", "Melati 1"):
        hands.enter(text)
    check(hands, sizes=(LAPTOP,))
    for text in ("Siti Rahma", "", PASSWORD, PASSWORD):
        hands.enter(text)
    assert hands.focus.objectName() == "first_list"
    check(hands, sizes=(LAPTOP,))


def tab_stops(hands, first):
    """The widgets that Tab goes through, from the first one round."""
    first.setFocus()
    seen = []
    while hands.focus not in seen and len(seen) < 60:
        seen.append(hands.focus)
        hands.press(Key.Key_Tab)
    return seen


def test_tab_goes_through_the_weighing_form_from_top_to_bottom(hands):
    hands.open_child("Aisyah Putri")
    names = [widget.objectName() for widget in tab_stops(hands, hands.weighing.boxes["weight_g"].edit)]
    wanted = ["weight_g", "length_mm", "position", "muac_mm", "head_mm", "oedema", "save", "turn_table"]
    assert names[: len(wanted)] == wanted


def test_tab_goes_through_the_registration_as_the_eye_does(hands):
    hands.press(Key.Key_F4)
    stops = tab_stops(hands, hands.main.register.fields["name"].edit)[:9]
    places = [widget.mapTo(hands.main, QPoint(0, 0)) for widget in stops]
    for before, after in pairwise(places):
        assert after.y() > before.y() - 20, [widget.objectName() for widget in stops]


def test_every_place_can_be_left_and_reached_without_a_mouse(hands):
    for place in ("roster", "review", "sync", "settings", "display"):
        hands.main.go(place)
        hands.settle()
        stops = set(tab_stops(hands, hands.focus))
        wanted = {widget for widget in focusable(hands.main) if not isinstance(widget, GrowthChart)}
        assert wanted - stops == set(), place


def test_what_has_the_keyboard_looks_different(hands):
    for widget in (
        hands.main.roster.filter,
        hands.main.roster.new,
        hands.main.rail.lock,
        hands.main.rail.network,
    ):
        hands.main.roster.search.setFocus()
        QApplication.processEvents()
        before = widget.grab().toImage()
        widget.setFocus()
        QApplication.processEvents()
        assert widget.grab().toImage() != before, widget.objectName()


def test_every_button_shows_its_key_or_is_reached_by_enter(hands):
    """A deed without a key of its own must be in the tab order, and its words say what it does."""
    for place in hands.main.screens:
        if place in ("weighing", "child"):
            hands.main.go(place, next(iter(hands.main.desk.order)))
        else:
            hands.main.go(place)
        hands.settle()
        for button in in_sight(hands.main):
            if isinstance(button, Button) and button.isEnabled():
                assert button.text()
                assert "(" in button.accessibleName(), f"{place}: {button.text()} shows no key"


def test_fields_are_found_by_their_stable_names(hands):
    hands.open_child("Aisyah Putri")
    for name in ("weight_g", "length_mm", "muac_mm", "head_mm"):
        assert isinstance(hands.main.findChild(QLineEdit, name), QLineEdit)
    for name in ("save", "question_mend", "question_keep", "network_switch", "lock_button", "undo_button"):
        assert hands.main.findChild(QAbstractButton, name) is not None
