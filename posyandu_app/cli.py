"""The `posyandu` command: arguments in, exit code out; imports a subcommand's module only when it runs.

Exit codes: 0 done · 1 done or stopped with something for a person to mend · 2 could not run
as asked · 3 a defect of the program · 130 interrupted.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

from posyandu_app import __version__
from posyandu_app.i18n import LANGUAGES, language, set_language, tr

# name → (module with add_arguments(parser) and run(args) -> int, what it does)
COMMANDS = {
    "growth": ("posyandu_app.commands.growth", "hitung status gizi dari berkas CSV"),
    "import": ("posyandu_app.commands.import_", "masukkan data dari berkas lain (e-PPGBM)"),
    "sync": ("posyandu_app.commands.sync", "kirim dan terima data sekarang"),
    "usb": ("posyandu_app.commands.usb", "kirim dan terima data lewat flashdisk"),
    "enrol": ("posyandu_app.commands.enrol", "gabungkan laptop ini dengan kode dari Dinas"),
    "restore": ("posyandu_app.commands.restore", "pakai cadangan bila berkas data rusak"),
    "demo": ("posyandu_app.commands.demo", "seluruh cerita di satu komputer, dengan data buatan"),
    "district": ("posyandu_app.commands.district", "server Dinas Kesehatan: init, serve, code, status"),
    "selftest": ("posyandu_app.commands.selftest", "periksa apakah program ini lengkap dan bisa bekerja"),
}
DESKTOP = "posyandu_app.commands.desktop"
# options before the command whose next word is theirs: a folder may be called "sync"
WITH_VALUE = ("--data", "--language", "--today", "--title")

# argparse asks gettext for its own words; in English they stay as they are
ARGPARSE_WORDS = {
    "usage: ": "pemakaian: ",
    "positional arguments": "perintah dan berkas",
    "options": "pilihan",
    "show this help message and exit": "tampilkan bantuan ini",
    "show program's version number and exit": "tampilkan versi program",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s: %(message)s",
    "can't open '%(filename)s': %(error)s": "berkas '%(filename)s' tidak dapat dibuka: %(error)s",
    "unrecognized arguments: %s": "tidak dikenal: %s",
    "not allowed with argument %s": "tidak bisa bersama %s",
    "ignored explicit argument %r": "tidak perlu isian %r",
    "the following arguments are required: %s": "yang ini harus diisi: %s",
    "one of the arguments %s is required": "salah satu harus diisi: %s",
    "expected one argument": "perlu satu isian",
    "expected at most one argument": "paling banyak satu isian",
    "expected at least one argument": "perlu paling sedikit satu isian",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s bisa berarti %(matches)s",
    "invalid %(type)s value: %(value)r": "isian tidak bisa dipakai: %(value)r",
    "invalid choice: %(value)r (choose from %(choices)s)": "%(value)r tidak ada; pilih dari %(choices)s",
    "%(prog)s: error: %(message)s\n": "%(prog)s: %(message)s\n",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    argparse._ = _argparse_words  # type: ignore[attr-defined]  # its only hook for a language
    if (wanted := _wanted_language(words)) in LANGUAGES:
        set_language(wanted)
    name = _command(words)
    try:
        module = (
            None if _wants_overview(words, name) else import_module(COMMANDS[name][0] if name else DESKTOP)
        )
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("posyandu_app."):
            raise
        print(tr("Perintah ini tidak ada di paket ini."), file=sys.stderr)
        return 2
    args = _parser(name, module).parse_args(words)
    args.data = getattr(args, "data", None) or args.data_folder
    assert module is not None, "the overview ends in argparse"
    return _guarded(module, args)


def _argparse_words(sentence: str) -> str:
    return ARGPARSE_WORDS.get(sentence, sentence) if language() == "id" else sentence


def _command(words: Sequence[str]) -> str | None:
    """The first word that names a command and is not the value of an option."""
    before = ("", *words)
    return next(
        (
            word
            for last, word in zip(before, words, strict=False)
            if word in COMMANDS and last not in WITH_VALUE
        ),
        None,
    )


def _wanted_language(words: Sequence[str]) -> str:
    """The value of --language, needed before argparse makes its sentences; "" without one."""
    for word, following in zip(words, (*words[1:], ""), strict=True):
        if word == "--language":
            return following
        if word.startswith("--language="):
            return word.partition("=")[2]
    return ""


def _wants_overview(words: Sequence[str], name: str | None) -> bool:
    return name is None and any(word in ("-h", "--help", "--version") for word in words)


def _parser(name: str | None, module: ModuleType | None) -> argparse.ArgumentParser:
    """The parser with every subcommand named and only the one asked for filled in."""
    parser = argparse.ArgumentParser(
        prog="posyandu",
        description=tr("Pencatatan posyandu tanpa jaringan. Tanpa perintah, aplikasi dibuka."),
        epilog=tr("Bantuan untuk satu perintah: posyandu PERINTAH --help"),
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"posyandu {__version__}",
        help=_argparse_words("show program's version number and exit"),
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        dest="data_folder",
        help=tr("folder data laptop ini (bila bukan yang biasa)"),
    )
    parser.add_argument("--language", choices=LANGUAGES, help=tr("bahasa aplikasi: id atau en"))
    commands = parser.add_subparsers(metavar=tr("PERINTAH"))
    for command, (_, summary) in COMMANDS.items():
        sub = commands.add_parser(command, help=tr(summary), description=tr(summary))
        if command == name and module is not None:
            module.add_arguments(sub)
    if name is None and module is not None:
        module.add_arguments(parser)
    return parser


def _guarded(module: ModuleType, args: argparse.Namespace) -> int:
    """Run a command; what a person can mend ends in one sentence, a bug in a calm one and where it is.

    Of a bug only types and places are shown: what it says may hold a name.
    """
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
    except OSError as error:
        from posyandu_app.files import trouble

        print(trouble(error), file=sys.stderr)
        return 2
    except Exception as error:  # the last place that can speak calmly
        from posyandu_app.logs import origin

        print(
            tr("Ada kesalahan di program ini, bukan pada Anda. Kirimkan baris ini kepada pembuatnya:"),
            *origin(error),
            sep="\n",
            file=sys.stderr,
        )
        return 3
