"""Where the person stands in the analysis: area, view, period; pure functions of (state, event)."""

from dataclasses import dataclass, replace
from enum import StrEnum

from posyandu_app.domain.age import Month
from posyandu_app.i18n import tr
from posyandu_app.reports.analyst import level_below
from posyandu_app.reports.areas import Level
from posyandu_app.reports.causes import Cause
from posyandu_app.reports.cohort import Path
from posyandu_app.reports.coverage import Standing
from posyandu_app.reports.evidence import COHORT_MONTHS, NEW_STUNTING, TWO_T
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import MAIN, By, Indicator


class View(StrEnum):
    """The views, in the order of their keys."""

    PREVALENCE = "prevalence"
    TREND = "trend"
    SKDN = "skdn"
    RANKING = "ranking"
    MAP = "map"
    COHORT = "cohort"
    CAUSES = "causes"
    CHILDREN = "children"

    @property
    def label(self) -> str:
        return {
            View.PREVALENCE: tr("Prevalensi"),
            View.TREND: tr("Tren"),
            View.SKDN: tr("SKDN"),
            View.RANKING: tr("Peringkat"),
            View.MAP: tr("Peta"),
            View.COHORT: tr("Kohort"),
            View.CAUSES: tr("Sebab"),
            View.CHILDREN: tr("Anak"),
        }[self]


VIEWS = tuple(View)


class Split(StrEnum):
    """How prevalence is parted."""

    AREA = "area"
    PUSKESMAS = "puskesmas"
    AGE = "age"
    SEX = "sex"

    @property
    def label(self) -> str:
        return {
            Split.AREA: tr("Per wilayah"),
            Split.PUSKESMAS: tr("Per puskesmas"),
            Split.AGE: tr("Per umur"),
            Split.SEX: tr("Per jenis kelamin"),
        }[self]


SPLITS = tuple(Split)
RATIOS = ("d_s", "n_d", "n_nt", "k_s")
LISTED = (Standing.ABSENT, Standing.T, Standing.TWO_T, Standing.BGM, Standing.O, Standing.NO_CARD)
"""Whom the lists behind SKDN turn through: those for whom something is to be done."""
RANKED = (*(indicator.value for indicator in MAIN), "d_s", "n_d")


@dataclass(frozen=True, slots=True)
class Picked:
    """By what the children of the list are picked; an empty path and standing mean the indicator."""

    path: Path | None = None
    standing: Standing | None = None
    opened: bool = False
    """Instead of children behind a figure, those whose records the Dinas has opened."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where one was before going deeper, and what was chosen there."""

    area: str
    view: View
    chosen: str


@dataclass(frozen=True, slots=True)
class AnalysisState:
    """`top` is the widest area the person may see; `chosen` the key of the row, point or area chosen.

    `back` is what is compared with: months earlier, or with `yearly` the year before.
    """

    top: str
    area: str
    month: Month
    view: View = View.PREVALENCE
    yearly: bool = False
    back: int = 3
    indicator: Indicator = Indicator.STUNTING
    ratio: str = "d_s"
    ranked: str = Indicator.STUNTING.value
    cause: Cause = Cause.BREASTFEEDING
    split: Split = Split.AREA
    deep: int = 0
    chosen: str = ""
    picked: Picked = Picked()
    trail: tuple[Step, ...] = ()

    @property
    def period(self) -> Period:
        return Period.of_year(self.month.year) if self.yearly else Period.of_month(self.month)

    @property
    def compared_with(self) -> Period:
        if self.yearly:
            return Period.of_year(self.month.year - 1)
        return Period.of_month(self.month.shifted(-self.back))

    @property
    def level(self) -> Level:
        """The level of the areas in the rows: just below the area, or further for rankings."""
        below = level_below(self.area)
        if below is None:
            return Level.POSYANDU
        deep = self.deep if self.view == View.RANKING else 0
        return Level(min(below + deep, Level.POSYANDU))

    @property
    def by(self) -> By:
        if self.split is Split.PUSKESMAS:
            return By.PUSKESMAS
        if self.split is Split.AGE:
            return By.AGE
        if self.split is Split.SEX:
            return By.SEX
        return next(by for by in By if by.level is self.level)

    @property
    def path(self) -> tuple[str, ...]:
        """The areas from the widest one down to this one."""
        parts = self.area.split(".")
        first = self.top.count(".") + 1
        return tuple(".".join(parts[:size]) for size in range(first, len(parts) + 1))


def turned(state: AnalysisState, view: View) -> AnalysisState:
    """Another view of the same area; the list of children begins with the indicator again."""
    if view is state.view:
        return state
    return replace(state, view=view, chosen="", picked=Picked(), deep=0)


def into(state: AnalysisState, key: str) -> AnalysisState:
    """Deeper: into an area, or from a posyandu to its children."""
    step = Step(state.area, state.view, key)
    if key and key != state.area and key.startswith(f"{state.area}."):
        return replace(state, area=key, chosen="", trail=(*state.trail, step), deep=0)
    if level_below(state.area) is None:
        return replace(state, view=View.CHILDREN, chosen="", picked=Picked(), trail=(*state.trail, step))
    return state


def children(state: AnalysisState, picked: Picked, key: str = "") -> AnalysisState:
    """To the children behind a figure."""
    step = Step(state.area, state.view, key)
    return replace(state, view=View.CHILDREN, picked=picked, chosen="", trail=(*state.trail, step))


def behind_ratio(ratio: str) -> Standing:
    """The children whom a ratio of SKDN is about: who did not come, did not gain, or has no KIA/KMS."""
    if ratio == "k_s":
        return Standing.NO_CARD
    return Standing.T if ratio in ("n_d", "n_nt") else Standing.ABSENT


def out(state: AnalysisState) -> AnalysisState | None:
    """One step back: where one came from, else the area around; None at the top."""
    if state.trail:
        step = state.trail[-1]
        return replace(
            state,
            area=step.area,
            view=step.view,
            chosen=step.chosen,
            trail=state.trail[:-1],
            picked=Picked() if step.view is not View.CHILDREN else state.picked,
            deep=0,
        )
    if state.area != state.top:
        around = state.area.rpartition(".")[0]
        return replace(state, area=around, chosen=state.area)
    return None


def to(state: AnalysisState, area: str) -> AnalysisState:
    """Straight to an area of the path."""
    if area == state.area:
        return state
    return replace(state, area=area, chosen="", trail=())


def at_figure(state: AnalysisState, code: str, area: str, month: Month) -> AnalysisState:
    """Straight to a figure of an area and month, by the code that recommendations name it with."""
    there = replace(
        state,
        area=area,
        month=month,
        view=View.PREVALENCE,
        yearly=False,
        split=Split.AREA,
        deep=0,
        chosen="",
        picked=Picked(),
        trail=(),
    )
    if code in tuple(Indicator):
        return replace(there, indicator=Indicator(code))
    if code == NEW_STUNTING:
        return replace(there, view=View.COHORT, indicator=Indicator.STUNTING, back=COHORT_MONTHS)
    return replace(there, view=View.SKDN, ratio=code if code in RATIOS else "n_d")


def figure_in_view(state: AnalysisState) -> tuple[str, Period] | None:
    """The figure in view by the code that recommendations name it with, and its period.

    None where what is in view is no figure that can be taken again later: causes, what became of the
    children between two months, lists by a letter that no ratio counts.
    """
    month = Period.of_month(state.month)
    if state.view is View.SKDN:
        return state.ratio, month
    if state.view is View.RANKING:
        return state.ranked, state.period if state.ranked in tuple(Indicator) else month
    if state.view in (View.CAUSES, View.COHORT):
        return None
    if state.view is not View.CHILDREN:
        return state.indicator.value, state.period
    standing = state.picked.standing
    if state.picked.opened or state.picked.path is not None:
        return None
    if standing is None:
        return state.indicator.value, state.period
    if standing is Standing.TWO_T:
        return TWO_T, month
    ratios = (state.ratio, *RATIOS)
    code = next((code for code in ratios if behind_ratio(code) is standing), None)
    return None if code is None else (code, month)


def shifted(state: AnalysisState, steps: int, first: Month | None, last: Month | None) -> AnalysisState:
    """Periods later or earlier, never beyond what there are measurements of."""
    month = state.month.shifted(steps * (12 if state.yearly else 1))
    if first is not None and last is not None:
        if state.yearly:
            month = Month(min(max(month.year, first.year), last.year), state.month.month)
        else:
            month = min(max(month, first), last)
    return replace(state, month=month)


def next_figure(state: AnalysisState, step: int = 1) -> AnalysisState:
    """The next of the figures at the top of the view."""
    if state.view is View.SKDN:
        return replace(state, ratio=_after(RATIOS, state.ratio, step))
    if state.view is View.RANKING:
        return replace(state, ranked=_after(RANKED, state.ranked, step))
    if state.view is View.CAUSES:
        return replace(state, cause=_after(tuple(Cause), state.cause, step))
    if state.view is View.CHILDREN and state.picked.standing is not None:
        picked = replace(state.picked, standing=_after(LISTED, state.picked.standing, step))
        return replace(state, picked=picked, chosen="")
    return replace(state, indicator=_after(MAIN, state.indicator, step))


def next_split(state: AnalysisState) -> AnalysisState:
    """Areas, ages, sexes in turn; for a ranking the next deeper level."""
    if state.view is View.RANKING:
        below = level_below(state.area)
        levels = 1 if below is None else Level.POSYANDU - below + 1
        return replace(state, deep=(state.deep + 1) % levels, chosen="")
    return replace(state, split=_after(SPLITS, state.split, 1), chosen="")


def next_comparison(state: AnalysisState) -> AnalysisState:
    """Compare with one month, three months, or a year before, in turn."""
    return replace(state, back=_after((3, 12, 1), state.back, 1))


def _after(items: tuple, now, step: int):  # type: ignore[no-untyped-def, type-arg]
    return items[(items.index(now) + step) % len(items)]
