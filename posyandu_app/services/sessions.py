"""The posyandu day: opening it, closing it, and opening it again.

A day is one session of one posyandu. Nothing about a closed day is frozen: its recap is computed
when asked for, and what stood in it when it was closed is changed with a reason only.
"""

from dataclasses import replace
from datetime import date

from posyandu_app.domain.dates import check_visit_date, format_date
from posyandu_app.domain.derived_ids import session_id
from posyandu_app.domain.errors import InvalidValue, UserError
from posyandu_app.domain.operations import clean
from posyandu_app.domain.sessions import Session, register_session, set_session
from posyandu_app.i18n import tr
from posyandu_app.services import deeds
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import (
    Workspace,
    inside,
    is_posyandu,
    latest_date,
    now_text,
    posyandu_name,
    require_scope,
    require_writer,
)
from posyandu_app.storage import facts, log
from posyandu_app.storage.log import NewOperation

LONGEST_REASON = 500


def of_day(ws: Workspace, on: date, scope: str | None = None) -> Session | None:
    """The session of a posyandu on a day, open or closed; None when none was opened."""
    row = facts.session_row(ws.database, session_id(_posyandu(ws, scope), on))
    return None if row is None else row.session


def listed(ws: Workspace, scope: str | None = None) -> tuple[Session, ...]:
    """Every session of this laptop's posyandu (or of one of them), newest first."""
    return tuple(reversed(facts.sessions(ws.database, scope or require_scope(ws))))


def open_day(ws: Workspace, on: date, scope: str | None = None) -> Changes:
    """Open the posyandu of a day, today's or an earlier one's; two laptops that do it open the same.

    Raises `InvalidValue` for a day that has not come, `UserError` when it is open or closed already.
    """
    require_writer(ws)
    place = _posyandu(ws, scope)
    _check_day(ws, on)
    with ws.database.atomic():
        entity = session_id(place, on)
        row = facts.session_row(ws.database, entity)
        if row is not None and row.session is not None:
            told = tr("Hari posyandu {date} sudah dibuka.") if row.session.is_open else _closed_already()
            raise UserError(told.format(date=format_date(on)), code="session_known")
        opened = Session(
            id=entity,
            scope=place,
            date=on,
            posyandu=posyandu_name(ws, place),
            opened_at=now_text(ws),
        )
        type_ = "session.register" if row is None else "session.set"
        payload = register_session(opened, None if row is None else row.bases)
        new = NewOperation(type_, entity, place, payload)
        return _saved(ws, new, tr("Dibuka: posyandu {date}"), on)


def close_day(ws: Workspace, on: date, scope: str | None = None) -> Changes:
    """Close the posyandu of a day; what stands in it needs a reason to be changed from now on."""
    session = _session(ws, on, scope)
    if not session.is_open:
        raise UserError(_closed_already().format(date=format_date(on)), code="session_closed")
    return _set(ws, session, replace(session, closed_at=now_text(ws)), tr("Ditutup: posyandu {date}"))


def reopen_day(ws: Workspace, on: date, scope: str | None = None) -> Changes:
    """Open a closed day again, to go on entering without a reason for every correction."""
    session = _session(ws, on, scope)
    if session.is_open:
        raise UserError(
            tr("Hari posyandu {date} masih terbuka.").format(date=format_date(on)), code="session_known"
        )
    return _set(ws, session, replace(session, closed_at=None), tr("Dibuka lagi: posyandu {date}"))


def needs_reason(ws: Workspace, scope: str, day: date, recorded: str) -> bool:
    """Whether something recorded at a stamp stood in a posyandu day when that was closed."""
    row = facts.session_row(ws.database, session_id(scope, day))
    if row is None or row.session is None or row.session.is_open:
        return False
    closed = log.entry(ws.database, row.bases["closed_at"])
    return closed is None or recorded <= closed.operation.hlc


def require_reason(ws: Workspace, scope: str, day: date, recorded: str, reason: str) -> None:
    """Raise `InvalidValue` for a change without a reason to what stood in a closed day."""
    if not reason.strip() and needs_reason(ws, scope, day, recorded):
        raise InvalidValue(
            "reason",
            tr("Hari posyandu {date} sudah ditutup. Tulis alasan perubahannya.").format(
                date=format_date(day)
            ),
        )


def reason_text(reason: str) -> str:
    """A reason as it is kept: one line; raises `InvalidValue` when it is too long."""
    tidy = " ".join(str(clean(reason)).split())
    if len(tidy) > LONGEST_REASON:
        raise InvalidValue(
            "reason", tr("Terlalu panjang. Ringkas sampai {count} huruf.").format(count=LONGEST_REASON)
        )
    return tidy


def closed_this_month(ws: Workspace, on: date) -> frozenset[str]:
    """The posyandu whose day of this month, up to `on`, is over."""
    scope = ws.scope
    if scope is None:
        return frozenset()
    return frozenset(
        session.scope
        for session in facts.sessions(ws.database, scope)
        if not session.is_open
        and session.date <= on
        and (session.date.year, session.date.month) == (on.year, on.month)
    )


def _posyandu(ws: Workspace, scope: str | None) -> str:
    place = scope or require_scope(ws)
    if not is_posyandu(place):
        raise InvalidValue("scope", tr("Pilih posyandunya."))
    if not inside(ws, place):
        raise InvalidValue("scope", tr("Posyandu itu di luar wilayah laptop ini."))
    return place


def _check_day(ws: Workspace, on: date) -> None:
    if type(on) is not date:
        raise InvalidValue("date", tr("Isi tanggal hari posyandu."))
    check_visit_date(on, latest_date(ws))


def _session(ws: Workspace, on: date, scope: str | None) -> Session:
    require_writer(ws)
    session = of_day(ws, on, scope)
    if session is None:
        raise UserError(
            tr("Hari posyandu {date} belum dibuka.").format(date=format_date(on)), code="unknown_session"
        )
    return session


def _closed_already() -> str:
    return tr("Hari posyandu {date} sudah ditutup. Buka lagi bila masih ada yang dicatat.")


def _set(ws: Workspace, before: Session, after: Session, label: str) -> Changes:
    payload = set_session(before, after)
    assert payload is not None, "closing and opening always differ"
    return _saved(ws, NewOperation("session.set", before.id, before.scope, payload), label, before.date)


def _saved(ws: Workspace, new: NewOperation, label: str, on: date) -> Changes:
    return deeds.save(ws, [new], label.format(date=format_date(on)))
