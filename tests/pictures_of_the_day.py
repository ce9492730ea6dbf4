"""Pictures of the service table and of the posyandu day, moved by keys; `tests.screenshots` lends its camera.

`python -m tests.pictures_of_the_day [--out DIR]` makes them alone.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import Qt

from posyandu_app.paths import DataFolder
from posyandu_app.settings import Settings
from tests import made_up
from tests.screenshots import OUT, Camera, opened

Key = Qt.Key
LOOKS = (
    ("", Settings()),
    ("-large", Settings(text_size="large")),
    ("-contrast", Settings(contrast="high")),
    ("-english", Settings(language="en")),
)


def services(camera: Camera) -> None:
    """The service table of a child: what is due, and a danger sign with what it changes."""
    camera.press(Key.Key_F2)
    camera.type("dimas")
    camera.press(Key.Key_Return)
    camera.enter("9,1")
    state = camera.main.weighing.state
    if state is not None and state.question is not None:
        camera.press(Key.Key_2)
    camera.press(Key.Key_F11)
    camera.take("services")
    camera.main.weighing.services.take_keyboard("danger_signs")
    camera.type("a")
    camera.press(Key.Key_Return)
    camera.press(Key.Key_Space)
    camera.take("services-danger")
    camera.press(Key.Key_Escape)
    camera.press(Key.Key_Escape)


def book(camera: Camera) -> None:
    """The immunisations of a child copied from the Buku KIA, day by day."""
    camera.press(Key.Key_F2)
    camera.type("bagas")
    camera.press(Key.Key_Return)
    camera.press(Key.Key_F11)
    camera.main.weighing.services.take_keyboard("book")
    camera.type("s")
    camera.press(Key.Key_Return)
    for day in ("020625", "050725", "m", "60825"):
        camera.enter(day)
    camera.type("05082")
    camera.take("services-book")
    camera.press(Key.Key_Escape)
    camera.press(Key.Key_Escape)
    camera.press(Key.Key_Escape)


def posyandu_day(camera: Camera) -> None:
    """The five views of a day, from the list before it to its recap."""
    camera.go("day")
    camera.take("day")
    camera.press(Key.Key_F9)
    camera.press(Key.Key_2)
    camera.type("h")
    camera.take("day-present")
    camera.press(Key.Key_3)
    camera.type("b")
    camera.take("day-absent")
    camera.press(Key.Key_4)
    camera.take("day-midwife")
    camera.press(Key.Key_5)
    camera.take("day-recap")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests.pictures_of_the_day", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR")
    out = parser.parse_args(arguments).out
    with tempfile.TemporaryDirectory(prefix="posyandu-pictures-") as temporary:
        for mark, wishes in LOOKS:
            folder = DataFolder(Path(temporary) / f"day{mark}")
            made_up.fill(folder)
            with opened(folder, out, wishes, mark) as camera:
                camera.app.unlock(made_up.LABEL, made_up.PASSWORD)
                camera.settle()
                services(camera)
                book(camera)
                posyandu_day(camera)
    return 0


if __name__ == "__main__":
    sys.exit(main())
