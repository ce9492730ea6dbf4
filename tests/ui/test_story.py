"""A kader at the keyboard: unlock, search, weigh, answer, save, next child, undo. No mouse anywhere."""

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from posyandu_app.services import children, drafts, roster
from posyandu_app.ui.screens.unlock import UnlockScreen
from posyandu_app.ui.screens.weighing_state import HEAD, LENGTH, MUAC, OEDEMA, WEIGHT
from tests.ui.conftest import LABEL, PASSWORD

Key = Qt.Key


def visits(hands, posyandu, name):
    return children.open_card(hands.app.workspace, posyandu.children[name]).history


def test_a_returning_child_by_keyboard_alone(start, posyandu):
    hands = start(posyandu.folder)
    assert isinstance(hands.app.window.gate, UnlockScreen)
    hands.enter(PASSWORD)
    assert hands.main.place == "roster"
    assert hands.focus.objectName() == "search"
    hands.type("aisyahputri")  # joined names are found too
    hands.press(Key.Key_Return)
    assert hands.main.place == "weighing"
    assert hands.text("weighing_header_name") == "Aisyah Putri"
    facts = dict(hands.main.weighing.header.facts.facts)
    assert facts["Ibu"] == "Aminah"
    assert facts["Lahir"] == "17/08/2024"
    assert facts["Umur"] == "2 tahun 3 bulan"
    assert facts["Alamat"] == "RT 01 / RW 02"
    assert facts["Berat terakhir"] == "11,45 kg, 20 Okt"
    assert hands.focus.objectName() == WEIGHT

    hands.enter("114")
    assert hands.text("question_text") == "114 kg? Maksudnya 11,4 kg?"
    assert hands.focus.objectName() == "question_mend"
    hands.press(Key.Key_1)
    assert hands.focus.objectName() == LENGTH
    assert hands.text("status_headline") == "Berat turun 50 g dari bulan lalu — T"
    assert hands.weighing.chart.model.preview is not None, "the dot that is not saved yet"

    hands.enter("87,2")
    hands.enter("14,1")
    hands.enter("46,5")
    assert hands.focus.objectName() == OEDEMA
    assert hands.text("status_headline") == "Berat turun 50 g dari bulan lalu — T"
    hands.press(Key.Key_Return)

    assert hands.text("undo_text") == "Disimpan: Aisyah Putri, 11,4 kg"
    assert hands.text("undo_detail") == "Tersimpan di laptop ini, 09.12 — belum dikirim"
    assert hands.text("weighing_header_name") == "Bagas Saputra", "the next child of the list"
    assert hands.focus.objectName() == WEIGHT
    saved = visits(hands, posyandu, "Aisyah Putri")[-1].measurement
    assert (saved.date, saved.weight_g, saved.length_mm, saved.muac_mm, saved.head_mm) == (
        date(2026, 11, 23),
        11400,
        872,
        141,
        465,
    )

    hands.ctrl(Key.Key_Z)
    assert hands.text("undo_text") == "Diurungkan: Aisyah Putri, 11,4 kg"
    assert len(visits(hands, posyandu, "Aisyah Putri")) == 3
    assert hands.text("weighing_header_name") == "Aisyah Putri", "back at whose save was taken back"
    texts = [hands.weighing.boxes[name].edit.text() for name in (WEIGHT, LENGTH, MUAC, HEAD)]
    assert texts == ["11,4", "87,2", "14,1", "46,5"], "all that was typed stands there again"
    kept = drafts.load(hands.app.workspace, posyandu.children["Aisyah Putri"])
    assert kept[WEIGHT] == "11,4", "what was taken back waits as a draft"

    hands.press(Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert hands.text("undo_text").endswith("Aisyah Putri, 11,4 kg")
    assert len(visits(hands, posyandu, "Aisyah Putri")) == 4
    assert drafts.load(hands.app.workspace, posyandu.children["Aisyah Putri"]) is None
    assert hands.text("weighing_header_name") == "Bagas Saputra", "and on to the next, as after saving"


def test_the_next_child_is_the_next_not_weighed_and_at_the_end_the_list_says_so(hands, posyandu):
    hands.open_child("Aisyah Putri")
    for number, name in enumerate(sorted(posyandu.children)):
        assert hands.text("weighing_header_name") == name
        card = children.open_card(hands.app.workspace, posyandu.children[name])
        hands.enter(f"{(card.history[-1].measurement.weight_g + 300) / 1000:.1f}".replace(".", ","))
        hands.press(Key.Key_F9)
        if number < 4:
            assert hands.main.place == "weighing"
    assert hands.main.place == "roster"
    assert hands.text("roster_figures") == "5 dari 5 anak sudah ditimbang bulan ini"
    assert hands.main.roster.empty.isVisible()
    assert all(row.measured_this_month for row in roster.rows(hands.app.workspace))


def test_a_fast_hand_loses_no_key_while_a_child_is_saved(hands, posyandu):
    hands.open_child("Aisyah Putri")
    edit = hands.focus
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    QTest.keyClicks(edit, "11,7")
    QTest.keyClick(edit, Key.Key_F9)
    assert hands.weighing.busy
    for key in ("1", "0", ",", "1"):
        QTest.keyClicks(QApplication.focusWidget(), key)
    hands.settle()
    assert hands.text("weighing_header_name") == "Bagas Saputra"
    assert hands.weighing.boxes[WEIGHT].edit.text() == "10,1"


def test_enter_before_the_search_has_answered_still_opens_the_child(hands):
    """A scanner types a code and Enter within a few milliseconds."""
    from PySide6.QtTest import QTest

    hands.press(Key.Key_F2)
    QTest.keyClicks(hands.focus, "Citra")
    QTest.keyClick(hands.focus, Key.Key_Return)
    hands.settle()
    assert hands.main.place == "weighing"
    assert hands.text("weighing_header_name") == "Citra Lestari"


@pytest.mark.parametrize("name", [WEIGHT, LENGTH, MUAC, HEAD])
@pytest.mark.parametrize("text", ["delapan koma empat", "8,,4", "😀😀", "‮4,8", "٨,٤", "-8,4", "0"])
def test_bad_input_in_every_field_says_what_to_mend_and_stays(hands, name, text):
    hands.open_child("Aisyah Putri")
    box = hands.weighing.boxes[name]
    box.edit.setFocus()
    hands.enter(text)
    assert box.edit.text() == text
    assert len(box.error) > 20
    assert box.edit.accessibleDescription() == box.error
    assert hands.focus is box.edit
    hands.press(Key.Key_F9)
    assert hands.weighing.state.phase == "entering"
    assert box.edit.text() == text


def test_a_million_pasted_characters_neither_freeze_nor_grow_the_field(hands):
    hands.open_child("Aisyah Putri")
    hands.paste("9" * 1_000_000)
    box = hands.weighing.boxes[WEIGHT]
    assert len(box.edit.text()) == 64
    hands.press(Key.Key_Return)
    assert "terlalu panjang" in box.error
    hands.press(Key.Key_F2)
    hands.paste("xz" * 500_000)
    assert hands.main.roster.empty.isVisible()
    assert len(hands.main.roster.search.text()) <= 200


def test_a_doubt_can_be_kept_with_the_second_answer_and_is_saved_as_confirmed(hands, posyandu):
    hands.open_child("Siti Nurhaliza")
    hands.enter("10,6")
    assert hands.text("question_text")
    hands.press(Key.Key_Right)
    assert hands.focus.objectName() == "question_keep"
    hands.press(Key.Key_Return)
    assert hands.focus.objectName() == LENGTH
    hands.press(Key.Key_F9)
    saved = visits(hands, posyandu, "Siti Nurhaliza")[-1].measurement
    assert saved.weight_g == 10600
    assert saved.confirmed == ("weight_g.rise",)


def test_position_is_preset_by_age_and_turned_by_its_key(hands, posyandu):
    hands.open_child("Dimas Prasetyo")
    assert hands.weighing.boxes[LENGTH].edit.accessibleName() == "Panjang badan (PB)"
    hands.press(Key.Key_F7)
    assert hands.weighing.boxes[LENGTH].edit.accessibleName() == "Tinggi badan (TB)"
    assert hands.weighing.position.accessibleName() == "Cara ukur: Berdiri"
    hands.press(Key.Key_F7)
    assert hands.weighing.position.accessibleName() == "Cara ukur: Terlentang"


def test_oedema_is_chosen_by_typing_its_degree(hands, posyandu):
    hands.open_child("Aisyah Putri")
    hands.enter("11,6")
    hands.weighing.oedema.setFocus()
    hands.type("2")
    assert hands.text("status_headline")
    assert hands.weighing.status.accessibleName().startswith("RUJUK SEGERA")
    hands.press(Key.Key_Return)
    assert visits(hands, posyandu, "Aisyah Putri")[-1].measurement.oedema == 2


def test_yesterdays_paper_is_entered_with_its_own_date_for_all_its_children(hands, posyandu):
    hands.open_child("Aisyah Putri")
    hands.press(Key.Key_F6)
    assert hands.focus.objectName() == "weighing_date_edit"
    hands.focus.selectAll()
    hands.enter("24/11/2026")
    assert "belum terjadi" in hands.text("weighing_date_error")
    hands.focus.selectAll()
    hands.enter("20 nov 26")
    assert hands.text("weighing_date_label") == "Jumat, 20 November 2026"
    assert hands.text("weighing_date_past") == "Mengisi catatan hari lain"
    assert hands.focus.objectName() == WEIGHT
    hands.enter("11,7")
    hands.press(Key.Key_F9)
    assert visits(hands, posyandu, "Aisyah Putri")[-1].measurement.date == date(2026, 11, 20)
    assert hands.text("weighing_date_label") == "Jumat, 20 November 2026", "the next child of the same paper"
    hands.press(Key.Key_F6)
    hands.press(Key.Key_Escape)
    assert hands.main.place == "weighing", "Esc leaves the date first"
    assert hands.focus.objectName() == WEIGHT


def test_esc_goes_back_to_the_list_and_keeps_the_draft(hands, posyandu):
    hands.open_child("Citra Lestari")
    hands.type("10,6")
    hands.press(Key.Key_Escape)
    assert hands.main.place == "roster"
    row = next(row for row in roster.rows(hands.app.workspace) if row.child.name == "Citra Lestari")
    assert row.has_draft
    assert not row.measured_this_month
    assert hands.main.roster.state.chosen == posyandu.children["Citra Lestari"]
    hands.press(Key.Key_Return)
    assert hands.weighing.boxes[WEIGHT].edit.text() == "10,6"
    hands.focus.selectAll()
    hands.press(Key.Key_F9)
    assert drafts.load(hands.app.workspace, posyandu.children["Citra Lestari"]) is None


def test_a_half_typed_child_survives_a_crash(start, posyandu):
    first = start(posyandu.folder)
    assert first.app.unlock(LABEL, PASSWORD)
    first.settle()
    first.open_child("Bagas Saputra")
    first.enter("10,1")
    first.type("77")
    first.wait(500)  # the app is not closed: the power goes here
    second = start(posyandu.folder)
    assert second.app.unlock(LABEL, PASSWORD)
    second.settle()
    second.open_child("Bagas Saputra")
    boxes = second.weighing.boxes
    assert (boxes[WEIGHT].edit.text(), boxes[LENGTH].edit.text()) == ("10,1", "77")
    assert second.text("status_headline").startswith("Berat naik 300 g")
    second.enter(",4")
    assert boxes[LENGTH].edit.text() == "77,4", "she goes on typing where the power went"


def test_lock_keeps_the_draft_and_comes_back_to_the_child(hands):
    hands.open_child("Bagas Saputra")
    hands.type("10,2")
    hands.ctrl(Key.Key_L)
    assert hands.app.window.main is None
    assert hands.app.workspace is None
    assert hands.text("unlock_said") == "Terkunci. Isian yang belum selesai tersimpan."
    hands.enter(PASSWORD)
    assert hands.main.place == "weighing"
    assert hands.text("weighing_header_name") == "Bagas Saputra"
    assert hands.weighing.boxes[WEIGHT].edit.text() == "10,2"


def test_ctrl_z_takes_back_typing_before_deeds(hands, posyandu):
    hands.open_child("Aisyah Putri")
    hands.enter("11,7")
    hands.press(Key.Key_F9)
    hands.type("9")
    assert isinstance(hands.focus, QLineEdit)
    hands.ctrl(Key.Key_Z)
    assert hands.focus.text() == ""
    assert len(visits(hands, posyandu, "Aisyah Putri")) == 4
    hands.ctrl(Key.Key_Z)
    assert len(visits(hands, posyandu, "Aisyah Putri")) == 3


def test_a_change_of_look_or_language_keeps_what_is_half_typed(hands):
    hands.open_child("Bagas Saputra")
    hands.type("10,2")
    hands.ctrl(Key.Key_T)
    assert hands.weighing.boxes[WEIGHT].edit.text() == "10,2"
    hands.ctrl(Key.Key_K)
    assert hands.weighing.boxes[WEIGHT].edit.text() == "10,2"
    assert hands.app.window.settings.text_size == "large"
    assert hands.app.window.settings.contrast == "high"
    hands.go("settings")
    hands.press(Key.Key_1)
    hands.main.display.language.setFocus()
    hands.press(Key.Key_Right)
    assert hands.main.place == "display"
    assert hands.main.rail.lock.text() == "Lock"
    hands.open_child("Bagas Saputra")
    assert hands.weighing.save.text() == "Save and continue"
    assert hands.weighing.boxes[WEIGHT].edit.text() == "10,2", "what is half typed is left alone"
    hands.press(Key.Key_Return)
    assert hands.weighing.boxes[WEIGHT].edit.text() == "10.2", "as it is written in English"


def test_f10_turns_the_chart_and_f2_searches_from_anywhere(hands):
    hands.open_child("Aisyah Putri")
    before = hands.weighing.chart.indicator
    hands.press(Key.Key_F10)
    assert hands.weighing.chart.indicator != before
    hands.press(Key.Key_F2)
    assert hands.main.place == "roster"
    assert hands.focus.objectName() == "search"
    assert hands.focus.selectedText() == hands.focus.text()
