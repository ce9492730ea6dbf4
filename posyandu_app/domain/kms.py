"""The letters under the growth card: N, T, O or B for each month weighed.

Rules: Buku KIA 2023 p. 54 and F1-Gizi; the order of decision is that of decisions.md,
"KMS letters". D = N + T + O + B holds because every month with a weighing gets one letter.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from posyandu_app.domain.age import Month, completed_months
from posyandu_app.domain.model import Measurement, Sex
from posyandu_app.domain.numbers import format_count, format_weight
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.i18n import tr


class Letter(StrEnum):
    """Naik, Tidak naik, O (not weighed last month), Baru (first weighing)."""

    N = "N"
    T = "T"
    O = "O"  # noqa: E741
    B = "B"


@dataclass(frozen=True, slots=True)
class MonthRecord:
    """The weighing that counts for one month, and its letter.

    `gain_g` is the change in grams since the weighing of `previous`, the last month weighed
    (both None for B; after a gap, letter O, it is told but not judged). `kbm_g` is the
    minimum gain at this age. `two_t` is T in this month and in the month before.
    """

    month: Month
    date: date
    weight_g: int
    letter: Letter
    gain_g: int | None
    kbm_g: int | None
    two_t: bool
    measurement_id: str
    previous: Month | None = None


def records(
    sex: Sex | None, birth: date | None, weighings: Iterable[Measurement], rules: ProgramRules
) -> tuple[MonthRecord, ...]:
    """One record for every month with a weighing, oldest first.

    A measurement without weight, and a voided one, is no weighing. Of two in a month the
    later counts (same day: the one saved later). The letter needs sex and birth date and an
    age that has a KBM, 0 to 60 completed months; weighings without one get no record.
    """
    if sex is None or birth is None:
        return ()
    counted: dict[Month, Measurement] = {}
    for weighing in sorted(weighings, key=lambda item: (item.date, item.hlc, item.id)):
        if weighing.weight_g is not None and weighing.weight_g > 0 and not weighing.voided:
            counted[Month.of(weighing.date)] = weighing
    found: list[MonthRecord] = []
    for month, weighing in counted.items():
        kbm = rules.kbm(sex, completed_months(birth, weighing.date))
        if kbm is not None:
            found.append(_record(month, weighing, kbm, found[-1] if found else None))
    return tuple(found)


def same_letters(one: ProgramRules, other: ProgramRules) -> bool:
    """Whether the letters of every child are the same under two versions of the rules: all is in the KBM."""
    return (one.kbm_boys, one.kbm_girls) == (other.kbm_boys, other.kbm_girls)


def _record(month: Month, weighing: Measurement, kbm: int, last: MonthRecord | None) -> MonthRecord:
    weight = weighing.weight_g or 0
    gain = None if last is None else weight - last.weight_g
    if last is None or gain is None:
        letter = Letter.B
    elif month.number - last.month.number != 1:
        letter = Letter.O
    else:
        letter = Letter.N if gain >= kbm else Letter.T
    return MonthRecord(
        month=month,
        date=weighing.date,
        weight_g=weight,
        letter=letter,
        gain_g=gain,
        kbm_g=kbm,
        two_t=letter is Letter.T and last is not None and last.letter is Letter.T,
        measurement_id=weighing.id,
        previous=None if last is None else last.month,
    )


def sentence(record: MonthRecord) -> str:
    """The fact and the letter, without full stop: "Berat naik 250 g (minimal 200 g) — N"."""
    gain, minimum = record.gain_g, record.kbm_g or 0
    if record.previous is None or gain is None:
        return tr("Penimbangan pertama, {weight} kg — B").format(weight=format_weight(record.weight_g))
    if record.letter is Letter.O:
        return _after_a_gap(record.previous, record.month, gain)
    if record.letter is Letter.N:
        return tr("Berat naik {gain} g (minimal {minimum} g) — N").format(
            gain=format_count(gain), minimum=format_count(minimum)
        )
    if gain > 0:
        text = tr("Berat naik hanya {gain} g (minimal {minimum} g) — {letter}")
    elif gain == 0:
        text = tr("Berat tetap (minimal naik {minimum} g) — {letter}")
    else:
        text = tr("Berat turun {loss} g dari bulan lalu — {letter}")
    letter = tr("T, 2 bulan (2T)") if record.two_t else "T"
    return text.format(
        gain=format_count(gain), loss=format_count(-gain), minimum=format_count(minimum), letter=letter
    )


def _after_a_gap(previous: Month, month: Month, gain: int) -> str:
    since = {"months": month.number - previous.number, "gain": format_count(abs(gain))}
    if gain > 0:
        return tr("Bulan lalu tidak ditimbang; naik {gain} g dalam {months} bulan — O").format(**since)
    if gain < 0:
        return tr("Bulan lalu tidak ditimbang; turun {gain} g dalam {months} bulan — O").format(**since)
    return tr("Bulan lalu tidak ditimbang; berat tetap dalam {months} bulan — O").format(**since)
