"""Putting a backup in the place of a data file that cannot be used; what stood there is kept among them.

What was written after the backup and had reached the server comes back with the next exchange: the laptop
goes on in a log of its own, as a copied disk does (sync rule 17).
"""

import os
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from posyandu_app.domain.errors import UserError
from posyandu_app.files import sync_folder
from posyandu_app.i18n import tr
from posyandu_app.paths import DataFolder
from posyandu_app.storage import backup
from posyandu_app.storage.connection import in_use
from posyandu_app.storage.keys import KeyRing

_PARTS = ("", "-wal")
REPLACED = "diganti"


class Restored(NamedTuple):
    """The backup that is the data now, and where what stood there before is kept, if anything did."""

    backup: Path
    replaced: Path | None


def backups(folder: DataFolder) -> list[Path]:
    """The backups of this laptop, the newest first; without what was replaced by one."""
    found = folder.backups.glob(f"{folder.database.stem}-*.db") if folder.backups.is_dir() else ()
    return sorted((path for path in found if not path.stem.endswith(REPLACED)), reverse=True)


def restore(
    folder: DataFolder, label: str, password: str, chosen: Path | None = None, now: datetime | None = None
) -> Restored:
    """Make the newest sound backup, or a `chosen` one, the data of this laptop.

    Raises `UserError`, and has changed nothing, when the password is wrong, there is no backup, it is not
    sound, or the program is still open; for trouble with the disk too, after which it can be tried again.
    """
    key = KeyRing.load(folder.keys).open(label, password).key
    found = chosen if chosen is not None else _newest_sound(folder, key)
    if not found.is_file():
        raise UserError(tr("Tidak ada cadangan dengan nama itu."), code="no_backup")
    backup.check(found, key)
    if in_use(folder.database):
        raise UserError(
            tr("Aplikasi masih terbuka. Tutup dulu di laptop ini, lalu ulangi."), code="database_busy"
        )
    new = folder.root / f".{folder.database.name}.baru"
    try:
        for part in _PARTS:
            _copy(Path(f"{found}{part}"), Path(f"{new}{part}"))
        replaced = _set_aside(folder, now or datetime.now().astimezone())
        for part in reversed(_PARTS):  # the file last: without it the program says that data is missing
            if Path(f"{new}{part}").exists():
                Path(f"{new}{part}").replace(Path(f"{folder.database}{part}"))
        sync_folder(folder.root)
    except OSError as error:
        raise UserError(
            tr("Cadangan tidak dapat dipasang. Periksa ruang kosong dan izin folder data, lalu ulangi."),
            code="restore_failed",
        ) from error
    finally:
        for part in _PARTS:
            Path(f"{new}{part}").unlink(missing_ok=True)
    return Restored(found, replaced)


def _newest_sound(folder: DataFolder, key: bytes) -> Path:
    found = backups(folder)
    if not found:
        raise UserError(tr("Laptop ini belum punya cadangan."), code="no_backup")
    for path in found[:-1]:
        with suppress(UserError):
            backup.check(path, key)
            return path
    return found[-1]


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    if not source.exists():
        return
    with source.open("rb") as old, target.open("xb") as new:
        target.chmod(0o600)
        shutil.copyfileobj(old, new)
        new.flush()
        os.fsync(new.fileno())


def _set_aside(folder: DataFolder, now: datetime) -> Path | None:
    """Keep the data file and its WAL under the name of a replaced backup."""
    moment = now.strftime("%Y%m%dT%H%M%S")
    kept = backup.free_name(folder.backups, f"{folder.database.stem}-{moment}-{REPLACED}")
    there = [part for part in (*_PARTS, "-shm") if Path(f"{folder.database}{part}").exists()]
    folder.backups.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part in there:
        Path(f"{folder.database}{part}").replace(Path(f"{kept}{part}"))
    sync_folder(folder.backups)
    return kept if there else None
