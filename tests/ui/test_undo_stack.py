"""Ctrl+Z again and again: deed after deed is taken back by name, and done again in the same order."""

import pytest
from PySide6.QtCore import Qt

from posyandu_app.services import children, drafts, weighing
from posyandu_app.ui.screens.weighing_state import LENGTH, MUAC, WEIGHT
from tests.ui.conftest import Hands

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def count(hands: Hands, posyandu, name: str) -> int:
    return len(children.open_card(hands.app.workspace, posyandu.children[name]).history)


@pytest.fixture
def two_weighed(hands):
    hands.open_child("Aisyah Putri")
    for figure in ("11,7", "10,1"):
        hands.enter(figure)
        hands.press(Key.Key_F9)
    return hands


def test_ctrl_z_reaches_the_deed_before_and_ctrl_y_does_them_again(two_weighed, posyandu):
    hands = two_weighed
    hands.ctrl(Key.Key_Z)
    assert hands.text("undo_text") == "Diurungkan: Bagas Saputra, 10,1 kg"
    assert hands.text("undo_detail") == "Berikutnya: Disimpan: Aisyah Putri, 11,7 kg"
    hands.ctrl(Key.Key_Z)
    assert hands.text("undo_text") == "Diurungkan: Aisyah Putri, 11,7 kg"
    assert (count(hands, posyandu, "Aisyah Putri"), count(hands, posyandu, "Bagas Saputra")) == (3, 3)
    hands.ctrl(Key.Key_Z)
    assert hands.text("undo_text") == "Diurungkan: Aisyah Putri, 11,7 kg", "nothing is left to take back"
    hands.ctrl(Key.Key_Y)
    assert hands.text("undo_text") == "Dikembalikan: Aisyah Putri, 11,7 kg"
    hands.press(Key.Key_Z, CTRL | SHIFT)
    assert hands.text("undo_text") == "Dikembalikan: Bagas Saputra, 10,1 kg"
    assert (count(hands, posyandu, "Aisyah Putri"), count(hands, posyandu, "Bagas Saputra")) == (4, 4)


def test_two_quick_presses_take_two_deeds_back(two_weighed, posyandu):
    from PySide6.QtTest import QTest

    hands = two_weighed
    for _ in range(2):
        QTest.keyClick(hands.focus, Key.Key_Z, CTRL)
    hands.settle()
    assert (count(hands, posyandu, "Aisyah Putri"), count(hands, posyandu, "Bagas Saputra")) == (3, 3)


def test_a_new_deed_ends_what_could_be_done_again(two_weighed):
    hands = two_weighed
    hands.ctrl(Key.Key_Z)
    hands.open_child("Citra Lestari")
    hands.enter("10,6")
    hands.press(Key.Key_F9)
    hands.press(Key.Key_Z, CTRL | SHIFT)
    assert hands.text("undo_text") == "Disimpan: Citra Lestari, 10,6 kg"
    hands.ctrl(Key.Key_Z)
    assert hands.text("undo_detail") == "Berikutnya: Disimpan: Aisyah Putri, 11,7 kg"


def test_a_deed_that_cannot_be_taken_back_does_not_bar_the_one_before(two_weighed, posyandu):
    hands = two_weighed
    card = children.open_card(hands.app.workspace, posyandu.children["Bagas Saputra"])
    weighing.void(hands.app.workspace, card.history[-1].measurement.id)
    hands.ctrl(Key.Key_Z)
    assert hands.text("undo_text") == "Penimbangan ini sudah dibatalkan."
    hands.ctrl(Key.Key_Z)
    assert hands.text("undo_text") == "Diurungkan: Aisyah Putri, 11,7 kg"


def test_what_can_be_taken_back_next_is_told_whole_or_not_at_all(two_weighed):
    hands = two_weighed
    hands.ctrl(Key.Key_Z)
    detail = hands.main.foot.bar.detail
    assert detail.shown in ("", "Berikutnya: Disimpan: Aisyah Putri, 11,7 kg"), "never half a name"
    detail.setFixedWidth(60)
    assert detail.shown == ""
    detail.setFixedWidth(900)
    assert detail.shown == "Berikutnya: Disimpan: Aisyah Putri, 11,7 kg"


def texts(hands: Hands) -> dict[str, str]:
    return {name: box.edit.text() for name, box in hands.weighing.boxes.items() if box.edit.text()}


def header(hands: Hands) -> str:
    return hands.text("weighing_header_name")


def test_what_is_half_typed_for_the_next_child_waits_while_the_one_before_is_mended(two_weighed, posyandu):
    hands = two_weighed
    assert header(hands) == "Citra Lestari"
    hands.enter("10,6")
    hands.ctrl(Key.Key_Z)
    assert (header(hands), texts(hands)) == ("Bagas Saputra", {WEIGHT: "10,1"})
    assert hands.text("undo_text") == "Diurungkan: Bagas Saputra, 10,1 kg"
    hands.weighing.boxes[WEIGHT].edit.setFocus()
    hands.weighing.boxes[WEIGHT].edit.selectAll()
    hands.enter("10,2")
    hands.press(Key.Key_F9)
    assert hands.text("undo_text") == "Disimpan: Bagas Saputra, 10,2 kg"
    assert (header(hands), texts(hands)) == ("Citra Lestari", {WEIGHT: "10,6"})
    assert count(hands, posyandu, "Bagas Saputra") == 4


def test_two_presses_lead_to_the_first_of_the_two_and_both_wait(two_weighed, posyandu):
    hands = two_weighed
    for name in ("Bagas Saputra", "Aisyah Putri"):
        hands.ctrl(Key.Key_Z)
        assert header(hands) == name
    waiting = {item.child.name for item in drafts.waiting(hands.app.workspace)}
    assert waiting == {"Aisyah Putri", "Bagas Saputra"}
    for name in ("Bagas Saputra", "Citra Lestari"):
        hands.ctrl(Key.Key_Y)
        assert header(hands) == name, "done again, she goes on as after saving"
    assert drafts.waiting(hands.app.workspace) == ()


def test_after_the_last_child_the_undo_comes_back_from_the_list(hands, posyandu):
    for name in sorted(posyandu.children):
        hands.open_child(name)
        hands.enter("9,9")
        hands.press(Key.Key_F9)
        while hands.weighing.state is not None and hands.weighing.state.child.name == name:
            hands.press(Key.Key_2)
    assert hands.main.place == "roster"
    assert hands.main.roster.search.text() == "", "found and done: the list is whole again"
    hands.ctrl(Key.Key_Z)
    assert hands.main.place == "weighing"
    assert (header(hands), texts(hands)) == ("Siti Nurhaliza", {WEIGHT: "9,9"})


def test_at_the_list_ctrl_z_is_about_the_deed_and_not_about_the_search_before_it(two_weighed):
    hands = two_weighed
    hands.press(Key.Key_Escape)
    assert hands.focus.objectName() == "search"
    hands.ctrl(Key.Key_Z)
    assert hands.text("undo_text") == "Diurungkan: Bagas Saputra, 10,1 kg"
    hands.press(Key.Key_Escape)
    hands.type("cit")
    hands.ctrl(Key.Key_Z)
    assert hands.main.roster.search.text() == "", "what is typed there now comes first"
    assert hands.main.place == "roster"


def test_at_another_place_an_undo_moves_nobody(two_weighed, posyandu):
    hands = two_weighed
    hands.go("day")
    hands.ctrl(Key.Key_Z)
    assert hands.main.place == "day"
    assert drafts.load(hands.app.workspace, posyandu.children["Bagas Saputra"])[WEIGHT] == "10,1"


def test_what_was_typed_for_the_same_child_since_stays_beside_what_is_taken_back(two_weighed, posyandu):
    hands = two_weighed
    hands.open_child("Bagas Saputra")
    hands.weighing.boxes[MUAC].edit.setFocus()
    hands.enter("14,2")
    hands.ctrl(Key.Key_Z)
    assert (header(hands), texts(hands)) == ("Bagas Saputra", {WEIGHT: "10,1", MUAC: "14,2"})
    hands.open_child("Citra Lestari")
    hands.open_child("Bagas Saputra")
    assert texts(hands) == {WEIGHT: "10,1", MUAC: "14,2"}


def test_what_waits_of_the_same_child_is_not_written_over(two_weighed, posyandu):
    hands = two_weighed
    hands.open_child("Bagas Saputra")
    hands.type("10,4")
    hands.press(Key.Key_Escape)
    hands.go("day")
    hands.ctrl(Key.Key_Z)
    assert drafts.load(hands.app.workspace, posyandu.children["Bagas Saputra"])[WEIGHT] == "10,4"


def test_done_again_what_was_changed_meanwhile_stays(two_weighed, posyandu):
    hands = two_weighed
    hands.ctrl(Key.Key_Z)
    hands.weighing.boxes[LENGTH].edit.setFocus()
    hands.enter("77,4")
    hands.ctrl(Key.Key_Y)
    assert count(hands, posyandu, "Bagas Saputra") == 4
    assert (header(hands), texts(hands)) == ("Bagas Saputra", {WEIGHT: "10,1", LENGTH: "77,4"})
    hands.press(Key.Key_Escape)
    assert drafts.load(hands.app.workspace, posyandu.children["Bagas Saputra"])[LENGTH] == "77,4"
