"""A laptop's disk and power as ports: a process that dies at its n-th touch of the disk, a full disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from posyandu_app.storage import connection as storage_connection

_MOST_PAGES = 1_073_741_823


class Killed(BaseException):
    """The process is gone: nobody catches it, nothing after it runs."""


class Disk:
    """The disk under one database file, and the power of the process that writes to it.

    Every statement touches the disk twice, before and after; a `fuse` of n lets n touches pass.
    What was committed before is there at the next start; nothing else is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fuse: int | None = None
        self.dead = False
        self.spare_pages: int | None = None
        self._open: list[Any] = []

    def touch(self) -> None:
        if self.dead:
            raise Killed
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                self.dead = True
                raise Killed

    def touched(self) -> None:
        """The statement is done, and nobody has heard so yet."""
        self.touch()

    def connected(self, raw: Any) -> "Connection":
        self._open.append(raw)
        self._limit(raw)
        return Connection(raw, self)

    def closed(self, raw: Any) -> None:
        self._open.remove(raw)
        raw.close()

    def power_lost(self) -> None:
        """The process is gone with all that was not committed."""
        for raw in self._open:
            raw.rollback()
            raw.close()
        self._open.clear()
        self.fuse, self.dead = None, False

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """Touches inside are the test's own and burn no fuse."""
        fuse, self.fuse = self.fuse, None
        try:
            yield
        finally:
            self.fuse = fuse

    def fill(self, spare_pages: int) -> None:
        """From now on the file can grow by so many pages only."""
        self.spare_pages = spare_pages
        for raw in self._open:
            self._limit(raw)

    def make_room(self) -> None:
        """Somebody has deleted films."""
        self.spare_pages = None
        for raw in self._open:
            self._limit(raw)

    @property
    def full(self) -> bool:
        return self.spare_pages is not None

    def _limit(self, raw: Any) -> None:
        pages = _MOST_PAGES
        if self.spare_pages is not None:
            pages = raw.execute("PRAGMA page_count").fetchone()[0] + self.spare_pages
        raw.execute(f"PRAGMA max_page_count = {pages}").fetchone()


class Connection:
    """A connection of the driver, by way of the disk under it."""

    __slots__ = ("_disk", "_raw")

    def __init__(self, raw: Any, disk: Disk) -> None:
        self._raw = raw
        self._disk = disk

    def execute(self, sql: str, *parameters: Any) -> Any:
        self._disk.touch()
        found = self._raw.execute(sql, *parameters)
        self._disk.touched()
        return found

    def executemany(self, sql: str, *parameters: Any) -> Any:
        self._disk.touch()
        found = self._raw.executemany(sql, *parameters)
        self._disk.touched()
        return found

    def close(self) -> None:
        self._disk.closed(self._raw)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


@contextmanager
def under(disks: dict[Path, Disk]) -> Iterator[None]:
    """Inside, databases in these files are opened by way of their disks."""
    real = storage_connection.connect

    def connect(path: Path, key: bytes) -> Any:
        raw = real(path, key)
        disk = disks.get(path)
        return raw if disk is None else disk.connected(raw)

    with mock.patch.object(storage_connection, "connect", connect):
        yield
