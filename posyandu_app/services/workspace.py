"""One unlocked person at work: her database, her role, the rules and the clock."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone

from posyandu_app.domain import hlc
from posyandu_app.domain.clock import Clock, timestamp
from posyandu_app.domain.errors import NotAllowed, UserError
from posyandu_app.domain.model import Role
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.i18n import tr
from posyandu_app.paths import DataFolder
from posyandu_app.services.views import User
from posyandu_app.storage import backup, log, peer, registers
from posyandu_app.storage.connection import Database

_SCOPE = re.compile(r"\d\d(\.\d\d(\.\d\d(\.\d{4}(\.\d{3})?)?)?)?", re.ASCII)
POSYANDU_PARTS = 5
"""A posyandu's scope: kabupaten code in two parts, kecamatan, village, posyandu number."""

_NO_REASON_TO_ASK = timedelta(hours=1)
_WRITERS = (Role.KADER, Role.BIDAN)


@dataclass(slots=True)
class Workspace:
    """What services work with; `scope` follows the district server once the laptop is enrolled."""

    database: Database
    user: User
    rules: ProgramRules
    clock: Clock
    folder: DataFolder | None = None
    cache: dict[str, object] = field(default_factory=dict, repr=False)

    @property
    def scope(self) -> str | None:
        """The part of the programme this laptop works in, or None until somebody has said."""
        server = peer.load(self.database)
        return server.scope if server is not None else self.database.meta("scope")

    @property
    def posyandu_name(self) -> str:
        """The name of this laptop's posyandu, or of its scope."""
        scope = self.scope
        return posyandu_name(self, scope) if scope is not None else ""

    @property
    def writes(self) -> bool:
        """Whether the person registers and measures children; the others read (decisions.md, Roles)."""
        return self.user.role in _WRITERS

    @property
    def practice(self) -> bool:
        """Whether these are made-up children to practise on: never enrolled, never sent, thrown away."""
        return peer.is_practice(self.database)

    def close(self) -> None:
        """Close the database."""
        self.database.close()


def is_scope(text: str) -> bool:
    """Whether the text has a scope's form, from a province down to a posyandu."""
    return _SCOPE.fullmatch(text) is not None


def is_posyandu(scope: str) -> bool:
    """Whether a scope is one posyandu, not a village or more."""
    return is_scope(scope) and scope.count(".") == POSYANDU_PARTS - 1


def require_scope(ws: Workspace) -> str:
    """The scope, or `UserError` while nobody has said which posyandu this is."""
    scope = ws.scope
    if scope is None:
        raise UserError(
            tr("Laptop ini belum punya wilayah kerja. Gabungkan dulu dengan kode dari Dinas."),
            code="no_scope",
        )
    return scope


def require_writer(ws: Workspace) -> None:
    """Raise `NotAllowed` unless the role registers and measures children."""
    if not ws.writes:
        raise NotAllowed(tr("Peran ini hanya membaca. Mintalah kader atau bidan untuk mencatat."))


def require_author(ws: Workspace, author: str) -> None:
    """Raise `NotAllowed` unless the person entered this herself, or is the midwife."""
    require_writer(ws)
    if ws.user.role is not Role.BIDAN and author != ws.user.id:
        raise NotAllowed(
            tr("Catatan ini ditulis orang lain. Hanya penulisnya atau bidan yang boleh mengubah.")
        )


def require_mover(ws: Workspace) -> None:
    """Raise `NotAllowed` unless the role moves children between posyandu."""
    if ws.user.role is not Role.BIDAN:
        raise NotAllowed(tr("Hanya bidan yang dapat memindahkan anak ke posyandu lain."))


def inside(ws: Workspace, scope: str) -> bool:
    """Whether something of this scope belongs to this laptop's part of the programme."""
    own = ws.scope
    return own is not None and within(own, scope)


def within(area: str, scope: str) -> bool:
    """Whether a scope is an area or a part of it."""
    return scope == area or scope.startswith(area + ".")


def latest_date(ws: Workspace) -> date:
    """The latest date that is not in the future: today, or the last known day when the clock is behind it."""
    known = _last_known(ws)
    return date.max if known is None else max(ws.clock.today(), known.date())


def day_ahead_of_clock(ws: Workspace) -> date | None:
    """The last known day when the clock stands behind it, so that somebody has to say which day it is.

    None while the clock may be right; minutes around midnight are no reason to ask.
    """
    known, now = _last_known(ws), ws.clock.now()
    if known is None or known - now < _NO_REASON_TO_ASK or known.date() <= now.date():
        return None
    return known.date()


def _last_known(ws: Workspace) -> datetime | None:
    """When the last stamp given or heard here was given, in local time; None beyond the calendar."""
    offset = ws.clock.now().utcoffset() or timedelta(0)
    try:
        known = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
            milliseconds=hlc.milliseconds(log.last_stamp(ws.database))
        )
        return known.astimezone(timezone(offset))
    except OverflowError:  # a clock that stood at the end of the calendar
        return None


def now_text(ws: Workspace) -> str:
    """Now, as it stands in operations."""
    return timestamp(ws.clock.now())


def posyandu_names(ws: Workspace) -> Mapping[str, str]:
    """Scope → name of every posyandu known here."""
    return registers.posyandu_names(ws.database)


def several_posyandu(ws: Workspace) -> Mapping[str, str]:
    """Scope → name where the laptop's area has several posyandu; nothing on the laptop of one."""
    scope = ws.scope
    return {} if scope is None or is_posyandu(scope) else posyandu_names(ws)


def posyandu_name(ws: Workspace, scope: str) -> str:
    """The name of a posyandu, or its number while the name is not known here."""
    return posyandu_names(ws).get(scope, scope)


def user_name(ws: Workspace, user_id: str) -> str:
    """The name of whoever wrote something, or "—" while it is not known here."""
    found = registers.user(ws.database, user_id)
    return found.name if found is not None and found.name else "—"


def back_up_daily(ws: Workspace) -> bool:
    """Make today's encrypted copy of the database unless there is one; whether one was made."""
    now = ws.clock.now()
    if not backup.due(ws.database, now):
        return False
    backup.make(ws.database, backup.DAILY, now)
    return True
