"""Who is there: marked at the door, plain from a weighing, absent only once the day is over."""

from datetime import date, timedelta

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Role
from posyandu_app.domain.visits import Attendance, Visit
from posyandu_app.services import attendance, moves, registration, sessions, visits, weighing
from posyandu_app.services.undoing import undo
from tests.services.conftest import siti

TODAY = date(2026, 11, 23)


@pytest.fixture
def people(ws):
    """Four children, by name."""
    found = {}
    for name in ("Ani", "Bayu", "Citra", "Dedi"):
        changes = registration.register(ws, siti(name=name))
        found[name] = next(iter(changes.entities))
    return found


def states(ws, on=TODAY):
    return {row.child.name: row.state for row in attendance.on_day(ws, on)}


def test_nothing_is_known_of_anybody_at_first(ws, people):
    assert states(ws) == dict.fromkeys(("Ani", "Bayu", "Citra", "Dedi"))


def test_a_weighing_or_a_card_says_that_a_child_is_there(ws, people):
    weighing.record(ws, people["Ani"], Draft(TODAY, weight_g=8400))
    visits.record(ws, Visit(id="", child=people["Bayu"], date=TODAY, local_food=True))
    attendance.mark(ws, people["Citra"], TODAY, Attendance.NOT_MEASURABLE)
    assert states(ws) == {
        "Ani": "hadir",
        "Bayu": "hadir",
        "Citra": "tidak_dapat_diukur",
        "Dedi": None,
    }


def test_who_is_there_and_not_measured_waits(ws, people):
    attendance.mark(ws, people["Ani"], TODAY, Attendance.PRESENT)
    attendance.mark(ws, people["Bayu"], TODAY, Attendance.NOT_MEASURABLE)
    weighing.record(ws, people["Citra"], Draft(TODAY, weight_g=8400))
    assert [row.child.name for row in attendance.on_day(ws, TODAY) if row.waits] == ["Ani"]
    weighing.record(ws, people["Ani"], Draft(TODAY, weight_g=8400))
    assert not any(row.waits for row in attendance.on_day(ws, TODAY))


def test_who_did_not_come_is_absent_once_the_day_is_closed(ws, people):
    sessions.open_day(ws, TODAY)
    weighing.record(ws, people["Ani"], Draft(TODAY, weight_g=8400))
    assert states(ws)["Dedi"] is None
    sessions.close_day(ws, TODAY)
    assert states(ws) == {
        "Ani": "hadir",
        "Bayu": "tidak_hadir",
        "Citra": "tidak_hadir",
        "Dedi": "tidak_hadir",
    }
    sessions.reopen_day(ws, TODAY)
    assert states(ws)["Dedi"] is None


def test_nobody_is_absent_from_a_day_before_she_was_written_down(ws, people):
    sessions.open_day(ws, TODAY - timedelta(days=3))
    sessions.close_day(ws, TODAY - timedelta(days=3))
    assert states(ws, TODAY - timedelta(days=3)) == dict.fromkeys(("Ani", "Bayu", "Citra", "Dedi"))


def test_another_day_says_nothing_about_this_one(ws, people):
    weighing.record(ws, people["Ani"], Draft(TODAY - timedelta(days=1), weight_g=8400))
    assert states(ws)["Ani"] is None
    assert states(ws, TODAY - timedelta(days=1))["Ani"] == "hadir"


def test_a_mark_is_changed_at_the_next_table_and_undone(ws, people):
    marked = attendance.mark(ws, people["Ani"], TODAY, Attendance.PRESENT)
    changed = attendance.mark(ws, people["Ani"], TODAY, Attendance.NOT_MEASURABLE)
    assert states(ws)["Ani"] == "tidak_dapat_diukur"
    undo(ws, changed.undo)
    assert states(ws)["Ani"] == "hadir"
    undo(ws, marked.undo)
    assert states(ws)["Ani"] is None


def test_a_mark_of_somebody_else_may_be_changed(ws, people, as_role):
    attendance.mark(as_role(Role.BIDAN), people["Ani"], TODAY, Attendance.PRESENT)
    attendance.mark(ws, people["Ani"], TODAY, Attendance.NOT_MEASURABLE)
    assert states(ws)["Ani"] == "tidak_dapat_diukur"


def test_a_voided_weighing_is_no_attendance(ws, people):
    done = weighing.record(ws, people["Ani"], Draft(TODAY, weight_g=8400))
    undo(ws, done.undo)
    assert states(ws)["Ani"] is None


def test_an_unknown_mark_is_refused(ws, people):
    with pytest.raises(InvalidValue) as told:
        attendance.mark(ws, people["Ani"], TODAY, "di jalan")
    assert told.value.field == "attendance"


def test_who_moved_away_or_is_not_born_yet_is_not_on_the_list(ws, people):
    moves.move_away(ws, people["Dedi"], TODAY)
    assert "Dedi" not in states(ws)
    assert states(ws, date(2025, 11, 22)) == {}
