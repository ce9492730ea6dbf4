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
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Role, Sex
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, attendance, drafts, recap, sessions
from posyandu_app.services.accounts import Setup
from posyandu_app.storage import log
from tests.services.day_worker import LABEL, MORNING, PASSWORD, TODAY, do, id_of
from tests.storage.made_up import SCOPE, WIB

ROOT = Path(__file__).resolve().parents[2]
JUNE, JULY, AUGUST = date(2026, 6, 10), date(2026, 7, 10), TODAY

# the field's own figures, written down here a second time
KBM = {
    "M": [800, 800, 900, 800, 600, 500, 400, 400, *[300] * 4, *[200] * 49],
    "F": [800, 800, 900, 800, 600, 500, 400, *[300] * 4, *[200] * 50],
}
MEDIAN_AT = (0, 3, 6, 12, 24, 36, 48, 60)
MEDIAN_KG = {
    "M": (3.3, 6.4, 7.9, 9.6, 12.2, 14.3, 16.3, 18.3),
    "F": (3.2, 5.8, 7.3, 8.9, 11.5, 13.9, 16.1, 18.2),
}

ABSENT = (4, 13, 22)
LATE = 31
NOT_MEASURABLE = 9
NOT_IN_JULY = (5, 14, 23, 22)
FIRST_IN_AUGUST = (6, 15)
TWO_T = (7, 16)
T_NOW = (8, 17, 26, 35)
T_IN_JULY = (13, *TWO_T)
BELOW_RED_LINE = 10
MOVED, SIXTY_MONTHS = 36, 37
NEW = (38, 39)
CUTS = 6
NAMES = (
    "Adit", "Agus", "Aisyah", "Alya", "Amira", "Anggi", "Arif", "Asep",
    "Ayu", "Bagas", "Bayu", "Bunga", "Cahya", "Candra", "Citra", "Dadan",
    "Dewi", "Dian", "Eka", "Elsa", "Fajar", "Farah", "Fitri", "Galih",
    "Gita", "Hana", "Hendra", "Indah", "Intan", "Jaka", "Kirana", "Laras",
    "Lia", "Maya", "Nadia", "Nisa", "Putri", "Rafi", "Sekar", "Tiara",
)  # fmt: skip


def completed_months(birth: date, on: date) -> int:
    return (on.year - birth.year) * 12 + on.month - birth.month - (on.day < birth.day)


def median_g(sex: str, months: int) -> int:
    for place in range(1, len(MEDIAN_AT)):
        if months <= MEDIAN_AT[place]:
            low, high = MEDIAN_AT[place - 1], MEDIAN_AT[place]
            part = (months - low) / (high - low)
            kg = MEDIAN_KG[sex][place - 1] * (1 - part) + MEDIAN_KG[sex][place] * part
            return round(kg * 20) * 50
    raise AssertionError("no child here is that old")


@dataclass
class Truth:
    """One child as this file knows her: what was really so, not what the app made of it."""

    number: int
    name: str
    sex: str
    birth: date
    kia: bool
    registered: date
    weights: dict[date, int] = field(default_factory=dict)
    cards: dict[date, dict[str, Any]] = field(default_factory=dict)
    vitamin_a: str = ""
    dewormed: bool = False
    state: str = "aktif"

    def age(self, on: date) -> int:
        return completed_months(self.birth, on)

    def letter(self, on: date) -> str:
        before = [day for day in (JUNE, JULY) if day < on and day in self.weights]
        if on not in self.weights:
            return ""
        if not before:
            return "B"
        if before[-1].month != on.month - 1:
            return "O"
        gain = self.weights[on] - self.weights[before[-1]]
        return "N" if gain >= KBM[self.sex][self.age(on)] else "T"

    def came(self) -> bool:
        card = self.cards.get(AUGUST)
        return AUGUST in self.weights or (
            card is not None and card["attendance"] not in ("tidak_hadir", "pindah")
        )


def child_number(number: int) -> Truth:
    sex = "F" if number % 2 == 0 else "M"
    if number in NEW:
        birth, registered = (date(2026, 7, 5) if number == 38 else date(2026, 6, 20)), AUGUST
    elif number == SIXTY_MONTHS:
        birth, registered = date(2021, 8, 5), date(2026, 6, 1)
    else:
        months = 3 + number * 3 // 2
        year, month = divmod(2026 * 12 + 7 - months, 12)
        birth, registered = date(year, month + 1, 1 + number % 9), date(2026, 6, 1)
    return Truth(number, NAMES[number], sex, birth, number % 7 != 3, registered)


def plan_weights(child: Truth) -> dict[date, int]:
    """What the scale will show on each day the child comes."""
    number, sex = child.number, child.sex
    factor = 0.6 if number == BELOW_RED_LINE else 1.0
    found: dict[date, int] = {}
    june = round(median_g(sex, max(child.age(JUNE), 0)) * factor / 50) * 50
    if number not in FIRST_IN_AUGUST:
        found[JUNE] = june
    july = june + KBM[sex][max(child.age(JULY), 0)] + (-100 if number in T_IN_JULY else 50)
    if number not in (*FIRST_IN_AUGUST, *NOT_IN_JULY):
        found[JULY] = july
    found[AUGUST] = july + KBM[sex][child.age(AUGUST)] + (-50 if number in (*T_NOW, *TWO_T) else 100)
    if number in NEW:
        return {AUGUST: found[AUGUST]}
    return found


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
    """The posyandu as it stood in the morning: registered in June, weighed in June and July."""
    people = [child_number(number) for number in range(40)]
    clock = FixedClock(datetime(2026, 6, 1, 9, 0, tzinfo=WIB))
    setup = Setup(SCOPE, "Melati 1", "Sari Dewi", LABEL, Role.KADER, PASSWORD)
    ws = accounts.set_up(folder, setup, clock, cheap=True)
    for child in people:
        if child.number not in NEW:
            do(
                ws,
                {
                    "do": "register",
                    "child": child.name,
                    "sex": child.sex,
                    "birth": child.birth.isoformat(),
                    "mother": "Rohmah",
                    "kia": child.kia,
                    "rt": f"{child.number % 4:02d}",
                },
            )
    for on in (JUNE, JULY):
        clock.set(datetime(on.year, on.month, on.day, 8, 0, tzinfo=WIB))
        do(ws, {"do": "open", "on": on.isoformat()})
        for child in people:
            grams = plan_weights(child).get(on)
            if child.number not in NEW and grams is not None:
                do(ws, {"do": "save", "child": child.name, "weight": grams, "on": on.isoformat()})
        do(ws, {"do": "close", "on": on.isoformat()})
    do(ws, {"do": "move_away", "child": people[MOVED].name, "on": JULY.isoformat()})
    ws.close()
    return people


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


# the independent count


def skdn(children: list[Truth], on: date) -> dict[str, int]:
    counts = dict.fromkeys(("S", "K", "D", "N", "T", "O", "B", "2T", "BGM"), 0)
    last_day = date(on.year, on.month, 30 if on.month == 6 else 31)
    for child in children:
        weighed = on in child.weights
        if child.registered > last_day or not (weighed or child.state == "aktif"):
            continue
        if child.age(on if weighed else last_day) >= 60:
            continue
        counts["S"] += 1
        counts["K"] += child.kia
        if weighed:
            letter = child.letter(on)
            counts["D"] += 1
            counts[letter] += 1
            before = JULY if on == AUGUST else JUNE
            counts["2T"] += letter == "T" and before in child.weights and child.letter(before) == "T"
            counts["BGM"] += child.number == BELOW_RED_LINE
    return counts


def counted(found: Any) -> dict[str, int]:
    return {
        "S": found.S,
        "K": found.K,
        "D": found.D,
        "N": found.N,
        "T": found.T,
        "O": found.O,
        "B": found.B,
        "2T": found.two_t,
        "BGM": found.bgm,
    }


@pytest.mark.process
@pytest.mark.timeout(240)
def test_the_recap_of_the_day_is_what_really_happened(played, children):
    closing = recap.closing(played, AUGUST)
    now, before = closing.recap.now, closing.recap.before

    expected = skdn(children, AUGUST)
    assert counted(now.total) == expected
    assert expected["D"] == expected["N"] + expected["T"] + expected["O"] + expected["B"]
    assert min(expected.values()) > 0, "a count that is never anything proves nothing"
    assert counted(before.total) == skdn(children, JULY)
    for sex in Sex:
        mine = [child for child in children if child.sex == sex.value]
        assert counted(now.by_sex[sex]) == skdn(mine, AUGUST)
    for group, found in now.by_group.items():
        mine = [
            child
            for child in children
            if group.first
            <= child.age(AUGUST if AUGUST in child.weights else date(2026, 8, 31))
            <= group.last
        ]
        assert counted(found) == skdn(mine, AUGUST)

    expected_now = [c for c in children if c.state == "aktif"]
    absent = sorted(child.name for child in expected_now if not child.came())
    assert sorted(row.child.name for row in closing.recap.absent) == absent
    assert absent == sorted(children[number].name for number in ABSENT)
    reasons = {row.child.name: row.reasons for row in closing.recap.absent}
    assert reasons[children[13].name] == ("tidak_hadir_setelah_tidak_naik",)
    assert reasons[children[22].name] == ("tidak_hadir_dua_bulan",)
    assert reasons[children[4].name] == ("tidak_hadir",)

    blue, red = closing.recap.vitamin_a
    for found, (low, high) in ((blue, (6, 11)), (red, (12, 59))):
        target = [c for c in expected_now if low <= c.age(AUGUST) <= high]
        assert found.target == len(target)
        assert found.given == sum(c.vitamin_a == "diberikan" for c in target)
        assert found.refused == sum(c.vitamin_a == "menolak" for c in target)
    assert (red.refused, closing.recap.campaign_open) == (1, True)
    worms = [c for c in expected_now if 12 <= c.age(AUGUST) <= 59]
    assert (closing.recap.deworming.target, closing.recap.deworming.given) == (
        len(worms),
        sum(c.dewormed for c in worms),
    )
    assert closing.recap.doses == ()

    for found, mine in (
        (closing.recap.infants, [c for c in expected_now if c.age(AUGUST) < 6]),
        (closing.recap.older, [c for c in expected_now if c.age(AUGUST) >= 6]),
    ):
        cards = [child.cards[AUGUST] for child in mine if AUGUST in child.cards]
        assert found.expected == len(mine)
        assert found.came == sum(child.came() for child in mine)
        assert found.absent == found.expected - found.came
        assert found.breastfeeding_asked == sum("exclusive_breastfeeding" in card for card in cards)
        assert found.breastfeeding_yes == sum(card.get("exclusive_breastfeeding") is True for card in cards)
        assert found.feeding_asked == sum("complementary_feeding" in card for card in cards)
        assert found.feeding_yes == sum(card.get("complementary_feeding") is True for card in cards)
        assert found.development_incomplete == sum(card["development"] == "tidak_lengkap" for card in cards)
        assert found.development_complete == sum(card["development"] == "lengkap" for card in cards)
        assert found.tb_suspected == sum(len(card["tb_symptoms"]) >= 2 for card in cards)
        assert found.danger_signs == sum(bool(card["danger_signs"]) for card in cards)
        assert found.counselled == sum(bool(card["counselling"]) for card in cards)
        assert found.referred == sum("referral" in card for card in cards)

    waiting = [row.child.name for row in closing.recap.waiting]
    assert waiting[0] == children[12].name, "the danger sign stands first"
    must_wait = {12, 18, 20, 24, BELOW_RED_LINE, *TWO_T, *T_NOW, 28}
    assert {children[number].name for number in must_wait} <= set(waiting)

    assert closing.drafts == ()
    assert sessions.of_day(played, AUGUST).closed_at is not None
    there = {row.child.name: row.state for row in attendance.on_day(played, AUGUST)}
    assert there == {
        child.name: "tidak_dapat_diukur"
        if child.number == NOT_MEASURABLE
        else "hadir"
        if child.came()
        else "tidak_hadir"
        for child in expected_now
    }
