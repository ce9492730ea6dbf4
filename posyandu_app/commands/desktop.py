"""`posyandu`: opens the app."""

import argparse
from datetime import date

from posyandu_app.i18n import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--today and --title; the data folder and the language are options of every command."""
    parser.add_argument(
        "--today",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help=tr("anggap hari ini tanggal ini (untuk latihan)"),
    )
    parser.add_argument("--title", metavar=tr("NAMA"), help=tr("nama jendela"))


def run(args: argparse.Namespace) -> int:
    """Open the window and stay until it is closed."""
    from posyandu_app import logs
    from posyandu_app.app import build
    from posyandu_app.domain.clock import ShiftedClock
    from posyandu_app.paths import DataFolder, default_data_dir

    folder = DataFolder(args.data or default_data_dir())
    diary = logs.start(folder.logs)
    try:
        clock = None if args.today is None else ShiftedClock.to_date(args.today)
        application = build(folder, clock=clock, language=args.language)
        if args.title:
            application.window.setWindowTitle(args.title)
        application.window.appear()
        code = application.qt.exec()
        application.close()
        return int(code)
    finally:
        logs.stop(diary)
