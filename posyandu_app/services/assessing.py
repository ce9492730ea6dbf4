"""Every child's history and risk, computed when read and remembered until something about her changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar, cast

from posyandu_app.bulk import without_collections
from posyandu_app.domain import persons, risk, schedule
from posyandu_app.domain.assessment import Assessed, assess_history, under_other_rules
from posyandu_app.domain.facts import Fact
from posyandu_app.domain.model import Child
from posyandu_app.domain.reading import read_date
from posyandu_app.domain.reviews import Review
from posyandu_app.domain.risk import Findings, Risk
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.domain.visits import Visit
from posyandu_app.i18n import language
from posyandu_app.services import sessions
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import case_facts, children, facts, measurements
from posyandu_app.storage import persons as records
from posyandu_app.storage.facts import Recorded

_CACHE = "assessed"

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class ChildStatus:
    """One child as of a day; `history` is oldest first, voided measurements left out.

    `findings` are what her cards and doses add to the measurements, `since` is the day she was
    written down here.
    """

    child: Child
    history: tuple[Assessed, ...]
    risk: Risk
    findings: Findings = field(default_factory=Findings)
    since: date | None = None


@dataclass(frozen=True, slots=True)
class _AsOf:
    """What a child's status was last computed from, besides her history."""

    day: date
    facts: tuple[int, int] | None
    session_over: bool
    since: date | None


@dataclass(slots=True)
class _Remembered:
    child: Child
    version: tuple[int, int] | None
    language: str
    history: tuple[Assessed, ...]
    as_of: _AsOf | None = None
    findings: Findings = field(default_factory=Findings)
    risk: Risk | None = None


def status_of(ws: Workspace, found: Sequence[Child], on: date | None = None) -> list[ChildStatus]:
    """History and risk of these children, in their order; only what changed since last time is computed."""
    day = on or ws.clock.today()
    ids = [child.id for child in found]
    with without_collections(), ws.database.snapshot():
        remembered = _remembered(ws)
        groups = _records(ws, ids)
        versions = _joined_versions(measurements.versions(ws.database, _every(ids, groups)), groups)
        stale = [
            child
            for child in found
            if (kept := remembered.get(child.id)) is None
            or kept.version != versions.get(child.id)
            or kept.child != child
            or kept.language != language()
        ]
        fresh = measurements.of_children(ws.database, _every([child.id for child in stale], groups))
        for child in stale:
            measured = [
                item for record in groups.get(child.id, (child.id,)) for item in fresh.get(record, ())
            ]
            history = assess_history(child, measured, ws.rules)
            remembered[child.id] = _Remembered(child, versions.get(child.id), language(), history)
        wanted = _as_of(ws, found, day)
        _judge(ws, [child for child in found if remembered[child.id].as_of != wanted[child.id]], wanted)
    return [_status(remembered[child.id]) for child in found]


def compared(
    ws: Workspace, found: Sequence[Child], rules: ProgramRules, on: date | None = None
) -> list[tuple[ChildStatus, ChildStatus]]:
    """What `status_of` says of these children, and what it would say under other rules.

    All is read and computed once for both, and nothing is remembered: a district would fill the memory.
    """
    day = on or ws.clock.today()
    ids = [child.id for child in found]
    both = (ws.rules, rules)
    told = []
    with without_collections(), ws.database.snapshot():
        groups = _records(ws, ids)
        measured = measurements.of_children(ws.database, _every(ids, groups))
        recorded, registered = recorded_of(ws, ids), since(ws, ids)
        over = sessions.closed_this_month(ws, day)
        for child in found:
            own = [item for record in groups.get(child.id, (child.id,)) for item in measured.get(record, ())]
            history = assess_history(child, own, ws.rules)
            histories = (history, under_other_rules(child, history, *both))
            known = registered.get(child.id)
            seen = _findings(child, recorded[child.id], day, known, both)
            risks = (
                risk.assess(
                    child, each, day, by, added, session_over=child.scope in over, registered_on=known
                )
                for each, by, added in zip(histories, both, seen, strict=True)
            )
            now, then = map(ChildStatus, (child, child), histories, risks, seen, (known, known))
            told.append((now, then))
    return told


def facts_of(ws: Workspace, kind: type[F], child_id: str) -> tuple[F, ...]:
    """The facts of a kind about a child, under any of her records, oldest first, with their bases."""
    members = records.records_of(ws.database, child_id)
    found = [fact for record in members for fact in facts.of_child(ws.database, kind, record)]
    if len(members) > 1:
        found.sort(key=lambda fact: (fact.date, fact.hlc, fact.id))
    return tuple(found)


def recorded_of(ws: Workspace, ids: Sequence[str]) -> dict[str, Recorded]:
    """What was recorded about each of these children besides measurements, under any of her records."""
    groups = _records(ws, ids)
    recorded = facts.of_children(ws.database, _every(ids, groups))
    return {
        child: facts.joined([recorded.get(record, Recorded()) for record in groups.get(child, (child,))])
        for child in ids
    }


def reviews_of(ws: Workspace, ids: Sequence[str]) -> dict[str, tuple[Review, ...]]:
    """All reviews about each of these children, voided too, under any of her records, oldest first."""
    groups = _records(ws, ids)
    found = case_facts.reviews_of(ws.database, _every(ids, groups))
    if not groups:
        return found
    joined = {}
    for child in ids:
        mine = [review for record in groups.get(child, (child,)) for review in found.get(record, ())]
        if mine:
            joined[child] = tuple(sorted(mine, key=lambda review: (review.date, review.hlc, review.id)))
    return joined


def cards_on(ws: Workspace, ids: Sequence[str], on: date) -> dict[str, list[Visit]]:
    """The cards of these children on a day that stand, under any of their records, oldest first."""
    groups = _records(ws, ids)
    cards = facts.visits_on(ws.database, _every(ids, groups), on)
    if not groups:
        return cards
    found = {}
    for child in ids:
        mine = [card for record in groups.get(child, (child,)) for card in cards.get(record, [])]
        if mine:
            found[child] = sorted(mine, key=lambda card: (card.hlc, card.id))
    return found


def since(ws: Workspace, ids: Iterable[str]) -> dict[str, date | None]:
    """The day on which each of these children was written down here."""
    return {child: read_date(at[:10]) for child, at in children.registered_at(ws.database, ids).items()}


def _records(ws: Workspace, ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Child → all her records, for those of these who have several."""
    groups = persons.groups(records.decisions(ws.database))
    return {child: groups[child] for child in ids if child in groups} if groups else {}


def _every(ids: Sequence[str], groups: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [record for child in ids for record in groups.get(child, (child,))] if groups else list(ids)


def _joined_versions(
    versions: Mapping[str, tuple[int, int]], groups: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[int, int]]:
    """The marks of children with several records, over all of them."""
    joined = dict(versions)
    for child, group in groups.items():
        marks = [versions[record] for record in group if record in versions]
        if marks:
            joined[child] = sum(count for count, _ in marks), max(changed for _, changed in marks)
    return joined


def _as_of(ws: Workspace, found: Sequence[Child], day: date) -> dict[str, _AsOf]:
    ids = [child.id for child in found]
    groups = _records(ws, ids)
    recorded = _joined_versions(facts.versions(ws.database, _every(ids, groups)), groups)
    registered = since(ws, ids)
    over = sessions.closed_this_month(ws, day)
    return {
        child.id: _AsOf(day, recorded.get(child.id), child.scope in over, registered.get(child.id))
        for child in found
    }


def _judge(ws: Workspace, found: Sequence[Child], wanted: dict[str, _AsOf]) -> None:
    """Compute findings and risk of these children from their remembered histories."""
    remembered = _remembered(ws)
    recorded = recorded_of(ws, [child.id for child in found])
    for child in found:
        kept, as_of = remembered[child.id], wanted[child.id]
        kept.findings = findings(ws, child, recorded[child.id], as_of.day, as_of.since)
        kept.risk = risk.assess(
            child,
            kept.history,
            as_of.day,
            ws.rules,
            kept.findings,
            session_over=as_of.session_over,
            registered_on=as_of.since,
        )
        kept.as_of = as_of


def findings(ws: Workspace, child: Child, recorded: Recorded, on: date, known_since: date | None) -> Findings:
    """What the cards and doses of a child add to her measurements on a day."""
    return _findings(child, recorded, on, known_since, [ws.rules])[0]


def _findings(
    child: Child, recorded: Recorded, on: date, known_since: date | None, rules: Sequence[ProgramRules]
) -> list[Findings]:
    """The same under each of some rules."""
    due = schedule.watched(child, on, recorded.doses, recorded.visits, rules, since=known_since)
    return [schedule.findings(recorded.visits, each, on) for each in due]


def _status(kept: _Remembered) -> ChildStatus:
    assert kept.risk is not None, "judged above"
    assert kept.as_of is not None, "judged above"
    return ChildStatus(kept.child, kept.history, kept.risk, kept.findings, kept.as_of.since)


def _remembered(ws: Workspace) -> dict[str, _Remembered]:
    return cast(dict[str, _Remembered], ws.cache.setdefault(_CACHE, {}))
