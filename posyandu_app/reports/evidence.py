"""A figure that can be named, kept, and taken again later: what recommendations rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from posyandu_app.domain.age import Month
from posyandu_app.domain.operations import Json, JsonObject
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.i18n import tr
from posyandu_app.reports import coverage, quality
from posyandu_app.reports.analysis_rules import AnalysisRules
from posyandu_app.reports.areas import Level
from posyandu_app.reports.cohort import cohort
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import Indicator, series
from posyandu_app.reports.quality import Check
from posyandu_app.reports.ranking import SKDN_SHARES

if TYPE_CHECKING:
    from posyandu_app.reports.frames import Frame

TWO_T = "two_t"
NEW_STUNTING = "new_stunting"
COHORT_MONTHS = 3
"""New cases are counted against the state so many months earlier, a season of the posyandu."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One figure of one area and period, in whole numbers so that it can travel in an operation.

    `code` is an `Indicator`, a key of `SKDN_SHARES`, a quality `Check`, `TWO_T` or `NEW_STUNTING`.
    `value` is in tenths of a per cent, for a standard deviation in hundredths of SD, for digits in
    tenths of the score; None without a denominator. `count` of `of` are behind it; both are None
    where small numbers are covered. `limit` is the target or limit, in the unit of the value.
    """

    code: str
    area: str
    period: Period
    value: int | None
    count: int | None
    of: int | None
    limit: int | None = None

    def to_json(self) -> JsonObject:
        """The figure as it stands in an operation's payload."""
        return {
            "code": self.code,
            "area": self.area,
            "first": _written(self.period.first),
            "last": _written(self.period.last),
            "value": self.value,
            "count": self.count,
            "of": self.of,
            "limit": self.limit,
        }

    @property
    def label(self) -> str:
        """What is counted, in words; a code of a newer version stays as it is."""
        if self.code in tuple(Indicator):
            return Indicator(self.code).label
        if self.code in tuple(Check):
            return Check(self.code).label
        return {
            "d_s": tr("D/S, datang ditimbang"),
            "n_d": tr("N/D, berat naik"),
            "n_nt": tr("N/D tanpa O dan B"),
            "k_s": tr("K/S, punya KIA/KMS"),
            TWO_T: tr("2T, dua bulan tidak naik"),
            NEW_STUNTING: tr("Kasus baru stunting dalam {months} bulan").format(months=COHORT_MONTHS),
        }.get(self.code, self.code)


def from_json(value: Json) -> Evidence | None:
    """A figure from an operation's payload; None when it is not in the expected form."""
    if not isinstance(value, dict):
        return None
    code, area, first, last = (value.get(name) for name in ("code", "area", "first", "last"))
    months = _month(first), _month(last)
    if not isinstance(code, str) or not isinstance(area, str) or months[0] is None or months[1] is None:
        return None
    if months[1] < months[0]:
        return None
    numbers = [value.get(name) for name in ("value", "count", "of", "limit")]
    whole = [
        number if isinstance(number, int) and not isinstance(number, bool) else None for number in numbers
    ]
    return Evidence(code, area, Period(months[0], months[1]), *whole)


def _written(month: Month) -> str:
    return f"{month.year:04d}-{month.month:02d}"


def _month(text: Json) -> Month | None:
    if not isinstance(text, str) or len(text) != 7 or text[4] != "-":
        return None
    year, month = text[:4], text[5:]
    if (
        not (year + month).isascii()
        or not (year + month).isdigit()
        or not 1 <= int(month) <= 12
        or year == "0000"
    ):
        return None
    return Month(int(year), int(month))


def tenths(percent: float | None) -> int | None:
    """Per cent as whole tenths, rounded half up."""
    return None if percent is None else int(percent * 10 + 0.5)


def measure(
    frame: Frame, code: str, area: str, period: Period, rules: ProgramRules, analysis: AnalysisRules
) -> Evidence:
    """A figure taken from the data as they are now; for SKDN, 2T and new cases the period's last month.

    Raises `ValueError` for a code that is not known.
    """
    if code in tuple(Indicator):
        one = series(frame, [period], {}, area)[0].row.shares[Indicator(code)]
        return Evidence(code, area, period, tenths(one.percent), one.count, one.of)
    if code in SKDN_SHARES or code == TWO_T:
        ((_, skdn),) = coverage.series(frame, [period.last], rules, area)
        if code == TWO_T:
            return Evidence(code, area, period, skdn.two_t_d, skdn.two_t, skdn.D)
        count, of = SKDN_SHARES[code](skdn)
        return Evidence(code, area, period, tenths(100 * count / of if of else None), count, of)
    if code == NEW_STUNTING:
        before, after = cohort_periods(period.last)
        row = cohort(frame, before, after, Indicator.STUNTING, Level.KABUPATEN, area).total
        return Evidence(code, area, period, tenths(row.incidence.percent), row.new, row.incidence.of)
    if code in tuple(Check) and not Check(code).of_children:
        total = quality.table(frame, period, quality.Team.POSYANDU, rules, analysis, area).total
        return of_quality(total.figures[Check(code)], area, period)
    raise ValueError(f"unknown figure {code!r}")


def cohort_periods(month: Month) -> tuple[Period, Period]:
    """The months before and after between which new cases are counted, the later ending with `month`."""
    after = Period(month.shifted(1 - COHORT_MONTHS), month)
    return after.previous(), after


def of_quality(figure: quality.QualityFigure, area: str, period: Period) -> Evidence:
    """A figure of data quality as evidence."""
    factor = 100 if figure.unit is quality.Unit.SD else 10
    value = None if figure.value is None else int(figure.value * factor + 0.5)
    limit = int(figure.expected.high * factor + 0.5)
    return Evidence(figure.check.value, area, period, value, figure.count, figure.of, limit)
