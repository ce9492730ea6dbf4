"""The rows of a trial import: thousands stand ready, those near the eye are laid out."""

from PySide6.QtCore import QModelIndex

from posyandu_app.ui.models.day_model import DayModel
from posyandu_app.ui.models.rows import Index
from posyandu_app.ui.screens.day_state import DayRow
from posyandu_app.ui.screens.import_state import Listed

STEP = 400
"""Rows laid out at first, and again whenever the end of the list comes into sight."""


class ImportModel(DayModel):
    """Grows as the list is scrolled, so that a file of any length is shown at once."""

    _listed: Listed | None = None
    _shown = 0

    def show_rows(self, rows: Listed) -> None:
        """Show these, from the first on; the ones shown already stay as they are."""
        if not rows.same(self._listed):
            self.beginResetModel()
            self._listed, self._shown = rows, min(STEP, len(rows))
            self.endResetModel()

    def row(self, at: int) -> DayRow:
        assert self._listed is not None
        return self._listed[at]

    def index_of(self, key: str) -> int:
        """Where a row stands, −1 when it is not of this kind; the list grows as far as that."""
        at = self._listed.place_of(key) if self._listed is not None else -1
        if at >= self._shown:
            self._grow(at + STEP)
        return at

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._shown

    def canFetchMore(self, parent: Index) -> bool:
        return self._listed is not None and not parent.isValid() and self._shown < len(self._listed)

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._grow(self._shown + STEP)

    def _grow(self, wanted: int) -> None:
        assert self._listed is not None
        last = min(wanted, len(self._listed)) - 1
        self.beginInsertRows(QModelIndex(), self._shown, last)
        self._shown = last + 1
        self.endInsertRows()
