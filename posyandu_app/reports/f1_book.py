"""The monthly report as a workbook: form, services, and where it comes from, stamped with the rules."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from posyandu_app.reports.saved_file import save

Cells = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, lines of heads over the table, and the rows; figures in text become numbers."""

    name: str
    heads: Cells
    rows: Cells


def write(path: Path, title: str, facts: Sequence[tuple[str, str]], sheets: Sequence[Sheet]) -> None:
    """Write the workbook; text never becomes a formula. Raises `UserError` when it cannot be written."""
    save(path, _content(title, facts, sheets))


def _content(title: str, facts: Sequence[tuple[str, str]], sheets: Sequence[Sheet]) -> bytes:
    import xlsxwriter

    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        bold = book.add_format({"bold": True, "font_size": 14})
        soft = book.add_format({"font_color": "#545D6C"})
        head = book.add_format({"bold": True, "bg_color": "#EDEFF4", "border": 1, "text_wrap": True})
        bordered = book.add_format({"border": 1})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name[:31])
            page.set_landscape()
            page.set_paper(9)
            page.fit_to_pages(1, 0)
            page.write_string(0, 0, title, bold)
            for at, (label, value) in enumerate(facts, 1):
                page.write_string(at, 0, f"{label}: {value}", soft)
            top = len(facts) + 2
            for line in sheet.heads:
                for column, cell in enumerate(line):
                    page.write_string(top, column, cell, head)
                top += 1
            page.freeze_panes(top, 0)
            for line in sheet.rows:
                for column, cell in enumerate(line):
                    if column and cell.isascii() and cell.isdigit():
                        page.write_number(top, column, int(cell), bordered)
                    else:
                        page.write_string(top, column, cell, bordered)
                top += 1
            for column in (0, 1):
                widest = max((len(line[column]) for line in sheet.rows if len(line) > column), default=0)
                page.set_column(column, column, min(60, max(8, widest + 2)))
    return content.getvalue()
