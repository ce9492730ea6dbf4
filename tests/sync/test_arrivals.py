"""When a weighing came to the server: known at the Dinas and the puskesmas, never guessed."""

from datetime import UTC, date, datetime, timedelta

from msgspec import UNSET, structs

from posyandu_app.domain.merge import Known
from posyandu_app.storage import arrivals, log, peer, projection
from posyandu_app.sync import wire
from posyandu_app.sync.signing import sign_message
from tests.district.server import POSYANDU, START_MS, VILLAGE

KABUPATEN = POSYANDU[:5]
SENT_ON = datetime.fromtimestamp(START_MS / 1000, UTC).date()
DAY_MS = 24 * 60 * 60 * 1000


def came(laptop, measurement: str) -> date | None:
    (day,) = laptop.database.one("SELECT came FROM measurement WHERE id = ?", (measurement,))
    return None if day is None else date.fromordinal(day)


def later(server, days: int, *others) -> None:
    server.time.move(days * DAY_MS)
    for laptop in others:
        laptop.clock.move(timedelta(days=days))


def test_the_dinas_knows_on_which_day_each_weighing_came(make, server):
    kader, dinas = make(), make(KABUPATEN)
    first = kader.weigh(child := kader.register())
    kader.sync()
    later(server, 12, kader, dinas)
    second = kader.weigh(child)
    kader.sync()
    dinas.sync()
    assert came(dinas, first) == SENT_ON
    assert came(dinas, second) == SENT_ON + timedelta(days=12)


def test_who_only_follows_children_up_is_not_told_and_nothing_is_guessed(make, server):
    kader, bidan = make(), make(VILLAGE)
    weighed = kader.weigh(kader.register())
    kader.sync()
    bidan.sync()
    assert came(bidan, weighed) is None
    assert came(kader, weighed) is None


def test_a_correction_leaves_the_day_on_which_the_weighing_came(make, server):
    kader, dinas = make(), make(KABUPATEN)
    weighed = kader.weigh(kader.register())
    key = [kader.database.replica, 2]
    kader.sync()
    dinas.sync()
    later(server, 5, kader, dinas)
    kader.log(
        "measurement.correct",
        weighed,
        {"set": {"weight_g": {"v": 8600, "base": key}}, "reason": "salah baca"},
    )
    kader.sync()
    dinas.sync()
    assert dinas.weight(weighed) == 8600
    assert came(dinas, weighed) == SENT_ON


def test_rows_made_anew_still_say_when_they_came(make, server):
    kader, dinas = make(), make(KABUPATEN)
    weighed = [kader.weigh(kader.register()) for _ in range(3)]
    kader.sync()
    dinas.sync()
    projection.rebuild(dinas.database)
    assert {came(dinas, one) for one in weighed} == {SENT_ON}
    projection.reproject(dinas.database, ["measurement"])
    assert {came(dinas, one) for one in weighed} == {SENT_ON}


def test_a_history_told_in_small_pages_is_known_whole(make, server):
    kader, dinas = make(), make(KABUPATEN)
    child = kader.register()
    weighed = [kader.weigh(child, 8000 + step) for step in range(20)]
    kader.sync()
    for _ in range(8):
        dinas.engine.apply(dinas.transport.exchange(dinas.engine.prepare(3).body))
    assert {came(dinas, one) for one in weighed} == {SENT_ON}


def test_an_older_server_tells_no_day_and_the_day_is_taken_in_when_it_is_told_later(make, server):
    """A laptop that heard the weighing without its day learns it when the server tells it again."""
    kader, dinas = make(), make(KABUPATEN)
    weighed = kader.weigh(kader.register())
    kader.sync()
    dinas.sync(Without(dinas.transport, server, "came"))
    assert came(dinas, weighed) is None
    peer.hear_again(dinas.database)
    dinas.sync()
    assert came(dinas, weighed) == SENT_ON


def test_the_day_is_that_of_the_place_where_the_child_was_weighed(make, server):
    """23:30 UTC is the next morning at the posyandu; its stamps say +07:00."""
    kader, dinas = make(), make(KABUPATEN)
    weighed = kader.weigh(kader.register())
    (entry,) = log.entries_of(kader.database, weighed)
    evening = 1_795_390_200_000  # 2026-11-22T23:30Z
    arrivals.note(dinas.database, [arrivals.Came("aaaa", 1, 5, evening)])

    def days(seq: int, offset: str) -> list[int | None]:
        written = entry.operation.but(seq=seq, at=f"{entry.operation.at[:19]}{offset}")
        return arrivals.days(dinas.database, [Known("aaaa", entry.eff, written)])

    assert days(1, "+00:00") == [date(2026, 11, 22).toordinal()]
    assert days(1, "+07:00") == [date(2026, 11, 23).toordinal()]
    assert days(6, "+07:00") == [None]


class Without:
    """A server of before: its pages lack what was added later."""

    def __init__(self, transport, server, name: str) -> None:
        self._transport, self._server, self._name = transport, server, name
        self.url = transport.url

    def exchange(self, body: bytes) -> bytes:
        told = wire.decode(self._transport.exchange(body), wire.Reply)
        feed = structs.replace(told.feed, **{self._name: []})
        reply = structs.replace(told, feed=feed, signature=UNSET)
        return sign_message(reply, self._server.district.keys.sign)

    def enrol(self, body: bytes) -> bytes:
        return self._transport.enrol(body)
