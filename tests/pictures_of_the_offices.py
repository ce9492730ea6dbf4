"""Pictures of recommendations, monthly reports and programme rules; `tests.screenshots` lends its camera.

`python -m tests.pictures_of_the_offices [--out DIR]` makes them alone.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt

from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Role
from posyandu_app.domain.recommendations import Figure
from posyandu_app.domain.reports_check import Item, Verdict
from posyandu_app.services import monthly_reports, recommendations, roster
from posyandu_app.settings import Settings
from tests import offices
from tests.screenshots import OUT, Camera, opened

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
LOOKS = (("", Settings()), ("-large", Settings(text_size="large")))
TEXT = (
    "Kunjungi semua balita yang tidak datang dua bulan berturut-turut, catat alasannya, dan laporkan lewat "
    "laptop sebelum tanggal 5."
)


@contextmanager
def laptop(root: Path, out: Path, role: Role, wishes: Settings, mark: str) -> Iterator[Camera]:
    """The laptop of one role, after an office has asked for something."""
    with opened(offices.make(root / f"{role}{mark}", role), out, wishes, mark) as camera:
        camera.app.unlock(offices.LABELS[role], offices.PASSWORD)
        camera.settle()
        workspace = camera.app.workspace
        assert workspace is not None
        village = offices.scope_of(Role.BIDAN)
        figure = Figure(
            code="d_s",
            area=village,
            first="2026-06",
            last="2026-06",
            value=500,
            count=40,
            of=80,
            label="D/S, datang ditimbang",
        )
        with offices.somebody(workspace, Role.DINAS) as dinas:
            dinas.clock = FixedClock(offices.NOW.replace(month=7))  # months have passed since
            recommendations.send(dinas, TEXT, scope=village, due_on=date(2026, 12, 3), figures=[figure])
            child = roster.expected_children(dinas)[0]
            recommendations.send(dinas, "Ukur ulang tinggi anak ini.", child_id=child.id)
        second, third = offices.world().scopes[1:]
        with offices.somebody(workspace, Role.TPG) as tpg:
            if role in (Role.TPG, Role.DINAS):
                note = "Lengkapi NIK dua anak baru."
                monthly_reports.verify(tpg, second, offices.LAST, Verdict.RETURNED, [Item.NIK], note)
                monthly_reports.verify(tpg, third, offices.LAST, Verdict.ACCEPTED)
        yield camera


def receiver(camera: Camera) -> None:
    """What a kader is asked, and how she answers."""
    camera.go("recommend")
    camera.take("recommend-asked")
    camera.press(Key.Key_Return)
    camera.take("recommend-answer")


def sender(camera: Camera) -> None:
    """What the puskesmas sends: proposals from the data, a letter, and what has become of it."""
    camera.go("recommend")
    camera.press(Key.Key_2)
    camera.take("recommend-sent")
    camera.press(Key.Key_Return)
    camera.take("recommend-followed")
    camera.press(Key.Key_Escape)
    camera.press(Key.Key_U, CTRL)
    camera.take("proposals")
    camera.press(Key.Key_Return)
    camera.take("recommend-write")


def reports(camera: Camera) -> None:
    """The reports of a kecamatan, and one of them."""
    camera.go("reports")
    camera.take("reports")
    camera.press(Key.Key_Return)
    for _ in range(3):
        camera.press(Key.Key_Down)
    camera.press(Key.Key_Space)
    camera.take("report-check")
    camera.press(Key.Key_2)
    camera.take("report-form")
    camera.press(Key.Key_3)
    camera.take("report-services")


def rules(camera: Camera) -> None:
    """The programme rules of the Dinas, and what a change would do."""
    camera.main.go("rules")
    camera.settle()
    camera.press(Key.Key_Down)
    camera.press(Key.Key_Down)
    camera.press(Key.Key_Return)
    camera.take("rules-edit")
    camera.enter("1")
    camera.press(Key.Key_F7)
    camera.take("rules-effect")
    camera.press(Key.Key_F9)
    camera.take("rules")
    camera.press(Key.Key_F6)
    camera.take("rules-history")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests.pictures_of_the_offices", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR")
    out = parser.parse_args(arguments).out
    with tempfile.TemporaryDirectory(prefix="posyandu-pictures-") as temporary:
        root = Path(temporary)
        for mark, wishes in LOOKS:
            with laptop(root, out, Role.KADER, wishes, mark) as camera:
                receiver(camera)
            with laptop(root, out, Role.TPG, wishes, mark) as camera:
                sender(camera)
                reports(camera)
            with laptop(root, out, Role.DINAS, wishes, mark) as camera:
                rules(camera)
    return 0


if __name__ == "__main__":
    sys.exit(main())
