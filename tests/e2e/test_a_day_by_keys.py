"""A whole posyandu day of forty children with keys alone, with mistakes, undo and power cuts.

The real app runs in a process of its own and is killed in mid-form and in the middle of saves. At the
end the recap must equal the count made by hand (`tests.forty_children`).
"""

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.numbers import format_length, format_weight
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, attendance, recap, sessions
from posyandu_app.storage import log
from tests.forty_children import (
    ABSENT,
    AUGUST,
    LATE,
    MOVED,
    NEW,
    NOT_MEASURABLE,
    SIXTY_MONTHS,
    Truth,
    assert_attendance,
    assert_recap,
    plan_weights,
)
from tests.services.day_worker import LABEL, MORNING, PASSWORD
from tests.services.forty_written_down import written_down

ROOT = Path(__file__).resolve().parents[2]
Step = dict[str, Any]
HALF_TYPED = (29, 33)
CUTS_IN_SAVES = 4


def card_of(child: Truth) -> dict[str, Any]:
    """What is found at the service table; what is not asked at this age is left out."""
    number, age = child.number, child.age(AUGUST)
    card: dict[str, Any] = {
        "attendance": "hadir",
        "tb_symptoms": ["batuk_dua_minggu", "kontak_tbc"] if number == 18 else [],
        "danger_signs": ["kejang"] if number == 12 else [],
        "development": "tidak_lengkap" if number == 20 else "lengkap",
        "counselling": ["…"] if number % 3 == 0 else [],
    }
    if age <= 6:
        card["exclusive_breastfeeding"] = number != 1
    if 6 <= age <= 23:
        card["complementary_feeding"] = number != 11
    if number == 12:
        card["referral"] = "puskesmas"
    return card


def save(child: Truth, **more: Any) -> Step:
    """The child's figures and answers as keys; `more` changes some of them."""
    number, age, card = child.number, child.age(AUGUST), card_of(child)
    care = {
        "danger_signs": "a" if card["danger_signs"] else "t",
        "tb_symptoms": "a" if card["tb_symptoms"] else "t",
        "development": "t" if number == 20 else "l",
    }
    for name in ("exclusive_breastfeeding", "complementary_feeding"):
        if name in card:
            care[name] = "y" if card[name] else "t"
    if "referral" in card:
        care["referral"] = "p"
    if 6 <= age <= 59:
        care["dose.vitamin_a."] = "m" if number == 24 else "d"
    if 12 <= age <= 59:
        care["dose.obat_cacing."] = "d"
    step: Step = {
        "do": "save",
        "child": child.name,
        "texts": {
            "weight_g": format_weight(plan_weights(child)[AUGUST]),
            "length_mm": format_length(500 + 11 * min(age, 45)),
        },
        "care": care,
        "ticks": [f"danger_signs.{sign}" for sign in card["danger_signs"]]
        + [f"tb_symptoms.{symptom}" for symptom in card["tb_symptoms"]],
        "told": number % 3 == 0,
    }
    return {**step, **more}


def day_of(children: list[Truth]) -> list[Step]:
    """Everything that is done on the day, in order, mistakes included."""
    chance = random.Random(40)
    steps: list[Step] = [{"do": "open_day"}]
    queue = [c for c in children if c.number not in (*ABSENT, LATE, MOVED, SIXTY_MONTHS)]
    chance.shuffle(queue)
    for child in queue:
        name, number = child.name, child.number
        if number in NEW:
            steps.append(
                {
                    "do": "register",
                    "child": name,
                    "sex": child.sex,
                    "birth": child.birth.strftime("%d/%m/%Y"),
                    "mother": "Rohmah",
                    "kia": child.kia,
                }
            )
        if number % 5 == 0:
            steps.append({"do": "mark", "child": name, "letter": "h"})
        steps += mistakes(child, children)
        if number == NOT_MEASURABLE:
            steps.append({"do": "mark", "child": name, "letter": "x"})
            steps.append(save(child, texts={}))
            continue
        if number in HALF_TYPED:
            steps.append({"do": "half", "child": name, "text": "12,"})
            steps.append({"do": "still_there", "child": name, "text": "12,"})
        steps.append(save(child))
    steps.append({"do": "graduate", "child": children[SIXTY_MONTHS].name, "on": "10/08/2026"})
    steps.append({"do": "close_day"})
    mended = format_weight(plan_weights(children[28])[AUGUST] - 400)
    steps.append(
        {"do": "correct", "child": children[28].name, "weight": mended, "reason": "Salah baca timbangan"}
    )
    steps.append(save(children[LATE]))
    return steps


def mistakes(child: Truth, children: list[Truth]) -> list[Step]:
    """What goes wrong before the child is saved rightly."""
    match child.number:
        case 2:  # her neighbour's figures, noticed at once
            others = save(children[3])["texts"]
            return [save(child, texts=others), {"do": "undo"}]
        case 11:  # undone, brought back, undone again
            return [save(child), {"do": "undo"}, {"do": "redo"}, {"do": "undo"}]
        case 21:
            return [{"do": "refused", "child": child.name, "text": "-5"}]
        case 27:
            return [{"do": "wrong_day", "child": child.name, "text": "11/08/2026"}]
        case 30:
            return [{"do": "refused", "child": child.name, "text": "12,3,4"}]
    return []


def what_really_happened(children: list[Truth]) -> None:
    """The ledger of the day, kept by hand: no mistake left, nothing undone counted."""
    for child in children:
        child.weights = {day: grams for day, grams in plan_weights(child).items() if day >= child.registered}
        number, age = child.number, child.age(AUGUST)
        if number in (MOVED, SIXTY_MONTHS, *ABSENT):
            child.weights.pop(AUGUST)
            if number not in ABSENT:
                child.state = "pindah" if number == MOVED else "lulus"
            continue
        child.cards[AUGUST] = card_of(child)
        if number == NOT_MEASURABLE:
            child.weights.pop(AUGUST)
            child.cards[AUGUST]["attendance"] = "tidak_dapat_diukur"
        if 6 <= age <= 59:
            child.vitamin_a = "menolak" if number == 24 else "diberikan"
        child.dewormed = 12 <= age <= 59
    children[28].weights[AUGUST] -= 400


class Laptop:
    """The process at work: it is heard, its power is cut, and it is started again."""

    def __init__(self, folder: DataFolder, steps: list[Step], at: Path) -> None:
        self.folder, self.steps, self._at, self.next, self.tip = folder, steps, at, 0, 0
        at.write_text(json.dumps(steps), encoding="utf-8")

    def work(self, until: int | None, cut_after: float = 0.0) -> None:
        """Let her work until so long after a step was acknowledged, then cut; None: to the end."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.kader_at_keys", self.folder.root, self._at, str(self.next)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            said = json.loads(line)
            self.next, self.tip = said["done"] + 1, said["tip"]
            if said["done"] == until:
                time.sleep(cut_after)
                process.kill()  # what she finished until then is still in the pipe, and is heard
        trouble = process.stderr.read()
        code = process.wait()
        process.stdout.close()
        process.stderr.close()
        assert code == (0 if until is None else -9), trouble

    def look_after_the_cut(self) -> None:
        """What was acknowledged is there; the deed that was under way is there whole or not at all."""
        ws = accounts.unlock(self.folder, LABEL, PASSWORD, FixedClock(MORNING))
        tip, _ = log.tip(ws.database)
        assert log.verify_chain(ws.database) == tip
        assert tip >= self.tip, "an acknowledged deed is gone"
        if tip > self.tip:
            last = log.own_after(ws.database, tip - 1, 1)[0].operation.tx
            assert last is not None
            assert (last[1], last[2]) == (last[2], tip - self.tip), "half a deed, or more than one"
            self.next += 1
        ws.close()


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "laptop")


@pytest.mark.process
@pytest.mark.timeout(600)
def test_a_day_of_forty_children_with_keys_alone(folder: DataFolder, tmp_path: Path) -> None:
    children = written_down(folder)
    steps = day_of(children)
    laptop = Laptop(folder, steps, tmp_path / "steps.json")
    chance = random.Random(7)
    half = [number for number, step in enumerate(steps) if step["do"] == "half"]
    before_saves = [
        at for at, step in enumerate(steps[1:]) if step["do"] == "save" and steps[at]["do"] != "half"
    ]
    for cut in sorted({*half, *chance.sample(before_saves, CUTS_IN_SAVES)}):
        if laptop.next <= cut:
            laptop.work(until=cut, cut_after=0.0 if cut in half else chance.uniform(0.0, 0.6))
            laptop.look_after_the_cut()
    laptop.work(until=None)
    assert laptop.next == len(steps)

    what_really_happened(children)
    ws = accounts.unlock(folder, LABEL, PASSWORD, FixedClock(MORNING))
    closing = recap.closing(ws, AUGUST)
    assert_recap(closing, children)
    assert closing.drafts == (), "nothing half typed is left behind"
    session = sessions.of_day(ws, AUGUST)
    assert session is not None
    assert session.closed_at is not None
    assert_attendance(attendance.on_day(ws, AUGUST), children)
    ws.close()
