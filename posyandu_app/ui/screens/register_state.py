"""Registering a child as pure functions of (state, event)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from posyandu_app.domain import nik
from posyandu_app.domain.dates import check_birth_date, format_date, parse_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Child, Sex
from posyandu_app.i18n import tr
from posyandu_app.services.registration import ChildInput

NAME, SEX, BIRTH, MOTHER, NIK, RT, RW, ADDRESS, PHONE = (
    "name",
    "sex",
    "birth_date",
    "mother_name",
    "nik",
    "rt",
    "rw",
    "address",
    "phone",
)
POSYANDU = "scope"
ORDER = (NAME, SEX, BIRTH, MOTHER, NIK, RT, RW, ADDRESS, PHONE)
TEXTS = tuple(name for name in ORDER if name != SEX)


@dataclass(frozen=True, slots=True)
class RegisterState:
    """A new child being written down; `notes` are warnings that never forbid saving."""

    today: date
    scope: str = ""
    posyandu: str = ""
    needs_posyandu: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    sex: Sex | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    duplicates: tuple[Child, ...] = ()
    focus: str = NAME
    phase: Literal["entering", "saving"] = "entering"
    message: str = ""

    @property
    def untouched(self) -> bool:
        return self.sex is None and not any(text.strip() for text in self.texts.values())


def typed(state: RegisterState, name: str, text: str) -> RegisterState:
    """A field changed; its error and its warning go away until it is left."""
    return replace(
        state,
        texts={**state.texts, name: text},
        errors=_without(state.errors, name),
        notes=_without(state.notes, name),
        focus=name,
        message="",
    )


def sex_chosen(state: RegisterState, sex: Sex) -> RegisterState:
    """Boy or girl."""
    return _with_notes(replace(state, sex=sex, errors=_without(state.errors, SEX), focus=SEX))


def posyandu_chosen(state: RegisterState, scope: str) -> RegisterState:
    """The posyandu, on a laptop that works in several."""
    return replace(state, posyandu=scope, errors=_without(state.errors, POSYANDU))


def scope_known(state: RegisterState, scope: str, several: bool) -> RegisterState:
    """Where this laptop works; with several posyandu one must be chosen for the child."""
    return replace(state, scope=scope, needs_posyandu=several)


def focused(state: RegisterState, name: str) -> RegisterState:
    """The keyboard is in that field now."""
    return replace(state, focus=name)


def entered(state: RegisterState, name: str) -> RegisterState:
    """Enter in a field: read it, warn if need be, go on; in the last one, save."""
    judged = left(state, name)
    if name in judged.errors:
        return replace(judged, focus=name)
    if name == ORDER[-1]:
        return ask_save(judged)
    return replace(judged, focus=ORDER[ORDER.index(name) + 1])


def left(state: RegisterState, name: str) -> RegisterState:
    """The field was left: what stands in it is read, and written as it is understood."""
    text = state.texts.get(name, "").strip()
    if name == BIRTH and text:
        try:
            birth = parse_date(text, BIRTH)
            check_birth_date(birth, state.today)
        except InvalidValue as error:
            return replace(state, errors={**state.errors, name: error.message})
        state = replace(state, texts={**state.texts, name: format_date(birth)})
    if name == NIK and text and not later(text):
        try:
            nik.sixteen_digits(text)
        except InvalidValue as error:
            return replace(state, errors={**state.errors, name: error.message})
    return _with_notes(replace(state, errors=_without(state.errors, name)))


def duplicates_found(state: RegisterState, found: tuple[Child, ...]) -> RegisterState:
    """Children that may be the one being registered."""
    return replace(state, duplicates=found)


def ask_save(state: RegisterState) -> RegisterState:
    """Save, unless something needs mending; the first such field gets the keyboard."""
    if state.phase == "saving":
        return state
    for name in (BIRTH, NIK):
        state = left(state, name)
    missing: dict[str, str] = {}
    if not state.texts.get(NAME, "").strip():
        missing[NAME] = tr("Isi nama anak.")
    if state.sex is None:
        missing[SEX] = tr("Pilih jenis kelamin.")
    if not state.texts.get(BIRTH, "").strip():
        missing[BIRTH] = tr("Isi tanggal lahir.")
    if state.needs_posyandu and not state.posyandu:
        missing[POSYANDU] = tr("Pilih posyandu anak ini.")
    errors = {**state.errors, **missing}
    if errors:
        first = next((name for name in (POSYANDU, *ORDER) if name in errors), NAME)
        return replace(state, errors=errors, focus=first)
    return replace(state, phase="saving", message="")


def refused(state: RegisterState, name: str, message: str) -> RegisterState:
    """Saving did not work: everything typed stays."""
    if name in (*ORDER, POSYANDU):
        return replace(state, phase="entering", errors={**state.errors, name: message}, focus=name)
    return replace(state, phase="entering", message=message)


def input_of(state: RegisterState) -> ChildInput:
    """What can be read of the form so far; what cannot is left out."""

    def text(name: str) -> str | None:
        return state.texts.get(name, "").strip() or None

    number = text(NIK)
    return ChildInput(
        name=text(NAME) or "",
        sex=state.sex,
        birth_date=_birth(state),
        nik=None if number is None or later(number) else number,
        mother_name=text(MOTHER),
        rt=text(RT),
        rw=text(RW),
        address=text(ADDRESS),
        phone=text(PHONE),
        scope=state.posyandu or None,
    )


def later(text: str) -> bool:
    """Whether somebody wrote that the NIK comes later."""
    return text.strip().casefold() in ("menyusul", "-", "belum", "belum ada", "later")


def _birth(state: RegisterState) -> date | None:
    try:
        birth = parse_date(state.texts.get(BIRTH, ""), BIRTH)
        check_birth_date(birth, state.today)
    except InvalidValue:
        return None
    return birth


def _with_notes(state: RegisterState) -> RegisterState:
    """The warnings of the NIK, which depend on birth date and sex."""
    text = state.texts.get(NIK, "").strip()
    notes = _without(state.notes, NIK)
    if text and not later(text):
        try:
            warnings = nik.check(
                text, _birth(state), state.sex, state.posyandu or state.scope or None
            ).warnings
        except InvalidValue:
            warnings = ()
        if warnings:
            notes[NIK] = warnings[0]
    return replace(state, notes=notes)


def _without(values: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in values.items() if key != name}
