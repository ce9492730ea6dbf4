"""The server's database: one door for SQLite and PostgreSQL.

On SQLite one writer at a time holds the file. On PostgreSQL writers work side by side until
`lock_order`, after which `ss` is given out in commit order (sync rule 11); readers never wait.
"""

import logging
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, create_engine, event, inspect, select, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from posyandu_app.district import schema
from posyandu_app.district.migrations import LATEST
from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr

HEAD, EPOCH, PROJECTION, JUDGED_BY = "head", "epoch", "projection", "judged_by"
RESTORED = "restored_ms"
"""When a backup was last put back, in milliseconds since 1970 UTC."""

_ORDER_LOCK = 0x506F7379
_UPGRADE_LOCK = 0x506F737A
_CHUNK = 500

V = TypeVar("V")


class Store:
    """The database of one server; safe to use from several threads."""

    def __init__(self, url: str) -> None:
        self.on_sqlite = url.startswith("sqlite")
        self._writer = threading.Lock()
        options = {"connect_args": {"timeout": 30}} if self.on_sqlite else {}
        self._engine = create_engine(
            url, pool_size=16, max_overflow=16, pool_pre_ping=not self.on_sqlite, **options
        )
        if self.on_sqlite:
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that writes: all of it durable at the end, or none."""
        if not self.on_sqlite:
            with self._engine.begin() as connection:
                yield connection
            return
        with (
            self._writer,
            self._engine.connect().execution_options(posyandu_write=True) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Everything read inside is read at one moment; waits for no writer."""
        options = {} if self.on_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    def lock_order(self, connection: Connection) -> None:
        """From here to the commit nobody else gives out `ss`.

        Rows of logs and laptops are changed before, those of facts after: whoever waits holds up nobody.
        """
        if not self.on_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ORDER_LOCK})

    def clear_away(self) -> bool:
        """Leave nothing in SQLite's files of what no row holds any more; False when they were in use.

        On PostgreSQL it is for whoever runs it to say when its tables may be written anew: `VACUUM FULL`.
        """
        if not self.on_sqlite:
            return True
        with self._writer, closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            try:
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                busy, *_ = cursor.fetchone() or (1,)
            except sqlite3.OperationalError:
                return False
            finally:
                cursor.close()
        return not busy

    def upgrade(self) -> None:
        """Bring the schema up to date; refuses a database that a newer server has written."""
        try:
            with self.write() as connection:
                if not self.on_sqlite:
                    _refuse_few_letters(connection)
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
                current = _revision(connection)
                if current != LATEST:
                    _take_steps(connection, current)
                if current is None:
                    set_fact(connection, EPOCH, str(uuid.uuid4()))
                    set_fact(connection, HEAD, "0")
        except OperationalError as error:
            logging.getLogger(__name__).error("database not reachable: %s", type(error.orig).__name__)
            raise UserError(
                tr(
                    "Basis data server tidak dapat dibuka. Periksa alamat, kata sandi, "
                    "izin berkas dan ruang disk."
                )
            ) from None
        except (DatabaseError, sqlite3.DatabaseError) as error:
            if not self.on_sqlite:
                raise
            logging.getLogger(__name__).error("database damaged: %s", type(error).__name__)
            raise UserError(
                tr(
                    "Berkas district.db rusak atau bukan basis data server ini. Tidak ada yang diubah. "
                    "Simpan salinannya, taruh cadangan di tempatnya, lalu jalankan: "
                    "posyandu district restored"
                )
            ) from None


def _refuse_few_letters(connection: Connection) -> None:
    """Raise `UserError` for a database that cannot hold every letter of a name."""
    if connection.scalar(text("SHOW server_encoding")) != "UTF8":
        raise UserError(
            tr("Basis data PostgreSQL ini tidak memuat semua huruf. Buat yang baru dengan ENCODING 'UTF8'.")
        )


def _revision(connection: Connection) -> str | None:
    """The last step that was taken on this database, or None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _take_steps(connection: Connection, current: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "posyandu_app.district:migrations")
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise UserError(
            tr("Basis data ini sudah dipakai versi server yang lebih baru. Pasang versi terbaru.")
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


# WORKAROUND sqlite3 looks for a conversion of every None and bytes anew, which takes longer than to store it
sqlite3.register_adapter(type(None), {None: None}.get)
sqlite3.register_adapter(bytes, bytes)


def _prepare_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin_sqlite`, not guessed by the driver
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        "cache_size = -65536",
        "journal_size_limit = 67108864",
        "wal_autocheckpoint = 8192",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("posyandu_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def fact(connection: Connection, key: str) -> str | None:
    """One thing that the server knows about itself, or None."""
    found: str | None = connection.scalar(select(schema.fact.c.value).where(schema.fact.c.key == key))
    return found


def set_fact(connection: Connection, key: str, value: str) -> None:
    """Keep one thing that the server knows about itself."""
    upsert(connection, schema.fact, ("key", "value"), [(key, value)])


Rows = list[tuple[object, ...]]


def insert(connection: Connection, table: Table, columns: tuple[str, ...], rows: Rows) -> None:
    """Insert many rows of these columns."""
    if rows:
        _run_many(connection, _insert_sql(table, columns), rows)


def change(connection: Connection, table: Table, columns: tuple[str, ...], rows: Rows) -> None:
    """Change rows that are there; the columns end with the primary key, before it stands what is changed."""
    if rows:
        _run_many(connection, _change_sql(table, columns), rows)


def upsert(connection: Connection, table: Table, columns: tuple[str, ...], rows: Rows) -> None:
    """Insert rows of these columns, or replace those with the same primary key."""
    if rows:
        _run_many(connection, _upsert_sql(table, columns), rows)


def _run_many(connection: Connection, sql: str, rows: Rows) -> None:
    """Through the driver, not row by row through SQLAlchemy, which would take longer than the database."""
    sign = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    connection.exec_driver_sql(sql.replace(_SIGN, sign), rows)


_SIGN = "<value>"


@lru_cache(maxsize=64)
def _insert_sql(table: Table, columns: tuple[str, ...]) -> str:
    named = ", ".join(f'"{table.c[name].name}"' for name in columns)
    return f'INSERT INTO "{table.name}" ({named}) VALUES ({", ".join([_SIGN] * len(columns))})'  # noqa: S608 - own names


@lru_cache(maxsize=64)
def _change_sql(table: Table, columns: tuple[str, ...]) -> str:
    keys = [column.name for column in table.primary_key]
    assert list(columns[-len(keys) :]) == keys, "the primary key comes last"
    changed = ", ".join(f'"{name}" = {_SIGN}' for name in columns[: -len(keys)])
    which = " AND ".join(f'"{name}" = {_SIGN}' for name in keys)
    return f'UPDATE "{table.name}" SET {changed} WHERE {which}'  # noqa: S608 - own names


@lru_cache(maxsize=64)
def _upsert_sql(table: Table, columns: tuple[str, ...]) -> str:
    keys = [column.name for column in table.primary_key]
    changed = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in keys)
    then = f"DO UPDATE SET {changed}" if changed else "DO NOTHING"
    quoted = ", ".join(f'"{name}"' for name in keys)
    return f"{_insert_sql(table, columns)} ON CONFLICT ({quoted}) {then}"


def read_rows(connection: Connection, sql: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
    """The rows of a query whose values stand where it says `<value>`, as the driver gives them."""
    sign = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    return list(connection.exec_driver_sql(sql.replace(_SIGN, sign), values).cursor.fetchall())


def among(connection: Connection, sql: str, values: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    """The rows of a query for any of these values, which stand where it says `IN <values>`.

    A thousand parameters in one clause take SQLAlchemy longer to expand than the database to find.
    """
    sign = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    for some in chunks(values):
        signs = ", ".join([sign] * len(some))
        found = connection.exec_driver_sql(sql.replace("<values>", f"({signs})"), tuple(some))
        yield from found.cursor.fetchall()


def chunks(values: Iterable[V]) -> Iterator[list[V]]:
    """The values in lists short enough for one IN clause."""
    listed = list(values)
    for start in range(0, len(listed), _CHUNK):
        yield listed[start : start + _CHUNK]
