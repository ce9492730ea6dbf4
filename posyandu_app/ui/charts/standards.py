"""The lines and coloured bands of each chart, in the units people read: months, kg, cm, kg/m²."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from posyandu_app.domain.growth_standards import LAST_DAY, curve
from posyandu_app.domain.growth_standards import Indicator as Table
from posyandu_app.domain.model import Sex
from posyandu_app.domain.zscore import HEIGHT_FROM_DAY
from posyandu_app.i18n import tr
from posyandu_app.ui.charts.geometry import Point

MONTH_DAYS = 30.4375
LAST_MONTH = 60
SD_LINES = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)

_BY_LENGTH = frozenset({"wfl", "wfh"})
_SCALE: dict[Table, float] = {"wfa": 1000, "wfl": 1000, "wfh": 1000, "lhfa": 10, "hcfa": 10, "bfa": 1}
_LENGTH_STEP = 4
_AGE_STEP = 3
_DAILY_UNTIL = 30
"""Newborns lose weight in the first days, so that the line bends there from day to day."""
_BREAKS_AT_TWO_YEARS = frozenset({"lhfa", "bfa"})


class Tint(StrEnum):
    """What a band tells; the colour scheme gives each its colour."""

    NONE = "none"
    THIN = "thin"
    LIGHT = "light"
    CORE = "core"
    OVER = "over"
    FAT = "fat"


@dataclass(frozen=True, slots=True)
class Band:
    """The stretch between two z-scores (None is the edge of the paper), its tint and its name.

    The name is written at `name_z`, midway between two SD lines, or beside the outermost line.
    """

    low: float | None
    high: float | None
    tint: Tint
    name: str | None = None
    name_z: float | None = None


def by_length(table: Table) -> bool:
    """Whether the horizontal axis of the table is length or height instead of age."""
    return table in _BY_LENGTH


class Weight(StrEnum):
    """How strongly a line is drawn: limits of a category stand out, the rest only guides the eye."""

    MEDIAN = "median"
    LIMIT = "limit"
    SEVERE = "severe"
    GUIDE = "guide"


_LIMITS: dict[Table, tuple[frozenset[float], frozenset[float]]] = {
    "lhfa": (frozenset({-2.0}), frozenset({-3.0})),
    "hcfa": (frozenset({-2.0, 2.0}), frozenset()),
}
_SIX_LIMITS = (frozenset({-2.0, 1.0, 2.0}), frozenset({-3.0, 3.0}))


def weight(table: Table, z: float) -> Weight:
    """What the line of this z-score means on its chart (PMK 2/2020; head circumference: Buku KIA)."""
    limits, severe = _LIMITS.get(table, _SIX_LIMITS)
    if z == 0:
        return Weight.MEDIAN
    if z in severe:
        return Weight.SEVERE
    return Weight.LIMIT if z in limits else Weight.GUIDE


@lru_cache(maxsize=128)
def line(table: Table, sex: Sex, z: float) -> tuple[Point, ...]:
    """The line of one z-score over the whole table: x in months or cm, y in kg, cm or kg/m².

    Where WHO turns from length to height (day 731) the line is broken upright, as on
    WHO's own charts.
    """
    scale = _SCALE[table]
    if table in _BY_LENGTH:
        return tuple((x / 10, y / scale) for x, y in curve(table, sex, z, _LENGTH_STEP))
    points: list[Point] = []
    for x, y in curve(table, sex, z):
        if x == HEIGHT_FROM_DAY and table in _BREAKS_AT_TWO_YEARS:
            border = (x - 0.5) / MONTH_DAYS
            points += [(border, points[-1][1]), (border, y / scale)]
        if x <= _DAILY_UNTIL or x % _AGE_STEP == 0 or x in (HEIGHT_FROM_DAY - 1, HEIGHT_FROM_DAY, LAST_DAY):
            points.append((x / MONTH_DAYS, y / scale))
    return tuple(points)


def kms_bands(red: float, orange: float) -> tuple[Band, ...]:
    """The bands of the KMS between its red and its orange line, lowest first.

    Yellow from the red line to −2 SD, light green to −1 SD, dark green about the median,
    light green again up to the orange line when that lies above +1 SD, amber over it.
    """
    edges: list[tuple[float, Tint]] = [
        (-2.0, Tint.THIN),
        (-1.0, Tint.LIGHT),
        (1.0, Tint.CORE),
        (orange, Tint.LIGHT),
    ]
    bands = [Band(None, red, Tint.NONE)]
    low = red
    for edge, tint in edges:
        high = min(edge, orange)
        if high > low:
            bands.append(Band(low, high, tint))
            low = high
    outer = max(3.0, low + 1.0)
    middle = (low + outer) / 2 if low >= 2.0 else 2.0
    bands.append(Band(low, middle, Tint.OVER))
    bands.append(Band(middle, outer, Tint.FAT))
    bands.append(Band(outer, None, Tint.NONE))
    return tuple(bands)


def category_bands(table: Table) -> tuple[Band, ...]:
    """The bands of PMK 2/2020 (head circumference: Buku KIA) with their names, lowest first."""
    if table == "lhfa":
        return (
            Band(None, -3.0, Tint.NONE, tr("Sangat pendek")),
            Band(-3.0, -2.0, Tint.THIN, tr("Pendek"), -2.5),
            Band(-2.0, 3.0, Tint.LIGHT, tr("Normal"), 0.5),
            Band(3.0, None, Tint.NONE, tr("Tinggi")),
        )
    if table == "hcfa":
        return (
            Band(None, -3.0, Tint.NONE),
            Band(-3.0, -2.0, Tint.THIN, tr("Mikrosefali"), -2.5),
            Band(-2.0, 2.0, Tint.LIGHT, tr("Normal"), 0.5),
            Band(2.0, 3.0, Tint.OVER, tr("Makrosefali"), 2.5),
            Band(3.0, None, Tint.NONE),
        )
    return (
        Band(None, -3.0, Tint.NONE, tr("Gizi buruk")),
        Band(-3.0, -2.0, Tint.THIN, tr("Gizi kurang"), -2.5),
        Band(-2.0, 1.0, Tint.LIGHT, tr("Gizi baik (normal)"), -0.5),
        Band(1.0, 2.0, Tint.OVER, tr("Berisiko gizi lebih"), 1.5),
        Band(2.0, 3.0, Tint.FAT, tr("Gizi lebih"), 2.5),
        Band(3.0, None, Tint.NONE, tr("Obesitas")),
    )
