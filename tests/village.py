"""A made-up village of three posyandu on a midwife's laptop: real services, no real person.

Twelve children whose z-scores are chosen, so that every kind of reason and every state of a case is there.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

from posyandu_app.domain.age import Month, age_in_days
from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.derived_ids import posyandu_entity
from posyandu_app.domain.doses import Dose
from posyandu_app.domain.growth_standards import lms
from posyandu_app.domain.model import Position, Role, Sex
from posyandu_app.domain.reviews import Decision, Outcome
from posyandu_app.domain.visits import Referral
from posyandu_app.domain.zscore import HEIGHT_FROM_DAY
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, cases, doses, registration, weighing
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import log
from posyandu_app.storage.log import NewOperation

WIB = timezone(timedelta(hours=7))
NOW = datetime(2026, 11, 23, 9, 12, tzinfo=WIB)
VILLAGE = "32.11.13.2005"
PLACES = {f"{VILLAGE}.001": "Melati 1", f"{VILLAGE}.002": "Mawar", f"{VILLAGE}.003": "Kenanga"}
MELATI, MAWAR, KENANGA = PLACES
LABEL, PASSWORD = "Bidan Rina", "mawar merah"
MONTHS = [Month(2026, month) for month in range(6, 12)]


@dataclass(frozen=True)
class Someone:
    """A child: weight-for-age and length-for-age z of each month from June to November; None: not there."""

    name: str
    sex: Sex
    birth: date
    mother: str
    place: str
    weight: tuple[float | None, ...]
    length: tuple[float, ...] | float
    more: dict[str, int] = field(default_factory=dict)


PEOPLE = (
    Someone("Bagas Saputra", Sex.MALE, date(2025, 6, 2), "Dedeh Kurniasih", MELATI,
            (-1.6, -2.0, -2.5, -2.9, -3.3, -3.9), -1.4, {"muac_mm": 112, "oedema": 1}),
    Someone("Citra Lestari", Sex.FEMALE, date(2024, 8, 17), "Euis Komariah", MAWAR,
            (-0.9, -1.2, -1.5, -1.9, -2.3, -2.7), -0.8, {"muac_mm": 121}),
    Someone("Dimas Prasetyo", Sex.MALE, date(2025, 12, 20), "Iis Rohaeti", KENANGA,
            (-0.2, -0.4, -0.6, -0.8, -1.1, -1.4), -0.6),
    Someone("Aisyah Putri", Sex.FEMALE, date(2023, 9, 5), "Aminah", MELATI,
            (-1.6, -1.6, -1.7, -1.7, -1.7, -1.7), -2.4),
    Someone("Fajar Nugraha", Sex.MALE, date(2024, 2, 11), "Lilis Suryani", MAWAR,
            (-0.4, -0.5, -0.9, -1.2, -1.5, -1.9), -1.1),
    Someone("Salsabila", Sex.FEMALE, date(2023, 1, 9), "Neneng Hasanah", KENANGA,
            (1.9, 2.0, 2.1, 2.2, 2.3, 2.4), 0.1),
    Someone("Hafiz Maulana", Sex.MALE, date(2024, 11, 30), "Rina Marlina", MELATI,
            (-1.7, -1.9, -2.0, -2.1, -2.0, -1.9), -1.2, {"muac_mm": 123}),
    Someone("Nabila Zahra", Sex.FEMALE, date(2025, 3, 18), "Titin Supriatin", MAWAR,
            (-0.3, -0.3, -0.2, None, None, None), -0.4),
    Someone("Rafi Alfarizi", Sex.MALE, date(2024, 5, 25), "Wati Sulastri", KENANGA,
            (-2.4, -2.4, -2.3, -2.2, -2.1, -1.9), -1.8),
    Someone("Kirana Ayu", Sex.FEMALE, date(2025, 8, 8), "Yani Mulyani", MELATI,
            (0.2, 0.3, 0.2, 0.3, 0.2, 0.3), 0.2),
    Someone("Yusuf Ibrahim", Sex.MALE, date(2023, 6, 14), "Siti Aminah", MAWAR,
            (-0.1, -0.1, 0.0, 0.0, -0.1, 0.0), -0.2),
    Someone("Zahra Aulia", Sex.FEMALE, date(2024, 12, 2), "Yuyun Yuningsih", KENANGA,
            (0.4, 0.4, 0.5, 0.4, 0.4, 0.5), 0.3),
)  # fmt: skip


def clock() -> FixedClock:
    """A morning of work."""
    return FixedClock(NOW)


def fill(folder: DataFolder, *, role: Role = Role.BIDAN, scope: str = VILLAGE) -> dict[str, str]:
    """The village on one laptop, with the work of the last weeks; who is who by name.

    Hafiz is in follow-up and late, Rafi in follow-up with PMT, Aisyah closed; the others are new.
    """
    moving = FixedClock(datetime(2026, 6, 1, 8, 0, tzinfo=WIB))
    setup = accounts.Setup(scope, "", "Rina Marlina", LABEL, Role.BIDAN, PASSWORD)
    ws = accounts.set_up(folder, setup, moving, cheap=True)
    places = [
        NewOperation(
            "posyandu.register",
            posyandu_entity(place),
            place,
            {"name": {"v": name, "base": None}},
        )
        for place, name in PLACES.items()
    ]
    log.append(ws.database, places, actor=ws.user.id, clock=moving)
    children = {someone.name: _grow(ws, moving, someone) for someone in PEOPLE}
    _work(ws, moving, children)
    ws.close()
    return children


def _grow(ws: Workspace, moving: FixedClock, someone: Someone) -> str:
    moving.set(datetime(2026, 6, 1, 8, 0, tzinfo=WIB))
    known = registration.ChildInput(
        someone.name,
        someone.sex,
        someone.birth,
        mother_name=someone.mother,
        rt="02",
        rw="05",
        address="Kp. Cilembu",
        scope=someone.place,
    )
    child = next(iter(registration.register(ws, known).entities))
    for at, (month, weight_z) in enumerate(zip(MONTHS, someone.weight, strict=True)):
        if weight_z is None:
            continue
        length_z = someone.length if isinstance(someone.length, float) else someone.length[at]
        on = date(month.year, month.month, 20)
        moving.set(datetime(on.year, on.month, on.day, 9, 0, tzinfo=WIB))
        last = month == MONTHS[-1]
        if month == Month(2026, 8) and (on - someone.birth).days > 200:
            doses.record(ws, Dose(id="", child=child, date=on, what="vitamin_a"))
            doses.record(ws, Dose(id="", child=child, date=on, what="obat_cacing"))
        weighing.record(ws, child, _draft(someone, on, weight_z, length_z, someone.more if last else {}))
    return child


def _draft(someone: Someone, on: date, weight_z: float, length_z: float, more: dict[str, int]) -> Draft:
    days = age_in_days(someone.birth, on)
    weight, length = lms("wfa", someone.sex, days), lms("lhfa", someone.sex, days)
    assert weight is not None
    assert length is not None
    kilograms = weight.m * (1 + weight.l * weight.s * weight_z) ** (1 / weight.l)
    centimetres = length.m * (1 + length.s * length_z)
    position = Position.LYING if days < HEIGHT_FROM_DAY else Position.STANDING
    draft = Draft(on, round(kilograms * 20) * 50, round(centimetres * 10), position)
    return Draft(draft.date, draft.weight_g, draft.length_mm, position, **more)


def _work(ws: Workspace, moving: FixedClock, children: dict[str, str]) -> None:
    moving.set(datetime(2026, 11, 6, 10, 0, tzinfo=WIB))
    cases.decide(
        ws,
        children["Hafiz Maulana"],
        {Decision.REFER, Decision.PMT},
        place=Referral.PUSKESMAS,
        pmt_days=56,
        revisit_on=date(2026, 11, 20),
    )
    cases.decide(
        ws,
        children["Rafi Alfarizi"],
        {Decision.COUNSEL, Decision.PMT},
        pmt_days=28,
        revisit_on=date(2026, 11, 30),
        note="bawa Buku KIA",
    )
    moving.set(datetime(2026, 11, 21, 10, 0, tzinfo=WIB))
    cases.close(ws, children["Aisyah Putri"], Outcome.TREATED, note="ditangani dokter puskesmas")
