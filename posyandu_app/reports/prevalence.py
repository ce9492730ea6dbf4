"""Prevalence of stunting, wasting, underweight and overweight by WHO's method.

Equal to the prevalence table of WHO's Anthro Survey Analyser (R package `anthro` 1.1.0, without
design weights); which values count is told in `snapshots`, how they are summed up in
`statistics`. Cut-offs are on the rounded z-score, below −2 and −3, above +2 and +3 SD (WHO 2006,
PMK 2/2020).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from posyandu_app.domain.rules import AgeGroup, ProgramRules
from posyandu_app.i18n import tr
from posyandu_app.reports.analysis_rules import AnalysisRules
from posyandu_app.reports.areas import Level
from posyandu_app.reports.frames import Frame
from posyandu_app.reports.growth_table import DAYS_OF_MONTH, FEMALE, MALE
from posyandu_app.reports.periods import Period
from posyandu_app.reports.snapshots import MISSING, Measure, Snapshot, take
from posyandu_app.reports.statistics import Share, share

if TYPE_CHECKING:
    from posyandu_app.reports.columns import Bools, Ints, Rows
    from posyandu_app.reports.snapshots import Centi


class Indicator(StrEnum):
    """What is counted; codes are stable."""

    STUNTING = "stunting"
    SEVERE_STUNTING = "severe_stunting"
    WASTING = "wasting"
    SEVERE_WASTING = "severe_wasting"
    UNDERWEIGHT = "underweight"
    SEVERE_UNDERWEIGHT = "severe_underweight"
    OVERWEIGHT = "overweight"
    OBESITY = "obesity"

    @property
    def label(self) -> str:
        return {
            Indicator.STUNTING: tr("Stunting (TB/U < −2 SD)"),
            Indicator.SEVERE_STUNTING: tr("Sangat pendek (TB/U < −3 SD)"),
            Indicator.WASTING: tr("Wasting (BB/TB < −2 SD)"),
            Indicator.SEVERE_WASTING: tr("Gizi buruk (BB/TB < −3 SD)"),
            Indicator.UNDERWEIGHT: tr("Berat badan kurang (BB/U < −2 SD)"),
            Indicator.SEVERE_UNDERWEIGHT: tr("Berat badan sangat kurang (BB/U < −3 SD)"),
            Indicator.OVERWEIGHT: tr("Gizi lebih (BB/TB > +2 SD)"),
            Indicator.OBESITY: tr("Obesitas (BB/TB > +3 SD)"),
        }[self]

    @property
    def measure(self) -> Measure:
        """The index it is read from."""
        return _CUT_OFFS[self][0]

    @property
    def cut_off(self) -> int:
        """Hundredths of SD; a negative one is undercut, a positive one exceeded."""
        return _CUT_OFFS[self][1]

    @property
    def severe(self) -> bool:
        """Whether it is the graver part of another indicator."""
        return abs(self.cut_off) == 300


_CUT_OFFS = {
    Indicator.STUNTING: (Measure.LENGTH_FOR_AGE, -200),
    Indicator.SEVERE_STUNTING: (Measure.LENGTH_FOR_AGE, -300),
    Indicator.WASTING: (Measure.WEIGHT_FOR_LENGTH, -200),
    Indicator.SEVERE_WASTING: (Measure.WEIGHT_FOR_LENGTH, -300),
    Indicator.UNDERWEIGHT: (Measure.WEIGHT_FOR_AGE, -200),
    Indicator.SEVERE_UNDERWEIGHT: (Measure.WEIGHT_FOR_AGE, -300),
    Indicator.OVERWEIGHT: (Measure.WEIGHT_FOR_LENGTH, 200),
    Indicator.OBESITY: (Measure.WEIGHT_FOR_LENGTH, 300),
}


class Severity(StrEnum):
    """How much of a public health problem a prevalence is (WHO–UNICEF, de Onis et al. 2019)."""

    VERY_LOW = "very_low"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very_high"

    @property
    def label(self) -> str:
        return {
            Severity.VERY_LOW: tr("Prevalensi sangat rendah"),
            Severity.LOW: tr("Prevalensi rendah"),
            Severity.MEDIUM: tr("Prevalensi sedang"),
            Severity.HIGH: tr("Prevalensi tinggi"),
            Severity.VERY_HIGH: tr("Prevalensi sangat tinggi"),
        }[self]


ALL = tuple(Indicator)
MAIN = tuple(indicator for indicator in Indicator if not indicator.severe)


class By(StrEnum):
    """How a table parts the children; codes are stable."""

    ALL = "all"
    KECAMATAN = "kecamatan"
    VILLAGE = "village"
    POSYANDU = "posyandu"
    AGE = "age"
    SEX = "sex"
    PUSKESMAS = "puskesmas"

    @property
    def level(self) -> Level | None:
        """The level of areas, for those that part by area."""
        return {By.KECAMATAN: Level.KECAMATAN, By.VILLAGE: Level.VILLAGE, By.POSYANDU: Level.POSYANDU}.get(
            self
        )


@dataclass(frozen=True, slots=True)
class PrevalenceRow:
    """The prevalences of one group of children; `children` were there, each share says how many counted.

    `key` is the area's scope, the age group "first-last", the sex "M" or "F", or "" for all.
    """

    key: str
    label: str
    children: int
    shares: Mapping[Indicator, Share]


@dataclass(frozen=True, slots=True)
class PrevalenceTable:
    """The rows of one period and area, and all of them together."""

    period: Period
    within: str
    by: By
    total: PrevalenceRow
    rows: tuple[PrevalenceRow, ...]


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """The prevalences of one period; `reached` says whether the target was, None without target or value."""

    period: Period
    row: PrevalenceRow
    target: Mapping[Indicator, float]

    def reached(self, indicator: Indicator) -> bool | None:
        """Whether the prevalence is at or below its target, in per cent."""
        percent, target = self.row.shares[indicator].percent, self.target.get(indicator)
        return None if percent is None or target is None else percent <= target


@dataclass(frozen=True, slots=True)
class Groups:
    """A partition of rows: `of` gives the index of a row's group, −1 for none."""

    keys: tuple[str, ...]
    labels: tuple[str, ...]
    of: Rows

    def __len__(self) -> int:
        return len(self.keys)


def table(
    frame: Frame,
    period: Period,
    by: By,
    rules: ProgramRules,
    within: str = "",
    puskesmas: Mapping[str, str] | None = None,
) -> PrevalenceTable:
    """The prevalences of a period in an area ("" for everything), parted by area, age group or sex.

    Groups in which nobody was measured are there with counts of 0. Raises nothing for an empty area.
    `puskesmas` names the one of each village, for `By.PUSKESMAS`; villages without one are in no group.
    """
    snapshot = take(frame, [period], within)
    if by is By.PUSKESMAS:
        groups = _by_puskesmas(snapshot, within, puskesmas or {})
    else:
        groups = groups_of(snapshot, by, rules, within)
    return PrevalenceTable(
        period,
        within,
        by,
        total=_rows(snapshot, everybody(snapshot, frame.areas.name(within) if within else ""), len(snapshot))[
            0
        ],
        rows=_rows(snapshot, groups, len(snapshot)),
    )


def series(
    frame: Frame, periods: Sequence[Period], target: Mapping[Indicator, float], within: str = ""
) -> tuple[SeriesPoint, ...]:
    """The prevalences of an area over periods that do not overlap, beside their targets (per cent)."""
    import numpy as np

    snapshot = take(frame, periods, within)
    totals = np.bincount(snapshot.period, minlength=len(periods))
    counts = {
        indicator: _tally(snapshot, indicator, snapshot.period, len(periods)) for indicator in Indicator
    }
    points = []
    for index, period in enumerate(periods):
        shares = {
            indicator: share(int(found[index]), int(of[index]), int(totals[index]))
            for indicator, (found, of) in counts.items()
        }
        row = PrevalenceRow(within, period.label, int(totals[index]), shares)
        points.append(SeriesPoint(period, row, target))
    return tuple(points)


def targets(rules: ProgramRules, analysis: AnalysisRules) -> dict[Indicator, float]:
    """The targets in force, per cent: stunting's from the programme rules, others from the analysis rules."""
    found = {Indicator(code): percent for code, percent in analysis.targets.items()}
    return found | {Indicator.STUNTING: float(rules.targets.stunting)}


def severity(indicator: Indicator, one: Share, analysis: AnalysisRules) -> Severity | None:
    """The class of a prevalence; None without a figure, or for an indicator that has no classes."""
    steps = analysis.severity.get(indicator)
    if steps is None or one.percent is None:
        return None
    return tuple(Severity)[sum(one.percent >= step for step in steps)]


def children(frame: Frame, period: Period, indicator: Indicator, within: str = "") -> tuple[str, ...]:
    """The ids of the children behind a prevalence, for those entitled to see who they are."""
    snapshot = take(frame, [period], within)
    return frame.child_ids(snapshot.child[affected(snapshot, indicator)[0]].tolist())


def groups_of(snapshot: Snapshot, by: By, rules: ProgramRules, within: str = "") -> Groups:
    """The partition of a snapshot's rows."""
    if by.level is not None:
        return _by_area(snapshot, by.level, within)
    if by is By.AGE:
        return by_age(snapshot.frame.age_days[snapshot.visit], rules.prevalence_groups)
    return _by_sex(snapshot) if by is By.SEX else everybody(snapshot)


def everybody(snapshot: Snapshot, label: str = "") -> Groups:
    """One group of all rows."""
    import numpy as np

    return Groups(("",), (label or tr("Semua"),), np.zeros(len(snapshot), dtype=np.intp))


def _by_area(snapshot: Snapshot, level: Level, within: str) -> Groups:
    import numpy as np

    areas = snapshot.frame.areas
    codes = areas.at(level)
    shown = sorted({int(codes.of_place[place]) for place in np.flatnonzero(areas.inside(within))})
    index = np.full(len(codes.codes), -1, dtype=np.intp)
    index[shown] = np.arange(len(shown))
    keys = tuple(codes.codes[place] for place in shown)
    of = index[codes.of_place[snapshot.frame.children.place[snapshot.child]]]
    return Groups(keys, tuple(areas.name(key) for key in keys), of)


def _by_puskesmas(snapshot: Snapshot, within: str, villages: Mapping[str, str]) -> Groups:
    import numpy as np

    areas = snapshot.frame.areas
    codes = areas.at(Level.VILLAGE)
    inside = {codes.codes[place] for place in codes.of_place[areas.inside(within)].tolist()}
    names = tuple(sorted({villages[code] for code in inside if code in villages}))
    index = {name: place for place, name in enumerate(names)}
    of_village = np.array([index.get(villages.get(code, ""), -1) for code in codes.codes], dtype=np.intp)
    of = of_village[codes.of_place[snapshot.frame.children.place[snapshot.child]]]
    return Groups(tuple(f"puskesmas:{name}" for name in names), names, of)


def by_age(age_days: Ints, groups: Sequence[AgeGroup]) -> Groups:
    """The partition by age in days; a month has 30.4375 days here, as in WHO's tables of prevalence.

    Without a birth date (`NO_AGE`) a row is in no group.
    """
    import numpy as np

    months = np.floor(age_days / DAYS_OF_MONTH)
    of = np.full(len(age_days), -1, dtype=np.intp)
    for index, group in enumerate(groups):
        of[(group.first <= months) & (months <= group.last)] = index
    keys = tuple(f"{group.first}-{group.last}" for group in groups)
    return Groups(keys, tuple(group.label for group in groups), of)


def _by_sex(snapshot: Snapshot) -> Groups:
    import numpy as np

    sex = snapshot.frame.children.sex[snapshot.child]
    of = np.where(sex == MALE, 0, np.where(sex == FEMALE, 1, -1)).astype(np.intp)
    return Groups(("M", "F"), (tr("Laki-laki"), tr("Perempuan")), of)


def _rows(snapshot: Snapshot, groups: Groups, total: int) -> tuple[PrevalenceRow, ...]:
    import numpy as np

    children = np.bincount(groups.of[groups.of >= 0], minlength=len(groups))
    counts = {indicator: _tally(snapshot, indicator, groups.of, len(groups)) for indicator in Indicator}
    return tuple(
        PrevalenceRow(
            key,
            label,
            int(children[index]),
            {
                indicator: share(int(found[index]), int(of[index]), total)
                for indicator, (found, of) in counts.items()
            },
        )
        for index, (key, label) in enumerate(zip(groups.keys, groups.labels, strict=True))
    )


def affected(snapshot: Snapshot, indicator: Indicator) -> tuple[Bools, Bools]:
    """For each row whether the child has it, and whether it counts at all."""
    centi = snapshot.centi[indicator.measure]
    return beyond(centi, indicator.cut_off), centi != MISSING


def beyond(centi: Centi, cut_off: int) -> Bools:
    """Which z-scores lie beyond a cut-off (hundredths of SD), outwards from 0; oedema lies below all."""
    found: Bools = (centi < cut_off) & (centi != MISSING) if cut_off < 0 else centi > cut_off
    return found


def _tally(snapshot: Snapshot, indicator: Indicator, group: Rows | Ints, groups: int) -> tuple[Rows, Rows]:
    import numpy as np

    has, counts = affected(snapshot, indicator)
    counts = counts & (group >= 0)
    of = np.bincount(group[counts], minlength=groups)
    found = np.bincount(group[counts & has], minlength=groups)
    return found, of
