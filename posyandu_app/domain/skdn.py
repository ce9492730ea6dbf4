"""SKDN: how many children there are, come, and gain, for one posyandu and month.

Letters and ratios as in F1-Gizi and F2 2023 (facts.md, section 3). D = N + T + O + B.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from posyandu_app.domain.age import Month, completed_months
from posyandu_app.domain.assessment import Assessed
from posyandu_app.domain.kms import Letter
from posyandu_app.domain.model import Child, ChildState, Sex
from posyandu_app.domain.rules import LAST_MONTH, AgeGroup, ProgramRules
from posyandu_app.i18n import written

UNKNOWN = "—"
"""Printed for a ratio without a denominator: never 0 %."""


@dataclass(frozen=True, slots=True)
class Skdn:
    """The counts of one group of children in one month, and their ratios.

    Ratios are in tenths of a per cent, rounded half up, and None when the denominator is 0.
    """

    S: int = 0
    K: int = 0
    D: int = 0
    N: int = 0
    T: int = 0
    O: int = 0  # noqa: E741
    B: int = 0
    two_t: int = 0
    bgm: int = 0

    @property
    def k_s(self) -> int | None:
        """K/S, jangkauan program."""
        return permille(self.K, self.S)

    @property
    def d_s(self) -> int | None:
        """D/S, partisipasi masyarakat."""
        return permille(self.D, self.S)

    @property
    def d_k(self) -> int | None:
        """D/K, kelangsungan penimbangan; above 100 % when children without a card were weighed."""
        return permille(self.D, self.K)

    @property
    def n_d(self) -> int | None:
        """N/D, keberhasilan penimbangan."""
        return permille(self.N, self.D)

    @property
    def n_nt(self) -> int | None:
        """N/D "tanpa O dan B": N ÷ (N + T)."""
        return permille(self.N, self.N + self.T)

    @property
    def n_s(self) -> int | None:
        """N/S, pencapaian program."""
        return permille(self.N, self.S)

    @property
    def two_t_d(self) -> int | None:
        """2T/D."""
        return permille(self.two_t, self.D)

    @property
    def bgm_d(self) -> int | None:
        """BGM/D."""
        return permille(self.bgm, self.D)

    def __add__(self, other: "Skdn") -> "Skdn":
        return Skdn(
            self.S + other.S,
            self.K + other.K,
            self.D + other.D,
            self.N + other.N,
            self.T + other.T,
            self.O + other.O,
            self.B + other.B,
            self.two_t + other.two_t,
            self.bgm + other.bgm,
        )


@dataclass(frozen=True, slots=True)
class SkdnTable:
    """The counts of one month: over all, by sex, by age group, and by both."""

    month: Month
    total: Skdn
    by_sex: Mapping[Sex, Skdn]
    by_group: Mapping[AgeGroup, Skdn]
    by_group_and_sex: Mapping[tuple[AgeGroup, Sex], Skdn]


def permille(count: int, of: int) -> int | None:
    """`count` of `of` in tenths of a per cent, rounded half up; None when `of` is 0."""
    return (count * 2000 + of) // (of * 2) if of > 0 else None


def format_percent(value: int | None) -> str:
    """A ratio as printed: "72,6 %", or "—" when there is none."""
    return UNKNOWN if value is None else f"{written(f'{value // 10}.{value % 10}')} %"


def count(
    children: Iterable[tuple[Child, Sequence[Assessed]]], month: Month, rules: ProgramRules
) -> SkdnTable:
    """The SKDN of a month from children with their assessed histories.

    S are children under 60 completed months who are active, or were weighed in the month
    (who moves away later stays counted); age is that at the weighing, else on the month's last
    day. K are those of S who hold a KIA/KMS, D those weighed with a letter. Children without
    a birth date or born after the month are not counted; without sex they are in the total only,
    unweighed, since a letter needs the sex. BGM leaves out z-scores that WHO flags.
    """
    total = Skdn()
    by_sex = {sex: Skdn() for sex in Sex}
    by_group = {group: Skdn() for group in rules.report_groups}
    by_both = {(group, sex): Skdn() for group in rules.report_groups for sex in Sex}
    for child, history in children:
        weighed = _weighed(history, month)
        one = _one(child, weighed, rules)
        age = _age(child, weighed, month)
        if one is None or age is None:
            continue
        total += one
        if child.sex is not None:
            by_sex[child.sex] += one
        for group in rules.report_groups:
            if age in group:
                by_group[group] += one
                if child.sex is not None:
                    by_both[group, child.sex] += one
    return SkdnTable(month, total, by_sex, by_group, by_both)


def _weighed(history: Sequence[Assessed], month: Month) -> Assessed | None:
    """The weighing that counts for the month."""
    return next(
        (item for item in reversed(history) if item.record is not None and item.record.month == month), None
    )


def _age(child: Child, weighed: Assessed | None, month: Month) -> int | None:
    if child.birth_date is None:
        return None
    on: date = month.last_day if weighed is None else weighed.measurement.date
    age = completed_months(child.birth_date, on)
    return age if 0 <= age < LAST_MONTH else None


def _one(child: Child, weighed: Assessed | None, rules: ProgramRules) -> Skdn | None:
    if weighed is None and child.state != ChildState.ACTIVE:
        return None
    card = int(child.kia_held is True)
    record = None if weighed is None else weighed.record
    if weighed is None or record is None:
        return Skdn(S=1, K=card)
    score = weighed.growth.weight_for_age
    return Skdn(
        S=1,
        K=card,
        D=1,
        N=int(record.letter is Letter.N),
        T=int(record.letter is Letter.T),
        O=int(record.letter is Letter.O),
        B=int(record.letter is Letter.B),
        two_t=int(record.two_t),
        bgm=int(score is not None and not score.flagged and score.centi < rules.red_line),
    )
