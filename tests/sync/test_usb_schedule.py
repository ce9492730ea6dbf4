"""Any order of carrying ends with the same rows everywhere, every record there exactly once (F28).

A seed decides who records what, and which stick goes where, is lost, copied, damaged or served
again; then a clean stick goes round. `POSYANDU_USB_SEEDS=2000` is the long run.
"""

import os
import random
import shutil
from datetime import timedelta

import pytest
from sqlalchemy import text

from posyandu_app.district import admin, tallies
from posyandu_app.storage import carried, log
from posyandu_app.sync import wire
from tests.district import server as servers
from tests.district.server import OTHER_POSYANDU, POSYANDU, VILLAGE
from tests.sync.laptops import laptops
from tests.sync.sticks import UsbStick

SEEDS = int(os.environ.get("POSYANDU_USB_SEEDS", "12"))
STEPS = 45


class World:
    """Two posyandu, their midwife, the Dinas, and sticks between them."""

    def __init__(self, folder, server, make, seed: int) -> None:
        self.folder = folder
        self.server = server
        self.dice = random.Random(seed)
        self.melati, self.mawar = make(POSYANDU), make(OTHER_POSYANDU)
        self.bidan = make(VILLAGE)
        self.laptops = [self.melati, self.mawar, self.bidan]
        self.made = 0
        self.sticks = [self.new_stick() for _ in range(3)]
        self.children: dict[str, str] = {}
        self.saved = 0
        self.news = 0

    def new_stick(self) -> UsbStick:
        self.made += 1
        return UsbStick(self.folder / f"flashdisk-{self.made}")

    # what happens

    def step(self) -> None:
        for laptop in self.laptops:
            laptop.clock.move(timedelta(minutes=self.dice.randrange(1, 3000)))
        self.server.time.move(self.dice.randrange(60_000, 100_000_000))
        deeds = [self.record] * 6 + [self.export] * 4 + [self.serve] * 3 + [self.take] * 5
        deeds += [self.lose, self.copy, self.damage, self.shuffle, self.sync, self.history_changes]
        self.dice.choice(deeds)()

    def record(self) -> None:
        laptop = self.dice.choice(self.laptops)
        scope = laptop.scope = (
            laptop.peer.scope if laptop is not self.bidan else self.dice.choice((POSYANDU, OTHER_POSYANDU))
        )
        visible = [
            child
            for child, where in self.children.items()
            if where == scope and laptop.value(child, "name") is not None
        ]
        deed = self.dice.randrange(4)
        if deed == 0 or not visible:
            self.children[laptop.register(f"Anak {self.saved}")] = scope
        elif deed == 1:
            laptop.weigh(self.dice.choice(visible), self.dice.randrange(5_000, 15_000))
        else:
            field = self.dice.choice(("name", "phone", "mother_name"))
            laptop.edit(self.dice.choice(visible), field, f"Nilai {self.saved}")
        self.saved += 1

    def export(self) -> None:
        self.dice.choice(self.sticks).export(self.dice.choice(self.laptops))

    def serve(self) -> None:
        self.dice.choice(self.sticks).serve(self.server)

    def take(self) -> None:
        self.dice.choice(self.sticks).take(self.dice.choice(self.laptops))

    def lose(self) -> None:
        number = self.dice.randrange(len(self.sticks))
        shutil.rmtree(self.sticks[number].root)
        self.sticks[number] = self.new_stick()

    def copy(self) -> None:
        """Drag what is on one stick to another; what bears the same name is replaced."""
        source, target = self.dice.sample(self.sticks, 2)
        shutil.copytree(source.root, target.root, dirs_exist_ok=True)

    def files(self) -> list:
        return sorted(path for stick in self.sticks for path in stick.root.rglob("*") if path.is_file())

    def damage(self) -> None:
        files = self.files()
        if files:
            path = self.dice.choice(files)
            body = path.read_bytes()
            cut = self.dice.randrange(len(body) + 1)
            path.write_bytes(self.dice.choice((body[:cut], body[:cut] + b"\xff" + body[cut + 1 :], b"")))

    def shuffle(self) -> None:
        """Give the files of a folder each other's names."""
        stick = self.dice.choice(self.sticks)
        for folder in ("outbox", "inbox", "direct"):
            paths = sorted((stick.root / folder).glob("*.psb"))
            bodies = [path.read_bytes() for path in paths]
            self.dice.shuffle(bodies)
            for path, body in zip(paths, bodies, strict=True):
                path.write_bytes(body)

    def sync(self) -> None:
        """Somebody has a network for a moment."""
        self.dice.choice(self.laptops).sync()

    def history_changes(self) -> None:
        admin.restored(self.server.store)
        self.server.time.move(60_000)

    # in the end

    def settle(self) -> None:
        """A clean stick goes round until nobody has anything to say."""
        for _ in range(12):
            before = self.standing()
            for laptop in self.laptops:
                self.server.time.move(60_000)
                stick = self.new_stick()
                stick.export(laptop)
                assert stick.serve(self.server).problems == []
                done = stick.take(laptop)
                assert (done.problems, done.waiting) == ((), 0)
                assert not set(done.exchanged.incidents) - {"new_epoch"}
                shutil.rmtree(stick.root)
            if self.standing() == before:
                return
        raise AssertionError("it never came to rest")

    def standing(self) -> list:
        return [(laptop.digests(), laptop.statuses(), laptop.peer.acked) for laptop in self.laptops]

    def check_on_the_way(self) -> None:
        for laptop in self.laptops:
            log.verify_chain(laptop.database)
            assert laptop.status.unsent >= 0
            outside = "SELECT count(*) FROM log WHERE NOT (scope = ? OR scope LIKE ? || '.%')"
            area = laptop.peer.scope
            assert laptop.database.number(outside, (area, area)) == 0, "nothing outside its area (I6)"
        for path in self.files():
            body = path.read_bytes()
            assert b"Anak " not in body
            assert b"Nilai " not in body

    def check_in_the_end(self) -> None:
        with self.server.store.read() as connection:
            found = connection.execute(text("SELECT replica, seq, status FROM op")).all()
            areas = {laptop: tallies.of(connection, laptop.peer.scope) for laptop in self.laptops}
        assert len({(replica, seq) for replica, seq, _ in found}) == len(found) == self.saved
        assert {status for _, _, status in found} <= {"applied", "conflict", "duplicate"}
        for laptop in self.laptops:
            rows = {
                kind: (count, total.hex())
                for kind, (count, total) in areas[laptop].items()
                if kind != tallies.LOG
            }
            assert laptop.digests() == rows
            assert laptop.status.unsent == laptop.status.carried == 0
            assert carried.waiting(laptop.database) == []
            assert log.count(laptop.database) == areas[laptop].get(tallies.LOG, (0,))[0]
        assert log.count(self.bidan.database) == self.saved


@pytest.mark.parametrize("seed", range(SEEDS))
def test_any_order_of_carrying_ends_with_the_same_rows_everywhere(seed, tmp_path, monkeypatch):
    monkeypatch.setattr(wire, "MAX_OPERATIONS", random.Random(seed).choice((50, 60, 2_000)))
    database = servers.postgres() if seed % 2 else None
    with servers.running(tmp_path / "dinas", database) as server, laptops(tmp_path, server) as make:
        world = World(tmp_path, server, make, seed)
        for _ in range(STEPS):
            world.step()
        world.check_on_the_way()
        world.settle()
        world.check_in_the_end()
