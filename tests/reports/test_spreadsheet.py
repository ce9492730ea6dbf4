"""Spreadsheets from anywhere: real ones open, all others end in a sentence that says what to mend."""

import io
import struct
import zipfile
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posyandu_app.domain.errors import UserError
from posyandu_app.reports import spreadsheet
from tests.eppgbm_files import SAMPLES, biff, compound, write


def rows_of(path: Path) -> list[list[list[object]]]:
    return [list(sheet.rows) for sheet in spreadsheet.sheets(path)]


def refusal(path: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        rows_of(path)
    assert caught.value.message.endswith(".")
    return caught.value


def number(row: int, column: int) -> tuple[int, bytes]:
    return (0x203, struct.pack("<HHHd", row, column, 0, 1.5))


def test_an_xlsx_gives_text_numbers_and_dates(tmp_path):
    path = write(tmp_path / "a.xlsx", [["Nama", "Berat", "Tgl"], ["SITI", 8.4, date(2026, 11, 10)]])
    assert rows_of(path) == [[["Nama", "Berat", "Tgl"], ["SITI", 8.4, date(2026, 11, 10)]]]


def test_an_xls_gives_text_numbers_and_dates():
    sheet = next(iter(spreadsheet.sheets(SAMPLES / "buatan.xls")))
    row = list(sheet.rows)[1]
    assert row[2] == "RIZKI MAULANA"
    assert row[4] == date(2025, 8, 15)
    assert row[19] == 9.1


def test_a_file_is_known_by_its_content_not_its_name(tmp_path):
    path = write(tmp_path / "a.xlsx", [["a", "b"]])
    renamed = path.rename(tmp_path / "a.csv")
    assert rows_of(renamed) == [[["a", "b"]]]


def test_sheets_come_in_order_with_their_names_and_hidden_ones_stay_hidden(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    for name in ("Petunjuk", "Rahasia", "Data"):
        book.add_worksheet(name).write(0, 0, name)
    book.get_worksheet_by_name("Rahasia").hide()
    book.close()
    assert [sheet.name for sheet in spreadsheet.sheets(tmp_path / "a.xlsx")] == ["Petunjuk", "Data"]


def test_an_empty_sheet_has_no_rows(tmp_path):
    assert rows_of(write(tmp_path / "a.xlsx", [])) == [[]]


def test_a_formula_gives_the_value_that_was_saved_with_it(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet()
    sheet.write_formula(0, 0, "=4+4.4", value=8.4)
    sheet.write_formula(0, 1, '=HYPERLINK("http://x")', value="SITI")
    sheet.write_formula(0, 2, "=1/0", value="#DIV/0!")
    book.close()
    assert rows_of(tmp_path / "a.xlsx")[0][0][:2] == [8.4, "SITI"]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_tables_in_the_separators_and_encodings_of_excel(tmp_path, mark, encoding):
    text = mark.join(["NIK", "Nama", "Berat"]) + "\r\n" + mark.join(["-", '"Nënah, S; T"', '"8,4"']) + "\r\n"
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    assert rows_of(path) == [[["NIK", "Nama", "Berat"], ["-", "Nënah, S; T", "8,4"]]]


def test_merged_cells_are_told_by_place(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet()
    sheet.write(0, 1, "x")
    sheet.merge_range(1, 2, 3, 2, "MELATI 1")
    sheet.merge_range(4, 0, 4, 5, "JUDUL")
    book.close()
    (found,) = spreadsheet.sheets(tmp_path / "a.xlsx")
    assert found.merged == (spreadsheet.MergedDown(1, 3, 2),)


# --- what is not a spreadsheet, or not a whole one ---


def test_a_missing_file_a_folder_and_an_empty_file(tmp_path):
    (tmp_path / "kosong.xlsx").touch()
    assert refusal(tmp_path / "tidak-ada.xlsx").code == "file_missing"
    assert refusal(tmp_path).code == "file_missing"
    assert refusal(tmp_path / "kosong.xlsx").code == "file_empty"


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("data.xlsx", "pathlib.Path.open"),
        ("data.xlsx", "zipfile.ZipFile"),
        ("data.xlsx", "python_calamine.CalamineWorkbook"),
        ("data.csv", "pathlib.Path.open"),
        ("data.csv", "pathlib.Path.read_bytes"),
    ],
)
def test_a_file_that_another_program_holds_is_said_to_be_in_use(tmp_path, monkeypatch, name, held):
    path = write(tmp_path / "data.xlsx", [["NIK"]])
    if name == "data.csv":
        path = tmp_path / name
        path.write_text("NIK;Nama\n", encoding="utf-8")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "The process cannot access the file", str(path))

    taken = SimpleNamespace(from_path=refuse) if held.endswith("Workbook") else refuse
    monkeypatch.setattr(held, taken)
    error = refusal(path)
    assert error.code == "file_unreadable"
    assert "Tutup dulu di Excel" in error.message
    assert "data." not in error.message


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "file_kind"),
        (b"%PDF-1.7\n1 0 obj\n", "file_kind"),
        (b"halo", "file_kind"),
        (b"\n\n\n", "file_kind"),
        (b"<html><body><table><tr><td>NIK</td></tr></table>", "file_kind"),
        (b"  <!DOCTYPE html><html>", "file_kind"),
        (b"PK\x03\x04 bukan zip", "file_damaged"),
        (bytes.fromhex("D0CF11E0A1B11AE1"), "file_damaged"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "file_damaged"),
        (b"\0" * 4096, "file_kind"),
    ],
)
def test_what_is_no_spreadsheet_is_said(tmp_path, content, code):
    path = tmp_path / "data.xls"
    path.write_bytes(content)
    assert refusal(path).code == code


def test_a_web_page_named_xls_says_how_to_save_it(tmp_path):
    path = tmp_path / "data.xls"
    path.write_bytes(b"<html><table>")
    assert ".xlsx" in refusal(path).message


def test_an_office_file_that_is_no_workbook_is_said(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert refusal(tmp_path / "a.xlsx").code == "file_kind"
    (tmp_path / "a.xls").write_bytes(compound({"WordDocument": b"x"}))
    assert refusal(tmp_path / "a.xls").code == "file_kind"


def test_a_password_protected_workbook_says_so(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(compound({"EncryptionInfo": b"x", "EncryptedPackage": b"y" * 5000}))
    found = refusal(path)
    assert found.code == "file_locked"
    assert "kata sandi" in found.message


def test_a_password_protected_xls_says_so(tmp_path):
    path = tmp_path / "a.xls"
    path.write_bytes(compound({"Workbook": biff((0x2F, bytes(6)))}))
    assert refusal(path).code == "file_locked"


def test_an_xlsx_cut_off_anywhere_is_damaged(tmp_path):
    whole = (SAMPLES / "eppgbm_cilembu_newer.xlsx").read_bytes()
    path = tmp_path / "a.xlsx"
    for length in (5, 100, len(whole) // 2, len(whole) - 1000, len(whole) - 30):
        path.write_bytes(whole[:length])
        assert refusal(path).code == "file_damaged"


def test_an_xls_cut_off_anywhere_is_refused(tmp_path):
    whole = (SAMPLES / "buatan.xls").read_bytes()
    path = tmp_path / "a.xls"
    for length in (9, 511, 600, 2000, len(whole) // 2):
        path.write_bytes(whole[:length])
        assert refusal(path).code in ("file_damaged", "file_kind")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, 2**31), st.integers(1, 255), st.sampled_from(["buatan.xls", "eppgbm_cilembu_newer.xlsx"])
)
def test_no_single_damaged_byte_brings_the_reader_down(tmp_path, place, change, name):
    content = bytearray((SAMPLES / name).read_bytes())
    content[place % len(content)] ^= change
    path = tmp_path / "a"
    path.write_bytes(content)
    with suppress(UserError):
        rows_of(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_no_bytes_bring_the_reader_down(tmp_path, content):
    path = tmp_path / "a"
    path.write_bytes(content)
    with suppress(UserError):
        rows_of(path)


# --- claims that would take the memory ---


def with_sheet(path: Path, xml: str) -> Path:
    """The newer sample with its sheet replaced."""
    with (
        zipfile.ZipFile(SAMPLES / "eppgbm_cilembu_newer.xlsx") as source,
        zipfile.ZipFile(path, "w") as target,
    ):
        for name in source.namelist():
            target.writestr(
                name, xml if name.endswith("sheet1.xml") else source.read(name), zipfile.ZIP_DEFLATED
            )
    return path


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "{dimension}<sheetData>{rows}</sheetData></worksheet>"
)


@pytest.mark.parametrize("reference", ["XFD1048576", "A1048576", "XFD40000", "ZZZZ1000", "A999999999"])
def test_a_cell_far_out_is_refused_before_it_takes_the_memory(tmp_path, reference):
    rows = f'<row r="1"><c r="A1"><v>1</v></c></row><row><c r="{reference}"><v>1</v></c></row>'
    assert refusal(with_sheet(tmp_path / "a.xlsx", SHEET.format(dimension="", rows=rows))).code in (
        "file_too_large",
        "file_damaged",
    )


def test_a_reference_in_other_quotes_is_measured_too(tmp_path):
    rows = "<row r = '1'><c\nr = 'XFD1048576'><v>1</v></c></row>"
    assert (
        refusal(with_sheet(tmp_path / "a.xlsx", SHEET.format(dimension="", rows=rows))).code
        == "file_too_large"
    )


def test_a_huge_dimension_alone_does_no_harm(tmp_path):
    rows = '<row r="1"><c r="A1"><v>8.4</v></c></row>'
    path = with_sheet(
        tmp_path / "a.xlsx", SHEET.format(dimension='<dimension ref="A1:XFD1048576"/>', rows=rows)
    )
    assert rows_of(path) == [[[8.4]]]


def test_an_archive_that_unpacks_to_far_more_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(spreadsheet, "MAX_UNPACKED", 2**20)
    path = with_sheet(tmp_path / "a.xlsx", SHEET.format(dimension="", rows=" " * 2**21))
    assert path.stat().st_size < 2**17
    assert refusal(path).code == "file_too_large"


def test_a_file_larger_than_any_list_is_refused_by_its_size(tmp_path):
    path = tmp_path / "a.xlsx"
    with path.open("wb") as file:
        file.truncate(spreadsheet.MAX_BYTES + 1)
    assert refusal(path).code == "file_too_large"


def test_entities_of_xml_are_not_blown_up(tmp_path):
    bomb = '<!DOCTYPE x [<!ENTITY a "' + "ha" * 1000 + '"><!ENTITY b "' + "&a;" * 1000 + '">]>'
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'
    path = with_sheet(tmp_path / "a.xlsx", bomb + SHEET.format(dimension="", rows=rows))
    with suppress(UserError):
        assert sum(len(str(cell)) for row in rows_of(path)[0] for cell in row) < 1000


@pytest.mark.parametrize(
    "record",
    [
        number(65535, 65535),
        number(0, 256),
        (0xBD, struct.pack("<HH6sH", 0, 0, b"", 60000)),
        (0xBE, struct.pack("<HHHH", 3, 0, 0, 60000)),
        (0x200, struct.pack("<IIHHH", 0, 0xFFFFFFFF, 0, 1, 0)),
        (0x200, struct.pack("<IIHHH", 0, 1, 0, 0xFFFF, 0)),
        (0x200, struct.pack("<IIHHH", 0xFE000000, 4, 0, 36, 0)),
        (0xFC, struct.pack("<II", 1, 0x7FFFFFFF)),
    ],
)
def test_an_xls_that_claims_cells_no_xls_can_have_is_refused(tmp_path, record):
    path = tmp_path / "a.xls"
    path.write_bytes(compound({"Workbook": biff(number(0, 0), record)}))
    assert refusal(path).code == "file_damaged"


def test_an_xls_that_makes_calamine_stumble_is_damaged(tmp_path):
    sound = biff(number(0, 0))
    offset_of_sheet = sound.index(struct.pack("<HH", 0x85, 9)) + 4
    path = tmp_path / "a.xls"
    path.write_bytes(
        compound({"Workbook": sound[:offset_of_sheet] + b"\xff\xff\0\0" + sound[offset_of_sheet + 4 :]})
    )
    assert refusal(path).code == "file_damaged"


def test_an_xls_at_the_edge_of_what_an_xls_can_have_opens(tmp_path):
    path = tmp_path / "a.xls"
    path.write_bytes(compound({"Workbook": biff(number(0, 0), number(40, 255))}))
    assert len(rows_of(path)[0]) == 41


def test_an_ole_file_whose_chain_runs_in_circles_is_damaged(tmp_path):
    content = bytearray(compound({"Workbook": biff(number(0, 0))}))
    fat = 512
    content[fat + 4 : fat + 8] = struct.pack("<I", 1)
    path = tmp_path / "a.xls"
    path.write_bytes(content)
    assert refusal(path).code == "file_damaged"


def test_a_table_of_too_many_rows_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(spreadsheet, "MAX_ROWS", 100)
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" * 101, encoding="utf-8")
    assert refusal(path).code == "file_too_large"


def test_a_cell_longer_than_any_text_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    stream = io.StringIO()
    stream.write("NIK,Nama,Berat\n-,")
    stream.write("a" * 200_000)
    path.write_text(stream.getvalue() + ",8\n", encoding="utf-8")
    assert refusal(path).code == "file_damaged"
