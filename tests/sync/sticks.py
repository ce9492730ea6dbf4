"""Sticks of the tests: real folders, carried between real laptops and the real server by hand."""

import shutil
import uuid
from dataclasses import replace
from pathlib import Path

from posyandu_app.district import usb as dinas
from posyandu_app.district.desk import Desk
from posyandu_app.storage import log
from posyandu_app.storage.log import NewOperation
from posyandu_app.sync import usb
from posyandu_app.sync.signing import Keys
from posyandu_app.sync.stick import CARDS, DIRECT, INBOX, OUTBOX
from posyandu_app.sync.usb import Exported, Imported
from tests.district.server import Server
from tests.sync.laptops import ACTOR, Laptop


class UsbStick:
    """One stick; `names` are the sealed files on it, oldest first."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()

    def export(self, laptop: Laptop, **how) -> Exported:
        return usb.export_to(laptop.database, laptop.clock, self.root, **how)

    def serve(self, server: Server) -> dinas.Report:
        return dinas.serve(server.district, server.store, server.desk, self.root)

    def take(self, laptop: Laptop, **how) -> Imported:
        return usb.import_from(laptop.database, laptop.clock, self.root, **how)

    def round_trip(self, laptop: Laptop, server: Server) -> Imported:
        self.export(laptop)
        report = self.serve(server)
        assert report.problems == []
        return self.take(laptop)

    def names(self, folder: str) -> list[str]:
        path = self.root / folder
        return sorted(entry.name for entry in path.iterdir()) if path.is_dir() else []

    @property
    def outbox(self) -> list[str]:
        return self.names(OUTBOX)

    @property
    def inbox(self) -> list[str]:
        return self.names(INBOX)

    @property
    def direct(self) -> list[str]:
        return self.names(DIRECT)

    @property
    def cards(self) -> list[str]:
        return self.names(CARDS)

    def contents(self) -> dict[str, bytes]:
        """Every file on the stick."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
        }

    def copy(self, root: Path) -> "UsbStick":
        """What somebody does who drags everything to another stick."""
        shutil.copytree(self.root, root)
        twin = object.__new__(UsbStick)
        twin.root = root
        return twin


def agree(server: Server, *laptops: Laptop) -> None:
    """All rows of the laptops and of the server are the same."""
    digests = {kind: tuple(pair) for kind, pair in server.status().digests.items()}
    for laptop in laptops:
        assert laptop.digests() == digests


def many(laptop: Laptop, count: int, **fields) -> None:
    """Log many registrations in one transaction."""
    news = []
    for number in range(count):
        values = {"name": f"Anak {number}", "sex": "F", "birth_date": "2025-01-05"} | fields
        payload = {field: {"v": value, "base": None} for field, value in values.items()}
        news.append(NewOperation("child.register", str(uuid.uuid4()), laptop.scope, payload))
    log.append(laptop.database, news, actor=ACTOR, clock=laptop.clock)


def another_district(server: Server) -> Server:
    """A district of its own: the servers of the tests are copies of one."""
    server.district = replace(server.district, keys=Keys.generate())
    server.desk = Desk(server.district, server.store, server.time)
    return server
