"""How many wait behind each place of the rail, read at the start and after every change."""

from PySide6.QtCore import QObject

from posyandu_app.domain.model import Role
from posyandu_app.services import monthly_reports, recommendations
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace
from posyandu_app.ui.desk import Desk, Latest


class Counts(QObject):
    """Tells the rail how many recommendations and returned reports wait for the person here."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._latest = Latest(desk)

    def refresh(self) -> None:
        """Count again."""
        self._latest.ask(waiting, lambda count: self._desk.counted.emit("recommend", count))

    def changed(self, changes: Changes) -> None:
        """Something changed, here or by sync."""
        if changes.kinds != frozenset({"draft"}):
            self.refresh()


def waiting(workspace: Workspace) -> int:
    """What waits for an answer, and for kader and midwife the reports that came back."""
    count = len(recommendations.waiting(workspace))
    if workspace.user.role in (Role.KADER, Role.BIDAN):
        count += len(monthly_reports.returned(workspace))
    return count
