"""Pictures of what is set once: the list of parts, the people of the laptop, an import's trial.

`python -m tests.pictures_of_settings [--out DIR]` makes them alone.
"""

import argparse
import contextlib
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import Qt

from posyandu_app.domain.model import Role
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, laptop_users
from tests import made_up
from tests.eppgbm_files import export, line
from tests.pictures_of_the_day import LOOKS
from tests.screenshots import OUT, Camera, opened

Key = Qt.Key


def fill(folder: DataFolder) -> None:
    """Three kaders on one laptop; one of them forgot her password."""
    made_up.fill(folder)
    ws = accounts.unlock(folder, made_up.LABEL, made_up.PASSWORD, made_up.clock())
    laptop_users.add(ws, "Dedeh Kurniasih", Role.KADER, made_up.PASSWORD, cheap=True)
    euis = next(person for person in laptop_users.everybody(ws) if person.name == "Euis Nurjanah")
    laptop_users.set_password(ws, euis.user_id, made_up.PASSWORD, made_up.PASSWORD, cheap=True)
    ws.close()


def people(camera: Camera) -> None:
    """The parts, everybody, a colleague, and each form with what is missing."""
    camera.go("settings")
    camera.take("settings")
    camera.main.go("users")
    camera.settle()
    camera.take("users")
    camera.press(Key.Key_F4)
    camera.take("users-add")
    camera.press(Key.Key_Escape)
    camera.press(Key.Key_2)
    camera.take("users-colleague")
    camera.press(Key.Key_1)
    camera.enter("melati satu")
    camera.enter("pendek")
    camera.press(Key.Key_Return)
    camera.take("users-password")
    camera.press(Key.Key_Escape)
    camera.press(Key.Key_2)
    camera.take("users-remove")
    camera.press(Key.Key_Escape)
    camera.press(Key.Key_Escape)


def import_trial(camera: Camera, folder: Path) -> None:
    """What an import would do, row by row; and where it can be taken back."""
    named = ("ASEP SUNARYA", "DEDE RUHIYAT", "ENENG FITRIYANI", "ILHAM NURDIN", "LILIS RATNASARI")
    rows = [line(Nama=name, NIK="-", Tgl_Lahir=f"2025-0{at + 2}-11") for at, name in enumerate(named)]
    camera.main.go("import")
    camera.settle()
    file = export(
        folder / "Daftar anak Melati 1.xlsx", line(), *rows, line(Nama="BUDI", NIK="-", Tgl_Lahir="-")
    )
    with contextlib.chdir(folder):
        camera.enter(file.name)
    camera.take("import")
    camera.press(Key.Key_F9)
    camera.go("roster")
    camera.go("settings")
    camera.press(Key.Key_2)
    camera.take("import-last")


def gate(camera: Camera) -> None:
    """Ctrl+L: the people of the laptop, one key away."""
    camera.press(Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    camera.take("change-user")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests.pictures_of_settings", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR")
    out = parser.parse_args(arguments).out
    with tempfile.TemporaryDirectory(prefix="posyandu-pictures-") as temporary:
        for mark, wishes in LOOKS:
            folder = DataFolder(Path(temporary) / f"settings{mark}")
            fill(folder)
            with opened(folder, out, wishes, mark) as camera:
                camera.app.unlock(made_up.LABEL, made_up.PASSWORD)
                camera.settle()
                people(camera)
                import_trial(camera, Path(temporary))
                gate(camera)
    return 0


if __name__ == "__main__":
    sys.exit(main())
