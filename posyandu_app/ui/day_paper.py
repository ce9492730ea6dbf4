"""The lists and the recap of a posyandu day on A4 paper, as PDF; never NIK or KK: paper is left about."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from PySide6.QtCore import QSizeF
from PySide6.QtGui import QFont, QTextDocument

from posyandu_app.ui import page_file
from posyandu_app.ui.theme import FAMILY

Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]
"""A heading, the heads of the columns and their lines."""

_MARGIN_MM = 14.0


def to_pdf(
    path: Path, title: str, lead: Sequence[str], tables: Sequence[Table], *, landscape: bool = False
) -> None:
    """Write the title, its sentences and the tables; raises `UserError` when the file cannot be written."""
    with page_file.pdf(path, title, margin_mm=_MARGIN_MM, landscape=landscape) as writer:
        document = QTextDocument()
        document.documentLayout().setPaintDevice(writer)
        document.setDocumentMargin(0)
        font = QFont(FAMILY)
        font.setPointSizeF(9.5)
        document.setDefaultFont(font)
        document.setPageSize(QSizeF(writer.width(), writer.height()))
        document.setHtml(html(title, lead, tables))
        document.print_(writer)


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
