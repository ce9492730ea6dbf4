"""The limits for reading figures: read from one file, checked on the way in, never built into code.

The shipped file is `resources/analysis_rules.toml`, whose comments give the source of each value.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeGuard

from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Role
from posyandu_app.i18n import tr
from posyandu_app.paths import resources

FORMAT = 1
_BIGGEST_FILE = 100_000
_HUGE = 1e9


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
    root = _Table(_parse(source), "")
    if root.whole("format", 1, 1_000_000) > FORMAT:
        raise UserError(
            tr("Berkas aturan analisis ini untuk aplikasi yang lebih baru. Perbarui aplikasi."),
            code="rules_newer",
        )
    small, targets, severity = (
        root.table(key) for key in ("small_numbers", "targets_percent", "severity_percent")
    )
    rules = AnalysisRules(
        version=root.text("version"),
        small_numbers=SmallNumbers(
            small.whole("smallest_shown", 1, 100), small.texts("roles_that_see_names", tuple(Role))
        ),
        targets={key: targets.number(key, 0, 100) for key in targets.keys_among(_TARGETS)},
        severity={
            key: Steps(*severity.rising(key, 4, 0, 100)) for key in ("stunting", "wasting", "overweight")
        },
        quality=_quality(root.table("quality")),
        recommend=_recommend(root.table("recommend")),
    )
    root.refuse_unknown()
    return rules


_TARGETS = ("wasting", "underweight", "overweight")


def _quality(table: _Table) -> QualityRules:
    return QualityRules(
        judged_from=table.whole("judged_from", 2, 100_000),
        digit_score_above=table.number("digit_score_above", 0, 100),
        flagged_percent_above=table.number("flagged_percent_above", 0, 100),
        sd_length_for_age=Range(*table.rising("sd_length_for_age", 2, 0, 10)),
        sd_weight_for_age=Range(*table.rising("sd_weight_for_age", 2, 0, 10)),
        sd_weight_for_length=Range(*table.rising("sd_weight_for_length", 2, 0, 10)),
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
    )


def _recommend(table: _Table) -> RecommendRules:
    return RecommendRules(
        fewest_children=table.whole("fewest_children", 1, 100_000),
        due_days=table.whole("due_days", 1, 366),
        urgent_due_days=table.whole("urgent_due_days", 1, 366),
        new_over_recovered_percent=table.whole("new_over_recovered_percent", 0, 1000),
    )


def _parse(source: Path | str) -> Mapping[str, object]:
    try:
        text = source if isinstance(source, str) else _read(source)
        if len(text) > _BIGGEST_FILE:
            raise ValueError("too big")
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(
            tr("Berkas aturan analisis tidak terbaca: {why}. Perbaiki penulisannya (TOML, UTF-8).").format(
                why=error
            ),
            code="rules_unreadable",
        ) from error


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_BIGGEST_FILE + 1).decode("utf-8")
    except OSError as error:
        raise UserError(
            tr("Berkas aturan analisis {name} tidak bisa dibuka.").format(name=path.name),
            code="rules_unreadable",
        ) from error


class _Table:
    """A table of the file, read key by key; what nobody asked for is unknown."""

    def __init__(self, values: Mapping[str, object], path: str) -> None:
        self._values = values
        self._path = path
        self._asked: set[str] = set()
        self._children: list[_Table] = []

    def _take(self, key: str) -> object:
        self._asked.add(key)
        return self._values.get(key)

    def _wrong(self, key: str, expected: str) -> UserError:
        return UserError(
            tr("Aturan analisis: {key} harus {expected}.").format(key=self._path + key, expected=expected),
            code="rules_invalid",
        )

    def keys_among(self, known: tuple[str, ...]) -> tuple[str, ...]:
        """Which of these keys are there."""
        return tuple(key for key in known if key in self._values)

    def table(self, key: str) -> _Table:
        value = self._take(key)
        if not isinstance(value, dict):
            raise self._wrong(key, tr("sebuah bagian, misalnya [{key}]").format(key=self._path + key))
        child = _Table(value, f"{self._path}{key}.")
        self._children.append(child)
        return child

    def text(self, key: str) -> str:
        value = self._take(key)
        if not isinstance(value, str) or not 1 <= len(value.strip()) <= 100:
            raise self._wrong(key, tr("teks 1 sampai 100 huruf"))
        return value.strip()

    def texts(self, key: str, known: tuple[str, ...]) -> frozenset[str]:
        value = self._take(key)
        if not isinstance(value, list) or any(item not in known for item in value):
            raise self._wrong(key, tr("daftar dari: {known}").format(known=", ".join(known)))
        return frozenset(value)

    def whole(self, key: str, low: int, high: int) -> int:
        value = self._take(key)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self._wrong(key, tr("bilangan bulat {low} sampai {high}").format(low=low, high=high))
        return value

    def number(self, key: str, low: float, high: float) -> float:
        value = self._take(key)
        if not _is_number(value) or not low <= float(value) <= high:
            raise self._wrong(key, tr("angka {low} sampai {high}").format(low=low, high=high))
        return float(value)

    def rising(self, key: str, count: int, low: float, high: float) -> list[float]:
        value = self._take(key)
        if isinstance(value, list) and len(value) == count and all(_is_number(item) for item in value):
            numbers = [float(item) for item in value]
            if numbers == sorted(numbers) and low <= numbers[0] and numbers[-1] <= high:
                return numbers
        raise self._wrong(
            key, tr("{count} angka yang naik, {low} sampai {high}").format(count=count, low=low, high=high)
        )

    def refuse_unknown(self) -> None:
        for key in self._values:
            if key not in self._asked:
                raise UserError(
                    tr("Aturan analisis: {key} tidak dikenal. Hapus atau perbaiki ejaannya.").format(
                        key=self._path + key[:60]
                    ),
                    code="rules_invalid",
                )
        for child in self._children:
            child.refuse_unknown()


def _is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a number of sensible size, not true, false, infinite or NaN."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -_HUGE <= value <= _HUGE
