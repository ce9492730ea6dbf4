"""What the district's technician does: set up, give out codes, look, revoke, upgrade."""

import secrets
import uuid
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, func, select, update

from posyandu_app import __version__
from posyandu_app.district import (
    config,
    enrolled,
    intake,
    judge,
    known_again,
    leaving,
    rejudge,
    schema,
    stored,
    tallies,
)
from posyandu_app.district.config import District
from posyandu_app.district.desk import CODE_LENGTH, CODE_LETTERS, code_digest, system_ms
from posyandu_app.district.store import (
    EPOCH,
    HEAD,
    JUDGED_BY,
    PROJECTION,
    RESTORED,
    Rows,
    Store,
    chunks,
    fact,
    set_fact,
    upsert,
)
from posyandu_app.domain import card_codes
from posyandu_app.domain.clock import rfc3339
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.forms import is_id
from posyandu_app.domain.merge import KINDS, PROJECTION_VERSION, project
from posyandu_app.domain.model import Role
from posyandu_app.domain.scopes import all_ancestors, is_scope, within
from posyandu_app.i18n import tr

_DAY_MS = 24 * 60 * 60 * 1000
_USUAL_ROLE = {2: Role.DINAS, 3: Role.TPG, 4: Role.BIDAN, 5: Role.KADER}


@dataclass(frozen=True, slots=True)
class Status:
    """What the server holds; `digests` has count and sum of the visible rows by kind."""

    name: str
    region: str
    epoch: str
    head: int
    devices: int
    operations: int
    statuses: dict[str, int]
    digests: dict[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One enrolled laptop; times are RFC 3339 or None.

    `joined_as` is what it has joined as since then, once it was heard under that id.
    """

    id: str
    name: str
    scope: str
    role: str
    app: str
    enrolled_at: str | None
    seen_at: str | None
    revoked_at: str | None
    joined_as: str | None = None


def init(folder: Path, name: str, region: str, database: str | None = None) -> District:
    """Set up a server: folder, keys, database."""
    before = config.standing(folder)
    try:
        district = config.create(folder, name, region, database)
        open_store(district).close()
    except BaseException:
        config.forget(folder, before)
        raise
    return district


def open_store(district: District) -> Store:
    """The server's database, brought up to date: schema, visible rows, and what waits judged again."""
    store = Store(district.database)
    try:
        store.upgrade()
        with store.write() as connection:
            store.lock_order(connection)
            _bring_up_to_date(connection, district.region)
    except BaseException:
        store.close()
        raise
    return store


def _bring_up_to_date(connection: Connection, region: str) -> None:
    if fact(connection, PROJECTION) != str(PROJECTION_VERSION):
        rebuild(connection)
        set_fact(connection, PROJECTION, str(PROJECTION_VERSION))
    if fact(connection, JUDGED_BY) != __version__:
        connection.execute(
            update(schema.op)
            .where(schema.WAITS, schema.op.c.status.in_((schema.HELD, schema.QUARANTINED)))
            .values(status=schema.STORED)
        )
        set_fact(connection, JUDGED_BY, __version__)
    judge.judge(connection, region)


def rebuild(connection: Connection) -> None:
    """Make every visible row and its sums anew from the operations."""
    connection.execute(delete(schema.row))
    connection.execute(delete(schema.tally).where(schema.tally.c.kind != tallies.LOG))
    entities = list(
        connection.scalars(select(schema.op.c.entity).where(schema.op.c.ss.is_not(None)).distinct())
    )
    for some in chunks(entities):
        _rebuild_some(connection, some)


def _rebuild_some(connection: Connection, entities: list[str]) -> None:
    found = connection.execute(
        select(schema.op.c.entity, schema.op.c.subject).where(
            schema.op.c.entity.in_(entities), schema.op.c.ss.is_not(None)
        )
    )
    subjects: dict[str, str] = {row.entity: row.subject for row in found}
    placed: dict[str, set[str]] = {}
    for subject, scope in connection.execute(
        select(schema.placement.c.subject, schema.placement.c.scope).where(
            schema.placement.c.subject.in_(set(subjects.values()))
        )
    ):
        placed.setdefault(subject, set()).add(scope)
    rows: Rows = []
    changes: dict[tuple[str, str], list[int]] = {}
    for entity, known in stored.known_operations(connection, entities).items():
        subject = subjects[entity]
        for kind in KINDS:
            row = project(kind, entity, known)
            if row is None:
                continue
            digest = row.digest()
            rows.append(stored.row_columns(row, subject, digest))
            for area in all_ancestors(frozenset(placed[subject])):
                entry = changes.setdefault((area, kind), [0, 0])
                entry[0] += 1
                entry[1] += int.from_bytes(digest, "big")
    upsert(connection, schema.row, stored.ROW_COLUMNS, rows)
    tallies.add(connection, changes)


def issue_code(
    district: District, store: Store, scope: str, role: str | None = None, days: int = 14
) -> tuple[str, str, str]:
    """A new code for one laptop, its role and until when it holds; the code itself is kept nowhere."""
    if not is_scope(scope) or not within(scope, district.region):
        raise UserError(
            tr("Wilayah {scope} bukan bagian dari wilayah server ini ({region}).").format(
                scope=scope, region=district.region
            )
        )
    if not 1 <= days <= 365:
        raise UserError(tr("Masa berlaku kode harus 1 sampai 365 hari."))
    given = role if role is not None else _USUAL_ROLE.get(scope.count(".") + 1, Role.KADER)
    if given not in set(Role):
        raise UserError(tr("Peran harus salah satu dari: {roles}.").format(roles=", ".join(Role)))
    plain = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    code = "-".join(plain[start : start + 4] for start in range(0, CODE_LENGTH, 4))
    now_ms = system_ms()
    expires_ms = now_ms + days * _DAY_MS
    with store.write() as connection:
        connection.execute(
            schema.code.insert().values(
                digest=code_digest(district, code),
                scope=scope,
                role=str(given),
                created_ms=now_ms,
                expires_ms=expires_ms,
            )
        )
    return code, str(given), rfc3339(expires_ms)


def devices(store: Store) -> list[DeviceRow]:
    """Every laptop that was ever enrolled, by scope and name."""
    columns = schema.device.c
    with store.read() as connection:
        found = connection.execute(
            select(schema.device).order_by(columns.scope, columns.name, columns.enrolled_ms)
        ).all()
    joined = [row for row in found if row.seen_ms is not None]
    since = {row.continues: row.id for row in sorted(joined, key=lambda row: row.enrolled_ms)}
    return [
        DeviceRow(
            id=row.id,
            name=row.name,
            scope=row.scope,
            role=row.role,
            app=row.app,
            enrolled_at=_time(row.enrolled_ms),
            seen_at=_time(row.seen_ms),
            revoked_at=_time(row.revoked_ms),
            joined_as=since.get(row.id),
        )
        for row in found
    ]


def _time(ms: int | None) -> str | None:
    return None if ms is None else rfc3339(ms)


def revoke(store: Store, device: str) -> DeviceRow:
    """Take a laptop's leave: what it sends is kept aside, it hears nothing more and is told to wipe.

    It goes for whatever the laptop has joined as since.
    """
    with store.write() as connection:
        enrolled.revoke(connection, intake.with_later_ids(connection, device), system_ms())
        unknown = is_id(device) and intake.find_device(connection, device) is None
        if unknown and known_again.revoke_when_known(connection, device, system_ms()):
            at = rfc3339(system_ms())
            return DeviceRow(device, known_again.name_of(device), "", "", "", None, None, revoked_at=at)
    return _device(store, device)


def _device(store: Store, device: str) -> DeviceRow:
    for row in devices(store):
        if row.id == device:
            return row
    raise UserError(tr("Tidak ada laptop dengan tanda pengenal itu; lihat: posyandu district devices"))


def rescope(district: District, store: Store, device: str, scope: str) -> DeviceRow:
    """Give a laptop another area; what it wrote in the old one may come for 90 more days.

    It goes for whatever the laptop has joined as since. What was put aside as outside its area is judged
    again: a restored server may have heard it before it was told of the new area once more.
    """
    if not is_scope(scope) or not within(scope, district.region):
        raise UserError(
            tr("Wilayah {scope} bukan bagian dari wilayah server ini ({region}).").format(
                scope=scope, region=district.region
            )
        )
    with store.write() as connection:
        given = enrolled.give_area(connection, device, scope, system_ms())
        for one in intake.with_later_ids(connection, device):
            if intake.find_device(connection, one) is not None:
                known_again.decided(connection, one, system_ms())
        store.lock_order(connection)  # the laptop's own row comes first, as in an exchange
        if rejudge.what_was_outside_for(connection, given):
            judge.judge(connection, district.region)
    return _device(store, device)


def erase(store: Store, child: str, reason: str) -> int:
    """Drop everything about a child, by law; returns how many operations lost their content.

    `child` is her id or the code on her card. It may be said again, as when the server's files were in use
    (`UserError`).
    """
    child = card_codes.child_of(child) or child
    if not is_id(child):
        raise UserError(
            tr(
                "Tulis kode di kartu QR anak, atau tanda pengenalnya seperti "
                "8c1f4f1e-9a0b-4c3d-8e2f-1a2b3c4d5e6f."
            )
        )
    if not reason.strip() or len(reason) > 200 or not reason.isprintable():
        raise UserError(tr("Tulis alasan atau nomor surat penghapusan, paling banyak 200 huruf."))
    with store.write() as connection:
        store.lock_order(connection)
        known = connection.execute(
            select(schema.op.c.seq).where(schema.op.c.subject == child).limit(1)
        ).first()
        if known is None:
            raise UserError(tr("Tidak ada catatan tentang anak dengan tanda pengenal itu di server ini."))
        count = leaving.erase(connection, child, reason.strip(), system_ms())
    if not store.clear_away():
        raise UserError(
            tr("Isinya sudah dihapus, tetapi jejaknya masih ada di berkas server; ulangi perintah ini nanti.")
        )
    return count


def restored(store: Store) -> str:
    """Begin a new epoch after a backup was put back: laptops send and hear everything again."""
    epoch = str(uuid.uuid4())
    with store.write() as connection:
        store.lock_order(connection)
        set_fact(connection, EPOCH, epoch)
        set_fact(connection, RESTORED, str(system_ms()))
        connection.execute(update(schema.device).values(cursor=None))  # nobody was heard in this history yet
    return epoch


def status(district: District, store: Store) -> Status:
    """What the server holds, at one moment."""
    with store.read() as connection:
        standing = tallies.of(connection, "")
        standing.pop(tallies.LOG, None)
        statuses = stored.statuses(connection)
        devices = connection.scalar(
            select(func.count()).select_from(schema.device).where(schema.device.c.revoked_ms.is_(None))
        )
        return Status(
            name=district.name,
            region=district.region,
            epoch=fact(connection, EPOCH) or "",
            head=int(fact(connection, HEAD) or 0),
            devices=devices or 0,
            operations=sum(statuses.values()),
            statuses=statuses,
            digests={kind: (count, total.hex()) for kind, (count, total) in sorted(standing.items())},
        )
