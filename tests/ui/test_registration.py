"""Writing children down and changing what is known of them, by keys alone over real services."""

from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from posyandu_app.domain.consent import CONSENT_VERSION, Consent, ConsentState, Relation
from posyandu_app.domain.model import Child, Sex
from posyandu_app.services import children, consent, drafts, registration, roster
from posyandu_app.storage import log
from posyandu_app.storage.log import NewOperation
from posyandu_app.ui.screens import register_state as rs
from posyandu_app.ui.screens.register_fields import DECISION
from tests.storage.made_up import operation, received
from tests.ui.conftest import LABEL, PASSWORD, POSYANDU
from tests.ui.test_layout import LOOKS, check

Key = Qt.Key
NIK, OTHER_NIK = "3211134303260001", "3211131010200003"


def named(hands, name):
    found = [row.child for row in roster.rows(hands.app.workspace) if row.child.name == name]
    assert len(found) == 1, name
    return found[0]


def fast_way(hands, name="Fajar Nugraha", sex="l", birth="3/3/2026", mother="Rina", nik="", rt="3", rw="1"):
    """Everything up to the consent, Enter all along."""
    hands.enter(name)
    hands.type(sex)
    hands.press(Key.Key_Return)
    for text in (birth, mother, nik, rt, rw):
        hands.enter(text)


def test_a_child_with_consent_takes_thirteen_enters(hands):
    hands.press(Key.Key_F4)
    fast_way(hands)
    assert hands.focus.objectName() == "register_consent_state"
    hands.type("s")
    hands.press(Key.Key_Return)
    assert hands.focus.accessibleName() == "Yang menjawab: Ibu"
    hands.press(Key.Key_Return)
    assert hands.focus.text() == "Rina", "the mother's name is offered"
    hands.press(Key.Key_Return)
    assert hands.text("undo_text") == "Didaftarkan: Fajar Nugraha"
    assert hands.text("weighing_header_name") == "Fajar Nugraha"
    child = named(hands, "Fajar Nugraha")
    decided = consent.in_force(hands.app.workspace, child.id)
    assert (decided.name, decided.relation, decided.version, decided.state, decided.date) == (
        "Rina",
        Relation.MOTHER,
        CONSENT_VERSION,
        ConsentState.GIVEN,
        date(2026, 11, 23),
    )
    hands.ctrl(Key.Key_Z)
    assert "Fajar Nugraha" not in [row.child.name for row in roster.rows(hands.app.workspace)]
    hands.ctrl(Key.Key_Y)
    assert named(hands, "Fajar Nugraha")


def test_a_no_is_recorded_and_the_child_is_registered_all_the_same(hands):
    hands.press(Key.Key_F4)
    fast_way(hands)
    hands.type("t")
    assert "tetap didaftar dan dilayani" in hands.text("register_consent_effect")
    hands.press(Key.Key_Return)
    hands.type("w")
    hands.press(Key.Key_Return)
    hands.enter()
    assert hands.text("register_consent_name_note"), "a guardian has a name"
    hands.enter("Nenek Icih")
    child = named(hands, "Fajar Nugraha")
    decided = consent.in_force(hands.app.workspace, child.id)
    assert (decided.name, decided.relation, decided.state) == (
        "Nenek Icih",
        Relation.GUARDIAN,
        ConsentState.REFUSED,
    )


def test_ten_of_a_list_follow_one_another_and_the_choice_is_remembered(hands, start, posyandu):
    hands.press(Key.Key_F4)
    hands.press(Key.Key_F12)
    assert hands.main.register.afterwards.accessibleName() == "Sesudah disimpan: Anak berikutnya"
    for number in range(10):
        letter = chr(97 + number)
        assert hands.focus.objectName() == "register_name"
        if number:
            assert hands.main.register.fields["rt"].edit.text() == "03"
        hands.enter(f"Anak {letter}")
        hands.type("p")
        hands.press(Key.Key_Return)
        for text in (f"{number + 1}/5/2026", f"Ibu {letter * 3}", ""):
            hands.enter(text)
        hands.enter("03" if number == 0 else "")
        hands.enter("01" if number == 0 else "")
        hands.press(Key.Key_Return)
        assert hands.text("undo_text") == f"Didaftarkan: Anak {letter}"
    made = [row.child for row in roster.rows(hands.app.workspace) if row.child.name.startswith("Anak ")]
    assert len(made) == 10
    assert {(child.rt, child.rw, child.sex) for child in made} == {("03", "01", Sex.FEMALE)}
    assert drafts.load(hands.app.workspace, drafts.NEW_CHILD) is None
    again = start(posyandu.folder)
    assert again.app.unlock(LABEL, PASSWORD)
    again.settle()
    again.press(Key.Key_F4)
    assert again.main.register.afterwards.index == 1


def test_a_fast_hand_loses_no_key_while_the_form_opens_and_saves(hands):
    QTest.keyClick(hands.focus, Key.Key_F4)
    from PySide6.QtWidgets import QApplication

    QTest.keyClicks(QApplication.focusWidget(), "Gilang")
    hands.settle()
    assert hands.main.register.fields["name"].edit.text() == "Gilang"


def test_everything_else_stands_in_the_second_part(hands):
    hands.press(Key.Key_F4)
    fast_way(hands)
    hands.press(Key.Key_F11)
    hands.press(Key.Key_F11)
    assert hands.focus.objectName() == "register_kk"
    for text in (OTHER_NIK, "3211134107950002", "Asep", "0812 3456 7890", "Kp. Cilembu no. 3", "Bandung"):
        hands.enter(text)
    for text in ("2", "36", "2,9", "47,5", "33"):
        hands.enter(text)
    hands.type("y")
    hands.press(Key.Key_Return)
    hands.type("t")
    hands.press(Key.Key_Return)
    assert hands.focus.objectName() == "register_consent_state", "then the consent"
    hands.press(Key.Key_F9)
    child = named(hands, "Fajar Nugraha")
    assert (child.kk, child.mother_nik, child.father_name, child.phone) == (
        OTHER_NIK,
        "3211134107950002",
        "Asep",
        "0812 3456 7890",
    )
    assert (child.address, child.origin, child.child_order, child.gestation_weeks) == (
        "Kp. Cilembu no. 3",
        "Bandung",
        2,
        36,
    )
    assert (child.birth_weight_g, child.birth_length_mm, child.birth_head_mm) == (2900, 475, 330)
    assert (child.kia_held, child.imd) == (True, False)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("birth_date", "24/11/2026", "belum"),
        ("nik", NIK[:15], "harus 16 angka, ini 15"),
        ("kk", "32111", "harus 16 angka, ini 5"),
        ("phone", "08", "6 sampai 15 angka"),
        ("gestation_weeks", "9", "20 sampai 45"),
        ("gestation_weeks", "banyak", "angka bulat"),
        ("birth_weight_g", "29", "Periksa komanya"),
        ("birth_length_mm", "4,7", "Periksa komanya"),
        ("child_order", "0", "1 sampai 20"),
        ("rt", "seratus", "Ringkas"),
    ],
)
def test_a_slip_is_told_at_its_field_in_whatever_part(hands, name, text, said):
    hands.press(Key.Key_F4)
    fast_way(hands)
    hands.press(Key.Key_F11)
    if name in ("kk", "phone", "gestation_weeks", "birth_weight_g", "birth_length_mm", "child_order"):
        hands.press(Key.Key_F11)
    before = len(roster.rows(hands.app.workspace))
    field = hands.main.register.fields[name]
    field.edit.setFocus()
    field.edit.selectAll()
    hands.type(text)
    hands.press(Key.Key_F11)
    hands.press(Key.Key_F9)
    assert said in hands.text(f"register_{name}_note")
    assert hands.focus is field.edit, "the part with the slip is in sight again"
    assert field.edit.text() == text
    assert len(roster.rows(hands.app.workspace)) == before


def test_half_a_registration_survives_esc_lock_and_a_power_cut(hands, start, posyandu):
    hands.press(Key.Key_F4)
    hands.enter("Fajar Nugraha")
    hands.type("l")
    hands.press(Key.Key_Escape)
    assert drafts.load(hands.app.workspace, drafts.NEW_CHILD)["name"] == "Fajar Nugraha"
    hands.press(Key.Key_F4)
    assert hands.main.register.fields["name"].edit.text() == "Fajar Nugraha"
    assert hands.main.register.state.sex is Sex.MALE
    assert hands.text("register_resumed")
    hands.ctrl(Key.Key_L)
    hands.enter(PASSWORD)
    assert hands.main.place == "register"
    hands.main.register.fields["mother_name"].edit.setFocus()
    hands.type("Rina")
    hands.wait(500)  # the power goes here
    second = start(posyandu.folder)
    assert second.app.unlock(LABEL, PASSWORD)
    second.settle()
    second.press(Key.Key_F4)
    assert [second.main.register.fields[name].edit.text() for name in ("name", "mother_name")] == [
        "Fajar Nugraha",
        "Rina",
    ]
    second.ctrl(Key.Key_N)
    assert second.main.register.fields["name"].edit.text() == ""
    assert drafts.load(second.app.workspace, drafts.NEW_CHILD) is None


# changing what is known


@pytest.fixture
def edit(hands, posyandu):
    """Aisyah with a NIK and a KK, her form open."""
    child = posyandu.children["Aisyah Putri"]
    registration.update(hands.app.workspace, child, {"nik": NIK, "kk": OTHER_NIK})
    hands.main.go("edit", child)
    hands.settle()
    return hands.main.screens["edit"]


def test_only_what_changed_is_written_and_undo_gives_it_back(hands, posyandu, edit):
    child = posyandu.children["Aisyah Putri"]
    assert hands.focus.selectedText() == "Aisyah Putri"
    before = registration.shown(hands.app.workspace, child)
    edit.fields["mother_name"].edit.setFocus()
    edit.fields["mother_name"].edit.selectAll()
    hands.type("Siti Aminah")
    hands.press(Key.Key_F9)
    assert hands.text("undo_text") == "Diubah: Aisyah Putri"
    after = registration.shown(hands.app.workspace, child)
    assert {name for name in after if after[name] != before.get(name)} == {"mother_name"}
    assert hands.main.place == "child"
    hands.ctrl(Key.Key_Z)
    assert children.get(hands.app.workspace, child).mother_name == "Aminah"


def test_numbers_stand_masked_until_they_are_asked_for(hands, posyandu, edit):
    assert edit.fields["nik"].edit.text() == "3211********0001"
    assert edit.fields["kk"].edit.text() == "3211********0003"
    hands.press(Key.Key_F9)
    assert hands.text("edit_message") == "Tidak ada yang berubah."
    hands.press(Key.Key_F7)
    assert edit.fields["nik"].edit.text() == NIK
    assert edit.fields["kk"].edit.text() == OTHER_NIK


def test_a_masked_number_is_replaced_whole_or_not_at_all(hands, posyandu, edit):
    child = posyandu.children["Aisyah Putri"]
    edit.fields["nik"].edit.setFocus()
    hands.press(Key.Key_End)
    hands.press(Key.Key_Backspace)
    hands.press(Key.Key_F9)
    assert "hanya angka" in hands.text("edit_nik_note")
    assert children.get(hands.app.workspace, child).nik == NIK
    hands.focus.selectAll()
    hands.type("3211135708240002")
    hands.press(Key.Key_F9)
    assert children.get(hands.app.workspace, child).nik == "3211135708240002"


def test_a_nik_can_be_taken_away_again(hands, posyandu, edit):
    edit.fields["nik"].edit.setFocus()
    edit.fields["nik"].edit.selectAll()
    hands.type("menyusul")
    hands.press(Key.Key_F9)
    assert children.get(hands.app.workspace, posyandu.children["Aisyah Putri"]).nik is None


def test_half_a_change_waits_for_the_same_person(hands, posyandu, edit):
    child = posyandu.children["Aisyah Putri"]
    edit.fields["rt"].edit.setFocus()
    edit.fields["rt"].edit.selectAll()
    hands.type("09")
    hands.press(Key.Key_Escape)
    assert hands.main.place == "child"
    assert children.get(hands.app.workspace, child).rt == "01"
    hands.main.go("edit", child)
    hands.settle()
    assert edit.fields["rt"].edit.text() == "09"
    assert hands.text("edit_resumed")
    hands.press(Key.Key_F9)
    assert children.get(hands.app.workspace, child).rt == "09"
    assert drafts.load(hands.app.workspace, drafts.of_edit(child)) is None


def from_another_laptop(hands, child, seq=1, **values):
    """Somebody at another laptop changed these, having seen what stood there."""
    ws = hands.app.workspace
    shown = registration.shown(ws, child)
    payload = {
        name: {"v": value, "base": list(shown[name]) if name in shown else None}
        for name, value in values.items()
    }
    new = NewOperation("child.set", child, POSYANDU, payload)
    replica = "0199a6b2-0000-7000-8000-00000000000b"
    item = received(replica, operation(new, seq, ms=ws.clock.ms()), seq)
    log.receive(ws.database, [item], received_at="2026-11-23T10:00:00+07:00")
    hands.main.desk.changed.emit(registration.Changes(frozenset({"child"}), frozenset({child})))
    hands.settle()


def test_what_somebody_else_changed_meanwhile_is_shown_and_not_taken_for_corrected(hands, posyandu, edit):
    child = posyandu.children["Aisyah Putri"]
    edit.fields["name"].edit.selectAll()
    hands.type("Aisyah Putri Rahayu")
    from_another_laptop(hands, child, name="Aisyah P.", rw="07")
    assert edit.fields["rw"].edit.text() == "07", "not typed in here: it follows"
    assert edit.fields["name"].edit.text() == "Aisyah Putri Rahayu"
    assert "Aisyah P." in hands.text("edit_name_note")
    hands.press(Key.Key_F9)
    now = children.get(hands.app.workspace, child)
    assert now.rw == "07"
    assert "name" in now.disputed, "both are kept for the midwife to decide"


def consent_part(hands, child):
    """The consent of a child's form, as one comes to it from her card."""
    hands.main.go("child", child)
    hands.settle()
    hands.press(Key.Key_F7)
    hands.press(Key.Key_F11)
    hands.press(Key.Key_F11)
    assert hands.focus.objectName() == "edit_consent_state"


def test_what_was_never_given_cannot_be_withdrawn(hands, posyandu, edit):
    child = posyandu.children["Aisyah Putri"]
    hands.press(Key.Key_F11)
    hands.press(Key.Key_F11)
    assert hands.text("edit_consent_in_force") == "Orang tua belum ditanya."
    hands.type("d")
    hands.press(Key.Key_F9)
    assert hands.text("edit_message") == "Tidak ada yang berubah."
    assert consent.in_force(hands.app.workspace, child) is None


def test_a_guardian_withdraws_and_the_withdrawal_is_undone(hands, posyandu, edit, clock):
    child, ws = posyandu.children["Aisyah Putri"], hands.app.workspace
    consent_part(hands, child)
    hands.type("s")
    hands.press(Key.Key_Return)
    hands.type("w")
    hands.press(Key.Key_Return)
    hands.focus.selectAll()
    hands.enter("Nenek Icih")
    assert hands.text("undo_text") == "Disimpan: Setuju, Aisyah Putri"
    clock.move(timedelta(days=2))
    consent_part(hands, child)
    assert hands.text("edit_consent_in_force").startswith("Berlaku sekarang: Setuju — Nenek Icih (wali)")
    hands.type("d")
    assert hands.focus.accessibleName() == "Jawaban orang tua: Ditarik"
    effect = hands.text("edit_consent_effect")
    assert f"teks {CONSENT_VERSION} ditarik" in effect
    assert "tetap dilayani" in effect
    hands.press(Key.Key_Return)
    assert hands.focus.accessibleName() == "Yang menjawab: Wali", "who gave it is offered"
    hands.press(Key.Key_Return)
    assert hands.focus.text() == "Nenek Icih"
    hands.press(Key.Key_Return)
    assert hands.main.place == "child"
    assert hands.text("undo_text") == "Disimpan: Persetujuan ditarik, Aisyah Putri"
    now = consent.in_force(ws, child)
    assert (now.state, now.name, now.relation, now.version) == (
        ConsentState.WITHDRAWN,
        "Nenek Icih",
        Relation.GUARDIAN,
        CONSENT_VERSION,
    )
    assert now.date == clock.today()
    assert "Orang tua: persetujuan ditarik." in hands.text("child_notes")
    assert child in [row.child.id for row in roster.rows(ws)], "she is served all the same"
    hands.ctrl(Key.Key_Z)
    assert consent.in_force(ws, child).state == ConsentState.GIVEN
    assert "persetujuan ditarik" not in hands.text("child_notes")
    hands.ctrl(Key.Key_Y)
    assert consent.in_force(ws, child).state == ConsentState.WITHDRAWN
    consent_part(hands, child)
    assert hands.text("edit_consent_in_force").startswith(
        "Berlaku sekarang: Persetujuan ditarik — Nenek Icih"
    )
    hands.type("d")
    assert hands.focus.accessibleName() == "Jawaban orang tua: —", "withdrawn once is withdrawn"


def test_a_withdrawal_keeps_the_version_of_the_text_that_was_agreed_to(posyandu):
    given = Consent(id="", child="a", date=date(2025, 1, 9), name="Aminah", version="2025-1")
    girl = Child(id="a", scope=POSYANDU, name="Aisyah", sex=Sex.FEMALE, birth_date=date(2024, 8, 17))
    state = rs.edit_child(girl, {}, date(2026, 11, 23), None, given)
    withdrawn = rs.chosen(state, DECISION, ConsentState.WITHDRAWN)
    assert rs.decision_of(withdrawn).version == "2025-1"
    assert rs.decision_of(rs.chosen(state, DECISION, ConsentState.GIVEN)).version == CONSENT_VERSION
    taken_back = rs.decision_in_force(withdrawn, None)
    assert rs.decision_of(taken_back) is None, "a draft cannot withdraw what is not given any more"


@pytest.mark.parametrize("look", LOOKS)
def test_every_part_of_the_form_fits_the_laptop_in_every_look(start, posyandu, look):
    hands = start(posyandu.folder, **look)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    hands.press(Key.Key_F4)
    for _ in range(3):
        check(hands)
        hands.press(Key.Key_F11)
    hands.enter("Siti Nurhaliza")
    aisyah = posyandu.children["Aisyah Putri"]
    given = Consent(id="", child=aisyah, date=date(2026, 11, 23), name="Nenek Icih Sukaesih")
    consent.record(hands.app.workspace, given)
    hands.main.go("edit", aisyah)
    hands.settle()
    for _ in range(3):
        check(hands)
        hands.press(Key.Key_F11)
    hands.press(Key.Key_F11)
    hands.press(Key.Key_F11)
    hands.type("w" if look.get("language") == "en" else "d")
    check(hands)
