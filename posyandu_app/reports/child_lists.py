"""The children and the visits behind a figure, line by line, and how much a line may tell of a child."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from posyandu_app.domain.age import Month
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.reports import cohort, coverage, covering, prevalence
from posyandu_app.reports import people as persons
from posyandu_app.reports.areas import Level
from posyandu_app.reports.cohort import Path
from posyandu_app.reports.coverage import Standing
from posyandu_app.reports.covering import ALL_TOLD, NOTHING_TOLD, CohortCounts, Cover, Told
from posyandu_app.reports.duplicates import Pair
from posyandu_app.reports.frames import NO_AGE, Frame
from posyandu_app.reports.people import Person
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import Indicator
from posyandu_app.reports.quality import Check, QualityTable
from posyandu_app.reports.seen import ORDERED_FOR_ALL, Seen, Twin, seen
from posyandu_app.reports.snapshots import MISSING, OEDEMA, take
from posyandu_app.storage.connection import Database

_MEASURES = ("weight_g", "length_mm")


@dataclass(frozen=True, slots=True)
class Line:
    """One child of a list: who, what was measured last in the period; `centi` hundredths of SD.

    Grams and millimetres are 0 when not measured; `centi` is None without a usable z-score,
    `oedema` says that she counts by oedema. `seen` is what a figure of data quality is about, where
    that is not weight and length; it then stands in their place.
    """

    person: Person
    posyandu: str
    age_months: int | None
    day: int
    weight_g: int
    length_mm: int
    centi: int | None
    oedema: bool
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """The children behind a figure, gravest first; `count` of them there are, at most `MOST` are listed.

    `index` is what the z-scores are of. Where the figure itself is covered, `count` is None and
    nobody is listed. A list without names tells no more than the tables do: `details` says whether
    sex, age and values are among it.
    """

    count: int | None
    lines: tuple[Line, ...]
    masked: bool
    index: str
    details: bool = True


@dataclass(frozen=True, slots=True)
class ChildLists:
    """The lists behind the figures of a frame; `masked` for whoever is not to read names."""

    frame: Frame
    database: Database
    rules: ProgramRules
    masked: bool

    def affected(
        self, area: str, period: Period, indicator: Indicator, cover: Cover | None, smallest: int
    ) -> ListAnswer:
        """The children behind a prevalence, gravest first; what is small by `cover` is not told.

        `cover` is None exactly where names are read.
        """
        snapshot = take(self.frame, [period], area)
        has, _ = prevalence.affected(snapshot, indicator)
        places: tuple[str, ...] | None = None
        told_of: tuple[Told, ...] | None = None
        if cover is not None:
            if cover.hides(area, indicator):
                return ListAnswer(None, (), True, indicator.measure.label)
            told = covering.list_cover(
                snapshot, cover, indicator, area, self.rules.prevalence_groups, smallest
            )
            places, told_of = told.label, told.told
        worst = 1 if indicator.cut_off < 0 else -1
        centi = snapshot.centi[indicator.measure]
        rows = list(enumerate(has.nonzero()[0].tolist()))
        rows.sort(key=lambda row: worst * int(centi[row[1]]))
        listed = rows[: persons.MOST]
        chosen = [(int(snapshot.child[row]), int(snapshot.visit[row]), int(centi[row])) for _, row in listed]
        named = None if places is None else [places[at] for at, _ in listed]
        may = ALL_TOLD if told_of is None else [told_of[at] for at, _ in listed]
        return self._list(len(rows), chosen, indicator, named, told=may)

    def on_path(
        self,
        area: str,
        before: Period,
        after: Period,
        indicator: Indicator,
        path: Path,
        hidden: CohortCounts | None,
    ) -> ListAnswer:
        """The children who took a path of a cohort; `hidden` is None exactly where names are read."""
        found = cohort.cohort(self.frame, before, after, indicator, Level.KABUPATEN, area)
        ids = found.children(path)
        if hidden is None:
            return self._of_children(ids, after, indicator)
        if hidden.hides(area, path):
            return ListAnswer(None, (), True, indicator.measure.label)
        return self._of_children(
            ids,
            after,
            indicator,
            lambda scope: covering.smallest_open(scope, area, lambda code: hidden.hides(code, path)),
        )

    def standing(self, area: str, month: Month, standing: Standing) -> ListAnswer:
        """The children behind a figure of SKDN."""
        ids = coverage.children(self.frame, month, standing, self.rules, area)
        return self._of_children(ids, Period.of_month(month), Indicator.UNDERWEIGHT)

    def behind(
        self, table: QualityTable, period: Period, check: Check, key: str, pairs: Sequence[Pair]
    ) -> ListAnswer:
        """The records behind a figure of data quality, one line each.

        Without names only those that stand out: whole rows of weights tell of a child what is covered.
        `pairs` are the children who may be registered twice, wanted for that check alone.
        """
        ids = table.records(check, key, whole=not self.masked)
        if check is Check.DUPLICATES:
            return self._registered_twice(ids, period, pairs)
        if check.of_children:
            return self._of_children(ids, period, Indicator.UNDERWEIGHT)
        return self._of_visits(ids, check)

    @property
    def _told(self) -> Told:
        """What a list may tell of a child where nothing was found out about its groups."""
        return NOTHING_TOLD if self.masked else ALL_TOLD

    def _registered_twice(self, ids: tuple[str, ...], period: Period, pairs: Sequence[Pair]) -> ListAnswer:
        """Children who may be registered twice, each with the other record, pair after pair."""
        others: dict[str, list[tuple[str, bool]]] = {}
        for pair in pairs:
            others.setdefault(pair.one, []).append((pair.other, pair.same_nik))
            others.setdefault(pair.other, []).append((pair.one, pair.same_nik))
        wanted = frozenset(ids)
        together = dict.fromkeys(
            each for one in ids for each in (one, *(other for other, _ in others[one])) if each in wanted
        )
        listed = tuple(together)[: persons.MOST]
        known = persons.people(
            self.database, sorted({other for one in listed for other, _ in others[one]}), masked=self.masked
        )
        twins = []
        for one in listed:
            (other, same_nik), *more = others[one]
            twin = known[other]
            twins.append(Twin(twin.name, self.frame.areas.name(twin.scope), same_nik, len(more)))
        return self._of_children(tuple(together), period, Indicator.UNDERWEIGHT, seen=twins)

    def _of_children(
        self,
        ids: tuple[str, ...],
        period: Period,
        indicator: Indicator,
        place: Callable[[str], str] | None = None,
        seen: Sequence[Seen] = (),
    ) -> ListAnswer:
        """Children with their state in a period, or without one; not more than are listed.

        Without names nothing of the state is told; `place` then widens where each of them lives.
        What is `seen` stands in the place of the state.
        """
        index = {child: row for row, child in enumerate(self.frame.children.ids)}
        rows = [index[child] for child in ids]
        snapshot = take(self.frame, [period])
        centi = snapshot.centi[indicator.measure]
        at = {int(child): place for place, child in enumerate(snapshot.child.tolist())}
        chosen = [
            (row, int(snapshot.visit[at[row]]), int(centi[at[row]])) if row in at else (row, -1, MISSING)
            for row in rows[: persons.MOST]
        ]
        scopes = self.frame.areas.scopes
        named = (
            None
            if place is None
            else [place(scopes[int(self.frame.children.place[row])]) for row, _, _ in chosen]
        )
        return self._list(len(rows), chosen, indicator, named, told=self._told, seen=seen)

    def _of_visits(self, ids: tuple[str, ...], check: Check) -> ListAnswer:
        import numpy as np

        wanted = ids[: persons.MOST]
        number_of = dict(
            self.database.rows(
                "SELECT id, n FROM measured WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(wanted),),
            )
        )
        rows = np.flatnonzero(np.isin(self.frame.visits.number, list(number_of.values()))).tolist()
        if not self.masked or check in ORDERED_FOR_ALL:  # another order tells of the z-scores
            place = {number_of[one]: at for at, one in enumerate(wanted) if one in number_of}
            rows.sort(key=lambda row: place[int(self.frame.visits.number[row])])
        chosen = [(int(self.frame.visits.child[row]), row, MISSING) for row in rows]
        return self._list(
            len(ids),
            chosen,
            Indicator.UNDERWEIGHT,
            told=self._told,
            values=("weight_g",) if check is Check.NO_LENGTH else ("length_mm",),
            seen=seen(self.frame, rows, check, self.rules, masked=self.masked),
        )

    def _list(
        self,
        count: int,
        chosen: list[tuple[int, int, int]],
        indicator: Indicator,
        places: Sequence[str] | None = None,
        *,
        told: Told | Sequence[Told] = ALL_TOLD,
        values: Sequence[str] = (),
        seen: Sequence[Seen | None] = (),
    ) -> ListAnswer:
        """Lines for (child, visit or −1, hundredths of SD).

        `places` are the areas to be named instead of each child's posyandu. What is not `told`
        (of all, or child by child) is left out; what was measured too unless all is told: weight and
        length, or those of them that are the `values`, which are told of all. What is `seen` instead
        stands line by line.
        """
        masked = self.masked
        known = persons.people(
            self.database, [self.frame.children.ids[child] for child, _, _ in chosen], masked=masked
        )
        lines = []
        for at, (child, visit, centi) in enumerate(chosen):
            person = known.get(self.frame.children.ids[child])
            if person is None:
                continue
            visits = self.frame.visits
            may = told if isinstance(told, Told) else told[at]
            age = int(self.frame.age_months[visit]) if visit >= 0 and may.age else NO_AGE
            instead = seen[at] if seen else None
            measures = values or (_MEASURES if all(may) else ())
            weight, length = (
                int(getattr(visits, field)[visit])
                if visit >= 0 and instead is None and field in measures
                else 0
                for field in _MEASURES
            )
            place = person.scope if places is None else places[at]
            if not all(may):
                sex, birth = (person.sex if may.sex else None), (person.birth if may.age else None)
                person = replace(person, scope="", sex=sex, birth=birth)
            lines.append(
                Line(
                    person,
                    self.frame.areas.name(place),
                    None if age == NO_AGE else age,
                    int(visits.day[visit]) if visit >= 0 else 0,
                    weight,
                    length,
                    centi if may.z and centi not in (MISSING, OEDEMA) else None,
                    may.z and centi == OEDEMA,
                    instead,
                )
            )
        whole = all(told) if isinstance(told, Told) else all(map(all, told))
        return ListAnswer(count, tuple(lines), masked, indicator.measure.label, whole)
