"""Sync inside the app: the scheduler decides, one lane reads and writes, another carries, nobody waits."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from posyandu_app.domain.errors import UserError
from posyandu_app.services.views import Changes
from posyandu_app.sync.scheduler import Go, State, next_action
from posyandu_app.sync.status import Link, SyncStatus
from posyandu_app.sync.trouble import SyncTrouble, code_of
from posyandu_app.ui.messages import describe
from posyandu_app.ui.sync_words import joining_field
from posyandu_app.ui.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Arrived:
    """What one exchange brought: the entities that look different now, and whether there is more to do.

    `said` is a calm sentence about what was mended by itself, `fill` how many operations of a first fill
    have come, of how many; `wipe` says that this laptop was revoked and holds nothing unsent any more.
    """

    changed: frozenset[str]
    more: bool
    said: str = ""
    fill: tuple[int, int] | None = None
    wipe: bool = False


@dataclass(frozen=True, slots=True)
class StickDone:
    """What became of a stick: a sentence for the person, whether all went well, and what looks different."""

    sentence: str
    well: bool
    changed: frozenset[str] = frozenset()


@dataclass(slots=True)
class StickJob:
    """A stick at work: its worker says how far it is and asks whether to stop."""

    writes: bool
    done: int = 0
    total: int = 0
    stopped: bool = False

    def tell(self, done: int, total: int) -> None:
        """How far the work is."""
        self.done, self.total = done, total

    def stop(self) -> bool:
        """Whether the person wants it to end."""
        return self.stopped


class SyncPort(Protocol):
    """The protocol engine as the composition root offers it, in steps for the two lanes."""

    def status(self, link: Link) -> SyncStatus:
        """Where this laptop stands (db)."""
        ...

    def prepare(self) -> object:
        """The request that goes out when none is under way (db)."""
        ...

    def carry(self, outgoing: object) -> bytes:
        """The server's answer (net)."""
        ...

    def mend(self, outgoing: object, error: Exception) -> None:
        """Make the next request smaller, from earlier or under a new name (db), or raise the error."""
        ...

    def read_ahead(self, outgoing: object) -> None:
        """Make ready what comes after a request that is under way (db)."""
        ...

    def follow(self, outgoing: object, reply: bytes) -> object | None:
        """The request that can go out before the answer to this one is taken in (db), or None."""
        ...

    def take(self, reply: bytes) -> Arrived:
        """Take the answer in (db)."""
        ...

    def enrol(self, url: str, code: str, name: str) -> None:
        """Join the district (net)."""
        ...

    def note_trouble(self, error: Exception) -> None:
        """Remember that an exchange did not come about (db)."""
        ...

    def stick(self, folder: Path, free: int | None, job: StickJob) -> StickDone:
        """Copy to a stick or read it, on a connection of its own (net); `free` are its free bytes."""
        ...


class SyncController(QObject):
    """Exchanges when there is reason to.

    `status_changed` carries a `SyncStatus`, `received` the `Changes` that came, `troubled` what
    stood in the way, `answered(sentence, trouble)` how an exchange went that a person asked for.
    `refused(field, sentence)` is why the Dinas did not take this laptop in: "url", "code" or "name" where
    it is about what was typed there, else "".
    `mended` is a sentence about what was put right by itself, `filled(received, total)` how far a first
    fill is; `wipe_due` means that the Dinas has revoked this laptop and holds all that was written here.
    """

    status_changed = Signal(object)
    received = Signal(object)
    busy_changed = Signal(bool)
    troubled = Signal(str)
    refused = Signal(str, str)
    answered = Signal(str, bool)
    mended = Signal(str)
    filled = Signal(int, int)
    wipe_due = Signal()
    stick_changed = Signal(object)
    stick_done = Signal(object)

    def __init__(
        self, tasks: Tasks, port: SyncPort, *, network_on: bool, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._port = port
        self._network_on = network_on
        self._status: SyncStatus | None = None
        self._link = Link.UNKNOWN
        self._under_way = False
        self._asked = False
        self._for_a_person = False
        self._reconnected = False
        self._closed = False
        self._last_attempt: float | None = None
        self._last_success: float | None = None
        self._failures = 0
        self._jitter = 1.0
        self._retry_at: float | None = None
        self._on_its_way = self._taking = False
        self._answer_came: Callable[[], None] | None = None
        self._broken: Exception | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.wake)
        self._job: StickJob | None = None
        self._watch = QTimer(self)
        self._watch.setInterval(100)
        self._watch.timeout.connect(lambda: self.stick_changed.emit(self._job))

    @property
    def status(self) -> SyncStatus | None:
        """What was last told, or None before the first answer."""
        return self._status

    @property
    def network_on(self) -> bool:
        return self._network_on

    @property
    def busy(self) -> bool:
        """Whether an exchange is under way."""
        return self._under_way

    def set_network(self, on: bool) -> None:
        """The switch: off means that no attempt is made, however long it takes."""
        if on == self._network_on:
            return
        self._network_on = on
        self._reconnected = on
        if on:
            self._failures, self._retry_at = 0, None
        self.refresh()

    def reconnected(self) -> None:
        """The system says that there is a network again."""
        self._reconnected = True
        self._failures = 0
        self.wake()

    def sync_now(self) -> None:
        """A person asked."""
        self._asked = True
        self.wake()

    def refresh(self) -> None:
        """Read log and watermark again, tell whoever shows them, and exchange if there is reason to."""
        if self._closed:
            return
        link = self._link if self._network_on else Link.SWITCHED_OFF
        self._tasks.run("db", lambda: self._port.status(link), self._status_read, self._failed_here)

    def enrol(self, url: str, code: str, name: str) -> None:
        """Join the district with a code; `busy_changed` and `troubled`, or a new status, tell how it went."""
        if self._under_way:
            return
        self._turn(under_way=True)
        self._tasks.run("net", lambda: self._port.enrol(url, code, name), self._enrolled, self._refused)

    # sticks

    def copy_to_stick(self, folder: Path, free: int | None = None) -> None:
        """Copy what waits to a stick; `stick_changed` and `stick_done` tell how it goes."""
        self._begin_stick(folder, free, StickJob(writes=True))

    def read_stick(self, folder: Path) -> None:
        """Take in what a stick brings."""
        self._begin_stick(folder, None, StickJob(writes=False))

    def stop_stick(self) -> None:
        """End after the file at hand; what was done stays good."""
        if self._job is not None:
            self._job.stopped = True

    def _begin_stick(self, folder: Path, free: int | None, job: StickJob) -> None:
        if self._job is not None or self._closed:
            return
        self._job = job
        self._watch.start()
        self.stick_changed.emit(job)
        self._tasks.run(
            "net", lambda: self._port.stick(folder, free, job), self._stick_ended, self._stick_failed
        )

    def _stick_failed(self, error: Exception) -> None:
        self._stick_ended(StickDone(describe(error), well=False))

    def _stick_ended(self, done: StickDone) -> None:
        self._watch.stop()
        self._job = None
        if self._closed:
            return
        self.stick_done.emit(done)
        if done.changed:
            self.received.emit(Changes(frozenset({"child", "measurement"}), done.changed))
        self.refresh()

    def close(self) -> None:
        """Stop; what is under way is safe to repeat."""
        self._closed = True
        self.stop_stick()
        self._watch.stop()
        self._timer.stop()

    def wake(self) -> None:
        """Do what the scheduler says now."""
        self._timer.stop()
        status = self._status
        if self._closed or status is None:
            return
        now = time.monotonic()
        action = next_action(
            State(
                now=now,
                enrolled=status.enrolled,
                switched_off=not self._network_on,
                under_way=self._under_way,
                unsent=status.unsent,
                last_attempt=self._last_attempt,
                last_success=self._last_success,
                failures=self._failures,
                jitter=self._jitter,
                retry_at=self._retry_at,
                asked=self._asked,
                reconnected=self._reconnected,
            )
        )
        if isinstance(action, Go):
            self._for_a_person = self._asked
            self._asked = self._reconnected = False
            self._last_attempt = now
            self._turn(under_way=True)
            self._prepare()
        elif action.seconds is not None:
            self._timer.start(max(50, round(action.seconds * 1000)))

    def _prepare(self) -> None:
        self._tasks.run("db", self._port.prepare, self._prepared, self._failed)

    def _prepared(self, outgoing: object) -> None:
        if self._closed or not self._network_on:
            self._turn(under_way=False)
            return
        self._send(outgoing)

    def _send(self, outgoing: object) -> None:
        """One request is on its way at a time; what comes after it is made ready meanwhile."""
        self._on_its_way, self._answer_came = True, None

        def arrived(reply: bytes) -> None:
            self._arrived(partial(self._carried, outgoing, reply))

        def failed(error: Exception) -> None:
            self._arrived(partial(self._line_failed, outgoing, error))

        self._tasks.run("net", lambda: self._port.carry(outgoing), arrived, failed)
        self._tasks.run("db", lambda: self._port.read_ahead(outgoing), None, _is_told_when_it_is_needed)

    def _arrived(self, then: Callable[[], None]) -> None:
        """The line is free again; what it brought waits until the answer before it was taken in."""
        self._on_its_way = False
        if self._closed:
            return
        if self._broken is not None:
            self._failed(self._broken)
        elif self._taking:
            self._answer_came = then
        else:
            then()

    def _line_failed(self, outgoing: object, error: Exception) -> None:
        self._tasks.run(
            "db", lambda: self._port.mend(outgoing, error), lambda _: self._prepare(), self._failed
        )

    def _carried(self, outgoing: object, reply: bytes) -> None:
        self._taking = True
        if not self._network_on:
            self._take(reply, None)
            return
        self._tasks.run(
            "db", lambda: self._port.follow(outgoing, reply), partial(self._take, reply), self._failed
        )

    def _take(self, reply: bytes, following: object | None) -> None:
        if self._closed:
            return
        if following is not None and self._network_on:
            self._send(following)
        self._tasks.run("db", lambda: self._port.take(reply), self._taken, self._hurt)

    def _taken(self, arrived: Arrived) -> None:
        self._taking = False
        if self._closed:
            return
        self._link, self._failures, self._retry_at = Link.ONLINE, 0, None
        self._last_success = time.monotonic()
        if arrived.changed:
            self.received.emit(Changes(frozenset({"child", "measurement"}), arrived.changed))
        if arrived.said:
            self.mended.emit(arrived.said)
        if arrived.fill is not None:
            self.filled.emit(*arrived.fill)
        if arrived.wipe:
            self._turn(under_way=False)
            self.wipe_due.emit()
            return
        then, self._answer_came = self._answer_came, None
        if then is not None or self._on_its_way:
            self.refresh()
            if then is not None:
                then()
        elif arrived.more and self._network_on:
            self.refresh()
            self._prepare()
        else:
            self._turn(under_way=False)
            self.refresh()

    def _hurt(self, error: Exception) -> None:
        """Trouble in taking in while a request may be on its way: it is told once the line is free."""
        if self._on_its_way:
            self._broken = self._broken or error
        else:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        self._taking, self._answer_came, self._broken = False, None, None
        if self._closed:
            return
        self._failures += 1
        self._jitter = random.random()  # noqa: S311  (spreads the retries of many laptops)
        if isinstance(error, SyncTrouble):
            self._link = error.link
            after = error.retry_after
            self._retry_at = None if after is None else time.monotonic() + after
            self._tasks.run("db", lambda: self._port.note_trouble(error))
        self._failed_here(error)

    def _failed_here(self, error: Exception) -> None:
        if self._closed:
            return
        self._turn(under_way=False)
        sentence = describe(error)
        self.troubled.emit(sentence)
        self._answer(sentence, trouble=True)
        if isinstance(error, SyncTrouble):
            self.refresh()

    def _refused(self, error: Exception) -> None:
        if self._closed:
            return
        self._turn(under_way=False)
        field = joining_field(code_of(error)) if isinstance(error, UserError) else ""
        self.refused.emit(field, describe(error))
        if isinstance(error, SyncTrouble):
            self.refresh()

    def _enrolled(self, _: None) -> None:
        if self._closed:
            return
        self._turn(under_way=False)
        self._asked = True
        self.received.emit(Changes(frozenset({"enrolment"}), frozenset()))
        self.refresh()

    def _status_read(self, status: SyncStatus) -> None:
        if self._closed:
            return
        self._status = status
        self.status_changed.emit(status)
        if not self._under_way:
            self._answer(status.message, trouble=False)
        self.wake()

    def _answer(self, sentence: str, *, trouble: bool) -> None:
        if self._for_a_person:
            self._for_a_person = False
            self.answered.emit(sentence, trouble)

    def _turn(self, *, under_way: bool) -> None:
        if under_way != self._under_way:
            self._under_way = under_way
            self.busy_changed.emit(under_way)


def _is_told_when_it_is_needed(_: Exception) -> None:
    """What could not be read ahead is read again in its turn, and trouble is told then."""
