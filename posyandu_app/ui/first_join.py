"""Joining the Dinas from the first start: the question, then the first exchange with figures."""

from typing import Protocol

from PySide6.QtCore import QObject, Signal

from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace
from posyandu_app.ui.sync_controller import SyncController, SyncPort
from posyandu_app.ui.tasks import Tasks


class ClosablePort(SyncPort, Protocol):
    """A port that lets go of its connection."""

    def close(self) -> None:
        """Let go of the connection (db)."""
        ...


class FirstJoin(QObject):
    """Asks as often as a person tries; each answer is one signal.

    `filled(received, total)` tells how far a fill of many pages is.
    `refused(field, sentence)` before the Dinas took the laptop in, with "url", "code" or "name" where it
    is about what was typed there, `received(count)` afterwards, and at the end `finished(sentence)` with
    what broke the first exchange off, or "".
    """

    refused = Signal(str, str)
    received = Signal(int)
    filled = Signal(int, int)
    finished = Signal(str)

    def __init__(self, tasks: Tasks, workspace: Workspace, port: ClosablePort) -> None:
        super().__init__()
        self._tasks = tasks
        self._workspace = workspace
        self._port = port
        self._sync = SyncController(tasks, port, network_on=True)
        self._joined = False
        self._count = 0
        self._sync.received.connect(self._arrived)
        self._sync.filled.connect(self.filled)
        self._sync.refused.connect(self.refused)
        self._sync.troubled.connect(self._troubled)
        self._sync.answered.connect(self._answered)

    def ask(self, url: str, code: str, name: str) -> None:
        """Ask the Dinas to take this laptop in."""
        self._sync.enrol(url, code, name)

    def release(self) -> Workspace:
        """Stop serving the workspace, which stays open for whoever takes it."""
        self._sync.close()
        self._tasks.run("db", self._port.close)
        return self._workspace

    def close(self) -> None:
        """Give up; what was set up stays on the disk."""
        self._tasks.run("db", self.release().close)

    def _arrived(self, changes: Changes) -> None:
        if changes.kinds == frozenset({"enrolment"}):
            self._joined = True
        else:
            self._count += len(changes.entities)
        self.received.emit(self._count)

    def _troubled(self, sentence: str) -> None:
        if not self._joined:
            self.refused.emit("", sentence)

    def _answered(self, sentence: str, trouble: bool) -> None:
        if self._joined:
            self.finished.emit(sentence if trouble else "")
