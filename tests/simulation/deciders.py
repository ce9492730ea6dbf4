"""Two midwives, often out of each other's hearing, who answer the same questions; what must become of it.

Whether somebody knew of a decision is taken from what her laptop held when she saved, not from what the
operations say of it: `Wisdom` writes it down beside the ledger. What one has decided is never silently undone
by another who did not know of it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from posyandu_app.domain import persons
from posyandu_app.domain.model import Role
from posyandu_app.domain.operations import JsonObject, OpKey
from posyandu_app.services import deciding, registration
from posyandu_app.services.deciding import Decision, Kind
from posyandu_app.services.registration import ChildInput
from posyandu_app.services.roster import REGISTERED_BY_MISTAKE
from posyandu_app.services.undoing import undo
from posyandu_app.services.views import Changes
from posyandu_app.storage import children, disputes, log
from posyandu_app.storage import persons as records
from tests.simulation.ledger import Deed, Entry, require
from tests.simulation.people import Person, weigh

if TYPE_CHECKING:
    from tests.simulation.dinas import Held
    from tests.simulation.laptop import Laptop
    from tests.simulation.world import World

DECIDED = "keputusan bidan"
_OF_A_PAIR = ("person.link", "person.unlink")
_NO_BASES = (*_OF_A_PAIR, "child.transfer", "measurement.void")
"""What takes something else's place: what its author knew of is written down."""


class Mark(NamedTuple):
    """An operation, whatever number its log gives it after its disk was copied."""

    entity: str
    hlc: str


@dataclass(frozen=True)
class Preference:
    """A weighing that a midwife preferred to others of the day, and the operations by which she said so."""

    weighing: str
    marks: frozenset[Mark]


@dataclass
class Wisdom:
    """What was known on a laptop when something was saved there that takes the place of something else."""

    knew: dict[Mark, frozenset[Mark]] = field(default_factory=dict)
    preferences: list[Preference] = field(default_factory=list)

    def saved(self, laptop: "Laptop", entries: Iterable[Entry]) -> None:
        """Write down what was known on a laptop that has just saved these."""
        for entry in entries:
            if entry.operation["type"] in _NO_BASES:
                mark = _mark(entry.operation)
                self.knew[mark] = _known(laptop) - {mark}

    def preferred(self, laptop: "Laptop", weighing: str, done: Changes) -> None:
        """Write down which weighing a midwife has just preferred."""
        assert done.undo is not None, "a decision can be taken back"
        with laptop.disk.unwatched():
            entries = [log.entry(laptop.database, OpKey(*key)) for key in done.undo.operation_keys]
        said = frozenset(_mark(entry.operation.to_json()) for entry in entries if entry is not None)
        self.preferences.append(Preference(weighing, said))


def _mark(operation: JsonObject) -> Mark:
    return Mark(str(operation["entity"]), str(operation["hlc"]))


def _known(laptop: "Laptop") -> frozenset[Mark]:
    with laptop.disk.unwatched():
        return frozenset(
            Mark(*row)
            for row in laptop.database.rows(
                "SELECT entity, envelope ->> '$.hlc' FROM log WHERE type IN"
                " ('person.link', 'person.unlink', 'child.transfer') OR payload ->> '$.reason' = ?",
                (DECIDED,),
            )
        )


# deeds


def register_again(person: Person) -> None:
    """A child who is registered already, once more: perhaps nobody knew."""
    laptop, dice = person.laptop, person.laptop.world.dice
    child = person.some_child()
    if child is None or child.birth_date is None or child.birth_date > person.today:
        return
    scopes = laptop.world.posyandu_in(laptop.place.scope)
    typed = {
        "name": child.name,
        "sex": str(child.sex),
        "birth_date": child.birth_date.isoformat(),
        "mother_name": child.mother_name,
    }
    if None in typed.values():
        return
    new = ChildInput(
        child.name, child.sex, child.birth_date, mother_name=child.mother_name, scope=dice.choice(scopes)
    )
    payload: JsonObject = {name: {"v": value, "base": None} for name, value in typed.items()}
    person.save(
        "registers again",
        lambda: registration.register(laptop.ws, new),
        Deed("child.register", None, payload),
    )


def decide(person: Person) -> None:
    """The midwife answers one of the questions that the app puts before her."""
    laptop, dice = person.laptop, person.laptop.world.dice
    if laptop.place.role is not Role.BIDAN:
        return
    waiting = deciding.waiting(laptop.ws)
    asked = [*waiting.decisions, *waiting.linked]
    if not asked:
        weigh(person)
        return
    kind = dice.choice(sorted({decision.kind for decision in asked}))
    decision = dice.choice([decision for decision in asked if decision.kind == kind])
    choice = dice.between(0, len(decision.choices) - 1)

    def answer() -> Changes:
        done = deciding.decide(laptop.ws, decision, choice)
        if decision.kind is Kind.DOUBLE:
            laptop.world.wisdom.preferred(laptop, str(decision.mark[choice]), done)
        person.decided.append(done)
        return done

    deeds = _says(laptop, decision, choice)
    person.save(f"decides {decision.kind}", answer, *deeds, undoable=False)


def _says(laptop: "Laptop", decision: Decision, choice: int) -> Sequence[Deed]:
    """What an answer must write, as far as it can be told without deciding; nothing where it cannot."""
    if decision.kind is Kind.FIELD:
        _, kind, entity, name = decision.id.split(":")
        heads = next(d for d in disputes.of(laptop.database, kind, entity) if d.field == name).heads
        value = [v for at, (_, v) in enumerate(heads) if v not in [w for _, w in heads[:at]]][choice]
        change: JsonObject = {name: {"v": value, "bases": [list(key) for key, _ in heads]}}
        if kind == "child":
            return [Deed("conflict.resolve", entity, change)]
        return [Deed(f"{kind}.correct", entity, {"set": change, "reason": DECIDED})]
    if decision.kind in (Kind.DUPLICATE, Kind.LINKED):
        together = decision.kind is Kind.DUPLICATE and choice == 0
        return [Deed("person.link" if together else "person.unlink", str(decision.mark[0]), None)]
    return []


def reconsider(person: Person) -> None:
    """She takes her last decision back."""
    if person.decided:
        offered = person.decided.pop().undo
        assert offered is not None, "a decision can be taken back"
        person.save("reconsiders", lambda: undo(person.laptop.ws, offered), undoable=False)


MIDWIFE: tuple[tuple[int, Callable[[Person], None]], ...] = (
    (60, decide),
    (4, reconsider),
    (4, register_again),
    (8, weigh),
)
KADER: tuple[tuple[int, Callable[[Person], None]], ...] = ((12, register_again), (20, weigh))


# what must have become of it


def check(world: "World", held: Sequence["Held"]) -> None:
    """I4: nothing that somebody decided was undone by somebody who did not know of it, unless it is asked."""
    told = [item for item in held if item.ss is not None and item.erased is None]
    _preferences(world, told)
    _moves(world, told)
    for laptop in world.laptops:
        if laptop.on and not laptop.revoked:
            with laptop.looked_into():
                _pairs(world, laptop, told)


def _preferences(world: "World", told: Sequence["Held"]) -> None:
    voided = "SELECT entity, body ->> '$.values.voided' FROM row WHERE kind = 'measurement'"
    rows = dict(world.dinas.rows(voided))
    stands = {_mark(item.operation) for item in told}
    restored = {
        (replica, seq)
        for item in told
        if item.operation["type"] == "measurement.restore"
        for replica, seq in item.operation["payload"]["voids"]  # type: ignore[index, union-attr, misc]
    }
    for preference in world.wisdom.preferences:
        if not preference.marks <= stands or not rows.get(preference.weighing):
            continue
        for item in told:
            operation = item.operation
            if (operation["type"], operation["entity"]) != ("measurement.void", preference.weighing):
                continue
            knew = world.wisdom.knew.get(_mark(operation))
            require(
                knew is None or (item.replica, item.seq) in restored or not knew.isdisjoint(preference.marks),
                "I4",
                f"weighing {preference.weighing} was preferred, and taken away by {item.replica}:{item.seq},"
                " whose author did not know so; nobody is asked",
            )


def _moves(world: "World", told: Sequence["Held"]) -> None:
    """Where a child is, is where somebody moved her who was not followed by another who knew of that."""
    by_child: dict[str, list[Held]] = {}
    for item in told:
        if item.operation["type"] == "child.transfer":
            by_child.setdefault(str(item.operation["entity"]), []).append(item)
    scopes = dict(world.dinas.rows("SELECT entity, body ->> '$.scope' FROM row WHERE kind = 'child'"))
    for child, moves in by_child.items():
        last = _last(world, moves)
        wanted = {str(item.operation["payload"]["to"]) for item in last}  # type: ignore[index, call-overload]
        require(
            not last or scopes[child] in wanted,
            "I4",
            f"{child} was moved to {wanted} by who knew of all moves before, and is in {scopes.get(child)}",
        )


def _last(world: "World", items: Sequence["Held"]) -> list["Held"]:
    """Those of the items of whom no other's author knew; none where that is not known of all of them."""
    knew: Mapping[Mark, frozenset[Mark]] = world.wisdom.knew
    marks = [_mark(item.operation) for item in items]
    if not all(mark in knew for mark in marks):
        return []
    known = frozenset().union(*(knew[mark] for mark in marks))
    return [item for item, mark in zip(items, marks, strict=True) if mark not in known]


def _pairs(world: "World", laptop: "Laptop", told: Sequence["Held"]) -> None:
    """A pair of records stands as who knew of all before decided, and is asked about where two differ."""
    database = laptop.database
    by_pair: dict[frozenset[str], list[Held]] = {}
    for item in told:
        operation = item.operation
        if operation["type"] in _OF_A_PAIR:
            pair = frozenset((str(operation["entity"]), str(operation["payload"]["other"])))  # type: ignore[index, call-overload]
            if len(pair) == 2:
                by_pair.setdefault(pair, []).append(item)
    decided = records.decisions(database)
    here: dict[frozenset[str], set[OpKey]] = {}
    for known in decided:
        here.setdefault(known.pair, set()).add(known.key)
    standing = persons.standing(decided)
    asked: set[frozenset[str]] | None = None
    for pair, items in by_pair.items():
        last = _last(world, items)
        if not last or here.get(pair) != {(item.replica, item.seq) for item in items}:
            continue  # something about them is put aside, or lies outside the area
        said = {_said(item) for item in last}
        if len(said) == 1:
            found = standing[pair]
            shown = "asked" if found.undecided else "together" if found.together else "apart"
            require(
                {shown} == said,
                "I4",
                f"{laptop.name} has {sorted(pair)} as {shown}, {said} was decided by who knew the rest",
            )
            continue
        if laptop.place.role is not Role.BIDAN or not _both_here(laptop, pair):
            continue
        if asked is None:
            asked = {frozenset(map(str, d.mark)) for d in deciding.waiting(laptop.ws).decisions}
        one, other = sorted(pair)
        by_others = persons.groups(known for known in decided if known.pair != pair)
        require(
            pair in asked or other in by_others.get(one, ()),
            "I4",
            f"{laptop.name} is not asked about {sorted(pair)}, whom two decided otherwise at once",
        )
        world.note(laptop.name, "is asked again about a pair")


def _said(item: "Held") -> str:
    payload = item.operation["payload"]
    assert isinstance(payload, dict), "it stands"
    if payload.get("undecided") is True:
        return "asked"
    return "together" if item.operation["type"] == "person.link" else "apart"


def _both_here(laptop: "Laptop", pair: frozenset[str]) -> bool:
    found = children.of_ids(laptop.database, tuple(sorted(pair)))
    inside = [child for child in found if child.scope.startswith(laptop.place.scope)]
    return len(inside) == 2 and all(child.state != REGISTERED_BY_MISTAKE for child in inside)
