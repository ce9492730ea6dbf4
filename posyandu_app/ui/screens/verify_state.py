"""The midwife's own measuring beside the kader's: what differs, and what follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from posyandu_app.domain import risk
from posyandu_app.domain.assessment import Assessed, Draft, assess_history
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Child, Measurement, Position
from posyandu_app.domain.numbers import format_count, format_length, format_weight, parse_length, parse_weight
from posyandu_app.domain.plausibility import SAME_AS_LAST_MONTH, Question, questions
from posyandu_app.domain.reviews import Measured, Verdict
from posyandu_app.domain.risk import Findings, Risk
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.domain.verifying import measurements_after, values_of
from posyandu_app.i18n import tr
from posyandu_app.services.cases import CaseCard
from posyandu_app.ui.screens.weighing_state import HEAD, LENGTH, MUAC, OEDEMA, TYPED, WEIGHT, usual_position


@dataclass(frozen=True, slots=True)
class VerifyState:
    """What was typed and chosen; `before` is the kader's last measurement, `verdict` None until chosen.

    `may_change` is the midwife: the TPG confirms, and leaves measurements alone. `doubted` holds the
    codes of the doubts she was told, each with its field: whoever saves once more says that it is right.
    """

    child: Child
    today: date
    history: tuple[Assessed, ...]
    findings: Findings
    rules: ProgramRules
    may_change: bool
    position: Position
    texts: Mapping[str, str] = field(default_factory=dict)
    oedema: int | None = None
    verdict: Verdict | None = None
    note: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    doubted: Mapping[str, str] = field(default_factory=dict)

    @property
    def before(self) -> Measurement | None:
        return self.history[-1].measurement if self.history else None


def start(card: CaseCard, rules: ProgramRules, *, may_change: bool) -> VerifyState:
    """Nothing measured yet; the position is the kader's, else that of the child's age."""
    history = card.status.history
    last = history[-1].measurement.position if history else None
    position = last or usual_position(card.child, card.today)
    return VerifyState(card.child, card.today, history, card.status.findings, rules, may_change, position)


def typed(state: VerifyState, name: str, text: str) -> VerifyState:
    """A key changed a field: its error goes away until Enter."""
    errors = {key: error for key, error in state.errors.items() if key not in (name, "verdict")}
    doubted = {code: where for code, where in state.doubted.items() if where != name}
    return replace(state, texts={**state.texts, name: text}, errors=errors, doubted=doubted)


def entered(state: VerifyState, name: str) -> VerifyState:
    """A field was left: written as it is read, or with its error."""
    try:
        value = _parse(state, name)
    except InvalidValue as error:
        return replace(state, errors={**state.errors, name: error.message})
    return replace(state, texts={**state.texts, name: _written(name, value)})


def position_turned(state: VerifyState) -> VerifyState:
    """The other measuring position."""
    other = Position.STANDING if state.position is Position.LYING else Position.LYING
    return replace(state, position=other)


def oedema_chosen(state: VerifyState, grade: int) -> VerifyState:
    """She looked for oedema: 0 none, 1 to 3 its grade."""
    errors = {key: error for key, error in state.errors.items() if key != OEDEMA}
    return replace(state, oedema=grade, errors=errors)


def verdict_chosen(state: VerifyState, verdict: Verdict) -> VerifyState:
    """What she says about the kader's measurement."""
    return replace(state, verdict=verdict, errors={k: v for k, v in state.errors.items() if k != "verdict"})


def verdicts(state: VerifyState) -> tuple[Verdict, ...]:
    """What this person may say."""
    if state.before is None:
        return (Verdict.MEASURED_ANEW,) if state.may_change else ()
    return tuple(Verdict) if state.may_change else (Verdict.RIGHT,)


def proposed(state: VerifyState) -> Verdict:
    """What her values say: hers of another day is a new visit, a different one mends the old."""
    before, mine = state.before, measured(state)
    if before is None:
        return Verdict.MEASURED_ANEW
    if mine is None or not state.may_change:
        return Verdict.RIGHT
    if before.date != state.today:
        return Verdict.MEASURED_ANEW
    return Verdict.CORRECTED if _differs(before, mine) else Verdict.RIGHT


def said(state: VerifyState) -> Verdict:
    """The verdict chosen, else the one proposed."""
    return state.verdict or proposed(state)


def measured(state: VerifyState) -> Measured | None:
    """Her own values as far as they can be read; None when she measured nothing."""
    values: dict[str, int | None] = {}
    for name in TYPED:
        try:
            values[name] = _parse(state, name)
        except InvalidValue:
            values[name] = None
    mine = Measured(
        weight_g=values[WEIGHT],
        length_mm=values[LENGTH],
        position=state.position if values[LENGTH] is not None else None,
        head_mm=values[HEAD],
        muac_mm=values[MUAC],
        oedema=state.oedema,
    )
    return None if mine.empty and mine.oedema is None else mine


def checked(state: VerifyState) -> VerifyState:
    """Every field read before saving; `errors` is empty when it may be saved."""
    doubts_told = set(state.doubted.values()) & set(state.errors)
    state = replace(state, errors={key: text for key, text in state.errors.items() if key not in doubts_told})
    for name in TYPED:
        state = entered(state, name)
    before = state.before
    if said(state) is Verdict.MEASURED_ANEW and before is not None and before.oedema and state.oedema is None:
        sentence = tr("Kader mencatat bengkak +{grade}. Periksa kedua kaki, lalu pilih.")
        return refused(state, OEDEMA, sentence.format(grade=before.oedema))
    return state if state.errors else _told_doubts(state)


def _told_doubts(state: VerifyState) -> VerifyState:
    """A doubt about her own values is told once, at its field; it never blocks."""
    for doubt in doubts(state):
        if doubt.code not in state.doubted:
            where = LENGTH if doubt.field == "position" else doubt.field
            said_once = tr("{doubt} Bila benar, tekan F9 sekali lagi.").format(doubt=doubt.text)
            state = refused(state, where, said_once)
            state = replace(state, doubted={**state.doubted, doubt.code: where})
    return state


def doubts(state: VerifyState) -> tuple[Question, ...]:
    """What is doubtful about her own values by themselves and against the visits before the kader's."""
    mine, before = measured(state), state.before
    if mine is None:
        return ()
    on = before.date if before is not None and said(state) is Verdict.CORRECTED else state.today
    draft = Draft(
        on, mine.weight_g, mine.length_mm, mine.position, mine.head_mm, mine.muac_mm, mine.oedema or 0
    )
    earlier = [
        item.measurement for item in state.history if before is None or item.measurement.id != before.id
    ]
    asked = questions(state.child.agreed, earlier, draft, state.rules)
    return tuple(item for item in asked if item.code != SAME_AS_LAST_MONTH)


def refused(state: VerifyState, name: str, message: str) -> VerifyState:
    """The service refused: the sentence stands at its field."""
    return replace(state, errors={**state.errors, name: message})


def difference(state: VerifyState, name: str) -> str:
    """How her value differs from the kader's, in words; "" while one of them is missing."""
    before, mine = state.before, measured(state)
    if before is None or mine is None:
        return ""
    old, new = getattr(before, name), getattr(mine, name)
    if old is None or new is None:
        return ""
    if old == new:
        return tr("sama")
    if name == WEIGHT:
        words = tr("{grams} g lebih berat") if new > old else tr("{grams} g lebih ringan")
        return words.format(grams=format_count(abs(new - old)))
    bigger, smaller = tr("{length} cm lebih besar"), tr("{length} cm lebih kecil")
    if name == LENGTH:
        bigger, smaller = tr("{length} cm lebih panjang"), tr("{length} cm lebih pendek")
    return (bigger if new > old else smaller).format(length=format_length(abs(new - old)))


def follows(state: VerifyState) -> tuple[Risk, Risk]:
    """How the child stands by the kader's values, and how she would after saving."""
    now = tuple(item.measurement for item in state.history)
    looked_at = state.before.id if state.before is not None else None
    then = measurements_after(now, said(state), looked_at, measured(state), state.child.id, state.today)
    return _risk(state, now), _risk(state, then)


def meaning(state: VerifyState) -> str:
    """What saving does to the records, in one sentence."""
    return {
        Verdict.RIGHT: tr("Ukuran kader tetap berlaku. Ukuran Anda disimpan di sampingnya."),
        Verdict.CORRECTED: tr("Ukuran bidan menggantikan ukuran kader. Ukuran lama tetap ada di riwayat."),
        Verdict.MEASURED_ANEW: tr("Ukuran bidan menjadi penimbangan baru hari ini. Ukuran kader tetap ada."),
        Verdict.WRONG: tr("Penimbangan kader tidak dihitung lagi. Dapat diurungkan."),
    }[said(state)]


def _differs(before: Measurement, mine: Measured) -> bool:
    return any(
        getattr(before, name) != value for name, value in values_of(mine).items() if name != "position"
    )


def _risk(state: VerifyState, measurements: Sequence[Measurement]) -> Risk:
    """The risk as the case tells it: with the reasons of an older visit that no newer one has ended."""
    history = assess_history(state.child, measurements, state.rules)
    found = risk.assess(state.child, history, state.today, state.rules, state.findings)
    told = sorted((*found.reasons, *found.older_reasons), key=lambda item: -item.tone.severity)
    worst = max((found.tone, *(item.tone for item in told)), key=lambda tone: tone.severity)
    return replace(found, tone=worst, reasons=tuple(told), older_reasons=())


def _parse(state: VerifyState, name: str) -> int | None:
    text = state.texts.get(name, "")
    return parse_weight(text) if name == WEIGHT else parse_length(text, name)


def _written(name: str, value: int | None) -> str:
    if value is None:
        return ""
    return format_weight(value) if name == WEIGHT else format_length(value)
