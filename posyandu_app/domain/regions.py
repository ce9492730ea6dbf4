"""Kemendagri codes and names of provinces, kabupaten/kota, kecamatan and desa/kelurahan.

Source and licence (ODbL 1.0) of the table: `resources/regions/README.md`. It is read once,
when something first asks.
"""

import csv
import re
from bisect import bisect_left
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from posyandu_app.paths import resources

_SCOPE = re.compile(r"\d{2}(?:\.\d{2}){0,2}|\d{2}\.\d{2}\.\d{2}\.\d{4}(?:\.\d{1,4})?", re.ASCII)
_LONGEST = 60


class Level(IntEnum):
    """How far down a region lies."""

    PROVINCE = 1
    KABUPATEN = 2
    KECAMATAN = 3
    VILLAGE = 4


class Region(NamedTuple):
    """One region: dotted Kemendagri code, official name, level."""

    code: str
    name: str
    level: Level


@lru_cache(maxsize=1)
def _lines() -> list[str]:
    """The lines of the table, in the order of their codes; taken apart one by one when asked for."""
    text = (resources() / "regions" / "regions.csv").read_text(encoding="utf-8")
    return text.removesuffix("\n").split("\n")[1:]


def _region(place: int) -> Region:
    code, name = next(csv.reader([_lines()[place]]))
    return Region(code, name, Level(code.count(".") + 1))


def _find(code: str) -> int | None:
    if not _SCOPE.fullmatch(code):
        return None
    lines, begin = _lines(), f"{code},"
    place = bisect_left(lines, begin)
    return place if place < len(lines) and lines[place].startswith(begin) else None


def name_of(code: str) -> str | None:
    """The official name of a code ("32.11.13.2005" → "Cilembu"), or None when there is none."""
    place = _find(code)
    return None if place is None else _region(place).name


def path_of(code: str) -> tuple[Region, ...]:
    """Province, kabupaten, kecamatan, village down to a code or a posyandu's scope; () when unknown.

    A posyandu's number behind the village code is left out.
    """
    if not _SCOPE.fullmatch(code):
        return ()
    parts = code.split(".")[: Level.VILLAGE]
    places = [_find(".".join(parts[:depth])) for depth in range(1, len(parts) + 1)]
    return tuple(_region(place) for place in places if place is not None) if None not in places else ()


def search(text: str, level: Level | int, parent: str = "", limit: int = 20) -> tuple[Region, ...]:
    """Regions of a level inside a parent whose name, or a word of it, begins with the text.

    Names that begin with it come first, then by name; an empty text lists all. Upper and
    lower case, spaces and signs make no difference.
    """
    wanted = _plain(text[:_LONGEST])
    if len(text) > _LONGEST or level not in tuple(Level) or (parent and not _SCOPE.fullmatch(parent)):
        return ()
    lines = _lines()
    inside = f"{parent}." if parent else ""
    first = bisect_left(lines, inside)
    last = bisect_left(lines, f"{inside}\x7f") if inside else len(lines)
    width = _WIDTH[Level(level)]
    found = []
    for place in range(first, last):
        if lines[place].find(",") != width:
            continue
        region = _region(place)
        rank = _rank(wanted, region.name)
        if rank is not None:
            found.append((rank, region.name, place))
    return tuple(_region(place) for _, _, place in sorted(found)[:limit])


_WIDTH = {Level.PROVINCE: 2, Level.KABUPATEN: 5, Level.KECAMATAN: 8, Level.VILLAGE: 13}


def _rank(wanted: str, name: str) -> int | None:
    plain = _plain(name)
    if plain.startswith(wanted):
        return 0
    joined = plain.replace(" ", "")
    if joined.startswith(wanted.replace(" ", "")):
        return 1
    return 2 if f" {wanted}" in plain else None


def _plain(text: str) -> str:
    return " ".join("".join(letter if letter.isalnum() else " " for letter in text.casefold()).split())
