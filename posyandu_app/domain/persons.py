"""Two records of one child: which records a person has said belong together (sync rule 9).

A pair of records stands as the latest `person.link` or `person.unlink` about it says; a pair
nobody has decided stands apart. Records joined by standing links are one child; what was
measured stays with its record, and every id stays valid.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from posyandu_app.domain.operations import OpKey

REGISTERED_BY_MISTAKE = "batal"
"""The state of a record that is of no child: it counts nowhere and stands for nobody."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision about two records; `rank` is (`eff`, replica, seq) of its operation.

    `undecided` marks a decision taken back: the records stand apart, and a person is asked again.
    """

    one: str
    other: str
    together: bool
    rank: tuple[str, str, int]
    actor: str = ""
    at: str = ""
    undecided: bool = False

    @property
    def pair(self) -> frozenset[str]:
        """The two records; one alone when somebody has linked a record with itself."""
        return frozenset((self.one, self.other))

    @property
    def key(self) -> OpKey:
        return OpKey(self.rank[1], self.rank[2])


def standing(decisions: Iterable[Decided]) -> Mapping[frozenset[str], Decided]:
    """Pair → the decision that stands: the greatest rank, so that order of arrival never matters."""
    latest: dict[frozenset[str], Decided] = {}
    for decided in decisions:
        pair = decided.pair
        if len(pair) == 2 and (pair not in latest or latest[pair].rank < decided.rank):
            latest[pair] = decided
    return latest


def groups(decisions: Iterable[Decided]) -> Mapping[str, tuple[str, ...]]:
    """Record → all records of its child, smallest id first; records that stand alone are left out."""
    above: dict[str, str] = {}

    def top(record: str) -> str:
        while above.get(record, record) != record:
            record = above[record]
        return record

    for decided in standing(decisions).values():
        if decided.together:
            low, high = sorted((top(decided.one), top(decided.other)))
            above.setdefault(low, low)
            above[high] = low
            for record in decided.pair:
                above.setdefault(record, low)
    members: dict[str, list[str]] = {}
    for record in sorted(above):
        members.setdefault(top(record), []).append(record)
    return {record: tuple(group) for group in members.values() for record in group}
