"""How many wait behind each place of the rail, read at the start and after every change."""

from PySide6.QtCore import QObject, QTimer

from posyandu_app.domain.model import Role
from posyandu_app.domain.reviews import HEALTH_WORKERS
from posyandu_app.services import cases, monthly_reports, recommendations
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.screens import review_state

NOT_BEFORE_MS = 1500
"""So long after the start and the last change the children who need somebody are counted: in nobody's way."""


class Counts(QObject):
    """Tells the rail how many recommendations, returned reports and children wait for the person here."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._latest, self._latest_children = Latest(desk), Latest(desk)
        self.later = QTimer(self)
        self.later.setSingleShot(True)
        self.later.setInterval(NOT_BEFORE_MS)
        self.later.timeout.connect(self._count_children)

    def refresh(self) -> None:
        """Count again."""
        self._latest.ask(waiting, lambda count: self._desk.counted.emit("recommend", count))
        self.later.start()

    def changed(self, changes: Changes) -> None:
        """Something changed, here or by sync."""
        if changes.kinds != frozenset({"draft"}):
            self.refresh()

    def _count_children(self) -> None:
        if self._desk.is_open and self._desk.workspace.user.role is not Role.DINAS:
            self._latest_children.ask(
                children_waiting, lambda count: self._desk.counted.emit("review", count)
            )


def waiting(workspace: Workspace) -> int:
    """What waits for an answer, and for kader and midwife the reports that came back."""
    count = len(recommendations.waiting(workspace))
    if workspace.user.role in (Role.KADER, Role.BIDAN):
        count += len(monthly_reports.returned(workspace))
    return count


def children_waiting(workspace: Workspace) -> int:
    """How many children need somebody, as their list counts them."""
    rows = cases.every_case(workspace)
    return review_state.waiting(rows, decides=workspace.user.role in HEALTH_WORKERS)
