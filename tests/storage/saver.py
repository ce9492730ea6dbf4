"""A laptop that saves without pause and says each time that it has; run by the test that kills it.

python -m tests.storage.saver FOLDER
"""

import random
import sys
from datetime import timedelta
from pathlib import Path

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.clock import SystemClock
from posyandu_app.domain.model import Position, Sex
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, drafts, registration, weighing

LABEL, PASSWORD = "Ibu Sari", "melati123"


def main(folder: Path) -> None:
    clock = SystemClock()
    ws = accounts.unlock(DataFolder(folder), LABEL, PASSWORD, clock)
    birth = clock.today() - timedelta(days=300)
    child = registration.ChildInput("Siti Aminah", Sex.FEMALE, birth, mother_name="Rohmah")
    child_id = next(iter(registration.register(ws, child).entities))
    say("ready")
    number = 0
    while True:
        number += 1
        grams = random.randrange(3000, 15000)
        drafts.save(ws, child_id, {"weight_g": str(grams)})
        say("draft", child_id, grams)
        saved = weighing.record(ws, child_id, Draft(clock.today(), grams, 700, Position.LYING))
        assert saved.undo is not None
        (key,) = saved.undo.operation_keys
        say("saved", key[1], grams)
        if number % 3 == 0:
            entity = next(iter(saved.entities - {child_id}))
            corrected = weighing.correct(ws, entity, {"weight_g": grams + 1})
            assert corrected.undo is not None
            undone = weighing.undo(ws, corrected.undo)
            assert undone.undo is not None
            say("saved", undone.undo.operation_keys[0][1], grams)


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
