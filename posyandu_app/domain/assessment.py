"""One child's measurements read by the field's rules: ages, z-scores, categories and letters.

Everything here is computed from raw values when asked for, never stored.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from posyandu_app.domain import kms, plausibility, risk, zscore
from posyandu_app.domain.age import age_in_days, completed_months
from posyandu_app.domain.classify import Category, Index, categories
from posyandu_app.domain.kms import Letter, MonthRecord
from posyandu_app.domain.model import Child, Measurement, Position, Sex
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.domain.zscore import Growth
from posyandu_app.i18n import tr

_DRAFT_ID = ""
_AFTER_ALL_SAVED = "~"
"""Sorts after every stamp: what is being typed counts as the latest of its day."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the weighing form: raw values, not saved yet; None is "not measured"."""

    date: date
    weight_g: int | None = None
    length_mm: int | None = None
    position: Position | None = None
    head_mm: int | None = None
    muac_mm: int | None = None
    oedema: int = 0


@dataclass(frozen=True, slots=True)
class Assessed:
    """One measurement with all that follows from it.

    `record` is the month's letter, on the weighing that counts for the month only.
    `double` marks two measurements on one day: the midwife decides which one stands.
    Ages are None without a birth date and negative before birth.
    """

    measurement: Measurement
    age_days: int | None
    age_months: int | None
    growth: Growth
    categories: dict[Index, Category]
    record: MonthRecord | None
    double: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What the screen says about a half-typed weighing: the fact, what to do, what to ask back."""

    assessed: Assessed
    risk: risk.Risk
    questions: tuple[plausibility.Question, ...]
    headline: str
    advice: str


def assess_history(
    child: Child, measurements: Iterable[Measurement], rules: ProgramRules
) -> tuple[Assessed, ...]:
    """Every measurement that stands, oldest first, each with its assessment; voided ones are left out.

    While birth date or sex is in dispute, nothing is judged by it.
    """
    child = child.agreed
    standing = sorted(
        (item for item in measurements if not item.voided), key=lambda item: (item.date, item.hlc, item.id)
    )
    letters = {
        record.measurement_id: record for record in kms.records(child.sex, child.birth_date, standing, rules)
    }
    on_day = Counter(item.date for item in standing)
    return tuple(_assessed(child, item, letters.get(item.id), on_day[item.date] > 1) for item in standing)


def under_other_rules(
    child: Child, history: tuple[Assessed, ...], before: ProgramRules, rules: ProgramRules
) -> tuple[Assessed, ...]:
    """A history of `assess_history` as it is under other rules: the letters are theirs, the rest stays."""
    if kms.same_letters(before, rules):
        return history
    child = child.agreed
    found = kms.records(child.sex, child.birth_date, [item.measurement for item in history], rules)
    letters = {record.measurement_id: record for record in found}
    return tuple(
        item if (record := letters.get(item.measurement.id)) == item.record else replace(item, record=record)
        for item in history
    )


def _assessed(child: Child, item: Measurement, record: MonthRecord | None, double: bool) -> Assessed:
    birth = child.birth_date
    days = None if birth is None else age_in_days(birth, item.date)
    months = None if birth is None else completed_months(birth, item.date)
    growth = _growth(
        child.sex, days, item.weight_g, item.length_mm, item.position, item.head_mm, item.oedema or 0
    )
    return Assessed(
        measurement=item,
        age_days=days,
        age_months=months,
        growth=growth,
        categories=categories(growth, item.muac_mm, months),
        record=record,
        double=double,
    )


@lru_cache(maxsize=8192)
def _growth(
    sex: Sex | None,
    age_days: int | None,
    weight_g: int | None,
    length_mm: int | None,
    position: Position | None,
    head_mm: int | None,
    oedema: int,
) -> Growth:
    return zscore.assess(
        sex,
        age_days,
        weight_g=weight_g,
        length_mm=length_mm,
        position=position,
        head_mm=head_mm,
        oedema=oedema,
    )


def preview(
    child: Child,
    measurements: Iterable[Measurement],
    draft: Draft,
    rules: ProgramRules,
    findings: "risk.Findings | None" = None,
) -> Preview:
    """The assessment of what is typed, as if it were saved now; nothing is saved, nothing outside is read."""
    earlier = tuple(measurements)
    typed = _as_measurement(child, draft)
    history = assess_history(child, (*earlier, typed), rules)
    assessed = next(item for item in history if item.measurement is typed)
    status = risk.assess(child, history, draft.date, rules, findings or risk.Findings())
    questions = plausibility.questions(child.agreed, earlier, draft, rules)
    return Preview(
        assessed=assessed,
        risk=status,
        questions=questions,
        headline=_headline(child, assessed),
        advice=_advice(assessed, status, questions, rules),
    )


def _as_measurement(child: Child, draft: Draft) -> Measurement:
    return Measurement(
        id=_DRAFT_ID,
        child=child.id,
        date=draft.date,
        weight_g=draft.weight_g,
        length_mm=draft.length_mm,
        position=draft.position,
        head_mm=draft.head_mm,
        muac_mm=draft.muac_mm,
        oedema=draft.oedema,
        hlc=_AFTER_ALL_SAVED,
    )


def _headline(child: Child, assessed: Assessed) -> str:
    if child.awaits_confirmation and assessed.record is None:
        return tr("Menunggu konfirmasi bidan: tanggal lahir atau jenis kelamin berbeda antarlaptop")
    if assessed.age_days is not None and assessed.age_days < 0:
        return tr("Tanggal penimbangan sebelum anak lahir")
    if assessed.record is not None:
        return kms.sentence(assessed.record)
    if assessed.growth.too_old:
        return tr(
            "Umur 5 tahun ke atas: ukuran disimpan, z-score tidak dihitung (standar WHO sampai 5 tahun)"
        )
    if assessed.measurement.weight_g is None:
        return tr("Berat belum diisi")
    if assessed.age_days is None or assessed.growth.weight_for_age is None:
        return tr("Jenis kelamin atau tanggal lahir belum diisi, jadi belum bisa dinilai")
    return tr("Bulan ini sudah ada penimbangan yang lebih baru; itu yang dihitung")


def _advice(
    assessed: Assessed, status: risk.Risk, questions: tuple[plausibility.Question, ...], rules: ProgramRules
) -> str:
    """What to do next, in full sentences; "" when the headline says all."""
    record = assessed.record
    falling = record is not None and record.letter is Letter.T and (record.gain_g or 0) < 0
    steps = []
    if falling:
        steps.append(tr("Timbang ulang, lalu tanyakan apakah anak sakit."))
    elif questions:
        steps.append(tr("Periksa angkanya dulu."))
    steps += _next_steps(assessed, status, falling)
    days = _revisit_days(status, rules)
    if days is not None:
        steps.append(tr("Kontrol lagi dalam {days} hari.").format(days=days))
    return " ".join(steps)


def _next_steps(assessed: Assessed, status: risk.Risk, falling: bool) -> list[str]:
    codes = {reason.code for reason in status.reasons}
    if status.tone is risk.Tone.RUJUK_SEGERA:
        return [tr("Rujuk hari ini juga ke puskesmas dan hubungi bidan sekarang.")]
    if status.tone is risk.Tone.RUJUK:
        return [tr("Minta bidan memeriksa anak ini dan rujuk ke puskesmas.")]
    if status.tone is risk.Tone.WASPADA:
        if codes & {"implausible", "standing_too_young"}:
            return [tr("Ukur ulang sebelum percaya angka ini.")]
        if "first_t" in codes and not falling:
            return [tr("Tanyakan makan dan sakitnya, lalu beri penyuluhan. Bidan ikut melihat.")]
        return [tr("Beri penyuluhan. Bidan ikut melihat.")]
    if status.tone is risk.Tone.BAIK:
        return [tr("Teruskan. Timbang lagi bulan depan.")]
    if "not_measured_again" in codes:
        return [tr("Ukur juga yang belum diukur bulan ini.")]
    return [tr("Timbang anak ini.")] if assessed.measurement.weight_g is None else []


def _revisit_days(status: risk.Risk, rules: ProgramRules) -> int | None:
    """Days until the next check (MTBS); None when that is the next posyandu."""
    days = {
        "severe_wasting": rules.revisit_days.gizi_buruk,
        "severe_muac": rules.revisit_days.gizi_buruk,
        "wasting": rules.revisit_days.gizi_kurang,
        "low_muac": rules.revisit_days.gizi_kurang,
        "overweight": rules.revisit_days.gizi_lebih,
    }
    return min((days[reason.code] for reason in status.reasons if reason.code in days), default=None)
