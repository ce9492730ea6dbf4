"""One request after another until nothing waits either way: what to send next, when, and how much.

`exchange_all` holds a conversation with a thread for the line; the app holds the same one with its
own threads. While a request is under way the operations of the next are read and signed, and while
its answer is taken in the next is under way.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from posyandu_app.bulk import without_collections
from posyandu_app.sync import wire
from posyandu_app.sync.engine import FIRST_BATCH, Ahead, Engine, Exchanged, Outgoing
from posyandu_app.sync.trouble import Forked, Gap, Refused, Slow, SyncTrouble, TooLarge

AIM_SECONDS = 3.0
MOST_IDLE = 3
"""How often in one go an exchange that brings nothing may say that there is more."""
MOST_FORKS = 50
"""How often in one go the server may say that a number is taken before it is not believed any more."""
_MOST_GAPS = 3
_UNKNOWN = "unknown_device"
_GROWS = 4
_SHORT_SECONDS = AIM_SECONDS / 2


class Transport(Protocol):
    """Carries bytes to the server and back; raises `SyncTrouble` when no answer came."""

    @property
    def url(self) -> str: ...
    def exchange(self, body: bytes) -> bytes: ...
    def enrol(self, body: bytes) -> bytes: ...


class Conversation:
    """The order of requests and answers on one engine; `carry` may run beside the rest, on another thread.

    Batches grow while a round trip is short, shrink when it is long, and halve when the server finds
    them too large.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._batch = FIRST_BATCH
        self._took = 0.0
        self._idle = self._gaps = self._forks = 0
        self._ahead: Ahead | None = None

    def begin(self) -> Outgoing:
        """The request that goes out when none is under way; raises as `Engine.prepare`."""
        self._ahead = None
        return self._engine.prepare(self._batch)

    def read_ahead(self, outgoing: Outgoing) -> None:
        """Make ready what comes after a request that is under way."""
        self._ahead = self._engine.read_ahead(outgoing, min(self._batch * _GROWS, wire.MAX_OPERATIONS))

    def carry(self, outgoing: Outgoing, transport: Transport) -> bytes:
        """The server's answer; raises `SyncTrouble`."""
        started = time.monotonic()
        answer = transport.exchange(outgoing.body)
        self.took(time.monotonic() - started)
        return answer

    def took(self, seconds: float) -> None:
        """How long the round trip was that `follow` is told the answer of."""
        self._took = seconds

    def follow(self, outgoing: Outgoing, reply: bytes) -> Outgoing | None:
        """The request that goes out before the reply is taken in, or None; raises `Portal`."""
        self._batch = next_batch(self._batch, self._took)
        ahead, self._ahead = self._ahead, None
        return self._engine.prepare_after(reply, outgoing, self._batch, ahead)

    def take(self, reply: bytes) -> tuple[Exchanged, bool]:
        """What the reply has brought, and whether to begin again when nothing is under way."""
        exchanged = self._engine.apply(reply)
        self._gaps = self._forks = 0
        self._idle = 0 if exchanged.moved else self._idle + 1
        more = exchanged.more and self._idle <= MOST_IDLE
        if not more:
            self._idle = 0
        return exchanged, more

    def mend(self, outgoing: Outgoing, trouble: SyncTrouble) -> None:
        """Make the next beginning one that goes through, or raise the trouble that the line had."""
        if isinstance(trouble, Slow):
            self._batch = max(1, min(self._batch, FIRST_BATCH) // 2)
            raise trouble
        if isinstance(trouble, TooLarge):
            if outgoing.count <= 1 and self._batch == 1:
                raise trouble
            self._batch = max(1, min(self._batch, outgoing.count or self._batch) // 2)
        elif isinstance(trouble, Gap):
            self._gaps += 1
            if self._gaps > _MOST_GAPS:
                self._gaps = 0
                raise trouble
            self._engine.rewind(trouble.have)
        elif isinstance(trouble, Forked):
            self._forks += 1
            if self._forks > MOST_FORKS:
                self._forks = 0
                raise trouble
            self._engine.refused(trouble.evidence)
        elif not (isinstance(trouble, Refused) and trouble.word == _UNKNOWN and self._engine.introduce()):
            raise trouble


def exchange_all(
    engine: Engine,
    transport: Transport,
    progress: Callable[[Exchanged], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Exchanged:
    """Exchange until nothing waits either way or `stop` says so; raises `SyncTrouble` when contact fails.

    What was exchanged before trouble stays exchanged, and `progress` is told the sum of it. What is on its
    way when it stops arrives; its answer comes again with the next exchange.
    """
    talk, total = Conversation(engine), Exchanged()
    with without_collections(), ThreadPoolExecutor(1, "exchange") as line:
        outgoing = talk.begin()
        answer = line.submit(talk.carry, outgoing, transport)
        while True:
            talk.read_ahead(outgoing)
            try:
                reply = answer.result()
            except SyncTrouble as trouble:
                talk.mend(outgoing, trouble)
                following, more = None, True
            else:
                following = talk.follow(outgoing, reply)
                if following is not None:
                    answer = line.submit(talk.carry, following, transport)
                exchanged, more = talk.take(reply)
                total += exchanged
                if progress is not None:
                    progress(total)
                if stop is not None and stop():
                    return total
            if following is None:
                if not more:
                    return total
                following = talk.begin()
                answer = line.submit(talk.carry, following, transport)
            outgoing = following


def next_batch(batch: int, seconds: float) -> int:
    """The size of the next batch after a round trip that took so long.

    A quick line goes at once to what it carries in a short time, if time grew with the batch; it grows less.
    """
    if seconds < _SHORT_SECONDS:
        bears = int(batch * _SHORT_SECONDS / max(seconds, 0.001))
        return min(max(batch * _GROWS, bears), wire.MAX_OPERATIONS)
    if seconds > AIM_SECONDS:
        return max(batch // 2, 1)
    return batch
