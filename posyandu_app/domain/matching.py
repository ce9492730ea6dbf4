"""Which child of the roll a line of somebody's list means: by NIK, else by name, birth date and sex.

Nothing is merged on a guess. What is not clear stays with a person: a NIK that stands
with two names, a name that is nearly another's, one name with two mothers.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache
from itertools import combinations
from typing import Protocol

from posyandu_app.domain import names
from posyandu_app.domain.model import Child, Sex
from posyandu_app.domain.rules import DuplicateRules
from posyandu_app.i18n import tr

_MANY = 8
_LOOKED_AT = 40
_MOST_AKIN = 6
_UNNAMED = re.compile(r"(?:by|bayi)\b\.?", re.IGNORECASE)


class Line(Protocol):
    """What a line must tell about a child to be matched."""

    @property
    def name(self) -> str: ...
    @property
    def nik(self) -> str | None: ...
    @property
    def sex(self) -> Sex | None: ...
    @property
    def birth_date(self) -> date | None: ...
    @property
    def mother_name(self) -> str | None: ...
    @property
    def measured_on(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Listing:
    """A child as a list names her, apart from the NIK; spellings that people take for the same are equal."""

    name_key: str
    birth_date: date | None
    sex: Sex | None
    mother_key: str
    name: str = field(compare=False)
    mother: str = field(compare=False)


@dataclass(slots=True)
class Person:
    """A child of the roll: known here already (`child`), or first met in the list."""

    id: str
    listing: Listing
    nik: str | None
    child: Child | None = None
    listings: set[Listing] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a line means: `person`, or nobody yet (None), or `unclear` says why a person must decide.

    `nik_in_doubt` is set when the line's NIK belongs to another child and must not be taken.
    """

    person: Person | None = None
    unclear: str | None = None
    nik_in_doubt: bool = False


class _Relation(Enum):
    SAME = "same"
    OTHER = "other"
    UNCLEAR = "unclear"


class Roll:
    """The children known here and those met so far in one list; `find` first, then `add` or `meet`."""

    def __init__(self, children: Iterable[Child], lines: Sequence[Line], rules: DuplicateRules) -> None:
        self._alike = rules.name_percent / 100
        self._apart = timedelta(days=rules.birth_days)
        self._by_nik: dict[str, list[Person]] = defaultdict(list)
        self._by_name: dict[tuple[str, date | None, Sex | None], list[Person]] = defaultdict(list)
        self._by_birth: dict[tuple[date | None, Sex | None], list[Person]] = defaultdict(list)
        self._by_mother: dict[tuple[str, Sex | None], list[Person]] = defaultdict(list)
        self._by_id: dict[str, Person] = {}
        self._days: dict[Listing, set[date]] = defaultdict(set)
        self._found: dict[tuple[str | None, Listing], Match] = {}
        for child in children:
            self._enter(_known(child))
        self._shared = self._niks_of_several(lines)

    def find(self, line: Line) -> Match:
        """Whom a line means."""
        listing = listing_of(line)
        return self._found.get((line.nik, listing)) or self._search(line, listing)

    def person(self, identity: str) -> Person | None:
        """The child of that id, None when she is not on the roll."""
        return self._by_id.get(identity)

    def akin(self, line: Line) -> list[Person]:
        """The children whom a line may mean, likeliest first; for a person who decides."""
        listing = listing_of(line)
        found = list(self._by_nik.get(line.nik, ())) if line.nik is not None else []
        found += self._by_name.get((listing.name_key, listing.birth_date, listing.sex), ())
        found += [person for person in self._near(listing) if self._nearly(listing, None, person)]
        return list({person.id: person for person in found}.values())[:_MOST_AKIN]

    def nik_in_doubt(self, line: Line, person: Person | None) -> bool:
        """Whether a line's NIK is also another child's than the one whom the line is said to mean."""
        if line.nik is None:
            return False
        holders = self._by_nik.get(line.nik, ())
        return line.nik in self._shared or any(holder is not person for holder in holders)

    def add(self, line: Line, identity: str, nik: str | None) -> Person:
        """Enter a child met for the first time."""
        person = Person(identity, listing_of(line), nik)
        self._enter(person)
        self.meet(person, line, nik)
        return person

    def meet(self, person: Person, line: Line, nik: str | None) -> None:
        """Remember that a line means this child, and what it tells that was not known."""
        listing = listing_of(line)
        person.listings.add(listing)
        if nik is not None and person.nik is None:
            person.nik = nik
            self._by_nik[nik].append(person)
        if not person.listing.mother_key and listing.mother_key:
            person.listing = replace(person.listing, mother_key=listing.mother_key, mother=listing.mother)
        self._found[line.nik, listing] = Match(person, nik_in_doubt=nik is None and line.nik is not None)

    def _enter(self, person: Person) -> None:
        self._by_id[person.id] = person
        person.listings.add(person.listing)
        if person.nik is not None:
            self._by_nik[person.nik].append(person)
        listing = person.listing
        self._by_name[listing.name_key, listing.birth_date, listing.sex].append(person)
        self._by_birth[listing.birth_date, listing.sex].append(person)
        self._by_mother[listing.mother_key, listing.sex].append(person)

    def _niks_of_several(self, lines: Sequence[Line]) -> frozenset[str]:
        """The NIKs that stand with clearly different children in the list: nobody knows whose they are."""
        listings: dict[str, set[Listing]] = defaultdict(set)
        for line in lines:
            listing = listing_of(line)
            if line.measured_on is not None:
                self._days[listing].add(line.measured_on)
            if line.nik is not None:
                listings[line.nik].add(listing)
        return frozenset(
            nik
            for nik, found in listings.items()
            if len(found) > _MANY
            or any(self._with_one_nik(a, {b}) is _Relation.OTHER for a, b in combinations(found, 2))
        )

    def _search(self, line: Line, listing: Listing) -> Match:
        nik_in_doubt = False
        if line.nik is not None:
            holders = self._by_nik.get(line.nik, [])
            related = [(self._with_one_nik(listing, person.listings), person) for person in holders]
            same = [person for relation, person in related if relation is _Relation.SAME]
            if len(same) > 1:
                same = [person for person in same if _one_key(person.listing, listing)]
                if len(same) != 1:
                    return Match(unclear=tr("NIK ini dimiliki lebih dari satu anak di laptop ini."))
            if same:
                return Match(same[0])
            if any(relation is _Relation.UNCLEAR for relation, _ in related):
                return Match(
                    unclear=tr("NIK ini sudah dipakai anak dengan nama lain di laptop ini atau di berkas.")
                )
            nik_in_doubt = bool(holders) or line.nik in self._shared
        return self._search_by_name(line, listing, nik_in_doubt)

    def _search_by_name(self, line: Line, listing: Listing, nik_in_doubt: bool) -> Match:
        nik = None if nik_in_doubt else line.nik
        namesakes = self._by_name.get((listing.name_key, listing.birth_date, listing.sex), [])
        if len(namesakes) > _LOOKED_AT:
            return Match(unclear=tr("Lebih dari satu anak bernama dan bertanggal lahir sama."))
        related = [(self._with_one_name(listing, nik, person), person) for person in namesakes]
        same = [person for relation, person in related if relation is _Relation.SAME]
        if len(same) > 1:
            return Match(unclear=tr("Lebih dari satu anak bernama dan bertanggal lahir sama."))
        if any(relation is _Relation.UNCLEAR for relation, _ in related):
            return Match(
                unclear=tr("Nama dan tanggal lahir sama dengan anak lain, tetapi NIK atau ibunya berbeda.")
            )
        if same:
            return Match(same[0], nik_in_doubt=nik_in_doubt)
        if any(self._nearly(listing, nik, person) for person in self._near(listing)):
            return Match(
                unclear=tr(
                    "Mirip sekali dengan anak lain: nama hampir sama, tanggal lahir sama atau berdekatan."
                )
            )
        return Match(nik_in_doubt=nik_in_doubt)

    def _near(self, listing: Listing) -> list[Person]:
        """Children of the same sex born on the same day, and those of the same mother born about then."""
        if listing.birth_date is None or listing.sex is None:
            return []
        same_day = self._by_birth.get((listing.birth_date, listing.sex), [])[-_LOOKED_AT:]
        if not listing.mother_key:
            return same_day
        of_mother = self._by_mother.get((listing.mother_key, listing.sex), [])[-_LOOKED_AT:]
        return same_day + [person for person in of_mother if self._born_about(listing, person)]

    def _born_about(self, listing: Listing, person: Person) -> bool:
        one, other = listing.birth_date, person.listing.birth_date
        return one is not None and other is not None and abs(one - other) <= self._apart

    def _nearly(self, listing: Listing, nik: str | None, person: Person) -> bool:
        """Whether the child may be this one written otherwise; twins stand in a list on one day."""
        other_mother = bool(listing.mother_key and person.listing.mother_key) and not self._are_alike(
            listing.mother, person.listing.mother
        )
        return (
            not other_mother
            and not (nik is not None and person.nik is not None and nik != person.nik)
            and self._are_alike(listing.name, person.listing.name)
            and not self._on_one_day(listing, person.listings)
        )

    def _with_one_nik(self, listing: Listing, others: set[Listing]) -> _Relation:
        """How a line and a child with the same NIK relate."""
        if any(self._may_be_one(listing.name, other.name) for other in others):
            return _Relation.SAME
        if self._on_one_day(listing, others):
            return _Relation.OTHER
        mothers = [other.mother for other in others if other.mother_key]
        if listing.mother_key and mothers and not any(self._are_alike(listing.mother, m) for m in mothers):
            return _Relation.OTHER
        return _Relation.UNCLEAR

    def _with_one_name(self, listing: Listing, nik: str | None, person: Person) -> _Relation:
        """How a line and a child of the same name, birth date and sex relate."""
        both_known = bool(listing.mother_key and person.listing.mother_key)
        other_mother = both_known and not self._are_alike(listing.mother, person.listing.mother)
        if nik is not None and person.nik is not None and nik != person.nik:
            return _Relation.OTHER if other_mother else _Relation.UNCLEAR
        return _Relation.UNCLEAR if other_mother else _Relation.SAME

    def _may_be_one(self, one: str, other: str) -> bool:
        """Whether two names can be one child's: alike, or one of them still "bayi Ny. …"."""
        return bool(_UNNAMED.match(one) or _UNNAMED.match(other)) or self._are_alike(one, other)

    def _are_alike(self, one: str, other: str) -> bool:
        return one == other or names.similar(one, other) >= self._alike

    def _on_one_day(self, listing: Listing, others: set[Listing]) -> bool:
        """Whether the list names both on one day: nobody stands in a list twice a day."""
        days = self._days.get(listing, set())
        return any(other != listing and days & self._days.get(other, set()) for other in others)


def listing_of(line: Line) -> Listing:
    """A child as a line names her."""
    return _listing(line.name, line.birth_date, line.sex, line.mother_name)


def _known(child: Child) -> Person:
    return Person(
        child.id, _listing(child.name, child.birth_date, child.sex, child.mother_name), child.nik, child
    )


def _listing(name: str, birth_date: date | None, sex: Sex | None, mother: str | None) -> Listing:
    mother = mother or ""
    return Listing(_fold(name), birth_date, sex, _fold(mother), name, mother)


def _one_key(one: Listing, other: Listing) -> bool:
    return (one.name_key, one.birth_date, one.sex) == (other.name_key, other.birth_date, other.sex)


@lru_cache(maxsize=32_768)
def _fold(name: str) -> str:
    return names.fold(name)
