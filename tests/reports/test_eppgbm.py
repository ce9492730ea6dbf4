"""Reading whole e-PPGBM files: the header wherever it stands, the samples, merged cells, other sheets."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from posyandu_app.domain.age import age_in_days
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.zscore import assess
from posyandu_app.reports import eppgbm
from tests.eppgbm_files import HEADERS, NEWER, OLDER, SAMPLES, export, line, write


@pytest.mark.parametrize(("name", "rows", "first_row"), [("older", 539, 4), ("newer", 531, 2)])
def test_the_samples_are_read_whole(name, rows, first_row):
    sheet = eppgbm.read(SAMPLES / f"eppgbm_cilembu_{name}.xlsx")
    assert len(sheet.rows) == rows
    assert sheet.rows[0].number == first_row
    assert sheet.posyandu == ("ANGGREK", "MAWAR", "MELATI 1", "MELATI 2")
    assert sheet.problems == ()
    assert sheet.unknown_columns == ()
    assert all(row.problem is None and row.remarks == () for row in sheet.rows)
    assert len({(row.name, row.birth_date, row.sex) for row in sheet.rows}) == 90
    assert {row.village for row in sheet.rows} == {"CILEMBU"}
    assert len({row.measured_on for row in sheet.rows}) == 7


@pytest.mark.parametrize("name", ["older", "newer"])
def test_the_samples_own_z_scores_are_ours_to_the_last_digit(name):
    compared: Counter[int] = Counter()
    for row in eppgbm.read(SAMPLES / f"eppgbm_cilembu_{name}.xlsx").rows:
        assert row.birth_date is not None
        assert row.measured_on is not None
        growth = assess(
            row.sex,
            age_in_days(row.birth_date, row.measured_on),
            weight_g=row.weight_g,
            length_mm=row.length_mm,
            position=row.position,
        )
        for theirs, ours in zip(
            row.file_z, (growth.weight_for_age, growth.length_for_age, growth.weight_for_length), strict=True
        ):
            assert theirs is not None
            assert ours is not None
            compared[abs(theirs - ours.centi)] += 1
    assert set(compared) == {0}
    assert compared.total() > 1500


def test_a_real_xls_with_its_wrinkles():
    sheet = eppgbm.read(SAMPLES / "buatan.xls")
    rizki, dewi, neng = sheet.rows
    assert (rizki.birth_date, rizki.weight_g, rizki.nik) == (date(2025, 8, 15), 9100, "3211131508250004")
    assert (dewi.birth_date, dewi.weight_g, dewi.birth_weight_g, dewi.nik) == (
        date(2024, 2, 3),
        11850,
        2900,
        None,
    )
    assert (neng.birth_date, neng.measured_on, neng.weight_g) == (date(2023, 5, 5), date(2026, 11, 10), 13200)
    assert neng.nik == "3211134505230001"
    assert [remark.code for remark in neng.remarks] == ["one_parent", "doubtful_unit", "grams"]


@pytest.mark.parametrize("preamble", [0, 1, 2, 15, eppgbm.HEADER_WITHIN - 1])
def test_the_header_is_found_below_a_preamble(tmp_path, preamble):
    above = [["LAPORAN STATUS GIZI"], ["data tanggal : 2026-11-10"], [], ["NIK"], ["Berat"]] * 6
    path = write(tmp_path / "a.xlsx", [*above[:preamble], OLDER, line(OLDER)])
    (row,) = eppgbm.read(path).rows
    assert (row.name, row.number) == ("Siti Aminah", preamble + 2)


def test_a_header_too_far_down_is_not_searched_for(tmp_path):
    path = write(tmp_path / "a.xlsx", [["x"]] * eppgbm.HEADER_WITHIN + [NEWER, line()])
    with pytest.raises(UserError, match="NIK, Nama dan Berat"):
        eppgbm.read(path)


def test_a_file_without_a_header_says_what_is_missing(tmp_path):
    path = write(tmp_path / "a.xlsx", [line(), line()])
    with pytest.raises(UserError) as caught:
        eppgbm.read(path)
    assert caught.value.code == "header_missing"
    assert "NIK, Nama dan Berat" in caught.value.message


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        (["No", "Nama Anak", "JK", "Tgl Lahir", "Berat (kg)"], "NIK"),
        (["Nama", "NIK", "Tanggal Lahir", "Umur"], "Berat (kg)"),
        (["Nama Lengkap", "JK", "Tgl Lahir", "Bobot"], "Nama Anak, NIK, Berat (kg)"),
    ],
)
def test_a_header_in_other_words_is_told_which_headings_it_lacks(tmp_path, header, missing):
    path = write(tmp_path / "a.xlsx", [["Daftar anak"], header, ["1"] * len(header)])
    with pytest.raises(UserError) as caught:
        eppgbm.read(path)
    assert caught.value.code == "header_missing"
    assert caught.value.message.startswith(f"Judul kolom yang belum ada di berkas ini: {missing}. ")


def test_an_empty_workbook_has_no_header_either(tmp_path):
    with pytest.raises(UserError) as caught:
        eppgbm.read(write(tmp_path / "a.xlsx", []))
    assert caught.value.code == "header_missing"


def test_weights_without_a_column_of_dates_are_refused(tmp_path):
    path = write(tmp_path / "a.xlsx", [["NIK", "Nama", "Berat"], ["-", "SITI", 8.4]])
    with pytest.raises(UserError, match="Tanggal Pengukuran"):
        eppgbm.read(path)


def test_the_identity_template_needs_no_dates_of_measuring(tmp_path):
    header = HEADERS["identity"]
    path = write(
        tmp_path / "a.xlsx", [header, [{"nama_anak": "SITI", "NIK": "-"}.get(name, "") for name in header]]
    )
    (row,) = eppgbm.read(path).rows
    assert (row.name, row.measured) == ("Siti", False)


def test_another_sheet_first_is_passed_over_and_said(tmp_path):
    path = write(tmp_path / "a.xlsx", [NEWER, line()], first="Petunjuk")
    sheet = eppgbm.read(path)
    assert len(sheet.rows) == 1
    assert sheet.problems == ("Lembar “Petunjuk” tidak dibaca: bukan daftar e-PPGBM.",)


def test_a_sheet_for_each_posyandu_is_read_with_its_name(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    for name in ("MELATI 1", "MAWAR"):
        page = book.add_worksheet(name)
        page.write_row(0, 0, NEWER)
        page.write_row(1, 0, line(Posyandu=name))
    book.close()
    sheet = eppgbm.read(tmp_path / "a.xlsx")
    assert [(row.sheet, row.posyandu, row.number) for row in sheet.rows] == [
        ("MELATI 1", "MELATI 1", 2),
        ("MAWAR", "MAWAR", 2),
    ]
    assert sheet.posyandu == ("MELATI 1", "MAWAR")


def test_blank_rows_a_repeated_header_and_a_footer_are_no_children(tmp_path):
    footer = ["", "", "", "", "", "", "", "Mengetahui, Kepala Puskesmas"]
    path = export(
        tmp_path / "a.xlsx", line(), [], ["-"] * 36, list(NEWER), line(NIK="-", Nama="DEWI"), [], footer
    )
    assert [row.number for row in eppgbm.read(path).rows] == [2, 6]


def test_merged_cells_count_for_every_row_but_measures_for_one(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    page = book.add_worksheet()
    page.write_row(0, 0, NEWER)
    merged = ("NIK", "Nama", "JK", "Tgl Lahir", "Posyandu", "Nama Ortu", "Tinggi")
    for number, day in enumerate(["2026-09-10", "2026-10-10", "2026-11-10"], 1):
        changes = {} if number == 1 else dict.fromkeys(name.replace(" ", "_") for name in merged)
        page.write_row(number, 0, line(Tanggal_Pengukuran=day, Berat=8 + number / 10, **changes))
    for name in merged:
        page.merge_range(1, NEWER.index(name), 3, NEWER.index(name), line()[NEWER.index(name)])
    book.close()
    rows = eppgbm.read(tmp_path / "a.xlsx").rows
    assert [(row.name, row.nik, row.posyandu, row.weight_g) for row in rows] == [
        ("Siti Aminah", "3211135708250003", "MELATI 1", 8000 + 100 * number) for number in (1, 2, 3)
    ]
    assert [row.length_mm for row in rows] == [712, None, None]


def test_a_header_of_two_merged_rows_is_found(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    page = book.add_worksheet()
    page.write_row(0, 0, ["", "", "", "Pengukuran", "", ""])
    page.write_row(1, 0, ["", "", "", "Tanggal Pengukuran", "Berat", "Tinggi"])
    for column, name in enumerate(("No", "NIK", "Nama")):
        page.merge_range(0, column, 1, column, name)
    page.write_row(2, 0, [1, "-", "SITI", "2026-11-10", 8.4, 71.2])
    book.close()
    (row,) = eppgbm.read(tmp_path / "a.xlsx").rows
    assert (row.name, row.weight_g, row.length_mm) == ("Siti", 8400, 712)


def test_a_csv_with_semicolons_and_decimal_commas(tmp_path):
    path = tmp_path / "a.csv"
    values = [str(cell) for cell in line(Berat="8,4", Tinggi="71,2")]
    path.write_text(
        "\n".join(["data tanggal : 2026-11-10", ";".join(NEWER), ";".join(values)]), encoding="cp1252"
    )
    (row,) = eppgbm.read(path).rows
    assert (row.weight_g, row.length_mm) == (8400, 712)


def test_progress_tells_rows_and_ends_at_the_end(tmp_path):
    told: list[tuple[int, int]] = []
    eppgbm.read(SAMPLES / "eppgbm_cilembu_older.xlsx", lambda done, total: told.append((done, total)))
    assert told[-1] == (542, 542)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_stopping_in_the_middle_is_raising_from_progress():
    def stop(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        eppgbm.read(SAMPLES / "eppgbm_cilembu_older.xlsx", stop)


def test_unknown_columns_are_named_once(tmp_path):
    header = [*NEWER, "Status Bulan", "status desa"]
    path = write(tmp_path / "a.xlsx", [header, [*line(), "x", "y"]])
    assert eppgbm.read(path).unknown_columns == ("Status Bulan", "status desa")


def test_a_file_of_a_hundred_thousand_rows_is_read(tmp_path):
    path: Path = tmp_path / "a.csv"
    values = line()
    name, weight = NEWER.index("Nama"), NEWER.index("Berat")
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(NEWER) + "\n")
        for number in range(100_000):
            values[name], values[weight] = f"ANAK {number % 5000}", 6 + number % 100 / 10
            file.write(",".join(map(str, values)) + "\n")
    sheet = eppgbm.read(path)
    assert len(sheet.rows) == 100_000
    assert sheet.rows[-1].weight_g == 15_900
