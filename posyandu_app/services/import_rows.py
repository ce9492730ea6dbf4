"""The rows of an import list gathered by child, and how what they say compares with what is here."""

from dataclasses import dataclass, field
from datetime import date

import uuid_utils

from posyandu_app.domain import names
from posyandu_app.domain.eppgbm import EppgbmRow, Remark
from posyandu_app.domain.matching import Person
from posyandu_app.domain.model import ChildState, Measurement
from posyandu_app.domain.operations import JsonObject
from posyandu_app.services import registration
from posyandu_app.services.import_decisions import Question
from posyandu_app.services.import_plan import Outcome, PlannedRow
from posyandu_app.services.weighing import MEASURED

SOURCE = "e-PPGBM"

_WEIGHT = {Outcome.MATCH: 0, Outcome.SKIP: 1, Outcome.CREATE: 2, Outcome.PROBLEM: 3}
_CHILD_FIELDS = tuple(name for name in registration.FIELDS if name in EppgbmRow.__dataclass_fields__)
_PEOPLE = frozenset({"name", "mother_name", "father_name"})


@dataclass(slots=True)
class Verdict:
    """What a row comes to while the plan is being made."""

    row: EppgbmRow
    outcome: Outcome = Outcome.MATCH
    code: str = ""
    reason: str = ""
    child: str | None = None
    new_child: bool = False
    new_measurement: bool = False
    differences: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    question: Question | None = None

    def settle(self, outcome: Outcome, code: str, reason: str) -> None:
        """Say what becomes of the row, unless something weightier has been said."""
        if not self.code or _WEIGHT[outcome] > _WEIGHT[self.outcome]:
            self.outcome, self.code, self.reason = outcome, code, reason

    def planned(self) -> PlannedRow:
        return PlannedRow(
            sheet=self.row.sheet,
            number=self.row.number,
            outcome=self.outcome,
            code=self.code,
            reason=self.reason,
            child=self.child,
            new_child=self.new_child,
            new_measurement=self.new_measurement,
            differences=tuple(self.differences),
            remarks=tuple(self.remarks),
            question=self.question,
        )


@dataclass(slots=True)
class Gathered:
    """The rows of one child, in file order."""

    person: Person
    scope: str
    verdicts: list[Verdict] = field(default_factory=list)

    def values(self) -> dict[str, object]:
        """What the file says of the child: of several values the latest in time."""
        found: dict[str, object] = {}
        for row in self._in_time():
            for name in _CHILD_FIELDS:
                value = getattr(row, name)
                if value is not None and value != "":
                    found[name] = value
        found.pop("nik", None)
        if self.person.nik is not None:
            found["nik"] = self.person.nik
        return found

    def state(self) -> tuple[ChildState, date | None] | None:
        """ "PINDAH" and its like, and since when; None when the child was weighed after it."""
        found: tuple[ChildState, date | None] | None = None
        for row in self._in_time():
            if row.state is not None:
                found = (row.state, row.measured_on)
            elif row.measured:
                found = None
        return found

    def _in_time(self) -> list[EppgbmRow]:
        rows = [verdict.row for verdict in self.verdicts]
        return sorted(rows, key=lambda row: row.measured_on or date.min)


def agree(name: str, here: object, there: object) -> bool:
    """Whether the file says the same as this laptop, spelling and leading zeros aside."""
    if isinstance(here, str) and isinstance(there, str):
        if name in _PEOPLE:
            return names.fold(here) == names.fold(there)
        return " ".join(here.casefold().split()).lstrip("0") == " ".join(there.casefold().split()).lstrip("0")
    return here == there


def values_of(row: EppgbmRow) -> JsonObject:
    """What was measured, in the form of the log; what was not is left out."""
    return {name: value for name in MEASURED if (value := getattr(row, name)) is not None}


def differing(row: EppgbmRow, here: Measurement) -> list[str]:
    """The measured fields that both have and that are not equal."""
    return [
        name
        for name, value in values_of(row).items()
        if getattr(here, name) is not None and getattr(here, name) != value
    ]


def measurement_of(row: EppgbmRow, child: str) -> Measurement:
    assert row.measured_on is not None
    return Measurement(
        id=str(uuid_utils.uuid7()),
        child=child,
        date=row.measured_on,
        weight_g=row.weight_g,
        length_mm=row.length_mm,
        position=row.position,
        head_mm=row.head_mm,
        muac_mm=row.muac_mm,
        oedema=row.oedema,
        source=SOURCE,
    )
