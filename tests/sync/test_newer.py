"""What only newer programs know passes an older one untouched, follows its child and is shown afterwards."""

import sys
import uuid

import pytest

from posyandu_app.district import admin
from posyandu_app.district.desk import Desk
from posyandu_app.domain import merge
from posyandu_app.storage import log, projection
from posyandu_app.sync.engine import Engine
from tests.district.server import OTHER_POSYANDU, POSYANDU, VILLAGE, Wire
from tests.sync.sticks import agree

KIND = "growth_plan"


@pytest.fixture
def upgrade(server, monkeypatch):
    """Server and laptops become a later release, which knows one more kind of facts."""

    def become_newer(*laptops):
        facts = (*merge.FACTS, KIND)
        now = {"FACTS": facts, "KINDS": merge.REGISTERS + facts}
        now["PROJECTION_VERSION"] = merge.PROJECTION_VERSION + 1
        for module in [m for name, m in sys.modules.items() if name.startswith("posyandu_app")]:
            for name in now.keys() & vars(module).keys():
                monkeypatch.setattr(module, name, now[name])
        merge._records_fact.cache_clear()
        monkeypatch.setattr(admin, "__version__", "9.9.9")
        server.store.close()
        server.store = admin.open_store(server.district)
        server.desk = Desk(server.district, server.store, server.time)
        for laptop in laptops:
            projection.rebuild(laptop.database)
            laptop.engine, laptop.transport = Engine(laptop.database, laptop.clock), Wire(server.desk)

    yield become_newer
    server.store.close()
    merge._records_fact.cache_clear()


@pytest.fixture
def planned(make):
    """A newer laptop, the midwife's and another posyandu's; the child's plan was made and changed."""
    newer, bidan, other = make(), make(VILLAGE), make(OTHER_POSYANDU)
    child, plan = newer.register("Anak Rencana"), str(uuid.uuid4())
    made = newer.log(f"{KIND}.record", plan, {"child": child, "date": "2026-11-18", "aim_g": 9000})
    newer.log(
        f"{KIND}.correct", plan, {"set": {"aim_g": {"v": 9100, "base": list(made)}}, "reason": "keliru"}
    )
    for laptop in (newer, bidan, other):
        laptop.sync()
    return newer, bidan, other, child, plan


def move(bidan, child: str) -> None:
    bidan.log("child.transfer", child, {"to": OTHER_POSYANDU, "date": "2026-11-18"}, POSYANDU)
    bidan.sync()


def test_changes_to_what_only_a_newer_program_knows_follow_the_child(server, planned, upgrade):
    newer, bidan, other, child, plan = planned
    move(bidan, child)
    for laptop in (newer, other):
        laptop.sync()
    assert [entry.operation.type for entry in log.entries_of(other.database, plan)] == [
        f"{KIND}.record",
        f"{KIND}.correct",
    ]
    upgrade(newer, bidan, other)
    for laptop in (newer, bidan, other):
        assert laptop.sync().incidents == ()
        agree(server, laptop)
    assert other.database.rows("SELECT vals ->> '$.aim_g' FROM other_row WHERE kind = ?", (KIND,)) == [
        (9100,)
    ]


def test_a_change_that_comes_before_what_it_changes_waits(server, planned, make, upgrade):
    newer, bidan, other, child, _ = planned
    first, second = make(), make()
    for laptop in (first, second):
        laptop.sync()
    plan = str(uuid.uuid4())
    made = first.log(f"{KIND}.record", plan, {"child": child, "date": "2026-11-18", "aim_g": 9000})
    second.log(f"{KIND}.void", plan, {"reason": "keliru", "seen": [list(made)]})
    second.sync()
    assert second.statuses()["held"] == 1
    first.sync()
    second.sync()
    assert "held" not in second.statuses()
    upgrade(newer, bidan, other, first, second)
    move(bidan, child)
    for laptop in (newer, bidan, other, first, second, newer):
        assert laptop.sync().incidents == ()
    agree(server, newer, bidan, other, first, second)


def test_what_a_newer_program_does_with_a_record_waits_for_it_and_follows_the_child(server, make):
    """It names no child: whom it is about is what its record says, which comes by another laptop."""
    first, second, bidan, other = make(), make(), make(VILLAGE), make(OTHER_POSYANDU)
    child = first.register("Anak Catatan")
    for laptop in (first, second, bidan, other):
        laptop.sync()
    visit = first.weigh(child, 8400)
    second.log("measurement.remark", visit, {"text": "rewel"})
    second.sync()
    assert second.statuses()["held"] == 1
    first.sync()
    second.sync()
    assert "held" not in second.statuses()
    move(bidan, child)
    for laptop in (first, second, other):
        assert laptop.sync().incidents == ()
    here = {entry.operation.type for entry in log.entries_of(other.database, visit)}
    assert here == {"measurement.record", "measurement.remark"}
    agree(server, first, second, bidan, other)


@pytest.mark.parametrize("is_newer", [False, True], ids=["before the upgrade", "after it"])
def test_an_erasure_drops_all_that_a_newer_program_wrote_about_the_child(server, planned, upgrade, is_newer):
    newer, bidan, other, child, plan = planned
    if is_newer:
        upgrade(newer, bidan, other)
    admin.erase(server.store, child, "Surat 1")
    with server.store.read() as connection:
        bodies = connection.exec_driver_sql("SELECT body FROM op").scalars().all()
    assert len(bodies) == 3
    assert all('"payload":null' in body for body in bodies)
    for laptop in (newer, bidan):
        assert laptop.sync().incidents == ()
        assert [entry.operation.payload for entry in log.entries_of(laptop.database, plan)] == [None, None]


def test_nobody_changes_what_lies_outside_their_area(server, planned, make):
    """Though the server does not know what it is."""
    plan = planned[-1]
    stranger = make("32.11.13.2008.001")
    stranger.log(f"{KIND}.void", plan, {"reason": "salah", "seen": []})
    stranger.sync()
    assert stranger.statuses() == {"quarantined": 1}
