"""The comparison of sums and rows at the end of the feed never cries wolf, whatever happened on the way."""

import random
import uuid
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from posyandu_app.district import admin
from posyandu_app.district.desk import Visit
from posyandu_app.domain.merge import Known
from posyandu_app.storage import carried, log
from posyandu_app.storage.carried import Stretch
from posyandu_app.sync import segments, stretches
from posyandu_app.sync.engine import FIRST_BATCH
from posyandu_app.sync.enrolment import device_keys, enrol
from posyandu_app.sync.trouble import Gap, SyncTrouble
from tests.district import server as servers
from tests.district.server import OTHER_POSYANDU, OTHER_VILLAGE, POSYANDU, VILLAGE, Wire
from tests.sync.laptops import Laptop

REGION, KECAMATAN = "32.11", "32.11.13"
_SECOND = timedelta(seconds=1)
PLACES = (POSYANDU, OTHER_POSYANDU, OTHER_VILLAGE)


class Killed(Exception):
    """The server ended before it answered."""


class World:
    """Laptops of every level and one server, driven by chance."""

    def __init__(self, folder: Path, server, seed: int) -> None:
        self.chance = random.Random(seed)
        self.folder, self.server = folder, server
        self.laptops = [
            self._join(f"{number}.db", area, role)
            for number, (area, role) in enumerate(
                [
                    (POSYANDU, None),
                    (POSYANDU, None),
                    (OTHER_POSYANDU, None),
                    (OTHER_VILLAGE, None),
                    (VILLAGE, None),
                    (KECAMATAN, "tpg"),
                    (REGION, "dinas"),
                ]
            )
        ]
        self.children: list[tuple[str, str]] = []
        self.facts: list[tuple[str, str]] = []
        self.handed_out: list[str] = []
        self.replies: list[tuple[Laptop, bytes]] = []
        self.backup: str | None = None

    def _join(self, name: str, area: str, role: str | None) -> Laptop:
        laptop = Laptop(self.folder / name, area)
        laptop.transport = Wire(self.server.desk)
        enrol(laptop.database, laptop.transport, self.server.code(area, role), "Laptop")
        return laptop

    def close(self) -> None:
        for laptop in self.laptops:
            laptop.database.close()

    # what people do

    def save(self, laptop: Laptop) -> None:
        chance = self.chance
        laptop.clock.move(chance.choice([1, 60, 3600]) * _SECOND)
        places = [place for place in PLACES if place.startswith(laptop.scope)]
        place = chance.choice(places)
        deed = chance.randrange(10)
        if deed == 0 or not self.children:
            child = str(uuid.UUID(int=chance.getrandbits(128), version=4))
            values = {"name": f"Anak {chance.randrange(99)}", "sex": "F", "birth_date": "2025-01-05"}
            payload = {name: {"v": value, "base": None} for name, value in values.items()}
            laptop.log("child.register", child, payload, place)
            self.children.append((child, place))
            return
        child, home = chance.choice(self.children[-12:])
        if deed < 4:
            field, value = chance.choice(
                [("name", "Siti"), ("name", "Budi"), ("phone", "0812"), ("sex", "M"), ("state", "pindah")]
            )
            kind = chance.choice(["child.set", "child.set", "conflict.resolve"])
            change = {"v": value, "base": laptop.base(child, field)}
            laptop.log(kind, child, {field: change}, home if home in places else place)
        elif deed < 7:
            measurement = str(uuid.UUID(int=chance.getrandbits(128), version=4))
            payload = {"child": child, "date": "2026-11-18", "weight_g": chance.randrange(4000, 9000)}
            laptop.log("measurement.record", measurement, payload, place)
            self.facts.append((measurement, place))
        elif deed == 7 and self.facts:
            measurement, scope = chance.choice(self.facts[-12:])
            payload = chance.choice(
                [
                    ("measurement.correct", {"set": {"weight_g": {"v": 5000, "base": None}}}),
                    ("measurement.void", {"reason": "keliru", "seen": []}),
                    ("measurement.restore", {"voids": []}),
                    ("measurement.record", {"child": child, "date": "2026-11-19", "weight_g": 5100}),
                ]
            )
            laptop.log(payload[0], measurement, payload[1], scope)
        elif deed == 8:
            to = chance.choice(PLACES)
            laptop.log("child.transfer", child, {"to": to, "date": "2026-11-18"}, home)
        else:
            self.hand_out(laptop, child)

    def hand_out(self, laptop: Laptop, child: str) -> None:
        chance = self.chance
        scope = chance.choice([REGION, KECAMATAN, VILLAGE, *PLACES])
        if self.handed_out and chance.random() < 0.3:
            entity = chance.choice(self.handed_out)
            laptop.log("recommendation.void", entity, {"reason": "keliru", "seen": []}, scope)
            return
        entity = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        about = {"child": child} if chance.random() < 0.5 else {}
        laptop.log("recommendation.record", entity, {"text": "Kejar D/S"} | about, scope)
        self.handed_out.append(entity)

    # what becomes of it on the way

    def exchange(self, laptop: Laptop) -> None:
        chance = self.chance
        prepared = laptop.engine.prepare(chance.choice([1, 5, FIRST_BATCH, FIRST_BATCH, 500]))
        fate = chance.randrange(12)
        if fate == 0:
            return
        if fate == 1:
            self.save(laptop)
        if fate == 2:
            self.exchange(chance.choice(self.laptops))
        try:
            reply = self.answer(laptop, prepared.body, dies=fate == 3, between=fate == 4)
        except Gap as gap:
            laptop.engine.rewind(gap.have)
            return
        except Killed:
            return
        if fate == 5:
            self.replies.append((laptop, reply))
            return
        if fate == 6:
            self.save(laptop)
        if fate == 7:
            self.exchange(chance.choice(self.laptops))
        self.apply(laptop, reply)
        if fate == 8:
            self.apply(laptop, reply)
        if fate == 9 and self.replies:
            self.apply(*self.replies.pop(0))

    def answer(self, laptop: Laptop, body: bytes, *, dies: bool, between: bool) -> bytes:
        """The server's answer; it may die once it has judged, or answer another laptop before this one."""
        desk = self.server.desk
        take_in = desk.take_in

        def interrupted(body: bytes) -> Visit:
            visit = take_in(body)
            if dies:
                raise Killed
            desk.take_in = take_in
            self.exchange(self.chance.choice(self.laptops))
            return visit

        if dies or between:
            desk.take_in = interrupted
        try:
            return laptop.transport.exchange(body)
        finally:
            desk.take_in = take_in

    def apply(self, laptop: Laptop, reply: bytes) -> None:
        done = laptop.engine.apply(reply)
        assert set(done.incidents) <= {"new_epoch"}, (done.incidents, laptop.scope)

    def hand_over(self) -> None:
        """The midwife takes a posyandu's log along without a server."""
        giver, taker = self.laptops[self.chance.choice([0, 1, 2])], self.laptops[4]
        tip, _ = log.tip(giver.database)
        first = self.chance.randint(1, max(1, tip))
        entries = log.written_after(giver.database, first - 1, tip)
        if not entries:
            return
        segment = stretches.own(
            giver.database, entries, giver.peer.device, device_keys(giver.database), 3_000_000
        )
        chain = segments.read(segment)
        log.carry(
            taker.database,
            [
                (Known(segment.replica, item.operation.hlc, item.operation), item.sealed)
                for item in chain.arrived
            ],
        )
        stretch = Stretch(
            segment.replica, first, tip, segment.prev, segment.last, segment.device, segment.sig
        )
        carried.keep(taker.database, stretch)

    def back_up(self) -> None:
        self.backup = servers.back_up(self.server)

    def restore(self) -> None:
        if self.backup is not None:
            servers.put_back(self.server, self.backup)
            admin.restored(self.server.store)

    def step(self) -> None:
        laptop = self.chance.choice(self.laptops)
        drawn = self.chance.random()
        self.server.time.move(self.chance.choice([0, 1000, 60_000]))
        if drawn < 0.5:
            self.save(laptop)
        elif drawn < 0.96:
            self.exchange(laptop)
        elif drawn < 0.985:
            self.hand_over()
        elif drawn < 0.993:
            self.back_up()
        else:
            self.restore()

    def settle(self) -> None:
        for _ in range(3):
            for laptop in self.laptops:
                for _ in range(200):
                    with suppress(SyncTrouble):
                        done = laptop.sync()
                        assert set(done.incidents) <= {"new_epoch"}, done.incidents
                        break


@pytest.mark.parametrize("seed", range(4))
def test_no_exchange_compares_what_cannot_be_equal_yet(server, tmp_path, seed):
    world = World(tmp_path, server, seed)
    try:
        for _ in range(120):
            world.step()
        world.settle()
    finally:
        world.close()


def test_what_a_restored_server_has_lost_is_no_difference_of_rows(server, tmp_path):
    """The midwife still holds what the kader has not sent again yet."""
    world = World(tmp_path, server, 0)
    kader, midwife = world.laptops[0], world.laptops[4]
    try:
        kader.register("Sebelum")
        kader.sync()
        world.back_up()
        kader.register("Sesudah")
        kader.sync()
        midwife.sync()
        world.restore()
        assert midwife.sync().incidents == ("new_epoch",)
        assert kader.sync().incidents == ("new_epoch",)
        assert midwife.sync().incidents == ()
        assert midwife.digests() == kader.digests()
    finally:
        world.close()
