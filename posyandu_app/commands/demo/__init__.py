"""`posyandu demo`: the whole story on one computer, on real parts and with made-up children.

A district server process on loopback, the posyandu's laptop filled from an e-PPGBM export by
the real importer, the midwife's own laptop, and that of the Dinas. With a display all open as windows;
without one, or with --out, the story plays by itself through the same widgets.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from posyandu_app.i18n import tr
from posyandu_app.paths import resources

POSYANDU_DAY = date(2026, 11, 23)
"""The day the story plays on: the month after the last full month of the export."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--out DIR plays the story by itself; --keep DIR keeps the data."""
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help=tr("putar sendiri tanpa jendela; gambar tiap langkah dan summary.json disimpan di DIR"),
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help=tr("simpan data demo di folder kosong ini"))


def run(args: argparse.Namespace) -> int:
    """Prepare the places, then play or open them; 1 when anything in the story disagrees."""
    from posyandu_app.domain.errors import UserError

    if args.keep is not None and args.keep.exists() and any(args.keep.iterdir()):
        raise UserError(tr("Folder {folder} tidak kosong; pilih folder lain.").format(folder=args.keep))
    root = args.keep or Path(tempfile.mkdtemp(prefix="posyandu-demo-"))
    try:
        return _play(root, args.out) if args.out is not None or not _has_display() else _open(root)
    finally:
        if args.keep is None:
            shutil.rmtree(root, ignore_errors=True)


def _play(root: Path, out: Path | None) -> int:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from posyandu_app.commands.demo.story import play

    out = out or Path("demo-out")
    out.mkdir(parents=True, exist_ok=True)
    return play(root, out, POSYANDU_DAY, _sample())


def _open(root: Path) -> int:
    """All laptops as windows; ends when the kader's is closed."""
    from posyandu_app.commands.demo import places
    from posyandu_app.domain.clock import ShiftedClock

    clock = ShiftedClock.to_date(POSYANDU_DAY)
    with places.Server(root / "district") as server:
        print(tr("Menyiapkan server Dinas dan tiga laptop dengan anak-anak buatan …"), flush=True)
        places.fill(root, server, clock, _sample())
        print(
            tr("Kata sandi semua laptop: {password}. Tutup jendela kader untuk mengakhiri demo.").format(
                password=places.PASSWORD
            ),
            flush=True,
        )
        windows = [
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "posyandu_app", "--data", str(root / person.folder)),
                    *("--today", POSYANDU_DAY.isoformat(), "--title", person.laptop),
                ]
            )
            for person in (places.KADER, places.BIDAN, places.DINAS)
        ]
        try:
            return windows[0].wait()
        finally:
            for window in windows:
                window.terminate()
                window.wait()


def _sample() -> Path:
    return resources() / "demo" / "eppgbm_cilembu_older.xlsx"


def _has_display() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
