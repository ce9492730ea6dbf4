"""Classifying and deciding as pure functions: what was found, what MTBS proposes, what the person changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from posyandu_app.domain.dates import format_date, parse_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.reviews import Decision
from posyandu_app.domain.visits import Referral
from posyandu_app.i18n import tr
from posyandu_app.services.cases import Exam, Proposal

PMT_DAYS, REVISIT, NOTE = "pmt_days", "revisit_on", "note"
PLACES = tuple(Referral)


@dataclass(frozen=True, slots=True)
class DecideState:
    """`exam` is what she found; the plan follows the proposal until she `touched` a part of it."""

    exam: Exam = field(default_factory=Exam)
    proposal: Proposal | None = None
    decisions: frozenset[Decision] = frozenset()
    place: Referral | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def refers(self) -> bool:
        return bool(self.decisions & {Decision.REFER, Decision.REFER_TODAY})


@dataclass(frozen=True, slots=True)
class Plan:
    """What is handed to the service."""

    decisions: frozenset[Decision]
    place: Referral | None
    pmt_days: int | None
    revisit_on: date | None
    note: str | None


def answered(state: DecideState, name: str, value: bool | int | None) -> DecideState:
    """One of `appetite`, `oedema`, `feeding_problem`, `not_rising` was answered."""
    values: dict[str, bool | int | None] = {name: value}
    return replace(state, exam=replace(state.exam, **values))  # type: ignore[arg-type]


def ticked(state: DecideState, kind: str, code: str, on: bool) -> DecideState:
    """One of the `complications` or `danger_signs` was ticked or unticked."""
    codes: frozenset[str] = getattr(state.exam, kind)
    codes = codes | {code} if on else codes - {code}
    exam = state.exam
    if kind == "complications":
        exam = replace(exam, complications=codes)
    else:
        exam = replace(exam, danger_signs=codes)
    return replace(state, exam=exam)


def proposed(state: DecideState, proposal: Proposal) -> DecideState:
    """MTBS answered: every part of the plan that she has not touched follows."""
    texts = dict(state.texts)
    if PMT_DAYS not in state.touched:
        texts[PMT_DAYS] = str(proposal.pmt.days) if proposal.pmt is not None else ""
    if REVISIT not in state.touched:
        texts[REVISIT] = format_date(proposal.revisit_on) if proposal.revisit_on is not None else ""
    return replace(
        state,
        proposal=proposal,
        decisions=state.decisions if "decisions" in state.touched else proposal.decisions,
        place=state.place if "place" in state.touched else proposal.place,
        texts=texts,
    )


def turned(state: DecideState, decision: Decision, on: bool) -> DecideState:
    """An action was ticked or unticked; today's referral and one for later exclude each other."""
    decisions = state.decisions | {decision} if on else state.decisions - {decision}
    if on and decision is Decision.REFER_TODAY:
        decisions -= {Decision.REFER}
    if on and decision is Decision.REFER:
        decisions -= {Decision.REFER_TODAY}
    place = state.place
    if place is None and decisions & {Decision.REFER, Decision.REFER_TODAY}:
        place = Referral.HOSPITAL if Decision.REFER_TODAY in decisions else Referral.PUSKESMAS
    return replace(state, decisions=decisions, place=place, touched=state.touched | {"decisions"}, errors={})


def placed(state: DecideState, place: Referral) -> DecideState:
    """Where to was chosen."""
    errors = {key: error for key, error in state.errors.items() if key != "place"}
    return replace(state, place=place, touched=state.touched | {"place"}, errors=errors)


def typed(state: DecideState, name: str, text: str) -> DecideState:
    """A key changed the days, the revisit or the note."""
    errors = {key: error for key, error in state.errors.items() if key != name}
    texts = {**state.texts, name: text}
    return replace(state, texts=texts, touched=state.touched | {name}, errors=errors)


def refused(state: DecideState, name: str, message: str) -> DecideState:
    """The service refused: the sentence stands at its field."""
    return replace(state, errors={**state.errors, name: message})


def plan_of(state: DecideState) -> Plan:
    """The plan as typed; raises `InvalidValue` that names the field."""
    return Plan(
        decisions=state.decisions,
        place=state.place if state.refers else None,
        pmt_days=read_days(state.texts.get(PMT_DAYS, "")) if Decision.PMT in state.decisions else None,
        revisit_on=read_revisit(state.texts.get(REVISIT, "")),
        note=state.texts.get(NOTE, "").strip() or None,
    )


def read_days(text: str) -> int | None:
    """Days as typed ("56", "56 hari"); raises `InvalidValue`, None when nothing was typed."""
    typed_ = text.strip().casefold().removesuffix("hari").strip()
    if not typed_:
        return None
    if not (typed_.isascii() and typed_.isdigit() and len(typed_) <= 4):
        raise InvalidValue(PMT_DAYS, tr("Lama PMT ditulis dalam hari, 1 sampai 366."))
    return int(typed_)


def read_revisit(text: str) -> date | None:
    """The revisit as typed; None when nothing was: then at the next posyandu."""
    return parse_date(text, REVISIT) if text.strip() else None
