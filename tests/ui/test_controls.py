"""The follow-up calendar by keys: the overdue first, day by day, from it to the case, and on paper."""

from datetime import date, datetime

import pytest
from PySide6.QtCore import Qt

from posyandu_app.domain.cases import Appointment
from posyandu_app.domain.reviews import Decision
from posyandu_app.services import cases
from posyandu_app.ui.screens.controls_state import When
from tests import village
from tests.ui.test_layout import LOOKS, check

Key = Qt.Key


def lines(hands):
    model = hands.main.screen_of("controls").model
    return [model.row(at) for at in range(model.rowCount())]


def told(hands):
    return [(entry.row.child.name if entry.row else None, entry.title) for entry in lines(hands)]


@pytest.fixture
def calendar(midwife):
    midwife.go("review")
    midwife.press(Key.Key_J)
    assert midwife.main.place == "controls"
    return midwife


def test_the_overdue_stand_first_the_longest_first_then_day_by_day(calendar):
    calendar.press(Key.Key_4)
    found = told(calendar)
    assert found[0] == (None, "Terlambat")
    late = [entry for entry in lines(calendar) if entry.overdue and entry.row]
    assert [entry.row.due.on for entry in late] == sorted(entry.row.due.on for entry in late)
    assert ("Hafiz Maulana", "Kontrol · terlambat 3 hari") in found
    assert ("Hafiz Maulana", "Tanyakan hasil rujukan · terlambat 16 hari") in found
    assert (None, "Senin, 30 November 2026") in found
    assert found[found.index((None, "Senin, 30 November 2026")) + 1] == ("Rafi Alfarizi", "Kontrol")
    model = calendar.main.screen_of("controls").model
    said = model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "LiLA 12,3 cm" in said
    assert "sejak 20 Nov" in said


def test_this_week_shows_the_overdue_too_and_next_week_only_its_own(calendar):
    names = {name for name, _ in told(calendar) if name}
    assert calendar.main.screen_of("controls").state.when is When.WEEK
    assert "Hafiz Maulana" in names
    calendar.press(Key.Key_3)
    assert ("Rafi Alfarizi", "Kontrol") in told(calendar)
    assert "Hafiz Maulana" not in {name for name, _ in told(calendar)}
    calendar.press(Key.Key_F3)
    assert calendar.main.screen_of("controls").state.when is When.ALL


def test_every_chip_counts_what_it_shows(calendar):
    screen = calendar.main.screen_of("controls")
    for key, when in zip("12345", When, strict=True):
        calendar.type(key)
        shown = [entry for entry in lines(calendar) if entry.row]
        mine = shown if when in (When.ALL, When.OVERDUE) else [entry for entry in shown if not entry.overdue]
        assert screen.state.count(when) == len(mine), when


def test_headings_are_passed_over_by_the_arrow_keys(calendar):
    calendar.press(Key.Key_4)
    screen = calendar.main.screen_of("controls")
    seen = []
    for _ in range(12):
        seen.append(screen.state.chosen)
        assert screen.list.currentIndex().row() >= 0
        assert screen.model.row(screen.list.currentIndex().row()).row is not None
        calendar.press(Key.Key_Down)
    everybody = [entry.key for entry in lines(calendar) if entry.row]
    assert list(dict.fromkeys(seen)) == everybody[: len(dict.fromkeys(seen))]
    assert len(set(seen)) == min(12, len(everybody))


def test_enter_opens_the_case_and_esc_comes_back_to_the_calendar(calendar):
    calendar.press(Key.Key_Return)
    assert calendar.main.place == "case"
    assert calendar.text("case_header_name") == "Hafiz Maulana"
    calendar.press(Key.Key_Escape)
    assert calendar.main.place == "controls"


def test_a_decision_of_today_is_in_the_calendar_at_once(calendar, village_folder):
    ws = calendar.app.workspace
    child = village_folder.children["Citra Lestari"]
    cases.decide(ws, child, {Decision.COUNSEL}, revisit_on=date(2026, 11, 23))
    calendar.main.screen_of("controls").refresh()
    calendar.settle()
    calendar.press(Key.Key_1)
    assert ("Citra Lestari", "Kontrol") in told(calendar)
    assert (None, "Hari ini · Senin, 23 November 2026") in told(calendar)


def test_food_is_weighed_weekly_and_its_end_is_there(calendar):
    calendar.press(Key.Key_4)
    rafi = [
        entry.row.due for entry in lines(calendar) if entry.row and entry.row.child.name == "Rafi Alfarizi"
    ]
    assert {due.what for due in rafi} == {
        Appointment.REVISIT,
        Appointment.PMT_WEIGHING,
        Appointment.PMT_END,
    }
    assert next(due.on for due in rafi if due.what is Appointment.PMT_END) == date(2026, 12, 3)


def test_the_calendar_in_sight_is_printed(calendar, tmp_path):
    screen = calendar.main.screen_of("controls")
    screen.printer.folder = tmp_path
    shown = []
    screen.printer.show = shown.append
    calendar.ctrl(Key.Key_P)
    assert [path.name for path in shown] == ["jadwal-kontrol-2026-11-23.pdf"]
    assert shown[0].read_bytes().startswith(b"%PDF")


def test_over_midnight_the_calendar_is_that_of_the_new_day(calendar, clock):
    clock.set(datetime(2026, 12, 1, 8, 0, tzinfo=village.WIB))
    calendar.press(Key.Key_Escape)
    assert calendar.main.place == "review"
    calendar.press(Key.Key_J)
    assert ("Rafi Alfarizi", "Kontrol · terlambat 1 hari") in told(calendar)


def test_nothing_decided_says_where_revisits_come_from(hands):
    hands.main.go("controls")
    hands.settle()
    assert hands.main.screen_of("controls").empty.accessibleName().startswith("Belum ada jadwal kontrol")


@pytest.mark.parametrize("look", LOOKS)
def test_the_calendar_fits_the_laptop_in_every_look(start, village_folder, look):
    hands = start(village_folder.folder, **look)
    assert hands.app.unlock(village.LABEL, village.PASSWORD)
    hands.settle()
    hands.main.go("controls")
    hands.settle()
    for key in "12345":
        hands.type(key)
        check(hands)
