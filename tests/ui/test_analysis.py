"""The analysis by keys alone over a made-up district: every figure on screen counted again by the test."""

import re
from dataclasses import replace
from datetime import datetime

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QWidget

from posyandu_app.domain.age import Month
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Role
from posyandu_app.domain.zscore import assess
from posyandu_app.paths import DataFolder
from posyandu_app.reports import statistics
from posyandu_app.reports.analysis_rules import default_analysis_rules
from posyandu_app.reports.cohort import Path
from posyandu_app.reports.coverage import Standing
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import Indicator, PrevalenceRow
from posyandu_app.services import access, history, recommendations
from posyandu_app.ui.analysis import words as analysis_words
from posyandu_app.ui.analysis.areas_view import grades_of
from posyandu_app.ui.analysis.state import AnalysisState, Picked, View, figure_in_view
from posyandu_app.ui.pictures import dots
from posyandu_app.ui.pictures.style import PictureStyle
from posyandu_app.ui.pictures.trend import Trend, TrendPoint, years_told
from tests import made_up_district as district
from tests.ui.conftest import WIB
from tests.ui.test_layout import LOOKS, check

Key = Qt.Key
NOVEMBER = Month(2026, 11)
UNDERWEIGHT = Indicator.UNDERWEIGHT


@pytest.fixture
def clock():
    return FixedClock(district.NOW)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """One filled folder for each role, copied for every test that opens it."""
    made = {}

    def of(role=Role.DINAS, scope=district.KABUPATEN, **size):
        key = (role, scope, tuple(size.items()))
        if key not in made:
            root = tmp_path_factory.mktemp("district") / "data"
            made[key] = root, district.fill(DataFolder(root), role=role, scope=scope, **size)
        return made[key]

    return of


@pytest.fixture
def opened(start, folders, tmp_path):
    """The analysis, open on a copy of the folder."""
    import shutil

    def begin(role=Role.DINAS, scope=district.KABUPATEN, look=None, **size):
        root, world = folders(role, scope, **size)
        copy = tmp_path / f"data-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(root, copy)
        hands = start(DataFolder(copy), **(look or {}))
        assert hands.app.unlock(district.LABEL, district.PASSWORD)
        hands.settle()
        screen = hands.main.screen_of("analysis")
        screen.paper_folder = tmp_path / "paper"
        screen.show_paper = lambda path: None
        if hands.main.place != "analysis":
            hands.go("analysis")
        return hands, screen, world

    return begin


def counted(world, month, scope="", chosen=lambda growth: growth.length_for_age, below=-200):
    """An independent count: each child's last visit of the month that has the index, by the domain."""
    found = of = 0
    for child in world.children:
        if not child.scope.startswith(scope) or child.sex is None or child.birth_date is None:
            continue
        latest = None
        for visit in sorted(world.histories[child.id], key=lambda v: (v.date, v.hlc)):
            if Month.of(visit.date) != month:
                continue
            days = (visit.date - child.birth_date).days
            if not 0 <= days <= 1826 or not visit.length_mm:
                continue
            latest = chosen(
                assess(
                    sex=child.sex,
                    age_days=days,
                    weight_g=visit.weight_g,
                    length_mm=visit.length_mm,
                    position=visit.position,
                )
            )
        if latest is not None and latest.centi is not None and not latest.flagged:
            of += 1
            found += latest.centi < below
    return found, of


def words(percent):
    tenths = int(percent * 10 + 0.5)
    return f"{tenths // 10},{tenths % 10} %"


def labels(screen):
    return [
        screen.dots.model.data(screen.dots.model.index(at, 0)) for at in range(screen.dots.model.rowCount())
    ]


def test_the_head_of_the_dinas_reads_stunting_first_in_one_sentence(opened):
    hands, _, world = opened()
    found, of = counted(world, NOVEMBER)
    assert hands.main.place == "analysis"
    said = hands.text("analysis_headline")
    assert said.startswith(f"Stunting {words(100 * found / of)} (")
    assert "sejak Agustus 2026" in said or "sama dengan Agustus 2026" in said
    assert f"{of} anak dihitung" in hands.text("analysis_note")
    assert hands.text("analysis_period") == "November 2026"


def test_every_row_is_the_count_of_its_kecamatan(opened):
    _, screen, world = opened(role=Role.TPG)
    for row in screen.shown.picture.rows:
        found, of = counted(world, NOVEMBER, row.key + ".")
        assert row.detail == f"{found} dari {of} anak"
        assert row.figure == words(100 * found / of)
        assert row.low <= row.value <= row.high
    values = [row.value for row in screen.shown.picture.rows]
    assert values == sorted(values, reverse=True)


def test_enter_goes_down_to_the_children_and_esc_comes_back_where_one_was(opened):
    hands, screen, world = opened(role=Role.TPG)
    hands.press(Key.Key_Down)
    path = [screen.state.chosen]
    for depth in (3, 4, 5):
        hands.press(Key.Key_Return)
        assert screen.state.area.count(".") + 1 == depth
        path.append(screen.state.chosen)
    hands.press(Key.Key_Return)
    assert screen.state.view is View.CHILDREN
    found, _ = counted(world, NOVEMBER, screen.state.area)
    assert screen.people.model.rowCount() == found
    for _ in range(4):
        hands.press(Key.Key_Escape)
    assert screen.state.area == "32.11"
    assert screen.state.view is View.PREVALENCE
    assert screen.dots.chosen == path[0]


def test_digits_letters_and_arrows_reach_every_view_and_setting(opened):
    hands, screen, _ = opened()
    for number, view in enumerate(View, 1):
        hands.type(str(number))
        assert screen.state.view is view
        assert screen.shown is not None
    hands.type("1")
    hands.press(Key.Key_F3)
    assert hands.text("analysis_headline").startswith("Wasting")
    hands.type("p")
    assert "Belum ada daftar puskesmas" in screen.empty.accessibleName()
    hands.type("p")
    assert screen.shown.picture.rows[0].key == "0-5"
    hands.type("p")
    assert [row.label for row in screen.shown.picture.rows] == ["Laki-laki", "Perempuan"]
    hands.type("p")
    hands.ctrl(Key.Key_Left)
    assert hands.text("analysis_period") == "Oktober 2026"
    hands.type("t")
    assert hands.text("analysis_period") == "2026"
    hands.type("t")
    hands.type("b")
    assert "Okt 2025" in screen.against.text()


def test_no_month_beyond_the_data_is_reached(opened):
    hands, _, world = opened()
    for _ in range(3):
        hands.ctrl(Key.Key_Right)
    assert hands.text("analysis_period") == "November 2026"
    for _ in range(20):
        hands.ctrl(Key.Key_Left)
    assert hands.text("analysis_period") == world.months[0].label


def test_the_trend_is_read_by_arrow_keys(opened):
    hands, screen, world = opened()
    hands.type("2")
    month = world.months[-3]
    for _ in range(2):
        hands.press(Key.Key_Left)
    found, of = counted(world, month)
    reading = screen.trend.picture.points[screen.trend.read].reading
    assert reading[0] == month.label
    assert reading[1] == words(100 * found / of)
    assert reading[-1] == f"{found} dari {of} anak"
    assert reading[1] in screen.trend.accessibleDescription()


def test_skdn_shows_both_ratios_of_gain(opened):
    hands, screen, world = opened()
    hands.type("3")
    by_key = {figure.key: figure for figure in screen.shown.figures}
    note = hands.text("analysis_note")
    counts = {}
    for part in note.split(" · "):
        name, value = part.split(" ")
        counts[name] = int(value.replace(".", ""))
    assert counts["D"] == counts["N"] + counts["T"] + counts["O"] + counts["B"]
    assert by_key["n_d"].value == words(100 * counts["N"] / counts["D"])
    assert by_key["n_nt"].value == words(100 * counts["N"] / (counts["N"] + counts["T"]))
    weighed = {
        child.id
        for child in world.children
        if child.birth_date is not None and child.sex is not None
        for visit in world.histories[child.id]
        if Month.of(visit.date) == NOVEMBER
        and visit.weight_g
        and (visit.date - child.birth_date).days < 1826
        and visit.date >= child.birth_date
    }
    assert abs(counts["D"] - len(weighed)) <= 2, "the same children, but for those who turn five this month"


def test_the_trend_compares_its_figures_with_the_month_that_its_sentence_names(opened):
    hands, screen, _ = opened()
    hands.type("2")
    for _ in range(4):
        said = re.search(r"(naik|turun) (\S+) poin sejak Desember 2025|(sama) dengan", screen.headline.text())
        told = "tetap" if said[3] else f"{said[1]} {said[2]}"
        assert {each.key: each.change for each in screen.shown.figures}[screen.shown.figure] == told
        hands.press(Key.Key_F3)


@pytest.mark.parametrize(("first", "told"), [(12, [1, 13]), (1, [0, 12]), (9, [0, 4, 16])])
def test_the_years_of_a_trend_never_lie_upon_each_other(qapp, first, told):
    months = [Month(2024, first).shifted(at) for at in range(24)]
    points = [
        TrendPoint("Jan", str(month.year) if month.month == 1 or not at else "", 5.0, 4.0, 6.0, None, ())
        for at, month in enumerate(months)
    ]
    rect = QRectF(0, 0, 980, 330)
    assert list(years_told(rect, Trend(tuple(points), "Sumedang"), PictureStyle.paper())) == told


def test_the_cohort_leads_to_its_children(opened):
    hands, screen, _ = opened(role=Role.TPG)
    hands.type("6")
    flow = screen.flow.picture
    new = flow.part("new")
    while screen.flow.chosen != "new":
        hands.press(Key.Key_Right)
    hands.press(Key.Key_Return)
    assert screen.state.view is View.CHILDREN
    assert screen.people.model.rowCount() == new.count
    hands.press(Key.Key_Escape)
    assert screen.state.view is View.COHORT


def test_the_cohort_of_covered_figures_draws_no_share_and_says_so(opened):
    hands, screen, _ = opened()
    hands.type("6")
    while screen.state.indicator is not Indicator.OVERWEIGHT:
        hands.press(Key.Key_F3)
    told = "yang pulih dari gizi lebih ditutup, kasus baru ditutup."
    assert screen.headline.text() == f"Sejak Agustus 2026: {told}"
    assert all(bar.covered for bar in screen.flow.picture.bars)


def test_no_key_is_offered_that_does_nothing(opened):
    hands, screen, _ = opened()

    def keys():
        return {key for _, key in screen.hints()}

    assert "Enter" in keys()
    assert "Esc" not in keys(), "there is nothing above the kabupaten"
    hands.press(Key.Key_Return)
    assert "Esc" in keys()
    hands.press(Key.Key_P)
    assert "Enter" not in keys(), "no list of puskesmas yet"
    for _ in range(2):
        hands.press(Key.Key_P)
        assert "Enter" not in keys(), "ages and sexes lead nowhere"
    hands.press(Key.Key_P)
    assert "Enter" in keys()
    hands.type("8")
    hands.press(Key.Key_O)
    assert "Enter" not in keys(), "nobody's record was opened"


def share(count, of):
    return statistics.share(count, of, of)


def test_one_child_after_none_is_not_called_a_rise():
    august = Period.of_month(Month(2026, 8))
    assert analysis_words.change(share(1, 105), share(0, 98), august) == (
        "naik 1,0 poin sejak Agustus 2026, mungkin kebetulan"
    )
    assert analysis_words.change(share(40, 105), share(0, 98), august) == "naik 38,1 poin sejak Agustus 2026"


def test_none_or_all_of_few_children_prove_no_target():
    assert dots.tone_of(share(0, 3), 14.0) == dots.UNCLEAR
    assert dots.tone_of(share(3, 3), 14.0) == dots.UNCLEAR
    assert dots.tone_of(share(0, 90), 14.0) == dots.GOOD
    assert dots.tone_of(share(60, 90), 14.0) == dots.BAD
    assert dots.tone_of(share(0, 0), 14.0) == dots.PLAIN


@pytest.mark.parametrize(
    ("stunted", "names", "grades"),
    [
        ([0, 0, 0, 0, 0, 0, 0], ["semua"], [0] * 7),
        ([0, 0, 0, 0, 0, 0, 2], ["di bawah 2,0 %", "mulai 2,0 %"], [0, 0, 0, 0, 0, 0, 1]),
        (
            [1, 2, 3, 4, 5],
            ["di bawah 2,0 %", "mulai 2,0 %", "mulai 3,0 %", "mulai 4,0 %", "mulai 5,0 %"],
            [0, 1, 2, 3, 4],
        ),
    ],
)
def test_areas_alike_stand_in_one_class_and_the_best_never_in_the_worst(stunted, names, grades):
    shares = [share(count, 100) for count in stunted]
    rows = [PrevalenceRow(str(at), str(at), 100, {UNDERWEIGHT: one}) for at, one in enumerate(shares)]
    told, grade = grades_of(UNDERWEIGHT, rows, default_analysis_rules())
    assert list(told) == names
    assert [grade(one) for one in shares] == grades


def test_the_dinas_reads_a_childs_card_and_changes_nothing(opened):
    hands, _, _ = opened()
    hands.type("8")
    hands.press(Key.Key_Return)
    card = hands.main.child
    hands.press(Key.Key_2)
    for key in (Key.Key_F9, Key.Key_F7, Key.Key_F6, Key.Key_Return, Key.Key_Delete, Key.Key_F4, Key.Key_F2):
        hands.press(key)
        assert hands.main.place == "child", key
    for deed in (card.weigh, card.edit, card.change, card.leaving, card.correct, card.void, card.qr):
        assert not deed.isVisible()
    assert [words for words, _ in card.hints()] == ["Rekomendasikan", "Tampilan lain", "Kembali"]


def test_the_dinas_sees_masked_names_and_opening_one_is_written_down(opened):
    hands, screen, world = opened()
    hands.type("8")
    first = screen.people.model.data(screen.people.model.index(0, 0))
    assert "•" in first
    assert not any(name in first for name in world.child_names)
    child = screen.people.chosen
    hands.press(Key.Key_Return)
    assert hands.main.place == "child"
    seen = access.openings(hands.app.workspace)
    assert [(one.child, one.who) for one in seen] == [(child, district.LABEL)]
    hands.press(Key.Key_Escape)
    assert hands.main.place == "analysis"
    assert screen.state.view is View.CHILDREN
    hands.press(Key.Key_Return)
    assert len(access.openings(hands.app.workspace)) == 1, "once a day"
    hands.press(Key.Key_Escape)
    hands.type("o")
    assert [row.figure for row in screen.shown.picture.rows] == [district.LABEL]
    assert screen.shown.picture.rows[0].interval == "28/11/2026 09:12"
    assert "•" in screen.shown.picture.rows[0].label
    screen.save("xlsx")
    hands.settle()
    assert not screen.paper_folder.exists(), "neither names nor the list of openings leave the office"
    hands.type("o")
    assert screen.people.isVisible()


def test_a_puskesmas_opens_by_name_and_is_not_written_down(opened):
    hands, screen, world = opened(role=Role.TPG, scope="32.11")
    hands.type("8")
    first = screen.people.model.data(screen.people.model.index(0, 0))
    assert any(first.startswith(name) for name in world.child_names)
    hands.press(Key.Key_Return)
    assert hands.main.place == "child"
    assert access.openings(hands.app.workspace) == ()


def test_the_dinas_has_no_way_to_names_but_the_written_down_one(opened):
    hands, _, _ = opened()
    for place in ("roster", "day", "review"):
        assert hands.main.findChild(QWidget, f"place_{place}") is None
    for key in (Key.Key_F2, Key.Key_F4):
        hands.press(key)
        assert hands.main.place == "analysis"


def test_small_numbers_are_covered_for_the_dinas_only(opened):
    hands, screen, _ = opened()
    for _ in range(2):
        hands.press(Key.Key_Return)
    covered = [row for row in screen.shown.picture.rows if row.figure == "ditutup"]
    assert covered
    assert all(row.value is None and row.detail == "angka kecil ditutup" for row in covered)


def test_the_dinas_cannot_count_the_children_behind_a_covered_figure(opened):
    """Enter on a posyandu whose figure is covered leads to a page without a list; nothing can be saved."""
    hands, screen, _ = opened()
    for _ in range(2):
        hands.press(Key.Key_Return)
    at = next(n for n, row in enumerate(screen.shown.picture.rows) if row.figure == "ditutup")
    for _ in range(at):
        hands.press(Key.Key_Down)
    hands.press(Key.Key_Return)
    hands.press(Key.Key_Return)
    assert screen.state.view is View.CHILDREN
    assert screen.people.model.rowCount() == 0 or not screen.people.isVisible()
    assert "terlalu kecil untuk ditampilkan" in hands.text("analysis_headline")
    assert " anak " not in hands.text("analysis_headline")
    assert screen.empty.isVisible()
    hands.ctrl(Key.Key_E)
    hands.ctrl(Key.Key_P)
    assert not screen.paper_folder.exists()
    hands.press(Key.Key_Escape)
    assert screen.state.view is View.PREVALENCE


def test_whoever_did_not_come_is_behind_the_attendance_of_a_posyandu(opened):
    """SKDN of one posyandu: Enter leads to the children that the ratio is about, not to stunting."""
    hands, screen, _ = opened(role=Role.TPG)
    for _ in range(3):
        hands.press(Key.Key_Return)
    hands.type("3")
    with_card = int(re.search(r"K (\d+) ", screen.shown.note).group(1))
    skdn = screen.shown.picture.rows[0]
    expected, came, not_rising = (int(skdn.cells[at].upper) for at in (0, 1, 3))
    hands.press(Key.Key_Return)
    assert screen.state.view is View.CHILDREN
    assert hands.text("analysis_headline").startswith(f"Tidak datang ditimbang: {expected - came} anak")
    assert screen.people.model.rowCount() == expected - came or not screen.people.isVisible()
    hands.press(Key.Key_Escape)
    hands.press(Key.Key_F3)
    hands.press(Key.Key_Return)
    assert hands.text("analysis_headline").startswith(f"Berat tidak naik (T): {not_rising} anak")
    hands.press(Key.Key_F3)
    two_t, below = (int(skdn.cells[at].upper) for at in (6, 7))
    assert hands.text("analysis_headline").startswith(f"2T, dua bulan tidak naik: {two_t} anak")
    hands.press(Key.Key_F3)
    assert hands.text("analysis_headline").startswith(f"Di bawah garis merah (BGM): {below} anak")
    hands.press(Key.Key_Escape)
    for _ in range(2):
        hands.press(Key.Key_F3)
    hands.press(Key.Key_Return)
    assert hands.text("analysis_headline").startswith(f"Tanpa KIA/KMS: {expected - with_card} anak")


def test_a_prevalence_of_those_who_came_says_that_the_others_are_not_in_it(opened):
    """In the made-up district more than one of ten stays away."""
    hands, _, _ = opened()
    said = hands.text("analysis_note")
    found = re.search(r"dari ([\d.]+) yang diukur; S ([\d.]+), sisanya tidak ikut", said)
    assert found, said
    measured, expected = (int(number.replace(".", "")) for number in found.groups())
    assert measured < 0.9 * expected


def test_pictures_and_tables_are_saved_with_small_numbers_covered(opened, tmp_path):
    from python_calamine import CalamineWorkbook

    hands, screen, _ = opened(role=Role.TPG)
    for _ in range(2):
        hands.press(Key.Key_Return)
    small = {
        row.label for row in screen.shown.picture.rows if row.detail.split(" ")[0] in ("1", "2", "3", "4")
    }
    assert small
    hands.ctrl(Key.Key_P)
    hands.ctrl(Key.Key_E)
    made = {path.suffix: path for path in (tmp_path / "paper").iterdir()}
    assert set(made) == {".pdf", ".png", ".xlsx"}
    assert made[".pdf"].read_bytes().startswith(b"%PDF")
    assert made[".png"].read_bytes().startswith(b"\x89PNG")
    rows = CalamineWorkbook.from_path(made[".xlsx"]).get_sheet_by_index(0).to_python()
    text = "\n".join(str(cell) for row in rows[:4] for cell in row)
    assert "28/11/2026" in text
    assert screen.desk.workspace.rules.version in text
    head = next(at for at, row in enumerate(rows) if row[0] == "Posyandu")
    for row in rows[head + 1 :]:
        if row[0] in small:
            assert row[2] == "", "covered outside the office, though the puskesmas sees it on screen"


def test_a_picture_that_cannot_be_saved_says_so(opened, tmp_path):
    hands, screen, _ = opened()
    (tmp_path / "file").write_text("")
    screen.paper_folder = tmp_path / "file"
    hands.ctrl(Key.Key_E)
    assert "tidak dapat disimpan" in hands.text("undo_text")


def test_a_laptop_without_weighings_says_what_to_do(start, tmp_path):
    from posyandu_app.services import accounts

    folder = DataFolder(tmp_path / "new")
    setup = accounts.Setup("32.11", "Dinas", district.LABEL, district.LABEL, Role.DINAS, district.PASSWORD)
    accounts.set_up(folder, setup, district.clock(), cheap=True).close()
    hands = start(folder)
    assert hands.app.unlock(district.LABEL, district.PASSWORD)
    hands.settle()
    assert hands.text("analysis_headline") == "Belum ada penimbangan untuk dianalisis"
    for number in "2345678":
        hands.type(number)
        assert hands.text("analysis_headline") == "Belum ada penimbangan untuk dianalisis"


def test_a_village_of_three_children_is_shown_honestly(opened):
    hands, _, _ = opened(children=3, posyandu=1, months=3, causes=False)
    for number in "12345678":
        hands.type(number)
        assert hands.text("analysis_headline")
    hands.type("1")
    assert "terlalu kecil" in hands.text("analysis_headline") or "belum dapat" in hands.text(
        "analysis_headline"
    )


def test_the_old_card_of_a_child_tells_that_the_dinas_has_read_it(opened):
    hands, screen, _ = opened()
    hands.type("8")
    child = screen.people.chosen
    hands.press(Key.Key_Return)
    told = history.of(hands.app.workspace, child)
    assert told[-1].title == "Data anak dibuka oleh Dinas"
    assert told[-1].at >= datetime(2026, 11, 28, tzinfo=WIB)


@pytest.mark.parametrize("look", LOOKS)
def test_the_analysis_fits_the_laptop_in_every_look(opened, look):
    hands, screen, _ = opened(look=look)
    for number in "12345678":
        hands.type(number)
        check(hands, sizes=((1366, 768),))
        assert screen.tabs.boxes()[-1].right() <= screen.tabs.width() + 1, "every view is in sight"


def test_a_map_is_taken_once_and_walked_by_arrow_keys(opened, tmp_path):
    hands, screen, _ = opened()
    hands.type("5")
    assert not screen.areas.picture.mapped
    (tmp_path / "peta.geojson").write_text(district.made_up_map())
    screen.pick_map = lambda: str(tmp_path / "peta.geojson")
    hands.type("m")
    assert hands.text("undo_text").startswith("Peta tersimpan di laptop ini: 26 wilayah.")
    assert screen.areas.picture.mapped
    seen = {screen.areas.chosen}
    for key in (Key.Key_Right, Key.Key_Down, Key.Key_Left, Key.Key_Up):
        hands.press(key)
        seen.add(screen.areas.chosen)
        place = next(p for p in screen.areas.picture.places if p.key == screen.areas.chosen)
        assert place.label in screen.areas.accessibleDescription()
        assert place.figure in screen.areas.accessibleDescription()
    assert len(seen) > 1
    hands.press(Key.Key_Return)
    assert screen.state.area == screen.state.trail[-1].chosen
    assert hands.text("undo_text") != "", "on the same screen it stays"
    hands.type("9")
    assert hands.text("undo_text") == "", "what was only said is not said of another screen"
    assert hands.app.window.main.foot.hints.isVisible()


def test_a_file_that_is_no_map_is_refused_in_words(opened, tmp_path):
    hands, screen, _ = opened()
    hands.type("5")
    (tmp_path / "foto.geojson").write_bytes(b"\x89PNG")
    screen.pick_map = lambda: str(tmp_path / "foto.geojson")
    hands.type("m")
    assert "bukan peta GeoJSON" in hands.text("undo_text")


def test_a_recommendation_begins_from_the_area_chosen(opened):
    hands, screen, _ = opened()
    hands.press(Key.Key_Down)
    area = screen.state.chosen
    hands.type("r")
    assert hands.main.place == "recommend_write"
    hands.settle()
    from posyandu_app.domain import regions

    assert regions.name_of(area) in hands.main.current.to.text()


def test_the_figure_in_view_goes_along_with_a_recommendation(opened):
    hands, screen, world = opened(role=Role.TPG)
    hands.ctrl(Key.Key_Left)
    hands.press(Key.Key_Down)
    area, month, stunting = screen.state.chosen, screen.state.month, screen.state.indicator
    assert (month, stunting) == (NOVEMBER.previous(), Indicator.STUNTING)
    count, of = counted(world, month, area)
    hands.type("r")
    told = hands.text("recommend_figures")
    assert told.startswith(f"{stunting.label}: ")
    assert f"({count} dari {of})" in told
    assert hands.text("recommend_figures_head") == "Berdasarkan angka Okt 2026"
    assert hands.focus.objectName() == "recommend_text"
    hands.type("Timbang semua yang absen")
    hands.press(Key.Key_F9)
    (row,) = recommendations.listed(hands.app.workspace)
    (figure,) = row.status.recommendation.figures
    assert (figure.code, figure.area, figure.count, figure.of) == (stunting.value, area, count, of)
    assert figure.first == figure.last == f"{month.year}-{month.month:02d}"


def test_of_a_year_the_months_of_the_year_go_along_and_of_skdn_its_month(opened):
    hands, screen, _ = opened(role=Role.TPG)
    hands.type("t")
    hands.type("r")
    year = screen.state.month.year
    assert hands.text("recommend_figures_head") == f"Berdasarkan angka {year}"
    hands.go("analysis")
    hands.type("3")
    hands.type("r")
    hands.settle()
    assert hands.text("recommend_figures").startswith("D/S, datang ditimbang: ")
    assert hands.text("recommend_figures_head") == "Berdasarkan angka Nov 2026"


def test_the_dinas_takes_no_small_number_along(opened):
    hands, screen, world = opened()
    small = default_analysis_rules().small_numbers.smallest_shown
    seen = set()
    for scope in world.scopes:
        screen.begin_letter(scope, ("severe_wasting", Period.of_month(screen.state.month)))
        hands.settle()
        told = hands.text("recommend_figures")
        found = re.search(r"\((\d+) dari", told)
        seen.add(found is None)
        assert found is None or int(found[1]) == 0 or int(found[1]) >= small, told
    assert True in seen, "some of them are small"


def test_what_is_no_figure_of_a_recommendation_begins_one_without(opened):
    hands, screen, _ = opened(role=Role.TPG)
    for view in ("6", "7"):
        hands.type(view)
        area = screen.state.chosen if view == "7" else screen.state.area
        hands.type("r")
        assert hands.main.place == "recommend_write"
        assert hands.text("recommend_figures") == ""
        assert hands.main.current.to.chosen == f"area:{area}"
        hands.go("analysis")


def test_prevalence_by_puskesmas_follows_the_list_of_the_dinas(opened, tmp_path):
    hands, screen, world = opened(role=Role.TPG)
    villages = sorted({scope[:13] for scope in world.scopes})
    names = {village: f"Puskesmas {'Utara' if at % 2 else 'Selatan'}" for at, village in enumerate(villages)}
    listed = "kode;puskesmas\n" + "\n".join(f"{v.replace('.', '')};{name}" for v, name in names.items())
    (tmp_path / "daftar.csv").write_text(listed)
    screen.pick_list = lambda: str(tmp_path / "daftar.csv")
    hands.type("p")
    hands.type("u")
    assert hands.text("undo_text") == f"Daftar puskesmas tersimpan di laptop ini: {len(villages)} desa."
    assert {row.label for row in screen.shown.picture.rows} == {"Puskesmas Utara", "Puskesmas Selatan"}
    for row in screen.shown.picture.rows:
        counts = [counted(world, NOVEMBER, v + ".") for v, name in names.items() if name == row.label]
        assert row.detail == f"{sum(found for found, _ in counts)} dari {sum(of for _, of in counts)} anak"
    check(hands, sizes=((1366, 768),))
    (tmp_path / "baru.csv").write_text(listed.replace("Utara", "Timur"))
    screen.pick_list = lambda: str(tmp_path / "baru.csv")
    hands.type("u")
    assert {row.label for row in screen.shown.picture.rows} == {"Puskesmas Timur", "Puskesmas Selatan"}


@pytest.mark.parametrize("look", LOOKS)
def test_the_button_for_the_list_of_puskesmas_stands_beside_the_others(opened, look):
    hands, screen, _ = opened(look=look)
    hands.type("p")
    check(hands, sizes=((1366, 768),))
    list_of, split = screen.health_centres.geometry(), screen.split.geometry()
    assert list_of.center().y() == split.center().y()
    assert list_of.width() >= screen.health_centres.sizeHint().width()
    assert not list_of.intersects(split)


def test_where_nothing_was_shown_enter_opens_again_once_something_is(opened):
    hands, screen, _ = opened()
    hands.type("p")
    assert screen.shown.picture is None
    hands.type("8")
    assert screen.people.hasFocus()
    hands.press(Key.Key_Return)
    assert hands.main.place == "child"


def test_nothing_to_save_is_said(opened, tmp_path):
    hands, screen, _ = opened()
    hands.type("p")
    assert screen.shown.picture is None
    hands.ctrl(Key.Key_E)
    assert hands.text("undo_text") == "Tidak ada angka yang dapat disimpan di sini."
    assert not (tmp_path / "paper").exists()


def test_no_file_takes_the_place_of_another_view(opened, tmp_path):
    hands, _, _ = opened(role=Role.TPG)
    saved = 0
    for view, key, times in (("1", "p", 3), ("2", "", 1), ("3", "f3", 4), ("4", "p", 3), ("5", "", 1)):
        hands.type(view)
        for _ in range(times):
            if hands.main.screen_of("analysis").shown.picture is not None:
                hands.ctrl(Key.Key_E)
                saved += 1
            if key == "f3":
                hands.press(Key.Key_F3)
            elif key:
                hands.type(key)
    assert len(list((tmp_path / "paper").iterdir())) == saved >= 10


def test_a_list_that_names_no_village_is_refused_in_words(opened, tmp_path):
    hands, screen, _ = opened()
    (tmp_path / "daftar.csv").write_text("nama,alamat\nA,B\n")
    screen.pick_list = lambda: str(tmp_path / "daftar.csv")
    hands.type("p")
    hands.type("u")
    assert "kode desa Kemendagri" in hands.text("undo_text")


STATE = AnalysisState("32.11", "32.11.13", NOVEMBER)
YEARLY = replace(STATE, yearly=True)
LIST = replace(STATE, view=View.CHILDREN)


@pytest.mark.parametrize(
    ("state", "figure"),
    [
        (STATE, ("stunting", Period.of_month(NOVEMBER))),
        (replace(YEARLY, view=View.TREND), ("stunting", Period.of_year(2026))),
        (replace(YEARLY, view=View.SKDN, ratio="n_nt"), ("n_nt", Period.of_month(NOVEMBER))),
        (replace(YEARLY, view=View.RANKING, ranked="d_s"), ("d_s", Period.of_month(NOVEMBER))),
        (replace(YEARLY, view=View.RANKING, ranked="wasting"), ("wasting", Period.of_year(2026))),
        (replace(STATE, view=View.COHORT), None),
        (replace(STATE, view=View.CAUSES), None),
        (LIST, ("stunting", Period.of_month(NOVEMBER))),
        (replace(LIST, picked=Picked(opened=True)), None),
        (replace(LIST, picked=Picked(path=Path.NEW)), None),
        (replace(LIST, picked=Picked(standing=Standing.TWO_T)), ("two_t", Period.of_month(NOVEMBER))),
        (replace(LIST, picked=Picked(standing=Standing.T)), ("n_d", Period.of_month(NOVEMBER))),
        (
            replace(LIST, picked=Picked(standing=Standing.T), ratio="n_nt"),
            ("n_nt", Period.of_month(NOVEMBER)),
        ),
        (replace(LIST, picked=Picked(standing=Standing.ABSENT)), ("d_s", Period.of_month(NOVEMBER))),
        (replace(LIST, picked=Picked(standing=Standing.NO_CARD)), ("k_s", Period.of_month(NOVEMBER))),
        (replace(LIST, picked=Picked(standing=Standing.O)), None),
        (replace(LIST, picked=Picked(standing=Standing.BGM)), None),
    ],
)
def test_which_figure_is_in_view(state, figure):
    assert figure_in_view(state) == figure
