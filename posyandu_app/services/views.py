"""What services hand to screens: frozen results, already in the people's terms."""

from dataclasses import dataclass, field
from datetime import date, datetime

from posyandu_app.domain.assessment import Assessed
from posyandu_app.domain.model import Child, Role
from posyandu_app.domain.risk import Findings, Risk


@dataclass(frozen=True, slots=True)
class User:
    """Who is at the keyboard."""

    id: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Undo:
    """How to take a deed back by name; `label` is the Indonesian sentence shown with "Urungkan"."""

    label: str
    operation_keys: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a deed changed: screens whose kind is in `kinds` refresh; `undo` is offered by name.

    `child` is the id of the one who was registered, "" for every other deed.
    """

    kinds: frozenset[str]
    entities: frozenset[str]
    saved_at: datetime | None = None
    undo: Undo | None = None
    child: str = ""


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One child in the list: what identifies her, her last weighing, and how she does.

    `posyandu` is named where the laptop's area has several.
    """

    child: Child
    age_months: int | None
    last_date: date | None
    last_weight_g: int | None
    measured_this_month: bool
    has_draft: bool
    risk: Risk
    posyandu: str = ""


@dataclass(frozen=True, slots=True)
class ChildCard:
    """Everything one screen needs about one child; `history` is oldest first, voided ones left out.

    `findings` are what her cards and doses add to the measurements, for `assessment.preview`.
    """

    child: Child
    history: tuple[Assessed, ...]
    risk: Risk
    today: date
    findings: Findings = field(default_factory=Findings)


@dataclass(frozen=True, slots=True)
class RiskRow:
    """One child on the midwife's list: worst first, with reasons and since when."""

    child: Child
    posyandu: str
    age_months: int | None
    risk: Risk
    last: Assessed | None


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures of the status line and of `summary.json`."""

    children: int
    measurements: int
    operations: int
    tones: dict[str, int] = field(default_factory=dict)
