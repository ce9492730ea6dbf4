"""Cards with a child's name and her code, for a scanner that types: one on A6, or eight on A4 to cut out.

The square holds an opaque id only (`domain.card_codes`). Never NIK or KK: paper is left about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import segno
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPageSize, QPainter, QPen

from posyandu_app.domain import card_codes, names
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Child
from posyandu_app.i18n import tr
from posyandu_app.ui import page_file
from posyandu_app.ui.theme import FAMILY

PER_SHEET = 8
_COLUMNS, _ROWS = 2, 4
_DPI = 600
_MM = _DPI / 25.4
_MARGIN_MM = 8.0


@dataclass(frozen=True, slots=True)
class QrCard:
    """What stands on one card."""

    name: str
    born: str
    posyandu: str
    code: str


def card_of(child: Child, posyandu: str) -> QrCard:
    """The card of a child."""
    born = format_date(child.birth_date) if child.birth_date is not None else "—"
    return QrCard(
        names.display(child.name),
        tr("Lahir {date}").format(date=born),
        posyandu,
        card_codes.code_of(child.id),
    )


def matrix(code: str) -> tuple[tuple[bool, ...], ...]:
    """The dark and light squares of a code, without the quiet border, rows first."""
    made = segno.make_qr(code, error="q", boost_error=False)
    return tuple(tuple(bool(dark) for dark in line) for line in made.matrix)


def to_pdf(path: Path, cards: Sequence[QrCard]) -> None:
    """Write one card on A6 landscape, several on A4 with lines to cut along.

    Raises `UserError` when there are none or the file cannot be written.
    """
    if not cards:
        raise UserError(tr("Belum ada anak di daftar ini"), code="nothing_to_print")
    one = len(cards) == 1
    size = QPageSize.PageSizeId.A6 if one else QPageSize.PageSizeId.A4
    with page_file.pdf(
        path, tr("Kartu QR"), margin_mm=_MARGIN_MM, landscape=one, size=size, dpi=_DPI
    ) as writer:
        painter = QPainter(writer)
        page = QRectF(0, 0, writer.width(), writer.height())
        if one:
            paint_card(painter, page, cards[0])
        else:
            for first in range(0, len(cards), PER_SHEET):
                if first:
                    writer.newPage()
                _sheet(painter, page, cards[first : first + PER_SHEET])
        painter.end()


def _sheet(painter: QPainter, page: QRectF, cards: Sequence[QrCard]) -> None:
    width, height = page.width() / _COLUMNS, page.height() / _ROWS
    for at, card in enumerate(cards):
        box = QRectF(at % _COLUMNS * width, at // _COLUMNS * height, width, height)
        painter.setPen(QPen(QColor("#9AA1AD"), 0.2 * _MM, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        gap = 5 * _MM
        paint_card(painter, box.adjusted(gap, gap, -gap, -gap), card)


def paint_card(painter: QPainter, box: QRectF, card: QrCard) -> None:
    """Paint one card: the square at the left, who it is at the right."""
    side = min(box.height(), box.width() * 0.5)
    square = QRectF(box.left(), box.center().y() - side / 2, side, side)
    paint_code(painter, square, card.code)
    unit = side / 12
    words = QRectF(square.right() + unit, square.top(), box.right() - square.right() - unit, side)
    ink, soft = QColor("#171C26"), QColor("#545D6C")
    large = _font(unit * 1.25, 600)
    top = words.top() + unit * 0.5
    painter.setFont(large)
    painter.setPen(ink)
    room = QRectF(words.left(), top, words.width(), unit * 5)
    flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop)
    took = painter.boundingRect(room, flags, card.name)
    painter.drawText(room, flags, card.name)
    top += min(took.height(), room.height()) + unit * 0.4
    for text, color in ((card.born, ink), (card.posyandu, soft)):
        font = _font(unit * 0.85, 400)
        painter.setFont(font)
        painter.setPen(color)
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(QRectF(words.left(), top, words.width(), unit * 1.3), 0, shown)
        top += unit * 1.4
    painter.setFont(_font(unit * 0.6, 400))
    painter.setPen(soft)
    below = QRectF(words.left(), words.bottom() - unit * 2.6, words.width(), unit * 2.6)
    bottom = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignBottom)
    painter.drawText(below, bottom, card_codes.grouped(card.code))


def paint_code(painter: QPainter, square: QRectF, code: str) -> None:
    """Paint the dark squares of a code, each meeting the next without a seam."""
    lines = matrix(code)
    unit = square.width() / len(lines)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for y, line in enumerate(lines):
        for x, dark in enumerate(line):
            if dark:
                left, top = square.left() + x * unit, square.top() + y * unit
                painter.fillRect(QRectF(left, top, unit * 1.02, unit * 1.02), QColor("#000000"))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)


def _font(pixels: float, weight: int) -> QFont:
    font = QFont(FAMILY)
    font.setPixelSize(max(1, round(pixels)))
    font.setWeight(QFont.Weight(weight))
    return font
