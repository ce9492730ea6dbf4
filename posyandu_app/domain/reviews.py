"""What a health worker did about a child at risk: one fact for each deed, never changed, only added to.

A review says what was on the screen when it was made: the reasons that stood (`reasons`) and the
reviews made before (`seen`). From that alone `cases` computes how a case stands, so that two
midwives who work offline at once lose nothing of each other's, in whatever order it arrives.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from posyandu_app.domain.danger_signs import DangerSign
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.facts import Fact, read_head
from posyandu_app.domain.labels import Labelled, label_of
from posyandu_app.domain.model import Position, Role
from posyandu_app.domain.mtbs import Complication, MtbsClass
from posyandu_app.domain.notes import one_line
from posyandu_app.domain.operations import Json, JsonObject, clean
from posyandu_app.domain.reading import Values, codes, day, flag, number, table, text
from posyandu_app.domain.visits import Referral
from posyandu_app.i18n import tr

HEALTH_WORKERS = frozenset({Role.BIDAN, Role.TPG})
"""Whose reviews move a case; a kader's notes stand beside them."""
LONGEST_PLAN_DAYS = 366


class Step(Labelled):
    """What a review does."""

    VERIFY = "verifikasi"
    DECIDE = "keputusan"
    OUTCOME = "hasil"
    CLOSE = "selesai"
    REOPEN = "buka_kembali"
    NOTE = "catatan"

    @property
    def label(self) -> str:
        return {
            Step.VERIFY: tr("Ukuran diperiksa"),
            Step.DECIDE: tr("Keputusan"),
            Step.OUTCOME: tr("Hasil tindak lanjut"),
            Step.CLOSE: tr("Kasus ditutup"),
            Step.REOPEN: tr("Kasus dibuka kembali"),
            Step.NOTE: tr("Catatan"),
        }[self]


class Verdict(Labelled):
    """What the midwife found about the measurement that stands."""

    RIGHT = "benar"
    CORRECTED = "diperbaiki"
    MEASURED_ANEW = "ukur_baru"
    WRONG = "salah"

    @property
    def label(self) -> str:
        return {
            Verdict.RIGHT: tr("Ukuran kader benar"),
            Verdict.CORRECTED: tr("Diperbaiki dengan ukuran bidan"),
            Verdict.MEASURED_ANEW: tr("Diukur baru hari ini"),
            Verdict.WRONG: tr("Ukuran kader salah, dibatalkan"),
        }[self]


class Decision(Labelled):
    """What is to be done, one or several at once."""

    REFER_TODAY = "rujuk_segera"
    REFER = "rujuk"
    COUNSEL = "konseling"
    PMT = "pmt"

    @property
    def label(self) -> str:
        return {
            Decision.REFER_TODAY: tr("Rujuk hari ini"),
            Decision.REFER: tr("Rujuk"),
            Decision.COUNSEL: tr("Konseling"),
            Decision.PMT: tr("PMT"),
        }[self]


class Outcome(Labelled):
    """What came of it."""

    BETTER = "membaik"
    SAME = "tetap"
    WORSE = "memburuk"
    TREATED = "ditangani"
    ADMITTED = "dirawat"
    NOT_GONE = "tidak_berangkat"
    REFUSED = "menolak"
    NOT_COME = "tidak_datang"
    RECOVERED = "sembuh"
    NO_CASE = "bukan_kasus"
    MOVED = "pindah"
    DEAD = "meninggal"

    @property
    def label(self) -> str:
        return {
            Outcome.BETTER: tr("Membaik"),
            Outcome.SAME: tr("Tetap"),
            Outcome.WORSE: tr("Memburuk"),
            Outcome.TREATED: tr("Sudah ditangani"),
            Outcome.ADMITTED: tr("Dirawat"),
            Outcome.NOT_GONE: tr("Tidak berangkat"),
            Outcome.REFUSED: tr("Keluarga menolak"),
            Outcome.NOT_COME: tr("Tidak datang kontrol"),
            Outcome.RECOVERED: tr("Sembuh"),
            Outcome.NO_CASE: tr("Bukan kasus"),
            Outcome.MOVED: tr("Pindah"),
            Outcome.DEAD: tr("Meninggal"),
        }[self]


ON_THE_WAY = (
    Outcome.BETTER,
    Outcome.SAME,
    Outcome.WORSE,
    Outcome.TREATED,
    Outcome.ADMITTED,
    Outcome.NOT_GONE,
    Outcome.REFUSED,
    Outcome.NOT_COME,
)
"""What a follow-up may have come to; the case goes on."""
AT_THE_END = (
    Outcome.RECOVERED,
    Outcome.TREATED,
    Outcome.NO_CASE,
    Outcome.REFUSED,
    Outcome.MOVED,
    Outcome.DEAD,
)
"""What a case may be closed with."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Raw values of one measuring: grams and millimetres; None is "not measured"."""

    weight_g: int | None = None
    length_mm: int | None = None
    position: Position | None = None
    head_mm: int | None = None
    muac_mm: int | None = None
    oedema: int | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing was measured; the position alone is nothing."""
        values = (self.weight_g, self.length_mm, self.head_mm, self.muac_mm)
        return all(value is None for value in values) and not self.oedema


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Fact):
    """One deed about a child at risk.

    `role` and `by` are whose; `rules` is the version of the programme rules then in force.
    `measurement` is the kader's that was looked at, `recorded` its values at that moment and
    `remeasured` the health worker's own. `mtbs` is the class with what it rests on. `pmt_days`
    count from `pmt_from`; `revisit_on` is when the child is to be seen again.
    """

    kind: ClassVar[str] = "review"

    step: str
    role: str = ""
    by: str = ""
    rules: str = ""
    seen: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    measurement: str | None = None
    verdict: str | None = None
    recorded: Measured | None = None
    remeasured: Measured | None = None
    mtbs: str | None = None
    complications: frozenset[str] | None = None
    danger_signs: frozenset[str] | None = None
    appetite: bool | None = None
    not_rising: bool | None = None
    feeding_problem: bool | None = None
    decisions: frozenset[str] = frozenset()
    place: str | None = None
    pmt_days: int | None = None
    pmt_from: date | None = None
    revisit_on: date | None = None
    outcome: str | None = None
    note: str | None = None

    @property
    def by_health_worker(self) -> bool:
        return self.role in HEALTH_WORKERS

    @property
    def pmt_until(self) -> date | None:
        """The last day of supplementary food."""
        if self.pmt_from is None or self.pmt_days is None or Decision.PMT not in self.decisions:
            return None
        return later(self.pmt_from, self.pmt_days - 1)

    @property
    def refers(self) -> bool:
        return bool(self.decisions & {Decision.REFER, Decision.REFER_TODAY})


def later(day_: date, days: int) -> date:
    """So many days later; the calendar's last day when it ends before."""
    return day_ + timedelta(days=min(days, (date.max - day_).days))


_WRITTEN = (
    "step",
    "role",
    "by",
    "rules",
    "seen",
    "reasons",
    "measurement",
    "verdict",
    "recorded",
    "remeasured",
    "mtbs",
    "complications",
    "danger_signs",
    "appetite",
    "not_rising",
    "feeding_problem",
    "decisions",
    "place",
    "pmt_days",
    "pmt_from",
    "revisit_on",
    "outcome",
    "note",
)


def payload(review: Review) -> JsonObject:
    """What `review.record` carries; what was not said is left out, codes are sorted."""
    values: JsonObject = {"child": review.child, "date": review.date.isoformat()}
    for name in _WRITTEN:
        value = _wire(getattr(review, name))
        if value is not None and value != "" and value != []:
            values[name] = value
    return values


def _wire(value: object) -> Json:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, frozenset):
        return [clean(item) for item in sorted(str(item) for item in value)]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Measured):
        found = ((item.name, _wire(getattr(value, item.name))) for item in dataclasses.fields(value))
        return {name: item for name, item in found if item is not None}
    return clean(str(value))


def read(entity: str, values: Values, **stamp: str) -> Review | None:
    """The review in the visible values of its row; None unless it says about whom, when and what.

    `stamp` is `actor`, `at` and `hlc` of its operation. A value of the wrong kind is left out.
    """
    head, step = read_head(entity, values, None, **stamp), text(values, "step")
    if head is None or step is None:
        return None
    return Review(
        **head,
        step=step,
        role=text(values, "role") or "",
        by=text(values, "by") or "",
        rules=text(values, "rules") or "",
        seen=codes(values, "seen") or frozenset(),
        reasons=codes(values, "reasons") or frozenset(),
        measurement=text(values, "measurement"),
        verdict=text(values, "verdict"),
        recorded=_measured(table(values, "recorded")),
        remeasured=_measured(table(values, "remeasured")),
        mtbs=text(values, "mtbs"),
        complications=codes(values, "complications"),
        danger_signs=codes(values, "danger_signs"),
        appetite=flag(values, "appetite"),
        not_rising=flag(values, "not_rising"),
        feeding_problem=flag(values, "feeding_problem"),
        decisions=codes(values, "decisions") or frozenset(),
        place=text(values, "place"),
        pmt_days=_days(number(values, "pmt_days")),
        pmt_from=day(values, "pmt_from"),
        revisit_on=day(values, "revisit_on"),
        outcome=text(values, "outcome"),
        note=text(values, "note"),
    )


def _days(value: int | None) -> int | None:
    return value if value is not None and 1 <= value <= LONGEST_PLAN_DAYS else None


def _measured(values: Values | None) -> Measured | None:
    if values is None:
        return None
    position = values.get("position")
    return Measured(
        weight_g=number(values, "weight_g"),
        length_mm=number(values, "length_mm"),
        position=Position(position) if position in tuple(Position) else None,
        head_mm=number(values, "head_mm"),
        muac_mm=number(values, "muac_mm"),
        oedema=number(values, "oedema"),
    )


def check(review: Review, today: date, birth: date | None) -> Review:
    """The review fit to be recorded, its note trimmed.

    Raises `InvalidValue` that names the field and says how to mend it.
    """
    if type(review.date) is not date or review.date > today:
        raise InvalidValue("date", tr("Tanggal pemeriksaan belum terjadi. Periksa lagi, juga jam laptop."))
    if birth is not None and review.date < birth:
        raise InvalidValue(
            "date",
            tr("Tanggal {date} sebelum anak lahir ({birth}). Periksa keduanya.").format(
                date=format_date(review.date), birth=format_date(birth)
            ),
        )
    review = dataclasses.replace(review, note=one_line(review.note, "note"))
    _check_codes(review)
    _CHECKS[Step(review.step)](review)
    return review


def _check_codes(review: Review) -> None:
    _one_of("step", review.step, Step)
    _all_of("complications", review.complications, Complication)
    _all_of("danger_signs", review.danger_signs, DangerSign)
    _all_of("decisions", review.decisions, Decision)
    if review.mtbs is not None:
        _one_of("mtbs", review.mtbs, MtbsClass)
    if review.place is not None:
        _one_of("place", review.place, Referral)


def _one_of(field: str, value: str | None, kind: Iterable[str]) -> None:
    if value not in tuple(kind):
        raise InvalidValue(field, tr("Pilih dari daftar."))


def _all_of(field: str, values: Iterable[str] | None, kind: Iterable[str]) -> None:
    known = tuple(kind)
    for value in values or ():
        _one_of(field, value, known)


def _check_verify(review: Review) -> None:
    if review.verdict not in tuple(Verdict):
        raise InvalidValue("verdict", tr("Pilih apakah ukuran kader benar."))
    if review.measurement is None and review.verdict != Verdict.MEASURED_ANEW:
        raise InvalidValue("measurement", tr("Pilih penimbangan yang diperiksa."))
    needs_values = review.verdict in (Verdict.CORRECTED, Verdict.MEASURED_ANEW)
    if needs_values and (review.remeasured is None or review.remeasured.empty):
        raise InvalidValue("weight_g", tr("Isi hasil ukur bidan."))


def _check_decide(review: Review) -> None:
    if not review.decisions:
        raise InvalidValue("decisions", tr("Pilih paling sedikit satu tindakan."))
    if review.refers and review.place is None:
        raise InvalidValue("place", tr("Pilih tempat rujukan."))
    if Decision.PMT in review.decisions:
        days = review.pmt_days
        if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= LONGEST_PLAN_DAYS:
            raise InvalidValue("pmt_days", tr("Lama PMT ditulis dalam hari, 1 sampai 366."))
        if review.pmt_from is None:
            raise InvalidValue("pmt_from", tr("Isi tanggal mulai PMT."))
        _check_plan("pmt_from", review.pmt_from, review.date)
    _check_revisit(review)


def _check_outcome(review: Review) -> None:
    if review.outcome not in ON_THE_WAY:
        raise InvalidValue("outcome", tr("Pilih hasil tindak lanjut."))
    _check_revisit(review)


def _check_close(review: Review) -> None:
    if review.outcome not in AT_THE_END:
        raise InvalidValue("outcome", tr("Pilih dengan apa kasus ditutup."))


def _check_reopen(review: Review) -> None:
    if review.note is None:
        raise InvalidValue("note", tr("Tulis mengapa kasus dibuka kembali."))


def _check_note(review: Review) -> None:
    if review.note is None:
        raise InvalidValue("note", tr("Catatan masih kosong."))


def _check_revisit(review: Review) -> None:
    if review.revisit_on is not None:
        _check_plan("revisit_on", review.revisit_on, review.date)


def _check_plan(field: str, planned: date, on: date) -> None:
    if not on <= planned <= later(on, LONGEST_PLAN_DAYS):
        raise InvalidValue(
            field,
            tr("Tanggal {date} harus antara hari ini dan setahun lagi.").format(date=format_date(planned)),
        )


_CHECKS = {
    Step.VERIFY: _check_verify,
    Step.DECIDE: _check_decide,
    Step.OUTCOME: _check_outcome,
    Step.CLOSE: _check_close,
    Step.REOPEN: _check_reopen,
    Step.NOTE: _check_note,
}


def sentence(review: Review) -> str:
    """What was done, without who and when: "Rujuk ke Puskesmas; PMT 56 hari; kontrol 07/12/2026"."""
    parts = [label_of(Verdict, review.verdict)] if review.verdict else []
    if review.refers:
        urgent = Decision.REFER_TODAY in review.decisions
        text_ = tr("Rujuk hari ini ke {place}") if urgent else tr("Rujuk ke {place}")
        parts.append(text_.format(place=label_of(Referral, review.place)))
    if Decision.COUNSEL in review.decisions:
        parts.append(Decision.COUNSEL.label)
    if Decision.PMT in review.decisions and review.pmt_days:
        parts.append(tr("PMT {days} hari").format(days=review.pmt_days))
    if review.outcome:
        parts.append(label_of(Outcome, review.outcome))
    if review.revisit_on is not None:
        parts.append(tr("kontrol {date}").format(date=format_date(review.revisit_on)))
    if review.note:
        parts.append(review.note)
    return "; ".join(parts) or label_of(Step, review.step)
