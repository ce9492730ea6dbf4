"""A made-up posyandu on a real encrypted database, and hands on the keyboard of the real window."""

import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from posyandu_app import settings
from posyandu_app.app import Application, build
from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Position, Role, Sex
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, registration, weighing
from posyandu_app.ui.screens.weighing import WeighingScreen
from posyandu_app.ui.window import Main
from tests import village

WIB = timezone(timedelta(hours=7))
NOW = datetime(2026, 11, 23, 9, 12, tzinfo=WIB)
LABEL, PASSWORD = "Siti Rahma", "melati satu"
POSYANDU = "32.11.13.2005.001"

# name, sex, birth, mother, (month, grams, mm) of each visit of 2026
CHILDREN = (
    (
        "Aisyah Putri",
        Sex.FEMALE,
        date(2024, 8, 17),
        "Aminah",
        ((8, 11000, 850), (9, 11200, 858), (10, 11450, 866)),
    ),
    ("Bagas Saputra", Sex.MALE, date(2025, 6, 2), "Dedeh", ((8, 9300, 735), (9, 9500, 748), (10, 9800, 760))),
    (
        "Citra Lestari",
        Sex.FEMALE,
        date(2023, 1, 9),
        "Euis",
        ((8, 10500, 890), (9, 10500, 893), (10, 10450, 896)),
    ),
    ("Dimas Prasetyo", Sex.MALE, date(2026, 3, 30), "Iis", ((8, 7200, 640), (9, 7600, 655), (10, 8000, 668))),
    ("Siti Nurhaliza", Sex.FEMALE, date(2025, 2, 14), "Lilis", ((9, 8600, 745), (10, 8150, 752))),
)


@dataclass(frozen=True)
class Posyandu:
    """A data folder with children, and who they are by name."""

    folder: DataFolder
    children: dict[str, str]


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Posyandu:
    root = tmp_path_factory.mktemp("posyandu")
    folder = DataFolder(root / "data")
    clock = FixedClock(datetime(2026, 7, 1, 8, 0, tzinfo=WIB))
    setup = accounts.Setup(POSYANDU, "Melati 1", LABEL, LABEL, Role.KADER, PASSWORD)
    ws = accounts.set_up(folder, setup, clock, cheap=True)
    ids = {}
    for name, sex, birth, mother, visits in CHILDREN:
        child = registration.ChildInput(name, sex, birth, mother_name=mother, rt="01", rw="02")
        ids[name] = next(iter(registration.register(ws, child).entities))
        for month, grams, mm in visits:
            day = date(2026, month, 20)
            clock.set(datetime(2026, month, 20, 9, 0, tzinfo=WIB))
            lying = (day - birth).days < 731
            position = Position.LYING if lying else Position.STANDING
            weighing.record(ws, ids[name], Draft(day, grams, mm, position))
    ws.close()
    return Posyandu(folder, ids)


@pytest.fixture
def posyandu(_template: Posyandu, tmp_path: Path) -> Posyandu:
    """A copy of the made-up posyandu, for this test alone."""
    root = tmp_path / "data"
    shutil.copytree(_template.folder.root, root)
    return Posyandu(DataFolder(root), _template.children)


@pytest.fixture(scope="session")
def _village_template(tmp_path_factory: pytest.TempPathFactory) -> Posyandu:
    folder = DataFolder(tmp_path_factory.mktemp("village") / "data")
    return Posyandu(folder, village.fill(folder))


@pytest.fixture
def village_folder(_village_template: Posyandu, tmp_path: Path) -> Posyandu:
    """A copy of the midwife's laptop with its three posyandu, for this test alone."""
    root = tmp_path / "village"
    shutil.copytree(_village_template.folder.root, root)
    return Posyandu(DataFolder(root), _village_template.children)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


class Hands:
    """One person at the keyboard of one laptop."""

    def __init__(self, app: Application) -> None:
        self.app = app
        app.window.resize(1366, 768)
        app.window.show()
        app.window.activateWindow()
        self.settle()

    @property
    def main(self) -> Main:
        assert self.app.window.main is not None, "locked"
        return self.app.window.main

    @property
    def weighing(self) -> WeighingScreen:
        return self.main.weighing

    @property
    def focus(self) -> QWidget:
        return QApplication.focusWidget() or self.app.window

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """One key to whoever has the focus, and everything that follows from it."""
        QTest.keyClick(self.focus, key, modifier)
        self.settle()

    def go(self, place: str) -> None:
        """To a place of the rail, by its key."""
        number = self.main.rail.key_of(place).removeprefix("Alt+")
        self.press(Qt.Key(ord(number)), Qt.KeyboardModifier.AltModifier)
        assert self.main.place == place

    def ctrl(self, key: Qt.Key) -> None:
        self.press(key, Qt.KeyboardModifier.ControlModifier)

    def type(self, text: str) -> None:
        """Text, each key to whoever has the keyboard then; what no key gives is pasted."""
        if text.isascii():
            for key in text:
                QTest.keyClicks(self.focus, key)
            self.settle()
        else:
            self.paste(text)

    def enter(self, text: str = "") -> None:
        """Text and Enter."""
        if text:
            self.type(text)
        self.press(Qt.Key.Key_Return)

    def paste(self, text: str) -> None:
        """Text from the clipboard."""
        QApplication.clipboard().setText(text)
        self.ctrl(Qt.Key.Key_V)

    def begin_new_posyandu(self) -> None:
        """Through the first two steps of the first start, as they stand."""
        for _ in range(3):
            self.press(Qt.Key.Key_Return)

    def settle(self) -> None:
        """Let everything asked for finish."""
        for _ in range(4):
            assert self.app.tasks.wait_idle(20)
            QApplication.processEvents()

    def wait(self, milliseconds: int) -> None:
        """Let timers run."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()
        self.settle()

    def text(self, name: str) -> str:
        """What the label of that name shows, "" when it is not in sight."""
        label = self.app.window.findChild(QLabel, name)
        assert isinstance(label, QLabel), name
        return label.text() if label.isVisible() else ""

    def open_child(self, name: str) -> None:
        """From the roster: search by name and open."""
        self.press(Qt.Key.Key_F2)
        self.type(name)
        self.press(Qt.Key.Key_Return)
        assert self.main.place == "weighing"
        assert self.weighing.state is not None
        assert self.weighing.state.child.name == name


@pytest.fixture
def no_bugs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The test fails when the app met a bug and only told the person so."""
    yield
    bugs = [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    assert bugs == [], [record.getMessage() for record in bugs]


Start = Callable[..., Hands]


@pytest.fixture
def start(qapp: QApplication, clock: FixedClock, no_bugs: None) -> Iterator[Start]:
    """Open the app on a folder; every app opened is closed at the end."""
    opened: list[Application] = []

    def begin(folder: DataFolder, **wishes: object) -> Hands:
        if wishes:
            settings.save(folder.settings, replace(settings.Settings(), **wishes))
        app = build(folder, clock=clock)
        opened.append(app)
        return Hands(app)

    yield begin
    for app in opened:
        app.close()
        app.window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()
    build_default_look(qapp)


def build_default_look(qapp: QApplication) -> None:
    """Other tests begin with the normal look."""
    from posyandu_app.ui.window import apply_look

    apply_look(settings.Settings())


@pytest.fixture
def hands(start: Start, posyandu: Posyandu) -> Hands:
    """The made-up posyandu, unlocked."""
    hands = start(posyandu.folder)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    return hands


@pytest.fixture
def midwife(start: Start, village_folder: Posyandu) -> Hands:
    """The midwife at her own laptop, unlocked."""
    hands = start(village_folder.folder)
    assert hands.app.unlock(village.LABEL, village.PASSWORD)
    hands.settle()
    return hands
