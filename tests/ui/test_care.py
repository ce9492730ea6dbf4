"""The service table beside the weighing, by keys alone over real services: due, asked, said, one undo."""

from datetime import date, datetime

import pytest
from PySide6.QtCore import Qt

from posyandu_app.domain.danger_signs import DangerSign
from posyandu_app.domain.doses import DoseState
from posyandu_app.domain.visits import TbSymptom
from posyandu_app.services import children, doses, drafts, visits
from posyandu_app.ui.screens import care_state as care_of
from posyandu_app.ui.screens.weighing_state import WEIGHT
from tests.ui.conftest import LABEL, PASSWORD, WIB
from tests.ui.test_layout import LOOKS, check

Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
AUGUST = datetime(2026, 8, 24, 9, 12, tzinfo=WIB)


def card(hands, posyandu, name, on=date(2026, 11, 23)):
    return visits.on_day(hands.app.workspace, posyandu.children[name], on)


def to(hands, code):
    """Enter from row to row until the one asked for has the keyboard."""
    for _ in range(40):
        if hands.focus.objectName() == f"care_{code}":
            return
        hands.press(Key.Key_Return)
    raise AssertionError(f"{code} is never reached")


def shown(hands):
    return [row.item.code for row in hands.weighing.services.rows]


def test_what_is_asked_is_saved_with_the_weighing_in_one_deed_with_one_undo(hands, posyandu):
    hands.open_child("Bagas Saputra")
    hands.enter("10,1")
    hands.press(Key.Key_F11)
    assert hands.weighing.at_services
    assert hands.focus.objectName() == f"care_{shown(hands)[0]}"
    to(hands, care_of.FEEDING)
    hands.type("y")
    to(hands, care_of.DEVELOPMENT)
    hands.type("l")
    to(hands, care_of.DANGER)
    hands.type("t")
    to(hands, care_of.TB)
    hands.type("t")
    hands.press(Key.Key_F9)

    assert hands.text("undo_text") == "Disimpan: Bagas Saputra, 10,1 kg"
    assert hands.text("weighing_header_name") == "Citra Lestari", "the next child of the list"
    assert not hands.weighing.at_services, "she is weighed first"
    saved = card(hands, posyandu, "Bagas Saputra")
    assert saved.complementary_feeding is True
    assert saved.exclusive_breastfeeding is None, "not due, not asked"
    assert saved.development == "lengkap"
    assert saved.danger_signs == frozenset()
    assert saved.tb_symptoms == frozenset()
    assert saved.local_food is None, "not answered is not no"

    hands.ctrl(Key.Key_Z)
    assert card(hands, posyandu, "Bagas Saputra") is None
    history = children.open_card(hands.app.workspace, posyandu.children["Bagas Saputra"]).history
    assert history[-1].measurement.date.month == 10
    kept = drafts.load(hands.app.workspace, posyandu.children["Bagas Saputra"])
    assert kept[WEIGHT] == "10,1"
    assert kept["care.development"] == "lengkap", "nothing typed is lost"


def test_enter_after_the_last_field_offers_the_capsule_in_its_month(start, posyandu, clock):
    clock.set(AUGUST)
    hands = start(posyandu.folder)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    hands.open_child("Aisyah Putri")
    hands.enter("11,2")
    for _ in range(4):
        hands.press(Key.Key_Return)
    assert hands.weighing.at_services, "the capsule has its time: it is offered before saving"
    assert hands.focus.objectName() == "care_dose.vitamin_a."
    assert hands.weighing.services.rows[0].item.name == "Vitamin A · kapsul merah"
    hands.type("d")
    to(hands, "dose.obat_cacing.")
    hands.type("m")
    hands.press(Key.Key_F9)
    given = doses.of_child(hands.app.workspace, posyandu.children["Aisyah Putri"])
    assert {(dose.what, dose.state, dose.colour) for dose in given} == {
        ("vitamin_a", DoseState.GIVEN, "merah"),
        ("obat_cacing", DoseState.REFUSED, None),
    }
    assert {dose.date for dose in given} == {date(2026, 8, 24)}
    hands.open_child("Aisyah Putri")
    hands.press(Key.Key_F11)
    assert "dose.vitamin_a." not in shown(hands), "what she has is out of the way"
    note = hands.weighing.services.row("dose.obat_cacing.").note.text()
    assert note.startswith("Ditolak keluarga 24/08/2026")


def test_a_danger_sign_turns_the_status_red_at_once_and_the_mother_hears_only_that(hands, posyandu):
    hands.open_child("Aisyah Putri")
    hands.enter("11,8")
    hands.press(Key.Key_F11)
    assert "RUJUK SEGERA" not in hands.weighing.mother.tone.accessibleName()
    to(hands, care_of.DANGER)
    hands.type("a")
    hands.press(Key.Key_Return)
    assert hands.focus.objectName() == f"care_danger_signs.{DangerSign.CANNOT_DRINK}"
    hands.press(Key.Key_Space)
    assert hands.weighing.mother.tone.accessibleName() == "RUJUK SEGERA"
    assert hands.text("care_headline").startswith("Tanda bahaya"), "the gravest stands largest"
    assert "hari ini juga" in hands.text("mother_words")
    hands.ctrl(Key.Key_D)
    hands.weighing.services.take_keyboard(care_of.REFERRAL)
    hands.type("p")
    assert hands.text("care_referral_note").startswith("Alasan: Tanda bahaya")
    hands.press(Key.Key_F9)
    saved = card(hands, posyandu, "Aisyah Putri")
    assert saved.danger_signs == {DangerSign.CANNOT_DRINK}
    assert saved.referral == "puskesmas"
    assert "Tidak bisa minum" in saved.referral_reason
    assert saved.counselling == {"tanda_bahaya"}


def test_none_found_after_a_mistake_forgets_the_ticks(hands, posyandu):
    hands.open_child("Aisyah Putri")
    hands.press(Key.Key_F11)
    to(hands, care_of.TB)
    hands.type("a")
    hands.press(Key.Key_Return)
    hands.press(Key.Key_Space)
    hands.weighing.services.take_keyboard(care_of.TB)
    hands.type("t")
    assert not hands.weighing.services.row(care_of.TB).marks[f"tb_symptoms.{TbSymptom.COUGH}"].isVisible()
    hands.press(Key.Key_F9)
    assert card(hands, posyandu, "Aisyah Putri").tb_symptoms == frozenset(), "also without a weight"


def test_services_half_entered_survive_a_crash(start, posyandu):
    first = start(posyandu.folder)
    assert first.app.unlock(LABEL, PASSWORD)
    first.settle()
    first.open_child("Bagas Saputra")
    first.press(Key.Key_F11)
    to(first, care_of.FEEDING)
    first.type("t")
    to(first, care_of.DANGER)
    first.type("a")
    first.press(Key.Key_Return)
    first.press(Key.Key_Space)
    first.wait(500)  # the app is not closed: the power goes here
    second = start(posyandu.folder)
    assert second.app.unlock(LABEL, PASSWORD)
    second.settle()
    second.open_child("Bagas Saputra")
    care = second.weighing.care
    assert care.answers[care_of.FEEDING] == care_of.NO
    assert care.ticks == {f"danger_signs.{DangerSign.CANNOT_DRINK}"}
    second.press(Key.Key_F9)
    assert card(second, posyandu, "Bagas Saputra").complementary_feeding is False


def test_f11_and_esc_turn_between_the_tables_and_nothing_is_saved_on_the_way(hands, posyandu):
    hands.open_child("Aisyah Putri")
    hands.type("11,8")
    hands.press(Key.Key_F11)
    hands.press(Key.Key_F7)
    hands.press(Key.Key_Escape)
    assert hands.main.place == "weighing"
    assert not hands.weighing.at_services
    assert hands.weighing.boxes[WEIGHT].edit.text() == "11,8"
    assert hands.text("status_headline").startswith("Berat naik 350 g")
    assert hands.weighing.position.accessibleName() == "Cara ukur: Berdiri", "F7 belongs to the other table"
    assert card(hands, posyandu, "Aisyah Putri") is None


def test_a_question_about_a_figure_comes_back_to_the_measurements(hands):
    hands.open_child("Aisyah Putri")
    hands.type("114")
    hands.press(Key.Key_F11)
    hands.press(Key.Key_F9)
    assert not hands.weighing.at_services
    assert hands.text("question_text") == "114 kg? Maksudnya 11,4 kg?"
    assert hands.focus.objectName() == "question_mend"


def test_tab_goes_through_the_rows_from_top_to_bottom_and_then_to_save(hands):
    hands.open_child("Bagas Saputra")
    hands.press(Key.Key_F11)
    wanted = [f"care_{code}" for code in shown(hands)] + ["save"]
    seen = []
    for _ in wanted:
        seen.append(hands.focus.objectName())
        hands.press(Key.Key_Tab)
    assert seen == wanted
    hands.weighing.services.take_keyboard(shown(hands)[1])
    hands.press(Key.Key_Tab, SHIFT)
    assert hands.focus.objectName() == wanted[0]


def test_f12_turns_through_what_there_is_to_say(hands):
    hands.open_child("Citra Lestari")
    hands.enter("10,4")
    hands.press(Key.Key_F11)
    first = hands.text("mother_words")
    assert " · 1 dari " in hands.text("mother_topic")
    hands.press(Key.Key_F12)
    assert hands.text("mother_words") != first


@pytest.mark.parametrize("look", LOOKS)
def test_the_service_table_fits_the_laptop_in_every_look(start, posyandu, look):
    hands = start(posyandu.folder, **look)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    hands.open_child("Citra Lestari")
    hands.enter("10,4")
    hands.press(Key.Key_F11)
    sizes = ((1366, 768),) if look["text_size"] == "normal" else ()
    check(hands, sizes)
    hands.app.window.resize(1366, 690)
    hands.settle()
    assert (hands.app.window.width(), hands.app.window.height()) == (1366, 690)
    hands.weighing.services.take_keyboard(care_of.DANGER)
    hands.press(Key.Key_Right)
    hands.press(Key.Key_Right)
    hands.press(Key.Key_Return)
    bottom = hands.focus.mapTo(hands.app.window, hands.focus.rect().bottomLeft()).y()
    assert bottom < hands.weighing.save.mapTo(hands.app.window, hands.weighing.save.rect().topLeft()).y()
