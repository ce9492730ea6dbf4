"""Pictures of the midwife's questions and of the sync page, made by keys.

`python -m tests.pictures_of_sync [--out DIR]` makes them alone.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import Qt

from posyandu_app.app import build
from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Role
from posyandu_app.paths import DataFolder
from posyandu_app.services import registration, roster, weighing
from posyandu_app.services.views import User
from posyandu_app.settings import Settings
from posyandu_app.storage import exchanges
from posyandu_app.storage.exchanges import Exchange
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.enrolment import enrol
from posyandu_app.ui.drives import Drive
from tests import made_up
from tests.district.server import Wire, running
from tests.screenshots import OUT, Camera, opened
from tests.services.test_deciding import OtherLaptop

Key = Qt.Key
COLLEAGUE, MIDWIFE = "55555555-5555-4555-8555-555555555555", "44444444-4444-4444-8444-444444444444"
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
    other = OtherLaptop(ws, actor=COLLEAGUE).known_as("Laptop Melati 2", "Lia Amalia", Role.KADER)
    assert first.birth_date is not None
    base = registration.shown(ws, first.id)["birth_date"]
    registration.update(ws, first.id, {"birth_date": first.birth_date.replace(day=7)})
    elsewhere = first.birth_date.replace(day=17).isoformat()
    other.writes("child.set", first.id, {"birth_date": {"v": elsewhere, "base": list(base)}})
    today = ws.clock.today()
    weighing.record(ws, second.id, Draft(today, 10100, 768))
    record = {"child": second.id, "date": today.isoformat(), "weight_g": 11000, "length_mm": 768}
    other.writes("measurement.record", "77777777-7777-4777-8777-777777777777", record)
    assert third.sex is not None
    assert third.birth_date is not None
    twin = {
        "name": third.name.replace("i", "y", 1),
        "sex": third.sex.value,
        "birth_date": third.birth_date.isoformat(),
        "mother_name": third.mother_name,
    }
    fields = {name: {"v": value, "base": None} for name, value in twin.items()}
    other.writes("child.register", "66666666-6666-4666-8666-666666666666", fields)
    midwife(camera)
    camera.main.go("decide")
    camera.settle()
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


def sync_page(camera: Camera, root: Path) -> None:
    """A laptop that has met its server: something waits, a stick is chosen, copied, and the help read."""
    stick = root / "SANDISK"
    stick.mkdir(parents=True)
    with running(root / "dinas") as server:
        ws = camera.app.workspace
        assert ws is not None
        enrol(ws.database, Wire(server.desk), server.code(ws.scope, "kader"), "Laptop Melati 1")
        exchange_all(Engine(ws.database, ws.clock), Wire(server.desk))
        exchanges.note(ws.database, Exchange("2026-11-20T09:41:00+07:00", "line", 171, 4))
        exchanges.note(ws.database, Exchange("2026-11-21T08:05:00+07:00", "line", 0, 0, "offline", 6))
        exchanges.note(ws.database, Exchange("2026-11-22T10:12:00+07:00", "stick_out", 12, 0))
        exchanges.note(ws.database, Exchange("2026-11-23T07:30:00+07:00", "stick_in", 12, 3))
        camera.press(Key.Key_F8)
        child = roster.rows(ws)[5].child
        weighing.record(ws, child.id, Draft(ws.clock.today(), 9900))
        assert camera.app.sync is not None
        camera.app.sync.refresh()
        camera.settle()
        camera.go("sync")
        camera.take("sync")
        camera.main.sync_screen.stick.find_drives = lambda: [Drive("SANDISK", stick, 7_800_000_000)]
        camera.press(Key.Key_F6)
        camera.take("sync-stick")
        camera.press(Key.Key_1)
        for _ in range(40):
            camera.settle()
        camera.take("sync-stick-done")
        camera.press(Key.Key_Escape)
        camera.press(Key.Key_F1)
        camera.take("data-help")
        camera.go("day")
        for _ in range(2):
            camera.press(Key.Key_F9)
        camera.take("day-going-home")


def a_clock_behind(folder: DataFolder, out: Path, mark: str) -> None:
    """The laptop's clock stands in another year than what it knows."""
    app = build(folder, clock=FixedClock(made_up.clock().now().replace(year=2000)))
    try:
        camera = Camera(app, out, mark)
        app.unlock(made_up.LABEL, made_up.PASSWORD)
        camera.settle()
        camera.take("today")
    finally:
        app.close()
        app.window.deleteLater()


def midwife(camera: Camera) -> None:
    """The midwife sits down at this laptop."""
    app = camera.app
    assert app.workspace is not None
    assert app.desk is not None
    assert app.sync is not None
    user = User(MIDWIFE, "Bidan Rina", Role.BIDAN)
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
                sync_page(camera, Path(temporary) / f"places{mark}")
            a_clock_behind(folder, out, mark)
    return 0


if __name__ == "__main__":
    sys.exit(main())
