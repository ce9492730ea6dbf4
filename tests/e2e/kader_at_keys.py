"""A kader at the keyboard of the real window, all day long; a test cuts her power.

`python -m tests.e2e.kader_at_keys FOLDER STEPS START` works through a list of steps with keys alone and
prints after each of them how long the log is then. Nothing here calls the program's own functions to do
a deed; they are only asked what stands on the screen.
"""

# ruff: noqa: T201 - tells the test how far it is

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from posyandu_app.app import build
from posyandu_app.domain.clock import FixedClock
from posyandu_app.paths import DataFolder
from posyandu_app.storage import log
from posyandu_app.ui.screens.weighing_state import ORDER, WEIGHT
from tests.services.day_worker import MORNING, PASSWORD
from tests.ui.conftest import Hands

Key = Qt.Key
Step = dict[str, Any]
_MEND, _KEEP = Key.Key_1, Key.Key_2
_PATIENCE = 60


class Kader(Hands):
    """What she does at one table, each as the keys that do it."""

    def do(self, step: Step) -> None:
        getattr(self, f"do_{step['do']}")(step)

    def do_open_day(self, _: Step) -> None:
        self.go("day")
        assert self.main.day.turn.text() == "Buka hari posyandu"
        self.press(Key.Key_F9)
        assert self.text("undo_text").startswith("Dibuka: posyandu")

    def do_close_day(self, _: Step) -> None:
        self.go("day")
        assert self.main.day.turn.text() == "Tutup hari posyandu"
        self.press(Key.Key_F9)
        assert self.text("day_session").startswith("Ditutup")

    def do_mark(self, step: Step) -> None:
        """On the list of the day, down to the child, and her letter."""
        self.go("day")
        self.press(Key.Key_2)
        self.press(Key.Key_Home)
        for _ in range(_PATIENCE):
            chosen = self.main.day.model.row(self.main.day.list.currentIndex().row())
            if chosen.name == step["child"]:
                break
            self.press(Key.Key_Down)
        else:
            raise AssertionError(f"{step['child']} is not on the list")
        self.type(step["letter"])

    def do_register(self, step: Step) -> None:
        """The fast way, the second part for the KIA book, and the mother's consent."""
        self.press(Key.Key_F4)
        assert self.main.place == "register"
        self.enter(step["child"])
        self.type("l" if step["sex"] == "M" else "p")
        self.press(Key.Key_Return)
        for text in (step["birth"], step["mother"], "", "3", ""):
            self.enter(text)
        self.type("s")
        if step["kia"]:
            while self.focus.objectName() != "register_kk":
                self.press(Key.Key_F11)
            self._to_row("register_kia_held")
            self.type("y")
        self.press(Key.Key_F9)
        assert self.text("undo_text") == f"Didaftarkan: {step['child']}"
        assert self.main.place == "weighing"
        self.press(Key.Key_Escape)

    def do_half(self, step: Step) -> None:
        """A figure half typed, and then nothing for a moment: the draft keeps it."""
        self.open_child(step["child"])
        self.type(step["text"])
        self.wait(600)

    def do_still_there(self, step: Step) -> None:
        """After the power came back: what was half typed stands in the field."""
        self.open_child(step["child"])
        assert self.weighing.boxes[WEIGHT].edit.text() == step["text"]
        self.press(Key.Key_Escape)

    def do_save(self, step: Step) -> None:
        """Every figure, every question, every service that is due; F9 or the last Enter saves."""
        self.open_child(step["child"])
        if step.get("texts"):
            self._figures(step["texts"], step.get("answer"))
        if care := step.get("care"):
            self._care(care, step.get("ticks", ()), told=step.get("told", False))
        self.press(Key.Key_F9)
        while self.weighing.state is not None and self.weighing.state.question is not None:
            self.press(_KEEP)
        assert self.text("undo_text").startswith(f"Disimpan: {step['child']}"), self.text("weighing_message")

    def _figures(self, texts: dict[str, str], answer: str | None) -> None:
        self._to_field(WEIGHT)
        for name in ORDER[:4]:
            assert self.focus.objectName() == name, f"the keyboard is at {self.focus.objectName()}"
            self.ctrl(Key.Key_A)
            self.enter(texts.get(name, ""))
            while self.focus.objectName().startswith("question"):
                self.press(_MEND if answer == "mend" else _KEEP)
        assert self.focus.objectName() == ORDER[4]

    def _to_field(self, name: str) -> None:
        for _ in range(_PATIENCE):
            if self.focus.objectName() == name:
                return
            self.press(Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
        raise AssertionError(f"Shift+Tab never reaches {name}")

    def _care(self, answers: dict[str, str], ticks: list[str], *, told: bool) -> None:
        self.press(Key.Key_F11)
        assert self.weighing.at_services
        for row in list(self.weighing.services.rows):
            code = row.item.code
            if code not in answers:
                continue
            self._to_row(f"care_{code}")
            self.type(answers[code])
            for tick in ticks:
                if tick.startswith(f"{code}."):
                    self._to_row(f"care_{tick}")
                    self.press(Key.Key_Space)
        offered = {row.item.code for row in self.weighing.services.rows}
        assert set(answers) <= offered, f"not offered: {set(answers) - offered}"
        if told:
            self.ctrl(Key.Key_D)

    def _to_row(self, name: str) -> None:
        for _ in range(_PATIENCE):
            if self.focus.objectName() == name:
                return
            self.press(Key.Key_Return)
        raise AssertionError(f"Enter never reaches {name}")

    def do_refused(self, step: Step) -> None:
        """A figure that nobody can mean: the field says so, nothing is saved, and she goes back."""
        self.open_child(step["child"])
        self._to_field(WEIGHT)
        self.enter(step["text"])
        assert self.focus.objectName() == WEIGHT, "the keyboard stays where it must be mended"
        assert WEIGHT in self.weighing.state.errors
        self.press(Key.Key_F9)
        assert self.main.place == "weighing"
        self.ctrl(Key.Key_A)
        self.press(Key.Key_Delete)
        self.press(Key.Key_Escape)

    def do_wrong_day(self, step: Step) -> None:
        """The paper of tomorrow does not exist."""
        self.open_child(step["child"])
        self.press(Key.Key_F6)
        self.ctrl(Key.Key_A)
        self.enter(step["text"])
        assert self.weighing.state.on == MORNING.date()
        self.press(Key.Key_Escape)
        self.press(Key.Key_Escape)

    def _card(self, child: str) -> None:
        """Search her and open her card."""
        self.press(Key.Key_F2)
        self.type(child)
        self.ctrl(Key.Key_Return)
        assert self.main.place == "child"

    def do_graduate(self, step: Step) -> None:
        """Sixty months: the third reason to leave, today."""
        self._card(step["child"])
        self.press(Key.Key_F6)
        for _ in range(2):
            self.press(Key.Key_Down)
        self.press(Key.Key_Return)
        self.ctrl(Key.Key_A)
        self.enter(step["on"])
        assert self.main.place == "child", self.text("leaving_message")

    def do_correct(self, step: Step) -> None:
        """The day is closed: the right weight, and why it was wrong."""
        self._card(step["child"])
        self.press(Key.Key_2)
        self.press(Key.Key_Return)
        assert self.main.place == "correct"
        self.enter(step["weight"])
        self.press(Key.Key_F9)
        assert self.focus.objectName() == "correct_reason", "a closed day asks for a reason"
        self.enter(step["reason"])
        assert self.text("undo_text").startswith("Diperbaiki"), self.text("correct_message")

    def do_undo(self, _: Step) -> None:
        self.ctrl(Key.Key_Z)

    def do_redo(self, _: Step) -> None:
        self.ctrl(Key.Key_Y)


def main(arguments: list[str]) -> int:
    folder, steps_at, start = arguments
    steps: list[Step] = json.loads(Path(steps_at).read_text(encoding="utf-8"))
    QApplication.instance() or QApplication(sys.argv[:1])
    app = build(DataFolder(Path(folder)), clock=FixedClock(MORNING))
    kader = Kader(app)
    kader.type(PASSWORD)
    kader.press(Key.Key_Return)
    assert app.window.main is not None, "the password typed at the gate opens the places"
    assert app.workspace is not None
    for number in range(int(start), len(steps)):
        try:
            kader.do(steps[number])
        except AssertionError as error:
            raise AssertionError(f"step {number} {steps[number]}: {error}") from error
        kader.settle()
        print(json.dumps({"done": number, "tip": log.tip(app.workspace.database)[0]}), flush=True)
    app.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
