"""The values that all rooms share: frozen, raw, in the units of the wire.

Weight in grams, every length in millimetres, dates as `datetime.date`. z-scores,
ages, letters and risk are computed from these when read and never stored.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from posyandu_app.domain.operations import OpKey


class Sex(StrEnum):
    """Sex as recorded at birth registration."""

    MALE = "M"
    FEMALE = "F"


class Position(StrEnum):
    """How length/height was measured: lying (terlentang) or standing (berdiri)."""

    LYING = "lying"
    STANDING = "standing"


class Role(StrEnum):
    """Who somebody is in the programme; decides what she sees and may do."""

    KADER = "kader"
    BIDAN = "bidan"
    TPG = "tpg"
    DINAS = "dinas"


class ChildState(StrEnum):
    """Whether a child is still expected at the posyandu; the order is that of the merge rule."""

    ACTIVE = "aktif"
    GRADUATED = "lulus"
    MOVED = "pindah"
    DEAD = "meninggal"


@dataclass(frozen=True, slots=True)
class Child:
    """The visible values of one child, as merged from every known operation.

    `state_on` is the day she moved away, died or graduated, `moved_to` where she went; `origin`
    is where she came from when she moved in.
    """

    id: str
    scope: str
    name: str
    sex: Sex | None
    birth_date: date | None
    nik: str | None = None
    kk: str | None = None
    mother_name: str | None = None
    mother_nik: str | None = None
    father_name: str | None = None
    address: str | None = None
    rt: str | None = None
    rw: str | None = None
    phone: str | None = None
    child_order: int | None = None
    gestation_weeks: int | None = None
    birth_weight_g: int | None = None
    birth_length_mm: int | None = None
    birth_head_mm: int | None = None
    kia_held: bool | None = None
    imd: bool | None = None
    state: str = ChildState.ACTIVE
    state_on: date | None = None
    moved_to: str | None = None
    origin: str | None = None
    disputed: frozenset[str] = frozenset()

    @property
    def awaits_confirmation(self) -> bool:
        """Whether birth date or sex is in dispute between laptops: growth waits until a person decides."""
        return bool(self.disputed & _JUDGED_BY)

    @property
    def agreed(self) -> "Child":
        """The child as growth may be judged: without a birth date or sex in dispute (sync rule 6)."""
        if not self.awaits_confirmation:
            return self
        return replace(
            self,
            sex=None if "sex" in self.disputed else self.sex,
            birth_date=None if "birth_date" in self.disputed else self.birth_date,
        )


_JUDGED_BY = frozenset({"birth_date", "sex"})


@dataclass(frozen=True, slots=True)
class Measurement:
    """One weighing and measuring of one child; what was not measured is None.

    `confirmed` holds the codes of the plausibility questions the person answered
    with "yes, it is right". `at` is when it was saved (RFC 3339), `actor` by whom.
    `source` is None for what was typed in, or names the file it was imported from.
    """

    id: str
    child: str
    date: date
    weight_g: int | None = None
    length_mm: int | None = None
    position: Position | None = None
    head_mm: int | None = None
    muac_mm: int | None = None
    oedema: int | None = None
    confirmed: tuple[str, ...] = ()
    source: str | None = None
    actor: str = ""
    at: str = ""
    hlc: str = ""
    voided: bool = False
    bases: tuple[tuple[str, OpKey], ...] = ()
