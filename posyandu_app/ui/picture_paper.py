"""Pictures of the analysis as PNG and on A4 as PDF, each stamped with area, date and the rules in force."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QPainter,
)

from posyandu_app.i18n import tr
from posyandu_app.ui import page_file, paint, theme
from posyandu_app.ui.analysis.shown import Shown
from posyandu_app.ui.page_file import CSS_DPI, PDF_DPI
from posyandu_app.ui.pictures import areas, dots, flow, trend
from posyandu_app.ui.pictures.areas import AreaPicture
from posyandu_app.ui.pictures.dots import Dots
from posyandu_app.ui.pictures.flow import Flow
from posyandu_app.ui.pictures.style import PictureStyle
from posyandu_app.ui.pictures.trend import Trend

_MARGIN_MM = 14.0
_WIDTH = 1040.0
_SCALE = 2
_MOST_PNG_ROWS = 60


def to_png(path: Path, shown: Shown, stamp: str) -> None:
    """One picture, as high as its rows need, up to 60 of them; `UserError` when it cannot be written."""
    style = PictureStyle.paper()
    picture = shown.picture
    if isinstance(picture, Dots) and len(picture.rows) > _MOST_PNG_ROWS:
        cut = tr("{most} baris pertama dari {count}, semuanya di PDF")
        stamp = f"{stamp} · {cut.format(most=_MOST_PNG_ROWS, count=len(picture.rows))}"
        picture = replace(picture, rows=picture.rows[:_MOST_PNG_ROWS])
    shown = replace(shown, picture=picture)
    tall = _head_height(shown, _WIDTH - 64, style) + _height(picture, style) + 96
    image = QImage(round(_WIDTH * _SCALE), round(tall * _SCALE), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor("#FFFFFF"))
    painter = QPainter(image)
    painter.scale(_SCALE, _SCALE)
    _paint_page(painter, QRectF(32, 24, _WIDTH - 64, tall - 40), shown, stamp, style)
    painter.end()
    page_file.png(path, image)


def to_pdf(path: Path, shown: Shown, stamp: str) -> None:
    """A4 landscape, as many pages as the rows need; raises `UserError` when it cannot be written."""
    with page_file.pdf(path, shown.title, margin_mm=_MARGIN_MM, landscape=True) as writer:
        style, painter, scale = PictureStyle.paper(), QPainter(writer), PDF_DPI / CSS_DPI
        page = QRectF(0, 0, writer.width() / scale, writer.height() / scale)
        painter.scale(scale, scale)
        for number, part in enumerate(_pages(shown, page, style)):
            if number:
                writer.newPage()
            _paint_page(painter, page, part, stamp, style)
        painter.end()


def _pages(shown: Shown, page: QRectF, style: PictureStyle) -> Iterator[Shown]:
    """The picture whole, or its rows a page at a time."""
    picture = shown.picture
    if not isinstance(picture, Dots):
        yield shown
        return
    room = page.height() - _head_height(shown, page.width(), style) - style.px(dots.HEAD) - style.px(40)
    each = max(1, int(room // style.px(dots.ROW)))
    for start in range(0, max(len(picture.rows), 1), each):
        yield replace(shown, picture=replace(picture, rows=picture.rows[start : start + each]))


def _height(picture: object, style: PictureStyle) -> float:
    if isinstance(picture, Dots):
        return dots.height(picture, style)
    if isinstance(picture, Flow):
        return flow.height(picture, style)
    if isinstance(picture, AreaPicture) and not picture.mapped:
        return areas.tiles_height(_WIDTH - 64, picture, style)
    return 560.0


def _head_height(shown: Shown, width: float, style: PictureStyle) -> float:
    wrapped = int(Qt.TextFlag.TextWordWrap)
    metrics = QFontMetricsF(style.font("heading"))
    headline = metrics.boundingRect(QRectF(0, 0, width, 1000), wrapped, shown.headline).height()
    small = QFontMetricsF(style.font("small"))
    note = small.boundingRect(QRectF(0, 0, width, 1000), wrapped, shown.note).height() if shown.note else 0
    return style.px(26) + headline + style.px(4) + note + style.px(14)


def _paint_page(painter: QPainter, page: QRectF, shown: Shown, stamp: str, style: PictureStyle) -> None:
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    c, wrapped = style.colors, int(Qt.TextFlag.TextWordWrap)
    title = QRectF(page.left(), page.top(), page.width(), style.px(24))
    paint.text(painter, title, shown.title, style.font("small_strong"), c.ink_soft)
    painter.setFont(style.font("heading"))
    painter.setPen(QColor(c.ink))
    area = QRectF(page.left(), title.bottom() + style.px(2), page.width(), 200)
    used = painter.boundingRect(area, wrapped, shown.headline)
    painter.drawText(area, wrapped, shown.headline)
    if shown.note:
        painter.setFont(style.font("small"))
        painter.setPen(QColor(c.ink_soft))
        area = QRectF(page.left(), used.bottom() + style.px(4), page.width(), 200)
        painter.drawText(area, wrapped, shown.note)
    top = page.top() + _head_height(shown, page.width(), style)
    foot = QRectF(page.left(), page.bottom() - style.px(24), page.width(), style.px(24))
    body = QRectF(page.left(), top, page.width(), foot.top() - top - style.px(8))
    picture = shown.picture
    if isinstance(picture, Dots):
        dots.paint_all(painter, body, picture, style)
    elif isinstance(picture, Trend):
        trend.paint_trend(painter, body, picture, style)
    elif isinstance(picture, AreaPicture):
        areas.paint_areas(painter, body, picture, style)
    elif isinstance(picture, Flow):
        flow.paint_flow(painter, body, picture, style)
    paint.text(painter, foot, stamp, style.font("small"), c.ink_soft, theme.ALIGN_LEFT)
