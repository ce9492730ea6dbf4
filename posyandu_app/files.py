"""Small files that are whole or not there at all.

A leaf module: standard library only, importable from every room.
"""

import os
import secrets
from pathlib import Path

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
