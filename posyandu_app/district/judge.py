"""What becomes of each operation that is stored: applied, conflict, duplicate, held or quarantined.

Operations are judged in the order they came. Nothing is refused: what waits for another
operation is `held` and applied by itself when that comes; what may not stand is
`quarantined` with its reason and judged again after every upgrade of the server, or when what
the reason was has changed (`rejudge`). An operation that cannot be judged at all is put aside
alone, under its own savepoint.
"""

import json
import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import OperationalError

from posyandu_app.district import erased, rejudge, schema, tallies
from posyandu_app.district.schema import NO_CHAIN, STORED
from posyandu_app.district.store import HEAD, Rows, among, change, chunks, fact, insert, set_fact, upsert
from posyandu_app.district.stored import (
    OP_COLUMNS,
    ROW_COLUMNS,
    TOLD,
    StoredRow,
    known_with_sizes,
    op_row,
    row_columns,
    told,
)
from posyandu_app.district.tallies import LOG
from posyandu_app.district.verdicts import (
    ABOUT_ITSELF,
    APPLIED,
    CONFLICT,
    DUPLICATE,
    ERASED,
    LEFT,
    OUT_OF_SCOPE,
    Case,
    Fresh,
    Verdict,
    child_of,
    held,
    is_of_a_newer_program,
    joined_with,
    may_not_stand,
    quarantined,
)
from posyandu_app.domain import forms
from posyandu_app.domain.growing import Growing
from posyandu_app.domain.merge import (
    FACTS,
    KINDS,
    REGISTERS,
    Known,
    entity_kind,
    is_plain_fact,
    moved_to,
    plain_fact_digest,
    project,
)
from posyandu_app.domain.operations import Operation, OpKey, kind_of
from posyandu_app.domain.scopes import HANDED_OUT, all_ancestors, everywhere_in
from posyandu_app.i18n import tr
from posyandu_app.sync import wire

_BATCH = 2_000

MOST_NAMED = 20
"""How many of the operations that one is in conflict with are named with it; the row has them all."""

MOST_ABOUT_ONE = 1_000
"""How many operations one laptop may write about one child's register, one measurement, one of anything.

Five years of a child's corrections are some dozens; what is measured of her is each time another entity."""
MOST_LETTERS = 1024 * 1024
"""How many letters one laptop may write about one of these: all of it is merged, shown and sent on."""
MOST_SCOPES = 20
"""How many posyandu may read about one child at a time: where she is, and those she left in 90 days."""

OWNERS = frozenset[str]().union(*HANDED_OUT.values())
"""The roles that hand things out."""
_FACT_CHANGES = frozenset({"correct", "void", "restore"})


READS_ON_MS = 90 * 24 * 60 * 60 * 1000
"""How long a scope goes on reading about a child who has left it (sync rule 10)."""


def judge(connection: Connection, region: str, fresh: Sequence[Fresh] = ()) -> int:
    """Judge all that is stored and not judged, then what is `fresh`, and what waited for it; how many.

    `region` is the scope that the district answers for. What is fresh is stored with its verdict. The
    caller holds the order lock (`Store.lock_order`).
    """
    judged = _judge_stored(connection, region)
    if fresh and _judge_batch(connection, region, _cases_of(connection, fresh)):
        judged += _judge_stored(connection, region)
    return judged + len(fresh)


def _judge_stored(connection: Connection, region: str) -> int:
    judged = 0
    while cases := _stored(connection):
        _judge_batch(connection, region, cases)
        judged += len(cases)
    return judged


def _judge_batch(connection: Connection, region: str, cases: Sequence[Case]) -> bool:
    """Judge a batch; whether others are to be judged because of it, in the order they came."""
    made = _judge_together(connection, region, cases)
    released = rejudge.what_waited_for(connection, made.created)
    return bool(rejudge.what_was_outside(connection, made.moved) or released)


class Made(NamedTuple):
    """What a sitting has changed for others: the entities that now exist, the scopes subjects came to."""

    created: set[str]
    moved: dict[str, frozenset[str]]


def _judge_together(connection: Connection, region: str, cases: Sequence[Case]) -> Made:
    """Judge a batch under one savepoint; when that fails, each half of it, down to the one that cannot be.

    Trouble of the database or of the memory is no operation's fault, and SQLite has taken all of the
    transaction back by then: it leaves, and what came is not in.
    """
    try:
        with connection.begin_nested():
            return Sitting(connection, region, cases).hold()
    except (OperationalError, MemoryError):
        raise
    except Exception:
        logging.getLogger(__name__).exception("%d operations could not be judged together", len(cases))
    if len(cases) == 1:
        _put_aside(connection, cases[0])
        return Made(set(), {})
    middle = len(cases) // 2
    made = _judge_together(connection, region, cases[:middle])
    created, moved = _judge_together(connection, region, cases[middle:])
    made.created.update(created)
    for subject, scopes in moved.items():
        made.moved[subject] = made.moved.get(subject, frozenset()) | scopes
    return made


def _put_aside(connection: Connection, case: Case) -> None:
    verdict = quarantined(
        "judge_failed", tr("Server belum dapat memeriksa catatan ini; dicoba lagi setelah server diperbarui.")
    )
    if case.fresh is not None:
        insert(connection, schema.op, OP_COLUMNS, [op_row(case.fresh, case.child, verdict, None)])
        return
    connection.execute(
        update(schema.op)
        .where(schema.op.c.replica == case.key.replica, schema.op.c.seq == case.key.seq)
        .values(status=verdict.status, why=verdict.why, message=verdict.message)
    )


def _stored(connection: Connection) -> list[Case]:
    """The first of what is stored and to be judged, in the order they came."""
    op = schema.op.c
    columns = [op.replica, op.seq, op.eff, op.content, op.segment, op.erased.is_not(None), op.body]
    columns += [op.why, op.chain]
    query = select(*columns).where(schema.WAITS, op.status == STORED)
    query = query.order_by(op.segment, op.seq).limit(_BATCH)
    rows = connection.execute(query).all()
    writers = _writers(connection, {row.segment for row in rows})
    cases = []
    for replica, seq, eff, content, segment, gone, text, why, chain in rows:
        body = text.encode("utf-8")
        operation = wire.stored_operation(body)
        kind, child = entity_kind(operation), child_of(operation) or ""
        key, writer = OpKey(replica, seq), writers[segment]
        left = why == LEFT
        returned = bytes(chain) == NO_CHAIN or (left and not gone)
        case = Case(
            key, operation, kind, child, body, eff, content, *writer, bool(gone), None, left, returned
        )
        cases.append(case)
    return cases


def _cases_of(connection: Connection, fresh: Sequence[Fresh]) -> list[Case]:
    writers = _writers(connection, {item.segment for item in fresh})
    cases = []
    for item in fresh:
        arrived = item.arrived
        operation, sealed = arrived.operation, arrived.sealed
        kind, child = entity_kind(operation), child_of(operation) or ""
        writer, gone = writers[item.segment], sealed.payload is None
        how = item.left, item.is_returned
        case = Case(
            item.key, operation, kind, child, arrived.body, item.eff, item.content, *writer, gone, item, *how
        )
        cases.append(case)
    return cases


_Writer = tuple[str, str, str, bool, int, tuple[str, ...]]


def _writers(connection: Connection, segments: Iterable[int]) -> dict[int, _Writer]:
    """Of each segment its laptop, with area, role and whether revoked, when it came, and former areas."""
    found: dict[int, _Writer] = {}
    device = schema.device.c
    for some in chunks(segments):
        for segment, id_, area, role, revoked_ms, received_ms, former in connection.execute(
            select(
                schema.segment.c.id,
                device.id,
                device.scope,
                device.role,
                device.revoked_ms,
                schema.segment.c.received_ms,
                device.former,
            )
            .join(schema.device, device.id == schema.segment.c.device)
            .where(schema.segment.c.id.in_(some))
        ):
            areas = _former_areas(former, received_ms) if former else ()
            found[segment] = (id_, area, role, revoked_ms is not None, received_ms, areas)
    return found


def _recorded(connection: Connection, cases: Sequence[Case]) -> dict[tuple[str, str], str]:
    """Of records of kinds that only newer programs know: entity and kind → whom they are about.

    No row tells it, and their changes need not name the child.
    """
    entities = {case.operation.entity for case in cases if is_of_a_newer_program(case.kind)}
    query = (
        "SELECT entity, kind, subject FROM op WHERE entity IN <values> AND ss IS NOT NULL ORDER BY ss DESC"
    )
    return {
        (entity, kind): subject
        for entity, kind, subject in among(connection, query, filter(forms.is_id, entities))
        if is_of_a_newer_program(kind)
    }


def _former_areas(former: str, received_ms: int) -> tuple[str, ...]:
    return tuple(scope for scope, until_ms in json.loads(former) if received_ms <= until_ms)


@dataclass(slots=True)
class _Standing:
    """A row as it stands: whom it is about, and its digest in the database (None for a new one).

    This sitting has `grown` it, or it is in `plain` while it is a fact with no other operation.
    """

    subject: str
    digest: bytes | None
    grown: bool = False
    plain: Operation | None = None
    payload: bytes = b""

    def columns(self, entity: str, kind: str, known: Sequence[Known]) -> StoredRow | None:
        """The row as it is to be stored, or None when nothing was made of it."""
        row = project(kind, entity, known) if self.grown else None
        if row is not None:
            return row_columns(row, self.subject, row.digest())
        if self.plain is None:
            return None
        digest = plain_fact_digest(self.plain, self.payload)
        scope, values = _quoted(self.plain.scope), self.payload.decode("utf-8")
        body = f'{{"disputed":{{}},"scope":{scope},"values":{values}}}'
        return entity, kind, self.subject, body, digest


@lru_cache(maxsize=4096)
def _quoted(scope: str) -> str:
    return wire.encode(scope).decode("utf-8")


_APPLIED = Verdict(APPLIED)


class _Written(NamedTuple):
    """What one laptop has written about an entity that stands in the order: operations and their letters."""

    number: int = 0
    size: int = 0


@dataclass(slots=True)
class _Applied:
    case: Case
    ss: int
    subject: str


@dataclass(slots=True)
class Sitting:
    """One batch of operations judged in order, in memory, and written at the end."""

    connection: Connection
    region: str
    cases: Sequence[Case]
    head: int = 0
    known: dict[str, list[Known]] = field(default_factory=dict)
    sizes: Counter[str] = field(default_factory=Counter)
    written: dict[str, dict[str, _Written]] = field(default_factory=dict)
    growing: dict[tuple[str, str], Growing] = field(default_factory=dict)
    rows: dict[tuple[str, str], _Standing] = field(default_factory=dict)
    about: dict[tuple[str, str], str] = field(default_factory=dict)
    placed: dict[str, frozenset[str]] = field(default_factory=dict)
    placed_before: dict[str, frozenset[str]] = field(default_factory=dict)
    until: dict[tuple[str, str], int | None] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)
    dropped: list[OpKey] = field(default_factory=list)
    gone: set[tuple[str, str]] = field(default_factory=set)
    applied: list[_Applied] = field(default_factory=list)
    stored: Rows = field(default_factory=list)
    updates: Rows = field(default_factory=list)
    feed: Rows = field(default_factory=list)
    created: set[str] = field(default_factory=set)
    moved: dict[str, frozenset[str]] = field(default_factory=dict)
    tallies: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def hold(self) -> Made:
        """Judge every case and write what follows."""
        self.head = int(fact(self.connection, HEAD) or 0)
        self._load()
        for case in self.cases:
            subject = self._subject(case)
            verdict = self._judge(case, subject)
            ss = None
            if verdict.status in (APPLIED, CONFLICT, DUPLICATE):
                ss = self._publish(case, subject)
            if case.fresh is not None:
                self.stored.append(op_row(case.fresh, subject, verdict, ss))
            else:
                self.updates.append((subject, *told(verdict, ss), *case.key))
        self._write()
        return Made(self.created, self.moved)

    # what stands already

    def _load(self) -> None:
        entities = {case.operation.entity for case in self.cases if forms.is_id(case.operation.entity)}
        named = {case.child for case in self.cases}
        self.known, self.sizes = known_with_sizes(self.connection, entities)
        for some in chunks(self.known):
            for entity, kind, subject, digest in self.connection.execute(
                select(
                    schema.row.c.entity, schema.row.c.kind, schema.row.c.subject, schema.row.c.digest
                ).where(schema.row.c.entity.in_(some))
            ):
                self.rows[entity, kind] = _Standing(subject, digest)
        self.about = _recorded(self.connection, self.cases)
        subjects = {standing.subject for standing in self.rows.values()} | {*self.about.values()}
        for case in self.cases:
            if (case.kind in ABOUT_ITSELF or not case.child) and case.operation.entity in entities:
                subjects.add(case.operation.entity)
            other = joined_with(case.operation)
            if other is not None:
                subjects.add(other)
        subjects |= named - {""}
        placed: dict[str, set[str]] = {}
        query = "SELECT subject, scope, until_ms FROM placement WHERE subject IN <values>"
        for subject, scope, until_ms in among(self.connection, query, subjects):
            placed.setdefault(subject, set()).add(scope)
            self.until[subject, scope] = until_ms
        self.erased = erased.among(self.connection, subjects, entities)
        if any(case.fresh is None for case in self.cases):
            self.forgotten = rejudge.forgotten_somewhere(self.connection, subjects)
        self.placed = {subject: frozenset(scopes) for subject, scopes in placed.items()}
        self.placed_before = dict(self.placed)

    def _subject(self, case: Case) -> str:
        """Whom an operation is about: of a record that stands that is settled, whatever child it names."""
        operation = case.operation
        standing = self.rows.get((operation.entity, case.kind))
        if standing is not None:
            return standing.subject
        recorded = self.about.get((operation.entity, case.kind))
        if recorded is not None:
            return recorded
        if case.child and case.kind not in ABOUT_ITSELF:
            return case.child
        return operation.entity if forms.is_id(operation.entity) else ""

    # the verdict

    def _judge(self, case: Case, subject: str) -> Verdict:
        operation = case.operation
        by_law = subject in self.erased or operation.entity in self.erased
        only_forgotten = case.erased and not by_law  # after a move, or by a law that was not told of here
        if only_forgotten:
            return quarantined(
                LEFT if case.left else ERASED,
                tr("Isi catatan ini tidak ada lagi di laptop penulisnya; hanya jejaknya yang tersimpan."),
            )
        if by_law:
            self.erased.add(operation.entity)  # what is said about it later in the same request
            if not case.erased:
                self.dropped.append(case.key)
            self.gone.add((subject, operation.entity))
            return quarantined(
                ERASED, tr("Data anak ini sudah dihapus atas permintaan; isi catatan ini tidak disimpan.")
            )
        aside = may_not_stand(case, self.region)
        if aside is not None:
            return aside
        missing = self._missing(operation, case.kind)
        if missing is not None:
            return held(*missing)
        if not self._may_write_about(case, subject):
            return quarantined(OUT_OF_SCOPE, tr("Anak ini terdaftar di luar wilayah laptop ini."))
        other = joined_with(operation)
        if other is not None and not self._may_write_about(case, other):
            sentence = tr("Salah satu dari kedua anak ini terdaftar di luar wilayah laptop ini.")
            return quarantined(OUT_OF_SCOPE, sentence, other)
        if self._names_another(operation, case.kind, subject):
            sentence = tr("Tanda pengenal catatan ini sudah dipakai untuk hal lain; Dinas memeriksanya.")
            return quarantined("id_taken", sentence)
        full = self._is_full(case, subject)
        return full if full is not None else self._apply(case, subject)

    def _is_full(self, case: Case, subject: str) -> Verdict | None:
        """Why more of this would only burden everybody who reads it, or None."""
        operation, entity, size = case.operation, case.operation.entity, len(case.body)
        before = len(self.known.get(entity, ()))
        if before >= MOST_ABOUT_ONE or self.sizes[entity] + size > MOST_LETTERS:
            by_all = self._written_by(entity)
            written = by_all.get(case.device, _Written())
            if written.number >= MOST_ABOUT_ONE or written.size + size > MOST_LETTERS:
                sentence = tr("Laptop ini menulis terlalu banyak tentang satu hal; Dinas memeriksanya.")
                return quarantined("too_long", sentence)
            by_all[case.device] = _Written(written.number + 1, written.size + size)
        self.sizes[entity] += size
        placed = self.placed.get(subject, frozenset())
        if len(placed) >= MOST_SCOPES and moved_to(operation) not in {None, *placed}:
            sentence = tr("Anak ini dipindah terlalu banyak kali dalam 90 hari; Dinas memeriksanya.")
            return quarantined("moved_too_often", sentence)
        return None

    def _written_by(self, entity: str) -> dict[str, _Written]:
        """What each laptop has written about an entity, as far as it stands in the order."""
        found = self.written.get(entity)
        if found is None:
            query = (
                "SELECT segment.device, count(*), sum(length(op.body)) FROM op"
                " JOIN segment ON segment.id = op.segment"
                " WHERE op.entity IN <values> AND op.ss IS NOT NULL GROUP BY segment.device"
            )
            rows = among(self.connection, query, [entity])
            found = self.written[entity] = {
                device: _Written(count, int(size)) for device, count, size in rows
            }
            for case in (one.case for one in self.applied if one.case.operation.entity == entity):
                count, size = found.get(case.device, _Written())
                found[case.device] = _Written(count + 1, size + len(case.body))
        return found

    def _may_write_about(self, case: Case, subject: str) -> bool:
        """Whether the subject is placed in the laptop's area, or nowhere yet."""
        placed = self.placed.get(subject)
        return placed is None or any(map(case.may_write_in, placed))

    def _names_another(self, operation: Operation, kind: str, subject: str) -> bool:
        """Whether something of another kind stands under this id, about somebody else.

        A laptop that has to forget the one subject would forget the other's too. A child is not kept out by
        what somebody has said under her id.
        """
        if operation.entity not in self.known or operation.type == "child.register":
            return False
        others = (self.rows.get((operation.entity, other)) for other in KINDS if other != kind)
        return any(standing is not None and standing.subject != subject for standing in others)

    def _missing(self, operation: Operation, kind: str) -> tuple[str, str] | None:
        """The kind and id of what this operation needs and the server does not know yet, or None."""
        action = operation.type.partition(".")[2]
        payload = operation.payload or {}
        child = payload.get("child")
        if isinstance(child, str) and child not in self.placed:
            return "child", child
        other = joined_with(operation)
        if other is not None:
            for child in (operation.entity, other):
                if child not in self.placed:
                    return "child", child
        creates = operation.type == f"{kind}.register"
        changes = action in _FACT_CHANGES or (action != "record" and not child)  # also as newer programs do
        needs_row = (kind in REGISTERS and not creates) or (kind in FACTS and changes)
        if needs_row and (operation.entity, kind) not in self.rows:
            return kind, operation.entity
        changes_later = is_of_a_newer_program(kind) and action in _FACT_CHANGES
        if changes_later and (operation.entity, kind) not in self.about:
            return kind, operation.entity
        return None

    def _apply(self, case: Case, subject: str) -> Verdict:
        operation, kind = case.operation, case.kind
        known = self.known.setdefault(operation.entity, [])
        item = Known(case.key.replica, case.eff, operation)
        standing = self.rows.get((operation.entity, kind))
        if standing is None and not known and is_plain_fact(operation):
            fresh = case.fresh
            payload = fresh.arrived.sealed.payload if fresh is not None else None
            if payload is None:
                payload = wire.encode(operation.payload)
            self.rows[operation.entity, kind] = _Standing(subject, None, plain=operation, payload=payload)
            self.created.add(operation.entity)
            known.append(item)
            return _APPLIED
        if operation.type == f"{kind}.record" and standing is not None:
            first = next(one for one in known if one.operation.type == operation.type)
            if first.operation.payload != operation.payload:
                return quarantined(
                    "already_recorded", tr("Catatan dengan tanda pengenal ini sudah ada dengan isi lain.")
                )
        verdict = self._grow(item, kind, subject, standing) if kind in KINDS else _APPLIED
        if is_of_a_newer_program(kind) and (operation.entity, kind) not in self.about:
            self.about[operation.entity, kind] = subject
            self.created.add(operation.entity)
        known.append(item)
        return verdict

    def _grow(self, item: Known, kind: str, subject: str, standing: _Standing | None) -> Verdict:
        """What an operation changes of its entity's row, which is made when all are judged."""
        operation = item.operation
        growing = self.growing.get((operation.entity, kind))
        if growing is None:
            growing = Growing(kind, self.known[operation.entity])
            self.growing[operation.entity, kind] = growing
        created_again = standing is not None and operation.type.endswith((".record", ".register"))
        before = growing.shows(operation) if created_again else None
        growing.add(item)
        if not growing.exists:
            return _APPLIED
        if standing is None:
            standing = self.rows[operation.entity, kind] = _Standing(subject, None)
            self.created.add(operation.entity)
        standing.grown = True
        against = growing.against(item, MOST_NAMED)
        if against:
            return Verdict(CONFLICT, conflicts=against)
        if created_again and growing.shows(operation) == before:
            return Verdict(DUPLICATE)
        return _APPLIED

    # the server's order

    def _publish(self, case: Case, subject: str) -> int:
        """Give the operation its place in the order, for every scope that reads about its subject."""
        operation = case.operation
        scope = operation.scope or case.area
        if kind_of(operation.type) in HANDED_OUT:
            scope = everywhere_in(scope)
        placed = self.placed.get(subject) or frozenset([scope])
        to = moved_to(operation)
        if to is not None:
            if to not in placed:
                self._send_history(subject, to)
                placed |= {to}
                self.moved[subject] = self.moved.get(subject, frozenset()) | {to}
            self._leave(subject, placed, case.received_ms)
        self.placed[subject] = placed
        self.head += 1
        ss = self.head
        self.applied.append(_Applied(case, ss, subject))
        self.feed += [(ss, scope, *case.key) for scope in placed]
        if case.returned or (case.fresh is None and subject in self.forgotten):
            self.head += 1  # told again, and so told whole: its author may have had to forget it
            self.feed += [(self.head, scope, *case.key) for scope in placed]
        return ss

    def _send_history(self, subject: str, scope: str) -> None:
        """Put all that is known about a subject into a further scope's feed (sync rule 10)."""
        for key in _history(self.connection, subject):
            self.head += 1
            self.feed.append((self.head, scope, *key))
        for item in self.applied:
            if item.subject == subject:
                self.head += 1
                self.feed.append((self.head, scope, *item.case.key))

    def _leave(self, subject: str, placed: frozenset[str], received_ms: int) -> None:
        """Where the child is now reads on; everywhere else reads for 90 more days (sync rule 10)."""
        now = self.growing[subject, "child"].scope  # a transfer was just applied to it
        for scope in placed:
            if scope == now:
                self.until[subject, scope] = None
            elif self.until.get((subject, scope)) is None:
                self.until[subject, scope] = received_ms + READS_ON_MS
        self.left.add(subject)

    # writing

    def _write(self) -> None:
        """Write all that follows from the verdicts."""
        connection = self.connection
        insert(connection, schema.op, OP_COLUMNS, self.stored)
        change(connection, schema.op, ("subject", *TOLD, "replica", "seq"), self.updates)
        insert(connection, schema.feed, ("ss", "scope", "replica", "seq"), self.feed)
        changed = {
            subject: placed
            for subject, placed in self.placed.items()
            if placed != self.placed_before.get(subject)
        }
        upsert(
            connection,
            schema.placement,
            ("subject", "scope", "until_ms"),
            [
                (subject, scope, self.until.get((subject, scope)))
                for subject in changed.keys() | self.left
                for scope in self.placed[subject]
            ],
        )
        if self.dropped:
            erased.drop_payloads(connection, self.dropped)
        for subject, entity in self.gone:
            erased.drop_payloads(connection, erased.changes_put_aside(connection, subject, entity))
        self._count_log()
        self._count_moved(changed)
        self._write_rows()
        tallies.add(connection, self.tallies)
        if self.applied:
            set_fact(connection, HEAD, str(self.head))

    def _count_log(self) -> None:
        by_placement: dict[frozenset[str], list[int]] = {}
        for item in self.applied:
            entry = by_placement.setdefault(self.placed[item.subject], [0, 0])
            entry[0] += 1
            entry[1] += int.from_bytes(item.case.content, "big")
        for placed, (count, total) in by_placement.items():
            self._count(all_ancestors(placed), LOG, count, total)

    def _count_moved(self, changed: dict[str, frozenset[str]]) -> None:
        """Count what was there before a subject came to a further scope, in the areas new to it."""
        for subject, placed in changed.items():
            before = self.placed_before.get(subject)
            if before is None:
                continue
            areas = all_ancestors(placed) - all_ancestors(before)
            fresh = {item.case.key for item in self.applied}
            for replica, seq, content in self.connection.execute(
                select(schema.op.c.replica, schema.op.c.seq, schema.op.c.content).where(
                    schema.op.c.subject == subject, schema.op.c.ss.is_not(None)
                )
            ):
                if OpKey(replica, seq) not in fresh:
                    self._count(areas, LOG, 1, int.from_bytes(content, "big"))
            for kind, digest in self.connection.execute(
                select(schema.row.c.kind, schema.row.c.digest).where(schema.row.c.subject == subject)
            ):
                self._count(areas, kind, 1, int.from_bytes(digest, "big"))

    def _write_rows(self) -> None:
        rows: Rows = []
        by_placement: dict[tuple[frozenset[str], str], list[int]] = {}
        for (entity, kind), standing in self.rows.items():
            columns = standing.columns(entity, kind, self.known.get(entity, ()))
            if columns is None:
                continue
            digest = columns[-1]
            entry = by_placement.setdefault((self.placed[standing.subject], kind), [0, 0])
            if standing.digest is not None:
                entry[0] -= 1
                entry[1] -= int.from_bytes(standing.digest, "big")
            entry[0] += 1
            entry[1] += int.from_bytes(digest, "big")
            rows.append(columns)
        for (placed, kind), (count, total) in by_placement.items():
            self._count(all_ancestors(placed), kind, count, total)
        upsert(self.connection, schema.row, ROW_COLUMNS, rows)

    def _count(self, areas: Iterable[str], kind: str, count: int, total: int) -> None:
        for area in areas:
            entry = self.tallies.setdefault((area, kind), [0, 0])
            entry[0] += count
            entry[1] += total


def _history(connection: Connection, subject: str) -> list[OpKey]:
    found = connection.execute(
        select(schema.op.c.replica, schema.op.c.seq)
        .where(schema.op.c.subject == subject, schema.op.c.ss.is_not(None))
        .order_by(schema.op.c.ss)
    )
    return [OpKey(replica, seq) for replica, seq in found]
