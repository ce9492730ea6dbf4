"""When to exchange next: a pure function of the log, the watermark and the network's state (sync rule 21).

On reconnect, after a save when online, and every 15 minutes; after failures with full
jitter, doubling up to 15 minutes; at once when a person asks.
"""

from dataclasses import dataclass

EVERY_SECONDS = 15 * 60
FIRST_RETRY_SECONDS = 15
LONGEST_RETRY_SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class State:
    """All that decides; times are seconds of one steady clock.

    `online` is None where the system does not tell. `failures` counts attempts without success
    since the last one that succeeded; `jitter` is a random part of one, drawn once per failure.
    `retry_at` is when the server asked us to come again.
    """

    now: float
    enrolled: bool
    switched_off: bool = False
    under_way: bool = False
    online: bool | None = None
    unsent: int = 0
    last_attempt: float | None = None
    last_success: float | None = None
    failures: int = 0
    jitter: float = 1.0
    retry_at: float | None = None
    asked: bool = False
    reconnected: bool = False


@dataclass(frozen=True, slots=True)
class Go:
    """Exchange now; `why` is for the log."""

    why: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Ask again after so many seconds, or, for None, when something changes."""

    seconds: float | None


def next_action(state: State) -> Go | Wait:
    """Whether to exchange now or how long to wait; a person's wish overrides every wait but the switch."""
    if not state.enrolled or state.switched_off or state.under_way:
        return Wait(None)
    if state.asked:
        return Go("asked")
    if state.online is False:
        return Wait(None)
    if state.retry_at is not None and 0 < state.retry_at - state.now <= LONGEST_RETRY_SECONDS:
        return Wait(state.retry_at - state.now)
    if state.reconnected:
        return Go("reconnected")
    if state.failures > 0:
        return _after(state, state.last_attempt, backoff(state.failures, state.jitter), "retry")
    if state.unsent > 0:
        return Go("unsent")
    return _after(state, state.last_success, EVERY_SECONDS, "regular")


def backoff(failures: int, jitter: float) -> float:
    """Seconds to wait after so many failures: a random part of a span that doubles up to its longest."""
    doubled = FIRST_RETRY_SECONDS << min(failures - 1, 20)
    return min(max(jitter, 0.0), 1.0) * min(LONGEST_RETRY_SECONDS, doubled)


def _after(state: State, since: float | None, seconds: float, why: str) -> Go | Wait:
    if since is None or since > state.now:  # never, or the clock was set back
        return Go(why)
    left = since + seconds - state.now
    return Wait(left) if left > 0 else Go(why)
