"""Areas of responsibility as dotted paths: which one lies in which.

`32.11.13.2005.001` is a posyandu, `32.11.13.2005` its village, `32.11.13` the kecamatan and
`32.11` the kabupaten. Only whole parts count: `32.1` holds nothing of `32.11`.
"""

import re
from functools import lru_cache

_FORM = re.compile(r"\d{1,10}(\.\d{1,10}){0,7}", re.ASCII)


def is_scope(text: str) -> bool:
    """Whether the text is a dotted path of digits."""
    return len(text) <= 64 and _FORM.fullmatch(text) is not None


def within(scope: str, area: str) -> bool:
    """Whether `scope` is `area` or lies inside it."""
    return scope == area or scope.startswith(f"{area}.")


def is_leaf(scope: str) -> bool:
    """Whether nothing lies inside the scope: it names a posyandu."""
    return scope.count(".") >= 4


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
