"""How far the measurements of a posyandu or team can be believed: figures, verdicts, the records behind.

What is looked at follows WHO–UNICEF 2019, "Recommendations for data collection, analysis and
reporting on anthropometric indicators in children under 5 years old", chapter 3: completeness,
digit preference, implausible z-scores, standard deviation of z-scores; added for records that come
back every month: jumps, repeated values, duplicates, and the days until a weighing was saved and until
it came to the server of the Dinas (known only of what the server has told, see `storage.arrivals`). The
limits, with their sources, are in `analysis_rules.toml`.

Measurements belong to where and by whom they were taken, children to where they live now.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from posyandu_app.domain.rules import ProgramRules
from posyandu_app.domain.zscore import STANDING_FROM_DAY
from posyandu_app.i18n import tr
from posyandu_app.reports import digits, jumps
from posyandu_app.reports.analysis_rules import AnalysisRules, Range
from posyandu_app.reports.areas import Level
from posyandu_app.reports.digits import DigitPreference
from posyandu_app.reports.duplicates import Pair
from posyandu_app.reports.frames import Frame
from posyandu_app.reports.growth_table import FLAGS, POSITION_UNKNOWN, Scores, worst_flag
from posyandu_app.reports.periods import Period
from posyandu_app.reports.snapshots import Measure, scores_of
from posyandu_app.reports.statistics import Mean, means, more_than_chance

if TYPE_CHECKING:
    from posyandu_app.reports.columns import Bools, Codes, Floats, Ints, Rows


class Check(StrEnum):
    """What is looked at; codes are stable."""

    WEIGHT_DIGITS = "weight_digits"
    LENGTH_DIGITS = "length_digits"
    HEAD_DIGITS = "head_digits"
    MUAC_DIGITS = "muac_digits"
    FLAGGED = "flagged"
    SD_LENGTH_FOR_AGE = "sd_length_for_age"
    SD_WEIGHT_FOR_AGE = "sd_weight_for_age"
    SD_WEIGHT_FOR_LENGTH = "sd_weight_for_length"
    JUMPS = "jumps"
    SAME_WEIGHT = "same_weight"
    SAME_LENGTH = "same_length"
    NO_LENGTH = "no_length"
    NO_POSITION = "no_position"
    STANDING_TOO_YOUNG = "standing_too_young"
    LATE = "late"
    ARRIVED_LATE = "arrived_late"
    NO_BIRTH_DATE = "no_birth_date"
    NO_NIK = "no_nik"
    DUPLICATES = "duplicates"

    @property
    def label(self) -> str:
        return {
            Check.WEIGHT_DIGITS: tr("Angka akhir berat"),
            Check.LENGTH_DIGITS: tr("Angka akhir tinggi"),
            Check.HEAD_DIGITS: tr("Angka akhir kepala"),
            Check.MUAC_DIGITS: tr("Angka akhir LiLA"),
            Check.FLAGGED: tr("Z-score tidak masuk akal"),
            Check.SD_LENGTH_FOR_AGE: tr("Simpangan baku TB/U"),
            Check.SD_WEIGHT_FOR_AGE: tr("Simpangan baku BB/U"),
            Check.SD_WEIGHT_FOR_LENGTH: tr("Simpangan baku BB/TB"),
            Check.JUMPS: tr("Lonjakan ukuran"),
            Check.SAME_WEIGHT: tr("Berat tidak berubah"),
            Check.SAME_LENGTH: tr("Tinggi tidak berubah"),
            Check.NO_LENGTH: tr("Ditimbang tanpa diukur tinggi"),
            Check.NO_POSITION: tr("Tinggi tanpa posisi ukur"),
            Check.STANDING_TOO_YOUNG: tr("Berdiri di bawah 9 bulan"),
            Check.LATE: tr("Terlambat disimpan"),
            Check.ARRIVED_LATE: tr("Terlambat tiba di Dinas"),
            Check.NO_BIRTH_DATE: tr("Tanpa tanggal lahir"),
            Check.NO_NIK: tr("Tanpa NIK"),
            Check.DUPLICATES: tr("Mungkin terdaftar dua kali"),
        }[self]

    @property
    def of_children(self) -> bool:
        """Whether the records behind it are children; else they are measurements."""
        return self in (Check.NO_BIRTH_DATE, Check.NO_NIK, Check.DUPLICATES)


DIGIT_FIELDS = {
    Check.WEIGHT_DIGITS: "weight_g",
    Check.LENGTH_DIGITS: "length_mm",
    Check.HEAD_DIGITS: "head_mm",
    Check.MUAC_DIGITS: "muac_mm",
}
SD_MEASURES = {
    Check.SD_LENGTH_FOR_AGE: Measure.LENGTH_FOR_AGE,
    Check.SD_WEIGHT_FOR_AGE: Measure.WEIGHT_FOR_AGE,
    Check.SD_WEIGHT_FOR_LENGTH: Measure.WEIGHT_FOR_LENGTH,
}
SAME_FIELDS = {Check.SAME_WEIGHT: "weight_g", Check.SAME_LENGTH: "length_mm"}
DAYS_UNTIL = {Check.LATE: "saved", Check.ARRIVED_LATE: "came"}
"""The checks on how long a weighing took, and the column that holds its end."""
FAR_SD = 3.0
"""z-scores so many SD from their group's mean are the records behind a wide standard deviation."""


class Team(StrEnum):
    """Whose measurements are put together."""

    POSYANDU = "posyandu"
    ACTOR = "actor"


class Unit(StrEnum):
    """What a figure is in."""

    PERCENT = "percent"
    SD = "sd"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class QualityFigure:
    """One figure: `count` of `of` records are behind it; `doubtful` is None with too few to judge.

    For shares `value` is per cent; for digits the digit preference score (0 to 100), `count` the
    readings ending in a digit written too often; for a standard deviation it is in SD, `count` the
    z-scores far from the mean. `expected` is what the verdict was taken against. `median_days` is
    given with `LATE` and `ARRIVED_LATE`: the days from weighing to saving, or to the server of the Dinas,
    that half of the records do not exceed.
    """

    check: Check
    count: int
    of: int
    value: float | None
    unit: Unit
    expected: Range
    doubtful: bool | None
    digits: DigitPreference | None = None
    median_days: float | None = None


@dataclass(frozen=True, slots=True)
class QualityRow:
    """All figures of one posyandu or team; `key` is its scope or the user's id.

    `place` is where a team has measured most often: a name alone may be that of several people.
    """

    key: str
    label: str
    place: str
    visits: int
    children: int
    figures: Mapping[Check, QualityFigure]

    @property
    def doubtful(self) -> int:
        """How many figures are in doubt."""
        return sum(figure.doubtful is True for figure in self.figures.values())


@dataclass(frozen=True, slots=True)
class QualityTable:
    """The figures of a period, those most in doubt first, and all measurements together."""

    period: Period
    by: Team
    total: QualityRow
    rows: tuple[QualityRow, ...]
    _data: _Data
    _parts: _Parts

    def records(self, check: Check, key: str = "", *, whole: bool = True) -> tuple[str, ...]:
        """The ids behind a figure of a row, or ("") of the total: measurements, or children.

        Where a score of digits or a standard deviation has none that stands out, all that it is taken
        from are behind it (with `whole`, else none). The worst come first: of z-scores those farthest from
        the mean or beyond WHO's flag, of jumps those most often what is believed, of repeated values and
        of the days until it was saved or came the longest.
        """
        import numpy as np

        parts = self._parts if key else self._data.undivided()
        mine = parts.of(check) == (parts.keys.index(key) if key else 0)
        behind = self._data.behind(check, parts) & mine
        if check in SD_MEASURES:
            distance = self._data.distance(check, parts)
            every = mine & ~np.isnan(distance) & whole
            found = np.flatnonzero(behind if behind.any() else every)
            found = found[np.argsort(-distance[found], kind="stable")]
            return self._data.frame.visit_ids(self._data.visit[found].tolist())
        if check in DIGIT_FIELDS and whole and not behind.any():
            behind = mine & self._data.read(check)
        if check.of_children:
            return self._data.frame.child_ids(self._data.child[np.flatnonzero(behind)].tolist())
        rows = self._data.visit[np.flatnonzero(behind)]
        gravity = self._data.gravity(check, rows)
        if gravity is not None:
            rows = rows[np.argsort(-gravity, kind="stable")]
        return self._data.frame.visit_ids(rows.tolist())


def table(
    frame: Frame,
    period: Period,
    by: Team,
    rules: ProgramRules,
    analysis: AnalysisRules,
    within: str = "",
    duplicates: Sequence[Pair] | None = None,
) -> QualityTable:
    """The quality of what was measured in a period, per posyandu or per user who saved it.

    `duplicates` comes from `duplicates.find`, which takes longer than all the rest; without it that
    check is left out, and may be added to the table later (`with_duplicates`). The checks on children
    look at those expected now, whatever the period; a team of `Team.ACTOR` has none of them.
    """
    data = _looked_at(frame, period, rules, analysis, within)
    parts = _by_actor(data) if by is Team.ACTOR else _by_posyandu(data)
    total, rows = _rows(data, data.undivided())[0], _rows(data, parts)
    found = QualityTable(period, by, total, _ordered(rows), data, parts)
    return found if duplicates is None else with_duplicates(found, duplicates)


def with_duplicates(found: QualityTable, duplicates: Sequence[Pair]) -> QualityTable:
    """A table that was made without them, and the children registered twice in it."""
    import numpy as np

    before, check = found._data, Check.DUPLICATES
    twice = _registered_twice(before.frame, duplicates)[before.child]
    data = replace(before, shares={**before.shares, check: (twice, np.ones(len(twice), dtype=bool))})
    (total,) = _figures(data, data.undivided(), check)
    rows = found.rows
    if found._parts.child is not None:
        told = dict(zip(found._parts.keys, _figures(data, found._parts, check), strict=True))
        rows = _ordered([_with(row, told[row.key]) for row in rows])
    return replace(found, total=_with(found.total, total), rows=rows, _data=data)


def _with(row: QualityRow, figure: QualityFigure) -> QualityRow:
    figures = {**row.figures, figure.check: figure}
    return replace(row, figures={check: figures[check] for check in Check if check in figures})


def _ordered(rows: Iterable[QualityRow]) -> tuple[QualityRow, ...]:
    return tuple(sorted(rows, key=lambda row: (-row.doubtful, row.label, row.key)))


@dataclass(frozen=True, slots=True)
class _Parts:
    """A partition of the visits and children looked at; −1 is in no part."""

    keys: tuple[str, ...]
    labels: tuple[str, ...]
    places: tuple[str, ...]
    visit: Ints
    child: Ints | None

    def of(self, check: Check) -> Ints:
        """The part of each record that a check looks at."""
        found = self.child if check.of_children else self.visit
        assert found is not None, "asked only for checks that are there"
        return found


@dataclass(frozen=True, slots=True)
class _Data:
    """The visits and children looked at, as rows of the frame, and what each check says of them.

    `shares` holds for every check of a share which records speak against the team, and which count.
    """

    frame: Frame
    rules: ProgramRules
    analysis: AnalysisRules
    label: str
    visit: Rows
    child: Rows
    shares: Mapping[Check, tuple[Bools, Bools]]

    def undivided(self) -> _Parts:
        """All of them in one part."""
        import numpy as np

        visit, child = (np.zeros(len(rows), dtype=np.int32) for rows in (self.visit, self.child))
        return _Parts(("",), (self.label,), ("",), visit, child)

    def behind(self, check: Check, parts: _Parts) -> Bools:
        """Which records are behind a check's figures."""
        if check in DIGIT_FIELDS:
            return self._written_too_often(check, parts)
        if check in SD_MEASURES:
            return self.spread(check, parts)[1]
        has, of = self.shares[check]
        return has & of

    def gravity(self, check: Check, rows: Rows) -> Ints | Floats | None:
        """How grave what a check of a share looks at is in rows of the frame; None where all are alike."""
        if check in DAYS_UNTIL:
            return days_until(self.frame, check)[rows]
        if check in SAME_FIELDS:
            return jumps.stood(self.frame, SAME_FIELDS[check], rows)[0]
        if check is Check.JUMPS:
            return jumps.worst_jump(self.frame, rows, self.rules)[1]
        if check is Check.FLAGGED:
            return worst_flag(self.frame.growth, rows)[1]
        return None

    def digit_counts(self, check: Check, parts: _Parts) -> list[list[int]]:
        """How often each part wrote each digit."""
        import numpy as np

        last = self._last_digits(check)
        read = last >= 0
        cells = parts.visit[read] * 10 + last[read]
        counts: list[list[int]] = np.bincount(cells, minlength=10 * len(parts.keys)).reshape(-1, 10).tolist()
        return counts

    def read(self, check: Check) -> Bools:
        """Which records have a reading of what a check on digits looks at."""
        found: Bools = self._last_digits(check) >= 0
        return found

    def _last_digits(self, check: Check) -> Codes:
        """The last digit of each reading, −1 without one."""
        import numpy as np

        def digits_of_all() -> Codes:
            values = getattr(self.frame.visits, DIGIT_FIELDS[check])
            return np.where(values > 0, values // _DIGIT_UNIT[check] % 10, -1).astype(np.int8)

        found: Codes = self.frame.remember(("last digits", check), digits_of_all)[self.visit]
        return found

    def _written_too_often(self, check: Check, parts: _Parts) -> Bools:
        import numpy as np

        preferred = np.zeros((len(parts.keys), 11), dtype=bool)
        for part, counts in enumerate(self.digit_counts(check, parts)):
            preferred[part, list(digits.preference(counts).preferred)] = True
        found: Bools = preferred[parts.visit, self._last_digits(check)]
        return found

    def spread(self, check: Check, parts: _Parts) -> tuple[tuple[Mean, ...], Bools]:
        """Mean and standard deviation of each part's z-scores, and which lie far from their part's mean.

        Flagged z-scores are left out.
        """
        import numpy as np

        found, distance = self._spread(check, parts)
        far: Bools = np.nan_to_num(distance) > FAR_SD
        return found, far

    def distance(self, check: Check, parts: _Parts) -> Floats:
        """How far each z-score lies from its part's mean, in SD; NaN for none, or one that is flagged."""
        return self._spread(check, parts)[1]

    def _spread(self, check: Check, parts: _Parts) -> tuple[tuple[Mean, ...], Floats]:
        import numpy as np

        scores = scores_of(self.frame, SD_MEASURES[check])
        centi, flagged = scores.centi[self.visit], scores.flagged[self.visit]
        known = np.flatnonzero(~np.isnan(centi) & ~flagged)
        z, part = centi[known] / 100, parts.visit[known]
        found = means(z, part.astype(np.intp), len(parts.keys), len(centi))
        middle = np.array([np.nan if one.mean is None else one.mean for one in found])
        distance = np.full(len(centi), np.nan)
        distance[known] = np.abs(z - middle[part])
        return found, distance


_DIGIT_UNIT = {
    Check.WEIGHT_DIGITS: 100,
    Check.LENGTH_DIGITS: 1,
    Check.HEAD_DIGITS: 1,
    Check.MUAC_DIGITS: 1,
}


def _looked_at(
    frame: Frame,
    period: Period,
    rules: ProgramRules,
    analysis: AnalysisRules,
    within: str,
) -> _Data:
    import numpy as np

    visits, children = frame.visits, frame.children
    inside = frame.areas.inside(within)
    in_period = (frame.month >= period.first.number) & (frame.month <= period.last.number)
    visit = np.flatnonzero(in_period & inside[visits.place])
    child = np.flatnonzero(inside[children.place] & children.active)
    every = np.ones(len(child), dtype=bool)
    shares = {check: (has[visit], of[visit]) for check, (has, of) in _marks(frame, rules, analysis).items()}
    shares[Check.NO_BIRTH_DATE] = (children.birth[child] == 0, every)
    shares[Check.NO_NIK] = (~children.has_nik[child], every)
    return _Data(
        frame, rules, analysis, frame.areas.name(within) if within else tr("Semua"), visit, child, shares
    )


def days_until(frame: Frame, check: Check) -> Ints:
    """The days from each weighing to what a check of `DAYS_UNTIL` asks for; without sense where that is 0."""
    days: Ints = getattr(frame.visits, DAYS_UNTIL[check]) - frame.visits.day
    return days


def digit_of(check: Check, value: int) -> int:
    """The digit that a check of `DIGIT_FIELDS` looks at: hundreds of grams, or millimetres."""
    return value // _DIGIT_UNIT[check] % 10


def _registered_twice(frame: Frame, duplicates: Sequence[Pair]) -> Bools:
    import numpy as np

    named = {child for pair in duplicates for child in (pair.one, pair.other)}
    return np.array([child in named for child in frame.children.ids], dtype=bool)


def _marks(frame: Frame, rules: ProgramRules, analysis: AnalysisRules) -> dict[Check, tuple[Bools, Bools]]:
    """For every check of a share on measurements, over the whole frame: which speak against, which count."""
    late = analysis.quality.late_after_days, analysis.quality.arrived_late_after_days
    return frame.remember(("quality", rules, late), lambda: _made(frame, rules, *late))


def _made(
    frame: Frame, rules: ProgramRules, late_after_days: int, arrived_late_after_days: int
) -> dict[Check, tuple[Bools, Bools]]:
    import numpy as np

    visits, growth = frame.visits, frame.growth
    length, weight = visits.length_mm > 0, visits.weight_g > 0
    indices: list[Scores] = [getattr(growth, index) for index in FLAGS]
    jumped, comparable = np.zeros((2, len(visits)), dtype=bool)
    for field in jumps.MEASURED:
        jumped = jumped | jumps.jumped(frame, field, rules)
        comparable = comparable | jumps.comparable(frame, field)
    too_young = (frame.age_days >= 0) & (frame.age_days < STANDING_FROM_DAY)
    return {
        Check.FLAGGED: (
            np.logical_or.reduce([index.flagged for index in indices]),
            np.logical_or.reduce([~np.isnan(index.centi) for index in indices]),
        ),
        Check.JUMPS: (jumped, comparable),
        Check.SAME_WEIGHT: (
            jumps.same_as_last_month(frame, "weight_g"),
            jumps.last_month(frame, "weight_g"),
        ),
        Check.SAME_LENGTH: (
            jumps.same_as_last_month(frame, "length_mm"),
            jumps.last_month(frame, "length_mm"),
        ),
        Check.NO_LENGTH: (~length, weight),
        Check.NO_POSITION: (visits.position == POSITION_UNKNOWN, length),
        Check.STANDING_TOO_YOUNG: (growth.standing_too_young, length & too_young),
        Check.LATE: (visits.saved - visits.day > late_after_days, visits.saved > 0),
        Check.ARRIVED_LATE: (visits.came - visits.day > arrived_late_after_days, visits.came > 0),
    }


def _by_posyandu(data: _Data) -> _Parts:
    import numpy as np

    frame = data.frame
    codes = frame.areas.at(Level.POSYANDU)
    visit = codes.of_place[frame.visits.place[data.visit]]
    child = codes.of_place[frame.children.place[data.child]]
    found, part = np.unique(np.concatenate([visit, child]), return_inverse=True)
    of_visit, of_child = np.split(part.astype(np.int32), [len(visit)])
    keys = tuple(codes.codes[area] for area in found)
    return _Parts(keys, tuple(frame.areas.name(key) for key in keys), ("",) * len(keys), of_visit, of_child)


def _by_actor(data: _Data) -> _Parts:
    import numpy as np

    frame = data.frame
    found, part = np.unique(frame.visits.actor[data.visit], return_inverse=True)
    keys = tuple(frame.actors[actor] for actor in found)
    labels = tuple(frame.actor_names.get(key) or tr("Tanpa nama") for key in keys)
    codes = frame.areas.at(Level.POSYANDU)
    at = codes.of_place[frame.visits.place[data.visit]].astype(np.int64)
    pairs, often = np.unique(part * len(codes.codes) + at, return_counts=True)
    of_part, place = np.divmod(pairs, max(len(codes.codes), 1))
    order = np.lexsort((-often, of_part))
    most = order[np.unique(of_part[order], return_index=True)[1]]
    places = tuple(frame.areas.name(codes.codes[one]) for one in place[most])
    return _Parts(keys, labels, places, part.astype(np.int32), None)


def _rows(data: _Data, parts: _Parts) -> tuple[QualityRow, ...]:
    import numpy as np

    count = len(parts.keys)
    checks = [
        check
        for check in Check
        if (check not in _SHARE_LIMITS or check in data.shares)
        and not (check.of_children and parts.child is None)
    ]
    figures = {check: _figures(data, parts, check) for check in checks}
    visits = np.bincount(parts.visit, minlength=count)
    children = (
        np.zeros(count, dtype=np.intp) if parts.child is None else np.bincount(parts.child, minlength=count)
    )
    return tuple(
        QualityRow(
            key,
            parts.labels[part],
            parts.places[part],
            int(visits[part]),
            int(children[part]),
            {check: of_part[part] for check, of_part in figures.items()},
        )
        for part, key in enumerate(parts.keys)
    )


def _figures(data: _Data, parts: _Parts, check: Check) -> list[QualityFigure]:
    """A check's figure for every part."""
    import numpy as np

    if check in DIGIT_FIELDS:
        return [_of_digits(data, check, counts) for counts in data.digit_counts(check, parts)]
    count = len(parts.keys)
    if check in SD_MEASURES:
        spread, far = data.spread(check, parts)
        behind = np.bincount(parts.visit[far], minlength=count).tolist()
        return [_of_spread(data, check, *one) for one in zip(behind, spread, strict=True)]
    of_record, (_, counted) = parts.of(check), data.shares[check]
    behind = np.bincount(of_record[data.behind(check, parts)], minlength=count).tolist()
    of = np.bincount(of_record[counted], minlength=count).tolist()
    medians = _median_days(data, parts, check) if check in DAYS_UNTIL else [None] * count
    return [_of_share(data, check, *figures) for figures in zip(behind, of, medians, strict=True)]


def _of_digits(data: _Data, check: Check, counts: Sequence[int]) -> QualityFigure:
    found, limits = digits.preference(counts), data.analysis.quality
    behind = sum(found.counts[digit] for digit in found.preferred)
    expected = Range(0.0, limits.digit_score_above)
    doubtful = found.is_problem(limits.judged_from, limits.digit_score_above)
    return QualityFigure(check, behind, found.n, found.score, Unit.SCORE, expected, doubtful, digits=found)


def _of_spread(data: _Data, check: Check, behind: int, one: Mean) -> QualityFigure:
    """A standard deviation is in doubt when it lies outside the range by more than chance (95 %)."""
    limits = data.analysis.quality
    expected: Range = getattr(limits, check.value)
    doubtful = None
    if one.sd is not None and one.of >= limits.judged_from:
        reach = 1.96 * one.sd / math.sqrt(2 * (one.of - 1))
        doubtful = one.sd - reach > expected.high or one.sd + reach < expected.low
    return QualityFigure(check, behind, one.of, one.sd, Unit.SD, expected, doubtful)


_SHARE_LIMITS = {
    Check.FLAGGED: "flagged_percent_above",
    Check.JUMPS: "jump_percent_above",
    Check.SAME_WEIGHT: "same_weight_percent_above",
    Check.SAME_LENGTH: "same_length_percent_above",
    Check.NO_LENGTH: "no_length_percent_above",
    Check.NO_POSITION: "no_position_percent_above",
    Check.STANDING_TOO_YOUNG: "standing_too_young_percent_above",
    Check.LATE: "late_percent_above",
    Check.ARRIVED_LATE: "arrived_late_percent_above",
    Check.NO_BIRTH_DATE: "no_birth_date_percent_above",
    Check.NO_NIK: "no_nik_percent_above",
    Check.DUPLICATES: "duplicate_percent_above",
}


def _of_share(data: _Data, check: Check, count: int, of: int, median_days: float | None) -> QualityFigure:
    """A share is in doubt when it is beyond its limit by more than chance (one-sided, 95 %)."""
    limit: float = getattr(data.analysis.quality, _SHARE_LIMITS[check])
    if of == 0:
        return QualityFigure(check, 0, 0, None, Unit.PERCENT, Range(0.0, limit), None)
    doubtful = more_than_chance(count, of, limit / 100)
    percent = 100 * count / of
    return QualityFigure(
        check, count, of, percent, Unit.PERCENT, Range(0.0, limit), doubtful, median_days=median_days
    )


def _median_days(data: _Data, parts: _Parts, check: Check) -> list[float | None]:
    """The days from weighing to saving or arrival that half of a part's records do not exceed."""
    import numpy as np

    known = data.shares[check][1]
    part = parts.visit[known]
    days = days_until(data.frame, check)[data.visit][known]
    order = np.lexsort((days, part))
    part, days = part[order], days[order]
    starts = np.searchsorted(part, np.arange(len(parts.keys) + 1))
    return [
        None if first == last else float(days[(first + last - 1) // 2] + days[(first + last) // 2]) / 2
        for first, last in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    ]
