"""`posyandu import eppgbm`: what is printed, what is written, and the exit codes that scripts use."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from posyandu_app import cli, i18n
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Role
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts
from posyandu_app.storage import children, measurements
from tests.eppgbm_files import NEWER, SAMPLES, export, line, write

PASSWORD = "rahasia-sekali"
OLDER_SAMPLE = str(SAMPLES / "eppgbm_cilembu_older.xlsx")


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    root = tmp_path / "laptop"
    setup = accounts.Setup("32.11.13.2005.001", "Melati 1", "Neng Ayu", "neng", Role.KADER, PASSWORD)
    clock = FixedClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
    ws = accounts.set_up(DataFolder(root), setup, clock, cheap=True)
    accounts.announce(ws)
    ws.close()
    monkeypatch.setenv("POSYANDU_PASSWORD", PASSWORD)
    monkeypatch.setattr("posyandu_app.domain.clock.SystemClock", lambda: clock)
    return root


def run(folder: Path, *words: str) -> int:
    return cli.main(["import", "eppgbm", *words, "--data", str(folder)])


def counted(folder: Path) -> tuple[int, int]:
    ws = accounts.unlock(
        DataFolder(folder), "neng", PASSWORD, FixedClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
    )
    try:
        found = children.in_scope(ws.database, "32.11.13.2005.001")
        visits = measurements.of_children(ws.database, [child.id for child in found])
        return len(found), sum(map(len, visits.values()))
    finally:
        ws.close()


def test_a_trial_prints_totals_and_reasons_and_writes_nothing(folder, capsys):
    assert run(folder, OLDER_SAMPLE, "--dry-run") == 0
    told = capsys.readouterr()
    lines = {" ".join(row.split()) for row in told.out.splitlines()}
    assert lines >= {
        "Uji coba impor eppgbm_cilembu_older.xlsx",
        "Baris dibaca 539",
        "Anak baru 25",
        "Ukuran baru 151",
        "Baris dilewati 388",
        "Baris yang harus dilihat orang 0",
        "z-score berkas dibandingkan 453",
        "berbeda lebih dari 0,05 0",
        "MELATI 1 151 32.11.13.2005.001",
        "MAWAR 128 tidak diambil",
        "Belum ada yang ditulis. Tanpa --dry-run semua ini disimpan.",
    }
    assert "142  Posyandu ANGGREK: tidak dipilih untuk diambil. (baris 4, 5, 6," in told.out
    assert told.err == ""
    assert counted(folder) == (0, 0)


def test_all_posyandu_are_taken_in_and_a_second_time_nothing_is_new(folder, capsys):
    assert run(folder, OLDER_SAMPLE, "--all-posyandu") == 0
    assert "Tersimpan di laptop ini." in capsys.readouterr().out
    assert counted(folder) == (90, 539)
    assert run(folder, OLDER_SAMPLE, "--all-posyandu") == 0
    assert "Tidak ada yang baru" in capsys.readouterr().out
    assert counted(folder) == (90, 539)


def test_named_posyandu_are_taken_in(folder):
    assert run(folder, OLDER_SAMPLE, "--posyandu", "Melati 2", "mawar") == 0
    assert counted(folder)[1] == 118 + 128


def test_json_is_for_scripts(folder, capsys):
    assert run(folder, OLDER_SAMPLE, "--all-posyandu", "--dry-run", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["dry_run"] is True
    assert told["written"] == 0
    assert told["counts"]["children_created"] == 90
    assert told["counts"]["outcomes"] == {"create": 539, "match": 0, "skip": 0, "problem": 0}
    assert told["counts"]["z_differing"] == 0
    assert len(told["rows"]) == 539
    assert told["rows"][0]["row"] == 4
    assert told["rows"][0]["code"] == "child"
    assert run(folder, OLDER_SAMPLE, "--all-posyandu", "--json") == 0
    assert json.loads(capsys.readouterr().out)["written"] == 629


def test_rows_for_a_person_make_the_exit_code_1_and_the_others_are_done(folder, capsys, tmp_path):
    rows = [line(), line(Nama="DEWI", NIK="-", JK="?"), line(Nama="RINA", NIK="-", Berat="sakit", ZS_TBU=3.5)]
    assert run(folder, str(export(tmp_path / "a.xlsx", *rows))) == 1
    out = capsys.readouterr().out
    assert "Harus dilihat orang, tidak diambil:" in out
    assert "JK “?” tidak dikenal. Tulis L atau P. (baris 3)" in out
    assert "Berat “sakit” bukan angka, tidak diambil. (baris 4)" in out
    assert "ZS TB/U berkas 3,50, dihitung ulang" in out
    assert counted(folder) == (2, 2)


def test_other_values_on_the_same_date_are_named_by_field(folder, capsys, tmp_path):
    assert run(folder, str(export(tmp_path / "a.xlsx", line()))) == 0
    assert run(folder, str(export(tmp_path / "b.xlsx", line(Berat=8.6)))) == 1
    assert "Di berkas lain, yang di sini tetap: berat. (baris 2)" in capsys.readouterr().out


def test_rows_of_several_sheets_are_named_with_their_sheet(folder, capsys, tmp_path):
    import xlsxwriter

    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    for name in ("Mei", "Juni"):
        page = book.add_worksheet(name)
        page.write_row(0, 0, NEWER)
        page.write_row(1, 0, line(JK="?"))
    book.close()
    assert run(folder, str(tmp_path / "a.xlsx")) == 1
    assert "(baris Mei!2, Juni!2)" in capsys.readouterr().out


def test_notes_tell_what_was_not_read(folder, capsys, tmp_path):
    path = write(tmp_path / "a.xlsx", [[*NEWER, "Status Bulan"], line()], first="Petunjuk")
    assert run(folder, str(path), "--dry-run") == 0
    out = capsys.readouterr().out
    assert "Lembar “Petunjuk” tidak dibaca" in out
    assert "Kolom yang tidak dikenal diabaikan: Status Bulan." in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["tidak-ada.xlsx"], "Berkas tidak ditemukan"),
        ([OLDER_SAMPLE, "--posyandu", "Tulip"], "Tulip tidak ada di berkas"),
        ([OLDER_SAMPLE, "--user", "siapa"], "--user"),
    ],
)
def test_what_cannot_run_ends_in_one_sentence_and_exit_code_2(folder, capsys, words, told):
    assert run(folder, *words) == 2
    captured = capsys.readouterr()
    assert told in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_a_laptop_that_was_not_set_up_says_so(tmp_path, capsys):
    assert run(tmp_path / "kosong", OLDER_SAMPLE) == 2
    assert "belum disiapkan" in capsys.readouterr().err
    assert not (tmp_path / "kosong").exists()


def test_a_wrong_password_is_refused(folder, capsys, monkeypatch):
    monkeypatch.setenv("POSYANDU_PASSWORD", "salah-sekali")
    assert run(folder, OLDER_SAMPLE) == 2
    assert "Kata sandi salah" in capsys.readouterr().err


def test_the_password_may_come_on_standard_input(folder, monkeypatch):
    monkeypatch.delenv("POSYANDU_PASSWORD")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert run(folder, OLDER_SAMPLE) == 0
    assert counted(folder) == (25, 151)


def test_one_of_several_users_must_be_named(folder, capsys):
    clock = FixedClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
    ws = accounts.unlock(DataFolder(folder), "neng", PASSWORD, clock)
    accounts.add_user(ws, "iis", "Iis Rohaeni", Role.KADER, PASSWORD, cheap=True)
    ws.close()
    assert run(folder, OLDER_SAMPLE, "--dry-run") == 2
    assert "iis" in capsys.readouterr().err
    assert run(folder, OLDER_SAMPLE, "--dry-run", "--user", "iis") == 0


def test_no_name_and_no_nik_is_printed(folder, capsys):
    run(folder, OLDER_SAMPLE, "--all-posyandu", "--json")
    told = capsys.readouterr().out
    assert "Aisyah" not in told
    assert "AISYAH" not in told
    assert "3211132106230001" not in told


def test_in_english_too(folder, capsys):
    i18n.set_language("en")
    assert run(folder, OLDER_SAMPLE, "--dry-run") == 0
    out = capsys.readouterr().out
    assert "Trial import of eppgbm_cilembu_older.xlsx" in out
    assert "Anak" not in out


def test_what_the_program_notes_goes_into_the_diary_not_between_the_sentences(folder, monkeypatch, capsys):
    import logging

    from posyandu_app.commands import import_, unlocking

    def noting(args):
        with unlocking.unlocked(args):
            logging.getLogger("posyandu_app.sync.engine").warning("sync incident: new_epoch")
        return 0

    monkeypatch.setattr(import_, "run", noting)
    assert run(folder, "x.csv") == 0
    assert capsys.readouterr().err == ""
    assert "sync incident: new_epoch" in (folder / "logs" / "posyandu.log").read_text(encoding="utf-8")
