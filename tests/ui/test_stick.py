"""Copying to a stick and reading one, by keys, with real folders as sticks and the real server."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from posyandu_app.district import usb as dinas
from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.model import Role
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, children, deciding, registration, roster, weighing
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.enrolment import enrol
from posyandu_app.ui import drives
from posyandu_app.ui.drives import Drive
from tests.district.server import POSYANDU, VILLAGE, Wire
from tests.ui.conftest import PASSWORD
from tests.ui.test_sync import join, server, until

Key = Qt.Key
assert server


@pytest.fixture
def stick(tmp_path) -> Path:
    folder = tmp_path / "SANDISK"
    folder.mkdir()
    return folder


@pytest.fixture
def joined(hands, server, stick):
    """A kader's laptop that has met the server and works without network since, one stick plugged in."""
    join(hands, server)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    hands.press(Key.Key_F8)
    plug_in(hands, stick)
    return hands


def plug_in(hands, *folders, free=8_000_000_000):
    panel = hands.main.sync_screen.stick
    panel.find_drives = lambda: [Drive(folder.name, folder, free) for folder in folders]


def with_stick(hands, key, choice=Key.Key_1):
    hands.go("sync")
    hands.press(key)
    hands.press(choice)
    until(hands, lambda: not hands.main.sync_screen.stick.running)
    return hands.text("stick_said")


def weigh(hands, name, kilos):
    hands.open_child(name)
    hands.enter(kilos)
    hands.press(Key.Key_F9)


def history(hands):
    labels = hands.main.sync_screen.history.findChildren(QLabel, "sync_exchange")
    return [label.text() for label in labels if label.isVisible()]


def test_what_waits_goes_to_the_dinas_and_back_by_stick(joined, server, stick):
    weigh(joined, "Bagas Saputra", "10,1")
    assert joined.app.sync.status.unsent == 1
    said = with_stick(joined, Key.Key_F6)
    assert said.startswith("1 data tersalin ke flashdisk.")
    assert said.endswith("Flashdisk boleh dicabut.")
    assert joined.app.sync.status.unsent == 1, "a copy is not a delivery"
    assert "1 data disalin" in history(joined)
    dinas.serve(server.district, server.store, server.desk, stick)
    said = with_stick(joined, Key.Key_F7)
    assert "1 data laptop ini diterima" in said
    assert joined.app.sync.status.unsent == 0
    assert history(joined)[1] == "Baca flashdisk"
    assert server.status().digests["measurement"][0] == 15


def test_reading_the_same_stick_again_says_so(joined, server, stick, tmp_path):
    with_stick(joined, Key.Key_F6)
    dinas.serve(server.district, server.store, server.desk, stick)
    copy = tmp_path / "SALINAN"
    shutil.copytree(stick, copy)
    with_stick(joined, Key.Key_F7)
    plug_in(joined, copy)
    assert "sudah pernah dibaca" in with_stick(joined, Key.Key_F7)


def test_an_empty_stick_and_no_stick_are_told(joined, stick):
    assert with_stick(joined, Key.Key_F7).startswith("Tidak ada kiriman untuk laptop ini")
    plug_in(joined)
    joined.press(Key.Key_F6)
    assert joined.text("stick_said").startswith("Belum ada flashdisk.")
    plug_in(joined, stick)
    joined.ctrl(Key.Key_R)
    assert joined.text("stick_said") == "Pilih flashdisknya."
    joined.press(Key.Key_Escape)
    assert not joined.main.sync_screen.stick.isVisible()
    assert joined.main.place == "sync"


def test_a_stick_of_another_district_is_not_believed(joined, stick, tmp_path):
    from tests.district.server import listening, running

    with running(tmp_path / "lain") as other, listening(other.desk):
        ws = accounts.set_up(
            DataFolder(tmp_path / "asing"),
            accounts.Setup(POSYANDU, "Lain", "Tini", "Tini", Role.KADER, PASSWORD),
            joined.app.clock,
            cheap=True,
        )
        enrol(ws.database, Wire(other.desk), other.code(POSYANDU, "kader"), "Asing")
        from posyandu_app.sync import usb

        usb.export_to(ws.database, joined.app.clock, stick)
        dinas.serve(other.district, other.store, other.desk, stick)
        ws.close()
    assert "untuk laptop lain" in with_stick(joined, Key.Key_F7)


@pytest.mark.parametrize("spoil", [lambda b: b[: len(b) // 2], lambda b: b[:-1] + bytes([b[-1] ^ 1])])
def test_a_reply_cut_short_or_altered_is_named_and_stays(joined, server, stick, spoil):
    weigh(joined, "Bagas Saputra", "10,1")
    with_stick(joined, Key.Key_F6)
    dinas.serve(server.district, server.store, server.desk, stick)
    for reply in (stick / "inbox").glob("*.psb"):
        reply.write_bytes(spoil(reply.read_bytes()))
    assert "rusak; minta disalin lagi, tidak ada yang hilang" in with_stick(joined, Key.Key_F7)
    assert joined.app.sync.status.unsent == 1
    assert list((stick / "inbox").glob("*.psb"))


def test_a_stick_that_is_pulled_out_is_told_and_the_next_one_has_all(joined, server, stick, tmp_path):
    weigh(joined, "Bagas Saputra", "10,1")
    joined.go("sync")
    joined.press(Key.Key_F6)
    stick.rename(tmp_path / "pulled")
    joined.press(Key.Key_1)
    until(joined, lambda: not joined.main.sync_screen.stick.running)
    assert "tidak ditemukan" in joined.text("stick_said")
    assert "flashdisk tidak ditemukan" in history(joined)
    other = tmp_path / "LAIN"
    other.mkdir()
    plug_in(joined, other)
    assert with_stick(joined, Key.Key_F6).startswith("1 data tersalin")


def test_a_stick_with_too_little_room_is_told_before_anything_is_written(joined, stick):
    plug_in(joined, stick, free=200_000)
    said = with_stick(joined, Key.Key_F6)
    assert said.startswith("Flashdisk ini hampir penuh")
    assert list(stick.iterdir()) == []
    assert "flashdisk penuh" in history(joined)


def test_a_chosen_folder_serves_as_a_stick(joined, tmp_path):
    folder = tmp_path / "folder biasa"
    folder.mkdir()
    joined.main.sync_screen.stick.choose_folder = lambda: str(folder)
    joined.go("sync")
    joined.press(Key.Key_F6)
    joined.ctrl(Key.Key_O)
    until(joined, lambda: not joined.main.sync_screen.stick.running)
    assert list((folder / "outbox").glob("*.psb"))


def test_saving_goes_on_while_a_stick_is_written(joined, stick):
    joined.app.sync.copy_to_stick(stick)
    weigh(joined, "Bagas Saputra", "10,1")
    assert joined.text("undo_text") == "Disimpan: Bagas Saputra, 10,1 kg"
    until(joined, lambda: not joined.main.sync_screen.stick.running)


def test_kader_to_midwife_and_back_without_any_server(start, hands, server, stick, tmp_path, clock, posyandu):
    """The whole way by keys: copy, read, decide, copy, read."""
    join(hands, server)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    folder = DataFolder(tmp_path / "bidan")
    setup = accounts.Setup(VILLAGE, "Cilembu", "Rina", "Rina", Role.BIDAN, PASSWORD)
    ws = accounts.set_up(folder, setup, clock, cheap=True)
    enrol(ws.database, Wire(server.desk), server.code(VILLAGE, "bidan"), "Laptop bidan")
    exchange_all(Engine(ws.database, clock), Wire(server.desk))
    aisyah = posyandu.children["Aisyah Putri"]
    from datetime import date

    registration.update(ws, aisyah, {"birth_date": date(2024, 8, 7)})
    ws.close()
    hands.press(Key.Key_F8)
    registration.update(hands.app.workspace, aisyah, {"birth_date": date(2024, 7, 18)})
    weighing.record(hands.app.workspace, aisyah, Draft(clock.today(), 11700, 872))
    plug_in(hands, stick)
    # both meet on one stick: the cards first, then what each lacks
    midwife = start(folder, network_on=False)
    assert midwife.app.unlock("Rina", PASSWORD)
    midwife.settle()
    plug_in(midwife, stick)
    with_stick(midwife, Key.Key_F6)
    hands.app.window.activateWindow()
    hands.settle()
    with_stick(hands, Key.Key_F6)
    midwife.app.window.activateWindow()
    midwife.settle()
    said = with_stick(midwife, Key.Key_F7)
    assert "belum sampai di Dinas" in said
    assert children.get(midwife.app.workspace, aisyah).awaits_confirmation
    midwife.main.go("decide")
    (question,) = midwife.main.current.state.questions
    midwife.press([Key.Key_1, Key.Key_2][question.choices.index("18/07/2024")])
    assert not children.get(midwife.app.workspace, aisyah).awaits_confirmation
    with_stick(midwife, Key.Key_F6)
    hands.app.window.activateWindow()
    hands.settle()
    with_stick(hands, Key.Key_F7)
    settled = children.get(hands.app.workspace, aisyah)
    assert (settled.birth_date, settled.awaits_confirmation) == (date(2024, 7, 18), False)
    assert deciding.undecided(hands.app.workspace).count == 0
    assert [r.child.name for r in roster.rows(hands.app.workspace) if r.measured_this_month] == [
        "Aisyah Putri"
    ]


@pytest.mark.parametrize(
    ("root", "stick"),
    [
        ("/media/siti/SANDISK", True),
        ("/run/media/siti/DATA", True),
        ("/Volumes/KINGSTON", True),
        ("/", False),
        ("/home", False),
        ("/boot/efi", False),
        ("/mediatheque/x", False),
    ],
)
def test_where_sticks_are(root, stick):
    assert drives.is_where_sticks_are(root) is stick


def test_a_disk_that_says_it_is_removable(tmp_path):
    disk = tmp_path / "sdb"
    (disk / "sdb1").mkdir(parents=True)
    (disk / "removable").write_text("1\n")
    blocks = tmp_path / "class"
    blocks.mkdir()
    (blocks / "sdb1").symlink_to(disk / "sdb1")
    assert drives._says_removable("/dev/sdb1", blocks)
    (disk / "removable").write_text("0\n")
    assert not drives._says_removable("/dev/sdb1", blocks)
    assert not drives._says_removable("tmpfs", blocks)
    assert isinstance(drives.plugged_in(), tuple)


@pytest.mark.parametrize("look", [{}, {"text_size": "large", "contrast": "high"}, {"language": "en"}])
def test_the_sync_page_fits_with_everything_in_it(start, posyandu, server, stick, look):
    from tests.ui.conftest import LABEL
    from tests.ui.test_layout import check

    hands = start(posyandu.folder, **look)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    join(hands, server)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    hands.press(Key.Key_F8)
    plug_in(hands, stick)
    hands.press(Key.Key_F6)
    check(hands, scrolling=True)
    hands.press(Key.Key_1)
    until(hands, lambda: not hands.main.sync_screen.stick.running)
    check(hands, scrolling=True)
    hands.press(Key.Key_Escape)
    hands.press(Key.Key_F1)
    assert hands.main.place == "data_help"
    check(hands, scrolling=True)
    hands.press(Key.Key_Escape)
    assert hands.main.place == "sync"
