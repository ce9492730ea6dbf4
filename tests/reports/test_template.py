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
