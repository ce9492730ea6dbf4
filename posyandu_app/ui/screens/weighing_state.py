"""The weighing screen as pure functions of (state, event): nothing here knows Qt, storage or the clock.

A field is judged when it is left with Enter, never while it is being typed. Hard checks
come at saving; a doubt is a question with two answers and never a refusal.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from posyandu_app.domain.age import age_in_days
from posyandu_app.domain.assessment import Draft, Preview, preview
from posyandu_app.domain.classify import Category, Index
from posyandu_app.domain.dates import check_visit_date, parse_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Child, Measurement, Position
from posyandu_app.domain.numbers import format_length, format_weight, parse_length, parse_weight
from posyandu_app.domain.plausibility import SWAPPED, Question
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.domain.zscore import HEIGHT_FROM_DAY, ZScore
from posyandu_app.i18n import tr

Phase = Literal["entering", "saving"]

WEIGHT, LENGTH, MUAC, HEAD, OEDEMA, DATE = "weight_g", "length_mm", "muac_mm", "head_mm", "oedema", "date"
TYPED = (WEIGHT, LENGTH, MUAC, HEAD)
ORDER = (*TYPED, OEDEMA)
QUESTION, POSITION, HALF = "question", "position", "half"


@dataclass(frozen=True, slots=True)
class WeighingState:
    """One child being weighed.

    `texts` is what stands in the fields; `shown` are the fields whose assessment may be
    seen; `focus` is where the keyboard belongs after the event; `answered` maps the code of
    each question answered with "it is right" to its field; `wants_save` remembers a save
    that waits for answers; `more` says that something besides measurements was entered.
    """

    child: Child
    history: tuple[Measurement, ...]
    rules: ProgramRules
    on: date
    today: date
    position: Position
    texts: Mapping[str, str] = field(default_factory=dict)
    oedema: int = 0
    position_chosen: bool = False
    shown: frozenset[str] = frozenset()
    errors: Mapping[str, str] = field(default_factory=dict)
    answered: Mapping[str, str] = field(default_factory=dict)
    preview: Preview | None = None
    question: Question | None = None
    focus: str = WEIGHT
    phase: Phase = "entering"
    wants_save: bool = False
    message: str = ""
    more: bool = False

    @property
    def untouched(self) -> bool:
        """Whether nothing has been entered for this child."""
        return not self.more and self.oedema == 0 and not any(text.strip() for text in self.texts.values())


def start(
    child: Child,
    history: Sequence[Measurement],
    rules: ProgramRules,
    on: date,
    today: date,
    saved_draft: Mapping[str, str] | None = None,
) -> WeighingState:
    """The screen for one child, with what was left half-typed put back."""
    state = WeighingState(
        child=child,
        history=tuple(history),
        rules=rules,
        on=on,
        today=today,
        position=usual_position(child, on),
    )
    return _restore(state, saved_draft) if saved_draft else state


def usual_position(child: Child, on: date) -> Position:
    """How this child is measured by age: lying until two years (PMK 2/2020), standing from then on."""
    if child.birth_date is None:
        return Position.STANDING
    return Position.STANDING if age_in_days(child.birth_date, on) >= HEIGHT_FROM_DAY else Position.LYING


def typed(state: WeighingState, name: str, text: str) -> WeighingState:
    """A key changed a field: its assessment, error and answers go away until Enter."""
    if state.texts.get(name, "") == text:
        return state
    changed = replace(
        state,
        texts={**state.texts, name: text},
        shown=state.shown - {name},
        errors=_without(state.errors, name),
        answered={code: of for code, of in state.answered.items() if of != name},
        focus=name,
        wants_save=False,
        message="",
    )
    return _refreshed(changed) if name in state.shown else changed


def entered(state: WeighingState, name: str) -> WeighingState:
    """Enter in a field: judge it, ask when in doubt, else go on; in the last field, save."""
    state, valid = _judged(state, name)
    if not valid:
        return replace(state, focus=name)
    if name == ORDER[-1]:
        return ask_save(state)
    return _on_from(state, name)


def left(state: WeighingState, name: str, to: str) -> WeighingState:
    """The field was left with Tab or the mouse: judged like Enter, but the keyboard stays where it went."""
    judged = _judged(state, name)[0] if state.texts.get(name, "").strip() else state
    return replace(judged, focus=to)


def oedema_chosen(state: WeighingState, degree: int) -> WeighingState:
    """Oedema was looked for: 0 none, 1 to 3 its degree."""
    return _refreshed(replace(state, oedema=degree, focus=OEDEMA, wants_save=False, message=""))


def position_turned(state: WeighingState) -> WeighingState:
    """The other measuring position, chosen by the person."""
    other = Position.STANDING if state.position == Position.LYING else Position.LYING
    answered = {code: of for code, of in state.answered.items() if of != LENGTH}
    return _refreshed(
        replace(
            state, position=other, position_chosen=True, answered=answered, focus=LENGTH, wants_save=False
        )
    )


def date_entered(state: WeighingState, text: str) -> WeighingState:
    """Another weighing date: yesterday's paper. A date that cannot be is refused with its reason."""
    try:
        on = parse_date(text)
        check_visit_date(on, state.today, state.child.birth_date)
    except InvalidValue as error:
        return replace(state, errors={**state.errors, DATE: error.message}, focus=DATE)
    return with_date(state, on)


def with_date(state: WeighingState, on: date) -> WeighingState:
    """The screen as it stands on another date: age, preset position and assessment follow."""
    position = state.position if state.position_chosen else usual_position(state.child, on)
    errors = _without(state.errors, DATE)
    return _refreshed(
        replace(state, on=on, position=position, errors=errors, answered={}, focus=WEIGHT, wants_save=False)
    )


def refreshed(state: WeighingState, child: Child, history: Sequence[Measurement]) -> WeighingState:
    """The child's history changed elsewhere: what is typed stays, its assessment is made anew."""
    return _refreshed(replace(state, child=child, history=tuple(history)))


def answer(state: WeighingState, keep: bool) -> WeighingState:
    """The open question was answered: "it is right as it is", or take its suggestion (or measure again)."""
    question = state.question
    if question is None:
        return state
    if not keep:
        return _mended(state, question)
    confirmed = replace(state, answered={**state.answered, question.code: _home(question)})
    if state.wants_save:
        return ask_save(confirmed)
    return _on_from(replace(confirmed, question=None), _home(question))


def ask_save(state: WeighingState) -> WeighingState:
    """Save: refused only for what cannot be read or when nothing was entered; doubts are asked first."""
    if state.phase == "saving":
        return state
    for name in TYPED:
        state = _read(state, name)
    state = _refreshed(state)
    wrong = next((name for name in TYPED if name in state.errors), None)
    if wrong is not None:
        return replace(state, focus=wrong, wants_save=False)
    if state.untouched:
        return replace(
            state,
            message=tr("Belum ada yang diisi. Ketik berat badan anak dulu."),
            focus=WEIGHT,
            wants_save=False,
        )
    open_questions = _open_questions(state)
    if open_questions:
        return replace(state, question=open_questions[0], focus=QUESTION, wants_save=True)
    return replace(state, question=None, phase="saving", wants_save=False, message="")


def save_failed(state: WeighingState, message: str) -> WeighingState:
    """Saving did not work: the form stays open and complete."""
    return replace(state, phase="entering", message=message, focus=WEIGHT)


def draft_of(state: WeighingState) -> Draft:
    """The values that can be read so far, in grams and millimetres."""
    return _draft(state, set(TYPED))


def confirmed_of(state: WeighingState) -> tuple[str, ...]:
    """The codes of the questions that stand and were answered with "it is right"."""
    asked = state.preview.questions if state.preview is not None else ()
    return tuple(question.code for question in asked if question.code in state.answered)


def half_typed(state: WeighingState, name: str) -> bool:
    """Whether somebody was still typing in a field: it says something that was not read yet."""
    text = state.texts.get(name, "").strip()
    return bool(text) and name not in state.shown and name not in state.errors


def fields_of(state: WeighingState) -> dict[str, str]:
    """What a draft keeps: the texts as typed, which of them is not finished, and the choices made."""
    kept = {name: text for name, text in state.texts.items() if text.strip()}
    if half_typed(state, state.focus):
        kept[HALF] = state.focus
    if state.oedema:
        kept[OEDEMA] = str(state.oedema)
    if kept:
        kept[DATE] = state.on.isoformat()
        if state.position_chosen:
            kept[POSITION] = state.position.value
    return kept


def texts_of(measurement: Measurement) -> dict[str, str]:
    """The fields of a measurement as a person would type them: what an undone weighing leaves as a draft."""
    kept = {DATE: measurement.date.isoformat()}
    if measurement.weight_g is not None:
        kept[WEIGHT] = format_weight(measurement.weight_g)
    for name, value in (
        (LENGTH, measurement.length_mm),
        (MUAC, measurement.muac_mm),
        (HEAD, measurement.head_mm),
    ):
        if value is not None:
            kept[name] = format_length(value)
    if measurement.position is not None:
        kept[POSITION] = measurement.position.value
    if measurement.oedema:
        kept[OEDEMA] = str(measurement.oedema)
    return kept


def with_taken_back(typed: Mapping[str, str] | None, taken_back: Mapping[str, str]) -> dict[str, str]:
    """The draft of a child whose weighing was taken back, beside what was typed for her since.

    What was typed since comes first, as it stands nowhere else; of another day it stays alone.
    """
    if typed and typed.get(DATE) != taken_back.get(DATE):
        return dict(typed)
    return {**taken_back, **(typed or {})}


def next_child(order: Sequence[str], current: str, done: frozenset[str]) -> str | None:
    """The next child of the list not measured yet, from the top again at its end; None when all are."""
    if current in order:
        at = order.index(current)
        order = [*order[at + 1 :], *order[:at]]
    return next((child for child in order if child not in done and child != current), None)


def _restore(state: WeighingState, kept: Mapping[str, str]) -> WeighingState:
    texts = {name: kept[name] for name in TYPED if kept.get(name)}
    degree = kept.get(OEDEMA, "")
    state = replace(state, texts=texts, oedema=int(degree) if degree in ("1", "2", "3") else 0)
    with suppress(KeyError, ValueError):
        state = with_date(state, date.fromisoformat(kept[DATE]))
    if kept.get(POSITION) in (Position.LYING, Position.STANDING):
        state = replace(state, position=Position(kept[POSITION]), position_chosen=True)
    half = kept.get(HALF, "")
    for name in texts:
        if name != half:
            state = _read(state, name)
    state = _refreshed(state)
    unfinished = [name for name in TYPED if half_typed(state, name)] + [*state.errors]
    first_empty = next((name for name in TYPED if not texts.get(name)), WEIGHT)
    return replace(state, focus=next(iter(unfinished), first_empty))


def _judged(state: WeighingState, name: str) -> tuple[WeighingState, bool]:
    if name == OEDEMA:
        return state, True
    judged = _refreshed(_read(state, name))
    return judged, name not in judged.errors


def _read(state: WeighingState, name: str) -> WeighingState:
    """The field as it is written after reading it, or its error; nothing is assessed yet."""
    try:
        value = _parse(state, name)
    except InvalidValue as error:
        return replace(state, errors={**state.errors, name: error.message}, shown=state.shown - {name})
    written = "" if value is None else format_weight(value) if name == WEIGHT else format_length(value)
    shown = state.shown - {name} if value is None else state.shown | {name}
    texts = {**state.texts, name: written}
    return replace(state, texts=texts, shown=shown, errors=_without(state.errors, name))


def _without(errors: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: error for key, error in errors.items() if key != name}


def _parse(state: WeighingState, name: str) -> int | None:
    text = state.texts.get(name, "")
    return parse_weight(text) if name == WEIGHT else parse_length(text, name)


def _draft(state: WeighingState, names: set[str] | frozenset[str]) -> Draft:
    values: dict[str, int | None] = {}
    for name in TYPED:
        try:
            values[name] = _parse(state, name) if name in names else None
        except InvalidValue:
            values[name] = None
    return Draft(
        date=state.on,
        weight_g=values[WEIGHT],
        length_mm=values[LENGTH],
        position=state.position if values[LENGTH] is not None else None,
        head_mm=values[HEAD],
        muac_mm=values[MUAC],
        oedema=state.oedema,
    )


def _refreshed(state: WeighingState) -> WeighingState:
    """The state with the assessment of exactly the fields that were left with Enter."""
    if not state.shown and not state.oedema:
        return replace(state, preview=None, question=None)
    seen = preview(state.child, state.history, _draft(state, state.shown), state.rules)
    still = state.question if state.question in seen.questions else None
    return replace(state, preview=seen, question=still)


def _open_questions(state: WeighingState) -> list[Question]:
    if state.preview is None:
        return []
    return [question for question in state.preview.questions if question.code not in state.answered]


def _on_from(state: WeighingState, name: str) -> WeighingState:
    """The keyboard goes to the field's open question, else to the next field."""
    doubt = next((question for question in _open_questions(state) if _home(question) == name), None)
    if doubt is not None:
        return replace(state, question=doubt, focus=QUESTION)
    return replace(state, question=None, focus=ORDER[min(ORDER.index(name) + 1, len(ORDER) - 1)])


def _home(question: Question) -> str:
    """The typed field a question belongs to: how the child was measured belongs to the length."""
    return question.field if question.field in TYPED else LENGTH


def _mended(state: WeighingState, question: Question) -> WeighingState:
    name = _home(question)
    if question.field == POSITION:
        mended = position_turned(state)
    elif question.code in SWAPPED:
        return _exchanged(state)
    elif question.suggestion is None:
        return replace(state, question=None, focus=name, wants_save=False)
    else:
        text = format_weight(question.suggestion) if name == WEIGHT else format_length(question.suggestion)
        mended = _judged(typed(state, name, text), name)[0]
    return ask_save(mended) if state.wants_save else _on_from(mended, name)


def _exchanged(state: WeighingState) -> WeighingState:
    """Weight and length in each other's field; the keyboard goes to the one that is empty now, else on."""
    weight, length = state.texts.get(WEIGHT, ""), state.texts.get(LENGTH, "")
    after = typed(typed(replace(state, question=None), WEIGHT, length), LENGTH, weight)
    for name in (WEIGHT, LENGTH):
        after = _read(after, name)
    after = _refreshed(after)
    empty = next((name for name in (WEIGHT, LENGTH) if not after.texts.get(name)), "")
    if empty:
        return replace(after, focus=empty, wants_save=False)
    return ask_save(after) if state.wants_save else _on_from(after, LENGTH)


def findings(state: WeighingState, name: str) -> tuple[tuple[Category, ZScore | None], ...]:
    """What the value of a field means once it was left: each category, and the z-score behind it."""
    seen = state.preview
    if seen is None or name not in state.shown:
        return ()
    categories, growth = seen.assessed.categories, seen.assessed.growth
    scores = {
        Index.BB_U: growth.weight_for_age,
        Index.TB_U: growth.length_for_age,
        Index.BB_TB: growth.weight_for_length,
        Index.LK_U: growth.head_for_age,
    }
    return tuple((categories[index], scores.get(index)) for index in _ABOUT[name] if index in categories)


_ABOUT = {
    WEIGHT: (Index.BB_U,),
    LENGTH: (Index.TB_U, Index.BB_TB),
    MUAC: (Index.LILA,),
    HEAD: (Index.LK_U,),
}
