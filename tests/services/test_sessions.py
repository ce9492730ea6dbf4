"""A posyandu day: opened once for everybody, closed, opened again, and guarded afterwards."""

from datetime import date, timedelta

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.derived_ids import session_id
from posyandu_app.domain.doses import Dose
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.model import Role
from posyandu_app.domain.visits import Visit
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, doses, registration, sessions, visits, weighing
from posyandu_app.services.accounts import Setup
from posyandu_app.services.undoing import undo
from posyandu_app.storage import facts, log, measurements
from posyandu_app.storage.log import Received
from tests.services.conftest import PASSWORD, siti
from tests.storage.made_up import SCOPE, clock

TODAY = date(2026, 11, 23)
YESTERDAY = TODAY - timedelta(days=1)
VILLAGE = SCOPE.rpartition(".")[0]


def weigh(ws, child_id, grams=8400, on=TODAY):
    changes = weighing.record(ws, child_id, Draft(on, weight_g=grams))
    (entity,) = changes.entities - {child_id}
    return entity, changes


def test_a_day_is_opened_closed_and_opened_again(ws):
    assert sessions.of_day(ws, TODAY) is None
    opened = sessions.open_day(ws, TODAY)
    assert opened.kinds == {"session"}
    assert opened.undo.label == "Dibuka: posyandu 23/11/2026"
    session = sessions.of_day(ws, TODAY)
    assert session.is_open
    assert (session.scope, session.posyandu, session.date) == (SCOPE, "Melati 1", TODAY)
    assert session.opened_at == "2026-11-23T09:12:44+07:00"
    ws.clock.move(timedelta(hours=3))
    sessions.close_day(ws, TODAY)
    assert sessions.of_day(ws, TODAY).closed_at == "2026-11-23T12:12:44+07:00"
    sessions.reopen_day(ws, TODAY)
    assert sessions.of_day(ws, TODAY).is_open


def test_the_paper_of_yesterday_opens_yesterday(ws):
    sessions.open_day(ws, YESTERDAY)
    assert sessions.of_day(ws, YESTERDAY).is_open
    assert sessions.of_day(ws, TODAY) is None


@pytest.mark.parametrize(
    "on", [TODAY + timedelta(days=1), date(2040, 1, 1), date(1990, 1, 1), None, "kemarin"]
)
def test_a_day_that_cannot_be_is_refused(ws, on):
    with pytest.raises(InvalidValue) as told:
        sessions.open_day(ws, on)
    assert told.value.field == "date"
    assert log.tip(ws.database)[0] == 2


def test_a_day_is_opened_once(ws):
    sessions.open_day(ws, TODAY)
    with pytest.raises(UserError, match="sudah dibuka"):
        sessions.open_day(ws, TODAY)
    sessions.close_day(ws, TODAY)
    with pytest.raises(UserError, match="sudah ditutup"):
        sessions.open_day(ws, TODAY)
    with pytest.raises(UserError, match="sudah ditutup"):
        sessions.close_day(ws, TODAY)
    sessions.reopen_day(ws, TODAY)
    with pytest.raises(UserError, match="masih terbuka"):
        sessions.reopen_day(ws, TODAY)


def test_a_day_that_was_never_opened_cannot_be_closed(ws):
    for deed in (sessions.close_day, sessions.reopen_day):
        with pytest.raises(UserError, match="belum dibuka"):
            deed(ws, TODAY)


def test_two_laptops_that_open_the_same_day_open_one_session(ws, tmp_path):
    setup = Setup(SCOPE, "Melati 1", "Rina", "Rina", Role.KADER, PASSWORD)
    other = accounts.set_up(DataFolder(tmp_path / "other"), setup, clock(), cheap=True)
    sessions.open_day(other, TODAY)
    sessions.open_day(ws, TODAY)
    theirs = log.own_after(other.database, 0, 100)
    feed = [
        Received(entry.replica, entry.operation, entry.eff, "applied", ss)
        for ss, entry in enumerate(theirs, 1)
    ]
    log.receive(ws.database, feed, received_at="2026-11-23T10:00:00+07:00")
    assert [session.id for session in sessions.listed(ws)] == [session_id(SCOPE, TODAY)]
    sessions.close_day(ws, TODAY)
    assert not sessions.of_day(ws, TODAY).is_open
    other.close()


def test_sessions_are_listed_newest_first(ws):
    for days in (30, 0, 61):
        sessions.open_day(ws, TODAY - timedelta(days=days))
    assert [session.date for session in sessions.listed(ws)] == [
        TODAY,
        TODAY - timedelta(days=30),
        TODAY - timedelta(days=61),
    ]


@pytest.mark.parametrize("role", [Role.TPG, Role.DINAS])
def test_only_who_writes_opens_and_closes(ws, as_role, role):
    reader = as_role(role)
    with pytest.raises(NotAllowed):
        sessions.open_day(reader, TODAY)
    sessions.open_day(ws, TODAY)
    for deed in (sessions.close_day, sessions.reopen_day):
        with pytest.raises(NotAllowed):
            deed(reader, TODAY)


@pytest.fixture
def village(tmp_path):
    setup = Setup(VILLAGE, "", "Rina", "Rina", Role.BIDAN, PASSWORD)
    made = accounts.set_up(DataFolder(tmp_path / "village"), setup, clock(), cheap=True)
    yield made
    made.close()


def test_the_midwife_says_which_posyandu(village):
    with pytest.raises(InvalidValue) as told:
        sessions.open_day(village, TODAY)
    assert told.value.field == "scope"
    with pytest.raises(InvalidValue, match="di luar wilayah"):
        sessions.open_day(village, TODAY, "32.11.13.2006.001")
    sessions.open_day(village, TODAY, SCOPE)
    assert sessions.of_day(village, TODAY, SCOPE).scope == SCOPE
    assert sessions.of_day(village, TODAY, f"{VILLAGE}.002") is None
    assert len(sessions.listed(village)) == 1


# undo


def test_every_deed_on_a_day_is_undone_by_name(ws):
    opened = sessions.open_day(ws, TODAY)
    closed = sessions.close_day(ws, TODAY)
    back = undo(ws, closed.undo)
    assert back.undo.label == "Diurungkan: posyandu 23/11/2026"
    assert sessions.of_day(ws, TODAY).is_open
    gone = undo(ws, opened.undo)
    assert sessions.of_day(ws, TODAY) is None
    assert sessions.listed(ws) == ()
    undo(ws, gone.undo)
    assert sessions.of_day(ws, TODAY).is_open


def test_a_day_whose_opening_was_undone_can_be_opened_anew(ws):
    undo(ws, sessions.open_day(ws, TODAY).undo)
    ws.clock.move(timedelta(hours=1))
    sessions.open_day(ws, TODAY)
    session = sessions.of_day(ws, TODAY)
    assert session.is_open
    assert session.opened_at == "2026-11-23T10:12:44+07:00"


def test_opening_cannot_be_undone_once_the_day_is_closed(ws):
    opened = sessions.open_day(ws, TODAY)
    sessions.close_day(ws, TODAY)
    with pytest.raises(UserError) as told:
        undo(ws, opened.undo)
    assert told.value.code == "changed_since"


def test_reopening_is_undone_into_the_same_closing_time(ws):
    sessions.open_day(ws, TODAY)
    sessions.close_day(ws, TODAY)
    before = sessions.of_day(ws, TODAY).closed_at
    ws.clock.move(timedelta(hours=2))
    undo(ws, sessions.reopen_day(ws, TODAY).undo)
    assert sessions.of_day(ws, TODAY).closed_at == before


# what stood in a closed day


@pytest.fixture
def closed(ws, child_id):
    """A day with a weighing, a card and a dose, closed."""
    sessions.open_day(ws, TODAY)
    weighed, _ = weigh(ws, child_id)
    card = visits.record(ws, Visit(id="", child=child_id, date=TODAY, complementary_feeding=True))
    dose = doses.record(ws, Dose(id="", child=child_id, date=TODAY, what="imunisasi", antigen="mr1"))
    ws.clock.move(timedelta(hours=3))
    sessions.close_day(ws, TODAY)
    return {
        "weighed": weighed,
        "card": next(iter(card.entities - {child_id})),
        "dose": next(iter(dose.entities - {child_id})),
    }


def corrections(ws, closed, reason=""):
    return (
        lambda: weighing.correct(ws, closed["weighed"], {"weight_g": 8500}, reason),
        lambda: weighing.void(ws, closed["weighed"], reason),
        lambda: visits.correct(ws, closed["card"], {"complementary_feeding": False}, reason),
        lambda: visits.void(ws, closed["card"], reason),
        lambda: doses.correct(ws, closed["dose"], {"antigen": "ipv2"}, reason),
        lambda: doses.void(ws, closed["dose"], reason),
    )


@pytest.mark.parametrize("which", range(6))
def test_after_closing_a_change_needs_a_reason(ws, closed, which):
    tip = log.tip(ws.database)
    for reason in ("", "   "):
        with pytest.raises(InvalidValue, match="23/11/2026 sudah ditutup") as told:
            corrections(ws, closed, reason)[which]()
        assert told.value.field == "reason"
    assert log.tip(ws.database) == tip
    corrections(ws, closed, "Salah baca timbangan")[which]()
    (entry,) = log.own_after(ws.database, tip[0], 10)
    assert entry.operation.payload["reason"] == "Salah baca timbangan"


@pytest.mark.parametrize("which", range(6))
def test_the_midwife_needs_a_reason_too(as_role, closed, which):
    bidan = as_role(Role.BIDAN)
    with pytest.raises(InvalidValue, match="Tulis alasan"):
        corrections(bidan, closed)[which]()
    corrections(bidan, closed, "Ditimbang ulang")[which]()


@pytest.mark.parametrize("which", range(6))
def test_a_day_opened_again_asks_for_no_reason(ws, closed, which):
    sessions.reopen_day(ws, TODAY)
    corrections(ws, closed)[which]()


def test_a_reason_is_one_line_of_at_most_500_letters(ws, closed):
    with pytest.raises(InvalidValue) as told:
        weighing.correct(ws, closed["weighed"], {"weight_g": 8500}, "x" * 501)
    assert told.value.field == "reason"
    weighing.correct(ws, closed["weighed"], {"weight_g": 8500}, "  salah\n baca \ud800 ")
    assert measurements.get(ws.database, closed["weighed"]).weight_g == 8500
    entry = log.entries_of(ws.database, closed["weighed"])[-1]
    assert entry.operation.payload["reason"] == "salah baca ?"


def test_undo_does_not_reach_behind_the_closing(ws, child_id):
    sessions.open_day(ws, TODAY)
    _, weighed = weigh(ws, child_id)
    sessions.close_day(ws, TODAY)
    with pytest.raises(UserError, match="buka lagi hari itu") as told:
        undo(ws, weighed.undo)
    assert told.value.code == "session_closed"
    sessions.reopen_day(ws, TODAY)
    undo(ws, weighed.undo)


def test_what_is_entered_late_is_mended_without_a_reason(ws, child_id, closed):
    """The child of yesterday's paper: typed after closing, mistyped, put right at once."""
    late, changes = weigh(ws, child_id, 84_000)
    weighing.correct(ws, late, {"weight_g": 8400})
    undo(ws, changes.undo)
    assert measurements.get(ws.database, late).voided


def test_a_correction_made_after_closing_is_undone_without_a_reason(ws, closed):
    made = weighing.correct(ws, closed["weighed"], {"weight_g": 8500}, "Salah baca")
    undo(ws, made.undo)
    assert measurements.get(ws.database, closed["weighed"]).weight_g == 8400


def test_other_days_are_not_touched_by_a_closed_one(ws, child_id, closed):
    other, _ = weigh(ws, child_id, on=YESTERDAY)
    weighing.correct(ws, other, {"weight_g": 8300})
    assert measurements.get(ws.database, other).weight_g == 8300


def test_the_clock_does_not_open_a_closed_day(ws, child_id):
    """A weighing stood in the day when it was closed, whatever the wall clock said at either time."""
    sessions.open_day(ws, TODAY)
    weighed, _ = weigh(ws, child_id)
    ws.clock.move(timedelta(hours=-5))
    sessions.close_day(ws, TODAY)
    with pytest.raises(InvalidValue, match="Tulis alasan"):
        weighing.correct(ws, weighed, {"weight_g": 8500})


def test_answering_what_nobody_had_answered_needs_no_reason(ws, closed):
    visits.correct(ws, closed["card"], {"note": "Datang dengan nenek"})
    weighing.correct(ws, closed["weighed"], {"muac_mm": 140})
    assert facts.get(ws.database, Visit, closed["card"]).note == "Datang dengan nenek"
    assert measurements.get(ws.database, closed["weighed"]).muac_mm == 140


def test_closing_stores_no_figures(ws, closed):
    row = facts.session_row(ws.database, session_id(SCOPE, TODAY))
    assert set(row.bases) == {"date", "posyandu", "opened_at", "closed_at"}


def test_registering_after_closing_is_not_hindered(ws, closed):
    registration.register(ws, siti(name="Bayu Saputra"))
