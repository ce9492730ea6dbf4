"""What ends up on the screen and on paper: looked at pixel by pixel where it matters."""

import re
from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from posyandu_app.domain.age import Month
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.growth_standards import lms
from posyandu_app.domain.kms import Letter, MonthRecord
from posyandu_app.domain.model import Sex
from posyandu_app.ui import printing, theme
from posyandu_app.ui.charts.colors import HIGH_CONTRAST, NORMAL, ChartColors
from posyandu_app.ui.charts.layout import ChartStyle, Row, lay_out, position
from posyandu_app.ui.charts.model import Indicator, Preset, build
from posyandu_app.ui.charts.painter import paint_chart
from posyandu_app.ui.charts.standards import MONTH_DAYS, Tint
from tests.ui.chart_children import BIRTH, common_color, history, make_child, monthly, painted, typed, weighed

pytestmark = pytest.mark.usefixtures("qapp")
AREA = QRectF(0, 0, 700, 500)


@pytest.fixture(scope="module", autouse=True)
def _typeface(qapp):
    theme.load_fonts()
    before = qapp.font()
    qapp.setFont(theme.Look().font())
    yield
    qapp.setFont(before)


def model_of(child, measured, indicator=Indicator.BB_U, **options):
    return build(child, history(child, measured), indicator, **options)


def spot(model, x, y, style=None):
    """The pixel of a place on the chart."""
    return lay_out(AREA, model, style or ChartStyle()).frame.pixel((x, y))


@pytest.mark.parametrize("colors", [NORMAL, HIGH_CONTRAST])
def test_the_card_is_blue_for_boys_and_pink_for_girls(colors):
    def ground(sex):
        return QColor(common_color(painted(build(make_child(sex), ()), style=ChartStyle(colors)), 350, 8))

    boy, girl, unknown = (ground(sex) for sex in (Sex.MALE, Sex.FEMALE, None))
    assert boy.blue() > boy.red()
    assert girl.red() > girl.blue() > girl.green()
    assert unknown.saturation() < 20
    assert len({boy.name(), girl.name(), unknown.name()}) == 3


def test_the_bands_of_the_card_lie_in_their_order():
    model = build(make_child(Sex.MALE), (), window=Preset.FIRST)
    image = painted(model)
    standard = lms("wfa", Sex.MALE, round(20.4 * MONTH_DAYS))
    assert standard is not None
    seen = [
        common_color(image, *spot(model, 20.4, standard.at(z)), reach=2)
        for z in (-3.8, -2.5, -1.5, -0.4, 0.6, 1.5, 2.5)
    ]
    tints = NORMAL.tints
    assert seen == [
        color.lower()
        for color in (
            NORMAL.boy.paper,
            tints[Tint.THIN],
            tints[Tint.LIGHT],
            tints[Tint.CORE],
            tints[Tint.CORE],
            tints[Tint.OVER],
            tints[Tint.FAT],
        )
    ]


@pytest.mark.parametrize(("z", "color"), [(-3.0, NORMAL.red_line), (1.0, NORMAL.orange_line)])
def test_red_and_orange_line_lie_on_their_z(z, color):
    model = build(make_child(Sex.FEMALE), (), window=Preset.FIRST)
    standard = lms("wfa", Sex.FEMALE, 320)
    assert standard is not None
    assert (
        common_color(painted(model), *spot(model, 320 / MONTH_DAYS, standard.at(z)), reach=1) == color.lower()
    )


def test_the_point_being_typed_is_seen_and_moves_with_the_weight():
    child = make_child()
    measured = monthly(child, 8)
    style = ChartStyle()
    before = painted(model_of(child, measured))
    places = []
    for grams in (7600, 8900):
        model = model_of(child, measured, preview=typed(child, measured, weight_g=grams))
        assert model.preview is not None
        x, y = position(model.preview, lay_out(AREA, model, style), style)
        image = painted(model)
        assert common_color(image, x, y, reach=2) == NORMAL.casing.lower()
        ring = common_color(image, x + 6 * style.unit, y, reach=1)
        assert ring == NORMAL.fresh.lower()
        assert common_color(before, x, y, reach=2) not in (NORMAL.fresh, ring)
        places.append((x, y))
    assert places[0][0] == places[1][0]
    assert places[0][1] > places[1][1]


def test_a_saved_point_is_full_and_a_typed_one_hollow():
    child = make_child()
    measured = monthly(child, 8)
    model = model_of(child, measured)
    x, y = spot(model, model.points[-1].x, model.points[-1].y)
    assert common_color(painted(model), x, y, reach=2) == NORMAL.child.lower()


def test_an_implausible_point_has_another_shape():
    child = make_child()
    day = BIRTH + timedelta(days=240)
    measured = [weighed(day, 2900)]
    model = model_of(child, measured, window=Preset.FIRST)
    x, y = spot(model, model.points[0].x, model.points[0].y)
    image = painted(model)
    assert common_color(image, x, y, reach=1) == NORMAL.falling.lower()
    assert common_color(image, x + 5, y, reach=0) != NORMAL.falling.lower()
    assert common_color(image, x + 3, y + 3, reach=0) == NORMAL.falling.lower()


def test_a_weight_off_the_paper_is_shown_at_its_edge_inside_the_plot():
    child = make_child()
    model = model_of(child, [*monthly(child, 4), weighed(date(2024, 7, 25), 84000)])
    layout = lay_out(AREA, model, ChartStyle())
    x, y = position(model.points[-1], layout, ChartStyle())
    assert layout.frame.box.holds((x, y))
    assert common_color(painted(model), x, y, reach=1) == NORMAL.falling.lower()


def test_letters_differ_without_colour():
    child = make_child()
    (point,) = model_of(child, [weighed(BIRTH + timedelta(days=200), 7000)]).points
    base = model_of(child, [])
    shapes = []
    for letter in Letter:
        record = MonthRecord(Month(2024, 9), BIRTH, 7000, letter, 0, 300, False, "m")
        model = replace(base, points=(replace(point, record=record),), notes=())
        layout = lay_out(AREA, model, ChartStyle())
        (_, top, bottom) = next(row for row in layout.rows if row[0] is Row.LETTERS)
        x = layout.frame.px(point.x)
        image = painted(model).convertToFormat(QImage.Format.Format_Grayscale8)
        shapes.append(image.copy(round(x) - 12, round(top), 24, round(bottom - top)))
    for at, one in enumerate(shapes):
        for other in shapes[at + 1 :]:
            difference = sum(
                abs(one.pixelColor(c, r).lightness() - other.pixelColor(c, r).lightness()) > 60
                for c in range(one.width())
                for r in range(one.height())
            )
            assert difference > 10


def test_the_point_being_read_gets_a_callout_above_everything():
    child = make_child()
    model = model_of(child, monthly(child, 8))
    plain, read = painted(model), painted(model, read=model.points[3])
    dark = NORMAL.callout.lower()
    count = {
        image.cacheKey(): sum(
            image.pixelColor(x, y).name() == dark for x in range(0, 700, 4) for y in range(0, 500, 4)
        )
        for image in (plain, read)
    }
    assert count[read.cacheKey()] > count[plain.cacheKey()] + 100


def test_equal_models_paint_equal_pictures():
    child = make_child()
    measured = monthly(child, 20, skip=(4,))
    assert painted(model_of(child, measured)) == painted(model_of(child, measured))


@pytest.mark.parametrize("indicator", list(Indicator))
@pytest.mark.parametrize("size", [(1, 1), (30, 20), (120, 90), (360, 260), (1366, 768)])
def test_every_chart_paints_at_every_size(indicator, size):
    child = make_child(birth_weight_g=2900)
    measured = monthly(child, 26, skip=(5, 6))
    model = model_of(child, measured, indicator, preview=typed(child, measured, weight_g=9100, length_mm=840))
    image = painted(model, *size, read=model.points[-1])
    assert (image.width(), image.height()) == size


def test_a_thousand_points_paint():
    child = make_child()
    crowd = [weighed(BIRTH + timedelta(days=1 + n), 4000 + 10 * n) for n in range(1000)]
    for window in Preset:
        model = model_of(child, crowd, window=window)
        assert len(model.points) == 1000
        assert painted(model) != painted(model_of(child, [], window=window))


@pytest.mark.parametrize("child", [make_child(None), make_child(birth=None), make_child(None, None)])
@pytest.mark.parametrize("indicator", list(Indicator))
def test_a_child_half_registered_paints(child, indicator):
    measured = [weighed(date(2025, 3, 1), 10**12, length_mm=10**9, head_mm=10**9)]
    painted(model_of(child, measured, indicator))


@pytest.mark.parametrize("ratio", [1.25, 1.5, 2.0])
def test_the_card_fills_a_scaled_screen_to_its_last_pixel(ratio):
    pixmap = QPixmap(round(700 * ratio), round(500 * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(QColor("#ffffff"))
    painter = QPainter(pixmap)
    paint_chart(painter, AREA, build(make_child(Sex.MALE), ()), ChartStyle(rounded=False))
    painter.end()
    image = pixmap.toImage()
    assert image.pixelColor(image.width() - 1, image.height() - 1).name() == NORMAL.boy.ground.lower()


# the schemes


def text_pairs(colors: ChartColors) -> list[tuple[str, str]]:
    pairs = [(colors.on_callout, colors.callout), (colors.on_callout_soft, colors.callout)]
    pairs += [(colors.on_falling, colors.falling), (colors.rising, colors.rising_soft)]
    pairs += [(colors.ink, colors.note), (colors.fresh, colors.casing)]
    for sheet in (colors.boy, colors.girl, colors.unknown):
        for ground in (sheet.ground, sheet.paper):
            pairs += [(ink, ground) for ink in (colors.ink, colors.ink_soft, colors.red_text, sheet.ink)]
        pairs += [
            (ink, sheet.ground) for ink in (colors.rising, colors.falling, colors.plain, colors.orange_text)
        ]
    pairs += [(colors.ink_soft, tint) for tint in colors.tints.values() if tint]
    pairs += [(colors.orange_text, colors.tints[Tint.OVER])]
    return pairs


@pytest.mark.parametrize(("colors", "least"), [(NORMAL, 4.5), (HIGH_CONTRAST, 7.0)])
def test_every_word_on_the_chart_can_be_read(colors, least):
    weak = [pair for pair in text_pairs(colors) if theme.contrast(*pair) < least]
    assert weak == []


@pytest.mark.parametrize(("colors", "least"), [(NORMAL, 7.0), (HIGH_CONTRAST, 10.0)])
def test_the_line_of_the_child_stands_out_from_every_band(colors, least):
    grounds = [tint for tint in colors.tints.values() if tint] + [colors.boy.paper, colors.girl.paper]
    assert min(theme.contrast(colors.child, ground) for ground in grounds) >= least


@pytest.mark.parametrize("colors", [NORMAL, HIGH_CONTRAST])
def test_red_and_orange_line_stand_out_from_the_bands_beside_them(colors):
    beside_red = [colors.tints[Tint.THIN], colors.boy.paper, colors.girl.paper]
    assert min(theme.contrast(colors.red_line, ground) for ground in beside_red) >= 3
    assert len({colors.red_line, colors.orange_line, colors.median}) == 3


def test_high_contrast_is_another_picture_with_heavier_lines():
    child = make_child()
    model = model_of(child, monthly(child, 8))
    assert painted(model, style=ChartStyle(HIGH_CONTRAST)) != painted(model, style=ChartStyle(NORMAL))
    assert HIGH_CONTRAST.heavy


def test_every_colour_is_a_colour():
    for scheme in (NORMAL, HIGH_CONTRAST):
        plain = [getattr(scheme, field.name) for field in fields(scheme)]
        names = [value for value in plain if isinstance(value, str)]
        names += [tint for tint in scheme.tints.values() if tint]
        assert set(scheme.tints) == set(Tint)
        assert all(QColor(name).isValid() for name in names)


# places


@pytest.mark.parametrize("text", [11.0, 13.0, 16.0, 22.0])
@pytest.mark.parametrize("size", [(640, 460), (820, 520), (1100, 700)])
def test_plot_axis_and_rows_follow_one_another_within_the_card(text, size):
    child = make_child()
    for window in (Preset.AUTO, Preset.ALL):
        model = model_of(child, monthly(child, 20), window=window)
        layout = lay_out(QRectF(0, 0, *size), model, ChartStyle(text_px=text))
        box = layout.frame.box
        assert 0 < layout.title_top < layout.strip_top < box.top < box.bottom < layout.axis_bottom
        edges = [layout.axis_bottom, *(edge for _, top, bottom in layout.rows for edge in (top, bottom))]
        assert edges == sorted(edges)
        assert edges[-1] <= size[1]
        assert 0 < box.left < box.right < size[0]
        assert layout.rows[-1][0] is Row.LETTERS
        assert box.height > size[1] * 0.45


def test_rows_of_the_paper_card_appear_as_room_allows():
    model = model_of(make_child(), monthly(make_child(), 9))
    tall = lay_out(QRectF(0, 0, 820, 520), model, ChartStyle())
    low = lay_out(QRectF(0, 0, 820, 260), model, ChartStyle())
    height = lay_out(QRectF(0, 0, 820, 520), model_of(make_child(), [], Indicator.TB_U), ChartStyle())
    assert [row for row, _, _ in tall.rows] == [Row.WEIGHTS, Row.GAINS, Row.LETTERS]
    assert [row for row, _, _ in low.rows] == [Row.LETTERS]
    assert height.rows == ()


# paper


def test_a_picture_has_the_size_and_resolution_asked_for(tmp_path):
    child = make_child()
    printing.to_png(tmp_path / "kms.png", model_of(child, monthly(child, 8)), size=(1200, 800), dpi=150)
    image = QImage(str(tmp_path / "kms.png"))
    assert (image.width(), image.height()) == (1200, 800)
    assert image.dotsPerMeterX() == round(150 / 0.0254)
    assert common_color(image, 600, 14) == NORMAL.girl.ground.lower()


@pytest.mark.parametrize("size", [(0, 0), (-5, 100), (10**6, 10**6)])
def test_a_picture_of_no_sensible_size_is_refused(tmp_path, size):
    with pytest.raises(ValueError, match="no picture"):
        printing.to_png(tmp_path / "x.png", build(make_child(), ()), size=size)
    assert not (tmp_path / "x.png").exists()


def test_the_page_is_one_a4_landscape(tmp_path):
    child = make_child()
    printing.to_pdf(tmp_path / "kms.pdf", model_of(child, monthly(child, 8)), printing.header_of(child))
    data = (tmp_path / "kms.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page\n") == 1
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)
    assert box is not None
    assert [float(side) for side in box.groups()] == pytest.approx([841.9, 595.3], abs=1)


def test_the_header_names_the_child_and_never_her_numbers():
    child = make_child(nik="3211134503240001", kk="3211130101200001", rt="02", rw="05")
    header = printing.header_of(child, posyandu="Posyandu Melati")
    assert header.name == "Siti Aminah"
    assert header.facts == ("Lahir 12/03/2024", "Perempuan", "Ibu: Dewi", "RT 02 / RW 05", "Posyandu Melati")
    assert "3211" not in repr(header)


def test_a_header_of_almost_nothing_and_one_far_too_long_still_paint():
    bare = make_child(None, None)
    for header in (
        printing.header_of(replace(bare, mother_name=None)),
        printing.Header("x" * 5000, ("y" * 5000,)),
    ):
        image = QImage(1123, 794, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        printing.paint_page(painter, QRectF(0, 0, 1123, 794), build(bare, ()), header)
        painter.end()


def test_a_place_that_cannot_be_written_is_named_kindly(tmp_path):
    model = build(make_child(), ())
    (tmp_path / "berkas").write_text("bukan folder", encoding="utf-8")
    for write in (
        lambda path: printing.to_png(path, model),
        lambda path: printing.to_pdf(path, model, printing.Header("Siti")),
    ):
        with pytest.raises(UserError, match="tidak dapat disimpan") as caught:
            write(tmp_path / "berkas" / "kms.pdf")
        assert str(tmp_path) not in caught.value.message
