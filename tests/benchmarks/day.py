"""A posyandu of 300 children with two years of weighings, cards and doses: how long looks and saves take."""

import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.doses import Dose
from posyandu_app.domain.model import Child, Position, Role, Sex
from posyandu_app.domain.schedule import reaches
from posyandu_app.domain.visit_rules import default_visit_rules
from posyandu_app.domain.visits import Visit
from posyandu_app.paths import DataFolder
from posyandu_app.services import (
    accounts,
    day,
    history,
    recap,
    recording,
    registration,
    review,
    roster,
    weighing,
)
from posyandu_app.services.accounts import Setup
from posyandu_app.services.day import DayForm
from posyandu_app.services.registration import ChildInput
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import log
from tests.benchmarks.figures import Figure, seconds
from tests.storage.made_up import SCOPE, WIB

CHILDREN, MONTHS = 300, 24
TODAY = date(2026, 11, 23)


def report() -> Iterator[Figure]:
    """What a kader waits for on a posyandu day."""
    with tempfile.TemporaryDirectory() as folder:
        ws = _posyandu(Path(folder))
        child = roster.expected_children(ws)[0].id
        first = seconds(lambda: roster.rows(ws), runs=1)
        yield Figure(
            "first look at the roster", first * 1000, "ms", note=f"{CHILDREN} × {MONTHS}, all computed"
        )
        yield _figure("roster", lambda: roster.rows(ws), 300)
        yield _figure("midwife's list", lambda: review.at_risk(ws), 300)
        yield _figure("list before the day", lambda: recap.before(ws, TODAY), 1000)
        yield _figure("recap of the day", lambda: recap.closing(ws, TODAY), 1500)
        yield _figure("open a form", lambda: day.open_form(ws, child, TODAY), 50)
        shown = day.open_form(ws, child, TODAY)
        yield _figure("look at a half-typed form", lambda: day.preview(shown, _form(1), ws.rules), 10)
        numbers = count(1)
        yield _figure("save a whole form", lambda: day.save_child(ws, child, _form(next(numbers))), 50)
        yield _figure("roster after a save", lambda: _after_a_save(ws, child, next(numbers)), 300)
        yield _figure("history of a child", lambda: history.of(ws, child), 100)
        ws.close()


def _figure(name: str, work: object, at_most: float) -> Figure:
    assert callable(work)
    return Figure(name, seconds(work) * 1000, "ms", at_most=at_most)


def _after_a_save(ws: Workspace, child: str, number: int) -> None:
    day.save_child(ws, child, _form(number))
    roster.rows(ws)


def _form(number: int) -> DayForm:
    return DayForm(
        date=TODAY,
        weighing=Draft(TODAY, weight_g=12_000 + 50 * number, length_mm=880, position=Position.STANDING),
        card=Visit(
            id="", child="", date=TODAY, danger_signs=frozenset(), development="lengkap", note=f"Ke-{number}"
        ),
        doses=(Dose(id="", child="", date=TODAY - timedelta(days=number), what="obat_cacing"),),
    )


def _posyandu(folder: Path) -> Workspace:
    clock = FixedClock(datetime(2024, 11, 1, 8, 0, tzinfo=WIB))
    setup = Setup(SCOPE, "Melati 1", "Sari Dewi", "Sari", Role.KADER, "melati123")
    ws = accounts.set_up(DataFolder(folder), setup, clock, cheap=True)
    now = datetime(TODAY.year, TODAY.month, TODAY.day, 8, 0, tzinfo=WIB)
    with ws.database.atomic():
        for number in range(CHILDREN):
            clock.set(datetime(2024, 11, 1, 8, 0, tzinfo=WIB))
            sex, birth = (Sex.MALE, Sex.FEMALE)[number % 2], date(2023, 1, 5) + timedelta(days=number * 2)
            name = f"Anak {chr(65 + number % 26)}{chr(97 + number // 26)}"
            new = registration.new_child(ws, ChildInput(name, sex, birth))
            log.append(ws.database, [new], actor=ws.user.id, clock=clock)
            clock.set(now)
            child = Child(new.entity, SCOPE, name, sex, birth)
            operations = []
            for back in range(MONTHS):
                on = TODAY - timedelta(days=30 * back + 3)
                if on < birth:
                    continue
                weight, length = 13_000 - 180 * back, 900 - 8 * back
                operations.append(
                    weighing.new_measurement(ws, child, Draft(on, weight, length, Position.STANDING))
                )
                card = Visit(
                    id="",
                    child=child.id,
                    date=on,
                    development="lengkap",
                    tb_symptoms=frozenset(),
                    danger_signs=frozenset(),
                )
                operations.append(recording.new(ws, child, card))
            for antigen in default_visit_rules().antigens:
                given = reaches(birth, antigen.due_age_months)
                if antigen.active and given < TODAY:
                    dose = Dose(id="", child=child.id, date=given, what="imunisasi", antigen=antigen.code)
                    operations.append(recording.new(ws, child, dose))
            log.append(ws.database, operations, actor=ws.user.id, clock=clock)
    return ws
