"""Where things are: shipped resources (source tree, wheel, frozen) and the user's data folder.

A leaf module: standard library only, importable from every room.
"""

import os
import sys
from pathlib import Path


def resources() -> Path:
    """The folder of shipped read-only files, wherever the program runs from."""
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        return Path(frozen) / "resources"
    package = Path(__file__).resolve().parent
    in_wheel = package / "_resources"
    return in_wheel if in_wheel.is_dir() else package.parent / "resources"


def default_data_dir() -> Path:
    """The per-user data folder of the operating system; `POSYANDU_DATA` overrides it."""
    override = os.environ.get("POSYANDU_DATA")
    if override:
        return Path(override)
    from platformdirs import user_data_path

    return user_data_path("posyandu", appauthor=False)


def default_district_dir() -> Path:
    """The per-user folder of a district server; `POSYANDU_DISTRICT` overrides it."""
    override = os.environ.get("POSYANDU_DISTRICT")
    if override:
        return Path(override)
    from platformdirs import user_data_path

    return user_data_path("posyandu-district", appauthor=False)


class DataFolder:
    """The files of one laptop's data folder; nothing is created by asking."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def database(self) -> Path:
        return self.root / "posyandu.db"

    @property
    def keys(self) -> Path:
        return self.root / "keys.json"

    @property
    def settings(self) -> Path:
        return self.root / "settings.json"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def logs(self) -> Path:
        return self.root / "logs"
