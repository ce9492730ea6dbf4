"""What the Dinas and the puskesmas hand out comes down to every laptop inside its address."""

from contextlib import contextmanager

import pytest

from tests.district.hand import Hand, new_id, reasons, statuses
from tests.district.server import OTHER_POSYANDU, OTHER_VILLAGE, POSYANDU, VILLAGE
from tests.sync.laptops import Laptop

REGION, KECAMATAN = "32.11", "32.11.13"
ALL = (REGION, KECAMATAN, VILLAGE, POSYANDU, OTHER_POSYANDU, OTHER_VILLAGE)


def heard(laptop: Hand, server) -> list[str]:
    return [item["op"]["entity"] for item in laptop.hear(server)]


def recommend(writer: Hand, scope: str, **payload) -> str:
    entity = new_id()
    writer.write("recommendation.record", entity, {"text": "Kejar D/S"} | payload, scope=scope)
    return entity


@pytest.mark.parametrize(
    ("scope", "readers"),
    [
        (REGION, {REGION, KECAMATAN, VILLAGE, POSYANDU, OTHER_POSYANDU, OTHER_VILLAGE}),
        (KECAMATAN, {REGION, KECAMATAN, VILLAGE, POSYANDU, OTHER_POSYANDU, OTHER_VILLAGE}),
        (VILLAGE, {REGION, KECAMATAN, VILLAGE, POSYANDU, OTHER_POSYANDU}),
        (POSYANDU, {REGION, KECAMATAN, VILLAGE, POSYANDU}),
        (OTHER_VILLAGE, {REGION, KECAMATAN, OTHER_VILLAGE}),
    ],
)
def test_a_recommendation_reaches_all_inside_its_address_and_those_above(server, join, scope, readers):
    laptops = {area: join(area, "dinas" if area == REGION else None) for area in ALL}
    entity = recommend(laptops[REGION], scope)
    assert statuses(laptops[REGION].push(server)) == ["applied"]
    for area, laptop in laptops.items():
        expected = [] if area == REGION else [entity] if area in readers else []
        assert heard(laptop, server) == expected, area


def test_one_about_a_child_goes_where_the_child_is_and_moves_with_her(server, join):
    kader, neighbour, bidan, dinas = join(), join(OTHER_POSYANDU), join(VILLAGE), join(REGION, "dinas")
    child = kader.child()
    kader.push(server)
    entity = recommend(dinas, VILLAGE, child=child)
    dinas.push(server)
    assert heard(kader, server) == [entity]
    assert neighbour.hear(server) == []
    bidan.write("child.transfer", child, {"to": OTHER_POSYANDU, "date": "2026-11-20"}, scope=POSYANDU)
    assert statuses(bidan.push(server)) == ["applied"]
    assert set(heard(neighbour, server)) == {child, entity}


def test_changes_of_what_was_handed_out_come_down_too_and_a_new_laptop_hears_all(server, join):
    dinas, kader = join(REGION, "dinas"), join()
    entity = recommend(dinas, REGION)
    dinas.push(server)
    assert heard(kader, server) == [entity]
    dinas.write("recommendation.void", entity, {"seen": [], "reason": "keliru"}, scope=REGION)
    dinas.push(server, first=2)
    assert heard(kader, server) == [entity]
    late = join(OTHER_VILLAGE)
    assert heard(late, server) == [entity, entity]


def test_what_a_kader_or_a_midwife_records_does_not_come_down(server, join):
    bidan, kader = join(VILLAGE), join()
    bidan.write("user.register", new_id(), {"name": {"v": "Bidan Rina", "base": None}}, scope=VILLAGE)
    bidan.write("answer.record", new_id(), {"to": new_id(), "state": "selesai"}, scope=VILLAGE)
    assert statuses(bidan.push(server)) == ["applied", "applied"]
    assert kader.hear(server) == []


@pytest.mark.parametrize("kind", ["recommendation.record", "report_check.record", "rules.register"])
def test_only_those_who_may_hand_out(server, join, kind):
    outcomes = {}
    for role, scope in {"kader": POSYANDU, "bidan": VILLAGE, "tpg": KECAMATAN, "dinas": REGION}.items():
        laptop = Hand(scope, server.time.now).join(server, role)
        laptop.write(kind, new_id(), {"text": {"v": "x", "base": None}})
        outcomes[role] = reasons(laptop.push(server))[0]
    expected = {"kader": "server_owned", "bidan": "server_owned", "tpg": None, "dinas": None}
    assert outcomes == expected | ({"tpg": "server_owned"} if kind == "rules.register" else {})


def test_a_puskesmas_may_not_change_what_is_addressed_beyond_its_kecamatan(server, join):
    dinas, tpg = join(REGION, "dinas"), join(KECAMATAN, "tpg")
    entity = recommend(dinas, REGION)
    dinas.push(server)
    tpg.write("recommendation.void", entity, {"seen": [], "reason": "x"}, scope=KECAMATAN)
    assert reasons(tpg.push(server)) == ["out_of_scope"]


def test_small_pages_mix_both_ways_in_order_and_leave_nothing_out(server, join):
    dinas, kader, neighbour = join(REGION, "dinas"), join(), join()
    expected = []
    for place in range(12):
        if place % 3:
            expected.append(kader.child(f"Anak {place}"))
            kader.push(server, first=len(kader.ops))
        else:
            expected.append(recommend(dinas, (REGION, VILLAGE, POSYANDU)[place % 9 // 3]))
            dinas.push(server, first=len(dinas.ops))
    for limit in (1, 2, 3, 5, 100):
        neighbour.cursor, got = 0, []
        while True:
            reply = neighbour.ask(server, limit=limit)
            got += [item["op"]["entity"] for item in reply["feed"]["ops"]]
            assert reply["feed"]["to"] > neighbour.cursor or not reply["feed"]["more"]
            neighbour.cursor = reply["feed"]["to"]
            if not reply["feed"]["more"]:
                break
        assert got == expected, limit


@contextmanager
def _laptops(folder, server):
    made = {area: Laptop(folder / f"{area}.db", area).join(server) for area in ALL if area != REGION}
    yield made
    for laptop in made.values():
        laptop.database.close()


def test_both_sides_agree_on_sums_and_rows_with_what_came_down(server, join, tmp_path):
    dinas = join(REGION, "dinas")
    with _laptops(tmp_path, server) as laptops:
        child = laptops[POSYANDU].register()
        laptops[POSYANDU].weigh(child)
        laptops[POSYANDU].sync()
        for scope in (REGION, KECAMATAN, VILLAGE, OTHER_VILLAGE, POSYANDU):
            recommend(dinas, scope)
        recommend(dinas, REGION, child=child)
        dinas.write("rules.register", new_id(), {"text": {"v": "x", "base": None}}, scope=REGION)
        assert set(statuses(dinas.push(server))) == {"applied"}
        for area, laptop in laptops.items():
            exchanged = laptop.sync()
            assert exchanged.incidents == (), area
            again = laptop.sync()
            assert (again.incidents, again.received) == ((), 0), area
        assert laptops[POSYANDU].digests()["recommendation"][0] == 5
        assert laptops[OTHER_VILLAGE].digests()["recommendation"][0] == 3
        from posyandu_app.district import admin

        with server.store.write() as connection:
            admin.rebuild(connection)
        for area, laptop in laptops.items():
            assert laptop.sync().incidents == (), f"{area} after a rebuild"


# --- who has it ---


def test_those_who_hand_out_are_told_how_far_the_laptops_inside_have_read(server, join):
    dinas, tpg, kader = join(REGION, "dinas"), join(KECAMATAN, "tpg"), join()
    far = join(OTHER_VILLAGE)
    recommend(dinas, REGION)
    ss = dinas.push(server)["receipts"][0]["ss"]
    assert {item["scope"]: item["cursor"] for item in dinas.ask(server)["readers"]} == {
        KECAMATAN: 0,
        POSYANDU: 0,
        OTHER_VILLAGE: 0,
    }
    kader.hear(server)
    kader.ask(server)
    told = {item["scope"]: item for item in tpg.ask(server)["readers"]}
    assert set(told) == {POSYANDU, OTHER_VILLAGE}
    assert told[POSYANDU]["cursor"] >= ss
    assert told[POSYANDU]["seen_at"] >= "2026-11-18"
    assert told[OTHER_VILLAGE] == {"scope": OTHER_VILLAGE, "cursor": 0}
    for reply in (kader.ask(server), far.ask(server)):
        assert "readers" not in reply


def test_a_laptop_cannot_claim_to_have_read_more_than_there_is_nor_another_history(server, join):
    dinas, kader = join(REGION, "dinas"), join()
    recommend(dinas, REGION)
    head = dinas.push(server)["receipts"][0]["ss"]
    kader.ask(server, cursor=2**40)
    assert dinas.ask(server)["readers"][0]["cursor"] == head
    kader.ask(server, cursor=head, epoch=new_id())
    assert dinas.ask(server)["readers"][0]["cursor"] == 0


def test_what_a_laptop_without_network_has_read_is_known_by_its_sticks_and_an_old_one_takes_nothing_back(
    server, join
):
    dinas, kader = join(REGION, "dinas"), join()
    recommend(dinas, REGION)
    head = dinas.push(server)["receipts"][0]["ss"]
    for cursor, known in ((0, 0), (head - 1, head - 1), (head, head), (head - 1, head)):
        server.desk.take_in(kader.signed(cursor=cursor), carried=True)
        assert dinas.ask(server)["readers"][0]["cursor"] == known
    server.desk.take_in(kader.signed(cursor=head, epoch=new_id()), carried=True)
    assert dinas.ask(server)["readers"][0]["cursor"] == head


def test_a_laptop_keeps_what_it_is_told_about_readers(server, join, tmp_path):
    from posyandu_app.storage import peer
    from posyandu_app.sync.enrolment import enrol
    from tests.district.server import Wire

    kader = join()
    laptop = Laptop(tmp_path / "dinas.db", REGION)
    laptop.transport = Wire(server.desk)
    assert peer.readers(laptop.database) == ()
    enrol(laptop.database, laptop.transport, server.code(REGION, "dinas"), "Dinas")
    laptop.sync()
    assert peer.readers(laptop.database) == (peer.Reader(POSYANDU, 0),)
    laptop.log("recommendation.record", new_id(), {"text": "x"}, REGION)
    laptop.sync()
    kader.hear(server)
    kader.ask(server)
    laptop.sync()
    (reader,) = peer.readers(laptop.database)
    ss = laptop.database.number("SELECT ss FROM log WHERE type = 'recommendation.record'")
    assert reader.cursor >= ss > 0
    laptop.database.close()
