"""The first fill of a laptop is shown all at once or not at all (sync rule 12, F15)."""

import json
import threading

import pytest

from posyandu_app.district import admin
from posyandu_app.storage import filling, peer
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.trouble import Offline
from tests.district.hand import opened
from tests.district.server import OTHER_VILLAGE, VILLAGE, Wire
from tests.sync.laptops import Laptop

DAY_MS = 24 * 60 * 60 * 1000


class Breaking(Wire):
    """A line that breaks after so many answers."""

    def __init__(self, desk, answers: int) -> None:
        super().__init__(desk)
        self.left = answers

    def exchange(self, body: bytes) -> bytes:
        if self.left == 0:
            raise Offline
        self.left -= 1
        return super().exchange(body)


@pytest.fixture
def filled(server, make):
    """A server with 150 operations of 75 children."""
    kader = make()
    for number in range(75):
        kader.weigh(kader.register(f"Anak {number}"))
    kader.sync()
    return kader


def visible(laptop: Laptop) -> tuple[int, int]:
    return tuple(laptop.database.one("SELECT (SELECT count(*) FROM log), (SELECT count(*) FROM child)"))


def test_an_interrupted_fill_shows_nothing_tells_how_far_it_is_and_goes_on_there(server, make, filled):
    bidan = make(VILLAGE)
    with pytest.raises(Offline):
        bidan.sync(Breaking(server.desk, 1))
    assert visible(bidan) == (0, 0)
    assert bidan.status.fill == (50, 150)
    assert "50 dari 150" in bidan.status.message
    assert bidan.peer.cursor == 0
    path, clock = bidan.database.path, bidan.clock
    bidan.database.close()
    from posyandu_app.storage.connection import Database
    from tests.sync.laptops import KEY

    bidan.database = Database.open(path, KEY)
    bidan.engine = Engine(bidan.database, clock)
    line = Breaking(server.desk, 10)
    steps = []
    exchange_all(bidan.engine, line, steps.append)
    assert sum(step.received for step in steps[-1:]) == 100, "what had come is not asked for again"
    assert visible(bidan) == (150, 75)
    assert bidan.status.fill is None
    assert bidan.sync().incidents == ()
    assert bidan.digests() == filled.digests()


def test_the_last_page_alone_is_no_whole_fill(server, make, filled):
    """As when the sticks with the pages before it are still on their way."""
    bidan = make(VILLAGE)
    bidan.engine.apply(server.desk.exchange(bidan.engine.prepare(cursor=140).body))
    with pytest.raises(Offline):
        bidan.sync(Breaking(server.desk, 1))
    assert visible(bidan) == (0, 0)
    assert bidan.status.fill == (50, 150)
    bidan.sync()
    assert visible(bidan) == (150, 75)
    assert bidan.digests() == filled.digests()


def test_children_to_be_forgotten_while_it_is_filled_are_not_shown_at_its_end(server, make, filled):
    bidan = make(VILLAGE)
    moves, erased = (child for (child,) in filled.database.rows("SELECT id FROM child ORDER BY id LIMIT 2"))
    filled.log("child.transfer", moves, {"to": OTHER_VILLAGE, "date": "2026-11-18"})
    filled.sync()
    server.time.move(89 * DAY_MS)
    with pytest.raises(Offline):
        bidan.sync(Breaking(server.desk, 1))
    server.time.move(2 * DAY_MS)
    filled.sync()
    admin.erase(server.store, erased, "Surat 12/2027")
    for _ in range(300):
        filled.register("Sesudahnya")
    filled.sync()
    assert bidan.sync().incidents == bidan.sync().incidents == ()
    assert bidan.database.number("SELECT count(*) FROM child") == 373
    gone = json.dumps([moves, erased])
    assert not bidan.database.number(
        "SELECT count(*) FROM log WHERE payload IS NOT NULL AND EXISTS (SELECT 1 FROM json_each(?)"
        " WHERE value IN (log.entity, log.payload ->> '$.child'))",
        (gone,),
    )


def test_a_fault_in_the_switch_leaves_all_pages_and_nothing_visible(server, make, filled, monkeypatch):
    bidan = make(VILLAGE)
    advance = peer.advance

    def fails(database, cursor):
        raise OSError("power cut")

    monkeypatch.setattr(peer, "advance", fails)
    with pytest.raises(OSError, match="power"):
        bidan.sync()
    assert visible(bidan) == (0, 0)
    monkeypatch.setattr(peer, "advance", advance)
    bidan.sync()
    assert visible(bidan) == (150, 75)
    assert bidan.digests() == filled.digests()


def test_what_is_written_while_a_fill_is_under_way_is_sent_and_stays(server, make, filled):
    bidan = make(VILLAGE)
    bidan.register("Sebelum")
    with pytest.raises(Offline):
        bidan.sync(Breaking(server.desk, 1))
    bidan.register("Di tengah")
    assert bidan.status.unsent == 1
    bidan.sync()
    assert bidan.status.unsent == 0
    assert visible(bidan) == (152, 77)
    filled.sync()
    assert bidan.digests() == filled.digests() or bidan.sync().incidents == ()


def test_another_history_in_the_middle_begins_the_fill_anew(server, make, filled):
    from posyandu_app.district import admin

    bidan = make(VILLAGE)
    with pytest.raises(Offline):
        bidan.sync(Breaking(server.desk, 1))
    admin.restored(server.store)
    assert "new_epoch" in bidan.sync().incidents
    assert visible(bidan) == (150, 75)
    assert bidan.digests() == filled.digests()


def test_pages_that_wait_are_unreadable_without_the_key_and_gone_afterwards(server, make, filled):
    bidan = make(VILLAGE)
    with pytest.raises(Offline):
        bidan.sync(Breaking(server.desk, 1))
    raw = bidan.database.path.read_bytes()
    assert b"Anak" not in raw
    bidan.sync()
    assert bidan.database.number("SELECT count(*) FROM filling") == 0
    assert not filling.is_under_way(bidan.database)


def test_a_fill_takes_no_more_memory_however_large_it_is(server, make, filled, monkeypatch):
    """One page is in memory at a time, in the switch too."""
    from posyandu_app.sync import engine as engines
    from posyandu_app.sync import first_fill, replies

    at_once = []
    read = replies.read_items

    def reading(found):
        at_once.append(len(found))
        return read(found)

    for module in (engines, first_fill):
        monkeypatch.setattr(module, "read_items", reading)
    bidan = make(VILLAGE)
    engine = bidan.engine
    while engine.apply(server.desk.exchange(engine.prepare(10).body)).more:
        pass
    assert len(at_once) >= 15
    assert max(at_once) <= 10
    assert visible(bidan) == (150, 75)


def test_the_next_page_is_on_its_way_while_one_is_taken_in(server, make, filled, monkeypatch):
    bidan = make(VILLAGE)
    asked = threading.Semaphore(0)
    line = Wire(server.desk)
    exchange, apply = line.exchange, Engine.apply

    def asks(body: bytes) -> bytes:
        asked.release()
        return exchange(body)

    def takes_in(self, reply: bytes):
        assert asked.acquire(timeout=20), "this reply was asked for"
        if opened(reply, server.district.keys.public.sign_key)["feed"]["more"]:
            assert asked.acquire(timeout=20), "the next one was not asked for yet"
            asked.release()
        return apply(self, reply)

    monkeypatch.setattr(line, "exchange", asks)
    monkeypatch.setattr(Engine, "apply", takes_in)
    assert bidan.sync(line).received == 150
    assert visible(bidan) == (150, 75)
    assert bidan.digests() == filled.digests()


def test_a_page_that_cannot_be_kept_while_the_next_is_on_its_way_comes_again(
    server, make, filled, monkeypatch
):
    bidan = make(VILLAGE)
    keep = filling.keep

    def fails(*_) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(filling, "keep", fails)
    with pytest.raises(OSError, match="full"):
        bidan.sync()
    assert bidan.peer.heard == 0
    monkeypatch.setattr(filling, "keep", keep)
    assert bidan.sync().received == 150
    assert bidan.digests() == filled.digests()


def test_what_was_read_ahead_counts_only_for_the_page_that_was_kept(server, make, filled, monkeypatch):
    """The server's history changes in mid-fill: what was read of the former one is not shown."""
    from posyandu_app.district import admin

    bidan = make(VILLAGE)
    with pytest.raises(Offline):
        bidan.sync(Breaking(server.desk, 1))
    assert bidan.engine._fill._read_ahead
    admin.restored(server.store)
    filled.weigh(filled.register("Sesudahnya"))
    filled.sync()
    bidan.sync()
    assert bidan.digests() == filled.digests()
    assert not bidan.engine._fill._read_ahead
