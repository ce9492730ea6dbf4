"""What some worlds have beside the usual: a server with a wrong clock, programs of two ages, two who decide,
a laptop that burns before the server is put back to what it knew before.

Any of them may come together, and with a fate (`fate`). They have dice of their own.
"""

from functools import partial
from typing import TYPE_CHECKING

from tests.simulation.chance import DAY, HOUR, MINUTE, Dice
from tests.simulation.releases import NEWER, OLDER

if TYPE_CHECKING:
    from tests.simulation.laptop import Laptop
    from tests.simulation.world import World

CLOCK, AGES, PAIRS = "server's clock", "programs of two ages", "two who decide"
FIRE = "a fire"
_CHANCE = 0.15
_CHANCE_OF_FIRE = 0.08


def of(seed: int) -> frozenset[str]:
    """What a seed's world has."""
    dice = Dice(f"twists {seed}")
    found = frozenset(name for name in (CLOCK, AGES, PAIRS) if dice.chance(_CHANCE))
    return found | {FIRE} if Dice(f"fire {seed}").chance(_CHANCE_OF_FIRE) else found


def plan_clock(world: "World", length: int) -> None:
    """The server's clock is wrong from the first day or some moment on, and set right, or wrong again."""
    dice = world.twisting
    if CLOCK not in world.twists:
        return
    if dice.chance(0.3):
        _set(world, _wrong(dice))
        at = 0
    else:
        at = dice.between(0, length * 2 // 3)
        world.unless_healing(at, partial(_set, world, _wrong(dice)))
    while dice.chance(0.7):
        at = dice.between(at, length)
        shift = _wrong(dice) if dice.chance(0.3) else dice.between(-MINUTE, MINUTE)
        world.unless_healing(at, partial(_set, world, shift))


def heal_clock(world: "World") -> None:
    """Somebody looks at the server's clock at last, or nobody ever does."""
    if CLOCK in world.twists and world.twisting.chance(0.7):
        _set(world, 0)


def _wrong(dice: Dice) -> int:
    ahead = (
        dice.between(10 * MINUTE, DAY),
        dice.between(DAY, 40 * DAY),
        dice.between(40 * DAY, 400 * DAY),
    )
    return dice.choice((*ahead, *ahead, -dice.between(HOUR, 60 * DAY)))


def _set(world: "World", shift_ms: int) -> None:
    world.note("dinas is right" if abs(shift_ms) <= MINUTE else "dinas is wrong", shift_ms // MINUTE)
    world.dinas.shift_ms = shift_ms


class Ages:
    """Which release of the program runs where, and when it is updated: some laptops are newer than others.

    A laptop is updated while it is switched off, the server at some moment or when all is healed. In some
    worlds some laptops are never updated: they go on carrying what they do not know.
    """

    def __init__(self, world: "World") -> None:
        self._world = world
        self._here = AGES in world.twists
        self._all_in_the_end = world.twisting.chance(0.6)

    def first(self, laptop: "Laptop") -> int:
        """The release that a new laptop has; the second one always has the newer."""
        if not self._here:
            return OLDER
        return NEWER if laptop.name == "L1" or self._world.twisting.chance(0.3) else OLDER

    def plan(self, length: int) -> None:
        """Ask for the updates."""
        world, dice = self._world, self._world.twisting
        if not self._here:
            return
        for laptop in world.laptops:
            if dice.chance(0.4):
                world.unless_healing(dice.between(0, length), lambda laptop=laptop: self._update(laptop))
        if dice.chance(0.6):
            world.unless_healing(dice.between(0, length), self._update_dinas)

    def heal(self) -> None:
        """Everything is updated at last, or what is not yet never is."""
        if not self._here:
            return
        if self._all_in_the_end or self._world.twisting.chance(0.3):
            self._update_dinas()
        for laptop in self._world.laptops:
            if self._all_in_the_end:
                laptop.switch_off()
                self._update(laptop)

    def _update(self, laptop: "Laptop") -> None:
        if laptop.on:
            self._world.unless_healing(10 * MINUTE, lambda: self._update(laptop))
        elif laptop.release != NEWER:
            self._world.note(laptop.name, "is updated")
            laptop.release = NEWER

    def _update_dinas(self) -> None:
        world = self._world
        if world.dinas.release == NEWER:
            return
        if world.dinas.full or world.dinas.down:
            world.unless_healing(10 * MINUTE, self._update_dinas)
            return
        world.note("dinas is updated")
        world.dinas.fuse = None
        world.dinas.update(NEWER)
        world.check.server()


def plan_fire(world: "World", length: int) -> None:
    """A backup of the server is made; later the server and one laptop of a posyandu are gone together."""
    dice = world.twisting
    if FIRE not in world.twists:
        return
    start = dice.between(0, length // 2)
    world.unless_healing(start, world.back_up_dinas)
    world.unless_healing(dice.between(start, length), partial(_burn, world))


def _burn(world: "World") -> None:
    in_use = [one for one in world.laptops if one.place.scope in world.posyandu and not one.revoked]
    if world.backup is None or len(in_use) < 2:
        return
    laptop = world.twisting.choice(in_use)
    world.note(laptop.name, "burns")
    laptop.switch_off()
    laptop.burnt = True
    world.restore_dinas()
