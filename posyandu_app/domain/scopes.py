"""Areas of responsibility as dotted paths: which one lies in which.

`32.11.13.2005.001` is a posyandu, inside which nothing lies, `32.11.13.2005` its village, `32.11.13` the
kecamatan and `32.11` the kabupaten. Only whole parts count: `32.1` holds nothing of `32.11`.

What people record goes up: whoever reads an area reads everything inside it. What the Dinas and
the puskesmas hand out also goes down, to everybody inside the scope it is addressed to.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

_FORM = re.compile(r"\d{1,10}(\.\d{1,10}){0,4}", re.ASCII)

HANDED_OUT: Mapping[str, frozenset[str]] = {
    "recommendation": frozenset({"tpg", "dinas"}),
    "report_check": frozenset({"tpg", "dinas"}),
    "rules": frozenset({"dinas"}),
    "scope": frozenset({"dinas"}),
}
"""What is handed out from above, and by which roles; all else is open to every role (sync rule 6)."""


def is_scope(text: str) -> bool:
    """Whether the text is a dotted path of digits, at the deepest a posyandu's."""
    return len(text) <= 64 and _has_form(text)


@lru_cache(maxsize=65536)
def _has_form(text: str) -> bool:
    return _FORM.fullmatch(text) is not None


def within(scope: str, area: str) -> bool:
    """Whether `scope` is `area` or lies inside it."""
    return scope == area or scope.startswith(f"{area}.")


def is_leaf(scope: str) -> bool:
    """Whether nothing lies inside the scope: it names a posyandu."""
    return scope.count(".") >= 4


def everywhere_in(scope: str) -> str:
    """Where something is placed that every laptop inside a scope reads, down to its posyandu.

    It lies inside the scope itself, so those who read the scope or more find it as they find all else.
    """
    return scope if is_leaf(scope) else f"{scope}.*"


@lru_cache(maxsize=65536)
def from_above(area: str) -> tuple[str, ...]:
    """The places of what is addressed to all of a wider scope in which an area lies."""
    parts = area.split(".")
    return tuple(everywhere_in(".".join(parts[:size])) for size in range(1, len(parts)))


@lru_cache(maxsize=65536)
def ancestors(scope: str) -> frozenset[str]:
    """The scope itself and all that it lies in, and "" for the whole server."""
    parts = scope.split(".")
    return frozenset([".".join(parts[:size]) for size in range(1, len(parts) + 1)] + [""])


@lru_cache(maxsize=65536)
def all_ancestors(placed: frozenset[str]) -> frozenset[str]:
    """Every area that holds one of the scopes, each once."""
    areas: frozenset[str] = frozenset([""])
    for scope in placed:
        areas |= ancestors(scope)
    return areas
