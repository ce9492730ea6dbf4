"""What is kept of the midwife's questions between looks is what reading everything anew would tell."""

import itertools
import random
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Role, Sex
from posyandu_app.services import deciding, moves, pairing, registration, undoing, weighing
from posyandu_app.storage import projection, writers
from tests.services.conftest import siti
from tests.services.test_deciding import OTHER, OtherLaptop

NAMES = ("Siti Aminah", "Siti Aminnah", "Sitti Aminah", "Budi Santoso", "Boedi Santoso", "Budi", "Dewi")
MOTHERS = (None, "Rohmah", "Rochmah", "Euis")
NIKS = (None, None, "3211130101250001", "3211130101250002")


@pytest.fixture
def midwife(as_role):
    return as_role(Role.BIDAN)


def anew(ws):
    return deciding.waiting(replace(ws, cache={}))


class Life:
    """Deeds of all kinds, of this laptop and of another one, at random."""

    def __init__(self, ws, midwife, seed: int) -> None:
        self.ws, self.midwife, self.drawn = ws, midwife, random.Random(seed)
        self.other = OtherLaptop(ws)
        self.children: list[str] = []
        self.weighings: list[str] = []
        self.undos: list = []
        self.number = itertools.count(1)

    def fields(self):
        drawn = self.drawn
        return {
            "name": drawn.choice(NAMES),
            "mother_name": drawn.choice(MOTHERS),
            "birth_date": date(2025, 10, 1) + timedelta(days=drawn.randint(0, 40)),
            "nik": drawn.choice(NIKS),
        }

    def register(self) -> None:
        sex = self.drawn.choice([Sex.FEMALE, Sex.FEMALE, Sex.MALE])
        changes = registration.register(self.ws, siti(**self.fields(), sex=sex))
        self.children += changes.entities
        self.undos.append(changes.undo)

    def hear_of_a_child(self) -> None:
        told = {**self.fields(), "sex": "F"}
        told["birth_date"] = told["birth_date"].isoformat()
        id_ = f"66666666-6666-4666-8666-{next(self.number):012d}"
        self.other.writes("child.register", id_, {k: {"v": v, "base": None} for k, v in told.items()})
        self.children.append(id_)

    def correct(self) -> None:
        name, value = self.drawn.choice(list(self.fields().items()))
        self.undos.append(registration.update(self.ws, self.drawn.choice(self.children), {name: value}).undo)

    def hear_of_a_correction(self) -> None:
        told = self.drawn.choice([("name", "Dewi Sartika"), ("mother_name", "Iis"), ("sex", "M")])
        self.other.writes(
            "child.set", self.drawn.choice(self.children), {told[0]: {"v": told[1], "base": None}}
        )

    def weigh(self) -> None:
        day = self.ws.clock.today() - timedelta(days=self.drawn.randint(0, 1))
        draft = Draft(day, 8000 + 10 * next(self.number))
        changes = weighing.record(self.ws, self.drawn.choice(self.children), draft)
        self.weighings += changes.entities - set(self.children)
        self.undos.append(changes.undo)

    def hear_of_a_weighing(self) -> None:
        record = {"child": self.drawn.choice(self.children), "date": self.ws.clock.today().isoformat()}
        id_ = f"77777777-7777-4777-8777-{next(self.number):012d}"
        self.other.writes("measurement.record", id_, {**record, "weight_g": 9000})
        self.weighings.append(id_)

    def take_a_weighing_back(self) -> None:
        seen = {"seen": [], "reason": "salah_anak"}
        self.other.writes("measurement.void", self.drawn.choice(self.weighings), seen)

    def move_a_weighing(self) -> None:
        child = {"child": {"v": self.drawn.choice(self.children), "base": None}}
        change = {"set": child, "reason": "salah_anak"}
        self.other.writes("measurement.correct", self.drawn.choice(self.weighings), change)

    def decide(self) -> None:
        waiting = deciding.waiting(self.midwife)
        decision = self.drawn.choice([*waiting.decisions, *waiting.linked])
        choice = self.drawn.randrange(len(decision.choices))
        self.undos.append(deciding.decide(self.midwife, decision, choice).undo)

    def take_back(self) -> None:
        undoing.undo(self.midwife, self.undos.pop(self.drawn.randrange(len(self.undos))))

    def strike_out(self) -> None:
        child = self.drawn.choice(self.children)
        self.other.writes("child.state", child, {"state": {"v": "batal", "base": None}})

    def move_away(self) -> None:
        child, today = self.drawn.choice(self.children), self.ws.clock.today()
        moves.transfer(self.midwife, child, "32.11.13.2005.002", today)

    def be_named(self) -> None:
        name = f"Laptop {next(self.number)}"
        with self.ws.database.atomic():
            writers.note(self.ws.database, {OTHER: name})

    def introduce_herself(self) -> None:
        told = {"name": {"v": f"Lia {next(self.number)}", "base": None}, "role": {"v": "kader", "base": None}}
        self.other.writes("user.register", self.other.actor, told)

    def lose_a_row(self) -> None:
        projection.remove(self.ws.database, [self.drawn.choice(self.children)])

    def make_rows_anew(self) -> None:
        projection.rebuild(self.ws.database)

    def give_up_halfway(self) -> None:
        """The numbers of these changes are given to others next."""
        children, weighings, undos = [*self.children], [*self.weighings], [*self.undos]
        with suppress(ZeroDivisionError), self.ws.database.atomic():
            self.register()
            self.weigh()
            assert deciding.waiting(self.midwife) == anew(self.midwife)
            raise ZeroDivisionError
        self.children, self.weighings, self.undos = children, weighings, undos
        self.register()
        self.weigh()


OFTEN = ("register", "hear_of_a_child", "correct", "weigh", "hear_of_a_weighing", "decide", "take_back")
"""Done three times as often as the others."""


@pytest.mark.parametrize("seed", range(4))
def test_after_any_deeds_everybody_is_told_what_reading_anew_tells(ws, midwife, seed):
    life = Life(ws, midwife, seed)
    life.register()
    life.hear_of_a_child()
    life.weigh()
    kinds, done = set(), set()
    deeds = [name for name in vars(Life) if not name.startswith("_") and name != "fields"]
    for _ in range(90):
        deed = life.drawn.choice([*deeds, *OFTEN, *OFTEN])
        ws.clock.move(timedelta(minutes=life.drawn.choice([0, 1])))
        try:
            getattr(life, deed)()
        except (UserError, IndexError, KeyError):
            continue  # nothing to decide or to take back, or no longer there
        done.add(deed)
        for someone in (midwife, ws):
            told = deciding.waiting(someone)
            assert told == anew(someone), deed
            assert deciding.undecided(someone).count == len(told.decisions)
            kinds |= {decision.kind for decision in (*told.decisions, *told.linked)}
    assert len(done) >= len(deeds) - 3
    assert {deciding.Kind.DUPLICATE, deciding.Kind.LINKED, deciding.Kind.DOUBLE} <= kinds


def test_more_changes_than_follow_one_by_one_are_looked_at_together(ws, midwife, monkeypatch):
    monkeypatch.setattr(pairing, "_MANY", 2)
    for name in ("Siti Aminah", "Dewi Lestari"):
        registration.register(ws, siti(name=name))
    assert deciding.waiting(midwife).decisions == ()
    for name in ("Siti Aminnah", "Dewi Lestarie", "Budi"):
        registration.register(ws, siti(name=name))
    assert deciding.waiting(midwife) == anew(midwife)
    assert len(deciding.waiting(midwife).decisions) == 2


def test_another_area_or_other_rules_are_looked_at_anew(ws, midwife):
    registration.register(ws, siti(name="Siti Aminah"))
    registration.register(ws, siti(name="Siti Amina"))
    assert len(deciding.waiting(midwife).decisions) == 1
    ws.database.set_meta("scope", "32.11.13.2005.002")
    assert deciding.waiting(midwife).decisions == ()
    ws.database.set_meta("scope", "32.11.13.2005")
    assert len(deciding.waiting(midwife).decisions) == 1
    midwife.rules = replace(
        midwife.rules, duplicates=replace(midwife.rules.duplicates, name_percent=100, birth_days=0)
    )
    ws.database.set_meta("anything", "else")
    assert deciding.waiting(midwife) == anew(midwife) == deciding.Waiting()
