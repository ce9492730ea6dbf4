"""The same children at two times: who recovered, who fell ill, who stayed so, whom nobody saw again.

A prevalence that falls may only mean that children left; the cohort tells which. Both times are
periods; the state of a child in each is that of `snapshots` (last valid value, oedema as below
−3 SD, flagged values as none).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING

from posyandu_app.domain.rules import LAST_MONTH
from posyandu_app.i18n import tr
from posyandu_app.reports.areas import Level
from posyandu_app.reports.day_columns import completed_months
from posyandu_app.reports.frames import Frame
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import Indicator, affected
from posyandu_app.reports.snapshots import take
from posyandu_app.reports.statistics import Share, share

if TYPE_CHECKING:
    from posyandu_app.reports.columns import Codes, Ints


class Path(StrEnum):
    """What became of a child between the two periods; codes are stable."""

    RECOVERED = "recovered"
    NEW = "new"
    PERSISTENT = "persistent"
    NEVER = "never"
    LOST_AFFECTED = "lost_affected"
    LOST_HEALTHY = "lost_healthy"
    GRADUATED = "graduated"
    LEFT = "left"
    JOINED_AFFECTED = "joined_affected"
    JOINED_HEALTHY = "joined_healthy"

    @property
    def label(self) -> str:
        return {
            Path.RECOVERED: tr("Pulih"),
            Path.NEW: tr("Kasus baru"),
            Path.PERSISTENT: tr("Menetap"),
            Path.NEVER: tr("Tidak pernah"),
            Path.LOST_AFFECTED: tr("Tidak diukur lagi, sebelumnya bermasalah"),
            Path.LOST_HEALTHY: tr("Tidak diukur lagi, sebelumnya tidak"),
            Path.GRADUATED: tr("Sudah 5 tahun"),
            Path.LEFT: tr("Pindah, meninggal, atau lulus"),
            Path.JOINED_AFFECTED: tr("Baru diukur, bermasalah"),
            Path.JOINED_HEALTHY: tr("Baru diukur, tidak bermasalah"),
        }[self]


PATHS = tuple(Path)


@dataclass(frozen=True, slots=True)
class CohortRow:
    """How many children of an area took each path between the two periods.

    `graduated` and `left` had a value before and can have none now: five years old, or no longer
    at the posyandu. The lost ones are still expected. The joined ones have a value only after.
    """

    key: str
    label: str
    recovered: int = 0
    new: int = 0
    persistent: int = 0
    never: int = 0
    lost_affected: int = 0
    lost_healthy: int = 0
    graduated: int = 0
    left: int = 0
    joined_affected: int = 0
    joined_healthy: int = 0

    @property
    def followed(self) -> int:
        """Children with a value in both periods."""
        return self.recovered + self.new + self.persistent + self.never

    @property
    def recovery(self) -> Share:
        """The recovered among those who were affected and seen again."""
        return share(self.recovered, self.recovered + self.persistent, self.followed)

    @property
    def incidence(self) -> Share:
        """The newly affected among those who were not and were seen again."""
        return share(self.new, self.new + self.never, self.followed)

    @property
    def loss(self) -> Share:
        """Those not measured again among the children still expected."""
        lost = self.lost_affected + self.lost_healthy
        return share(lost, lost + self.followed, lost + self.followed)


@dataclass(frozen=True, slots=True)
class CohortTable:
    """The paths of an indicator between two periods, by area; `children` gives each path's children."""

    frame: Frame
    indicator: Indicator
    before: Period
    after: Period
    total: CohortRow
    rows: tuple[CohortRow, ...]
    path: Codes
    area: Ints

    def children(self, path: Path, key: str = "") -> tuple[str, ...]:
        """The ids of the children on a path, of one area or ("") of all."""
        import numpy as np

        chosen = self.path == PATHS.index(path)
        chosen &= self.area >= 0 if not key else self.area == [row.key for row in self.rows].index(key)
        return self.frame.child_ids(np.flatnonzero(chosen).tolist())


def cohort(
    frame: Frame, before: Period, after: Period, indicator: Indicator, level: Level, within: str = ""
) -> CohortTable:
    """What became of the children between two periods, by area of a level inside `within` ("" for all).

    Raises `ValueError` unless `after` begins when `before` has ended. Areas are where children are
    registered now.
    """
    import numpy as np

    if after.first <= before.last:
        raise ValueError("the second period must begin after the first has ended")
    path = _paths(frame, before, after, indicator)
    inside, codes = frame.areas.inside(within), frame.areas.at(level)
    shown = sorted({int(place) for place in codes.of_place[inside]})
    index = np.full(len(codes.codes), -1, dtype=np.int32)
    index[shown] = np.arange(len(shown))
    place = frame.children.place
    area = np.where(inside[place], index[codes.of_place[place]], -1).astype(np.int32)
    counted = (path >= 0) & (area >= 0)
    cells = np.bincount(area[counted] * len(PATHS) + path[counted], minlength=len(shown) * len(PATHS))
    counts = cells.reshape(len(shown), len(PATHS))
    rows = tuple(
        CohortRow(codes.codes[place], frame.areas.name(codes.codes[place]), *(int(n) for n in counts[row]))
        for row, place in enumerate(shown)
    )
    label = frame.areas.name(within) if within else tr("Semua")
    total = CohortRow(within, label, *(int(n) for n in counts.sum(axis=0)))
    return CohortTable(frame, indicator, before, after, total, rows, path, area)


def _paths(frame: Frame, before: Period, after: Period, indicator: Indicator) -> Codes:
    """The index of each child's path, −1 for a child with no value in either period."""
    import numpy as np

    children = frame.children
    states = np.zeros((2, len(children)), dtype=np.int8)
    snapshot = take(frame, [before, after])
    has, counts = affected(snapshot, indicator)
    states[snapshot.period[counts], snapshot.child[counts]] = np.where(has[counts], 2, 1)
    then, now = states
    day = np.full(len(children), after.last_day.toordinal(), dtype=np.int32)
    too_old = (children.birth > 0) & (completed_months(np.maximum(children.birth, 1), day) >= LAST_MONTH)
    gone = np.where(
        ~children.active,
        PATHS.index(Path.LEFT),
        np.where(
            too_old,
            PATHS.index(Path.GRADUATED),
            np.where(then == 2, PATHS.index(Path.LOST_AFFECTED), PATHS.index(Path.LOST_HEALTHY)),
        ),
    )
    seen = {
        (2, 1): Path.RECOVERED,
        (1, 2): Path.NEW,
        (2, 2): Path.PERSISTENT,
        (1, 1): Path.NEVER,
        (0, 2): Path.JOINED_AFFECTED,
        (0, 1): Path.JOINED_HEALTHY,
    }
    path = np.where((then > 0) & (now == 0), gone, -1).astype(np.int8)
    for (first, second), found in seen.items():
        path[(then == first) & (now == second)] = PATHS.index(found)
    return path


def counts_of(row: CohortRow) -> dict[Path, int]:
    """The counts of a row by path."""
    return {path: getattr(row, path.value) for path in PATHS}


assert tuple(field.name for field in fields(CohortRow))[2:] == tuple(PATHS), "a row has its paths in order"
