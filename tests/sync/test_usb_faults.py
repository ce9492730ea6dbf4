"""Sticks pulled out at every moment, full and locked: real processes killed, real file systems too small."""

import json
import random
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from posyandu_app.storage import log
from posyandu_app.storage.connection import Database
from posyandu_app.sync import stick as sticks
from posyandu_app.sync import wire
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.stick import Stick, StickTrouble
from tests.district.server import VILLAGE
from tests.sync.laptops import KEY
from tests.sync.sticks import UsbStick, agree, many

pytestmark = [pytest.mark.process]

ON_SQLITE_ALONE = "its processes open the folder's own database"

ROOT = Path(__file__).resolve().parents[2]
MOST_TOUCHES = 80


class Worker:
    """Processes that use sticks, and are killed over it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def do(self, what: str, stick: UsbStick, **more) -> dict:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        wish = {
            "do": what,
            "stick": str(stick.root),
            **{name: value for name, value in more.items() if value},
        }
        self._process.stdin.write(json.dumps(wish, default=str) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def until_it_lives(self, what: str, stick: UsbStick, check, **more) -> int:
        """Kill it at its first touch of the stick, its second, and so on; returns how many there are."""
        for number in range(1, MOST_TOUCHES):
            answer = self.do(what, stick, dies_at=number, **more)
            check()
            if "died" not in answer:
                assert "told" in answer, answer
                return number
        raise AssertionError("it never came to an end")


@contextmanager
def _working(*before: str):
    process = subprocess.Popen(
        [*before, sys.executable, "-m", "tests.sync.pulled"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        yield Worker(process)
    finally:
        process.communicate(timeout=60)
        assert process.returncode == 0


@pytest.fixture
def worker():
    with _working() as worker:
        yield worker


@pytest.fixture
def mounting():
    """One in its own namespace, where it may mount what it likes."""
    unshare = shutil.which("unshare")
    if (
        unshare is None
        or subprocess.run([unshare, "-rm", "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("this machine does not let us mount anything")
    with _working(unshare, "-rm") as worker:
        yield worker


@pytest.fixture
def stick(tmp_path):
    return UsbStick(tmp_path / "flashdisk")


class Closed:
    """A laptop whose database other processes open."""

    def __init__(self, laptop) -> None:
        self.laptop = laptop
        self.path = laptop.database.path
        laptop.database.close()

    @contextmanager
    def opened(self):
        self.laptop.database = Database.open(self.path, KEY)
        self.laptop.engine = Engine(self.laptop.database, self.laptop.clock)
        try:
            yield self.laptop
        finally:
            self.laptop.database.close()


def whole(stick: UsbStick, server) -> list[str]:
    """Every file with a name of ours in the outbox opens and is a request."""
    source = Stick(stick.root)
    found = []
    for file in source.files(sticks.OUTBOX):
        assert sticks.unseal(source.read(file), server.district.keys.seal).startswith(b'{"cards"')
        found.append(file.name)
    return found


def test_pulled_out_at_every_moment_of_an_export_nothing_half_has_a_name(server, make, stick, worker):
    bidan, kader = make(VILLAGE), make()
    stick.export(bidan)
    kader.weigh(kader.register("Siti"))
    stick.export(kader)
    kader.register("Sesudahnya")
    device = kader.peer.device
    closed = Closed(kader)

    def check() -> None:
        mine = [name for name in whole(stick, server) if name.startswith(device)]
        assert mine, "there is always a good file on the stick"
        with closed.opened() as laptop:
            assert laptop.status.unsent == 3
            log.verify_chain(laptop.database)

    touches = worker.until_it_lives("export", stick, check, database=closed.path)
    assert touches > 15
    assert [name for name in stick.contents() if name.endswith(".tmp")] == []
    assert stick.serve(server).problems == []
    with closed.opened() as laptop:
        assert stick.take(laptop).exchanged.sent == 3
        assert stick.take(bidan).problems == ()
        bidan.sync()
        agree(server, laptop, bidan)
    assert server.status().statuses == {"applied": 3}


def test_killed_at_every_moment_of_an_import_everything_is_there_once(server, make, stick, worker):
    kader, bidan = make(), make(VILLAGE)
    bidan.register("Belum dikirim")
    kader.weigh(kader.register("Siti"))
    kader.sync()
    stick.export(bidan)
    stick.serve(server)
    kader.register("Langsung")
    stick.export(kader)
    closed = Closed(bidan)

    def check() -> None:
        with closed.opened() as laptop:
            log.verify_chain(laptop.database)

    assert worker.until_it_lives("import", stick, check, database=closed.path) > 5
    with closed.opened() as laptop:
        assert laptop.status.unsent == 0
        assert laptop.statuses() == {"applied": 3, "carried": 1}
        laptop.sync()
        assert laptop.sync().incidents == ()
        agree(server, laptop)


def test_killed_at_every_moment_the_server_has_it_and_answers_in_the_end(server, make, stick, worker):
    kader, other = make(), make()
    kader.weigh(kader.register("Siti"))
    other.register("Tetangga")
    for laptop in (kader, other):
        stick.export(laptop)

    def check() -> None:
        taken = server.status().operations
        left = len(whole(stick, server))
        assert taken + 2 * left >= 3, "what is not at the server is on the stick"

    touches = worker.until_it_lives("serve", stick, check, folder=server.district.folder)
    assert touches > 10
    assert [name for name in stick.contents() if name.endswith(".tmp")] == []
    assert stick.outbox == []
    for laptop in (kader, other):
        done = stick.take(laptop)
        assert (done.problems, done.waiting) == ((), 0)
        assert laptop.status.unsent == 0
    assert server.status().statuses == {"applied": 3}


def test_a_stick_pulled_out_in_the_middle_is_told_and_the_next_is_whole(server, make, stick, monkeypatch):
    monkeypatch.setattr(wire, "MAX_OPERATIONS", 100)
    laptop = make()
    many(laptop, 250)
    with pytest.raises(StickTrouble) as trouble:
        stick.export(laptop, progress=lambda done, total: shutil.rmtree(stick.root))
    assert trouble.value.code == "stick_gone"
    assert trouble.value.message == (
        "Flashdisk tercabut atau rusak. Pasang lagi, lalu ulangi; data di laptop tetap aman."
    )
    assert laptop.status.unsent == 250
    stick.root.mkdir()
    assert stick.round_trip(laptop, server).exchanged.sent == 250


def test_a_full_stick_keeps_what_fitted_and_says_so(server, make, tmp_path, mounting):
    laptop = make()
    dice = random.Random(1)
    for _ in range(8):
        many(laptop, 1, hobby=dice.randbytes(180_000).hex())
    closed = Closed(laptop)
    stick = UsbStick(tmp_path / "flashdisk")
    mounting.do("mount", stick, options="size=900k")
    answer = mounting.do("export", stick, database=closed.path)
    assert answer["code"] == "stick_full"
    assert answer["trouble"].startswith("Flashdisk penuh.")
    mounting.do("copy", stick, to=tmp_path / "salinan")
    copy = object.__new__(UsbStick)
    copy.root = tmp_path / "salinan"
    assert [name for name in copy.contents() if name.endswith(".tmp")] == []
    names = whole(copy, server)
    assert names
    mounting.do("mount", stick, options="remount,size=32m")
    assert mounting.do("export", stick, database=closed.path)["told"].startswith("8 data tersalin")
    answer = mounting.do("serve", copy, folder=server.district.folder)
    assert answer["problems"] == []
    with closed.opened() as laptop:
        sent = copy.take(laptop).exchanged.sent
        assert 0 < sent < 8
        assert copy.round_trip(laptop, server).exchanged.sent == 8 - sent
    assert server.status().statuses == {"applied": 8}


def test_a_stick_too_full_for_the_replies_hands_in_what_it_brings(server, make, tmp_path, mounting):
    kader, bidan = make(), make(VILLAGE)
    dice = random.Random(1)
    for _ in range(4):
        many(kader, 1, hobby=dice.randbytes(180_000).hex())
    kader.sync()
    bidan.register("Dari bidan")
    stick = UsbStick(tmp_path / "flashdisk")
    mounting.do("mount", stick, options="size=64k")
    closed = Closed(bidan)
    assert "told" in mounting.do("export", stick, database=closed.path)
    answer = mounting.do("serve", stick, folder=server.district.folder)
    assert answer["problems"] == ["stick_full"]
    assert "balasannya belum semua tertulis. Flashdisk penuh." in answer["told"]
    assert server.status().statuses == {"applied": 5}
    assert "1 data laptop ini diterima" in mounting.do("import", stick, database=closed.path)["told"]
    with closed.opened() as laptop:
        assert laptop.status.unsent == 0


def test_a_locked_stick_can_be_read_and_says_that_it_cannot_be_written(server, make, tmp_path, mounting):
    laptop = make()
    laptop.register()
    closed = Closed(laptop)
    stick = UsbStick(tmp_path / "flashdisk")
    mounting.do("mount", stick, options="size=1m")
    for options, what, more in (
        ("remount,rw", "export", {"database": closed.path}),
        ("remount,ro", "serve", {"folder": server.district.folder}),
        ("remount,rw", "serve", {"folder": server.district.folder}),
        ("remount,ro", "import", {"database": closed.path}),
        ("remount,ro", "import", {"database": closed.path}),
        ("remount,ro", "export", {"database": closed.path}),
    ):
        mounting.do("mount", stick, options=options)
        answer = mounting.do(what, stick, **more)
        if options == "remount,rw":
            assert "told" in answer
        elif what == "serve":
            assert answer["problems"] == ["stick_read_only"]
            assert server.status().statuses == {"applied": 1}
        elif what == "import":
            assert "told" in answer
            with closed.opened() as laptop:
                assert laptop.statuses() == {"applied": 1}
        else:
            assert answer["code"] == "stick_read_only"
            assert answer["trouble"].startswith("Flashdisk ini tidak dapat ditulis.")
