"""The only place that starts threads: work leaves the GUI thread here and its results come back here.

One executor with one worker for the database, one with two for the network, one with one worker
for the analysis (a district is read and counted there on a connection of its own, so that saving
a child never waits for a figure), and one long-lived QObject on the GUI thread whose single signal
drains the results. (A `QRunnable` that owns its signals and is forgotten segfaults; a signals object
made in a worker runs its slots there.)
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Literal, TypeVar

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Signal

from posyandu_app.ui.collector import Collector
from posyandu_app.ui.messages import describe

T = TypeVar("T")
Lane = Literal["db", "net", "analysis"]

log = logging.getLogger(__name__)


class Tasks(QObject):
    """Runs jobs off the GUI thread and hands every result to the GUI thread, in order within the db lane.

    `troubled` carries the sentence of a failure that no caller took care of.
    """

    troubled = Signal(str)
    _arrived = Signal()
    _idle = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes: dict[Lane, ThreadPoolExecutor] = {
            "db": ThreadPoolExecutor(max_workers=1, thread_name_prefix="db"),
            "net": ThreadPoolExecutor(max_workers=2, thread_name_prefix="net"),
            "analysis": ThreadPoolExecutor(max_workers=1, thread_name_prefix="analysis"),
        }
        self._results: deque[Callable[[], None]] = deque()
        self._pending = 0
        self._closed = False
        self._collector = Collector(self)
        self._arrived.connect(self._drain, Qt.ConnectionType.QueuedConnection)

    @property
    def idle(self) -> bool:
        """Whether nothing is running and every result has been handed over."""
        return self._pending == 0

    def run(
        self,
        lane: Lane,
        job: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Run `job` in a lane, then `done(result)` or `failed(error)` on the GUI thread."""
        if self._closed:
            raise RuntimeError("no task can start after close()")
        self._pending += 1
        future = self._lanes[lane].submit(job)
        future.add_done_callback(partial(self._finished, done, failed))

    def _finished(
        self,
        done: Callable[[Any], None] | None,
        failed: Callable[[Exception], None] | None,
        future: "Future[Any]",
    ) -> None:
        """Runs on the worker: only queues what the GUI thread shall do."""
        self._results.append(partial(self._deliver, done, failed, future))
        self._arrived.emit()

    def _deliver(
        self,
        done: Callable[[Any], None] | None,
        failed: Callable[[Exception], None] | None,
        future: "Future[Any]",
    ) -> None:
        self._pending -= 1
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            if done is not None:
                done(future.result())
        elif not isinstance(error, Exception):
            raise error
        elif failed is not None:
            failed(error)
        else:
            self.troubled.emit(describe(error))

    def _drain(self) -> None:
        while self._results:
            deliver = self._results.popleft()
            try:
                deliver()
            except Exception as error:
                # one screen's mistake must not keep the others' results waiting
                self.troubled.emit(describe(error))
        if self._pending == 0:
            self._idle.emit()

    def wait_idle(self, timeout: float = 30.0) -> bool:
        """Run the event loop until nothing is pending; False when `timeout` seconds were not enough."""
        until = time.monotonic() + timeout
        while not self.idle and (left := until - time.monotonic()) > 0:  # a timer may have begun something
            loop = QEventLoop()
            self._idle.connect(loop.quit)
            QTimer.singleShot(round(left * 1000), loop, loop.quit)
            loop.exec()
            self._idle.disconnect(loop.quit)
        return self.idle

    def close(self) -> None:
        """Finish all database work, hand over its results, and let go of the network at once.

        A reply that is still under way is dropped: the exchange is safe to repeat. The analysis is
        waited for; whoever closes has told it to stop.
        """
        if self._closed:
            return
        self._closed = True
        self._lanes["net"].shutdown(wait=False, cancel_futures=True)
        self._lanes["analysis"].shutdown(wait=True)
        self._lanes["db"].shutdown(wait=True)
        self._drain()
        self._collector.close()
