"""The posyandu day: when a session was opened and closed, and its one id on all laptops."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from posyandu_app.domain.operations import JsonObject, OpKey, clean, field_writes
from posyandu_app.domain.reading import Values, day, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One posyandu day: when it was opened and, once it is over, closed (both RFC 3339)."""

    id: str
    scope: str
    date: date
    posyandu: str = ""
    opened_at: str = ""
    closed_at: str | None = None
    bases: tuple[tuple[str, OpKey], ...] = ()

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


def read_session(
    entity: str, scope: str, values: Values, bases: Mapping[str, OpKey] | None = None
) -> Session | None:
    """The session in the visible values of its row; None when it has no date."""
    on = day(values, "date")
    if on is None:
        return None
    return Session(
        id=entity,
        scope=scope,
        date=on,
        posyandu=text(values, "posyandu") or "",
        opened_at=text(values, "opened_at") or "",
        closed_at=text(values, "closed_at"),
        bases=tuple((bases or {}).items()),
    )


def _values(session: Session) -> JsonObject:
    return {
        "date": session.date.isoformat(),
        "posyandu": clean(session.posyandu),
        "opened_at": session.opened_at,
        "closed_at": session.closed_at,
    }


def register_session(session: Session, seen: Mapping[str, OpKey] | None = None) -> JsonObject:
    """What `session.register` carries, or `session.set` for a day whose row shows what was `seen`."""
    values = {name: value for name, value in _values(session).items() if value is not None}
    return field_writes(values, seen)


def set_session(before: Session, after: Session) -> JsonObject | None:
    """What `session.set` carries to turn one state of a session into the other; None when nothing changed."""
    old, new = _values(before), _values(after)
    changed = {name: value for name, value in new.items() if old[name] != value}
    return field_writes(changed, dict(before.bases)) or None
