"""Whether an operation's values are in the form their names promise; unknown names pass as they came.

Only form is judged, never plausibility: 40 kg at six months is a question for a person.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache

from posyandu_app.domain import derived_ids, hlc, notes
from posyandu_app.domain.merge import FACTS
from posyandu_app.domain.operations import Json, JsonObject, Operation, kind_of
from posyandu_app.domain.reading import read_date
from posyandu_app.domain.scopes import is_scope

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_TYPE = re.compile(r"[a-z][a-z_]{0,31}\.[a-z][a-z_]{0,31}", re.ASCII)

_UUID_LENGTH = 36
_LONG = 500
_LARGE = 1_000_000


def is_id(value: Json) -> bool:
    """Whether a value is a UUID in its one lower-case form."""
    return isinstance(value, str) and len(value) == _UUID_LENGTH and _is_uuid(value)


@lru_cache(maxsize=16384)
def _is_uuid(value: str) -> bool:
    return _UUID.fullmatch(value) is not None


def _is_type(value: str) -> bool:
    return _TYPE.fullmatch(value) is not None


def flaw(operation: Operation) -> str | None:
    """The name of the first part that is not in its form, or None."""
    parts = operation.type, operation.scope, operation.actor, operation.app
    known = _flaw_of_envelope if max(map(len, parts)) <= _LONG else _flaw_of_envelope.__wrapped__
    wrong = known(*parts)
    if wrong == "type":
        return wrong
    if not is_id(operation.entity):
        return "entity"
    if wrong is not None:
        return wrong
    if not _moment(operation.at):
        return "at"
    if not hlc.is_stamp(operation.hlc):
        return "hlc"
    if operation.payload is None:
        return "payload"
    child = operation.payload.get("child")
    if isinstance(child, str) and not is_id(child):
        return "child"
    check = _CHECKS.get(operation.type)
    flaw_of_values = None if check is None else check(operation.payload)
    return (
        flaw_of_values
        or _flaw_of_id(operation, operation.payload)
        or _flaw_of_words(operation, operation.payload)
    )


@lru_cache(maxsize=1024)
def _flaw_of_envelope(kind: str, scope: str, actor: str, app: str) -> str | None:
    """The first of the parts that one operation has in common with the next and that is not in its form."""
    if not _is_type(kind):
        return "type"
    if scope and not is_scope(scope):
        return "scope"
    if not _text(actor):
        return "actor"
    return None if _text(app) else "app"


def _flaw_of_id(operation: Operation, payload: JsonObject) -> str | None:
    """What is wrong with the id of a posyandu or of its day, or with another kind that has such an id.

    Anybody can work out the id of a posyandu that nobody has named yet: only its own scope may bring it.
    """
    kind = kind_of(operation.type)
    if kind not in derived_ids.KINDS:
        return "entity" if derived_ids.is_derived(operation.entity) else None
    if operation.type != f"{kind}.register":
        return None
    if not operation.scope:
        return "scope"
    if kind == "posyandu":
        return None if operation.entity == derived_ids.posyandu_entity(operation.scope) else "entity"
    change = payload.get("date")
    day = change.get("v") if isinstance(change, dict) else None
    if not isinstance(day, str) or not _day(day):
        return "date"
    right = derived_ids.session_id(operation.scope, date.fromisoformat(day))
    return None if operation.entity == right else "entity"


def hides_signs(operation: Operation, name: str) -> bool:
    """Whether the field that `flaw` has named is put aside for signs in it that nobody sees."""
    payload = operation.payload or {}
    for values in (payload, payload.get("set")):
        value = values.get(name) if isinstance(values, dict) else None
        if isinstance(value, dict):
            value = value.get("v")
        if isinstance(value, str) and notes.hides_signs(value):
            return True
    return False


def _flaw_of_words(operation: Operation, payload: JsonObject) -> str | None:
    """The first field of a fact or a link that people read, and that holds signs which nobody sees."""
    if kind_of(operation.type) not in _WITH_WORDS:
        return None
    changes = payload.get("set")
    for name, hides in _WORDS.items():
        values = [payload.get(name)]
        change = changes.get(name) if isinstance(changes, dict) else None
        if isinstance(change, dict):
            values.append(change.get("v"))
        if any(isinstance(value, str) and hides(value) for value in values):
            return name
    return None


_WITH_WORDS = frozenset({*FACTS, "person"})
_WORDS: Mapping[str, Callable[[str], bool]] = {
    "name": notes.hides_signs,
    "by": notes.hides_signs,
    "note": notes.hides_signs_in_lines,
    "reason": notes.hides_signs_in_lines,
    "referral_reason": notes.hides_signs_in_lines,
    "text": notes.hides_signs_in_lines,
}


def _text(value: Json) -> bool:
    return isinstance(value, str) and len(value) <= _LONG and not notes.hides_signs(value)


def _name(value: Json) -> bool:
    return _text(value) and bool(str(value).strip())


def _moment(text: str) -> bool:
    return len(text) <= _LONG and _is_moment(text)


@lru_cache(maxsize=4096)
def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _sex(value: Json) -> bool:
    return value in ("M", "F")


def _day(value: Json) -> bool:
    return isinstance(value, str) and len(value) == 10 and _is_date(value)  # longer ones are not remembered


@lru_cache(maxsize=4096)
def _is_date(value: str) -> bool:
    return read_date(value) is not None


def _amount(value: Json) -> bool:
    return type(value) is int and 0 <= value <= _LARGE


def _yes_no(value: Json) -> bool:
    return isinstance(value, bool)


def _posture(value: Json) -> bool:
    return value in ("lying", "standing")


_Form = Callable[[Json], bool]

_CHILD: Mapping[str, _Form] = {
    "name": _name,
    "sex": _sex,
    "birth_date": _day,
    "nik": _text,
    "kk": _text,
    "mother_name": _text,
    "mother_nik": _text,
    "father_name": _text,
    "address": _text,
    "rt": _text,
    "rw": _text,
    "phone": _text,
    "child_order": _amount,
    "gestation_weeks": _amount,
    "birth_weight_g": _amount,
    "birth_length_mm": _amount,
    "birth_head_mm": _amount,
    "kia_held": _yes_no,
    "imd": _yes_no,
    "state": _text,
    "moved_to": _text,
    "origin": _text,
}
_USER: Mapping[str, _Form] = {"name": _text, "role": _text}
_POSYANDU: Mapping[str, _Form] = {"name": _text}
_SESSION: Mapping[str, _Form] = {"date": _day, "posyandu": _text}
_MEASURED: Mapping[str, _Form] = {
    "date": _day,
    "weight_g": _amount,
    "length_mm": _amount,
    "position": _posture,
    "head_mm": _amount,
    "muac_mm": _amount,
    "oedema": _amount,
}

_AMOUNTS = frozenset(name for name, form in _MEASURED.items() if form is _amount)


def _key(value: Json) -> bool:
    if not isinstance(value, list) or len(value) != 2:
        return False
    replica, seq = value
    return is_id(replica) and isinstance(seq, int) and not isinstance(seq, bool) and seq > 0


def _change(change: Json, form: _Form | None) -> bool:
    """Whether a field's change has a value in form, or none, and says what it is based on."""
    if not isinstance(change, dict) or "v" not in change:
        return False
    value, base, bases = change["v"], change.get("base"), change.get("bases", [])
    if not (base is None or _key(base)) or not (isinstance(bases, list) and all(map(_key, bases))):
        return False
    return form is None or value is None or form(value)


def _changes(payload: JsonObject, forms: Mapping[str, _Form]) -> str | None:
    for name, change in payload.items():
        if not _change(change, forms.get(name)):
            return name
    return None


def _child_register(payload: JsonObject) -> str | None:
    name = payload.get("name")
    if not isinstance(name, dict) or name.get("v") is None:
        return "name"
    return _changes(payload, _CHILD)


def _child_set(payload: JsonObject) -> str | None:
    return _changes(payload, _CHILD)


def _posyandu(payload: JsonObject) -> str | None:
    return _changes(payload, _POSYANDU)


def _user(payload: JsonObject) -> str | None:
    return _changes(payload, _USER)


def _session(payload: JsonObject) -> str | None:
    return _changes({name: payload[name] for name in _SESSION if name in payload}, _SESSION)


def _transfer(payload: JsonObject) -> str | None:
    to = payload.get("to")
    if not isinstance(to, str) or not is_scope(to):
        return "to"
    bases = payload.get("bases", [])
    if not isinstance(bases, list) or not all(map(_key, bases)):
        return "bases"
    return None if _day(payload.get("date")) else "date"


def _measurement_record(payload: JsonObject) -> str | None:
    if not is_id(payload.get("child")):
        return "child"
    if not _day(payload.get("date")):
        return "date"
    for name, value in payload.items():
        if name in _AMOUNTS:
            if type(value) is not int or not 0 <= value <= _LARGE:
                return name
        elif name == "position" and not _posture(value):
            return name
    return None


def _measurement_correct(payload: JsonObject) -> str | None:
    changes = payload.get("set")
    return _changes(changes, _MEASURED) if isinstance(changes, dict) else "set"


def _person(payload: JsonObject) -> str | None:
    return None if is_id(payload.get("other")) else "other"


_CHECKS: Mapping[str, Callable[[JsonObject], str | None]] = {
    "child.register": _child_register,
    "child.set": _child_set,
    "child.transfer": _transfer,
    "conflict.resolve": _child_set,
    "measurement.record": _measurement_record,
    "measurement.correct": _measurement_correct,
    "person.link": _person,
    "person.unlink": _person,
    "posyandu.register": _posyandu,
    "posyandu.set": _posyandu,
    "session.register": _session,
    "session.set": _session,
    "user.register": _user,
    "user.set": _user,
}
