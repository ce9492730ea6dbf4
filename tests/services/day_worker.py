"""A kader who works through a list of deeds and says after each that it is done; a test kills her.

python -m tests.services.day_worker FOLDER STEPS START
"""

import json
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.consent import Consent
from posyandu_app.domain.doses import Dose
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Position, Sex
from posyandu_app.domain.visits import Visit
from posyandu_app.paths import DataFolder
from posyandu_app.services import (
    accounts,
    attendance,
    day,
    doses,
    drafts,
    moves,
    registration,
    roster,
    sessions,
    weighing,
)
from posyandu_app.services.day import DayForm
from posyandu_app.services.registration import ChildInput
from posyandu_app.services.undoing import undo
from posyandu_app.services.views import Undo
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import log

LABEL, PASSWORD = "Sari", "melati123"
TODAY = date(2026, 8, 10)
MORNING = datetime(2026, 8, 10, 8, 0, tzinfo=timezone(timedelta(hours=7)))
Step = dict[str, Any]


def do(ws: Workspace, step: Step) -> None:
    """One deed; a step with `refused` must be refused with that code and change nothing."""
    refused = step.get("refused")
    if refused is None:
        _do(ws, step)
        return
    before = log.tip(ws.database)
    with pytest.raises(UserError) as told:
        _do(ws, step)
    assert told.value.code == refused, step
    assert log.tip(ws.database) == before


def _do(ws: Workspace, step: Step) -> None:
    on = date.fromisoformat(step.get("on", TODAY.isoformat()))
    what = step["do"]
    if what == "open":
        sessions.open_day(ws, on)
    elif what == "close":
        sessions.close_day(ws, on)
    elif what == "register":
        _register(ws, step)
    elif what == "undo":
        undo(ws, _last_deed(ws))
    else:
        _about(ws, id_of(ws, step["child"]), on, step)


def _about(ws: Workspace, child: str, on: date, step: Step) -> None:
    match step["do"]:
        case "mark":
            attendance.mark(ws, child, on, step["state"])
        case "draft":
            drafts.save(ws, child, step["fields"])
        case "save":
            day.save_child(ws, child, form(ws, child, on, step))
        case "correct":
            shown = day.open_form(ws, child, on)
            assert shown.measurement is not None
            reason = step.get("reason", "")
            weighing.correct(ws, shown.measurement.id, {"weight_g": step["weight"]}, reason)
        case "void":
            shown = day.open_form(ws, child, on)
            assert shown.measurement is not None
            weighing.void(ws, shown.measurement.id, "Ditimbang dua kali")
        case "void_dose":
            (wrong,) = [d for d in doses.of_child(ws, child) if d.antigen == step["antigen"]]
            doses.void(ws, wrong.id, "Anak lain")
        case "graduate":
            moves.graduate(ws, [child], on)
        case "move_away":
            moves.move_away(ws, child, on, "Bandung")


def form(ws: Workspace, child: str, on: date, step: Step) -> DayForm:
    """The form as the step says it was filled; what was half-typed before a power cut is in it."""
    kept = drafts.load(ws, child)
    if "draft" in step:
        assert kept == step["draft"], "what was typed before the power cut is gone"
    weight = step.get("weight")
    position = Position.LYING if step.get("lying", True) else Position.STANDING
    weighed = Draft(on, weight_g=weight, length_mm=step.get("length"), position=position) if weight else None
    answers = dict(step.get("card", {}))
    for name in ("danger_signs", "tb_symptoms", "counselling"):
        if name in answers:
            answers[name] = frozenset(answers[name])
    return DayForm(
        date=on,
        weighing=weighed,
        confirmed=tuple(step.get("confirmed", ())),
        card=Visit(id="", child=child, date=on, **answers) if "card" in step else None,
        doses=tuple(Dose(id="", child=child, date=on, **dose) for dose in step.get("doses", ())),
    )


def _register(ws: Workspace, step: Step) -> None:
    registration.register(
        ws,
        ChildInput(
            name=step["child"],
            sex=Sex(step["sex"]),
            birth_date=date.fromisoformat(step["birth"]),
            mother_name=step["mother"],
            kia_held=step["kia"],
            rt=step["rt"],
            rw="01",
        ),
        Consent(id="", child="", date=TODAY, name=step["mother"]) if step.get("consent") else None,
    )


def id_of(ws: Workspace, name: str) -> str:
    (found,) = {row.child.id for row in roster.rows(ws, name) if row.child.name == name}
    return found


def _last_deed(ws: Workspace) -> Undo:
    """What the undo bar offers: the deed at the end of the log, whole."""
    tip, _ = log.tip(ws.database)
    (last,) = log.own_after(ws.database, tip - 1, 1)
    assert last.operation.tx is not None
    _, _, size = last.operation.tx
    return Undo("Disimpan: x", tuple((ws.database.replica, tip - size + n) for n in range(1, size + 1)))


def main(folder: Path, steps: Path, start: int) -> None:
    clock = FixedClock(MORNING.astimezone(UTC).astimezone(MORNING.tzinfo) + timedelta(minutes=start))
    ws = accounts.unlock(DataFolder(folder), LABEL, PASSWORD, clock)
    for number, step in enumerate(json.loads(steps.read_text(encoding="utf-8"))[start:], start):
        do(ws, step)
        clock.move(timedelta(minutes=1))
        sys.stdout.write(json.dumps({"done": number, "tip": log.tip(ws.database)[0]}) + "\n")
        sys.stdout.flush()
    ws.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
