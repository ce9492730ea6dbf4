"""What the facts recorded about a child have in common: visits, doses, home visits, consents, reviews.

Every fact is a frozen value, read from the visible values of its row and written as the payload
of an operation. Reading never fails: what is not of the kind expected is left out. Writing checks first.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, TypedDict, TypeVar

from posyandu_app.domain.dates import format_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.notes import one_line
from posyandu_app.domain.operations import Json, JsonObject, OpKey, clean, field_writes
from posyandu_app.domain.reading import Values, day, text
from posyandu_app.i18n import tr


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something recorded once about a child on a date; `bases` are the writes shown, for the next edit.

    `actor` wrote it, `at` is when it was saved (RFC 3339). Corrections name what they correct.
    """

    kind: ClassVar[str]

    id: str
    child: str
    date: date
    actor: str = ""
    at: str = ""
    hlc: str = ""
    voided: bool = False
    bases: tuple[tuple[str, OpKey], ...] = ()

    def require_told(self) -> None:
        """Refuse, with `InvalidValue`, what leaves out something that its kind cannot do without."""


F = TypeVar("F", bound=Fact)

_BOOKKEEPING = frozenset({"id", "actor", "at", "hlc", "voided", "bases"})


class Head(TypedDict):
    """What the row of every fact says first: whose it is, when it was, who wrote it and when."""

    id: str
    child: str
    date: date
    actor: str
    at: str
    hlc: str
    voided: bool
    bases: tuple[tuple[str, OpKey], ...]


def read_head(
    entity: str,
    values: Values,
    bases: Mapping[str, OpKey] | None = None,
    *,
    actor: str = "",
    at: str = "",
    hlc: str = "",
) -> Head | None:
    """The head of a fact in the visible values of its row; None when it names no child or no date.

    `actor`, `at` and `hlc` are those of its first operation.
    """
    child, on = text(values, "child"), day(values, "date")
    if child is None or on is None:
        return None
    return Head(
        id=entity,
        child=child,
        date=on,
        actor=actor,
        at=at,
        hlc=hlc,
        voided=values.get("voided") is True,
        bases=tuple((bases or {}).items()),
    )


def payload(fact: Fact) -> JsonObject:
    """What `<kind>.record` carries: what was not asked is left out, codes are sorted, text is NFC."""
    values: JsonObject = {}
    for field in dataclasses.fields(fact):
        value = getattr(fact, field.name)
        if field.name in _BOOKKEEPING or value is None:
            continue
        values[field.name] = clean(_wire(value))
    return values


def _wire(value: object) -> Json:
    if isinstance(value, frozenset):
        return [*sorted(str(item) for item in value)]
    if isinstance(value, bool):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def correction(before: F, after: F, reason: str = "") -> JsonObject | None:
    """What `<kind>.correct` carries to turn one fact into the other; None when nothing changed.

    Each changed field names the write it is based on; a field taken back is set to null. The child
    of a fact cannot be corrected: void it and record it anew.
    """
    old, new = payload(before), payload(after)
    changed = [name for name in sorted({*old, *new} - {"child"}) if old.get(name) != new.get(name)]
    if not changed:
        return None
    changes = field_writes({name: new.get(name) for name in changed}, dict(before.bases))
    return {"set": changes, **({"reason": clean(reason)} if reason else {})}


def check(fact: F, today: date, birth: date | None = None) -> F:
    """The fact fit to be recorded, its texts trimmed.

    Raises `InvalidValue` that names the field and says how to mend it.
    """
    check_day(fact.date, today, birth)
    texts: dict[str, Any] = {
        name: one_line(getattr(fact, name), name)
        for name in ("note", "referral_reason", "name")
        if hasattr(fact, name)
    }
    fact = dataclasses.replace(fact, **texts)
    fact.require_told()
    return fact


def check_day(on: date, today: date, birth: date | None) -> None:
    """Refuse, with `InvalidValue`, a day that has not come or lies before birth."""
    if on > today:
        raise InvalidValue(
            "date",
            tr("Tanggal {date} belum terjadi. Periksa lagi, juga jam laptop.").format(date=format_date(on)),
        )
    if birth is not None and on < birth:
        raise InvalidValue(
            "date",
            tr("Tanggal {date} sebelum anak lahir ({birth}). Periksa keduanya.").format(
                date=format_date(on), birth=format_date(birth)
            ),
        )


def standing(facts: Iterable[F], on: date | None = None) -> tuple[F, ...]:
    """The facts that were not voided, up to and including a day, oldest first."""
    kept = [fact for fact in facts if not fact.voided and (on is None or fact.date <= on)]
    return tuple(sorted(kept, key=lambda fact: (fact.date, fact.hlc, fact.id)))
