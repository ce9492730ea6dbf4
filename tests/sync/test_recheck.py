"""When what differs stands at the server, the server makes it right (sync rule 13, F17)."""

import pytest
from sqlalchemy import delete, select, update

from posyandu_app.district import incidents, recheck, schema
from tests.district.server import OTHER_POSYANDU, VILLAGE


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
