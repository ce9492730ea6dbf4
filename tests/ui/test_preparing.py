"""The figures of an office are ready before anybody asks for them."""

import pytest

from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Role
from posyandu_app.services.views import Changes
from posyandu_app.ui import preparing
from tests import offices


@pytest.fixture
def clock():
    return FixedClock(offices.NOW)


@pytest.fixture
def at(start, tmp_path, monkeypatch):
    monkeypatch.setattr(preparing, "CALM_MS", 1)

    def begin(role: Role):
        hands = start(offices.make(tmp_path / role, role))
        assert hands.app.unlock(offices.LABELS[role], offices.PASSWORD)
        hands.settle()
        return hands

    return begin


def until_read(hands, qtbot):
    analyst = hands.app.desk.analyst
    qtbot.waitUntil(lambda: analyst._frame is not None and hands.app.tasks.idle, timeout=20_000)
    return analyst._frame


def test_after_unlocking_the_dinas_finds_its_figures_counted(at, qtbot):
    hands = at(Role.DINAS)
    frame = until_read(hands, qtbot)
    assert len(frame.visits) > 0
    assert "growth" in vars(frame), "z-scores too"


def test_what_a_sync_has_brought_is_read_without_being_asked(at, qtbot):
    hands = at(Role.DINAS)
    before = until_read(hands, qtbot)
    database = hands.app.desk.workspace.database
    with database.atomic():
        database.run("UPDATE measured SET weight_g = 9999, changed = 1000000 WHERE n = 1")
        database.set_meta("changed", "1000000")
    hands.app.sync.received.emit(Changes(frozenset({"measurement"}), frozenset({"x"})))
    qtbot.waitUntil(
        lambda: hands.app.desk.analyst._frame is not before and hands.app.tasks.idle, timeout=20_000
    )
    assert 9999 in hands.app.desk.analyst._frame.visits.weight_g.tolist()


def test_a_kader_has_no_figures_counted_for_her(at, qtbot):
    hands = at(Role.KADER)
    qtbot.wait(200)
    hands.settle()
    assert hands.app.desk.analyst._frame is None
