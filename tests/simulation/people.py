"""What people do on a laptop: each deed through the app's services, from what stands on its screen.

A form is opened, read, and saved a while later; what arrives in between is not on the screen.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.model import Child, Measurement, Position, Role, Sex
from posyandu_app.domain.operations import Json, JsonObject, OpKey
from posyandu_app.services import deciding, moves, registration, roster, weighing
from posyandu_app.services.registration import ChildInput
from posyandu_app.services.undoing import undo
from posyandu_app.services.views import Changes, Undo
from posyandu_app.storage import children, log, measurements
from posyandu_app.storage.log import NewOperation
from tests.simulation.chance import MINUTE, SECOND, WIB
from tests.simulation.laptop import Laptop
from tests.simulation.ledger import Deed, require
from tests.simulation.twists import CLOCK, PAIRS

MARK = "Xylia"
"""In every child's name: it must not be found in any file."""

NAMES = tuple(f"{MARK} {name}" for name in ("Aminah", "Nurjanah", "Budi", "Sa’diyah", "Ânî", "Dewi Sartika"))
MOTHERS = ("Ibu Rohmah", "Ibu Siti", "Ibu Ika")
PHONES = ("081234567890", "081298765432", "0812 1111 2222")
STATES = ("aktif", "pindah", "meninggal", "lulus")
FOREIGN = "32.11.99.2001.001"
_REFUSALS = frozenset(
    {"nothing_changed", "nothing_to_undo", "changed_since", "has_measurements", "unknown_measurement"}
    | {"unknown_child"}  # forgotten while the form was open
)


@dataclass
class Person:
    """Whoever sits at a laptop."""

    laptop: Laptop
    deeds: Sequence[tuple[int, Callable[["Person"], None]]] = ()
    undos: list[Undo] = field(default_factory=list)
    decided: list[Changes] = field(default_factory=list)
    session: tuple[int, str] = (0, "")
    form_open: bool = False

    def act(self) -> None:
        """Do something that a person in this role does."""
        here = (self.laptop.session, self.laptop.replica)
        if self.session != here:
            self.session = here
            self.form_open = False
            self.undos.clear()
            self.decided.clear()
        if self.form_open:
            return
        dice = self.laptop.world.dice
        if not self.deeds:
            return
        if self.laptop.world.talk is not None and dice.chance(0.5) and _disputes(self.laptop):
            resolve(self)
            return
        if self.laptop.world.twists - {CLOCK} and dice.chance(0.7) and self.some_child() is None:
            register(self)
            return
        weights = [weight for weight, _ in self.deeds]
        deed = dice.choices([deed for _, deed in self.deeds], weights)[0]
        deed(self)

    # the screen

    @property
    def today(self) -> date:
        """The day on the calendar on the wall."""
        return datetime.fromtimestamp(self.laptop.world.now_ms / 1000, WIB).date()

    def some_child(self) -> Child | None:
        """A child of this laptop's area, often the one about whom everybody talks."""
        world = self.laptop.world
        known = sorted(roster.registered_children(self.laptop.ws), key=lambda child: child.id)
        if not known:
            return None
        often = 0.4 if world.talk is None and PAIRS not in world.twists else 0.8
        return known[0] if world.dice.chance(often) else world.dice.choice(known)

    def some_visit(self) -> Measurement | None:
        child = self.some_child()
        visits = measurements.of_child(self.laptop.database, child.id) if child is not None else []
        if self.laptop.place.role is not Role.BIDAN:
            visits = [visit for visit in visits if visit.actor == self.laptop.user.id]
        return self.laptop.world.dice.choice(visits) if visits else None

    def later(self, action: Callable[[], None]) -> None:
        """After looking at the form for a while; one form is open at a time."""
        dice = self.laptop.world.dice
        self.form_open = True

        def done() -> None:
            self.form_open = False
            action()

        looking = dice.choice((0, 0, 0, dice.between(SECOND, 4 * MINUTE), dice.between(MINUTE, 40 * MINUTE)))
        self.laptop.soon(looking, done)

    # saving

    def save(
        self,
        what: str,
        action: Callable[[], Changes | list[OpKey]],
        *deeds: Deed,
        tries: int = 3,
        again: Callable[[], None] | None = None,
        undoable: bool = True,
    ) -> None:
        """Save; what a full disk or a wrong clock keeps from being saved is saved once that is mended.

        `again` does so from what is known by then, where that changes what there is to save. What is not
        `undoable` is taken back in another way, if at all.
        """
        try:
            done = self.laptop.save(what, action, deeds)
        except NotAllowed:
            return
        except InvalidValue as error:
            if error.field == "to":  # tried again later, and the child was there already
                return
            if error.field == "scope" and self.laptop.former_scope is not None:  # and the area is another
                return
            self._look_at_the_clock(error)
            if tries > 0:
                self.save(what, action, *deeds, tries=tries - 1, undoable=undoable)
            return
        except UserError as error:
            require(error.code in _REFUSALS, "I7", f"{what} was refused: {error}")
            return
        if done is not None and done.undo is not None and undoable:
            self.undos.append(done.undo)
        elif done is None and self.laptop.disk.full and tries > 0:
            retry = again or (lambda: self.save(what, action, *deeds, tries=tries - 1, undoable=undoable))
            self.laptop.soon(2 * MINUTE, lambda: self._make_room_and(retry))

    def _make_room_and(self, save: Callable[[], None]) -> None:
        self.laptop.disk.make_room()
        save()

    def _look_at_the_clock(self, error: InvalidValue) -> None:
        """A true date was refused: that may only be because the clock is days behind, and then it is set."""
        clock = self.laptop.clock
        require(
            error.field in ("date", "birth_date") and clock.today() < self.today,
            "I7",
            f"{error.field} was refused at {clock.now():%Y-%m-%d} on {self.today}: {error}",
        )
        clock.set(self.laptop.world.now_ms)
        self.laptop.world.note(self.laptop.name, "sets the clock")

    def log(self, what: str, new: NewOperation) -> None:
        """A deed for which the app has no screen yet, written as a screen would."""
        ws = self.laptop.ws
        self.save(
            what,
            lambda: log.append(ws.database, [new], actor=ws.user.id, clock=ws.clock),
            Deed(new.type, new.entity, new.payload),
        )


# deeds


def register(person: Person) -> None:
    """A new child, sometimes one whom another laptop registers as well."""
    laptop, dice = person.laptop, person.laptop.world.dice
    scope = laptop.ws.scope or laptop.place.scope
    if scope.count(".") < 4:
        scope = dice.choice(laptop.world.posyandu_in(scope))
    born = person.today - timedelta(days=dice.between(0, 1700))
    child = ChildInput(
        name=dice.choice(NAMES),
        sex=dice.choice((Sex.MALE, Sex.FEMALE)),
        birth_date=born,
        mother_name=dice.choice(MOTHERS),
        phone=dice.choice(PHONES) if dice.chance(0.5) else None,
        scope=scope,
    )
    typed = {
        "name": child.name,
        "sex": str(child.sex),
        "birth_date": born.isoformat(),
        "mother_name": child.mother_name,
    }
    if child.phone is not None:
        typed["phone"] = child.phone
    payload: JsonObject = {name: {"v": value, "base": None} for name, value in typed.items()}
    person.later(
        lambda: person.save(
            "registers",
            lambda: registration.register(laptop.ws, child),
            Deed("child.register", None, payload),
        )
    )


def change(person: Person) -> None:
    """Some fields of a child, from what the card showed when it was opened."""
    laptop, dice = person.laptop, person.laptop.world.dice
    child = person.some_child()
    if child is None:
        return
    seen = registration.shown(laptop.ws, child.id)
    choices: Mapping[str, Callable[[], object]] = {
        "name": lambda: dice.choice(NAMES),
        "mother_name": lambda: dice.choice(MOTHERS),
        "birth_date": lambda: person.today - timedelta(days=dice.between(1, 1700)),
        "phone": lambda: dice.choice((*PHONES, None)),
        "address": lambda: f"Kp. {dice.between(1, 9)}",
        "rt": lambda: f"{dice.between(1, 4)}",
        "state": lambda: dice.choice(STATES),
    }
    names = dice.sample(sorted(choices), dice.between(1, 2))
    talk = laptop.world.talk
    if talk is not None and talk not in names and dice.chance(0.7):
        names.append(talk)
    typed = {name: value for name in names if (value := choices[name]()) != getattr(child, name)}
    if not typed:
        return

    def save() -> None:
        now = children.get(laptop.database, child.id)
        if now is None:
            require(laptop.world.fate is not None, "I4", "a child is gone while her form was open")
            return
        payload: JsonObject = {
            name: {"v": registration.wire(value), "base": list(seen[name]) if name in seen else None}
            for name, value in typed.items()
            if value != getattr(now, name)
        }
        person.save(
            "changes",
            lambda: registration.update(laptop.ws, child.id, typed, seen=seen),
            Deed("child.set", child.id, payload),
            again=save,
        )

    person.later(save)


def weigh(person: Person) -> None:
    """One visit."""
    laptop, dice = person.laptop, person.laptop.world.dice
    child = person.some_child()
    if child is None or (child.birth_date is not None and child.birth_date > person.today):
        return
    draft = Draft(
        person.today,
        weight_g=dice.between(20, 200) * 100,
        length_mm=dice.between(500, 1000) if dice.chance(0.6) else None,
        position=dice.choice((Position.LYING, Position.STANDING, None)),
        muac_mm=dice.between(110, 170) if dice.chance(0.3) else None,
    )
    payload: JsonObject = {"child": child.id, "date": draft.date.isoformat(), "oedema": 0}
    for name in ("weight_g", "length_mm", "position", "muac_mm"):
        value = getattr(draft, name)
        if value is not None:
            payload[name] = str(value) if name == "position" else value
    person.later(
        lambda: person.save(
            "weighs",
            lambda: weighing.record(laptop.ws, child.id, draft),
            Deed("measurement.record", None, payload),
        )
    )


def correct(person: Person) -> None:
    """A slip of the comma, mended."""
    laptop, dice = person.laptop, person.laptop.world.dice
    visit = person.some_visit()
    if visit is None:
        return
    seen = dict(visit.bases)
    typed: dict[str, Json] = {"weight_g": dice.between(20, 200) * 100}
    if dice.chance(0.3):
        typed["length_mm"] = dice.between(500, 1000)
    typed = {name: value for name, value in typed.items() if value != getattr(visit, name)}
    if not typed:
        return

    def save() -> None:
        now = measurements.get(laptop.database, visit.id)
        if now is None:
            require(laptop.world.fate is not None, "I4", "a visit is gone while its form was open")
            return
        child = children.get(laptop.database, now.child)
        if child is not None and child.birth_date is not None and child.birth_date > now.date:
            return  # somebody has set her birth after this visit: the form asks to look at both dates
        changes: JsonObject = {
            name: {"v": value, "base": list(seen[name]) if name in seen else None}
            for name, value in typed.items()
            if value != getattr(now, name)
        }
        person.save(
            "corrects",
            lambda: weighing.correct(laptop.ws, visit.id, typed, "salah koma", seen=visit),
            Deed("measurement.correct", visit.id, {"set": changes, "reason": "salah koma"}),
            again=save,
        )

    person.later(save)


def void(person: Person) -> None:
    """A visit that was another child's."""
    laptop = person.laptop
    visit = person.some_visit()
    if visit is None or visit.voided:
        return
    seen = weighing.on_screen(laptop.ws, visit.id)
    payload: JsonObject = {"seen": [list(key) for key in seen], "reason": "anak lain"}
    person.later(
        lambda: person.save(
            "voids",
            lambda: weighing.void(laptop.ws, visit.id, "anak lain", seen=seen),
            Deed("measurement.void", visit.id, payload),
        )
    )


def take_back(person: Person) -> None:
    """Undo by name, sometimes undoing an undo."""
    dice = person.laptop.world.dice
    if not person.undos:
        return
    _take_back(person, person.undos[-1] if dice.chance(0.7) else dice.choice(person.undos))


def _take_back(person: Person, offered: Undo) -> None:
    laptop = person.laptop
    deeds = [_compensation(laptop, OpKey(*key)) for key in reversed(offered.operation_keys)]
    if any(deed is None for deed in deeds):
        return
    person.save(
        "undoes",
        lambda: undo(laptop.ws, offered),
        *[deed for deed in deeds if deed is not None],
        again=lambda: _take_back(person, offered),  # more may have been seen by then
    )


def _compensation(laptop: Laptop, key: OpKey) -> Deed | None:
    """What undoing an operation must write."""
    entry = log.entry(laptop.database, key)
    assert entry is not None, "it was saved here"
    operation = entry.operation
    if operation.payload is None:  # forgotten since
        return None
    mine: Json = list(key)
    match operation.type:
        case "measurement.void":
            voids = [mine, *_hidden_again(laptop, operation.entity, key.seq)]
            return Deed("measurement.restore", operation.entity, {"voids": voids, "reason": "diurungkan"})
        case "measurement.record":  # whoever takes it back has seen her own entries, and no others
            seen: list[Json] = [
                list(entry.key)
                for entry in log.entries_of(laptop.database, operation.entity)
                if entry.replica == laptop.replica or not entry.operation.type.endswith(".correct")
            ]
            return Deed("measurement.void", operation.entity, {"seen": seen, "reason": "diurungkan"})
        case "measurement.restore":
            return Deed("measurement.void", operation.entity, None)
        case "measurement.correct":
            return Deed("measurement.correct", operation.entity, None)
        case "child.register" | "child.set":
            return Deed("child.set", operation.entity, None)
        case "child.transfer":
            return Deed("child.transfer", operation.entity, None)
    return None


def _hidden_again(laptop: Laptop, entity: str, seq: int) -> list[Json]:
    """The undos by which this laptop, after it had taken a void back, hid the same visit once more."""
    hidden: list[Json] = []
    wanted, brought_back = {seq}, False
    for number, kind, payload in laptop.database.rows(
        "SELECT seq, type, payload FROM log WHERE entity = ? AND replica = ? ORDER BY seq",
        (entity, laptop.replica),
    ):
        told = json.loads(payload or '{"voids": [], "reason": ""}')
        if kind == "measurement.restore":
            named = {there for replica, there in told["voids"] if replica == laptop.replica}
            brought_back = brought_back or bool(named & wanted)
        elif kind == "measurement.void" and brought_back and told["reason"] == "diurungkan":
            wanted.add(number)
            hidden.append([laptop.replica, number])
    return hidden


def _disputes(laptop: Laptop) -> list[tuple[str, str, str, str]]:
    """What a midwife is asked about: child, field, the heads as they are listed, and the child's scope."""
    if laptop.place.role is not Role.BIDAN:
        return []
    return laptop.database.rows(
        "SELECT dispute.entity, field, heads, scope FROM dispute JOIN child ON child.id = dispute.entity"
        " WHERE dispute.kind = 'child' ORDER BY dispute.entity, field"
    )


def resolve(person: Person) -> None:
    """The midwife decides between values that were written at once."""
    laptop, dice = person.laptop, person.laptop.world.dice
    disputes = _disputes(laptop)
    if not disputes:
        return
    child, name, stored, scope = dice.choice(disputes)
    heads = json.loads(stored)
    value = dice.choice(heads)[2]
    payload: JsonObject = {name: {"v": value, "bases": [[replica, seq] for replica, seq, _ in heads]}}
    person.log("resolves", NewOperation("conflict.resolve", child, scope, payload))


def move(person: Person) -> None:
    """A family moves to another posyandu; the midwife sees to it."""
    laptop, dice = person.laptop, person.laptop.world.dice
    child = person.some_child()
    if laptop.place.role is not Role.BIDAN or child is None:
        return
    to = dice.choice(laptop.world.posyandu)
    if to == child.scope:
        return
    day = person.today

    def save() -> None:
        payload: JsonObject = {"to": to, "date": day.isoformat()}
        before = _last_moves(laptop, child.id)
        if before:
            payload["bases"] = before
        person.save(
            "moves",
            lambda: moves.transfer(laptop.ws, child.id, to, day),
            Deed("child.transfer", child.id, payload),
            again=save,
        )

    save()


def _last_moves(laptop: Laptop, child: str) -> list[Json]:
    """The moves of a child that are known here and that no other one came after."""
    with laptop.disk.unwatched():
        found = laptop.database.rows(
            "SELECT replica, seq, payload FROM log WHERE entity = ? AND type = 'child.transfer'"
            " AND payload IS NOT NULL ORDER BY replica, seq",
            (child,),
        )
    named = [key for _, _, payload in found for key in json.loads(payload).get("bases", [])]
    return [[replica, seq] for replica, seq, _ in found if [replica, seq] not in named]


def link(person: Person) -> None:
    """The midwife sees that two records are one child, or that they are not after all."""
    laptop, dice = person.laptop, person.laptop.world.dice
    one, other = person.some_child(), person.some_child()
    if laptop.place.role is not Role.BIDAN or one is None or other is None or one.id == other.id:
        return
    kind = dice.choice(("person.link", "person.link", "person.unlink"))
    say = deciding.link if kind == "person.link" else deciding.separate
    person.save(
        kind.replace("person.", "") + "s",
        lambda: say(laptop.ws, one.id, other.id),
        Deed(kind, one.id, None),
        undoable=False,
    )


def of_a_newer_version(person: Person) -> None:
    """What an app writes that knows more than this one and the server."""
    laptop, dice = person.laptop, person.laptop.world.dice
    child = person.some_child()
    if child is None:
        return
    fresh = str(laptop.world.uuid4())
    new = dice.choice(
        [
            NewOperation("child.set", child.id, child.scope, {"allergy": {"v": "kacang", "base": None}}, v=2),
            NewOperation(
                "immunity.note",
                fresh,
                child.scope,
                {"child": child.id, "text": "baru", "deep": [{"a": 1}]},
                v=3,
            ),
            NewOperation(
                "measurement.record",
                fresh,
                child.scope,
                {"child": child.id, "date": person.today.isoformat(), "weight_g": 9000, "skinfold_mm": 12},
                v=2,
            ),
        ]
    )
    person.log("writes something newer", new)


def badly(person: Person) -> None:
    """What a faulty app writes: it must be kept, put aside with its reason, and delay nothing."""
    laptop, dice = person.laptop, person.laptop.world.dice
    child = person.some_child()
    fresh, day = str(laptop.world.uuid4()), person.today.isoformat()
    scope = laptop.place.scope
    child_id = child.id if child is not None else fresh
    new = dice.choice(
        [
            NewOperation(
                "measurement.record", fresh, scope, {"child": child_id, "date": day, "weight_g": "delapan"}
            ),
            NewOperation(
                "measurement.record", fresh, FOREIGN, {"child": child_id, "date": day, "weight_g": 8000}
            ),
            NewOperation("recommendation.record", fresh, scope, {"child": child_id, "text": "PMT"}),
            NewOperation(
                "child.register",
                fresh,
                dice.choice(laptop.world.posyandu_in(scope)),
                {"name": {"v": f"{MARK} Rusak", "base": None}, "birth_date": {"v": "kemarin", "base": None}},
            ),
            NewOperation(
                "measurement.record", fresh, scope, {"child": str(laptop.world.uuid4()), "date": day}
            ),
            NewOperation("Child.Set", "bukan-uuid", scope, {"x": "y"}),
        ]
    )
    person.log("writes something bad", new)


READER: tuple[tuple[int, Callable[[Person], None]], ...] = ()
KADER = (
    (4, register),
    (8, weigh),
    (8, change),
    (4, correct),
    (2, void),
    (3, take_back),
)
BIDAN = (
    (2, register),
    (4, weigh),
    (8, change),
    (6, correct),
    (3, void),
    (3, take_back),
    (6, resolve),
    (5, move),
    (4, link),
)
