"""The posyandu day as pure functions: who is expected, who is there, who is missing, what it came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from posyandu_app.domain import names, recap
from posyandu_app.domain.dates import format_time
from posyandu_app.domain.doses import CapsuleColour
from posyandu_app.domain.home_visits import VisitOutcome
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import Child, Sex
from posyandu_app.domain.recap import Absent, CardCounts, Expected, Line, Preparation, Waiting
from posyandu_app.domain.rules import AgeGroup, ProgramRules
from posyandu_app.domain.schedule import Kind
from posyandu_app.domain.sessions import Session
from posyandu_app.domain.skdn import Skdn, format_percent, permille
from posyandu_app.domain.visits import Attendance
from posyandu_app.i18n import tr
from posyandu_app.services.attendance import Attending
from posyandu_app.services.cases import Wanted
from posyandu_app.services.drafts import WaitingDraft
from posyandu_app.services.recap import Closing
from posyandu_app.ui import case_words, words

ICON = "icon:"
"""Before the name of an icon that stands where a status would, since being there is none."""


class Part(StrEnum):
    """The five views of a day, in the order of the day."""

    EXPECTED = "expected"
    PRESENT = "present"
    ABSENT = "absent"
    WAITING = "waiting"
    RECAP = "recap"

    @property
    def label(self) -> str:
        return {
            Part.EXPECTED: tr("Sasaran"),
            Part.PRESENT: tr("Hadir"),
            Part.ABSENT: tr("Tidak datang"),
            Part.WAITING: tr("Bidan"),
            Part.RECAP: tr("Rekap"),
        }[self]


@dataclass(frozen=True, slots=True)
class DayRow:
    """One child in a list of the day: who she is, her tone, and two lines about the matter.

    `toned` says that the upper line names the tone, and so has its colour.
    """

    child: str
    name: str
    mother: str
    place: str
    age: str
    tone: str
    upper: str
    lower: str
    toned: bool = False
    address: str = ""

    @property
    def told(self) -> str:
        """The row for a screen reader."""
        parts = (self.name, self.mother, self.place, self.age, self.upper, self.lower)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class DayBook:
    """Everything read about a day; `wanted` are the children whom a health worker waits for, by id.

    `several` names the posyandu by scope where the laptop's area has more than one.
    """

    on: date
    preparation: Preparation
    closing: Closing
    attending: tuple[Attending, ...]
    session: Session | None
    wanted: Mapping[str, Wanted] = field(default_factory=dict)
    several: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DayState:
    """One day in sight; `group` is the part of the children that the recap counts."""

    on: date
    today: date
    part: Part = Part.EXPECTED
    chosen: str = ""
    group: int = 0
    book: DayBook | None = None


def opened(state: DayState, book: DayBook) -> DayState:
    """The day was read; the choice stays where it was if it is still there."""
    return _settled(replace(state, book=book))


def turned(state: DayState, part: Part) -> DayState:
    """Another view of the day, from its top."""
    return _settled(replace(state, part=part, chosen="" if part != state.part else state.chosen))


def next_part(state: DayState) -> DayState:
    """The next view, from the first again after the last."""
    parts = list(Part)
    return turned(state, parts[(parts.index(state.part) + 1) % len(parts)])


def chosen(state: DayState, child: str) -> DayState:
    """Somebody of the list was chosen."""
    return replace(state, chosen=child)


def _settled(state: DayState) -> DayState:
    ids = [row.child for row in rows(state)]
    return state if state.chosen in ids else replace(state, chosen=ids[0] if ids else "")


def count(state: DayState, part: Part) -> int:
    """How many a view is about; for the attendance how many are there, for the recap how many weighed."""
    book = state.book
    if book is None:
        return 0
    return {
        Part.EXPECTED: len(book.preparation.expected),
        Part.PRESENT: sum(row.state in _THERE for row in book.attending),
        Part.ABSENT: len(book.closing.recap.absent),
        Part.WAITING: len(book.closing.recap.waiting),
        Part.RECAP: book.closing.recap.now.total.D,
    }[part]


def rows(state: DayState) -> tuple[DayRow, ...]:
    """The list of the view in sight; the recap has none."""
    book = state.book
    if book is None:
        return ()
    match state.part:
        case Part.EXPECTED:
            return tuple(_expected(item, state, book) for item in book.preparation.expected)
        case Part.PRESENT:
            half = {draft.child.id: draft for draft in book.closing.drafts}
            return tuple(_attending(item, state, half.get(item.child.id)) for item in book.attending)
        case Part.ABSENT:
            return tuple(_absent(item, state) for item in book.closing.recap.absent)
        case Part.WAITING:
            return tuple(_waiting(item, state) for item in book.closing.recap.waiting)
    return ()


def lead(state: DayState, *, writes: bool = True) -> str:
    """The sentence above the view: what to have ready, how many are there, what is still open.

    Whoever only reads (not `writes`) is told of no letters to type.
    """
    book = state.book
    if book is None:
        return ""
    match state.part:
        case Part.EXPECTED:
            needs = " · ".join(f"{name}: {number}" for name, number in book.preparation.needs)
            return (
                tr("Siapkan: {needs}").format(needs=needs) if needs else tr("Tidak ada yang perlu disiapkan.")
            )
        case Part.PRESENT:
            half = {draft.child.id for draft in book.closing.drafts}
            waits = sum(row.waits and row.child.id not in half for row in book.attending)
            sentence = tr(
                "{count} menunggu ditimbang. Ketik H hadir, T tidak hadir, X tidak dapat diukur, P pindah."
            )
            if half:
                sentence = tr(
                    "{count} menunggu ditimbang, {half} setengah diisi. "
                    "Ketik H hadir, T tidak hadir, X tidak dapat diukur, P pindah."
                )
            if not writes:
                sentence = tr("{count} menunggu ditimbang.")
            return sentence.format(count=waits, half=len(half))
        case Part.ABSENT:
            if not writes:
                return tr("Yang tidak datang, dengan hasil kunjungan ke rumahnya.")
            return tr("Sesudah ke rumahnya, ketik B bertemu, K tidak di rumah, P pindah, M menolak.")
        case Part.WAITING:
            return tr("Anak yang perlu dilihat bidan, dan pelayanan yang ditolak keluarga.")
    if not writes:
        return ""
    drafts = len(book.closing.drafts)
    if drafts:
        sentence = tr("{count} anak masih setengah diisi, lihat Hadir. Selesaikan dulu sebelum ditutup.")
        if book.session is not None and not book.session.is_open:
            sentence = tr(
                "{count} anak masih setengah diisi, lihat Hadir. Yang belum selesai tidak dihitung."
            )
        return sentence.format(count=drafts)
    return tr("Semua isian sudah selesai. Jangan lupa sinkron, atau salin ke USB, sebelum pulang.")


def needs(state: DayState) -> tuple[tuple[str, int], ...]:
    """What to have ready before the day, with how many; the KPSP sheets of all ages together."""
    if state.book is None or state.part is not Part.EXPECTED:
        return ()
    found: dict[str, int] = {}
    for name, number in state.book.preparation.needs:
        short = "KPSP" if name.startswith("KPSP ") else name
        found[short] = found.get(short, 0) + number
    return tuple(found.items())


_THERE = (Attendance.PRESENT, Attendance.NOT_MEASURABLE)


def _row(child: Child, state: DayState, tone: str, upper: str, lower: str) -> DayRow:
    posyandu = state.book.several.get(child.scope, "") if state.book is not None else ""
    return DayRow(
        child.id,
        names.display(child.name),
        words.family(child, posyandu),
        posyandu or words.place(child),
        words.age(child, state.on),
        tone,
        upper,
        lower,
        address=words.address(child),
    )


def _expected(item: Expected, state: DayState, book: DayBook) -> DayRow:
    wish = book.wanted.get(item.child.id)
    asked = [] if wish is None else [f"{case_words.wanted(wish, state.today).rstrip('.')}."]
    due = [_service(service.kind, service.code, service.name) for service in item.due if service.offered]
    told = asked + [step.text for step in item.milestones] + [step.text for step in item.follow_ups]
    if item.absent_last:
        told.append(tr("Posyandu lalu tidak datang."))
    upper = ", ".join(due) or (told.pop(0) if told else tr("Timbang dan ukur"))
    return _row(item.child, state, item.risk.tone, upper, " ".join(told))


def _service(kind: Kind, code: str, name: str) -> str:
    return label_of(CapsuleColour, code) if kind is Kind.VITAMIN_A and code else name


def _attending(item: Attending, state: DayState, half: WaitingDraft | None) -> DayRow:
    mark = label_of(Attendance, item.state) if item.state else tr("Belum datang")
    lower = tr("sudah ditimbang") if item.measured else tr("menunggu ditimbang") if item.waits else ""
    tone = f"{ICON}check" if item.measured else f"{ICON}scale" if item.waits else ICON
    if half is not None:
        since = "" if half.since is None else format_time(half.since)
        lower = tr("setengah diisi oleh {name}, {time}").format(name=half.user_name, time=since)
        mark = mark if item.state else tr("Sedang diisi")
        tone = f"{ICON}pencil"
    return _row(item.child, state, tone, mark, lower)


def _absent(item: Absent, state: DayState) -> DayRow:
    reasons = "; ".join(reason.label for reason in item.reasons[:1])
    told = []
    if item.last_came is not None:
        told.append(tr("Terakhir datang {day}.").format(day=words.day_short(item.last_came, state.today)))
    if item.visited is not None:
        sentence = tr("Dikunjungi {day}: {outcome}.")
        outcome = label_of(VisitOutcome, item.visited.outcome).lower()
        told.append(sentence.format(day=words.day_short(item.visited.date, state.today), outcome=outcome))
    tone = f"{ICON}check" if item.visited is not None else ICON
    return _row(item.child, state, tone, reasons, " ".join(told))


def _waiting(item: Waiting, state: DayState) -> DayRow:
    told = [f"{reason.text.rstrip('.')}." for reason in item.risk.reasons[:2]]
    if item.refused:
        told.append(tr("Menolak: {what}.").format(what=", ".join(item.refused)))
    return replace(_row(item.child, state, item.risk.tone, item.risk.tone.label, " ".join(told)), toned=True)


def groups(rules: ProgramRules) -> tuple[tuple[str, Sex | AgeGroup | None], ...]:
    """The parts of the children that the recap can count: everybody, by sex, by age."""
    ages = tuple(
        (tr("{first}–{last} bln").format(first=group.first, last=group.last), group)
        for group in rules.report_groups
    )
    return ((tr("Semua"), None), (tr("Laki-laki"), Sex.MALE), (tr("Perempuan"), Sex.FEMALE), *ages)


def lines(state: DayState, rules: ProgramRules) -> tuple[Line, ...]:
    """The recap as printed, of the chosen part of the children, last month beside it."""
    if state.book is None:
        return ()
    found = state.book.closing.recap
    wanted = groups(rules)[state.group][1]
    empty = Skdn()
    if wanted is None:
        return recap.lines(found.now.total, found.before.total, rules)
    if isinstance(wanted, Sex):
        return recap.lines(found.now.by_sex.get(wanted, empty), found.before.by_sex.get(wanted, empty), rules)
    return recap.lines(found.now.by_group.get(wanted, empty), found.before.by_group.get(wanted, empty), rules)


def services(state: DayState) -> tuple[tuple[str, str], ...]:
    """What was given and asked, as (what, how many), besides the weighing."""
    if state.book is None:
        return ()
    found = state.book.closing.recap
    of = tr("{given} dari {target} ({percent})")
    told: list[tuple[str, str]] = []
    for coverage in (*found.vitamin_a, found.deworming):
        value = of.format(
            given=coverage.given, target=coverage.target, percent=format_percent(coverage.percent)
        )
        told.append((coverage.name, value))
    given = sum(number for _, number, _ in found.doses)
    told.append((tr("Imunisasi bulan ini"), str(given)))
    both = (found.infants, found.older)
    for what, yes, asked in (
        (tr("ASI eksklusif"), *_sums(both, "breastfeeding")),
        (tr("MP-ASI sesuai umur"), *_sums(both, "feeding")),
    ):
        percent = format_percent(permille(yes, asked))
        told.append((what, of.format(given=yes, target=asked, percent=percent) if asked else words.NOTHING))
    told.append((tr("Mendapat MT pangan lokal"), str(sum(part.local_food for part in both))))
    told += [
        (tr("Perkembangan tidak lengkap"), str(sum(part.development_incomplete for part in both))),
        (tr("Terduga TBC"), str(sum(part.tb_suspected for part in both))),
        (tr("Ada tanda bahaya"), str(sum(part.danger_signs for part in both))),
        (tr("Dirujuk"), str(sum(part.referred for part in both))),
        (tr("Mendapat penyuluhan"), str(sum(part.counselled for part in both))),
    ]
    return tuple(told)


def _sums(parts: Sequence[CardCounts], name: str) -> tuple[int, int]:
    """How many said yes, of how many who were asked."""
    yes, asked = f"{name}_yes", f"{name}_asked"
    return sum(getattr(part, yes) for part in parts), sum(getattr(part, asked) for part in parts)


def session_words(state: DayState, at: str) -> str:
    """How the day stands, in one sentence; `at` is the time it was opened or closed."""
    session = state.book.session if state.book is not None else None
    if session is None:
        return tr("Hari posyandu ini belum dibuka.")
    if session.is_open:
        return tr("Dibuka pukul {time}.").format(time=at)
    return tr("Ditutup pukul {time}. Perubahan sesudahnya perlu alasan.").format(time=at)


def table(state: DayState) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """The list in sight as heads and cells for paper."""
    heads = (tr("Nama anak"), tr("Ibu"), tr("Umur"), tr("Alamat"), tr("Keterangan"))
    return heads, [
        (
            row.name,
            row.mother,
            row.age,
            row.address or row.place,
            " · ".join(part for part in (row.upper, row.lower) if part),
        )
        for row in rows(state)
    ]
