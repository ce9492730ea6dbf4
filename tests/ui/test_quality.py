"""Data quality by keys alone over a made-up district: figures counted again, records behind them opened."""

import re
from collections import Counter
from datetime import datetime

import pytest
from PySide6.QtCore import Qt

from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Role
from posyandu_app.paths import DataFolder
from posyandu_app.reports.quality import Check
from posyandu_app.ui import paint
from posyandu_app.ui.analysis import quality_view as qv
from posyandu_app.ui.analysis.areas_view import line_words
from tests import made_up_district as district
from tests.ui.looking import shortened
from tests.ui.test_layout import LOOKS, check

Key = Qt.Key


@pytest.fixture
def clock():
    return FixedClock(district.NOW)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    root = tmp_path_factory.mktemp("district") / "data"
    return root, district.fill(DataFolder(root), role=Role.TPG, children=500, posyandu=6, causes=False)


@pytest.fixture
def opened(start, filled, tmp_path):
    import shutil

    root, world = filled

    def begin(**look):
        copy = tmp_path / "data"
        shutil.copytree(root, copy)
        hands = start(DataFolder(copy), **look)
        assert hands.app.unlock(district.LABEL, district.PASSWORD)
        hands.settle()
        hands.go("analysis")
        hands.type("9")
        assert hands.main.place == "quality"
        screen = hands.main.screen_of("quality")
        screen.paper_folder = tmp_path / "paper"
        screen.show_paper = lambda path: None
        return hands, screen, world

    return begin


def to_check(hands, screen, wanted):
    """From the row to one of its checks."""
    hands.press(Key.Key_Return)
    assert screen.state.deep == 1
    hands.press(Key.Key_Home)
    while screen.checks.chosen != wanted:
        hands.press(Key.Key_Down)


def test_digits_of_one_posyandu_are_those_written_and_lead_to_their_records(opened):
    hands, screen, world = opened()
    row = next(row for row in screen.table.rows if row.figures[Check.WEIGHT_DIGITS].doubtful)
    while screen.state.row != row.key:
        hands.press(Key.Key_Down)
    place = world.scopes.index(row.key)
    written = Counter(
        int(world.weight_g[at]) // 100 % 10
        for at in range(len(world.visit_ids))
        if world.child_place[world.visit_child[at]] == place
        and world.weight_g[at]
        and world.day[at] >= 739617
    )
    figure = row.figures[Check.WEIGHT_DIGITS]
    assert figure.digits.counts == tuple(written[digit] for digit in range(10))
    to_check(hands, screen, "weight_digits")
    hands.press(Key.Key_Return)
    often = figure.digits.preferred
    assert f"Angka akhir berat: skor {figure.value:.0f}." in hands.text("quality_behind")
    assert screen.people.model.rowCount() == min(sum(written[digit] for digit in often), 500)
    for digit in often:
        assert str(digit) in hands.text("quality_behind")
    hands.press(Key.Key_Return)
    assert hands.main.place == "child"
    hands.press(Key.Key_Escape)
    assert hands.main.place == "quality"


def shown_words(screen):
    model = screen.people.model
    return [model.data(model.index(at, 0)) for at in range(model.rowCount())]


@pytest.mark.parametrize("look", [{}, {"text_size": "large"}])
def test_behind_late_records_stand_how_late_each_was_and_both_days(opened, look):
    hands, screen, _ = opened(**look)
    to_check(hands, screen, "late")
    hands.press(Key.Key_Return)
    assert "paling lama di atas" in hands.text("quality_behind")
    days = []
    for words in shown_words(screen):
        found = re.search(r"([\d.]+) hari, (\d\d/\d\d/\d{4}) → (\d\d/\d\d/\d{4})", words)
        first, last = (datetime.strptime(day, "%d/%m/%Y") for day in found.groups()[1:])
        days.append(int(found[1].replace(".", "")))
        assert (last - first).days == days[-1] > 7
        assert "kg" not in words
    assert days == sorted(days, reverse=True)
    assert "→" not in "".join(shortened(hands.app.window)), "both days are there whole"


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("head_digits", r"\d+,(\d) cm, angka akhir \1 · \d\d/\d\d/2026"),
        ("muac_digits", r"\d+,(\d) cm, angka akhir \1 · \d\d/\d\d/2026"),
        ("length_digits", r"\d+,(\d) cm, angka akhir \1 · \d\d/\d\d/2026"),
        ("weight_digits", r"\d+,(\d)\d* kg, ratusan gram \1 · \d\d/\d\d/2026"),
    ],
)
def test_behind_digits_stands_the_measure_with_its_digit(opened, wanted, told):
    hands, screen, _ = opened()
    to_check(hands, screen, wanted)
    hands.press(Key.Key_Return)
    said = shown_words(screen)
    assert said
    assert all(re.search(told, words) for words in said), said[0]


DAYS = r"\d\d/\d\d(/2025)? → \d\d/\d\d/2026"


@pytest.mark.parametrize("look", [{}, {"text_size": "large"}])
@pytest.mark.parametrize(
    ("wanted", "told", "order"),
    [
        (
            "jumps",
            rf"(Berat|Tinggi|Kepala) [\d,]+ → [\d,]+ (kg|cm), {DAYS} · [+−][\d,]+ \2( · koreksi posisi)?",
            "paling meragukan di atas",
        ),
        ("same_weight", rf"[\d,]+ kg( selama \d+ bulan)?, {DAYS}", "paling lama di atas"),
        ("same_length", rf"[\d,]+ cm( selama \d+ bulan)?, {DAYS}", "paling lama di atas"),
        (
            "flagged",
            r"(TB/U|BB/U|BB/TB|IMT/U|LK/U) [+−]\d+,\d\d, [\d,]+ (kg|cm)( · [\d,]+ cm)? · \d\d/\d\d/2026",
            "Paling jauh di luar batas WHO di atas",
        ),
    ],
)
def test_behind_a_figure_stands_what_it_is_about(opened, monkeypatch, look, wanted, told, order):
    hands, screen, _ = opened(**look)
    to_check(hands, screen, wanted)
    hands.press(Key.Key_Return)
    assert order in hands.text("quality_behind")
    said = shown_words(screen)
    assert said
    assert all(re.search(told, words) for words in said), said[0]
    index = screen.people.index
    words, cut = painted(hands.app.window, monkeypatch), shortened(hands.app.window)
    for upper, lower in (line_words(line, index)[4:] for line in screen.people._lines[:3]):
        assert {upper, lower} <= set(words), "nothing of it is left out for want of room"
        assert not {upper, lower} & set(cut)


def painted(window, monkeypatch):
    """Every word that the window paints."""
    found, write = [], paint.text
    monkeypatch.setattr(paint, "text", lambda *told, **how: found.append(told[2]) or write(*told, **how))
    window.grab()
    monkeypatch.undo()
    return found


def test_records_of_several_posyandu_name_theirs(opened, monkeypatch):
    hands, screen, _ = opened()
    to_check(hands, screen, "late")
    hands.press(Key.Key_Return)
    places = {row.label for row in screen.table.rows}
    words = painted(hands.app.window, monkeypatch)
    assert any(word.startswith(f"{place}, Ibu ") for word in words for place in places)
    hands.press(Key.Key_Escape)
    hands.press(Key.Key_Escape)
    hands.press(Key.Key_Down)
    to_check(hands, screen, "late")
    hands.press(Key.Key_Return)
    words = painted(hands.app.window, monkeypatch)
    assert any(word.startswith("Ibu ") for word in words), "the list beside it names the place"


def test_missing_niks_are_counted_and_listed_by_name(opened):
    hands, screen, world = opened()
    missing = {child.name for child in world.children if child.nik is None and child.state.value == "aktif"}
    figure = screen.table.total.figures[Check.NO_NIK]
    to_check(hands, screen, "no_nik")
    hands.press(Key.Key_Return)
    assert screen.people.model.rowCount() == figure.count
    shown = screen.people.model.data(screen.people.model.index(0, 0))
    assert any(shown.startswith(name) for name in missing)


def test_every_check_names_its_limit_and_where_it_comes_from(opened):
    _, screen, _ = opened()
    analysis = screen.desk.analyst.analysis
    said = {figure.check: qv.limit_words(figure, analysis) for figure in screen.table.total.figures.values()}
    assert set(said) == set(Check)
    for check_, words in said.items():
        assert "WHO" in words or "SMART" in words or "pilihan aplikasi" in words or "hari" in words, check_
    assert said[Check.SD_WEIGHT_FOR_LENGTH] == "wajar 0,85–1,10 (WHO TRS 854)"


def test_esc_goes_back_step_by_step_and_p_turns_to_the_people_who_saved(opened):
    hands, screen, _ = opened()
    to_check(hands, screen, "late")
    hands.press(Key.Key_Return)
    assert screen.state.deep == 2
    hands.press(Key.Key_Escape)
    assert screen.state.deep == 1
    assert screen.checks.chosen == "late"
    hands.press(Key.Key_Escape)
    assert screen.state.deep == 0
    hands.type("p")
    assert len(screen.table.rows) == 12, "two to a posyandu"
    hands.type("t")
    assert hands.text("quality_period") == "November 2026"
    hands.press(Key.Key_Escape)
    assert hands.main.place == "analysis"


def test_the_check_in_view_goes_along_with_a_recommendation(opened):
    hands, screen, _ = opened()
    hands.type("r")
    assert hands.main.place == "recommend_write"
    assert hands.text("recommend_figures") == "", "a row is chosen, no figure yet"
    hands.main.go("quality")
    hands.settle()
    to_check(hands, screen, "late")
    figure = screen.table.total.figures[Check.LATE]
    hands.type("r")
    assert hands.text("recommend_figures").startswith(f"{Check.LATE.label}: {qv.value_words(figure)}")
    assert hands.text("recommend_figures_head") == "Berdasarkan angka 2026"


def test_a_digit_leads_from_quality_to_a_view_of_the_analysis(opened):
    hands, _, _ = opened()
    hands.type("2")
    assert hands.main.place == "analysis"
    assert hands.main.screen_of("analysis").state.view == "trend"


def test_the_figures_are_saved_as_pdf_png_and_excel(opened, tmp_path):
    from python_calamine import CalamineWorkbook

    hands, screen, _ = opened()
    hands.ctrl(Key.Key_P)
    hands.ctrl(Key.Key_E)
    made = {path.suffix: path for path in (tmp_path / "paper").iterdir()}
    assert set(made) == {".pdf", ".png", ".xlsx"}
    rows = CalamineWorkbook.from_path(made[".xlsx"]).get_sheet_by_index(0).to_python()
    head = next(at for at, row in enumerate(rows) if row[0] == "Posyandu")
    assert [row[0] for row in rows[head + 1 : -1]] == [row.label for row in screen.table.rows]
    stamp = "\n".join(str(cell) for row in rows[:head] for cell in row)
    assert f"aturan program {screen.desk.workspace.rules.version}" in stamp
    assert f"aturan analisis {screen.desk.analyst.analysis.version}" in stamp


@pytest.mark.parametrize("look", LOOKS)
def test_data_quality_fits_the_laptop_in_every_look(opened, look):
    hands, screen, _ = opened(**look)
    check(hands, sizes=((1366, 768),))
    to_check(hands, screen, "weight_digits")
    check(hands, sizes=((1366, 768),))
    hands.press(Key.Key_Return)
    check(hands, sizes=((1366, 768),))
