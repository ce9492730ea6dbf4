"""`posyandu import eppgbm FILE [--dry-run]`: take in an e-PPGBM list, or say what would happen.

Exit codes: 0 done · 1 done, but some rows were left out because a person must look · 2 could
not run.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from posyandu_app.commands import unlocking
from posyandu_app.i18n import tr

if TYPE_CHECKING:
    from posyandu_app.services.importing import Imported, ImportPlan, PlannedRow, ZDifference

_ROWS_NAMED = 8
_WIDTH = 44


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`eppgbm FILE` and which posyandu of it to take."""
    kinds = parser.add_subparsers(metavar=tr("JENIS"), required=True)
    sub = kinds.add_parser(
        "eppgbm",
        help=tr("daftar status gizi e-PPGBM (.xlsx, .xls atau .csv)"),
        description=tr(
            "Ambil anak dan hasil ukur dari daftar e-PPGBM. Yang sudah ada dikenali, jadi boleh diulang. "
            "Umur, z-score, status dan N/T dari berkas tidak diambil; semuanya dihitung ulang."
        ),
        epilog=tr(
            "Kode keluar: 0 selesai, 1 selesai tetapi ada baris yang harus dilihat orang, "
            "2 tidak dapat dijalankan. "
            "Kata sandi ditanyakan, atau dibaca dari POSYANDU_PASSWORD."
        ),
    )
    sub.add_argument("file", type=Path, metavar=tr("BERKAS"), help=tr("berkas dari e-PPGBM"))
    sub.add_argument("--dry-run", action="store_true", help=tr("uji coba: tidak ada yang ditulis"))
    which = sub.add_mutually_exclusive_group()
    which.add_argument(
        "--posyandu",
        nargs="+",
        metavar=tr("NAMA"),
        help=tr("posyandu dalam berkas yang diambil; tanpa ini posyandu laptop ini saja"),
    )
    which.add_argument(
        "--all-posyandu",
        action="store_true",
        help=tr("ambil semua posyandu dalam berkas, juga dari desa lain"),
    )
    sub.add_argument("--json", action="store_true", help=tr("hasil sebagai JSON, untuk skrip"))
    unlocking.add_arguments(sub)


def run(args: argparse.Namespace) -> int:
    """Read the file, make the plan, and unless it is a trial carry it out."""
    from posyandu_app.reports import eppgbm
    from posyandu_app.services import importing

    with unlocking.unlocked(args) as ws:
        sheet = eppgbm.read(args.file, _progress(tr("membaca")))
        accept = None
        if args.all_posyandu:
            accept = frozenset(sheet.posyandu)
        elif args.posyandu:
            accept = frozenset(args.posyandu)
        plan = importing.plan(ws, sheet, accept, _progress(tr("memeriksa")))
        done = (
            None
            if args.dry_run
            else importing.apply(ws, plan, _progress(tr("menyimpan")), file=args.file.name)
        )
    if args.json:
        print(json.dumps(_as_json(plan, done), ensure_ascii=False, indent=1))
    else:
        print("\n".join(_as_text(args.file.name, plan, done)))
    return 1 if plan.counts.outcomes[importing.Outcome.PROBLEM] else 0


def _progress(doing: str) -> Callable[[int, int], None] | None:
    """Figures on one line of the terminal; nothing when nobody looks."""
    if not sys.stderr.isatty():
        return None

    def told(done: int, total: int) -> None:
        ending = "\n" if done >= total else ""
        print(f"\r{doing}: {done}/{total}", end=ending, file=sys.stderr, flush=True)

    return told


def _as_text(name: str, plan: "ImportPlan", done: "Imported | None") -> Iterable[str]:
    from posyandu_app.services.importing import Outcome

    counts = plan.counts
    several_sheets = len({row.sheet for row in plan.rows}) > 1

    def place(item: "PlannedRow | ZDifference") -> str:
        return f"{item.sheet}!{item.number}" if several_sheets else str(item.number)

    title = tr("Impor {name}") if done is not None else tr("Uji coba impor {name}")
    yield title.format(name=name)
    for label, figure in (
        (tr("Baris dibaca"), counts.rows),
        (tr("Anak baru"), counts.children_created),
        (tr("Anak sudah ada"), counts.children_matched),
        (tr("  di antaranya dilengkapi"), counts.children_completed),
        (tr("Ukuran baru"), counts.measurements_created),
        (tr("Ukuran sudah ada"), counts.measurements_matched + counts.measurements_completed),
        (tr("  di antaranya dilengkapi"), counts.measurements_completed),
        (tr("Baris dilewati"), counts.outcomes[Outcome.SKIP]),
        (tr("Baris yang harus dilihat orang"), counts.outcomes[Outcome.PROBLEM]),
        (tr("z-score berkas dibandingkan"), counts.z_compared),
        (tr("  berbeda lebih dari 0,05"), len(plan.z_differences)),
    ):
        yield f"  {label:<{_WIDTH}}{figure:>8}"
    yield from _posyandu(plan)
    for heading, outcome in (
        (tr("Dilewati:"), Outcome.SKIP),
        (tr("Harus dilihat orang, tidak diambil:"), Outcome.PROBLEM),
    ):
        reasons = ((row.reason, place(row)) for row in plan.rows if row.outcome is outcome)
        yield from _grouped(heading, reasons)
    yield from _grouped(tr("Catatan:"), _remarks(plan, place))
    yield from plan.notes
    if done is None:
        yield tr("Belum ada yang ditulis. Tanpa --dry-run semua ini disimpan.")
    elif done.operations:
        yield tr("Tersimpan di laptop ini.")
    else:
        yield tr("Tidak ada yang baru; data di laptop ini tidak berubah.")


def _posyandu(plan: "ImportPlan") -> Iterable[str]:
    if not plan.posyandu:
        return
    yield tr("Posyandu dalam berkas:")
    for item in plan.posyandu:
        if item.scope is None:
            place = tr("tidak diambil")
        elif item.new:
            place = tr("{scope} (baru)").format(scope=item.scope)
        else:
            place = item.scope
        yield f"  {item.name:<{_WIDTH}}{item.rows:>8}  {place}"


def _remarks(
    plan: "ImportPlan", place: "Callable[[PlannedRow | ZDifference], str]"
) -> Iterable[tuple[str, str]]:
    from posyandu_app.domain.zscore import format_z
    from posyandu_app.services.importing import field_label

    for row in plan.rows:
        for remark in row.remarks:
            yield remark.text, place(row)
        for name in row.differences:
            yield (
                tr("Di berkas lain, yang di sini tetap: {field}.").format(field=field_label(name)),
                place(row),
            )
    for item in plan.z_differences:
        told = tr("ZS {index} berkas {theirs}, dihitung ulang {ours}.").format(
            index=item.index, theirs=format_z(item.file_centi), ours=format_z(item.our_centi)
        )
        yield told, place(item)


def _grouped(heading: str, told: Iterable[tuple[str, str]]) -> Iterable[str]:
    """Equal sentences once, with how many and which rows, most frequent first."""
    rows: dict[str, list[str]] = {}
    for sentence, number in told:
        rows.setdefault(sentence, []).append(number)
    if rows:
        yield heading
    for sentence, numbers in sorted(rows.items(), key=lambda item: -len(item[1])):
        named = ", ".join(numbers[:_ROWS_NAMED])
        more = ", …" if len(numbers) > _ROWS_NAMED else ""
        yield f"  {len(numbers):>6}  {sentence} " + tr("(baris {rows})").format(rows=named + more)


def _as_json(plan: "ImportPlan", done: "Imported | None") -> dict[str, object]:
    counts = plan.counts
    return {
        "dry_run": done is None,
        "written": 0 if done is None else done.operations,
        "counts": {
            "rows": counts.rows,
            "children_created": counts.children_created,
            "children_matched": counts.children_matched,
            "children_completed": counts.children_completed,
            "measurements_created": counts.measurements_created,
            "measurements_matched": counts.measurements_matched,
            "measurements_completed": counts.measurements_completed,
            "measurements_differing": counts.measurements_differing,
            "z_compared": counts.z_compared,
            "z_differing": len(plan.z_differences),
            "outcomes": {outcome.value: figure for outcome, figure in counts.outcomes.items()},
        },
        "reasons": dict(Counter(row.code for row in plan.rows)),
        "posyandu": [
            {"name": item.name, "rows": item.rows, "scope": item.scope, "new": item.new}
            for item in plan.posyandu
        ],
        "rows": [
            {
                "sheet": row.sheet,
                "row": row.number,
                "outcome": row.outcome.value,
                "code": row.code,
                "reason": row.reason,
                "new_child": row.new_child,
                "new_measurement": row.new_measurement,
                "differences": list(row.differences),
                "remarks": [{"code": remark.code, "text": remark.text} for remark in row.remarks],
            }
            for row in plan.rows
        ],
        "z_differences": [
            {
                "sheet": item.sheet,
                "row": item.number,
                "index": item.index,
                "file": item.file_centi / 100,
                "ours": item.our_centi / 100,
            }
            for item in plan.z_differences
        ],
        "notes": list(plan.notes),
    }
