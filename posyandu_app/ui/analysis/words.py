"""Figures of the analysis in words: the same everywhere, honest about chance and about what is covered."""

import re

from posyandu_app.domain.age import MONTH_NAMES, Month
from posyandu_app.domain.numbers import format_count
from posyandu_app.i18n import tr, written
from posyandu_app.reports.causes import Cause
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import Indicator
from posyandu_app.reports.statistics import Share, apart

NOTHING = "—"


def short(code: str) -> str:
    """A figure's name without its definition."""
    return {
        Indicator.STUNTING.value: tr("Stunting"),
        Indicator.WASTING.value: tr("Wasting"),
        Indicator.UNDERWEIGHT.value: tr("Berat kurang"),
        Indicator.OVERWEIGHT.value: tr("Gizi lebih"),
        "d_s": tr("D/S"),
        "n_d": tr("N/D"),
        "n_nt": tr("N/D tanpa O, B"),
        "k_s": tr("K/S"),
    }.get(code) or Cause(code).label


def definition(code: str) -> str:
    """What a figure counts, in few words."""
    return {
        Indicator.STUNTING.value: tr("TB/U di bawah −2 SD"),
        Indicator.WASTING.value: tr("BB/TB di bawah −2 SD"),
        Indicator.UNDERWEIGHT.value: tr("BB/U di bawah −2 SD"),
        Indicator.OVERWEIGHT.value: tr("BB/TB di atas +2 SD"),
        "d_s": tr("ditimbang dari sasaran"),
        "n_d": tr("naik dari ditimbang"),
        "n_nt": tr("naik dari N dan T"),
        "k_s": tr("punya KIA/KMS"),
    }.get(code, "")


def number(value: int | None) -> str:
    """ "6.214"; covered ones are not told."""
    return tr("ditutup") if value is None else format_count(value)


def percent(value: float | None) -> str:
    """ "14,2 %", rounded half up."""
    if value is None:
        return NOTHING
    tenths = int(value * 10 + 0.5)
    return f"{_tenths(tenths)} %"


def _tenths(tenths: int) -> str:
    return written(f"{tenths // 10}.{tenths % 10}")


def figure(one: Share) -> str:
    """The per cent of a share; a covered one says so."""
    return tr("ditutup") if one.hidden else percent(one.percent)


def interval(one: Share) -> str:
    """ "13,5–14,9", the 95 % interval; "" without one."""
    if one.low is None or one.high is None or one.percent is None or one.low == one.high:
        return ""  # at 0 and 100 % the method gives an interval without width, which would mislead
    return f"{percent(one.low)[:-2]}–{percent(one.high)[:-2]}"


def counts(one: Share) -> str:
    """ "312 dari 2.198 anak"."""
    if one.hidden:
        return tr("angka kecil ditutup")
    if not one.of:
        return tr("belum diukur")
    return tr("{count} dari {of} anak").format(count=number(one.count), of=number(one.of))


def points(change: float) -> str:
    """The size of a change in percentage points: "0,6"."""
    tenths = int(abs(change) * 10 + 0.5)
    return _tenths(tenths)


def change(now: Share, before: Share, when: Period) -> str:
    """ "turun 0,6 poin sejak Agustus 2026", and whether chance may explain it; "" without both figures."""
    if now.percent is None or before.percent is None:
        return ""
    moved = now.percent - before.percent
    size = points(moved)
    if size == _tenths(0):
        return tr("sama dengan {when}").format(when=when.label)
    if not apart(now, before):
        sentence = (
            tr("naik {size} poin sejak {when}, mungkin kebetulan")
            if moved > 0
            else tr("turun {size} poin sejak {when}, mungkin kebetulan")
        )
        return sentence.format(size=size, when=when.label)
    sentence = tr("naik {size} poin sejak {when}") if moved > 0 else tr("turun {size} poin sejak {when}")
    return sentence.format(size=size, when=when.label)


def short_change(now: Share, before: Share) -> tuple[int, str]:
    """The direction and size of a change for a small place: (−1, "0,6 turun")."""
    if now.percent is None or before.percent is None:
        return 0, ""
    moved = now.percent - before.percent
    size = points(moved)
    if size == _tenths(0):
        return 0, tr("tetap")
    if moved > 0:
        return 1, tr("naik {size}").format(size=size)
    return -1, tr("turun {size}").format(size=size)


def month_short(month: Month) -> str:
    """ "Nov"."""
    return tr(MONTH_NAMES[month.month - 1])[:3]


def period_short(period: Period) -> str:
    """ "Agu 2026", "2025"."""
    if period.months > 1:
        return period.label
    return f"{month_short(period.first)} {period.first.year}"


def file_name(title: str) -> str:
    """A name that every system takes, from a title."""
    plain = "".join(sign if sign.isalnum() else "-" for sign in title.lower())
    return "-".join(part for part in plain.split("-") if part)[:100]


def centi(value: int | None) -> str:
    """A z-score: "−2,31"."""
    if value is None:
        return NOTHING
    sign = "−" if value < 0 else "+" if value > 0 else ""
    return sign + written(f"{abs(value) // 100}.{abs(value) % 100:02d}")


def sentences(text: str) -> list[str]:
    """A note as its sentences, so that the last may give way as a whole."""
    return re.split(r"(?<=\.) (?=\D)", text)
