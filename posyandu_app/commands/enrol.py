"""`posyandu enrol URL CODE`: join this laptop to the district's server with a code from the Dinas."""

import argparse
import sys
from pathlib import Path

from posyandu_app.commands import unlocking
from posyandu_app.i18n import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the server is, the code, and what the laptop is called there."""
    parser.epilog = tr(
        "Kode keluar: 0 terdaftar, 1 tidak diterima atau tidak tersambung, 2 tidak dapat dijalankan. "
        "Kata sandi ditanyakan, atau dibaca dari POSYANDU_PASSWORD."
    )
    parser.add_argument(
        "url", metavar="URL", help=tr("alamat server, seperti https://posyandu.dinkes.example.id")
    )
    parser.add_argument("code", metavar=tr("KODE"), help=tr("kode dari Dinas, seperti ABCD-EFGH-JKLM"))
    parser.add_argument("--name", required=True, metavar=tr("NAMA"), help=tr("nama laptop ini di Dinas"))
    parser.add_argument(
        "--certificate", type=Path, metavar=tr("BERKAS"), help=tr("sertifikat lembaga sendiri (PEM)")
    )
    parser.add_argument(
        "--allow-plain", action="store_true", help=tr("boleh http:// lewat jaringan (hanya untuk percobaan)")
    )
    unlocking.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Join, and log this laptop's posyandu and users now that its scope is known; 0 when joined."""
    from posyandu_app.services import accounts
    from posyandu_app.storage import peer
    from posyandu_app.sync import http
    from posyandu_app.sync.enrolment import enrol
    from posyandu_app.sync.trouble import SyncTrouble

    with unlocking.unlocked(args) as ws:
        try:
            with http.HttpTransport(
                args.url, allow_plain=args.allow_plain, certificate=args.certificate
            ) as transport:
                enrol(ws.database, transport, args.code, args.name)
            http.remember(ws.database, allow_plain=args.allow_plain, certificate=args.certificate)
        except SyncTrouble as error:
            print(error.message, file=sys.stderr)
            return 1
        accounts.announce(ws)
        server = peer.load(ws.database)
    assert server is not None, "enrolled"
    print(tr("Laptop ini terdaftar untuk wilayah {scope}.").format(scope=server.scope))
    return 0
