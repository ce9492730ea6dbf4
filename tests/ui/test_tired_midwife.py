"""A midwife at the end of a long day, by keys alone: six things to decide, one put aside, one held back."""

from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.clock import timestamp
from posyandu_app.domain.model import Role
from posyandu_app.services import children, registration, roster, weighing
from posyandu_app.services.views import User
from posyandu_app.storage import log
from tests.services.test_deciding import LIA, OtherLaptop
from tests.ui.conftest import LABEL, PASSWORD
from tests.ui.test_layout import LOOKS, check

Key, Control = Qt.Key, Qt.KeyboardModifier.ControlModifier
MIDWIFE = "44444444-4444-4444-8444-444444444444"
LONG = ("Siti Nurhaliza Ramadhani binti Abdurrahman", "Siti Nurhaliza Rahmadhani binti Abdul Rahman Wahid")


def written_differently(ws, other, ids) -> None:
    """A birth date, a mother's name that is long, and a NIK."""
    base = list(registration.shown(ws, ids["Aisyah Putri"])["birth_date"])
    registration.update(ws, ids["Aisyah Putri"], {"birth_date": date(2024, 8, 7)})
    other.writes("child.set", ids["Aisyah Putri"], {"birth_date": {"v": "2024-07-18", "base": base}})
    base = list(registration.shown(ws, ids["Bagas Saputra"])["mother_name"])
    registration.update(ws, ids["Bagas Saputra"], {"mother_name": LONG[0]})
    other.writes("child.set", ids["Bagas Saputra"], {"mother_name": {"v": LONG[1], "base": base}})
    registration.update(ws, ids["Citra Lestari"], {"nik": "3211136311250001"})
    other.writes("child.set", ids["Citra Lestari"], {"nik": {"v": "3211136311250007", "base": None}})


def sit_down(hands):
    """Three conflicts, a double weighing, two children written down twice; and the midwife comes."""
    app = hands.app
    ws = app.workspace
    rows = {row.child.name: row.child for row in roster.rows(ws)}
    hands.ids = {name: child.id for name, child in rows.items()}
    other = OtherLaptop(ws, actor=LIA).known_as("Laptop Melati 2", "Lia Amalia", Role.KADER)
    written_differently(ws, other, hands.ids)
    dimas = hands.ids["Dimas Prasetyo"]
    weighing.record(ws, dimas, Draft(ws.clock.today(), 8100))
    record = {"child": dimas, "date": ws.clock.today().isoformat(), "weight_g": 8900}
    other.writes("measurement.record", "77777777-7777-4777-8777-777777777777", record)
    for number, (name, like) in enumerate(
        (("Siti Nurhalisa", "Siti Nurhaliza"), ("Dimas Prasetya", "Dimas Prasetyo"))
    ):
        child = rows[like]
        fields = {"name": name, "sex": child.sex.value, "birth_date": child.birth_date.isoformat()}
        fields["mother_name"] = child.mother_name
        told = {field: {"v": value, "base": None} for field, value in fields.items()}
        other.writes("child.register", f"6666666{number}-6666-4666-8666-666666666666", told)
    put_aside(ws)
    app.workspace.user = user = User(MIDWIFE, "Bidan Rina", Role.BIDAN)
    app.window.show_main(app.desk, app.sync, user, "Melati 1")
    app.sync.refresh()
    hands.settle()
    return hands


def put_aside(ws) -> None:
    """The Dinas has put the last entry aside, and held the one before it back for a month."""
    tip, now = log.tip(ws.database)[0], ws.clock.now()
    said = "Anak ini terdaftar di luar wilayah laptop ini."
    for seq, status, why, message, at in (
        (tip, "quarantined", "out_of_scope", said, now),
        (tip - 1, "held", "unknown_child", "Menunggu.", now - timedelta(days=31)),
    ):
        receipt = log.Receipt(ws.database.replica, seq, status, why=why, message=message)
        with ws.database.atomic():
            log.receive(ws.database, [], [receipt], received_at=timestamp(at))


@pytest.fixture
def midwife(hands):
    return sit_down(hands)


def to_the_questions(hands):
    hands.go("sync")
    hands.press(Key.Key_D, Control)
    assert hands.main.place == "decide"


def question(hands):
    current = hands.main.current.state.current
    return None if current is None else current.id.split(":")[0], hands.focus.objectName()


def test_six_keys_decide_six_things_and_the_focus_is_on_the_next(midwife):
    midwife.go("sync")
    assert midwife.text("sync_decisions") == "6 hal menunggu keputusan Anda."
    midwife.press(Key.Key_D, Control)
    seen = []
    for key in (Key.Key_1, Key.Key_2, Key.Key_1, Key.Key_1, Key.Key_1, Key.Key_2):
        seen.append(question(midwife))
        midwife.press(key)
    assert seen == [
        (kind, "choice_1") for kind in ("field", "field", "field", "double", "duplicate", "duplicate")
    ]
    assert midwife.main.current.empty.isVisible()
    assert midwife.focus.objectName() == "decide_lists"
    midwife.press(Key.Key_Escape)
    assert midwife.main.place == "sync", "back to where she came from"
    assert not midwife.main.sync_screen.attention.decisions.isVisible()


def test_what_is_taken_back_is_in_sight_again_with_the_focus_on_its_answers(midwife):
    to_the_questions(midwife)
    asked = []
    for key in (Key.Key_1, Key.Key_2, Key.Key_1, Key.Key_1, Key.Key_1, Key.Key_2):
        asked.append(midwife.main.current.state.current.id)
        midwife.press(key)
    for id_ in reversed(asked):
        midwife.press(Key.Key_Z, Control)
        assert midwife.main.current.state.current.id == id_
        assert midwife.focus.objectName() == "choice_1"
    midwife.press(Key.Key_Z, Control | Qt.KeyboardModifier.ShiftModifier)
    assert midwife.main.current.state.current.id == asked[1], "decided again: the next one"
    midwife.press(Key.Key_Z, Control)
    assert midwife.main.current.state.current.id == asked[0]
    midwife.press(Key.Key_2)
    aisyah = children.get(midwife.app.workspace, midwife.ids["Aisyah Putri"])
    assert aisyah.birth_date == date(2024, 8, 7)


def test_news_by_sync_in_the_middle_leaves_the_focus_where_it_is(midwife):
    to_the_questions(midwife)
    midwife.press(Key.Key_Right)
    assert question(midwife) == ("field", "choice_2")
    other = OtherLaptop(midwife.app.workspace, "88888888-8888-4888-8888-888888888888")
    told = {"rt": {"v": "09", "base": None}}
    for child in ("Citra Lestari", "Aisyah Putri"):
        other.writes("child.set", midwife.ids[child], told)
        midwife.main.current.refresh()
        midwife.settle()
        assert question(midwife) == ("field", "choice_2")
    other.writes(
        "child.set", midwife.ids["Aisyah Putri"], {"mother_name": {"v": "Aminah Sari", "base": None}}
    )
    midwife.main.current.refresh()
    midwife.settle()
    assert question(midwife) == ("field", "choice_2")
    midwife.press(Key.Key_Return)
    aisyah = children.get(midwife.app.workspace, midwife.ids["Aisyah Putri"])
    assert aisyah.birth_date == date(2024, 8, 7)


def test_escape_leads_to_the_sync_page_also_after_a_look_at_the_card(midwife):
    to_the_questions(midwife)
    midwife.press(Key.Key_Return, Control)
    assert midwife.main.place == "child"
    midwife.press(Key.Key_Escape)
    assert midwife.main.place == "decide"
    midwife.press(Key.Key_Escape)
    assert midwife.main.place == "sync"
    midwife.press(Key.Key_3, Qt.KeyboardModifier.AltModifier)
    midwife.press(Key.Key_K)
    midwife.press(Key.Key_Escape)
    assert midwife.main.place == "review"


def test_the_sync_page_tells_why_something_was_put_aside_and_is_read_to_its_end_by_keys(midwife):
    midwife.go("sync")
    screen = midwife.main.sync_screen
    told = [label.text() for label in screen.attention.findChildren(type(screen.title), "sync_aside")]
    assert len(told) == 4
    assert any("di luar wilayah" in text and "Tanyakan bidan" in text for text in told)
    assert any("laptop lain" in text and "disinkronkan" in text for text in told)
    bar = screen.page.verticalScrollBar()
    if bar.maximum():
        assert ("Gulir", "PgDn") in screen.hints()
        for _ in range(5):
            midwife.press(Key.Key_PageDown)
        assert bar.value() == bar.maximum()
        midwife.press(Key.Key_PageUp)
        assert bar.value() < bar.maximum()


def test_a_value_too_long_for_its_answer_stands_above_it_to_the_end(midwife):
    to_the_questions(midwife)
    midwife.press(Key.Key_PageDown)
    screen = midwife.main.current
    assert screen.versions.width() <= screen.case_scroll.viewport().width()
    for button, name in zip(screen.versions.buttons, reversed(LONG), strict=True):
        assert button.text() == name
        assert button._shown_words() == "Yang ini"
        assert name in button.accessibleName()
    assert screen.versions.buttons[0].width() == screen.versions.buttons[1].width()
    midwife.press(Key.Key_2)
    assert midwife.text("undo_text") == "Diputuskan: Bagas Saputra, nama ibu"
    midwife.press(Key.Key_2)
    assert midwife.text("undo_text") == "Diputuskan: Citra Lestari, NIK 3211136311250001"


def test_questions_are_sentences_in_english_too(start, posyandu):
    hands = start(posyandu.folder, language="en")
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    to_the_questions(sit_down(hands))
    assert hands.text("decide_question") == "Which birth date is right?"
    hands.press(Key.Key_PageDown)
    hands.press(Key.Key_PageDown)
    assert hands.text("decide_question") == "Which NIK is right?"


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_is_cut_off_in_any_look(start, posyandu, look):
    hands = start(posyandu.folder, **look)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    sit_down(hands)
    hands.go("sync")
    check(hands, scrolling=True)
    hands.press(Key.Key_D, Control)
    large = look["text_size"] == "large"
    for _ in range(6):
        check(hands, scrolling=large)
        hands.press(Key.Key_PageDown)
    bar = hands.main.current.case_scroll.verticalScrollBar()
    if bar.maximum():
        for _ in range(10):
            hands.press(Key.Key_Up)
        assert bar.value() == 0
        hands.press(Key.Key_Down)
        assert bar.value() > 0
    for key in (Key.Key_2, Key.Key_1, Key.Key_1, Key.Key_1, Key.Key_1, Key.Key_1):
        hands.press(key)
        check(hands, scrolling=large)
    assert QApplication.focusWidget() is not None
