"""Recommendations proposed from the figures by rules that anybody can read: a person always decides.

Each proposal says which rule made it, on which figures, and what it would ask of whom. Nothing is
sent from here. Limits and due dates are in `analysis_rules.toml`, targets in the programme rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from posyandu_app.domain.age import Month
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.domain.skdn import Skdn, format_percent
from posyandu_app.i18n import tr
from posyandu_app.reports import coverage, prevalence
from posyandu_app.reports import recommend_words as words
from posyandu_app.reports.analysis_rules import AnalysisRules, SmallNumbers
from posyandu_app.reports.areas import Level
from posyandu_app.reports.cohort import CohortRow, Path, cohort
from posyandu_app.reports.covering import CohortCounts, Cover, cohort_cover, covers
from posyandu_app.reports.disclosure import is_small
from posyandu_app.reports.evidence import (
    COHORT_MONTHS,
    NEW_STUNTING,
    TWO_T,
    Evidence,
    cohort_periods,
    measure,
    of_quality,
    tenths,
)
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import By, Indicator
from posyandu_app.reports.quality import Check, QualityRow, QualityTable
from posyandu_app.reports.ranking import SKDN_SHARES
from posyandu_app.reports.statistics import Share

if TYPE_CHECKING:
    from posyandu_app.reports.frames import Frame


class Rule(StrEnum):
    """The rules, gravest first; codes are stable."""

    SEVERE_WASTING = "severe_wasting"
    TWO_T = "two_t"
    WASTING_ABOVE_TARGET = "wasting_above_target"
    NEW_STUNTING = "new_stunting"
    STUNTING_ABOVE_TARGET = "stunting_above_target"
    OVERWEIGHT = "overweight"
    LOW_ATTENDANCE = "low_attendance"
    LOW_GAIN = "low_gain"
    POOR_MEASURING = "poor_measuring"
    LATE_RECORDS = "late_records"
    IDENTITY_MISSING = "identity_missing"

    @property
    def label(self) -> str:
        """What the rule is about, in a few words for a list."""
        return {
            Rule.SEVERE_WASTING: tr("Gizi buruk"),
            Rule.TWO_T: tr("2T, berat tidak naik"),
            Rule.WASTING_ABOVE_TARGET: tr("Wasting di atas target"),
            Rule.NEW_STUNTING: tr("Stunting baru"),
            Rule.STUNTING_ABOVE_TARGET: tr("Stunting di atas target"),
            Rule.OVERWEIGHT: tr("Gizi lebih di atas batas"),
            Rule.LOW_ATTENDANCE: tr("Kehadiran di bawah target"),
            Rule.LOW_GAIN: tr("Berat naik di bawah target"),
            Rule.POOR_MEASURING: tr("Pengukuran perlu diperbaiki"),
            Rule.LATE_RECORDS: tr("Terlambat dicatat"),
            Rule.IDENTITY_MISSING: tr("Data anak belum lengkap"),
        }[self]

    @property
    def explanation(self) -> str:
        """When the rule speaks, in words for whoever reads the proposal."""
        return {
            Rule.SEVERE_WASTING: tr(
                "Ada anak gizi buruk (BB/TB di bawah −3 SD atau bengkak) pada bulan ini."
            ),
            Rule.TWO_T: tr("Ada anak yang beratnya tidak naik dua bulan berturut-turut (2T) pada bulan ini."),
            Rule.WASTING_ABOVE_TARGET: tr("Seluruh rentang 95 % prevalensi wasting di atas target."),
            Rule.NEW_STUNTING: tr("Kasus baru stunting jauh lebih banyak daripada anak yang pulih."),
            Rule.STUNTING_ABOVE_TARGET: tr("Seluruh rentang 95 % prevalensi stunting di atas target."),
            Rule.OVERWEIGHT: tr(
                "Seluruh rentang 95 % prevalensi gizi lebih di atas batas sedang WHO–UNICEF."
            ),
            Rule.LOW_ATTENDANCE: tr("D/S di bawah target."),
            Rule.LOW_GAIN: tr("N/D di bawah target."),
            Rule.POOR_MEASURING: tr("Mutu pengukuran diragukan menurut batas WHO dan SMART."),
            Rule.LATE_RECORDS: tr("Terlalu banyak penimbangan yang terlambat disimpan di laptop."),
            Rule.IDENTITY_MISSING: tr("Terlalu banyak anak tanpa tanggal lahir atau NIK."),
        }[self]


_RULES = tuple(Rule)
_URGENT = (Rule.SEVERE_WASTING, Rule.TWO_T)
_OF_MEASURING = (
    Check.FLAGGED,
    Check.WEIGHT_DIGITS,
    Check.LENGTH_DIGITS,
    Check.SD_LENGTH_FOR_AGE,
    Check.SD_WEIGHT_FOR_AGE,
    Check.SD_WEIGHT_FOR_LENGTH,
    Check.JUMPS,
    Check.SAME_WEIGHT,
    Check.NO_LENGTH,
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What could be recommended to an area: text to be edited, the rule, its figures, days until due."""

    rule: Rule
    area: str
    label: str
    text: str
    evidence: tuple[Evidence, ...]
    due_days: int


@dataclass(frozen=True, slots=True)
class Change:
    """A figure a recommendation rested on, and the same one now; `better` is None when it stayed."""

    before: Evidence
    now: Evidence
    better: bool | None


def propose(
    frame: Frame,
    month: Month,
    by: By,
    rules: ProgramRules,
    analysis: AnalysisRules,
    within: str = "",
    quality: QualityTable | None = None,
    small_numbers: SmallNumbers | None = None,
    puskesmas: Mapping[str, str] | None = None,
) -> tuple[Proposal, ...]:
    """What the figures of a month suggest for each area, gravest rule first, then by area.

    `by` parts by kecamatan, village or posyandu. `quality` (of posyandu) adds the rules on data; they
    speak only where its rows are the areas asked for. With `small_numbers` a proposal names no
    number that is too small to be shown. Raises `ValueError` when `by` is no level of areas.
    """
    level = by.level
    if level is None:
        raise ValueError("recommendations are for areas")
    before, after = cohort_periods(month)
    hidden = None if small_numbers is None else covered_at(frame, month, small_numbers, puskesmas)
    maker = _Maker(frame, month, rules, analysis, hidden)
    shares = prevalence.table(frame, Period.of_month(month), by, rules, within).rows
    counts = {row.key: row.skdn for row in coverage.table(frame, month, level, rules, within).rows}
    paths = {row.key: row for row in cohort(frame, before, after, Indicator.STUNTING, level, within).rows}
    found: list[Proposal] = []
    for row in shares:
        found += maker.from_prevalence(row.key, row.shares)
        found += maker.from_cohort(paths[row.key])
        found += maker.from_skdn(row.key, counts[row.key])
    if quality is not None:
        areas = {row.key for row in shares}
        for judged in quality.rows:
            if judged.key in areas:
                found += maker.from_quality(judged, quality.period)
    return tuple(sorted(found, key=lambda p: (_RULES.index(p.rule), p.label, p.area)))


def changes(
    evidence: Sequence[Evidence], frame: Frame, period: Period, rules: ProgramRules, analysis: AnalysisRules
) -> tuple[Change, ...]:
    """Whether the figures a recommendation was about have changed since, taken again for a later period.

    A figure whose code is not known here is left out.
    """
    found = []
    for before in evidence:
        try:
            now = measure(frame, before.code, before.area, period, rules, analysis)
        except ValueError:
            continue
        found.append(Change(before, now, _better(before, now)))
    return tuple(found)


def _better(before: Evidence, now: Evidence) -> bool | None:
    if before.value is None or now.value is None or before.value == now.value:
        return None
    high_is_good = before.code in SKDN_SHARES
    return (now.value > before.value) is high_is_good


@dataclass(frozen=True, slots=True)
class Covered:
    """What is covered in a month, and of the new cases up to it."""

    month: Cover
    cohort: CohortCounts
    smallest_shown: int

    def hides(self, code: str, area: str, one: Share) -> bool:
        """Whether a figure is covered; the ratios of SKDN and data quality never are."""
        if code in tuple(Indicator):
            return is_small(one, self.smallest_shown) or self.month.hides(area, Indicator(code))
        if code == TWO_T:
            return is_small(one, self.smallest_shown)
        return code == NEW_STUNTING and any(self.cohort.hides(area, path) for path in (Path.NEW, Path.NEVER))


def covered_at(
    frame: Frame, month: Month, small_numbers: SmallNumbers, puskesmas: Mapping[str, str] | None = None
) -> Covered:
    """What is covered in a month for roles that see no names."""
    return covered_in(frame, Period.of_month(month), small_numbers, puskesmas)


def covered_in(
    frame: Frame, period: Period, small_numbers: SmallNumbers, puskesmas: Mapping[str, str] | None = None
) -> Covered:
    """The same for a longer period; new cases are those up to its last month."""
    smallest = small_numbers.smallest_shown
    before, after = cohort_periods(period.last)
    now, *both = (covers(frame, [each], smallest, puskesmas)[0] for each in (period, before, after))
    paths = cohort(frame, before, after, Indicator.STUNTING, Level.KABUPATEN)
    return Covered(now, cohort_cover(frame, paths, both[0], both[1], smallest), smallest)


class _Maker:
    """Makes the proposals of one month."""

    def __init__(
        self,
        frame: Frame,
        month: Month,
        rules: ProgramRules,
        analysis: AnalysisRules,
        covered: Covered | None,
    ) -> None:
        self._frame = frame
        self._period = Period.of_month(month)
        self._rules = rules
        self._analysis = analysis
        self._limits = analysis.recommend
        self._covered = covered

    def _proposal(self, rule: Rule, area: str, text: str, *evidence: Evidence) -> Proposal:
        days = self._limits.urgent_due_days if rule in _URGENT else self._limits.due_days
        return Proposal(rule, area, self._frame.areas.name(area), text, evidence, days)

    def _counted(self, code: str, area: str, one: Share, limit: float | None = None) -> Evidence:
        """A share as evidence; without its numbers where they are too small to be shown."""
        hidden = self._covered is not None and self._covered.hides(code, area, one)
        return Evidence(
            code,
            area,
            self._period,
            None if hidden else tenths(one.percent),
            None if hidden else one.count,
            None if hidden else one.of,
            tenths(limit),
        )

    def from_prevalence(self, area: str, shares: Mapping[Indicator, Share]) -> Iterator[Proposal]:
        name, month = self._frame.areas.name(area), self._period.label
        severe = shares[Indicator.SEVERE_WASTING]
        if severe.count:
            evidence = self._counted(Indicator.SEVERE_WASTING, area, severe)
            text = words.severe_wasting(name, month, evidence.count)
            yield self._proposal(Rule.SEVERE_WASTING, area, text, evidence)
        severity, targets = self._analysis.severity, prevalence.targets(self._rules, self._analysis)
        wasting = targets.get(Indicator.WASTING, severity[Indicator.WASTING].medium)
        above = (
            (Rule.WASTING_ABOVE_TARGET, Indicator.WASTING, wasting, words.wasting),
            (Rule.STUNTING_ABOVE_TARGET, Indicator.STUNTING, targets[Indicator.STUNTING], words.stunting),
            (Rule.OVERWEIGHT, Indicator.OVERWEIGHT, severity[Indicator.OVERWEIGHT].medium, words.overweight),
        )
        for rule, indicator, limit, sentence in above:
            one = shares[indicator]
            if one.low is None or (one.of or 0) < self._limits.fewest_children or one.low <= limit:
                continue
            evidence = self._counted(indicator, area, one, limit)
            if evidence.value is not None:
                text = sentence(name, month, format_percent(evidence.value), format_percent(evidence.limit))
                yield self._proposal(rule, area, text, evidence)

    def from_cohort(self, row: CohortRow) -> Iterator[Proposal]:
        more = row.recovered * (100 + self._limits.new_over_recovered_percent) / 100
        if row.new < self._analysis.small_numbers.smallest_shown or row.new <= more:
            return
        hidden = self._covered
        if hidden is None or not hidden.cohort.hides(row.key, Path.NEW):
            evidence = self._counted(NEW_STUNTING, row.key, row.incidence)
            covered = hidden is not None and hidden.cohort.hides(row.key, Path.RECOVERED)
            recovered = None if covered else row.recovered
            text = words.new_stunting(self._frame.areas.name(row.key), COHORT_MONTHS, row.new, recovered)
            yield self._proposal(Rule.NEW_STUNTING, row.key, text, evidence)

    def from_skdn(self, area: str, skdn: Skdn) -> Iterator[Proposal]:
        name, month = self._frame.areas.name(area), self._period.label
        if skdn.two_t:
            one = Share(skdn.two_t, skdn.D, 100 * skdn.two_t / skdn.D)
            evidence = self._counted(TWO_T, area, one)
            yield self._proposal(Rule.TWO_T, area, words.two_t(name, month, evidence.count), evidence)
        targets, fewest = self._rules.targets, self._limits.fewest_children
        if fewest <= skdn.S and below(skdn.d_s, targets.d_s):
            evidence = Evidence("d_s", area, self._period, skdn.d_s, skdn.D, skdn.S, targets.d_s * 10)
            percent, limit = format_percent(skdn.d_s), format_percent(targets.d_s * 10)
            text = words.low_attendance(name, month, percent, limit, skdn.S - skdn.D)
            yield self._proposal(Rule.LOW_ATTENDANCE, area, text, evidence)
        if fewest <= skdn.D and below(skdn.n_d, targets.n_d):
            evidence = Evidence("n_d", area, self._period, skdn.n_d, skdn.N, skdn.D, targets.n_d * 10)
            percent, limit = format_percent(skdn.n_d), format_percent(targets.n_d * 10)
            yield self._proposal(Rule.LOW_GAIN, area, words.low_gain(name, month, percent, limit), evidence)

    def from_quality(self, row: QualityRow, period: Period) -> Iterator[Proposal]:
        doubtful = {check: figure for check, figure in row.figures.items() if figure.doubtful}

        def proposal(rule: Rule, text: str, checks: Sequence[Check]) -> Proposal:
            evidence = (of_quality(doubtful[check], row.key, period) for check in checks)
            return self._proposal(rule, row.key, text, *evidence)

        measuring = [check for check in _OF_MEASURING if check in doubtful]
        if measuring:
            text = words.poor_measuring(row.label, _listed(measuring))
            yield proposal(Rule.POOR_MEASURING, text, measuring)
        if Check.LATE in doubtful:
            text = words.late_records(row.label, self._analysis.quality.late_after_days)
            yield proposal(Rule.LATE_RECORDS, text, [Check.LATE])
        identity = [check for check in (Check.NO_BIRTH_DATE, Check.NO_NIK) if check in doubtful]
        if identity:
            text = words.identity_missing(row.label, _listed(identity))
            yield proposal(Rule.IDENTITY_MISSING, text, identity)


def below(tenths_of_percent: int | None, target_percent: int) -> bool:
    """Whether a ratio of SKDN is known and below its target."""
    return tenths_of_percent is not None and tenths_of_percent < target_percent * 10


def _listed(checks: Sequence[Check]) -> str:
    return "; ".join(check.label for check in checks)
