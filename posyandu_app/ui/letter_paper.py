"""The referral letter on one A4 page: the same drawing for the preview on screen and for the PDF.

The letter goes with the family to where the child is treated, so it carries the NIK; the lower part is
the answer that comes back. Everything people typed is escaped.
"""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QImage,
    QPainter,
    QPalette,
    QTextDocument,
)

from posyandu_app.domain.dates import format_date
from posyandu_app.i18n import tr
from posyandu_app.services.referral import ReferralLetter
from posyandu_app.ui import page_file
from posyandu_app.ui.page_file import CSS_DPI, PDF_DPI
from posyandu_app.ui.theme import FAMILY

WIDTH, HEIGHT = 794.0, 1123.0
"""A4 in px of 1/96 inch."""
_MARGIN = 56.0
_SIZES = (11.5, 11.0, 10.5, 10.0, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0)
"""Points: the largest in which the letter stays on one page."""


def to_pdf(path: Path, letter: ReferralLetter) -> None:
    """Write the letter; raises `UserError` when the file cannot be written there."""
    with page_file.pdf(path, _title(letter), margin_mm=0) as writer:
        painter = QPainter(writer)
        painter.scale(PDF_DPI / CSS_DPI, PDF_DPI / CSS_DPI)
        _paint(painter, letter)
        painter.end()


def picture(letter: ReferralLetter, height: int, ratio: float = 1.0) -> QImage:
    """The page as a picture of `height` logical px."""
    width = round(height * WIDTH / HEIGHT)
    image = QImage(round(width * ratio), round(height * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("#FFFFFF"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(height / HEIGHT, height / HEIGHT)
    _paint(painter, letter)
    painter.end()
    return image


def _paint(painter: QPainter, letter: ReferralLetter) -> None:
    document = fitted(letter)
    painter.translate(_MARGIN, _MARGIN)
    context = QAbstractTextDocumentLayout.PaintContext()
    context.palette.setColor(QPalette.ColorRole.Text, QColor("#000000"))
    context.clip = QRectF(0, 0, WIDTH - 2 * _MARGIN, HEIGHT - 2 * _MARGIN)
    document.documentLayout().draw(painter, context)


def fitted(letter: ReferralLetter) -> QTextDocument:
    """The letter set in the largest type in which it fits one page."""
    document = QTextDocument()
    for points in _SIZES:
        document = _document(letter, points)
        if document.size().height() <= HEIGHT - 2 * _MARGIN:
            break
    return document


def _document(letter: ReferralLetter, points: float) -> QTextDocument:
    document = QTextDocument()
    document.setDocumentMargin(0)
    font = QFont(FAMILY)
    font.setPixelSize(round(points * CSS_DPI / 72))
    document.setDefaultFont(font)
    document.setPageSize(QSizeF())
    document.setTextWidth(WIDTH - 2 * _MARGIN)
    document.setHtml(html(letter))
    return document


def _title(letter: ReferralLetter) -> str:
    return tr("Surat rujukan balita {number}").format(number=letter.number)


def html(letter: ReferralLetter) -> str:
    """The letter as text for Qt."""
    title = escape(tr("SURAT RUJUKAN BALITA"))
    urgent = tr("RUJUKAN SEGERA — HARI INI JUGA")
    parts = [
        (f'<p align="center"><b style="font-size:large">{title}</b><br>{escape(letter.place)}</p>'),
        "<p></p>" + _table(((tr("Nomor"), letter.number), (tr("Tanggal"), format_date(letter.on)))),
    ]
    if letter.urgent:
        parts.append(
            '<table width="100%" border="1" cellspacing="0" cellpadding="6"><tr><td align="center">'
            f"<b>{escape(urgent)}</b></td></tr></table>"
        )
    dear = tr("Kepada Yth. petugas kesehatan di {to}").format(to=letter.to)
    parts.append(f"<p><b>{escape(dear)}</b><br>")
    parts.append(escape(tr("Mohon pemeriksaan dan penanganan lebih lanjut untuk anak berikut.")) + "</p>")
    parts.append(_table(letter.identity))
    parts.append(_heading(tr("Alasan dirujuk")) + _list(letter.reasons or (tr("Lihat hasil pemeriksaan."),)))
    parts.append(_heading(tr("Hasil pengukuran")) + _table(letter.measurements))
    if letter.findings:
        parts.append(_heading(tr("Hasil pemeriksaan (MTBS)")) + _list(letter.findings))
    parts.append(_heading(tr("Yang sudah dilakukan dan direncanakan")) + _list((letter.decided,)))
    if letter.before_leaving:
        parts.append(_heading(tr("Sebelum berangkat")) + _list(letter.before_leaving))
    parts.append(
        '<br><table width="100%" cellspacing="0" cellpadding="0"><tr><td width="60%"></td>'
        f"<td>{escape(tr('Yang merujuk,'))}<br><br><br><b>{escape(letter.sender)}</b><br>"
        f"{escape(letter.sender_role)}</td></tr></table>"
    )
    rules = tr("Dibuat dengan aplikasi Posyandu, aturan program {rules}. Z-score WHO 2006, PMK 2/2020.")
    parts.append(f'<p style="font-size:small">{escape(rules.format(rules=letter.rules))}</p>')
    parts.append("<hr>" + _answer(letter))
    return "".join(parts)


def _answer(letter: ReferralLetter) -> str:
    """The slip that comes back with the family."""
    title = tr("JAWABAN RUJUKAN — mohon diisi dan dibawa kembali oleh keluarga")
    dots = "." * 60
    lines = (
        (tr("Nomor"), f"{letter.number} · {letter.name}"),
        (tr("Diagnosis"), dots),
        (tr("Tindakan / obat"), dots),
        (tr("Saran dan tanggal kontrol"), dots),
        (tr("Nama dan tanda tangan"), dots),
    )
    return f"<p><b>{escape(title)}</b></p>{_table(lines)}"


def _heading(words: str) -> str:
    return f'<p style="margin-bottom:0"><b>{escape(words)}</b></p>'


def _table(pairs: Sequence[tuple[str, str]]) -> str:
    rows = "".join(
        f'<tr><td width="28%">{escape(label)}</td><td width="2%">:</td><td>{escape(value)}</td></tr>'
        for label, value in pairs
    )
    return f'<table width="100%" cellspacing="0" cellpadding="1">{rows}</table>'


def _list(lines: Sequence[str]) -> str:
    return "".join(f'<p style="margin:0 0 0 12px">• {escape(line)}</p>' for line in lines)
