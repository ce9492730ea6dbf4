"""Correcting a visit that is saved, as pure functions of (state, event)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from posyandu_app.domain.assessment import Draft, Preview, preview
from posyandu_app.domain.dates import check_visit_date, format_date, parse_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Measurement, Position
from posyandu_app.domain.numbers import format_length, format_weight, parse_length, parse_weight
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.i18n import tr
from posyandu_app.services.child_book import ChildBook, Visited

DATE, WEIGHT, LENGTH, MUAC, HEAD = "date", "weight_g", "length_mm", "muac_mm", "head_mm"
POSITION, OEDEMA, REASON = "position", "oedema", "reason"
TEXTS = (DATE, WEIGHT, LENGTH, MUAC, HEAD)
ORDER = (DATE, WEIGHT, LENGTH, POSITION, MUAC, HEAD, OEDEMA, REASON)


@dataclass(frozen=True, slots=True)
class CorrectState:
    """A visit half corrected; `seen` is the visit as it stood when it was opened."""

    book: ChildBook
    visit: Visited
    today: date
    texts: Mapping[str, str]
    position: Position | None
    oedema: int
    errors: Mapping[str, str] = field(default_factory=dict)
    phase: Literal["entering", "saving"] = "entering"
    focus: str = WEIGHT
    message: str = ""
    resumed: bool = False

    @property
    def seen(self) -> Measurement:
        return self.visit.measurement


def opened(
    book: ChildBook, visit: Visited, today: date, kept: Mapping[str, str] | None = None
) -> CorrectState:
    """The form filled with what stands, and with what was left half-typed on top of it."""
    item = visit.measurement
    texts = {
        DATE: format_date(item.date),
        WEIGHT: "" if item.weight_g is None else format_weight(item.weight_g),
        LENGTH: "" if item.length_mm is None else format_length(item.length_mm),
        MUAC: "" if item.muac_mm is None else format_length(item.muac_mm),
        HEAD: "" if item.head_mm is None else format_length(item.head_mm),
        REASON: "",
    }
    state = CorrectState(book, visit, today, texts, item.position, item.oedema or 0)
    return _resumed(state, kept) if kept and visit.may_change and not item.voided else state


def _resumed(state: CorrectState, kept: Mapping[str, str]) -> CorrectState:
    texts = {name: kept.get(name, text) for name, text in state.texts.items()}
    position, oedema = state.position, state.oedema
    if kept.get(POSITION) in (Position.LYING, Position.STANDING):
        position = Position(kept[POSITION])
    if kept.get(OEDEMA) in ("0", "1", "2", "3"):
        oedema = int(kept[OEDEMA])
    resumed = replace(state, texts=texts, position=position, oedema=oedema)
    return replace(resumed, resumed=bool(fields_of(resumed)))


def fields_of(state: CorrectState) -> dict[str, str]:
    """What a draft keeps: only what no longer says what stands."""
    before = opened(state.book, state.visit, state.today)
    kept = {name: text for name, text in state.texts.items() if text.strip() != before.texts[name]}
    if state.position is not None and state.position != before.position:
        kept[POSITION] = state.position.value
    if state.oedema != before.oedema:
        kept[OEDEMA] = str(state.oedema)
    return kept


def typed(state: CorrectState, name: str, text: str) -> CorrectState:
    """A field changed."""
    errors = {key: said for key, said in state.errors.items() if key != name}
    return replace(state, texts={**state.texts, name: text}, errors=errors, focus=name, message="")


def position_chosen(state: CorrectState, position: Position) -> CorrectState:
    """Lying or standing."""
    return replace(state, position=position, focus=POSITION, message="")


def oedema_chosen(state: CorrectState, grade: int) -> CorrectState:
    """Swelling of both feet, 0 to 3."""
    return replace(state, oedema=grade, focus=OEDEMA, message="")


def entered(state: CorrectState, name: str) -> CorrectState:
    """Enter in a field: read it and go on; in the last one, save."""
    judged = left(state, name)
    if name in judged.errors:
        return replace(judged, focus=name)
    if name == ORDER[-1]:
        return ask_save(judged)
    return replace(judged, focus=ORDER[ORDER.index(name) + 1])


def left(state: CorrectState, name: str) -> CorrectState:
    """The field was left: what stands in it is read, and written as it is understood."""
    if name not in TEXTS:
        return state
    try:
        value = _read(state, name)
    except InvalidValue as error:
        return replace(state, errors={**state.errors, name: error.message})
    texts = {**state.texts, name: _text(name, value)}
    return replace(state, texts=texts, errors={key: v for key, v in state.errors.items() if key != name})


def ask_save(state: CorrectState) -> CorrectState:
    """Save, unless something needs mending; the first such field gets the keyboard."""
    if state.phase == "saving" or not state.visit.may_change:
        return state
    for name in TEXTS:
        state = left(state, name)
    errors = dict(state.errors)
    changed = changes_of(state) if not errors else {}
    if changed and state.visit.needs_reason and not state.texts[REASON].strip():
        errors[REASON] = tr("Hari posyandu {date} sudah ditutup. Tulis alasan perubahannya.").format(
            date=format_date(state.seen.date)
        )
    if errors:
        return replace(state, errors=errors, focus=next(name for name in ORDER if name in errors))
    if not changed:
        return replace(state, message=tr("Tidak ada yang berubah."))
    return replace(state, phase="saving", message="")


def refused(state: CorrectState, name: str, message: str) -> CorrectState:
    """Saving did not work: everything typed stays."""
    if name in ORDER:
        errors = {**state.errors, name: message}
        return replace(state, phase="entering", errors=errors, focus=name)
    return replace(state, phase="entering", message=message)


def changes_of(state: CorrectState) -> dict[str, object]:
    """The values that no longer say what stands, as `weighing.correct` takes them."""
    seen = state.seen
    now: dict[str, object] = {name: _read(state, name) for name in TEXTS}
    now |= {POSITION: state.position, OEDEMA: state.oedema or (None if seen.oedema is None else 0)}
    return {name: value for name, value in now.items() if value != getattr(seen, name)}


def becomes(state: CorrectState, rules: ProgramRules) -> Preview | None:
    """What the visit means as it is typed now; None while something cannot be read."""
    values: dict[str, Any] = {}
    try:
        for name in TEXTS:
            values[name] = _read(state, name)
    except InvalidValue:
        return None
    if values[DATE] is None or all(values[name] is None for name in TEXTS[1:]):
        return None
    others = [
        item.measurement
        for item in reversed(state.book.visits)
        if not item.measurement.voided
        and item.measurement.id != state.seen.id
        and item.measurement.date <= values[DATE]
    ]
    draft = Draft(**values, position=state.position, oedema=state.oedema)
    return preview(state.book.child, others, draft, rules, state.book.card.findings)


_READERS: Mapping[str, Callable[[str, str], int | None]] = {
    WEIGHT: parse_weight,
    LENGTH: parse_length,
    MUAC: parse_length,
    HEAD: parse_length,
}


def _read(state: CorrectState, name: str) -> object:
    text = state.texts.get(name, "").strip()
    if name != DATE:
        return _READERS[name](text, name)
    on = parse_date(text, DATE)
    check_visit_date(on, state.today, state.book.child.birth_date)
    return on


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return format_date(value)
    assert isinstance(value, int), "a measured value is grams or millimetres"
    return format_weight(value) if name == WEIGHT else format_length(value)
