"""Made-up children for tests of the analysis, in few words."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from posyandu_app.domain.age import Month
from posyandu_app.domain.growth_standards import lms, value_at
from posyandu_app.domain.model import Child, Measurement, Position, Sex
from posyandu_app.domain.rules import default_rules
from posyandu_app.reports.analysis_rules import default_analysis_rules
from posyandu_app.reports.duplicates import Records
from posyandu_app.reports.periods import Period

RULES = default_rules()
ANALYSIS = default_analysis_rules()
NOVEMBER = Month(2026, 11)
IN_NOVEMBER = Period.of_month(NOVEMBER)
MELATI, MAWAR, KENANGA = "32.11.13.2005.001", "32.11.13.2005.002", "32.11.10.2001.001"


def girl(number: int, birth: date | None = date(2024, 11, 12), scope: str = MELATI, **more) -> Child:
    """A girl of two years in November 2026, unless said otherwise."""
    values = {
        "name": f"Anak {number}",
        "sex": Sex.FEMALE,
        "kia_held": True,
        "nik": f"32111352110{number:05d}",
    }
    return Child(**{"id": f"anak-{number}", "scope": scope, "birth_date": birth, **values, **more})


def records(children: Sequence[Child]) -> Records:
    """What tells these children apart, as it is read from a database."""
    rows = [(c.id, c.scope, c.name, c.sex, c.nik, c.mother_name) for c in children]
    ids, scopes, names, sexes, niks, mothers = zip(*rows, strict=True) if rows else ((),) * 6
    births = [0 if c.birth_date is None else c.birth_date.toordinal() for c in children]
    return Records(ids, scopes, names, sexes, np.array(births, dtype=np.int32), niks, mothers)


def child_of(records: Records, place: int) -> Child:
    """The child in a row."""
    born, sex = int(records.births[place]), records.sexes[place]
    return Child(
        id=records.ids[place],
        scope=records.scopes[place],
        name=records.names[place],
        sex=Sex(sex) if sex in set(Sex) else None,
        birth_date=date.fromordinal(born) if born else None,
        nik=records.niks[place],
        mother_name=records.mothers[place],
    )


def measured(child: Child, on: date, **more) -> Measurement:
    """One visit of a child; what is not given was not measured."""
    key = more.pop("key", f"{child.id}@{on.isoformat()}")
    return Measurement(
        **{"id": key, "child": child.id, "date": on, "at": f"{on.isoformat()}T10:00:00+07:00", **more}
    )


def length_at(child: Child, on: date, z: float) -> int:
    """The length or height in millimetres that has about this z-score."""
    standard = lms("lhfa", child.sex, (on - child.birth_date).days)
    return round(standard.at(z) * 10)


def tall(child: Child, on: date, z: float, **more) -> Measurement:
    """A visit with a TB/U of about `z` and a weight that suits the length."""
    return thick(child, on, 0.0, z, **more)


def thick(child: Child, on: date, z: float, height: float = 0.0, **more) -> Measurement:
    """A visit with a BB/TB of about `z` at a TB/U of about `height`."""
    length = length_at(child, on, height)
    standing = (on - child.birth_date).days >= 731
    weight = value_at("wfl", lms("wfh" if standing else "wfl", child.sex, length), z)
    position = Position.STANDING if standing else Position.LYING
    return measured(child, on, weight_g=round(weight * 1000), length_mm=length, position=position, **more)
