"""What time it is, as a port: the real clock, or one that stands still until it is moved."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where deeds get their time from."""

    def now(self) -> datetime:
        """The time on the wall, with its offset from UTC."""
        ...

    def today(self) -> date:
        """The date on the wall."""
        ...

    def ms(self) -> int:
        """Milliseconds since 1970 UTC; negative before."""
        ...


class SystemClock:
    """The clock of this machine, in its own time zone."""

    def now(self) -> datetime:
        utc = datetime.now(UTC)
        try:
            return utc.astimezone()
        except (OSError, OverflowError, ValueError):  # Windows has no local time before 1970
            return utc

    def today(self) -> date:
        return self.now().date()

    def ms(self) -> int:
        return time.time_ns() // 1_000_000


def rfc3339(ms: int) -> str:
    """A time as it travels, from milliseconds since 1970 UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")


class ShiftedClock(SystemClock):
    """The clock of this machine, some whole days off: for practice and demonstration."""

    def __init__(self, days: int) -> None:
        self._shift = timedelta(days=days)

    @classmethod
    def to_date(cls, on: date) -> "ShiftedClock":
        """The clock on which today is `on`."""
        return cls((on - SystemClock().today()).days)

    def now(self) -> datetime:
        return super().now() + self._shift

    def ms(self) -> int:
        return super().ms() + self._shift // timedelta(milliseconds=1)


class CorrectedClock:
    """A clock that stands behind, with the day that a person has said it is.

    Only dates follow her word: `ms`, from which stamps are made, goes on as the clock has it. Should
    the clock catch up meanwhile, it is believed again.
    """

    def __init__(self, clock: Clock, on: date) -> None:
        self._clock, self._on = clock, on
        self._shift = timedelta(days=(on - clock.today()).days)

    def now(self) -> datetime:
        now = self._clock.now()
        return now if now.date() >= self._on else now + self._shift

    def today(self) -> date:
        return self.now().date()

    def ms(self) -> int:
        return self._clock.ms()


class FixedClock:
    """A clock that stands at one moment until somebody moves it."""

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("a moment needs its offset from UTC")
        self._now = now

    def now(self) -> datetime:
        return self._now

    def today(self) -> date:
        return self._now.date()

    def ms(self) -> int:
        return (self._now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)

    def move(self, by: timedelta) -> None:
        """Move the clock forward, or back with a negative span."""
        self._now += by

    def set(self, now: datetime) -> None:
        """Put the clock at another moment."""
        if now.tzinfo is None:
            raise ValueError("a moment needs its offset from UTC")
        self._now = now


def timestamp(moment: datetime) -> str:
    """A moment as it stands in operations and messages: RFC 3339 with offset, to the second."""
    return moment.isoformat(timespec="seconds")
