"""Forty made-up children of one posyandu: what the scale shows on each day they come, and the count by hand.

Nothing here asks the program: the tables, the letters and the counts are written down a second time,
for the tests that let the program work through this day and compare.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

JUNE, JULY, AUGUST = date(2026, 6, 10), date(2026, 7, 10), date(2026, 8, 10)

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


def assert_recap(closing: Any, children: list[Truth]) -> None:
    """The recap of the day that the program made (`services.recap.Closing`) is what was counted by hand."""
    now, before = closing.recap.now, closing.recap.before

    expected = skdn(children, AUGUST)
    assert counted(now.total) == expected
    assert expected["D"] == expected["N"] + expected["T"] + expected["O"] + expected["B"]
    assert min(expected.values()) > 0, "a count that is never anything proves nothing"
    assert counted(before.total) == skdn(children, JULY)
    for sex, found in now.by_sex.items():
        mine = [child for child in children if child.sex == sex.value]
        assert counted(found) == skdn(mine, AUGUST)
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


def assert_attendance(rows: Any, children: list[Truth]) -> None:
    """The attendance of the day (`services.attendance.on_day`) is who really came."""
    expected_now = [child for child in children if child.state == "aktif"]
    there = {row.child.name: row.state for row in rows}
    assert there == {
        child.name: "tidak_dapat_diukur"
        if child.number == NOT_MEASURABLE
        else "hadir"
        if child.came()
        else "tidak_hadir"
        for child in expected_now
    }
