"""Pictures of registering a child and of her card, moved by keys; `tests.screenshots` lends its camera.

`python -m tests.pictures_of_children [--out DIR]` makes them alone.
"""

import argparse
import sys
import tempfile
from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt

from posyandu_app.domain.doses import Dose, DoseKind
from posyandu_app.paths import DataFolder
from posyandu_app.services import doses, roster
from tests import made_up, village
from tests.pictures_of_the_day import LOOKS
from tests.screenshots import OUT, Camera, opened

Key = Qt.Key


def registration(camera: Camera) -> None:
    """The three parts of a new child's form."""
    camera.press(Key.Key_F4)
    camera.enter("Siti Nurhalisa")
    camera.type("p")
    camera.press(Key.Key_Return)
    for text in ("15/10/2025", "Yani Mulyani", "menyusul", "03"):
        camera.enter(text)
    camera.main.register.look_now()
    camera.settle()
    camera.take("register")
    camera.press(Key.Key_F11)
    for text in ("3211130101200001", "3211134107950002", "Asep Sunandar"):
        camera.enter(text)
    camera.take("register-more")
    camera.press(Key.Key_F11)
    camera.type("s")
    camera.press(Key.Key_Return)
    camera.take("register-consent")
    camera.press(Key.Key_Escape)


def immunise(camera: Camera) -> None:
    """Rara has had a dose, so that her card has something to show of it."""
    workspace = camera.app.workspace
    assert workspace is not None
    rara = next(row.child for row in roster.rows(workspace) if row.child.name == "Rara Kusuma")
    dose = Dose(id="", child=rara.id, date=date(2026, 10, 20), what=DoseKind.IMMUNISATION, antigen="mr1")
    doses.record(workspace, dose, confirmed=True)


def card(camera: Camera) -> None:
    """The five pages of a child's card, her form, a correction, what is cancelled, and her leaving."""
    immunise(camera)
    camera.press(Key.Key_F2)
    camera.type("rara")
    camera.press(Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    camera.take("child")
    pages = ((Key.Key_2, "visits"), (Key.Key_3, "services"), (Key.Key_4, "history"), (Key.Key_5, "data"))
    for key, name in pages:
        camera.press(key)
        camera.take(f"child-{name}")
    camera.press(Key.Key_F7)
    camera.take("edit-child")
    withdrawing(camera)
    camera.press(Key.Key_F6)
    camera.take("leaving")
    camera.press(Key.Key_Escape)
    camera.press(Key.Key_2)
    camera.press(Key.Key_Return)
    camera.enter("13,4")
    camera.take("correct")
    camera.press(Key.Key_Escape)
    camera.press(Key.Key_Delete)
    camera.take("cancel")
    camera.press(Key.Key_Escape)
    camera.press(Key.Key_3)
    camera.press(Key.Key_Delete)
    camera.take("cancel-service")
    camera.press(Key.Key_Escape)


def withdrawing(camera: Camera) -> None:
    """A guardian agrees, and takes it back on the same part of the form."""
    for _ in range(2):
        camera.press(Key.Key_F11)
    camera.type("s")
    for key in (Key.Key_Return, Key.Key_Return, Key.Key_Return, Key.Key_F7, Key.Key_F11, Key.Key_F11):
        camera.press(key)
    camera.take("edit-consent")
    camera.type("d")
    camera.take("edit-withdrawn")
    camera.press(Key.Key_Escape)


def transfer(camera: Camera) -> None:
    """A midwife takes a child to another posyandu of her village."""
    camera.press(Key.Key_F2)
    camera.type("kirana")
    camera.press(Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    camera.press(Key.Key_F6)
    camera.press(Key.Key_Down)
    camera.press(Key.Key_Return)
    camera.type("ma")
    camera.take("leaving-transfer")
    camera.press(Key.Key_Escape)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests.pictures_of_children", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR")
    out = parser.parse_args(arguments).out
    with tempfile.TemporaryDirectory(prefix="posyandu-pictures-") as temporary:
        for mark, wishes in LOOKS:
            folder = DataFolder(Path(temporary) / f"child{mark}")
            made_up.fill(folder)
            with opened(folder, out, wishes, mark) as camera:
                camera.app.unlock(made_up.LABEL, made_up.PASSWORD)
                camera.settle()
                registration(camera)
                card(camera)
            folder = DataFolder(Path(temporary) / f"village{mark}")
            village.fill(folder)
            with opened(folder, out, wishes, mark) as camera:
                camera.app.unlock(village.LABEL, village.PASSWORD)
                camera.settle()
                transfer(camera)
    return 0


if __name__ == "__main__":
    sys.exit(main())
