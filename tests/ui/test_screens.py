"""Registration, the midwife's list, the child's card and display, with real widgets over real services."""

import pytest
from PySide6.QtCore import Qt

from posyandu_app.services import children, roster
from posyandu_app.ui.models.rows import ROW
from posyandu_app.ui.screens.register_state import BIRTH, NAME, NIK, PHONE, RT
from tests.ui.conftest import LABEL, PASSWORD

Key = Qt.Key


def test_a_new_child_is_registered_and_weighed_at_once(hands):
    hands.press(Key.Key_F4)
    assert hands.main.place == "register"
    for text in ("Fajar Nugraha",):
        hands.enter(text)
    hands.type("l")
    hands.press(Key.Key_Return)
    for text in ("3 maret 2026", "Rina Marlina", "menyusul", "3", "1"):
        hands.enter(text)
    assert hands.focus.objectName() == "register_consent_state"
    hands.press(Key.Key_Return)
    assert hands.text("undo_text") == "Didaftarkan: Fajar Nugraha"
    assert hands.main.place == "weighing"
    assert hands.text("weighing_header_name") == "Fajar Nugraha"
    child = hands.weighing.state.child
    assert (child.mother_name, child.nik, child.rt, child.rw) == ("Rina Marlina", None, "3", "1")
    hands.press(Key.Key_Escape)
    hands.ctrl(Key.Key_Z)
    assert "Fajar Nugraha" not in [row.child.name for row in roster.rows(hands.app.workspace)]
    hands.press(Key.Key_F4)
    assert hands.main.register.fields[NAME].text() == "", "the form is empty for the next one"


def test_who_may_be_the_same_child_is_shown_while_typing(hands, posyandu):
    hands.press(Key.Key_F4)
    hands.enter("Siti Nurhalisa")
    hands.type("p")
    hands.press(Key.Key_Return)
    hands.enter("14/2/2025")
    hands.wait(200)
    similar = hands.main.register.similar
    assert similar._buttons[0].isVisible()
    assert similar._names[0].text() == "Siti Nurhaliza"
    hands.ctrl(Key.Key_1)
    assert hands.main.place == "weighing"
    assert hands.weighing.state.child.id == posyandu.children["Siti Nurhaliza"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (NAME, "1234"),
        (NAME, "x" * 5000),
        (BIRTH, "24/11/2026"),
        (BIRTH, "bukan tanggal"),
        (NIK, "3211"),
        (NIK, "16 angka ya"),
        (PHONE, "telepon saja"),
        (RT, "seratus"),
    ],
)
def test_bad_input_in_the_registration_is_told_at_its_field_and_stays(hands, name, text):
    before = len(roster.rows(hands.app.workspace))
    hands.press(Key.Key_F4)
    fields = hands.main.register.fields
    hands.enter("Fajar Nugraha")
    hands.type("l")
    fields[BIRTH].edit.setFocus()
    hands.enter("3/3/2026")
    if name == PHONE:
        hands.press(Key.Key_F11)
    fields[name].edit.setFocus()
    fields[name].edit.clear()
    hands.paste(text)
    typed = fields[name].edit.text()
    assert typed == text[:100]
    hands.press(Key.Key_F9)
    taken = len(roster.rows(hands.app.workspace))
    if name == NAME and text.startswith("x"):
        assert taken == before + 1, "a hundred letters are a name"
        return
    assert taken == before
    assert hands.main.place == "register"
    assert hands.text(f"register_{name}_note")
    assert fields[name].edit.text() == typed
    assert hands.focus is fields[name].edit


def test_half_a_registration_waits_when_one_goes_to_look_something_up(hands):
    hands.press(Key.Key_F4)
    hands.enter("Fajar Nugraha")
    hands.press(Key.Key_Escape)
    hands.press(Key.Key_F4)
    assert hands.main.register.fields[NAME].text() == "Fajar Nugraha"


def test_the_midwifes_list_has_the_worst_first_with_reasons_and_opens_the_card(hands, posyandu):
    hands.go("review")
    assert hands.main.place == "review"
    model = hands.main.review.model
    rows = [model.index(at, 0).data(ROW) for at in range(model.rowCount())]
    assert rows
    severity = [row.case.tone.severity for row in rows]
    assert severity == sorted(severity, reverse=True)
    assert hands.focus.objectName() == "review_list"
    told = model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert rows[0].case.tone.label in told
    hands.press(Key.Key_Return)
    assert hands.main.place == "child"
    assert hands.text("child_header_name") == rows[0].child.name
    assert hands.text("child_reason_1")
    assert hands.main.child.model.rowCount() == len(
        children.open_card(hands.app.workspace, rows[0].child.id).history
    )
    hands.press(Key.Key_F10)
    assert hands.main.child.indicators.index == 1
    hands.press(Key.Key_Escape)
    assert hands.main.place == "review", "back to where one came from"
    hands.press(Key.Key_Return)
    hands.press(Key.Key_F9)
    assert hands.main.place == "weighing"


def test_the_card_opens_from_the_roster_with_its_key_and_goes_back_there(hands):
    hands.press(Key.Key_F2)
    hands.type("citra")
    hands.ctrl(Key.Key_Return)
    assert hands.main.place == "child"
    hands.press(Key.Key_Escape)
    assert hands.main.place == "roster"


def test_the_roster_tells_the_screen_reader_all_that_it_paints(hands):
    model = hands.main.roster.model
    told = model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    tone = hands.main.roster.model.row(0).risk.tone.label
    for part in ("Aisyah Putri", "Ibu Aminah", "2 tahun 3 bulan", "11,45 kg", tone, "belum ditimbang"):
        assert part in told


def test_choices_of_display_work_at_once_and_are_kept(hands, start, posyandu):
    hands.go("settings")
    hands.press(Key.Key_1)
    hands.press(Key.Key_Right)
    assert hands.app.window.settings.text_size == "large"
    assert hands.main.display.text_size.accessibleName() == "Ukuran huruf: Besar"
    again = start(posyandu.folder)
    assert again.app.window.settings.text_size == "large"
    assert again.app.unlock(LABEL, PASSWORD)


def test_a_thousand_children_are_shown_at_once(hands):
    from posyandu_app.services import registration
    from posyandu_app.services.registration import ChildInput

    ws = hands.app.workspace
    first = roster.rows(ws)[0].child
    with ws.database.atomic():
        for number in range(300):
            letters = "".join(chr(97 + int(digit)) for digit in str(number))
            registration.register(
                ws, ChildInput(f"Anak {letters}", first.sex, first.birth_date, mother_name="Ibu")
            )
    hands.main.roster.refresh()
    hands.settle()
    assert hands.main.roster.model.rowCount() == 305
    hands.press(Key.Key_PageDown)
    hands.press(Key.Key_PageDown)
    assert hands.main.roster.list.verticalScrollBar().value() > 0
