"""A made-up posyandu for pictures and measurements: real services, no real person."""

import random
from datetime import date, datetime, timedelta, timezone

from posyandu_app.domain.age import Month, age_in_days
from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.growth_standards import lms
from posyandu_app.domain.model import Position, Role, Sex
from posyandu_app.domain.zscore import HEIGHT_FROM_DAY
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, registration, weighing
from posyandu_app.services.workspace import Workspace

WIB = timezone(timedelta(hours=7))
NOW = datetime(2026, 11, 23, 9, 12, tzinfo=WIB)
SCOPE, NAME = "32.11.13.2005.001", "Melati 1"
LABEL, PASSWORD = "Siti Rahma", "melati satu"
MONTHS = [Month(2026, month) for month in range(5, 12)]

_GIRLS = """Aisyah Putri;Citra Lestari;Dewi Anggraini;Fitri Handayani;Kirana Ayu;Nabila Zahra;Nur Halimah
Putri Maharani;Rara Kusuma;Salsabila;Siti Nurhaliza;Zahra Aulia"""
_BOYS = """Ahmad Fauzan;Bagas Saputra;Dimas Prasetyo;Fajar Nugraha;Gilang Ramadhan;Hafiz Maulana
Ilham Firmansyah;Muhammad Rizky;Naufal Hakim;Rafi Alfarizi;Satria Wibawa;Yusuf Ibrahim"""
_MOTHERS = """Aminah;Dedeh Kurniasih;Euis Komariah;Iis Rohaeti;Lilis Suryani;Neneng Hasanah;Rina Marlina
Siti Aminah;Titin Supriatin;Wati Sulastri;Yani Mulyani;Yuyun Yuningsih"""


def names(text: str) -> list[str]:
    return text.replace("\n", ";").split(";")


def clock() -> FixedClock:
    """A posyandu morning."""
    return FixedClock(NOW)


def fill(folder: DataFolder, *, families: int = 1, done_today: int = 7) -> None:
    """24 children for each of `families`, half a year of visits, some of them weighed this morning."""
    chance = random.Random(20261123)
    moving = FixedClock(datetime(2026, 4, 20, 8, 0, tzinfo=WIB))
    setup = accounts.Setup(SCOPE, NAME, LABEL, LABEL, Role.KADER, PASSWORD)
    ws = accounts.set_up(folder, setup, moving, cheap=True)
    accounts.add_user(ws, "Euis Nurjanah", "Euis Nurjanah", Role.KADER, PASSWORD, cheap=True)
    people = [(name, Sex.FEMALE) for name in names(_GIRLS)] + [(name, Sex.MALE) for name in names(_BOYS)]
    number = 0
    for family in range(families):
        for name, sex in people:
            child = _Growing(ws, chance, name if family == 0 else f"{name} {_letters(family)}", sex, number)
            for month in MONTHS[:-1]:
                if chance.random() > 0.08:
                    moving.set(datetime(month.year, month.month, 20, 9, 0, tzinfo=WIB))
                    child.visit(moving.today())
            if number % 24 < done_today and family == 0:
                moving.set(NOW - timedelta(minutes=60 - number))
                child.visit(NOW.date())
            number += 1
    ws.close()


class _Growing:
    """One child who grows along her own line; every sixth falls away from it."""

    def __init__(self, ws: Workspace, chance: random.Random, name: str, sex: Sex, number: int) -> None:
        self._ws, self._chance, self._sex = ws, chance, sex
        self._birth = date(2026, 3, 10) - timedelta(days=chance.randrange(20, 1500))
        self._weight_z, self._length_z = chance.gauss(-0.3, 0.9), chance.gauss(-0.4, 0.9)
        self._fall = 0.16 if number % 6 == 1 else 0.0
        self._visits = 0
        mothers = names(_MOTHERS)
        known = registration.ChildInput(
            name,
            sex,
            self._birth,
            mother_name=mothers[number % len(mothers)],
            rt=f"0{number % 4 + 1}",
            rw=f"0{number % 3 + 1}",
            address="Kp. Cilembu",
        )
        self.id = next(iter(registration.register(ws, known).entities))

    def visit(self, on: date) -> None:
        days = age_in_days(self._birth, on)
        weight, length = lms("wfa", self._sex, days), lms("lhfa", self._sex, days)
        if weight is None or length is None:
            return
        z = self._weight_z - self._fall * self._visits + self._chance.gauss(0, 0.07)
        kilograms = weight.m * (1 + weight.l * weight.s * z) ** (1 / weight.l)
        centimetres = length.m * (1 + length.s * (self._length_z + self._chance.gauss(0, 0.03)))
        position = Position.LYING if days < HEIGHT_FROM_DAY else Position.STANDING
        draft = Draft(on, round(kilograms * 20) * 50, round(centimetres * 10), position)
        weighing.record(self._ws, self.id, draft)
        self._visits += 1


def _letters(number: int) -> str:
    return "".join(chr(ord("A") + int(digit)) for digit in str(number))
