"""The list to fill in a spreadsheet: made empty, filled as people fill, read by the importer."""

from datetime import date, datetime, timedelta, timezone

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.eppgbm import recognise
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Position, Role, Sex
from posyandu_app.i18n import set_language
from posyandu_app.paths import DataFolder
from posyandu_app.reports import eppgbm, template
from posyandu_app.services import accounts, importing, roster
from posyandu_app.services.accounts import Setup
from posyandu_app.services.import_plan import Outcome

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone(timedelta(hours=7)))
FILLED = (
    {
        "Nama Anak": "SITI AMINAH",
        "JK": "P",
        "Tgl Lahir": date(2025, 8, 17),
        "NIK": "3211135708250001",
        "Nama Ibu": "Rohmah",
        "RT": "02",
        "RW": "05",
        "Alamat": "Kp. Cikaret No. 4",
        "No HP Ortu": "081234567890",
        "Tanggal Pengukuran": date(2026, 11, 10),
        "Berat (kg)": "8,4",
        "Tinggi (cm)": "71,5",
        "Cara Ukur": "Terlentang",
    },
    {"Nama Anak": "Bayu Saputra", "JK": "L", "Tgl Lahir": "3/1/2024"},
)


def rows(path):
    with CalamineWorkbook.from_path(path) as book:
        return book.sheet_names, book.get_sheet_by_index(0).to_python(skip_empty_area=False)


def fill(path, posyandu=()):
    """The template with rows typed below its headings, as a spreadsheet saves it."""
    template.write(path, posyandu)
    _, lines = rows(path)
    headings = lines[template.HEADER_ROW]
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Daftar anak")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for number, line in enumerate(lines):
        sheet.write_row(number, 0, [cell or None for cell in line])
    for number, child in enumerate(FILLED):
        for heading, value in child.items():
            place = (template.HEADER_ROW + 1 + number, headings.index(heading))
            if isinstance(value, date):
                sheet.write_datetime(*place, datetime(value.year, value.month, value.day), day)
            else:
                sheet.write_string(*place, value)
        if posyandu:
            sheet.write_string(template.HEADER_ROW + 1 + number, headings.index("Posyandu"), posyandu[number])
    book.close()


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_importer_knows_every_heading_in_every_language(tmp_path, language):
    set_language(language)
    path = tmp_path / "daftar.xlsx"
    template.write(path, ("Melati 1", "Melati 2"))
    names, lines = rows(path)
    assert len(names) == 1
    headings = lines[template.HEADER_ROW]
    layout = recognise(headings)
    assert len(layout.columns) == len([heading for heading in headings if heading])
    assert layout.unknown == ()
    assert eppgbm.read(path).rows == ()


def test_it_has_what_a_register_needs():
    headings = [column.heading for column in template.columns()]
    assert headings == [
        *("Nama Anak", "JK", "Tgl Lahir", "NIK", "Nama Ibu", "RT", "RW", "Alamat", "No HP Ortu"),
        *("Tanggal Pengukuran", "Berat (kg)", "Tinggi (cm)", "Cara Ukur"),
    ]
    assert [column.heading for column in template.columns() if column.required] == [
        "Nama Anak",
        "JK",
        "Tgl Lahir",
    ]


def test_one_posyandu_needs_no_column_several_do():
    assert "Posyandu" not in [column.heading for column in template.columns(("Melati 1",))]
    assert template.columns(("Melati 1", "Melati 2"))[-1].choices == ("Melati 1", "Melati 2")


def test_what_is_filled_in_is_read_as_typed(tmp_path):
    path = tmp_path / "daftar.xlsx"
    fill(path)
    siti, bayu = eppgbm.read(path).rows
    assert (siti.name, siti.sex, siti.birth_date, siti.nik) == (
        "Siti Aminah",
        Sex.FEMALE,
        date(2025, 8, 17),
        "3211135708250001",
    )
    assert (siti.mother_name, siti.rt, siti.rw, siti.address, siti.phone) == (
        "Rohmah",
        "02",
        "05",
        "Kp. Cikaret No. 4",
        "081234567890",
    )
    assert (siti.measured_on, siti.weight_g, siti.length_mm, siti.position) == (
        date(2026, 11, 10),
        8400,
        715,
        Position.LYING,
    )
    assert siti.remarks == ()
    assert (bayu.name, bayu.birth_date, bayu.nik, bayu.measured) == (
        "Bayu Saputra",
        date(2024, 1, 3),
        None,
        False,
    )


def test_a_filled_list_is_planned_and_imported_once(tmp_path):
    path = tmp_path / "daftar.xlsx"
    fill(path)
    setup = Setup("32.11.13.2005.001", "Melati 1", "Neng Ayu", "neng", Role.KADER, "rahasia-sekali")
    ws = accounts.set_up(DataFolder(tmp_path / "laptop"), setup, FixedClock(NOW), cheap=True)
    planned = importing.plan(ws, eppgbm.read(path))
    assert [row.outcome for row in planned.rows] == [Outcome.CREATE, Outcome.CREATE]
    importing.apply(ws, planned)
    found = roster.rows(ws)
    assert [(row.child.name, row.last_weight_g) for row in found] == [
        ("Bayu Saputra", None),
        ("Siti Aminah", 8400),
    ]
    again = importing.plan(ws, eppgbm.read(path))
    assert {row.outcome for row in again.rows} == {Outcome.MATCH}
    ws.close()


AS_PEOPLE_TYPE = (
    (
        "Budi",
        "Laki-laki",
        "17/08/2025",
        3211131708250004,
        2,
        5,
        81234567890,
        "10/11/2026",
        8.4,
        71.5,
        "terlentang",
    ),
    (
        "Cici",
        "perempuan",
        "17-8-2025",
        None,
        None,
        None,
        "0812 3456 789",
        "10 Nov 2026",
        "8.4 kg",
        "71.5 cm",
        None,
    ),
    (
        "Dadan",
        "LK",
        "17 Agustus 2025",
        "'3211131708250005",
        "02",
        "05",
        None,
        "10-11-26",
        "8,4kg",
        "71,5",
        None,
    ),
    (
        "Eni",
        "Pr.",
        date(2025, 8, 17),
        "3211 1357 0825 0006",
        "-",
        "-",
        "-",
        46336,
        "8,40",
        "71,50",
        "BERDIRI",
    ),
    (
        "Fitri",
        "p",
        "2025-08-17",
        3.21113570825e15,
        None,
        None,
        None,
        "10.11.2026",
        "8,4 N",
        71.5,
        "berbaring",
    ),
    (
        "Gilang",
        "laki",
        "17 Agt 2025",
        "3,21113E+15",
        None,
        None,
        None,
        date(2026, 11, 10),
        8.4,
        "71,5",
        "Telentang",
    ),
)
TYPED_INTO = (
    *("Nama Anak", "JK", "Tgl Lahir", "NIK", "RT", "RW", "No HP Ortu", "Tanggal Pengukuran"),
    *("Berat (kg)", "Tinggi (cm)", "Cara Ukur"),
)


def typed(path):
    """The template with rows as different people type them: text, numbers and real dates."""
    template.write(path)
    _, lines = rows(path)
    headings = lines[template.HEADER_ROW]
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Daftar anak")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for number, cells in enumerate(lines):
        sheet.write_row(number, 0, [cell or None for cell in cells])
    for number, child in enumerate(AS_PEOPLE_TYPE, template.HEADER_ROW + 1):
        for heading, value in zip(TYPED_INTO, child, strict=True):
            column = headings.index(heading)
            if isinstance(value, date):
                sheet.write_datetime(number, column, datetime(value.year, value.month, value.day), day)
            elif isinstance(value, str):
                sheet.write_string(number, column, value)
            elif value is not None:
                sheet.write_number(number, column, value)
        sheet.write_string(number, headings.index("Nama Ibu"), f"Ibu {child[0]}")
    book.close()


def test_every_way_of_typing_sex_dates_and_weights_comes_back(tmp_path):
    path = tmp_path / "daftar.xlsx"
    typed(path)
    found = eppgbm.read(path).rows
    assert [row.name for row in found] == [child[0] for child in AS_PEOPLE_TYPE]
    assert [row.problem for row in found] == [None] * len(found)
    assert [row.sex.value for row in found] == ["M", "F", "M", "F", "F", "M"]
    assert {row.birth_date for row in found} == {date(2025, 8, 17)}
    assert {row.measured_on for row in found} == {date(2026, 11, 10)}
    assert {(row.weight_g, row.length_mm) for row in found} == {(8400, 715)}
    lying, standing = Position.LYING, Position.STANDING
    assert [row.position for row in found] == [lying, None, None, standing, lying, lying]
    assert [row.phone for row in found] == ["081234567890", "0812 3456 789", None, None, None, None]


def test_a_nik_that_lost_digits_is_not_taken_and_one_sentence_says_so(tmp_path):
    path = tmp_path / "daftar.xlsx"
    typed(path)
    found = eppgbm.read(path).rows
    assert [row.nik for row in found] == [
        "3211131708250004",
        None,
        "3211131708250005",
        "3211135708250006",
        None,
        None,
    ]
    lost = "NIK tersimpan sebagai bilangan sehingga angkanya hilang: NIK menyusul."
    assert [[remark.text for remark in row.remarks] for row in found] == [[], [], [], [], [lost], [lost]]


def test_the_list_as_people_type_it_is_imported_whole_and_only_once(tmp_path):
    path = tmp_path / "daftar.xlsx"
    typed(path)
    setup = Setup("32.11.13.2005.001", "Melati 1", "Neng Ayu", "neng", Role.KADER, "rahasia-sekali")
    ws = accounts.set_up(DataFolder(tmp_path / "laptop"), setup, FixedClock(NOW), cheap=True)
    importing.apply(ws, importing.plan(ws, eppgbm.read(path)))
    found = roster.rows(ws)
    assert sorted(row.child.name for row in found) == [child[0] for child in AS_PEOPLE_TYPE]
    assert {row.last_weight_g for row in found} == {8400}
    assert importing.plan(ws, eppgbm.read(path)).deeds == ()
    ws.close()


def test_a_village_says_which_posyandu(tmp_path):
    path = tmp_path / "daftar.xlsx"
    fill(path, ("Melati 1", "Melati 2"))
    assert [row.posyandu for row in eppgbm.read(path).rows] == ["Melati 1", "Melati 2"]


def test_hostile_names_of_posyandu_stay_text(tmp_path):
    path = tmp_path / "daftar.xlsx"
    template.write(path, ("=HYPERLINK(1)", "x" * 400, "<&>"))
    assert "Posyandu" in rows(path)[1][template.HEADER_ROW]


def test_a_place_that_takes_no_file_is_told(tmp_path):
    (tmp_path / "penuh").write_text("x")
    with pytest.raises(UserError) as told:
        template.write(tmp_path / "penuh" / "daftar.xlsx")
    assert told.value.code == "not_writable"


def test_an_old_template_is_replaced(tmp_path):
    path = tmp_path / "daftar.xlsx"
    path.write_bytes(b"lama")
    template.write(path)
    assert eppgbm.read(path).rows == ()
