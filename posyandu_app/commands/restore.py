"""`posyandu restore`: make a backup the data of this laptop when its data file cannot be used.

Exit codes: 0 done · 2 nothing was changed, and why.
"""

import argparse
from pathlib import Path

from posyandu_app.commands import unlocking
from posyandu_app.i18n import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which backup, and whose laptop."""
    parser.epilog = tr(
        "Tutup aplikasinya dulu. Data yang sekarang tidak dihapus: disimpan di folder backups dengan nama "
        "...-diganti.db. Yang dicatat sesudah cadangan itu dan sudah terkirim datang lagi saat sinkronisasi."
    )
    parser.add_argument(
        "backup",
        nargs="?",
        type=Path,
        metavar=tr("CADANGAN"),
        help=tr("berkas cadangan (biasanya yang terbaru)"),
    )
    parser.add_argument("--list", action="store_true", help=tr("daftar cadangan, yang terbaru dulu"))
    unlocking.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """List the backups, or put one in the place of the data."""
    from posyandu_app.services import restoring

    folder = unlocking.data_folder(args)
    if args.list:
        for path in restoring.backups(folder):
            print(path.name)
        return 0
    chosen = args.backup
    if chosen is not None and not chosen.exists():
        chosen = folder.backups / chosen.name
    label = unlocking.chosen_label(args, folder)
    done = restoring.restore(folder, label, unlocking.password_of(label), chosen)
    print(tr("Cadangan {name} menjadi data laptop ini.").format(name=done.backup.name))
    if done.replaced is not None:
        print(tr("Data sebelumnya disimpan: {path}").format(path=done.replaced))
    return 0
