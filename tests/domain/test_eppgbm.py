"""Lines of e-PPGBM lists: columns by name, every wrinkle of the field, nothing invented."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from posyandu_app.domain.cells import Cell
from posyandu_app.domain.eppgbm import EppgbmRow, parse_row, recognise
from posyandu_app.domain.model import ChildState, Position, Sex
from posyandu_app.domain.zscore import assess
from tests.eppgbm_files import HEADERS, NEWER, OLDER, line


def read(**changes: object) -> EppgbmRow:
    layout = recognise(NEWER)
    assert layout is not None
    row = parse_row(line(NEWER, **changes), layout, "Status Gizi", 5)
    assert row is not None
    return row


def codes(row: EppgbmRow) -> list[str]:
    return [remark.code for remark in row.remarks]


# --- header ---


@pytest.mark.parametrize("header", [OLDER, NEWER])
def test_both_endings_of_the_export_are_recognised(header):
    layout = recognise(header)
    assert layout is not None
    assert layout.columns["weight"] == header.index("Berat")
    assert layout.columns["nik"] == 1
    assert layout.unknown == ()


def test_the_export_has_35_columns_in_its_older_form():
    assert len(OLDER) == 35


@pytest.mark.parametrize("spelling", ["Pukesmas", "Puskesmas"])
def test_the_misspelling_of_puskesmas_and_its_mending_are_both_known(spelling):
    layout = recognise([spelling if name == "Pukesmas" else name for name in NEWER])
    assert layout is not None
    assert layout.unknown == ()


def test_an_offices_own_columns_are_named_and_ignored():
    layout = recognise([*OLDER, "Bulan Pengukuran", "Status Bulan", "status desa"])
    assert layout is not None
    assert layout.unknown == ("Bulan Pengukuran", "Status Bulan", "status desa")


def test_units_breaks_underscores_and_dots_in_headers_are_looked_through():
    layout = recognise(
        ["NIK", "Nama_Anak", "TGL. LAHIR", "Tanggal\nPengukuran", "Berat (kg)", "Tinggi (cm)", "LiLA*"]
    )
    assert layout is not None
    assert set(layout.columns) == {"nik", "name", "birth_date", "measured_on", "weight", "length", "muac"}


def test_of_two_columns_with_one_name_the_first_counts():
    layout = recognise(["NIK", "Nama", "Berat", "Berat"])
    assert layout is not None
    assert layout.columns["weight"] == 2


@pytest.mark.parametrize(
    "header",
    [
        [],
        ["NIK"],
        ["Nama", "Berat"],
        ["NIK", "Berat"],
        ["NIK", "Nama", "Tinggi"],
        [None, 3, True, 1.5],
        ["NIK Berat Nama"],
    ],
)
def test_a_row_without_nik_name_and_weight_is_no_header(header):
    assert recognise(header) is None


def test_the_import_template_for_identity_is_a_header_too():
    header = HEADERS["identity"]
    layout = recognise(header)
    assert layout is not None
    assert layout.unknown == ()
    values: list[Cell] = [
        1,
        2,
        "2025-08-17",
        "Perempuan",
        "3211130101200001",
        "3211135708250003",
        "SITI AMINAH",
        39,
    ]
    values += [
        3.1,
        49,
        34,
        "Ya",
        "Tidak",
        "Ya",
        "NENG SUMIATI",
        "",
        "0812-1111-2222",
        "DUSUN PASIR",
        "MELATI 1",
    ]
    row = parse_row([*values, "2", "5", "Tidak", "Ya"], layout, "x", 2)
    assert row is not None
    assert (row.child_order, row.gestation_weeks, row.birth_head_mm, row.kia_held, row.imd) == (
        2,
        39,
        340,
        True,
        True,
    )
    assert (row.kk, row.phone, row.posyandu, row.rt, row.rw) == (
        "3211130101200001", "0812-1111-2222", "MELATI 1", "2", "5",
    )  # fmt: skip
    assert (row.state, row.deleted, row.measured) == (ChildState.MOVED, False, False)


def test_the_import_template_for_measurements_is_a_header_too():
    header = HEADERS["measurement"]
    layout = recognise(header)
    assert layout is not None
    assert layout.unknown == ()
    values: list[Cell] = [
        1,
        "3211135708250003",
        "siti aminah",
        "2026-11-10",
        "8,4",
        "71,2",
        "13,9",
        "45,1",
        "2",
    ]
    row = parse_row([*values, "terlentang", "ya", *["ya"] * 7, "-", "-"], layout, "x", 2)
    assert row is not None
    assert (row.weight_g, row.length_mm, row.muac_mm, row.head_mm, row.oedema) == (8400, 712, 139, 451, 2)
    assert (row.sex, row.birth_date) == (None, None)


def test_the_register_of_the_weighing_month_is_a_header_too():
    layout = recognise(HEADERS["weighing_month"])
    assert layout is not None
    assert layout.unknown == ()
    assert layout.mother_first
    assert {"birth_weight", "birth_length", "birth_head", "weight", "length", "muac", "village"} <= set(
        layout.columns
    )


# --- an ordinary row ---


def test_an_ordinary_row_in_the_units_of_the_wire():
    row = read(ZS_BBU=-0.91, ZS_TBU="-1,2", ZS_BBTB="Outlier")
    assert row == EppgbmRow(
        sheet="Status Gizi",
        number=5,
        name="Siti Aminah",
        nik="3211135708250003",
        sex=Sex.FEMALE,
        birth_date=date(2025, 8, 17),
        mother_name="Neng Sumiati",
        father_name="Ujang Permana",
        birth_weight_g=3100,
        birth_length_mm=490,
        kia_held=True,
        village="CILEMBU",
        posyandu="MELATI 1",
        rt="002",
        rw="005",
        address="Dusun Pasir",
        measured_on=date(2026, 11, 10),
        weight_g=8400,
        length_mm=712,
        position=Position.LYING,
        muac_mm=139,
        file_z=(-91, -120, None),
    )


def test_dashes_and_blanks_are_nothing_and_never_zero():
    row = read(
        Berat="-", Tinggi="", LiLA=None, BB_Lahir="-", TB_Lahir="–", Nama_Ortu="-", RT="-", NIK="-", KIA="-"
    )
    assert (row.weight_g, row.length_mm, row.muac_mm, row.birth_weight_g, row.birth_length_mm) == (None,) * 5
    assert (row.mother_name, row.father_name, row.rt, row.nik, row.kia_held) == (None,) * 5
    assert (row.measured, row.remarks, row.problem) == (False, (), None)
    assert row.position is None, "a position without a length says nothing"


@pytest.mark.parametrize(
    "values", [[], [None] * 36, ["-"] * 36, ["", "  "], ["", "", "", "", "", "", "", "Jumlah", "539"]]
)
def test_blank_lines_and_footers_are_no_rows(values):
    layout = recognise(NEWER)
    assert layout is not None
    assert parse_row(values, layout, "x", 9) is None


def test_the_header_again_in_the_middle_is_no_row():
    layout = recognise(NEWER)
    assert layout is not None
    assert parse_row(list(NEWER), layout, "x", 40) is None


def test_a_short_row_is_read_as_far_as_it_goes():
    layout = recognise(NEWER)
    assert layout is not None
    row = parse_row(line(NEWER)[:5], layout, "x", 2)
    assert row is not None
    assert (row.name, row.birth_date, row.weight_g) == ("Siti Aminah", date(2025, 8, 17), None)


# --- NIK ---


@pytest.mark.parametrize(
    "cell",
    [
        "3211135708250003",
        " 3211 1357 0825 0003 ",
        "'3211135708250003",
        "3211135708250003.0",
        3211135708250003,
    ],
)
def test_a_nik_of_16_digits_is_taken(cell):
    row = read(NIK=cell)
    assert row.nik == "3211135708250003"
    assert row.remarks == ()


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("02022***********", "nik_masked"),
        ("3211XXXXXXXX0003", "nik_masked"),
        ("211135708250003", "nik_length"),
        (211135708250003, "nik_length"),
        (211135708250003.0, "nik_length"),
        ("32111357082500031", "nik_length"),
        ("3,21114E+15", "nik_number"),
        ("3.21114e15", "nik_number"),
        (3211135708250000.0, "nik_number"),
        (9471135708250003.0, "nik_number"),
        (3.5, "nik_number"),
        (float("inf"), "nik_number"),
        (1e300, "nik_number"),
        ("1111111111111111", "nik_form"),
        ("belum ada", "nik_form"),
        ("٣٢١١١٣٥٧٠٨٢٥٠٠٠٣", "nik_form"),
    ],
)
def test_a_nik_that_cannot_be_trusted_is_left_for_later(cell, code):
    row = read(NIK=cell)
    assert row.nik is None
    assert codes(row) == [code]
    assert "menyusul" in row.remarks[0].text


@pytest.mark.parametrize("cell", [0, 0.0, "0", "0000000000000000", "", "-"])
def test_a_nik_of_nothing_needs_no_remark(cell):
    row = read(NIK=cell)
    assert (row.nik, row.remarks) == (None, ())


def test_no_remark_repeats_a_nik():
    for cell in ("321113570825000", "3211135708250003X", 3211135708250000.0):
        assert "32111" not in "".join(remark.text for remark in read(NIK=cell).remarks)


# --- weights ---


@pytest.mark.parametrize(
    ("cell", "grams"),
    [
        (8.4, 8400),
        ("8,4", 8400),
        ("8.45", 8450),
        ("8,4 N", 8400),
        ("8,4 kg", 8400),
        ("8400 g", 8400),
        (10.3, 10300),
        (8, 8000),
    ],
)
def test_weights_in_kilograms(cell, grams):
    row = read(Berat=cell)
    assert (row.weight_g, row.remarks) == (grams, ())


@pytest.mark.parametrize("cell", [8400, "8400", 8400.0])
def test_a_weight_that_can_only_be_grams_is_read_so_and_said(cell):
    row = read(Berat=cell)
    assert row.weight_g == 8400
    assert codes(row) == ["grams"]
    assert "8,4 kg" in row.remarks[0].text


@pytest.mark.parametrize("cell", [840, 105, 8400.5, 84000, 1_000_000])
def test_a_weight_above_100_that_may_mean_something_else_is_not_guessed(cell):
    row = read(Berat=cell)
    assert row.weight_g is None
    assert codes(row) == ["doubtful_unit"]
    assert row.length_mm == 712, "the other values of the row are taken"


@pytest.mark.parametrize("sex", list(Sex))
def test_at_no_age_can_a_figure_mean_both_grams_and_a_lost_comma(sex):
    for age in range(0, 1827, 7):
        sound = [grams for grams in range(500, 40_000, 100) if not flagged(sex, age, grams)]
        assert max(sound) < 10 * min(sound)


def flagged(sex: Sex, age: int, grams: int) -> bool:
    score = assess(sex, age, weight_g=grams).weight_for_age
    assert score is not None
    return score.flagged


def test_grams_are_not_guessed_without_an_age():
    assert read(Berat=8400, Tgl_Lahir="-").weight_g is None


def test_a_column_headed_gram_is_in_grams():
    header = ["Berat (gram)" if name == "Berat" else name for name in NEWER]
    layout = recognise(header)
    assert layout is not None
    values = line(NEWER, Berat=8400)
    row = parse_row(values, layout, "x", 2)
    assert row is not None
    assert (row.weight_g, row.remarks) == (8400, ())


@pytest.mark.parametrize("cell", [0, "0", "0,0", -8.4, 0.05, 99.0])
def test_a_weight_that_nobody_has_is_left_out(cell):
    row = read(Berat=cell)
    assert row.weight_g is None
    assert codes(row) == ["out_of_range"]


@pytest.mark.parametrize("cell", ["sakit", "8,4,2", "8 cm", date(2026, 4, 8), True])
def test_a_weight_that_is_no_number_is_left_out(cell):
    row = read(Berat=cell)
    assert row.weight_g is None
    assert codes(row) == ["unreadable"]


@pytest.mark.parametrize(("cell", "grams"), [(3.1, 3100), ("3,1", 3100), ("3100 gram", 3100), (10, 7000 + 1)])
def test_birth_weight_in_kilograms_or_with_its_unit(cell, grams):
    row = read(BB_Lahir=cell)
    if grams > 7000:
        assert (row.birth_weight_g, codes(row)) == (None, ["out_of_range"])
    else:
        assert (row.birth_weight_g, row.remarks) == (grams, ())


@pytest.mark.parametrize("cell", [3100, "3100", 31, 10.5])
def test_a_birth_weight_above_10_is_asked_about_and_never_converted(cell):
    row = read(BB_Lahir=cell)
    assert row.birth_weight_g is None
    assert codes(row) == ["doubtful_unit"]
    assert "kg atau gram" in row.remarks[0].text


# --- lengths, position, oedema ---


@pytest.mark.parametrize(
    ("cell", "mm"), [(85.2, 852), ("85,2", 852), ("852 mm", 852), (85.25, 853), ("85", 850)]
)
def test_lengths_in_centimetres(cell, mm):
    assert read(Tinggi=cell).length_mm == mm


@pytest.mark.parametrize("cell", [0, 8.52, 852, -85, 1e8])
def test_a_length_that_nobody_has_is_left_out(cell):
    row = read(Tinggi=cell)
    assert (row.length_mm, codes(row)) == (None, ["out_of_range"])


@pytest.mark.parametrize(
    ("word", "position"),
    [
        ("Terlentang", Position.LYING),
        ("TELENTANG", Position.LYING),
        ("berdiri", Position.STANDING),
        ("-", None),
    ],
)
def test_how_it_was_measured(word, position):
    assert read(Cara_Ukur=word).position is position


def test_an_unknown_way_of_measuring_is_said():
    row = read(Cara_Ukur="duduk")
    assert (row.position, codes(row)) == (None, ["unreadable"])


# --- state, sex, dates, parents ---


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("PINDAH RUMAH", ChildState.MOVED),
        ("pindah", ChildState.MOVED),
        ("MENINGGAL", ChildState.DEAD),
        ("Lulus", ChildState.GRADUATED),
    ],
)
def test_a_word_of_state_in_a_number_cell_is_a_state_and_never_a_number(word, state):
    row = read(Berat=word, Tinggi=word, LiLA=word)
    assert (row.state, row.weight_g, row.length_mm, row.muac_mm) == (state, None, None, None)
    assert (row.remarks, row.measured) == ((), False)


@pytest.mark.parametrize("word", ["L", "l", "Laki-laki", "LK", "LAKI LAKI"])
def test_boys(word):
    assert read(JK=word).sex is Sex.MALE


@pytest.mark.parametrize("word", ["P", "Perempuan", "pr"])
def test_girls(word):
    assert read(JK=word).sex is Sex.FEMALE


def test_an_unknown_sex_makes_the_row_a_problem_that_names_the_column():
    row = read(JK="X")
    assert row.problem is not None
    assert "JK" in row.problem


@pytest.mark.parametrize("column", ["Tgl_Lahir", "Tanggal_Pengukuran"])
def test_an_unreadable_date_makes_the_row_a_problem_that_names_the_column(column):
    row = read(**{column: "31/02/2026"})
    assert row.problem is not None
    assert column.replace("_", " ") in row.problem
    assert "31/02/2026" in row.problem


@pytest.mark.parametrize("name", ["", "-", "12345", "***", "A" * 101])
def test_a_row_without_a_name_is_a_problem(name):
    row = read(Nama=name)
    assert row.name == ""
    assert row.problem is not None
    assert "Nama" in row.problem


@pytest.mark.parametrize(
    ("cell", "father", "mother"),
    [
        ("UJANG PERMANA / NENG SUMIATI", "Ujang Permana", "Neng Sumiati"),
        ("UJANG/NENG", "Ujang", "Neng"),
        ("UJANG / -", "Ujang", None),
        ("- / NENG", None, "Neng"),
        ("/", None, None),
        ("-", None, None),
    ],
)
def test_parents_stand_as_father_and_mother(cell, father, mother):
    row = read(Nama_Ortu=cell)
    assert (row.father_name, row.mother_name, row.remarks) == (father, mother, ())


def test_a_single_parent_is_taken_for_the_mother_and_said():
    row = read(Nama_Ortu="NENG SUMIATI")
    assert (row.father_name, row.mother_name) == (None, "Neng Sumiati")
    assert codes(row) == ["one_parent"]


def test_a_header_that_puts_the_mother_first_is_believed():
    layout = recognise(["NIK", "Nama Anak", "Nama Orang Tua (Ibu/Ayah)", "Berat (kg)"])
    assert layout is not None
    row = parse_row(["-", "SITI", "NENG / UJANG", 8.4], layout, "x", 2)
    assert row is not None
    assert (row.mother_name, row.father_name) == ("Neng", "Ujang")


def test_ages_labels_and_letters_of_the_file_go_nowhere():
    plain, labelled = (
        read(),
        read(Usia_Saat_Ukur="9 Tahun - 9 Bulan - 9 Hari", BBU="Outlier", Naik_Berat_Badan="T"),
    )
    assert plain == labelled


def test_a_formula_as_a_name_is_text_like_any_other():
    assert read(Nama="=Hyperlink(A1)").name == "=Hyperlink(A1)"


cell = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40), st.dates(), st.datetimes()
)


@example([None, -100000000000001.0])
@given(st.lists(cell, max_size=40))
def test_no_row_breaks_the_reader_and_every_value_is_in_range(values):
    layout = recognise(NEWER)
    assert layout is not None
    row = parse_row(values, layout, "x", 2)
    if row is None:
        return
    assert row.nik is None or (len(row.nik) == 16 and row.nik.isascii() and row.nik.isdigit())
    assert row.weight_g is None or 200 <= row.weight_g <= 60_000
    assert row.length_mm is None or 200 <= row.length_mm <= 1600
    assert row.birth_weight_g is None or 300 <= row.birth_weight_g <= 7000
    assert row.name or row.problem


def test_signs_that_nobody_sees_are_left_out_of_names_and_said():
    row = read(Nama="\u2068SITI\u2069 AMI\u202eNAH\n", Nama_Ortu="ASEP / RINA\u200e")
    assert (row.name, row.father_name, row.mother_name) == ("Siti Aminah", "Asep", "Rina")
    assert codes(row) == ["hidden_signs"] * 2
    assert row.problem is None
