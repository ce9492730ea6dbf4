"""The fields of a child's form: which part they stand in, how they are read and how they are shown."""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum

from posyandu_app.domain import nik
from posyandu_app.domain.consent import ConsentState, Relation
from posyandu_app.domain.dates import format_date, parse_birth_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Child, Sex
from posyandu_app.domain.numbers import format_length, format_weight, parse_length, parse_weight
from posyandu_app.i18n import tr
from posyandu_app.services import registration

NAME, SEX, BIRTH, MOTHER, NIK, RT, RW = ("name", "sex", "birth_date", "mother_name", "nik", "rt", "rw")
KK, MOTHER_NIK, FATHER, PHONE = "kk", "mother_nik", "father_name", "phone"
ADDRESS, ORIGIN = "address", "origin"
CHILD_ORDER, WEEKS = "child_order", "gestation_weeks"
BIRTH_WEIGHT, BIRTH_LENGTH, BIRTH_HEAD = "birth_weight_g", "birth_length_mm", "birth_head_mm"
KIA, IMD = "kia_held", "imd"
DECISION, RELATION, SPEAKER = "consent_state", "consent_relation", "consent_name"
POSYANDU = "scope"

YES, NO = "ya", "tidak"


class Part(StrEnum):
    """What of the form is in sight."""

    MAIN = "main"
    MORE = "more"
    CONSENT = "consent"

    @property
    def label(self) -> str:
        return {
            Part.MAIN: tr("Yang utama"),
            Part.MORE: tr("Keluarga dan kelahiran"),
            Part.CONSENT: tr("Persetujuan"),
        }[self]


FIELDS: Mapping[Part, tuple[str, ...]] = {
    Part.MAIN: (NAME, SEX, BIRTH, MOTHER, NIK, RT, RW),
    Part.MORE: (
        *(KK, MOTHER_NIK, FATHER, PHONE, ADDRESS, ORIGIN),
        *(CHILD_ORDER, WEEKS, BIRTH_WEIGHT, BIRTH_LENGTH, BIRTH_HEAD, KIA, IMD),
    ),
    Part.CONSENT: (DECISION, RELATION, SPEAKER),
}
OF_CHILD = (*FIELDS[Part.MAIN], *FIELDS[Part.MORE])
"""What is known of a child herself; the rest of the form is about the consent."""
HIDDEN = (NIK, KK, MOTHER_NIK)
"""Shown masked until somebody asks to see them."""
CHOICES: Mapping[str, tuple[str, ...]] = {
    SEX: (Sex.MALE, Sex.FEMALE),
    KIA: (YES, NO),
    IMD: (YES, NO),
    DECISION: (ConsentState.GIVEN, ConsentState.REFUSED, ConsentState.WITHDRAWN),
    RELATION: tuple(Relation),
}


def part_of(name: str) -> Part:
    """The part a field stands in."""
    return next((part for part, names in FIELDS.items() if name in names), Part.MAIN)


def later(text: str) -> bool:
    """Whether somebody wrote that the NIK comes later."""
    return text.strip().casefold() in ("menyusul", "-", "belum", "belum ada", "later")


def read(name: str, text: str, today: date) -> object:
    """The value of a field as typed, None when nothing was; raises `InvalidValue` naming the field."""
    value = _read(name, text.strip())
    registration.check({name: value}, today)
    return value


def _read(name: str, text: str) -> object:
    if not text or (name in HIDDEN and later(text)):
        return None
    reader = _READERS.get(name)
    if reader is not None:
        return reader(text, name)
    if name in (KIA, IMD):
        return text == YES
    return Sex(text) if name == SEX else text


def _whole(text: str, field: str) -> int:
    digits = text.split()[0]
    if not digits.isascii() or not digits.isdigit() or len(digits) > 4:
        raise InvalidValue(field, tr("Tulis dengan angka bulat, misalnya {example}.").format(example=2))
    return int(digits)


_READERS: Mapping[str, Callable[[str, str], object]] = {
    BIRTH: parse_birth_date,
    CHILD_ORDER: _whole,
    WEEKS: _whole,
    BIRTH_WEIGHT: parse_weight,
    BIRTH_LENGTH: parse_length,
    BIRTH_HEAD: parse_length,
    **dict.fromkeys(HIDDEN, nik.sixteen_digits),
}


def text_of(name: str, value: object) -> str:
    """A value as it stands in its field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, int):
        if name == BIRTH_WEIGHT:
            return format_weight(value)
        return format_length(value) if name in (BIRTH_LENGTH, BIRTH_HEAD) else str(value)
    return str(value)


def texts_of(child: Child) -> dict[str, str]:
    """Everything known of a child as it stands in the form."""
    return {name: text_of(name, getattr(child, name)) for name in OF_CHILD}
