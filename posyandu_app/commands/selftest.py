"""`posyandu selftest`: whether this copy of the program is whole and can work on this machine.

The frozen build runs it on itself; support can ask for its output, which names no person.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from posyandu_app import __version__
from posyandu_app.i18n import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(args: argparse.Namespace) -> int:
    """Try each part once; 0 when all work, 1 naming the parts that do not."""
    print(f"posyandu {__version__}")
    failed = 0
    for name, part in _PARTS.items():
        try:
            found = part()
        except Exception as error:
            failed += 1
            print(f"  ✗ {tr(name)}: {type(error).__name__}: {error}")
        else:
            print(f"  ✓ {tr(name)}: {found}")
    return 1 if failed else 0


def _growth() -> str:
    from posyandu_app.domain.model import Sex
    from posyandu_app.domain.zscore import assess

    z = assess(Sex.FEMALE, 365, weight_g=7000).weight_for_age
    if z is None or z.centi != -205:  # WHO: girl, day 365, 7.0 kg → −2.05
        raise RuntimeError("z-score differs from WHO's")
    return "WHO 2006"


def _rules() -> str:
    from posyandu_app.domain.rules import default_rules

    return str(default_rules().version)


def _database() -> str:
    from posyandu_app.storage.connection import Database

    with tempfile.TemporaryDirectory(prefix="posyandu-") as folder:
        path = Path(folder) / "selftest.db"
        database = Database.create(path, bytes(range(32)))
        database.close()
        if path.read_bytes().startswith(b"SQLite format 3"):
            raise RuntimeError("the database is not encrypted")
    return "SQLCipher"


def _signing() -> str:
    from nacl.signing import SigningKey

    key = SigningKey.generate()
    key.verify_key.verify(key.sign(b"posyandu"))
    return "Ed25519"


def _window() -> str:
    from PySide6 import QtCore, QtGui, QtSvg, QtWidgets

    assert all((QtSvg, QtWidgets, QtGui))
    return f"Qt {QtCore.qVersion()}"


_PARTS: dict[str, Callable[[], str]] = {
    "hitungan pertumbuhan": _growth,
    "aturan program": _rules,
    "basis data terenkripsi": _database,
    "tanda tangan": _signing,
    "jendela": _window,
}
