"""The WHO Child Growth Standards 2006 as shipped: L, M, S by sex and by day or millimetre.

The table is read once, on first use, and only the indicator and sex asked for are
parsed: the first screen waits for this. A file whose checksum differs is refused,
since a wrong figure would silently change every child's status.
"""

import hashlib
from functools import lru_cache
from typing import Literal, NamedTuple

from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Sex
from posyandu_app.i18n import tr
from posyandu_app.paths import resources

Indicator = Literal["wfa", "lhfa", "wfl", "wfh", "bfa", "hcfa"]
INDICATORS: tuple[Indicator, ...] = ("wfa", "lhfa", "wfl", "wfh", "bfa", "hcfa")

SHA256 = "f4ab5bb5f9229ec3c2023a463739ae88f8a20f40e94e2c05695c1fadc4633b10"
LAST_DAY = 1826
"""The last day of the tables: WHO computes below 60 months of 30.4375 days."""

_BY_LENGTH = frozenset({"wfl", "wfh"})
_RESTRICTED = frozenset({"wfa", "wfl", "wfh", "bfa"})
_UNITS = {"wfa": 1000.0, "wfl": 1000.0, "wfh": 1000.0, "lhfa": 10.0, "hcfa": 10.0, "bfa": 1.0}


class Lms(NamedTuple):
    """One row of the standards: Box-Cox power, median (kg, cm or kg/m²), coefficient of variation."""

    l: float  # noqa: E741 - WHO's own name
    m: float
    s: float

    def at(self, z: float) -> float:
        """The measurement that lies `z` standard deviations from the median, unrestricted."""
        return float(self.m * (1 + self.l * self.s * z) ** (1 / self.l))


class Table(NamedTuple):
    """The rows of one indicator and sex: row i belongs to x = first + i (days, or millimetres)."""

    first: int
    rows: tuple[Lms, ...]

    @property
    def last(self) -> int:
        """The last x of the table, inclusive."""
        return self.first + len(self.rows) - 1


@lru_cache(maxsize=1)
def _text() -> str:
    path = resources() / "growth" / "who_2006.csv"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(
            tr("Tabel pertumbuhan WHO tidak dapat dibaca. Pasang ulang aplikasi ini."),
            code="growth_standards_missing",
        ) from error
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise UserError(
            tr("Tabel pertumbuhan WHO berubah atau rusak, jadi tidak dipakai. Pasang ulang aplikasi ini."),
            code="growth_standards_changed",
        )
    return content.decode("ascii")


@lru_cache(maxsize=len(INDICATORS) * len(Sex))
def table(indicator: Indicator, sex: Sex) -> Table:
    """All rows of one indicator and sex; `UserError` when the shipped file is missing or changed."""
    if indicator not in INDICATORS:
        raise ValueError(f"unknown indicator {indicator!r}")
    text, prefix = _text(), f"\n{indicator},{Sex(sex).value},"
    start = text.index(prefix) + 1
    end = text.index("\n", text.rindex(prefix) + 1)
    cells = [line.split(",") for line in text[start:end].split("\n")]
    rows = tuple(Lms(float(power), float(median), float(spread)) for _, _, _, power, median, spread in cells)
    first = float(cells[0][2])
    return Table(round(first * 10) if indicator in _BY_LENGTH else round(first), rows)


def lms(indicator: Indicator, sex: Sex, x: float) -> Lms | None:
    """The standard at `x`, or None outside the table.

    `x` is the age in days (0–1826) or, for "wfl" (450–1100) and "wfh" (650–1200), the
    length or height in millimetres. Between two millimetre rows L, M and S are
    interpolated linearly; ages are whole days and take the day's own row.
    """
    first, rows = table(indicator, sex)
    position = x - first
    below = int(position)
    if position < 0 or position > len(rows) - 1:
        return None
    fraction = position - below
    if fraction == 0 or indicator not in _BY_LENGTH:
        return rows[below]
    low, high = rows[below], rows[below + 1]
    return Lms(
        low.l + fraction * (high.l - low.l),
        low.m + fraction * (high.m - low.m),
        low.s + fraction * (high.s - low.s),
    )


def value_at(indicator: Indicator, standard: Lms, z: float) -> float:
    """The measurement (kg, cm or kg/m²) whose z-score by WHO's method is `z`.

    Beyond ±3 the weight-based indicators go on in steps of the distance between
    the second and third SD line, as WHO restricts them.
    """
    if indicator not in _RESTRICTED or -3 <= z <= 3:
        return standard.at(z)
    outer = standard.at(3.0 if z > 0 else -3.0)
    inner = standard.at(2.0 if z > 0 else -2.0)
    return outer + (abs(z) - 3) * (outer - inner)


def curve(indicator: Indicator, sex: Sex, z: float, step: int = 1) -> list[tuple[int, float]]:
    """The line of one z-score for a chart, from the first x of the table to the last.

    x is in days ("wfa", "lhfa", "bfa", "hcfa") or millimetres ("wfl", "wfh"), every `step`
    of them and always the last; y is in grams, millimetres, or kg/m² for "bfa".
    """
    if step < 1:
        raise ValueError("step must be at least 1")
    first, rows = table(indicator, sex)
    unit = _UNITS[indicator]
    chosen = list(range(0, len(rows), step))
    if chosen[-1] != len(rows) - 1:
        chosen.append(len(rows) - 1)
    return [(first + i, value_at(indicator, rows[i], z) * unit) for i in chosen]
