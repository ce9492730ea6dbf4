"""`python -m tests.screenshots [--out DIR]`: the main screens as they are now, with made-up children.

Real services on a real encrypted database, real widgets moved by keys, no display needed.
"""

# ruff: noqa: T201 - says what it wrote

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QMessageLogContext, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from posyandu_app import settings
from posyandu_app.app import Application, build
from posyandu_app.paths import DataFolder
from posyandu_app.settings import Settings
from posyandu_app.ui.window import Main
from tests import made_up

SIZE = (1366, 768)
OUT = Path(__file__).resolve().parents[1] / "docs" / "screenshots"
OTHER_LOOKS = ("-contrast", "-english")
BUSIEST = frozenset(
    {
        *("roster", "weighing", "services-danger", "day", "day-recap", "review", "child", "register"),
        *("worklist", "case", "analysis", "analysis-map", "quality", "sync"),
    }
)
"""The screens shown in high contrast and in English too; all are shown in normal and large type."""
Key = Qt.Key


_made: set[str] = set()


def shown_in_docs(name: str, mark: str) -> bool:
    """Whether docs/ holds the picture of a screen in a look."""
    return mark not in OTHER_LOOKS or name in BUSIEST


def tidy() -> None:
    """Take pictures out of docs/ that the command has not made: their screens are gone."""
    for path in OUT.glob("*.png"):
        if path.name not in _made:
            path.unlink()
            print(f"- {path.name}")


class Camera:
    """Presses keys on one app and takes pictures of its window."""

    def __init__(self, app: Application, out: Path, mark: str = "") -> None:
        self.app, self._out, self._mark = app, out, mark
        app.window.resize(*SIZE)
        app.window.show()
        self.settle()

    @property
    def main(self) -> Main:
        assert self.app.window.main is not None
        return self.app.window.main

    @property
    def focus(self) -> QWidget:
        return QApplication.focusWidget() or self.app.window

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.focus, key, modifier)
        self.settle()

    def go(self, place: str) -> None:
        """To a place of the rail, by its key."""
        number = self.main.rail.key_of(place).removeprefix("Alt+")
        self.press(Key(ord(number)), Qt.KeyboardModifier.AltModifier)

    def type(self, text: str) -> None:
        for key in text:
            QTest.keyClicks(self.focus, key)
        self.settle()

    def enter(self, text: str) -> None:
        self.type(text)
        self.press(Key.Key_Return)

    def settle(self) -> None:
        if self.app.window.main is not None:  # the rail as it is a moment later, the same in every run
            self.app.window.main.counts.later.setInterval(0)
        for _ in range(4):
            self.app.tasks.wait_idle(30)
            QApplication.processEvents()

    def take(self, name: str) -> None:
        if self._out == OUT and not shown_in_docs(name, self._mark):
            return
        _made.add(f"{name}{self._mark}.png")
        path = self._out / f"{name}{self._mark}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.app.window.grab().save(str(path))
        print(path.name)


@contextmanager
def opened(folder: DataFolder, out: Path, wishes: Settings | None = None, mark: str = "") -> Iterator[Camera]:
    """The app on a folder, closed at the end."""
    if wishes is not None:
        folder.root.mkdir(parents=True, exist_ok=True)
        settings.save(folder.settings, wishes)
    app = build(folder, clock=made_up.clock())
    try:
        yield Camera(app, out, mark)
    finally:
        app.close()
        app.window.deleteLater()
        QApplication.processEvents()


def first_start(folder: DataFolder, out: Path) -> None:
    """A laptop on which nothing is set up yet."""
    with opened(folder, out) as camera:
        camera.take("first-start-look")
        for _ in range(2):
            camera.press(Key.Key_Return)
        camera.take("first-start-way")
        camera.press(Key.Key_Return)
        camera.type("sumed")
        camera.take("first-start")
        camera.press(Key.Key_Return)
        for text in ("pamulihan", "cilembu", "Melati 1"):
            camera.enter(text)
        camera.enter("Siti Rahma")
        camera.take("first-start-person")
        camera.press(Key.Key_Return)
        for _ in range(2):
            camera.enter("melati satu")
        camera.take("first-start-list")
        camera.app.window.gate.ask_name()  # as after joining first for a posyandu
        camera.settle()
        camera.take("first-start-name")


def the_day(folder: DataFolder, out: Path) -> None:
    """A morning at the posyandu, in the normal look."""
    with opened(folder, out) as camera:
        camera.take("unlock")
        camera.app.unlock(made_up.LABEL, made_up.PASSWORD)
        camera.settle()
        camera.take("roster")
        camera.type("siti")
        camera.take("search")
        weigh(camera)
        camera.press(Key.Key_Escape)
        camera.go("review")
        camera.take("review")
        camera.go("settings")
        camera.press(Key.Key_1)
        camera.take("display")


def weigh(camera: Camera) -> None:
    """From the search to the saved child: empty, a question, an assessment, the next child."""
    camera.press(Key.Key_Return)
    camera.take("weighing-empty")
    state = camera.main.weighing.state
    assert state is not None
    last = state.history[-1]
    grams, millimetres = (last.weight_g or 0) + 100, (last.length_mm or 0) + 6
    camera.enter(f"{round(grams, -2) // 100}")
    camera.take("weighing-question")
    camera.press(Key.Key_1)
    camera.enter(f"{millimetres / 10:.1f}".replace(".", ","))
    camera.enter("13,4")
    camera.enter("46,2")
    camera.take("weighing")
    camera.press(Key.Key_Return)
    camera.take("weighing-saved")


def in_another_look(folder: DataFolder, out: Path, wishes: Settings, mark: str) -> None:
    """The busiest screens in large text or high contrast."""
    with opened(folder, out, wishes, mark) as camera:
        camera.app.unlock(made_up.LABEL, made_up.PASSWORD)
        camera.settle()
        camera.take("roster")
        camera.press(Key.Key_Return)
        camera.enter("9,9")
        if camera.main.weighing.state is not None and camera.main.weighing.state.question is not None:
            camera.press(Key.Key_2)
        camera.take("weighing")
        camera.go("review")
        camera.take("review")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests.screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR")
    out = parser.parse_args(arguments).out
    qInstallMessageHandler(_say)
    with tempfile.TemporaryDirectory(prefix="posyandu-pictures-") as temporary:
        root = Path(temporary)
        first_start(DataFolder(root / "new"), out)
        for name in ("day", "large", "contrast", "english"):
            made_up.fill(DataFolder(root / name))
        the_day(DataFolder(root / "day"), out)
        in_another_look(DataFolder(root / "large"), out, Settings(text_size="large"), "-large")
        in_another_look(DataFolder(root / "contrast"), out, Settings(contrast="high"), "-contrast")
        in_another_look(DataFolder(root / "english"), out, Settings(language="en"), "-english")
    from tests import (  # they borrow this camera
        pictures_of_analysis,
        pictures_of_cases,
        pictures_of_children,
        pictures_of_settings,
        pictures_of_sync,
        pictures_of_the_day,
        pictures_of_the_offices,
    )

    pictures_of_analysis.main(["--out", str(out)])
    pictures_of_cases.main(["--out", str(out)])
    pictures_of_children.main(["--out", str(out)])
    pictures_of_settings.main(["--out", str(out)])
    pictures_of_the_offices.main(["--out", str(out)])
    pictures_of_sync.main(["--out", str(out)])
    pictures_of_the_day.main(["--out", str(out)])
    if out == OUT:
        tidy()
    return 0


def _say(kind: QtMsgType, _: QMessageLogContext, message: str) -> None:
    if "propagateSizeHints" not in message:
        print(f"Qt {kind.name}: {message}", file=sys.stderr)


if __name__ == "__main__":
    from tests import screenshots  # the same module that the others borrow the camera from

    sys.exit(screenshots.main())
