"""What one growth chart shows, decided before anything is painted: points, window, bands, words. No Qt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor

from posyandu_app.domain import age, classify, kms, numbers, zscore
from posyandu_app.domain.assessment import Assessed
from posyandu_app.domain.classify import Category, Index
from posyandu_app.domain.growth_standards import Indicator as Table
from posyandu_app.domain.kms import MonthRecord
from posyandu_app.domain.model import Child, Measurement, Sex
from posyandu_app.domain.rules import ProgramRules, default_rules
from posyandu_app.domain.zscore import HEIGHT_FROM_DAY, HEIGHT_FROM_MM, Growth, ZScore, format_z
from posyandu_app.i18n import tr, written
from posyandu_app.ui.charts.geometry import Point, Span, height_at
from posyandu_app.ui.charts.standards import (
    LAST_MONTH,
    MONTH_DAYS,
    SD_LINES,
    Band,
    by_length,
    category_bands,
    kms_bands,
    line,
)

BIRTH = "birth"
"""The key of the point at birth, which no measurement has."""


class Indicator(StrEnum):
    """The five charts, in the order of the keys 1 to 5."""

    BB_U = "BB/U"
    TB_U = "TB/U"
    BB_TB = "BB/TB"
    IMT_U = "IMT/U"
    LK_U = "LK/U"


class Preset(StrEnum):
    """The ready-made windows; AUTO follows the child's age."""

    AUTO = "auto"
    ALL = "0-60"
    FIRST = "0-24"
    LATER = "24-60"


class Mark(StrEnum):
    """How a point is drawn."""

    MEASURED = "measured"
    BIRTH = "birth"
    IMPLAUSIBLE = "implausible"


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One measurement on the chart: where it lies (months or cm; kg, cm or kg/m²) and what it says."""

    key: str
    date: date | None
    x: float
    y: float
    value: str
    age: str
    index: str
    score: ZScore | None
    category: Category | None
    record: MonthRecord | None
    mark: Mark
    double: bool
    oedema: bool

    def reading(self, *, saved: bool = True) -> str:
        """The point in one line: "9 Nov 2026 · 8,4 kg · 14 bulan · BB/U −1,23 berat badan normal"."""
        return " · ".join((*self.head(), *self.detail(saved=saved)))

    def head(self) -> tuple[str, ...]:
        """When, how much, how old."""
        when = tr("Lahir") if self.mark is Mark.BIRTH else short_date(self.date) if self.date else None
        parts = (when, self.value, None if self.mark is Mark.BIRTH else self.age)
        return tuple(part for part in parts if part)

    def detail(self, *, saved: bool = True) -> tuple[str, ...]:
        """What it means: z-score with its category, letter of the KMS, and what is special about it."""
        parts: list[str] = []
        if self.score is not None:
            parts.append(f"{self.index} {format_z(self.score.centi)}{self._status()}")
        if self.record is not None and self.mark is not Mark.IMPLAUSIBLE:
            parts.append(kms.sentence(self.record))
        if self.mark is Mark.IMPLAUSIBLE:
            parts.append(tr("nilai tidak wajar, ukur ulang"))
        if self.oedema and self.score is None:
            parts.append(tr("bengkak (edema): status gizi tidak dihitung"))
        if self.double:
            parts.append(tr("dua catatan pada hari yang sama"))
        if not saved:
            parts.append(tr("belum disimpan"))
        return tuple(parts)

    def _status(self) -> str:
        if self.category is None or self.mark is Mark.IMPLAUSIBLE:
            return ""
        return f" {self.category.label[:1].lower()}{self.category.label[1:]}"


@dataclass(frozen=True, slots=True)
class ChartModel:
    """One chart, complete: paint it, read it, compare it; equal models look the same."""

    name: str
    sex: Sex | None
    indicator: Indicator
    table: Table
    x: Span
    y: Span
    limits: Span
    points: tuple[ChartPoint, ...]
    preview: ChartPoint | None
    bands: tuple[Band, ...]
    red_line: float
    orange_line: float
    minimum_gains: tuple[int, ...]
    title: str
    short_title: str
    notes: tuple[str, ...]

    @property
    def is_kms(self) -> bool:
        """Whether this is the KMS itself, with its rows of letters under the months."""
        return self.indicator is Indicator.BB_U

    @property
    def by_length(self) -> bool:
        """Whether the horizontal axis is length or height."""
        return by_length(self.table)

    def readable(self) -> tuple[ChartPoint, ...]:
        """The points one can step through, in time; the one not yet saved in its place."""
        if self.preview is None:
            return self.points
        return tuple(sorted((*self.points, self.preview), key=_when))

    def links(self) -> tuple[tuple[ChartPoint, ChartPoint, bool], ...]:
        """The strokes of the child's line between saved points: from, to, and whether a month is missing."""
        return _links(self.indicator, self.points)

    def preview_links(self) -> tuple[tuple[ChartPoint, ChartPoint], ...]:
        """The strokes that would join the point not yet saved to its neighbours."""
        if self.preview is None or self.preview.mark is Mark.IMPLAUSIBLE:
            return ()
        chain = [point for point in self.readable() if point.mark is not Mark.IMPLAUSIBLE]
        at = chain.index(self.preview)
        return tuple(pairwise(chain[max(0, at - 1) : at + 2]))

    def summary(self) -> str:
        """The chart in one or two sentences, for those who listen to it."""
        shown = self.readable()
        if not shown:
            return " ".join((self.title + ".", *self.notes))
        last = shown[-1]
        parts = [f"{self.title}.", tr("{count} titik.").format(count=len(shown))]
        parts.append(tr("Terakhir: {reading}.").format(reading=last.reading(saved=last is not self.preview)))
        trend = _trend(shown)
        return " ".join((*parts, trend) if trend else parts)


def build(
    child: Child,
    history: Sequence[Assessed],
    indicator: Indicator = Indicator.BB_U,
    *,
    preview: Assessed | None = None,
    window: Preset | Span = Preset.AUTO,
    rules: ProgramRules | None = None,
    today: date | None = None,
) -> ChartModel:
    """The chart of one child; never fails on what was measured, however strange.

    `window` is a preset or a stretch of the horizontal axis (months, or cm on BB/TB).
    `preview` is the measurement being typed: it replaces the saved one of the same id.
    `today` places the window while nothing has been measured.
    """
    rules = default_rules() if rules is None else rules
    waits, child = child.awaits_confirmation, child.agreed
    shown = [item for item in history if not item.measurement.voided]
    if preview is not None:
        shown = [item for item in shown if item.measurement.id != preview.measurement.id]
    everything = [*shown, preview] if preview is not None else shown
    latest = _latest_days(child, everything, today)
    table = _table(indicator, window, latest, everything)
    points = _points(child, shown, indicator, table)
    fresh = None if preview is None else _point(preview, indicator, table)
    if fresh is not None and fresh.record is not None:
        points = tuple(_without_letter_of(point, fresh.record) for point in points)
    drawn = (*points, fresh) if fresh is not None else points
    limits = _limits(table)
    x = _window(window, table, limits, drawn, latest)
    return ChartModel(
        name=child.name,
        sex=child.sex,
        indicator=indicator,
        table=table,
        x=x,
        y=_heights(table, child.sex, x, drawn),
        limits=limits,
        points=points,
        preview=fresh,
        bands=() if child.sex is None else _bands(indicator, table, rules),
        red_line=rules.red_line / 100,
        orange_line=rules.orange_line / 100,
        minimum_gains=_minimum_gains(child.sex, rules) if indicator is Indicator.BB_U else (),
        title=_title(indicator, table, x),
        short_title=_short_title(indicator, table, x),
        notes=_notes(child, indicator, everything, drawn, waits=waits),
    )


def short_date(day: date) -> str:
    """A date as it fits on the chart: "9 Nov 2026"."""
    return f"{day.day} {tr(age.MONTH_NAMES[day.month - 1])[:3]} {day.year}"


def _without_letter_of(point: ChartPoint, record: MonthRecord) -> ChartPoint:
    """A month has one letter: the weighing being typed takes it over."""
    if point.record is None or point.record.month != record.month:
        return point
    return replace(point, record=None)


def _when(point: ChartPoint) -> date:
    return date.min if point.date is None else point.date


def _bands(indicator: Indicator, table: Table, rules: ProgramRules) -> tuple[Band, ...]:
    if indicator is Indicator.BB_U:
        return kms_bands(rules.red_line / 100, rules.orange_line / 100)
    return category_bands(table)


def _minimum_gains(sex: Sex | None, rules: ProgramRules) -> tuple[int, ...]:
    return {Sex.MALE: rules.kbm_boys, Sex.FEMALE: rules.kbm_girls, None: ()}[sex]


def _latest_days(child: Child, items: Sequence[Assessed], today: date | None) -> int | None:
    ages = [item.age_days for item in items if item.age_days is not None and item.age_days >= 0]
    if ages:
        return max(ages)
    if child.birth_date is None or today is None or today < child.birth_date:
        return None
    return (today - child.birth_date).days


def _is_height(growth: Growth) -> bool:
    if growth.age_days is not None:
        return growth.age_days >= HEIGHT_FROM_DAY
    return growth.length_used_mm is not None and growth.length_used_mm >= HEIGHT_FROM_MM


def _table(
    indicator: Indicator, window: Preset | Span, latest: int | None, items: Sequence[Assessed]
) -> Table:
    tables: dict[Indicator, Table] = {
        Indicator.BB_U: "wfa",
        Indicator.TB_U: "lhfa",
        Indicator.IMT_U: "bfa",
        Indicator.LK_U: "hcfa",
    }
    if indicator in tables:
        return tables[indicator]
    if window is Preset.FIRST:
        return "wfl"
    if window is Preset.LATER:
        return "wfh"
    if latest is not None:
        return "wfh" if latest >= HEIGHT_FROM_DAY else "wfl"
    measured = [item.growth for item in items if item.growth.length_used_mm is not None]
    return "wfh" if measured and _is_height(measured[-1]) else "wfl"


def _points(
    child: Child, items: Iterable[Assessed], indicator: Indicator, table: Table
) -> tuple[ChartPoint, ...]:
    found = [_birth_point(child, indicator, table)]
    found += [_point(item, indicator, table) for item in items]
    return tuple(sorted((point for point in found if point is not None), key=_when))


def _birth_point(child: Child, indicator: Indicator, table: Table) -> ChartPoint | None:
    measurement = Measurement(
        "",
        child.id,
        date.min if child.birth_date is None else child.birth_date,
        weight_g=child.birth_weight_g,
        length_mm=child.birth_length_mm,
        head_mm=child.birth_head_mm,
    )
    growth = zscore.assess(
        child.sex,
        0,
        weight_g=measurement.weight_g,
        length_mm=measurement.length_mm,
        head_mm=measurement.head_mm,
    )
    kinds = classify.categories(growth, None, 0)
    return _drawn(measurement, growth, kinds, None, indicator, table, months=0, double=False, birth=True)


def _point(item: Assessed, indicator: Indicator, table: Table) -> ChartPoint | None:
    return _drawn(
        item.measurement,
        item.growth,
        item.categories,
        item.record if indicator is Indicator.BB_U else None,
        indicator,
        table,
        months=item.age_months,
        double=item.double,
        birth=False,
    )


def _drawn(
    measurement: Measurement,
    growth: Growth,
    kinds: dict[Index, Category],
    record: MonthRecord | None,
    indicator: Indicator,
    table: Table,
    *,
    months: int | None,
    double: bool,
    birth: bool,
) -> ChartPoint | None:
    place = _place(measurement, growth, indicator, table)
    if place is None:
        return None
    scores = {
        Indicator.BB_U: growth.weight_for_age,
        Indicator.TB_U: growth.length_for_age,
        Indicator.BB_TB: growth.weight_for_length,
        Indicator.IMT_U: growth.bmi_for_age,
        Indicator.LK_U: growth.head_for_age,
    }
    score = scores[indicator]
    index = Index(indicator.value)
    flagged = score is not None and score.flagged
    return ChartPoint(
        key=BIRTH if birth else measurement.id,
        date=None if birth else measurement.date,
        x=place[0],
        y=place[1],
        value=_value(measurement, growth, indicator),
        age=_age(growth.age_days, months),
        index=classify.index_name(index, growth.age_days),
        score=score,
        category=kinds.get(index),
        record=record,
        mark=Mark.IMPLAUSIBLE if flagged else Mark.BIRTH if birth else Mark.MEASURED,
        double=double,
        oedema=growth.oedema,
    )


def _place(measurement: Measurement, growth: Growth, indicator: Indicator, table: Table) -> Point | None:
    weight, length, head = measurement.weight_g, growth.length_used_mm, measurement.head_mm
    if indicator is Indicator.BB_TB:
        if not weight or weight < 0 or length is None or _is_height(growth) != (table == "wfh"):
            return None
        return length / 10, weight / 1000
    values = {
        Indicator.BB_U: None if weight is None else weight / 1000,
        Indicator.TB_U: None if length is None else length / 10,
        Indicator.IMT_U: growth.bmi,
        Indicator.LK_U: None if head is None else head / 10,
    }
    value = values[indicator]
    if value is None or value <= 0 or growth.age_days is None or growth.age_days < 0 or growth.too_old:
        return None
    return growth.age_days / MONTH_DAYS, value


def _value(measurement: Measurement, growth: Growth, indicator: Indicator) -> str:
    weight = "" if measurement.weight_g is None else f"{numbers.format_weight(measurement.weight_g)} kg"
    length = "" if measurement.length_mm is None else f"{numbers.format_length(measurement.length_mm)} cm"
    head = "" if measurement.head_mm is None else f"{numbers.format_length(measurement.head_mm)} cm"
    bmi = "" if growth.bmi is None else f"{written(f'{growth.bmi:.1f}')} kg/m²"
    return {
        Indicator.BB_U: weight,
        Indicator.TB_U: length,
        Indicator.BB_TB: f"{weight}, {length}",
        Indicator.IMT_U: bmi,
        Indicator.LK_U: head,
    }[indicator]


def _age(days: int | None, months: int | None) -> str:
    if months is None or days is None or days < 0:
        return ""
    if months == 0:
        return tr("{days} hari").format(days=days)
    return tr("{months} bulan").format(months=months)


def _limits(table: Table) -> Span:
    if table == "wfl":
        return Span(45.0, 110.0)
    if table == "wfh":
        return Span(65.0, 120.0)
    return Span(0.0, float(LAST_MONTH))


def _window(
    window: Preset | Span, table: Table, limits: Span, points: Sequence[ChartPoint], latest: int | None
) -> Span:
    if isinstance(window, Span):
        low = limits.clamp(window.low)
        return Span(min(low, limits.high - 1), max(limits.clamp(window.high), min(low, limits.high - 1) + 1))
    if by_length(table):
        if window is not Preset.AUTO or not points:
            return limits
        return _about([point.x for point in points], limits, 30.0, 5.0)
    if window is Preset.FIRST:
        return Span(0.0, 24.0)
    if window is Preset.LATER:
        return Span(24.0, 60.0)
    if window is Preset.ALL:
        return limits
    months = 0 if latest is None else int(latest / MONTH_DAYS)
    if latest is None or 10 < months < 18:
        return Span(0.0, 24.0)
    if months <= 10:
        return Span(0.0, 12.0)
    start = float(min(36, 6 * ((months - 12) // 6)))
    return Span(start, start + 24)


def _about(values: Sequence[float], limits: Span, width: float, grid: float) -> Span:
    """A window on the grid with the last value somewhat past its middle."""
    start = round((limits.clamp(values[-1]) - width * 0.6) / grid) * grid
    start = max(limits.low, min(start, limits.high - width))
    return Span(start, start + width)


def _heights(table: Table, sex: Sex | None, x: Span, points: Sequence[ChartPoint]) -> Span:
    """The vertical stretch: every SD line within the window, and the points that are not absurd."""
    low, high = line_range(table, sex, x.low, x.high)
    sane = Span(low * 0.5, high * 1.35)
    for point in points:
        if x.holds(point.x) and point.mark is not Mark.IMPLAUSIBLE and sane.holds(point.y):
            low, high = min(low, point.y), max(high, point.y)
    room = (high - low) * 0.03
    grid = {"lhfa": 5.0, "hcfa": 2.0}.get(table, 1.0)
    return Span(max(0.0, floor((low - room) / grid) * grid), ceil((high + room) / grid) * grid)


@lru_cache(maxsize=256)
def line_range(table: Table, sex: Sex | None, low: float, high: float) -> tuple[float, float]:
    """The lowest and highest value of the SD lines between two places of the horizontal axis."""
    values: list[float] = []
    for which in (sex,) if sex is not None else tuple(Sex):
        for z in (SD_LINES[0], SD_LINES[-1]):
            curve = line(table, which, z)
            ends = (height_at(curve, max(low, curve[0][0])), height_at(curve, min(high, curve[-1][0])))
            values += [y for x, y in curve if low <= x <= high]
            values += [y for y in ends if y is not None]
    return min(values), max(values)


def _links(
    indicator: Indicator, points: Sequence[ChartPoint]
) -> tuple[tuple[ChartPoint, ChartPoint, bool], ...]:
    chain = [point for point in points if point.mark is not Mark.IMPLAUSIBLE]
    allowed = 1 if indicator is Indicator.BB_U else 3
    return tuple((a, b, _months_apart(a, b) > allowed) for a, b in pairwise(chain))


def _months_apart(earlier: ChartPoint, later: ChartPoint) -> int:
    if earlier.date is None or later.date is None:
        return floor(later.x - earlier.x)
    return age.Month.of(later.date).number - age.Month.of(earlier.date).number


def _trend(points: Sequence[ChartPoint]) -> str:
    scored = [
        (point, point.score.centi)
        for point in points
        if point.score is not None and point.mark is not Mark.IMPLAUSIBLE
    ]
    if len(scored) < 2 or scored[-1][0] is not points[-1]:
        return ""
    last, change = scored[-1][0], scored[-1][1] - scored[-2][1]
    if change == 0:
        return tr("{index} sama dengan titik sebelumnya.").format(index=last.index)
    words = (
        tr("{index} naik {change} dari titik sebelumnya.")
        if change > 0
        else tr("{index} turun {change} dari titik sebelumnya.")
    )
    return words.format(index=last.index, change=format_z(abs(change)))


def _title(indicator: Indicator, table: Table, x: Span) -> str:
    if indicator is Indicator.BB_U:
        return tr("KMS: berat badan menurut umur (BB/U)")
    if indicator is Indicator.IMT_U:
        return tr("Indeks massa tubuh menurut umur (IMT/U)")
    if indicator is Indicator.LK_U:
        return tr("Lingkar kepala menurut umur (LK/U)")
    if indicator is Indicator.BB_TB:
        if table == "wfl":
            return tr("Berat badan menurut panjang badan (BB/PB)")
        return tr("Berat badan menurut tinggi badan (BB/TB)")
    if x.high <= 24:
        return tr("Panjang badan menurut umur (PB/U)")
    if x.low >= 24:
        return tr("Tinggi badan menurut umur (TB/U)")
    return tr("Panjang/tinggi badan menurut umur (PB/U, TB/U)")


def _short_title(indicator: Indicator, table: Table, x: Span) -> str:
    if indicator is Indicator.BB_U:
        return tr("KMS (BB/U)")
    if indicator is Indicator.BB_TB and table == "wfl":
        return "BB/PB"
    if indicator is Indicator.TB_U and x.low < 24:
        return "PB/U" if x.high <= 24 else "PB/U, TB/U"
    return indicator.value


def _notes(
    child: Child, indicator: Indicator, items: Sequence[Assessed], drawn: Sequence[ChartPoint], *, waits: bool
) -> tuple[str, ...]:
    notes: list[str] = []
    if waits:
        return (tr("Menunggu konfirmasi bidan: tanggal lahir atau jenis kelamin berbeda antarlaptop"),)
    if child.sex is None:
        notes.append(tr("Jenis kelamin belum diisi: garis pertumbuhan belum dapat digambar."))
    if child.birth_date is None and indicator is not Indicator.BB_TB:
        notes.append(tr("Tanggal lahir belum diisi: titik belum dapat ditempatkan pada umurnya."))
    elif all(point.key == BIRTH for point in drawn):
        notes.append(_invitation(indicator))
    old = sum(1 for item in items if item.growth.too_old)
    if old:
        notes.append(
            tr(
                "{count} pengukuran setelah umur 60 bulan tidak digambar: standar WHO berakhir di sana."
            ).format(count=old)
        )
    return tuple(notes)


def _invitation(indicator: Indicator) -> str:
    return {
        Indicator.BB_U: tr("Belum ada penimbangan. Titik pertama muncul begitu berat badan diisi."),
        Indicator.TB_U: tr("Belum ada panjang atau tinggi badan. Titik pertama muncul begitu diisi."),
        Indicator.BB_TB: tr("Belum ada berat bersama panjang atau tinggi badan pada rentang umur ini."),
        Indicator.IMT_U: tr("Belum ada berat bersama panjang atau tinggi badan."),
        Indicator.LK_U: tr("Belum ada lingkar kepala. Titik pertama muncul begitu diisi."),
    }[indicator]
