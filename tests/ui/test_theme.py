"""Everybody can read it: contrast, sizes, one typeface with figures of equal width, one icon family."""

import re

import pytest
from PySide6.QtGui import QFontInfo, QFontMetricsF
from PySide6.QtWidgets import QLabel, QWidget

from posyandu_app.domain.risk import Tone
from posyandu_app.paths import resources
from posyandu_app.ui import icons, paint, theme
from posyandu_app.ui.theme import Contrast, Look, TextSize

LOOKS = [Look(contrast, size) for contrast in Contrast for size in TextSize]


@pytest.mark.parametrize(("contrast", "least"), [(Contrast.NORMAL, 4.5), (Contrast.HIGH, 7.0)])
def test_every_text_can_be_read_on_its_ground(contrast, least):
    pairs = theme.text_pairs(Look(contrast).colors)
    poor = [
        (use, theme.contrast(ink, ground))
        for use, ink, ground in pairs
        if theme.contrast(ink, ground) < least
    ]
    assert poor == []
    assert len(pairs) > 40


@pytest.mark.parametrize("contrast", Contrast)
def test_edges_of_fields_and_the_focus_ring_can_be_seen(contrast):
    colors = Look(contrast).colors
    for ground in (colors.canvas, colors.surface):
        assert theme.contrast(colors.line_strong, ground) >= 3
        assert theme.contrast(colors.focus, ground) >= 3


def test_contrast_is_that_of_wcag():
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert theme.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert theme.contrast("#123456", "#123456") == 1


def test_the_sizes_are_those_of_the_design():
    look = Look()
    assert look.points("body") == 14
    assert look.points("number") == 28
    assert look.points("status") == 22
    assert theme.TARGET / 96 * 25.4 >= 10  # mm at 96 dpi
    large = Look(text_size=TextSize.LARGE)
    assert all(large.points(role) > look.points(role) * 1.15 for role in theme.TYPE)


def test_the_bundled_typeface_is_used_in_every_weight(qapp):
    theme.load_fonts()
    for role, (_, weight) in theme.TYPE.items():
        found = QFontInfo(Look().font(role))
        assert (found.family(), found.weight()) == ("Inter", weight), role


def test_figures_in_columns_have_equal_width(qapp):
    theme.load_fonts()
    metrics = QFontMetricsF(Look().font("number", figures=True))
    assert {metrics.horizontalAdvance(digit * 4) for digit in "0123456789"} == {
        metrics.horizontalAdvance("0000")
    }


def test_the_style_sheet_gives_labels_their_role(qapp):
    theme.apply(qapp, Look())
    parent = QWidget()
    label = QLabel("8,4", parent)
    label.setProperty("role", "number")
    label.ensurePolished()
    assert label.font().pointSizeF() == 28
    assert label.font().family() == "Inter"


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_can_be_applied(qapp, look):
    theme.apply(qapp, look)
    assert theme.current() == look
    theme.apply(qapp, Look())


def test_every_status_has_its_own_colours_and_an_unknown_one_is_shown_plainly():
    colors = Look().colors
    assert {tone.value for tone in Tone} <= set(colors.tones)
    assert len({colors.tones[tone].solid for tone in Tone}) == len(Tone)
    assert Look().tone("from_next_year") == colors.tones["belum_diukur"]


def test_status_shapes_differ_without_their_colour(qapp):
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QImage, QPainter

    grey = {}
    for tone in [*Tone]:
        image = QImage(40, 40, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        paint.tone_shape(painter, QRectF(2, 2, 36, 36), tone, Look())
        painter.end()
        grey[tone] = bytes(image.convertToFormat(QImage.Format.Format_Alpha8).constBits())
    assert len(set(grey.values())) == len(Tone)


def test_icons_are_all_used_and_all_there(qapp):
    shipped = {path.stem for path in (resources() / "icons").glob("*.svg")}
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (resources().parent / "posyandu_app" / "ui").rglob("*.py")
    )
    named = set(re.findall(r'"([a-z][a-z0-9-]+)"', source))
    assert shipped - named == set(), "shipped but not used"
    for name in shipped:
        assert not icons.pixmap(name, "#123456", 20).isNull()


def test_an_icon_is_drawn_in_the_colour_asked_for(qapp):
    picture = icons.pixmap("check", "#ff0000", 24, 2.0)
    assert (picture.width(), picture.devicePixelRatio()) == (48, 2.0)
    image = picture.toImage()
    inks = {
        image.pixelColor(x, y).name()
        for x in range(48)
        for y in range(48)
        if image.pixelColor(x, y).alpha() == 255
    }
    assert inks == {"#ff0000"}


def test_licences_of_what_is_bundled_are_shipped():
    folder = resources() / "licences"
    assert "SIL OPEN FONT LICENSE" in (folder / "inter-OFL-1.1.txt").read_text(encoding="utf-8")
    assert "ISC License" in (folder / "lucide-ISC.txt").read_text(encoding="utf-8")
