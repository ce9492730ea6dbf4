"""Programme rules as the Dinas publishes them: every version stays, the newest valid one is in force.

A version is one register of the log: its text in the form of `program_rules.toml`, the day it holds
from, and its number, one more than the highest its author knew. The number orders versions, so no
clock can keep an old one in force. A version that cannot be read is passed over, never in force.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from posyandu_app.domain.errors import InvalidValue, UserError
from posyandu_app.domain.notes import one_line
from posyandu_app.domain.operations import Json, JsonObject, OpKey, clean, field_writes
from posyandu_app.domain.reading import Values, day, number, text
from posyandu_app.domain.rules import ProgramRules, adopt, default_rules, load
from posyandu_app.i18n import tr

_HIGHEST = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesVersion:
    """One published version; `content` is its text, `holds_from` the first day it may be in force."""

    id: str
    number: int
    content: str
    holds_from: date
    note: str | None = None
    by: str = ""
    withdrawn: bool = False
    actor: str = ""
    at: str = ""
    hlc: str = ""
    bases: tuple[tuple[str, OpKey], ...] = ()

    @property
    def order(self) -> tuple[int, str, str]:
        """The newest has the greatest; the same on every laptop."""
        return (self.number, self.hlc, self.id)

    @property
    def rules(self) -> ProgramRules | None:
        """The rules it says, or None when they cannot be read."""
        return _adopted(self.content)


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules in force on a day; `version` is None while they are those that ship with the app."""

    rules: ProgramRules
    version: RulesVersion | None


@lru_cache(maxsize=16)
def _adopted(content: str) -> ProgramRules | None:
    try:
        return adopt(content)
    except UserError:
        return None


def in_force(versions: Iterable[RulesVersion], on: date) -> InForce:
    """The newest version that holds on a day, can be read and was not withdrawn; else the shipped rules."""
    for version in sorted(versions, key=lambda item: item.order, reverse=True):
        if version.withdrawn or version.holds_from > on:
            continue
        rules = version.rules
        if rules is not None:
            return InForce(rules, version)
    return InForce(default_rules(), None)


@dataclass(frozen=True, slots=True)
class Difference:
    """One rule, by its full name ("kms.refer_after_t"), that two texts say differently; None: not at all."""

    key: str
    before: str | None
    after: str | None


def differences(before: str, after: str) -> tuple[Difference, ...]:
    """What differs between two texts that `rules.load` or `rules.adopt` takes, in the order of the first."""
    old, new = _flat(tomllib.loads(before)), _flat(tomllib.loads(after))
    keys = dict.fromkeys([*old, *new])
    return tuple(Difference(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key))


def _flat(table: Mapping[str, object], path: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{path}{key}.")
        else:
            found[path + key] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return found


def check(version: RulesVersion, others: Sequence[RulesVersion]) -> RulesVersion:
    """The version fit to be published, complete and with a name of its own.

    Raises `UserError` naming the rule that is wrong, and `InvalidValue` for `version` or `note`.
    """
    rules = load(version.content)
    known = [item for other in others if (item := other.rules) is not None]
    taken = {item.version for item in (default_rules(), *known)}
    if rules.version in taken:
        raise InvalidValue(
            "version",
            tr('Versi "{version}" sudah dipakai. Beri nama baru di baris version.').format(
                version=rules.version
            ),
        )
    return RulesVersion(
        id=version.id,
        number=min(max((item.number for item in others), default=0), _HIGHEST) + 1,
        content=version.content,
        holds_from=version.holds_from,
        note=one_line(version.note, "note"),
        by=version.by,
    )


def payload(version: RulesVersion) -> JsonObject:
    """What `rules.register` carries."""
    values: dict[str, Json] = {
        "number": version.number,
        "text": clean(version.content),
        "from": version.holds_from.isoformat(),
        "note": clean(version.note) if version.note else None,
        "by": clean(version.by) if version.by else None,
    }
    return field_writes({name: value for name, value in values.items() if value is not None})


def read(
    entity: str, values: Values, bases: Mapping[str, OpKey] | None = None, **stamp: str
) -> RulesVersion | None:
    """The version in the visible values of its row; None unless it says its number, text and day."""
    place, content, start = number(values, "number"), text(values, "text"), day(values, "from")
    if place is None or content is None or start is None:
        return None
    return RulesVersion(
        id=entity,
        number=place,
        content=content,
        holds_from=start,
        note=text(values, "note"),
        by=text(values, "by") or "",
        withdrawn=values.get("withdrawn") is True,
        bases=tuple((bases or {}).items()),
        **stamp,
    )
