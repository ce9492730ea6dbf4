"""The chart under the hands: keys, mouse, what is read aloud, and what is painted anew."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QVBoxLayout, QWidget

from posyandu_app.domain.errors import UserError
from posyandu_app.ui import theme
from posyandu_app.ui.charts.colors import HIGH_CONTRAST, NORMAL
from posyandu_app.ui.charts.geometry import Span
from posyandu_app.ui.charts.model import Indicator, Preset
from posyandu_app.ui.kms_chart import GrowthChart
from tests.ui.chart_children import history, make_child, monthly, typed

KEY = Qt.Key


@pytest.fixture
def child():
    return make_child(birth_weight_g=2900)


@pytest.fixture
def chart(qtbot, child):
    widget = GrowthChart()
    qtbot.addWidget(widget)
    widget.resize(700, 500)
    widget.set_child(child, history(child, monthly(child, 14)))
    widget.show()
    return widget


@pytest.fixture
def heard(chart):
    words: list[str] = []
    chart.pointRead.connect(words.append)
    return words


def press(qtbot, chart, *keys):
    for key in keys:
        qtbot.keyClick(chart, key)


def test_arrows_step_through_the_points_in_time(qtbot, chart, heard):
    press(qtbot, chart, KEY.Key_Left)
    assert chart.read_point is chart.model.points[-1]
    press(qtbot, chart, KEY.Key_Left, KEY.Key_Left, KEY.Key_Right)
    assert chart.read_point is chart.model.points[-2]
    assert [word[:11] for word in heard] == ["12 Mei 2025", "12 Apr 2025", "12 Mar 2025", "12 Apr 2025"]


def test_home_and_end_and_no_further(qtbot, chart, heard):
    press(qtbot, chart, KEY.Key_Home, KEY.Key_Left)
    assert chart.read_point is chart.model.points[0]
    assert heard == [chart.model.points[0].reading()]
    assert heard[0].startswith("Lahir · 2,9 kg")
    press(qtbot, chart, KEY.Key_End, KEY.Key_Right)
    assert chart.read_point is chart.model.points[-1]


def test_what_is_read_is_said_to_those_who_listen(qtbot, chart):
    assert chart.accessibleName() == "Grafik pertumbuhan Siti Aminah, BB/U"
    assert chart.accessibleDescription() == chart.model.summary()
    press(qtbot, chart, KEY.Key_End)
    assert chart.model.points[-1].reading() in chart.accessibleDescription()
    press(qtbot, chart, KEY.Key_Escape)
    assert chart.accessibleDescription() == chart.model.summary()


def test_escape_ends_the_reading_and_only_then_goes_back(qtbot, child):
    class Screen(QWidget):
        escapes = 0

        def keyPressEvent(self, event):
            self.escapes += event.key() == KEY.Key_Escape

    screen = Screen()
    qtbot.addWidget(screen)
    chart = GrowthChart(screen)
    QVBoxLayout(screen).addWidget(chart)
    chart.set_child(child, history(child, monthly(child, 3)))
    heard: list[str] = []
    chart.pointRead.connect(heard.append)
    press(qtbot, chart, KEY.Key_End, KEY.Key_Escape)
    assert (chart.read_point, heard[-1], screen.escapes) == (None, "", 0)
    press(qtbot, chart, KEY.Key_Escape)
    assert screen.escapes == 1


@pytest.mark.parametrize(
    ("key", "modifier"),
    [
        (KEY.Key_Z, Qt.KeyboardModifier.ControlModifier),
        (KEY.Key_1, Qt.KeyboardModifier.AltModifier),
        (KEY.Key_Return, Qt.KeyboardModifier.NoModifier),
        (KEY.Key_F9, Qt.KeyboardModifier.NoModifier),
    ],
)
def test_keys_of_the_app_pass_through(qtbot, chart, key, modifier):
    before = chart.model
    qtbot.keyClick(chart, key, modifier)
    assert chart.model is before
    assert chart.read_point is None


def test_digits_change_the_chart(qtbot, chart):
    changed: list[str] = []
    chart.indicatorChanged.connect(changed.append)
    for number, indicator in enumerate(Indicator, start=1):
        qtbot.keyClicks(chart, str(number))
        assert chart.model.indicator is indicator
    assert changed == ["TB/U", "BB/TB", "IMT/U", "LK/U"]
    with pytest.raises(ValueError, match="BB/X"):
        chart.set_indicator("BB/X")


def test_plus_shows_fewer_months_about_the_point_and_minus_more(qtbot, chart):
    press(qtbot, chart, KEY.Key_Home, KEY.Key_Right, KEY.Key_Right, KEY.Key_Right)
    wide = chart.model.x
    qtbot.keyClicks(chart, "+")
    assert chart.model.x.width == 12 < wide.width
    assert chart.model.x.holds(chart.read_point.x)
    qtbot.keyClicks(chart, "+")
    assert chart.model.x.width == 12
    qtbot.keyClicks(chart, "---")
    assert chart.model.x == Span(0, 60)
    qtbot.keyClicks(chart, "0")
    assert chart.model.x == wide


@pytest.mark.parametrize("indicator", list(Indicator))
def test_zooming_stays_within_the_standards_on_every_chart(qtbot, chart, indicator):
    chart.set_indicator(indicator)
    for keys in ("+++++", "--------", "+-+-+"):
        qtbot.keyClicks(chart, keys)
        assert chart.model.limits.low <= chart.model.x.low < chart.model.x.high <= chart.model.limits.high


def test_reading_a_point_out_of_sight_brings_it_into_sight(qtbot, chart, child):
    chart.set_child(child, history(child, monthly(child, 40)))
    assert chart.model.x == Span(24, 48)
    press(qtbot, chart, KEY.Key_Home)
    assert chart.read_point.x == 0
    assert chart.model.x == Span(0, 24)


def test_a_click_reads_the_nearest_point_and_a_click_elsewhere_ends_it(qtbot, chart, heard):
    target = chart.model.points[5]
    place = chart.point_position(target).toPoint() + QPoint(4, -6)
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=place)
    assert chart.read_point is target
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(120, 80))
    assert chart.read_point is None
    assert heard == [target.reading(), ""]


def test_the_mouse_reads_in_passing_unless_a_point_was_clicked(qtbot, chart):
    passing, clicked = chart.model.points[3], chart.model.points[9]
    qtbot.mouseMove(chart, chart.point_position(passing).toPoint())
    assert chart.read_point is passing
    qtbot.mouseMove(chart, QPoint(120, 80))
    assert chart.read_point is None
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=chart.point_position(clicked).toPoint())
    qtbot.mouseMove(chart, QPoint(120, 80))
    assert chart.read_point is clicked


def test_typing_moves_a_point_without_painting_the_card_anew(chart, child):
    measured = monthly(child, 14)
    chart.set_preview(typed(child, measured, weight_g=9100))
    first = chart.grab().toImage()
    card = chart._standing.cacheKey()
    chart.set_preview(typed(child, measured, weight_g=9600))
    second = chart.grab().toImage()
    assert first != second
    assert chart._standing.cacheKey() == card
    chart.set_preview(None)
    assert chart.grab().toImage() not in (first, second)


def test_the_card_is_painted_anew_for_another_child_size_chart_or_look(chart, child):
    def card():
        chart.grab()
        return chart._standing.cacheKey()

    seen = [card()]
    chart.set_child(replace(child, id="anak-2"), history(child, monthly(child, 5)))
    seen.append(card())
    chart.resize(820, 520)
    seen.append(card())
    chart.set_indicator("TB/U")
    seen.append(card())
    chart.set_theme(theme.Look(theme.Contrast.HIGH))
    seen.append(card())
    assert len(set(seen)) == len(seen)
    assert card() == seen[-1]


def test_what_is_typed_can_be_read_and_is_called_unsaved(qtbot, chart, child, heard):
    chart.set_preview(typed(child, monthly(child, 14), weight_g=9100))
    press(qtbot, chart, KEY.Key_End)
    assert chart.read_point is chart.model.preview
    assert heard[-1].endswith("belum disimpan")
    chart.set_preview(None)
    assert chart.read_point is None


def test_another_child_starts_afresh(qtbot, chart, child):
    press(qtbot, chart, KEY.Key_End)
    chart.set_window(Preset.ALL)
    chart.set_preview(typed(child, monthly(child, 14), weight_g=9100))
    chart.set_child(replace(child, id="anak-2"), history(child, monthly(child, 5)))
    assert chart.read_point is None
    assert chart.model.preview is None
    assert chart.model.x == Span(0, 12)


def test_the_window_chosen_by_hand_stays_while_the_same_child_is_saved(chart, child):
    chart.set_window(Preset.ALL)
    chart.set_child(child, history(child, monthly(child, 15)))
    assert chart.model.x == Span(0, 60)


def test_without_a_child_there_is_an_empty_card_and_every_key_is_harmless(qtbot, chart):
    chart.set_child(None)
    press(qtbot, chart, KEY.Key_Home, KEY.Key_Left, KEY.Key_2, KEY.Key_Plus, KEY.Key_Escape)
    qtbot.mouseMove(chart, QPoint(50, 50))
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
    assert chart.model is None
    assert chart.accessibleName() == "Grafik pertumbuhan"
    assert not chart.grab().isNull()


def test_a_child_without_points_has_nothing_to_read(qtbot, chart, heard):
    chart.set_child(make_child(), ())
    press(qtbot, chart, KEY.Key_End, KEY.Key_Left, KEY.Key_Home)
    assert chart.read_point is None
    assert heard == []


def test_the_look_in_force_dresses_the_chart_unless_it_has_its_own(chart, monkeypatch):
    assert chart.style_in_force().colors is NORMAL
    monkeypatch.setattr(theme, "_look", theme.Look(theme.Contrast.HIGH))
    assert chart.style_in_force().colors is HIGH_CONTRAST
    chart.set_theme(theme.Look())
    assert chart.style_in_force().colors is NORMAL


def test_larger_text_makes_a_larger_chart(chart):
    small = QFont(chart.font())
    small.setPixelSize(18)
    large = QFont(small)
    large.setPixelSize(24)
    chart.setFont(small)
    before = (chart.style_in_force().text_px, chart.sizeHint().width(), chart.minimumSizeHint().height())
    chart.setFont(large)
    after = (chart.style_in_force().text_px, chart.sizeHint().width(), chart.minimumSizeHint().height())
    assert all(new > old for new, old in zip(after, before, strict=True))


def test_paper_shows_what_is_saved_not_what_is_typed(chart, child, tmp_path):
    chart.to_png(tmp_path / "a.png")
    chart.set_preview(typed(child, monthly(child, 14), weight_g=9100))
    chart.to_png(tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    chart.to_pdf(tmp_path / "c.pdf")
    assert (tmp_path / "c.pdf").read_bytes().startswith(b"%PDF-")


def test_nothing_is_printed_without_a_child(chart, tmp_path):
    chart.set_child(None)
    for write in (chart.to_png, chart.to_pdf):
        with pytest.raises(UserError, match="Pilih anak dulu"):
            write(tmp_path / "x")
