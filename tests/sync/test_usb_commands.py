"""`posyandu usb` and `posyandu district usb`: what is printed, and the exit codes for scripts."""

import json
import shutil
from datetime import date

import pytest

from posyandu_app import cli
from posyandu_app.district import admin
from posyandu_app.domain.clock import SystemClock
from posyandu_app.domain.model import Role, Sex
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, registration
from posyandu_app.sync.enrolment import enrol
from tests.district.server import POSYANDU, VILLAGE, Wire

ON_SQLITE_ALONE = "the command line opens the folder's own database"

PASSWORD = "kata sandi uji"


@pytest.fixture
def laptop(tmp_path, server, monkeypatch):
    """Makes laptops that somebody has set up and enrolled."""
    monkeypatch.setenv("POSYANDU_PASSWORD", PASSWORD)
    server.time.now = SystemClock().ms()

    def make(name: str, scope: str, role: Role, joined: bool = True):
        folder = tmp_path / name
        setup = accounts.Setup(scope, "Melati 1", name, name, role, PASSWORD)
        ws = accounts.set_up(DataFolder(folder), setup, SystemClock(), cheap=True)
        if joined:
            enrol(ws.database, Wire(server.desk), server.code(scope), f"Laptop {name}")
        ws.close()
        return folder

    return make


@pytest.fixture
def stick(tmp_path):
    root = tmp_path / "flashdisk"
    root.mkdir()
    return root


def posyandu(*words: object) -> int:
    try:
        return cli.main([str(word) for word in words])
    except SystemExit as ended:
        return int(ended.code or 0)


def test_there_and_back_from_the_command_line(laptop, server, stick, capsys):
    kader = laptop("wati", POSYANDU, Role.KADER)
    assert posyandu("usb", "export", stick, "--data", kader) == 0
    assert capsys.readouterr().out == (
        "2 data tersalin ke flashdisk. Bawa ke Dinas; data tetap ada di laptop ini.\n"
    )
    assert posyandu("district", "usb", stick, "--data", server.district.folder) == 0
    assert capsys.readouterr().out == f"Laptop wati ({POSYANDU}): 2 data diterima, 2 berkas balasan.\n"
    assert posyandu("usb", "import", stick, "--data", kader) == 0
    assert capsys.readouterr().out == "Dari Dinas: 2 data laptop ini diterima, 0 data baru masuk.\n"
    assert posyandu("usb", "import", stick, "--data", kader) == 0
    assert capsys.readouterr().out == "Tidak ada kiriman untuk laptop ini di flashdisk ini.\n"


def test_scripts_read_json(laptop, server, stick, capsys):
    bidan = laptop("siti", VILLAGE, Role.BIDAN)
    kader = laptop("wati", POSYANDU, Role.KADER)
    assert posyandu("usb", "export", stick, "--data", bidan, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["operations"], told["files"], told["handed"]) == (1, 1, [])
    assert posyandu("usb", "export", stick, "--data", kader, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["handed"] == [{"who": "bidan 32.11.13.2005", "operations": 2}]
    assert posyandu("usb", "import", stick, "--data", bidan, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["handed"] == [{"who": "kader 32.11.13.2005.001", "operations": 2}]
    assert (told["sent"], told["received"], told["replies"], told["waiting"]) == (0, 0, 0, 0)
    assert posyandu("district", "usb", stick, "--data", server.district.folder, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert sorted(served["operations"] for served in told["laptops"]) == [1, 2]
    assert {key for served in told["laptops"] for key in served} == {
        "device",
        "name",
        "scope",
        "operations",
        "statuses",
        "replies",
        "more",
    }
    assert (told["foreign"], told["problems"]) == (0, [])


def test_a_damaged_file_ends_in_1_on_either_side(laptop, server, stick, capsys):
    kader = laptop("wati", POSYANDU, Role.KADER)
    posyandu("usb", "export", stick, "--data", kader)
    [request] = (stick / "outbox").iterdir()
    whole = request.read_bytes()
    request.write_bytes(whole[:-7])
    capsys.readouterr()
    assert posyandu("district", "usb", stick, "--data", server.district.folder) == 1
    assert "rusak atau terpotong" in capsys.readouterr().out
    request.write_bytes(whole)
    posyandu("district", "usb", stick, "--data", server.district.folder)
    for reply in (stick / "inbox").iterdir():
        reply.write_bytes(b"")
    capsys.readouterr()
    assert posyandu("usb", "import", stick, "--data", kader, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert [problem["word"] for problem in told["problems"]] == ["damaged", "damaged"]


@pytest.fixture
def carried(stick, server):
    """There and back: copied to the stick, read at the Dinas, its reply read here; gives the exit code."""

    def carry(folder, *more: str) -> int:
        assert posyandu("usb", "export", stick, "--data", folder) == 0
        assert posyandu("district", "usb", stick, "--data", server.district.folder) in (0, 1)
        return posyandu("usb", "import", stick, "--data", folder, *more)

    return carry


def deed(folder) -> None:
    ws = accounts.unlock(DataFolder(folder), folder.name, PASSWORD, SystemClock())
    child = registration.ChildInput("Anak Uji", Sex.FEMALE, date(2025, 1, 5), mother_name="Ibu")
    registration.register(ws, child)
    ws.close()


def test_a_copied_laptop_is_told_to_copy_again_and_then_all_is_well(laptop, carried, capsys, tmp_path):
    kader = laptop("wati", POSYANDU, Role.KADER)
    assert carried(kader) == 0
    twin = tmp_path / "salinan" / "wati"
    shutil.copytree(kader, twin)
    for folder in (kader, twin):
        deed(folder)
    assert carried(kader) == 0
    capsys.readouterr()
    assert carried(twin, "--json") == 1
    shown = capsys.readouterr()
    told = json.loads(shown.out.splitlines()[-1])
    assert "forked" in told["incidents"]
    assert "Sudah dirapikan; tidak ada yang hilang." in told["message"]
    assert shown.err.strip() == "1 data perlu disalin ke flashdisk lagi untuk Dinas."
    assert carried(twin) == 0
    assert capsys.readouterr().err == ""


def test_sums_that_differed_are_told_and_end_in_0_once_they_agree(laptop, carried, capsys):
    kader = laptop("wati", POSYANDU, Role.KADER)
    assert carried(kader) == 0
    ws = accounts.unlock(DataFolder(kader), "wati", PASSWORD, SystemClock())
    with ws.database.atomic():
        ws.database.run("UPDATE log SET ss = NULL WHERE seq = 1")
        ws.database.run("UPDATE peer SET log_count = log_count - 1")
    ws.close()
    capsys.readouterr()
    assert carried(kader) == 1
    assert "belum sama; dicocokkan lagi pada sinkronisasi berikutnya" in capsys.readouterr().err
    assert carried(kader) == 0
    assert capsys.readouterr().err == ""


def test_a_recount_on_a_stick_ends_in_0_with_a_sentence(laptop, carried, capsys):
    kader = laptop("wati", POSYANDU, Role.KADER)
    assert carried(kader) == 0
    ws = accounts.unlock(DataFolder(kader), "wati", PASSWORD, SystemClock())
    with ws.database.atomic():
        ws.database.run("UPDATE peer SET log_count = log_count - 1")
    ws.close()
    capsys.readouterr()
    assert carried(kader) == 0
    assert "sempat berbeda; sudah dicocokkan" in capsys.readouterr().err


def test_a_laptop_whose_leave_was_taken_ends_in_1(laptop, carried, server, capsys):
    kader = laptop("wati", POSYANDU, Role.KADER)
    assert carried(kader) == 0
    (device,) = admin.devices(server.store)
    admin.revoke(server.store, device.id)
    assert carried(kader) == 1
    assert "Dinas sudah mencabut izin laptop ini." in capsys.readouterr().out


def test_a_stick_that_is_in_the_way_ends_in_1(laptop, stick, capsys):
    kader = laptop("wati", POSYANDU, Role.KADER)
    (stick / "outbox").write_text("bukan folder")
    assert posyandu("usb", "export", stick, "--data", kader) == 1
    assert "bukan folder biasa" in capsys.readouterr().err


@pytest.mark.parametrize("action", ["export", "import"])
def test_what_cannot_run_ends_in_2(laptop, stick, capsys, action):
    kader = laptop("wati", POSYANDU, Role.KADER, joined=False)
    assert posyandu("usb", action, stick / "tidak ada", "--data", kader) == 2
    assert "tidak ditemukan" in capsys.readouterr().err
    assert posyandu("usb", action, stick, "--data", kader) == 2
    assert "belum didaftarkan ke Dinas" in capsys.readouterr().err
    assert posyandu("usb", action, stick, "--data", stick / "kosong") == 2
    assert "belum disiapkan" in capsys.readouterr().err
    assert posyandu("usb", action) == 2
    assert posyandu("usb") == 2
    assert list(stick.iterdir()) == []


def test_a_server_that_is_not_there_ends_in_2(stick, tmp_path, capsys):
    assert posyandu("district", "usb", stick, "--data", tmp_path / "bukan server") == 2
    assert "belum berisi server Dinas" in capsys.readouterr().err


def test_a_wrong_password_opens_nothing(laptop, stick, capsys, monkeypatch):
    kader = laptop("wati", POSYANDU, Role.KADER)
    monkeypatch.setenv("POSYANDU_PASSWORD", "salah sekali")
    assert posyandu("usb", "export", stick, "--data", kader) == 2
    assert list(stick.iterdir()) == []
    assert capsys.readouterr().err
