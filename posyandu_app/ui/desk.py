"""What the screens of one unlocked person share: workspace, deeds and their undo, where to go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from posyandu_app.domain.clock import Clock
from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.reports.analyst import Analyst
from posyandu_app.services.undoing import undo
from posyandu_app.services.views import Changes, RosterRow, Undo
from posyandu_app.services.workspace import Workspace
from posyandu_app.ui.messages import describe
from posyandu_app.ui.tasks import Tasks

T = TypeVar("T")

MOST_DEEDS = 50
"""How many deeds back Ctrl+Z reaches, one after the other."""
_LOST = frozenset({"changed_since", "nothing_to_undo", "not_allowed"})
"""Why a deed can never be taken back any more: the one before it comes next."""


@dataclass(frozen=True, slots=True)
class Deed:
    """A deed that can be taken back, and what else its screen wants done then, or when it is redone.

    `take_back` does it where undoing one operation after the other is not enough.
    """

    undo: Undo
    undone: Callable[[], None] | None = None
    redone: Callable[[], None] | None = None
    take_back: Callable[[Workspace], Changes] | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence at the foot of the window: what was done, or what went wrong.

    `deed` is what "Urungkan" takes back, `redo` what "Kembalikan" does again.
    """

    text: str
    detail: str = ""
    trouble: bool = False
    deed: Deed | None = None
    redo: Deed | None = None


class Desk(QObject):
    """The one place where screens ask services, so that every change refreshes whoever shows it.

    `changed` carries the `Changes` of a deed or of a sync; `noticed` what the foot of the
    window says; `went` a place and the child it is about; `counted` a place and how many
    wait there; `wished` a setting that was chosen in the middle of the work; `unsent_changed` says
    that another number of entries waits for the Dinas, `sync_asked` that somebody wants to sync now,
    `dated` which day somebody says it is, None when she does not say; `resumed` names the child whose
    weighing was taken back and waits half entered: whoever is weighing goes back to her.
    """

    changed = Signal(object)
    noticed = Signal(object)
    went = Signal(str, str)
    counted = Signal(str, int)
    wished = Signal(str, str)
    unsent_changed = Signal()
    sync_asked = Signal()
    dated = Signal(object)
    resumed = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        tasks: Tasks,
        clock: Clock,
        parent: QObject | None = None,
        *,
        analyst: Analyst | None = None,
    ) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.tasks = tasks
        self.clock = clock
        self.analyst = analyst or Analyst(workspace.database, workspace.rules, workspace.user.role)
        self._weighing_date: date | None = None
        self.known_day = date.min
        """The last day that is known from what is written here, where the clock stands behind it."""
        self._open = True
        self._done: list[Deed] = []
        self._undone: list[Deed] = []
        self.wishes: dict[str, str] = {}
        self.counts: dict[str, int] = {}
        """How many wait at each place, as told last."""
        self.counted.connect(self.counts.__setitem__)
        self.order: tuple[str, ...] = ()
        self.done: frozenset[str] = frozenset()
        self.unsent = 0
        """How many entries of this laptop the Dinas has not received; 0 on one that is not joined."""
        self.network_on = True
        self.handed: object = None
        """What one screen hands to the next one beside a name; whoever takes it puts None here."""

    def close(self) -> None:
        """The screens go away: answers still under way are for nobody."""
        self._open = False

    @property
    def is_open(self) -> bool:
        """Whether its screens are still there."""
        return self._open

    def set_roster(self, rows: Sequence[RosterRow]) -> None:
        """The whole roster was read: its order is the order of weighing."""
        self.order = tuple(row.child.id for row in rows)
        self.done = frozenset(row.child.id for row in rows if row.measured_this_month)

    def measured(self, child: str) -> None:
        """A child has been weighed; "next" passes her over."""
        self.done |= {child}

    def unmeasured(self, child: str) -> None:
        """Her weighing was taken back."""
        self.done -= {child}

    def show_unsent(self, count: int, network_on: bool) -> None:
        """So many entries wait for the Dinas now."""
        if (self.unsent, self.network_on) != (count, network_on):
            self.unsent, self.network_on = count, network_on
            self.unsent_changed.emit()

    def draft_changed(self, child: str) -> None:
        """A form was left half-typed, or is no more: the roster shows it."""
        self.changed.emit(Changes(frozenset({"draft"}), frozenset({child})))

    @property
    def latest_day(self) -> date:
        """The latest day that may be entered: a clock that stands behind forbids nothing."""
        return max(self.clock.today(), self.known_day)

    @property
    def weighing_date(self) -> date:
        """The date that is being entered: today, unless somebody works through another day's paper."""
        return self._weighing_date or self.clock.today()

    def set_weighing_date(self, on: date) -> None:
        """Work through that day's paper; today goes on with the clock, over midnight too."""
        self._weighing_date = None if on == self.clock.today() else on

    def ask(
        self,
        question: Callable[[Workspace], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Read something off the GUI thread."""
        workspace = self.workspace
        self.tasks.run(
            "db",
            lambda: question(workspace),
            self._while_open(done),
            self._while_open(failed or self.trouble),
        )

    def analyse(
        self,
        question: Callable[[Analyst], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Ask for figures; they are counted beside the work at the posyandu, never before it."""
        analyst, rules = self.analyst, self.workspace.rules

        def ask() -> T:
            analyst.use(rules)
            return question(analyst)

        def answered(found: T) -> None:
            done(found)
            self.tasks.run("analysis", analyst.keep)

        self.tasks.run("analysis", ask, self._while_open(answered), self._while_open(failed or self.trouble))

    def tell(self, job: Callable[[Workspace], object]) -> None:
        """Do something of no consequence to other screens, such as keeping a draft."""
        workspace = self.workspace
        self.tasks.run("db", lambda: job(workspace), None, self._while_open(self.trouble))

    def do(
        self,
        deed: Callable[[Workspace], Changes],
        done: Callable[[Changes], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Change something; whoever shows what changed hears of it, after `done`."""

        def finished(changes: Changes) -> None:
            if done is not None:
                done(changes)
            self.changed.emit(changes)

        self.ask(deed, finished, failed)

    def _while_open(self, callback: Callable[[T], None]) -> Callable[[T], None]:
        def if_open(value: T) -> None:
            if self._open:
                callback(value)

        return if_open

    def trouble(self, error: Exception) -> None:
        """Show a failure at the foot of the window."""
        self.report(describe(error))

    def report(self, sentence: str) -> None:
        """Show what went wrong at the foot of the window; what was done before can still be taken back."""
        self.noticed.emit(Notice(sentence, trouble=True, deed=_top(self._done)))

    def say(self, sentence: str) -> None:
        """Show at the foot of the window what was done that needs no undo, such as a print."""
        self.noticed.emit(Notice(sentence, deed=_top(self._done), redo=_top(self._undone)))

    def offer(self, changes: Changes, detail: str = "", deed: Deed | None = None) -> None:
        """Say at the foot of the window what was done, with "Urungkan" beside it."""
        if changes.undo is not None:
            made = deed or Deed(changes.undo)
            self._done = [*self._done, made][-MOST_DEEDS:]
            self._undone.clear()
            self.noticed.emit(Notice(changes.undo.label, detail, deed=made))

    def take_back(self) -> None:
        """Undo the last deed by name, then offer the one before it, and to do this one again."""
        if self._done:
            self._reverse(self._done.pop(), self._done, self._undone)

    def do_again(self) -> None:
        """Undo the last undo."""
        if self._undone:
            self._reverse(self._undone.pop(), self._undone, self._done)

    def _reverse(self, deed: Deed, origin: list[Deed], other: list[Deed]) -> None:
        def reversed_(changes: Changes) -> None:
            if deed.undone is not None:
                deed.undone()
            if changes.undo is not None:
                other.append(Deed(changes.undo, undone=deed.redone, redone=deed.undone))
                before = _top(self._done)
                said = tr("Berikutnya: {what}").format(what=before.undo.label) if before is not None else ""
                self.noticed.emit(
                    Notice(
                        changes.undo.label,
                        said if other is self._undone else "",
                        deed=before,
                        redo=_top(self._undone),
                    )
                )

        def refused(error: Exception) -> None:
            if not isinstance(error, UserError) or error.code not in _LOST:
                origin.append(deed)
            self.trouble(error)

        self.do(deed.take_back or (lambda workspace: undo(workspace, deed.undo)), reversed_, refused)

    def wish(self, name: str, value: str) -> None:
        """Remember how somebody likes it, for next time too."""
        self.wishes[name] = value
        self.wished.emit(name, value)

    def go(self, place: str, child: str = "") -> None:
        """Show another place of the window."""
        self.went.emit(place, child)


def _top(deeds: list[Deed]) -> Deed | None:
    return deeds[-1] if deeds else None


class Latest(QObject):
    """Asks again and again with the newest wish only: typing fast never piles up work."""

    def __init__(self, desk: Desk, ask: Callable[..., None] | None = None) -> None:
        """`ask` is `desk.ask` unless figures are wanted: then `desk.analyse`."""
        super().__init__(desk)
        self._desk = desk
        self._ask = ask or desk.ask
        self._running = False
        self._next: Callable[[], None] | None = None

    def ask(
        self,
        question: Callable[[Any], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Ask now, or as soon as the running question is answered, unless a newer wish comes first."""

        def start() -> None:
            self._running = True
            self._ask(question, answered, refused)

        def answered(result: T) -> None:
            if not self._go_on():
                done(result)

        def refused(error: Exception) -> None:
            if not self._go_on():
                (failed or self._desk.trouble)(error)

        if self._running:
            self._next = start
        else:
            start()

    def _go_on(self) -> bool:
        self._running = False
        following, self._next = self._next, None
        if following is not None:
            following()
        return following is not None
