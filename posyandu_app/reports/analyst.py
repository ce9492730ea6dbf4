"""One district's figures at hand: reads the database once, keeps up with it, and answers the screens.

It has a connection of its own and is asked by one thread at a time, so that entry never waits for
it. Answers hold no small number that the person may not see: what is covered is covered here.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path as FilePath
from typing import TypeVar, cast

from posyandu_app.domain.age import Month
from posyandu_app.domain.model import Role
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.reports import (
    causes,
    cohort,
    coverage,
    covering,
    disclosure,
    district_map,
    frame_cache,
    frames,
    prevalence,
    puskesmas,
)
from posyandu_app.reports import duplicates as twice
from posyandu_app.reports import people as persons
from posyandu_app.reports import quality as qualities
from posyandu_app.reports import ranking as rankings
from posyandu_app.reports.analysis_rules import AnalysisRules, default_analysis_rules
from posyandu_app.reports.answers import (
    CauseAnswer,
    CohortAnswer,
    Known,
    PrevalenceAnswer,
    RulesEffect,
    SkdnAnswer,
    TrendAnswer,
)
from posyandu_app.reports.areas import Level
from posyandu_app.reports.causes import Facts
from posyandu_app.reports.child_lists import ChildLists, ListAnswer
from posyandu_app.reports.cohort import Path
from posyandu_app.reports.coverage import Standing
from posyandu_app.reports.covering import CohortCounts, Cover
from posyandu_app.reports.disclosure import CoveredCohortRow
from posyandu_app.reports.duplicates import Pair
from posyandu_app.reports.frames import Frame
from posyandu_app.reports.letters import last_letters, letters
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import By, Indicator
from posyandu_app.reports.quality import Check, QualityTable, Team
from posyandu_app.reports.ranking import Ranking
from posyandu_app.reports.snapshots import Measure, centi_of
from posyandu_app.storage.connection import Database

T = TypeVar("T")

MOST_KEPT = 48
"""Answers kept: going back to where one was costs nothing."""
_WORTH_KEEPING = 2_000
_FEW_CHANGES = 20

log = logging.getLogger(__name__)


class Stopped(Exception):
    """The app is closing: nobody waits for this answer any more."""


class Analyst:
    """Answers questions about the district; every method but `stop` belongs on one thread."""

    def __init__(
        self, database: Database, rules: ProgramRules, role: Role, analysis: AnalysisRules | None = None
    ) -> None:
        self.rules = rules
        self.analysis = analysis or default_analysis_rules()
        self.progress: tuple[int, int] = (0, 0)
        """How many measurements have been read, of how many; (0, 0) while nothing is being read."""
        self._source = database
        self._role = role
        self._own: Database | None = None
        self._frame: Frame | None = None
        self._facts: Facts | None = None
        self._shapes: district_map.Shapes | None = None
        self._puskesmas: puskesmas.Villages | None = None
        self._pairs_of: tuple[Frame, tuple[Pair, ...]] | None = None
        self._kept_version = -1
        self._answers: OrderedDict[Hashable, object] = OrderedDict()
        self._stopped = threading.Event()

    # its life

    def stop(self) -> None:
        """Break off what is being read, from any thread."""
        self._stopped.set()

    def close(self) -> None:
        """Let go of the connection."""
        self._stopped.set()
        self._frame = self._facts = self._pairs_of = None
        self._answers.clear()
        if self._own is not None:
            self._own.close()
            self._own = None

    def forget_words(self) -> None:
        """Answers hold words: another language wants them anew."""
        self._answers.clear()

    def use(self, rules: ProgramRules) -> None:
        """Count by these programme rules from now on."""
        if rules is not self.rules and rules != self.rules:
            self.rules = rules
            self._pairs_of = None
            self._answers.clear()

    @property
    def covered(self) -> bool:
        """Whether small numbers are covered for this person."""
        return self.analysis.small_numbers.hidden_from(self._role)

    @property
    def database(self) -> Database:
        """The connection of its own."""
        if self._own is None:
            self._own = Database.open(self._source.path, self._source.key)
        return self._own

    def frame(self) -> Frame:
        """The columns as the database has them now; raises `Stopped` when the app closes meanwhile."""
        if self._stopped.is_set():
            raise Stopped
        database = self.database
        if self._frame is None:
            kept = frame_cache.kept(database)
            if kept is not None:
                self._frame, self._kept_version = kept, kept.version
        try:
            fresh = frames.load(database, self._frame, self._read)
        finally:
            self.progress = (0, 0)
        if fresh is not self._frame:
            self._answers.clear()
            self._frame = fresh
        return fresh

    def prepare(self) -> None:
        """Have the columns and the figures that every view needs ready before anybody asks, and keep them."""
        frame = self.frame()
        for measure in Measure:
            centi_of(frame, measure)
        letters(frame, self.rules)
        self.known()
        self.keep()

    def _read(self, done: int, of: int) -> None:
        self.progress = (done, of)
        if self._stopped.is_set():
            raise Stopped

    def keep(self) -> None:
        """Keep the columns for the next opening, when that saves reading; trouble with the disk is borne."""
        frame = self._frame
        if frame is None or self._stopped.is_set() or frame.version == self._kept_version:
            return
        if self._kept_version >= 0 and frame.version - self._kept_version < _FEW_CHANGES:
            return
        if len(frame.visits) < _WORTH_KEEPING:
            return
        try:
            frame_cache.keep(frame)
            self._kept_version = frame.version
        except OSError:
            log.warning("the columns of the analysis could not be kept")

    def _answer(self, key: Hashable, work: Callable[[Frame], T]) -> T:
        frame = self.frame()
        if key in self._answers:
            self._answers.move_to_end(key)
            return cast(T, self._answers[key])
        found = work(frame)
        self._answers[key] = found
        while len(self._answers) > MOST_KEPT:
            self._answers.popitem(last=False)
        return found

    # what it answers

    def known(self) -> Known:
        """Which months there are measurements of."""

        def work(frame: Frame) -> Known:
            month = frame.month
            if not len(month):
                return Known(None, None, None, int(frame.children.active.sum()), 0)
            first, last = _month(int(month.min())), _month(int(month.max()))
            now, before = ((month == last.number - back).sum() for back in (0, 1))
            usual = last.previous() if now * 2 < before else last
            return Known(first, last, usual, int(frame.children.active.sum()), len(frame.visits))

        return self._answer("known", work)

    def name(self, area: str) -> str:
        """What an area is called."""
        return self.frame().areas.name(area)

    def targets(self) -> dict[Indicator, float]:
        """The targets in force, per cent."""
        return prevalence.targets(self.rules, self.analysis)

    def names(self, areas: tuple[str, ...]) -> tuple[str, ...]:
        """What areas are called."""
        known = self.frame().areas
        return tuple(known.name(area) for area in areas)

    def prevalence(
        self, area: str, period: Period, compared_with: Period, by: By, *, outward: bool = False
    ) -> PrevalenceAnswer:
        """Prevalences of an area parted by area, age or sex, and of the whole in another period."""

        def work(frame: Frame) -> PrevalenceAnswer:
            found = prevalence.table(frame, period, by, self.rules, area, self.puskesmas())
            before = prevalence.series(frame, [compared_with], {}, area)[0].row
            if self.covered or outward:
                now, then = (self._cover(frame, each) for each in (period, compared_with))
                found = disclosure.cover_table(found, now, self.analysis.small_numbers)
                before = disclosure.cover_row(before, area, then)
            expected = coverage.expected(frame, period.last, self.rules, area)
            return PrevalenceAnswer(found, before, compared_with, expected)

        return self._answer(("prevalence", area, period, compared_with, by, outward), work)

    def trend(
        self, area: str, periods: tuple[Period, ...], top: str, *, outward: bool = False
    ) -> TrendAnswer:
        """Prevalences over periods, beside the widest area of this laptop (`top`) when that is another."""

        def work(frame: Frame) -> TrendAnswer:
            targets = prevalence.targets(self.rules, self.analysis)
            points = prevalence.series(frame, periods, targets, area)
            around = prevalence.series(frame, periods, targets, top) if top != area else ()
            if self.covered or outward:
                smallest = self.analysis.small_numbers.smallest_shown
                hidden = covering.covers(frame, periods, smallest, self.puskesmas())
                points = disclosure.cover_series(points, area, hidden)
                around = disclosure.cover_series(around, top, hidden) if around else ()
            return TrendAnswer(points, around, frame.areas.name(top) if around else "")

        return self._answer(("trend", area, periods, top, outward), work)

    def skdn(self, area: str, month: Month, compared_with: Month, level: Level) -> SkdnAnswer:
        """SKDN of the areas inside an area, and of the whole in another month."""

        def work(frame: Frame) -> SkdnAnswer:
            found = coverage.table(frame, month, level, self.rules, area)
            before = coverage.table(frame, compared_with, Level.KABUPATEN, self.rules, area).total
            return SkdnAnswer(found, before, compared_with)

        return self._answer(("skdn", area, month, compared_with, level), work)

    def ranking(
        self,
        code: str,
        area: str,
        period: Period,
        compared_with: Period,
        level: Level,
        *,
        outward: bool = False,
    ) -> Ranking:
        """Areas of a level in order, worst first, by an indicator or a ratio of SKDN."""

        def work(frame: Frame) -> Ranking:
            if code in rankings.SKDN_SHARES:
                months_ = period.last, compared_with.last
                return rankings.by_skdn(frame, code, *months_, level, self.rules, area)
            by = next(by for by in By if by.level is level)
            small = self.analysis.small_numbers if self.covered or outward else None
            return rankings.by_prevalence(
                frame,
                Indicator(code),
                period,
                compared_with,
                by,
                self.rules,
                area,
                small,
                self.puskesmas(),
            )

        return self._answer(("ranking", code, area, period, compared_with, level, outward), work)

    def cohort(
        self,
        area: str,
        before: Period,
        after: Period,
        indicator: Indicator,
        level: Level,
        *,
        outward: bool = False,
    ) -> CohortAnswer:
        """What became of the children between two periods."""

        def work(frame: Frame) -> CohortAnswer:
            found = cohort.cohort(frame, before, after, indicator, level, area)
            if self.covered or outward:
                hidden = self._cohort_cover(frame, before, after, indicator)
                *rows, total = disclosure.cover_cohort(hidden, found)
            else:
                *rows, total = (_shown(row) for row in (*found.rows, found.total))
            return CohortAnswer(indicator, before, after, total, tuple(rows))

        return self._answer(("cohort", area, before, after, indicator, level, outward), work)

    def causes(self, area: str, period: Period, level: Level, *, outward: bool = False) -> CauseAnswer:
        """Causes and coverage of the areas inside an area, beside their prevalences."""

        def work(frame: Frame) -> CauseAnswer:
            since = period.first.shifted(-12).first_day.isoformat()
            self._facts = causes.read(self.database, since, self._facts)
            found = causes.table(frame, self._facts, period, level, area)
            by = next(by for by in By if by.level is level) if level is not Level.KABUPATEN else By.ALL
            beside = prevalence.table(frame, period, by, self.rules, area)
            if self.covered or outward:
                small = self.analysis.small_numbers
                marks = causes.marks(frame, self._facts, period)
                cover = covering.cause_cover(frame, marks, small.smallest_shown)
                found = disclosure.cover_causes(found, cover)
                beside = disclosure.cover_table(beside, self._cover(frame, period), small)
            came = coverage.table(frame, period.last, level, self.rules, area)
            return CauseAnswer(found, beside, came)

        return self._answer(("causes", area, period, level, outward), work)

    def effect(self, rules: ProgramRules, area: str, month: Month) -> RulesEffect:
        """What `rules` would change in the report figures of a month and in the letters."""

        def work(frame: Frame) -> RulesEffect:
            inside = frame.areas.inside(area)[frame.children.place]
            before, after = (coverage.series(frame, [month], by, area)[0][1] for by in (self.rules, rules))
            last, then = (last_letters(frame, by) for by in (self.rules, rules))
            return RulesEffect(month, before, after, int(((last != then) & inside).sum()))

        return self._answer(("effect", rules, area, month), work)

    def puskesmas(self) -> puskesmas.Villages:
        """The puskesmas of each village, {} when no list was given."""
        if self._puskesmas is None:
            self._puskesmas = puskesmas.kept(self.database)
        return self._puskesmas

    def take_puskesmas(self, path: FilePath, district: str) -> int:
        """Read the list of puskesmas once and keep it; how many villages it names."""
        villages = puskesmas.read(path, district)
        puskesmas.keep(self.database, villages)
        self._puskesmas = villages
        self._answers.clear()
        return len(villages)

    def shapes(self) -> district_map.Shapes:
        """The district's own map, {} when none was given."""
        if self._shapes is None:
            self._shapes = district_map.kept(self.database)
        return self._shapes

    def take_map(self, path: FilePath, district: str) -> district_map.Imported:
        """Read a GeoJSON file once and keep its outlines; raises `UserError` when it does not serve."""
        imported = district_map.read(path, district)
        district_map.keep(self.database, imported.shapes)
        self._shapes = imported.shapes
        self._answers.clear()
        return imported

    def quality(self, area: str, period: Period, by: Team, *, duplicates: bool = True) -> QualityTable:
        """Data quality of the posyandu or teams of an area.

        Looking for children registered twice takes longer than all the rest: without `duplicates`
        that check is left out, unless it has been made already.
        """
        apart = twice.decided_apart(self.database)
        key = ("quality", area, period, by, apart)

        def quick(frame: Frame) -> QualityTable:
            return qualities.table(frame, period, by, self.rules, self.analysis, area)

        def without() -> QualityTable:
            return self._answer((*key, "without duplicates"), quick)

        def work(frame: Frame) -> QualityTable:
            return qualities.with_duplicates(without(), twice.open_pairs(self._pairs(frame), apart))

        if duplicates or (self._pairs_of is not None and self._pairs_of[0] is self.frame()):
            return self._answer(key, work)
        return without()

    def _pairs(self, frame: Frame) -> tuple[Pair, ...]:
        if self._pairs_of is None or self._pairs_of[0] is not frame:
            self._pairs_of = frame, twice.find(twice.read(self.database), self.rules)
        return self._pairs_of[1]

    # the children behind a figure

    def affected(self, area: str, period: Period, indicator: Indicator) -> ListAnswer:
        """The children behind a prevalence, gravest first."""

        def work(frame: Frame) -> ListAnswer:
            cover = self._cover(frame, period) if self._masked else None
            smallest = self.analysis.small_numbers.smallest_shown
            return self._lists(frame).affected(area, period, indicator, cover, smallest)

        return self._answer(("affected", area, period, indicator), work)

    def on_path(
        self, area: str, before: Period, after: Period, indicator: Indicator, path: Path
    ) -> ListAnswer:
        """The children who took a path of a cohort."""

        def work(frame: Frame) -> ListAnswer:
            hidden = self._cohort_cover(frame, before, after, indicator) if self._masked else None
            return self._lists(frame).on_path(area, before, after, indicator, path, hidden)

        return self._answer(("path", area, before, after, indicator, path), work)

    def _cover(self, frame: Frame, period: Period) -> Cover:
        smallest = self.analysis.small_numbers.smallest_shown
        return covering.covers(frame, [period], smallest, self.puskesmas())[0]

    def _cohort_cover(
        self, frame: Frame, before: Period, after: Period, indicator: Indicator
    ) -> CohortCounts:
        whole = cohort.cohort(frame, before, after, indicator, Level.KABUPATEN)
        smallest = self.analysis.small_numbers.smallest_shown
        both = self._cover(frame, before), self._cover(frame, after)
        return covering.cohort_cover(frame, whole, *both, smallest)

    def openings(self, area: str) -> tuple[tuple[persons.Opened, str, str], ...]:
        """Openings of records by the Dinas, each with the name as this person sees it, and the posyandu."""

        def work(frame: Frame) -> tuple[tuple[persons.Opened, str, str], ...]:
            found = persons.openings(self.database, area)
            known = persons.people(self.database, [one.child for one in found], masked=self._masked)
            return tuple(
                (one, known[one.child].name if one.child in known else "—", frame.areas.name(one.scope))
                for one in found
            )

        return self._answer(("openings", area), work)

    def _lists(self, frame: Frame) -> ChildLists:
        return ChildLists(frame, self.database, self.rules, self._masked)

    @property
    def _masked(self) -> bool:
        return self._role not in (Role.BIDAN, Role.TPG)

    def standing(self, area: str, month: Month, standing: Standing) -> ListAnswer:
        """The children behind a figure of SKDN."""

        def work(frame: Frame) -> ListAnswer:
            return self._lists(frame).standing(area, month, standing)

        return self._answer(("standing", area, month, standing), work)

    def behind(self, area: str, period: Period, by: Team, check: Check, key: str) -> ListAnswer:
        """The records behind a figure of data quality, one line each.

        Without names only those that stand out: whole rows of weights tell of a child what is covered.
        """

        def work(frame: Frame) -> ListAnswer:
            duplicates = check is Check.DUPLICATES
            table = self.quality(area, period, by, duplicates=duplicates)
            pairs = twice.open_pairs(self._pairs(frame), apart) if duplicates else ()
            return self._lists(frame).behind(table, period, check, key, pairs)

        apart = twice.decided_apart(self.database)
        return self._answer(("behind", area, period, by, check, key, apart), work)


def level_below(area: str) -> Level | None:
    """The level of the areas just inside an area; None inside a posyandu."""
    depth = area.count(".") + 1 if area else 1
    return Level(max(depth + 1, Level.KECAMATAN)) if depth < Level.POSYANDU else None


def _month(number: int) -> Month:
    year, month = divmod(number, 12)
    return Month(year, month + 1)


def _shown(row: cohort.CohortRow) -> CoveredCohortRow:
    counts = dict[Path, int | None](cohort.counts_of(row))
    return CoveredCohortRow(row.key, row.label, counts, row.recovery, row.incidence)
