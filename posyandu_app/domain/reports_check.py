"""The puskesmas verifies a posyandu's monthly report: a checklist from the data, and what was decided.

The checklist is computed, and each line leads to the children behind it. A person decides: a report
with open lines may be accepted, one without may be returned. What was accepted keeps its figures, so
that a later change shows. Of two decisions that did not see each other the return counts, since it
asks for something.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from posyandu_app.domain.age import Month
from posyandu_app.domain.assessment import Assessed
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.labels import Labelled
from posyandu_app.domain.model import Child, ChildState, Measurement
from posyandu_app.domain.notes import one_line
from posyandu_app.domain.operations import Json, JsonObject, clean
from posyandu_app.domain.reading import Values, codes, day, number, table, text
from posyandu_app.domain.recommendations import Answer, AnswerState
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.domain.skdn import Skdn, format_percent
from posyandu_app.i18n import tr

LATE_AFTER_DAYS = 7
"""What is saved later than this after the weighing is asked about (a choice of this app)."""

FIGURES = ("S", "K", "D", "N", "T", "O", "B", "two_t", "bgm")


class Item(Labelled):
    """The lines of the checklist, in its order."""

    WEIGHED = "ada_penimbangan"
    CLOSED = "hari_ditutup"
    ATTENDANCE = "kehadiran"
    LENGTH = "tinggi_diukur"
    POSITION = "posisi_diisi"
    IMPLAUSIBLE = "tidak_masuk_akal"
    SHRUNK = "tinggi_turun"
    SAME = "angka_sama"
    DOUBLE = "ukuran_ganda"
    LATE = "terlambat"
    BIRTH_AND_SEX = "lahir_dan_kelamin"
    NIK = "nik"
    DISPUTED = "berselisih"
    UNSEEN = "belum_dilihat_bidan"

    @property
    def label(self) -> str:
        return {
            Item.WEIGHED: tr("Ada penimbangan bulan ini"),
            Item.CLOSED: tr("Hari posyandu sudah ditutup"),
            Item.ATTENDANCE: tr("Kehadiran (D/S) mencapai target"),
            Item.LENGTH: tr("Panjang atau tinggi diukur"),
            Item.POSITION: tr("Posisi ukur diisi"),
            Item.IMPLAUSIBLE: tr("Tidak ada ukuran yang tidak masuk akal"),
            Item.SHRUNK: tr("Tidak ada tinggi yang turun"),
            Item.SAME: tr("Berat dan tinggi berbeda dari bulan lalu"),
            Item.DOUBLE: tr("Tidak ada ukuran ganda"),
            Item.LATE: tr("Dicatat dalam {days} hari sesudah penimbangan").format(days=LATE_AFTER_DAYS),
            Item.BIRTH_AND_SEX: tr("Tanggal lahir dan jenis kelamin diisi"),
            Item.NIK: tr("NIK diisi"),
            Item.DISPUTED: tr("Tidak ada data yang berselisih"),
            Item.UNSEEN: tr("Anak yang perlu dirujuk sudah dilihat bidan"),
        }[self]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the checklist: how it stands in words, and the children who are not in order."""

    item: Item
    ok: bool
    told: str
    children: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reported:
    """One child in a report, her history oldest first.

    `unseen` says that she should be referred and no health worker has looked.
    """

    child: Child
    history: Sequence[Assessed]
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class _InMonth:
    """A child with her visits of the month and the one before them."""

    reported: Reported
    visits: tuple[Assessed, ...]
    before: Assessed | None
    rules: ProgramRules

    @property
    def child(self) -> Child:
        return self.reported.child

    @property
    def measured(self) -> tuple[Measurement, ...]:
        return tuple(item.measurement for item in self.visits)


def checklist(
    children: Iterable[Reported], total: Skdn, month: Month, rules: ProgramRules, *, closed: bool
) -> tuple[Line, ...]:
    """Every line for one posyandu and month, in order.

    `total` is what the report says, `closed` whether the posyandu's day was closed.
    """
    there = [_in_month(item, month, rules) for item in children]
    weighed = [item for item in there if item.visits]
    expected = [item for item in there if item.visits or item.child.state == ChildState.ACTIVE]
    return (
        Line(Item.WEIGHED, total.D > 0, str(total.D)),
        Line(Item.CLOSED, closed, tr("ya") if closed else tr("belum")),
        _attendance(total, rules),
        *(_line(item, weighed, wrong) for item, wrong in _MEASURED),
        *(_line(item, expected, wrong) for item, wrong in _KNOWN),
    )


def _in_month(item: Reported, month: Month, rules: ProgramRules) -> _InMonth:
    visits = tuple(one for one in item.history if Month.of(one.measurement.date) == month)
    earlier = [one for one in item.history if Month.of(one.measurement.date) < month]
    return _InMonth(item, visits, earlier[-1] if earlier else None, rules)


def _attendance(total: Skdn, rules: ProgramRules) -> Line:
    reached = total.d_s is not None and total.d_s >= rules.targets.d_s * 10
    told = tr("{percent}, target {target} %").format(
        percent=format_percent(total.d_s), target=rules.targets.d_s
    )
    return Line(Item.ATTENDANCE, reached, told)


def _line(item: Item, children: Sequence[_InMonth], wrong: Callable[[_InMonth], bool]) -> Line:
    found = tuple(one.child.id for one in children if wrong(one))
    told = tr("{count} dari {of} anak").format(count=len(found), of=len(children)) if found else tr("beres")
    return Line(item, not found, told, found)


def _no_length(one: _InMonth) -> bool:
    return all(item.length_mm is None for item in one.measured)


def _no_position(one: _InMonth) -> bool:
    return any(item.length_mm is not None and item.position is None for item in one.measured)


def _implausible(one: _InMonth) -> bool:
    growth = one.visits[-1].growth
    scores = (
        growth.weight_for_age,
        growth.length_for_age,
        growth.weight_for_length,
        growth.bmi_for_age,
        growth.head_for_age,
    )
    return growth.standing_too_young or any(score is not None and score.flagged for score in scores)


def _shrunk(one: _InMonth) -> bool:
    if one.before is None:
        return False
    then, now = one.before.growth.length_used_mm, one.visits[-1].growth.length_used_mm
    return then is not None and now is not None and then - now > one.rules.plausibility.length_fall_mm


def _same(one: _InMonth) -> bool:
    """Weight and length both equal to the last digit: copied rather than measured."""
    if one.before is None:
        return False
    then, now = one.before.measurement, one.visits[-1].measurement
    if then.weight_g is None or then.length_mm is None:
        return False
    return (then.weight_g, then.length_mm) == (now.weight_g, now.length_mm)


def _double(one: _InMonth) -> bool:
    return any(item.double for item in one.visits)


def _late(one: _InMonth) -> bool:
    return any(item.source is None and _days_late(item) > LATE_AFTER_DAYS for item in one.measured)


def _days_late(item: Measurement) -> int:
    try:
        return (datetime.fromisoformat(item.at).date() - item.date).days
    except ValueError:
        return 0


_MEASURED: tuple[tuple[Item, Callable[[_InMonth], bool]], ...] = (
    (Item.LENGTH, _no_length),
    (Item.POSITION, _no_position),
    (Item.IMPLAUSIBLE, _implausible),
    (Item.SHRUNK, _shrunk),
    (Item.SAME, _same),
    (Item.DOUBLE, _double),
    (Item.LATE, _late),
)
_KNOWN: tuple[tuple[Item, Callable[[_InMonth], bool]], ...] = (
    (Item.BIRTH_AND_SEX, lambda one: one.child.birth_date is None or one.child.sex is None),
    (Item.NIK, lambda one: not one.child.nik),
    (Item.DISPUTED, lambda one: bool(one.child.disputed)),
    (Item.UNSEEN, lambda one: one.reported.unseen),
)


# what was decided


class Verdict(StrEnum):
    """What the puskesmas says to a report."""

    ACCEPTED = "diterima"
    RETURNED = "dikembalikan"

    @property
    def label(self) -> str:
        return {Verdict.ACCEPTED: tr("Diterima"), Verdict.RETURNED: tr("Dikembalikan")}[self]


class ReportState(StrEnum):
    """How a monthly report stands."""

    WAITING = "belum_diperiksa"
    RETURNED = "dikembalikan"
    MENDED = "sudah_diperbaiki"
    ACCEPTED = "diterima"
    CHANGED = "berubah_setelah_diterima"

    @property
    def label(self) -> str:
        return {
            ReportState.WAITING: tr("Belum diperiksa"),
            ReportState.RETURNED: tr("Dikembalikan"),
            ReportState.MENDED: tr("Sudah diperbaiki posyandu"),
            ReportState.ACCEPTED: tr("Diterima"),
            ReportState.CHANGED: tr("Berubah setelah diterima"),
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCheck:
    """One decision about the report of a posyandu (`scope`) for a month.

    `items` are the lines that are to be mended, `figures` those of the report then, `seen` the
    decisions made before; `rules` is the version of the programme rules.
    """

    id: str
    scope: str
    month: Month
    verdict: str
    on: date
    items: frozenset[str] = frozenset()
    note: str | None = None
    figures: Mapping[str, int] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()
    role: str = ""
    by: str = ""
    rules: str = ""
    actor: str = ""
    at: str = ""
    hlc: str = ""
    voided: bool = False


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """How a monthly report stands; `last` is the decision in force, `answer` what the posyandu said to it."""

    state: ReportState
    last: ReportCheck | None
    answer: Answer | None
    checks: tuple[ReportCheck, ...]


def status(checks: Iterable[ReportCheck], answers: Iterable[Answer], now: Skdn) -> ReportStatus:
    """How a report stands, from all decisions about it and the posyandu's answers in any order."""
    known = sorted(
        (item for item in checks if not item.voided), key=lambda item: (item.on, item.hlc, item.id)
    )
    seen = {entity for item in known for entity in item.seen if entity != item.id}
    heads = [item for item in known if item.id not in seen] or known[-1:]
    returned = [item for item in heads if item.verdict != Verdict.ACCEPTED]
    if not heads:
        return ReportStatus(ReportState.WAITING, None, None, ())
    if not returned:
        same = all(item.figures == snapshot(now) for item in heads)
        state = ReportState.ACCEPTED if same else ReportState.CHANGED
        return ReportStatus(state, heads[-1], None, tuple(known))
    last = returned[-1]
    mended = [
        item
        for item in sorted(answers, key=lambda item: item.order)
        if item.to == last.id and item.state == AnswerState.DONE and not item.voided
    ]
    state = ReportState.MENDED if mended else ReportState.RETURNED
    return ReportStatus(state, last, mended[-1] if mended else None, tuple(known))


def snapshot(now: Skdn) -> dict[str, int]:
    """The figures that a decision keeps."""
    return {name: int(getattr(now, name)) for name in FIGURES}


def check(item: ReportCheck) -> ReportCheck:
    """The decision fit to be recorded; a return says what is to be mended. Raises `InvalidValue`."""
    if item.verdict not in tuple(Verdict):
        raise InvalidValue("verdict", tr("Pilih diterima atau dikembalikan."))
    for code in item.items:
        if code not in tuple(Item):
            raise InvalidValue("items", tr("Pilih dari daftar."))
    note = one_line(item.note, "note")
    if item.verdict == Verdict.RETURNED and note is None and not item.items:
        raise InvalidValue("note", tr("Tulis apa yang harus diperbaiki, atau tandai barisnya."))
    return dataclasses.replace(item, note=note)


def payload(item: ReportCheck) -> JsonObject:
    """What `report_check.record` carries; the posyandu is the operation's scope."""
    values: dict[str, Json] = {
        "month": f"{item.month.year:04d}-{item.month.month:02d}",
        "verdict": item.verdict,
        "date": item.on.isoformat(),
        "items": [clean(code) for code in sorted(item.items)] or None,
        "note": clean(item.note) if item.note else None,
        "figures": dict(item.figures) or None,
        "seen": [*sorted(item.seen)] or None,
        "role": item.role or None,
        "by": clean(item.by) if item.by else None,
        "rules": item.rules or None,
    }
    return {name: value for name, value in values.items() if value is not None}


def read(entity: str, scope: str, values: Values, **stamp: str) -> ReportCheck | None:
    """The decision in the visible values of its row; None unless it says which month, what and when."""
    month, verdict, on = read_month(text(values, "month")), text(values, "verdict"), day(values, "date")
    if month is None or verdict is None or on is None:
        return None
    kept = table(values, "figures") or {}
    return ReportCheck(
        id=entity,
        scope=scope,
        month=month,
        verdict=verdict,
        on=on,
        items=codes(values, "items") or frozenset(),
        note=text(values, "note"),
        figures={name: value for name in kept if (value := number(kept, name)) is not None},
        seen=codes(values, "seen") or frozenset(),
        role=text(values, "role") or "",
        by=text(values, "by") or "",
        rules=text(values, "rules") or "",
        voided=values.get("voided") is True,
        **stamp,
    )


def read_month(written: str | None) -> Month | None:
    """A month in its one wire form, YYYY-MM."""
    try:
        on = date.fromisoformat(f"{written}-01")
    except ValueError:
        return None
    return Month.of(on) if written == f"{on.year:04d}-{on.month:02d}" else None
