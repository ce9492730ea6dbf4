"""What the laptop is called that wrote something: told by the server, kept, and never believed blindly."""

import pytest

from posyandu_app.storage import writers
from posyandu_app.sync import wire
from posyandu_app.sync.enrolment import enrol
from posyandu_app.sync.signing import sign_message
from tests.district.server import POSYANDU, VILLAGE, Wire


def named(laptop, server, name: str, scope: str = POSYANDU):
    laptop.transport = Wire(server.desk)
    enrol(laptop.database, laptop.transport, server.code(scope), name)
    return laptop


@pytest.fixture
def two(server, make_alone):
    kader, bidan = make_alone(), make_alone(VILLAGE)
    named(kader, server, "  Laptop  Melati 1 ")
    named(bidan, server, "Laptop Bidan", VILLAGE)
    return kader, bidan


def test_a_laptop_learns_what_those_are_called_whose_entries_it_reads(two):
    kader, bidan = two
    kader.register()
    kader.sync()
    bidan.sync()
    assert writers.name_of(bidan.database, kader.database.replica) == "Laptop Melati 1"
    assert writers.name_of(kader.database, bidan.database.replica) is None, "nothing of hers was read"
    bidan.register("Anak lain")
    assert writers.mark_of(bidan.database.replica) == bidan.database.replica[:4].upper()


def test_a_first_fill_of_many_pages_tells_them_too(server, two, make_alone):
    kader, _ = two
    for number in range(12):
        kader.register(f"Anak {number}")
    kader.sync()
    fresh = named(make_alone(VILLAGE), server, "Laptop baru", VILLAGE)
    while fresh.engine.apply(fresh.transport.exchange(fresh.engine.prepare(5).body)).more:
        pass
    assert len(fresh.database.rows("SELECT id FROM child")) == 12
    assert writers.name_of(fresh.database, kader.database.replica) == "Laptop Melati 1"


def test_a_laptop_that_joins_again_under_another_name_is_called_so_from_then_on(server, two):
    kader, bidan = two
    kader.register()
    kader.sync()
    bidan.sync()
    named(kader, server, "Laptop Melati baru")
    kader.register("Anak lain")
    kader.sync()
    bidan.sync()
    assert writers.name_of(bidan.database, kader.database.replica) == "Laptop Melati baru"


def test_from_an_older_server_nothing_is_known_and_nothing_lost(server, two):
    kader, bidan = two
    kader.register()
    kader.sync()

    class Older(Wire):
        def exchange(self, body: bytes) -> bytes:
            reply = wire.decode(super().exchange(body), dict)
            reply["feed"].pop("laptops", None)
            del reply["signature"]
            return sign_message(reply, server.district.keys.sign)

    bidan.sync(Older(server.desk))
    assert len(bidan.database.rows("SELECT id FROM child")) == 1
    assert writers.name_of(bidan.database, kader.database.replica) is None


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "Laptop\x07", "Laptop \u202e1"])
def test_what_is_no_name_is_left_out(two, name):
    _, bidan = two
    with bidan.database.atomic():
        writers.note(bidan.database, {"0b7f3f5e-0d2c-4c55-9a39-2f4d7d6b8a10": name, "bukan id": "Laptop"})
    assert writers.name_of(bidan.database, "0b7f3f5e-0d2c-4c55-9a39-2f4d7d6b8a10") is None
    assert writers.name_of(bidan.database, "bukan id") is None
