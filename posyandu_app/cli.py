"""The `posyandu` command: arguments in, exit code out; imports a subcommand's module only when it runs.

Exit codes: 0 done · 1 done or stopped with something for a person to mend · 2 could not run
as asked · 130 interrupted.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

from posyandu_app import __version__
from posyandu_app.i18n import tr

# name → (module with add_arguments(parser) and run(args) -> int, what it does)
COMMANDS = {
    "growth": ("posyandu_app.commands.growth", "hitung status gizi dari berkas CSV"),
    "import": ("posyandu_app.commands.import_", "masukkan data dari berkas lain (e-PPGBM)"),
    "sync": ("posyandu_app.commands.sync", "kirim dan terima data sekarang"),
    "enrol": ("posyandu_app.commands.enrol", "gabungkan laptop ini dengan kode dari Dinas"),
    "demo": ("posyandu_app.commands.demo", "seluruh cerita di satu komputer, dengan data buatan"),
    "district": ("posyandu_app.commands.district", "server Dinas Kesehatan: init, serve, code, status"),
    "selftest": ("posyandu_app.commands.selftest", "periksa apakah program ini lengkap dan bisa bekerja"),
}
DESKTOP = "posyandu_app.commands.desktop"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    name = next((word for word in words if word in COMMANDS), None)
    module = (
        import_module(COMMANDS[name][0] if name else DESKTOP) if not _wants_overview(words, name) else None
    )
    args = _parser(name, module).parse_args(words)
    args.data = getattr(args, "data", None) or args.data_folder
    assert module is not None, "the overview ends in argparse"
    return _guarded(module, args)


def _wants_overview(words: Sequence[str], name: str | None) -> bool:
    return name is None and any(word in ("-h", "--help", "--version") for word in words)


def _parser(name: str | None, module: ModuleType | None) -> argparse.ArgumentParser:
    """The parser with every subcommand named and only the one asked for filled in."""
    parser = argparse.ArgumentParser(
        prog="posyandu",
        description=tr("Pencatatan posyandu tanpa jaringan. Tanpa perintah, aplikasi dibuka."),
        epilog=tr("Bantuan untuk satu perintah: posyandu PERINTAH --help"),
    )
    parser.add_argument("--version", action="version", version=f"posyandu {__version__}")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        dest="data_folder",
        help=tr("folder data laptop ini (bila bukan yang biasa)"),
    )
    commands = parser.add_subparsers(metavar=tr("PERINTAH"))
    for command, (_, summary) in COMMANDS.items():
        sub = commands.add_parser(command, help=tr(summary), description=tr(summary))
        if command == name and module is not None:
            module.add_arguments(sub)
    if name is None and module is not None:
        module.add_arguments(parser)
    return parser


def _guarded(module: ModuleType, args: argparse.Namespace) -> int:
    """Run a command; what a person can mend ends in one sentence, a bug in a calm one and its trace."""
    from posyandu_app.domain.errors import UserError

    try:
        return int(module.run(args))
    except UserError as error:
        print(error.message, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1
