"""`posyandu growth` as scripts and people call it: real process, real files, exit codes."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TITLES = "sex,age_days,weight_kg,lenhei_cm,measure,headc_cm,oedema"
GIRL = "F,905,9.03,84.5,l,45.8,n"
SHORT = "sex,age_days,weight_kg\nF,905,9.03\n"


def posyandu(*arguments, stdin=b"", cwd=None):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-m", "posyandu_app", "growth", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env=environment,
        timeout=60,
        check=False,
    )


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "anak.csv"
    path.write_text(f"{TITLES}\n{GIRL}\n")
    return path


def left_over(folder):
    return sorted(path.name for path in folder.iterdir())


def test_results_go_into_the_named_file(table, tmp_path):
    out = tmp_path / "hasil.csv"
    ran = posyandu(table, "-o", out)
    assert ran.returncode == 0
    assert ran.stdout == b""
    with out.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["zwei"] == "-2.83"
    assert row["kategori_bb_u"] == "Berat badan kurang"
    assert "Selesai: 1 baris dihitung, 0 sel atau baris tidak terbaca." in ran.stderr.decode()
    assert left_over(tmp_path) == ["anak.csv", "hasil.csv"]


@pytest.mark.parametrize("to_stdout", [[], ["-o", "-"]])
def test_without_a_name_results_are_printed_and_nothing_else_is(table, to_stdout):
    ran = posyandu(table, *to_stdout)
    assert ran.returncode == 0
    assert ran.stdout.decode().startswith(f"{TITLES},clenhei,")
    assert ran.stdout.decode().count("\n") == 2


def test_the_table_may_come_through_a_pipe():
    ran = posyandu("-", stdin=SHORT.encode())
    assert ran.returncode == 0
    assert b",-2.83,0," in ran.stdout


def test_bad_cells_give_exit_code_1_and_all_the_rest(table, tmp_path):
    table.write_text(f"{TITLES}\nF,905,berat,84.5,l,45.8,n\n{GIRL}\n")
    out = tmp_path / "hasil.csv"
    ran = posyandu(table, "-o", out)
    assert ran.returncode == 1
    said = ran.stderr.decode().splitlines()
    assert said[0].startswith("Baris 2, kolom weight_kg: bukan angka.")
    assert said[1] == "Selesai: 2 baris dihitung, 1 sel atau baris tidak terbaca."
    assert out.read_text().count("\n") == 3


def test_children_too_old_or_too_young_to_stand_are_counted_in_a_sentence(table):
    table.write_text(f"{TITLES}\nF,1900,18,110,h,,\nF,100,6,60,h,,\n")
    ran = posyandu(table)
    assert ran.returncode == 0
    assert "1 anak berumur 60 bulan atau lebih" in ran.stderr.decode()
    assert '1 anak di bawah 9 bulan tercatat "berdiri"' in ran.stderr.decode()


def test_a_missing_file_gives_exit_code_2_and_its_name(tmp_path):
    ran = posyandu(tmp_path / "tidak-ada.csv", "-o", tmp_path / "hasil.csv")
    assert ran.returncode == 2
    assert "tidak-ada.csv" in ran.stderr.decode()
    assert "tidak ditemukan" in ran.stderr.decode()
    assert left_over(tmp_path) == []


def test_a_folder_instead_of_a_file_gives_exit_code_2(tmp_path):
    ran = posyandu(tmp_path)
    assert ran.returncode == 2
    assert "adalah folder, bukan berkas" in ran.stderr.decode()
    assert "Traceback" not in ran.stderr.decode()


@pytest.mark.parametrize("content", [b"", b"nama,alamat\nSiti,Cilembu\n", b"\x00\x01\x02", b"PK\x03\x04"])
def test_what_cannot_be_used_gives_exit_code_2_and_leaves_an_older_result_alone(table, tmp_path, content):
    table.write_bytes(content)
    out = tmp_path / "hasil.csv"
    out.write_text("hasil lama")
    ran = posyandu(table, "-o", out)
    assert ran.returncode == 2
    assert ran.stderr.decode().count("\n") == 1
    assert out.read_text() == "hasil lama"
    assert left_over(tmp_path) == ["anak.csv", "hasil.csv"]


def test_an_older_result_is_replaced(table, tmp_path):
    out = tmp_path / "hasil.csv"
    out.write_text("hasil lama")
    assert posyandu(table, "-o", out).returncode == 0
    assert out.read_text().startswith(TITLES)


def test_the_input_is_never_overwritten(table, tmp_path):
    before = table.read_bytes()
    (tmp_path / "sub").mkdir()
    (tmp_path / "nama-lain.csv").symlink_to(table)
    for name in (table, "anak.csv", tmp_path / "sub" / ".." / "anak.csv", tmp_path / "nama-lain.csv"):
        ran = posyandu(table, "-o", name, cwd=tmp_path)
        assert ran.returncode == 2
        assert "sama dengan berkas asal" in ran.stderr.decode()
        assert table.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "why"),
    [("folder-hilang/hasil.csv", "tidak ditemukan"), ("x" * 300 + ".csv", "tidak dapat dibaca atau ditulis")],
)
def test_a_place_that_cannot_be_written_is_named_and_gives_exit_code_2(table, tmp_path, name, why):
    ran = posyandu(table, "-o", tmp_path / name)
    assert ran.returncode == 2
    assert ran.stderr.decode().startswith(f'"{tmp_path / name}" {why}')
    assert left_over(tmp_path) == ["anak.csv"]


def test_a_folder_as_output_gives_exit_code_2(table, tmp_path):
    ran = posyandu(table, "-o", tmp_path)
    assert ran.returncode == 2
    assert "bukan berkas biasa" in ran.stderr.decode()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_gives_exit_code_2_and_one_sentence(table):
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "posyandu_app", "growth", str(table)],
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=60,
            check=False,
        )
    assert ran.returncode == 2
    assert "Disk penuh" in ran.stderr.decode()
    assert "Traceback" not in ran.stderr.decode()


def test_help_names_the_columns_and_the_exit_codes():
    ran = posyandu("--help")
    assert ran.returncode == 0
    for word in ("sex (jenis_kelamin)", "age_days", "lenhei_cm", "Kode keluar: 0"):
        assert word in ran.stdout.decode()


def test_help_loads_neither_numpy_nor_pandas():
    code = (
        "import sys\nfrom posyandu_app.cli import main\n"
        "try:\n    main(['growth', '--help'])\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('numpy', 'pandas') if name in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=True,
    )
    assert ran.stderr.strip() == "[]"
