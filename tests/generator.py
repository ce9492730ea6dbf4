"""Made-up children of a made-up district, as many as wanted: the same ones for the same seed.

Children grow along their own lines of WHO's standards, come to the posyandu most months and are
measured by teams of different care: some round to whole and half centimetres, copy last month's
weight, slip a comma, or send their records late. `World.frame` keeps them in memory; `store`
logs them as a laptop receives them; `fill` writes the same rows without the log, for sizes at
which the log would only cost time.

    world = make(children=300, months=12, posyandu=3, seed=7)

`python -m tests.generator FILE` makes a whole encrypted database, under a key of 32 zero bytes.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from posyandu_app.domain import hlc, regions
from posyandu_app.domain.age import Month
from posyandu_app.domain.derived_ids import posyandu_entity
from posyandu_app.domain.growth_standards import table
from posyandu_app.domain.merge import Known
from posyandu_app.domain.model import Child, ChildState, Measurement, Position, Sex
from posyandu_app.domain.operations import JsonObject, Operation
from posyandu_app.reports import frames
from posyandu_app.storage import log, measured
from posyandu_app.storage.connection import Database

KABUPATEN = "32.11"
_LAST = Month(2026, 11)
DISTRICT_REPLICA = "00000000-0000-4000-8000-0000000d1574"

_GIVEN = """
    Adit Agus Aisyah Alya Amira Anggi Arif Asep Ayu Bagas Bayu Bunga Cahya Candra Citra Dadan Dedi Dewi
    Dian Dinda Eka Elsa Fajar Farah Fitri Galih Gita Hana Hendra Ika Ilham Indah Intan Iwan Jaka Kirana
    Laras Lestari Lia Maya Mega Melati Nadia Nanda Neng Nisa Nurul Puspa Putra Putri Rafi Rahma Raka
    Rani Reza Rizky Salma Sari Satria Sekar Siti Surya Tiara Tono Ujang Utami Vina Wulan Yanti Yuda
    Zahra
""".split()  # noqa: SIM905 - fifty quoted names are harder to read
_FAMILY = """
    Aminah Anjani Ardiansyah Azzahra Cahyani Fadilah Fauzan Gunawan Handayani Hidayat Iskandar Kartika
    Kusuma Lesmana Maharani Maulana Nugraha Nuraini Oktaviani Permana Pertiwi Pratama Purnama Rahayu
    Rahmawati Ramadhan Safitri Santika Saputra Setiawan Solihin Suryani Susanti Utomo Wahyuni Wibowo
    Wijaya Yuliani
""".split()  # noqa: SIM905 - fifty quoted names are harder to read
_STATES = (ChildState.ACTIVE, ChildState.MOVED, ChildState.DEAD, ChildState.GRADUATED)

T = TypeVar("T")
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, repr=False)
class World:
    """The posyandu, the teams, the children and their visits; rows of columns of equal length.

    Days are `date.toordinal()`, 0 for "not known"; weights are grams and lengths millimetres,
    0 for "not measured". Visits stand in the order in which they were saved.
    """

    months: tuple[Month, ...]
    scopes: tuple[str, ...]
    names: tuple[str, ...]
    actors: tuple[str, ...]
    child_ids: tuple[str, ...]
    child_names: tuple[str, ...]
    mothers: tuple[str, ...]
    niks: tuple[str | None, ...]
    child_place: Ints
    sex: Ints
    birth: Ints
    state: Ints
    card: Ints
    visit_ids: tuple[str, ...]
    visit_child: Ints
    day: Ints
    saved: Ints
    actor: Ints
    weight_g: Ints
    length_mm: Ints
    head_mm: Ints
    muac_mm: Ints
    position: Ints
    oedema: Ints

    @property
    def last_day(self) -> date:
        """The last day of the last month."""
        return self.months[-1].last_day

    @cached_property
    def children(self) -> tuple[Child, ...]:
        """The children as the domain knows them."""
        return tuple(self._child(index) for index in range(len(self.child_ids)))

    def _child(self, index: int) -> Child:
        return Child(
            id=self.child_ids[index],
            scope=self.scopes[self.child_place[index]],
            name=self.child_names[index],
            sex=(None, Sex.MALE, Sex.FEMALE)[self.sex[index]],
            birth_date=_date(self.birth[index]),
            nik=self.niks[index],
            mother_name=self.mothers[index],
            kia_held=(None, True, False)[self.card[index]],
            state=_STATES[self.state[index]],
        )

    def measurement(self, index: int) -> Measurement:
        """One visit as the domain knows it."""
        return Measurement(
            id=self.visit_ids[index],
            child=self.child_ids[self.visit_child[index]],
            date=date.fromordinal(int(self.day[index])),
            weight_g=int(self.weight_g[index]) or None,
            length_mm=int(self.length_mm[index]) or None,
            position=(None, Position.LYING, Position.STANDING)[self.position[index]],
            head_mm=int(self.head_mm[index]) or None,
            muac_mm=int(self.muac_mm[index]) or None,
            oedema=int(self.oedema[index]),
            actor=self.actors[self.actor[index]],
            at=self._at(index),
            hlc=self._stamp(index),
        )

    @cached_property
    def histories(self) -> dict[str, list[Measurement]]:
        """Every child's visits, by the child's id."""
        found: dict[str, list[Measurement]] = {child: [] for child in self.child_ids}
        for index, child in enumerate(self.visit_child.tolist()):
            found[self.child_ids[child]].append(self.measurement(index))
        return found

    def frame(self) -> frames.Frame:
        """The same children and visits as columns in memory."""
        names = dict(zip(self.scopes, self.names, strict=True))
        return frames.of_domain(self.children, map(self.measurement, range(len(self.visit_ids))), names)

    def operations(self) -> Iterator[Operation]:
        """Everything as people logged it on one laptop: posyandu, users, children, measurements."""
        seq = 0
        first = self.months[0].first_day.toordinal()

        def operation(
            kind: str, entity: str, scope: str, actor: str, day: int, payload: JsonObject
        ) -> Operation:
            nonlocal seq
            seq += 1
            return Operation(
                seq, kind, 1, entity, scope, actor, _moment(day), _stamp(day, seq), None, "0.1", payload
            )

        for scope, name in zip(self.scopes, self.names, strict=True):
            entity = posyandu_entity(scope)
            yield operation("posyandu.register", entity, scope, self.actors[0], first, {"name": {"v": name}})
        for place, actor in enumerate(self.actors):
            payload: JsonObject = {"name": {"v": f"Kader {place + 1}"}, "role": {"v": "kader"}}
            yield operation("user.register", actor, self.scopes[place // 2], actor, first, payload)
        for child, place in zip(self.children, self.child_place.tolist(), strict=True):
            yield operation(
                "child.register", child.id, child.scope, self.actors[place * 2], first, _written(child)
            )
        for index in range(len(self.visit_ids)):
            child = int(self.visit_child[index])
            yield operation(
                "measurement.record",
                self.visit_ids[index],
                self.scopes[self.child_place[child]],
                self.actors[self.actor[index]],
                int(self.saved[index]),
                self._recorded(index),
            )

    def _recorded(self, index: int) -> JsonObject:
        values: JsonObject = {
            "child": self.child_ids[self.visit_child[index]],
            "date": date.fromordinal(int(self.day[index])).isoformat(),
            "oedema": int(self.oedema[index]),
        }
        for name in ("weight_g", "length_mm", "head_mm", "muac_mm"):
            value = int(getattr(self, name)[index])
            if value:
                values[name] = value
        if self.position[index]:
            values["position"] = ("", "lying", "standing")[self.position[index]]
        return values

    def _at(self, index: int) -> str:
        return _moment(int(self.saved[index]))

    def _stamp(self, index: int) -> str:
        before = len(self.scopes) + len(self.actors) + len(self.child_ids)
        return _stamp(int(self.saved[index]), before + index + 1)


def _pages(items: Iterable[T], size: int) -> Iterator[list[T]]:
    source = iter(items)
    while page := list(islice(source, size)):
        yield page


def _date(ordinal: int) -> date | None:
    return date.fromordinal(int(ordinal)) if ordinal else None


def _moment(day: int) -> str:
    return f"{date.fromordinal(day).isoformat()}T09:30:00+07:00"


def _stamp(day: int, seq: int) -> str:
    noon = datetime.combine(date.fromordinal(day), datetime.min.time(), UTC) + timedelta(hours=2, minutes=30)
    return hlc.stamp(int(noon.timestamp() * 1000) + seq // 65_536, seq % 65_536)


def _written(child: Child) -> JsonObject:
    values: JsonObject = {
        "name": child.name,
        "sex": child.sex,
        "birth_date": None if child.birth_date is None else child.birth_date.isoformat(),
        "nik": child.nik,
        "mother_name": child.mother_name,
        "kia_held": child.kia_held,
        "state": str(child.state),
    }
    return {name: {"v": str(v) if isinstance(v, Sex) else v} for name, v in values.items() if v is not None}


def make(
    children: int = 300,
    months: int = 12,
    posyandu: int = 3,
    seed: int = 1,
    last: Month = _LAST,
    kabupaten: str = KABUPATEN,
) -> World:
    """That many children over that many months up to `last`, spread over that many posyandu."""
    return _Maker(children, months, posyandu, seed, last, kabupaten).world()


def store(world: World, database: Database, page: int = 2000) -> None:
    """Take the whole world in through the log, page by page, as a laptop takes in the district's feed."""
    received = (
        log.Received(DISTRICT_REPLICA, operation, operation.hlc, "applied", operation.seq)
        for operation in world.operations()
    )
    for items in _pages(received, page):
        log.receive(database, items, received_at="2026-12-01T00:00:00Z")


def fill(world: World, database: Database, page: int = 20_000) -> None:
    """Write the projected rows alone, as wide as real ones: the log itself stays empty."""
    database.conn.execute("PRAGMA cache_size = -400000")
    with database.atomic():
        database.run_many(
            "INSERT INTO other_row(kind, id, scope, vals, bases, digest, changed)"
            " VALUES (?, ?, ?, ?, '', ?, 1)",
            [
                ("posyandu", posyandu_entity(scope), scope, json.dumps({"name": name}), bytes(32))
                for scope, name in zip(world.scopes, world.names, strict=True)
            ],
        )
        first = _moment(world.months[0].first_day.toordinal())
        database.run_many(
            "INSERT INTO child(id, scope, name, sex, birth_date, nik, mother_name, state, actor, at, vals,"
            " bases, digest, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
            (
                (
                    child.id,
                    child.scope,
                    child.name,
                    None if child.sex is None else child.sex.value,
                    None if child.birth_date is None else child.birth_date.isoformat(),
                    child.nik,
                    child.mother_name,
                    str(child.state),
                    world.actors[place * 2],
                    first,
                    json.dumps({name: change["v"] for name, change in _written(child).items()}),  # type: ignore
                    _BASES % (1, '"name","sex","birth_date","nik","mother_name","kia_held","state"'),
                    bytes(32),
                )
                for child, place in zip(world.children, world.child_place.tolist(), strict=True)
            ),
        )
    measurements = (item for item in world.operations() if item.type == "measurement.record")
    for operations in _pages(measurements, page):
        rows = [
            measured.Standing(Known(DISTRICT_REPLICA, item.hlc, item), item.scope, item.payload or {})
            for item in operations
        ]
        with database.atomic():
            measured.write(database, rows, 1, fresh=True)
    with database.atomic():
        database.set_meta("changed", "1")
    database.conn.execute("PRAGMA cache_size = -32768")


_BASES = f'%d "{DISTRICT_REPLICA}" [%s]'


class _Maker:
    """Draws everything from one random generator, in one order."""

    def __init__(
        self, children: int, months: int, posyandu: int, seed: int, last: Month, kabupaten: str
    ) -> None:
        self.count = children
        self.months = tuple(last.shifted(back) for back in range(1 - months, 1))
        self.random = np.random.default_rng(seed)
        self.scopes = _scopes(kabupaten, posyandu)
        self.given = 0

    def world(self) -> World:
        random, count, places = self.random, self.count, len(self.scopes)
        self.first, self.final = (
            self.months[0].first_day.toordinal() - 1826,
            self.months[-1].last_day.toordinal(),
        )
        place = np.sort(random.integers(0, places, count))
        sex = random.integers(1, 3, count)
        birth = random.integers(self.first, self.final + 1, count)
        self.true_birth = birth
        self.sex = sex
        self.place = place
        known_birth = np.where(random.random(count) < 0.005, 0, birth)
        known_sex = np.where(random.random(count) < 0.002, 0, sex)
        state = random.choice(4, count, p=(0.95, 0.03, 0.003, 0.017))
        names = [f"{a} {b}" for a, b in zip(self._words(_GIVEN), self._words(_FAMILY), strict=True)]
        mothers = [f"{a} {b}" for a, b in zip(self._words(_GIVEN), self._words(_FAMILY), strict=True)]
        niks = self._niks(birth, sex, place)
        self._register_some_twice(names, mothers, niks, birth, known_birth, known_sex)
        visits = self._visits(state)
        return World(
            months=self.months,
            scopes=self.scopes,
            names=tuple(f"Melati {number + 1}" for number in range(places)),
            actors=self._ids(2 * places),
            child_ids=self._ids(count),
            child_names=tuple(names),
            mothers=tuple(mothers),
            niks=tuple(niks),
            child_place=place,
            sex=known_sex,
            birth=known_birth,
            state=state,
            card=random.choice(3, count, p=(0.03, 0.9, 0.07)),
            visit_ids=self._ids(len(visits[0])),
            **dict(zip(_VISIT_COLUMNS, visits, strict=True)),
        )

    def _words(self, words: list[str]) -> list[str]:
        return [words[place] for place in self.random.integers(0, len(words), self.count).tolist()]

    def _ids(self, count: int) -> tuple[str, ...]:
        """Ids that grow from one to the next, as UUIDs of version 7 do."""
        digits = self.random.bytes(9 * count).hex()
        self.given += count
        return tuple(
            f"019{number:05x}-{d[:4]}-7{d[4:7]}-8{d[7:10]}-{d[6:18]}"
            for number, d in (
                (self.given - count + place, digits[18 * place : 18 * place + 18]) for place in range(count)
            )
        )

    def _niks(self, birth: Ints, sex: Ints, place: Ints) -> list[str | None]:
        known = self.random.random(self.count) < 0.88
        numbers: list[str | None] = []
        for index in range(self.count):
            born = date.fromordinal(int(birth[index]))
            area = self.scopes[place[index]].replace(".", "")[:6]
            day = born.day + (40 if sex[index] == 2 else 0)
            number = f"{area}{day:02d}{born.month:02d}{born.year % 100:02d}{index % 10_000:04d}"
            numbers.append(number if known[index] else None)
        return numbers

    def _register_some_twice(
        self,
        names: list[str],
        mothers: list[str],
        niks: list[str | None],
        birth: Ints,
        known_birth: Ints,
        known_sex: Ints,
    ) -> None:
        """Make one child in 200 another's second registration: spelt otherwise, some with the same NIK."""
        chosen = self.random.permutation(self.count)[: self.count // 200 * 2].reshape(-1, 2)
        for number, (one, other) in enumerate(chosen.tolist()):
            names[other] = names[one].replace("a", "aa", 1)
            mothers[other] = mothers[one]
            niks[other] = niks[one] if number % 3 == 0 else None
            birth[other] = min(max(birth[one] + number % 5, self.first), self.final)
            known_birth[other] = birth[other]
            self.sex[other] = known_sex[other] = self.sex[one]

    def _visits(self, state: Ints) -> tuple[Ints, ...]:
        random, count, places = self.random, self.count, len(self.scopes)
        self.attendance = random.uniform(0.6, 0.95, places)
        self.rounding = np.where(random.random(2 * places) < 0.25, random.uniform(0.4, 0.9, 2 * places), 0.03)
        self.copying = np.where(random.random(2 * places) < 0.05, 0.3, 0.002)
        self.error = random.uniform(1.5, 6.0, 2 * places)
        self.delay = random.uniform(0.5, 12.0, places)
        self.session_day = random.integers(5, 24, places)
        self.height_z = random.normal(-1.1, 1.05, count)
        self.weight_z = random.normal(-0.35, 1.0, count)
        self.slope = random.normal(-0.08, 0.12, count)
        self.gone_after = np.where(
            state == 0, len(self.months), random.integers(0, len(self.months) + 1, count)
        )
        self.last_weight: Ints = np.zeros(count, dtype=np.int64)
        parts = [self._month(number, month) for number, month in enumerate(self.months)]
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        order = np.argsort(columns[2], kind="stable")
        return tuple(column[order] for column in columns)

    def _month(self, number: int, month: Month) -> tuple[Ints, ...]:
        random = self.random
        day = month.first_day.toordinal() + self.session_day[self.place] - 1
        age = day - self.true_birth
        expected = (age >= 0) & (age <= 1856) & (number < self.gone_after)
        child = np.flatnonzero(expected & (random.random(self.count) < self.attendance[self.place]))
        again = child[random.random(len(child)) < 0.01]
        child = np.sort(np.concatenate([child, again]))
        second = np.append(False, child[1:] == child[:-1])
        day = day[child] + np.where(second, random.integers(0, 4, len(child)), 0)
        age = np.clip(day - self.true_birth[child], 0, 1826)
        actor = self.place[child] * 2 + random.integers(0, 2, len(child))
        length, weight, position = self._measured(child, age, actor, number)
        head = np.where(
            random.random(len(child)) < 0.5, _at("hcfa", self.sex[child], age, self.height_z[child]), 0
        )
        muac = np.where(
            age >= 183, np.round(145 + 8 * self.weight_z[child] + random.normal(0, 3, len(child))), 0
        )
        measured = random.random(len(child)) < (1.0 if month.month in (2, 8) else 0.75)
        oedema = (random.random(len(child)) < 0.0005).astype(np.int64)
        saved = day + random.geometric(1 / (1 + self.delay[self.place[child]])) - 1
        return (
            child,
            day,
            saved,
            actor,
            weight,
            np.where(measured, length, 0),
            np.round(head).astype(np.int64),
            np.where(random.random(len(child)) < 0.6, muac, 0).astype(np.int64),
            np.where(measured & (random.random(len(child)) < 0.97), position, 0),
            oedema,
        )

    def _measured(self, child: Ints, age: Ints, actor: Ints, number: int) -> tuple[Ints, Ints, Ints]:
        """Length, weight and position as the team reads and writes them."""
        random, size, sex = self.random, len(child), self.sex[child]
        years = age / 365.25
        height = self.height_z[child] + self.slope[child] * years
        true = np.clip(_at("lhfa", sex, age, height), 450, 1190)
        weight_z = np.clip(
            self.weight_z[child] + random.normal(0, 0.25, size) + 0.15 * np.sin(number), -3.4, 3.4
        )
        grams = _weight_at(sex, age, true, weight_z) + random.normal(0, 60, size)
        standing = (age >= 731) ^ (random.random(size) < 0.03)
        shown = true + random.normal(0, self.error[actor], size) - 7.0 * (standing & (age < 731))
        shown += 7.0 * (~standing & (age >= 731))
        rounds = random.random(size) < self.rounding[actor]
        length = np.where(rounds, np.round(shown / 5) * 5, np.round(shown)).astype(np.int64)
        weight = np.where(
            rounds,
            np.round(grams / 500) * 500,
            np.where(actor % 5 == 0, np.round(grams / 50) * 50, np.round(grams, -2)),
        ).astype(np.int64)
        copied = (random.random(size) < self.copying[actor]) & (self.last_weight[child] > 0)
        weight = np.where(copied, self.last_weight[child], weight)
        slips = random.random(size)
        weight = np.where(slips < 0.001, weight * 10, weight)
        length = np.where((slips > 0.001) & (slips < 0.003), length - 200, length)
        self.last_weight[child] = weight
        return np.maximum(length, 300), np.maximum(weight, 500), np.where(standing, 2, 1)


_VISIT_COLUMNS = (
    "visit_child",
    "day",
    "saved",
    "actor",
    "weight_g",
    "length_mm",
    "head_mm",
    "muac_mm",
    "position",
    "oedema",
)


def _scopes(kabupaten: str, posyandu: int) -> tuple[str, ...]:
    """That many posyandu in the villages of a kabupaten, three to a village as far as there are villages."""
    kecamatan = regions.search("", regions.Level.KECAMATAN, kabupaten, 100)
    villages = [v.code for k in kecamatan for v in regions.search("", regions.Level.VILLAGE, k.code, 1000)]
    each = max(3, -(-posyandu // len(villages)))
    return tuple(sorted(f"{villages[n // each]}.{n % each + 1:03d}" for n in range(posyandu)))


def _rows(indicator: str, sex: Ints, at: Ints) -> tuple[Floats, Floats, Floats]:
    boys, girls = (np.array(table(indicator, sex).rows) for sex in (Sex.MALE, Sex.FEMALE))  # type: ignore[arg-type]
    chosen = np.where((sex == 1)[:, None], boys[at], girls[at])
    return chosen[:, 0], chosen[:, 1], chosen[:, 2]


def _value(indicator: str, sex: Ints, at: Ints, z: Floats) -> Floats:
    power, median, spread = _rows(indicator, sex, at)
    found: Floats = median * (1 + power * spread * z) ** (1 / power)
    return found


def _at(indicator: str, sex: Ints, age: Ints, z: Floats) -> Floats:
    """The length or circumference in millimetres at a z-score."""
    return _value(indicator, sex, age, z) * 10


def _weight_at(sex: Ints, age: Ints, length: Floats, z: Floats) -> Floats:
    """The weight in grams at a z-score of weight-for-length or -height."""
    lying = _value("wfl", sex, np.clip(np.round(length).astype(np.int64) - 450, 0, 650), z)
    standing = _value("wfh", sex, np.clip(np.round(length).astype(np.int64) - 650, 0, 550), z)
    return np.where(age < 731, lying, standing) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.generator", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--children", type=int, default=300)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--posyandu", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows-only", action="store_true", help="leave the log empty; much faster")
    chosen = parser.parse_args()
    world = make(chosen.children, chosen.months, chosen.posyandu, chosen.seed)
    database = Database.create(chosen.file, bytes(32))
    try:
        (fill if chosen.rows_only else store)(world, database)
    finally:
        database.close()


if __name__ == "__main__":
    main()
