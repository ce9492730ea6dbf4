"""SKDN of every posyandu and month, and how far a prevalence rests on children who came.

The counts are those of `domain.skdn` (F1-Gizi, F2 2023), for all posyandu at once. A low
prevalence among few measured children says little: every row therefore tells how many of the
children (S) were weighed (D/S) and how many have a usable TB/U and BB/TB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from posyandu_app.domain.age import Month
from posyandu_app.domain.rules import LAST_MONTH, AgeGroup, ProgramRules
from posyandu_app.domain.skdn import Skdn
from posyandu_app.i18n import tr
from posyandu_app.reports.areas import Level
from posyandu_app.reports.day_columns import month_numbers
from posyandu_app.reports.frames import Frame
from posyandu_app.reports.letters import B, N, O, T, ages_weighed, letters, of_month
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import Indicator, affected
from posyandu_app.reports.snapshots import take
from posyandu_app.reports.statistics import Share, share

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from posyandu_app.reports.columns import Bools, Ints, Rows

FIELDS = ("S", "K", "D", "N", "T", "O", "B", "two_t", "bgm")


@dataclass(frozen=True, slots=True)
class SkdnGrid:
    """Counts by month, place, sex (0 unknown, 1 boys, 2 girls), age group and field, in that order.

    `groups` are the age groups; one more index behind them holds children in none. Places are
    those of the frame's areas.
    """

    months: tuple[Month, ...]
    groups: tuple[AgeGroup, ...]
    counts: npt.NDArray[np.int32]

    def skdn(
        self, month: Month, places: Bools | None = None, sex: int | None = None, group: AgeGroup | None = None
    ) -> Skdn:
        """The counts of a month over some places (a mask), one sex and one age group; None means all."""
        counts = self.counts[self.months.index(month)]
        if places is not None:
            counts = counts[places]
        if sex is not None:
            counts = counts[:, sex : sex + 1]
        if group is not None:
            place = self.groups.index(group)
            counts = counts[:, :, place : place + 1]
        return Skdn(*(int(value) for value in counts.sum(axis=(0, 1, 2))))


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One area in one month: SKDN, and of the children under five (S) those with a usable TB/U and BB/TB."""

    key: str
    label: str
    skdn: Skdn
    with_length_for_age: Share
    with_weight_for_length: Share


@dataclass(frozen=True, slots=True)
class CoverageTable:
    """The areas of one level in one month, and all of them together."""

    month: Month
    level: Level
    total: CoverageRow
    rows: tuple[CoverageRow, ...]


def skdn_grid(frame: Frame, months: Sequence[Month], rules: ProgramRules) -> SkdnGrid:
    """The SKDN of every place in each of these months, by sex and age group; as `domain.skdn.count`."""
    import numpy as np

    counts = [_counts(frame, _count(frame, month, rules), rules) for month in months]
    groups = rules.report_groups
    shape = (len(months), len(frame.areas.scopes), 3, len(groups) + 1, len(FIELDS))
    return SkdnGrid(tuple(months), groups, np.array(counts, dtype=np.int32).reshape(shape))


def table(frame: Frame, month: Month, level: Level, rules: ProgramRules, within: str = "") -> CoverageTable:
    """The coverage of every area of a level inside an area ("" for everything)."""
    import numpy as np

    counted = _count(frame, month, rules)
    places = len(frame.areas.scopes)
    cells = (places, 3 * (len(rules.report_groups) + 1), len(FIELDS))
    skdn = _counts(frame, counted, rules).reshape(cells).sum(axis=1)
    snapshot = take(frame, [Period.of_month(month)])
    usable = []
    for indicator in (Indicator.STUNTING, Indicator.WASTING):
        of = snapshot.child[affected(snapshot, indicator)[1]]
        usable.append(np.bincount(frame.children.place[of[counted.counts[of]]], minlength=places))
    columns = np.column_stack([skdn, *usable])
    inside = frame.areas.inside(within)
    codes = frame.areas.at(level)
    rows = [
        _row(frame, codes.codes[index], columns[inside & (codes.of_place == index)].sum(axis=0))
        for index in sorted({int(place) for place in codes.of_place[inside]})
    ]
    return CoverageTable(month, level, _row(frame, within, columns[inside].sum(axis=0)), tuple(rows))


def series(
    frame: Frame, months: Sequence[Month], rules: ProgramRules, within: str = ""
) -> tuple[tuple[Month, Skdn], ...]:
    """The SKDN of an area ("" for everything), month by month."""
    grid = skdn_grid(frame, months, rules)
    inside = frame.areas.inside(within)
    return tuple((month, grid.skdn(month, inside)) for month in months)


def expected(frame: Frame, month: Month, rules: ProgramRules, within: str = "") -> int:
    """The children under five expected in a month (S of its SKDN) in an area, without any letters."""
    age = ages_weighed(frame, month.number, rules)
    _, counts = _ages(frame, month, age >= 0, age[age >= 0])
    return int((counts & frame.areas.inside(within)[frame.children.place]).sum())


class Standing(StrEnum):
    """What a month says of a child, by the field's own letters; codes are stable."""

    ABSENT = "absent"
    N = "N"
    T = "T"
    O = "O"  # noqa: E741
    B = "B"
    TWO_T = "two_t"
    BGM = "bgm"
    NO_CARD = "no_card"

    @property
    def label(self) -> str:
        return {
            Standing.ABSENT: tr("Tidak datang ditimbang"),
            Standing.N: tr("Berat naik (N)"),
            Standing.T: tr("Berat tidak naik (T)"),
            Standing.O: tr("Bulan lalu tidak ditimbang (O)"),
            Standing.B: tr("Baru pertama ditimbang (B)"),
            Standing.TWO_T: tr("2T, dua bulan tidak naik"),
            Standing.BGM: tr("Di bawah garis merah (BGM)"),
            Standing.NO_CARD: tr("Tanpa KIA/KMS"),
        }[self]

    @property
    def short(self) -> str:
        """The same in a word or a letter."""
        return {
            Standing.ABSENT: tr("Tidak datang"),
            Standing.TWO_T: "2T",
            Standing.BGM: tr("BGM"),
            Standing.NO_CARD: tr("Tanpa KMS"),
        }.get(self, self.value)


def children(
    frame: Frame, month: Month, standing: Standing, rules: ProgramRules, within: str = ""
) -> tuple[str, ...]:
    """The ids of the children behind a count of SKDN: `ABSENT` of S without D, `NO_CARD` of S without K."""
    import numpy as np

    counted, columns = _count(frame, month, rules), letters(frame, rules)
    row = counted.letter_row
    chosen = counted.counts & frame.areas.inside(within)[frame.children.place]
    if standing is Standing.ABSENT:
        return frame.child_ids(np.flatnonzero(chosen & (row < 0)).tolist())
    if standing is Standing.NO_CARD:
        return frame.child_ids(np.flatnonzero(chosen & ~frame.children.card).tolist())
    weighed = np.flatnonzero(chosen & (row >= 0))
    marks = {
        Standing.N: columns.letter == N,
        Standing.T: columns.letter == T,
        Standing.O: columns.letter == O,
        Standing.B: columns.letter == B,
        Standing.TWO_T: columns.two_t,
        Standing.BGM: columns.bgm,
    }[standing]
    return frame.child_ids(weighed[marks[row[weighed]]].tolist())


@dataclass(frozen=True, slots=True)
class _Counted:
    """The children of a month: who counts in S, at what age, and the row of the letter (−1: not weighed)."""

    counts: Bools
    age_months: Ints
    letter_row: Rows


def _count(frame: Frame, month: Month, rules: ProgramRules) -> _Counted:
    columns = letters(frame, rules)
    row = of_month(columns, month.number, len(frame.children))
    age, counts = _ages(frame, month, row >= 0, columns.age_months[row[row >= 0]])
    return _Counted(counts, age, row)


def _ages(frame: Frame, month: Month, weighed: Bools, age_then: Ints) -> tuple[Ints, Bools]:
    """Each child's age in a month, of those weighed the age at that weighing, and who counts in S."""
    import numpy as np

    children = frame.children
    # on a month's last day every day of birth has come round, so that whole months are the difference
    age = month.number - month_numbers(np.maximum(children.birth, 1))
    age[weighed] = age_then
    return age, (children.birth > 0) & (age >= 0) & (age < LAST_MONTH) & (children.active | weighed)


def _counts(frame: Frame, counted: _Counted, rules: ProgramRules) -> Ints:
    """One month's counts in one row per cell (place, sex, age group) and one column per field."""
    import numpy as np

    children, columns, groups = frame.children, letters(frame, rules), rules.report_groups
    group = np.full(len(children), len(groups), dtype=np.intp)
    for index, span in reversed(tuple(enumerate(groups))):
        group[(span.first <= counted.age_months) & (counted.age_months <= span.last)] = index
    cell = (children.place.astype(np.intp) * 3 + children.sex) * (len(groups) + 1) + group
    weighed = counted.counts & (counted.letter_row >= 0)
    row = counted.letter_row[weighed]
    letter = columns.letter[row]
    chosen = [cell[counted.counts], cell[counted.counts & children.card], cell[weighed]]
    chosen += [cell[weighed][letter == code] for code in (N, T, O, B)]
    chosen += [cell[weighed][columns.two_t[row]], cell[weighed][columns.bgm[row]]]
    cells = len(frame.areas.scopes) * 3 * (len(groups) + 1)
    found: Ints = np.stack([np.bincount(rows, minlength=cells) for rows in chosen], axis=-1).astype(np.int32)
    return found


def _row(frame: Frame, key: str, figures: Ints) -> CoverageRow:
    *skdn, lengths, ratios = (int(value) for value in figures)
    counts = Skdn(*skdn)
    return CoverageRow(
        key,
        frame.areas.name(key) if key else tr("Semua"),
        counts,
        share(lengths, counts.S, counts.S),
        share(ratios, counts.S, counts.S),
    )
