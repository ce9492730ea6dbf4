"""Builds e-PPGBM files for tests: the real headers, and rows of made-up children."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

SAMPLES = Path(__file__).parent / "data" / "eppgbm"

HEADERS: Mapping[str, list[str]] = {
    kind: names.split(" | ")
    for kind, _, names in (
        header.partition(": ")
        for header in (SAMPLES / "headers.txt").read_text(encoding="utf-8").splitlines()
    )
}
OLDER, NEWER = HEADERS["older"], HEADERS["newer"]

SITI: Mapping[str, Any] = {
    "NIK": "3211135708250003",
    "Nama": "SITI AMINAH",
    "JK": "P",
    "Tgl Lahir": "2025-08-17",
    "BB Lahir": 3.1,
    "TB Lahir": 49.0,
    "Nama Ortu": "UJANG PERMANA / NENG SUMIATI",
    "Prov": "JAWA BARAT",
    "Kab/Kota": "SUMEDANG",
    "Kec": "PAMULIHAN",
    "Pukesmas": "PAMULIHAN",
    "Desa/Kel": "CILEMBU",
    "Posyandu": "MELATI 1",
    "RT": "002",
    "RW": "005",
    "Alamat": "DUSUN PASIR",
    "Usia Saat Ukur": "1 Tahun - 2 Bulan - 24 Hari",
    "Tanggal Pengukuran": "2026-11-10",
    "Berat": 8.4,
    "Tinggi": 71.2,
    "Cara Ukur": "Terlentang",
    "LiLA": 13.9,
    "Naik Berat Badan": "N",
    "KIA": "Ya",
}


def line(header: Sequence[str] = NEWER, **changes: Any) -> list[Any]:
    """One row of Siti's, with the given columns changed; names of columns with `_` for space and no slash."""
    values = dict(SITI)
    for key, value in changes.items():
        values[_column(key, header)] = value
    return [values.get(name, "-") for name in header]


def _column(key: str, header: Sequence[str]) -> str:
    found = [name for name in header if name.replace(" ", "_").replace("/", "") == key]
    assert len(found) == 1, key
    return found[0]


def write(
    path: Path, rows: Sequence[Sequence[Any]], *, sheet: str = "Status Gizi", first: str | None = None
) -> Path:
    """An .xlsx with the rows as they are, after an unrelated sheet `first` when one is named."""
    book = xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy", "nan_inf_to_errors": True})
    if first is not None:
        book.add_worksheet(first).write(0, 0, "Petunjuk pengisian")
    page = book.add_worksheet(sheet)
    for number, values in enumerate(rows):
        page.write_row(number, 0, values)
    book.close()
    return path


def export(path: Path, *rows: Sequence[Any], header: Sequence[str] = NEWER) -> Path:
    """An .xlsx with a header and the rows."""
    return write(path, [header, *rows])


def compound(streams: Mapping[str, bytes]) -> bytes:
    """An OLE file ([MS-CFB], version 3) with the given streams, each padded to whole sectors."""
    sector, cutoff, end, in_fat = 512, 4096, 0xFFFFFFFE, 0xFFFFFFFD
    padded = {
        name: data.ljust(max(cutoff, -(-len(data) // sector) * sector), b"\0")
        for name, data in streams.items()
    }
    directory_sectors = -(-(len(streams) + 1) // 4)
    data_sectors = sum(len(data) // sector for data in padded.values())
    fat_sectors = -(-(1 + directory_sectors + data_sectors) // 127)
    table = [in_fat] * fat_sectors
    table += [*range(len(table) + 1, len(table) + directory_sectors), end]
    entries = [_entry("Root Entry", 5, end, 0)]
    for name, data in padded.items():
        entries.append(_entry(name, 2, len(table), len(data)))
        table += [*range(len(table) + 1, len(table) + len(data) // sector), end]
    table += [0xFFFFFFFF] * (fat_sectors * 128 - len(table))
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII",
        *(bytes.fromhex("D0CF11E0A1B11AE1"), b"", 0x3E, 3, 0xFFFE, 9, 6, b""),
        *(0, fat_sectors, fat_sectors, 0, cutoff, end, 0, end, 0),
    ) + struct.pack("<109I", *range(fat_sectors), *[0xFFFFFFFF] * (109 - fat_sectors))
    return b"".join(
        [
            header,
            struct.pack(f"<{len(table)}I", *table),
            b"".join(entries).ljust(directory_sectors * sector, b"\0"),
            *padded.values(),
        ]
    )


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sIQQIQ",
        *(encoded, len(encoded) + 2, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, b"", 0, 0, 0, start, size),
    )


def biff(*records: tuple[int, bytes]) -> bytes:
    """A BIFF8 workbook stream with one sheet "x" that holds the given records."""
    opening = (0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    sheet = b"".join(
        map(_record, [(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)), *records, (10, b"")])
    )
    name = (0x85, struct.pack("<IBBBB1s", 0, 0, 0, 1, 0, b"x"))
    size = sum(len(_record(item)) for item in (opening, name, (10, b"")))
    name = (0x85, struct.pack("<IBBBB1s", size, 0, 0, 1, 0, b"x"))
    return b"".join(map(_record, [opening, name, (10, b"")])) + sheet


def _record(record: tuple[int, bytes]) -> bytes:
    kind, content = record
    return struct.pack("<HH", kind, len(content)) + content
