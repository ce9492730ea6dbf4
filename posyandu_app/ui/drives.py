"""USB sticks that are plugged in, on Linux, Windows and macOS."""

import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PySide6.QtCore import QStorageInfo

_WHERE_STICKS_ARE = ("/media", "/run/media", "/mnt", "/Volumes")
_REMOVABLE = 2
"""What Windows calls a removable drive (GetDriveTypeW)."""


@dataclass(frozen=True, slots=True)
class Drive:
    """A stick as people know it: its name, where its folder is, and how many bytes are free."""

    name: str
    folder: Path
    free: int


def plugged_in() -> tuple[Drive, ...]:
    """The sticks that can be read now, by name; one that is locked against writing too."""
    found = []
    for volume in QStorageInfo.mountedVolumes():
        root = volume.rootPath()
        if volume.isValid() and volume.isReady() and not volume.isRoot() and _is_stick(root, volume):
            found.append(Drive(volume.displayName() or root, Path(root), volume.bytesAvailable()))
    return tuple(sorted(found, key=lambda drive: (drive.name.casefold(), str(drive.folder))))


def _is_stick(root: str, volume: QStorageInfo) -> bool:
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.kernel32.GetDriveTypeW(root) == _REMOVABLE)
    return is_where_sticks_are(root) or _says_removable(
        bytes(volume.device().data()).decode("utf-8", "replace")
    )


def is_where_sticks_are(root: str) -> bool:
    """Whether a folder lies where Linux and macOS show sticks."""
    path = PurePosixPath(root)
    return any(str(parent) in _WHERE_STICKS_ARE for parent in path.parents)


def _says_removable(device: str, blocks: Path = Path("/sys/class/block")) -> bool:
    """Whether Linux says of a partition or of its disk that it is removable."""
    name = PurePosixPath(device).name
    if not device.startswith("/dev/") or not name:
        return False
    for place in (blocks / name, (blocks / name).resolve().parent):
        try:
            if (place / "removable").read_text().strip() == "1":
                return True
        except OSError:
            continue
    return False
