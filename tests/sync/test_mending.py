"""Sums that differ are found by buckets and mended, and both sides know of it (sync rule 13, F17, F18)."""

import json
from datetime import timedelta

import pytest

from posyandu_app.district import incidents as at_the_server
from posyandu_app.storage import incidents, log, projection
from posyandu_app.sync import mending
from tests.district.server import VILLAGE, Wire


class Watching(Wire):
    def __init__(self, desk) -> None:
        super().__init__(desk)
        self.requests: list[dict] = []
        self.replies: list[dict] = []

    def exchange(self, body: bytes) -> bytes:
        reply = super().exchange(body)
        self.requests.append(json.loads(body))
        self.replies.append(json.loads(reply))
        return reply


@pytest.fixture
def pair(server, make):
    kader, bidan = make(), make(VILLAGE)
    for number in range(120):
        kader.weigh(kader.register(f"Anak {number}"))
    kader.sync()
    bidan.sync()
    return kader, bidan


def told(server) -> list[str]:
    with server.store.read() as connection:
        return [one.what for one in at_the_server.known(connection)]


def forgets(laptop, count: int) -> None:
    """A disk that lost some entries, and counts as if it had not had them."""
    with laptop.database.atomic():
        laptop.database.run(
            "DELETE FROM log WHERE rowid IN"
            " (SELECT rowid FROM log WHERE type = 'measurement.record' LIMIT ?)",
            (count,),
        )
        projection.rebuild(laptop.database)


def test_only_the_buckets_that_differ_are_told_again(server, pair):
    kader, bidan = pair
    forgets(bidan, 2)
    with bidan.database.atomic():
        bidan.database.run("UPDATE peer SET log_count = log_count - 2")
    line = Watching(server.desk)
    done = bidan.sync(line)
    assert "log_differs" in done.incidents
    (repaired,) = [reply["repair"] for reply in line.replies if "repair" in reply]
    assert 1 <= len(repaired["buckets"]) <= 2
    assert 2 <= len(repaired["ops"]) < 60
    assert not any(reply["feed"]["ops"] for reply in line.replies), "nothing is read from the beginning"
    assert log.count(bidan.database) == 240
    assert bidan.digests() == kader.digests()
    assert len(done.changed) >= 2, "the screens show what has come back"
    assert not mending.differs(bidan.database)
    assert bidan.sync().incidents == ()
    assert "log_differs" in told(server)
    assert [one.what for one in incidents.known(bidan.database)] == ["log_differs"]


def test_an_entry_that_is_gone_while_the_counter_stands_is_found_within_a_day(server, pair):
    """F17: the running count says that all is there."""
    kader, bidan = pair
    assert bidan.sync().incidents == ()
    forgets(bidan, 2)
    server.time.move(24 * 60 * 60 * 1000)
    bidan.clock.move(timedelta(days=1))
    assert "log_differs" in bidan.sync().incidents
    assert log.count(bidan.database) == 240
    assert bidan.digests() == kader.digests()
    assert bidan.sync().incidents == ()


def test_a_counter_that_went_wrong_is_counted_anew_without_asking(server, pair):
    _, bidan = pair
    with bidan.database.atomic():
        bidan.database.run("UPDATE peer SET log_count = log_count - 1")
    line = Watching(server.desk)
    assert bidan.sync(line).incidents == ("log_recounted",)
    assert not mending.differs(bidan.database)
    assert not any("repair" in request for request in line.requests)
    assert bidan.sync().incidents == ()


def test_what_the_server_does_not_have_in_its_order_stays_here_and_counts_no_more(server, pair):
    _, bidan = pair
    with bidan.database.atomic():
        bidan.database.run("UPDATE peer SET cursor = cursor, log_count = log_count + 1")
        row = bidan.database.one("SELECT * FROM log WHERE type = 'measurement.record' LIMIT 1")
        names = [c[1] for c in bidan.database.rows("PRAGMA table_info(log)")]
        extra = dict(zip(names, row, strict=True)) | {
            "replica": "0b7f3f5e-0d2c-4c55-9a39-2f4d7d6b8a10",
            "content": b"\x07" * 32,
            "ss": 240,
        }
        bidan.database.run(
            f"INSERT INTO log({', '.join(extra)}) VALUES ({', '.join('?' * len(extra))})",
            tuple(extra.values()),
        )
    assert "log_differs" in bidan.sync().incidents
    assert log.count(bidan.database) == 241
    assert bidan.sync().incidents == ()


def test_a_repair_goes_page_by_page_and_may_be_interrupted(server, pair):
    kader, bidan = pair
    forgets(bidan, 120)
    with bidan.database.atomic():
        bidan.database.run("UPDATE peer SET log_count = 1")
    engine = bidan.engine
    line = Watching(server.desk)
    for _ in range(60):
        if not engine.apply(line.exchange(engine.prepare(7).body)).more:
            break
        engine.prepare(7)  # and its answer is lost
    assert sum("repair" in reply for reply in line.replies) >= 10
    assert log.count(bidan.database) == 240
    assert bidan.digests() == kader.digests()
    assert bidan.sync().incidents == ()


def test_a_repair_that_is_told_twice_is_a_repair_once(server, pair):
    kader, bidan = pair
    forgets(bidan, 60)
    with bidan.database.atomic():
        bidan.database.run("UPDATE peer SET log_count = 1")
    for _ in range(20):
        reply = server.desk.exchange(bidan.engine.prepare(20).body)
        more = bidan.engine.apply(reply).more
        bidan.engine.apply(reply)
        if not more:
            break
    assert log.count(bidan.database) == 240
    assert bidan.digests() == kader.digests()
    assert bidan.sync().incidents == ()


def test_what_shares_a_bucket_with_a_spoilt_entry_stays(server, pair):
    """A spoilt hash falls into a bucket with others: all of them are told again, and none goes with it."""
    kader, bidan = pair
    content = bidan.database.one("SELECT content FROM log WHERE seq = 200")[0]
    with bidan.database.atomic():
        bidan.database.run("UPDATE log SET content = ? WHERE seq = 3", (content[:1] + bytes(31),))
        bidan.database.run("UPDATE peer SET log_count = 0")
    assert set(bidan.sync().incidents) == {"log_differs"}
    assert bidan.database.number("SELECT count(*) FROM log WHERE ss IS NOT NULL") == 240
    assert bidan.digests() == kader.digests()
    assert bidan.database.number("SELECT count(*) FROM displaced") == 1, "the spoilt one alone gave way"
    assert bidan.sync().incidents == ()
    assert not mending.differs(bidan.database)


def test_what_cannot_be_mended_is_asked_for_once_a_day(server, pair):
    """A disk that spoils the same entry again and again."""
    _, bidan = pair

    def breaks():
        with bidan.database.atomic():
            bidan.database.run("UPDATE log SET content = randomblob(32) WHERE seq = 3")
            bidan.database.run("UPDATE peer SET log_count = 0")

    line = Watching(server.desk)
    for _ in range(3):
        breaks()
        bidan.sync(line)
    assert sum(request.get("repair") is not None for request in line.requests) == 1
    assert mending.differs(bidan.database)
    bidan.clock.move(timedelta(hours=25))
    again = Watching(server.desk)
    bidan.sync(again)
    assert sum(request.get("repair") is not None for request in again.requests) == 1
    assert not mending.differs(bidan.database)
    assert bidan.sync().incidents == ()


def test_rows_that_differ_are_made_anew_and_both_sides_know(server, pair):
    kader, bidan = pair
    with bidan.database.atomic():
        bidan.database.run("UPDATE child SET name = 'Salah', digest = randomblob(32) WHERE n = 1")
        spoilt = bidan.database.one("SELECT id FROM child WHERE n = 1")[0]
        bidan.database.run("UPDATE row_sum SET sum = randomblob(32) WHERE kind = 'child'")
    done = bidan.sync()
    assert done.incidents == ("rows_differ",)
    assert spoilt in done.changed, "an open screen shows what was mended"
    assert bidan.database.number("SELECT count(*) FROM child WHERE name = 'Salah'") == 0
    assert bidan.database.number("SELECT count(*) FROM child_search") == 120
    assert bidan.digests() == kader.digests()
    assert bidan.sync().incidents == ()
    assert "rows_differ" in told(server)


def test_whatever_did_not_agree_is_told_to_the_server_once(server, pair):
    _, bidan = pair
    for number in range(120):
        incidents.note(bidan.database, "rows_differ", "2026-11-23T10:00:00+07:00", str(number))
    line = Watching(server.desk)
    for _ in range(5):
        bidan.sync(line)
    said = [one["detail"] for request in line.requests for one in request.get("incidents", [])]
    assert said == [str(number) for number in range(120)]
    assert "rows_differ" in told(server)


def test_the_own_log_is_not_touched_by_a_repair(server, pair):
    kader, _ = pair
    before = kader.database.rows("SELECT replica, seq, envelope, payload, hash FROM log ORDER BY seq")
    with kader.database.atomic():
        kader.database.run("UPDATE log SET ss = NULL WHERE seq = 5")
        kader.database.run("UPDATE peer SET log_count = log_count - 1")
    assert "log_differs" in kader.sync().incidents
    assert kader.database.rows("SELECT replica, seq, envelope, payload, hash FROM log ORDER BY seq") == before
    assert kader.sync().incidents == ()
    assert kader.status.unsent == 0
