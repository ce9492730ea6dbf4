"""Each dose has a day of its own: that of the form, or one typed at once, as from the Buku KIA."""

from datetime import date, datetime

import pytest
from PySide6.QtCore import Qt

from posyandu_app.domain.doses import DoseKind, DoseState
from posyandu_app.services import child_book, doses, drafts, visits
from posyandu_app.ui.screens import care_state as care_of
from tests.ui.conftest import LABEL, PASSWORD, WIB
from tests.ui.test_care import card, shown, to
from tests.ui.test_layout import LOOKS, check

Key = Qt.Key
NAME = "Bagas Saputra"  # born 2 June 2025, registered in July 2026
TODAY = date(2026, 11, 23)


def book_row(antigen):
    return f"dose.imunisasi.{antigen}"


def recorded(hands, posyandu, name=NAME):
    given = doses.of_child(hands.app.workspace, posyandu.children[name])
    return {dose.antigen: (dose.date, dose.state) for dose in given if dose.what == DoseKind.IMMUNISATION}


def open_book(hands, name=NAME):
    hands.open_child(name)
    hands.press(Key.Key_F11)
    to(hands, care_of.BOOK)
    hands.type("s")
    hands.press(Key.Key_Return)


def test_the_kia_book_is_copied_by_typing_one_day_after_the_other(hands, posyandu):
    hands.open_child(NAME)
    hands.press(Key.Key_F11)
    assert book_row("hb0") not in shown(hands), "the book is out of the way until somebody copies it"
    to(hands, care_of.BOOK)
    assert "belum tercatat" in hands.text("care_book_note")
    hands.type("s")
    hands.press(Key.Key_Return)
    assert hands.focus.objectName() == "care_dose.imunisasi.hb0"
    hands.type("02062025")
    assert hands.focus.objectName() == "care_dose.imunisasi.hb0_date", "a figure begins the day"
    hands.press(Key.Key_Return)
    assert hands.focus.objectName() == "care_dose.imunisasi.bcg"
    hands.type("5/7/25")
    hands.press(Key.Key_Return)
    hands.type("m")
    hands.press(Key.Key_Return)
    hands.press(Key.Key_F9)
    assert hands.text("undo_text") == "Disimpan: Bagas Saputra, 3 dosis"
    assert recorded(hands, posyandu) == {
        "hb0": (date(2025, 6, 2), DoseState.GIVEN),
        "bcg": (date(2025, 7, 5), DoseState.GIVEN),
        "opv1": (TODAY, DoseState.REFUSED),
    }
    book = child_book.open_book(hands.app.workspace, posyandu.children[NAME])
    assert [(item.title, item.date) for item in book.given if item.kind == "dose"] == [
        ("Polio tetes 1: menolak", TODAY),
        ("BCG: diberikan", date(2025, 7, 5)),
        ("HB0: diberikan", date(2025, 6, 2)),
    ]
    hands.ctrl(Key.Key_Z)
    assert recorded(hands, posyandu) == {}, "one deed, one undo"
    kept = drafts.load(hands.app.workspace, posyandu.children[NAME])
    assert kept[f"care.date.{book_row('bcg')}"] == "05/07/2025", "nothing typed is lost"


def test_a_dose_of_today_needs_no_day_and_another_day_is_typed_over_it(start, posyandu, clock):
    clock.set(datetime(2026, 12, 21, 9, 0, tzinfo=WIB))
    hands = start(posyandu.folder)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    hands.open_child(NAME)  # 18 months old since 2 December
    hands.press(Key.Key_F11)
    due = [code for code in shown(hands) if code.startswith("dose.imunisasi.")]
    assert due, "something has its time"
    row = hands.weighing.services.row(due[0])
    hands.weighing.services.take_keyboard(due[0])
    hands.type("d")
    assert row.date.isVisible()
    assert row.date.text() == "21/12/2026"
    hands.press(Key.Key_Return)
    assert hands.focus is not row.date, "Enter passes the day"
    hands.weighing.services.take_keyboard(due[0])
    hands.press(Key.Key_Tab)
    assert hands.focus is row.date, "Tab reaches it"
    row.date.selectAll()
    hands.type("18/12")
    hands.press(Key.Key_Return)
    assert row.date.text() == "18/12/2026"
    hands.press(Key.Key_F9)
    antigen = due[0].rpartition(".")[2]
    assert recorded(hands, posyandu) == {antigen: (date(2026, 12, 18), DoseState.GIVEN)}


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("24/11/2026", "belum terjadi"),
        ("01/06/2025", "sebelum anak lahir"),
        ("31/02/2026", "tidak ada"),
        ("7", "tidak terbaca"),
    ],
)
def test_a_day_that_cannot_be_is_said_at_once_and_nothing_is_saved(hands, posyandu, typed, says):
    open_book(hands)
    hands.type(typed)
    hands.press(Key.Key_Return)
    assert hands.focus.objectName() == "care_dose.imunisasi.hb0_date", "the keyboard stays where to mend"
    assert says in hands.text("care_dose.imunisasi.hb0_note")
    hands.press(Key.Key_F11)
    hands.press(Key.Key_F9)
    assert hands.weighing.at_services, "back to the row to mend"
    assert hands.focus.objectName() == "care_dose.imunisasi.hb0_date"
    assert recorded(hands, posyandu) == {}
    hands.press(Key.Key_Escape)
    assert hands.weighing.at_services, "Esc gives the day up, not the table"
    assert hands.weighing.care.wrong == {}
    hands.type("n")
    hands.press(Key.Key_F9)
    assert recorded(hands, posyandu) == {}


def test_yesterdays_paper_dates_its_doses_and_one_of_its_own_stays(hands, posyandu):
    hands.open_child(NAME)
    hands.press(Key.Key_F6)
    hands.focus.selectAll()
    hands.enter("20/11/2026")
    hands.press(Key.Key_F11)
    to(hands, care_of.BOOK)
    hands.type("s")
    hands.press(Key.Key_Return)
    hands.type("d")
    assert hands.weighing.services.row(book_row("hb0")).date.text() == "20/11/2026"
    hands.press(Key.Key_Return)
    hands.type("2/7/2025")
    hands.press(Key.Key_Return)
    hands.press(Key.Key_F9)
    found = recorded(hands, posyandu)
    assert found["hb0"][0] == date(2026, 11, 20)
    assert found["bcg"][0] == date(2025, 7, 2)


def test_the_day_of_a_dose_half_typed_survives_a_power_cut(start, posyandu):
    first = start(posyandu.folder)
    assert first.app.unlock(LABEL, PASSWORD)
    first.settle()
    open_book(first)
    first.type("2/6")
    first.wait(500)  # the power goes here
    second = start(posyandu.folder)
    assert second.app.unlock(LABEL, PASSWORD)
    second.settle()
    second.open_child(NAME)
    second.press(Key.Key_F11)
    typed = second.weighing.services.row(book_row("hb0")).date.text()
    assert typed in ("2/6", "02/06/2026"), "as she typed it, or as it was read when she left the field"
    second.press(Key.Key_F9)
    assert recorded(second, posyandu) == {"hb0": (date(2026, 6, 2), DoseState.GIVEN)}


def test_once_the_whole_book_is_copied_what_is_missing_is_missing_indeed(hands, posyandu):
    hands.open_child(NAME)
    hands.press(Key.Key_F11)
    to(hands, care_of.BOOK)
    hands.type("u")
    hands.press(Key.Key_F9)
    assert card(hands, posyandu, NAME).book_copied is True
    hands.open_child(NAME)
    hands.press(Key.Key_F11)
    assert "Terlambat" in hands.text(f"care_{book_row('mr1')}_note")
    assert not visits.on_day(hands.app.workspace, posyandu.children[NAME], TODAY).voided


def test_closing_the_book_again_forgets_what_was_copied(hands):
    open_book(hands)
    hands.type("2/6/2025")
    hands.press(Key.Key_Return)
    hands.weighing.services.take_keyboard(care_of.BOOK)
    hands.type("n")
    assert book_row("hb0") not in shown(hands)
    assert not hands.weighing.care.dates
    assert not hands.weighing.care.touched


def test_a_capsule_of_another_day_has_the_colour_of_her_age_then(start, posyandu, clock):
    clock.set(datetime(2026, 8, 24, 9, 0, tzinfo=WIB))
    hands = start(posyandu.folder)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    hands.open_child("Aisyah Putri")  # one year old on 17 August 2025
    hands.press(Key.Key_F11)
    assert hands.focus.objectName() == "care_dose.vitamin_a."
    hands.type("10/8/2025")
    hands.press(Key.Key_Return)
    hands.press(Key.Key_F9)
    given = doses.of_child(hands.app.workspace, posyandu.children["Aisyah Putri"])
    assert [(dose.date, dose.colour) for dose in given] == [(date(2025, 8, 10), "biru")]


@pytest.mark.parametrize("look", LOOKS)
def test_the_book_fits_the_laptop_in_every_look(start, posyandu, look):
    hands = start(posyandu.folder, **look)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    open_book(hands)
    for _ in range(3):
        hands.type("2/6/2025")
        seen = hands.focus.visibleRegion().boundingRect()
        assert seen == hands.focus.rect(), "the day being typed is not below the edge"
        hands.press(Key.Key_Return)
    check(hands, scrolling=True)
