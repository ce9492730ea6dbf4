"""Opens somebody's spreadsheet (.xlsx, .xls, .csv) and hands out its sheets as rows of cells.

What a file is follows from its first bytes, never from its name. calamine builds the
whole rectangle that a sheet claims before it hands out the first row, so the claim is
measured first: a small hostile file must not take the laptop's memory.
"""

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

import python_calamine

from posyandu_app.domain.cells import Cell
from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr

MAX_BYTES = 100 * 2**20
MAX_UNPACKED = 600 * 2**20
MAX_ROWS = 300_000
MAX_CELLS = 15_000_000

_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("D0CF11E0A1B11AE1")
_CHUNK = 2**20
_LONGEST_REFERENCE = 64
_REFERENCE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,4})(\d{1,9})[\"']")


class MergedDown(NamedTuple):
    """A cell that stands for the ones below it: rows and column counted from 0."""

    first_row: int
    last_row: int
    column: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One visible sheet: `rows` can be gone through once and starts at the sheet's first row."""

    name: str
    height: int
    rows: Iterator[list[Cell]]
    merged: tuple[MergedDown, ...] = ()


def sheets(path: Path) -> Iterator[Sheet]:
    """The visible sheets of a file, one after the other.

    Raises `UserError` with what to do for a file that is missing, empty, locked with a
    password, damaged, too large, or no spreadsheet at all.
    """
    head, size = _first_bytes(path)
    if size == 0:
        raise UserError(tr("Berkas ini kosong (0 byte). Unduh ulang, lalu coba lagi."), code="file_empty")
    if size > MAX_BYTES:
        raise UserError(
            tr("Berkas ini lebih besar dari {size} MB. Pecah per posyandu atau per bulan.").format(
                size=MAX_BYTES // 2**20
            ),
            code="file_too_large",
        )
    if head.startswith(_ZIP):
        _measure_xlsx(path)
        yield from _from_workbook(path)
    elif head.startswith(_OLE):
        _measure_xls(path)
        yield from _from_workbook(path)
    else:
        yield _from_text(path)


def _first_bytes(path: Path) -> tuple[bytes, int]:
    try:
        if path.is_dir():
            raise UserError(tr("Itu folder, bukan berkas. Pilih berkas Excel atau CSV."), code="file_missing")
        with path.open("rb") as file:
            return file.read(8), path.stat().st_size
    except FileNotFoundError:
        raise UserError(
            tr("Berkas tidak ditemukan. Periksa nama dan foldernya."), code="file_missing"
        ) from None
    except OSError as error:
        raise _unreadable() from error


def _unreadable() -> UserError:
    return UserError(
        tr(
            "Berkas tidak bisa dibaca. Tutup dulu di Excel atau program lain, lalu coba lagi. "
            "Bila tetap tidak bisa, salin berkasnya ke folder Dokumen."
        ),
        code="file_unreadable",
    )


def _broken(error: BaseException) -> UserError:
    """What went wrong in the middle of a file: another program took it, or it is damaged."""
    return _unreadable() if isinstance(error, PermissionError) else _damaged()


def _damaged() -> UserError:
    return UserError(tr("Berkas ini rusak atau terpotong. Unduh ulang, lalu coba lagi."), code="file_damaged")


def _not_a_spreadsheet() -> UserError:
    return UserError(
        tr("Berkas ini bukan Excel (.xlsx, .xls) atau CSV. Pilih berkas unduhan e-PPGBM."), code="file_kind"
    )


def _locked() -> UserError:
    return UserError(
        tr("Berkas ini dikunci kata sandi. Buka di Excel, simpan tanpa kata sandi, lalu coba lagi."),
        code="file_locked",
    )


def _check_size(rows: int, columns: int) -> None:
    if rows > MAX_ROWS or rows * columns > MAX_CELLS:
        raise UserError(
            tr(
                "Lembar di berkas ini terlalu besar ({rows} baris, {columns} kolom). "
                "Salin datanya saja ke berkas baru, atau pecah per posyandu."
            ).format(rows=rows, columns=columns),
            code="file_too_large",
        )


def _from_workbook(path: Path) -> Iterator[Sheet]:
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as workbook:
            for meta in workbook.sheets_metadata:
                if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                    continue
                if meta.visible != python_calamine.SheetVisibleEnum.Visible:
                    continue
                sheet = workbook.get_sheet_by_name(meta.name)
                left = sheet.start[1] if sheet.start else 0
                merged = tuple(
                    MergedDown(first[0], last[0], first[1] - left)
                    for first, last in sheet.merged_cell_ranges or ()
                    if last[0] > first[0] and first[1] >= left
                )
                height = sheet.end[0] + 1 if sheet.end else 0
                yield Sheet(meta.name, height, _cells(sheet), merged)
    except python_calamine.PasswordError as error:
        raise _locked() from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise _broken(error) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # how calamine stumbles over some damaged files
            raise _damaged() from error
        raise


def _cells(sheet: python_calamine.CalamineSheet) -> Iterator[list[Cell]]:
    for row in sheet.iter_rows():
        yield [*row]


def _measure_xlsx(path: Path) -> None:
    """Refuse what is no .xlsx, unpacks to too much, or claims cells far out."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            if "xl/workbook.xml" not in names:
                raise UserError(
                    tr("Jenis berkas ini belum didukung. Simpan sebagai .xlsx di Excel, lalu coba lagi."),
                    code="file_kind",
                )
            if sum(member.file_size for member in members) > MAX_UNPACKED:
                raise UserError(
                    tr("Isi berkas ini terlalu besar untuk dibuka. Pecah per posyandu atau per bulan."),
                    code="file_too_large",
                )
            for member in members:
                if member.filename.startswith("xl/"):
                    with archive.open(member) as stream:
                        _check_size(*_claimed(_chunks(stream)))
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        raise _broken(error) from error


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _claimed(chunks: Iterable[bytes]) -> tuple[int, int]:
    """The lowest row and the rightmost column that any cell of a worksheet's XML names."""
    rows, columns, tail = 0, 0, b""
    letters: set[bytes] = set()
    for chunk in chunks:
        piece = tail + chunk
        for column, row in _REFERENCE.findall(piece):
            letters.add(column)
            rows = max(rows, int(row))
        tail = piece[-_LONGEST_REFERENCE:]
    for name in letters:
        number = 0
        for letter in name.upper():
            number = number * 26 + letter - ord("A") + 1
        columns = max(columns, number)
    return rows, columns


_ROW_COLUMN = struct.Struct("<HH")
_BIFF_CELLS = frozenset(
    {0x06, 0x01, 0x02, 0x03, 0x04, 0x05, 0xD6, 0xFD, 0x201, 0x203, 0x204, 0x205, 0x206, 0x27E}
)
_BIFF_MANY_CELLS = frozenset({0xBD, 0xBE})
_BIFF_DIMENSIONS = 0x200
_BIFF_LOCKED = 0x2F
_BIFF_STRINGS = 0xFC
_XLS_ROWS, _XLS_COLUMNS = 65_536, 256


def _measure_xls(path: Path) -> None:
    """Refuse what is no .xls, is locked, or claims cells that no .xls can have."""
    try:
        streams = _CompoundFile(path.read_bytes())
        if streams.has("EncryptedPackage"):
            raise _locked()
        book = streams.read("Workbook") or streams.read("Book")
        if not book:
            raise _not_a_spreadsheet()
        _check_records(book)
    except (struct.error, IndexError, OSError) as error:
        raise _broken(error) from error


def _check_records(book: bytes) -> None:
    position = 0
    while position + 4 <= len(book):
        kind, length = _ROW_COLUMN.unpack_from(book, position)
        start, position = position + 4, position + 4 + length
        rows = columns = 0
        if kind == _BIFF_LOCKED:
            raise _locked()
        if kind in _BIFF_CELLS and length >= 4:
            rows, columns = _ROW_COLUMN.unpack_from(book, start)
        elif kind in _BIFF_MANY_CELLS and length >= 6:
            rows, columns = (
                _ROW_COLUMN.unpack_from(book, start)[0],
                book[position - 2] + 256 * book[position - 1],
            )
        elif kind == _BIFF_DIMENSIONS and length >= 10:
            form = "<IIHH" if length >= 12 else "<HHHH"
            first_row, last_row, first_column, last_column = struct.unpack_from(form, book, start)
            if first_row > last_row or first_column > last_column:
                raise _damaged()
            rows, columns = last_row - 1, last_column - 1
        elif (
            kind == _BIFF_STRINGS
            and length >= 8
            and max(struct.unpack_from("<II", book, start)[1:]) > len(book)
        ):
            raise _damaged()
        if rows >= _XLS_ROWS or columns >= _XLS_COLUMNS:
            raise _damaged()


class _CompoundFile:
    """The named streams of an OLE file ([MS-CFB]), as far as needed to look into an .xls."""

    _FREE = 0xFFFFFFFA

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if self._shift not in (9, 12) or mini_shift != 6:
            raise _damaged()
        self._fat = self._read_fat()
        directory = self._chain(struct.unpack_from("<I", data, 48)[0])
        self._entries: dict[str, tuple[int, int]] = {}
        root = (self._FREE, 0)
        for at in range(0, len(directory) - 127, 128):
            name_length, kind = struct.unpack_from("<HB", directory, at + 64)
            start, size = struct.unpack_from("<II", directory, at + 116)
            name = directory[at : at + max(0, min(name_length, 64) - 2)].decode("utf-16-le", "replace")
            if kind == 5:
                root = (start, size)
            elif kind == 2:
                self._entries.setdefault(name, (start, size))
        self._cutoff, mini_fat = struct.unpack_from("<II", data, 56)
        self._mini_fat = _integers(self._chain(mini_fat))
        self._mini = self._chain(root[0])

    def has(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str) -> bytes:
        """The content of a stream; empty when there is none by that name."""
        if name not in self._entries:
            return b""
        start, size = self._entries[name]
        if size >= self._cutoff:
            return self._chain(start)[:size]
        links = self._follow(start, self._mini_fat)
        return b"".join(self._mini[link << 6 : (link + 1) << 6] for link in links)[:size]

    def _sector(self, number: int) -> bytes:
        return self._data[(number + 1) << self._shift : (number + 2) << self._shift]

    def _read_fat(self) -> tuple[int, ...]:
        sectors = list(struct.unpack_from("<109I", self._data, 76))
        following, count = struct.unpack_from("<II", self._data, 68)
        for _ in range(min(count, len(self._data) >> self._shift)):
            if following >= self._FREE:
                break
            *more, following = _integers(self._sector(following))
            sectors.extend(more)
        return _integers(b"".join(self._sector(sector) for sector in sectors if sector < self._FREE))

    def _chain(self, start: int) -> bytes:
        return b"".join(self._sector(link) for link in self._follow(start, self._fat))

    def _follow(self, link: int, table: tuple[int, ...]) -> list[int]:
        """The links of a chain; one that runs in circles or out of the table is damage."""
        links: list[int] = []
        while link < self._FREE:
            if link >= len(table) or len(links) >= len(table):
                raise _damaged()
            links.append(link)
            link = table[link]
        return links


def _integers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def _from_text(path: Path) -> Sheet:
    """A text file as one sheet: UTF-8, UTF-16 or Windows-1252, separated by comma, semicolon or tab."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable() from error
    text = _decoded(data)
    start = text[:2000].lstrip().casefold()
    if start.startswith(("<!doctype", "<html", "<table", "<?xml")) or "<table" in start:
        raise UserError(
            tr("Berkas ini halaman web, bukan Excel. Buka di Excel, simpan sebagai .xlsx, lalu coba lagi."),
            code="file_kind",
        )
    first_lines = text[:20_000].splitlines()[:40]
    separator = max(",;\t", key=lambda mark: _separates(mark, first_lines))
    if not any(separator in line for line in first_lines):
        raise _not_a_spreadsheet()
    return Sheet(path.name, text.count("\n") + 1, _csv_rows(text, separator))


def _separates(mark: str, lines: list[str]) -> tuple[int, int]:
    """How well a mark fits as separator: in how many lines it stands, and how often in one."""
    counts = [line.count(mark) for line in lines]
    return sum(count > 0 for count in counts), max(counts, default=0)


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data:
        raise _not_a_spreadsheet()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _csv_rows(text: str, separator: str) -> Iterator[list[Cell]]:
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1):
            _check_size(number, len(row))
            yield list(row)
    except csv.Error as error:
        raise _damaged() from error
