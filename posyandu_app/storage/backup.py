"""Encrypted copies of the whole database, under the same key, checked before they count."""

import os
import secrets
from contextlib import closing
from datetime import datetime
from pathlib import Path

from posyandu_app.domain.errors import UserError
from posyandu_app.files import sync_folder
from posyandu_app.i18n import tr
from posyandu_app.storage.connection import Database, connect, copied_alike, translated
from posyandu_app.storage.driver import dbapi

KEEP_DAILY = 7
KEEP_BEFORE_UPDATE = 3
DAILY = "harian"
BEFORE_UPDATE = "sebelum-pembaruan"


def make(database: Database, why: str, now: datetime | None = None) -> Path:
    """A verified copy in the folder `backups` beside the database; on failure `UserError` and no copy."""
    folder = database.path.parent / "backups"
    moment = (now or datetime.now().astimezone()).strftime("%Y%m%dT%H%M%S")
    target = free_name(folder, f"{database.path.stem}-{moment}-{why}")
    temporary = folder / f".{target.name}.{secrets.token_hex(4)}.tmp"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with (
            translated(),
            closing(connect(database.path, database.key)) as reader,
            copied_alike(reader),
        ):
            reader.execute("VACUUM INTO ?", (str(temporary),))  # apart: nobody waits for it
        verify(temporary, database)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(target)
        sync_folder(folder)
    except OSError as error:
        raise UserError(
            tr("Cadangan tidak dapat dibuat. Periksa ruang kosong dan izin folder data, lalu coba lagi."),
            code="backup_failed",
        ) from error
    finally:
        for leftover in folder.glob(f"{temporary.name}*"):
            leftover.unlink(missing_ok=True)
    _rotate(folder, why)
    return target


def renew(database: Database, now: datetime) -> None:
    """A new copy in place of all that there are: older ones hold what had to be forgotten."""
    made = make(database, DAILY, now)
    for old in made.parent.glob(f"{database.path.stem}-*.db*"):  # what a backup has replaced has a WAL
        if old != made:
            old.unlink(missing_ok=True)
    sync_folder(made.parent)


def check(copy: Path, key: bytes) -> None:
    """Raise `UserError` unless a copy, which is all there is, is sound and of this laptop."""
    if _sound(copy, key) is None:
        raise UserError(
            tr("Cadangan ini tidak utuh atau bukan dari laptop ini. Pilih yang lain; tidak ada yang diubah."),
            code="backup_damaged",
        )


def verify(copy: Path, database: Database) -> None:
    """Raise `UserError` unless every page of the copy is sound and it holds the whole log."""
    if _sound(copy, database.key) != database.rows(_WHOLE_LOG):
        raise UserError(
            tr("Cadangan yang baru dibuat tidak utuh dan dihapus lagi. Periksa disk laptop ini."),
            code="backup_failed",
        )


def _sound(copy: Path, key: bytes) -> list[tuple[str, int, int]] | None:
    """What the logs in a copy hold; None when a page of it is not sound."""
    with closing(connect(copy, key)) as connection:
        try:
            if connection.execute("PRAGMA cipher_integrity_check").fetchall():
                return None
            if connection.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
                return None
            found: list[tuple[str, int, int]] = connection.execute(_WHOLE_LOG).fetchall()
        except dbapi.DatabaseError:
            return None
        return found


_WHOLE_LOG = "SELECT replica, count(*), max(seq) FROM log GROUP BY replica ORDER BY replica"


def due(database: Database, now: datetime) -> bool:
    """Whether today has no daily copy yet."""
    today = now.strftime("%Y%m%d")
    return not any((database.path.parent / "backups").glob(f"{database.path.stem}-{today}T*-{DAILY}*.db"))


def free_name(folder: Path, stem: str) -> Path:
    """A name for a copy that is not taken."""
    for number in range(1, 1000):
        path = folder / (f"{stem}.db" if number == 1 else f"{stem}-{number}.db")
        if not path.exists():
            return path
    raise FileExistsError("too many backups of one second")


def _rotate(folder: Path, why: str) -> None:
    keep = KEEP_BEFORE_UPDATE if why == BEFORE_UPDATE else KEEP_DAILY
    for old in sorted(folder.glob(f"*-{why}*.db"))[:-keep]:
        old.unlink(missing_ok=True)
