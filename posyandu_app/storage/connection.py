"""One encrypted database file: opening it, writing to it whole deeds at a time, and saying what is wrong.

The key is 32 raw bytes. Every page is encrypted and authenticated by SQLCipher, temporary
tables stay in memory, and a transaction is on the disk before `atomic` ends.
"""

import os
import re
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from itertools import chain
from pathlib import Path, PurePath
from typing import Any, TypeAlias

from posyandu_app.domain.errors import UserError
from posyandu_app.files import sync_folder
from posyandu_app.i18n import tr
from posyandu_app.storage.driver import dbapi, sqlite_utils

KEY_BYTES = 32
_PAGE_BYTES, _FORMER_PAGE_BYTES = 8192, 4096
"""To encrypt a page of 8 KiB takes little longer than one of 4 KiB, which files had at first."""
_WAL_PAGE_BYTES = slice(8, 12)
"""Where the header of a WAL, which is not encrypted, tells the page size."""
APPLICATION_ID = 0x506F7379  # "Posy"
_ROWS_AT_ONCE = 100

Value: TypeAlias = "str | int | float | bytes | None"
Progress: TypeAlias = Callable[[int, int], None]

_CIPHER = (
    "PRAGMA cipher_page_size = {page_bytes}",
    "PRAGMA cipher_use_hmac = ON",
    "PRAGMA cipher_hmac_algorithm = HMAC_SHA512",
    "PRAGMA cipher_kdf_algorithm = PBKDF2_HMAC_SHA512",
    "PRAGMA cipher_plaintext_header_size = 0",
)
_SAFETY = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cell_size_check = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA journal_size_limit = 16777216",
    "PRAGMA wal_autocheckpoint = 2000",
    "PRAGMA cache_size = -32768",
)


class Database:
    """An open database; usable from one thread at a time, whichever opened it."""

    def __init__(self, path: Path, key: bytes, connection: Any) -> None:
        self.path = path
        self.key = key
        self.conn = connection
        self.db = sqlite_utils.Database(connection, execute_plugins=False)
        self._lock = threading.RLock()
        self._as_one = False

    @classmethod
    def create(cls, path: Path, key: bytes) -> "Database":
        """A new database under a name that is not taken, readable by this user only."""
        from posyandu_app.storage import migrations

        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            raise UserError(
                tr("Berkas data sudah ada di folder ini; tidak ada yang ditimpa."), code="database_exists"
            ) from None
        database = cls(path, key, connect(path, key))
        try:
            with translated():
                database.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                database._make_safe()
                migrations.create(database, str(uuid.uuid4()))
        except BaseException:
            database.close()
            for made in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
                made.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
        return database

    @classmethod
    def open(cls, path: Path, key: bytes, progress: Progress | None = None) -> "Database":
        """The database in a file, brought up to date; a file that cannot be used is left as it is.

        Raises `UserError` for a missing file, a wrong key or damage, and a database that a
        newer program has written.
        """
        from posyandu_app.storage import migrations

        if not path.is_file():
            raise UserError(tr("Berkas data tidak ditemukan di folder ini."), code="database_missing")
        if path.stat().st_size < _FORMER_PAGE_BYTES:  # SQLite would take it for a new, empty database
            raise _damaged()
        database = cls(path, key, connect(path, key))
        try:
            with translated():
                database.conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
                migrations.refuse_foreign(database)
                database._make_safe()
                migrations.bring_up_to_date(database, progress)
        except BaseException:
            database.close()
            raise
        return database

    def _make_safe(self) -> None:
        for statement in _SAFETY:
            self.conn.execute(statement).fetchall()

    def close(self) -> None:
        """Close the file; what was saved is in it already."""
        with suppress(dbapi.Error):
            self.conn.close()

    @property
    def replica(self) -> str:
        """The id of this database's own log."""
        replica = self.meta("replica")
        assert replica is not None, "made with the file"
        return replica

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All that is written inside is kept, or none of it; nested blocks fall back on their own.

        Trouble with the disk or the file leaves as a `UserError` that says what to do.
        """
        with self._lock, translated():
            if self.conn.in_transaction:
                if self._as_one:
                    yield
                    return
                with self.db.atomic():
                    yield
                return
            self.conn.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.conn.execute("COMMIT")
            except BaseException:
                if self.conn.in_transaction:  # a full disk has rolled back by itself
                    self.conn.execute("ROLLBACK")
                raise

    @contextmanager
    def as_one(self) -> Iterator[None]:
        """Inside `atomic`, for very much: what nests in it falls back with all of it, not on its own.

        To fall back alone takes a copy of each page it changes, in memory.
        """
        self._need_transaction()
        before, self._as_one = self._as_one, True
        try:
            yield
        finally:
            self._as_one = before

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read inside is read at one moment, also when another process writes."""
        with self._lock, translated():
            if self.conn.in_transaction:
                yield
                return
            self.conn.execute("BEGIN")
            try:
                yield
            finally:
                if self.conn.in_transaction:
                    self.conn.execute("COMMIT")

    def mark(self) -> tuple[int, int] | None:
        """Equal marks: nothing was written in between, here or elsewhere. None inside a transaction."""
        with self._lock, translated():
            if self.conn.in_transaction:
                return None
            (elsewhere,) = self.conn.execute("PRAGMA data_version").fetchone()
            return elsewhere, self.conn.total_changes

    def rows(self, sql: str, parameters: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._lock, translated():
            found: list[tuple[Any, ...]] = self.conn.execute(sql, parameters).fetchall()
            return found

    def one(self, sql: str, parameters: Sequence[Value] = ()) -> tuple[Any, ...] | None:
        """The first row of a query, or None."""
        with self._lock, translated():
            found: tuple[Any, ...] | None = self.conn.execute(sql, parameters).fetchone()
            return found

    def number(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """The first figure of a query; 0 when there is none."""
        found = self.one(sql, parameters)
        return int(found[0]) if found is not None and found[0] is not None else 0

    def run(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """One write inside `atomic`; returns how many rows it touched."""
        with self._lock, translated():
            self._need_transaction()
            return int(self.conn.execute(sql, parameters).rowcount)

    def run_many(self, sql: str, parameters: Iterable[Sequence[Value]]) -> None:
        """One write for each row of parameters, inside `atomic`."""
        with self._lock, translated():
            self._need_transaction()
            self.conn.executemany(sql, parameters)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
        """New rows of these columns, inside `atomic`: a hundred with one statement, which costs least."""
        many = len(rows) // _ROWS_AT_ONCE * _ROWS_AT_ONCE
        with self._lock, translated():
            self._need_transaction()
            for start in range(0, many, _ROWS_AT_ONCE):
                values = list(chain.from_iterable(rows[start : start + _ROWS_AT_ONCE]))
                self.conn.execute(_insertion(table, tuple(columns), _ROWS_AT_ONCE), values)
            self.conn.executemany(_insertion(table, tuple(columns), 1), rows[many:])

    def _need_transaction(self) -> None:
        if not self.conn.in_transaction:
            raise RuntimeError("a write outside atomic(), or after its transaction was rolled back")

    def meta(self, name: str) -> str | None:
        """One of this database's own facts, or None."""
        found = self.one("SELECT value FROM meta WHERE key = ?", (name,))
        return None if found is None else str(found[0])

    def metas(self, prefix: str) -> dict[str, str]:
        """All of this database's own facts whose names begin so."""
        found = self.rows("SELECT key, value FROM meta WHERE key >= ? ORDER BY key", (prefix,))
        return {key: value for key, value in found if key.startswith(prefix)}

    def set_meta(self, name: str, value: str | None) -> None:
        """Keep one of this database's own facts; None forgets it."""
        with self.atomic():
            if value is None:
                self.run("DELETE FROM meta WHERE key = ?", (name,))
            else:
                self.run("INSERT OR REPLACE INTO meta(key, value) VALUES (?, ?)", (name, value))


@lru_cache(maxsize=64)
def _insertion(table: str, columns: tuple[str, ...], rows: int) -> str:
    row = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table}({', '.join(columns)}) VALUES {', '.join([row] * rows)}"  # noqa: S608 - own names


def connect(path: Path, key: bytes) -> Any:
    """A connection to a file, in the page size that it has; one that cannot be read says so when it is."""
    if len(key) != KEY_BYTES:
        raise ValueError("the key must be 32 bytes")
    with translated():
        return _connect(str(path), key, _page_bytes(path, key))


def _page_bytes(path: Path, key: bytes) -> int:
    """The page size of a file: what its WAL says, which holds the newest, or the one in which it is read."""
    with suppress(OSError), Path(f"{path}-wal").open("rb") as wal:
        told = int.from_bytes(wal.read(_WAL_PAGE_BYTES.stop)[_WAL_PAGE_BYTES], "big")
        if told in (_PAGE_BYTES, _FORMER_PAGE_BYTES):
            return told
    if path.stat().st_size < _FORMER_PAGE_BYTES:
        return _PAGE_BYTES
    with closing(_connect(f"{_uri(path.absolute())}?immutable=1", key, _PAGE_BYTES, uri=True)) as looking:
        try:
            looking.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except dbapi.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF == _NOT_A_DATABASE:
                return _FORMER_PAGE_BYTES
    return _PAGE_BYTES


def in_use(path: Path) -> bool:
    """Whether another process has the file open. On Windows such a file cannot be moved, which says it there.

    SQLite holds a shared lock on these bytes as long as a database with a WAL is open.
    """
    if os.name == "nt" or not path.is_file():
        return False
    import fcntl

    with path.open("rb+") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_BYTES, _SHARED_FIRST)
        except OSError:
            return True
    return False


_SHARED_FIRST, _SHARED_BYTES = 0x40000002, 510


def _uri(path: PurePath) -> str:
    """A file's name as SQLite takes it: of another computer's folder the host is the path's beginning."""
    return re.sub("^file://(?=[^/])", "file:////", path.as_uri())


def _connect(name: str, key: bytes, page_bytes: int, *, uri: bool = False) -> Any:
    connection = dbapi.connect(name, timeout=5.0, isolation_level=None, check_same_thread=False, uri=uri)
    with _default_stands:
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        for statement in _CIPHER:
            connection.execute(statement.format(page_bytes=page_bytes))
    connection.execute("PRAGMA busy_timeout = 5000")
    return connection


@contextmanager
def copied_alike(connection: Any) -> Iterator[None]:
    """While this lasts, `VACUUM INTO` of that connection copies in pages as large as its file's.

    The driver knows one size for the copies of all databases, and looks at it whenever a file is opened.
    """
    (page_bytes,) = connection.execute("PRAGMA cipher_page_size").fetchone()
    with _one_size_at_a_time:
        with _default_stands:
            connection.execute(f"PRAGMA cipher_default_page_size = {page_bytes}")
        yield


_default_stands, _one_size_at_a_time = threading.Lock(), threading.Lock()


@contextmanager
def translated() -> Iterator[None]:
    """Trouble of the disk or the file, told to people; other errors of the driver are bugs and pass."""
    try:
        yield
    except dbapi.Error as error:
        told = told_to_people(error)
        if told is None:
            raise
        raise told from error


def told_to_people(error: Exception) -> UserError | None:
    """The sentence for an error of the driver that people can mend, or None."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == _FULL:
        return UserError(
            tr(
                "Laptop penuh: data belum disimpan. Hapus berkas lain yang tidak dipakai, lalu simpan lagi; "
                "isian tetap ada."
            ),
            code="disk_full",
        )
    if code in (_CORRUPT, _NOT_A_DATABASE):
        return _damaged()
    if code in (_BUSY, _LOCKED):
        return UserError(
            tr("Data sedang dipakai jendela lain. Tutup jendela itu, lalu coba lagi."), code="database_busy"
        )
    if code in (_PERMISSION, _READ_ONLY, _CANNOT_OPEN):
        return UserError(
            tr("Folder data tidak dapat ditulis. Periksa izin folder itu, lalu coba lagi."),
            code="not_writable",
        )
    if code == _DISK:
        return UserError(
            tr("Penyimpanan laptop gagal membaca atau menulis. Coba lagi; bila berulang, periksa disknya."),
            code="disk_error",
        )
    return None


def _damaged() -> UserError:
    return UserError(
        tr(
            "Berkas data di laptop ini tidak dapat dibaca: rusak, atau bukan pasangan kuncinya. "
            "Tidak ada yang diubah. Salin seluruh folder data ke tempat aman, lalu hubungi petugas Dinas; "
            "cadangan ada di folder backups."
        ),
        code="database_damaged",
    )


_PERMISSION, _BUSY, _LOCKED, _READ_ONLY, _DISK, _CORRUPT, _FULL, _CANNOT_OPEN, _NOT_A_DATABASE = (
    3,
    5,
    6,
    8,
    10,
    11,
    13,
    14,
    26,
)
