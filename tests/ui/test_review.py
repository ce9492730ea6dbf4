"""The midwife's worklist: worst first, narrowed by keys, with why, since when and the raw values in sight."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from posyandu_app.domain.cases import CaseState, Group, Show
from posyandu_app.domain.reviews import Decision
from posyandu_app.paths import DataFolder
from posyandu_app.services import cases
from posyandu_app.ui.counts import NOT_BEFORE_MS
from posyandu_app.ui.models.rows import ROW
from tests import village
from tests.ui.test_layout import LOOKS, check

Key = Qt.Key


def listed(hands):
    model = hands.main.review.model
    return [model.index(at, 0).data(ROW).child.name for at in range(model.rowCount())]


@pytest.fixture
def at_list(midwife):
    midwife.go("review")
    return midwife


def test_the_worst_is_on_top_and_chosen_with_why_since_when_and_raw_values(at_list):
    names = listed(at_list)
    assert names[:2] == ["Bagas Saputra", "Citra Lestari"]
    assert "Aisyah Putri" not in names, "closed cases are not open"
    review = at_list.main.review
    assert at_list.text("glance_name") == "Bagas Saputra"
    assert "Bengkak (edema) kedua kaki, derajat +1 sejak 20 Nov" in review.glance.reasons.accessibleName()
    values = review.glance.values.accessibleName()
    for raw in ("7,05 kg", "78,1 cm", "11,2 cm", "+1"):
        assert raw in values
    told = review.model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    for part in ("Bagas Saputra", "RUJUK SEGERA", "sejak 20 Nov", "Baru", "7,05 kg"):
        assert part in told
    tones = [review.model.row(at).case.tone.severity for at in range(review.model.rowCount())]
    assert tones == sorted(tones, reverse=True)


def test_the_words_above_the_list_count_all_of_it_and_tabs_tell_what_waits_elsewhere(at_list):
    review = at_list.main.review
    assert review.state.count(Show.OPEN) == 10
    assert review.tabs.accessibleName().startswith("Anak (D);")
    told = at_list.text("review_lead")
    tones, _, early = told.partition(" · 3 mulai turun jalur")
    assert early, "those are among the others"
    assert tones.endswith("· 1 tanpa alasan lagi")
    assert sum(int(part.split()[0]) for part in tones.split(" · ")) == 10
    at_list.press(Key.Key_J)
    assert "Anak  9 (D)" in at_list.main.current.tabs.accessibleName()


def test_the_arrow_keys_move_the_glance_along(at_list):
    at_list.press(Key.Key_Down)
    assert at_list.text("glance_name") == "Citra Lestari"
    assert at_list.main.review.glance.picture.accessibleName().startswith("BB/TB ")


def test_numbers_and_f3_choose_how_far_the_cases_are(at_list):
    at_list.press(Key.Key_4)
    assert listed(at_list) == ["Hafiz Maulana"]
    at_list.press(Key.Key_3)
    assert listed(at_list) == ["Hafiz Maulana", "Rafi Alfarizi"]
    at_list.press(Key.Key_5)
    assert listed(at_list) == ["Aisyah Putri"]
    at_list.press(Key.Key_F3)
    assert at_list.main.review.state.show is Show.OPEN
    at_list.press(Key.Key_2)
    assert "Rafi Alfarizi" not in listed(at_list)
    assert {"Bagas Saputra", "Hafiz Maulana"} <= set(listed(at_list)), "news in a follow-up is new too"


def test_every_chip_counts_what_it_shows(at_list):
    state = at_list.main.review.state
    for show in Show:
        assert state.count(show) == len(cases.worklist(at_list.app.workspace, show))


def test_posyandu_and_reason_narrow_the_list_by_keys_alone(at_list):
    everybody = len(listed(at_list))
    at_list.press(Key.Key_P)
    assert at_list.focus.objectName() == "review_place_list"
    at_list.press(Key.Key_3)
    assert at_list.main.review.place.text() == "Mawar"
    assert {row.posyandu for row in at_list.main.review.state.visible} == {"Mawar"}
    assert at_list.focus.objectName() == "review_list"
    at_list.press(Key.Key_A)
    at_list.press(Key.Key_Down)
    at_list.press(Key.Key_Return)
    group = at_list.main.review.state.group
    assert group is not None
    assert all(
        group in {item.group for item in row.case.reasons} for row in at_list.main.review.state.visible
    )
    at_list.press(Key.Key_0)
    assert len(listed(at_list)) == everybody


def test_an_open_list_of_reasons_is_left_with_esc_and_nothing_changed(at_list):
    before = listed(at_list)
    at_list.press(Key.Key_A)
    at_list.press(Key.Key_Down)
    at_list.press(Key.Key_Escape)
    assert at_list.main.place == "review"
    assert at_list.focus.objectName() == "review_list", "the arrows and Enter are about the children again"
    assert listed(at_list) == before


def test_who_falls_through_channels_before_being_short_is_told_early(at_list):
    rows = at_list.main.review.state.rows
    dimas = next(row for row in rows if row.child.name == "Dimas Prasetyo")
    groups = {item.group for item in dimas.case.reasons}
    assert Group.FALLING in groups
    assert Group.STUNTING not in groups
    assert "mulai turun jalur, belum pendek" in at_list.text("review_lead")
    at_list.press(Key.Key_A)
    state = at_list.main.review.state
    at = [group for group, _ in state.groups].index(Group.FALLING)
    at_list.press(Key(ord(str(at + 1))))
    assert "Dimas Prasetyo" in listed(at_list)


def test_an_empty_filter_says_so_and_how_to_see_everybody(at_list):
    at_list.press(Key.Key_P)
    at_list.press(Key.Key_2)
    at_list.press(Key.Key_4)
    assert listed(at_list) == []
    assert at_list.main.review.empty.accessibleName().startswith("Tidak ada anak di saringan ini")
    at_list.press(Key.Key_0)
    assert len(listed(at_list)) > 5
    assert at_list.focus.objectName() == "review_list"


def test_enter_opens_the_case_for_the_midwife_and_esc_comes_back_to_the_same_child(at_list):
    at_list.press(Key.Key_Down)
    at_list.press(Key.Key_Return)
    assert at_list.main.place == "case"
    assert at_list.text("case_header_name") == "Citra Lestari"
    at_list.press(Key.Key_Escape)
    assert at_list.main.place == "review"
    assert at_list.main.review.state.row.child.name == "Citra Lestari"


def test_the_childs_card_is_one_key_away(at_list):
    at_list.ctrl(Key.Key_Return)
    assert at_list.main.place == "child"
    at_list.press(Key.Key_Escape)
    assert at_list.main.place == "review"


def test_the_list_in_sight_is_printed(at_list, tmp_path):
    printer = at_list.main.review.printer
    printer.folder = tmp_path / "paper"
    shown: list[Path] = []
    printer.show = shown.append
    at_list.ctrl(Key.Key_P)
    (path,) = shown
    assert path.name == "perlu-perhatian-2026-11-23.pdf"
    assert path.read_bytes().startswith(b"%PDF")
    printer.folder = path
    at_list.ctrl(Key.Key_P)
    assert "tidak dapat disimpan" in at_list.text("undo_text")


@pytest.mark.parametrize("look", LOOKS)
def test_the_worklist_fits_the_laptop_in_every_look(start, village_folder, look):
    hands = start(village_folder.folder, **look)
    assert hands.app.unlock(village.LABEL, village.PASSWORD)
    hands.settle()
    hands.go("review")
    check(hands)
    for _ in range(9):
        hands.press(Key.Key_Down)
    check(hands)


def test_an_empty_laptop_says_what_nothing_means(start, tmp_path):
    from posyandu_app.domain.model import Role
    from posyandu_app.services import accounts

    folder = DataFolder(tmp_path / "new")
    setup = accounts.Setup(village.VILLAGE, "", "Rina", "Rina", Role.BIDAN, village.PASSWORD)
    accounts.set_up(folder, setup, village.clock(), cheap=True).close()
    hands = start(folder)
    assert hands.app.unlock("Rina", village.PASSWORD)
    hands.settle()
    hands.go("review")
    assert hands.main.review.empty.accessibleName().startswith("Tidak ada anak yang perlu perhatian")


def test_the_rail_tells_from_the_start_how_many_wait_and_counts_again(midwife):
    counts = midwife.main.desk.counts
    midwife.wait(NOT_BEFORE_MS + 200)
    assert counts["review"] == 9, "nobody has opened the list yet"
    row = next(row for row in cases.every_case(midwife.app.workspace) if row.case.state is CaseState.NEW)
    midwife.main.desk.do(lambda workspace: cases.decide(workspace, row.child.id, {Decision.COUNSEL}))
    midwife.settle()
    midwife.wait(NOT_BEFORE_MS + 200)
    assert counts["review"] == 8
    midwife.go("review")
    assert counts["review"] == 8, "the list counts the same"
