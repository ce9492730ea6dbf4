"""Pairs of records on this laptop that may be one child (`domain.names.possible_duplicate`)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import cast

from posyandu_app.domain import names
from posyandu_app.domain.model import Child, Sex
from posyandu_app.services.roster import registered_children
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import children

_CACHE = "pairs"


def possible(ws: Workspace) -> tuple[tuple[Child, Child], ...]:
    """The pairs a person should look at, smaller id first; remembered until some child changes."""
    mark = children.mark(ws.database)
    kept = cast("tuple[object, tuple[tuple[str, str], ...]] | None", ws.cache.get(_CACHE))
    found = {child.id: child for child in registered_children(ws, every_record=True)}
    if kept is None or kept[0] != mark:
        pairs = sorted({_ordered(one, other) for one, other in _likely(ws, list(found.values()))})
        kept = (mark, tuple(pairs))
        ws.cache[_CACHE] = kept
    return tuple((found[one], found[other]) for one, other in kept[1] if one in found and other in found)


def _ordered(one: Child, other: Child) -> tuple[str, str]:
    low, high = sorted((one.id, other.id))
    return low, high


def _likely(ws: Workspace, found: Sequence[Child]) -> Iterator[tuple[Child, Child]]:
    for one, other in (*_same_nik(found), *_born_about_the_same_day(found, ws.rules.duplicates.birth_days)):
        if names.possible_duplicate(one, other, ws.rules):
            yield one, other


def _same_nik(found: Sequence[Child]) -> Iterator[tuple[Child, Child]]:
    first: dict[str, Child] = {}
    for child in found:
        if child.nik is not None and first.setdefault(child.nik, child) is not child:
            yield first[child.nik], child


def _born_about_the_same_day(found: Sequence[Child], days: int) -> Iterator[tuple[Child, Child]]:
    """Children of one sex whose names have a word that begins alike, born within so many days."""
    blocks: dict[tuple[Sex | None, str], list[Child]] = defaultdict(list)
    for child in found:
        if child.birth_date is not None:
            for letter in {word[0] for word in map(names.fold, child.name.split()) if word}:
                blocks[child.sex, letter].append(child)
    for block in blocks.values():
        block.sort(key=lambda child: (str(child.birth_date), child.id))
        for at, one in enumerate(block):
            for other in block[at + 1 :]:
                assert one.birth_date is not None
                assert other.birth_date is not None
                if other.birth_date - one.birth_date > timedelta(days=days):
                    break
                yield one, other
