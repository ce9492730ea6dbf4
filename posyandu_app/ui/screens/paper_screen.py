"""What the screens share that save files for people outside the app."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.ui.desk import Desk
from posyandu_app.ui.screens.screen import Screen

Written = tuple[str, Callable[[Path], None]]
"""A file by its name, and what writes it to a path."""


class PaperScreen(Screen):
    """A screen whose files go to the folder Posyandu in the person's documents and are opened at once."""

    def __init__(self, parent: QWidget, desk: Desk, name: str) -> None:
        super().__init__(parent, desk, name)
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self.paper_folder = Path(documents) / "Posyandu"
        self.show_paper: Callable[[Path], object] = lambda path: QDesktopServices.openUrl(
            QUrl.fromLocalFile(str(path))
        )

    def save_paper(self, files: Sequence[Written]) -> None:
        """Write the files, name the first and open it; what keeps one from being written is said in words."""
        paths = [self.paper_folder / name for name, _ in files]
        try:
            for path, (_, write) in zip(paths, files, strict=True):
                write(path)
        except UserError as error:
            self.desk.report(error.message)
            return
        self.desk.say(tr("Tersimpan: {name} di folder Dokumen, Posyandu.").format(name=paths[0].name))
        self.show_paper(paths[0])
