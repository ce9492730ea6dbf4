"""Writing a child down, and changing what is known of her, as pure functions of (state, event)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from posyandu_app.domain import nik
from posyandu_app.domain.consent import CONSENT_VERSION, Consent, ConsentState, Relation
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Child, Sex
from posyandu_app.domain.operations import OpKey
from posyandu_app.i18n import tr
from posyandu_app.services.registration import ChildInput
from posyandu_app.ui.screens import register_fields as rf
from posyandu_app.ui.screens.register_fields import (
    ADDRESS,
    BIRTH,
    DECISION,
    FATHER,
    FIELDS,
    HIDDEN,
    MOTHER,
    NAME,
    NIK,
    OF_CHILD,
    PHONE,
    POSYANDU,
    RELATION,
    RT,
    RW,
    SEX,
    SPEAKER,
    Part,
    later,
    text_of,
    texts_of,
)

__all__ = ["ADDRESS", "BIRTH", "MOTHER", "NAME", "NIK", "PHONE", "POSYANDU", "RT", "RW", "SEX", "later"]

_WAS = "semula."
_KEPT_FOR_NEXT = (RT, RW, ADDRESS)


@dataclass(frozen=True, slots=True)
class RegisterState:
    """A child's form half filled in; `notes` are warnings that never forbid saving.

    `child` is who is being changed, None for a new child; `before` is what stood in the fields
    when they were last read, `seen` the operation each came from, `masked` the numbers not shown
    yet. `resumed` says that the form goes on with what was typed earlier. `decided` is what the
    parents said last about her data: only what they gave can be withdrawn.
    """

    today: date
    scope: str = ""
    posyandu: str = ""
    needs_posyandu: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    duplicates: tuple[Child, ...] = ()
    part: Part = Part.MAIN
    focus: str = NAME
    phase: Literal["entering", "saving"] = "entering"
    message: str = ""
    resumed: bool = False
    child: Child | None = None
    before: Mapping[str, str] = field(default_factory=dict)
    seen: Mapping[str, OpKey] = field(default_factory=dict)
    masked: frozenset[str] = frozenset()
    decided: Consent | None = None

    @property
    def untouched(self) -> bool:
        """Whether nobody has typed anything that is not known already."""
        return not any(self.text(name) != self.before.get(name, "") for name in self.texts)

    @property
    def can_withdraw(self) -> bool:
        """Whether a consent is in force that the parents may take back."""
        return self.decided is not None and self.decided.state == ConsentState.GIVEN

    @property
    def sex(self) -> Sex | None:
        code = self.text(SEX)
        return Sex(code) if code else None

    def text(self, name: str) -> str:
        """What was typed into a field, without white space at its ends."""
        return self.texts.get(name, "").strip()

    def shown(self, name: str) -> str:
        """What the field shows: a number that nobody asked to see stands masked."""
        text = self.texts.get(name, "")
        return nik.mask(text) if name in self.masked and text else text


def new_child(today: date, draft: Mapping[str, str] | None = None) -> RegisterState:
    """An empty form, or the one that was left half-typed."""
    return RegisterState(today=today, texts=dict(draft or {}), resumed=bool(draft))


def next_child(state: RegisterState, today: date) -> RegisterState:
    """The form for the next child of a list: the posyandu and the neighbourhood stay, the rest is empty."""
    kept = {name: state.text(name) for name in _KEPT_FOR_NEXT if state.text(name)}
    return RegisterState(
        today=today,
        scope=state.scope,
        posyandu=state.posyandu,
        needs_posyandu=state.needs_posyandu,
        texts=kept,
        before=kept,
    )


def edit_child(
    child: Child,
    seen: Mapping[str, OpKey],
    today: date,
    draft: Mapping[str, str] | None = None,
    decided: Consent | None = None,
) -> RegisterState:
    """The form filled with what is known of a child, and over it what was left half-typed."""
    before = texts_of(child)
    typed_before = {name: text for name, text in (draft or {}).items() if not name.startswith(_WAS)}
    state = RegisterState(
        today=today,
        scope=child.scope,
        texts={**before, **typed_before},
        child=child,
        before=before,
        seen=dict(seen),
        masked=frozenset(name for name in HIDDEN if before[name] and name not in typed_before),
        resumed=bool(draft),
    )
    changed = {
        name: _changed_meanwhile(name, before[name])
        for name in typed_before
        if name in before and (draft or {}).get(_WAS + name, before[name]) != before[name]
    }
    return decision_in_force(replace(state, notes=changed), decided)


def decision_in_force(state: RegisterState, decided: Consent | None) -> RegisterState:
    """What the parents said last; a withdrawal half entered goes when nothing is given any more."""
    after = replace(state, decided=decided)
    if state.text(DECISION) == ConsentState.WITHDRAWN and not after.can_withdraw:
        return replace(after, texts={**after.texts, **dict.fromkeys(FIELDS[Part.CONSENT], "")})
    return after


def fields_of(state: RegisterState) -> dict[str, str]:
    """What a draft keeps: what was typed, and of a change what stood there before."""
    typed_now = {
        name: text
        for name, text in state.texts.items()
        if text.strip() != state.before.get(name, "") and (text.strip() or state.child is not None)
    }
    if state.child is None:
        if state.posyandu and typed_now:
            typed_now[POSYANDU] = state.posyandu
        return typed_now
    return {**typed_now, **{_WAS + name: state.before.get(name, "") for name in typed_now}}


def typed(state: RegisterState, name: str, text: str) -> RegisterState:
    """A field changed; its error and its warning go away until it is left."""
    return replace(
        state,
        texts={**state.texts, name: text},
        masked=state.masked - {name},
        errors=_without(state.errors, name),
        notes=_without(state.notes, name),
        focus=name,
        message="",
    )


def chosen(state: RegisterState, name: str, code: str) -> RegisterState:
    """One of a few answers; who speaks for the child is offered by name."""
    after = typed(state, name, code)
    if name == DECISION and not state.text(RELATION):
        after = replace(after, texts={**after.texts, **_who_answered(state)})
    if name in (DECISION, RELATION):
        after = _with_speaker(after)
    return _with_notes(after)


def _who_answered(state: RegisterState) -> dict[str, str]:
    """Who is offered as the one who answers: who did the last time, else the mother."""
    if state.decided is None:
        return {RELATION: Relation.MOTHER}
    return {RELATION: state.decided.relation, SPEAKER: state.decided.name}


def _with_speaker(state: RegisterState) -> RegisterState:
    """The mother's or father's name where nobody has typed another one."""
    offered = {Relation.MOTHER: state.text(MOTHER), Relation.FATHER: state.text(FATHER)}
    now = state.text(SPEAKER)
    if now and now not in offered.values():
        return state
    name = offered.get(Relation(state.text(RELATION)), "") if state.text(RELATION) else ""
    return replace(state, texts={**state.texts, SPEAKER: name}, errors=_without(state.errors, SPEAKER))


def posyandu_chosen(state: RegisterState, scope: str) -> RegisterState:
    """The posyandu, on a laptop that works in several."""
    return replace(state, posyandu=scope, errors=_without(state.errors, POSYANDU))


def scope_known(state: RegisterState, scope: str, several: bool) -> RegisterState:
    """Where this laptop works; with several posyandu one must be chosen for the child."""
    return replace(state, scope=scope, needs_posyandu=several)


def focused(state: RegisterState, name: str) -> RegisterState:
    """The keyboard is in that field now."""
    return replace(state, focus=name)


def turned(state: RegisterState, part: Part) -> RegisterState:
    """Another part of the form, from its first field."""
    return replace(state, part=part, focus=FIELDS[part][0])


def next_part(state: RegisterState) -> RegisterState:
    """The parts in turn."""
    parts = tuple(Part)
    return turned(state, parts[(parts.index(state.part) + 1) % len(parts)])


def revealed(state: RegisterState) -> RegisterState:
    """NIK and KK in full, for comparing them with the paper; half-masked typing is put back."""
    texts = {
        name: state.before.get(name, "") if "*" in state.texts.get(name, "") else state.texts.get(name, "")
        for name in HIDDEN
    }
    errors = {name: text for name, text in state.errors.items() if name not in HIDDEN}
    return replace(state, texts={**state.texts, **texts}, masked=frozenset(), errors=errors)


def entered(state: RegisterState, name: str) -> RegisterState:
    """Enter in a field: read it, warn if need be, go on; at the end, save.

    A new child goes from the main part straight to the consent; the rest is for later.
    """
    judged = left(state, name)
    if name in judged.errors:
        return replace(judged, focus=name)
    names = FIELDS[judged.part]
    if name == DECISION and not judged.text(DECISION):
        return ask_save(judged)
    if name in names and name != names[-1]:
        return replace(judged, focus=names[names.index(name) + 1])
    if judged.part is Part.CONSENT:
        return ask_save(judged)
    if judged.part is Part.MAIN and judged.child is not None:
        return turned(judged, Part.MORE)
    return turned(judged, Part.CONSENT)


def left(state: RegisterState, name: str) -> RegisterState:
    """The field was left: what stands in it is read, and written as it is understood."""
    text = state.text(name)
    if name in OF_CHILD and text and name not in state.masked:
        try:
            value = rf.read(name, text, state.today)
        except InvalidValue as error:
            return replace(state, errors={**state.errors, name: error.message})
        if not (name in HIDDEN and value is None):
            state = replace(state, texts={**state.texts, name: text_of(name, value)})
    return _with_notes(replace(state, errors=_without(state.errors, name)))


def duplicates_found(state: RegisterState, found: tuple[Child, ...]) -> RegisterState:
    """Children that may be the one being registered."""
    return replace(state, duplicates=found)


def ask_save(state: RegisterState) -> RegisterState:
    """Save, unless something needs mending; the first such field gets the keyboard."""
    if state.phase == "saving":
        return state
    for name in OF_CHILD:
        state = left(state, name)
    missing: dict[str, str] = {}
    if not state.text(NAME):
        missing[NAME] = tr("Isi nama anak.")
    if state.sex is None:
        missing[SEX] = tr("Pilih jenis kelamin.")
    if not state.text(BIRTH):
        missing[BIRTH] = tr("Isi tanggal lahir.")
    if state.needs_posyandu and not state.posyandu:
        missing[POSYANDU] = tr("Pilih posyandu anak ini.")
    if state.text(DECISION) and not state.text(SPEAKER):
        missing[SPEAKER] = tr("Tulis nama orang tua atau wali yang memberi keputusan.")
    errors = {**state.errors, **missing}
    if errors:
        every = (POSYANDU, *OF_CHILD, *FIELDS[Part.CONSENT])
        return _at(replace(state, errors=errors), next(name for name in every if name in errors))
    if state.child is not None and state.untouched:
        return replace(state, message=tr("Tidak ada yang berubah."))
    return replace(state, phase="saving", message="")


def refused(state: RegisterState, name: str, message: str) -> RegisterState:
    """Saving did not work: everything typed stays."""
    if name in (*OF_CHILD, POSYANDU):
        entering = replace(state, phase="entering", errors={**state.errors, name: message})
        return _at(entering, name)
    return replace(state, phase="entering", message=message)


def _at(state: RegisterState, name: str) -> RegisterState:
    """The keyboard at a field, in the part where it stands."""
    return replace(state, part=rf.part_of(name), focus=name)


def refreshed(state: RegisterState, child: Child, seen: Mapping[str, OpKey]) -> RegisterState:
    """Somebody else changed this child: fields not typed in follow, the others say what came in."""
    if state.child is None or state.phase == "saving":
        return state
    fresh = texts_of(child)
    texts, notes, known = dict(state.texts), dict(state.notes), dict(state.seen)
    for name in OF_CHILD:
        if fresh[name] == state.before.get(name, ""):
            continue
        if state.text(name) == state.before.get(name, ""):
            texts[name] = fresh[name]
            known = {**_without_key(known, name), **({name: seen[name]} if name in seen else {})}
        else:
            notes[name] = _changed_meanwhile(name, fresh[name])
    untouched = {name for name in OF_CHILD if state.text(name) == state.before.get(name, "")}
    before = {name: fresh[name] if name in untouched else state.before.get(name, "") for name in OF_CHILD}
    return replace(state, child=child, texts=texts, notes=notes, seen=known, before=before)


def _changed_meanwhile(name: str, text: str) -> str:
    shown = nik.mask(text) if name in HIDDEN and text else text
    return tr("Orang lain baru mengisi: {value}. Periksa dulu; keduanya tetap tercatat.").format(
        value=shown or "—"
    )


def _without_key(values: Mapping[str, OpKey], name: str) -> dict[str, OpKey]:
    return {key: value for key, value in values.items() if key != name}


def input_of(state: RegisterState) -> ChildInput:
    """What can be read of the form so far; what cannot is left out."""
    values: dict[str, Any] = {name: _value(state, name) for name in OF_CHILD}
    return ChildInput(**{**values, "name": values[NAME] or ""}, scope=state.posyandu or None)


def changes_of(state: RegisterState) -> dict[str, object]:
    """The fields of a child that no longer say what they said, with their new values."""
    return {name: _value(state, name) for name in OF_CHILD if state.text(name) != state.before.get(name, "")}


def decision_of(state: RegisterState) -> Consent | None:
    """What the parent or guardian decided about the child's data; None when nobody was asked."""
    if not state.text(DECISION):
        return None
    return Consent(
        id="",
        child=state.child.id if state.child is not None else "",
        date=state.today,
        name=state.text(SPEAKER),
        relation=state.text(RELATION) or Relation.MOTHER,
        state=state.text(DECISION),
        version=version_of(state),
    )


def version_of(state: RegisterState) -> str:
    """The text a decision is about: the one just read out, or the one the withdrawn consent was given to."""
    if state.text(DECISION) == ConsentState.WITHDRAWN and state.decided is not None:
        return state.decided.version
    return CONSENT_VERSION


def _value(state: RegisterState, name: str) -> object:
    try:
        return rf.read(name, state.text(name), state.today)
    except InvalidValue:
        return None


def _with_notes(state: RegisterState) -> RegisterState:
    """The warnings of the NIK, which depend on birth date and sex."""
    text = state.text(NIK)
    if NIK in state.masked or (NIK in state.notes and state.child is not None and not text):
        return state
    notes = _without(state.notes, NIK)
    if text and not later(text):
        birth = _value(state, BIRTH)
        try:
            warnings = nik.check(
                text,
                birth if isinstance(birth, date) else None,
                state.sex,
                state.posyandu or state.scope or None,
            ).warnings
        except InvalidValue:
            warnings = ()
        if warnings:
            notes[NIK] = warnings[0]
    return replace(state, notes=notes)


def _without(values: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in values.items() if key != name}
