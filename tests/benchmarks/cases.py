"""A midwife's village of five posyandu, 300 children with two years of weighings, 60 cases in follow-up."""

import os
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from posyandu_app.app import build
from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.cases import Show
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Child, Position, Role, Sex
from posyandu_app.domain.reviews import Decision
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, cases, registration, roster, weighing
from posyandu_app.services.cases import Exam
from posyandu_app.services.registration import ChildInput
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import log
from tests.benchmarks.figures import Figure, seconds
from tests.storage.made_up import WIB

VILLAGE, PLACES, CHILDREN, MONTHS, DECIDED = "32.11.13.2005", 5, 300, 24, 60
TODAY = date(2026, 11, 23)
LABEL, PASSWORD = "Rina", "melati123"


def report() -> Iterator[Figure]:
    """What a midwife waits for; the screen is opened as she does, the database warm from the roster."""
    with tempfile.TemporaryDirectory(prefix="posyandu-bench-") as name:
        folder, clock = DataFolder(Path(name)), FixedClock(datetime(2024, 11, 1, 8, 0, tzinfo=WIB))
        ws = _village(folder, clock)
        child = cases.worklist(ws, Show.FOLLOW_UP)[0].child.id
        open_cases = cases.counts(ws)[Show.OPEN]
        ws.close()
        ws = accounts.unlock(folder, LABEL, PASSWORD, clock)
        first = seconds(lambda: cases.every_case(ws), runs=1)
        yield Figure("first worklist after unlocking", first * 1000, "ms", note=f"{open_cases} open cases")
        yield _figure("worklist, afterwards", lambda: cases.every_case(ws), 200)
        yield _figure("follow-up calendar", lambda: cases.calendar(ws, TODAY + timedelta(366)), 200)
        yield _figure("one case", lambda: cases.card(ws, child), 50)
        yield _figure("MTBS proposal", lambda: cases.propose(ws, child, Exam(appetite=False)), 50)
        ws.close()
        yield from _screens(folder, clock, child)


def _figure(name: str, work: object, at_most: float) -> Figure:
    assert callable(work)
    return Figure(name, seconds(work) * 1000, "ms", at_most=at_most)


def _screens(folder: DataFolder, clock: FixedClock, child: str) -> Iterator[Figure]:
    """From the key to the painted screen, offscreen, at 1366 × 768."""
    application = QApplication.instance() or QApplication([])
    app = build(folder, clock=clock)
    app.window.resize(1366, 768)
    app.window.show()
    assert app.unlock(LABEL, PASSWORD)
    _settle(app)
    assert app.window.main is not None
    main = app.window.main
    for name, about in (("review", ""), ("controls", ""), ("case", child)):
        took = []
        for _ in range(3):
            main.go("roster")
            _settle(app)
            start = time.perf_counter()
            main.go(name, about)
            _settle(app)
            app.window.grab()
            took.append(time.perf_counter() - start)
        note = f"first {took[0] * 1000:.0f} ms"
        yield Figure(f"opening the screen: {name}", min(took) * 1000, "ms", at_most=200, note=note)
    app.close()
    app.window.deleteLater()
    application.processEvents()


def _settle(app: object) -> None:
    for _ in range(3):
        app.tasks.wait_idle(30)  # type: ignore[attr-defined]
        QApplication.processEvents()


def _village(folder: DataFolder, clock: FixedClock) -> Workspace:
    chance = random.Random(5)
    setup = accounts.Setup(VILLAGE, "", "Rina Marlina", LABEL, Role.BIDAN, PASSWORD)
    ws = accounts.set_up(folder, setup, clock, cheap=True)
    now = datetime(TODAY.year, TODAY.month, TODAY.day, 8, 0, tzinfo=WIB)
    with ws.database.atomic():
        for number in range(CHILDREN):
            clock.set(datetime(2024, 11, 1, 8, 0, tzinfo=WIB))
            sex, birth = (Sex.MALE, Sex.FEMALE)[number % 2], date(2022, 8, 5) + timedelta(days=number * 3)
            place = f"{VILLAGE}.{number % PLACES + 1:03d}"
            name = f"Anak {chr(65 + number % 26)}{chr(97 + number // 26)}"
            new = registration.new_child(ws, ChildInput(name, sex, birth, scope=place))
            log.append(ws.database, [new], actor=ws.user.id, clock=clock)
            clock.set(now)
            child = Child(new.entity, place, name, sex, birth)
            weight = 12_500 - chance.randrange(3_500)
            operations = []
            for back in range(MONTHS):
                on = TODAY - timedelta(days=30 * back + 3)
                if on >= birth:
                    grams = max(2_500, weight - 150 * back + chance.randrange(-250, 250))
                    draft = Draft(on, grams, max(500, 880 - 9 * back), Position.STANDING)
                    operations.append(weighing.new_measurement(ws, child, draft))
            log.append(ws.database, operations, actor=ws.user.id, clock=clock)
    roster.rows(ws)
    for number, row in enumerate(cases.worklist(ws)[:DECIDED]):
        revisit = TODAY + timedelta(days=number % 21)
        cases.decide(ws, row.child.id, {Decision.COUNSEL, Decision.PMT}, pmt_days=56, revisit_on=revisit)
    return ws
