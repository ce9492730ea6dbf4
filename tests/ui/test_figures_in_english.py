"""In English no figure is written the Indonesian way, wherever it stands."""

import re

import pytest
from PySide6.QtCore import Qt

from posyandu_app.domain.model import Role
from posyandu_app.paths import DataFolder
from posyandu_app.services import children
from posyandu_app.ui import paint
from posyandu_app.ui.screens.weighing_state import WEIGHT
from tests import made_up_district as district
from tests import village
from tests.ui.conftest import LABEL, PASSWORD
from tests.ui.test_masking import texts

Key = Qt.Key
INDONESIAN = re.compile(
    r"\d,\d{1,2}(?!\d)|\d\.\d{3} (?:of|measurements)"
    r"|(?:\d{4},?|[ADJFMNOS][a-z]{2},?|at|Saved:?) [0-2]\d\.[0-5]\d"
)


@pytest.fixture
def said(monkeypatch):
    """Everything a window says and paints."""

    def look(window):
        found, write = [texts(window)], paint.text
        monkeypatch.setattr(paint, "text", lambda *told, **how: found.append(told[2]) or write(*told, **how))
        window.grab()
        monkeypatch.setattr(paint, "text", write)
        return "\n".join(found)

    return look


def wrong(words):
    return [line for line in words.split("\n") if INDONESIAN.search(line)]


def test_the_test_sees_figures_in_indonesian(hands, said, posyandu):
    hands.open_child("Aisyah Putri")
    assert wrong(said(hands.app.window))


def test_the_table_and_the_card_of_a_child(start, posyandu, said):
    hands = start(posyandu.folder, language="en")
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    hands.open_child("Aisyah Putri")
    hands.enter("11,45")
    assert hands.weighing.state.texts[WEIGHT] == "11.45", "typed either way"
    words = said(hands.app.window)
    assert "11.45" in words
    assert wrong(words) == []
    hands.press(Key.Key_F9)
    card = posyandu.children["Aisyah Putri"]
    assert children.open_card(hands.app.workspace, card).history[-1].measurement.weight_g == 11450
    hands.main.go("child", card)
    hands.settle()
    for page in "12345":
        hands.type(page)
        assert wrong(said(hands.app.window)) == [], page


def test_the_worklist_and_a_case(start, village_folder, said):
    hands = start(village_folder.folder, language="en")
    assert hands.app.unlock(village.LABEL, village.PASSWORD)
    hands.settle()
    hands.go("review")
    assert "11.2 cm" in said(hands.app.window)
    assert wrong(said(hands.app.window)) == []
    hands.press(Key.Key_Return)
    assert hands.main.place == "case"
    assert wrong(said(hands.app.window)) == []


def test_the_analysis_and_data_quality(start, tmp_path, said, clock):
    clock.set(district.NOW)
    folder = DataFolder(tmp_path / "data")
    district.fill(folder, role=Role.TPG, children=400, posyandu=5)
    hands = start(folder, language="en")
    assert hands.app.unlock(district.LABEL, district.PASSWORD)
    hands.settle()
    hands.go("analysis")
    for view in "123456789":
        hands.type(view)
        assert wrong(said(hands.app.window)) == [], view
    quality = hands.main.screen_of("quality")
    hands.press(Key.Key_Return)
    assert re.search(r"\d,\d{3} ", said(hands.app.window)), "thousands"
    for _ in range(quality.checks.model.rowCount()):
        hands.press(Key.Key_Return)
        assert wrong(said(hands.app.window)) == [], quality.state.check
        hands.press(Key.Key_Escape)
        hands.press(Key.Key_Down)
    hands.go("recommend")
    hands.ctrl(Key.Key_U)
    assert hands.main.screen_of("proposals").found
    assert wrong(said(hands.app.window)) == []
