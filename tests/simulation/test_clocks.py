"""Laptops whose clocks are wrong: everything is saved, arrives and can be changed; no clock wins for ever."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from posyandu_app.domain import hlc
from posyandu_app.domain.clock import FixedClock
from posyandu_app.storage import log
from tests.district import server as servers
from tests.district.server import POSYANDU, START_MS
from tests.sync.laptops import laptops

TRUE = datetime.fromtimestamp(START_MS / 1000, UTC)
WRONG = {
    "1970": datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC),
    "2000": datetime(2000, 1, 1, tzinfo=UTC),
    "last week": TRUE - timedelta(days=7),
    "in two years": TRUE + timedelta(days=730),
    "2038": datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    "2100": datetime(2100, 1, 1, tzinfo=UTC),
    "another zone": TRUE.astimezone(timezone(timedelta(hours=-11))),
    "a zone of quarters": TRUE.astimezone(timezone(timedelta(hours=5, minutes=45))),
}


@pytest.fixture
def pair(tmp_path):
    with servers.running(tmp_path / "dinas") as server, laptops(tmp_path, server) as make:
        yield server, make(POSYANDU), make(POSYANDU)


def effs(laptop) -> list[str]:
    return [eff for (eff,) in laptop.database.rows("SELECT eff FROM log ORDER BY replica, seq")]


@pytest.mark.parametrize("name", WRONG)
def test_what_was_saved_under_a_wrong_clock_arrives_and_counts_as_written_by_then(pair, name):
    server, wrong, right = pair
    wrong.clock = FixedClock(WRONG[name])
    child = wrong.register("Siti")
    visit = wrong.weigh(child, 8400)
    assert wrong.status.unsent == 2
    wrong.engine._clock = wrong.clock
    wrong.sync()
    right.sync()
    assert wrong.status.unsent == 0
    assert right.value(child, "name") == "Siti"
    assert right.weight(visit) == 8400
    now = server.time.now
    assert all(hlc.milliseconds(eff) <= now for eff in effs(right))


@pytest.mark.parametrize("name", WRONG)
def test_whoever_saw_it_can_change_what_a_wrong_clock_wrote_and_the_other_way_round(pair, name):
    """Rule 7: clocks never decide whether something survives."""
    server, wrong, right = pair
    child = right.register("Siti")
    right.sync()
    wrong.sync()
    wrong.clock = wrong.engine._clock = FixedClock(WRONG[name])
    for round_ in range(3):
        wrong.edit(child, "name", f"Salah {round_}")
        wrong.sync()
        server.time.move(60_000)
        right.clock.move(timedelta(minutes=1))
        right.sync()
        assert right.value(child, "name") == f"Salah {round_}"
        right.edit(child, "name", f"Benar {round_}")
        right.sync()
        wrong.sync()
        assert wrong.value(child, "name") == right.value(child, "name") == f"Benar {round_}"
    assert wrong.digests() == right.digests()


@pytest.mark.parametrize("name", WRONG)
def test_of_two_at_once_the_same_is_shown_everywhere_and_the_other_is_kept(pair, name):
    _, wrong, right = pair
    child = right.register("Siti")
    right.sync()
    wrong.sync()
    wrong.clock = wrong.engine._clock = FixedClock(WRONG[name])
    wrong.edit(child, "name", "Salah")
    right.edit(child, "name", "Benar")
    for laptop in (right, wrong, right):
        laptop.sync()
    assert wrong.value(child, "name") == right.value(child, "name")
    for laptop in (wrong, right):
        (heads,) = laptop.database.one(
            "SELECT heads FROM dispute WHERE entity = ? AND field = 'name'", (child,)
        )
        assert "Salah" in heads
        assert "Benar" in heads


def test_a_clock_that_jumps_about_in_the_middle_of_a_form_keeps_the_order_of_what_was_saved(pair):
    _, laptop, other = pair
    child = laptop.register("Siti")
    for moment in (*WRONG.values(), TRUE):
        laptop.clock = laptop.engine._clock = FixedClock(moment)
        laptop.edit(child, "phone", f"0812{moment.year}{moment.day}")
    stamps = [item.operation.hlc for item in log.own_after(laptop.database, 0, 100)]
    assert stamps == sorted(set(stamps)), "a stamp went back"
    laptop.sync()
    other.sync()
    assert other.value(child, "phone") == laptop.value(child, "phone") == f"0812{TRUE.year}{TRUE.day}"
    assert log.verify_chain(laptop.database) == len(stamps)


def test_a_far_future_heard_from_others_does_not_carry_the_own_clock_away(pair):
    server, wrong, right = pair
    wrong.clock = wrong.engine._clock = FixedClock(WRONG["2100"])
    wrong.register("Siti")
    wrong.sync()
    right.sync()
    right.register("Budi")
    own = log.own_after(right.database, 0, 100)[-1].operation.hlc
    assert hlc.milliseconds(own) <= server.time.now + 5 * 60_000 + 1000
