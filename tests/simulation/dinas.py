"""The district server in the simulation: the real desk on its own database, which dies and is restored."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from unittest import mock

from sqlalchemy import Engine, event

from posyandu_app.district import admin, config, tallies, usb
from posyandu_app.district.desk import Desk
from posyandu_app.district.store import JUDGED_BY, Store, set_fact
from posyandu_app.domain.operations import JsonObject
from posyandu_app.domain.scopes import within
from tests.simulation.chance import Dice, decided_by
from tests.simulation.disk import Killed
from tests.simulation.releases import OLDER, running

REGION = "32.11"
A, B = TypeVar("A"), TypeVar("B")
_MOST_PAGES = 1_073_741_823


class Held(NamedTuple):
    """One operation as the server's database holds it."""

    replica: str
    seq: int
    status: str
    ss: int | None
    eff: str
    content: bytes
    subject: str
    operation: JsonObject
    received_ms: int
    erased: bytes | None


@dataclass(frozen=True)
class Backup:
    """A copy of the server's database, and which of its histories it belongs to."""

    path: Path
    number: int


class Dinas:
    """One server; `down` while its process is gone."""

    def __init__(self, folder: Path, time_ms: Callable[[], int]) -> None:
        self.folder = folder
        shutil.copytree(_template(folder.parent.parent), folder)
        self._time_ms = time_ms
        self.shift_ms = 0
        self.release = OLDER
        self.district = config.load(folder)
        self.database = folder / "district.db"
        self.fuse: int | None = None
        self.full = False
        self.down = True
        self.histories = 0
        self._copies = 0
        self._open: list[sqlite3.Connection] = []
        self._raw: sqlite3.Connection | None = None
        self.start()

    def now_ms(self) -> int:
        """The server's own clock."""
        return self._time_ms() + self.shift_ms

    # its process

    def start(self) -> None:
        """Start the process: schema, rows and what waits for judgement are brought up to date."""
        try:
            with mock.patch.object(admin, "Store", self._watched), running(self.release):
                self.store = admin.open_store(self.district)
        except Killed:
            self._let_go()
            raise
        self.desk = Desk(self.district, self.store, self.now_ms)
        self.down = False

    def _watched(self, url: str) -> Store:
        store = Store(url)
        engine = store._engine
        _share_what_is_compiled(engine)
        event.listen(engine, "connect", lambda connection, _: self._open.append(connection))
        event.listen(engine, "before_cursor_execute", self._touched)
        event.listen(engine, "after_cursor_execute", self._touched)
        event.listen(engine, "commit", self._touched)
        event.listen(engine, "begin", self._limit)
        return store

    def stop(self) -> None:
        """The process ends or is killed: what was not committed is gone."""
        self._let_go()
        self.store.close()
        self.down = True

    def _let_go(self) -> None:
        self.fuse = None
        self._roll_back()
        for connection in self._open:
            connection.close()
        self._open.clear()

    def _roll_back(self) -> None:
        for connection in self._open:
            with suppress(sqlite3.ProgrammingError):  # closed already
                connection.rollback()

    def exchange(self, body: bytes) -> bytes:
        """What the desk answers; `Killed` when the process dies over it."""
        return self._ask(self.desk.exchange, body)

    def enrol(self, body: bytes) -> bytes:
        """What the desk answers to a laptop that wants to join."""
        return self._ask(self.desk.enrol, body)

    def serve(self, stick: Path) -> usb.Report:
        """What the technician does with a stick."""
        return self._ask(lambda folder: usb.serve(self.district, self.store, self.desk, folder), stick)

    def _ask(self, answer: Callable[[A], B], asked: A) -> B:
        try:
            with running(self.release):
                return answer(asked)
        except Killed:
            self.stop()
            raise

    def _touched(self, *_: Any) -> None:
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                self._roll_back()
                raise Killed

    def _limit(self, connection: Any) -> None:
        pages = _MOST_PAGES
        if self.full:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    # what its technician does

    def code(self, scope: str, role: str) -> str:
        """A code for one laptop."""
        with running(self.release):
            return admin.issue_code(self.district, self.store, scope, role)[0]

    def revoke(self, device: str) -> None:
        """Take a laptop's leave."""
        with running(self.release):
            admin.revoke(self.store, device)

    def erase(self, child: str) -> int:
        """Drop all that is known about a child, by law; how many operations lost their content."""
        with running(self.release):
            return admin.erase(self.store, child, "Surat 12/2026")

    def rescope(self, device: str, scope: str) -> None:
        """Give a laptop another area."""
        with running(self.release):
            admin.rescope(self.district, self.store, device, scope)

    def back_up(self) -> Backup:
        """A copy of the whole database as it is now."""
        self._copies += 1
        path = self.folder / f"backup-{self._copies}.db"
        self._reader().execute("VACUUM INTO ?", (str(path),))
        return Backup(path, self.histories)

    def restore(self, backup: Backup) -> None:
        """Put an old copy in the place of the database, and say so, as the manual tells."""
        if not self.down:
            self.stop()
        if self._raw is not None:
            self._raw.close()
            self._raw = None
        for name in ("district.db", "district.db-wal", "district.db-shm"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.copy(backup.path, self.database)
        self.histories += 1
        self.start()
        with running(self.release):
            admin.restored(self.store)

    def upgrade(self) -> None:
        """Install another version: quarantine is judged again."""
        with self.store.write() as connection:
            set_fact(connection, JUDGED_BY, "another version")
        self.stop()
        self.start()

    def update(self, release: int) -> None:
        """Install another release."""
        if not self.down:
            self.stop()
        self.release = release
        self.start()

    # looking at it from outside

    def _reader(self) -> sqlite3.Connection:
        if self._raw is None:
            self._raw = sqlite3.connect(self.database, isolation_level=None)
        return self._raw

    def rows(self, sql: str, *parameters: Any) -> list[Any]:
        """A query on the database itself, past the program."""
        return self._reader().execute(sql, parameters).fetchall()

    @property
    def epoch(self) -> str:
        return str(self.rows("SELECT value FROM fact WHERE key = 'epoch'")[0][0])

    @property
    def head(self) -> int:
        return int(self.rows("SELECT value FROM fact WHERE key = 'head'")[0][0])

    def have(self) -> dict[str, int]:
        """How far each log is held."""
        return dict(self.rows("SELECT id, have FROM replica"))

    def chain(self, replica: str, seq: int) -> bytes | None:
        """The hash of a log up to a number, as it is held."""
        found = self.rows("SELECT chain FROM op WHERE replica = ? AND seq = ?", replica, seq)
        return bytes(found[0][0]) if found else None

    def operations(self) -> list[Held]:
        """Everything that is held."""
        return [
            Held(*row[:7], json.loads(row[7]), *row[8:])
            for row in self.rows(
                "SELECT op.replica, op.seq, op.status, op.ss, op.eff, op.content, op.subject, op.body,"
                " segment.received_ms, op.erased FROM op JOIN segment ON segment.id = op.segment"
                " ORDER BY op.replica, op.seq"
            )
        ]

    def placements(self, area: str) -> set[str]:
        """The subjects that a laptop of this area reads."""
        return {
            subject
            for subject, scope in self.rows("SELECT subject, scope FROM placement")
            if within(scope, area)
        }

    def sums(self, area: str) -> dict[str, tuple[int, bytes]]:
        """Count and sum of what an area reads, by kind."""
        with self.store.read() as connection, running(self.release):
            return tallies.of(connection, area)

    def close(self) -> None:
        """End of the simulation."""
        if self._raw is not None:
            self._raw.close()
        if not self.down:
            self.stop()


_first: list[Engine] = []


def _share_what_is_compiled(engine: Engine) -> None:
    """SQL is compiled once for all servers of this process; otherwise that is a third of a seed."""
    if _first:
        engine.dialect = engine.pool._dialect = _first[0].dialect  # type: ignore[attr-defined]
        engine._compiled_cache = _first[0]._compiled_cache
    else:
        _first.append(engine)


@lru_cache(maxsize=1)
def _template(parent: Path) -> Path:
    """A server just set up, copied for every seed; its keys and its epoch are the same each time."""
    folder = parent / "template-dinas"
    with decided_by(Dice(0), lambda: 0):
        district = config.create(folder, "Dinas Kesehatan Simulasi", REGION, None)
        admin.open_store(district).close()
    return folder
