"""The three ways of the first start, with the keyboard alone."""

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Role, Sex
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, practice, registration, sessions
from posyandu_app.settings import load
from posyandu_app.sync import enrolment
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.http import HttpTransport
from tests.district.server import POSYANDU, listening, running
from tests.ui.test_sync import until

Key = Qt.Key


@pytest.fixture
def server(tmp_path):
    with running(tmp_path / "dinas") as district, listening(district.desk) as url:
        district.url = url
        yield district


def to_the_ways(hands):
    hands.press(Key.Key_Return)
    hands.press(Key.Key_Return)
    assert hands.focus.objectName() == "first_way"


def to_the_code(hands, url, code):
    to_the_ways(hands)
    hands.press(Key.Key_Down)
    hands.press(Key.Key_Return)
    hands.enter("Siti Rahma")
    hands.enter("melati satu")
    hands.enter("melati satu")
    hands.enter(url)
    hands.enter(code)
    hands.enter("Laptop Melati 1")


def test_language_and_text_size_come_first_and_work_at_once(start, tmp_path):
    folder = DataFolder(tmp_path / "new")
    folder.root.mkdir()
    hands = start(folder)
    assert hands.focus.objectName() == "first_language"
    hands.press(Key.Key_Right)
    assert hands.app.window.gate.next.text() == "Continue"
    assert hands.focus.objectName() == "first_language", "the keyboard stays where it was"
    hands.press(Key.Key_Return)
    hands.press(Key.Key_Right)
    assert load(folder.settings).settings.text_size == "large"
    hands.press(Key.Key_Return)
    assert hands.focus.objectName() == "first_way"


def test_another_look_in_the_middle_keeps_what_was_typed(start, tmp_path):
    folder = DataFolder(tmp_path / "new")
    folder.root.mkdir()
    hands = start(folder)
    hands.begin_new_posyandu()
    for text in ("sumedang", "pamulihan", "cilembu"):
        hands.enter(text)
    hands.type("Melati 1")
    hands.ctrl(Key.Key_K)
    fields = hands.app.window.gate.fields
    names = ("kabupaten", "kecamatan", "village", "posyandu_name")
    assert [fields[name].text() for name in names] == [
        "Kabupaten Sumedang",
        "Pamulihan",
        "Cilembu",
        "Melati 1",
    ]
    assert hands.focus.objectName() == "posyandu_name"
    hands.press(Key.Key_Return)
    assert hands.focus.objectName() == "user_name"


def test_joining_takes_place_role_and_children_from_the_dinas(start, tmp_path, server, clock):
    other = accounts.Setup(POSYANDU, "Melati 1", "Euis", "Euis", Role.KADER, "melati dua")
    ws = accounts.set_up(DataFolder(tmp_path / "other"), other, clock, cheap=True)
    registration.register(ws, registration.ChildInput("Bagas Saputra", Sex.MALE, date(2025, 6, 2)))
    with HttpTransport(server.url) as transport:
        enrolment.enrol(ws.database, transport, server.code(POSYANDU, "kader"), "Laptop lama")
        accounts.announce(ws)
        exchange_all(Engine(ws.database, clock), transport)
    ws.close()
    hands = start(DataFolder(tmp_path / "new"))
    to_the_code(hands, server.url, server.code(POSYANDU.rsplit(".", 1)[0], "bidan"))
    until(hands, lambda: hands.app.window.main is not None)
    assert hands.app.workspace.user.role == Role.BIDAN
    assert hands.app.workspace.scope == POSYANDU.rsplit(".", 1)[0]
    assert len(hands.main.desk.order) == 1
    until(hands, lambda: hands.app.sync.status is not None and hands.app.sync.status.unsent == 0)


def test_trouble_with_the_dinas_loses_nothing_and_can_be_tried_again(start, tmp_path, server):
    hands = start(DataFolder(tmp_path / "new"))
    to_the_code(hands, server.url, "AAAA-BBBB-CCCC")
    until(hands, lambda: hands.text("code_note").startswith("Kode ini tidak dikenal."))
    assert hands.text("first_run_message") == ""
    assert hands.focus.objectName() == "code", "where it is to be mended"
    gate = hands.app.window.gate
    assert [gate.fields[name].text() for name in ("url", "code", "laptop")] == [
        server.url,
        "AAAA-BBBB-CCCC",
        "Laptop Melati 1",
    ]
    gate.fields["code"].setFocus()
    hands.focus.selectAll()
    hands.enter(server.code(POSYANDU, "kader"))
    hands.press(Key.Key_Return)
    until(hands, lambda: hands.focus.objectName() == "called")
    hands.enter("Melati 1")
    until(hands, lambda: hands.app.window.main is not None)
    assert hands.app.workspace.scope == POSYANDU


def test_the_first_laptop_of_a_posyandu_says_what_it_is_called(start, tmp_path, server):
    """The code brings a number: nobody shall read 32.11.13.2005.001 on cards, letters and reports."""
    folder = DataFolder(tmp_path / "new")
    hands = start(folder)
    to_the_code(hands, server.url, server.code(POSYANDU, "kader"))
    until(hands, lambda: hands.focus.objectName() == "called")
    hands.press(Key.Key_Return)
    assert set(hands.app.window.gate.state.errors) == {"called"}
    hands.press(Key.Key_Escape)
    hands.ctrl(Key.Key_K)
    assert hands.focus.objectName() == "called", "another look asks the same again"
    hands.app.close()  # the power goes before she has answered

    again = start(folder)
    again.enter("melati satu")
    until(again, lambda: again.focus.objectName() == "called")
    again.enter("  Melati  1 ")
    until(again, lambda: again.app.window.main is not None)
    assert again.app.workspace.posyandu_name == "Melati 1"
    until(again, lambda: again.app.sync.status is not None and again.app.sync.status.unsent == 0)

    second = start(DataFolder(tmp_path / "second"))
    to_the_code(second, server.url, server.code(POSYANDU, "kader"))
    until(second, lambda: second.app.window.main is not None)
    assert second.app.workspace.posyandu_name == "Melati 1", "known: nobody is asked twice"


def test_a_laptop_closed_before_the_dinas_answered_asks_again_after_unlocking(start, tmp_path):
    folder = DataFolder(tmp_path / "new")
    hands = start(folder)
    to_the_code(hands, "http://127.0.0.1:9", "AAAA-BBBB-CCCC")
    until(hands, lambda: hands.text("first_run_message") != "")
    hands.app.close()
    again = start(folder)
    assert again.app.unlock("Siti Rahma", "melati satu")
    again.settle()
    assert again.main.place == "sync"
    assert again.focus.objectName() == "enrol_url"


def test_practice_is_named_never_joins_and_is_thrown_away(start, tmp_path, server):
    folder = DataFolder(tmp_path / "new")
    hands = start(folder)
    to_the_ways(hands)
    hands.press(Key.Key_Down)
    hands.press(Key.Key_Down)
    hands.press(Key.Key_Return)
    assert hands.app.workspace.practice
    assert len(hands.main.desk.order) > 5
    mark = hands.main.rail.findChild(QWidget, "practice_mark")
    for place in ("roster", "review", "sync", "settings", "display"):
        hands.main.go(place)
        hands.settle()
        assert mark.isVisible()
        assert mark.accessibleName().startswith("LATIHAN")
    assert "LATIHAN" in hands.app.window.windowTitle()
    with pytest.raises(UserError, match="latihan"):
        enrolment.enrol(hands.app.workspace.database, None, "AAAA-BBBB-CCCC", "Laptop")
    hands.ctrl(Key.Key_L)
    hands.press(Key.Key_Return)
    hands.press(Key.Key_Return)
    assert practice.exists(folder)
    hands.press(Key.Key_F10)
    assert not practice.exists(folder)
    assert hands.focus.objectName() == "first_way"
    assert not folder.database.exists()


def test_a_day_of_practice_is_closed_like_a_real_one_and_reminds_of_nothing(start, tmp_path):
    hands = start(DataFolder(tmp_path / "new"))
    to_the_ways(hands)
    hands.press(Key.Key_Down)
    hands.press(Key.Key_Down)
    hands.press(Key.Key_Return)
    hands.go("day")
    hands.press(Key.Key_F9)
    today = hands.app.desk.weighing_date
    assert sessions.of_day(hands.app.workspace, today).is_open
    hands.go("roster")
    hands.press(Key.Key_Down)
    hands.press(Key.Key_Return)
    assert hands.main.place == "weighing"
    hands.press(Key.Key_F11)
    hands.weighing.services.take_keyboard("danger_signs")
    hands.type("t")
    hands.press(Key.Key_F9)
    assert hands.text("undo_text").startswith("Disimpan: ")
    hands.go("day")
    hands.press(Key.Key_F9)
    assert not sessions.of_day(hands.app.workspace, today).is_open
    for view in (Key.Key_1, Key.Key_5):
        hands.press(view)
        assert not hands.main.day.home.isVisible(), "nothing of a practice is ever to be sent"
        assert not hands.main.day.home_short.isVisible()
    assert hands.app.desk.unsent == 0
    assert "LATIHAN" in hands.main.rail.findChild(QWidget, "practice_mark").accessibleName()
    hands.ctrl(Key.Key_Z)
    assert sessions.of_day(hands.app.workspace, today).is_open, "closing is undone as on a real day"


def test_practice_from_the_lock_screen_leaves_the_posyandu_alone(start, posyandu):
    hands = start(posyandu.folder)
    before = posyandu.folder.database.read_bytes()
    hands.press(Key.Key_F9)
    assert hands.app.workspace.practice
    hands.ctrl(Key.Key_L)
    assert hands.text("unlock_said").startswith("Latihan ditutup")
    assert hands.app.window.gate.discard.isVisible()
    hands.press(Key.Key_F10)
    assert not practice.exists(posyandu.folder)
    assert not hands.app.window.gate.discard.isVisible()
    assert posyandu.folder.database.read_bytes() == before
    assert hands.app.unlock("Siti Rahma", "melati satu")
    hands.settle()
    assert not hands.app.workspace.practice


def test_a_posyandu_that_began_alone_is_told_which_code_it_needs_and_joins_with_it(tmp_path, server, clock):
    scope = accounts.own_scope("32.11.13.2005")
    setup = accounts.Setup(scope, "Melati 1", "Siti", "Siti", Role.KADER, "melati satu")
    ws = accounts.set_up(DataFolder(tmp_path / "alone"), setup, clock, cheap=True)
    with HttpTransport(server.url) as transport:
        with pytest.raises(UserError, match=f"Minta kode untuk wilayah {scope}"):
            enrolment.enrol(ws.database, transport, server.code(POSYANDU, "kader"), "Laptop Melati 1")
        enrolment.enrol(ws.database, transport, server.code(scope, "kader"), "Laptop Melati 1")
    assert ws.scope == scope
    ws.close()
