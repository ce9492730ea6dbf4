"""What was put aside as outside its writer's area is judged again when child or laptop comes there."""

import threading

import pytest
from sqlalchemy import event, select, update

from posyandu_app.district import admin, judge, schema
from posyandu_app.district.desk import Desk
from posyandu_app.district.store import Store
from tests.district import server as servers
from tests.district.hand import Hand, new_id, reasons, statuses
from tests.district.server import OTHER_POSYANDU, OTHER_VILLAGE, POSYANDU, VILLAGE

THIRD = "32.11.20.2001.001"
DAY_MS = 24 * 60 * 60 * 1000


def field(value, base=None):
    return {"v": value, "base": base}


def transfer(laptop: Hand, child: str, to: str, date: str = "2026-11-18") -> int:
    return laptop.write("child.transfer", child, {"to": to, "date": date})


def counted(server, laptop: Hand) -> tuple[int, dict]:
    """Count and sums that the laptop is told, once it has heard everything."""
    laptop.hear(server)
    sanity = laptop.ask(server)["sanity"]
    return sanity["log"][0], {kind: sums for kind, sums in sanity["rows"].items() if kind != "version"}


def rows_and_sums(server) -> list[list[tuple]]:
    with server.store.read() as connection:
        return [
            sorted(tuple(row) for row in connection.execute(select(table)).all())
            for table in (schema.row, schema.tally)
        ]


def test_what_the_new_posyandu_wrote_stands_when_the_move_comes_after_it(server, join):
    old, new, village, regency = join(), join(OTHER_VILLAGE), join(VILLAGE), join("32.11")
    child = old.child()
    mine = old.measure(child)
    old.push(server)
    theirs = new.measure(child, 8600)
    for measurement, said in ((theirs, [new.replica, 1]), (mine, [old.replica, 2])):
        change = {"weight_g": field(8500, said)}
        new.write("measurement.correct", measurement, {"set": change, "reason": "salah baca"})
    new.write("child.set", child, {"phone": field("0811")})
    reply = new.push(server)
    assert statuses(reply) == ["quarantined", "held", "quarantined", "quarantined"]
    assert reasons(reply) == ["out_of_scope", "unknown_measurement", "out_of_scope", "out_of_scope"]
    cursor = new.cursor
    transfer(old, child, OTHER_VILLAGE)
    assert statuses(old.push(server, first=3), 3) == ["applied"]
    assert server.status().statuses == {"applied": 7}
    reply = new.ask(server)
    receipts = [receipt for receipt in reply["receipts"] if receipt["replica"] == new.replica]
    assert [receipt["status"] for receipt in receipts] == ["applied"] * 4
    assert sorted(receipt["seq"] for receipt in receipts) == [1, 2, 3, 4]
    assert all(receipt["ss"] > cursor and receipt["eff"] and "why" not in receipt for receipt in receipts)
    assert {item["op"]["seq"] for item in reply["feed"]["ops"]} == {1, 2, 3}, "her history"
    told = [item for item in old.hear(server) if item["replica"] == new.replica]
    assert sorted(item["op"]["seq"] for item in told) == [1, 2, 3, 4]
    totals = counted(server, old)
    assert totals[0] == 7
    assert totals == counted(server, new) == counted(server, village) == counted(server, regency)
    before = rows_and_sums(server)
    with server.store.write() as connection:
        admin.rebuild(connection)
    assert rows_and_sums(server) == before


def test_it_gets_its_place_in_the_order_it_was_written_and_keeps_its_stamp(server, join):
    old, new = join(), join(OTHER_VILLAGE)
    child = old.child()
    old.push(server)
    for phone in ("0811", "0812", "0813"):
        new.write("child.set", child, {"phone": field(phone)})
        new.push(server, first=len(new.ops))
    of_new = schema.op.c.replica == new.replica
    with server.store.read() as connection:
        stamps = connection.execute(select(schema.op.c.eff).where(of_new).order_by(schema.op.c.seq)).all()
    transfer(old, child, OTHER_VILLAGE)
    old.push(server, first=2)
    with server.store.read() as connection:
        placed = connection.execute(
            select(schema.op.c.seq, schema.op.c.eff).where(of_new).order_by(schema.op.c.ss)
        ).all()
    assert [seq for seq, _ in placed] == [1, 2, 3]
    assert [(eff,) for _, eff in placed] == stamps


def test_who_writes_about_a_child_that_was_not_given_to_them_stays_aside(server, join):
    old, new, stranger = join(), join(OTHER_VILLAGE), join(THIRD)
    child = old.child()
    old.push(server)
    for laptop in (new, stranger):
        laptop.measure(child)
        laptop.write("child.set", child, {"phone": field("0811")})
        transfer(laptop, child, laptop.scope)
        assert statuses(laptop.push(server)) == ["quarantined"] * 3
    new.write("measurement.record", new_id(), {"child": child, "date": "2026-11-18"}, scope=THIRD)
    assert statuses(new.push(server, first=4), 4) == ["quarantined"]
    assert stranger.hear(server) == []
    transfer(old, child, OTHER_VILLAGE)
    assert statuses(old.push(server, first=2), 2) == ["applied"]
    receipts = [one for one in stranger.ask(server)["receipts"] if one["replica"] == stranger.replica]
    assert [(one["status"], one["why"]) for one in receipts] == [("quarantined", "out_of_scope")] * 3
    assert stranger.hear(server) == []
    assert stranger.ask(server)["sanity"]["log"][0] == 0
    aside = [one for one in new.ask(server)["receipts"] if one["status"] == "quarantined"]
    assert [(one["seq"], one["why"]) for one in aside] == [(4, "out_of_scope")]
    assert {item["replica"] for item in old.hear(server)} == {new.replica}
    with server.store.read() as connection:
        placed = set(
            connection.scalars(select(schema.placement.c.scope).where(schema.placement.c.subject == child))
        )
    assert placed == {POSYANDU, OTHER_VILLAGE}


def test_a_laptop_that_was_revoked_meanwhile_stays_aside(server, join):
    old, new = join(), join(OTHER_VILLAGE)
    child = old.child()
    old.push(server)
    new.measure(child)
    new.push(server)
    admin.revoke(server.store, new.device)
    transfer(old, child, OTHER_VILLAGE)
    old.push(server, first=2)
    assert server.status().statuses == {"applied": 2, "quarantined": 1}


def test_what_an_erased_child_was_written_is_not_brought_back(server, join):
    old, new = join(), join(OTHER_VILLAGE)
    child = old.child()
    old.push(server)
    new.measure(child)
    new.push(server)
    admin.erase(server.store, child, "Surat 12/2026")
    transfer(old, child, OTHER_VILLAGE)
    old.push(server, first=2)
    assert server.status().statuses == {"applied": 1, "quarantined": 2}


@pytest.mark.parametrize("together", [False, True])
def test_moves_that_came_in_the_wrong_order_bring_one_another(server, join, together):
    """From the first posyandu to the second, from there to the third; the last is heard first."""
    first, second, third = join(), join(OTHER_VILLAGE), join(THIRD)
    midwife = join("32.11")
    child = first.child()
    first.push(server)
    third.measure(child)
    transfer(second, child, THIRD, "2026-11-20")
    second.measure(child)
    transfer(first, child, OTHER_VILLAGE)
    if together:
        midwife.ask(server, third.segment(), second.segment(), first.segment(2))
    else:
        third.push(server)
        second.push(server)
        assert server.status().statuses == {"applied": 1, "quarantined": 3}
        first.push(server, first=2)
    assert server.status().statuses == {"applied": 5}
    assert counted(server, first) == counted(server, second) == counted(server, third)
    assert counted(server, third)[0] == 5


@pytest.mark.parametrize("before", [False, True])
def test_both_in_one_request_whichever_stands_first(server, join, before):
    old, new, carrier = join(), join(OTHER_VILLAGE), join("32.11")
    new.replica = ("00000000" if before else "ffffffff") + new.replica[8:]
    child = old.child()
    transfer(old, child, OTHER_VILLAGE)
    new.measure(child)
    carrier.ask(server, old.segment(), new.segment())
    assert server.status().statuses == {"applied": 3}


@pytest.mark.parametrize("what", ["measures", "links"])
def test_she_is_registered_written_about_and_moved_in_one_request(server, join, what):
    """In the order of the logs: the old posyandu, the new one, the midwife of both who moved her."""
    old, new, bidan = join(), join(OTHER_VILLAGE), join("32.11")
    for laptop, first in ((old, "0"), (new, "7"), (bidan, "f")):
        laptop.replica = first * 8 + laptop.replica[8:]
    child = old.child()
    if what == "measures":
        new.measure(child)
    else:
        new.write("person.link", new.child(), {"other": child, "reason": "nama dan ibu sama"})
    bidan.write("child.transfer", child, {"to": OTHER_VILLAGE, "date": "2026-11-18"}, scope=POSYANDU)
    bidan.ask(server, old.segment(), new.segment(), bidan.segment())
    assert set(server.status().statuses) == {"applied"}
    assert counted(server, new) == counted(server, bidan)


def test_sent_again_it_is_told_the_same_and_stands_once(server, join):
    old, new = join(), join(OTHER_VILLAGE)
    child = old.child()
    old.push(server)
    new.measure(child)
    new.push(server)
    transfer(old, child, OTHER_VILLAGE)
    for _ in range(2):
        old.push(server, first=2)
    replies = [new.push(server), new.push(server)]
    told = [[one for one in reply["receipts"] if one["seq"] == 1] for reply in replies]
    assert [len(some) for some in told] == [1, 1]
    assert told[0] == told[1]
    head = server.status().head
    transfer(old, child, POSYANDU)
    transfer(old, child, OTHER_VILLAGE)
    old.push(server, first=3)
    assert server.status().head == head + 2
    assert server.status().statuses == {"applied": 5}
    with server.store.read() as connection:
        places = connection.execute(select(schema.feed).where(schema.feed.c.replica == new.replica)).all()
    assert sorted(row.scope for row in places) == [POSYANDU, OTHER_VILLAGE]
    assert len({row.ss for row in places}) == 1


def test_a_restored_server_hears_the_new_posyandu_before_the_move(server, join):
    old, new = join(), join(OTHER_VILLAGE)
    child = old.child()
    old.push(server)
    backup = servers.back_up(server)
    transfer(old, child, OTHER_VILLAGE)
    old.push(server, first=2)
    new.hear(server)
    new.measure(child)
    new.push(server)
    servers.put_back(server, backup)
    admin.restored(server.store)
    assert statuses(new.push(server)) == ["quarantined"]
    for laptop in (old, new):
        laptop.cursor = 0
    old.push(server, first=2)
    assert server.status().statuses == {"applied": 3}
    assert counted(server, old) == counted(server, new)


def test_two_processes_take_in_the_move_and_what_follows_it_at_the_same_moment(server, join):
    """However they meet, in the end everything stands."""
    other = Store(server.district.database)
    desks = [server.desk, Desk(server.district, other, server.time)]
    old, new = join(), join(OTHER_VILLAGE)
    try:
        for _ in range(12):
            child = old.child()
            old.push(server, first=len(old.ops))
            transfer(old, child, OTHER_VILLAGE)
            new.measure(child)
            ready = threading.Barrier(2)
            bodies = [laptop.signed(laptop.segment(len(laptop.ops))) for laptop in (old, new)]

            def send(desk: Desk, body: bytes, ready: threading.Barrier = ready) -> None:
                ready.wait()
                desk.exchange(body)

            threads = [
                threading.Thread(target=send, args=(desk, body))
                for desk, body in zip(desks, bodies, strict=True)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        other.close()
    assert server.status().statuses == {"applied": 36}
    assert counted(server, old) == counted(server, new)


def test_a_child_who_comes_back_brings_what_was_put_aside_whole(server, join):
    """Its author had to forget her, and what was written here about her with her."""
    old, new = join(), join(OTHER_VILLAGE)
    child = old.child()
    transfer(old, child, OTHER_VILLAGE)
    old.push(server)
    server.time.move(91 * DAY_MS)
    old.hear(server)
    assert old.ask(server, cursor=0)["order"]["purge"] == [child]
    old.hear(server)
    old.measure(child)
    assert statuses(old.push(server, first=3)) == ["quarantined"]
    transfer(new, child, POSYANDU, "2027-03-01")
    new.push(server)
    assert server.status().statuses == {"applied": 4}
    heard = old.hear(server)
    whole = [item for item in heard if (item["replica"], item["op"]["seq"]) == (old.replica, 3)]
    assert [item["status"] for item in whole] == ["applied"]
    assert whole[0]["op"] == old.ops[2]
    assert counted(server, old) == counted(server, new)


# another area of the laptop


def test_what_was_outside_a_laptops_area_is_judged_again_when_it_is_given_that_area(server, join):
    """As after a backup was put back from before the laptop was given it."""
    kader, there, stranger = join(), join(OTHER_POSYANDU), join(THIRD)
    child = there.child()
    there.push(server)
    kader.scope = OTHER_POSYANDU
    mine = kader.child("Baru")
    kader.measure(child)
    kader.measure(mine)
    stranger.write("child.set", child, {"phone": field("0811")})
    assert statuses(kader.push(server)) == ["quarantined"] * 3
    assert statuses(stranger.push(server)) == ["quarantined"]
    admin.rescope(server.district, server.store, kader.device, OTHER_POSYANDU)
    assert server.status().statuses == {"applied": 4, "quarantined": 1}
    assert {item["op"]["seq"] for item in there.hear(server)} == {1, 2, 3}
    assert counted(server, kader) == counted(server, there)


def test_a_laptop_given_an_area_brings_nothing_of_a_third(server, join):
    kader, there = join(), join(THIRD)
    child = there.child()
    there.push(server)
    kader.measure(child)
    assert statuses(kader.push(server)) == ["quarantined"]
    admin.rescope(server.district, server.store, kader.device, OTHER_POSYANDU)
    assert server.status().statuses == {"applied": 1, "quarantined": 1}


# what it costs


def test_more_than_fits_one_batch_is_released_to_the_last_when_the_move_comes(server, join):
    old, new = join(), join(OTHER_VILLAGE)
    child = old.child()
    old.push(server)
    for _ in range(2001):
        new.measure(child)
    new.push(server, until=1500)
    new.push(server, first=1501)
    assert server.status().statuses == {"applied": 1, "quarantined": 2001}
    transfer(old, child, OTHER_VILLAGE)
    old.push(server, first=2)
    assert server.status().statuses == {"applied": 2003}


def test_more_than_fits_one_batch_is_released_to_the_last_when_the_child_comes(server, join):
    kader, child = join(), new_id()
    for _ in range(2001):
        kader.measure(child)
    kader.push(server, until=1500)
    kader.push(server, first=1501)
    assert server.status().statuses == {"held": 2001}
    kader.child(entity=child)
    kader.push(server, first=2002)
    assert server.status().statuses == {"applied": 2002}


@pytest.fixture
def statements(server):
    """Every statement that is run, as it is sent."""
    engine, found = server.store._engine, []

    def look(connection, cursor, statement, parameters, context, many):
        found.append(statement)

    event.listen(engine, "before_cursor_execute", look)
    yield found
    event.remove(engine, "before_cursor_execute", look)


def test_who_has_not_moved_costs_nothing_and_who_has_one_look_each_request(server, join, statements):
    kader, stranger = join(), join(THIRD)
    children = [kader.child() for _ in range(400)]
    kader.push(server)
    for child in children[:5]:
        stranger.measure(child)
    stranger.push(server)
    first = len(kader.ops) + 1
    for child in children:
        kader.measure(child)
    statements.clear()
    kader.push(server, first=first)
    assert not any(one.startswith("UPDATE op SET") for one in statements)
    assert not any("DISTINCT subject FROM leaving" in one for one in statements)
    usual = len(statements)
    first = len(kader.ops) + 1
    for child in children:
        transfer(kader, child, OTHER_VILLAGE)
    statements.clear()
    kader.push(server, first=first)
    marks = [one for one in statements if one.startswith("UPDATE op SET status=")]
    assert len(marks) == 2, "what is about them, and what joins them with others"
    assert server.status().statuses == {"applied": 1200, "quarantined": 5}
    assert len(statements) < usual + 10 + 3 * len(children), "history and sums of each who moved, as before"


def test_what_strangers_have_written_is_not_judged_again_at_every_move(server, join, monkeypatch):
    old, stranger = join(), join(THIRD)
    child = old.child()
    old.push(server)
    for _ in range(50):
        stranger.measure(child)
    stranger.push(server)
    judged: list[int] = []
    sit = judge.Sitting.hold

    def counting(sitting):
        judged.append(len(sitting.cases))
        return sit(sitting)

    monkeypatch.setattr(judge.Sitting, "hold", counting)
    transfer(old, child, OTHER_VILLAGE)
    old.push(server, first=2)
    assert judged == [1]
    with server.store.write() as connection:
        connection.execute(update(schema.device).values(former=f'[["{OTHER_VILLAGE}", 1]]'))
    transfer(old, child, "32.11.13.2009.001")
    old.push(server, first=3)
    assert judged == [1, 1, 50], "an area that it had until lately is for the judge to weigh"
    assert server.status().statuses == {"applied": 3, "quarantined": 50}
