"""The status sentence tells what the log and the server-signed watermark say (rule 20)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from posyandu_app import i18n
from posyandu_app.domain.undecided import Undecided
from posyandu_app.storage import peer
from posyandu_app.sync.status import Link, status
from posyandu_app.sync.trouble import Offline
from tests.district.server import Wire

ON_SQLITE_ALONE = "what the laptop says of itself"

WIB = timezone(timedelta(hours=7))


def told(laptop, when: datetime) -> str:
    laptop.clock.set(when)
    return laptop.status.message


def received(laptop, when: datetime, acked: int) -> None:
    peer.acknowledge(laptop.database, acked, when.isoformat())


def test_a_laptop_that_has_no_server(make_alone):
    laptop = make_alone()
    laptop.register()
    assert laptop.status.message == "Laptop ini belum didaftarkan ke Dinas; 1 data tersimpan di sini."
    assert (laptop.status.enrolled, laptop.status.link) == (False, Link.NOT_ENROLLED)
    assert (laptop.status.total, laptop.status.received, laptop.status.unsent) == (1, 0, 1)


def test_a_laptop_that_has_never_been_connected(make):
    laptop = make()
    for _ in range(3):
        laptop.register()
    assert laptop.status.message == "Belum pernah tersambung dengan Dinas; 3 data menunggu dikirim."


def test_what_waits_is_counted_and_the_last_day_named(make):
    laptop = make()
    for _ in range(13):
        laptop.register()
    received(laptop, datetime(2026, 10, 3, 4, 0, tzinfo=UTC), 1)
    november = datetime(2026, 11, 23, 14, 30, tzinfo=WIB)
    assert told(laptop, november) == "12 data belum diterima Dinas; terakhir diterima 3 Okt"
    received(laptop, datetime(2025, 10, 3, 4, 0, tzinfo=UTC), 1)
    assert told(laptop, november) == "12 data belum diterima Dinas; terakhir diterima 3 Okt 2025"


def test_when_everything_is_received_the_time_is_told_on_this_laptops_clock(make):
    laptop = make()
    laptop.register()
    received(laptop, datetime(2026, 11, 23, 7, 5, tzinfo=UTC), 1)
    november = datetime(2026, 11, 23, 14, 30, tzinfo=WIB)
    assert told(laptop, november) == "Semua data sudah diterima Dinas, 23 Nov 14.05"
    received(laptop, datetime(2026, 11, 23, 18, 5, tzinfo=UTC), 1)
    assert told(laptop, november) == "Semua data sudah diterima Dinas, 24 Nov 01.05"
    i18n.set_language("en")
    assert told(laptop, november).endswith("24 Nov 01:05")


def test_it_never_says_everything_while_something_is_unsent(server, make):
    """F23: not even after an exchange that went well."""
    laptop = make()
    laptop.register()
    laptop.sync()
    assert laptop.status.message.startswith("Semua data sudah diterima")
    laptop.register()
    assert laptop.status.message.startswith("1 data belum diterima")

    class Loses(Wire):
        def exchange(self, body: bytes) -> bytes:
            super().exchange(body)
            raise Offline

    with pytest.raises(Offline):
        laptop.sync(Loses(server.desk))
    assert laptop.status.message.startswith("1 data belum diterima")
    laptop.sync()
    assert laptop.status.message.startswith("Semua data sudah diterima")


def test_what_needs_a_person_is_counted(server, make):
    laptop = make()
    child = laptop.register()
    laptop.log("rules.set", child, {"x": {"v": 1, "base": None}})
    laptop.sync()
    assert laptop.status.message.endswith("; 1 perlu diperiksa")
    assert laptop.status.quarantined == 1


def test_what_waits_for_another_laptop_is_counted_once_the_sync_page_shows_it(server, make):
    laptop = make()
    laptop.log("child.set", "8c1f0000-0000-4000-8000-000000000001", {"rt": {"v": "2", "base": None}})
    laptop.sync()
    when = laptop.clock.now()
    assert laptop.status.held == 1
    assert told(laptop, when + timedelta(days=29, hours=23)).startswith("Semua data sudah diterima Dinas")
    assert "perlu diperiksa" not in laptop.status.message
    assert told(laptop, when + timedelta(days=30, hours=1)).endswith("; 1 perlu diperiksa")


def test_what_waits_for_a_decision_is_told_with_who_decides(server, make):
    laptop = make()
    laptop.register()
    laptop.sync()

    def said(undecided: Undecided) -> str:
        return status(laptop.database, clock=laptop.clock, undecided=undecided).message

    assert "menunggu keputusan" not in laptop.status.message
    assert said(Undecided(3, mine=True)).endswith("; 3 hal menunggu keputusan Anda")
    assert said(Undecided(3)).endswith("; 3 hal menunggu keputusan bidan")
    assert said(Undecided(0, mine=True)) == laptop.status.message
    laptop.log("rules.set", laptop.register(), {"x": {"v": 1, "base": None}})
    laptop.sync()
    assert said(Undecided(2)).endswith("; 1 perlu diperiksa; 2 hal menunggu keputusan bidan")


def test_before_the_first_contact_too(make_alone):
    laptop = make_alone()
    laptop.register()
    found = status(laptop.database, clock=laptop.clock, undecided=Undecided(2))
    assert found.message == (
        "Laptop ini belum didaftarkan ke Dinas; 1 data tersimpan di sini; 2 hal menunggu keputusan bidan"
    )


def test_the_link_says_what_the_last_attempt_met_and_changes_no_figure(make):
    laptop = make()
    laptop.register()
    for link in (Link.OFFLINE, Link.ONLINE, Link.PORTAL):
        found = status(laptop.database, link, laptop.clock)
        assert (found.link, found.unsent) == (link, 1)


def test_a_watermark_beyond_the_own_log_counts_as_the_whole_log(make):
    laptop = make()
    laptop.register()
    received(laptop, datetime(2026, 11, 23, tzinfo=UTC), 99)
    assert (laptop.status.received, laptop.status.unsent) == (1, 0)


@pytest.mark.parametrize("stored", ["", "kemarin", "2026-11-23T09:00:00"])
def test_a_time_that_cannot_be_read_counts_as_never(make, stored):
    laptop = make()
    peer.acknowledge(laptop.database, 0, stored)
    assert laptop.status.last_received_at is None
    assert laptop.status.message.startswith("Belum pernah")


def test_in_english(make):
    laptop = make()
    laptop.register()
    received(laptop, datetime(2026, 8, 3, 4, 0, tzinfo=UTC), 0)
    i18n.set_language("en")
    laptop.clock.set(datetime(2026, 11, 23, 14, 30, tzinfo=WIB))
    assert laptop.status.message == "Not yet received by the district: 1; last received 3 Aug"
