"""Opening this laptop's data from the command line: which folder, whose name, and her password."""

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from posyandu_app.i18n import tr

if TYPE_CHECKING:
    from posyandu_app.paths import DataFolder
    from posyandu_app.services.workspace import Workspace

PASSWORD_VARIABLE = "POSYANDU_PASSWORD"  # noqa: S105  (the name of a variable)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--data and --user."""
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help=tr("folder data laptop ini (bila bukan yang biasa)")
    )
    parser.add_argument(
        "--user", metavar=tr("NAMA"), help=tr("nama pembuka laptop; tidak perlu bila hanya ada satu")
    )


@contextmanager
def unlocked(args: argparse.Namespace) -> Iterator["Workspace"]:
    """The workspace of whoever is named, closed at the end; what happens is noted in the folder's diary.

    The password comes from the variable POSYANDU_PASSWORD, else it is asked for; without a
    terminal it is the first line of standard input. Raises `UserError` when the laptop has
    not been set up, the name is not clear, or the password is wrong.
    """
    from posyandu_app import logs
    from posyandu_app.domain.clock import SystemClock
    from posyandu_app.services import accounts

    folder = data_folder(args)
    label = chosen_label(args, folder)
    ws = accounts.unlock(folder, label, password_of(label), SystemClock())
    diary = logs.start(folder.logs)
    try:
        yield ws
    finally:
        logs.stop(diary)
        ws.close()


def data_folder(args: argparse.Namespace) -> "DataFolder":
    """The folder that is named, or the usual one."""
    from posyandu_app.paths import DataFolder, default_data_dir

    return DataFolder(args.data or default_data_dir())


def chosen_label(args: argparse.Namespace, folder: "DataFolder") -> str:
    """Who opens the laptop; raises `UserError` when it has not been set up or the name is not clear."""
    from posyandu_app.domain.errors import UserError
    from posyandu_app.services import accounts

    labels = accounts.labels(folder)
    if not labels:
        raise UserError(
            tr("Laptop ini belum disiapkan. Buka aplikasinya dulu, atau sebutkan foldernya dengan --data."),
            code="not_set_up",
        )
    label = args.user or (labels[0] if len(labels) == 1 else "")
    if label not in labels:
        raise UserError(
            tr("Sebutkan siapa yang membuka dengan --user: {names}.").format(names=", ".join(labels)),
            code="user_unclear",
        )
    return str(label)


def password_of(label: str) -> str:
    """Her password: from the variable, asked for, or the first line of standard input."""
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    if sys.stdin.isatty():
        return getpass.getpass(tr("Kata sandi {name}: ").format(name=label))
    return sys.stdin.readline().rstrip("\r\n")
