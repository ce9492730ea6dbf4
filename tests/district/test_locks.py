"""Writers side by side on PostgreSQL take their locks in one order: none waits for another in a circle."""

import threading
import time

import pytest
from sqlalchemy import text

from posyandu_app.district import admin, incidents
from posyandu_app.district.store import set_fact
from tests.district import server as servers
from tests.district.hand import Hand, statuses
from tests.district.server import OTHER_POSYANDU, POSYANDU


@pytest.fixture
def server(tmp_path):
    with servers.running(tmp_path / "dinas", servers.postgres()) as running:
        yield running


@pytest.fixture
def laptop(server):
    laptop = Hand(POSYANDU, server.time.now).join(server)
    laptop.child()
    return laptop


class Beside(threading.Thread):
    """Work beside the test's own; `done` gives its result or raises what it raised."""

    def __init__(self, work) -> None:
        super().__init__()
        self._work = work
        self._result = self._error = None
        self.start()

    def run(self) -> None:
        try:
            self._result = self._work()
        except Exception as error:
            self._error = error

    def done(self):
        self.join()
        if self._error is not None:
            raise self._error
        return self._result


def until_waiting(server, alive: threading.Thread) -> None:
    """Until some writer of this database waits for a lock."""
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock'"
    )
    until = time.monotonic() + 20
    while alive.is_alive() and time.monotonic() < until:
        with server.store.read() as connection:
            if connection.scalar(waits):
                return
        time.sleep(0.01)


def test_a_laptop_that_differs_does_not_get_in_the_way_of_the_look_under_way(server, laptop):
    differs = [{"at": "2026-11-18T09:00:00+07:00", "what": "rows_still_differ"}]
    with server.store.write() as connection:
        server.store.lock_order(connection)
        asking = Beside(lambda: laptop.push(server, incidents=differs))
        until_waiting(server, asking)
        set_fact(connection, "recheck", "")
    assert statuses(asking.done()) == ["applied"]


def test_a_laptop_may_be_given_another_area_while_it_exchanges(server, laptop, monkeypatch):
    note, inside = incidents.note, threading.Event()

    def move():
        assert inside.wait(20)
        return admin.rescope(server.district, server.store, laptop.device, OTHER_POSYANDU)

    def slow(*arguments) -> None:
        note(*arguments)
        inside.set()
        until_waiting(server, moving)

    monkeypatch.setattr(incidents, "note", slow)
    moving = Beside(move)
    assert statuses(laptop.push(server)) == ["applied"]
    assert moving.done().scope == OTHER_POSYANDU
