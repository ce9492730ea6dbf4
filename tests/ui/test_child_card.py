"""The home of one child by keys alone over real services: its pages, leaving, correcting, cards to scan."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from posyandu_app.domain import card_codes
from posyandu_app.domain.doses import Dose, DoseKind
from posyandu_app.domain.model import ChildState, Role
from posyandu_app.services import (
    child_book,
    children,
    doses,
    drafts,
    registration,
    roster,
    sessions,
    weighing,
)
from posyandu_app.storage import measurements
from posyandu_app.ui import qr_paper
from posyandu_app.ui.screens.child_state import Page
from tests import village
from tests.ui.conftest import LABEL, PASSWORD, WIB
from tests.ui.test_layout import LOOKS, check

Key = Qt.Key
CITRA = "Citra Lestari"
DAY = date(2026, 10, 20)


@pytest.fixture
def citra(posyandu):
    return posyandu.children[CITRA]


@pytest.fixture
def card(hands, citra, tmp_path):
    """Citra's card, opened from the roster."""
    hands.press(Key.Key_F2)
    hands.type("citra")
    hands.ctrl(Key.Key_Return)
    assert hands.main.place == "child"
    hands.main.child.printer.folder = tmp_path / "paper"
    hands.main.child.printer.show = lambda path: None
    return hands.main.child


def newest(hands, child):
    return child_book.open_book(hands.app.workspace, child).visits[0]


def told(model):
    return [model.index(at, 0).data(Qt.ItemDataRole.AccessibleTextRole) for at in range(model.rowCount())]


def test_five_pages_turn_by_their_figures_and_by_f3(hands, card):
    for key, page in zip(
        (Key.Key_2, Key.Key_3, Key.Key_4, Key.Key_5, Key.Key_1), [*list(Page)[1:], Page.SUMMARY], strict=True
    ):
        hands.press(key)
        assert card.page is page
    hands.press(Key.Key_F3)
    assert card.page is Page.VISITS
    assert hands.focus.objectName() == "child_visits"
    hands.press(Key.Key_Escape)
    assert hands.main.place == "roster"


def test_the_summary_says_the_trend_and_what_to_know(hands, citra, card):
    assert hands.text("child_trend").endswith(
        "Berat tidak naik cukup 2 bulan berturut-turut, arahnya terlihat setelah beberapa bulan."
    ) or "Berat tidak naik cukup 2 bulan berturut-turut" in hands.text("child_trend")
    assert "Persetujuan orang tua belum ditanyakan." in hands.text("child_notes")
    registration.update(hands.app.workspace, citra, {"gestation_weeks": 34})
    hands.main.go("child", citra)
    hands.settle()
    assert "Lahir prematur (34 minggu)" in hands.text("child_notes")


def test_every_value_of_every_visit_is_read_out(hands, card):
    hands.press(Key.Key_2)
    lines = told(card.model)
    assert len(lines) == 3
    assert lines[0].startswith("20 Okt 3 tahun 9 bulan, berat 10,45 kg (−50 g T), PB/TB 89,6 cm berdiri")
    assert lines[0].endswith("oleh Siti Rahma")


def test_what_was_given_and_who_did_what_have_their_pages(hands, citra, card):
    hands.press(Key.Key_3)
    assert card.empty.isVisible()
    dose = Dose(id="", child=citra, date=date(2026, 8, 20), what=DoseKind.VITAMIN_A)
    doses.record(hands.app.workspace, dose)
    hands.main.go("child", citra)
    hands.settle()
    assert told(card.given) == ["Vitamin A, kapsul merah: diberikan. Siti Rahma. 20 Agu"]
    hands.press(Key.Key_4)
    lines = told(card.history)
    assert lines[0].startswith("Dosis 20/08/2026")
    assert lines[-1].startswith("Didaftarkan. nama: Citra Lestari")


def test_f7_changes_and_comes_back_here(hands, citra, card):
    hands.press(Key.Key_F7)
    assert hands.main.place == "edit"
    hands.press(Key.Key_Escape)
    assert hands.main.place == "child"
    hands.press(Key.Key_Escape)
    assert hands.main.place == "roster"


# leaving


def leave(hands, steps, *answers):
    """F6, so many steps down, and the answers with Enter."""
    hands.press(Key.Key_F6)
    assert hands.main.place == "leaving"
    for _ in range(steps):
        hands.press(Key.Key_Down)
    hands.press(Key.Key_Return)
    for text in answers:
        hands.enter(text)


def test_moved_away_with_day_and_place_is_told_undone_and_taken_back(hands, citra, card):
    leave(hands, 0, "20/11/2026", "Bandung")
    child = children.get(hands.app.workspace, citra)
    assert (child.state, child.state_on, child.moved_to) == (ChildState.MOVED, date(2026, 11, 20), "Bandung")
    assert hands.main.place == "child"
    assert "Pindah sejak 20/11/2026 ke Bandung." in hands.text("child_notes")
    hands.ctrl(Key.Key_Z)
    assert children.get(hands.app.workspace, citra).state == ChildState.ACTIVE
    hands.ctrl(Key.Key_Y)
    leave(hands, 0)
    assert children.get(hands.app.workspace, citra).state == ChildState.ACTIVE, "Aktif lagi"
    assert hands.text("undo_text") == "Aktif lagi: Citra Lestari"


def test_a_child_cannot_have_died_before_she_was_weighed(hands, citra, card):
    leave(hands, 1, "1/9/2026")
    assert "Anak ditimbang 20/10/2026" in hands.text("leaving_date_note")
    assert hands.focus.objectName() == "leaving_date"
    hands.focus.selectAll()
    hands.enter("20/11/2026")
    assert children.get(hands.app.workspace, citra).state == ChildState.DEAD
    assert "Citra Lestari" not in [row.child.name for row in roster.rows(hands.app.workspace)]
    hands.ctrl(Key.Key_Z)
    assert children.get(hands.app.workspace, citra).state == ChildState.ACTIVE


@pytest.mark.parametrize("text", ["24/11/2026", "kapan-kapan", "1/1/2020"])
def test_a_day_that_cannot_be_is_told_at_its_field(hands, citra, card, text):
    leave(hands, 1, text)
    assert hands.text("leaving_date_note")
    assert hands.main.place == "leaving"
    assert children.get(hands.app.workspace, citra).state == ChildState.ACTIVE


def test_graduation_waits_for_sixty_months(hands, clock, citra, card):
    leave(hands, 2, "")
    assert hands.text("leaving_message") == "Citra Lestari belum 60 bulan; lulus mulai 09/01/2028."
    clock.set(datetime(2028, 1, 10, 9, 0, tzinfo=WIB))
    hands.press(Key.Key_Escape)
    leave(hands, 2, "10/1/2028")
    assert children.get(hands.app.workspace, citra).state == ChildState.GRADUATED
    hands.ctrl(Key.Key_Z)
    assert children.get(hands.app.workspace, citra).state == ChildState.ACTIVE


def test_a_kader_is_not_offered_another_posyandu(hands, card):
    hands.press(Key.Key_F6)
    assert [why.value for why in hands.main.screens["leaving"].state.whys] == ["moved", "died", "graduated"]


# correcting


def test_a_value_is_corrected_with_its_meaning_beside_it_and_undone(hands, citra, card):
    hands.press(Key.Key_2)
    hands.press(Key.Key_Return)
    assert hands.main.place == "correct"
    assert hands.focus.selectedText() == "10,45"
    hands.enter("10,75")
    assert hands.text("correct_becomes") == "Berat naik 250 g (minimal 200 g) — N"
    assert "10,45 kg" in hands.text("correct_was")
    hands.press(Key.Key_F9)
    assert newest(hands, citra).measurement.weight_g == 10750
    assert hands.main.place == "child"
    assert card.page is Page.VISITS
    assert hands.text("undo_text").startswith("Diperbaiki: Citra Lestari")
    hands.ctrl(Key.Key_Z)
    assert newest(hands, citra).measurement.weight_g == 10450


def test_nothing_changed_is_said_and_a_slip_stays(hands, citra, card):
    hands.press(Key.Key_2)
    hands.press(Key.Key_Return)
    hands.press(Key.Key_F9)
    assert hands.text("correct_message") == "Tidak ada yang berubah."
    hands.focus.selectAll()
    hands.enter("sepuluh")
    assert hands.text("correct_weight_g_note")
    hands.focus.selectAll()
    hands.type("10,6")
    hands.main.screens["correct"].fields["date"].edit.setFocus()
    hands.focus.selectAll()
    hands.enter("24/11/2026")
    assert hands.text("correct_date_note")
    hands.press(Key.Key_F9)
    assert newest(hands, citra).measurement.weight_g == 10450


def test_half_a_correction_survives_the_lock_and_a_power_cut(hands, start, posyandu, citra, card):
    hands.press(Key.Key_2)
    hands.press(Key.Key_Return)
    assert not hands.main.screens["correct"].resumed.isVisible()
    hands.type("10,7")
    hands.ctrl(Key.Key_L)
    hands.enter(PASSWORD)
    assert hands.main.place == "correct"
    assert hands.main.screens["correct"].fields["weight_g"].edit.text() == "10,7"
    assert hands.text("correct_resumed")
    hands.main.screens["correct"].fields["reason"].edit.setFocus()
    hands.type("salah baca")
    hands.wait(500)  # the power goes here
    second = start(posyandu.folder)
    assert second.app.unlock(LABEL, PASSWORD)
    second.settle()
    second.main.go("correct", newest(second, citra).measurement.id)
    second.settle()
    fields = second.main.screens["correct"].fields
    assert [fields[name].edit.text() for name in ("weight_g", "reason")] == ["10,7", "salah baca"]
    second.press(Key.Key_F9)
    assert newest(second, citra).measurement.weight_g == 10700
    second.main.go("correct", newest(second, citra).measurement.id)
    second.settle()
    assert not second.main.screens["correct"].resumed.isVisible(), "saved: nothing waits any more"
    assert fields["reason"].edit.text() == ""


def test_a_correction_typed_back_to_what_stands_leaves_no_draft(hands, citra, card):
    hands.press(Key.Key_2)
    hands.press(Key.Key_Return)
    hands.type("10,7")
    hands.wait(500)
    key = drafts.of_correction(newest(hands, citra).measurement.id)
    assert drafts.load(hands.app.workspace, key) == {"weight_g": "10,7"}
    hands.focus.selectAll()
    hands.type("10,45")
    hands.press(Key.Key_Escape)
    assert drafts.load(hands.app.workspace, key) is None


def test_after_the_day_is_closed_a_reason_is_asked_for_and_kept(hands, citra, card):
    sessions.open_day(hands.app.workspace, DAY)
    sessions.close_day(hands.app.workspace, DAY)
    hands.press(Key.Key_2)
    hands.press(Key.Key_Return)
    hands.enter("10,75")
    hands.press(Key.Key_F9)
    assert "sudah ditutup" in hands.text("correct_reason_note")
    assert hands.focus.objectName() == "correct_reason"
    hands.enter("salah baca timbangan")
    assert newest(hands, citra).measurement.weight_g == 10750
    hands.press(Key.Key_4)
    assert "alasan: salah baca timbangan" in told(card.history)[0]


def test_a_visit_is_cancelled_stays_in_sight_and_is_brought_back(hands, citra, card):
    hands.press(Key.Key_2)
    hands.press(Key.Key_Delete)
    assert hands.main.place == "cancel"
    hands.enter("anak lain")
    assert newest(hands, citra).measurement.voided
    assert hands.main.place == "child"
    assert card.correct.text() == "Kembalikan"
    assert "Dibatalkan" in told(card.model)[0]
    hands.press(Key.Key_Delete)
    assert hands.main.place == "child", "what is cancelled is not cancelled again"
    hands.press(Key.Key_Return)
    assert hands.main.place == "restore"
    hands.press(Key.Key_Return)
    assert not newest(hands, citra).measurement.voided
    hands.ctrl(Key.Key_Z)
    assert newest(hands, citra).measurement.voided
    hands.ctrl(Key.Key_Z)
    assert not newest(hands, citra).measurement.voided, "undo reaches the deed before"


def test_a_dose_that_never_was_is_cancelled_with_its_reason_and_comes_back_by_undo(hands, citra, card):
    ws = hands.app.workspace
    dose = Dose(id="", child=citra, date=DAY, what=DoseKind.IMMUNISATION, antigen="mr1")
    doses.record(ws, dose, confirmed=True)
    sessions.open_day(ws, DAY)
    sessions.close_day(ws, DAY)
    hands.main.go("child", citra)
    hands.settle()
    hands.press(Key.Key_3)
    assert "(MR) 1: diberikan" in told(card.given)[0]
    hands.press(Key.Key_Delete)
    assert hands.main.place == "cancel_given"
    assert "diberikan" in hands.text("cancel_given_told")
    hands.press(Key.Key_Return)
    assert "sudah ditutup" in hands.text("cancel_given_reason_note"), "the day is over: why?"
    hands.enter("anak lain")
    assert hands.main.place == "child"
    assert doses.of_child(ws, citra) == ()
    hands.press(Key.Key_4)
    assert "alasan: anak lain" in told(card.history)[0]
    hands.ctrl(Key.Key_Z)
    assert [item.antigen for item in doses.of_child(ws, citra)] == ["mr1"]


def test_a_cancelled_visit_is_not_corrected_by_a_form_left_open(hands, citra, card):
    hands.press(Key.Key_2)
    hands.press(Key.Key_Return)
    hands.enter("10,75")
    weighing.void(hands.app.workspace, newest(hands, citra).measurement.id)
    hands.press(Key.Key_Escape)
    hands.main.go("correct", newest(hands, citra).measurement.id)
    hands.settle()
    assert "Kembalikan dulu" in hands.text("correct_message")
    assert not hands.main.screens["correct"].save.isEnabled()
    hands.press(Key.Key_F9)
    assert newest(hands, citra).measurement.weight_g == 10450


@pytest.fixture
def other(hands, citra, card):
    """Somebody else at the keyboard of the same laptop, on the visits of Citra's card."""

    def begin(role):
        ws = hands.app.workspace
        ws.user = replace(ws.user, id="0199a6b2-0000-7000-8000-00000000000c", name="Euis", role=role)
        hands.press(Key.Key_2)
        hands.main.go("child", citra)
        hands.settle()
        return hands

    return begin


def test_another_kader_may_neither_correct_nor_cancel(other, citra):
    hands = other(Role.KADER)
    hands.press(Key.Key_Return)
    assert hands.text("correct_message").startswith("Ditulis Siti Rahma.")
    assert not hands.main.screens["correct"].save.isEnabled()
    hands.press(Key.Key_Escape)
    hands.press(Key.Key_Delete)
    assert hands.text("cancel_message").startswith("Ditulis Siti Rahma.")
    hands.press(Key.Key_F9)
    assert not newest(hands, citra).measurement.voided


def test_the_midwife_corrects_and_cancels_everybodys(other, citra):
    hands = other(Role.BIDAN)
    hands.press(Key.Key_Return)
    hands.enter("10,75")
    hands.press(Key.Key_F9)
    assert newest(hands, citra).measurement.weight_g == 10750
    hands.press(Key.Key_Delete)
    hands.press(Key.Key_Return)
    assert newest(hands, citra).measurement.voided
    hands.press(Key.Key_F6)
    assert "transferred" in [why.value for why in hands.main.screens["leaving"].state.whys]
    hands.press(Key.Key_Down)
    hands.press(Key.Key_F9)
    assert hands.text("leaving_place_note") == "Pilih posyandu tujuan."


# paper and cards to scan


def test_the_kms_and_the_card_are_printed(hands, citra, card):
    hands.ctrl(Key.Key_P)
    hands.ctrl(Key.Key_R)
    made = sorted(path.name for path in card.printer.folder.iterdir())
    assert made == [f"kartu-qr-{citra[-6:]}.pdf", f"kms-bb-u-{citra[-6:]}.pdf"]
    assert all(path.read_bytes().startswith(b"%PDF") for path in card.printer.folder.iterdir())


def test_the_cards_of_the_whole_list_are_printed_eight_on_a_page(hands, tmp_path):
    hands.main.roster.printer.folder = tmp_path
    hands.main.roster.printer.show = lambda path: None
    hands.ctrl(Key.Key_R)
    assert (tmp_path / "kartu-qr.pdf").read_bytes().startswith(b"%PDF")
    cards = [
        qr_paper.QrCard(f"Anak {at}", "Lahir 1/1/2025", "Melati 1", card_codes.code_of(f"{at:032x}"))
        for at in range(17)
    ]
    qr_paper.to_pdf(tmp_path / "many.pdf", cards)
    assert (tmp_path / "many.pdf").read_bytes().count(b"/Type /Page\n") == 3


def test_the_square_holds_the_code_and_nothing_else(hands, citra):
    child = children.get(hands.app.workspace, citra)
    made = qr_paper.card_of(child, "Melati 1")
    assert made.code == card_codes.code_of(citra)
    assert made.name == CITRA
    lines = qr_paper.matrix(made.code)
    assert len(lines) == len(lines[0]) == 29, "version 3: squares a cheap scanner can read"


def scan(hands, code):
    """What a scanner does: every sign and Enter within a few milliseconds, then nothing."""
    hands.press(Key.Key_F2)
    edit = hands.focus
    QTest.keyClicks(edit, code)
    QTest.keyClick(edit, Key.Key_Return)
    hands.settle()


def test_a_scanned_card_opens_the_child_whatever_the_keyboard(hands, posyandu, citra):
    code = card_codes.code_of(citra)
    for typed in (code, code.lower(), code.lower()):
        scan(hands, typed)
        assert hands.main.place == "weighing"
        assert hands.weighing.state.child.id == citra


def test_a_card_of_elsewhere_opens_nobody_and_says_so(hands):
    scan(hands, card_codes.code_of("0199a6b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b"))
    assert hands.main.place == "roster"
    assert hands.main.roster.empty.accessibleName().startswith("Kartu ini tidak dikenal")


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_fits_the_laptop_in_every_look(start, posyandu, citra, look):
    hands = start(posyandu.folder, **look)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    known = {"nik": "3211134901230001", "kk": "3211130101200001", "mother_nik": "3211134107950002"}
    known |= {"father_name": "Asep Sunandar Wijaya", "phone": "0812 3456 7890", "gestation_weeks": 34}
    registration.update(hands.app.workspace, citra, known)
    hands.main.go("child", citra)
    hands.settle()
    for _ in Page:
        check(hands)
        hands.press(Key.Key_F3)
    for key in (Key.Key_F6, Key.Key_2, Key.Key_Return):
        hands.press(key)
        if key != Key.Key_2:
            check(hands)
        if key == Key.Key_F6:
            hands.press(Key.Key_Escape)
    hands.press(Key.Key_Escape)
    hands.press(Key.Key_Delete)
    check(hands)


# to another posyandu of the village


def test_the_midwife_takes_a_child_to_another_posyandu_and_back_by_undo(start, village_folder):
    hands = start(village_folder.folder)
    assert hands.app.unlock(village.LABEL, village.PASSWORD)
    hands.settle()
    ws, child = hands.app.workspace, village_folder.children["Kirana Ayu"]
    weighed = len(measurements.of_child(ws.database, child))
    hands.press(Key.Key_F2)
    hands.type("kirana")
    hands.ctrl(Key.Key_Return)
    assert hands.main.place == "child"
    hands.press(Key.Key_F6)
    hands.press(Key.Key_Down)
    hands.press(Key.Key_Return)
    assert hands.focus.objectName() == "leaving_place"
    hands.type("melati")
    hands.press(Key.Key_Return)
    hands.press(Key.Key_F9)
    assert hands.text("leaving_place_note") == "Pilih posyandu tujuan.", "her own posyandu is not offered"
    hands.focus.selectAll()
    hands.type("mawar")
    hands.press(Key.Key_Down)
    hands.press(Key.Key_Return)
    assert hands.main.screens["leaving"].state.place == village.MAWAR
    assert hands.focus.objectName() == "leaving_date", "Enter goes on to the day"
    hands.focus.selectAll()
    hands.enter("22/11/2026")
    assert hands.main.place == "child"
    assert hands.text("undo_text") == "Dipindahkan ke Mawar: Kirana Ayu"
    assert children.get(ws, child).scope == village.MAWAR
    assert len(measurements.of_child(ws.database, child)) == weighed == 6, "all her visits come along"
    hands.press(Key.Key_2)
    assert len(told(hands.main.screens["child"].model)) == 6
    hands.press(Key.Key_4)
    assert "Mawar" in told(hands.main.screens["child"].history)[0]
    hands.ctrl(Key.Key_Z)
    assert children.get(ws, child).scope == village.MELATI
    hands.ctrl(Key.Key_Y)
    assert children.get(ws, child).scope == village.MAWAR
