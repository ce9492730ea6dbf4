"""All children and measurements of a laptop as columns: what every analysis counts on.

Reading is the dear part: of a district's million measurements every page must be decrypted, so
SQLite packs whole columns into few strings, a page at a time, and a frame once read is brought
up to date with what has changed since. Ages, z-scores and months follow from the columns.

A frame holds no child's name and no NIK. A child with several records is one row, under the smallest of
their ids, with what was measured under any of them. Children registered by mistake and voided
measurements are left out, and so is a measurement whose child or date cannot be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, TypeVar

from posyandu_app.domain.model import Child, ChildState, Measurement, Position, Sex
from posyandu_app.domain.persons import REGISTERED_BY_MISTAKE
from posyandu_app.domain.reading import read_date
from posyandu_app.reports.areas import Areas
from posyandu_app.reports.columns import (
    MOST,
    ChildColumns,
    Days,
    Numbered,
    VisitColumns,
    in_order,
    joined,
    limited,
)
from posyandu_app.reports.day_columns import completed_months, month_numbers
from posyandu_app.reports.growth_table import (
    FEMALE,
    LYING,
    MALE,
    POSITION_UNKNOWN,
    SEX_UNKNOWN,
    STANDING,
    Children,
    GrowthColumns,
    assess_many,
)
from posyandu_app.reports.visit_reader import VisitReader
from posyandu_app.storage import persons, projection, registers
from posyandu_app.storage.connection import Database, Progress

if TYPE_CHECKING:
    from posyandu_app.reports.columns import Ints, Rows, Wide

T = TypeVar("T")

NO_AGE = -(2**30)
"""Stands where a child's birth date is not known."""

_CACHE = "frame"
_PAGE = 50_000
_DAY_BITS = MOST.bit_length()
_MARKS = 0xE000
"""The code of a child of whom nothing is marked."""
_SEXES: Mapping[str | None, int] = {Sex.MALE.value: MALE, Sex.FEMALE.value: FEMALE}
_POSITIONS = {None: POSITION_UNKNOWN, Position.LYING: LYING, Position.STANDING: STANDING}


class Frame:
    """Children and visits at one moment, and what follows from them, computed when first asked for."""

    def __init__(
        self,
        children: ChildColumns,
        visits: VisitColumns,
        areas: Areas,
        actors: tuple[str, ...],
        visit_ids: Callable[[Sequence[int]], Mapping[int, str]],
        *,
        actor_names: Mapping[str, str] | None = None,
        source: Database | None = None,
        version: int = 0,
        behind: Mapping[str, str] | None = None,
    ) -> None:
        self.children = children
        self.visits = visits
        self.areas = areas
        self.actors = actors
        self.actor_names = dict(actor_names or {})
        self.source = source
        self.version = version
        self.behind = dict(behind or {})
        self._visit_ids = visit_ids
        self._remembered: dict[object, object] = {}

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """Record → the row of its child, whichever of her records stands for her."""
        return _row_of(self.children, self.behind)

    @cached_property
    def growth(self) -> GrowthColumns:
        """z-scores of every visit by WHO's method, hundredths of SD, flags beside them."""
        import numpy as np

        visits, sex = self.visits, self.children.sex
        return assess_many(
            Children(
                sex=sex.take(visits.child),
                age_days=np.where(self.age_days == NO_AGE, np.nan, self.age_days),
                weight_g=visits.weight_g,
                length_mm=visits.length_mm,
                position=visits.position,
                head_mm=visits.head_mm,
                oedema=visits.oedema,
            )
        )

    @cached_property
    def age_days(self) -> Ints:
        """Days from birth to each visit, negative before birth; `NO_AGE` without a birth date."""

        birth = self.children.birth.take(self.visits.child)
        days: Ints = self.visits.day - birth
        days[birth <= 0] = NO_AGE
        return days

    @cached_property
    def age_months(self) -> Ints:
        """Completed months from birth to each visit, as `domain.age.completed_months`; else `NO_AGE`."""
        return self._age_months(self.visits.child, self.visits.day)

    def age_months_at(self, visits: Rows) -> Ints:
        """The same at some visits, without computing all."""
        return self._age_months(self.visits.child[visits], self.visits.day[visits])

    def _age_months(self, child: Ints, day: Ints) -> Ints:
        import numpy as np

        birth = self.children.birth.take(child)
        months = completed_months(np.maximum(birth, 1), day)
        months[birth <= 0] = NO_AGE
        return months

    @cached_property
    def month(self) -> Ints:
        """The posyandu month of each visit, as `domain.age.Month.number`."""
        return month_numbers(self.visits.day)

    @cached_property
    def earlier_day(self) -> Rows:
        """For each visit the first row of the same child and day: what stands before it is earlier."""
        import numpy as np

        visits = self.visits
        begins = np.ones(len(visits), dtype=bool)
        begins[1:] = (visits.child[1:] != visits.child[:-1]) | (visits.day[1:] != visits.day[:-1])
        return np.flatnonzero(begins)[np.cumsum(begins) - 1] if len(visits) else np.empty(0, dtype=np.intp)

    def visit_ids(self, rows: Iterable[int]) -> tuple[str, ...]:
        """The ids of the measurements in these rows, in their order."""
        numbers = [int(self.visits.number[row]) for row in rows]
        found = self._visit_ids(numbers)
        return tuple(found[number] for number in numbers if number in found)

    def child_ids(self, rows: Iterable[int]) -> tuple[str, ...]:
        """The ids of the children in these rows, in their order."""
        return tuple(self.children.ids[row] for row in rows)

    def remember(self, key: object, compute: Callable[[], T]) -> T:
        """What was computed for this key before, or is now: a frame never changes."""
        if key not in self._remembered:
            self._remembered[key] = compute()
        found: T = self._remembered[key]  # type: ignore[assignment]
        return found


def of_domain(
    children: Iterable[Child], measurements: Iterable[Measurement], posyandu: Mapping[str, str] | None = None
) -> Frame:
    """A frame of children and measurements that are in memory already; records are numbered as they come."""
    import numpy as np

    counted = [child for child in children if child.state != REGISTERED_BY_MISTAKE]
    places, actors = Numbered(), Numbered()
    child_columns = _children(
        places,
        [
            (
                child.id,
                child.scope,
                child.sex,
                0 if child.birth_date is None else child.birth_date.toordinal(),
                child.state,
                child.kia_held is True,
                child.nik is not None,
            )
            for child in counted
        ],
    )
    index = {child.id: row for row, child in enumerate(counted)}
    scopes = {child.id: child.scope for child in counted}
    standing = [item for item in measurements if not item.voided and item.child in index]
    ids = dict(enumerate(item.id for item in standing))
    stamps = {number: (item.hlc, item.id) for number, item in enumerate(standing)}

    def column(values: Iterable[int | None]) -> Ints:
        return limited(np.array([value or 0 for value in values], dtype=np.int64))

    visits = VisitColumns(
        number=np.arange(len(standing), dtype=np.int64),
        child=column(index[item.child] for item in standing),
        place=column(places[scopes[item.child]] for item in standing),
        actor=column(actors[item.actor] for item in standing),
        day=column(item.date.toordinal() for item in standing),
        saved=column(_saved_day(item.at) for item in standing),
        came=column(0 for _ in standing),
        weight_g=column(item.weight_g for item in standing),
        length_mm=column(item.length_mm for item in standing),
        head_mm=column(item.head_mm for item in standing),
        muac_mm=column(item.muac_mm for item in standing),
        position=np.array([_POSITIONS[item.position] for item in standing], dtype=np.int8),
        oedema=np.array([bool(item.oedema) for item in standing], dtype=bool),
    )
    return Frame(
        child_columns,
        _sorted(visits, lambda numbers: {number: stamps[number] for number in numbers}),
        Areas(tuple(places), dict(posyandu or {})),
        tuple(actors),
        lambda numbers: {number: ids[number] for number in numbers},
    )


def load(database: Database, previous: Frame | None = None, progress: Progress | None = None) -> Frame:
    """Everything in a database; with the `previous` frame of it only what has changed since is read.

    `progress` gets the measurements read and how many there are. The same frame comes back when
    nothing has changed.
    """
    with database.snapshot():
        version = projection.version(database)
        if previous is not None and previous.source is not database:
            previous = None
        behind = persons.behind(database)
        if previous is not None and (previous.version, previous.behind) == (version, behind):
            return previous
        places, actors = Numbered(), Numbered()
        if previous is not None:
            places.update(previous.areas.scopes)
            actors.update(previous.actors)

        @cache
        def children() -> ChildColumns:
            return _read_children(database, places, behind)

        def row_of() -> Mapping[str, int]:
            return _row_of(children(), behind)

        reader = VisitReader(database, places, actors)
        changed = None if previous is None else _changed(database, previous, children(), behind)
        if previous is None or changed is None:
            visits = reader.all(row_of, progress)
        else:
            visits = _merged(previous, children(), reader.of(changed, row_of()), changed)
        visits = _sorted(visits, lambda numbers: _stamps(database, numbers))
        scopes = _only_used(places, [children().place, visits.place])
        who = _only_used(actors, [visits.actor])
        return Frame(
            children(),
            visits,
            Areas(scopes, dict(registers.posyandu_names(database))),
            who,
            lambda numbers: ids_of(database, numbers),
            actor_names=_actor_names(database),
            source=database,
            version=version,
            behind=behind,
        )


def _only_used(names: Iterable[str], columns: Sequence[Ints]) -> tuple[str, ...]:
    """The names that columns of codes mention; the codes are changed in place to count just these."""
    import numpy as np

    known = tuple(names)
    used = np.zeros(len(known), dtype=bool)
    for column in columns:
        used[column] = True
    if not used.all():
        code = np.cumsum(used, dtype=np.int32) - 1
        for column in columns:
            column[:] = code[column]
    return tuple(name for name, is_used in zip(known, used.tolist(), strict=True) if is_used)


def _actor_names(database: Database) -> dict[str, str]:
    rows = database.rows("SELECT id, vals ->> '$.name' FROM other_row WHERE kind = 'user'")
    return {user: name for user, name in rows if isinstance(name, str)}


def current(
    database: Database, cache: MutableMapping[str, object], progress: Progress | None = None
) -> Frame:
    """The frame kept in `cache`, brought up to date; what a workspace asks for before every analysis."""
    kept = cache.get(_CACHE)
    frame = load(database, kept if isinstance(kept, Frame) else None, progress)
    cache[_CACHE] = frame
    return frame


def _saved_day(at: str) -> int:
    day = read_date(at[:10])
    return 0 if day is None else day.toordinal()


_KIA = '"kia_held"'
_CHILDREN = (
    "SELECT json_group_array(id), json_group_array(scope), json_group_array(birth_date), group_concat(char("  # noqa: S608
    f"{_MARKS} + CASE sex WHEN '{Sex.MALE}' THEN {MALE} WHEN '{Sex.FEMALE}' THEN {FEMALE} ELSE 0 END"
    f" + CASE WHEN ifnull(state, '') IN ('', '{ChildState.ACTIVE}') THEN 4 ELSE 0 END"
    " + CASE WHEN nik IS NOT NULL THEN 8 ELSE 0 END"
    # the whole of the values is looked through only where the sign stands somewhere in them
    f" + CASE WHEN instr(vals, '{_KIA}') AND json_type(vals, '$.kia_held') = 'true' THEN 16 ELSE 0 END), '')"
    f" FROM child NOT INDEXED WHERE state IS NOT '{REGISTERED_BY_MISTAKE}'"  # in the order of n
)


def _read_children(database: Database, places: Numbered, behind: Mapping[str, str]) -> ChildColumns:
    import numpy as np

    row = database.one(_CHILDREN)
    assert row is not None, "a query of sums always has a row"
    ids, scopes, births = (json.loads(column) for column in row[:3])
    marks = np.frombuffer((row[3] or "").encode("utf-32-le"), dtype=np.uint32) - _MARKS
    days = Days()
    birth = np.fromiter((days[on] for on in births), dtype=np.int32, count=len(ids))
    first = [at for at, child in enumerate(ids) if child not in behind] if behind else None
    rows = slice(None) if first is None else np.array(first, dtype=np.intp)
    counted = ids if first is None else [ids[at] for at in first]
    found = scopes if first is None else [scopes[at] for at in first]
    marks, birth = marks[rows], birth[rows]
    return ChildColumns(
        ids=tuple(counted),
        place=np.fromiter((places[scope] for scope in found), dtype=np.int32, count=len(counted)),
        sex=(marks & 3).astype(np.int8),
        birth=birth,
        active=marks & 4 != 0,
        card=marks & 16 != 0,
        has_nik=marks & 8 != 0,
    )


def _row_of(children: ChildColumns, behind: Mapping[str, str]) -> dict[str, int]:
    rows = {child: row for row, child in enumerate(children.ids)}
    return rows | {record: rows[first] for record, first in behind.items() if first in rows}


def _children(
    places: Numbered, rows: Sequence[tuple[str, str, str | None, int, str, bool, bool]]
) -> ChildColumns:
    import numpy as np

    ids, scopes, sexes, births, states, cards, niks = zip(*rows, strict=True) if rows else ((),) * 7
    return ChildColumns(
        ids=tuple(ids),
        place=np.array([places[scope] for scope in scopes], dtype=np.int32),
        sex=np.array([_SEXES.get(sex, SEX_UNKNOWN) for sex in sexes], dtype=np.int8),
        birth=np.array(births, dtype=np.int32),
        active=np.array([state == ChildState.ACTIVE for state in states], dtype=bool),
        card=np.array(cards, dtype=bool),
        has_nik=np.array(niks, dtype=bool),
    )


def _changed(
    database: Database, previous: Frame, children: ChildColumns, behind: Mapping[str, str]
) -> Wide | None:
    """The numbers of the measurements written or removed since, or that count for another record now.

    What was measured of a child who was not known then counts from now on, whenever it was written.
    None when reading all of them is no dearer.
    """
    import numpy as np

    rows = database.rows(  # `child` leads the index that also holds `changed`
        "SELECT n FROM measured WHERE child >= 0 AND changed > ?", (previous.version,)
    )
    before = previous.behind
    moved = [record for record in before.keys() | behind.keys() if before.get(record) != behind.get(record)]
    moved += set(children.ids).difference(previous.children.ids)
    if moved:
        rows += database.rows(
            "SELECT n FROM measurement WHERE child IN (SELECT value FROM json_each(?))", (json.dumps(moved),)
        )
    if len(rows) * 4 > len(previous.visits):
        return None
    changed = np.unique(np.array([n for (n,) in rows], dtype=np.int64))
    if projection.removed_at(database) <= previous.version:
        return changed
    there = np.array([n for (n,) in database.rows("SELECT n FROM measured WHERE child >= 0")], dtype=np.int64)
    return np.union1d(changed, np.setdiff1d(previous.visits.number, there))


def _merged(previous: Frame, children: ChildColumns, fresh: VisitColumns, changed: Wide) -> VisitColumns:
    """The rows of before that still stand, with the children's rows of now, and the fresh ones."""
    import numpy as np

    index = {child: row for row, child in enumerate(children.ids)}
    moved = np.array([index.get(child, -1) for child in previous.children.ids], dtype=np.int32)
    before = previous.visits
    child = moved[before.child]
    stands = (child >= 0) & ~np.isin(before.number, changed)
    kept = before.chosen(stands)
    kept.child[:] = child[stands]
    return joined([kept, fresh])


def _sorted(
    visits: VisitColumns, stamps: Callable[[Sequence[int]], Mapping[int, tuple[str, str]]]
) -> VisitColumns:
    """By child and day, and within a day by (stamp, id), which is asked for only where it decides."""
    import numpy as np

    key, order = in_order(visits.child, visits.day, _DAY_BITS)
    same = np.flatnonzero(key[1:] == key[:-1])
    if same.size:
        tied = np.union1d(same, same + 1)
        numbers = visits.number[order[tied]].tolist()
        stamp = stamps(numbers)
        ranked = sorted(range(len(tied)), key=lambda place: (int(key[tied[place]]), stamp[numbers[place]]))
        order[tied] = order[tied[ranked]]
    return visits.chosen(order)


def ids_of(database: Database, numbers: Sequence[int]) -> dict[int, str]:
    """The ids of measurements by their numbers in the database."""
    return {n: stamp[1] for n, stamp in _stamps(database, numbers).items()}


def _stamps(database: Database, numbers: Sequence[int]) -> dict[int, tuple[str, str]]:
    found: dict[int, tuple[str, str]] = {}
    for start in range(0, len(numbers), _PAGE):
        page = json.dumps(list(numbers[start : start + _PAGE]))
        for n, stamp, entity in database.rows(
            "SELECT n, hlc, id FROM measured WHERE n IN (SELECT value FROM json_each(?))", (page,)
        ):
            found[n] = (stamp, entity)
    return found
