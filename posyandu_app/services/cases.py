"""The midwife's work on children at risk: the worklist, one case, and every deed on it.

Only bidan and TPG decide; the TPG confirms but leaves measurements alone. Every deed is one
transaction that can be taken back by name.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

import uuid_utils

from posyandu_app.domain import cases, mtbs, names, reviews, risk
from posyandu_app.domain.age import completed_months
from posyandu_app.domain.assessment import Assessed, Draft, assess_history
from posyandu_app.domain.cases import Case, CaseState, Due, Group, Show
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.kms import Letter
from posyandu_app.domain.model import Child, Measurement, Role
from posyandu_app.domain.mtbs import Classification, Examination, Pmt
from posyandu_app.domain.operations import Json, JsonObject, field_write
from posyandu_app.domain.reviews import Decision, Measured, Review, Step, Verdict, later
from posyandu_app.domain.risk import Tone
from posyandu_app.domain.verifying import measurements_after
from posyandu_app.domain.visits import Referral
from posyandu_app.i18n import tr
from posyandu_app.services import deeds
from posyandu_app.services.assessing import ChildStatus, recorded_of, reviews_of, status_of
from posyandu_app.services.children import get
from posyandu_app.services.registration import wire
from posyandu_app.services.roster import expected_children
from posyandu_app.services.views import Changes
from posyandu_app.services.weighing import MEASURED, get_measurement, new_measurement
from posyandu_app.services.workspace import Workspace, inside, posyandu_names
from posyandu_app.storage import log
from posyandu_app.storage import persons as records
from posyandu_app.storage.log import NewOperation

_CACHE = "cases"
_BY_BIDAN = "diperiksa bidan"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One child on the worklist; `last` is her last visit, with the raw values; `history` oldest first."""

    child: Child
    posyandu: str
    age_months: int | None
    case: Case
    last: Assessed | None
    history: tuple[Assessed, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseCard:
    """Everything the midwife's screen needs about one child; `case` is None when there is none."""

    child: Child
    posyandu: str
    today: date
    status: ChildStatus
    case: Case | None
    calendar: tuple[Due, ...]


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One entry of the follow-up calendar; overdue ones lie before today."""

    due: Due
    child: Child
    posyandu: str
    case: Case


@dataclass(frozen=True, slots=True)
class Wanted:
    """A child whom a health worker wants to see again: why, what was decided, by whom, and by when."""

    child: Child
    posyandu: str
    reasons: tuple[str, ...]
    decided: tuple[str, ...]
    by: str
    revisit_on: date | None
    overdue_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam:
    """What the midwife found besides the record; without `measured` the last visit's values count.

    `oedema` is the grade she saw herself (0 none) and stands before a measured one. Codes are those
    of `mtbs.Complication` and `visit.DangerSign`; None is "not asked".
    """

    measured: Measured | None = None
    oedema: int | None = None
    appetite: bool | None = None
    not_rising: bool | None = None
    feeding_problem: bool | None = None
    complications: frozenset[str] = frozenset()
    danger_signs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What MTBS and the rules say to an examination; a person decides."""

    classification: Classification
    decisions: frozenset[Decision]
    place: Referral | None
    pmt: Pmt | None
    revisit_on: date | None


# lists


def worklist(
    ws: Workspace, show: Show = Show.OPEN, group: Group | None = None, scope: str | None = None
) -> tuple[CaseRow, ...]:
    """The children with a case, worst first, under these filters; `scope` narrows to one posyandu or area."""
    return tuple(row for row in every_case(ws, scope) if cases.shown(row.case, show, group))


def every_case(ws: Workspace, scope: str | None = None) -> tuple[CaseRow, ...]:
    """Every child with a case, the resolved too, worst first: what a screen needs to filter by itself."""
    places, today = posyandu_names(ws), ws.clock.today()
    rows = [_row(status, case, places, today) for status, case in _cases(ws, scope)]
    return tuple(sorted(rows, key=lambda row: (row.case.worst_first, row.child.name, row.child.id)))


def counts(ws: Workspace, scope: str | None = None) -> Mapping[Show, int]:
    """How many cases each filter shows."""
    found = Counter(show for _, case in _cases(ws, scope) for show in Show if cases.shown(case, show))
    return {show: found[show] for show in Show}


def counts_by_posyandu(ws: Workspace, scope: str | None = None) -> Mapping[str, Mapping[Show, int]]:
    """The same for each posyandu that has a case, by its scope."""
    found: dict[str, Counter[Show]] = {}
    for status, case in _cases(ws, scope):
        counted = found.setdefault(status.child.scope, Counter())
        counted.update(show for show in Show if cases.shown(case, show))
    return {place: {show: counted[show] for show in Show} for place, counted in found.items()}


def groups(ws: Workspace, show: Show = Show.OPEN, scope: str | None = None) -> Mapping[Group, int]:
    """How many children stand in each group of reasons under a filter; groups without any are left out."""
    found = Counter(
        group
        for _, case in _cases(ws, scope)
        if cases.shown(case, show)
        for group in {item.group for item in case.reasons}
    )
    return {group: found[group] for group in Group if found[group]}


def calendar(ws: Workspace, until: date, scope: str | None = None) -> tuple[CalendarRow, ...]:
    """What is to be done for children in follow-up up to a day, the overdue first; by date, then by name."""
    places = posyandu_names(ws)
    rows = [
        CalendarRow(due, status.child, places.get(status.child.scope, status.child.scope), case)
        for status, case in _cases(ws, scope)
        for due in cases.calendar(case, _weighed(status))
        if due.on <= until
    ]
    return tuple(sorted(rows, key=lambda row: (row.due.on, row.child.name, row.child.id, row.due.what)))


def wanted(ws: Workspace, scope: str | None = None) -> tuple[Wanted, ...]:
    """The children whom a health worker wants to see again, for the kader: the most overdue first."""
    places = posyandu_names(ws)
    rows = [
        _wanted(status, case, places)
        for status, case in _cases(ws, scope)
        if case.state is CaseState.FOLLOW_UP
    ]
    return tuple(sorted(rows, key=lambda row: (row.revisit_on or date.max, row.child.name, row.child.id)))


def wanted_of(row: CaseRow) -> Wanted | None:
    """What a health worker wants of a child on the worklist, None when nobody follows her up."""
    if row.case.state is not CaseState.FOLLOW_UP:
        return None
    return _wish(row.child, row.posyandu, row.case)


def wanted_child(ws: Workspace, child_id: str) -> Wanted | None:
    """What a health worker wants of one child, None when nobody follows her up."""
    status = status_of(ws, [get(ws, child_id)])[0]
    case = _built(ws, [status])[0]
    if case is None or case.state is not CaseState.FOLLOW_UP:
        return None
    return _wanted(status, case, posyandu_names(ws))


def _wanted(status: ChildStatus, case: Case, places: Mapping[str, str]) -> Wanted:
    return _wish(status.child, places.get(status.child.scope, status.child.scope), case)


def _wish(child: Child, posyandu: str, case: Case) -> Wanted:
    last = max(case.heads, key=lambda review: (review.date, review.hlc, review.id))
    told = case.decisions or case.heads
    return Wanted(
        child=child,
        posyandu=posyandu,
        reasons=tuple(item.reason.text for item in case.reasons),
        decided=tuple(reviews.sentence(review) for review in told),
        by=last.by,
        revisit_on=case.revisit_on,
        overdue_days=case.overdue_days,
    )


def card(ws: Workspace, child_id: str) -> CaseCard:
    """One child with her history, her case and what stands in the calendar for her."""
    status = status_of(ws, [get(ws, child_id)])[0]
    case = _built(ws, [status])[0]
    return CaseCard(
        child=status.child,
        posyandu=posyandu_names(ws).get(status.child.scope, status.child.scope),
        today=ws.clock.today(),
        status=status,
        case=case,
        calendar=cases.calendar(case, _weighed(status)) if case is not None else (),
    )


def unseen_referrals(ws: Workspace, scope: str) -> frozenset[str]:
    """The children of a posyandu who should be referred and whom no health worker has had on screen."""
    return frozenset(
        status.child.id
        for status, case in _cases(ws, scope)
        if any(item.new and item.reason.tone.severity >= _REFERRED for item in case.reasons)
    )


_REFERRED = Tone.RUJUK.severity


def _cases(ws: Workspace, scope: str | None) -> list[tuple[ChildStatus, Case]]:
    statuses = status_of(ws, expected_children(ws, scope))
    found = zip(statuses, _built(ws, statuses), strict=True)
    return [(status, case) for status, case in found if case is not None]


@dataclass(frozen=True, slots=True)
class _Remembered:
    status: ChildStatus
    reviews: tuple[Review, ...]
    on: date
    case: Case | None


def _built(ws: Workspace, statuses: Sequence[ChildStatus]) -> list[Case | None]:
    """The case of each child, remembered until her status or a review about her changes."""
    today = ws.clock.today()
    kept = cast(dict[str, _Remembered], ws.cache.setdefault(_CACHE, {}))
    known = reviews_of(ws, [status.child.id for status in statuses])
    stale = [status for status in statuses if not _fresh(kept.get(status.child.id), status, known, today)]
    listed = [status.child.id for status in stale if status.risk.listed]
    cards = recorded_of(ws, listed) if listed else {}
    for status in stale:
        child, mine = status.child, known.get(status.child.id, ())
        visits = cards[child.id].visits if child.id in cards else ()
        case = cases.build(child, status.history, status.risk, mine, today, ws.rules, visits)
        kept[child.id] = _Remembered(status, mine, today, case)
    return [kept[status.child.id].case for status in statuses]


def _fresh(
    kept: _Remembered | None, status: ChildStatus, known: Mapping[str, tuple[Review, ...]], today: date
) -> bool:
    return (
        kept is not None
        and kept.on == today
        and kept.status.risk is status.risk
        and kept.status.history is status.history
        and kept.reviews == known.get(status.child.id, ())
    )


def _row(status: ChildStatus, case: Case, places: Mapping[str, str], today: date) -> CaseRow:
    child = status.child
    return CaseRow(
        child=child,
        posyandu=places.get(child.scope, child.scope),
        age_months=None if child.birth_date is None else completed_months(child.birth_date, today),
        case=case,
        last=status.history[-1] if status.history else None,
        history=status.history,
    )


def _weighed(status: ChildStatus) -> list[date]:
    return [item.measurement.date for item in status.history if item.measurement.weight_g is not None]


# deeds


def propose(ws: Workspace, child_id: str, exam: Exam) -> Proposal:
    """What MTBS and the programme rules say to what the midwife found; nothing is saved.

    A child with a reason for referral that MTBS says nothing about (2T, pendek, head, TB …) is
    proposed for the puskesmas (kartu bantu ILP).
    """
    opened = card(ws, child_id)
    examination = _examination(opened, exam, ws.clock.today())
    found = mtbs.classify(examination, ws.rules)
    codes = {item.reason.code for item in opened.case.reasons} if opened.case is not None else set()
    birth = opened.child.birth_date
    months = None if birth is None else completed_months(birth, examination.on)
    food = mtbs.pmt(found.code, codes, months, ws.rules)
    place = found.refer
    if place is None and opened.case is not None and opened.case.tone.severity >= _REFERRED:
        place = Referral.PUSKESMAS
    decisions = {Decision.COUNSEL} if not found.same_day else set()
    if found.same_day:
        decisions.add(Decision.REFER_TODAY)
    elif place is not None:
        decisions.add(Decision.REFER)
    if food is not None and not found.same_day:
        decisions.add(Decision.PMT)
    revisit = None if found.revisit_days is None else later(ws.clock.today(), found.revisit_days)
    return Proposal(found, frozenset(decisions), place, food, revisit)


def confirm(
    ws: Workspace,
    child_id: str,
    verdict: Verdict,
    *,
    measurement_id: str | None = None,
    remeasured: Measured | None = None,
    note: str | None = None,
    confirmed: Collection[str] = (),
) -> Changes:
    """Say whether a measurement is right, the health worker's own values beside the kader's.

    The midwife may at once put hers in its place, record hers as a visit of today, or void it; all
    of it is one deed. `confirmed` holds the codes of the doubts about her own values that she was told
    and saved past. Raises `InvalidValue` that names the field, `NotAllowed` for other roles.
    """
    require_reviewer(ws)
    if verdict is not Verdict.RIGHT and ws.user.role is not Role.BIDAN:
        raise NotAllowed(tr("Ukuran hanya dapat diperbaiki atau dibatalkan oleh bidan."))
    with ws.database.atomic():
        child = _child(ws, child_id)
        before = None if measurement_id is None else _measurement(ws, child, measurement_id)
        review = _review(ws, child, Step.VERIFY)
        review = replace(
            review,
            reasons=review.reasons | _reasons_after(ws, child, verdict, measurement_id, remeasured),
            verdict=verdict,
            measurement=measurement_id,
            recorded=None if before is None else _values_of(before),
            remeasured=remeasured,
            note=note,
        )
        operations = [
            _operation(ws, child, review),
            *_on_measurements(ws, child, verdict, before, remeasured, confirmed),
        ]
        return _save(ws, child, operations, tr("Ukuran diperiksa: {name}"))


def decide(
    ws: Workspace,
    child_id: str,
    decisions: Collection[Decision],
    *,
    exam: Exam | None = None,
    place: Referral | None = None,
    pmt_days: int | None = None,
    pmt_from: date | None = None,
    revisit_on: date | None = None,
    note: str | None = None,
) -> Changes:
    """Decide what is to be done; with `exam` the MTBS class and what it rests on are kept with it.

    PMT begins today unless `pmt_from` says when. Raises `InvalidValue` that names the field.
    """
    require_reviewer(ws)
    with ws.database.atomic():
        child = _child(ws, child_id)
        review = _review(ws, child, Step.DECIDE)
        food = Decision.PMT in decisions
        review = replace(
            review,
            decisions=frozenset(decisions),
            place=place,
            pmt_days=pmt_days if food else None,
            pmt_from=(pmt_from or review.date) if food else None,
            revisit_on=revisit_on,
            note=note,
        )
        if exam is not None:
            review = _examined(ws, child_id, review, exam)
        return _save(ws, child, [_operation(ws, child, review)], tr("Diputuskan: {name}"))


def outcome(
    ws: Workspace,
    child_id: str,
    result: reviews.Outcome,
    *,
    revisit_on: date | None = None,
    note: str | None = None,
) -> Changes:
    """Tell what came of it when the child came back, or did not; the case goes on."""
    require_reviewer(ws)
    with ws.database.atomic():
        child = _child(ws, child_id)
        _require_state(ws, child, CaseState.FOLLOW_UP)
        review = replace(_review(ws, child, Step.OUTCOME), outcome=result, revisit_on=revisit_on, note=note)
        return _save(ws, child, [_operation(ws, child, review)], tr("Hasil dicatat: {name}"))


def close(ws: Workspace, child_id: str, result: reviews.Outcome, *, note: str | None = None) -> Changes:
    """Close a case; as recovered only when no reason for referral stands any more."""
    require_reviewer(ws)
    with ws.database.atomic():
        child = _child(ws, child_id)
        case = _require_state(ws, child, CaseState.NEW, CaseState.VERIFIED, CaseState.FOLLOW_UP)
        cases.check_close(result, case)
        review = replace(_review(ws, child, Step.CLOSE), outcome=result, note=note)
        return _save(ws, child, [_operation(ws, child, review)], tr("Kasus ditutup: {name}"))


def reopen(ws: Workspace, child_id: str, why: str) -> Changes:
    """Open a closed case again; the reason is told."""
    require_reviewer(ws)
    with ws.database.atomic():
        child = _child(ws, child_id)
        _require_state(ws, child, CaseState.RESOLVED)
        review = replace(_review(ws, child, Step.REOPEN), note=why)
        return _save(ws, child, [_operation(ws, child, review)], tr("Kasus dibuka kembali: {name}"))


def add_note(ws: Workspace, child_id: str, note: str) -> Changes:
    """Note something about a child at risk; a kader may too. It moves no case."""
    if ws.user.role is Role.DINAS:
        raise NotAllowed(tr("Peran ini hanya membaca."))
    with ws.database.atomic():
        child = _child(ws, child_id)
        review = replace(_review(ws, child, Step.NOTE), note=note)
        return _save(ws, child, [_operation(ws, child, review)], tr("Catatan disimpan: {name}"))


def require_reviewer(ws: Workspace) -> None:
    """Raise `NotAllowed` unless the role reviews children at risk."""
    if ws.user.role not in reviews.HEALTH_WORKERS:
        raise NotAllowed(tr("Hanya bidan atau petugas gizi puskesmas yang dapat memutuskan ini."))


def _child(ws: Workspace, child_id: str) -> Child:
    child = get(ws, child_id)
    if not inside(ws, child.scope):
        raise NotAllowed(tr("Anak ini di luar wilayah laptop ini."))
    return child


def _measurement(ws: Workspace, child: Child, measurement_id: str) -> Measurement:
    found = get_measurement(ws, measurement_id)
    if found.child not in records.records_of(ws.database, child.id):
        raise InvalidValue("measurement", tr("Penimbangan ini milik anak lain."))
    if found.voided:
        raise UserError(tr("Penimbangan ini sudah dibatalkan."), code="nothing_changed")
    return found


def _require_state(ws: Workspace, child: Child, *states: CaseState) -> Case:
    case = card(ws, child.id).case
    if case is None or case.state not in states:
        raise UserError(
            tr(
                "Kasus anak ini sekarang: {state}. Buka lagi anaknya, lalu pilih tindakan yang sesuai."
            ).format(state=case.state.label if case is not None else tr("tidak ada")),
            code="other_state",
        )
    return case


def _review(ws: Workspace, child: Child, step: Step) -> Review:
    """A review of today with all that is on the screen when it is made."""
    known = reviews_of(ws, [child.id]).get(child.id, ())
    case = card(ws, child.id).case
    return Review(
        id=str(uuid_utils.uuid7()),
        child=child.id,
        date=ws.clock.today(),
        step=step,
        role=ws.user.role,
        by=ws.user.name,
        rules=ws.rules.version,
        seen=cases.seen_by_next(known),
        reasons=frozenset(item.reason.code for item in case.reasons) if case is not None else frozenset(),
    )


def _reasons_after(
    ws: Workspace, child: Child, verdict: Verdict, looked_at: str | None, mine: Measured | None
) -> frozenset[str]:
    """What stands once her verdict is saved: she has it on screen while she gives it."""
    status = status_of(ws, [child])[0]
    now = [item.measurement for item in status.history]
    then = measurements_after(now, verdict, looked_at, mine, child.id, ws.clock.today())
    history = assess_history(child, then, ws.rules)
    found = risk.assess(
        child, history, ws.clock.today(), ws.rules, status.findings, registered_on=status.since
    )
    return frozenset(
        item.code
        for item in (*found.reasons, *found.older_reasons)
        if item.tone.severity >= Tone.WASPADA.severity
    )


def _operation(ws: Workspace, child: Child, review: Review) -> NewOperation:
    checked = reviews.check(review, ws.clock.today(), child.birth_date)
    return NewOperation("review.record", checked.id, child.scope, reviews.payload(checked))


def _examination(opened: CaseCard, exam: Exam, today: date) -> Examination:
    """The examination to classify: her own values of today, else those of the last visit on its day."""
    last = opened.status.history[-1] if opened.status.history else None
    measured, on = exam.measured, today
    if measured is None and last is not None:
        measured, on = _values_of(last.measurement), last.measurement.date
    measured = measured or Measured()
    return Examination(
        sex=opened.child.sex,
        birth_date=opened.child.birth_date,
        on=on,
        weight_g=measured.weight_g,
        length_mm=measured.length_mm,
        position=measured.position,
        muac_mm=measured.muac_mm,
        oedema=measured.oedema if exam.oedema is None else exam.oedema,
        appetite=exam.appetite,
        not_rising=_not_rising(opened.status) if exam.not_rising is None else exam.not_rising,
        feeding_problem=exam.feeding_problem,
        complications=exam.complications,
        danger_signs=exam.danger_signs,
    )


def _not_rising(status: ChildStatus) -> bool | None:
    """What the last letter says; None for a first weighing or one after a gap."""
    record = next((item.record for item in reversed(status.history) if item.record is not None), None)
    if record is None or record.letter not in (Letter.N, Letter.T):
        return None
    return record.letter is Letter.T


def _examined(ws: Workspace, child_id: str, review: Review, exam: Exam) -> Review:
    opened = card(ws, child_id)
    measured = _with_oedema(exam)
    _checked(ws, opened.child, measured)
    found = mtbs.classify(_examination(opened, exam, review.date), ws.rules)
    last = opened.status.history[-1].measurement if opened.status.history else None
    return replace(
        review,
        measurement=last.id if last is not None else None,
        recorded=_values_of(last) if last is not None else None,
        remeasured=measured,
        mtbs=None if found.code is None else found.code.value,
        complications=exam.complications or None,
        danger_signs=exam.danger_signs or None,
        appetite=exam.appetite,
        not_rising=exam.not_rising,
        feeding_problem=exam.feeding_problem,
    )


def _with_oedema(exam: Exam) -> Measured | None:
    """What she measured and saw herself; None when that is nothing."""
    if exam.oedema is None:
        return exam.measured
    return replace(exam.measured or Measured(), oedema=exam.oedema)


def _values_of(item: Measurement) -> Measured:
    return Measured(item.weight_g, item.length_mm, item.position, item.head_mm, item.muac_mm, item.oedema)


def _on_measurements(
    ws: Workspace,
    child: Child,
    verdict: Verdict,
    before: Measurement | None,
    mine: Measured | None,
    confirmed: Collection[str],
) -> list[NewOperation]:
    """What becomes of the kader's measurement, and of the midwife's."""
    new = _checked(ws, child, mine, confirmed)
    if new is not None and verdict is Verdict.MEASURED_ANEW:
        return [new]
    if before is None:
        return []
    scope = get(ws, before.child).scope
    if verdict is Verdict.CORRECTED and mine is not None:
        changes = _corrections(before, mine)
        if not changes:
            raise InvalidValue("verdict", tr("Ukuran bidan sama dengan ukuran kader: pilih benar."))
        payload: JsonObject = {"set": changes, "reason": _BY_BIDAN}
        return [NewOperation("measurement.correct", before.id, scope, payload)]
    if verdict is Verdict.WRONG:
        seen: list[Json] = [list(entry.key) for entry in log.entries_of(ws.database, before.id)]
        payload = {"seen": seen, "reason": _BY_BIDAN}
        return [NewOperation("measurement.void", before.id, scope, payload)]
    return []


def _checked(
    ws: Workspace, child: Child, mine: Measured | None, confirmed: Collection[str] = ()
) -> NewOperation | None:
    """Her values as a visit of today; raises `InvalidValue` for one that cannot be."""
    if mine is None or mine.empty:
        return None
    return new_measurement(ws, child, _draft(mine, ws.clock.today()), tuple(confirmed))


def _draft(mine: Measured, on: date) -> Draft:
    return Draft(
        on, mine.weight_g, mine.length_mm, mine.position, mine.head_mm, mine.muac_mm, mine.oedema or 0
    )


def _corrections(before: Measurement, mine: Measured) -> JsonObject:
    """The values she measured that differ; what she did not measure stays the kader's."""
    shown = dict(before.bases)
    changes: JsonObject = {}
    for name in MEASURED:
        value = wire(getattr(mine, name))
        if value is not None and value != wire(getattr(before, name)):
            changes[name] = field_write(value, shown.get(name))
    return changes


def _save(ws: Workspace, child: Child, operations: Sequence[NewOperation], label: str) -> Changes:
    return deeds.save(ws, operations, label.format(name=names.display(child.name)), about=[child.id])
