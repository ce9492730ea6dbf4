"""Figures are made ready before anybody asks: after unlocking, and when a sync has brought something."""

import logging

from PySide6.QtCore import QObject, QTimer

from posyandu_app.reports.analyst import Stopped
from posyandu_app.services.views import Changes
from posyandu_app.ui.desk import Desk
from posyandu_app.ui.sync_controller import SyncController

CALM_MS = 1_000
"""So long nothing must have come: the pages of a first fill come one after the other."""

log = logging.getLogger(__name__)


class Preparing(QObject):
    """Has the analysis read what is new, in its own lane, so that its first view opens at once.

    Whoever asks meanwhile sees how far it is; whoever never asks notices nothing. Lives as long as the desk.
    """

    def __init__(self, desk: Desk, sync: SyncController) -> None:
        super().__init__(desk)
        self._desk = desk
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(CALM_MS)
        self._wait.timeout.connect(self._start)
        self._running = self._again = False
        sync.received.connect(self._heard)

    def soon(self) -> None:
        """Begin when it has been calm for a moment."""
        self._wait.start()

    def _heard(self, changes: Changes) -> None:
        if changes.entities:
            self.soon()

    def _start(self) -> None:
        if not self._desk.is_open:
            return
        if self._running:
            self._again = True
            return
        self._running, self._again = True, False
        analyst, rules = self._desk.analyst, self._desk.workspace.rules

        def prepare() -> None:
            analyst.use(rules)
            analyst.prepare()

        self._desk.tasks.run("analysis", prepare, self._done, self._failed)

    def _done(self, _: object = None) -> None:
        self._running = False
        if self._again:
            self._start()

    def _failed(self, error: Exception) -> None:
        """Nobody has asked: a view that does tells what is wrong."""
        self._running = False
        if not isinstance(error, Stopped):
            log.warning("figures were not prepared: %s", type(error).__name__)
