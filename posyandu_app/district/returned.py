"""What a restored server has lost and had told others before: they give it back (sync rule 16).

Each laptop sends again what it wrote itself, signed and chained. Of a laptop that is no more, or had to
forget what it wrote after a move, others hold the operations one by one, without its chain. The server
knows by their proof that it has told them itself (`telling`). They stand in the order beside that log, and
become part of it when the stretch comes that their author signed. Where only the content is missing, its
hash proves it. What its laptop has sent again and was put aside for what has happened since stands, as
others had been told it before.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from posyandu_app.district import erased, leaving, schema
from posyandu_app.district.intake import Device, find_device, lock_log
from posyandu_app.district.schema import NO_CHAIN, STORED, UNSIGNED
from posyandu_app.district.store import RESTORED, Rows, change, chunks, fact
from posyandu_app.district.telling import Telling
from posyandu_app.district.verdicts import (
    ERASED,
    LEFT,
    OUT_OF_SCOPE,
    REVOKED,
    Case,
    Fresh,
    child_of,
    may_not_stand,
)
from posyandu_app.domain import hlc
from posyandu_app.domain.merge import entity_kind
from posyandu_app.domain.operations import OpKey
from posyandu_app.i18n import tr
from posyandu_app.sync import wire


class Told(NamedTuple):
    """An operation that comes back, and the stamp it was told with."""

    eff: str
    arrived: wire.Arrived


Offered = Mapping[str, Mapping[int, Told]]
"""What comes back, by log and number."""


class Taken(NamedTuple):
    """What is new of what came back, and how many that stood here are to be judged again for it."""

    fresh: list[Fresh]
    filled: int


def read(
    connection: Connection, returned: Sequence[wire.Returned], telling: Telling, device: Device
) -> Offered:
    """What a laptop gives back that this server has told and may lack; empty when nobody may give it any."""
    if not returned or device.revoked or fact(connection, RESTORED) is None:
        return {}
    by_log: dict[str, dict[int, Told]] = {}
    for item in returned:
        arrived = _read(item, telling)
        if arrived is not None:
            by_log.setdefault(item.replica, {})[arrived.operation.seq] = Told(item.eff, arrived)
    return by_log


def take(connection: Connection, offered: Offered, device: Device, region: str, received_ms: int) -> Taken:
    """What the server lacks of what comes back; the caller judges it in the same transaction.

    It is judged as its author's where that is known, else as if the laptop that brings it had written it.
    What neither may write, and what stands here otherwise, is left out: nothing is said about it, and it
    stays where it is. The caller holds the order lock, and has locked the logs before (`intake.lock_logs`).
    """
    fresh: list[Fresh] = []
    filled = 0
    for replica, some in sorted(offered.items()):
        log = lock_log(connection, replica, device.id)
        standing = _standing(connection, replica, some)
        filled += _fill(connection, replica, some, standing)
        vouched = {seq for seq in some if seq in standing and standing[seq].was_told(replica, some[seq])}
        news = {seq for seq in some if seq > log.have and seq not in standing}
        author = find_device(connection, log.device) if log.have else None
        for writer in (author, device):
            stands = {
                seq: some[seq]
                for seq in news | vouched
                if writer is not None and _may_stand(replica, some[seq], writer, region, received_ms)
            }
            if writer is None or not stands:
                continue
            segment = _keep(connection, replica, stands, writer, device, received_ms)
            rows: Rows = [(segment, STORED, replica, seq) for seq in stands.keys() & vouched]
            change(connection, schema.op, ("segment", "status", "replica", "seq"), rows)
            fresh += _fresh(replica, stands, news, segment, received_ms)
            filled += sum(not standing[seq].gone for seq in stands.keys() & vouched)
            news -= stands.keys()
            vouched -= stands.keys()
    return Taken(fresh, filled)


def erasures(connection: Connection, told: Mapping[str, str], telling: Telling) -> list[str]:
    """The children whom this server had erased, as it told itself, and not any more since it was put back."""
    if not told or fact(connection, RESTORED) is None:
        return []
    proved = telling.proved(wire.ERASED, told)
    return sorted(set(proved) - erased.among(connection, proved, []))


def erase_again(connection: Connection, children: Iterable[str], now_ms: int) -> None:
    """Erase them once more; the reason that was given is lost. The caller holds the order lock."""
    for child in children:
        reason = tr("Sudah dihapus sebelum server dipulihkan dari cadangan.")
        leaving.erase(connection, child, reason, now_ms)


def tell_erased(connection: Connection, offered: Offered, area: str) -> None:
    """Tell those of an area who give back what the law has emptied that it is to be forgotten.

    The caller holds the order lock.
    """
    this = schema.op.c
    emptied: set[str] = set()
    for replica, told in offered.items():
        for some in chunks(told):
            emptied.update(
                connection.scalars(
                    select(this.subject).where(
                        this.replica == replica, this.seq.in_(some), this.why == ERASED
                    )
                )
            )
    by_law = erased.among(connection, emptied, [])
    for subject in sorted(by_law - leaving.told_to_erase(connection, by_law, area)):
        leaving.tell(connection, subject, [area], leaving.ERASE)


def _read(item: wire.Returned, telling: Telling) -> wire.Arrived | None:
    try:
        arrived = wire.read_operation(item.op)
    except wire.Malformed:
        return None
    content = arrived.sealed.content(item.replica)
    has_content = arrived.operation.payload is not None
    return arrived if has_content and telling.has_told(content, item.eff, item.proof) else None


_PUT_ASIDE_SINCE = frozenset({LEFT, REVOKED, OUT_OF_SCOPE})
"""Why something is put aside when its laptop sends it again that stood when it was sent first: what had to be
forgotten since, a laptop revoked since, a child who is no longer read about where it was written."""


class _Standing(NamedTuple):
    content: bytes
    gone: bool
    why: str | None

    def was_told(self, replica: str, told: Told) -> bool:
        """Whether it is this that stands aside, and may do so only since it was sent a second time."""
        return self.why in _PUT_ASIDE_SINCE and self.content == told.arrived.sealed.content(replica)


def _standing(connection: Connection, replica: str, seqs: Iterable[int]) -> dict[int, _Standing]:
    """What stands here already under these numbers; `gone` says that it came without its content."""
    this = schema.op.c
    found: dict[int, _Standing] = {}
    for some in chunks(seqs):
        for seq, content, gone, why in connection.execute(
            select(this.seq, this.content, this.erased.is_not(None), this.why).where(
                this.replica == replica, this.seq.in_(some)
            )
        ):
            found[seq] = _Standing(bytes(content), bool(gone), why)
    return found


def _fill(
    connection: Connection, replica: str, some: Mapping[int, Told], standing: Mapping[int, _Standing]
) -> int:
    """Give those that came empty, and that no law has emptied, their content; they are judged again."""
    rows: Rows = [
        (told.arrived.body.decode("utf-8"), None, STORED, replica, seq)
        for seq, told in some.items()
        if seq in standing
        and standing[seq].gone
        and standing[seq].why == LEFT
        and standing[seq].was_told(replica, told)
    ]
    change(connection, schema.op, ("body", "erased", "status", "replica", "seq"), rows)
    return len(rows)


def _may_stand(replica: str, told: Told, device: Device, region: str, received_ms: int) -> bool:
    arrived = told.arrived
    operation = arrived.operation
    if not operation.scope:
        return False  # its author's area is meant, which nobody knows
    case = Case(
        OpKey(replica, operation.seq),
        operation,
        entity_kind(operation),
        child_of(operation) or "",
        arrived.body,
        told.eff,
        arrived.sealed.content(replica),
        device.id,
        device.scope,
        device.role,
        device.revoked,
        received_ms,
        former=(),
        erased=False,
    )
    return may_not_stand(case, region) is None


def _keep(
    connection: Connection,
    replica: str,
    seqs: Collection[int],
    writer: Device,
    carrier: Device,
    received_ms: int,
) -> int:
    """Keep who brought these and when, as a segment that nobody has signed; returns its number."""
    brought = {
        "replica": replica,
        "first": min(seqs),
        "last_seq": max(seqs),
        "prev": "",
        "last": "",
        "device": writer.id,
        "carrier": carrier.id,
        "sig": UNSIGNED,
        "received_ms": received_ms,
    }
    key = connection.execute(schema.segment.insert().values(brought)).inserted_primary_key
    assert key is not None
    number: int = key[0]
    return number


def _fresh(
    replica: str, stands: Mapping[int, Told], news: Collection[int], segment: int, received_ms: int
) -> list[Fresh]:
    fresh = []
    for seq, (told, arrived) in sorted(stands.items()):
        if seq not in news:
            continue
        eff = hlc.effective(told, received_ms, 0)
        content = arrived.sealed.content(replica)
        fresh.append(Fresh(OpKey(replica, seq), arrived, segment, eff, NO_CHAIN, content))
    return fresh
