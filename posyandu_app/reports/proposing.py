"""Proposals and later figures for the screens: frame, limits and cover of small numbers in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from posyandu_app.domain.age import Month
from posyandu_app.domain.operations import Json, JsonObject
from posyandu_app.domain.recommendations import Figure
from posyandu_app.domain.skdn import format_percent
from posyandu_app.i18n import tr, written
from posyandu_app.reports import recommend, statistics
from posyandu_app.reports.analyst import Analyst
from posyandu_app.reports.disclosure import is_small
from posyandu_app.reports.evidence import NEW_STUNTING, TWO_T, Evidence, from_json, measure
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import By, Indicator
from posyandu_app.reports.quality import Check, Team, Unit
from posyandu_app.reports.recommend import Covered, Proposal, Rule

if TYPE_CHECKING:
    from posyandu_app.reports.frames import Frame

LEVELS = (By.KECAMATAN, By.VILLAGE, By.POSYANDU)


@dataclass(frozen=True, slots=True)
class Changed:
    """A figure before and now, in words with counts and 95 % limits.

    `better` is None when it stayed, or when the two cannot be compared (`comparable`): one is not known
    or covered, or its month is not over and those who have not come yet may still come.
    `chance` says that the two 95 % intervals meet; `running` that the later month is not over yet,
    `sent_within` that it is over, but was under way when the recommendation was sent.
    """

    label: str
    months_before: str
    before: str
    months_now: str
    now: str
    better: bool | None
    comparable: bool
    chance: bool = False
    running: bool = False
    sent_within: bool = False


def proposals(analyst: Analyst, area: str, month: Month, by: By) -> tuple[Proposal, ...]:
    """What the figures of a month suggest for the areas of one level inside an area.

    Small numbers are covered for roles that see no names.
    """
    frame = analyst.frame()
    if not _measured_in(frame, month, area):
        return ()
    judged = analyst.quality(area, Period.of_month(month), Team.POSYANDU) if by is By.POSYANDU else None
    small = analyst.analysis.small_numbers if analyst.covered else None
    villages = analyst.puskesmas()
    return recommend.propose(frame, month, by, analyst.rules, analyst.analysis, area, judged, small, villages)


def _measured_in(frame: Frame, month: Month, area: str) -> bool:
    """Whether anything of a month has come in; a month without any data suggests nothing."""
    there = frame.month == month.number
    if area:
        there &= frame.areas.inside(area)[frame.children.place[frame.visits.child]]
    return bool(there.any())


def figure_of(evidence: Evidence) -> Figure:
    """A figure as it travels with a recommendation: to be taken again later, and in words."""
    written = evidence.to_json()
    return Figure(
        code=evidence.code,
        area=evidence.area,
        first=str(written["first"]),
        last=str(written["last"]),
        value=evidence.value,
        count=evidence.count,
        of=evidence.of,
        limit=evidence.limit,
        label=evidence.label,
        shown=told(evidence, limits=False),
    )


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a recommendation rests on once it goes to another area.

    `figures` are the same ones of that area, none where they cannot be read there; `proposal` is that of
    the same rule, where it speaks there too.
    """

    figures: tuple[Figure, ...]
    proposal: Proposal | None = None


def fitted(analyst: Analyst, figures: Sequence[Figure], rule: Rule | None, area: str) -> Fitted:
    """The figures of a recommendation read again for another area and the same months.

    Small numbers are covered for roles that see no names. What is not known there is left out.
    """
    given = [found for figure in figures if (found := from_json(_json(figure))) is not None]
    by = next((by for by in LEVELS if by.level == area.count(".") + 1), None)
    if given and rule is not None and by is not None:
        for proposal in proposals(analyst, area, given[0].period.last, by):
            if (proposal.rule, proposal.area) == (rule, area):
                return Fitted(tuple(map(figure_of, proposal.evidence)), proposal)
    frame, hidden = analyst.frame(), None
    read = []
    for one in given:
        try:
            found = measure(frame, one.code, area, one.period, analyst.rules, analyst.analysis)
        except ValueError:
            continue
        if found.value is None:
            continue
        if analyst.covered and hidden is None:
            small = analyst.analysis.small_numbers
            hidden = recommend.covered_in(frame, one.period, small, analyst.puskesmas())
        limit = found.limit if one.limit is None else one.limit
        read.append(figure_of(_cover(replace(found, limit=limit), hidden)))
    return Fitted(tuple(read))


def period_of(figure: Figure) -> Period | None:
    """Of when a figure is; None when its months cannot be read."""
    found = from_json(_json(figure))
    return None if found is None else found.period


def to_be_read(code: str, area: str, period: Period) -> Figure:
    """Which figure of an area and period it is, before it is read with `fitted`."""
    return figure_of(Evidence(code, area, period, None, None, None))


def told_to(analyst: Analyst, figure: Figure) -> str:
    """A figure that came with a recommendation, as the person at the keyboard may read it.

    A puskesmas sends it with its counts; roles that see no names do not read small ones.
    """
    counted = figure.code in (*Indicator, NEW_STUNTING, TWO_T) and figure.count is not None
    one = statistics.Share(figure.count, figure.of)
    if analyst.covered and counted and is_small(one, analyst.analysis.small_numbers.smallest_shown):
        return tr("ada, jumlahnya kecil")
    return figure.told


def told(evidence: Evidence, *, limits: bool = True) -> str:
    """A figure in words: "62,5 % (10 dari 16; rentang 38–82 %)", "1,32 SD", or "—".

    The limits are those of WHO's survey analysis (`statistics.share`) with the figure's own children
    as the sample.
    """
    unit = _unit(evidence.code)
    if evidence.value is None:
        covered = unit is Unit.PERCENT and evidence.count is None
        return tr("ada, jumlahnya kecil") if covered else "—"
    if unit is Unit.SD:
        return tr("{value} SD").format(value=written(f"{evidence.value / 100:.2f}"))
    if unit is Unit.SCORE:
        return tr("skor {value}").format(value=written(f"{evidence.value / 10:.1f}"))
    percent = format_percent(evidence.value)
    if evidence.count is None or not evidence.of:
        return percent
    one = statistics.share(evidence.count, evidence.of, evidence.of)
    if not limits or one.low is None or one.high is None:
        counted = tr("{percent} ({count} dari {of})")
        return counted.format(percent=percent, count=evidence.count, of=evidence.of)
    return tr("{percent} ({count} dari {of}; rentang {low}–{high} %)").format(
        percent=percent, count=evidence.count, of=evidence.of, low=round(one.low), high=round(one.high)
    )


def _unit(code: str) -> Unit:
    if code not in tuple(Check):
        return Unit.PERCENT
    if code.startswith("sd_"):
        return Unit.SD
    return Unit.SCORE if code.endswith("_digits") else Unit.PERCENT


def changed_since(
    analyst: Analyst, figures: Sequence[Figure], sent_on: date, today: date
) -> tuple[Changed, ...]:
    """Whether the figures that a recommendation was about have changed since it was sent.

    They are taken again for the last month that is over, as long a period as then, never one that
    was over before it was sent; for the month under way while there is no such month. Small numbers
    are covered for roles that see no names.
    """
    given = [found for figure in figures if (found := from_json(_json(figure))) is not None]
    if not given:
        return ()
    frame = analyst.frame()
    small = analyst.analysis.small_numbers if analyst.covered else None
    known: dict[Period, Covered] = {}

    def covered(of: Period) -> Covered:
        assert small is not None
        if of not in known:
            known[of] = recommend.covered_in(frame, of, small, analyst.puskesmas())
        return known[of]

    changed: list[Changed] = []
    for before in given:
        period = period_after(before.period, sent_on, today)
        for change in recommend.changes([before], frame, period, analyst.rules, analyst.analysis):
            now = _cover(change.now, None if small is None else covered(change.now.period))
            then = _cover(change.before, None if small is None else covered(change.before.period))
            running = now.period.last >= Month.of(today)
            comparable = then.value is not None and now.value is not None and not running
            better = change.better if comparable else None
            changed.append(
                Changed(
                    change.before.label,
                    change.before.period.label,
                    told(then),
                    change.now.period.label,
                    told(now),
                    better,
                    comparable,
                    _may_be_chance(then, now),
                    running,
                    Month.of(sent_on) == now.period.last and not running,
                )
            )
    return tuple(changed)


def _may_be_chance(before: Evidence, now: Evidence) -> bool:
    """Whether two shares are too near, for so few children, to tell a change from chance."""
    if None in (before.count, before.of, now.count, now.of):
        return False
    shares = [statistics.share(one.count or 0, one.of or 0, one.of or 0) for one in (before, now)]
    return not statistics.apart(*shares)


def period_after(before: Period, sent_on: date, today: date) -> Period:
    """The period whose figures are compared: as long, ending with the last month over, else with this one.

    A month that was over when the recommendation was sent says nothing of what came after it.
    """
    this, sent = Month.of(today), Month.of(sent_on)
    last = this.previous()
    if last <= before.last or last < sent:
        last = max(this, before.last)
    return Period(last.shifted(1 - before.months), last)


def _cover(now: Evidence, covered: Covered | None) -> Evidence:
    if covered is None or now.count is None or now.of is None:
        return now
    if not covered.hides(now.code, now.area, statistics.Share(now.count, now.of)):
        return now
    return Evidence(now.code, now.area, now.period, None, None, None, now.limit)


def _json(figure: Figure) -> JsonObject:
    values: dict[str, Json] = {
        "code": figure.code,
        "area": figure.area,
        "first": figure.first,
        "last": figure.last,
        "value": figure.value,
        "count": figure.count,
        "of": figure.of,
        "limit": figure.limit,
    }
    return values
