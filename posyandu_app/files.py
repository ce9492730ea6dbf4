"""Small files that are whole or not there at all.

A leaf module, importable from every room.
"""

import errno
import os
import secrets
from pathlib import Path

from posyandu_app.i18n import tr

_BINARY = getattr(os, "O_BINARY", 0)  # without it Windows turns every line end into two bytes


def write_atomically(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Replace a file by new content, durably; whoever reads it sees the old or the new, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a folder's names durable where the system can (not on Windows)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def set_aside(path: Path) -> Path:
    """Move a file that cannot be read out of the way, keeping it, and return its new place."""
    for number in range(1, 1000):
        aside = path.with_name(f"{path.name}.rusak-{number}")
        if not aside.exists():
            return path.replace(aside)
    raise FileExistsError(f"too many damaged copies beside {path.name}")


def trouble(error: OSError) -> str:
    """What a person can mend about a file or folder that the system would not open, as one sentence."""
    name = os.fspath(error.filename) if isinstance(error.filename, str | os.PathLike) else ""
    sentence = {
        errno.ENOENT: tr("{name} tidak ditemukan. Periksa nama dan foldernya."),
        errno.EACCES: tr("{name} tidak boleh dibuka atau ditulis. Periksa izinnya, atau pilih folder lain."),
        errno.EEXIST: tr("{name} sudah ada. Pilih nama lain."),
        errno.ENOTDIR: tr("{name} bukan folder. Periksa nama dan foldernya."),
        errno.EISDIR: tr("{name} adalah folder, bukan berkas. Pilih berkasnya."),
        errno.ENOSPC: tr("Disk penuh. Kosongkan sebagian, lalu coba lagi."),
    }
    sentence[errno.EPERM] = sentence[errno.EROFS] = sentence[errno.EACCES]
    otherwise = tr("{name} tidak dapat dibaca atau ditulis. Periksa nama, izin, dan ruang disk.")
    text = sentence.get(error.errno or 0, otherwise)
    return text.format(name=f'"{name}"' if name else tr("Berkas"))
