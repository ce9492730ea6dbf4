"""Prevalence: four large figures with their change, and the parts of the area on one axis; and over time."""

from collections.abc import Sequence

from posyandu_app.i18n import tr
from posyandu_app.reports.analyst import Analyst, level_below
from posyandu_app.reports.answers import Known, PrevalenceAnswer, TrendAnswer, all_months
from posyandu_app.reports.periods import Period, years
from posyandu_app.reports.prevalence import MAIN, Indicator, PrevalenceRow, SeriesPoint
from posyandu_app.reports.statistics import Share
from posyandu_app.ui.analysis import words
from posyandu_app.ui.analysis.shown import Figure, Shown, Table, ViewSpec
from posyandu_app.ui.analysis.state import AnalysisState, Split
from posyandu_app.ui.pictures import dots
from posyandu_app.ui.pictures.dots import Dot, Dots
from posyandu_app.ui.pictures.trend import Trend, TrendPoint

Answer = tuple[PrevalenceAnswer, dict[Indicator, float], str, bool]
"""The last says whether a list of puskesmas was given to this laptop."""


def figures(
    total: PrevalenceRow, before: PrevalenceRow | None, targets: dict[Indicator, float]
) -> tuple[Figure, ...]:
    """The four prevalences, each with its interval and how it moved."""
    found = []
    for indicator in MAIN:
        one = total.shares[indicator]
        arrow, moved = (0, "") if before is None else words.short_change(one, before.shares[indicator])
        found.append(
            Figure(
                key=indicator.value,
                label=words.short(indicator.value),
                value=words.figure(one),
                below=words.interval(one) or words.definition(indicator.value),
                change=moved,
                arrow=arrow,
                tone=dots.tone_of(one, targets.get(indicator)),
            )
        )
    return tuple(found)


def headline(indicator: Indicator, one: Share, before: Share, when: Period) -> str:
    """ "Stunting 14,2 % (13,5–14,9), turun 0,6 poin sejak Agustus 2026."; the area stands above it."""
    what = words.short(indicator.value)
    if one.hidden:
        return tr("{what}: angkanya terlalu kecil untuk ditampilkan.").format(what=what)
    if one.percent is None:
        return tr("{what} belum dapat dihitung: belum ada anak yang diukur.").format(what=what)
    interval = words.interval(one)
    told = f"{what} {words.percent(one.percent)}" + (f" ({interval})" if interval else "")
    moved = words.change(one, before, when)
    return f"{told}, {moved}." if moved else f"{told}."


def ask(analyst: Analyst, state: AnalysisState, outward: bool) -> Answer:
    """The question of the prevalence view."""
    found = analyst.prevalence(state.area, state.period, state.compared_with, state.by, outward=outward)
    return found, analyst.targets(), analyst.name(state.area), bool(analyst.puskesmas())


def show(state: AnalysisState, answer: Answer, known: Known) -> Shown:
    """The prevalence view."""
    found, targets, name, has_list = answer
    indicator, table = state.indicator, found.table
    one, target = table.total.shares[indicator], targets.get(indicator)
    rows = [row for row in table.rows if row.shares[indicator].of != 0 or state.split is not Split.AREA]
    if state.split in (Split.AREA, Split.PUSKESMAS):
        rows.sort(
            key=lambda row: (row.shares[indicator].percent is None, -(row.shares[indicator].percent or 0))
        )
    lines = tuple(_dot(row.key, row.label, row.shares[indicator], target) for row in rows)
    ends = [line.high for line in lines] + [target]
    picture = Dots(
        heads=(_heads(state), tr("Prevalensi")),
        rows=lines,
        high=dots.axis_end(ends),
        target=target,
        target_words="" if target is None else tr("target {percent}").format(percent=words.percent(target)),
    )
    return Shown(
        headline=headline(indicator, one, found.before.shares[indicator], found.compared_with),
        note=note(one, table.total.children, found.expected, target, state),
        figures=figures(table.total, found.before, targets),
        figure=indicator.value,
        picture=picture if lines else None,
        table=_table(state, table.rows, table.total, name),
        empty=None if lines else _no_list() if _lacks_list(state, has_list) else _empty(state, name),
        title=_title(state, name),
    )


def _title(state: AnalysisState, name: str) -> str:
    """What is shown of which area when, and how it is parted where not by area: files are named by it."""
    title = tr("{what}, {area}, {period}").format(
        what=state.indicator.label, area=name, period=state.period.label
    )
    return title if state.split is Split.AREA else f"{title}, {state.split.label.lower()}"


_MOST_ARE_SEEN = 0.9
"""From so many of those expected on, a choice of this app, nothing is said of those who did not come."""


def note(one: Share, seen: int, expected: int, target: float | None, state: AnalysisState) -> str:
    """On how many children the figure rests, and whether the target is reached."""
    parts = []
    if one.of:
        sentence = tr("{of} anak dihitung dari {seen} yang diukur; S {expected}.")
        if seen < expected * _MOST_ARE_SEEN:
            sentence = tr("{of} anak dihitung dari {seen} yang diukur; S {expected}, sisanya tidak ikut.")
        parts.append(
            sentence.format(of=words.number(one.of), seen=words.number(seen), expected=words.number(expected))
        )
    tone = dots.tone_of(one, target)
    said = {
        dots.GOOD: tr("Target {percent} tercapai."),
        dots.BAD: tr("Target {percent} belum tercapai."),
        dots.UNCLEAR: tr("Target {percent}: belum jelas tercapai atau belum."),
    }.get(tone)
    if said is not None and target is not None:
        parts.append(said.format(percent=words.percent(target)))
    return " ".join(parts)


def _dot(key: str, label: str, one: Share, target: float | None) -> Dot:
    return Dot(
        key=key,
        label=label,
        detail=words.counts(one),
        value=one.percent,
        low=one.low,
        high=one.high,
        figure=words.figure(one),
        interval=words.interval(one),
        tone=dots.tone_of(one, target),
    )


def _heads(state: AnalysisState) -> str:
    if state.split is Split.PUSKESMAS:
        return tr("Puskesmas")
    if state.split is Split.AGE:
        return tr("Umur")
    return tr("Jenis kelamin") if state.split is Split.SEX else state.level.label


def _lacks_list(state: AnalysisState, has_list: bool) -> bool:
    return state.split is Split.PUSKESMAS and not has_list


def _no_list() -> tuple[str, str, str]:
    return (
        "map",
        tr("Belum ada daftar puskesmas di laptop ini"),
        tr(
            "Tekan U dan pilih berkas CSV: kode desa, lalu nama puskesmasnya. Daftar ini tidak ikut "
            "tersinkron. P ke pembagian lain."
        ),
    )


def _empty(state: AnalysisState, name: str) -> tuple[str, str, str]:
    if level_below(state.area) is None and state.split is Split.AREA:
        return (
            "baby",
            tr("{area} adalah satu posyandu").format(area=name),
            tr("Tekan Enter untuk daftar anaknya, atau P untuk melihat menurut umur dan jenis kelamin."),
        )
    return (
        "calendar-days",
        tr("Tidak ada yang diukur pada {period}").format(period=state.period.label),
        tr("Pilih bulan lain dengan Ctrl ← atau Ctrl →."),
    )


def _table(state: AnalysisState, rows: Sequence[PrevalenceRow], total: PrevalenceRow, name: str) -> Table:
    heads = [_heads(state), tr("Anak diukur")]
    for indicator in Indicator:
        heads += [indicator.label, tr("dari"), "%", tr("95 % bawah"), tr("95 % atas")]
    lines = []
    for row in (*rows, total):
        cells: list[str | int | float | None] = [row.label if row is not total else name, row.children]
        for indicator in Indicator:
            one = row.shares[indicator]
            cells += [one.count, one.of, _round(one.percent), _round(one.low), _round(one.high)]
        lines.append(tuple(cells))
    return Table(tr("Prevalensi"), tuple(heads), tuple(lines))


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


PREVALENCE = ViewSpec(ask, show)


# over time


TrendAnswerOf = tuple[TrendAnswer, dict[Indicator, float], str]


def ask_trend(analyst: Analyst, state: AnalysisState, outward: bool) -> TrendAnswerOf:
    """The question of the trend: the last 24 months, or all years."""
    known = analyst.known()
    periods = all_months(known)
    if state.yearly and known.first is not None and known.last is not None:
        periods = years(known.first.year, known.last.year)
    found = analyst.trend(state.area, periods, state.top, outward=outward)
    return found, analyst.targets(), analyst.name(state.area)


def show_trend(state: AnalysisState, answer: TrendAnswerOf, known: Known) -> Shown:
    """The line over time; what is chosen is the period being read."""
    found, targets, name = answer
    indicator, target = state.indicator, targets.get(state.indicator)
    measured = [point for point in found.points if point.row.shares[indicator].percent is not None]
    if not measured:
        empty = _empty(state, name)
        return Shown(empty[1], "", empty=empty)
    first, last = measured[0], measured[-1]
    around = {point.period: point.row.shares[indicator].percent for point in found.around}
    picture = Trend(
        tuple(_point(point, indicator, around, at) for at, point in enumerate(found.points)),
        name=name,
        around_name=found.around_name,
        target=target,
        target_words="" if target is None else tr("target {percent}").format(percent=words.percent(target)),
    )
    now = next((p for p in measured if p.period == state.period), last)
    return Shown(
        headline=headline(indicator, now.row.shares[indicator], first.row.shares[indicator], first.period),
        note=tr("Garis tebal {area}, pita = rentang 95 %. Panah kiri dan kanan membaca tiap titik.").format(
            area=name
        ),
        figures=figures(now.row, None if now is first else first.row, targets),
        figure=indicator.value,
        picture=picture,
        table=_trend_table(found.points, name),
        title=tr("{what}, {area}, {period}").format(
            what=indicator.label,
            area=name,
            period=Period(found.points[0].period.first, found.points[-1].period.last).label,
        ),
    )


def _point(
    point: SeriesPoint, indicator: Indicator, around: dict[Period, float | None], at: int
) -> TrendPoint:
    one, month = point.row.shares[indicator], point.period.first
    whole = point.period.months == 12
    year = "" if whole or not (at == 0 or month.month == 1) else str(month.year)
    reading = [point.period.label, words.figure(one), words.interval(one), words.counts(one)]
    return TrendPoint(
        short=str(month.year) if whole else words.month_short(month),
        year=year,
        value=one.percent,
        low=one.low,
        high=one.high,
        around=around.get(point.period),
        reading=tuple(part for part in reading if part),
    )


def _trend_table(points: Sequence[SeriesPoint], name: str) -> Table:
    heads = [tr("Bulan"), tr("Anak diukur")]
    for indicator in Indicator:
        heads += [indicator.label, tr("dari"), "%", tr("95 % bawah"), tr("95 % atas"), tr("target")]
    lines = []
    for point in points:
        cells: list[str | int | float | None] = [point.period.label, point.row.children]
        for indicator in Indicator:
            one = point.row.shares[indicator]
            cells += [one.count, one.of, _round(one.percent), _round(one.low), _round(one.high)]
            cells.append(point.target.get(indicator))
        lines.append(tuple(cells))
    return Table(name, tuple(heads), tuple(lines))


TREND = ViewSpec(ask_trend, show_trend)
