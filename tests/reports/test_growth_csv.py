"""A CSV file of children comes back with its own cells untouched and the results beside them."""

import csv
import io
import random
import tracemalloc
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app import i18n
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Sex
from posyandu_app.domain.zscore import assess
from posyandu_app.reports import growth_csv
from posyandu_app.reports.growth_cells import COLUMN_NAMES
from posyandu_app.reports.growth_csv import (
    CATEGORY_COLUMNS,
    RESULT_COLUMNS,
    SCORE_COLUMNS,
    Summary,
    assess_csv,
)

REFERENCE = Path(__file__).resolve().parents[1] / "data" / "growth" / "who_zscore_reference.csv"
TITLES = "sex,age_days,weight_kg,lenhei_cm,measure,headc_cm,oedema"
GIRL = "F,905,9.03,84.5,l,45.8,n"
GIRL_SCORES = "83.8,12.8587784302892,-1.9,0,-2.83,0,-2.41,0,-2.36,0,-1.5,0"
GIRL_LABELS = "Berat badan kurang,Normal,Gizi kurang,Gizi kurang,Normal"


def assessed(content: str | bytes) -> tuple[bytes, list[str], Summary]:
    """The file that comes out, what was reported, and the summary."""
    target, said = io.BytesIO(), []
    raw = content if isinstance(content, bytes) else content.encode()
    summary = assess_csv(io.BytesIO(raw), target, said.append)
    return target.getvalue(), said, summary


def results(content: str | bytes, delimiter=",") -> list[dict[str, str]]:
    """The appended cells of each row, by name."""
    out, _, _ = assessed(content)
    rows = list(csv.reader(io.StringIO(out.decode("utf-8-sig"), newline=""), delimiter=delimiter))
    assert tuple(rows[0][-len(RESULT_COLUMNS) :]) == RESULT_COLUMNS
    assert all(len(row) == len(rows[0]) for row in rows if row)
    return [dict(zip(RESULT_COLUMNS, row[-len(RESULT_COLUMNS) :], strict=True)) for row in rows[1:] if row]


def complaints(row: str, titles=TITLES) -> list[str]:
    return assessed(f"{titles}\n{row}\n")[1]


# ------------------------------------------------------------------ the figures


def test_whos_reference_is_reproduced_as_printed():
    with REFERENCE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    given_columns = TITLES.split(",")
    content = "\n".join([TITLES, *(",".join(row[name] for name in given_columns) for row in rows)]) + "\n"
    found = results(content)
    assert len(found) == len(rows)
    for row, result in zip(rows, found, strict=True):
        for name in SCORE_COLUMNS:
            assert result[name] == row[name], (name, row)


def test_a_file_that_has_results_already_keeps_them_and_says_so():
    out, said, summary = assessed(REFERENCE.read_bytes())
    rows = list(csv.reader(io.StringIO(out.decode(), newline="")))
    assert rows[0] == [*TITLES.split(","), *SCORE_COLUMNS, *RESULT_COLUMNS]
    assert len(said) == 1
    assert "sudah punya kolom hasil (clenhei, cbmi" in said[0]
    assert "17 kolom terakhir" in said[0]
    assert summary == Summary(rows=4997, bad=0, too_old=190, standing_too_young=418)


def test_results_and_labels_stand_behind_the_rows_own_cells():
    out, said, summary = assessed(f"{TITLES}\n{GIRL}\n")
    assert out.decode() == f"{TITLES},{','.join(RESULT_COLUMNS)}\n{GIRL},{GIRL_SCORES},{GIRL_LABELS}\n"
    assert said == []
    assert summary == Summary(rows=1)


def test_an_index_that_cannot_be_computed_is_empty_and_never_normal():
    (found,) = results(f"{TITLES}\nF,905,,84.5,l,,n\n")
    assert found["zlen"] == "-1.9"
    assert found["kategori_tb_u"] == "Normal"
    for name in ("cbmi", "zwei", "fwei", "zwfl", "zbmi", "zhc", "fhc", *CATEGORY_COLUMNS):
        if name != "kategori_tb_u":
            assert found[name] == "", name


def test_labels_follow_the_language():
    i18n.set_language("en")
    (found,) = results(f"{TITLES}\n{GIRL}\n")
    assert found["kategori_bb_u"] == "Underweight"
    assert found["kategori_bb_tb"] == "Wasted"


def test_103_1_cm_lying_at_two_years_is_read_as_102_4():
    lying, standing = results(f"{TITLES}\nM,731,16,103.1,l,,\nM,731,16,102.4,h,,\n")
    assert lying == standing
    assert lying["clenhei"] == "102.4"


def test_a_length_finer_than_a_millimetre_is_interpolated():
    (found,) = results(f"{TITLES}\nM,300,7.5,70.05,l,,\n")
    assert found["zwfl"] == "-1.46"
    assert found["clenhei"] == "70.05"


def test_without_age_weight_for_length_is_computed_alone():
    (found,) = results(f"{TITLES}\nM,,8,70,l,44,n\n")
    assert found["zwfl"] != ""
    assert found["zlen"] == found["zwei"] == found["zbmi"] == found["zhc"] == ""


def test_children_of_sixty_months_are_counted_and_left_without_scores():
    out, said, summary = assessed(f"{TITLES}\nM,1827,18,110,h,51,n\nM,1826,18,110,h,51,n\n")
    assert summary == Summary(rows=2, too_old=1)
    assert said == []
    assert out.decode().splitlines()[1].endswith("110,14.8760330578512,,,,,,,,,,,,,,,")


# ------------------------------------------------------------------ what may stand in cells


@pytest.mark.parametrize(
    ("male", "female"),
    [("M", "F"), ("m", "f"), ("L", "P"), ("1", "2"), ("Laki-laki", "PEREMPUAN"), (" L ", "pr")],
)
def test_sexes_as_people_write_them(male, female):
    boy, girl = results(f"{TITLES}\n{male},905,9.03,84.5,l,45.8,n\n{female},905,9.03,84.5,l,45.8,n\n")
    assert float(boy["zwei"]) == assess(Sex.MALE, 905, weight_g=9030).weight_for_age.value
    assert girl["zwei"] == "-2.83"


@pytest.mark.parametrize(
    ("lying", "standing"), [("l", "h"), ("L", "H"), ("terlentang", "Berdiri"), ("Telentang", "standing")]
)
def test_positions_as_people_write_them(lying, standing):
    first, second = results(f"{TITLES}\nF,905,9.03,84.5,{lying},,\nF,905,9.03,84.5,{standing},,\n")
    assert first["clenhei"] == "83.8"
    assert second["clenhei"] == "84.5"


@pytest.mark.parametrize(
    ("word", "swollen"),
    [
        ("y", True),
        ("Ya", True),
        ("1", True),
        ("n", False),
        ("tidak", False),
        ("2", False),
        ("0", False),
        ("", False),
    ],
)
def test_oedema_as_people_write_it(word, swollen):
    (found,) = results(f"{TITLES}\nF,905,9.03,84.5,l,45.8,{word}\n")
    assert (found["zwei"] == "") is swollen
    assert found["zlen"] == "-1.9"


@pytest.mark.parametrize("weight", ["9.03", "9,03", " 9.03 ", "09.030", "9.03000"])
def test_a_weight_with_point_or_comma(weight):
    (found,) = results(f'{TITLES}\nF,905,"{weight}",84.5,l,45.8,n\n')
    assert found["zwei"] == "-2.83"


@pytest.mark.parametrize("nothing", ["", " ", "-", "NA", "n/a", "NULL", "—"])
def test_empty_cells_are_no_error_in_any_column(nothing):
    out, said, summary = assessed(f"{TITLES}\n" + ",".join([nothing] * 7) + "\n")
    assert said == []
    assert summary == Summary(rows=1)
    assert out.decode().splitlines()[1] == ",".join([nothing] * 7) + "," * len(RESULT_COLUMNS)


@pytest.mark.parametrize(
    "titles",
    [
        "birth_date,visit_date,sex,weight_kg",
        "Tgl Lahir,Tanggal Pengukuran,JK,Berat",
        "TANGGAL_LAHIR,tgl ukur,Jenis Kelamin,Berat Badan (kg)",
        '"Tanggal Lahir",Tanggal Penimbangan,kelamin,BB (kg)',
    ],
)
@pytest.mark.parametrize(
    ("birth", "visit"),
    [
        ("2024-05-31", "2026-11-22"),
        ("31/05/2024", "22/11/2026"),
        ("31 Mei 2024", "22-11-2026"),
        ("2024-05-31 00:00:00", "2026-11-22T08:30"),
    ],
)
def test_age_from_two_dates_under_the_fields_own_titles(titles, birth, visit):
    (found,) = results(f"{titles}\n{birth},{visit},P,9.03\n")
    assert found["zwei"] == "-2.83"  # 905 days


def test_the_preferred_title_is_used_when_two_mean_the_same():
    (found,) = results("sex,age_days,berat,weight_kg\nF,905,1,9.03\n")
    assert found["zwei"] == "-2.83"


def test_an_age_in_days_goes_before_dates_and_dates_fill_its_gaps():
    first, second = results(
        "sex,age_days,weight_kg,birth_date,visit_date\nF,905,9.03,2020-01-01,2020-01-02\nF,,9.03,2024-05-31,2026-11-22\n"
    )
    assert first["zwei"] == second["zwei"] == "-2.83"


def test_a_bad_age_is_not_papered_over_by_the_dates():
    content = "sex,age_days,weight_kg,birth_date,visit_date\nF,9O5,9.03,2024-05-31,2026-11-22\n"
    assert [sentence.split(":")[0] for sentence in assessed(content)[1]] == ["Baris 2, kolom age_days"]
    assert set(results(content)[0].values()) == {""}


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 1826), st.integers(-2000, 2000))
def test_moving_birth_and_visit_by_the_same_days_changes_nothing(birth, age, days):
    def row(start):
        return f"M,{start},{start + timedelta(days=age)},10.2,80.3,h\n"

    first, second = results(
        "sex,birth_date,visit_date,weight_kg,lenhei_cm,measure\n"
        + row(birth)
        + row(birth + timedelta(days=days))
    )
    (by_days,) = results(f"{TITLES}\nM,{age},10.2,80.3,h,,\n")
    assert first == second == by_days


# ------------------------------------------------------------------ what cannot be read


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("X,905,9.03,84.5,l,45.8,n", "Baris 2, kolom sex: jenis kelamin ditulis L atau P"),
        ("F,dua tahun,9.03,84.5,l,45.8,n", "Baris 2, kolom age_days: bukan angka. Tulis umur dalam hari"),
        ("F,-1,9.03,84.5,l,45.8,n", "Baris 2, kolom age_days: umur tidak bisa kurang dari 0 hari."),
        ("F,99999999,9.03,84.5,l,45.8,n", "Baris 2, kolom age_days: umur terlalu besar."),
        ("F,905,9.O3,84.5,l,45.8,n", "Baris 2, kolom weight_kg: bukan angka."),
        ("F,905,9030,84.5,l,45.8,n", "Baris 2, kolom weight_kg: lebih dari 200 kg."),
        ("F,905,0,84.5,l,45.8,n", "Baris 2, kolom weight_kg: harus lebih dari 0."),
        ("F,905,-9,84.5,l,45.8,n", "Baris 2, kolom weight_kg: harus lebih dari 0."),
        ("F,905,nan kg,84.5,l,45.8,n", "Baris 2, kolom weight_kg: bukan angka."),
        ("F,905,inf,84.5,l,45.8,n", "Baris 2, kolom weight_kg: bukan angka."),
        ("F,905,1e1,84.5,l,45.8,n", "Baris 2, kolom weight_kg: bukan angka."),
        ("F,905,1_0,84.5,l,45.8,n", "Baris 2, kolom weight_kg: bukan angka."),
        ("F,905,٩,84.5,l,45.8,n", "Baris 2, kolom weight_kg: bukan angka."),
        ("F,905,9.0.3,84.5,l,45.8,n", "Baris 2, kolom weight_kg: bukan angka."),
        ('F,905,"1.009,03",84.5,l,45.8,n', "Baris 2, kolom weight_kg: bukan angka."),
        ("F,905,9.03,845,l,45.8,n", "Baris 2, kolom lenhei_cm: lebih dari 250 cm."),
        (
            "F,905,9.03,84.5,duduk,45.8,n",
            "Baris 2, kolom measure: cara ukur ditulis l (terlentang) atau h (berdiri).",
        ),
        ("F,905,9.03,84.5,l,458,n", "Baris 2, kolom headc_cm: lebih dari 150 cm."),
        ("F,905,9.03,84.5,l,45.8,mungkin", "Baris 2, kolom oedema: edema ditulis y (ya) atau n (tidak)."),
        (f"F,905,{'9' * 200_000},84.5,l,45.8,n", "Baris 2, kolom weight_kg: bukan angka."),
        (f"F,905,9{' ' * 300}x,84.5,l,45.8,n", "Baris 2, kolom weight_kg: bukan angka."),
        ("F,905,9\0,84.5,l,45.8,n", "Baris 2, kolom weight_kg: bukan angka."),
        ("=2+5,905,9,84.5,l,45.8,n", "Baris 2, kolom sex: jenis kelamin ditulis"),
    ],
)
def test_a_bad_cell_is_reported_with_row_column_and_reason(row, said):
    (sentence,) = complaints(row)
    assert sentence.startswith(said)


@pytest.mark.parametrize(
    ("birth", "visit", "said"),
    [
        ("32/01/2024", "2026-01-01", "Baris 2, kolom Tgl Lahir: "),
        ("29/02/2023", "2026-01-01", "Baris 2, kolom Tgl Lahir: "),
        ("2024-01-01", "kemarin", "Baris 2, kolom tgl_ukur: "),
        (
            "2024-01-02",
            "2024-01-01",
            "Baris 2, kolom tgl_ukur: tanggal pengukuran lebih awal daripada tanggal lahir.",
        ),
    ],
)
def test_a_bad_date_is_reported_and_the_row_left_empty(birth, visit, said):
    content = f"sex,Tgl Lahir,tgl_ukur,weight_kg,lenhei_cm\nF,{birth},{visit},9.03,84.5\n"
    (sentence,) = assessed(content)[1]
    assert sentence.startswith(said)
    (found,) = results(content)
    assert set(found.values()) == {""} | {found["cbmi"]}
    assert found["clenhei"] == ""


def test_the_other_cells_and_rows_are_done():
    out, said, summary = assessed(f"{TITLES}\nF,905,x,84.5,l,45.8,n\n{GIRL}\nF,905,y,z,l,45.8,n\n")
    lines = out.decode().splitlines()
    assert lines[1] == "F,905,x,84.5,l,45.8,n,83.8,,-1.9,0,,,,,,,-1.5,0,,Normal,,,Normal"
    assert lines[2] == f"{GIRL},{GIRL_SCORES},{GIRL_LABELS}"
    assert [sentence.split(":")[0] for sentence in said] == [
        "Baris 2, kolom weight_kg",
        "Baris 4, kolom weight_kg",
        "Baris 4, kolom lenhei_cm",
    ]
    assert summary == Summary(rows=3, bad=3)


@pytest.mark.parametrize(
    ("row", "empty"),
    [
        ("F,x,9.03,84.5,l,45.8,n", {"clenhei", "cbmi", "zlen", "zwei", "zwfl", "zbmi", "zhc"}),
        ("x,905,9.03,84.5,l,45.8,n", {"zlen", "zwei", "zwfl", "zbmi", "zhc"}),
        ("F,905,9.03,84.5,x,45.8,n", {"clenhei", "cbmi", "zlen", "zwfl", "zbmi"}),
        ("F,905,9.03,84.5,l,45.8,x", {"zwei", "zwfl", "zbmi"}),
        ("F,905,x,84.5,l,45.8,n", {"cbmi", "zwei", "zwfl", "zbmi"}),
        ("F,905,9.03,x,l,45.8,n", {"clenhei", "cbmi", "zlen", "zwfl", "zbmi"}),
        ("F,905,9.03,84.5,l,x,n", {"zhc"}),
    ],
)
def test_a_result_that_needs_a_bad_cell_is_empty_and_the_others_are_right(row, empty):
    (whole,), (found,) = results(f"{TITLES}\n{GIRL}\n"), results(f"{TITLES}\n{row}\n")
    for name in ("clenhei", "cbmi", "zlen", "zwei", "zwfl", "zbmi", "zhc"):
        assert found[name] == ("" if name in empty else whole[name]), name


def test_what_a_cell_holds_is_never_repeated_in_the_report():
    (sentence,) = complaints("F,905,Siti Aminah 3211000000000001,84.5,l,45.8,n")
    assert "Siti" not in sentence
    assert "3211" not in sentence


def test_a_title_with_control_signs_is_shown_on_one_line():
    (sentence,) = complaints("F,905,x", titles='sex,age_days,"weight\x1b\nkg"')
    assert sentence.startswith("Baris 2, kolom weight  kg: bukan angka.")


def test_a_row_with_too_many_cells_is_left_as_it_is_and_reported():
    content = f"{TITLES}\nF,905,9,03,84.5,l,45.8,n\n{GIRL}\n"
    out, said, summary = assessed(content)
    assert said == ["Baris 2: jumlah selnya 8, padahal kolomnya 7. Periksa koma desimal dan tanda kutip."]
    lines = out.decode().splitlines()
    assert lines[1] == "F,905,9,03,84.5,l,45.8,n"
    assert lines[2] == f"{GIRL},{GIRL_SCORES},{GIRL_LABELS}"
    assert summary == Summary(rows=1, bad=1)


def test_empty_cells_beyond_the_last_title_are_dropped():
    assert results(f"{TITLES}\n{GIRL},,\n") == results(f"{TITLES}\n{GIRL}\n")


def test_a_short_row_is_filled_up_so_that_results_stand_in_their_columns():
    (found,) = results(f"{TITLES}\nF,905,9.03\n")
    assert found["zwei"] == "-2.83"
    assert found["zlen"] == ""


def test_a_quotation_mark_never_closed_costs_one_row():
    out, said, summary = assessed(f'nama,{TITLES}\n"Siti,F,905,9.03,84.5,l,45.8,n\nAni,{GIRL}\n')
    assert said == ["Baris 2: tanda kutipnya tidak ditutup atau selnya terlalu panjang."]
    assert out.decode().splitlines()[2] == f"Ani,{GIRL},{GIRL_SCORES},{GIRL_LABELS}"
    assert summary == Summary(rows=1, bad=1)


# ------------------------------------------------------------------ files of many kinds


def test_the_users_cells_stay_byte_for_byte():
    before = b'\xef\xbb\xbfNama , sex,age_days,weight_kg,"Catatan"\r\n'
    rows = [
        b'"Siti ""Ani"" Aminah",F,905,9.03,=HYPERLINK("x")\r\n',
        b"Jos\xe9 (bukan UTF-8),M,905,09.030,\r\n",
        b'  spasi  ,"F",905,"9,03","dua\r\nbaris"\r\n',
        b"\r\n",
        b"terakhir,F,905,9.03,x",
    ]
    out, said, summary = assessed(before + b"".join(rows))
    assert said == []
    assert summary.rows == 4
    assert out.startswith(before[:-2] + b"," + ",".join(RESULT_COLUMNS).encode() + b"\r\n")
    position = 0
    for row in rows:
        own = row.removesuffix(b"\r\n")
        position = out.index(own, position) + len(own)
    assert out.count(b"-2.83") == 3
    assert not out.endswith(b"\n")


@given(
    st.lists(
        st.tuples(
            st.text(alphabet='a",;é\r\n =', max_size=6),
            st.sampled_from(["M", "F", "x", ""]),
            st.sampled_from(["905", "", "x", "2000"]),
            st.sampled_from(["9.03", "9,03", "", "-1"]),
        ),
        max_size=6,
    ),
    st.sampled_from([",", ";", "\t"]),
)
def test_reading_the_output_gives_the_input_and_the_results(rows, delimiter):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(["nama", "sex", "age_days", "weight_kg"])
    writer.writerows(rows)
    out, _, summary = assessed(file.getvalue())
    found = list(csv.reader(io.StringIO(out.decode(), newline=""), delimiter=delimiter))[1:]
    assert [tuple(row[:4]) for row in found] == rows
    assert {len(row) for row in found} <= {4 + len(RESULT_COLUMNS)}
    assert summary.rows == len(rows)


def test_semicolons_and_decimal_commas_come_back_as_such():
    out, said, _ = assessed(
        f"{TITLES};catatan\n{GIRL.replace('.', ',')};a,b\n".replace(",", ";")
        .replace("9;03", "9,03")
        .replace("84;5", "84,5")
        .replace("45;8", "45,8")
        .replace("a;b", "a,b")
    )
    assert said == []
    line = out.decode().splitlines()[1]
    scores = GIRL_SCORES.replace(",", ";").replace(".", ",")
    assert line == f"F;905;9,03;84,5;l;45,8;n;a,b;{scores};{GIRL_LABELS.replace(',', ';')}"


def test_semicolons_with_decimal_points_keep_points():
    (found,) = results(f"{TITLES}\n{GIRL}\n".replace(",", ";"), delimiter=";")
    assert found["zwei"] == "-2.83"


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_separators(delimiter):
    (found,) = results(f"{TITLES}\n{GIRL}\n".replace(",", delimiter), delimiter=delimiter)
    assert found["zwei"].replace(",", ".") == "-2.83"


def test_quoted_titles_behind_a_byte_order_mark():
    content = '\ufeff"sex","age_days","weight_kg"\n"F","905","9.03"\n'
    out, _, _ = assessed(content)
    assert out.decode().startswith('\ufeff"sex","age_days","weight_kg",clenhei')
    assert results(content)[0]["zwei"] == "-2.83"


def test_blank_lines_stay_and_count_as_rows():
    out, said, summary = assessed(f"\n\n{TITLES}\n\n{GIRL}\n\nX,905,9.03,84.5,l,45.8,n\n\n")
    assert out.decode().splitlines()[:2] == ["", ""]
    assert [line == "" for line in out.decode().splitlines()] == [
        True,
        True,
        False,
        True,
        False,
        True,
        False,
        True,
    ]
    assert said[0].startswith("Baris 7, kolom sex")
    assert summary.rows == 2


def test_old_macintosh_line_endings():
    out, _, summary = assessed(f"{TITLES}\r{GIRL}\r")
    assert summary.rows == 1
    assert out.endswith(b"Normal\r")


def test_empty_and_repeated_titles_of_other_columns_do_not_matter():
    (found,) = results(",x,x,,sex,age_days,weight_kg,\n1,2,3,4,F,905,9.03,\n")
    assert found["zwei"] == "-2.83"


def test_titles_alone_give_titles_alone():
    out, said, summary = assessed(TITLES)
    assert out.decode() == f"{TITLES},{','.join(RESULT_COLUMNS)}"
    assert said == []
    assert summary == Summary()


def test_a_needed_title_that_is_there_twice_is_refused():
    with pytest.raises(UserError, match='Ada 2 kolom bernama "weight_kg"'):
        assessed("sex,age_days,weight_kg,weight_kg\nF,905,9,9\n")


@pytest.mark.parametrize(
    "titles",
    [
        "nama,alamat",
        "age_days,weight_kg",
        "sex,age_days",
        "sex,weight_kg",
        "sex,birth_date,weight_kg",
        "sex,headc_cm,lenhei_cm",
        "F,905,9.03,84.5,l,45.8,n",
        ",,,,",
        '"sex,age_days,weight_kg',
        "x" * 300_000,
    ],
)
def test_a_file_without_the_columns_is_refused_with_their_names(titles):
    with pytest.raises(UserError, match=r"Baris pertama harus memuat sex \(jenis_kelamin\)") as caught:
        assessed(f"{titles}\n1,2,3,4,5\n")
    assert caught.value.code == "growth_csv_no_columns"


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n \n\t\n"])
def test_an_empty_file_is_refused(content):
    with pytest.raises(UserError, match="kosong"):
        assessed(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", "berkas Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "berkas Excel"),
        (TITLES.encode("utf-16"), "CSV UTF-8"),
        (TITLES.encode("utf-16-be"), "CSV UTF-8"),
        (bytes(range(256)) * 100, "bukan tabel CSV"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "Judul kolom"),
        (b"x" * 17_000_000, "terlalu panjang"),
    ],
)
def test_what_is_no_csv_is_refused_with_what_to_do(content, said):
    with pytest.raises(UserError, match=said):
        assessed(content)


def test_every_understood_title_works_alone():
    values = {"sex": "F", "age_days": "905", "weight_kg": "9.03", "lenhei_cm": "84.5", "measure": "l"}
    values |= {"headc_cm": "45.8", "oedema": "n", "birth_date": "2024-05-31", "visit_date": "2026-11-22"}
    for role, names in COLUMN_NAMES.items():
        for name in names:
            titles = [name if key == role else key for key in values]
            (found,) = results(",".join(titles) + "\n" + ",".join(values.values()) + "\n")
            assert ",".join(found.values()) == f"{GIRL_SCORES},{GIRL_LABELS}", name


def test_a_long_file_is_the_same_whatever_the_pieces(monkeypatch):
    rng = random.Random(5)
    rows = [
        f"{rng.choice('MF')},{rng.randint(0, 1900)},{rng.randint(20, 250) / 10},"
        f"{rng.randint(450, 1200) / 10},{rng.choice(['l', 'h', ''])},"
        f"{rng.choice(['', 'x', '45.5'])},{rng.choice('nny')}"
        for _ in range(500)
    ]
    content = "\n".join([TITLES, *rows])
    whole = assessed(content)
    monkeypatch.setattr(growth_csv, "_ROWS_AT_ONCE", 7)
    assert assessed(content) == whole
    monkeypatch.setattr(growth_csv, "_CHARACTERS_AT_ONCE", 1)
    assert assessed(content) == whole
    assert whole[2].bad == sum(",x," in row for row in rows)


class _Endless(io.RawIOBase):
    """A file of many rows that is never in memory as a whole."""

    def __init__(self, rows: int) -> None:
        self.pieces = iter([TITLES.encode() + b"\n", *[(GIRL.encode() + b"\n") * 1000] * (rows // 1000)])
        self.rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if not self.rest:
            self.rest = next(self.pieces, b"")
        count = min(len(buffer), len(self.rest))
        buffer[:count], self.rest = self.rest[:count], self.rest[count:]
        return count


class _Counting(io.RawIOBase):
    """Where results vanish, counted."""

    written = 0

    def writable(self) -> bool:
        return True

    def write(self, content) -> int:
        self.written += len(content)
        return len(content)


def test_memory_does_not_grow_with_the_file(monkeypatch):
    monkeypatch.setattr(growth_csv, "_ROWS_AT_ONCE", 1000)

    def peak(rows):
        target = _Counting()
        tracemalloc.start()
        summary = assess_csv(io.BufferedReader(_Endless(rows)), target, pytest.fail)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert summary.rows == rows
        assert target.written > rows * len(GIRL)
        return most

    peak(1000)
    assert peak(20_000) < 1.5 * peak(2000)
