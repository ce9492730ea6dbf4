"""The growth chart on paper and as a picture: the drawing of the screen, on A4 under the child's name."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
)

from posyandu_app.domain import dates
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Child, Sex
from posyandu_app.i18n import tr
from posyandu_app.ui import page_file
from posyandu_app.ui.charts.layout import ChartStyle
from posyandu_app.ui.charts.model import ChartModel
from posyandu_app.ui.charts.painter import paint_chart
from posyandu_app.ui.page_file import CSS_DPI, PDF_DPI

_MARGIN_MM = 12.0
_PAPER = ChartStyle(text_px=13.0)


@dataclass(frozen=True, slots=True)
class Header:
    """What stands over the chart on paper: the child's name, then facts such as mother and birth date."""

    name: str
    facts: tuple[str, ...] = ()
    printed: str = ""


def header_of(child: Child | None, *, posyandu: str = "", printed: str = "") -> Header:
    """The header for one child; never NIK or KK, since paper is left lying about."""
    if child is None:
        return Header("")
    sexes = {Sex.MALE: tr("Laki-laki"), Sex.FEMALE: tr("Perempuan")}
    facts: list[str] = []
    if child.birth_date is not None:
        facts.append(tr("Lahir {date}").format(date=dates.format_date(child.birth_date)))
    if child.sex is not None:
        facts.append(sexes[child.sex])
    if child.mother_name:
        facts.append(tr("Ibu: {name}").format(name=child.mother_name))
    if child.rt or child.rw:
        facts.append(tr("RT {rt} / RW {rw}").format(rt=child.rt or "—", rw=child.rw or "—"))
    if posyandu:
        facts.append(posyandu)
    return Header(child.name, tuple(facts), printed)


def to_png(
    path: Path,
    model: ChartModel,
    *,
    size: tuple[int, int] = (1600, 1000),
    dpi: int = 150,
    style: ChartStyle | None = None,
) -> None:
    """Write the chart as a PNG of `size` px; `dpi` (72–600) sets how large text and lines come out.

    Raises `UserError` when the picture cannot be written there.
    """
    width, height = size
    if not (16 <= width <= 20_000 and 16 <= height <= 20_000 and 72 <= dpi <= 600):
        raise ValueError(f"no picture of {size} px at {dpi} dpi")
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDotsPerMeterX(round(dpi / 0.0254))
    image.setDotsPerMeterY(round(dpi / 0.0254))
    image.fill(QColor("#FFFFFF"))
    scale = dpi / CSS_DPI
    painter = QPainter(image)
    painter.scale(scale, scale)
    paint_chart(painter, QRectF(0, 0, width / scale, height / scale), model, style or _PAPER)
    painter.end()
    page_file.png(path, image)


def to_pdf(path: Path, model: ChartModel, header: Header, *, style: ChartStyle | None = None) -> None:
    """Write one A4 page, landscape: header, chart, and where the lines come from.

    Raises `UserError` when the file cannot be written there.
    """
    title = f"{model.title} – {header.name}"
    with page_file.pdf(path, title, margin_mm=_MARGIN_MM, landscape=True) as writer:
        painter, scale = QPainter(writer), PDF_DPI / CSS_DPI
        painter.scale(scale, scale)
        page = QRectF(0, 0, writer.width() / scale, writer.height() / scale)
        paint_page(painter, page, model, header, style)
        painter.end()


def paint_page(
    painter: QPainter, page: QRectF, model: ChartModel, header: Header, style: ChartStyle | None = None
) -> None:
    """Paint header, chart and footer into the page (px of 1/96 inch); the painter may be a printer's."""
    style = style or _PAPER
    text = style.text_px
    name = style.font(1.8, 600, figures=False)
    fact, small = style.font(1.05, figures=False), style.font(0.85, figures=False)
    ink, soft = QColor(style.colors.ink), QColor(style.colors.ink_soft)
    one_line = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    name_area = QRectF(page.left(), page.top(), page.width(), text * 2.4)
    _words(painter, name_area, int(one_line), header.name, name, ink)
    fact_area = QRectF(page.left(), name_area.bottom(), page.width(), text * 1.8)
    _words(painter, fact_area, int(one_line), "   ·   ".join(header.facts), fact, soft)
    foot = QRectF(page.left(), page.bottom() - text * 1.6, page.width(), text * 1.6)
    chart = QRectF(
        page.left(),
        fact_area.bottom() + text * 0.6,
        page.width(),
        foot.top() - fact_area.bottom() - text * 1.1,
    )
    paint_chart(painter, chart, model, style)
    source = tr("Garis pertumbuhan: WHO 2006. Batas: Permenkes No. 2 Tahun 2020.")
    _words(painter, foot, int(one_line), source, small, soft)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    _words(painter, foot, int(right), header.printed, small, soft)


def nothing_to_print() -> UserError:
    """What to say when no child is chosen."""
    return UserError(tr("Belum ada anak yang dipilih. Pilih anak dulu, lalu cetak."), code="nothing_to_print")


def _words(painter: QPainter, area: QRectF, flags: int, words: str, font: QFont, color: QColor) -> None:
    painter.setFont(font)
    painter.setPen(color)
    metrics = QFontMetricsF(font)
    painter.drawText(
        area,
        flags | int(Qt.TextFlag.TextSingleLine),
        metrics.elidedText(words, Qt.TextElideMode.ElideRight, area.width()),
    )
