"""The screens of offices and their receivers fit the laptop in every look."""

from datetime import date

import pytest
from PySide6.QtCore import Qt

from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Role
from posyandu_app.domain.recommendations import Figure
from posyandu_app.services import recommendations as rec
from posyandu_app.services import roster
from tests import offices
from tests.ui.looking import shortened
from tests.ui.test_layout import LAPTOP, LOOKS, check

Key = Qt.Key
TEXT = (
    "Kunjungi semua balita yang tidak datang dua bulan berturut-turut, catat alasannya, dan laporkan lewat "
    "laptop sebelum tanggal 5."
)


@pytest.fixture
def clock():
    return FixedClock(offices.NOW)


def begin(start, folder, role, look):
    hands = start(offices.make(folder / role, role), **look)
    assert hands.app.unlock(offices.LABELS[role], offices.PASSWORD)
    village = offices.scope_of(Role.BIDAN)
    figure = Figure(
        code="d_s", area=village, first="2026-06", last="2026-06", value=500, count=40, of=80, label="D/S"
    )
    with offices.somebody(hands.app.workspace, Role.DINAS) as dinas:
        rec.send(dinas, TEXT, scope=village, due_on=date(2026, 12, 3), figures=[figure])
        child = roster.expected_children(dinas)[0]
        rec.send(dinas, "Ukur ulang tinggi anak ini.", child_id=child.id)
    hands.settle()
    return hands


@pytest.mark.parametrize("look", LOOKS)
def test_the_receivers_side_fits(start, tmp_path, look):
    hands = begin(start, tmp_path, Role.KADER, look)
    hands.go("day")
    check(hands)
    hands.go("recommend")
    check(hands)
    hands.press(Key.Key_Return)
    check(hands)
    hands.press(Key.Key_F6)
    check(hands)


@pytest.mark.parametrize("look", LOOKS)
def test_the_senders_side_fits(start, tmp_path, look):
    hands = begin(start, tmp_path, Role.TPG, look)
    hands.go("recommend")
    check(hands, (LAPTOP,))
    hands.press(Key.Key_2)
    hands.press(Key.Key_Return)
    check(hands, (LAPTOP,))
    hands.press(Key.Key_Escape)
    hands.ctrl(Key.Key_U)
    check(hands, (LAPTOP,))
    hands.press(Key.Key_Return)
    check(hands, (LAPTOP,))
    hands.press(Key.Key_F9)
    hands.ctrl(Key.Key_N)
    hands.press(Key.Key_F9)
    check(hands, (LAPTOP,))


@pytest.mark.parametrize("look", LOOKS)
def test_the_monthly_reports_fit(start, tmp_path, look):
    hands = begin(start, tmp_path, Role.TPG, look)
    hands.go("reports")
    check(hands, (LAPTOP,))
    hands.press(Key.Key_Return)
    check(hands, (LAPTOP,))
    for _ in hands.main.screen_of("report").model.rows:
        hands.press(Key.Key_Space)  # a line asked to be mended has less room
        assert shortened(hands.app.window) == []
        hands.press(Key.Key_Down)
    hands.press(Key.Key_F6)
    check(hands, (LAPTOP,))
    hands.press(Key.Key_2)
    check(hands, (LAPTOP,))
    hands.press(Key.Key_3)
    check(hands, (LAPTOP,))


@pytest.mark.parametrize("look", LOOKS)
def test_the_programme_rules_fit(start, tmp_path, look):
    hands = begin(start, tmp_path, Role.DINAS, look)
    hands.app.desk.go("rules")
    hands.settle()
    check(hands, (LAPTOP,))
    for _ in range(3):
        hands.press(Key.Key_Down)
    hands.press(Key.Key_Return)
    hands.focus.selectAll()
    hands.paste("0\u201360: 0")
    check(hands, (LAPTOP,))
    hands.press(Key.Key_Return)
    hands.press(Key.Key_F7)
    assert hands.main.screen_of("rules").found.affected
    check(hands, (LAPTOP,))
    hands.press(Key.Key_F9)
    hands.press(Key.Key_F6)
    check(hands, (LAPTOP,))
