"""What befalls some worlds beyond the usual: data that must go, laptops given another area, rows gone wrong.

Each world has one such fate at most, decided by dice of its own.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from posyandu_app.domain.scopes import within
from posyandu_app.storage import leaving, log, peer, projection
from posyandu_app.storage.connection import Database
from tests.simulation.chance import DAY, MINUTE, Dice

if TYPE_CHECKING:
    from tests.simulation.dinas import Held
    from tests.simulation.laptop import Laptop
    from tests.simulation.world import World

LOSES, GARBLES, MONTHS, ERASES, RESCOPES = "loses", "garbles", "months", "erases", "rescopes"
FORGETTING = frozenset({MONTHS, ERASES, RESCOPES})
"""Fates in which laptops forget; the server is not restored in them but after a fire (`twists`)."""
MENDING = frozenset({"log_differs", "log_recounted", "rows_differ", "rows_still_differ"})
_FATES = (*[None] * 12, LOSES, GARBLES, MONTHS, ERASES, RESCOPES)
_WRONG = "Xylia Salah"


def of(seed: int) -> str | None:
    """The fate of a seed's world."""
    return Dice(f"fate {seed}").choice(_FATES)


def plan(world: "World", length: int) -> None:
    """Ask for what the world's fate will do in its time."""
    act = {LOSES: _lose, GARBLES: _garble, ERASES: _erase, RESCOPES: _rescope}.get(world.fate or "")
    if act is None:
        return
    dice = world.fates

    def attempt() -> None:
        if not act(world):
            world.unless_healing(15 * MINUTE, attempt)

    world.unless_healing(dice.between(length // 3, length), attempt)


def _enrolled(world: "World") -> list["Laptop"]:
    return [
        laptop
        for laptop in world.laptops
        if laptop.on and not laptop.has_a_copy and not laptop.revoked and _is_enrolled(laptop)
    ]


def _is_enrolled(laptop: "Laptop") -> bool:
    with laptop.disk.unwatched():
        return peer.load(laptop.database) is not None


def _lose(world: "World") -> bool:
    """A disk forgets one entry of another laptop's, and does not say so."""
    for laptop in world.fates.sample(_enrolled(world), len(_enrolled(world))):
        with laptop.looked_into():
            database = laptop.database
            known = database.rows(
                "SELECT replica, seq, entity FROM log WHERE replica <> ? AND ss IS NOT NULL"
                " AND ss <= (SELECT cursor FROM peer) ORDER BY replica, seq",
                (laptop.replica,),
            )
            if not known:
                continue
            replica, seq, entity = world.fates.choice(known)
            with database.atomic():
                database.run("DELETE FROM log WHERE replica = ? AND seq = ?", (replica, seq))
                projection.remove(database, {entity})
                projection.refresh(database, {entity})
            world.note(laptop.name, "loses an entry", replica, seq)
            laptop.mended = partial(_is_there, replica, seq)
            return True
    return False


def _is_there(replica: str, seq: int, database: Database) -> bool:
    there = "SELECT count(*) FROM log WHERE replica = ? AND seq = ? AND ss IS NOT NULL"
    return bool(database.number(there, (replica, seq)))


def _garble(world: "World") -> bool:
    """A child's row becomes another one, with its sums, as by a slip of the program."""
    for laptop in world.fates.sample(_enrolled(world), len(_enrolled(world))):
        with laptop.looked_into():
            database = laptop.database
            found = database.rows("SELECT id, digest FROM child ORDER BY id")
            if not found:
                continue
            child, digest = world.fates.choice(found)
            wrong = world.fates.randbytes(32)
            (total,) = database.rows("SELECT sum FROM row_sum WHERE kind = 'child'")[0]
            total = (
                int.from_bytes(total, "big") - int.from_bytes(digest, "big") + int.from_bytes(wrong, "big")
            )
            with database.atomic():
                database.run(
                    "UPDATE child SET name = ?, vals = json_set(vals, '$.name', ?), digest = ? WHERE id = ?",
                    (_WRONG, _WRONG, wrong, child),
                )
                database.run(
                    "UPDATE row_sum SET sum = ? WHERE kind = 'child'", ((total % 2**256).to_bytes(32, "big"),)
                )
            world.note(laptop.name, "garbles a row", child)
            laptop.mended = partial(_is_right, world, laptop, child, wrong)
            return True
    return False


def _is_right(world: "World", laptop: "Laptop", child: str, wrong: bytes, database: Database) -> bool:
    """Where something is known here alone rows cannot be compared: then somebody makes them all anew."""
    if not database.number("SELECT count(*) FROM child WHERE id = ? AND digest = ?", (child, wrong)):
        return True
    compared = log.count(database) == world.dinas.sums(laptop.place.scope)["log"][0]
    compared = compared and laptop.release == world.dinas.release
    if not compared:
        projection.rebuild(database)
    return not compared


def _erase(world: "World") -> bool:
    """A family wants all that is known of a child to be gone, and has the right to it."""
    dinas = world.dinas
    if dinas.down or dinas.full:
        return False
    children = [
        child for (child,) in dinas.rows("SELECT entity FROM row WHERE kind = 'child' ORDER BY entity")
    ]
    if not children:
        return False
    child = world.fates.choice(children)
    dinas.fuse = None
    world.note("dinas", "erases a child", child, dinas.erase(child))
    world.check.server()
    return True


def _rescope(world: "World") -> bool:
    """A laptop goes to another posyandu."""
    dinas = world.dinas
    if dinas.down or dinas.full:
        return False
    chosen = [
        (laptop, device)
        for laptop in world.laptops
        if laptop.place.scope in world.posyandu and not laptop.revoked and (device := world.device_of(laptop))
    ]
    if not chosen:
        return False
    laptop, device = world.fates.choice(chosen)
    to = world.fates.choice([scope for scope in world.posyandu if scope != laptop.place.scope])
    dinas.fuse = None
    dinas.rescope(device, to)
    world.note(laptop.name, "is given another area", to)
    laptop.place, laptop.former_scope = replace(laptop.place, scope=to), laptop.place.scope
    return True


def rescope_again(world: "World", laptop: "Laptop") -> None:
    """As the manual tells after a backup was put back: once more what no laptop had heard of."""
    server = peer.load(laptop.database) if laptop.on else None
    if server is not None and server.scope != laptop.place.scope:
        world.note(laptop.name, "is given its area again")
        world.dinas.rescope(server.device, laptop.place.scope)


def has_settled(laptop: "Laptop") -> bool:
    """Whether a laptop that was given another area has heard so, and let go of the old one."""
    server = peer.load(laptop.database)
    return (
        server is not None
        and server.scope == laptop.place.scope
        and laptop.database.meta("left_scope") is None
        and not leaving.waiting(laptop.database)
    )


def months_pass(world: "World", day: int) -> int:
    """When the next day of work is, in a world in which a long time goes by before its end."""
    return day + 91 * DAY if world.fate == MONTHS else day


def forgotten(world: "World", laptop: "Laptop") -> set[str]:
    """The children of whom a laptop must know nothing any more: by the server's orders, or as it moved."""
    dinas, area = world.dinas, laptop.place.scope
    placed = dinas.placements(area)
    gone = {
        subject
        for subject, scope, why in dinas.rows("SELECT subject, scope, why FROM leaving")
        if why == "erase" or (subject not in placed and within(scope, area))
    }
    if laptop.former_scope is not None:
        children = dinas.rows("SELECT entity FROM row WHERE kind = 'child'")
        gone |= {child for (child,) in children if child not in placed}
    return gone


def emptied(laptop: "Laptop", held: Iterable["Held"]) -> set[tuple[str, int]]:
    """What was put aside at the server and has no content any more on the laptop that wrote it.

    It had to forget the child; should she come back, her history does not bring what was put aside.
    """
    told = laptop.world.dinas.rows("SELECT DISTINCT scope FROM leaving WHERE why = 'purge'")
    if laptop.former_scope is None and not any(within(scope, laptop.place.scope) for (scope,) in told):
        return set()
    empty = set(laptop.database.rows("SELECT replica, seq FROM log WHERE payload IS NULL"))
    return {item[:2] for item in held if item.ss is None} & empty


def knows(database: Database, child: str) -> bool:
    """Whether anything about a child can still be read on a laptop."""
    return bool(
        database.number("SELECT count(*) FROM child WHERE id = ?", (child,))
        or database.number("SELECT count(*) FROM measurement WHERE child = ?", (child,))
        or database.number("SELECT count(*) FROM dispute WHERE entity = ?", (child,))
        or database.number(
            "SELECT count(*) FROM log WHERE payload ->> '$.child' = ?"
            " OR (entity = ? AND payload IS NOT NULL)",
            (child, child),
        )
    )
