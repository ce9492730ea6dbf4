"""`posyandu district`: the Dinas' server, from setting up to giving out codes."""

import argparse
import json
import sys
from dataclasses import asdict
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from posyandu_app.i18n import tr
from posyandu_app.paths import default_district_dir


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything the district's technician can ask for."""
    actions = parser.add_subparsers(dest="action", required=True, metavar=tr("TINDAKAN"))

    init = _action(actions, "init", tr("siapkan server di sebuah folder"))
    init.add_argument("--name", required=True, metavar=tr("NAMA"), help=tr("nama Dinas"))
    init.add_argument("--region", required=True, metavar=tr("KODE"), help=tr("kode wilayah, seperti 32.11"))
    init.add_argument("--database", metavar="URL", help=tr("PostgreSQL: postgresql+psycopg://…"))

    serve = _action(actions, "serve", tr("jalankan server"))
    serve.epilog = tr("Dengan --name dan --region server disiapkan dulu bila belum ada.")
    serve.add_argument("--name", metavar=tr("NAMA"), help=tr("nama Dinas"))
    serve.add_argument("--region", metavar=tr("KODE"), help=tr("kode wilayah, seperti 32.11"))
    serve.add_argument("--host", default="127.0.0.1", help=tr("alamat untuk mendengar (127.0.0.1)"))
    serve.add_argument("--port", type=_port, default=8443, help=tr("nomor port (8443); 0 = yang bebas"))
    serve.add_argument("--database", metavar="URL", help=tr("basis data lain daripada yang disiapkan"))
    serve.add_argument("--certificate", type=Path, metavar=tr("BERKAS"), help=tr("sertifikat TLS (PEM)"))
    serve.add_argument("--private-key", type=Path, metavar=tr("BERKAS"), help=tr("kunci TLS (PEM)"))
    serve.add_argument(
        "--trust-proxy",
        type=_network,
        action="append",
        default=[],
        metavar=tr("ALAMAT"),
        help=tr("percayai X-Forwarded-For dari proxy di alamat ini"),
    )

    code = _action(actions, "code", tr("buat kode pendaftaran untuk satu laptop"))
    example = tr("wilayah laptop, seperti 32.11.13.2005.001")
    code.add_argument("--scope", required=True, metavar=tr("KODE"), help=example)
    code.add_argument("--role", choices=("kader", "bidan", "tpg", "dinas"), help=tr("peran pemakainya"))
    code.add_argument("--days", type=int, default=14, metavar="N", help=tr("masa berlaku dalam hari (14)"))

    usb = _action(actions, "usb", tr("terima kiriman di flashdisk, dan tulis balasannya"))
    usb.add_argument("folder", type=Path, metavar="DIR", help=tr("folder flashdisk"))

    _action(actions, "status", tr("apa yang ada di server"))
    _action(actions, "devices", tr("laptop yang terdaftar"))
    revoke = _action(actions, "revoke", tr("cabut izin sebuah laptop"))
    revoke.add_argument("device", metavar="ID", help=tr("tanda pengenal laptop, dari “district devices”"))
    rescope = _action(actions, "rescope", tr("pindahkan sebuah laptop ke wilayah lain"))
    rescope.add_argument("device", metavar="ID", help=tr("tanda pengenal laptop, dari “district devices”"))
    rescope.add_argument("--scope", required=True, metavar=tr("KODE"), help=example)
    erase = _action(
        actions, "erase", tr("hapus isi semua catatan seorang anak, atas permintaan menurut hukum")
    )
    erase.add_argument("child", metavar="ID", help=tr("kode di kartu QR anak, atau tanda pengenalnya"))
    erase.add_argument(
        "--reason", required=True, metavar=tr("ALASAN"), help=tr("alasan atau nomor surat, tanpa nama")
    )
    _action(actions, "incidents", tr("hal yang tidak cocok antara laptop dan server, dan sudah diperbaiki"))
    _action(actions, "restored", tr("setelah memulihkan cadangan: minta semua laptop mengirim ulang"))


def _action(actions: Any, name: str, summary: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=summary, description=summary)
    parser.add_argument("--data", type=Path, metavar="DIR", help=tr("folder server (bila bukan yang biasa)"))
    if name != "serve":
        parser.add_argument("--json", action="store_true", help=tr("keluaran untuk program lain"))
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError(text)
    return port


def _network(text: str) -> str:
    """One address or network, as in 10.0.0.0/24, that is not all of them."""
    network = ip_network(text)
    if network.prefixlen == 0:
        raise ValueError(text)
    return str(network)


def run(args: argparse.Namespace) -> int:
    """Do what was asked; 0 when done."""
    try:
        from posyandu_app.district import admin
    except ModuleNotFoundError as error:
        _need_extra(error)
    args.data = args.data or default_district_dir()
    if args.action == "init":
        return _init(args)
    if args.action == "serve":
        return _serve(args)
    from sqlalchemy.exc import OperationalError

    from posyandu_app.district import config
    from posyandu_app.domain.errors import UserError

    district = config.load(args.data)
    store = admin.open_store(district)
    try:
        if args.action == "code":
            code, role, expires_at = admin.issue_code(district, store, args.scope, args.role, args.days)
            _tell(
                args,
                {"code": code, "scope": args.scope, "role": role, "expires_at": expires_at},
                tr("Kode: {code}\nWilayah {scope}, peran {role}, berlaku sampai {expires_at}. Sekali pakai."),
            )
        elif args.action == "usb":
            return _usb(args, district, store)
        elif args.action == "status":
            _status(args, admin.status(district, store))
        elif args.action == "devices":
            _devices(args, admin.devices(store))
        elif args.action == "revoke":
            _tell(args, asdict(admin.revoke(store, args.device)), tr("Izin laptop “{name}” dicabut."))
        elif args.action == "rescope":
            moved = admin.rescope(district, store, args.device, args.scope)
            _tell(args, asdict(moved), tr("Laptop “{name}” sekarang untuk wilayah {scope}."))
        elif args.action == "erase":
            count = admin.erase(store, args.child, args.reason)
            _tell(
                args,
                {"operations": count},
                tr("Isi {operations} catatan dihapus; laptop menghapusnya saat tersambung berikutnya."),
            )
        elif args.action == "incidents":
            _incidents(args, store)
        elif args.action == "restored":
            epoch = admin.restored(store)
            _tell(args, {"epoch": epoch}, tr("Semua laptop akan mengirim ulang (riwayat {epoch})."))
    except OperationalError:
        raise UserError(
            tr(
                "Basis data server tidak dapat ditulis atau dibaca; perintah ini belum selesai. "
                "Periksa ruang disk dan apakah basis datanya berjalan, lalu ulangi."
            ),
            code="store_unavailable",
        ) from None
    finally:
        store.close()
    return 0


def _need_extra(error: ModuleNotFoundError) -> None:
    from posyandu_app.domain.errors import UserError

    raise UserError(
        tr("Bagian server belum terpasang ({name}). Pasang dengan: pip install posyandu[district]").format(
            name=error.name
        )
    ) from None


def _init(args: argparse.Namespace) -> int:
    from posyandu_app.district import admin

    district = admin.init(args.data, args.name, args.region, args.database)
    _tell(
        args,
        {"name": district.name, "region": district.region, "folder": str(district.folder)},
        tr("Server {name} ({region}) siap di {folder}. Jalankan: posyandu district serve --data {folder}"),
    )
    return 0


def _serve(args: argparse.Namespace) -> int:
    from posyandu_app.district import admin, config, web
    from posyandu_app.district.desk import Desk
    from posyandu_app.domain.errors import UserError

    if (args.certificate is None) != (args.private_key is None):
        raise UserError(tr("--certificate dan --private-key harus diberikan bersama."))
    for path in (args.certificate, args.private_key):
        if path is not None and not path.is_file():
            raise UserError(tr("Berkas {path} tidak ditemukan.").format(path=path))
    if (args.name is None) != (args.region is None):
        raise UserError(tr("--name dan --region harus diberikan bersama."))
    if args.region is not None and not config.is_set_up(args.data):
        admin.init(args.data, args.name, args.region, args.database)
    district = config.load(args.data, args.database)
    if args.region not in (None, district.region):
        raise UserError(
            tr(
                "Folder {folder} berisi server untuk wilayah {region}; pakai --data untuk folder lain."
            ).format(folder=args.data, region=district.region)
        )
    store = admin.open_store(district)
    try:
        web.serve(
            Desk(district, store),
            args.host,
            args.port,
            certificate=str(args.certificate) if args.certificate else None,
            private_key=str(args.private_key) if args.private_key else None,
            proxies=args.trust_proxy,
        )
    finally:
        store.close()
    return 0


def _usb(args: argparse.Namespace, district: Any, store: Any) -> int:
    """0 when all is done, 1 when a file could not be taken in or a reply not be written."""
    from posyandu_app.district import usb
    from posyandu_app.district.desk import Desk

    report = usb.serve(district, store, Desk(district, store), args.folder)
    if args.json:
        laptops = [
            {
                "device": served.device,
                "name": served.name,
                "scope": served.scope,
                "operations": served.operations,
                "statuses": served.statuses,
                "replies": served.replies,
                "more": served.more,
            }
            for served in report.laptops.values()
        ]
        problems = [asdict(problem) for problem in report.problems]
        facts = {"laptops": laptops, "foreign": report.foreign, "problems": problems}
        print(json.dumps(facts, ensure_ascii=False))
    else:
        print(report.message)
    return 1 if report.problems else 0


def _tell(args: argparse.Namespace, facts: dict[str, Any], sentence: str) -> None:
    print(json.dumps(facts, ensure_ascii=False) if args.json else sentence.format(**facts))


def _status(args: argparse.Namespace, found: Any) -> None:
    facts = {
        "name": found.name,
        "region": found.region,
        "epoch": found.epoch,
        "head": found.head,
        "devices": found.devices,
        "operations": found.operations,
        **{name: found.statuses.get(name, 0) for name in _STATUSES},
        "children": found.digests.get("child", (0, ""))[0],
        "measurements": found.digests.get("measurement", (0, ""))[0],
        "digests": {kind: list(pair) for kind, pair in found.digests.items()},
    }
    _tell(
        args,
        facts,
        tr(
            "{name} ({region})\n"
            "{children} anak, {measurements} pengukuran, {operations} catatan dari {devices} laptop\n"
            "diterapkan {applied}, perlu keputusan {conflict}, menunggu {held}, disisihkan {quarantined}"
        ),
    )


_STATUSES = ("applied", "conflict", "duplicate", "held", "quarantined", "stored")


def _incidents(args: argparse.Namespace, store: Any) -> None:
    from posyandu_app.district import incidents

    with store.read() as connection:
        found = incidents.known(connection)
    if args.json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False))
        return
    if not found:
        print(tr("Tidak ada yang tercatat."), file=sys.stderr)
    for one in found:
        print(f"{one.at}  {one.what}  {one.device}  {one.detail}")


def _devices(args: argparse.Namespace, rows: list[Any]) -> None:
    if args.json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
        return
    if not rows:
        print(tr("Belum ada laptop yang terdaftar."), file=sys.stderr)
    for row in rows:
        seen = row.seen_at or tr("belum pernah tersambung")
        mark = tr(" (dicabut)") if row.revoked_at else ""
        if row.joined_as is not None:
            mark += tr(" (mendaftar lagi sebagai {device})").format(device=row.joined_as)
        print(f"{row.id}  {row.scope}  {row.role}  {row.name}{mark}  {seen}")
