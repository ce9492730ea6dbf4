"""Two releases of the program in one process: an older one, and one that knows more kinds and fields.

What a release knows stands in a few names of the program's modules. `running` lets them say what one release
knows while that release's process does something, so that laptops and the server may be of different ages.
"""

import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any

from posyandu_app import district, domain, services, storage, sync
from posyandu_app.district import admin, verdicts
from posyandu_app.domain import merge

OLDER, NEWER = 1, 2
PLAN, HOUSEHOLD, ALLERGY = "growth_plan", "household", "allergy"
"""A kind of facts, a kind of registers, and a field of a child's identity, that only the newer one knows."""


@dataclass(frozen=True)
class _Place:
    module: ModuleType
    name: str
    older: Any
    newer: Any


@contextmanager
def running(release: int) -> Iterator[None]:
    """Inside, the program is of this release."""
    before = _now[0]
    _become(release)
    try:
        yield
    finally:
        _become(before)


_now = [OLDER]


def _become(release: int) -> None:
    if _now[0] == release:
        return
    for place in _places():
        setattr(place.module, place.name, place.older if release == OLDER else place.newer)
    _now[0] = release


@lru_cache(maxsize=1)
def _places() -> tuple[_Place, ...]:
    for package in (domain, storage, sync, district, services):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            import_module(module.name)  # what was imported later would keep what a release knew then
    registers, facts = (*merge.REGISTERS, HOUSEHOLD), (*merge.FACTS, PLAN)

    @lru_cache(maxsize=1024)
    def records_fact(operation_type: str) -> bool:
        kind, _, action = operation_type.partition(".")
        return action == "record" and kind in facts

    known: dict[str, tuple[Any, Any]] = {
        "REGISTERS": (merge.REGISTERS, registers),
        "FACTS": (merge.FACTS, facts),
        "KINDS": (merge.KINDS, registers + facts),
        "PROJECTION_VERSION": (merge.PROJECTION_VERSION, merge.PROJECTION_VERSION + 1),
        "CHILD_FIELDS": (merge.CHILD_FIELDS, {**merge.CHILD_FIELDS, ALLERGY: "identity"}),
        "ABOUT_ITSELF": (verdicts.ABOUT_ITSELF, verdicts.ABOUT_ITSELF | {HOUSEHOLD}),
        "_records_fact": (merge._records_fact, records_fact),
    }
    found = [_Place(admin, "__version__", admin.__version__, "9.9.9")]
    for name, module in sorted(sys.modules.items()):
        if name.startswith("posyandu_app."):
            for known_name, (older, newer) in known.items():
                if vars(module).get(known_name) is older:
                    found.append(_Place(module, known_name, older, newer))
    return tuple(found)
