"""A whole posyandu day of forty made-up children, with mistakes, undo and power cuts, and its recap.

A real process does the deeds; it is killed in mid-form and between any two of its writes, and
started again where it was. At the end the recap must equal the count that this file makes by
itself, from its own list of what happened, with its own tables.
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
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, attendance, drafts, recap, sessions
from posyandu_app.storage import log
from tests.forty_children import (
    ABSENT,
    AUGUST,
    BELOW_RED_LINE,
    LATE,
    MOVED,
    NEW,
    NOT_MEASURABLE,
    SIXTY_MONTHS,
    T_NOW,
    TWO_T,
    Truth,
    assert_attendance,
    assert_recap,
    plan_weights,
)
from tests.services.day_worker import LABEL, MORNING, PASSWORD, id_of
from tests.services.forty_written_down import written_down

ROOT = Path(__file__).resolve().parents[2]
CUTS = 6


def card_of(child: Truth) -> dict[str, Any]:
    number, age = child.number, child.age(AUGUST)
    card: dict[str, Any] = {
        "tb_symptoms": ["batuk_dua_minggu", "kontak_tbc"] if number == 18 else [],
        "danger_signs": ["kejang"] if number == 12 else [],
        "development": "tidak_lengkap" if number == 20 else "lengkap",
        "counselling": ["mp_asi"] if number % 3 == 0 else [],
    }
    if age <= 6:
        card["exclusive_breastfeeding"] = number != 1
    if 6 <= age <= 23:
        card["complementary_feeding"] = number != 11
    if number == 12:
        card["referral"] = "puskesmas"
    return card


def doses_of(child: Truth) -> list[dict[str, Any]]:
    age, found = child.age(AUGUST), []
    if 6 <= age <= 59:
        found.append({"what": "vitamin_a", "state": "menolak" if child.number == 24 else "diberikan"})
    if 12 <= age <= 59:
        found.append({"what": "obat_cacing"})
    return found


def save(of: Truth, **more: Any) -> dict[str, Any]:
    step = {
        "do": "save",
        "child": of.name,
        "weight": plan_weights(of)[AUGUST],
        "length": 500 + 11 * min(of.age(AUGUST), 45),
        "lying": of.age(AUGUST) < 24,
        "card": card_of(of),
        "doses": doses_of(of),
    }
    return {**step, **more}


def day_of(children: list[Truth]) -> list[dict[str, Any]]:
    """Everything that is done on the day, in order, mistakes included."""
    chance = random.Random(40)
    steps: list[dict[str, Any]] = [{"do": "open"}, {"do": "open", "refused": "session_known"}]
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
                    "birth": child.birth.isoformat(),
                    "mother": "Rohmah",
                    "kia": child.kia,
                    "rt": "03",
                    "consent": True,
                }
            )
        steps.append({"do": "mark", "child": name, "state": "hadir"})
        steps += mistakes(child, children)
        if number == NOT_MEASURABLE:
            card = {**card_of(child), "attendance": "tidak_dapat_diukur", "note": "Menangis terus"}
            steps.append(save(child, weight=None, card=card))
        elif number in (29, 33):
            typed = {"weight": "12,", "note": "setengah ketik, ibu Rohmah"}
            steps.append({"do": "draft", "child": name, "fields": typed})
            steps.append(save(child, draft=typed))
        else:
            steps.append(save(child))
        steps += second_thoughts(child)
    steps.append({"do": "graduate", "child": children[SIXTY_MONTHS].name})
    steps.append({"do": "graduate", "child": children[0].name, "refused": "too_young"})
    steps.append({"do": "close"})
    steps.append({"do": "correct", "child": children[28].name, "weight": 1, "refused": "invalid_value"})
    wrong = plan_weights(children[28])[AUGUST]
    steps.append(
        {"do": "correct", "child": children[28].name, "weight": wrong - 400, "reason": "Salah baca timbangan"}
    )
    steps.append(save(children[LATE]))
    return steps


def mistakes(child: Truth, children: list[Truth]) -> list[dict[str, Any]]:
    """What goes wrong before the child is saved rightly."""
    right = save(child)
    match child.number:
        case 2:  # her neighbour's figures, noticed at once
            shot = {"what": "imunisasi", "antigen": "ipv1"}
            other = save(children[3], child=child.name, card=card_of(child), doses=[*doses_of(child), shot])
            return [other, {"do": "undo"}]
        case 11:  # undone, brought back, undone again
            return [right, {"do": "undo"}, {"do": "undo"}, {"do": "undo"}]
        case 21:
            return [{**right, "weight": -5, "refused": "invalid_value"}]
        case 27:
            return [{**right, "on": "2026-08-11", "refused": "invalid_value"}]
        case 30:
            return [{**right, "doses": [{"what": "jamu"}], "refused": "invalid_value"}]
        case 0:  # a comma slipped; put right below
            return [{**right, "weight": right["weight"] * 10, "confirmed": ["weight_g.high"]}, {"do": "undo"}]
    return []


def second_thoughts(child: Truth) -> list[dict[str, Any]]:
    """What is put right after the child was saved."""
    weight = plan_weights(child)[AUGUST]
    match child.number:
        case 1:
            return [
                {"do": "correct", "child": child.name, "weight": weight * 10},
                {"do": "correct", "child": child.name, "weight": weight},
            ]
        case 19:  # weighed a second time by mistake, and that one hidden
            again = {"do": "save", "child": child.name, "weight": weight - 2000, "length": 700, "lying": True}
            return [again, {"do": "void", "child": child.name}]
        case 25:
            wrong = {"what": "imunisasi", "antigen": "mr2"}
            return [
                {"do": "save", "child": child.name, "doses": [wrong]},
                {"do": "void_dose", "child": child.name, "antigen": "mr2"},
            ]
    return []


def what_really_happened(children: list[Truth]) -> None:
    """The ledger of the day, kept by hand: no mistake left, nothing undone counted."""
    for child in children:
        child.weights = {day: grams for day, grams in plan_weights(child).items() if day >= child.registered}
        number = child.number
        if number in (MOVED, SIXTY_MONTHS):
            child.weights.pop(AUGUST)
            child.state = "pindah" if number == MOVED else "lulus"
            continue
        if number in ABSENT:
            child.weights.pop(AUGUST)
            continue
        child.cards[AUGUST] = {"attendance": "hadir", **card_of(child)}
        if number == NOT_MEASURABLE:
            child.weights.pop(AUGUST)
            child.cards[AUGUST]["attendance"] = "tidak_dapat_diukur"
        for dose in doses_of(child):
            if dose["what"] == "vitamin_a":
                child.vitamin_a = dose.get("state", "diberikan")
            else:
                child.dewormed = True
    children[28].weights[AUGUST] -= 400


# before the day


@pytest.fixture
def folder(tmp_path):
    return DataFolder(tmp_path / "laptop")


@pytest.fixture
def children(folder):
    return written_down(folder)


# the day


class Kader:
    """The process at work: it is heard, killed and started again."""

    def __init__(self, folder: DataFolder, steps: Path) -> None:
        self.folder, self.steps, self.next, self.tip = folder, steps, 0, 0

    def work(self, until: int | None, cut_after: float = 0.0) -> None:
        """Let her work until so long after a step is acknowledged, then cut the power; None: to the end."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.services.day_worker", self.folder.root, self.steps, str(self.next)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if not line.endswith("\n"):
                break  # not said to the end: not promised
            said = json.loads(line)
            self.next, self.tip = said["done"] + 1, said["tip"]
            if until is not None and said["done"] == until:
                time.sleep(cut_after)
                process.kill()
                break
        rest = process.stdout.read()
        trouble = process.stderr.read()
        code = process.wait()
        for pipe in (process.stdout, process.stderr):
            pipe.close()
        for line in rest.splitlines(keepends=True):
            if line.endswith("\n"):
                said = json.loads(line)
                self.next, self.tip = said["done"] + 1, said["tip"]
        assert until is not None or code == 0, trouble

    def look_after_the_cut(self, steps: list[dict[str, Any]]) -> None:
        """What was acknowledged is there; the step that was under way is there whole or not at all."""
        ws = accounts.unlock(self.folder, LABEL, PASSWORD, FixedClock(MORNING))
        tip, _ = log.tip(ws.database)
        assert log.verify_chain(ws.database) == tip
        assert tip >= self.tip, "an acknowledged deed is gone"
        if tip > self.tip:
            (last,) = log.own_after(ws.database, tip - 1, 1)
            _, index, size = last.operation.tx
            assert index == size, "half a deed"
            assert tip - self.tip == size, "more than one deed was under way"
            self.next += 1
        elif self.next < len(steps) and steps[self.next]["do"] == "draft":
            self.next += drafts.load(ws, id_of(ws, steps[self.next]["child"])) == steps[self.next]["fields"]
        ws.close()


@pytest.fixture
def played(folder, children, tmp_path):
    """The day is over: forty children, two power cuts in mid-form and some at any moment of a save."""
    steps = day_of(children)
    path = tmp_path / "steps.json"
    path.write_text(json.dumps(steps), encoding="utf-8")
    half_typed = [number for number, step in enumerate(steps) if step["do"] == "draft"]
    before_saves = [
        number - 1
        for number, step in enumerate(steps)
        if step["do"] == "save" and step.get("doses") and "refused" not in step
    ]
    chance = random.Random(7)
    cuts = sorted({*half_typed, *chance.sample(before_saves, CUTS)})
    kader = Kader(folder, path)
    for cut in cuts:
        if kader.next <= cut:
            kader.work(until=cut, cut_after=0.0 if cut in half_typed else chance.uniform(0.0, 0.015))
            kader.look_after_the_cut(steps)
    kader.work(until=None)
    assert kader.next == len(steps)
    what_really_happened(children)
    ws = accounts.unlock(folder, LABEL, PASSWORD, FixedClock(MORNING))
    yield ws
    ws.close()


@pytest.mark.process
@pytest.mark.timeout(240)
def test_the_recap_of_the_day_is_what_really_happened(played, children):
    closing = recap.closing(played, AUGUST)
    assert_recap(closing, children)
    must_wait = {12, 18, 20, 24, BELOW_RED_LINE, *TWO_T, *T_NOW, 28}
    assert {children[number].name for number in must_wait} <= {
        row.child.name for row in closing.recap.waiting
    }
    assert closing.drafts == ()
    assert sessions.of_day(played, AUGUST).closed_at is not None
    assert_attendance(attendance.on_day(played, AUGUST), children)
