"""The people of one laptop, at the keyboard: added, helped, removed, and one after the other at work."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Role
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, laptop_users
from posyandu_app.ui.screens import users_state as us
from posyandu_app.ui.screens.users_state import UsersState, View
from tests.ui.conftest import LABEL, PASSWORD

Key = Qt.Key
EUIS, EUIS_PASSWORD = "Euis Nurjanah", "cempaka tujuh"


def add(folder: DataFolder, clock: object, name: str, role: Role = Role.KADER) -> None:
    ws = accounts.unlock(folder, LABEL, PASSWORD, clock)
    if role is Role.BIDAN:
        ws.user = type(ws.user)(ws.user.id, ws.user.name, Role.BIDAN)
    laptop_users.add(ws, name, role, EUIS_PASSWORD, cheap=True)
    ws.close()


@pytest.fixture
def two(start, posyandu, clock):
    """Siti at work on a laptop that Euis uses too."""
    add(posyandu.folder, clock, EUIS)
    hands = start(posyandu.folder)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    return hands


def to_the_people(hands):
    hands.go("settings")
    for _ in range(2):
        hands.press(Key.Key_Down)
    hands.press(Key.Key_Return)
    assert hands.main.place == "users"
    return hands.main.screen_of("users")


def listed(screen):
    return [button.text() for button in screen.parts.buttons.values()]


def opens(hands, label, password):
    try:
        accounts.unlock(hands.app.folder, label, password, hands.app.clock).close()
    except UserError:
        return False
    return True


def test_a_colleague_is_added_with_the_keyboard_alone(hands):
    screen = to_the_people(hands)
    assert listed(screen) == [LABEL]
    assert hands.focus.accessibleDescription() == "Kader · sedang memakai laptop ini"
    hands.press(Key.Key_F4)
    assert hands.focus.objectName() == "user_name"
    assert screen.role is None, "a kader adds kaders"
    hands.enter()
    hands.press(Key.Key_F9)
    assert hands.text("user_name_note") == "Isi namanya."
    assert hands.focus.objectName() == "user_name"
    hands.enter(LABEL)
    hands.enter("pendek")
    hands.enter("pendek")
    assert hands.text("user_new_note") == "Kata sandi paling sedikit 8 huruf atau angka."
    hands.focus.selectAll()
    hands.enter(EUIS_PASSWORD)
    hands.focus.selectAll()
    hands.enter("cempaka delapan")
    assert "belum sama" in hands.text("user_repeated_note")
    hands.focus.selectAll()
    hands.enter(EUIS_PASSWORD)
    assert hands.text("user_name_note") == "Nama itu sudah dipakai di laptop ini. Pilih nama lain."
    hands.focus.selectAll()
    hands.enter(EUIS)
    hands.press(Key.Key_F9)
    assert listed(screen) == [LABEL, EUIS]
    assert hands.text("undo_text").startswith("Ditambahkan")
    assert opens(hands, EUIS, EUIS_PASSWORD)
    assert all(not field.edit.text() for field in screen.fields.values()), "no password stays behind"


def test_a_midwife_chooses_the_role_of_somebody_new(start, posyandu, clock):
    add(posyandu.folder, clock, "Rina Marlina", Role.BIDAN)
    hands = start(posyandu.folder)
    assert hands.app.unlock("Rina Marlina", EUIS_PASSWORD)
    hands.settle()
    hands.main.go("users")
    hands.settle()
    hands.press(Key.Key_F4)
    hands.enter("Dewi")
    assert hands.focus.accessibleName() == "Perannya: Kader"
    hands.press(Key.Key_Right)
    hands.press(Key.Key_Return)
    hands.enter(EUIS_PASSWORD)
    hands.enter(EUIS_PASSWORD)
    roles = [(p.name, p.role) for p in hands.main.screen_of("users").state.people]
    assert roles == [("Siti Rahma", Role.KADER), ("Rina Marlina", Role.BIDAN), ("Dewi", Role.BIDAN)]


def test_ones_own_password_asks_for_the_old_one_and_can_be_seen(hands):
    screen = to_the_people(hands)
    hands.press(Key.Key_1)
    hands.enter("bukan ini")
    hands.type("kenanga delapan")
    hands.press(Key.Key_F7)
    shown = QLineEdit.EchoMode.Normal
    assert [screen.fields[name].edit.echoMode() for name in ("new", "repeated")] == [shown, shown]
    hands.press(Key.Key_Return)
    hands.enter("kenanga delapan")
    assert hands.text("user_own_note").startswith("Kata sandi Anda belum cocok.")
    assert hands.focus.objectName() == "user_own"
    assert opens(hands, LABEL, PASSWORD)
    hands.focus.selectAll()
    hands.enter(PASSWORD)
    hands.press(Key.Key_F9)
    assert screen.state.view == View.PEOPLE
    assert screen.fields["new"].edit.echoMode() == QLineEdit.EchoMode.Password
    assert opens(hands, LABEL, "kenanga delapan")
    assert not opens(hands, LABEL, PASSWORD)


def test_a_colleague_who_forgot_hers_gets_a_new_password(two):
    screen = to_the_people(two)
    two.press(Key.Key_2)
    assert two.focus.text() == "Beri kata sandi baru"
    two.press(Key.Key_Return)
    two.enter(PASSWORD)
    two.enter("euis ingat lagi")
    two.enter("euis ingat lagi")
    assert listed(screen) == [LABEL, EUIS]
    about = list(screen.parts.buttons.values())[1].accessibleDescription()
    assert about == "Kader · kata sandi baru dari Siti Rahma, 23/11/2026"
    assert opens(two, EUIS, "euis ingat lagi")
    assert not opens(two, EUIS, EUIS_PASSWORD)


def test_a_colleague_is_removed_by_a_button_that_says_so_and_esc_goes_back_step_by_step(two):
    screen = to_the_people(two)
    two.press(Key.Key_2)
    two.press(Key.Key_2)
    assert screen.title.text() == "Keluarkan Euis Nurjanah?"
    assert screen.save.text() == "Keluarkan dari laptop ini"
    two.press(Key.Key_Escape)
    assert two.focus.objectName() == "part_remove"
    two.press(Key.Key_Escape)
    assert two.focus.text() == EUIS
    two.press(Key.Key_Return)
    two.press(Key.Key_2)
    two.enter(PASSWORD)
    assert listed(screen) == [LABEL]
    assert accounts.labels(two.app.folder) == (LABEL,)
    two.press(Key.Key_Escape)
    assert two.main.place == "settings"


def test_somebody_of_a_higher_role_is_left_alone_with_a_sentence(start, posyandu, clock):
    add(posyandu.folder, clock, "Rina Marlina", Role.BIDAN)
    hands = start(posyandu.folder)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    screen = to_the_people(hands)
    hands.press(Key.Key_2)
    assert screen.state.view == View.PEOPLE
    assert "peran yang sama atau lebih tinggi" in hands.text("users_message")


def test_ctrl_l_an_arrow_and_a_password_change_the_user_and_each_returns_to_her_place(two):
    two.open_child("Bagas Saputra")
    two.type("10,2")
    two.ctrl(Key.Key_L)
    assert two.focus.objectName() == "unlock_label"
    assert two.focus.accessibleName() == "Siapa Anda: belum dipilih"
    two.press(Key.Key_Up)
    assert two.focus.accessibleName() == f"Siapa Anda: {EUIS}", "from below the last one comes first"
    two.enter(EUIS_PASSWORD)
    assert (two.text("rail_user"), two.main.place) == (EUIS, "roster")
    two.go("review")
    two.ctrl(Key.Key_L)
    two.press(Key.Key_Down)
    two.enter(PASSWORD)
    assert (two.text("rail_user"), two.main.place) == (LABEL, "weighing")
    assert two.weighing.boxes["weight_g"].edit.text() == "10,2"
    two.ctrl(Key.Key_L)
    for _ in range(2):
        two.press(Key.Key_Down)
    two.press(Key.Key_Return)
    assert two.focus.objectName() == "unlock_password"
    two.enter(EUIS_PASSWORD)
    assert (two.text("rail_user"), two.main.place) == (EUIS, "review")


def test_who_types_before_choosing_loses_no_letter_and_chooses_nobody_by_it(two):
    two.ctrl(Key.Key_L)
    gate = two.app.window.gate
    for letter in "e s!":
        two.type(letter)
    assert gate.password.text() == "e s!"
    assert gate.people.accessibleName() == "Siapa Anda: belum dipilih"
    gate.password.edit.clear()
    gate.people.setFocus()
    two.enter(EUIS_PASSWORD)
    assert two.text("unlock_hint") == "Pilih dulu nama Anda dengan ↑ atau ↓, lalu Enter."
    assert not two.text("unlock_password_note"), "nothing was tried"
    assert two.focus.objectName() == "unlock_label"
    two.press(Key.Key_Up)
    assert two.text("unlock_hint") == "Pilih dengan ↑ dan ↓, lalu ketik kata sandi."
    assert gate.password.text() == EUIS_PASSWORD
    two.press(Key.Key_Return)
    assert two.text("rail_user") == EUIS


def test_enter_before_choosing_and_typing_asks_who(two):
    two.ctrl(Key.Key_L)
    two.press(Key.Key_Return)
    assert two.text("unlock_hint").startswith("Pilih dulu nama Anda")
    assert two.focus.objectName() == "unlock_label"


def test_caps_lock_is_noticed_where_the_password_is_typed_at_once(two):
    two.ctrl(Key.Key_L)
    QTest.keyClick(two.focus, "M")
    assert two.text("unlock_caps").startswith("Caps Lock menyala")


def test_arrows_choose_from_the_password_too_and_what_was_typed_for_another_goes(two, clock):
    add(two.app.folder, clock, "Elis")
    two.ctrl(Key.Key_L)
    for _ in range(2):
        two.press(Key.Key_Down)
    two.type("setengah")
    assert two.focus.objectName() == "unlock_password"
    two.press(Key.Key_Down)
    gate = two.app.window.gate
    assert gate.people.accessibleName() == "Siapa Anda: Elis"
    assert gate.password.text() == "", "what was typed was the other one's"
    assert two.focus.objectName() == "unlock_password"
    two.enter(EUIS_PASSWORD)
    assert two.text("rail_user") == "Elis"


def test_the_lock_is_called_change_user_as_soon_as_there_are_two(hands):
    lock = hands.main.rail.lock
    assert lock.text() == "Kunci"
    hands.main.go("users")
    hands.settle()
    hands.press(Key.Key_F4)
    for text in (EUIS, EUIS_PASSWORD, EUIS_PASSWORD):
        hands.enter(text)
    assert lock.text() == "Ganti akun"
    assert lock.width() >= lock.sizeHint().width()


def test_left_alone_the_same_person_only_types_her_password(two):
    two.go("settings")
    two.app.idle.watch(150)
    two.wait(600)
    assert two.focus.objectName() == "unlock_password"
    two.enter(PASSWORD)
    assert (two.text("rail_user"), two.main.place) == (LABEL, "settings")


def test_the_first_start_ends_with_the_import_when_there_is_a_list(start, tmp_path):
    hands = start(DataFolder(tmp_path / "new"))
    hands.begin_new_posyandu()
    for text in ("sumedang", "pamulihan", "cilembu", "Melati 1", "Siti Rahma", "", PASSWORD, PASSWORD):
        hands.enter(text)
    assert hands.focus.objectName() == "first_list"
    hands.press(Key.Key_Down)
    hands.press(Key.Key_Return)
    assert hands.main.place == "import"
    assert hands.focus.objectName() == "import_file"
    page = hands.main.screen_of("import")
    page.folder, page.show_file = tmp_path / "dokumen", lambda path: None
    hands.press(Key.Key_F6)
    assert [path.suffix for path in page.folder.iterdir()] == [".xlsx"], "a template to fill in"


def test_leaving_in_the_middle_leaves_no_password_in_the_form(two):
    screen = to_the_people(two)
    two.press(Key.Key_1)
    two.type(PASSWORD)
    two.go("roster")
    assert screen.fields["own"].edit.text() == ""
    two.main.go("users")
    two.settle()
    assert screen.state.view == View.PEOPLE


def test_after_three_wrong_passwords_there_is_a_pause():
    state = us.opened(UsersState((laptop_users.Person("a", "A", "A", Role.KADER, True, False),)), "a")
    texts = {"name": "", "own": "salah", "new": "kenanga-88", "repeated": "kenanga-88"}
    for _ in range(3):
        state = us.submit(state, texts, 1000)
        assert state.busy
        state = us.wrong_password(state, 1000)
    state = us.submit(state, texts, 1500)
    assert (state.busy, state.errors["own"]) == (
        False,
        "Kata sandi belum cocok. Coba lagi dalam 2 detik.",
    )
    assert us.submit(state, texts, 3000).busy
