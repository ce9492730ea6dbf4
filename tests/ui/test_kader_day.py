"""The kader's day by keys alone: what the lists announce, and two tables on one laptop."""

from datetime import date, datetime

import pytest
from PySide6.QtCore import Qt

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.model import ChildState, Role, Sex
from posyandu_app.domain.visits import Visit
from posyandu_app.services import (
    accounts,
    children,
    registration,
    roster,
    sessions,
    visits,
    weighing,
)
from posyandu_app.services.registration import ChildInput
from posyandu_app.ui.screens import care_state as care_of
from posyandu_app.ui.screens import day_state
from posyandu_app.ui.screens.weighing_state import WEIGHT
from tests.ui.conftest import LABEL, PASSWORD, WIB
from tests.ui.test_care import to
from tests.ui.test_layout import LOOKS

Key = Qt.Key
TODAY = date(2026, 11, 23)


def shown(hands):
    """The rows of the day's list in sight."""
    model = hands.main.day.model
    return [model.row(at) for at in range(model.rowCount())]


def at_home(hands):
    """The day's screen and what its rows say, by child."""
    hands.go("day")
    hands.press(Key.Key_1)
    return {row.name: f"{row.upper} {row.lower}" for row in shown(hands)}


@pytest.mark.parametrize(
    ("birth", "says"),
    [
        (date(2026, 5, 20), "Genap 6 bulan: mulai MP-ASI"),
        (date(2026, 2, 20), "Genap 9 bulan: waktunya imunisasi"),
        (date(2025, 11, 20), "Genap 1 tahun: vitamin A kapsul merah"),
        (date(2024, 11, 20), "Genap 2 tahun: mulai sekarang tinggi badan diukur berdiri"),
        (date(2021, 12, 20), "Umur 59 bulan: bulan depan lulus"),
        (date(2025, 3, 20), None),
    ],
)
def test_the_list_announces_the_ages_that_change_something(hands, birth, says):
    baby = ChildInput("Zahra Anjani", Sex.FEMALE, birth, mother_name="Wulan")
    registration.register(hands.app.workspace, baby)
    told = at_home(hands)["Zahra Anjani"]
    if says is None:
        assert "Genap" not in told
        assert "Umur" not in told
    else:
        assert says in told


def test_the_list_tells_who_did_not_come_last_time(hands, posyandu, clock):
    weighing.record(hands.app.workspace, posyandu.children["Aisyah Putri"], Draft(TODAY, 11800))
    clock.set(datetime(2026, 12, 21, 9, 0, tzinfo=WIB))
    told = at_home(hands)
    assert "Posyandu lalu tidak datang" not in told["Aisyah Putri"]
    assert "Posyandu lalu tidak datang" in told["Dimas Prasetyo"]


def test_the_house_is_found_by_the_address_on_paper(hands, posyandu):
    child = posyandu.children["Aisyah Putri"]
    registration.update(hands.app.workspace, child, {"address": "Kampung Cibogo, belakang masjid"})
    hands.go("day")
    hands.press(Key.Key_3)
    heads, lines = day_state.table(hands.main.day.state)
    at = list(heads).index("Alamat")
    of = {line[0]: line[at] for line in lines}
    assert of["Aisyah Putri"] == "Kampung Cibogo, belakang masjid, RT 01 / RW 02"
    assert of["Bagas Saputra"] == "RT 01 / RW 02"


def test_local_food_and_a_referral_are_typed_saved_and_counted(hands, posyandu):
    hands.open_child("Bagas Saputra")
    hands.enter("10,1")
    hands.press(Key.Key_F11)
    to(hands, care_of.FEEDING)
    hands.type("y")
    to(hands, care_of.FOOD)
    hands.type("y")
    to(hands, care_of.REFERRAL)
    hands.type("s")
    hands.press(Key.Key_F9)
    saved = visits.on_day(hands.app.workspace, posyandu.children["Bagas Saputra"], TODAY)
    assert (saved.local_food, saved.referral, saved.complementary_feeding) == (True, "pustu", True)
    hands.go("day")
    hands.press(Key.Key_5)
    told = dict(day_state.services(hands.main.day.state))
    assert told["Mendapat MT pangan lokal"] == "1"
    assert told["Dirujuk"] == "1"
    assert told["MP-ASI sesuai umur"] == "1 dari 1 (100,0 %)"
    assert told["ASI eksklusif"] == "—", "nobody was asked: no 0"


@pytest.mark.parametrize(("downs", "state"), [(1, ChildState.DEAD), (2, ChildState.GRADUATED)])
def test_who_leaves_is_gone_from_the_list_and_back_by_undo(start, posyandu, clock, downs, state):
    clock.set(datetime(2026, 11, 23, 9, 12, tzinfo=WIB))
    hands = start(posyandu.folder)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    ws = hands.app.workspace
    old = ChildInput("Zahra Anjani", Sex.FEMALE, date(2021, 11, 2), mother_name="Wulan")
    child = next(iter(registration.register(ws, old).entities))
    hands.main.go("leaving", child)
    hands.settle()
    for _ in range(downs):
        hands.press(Key.Key_Down)
    hands.press(Key.Key_F9)
    assert children.get(ws, child).state == state
    assert child not in {row.child.id for row in roster.rows(ws)}
    hands.ctrl(Key.Key_Z)
    assert children.get(ws, child).state == ChildState.ACTIVE


def test_a_nik_finds_its_child(hands, posyandu):
    child = posyandu.children["Siti Nurhaliza"]
    registration.update(hands.app.workspace, child, {"nik": "3211135402250003"})
    hands.press(Key.Key_F2)
    hands.type("3211135402250003")
    hands.press(Key.Key_Return)
    assert hands.main.place == "weighing"
    assert hands.text("weighing_header_name") == "Siti Nurhaliza"


def test_two_tables_share_one_laptop_and_a_half_entered_child_waits_for_whoever_is_next(hands, posyandu):
    ws = hands.app.workspace
    accounts.add_user(ws, "Ani Lestari", "Ani Lestari", Role.KADER, "mawar satu", cheap=True)
    sessions.open_day(ws, TODAY)
    visits.record(ws, Visit(id="", child=posyandu.children["Citra Lestari"], date=TODAY))
    hands.open_child("Aisyah Putri")
    hands.enter("11,8")
    hands.press(Key.Key_Escape)
    hands.go("day")
    hands.press(Key.Key_2)
    rows = {row.name: row for row in shown(hands)}
    assert rows["Aisyah Putri"].upper == "Sedang diisi", "who is half entered is there"
    assert rows["Aisyah Putri"].lower == "setengah diisi oleh Siti Rahma, 09.12"
    assert rows["Citra Lestari"].lower == "menunggu ditimbang"
    assert hands.text("day_lead").startswith("1 menunggu ditimbang, 1 setengah diisi.")
    hands.press(Key.Key_5)
    assert hands.text("day_session").startswith("1 anak masih setengah diisi, lihat Hadir.")

    hands.ctrl(Key.Key_L)
    assert hands.app.unlock("Ani Lestari", "mawar satu")
    hands.settle()
    row = next(row for row in roster.rows(hands.app.workspace) if row.child.name == "Aisyah Putri")
    assert row.has_draft, "whoever sits down sees who waits"
    hands.open_child("Aisyah Putri")
    assert hands.weighing.boxes[WEIGHT].edit.text() == "11,8"
    assert hands.text("undo_text") == "Lanjutan isian Siti Rahma"
    hands.press(Key.Key_F9)
    history = children.open_card(hands.app.workspace, posyandu.children["Aisyah Putri"]).history
    assert history[-1].measurement.weight_g == 11800
    assert not any(row.has_draft for row in roster.rows(hands.app.workspace))


@pytest.mark.parametrize("look", LOOKS)
def test_every_line_of_the_recap_is_read_whole_in_every_look(start, posyandu, look):
    hands = start(posyandu.folder, **look)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    hands.go("day")
    hands.press(Key.Key_5)
    recap = hands.main.day.recap
    for table in (recap.skdn, recap.given):
        cut = [line[0] for at, line in enumerate(table._lines) if not table.label_is_whole(at)]
        assert cut == []
