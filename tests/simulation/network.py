"""The line between laptops and the server: it loses, delays, doubles, reorders, corrupts, and lies."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posyandu_app.district.refusal import Refusal
from posyandu_app.sync import trouble
from posyandu_app.sync.trouble import SyncTrouble
from tests.simulation.chance import DAY, HOUR, MINUTE, SECOND, Dice
from tests.simulation.disk import Killed

if TYPE_CHECKING:
    from tests.simulation.laptop import Laptop
    from tests.simulation.world import World

PATIENCE = 60 * SECOND
"""How long a laptop waits for an answer."""


@dataclass(frozen=True)
class Weather:
    """What a laptop's line does during a session: parts of one, and the largest body it lets pass."""

    name: str
    connected: bool = True
    lose_request: float = 0
    lose_reply: float = 0
    slow: float = 0
    double: float = 0
    corrupt: float = 0
    portal: float = 0
    busy: float = 0
    largest: int | None = None


FAIR = Weather("fair")
OFFLINE = Weather("offline", connected=False)
FLAKY = Weather("flaky", lose_request=0.1, lose_reply=0.15, slow=0.1, double=0.15, busy=0.05)
BROKEN = Weather("broken", lose_request=0.3, lose_reply=0.4, slow=0.2, double=0.4, corrupt=0.1)
HOTSPOT = Weather("hotspot", portal=0.6, lose_reply=0.1)
CROWDED = Weather("crowded", busy=0.5, double=0.1)
NARROW = Weather("narrow", largest=4000, slow=0.2)
NARROWER = Weather("narrower", largest=1400)
ALL = (OFFLINE, OFFLINE, FAIR, FAIR, FLAKY, FLAKY, FLAKY, BROKEN, HOTSPOT, CROWDED, NARROW)


class Network:
    """Carries requests and answers by way of the world's queue of events."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def carry(
        self,
        laptop: "Laptop",
        body: bytes,
        answered: Callable[[bytes], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Take a request to the server; exactly one of the two is called, within the laptop's patience."""
        world, dice, weather = self._world, self._world.dice, laptop.weather
        if not weather.connected:
            world.after(dice.between(5, 10 * SECOND), lambda: failed(trouble.Offline()))
            return
        there, back = dice.between(20, 2 * SECOND), dice.between(20, 2 * SECOND)
        if dice.chance(weather.portal):
            page = self._page(laptop)
            world.after(there + back, lambda: answered(page))
            return
        if dice.chance(weather.busy):
            wait = dice.between(1, 90)
            world.after(there + back, lambda: failed(trouble.Busy(wait)))
            return
        if weather.largest is not None and len(body) > weather.largest:
            world.after(there + back, lambda: failed(trouble.TooLarge()))
            return
        if dice.chance(weather.slow):
            there += dice.between(5 * SECOND, 3 * MINUTE)
        if dice.chance(weather.double):
            again = dice.between(10, 2 * DAY) if dice.chance(0.3) else dice.between(10, 10 * SECOND)
            world.after(again, lambda: self._again(laptop, body))
        if dice.chance(weather.lose_request):
            world.after(PATIENCE, lambda: failed(trouble.Offline()))
            return
        if dice.chance(weather.corrupt / 2):
            body = _damaged(body, dice)
        world.after(there, lambda: self._arrive(laptop, body, there, back, answered, failed))

    def _arrive(
        self,
        laptop: "Laptop",
        body: bytes,
        there: int,
        back: int,
        answered: Callable[[bytes], None],
        failed: Callable[[Exception], None],
    ) -> None:
        world, dice, weather = self._world, self._world.dice, laptop.weather
        left = max(0, PATIENCE - there)
        reply = self._ask(body)
        if reply is None or dice.chance(weather.lose_reply) or there + back > PATIENCE:
            world.after(left, lambda: failed(trouble.Offline()))
            if isinstance(reply, bytes):
                self._keep(laptop, reply)
        elif isinstance(reply, Exception):
            world.after(back, lambda: failed(reply))
        else:
            given = _damaged(reply, dice) if dice.chance(weather.corrupt) else reply
            world.after(back, lambda: answered(given))

    def _ask(self, body: bytes) -> bytes | Exception | None:
        """What the server says; None when it is down or dies over it."""
        world = self._world
        if world.dinas.down:
            return None
        try:
            reply = world.dinas.exchange(body)
        except Killed:
            world.note("dinas dies")
            world.after(world.dice.between(SECOND, HOUR), world.start_dinas)
            return None
        except Refusal as refused:
            world.note("dinas refuses", refused.reply.error)
            world.check.server()
            return _trouble(refused)
        except Exception as error:
            if not world.dinas.full:
                raise
            world.note("dinas is full", type(error).__name__)
            return trouble.Busy(5)
        world.check.server()
        return reply

    def _again(self, laptop: "Laptop", body: bytes) -> None:
        """A request comes a second time; nobody waits for the answer, but it may turn up late."""
        if not self._world.healing:
            reply = self._ask(body)
            self._world.note(laptop.name, "request doubled")
            if isinstance(reply, bytes):
                self._keep(laptop, reply)

    def _keep(self, laptop: "Laptop", reply: bytes) -> None:
        """An answer that missed its time turns up later, or never."""
        dice = self._world.dice
        if dice.chance(0.6):
            late = dice.between(1, 5 * DAY) if dice.chance(0.3) else dice.between(1, 20 * MINUTE)
            self._world.after(late, lambda: laptop.hear_stale(reply))

    def _page(self, laptop: "Laptop") -> bytes:
        """What a hotspot answers with status 200 instead of the server."""
        lies = [
            b"<html><body>Silakan masuk ke Wi-Fi</body></html>",
            b"",
            b'{"status":"ok"}',
            laptop.unsigned_praise(),
        ]
        return self._world.dice.choice(lies)


def _trouble(refused: Refusal) -> SyncTrouble:
    reply = refused.reply
    match reply.error:
        case "gap":
            return trouble.Gap(reply.have or {})
        case "fork":
            return trouble.Forked(refused.signed)
        case "too_large":
            return trouble.TooLarge()
        case _ if refused.status in (429, 503):
            return trouble.Busy(refused.retry_after or 30)
        case word:
            return trouble.Refused(word)


def _damaged(body: bytes, dice: Dice) -> bytes:
    """The body with a byte changed, cut short, or with a number in it put up."""
    if dice.chance(0.4):
        at = dice.between(0, len(body) - 1)
        return body[:at] + bytes([body[at] ^ 1 << dice.between(0, 7)]) + body[at + 1 :]
    if dice.chance(0.5):
        return body[: dice.between(0, len(body) - 1)]
    try:
        message = json.loads(body)
        message["have"] = {name: seq + 3 for name, seq in message["have"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return body[:-1]
    return json.dumps(message, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")
