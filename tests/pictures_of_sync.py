"""Pictures of the midwife's questions and of the sync page, made by keys.

`python -m tests.pictures_of_sync [--out DIR]` makes them alone.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import Qt

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.model import Role
from posyandu_app.paths import DataFolder
from posyandu_app.services import registration, roster, weighing
from posyandu_app.services.views import User
from posyandu_app.settings import Settings
from tests import made_up
from tests.screenshots import OUT, Camera, opened
from tests.services.test_deciding import OtherLaptop

Key = Qt.Key
LOOKS = (
    ("", Settings()),
    ("-large", Settings(text_size="large")),
    ("-contrast", Settings(contrast="high")),
    ("-english", Settings(language="en")),
)


def questions(camera: Camera) -> None:
    """Two birth dates, two weighings on one day, and a child written down twice."""
    ws = camera.app.workspace
    assert ws is not None
    rows = roster.rows(ws)
    first, second, third = (rows[at].child for at in (3, 8, 12))
    other = OtherLaptop(ws)
    assert first.birth_date is not None
    base = registration.shown(ws, first.id)["birth_date"]
    registration.update(ws, first.id, {"birth_date": first.birth_date.replace(day=7)})
    elsewhere = first.birth_date.replace(day=17).isoformat()
    other.writes("child.set", first.id, {"birth_date": {"v": elsewhere, "base": list(base)}})
    today = ws.clock.today()
    weighing.record(ws, second.id, Draft(today, 10100, 768))
    record = {"child": second.id, "date": today.isoformat(), "weight_g": 11000, "length_mm": 768}
    other.writes("measurement.record", "77777777-7777-4777-8777-777777777777", record)
    twin = registration.ChildInput(
        third.name.replace("i", "y", 1), third.sex, third.birth_date, mother_name=third.mother_name
    )
    registration.register(ws, twin)
    midwife(camera)
    camera.go("decide")
    camera.take("decide")
    camera.press(Key.Key_PageDown)
    camera.take("decide-double")
    camera.press(Key.Key_PageDown)
    camera.take("decide-duplicate")
    camera.press(Key.Key_1)
    camera.press(Key.Key_F3)
    camera.take("decide-linked")
    camera.press(Key.Key_1)
    camera.take("decide-empty")


def midwife(camera: Camera) -> None:
    """The midwife sits down at this laptop."""
    app = camera.app
    assert app.workspace is not None
    assert app.desk is not None
    assert app.sync is not None
    user = User(app.workspace.user.id, "Bidan Rina", Role.BIDAN)
    app.workspace.user = user
    app.window.show_main(app.desk, app.sync, user, app.workspace.posyandu_name)
    camera.settle()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests.pictures_of_sync", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR")
    out = parser.parse_args(arguments).out
    with tempfile.TemporaryDirectory(prefix="posyandu-pictures-") as temporary:
        for mark, wishes in LOOKS:
            folder = DataFolder(Path(temporary) / f"sync{mark}")
            made_up.fill(folder)
            with opened(folder, out, wishes, mark) as camera:
                camera.app.unlock(made_up.LABEL, made_up.PASSWORD)
                camera.settle()
                questions(camera)
    return 0


if __name__ == "__main__":
    sys.exit(main())
