"""`posyandu enrol` and `posyandu sync`: what is printed, and the exit codes for scripts."""

import json
import shutil
from datetime import date

import pytest
from sqlalchemy import update

from posyandu_app import cli
from posyandu_app.district import schema
from posyandu_app.domain.clock import SystemClock
from posyandu_app.domain.derived_ids import posyandu_entity
from posyandu_app.domain.model import Role, Sex
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, registration
from posyandu_app.storage import backup, log
from tests.district.server import OTHER_POSYANDU, POSYANDU, listening
from tests.sync.test_http import answering, error, raw

ON_SQLITE_ALONE = "the laptop's command line"

PASSWORD = "kata sandi uji"


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A laptop that somebody has set up for the posyandu."""
    folder = tmp_path / "laptop"
    setup = accounts.Setup(POSYANDU, "Melati 1", "Wati", "Wati", Role.KADER, PASSWORD)
    accounts.set_up(DataFolder(folder), setup, SystemClock(), cheap=True).close()
    monkeypatch.setenv("POSYANDU_PASSWORD", PASSWORD)
    return folder


@pytest.fixture
def url(server):
    with listening(server.desk) as url:
        server.time.now = SystemClock().ms()
        yield url


def posyandu(*words: object) -> int:
    try:
        return cli.main([str(word) for word in words])
    except SystemExit as ended:
        return int(ended.code or 0)


def enrol(data, url, code, *more) -> int:
    return posyandu("enrol", url, code, "--name", "Laptop Melati 1", "--data", data, *more)


def test_a_laptop_joins_and_syncs(data, url, server, capsys):
    assert enrol(data, url, server.code(POSYANDU)) == 0
    assert capsys.readouterr().out == f"Laptop ini terdaftar untuk wilayah {POSYANDU}.\n"
    assert posyandu("sync", "--data", data) == 0
    assert capsys.readouterr().out.startswith("Semua data sudah diterima Dinas, ")
    assert set(server.status().statuses) == {"applied"}
    assert posyandu("sync", "--data", data, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["sent"], told["unsent"], told["link"], told["incidents"]) == (0, 0, "online", [])
    assert told["total"] == server.status().operations > 0


def test_what_had_been_sent_comes_again_after_a_backup_was_put_back(data, url, server, capsys):
    def register(name: str) -> None:
        laptop = accounts.unlock(DataFolder(data), "Wati", PASSWORD, SystemClock())
        fields = registration.ChildInput(name, Sex.FEMALE, date(2025, 1, 5), mother_name="Ibu Uji")
        registration.register(laptop, fields)
        laptop.close()

    enrol(data, url, server.code(POSYANDU))
    register("Anak Lama")
    assert posyandu("sync", "--data", data) == 0
    laptop = accounts.unlock(DataFolder(data), "Wati", PASSWORD, SystemClock())
    backup.make(laptop.database, backup.DAILY)
    laptop.close()
    register("Anak Baru")
    assert posyandu("sync", "--data", data) == 0
    DataFolder(data).database.write_bytes(bytes(20_000))
    assert posyandu("sync", "--data", data) != 0
    assert posyandu("restore", "--data", data) == 0
    assert posyandu("sync", "--data", data) == 0
    laptop = accounts.unlock(DataFolder(data), "Wati", PASSWORD, SystemClock())
    found = {name for (name,) in laptop.database.rows("SELECT name FROM child")}
    laptop.close()
    assert found == {"Anak Lama", "Anak Baru"}
    assert set(server.status().statuses) == {"applied"}


def test_a_laptop_that_has_not_joined_is_told(data, capsys):
    assert posyandu("sync", "--data", data) == 1
    shown = capsys.readouterr()
    assert "belum didaftarkan" in shown.err
    assert "data tersimpan di sini" in shown.out


def test_without_a_server_it_says_what_waits(data, url, server, capsys):
    enrol(data, url, server.code(POSYANDU))
    capsys.readouterr()
    laptop = accounts.unlock(DataFolder(data), "Wati", PASSWORD, SystemClock())
    laptop.database.conn.execute("UPDATE peer SET url = 'http://127.0.0.1:9'")
    laptop.close()
    assert posyandu("sync", "--data", data, "--json") == 1
    shown = capsys.readouterr()
    assert "tidak terjangkau" in shown.err
    told = json.loads(shown.out)
    assert told["link"] == "offline"
    assert told["unsent"] == told["total"] > 0


@pytest.mark.parametrize(("code", "said"), [("AAAA-AAAA-AAAA", "tidak dikenal"), ("BBBB", "tidak dikenal")])
def test_a_wrong_code_is_told(data, url, capsys, code, said):
    assert enrol(data, url, code) == 1
    assert said in capsys.readouterr().err


def test_after_too_many_wrong_codes_it_says_what_to_do(data, url, server, capsys):
    for _ in range(10):
        assert enrol(data, url, "AAAA-AAAA-AAAA") == 1
    capsys.readouterr()
    assert enrol(data, url, "AAAA-AAAA-AAAA") == 1
    said = capsys.readouterr().err
    assert said.startswith("Terlalu banyak kode salah dari sini. Cocokkan dulu kodenya")
    assert "sibuk" not in said
    assert enrol(data, url, server.code(POSYANDU)) == 0


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (raw(503, error("busy"), "Retry-After: 61"), "Tunggu 2 menit, lalu coba lagi dengan kode yang sama."),
        (b"", "Periksa alamat dan jaringan, lalu coba lagi dengan kode yang sama."),
    ],
)
def test_joining_is_not_tried_again_by_itself_and_says_so(data, url, server, capsys, answer, said):
    code = server.code(POSYANDU)
    with answering(answer) as elsewhere:
        assert enrol(data, elsewhere, code) == 1
    assert said in capsys.readouterr().err
    assert enrol(data, url, code) == 0


def test_a_code_for_another_area_is_told(data, url, server, capsys):
    assert enrol(data, url, server.code(OTHER_POSYANDU)) == 2
    assert OTHER_POSYANDU in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "said", "ends"),
    [
        ("http://posyandu.example.id", "https://", 1),
        ("bukan alamat", "Alamat server", 2),
        ("http://127.0.0.1:9", "tidak terjangkau", 1),
    ],
)
def test_a_bad_address_is_told(data, capsys, url, said, ends):
    assert enrol(data, url, "AAAA-AAAA-AAAA") == ends
    assert said in capsys.readouterr().err


def test_a_wrong_password_or_name_is_told(data, url, server, capsys, monkeypatch):
    assert enrol(data, url, server.code(POSYANDU), "--user", "Bukan Wati") == 2
    assert "Wati" in capsys.readouterr().err
    monkeypatch.setenv("POSYANDU_PASSWORD", "salah sama sekali")
    assert enrol(data, url, server.code(POSYANDU)) == 2
    assert capsys.readouterr().err
    assert server.status().devices == 0


def test_what_the_server_put_aside_ends_with_1(data, url, server, capsys):
    enrol(data, url, server.code(POSYANDU))
    laptop = accounts.unlock(DataFolder(data), "Wati", PASSWORD, SystemClock())
    new = log.NewOperation("rules.set", "8c1f0000-0000-4000-8000-000000000000", POSYANDU, {"x": {"v": 1}})
    log.append(laptop.database, [new], actor=laptop.user.id, clock=laptop.clock)
    laptop.close()
    capsys.readouterr()
    assert posyandu("sync", "--data", data) == 1
    assert capsys.readouterr().out.strip().endswith("; 1 perlu diperiksa")


@pytest.fixture
def joined(data, url, server, capsys):
    """A laptop of which the Dinas has everything; gives its folder."""
    enrol(data, url, server.code(POSYANDU))
    assert posyandu("sync", "--data", data) == 0
    capsys.readouterr()
    return data


def unlocked(folder):
    return accounts.unlock(DataFolder(folder), "Wati", PASSWORD, SystemClock())


def harmed(folder, *statements: str) -> None:
    laptop = unlocked(folder)
    with laptop.database.atomic():
        for statement in statements:
            laptop.database.run(statement)
    laptop.close()


MENDED = "Isi laptop ini dan catatan Dinas sempat berbeda; sudah dicocokkan. Tidak ada yang hilang."
DIFFERS = "Isi laptop ini dan catatan Dinas belum sama; dicocokkan lagi pada sinkronisasi berikutnya."


@pytest.mark.parametrize(
    "harm",
    [
        ("UPDATE peer SET log_count = log_count - 1",),
        ("UPDATE log SET ss = NULL WHERE seq = 1", "UPDATE peer SET log_count = log_count - 1"),
        (
            "UPDATE other_row SET digest = randomblob(32) WHERE kind = 'user'",
            "UPDATE row_sum SET sum = randomblob(32) WHERE kind = 'user'",
        ),
    ],
    ids=["recounted", "told again", "rows made anew"],
)
def test_what_has_mended_itself_is_told_in_a_sentence_and_ends_with_0(joined, capsys, harm):
    harmed(joined, *harm)
    assert posyandu("sync", "--data", joined) == 0
    shown = capsys.readouterr()
    assert shown.err == f"{MENDED}\n"
    assert shown.out.startswith("Semua data sudah diterima Dinas")
    assert posyandu("sync", "--data", joined) == 0
    assert capsys.readouterr().err == ""


def test_what_still_differs_ends_with_1_and_a_sentence_until_it_agrees(joined, server, capsys):
    with server.store.write() as connection:
        connection.execute(
            update(schema.tally).where(schema.tally.c.kind == "log").values(count=schema.tally.c.count + 1)
        )
    assert posyandu("sync", "--data", joined, "--json") == 1
    shown = capsys.readouterr()
    assert shown.err.startswith(DIFFERS)
    assert MENDED not in shown.err
    assert json.loads(shown.out)["differs"]
    for _ in range(12):  # the server looks through its own sums, a slice with each exchange
        ended = posyandu("sync", "--data", joined, "--json")
        shown = capsys.readouterr()
        assert (shown.err != "") == (ended == 1)
        if ended == 0:
            break
    assert not json.loads(shown.out)["differs"]


def test_a_copied_laptop_ends_with_0_and_one_sentence(joined, tmp_path, capsys):
    twin = tmp_path / "salinan"
    shutil.copytree(joined, twin)
    for folder in (joined, twin):
        laptop = unlocked(folder)
        accounts.announce(laptop)
        new = log.NewOperation(
            "posyandu.set", posyandu_entity(POSYANDU), POSYANDU, {"name": {"v": folder.name}}
        )
        log.append(laptop.database, [new], actor=laptop.user.id, clock=laptop.clock)
        laptop.close()
        assert posyandu("sync", "--data", folder) == 0
        said = capsys.readouterr().err
        assert ("pernah disalin dan dipakai di dua tempat. Sudah dirapikan" in said) == (folder == twin)


def test_a_server_that_lost_something_is_told_and_all_is_well_in_the_end(joined, server, capsys):
    harmed(joined, "UPDATE peer SET epoch = '6f0d2c1b-7777-4888-8999-0a0b0c0d0e0f'")
    assert posyandu("sync", "--data", joined) == 0
    shown = capsys.readouterr()
    assert shown.err == (
        "Server Dinas dipulihkan atau diganti; laptop ini sudah menyesuaikan diri. Tidak ada yang hilang.\n"
    )
    assert shown.out.startswith("Semua data sudah diterima Dinas")


@pytest.mark.parametrize(("role", "who"), [("kader", "bidan"), ("bidan", "Anda")])
def test_questions_for_the_midwife_are_told_and_no_trouble_of_the_exchange(
    tmp_path, url, server, capsys, monkeypatch, role, who
):
    monkeypatch.setenv("POSYANDU_PASSWORD", PASSWORD)
    data = tmp_path / "laptop"
    setup = accounts.Setup(POSYANDU, "Melati 1", "Wati", "Wati", Role(role), PASSWORD)
    laptop = accounts.set_up(DataFolder(data), setup, SystemClock(), cheap=True)
    enrol(data, url, server.code(POSYANDU, role))
    capsys.readouterr()
    for name in ("Siti Aminah", "Siti Aminnah"):
        born = date(2025, 1, 5)
        registration.register(laptop, registration.ChildInput(name, Sex.FEMALE, born, mother_name="Euis"))
    laptop.close()
    assert posyandu("sync", "--data", data) == 0
    assert capsys.readouterr().out.strip().endswith(f"; 1 hal menunggu keputusan {who}")
    assert posyandu("sync", "--data", data, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["undecided"], told["undecided_by_this_user"]) == (1, role == "bidan")


def test_a_laptop_whose_leave_was_taken_is_told_and_ends_with_1(joined, server, capsys):
    from posyandu_app.district import admin

    (device,) = admin.devices(server.store)
    admin.revoke(server.store, device.id)
    assert posyandu("sync", "--data", joined) == 1
    assert "mencabut izin laptop ini" in capsys.readouterr().err


def test_arguments_that_are_missing_show_the_usage(capsys):
    assert posyandu("enrol") == 2
    assert posyandu("enrol", "https://x.id", "KODE") == 2
    assert "--name" in capsys.readouterr().err
