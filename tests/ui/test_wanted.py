"""What the kader sees of the midwife's work: in the list, on the day, and quietly while weighing."""

from datetime import date

import pytest
from PySide6.QtCore import Qt

from posyandu_app.domain.model import Role
from posyandu_app.domain.reviews import Decision, Outcome
from posyandu_app.services import accounts, cases
from posyandu_app.ui.screens import review_state
from tests.ui.conftest import LABEL, PASSWORD
from tests.ui.test_layout import LOOKS, check

Key = Qt.Key
SENTENCE = "Rina menunggu paling lambat 30/11/2026"


@pytest.fixture
def asked(posyandu, clock):
    """The midwife, on this laptop, wants to see Citra again."""
    ws = accounts.unlock(posyandu.folder, LABEL, PASSWORD, clock)
    ws.user = type(ws.user)("bidan-1", "Rina", Role.BIDAN)
    cases.decide(
        ws,
        posyandu.children["Citra Lestari"],
        {Decision.COUNSEL, Decision.PMT},
        pmt_days=14,
        revisit_on=date(2026, 11, 30),
    )
    yield ws
    ws.close()


@pytest.fixture
def kader(asked, start, posyandu):
    hands = start(posyandu.folder)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    return hands


def test_in_the_list_the_kader_reads_whom_the_midwife_waits_for_and_until_when(kader, posyandu):
    kader.go("review")
    kader.press(Key.Key_3)
    row = kader.main.review.state.row
    assert row.child.name == "Citra Lestari"
    assert kader.text("glance_wanted").startswith(SENTENCE)
    assert "PMT 14 hari" in kader.text("glance_decided")
    kader.press(Key.Key_Return)
    assert kader.main.place == "child", "a kader reads; she opens the card"


def test_the_kader_has_no_calendar_and_decides_nothing(kader):
    kader.go("review")
    assert not kader.main.review.decides
    assert kader.main.review.glance.button.text() == "Buka kartu"
    kader.press(Key.Key_J)
    assert kader.main.place == "review"


def test_on_the_day_the_list_of_the_expected_says_it(kader, tmp_path):
    kader.go("day")
    day = kader.main.day
    told = {day.model.row(at).name: day.model.row(at) for at in range(day.model.rowCount())}
    citra = told["Citra Lestari"]
    assert SENTENCE in f"{citra.upper} {citra.lower}"
    assert all(SENTENCE not in row.told for name, row in told.items() if name != "Citra Lestari")
    day.paper_folder = tmp_path / "paper"
    day.show_paper = lambda path: None
    kader.ctrl(Key.Key_P)
    assert (tmp_path / "paper" / "daftar-sasaran-2026-11-23.pdf").exists()


def test_while_weighing_a_quiet_line_under_her_name_says_it(kader):
    kader.open_child("Citra Lestari")
    assert kader.text("weighing_header_note").startswith(SENTENCE)
    kader.press(Key.Key_Escape)
    kader.open_child("Aisyah Putri")
    assert kader.text("weighing_header_note") == ""


def test_an_overdue_child_is_told_so(kader, clock):
    from datetime import datetime

    from tests.ui.conftest import WIB

    clock.set(datetime(2026, 12, 3, 9, 0, tzinfo=WIB))
    kader.open_child("Citra Lestari")
    assert kader.text("weighing_header_note").startswith("Rina menunggu sejak 30/11/2026")


def test_when_the_midwife_closes_the_case_nothing_is_asked_any_more(kader, asked, posyandu):
    kader.open_child("Citra Lestari")
    cases.close(asked, posyandu.children["Citra Lestari"], Outcome.TREATED)
    kader.press(Key.Key_Escape)
    kader.open_child("Citra Lestari")
    assert kader.text("weighing_header_note") == ""


def test_paper_for_the_kader_names_what_was_decided(kader):
    kader.go("review")
    heads, lines = review_state.table(kader.main.review.state, date(2026, 11, 23))
    citra = next(line for line in lines if line[0].startswith("Citra Lestari"))
    assert len(citra) == len(heads)
    assert citra[-1] == "Kontrol 30 Nov: Konseling; PMT 14 hari; kontrol 30/11/2026"


@pytest.mark.parametrize("look", LOOKS)
def test_with_the_quiet_line_the_weighing_still_fits(asked, start, posyandu, look):
    hands = start(posyandu.folder, **look)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    hands.open_child("Citra Lestari")
    assert hands.text("weighing_header_note")
    check(hands)
