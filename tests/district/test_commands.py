"""`posyandu district …`: what the technician types, what is printed, and with which exit code."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from sqlalchemy import Engine, event

from posyandu_app import cli
from posyandu_app.district import admin, config, web
from posyandu_app.district.desk import Desk
from tests.district import server as servers
from tests.district.hand import Hand
from tests.district.server import OTHER_POSYANDU, POSYANDU, Server

CODE = re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}")


def posyandu(*words: object) -> int:
    try:
        return cli.main([str(word) for word in words])
    except SystemExit as ended:
        return int(ended.code or 0)


@pytest.fixture
def folder(tmp_path):
    with servers.running(tmp_path / "dinas"):
        pass
    return tmp_path / "dinas"


def test_a_server_is_set_up_once(tmp_path, capsys):
    words = ("district", "init", "--data", tmp_path / "d", "--name", "Dinas Kesehatan", "--region", "32.11")
    assert posyandu(*words) == 0
    assert "posyandu district serve" in capsys.readouterr().out
    kept = config.load(tmp_path / "d")
    assert (kept.name, kept.region) == ("Dinas Kesehatan", "32.11")
    assert posyandu(*words) == 2
    assert "tidak ada yang ditimpa" in capsys.readouterr().err
    assert config.load(tmp_path / "d").keys.to_bytes() == kept.keys.to_bytes()


def test_what_was_put_back_from_a_backup_is_taken_up_and_never_overwritten(tmp_path):
    with servers.running(tmp_path / "lama") as server:
        Hand(POSYANDU, server.time.now).join(server)
        keys, epoch = server.district.keys.to_bytes(), server.status().epoch
    new = tmp_path / "baru"
    new.mkdir()
    for name in ("district.db", "district.keys"):
        shutil.copy(tmp_path / "lama" / name, new)
    words = ("district", "init", "--data", new, "--name", "Dinas Kesehatan Uji", "--region", "32.11")
    assert posyandu(*words) == 0
    assert config.load(new).keys.to_bytes() == keys
    restored = opened(new)
    status = restored.status()
    restored.store.close()
    assert (status.epoch, status.devices) == (epoch, 1)


@pytest.mark.parametrize("damaged", ["district.db", "district.keys"])
def test_what_was_put_back_damaged_stays_where_it_lies(tmp_path, damaged):
    (tmp_path / damaged).write_bytes(b"rusak" * 1000)
    words = ("district", "init", "--data", tmp_path, "--name", "Dinas", "--region", "32.11")
    assert posyandu(*words) != 0
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {damaged: b"rusak" * 1000}


@pytest.mark.parametrize(
    ("name", "region", "more"),
    [
        ("", "32.11", ()),
        ("   ", "32.11", ()),
        ("Dinas", "", ()),
        ("Dinas", "Sumedang", ()),
        ("Dinas", "32.11.", ()),
        ("Dinas", "32.11", ("--database", "mysql://x")),
    ],
)
def test_what_cannot_be_set_up_is_told_and_leaves_nothing(tmp_path, capsys, name, region, more):
    words = ("district", "init", "--data", tmp_path / "d", "--name", name, "--region", region, *more)
    assert posyandu(*words) == 2
    assert capsys.readouterr().err.strip().endswith(".")
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize(
    "harm", [lambda whole: b"x" * len(whole), lambda whole: whole[:5000] + bytes(20_000)]
)
def test_a_damaged_database_is_told_and_left_as_it_is(folder, capsys, harm):
    damaged = folder / "district.db"
    damaged.write_bytes(harm(damaged.read_bytes()))
    before = damaged.read_bytes()
    for action in ("status", "serve"):
        assert posyandu("district", action, "--data", folder) == 2
        assert "rusak" in capsys.readouterr().err
    assert damaged.read_bytes() == before


def test_a_database_that_cannot_be_reached_is_told_and_the_folder_stays_free(tmp_path, capsys):
    words = ("district", "init", "--data", tmp_path / "d", "--name", "Dinas", "--region", "32.11")
    assert posyandu(*words, "--database", "postgresql+psycopg://nobody@/none?host=/nonexistent") == 2
    assert "tidak dapat dibuka" in capsys.readouterr().err
    assert posyandu(*words) == 0


@pytest.mark.parametrize("action", ["serve", "code", "status", "devices", "restored", "revoke"])
def test_a_folder_without_a_server_is_told(tmp_path, capsys, action):
    more = {"code": ("--scope", "32.11"), "revoke": ("x",)}.get(action, ())
    assert posyandu("district", action, "--data", tmp_path, *more) == 2
    assert "district init" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"name":1,"region":2,"database":3}', "\x00"])
def test_a_damaged_settings_file_is_told(folder, capsys, content):
    (folder / "district.json").write_text(content)
    assert posyandu("district", "status", "--data", folder) == 2
    assert "rusak" in capsys.readouterr().err


def test_a_damaged_key_file_is_told_and_left(folder, capsys):
    (folder / "district.keys").write_text("bukan kunci")
    assert posyandu("district", "status", "--data", folder) == 2
    assert "rusak" in capsys.readouterr().err
    assert (folder / "district.keys").read_text() == "bukan kunci"


def test_a_code_is_printed_for_people_and_for_programs(folder, capsys):
    assert posyandu("district", "code", "--data", folder, "--scope", POSYANDU) == 0
    shown = capsys.readouterr().out
    assert CODE.search(shown)
    assert "kader" in shown
    words = (
        "district",
        "code",
        "--data",
        folder,
        "--scope",
        POSYANDU,
        "--role",
        "bidan",
        "--days",
        3,
        "--json",
    )
    assert posyandu(*words) == 0
    told = json.loads(capsys.readouterr().out)
    assert CODE.fullmatch(told["code"])
    assert (told["scope"], told["role"]) == (POSYANDU, "bidan")


def test_a_disk_without_room_is_told_and_is_no_fault_of_the_program(folder, capsys):
    def has_no_room(connection, _) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    words = ("district", "code", "--data", folder, "--scope", POSYANDU)
    event.listen(Engine, "connect", has_no_room)
    try:
        answers = (posyandu(*words) for _ in range(300))
        assert next(answer for answer in answers if answer != 0) == 2
    finally:
        event.remove(Engine, "connect", has_no_room)
    said = capsys.readouterr().err
    assert said.startswith("Basis data server tidak dapat ditulis")
    assert said.count("\n") == 1
    assert posyandu(*words) == 0, "with room it goes on"


@pytest.mark.parametrize(
    "more",
    [("--scope", "99"), ("--scope", POSYANDU, "--days", "0"), ("--scope", POSYANDU, "--role", "raja"), ()],
)
def test_a_code_that_cannot_be_given_is_told(folder, capsys, more):
    assert posyandu("district", "code", "--data", folder, *more) == 2
    assert capsys.readouterr().err


def opened(folder) -> Server:
    """The server of a folder in this process, as long as its store is open."""
    district, clock = config.load(folder), servers.Time()
    store = admin.open_store(district)
    return Server(district, store, Desk(district, store, clock), clock)


def test_status_devices_and_revoke(folder, capsys):
    server = opened(folder)
    laptop = Hand(POSYANDU, server.time.now).join(server)
    laptop.measure(laptop.child())
    laptop.push(server)
    server.store.close()

    assert posyandu("district", "status", "--data", folder, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {
        name: told[name] for name in ("children", "measurements", "operations", "applied", "devices")
    } == {
        "children": 1,
        "measurements": 1,
        "operations": 2,
        "applied": 2,
        "devices": 1,
    }
    assert [told[name] for name in ("held", "quarantined", "conflict", "duplicate", "stored")] == [0] * 5
    assert told["digests"]["child"][0] == 1
    assert posyandu("district", "status", "--data", folder) == 0
    assert "1 anak, 1 pengukuran" in capsys.readouterr().out

    assert posyandu("district", "devices", "--data", folder, "--json") == 0
    (device,) = json.loads(capsys.readouterr().out)
    assert (device["id"], device["scope"], device["role"], device["revoked_at"]) == (
        laptop.device,
        POSYANDU,
        "kader",
        None,
    )
    assert posyandu("district", "revoke", "--data", folder, laptop.device) == 0
    assert "Laptop Uji" in capsys.readouterr().out
    assert posyandu("district", "devices", "--data", folder) == 0
    assert "(dicabut)" in capsys.readouterr().out
    assert posyandu("district", "revoke", "--data", folder, "tidak-ada") == 2
    assert "district devices" in capsys.readouterr().err


def test_a_laptop_that_joined_again_is_listed_with_what_it_is_now(folder, capsys):
    """A laptop that never heard that it had joined again goes on under the old one."""
    server = opened(folder)
    first = Hand(POSYANDU, server.time.now).join(server)
    second = Hand(POSYANDU, server.time.now, replica=first.replica)
    second.join(server, continues=second.continuation(first))
    assert [row.joined_as for row in admin.devices(server.store)] == [None, None]
    second.ask(server)
    server.store.close()
    assert posyandu("district", "devices", "--data", folder, "--json") == 0
    told = {row["id"]: row["joined_as"] for row in json.loads(capsys.readouterr().out)}
    assert told == {first.device: second.device, second.device: None}
    assert posyandu("district", "devices", "--data", folder) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [f"(mendaftar lagi sebagai {second.device})" in line for line in listed] == [
        line.startswith(first.device) for line in listed
    ]


def test_another_area_and_a_revocation_are_for_what_the_laptop_is_now_too(folder, capsys):
    """The technician names the old id: a stolen laptop would read on otherwise, and a moved one stay."""
    server = opened(folder)
    first = Hand(POSYANDU, server.time.now).join(server)
    second, third = (Hand(POSYANDU, server.time.now, replica=first.replica) for _ in range(2))
    second.join(server, continues=second.continuation(first))
    third.join(server, continues=third.continuation(second))
    other = Hand(POSYANDU, server.time.now).join(server)
    assert posyandu("district", "rescope", "--data", folder, first.device, "--scope", OTHER_POSYANDU) == 0
    assert third.ask(server)["scope"] == OTHER_POSYANDU
    assert other.ask(server)["scope"] == POSYANDU
    assert posyandu("district", "revoke", "--data", folder, second.device) == 0
    assert "order" not in first.ask(server)
    assert third.ask(server)["order"]["wipe"] is True
    assert "order" not in other.ask(server)
    server.store.close()


def test_devices_of_an_empty_server(folder, capsys):
    assert posyandu("district", "devices", "--data", folder) == 0
    assert "Belum ada laptop" in capsys.readouterr().err


def test_after_a_restored_backup_the_history_is_another(folder, capsys):
    assert posyandu("district", "status", "--data", folder, "--json") == 0
    before = json.loads(capsys.readouterr().out)["epoch"]
    assert posyandu("district", "restored", "--data", folder, "--json") == 0
    after = json.loads(capsys.readouterr().out)["epoch"]
    assert before != after


@pytest.mark.parametrize(
    "more", [("--port", "-1"), ("--port", "65536"), ("--port", "x"), ("--certificate", "x")]
)
def test_what_cannot_be_served_is_told(folder, capsys, more):
    assert posyandu("district", "serve", "--data", folder, *more) == 2
    assert capsys.readouterr().err


def test_a_certificate_that_is_none_is_told(folder, capsys, tmp_path):
    (tmp_path / "x.pem").write_text("bukan sertifikat")
    pair = ("--certificate", tmp_path / "x.pem", "--private-key", tmp_path / "x.pem")
    assert posyandu("district", "serve", "--data", folder, "--port", 0, *pair) == 2
    assert "TLS" in capsys.readouterr().err
    missing = ("--certificate", tmp_path / "y.pem", "--private-key", tmp_path / "y.pem")
    assert posyandu("district", "serve", "--data", folder, "--port", 0, *missing) == 2
    assert "tidak ditemukan" in capsys.readouterr().err


def test_a_port_in_use_is_told(folder, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert posyandu("district", "serve", "--data", folder, "--port", taken.getsockname()[1]) == 2
    assert "Pilih port lain" in capsys.readouterr().err


@pytest.fixture
def served(monkeypatch):
    """The servers' names for themselves, in place of serving until somebody stops it."""
    found = []
    monkeypatch.setattr(web, "serve", lambda desk, *_, **__: found.append(desk.health()))
    return found


@pytest.fixture
def usual(tmp_path, monkeypatch):
    """The folder that stands for the one nobody names."""
    monkeypatch.setenv("POSYANDU_DISTRICT", str(tmp_path / "dinas biasa"))
    return tmp_path / "dinas biasa"


def test_one_command_sets_a_server_up_and_the_same_one_serves_it_again(usual, served, capsys):
    words = ("district", "serve", "--name", "Dinas Kesehatan", "--region", "32.11")
    assert posyandu("district", "serve") == 2
    assert "district init" in capsys.readouterr().err
    assert posyandu(*words) == posyandu(*words) == posyandu("district", "serve") == 0
    assert [one.epoch for one in served] == [served[0].epoch] * 3
    assert (config.load(usual).name, config.load(usual).region) == ("Dinas Kesehatan", "32.11")
    assert posyandu("district", "serve", "--name", "Dinas lain", "--region", "33.01") == 2
    assert "32.11" in capsys.readouterr().err
    assert posyandu("district", "serve", "--region", "32.11") == 2
    assert "--name" in capsys.readouterr().err


def test_the_folder_of_the_server_need_not_be_named(usual, served, tmp_path, capsys):
    stick = tmp_path / "flashdisk"
    stick.mkdir()
    assert posyandu("district", "usb", stick) == 2
    assert str(usual) in capsys.readouterr().err
    assert posyandu("district", "init", "--name", "Dinas", "--region", "32.11") == 0
    assert posyandu("district", "usb", stick) == 0
    assert posyandu("district", "status") == 0
    assert posyandu("district", "serve") == 0
    assert posyandu("district", "serve", "--database", f"sqlite:///{tmp_path / 'lain.db'}") == 0
    assert served[0].epoch != served[1].epoch


def test_a_folder_named_before_the_command_is_the_servers(folder, tmp_path, served):
    assert posyandu("--data", folder, "district", "serve") == 0
    assert posyandu("district", "serve", "--data", folder) == 0
    assert served[0].epoch == served[1].epoch


def test_without_an_action_the_usage_is_shown(capsys):
    assert posyandu("district") == 2
    assert "TINDAKAN" in capsys.readouterr().err


@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM for consoles")
@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_the_server_says_where_it_listens_and_stops_when_told(folder, signal_number):
    words = [sys.executable, "-m", "posyandu_app", "district", "serve", "--data", str(folder), "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        url = json.loads(process.stdout.readline())["listening"]
        with urllib.request.urlopen(f"{url}/v1/health", timeout=10) as answer:
            assert json.load(answer)["status"] == "ok"
        started = time.monotonic()
        process.send_signal(signal_number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")
    assert time.monotonic() - started < 15
