"""Writers side by side on PostgreSQL take their locks in one order: none waits for another in a circle."""

import threading
import time
from contextlib import suppress

import pytest
from sqlalchemy import text

from posyandu_app.district import admin, desk, incidents, intake
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


@pytest.fixture
def join(server):
    return lambda: Hand(POSYANDU, server.time.now).join(server)


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


@pytest.fixture
def came_back(server, join):
    """An author whose second operation was given back and is held here, and who creates what it needs."""
    author, giver, creator = join(), join(), join()
    child = creator.child()
    author.child("Lain")
    author.measure(child)
    admin.restored(server.store)
    giver.ask(server, returned=[server.told(author.replica, author.ops[1])])
    assert server.status().statuses == {"held": 1}
    return author, creator


def counted(server) -> int:
    with server.store.read() as connection:
        of_the_posyandu = text("SELECT count FROM tally WHERE kind = 'log' AND area = :area")
        return connection.scalar(of_the_posyandu, {"area": POSYANDU})


def test_what_came_back_counts_once_though_its_author_comes_while_it_is_judged(
    server, came_back, monkeypatch
):
    author, creator = came_back
    judge, inside, waited = desk.judge, threading.Event(), threading.Event()

    def slow(*arguments) -> int:
        judged = judge(*arguments)
        if not inside.is_set():
            inside.set()
            waited.wait(20)
        return judged

    monkeypatch.setattr(desk, "judge", slow)
    creating = Beside(lambda: creator.push(server))
    assert inside.wait(20)
    telling = Beside(lambda: author.push(server))
    until_waiting(server, telling)
    waited.set()
    creating.done()
    assert statuses(telling.done()) == ["applied", "applied"]
    assert server.status().statuses == {"applied": 3}
    assert counted(server) == 3


def test_an_author_and_who_judges_what_came_back_of_it_wait_in_no_circle(server, came_back, monkeypatch):
    author, creator = came_back
    lock_order, inside = server.store.lock_order, threading.Event()

    def slow(connection) -> None:
        if not inside.is_set():
            inside.set()
            until_waiting(server, creating)
        lock_order(connection)

    def create():
        assert inside.wait(20)
        return creator.push(server)

    monkeypatch.setattr(server.store, "lock_order", slow)
    creating = Beside(create)
    author.push(server)
    creating.done()
    assert server.status().statuses == {"applied": 3}


def test_two_who_push_and_give_back_each_others_wait_in_no_circle(server, join, monkeypatch):
    one, other = join(), join()
    one.child()
    other.child()
    admin.restored(server.store)
    store, both = intake.store, threading.Barrier(2)

    def slow(*arguments, **how):
        done = store(*arguments, **how)
        with suppress(threading.BrokenBarrierError):
            both.wait(2)
        return done

    monkeypatch.setattr(intake, "store", slow)
    beside = Beside(lambda: one.push(server, returned=[server.told(other.replica, other.ops[0])]))
    other.push(server, returned=[server.told(one.replica, one.ops[0])])
    beside.done()
    assert server.status().statuses == {"applied": 2}
