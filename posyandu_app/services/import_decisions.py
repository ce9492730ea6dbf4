"""What a person said about a row of an import list that may mean one of several children.

A decision is kept under what the list says of the child (NIK, name, birth date, sex, mother), so that it
holds for all her rows and for the same file imported again. It stays on this laptop: the log gets only
what follows from it.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import uuid_utils

from posyandu_app.domain.eppgbm import EppgbmRow
from posyandu_app.domain.matching import Person, listing_of
from posyandu_app.domain.model import Sex
from posyandu_app.services.workspace import Workspace, require_writer

_PREFIX = "import:"


class Choice(StrEnum):
    """The three answers: a child that is known, a child of her own, or not to be taken."""

    SAME = "same"
    NEW = "new"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer, and the child it means: known already, or with the id that she gets when registered."""

    choice: Choice
    child: str | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One child as the file or this laptop names her."""

    name: str
    birth_date: date | None
    sex: Sex | None
    mother_name: str | None
    nik: str | None
    address: str | None
    rt: str | None
    rw: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A child whom the row may mean: known here, or new in row `number` of the file under key `pins`."""

    child: str
    side: Side
    number: int | None = None
    pins: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked about a row; `rows` of the file say the same of the child."""

    key: str
    side: Side = field(repr=False)
    candidates: tuple[Candidate, ...] = field(repr=False)
    decided: Decision | None = None
    rows: int = 1


def identity(row: EppgbmRow) -> str:
    """The key of what a row says of its child, spelling aside; equal for all rows of one child."""
    listing = listing_of(row)
    told = (row.nik, listing.name_key, str(listing.birth_date), str(listing.sex), listing.mother_key)
    return hashlib.blake2b(json.dumps(told).encode(), digest_size=16).hexdigest()


def side_of(row: EppgbmRow) -> Side:
    """The child of a row of the file."""
    return Side(
        row.name,
        row.birth_date,
        row.sex,
        row.mother_name,
        row.nik,
        row.address,
        row.rt,
        row.rw,
    )


def candidate(person: Person, first: EppgbmRow | None) -> Candidate:
    """A child whom a row may mean; `first` is her first row when the file brings her."""
    child = person.child
    if child is None:
        assert first is not None, "who is not here comes from a row"
        return Candidate(person.id, side_of(first), first.number, identity(first))
    side = Side(
        child.name,
        child.birth_date,
        child.sex,
        child.mother_name,
        child.nik,
        child.address,
        child.rt,
        child.rw,
    )
    return Candidate(person.id, side)


def stored(ws: Workspace) -> dict[str, Decision]:
    """Every decision made on this laptop."""
    found = {}
    for name, value in ws.database.metas(_PREFIX).items():
        choice, child = json.loads(value)
        found[name.removeprefix(_PREFIX)] = Decision(Choice(choice), child)
    return found


def decide(ws: Workspace, question: Question, choice: Choice, chosen: Candidate | None = None) -> None:
    """Keep an answer; a new trial run goes by it. `chosen` is the child meant by `Choice.SAME`.

    Raises `NotAllowed` for roles that register nobody.
    """
    require_writer(ws)
    child = None
    if choice is Choice.SAME:
        assert chosen is not None, "which child?"
        child = chosen.child
    elif choice is Choice.NEW:
        child = str(uuid_utils.uuid7())
    with ws.database.atomic():
        if chosen is not None and chosen.pins:  # she is in the file only: her own rows keep her id
            _keep(ws, chosen.pins, Decision(Choice.NEW, chosen.child))
        _keep(ws, question.key, Decision(choice, child))


def _keep(ws: Workspace, key: str, decision: Decision) -> None:
    ws.database.set_meta(f"{_PREFIX}{key}", json.dumps([decision.choice, decision.child]))
