"""The laptop's half: nothing is lost, doubled or believed unsigned, whatever happens on the way."""

import json
import threading
import uuid
from datetime import datetime, timedelta

import pytest

from posyandu_app.district import admin
from posyandu_app.domain.errors import UserError
from posyandu_app.storage import children, log, peer
from posyandu_app.sync import stretches
from posyandu_app.sync.conversation import exchange_all, next_batch
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.enrolment import enrol
from posyandu_app.sync.signing import Keys, sign_message
from posyandu_app.sync.trouble import Gap, NotEnrolled, Offline, Portal, Refused, TooLarge
from tests.district import server as servers
from tests.district.server import OTHER_POSYANDU, OTHER_VILLAGE, POSYANDU, VILLAGE, Wire
from tests.sync.laptops import Laptop
from tests.sync.sticks import UsbStick


class Lossy(Wire):
    """Carries requests; loses the replies it is told to lose, after the server has answered."""

    def __init__(self, desk, lose: int = 10**9) -> None:
        super().__init__(desk)
        self.lose = lose
        self.replies: list[bytes] = []
        self.requests: list[bytes] = []

    def exchange(self, body: bytes) -> bytes:
        self.requests.append(body)
        reply = super().exchange(body)
        self.replies.append(reply)
        if self.lose > 0:
            self.lose -= 1
            raise Offline
        return reply


def agree(server, *laptops: Laptop) -> None:
    """All rows of the laptops and of the server are the same."""
    digests = {kind: tuple(pair) for kind, pair in server.status().digests.items()}
    for laptop in laptops:
        assert laptop.digests() == digests


def test_two_laptops_and_the_server_agree(server, make):
    kader, bidan = make(), make(VILLAGE)
    for number in range(30):
        kader.weigh(kader.register(f"Anak {number}"))
    assert kader.sync().sent == 60
    assert bidan.sync().received == 60
    agree(server, kader, bidan)
    child = bidan.database.rows("SELECT id FROM child ORDER BY id")[0][0]
    bidan.scope = POSYANDU
    bidan.edit(child, "name", "Nama Benar")
    bidan.sync()
    done = kader.sync()
    assert (done.received, done.changed) == (1, frozenset({child}))
    assert kader.value(child, "name") == "Nama Benar"
    agree(server, kader, bidan)


def test_nothing_to_say_and_nothing_to_hear_is_one_short_exchange(server, make):
    laptop = make()
    laptop.sync()
    wire = Lossy(server.desk, lose=0)
    done = laptop.sync(wire)
    assert (done.sent, done.received, done.incidents, len(wire.requests)) == (0, 0, (), 1)


def test_a_lost_reply_loses_and_doubles_nothing(server, make):
    laptop = make()
    laptop.weigh(laptop.register())
    with pytest.raises(Offline):
        laptop.sync(Lossy(server.desk))
    assert laptop.status.unsent == 2
    assert server.status().operations == 2
    laptop.weigh(laptop.register())
    done = laptop.sync()
    assert done.sent == 4
    assert server.status().statuses == {"applied": 4}
    assert laptop.statuses() == {"applied": 4}
    agree(server, laptop)


def test_an_edit_made_while_its_record_is_under_way_is_not_taken_for_sent(server, make):
    """F1."""
    laptop = make()
    child = laptop.register("Siti")
    outgoing = laptop.engine.prepare()
    laptop.edit(child, "name", "Siti Aminah")
    laptop.engine.apply(server.desk.exchange(outgoing.body))
    assert laptop.status.unsent == 1
    laptop.sync()
    assert laptop.status.unsent == 0
    agree(server, laptop)


def test_a_reply_applied_twice_late_or_out_of_order_changes_nothing_more(server, make):
    kader, bidan = make(), make(VILLAGE)
    wire = Lossy(server.desk, lose=0)
    for number in range(3):
        kader.register(f"Anak {number}")
        kader.sync()
        bidan.sync(wire)
    cursor, acked = bidan.peer.cursor, bidan.peer.acked
    before = bidan.digests()
    for reply in [*wire.replies, *reversed(wire.replies)]:
        bidan.engine.apply(reply)
    assert (bidan.peer.cursor, bidan.peer.acked) == (cursor, acked)
    assert bidan.digests() == before
    assert bidan.sync().incidents == ()
    agree(server, kader, bidan)


def test_an_older_reply_never_lowers_the_watermark(server, make):
    laptop = make()
    wire = Lossy(server.desk, lose=0)
    laptop.register()
    laptop.sync(wire)
    laptop.register()
    laptop.sync(wire)
    received_at = laptop.peer.last_received_at
    laptop.engine.apply(wire.replies[0])
    assert laptop.peer.acked == 2
    assert laptop.peer.last_received_at == received_at


def test_two_requests_on_the_way_at_once_may_answer_in_any_order(server, make):
    laptop = make()
    laptop.register()
    first = laptop.engine.prepare()
    laptop.register()
    second = laptop.engine.prepare()
    late = server.desk.exchange(second.body)
    early = server.desk.exchange(first.body)
    laptop.engine.apply(early)
    assert laptop.peer.acked == 1  # all that this answer proves to be the own log
    laptop.engine.apply(late)
    assert laptop.peer.acked == 2
    assert laptop.statuses() == {"applied": 2}
    laptop.sync()
    agree(server, laptop)


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<html>Selamat datang di Wi-Fi</html>",
        b"{}",
        b"null",
        b'{"status":"ok"}',
        b"\xff",
        b"[" * 10_000,
    ],
)
def test_an_answer_that_is_not_the_servers_changes_nothing(server, make, page):
    """A captive portal's 200 (F21)."""
    laptop = make()
    laptop.register()

    class Portals(Wire):
        def exchange(self, body: bytes) -> bytes:
            return page

    with pytest.raises(Portal):
        laptop.sync(Portals(server.desk))
    assert laptop.status.unsent == 1
    assert laptop.peer.cursor == 0


def test_a_reply_signed_by_another_server_or_for_another_laptop_or_altered_is_not_believed(server, make):
    laptop, other = make(), make()
    laptop.register()
    outgoing = laptop.engine.prepare()
    reply = server.desk.exchange(outgoing.body)
    message = json.loads(reply)
    del message["signature"]
    from posyandu_app.sync import wire

    forged = sign_message(wire.decode(reply, wire.Reply).__class__(**_parts(reply)), Keys.generate().sign)
    for body in (forged, reply.replace(b'"have":{', b'"have": {"x":1,', 1), reply[:-1], reply[1:]):
        with pytest.raises(Portal):
            laptop.engine.apply(body)
    with pytest.raises(Portal):
        other.engine.apply(reply)
    assert laptop.status.unsent == 1


def _parts(reply: bytes) -> dict:
    import msgspec

    from posyandu_app.sync import wire

    told = wire.decode(reply, wire.Reply)
    parts = {field.name: getattr(told, field.name) for field in msgspec.structs.fields(told)}
    return parts | {"signature": msgspec.UNSET}


def test_every_altered_byte_of_a_reply_is_noticed(server, make):
    import random

    laptop = make()
    laptop.register()
    reply = server.desk.exchange(laptop.engine.prepare().body)
    chance = random.Random(7)
    for _ in range(200):
        place = chance.randrange(len(reply))
        altered = reply[:place] + bytes([reply[place] ^ (1 << chance.randrange(7))]) + reply[place + 1 :]
        with pytest.raises(Portal):
            laptop.engine.apply(altered)
    assert laptop.status.unsent == 1


def test_held_and_quarantined_stay_visible_with_their_reason_and_are_applied_later(server, make):
    kader, bidan = make(), make(VILLAGE)
    bidan.scope = POSYANDU
    child = kader.register()
    measurement = bidan.weigh(child)
    bidan.log("recommendation.record", str(uuid.uuid4()), {"child": child, "text": "PMT"})
    done = bidan.sync()
    assert done.statuses == {"held": 1, "quarantined": 1}
    assert (bidan.status.unsent, bidan.status.held, bidan.status.quarantined) == (0, 1, 1)
    assert bidan.weight(measurement) == 8400
    why = bidan.database.rows("SELECT why, ref, message FROM log ORDER BY seq")
    assert why[0] == ("unknown_child", child, "Menunggu data anaknya sampai di Dinas.")
    assert why[1][0] == "server_owned"
    kader.sync()
    bidan.sync()
    assert (bidan.status.held, bidan.status.quarantined) == (0, 1)
    assert bidan.statuses()["applied"] == 2


def test_a_conflict_is_listed_on_every_laptop_with_one_winner(server, make):
    kader, bidan = make(), make(VILLAGE)
    bidan.scope = POSYANDU
    child = kader.register("Siti")
    kader.sync()
    bidan.sync()
    kader.edit(child, "name", "Siti Aminah")
    bidan.clock.move(timedelta(minutes=1))
    bidan.edit(child, "name", "Siti Aisyah")
    for laptop in (kader, bidan, kader, bidan):
        server.time.move(120_000)
        laptop.sync()
    agree(server, kader, bidan)
    assert kader.value(child, "name") == bidan.value(child, "name") == "Siti Aisyah"
    for laptop in (kader, bidan):
        assert laptop.database.rows("SELECT kind, entity, field FROM dispute") == [("child", child, "name")]
        assert laptop.status.conflicts == 1


def test_edits_of_different_fields_both_stand(server, make):
    """F6: nobody drops another's fields."""
    kader, bidan = make(), make(VILLAGE)
    bidan.scope = POSYANDU
    child = kader.register("Siti", phone="0812")
    kader.sync()
    bidan.sync()
    kader.edit(child, "phone", "0813")
    bidan.edit(child, "mother_name", "Aminah")
    for laptop in (kader, bidan, kader):
        laptop.sync()
    agree(server, kader, bidan)
    assert (kader.value(child, "phone"), kader.value(child, "mother_name")) == ("0813", "Aminah")


def test_what_an_old_version_does_not_know_passes_through_it(server, make):
    """F13: and survives its edits."""
    newer, older = make(VILLAGE), make()
    newer.scope = POSYANDU
    child = newer.register("Siti", hobby={"deep": ["catur"]})
    newer.log("teleposyandu.call", str(uuid.uuid4()), {"child": child, "minutes": 12})
    newer.sync()
    older.sync()
    older.edit(child, "phone", "0813")
    older.sync()
    newer.sync()
    assert newer.value(child, "hobby") == {"deep": ["catur"]}
    agree(server, newer, older)
    assert older.database.number("SELECT count(*) FROM log WHERE type = 'teleposyandu.call'") == 1


def test_a_restored_server_gets_everything_again(server, make):
    """Rule 16, F4: nothing is missing afterwards."""
    kader, bidan = make(), make(VILLAGE)
    bidan.scope = POSYANDU
    kader.weigh(kader.register("Sebelum"))
    kader.sync()
    bidan.sync()
    backup = servers.back_up(server)
    child = kader.register("Sesudah")
    kader.sync()
    bidan.sync()
    bidan.weigh(child)
    bidan.sync()
    kader.sync()
    servers.put_back(server, backup)
    admin.restored(server.store)
    assert server.status().operations == 2
    assert "new_epoch" in bidan.sync().incidents
    assert server.status().statuses == {"applied": 2, "held": 1}
    done = kader.sync()
    assert done.incidents == ("new_epoch",)
    bidan.sync()
    kader.sync()
    assert server.status().statuses == {"applied": 4}
    assert bidan.status.unsent == kader.status.unsent == 0
    agree(server, kader, bidan)
    assert kader.sync().incidents == ()


def test_a_server_that_forgot_without_saying_so_gets_everything_again_too(server, make):
    """A backup put back without `district restored`: watermark and sums tell, and both are mended."""
    kader, bidan = make(), make(VILLAGE)
    kader.register("Sebelum")
    kader.sync()
    bidan.sync()
    backup = servers.back_up(server)
    for _ in range(3):
        kader.register("Sesudah")
    kader.sync()
    bidan.sync()
    servers.put_back(server, backup)
    done = kader.sync()
    assert "have_fell" in done.incidents
    assert server.status().operations == 4
    bidan.sync()
    kader.sync()
    agree(server, kader, bidan)
    assert kader.sync().incidents == bidan.sync().incidents == ()


def test_a_late_reply_of_an_older_history_is_not_believed(server, make):
    laptop = make()
    wire = Lossy(server.desk, lose=0)
    laptop.register()
    laptop.sync(wire)
    admin.restored(server.store)
    laptop.sync(wire)
    epoch = laptop.peer.epoch
    assert laptop.engine.apply(wire.replies[0]).incidents == ()
    assert laptop.peer.epoch == epoch
    assert laptop.peer.acked == 1


HOUR_MS = 60 * 60 * 1000
YEAR_MS = 365 * 24 * HOUR_MS


@pytest.mark.parametrize("by_stick", [False, True], ids=["line", "stick"])
def test_a_server_whose_clock_was_a_year_ahead_goes_on_when_it_is_set_right(server, make, tmp_path, by_stick):
    """Its later answers carry earlier times; what they tell of areas, sums and histories counts."""
    kader, bidan = make(), make(VILLAGE)
    stick = UsbStick(tmp_path / "flashdisk")

    def exchange(laptop) -> tuple[str, ...]:
        if by_stick:
            return stick.round_trip(laptop, server).exchanged.incidents
        return laptop.sync().incidents

    child = kader.register()
    server.time.move(YEAR_MS)
    for laptop in (kader, bidan):
        exchange(laptop)
    server.time.move(-YEAR_MS)
    backup = servers.back_up(server)
    first = kader.weigh(child, 8400)
    for laptop in (kader, bidan):
        assert exchange(laptop) == ()
    assert kader.peer.last_received_at.startswith("2026-11-1")
    assert "2027" not in kader.status.message
    admin.rescope(server.district, server.store, bidan.peer.device, "32.11.13")
    assert "new_scope" in exchange(bidan)

    server.time.move(YEAR_MS)
    for laptop in (kader, bidan):
        exchange(laptop)
    server.time.move(-YEAR_MS)
    servers.put_back(server, backup)
    admin.restored(server.store)
    second = kader.weigh(child, 8500)
    assert "new_epoch" in exchange(kader)
    exchange(bidan)
    for laptop in (kader, bidan, kader):
        exchange(laptop)
    assert kader.status.unsent == 0
    assert (bidan.weight(first), bidan.weight(second)) == (8400, 8500)
    agree(server, kader, bidan)
    assert exchange(kader) == exchange(bidan) == ()


def test_an_answer_made_while_the_servers_clock_was_ahead_and_carried_about_since_lowers_nothing(
    server, make, tmp_path
):
    """Its time is later than that of all that was heard since, over the line."""
    laptop, stick = make(), UsbStick(tmp_path / "flashdisk")
    child = laptop.register()
    server.time.move(YEAR_MS)
    laptop.sync()
    stick.export(laptop)
    stick.serve(server)
    server.time.move(-YEAR_MS)
    laptop.sync()
    laptop.weigh(child, 8400)
    laptop.sync()
    assert stick.take(laptop).exchanged.incidents == ()
    assert laptop.status.unsent == 0
    assert "2027" not in laptop.status.message
    agree(server, laptop)


def test_the_answer_on_a_stick_is_late_after_one_that_a_proxy_had_kept(server, make, tmp_path):
    """What the line told meanwhile counts, also as the answer to a question that nobody remembers."""
    laptop, stick = make(), UsbStick(tmp_path / "flashdisk")
    child = laptop.register()
    stick.export(laptop)
    stick.serve(server)
    server.time.move(HOUR_MS)
    laptop.weigh(child, 8400)
    kept = server.desk.exchange(laptop.engine.prepare().body)
    again = Engine(laptop.database, laptop.clock)  # the app was closed and started again
    assert again.apply(kept).incidents == ()
    assert stick.take(laptop).exchanged.incidents == ()
    assert laptop.status.unsent == 0


def test_an_answer_to_an_earlier_question_is_late_by_its_time(server, make):
    """Two requests on their way, answered the wrong way round with a new history between the two."""
    laptop = make()
    laptop.register()
    laptop.sync()
    first = laptop.engine.prepare()
    early = server.desk.exchange(first.body)
    admin.restored(server.store)
    second = laptop.engine.prepare()
    laptop.engine.apply(server.desk.exchange(second.body))
    epoch = laptop.peer.epoch
    assert laptop.engine.apply(early).incidents == ()
    assert laptop.peer.epoch == epoch


def test_a_gap_is_filled_from_where_the_server_says(server, make):
    laptop = make()
    for _ in range(5):
        laptop.register()
    with laptop.database.atomic():
        peer.acknowledge(laptop.database, 3, "2026-11-18T00:00:00+00:00")  # believed too much
    done = laptop.sync()
    assert server.status().statuses == {"applied": 5}
    assert laptop.status.unsent == 0
    assert done.more is False


def test_a_server_that_tells_of_gaps_for_ever_is_given_up(server, make):
    laptop = make()
    laptop.register()

    class Gaps(Wire):
        def exchange(self, body: bytes) -> bytes:
            raise Gap({})

    with pytest.raises(Gap):
        laptop.sync(Gaps(server.desk))


def test_batches_halve_when_too_large_and_grow_again(server, make):
    laptop = make()
    for number in range(120):
        laptop.register(f"Anak {number}")
    sizes: list[int] = []

    class Narrow(Wire):
        def exchange(self, body: bytes) -> bytes:
            count = sum(len(segment["ops"]) for segment in json.loads(body)["segments"])
            sizes.append(count)
            if count > 30:
                raise TooLarge
            return super().exchange(body)

    laptop.sync(Narrow(server.desk))
    assert sizes[:3] == [50, 25, 95]
    assert server.status().operations == 120
    agree(server, laptop)


def test_one_operation_that_is_too_large_alone_is_told(server, make):
    laptop = make()
    laptop.register()

    class Closed(Wire):
        def exchange(self, body: bytes) -> bytes:
            raise TooLarge

    with pytest.raises(TooLarge):
        laptop.sync(Closed(server.desk))
    assert laptop.status.unsent == 1


@pytest.mark.parametrize(
    ("batch", "seconds", "following"),
    [
        (50, 1.0, 200),
        (50, 0.1, 750),
        (50, 0.0, 2000),
        (2000, 0.1, 2000),
        (400, 2.0, 400),
        (400, 9.0, 200),
        (1, 60.0, 1),
    ],
)
def test_batches_aim_at_a_round_trip_of_three_seconds(batch, seconds, following):
    assert next_batch(batch, seconds) == following


def test_while_an_answer_is_taken_in_the_next_request_is_on_its_way(server, make):
    """Laptop and server work at the same time; all arrives once and in order."""
    laptop = make()
    for number in range(700):
        laptop.register(f"Anak {number}")
    line, apply = Wire(server.desk), laptop.engine.apply
    exchange, second_asked, third_asked = line.exchange, threading.Event(), threading.Event()
    asked: list[bytes] = []

    def under_way(body):
        asked.append(body)
        (threading.Event(), second_asked, third_asked)[min(len(asked), 3) - 1].set()
        return exchange(body)

    def taken_in(reply):
        if second_asked.is_set():  # the first answer tells that nothing is to be filled; then it begins
            assert third_asked.wait(30), "the third request waits for the second answer to be taken in"
        return apply(reply)

    line.exchange, laptop.engine.apply = under_way, taken_in
    assert exchange_all(laptop.engine, line).sent == 700
    assert server.status().statuses == {"applied": 700}
    assert laptop.status.unsent == 0


def test_a_large_backlog_goes_in_growing_batches_and_can_be_stopped(server, make):
    laptop = make()
    for number in range(300):
        laptop.register(f"Anak {number}")
    seen: list[int] = []
    exchange_all(
        laptop.engine, Wire(server.desk), lambda total: seen.append(total.sent), lambda: len(seen) == 2
    )
    assert seen == [50, 250]
    assert laptop.status.unsent == 50
    laptop.sync()
    assert laptop.status.unsent == 0


def test_a_segment_stays_under_its_size_however_long_the_texts(server, make, monkeypatch):
    monkeypatch.setattr(stretches, "MAX_BYTES", 3000)
    laptop = make()
    for number in range(20):
        laptop.register(f"Anak {number}", address="Jalan " + "panjang " * 50)
    outgoing = laptop.engine.prepare(2000)
    assert 1 <= outgoing.count < 10
    laptop.sync()
    assert server.status().operations == 20


def test_a_clock_far_ahead_does_not_win_for_ever(server, make):
    """F7: and its owner's next edit is not lost either."""
    kader, bidan = make(), make(VILLAGE)
    bidan.scope = POSYANDU
    child = kader.register("Siti")
    kader.sync()
    bidan.sync()
    kader.clock.move(timedelta(days=800))
    kader.edit(child, "phone", "0800")
    kader.clock.move(timedelta(days=-800))
    kader.sync()
    bidan.sync()
    server.time.move(10 * 60_000)
    bidan.clock.move(timedelta(minutes=10))
    bidan.edit(child, "phone", "0811")
    bidan.sync()
    kader.sync()
    agree(server, kader, bidan)
    assert kader.value(child, "phone") == "0811"


def test_a_received_stamp_pushes_the_own_clock_at_most_five_minutes_beyond_the_server(server, make):
    kader, bidan = make(), make(VILLAGE)
    kader.clock.move(timedelta(days=800))
    child = kader.register("Siti")
    kader.clock.move(timedelta(days=-800))
    kader.sync()
    bidan.sync()
    bidan.scope = POSYANDU
    key = bidan.edit(child, "phone", "0811")
    stamp = log.entry(bidan.database, key).operation.hlc
    assert int(stamp[:12], 16) <= server.time.now + 5 * 60_000 + 1000


@pytest.mark.parametrize("year", [1970, 2000, 2038, 2100])
def test_no_clock_keeps_a_laptop_from_syncing(server, make, year):
    """F8."""
    laptop = make()
    laptop.clock.set(datetime(year, 1, 1, 12).astimezone())
    laptop.weigh(laptop.register())
    laptop.sync()
    assert server.status().statuses == {"applied": 2}
    agree(server, laptop)


def test_a_revoked_laptop_hands_over_and_is_told_to_wipe(server, make):
    """F22: what is unsent is handed over first."""
    laptop = make()
    laptop.register()
    laptop.sync()
    admin.revoke(server.store, laptop.peer.device)
    laptop.register()
    done = laptop.sync()
    assert done.wipe_ordered
    assert done.statuses["quarantined"] == 1
    assert server.status().operations == 2
    assert laptop.status.unsent == 0


def test_a_page_and_its_cursor_are_kept_together_or_not_at_all(server, make, monkeypatch):
    """F16: a power cut between the two cannot happen, a fault there leaves neither."""
    kader, bidan = make(), make(VILLAGE)
    kader.weigh(kader.register())
    kader.sync()

    def fails(database, cursor):
        raise OSError("power cut")

    monkeypatch.setattr(peer, "advance", fails)
    with pytest.raises(OSError, match="power"):
        bidan.sync()
    monkeypatch.undo()
    assert bidan.peer.cursor == 0
    assert bidan.database.number("SELECT count(*) FROM log") == 0
    assert bidan.sync().received == 2
    agree(server, kader, bidan)


def test_a_child_that_moves_takes_her_history_along(server, make):
    """F19."""
    old, new, above = make(), make(OTHER_VILLAGE), make("32.11")
    child = old.register("Pindah")
    measurement = old.weigh(child)
    for laptop in (old, new, above):
        laptop.sync()
    old.log("child.transfer", child, {"to": OTHER_VILLAGE, "date": "2026-11-18"})
    for laptop in (old, new, above):
        assert laptop.sync().incidents == ()
    assert new.weight(measurement) == 8400
    later = new.weigh(child, 8600)
    for laptop in (new, old, above):
        assert laptop.sync().incidents == ()
        assert laptop.weight(later) == 8600
    agree(server, above)


# joining


def test_a_laptop_without_a_server_says_so(make_alone):
    laptop = make_alone()
    with pytest.raises(NotEnrolled):
        laptop.engine.prepare()
    with pytest.raises(NotEnrolled):
        laptop.engine.apply(b"{}")


def test_a_lost_answer_to_the_enrolment_is_asked_for_again(server, make_alone):
    laptop, code = make_alone(), server.code(POSYANDU)

    class Loses(Wire):
        def enrol(self, body: bytes) -> bytes:
            super().enrol(body)
            raise Offline

    with pytest.raises(Offline):
        enrol(laptop.database, Loses(server.desk), code, "Laptop Melati 1")
    assert peer.load(laptop.database) is None
    enrol(laptop.database, Wire(server.desk), code.lower(), "Laptop Melati 1")
    assert [device.id for device in admin.devices(server.store)] == [laptop.peer.device]
    laptop.register()
    assert laptop.sync(Wire(server.desk)).sent == 1


def test_a_wrong_code_is_told_and_another_can_be_tried(server, make_alone):
    laptop = make_alone()
    with pytest.raises(Refused) as refused:
        enrol(laptop.database, Wire(server.desk), "AAAA-AAAA-AAAA", "Laptop")
    assert refused.value.word == "code_unknown"
    enrol(laptop.database, Wire(server.desk), server.code(POSYANDU), "Laptop")
    assert laptop.peer.scope == POSYANDU


@pytest.mark.parametrize("answer", [b"", b"<html>", b"{}", b'{"proto":1}'])
def test_an_answer_to_the_enrolment_that_is_not_signed_is_not_believed(server, make_alone, answer):
    laptop = make_alone()

    class Portals(Wire):
        def enrol(self, body: bytes) -> bytes:
            return answer

    with pytest.raises(Portal):
        enrol(laptop.database, Portals(server.desk), "AAAA-AAAA-AAAA", "Laptop")
    assert peer.load(laptop.database) is None


def test_an_answer_meant_for_another_laptop_is_not_believed(server, make_alone):
    first, second = make_alone(), make_alone()
    answers: list[bytes] = []

    class Mixed(Wire):
        def enrol(self, body: bytes) -> bytes:
            answers.append(super().enrol(body))
            return answers[0]

    enrol(first.database, Mixed(server.desk), server.code(POSYANDU), "Satu")
    with pytest.raises(Portal):
        enrol(second.database, Mixed(server.desk), server.code(POSYANDU), "Dua")


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\x00b"])
def test_a_laptop_needs_a_name(server, make_alone, name):
    with pytest.raises(UserError, match="nama laptop"):
        enrol(make_alone().database, Wire(server.desk), server.code(POSYANDU), name)


@pytest.mark.parametrize("code", ["", " - ", "x" * 101])
def test_a_code_must_be_typed(server, make_alone, code):
    with pytest.raises(UserError, match="kode"):
        enrol(make_alone().database, Wire(server.desk), code, "Laptop")


def test_a_code_for_another_area_than_the_data_here_is_refused(server, make_alone):
    laptop = make_alone()
    laptop.database.set_meta("scope", POSYANDU)
    with pytest.raises(UserError, match=POSYANDU):
        enrol(laptop.database, Wire(server.desk), server.code(OTHER_POSYANDU), "Laptop")
    assert peer.load(laptop.database) is None
    enrol(laptop.database, Wire(server.desk), server.code(POSYANDU), "Laptop")


def test_enrolled_again_a_laptop_sends_what_the_server_lacks_and_goes_on(server, make):
    laptop = make()
    laptop.register()
    laptop.sync()
    server.time.move(60_000)
    enrol(laptop.database, Wire(server.desk), server.code(POSYANDU), "Laptop, sekali lagi")
    laptop.register()
    assert laptop.sync().incidents == ()
    assert server.status().statuses == {"applied": 2}
    agree(server, laptop)


def test_a_name_with_hidden_signs_of_before_is_put_aside_and_everything_else_is_sent(server, make):
    """Nothing that a laptop holds becomes unreadable for it, and nothing waits behind it."""
    kader, bidan = make(), make(VILLAGE)
    old = kader.register("Siti\u202eAminah")
    new = kader.register("Siti Aminah")
    kader.weigh(new)
    done = kader.sync()
    assert done.statuses == {"quarantined": 1, "applied": 2}
    assert (kader.status.unsent, kader.status.quarantined) == (0, 1)
    assert [child.name for child in children.of_ids(kader.database, [old])] == ["Siti\u202eAminah"]
    kader.edit(old, "name", "Siti Aminah Dua")
    kader.weigh(new)
    assert kader.sync().statuses == {"quarantined": 1, "held": 1, "applied": 1}
    bidan.sync()
    assert bidan.database.number("SELECT count(*) FROM child") == 1
