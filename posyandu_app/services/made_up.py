"""Made-up children with a year behind them, to practise on: the same ones for the same seed and day.

Everybody here is invented. The children grow along their own lines of WHO's standards; a few have
the troubles that a posyandu must notice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import NAMESPACE_URL, uuid5

from posyandu_app.domain.age import Month, age_in_days, completed_months
from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.consent import Consent
from posyandu_app.domain.derived_ids import session_id
from posyandu_app.domain.doses import CapsuleColour, Dose, DoseKind, DoseState
from posyandu_app.domain.growth_standards import Indicator, lms, value_at
from posyandu_app.domain.model import Child, Position, Sex
from posyandu_app.domain.operations import field_writes
from posyandu_app.domain.schedule import capsule_colour, reaches
from posyandu_app.domain.sessions import Session, register_session
from posyandu_app.domain.visit_rules import default_visit_rules
from posyandu_app.domain.visits import Development, Visit
from posyandu_app.services import recording, registration, weighing
from posyandu_app.services.registration import ChildInput
from posyandu_app.services.workspace import Workspace, now_text, require_scope
from posyandu_app.storage import log
from posyandu_app.storage.log import NewOperation

MONTHS = 12
"""How many posyandu months lie behind the children."""
SESSION_DAY = 10
_LAST_DAY = 1826
_UPWARD = 0.03
"""SD gained each month: the median of the standards gains less after two years than the KMS asks for."""

_GIRLS = (
    "Siti Aminah", "Neng Ayu Lestari", "Zahra Putri", "Nadia Rahma", "Dewi Sartika", "Putri Kirana",
    "Aisyah Nur", "Melati Kusuma", "Rani Oktavia", "Sekar Wangi", "Intan Permata", "Siti Aminah Zahra",
    "Lia Amelia", "Fitri Handayani", "Maya Sari", "Bunga Citra", "Ratna Dewi", "Alya Safira",
)  # fmt: skip
_BOYS = (
    "Asep Hidayat", "Rizky Pratama", "Muhammad Fajar", "Ujang Suryana", "Dede Kurnia", "Bayu Saputra",
    "Raka Wijaya", "Gilang Ramadhan", "Iwan Setiawan", "Adit Nugraha", "Fauzan Akbar", "Dadan Hermawan",
    "Galih Purnama", "Reza Maulana", "Satria Wibowo", "Cecep Supriatna", "Yoga Permana", "Hasan Basri",
)  # fmt: skip
_MOTHERS = (
    "Rohmah", "Euis Komariah", "Tati Sumiati", "Yuyun Yuningsih", "Lilis Suryani", "Nining Ratnasari",
    "Iis Aisyah", "Wiwin Winarti", "Eti Rohaeti", "Imas Masitoh", "Cucu Cahyati", "Ai Nurjanah",
)  # fmt: skip
_STREETS = ("Kp. Cikaret", "Kp. Pasir Awi", "Kp. Sukamaju", "Jl. Mawar", "Jl. Kenanga")


@dataclass(frozen=True, slots=True)
class _Story:
    """How one child differs from a plain one; z in SD, months counted back from the coming posyandu (0)."""

    months: int
    weight_z: float = 0.0
    length_z: float = 0.0
    weight_now_z: float | None = None
    missed: frozenset[int] = frozenset()
    stuck: frozenset[int] = frozenset()
    no_nik: bool = False
    no_doses_after: int | None = None
    refuses: bool = False
    no_consent: bool = False
    cough: bool = False
    behind: bool = False


_STORIES = (
    _Story(8, stuck=frozenset({1, 2})),
    _Story(14, stuck=frozenset({1})),
    _Story(20, weight_z=-0.5, length_z=0.6, weight_now_z=-2.2),
    _Story(17, weight_z=-3.2, length_z=-2.6),
    _Story(30, weight_z=-1.2, length_z=-2.4),
    _Story(41, weight_z=2.6, length_z=0.3),
    _Story(26, missed=frozenset({1, 2, 3})),
    _Story(11, stuck=frozenset({2}), missed=frozenset({1})),
    _Story(0),
    _Story(5, no_nik=True),
    _Story(9, no_doses_after=2),
    _Story(13, refuses=True),
    _Story(61, weight_z=0.4),
    _Story(36, no_consent=True),
    _Story(22, cough=True),
    _Story(33, behind=True),
    _Story(4),
    _Story(1),
)
"""The children with something to notice; the rest are plain."""


def fill(ws: Workspace, today: date, *, children: int = 36, seed: int = 1) -> None:
    """Log a posyandu's last twelve months with so many children, in one transaction.

    The clock of the deeds runs through the past; `today` is the day on which somebody starts to
    practise. The workspace must be empty.
    """
    if not 1 <= children <= len(_GIRLS) + len(_BOYS):
        raise ValueError(f"1 to {len(_GIRLS) + len(_BOYS)} children, not {children}")
    random = Random(seed)  # noqa: S311  (made-up children, no secret)
    days = [_session_day(Month.of(today).shifted(-back)) for back in range(MONTHS, 0, -1)]
    cast = [_Made(random, number, today, seed) for number in range(children)]
    with ws.database.atomic():
        for back, day in zip(range(MONTHS, 0, -1), days, strict=True):
            _hold(ws, day, back, cast)
        for made in cast:
            if not made.registered:  # born since the last posyandu
                log.append(ws.database, made.registration(ws, today), actor=ws.user.id, clock=ws.clock)


def _session_day(month: Month) -> date:
    return month.first_day.replace(day=SESSION_DAY)


def _hold(ws: Workspace, day: date, back: int, cast: Sequence["_Made"]) -> None:
    """One posyandu day of the past: opened, everybody who came, closed."""
    clock = FixedClock(datetime.combine(day, time(8, 30), ws.clock.now().tzinfo))
    then = replace(ws, clock=clock)
    place = require_scope(ws)
    opened = Session(
        id=session_id(place, day), scope=place, date=day, posyandu=ws.posyandu_name, opened_at=now_text(then)
    )
    operations = [NewOperation("session.register", opened.id, place, register_session(opened))]
    for made in cast:
        if made.birth <= day:
            operations += made.comes(then, day, back)
    log.append(ws.database, operations, actor=ws.user.id, clock=clock)
    clock.move(timedelta(hours=3))
    closed = NewOperation("session.set", opened.id, place, field_writes({"closed_at": now_text(then)}))
    log.append(ws.database, [closed], actor=ws.user.id, clock=clock)


class _Made:
    """One made-up child: who she is, how she grows, and what she has had."""

    def __init__(self, random: Random, number: int, today: date, seed: int) -> None:
        self._random = Random(random.random())  # noqa: S311
        self.story = _STORIES[number] if number < len(_STORIES) else _Story(2 + (number * 7) % 56)
        self.sex = Sex.FEMALE if number % 2 == 0 else Sex.MALE
        self.birth = _birth(today, self.story.months, self._random)
        self.weight_z = self.story.weight_z + self._random.uniform(-0.6, 0.6) * (self.story.weight_z == 0)
        self.length_z = self.story.length_z + self._random.uniform(-0.6, 0.6) * (self.story.length_z == 0)
        self.head_z = self._random.uniform(-0.8, 0.8)
        self.id = str(uuid5(NAMESPACE_URL, f"latihan/{seed}/{number}"))
        self.number = number
        self.registered = False
        self.last_weight_g = 0
        self.had: dict[str, date] = {}

    def comes(self, ws: Workspace, day: date, back: int) -> list[NewOperation]:
        """What is recorded for her on a day; registered on the first, whether she comes or not."""
        operations = [] if self.registered else self.registration(ws, day)
        child = self.child(ws)
        if back in self.story.missed:
            return operations
        operations.append(weighing.new_measurement(ws, child, self._draft(day, back)))
        operations.append(recording.new(ws, child, self._card(day, first=not self.had)))
        operations += [recording.new(ws, child, dose) for dose in self._doses(ws, day)]
        return operations

    def child(self, ws: Workspace) -> Child:
        return Child(
            id=self.id, scope=require_scope(ws), name=self._name, sex=self.sex, birth_date=self.birth
        )

    @property
    def _name(self) -> str:
        names = _GIRLS if self.sex is Sex.FEMALE else _BOYS
        return names[self.number // 2]

    def registration(self, ws: Workspace, day: date) -> list[NewOperation]:
        """She is written down, with what her mother decided about her data."""
        self.registered = True
        child = self.child(ws)
        day_of_birth = self.birth.day + (40 if self.sex is Sex.FEMALE else 0)
        nik = f"999999{day_of_birth:02d}{self.birth:%m%y}{self.number + 1:04d}"
        new = registration.new_child(
            ws,
            ChildInput(
                name=child.name,
                sex=self.sex,
                birth_date=self.birth,
                nik=None if self.story.no_nik else nik,
                mother_name=_MOTHERS[self.number % len(_MOTHERS)],
                address=_STREETS[self.number % len(_STREETS)],
                rt=f"{1 + self.number % 4:02d}",
                rw=f"{1 + self.number % 2:02d}",
                child_order=1 + self.number % 3,
                birth_weight_g=self._random.randrange(2600, 3600, 50),
                birth_length_mm=self._random.randrange(470, 520, 5),
                kia_held=self.number % 9 != 5,
                imd=self.number % 4 != 3,
            ),
            child.id,
        )
        if self.story.no_consent:
            return [new]
        decision = Consent(id="", child=child.id, date=day, name=_MOTHERS[self.number % len(_MOTHERS)])
        return [new, recording.new(ws, child, decision)]

    def _draft(self, day: date, back: int) -> Draft:
        age = age_in_days(self.birth, day)
        months = completed_months(self.birth, day)
        z = self.weight_z + self._random.uniform(-0.03, 0.03)
        if self.story.weight_z == 0:
            z += _UPWARD * (MONTHS - back)
        if self.story.weight_now_z is not None and back <= 3:
            z += (self.story.weight_now_z - self.weight_z) * (4 - back) / 3
        weight = _reading(_standard("wfa", self.sex, age, z) * 1000, 50)
        if back in self.story.stuck and self.last_weight_g:
            weight = self.last_weight_g - 50
        self.last_weight_g = weight
        lying = months < 24
        length = _standard("lhfa", self.sex, age, self.length_z) * 10
        return Draft(
            date=day,
            weight_g=weight,
            length_mm=_reading(length, 5),
            position=Position.LYING if lying else Position.STANDING,
            head_mm=_reading(_standard("hcfa", self.sex, age, self.head_z) * 10, 5),
            muac_mm=_reading(135 + min(months, 36) * 0.6 + 6 * z, 1) if months >= 6 else None,
            oedema=0,
        )

    def _card(self, day: date, *, first: bool) -> Visit:
        months = completed_months(self.birth, day)
        behind = self.story.behind and months >= 30
        return Visit(
            id="",
            child=self.id,
            date=day,
            exclusive_breastfeeding=self.number % 5 != 2 if months <= 6 else None,
            complementary_feeding=self.number % 7 != 3 if 6 <= months <= 23 else None,
            development=Development.INCOMPLETE if behind else Development.COMPLETE,
            tb_symptoms=frozenset({"batuk_dua_minggu", "kontak_tbc"})
            if self.story.cough and months >= 21
            else frozenset(),
            danger_signs=frozenset(),
            counselling=frozenset({"asi_eksklusif" if months < 6 else "mp_asi"}),
            book_copied=True if first else None,
        )

    def _doses(self, ws: Workspace, day: date) -> list[Dose]:
        """What she got since the last time: immunisations at their age, capsules in their month."""
        found = []
        for antigen in default_visit_rules().antigens:
            due = reaches(self.birth, antigen.due_age_months) + timedelta(days=self.number % 5)
            last = self.story.no_doses_after
            late = last is not None and antigen.due_age_months > last
            if antigen.active and antigen.code not in self.had and due <= day and not late:
                refused = self.story.refuses and antigen.code == "mr1"
                state = DoseState.REFUSED if refused else DoseState.GIVEN
                self.had[antigen.code] = due
                found.append(self._dose(due, DoseKind.IMMUNISATION, antigen=antigen.code, state=state))
        months = completed_months(self.birth, day)
        colour = capsule_colour(months, ws.rules)
        if day.month in ws.rules.vitamin_a.months and colour is not None:
            found.append(self._dose(day, DoseKind.VITAMIN_A, colour=colour))
        if day.month in ws.rules.deworming.months and ws.rules.deworming.from_age_months <= months < 60:
            found.append(self._dose(day, DoseKind.DEWORMING))
        return found

    def _dose(
        self,
        day: date,
        what: DoseKind,
        *,
        antigen: str | None = None,
        colour: CapsuleColour | None = None,
        state: DoseState = DoseState.GIVEN,
    ) -> Dose:
        return Dose(id="", child=self.id, date=day, what=what, antigen=antigen, colour=colour, state=state)


def _birth(today: date, months: int, random: Random) -> date:
    """A birth date so many completed months before today."""
    start = Month.of(today).shifted(-months).first_day
    birth = start + timedelta(days=random.randrange(28))
    while completed_months(birth, today) > months:
        birth += timedelta(days=1)
    while completed_months(birth, today) < months:
        birth -= timedelta(days=1)
    return min(birth, today - timedelta(days=3))


def _standard(indicator: Indicator, sex: Sex, age_days: int, z: float) -> float:
    row = lms(indicator, sex, min(age_days, _LAST_DAY))
    assert row is not None, "no child here is older than the standard goes by more than days"
    return value_at(indicator, row, z)


def _reading(value: float, step: int) -> int:
    """A figure as a scale or a tape gives it."""
    return round(value / step) * step
