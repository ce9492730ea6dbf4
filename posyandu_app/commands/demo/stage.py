"""The stage of the demo: laptops driven by keys alone, and a picture of every step."""

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QMessageLogContext, Qt, QTimer, QtMsgType
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from posyandu_app.app import Application, build
from posyandu_app.commands.demo.places import PASSWORD, Person
from posyandu_app.domain.clock import Clock
from posyandu_app.paths import DataFolder
from posyandu_app.services.workspace import Workspace
from posyandu_app.sync.status import Link, status
from posyandu_app.ui.sync_controller import SyncController
from posyandu_app.ui.window import Main

SIZE = (1366, 768)
Key = Qt.Key
_PATIENCE_MS = 30_000


class Disagreement(Exception):
    """Something in the story is not as it must be."""


class Pictures:
    """Numbered pictures of the steps."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self.made: list[str] = []

    def take(self, widget: QWidget, name: str) -> None:
        """One picture of a window."""
        file = f"{len(self.made) + 1:02d}-{name}.png"
        widget.grab().save(str(self._out / file))
        self.made.append(file)


class Laptop:
    """One laptop with its window, driven by keys alone."""

    def __init__(self, root: Path, person: Person, clock: Clock, pictures: Pictures) -> None:
        self._person = person
        self._pictures = pictures
        self.app: Application = build(DataFolder(root / person.folder), clock=clock, language="id")
        self.app.window.setWindowTitle(person.laptop)
        self.app.window.resize(*SIZE)
        self.app.window.show()

    def __enter__(self) -> "Laptop":
        return self

    def __exit__(self, *_: object) -> None:
        self.app.close()
        self.app.window.deleteLater()
        QApplication.processEvents()

    @property
    def main(self) -> Main:
        main = self.app.window.main
        if main is None:
            raise Disagreement("the laptop is locked")
        return main

    @property
    def workspace(self) -> Workspace:
        workspace = self.app.workspace
        if workspace is None:
            raise Disagreement("the laptop is locked")
        return workspace

    @property
    def sync(self) -> SyncController:
        sync = self.app.sync
        if sync is None:
            raise Disagreement("the laptop is locked")
        return sync

    def unlock(self, name: str) -> None:
        """Type the password and wait for the list."""
        self.settle()
        self.picture(f"{name}-unlock")
        self.type(PASSWORD)
        self.press(Key.Key_Return)
        self.wait(lambda: self.app.window.main is not None)
        self.settle()
        self.picture(f"{name}-roster")

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """One key, given to whatever has the focus."""
        QTest.keyClick(self._focus(), key, modifier)
        self.settle()

    def go(self, place: str) -> None:
        """To a place of the rail, by its key."""
        number = self.main.rail.key_of(place).removeprefix("Alt+")
        self.press(Key(ord(number)), Qt.KeyboardModifier.AltModifier)

    def type(self, text: str) -> None:
        """Text, key by key, to whatever has the focus."""
        QTest.keyClicks(self._focus(), text)

    def text(self, name: str) -> str:
        """What a label shows."""
        label = self.app.window.findChild(QLabel, name)
        return label.text() if isinstance(label, QLabel) and label.isVisible() else ""

    def chart(self) -> QImage:
        """The growth chart as painted now."""
        return self.main.weighing.chart.grab().toImage()

    def picture(self, name: str) -> None:
        """A picture of the window."""
        self._pictures.take(self.app.window, name)

    def settle(self) -> None:
        """Let everything asked for finish, and a moment for timers."""
        run_for(120)
        self.app.tasks.wait_idle()
        run_for(30)

    def wait(self, reached: Callable[[], bool]) -> None:
        """Run until something is so; the story ends when it never is."""
        for _ in range(_PATIENCE_MS // 50):
            if reached():
                return
            run_for(50)
        raise Disagreement("the story waited in vain")

    def _focus(self) -> QWidget:
        return QApplication.focusWidget() or self.app.window


def say(kind: QtMsgType, _: QMessageLogContext, message: str) -> None:
    if "propagateSizeHints" not in message:  # the offscreen platform says so of every window
        print(f"Qt {kind.name}: {message}", file=sys.stderr)


def run_for(ms: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def unsent(ws: Workspace, clock: Clock) -> int:
    """What waits to be sent."""
    return status(ws.database, Link.UNKNOWN, clock).unsent
