"""What a view shows: a headline in words, a few large figures, one picture, one table."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from posyandu_app.reports.analyst import Analyst
from posyandu_app.reports.answers import Known
from posyandu_app.reports.child_lists import ListAnswer
from posyandu_app.ui.analysis.state import AnalysisState
from posyandu_app.ui.pictures.areas import AreaPicture
from posyandu_app.ui.pictures.dots import Dots
from posyandu_app.ui.pictures.flow import Flow
from posyandu_app.ui.pictures.trend import Trend

Picture = Dots | Trend | AreaPicture | Flow | ListAnswer | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One large figure: its name, value, what stands under it; `arrow` −1 fell, 1 rose."""

    key: str
    label: str
    value: str
    below: str = ""
    change: str = ""
    arrow: int = 0
    tone: str = ""
    high_is_bad: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """The figures as numbers for a spreadsheet; None is an empty cell."""

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything a view has to show; `empty` are icon, title and words when there is no picture."""

    headline: str
    note: str
    figures: tuple[Figure, ...] = ()
    figure: str = ""
    picture: Picture = None
    table: Table | None = None
    empty: tuple[str, str, str] | None = None
    hints: tuple[tuple[str, str], ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """How one view asks and shows; `ask(analyst, state, outward)`, `show(state, answer, known)`."""

    ask: Callable[[Analyst, AnalysisState, bool], Any]
    show: Callable[[AnalysisState, Any, Known], Shown]
    paper: bool = field(default=True)


def nothing_yet() -> Shown:
    """There is no measurement on this laptop at all."""
    from posyandu_app.i18n import tr

    title = tr("Belum ada penimbangan untuk dianalisis")
    return Shown(
        title,
        "",
        empty=(
            "chart-line",
            title,
            tr("Gabungkan laptop ini lewat Sinkronisasi, atau tunggu kiriman pertama dari posyandu."),
        ),
    )
