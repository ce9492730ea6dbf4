"""What people are told about sync: computed from the log and the watermark, never from the last HTTP call."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from posyandu_app.domain.age import MONTH_NAMES
from posyandu_app.domain.clock import Clock, SystemClock
from posyandu_app.domain.dates import format_time
from posyandu_app.domain.merge import PROJECTION_VERSION
from posyandu_app.domain.undecided import NOTHING, Undecided
from posyandu_app.i18n import tr
from posyandu_app.storage import aside, disputes, filling, log, peer
from posyandu_app.storage.connection import Database
from posyandu_app.storage.filling import Filling
from posyandu_app.sync import mending

READ_LIMIT = "read_limit"
"""The version of the projection that it takes to show all that the Dinas has, where this one is older."""


class Link(StrEnum):
    """What the last attempt at contact met."""

    NOT_ENROLLED = "not_enrolled"
    UNKNOWN = "unknown"
    ONLINE = "online"
    OFFLINE = "offline"
    SLOW = "slow"
    SWITCHED_OFF = "switched_off"
    PORTAL = "portal"
    BAD_CERTIFICATE = "bad_certificate"
    WRONG_CLOCK = "wrong_clock"
    SERVER_BUSY = "server_busy"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """Operations waiting and received, and when a server last signed for something.

    `unsent` are own operations past the server-signed watermark; `held` and `quarantined` are
    operations that need another operation or a person, `conflicts` fields in dispute; the message counts
    what is held only once it is shown, which `aside` counts with what is quarantined. `carried` came from
    other laptops by stick and are not known to have reached the Dinas. `fill` is how far a first fill is;
    nothing of it is shown before it is complete. `outdated` says that the Dinas sends things that take a
    newer version to be shown, `differs` that the last comparison of both sides' sums found something that
    is not mended yet. `undecided` is what waits for a decision, as the sync page tells it.
    """

    enrolled: bool
    total: int
    received: int
    unsent: int
    held: int
    quarantined: int
    conflicts: int
    carried: int
    last_received_at: datetime | None
    cursor: int
    link: Link
    message: str
    fill: Filling | None = None
    outdated: bool = False
    aside: int = 0
    differs: bool = False
    undecided: Undecided = NOTHING


def status(
    database: Database,
    link: Link = Link.UNKNOWN,
    clock: Clock | None = None,
    undecided: Undecided | None = None,
) -> SyncStatus:
    """Where this laptop stands with the Dinas at this moment; `link` is what the last attempt met.

    `undecided` is what waits for a decision, for whoever is at the keyboard; without it the fields in
    dispute are counted.
    """
    now = (clock or SystemClock()).now()
    with database.snapshot():
        server = peer.load(database)
        total, _ = log.tip(database)
        waiting = log.statuses(database)
        shown = len(aside.shown(database, now))
        conflicts = disputes.count(database)  # what a person has decided is none any more
        differs = mending.differs(database)
        fill = filling.progress(database)
        outdated = int(database.meta(READ_LIMIT) or 0) > PROJECTION_VERSION
    undecided = undecided if undecided is not None else Undecided(conflicts, whole=False)
    sentence = _sentence(
        server is not None,
        total - min(server.acked if server is not None else 0, total),
        shown,
        waiting.get(log.CARRIED, 0),
        last := None if server is None else _moment(server.last_received_at),
        now,
    )
    if fill is not None:
        filled = tr("Data dari Dinas sedang diisi: {count} dari {total}.")
        sentence = f"{filled.format(count=fill.received, total=fill.total)} {sentence}"
    if undecided.count:
        sentence = f"{sentence.rstrip('.')}; {undecided.words}"
    if outdated:
        sentence += "; " + tr("perbarui aplikasi untuk melihat semuanya")
    received = 0 if server is None else min(server.acked, total)
    held, quarantined = (waiting.get(name, 0) for name in (aside.HELD, aside.QUARANTINED))
    return SyncStatus(
        enrolled=server is not None,
        total=total,
        received=received,
        unsent=total - received,
        held=held,
        quarantined=quarantined,
        conflicts=conflicts,
        carried=waiting.get(log.CARRIED, 0),
        last_received_at=last,
        cursor=0 if server is None else server.cursor,
        link=Link.NOT_ENROLLED if server is None else link,
        message=sentence,
        fill=fill,
        outdated=outdated,
        aside=shown,
        differs=differs,
        undecided=undecided,
    )


def _moment(stored: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(stored) if stored is not None else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _sentence(
    enrolled: bool, unsent: int, waiting: int, carried: int, last: datetime | None, now: datetime
) -> str:
    if not enrolled:
        return tr("Laptop ini belum didaftarkan ke Dinas; {count} data tersimpan di sini.").format(
            count=unsent
        )
    if last is None:
        sentence = tr("Belum pernah tersambung dengan Dinas; {count} data menunggu dikirim.").format(
            count=unsent
        )
        return f"{sentence} {_of_others(carried)}" if carried else sentence
    if unsent:
        sentence = tr("{count} data belum diterima Dinas; terakhir diterima {day}").format(
            count=unsent, day=_day(last, now)
        )
    else:
        whole = tr("Semua data sudah diterima Dinas, {day} {time}")
        own = tr("Data laptop ini sudah diterima Dinas, {day} {time}")
        sentence = (own if carried else whole).format(
            day=_day(last, now), time=format_time(_local(last, now))
        )
    if carried:
        sentence += f"; {_of_others(carried)}"
    if waiting:
        sentence += tr("; {count} perlu diperiksa").format(count=waiting)
    return sentence


def _of_others(carried: int) -> str:
    return tr("{count} dari laptop lain belum sampai di Dinas").format(count=carried)


def _local(moment: datetime, now: datetime) -> datetime:
    return moment.astimezone(now.tzinfo)


def _day(moment: datetime, now: datetime) -> str:
    local = _local(moment, now)
    day = f"{local.day} {tr(MONTH_NAMES[local.month - 1])[:3]}"
    return day if local.year == now.year else f"{day} {local.year}"
