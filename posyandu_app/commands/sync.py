"""`posyandu sync`: send and receive now, from the command line.

Exit codes: 0 everything is at the Dinas, whatever was mended on the way · 1 something waits, or a
person must look · 2 could not run. What happened is told in sentences, with --json on standard error.
"""

import argparse
import json
import sys
from typing import TYPE_CHECKING

from posyandu_app.commands import unlocking
from posyandu_app.i18n import tr

if TYPE_CHECKING:
    from posyandu_app.sync.engine import Exchanged
    from posyandu_app.sync.status import SyncStatus


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose laptop, and how to answer."""
    parser.epilog = tr(
        "Kode keluar: 0 semua sudah di Dinas, 1 ada yang menunggu atau harus dilihat orang, "
        "2 tidak dapat dijalankan. "
        "Kata sandi ditanyakan, atau dibaca dari POSYANDU_PASSWORD."
    )
    parser.add_argument("--json", action="store_true", help=tr("hasil sebagai JSON, untuk skrip"))
    unlocking.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Exchange until nothing waits either way, and say where this laptop stands."""
    from posyandu_app.services import deciding, wiping
    from posyandu_app.sync.conversation import exchange_all
    from posyandu_app.sync.engine import Engine, Exchanged
    from posyandu_app.sync.http import transport_for
    from posyandu_app.sync.status import Link, status
    from posyandu_app.sync.trouble import SyncTrouble, mended_words

    trouble: SyncTrouble | None = None
    done: list[Exchanged] = [Exchanged()]
    with unlocking.unlocked(args) as ws:
        try:
            with transport_for(ws.database) as transport:
                exchange_all(Engine(ws.database, ws.clock), transport, done.append)
        except SyncTrouble as error:
            trouble = error
        link = trouble.link if trouble is not None else Link.ONLINE
        standing = status(ws.database, link, ws.clock, deciding.undecided(ws))
        said = [trouble.message] if trouble is not None else []
        said += mended_words(done[-1].incidents, differs=standing.differs)
        if done[-1].wipe_due and ws.folder is not None:
            said.append(wiping.wipe(ws))
        elif done[-1].wipe_ordered:
            said.append(tr("Dinas sudah mencabut izin laptop ini."))
    for sentence in said:
        print(sentence, file=sys.stderr)
    print(json.dumps(_facts(done[-1], standing), ensure_ascii=False) if args.json else standing.message)
    return 1 if trouble is not None or done[-1].wipe_ordered or _is_left(standing) else 0


def _is_left(standing: "SyncStatus") -> bool:
    """Whether something waits to reach the Dinas or stands aside there; questions are the midwife's."""
    waits = standing.unsent or standing.carried or standing.aside or standing.fill is not None
    return bool(waits or standing.differs or standing.outdated)


def _facts(done: "Exchanged", standing: "SyncStatus") -> dict[str, object]:
    last = standing.last_received_at
    return {
        "sent": done.sent,
        "received": done.received,
        "incidents": list(done.incidents),
        "link": standing.link,
        "total": standing.total,
        "unsent": standing.unsent,
        "held": standing.held,
        "quarantined": standing.quarantined,
        "conflicts": standing.conflicts,
        "undecided": standing.undecided.count,
        "undecided_by_this_user": standing.undecided.mine,
        "differs": standing.differs,
        "last_received_at": None if last is None else last.isoformat(),
        "message": standing.message,
    }
