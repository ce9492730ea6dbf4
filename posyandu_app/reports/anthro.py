"""The whole prevalence table of WHO's Anthro Survey Analyser, column for column.

For whoever must hand figures on in WHO's own form (R package `anthro` 1.1.0, `anthro_prevalence`
without cluster, strata and weights): every cut-off of every index, means, and children who are
stunted and wasted, or stunted and overweight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posyandu_app.reports.prevalence import Groups, beyond
from posyandu_app.reports.snapshots import MISSING, OEDEMA, Measure
from posyandu_app.reports.statistics import Mean, Share, means, share

if TYPE_CHECKING:
    from posyandu_app.reports.columns import Bools, Rows
    from posyandu_app.reports.snapshots import Centi

CUT_OFFS = (-300, -200, -100, 100, 200, 300)
"""Hundredths of SD, in WHO's order."""

_NAMES = {
    Measure.LENGTH_FOR_AGE: ("HA", "HAZ"),
    Measure.WEIGHT_FOR_AGE: ("WA", "WAZ"),
    Measure.BMI_FOR_AGE: ("BMI", "BMIZ"),
    Measure.WEIGHT_FOR_LENGTH: ("WH", "WHZ"),
}


@dataclass(frozen=True, slots=True)
class AnthroRow:
    """One group of children: the share beyond each cut-off, the means, and the two combined shares."""

    group: str
    shares: Mapping[tuple[Measure, int], Share]
    means: Mapping[Measure, Mean]
    stunted_wasted: Share
    stunted_overweight: Share

    def columns(self) -> dict[str, float | None]:
        """The figures under WHO's column names: `HAZ_pop`, `HA_2_r`, … `HA_2_WH2_ul`."""
        found: dict[str, float | None] = {}
        for measure, (short, long) in _NAMES.items():
            of = self.shares[measure, -300].of
            found |= {f"{long}_pop": of, f"{long}_unwpop": of}
            for cut_off in CUT_OFFS:
                mark = f"_{-cut_off // 100}" if cut_off < 0 else str(cut_off // 100)
                found |= _named(f"{short}{mark}", self.shares[measure, cut_off])
            mean = self.means[measure]
            found |= {
                f"{short}_r": mean.mean,
                f"{short}_se": mean.se,
                f"{short}_ll": mean.low,
                f"{short}_ul": mean.high,
                f"{short}_stdev": mean.sd,
            }
        of = self.stunted_wasted.of
        found |= {"HA_2_WH_2_pop": of, "HA_2_WH_2_unwpop": of}
        return found | _named("HA_2_WH_2", self.stunted_wasted) | _named("HA_2_WH2", self.stunted_overweight)


def _named(prefix: str, one: Share) -> dict[str, float | None]:
    return {
        f"{prefix}_r": one.percent,
        f"{prefix}_se": one.se,
        f"{prefix}_ll": one.low,
        f"{prefix}_ul": one.high,
    }


def rows(centi: Mapping[Measure, Centi], partitions: Sequence[tuple[str, Groups]]) -> tuple[AnthroRow, ...]:
    """The rows of every partition, headed "Title: key", or just the key where the title is "".

    `centi` holds hundredths of SD with `MISSING` and `OEDEMA`, all of one length: every record of
    the sample, also those in which nothing could be computed.
    """
    total = len(centi[Measure.LENGTH_FOR_AGE])
    found: list[AnthroRow] = []
    for title, groups in partitions:
        found += _of_partition(centi, title, groups, total)
    return tuple(found)


def _of_partition(centi: Mapping[Measure, Centi], title: str, groups: Groups, total: int) -> list[AnthroRow]:
    shares = {
        (measure, cut_off): _shares(beyond(values, cut_off), values != MISSING, groups, total)
        for measure, values in centi.items()
        for cut_off in CUT_OFFS
    }
    averages = {measure: _means(values, groups, total) for measure, values in centi.items()}
    length, ratio = centi[Measure.LENGTH_FOR_AGE], centi[Measure.WEIGHT_FOR_LENGTH]
    both = (length != MISSING) & (ratio != MISSING)
    stunted = beyond(length, -200)
    wasted = _shares(stunted & beyond(ratio, -200), both, groups, total)
    overweight = _shares(stunted & beyond(ratio, 200), both, groups, total)
    return [
        AnthroRow(
            f"{title}: {key}" if title else key,
            {name: of_group[index] for name, of_group in shares.items()},
            {measure: of_group[index] for measure, of_group in averages.items()},
            wasted[index],
            overweight[index],
        )
        for index, key in enumerate(groups.keys)
    ]


def _shares(has: Bools, counts: Bools, groups: Groups, total: int) -> list[Share]:
    import numpy as np

    counted = counts & (groups.of >= 0)
    of = np.bincount(groups.of[counted], minlength=len(groups))
    found = np.bincount(groups.of[counted & has], minlength=len(groups))
    return [share(int(count), int(n), total) for count, n in zip(found, of, strict=True)]


def _means(values: Centi, groups: Groups, total: int) -> tuple[Mean, ...]:
    import numpy as np

    measured = (values != MISSING) & (values != OEDEMA)
    of: Rows = np.where(measured, groups.of, -1)
    return means(values / 100, of, len(groups), total)
