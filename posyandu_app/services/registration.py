"""Children in the register: writing one down, changing what is known, and seeing who may be the same."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

import uuid_utils

from posyandu_app.domain import names, nik
from posyandu_app.domain.consent import Consent
from posyandu_app.domain.dates import check_birth_date, format_date
from posyandu_app.domain.errors import InvalidValue, UserError
from posyandu_app.domain.model import Child, ChildState, Sex
from posyandu_app.domain.notes import name_line
from posyandu_app.domain.operations import Json, OpKey, field_writes
from posyandu_app.i18n import tr
from posyandu_app.services import deeds, recording
from posyandu_app.services.children import get
from posyandu_app.services.roster import REGISTERED_BY_MISTAKE
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import (
    Workspace,
    inside,
    is_posyandu,
    latest_date,
    require_scope,
    require_writer,
)
from posyandu_app.storage import children
from posyandu_app.storage.log import NewOperation


@dataclass(frozen=True, slots=True)
class ChildInput:
    """What is known of a child when she is registered; weights in g, lengths in mm.

    `scope` is the posyandu, for a laptop that works in more than one; otherwise it is the laptop's.
    `origin` is where a child who moved in comes from.
    """

    name: str
    sex: Sex | None
    birth_date: date | None
    nik: str | None = None
    kk: str | None = None
    mother_name: str | None = None
    mother_nik: str | None = None
    father_name: str | None = None
    address: str | None = None
    rt: str | None = None
    rw: str | None = None
    phone: str | None = None
    child_order: int | None = None
    gestation_weeks: int | None = None
    birth_weight_g: int | None = None
    birth_length_mm: int | None = None
    birth_head_mm: int | None = None
    kia_held: bool | None = None
    imd: bool | None = None
    origin: str | None = None
    scope: str | None = None


FIELDS = tuple(item.name for item in fields(ChildInput) if item.name != "scope")


def register(ws: Workspace, child: ChildInput, decision: Consent | None = None) -> Changes:
    """Write a new child down, with what her parent or guardian decided about her data, in one deed.

    Raises `InvalidValue` naming the field that must be mended.
    """
    require_writer(ws)
    operations = [new_child(ws, child)]
    if decision is not None:
        made = Child(
            id=operations[0].entity,
            scope=operations[0].scope,
            name=child.name,
            sex=child.sex,
            birth_date=child.birth_date,
        )
        operations.append(recording.new(ws, made, decision))
    label = tr("Didaftarkan: {name}").format(name=names.display(child.name))
    return replace(deeds.save(ws, operations, label), child=operations[0].entity)


def new_child(ws: Workspace, child: ChildInput, child_id: str | None = None) -> NewOperation:
    """The checked operation that registers a child, for `register` and for imports."""
    scope = child.scope or require_scope(ws)
    if not is_posyandu(scope):
        raise InvalidValue("scope", tr("Pilih posyandu anak ini."))
    if not inside(ws, scope):
        raise InvalidValue("scope", tr("Posyandu itu di luar wilayah laptop ini."))
    values = check({name: getattr(child, name) for name in FIELDS}, latest_date(ws))
    for name, sentence in _required().items():
        if values.get(name) is None:
            raise InvalidValue(name, sentence)
    payload = field_writes({name: value for name, value in values.items() if value is not None})
    return NewOperation("child.register", child_id or str(uuid_utils.uuid7()), scope, payload)


def update(
    ws: Workspace,
    child_id: str,
    changes: Mapping[str, object],
    *,
    seen: Mapping[str, OpKey] | None = None,
    decision: Consent | None = None,
) -> Changes:
    """Change what is known of a child, field by field (None empties one); equal values are left alone.

    `seen` is what `shown` said when the form was opened: a value that has come in since and that
    nobody at this laptop has looked at is not taken for corrected. A `decision` of the parents
    about her data is part of the same deed.
    """
    require_writer(ws)
    with ws.database.atomic():
        child = get(ws, child_id)
        new = changed_child(ws, child, changes, seen)
        made = [] if new is None else [new]
        if decision is not None:
            made.append(recording.new(ws, child, decision))
        if not made:
            raise UserError(tr("Tidak ada yang berubah."), code="nothing_changed")
        return deeds.save(
            ws, made, tr("Diubah: {name}").format(name=names.display(child.name)), about=[child.id]
        )


def shown(ws: Workspace, child_id: str) -> Mapping[str, OpKey]:
    """Which operation each field of a child stands from now: kept while a form is open, for `update`."""
    return children.shown_by(ws.database, child_id)


def changed_child(
    ws: Workspace, child: Child, changes: Mapping[str, object], seen: Mapping[str, OpKey] | None = None
) -> NewOperation | None:
    """The checked operation that changes what is known of a child; None when all of it is known so."""
    for name in changes:
        if name not in _CHECKS:
            raise ValueError(f"a child has no field {name!r}")
    checked = check(changes, latest_date(ws))
    for name, sentence in _required().items():
        if name in checked and checked[name] is None:
            raise InvalidValue(name, sentence)
    changed = {name: value for name, value in checked.items() if value != wire(getattr(child, name))}
    if not changed:
        return None
    based_on = shown(ws, child.id) if seen is None else seen
    return NewOperation("child.set", child.id, child.scope, field_writes(changed, based_on))


def possible_duplicates(ws: Workspace, child: ChildInput) -> tuple[Child, ...]:
    """Children on this laptop who may be the one being registered: a person decides, nothing is merged."""
    typed = Child(
        id="",
        scope=child.scope or ws.scope or "",
        name=child.name,
        sex=child.sex,
        birth_date=child.birth_date,
        nik=_sixteen_or_none(child.nik),
        mother_name=child.mother_name,
    )
    near: dict[str, Child] = {}
    if typed.nik:
        near |= {found.id: found for found in children.with_nik(ws.database, typed.nik)}
    if typed.birth_date is not None:
        span = timedelta(days=ws.rules.duplicates.birth_days)
        first = date.min if typed.birth_date - date.min < span else typed.birth_date - span
        last = date.max if date.max - typed.birth_date < span else typed.birth_date + span
        near |= {found.id: found for found in children.born_between(ws.database, first, last)}
    alike = [
        found
        for found in near.values()
        if found.state != REGISTERED_BY_MISTAKE and names.possible_duplicate(typed, found, ws.rules)
    ]
    return tuple(sorted(alike, key=lambda found: (-names.similar(typed.name, found.name), found.id)))


def _sixteen_or_none(typed: str | None) -> str | None:
    try:
        return nik.sixteen_digits(typed) if typed else None
    except InvalidValue:
        return None


def check(values: Mapping[str, object], today: date) -> dict[str, Json]:
    """The values of a child's fields as stored; raises `InvalidValue` naming the first that cannot be."""
    return {name: _CHECKS[name](name, value, today) for name, value in values.items()}


def wire(value: object) -> Json:
    """A field of `Child` as it is stored."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return str(value)
    assert value is None or isinstance(value, int), "a child's fields are text, numbers, dates and flags"
    return value


def _required() -> dict[str, str]:
    return {
        "name": tr("Isi nama anak."),
        "sex": tr("Pilih jenis kelamin."),
        "birth_date": tr("Isi tanggal lahir."),
    }


_Check = Callable[[str, object, date], Json]


def _text(longest: int) -> _Check:
    def checked(field: str, value: object, today: date) -> Json:
        if value is None:
            return None
        if not isinstance(value, str):
            raise InvalidValue(field, tr("Isi dengan tulisan."))
        plain = unicodedata.normalize("NFC", value).encode("utf-8", "replace").decode("utf-8")
        plain = name_line(plain, field)
        if len(plain) > longest:
            raise InvalidValue(
                field, tr("Terlalu panjang. Ringkas sampai {count} huruf.").format(count=longest)
            )
        return plain or None

    return checked


def _person(field: str, value: object, today: date) -> Json:
    name = _text(100)(field, value, today)
    if isinstance(name, str) and not any(sign.isalpha() for sign in name):
        raise InvalidValue(field, tr("Nama ditulis dengan huruf."))
    return name


def _identity_number(field: str, value: object, today: date) -> Json:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return nik.sixteen_digits(value if isinstance(value, str) else "", field)


def _phone(field: str, value: object, today: date) -> Json:
    typed = _text(30)(field, value, today)
    if typed is None:
        return None
    digits = [sign for sign in str(typed) if sign not in " -().+"]
    if not 6 <= len(digits) <= 15 or not all(sign.isascii() and sign.isdigit() for sign in digits):
        raise InvalidValue(field, tr("Nomor telepon terdiri dari 6 sampai 15 angka."))
    return typed


def _sex(field: str, value: object, today: date) -> Json:
    if value is None:
        return None
    if value not in ("M", "F"):
        raise InvalidValue(field, tr("Pilih jenis kelamin."))
    return str(value)


def _birth_date(field: str, value: object, today: date) -> Json:
    if value is None:
        return None
    if not isinstance(value, date):
        raise InvalidValue(field, tr("Isi tanggal lahir."))
    check_birth_date(value, today)
    return value.isoformat()


def _day(field: str, value: object, today: date) -> Json:
    if value is None:
        return None
    if type(value) is not date:
        raise InvalidValue(field, tr("Isi tanggalnya."))
    if value > today:
        raise InvalidValue(
            field,
            tr("Tanggal {date} belum terjadi. Periksa lagi, juga jam laptop.").format(
                date=format_date(value)
            ),
        )
    return value.isoformat()


def _number(low: int, high: int, sentence: Callable[[], str]) -> _Check:
    def checked(field: str, value: object, today: date) -> Json:
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise InvalidValue(field, sentence())
        return value

    return checked


def _flag(field: str, value: object, today: date) -> Json:
    if value is None or isinstance(value, bool):
        return value
    raise InvalidValue(field, tr("Pilih ya atau tidak."))


def _state(field: str, value: object, today: date) -> Json:
    if value not in tuple(ChildState):
        raise InvalidValue(field, tr("Pilih keadaan anak dari daftar."))
    return str(value)


_CHECKS: dict[str, _Check] = {
    "name": _person,
    "sex": _sex,
    "birth_date": _birth_date,
    "nik": _identity_number,
    "kk": _identity_number,
    "mother_name": _person,
    "mother_nik": _identity_number,
    "father_name": _person,
    "address": _text(200),
    "rt": _text(5),
    "rw": _text(5),
    "phone": _phone,
    "child_order": _number(1, 20, lambda: tr("Anak ke berapa: tulis 1 sampai 20.")),
    "gestation_weeks": _number(20, 45, lambda: tr("Umur kehamilan ditulis dalam minggu, 20 sampai 45.")),
    "birth_weight_g": _number(300, 8000, lambda: tr("Berat lahir antara 0,3 dan 8 kg. Periksa komanya.")),
    "birth_length_mm": _number(200, 700, lambda: tr("Panjang lahir antara 20 dan 70 cm. Periksa komanya.")),
    "birth_head_mm": _number(
        150, 600, lambda: tr("Lingkar kepala lahir antara 15 dan 60 cm. Periksa komanya.")
    ),
    "kia_held": _flag,
    "imd": _flag,
    "origin": _text(200),
    "state": _state,
    "state_on": _day,
    "moved_to": _text(200),
}
