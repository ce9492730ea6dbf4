"""What a child gets and is asked at the tables besides measuring, as pure functions of (state, event).

Only what is due stands in the list, and what may still be copied from the Buku KIA once somebody
wants to. A dose has the day of the form unless another one is typed. An answer not given stays
"not asked", never "no".
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.danger_signs import DangerSign
from posyandu_app.domain.dates import format_date, parse_past_date
from posyandu_app.domain.doses import CapsuleColour, Dose, DoseKind, DoseState
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.facts import check_day
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.domain.schedule import Kind, Service, State
from posyandu_app.domain.visits import Development, Referral, TbSymptom, Visit
from posyandu_app.i18n import tr
from posyandu_app.services.day import DayCard, DayForm, DayPreview, preview

YES, NO, NONE, SOME = "ya", "tidak", "tidak_ada", "ada"
BREASTFEEDING, FEEDING, DEVELOPMENT = "exclusive_breastfeeding", "complementary_feeding", "development"
DANGER, TB, FOOD, REFERRAL = "danger_signs", "tb_symptoms", "local_food", "referral"
BOOK, COPYING, COPIED = "book", "salin", "lengkap"
_DOSE, _DATE = "dose", "date."
_PREFIX = "care."
_TICKS, _TOLD = "ticks", "told"
_DOSES = {
    Kind.VITAMIN_A: DoseKind.VITAMIN_A,
    Kind.DEWORMING: DoseKind.DEWORMING,
    Kind.IMMUNISATION: DoseKind.IMMUNISATION,
}
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: its code, its words and the letter that picks it."""

    code: str
    words: str
    key: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to give or to ask; `marks` are (code, words) to tick once the answer is "there is".

    `dated` says that it has a day of its own.
    """

    code: str
    name: str
    text: str
    choices: tuple[Choice, ...]
    marks: tuple[tuple[str, str], ...] = ()
    due: bool = False
    dated: bool = False


@dataclass(frozen=True, slots=True)
class CareState:
    """One child at the service table.

    `answers` maps an item to the chosen code, `dates` a dose to the other day typed for it, `wrong`
    a dose to why that day cannot be; `ticks` are the signs and symptoms found, `told` that the
    mother has heard the advice, `message` which advice is in sight; `begun` is what stood when the
    form was opened.
    """

    day: DayCard
    rules: ProgramRules
    today: date
    answers: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    ticks: frozenset[str] = frozenset()
    told: bool = False
    message: int = 0
    begun: tuple[Mapping[str, str], frozenset[str], bool] = ({}, frozenset(), False)

    @property
    def touched(self) -> bool:
        """Whether anything was answered, or answered differently, since the form was opened."""
        return (self.answers, self.ticks, self.told) != self.begun


def start(day: DayCard, rules: ProgramRules, today: date, kept: Mapping[str, str] | None = None) -> CareState:
    """The card of a child: what stands already, and what was left half-done put back on it.

    `today` is the last day that a dose may have.
    """
    answers, ticks = _standing(day.card)
    told = day.card is not None and bool(day.card.counselling)
    begun = CareState(day, rules, today, answers, ticks=ticks, told=told, begun=(answers, ticks, told))
    return _restored(begun, kept) if kept else begun


def reopened(state: CareState, day: DayCard) -> CareState:
    """The card anew, on another day or after a change elsewhere; what was answered here stays."""
    if not state.touched:
        return start(day, state.rules, state.today)
    return _restored(start(day, state.rules, state.today), fields_of(state))


def items(state: CareState) -> tuple[Item, ...]:
    """What to give, then what to ask, in the order of the card; what is not due is left out."""
    services = [service for service in state.day.services if _shown(state, service)]
    doses = [_dose(service) for service in services if service.kind in _DOSES]
    asked = [_question(service) for service in services if service.kind in _QUESTIONS]
    copied = [_from_book(service) for service in _in_book(state)] if BOOK in state.answers else []
    signs = tuple((f"{DANGER}.{sign}", sign.label) for sign in state.day.danger_signs)
    symptoms = tuple((f"{TB}.{symptom}", symptom.label) for symptom in TbSymptom)
    there = (Choice(NONE, tr("Tidak ada"), "t"), Choice(SOME, tr("Ada"), "a"))
    yes_no = (Choice(YES, tr("Ya"), "y"), Choice(NO, tr("Tidak"), "t"))
    places = (
        Choice("", tr("Tidak"), "t"),
        Choice(Referral.PUSTU, tr("Ke pustu"), "s"),
        Choice(Referral.PUSKESMAS, tr("Ke puskesmas"), "p"),
        Choice(Referral.HOSPITAL, tr("Ke RS"), "r"),
    )
    return (
        *doses,
        *_book(state),
        *copied,
        *asked,
        Item(DANGER, tr("Tanda bahaya"), "", there, signs),
        Item(TB, tr("Gejala TBC"), "", there, symptoms),
        Item(FOOD, tr("MT pangan lokal"), "", yes_no),
        Item(REFERRAL, tr("Rujukan"), "", places),
    )


def due_count(state: CareState) -> int:
    """How many things are due and not answered yet."""
    return sum(item.due and item.code not in state.answers for item in items(state))


def waits_today(state: CareState) -> bool:
    """Whether a capsule, a tablet or an injection has its time now and nobody has said a word about it."""
    return any(
        service.kind in _DOSES and service.state is State.DUE and _dose_code(service) not in state.answers
        for service in state.day.services
    )


def answered(state: CareState, code: str, choice: str) -> CareState:
    """An item was answered; "none found" forgets the signs ticked before."""
    answers = {name: value for name, value in state.answers.items() if name != code}
    if choice:
        answers[code] = choice
    ticks = state.ticks
    if choice == NONE:
        ticks = frozenset(tick for tick in ticks if not tick.startswith(f"{code}."))
    if code == BOOK and not choice:
        book = {_dose_code(service) for service in _in_book(state)}
        answers = {name: value for name, value in answers.items() if name not in book}
    gone = set(state.dates) - set(answers)
    return replace(
        state,
        answers=answers,
        dates=_without(state.dates, gone),
        wrong=_without(state.wrong, gone),
        ticks=ticks,
        message=0,
    )


def date_typed(state: CareState, code: str, text: str) -> CareState:
    """Another day is being typed for a dose: it was given then, unless the family refused."""
    answers = state.answers if state.answers.get(code) else {**state.answers, code: DoseState.GIVEN}
    dates = {**state.dates, code: text}
    return replace(state, answers=answers, dates=dates, wrong=_without(state.wrong, {code}), message=0)


def date_left(state: CareState, code: str) -> CareState:
    """The day of a dose was typed: written as it is understood, or why it cannot be."""
    text = state.dates.get(code, "").strip()
    try:
        on = _checked(state, text) if text else state.day.on
    except InvalidValue as error:
        return replace(state, wrong={**state.wrong, code: error.message})
    dates = _without(state.dates, {code})
    if on != state.day.on:
        dates[code] = format_date(on)
    return replace(state, dates=dates, wrong=_without(state.wrong, {code}), message=0)


def date_forgotten(state: CareState, code: str) -> CareState:
    """The day of a dose is that of the form after all."""
    return date_left(replace(state, dates=_without(state.dates, {code})), code)


def all_read(state: CareState) -> CareState:
    """Every day typed is read, before saving; `wrong` is empty when all of them can be."""
    for code in tuple(state.dates):
        state = date_left(state, code)
    return state


def day_of(state: CareState, code: str) -> str:
    """The day of a dose as it stands in its field."""
    return state.dates.get(code, format_date(state.day.on))


def _without(values: Mapping[str, str], gone: Collection[str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name not in gone}


def _checked(state: CareState, text: str) -> date:
    on = parse_past_date(text, state.today)
    check_day(on, state.today, state.day.child.birth_date)
    return on


def ticked(state: CareState, mark: str, on: bool) -> CareState:
    """A sign or symptom was found, or is not there after all."""
    ticks = state.ticks | {mark} if on else state.ticks - {mark}
    return replace(state, ticks=ticks, message=0)


def told(state: CareState, on: bool) -> CareState:
    """The mother has heard what there is to say to her."""
    return replace(state, told=on)


def next_message(state: CareState, count: int) -> CareState:
    """The next thing to say, from the first again after the last."""
    return replace(state, message=(state.message + 1) % count if count else 0)


def form_of(
    state: CareState, weighing: Draft, confirmed: Sequence[str] = (), seen: DayPreview | None = None
) -> DayForm:
    """Everything typed for the child, to look at or to save; `seen` gives what was said and why referred."""
    day = state.day
    card = _card(state, seen) if state.touched else None
    return DayForm(
        date=day.on,
        weighing=weighing,
        confirmed=tuple(confirmed),
        card=card,
        doses=tuple(_doses(state)),
        doses_confirmed=bool(seen and seen.doubts),
    )


def look(state: CareState, weighing: Draft) -> DayPreview:
    """What the answers so far mean: status, advice and doubts."""
    return preview(state.day, form_of(state, weighing), state.rules)


def fields_of(state: CareState) -> dict[str, str]:
    """What a draft keeps of the card."""
    if not state.touched:
        return {}
    kept = {f"{_PREFIX}{code}": choice for code, choice in state.answers.items()}
    kept |= {f"{_PREFIX}{_DATE}{code}": text for code, text in state.dates.items()}
    if state.ticks:
        kept[f"{_PREFIX}{_TICKS}"] = " ".join(sorted(state.ticks))
    if state.told:
        kept[f"{_PREFIX}{_TOLD}"] = YES
    return kept


def note_of(state: CareState, item: Item, seen: DayPreview | None) -> str:
    """The sentence under an item: what to mend or to ask first, then why it is offered."""
    if item.code in state.wrong:
        return state.wrong[item.code]
    if item.code == REFERRAL and state.answers.get(REFERRAL):
        reason = _reason(seen)
        return tr("Alasan: {reason}").format(reason=reason) if reason else ""
    for doubt in seen.doubts if seen is not None else ():
        if item.code == _code_of(doubt.dose):
            return " ".join(doubt.sentences)
    return item.text


def _standing(card: Visit | None) -> tuple[dict[str, str], frozenset[str]]:
    if card is None:
        return {}, frozenset()
    answers: dict[str, str] = {}
    for name in (BREASTFEEDING, FEEDING, FOOD):
        value = getattr(card, name)
        if value is not None:
            answers[name] = YES if value else NO
    if card.book_copied:
        answers[BOOK] = COPIED
    if card.development:
        answers[DEVELOPMENT] = card.development
    if card.referral:
        answers[REFERRAL] = card.referral
    ticks: set[str] = set()
    for name in (DANGER, TB):
        found = getattr(card, name)
        if found is not None:
            answers[name] = SOME if found else NONE
            ticks |= {f"{name}.{code}" for code in found}
    return answers, frozenset(ticks)


def _restored(state: CareState, kept: Mapping[str, str]) -> CareState:
    copying = replace(state, answers={**state.answers, BOOK: COPYING})
    known = {item.code: {choice.code for choice in item.choices} for item in items(copying)}
    answers, dates = dict(state.answers), dict(state.dates)
    ticks, was_told = state.ticks, state.told
    for name, value in kept.items():
        if not name.startswith(_PREFIX):
            continue
        code = name.removeprefix(_PREFIX)
        if code == _TICKS:
            ticks = frozenset(value.split())
        elif code == _TOLD:
            was_told = value == YES
        elif code.startswith(_DATE):
            dates[code.removeprefix(_DATE)] = value
        elif value in known.get(code, ()):
            answers[code] = value
    dates = {code: text for code, text in dates.items() if code in answers}
    return replace(state, answers=answers, dates=dates, ticks=ticks, told=was_told)


def _shown(state: CareState, service: Service) -> bool:
    if service.kind in _DOSES:
        return service.offered or service.state is State.REFUSED
    return service.offered or _QUESTIONS.get(service.kind) in state.begun[0]


def _in_book(state: CareState) -> list[Service]:
    """The immunisations that may stand in the Buku KIA: of her age or younger, and recorded nowhere."""
    return [
        service
        for service in state.day.services
        if service.kind is Kind.IMMUNISATION
        and (
            service.state in (State.UNRECORDED, State.MISSED)
            or (service.state is State.NOT_YET and service.from_day and service.from_day <= state.day.on)
        )
    ]


def _book(state: CareState) -> tuple[Item, ...]:
    found = _in_book(state)
    unrecorded = sum(service.state is State.UNRECORDED for service in found)
    looked_up = any(card.book_copied for card in state.day.visits)
    if BOOK not in state.answers and (not found or (looked_up and not unrecorded)):
        return ()
    text = tr("Ada yang tertulis di buku tetapi belum di sini? Salin tanggalnya.")
    if unrecorded:
        text = tr("{count} belum tercatat di sini. Salin tanggalnya dari buku.").format(count=unrecorded)
    choices = (
        Choice("", tr("Nanti"), "n"),
        Choice(COPYING, tr("Salin"), "s"),
        Choice(COPIED, tr("Sudah semua"), "u"),
    )
    return (Item(BOOK, tr("Imunisasi di Buku KIA"), text, choices, due=unrecorded > 0),)


def _from_book(service: Service) -> Item:
    item = _dose(service)
    not_there = replace(item.choices[0], words=tr("Tidak ada"))
    return replace(item, text="", choices=(not_there, *item.choices[1:]), due=False)


def _dose(service: Service) -> Item:
    name = service.name
    if service.kind is Kind.VITAMIN_A and service.code:
        name = f"{service.name} · {label_of(CapsuleColour, service.code).lower()}"
    choices = (
        Choice("", tr("Nanti"), "n"),
        Choice(DoseState.GIVEN, DoseState.GIVEN.label, "d"),
        Choice(DoseState.REFUSED, DoseState.REFUSED.label, "m"),
    )
    return Item(_dose_code(service), name, service.text, choices, due=service.offered, dated=True)


def _question(service: Service) -> Item:
    if service.kind is Kind.DEVELOPMENT:
        choices = (
            Choice(Development.COMPLETE, Development.COMPLETE.label, "l"),
            Choice(Development.INCOMPLETE, Development.INCOMPLETE.label, "t"),
        )
    else:
        choices = (Choice(YES, tr("Ya"), "y"), Choice(NO, tr("Tidak"), "t"))
    return Item(_QUESTIONS[service.kind], service.name, service.text, choices, due=service.offered)


_QUESTIONS = {
    Kind.EXCLUSIVE_BREASTFEEDING: BREASTFEEDING,
    Kind.COMPLEMENTARY_FEEDING: FEEDING,
    Kind.DEVELOPMENT: DEVELOPMENT,
}


def _dose_code(service: Service) -> str:
    antigen = service.code if service.kind is Kind.IMMUNISATION else ""
    return f"{_DOSE}.{_DOSES[service.kind]}.{antigen}"


def _code_of(dose: Dose) -> str:
    return f"{_DOSE}.{dose.what}.{dose.antigen or ''}"


def _doses(state: CareState) -> Iterator[Dose]:
    """The doses answered; one whose day cannot be read stands on the day of the form for now."""
    book = _in_book(state) if BOOK in state.answers else []
    for service in state.day.services:
        code = _dose_code(service) if service.kind in _DOSES else ""
        chosen = state.answers.get(code)
        if not chosen or not (_shown(state, service) or service in book):
            continue
        on = state.day.on
        with suppress(InvalidValue):
            on = _checked(state, state.dates[code]) if code in state.dates else on
        of_the_day = service.kind is Kind.VITAMIN_A and on == state.day.on
        yield Dose(
            id="",
            child=state.day.child.id,
            date=on,
            what=_DOSES[service.kind],
            state=chosen,
            antigen=service.code if service.kind is Kind.IMMUNISATION else None,
            colour=service.code or None if of_the_day else None,
        )


def _card(state: CareState, seen: DayPreview | None) -> Visit:
    before = state.day.card or Visit(id="", child=state.day.child.id, date=state.day.on)
    answers = state.answers
    flags = {
        name: None if name not in answers else answers[name] == YES for name in (BREASTFEEDING, FEEDING, FOOD)
    }
    referral = answers.get(REFERRAL)
    topics = frozenset(str(advice.topic) for advice in seen.advice) if seen is not None else frozenset()
    return replace(
        before,
        exclusive_breastfeeding=flags[BREASTFEEDING],
        complementary_feeding=flags[FEEDING],
        local_food=flags[FOOD],
        development=answers.get(DEVELOPMENT),
        book_copied=answers.get(BOOK) == COPIED or None,
        danger_signs=_found(state, DANGER),
        tb_symptoms=_found(state, TB),
        referral=referral,
        referral_reason=(_reason(seen) or before.referral_reason) if referral else None,
        counselling=(before.counselling or topics or None) if state.told else None,
    )


def _found(state: CareState, name: str) -> frozenset[str] | None:
    """The signs ticked; empty when asked and none was found, None when nobody asked or nothing is ticked."""
    if state.answers.get(name) == NONE:
        return frozenset()
    known = {str(code) for code in (*DangerSign, *TbSymptom)}
    ticks = {tick.removeprefix(f"{name}.") for tick in state.ticks if tick.startswith(f"{name}.")}
    standing = getattr(state.day.card, name, None) or frozenset()
    return frozenset(ticks & (known | standing)) or None


def _reason(seen: DayPreview | None) -> str:
    if seen is None:
        return ""
    told = [reason.text.rstrip(".") for reason in seen.risk.reasons][:2]
    return "; ".join(told)[:_LONGEST_REASON]
