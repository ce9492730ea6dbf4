"""A clock that stands behind what is known: the app asks which day it is, and never stops anybody."""

from datetime import date, datetime, timedelta

import pytest
from PySide6.QtCore import Qt

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.clock import CorrectedClock, FixedClock
from posyandu_app.services import children, weighing
from posyandu_app.services.workspace import day_ahead_of_clock
from posyandu_app.storage import log, measurements
from tests.ui.conftest import LABEL, PASSWORD, WIB
from tests.ui.test_layout import LOOKS, check

Key = Qt.Key
KNOWN = date(2026, 10, 20)
BEHIND = [
    pytest.param(datetime(1970, 1, 1, 7, 0, tzinfo=WIB), id="1970"),
    pytest.param(datetime(2000, 1, 1, 0, 3, tzinfo=WIB), id="2000"),
    pytest.param(datetime(2026, 9, 20, 9, 0, tzinfo=WIB), id="a month behind"),
]


@pytest.fixture
def opened(start, posyandu, clock):
    def at(moment, **wishes):
        clock.set(moment)
        hands = start(posyandu.folder, **wishes)
        assert hands.app.unlock(LABEL, PASSWORD)
        hands.settle()
        return hands

    return at


def last_of(hands, posyandu, name):
    return measurements.of_child(hands.app.workspace.database, posyandu.children[name])[-1]


@pytest.mark.parametrize("moment", BEHIND)
def test_the_day_is_asked_and_the_answer_is_the_date_of_work(opened, posyandu, moment):
    hands = opened(moment)
    assert hands.main.place == "today"
    assert hands.focus.objectName() == "today_date"
    assert hands.focus.text() == "20/10/2026", "the last known day is the best guess"
    stamp = log.last_stamp(hands.app.workspace.database)
    hands.enter("23/11/2026")
    assert hands.main.place == "roster"
    assert hands.text("roster_date_label") == "Senin, 23 November 2026"
    hands.open_child("Bagas Saputra")
    hands.enter("10,1")
    hands.press(Key.Key_F9)
    made = last_of(hands, posyandu, "Bagas Saputra")
    assert (made.date, made.weight_g) == (date(2026, 11, 23), 10_100)
    assert made.at.startswith("2026-11-23")
    assert made.hlc > stamp, "stamps go on from the last one"
    assert made.hlc[:12] == stamp[:12], "and not from what was typed"
    card = children.open_card(hands.app.workspace, posyandu.children["Bagas Saputra"])
    assert card.today == date(2026, 11, 23)


@pytest.mark.parametrize("moment", BEHIND)
def test_enter_alone_takes_the_last_known_day(opened, moment):
    hands = opened(moment)
    hands.press(Key.Key_Return)
    assert hands.main.place == "roster"
    assert hands.text("roster_date_label") == "Selasa, 20 Oktober 2026"


def test_who_does_not_answer_works_all_the_same(opened, posyandu):
    hands = opened(datetime(1970, 1, 1, 7, 0, tzinfo=WIB))
    hands.press(Key.Key_Escape)
    assert hands.main.place == "roster"
    hands.press(Key.Key_F6)
    hands.focus.selectAll()
    hands.enter("20/10/2026")
    assert hands.text("roster_date_label") == "Selasa, 20 Oktober 2026"
    hands.open_child("Bagas Saputra")
    hands.enter("9,9")
    hands.press(Key.Key_F9)
    assert last_of(hands, posyandu, "Bagas Saputra").weight_g == 9_900
    hands.press(Key.Key_F4)
    assert hands.main.place == "register"


def test_it_is_asked_again_after_the_next_unlocking_only(opened, clock):
    hands = opened(datetime(2000, 1, 1, 8, 0, tzinfo=WIB))
    hands.press(Key.Key_Return)
    for place in ("day", "roster", "sync"):
        hands.go(place)
    hands.ctrl(Key.Key_T)
    assert hands.main.place == "sync", "another look asks nothing"
    hands.go("roster")
    assert hands.text("roster_date_label") == "Selasa, 20 Oktober 2026", "and keeps the answer"
    hands.app.lock()
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    assert hands.main.place == "today"


def test_the_question_can_be_left_by_the_rail(opened):
    hands = opened(datetime(2000, 1, 1, 8, 0, tzinfo=WIB))
    hands.go("day")
    assert hands.main.place == "day"


@pytest.mark.parametrize("typed", ["", "besok", "31/02/2026", "20/10/2206"])
def test_what_is_no_day_is_told_and_stays(opened, typed):
    hands = opened(datetime(2000, 1, 1, 8, 0, tzinfo=WIB))
    hands.focus.clear()
    hands.enter(typed)
    assert hands.main.place == "today"
    assert hands.text("today_date_note") not in ("", "Seperti 17/08/2026")
    assert hands.focus.text() == typed


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(datetime(2026, 11, 23, 9, 0, tzinfo=WIB), id="right"),
        pytest.param(datetime(2028, 11, 23, 9, 0, tzinfo=WIB), id="ahead"),
        pytest.param(datetime(2100, 1, 1, 9, 0, tzinfo=WIB), id="far ahead"),
        pytest.param(datetime(2026, 10, 20, 0, 1, tzinfo=WIB), id="the same day"),
    ],
)
def test_a_clock_that_may_be_right_or_is_ahead_is_not_asked_about(opened, moment):
    assert opened(moment).main.place == "roster"


def test_minutes_around_midnight_are_no_reason_to_ask(opened, posyandu, clock):
    hands = opened(datetime(2026, 11, 24, 0, 5, tzinfo=WIB))
    weighing.record(hands.app.workspace, posyandu.children["Bagas Saputra"], Draft(clock.today(), 10_100))
    clock.set(datetime(2026, 11, 23, 23, 50, tzinfo=WIB))
    assert day_ahead_of_clock(hands.app.workspace) is None
    clock.set(datetime(2026, 11, 23, 21, 0, tzinfo=WIB))
    assert day_ahead_of_clock(hands.app.workspace) == date(2026, 11, 24)


def test_a_clock_that_catches_up_is_believed_again():
    wrong = FixedClock(datetime(1970, 1, 1, 23, 0, tzinfo=WIB))
    clock = CorrectedClock(wrong, date(2026, 11, 23))
    assert (clock.today(), clock.ms()) == (date(2026, 11, 23), wrong.ms())
    wrong.move(timedelta(hours=2))
    assert clock.now() == datetime(2026, 11, 24, 1, 0, tzinfo=WIB), "midnight comes all the same"
    wrong.set(datetime(2026, 11, 23, 10, 0, tzinfo=WIB))
    assert clock.now() == wrong.now()


@pytest.mark.parametrize("look", LOOKS)
def test_the_question_fits_the_laptop_in_every_look(opened, look):
    hands = opened(datetime(1970, 1, 1, 7, 0, tzinfo=WIB), **look)
    check(hands)
    hands.focus.clear()
    hands.enter("besok")
    check(hands)
