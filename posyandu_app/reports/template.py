"""An empty list to fill in a spreadsheet and import, with headings that the import knows.

The headings are those of the e-PPGBM lists (`domain/eppgbm.py` finds columns by name), so a
filled template is planned, tried and imported like any of them.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from posyandu_app.domain.errors import UserError
from posyandu_app.files import write_atomically
from posyandu_app.i18n import tr

ROWS = 500
"""How many rows are prepared; further ones are read too."""
HEADER_ROW = 4
_LONGEST_LIST = 255
_TEXT, _DATE = "@", "dd/mm/yyyy"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, how wide, the form of its cells, and what to write in them."""

    heading: str
    width: int
    hint: str
    form: str = _TEXT
    choices: tuple[str, ...] = ()
    required: bool = False


def columns(posyandu: Sequence[str] = ()) -> tuple[Column, ...]:
    """The columns of the template; with the names of several posyandu, also the one that says which.

    The headings stay Indonesian in every language, since the import finds them by name.
    """
    place = Column("Posyandu", 20, tr("Nama posyandu anak ini."), choices=tuple(posyandu), required=True)
    return (
        Column("Nama Anak", 28, tr("Nama lengkap anak."), required=True),
        Column("JK", 6, tr("L atau P."), choices=("L", "P"), required=True),
        Column("Tgl Lahir", 13, tr("Tanggal lahir, misalnya 17/08/2025."), _DATE, required=True),
        Column("NIK", 20, tr("16 angka. Kosongkan bila belum punya.")),
        Column("Nama Ibu", 24, tr("Nama ibu kandung atau pengasuh.")),
        Column("RT", 6, tr("Misalnya 02.")),
        Column("RW", 6, tr("Misalnya 05.")),
        Column("Alamat", 28, tr("Kampung, jalan, nomor rumah.")),
        Column("No HP Ortu", 17, tr("Nomor telepon orang tua.")),
        Column("Tanggal Pengukuran", 20, tr("Kapan ditimbang terakhir, misalnya 10/11/2026."), _DATE),
        Column("Berat (kg)", 12, tr("Berat terakhir dalam kg, misalnya 8,4.")),
        Column("Tinggi (cm)", 12, tr("Panjang atau tinggi terakhir dalam cm, misalnya 71,5.")),
        Column("Cara Ukur", 14, tr("Terlentang atau Berdiri."), choices=("Terlentang", "Berdiri")),
        *((place,) if len(posyandu) > 1 else ()),
    )


def free_path(folder: Path, name: str) -> Path:
    """Where an empty list can be written without replacing one that somebody may be filling in."""
    path, number = folder / f"{name}.xlsx", 1
    while path.exists():
        number += 1
        path = folder / f"{name} ({number}).xlsx"
    return path


def write(path: Path, posyandu: Sequence[str] = ()) -> None:
    """Write the empty list to a file (.xlsx), whole or not at all.

    `posyandu` names those of a laptop that works in several. Raises `UserError` when the disk does
    not take it.
    """
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    _fill(book, columns(posyandu))
    book.close()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content.getvalue(), mode=0o644)
    except OSError as error:
        raise UserError(
            tr("Berkas tidak dapat disimpan di sana. Pilih folder lain, atau tutup berkas itu dulu."),
            code="not_writable",
        ) from error


def _fill(book: Any, chosen: Sequence[Column]) -> None:
    title = book.add_format({"bold": True, "font_size": 16})
    required = book.add_format({"bold": True, "bg_color": "#D6E9F8", "border": 1, "valign": "vcenter"})
    optional = book.add_format({"bg_color": "#EDEDED", "border": 1, "valign": "vcenter"})
    sheet = book.add_worksheet(tr("Daftar anak"))
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, tr("Daftar anak posyandu"), title)
    for number, line in enumerate(_instructions(), 1):
        sheet.write_string(number, 0, line)
    sheet.set_row(HEADER_ROW, 24)
    for place, column in enumerate(chosen):
        sheet.set_column(place, place, column.width, book.add_format({"num_format": column.form}))
        sheet.write_string(HEADER_ROW, place, column.heading, required if column.required else optional)
        sheet.data_validation(HEADER_ROW + 1, place, HEADER_ROW + ROWS, place, _validation(column))
    sheet.freeze_panes(HEADER_ROW + 1, 1)


def _instructions() -> tuple[str, ...]:
    return (
        tr("Satu baris untuk satu anak. Kolom biru wajib diisi, yang lain boleh kosong."),
        tr("Jangan mengubah baris judul. Simpan berkas ini, lalu impor di aplikasi."),
    )


def _validation(column: Column) -> dict[str, Any]:
    """What the spreadsheet says beside a cell; it offers choices and refuses nothing."""
    told = {"input_title": column.heading[:32], "input_message": column.hint[:255], "show_error": False}
    fits = sum(len(choice) + 1 for choice in column.choices) <= _LONGEST_LIST
    if column.choices and fits:
        return {"validate": "list", "source": list(column.choices), **told}
    return {"validate": "any", **told}
