"""The puskesmas reads and verifies: nothing leads it to a form whose saving would be refused."""

import pytest
from PySide6.QtCore import Qt

from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Role
from posyandu_app.services.workspace import posyandu_names
from tests import offices

Key = Qt.Key


@pytest.fixture
def clock():
    return FixedClock(offices.NOW)


@pytest.fixture
def tpg(start, tmp_path):
    hands = start(offices.make(tmp_path / "tpg", Role.TPG))
    assert hands.app.unlock(offices.LABELS[Role.TPG], offices.PASSWORD)
    hands.settle()
    return hands


def hinted(hands):
    return {key for _, key in hands.main.current.hints()}


def test_of_an_area_of_several_posyandu_each_child_is_told_with_hers(tpg):
    named = set(posyandu_names(tpg.app.workspace).values())
    assert len(named) > 1
    tpg.go("roster")
    rows = tpg.main.current.state.visible
    assert {row.posyandu for row in rows} == named
    assert all(row.posyandu in tpg.main.current.model.told(row) for row in rows)
    tpg.go("day")
    day = tpg.main.current
    assert {day.model.row(at).place for at in range(day.model.rowCount())} == named
    assert tpg.text("day_session") == "", "each posyandu has a day of its own"
    for part in "23":
        tpg.type(part)
        assert "etik" not in day.lead.text(), "no letters are offered"


def test_from_the_list_of_children_their_cards_are_opened(tpg):
    tpg.go("roster")
    roster = tpg.main.current
    assert not roster.new.isVisible()
    assert "F4" not in hinted(tpg)
    assert "Timbang" not in {words for words, _ in roster.hints()}
    tpg.press(Key.Key_F4)
    assert tpg.main.place == "roster"
    tpg.press(Key.Key_Return)
    assert tpg.main.place == "child"
    assert tpg.main.current.about == roster.state.chosen
    tpg.press(Key.Key_F9)
    assert tpg.main.place == "child"
    tpg.press(Key.Key_Escape)
    tpg.type("tidakadayangbernamabegini")
    tpg.settle()
    assert "F4" not in roster.empty.accessibleName() + roster.empty.accessibleDescription()


def test_the_day_of_a_posyandu_is_read_and_not_marked(tpg):
    tpg.go("day")
    day = tpg.main.current
    count = tpg.app.workspace.database.number("SELECT count(*) FROM log")
    assert not day.turn.isVisible()
    for part in "12345":
        tpg.type(part)
        assert hinted(tpg).isdisjoint("HXTPBKM")
        for letter in "hxtpbkm":
            tpg.type(letter)
        tpg.press(Key.Key_F9)
        tpg.settle()
        assert tpg.main.foot.bar.isHidden()
    assert tpg.app.workspace.database.number("SELECT count(*) FROM log") == count
    tpg.press(Key.Key_F3)
    tpg.settle()
    assert day.model.rowCount() > 0
    tpg.press(Key.Key_Return)
    assert tpg.main.place == "child"
    assert tpg.main.current.about == day.state.chosen
