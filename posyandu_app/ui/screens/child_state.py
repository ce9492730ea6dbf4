"""What a child's card says, as pure functions of her book."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from posyandu_app.domain import names, nik
from posyandu_app.domain.age import label as age_label
from posyandu_app.domain.classify import Index
from posyandu_app.domain.consent import ConsentState, Relation
from posyandu_app.domain.dates import format_date, format_time
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import Child, ChildState, Position
from posyandu_app.domain.numbers import format_gain, format_length, format_weight
from posyandu_app.domain.risk import Tone
from posyandu_app.i18n import tr
from posyandu_app.services.child_book import ChildBook, Given, Visited, is_premature
from posyandu_app.services.history import HistoryEntry
from posyandu_app.ui import words

MOST_REASONS = 3


class Page(StrEnum):
    """The five views of one child."""

    SUMMARY = "summary"
    VISITS = "visits"
    GIVEN = "given"
    HISTORY = "history"
    DATA = "data"

    @property
    def label(self) -> str:
        return {
            Page.SUMMARY: tr("Ringkasan"),
            Page.VISITS: tr("Kunjungan"),
            Page.GIVEN: tr("Pelayanan"),
            Page.HISTORY: tr("Riwayat"),
            Page.DATA: tr("Data anak"),
        }[self]


def chips(book: ChildBook | None) -> list[tuple[str, str, int, str]]:
    """The views with how much stands in them."""
    counts = {
        Page.VISITS: len(book.visits) if book is not None else -1,
        Page.GIVEN: len(book.given) if book is not None else -1,
    }
    return [("", page.label, counts.get(page, -1), str(at)) for at, page in enumerate(Page, 1)]


def reasons(book: ChildBook) -> tuple[str, ...]:
    """Why she has her tone, the worst first, as many as fit."""
    risk = book.card.risk
    now = () if risk.older_reasons and risk.tone is Tone.BELUM_DIUKUR else risk.reasons  # the tone says it
    told = [reason.text for reason in (*now, *risk.older_reasons)]
    if len(told) > MOST_REASONS:
        more = tr("{reason} … dan {count} alasan lagi")
        rest = len(told) - MOST_REASONS
        told[MOST_REASONS - 1] = more.format(reason=told[MOST_REASONS - 1], count=rest)
    return tuple(told[:MOST_REASONS]) or (tr("Tidak ada yang mengkhawatirkan."),)


def since(book: ChildBook) -> str:
    """Since when she has her tone, or what it was before."""
    risk, today = book.card.risk, book.card.today
    if risk.previous is not None and risk.previous_on is not None:
        return tr("sebelumnya {tone}, {day}").format(
            tone=risk.previous.label, day=words.day_short(risk.previous_on, today)
        )
    if risk.measured_on is None:
        return ""
    return tr("diukur {day}").format(day=words.day_short(risk.measured_on, today))


def standing(child: Child) -> str:
    """What became of a child who is not expected any more; "" while she is."""
    day = format_date(child.state_on) if child.state_on is not None else words.NOTHING
    match child.state:
        case ChildState.MOVED:
            where = tr(" ke {place}").format(place=child.moved_to) if child.moved_to else ""
            return tr("Pindah sejak {date}{where}").format(date=day, where=where)
        case ChildState.DEAD:
            return tr("Meninggal {date}").format(date=day)
        case ChildState.GRADUATED:
            return tr("Lulus {date}").format(date=day)
    return "" if child.state == ChildState.ACTIVE else str(child.state)


def notes(book: ChildBook) -> tuple[str, ...]:
    """What one should know about her besides the figures."""
    child, told = book.child, []
    if gone := standing(child):
        told.append(f"{gone}.")
    if is_premature(child):
        told.append(
            tr("Lahir prematur ({weeks} minggu); umur tetap dihitung dari tanggal lahir.").format(
                weeks=child.gestation_weeks
            )
        )
    if child.disputed:
        told.append(tr("Ada data yang berbeda dari dua orang; bidan yang memutuskan."))
    if book.consent is None:
        told.append(tr("Persetujuan orang tua belum ditanyakan."))
    elif book.consent.state != ConsentState.GIVEN:
        told.append(
            tr("Orang tua: {state}.").format(state=label_of(ConsentState, book.consent.state).lower())
        )
    return tuple(told)


@dataclass(frozen=True, slots=True)
class Cells:
    """One visit as it stands in the table: each column in two lines."""

    when: tuple[str, str]
    weight: tuple[str, str]
    letter: str
    length: tuple[str, str]
    arm: tuple[str, str]
    head: tuple[str, str]
    meaning: tuple[str, str]
    voided: bool

    @property
    def told(self) -> str:
        """All of it in one line, for those who listen and for looking at it again."""
        letter = f"{self.weight[1]} {self.letter}".strip()
        parts = (
            _joined(*self.when),
            _joined(tr("berat {value}").format(value=self.weight[0]), f"({letter})" if letter else "")
            if self.weight[0] != words.NOTHING
            else "",
            _joined(tr("PB/TB {value}").format(value=self.length[0]), self.length[1])
            if self.length[0] != words.NOTHING
            else "",
            tr("LiLA {value}").format(value=self.arm[0]) if self.arm[0] != words.NOTHING else "",
            tr("LK {value}").format(value=self.head[0]) if self.head[0] != words.NOTHING else "",
            *(part for part in self.meaning if part != words.NOTHING),
        )
        return ", ".join(part for part in parts if part)


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def cells(visit: Visited, child: Child, today: date) -> Cells:
    """A visit with all that was measured and what it means."""
    item, known = visit.measurement, visit.assessed
    record = known.record if known is not None else None
    gain = format_gain(record.gain_g) if record is not None and record.gain_g is not None else ""
    old = age_label(child.birth_date, item.date) if child.birth_date is not None else ""
    how = {Position.LYING: tr("terlentang"), Position.STANDING: tr("berdiri"), None: ""}[item.position]
    return Cells(
        when=(words.day_short(item.date, today), old),
        weight=(words.weight(item.weight_g), gain),
        letter=record.letter.value if record is not None else "",
        length=(words.length(item.length_mm), how if item.length_mm is not None else ""),
        arm=(words.length(item.muac_mm), ""),
        head=(words.length(item.head_mm), ""),
        meaning=_meaning(visit),
        voided=item.voided,
    )


def _meaning(visit: Visited) -> tuple[str, str]:
    said = tr("oleh {name}").format(name=visit.who)
    if visit.assessed is None:
        return tr("Dibatalkan"), said
    order = (Index.BB_TB, Index.LILA, Index.TB_U, Index.BB_U, Index.LK_U)
    found = [visit.assessed.categories[at] for at in order if at in visit.assessed.categories]
    labels = [found_.label for found_ in sorted(found, key=lambda item: -abs(item.side)) if found_.side]
    if visit.measurement.oedema:
        labels.insert(0, tr("Bengkak +{grade}").format(grade=visit.measurement.oedema))
    if visit.assessed.double:
        labels.insert(0, tr("Dua kali di hari ini"))
    return ", ".join(labels) or (tr("Normal") if found else words.NOTHING), said


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened: what, the values, by whom and when."""

    title: str
    details: str
    who: str
    when: str

    @property
    def told(self) -> str:
        return ". ".join(part for part in (self.title, self.details, self.who, self.when) if part)


def of_given(item: Given, today: date) -> EventRow:
    """A dose, a home visit or a card."""
    return EventRow(item.title, " · ".join(item.details), item.who, words.day_short(item.date, today))


def of_history(entry: HistoryEntry, today: date) -> EventRow:
    """One thing somebody did, with the reason she gave."""
    details = list(entry.details)
    if entry.reason:
        details.append(tr("alasan: {reason}").format(reason=entry.reason))
    return EventRow(entry.title, " · ".join(details), entry.who, _moment(entry.at, today))


def _moment(at: datetime | None, today: date) -> str:
    if at is None:
        return words.NOTHING
    return f"{words.day_short(at.date(), today)}, {format_time(at)}"


Facts = tuple[tuple[str, str], ...]


def identity(book: ChildBook) -> tuple[tuple[str, Facts], ...]:
    """Everything known of her, in three groups; numbers masked."""
    child, none = book.child, words.NOTHING
    decided = book.consent
    agreed = tr("belum ditanyakan")
    if decided is not None:
        who = tr("{state}: {name} ({relation}), {date}")
        agreed = who.format(
            state=label_of(ConsentState, decided.state),
            name=decided.name,
            relation=label_of(Relation, decided.relation).lower(),
            date=format_date(decided.date),
        )
    return (
        (
            tr("Anak"),
            (
                (tr("NIK"), nik.mask(child.nik) if child.nik else tr("menyusul")),
                (tr("No. KK"), nik.mask(child.kk) if child.kk else none),
                (tr("Anak ke"), str(child.child_order) if child.child_order else none),
                (tr("Posyandu"), book.posyandu),
                (tr("Asal"), child.origin or none),
                (tr("Keadaan"), standing(child) or tr("Aktif")),
            ),
        ),
        (
            tr("Keluarga"),
            (
                (tr("Ibu"), names.display(child.mother_name) if child.mother_name else none),
                (tr("NIK Ibu"), nik.mask(child.mother_nik) if child.mother_nik else none),
                (tr("Ayah"), names.display(child.father_name) if child.father_name else none),
                (tr("Telepon"), child.phone or none),
                (tr("Alamat"), ", ".join(part for part in (child.address, words.place(child)) if part)),
                (tr("Persetujuan"), agreed),
            ),
        ),
        (
            tr("Saat lahir"),
            (
                (tr("Kehamilan"), _weeks(child)),
                (tr("Berat"), _with(format_weight, child.birth_weight_g, "kg")),
                (tr("Panjang"), _with(format_length, child.birth_length_mm, "cm")),
                (tr("LK"), _with(format_length, child.birth_head_mm, "cm")),
                ("IMD", _yes(child.imd)),
                (tr("Buku KIA"), _yes(child.kia_held)),
            ),
        ),
    )


def _weeks(child: Child) -> str:
    if child.gestation_weeks is None:
        return words.NOTHING
    told = tr("{weeks} minggu").format(weeks=child.gestation_weeks)
    return tr("{weeks}, prematur").format(weeks=told) if is_premature(child) else told


def _with(write: Callable[[int], str], value: int | None, unit: str) -> str:
    return words.NOTHING if value is None else f"{write(value)} {unit}"


def _yes(flag: bool | None) -> str:
    return words.NOTHING if flag is None else tr("ya") if flag else tr("tidak")
