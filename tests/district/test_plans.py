"""What an exchange costs does not grow with the district: no statement reads through a whole large table."""

import pytest
from sqlalchemy import event

from posyandu_app.district import admin
from tests.district.hand import opened
from tests.district.server import OTHER_VILLAGE, POSYANDU, VILLAGE

LARGE = ("op", "feed", "row", "placement", "segment")


@pytest.fixture
def plans(server_on_sqlite):
    """Every statement that is run, with how SQLite goes about it."""
    engine, found = server_on_sqlite[0].store._engine, {}

    def look(connection, cursor, statement, parameters, context, many):
        if statement.split(None, 1)[0] in ("SELECT", "UPDATE", "DELETE"):
            first = parameters[0] if many else parameters
            plan = connection.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", first)
            found[statement] = [row[3] for row in plan.fetchall()]

    event.listen(engine, "before_cursor_execute", look)
    yield found
    event.remove(engine, "before_cursor_execute", look)


def through_a_whole_table(plans) -> list[tuple[str, str]]:
    return [
        (step, statement)
        for statement, steps in plans.items()
        for step in steps
        if step.startswith("SCAN") and set(step.replace('"', "").split()) & {*LARGE, "f", "o"}
    ]


def test_no_statement_of_an_exchange_reads_through_a_whole_table(server_on_sqlite, plans):
    server, make = server_on_sqlite
    kader, bidan, dinas = make(POSYANDU), make(VILLAGE), make("32.11")
    child = kader.child()
    kader.measure(child)
    kader.measure("11111111-1111-4111-8111-222222222222")
    for laptop in (kader, bidan, dinas, kader):
        segments = [laptop.segment()] if laptop is kader else []
        opened(server.desk.exchange(laptop.signed(*segments)), laptop.server_key)
    assert len(plans) > 20
    assert through_a_whole_table(plans) == []
    assert server.status().statuses["held"] == 1


def test_nor_does_a_move_that_brings_what_stood_aside(server_on_sqlite, plans):
    server, make = server_on_sqlite
    old, new = make(POSYANDU), make(OTHER_VILLAGE)
    child = old.child()
    old.push(server)
    new.measure(child)
    new.push(server)
    old.write("child.transfer", child, {"to": OTHER_VILLAGE, "date": "2026-11-18"})
    old.push(server, first=2)
    asked = [words for words in plans if words.startswith("UPDATE op SET status=") or "FROM leaving" in words]
    assert len(asked) == 4, (
        "what is judged again, about her and with her, who had to forget her, whom to tell"
    )
    assert through_a_whole_table(plans) == []
    assert server.status().statuses == {"applied": 3}


def test_nor_does_what_comes_back_to_a_restored_server_or_its_author(server_on_sqlite, plans):
    server, make = server_on_sqlite
    author, bidan = make(POSYANDU), make(VILLAGE)
    author.measure(author.child())
    author.measure("11111111-1111-4111-8111-222222222222")
    author.push(server, until=1)
    admin.restored(server.store)
    plans.clear()
    bidan.ask(
        server,
        returned=[server.told(author.replica, author.ops[1]), server.told(author.replica, author.ops[2])],
    )
    author.push(server)
    assert through_a_whole_table(plans) == []
    assert server.status().statuses == {"applied": 2, "held": 1}
