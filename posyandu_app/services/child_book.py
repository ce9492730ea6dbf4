"""Everything that the home of one child shows: how she does, every visit, what she was given, who decided."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from posyandu_app.domain.assessment import Assessed
from posyandu_app.domain.consent import Consent, consent_in_force
from posyandu_app.domain.doses import CapsuleColour, Dose, DoseKind, DoseState
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.facts import Fact, standing
from posyandu_app.domain.home_visits import HomeVisit, VisitOutcome, VisitReason
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import Child, Measurement, Role
from posyandu_app.domain.operations import OpKey
from posyandu_app.domain.trend import Trend, trend
from posyandu_app.domain.visit_rules import default_visit_rules
from posyandu_app.domain.visits import Visit
from posyandu_app.i18n import tr
from posyandu_app.services import history, sessions
from posyandu_app.services.assessing import recorded_of
from posyandu_app.services.children import open_card
from posyandu_app.services.views import ChildCard
from posyandu_app.services.weighing import get_measurement
from posyandu_app.services.workspace import Workspace, posyandu_name, user_name
from posyandu_app.storage import children, facts, measurements
from posyandu_app.storage import persons as records

PREMATURE_WEEKS = 37
"""Born before this many completed weeks is premature (decisions.md, "Growth", 7)."""


@dataclass(frozen=True, slots=True)
class Visited:
    """One visit as it stands: `assessed` is None for a hidden one.

    `may_change` says whether this person corrects or hides it, `needs_reason` whether only with a reason.
    """

    measurement: Measurement
    assessed: Assessed | None
    who: str
    may_change: bool
    needs_reason: bool


@dataclass(frozen=True, slots=True)
class Given:
    """Something done for a child besides measuring, in words.

    `may_change` says whether this person hides it, `needs_reason` whether only with a reason.
    """

    kind: str
    date: date
    title: str
    details: tuple[str, ...]
    who: str
    id: str = ""
    may_change: bool = False
    needs_reason: bool = False


@dataclass(frozen=True, slots=True)
class ChildBook:
    """The card with everything around it; visits and services are newest first."""

    card: ChildCard
    trend: Trend
    visits: tuple[Visited, ...]
    given: tuple[Given, ...]
    consent: Consent | None
    posyandu: str
    seen: Mapping[str, OpKey]

    @property
    def child(self) -> Child:
        return self.card.child


def open_book(ws: Workspace, child_id: str) -> ChildBook:
    """The book of a child; raises `UserError` when this laptop does not have her."""
    with ws.database.snapshot():
        card = open_card(ws, child_id)
        child = card.child.id
        recorded = recorded_of(ws, [child])[child]
        measured = measurements.of_children(ws.database, records.records_of(ws.database, child))
        every = sorted(itertools.chain(*measured.values()), key=lambda item: (item.date, item.hlc, item.id))
        people = _People(ws)
        return ChildBook(
            card=card,
            trend=trend(card.history, card.today, ws.rules),
            visits=tuple(_visited(ws, card, item, people) for item in reversed(every)),
            given=_given(ws, card.child.scope, recorded, people),
            consent=consent_in_force(recorded.consents),
            posyandu=posyandu_name(ws, card.child.scope),
            seen=children.shown_by(ws.database, child),
        )


def visited(ws: Workspace, measurement_id: str) -> tuple[ChildBook, Visited]:
    """One visit with its child's book; raises `UserError` when this laptop does not have it."""
    book = open_book(ws, get_measurement(ws, measurement_id).child)
    return book, next(item for item in book.visits if item.measurement.id == measurement_id)


def is_premature(child: Child) -> bool:
    """Whether a child was born before 37 weeks, as far as somebody wrote it down."""
    return child.gestation_weeks is not None and child.gestation_weeks < PREMATURE_WEEKS


class _People:
    """Names of those who wrote, each looked up once."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws
        self._known = {ws.user.id: ws.user.name}

    def name(self, user: str) -> str:
        if user not in self._known:
            self._known[user] = user_name(self._ws, user)
        return self._known[user]


def _visited(ws: Workspace, card: ChildCard, item: Measurement, people: _People) -> Visited:
    writes = ws.user.role in (Role.KADER, Role.BIDAN)
    return Visited(
        measurement=item,
        assessed=next((known for known in card.history if known.measurement.id == item.id), None),
        who=people.name(item.actor),
        may_change=writes and (ws.user.role is Role.BIDAN or item.actor == ws.user.id),
        needs_reason=sessions.needs_reason(ws, card.child.scope, item.date, item.hlc),
    )


def given(ws: Workspace, child_id: str, record: str) -> tuple[ChildBook, Given]:
    """One record with its child's book; raises `UserError` when it does not stand any more."""
    book = open_book(ws, child_id)
    found = next((item for item in book.given if item.id == record), None)
    if found is None:
        raise UserError(tr("Catatan ini sudah dibatalkan."), code="nothing_changed")
    return book, found


def _given(ws: Workspace, scope: str, recorded: facts.Recorded, people: _People) -> tuple[Given, ...]:
    writes = ws.user.role in (Role.KADER, Role.BIDAN)
    made: Iterable[Fact] = (
        *standing(recorded.visits),
        *standing(recorded.doses),
        *standing(recorded.home_visits),
    )
    found = sorted(made, key=lambda fact: (fact.date, fact.hlc, fact.id), reverse=True)
    return tuple(
        Given(
            fact.kind,
            fact.date,
            _title(fact),
            _details(fact),
            people.name(fact.actor),
            fact.id,
            writes and (ws.user.role is Role.BIDAN or fact.actor == ws.user.id),
            not isinstance(fact, HomeVisit) and sessions.needs_reason(ws, scope, fact.date, fact.hlc),
        )
        for fact in found
    )


def _title(fact: Fact) -> str:
    if isinstance(fact, Dose):
        name = label_of(DoseKind, fact.what)
        if fact.antigen:
            name = default_visit_rules().antigen_name(fact.antigen)
        elif fact.colour:
            name = f"{name}, {label_of(CapsuleColour, fact.colour).lower()}"
        return tr("{what}: {state}").format(what=name, state=label_of(DoseState, fact.state).lower())
    if isinstance(fact, HomeVisit):
        outcome = label_of(VisitOutcome, fact.outcome).lower()
        return tr("Kunjungan rumah: {outcome}").format(outcome=outcome)
    return tr("Kartu kunjungan")


def _details(fact: Fact) -> tuple[str, ...]:
    if isinstance(fact, Dose):
        return (fact.note,) if fact.note else ()
    if isinstance(fact, HomeVisit):
        return tuple(line for line in (label_of(VisitReason, fact.reason), fact.note) if line)
    assert isinstance(fact, Visit)
    return history.told(fact)
