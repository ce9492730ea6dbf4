"""The gate: who may come in, a first start with nothing, and what stands in the way."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from posyandu_app.domain.model import Role
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts
from posyandu_app.ui.screens.first_run import FirstRunScreen
from posyandu_app.ui.screens.unlock import UnlockScreen
from tests.ui.conftest import LABEL, PASSWORD

Key = Qt.Key


def test_a_wrong_password_says_so_pauses_and_lets_the_right_one_in(start, posyandu):
    hands = start(posyandu.folder)
    hands.enter("salah")
    assert hands.text("unlock_password_note").startswith("Kata sandi belum cocok. Periksa huruf besar")
    assert hands.focus.selectedText() == "•" * 5 or hands.focus.hasSelectedText()
    hands.enter("salah lagi")
    hands.enter("masih salah")
    assert hands.text("unlock_password_note") == "Kata sandi belum cocok. Coba lagi dalam 2 detik."
    hands.focus.selectAll()
    hands.enter(PASSWORD)
    assert hands.app.window.main is None, "not during the pause"
    hands.wait(2100)
    hands.press(Key.Key_Return)
    assert hands.app.window.main is not None
    assert hands.app.window.settings.last_label == LABEL


def test_the_password_can_be_shown_and_caps_lock_is_noticed(start, posyandu):
    hands = start(posyandu.folder)
    assert isinstance(hands.app.window.gate, UnlockScreen)
    edit = hands.app.window.gate.password.edit
    assert edit.echoMode() == QLineEdit.EchoMode.Password
    assert not hands.text("unlock_caps")
    hands.type("m")
    hands.press(Key.Key_F7)
    assert (edit.echoMode(), edit.text()) == (QLineEdit.EchoMode.Normal, "m")
    hands.press(Key.Key_F7)
    assert edit.echoMode() == QLineEdit.EchoMode.Password
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QApplication

    shifted_lock = QKeyEvent(QEvent.Type.KeyPress, Key.Key_E, Qt.KeyboardModifier.NoModifier, "E")
    QApplication.sendEvent(edit, shifted_lock)
    assert hands.text("unlock_caps").startswith("Caps Lock menyala")


def test_one_of_several_people_is_chosen_with_the_arrow_keys(start, posyandu, clock):
    ws = accounts.unlock(posyandu.folder, LABEL, PASSWORD, clock)
    accounts.add_user(ws, "Euis Nurjanah", "Euis Nurjanah", Role.KADER, "melati dua", cheap=True)
    ws.close()
    hands = start(posyandu.folder)
    assert hands.focus.objectName() == "unlock_label"
    assert hands.focus.accessibleName() == "Siapa Anda: belum dipilih"
    hands.press(Key.Key_Down)
    assert hands.focus.accessibleName() == "Siapa Anda: Siti Rahma"
    hands.press(Key.Key_Down)
    assert hands.focus.accessibleName() == "Siapa Anda: Euis Nurjanah"
    hands.press(Key.Key_Return)
    hands.enter("melati dua")
    assert hands.text("rail_user") == "Euis Nurjanah"


def test_damaged_keys_are_told_and_nothing_is_overwritten(start, posyandu):
    posyandu.folder.keys.write_text("{damaged", encoding="utf-8")
    hands = start(posyandu.folder)
    assert "keys.json" in hands.text("unlock_said")
    assert posyandu.folder.keys.read_text(encoding="utf-8") == "{damaged"


def test_a_first_start_with_the_keyboard_alone(start, tmp_path):
    hands = start(DataFolder(tmp_path / "new"))
    assert isinstance(hands.app.window.gate, FirstRunScreen)
    hands.begin_new_posyandu()
    hands.press(Key.Key_Return)
    assert hands.focus.objectName() == "kecamatan"
    hands.app.window.gate.fields["kabupaten"].setFocus()
    hands.type("sumed")
    hands.press(Key.Key_Return)
    assert hands.app.window.gate.fields["kabupaten"].text() == "Kabupaten Sumedang"
    hands.enter("pamulihan")
    hands.enter("cilembu")
    hands.enter("Melati 1")
    assert hands.focus.objectName() == "user_name"
    hands.enter("Siti Rahma")
    hands.press(Key.Key_Return)  # the role stays kader
    hands.enter("pendek")
    hands.enter("pendek")
    assert hands.text("password_note") == "Kata sandi paling sedikit 8 huruf atau angka."
    assert hands.focus.objectName() == "password"
    hands.focus.selectAll()
    hands.enter("melati satu")
    hands.focus.selectAll()
    hands.enter("melati dua!")
    assert "belum sama" in hands.text("repeated_note")
    hands.focus.selectAll()
    hands.enter("melati satu")
    assert hands.focus.accessibleName() == "Daftar anak: Mulai kosong"
    hands.press(Key.Key_Return)
    assert hands.main.place == "roster"
    assert hands.text("rail_posyandu") == "Melati 1"
    village, number = hands.app.workspace.scope.rsplit(".", 1)
    assert village == "32.11.13.2005"
    assert 100 <= int(number) <= 999, "not one of the numbers that the Dinas gives from 001"
    assert hands.main.roster.empty.isVisible()
    assert hands.main.roster.empty.accessibleName().startswith("Belum ada anak di daftar ini")


def test_going_back_in_the_first_start_loses_nothing(start, tmp_path):
    hands = start(DataFolder(tmp_path / "new"))
    hands.begin_new_posyandu()
    for text in ("sumedang", "pamulihan", "cilembu", "Melati 1"):
        hands.enter(text)
    hands.type("Siti")
    hands.press(Key.Key_Escape)
    fields = hands.app.window.gate.fields
    assert [
        fields[name].text() for name in ("kabupaten", "kecamatan", "village", "posyandu_name", "user_name")
    ] == [
        "Kabupaten Sumedang",
        "Pamulihan",
        "Cilembu",
        "Melati 1",
        "Siti",
    ]


@pytest.mark.parametrize("text", ["xyzzy", "😀", "1" * 300, "../../etc", "' OR 1=1 --"])
def test_a_place_that_does_not_exist_cannot_be_chosen(start, tmp_path, text):
    hands = start(DataFolder(tmp_path / "new"))
    hands.begin_new_posyandu()
    hands.paste(text)
    hands.press(Key.Key_Return)
    hands.app.window.gate.next.click()
    assert hands.text("kabupaten_note") == "Pilih kabupaten atau kota dari daftar."
    assert not (tmp_path / "new" / "posyandu.db").exists()


def test_unlocking_makes_one_encrypted_copy_a_day(start, posyandu, clock):
    folder = posyandu.folder
    for _ in range(2):
        hands = start(folder)
        assert hands.app.unlock(LABEL, PASSWORD)
        hands.settle()
        hands.app.lock()
    copies = [path for path in folder.backups.iterdir() if path.is_file()]
    assert len(copies) == 1
    assert b"SQLite format 3" not in copies[0].read_bytes()[:16]
    clock.move(timedelta(days=1))
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    assert len([path for path in folder.backups.iterdir() if path.is_file()]) == 2
