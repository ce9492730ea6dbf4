"""Recommendations and what becomes of them: sent, delivered, seen, done, cannot, overdue.

A recommendation is addressed to an area, or to a child. An answer speaks for the area of whoever
gives it, at most for the one addressed: the midwife answers for her village, a kader for her
posyandu. "Seen" is what a person did by opening it; the program never says it (sync rule 18).
Answers are only added; of those for one area that end the matter the last counts.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from posyandu_app.domain.dates import format_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.labels import Labelled
from posyandu_app.domain.notes import one_line, tidy
from posyandu_app.domain.operations import Json, JsonObject, clean
from posyandu_app.domain.reading import Values, day, number, tables, text
from posyandu_app.domain.reviews import later
from posyandu_app.domain.skdn import format_percent, permille
from posyandu_app.i18n import tr

LONGEST_TEXT = 2000
LONGEST_DAYS = 366
_MOST_FIGURES = 50


class AnswerState(Labelled):
    """What a receiver says."""

    SEEN = "dilihat"
    DONE = "selesai"
    CANNOT = "tidak_bisa"

    @property
    def label(self) -> str:
        return {
            AnswerState.SEEN: tr("Dilihat"),
            AnswerState.DONE: tr("Sudah dikerjakan"),
            AnswerState.CANNOT: tr("Tidak bisa dikerjakan"),
        }[self]


class Progress(StrEnum):
    """How far a recommendation has come, in this order."""

    UNSENT = "belum_terkirim"
    SENT = "terkirim"
    DELIVERED = "sampai"
    SEEN = "dilihat"
    CANNOT = "tidak_bisa"
    DONE = "selesai"

    @property
    def label(self) -> str:
        return {
            Progress.UNSENT: tr("Belum dikirim dari laptop ini"),
            Progress.SENT: tr("Di server, belum dijemput"),
            Progress.DELIVERED: tr("Sampai"),
            Progress.SEEN: tr("Dilihat"),
            Progress.CANNOT: tr("Tidak bisa dikerjakan"),
            Progress.DONE: tr("Sudah dikerjakan"),
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure that a recommendation rests on, as it was then; the analysis can take it again later.

    `code`, `area` and the months `first` to `last` ("2026-10") say which figure it is; `value` is in
    the unit of the code, `count` of `of` are behind it. `label` and `shown` are the words and the
    figure as whoever sent it saw them, for laptops that do no analysis.
    """

    code: str
    area: str
    first: str
    last: str
    value: int | None = None
    count: int | None = None
    of: int | None = None
    limit: int | None = None
    label: str = ""
    shown: str = ""

    @property
    def told(self) -> str:
        """The figure in words: as it was shown, else from its counts: "62,5 % (10 dari 16)"."""
        if self.shown or self.count is None:
            return self.shown or "—"
        if self.of is None:
            return str(self.count)
        return tr("{percent} ({count} dari {of})").format(
            percent=format_percent(permille(self.count, self.of)), count=self.count, of=self.of
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What somebody who may recommends, to whom, until when, and from which figures.

    `scope` is the address; about a child it is where the child was then. `role` and `by` are whose,
    `rules` the version of the programme rules then in force.
    """

    id: str
    scope: str
    text: str
    sent_on: date
    due_on: date | None = None
    child: str | None = None
    figures: tuple[Figure, ...] = ()
    role: str = ""
    by: str = ""
    rules: str = ""
    actor: str = ""
    at: str = ""
    hlc: str = ""
    voided: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a receiver said, for the area `scope`, to a recommendation or a returned report (`to`)."""

    id: str
    to: str
    scope: str
    state: str
    on: date
    note: str | None = None
    child: str | None = None
    role: str = ""
    by: str = ""
    actor: str = ""
    at: str = ""
    hlc: str = ""
    voided: bool = False

    @property
    def final(self) -> bool:
        return self.state in (AnswerState.DONE, AnswerState.CANNOT)

    @property
    def order(self) -> tuple[date, str, str]:
        """What decides which answer is the last; the same on every laptop."""
        return (self.on, self.hlc, self.id)


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether the server has it, and how many laptops inside the address have read it, of how many.

    `laptops` is 0 where nobody is told, as on a kader's laptop.
    """

    at_server: bool
    read: int = 0
    laptops: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What one area inside the address has answered."""

    scope: str
    progress: Progress
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Status:
    """How a recommendation stands on a day: the areas inside its address, and all answers, oldest first."""

    recommendation: Recommendation
    on: date
    progress: Progress
    reach: Reach
    parts: tuple[Part, ...]
    answers: tuple[Answer, ...]

    @property
    def open(self) -> bool:
        return self.progress not in (Progress.DONE, Progress.CANNOT) and not self.recommendation.voided

    @property
    def overdue_days(self) -> int:
        """Days past the due date while it is open."""
        due = self.recommendation.due_on
        return 0 if due is None or not self.open else max(0, (self.on - due).days)

    @property
    def done(self) -> int:
        """How many of the areas inside have done it."""
        return sum(part.progress is Progress.DONE for part in self.parts)

    @property
    def most_pressing_first(self) -> tuple[bool, int, date, str]:
        """Sort key: open ones first, the longest overdue, then the nearest due date."""
        item = self.recommendation
        return (not self.open, -self.overdue_days, item.due_on or date.max, item.id)


def status(
    recommendation: Recommendation,
    answers: Iterable[Answer],
    on: date,
    reach: Reach,
    posyandu: Sequence[str] = (),
) -> Status:
    """How a recommendation stands: whoever answers for the whole address decides, else all posyandu in it.

    `posyandu` are the scopes known on this laptop. The result depends on the set of answers only.
    """
    known = sorted((item for item in answers if not item.voided), key=lambda item: item.order)
    if recommendation.child is not None:  # wherever she lives by now, it is she who was spoken of
        known = [dataclasses.replace(item, scope=recommendation.scope) for item in known]
    inside = [scope for scope in posyandu if _within(scope, recommendation.scope)]
    scopes = sorted({*inside, *(item.scope for item in known if _within(item.scope, recommendation.scope))})
    waiting = _waiting(reach)
    parts = tuple(_part(scope, known, waiting) for scope in scopes if scope != recommendation.scope)
    whole = _part(recommendation.scope, known, waiting)
    progress = whole.progress
    if whole.answer is None or not whole.answer.final:
        progress = _together([part for part in parts if part.scope in inside], whole.progress, parts)
    return Status(recommendation, on, progress, reach, parts, tuple(known))


def _waiting(reach: Reach) -> Progress:
    if not reach.at_server:
        return Progress.UNSENT
    return Progress.DELIVERED if reach.read else Progress.SENT


def _part(scope: str, answers: Sequence[Answer], waiting: Progress) -> Part:
    mine = [item for item in answers if item.scope == scope]
    ending = [item for item in mine if item.final]
    if ending:
        done = ending[-1].state == AnswerState.DONE
        return Part(scope, Progress.DONE if done else Progress.CANNOT, ending[-1])
    return Part(scope, Progress.SEEN, mine[-1]) if mine else Part(scope, waiting, None)


def _together(posyandu: Sequence[Part], whole: Progress, parts: Sequence[Part]) -> Progress:
    """What all posyandu together have come to while nobody has answered for the whole."""
    reached = {part.progress for part in posyandu}
    if posyandu and reached <= {Progress.DONE, Progress.CANNOT}:
        return Progress.DONE if Progress.DONE in reached else Progress.CANNOT
    if any(part.answer is not None for part in parts):
        return Progress.SEEN
    return whole


def waits_for(found: Status, scope: str) -> bool:
    """Whether a receiver in this area still has something to do about it, or has not seen what is new."""
    item = found.recommendation
    if not found.open or not (_within(scope, item.scope) or _within(item.scope, scope)):
        return False
    own = [part for part in found.parts if part.scope == scope and part.answer is not None]
    return not any(part.answer is not None and part.answer.final for part in own)


def speaks_for(own: str, address: str) -> str:
    """The area for which somebody who works in `own` answers: the smaller of it and the one addressed."""
    return own if _within(own, address) else address


def _within(scope: str, area: str) -> bool:
    return scope == area or scope.startswith(f"{area}.")


# what is written and read


def payload(item: Recommendation) -> JsonObject:
    """What `recommendation.record` carries; the address is the operation's scope."""
    values: dict[str, Json] = {
        "text": clean(item.text),
        "date": item.sent_on.isoformat(),
        "due_on": None if item.due_on is None else item.due_on.isoformat(),
        "child": item.child,
        "figures": [_figure(figure) for figure in item.figures] or None,
        "role": item.role or None,
        "by": clean(item.by) if item.by else None,
        "rules": item.rules or None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _figure(figure: Figure) -> JsonObject:
    values: dict[str, Json] = dataclasses.asdict(figure)
    return {name: clean(value) for name, value in values.items() if value is not None and value != ""}


def read(entity: str, scope: str, values: Values, **stamp: str) -> Recommendation | None:
    """The recommendation in the visible values of its row; None without text or date."""
    written, on = text(values, "text"), day(values, "date")
    if written is None or on is None:
        return None
    return Recommendation(
        id=entity,
        scope=scope,
        text=written,
        sent_on=on,
        due_on=day(values, "due_on"),
        child=text(values, "child"),
        figures=tuple(
            figure for item in tables(values, "figures") if (figure := _read_figure(item)) is not None
        ),
        role=text(values, "role") or "",
        by=text(values, "by") or "",
        rules=text(values, "rules") or "",
        voided=values.get("voided") is True,
        **stamp,
    )


def _read_figure(values: Values) -> Figure | None:
    code = text(values, "code")
    if code is None:
        return None
    return Figure(
        code=code,
        area=text(values, "area") or "",
        first=text(values, "first") or "",
        last=text(values, "last") or "",
        value=number(values, "value"),
        count=number(values, "count"),
        of=number(values, "of"),
        limit=number(values, "limit"),
        label=text(values, "label") or code,
        shown=text(values, "shown") or "",
    )


def answer_payload(item: Answer) -> JsonObject:
    """What `answer.record` carries; the area it speaks for is the operation's scope."""
    values: dict[str, Json] = {
        "to": item.to,
        "state": item.state,
        "date": item.on.isoformat(),
        "note": clean(item.note) if item.note else None,
        "child": item.child,
        "role": item.role or None,
        "by": clean(item.by) if item.by else None,
    }
    return {name: value for name, value in values.items() if value is not None}


def read_answer(entity: str, scope: str, values: Values, **stamp: str) -> Answer | None:
    """The answer in the visible values of its row; None unless it says to what, what and when."""
    to, state, on = text(values, "to"), text(values, "state"), day(values, "date")
    if to is None or state is None or on is None:
        return None
    return Answer(
        id=entity,
        to=to,
        scope=scope,
        state=state,
        on=on,
        note=text(values, "note"),
        child=text(values, "child"),
        role=text(values, "role") or "",
        by=text(values, "by") or "",
        voided=values.get("voided") is True,
        **stamp,
    )


def check(item: Recommendation, today: date) -> Recommendation:
    """The recommendation fit to be sent, its text tidy; raises `InvalidValue` naming the field."""
    written = _tidy(item.text)
    if not written:
        raise InvalidValue("text", tr("Tulis rekomendasinya."))
    if len(written) > LONGEST_TEXT:
        raise InvalidValue(
            "text", tr("Terlalu panjang. Ringkas sampai {count} huruf.").format(count=LONGEST_TEXT)
        )
    if item.due_on is not None and not today <= item.due_on <= later(today, LONGEST_DAYS):
        raise InvalidValue(
            "due_on",
            tr("Tenggat {date} harus antara hari ini dan setahun lagi.").format(
                date=format_date(item.due_on)
            ),
        )
    if len(item.figures) > _MOST_FIGURES:
        raise InvalidValue("figures", tr("Terlalu banyak angka. Pilih yang terpenting."))
    return dataclasses.replace(item, text=written)


def check_answer(item: Answer) -> Answer:
    """The answer fit to be given; who cannot do something says why."""
    if item.state not in tuple(AnswerState):
        raise InvalidValue("state", tr("Pilih dari daftar."))
    note = one_line(item.note, "note")
    if item.state == AnswerState.CANNOT and note is None:
        raise InvalidValue("note", tr("Tulis mengapa tidak bisa dikerjakan."))
    return dataclasses.replace(item, note=note)


def _tidy(written: str) -> str:
    """Several lines, each tidy, without signs that cannot be printed."""
    return "\n".join(tidy(line) for line in written.splitlines()).strip()
