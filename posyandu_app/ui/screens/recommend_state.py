"""The list of recommendations as pure functions of (state, event): what is asked, of whom, how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from posyandu_app.domain import names
from posyandu_app.domain.model import Child, Role
from posyandu_app.domain.recommendations import Progress, Status
from posyandu_app.domain.scopes import within
from posyandu_app.i18n import tr
from posyandu_app.services.monthly_reports import Returned
from posyandu_app.services.recommendations import Row
from posyandu_app.ui import words
from posyandu_app.ui.models.line_model import Line

_UNSEEN = (Progress.UNSENT, Progress.SENT, Progress.DELIVERED)
REPORT = "report:"
"""Marks the key of a line that stands for a returned report."""

_ICONS = {
    Progress.UNSENT: "laptop",
    Progress.SENT: "cloud-upload",
    Progress.DELIVERED: "mail",
    Progress.SEEN: "eye",
    Progress.CANNOT: "circle-x",
    Progress.DONE: "check",
}


class Part(StrEnum):
    """The parts of the list."""

    WAITING = "menunggu"
    ANSWERED = "dijawab"
    RUNNING = "berjalan"
    OVERDUE = "lewat"
    FINISHED = "selesai"

    @property
    def label(self) -> str:
        return {
            Part.WAITING: tr("Perlu dijawab"),
            Part.ANSWERED: tr("Sudah dijawab"),
            Part.RUNNING: tr("Berjalan"),
            Part.OVERDUE: tr("Lewat tenggat"),
            Part.FINISHED: tr("Selesai"),
        }[self]


def parts_of(role: str) -> tuple[Part, ...]:
    """What a role looks at: receivers what they must answer, senders what becomes of what was sent."""
    if role == Role.DINAS:
        return (Part.RUNNING, Part.OVERDUE, Part.FINISHED)
    if role == Role.TPG:
        return (Part.WAITING, Part.RUNNING, Part.OVERDUE, Part.FINISHED)
    return (Part.WAITING, Part.ANSWERED)


@dataclass(frozen=True, slots=True)
class RecommendState:
    """All that was read, the part in sight, the chosen line; `waiting` are ids that wait for this person."""

    role: str
    own: str
    today: date
    part: Part
    rows: tuple[Row, ...] = ()
    waiting: frozenset[str] = frozenset()
    returned: tuple[Returned, ...] = ()
    chosen: str = ""
    loaded: bool = False

    @property
    def parts(self) -> tuple[Part, ...]:
        return parts_of(self.role)

    def in_part(self, part: Part) -> list[Row]:
        """The recommendations of one part, the most pressing first."""
        return [row for row in self.rows if self._fits(row, part)]

    def _fits(self, row: Row, part: Part) -> bool:
        mine = row.id in self.waiting
        match part:
            case Part.WAITING:
                return mine
            case Part.ANSWERED:
                return not mine
            case Part.RUNNING:
                return row.status.open and not mine
            case Part.OVERDUE:
                return row.status.overdue_days > 0 and not mine
        return not row.status.open

    def count(self, part: Part) -> int:
        """How many lines a part has."""
        reports = len(self.returned) if part is Part.WAITING else 0
        return len(self.in_part(part)) + reports

    def _line(self, row: Row, sends: bool) -> Line:
        return line_of(row, self.role, self.today, None if sends else self.own)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The part in sight, ready to be shown."""
        reports = self.returned if self.part is Part.WAITING else ()
        sends = self.part in (Part.RUNNING, Part.OVERDUE, Part.FINISHED)
        shown = [report_line(item) for item in reports]
        return (*shown, *(self._line(row, sends) for row in self.in_part(self.part)))


def opened(
    state: RecommendState, rows: Sequence[Row], waiting: Sequence[Row], returned: Sequence[Returned]
) -> RecommendState:
    """The list was read; the choice stays where it was if it is still there."""
    made = replace(
        state,
        rows=tuple(rows),
        waiting=frozenset(row.id for row in waiting),
        returned=tuple(returned),
        loaded=True,
    )
    return _settled(made)


def turned(state: RecommendState, part: Part) -> RecommendState:
    """Another part of the list."""
    return _settled(replace(state, part=part))


def next_part(state: RecommendState) -> RecommendState:
    """F3: the part after this one."""
    at = state.parts.index(state.part)
    return turned(state, state.parts[(at + 1) % len(state.parts)])


def chosen(state: RecommendState, key: str) -> RecommendState:
    """A line was chosen."""
    return replace(state, chosen=key)


def _settled(state: RecommendState) -> RecommendState:
    keys = [line.key for line in state.lines]
    return state if state.chosen in keys else replace(state, chosen=keys[0] if keys else "")


def report_line(item: Returned) -> Line:
    """A report that the puskesmas sent back."""
    what = "; ".join((*item.items, *((item.check.note,) if item.check.note else ())))
    return Line(
        key=f"{REPORT}{item.check.id}",
        title=tr("Laporan {month} dikembalikan: {posyandu}").format(
            month=item.check.month.label, posyandu=item.posyandu
        ),
        text=what,
        right=tr("Perbaiki"),
        below=item.check.by,
        icon="corner-up-left",
        ink="accent",
    )


def line_of(row: Row, role: str, today: date, own: str | None) -> Line:
    """One recommendation for whoever works in the area `own` and receives it; with None for its sender."""
    status = row.status
    mine = None if own is None else answer_of(status, own)
    if mine is not None:
        right, icon, ink = f"{short(mine[0])} {words.day_short(mine[1], today)}", _ICONS[mine[0]], "accent"
    else:
        right, icon = due_words(status, today), _ICONS[status.progress]
        if own is not None and status.progress in _UNSEEN:
            icon = "mail"
        icon, ink = ("clock-alert", "danger") if status.overdue_days else (icon, "accent")
    return Line(
        key=row.id,
        title=whom(row, role),
        text=" ".join(status.recommendation.text.split()),
        right=right,
        below=reached(status) if own is None else sender(row),
        icon=icon,
        ink=ink if status.open or mine is not None else "ink_soft",
    )


def answer_of(status: Status, own: str) -> tuple[Progress, date] | None:
    """What an area, or one that it lies in, has said in the end, and when."""
    ending = [item for item in status.answers if item.final and within(own, item.scope)]
    return (_PROGRESS_OF[ending[-1].state], ending[-1].on) if ending else None


def whom(row: Row, role: str) -> str:
    """Whom it is about or addressed to; a child masked for those who see no names in lists."""
    if row.child is not None:
        return f"{child_words(row.child, role)} · {row.address}"
    return tr("Untuk {area}").format(area=row.address)


def child_words(child: Child, role: str) -> str:
    """A child's name as this role sees it in lists."""
    return names.seen_by(role, child.name)


def due_words(status: Status, today: date) -> str:
    """ "Tenggat 3 Des", "Lewat 3 hari", or when the matter ended."""
    item = status.recommendation
    if status.overdue_days:
        return tr("Lewat {count} hari").format(count=status.overdue_days)
    if not status.open:
        ended = [answer.on for answer in status.answers if answer.final]
        day = words.day_short(max(ended), today) if ended else ""
        return f"{status.progress.label} {day}".strip() if not item.voided else tr("Ditarik")
    if item.due_on is None:
        return tr("Tanpa tenggat")
    return tr("Tenggat {day}").format(day=words.day_short(item.due_on, today))


def sender(row: Row) -> str:
    """From whom: the name, and the office that its role stands for."""
    item = row.status.recommendation
    office = {Role.DINAS: tr("Dinas"), Role.TPG: tr("Puskesmas")}.get(item.role, "")  # type: ignore[call-overload]
    return ", ".join(part for part in (item.by, office) if part)


def reached(status: Status) -> str:
    """How far it is on the whole: what the areas said, or on how many laptops it has arrived."""
    areas = len(status.parts)
    if areas > 1 and status.done and status.open:
        return tr("{done} dari {count} selesai").format(done=status.done, count=areas)
    if status.progress is Progress.DELIVERED and status.reach.laptops > 1:
        return tr("Sampai di {read} dari {count} laptop").format(
            read=status.reach.read, count=status.reach.laptops
        )
    return short(status.progress)


def short(progress: Progress) -> str:
    """How far it is, as short as it stands at the side of a line."""
    return {
        Progress.UNSENT: tr("Belum dikirim"),
        Progress.SENT: tr("Di server"),
        Progress.DELIVERED: tr("Sampai"),
        Progress.SEEN: tr("Dilihat"),
        Progress.CANNOT: tr("Tidak bisa"),
        Progress.DONE: tr("Dikerjakan"),
    }[progress]


def part_lines(status: Status, area_names: dict[str, str], today: date) -> tuple[Line, ...]:
    """What each area inside the address has come to, unanswered ones first."""
    order = list(Progress)
    found = sorted(status.parts, key=lambda part: (order.index(part.progress), part.scope))
    lines = []
    for part in found:
        answer = part.answer
        lines.append(
            Line(
                key=part.scope,
                title=area_names.get(part.scope, part.scope),
                text=(answer.note or "") if answer is not None else "",
                right=short(part.progress),
                below="" if answer is None else f"{answer.by} · {words.day_short(answer.on, today)}",
                icon=_ICONS[part.progress],
                ink="accent" if part.progress is Progress.DONE else "ink_soft",
            )
        )
    return tuple(lines)


def answer_lines(status: Status, today: date) -> tuple[Line, ...]:
    """What was answered, newest first, for a matter that has no areas inside."""
    return tuple(
        Line(
            key=answer.id,
            title=_said(answer.state),
            text=answer.note or "",
            right=words.day_short(answer.on, today),
            below=answer.by,
            icon=_ICONS.get(_PROGRESS_OF.get(answer.state, Progress.SEEN), "eye"),
            ink="accent",
        )
        for answer in reversed(status.answers)
    )


_PROGRESS_OF = {"dilihat": Progress.SEEN, "selesai": Progress.DONE, "tidak_bisa": Progress.CANNOT}


def _said(state: str) -> str:
    found = _PROGRESS_OF.get(state)
    return found.label if found is not None else state


def nothing(part: Part) -> tuple[str, str]:
    """What an empty part says, and what comes first."""
    if part is Part.WAITING:
        return (
            tr("Tidak ada yang perlu dijawab"),
            tr("Permintaan dari Dinas dan puskesmas muncul di sini setelah sinkronisasi."),
        )
    if part is Part.ANSWERED:
        return tr("Belum ada yang dijawab"), tr("Yang sudah dijawab tersimpan di sini.")
    if part is Part.OVERDUE:
        return tr("Tidak ada yang lewat tenggat"), tr("Semua yang berjalan masih dalam waktunya.")
    if part is Part.RUNNING:
        return (
            tr("Belum ada rekomendasi yang berjalan"),
            tr("Tulis sendiri dengan Ctrl+N, atau lihat usulan dari data dengan Ctrl+U."),
        )
    return tr("Belum ada yang selesai"), tr(
        "Yang sudah dikerjakan atau tidak bisa dikerjakan muncul di sini."
    )
