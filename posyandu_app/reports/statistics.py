"""Prevalences and means with 95 % confidence intervals, as WHO's Anthro Survey Analyser gives them.

Method without design weights (WHO's R package `anthro`, "prevalence"): every group is a domain of
one simple random sample of `total` records, so that the standard error carries the factor
total / (total − 1) and the interval has total − 1 degrees of freedom, whatever the group's own
size. Intervals of prevalences are on the logit scale; at 0 % and 100 % they have no width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posyandu_app.reports.columns import Floats, Rows

_NORMAL = 1.959963984540054
_EXACT_UP_TO = 200
_EXACT_BELOW = 50


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many, in per cent with standard error and 95 % limits; the per cents are 0 to 100.

    All but the counts are None when `of` is 0. Where small numbers are not shown, all is None.
    """

    count: int | None = None
    of: int | None = None
    percent: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def hidden(self) -> bool:
        """Whether the number is there but too small to be shown."""
        return self.count is None


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of `of` z-scores, in SD, with standard error, 95 % limits and standard deviation."""

    of: int
    mean: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    sd: float | None = None


@lru_cache(maxsize=4096)
def t_quantile(df: int) -> float:
    """The 97.5 % point of Student's t, to 1e-9 relative; NaN below one degree of freedom.

    Up to 200 degrees from the closed form of the distribution (Abramowitz & Stegun 26.7.3–4),
    above from the expansion around the normal (26.7.5).
    """
    if df < 1:
        return math.nan
    if df > _EXACT_UP_TO:
        return _expanded(df)
    low, high = 1.0, 13.0
    while high - low > 1e-13 * high:
        middle = (low + high) / 2
        if _within(middle, df) < 0.95:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _within(t: float, df: int) -> float:
    """The probability that Student's t lies between −t and t."""
    angle = math.atan(t / math.sqrt(df))
    cosine, sine = math.cos(angle), math.sin(angle)
    odd = df % 2
    term = cosine if odd else 1.0
    total = 0.0 if df == 1 else term
    for step in range(3 if odd else 2, df - 1, 2):
        term *= cosine * cosine * (step - 1) / step
        total += term
    return 2 / math.pi * (angle + sine * total) if odd else sine * total


def _expanded(df: int) -> float:
    z = _NORMAL
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    fourth = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160
    return z + first / df + second / df**2 + third / df**3 + fourth / df**4


def share(count: int, of: int, total: int) -> Share:
    """The prevalence of `count` among `of`, in a sample of `total` records."""
    if of == 0:
        return Share(count, of)
    rate = count / of
    if total < 2:
        return Share(count, of, rate * 100)
    se = math.sqrt(total / (total - 1) * rate * (1 - rate) / of)
    low = high = rate
    if 0 < count < of:
        logit = math.log(rate / (1 - rate))
        reach = t_quantile(total - 1) * se / (rate * (1 - rate))
        low, high = _logistic(logit - reach), _logistic(logit + reach)
    return Share(count, of, rate * 100, se * 100, low * 100, high * 100)


def limits(one: Share) -> tuple[float, float]:
    """The 95 % limits that may be judged by, 0 to 100; at 0 and 100 % those of the rule of three.

    There WHO's interval has no width: it would call one child among many a proof.
    """
    if not one.of or one.count is None or one.low is None or one.high is None:
        return 0.0, 100.0
    reach = min(300 / one.of, 100.0)
    if one.count == 0:
        return 0.0, reach
    return (100 - reach, 100.0) if one.count == one.of else (one.low, one.high)


def apart(one: Share, other: Share) -> bool:
    """Whether two 95 % intervals do not meet: then a difference is more than chance."""
    (low, high), (other_low, other_high) = limits(one), limits(other)
    return low > other_high or other_low > high


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def more_than_chance(count: int, of: int, rate: float) -> bool:
    """Whether so many of so many are more than a rate (0 to 1) explains, one-sided at 5 %.

    Exact (binomial) where fewer than 50 are expected, by the normal approximation beyond.
    """
    expected = rate * of
    if count <= expected:
        return False
    if expected >= _EXACT_BELOW:
        return count - 0.5 > expected + 1.6448536269514722 * math.sqrt(expected * (1 - rate))
    if rate in (0.0, 1.0):
        return True
    term = math.exp(of * math.log1p(-rate))
    fewer = 0.0
    for number in range(count):
        fewer += term
        if fewer > 0.95 + 1e-12:
            return True
        term *= (of - number) / (number + 1) * rate / (1 - rate)
    return 1 - fewer <= 0.05


def means(values: Floats, groups: Rows, count: int, total: int) -> tuple[Mean, ...]:
    """The mean of the values (SD) in each of `count` groups, in a sample of `total` records.

    `groups` gives the group of each value, −1 for none; the standard deviation is that of the
    sample (n − 1).
    """
    import numpy as np

    counted = groups >= 0
    values, groups = values[counted], groups[counted]
    of = np.bincount(groups, minlength=count)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(groups, values, minlength=count) / of
        squares = np.bincount(groups, (values - mean[groups]) ** 2, minlength=count)
        sd = np.where(of > 1, np.sqrt(squares / (of - 1)), np.nan)
        se = np.sqrt(total / (total - 1) * squares) / of if total > 1 else np.full(count, np.nan)
    reach = t_quantile(total - 1) * se
    return tuple(
        Mean(int(n), *(None if math.isnan(x) else float(x) for x in figures))
        for n, *figures in zip(of, mean, se, mean - reach, mean + reach, sd, strict=True)
    )
