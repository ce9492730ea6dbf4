"""Pictures of the midwife's work: worklist, one case step by step, the calendar; and what the kader sees.

`python -m tests.pictures_of_cases [--out DIR]` makes them alone; `tests.screenshots` lends its camera.
"""

import argparse
import itertools
import random
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from unittest.mock import patch

from PySide6.QtCore import Qt

from posyandu_app.domain.model import Role
from posyandu_app.domain.reviews import Decision
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, cases
from posyandu_app.services.views import User
from posyandu_app.settings import Settings
from tests import made_up, village
from tests.screenshots import OUT, Camera, opened

Key = Qt.Key
LOOKS = (
    ("", Settings()),
    ("-large", Settings(text_size="large")),
    ("-contrast", Settings(contrast="high")),
    ("-english", Settings(language="en")),
)


def worklist(camera: Camera) -> None:
    """The list, its filters open, and the calendar."""
    camera.go("review")
    camera.take("worklist")
    camera.press(Key.Key_A)
    camera.take("worklist-reasons")
    camera.press(Key.Key_Escape)
    camera.press(Key.Key_J)
    camera.press(Key.Key_4)
    camera.take("calendar")
    camera.go("review")


def one_case(camera: Camera) -> None:
    """From the list to the letter: measured again, classified, decided."""
    camera.main.review.list.setFocus()
    camera.press(Key.Key_Return)
    camera.take("case")
    camera.press(Key.Key_F9)
    for text in ("6,95", "78,1", "11,0", ""):
        camera.enter(text)
    camera.type("1")
    camera.take("case-verify")
    camera.press(Key.Key_F9)
    camera.press(Key.Key_F9)
    camera.press(Key.Key_Return)
    camera.type("t")
    camera.take("case-exam")
    camera.press(Key.Key_F9)
    camera.take("case-plan")
    camera.press(Key.Key_F9)
    camera.take("case-letter")
    camera.press(Key.Key_Escape)
    camera.take("case-follow-up")
    camera.press(Key.Key_F9)
    camera.take("case-outcome")


def for_the_kader(camera: Camera) -> None:
    """What she reads: in the list, and under the name while weighing."""
    camera.go("review")
    camera.press(Key.Key_3)
    camera.take("worklist-kader")
    camera.press(Key.Key_F2)
    camera.type("rara")
    camera.press(Key.Key_Return)
    camera.take("weighing-wanted")


def ask(folder: DataFolder) -> None:
    """The midwife wants to see one of the kader's children again."""
    ws = accounts.unlock(folder, made_up.LABEL, made_up.PASSWORD, made_up.clock())
    kader, ws.user = ws.user, User("bidan-1", "Bidan Rina", Role.BIDAN)
    rara = next(row.child for row in cases.worklist(ws) if row.child.name == "Rara Kusuma")
    cases.decide(ws, rara.id, {Decision.COUNSEL}, revisit_on=date(2026, 11, 30), note="bawa Buku KIA")
    ws.user = kader
    ws.close()


@contextmanager
def same_numbers() -> Iterator[None]:
    """Ids as the app makes them, but the same in every run: the number of a letter is taken from one."""
    chance, count = random.Random(20261123), itertools.count(1)

    def made() -> uuid.UUID:
        return uuid.UUID(int=next(count) << 80 | 7 << 76 | 2 << 62 | chance.getrandbits(62))

    with patch.object(cases.uuid_utils, "uuid7", made):
        yield


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests.pictures_of_cases", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR")
    out = parser.parse_args(arguments).out
    with tempfile.TemporaryDirectory(prefix="posyandu-pictures-") as temporary, same_numbers():
        for mark, wishes in LOOKS:
            folder = DataFolder(Path(temporary) / f"village{mark}")
            village.fill(folder)
            with opened(folder, out, wishes, mark) as camera:
                camera.app.unlock(village.LABEL, village.PASSWORD)
                camera.settle()
                worklist(camera)
                one_case(camera)
        folder = DataFolder(Path(temporary) / "kader")
        made_up.fill(folder)
        ask(folder)
        with opened(folder, out) as camera:
            camera.app.unlock(made_up.LABEL, made_up.PASSWORD)
            camera.settle()
            for_the_kader(camera)
    return 0


if __name__ == "__main__":
    sys.exit(main())
