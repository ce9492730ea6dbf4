"""`posyandu growth IN.csv [-o OUT.csv]`: z-scores and PMK categories for a table of children.

Exit codes: 0 all done · 1 done, but some cells could not be read · 2 could not run.
"""

import argparse
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from posyandu_app.domain.errors import UserError
from posyandu_app.files import trouble
from posyandu_app.i18n import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """IN.csv and -o OUT.csv."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = tr(
        "Hitung z-score WHO 2006 dan kategori PMK 2/2020 untuk setiap baris sebuah tabel CSV.\n\n"
        "Kolom yang dipakai (boleh kosong; nama Indonesia dalam kurung juga dikenal):\n"
        "  sex (jenis_kelamin)      M/F, L/P atau 1/2\n"
        "  age_days (umur_hari)     umur dalam hari; atau dua tanggal:\n"
        "  birth_date (tgl_lahir), visit_date (tanggal_pengukuran)\n"
        "  weight_kg (berat)        kilogram\n"
        "  lenhei_cm (tinggi)       sentimeter\n"
        "  measure (cara_ukur)      l/terlentang atau h/berdiri\n"
        "  headc_cm (lingkar_kepala), oedema (edema: y/n)\n\n"
        "Kolom asli tetap; hasil ditambahkan di kanan. Pemisah koma, titik koma atau tab."
    )
    parser.epilog = tr(
        "Kode keluar: 0 semua selesai, 1 ada sel yang tidak terbaca, 2 tidak dapat dijalankan."
    )
    parser.add_argument("table", metavar="IN.csv", help=tr('berkas CSV; "-" untuk masukan standar'))
    parser.add_argument(
        "-o", "--output", metavar="OUT.csv", default="-", help=tr("berkas hasil; tanpa ini hasil ditampilkan")
    )


def run(args: argparse.Namespace) -> int:
    """Compute the table; bad cells go to standard error, and nothing half-written is left behind."""
    from posyandu_app.reports.growth_csv import assess_csv

    try:
        _refuse_bad_target(args.table, args.output)
        with _source(args.table) as source, _target(args.output) as target:
            summary = assess_csv(source, target, _tell)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UserError(trouble(error), code="growth_file") from error
    _tell(
        tr("Selesai: {rows} baris dihitung, {bad} sel atau baris tidak terbaca.").format(
            rows=summary.rows, bad=summary.bad
        )
    )
    if summary.too_old:
        _tell(tr("{count} anak berumur 60 bulan atau lebih: tanpa z-score.").format(count=summary.too_old))
    if summary.standing_too_young:
        _tell(
            tr('{count} anak di bawah 9 bulan tercatat "berdiri": cara ukurnya diabaikan.').format(
                count=summary.standing_too_young
            )
        )
    return 1 if summary.bad else 0


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _refuse_bad_target(table: str, output: str) -> None:
    path = Path(output)
    if output == "-" or not path.exists():
        return
    if table != "-" and Path(table).exists() and path.samefile(table):
        raise UserError(
            tr("Berkas hasil sama dengan berkas asal. Pilih nama lain, supaya data asal tetap utuh."),
            code="growth_same_file",
        )
    if not path.is_file():
        raise UserError(
            tr('"{name}" bukan berkas biasa. Pilih nama berkas lain untuk hasilnya.').format(name=output),
            code="growth_target",
        )


@contextmanager
def _source(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    path = Path(name)
    if not path.exists():
        raise UserError(
            tr('Berkas "{name}" tidak ditemukan. Periksa nama dan foldernya.').format(name=name),
            code="growth_source_missing",
        )
    with path.open("rb") as file:
        yield file


@contextmanager
def _target(name: str) -> Iterator[BinaryIO]:
    """Where results go; a file gets its name only when it is complete."""
    if name == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(name)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if error.filename == os.fspath(temporary):
            error.filename = name
        raise
    finally:
        temporary.unlink(missing_ok=True)
