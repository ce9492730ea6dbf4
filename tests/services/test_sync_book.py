"""What the sync page tells of entries that the Dinas holds back or has put aside (sync rule 3, F12)."""

from datetime import timedelta

import pytest

from posyandu_app.domain.clock import timestamp
from posyandu_app.services import sync_book
from posyandu_app.storage import log

SENTENCE = "Menunggu data anaknya sampai di Dinas."


def told(ws, seq: int, status: str, why: str, message: str) -> None:
    """The Dinas says what became of an entry."""
    receipt = log.Receipt(ws.database.replica, seq, status, why=why, message=message)
    with ws.database.atomic():
        log.receive(ws.database, [], [receipt], received_at=timestamp(ws.clock.now()))


@pytest.fixture
def last(ws, child_id) -> int:
    return log.tip(ws.database)[0]


def test_what_is_held_is_shown_after_thirty_days_and_not_before(ws, last):
    told(ws, last, "held", "unknown_child", SENTENCE)
    assert sync_book.read(ws).aside == ()
    ws.clock.move(timedelta(days=29, hours=23))
    assert sync_book.read(ws).aside == ()
    ws.clock.move(timedelta(hours=1))
    (shown,) = sync_book.read(ws).aside
    assert shown.held
    assert "laptop lain" in shown.why
    assert "disinkronkan" in shown.next_step


def test_what_was_put_aside_is_shown_at_once_with_its_reason_and_what_to_do(ws, last):
    told(ws, last, "quarantined", "out_of_scope", "Catatan ini di luar wilayah laptop ini.")
    (shown,) = sync_book.read(ws).aside
    assert not shown.held
    assert shown.what == "Siti Aminah"
    assert shown.why == "Catatan ini di luar wilayah laptop ini."
    assert "bidan" in shown.next_step


@pytest.mark.parametrize(
    "why",
    [
        *("out_of_scope", "outside_district", "revoked", "server_owned", "already_recorded", "malformed"),
        *("judge_failed", "zebra"),
    ],
)
def test_no_reason_is_without_a_next_step(ws, last, why):
    told(ws, last, "quarantined", why, "")
    (shown,) = sync_book.read(ws).aside
    assert shown.why.endswith(".")
    assert shown.next_step.endswith(".")


def test_what_was_held_and_is_applied_in_the_end_is_shown_no_more(ws, last):
    told(ws, last, "held", "unknown_child", SENTENCE)
    ws.clock.move(timedelta(days=31))
    assert len(sync_book.read(ws).aside) == 1
    told(ws, last, "applied", "", "")
    assert sync_book.read(ws).aside == ()
