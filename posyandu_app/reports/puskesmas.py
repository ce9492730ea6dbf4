"""Which puskesmas looks after which village: a list of the Dinas, read once and kept sealed beside the data.

A kecamatan may have several puskesmas, and nothing in the data says which: the list does. One line for
each village: its Kemendagri code, and the name of the puskesmas.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from posyandu_app.domain import regions
from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.storage import sealed
from posyandu_app.storage.connection import Database

Villages: TypeAlias = Mapping[str, str]
"""Village code → name of its puskesmas."""

_PURPOSE = "puskesmas"
_BIGGEST = 2_000_000
_CODE = re.compile(r"\d{2}\.?\d{2}\.?\d{2}\.?\d{4}", re.ASCII)


def path_of(database: Database) -> Path:
    """Where the list is kept."""
    return sealed.beside(database.path, _PURPOSE)


def kept(database: Database) -> Villages:
    """The list kept, {} when none was given."""
    content = sealed.read(path_of(database), database.key, _PURPOSE)
    return {} if content is None else json.loads(content)


def keep(database: Database, villages: Villages) -> None:
    """Keep the list; raises `UserError` when the disk refuses."""
    try:
        sealed.write(path_of(database), database.key, _PURPOSE, json.dumps(dict(villages)).encode())
    except OSError as error:
        raise UserError(
            tr("Daftar puskesmas belum tersimpan: disk penuh atau tidak boleh ditulis."),
            code="puskesmas_unwritable",
        ) from error


def read(path: Path, district: str) -> dict[str, str]:
    """The villages of a district in a CSV file, whatever its columns are called.

    Raises `UserError` that says how the file ought to look.
    """
    try:
        text = path.read_bytes()[:_BIGGEST].decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), delimiter=_delimiter(text)))
    except (OSError, ValueError, csv.Error) as error:
        raise UserError(_how(), code="puskesmas_unreadable") from error
    found: dict[str, str] = {}
    for row in rows:
        cells = [cell.strip() for cell in row]
        code = next((_dotted(cell) for cell in cells if _CODE.fullmatch(cell)), "")
        names = [cell for cell in cells if cell and not _CODE.fullmatch(cell)]
        named = [name for name in names if "puskesmas" in name.casefold()] or names[-1:]
        if code.startswith(f"{district}.") and regions.name_of(code) is not None and named:
            found[code] = named[0][:80]
    if not found:
        raise UserError(_how(), code="puskesmas_unreadable")
    return found


def _how() -> str:
    return tr(
        "Tidak ada desa kabupaten ini di berkas. Isi tiap baris CSV: kode desa Kemendagri, lalu nama "
        "puskesmas."
    )


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _dotted(code: str) -> str:
    digits = code.replace(".", "")
    return f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}.{digits[6:]}"
