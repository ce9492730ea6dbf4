"""A data file that cannot be used any more: a backup takes its place, and nothing is thrown away."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from posyandu_app import cli
from posyandu_app.domain.clock import SystemClock
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Role, Sex
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, registration, restoring
from posyandu_app.services.registration import ChildInput
from posyandu_app.storage import backup
from tests.district.server import POSYANDU

PASSWORD = "kata sandi uji"


@pytest.fixture
def folder(tmp_path):
    """A laptop with two children, one of whom was registered after the last backup."""
    folder = DataFolder(tmp_path / "laptop")
    setup = accounts.Setup(POSYANDU, "Melati 1", "Wati", "Wati", Role.KADER, PASSWORD)
    ws = accounts.set_up(folder, setup, SystemClock(), cheap=True)
    register(ws, "Anak Lama")
    backup.make(ws.database, backup.DAILY)
    register(ws, "Anak Baru")
    ws.close()
    return folder


def register(ws, name: str) -> None:
    fields = ChildInput(name, Sex.FEMALE, date(2025, 1, 5), mother_name="Ibu Uji")
    registration.register(ws, fields)


def opened(folder: DataFolder):
    return accounts.unlock(folder, "Wati", PASSWORD, SystemClock())


def names(folder: DataFolder) -> set[str]:
    ws = opened(folder)
    found = {name for (name,) in ws.database.rows("SELECT name FROM child")}
    ws.close()
    return found


def damage(folder: DataFolder) -> bytes:
    content = bytearray(folder.database.read_bytes())
    content[100:5000] = bytes(4900)
    folder.database.write_bytes(content)
    return bytes(content)


def test_the_newest_backup_takes_the_place_of_a_damaged_file_which_is_kept(folder):
    damaged = damage(folder)
    with pytest.raises(UserError) as told:
        opened(folder)
    assert told.value.code == "database_damaged"
    done = restoring.restore(folder, "Wati", PASSWORD)
    assert names(folder) == {"Anak Lama"}
    assert done.replaced is not None
    assert done.replaced.read_bytes() == damaged
    assert done.replaced not in restoring.backups(folder)


def test_a_newer_backup_that_is_not_sound_is_passed_over(folder):
    (sound,) = restoring.backups(folder)
    newer = sound.with_name("posyandu-20991231T000000-harian.db")
    newer.write_bytes(sound.read_bytes()[:-3000] + bytes(3000))
    assert restoring.backups(folder) == [newer, sound]
    assert restoring.restore(folder, "Wati", PASSWORD).backup == sound


def test_without_any_backup_it_says_so(folder):
    for path in restoring.backups(folder):
        path.unlink()
    with pytest.raises(UserError) as told:
        restoring.restore(folder, "Wati", PASSWORD)
    assert told.value.code == "no_backup"
    assert names(folder) == {"Anak Lama", "Anak Baru"}


def test_a_wal_that_was_left_does_not_come_into_the_backup(folder):
    """A power cut leaves one; it belongs to the file that is replaced, and goes with it."""
    code = (
        "import os, sys; from tests.services.test_restoring import opened, register, DataFolder, Path;"
        "ws = opened(DataFolder(Path(sys.argv[1]))); register(ws, 'Anak Terakhir'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(folder.root)], check=True, timeout=60)
    wal = Path(f"{folder.database}-wal")
    left = wal.read_bytes()
    assert left
    done = restoring.restore(folder, "Wati", PASSWORD)
    assert not wal.exists() or not wal.stat().st_size
    assert names(folder) == {"Anak Lama"}
    assert done.replaced is not None
    assert Path(f"{done.replaced}-wal").read_bytes() == left
    again = restoring.restore(folder, "Wati", PASSWORD, done.replaced)
    assert names(folder) == {"Anak Lama", "Anak Baru", "Anak Terakhir"}
    assert again.replaced != done.replaced


@pytest.mark.parametrize("chosen", ["damaged", "foreign", "none"])
def test_what_is_no_sound_backup_changes_nothing(folder, tmp_path, chosen):
    (copy,) = restoring.backups(folder)
    wanted = tmp_path / "pilihan.db"
    if chosen == "damaged":
        wanted.write_bytes(copy.read_bytes()[:-3000] + bytes(3000))
    elif chosen == "foreign":
        wanted.write_bytes(os.urandom(40_960))
    before = folder.database.read_bytes()
    with pytest.raises(UserError) as told:
        restoring.restore(folder, "Wati", PASSWORD, wanted)
    assert told.value.code == ("no_backup" if chosen == "none" else "backup_damaged")
    assert folder.database.read_bytes() == before
    assert names(folder) == {"Anak Lama", "Anak Baru"}


def test_a_wrong_password_and_an_open_program_change_nothing(folder):
    with pytest.raises(UserError):
        restoring.restore(folder, "Wati", "bukan kata sandinya")
    code = (
        "import sys; from tests.services.test_restoring import opened, DataFolder, Path;"
        "ws = opened(DataFolder(Path(sys.argv[1]))); print('open', flush=True); sys.stdin.read()"
    )
    words = [sys.executable, "-c", code, str(folder.root)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdin is not None
        assert program.stdout.readline() == "open\n"
        with pytest.raises(UserError) as told:
            restoring.restore(folder, "Wati", PASSWORD)
        program.stdin.close()
    assert told.value.code == "database_busy"
    assert names(folder) == {"Anak Lama", "Anak Baru"}


def test_what_a_backup_has_replaced_goes_with_the_old_backups(folder):
    """No copy holds what had to be forgotten."""
    done = restoring.restore(folder, "Wati", PASSWORD)
    ws = opened(folder)
    backup.renew(ws.database, ws.clock.now())
    ws.close()
    assert done.replaced is not None
    assert not done.replaced.exists()


def test_on_the_command_line(folder, monkeypatch, capsys):
    monkeypatch.setenv("POSYANDU_PASSWORD", PASSWORD)
    assert cli.main(["restore", "--list", "--data", str(folder.root)]) == 0
    (name,) = capsys.readouterr().out.split()
    damage(folder)
    assert cli.main(["restore", name, "--data", str(folder.root)]) == 0
    told = capsys.readouterr().out
    assert name in told
    assert "diganti" in told
    assert names(folder) == {"Anak Lama"}
    assert cli.main(["restore", "tidak-ada.db", "--data", str(folder.root)]) == 2
