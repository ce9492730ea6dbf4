"""Two records of one child: which records a person has said belong together (sync rule 9).

A pair of records stands as the `person.link` or `person.unlink` about it says whose author knew of all
others; where two decided otherwise at once it stands apart until a person is asked again. A pair nobody
has decided stands apart. Records joined by standing links are one child; what was
measured stays with its record, and every id stays valid.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from posyandu_app.domain.operations import OpKey

REGISTERED_BY_MISTAKE = "batal"
"""The state of a record that is of no child: it counts nowhere and stands for nobody."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision about two records; `rank` is (`eff`, replica, seq) of its operation.

    `undecided` marks a decision taken back: the records stand apart, and a person is asked again.
    `seen` are the decisions about the pair that its author knew; None in what older programs wrote, which
    count as knowing all of lower rank. `contested` marks what stands of a pair about which two decided
    otherwise at once.
    """

    one: str
    other: str
    together: bool
    rank: tuple[str, str, int]
    actor: str = ""
    at: str = ""
    undecided: bool = False
    seen: frozenset[OpKey] | None = None
    contested: bool = False

    @property
    def pair(self) -> frozenset[str]:
        """The two records; one alone when somebody has linked a record with itself."""
        return frozenset((self.one, self.other))

    @property
    def key(self) -> OpKey:
        return OpKey(self.rank[1], self.rank[2])


def standing(decisions: Iterable[Decided]) -> Mapping[frozenset[str], Decided]:
    """Pair → the decision that stands, whatever the order of arrival.

    Where several do that nobody has overruled who knew of them, and they differ, none does: the pair is
    `contested` and `undecided`.
    """
    about: dict[frozenset[str], list[Decided]] = {}
    for decided in decisions:
        if len(decided.pair) == 2:
            about.setdefault(decided.pair, []).append(decided)
    return {pair: _standing(of_pair) for pair, of_pair in about.items()}


def last(about: Sequence[Decided]) -> list[Decided]:
    """Of the decisions about one pair those that nobody has overruled who knew of them, by rank."""
    heads = [one for one in about if not any(_knew(other, one) for other in about)]
    return sorted(heads or about, key=lambda item: item.rank)  # a forged circle leaves none


def _standing(about: Sequence[Decided]) -> Decided:
    heads = last(about)
    shown = heads[-1]
    if all((head.together, head.undecided) == (shown.together, shown.undecided) for head in heads):
        return shown
    return replace(shown, together=False, undecided=True, contested=True)


def _knew(later: Decided, earlier: Decided) -> bool:
    """Whether the author of one decision knew of the other: it is named, or stands before it in her log."""
    if later.seen is None:
        older = earlier.seen is not None and later.key in earlier.seen
        return later.rank > earlier.rank and not older
    same_log = later.key.replica == earlier.key.replica and later.key.seq > earlier.key.seq
    return same_log or earlier.key in later.seen


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
