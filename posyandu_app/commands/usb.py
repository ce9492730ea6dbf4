"""`posyandu usb`: send and receive by USB stick, from the command line.

Exit codes: 0 done, whatever was mended on the way · 1 done or stopped with something for a person to
mend · 2 could not run. What happened is told in sentences, with --json on standard error.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from posyandu_app.commands import unlocking
from posyandu_app.i18n import tr

if TYPE_CHECKING:
    from posyandu_app.sync.status import SyncStatus
    from posyandu_app.sync.usb import Exported, Imported


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which way, which folder, and whose laptop."""
    actions = parser.add_subparsers(dest="action", required=True, metavar=tr("TINDAKAN"))
    for name, summary in (
        ("export", tr("salin ke flashdisk apa yang belum diterima Dinas")),
        ("import", tr("masukkan balasan Dinas, dan data laptop lain, dari flashdisk")),
    ):
        action = actions.add_parser(name, help=summary, description=summary)
        action.epilog = tr(
            "Kode keluar: 0 selesai, 1 ada yang harus dilihat orang, 2 tidak dapat dijalankan. "
            "Kata sandi ditanyakan, atau dibaca dari POSYANDU_PASSWORD."
        )
        action.add_argument("folder", type=Path, metavar="DIR", help=tr("folder flashdisk"))
        action.add_argument("--json", action="store_true", help=tr("hasil sebagai JSON, untuk skrip"))
        unlocking.add_arguments(action)


def run(args: argparse.Namespace) -> int:
    """Copy to the stick, or take in from it, and say what was done."""
    from posyandu_app.sync import usb
    from posyandu_app.sync.status import status
    from posyandu_app.sync.stick import Stick, StickTrouble
    from posyandu_app.sync.trouble import TooLarge

    Stick(args.folder)
    with unlocking.unlocked(args) as ws:
        try:
            if args.action == "export":
                return _exported(args, usb.export_to(ws.database, ws.clock, args.folder))
            done = usb.import_from(ws.database, ws.clock, args.folder)
            return _imported(args, done, status(ws.database, clock=ws.clock))
        except (StickTrouble, TooLarge) as trouble:
            print(trouble.message, file=sys.stderr)
            return 1


def _exported(args: argparse.Namespace, done: "Exported") -> int:
    facts = {
        "operations": done.operations,
        "files": done.files,
        "handed": [asdict(item) for item in done.handed],
        "message": done.message,
    }
    print(json.dumps(facts, ensure_ascii=False) if args.json else done.message)
    return 0


def _imported(args: argparse.Namespace, done: "Imported", standing: "SyncStatus") -> int:
    from posyandu_app.sync.trouble import mended_words

    exchanged = done.exchanged
    facts = {
        "sent": exchanged.sent,
        "received": exchanged.received,
        "incidents": list(exchanged.incidents),
        "wipe_ordered": exchanged.wipe_ordered,
        "replies": done.replies,
        "handed": [asdict(item) for item in done.handed],
        "waiting": done.waiting,
        "others": done.others,
        "problems": [asdict(problem) for problem in done.problems],
        "differs": standing.differs,
        "message": done.message,
    }
    said = [
        one for one in mended_words(exchanged.incidents, differs=standing.differs) if one not in done.message
    ]
    again = standing.unsent if _SAID_AGAIN.intersection(exchanged.incidents) else 0
    if again:
        said.append(tr("{count} data perlu disalin ke flashdisk lagi untuk Dinas.").format(count=again))
    for sentence in said:
        print(sentence, file=sys.stderr)
    print(json.dumps(facts, ensure_ascii=False) if args.json else done.message)
    left = done.problems or done.waiting or exchanged.wipe_ordered or standing.differs or again
    return 1 if left else 0


_SAID_AGAIN = frozenset({"forked", "other_copy", "new_epoch", "have_fell"})
"""After these the Dinas needs what it was told before, or what was on the stick, once more."""
