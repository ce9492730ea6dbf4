"""A full disk, or the power gone, at every single statement of a save, an exchange and a stick.

Nothing is half done: what was there before stays, the form can be saved again once there is room, and
what a deed had said to be saved is there after the power cut.
"""

import itertools
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Position, Role, Sex
from posyandu_app.domain.rules import default_rules
from posyandu_app.services import drafts, moves, registration, weighing
from posyandu_app.services.undoing import undo
from posyandu_app.services.views import User
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import log, measurements, peer, projection
from posyandu_app.storage.connection import Database
from posyandu_app.storage.driver import dbapi
from posyandu_app.sync import usb
from posyandu_app.sync.engine import Engine
from tests.district import server as servers
from tests.district.server import OTHER_POSYANDU, POSYANDU, VILLAGE
from tests.simulation.disk import Connection, Disk, Killed, under
from tests.sync.laptops import KEY, laptops

TABLES = ("log", "child", "measurement", "other_row", "dispute", "row_sum", "draft", "meta", "peer")
USER = User("11111111-1111-4111-8111-111111111111", "Bidan Uji", Role.BIDAN)
_FULL = 13


class FullDisk(Disk):
    """A disk on which the n-th statement finds no room; it `rolls_back` as SQLite does in some cases."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.left: int | None = None
        self.rolls_back = False
        self.found_full = False

    def connected(self, raw: object) -> Connection:
        made = super().connected(raw)
        self.raw = raw
        return made

    def touched(self) -> None:
        """A statement that is done has found its room."""

    def touch(self) -> None:
        if self.left is None:
            return
        self.left -= 1
        if self.left == 0:
            self.left, self.found_full = None, True
            if self.rolls_back and self.raw.in_transaction:
                self.raw.rollback()
            error = dbapi.OperationalError("database or disk is full")
            error.sqlite_errorcode = _FULL
            raise error


@dataclass
class Place:
    """A midwife's laptop with a child, visits, something to hear, and a stick that brings something."""

    path: Path
    clock: object
    child: str
    visit: str
    reply: bytes
    stick: Path

    def at(self, folder: Path) -> tuple[Path, Path]:
        """A fresh copy of file and stick."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copytree(self.stick, folder / "stick")
        return Path(shutil.copy(self.path, folder / "laptop.db")), folder / "stick"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("place")
    with servers.running(folder / "dinas") as server, laptops(folder, server) as make:
        kader, bidan = make(POSYANDU), make(VILLAGE)
        child = kader.register("Siti Aminah", mother_name="Rohmah")
        kader.sync()
        bidan.sync()
        bidan.scope = POSYANDU
        visit = bidan.weigh(child)
        stick = folder / "stick"
        stick.mkdir()
        usb.export_to(bidan.database, bidan.clock, stick)
        for grams in range(8000, 8012):
            kader.weigh(child, grams)
        kader.edit(child, "phone", "0812")
        kader.sync()
        from posyandu_app.district import usb as district_usb

        district_usb.serve(server.district, server.store, server.desk, stick)
        bidan.edit(child, "name", "Siti Aminah Putri")
        body = Engine(bidan.database, bidan.clock).prepare().body
        reply = server.desk.exchange(body)
        path = folder / "template.db"
        bidan.database.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        shutil.copy(bidan.database.path, path)
        yield Place(path, bidan.clock, child, visit, reply, stick)


def registers(ws: Workspace, place: Place, stick: Path) -> None:
    born = ws.clock.today() - timedelta(days=200)
    child = registration.ChildInput("Budi", Sex.MALE, born, mother_name="Ika", scope=POSYANDU)
    registration.register(ws, child)


def changes(ws: Workspace, place: Place, stick: Path) -> None:
    registration.update(
        ws, place.child, {"phone": "081311112222", "rt": "2"}, seen=registration.shown(ws, place.child)
    )


def weighs(ws: Workspace, place: Place, stick: Path) -> None:
    weighing.record(ws, place.child, Draft(ws.clock.today(), 8400, 712, Position.LYING, 451, 139))


def corrects(ws: Workspace, place: Place, stick: Path) -> None:
    seen = measurements.get(ws.database, place.visit)
    weighing.correct(ws, place.visit, {"weight_g": 8600}, "salah koma", seen=seen)


def voids(ws: Workspace, place: Place, stick: Path) -> None:
    weighing.void(ws, place.visit, "anak lain", seen=weighing.on_screen(ws, place.visit))


def weighs_and_takes_back(ws: Workspace, place: Place, stick: Path) -> None:
    done = weighing.record(ws, place.child, Draft(ws.clock.today(), 8500))
    assert done.undo is not None
    undo(ws, done.undo)


def moves_a_child(ws: Workspace, place: Place, stick: Path) -> None:
    moves.transfer(ws, place.child, OTHER_POSYANDU, ws.clock.today())


def types(ws: Workspace, place: Place, stick: Path) -> None:
    drafts.save(ws, place.child, {"weight_g": "8400"})


def hears(ws: Workspace, place: Place, stick: Path) -> None:
    Engine(ws.database, ws.clock).apply(place.reply)


def exports(ws: Workspace, place: Place, stick: Path) -> None:
    usb.export_to(ws.database, ws.clock, stick)


def imports(ws: Workspace, place: Place, stick: Path) -> None:
    taken = usb.import_from(ws.database, ws.clock, stick)
    assert [problem.word for problem in taken.problems] == []


DEEDS = (
    *(registers, changes, weighs, corrects, voids, weighs_and_takes_back, moves_a_child, types),
    *(hears, exports, imports),
)
IN_STEPS = (weighs_and_takes_back, hears, exports, imports)
"""Deeds of several transactions: each of these is done wholly or not at all."""


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    return {table: database.rows(f"SELECT * FROM {table}") for table in TABLES}


def workspace(path: Path, place: Place) -> Workspace:
    return Workspace(Database.open(path, KEY), USER, default_rules(), place.clock)


def check_whole(database: Database) -> None:
    assert log.verify_chain(database) == log.tip(database)[0]
    sums = peer.row_sums(database)
    projection.rebuild(database)
    assert peer.row_sums(database) == sums, "log and rows disagree"


@pytest.mark.parametrize("rolls_back", [False, True])
@pytest.mark.parametrize("deed", DEEDS)
def test_a_disk_that_is_full_at_any_statement(place, tmp_path, deed: Callable[..., None], rolls_back: bool):
    for number in itertools.count(1):
        path, stick = place.at(tmp_path / "copy")
        disk = FullDisk(path)
        disk.rolls_back = rolls_back
        with under({path: disk}):
            ws = workspace(path, place)
            before = everything(ws.database)
            disk.left = number
            told = None
            try:
                deed(ws, place, stick)
            except UserError as error:
                told = error
            disk.left = None
            if not disk.found_full:
                assert told is None
                check_whole(ws.database)
                ws.close()
                break
            if told is not None:
                assert told.code == "disk_full", f"statement {number}: {told.code} {told.message}"
                if deed not in IN_STEPS:
                    assert everything(ws.database) == before, f"statement {number} left something half"
                if deed is not weighs_and_takes_back:
                    deed(ws, place, stick)
            check_whole(ws.database)
            ws.close()
    assert number > 3, "the disk was never full"


@pytest.mark.parametrize("deed", DEEDS)
def test_the_power_gone_at_any_statement(place, tmp_path, deed: Callable[..., None]):
    path, stick = place.at(tmp_path / "whole")
    ws = workspace(path, place)
    nothing = log.tip(ws.database)[0], log.count(ws.database)
    deed(ws, place, stick)
    all_of_it = log.tip(ws.database)[0], log.count(ws.database)
    ws.close()
    seen = set()
    for number in itertools.count():
        path, stick = place.at(tmp_path / "copy")
        disk = Disk(path)
        with under({path: disk}):
            ws = workspace(path, place)
            disk.fuse = number
            died = False
            try:
                deed(ws, place, stick)
            except Killed:
                died = True
            disk.power_lost()
        ws = workspace(path, place)
        state = log.tip(ws.database)[0], log.count(ws.database)
        seen.add(state)
        if not died:
            assert state == all_of_it, "said to be done and not there"
            ws.close()
            break
        assert deed in IN_STEPS or state in (nothing, all_of_it), f"half done at touch {number}"
        check_whole(ws.database)
        ws.close()
    assert number > 3
    assert {nothing, all_of_it} <= seen


def test_a_laptop_that_was_full_exchanges_the_rest_afterwards(place, tmp_path):
    """After a reply that did not fit the same request is simply made again."""
    path, _ = place.at(tmp_path / "copy")
    disk = FullDisk(path)
    with under({path: disk}):
        ws = workspace(path, place)
        disk.left = 30
        with pytest.raises(UserError):
            Engine(ws.database, ws.clock).apply(place.reply)
        disk.left = None
        exchanged = Engine(ws.database, ws.clock).apply(place.reply)
        assert exchanged.received >= 13
        assert exchanged.sent >= 1
        ws.close()
