"""Before and after the day: the lists a posyandu works with, from what really stands in the log."""

from datetime import date, timedelta

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.doses import Dose
from posyandu_app.domain.home_visits import HomeVisit, VisitReason
from posyandu_app.domain.model import Role, Sex
from posyandu_app.domain.visits import Attendance, Visit
from posyandu_app.paths import DataFolder
from posyandu_app.services import (
    accounts,
    attendance,
    child_book,
    day,
    deciding,
    doses,
    drafts,
    home_visits,
    moves,
    recap,
    registration,
    sessions,
    visits,
    weighing,
)
from posyandu_app.services.accounts import Setup
from posyandu_app.services.undoing import undo
from posyandu_app.services.views import User
from posyandu_app.services.workspace import Workspace
from tests.services.conftest import PASSWORD, siti
from tests.storage.made_up import SCOPE, clock

TODAY = date(2026, 11, 23)
LAST = date(2026, 10, 23)
BEFORE_LAST = date(2026, 9, 23)


@pytest.fixture
def ws(ws):
    """A posyandu that began to use the laptop in June."""
    ws.clock.set(ws.clock.now().replace(month=6))
    return ws


@pytest.fixture
def people(ws):
    """Registered in June; now it is November."""
    born = {
        "Ani": date(2026, 5, 10),
        "Bayu": date(2025, 10, 30),
        "Citra": date(2024, 11, 1),
        "Dedi": date(2021, 11, 20),
        "Eka": date(2023, 3, 3),
    }
    found = {}
    for number, (name, birth) in enumerate(born.items()):
        sex = Sex.FEMALE if number % 2 == 0 else Sex.MALE
        changes = registration.register(
            ws,
            siti(name=name, birth_date=birth, sex=sex, kia_held=name != "Eka", rt=f"0{number}", rw="01"),
        )
        found[name] = next(iter(changes.entities))
    ws.clock.set(ws.clock.now().replace(month=11))
    return found


def weigh(ws, child_id, on, grams):
    return weighing.record(ws, child_id, Draft(on, weight_g=grams))


def line(closing, code):
    (found,) = [line for line in closing.lines if line.code == code]
    return found.now, found.before


# before


def test_the_list_says_who_comes_and_what_to_have_ready(ws, people):
    ahead = recap.before(ws, TODAY)
    assert [row.child.name for row in ahead.expected] == ["Ani", "Bayu", "Citra", "Eka"]
    assert [child.name for child in ahead.graduates] == ["Dedi"]
    rows = {row.child.name: row for row in ahead.expected}
    assert "mr1" not in {service.code for service in rows["Ani"].due}
    assert {"mr1"} <= {service.code for service in rows["Bayu"].due}
    assert all(row.absent_last for row in rows.values())


def test_milestones_are_those_since_the_last_session(ws, people):
    sessions.open_day(ws, date(2026, 11, 9))
    rows = {row.child.name: row for row in recap.before(ws, TODAY).expected}
    assert [milestone.months for milestone in rows["Ani"].milestones] == [6]
    assert rows["Bayu"].milestones == ()
    sessions.open_day(ws, date(2026, 11, 12))
    rows = {row.child.name: row for row in recap.before(ws, TODAY).expected}
    assert rows["Ani"].milestones == ()


def test_who_came_last_time_was_not_absent(ws, people):
    sessions.open_day(ws, LAST)
    weigh(ws, people["Ani"], LAST, 5000)
    visits.record(ws, Visit(id="", child=people["Bayu"], date=LAST, attendance="tidak_dapat_diukur"))
    rows = {row.child.name: row.absent_last for row in recap.before(ws, TODAY).expected}
    assert rows == {"Ani": False, "Bayu": False, "Citra": True, "Eka": True}


def test_what_was_begun_is_to_be_followed_up(ws, people):
    weigh(ws, people["Bayu"], BEFORE_LAST, 9000)
    weigh(ws, people["Bayu"], LAST, 8950)
    visits.record(ws, Visit(id="", child=people["Citra"], date=LAST, referral="puskesmas"))
    rows = {row.child.name: row for row in recap.before(ws, TODAY).expected}
    assert [item.code for item in rows["Bayu"].follow_ups] == ["not_rising"]
    assert [item.text for item in rows["Citra"].follow_ups] == [
        "Dirujuk ke Puskesmas 23/10/2026. Tanyakan hasilnya."
    ]


# closing


def test_the_recap_counts_what_stands_with_last_month_beside_it(ws, people):
    for name, grams in (("Ani", 5000), ("Bayu", 9000), ("Citra", 11_000)):
        weigh(ws, people[name], LAST, grams)
    weigh(ws, people["Ani"], TODAY, 5800)
    weigh(ws, people["Bayu"], TODAY, 9100)
    weigh(ws, people["Eka"], TODAY, 13_000)
    closing = recap.closing(ws, TODAY)
    assert line(closing, "S") == ("4", "5")
    assert line(closing, "K") == ("3", "4")
    assert line(closing, "D") == ("3", "3")
    assert line(closing, "N") == ("1", "0")
    assert line(closing, "T") == ("1", "0")
    assert line(closing, "B") == ("1", "3")
    assert line(closing, "D/S") == ("75,0 %", "60,0 %")
    assert line(closing, "N/(N+T)") == ("50,0 %", "—")


def test_a_correction_after_closing_corrects_the_recap(ws, people):
    weigh(ws, people["Bayu"], LAST, 9000)
    sessions.open_day(ws, TODAY)
    done = weigh(ws, people["Bayu"], TODAY, 9900)
    sessions.close_day(ws, TODAY)
    assert line(recap.closing(ws, TODAY), "N")[0] == "1"
    (entity,) = done.entities - {people["Bayu"]}
    weighing.correct(ws, entity, {"weight_g": 9000}, "Salah baca timbangan")
    assert line(recap.closing(ws, TODAY), "N")[0] == "0"
    assert line(recap.closing(ws, TODAY), "T")[0] == "1"


def test_undo_takes_a_child_out_of_the_recap(ws, people):
    done = weigh(ws, people["Bayu"], TODAY, 9900)
    assert line(recap.closing(ws, TODAY), "D")[0] == "1"
    undo(ws, done.undo)
    assert line(recap.closing(ws, TODAY), "D")[0] == "0"


def test_who_did_not_come_is_to_be_visited_neighbour_by_neighbour(ws, people):
    weigh(ws, people["Citra"], BEFORE_LAST, 11_000)
    weigh(ws, people["Citra"], LAST, 10_900)
    weigh(ws, people["Ani"], TODAY, 5800)
    sessions.open_day(ws, TODAY)
    sessions.close_day(ws, TODAY)
    absent = recap.closing(ws, TODAY).recap.absent
    assert [(row.child.name, row.reasons[0]) for row in absent] == [
        ("Citra", VisitReason.ABSENT_AFTER_T),
        ("Bayu", VisitReason.ABSENT_TWICE),
        ("Eka", VisitReason.ABSENT_TWICE),
    ]
    assert absent[0].last_came == LAST
    assert absent[0].visited is None


def test_a_home_visit_stands_beside_the_absent_child(ws, people):
    home_visits.record(ws, HomeVisit(id="", child=people["Bayu"], date=TODAY, outcome="bertemu"))
    rows = {row.child.name: row.visited for row in recap.closing(ws, TODAY).recap.absent}
    assert rows["Bayu"].outcome == "bertemu"
    assert rows["Eka"] is None


def test_who_moved_away_is_not_absent_and_was_counted_when_weighed(ws, people):
    weigh(ws, people["Bayu"], TODAY, 9900)
    moves.move_away(ws, people["Bayu"], TODAY)
    moves.move_away(ws, people["Citra"], TODAY)
    closing = recap.closing(ws, TODAY)
    assert line(closing, "D")[0] == "1"
    assert line(closing, "S")[0] == "3"
    assert {row.child.name for row in closing.recap.absent} == {"Ani", "Eka"}


def test_a_child_registered_by_mistake_is_nowhere(ws, people):
    mistake = registration.register(ws, siti(name="Salah", birth_date=date(2025, 1, 1)))
    undo(ws, mistake.undo)
    assert line(recap.closing(ws, TODAY), "S")[0] == "4"
    assert "Salah" not in {row.child.name for row in recap.before(ws, TODAY).expected}


def test_what_waits_for_the_midwife(ws, people):
    visits.record(ws, Visit(id="", child=people["Ani"], date=TODAY, danger_signs=frozenset({"kejang"})))
    doses.record(
        ws,
        Dose(id="", child=people["Bayu"], date=TODAY, what="imunisasi", antigen="mr1", state="menolak"),
    )
    weigh(ws, people["Bayu"], TODAY, 9000)
    waiting = recap.closing(ws, TODAY).recap.waiting
    assert waiting[0].child.name == "Ani"
    refused = {row.child.name: row.refused for row in waiting}
    assert refused["Bayu"] == ("Campak-Rubela (MR) 1",)


def test_vitamin_a_month_says_who_got_which_capsule(ws, people):
    august = date(2026, 8, 24)
    for name in ("Bayu", "Citra"):
        doses.record(ws, Dose(id="", child=people[name], date=august, what="vitamin_a"))
    doses.record(ws, Dose(id="", child=people["Eka"], date=august, what="vitamin_a", state="menolak"))
    found = recap.closing(ws, august).recap
    assert found.campaign_open
    assert [(c.name, c.target, c.given, c.refused) for c in found.vitamin_a] == [
        ("Kapsul biru", 1, 1, 0),
        ("Kapsul merah", 3, 1, 1),
    ]
    assert not recap.closing(ws, TODAY).recap.campaign_open


def test_the_closing_names_who_is_still_half_entered(ws, people):
    drafts.save(ws, people["Ani"], {"weight": "5"})
    sessions.open_day(ws, TODAY)
    closing = recap.closing(ws, TODAY)
    assert [waiting.child.name for waiting in closing.drafts] == ["Ani"]
    assert closing.session.is_open
    assert recap.closing(ws, LAST).session is None


def test_two_records_of_one_child_are_one_child_all_day(ws, people):
    """Who was written down twice is weighed, given and marked under either record, and counts once."""
    august = date(2026, 8, 24)
    twin = next(iter(registration.register(ws, siti(name="Cytra", birth_date=date(2024, 11, 1))).entities))
    first, second = sorted((people["Citra"], twin))
    midwife = Workspace(ws.database, User("user-bidan", "Rina", Role.BIDAN), ws.rules, ws.clock, ws.folder)
    deciding.link(midwife, first, second)
    doses.record(ws, Dose(id="", child=second, date=august, what="vitamin_a"))
    attendance.mark(ws, second, TODAY, Attendance.PRESENT)
    weigh(ws, second, TODAY, 11_000)
    drafts.save(ws, second, {"weight": "11"})
    closing = recap.closing(ws, TODAY)
    assert line(closing, "S")[0] == "4", "Dedi is five"
    assert line(closing, "D")[0] == "1"
    assert [waiting.child.id for waiting in closing.drafts] == [second], "nothing half-typed is lost"
    red = recap.closing(ws, august).recap.vitamin_a[1]
    assert (red.target, red.given) == (3, 1)
    (there,) = [row for row in attendance.on_day(ws, TODAY) if row.measured]
    assert (there.child.id, there.card.attendance) == (first, Attendance.PRESENT)
    assert [dose.date for dose in doses.of_child(ws, first)] == [august]
    book = child_book.open_book(ws, first)
    assert [visit.measurement.weight_g for visit in book.visits] == [11_000]
    assert {given.kind for given in book.given} == {"visit", "dose"}
    form = day.open_form(ws, first, TODAY)
    assert form.card is not None
    assert form.measurement.weight_g == 11_000


def test_an_empty_posyandu_has_a_recap_without_per_cent(ws):
    closing = recap.closing(ws, TODAY)
    assert line(closing, "S") == ("0", "0")
    assert line(closing, "D/S") == ("—", "—")
    assert recap.before(ws, TODAY).expected == ()


def test_the_midwife_sees_one_posyandu_or_all(tmp_path):
    village = SCOPE.rpartition(".")[0]
    setup = Setup(village, "", "Rina", "Rina", Role.BIDAN, PASSWORD)
    ws = accounts.set_up(DataFolder(tmp_path / "village"), setup, clock(), cheap=True)
    for number, posyandu in enumerate((f"{village}.001", f"{village}.002", f"{village}.002")):
        changes = registration.register(ws, siti(name=f"Anak {'ABC'[number]}", scope=posyandu))
        weigh(ws, next(iter(changes.entities)), TODAY, 8400)
    assert line(recap.closing(ws, TODAY), "D")[0] == "3"
    assert line(recap.closing(ws, TODAY, f"{village}.002"), "D")[0] == "2"
    assert len(recap.before(ws, TODAY, f"{village}.001").expected) == 1
    assert recap.before(ws, TODAY, "32.11.14.2001.001").expected == ()
    ws.close()


def test_the_recap_of_a_past_month_stays_what_it_was(ws, people):
    weigh(ws, people["Bayu"], LAST, 9000)
    first = recap.closing(ws, LAST).lines
    ws.clock.move(timedelta(days=20))
    weigh(ws, people["Bayu"], TODAY, 9400)
    assert recap.closing(ws, LAST).lines == first
