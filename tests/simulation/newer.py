"""What people do on a laptop whose program is newer: kinds, fields and changes unknown to the older one."""

from collections.abc import Callable
from typing import Any

from posyandu_app.domain.operations import Json, JsonObject
from posyandu_app.services import registration
from posyandu_app.storage import log, projection
from posyandu_app.storage.log import NewOperation
from tests.simulation.people import Person
from tests.simulation.releases import ALLERGY, HOUSEHOLD, NEWER, PLAN


def write(person: Person) -> None:
    """One of the deeds that only the newer program has."""
    if person.laptop.release == NEWER:
        person.laptop.world.dice.choice(_DEEDS)(person)


def _plan(person: Person) -> None:
    child = person.some_child()
    if child is not None:
        told: JsonObject = {"child": child.id, "date": person.today.isoformat(), "aim_g": _aim(person)}
        person.log("plans", NewOperation(f"{PLAN}.record", _fresh(person), child.scope, told))


def _plan_otherwise(person: Person) -> None:
    found = _some_row(person, PLAN)
    if found is not None:
        entity, scope, bases = found
        change: JsonObject = {"aim_g": {"v": _aim(person), "base": bases.get("aim_g")}}
        told: JsonObject = {"set": change, "reason": "keliru"}
        person.log("plans otherwise", NewOperation(f"{PLAN}.correct", entity, scope, told))


def _drop_a_plan(person: Person) -> None:
    """Dropped, or taken up again where it was dropped."""
    found = _some_row(person, PLAN)
    if found is None:
        return
    entity, scope, _ = found
    entries = log.entries_of(person.laptop.database, entity)
    voids: list[Json] = [list(e.key) for e in entries if e.operation.type == f"{PLAN}.void"]
    if voids and person.laptop.world.dice.chance(0.5):
        new = NewOperation(f"{PLAN}.restore", entity, scope, {"voids": voids, "reason": "jadi"})
    else:
        seen: list[Json] = [list(entry.key) for entry in entries]
        new = NewOperation(f"{PLAN}.void", entity, scope, {"seen": seen, "reason": "batal"})
    person.log("drops a plan", new)


def _tell_an_allergy(person: Person) -> None:
    """A field of a child's identity: of two that were told at once a person must choose."""
    child = person.some_child()
    if child is not None:
        base = registration.shown(person.laptop.ws, child.id).get(ALLERGY)
        told = person.laptop.world.dice.choice(("kacang", "susu", "telur"))
        change: JsonObject = {ALLERGY: {"v": told, "base": None if base is None else list(base)}}
        person.log("tells an allergy", NewOperation("child.set", child.id, child.scope, change, v=2))


def _note_a_household(person: Person) -> None:
    """A register of its own, about no child; changed where one is known."""
    world = person.laptop.world
    found = _some_row(person, HOUSEHOLD) if world.dice.chance(0.6) else None
    well = world.dice.choice(("sumur", "PDAM", "sungai"))
    if found is None:
        scope = world.dice.choice(world.posyandu_in(person.laptop.place.scope))
        told: JsonObject = {"water": {"v": well, "base": None}}
        new = NewOperation(f"{HOUSEHOLD}.register", _fresh(person), scope, told)
    else:
        entity, scope, bases = found
        new = NewOperation(
            f"{HOUSEHOLD}.set", entity, scope, {"water": {"v": well, "base": bases.get("water")}}
        )
    person.log("notes a household", new)


def _remark(person: Person) -> None:
    """What neither program makes anything of: it is kept, and follows the record."""
    visit, found = person.some_visit(), _some_row(person, PLAN)
    if visit is not None and (found is None or person.laptop.world.dice.chance(0.5)):
        child = person.laptop.database.one("SELECT scope FROM child WHERE id = ?", (visit.child,))
        if child is not None:
            new = NewOperation("measurement.remark", visit.id, child[0], {"text": "rewel"})
            person.log("remarks on a visit", new)
    elif found is not None:
        person.log("remarks on a plan", NewOperation(f"{PLAN}.remark", found[0], found[1], {"text": "baik"}))


def _some_row(person: Person, kind: str) -> tuple[str, str, dict[str, Any]] | None:
    """A row that only the newer program has: its id, where to write about it, and what is shown of it."""
    found = person.laptop.database.rows(
        "SELECT row.id, coalesce(child.scope, row.scope), row.bases FROM other_row AS row"
        " LEFT JOIN child ON child.id = row.child WHERE row.kind = ? ORDER BY row.id",
        (kind,),
    )
    if not found:
        return None
    entity, scope, bases = person.laptop.world.dice.choice(found)
    return entity, scope, {name: list(key) for name, key in projection.bases(bases).items()}


def _fresh(person: Person) -> str:
    return str(person.laptop.world.uuid4())


def _aim(person: Person) -> int:
    return person.laptop.world.dice.between(80, 120) * 100


_DEEDS: tuple[Callable[[Person], None], ...] = (
    _plan,
    _plan,
    _plan_otherwise,
    _plan_otherwise,
    _drop_a_plan,
    _tell_an_allergy,
    _tell_an_allergy,
    _note_a_household,
    _remark,
)
