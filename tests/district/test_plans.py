"""What an exchange costs does not grow with the district: no statement reads through a whole large table."""

import pytest
from sqlalchemy import event

from tests.district.hand import opened
from tests.district.server import POSYANDU, VILLAGE

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
