"""The loop of the demo: the Dinas asks from the figures, the kader answers, the Dinas sees it done."""

from pathlib import Path

from PySide6.QtCore import Qt

from posyandu_app.commands.demo.places import DINAS, KADER
from posyandu_app.commands.demo.stage import Laptop, Pictures, unsent
from posyandu_app.domain.clock import Clock
from posyandu_app.domain.recommendations import Progress
from posyandu_app.services import cases, recommendations
from posyandu_app.services.workspace import Workspace

Key = Qt.Key
ANSWER = "semua rumah sudah dikunjungi"


def the_loop_closes(
    root: Path, clock: Clock, pictures: Pictures, checks: dict[str, bool], child: str
) -> None:
    """A recommendation goes down, is seen and acted on, and the Dinas sees that it is done.

    The kader sees on the way which child the midwife wants to see again.
    """
    _the_dinas_asks(root, clock, pictures, checks)
    _the_kader_answers(root, clock, pictures, checks, child)
    _the_dinas_sees(root, clock, pictures, checks)


def _the_dinas_asks(root: Path, clock: Clock, pictures: Pictures, checks: dict[str, bool]) -> None:
    with Laptop(root, DINAS, clock, pictures) as laptop:
        laptop.unlock("dinas")
        laptop.go("analysis")
        laptop.settle()
        laptop.picture("dinas-analysis")
        laptop.go("recommend")
        laptop.press(Key.Key_U, Qt.KeyboardModifier.ControlModifier)
        laptop.wait(lambda: bool(laptop.text("proposal_text")))
        laptop.settle()
        checks["proposals say their figures"] = ":" in laptop.text("proposal_figures")
        laptop.picture("dinas-proposals")
        laptop.press(Key.Key_Return)
        laptop.wait(lambda: laptop.main.place == "recommend_write")
        laptop.settle()
        laptop.picture("dinas-recommendation")
        laptop.press(Key.Key_F9)
        laptop.wait(lambda: len(recommendations.listed(laptop.workspace)) == 1)
        laptop.press(Key.Key_F5)
        laptop.wait(lambda: unsent(laptop.workspace, clock) == 0)
        laptop.settle()
        laptop.picture("dinas-sent")


def _the_kader_answers(
    root: Path, clock: Clock, pictures: Pictures, checks: dict[str, bool], child: str
) -> None:
    with Laptop(root, KADER, clock, pictures) as laptop:
        laptop.unlock("kader-again")
        laptop.press(Key.Key_F5)
        laptop.wait(lambda: len(recommendations.waiting(laptop.workspace)) == 1)
        laptop.go("review")
        laptop.press(Key.Key_3)
        laptop.settle()
        checks["the kader sees whom the midwife wants to see again"] = (
            cases.wanted_child(laptop.workspace, child) is not None
        )
        laptop.picture("kader-wanted")
        laptop.go("recommend")
        laptop.settle()
        laptop.picture("kader-asked")
        laptop.press(Key.Key_Return)
        laptop.wait(lambda: bool(laptop.text("recommendation_text")))
        laptop.settle()
        checks["opening it is what counts as seen"] = _progress(laptop.workspace) is Progress.SEEN
        laptop.type(ANSWER)
        laptop.picture("kader-answers")
        laptop.press(Key.Key_F9)
        laptop.wait(lambda: not recommendations.waiting(laptop.workspace))
        laptop.press(Key.Key_F5)
        laptop.wait(lambda: unsent(laptop.workspace, clock) == 0)


def _the_dinas_sees(root: Path, clock: Clock, pictures: Pictures, checks: dict[str, bool]) -> None:
    with Laptop(root, DINAS, clock, pictures) as laptop:
        laptop.unlock("dinas-again")
        laptop.press(Key.Key_F5)
        laptop.wait(lambda: _progress(laptop.workspace) is Progress.DONE)
        (row,) = recommendations.listed(laptop.workspace)
        checks["the Dinas sees that it is done, with the kader's note"] = (
            row.status.answers[-1].note == ANSWER
        )
        laptop.main.go("recommendation", row.id)
        laptop.settle()
        laptop.picture("dinas-done")


def _progress(workspace: Workspace) -> Progress:
    (row,) = recommendations.listed(workspace)
    return row.status.progress
