"""Paper of the midwife's screens: saved as PDF in the documents folder, then shown."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, QUrl
from PySide6.QtGui import QDesktopServices

from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.ui import day_paper
from posyandu_app.ui.desk import Desk


class Paper:
    """Where the PDF files of a screen go, and how they are shown; tests change both."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self.folder = Path(documents) / "Posyandu"
        self.show: Callable[[Path], object] = lambda path: QDesktopServices.openUrl(
            QUrl.fromLocalFile(str(path))
        )

    def save_table(
        self, name: str, title: str, lead: Sequence[str], tables: Sequence[day_paper.Table]
    ) -> Path | None:
        """Write lists under a title and show them; None when the file cannot be written."""
        return self.save(name, lambda path: day_paper.to_pdf(path, title, lead, tables))

    def save(self, name: str, write: Callable[[Path], None], *, show: bool = True) -> Path | None:
        """Write one file; None, and what to do, when it cannot be written.

        With `show` it is opened and the foot says where it is; else the page says so itself, and the
        deed before can still be undone.
        """
        path = self.folder / f"{name}.pdf"
        try:
            write(path)
        except UserError as error:
            self._desk.report(error.message)
            return None
        if show:
            sentence = tr("Tersimpan: {name} di folder Dokumen, Posyandu.")
            self._desk.say(sentence.format(name=path.name))
            self.show(path)
        return path
