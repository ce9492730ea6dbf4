"""What waits for the midwife's decision, with both versions side by side, and deciding it.

Nothing is decided by the program: several values of one field, two weighings of one child on one
day, a weighing that one laptop took back and another corrected, and two records that may be one
child stay as they are until a person has chosen. Every choice is a new operation and can be undone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias, cast

from posyandu_app.domain import names, persons
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.errors import NotAllowed, UserError
from posyandu_app.domain.merge import FACTS
from posyandu_app.domain.model import Child, Measurement, Role
from posyandu_app.domain.operations import Json, JsonObject, OpKey
from posyandu_app.domain.persons import Decided
from posyandu_app.domain.reading import read_date
from posyandu_app.domain.scopes import HANDED_OUT
from posyandu_app.domain.undecided import Undecided
from posyandu_app.i18n import tr
from posyandu_app.services import deeds, history, pairing
from posyandu_app.services.reopening import DECIDED, origin
from posyandu_app.services.roster import REGISTERED_BY_MISTAKE
from posyandu_app.services.views import Changes, User
from posyandu_app.services.workspace import Workspace, inside, posyandu_name, posyandu_names
from posyandu_app.storage import children, facts, log, measurements, peer, registers, writers
from posyandu_app.storage import disputes as stored
from posyandu_app.storage import persons as records
from posyandu_app.storage.disputes import Dispute
from posyandu_app.storage.log import LoggedOperation, NewOperation

_CACHE, _COUNTED, _SIDES = "undecided", "fields_asked", "versions_of_pairs"
_OFFICES = frozenset({Role.TPG, Role.DINAS})
"""Their areas are too large to compare every child with every other, and nobody there decides."""
_TOLD_AT_MOST = 30
"""So many signs of a chosen value are told again with its undo; a longer one would push the rest aside."""


class Kind(StrEnum):
    """What is to be decided."""

    FIELD = "field"
    VOIDED = "voided"
    DOUBLE = "double"
    DUPLICATE = "duplicate"
    LINKED = "linked"


_ORDER = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a version; `differs` when the versions do not agree on it."""

    label: str
    value: str
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """One side: its values, who wrote them in which role ("" while unknown), when, and where.

    `who` and `where` are words also for what is not known. `shown` is what lists show meanwhile.
    """

    lines: tuple[Line, ...]
    who: str
    role: str
    at: datetime | None
    where: str
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """One question for the midwife; `choices` are the words of the answers, in the order of their keys.

    `pending` says that growth is not judged until then; `mark` is what the answer is based on.
    """

    id: str
    kind: Kind
    child: Child
    place: str
    question: str
    versions: tuple[Version, ...]
    choices: tuple[str, ...]
    pending: bool = False
    mark: tuple[OpKey | str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything to decide, most pressing first; and the pairs of records that are one child by now.

    `whole` is False where only entries that differ are listed (`domain.undecided`).
    """

    decisions: tuple[Decision, ...] = ()
    linked: tuple[Decision, ...] = ()
    whole: bool = True


def waiting(ws: Workspace) -> Waiting:
    """What waits on this laptop: disputes about birth date and sex first, possible doubles last.

    In an office these are the entries that differ, as many as `undecided` tells.
    """
    mark = ws.database.mark()
    kept = cast("tuple[object, User, Waiting] | None", ws.cache.get(_CACHE))
    if mark is not None and kept is not None and kept[:2] == (mark, ws.user):
        return kept[2]
    whole = ws.user.role not in _OFFICES
    with ws.database.snapshot():
        decided = records.decisions(ws.database)
        found, asked, linked = [*_of_fields(ws)], list[_Pair](), _pairs_linked(ws, decided)
        if whole:
            looked_for = pairing.found(ws, keep=mark is not None)
            asked = _pairs_to_ask(ws, looked_for.pairs, decided)
            found += _doubles(ws, persons.groups(decided), looked_for.sharing)
        sides = _sides(ws, [*asked, *((one, other) for one, other, _ in linked)], keep=mark is not None)
        found += _duplicates(ws, asked, sides)
        found.sort(key=lambda item: (not item.pending, _ORDER[item.kind], item.id))
        told = Waiting(tuple(found), _linked(ws, linked, sides), whole)
    if mark is not None:
        ws.cache[_CACHE] = (mark, ws.user, told)
    return told


def undecided(ws: Workspace) -> Undecided:
    """How many decisions wait, as everybody here is told; without names and values."""
    if ws.user.role in _OFFICES:
        return Undecided(_fields_asked(ws), whole=False)
    return Undecided(len(waiting(ws).decisions), mine=ws.user.role is Role.BIDAN)


def decide(ws: Workspace, decision: Decision, choice: int) -> Changes:
    """Answer a question with one of its choices, in one deed that can be undone.

    Raises `NotAllowed` unless the midwife is at the keyboard, and `UserError` when something new
    has arrived about it since it was read.
    """
    require_midwife(ws)
    waiting(ws)  # what is found outside a transaction is kept
    if not 0 <= choice < len(decision.choices):
        raise ValueError(f"there is no choice {choice}")
    with ws.database.atomic():
        known = waiting(ws)
        fresh = next((item for item in (*known.decisions, *known.linked) if item.id == decision.id), None)
        if fresh is None or fresh.mark != decision.mark:
            raise UserError(
                tr("Ada isian baru tentang ini, atau sudah diputuskan. Lihat lagi sebelum memutuskan."),
                code="changed_since",
            )
        match fresh.kind:
            case Kind.FIELD:
                operations = [_choose_value(ws, fresh, choice)]
            case Kind.VOIDED:
                operations = _choose_void(ws, fresh, keep=choice == 0)
            case Kind.DOUBLE:
                operations = _choose_measurement(ws, fresh, choice)
            case Kind.DUPLICATE:
                one, other = fresh.mark
                return link(ws, str(one), str(other)) if choice == 0 else separate(ws, str(one), str(other))
            case Kind.LINKED:
                return separate(ws, *map(str, fresh.mark))
        label = tr("Diputuskan: {what}").format(what=_what(fresh, choice))
        return _save(ws, operations, label, {fresh.child.id})


def link(ws: Workspace, one: str, other: str) -> Changes:
    """Say that two records are of one child; nothing that was measured is rewritten."""
    return _pair(ws, one, other, "person.link", tr("Satu anak: {name}"))


def separate(ws: Workspace, one: str, other: str) -> Changes:
    """Say that two records are of two children."""
    return _pair(ws, one, other, "person.unlink", tr("Dua anak berbeda: {name}"))


def require_midwife(ws: Workspace) -> None:
    """Raise `NotAllowed` unless the role decides between two versions."""
    if ws.user.role is not Role.BIDAN:
        raise NotAllowed(tr("Bidan yang memutuskan. Beri tahu bidan bila Anda tahu mana yang benar."))


def _pair(ws: Workspace, one: str, other: str, type_: str, label: str) -> Changes:
    require_midwife(ws)
    with ws.database.atomic():
        found = {child.id: child for child in children.of_ids(ws.database, (one, other))}
        if len(found) != 2 or not all(inside(ws, child.scope) for child in found.values()):
            raise UserError(tr("Salah satu catatan anak ini tidak ada di laptop ini."), code="unknown_child")
        child = found[one]
        seen = records.seen_by_now(ws.database, one, other)
        payload: JsonObject = {"other": other, "reason": DECIDED, "seen": seen}
        new = NewOperation(type_, one, child.scope, payload)
        return _save(ws, [new], label.format(name=names.display(child.name)), {one, other})


def _save(ws: Workspace, operations: Sequence[NewOperation], label: str, about: set[str]) -> Changes:
    return deeds.save(ws, operations, label, about=about, also=["child", "measurement"])


def _what(decision: Decision, choice: int) -> str:
    name = names.display(decision.child.name)
    if decision.kind is Kind.FIELD:
        _, kind, _, field_ = decision.id.split(":")
        label, value = history.field_label(kind, field_), decision.choices[choice]
        if len(value) > _TOLD_AT_MOST:
            return f"{name}, {label}"
        return tr("{name}, {field} {value}").format(name=name, field=label, value=value)
    return f"{name}, {decision.choices[choice].lower()}"


# several values of one field


def _fields_asked(ws: Workspace) -> int:
    """How many fields are asked about, without making the questions."""
    mark = ws.database.mark()
    kept = cast("tuple[object, int] | None", ws.cache.get(_COUNTED))
    if mark is not None and kept is not None and kept[0] == mark:
        return kept[1]
    with ws.database.snapshot():
        count = sum(1 for _ in _disputes(ws))
    if mark is not None:
        ws.cache[_COUNTED] = (mark, count)
    return count


def _of_fields(ws: Workspace) -> Iterable[Decision]:
    for dispute, child in _disputes(ws):
        if dispute.field == "voided":
            yield _void_or_not(ws, dispute, child)
        else:
            yield _values(ws, dispute, child)


def _disputes(ws: Workspace) -> Iterable[tuple[Dispute, Child]]:
    """The fields that somebody is asked about, each with its child."""
    for dispute in stored.all_of(ws.database):
        if dispute.kind in HANDED_OUT or (dispute.field != "voided" and len(_different(dispute)) < 2):
            continue
        child = _child_of(ws, dispute)
        if child is not None and inside(ws, child.scope):
            yield dispute, child


def _different(dispute: Dispute) -> list[tuple[OpKey, Json]]:
    """The heads that differ, each value once, with the first that has it."""
    by_value = {_key_of(value): (key, value) for key, value in reversed(dispute.heads)}
    return [pair for pair in dispute.heads if by_value[_key_of(pair[1])] == pair]


def _child_of(ws: Workspace, dispute: Dispute) -> Child | None:
    if dispute.kind == "child":
        return children.get(ws.database, dispute.entity)
    if dispute.kind == "measurement":
        found = measurements.get(ws.database, dispute.entity)
        return None if found is None else children.get(ws.database, found.child)
    child_id = facts.child_of(ws.database, dispute.entity) if dispute.kind in FACTS else None
    return None if child_id is None else children.get(ws.database, child_id)


def _values(ws: Workspace, dispute: Dispute, child: Child) -> Decision:
    row = stored.values(ws.database, dispute.kind, dispute.entity)
    heads = _different(dispute)
    versions = tuple(
        _version(
            ws,
            origin(ws, key, dispute.field, value),
            _fields(ws, dispute, {**row, dispute.field: value}),
            shown=at == 0,
        )
        for at, (key, value) in enumerate(heads)
    )
    label = history.field_label(dispute.kind, dispute.field)
    question = tr("{label} mana yang benar?").format(label=label)
    if dispute.kind != "child":
        day = _day_of(row)
        question = tr("{label} mana yang benar, {day}?").format(label=label, day=day)
    return Decision(
        id=f"field:{dispute.kind}:{dispute.entity}:{dispute.field}",
        kind=Kind.FIELD,
        child=child,
        place=posyandu_name(ws, child.scope),
        question=_capital(question),
        versions=versions,
        choices=tuple(_field_value(ws, dispute.kind, dispute.field, value) for _, value in heads),
        pending=dispute.kind == "child" and dispute.field in ("birth_date", "sex"),
        mark=tuple(sorted(key for key, _ in dispute.heads)),
    )


def _key_of(value: Json) -> str:
    return repr(value)


_OF_A_CHILD = ("name", "sex", "birth_date", "nik", "kk", "mother_name", "mother_nik")
_ALWAYS = ("sex", "birth_date", "mother_name")
_OF_A_WEIGHING = ("date", "weight_g", "length_mm", "position", "head_mm", "muac_mm", "oedema")


def _fields(ws: Workspace, dispute: Dispute, values: Mapping[str, Json]) -> tuple[Line, ...]:
    """The values around the one in dispute, that one marked; the child's name stands over the question."""
    of_a_child = dispute.kind == "child"
    order = _OF_A_CHILD if of_a_child else _OF_A_WEIGHING
    told = {name for name in order if name != "name" and values.get(name) not in (None, 0, "")}
    told |= {dispute.field, *(_ALWAYS if of_a_child else ())}
    wanted = [name for name in order if name in told]
    if dispute.field not in wanted:
        wanted.append(dispute.field)
    return tuple(
        Line(
            _capital(history.field_label(dispute.kind, name)),
            _field_value(ws, dispute.kind, name, values.get(name)),
            name == dispute.field,
        )
        for name in wanted
    )


def _field_value(ws: Workspace, kind: str, name: str, value: Json) -> str:
    """The midwife compares identity numbers digit by digit; others see them masked, the Dinas names too."""
    if isinstance(value, str) and value:
        if name in ("nik", "kk", "mother_nik") and ws.user.role is Role.BIDAN:
            return value
        if name in ("name", "mother_name") and ws.user.role is Role.DINAS:
            return names.initials(value)
    return history.field_value(kind, name, value)


def _choose_value(ws: Workspace, decision: Decision, choice: int) -> NewOperation:
    _, kind, entity, name = decision.id.split(":")
    dispute = next(d for d in stored.of(ws.database, kind, entity) if d.field == name)
    distinct: list[Json] = []
    for _, value in dispute.heads:
        if value not in distinct:
            distinct.append(value)
    bases: list[Json] = [list(key) for key, _ in dispute.heads]
    change: JsonObject = {name: {"v": distinct[choice], "bases": bases}}
    if kind == "child":
        return NewOperation("conflict.resolve", entity, decision.child.scope, change)
    payload: JsonObject = {"set": change, "reason": DECIDED}
    return NewOperation(f"{kind}.correct", entity, decision.child.scope, payload)


# taken back here, corrected there


def _void_or_not(ws: Workspace, dispute: Dispute, child: Child) -> Decision:
    row = stored.values(ws.database, dispute.kind, dispute.entity)
    entries = log.entries_of(ws.database, dispute.entity)
    voids = _standing_voids(dispute.kind, entries)
    corrected = next((e for e in entries if e.key == dispute.heads[0][0]), entries[0])
    lines = _fields(ws, dispute, row)[:-1]
    gone = tuple(Line(line.label, line.value, differs=False) for line in lines)
    mark = Line(tr("Keadaan"), tr("tetap dipakai"), differs=True)
    voided = Line(tr("Keadaan"), tr("dibatalkan"), differs=True)
    return Decision(
        id=f"voided:{dispute.kind}:{dispute.entity}",
        kind=Kind.VOIDED,
        child=child,
        place=posyandu_name(ws, child.scope),
        question=tr("Catatan {day} dibatalkan di satu laptop dan diperbaiki di laptop lain. Dipakai?").format(
            day=_day_of(row)
        ),
        versions=(
            _version(ws, corrected, (*gone, mark), shown=True),
            _version(ws, voids[-1] if voids else corrected, (*gone, voided)),
        ),
        choices=(tr("Tetap dipakai"), tr("Batalkan")),
        mark=tuple(sorted(entry.key for entry in entries)),
    )


def _standing_voids(kind: str, entries: Sequence[LoggedOperation]) -> list[LoggedOperation]:
    restored = {
        (str(key[0]), key[1])
        for entry in entries
        if entry.operation.type == f"{kind}.restore"
        for key in cast(list[list[Json]], (entry.operation.payload or {}).get("voids") or [])
        if isinstance(key, list) and len(key) == 2
    }
    return [e for e in entries if e.operation.type == f"{kind}.void" and tuple(e.key) not in restored]


def _choose_void(ws: Workspace, decision: Decision, *, keep: bool) -> list[NewOperation]:
    _, kind, entity = decision.id.split(":")
    entries = log.entries_of(ws.database, entity)
    scope = decision.child.scope
    voids: list[Json] = [list(entry.key) for entry in _standing_voids(kind, entries)]
    restore = NewOperation(f"{kind}.restore", entity, scope, {"voids": voids, "reason": DECIDED})
    if keep:
        return [restore]
    seen: list[Json] = [list(entry.key) for entry in entries]
    return [restore, NewOperation(f"{kind}.void", entity, scope, {"seen": seen, "reason": DECIDED})]


# two weighings on one day


def _doubles(ws: Workspace, groups: Mapping[str, tuple[str, ...]], sharing: Set[str]) -> Iterable[Decision]:
    """What is asked about the children in `sharing`, and about those with several records."""
    on_day: dict[tuple[str, date], list[Measurement]] = defaultdict(list)
    for child_id, items in measurements.of_children(ws.database, sharing | groups.keys()).items():
        for item in items:
            if not item.voided:
                on_day[groups.get(child_id, (child_id,))[0], item.date].append(item)
    for (child_id, day), items in sorted(on_day.items()):
        child = children.get(ws.database, child_id) or children.get(ws.database, items[0].child)
        if len(items) < 2 or child is None or not inside(ws, child.scope):
            continue
        items.sort(key=lambda item: (item.hlc, item.id))
        names_ = [
            name for name in _OF_A_WEIGHING[1:] if any(getattr(item, name) not in (None, 0) for item in items)
        ]
        differing = {name for name in names_ if len({getattr(item, name) for item in items}) > 1}
        yield Decision(
            id=f"double:{child_id}:{day.isoformat()}",
            kind=Kind.DOUBLE,
            child=child,
            place=posyandu_name(ws, child.scope),
            question=tr("Ditimbang {count} kali pada {day}. Mana yang dipakai?").format(
                count=len(items), day=format_date(day)
            ),
            versions=tuple(
                _written(
                    ws,
                    tuple(
                        Line(
                            _capital(history.field_label("measurement", name)),
                            history.field_value("measurement", name, getattr(item, name)),
                            name in differing,
                        )
                        for name in names_
                    ),
                    item.actor,
                    item.at,
                    _first_entry(ws, item.id),
                    shown=item is items[-1],
                )
                for item in items
            ),
            choices=tuple(_weighing_words(item) for item in items),
            mark=tuple(item.id for item in items),
        )


def _weighing_words(item: Measurement) -> str:
    name = next((name for name in ("weight_g", "length_mm", "head_mm", "muac_mm") if getattr(item, name)), "")
    return history.field_value("measurement", name, getattr(item, name)) if name else tr("Tanpa ukuran")


def _choose_measurement(ws: Workspace, decision: Decision, choice: int) -> list[NewOperation]:
    ids = [str(item) for item in decision.mark]
    made = _kept(ws, decision, ids[choice])
    for item in ids[:choice] + ids[choice + 1 :]:
        scope, entries = _weighed_in(ws, decision, item), log.entries_of(ws.database, item)
        seen: list[Json] = [list(entry.key) for entry in entries]
        made += _taken_back(item, scope, entries)
        made.append(NewOperation("measurement.void", item, scope, {"seen": seen, "reason": DECIDED}))
    return made


def _kept(ws: Workspace, decision: Decision, preferred: str) -> list[NewOperation]:
    """The preferred weighing said once more: whoever takes it away meanwhile has not seen that.

    Without it two midwives who prefer different ones would take both away, and nobody would be asked.
    """
    scope, entries = _weighed_in(ws, decision, preferred), log.entries_of(ws.database, preferred)
    payload: JsonObject = {"set": {}, "reason": DECIDED}
    again = NewOperation("measurement.correct", preferred, scope, payload)
    return [again, *_taken_back(preferred, scope, entries)]


def _taken_back(item: str, scope: str, entries: Sequence[LoggedOperation]) -> list[NewOperation]:
    """That a weighing was taken away, by somebody who had not seen all of it, holds no more."""
    voids: list[Json] = [list(entry.key) for entry in _standing_voids("measurement", entries)]
    payload: JsonObject = {"voids": voids, "reason": DECIDED}
    return [NewOperation("measurement.restore", item, scope, payload)] if voids else []


def _weighed_in(ws: Workspace, decision: Decision, item: str) -> str:
    found = measurements.get(ws.database, item)
    child = None if found is None else children.get(ws.database, found.child)
    return decision.child.scope if child is None else child.scope


# two records that may be one child


_Pair: TypeAlias = tuple[Child, Child]
_Sides: TypeAlias = Mapping[tuple[str, str], tuple[Version, Version]]


def _pairs_to_ask(ws: Workspace, pairs: Iterable[_Pair], decided: Sequence[Decided]) -> list[_Pair]:
    settled = {pair for pair, last in persons.standing(decided).items() if not last.undecided}
    joined = persons.groups(decided)
    return [
        (one, other)
        for one, other in _with_contested(ws, pairs, decided)
        if frozenset((one.id, other.id)) not in settled
        and not (one.id in joined and joined[one.id] == joined.get(other.id))
    ]


def _duplicates(ws: Workspace, pairs: Iterable[_Pair], sides: _Sides) -> Iterable[Decision]:
    places = posyandu_names(ws)
    for one, other in pairs:
        yield Decision(
            id=f"duplicate:{one.id}:{other.id}",
            kind=Kind.DUPLICATE,
            child=one,
            place=places.get(one.scope, one.scope),
            question=tr("Satu anak yang tercatat dua kali, atau dua anak?"),
            versions=sides[one.id, other.id],
            choices=(tr("Satu anak"), tr("Dua anak berbeda")),
            mark=(one.id, other.id),
        )


def _sides(ws: Workspace, pairs: Sequence[_Pair], *, keep: bool) -> _Sides:
    """Both versions of each pair; those are kept of which nothing has changed that they tell."""
    ids = {child.id for pair in pairs for child in pair}
    first, weighed = log.first_keys(ws.database, ids), measurements.versions(ws.database, ids)
    called = _called(ws)
    known = cast("dict[tuple[str, str], tuple[object, tuple[Version, Version]]]", ws.cache.get(_SIDES) or {})
    told = {}
    for one, other in pairs:
        tells = (one, other, called, *((first.get(c.id), weighed.get(c.id)) for c in (one, other)))
        kept = known.get((one.id, other.id))
        same = kept is not None and kept[0] == tells
        told[one.id, other.id] = kept if kept is not None and same else (tells, _both(ws, one, other))
    if keep:
        ws.cache[_SIDES] = told
    return {pair: versions for pair, (_, versions) in told.items()}


def _called(ws: Workspace) -> object:
    """Changes with any name of a person, a posyandu or a laptop, and with whoever is at the keyboard."""
    sums = peer.row_sums(ws.database)
    people = sums.get("user"), sums.get("posyandu")
    return ws.user, people, ws.database.replica, log.forked_from(ws.database), writers.names(ws.database)


def _contested(ws: Workspace, decided: Sequence[Decided]) -> Iterator[_Pair]:
    """The pairs about which two have decided otherwise at once, also those that nothing else points to."""
    for pair, last in persons.standing(decided).items():
        if last.contested:
            found = [
                child
                for child in children.of_ids(ws.database, tuple(sorted(pair)))
                if inside(ws, child.scope) and child.state != REGISTERED_BY_MISTAKE
            ]
            if len(found) == 2:
                one, other = sorted(found, key=lambda child: child.id)
                yield one, other


def _with_contested(ws: Workspace, pairs: Iterable[_Pair], decided: Sequence[Decided]) -> list[_Pair]:
    found = {(one.id, other.id): (one, other) for one, other in (*pairs, *_contested(ws, decided))}
    return [found[ids] for ids in sorted(found)]


def _identity(ws: Workspace, child: Child) -> tuple[tuple[str, str], ...]:
    measured = [item for item in measurements.of_child(ws.database, child.id) if not item.voided]
    last = measured[-1] if measured else None
    return (
        (_capital(history.field_label("child", "name")), names.seen_by(ws.user.role, child.name)),
        _told(ws, child, "sex"),
        _told(ws, child, "birth_date"),
        _told(ws, child, "nik"),
        _told(ws, child, "mother_name"),
        ("RT/RW", f"{child.rt or '—'} / {child.rw or '—'}" if child.rt or child.rw else "—"),
        (tr("Posyandu"), posyandu_name(ws, child.scope)),
        (
            tr("Timbang terakhir"),
            "—"
            if last is None
            else f"{format_date(last.date)}, {history.field_value('measurement', 'weight_g', last.weight_g)}",
        ),
    )


def _told(ws: Workspace, child: Child, name: str) -> tuple[str, str]:
    value = getattr(child, name)
    plain: Json = value.isoformat() if isinstance(value, date) else value
    if name == "mother_name" and isinstance(plain, str):
        plain = names.display(plain)
    return (
        _capital(history.field_label("child", name)),
        _field_value(ws, "child", name, None if plain is None else str(plain)),
    )


def _marked(own: Sequence[tuple[str, str]], others: Sequence[tuple[str, str]]) -> tuple[Line, ...]:
    """Both records' values beside each other; one posyandu for both stands over the question already."""
    return tuple(
        Line(label, value, value != other)
        for (label, value), (_, other) in zip(own, others, strict=True)
        if (value, other) != ("—", "—") and (label != tr("Posyandu") or value != other)
    )


def _pairs_linked(ws: Workspace, decided: Sequence[Decided]) -> list[tuple[Child, Child, Decided]]:
    together = [last for last in persons.standing(decided).values() if last.together]
    ids = {record for last in together for record in (last.one, last.other)}
    here = {
        child.id: child
        for child in children.of_ids(ws.database, ids)
        if inside(ws, child.scope) and child.state != REGISTERED_BY_MISTAKE
    }
    return [
        (here[min(last.pair)], here[max(last.pair)], last) for last in together if last.pair <= here.keys()
    ]


def _linked(
    ws: Workspace, pairs: Iterable[tuple[Child, Child, Decided]], sides: _Sides
) -> tuple[Decision, ...]:
    found = []
    for one, other, last in pairs:
        moment = _moment(last.at)
        day = tr("tanggal tidak diketahui") if moment is None else format_date(moment.date())
        question = tr("Satu anak menurut {who}, {day}.").format(who=_person(ws, last.actor)[0], day=day)
        found.append(
            Decision(
                id=f"linked:{one.id}:{other.id}",
                kind=Kind.LINKED,
                child=one,
                place=posyandu_name(ws, one.scope),
                question=question,
                versions=sides[one.id, other.id],
                choices=(tr("Pisahkan lagi"),),
                mark=(one.id, other.id),
            )
        )
    return tuple(sorted(found, key=lambda item: (item.child.name.casefold(), item.id)))


def _both(ws: Workspace, one: Child, other: Child) -> tuple[Version, Version]:
    left, right = _identity(ws, one), _identity(ws, other)
    return (
        _version(ws, _first_entry(ws, one.id), _marked(left, right)),
        _version(ws, _first_entry(ws, other.id), _marked(right, left)),
    )


# words


def _version(
    ws: Workspace, entry: LoggedOperation | None, lines: tuple[Line, ...], *, shown: bool = False
) -> Version:
    actor, at = ("", "") if entry is None else (entry.operation.actor, entry.operation.at)
    return _written(ws, lines, actor, at, entry, shown=shown)


def _written(
    ws: Workspace,
    lines: tuple[Line, ...],
    actor: str,
    at: str,
    entry: LoggedOperation | None,
    *,
    shown: bool = False,
) -> Version:
    name, role = _person(ws, actor)
    return Version(lines, name, role, _moment(at), _where(ws, entry), shown)


def _first_entry(ws: Workspace, entity: str) -> LoggedOperation | None:
    entries = log.entries_of(ws.database, entity)
    return entries[0] if entries else None


def _where(ws: Workspace, entry: LoggedOperation | None) -> str:
    """In which posyandu and on which laptop, by the name the Dinas knows it under, else by a short mark."""
    if entry is None:
        return tr("tempat tidak diketahui")
    scope = entry.operation.scope
    known = posyandu_names(ws).get(scope)
    return f"{known or tr('posyandu {scope}').format(scope=scope)}, {_laptop(ws, entry)}"


def _laptop(ws: Workspace, entry: LoggedOperation) -> str:
    replica = entry.replica
    own = {ws.database.replica: entry.operation.seq} | dict(log.forked_from(ws.database))
    if entry.operation.seq <= own.get(replica, 0):
        return tr("laptop ini")
    name = writers.name_of(ws.database, replica)
    return name or tr("laptop lain (tanda {mark})").format(mark=writers.mark_of(replica))


def _person(ws: Workspace, user: str) -> tuple[str, str]:
    """Name and role of whoever wrote something; words, and "", while her registration has not come."""
    if user == ws.user.id:
        return ws.user.name, ws.user.role
    found = registers.user(ws.database, user)
    if found is None or not found.name:
        return tr("orang yang belum dikenal laptop ini"), ""
    return found.name, found.role


def _day_of(values: Mapping[str, Json]) -> str:
    day = read_date(values.get("date"))
    return "—" if day is None else format_date(day)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
