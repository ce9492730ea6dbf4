"""The posyandu day: one id on all laptops, opened, closed and opened again."""

from dataclasses import replace
from datetime import date, timedelta

from posyandu_app.domain.derived_ids import session_id
from posyandu_app.domain.merge import project
from posyandu_app.domain.sessions import Session, read_session, register_session, set_session
from tests.domain.field import logged

DAY = date(2026, 11, 23)


def test_two_laptops_that_open_the_same_day_open_the_same_session():
    assert session_id("32.11.13.2005.001", DAY) == session_id("32.11.13.2005.001", DAY)
    others = {
        session_id("32.11.13.2005.002", DAY),
        session_id("32.11.13.2005.001", DAY + timedelta(days=1)),
    }
    assert session_id("32.11.13.2005.001", DAY) not in others
    assert len(others) == 2


def test_a_session_is_opened_closed_and_opened_again_through_the_log():
    session = Session(id="s", scope="x", date=DAY, posyandu="Melati", opened_at="2026-11-23T08:00:00+07:00")
    log = [logged("s", "session.register", register_session(session), 1)]

    def shown() -> Session:
        row = project("session", "s", log)
        return read_session("s", row.scope, row.values, row.bases)

    assert shown().is_open
    assert (shown().date, shown().posyandu) == (DAY, "Melati")
    closed = replace(shown(), closed_at="2026-11-23T11:30:00+07:00")
    log.append(logged("s", "session.set", set_session(shown(), closed), 2))
    assert not shown().is_open
    again = replace(shown(), closed_at=None)
    log.append(logged("s", "session.set", set_session(shown(), again), 3))
    assert shown().is_open
    assert set_session(shown(), shown()) is None


def test_a_session_without_a_date_is_left_for_a_newer_version():
    assert read_session("s", "x", {"posyandu": "Melati"}) is None
