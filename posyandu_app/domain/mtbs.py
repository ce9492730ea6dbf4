"""Nutritional status as the midwife classifies it with the child before her (MTBS).

Source: bagan MTBS Kemenkes, status gizi, 2 to under 6 months and 6 to 59 months (facts.md, 4.2);
bands of BB/PB, BB/TB and LiLA are those of PMK 2/2020. Both are national standards and stand
here; days until the revisit and of supplementary food are programme rules.

What was not measured or asked never counts as good: it is named in `missing`, and without BB/TB
no child is "gizi baik". A BB/TB that WHO flags as implausible counts on the thin side, where
waiting is dangerous, and asks for measuring again on both.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from posyandu_app.domain import zscore
from posyandu_app.domain.age import age_in_days, completed_months
from posyandu_app.domain.classify import Index, index_name, lila, weight_for_length
from posyandu_app.domain.danger_signs import DangerSign
from posyandu_app.domain.labels import Labelled, label_of
from posyandu_app.domain.model import Position, Sex
from posyandu_app.domain.numbers import format_length, format_weight
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.domain.visits import Referral
from posyandu_app.domain.zscore import ZScore, format_z
from posyandu_app.i18n import tr

FIRST_MONTH, LAST_MONTH = 2, 59
"""Completed months that this chart is for; younger infants have one of their own (MTBM)."""
OLDER_FROM_MONTHS = 6
LEAST_WEIGHT_G = 4000
"""Lighter than this from six months on is gizi buruk dengan komplikasi, whatever else is found."""
PMT_FROM_MONTHS = 6
"""Supplementary food is for 6 to 59 completed months (Juknis PMT pangan lokal)."""

_WORST_OEDEMA = 3


class MtbsClass(Labelled):
    """The classes of the chart, gravest first; codes are stable."""

    COMPLICATED = "gizi_buruk_komplikasi"
    SEVERE = "gizi_buruk"
    MODERATE = "gizi_kurang"
    OBESE = "obesitas"
    OVERWEIGHT = "gizi_lebih"
    OVERWEIGHT_RISK = "berisiko_gizi_lebih"
    NORMAL = "gizi_baik"

    @property
    def label(self) -> str:
        return {
            MtbsClass.COMPLICATED: tr("Gizi buruk dengan komplikasi"),
            MtbsClass.SEVERE: tr("Gizi buruk tanpa komplikasi"),
            MtbsClass.MODERATE: tr("Gizi kurang"),
            MtbsClass.OBESE: tr("Obesitas"),
            MtbsClass.OVERWEIGHT: tr("Gizi lebih"),
            MtbsClass.OVERWEIGHT_RISK: tr("Berisiko gizi lebih"),
            MtbsClass.NORMAL: tr("Gizi baik"),
        }[self]


class Complication(Labelled):
    """The medical complications that make gizi buruk an emergency."""

    ANOREXIA = "tidak_mau_makan"
    ANAEMIA = "anemia_berat"
    DEHYDRATION = "dehidrasi"
    CONSCIOUSNESS = "penurunan_kesadaran"
    HIGH_FEVER = "demam_tinggi"
    PNEUMONIA = "pneumonia"
    HYPOTHERMIA = "hipotermia"
    HYPOGLYCAEMIA = "hipoglikemia"
    VOMITING = "muntah_terus"

    @property
    def label(self) -> str:
        return {
            Complication.ANOREXIA: tr("Tidak mau makan sama sekali"),
            Complication.ANAEMIA: tr("Anemia berat"),
            Complication.DEHYDRATION: tr("Dehidrasi"),
            Complication.CONSCIOUSNESS: tr("Penurunan kesadaran"),
            Complication.HIGH_FEVER: tr("Demam tinggi"),
            Complication.PNEUMONIA: tr("Pneumonia"),
            Complication.HYPOTHERMIA: tr("Badan dingin (hipotermia)"),
            Complication.HYPOGLYCAEMIA: tr("Gula darah rendah (hipoglikemia)"),
            Complication.VOMITING: tr("Muntah terus-menerus"),
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What the midwife found: grams and millimetres, codes as ticked; None is "not measured" or "not asked".

    `appetite` is the appetite test from six months on, and sucking well before; `not_rising` is
    weight that stays or falls, asked before six months; `feeding_problem` shortens the revisit of
    gizi kurang.
    """

    sex: Sex | None
    birth_date: date | None
    on: date
    weight_g: int | None = None
    length_mm: int | None = None
    position: Position | None = None
    muac_mm: int | None = None
    oedema: int | None = None
    appetite: bool | None = None
    not_rising: bool | None = None
    feeding_problem: bool | None = None
    complications: frozenset[str] = frozenset()
    danger_signs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Classification:
    """The class with what led to it and what to do.

    `code` is None while it cannot be said. `same_day` sends the child away today, `refer` is where
    to (None: nowhere). `revisit_days` is None where the child is referred away or comes to the next
    posyandu. `missing` names what must still be measured or asked for the class to be sure.
    """

    code: MtbsClass | None
    findings: tuple[str, ...]
    missing: tuple[str, ...]
    same_day: bool
    refer: Referral | None
    action: tuple[str, ...]
    revisit_days: int | None

    @property
    def label(self) -> str:
        return self.code.label if self.code is not None else tr("Belum dapat diklasifikasi")


@dataclass(frozen=True, slots=True)
class Pmt:
    """Supplementary food: for how many days, and because of what (a key of the programme rules)."""

    days: int
    why: str


def classify(examination: Examination, rules: ProgramRules) -> Classification:
    """The MTBS class of a child of 2 to 59 completed months, what to do, and the days until the revisit.

    Outside these ages, or without a birth date, there is no class; oedema and danger signs still
    send the child away today.
    """
    birth = examination.birth_date
    months = None if birth is None else completed_months(birth, examination.on)
    if months is None:
        return _without_class(examination, tr("Tanggal lahir belum diisi"))
    if not FIRST_MONTH <= months <= LAST_MONTH:
        return _without_class(examination, _out_of_age(months))
    seen = _look(examination, months)
    code = _younger(seen) if months < OLDER_FROM_MONTHS else _older(seen)
    return Classification(
        code=code,
        findings=seen.findings,
        missing=seen.missing(code),
        same_day=code is MtbsClass.COMPLICATED or bool(examination.danger_signs),
        refer=_refer(code, examination),
        action=_action(code, examination, months),
        revisit_days=_revisit_days(code, examination, rules),
    )


def pmt(
    code: MtbsClass | None, reasons: Collection[str], months: int | None, rules: ProgramRules
) -> Pmt | None:
    """Supplementary food by the gravest cause (Juknis PMT, programme rules); None when this child gets none.

    `reasons` are codes of `risk.Reason`. Gizi buruk gets therapeutic food instead, and a child who
    is too heavy none.
    """
    if months is None or not PMT_FROM_MONTHS <= months <= LAST_MONTH:
        return None
    if code not in (None, MtbsClass.MODERATE, MtbsClass.NORMAL) or "severe_wasting" in reasons:
        return None
    if code is MtbsClass.MODERATE or (code is None and {"wasting", "low_muac"} & set(reasons)):
        return Pmt(rules.pmt_days.gizi_kurang, "gizi_kurang")
    if {"underweight", "bgm"} & set(reasons):
        return Pmt(rules.pmt_days.bb_kurang, "bb_kurang")
    if {"two_t", "first_t"} & set(reasons):
        return Pmt(rules.pmt_days.tidak_naik, "tidak_naik")
    return None


@dataclass(frozen=True, slots=True)
class _Seen:
    """An examination read: BB/PB or BB/TB with its name, and the words for each finding."""

    found: Examination
    months: int
    index: str
    score: ZScore | None

    @property
    def thin(self) -> bool:
        return self.score is not None and weight_for_length(self.score.centi).side <= -3

    @property
    def oedema(self) -> int:
        return self.found.oedema or 0

    @property
    def ill(self) -> bool:
        """A medical complication, a danger sign, or no appetite."""
        return bool(self.found.complications or self.found.danger_signs) or self.found.appetite is False

    @property
    def arm(self) -> int:
        """How thin the arm is: −3 below 11.5 cm, −2 below 12.5 cm, 0 otherwise or when not measured."""
        muac = self.found.muac_mm
        return 0 if not muac or self.months < OLDER_FROM_MONTHS else lila(muac, self.months).side

    @property
    def too_light(self) -> bool:
        weight = self.found.weight_g
        return bool(weight) and (weight or 0) < LEAST_WEIGHT_G and self.months >= OLDER_FROM_MONTHS

    @property
    def findings(self) -> tuple[str, ...]:
        found = self.found
        told = _oedema(found)
        if self.too_light:
            told.append(
                tr("Berat {weight} kg, di bawah 4 kg pada umur {months} bulan").format(
                    weight=format_weight(found.weight_g or 0), months=self.months
                )
            )
        if self.score is not None:
            label = weight_for_length(self.score.centi).label
            told.append(f"{self.index} {format_z(self.score.centi)} ({label})")
        if self.arm:
            told.append(tr("LiLA {arm} cm").format(arm=format_length(found.muac_mm or 0)))
        if found.not_rising and self.months < OLDER_FROM_MONTHS:
            told.append(tr("Berat tidak naik atau turun"))
        if found.appetite is False:
            told.append(
                tr("Terlalu lemah untuk menyusu")
                if self.months < OLDER_FROM_MONTHS
                else tr("Tidak lulus uji nafsu makan")
            )
        told += [label_of(Complication, sign) for sign in _in_order(found.complications, Complication)]
        return (*told, *_danger(found))

    def missing(self, code: MtbsClass | None) -> tuple[str, ...]:
        """What could still make the class graver, or is needed to have one."""
        found = self.found
        if code is MtbsClass.COMPLICATED:
            return ()
        asked = []
        if self.score is None and not self.oedema:
            asked.append(self._why_no_score())
        elif self.score is not None and self.score.flagged:
            asked.append(_measure_again(self.index, self.score))
        older = self.months >= OLDER_FROM_MONTHS
        if found.oedema is None:
            asked.append(tr("Periksa bengkak di kedua kaki"))
        if older and not found.muac_mm:
            asked.append(tr("Ukur LiLA"))
        if not older and found.not_rising is None:
            asked.append(tr("Lihat apakah berat naik"))
        if found.appetite is None and (not older or code is MtbsClass.SEVERE):
            asked.append(tr("Uji nafsu makan") if older else tr("Lihat apakah bayi kuat menyusu"))
        return tuple(asked)

    def _why_no_score(self) -> str:
        if self.found.sex is None:
            return tr("Jenis kelamin belum diisi")
        return tr("Ukur berat dan panjang atau tinggi")


def _oedema(found: Examination) -> list[str]:
    if not found.oedema:
        return []
    return [tr("Bengkak (edema) kedua kaki, derajat +{grade}").format(grade=found.oedema)]


def _danger(found: Examination) -> list[str]:
    return [label_of(DangerSign, sign) for sign in _in_order(found.danger_signs, DangerSign)]


def _in_order(codes: Collection[str], kind: type[StrEnum]) -> list[str]:
    order = {str(code): place for place, code in enumerate(kind)}
    return sorted(codes, key=lambda code: (order.get(code, len(order)), code))


def _look(found: Examination, months: int) -> _Seen:
    assert found.birth_date is not None, "the age is known"
    days = age_in_days(found.birth_date, found.on)
    growth = zscore.assess(
        found.sex,
        days,
        weight_g=found.weight_g,
        length_mm=found.length_mm,
        position=found.position,
        oedema=found.oedema,
    )
    return _Seen(found, months, index_name(Index.BB_TB, days), growth.weight_for_length)


def _younger(seen: _Seen) -> MtbsClass | None:
    """2 to under 6 months: any one sign makes it gizi buruk dengan komplikasi."""
    weak_or_losing = seen.found.appetite is False or bool(seen.found.not_rising)
    if seen.thin or seen.oedema or weak_or_losing or seen.found.complications:
        return MtbsClass.COMPLICATED
    return _by_band(seen)


def _older(seen: _Seen) -> MtbsClass | None:
    """6 to 59 months, in the order of the chart."""
    if seen.oedema >= _WORST_OEDEMA or seen.too_light:
        return MtbsClass.COMPLICATED
    if seen.thin or seen.arm <= -3 or seen.oedema:
        return MtbsClass.COMPLICATED if seen.ill else MtbsClass.SEVERE
    if seen.arm == -2:
        return MtbsClass.MODERATE
    return _by_band(seen)


_BANDS = {
    -2: MtbsClass.MODERATE,
    0: MtbsClass.NORMAL,
    1: MtbsClass.OVERWEIGHT_RISK,
    2: MtbsClass.OVERWEIGHT,
    3: MtbsClass.OBESE,
}


def _by_band(seen: _Seen) -> MtbsClass | None:
    if seen.score is None or seen.score.flagged:
        return None
    return _BANDS[weight_for_length(seen.score.centi).side]


def _measure_again(index: str, score: ZScore) -> str:
    return tr("Ukur ulang: {index} {z} tidak masuk akal").format(index=index, z=format_z(score.centi))


def _out_of_age(months: int) -> str:
    if months < FIRST_MONTH:
        return tr("Umur di bawah 2 bulan: pakai bagan MTBM")
    return tr("Bagan ini untuk umur sampai 59 bulan")


def _without_class(found: Examination, why: str) -> Classification:
    urgent = bool(found.oedema or found.danger_signs)
    return Classification(
        code=None,
        findings=(*_oedema(found), *_danger(found)),
        missing=(why,),
        same_day=urgent,
        refer=Referral.HOSPITAL if urgent else None,
        action=(_refer_today(),) if urgent else (),
        revisit_days=None,
    )


def _refer(code: MtbsClass | None, found: Examination) -> Referral | None:
    if code in (MtbsClass.COMPLICATED, MtbsClass.OBESE) or found.danger_signs:
        return Referral.HOSPITAL
    if code in (MtbsClass.SEVERE, MtbsClass.MODERATE):
        return Referral.PUSKESMAS
    return None


def _refer_today() -> str:
    return tr("Rujuk hari ini juga ke fasilitas yang dapat merawat inap.")


def _action(code: MtbsClass | None, found: Examination, months: int) -> tuple[str, ...]:
    """What the chart asks for, sentence by sentence."""
    steps = []
    if code is MtbsClass.COMPLICATED or found.danger_signs:
        steps.append(_refer_today())
    if code is MtbsClass.COMPLICATED:
        steps += before_referral(months)
    elif code is MtbsClass.SEVERE:
        steps.append(tr("Rawat jalan gizi buruk di puskesmas."))
        steps.append(tr("Rujuk ke dokter puskesmas untuk mencari TBC, HIV, dan penyakit lain."))
    elif code is MtbsClass.MODERATE:
        steps.append(tr("Nilai cara pemberian makan dan beri konseling."))
        steps.append(tr("Rujuk ke dokter puskesmas untuk mencari penyakit penyerta."))
    elif code in (MtbsClass.OVERWEIGHT, MtbsClass.OVERWEIGHT_RISK):
        steps.append(tr("Beri konseling makan dan gerak. Rujuk bila tidak membaik saat kontrol."))
    elif code is MtbsClass.OBESE:
        steps.append(tr("Rujuk ke rumah sakit."))
    elif code is MtbsClass.NORMAL and not steps:
        steps.append(tr("Timbang setiap bulan."))
    return tuple(steps)


def before_referral(months: int) -> tuple[str, ...]:
    """What gizi buruk dengan komplikasi gets before the child leaves; completed months of age."""
    return (
        tr("Sebelum berangkat: cegah gula darah turun dan jaga anak tetap hangat."),
        tr("Beri vitamin A {dose} IU.").format(dose=_vitamin_a(months)),
    )


def _vitamin_a(months: int) -> str:
    """The dose before referral (MTBS): 50,000 IU under 6 months, 100,000 under 12, then 200,000."""
    if months < OLDER_FROM_MONTHS:
        return "50.000"
    return "100.000" if months < 12 else "200.000"


def _revisit_days(code: MtbsClass | None, found: Examination, rules: ProgramRules) -> int | None:
    days = rules.revisit_days
    if code is MtbsClass.SEVERE:
        return days.gizi_buruk
    if code is MtbsClass.MODERATE:
        return days.gizi_kurang_makan if found.feeding_problem else days.gizi_kurang
    if code in (MtbsClass.OVERWEIGHT, MtbsClass.OVERWEIGHT_RISK):
        return days.gizi_lebih
    return None
