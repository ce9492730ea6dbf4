"""One tone per child, worst wins, always with its reasons.

Rules: decisions.md, "Risk", after the ILP card, Buku KIA, MTBS and PMK 2/2020; every limit
comes from the programme rules. Two things are read out of that text:

*Not measured.* A figure speaks for the month it was taken in. What was found earlier and
not measured again since keeps its reasons and its date as the *older* status; it neither
colours this month nor lets it turn BAIK. So BAIK needs a weighing with a BB/U this month,
no reason, and nothing older that still waits.

*Implausible.* A z-score that WHO flags says nothing by itself and asks to measure again.
Where the person was asked about the figure and said that it is right, it is judged like any
other, and still waits to be measured again: a child wasted beyond WHO's limits must be seen
the same day.

*Absent.* A month counts as missed when it is over, or when `session_over` says that the
posyandu of this month has been held. "Not seen" and "missed after a T" are reasons of
today, so they make an unmeasured child WASPADA.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from posyandu_app.domain.age import Month, completed_months, months_before
from posyandu_app.domain.classify import Index, index_name
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.kms import Letter, MonthRecord
from posyandu_app.domain.model import Child, ChildState
from posyandu_app.domain.numbers import format_count, format_length, format_weight
from posyandu_app.domain.rules import LAST_MONTH, ProgramRules
from posyandu_app.domain.zscore import Growth, ZScore, format_z
from posyandu_app.i18n import tr

if TYPE_CHECKING:
    from posyandu_app.domain.assessment import Assessed


class Tone(StrEnum):
    """How a child does, in one word; codes are stable, labels are what people read."""

    RUJUK_SEGERA = "rujuk_segera"
    RUJUK = "rujuk"
    WASPADA = "waspada"
    BAIK = "baik"
    BELUM_DIUKUR = "belum_diukur"

    @property
    def label(self) -> str:
        return {
            Tone.RUJUK_SEGERA: tr("RUJUK SEGERA"),
            Tone.RUJUK: tr("RUJUK"),
            Tone.WASPADA: tr("WASPADA"),
            Tone.BAIK: tr("BAIK"),
            Tone.BELUM_DIUKUR: tr("BELUM DIUKUR"),
        }[self]

    @property
    def severity(self) -> int:
        """4 for RUJUK SEGERA down to 0 for BAIK; not measured (1) is worse than good."""
        return _SEVERITY[self]


_SEVERITY = {Tone.RUJUK_SEGERA: 4, Tone.RUJUK: 3, Tone.WASPADA: 2, Tone.BELUM_DIUKUR: 1, Tone.BAIK: 0}


@dataclass(frozen=True, slots=True)
class Reason:
    """One plain sentence with its figure; `code` is stable, `tone` is what it makes of the child."""

    code: str
    tone: Tone
    text: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What was seen or is due besides the measurements.

    `danger_signs` and `immunisation_overdue` hold what people call each; `tb_symptoms` is the
    number ticked; `development_complete` is None when the checklist was not done.
    """

    danger_signs: tuple[str, ...] = ()
    tb_symptoms: int = 0
    development_complete: bool | None = None
    vitamin_a_overdue: bool = False
    immunisation_overdue: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Risk:
    """The tone of a child on one day and why, worst reason first.

    `measured_on` is the last visit. `previous` is the older status that no measurement of
    this month has replaced, `previous_on` its date and `older_reasons` its sentences.
    """

    tone: Tone
    reasons: tuple[Reason, ...]
    measured_on: date | None
    previous: Tone | None
    previous_on: date | None
    older_reasons: tuple[Reason, ...] = ()

    @property
    def listed(self) -> bool:
        """Whether the midwife should see this child: WASPADA or worse, now or still from before."""
        return max(self._severities) >= Tone.WASPADA.severity

    @property
    def worst_first(self) -> tuple[int, int, int]:
        """Sort key of the midwife's list: tone, then the older status, then the number of reasons."""
        now, before = self._severities
        return (-now, -before, -len(self.reasons))

    @property
    def _severities(self) -> tuple[int, int]:
        return self.tone.severity, 0 if self.previous is None else self.previous.severity


class _Found(NamedTuple):
    """A reason and the day its figure was taken."""

    reason: Reason
    on: date


def assess(
    child: Child,
    history: Sequence["Assessed"],
    on: date,
    rules: ProgramRules,
    findings: Findings | None = None,
    *,
    session_over: bool = False,
    registered_on: date | None = None,
) -> Risk:
    """The risk of a child as of a day, from her history (oldest first) and what else was found.

    Measurements after `on` are not looked at. `session_over` says that this month's posyandu
    has been held; `registered_on` lets a child who never came count as not seen.
    """
    known = [item for item in history if item.measurement.date <= on]
    month = Month.of(on)
    latest = _latest(known)
    found = _from_measurements(known, latest, rules)
    waiting = _implausible(known, latest)
    now = [item.reason for item in found if Month.of(item.on) == month]
    older = [item for item in found if Month.of(item.on) != month]
    now += waiting + _from_findings(findings or Findings(), rules)
    now += _absent(child, known, on, rules, month if session_over else month.previous(), registered_on)
    now.sort(key=lambda reason: -reason.tone.severity)
    weighed = _last(known, lambda item: item.growth.weight_for_age is not None)
    weighed_now = weighed is not None and Month.of(weighed.measurement.date) == month
    tone = now[0].tone if now else Tone.BAIK
    if not now and not weighed_now:
        tone = Tone.BELUM_DIUKUR
        now = [Reason("not_measured", tone, _why_not_measured(child, known, month))]
    elif not now and older:
        tone = Tone.BELUM_DIUKUR
        text = tr("Belum diukur ulang: {reason}").format(reason=_dated(_by_severity(older)[0]).text)
        now = [Reason("not_measured_again", tone, text)]
    previous = _previous(older, None if weighed_now else weighed)
    return Risk(
        tone=tone,
        reasons=tuple(now),
        measured_on=known[-1].measurement.date if known else None,
        previous=None if previous is None else previous[0],
        previous_on=None if previous is None else previous[1],
        older_reasons=tuple(_dated(item) for item in _by_severity(older)),
    )


def _previous(older: list[_Found], weighed: "Assessed | None") -> tuple[Tone, date] | None:
    if older:
        worst = _by_severity(older)[0]
        return worst.reason.tone, worst.on
    if weighed is not None and weighed.growth.weight_for_age and not weighed.growth.weight_for_age.flagged:
        return Tone.BAIK, weighed.measurement.date
    return None


def _by_severity(found: list[_Found]) -> list[_Found]:
    return sorted(found, key=lambda item: (-item.reason.tone.severity, -item.on.toordinal()))


def _dated(item: _Found) -> Reason:
    return Reason(item.reason.code, item.reason.tone, f"{item.reason.text} ({format_date(item.on)})")


def _why_not_measured(child: Child, known: Sequence["Assessed"], month: Month) -> str:
    if child.awaits_confirmation:
        return tr("Menunggu konfirmasi bidan: tanggal lahir atau jenis kelamin berbeda antarlaptop")
    last = known[-1] if known else None
    if last is not None and Month.of(last.measurement.date) == month:
        if last.growth.too_old:
            return tr("Umur 5 tahun ke atas: z-score tidak dihitung")
        if child.sex is None or child.birth_date is None:
            return tr("Jenis kelamin atau tanggal lahir belum diisi, jadi belum bisa dinilai")
    if last is None:
        return tr("Belum pernah ditimbang")
    return tr("Belum ditimbang bulan ini ({month})").format(month=month.label)


def _last(known: Sequence["Assessed"], has: Callable[["Assessed"], bool]) -> "Assessed | None":
    return next((item for item in reversed(known) if has(item)), None)


@dataclass(frozen=True, slots=True)
class _Scored:
    """How one index is read: which values it needs and where its z-score stands."""

    index: Index
    needs: tuple[str, ...]
    score: Callable[[Growth], ZScore | None]


_QUESTIONED = frozenset({"flag", "comma", "range", "fall", "rise"})
"""What a person was asked about a figure before it was believed (domain/plausibility)."""


def _believed(item: "Assessed", scored: _Scored) -> bool:
    """Whether somebody was asked about a figure of this index, and kept it."""
    asked = {*scored.needs, *(["weight_for_length"] if len(scored.needs) > 1 else [])}
    confirmed = (code.split(".") for code in item.measurement.confirmed)
    return any(parts[0] in asked and parts[-1] in _QUESTIONED for parts in confirmed)


_INDICES = (
    _Scored(Index.BB_U, ("weight_g",), lambda growth: growth.weight_for_age),
    _Scored(Index.TB_U, ("length_mm",), lambda growth: growth.length_for_age),
    _Scored(Index.BB_TB, ("weight_g", "length_mm"), lambda growth: growth.weight_for_length),
    _Scored(Index.IMT_U, ("weight_g", "length_mm"), lambda growth: growth.bmi_for_age),
    _Scored(Index.LK_U, ("head_mm",), lambda growth: growth.head_for_age),
)


def _latest(known: Sequence["Assessed"]) -> list[tuple[_Scored, "Assessed"]]:
    """For each index the latest visit at which everything that it needs was measured, where there is one."""
    weighed = _last(known, lambda item: item.measurement.weight_g is not None)
    long = _last(known, lambda item: item.measurement.length_mm is not None)
    both = weighed
    if weighed is not long:
        both = _last(
            known,
            lambda item: item.measurement.weight_g is not None and item.measurement.length_mm is not None,
        )
    head = _last(known, lambda item: item.measurement.head_mm is not None)
    visits = {
        ("weight_g",): weighed,
        ("length_mm",): long,
        ("weight_g", "length_mm"): both,
        ("head_mm",): head,
    }
    return [(scored, item) for scored in _INDICES if (item := visits[scored.needs]) is not None]


def stood(
    history: Sequence["Assessed"], on: date, rules: ProgramRules, codes: AbstractSet[str]
) -> AbstractSet[str]:
    """Which of these reasons from measurements stood on a day, then or still from before.

    The same as the codes in what `assess` gives for that day, without the words and the rest.
    """
    known = [item for item in history if item.measurement.date <= on]
    latest = _latest(known)
    found = {item.reason.code for item in _from_measurements(known, latest, rules, drops="z_drop" in codes)}
    if codes & _WAITING:
        found |= {reason.code for reason in _implausible(known, latest)}
    return codes & found


_WAITING = frozenset({"implausible", "standing_too_young"})


def _from_measurements(
    known: Sequence["Assessed"],
    latest: Sequence[tuple[_Scored, "Assessed"]],
    rules: ProgramRules,
    *,
    drops: bool = True,
) -> list[_Found]:
    """What the latest value of each measure says, whenever it was taken."""
    found: list[_Found] = []
    for scored, item in latest:
        score = scored.score(item.growth)
        if score is None or (score.flagged and not _believed(item, scored)):
            continue
        name = index_name(scored.index, item.age_days)
        reason = _JUDGED[scored.index](score.centi, name, item, rules)
        if reason is not None:
            found.append(_Found(reason, item.measurement.date))
    for judge in (_oedema, _arm, _weight, _letter):
        judged = judge(known, rules)
        if judged is not None:
            found.append(judged)
    return found + _drops(known, latest, rules) if drops else found


def _weight_for_age(centi: int, name: str, item: "Assessed", rules: ProgramRules) -> Reason | None:
    z = format_z(centi)
    if centi < rules.red_line:
        text = tr("Berat di bawah garis merah (BGM): {index} {z}")
        return Reason("bgm", Tone.RUJUK, text.format(index=name, z=z))
    if centi < rules.refer.wfa_below:
        return Reason(
            "underweight", Tone.RUJUK, tr("Berat badan kurang: {index} {z}").format(index=name, z=z)
        )
    if centi > rules.orange_line:
        text = tr("Berat di atas garis oranye: {index} {z}")
        return Reason("above_orange", Tone.WASPADA, text.format(index=name, z=z))
    return None


def _length_for_age(centi: int, name: str, item: "Assessed", rules: ProgramRules) -> Reason | None:
    if centi >= rules.refer.lfa_below:
        return None
    lying, severe = name.startswith("PB"), item.categories[Index.TB_U].side <= -3
    if severe:
        text = (
            tr("Panjang badan sangat pendek: {index} {z}")
            if lying
            else tr("Tinggi badan sangat pendek: {index} {z}")
        )
    else:
        text = tr("Panjang badan pendek: {index} {z}") if lying else tr("Tinggi badan pendek: {index} {z}")
    return Reason("stunting", Tone.RUJUK, text.format(index=name, z=format_z(centi)))


def _weight_for_length(centi: int, name: str, item: "Assessed", rules: ProgramRules) -> Reason | None:
    text = f"{item.categories[Index.BB_TB].label}: {name} {format_z(centi)}"
    if centi < rules.same_day.wfl_below:
        return Reason("severe_wasting", Tone.RUJUK_SEGERA, text)
    if centi < rules.refer.wfl_below:
        return Reason("wasting", Tone.RUJUK, text)
    if centi > rules.refer.wfl_above:
        return Reason("overweight", Tone.RUJUK, text)
    if centi > rules.watch.wfl_above:
        return Reason("overweight_risk", Tone.WASPADA, text)
    return None


def _no_limit(centi: int, name: str, item: "Assessed", rules: ProgramRules) -> Reason | None:
    """IMT/U has no limit of its own in the decisions; only its drop is watched."""
    return None


def _head_for_age(centi: int, name: str, item: "Assessed", rules: ProgramRules) -> Reason | None:
    z = format_z(centi)
    if centi < rules.refer.head_below:
        text = tr("Lingkar kepala di bawah normal (mikrosefali): {index} {z}")
        return Reason("small_head", Tone.RUJUK, text.format(index=name, z=z))
    if centi > rules.refer.head_above:
        text = tr("Lingkar kepala di atas normal (makrosefali): {index} {z}")
        return Reason("large_head", Tone.RUJUK, text.format(index=name, z=z))
    return None


_JUDGED: dict[Index, Callable[[int, str, "Assessed", ProgramRules], Reason | None]] = {
    Index.BB_U: _weight_for_age,
    Index.TB_U: _length_for_age,
    Index.BB_TB: _weight_for_length,
    Index.IMT_U: _no_limit,
    Index.LK_U: _head_for_age,
}


def _oedema(known: Sequence["Assessed"], rules: ProgramRules) -> _Found | None:
    item = _last(known, lambda item: item.measurement.oedema is not None)
    if item is None or not item.measurement.oedema:
        return None
    text = tr("Bengkak (edema) kedua kaki, derajat +{grade}").format(grade=item.measurement.oedema)
    return _Found(Reason("oedema", Tone.RUJUK_SEGERA, text), item.measurement.date)


def _arm(known: Sequence["Assessed"], rules: ProgramRules) -> _Found | None:
    item = _last(known, lambda item: item.measurement.muac_mm is not None)
    if item is None or item.age_months is None or item.growth.too_old:
        return None
    arm, age, text = item.measurement.muac_mm or 0, item.age_months, tr("LiLA {arm} cm, di bawah {limit} cm")
    limits = (
        (rules.same_day.muac_below_mm, rules.same_day.muac_from_age_months, "severe_muac", Tone.RUJUK_SEGERA),
        (rules.refer.muac_below_mm, rules.refer.muac_from_age_months, "low_muac", Tone.RUJUK),
    )
    for limit, from_age, code, tone in limits:
        if arm < limit and age >= from_age:
            sentence = text.format(arm=format_length(arm), limit=format_length(limit))
            return _Found(Reason(code, tone, sentence), item.measurement.date)
    return None


def _weight(known: Sequence["Assessed"], rules: ProgramRules) -> _Found | None:
    item = _last(known, lambda item: item.measurement.weight_g is not None)
    if item is None or item.age_months is None:
        return None
    weight, limit, age = item.measurement.weight_g or 0, rules.same_day.weight_below_g, item.age_months
    if weight >= limit or age < rules.same_day.weight_from_age_months:
        return None
    text = tr("Berat {weight} kg, di bawah {limit} kg pada umur {age} bulan").format(
        weight=format_weight(weight), limit=format_weight(limit), age=age
    )
    return _Found(Reason("weight_very_low", Tone.RUJUK_SEGERA, text), item.measurement.date)


def _letter(known: Sequence["Assessed"], rules: ProgramRules) -> _Found | None:
    record = _last_record(known)
    if record is None or record.letter is not Letter.T:
        return None
    if record.two_t:
        text = tr("Berat tidak naik 2 bulan (2T)")
        return _Found(Reason("two_t", Tone.RUJUK, text), record.date)
    tone = Tone.RUJUK if rules.refer_after_t == 1 else Tone.WASPADA
    return _Found(Reason("first_t", tone, _not_rising(record)), record.date)


def _not_rising(record: MonthRecord) -> str:
    gain = record.gain_g or 0
    if gain > 0:
        text = tr("Berat naik kurang (T): {gain} g, minimal {minimum} g")
    elif gain == 0:
        text = tr("Berat tidak naik (T): tetap, minimal naik {minimum} g")
    else:
        text = tr("Berat tidak naik (T): turun {loss} g")
    minimum = format_count(record.kbm_g or 0)
    return text.format(gain=format_count(gain), loss=format_count(-gain), minimum=minimum)


def _last_record(known: Sequence["Assessed"]) -> MonthRecord | None:
    item = _last(known, lambda item: item.record is not None)
    return None if item is None else item.record


def _drops(
    known: Sequence["Assessed"], latest: Sequence[tuple[_Scored, "Assessed"]], rules: ProgramRules
) -> list[_Found]:
    """Indices that fell since about three months before their latest value; one reason per day measured."""
    fallen: dict[date, list[str]] = {}
    for scored, item in latest:
        on = item.measurement.date
        first = months_before(on, rules.watch.z_drop_farthest_months)
        recent = known[bisect_left(known, first, key=lambda one: one.measurement.date) :]
        plain = [one for one in recent if (score := scored.score(one.growth)) and not score.flagged]
        if not plain or plain[-1] is not item:
            continue
        earlier = about_three_months_earlier(plain, rules)
        now, then = _centi(item, scored), None if earlier is None else _centi(earlier, scored)
        if then is not None and then - now >= rules.watch.z_drop:
            fallen.setdefault(on, []).append(
                tr("{index} dari {before} ke {after}").format(
                    index=index_name(scored.index, item.age_days),
                    before=format_z(then),
                    after=format_z(now),
                )
            )
    return [
        _Found(
            Reason(
                "z_drop",
                Tone.WASPADA,
                tr("Turun dalam sekitar {months} bulan: {list}").format(
                    months=rules.watch.z_drop_months, list="; ".join(parts)
                ),
            ),
            on,
        )
        for on, parts in fallen.items()
    ]


def _centi(item: "Assessed", scored: _Scored) -> int:
    score = scored.score(item.growth)
    assert score is not None
    return score.centi


def about_three_months_earlier(items: Sequence["Assessed"], rules: ProgramRules) -> "Assessed | None":
    """The visit nearest to three months before the last one, two to four months back; of two, the later."""
    last = items[-1].measurement.date
    first = months_before(last, rules.watch.z_drop_farthest_months)
    final = months_before(last, rules.watch.z_drop_nearest_months)
    aimed = months_before(last, rules.watch.z_drop_months)
    near = [item for item in reversed(items) if first <= item.measurement.date <= final]
    return min(near, key=lambda item: abs((item.measurement.date - aimed).days), default=None)


def _implausible(known: Sequence["Assessed"], latest: Sequence[tuple[_Scored, "Assessed"]]) -> list[Reason]:
    """Values that WHO flags and nobody has measured again since: they wait, whatever the month."""
    waiting: dict[date, list[str]] = {}
    for scored, item in latest:
        score = scored.score(item.growth)
        if score is not None and score.flagged:
            figure = f"{index_name(scored.index, item.age_days)} {format_z(score.centi)}"
            waiting.setdefault(item.measurement.date, []).append(figure)
    reasons = [
        Reason(
            "implausible",
            Tone.WASPADA,
            tr("Ukuran {date} tidak masuk akal, ukur ulang: {list}").format(
                date=format_date(on), list="; ".join(figures)
            ),
        )
        for on, figures in waiting.items()
    ]
    measured = _last(known, lambda item: item.measurement.length_mm is not None)
    if measured is not None and measured.growth.standing_too_young:
        text = tr("Diukur berdiri padahal belum 9 bulan ({date}): ukur ulang terlentang").format(
            date=format_date(measured.measurement.date)
        )
        reasons.append(Reason("standing_too_young", Tone.WASPADA, text))
    return reasons


def _from_findings(findings: Findings, rules: ProgramRules) -> list[Reason]:
    reasons = [
        Reason("danger_sign", Tone.RUJUK_SEGERA, tr("Tanda bahaya: {sign}").format(sign=sign))
        for sign in findings.danger_signs
    ]
    if findings.tb_symptoms >= rules.refer.tb_symptoms:
        text = tr("{count} gejala TBC").format(count=findings.tb_symptoms)
        reasons.append(Reason("tb_symptoms", Tone.RUJUK, text))
    if findings.development_complete is False:
        reasons.append(Reason("development", Tone.RUJUK, tr("Ceklis perkembangan tidak lengkap")))
    if findings.vitamin_a_overdue:
        reasons.append(Reason("vitamin_a", Tone.WASPADA, tr("Vitamin A belum diberikan")))
    if findings.immunisation_overdue:
        text = tr("Imunisasi terlambat: {names}").format(names=", ".join(findings.immunisation_overdue))
        reasons.append(Reason("immunisation", Tone.WASPADA, text))
    return reasons


def _absent(
    child: Child,
    known: Sequence["Assessed"],
    on: date,
    rules: ProgramRules,
    last_held: Month,
    registered_on: date | None,
) -> list[Reason]:
    """What a child still expected at the posyandu missed, up to the last month that was held."""
    if child.state != ChildState.ACTIVE:
        return []
    if child.birth_date is not None and completed_months(child.birth_date, on) >= LAST_MONTH:
        return []
    reasons = []
    seen_on = known[-1].measurement.date if known else registered_on
    missed = 0 if seen_on is None else last_held.number - Month.of(seen_on).number
    if seen_on is not None and missed >= rules.not_seen_months:
        text = (
            tr("Tidak datang {months} bulan berturut-turut, terakhir {date}")
            if known
            else tr("Belum pernah datang, {months} bulan sejak didaftar {date}")
        )
        text = text.format(months=missed, date=format_date(seen_on))
        reasons.append(Reason("not_seen", Tone.WASPADA, text))
    record = _last_record(known)
    if record is not None and record.letter is Letter.T and record.month < last_held:
        text = tr("Tidak ditimbang lagi setelah T pada {month}").format(month=record.month.label)
        reasons.append(Reason("missed_after_t", Tone.WASPADA, text))
    return reasons
