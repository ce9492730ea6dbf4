"""Where a child's growth is heading, in one plain sentence for her card.

Two facts of the field are told, nothing is guessed: the letters of the KMS under the last
weighings (Buku KIA 2023 p. 54; T told apart as rising too little, flat or falling, N as growth
along the line or catching up), and whether an index has left its channel, which is a change of
0.67 z or more since about three months before (the limit of `rules.watch`, as for the risk).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from posyandu_app.domain.age import Month
from posyandu_app.domain.assessment import Assessed
from posyandu_app.domain.classify import Index
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.kms import Letter, MonthRecord
from posyandu_app.domain.risk import about_three_months_earlier
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.domain.zscore import ZScore
from posyandu_app.i18n import tr


class Direction(StrEnum):
    """Where it goes: up to a higher channel, along its own, down, or nobody can say yet."""

    CATCHING_UP = "catching_up"
    ALONG = "along"
    FALLING = "falling"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Trend:
    """The sentence and where it points."""

    direction: Direction
    sentence: str


def trend(history: Sequence[Assessed], on: date, rules: ProgramRules) -> Trend:
    """The trend as of a day from a child's visits, oldest first; later visits are not looked at."""
    known = [item for item in history if item.measurement.date <= on]
    records = [item.record for item in known if item.record is not None]
    if not records:
        return Trend(Direction.UNKNOWN, tr("Belum ada penimbangan, jadi arah pertumbuhan belum terlihat."))
    last = records[-1]
    weight = _channel(known, Index.BB_U, rules)
    length = _channel(known, Index.TB_U, rules)
    parts = [_weight(records), _line(weight, last.letter)]
    if length is Direction.FALLING:
        parts.append(tr("pertambahan panjang atau tinggi badannya juga melambat"))
    said = ", ".join(part for part in parts if part)
    sentence = f"{said}."
    if Month.of(last.date).number < Month.of(on).number - 1:
        sentence = tr("Terakhir ditimbang {date}. {sentence}").format(
            date=format_date(last.date), sentence=sentence
        )
    return Trend(_direction(last.letter, weight, length), sentence)


def _direction(letter: Letter, weight: Direction, length: Direction) -> Direction:
    if letter is Letter.T or Direction.FALLING in (weight, length):
        return Direction.FALLING
    return weight


def _weight(records: Sequence[MonthRecord]) -> str:
    last = records[-1]
    match last.letter:
        case Letter.B:
            return tr("Baru ditimbang satu kali")
        case Letter.O:
            return tr("Bulan sebelumnya tidak ditimbang, jadi naik atau tidaknya belum bisa dinilai")
    run = _run(records)
    if last.letter is Letter.N:
        return (
            tr("Berat naik cukup {count} bulan berturut-turut").format(count=run)
            if run > 1
            else tr("Berat naik cukup pada penimbangan terakhir")
        )
    if run > 1:
        return tr("Berat tidak naik cukup {count} bulan berturut-turut").format(count=run)
    gain = last.gain_g or 0
    if gain > 0:
        return tr("Berat naik, tetapi kurang dari yang seharusnya")
    return tr("Berat tidak bertambah") if gain == 0 else tr("Berat turun pada penimbangan terakhir")


def _run(records: Sequence[MonthRecord]) -> int:
    """How many months in a row, up to the last, bear its letter."""
    count, last = 0, records[-1]
    for record in reversed(records):
        if record.letter is not last.letter or record.month.number != last.month.number - count:
            break
        count += 1
    return count


def _line(weight: Direction, letter: Letter) -> str:
    if weight is Direction.FALLING:
        return tr("garisnya turun ke jalur yang lebih rendah dalam tiga bulan ini")
    if weight is Direction.CATCHING_UP:
        return tr("garisnya naik ke jalur yang lebih tinggi (mengejar)")
    if weight is Direction.ALONG:
        return tr("garisnya masih di jalurnya") if letter is Letter.T else tr("garisnya mengikuti jalurnya")
    return tr("arahnya terlihat setelah beberapa bulan") if letter in (Letter.B, Letter.N) else ""


def _channel(known: Sequence[Assessed], index: Index, rules: ProgramRules) -> Direction:
    """Whether an index moved by a channel since about three months before its latest value."""
    scored = [item for item in known if _score(item, index) is not None]
    plain = [item for item in scored if _z(item, index) is not None]
    if not plain or plain[-1] is not scored[-1]:
        return Direction.UNKNOWN
    earlier = about_three_months_earlier(plain, rules)
    now, then = _z(plain[-1], index), None if earlier is None else _z(earlier, index)
    if now is None or then is None:
        return Direction.UNKNOWN
    if then - now >= rules.watch.z_drop:
        return Direction.FALLING
    return Direction.CATCHING_UP if now - then >= rules.watch.z_drop else Direction.ALONG


def _score(item: Assessed, index: Index) -> ZScore | None:
    return item.growth.weight_for_age if index is Index.BB_U else item.growth.length_for_age


def _z(item: Assessed, index: Index) -> int | None:
    """The z-score in hundredths, None when there is none or WHO flags it."""
    score = _score(item, index)
    return None if score is None or score.flagged else score.centi
