"""The limits for reading figures: read from one file, checked on the way in, never built into code.

The shipped file is `resources/analysis_rules.toml`, whose comments give the source of each value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from posyandu_app.domain.model import Role
from posyandu_app.domain.rules_file import Table, parse
from posyandu_app.i18n import tr
from posyandu_app.paths import resources

FORMAT = 1


class Range(NamedTuple):
    """What is expected, both ends included."""

    low: float
    high: float


class Steps(NamedTuple):
    """Where low, medium, high and very high begin, per cent."""

    low: float
    medium: float
    high: float
    very_high: float


@dataclass(frozen=True, slots=True)
class SmallNumbers:
    """Counts from 1 to `smallest_shown` − 1 are shown only to roles that see names."""

    smallest_shown: int
    roles_that_see_names: frozenset[str]

    def hidden_from(self, role: str) -> bool:
        """Whether small numbers are covered for a role; unknown roles see none."""
        return role not in self.roles_that_see_names


@dataclass(frozen=True, slots=True)
class QualityRules:
    """When data quality is in doubt: per cent unless named otherwise, SD for the `sd_` ranges."""

    judged_from: int
    digit_score_above: float
    flagged_percent_above: float
    sd_length_for_age: Range
    sd_weight_for_age: Range
    sd_weight_for_length: Range
    jump_percent_above: float
    same_weight_percent_above: float
    same_length_percent_above: float
    no_length_percent_above: float
    no_position_percent_above: float
    standing_too_young_percent_above: float
    no_birth_date_percent_above: float
    no_nik_percent_above: float
    duplicate_percent_above: float
    late_after_days: int
    late_percent_above: float
    arrived_late_after_days: int
    arrived_late_percent_above: float


@dataclass(frozen=True, slots=True)
class RecommendRules:
    """When a recommendation is proposed, and until when it is to be done (days)."""

    fewest_children: int
    due_days: int
    urgent_due_days: int
    new_over_recovered_percent: int


@dataclass(frozen=True, slots=True)
class AnalysisRules:
    """Everything that `analysis_rules.toml` says; targets and severity by code of the indicator."""

    version: str
    small_numbers: SmallNumbers
    targets: Mapping[str, float]
    severity: Mapping[str, Steps]
    quality: QualityRules
    recommend: RecommendRules


@lru_cache(maxsize=1)
def default_analysis_rules() -> AnalysisRules:
    """The rules that ship with the app."""
    return load(resources() / "analysis_rules.toml")


def load(source: Path | str) -> AnalysisRules:
    """The rules in a file (`Path`) or in the text of one (`str`).

    Raises `UserError` with a sentence that names the key that is missing, unknown or wrong.
    """
    kind = tr("aturan analisis")
    root = Table(kind, parse(kind, source))
    root.refuse_newer(FORMAT)
    small, targets, severity = (
        root.table(key) for key in ("small_numbers", "targets_percent", "severity_percent")
    )
    rules = AnalysisRules(
        version=root.text("version"),
        small_numbers=SmallNumbers(
            small.whole("smallest_shown", 1, 100), small.texts("roles_that_see_names", tuple(Role))
        ),
        targets={key: targets.number(key, 0, 100) for key in targets.among(_TARGETS)},
        severity={
            key: Steps(*severity.numbers(key, 4, 0, 100)) for key in ("stunting", "wasting", "overweight")
        },
        quality=_quality(root.table("quality")),
        recommend=_recommend(root.table("recommend")),
    )
    root.refuse_unknown()
    return rules


_TARGETS = ("wasting", "underweight", "overweight")


def _quality(table: Table) -> QualityRules:
    return QualityRules(
        judged_from=table.whole("judged_from", 2, 100_000),
        digit_score_above=table.number("digit_score_above", 0, 100),
        flagged_percent_above=table.number("flagged_percent_above", 0, 100),
        sd_length_for_age=Range(*table.numbers("sd_length_for_age", 2, 0, 10)),
        sd_weight_for_age=Range(*table.numbers("sd_weight_for_age", 2, 0, 10)),
        sd_weight_for_length=Range(*table.numbers("sd_weight_for_length", 2, 0, 10)),
        jump_percent_above=table.number("jump_percent_above", 0, 100),
        same_weight_percent_above=table.number("same_weight_percent_above", 0, 100),
        same_length_percent_above=table.number("same_length_percent_above", 0, 100),
        no_length_percent_above=table.number("no_length_percent_above", 0, 100),
        no_position_percent_above=table.number("no_position_percent_above", 0, 100),
        standing_too_young_percent_above=table.number("standing_too_young_percent_above", 0, 100),
        no_birth_date_percent_above=table.number("no_birth_date_percent_above", 0, 100),
        no_nik_percent_above=table.number("no_nik_percent_above", 0, 100),
        duplicate_percent_above=table.number("duplicate_percent_above", 0, 100),
        late_after_days=table.whole("late_after_days", 0, 366),
        late_percent_above=table.number("late_percent_above", 0, 100),
        arrived_late_after_days=table.whole("arrived_late_after_days", 0, 366),
        arrived_late_percent_above=table.number("arrived_late_percent_above", 0, 100),
    )


def _recommend(table: Table) -> RecommendRules:
    return RecommendRules(
        fewest_children=table.whole("fewest_children", 1, 100_000),
        due_days=table.whole("due_days", 1, 366),
        urgent_due_days=table.whole("urgent_due_days", 1, 366),
        new_over_recovered_percent=table.whole("new_over_recovered_percent", 0, 1000),
    )
