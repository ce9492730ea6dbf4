"""A table of the analysis as an Excel file, with what it is, of when, and by which rules."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from posyandu_app.reports.saved_file import save

Cell = str | int | float | None
_FORBIDDEN = set("[]:*?/\\'")


def write(
    path: Path,
    title: str,
    notes: Sequence[str],
    name: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
) -> None:
    """Title and notes, then the table; raises `UserError` when the file cannot be written.

    Text is written as text: nothing that people typed is ever read as a formula.
    """
    import xlsxwriter

    memory = io.BytesIO()
    book = xlsxwriter.Workbook(
        memory, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": title, "author": "Posyandu"})
    sheet = book.add_worksheet(_sheet_name(name))
    large, soft = book.add_format({"bold": True, "font_size": 14}), book.add_format({"font_color": "#545D6C"})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    sheet.write_string(0, 0, title, large)
    for at, note in enumerate(notes, 1):
        sheet.write_string(at, 0, note, soft)
    top = len(notes) + 2
    for column, words in enumerate(heads):
        sheet.write_string(top, column, words, head)
    for row, cells in enumerate(rows, top + 1):
        for column, cell in enumerate(cells):
            if cell is None:
                continue
            if isinstance(cell, str):
                sheet.write_string(row, column, cell)
            else:
                sheet.write_number(row, column, cell)
    sheet.freeze_panes(top + 1, 1)
    sheet.autofilter(top, 0, top + max(len(rows), 1), max(len(heads) - 1, 0))
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, max(len(heads) - 1, 1), 13)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    book.close()
    save(path, memory.getvalue())


def _sheet_name(name: str) -> str:
    tidy = "".join(" " if sign in _FORBIDDEN else sign for sign in name).strip()
    return tidy[:31] or "Data"
