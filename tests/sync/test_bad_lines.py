"""Lines that are slow, late or doubled, hotspots, busy servers, certificates and clocks.

A real server process, real sockets, the real client: each has its own trouble, sentence and behaviour,
what is saved stays saved, and the next exchange over a good line brings everything there, once.
"""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from posyandu_app.domain.clock import FixedClock, SystemClock
from posyandu_app.sync import http, scheduler, wire
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import FIRST_BATCH, Outgoing
from posyandu_app.sync.enrolment import enrol
from posyandu_app.sync.http import HttpTransport
from posyandu_app.sync.status import Link
from posyandu_app.sync.trouble import (
    BadCertificate,
    Busy,
    Expired,
    Portal,
    Slow,
    SyncTrouble,
    TooLarge,
    WrongClock,
    WrongHost,
    code_of,
)
from posyandu_app.ui import sync_words, words
from tests.district import server as servers
from tests.district.server import POSYANDU
from tests.sync.bad_lines import PORTAL_PAGE, BadLine, answer, length_of
from tests.sync.laptops import Laptop
from tests.sync.processes import server_process

ON_SQLITE_ALONE = "what the line does"

pytestmark = pytest.mark.process


class Village:
    """One server process for all tests of this module; each test brings its own laptop."""

    def __init__(self, process, server) -> None:
        self.process, self.server = process, server

    def laptop(self, path) -> Laptop:
        laptop = Laptop(path, POSYANDU)
        laptop.clock = laptop.engine._clock = FixedClock(SystemClock().now())
        with HttpTransport(self.process.url) as transport:
            enrol(laptop.database, transport, self.server.code(POSYANDU), "Laptop Uji")
        return laptop

    def held(self, laptop: Laptop) -> list[int]:
        """The numbers of this laptop's operations that stand in the server's database."""
        with closing(sqlite3.connect(self.server.district.folder / "district.db")) as database:
            found = database.execute(
                "SELECT seq FROM op WHERE replica = ? ORDER BY seq", (laptop.database.replica,)
            )
            return [seq for (seq,) in found]


@pytest.fixture(scope="module")
def village(tmp_path_factory):
    folder = tmp_path_factory.mktemp("village")
    with servers.running(folder / "dinas") as server, server_process(folder / "dinas") as process:
        yield Village(process, server)


@pytest.fixture
def laptop(village, tmp_path):
    made = village.laptop(tmp_path / "laptop.db")
    made.weigh(made.register())
    yield made
    made.database.close()


@pytest.fixture
def line(village):
    with BadLine(village.process.port) as made:
        yield made


def exchange(laptop, line, seconds: float = 5.0, **how):
    with HttpTransport(line.url, answer_seconds=seconds, **how) as transport:
        return exchange_all(laptop.engine, transport)


def trouble_of(laptop, line, seconds: float = 5.0, **how) -> SyncTrouble:
    """The trouble an exchange meets; what is saved stays, and nothing counts as received."""
    before = laptop.status
    with pytest.raises(SyncTrouble) as raised:
        exchange(laptop, line, seconds, **how)
    assert (laptop.status.total, laptop.status.received) == (before.total, before.received)
    assert laptop.value(laptop.database.one("SELECT id FROM child")[0], "name") == "Anak Uji"
    return raised.value


def arrives_once(village, laptop, line) -> None:
    """Over a good line everything is there, once, and the laptop knows it."""
    line.heal()
    exchange(laptop, line)
    assert laptop.status.unsent == 0
    assert village.held(laptop) == list(range(1, laptop.status.total + 1))


def test_a_slow_line_takes_its_time_and_arrives(village, laptop, line):
    line.piece, line.pause_s = 40, 0.02
    assert exchange(laptop, line, seconds=0.5).sent == 2
    arrives_once(village, laptop, line)


def test_an_answer_that_drips_for_ever_is_given_up(village, laptop, line, monkeypatch):
    monkeypatch.setattr(http, "WHOLE_SECONDS", 0.3)
    line.piece, line.pause_s = 20, 0.05
    raised = trouble_of(laptop, line)
    assert type(raised) is Slow
    line.pause_s = 0
    arrives_once(village, laptop, line)


def test_an_answer_after_the_client_has_given_up_is_no_loss(village, laptop, line):
    line.late_s = 1.0
    raised = trouble_of(laptop, line, seconds=0.3)
    assert type(raised) is Slow
    assert raised.link is Link.SLOW
    assert "lambat" in raised.message
    assert village.held(laptop) == [1, 2], "it had arrived all the same, which nobody here knows yet"
    assert laptop.status.unsent == 2
    arrives_once(village, laptop, line)


def test_a_request_that_the_line_doubles_counts_once(village, laptop, line):
    line.copies = 3
    assert exchange(laptop, line).sent == 2
    assert line.carried % 3 == 0
    laptop.weigh(laptop.register("Anak Dua"))
    exchange(laptop, line)
    arrives_once(village, laptop, line)


@pytest.mark.parametrize(
    "said",
    [
        answer(200, PORTAL_PAGE, "Content-Type: text/html"),
        answer(200, b'{"status":"ok"}', "Content-Type: application/json"),
        answer(302, b"", "Location: http://masuk.wifi.example/"),
        answer(511, PORTAL_PAGE, "Content-Type: text/html"),
    ],
    ids=["200 page", "200 json", "302", "511"],
)
def test_a_hotspot_that_wants_a_login_is_named_and_counts_for_nothing(village, laptop, line, said):
    line.instead = lambda _: said
    raised = trouble_of(laptop, line)
    assert type(raised) is Portal
    assert raised.link is Link.PORTAL
    assert "Wi-Fi" in raised.message
    assert line.carried == 0
    assert village.held(laptop) == []
    arrives_once(village, laptop, line)


def test_a_box_on_the_way_that_takes_little_gets_little(village, laptop, line):
    for number in range(60):
        laptop.weigh(laptop.register(f"Anak {number}"))
    sizes = []

    def small(request: bytes) -> bytes | None:
        sizes.append(length_of(request))
        return answer(413, b"<html>nginx</html>") if sizes[-1] > 3_000 else None

    line.instead = small
    assert exchange(laptop, line).sent == 122
    assert max(sizes) > 3_000, "it was tried"
    arrives_once(village, laptop, line)


def test_a_box_that_takes_nothing_at_all_is_told(village, laptop, line):
    line.instead = lambda _: answer(413, b"<html>nginx</html>")
    raised = trouble_of(laptop, line)
    assert type(raised) is TooLarge
    assert "terlalu besar" in raised.message
    arrives_once(village, laptop, line)


def _in(seconds: int) -> str:
    """A moment as HTTP writes it, by a server whose clock is three days ahead of the laptop's."""
    then = datetime.now(UTC) + timedelta(days=3, seconds=seconds)
    return format_datetime(then.replace(microsecond=0), usegmt=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
def test_a_busy_server_is_left_alone_until_it_said(village, laptop, line, status, as_date):
    when = [f"Date: {_in(0)}", f"Retry-After: {_in(120)}"] if as_date else ["Retry-After: 120"]
    line.instead = lambda _: answer(status, b'{"error":"busy","message":"x"}', *when)
    raised = trouble_of(laptop, line)
    assert type(raised) is Busy
    assert raised.link is Link.SERVER_BUSY
    assert raised.retry_after == pytest.approx(120, abs=2)
    state = scheduler.State(now=1000.0, enrolled=True, unsent=2, failures=1, jitter=0.0, last_attempt=1000.0)
    asked = scheduler.next_action(
        scheduler.State(**{**_fields(state), "retry_at": 1000.0 + raised.retry_after})
    )
    assert isinstance(asked, scheduler.Wait)
    assert asked.seconds == pytest.approx(120, abs=2)
    assert scheduler.next_action(state) == scheduler.Go("retry"), "else it would have tried at once"
    arrives_once(village, laptop, line)


def _fields(state: scheduler.State) -> dict:
    return {name: getattr(state, name) for name in state.__slots__}


@pytest.mark.parametrize(
    ("start", "end", "ip", "given", "kind", "word"),
    [
        (-1, 1, "127.0.0.1", False, BadCertificate, "dipercaya"),
        (-1, 1, "10.0.0.1", True, WrongHost, "alamat"),
        (-9, -1, "127.0.0.1", True, Expired, "habis"),
        (1, 9, "127.0.0.1", True, WrongClock, "mundur"),
    ],
    ids=["self-signed", "wrong host", "expired", "not yet valid"],
)
def test_each_fault_of_a_certificate_is_told_apart(
    village, laptop, line, authority, start, end, ip, given, kind, word
):
    pem, context = authority(timedelta(start), timedelta(end), ip)
    with BadLine(village.process.port, context) as secured:
        raised = trouble_of(laptop, secured, certificate=pem if given else None)
        assert secured.carried == 0, "not a byte of a child went to whoever that is"
    assert type(raised) is kind
    assert word in raised.message
    pem, context = authority(timedelta(-1), timedelta(1))
    with BadLine(village.process.port, context) as good:
        assert exchange(laptop, good, certificate=pem).sent == 2
    arrives_once(village, laptop, line)


@pytest.mark.parametrize("year", [1970, 2000, 2038, 2100])
def test_a_clock_that_is_wrong_forbids_nothing(village, laptop, line, year):
    laptop.clock.set(datetime(year, 1, 2, tzinfo=UTC))
    laptop.weigh(laptop.register("Anak Dua"))
    assert exchange(laptop, line).sent == 4
    arrives_once(village, laptop, line)
    with closing(sqlite3.connect(village.server.district.folder / "district.db")) as database:
        effs = database.execute("SELECT eff FROM op WHERE replica = ?", (laptop.database.replica,))
        latest = max(int(eff[:12], 16) for (eff,) in effs)
    assert latest <= time.time() * 1000 + 1000, "what counts is never later than when it arrived"


def test_the_app_asks_for_less_after_a_slow_answer(village, laptop, line, tmp_path):
    from posyandu_app.app import EnginePort
    from posyandu_app.domain.model import Role
    from posyandu_app.paths import DataFolder
    from posyandu_app.services import accounts

    setup = accounts.Setup(POSYANDU, "Melati 1", "Euis", "Euis", Role.KADER, "jeruk bali manis")
    workspace = accounts.set_up(DataFolder(tmp_path / "app"), setup, SystemClock(), cheap=True)
    port = EnginePort(workspace, SystemClock())
    port.enrol(line.url, village.server.code(POSYANDU), "Laptop Uji")

    def asked_for(outgoing: object) -> int:
        assert isinstance(outgoing, Outgoing)
        return wire.decode(outgoing.body, wire.Request).limit

    def exchange() -> None:
        outgoing, more = port.prepare(), True
        while more:
            reply = port.carry(outgoing)
            following = port.follow(outgoing, reply)
            more = port.take(reply).more
            outgoing = following or port.prepare()

    try:
        exchange()
        outgoing = port.prepare()
        assert asked_for(outgoing) > FIRST_BATCH, "a quick line takes more at once"
        line.late_s = 1.0
        port.close()
        port._transport = HttpTransport(line.url, answer_seconds=0.3)
        with pytest.raises(Slow) as slow:
            port.carry(outgoing)
        with pytest.raises(Slow):
            port.mend(outgoing, slow.value)
        assert asked_for(port.prepare()) < FIRST_BATCH
        line.heal()
        exchange()
        assert port.status(Link.ONLINE).unsent == 0
    finally:
        port.close()
        workspace.close()


def test_the_app_has_its_own_words_for_each(tmp_path):
    day = SystemClock().today()
    troubles = [
        Slow(),
        Portal(),
        BadCertificate(),
        WrongHost(),
        Expired(day),
        WrongClock(day),
        Busy(9),
        TooLarge(),
    ]
    in_the_book = [sync_words.trouble(code_of(trouble)) for trouble in troubles]
    assert len(set(in_the_book)) == len(troubles)
    assert sync_words.trouble("zebra") not in in_the_book
    links = {trouble.link for trouble in troubles} | {Link.OFFLINE}
    at_the_foot = [words._hindrance(link) for link in links]
    assert all(at_the_foot)
    assert len(set(at_the_foot)) == len(links) == 7
