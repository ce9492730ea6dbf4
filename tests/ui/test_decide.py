"""The midwife decides by keys: two versions side by side, the next question, back again."""

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.model import Role, Sex
from posyandu_app.services import children, deciding, registration, roster, weighing
from posyandu_app.services.views import User
from posyandu_app.services.workspace import Workspace
from tests.services.test_deciding import OtherLaptop
from tests.ui.conftest import LABEL, PASSWORD
from tests.ui.test_layout import LOOKS, check

Key = Qt.Key


def with_doubts(hands):
    """The kader's laptop with two birth dates of Aisyah, Bagas weighed twice and Citra written down twice."""
    ws = hands.app.workspace
    ids = {row.child.name: row.child.id for row in roster.rows(ws)}
    other = OtherLaptop(ws)
    base = registration.shown(ws, ids["Aisyah Putri"])["birth_date"]
    registration.update(ws, ids["Aisyah Putri"], {"birth_date": date(2024, 8, 7)})
    other.writes("child.set", ids["Aisyah Putri"], {"birth_date": {"v": "2024-07-18", "base": list(base)}})
    weighing.record(ws, ids["Bagas Saputra"], Draft(ws.clock.today(), 10100))
    record = {"child": ids["Bagas Saputra"], "date": ws.clock.today().isoformat(), "weight_g": 11000}
    other.writes("measurement.record", "77777777-7777-4777-8777-777777777777", record)
    twin = registration.ChildInput("Citra Lestary", Sex.FEMALE, date(2023, 1, 9), mother_name="Euis")
    registration.register(ws, twin)
    hands.ids = ids
    return hands


def at_her_questions(hands):
    """The same laptop with the midwife at the keyboard."""
    app = hands.app
    user = User(app.workspace.user.id, "Bidan Rina", Role.BIDAN)
    app.workspace.user = user
    app.window.show_main(app.desk, app.sync, user, "Melati 1")
    hands.settle()
    hands.press(Key.Key_3, Qt.KeyboardModifier.AltModifier)
    hands.press(Key.Key_K)
    assert hands.main.place == "decide"
    return hands


@pytest.fixture
def at_work(hands):
    return with_doubts(hands)


@pytest.fixture
def midwife(at_work):
    return at_her_questions(at_work)


def shown(hands, name):
    return [label.text() for label in hands.app.window.findChildren(QLabel, name) if label.isVisible()]


def test_the_rail_counts_what_waits_and_the_most_pressing_comes_first(midwife):
    assert midwife.main.current.tabs.count_of("decide") == 3
    assert midwife.text("decide_question") == "Tanggal lahir mana yang benar?"
    assert midwife.text("decide_place").startswith("Pertanyaan 1 dari 3")
    assert midwife.main.current.name.text() == "Aisyah Putri"
    assert "pertumbuhan anak ini menunggu konfirmasi" in midwife.text("decide_note")
    assert shown(midwife, "version_who") == ["orang yang belum dikenal laptop ini", "Bidan Rina · Bidan"]
    assert shown(midwife, "version_when") == ["23/11/2026 09.13", "23/11/2026 09.12"]
    assert shown(midwife, "version_where") == ["Melati 1, laptop lain (tanda 9999)", "Melati 1, laptop ini"]
    assert [button.text() for button in midwife.main.current.versions.buttons] == ["18/07/2024", "07/08/2024"]
    assert midwife.focus.objectName() == "choice_1"


def told(hands):
    """How many decisions wait by the rail and the sync page, for whom, and how many questions there are."""
    hands.app.sync.refresh()
    hands.main.go("sync")
    hands.settle()
    words = "hal menunggu keputusan"
    said = (hands.text("status_sentence"), hands.text("sync_sentence"), hands.text("sync_decisions"))
    assert all(text.count(words) == 1 for text in said), said
    numbers = {text.split(words)[0].split()[-1] for text in said}
    hands.main.go("decide")
    hands.settle()
    return numbers, said[0].split(words)[1].strip(" .").split()[0], len(hands.main.current.state.questions)


def test_the_sentence_the_sync_page_and_the_questions_tell_one_number(midwife):
    assert told(midwife) == ({"3"}, "Anda", 3)
    midwife.press(Key.Key_1)
    assert told(midwife) == ({"2"}, "Anda", 2)
    assert midwife.main.current.tabs.count_of("decide") == 2
    midwife.ctrl(Key.Key_Z)
    assert told(midwife) == ({"3"}, "Anda", 3)


def test_a_kader_is_told_the_same_number_and_that_it_waits_for_the_midwife(at_work):
    assert told(at_work) == ({"3"}, "bidan", 3)


def test_three_tabs_share_one_place_of_the_rail_and_its_count(midwife):
    rail = midwife.main.rail
    assert not rail.has("decide")
    assert len(rail._buttons) == 8
    at_risk = midwife.app.desk.counts["review"]
    assert at_risk > 0
    assert rail._buttons["review"]._count == at_risk + 3
    assert rail._buttons["review"].isChecked()
    for key, place in ((Key.Key_J, "controls"), (Key.Key_D, "review"), (Key.Key_K, "decide")):
        midwife.press(key)
        assert midwife.main.place == place
        assert rail._buttons["review"].isChecked()
        assert midwife.main.current.tabs.count_of("decide") == 3
    midwife.press(Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert midwife.main.place == "child"
    assert rail._buttons["review"].isChecked()
    midwife.press(Key.Key_Escape)
    assert midwife.main.place == "decide", "back to the question"
    midwife.press(Key.Key_Escape)
    assert midwife.main.place == "review"
    midwife.main.current.tabs.setFocus()
    midwife.press(Key.Key_Right)
    assert midwife.main.place == "controls"


def test_a_tab_tells_what_waits_while_another_screen_is_in_sight(midwife):
    assert midwife.main.current.tabs.accessibleName().startswith("Keputusan (K);")
    midwife.press(Key.Key_D)
    assert "Keputusan  3 (K)" in midwife.main.current.tabs.accessibleName()


def test_one_key_decides_and_the_next_question_appears(midwife):
    ws, ids = midwife.app.workspace, midwife.ids
    midwife.press(Key.Key_2)
    assert children.get(ws, ids["Aisyah Putri"]).birth_date == date(2024, 8, 7)
    assert midwife.text("undo_text") == "Diputuskan: Aisyah Putri, tanggal lahir 07/08/2024"
    assert midwife.main.current.name.text() == "Bagas Saputra"
    assert [button.text() for button in midwife.main.current.versions.buttons] == ["10,1 kg", "11,0 kg"]
    midwife.press(Key.Key_1)
    last = children.open_card(ws, ids["Bagas Saputra"]).history[-1]
    assert (last.measurement.weight_g, last.double) == (10100, False)
    assert midwife.text("decide_question") == "Satu anak yang tercatat dua kali, atau dua anak?"
    midwife.press(Key.Key_1)
    assert midwife.main.current.empty.isVisible()
    assert midwife.main.current.tabs.count_of("decide") == 0
    assert len(roster.rows(ws)) == 5


def test_ctrl_z_asks_again_and_ctrl_shift_z_decides_again(midwife):
    midwife.press(Key.Key_1)
    assert midwife.main.current.state.current.child.name == "Bagas Saputra"
    midwife.ctrl(Key.Key_Z)
    assert midwife.main.current.tabs.count_of("decide") == 3
    assert children.get(midwife.app.workspace, midwife.ids["Aisyah Putri"]).awaits_confirmation
    midwife.press(Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert not children.get(midwife.app.workspace, midwife.ids["Aisyah Putri"]).awaits_confirmation


def test_a_question_can_wait_and_arrow_and_enter_answer_too(midwife):
    midwife.press(Key.Key_PageDown)
    assert midwife.main.current.name.text() == "Bagas Saputra"
    midwife.press(Key.Key_PageUp)
    midwife.press(Key.Key_Right)
    assert midwife.focus.objectName() == "choice_2"
    midwife.press(Key.Key_Return)
    ws = midwife.app.workspace
    assert children.get(ws, midwife.ids["Aisyah Putri"]).birth_date == date(2024, 8, 7)


def test_what_was_joined_can_be_taken_apart(midwife):
    for _ in range(2):
        midwife.press(Key.Key_PageDown)
    midwife.press(Key.Key_1)
    midwife.press(Key.Key_F3)
    assert midwife.text("decide_question").startswith("Satu anak menurut Bidan Rina")
    assert [button.text() for button in midwife.main.current.versions.buttons] == ["Pisahkan lagi"]
    midwife.press(Key.Key_1)
    assert midwife.main.current.empty.isVisible()
    assert len(roster.rows(midwife.app.workspace)) == 6


def test_growth_says_that_it_waits_where_people_look(at_work):
    at_work.open_child("Aisyah Putri")
    at_work.enter("11,7")
    texts = [label.text() for label in at_work.main.weighing.findChildren(QLabel) if label.isVisible()]
    assert any("Menunggu konfirmasi bidan" in text for text in texts), texts


def test_a_kader_sees_both_versions_and_decides_nothing(at_work):
    at_work.main.go("decide")
    at_work.settle()
    assert len(shown(at_work, "version_who")) == 2
    assert at_work.main.current.versions.buttons == []
    at_work.press(Key.Key_2)
    assert children.get(at_work.app.workspace, at_work.ids["Aisyah Putri"]).awaits_confirmation
    assert "Bidan yang memutuskan" in at_work.text("decide_note")
    at_work.press(Key.Key_Escape)
    assert at_work.main.place == "sync"


def as_an_office(hands, role):
    """The same laptop with somebody of an office at the keyboard, on the sync page."""
    app = hands.app
    user = User(app.workspace.user.id, "Pak Asep", role)
    app.workspace.user = user
    app.workspace.cache.clear()
    app.window.show_main(app.desk, app.sync, user, "Melati 1")
    app.sync.refresh()
    hands.settle()
    hands.go("sync")
    return hands


@pytest.mark.parametrize("role", [Role.TPG, Role.DINAS])
def test_an_office_reads_as_many_questions_as_it_was_told_and_where_the_others_are_asked(at_work, role):
    hands = as_an_office(at_work, role)
    assert hands.text("sync_decisions") == "1 isian berbeda menunggu keputusan bidan."
    assert "; 1 isian berbeda menunggu keputusan bidan" in hands.text("status_sentence")
    hands.ctrl(Key.Key_D)
    assert hands.main.place == "decide"
    assert hands.text("decide_question") == "Tanggal lahir mana yang benar?"
    assert hands.text("decide_place").startswith("Pertanyaan 1 dari 1")
    assert "Analisis, Mutu data" in shown(hands, "decide_part")[0]
    hands.press(Key.Key_F3)
    assert shown(hands, "decide_part") == []
    assert "looked_for" not in hands.app.workspace.cache, "no child was compared with any other"


def test_who_is_asked_everything_is_told_of_no_other_questions(at_work):
    at_work.main.go("decide")
    at_work.settle()
    assert shown(at_work, "decide_part") == []


@pytest.mark.parametrize("look", LOOKS)
def test_an_office_reads_its_questions_whole_in_every_look(start, posyandu, look):
    hands = start(posyandu.folder, **look)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    as_an_office(with_doubts(hands), Role.DINAS)
    hands.ctrl(Key.Key_D)
    check(hands, scrolling=look["text_size"] == "large")
    assert shown(hands, "decide_part")
    ws = hands.app.workspace
    midwife = Workspace(ws.database, User(ws.user.id, "Rina", Role.BIDAN), ws.rules, ws.clock, ws.folder)
    deciding.decide(midwife, deciding.waiting(midwife).decisions[0], 0)
    hands.main.current.refresh()
    hands.settle()
    assert hands.main.current.empty.isVisible()
    check(hands)


@pytest.mark.parametrize("look", LOOKS)
def test_every_question_is_read_whole_in_every_look(start, posyandu, look):
    hands = start(posyandu.folder, **look)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    at_her_questions(with_doubts(hands))
    for _ in range(3):
        check(hands, scrolling=look["text_size"] == "large")
        hands.press(Key.Key_PageDown)
