"""What the screens of figures share: the path of areas and the period at their head, and their files."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QWidget

from posyandu_app.i18n import tr
from posyandu_app.reports import proposing, workbook
from posyandu_app.reports.periods import Period
from posyandu_app.ui import picture_paper
from posyandu_app.ui.analysis import words
from posyandu_app.ui.analysis.shown import Shown, Table
from posyandu_app.ui.desk import Desk
from posyandu_app.ui.screens.paper_screen import PaperScreen, Written
from posyandu_app.ui.screens.recommend_write_state import Letter
from posyandu_app.ui.widgets.basic import Button, Label, row
from posyandu_app.ui.widgets.views import Trail


class FiguresScreen(PaperScreen):
    """Ctrl+← and Ctrl+→ turn the period, T between months and years; the picture goes to PDF, PNG, Excel.

    The widgets are called after `kind`: "analysis_trail".
    """

    def __init__(self, parent: QWidget, desk: Desk, kind: str) -> None:
        super().__init__(parent, desk, f"{kind}_screen")
        self.trail = Trail(self, name=f"{kind}_trail")
        self.earlier = self._turner(tr("Sebelumnya"), "Left", "←", "chevron-left", f"{kind}_earlier")
        self.later = self._turner(tr("Berikutnya"), "Right", "→", "chevron-right", f"{kind}_later")
        self.period = Label(self, "", "lead_strong")
        self.period.setObjectName(f"{kind}_period")
        self.unit = Button(self, tr("Per tahun"), "T", "quiet", name=f"{kind}_unit")
        self.headline = Label(self, "", "heading", wrap=True)
        self.headline.setObjectName(f"{kind}_headline")
        self.pictures = Button(self, tr("PDF, PNG"), "Ctrl+P", "quiet", name=f"{kind}_pictures")
        self.excel = Button(self, "Excel", "Ctrl+E", "quiet", name=f"{kind}_excel")
        self.earlier.clicked.connect(lambda: self.shift(-1))
        self.later.clicked.connect(lambda: self.shift(1))
        self.pictures.clicked.connect(lambda: self.save("pdf", "png"))
        self.excel.clicked.connect(lambda: self.save("xlsx"))

    def _turner(self, said: str, key: str, arrow: str, icon: str, name: str) -> Button:
        return Button(
            self, said, f"Ctrl+{key}", "quiet", icon, name=name, shown_key=f"Ctrl {arrow}", compact=True
        )

    def head(self) -> QHBoxLayout:
        """The first line of the screen."""
        return row(self.trail, self.earlier, self.period, self.later, self.unit, spacing=4)

    def show_period(self, label: str, *, yearly: bool) -> None:
        """The period in sight, and what T turns to."""
        self.period.setText(label)
        self.unit.set_words(tr("Per bulan") if yearly else tr("Per tahun"))

    def shift(self, steps: int) -> None:
        """Periods later or, below 0, earlier."""
        raise NotImplementedError

    def begin_letter(self, to: str, figure: tuple[str, Period] | None) -> None:
        """Begin a recommendation to an area, with the figure in view: its code and period, or none."""
        figures = () if figure is None else (proposing.to_be_read(figure[0], to, figure[1]),)
        self.desk.handed = Letter(to=to, figures=figures, unread=bool(figures))
        self.desk.go("recommend_write")

    def save(self, *forms: str) -> None:
        """Save what is in sight as "pdf", "png" or "xlsx"."""
        raise NotImplementedError

    def write(self, forms: Sequence[str], shown: Shown, stamp: str, notes: Sequence[str]) -> None:
        """Write what is shown in these forms, named by its title; a table has `notes` over its heads."""
        name, table, files = words.file_name(shown.title), shown.table, list[Written]()
        for form in forms:
            if form == "pdf":
                files.append((f"{name}.pdf", partial(picture_paper.to_pdf, shown=shown, stamp=stamp)))
            elif form == "png":
                files.append((f"{name}.png", partial(picture_paper.to_png, shown=shown, stamp=stamp)))
            elif table is not None:
                files.append((f"{name}.xlsx", partial(_book, shown.title, notes, table)))
        if files:
            self.save_paper(files)


def _book(title: str, notes: Sequence[str], table: Table, path: Path) -> None:
    workbook.write(path, title, notes, table.name, table.heads, table.rows)
