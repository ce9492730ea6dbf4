"""Randomness and time as ports: ids, keys, codes and clocks that a seed decides."""

import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace
from unittest import mock

import uuid_utils
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from posyandu_app.district import admin
from posyandu_app.sync import conversation, signing

WIB = timezone(timedelta(hours=7))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def moment(year: int, month: int, day: int, hour: int = 7) -> int:
    """Milliseconds since 1970 UTC of an hour in western Indonesia."""
    return (datetime(year, month, day, hour, tzinfo=WIB) - _EPOCH) // timedelta(milliseconds=1)


class Dice(random.Random):
    """One seed's chance."""

    def chance(self, of_one: float) -> bool:
        """True in this part of all cases."""
        return self.random() < of_one

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self.random() * (high - low + 1))


class LaptopClock:
    """A laptop's clock: the true time, shifted by what is wrong with it; `Clock` of the app."""

    def __init__(self, true_ms: Callable[[], int], zone: timezone = WIB) -> None:
        self._true_ms = true_ms
        self._zone = zone
        self.shift_ms = 0

    def ms(self) -> int:
        return self._true_ms() + self.shift_ms

    def now(self) -> datetime:
        return (_EPOCH + timedelta(milliseconds=self.ms())).astimezone(self._zone)

    def today(self) -> date:
        return self.now().date()

    def set(self, ms: int) -> None:
        """Let it show this time now; from here on it runs on."""
        self.shift_ms = ms - self._true_ms()


@contextmanager
def decided_by(
    dice: Dice, true_ms: Callable[[], int], server_ms: Callable[[], int] | None = None
) -> Iterator[None]:
    """Inside, every id, key, code and steady clock of the program comes from these dice and this time.

    `server_ms` is what the server's commands take for the time, if that is another.
    """

    def uuid4() -> uuid.UUID:
        return uuid.UUID(int=dice.getrandbits(128), version=4)

    def uuid7() -> uuid.UUID:
        ms, low = true_ms() & (2**48 - 1), dice.getrandbits(74)
        return uuid.UUID(int=ms << 80 | 7 << 76 | (low >> 62) << 64 | 2 << 62 | low & (2**62 - 1))

    def generate() -> signing.Keys:
        return signing.Keys(SigningKey(dice.randbytes(32)), PrivateKey(dice.randbytes(32)))

    with ExitStack() as stack:
        for target, name, value in (
            (uuid, "uuid4", uuid4),
            (uuid_utils, "uuid7", uuid7),
            (signing.Keys, "generate", staticmethod(generate)),
            (admin, "secrets", SimpleNamespace(choice=dice.choice)),
            (admin, "system_ms", server_ms or true_ms),
            (conversation, "time", SimpleNamespace(monotonic=lambda: true_ms() / 1000)),
        ):
            stack.enter_context(mock.patch.object(target, name, value))
        yield
