"""A posyandu day by keys alone over real services: open, attendance, home visits, recap, paper, close."""

from datetime import date

import pytest
from PySide6.QtCore import Qt

from posyandu_app.domain.home_visits import VisitOutcome, VisitReason
from posyandu_app.domain.visits import Attendance
from posyandu_app.services import attendance, home_visits, sessions
from posyandu_app.ui.drives import Drive
from posyandu_app.ui.screens.day_state import Part
from tests.ui.conftest import LABEL, PASSWORD
from tests.ui.test_layout import LOOKS, check
from tests.ui.test_sync import join, server, until

Key = Qt.Key
assert server
TODAY = date(2026, 11, 23)


@pytest.fixture
def day(hands, tmp_path):
    hands.main.day.paper_folder = tmp_path / "paper"
    hands.main.day.show_paper = lambda path: None
    hands.go("day")
    assert hands.main.place == "day"
    return hands.main.day


def rows(day):
    return [day.model.row(at) for at in range(day.model.rowCount())]


def test_the_day_is_opened_closed_and_opened_again_by_one_key_each_with_undo(hands, day):
    ws = hands.app.workspace
    assert hands.text("day_session") == "Hari posyandu ini belum dibuka."
    hands.press(Key.Key_F9)
    assert hands.text("undo_text") == "Dibuka: posyandu 23/11/2026"
    assert hands.text("day_session") == "Dibuka pukul 09.12."
    hands.press(Key.Key_F9)
    assert not sessions.of_day(ws, TODAY).is_open
    assert hands.text("day_session").startswith("Ditutup pukul 09.12.")
    hands.ctrl(Key.Key_Z)
    assert sessions.of_day(ws, TODAY).is_open
    assert day.turn.text() == "Tutup hari posyandu"


def test_attendance_is_marked_by_letters_and_goes_on_to_the_next(hands, posyandu, day):
    hands.press(Key.Key_2)
    assert day.state.part == Part.PRESENT
    assert [row.name for row in rows(day)][:2] == ["Aisyah Putri", "Bagas Saputra"]
    hands.type("h")
    hands.type("x")
    hands.type("t")
    states = {row.child.name: row.state for row in attendance.on_day(hands.app.workspace, TODAY)}
    assert states["Aisyah Putri"] == Attendance.PRESENT
    assert states["Bagas Saputra"] == Attendance.NOT_MEASURABLE
    assert states["Citra Lestari"] == Attendance.ABSENT
    assert states["Dimas Prasetyo"] is None
    assert rows(day)[0].lower == "menunggu ditimbang"
    assert hands.text("day_lead").startswith("1 menunggu ditimbang.")
    hands.ctrl(Key.Key_Z)
    states = {row.child.name: row.state for row in attendance.on_day(hands.app.workspace, TODAY)}
    assert states["Citra Lestari"] is None


def test_a_letter_that_marks_nothing_changes_nothing(hands, day):
    hands.press(Key.Key_2)
    before = day.state.chosen
    hands.type("zqb")
    assert day.state.chosen == before
    assert all(row.state is None for row in attendance.on_day(hands.app.workspace, TODAY))


def test_who_did_not_come_is_visited_and_the_visit_is_kept_with_its_reason(hands, posyandu, day):
    hands.press(Key.Key_3)
    first = rows(day)[0]
    hands.type("b")
    made = home_visits.of_child(hands.app.workspace, first.child)
    assert [visit.outcome for visit in made] == [VisitOutcome.MET]
    assert made[0].reason in tuple(VisitReason)
    told = next(row for row in rows(day) if row.child == first.child)
    assert "bertemu" in told.lower
    assert hands.text("undo_text").startswith("Disimpan: kunjungan rumah")
    hands.ctrl(Key.Key_Z)
    assert home_visits.of_child(hands.app.workspace, first.child) == ()


def test_the_recap_counts_what_was_weighed_and_can_be_narrowed(hands, posyandu, day):
    hands.open_child("Aisyah Putri")
    hands.enter("11,9")
    hands.press(Key.Key_F9)
    hands.go("day")
    hands.press(Key.Key_5)
    told = day.recap.skdn.accessibleName()
    assert "S — sasaran 5 5" in told
    assert "D — ditimbang 1 5" in told
    assert "N — naik 1" in told
    assert "D/S — partisipasi 20,0 % 100,0 % 85 %" in told
    assert hands.focus.objectName() == "recap_group"
    hands.press(Key.Key_Right)
    assert "S — sasaran 2 2" in day.recap.skdn.accessibleName(), "the two boys"
    assert "D — ditimbang 0" in day.recap.skdn.accessibleName()
    hands.press(Key.Key_2)
    assert day.state.part == Part.PRESENT, "the numbers on the chips work beside whom it counts too"


def test_a_closed_day_does_not_ask_to_finish_before_it_is_closed(hands, day):
    hands.press(Key.Key_F9)
    hands.open_child("Aisyah Putri")
    hands.type("11,9")
    hands.go("day")
    hands.press(Key.Key_5)
    assert hands.text("day_session").endswith("Selesaikan dulu sebelum ditutup.")
    hands.press(Key.Key_F9)
    said = hands.text("day_session")
    assert said == "1 anak masih setengah diisi, lihat Hadir. Yang belum selesai tidak dihitung."


def test_f3_goes_round_and_esc_leads_back_to_the_list(hands, day):
    seen = []
    for _ in range(5):
        seen.append(day.state.part)
        hands.press(Key.Key_F3)
    assert seen == list(Part)
    assert day.state.part == Part.EXPECTED
    hands.press(Key.Key_Escape)
    assert hands.main.place == "roster"


def test_enter_weighs_the_expected_and_opens_the_card_for_the_midwife(hands, day):
    hands.press(Key.Key_Return)
    assert hands.main.place == "weighing"
    hands.go("day")
    hands.press(Key.Key_4)
    hands.press(Key.Key_Return)
    assert hands.main.place == "child"
    hands.press(Key.Key_Escape)
    assert hands.main.place == "day"


def test_another_day_is_looked_at_with_its_own_figures(hands, day):
    hands.press(Key.Key_F6)
    hands.focus.selectAll()
    hands.enter("20/10/2026")
    assert hands.text("day_date_label") == "Selasa, 20 Oktober 2026"
    hands.press(Key.Key_5)
    assert "D — ditimbang 5" in day.recap.skdn.accessibleName()


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (Key.Key_1, "daftar-sasaran"),
        (Key.Key_2, "kehadiran"),
        (Key.Key_3, "kunjungan-rumah"),
        (Key.Key_4, "untuk-bidan"),
        (Key.Key_5, "rekap"),
    ],
)
def test_every_view_is_printed(hands, day, key, name):
    hands.press(key)
    hands.ctrl(Key.Key_P)
    path = day.paper_folder / f"{name}-2026-11-23.pdf"
    assert path.read_bytes().startswith(b"%PDF")
    assert len(path.read_bytes()) > 5_000
    assert hands.text("undo_text") == f"Tersimpan: {path.name} di folder Dokumen, Posyandu."


def test_a_folder_that_cannot_be_written_is_said_and_nothing_else_happens(hands, day, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x")
    day.paper_folder = blocked
    hands.ctrl(Key.Key_P)
    assert "tidak dapat disimpan" in hands.text("undo_text")


@pytest.mark.parametrize("look", LOOKS)
def test_every_view_of_the_day_fits_the_laptop_in_every_look(start, posyandu, look):
    hands = start(posyandu.folder, **look)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    hands.go("day")
    for key in (Key.Key_1, Key.Key_2, Key.Key_3, Key.Key_4, Key.Key_5):
        hands.press(key)
        check(hands)


# before going home


@pytest.fixture
def joined(hands, server):
    """A laptop that has met its server, with the network off since."""
    join(hands, server)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    hands.press(Key.Key_F8)
    hands.go("day")
    return hands


def test_closing_the_day_says_how_much_waits_and_offers_the_stick(joined, tmp_path):
    hands = joined
    hands.press(Key.Key_F9)
    assert hands.text("going_home_text") == "", "the day is open"
    hands.press(Key.Key_F9)
    assert hands.text("going_home_text") == "2 data belum diterima Dinas. Kirim sebelum pulang."
    home = hands.main.day.home
    assert not home.sync.isVisible(), "the network is off"
    stick = tmp_path / "SANDISK"
    stick.mkdir()
    hands.main.sync_screen.stick.find_drives = lambda: [Drive("SANDISK", stick, 8_000_000_000)]
    hands.press(Key.Key_F7)
    assert hands.main.place == "sync"
    assert hands.text("stick_said") == "Pilih flashdisknya."
    hands.press(Key.Key_1)
    until(hands, lambda: not hands.main.sync_screen.stick.running)
    assert hands.text("stick_said").startswith("2 data tersalin")
    hands.go("day")
    assert hands.text("going_home_text") != "", "a copy is not a delivery"


def test_with_network_f5_sends_what_waits_and_the_line_goes(joined, server):
    hands = joined
    hands.press(Key.Key_F9)
    hands.press(Key.Key_F9)
    hands.press(Key.Key_F8)
    hands.press(Key.Key_F5)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    hands.settle()
    assert hands.main.place == "day"
    assert hands.text("going_home_text") == ""


def test_the_recap_reminds_too_and_its_keys_work(joined):
    hands = joined
    hands.press(Key.Key_F9)
    hands.press(Key.Key_F9)
    hands.press(Key.Key_5)
    assert hands.text("going_home_short_text") == "2 data belum diterima Dinas. Kirim sebelum pulang."
    hands.press(Key.Key_F7)
    assert hands.main.sync_screen.stick.isVisible()
    hands.go("day")
    hands.press(Key.Key_F8)
    hands.press(Key.Key_F5)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    hands.settle()
    assert hands.text("going_home_short_text") == ""
    assert hands.text("day_session") != ""


def test_a_laptop_that_is_not_joined_is_reminded_of_nothing(hands, day):
    hands.press(Key.Key_F9)
    hands.press(Key.Key_F9)
    assert not sessions.of_day(hands.app.workspace, TODAY).is_open
    assert hands.text("going_home_text") == ""


@pytest.mark.parametrize("look", LOOKS)
def test_the_closed_day_with_its_reminder_fits_the_laptop_in_every_look(start, posyandu, look):
    hands = start(posyandu.folder, **look)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    hands.go("day")
    hands.press(Key.Key_F9)
    hands.press(Key.Key_F9)
    hands.main.desk.show_unsent(1234, network_on=True)
    for key in (Key.Key_1, Key.Key_2, Key.Key_3, Key.Key_4, Key.Key_5):
        hands.press(key)
        day = hands.main.day
        assert (day.home_short if key == Key.Key_5 else day.home).isVisible()
        check(hands)
