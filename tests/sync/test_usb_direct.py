"""From posyandu to midwife by stick, without any server, and on to the server by whoever gets there first."""

import random
import shutil
import uuid
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import text

from posyandu_app.district import admin
from posyandu_app.domain.merge import Known
from posyandu_app.storage import carried, log, peer, projection
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import ForkedLog
from posyandu_app.sync import cards, direct, enrolment, wire
from posyandu_app.sync import stick as sticks
from posyandu_app.sync.signing import Keys, sign_message, sign_segment
from tests.district import server as servers
from tests.district.server import OTHER_POSYANDU, OTHER_VILLAGE, POSYANDU, VILLAGE
from tests.sync.laptops import KEY, Laptop
from tests.sync.sticks import UsbStick, agree, another_district, many

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def stick(tmp_path):
    return UsbStick(tmp_path / "flashdisk")


@pytest.fixture
def another(tmp_path):
    """Makes further sticks."""
    made = iter(range(1000))
    return lambda: UsbStick(tmp_path / f"flashdisk-{next(made)}")


@pytest.fixture
def kader(make):
    return make()


@pytest.fixture
def bidan(make):
    bidan = make(VILLAGE)
    bidan.scope = POSYANDU
    return bidan


def keys_of(laptop: Laptop) -> Keys:
    return enrolment.device_keys(laptop.database)


def hand_over(stick: UsbStick, giver: Laptop, reader: Laptop):
    """The reader's card on the stick, the giver's export, the reader's import."""
    stick.export(reader)
    done = stick.export(giver)
    assert done.handed
    return stick.take(reader)


# the way


def test_a_midwife_sees_the_posyandus_records_without_any_server(server, kader, bidan, stick):
    stick.export(bidan)
    child = kader.register("Siti")
    measurement = kader.weigh(child)
    done = stick.export(kader)
    assert [(item.who, item.operations) for item in done.handed] == [("bidan 32.11.13.2005", 2)]
    assert done.message.endswith("Untuk laptop bidan 32.11.13.2005: 2 data.")
    taken = stick.take(bidan)
    assert taken.message == "Dari laptop kader 32.11.13.2005.001: 2 data baru; belum sampai di Dinas."
    assert taken.changed == {child, measurement}
    assert bidan.value(child, "name") == "Siti"
    assert bidan.weight(measurement) == 8400
    assert server.status().operations == 0
    assert bidan.status.carried == 2
    assert bidan.status.message == (
        "Belum pernah tersambung dengan Dinas; 0 data menunggu dikirim. "
        "2 dari laptop lain belum sampai di Dinas"
    )
    assert kader.status.unsent == 2, "only the Dinas acknowledges"
    assert stick.direct == []


def test_the_midwife_carries_them_on_and_they_stay_their_authors(server, kader, bidan, stick):
    kader.weigh(kader.register("Siti"))
    hand_over(stick, kader, bidan)
    bidan.sync()
    assert bidan.statuses() == {"applied": 2}
    assert (bidan.status.carried, carried.waiting(bidan.database)) == (0, [])
    assert bidan.status.message.startswith("Semua data sudah diterima Dinas")
    with server.store.read() as connection:
        rows = connection.execute(text("SELECT device, carrier FROM segment")).all()
    assert rows == [(kader.peer.device, bidan.peer.device)]
    done = kader.sync()
    assert done.sent == 2
    assert kader.statuses() == {"applied": 2}
    assert server.status().statuses == {"applied": 2}
    agree(server, kader, bidan)
    assert bidan.sync().incidents == kader.sync().incidents == ()


def test_the_midwife_carries_them_on_by_stick_too(server, kader, bidan, stick, another):
    kader.weigh(kader.register("Siti"))
    hand_over(stick, kader, bidan)
    further = another()
    bidan.register("Dicatat bidan")
    assert further.export(bidan).operations == 1
    assert further.serve(server).laptops[bidan.peer.device].operations == 3
    further.take(bidan)
    assert bidan.statuses() == {"applied": 3}
    assert carried.waiting(bidan.database) == []
    further.round_trip(kader, server)
    agree(server, kader, bidan)


def test_the_server_hears_it_from_the_posyandu_first(server, kader, bidan, stick):
    kader.weigh(kader.register("Siti"))
    hand_over(stick, kader, bidan)
    kader.sync()
    done = bidan.sync()
    assert done.incidents == ()
    assert bidan.statuses() == {"applied": 2}
    assert carried.waiting(bidan.database) == []
    agree(server, kader, bidan)


def test_the_midwife_works_on_with_what_came_and_all_of_it_reaches_the_server(server, kader, bidan, stick):
    child = kader.register("Siti")
    hand_over(stick, kader, bidan)
    bidan.edit(child, "name", "Siti Aminah")
    bidan.weigh(child)
    stick.export(bidan)
    stick.serve(server)
    stick.take(bidan)
    assert bidan.status.held == 0
    assert server.status().statuses == {"applied": 3}
    kader.sync()
    assert kader.value(child, "name") == "Siti Aminah"
    agree(server, kader, bidan)


def test_her_answer_goes_back_the_same_way_and_only_what_the_posyandu_may_read(server, kader, make, stick):
    bidan = make(VILLAGE)
    other = make(OTHER_POSYANDU)
    child = kader.register("Siti")
    hand_over(stick, kader, bidan)
    bidan.scope = POSYANDU
    bidan.edit(child, "name", "Siti Aminah")
    bidan.scope = OTHER_POSYANDU
    elsewhere = bidan.register("Anak posyandu lain")
    bidan.scope = POSYANDU
    bidan.weigh(child)
    stick.export(kader)
    stick.export(other)
    done = stick.export(bidan)
    assert sorted(item.operations for item in done.handed) == [1, 2]
    stick.take(kader)
    stick.take(other)
    assert kader.value(child, "name") == "Siti Aminah"
    assert kader.value(elsewhere, "name") is None
    assert other.value(elsewhere, "name") == "Anak posyandu lain"
    assert other.value(child, "name") is None
    assert kader.statuses() == {"local": 1, "carried": 2}
    for laptop in (kader, other, bidan, kader, other):
        assert laptop.sync().incidents == ()
    assert server.status().statuses == {"applied": 4}
    agree(server, bidan)


def test_nothing_is_handed_to_a_laptop_of_another_area(server, kader, make, stick):
    stranger = make(OTHER_VILLAGE)
    stick.export(stranger)
    kader.register()
    assert stick.export(kader).handed == ()
    assert stick.direct == []
    assert cards.known(kader.database, kader.peer) == {}


def test_a_laptop_that_was_met_once_is_sealed_for_without_its_card(server, kader, bidan, stick, another):
    stick.export(bidan)
    stick.export(kader)
    kader.register("Siti")
    fresh = another()
    assert [item.operations for item in fresh.export(kader).handed] == [1]
    assert [item.operations for item in fresh.take(bidan).handed] == [1]


def test_only_what_the_card_says_is_lacking_is_handed_over(server, kader, bidan, stick):
    kader.register("Pertama")
    kader.sync()
    kader.register("Kedua")
    assert [item.operations for item in hand_over(stick, kader, bidan).handed] == [2]
    kader.register("Ketiga")
    assert [item.operations for item in stick.export(kader).handed] == [1]
    stick.take(bidan)
    assert stick.export(kader).handed == ()


def test_a_midwife_without_network_gets_what_the_dinas_has_already(server, kader, bidan, stick):
    for number in range(3):
        kader.register(f"Anak {number}")
    kader.sync()
    assert [item.operations for item in hand_over(stick, kader, bidan).handed] == [3]
    assert bidan.status.carried == 3
    bidan.sync()
    assert bidan.status.carried == 0
    agree(server, kader, bidan)


def test_what_came_is_handed_further_with_its_authors_signature(server, kader, bidan, make, stick, another):
    tpg = make("32.11.13")
    kader.weigh(kader.register("Siti"))
    hand_over(stick, kader, bidan)
    further = another()
    assert [item.operations for item in hand_over(further, bidan, tpg).handed] == [2]
    assert {stretch.device for stretch in carried.waiting(tpg.database)} == {kader.peer.device}
    tpg.sync()
    assert server.status().statuses == {"applied": 2}
    for laptop in (bidan, kader):
        assert laptop.sync().incidents == ()
    agree(server, kader, bidan, tpg)


def test_handed_over_twice_late_and_mixed_with_the_feed_it_is_there_once(
    server, kader, bidan, stick, tmp_path
):
    stick.export(bidan)
    dice = random.Random(2)
    kept: list[UsbStick] = []
    child = kader.register("Siti")
    for number in range(6):
        kader.edit(child, "phone", f"081{number}")
        kader.weigh(child, 8000 + number)
        stick.export(kader)
        kept.append(stick.copy(tmp_path / f"salinan-{number}"))
        if number == 3:
            kader.sync()
    for number in [*range(6), *range(6)]:
        dice.choice(kept).copy(tmp_path / f"{number}-{dice.random()}").take(bidan)
        if number == 4:
            bidan.sync()
    for one in reversed(kept):
        one.take(bidan)
    assert bidan.value(child, "phone") == "0815"
    before = bidan.digests()
    for laptop in (bidan, kader, bidan):
        assert laptop.sync().incidents == ()
    assert bidan.digests() == before
    assert bidan.statuses() == {"applied": 13}
    agree(server, kader, bidan)


def test_a_large_hand_over_goes_in_stretches_that_any_exchange_can_carry(server, kader, bidan, stick):
    many(kader, 900)
    hand_over(stick, kader, bidan)
    waiting = carried.waiting(bidan.database)
    assert [stretch.last_seq - stretch.first + 1 for stretch in waiting] == [200] * 4 + [100]
    sizes: list[int] = []

    class Line(servers.Wire):
        def exchange(self, body: bytes) -> bytes:
            sizes.append(sum(len(s.ops) for s in wire.decode(body, wire.Request).segments))
            return super().exchange(body)

    bidan.sync(Line(server.desk))
    assert sum(sizes) == 900
    assert server.status().statuses == {"applied": 900}
    assert bidan.status.carried == 0
    agree(server, bidan)


@pytest.mark.parametrize("by_stick", [True, False], ids=["stick", "line"])
def test_many_small_hand_overs_go_in_as_many_requests_as_the_server_takes(
    server, kader, bidan, stick, another, by_stick
):
    """A posyandu without network hands over what is new at every visit; a request holds 64 segments."""
    bidan.register("Dicatat bidan")
    for number in range(70):
        kader.register(f"Anak {number}")
        hand_over(stick, kader, bidan)
    assert len(carried.waiting(bidan.database)) == 70
    if by_stick:
        assert another().round_trip(bidan, server).problems == ()
    else:
        engine, sent = bidan.engine, 0
        while (outgoing := engine.prepare(wire.MAX_OPERATIONS)).count or outgoing.offered:
            engine.apply(server.desk.exchange(outgoing.body))
            sent += 1
        assert sent == 2
    assert server.status().statuses == {"applied": 71}
    assert bidan.status.carried == 0
    agree(server, bidan)


def test_a_longer_stretch_takes_the_place_of_those_it_covers(server, kader, bidan, stick, another):
    kader.register("Pertama")
    hand_over(stick, kader, bidan)
    kader.register("Kedua")
    fresh = another()
    fresh.export(kader)  # knows no card here, and so begins at what the Dinas has signed for
    cards_of_bidan = fresh.root / "cards" / f"{bidan.peer.device}.json"
    assert not cards_of_bidan.exists()
    fresh.take(bidan)
    assert [(stretch.first, stretch.last_seq) for stretch in carried.waiting(bidan.database)] == [(1, 2)]


def test_a_laptop_that_lost_its_newest_records_gets_its_own_back(server, kader, bidan, stick, tmp_path):
    """Own operations that come back are known already, whoever carries them."""
    kader.register("Siti")
    hand_over(stick, kader, bidan)
    stick.export(kader)
    stick.export(bidan)
    assert stick.take(kader).handed == ()
    assert kader.statuses() == {"local": 1}


# what the server says otherwise


def test_what_was_put_aside_at_the_server_is_told_to_her_who_carried_it(server, kader, bidan, stick):
    kader.log("recommendation.record", str(uuid.uuid4()), {"child": str(uuid.uuid4()), "text": "PMT"})
    kader.register("Siti")
    kader.log("measurement.record", str(uuid.uuid4()), {"child": str(uuid.uuid4()), "date": "2026-11-18"})
    [problem] = hand_over(stick, kader, bidan).problems
    assert problem.word == "left_out"
    assert bidan.statuses() == {"carried": 2}, "what the Dinas alone may say is not shown"
    bidan.sync()
    assert server.status().statuses == {"quarantined": 1, "applied": 1, "held": 1}
    assert bidan.statuses() == {"applied": 1, "held": 1}
    assert bidan.status.carried == 0
    assert carried.waiting(bidan.database) == []


def test_one_record_put_aside_long_ago_is_not_handed_over_again_with_all_that_followed(
    server, kader, bidan, stick
):
    kader.log("recommendation.record", str(uuid.uuid4()), {"child": str(uuid.uuid4()), "text": "PMT"})
    for number in range(5):
        kader.register(f"Anak {number}")
    kader.sync()
    bidan.sync()
    kader.register("Baru")
    assert [item.operations for item in hand_over(stick, kader, bidan).handed] == [1]
    bidan.sync()
    kader.sync()
    stick.export(bidan)
    assert stick.export(kader).handed == ()


def test_a_copied_disk_gives_way_to_what_the_server_holds(server, kader, bidan, stick, tmp_path):
    """The midwife got one copy's records, the server the other's: her sync goes on, and rows agree."""
    kader.register("Bersama")
    kader.sync()
    kader.database.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    shutil.copy(kader.database.path, tmp_path / "kembaran.db")
    twin = object.__new__(Laptop)
    twin.database = Database.open(tmp_path / "kembaran.db", KEY)
    twin.clock, twin.scope = kader.clock, POSYANDU
    try:
        stick.export(bidan)
        ghost = twin.register("Hanya di kembaran")
        stick.export(twin)
        stick.take(bidan)
        assert bidan.value(ghost, "name") == "Hanya di kembaran"
        child = kader.register("Di laptop asli")
        kader.sync()
        done = bidan.sync()
        assert done.incidents == ()
        assert ghost in done.changed
        assert bidan.value(ghost, "name") is None
        assert bidan.value(child, "name") == "Di laptop asli"
        assert carried.waiting(bidan.database) == []
        agree(server, kader, bidan)
        twin.register("Lagi di kembaran")
        fresh = UsbStick(tmp_path / "tanpa kartu")
        fresh.export(twin)
        [problem] = fresh.take(bidan).problems
        assert problem.word == "left_out"
        assert "menyusul lewat Dinas" in problem.message
        agree(server, kader, bidan)
    finally:
        twin.database.close()


def test_a_stretch_the_server_cannot_take_holds_up_nothing(server, kader, bidan, stick):
    """F11: the server was restored and lacks what came before it."""
    kader.register("Pertama")
    kader.sync()
    kader.register("Kedua")
    stick.export(bidan)
    stick.export(kader)
    (stick.root / "cards" / f"{bidan.peer.device}.json").unlink()
    fresh = UsbStick(stick.root / "lagi")
    fresh.export(kader)
    fresh.take(bidan)
    with server.store.write() as connection:
        for table in ("op", "segment", "replica", "feed", "placement", "row", "tally"):
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text("UPDATE fact SET value = '0' WHERE key = 'head'"))
    admin.restored(server.store)
    server.time.move(60_000)
    mine = bidan.register("Catatan bidan")
    requests = []

    class Line(servers.Wire):
        def exchange(self, body: bytes) -> bytes:
            requests.append(wire.decode(body, wire.Request))
            return super().exchange(body)

    bidan.sync(Line(server.desk))
    assert bidan.status.unsent == 0
    assert server.status().statuses == {"applied": 1}
    assert bidan.status.carried == 1
    assert bidan.value(mine, "name") == "Catatan bidan"
    offered = sum(segment.device == kader.peer.device for request in requests for segment in request.segments)
    assert offered == 1, "once, not with every exchange"
    bidan.clock.move(timedelta(days=2))
    kader.sync()
    bidan.sync()
    assert bidan.status.carried == 0
    agree(server, kader, bidan)


# whom to believe


def test_a_card_is_believed_only_with_the_servers_and_its_own_signature(server, kader, bidan, stick):
    stick.export(bidan)
    body = (stick.root / "cards" / f"{bidan.peer.device}.json").read_bytes()
    laptop, holds = cards.read(body, kader.peer)
    assert (laptop.device, laptop.scope, laptop.role) == (bidan.peer.device, VILLAGE, "bidan")
    assert holds == cards.Holds({}, bidan.peer.epoch, 0)
    card = wire.decode(body, cards.Card)
    proof = wire.decode(bytes(card.enrolment), wire.EnrolReply)
    mallory = Keys.generate()
    own_key = msgspec.structs.replace(
        proof, seal_key=mallory.public.seal_key, sign_key=mallory.public.sign_key, signature=msgspec.UNSET
    )
    unsigned = msgspec.structs.replace(card, signature=msgspec.UNSET)
    forged = [
        sign_message(unsigned, mallory.sign),
        sign_message(
            msgspec.structs.replace(unsigned, enrolment=msgspec.Raw(sign_message(own_key, mallory.sign))),
            mallory.sign,
        ),
        sign_message(msgspec.structs.replace(unsigned, have={"x": 5}), mallory.sign),
        body.replace(b'"have":{}', b'"have":{"x":1}'),
        bytes(card.enrolment),
        body[:-1],
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
    ]
    for body in forged:
        with pytest.raises(cards.NotOurs):
            cards.read(body, kader.peer)
        (stick.root / "cards" / f"{uuid.uuid4()}.json").write_bytes(body)
    kader.register()
    assert [item.who for item in stick.export(kader).handed] == ["bidan 32.11.13.2005"]


def test_a_card_of_another_district_is_not_sealed_for(server, kader, stick, tmp_path):
    with servers.running(tmp_path / "lain") as other:
        stranger = Laptop(tmp_path / "asing.db", VILLAGE).join(another_district(other))
        try:
            stick.export(stranger)
            kader.register()
            assert stick.export(kader).handed == ()
        finally:
            stranger.database.close()


class Forger:
    """An enrolled laptop whose program was replaced by its owner."""

    def __init__(self, laptop: Laptop, reader: Laptop) -> None:
        self.laptop = laptop
        self.reader = reader
        self.keys = keys_of(laptop)
        own = cards.own(laptop.database, laptop.peer)
        assert own is not None
        self.own = own

    def segment(self, *operations: dict, **otherwise) -> wire.Segment:
        first = 1
        replica = otherwise.pop("replica", self.laptop.database.replica)
        chain = bytes(32)
        ops = []
        for seq, changes in enumerate(operations, first):
            operation = {
                "seq": seq,
                "type": "child.register",
                "v": 1,
                "entity": str(uuid.uuid4()),
                "scope": POSYANDU,
                "actor": "kader",
                "at": "2026-11-18T09:00:00+07:00",
                "hlc": "0199a3c2f4d1-0003",
                "tx": [seq, 1, 1],
                "app": "0.1.0",
                "payload": {"name": {"v": "Palsu", "base": None}},
            } | changes
            raw = wire.encode(operation)
            chain = wire.read_operation(raw).sealed.chain(chain)
            ops.append(msgspec.Raw(raw))
        last = chain.hex()
        made = wire.Segment(
            replica=replica,
            first=first,
            prev="0" * 64,
            ops=ops,
            last=last,
            device=self.laptop.peer.device,
            sig=sign_segment(replica, first, first + len(ops) - 1, last, self.keys.sign),
        )
        return msgspec.structs.replace(made, **otherwise)

    def message(self, *segments: wire.Segment, **otherwise) -> bytes:
        made = direct.Handover(
            cards=[msgspec.Raw(self.own.proof)],
            device=self.own.device,
            proto=1,
            reader=self.reader.peer.device,
            segments=list(segments),
            sent_at="2026-11-18T09:00:00+07:00",
        )
        return sign_message(msgspec.structs.replace(made, **otherwise), self.keys.sign)

    def hand(self, body: bytes) -> direct.Taken:
        return direct.take(self.reader.database, self.reader.clock, self.reader.peer, body)


@pytest.fixture
def forger(kader, bidan):
    return Forger(kader, bidan)


def test_a_handover_in_order_is_taken(forger, bidan):
    taken = forger.hand(forger.message(forger.segment({}, {})))
    assert (taken.operations, taken.left_out) == (2, 0)
    assert bidan.statuses() == {"carried": 2}


def test_a_handover_that_is_not_what_it_claims_changes_nothing(forger, bidan, kader, make):
    other = make()
    stolen = cards.own(other.database, other.peer)
    assert stolen is not None
    good = forger.segment({})
    body = forger.message(good)
    for bad in (
        forger.message(good, reader=kader.peer.device),
        forger.message(good, proto=2),
        forger.message(good, cards=[]),
        forger.message(good, cards=[msgspec.Raw(stolen.proof)]),
        forger.message(good, device=other.peer.device, cards=[msgspec.Raw(stolen.proof)]),
        body.replace(b"Palsu", b"Paksa"),
        body[:-2],
        b"{}",
        b"",
    ):
        with pytest.raises(direct.NotBelieved):
            forger.hand(bad)
    assert bidan.statuses() == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": OTHER_VILLAGE},
        {"scope": OTHER_POSYANDU},
        {"scope": "32.11"},
        {"scope": "x"},
        {"type": "Child"},
        {"entity": "bukan-uuid"},
        {"hlc": "zz"},
        {"hlc": ""},
        {"at": "kemarin"},
        {"payload": None},
        {"payload": {}},
        {"payload": {"name": "Siti"}},
        {"payload": {"name": {"v": 12, "base": None}}},
        {"payload": {"name": {"v": "Siti", "base": ["x", -1]}}},
        {"type": "measurement.record", "payload": {"child": "x", "date": "2026-11-18"}},
        {"type": "rules.record", "payload": {}},
        {"type": "recommendation.record", "payload": {"child": NOBODY, "text": "PMT"}},
        {"type": "measurement.record", "payload": {"child": NOBODY, "date": "2026-02-30"}},
    ],
    ids=str,
)
def test_what_the_server_would_put_aside_for_its_form_is_not_shown(forger, bidan, changes):
    taken = forger.hand(
        forger.message(forger.segment({}, changes), forger.segment({}, replica=str(uuid.uuid4())))
    )
    count = 1 if str(changes.get("scope", "")) else 2
    assert (taken.operations, taken.left_out) == (count, 1)
    assert bidan.statuses() == {"carried": count}


@pytest.mark.parametrize(
    "otherwise",
    [
        {"sig": "A" * 86 + "=="},
        {"sig": ""},
        {"device": NOBODY},
        {"replica": "x"},
        {"first": 2},
        {"first": 0},
        {"first": 2**63 - 1},
        {"last": "0" * 64},
        {"last": "x"},
        {"prev": "1" * 64},
        {"ops": []},
    ],
    ids=str,
)
def test_a_segment_that_does_not_hold_is_left_out_alone(forger, bidan, otherwise):
    bad = msgspec.structs.replace(forger.segment({}), **otherwise)
    taken = forger.hand(forger.message(bad, forger.segment({}, replica=str(uuid.uuid4()))))
    assert (taken.operations, taken.left_out) == (1, 1)
    assert bidan.statuses() == {"carried": 1}


def test_nobody_writes_in_the_midwifes_own_log(forger, bidan):
    bidan.register("Punya bidan")
    for count in (1, 2):
        taken = forger.hand(forger.message(forger.segment(*[{}] * count, replica=bidan.database.replica)))
        assert (taken.operations, taken.left_out) == (0, 1)
    assert bidan.statuses() == {"local": 1}
    log.verify_chain(bidan.database)


def test_who_writes_in_anothers_log_is_found_out_when_the_server_speaks(server, forger, bidan, make):
    victim = make(OTHER_POSYANDU)
    forger.hand(forger.message(forger.segment({}, {}, replica=victim.database.replica)))
    assert bidan.status.carried == 2
    child = victim.register("Anak sebenarnya")
    victim.sync()
    assert bidan.sync().incidents == ()
    assert bidan.value(child, "name") == "Anak sebenarnya"
    assert bidan.database.number("SELECT count(*) FROM child WHERE name = 'Palsu'") == 1
    second = victim.register("Anak kedua")
    victim.sync()
    bidan.sync()
    assert bidan.value(second, "name") == "Anak kedua"
    agree(server, bidan)


def test_a_stamp_from_the_future_wins_no_longer_than_until_the_server_speaks(server, forger, kader, bidan):
    child = bidan.register("Siti")
    far = "7fffffffffff-0000"
    taken = forger.hand(forger.message(forger.segment({"type": "child.set", "entity": child, "hlc": far})))
    assert taken.operations == 1
    assert bidan.database.one("SELECT eff FROM log WHERE status = 'carried'")[0] < far
    assert log.last_stamp(bidan.database) < far


def test_a_revoked_laptop_is_sealed_for_no_more_once_the_server_has_said_so(
    server, kader, bidan, make, stick
):
    stick.export(bidan)
    kader.register("Siti")
    assert len(stick.export(kader).handed) == 1
    theirs = bidan.register("Dari laptop curian")
    stick.export(kader)
    stick.export(bidan)
    admin.revoke(server.store, bidan.peer.device)
    far = make(OTHER_VILLAGE)
    far.sync()
    assert peer.revoked(far.database) == frozenset()
    kader.sync()
    assert peer.revoked(kader.database) == {bidan.peer.device}
    kader.register("Sesudahnya")
    assert stick.export(kader).handed == ()
    [problem] = stick.take(kader).problems
    assert problem.word == "left_out"
    assert kader.value(theirs, "name") is None
    for laptop in (kader, bidan):
        laptop.sync()
    assert server.status().statuses == {"applied": 2, "quarantined": 1}


# storage


def test_what_is_carried_is_known_once_and_its_rows_are_those_of_the_log(make_alone):
    alone = make_alone()
    sender = make_alone()
    child = sender.register("Siti")
    sender.edit(child, "phone", "0812")
    sender.weigh(child)
    items = [
        (Known(item.replica, item.eff, item.operation), log.seal(item.operation))
        for item in log.own_after(sender.database, 0, 10)
    ]
    dice = random.Random(1)
    dice.shuffle(items)
    assert log.carry(alone.database, items[:2])[0] == 2
    assert log.carry(alone.database, [*items, *items])[0] == 1
    assert log.carry(alone.database, items) == (0, frozenset())
    assert alone.digests() == sender.digests()
    before = alone.digests()
    projection.rebuild(alone.database)
    assert alone.digests() == before
    changed = items[0][0].operation
    forged = changed.but(actor="lain")
    with pytest.raises(ForkedLog):
        log.carry(alone.database, [(Known(items[0][0].replica, items[0][0].eff, forged), log.seal(forged))])
    assert alone.digests() == before
    assert log.held(alone.database) == {sender.database.replica: 3}


def test_a_message_is_only_for_its_reader(server, kader, bidan, make, stick):
    other = make(VILLAGE)
    stick.export(bidan)
    kader.register()
    stick.export(kader)
    [name] = stick.direct
    whole = (stick.root / "direct" / name).read_bytes()
    renamed = name.replace(bidan.peer.device, other.peer.device)
    (stick.root / "direct" / renamed).write_bytes(whole)
    [problem] = stick.take(other).problems
    assert problem.word == "damaged"
    with pytest.raises(sticks.Unreadable):
        sticks.unseal(whole, keys_of(other).seal)
    assert [item.operations for item in stick.take(bidan).handed] == [1]
