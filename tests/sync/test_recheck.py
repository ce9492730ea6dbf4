"""When what differs stands at the server, the server makes it right (sync rule 13, F17)."""

import pytest
from sqlalchemy import delete, select, update

from posyandu_app.district import incidents, recheck, schema, tallies
from posyandu_app.domain.scopes import ancestors
from tests.district.server import OTHER_POSYANDU, OTHER_VILLAGE, POSYANDU, VILLAGE


@pytest.fixture
def three(server, make):
    kader, other, bidan = make(), make(OTHER_POSYANDU), make(VILLAGE)
    for number in range(30):
        kader.weigh(kader.register(f"Anak {number}"))
        other.weigh(other.register(f"Anak sebelah {number}"))
    for laptop in (kader, other, bidan):
        laptop.sync()
    return kader, other, bidan


def told(server) -> list[str]:
    with server.store.read() as connection:
        return [one.what for one in incidents.known(connection)]


def standing(server) -> list[tuple]:
    with server.store.read() as connection:
        return [
            sorted(tuple(row) for row in connection.execute(select(table)))
            for table in (schema.op, schema.feed, schema.placement, schema.row, schema.tally)
        ]


def spoil_rows(connection) -> None:
    """A row made wrongly, one lost, one of nobody, and sums to match none of them."""
    entities = list(connection.scalars(select(schema.row.c.entity).where(schema.row.c.kind == "child")))
    connection.execute(
        update(schema.row).where(schema.row.c.entity == entities[0]).values(digest=bytes(32), body="{}")
    )
    connection.execute(delete(schema.row).where(schema.row.c.entity == entities[1]))
    connection.execute(
        schema.row.insert().values(
            entity=entities[2], kind="measurement", subject=entities[2], body="{}", digest=bytes(32)
        )
    )
    connection.execute(update(schema.tally).where(schema.tally.c.kind == "child").values(sum=bytes(32)))


def spoil_rows_and_all_that_counts_them(connection) -> None:
    """A row made wrongly, one lost and one of nobody; the sums of every area that holds them fit them."""
    row = schema.row.c
    ours = select(schema.placement.c.subject).where(schema.placement.c.scope == POSYANDU)
    first, second, third = connection.execute(
        select(row.entity, row.digest).where(row.kind == "child", row.entity.in_(ours)).limit(3)
    )
    connection.execute(
        update(schema.row).where(row.entity == first.entity).values(digest=b"\1" * 32, body="{}")
    )
    connection.execute(delete(schema.row).where(row.entity == second.entity))
    connection.execute(
        schema.row.insert().values(
            entity=third.entity, kind="measurement", subject=third.entity, body="{}", digest=b"\2" * 32
        )
    )
    one, two = (int.from_bytes(bytes([number]) * 32, "big") for number in (1, 2))
    before = [int.from_bytes(bytes(found.digest), "big") for found in (first, second)]
    changes: dict[tuple[str, str], list[int]] = {}
    for area in ancestors(POSYANDU):
        changes[area, "child"] = [-1, one - sum(before)]
        changes[area, "measurement"] = [1, two]
    tallies.add(connection, changes)


def spoil_sums(connection) -> None:
    connection.execute(
        update(schema.tally).where(schema.tally.c.kind == "log").values(count=schema.tally.c.count + 1)
    )


def come_back_until_it_is_right(server, laptop) -> int:
    """How many exchanges it takes; laptops come every quarter of an hour, all day."""
    for number in range(1, 12):
        server.time.move(60_000)
        if laptop.sync().incidents == ():
            return number
    raise AssertionError("never mended")


@pytest.mark.parametrize("spoil", [spoil_rows, spoil_sums], ids=["rows", "sums"])
def test_a_server_that_is_wrong_makes_it_right_and_says_so(server, three, spoil):
    right = standing(server)
    with server.store.write() as connection:
        spoil(connection)
    assert standing(server) != right
    bidan = three[2]
    own = bidan.digests()
    come_back_until_it_is_right(server, bidan)
    assert bidan.digests() == own, "the laptop was right and stays as it was"
    assert "server_mended" in told(server)
    for laptop in three:
        assert laptop.sync().incidents == ()
    now = standing(server)
    assert now[:4] == right[:4]
    in_the_area = [[row for row in tallies if row[0].startswith(VILLAGE)] for tallies in (now[4], right[4])]
    assert in_the_area[0] == in_the_area[1]


def test_the_sums_of_the_areas_around_follow_the_rows_that_are_made_right(server, three, monkeypatch):
    """Only the area itself is counted anew; the sums of the kecamatan and the kabupaten must fit as well."""
    monkeypatch.setattr(recheck, "SLICE", 25)
    right = standing(server)
    with server.store.write() as connection:
        spoil_rows_and_all_that_counts_them(connection)
    assert standing(server) != right
    for _ in range(10):
        server.time.move(60_000)
        three[2].sync()
    assert standing(server) == right
    with server.store.read() as connection:
        found = {one.what: one.detail for one in incidents.known(connection)}
    assert found["server_mended"] == f"{VILLAGE} 3 0"


def test_an_area_is_looked_at_again_after_a_day_and_a_wider_one_at_once(server, three):
    device, now, day = three[2].peer.device, server.time.now, 24 * 60 * 60 * 1000

    def is_looked_at(area: str, at: int) -> bool:
        with server.store.write() as connection:
            recheck.begin(connection, area, device, at)
            if not (begun := recheck.is_under_way(connection)):
                return False
            while recheck.is_under_way(connection):
                recheck.go_on(connection, at)
            return begun

    assert is_looked_at(VILLAGE, now)
    assert not is_looked_at(VILLAGE, now + day - 1)
    assert not is_looked_at(POSYANDU, now + day - 1), "it lies in what was looked at"
    assert is_looked_at(OTHER_VILLAGE, now + 1)
    assert not is_looked_at(VILLAGE, now + 2)
    assert is_looked_at("32.11.13", now + 3)
    assert not is_looked_at(VILLAGE, now + day)
    assert is_looked_at(VILLAGE, now + day + 3)


def test_it_goes_slice_by_slice_and_whoever_comes_moves_it_on(server, three, monkeypatch):
    monkeypatch.setattr(recheck, "SLICE", 25)
    kader, other, bidan = three
    with server.store.write() as connection:
        spoil_rows(connection)
    bidan.sync()
    bidan.sync()
    with server.store.read() as connection:
        assert recheck.is_under_way(connection)
    child = other.register("Anak baru di tengahnya")
    other.weigh(child)
    for _ in range(8):
        server.time.move(60_000)
        other.sync()
        kader.sync()
    with server.store.read() as connection:
        assert not recheck.is_under_way(connection)
    bidan.sync()
    assert bidan.sync().incidents == ()
    assert bidan.value(child, "name") == "Anak baru di tengahnya"


def test_a_laptop_that_is_wrong_itself_makes_the_server_look_once_a_day_and_change_nothing(server, three):
    right = standing(server)
    bidan = three[2]
    for _ in range(6):
        with bidan.database.atomic():
            bidan.database.run("UPDATE row_sum SET sum = randomblob(32) WHERE kind = 'child'")
        bidan.sync()
        server.time.move(60_000)
    assert standing(server) == right
    assert told(server).count("server_checked") == 1
    assert "server_mended" not in told(server)


def test_a_revoked_laptop_makes_the_server_look_at_nothing(server, three):
    from posyandu_app.district import admin

    bidan = three[2]
    for _ in range(2):
        with bidan.database.atomic():
            bidan.database.run("UPDATE row_sum SET sum = randomblob(32) WHERE kind = 'child'")
        bidan.sync()
    admin.revoke(server.store, bidan.peer.device)
    bidan.sync()
    assert "rows_still_differ" in told(server)
    with server.store.read() as connection:
        assert not recheck.is_under_way(connection)
    assert not {"server_checked", "server_mended"} & set(told(server))
