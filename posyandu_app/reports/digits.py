"""Terminal digits: who rounds to whole and half centimetres, or makes figures up, writes some too often.

Every last digit should make up 10 %. Two figures say how far it is from that: the index of
dissimilarity (WHO–UNICEF 2019, Recommendations for data collection, analysis and reporting on
anthropometric indicators in children under 5 years old, chapter 3: half the sum of the distances
from 10 %, the share of readings that would have to change), and the digit preference score of the
WHO MONICA project (Kuulasmaa et al. 1998), 100 √(χ² ÷ 9n), which SMART calls problematic above 20.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

CHI_SQUARE_LIMIT = 27.877
"""The 0.1 % point of χ² with nine degrees of freedom: beyond it chance is no explanation."""


@dataclass(frozen=True, slots=True)
class DigitPreference:
    """How often each last digit was written, 0 to 9 (tenths of a kilogram or of a centimetre)."""

    counts: tuple[int, ...]

    @property
    def n(self) -> int:
        """How many readings there are."""
        return sum(self.counts)

    @property
    def dissimilarity(self) -> float | None:
        """The index of dissimilarity in per cent, 0 (every digit alike) to 90 (only one digit)."""
        if not self.n:
            return None
        return sum(abs(count / self.n - 0.1) for count in self.counts) * 50

    @property
    def chi_square(self) -> float:
        """χ² against equal digits, nine degrees of freedom; 0 without readings."""
        expected = self.n / 10
        return sum((count - expected) ** 2 for count in self.counts) / expected if self.n else 0.0

    @property
    def score(self) -> float | None:
        """The digit preference score, 0 to 100; with few readings it is high by chance alone (10 at 100)."""
        return 100 * math.sqrt(self.chi_square / (9 * self.n)) if self.n else None

    @property
    def preferred(self) -> tuple[int, ...]:
        """The digits written clearly too often: more than 10 % by three standard errors, worst first."""
        limit = self.n / 10 + 3 * math.sqrt(self.n * 0.09)
        return tuple(sorted((d for d in range(10) if self.counts[d] > limit), key=lambda d: -self.counts[d]))

    def is_problem(self, judged_from: int, score_above: float) -> bool | None:
        """Whether digits are preferred beyond chance and beyond the limit; None with too few readings."""
        if self.n < judged_from or self.score is None:
            return None
        return self.score > score_above and self.chi_square > CHI_SQUARE_LIMIT


def preference(counts: Sequence[int]) -> DigitPreference:
    """The preference in ten counts, of digit 0 to 9."""
    if len(counts) != 10:
        raise ValueError("there are ten digits")
    return DigitPreference(tuple(int(count) for count in counts))
