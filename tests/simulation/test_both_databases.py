"""The same people make the same requests: SQLite and PostgreSQL give the same answers, byte for byte."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from posyandu_app.district import schema
from posyandu_app.district.store import EPOCH, set_fact
from tests.district import server as servers
from tests.district.server import OTHER_POSYANDU, POSYANDU, VILLAGE, Wire
from tests.simulation.chance import Dice, decided_by
from tests.sync.laptops import laptops

STEPS = 70
EPOCH_OF_BOTH = "6f0d2c1b-7777-4888-8999-0a0b0c0d0e0f"
TABLES = (schema.op, schema.feed, schema.row, schema.placement, schema.replica, schema.tally, schema.device)


class Heard(Wire):
    """Keeps all that the server answered."""

    def __init__(self, desk) -> None:
        super().__init__(desk)
        self.answers: list[bytes] = []

    def _carry(self, answer, body: bytes) -> bytes:  # type: ignore[override]
        reply = Wire._carry(answer, body)
        self.answers.append(reply)
        return reply


def lived(folder: Path, database: str | None, seed: int):
    """What one server answered, and what it holds in the end."""
    dice = Dice(seed)
    with (
        servers.running(folder / "dinas", database) as server,
        decided_by(Dice(f"ids {seed}"), lambda: server.time.now),
    ):
        with server.store.write() as connection:
            set_fact(connection, EPOCH, EPOCH_OF_BOTH)
        heard = Heard(server.desk)
        with laptops(folder) as make:
            people = [make(POSYANDU), make(POSYANDU), make(OTHER_POSYANDU), make(VILLAGE)]
            for laptop in people:
                laptop.join(server)
                laptop.transport = heard
            children: list[str] = []
            for _ in range(STEPS):
                step(dice, dice.choice(people), children, server)
            for laptop in (*people, *people):
                laptop.sync()
            sums = [laptop.digests() for laptop in people]
        with server.store.read() as connection:
            held = {
                table.name: sorted(
                    repr(tuple(row))
                    for row in connection.execute(select(*(c for c in table.c if c.name != "segment")))
                )
                for table in TABLES
            }
        return heard.answers, held, sums


def step(dice: Dice, laptop, children: list[str], server) -> None:
    """Something that somebody does."""
    server.time.move(dice.between(1000, 40_000_000))
    laptop.clock.move(timedelta(milliseconds=dice.between(1000, 40_000_000)))
    bidan = laptop.scope == VILLAGE
    scope = dice.choice((POSYANDU, OTHER_POSYANDU)) if bidan else laptop.scope
    known = [child for child in children if laptop.value(child, "name") is not None]
    match dice.between(0, 9):
        case 0 | 1 if not bidan:
            children.append(laptop.register(dice.choice(("Siti", "Budi", "Ânî")), mother_name="Ika"))
        case 2 | 3 if known:
            payload = {
                "child": dice.choice(known),
                "date": "2026-11-18",
                "weight_g": dice.between(5000, 15000),
            }
            laptop.log("measurement.record", _id(dice), payload, scope)
        case 4 if known:
            child, name = dice.choice(known), dice.choice(("name", "phone", "mother_name", "birth_date"))
            change = {name: {"v": f"Nilai {dice.between(0, 3)}", "base": laptop.base(child, name)}}
            laptop.log("child.set", child, change, scope)
        case 5 if bidan and known:
            to = {"to": dice.choice((POSYANDU, OTHER_POSYANDU)), "date": "2026-11-18"}
            laptop.log("child.transfer", dice.choice(known), to, scope)
        case 6 if children:  # often one whom this laptop, or the server, does not know yet
            payload = {"child": dice.choice(children), "date": "2026-11-18", "weight_g": 8000}
            laptop.log("measurement.record", _id(dice), payload, scope)
        case 7:
            laptop.log("measurement.record", _id(dice), {"child": _id(dice), "weight_g": "delapan"}, scope)
        case _:
            laptop.sync()


def _id(dice: Dice) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


@pytest.mark.parametrize("seed", range(4))
def test_both_databases_answer_and_hold_the_same(tmp_path, seed):
    of_sqlite = lived(tmp_path / "a", None, seed)
    of_postgres = lived(tmp_path / "b", servers.postgres(), seed)
    assert len(of_sqlite[0]) > 10
    for number, (one, other) in enumerate(zip(of_sqlite[0], of_postgres[0], strict=True)):
        assert one == other, f"answer {number}"
    assert of_sqlite[1:] == of_postgres[1:]
