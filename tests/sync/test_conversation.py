"""Request after request: no more of them than needed, the next under way before an answer is taken in."""

import json
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from posyandu_app.district import schema
from posyandu_app.domain.errors import UserError
from posyandu_app.storage import incidents
from posyandu_app.sync import conversation
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.trouble import Busy, Offline, Portal
from tests.district.server import VILLAGE, Wire


class Told(Wire):
    """Carries requests and keeps what each asked for and was answered; one of them may come to grief."""

    def __init__(self, desk, lose: int = 0, refuse: int = 0, garble: int = 0) -> None:
        super().__init__(desk)
        self.lose, self.refuse, self.garble = lose, refuse, garble
        self.sizes: list[int] = []
        self.receipts: list[int] = []

    def exchange(self, body: bytes) -> bytes:
        self.sizes.append(sum(len(segment["ops"]) for segment in json.loads(body)["segments"]))
        number = len(self.sizes)
        if number == self.refuse:
            raise Busy(5)
        reply = super().exchange(body)
        if number == self.lose:
            raise Offline
        self.receipts.append(len(json.loads(reply)["receipts"]))
        return reply[:-20] if number == self.garble else reply


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """However busy the machine is, every round trip is a short one."""
    monkeypatch.setattr(conversation, "time", SimpleNamespace(monotonic=lambda: 0.0))


@pytest.fixture
def kader(make):
    """A laptop with 600 operations that nobody has yet."""
    laptop = make()
    for number in range(300):
        laptop.weigh(laptop.register(f"Anak {number}"))
    return laptop


def test_a_backlog_takes_no_request_and_no_receipt_more_than_it_has_to(server, kader):
    line = Told(server.desk)
    done = exchange_all(kader.engine, line)
    assert line.sizes == [50, 200, 350]
    assert line.receipts == line.sizes, "each entry is told of once"
    assert (done.sent, done.statuses) == (600, {"applied": 600})
    assert kader.status.unsent == 0


def test_the_pages_of_others_come_along_while_the_own_backlog_goes(server, kader, make):
    other = make()
    for number in range(150):
        other.register(f"Anak lain {number}")
    other.sync()
    line = Told(server.desk)
    done = exchange_all(kader.engine, line)
    assert (done.sent, done.received) == (600, 150)
    assert len(line.sizes) <= 5
    bidan = make(VILLAGE)
    assert bidan.sync().received == 750
    other.sync()
    assert kader.digests() == other.digests() == bidan.digests()


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("harm", ["lose", "refuse", "garble"])
def test_whatever_becomes_of_one_request_nothing_is_lost_or_doubled(server, kader, harm, number):
    with pytest.raises((Offline, Busy, Portal)):
        exchange_all(kader.engine, Told(server.desk, **{harm: number}))
    kader.edit(kader.database.rows("SELECT id FROM child ORDER BY id")[0][0], "name", "Sementara itu")
    done = exchange_all(kader.engine, Told(server.desk))
    assert done.incidents == ()
    assert server.status().statuses == {"applied": 601}
    assert kader.statuses() == {"applied": 601}
    assert kader.digests() == {kind: tuple(pair) for kind, pair in server.status().digests.items()}


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_answer_that_cannot_be_taken_in_comes_again(server, kader, monkeypatch, number):
    """The next request is under way by then: what it brings is left aside."""
    apply, taken = kader.engine.apply, []

    def full(reply):
        taken.append(reply)
        if len(taken) == number:
            raise UserError("Disk penuh.", code="disk_full")
        return apply(reply)

    monkeypatch.setattr(kader.engine, "apply", full)
    with pytest.raises(UserError):
        exchange_all(kader.engine, Told(server.desk))
    monkeypatch.undo()
    assert exchange_all(kader.engine, Told(server.desk)).incidents == ()
    assert server.status().statuses == {"applied": 600}
    assert kader.statuses() == {"applied": 600}
    assert kader.digests() == {kind: tuple(pair) for kind, pair in server.status().digests.items()}


def test_what_is_saved_while_a_backlog_goes_goes_along(server, kader):
    saved = []

    class Saving(Told):
        def exchange(self, body: bytes) -> bytes:
            reply = super().exchange(body)
            if len(self.sizes) == 2:
                saved.append(True)
            return reply

    line = Saving(server.desk)
    exchange_all(kader.engine, line, lambda _: kader.register("Baru") if saved and saved.pop() else None)
    assert kader.status.unsent == 0
    assert server.status().statuses == {"applied": 601}


def test_an_incident_that_only_a_lost_request_told_is_told_again(server, kader):
    """Until the server has answered the very request that told of it, it has not been told."""
    database = kader.database
    first = kader.engine.prepare(50)
    reply = server.desk.exchange(first.body)
    incidents.note(database, "rows_differ", "2026-11-10T09:00:00.000+07:00", "child")
    lost = kader.engine.prepare_after(reply, first, 200)
    assert lost is not None
    assert len(json.loads(lost.body)["incidents"]) == 1
    kader.engine.apply(reply)
    with server.store.read() as connection:
        assert connection.execute(select(schema.incident)).all() == []
    kader.sync()
    with server.store.read() as connection:
        assert [row.what for row in connection.execute(select(schema.incident))] == ["rows_differ"]
    kader.sync()
    with server.store.read() as connection:
        assert len(connection.execute(select(schema.incident)).all()) == 1
