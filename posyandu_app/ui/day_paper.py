"""The lists and the recap of a posyandu day on A4 paper, as PDF; never NIK or KK: paper is left about."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QSizeF
from PySide6.QtGui import QFont, QPageLayout, QPageSize, QPdfWriter, QTextDocument

from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.ui.theme import FAMILY

Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]
"""A heading, the heads of the columns and their lines."""

_DPI = 1200
_MARGIN_MM = 14.0


def to_pdf(
    path: Path, title: str, lead: Sequence[str], tables: Sequence[Table], *, landscape: bool = False
) -> None:
    """Write the title, its sentences and the tables; raises `UserError` when the file cannot be written."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DPI)
    writer.setTitle(title)
    writer.setCreator("Posyandu")
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Landscape if landscape else QPageLayout.Orientation.Portrait,
            margins,
            QPageLayout.Unit.Millimeter,
        )
    )
    document = QTextDocument()
    document.documentLayout().setPaintDevice(writer)
    document.setDocumentMargin(0)
    font = QFont(FAMILY)
    font.setPointSizeF(9.5)
    document.setDefaultFont(font)
    document.setPageSize(QSizeF(writer.width(), writer.height()))
    document.setHtml(html(title, lead, tables))
    document.print_(writer)
    buffer.close()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(data.data()))
    except OSError as error:
        sentence = tr(
            "Berkas {name} tidak dapat disimpan. Tutup bila sedang terbuka, atau pilih folder lain."
        )
        raise UserError(sentence.format(name=path.name), code="cannot_write") from error


def html(title: str, lead: Sequence[str], tables: Sequence[Table]) -> str:
    """The page as text for Qt; everything people typed is escaped."""
    parts = [f"<h2>{escape(title)}</h2>"]
    parts += [f"<p>{escape(sentence)}</p>" for sentence in lead if sentence]
    for heading, heads, lines in tables:
        parts.append(f"<h3>{escape(heading)}</h3>" if heading else "")
        cells = "".join(f'<th align="left">{escape(head)}</th>' for head in heads)
        parts.append(
            f'<table width="100%" border="1" cellspacing="0" cellpadding="60" style="border-collapse: '
            f'collapse; border-color: #9aa1ad"><thead><tr bgcolor="#edeff4">{cells}</tr></thead>'
        )
        for line in lines:
            parts.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>")
        parts.append("</table>")
    return "".join(parts)
