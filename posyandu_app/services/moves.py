"""Children who leave and come: moved away, died, graduated, come back, or moved to another posyandu.

A child who moves in from elsewhere is registered with her `origin` (`registration.register`).
"""

from collections.abc import Mapping, Sequence
from datetime import date

from posyandu_app.domain import names, schedule
from posyandu_app.domain.age import completed_months
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.errors import InvalidValue, UserError
from posyandu_app.domain.merge import Known, last_moves
from posyandu_app.domain.model import Child, ChildState
from posyandu_app.domain.operations import Json, JsonObject
from posyandu_app.domain.schedule import reaches
from posyandu_app.domain.visit_rules import default_visit_rules
from posyandu_app.i18n import tr
from posyandu_app.services import deeds
from posyandu_app.services.children import get
from posyandu_app.services.registration import changed_child
from posyandu_app.services.roster import registered_children
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import (
    Workspace,
    is_posyandu,
    latest_date,
    posyandu_name,
    require_mover,
    require_writer,
)
from posyandu_app.storage import log, measurements
from posyandu_app.storage.log import NewOperation

_KABUPATEN_PARTS = 2


def move_away(ws: Workspace, child_id: str, on: date, to: str = "") -> Changes:
    """Note that a child has moved away since a day, and where to, if known."""
    changes = {"state": ChildState.MOVED, "state_on": on, "moved_to": to or None}
    return _set(ws, child_id, changes, tr("Pindah: {name}"))


def died(ws: Workspace, child_id: str, on: date) -> Changes:
    """Note that a child died on a day; raises `InvalidValue` when she was measured after it."""
    with ws.database.atomic():
        get(ws, child_id)
        last = max(
            (item.date for item in measurements.of_child(ws.database, child_id) if not item.voided),
            default=None,
        )
        if last is not None and type(on) is date and on < last:
            raise InvalidValue(
                "state_on",
                tr("Anak ditimbang {date}, sesudah tanggal itu. Periksa tanggalnya.").format(
                    date=format_date(last)
                ),
            )
        return _set(ws, child_id, {"state": ChildState.DEAD, "state_on": on}, tr("Meninggal: {name}"))


def come_back(ws: Workspace, child_id: str) -> Changes:
    """Expect a child at the posyandu again."""
    changes = {"state": ChildState.ACTIVE, "state_on": None, "moved_to": None}
    return _set(ws, child_id, changes, tr("Aktif lagi: {name}"))


def graduates(ws: Workspace, on: date, scope: str | None = None) -> tuple[Child, ...]:
    """The children who have completed 60 months and are still expected, by name."""
    found = [
        child
        for child in registered_children(ws, scope)
        if child.state == ChildState.ACTIVE and schedule.graduates(child, on)
    ]
    return tuple(sorted(found, key=lambda child: (child.name.casefold(), child.id)))


def graduate(ws: Workspace, ids: Sequence[str], on: date) -> Changes:
    """Let children who have completed 60 months go, in one deed.

    Raises `UserError` naming the first who is younger, and when from.
    """
    require_writer(ws)
    with ws.database.atomic():
        leaving = [get(ws, child_id) for child_id in dict.fromkeys(ids)]
        made = []
        for child in leaving:
            _old_enough(child, on)
            new = changed_child(ws, child, {"state": ChildState.GRADUATED, "state_on": on})
            if new is not None:
                made.append(new)
        if not made:
            raise UserError(tr("Tidak ada yang berubah."), code="nothing_changed")
        if len(leaving) == 1:
            label = tr("Lulus: {name}").format(name=names.display(leaving[0].name))
        else:
            label = tr("Lulus: {count} anak").format(count=len(made))
        return deeds.save(ws, made, label)


def transfer(ws: Workspace, child_id: str, to: str, on: date) -> Changes:
    """Move a child with all her history to another posyandu of the kabupaten; the midwife does.

    Raises `NotAllowed` for others, `InvalidValue` naming the field.
    """
    require_mover(ws)
    with ws.database.atomic():
        child = get(ws, child_id)
        if not isinstance(to, str) or not is_posyandu(to):
            raise InvalidValue("to", tr("Pilih posyandu tujuan."))
        if to == child.scope:
            raise InvalidValue("to", tr("Anak ini sudah di posyandu itu."))
        if to.split(".")[:_KABUPATEN_PARTS] != child.scope.split(".")[:_KABUPATEN_PARTS]:
            raise InvalidValue(
                "to", tr("Posyandu itu di kabupaten lain. Catat anak ini sebagai pindah, beserta tujuannya.")
            )
        if type(on) is not date or on > latest_date(ws):
            raise InvalidValue("date", tr("Isi tanggal pindah, paling lambat hari ini."))
        new = to_posyandu(ws, child_id, child.scope, to, on)
        label = tr("Dipindahkan ke {posyandu}: {name}").format(
            posyandu=posyandu_name(ws, to), name=names.display(child.name)
        )
        return deeds.save(ws, [new], label, about=[child.id])


def to_posyandu(ws: Workspace, child_id: str, scope: str, to: str, on: date) -> NewOperation:
    """The operation that moves a child, after all moves of hers that are known here."""
    known = [Known(e.replica, e.eff, e.operation) for e in log.entries_of(ws.database, child_id)]
    bases: list[Json] = [list(key) for key in last_moves(known)]
    payload: JsonObject = {"to": to, "date": on.isoformat(), **({"bases": bases} if bases else {})}
    return NewOperation("child.transfer", child_id, scope, payload)


def _old_enough(child: Child, on: date) -> None:
    plan = default_visit_rules()
    name = names.display(child.name)
    if child.birth_date is None:
        raise UserError(
            tr("Tanggal lahir {name} belum diisi, jadi umurnya tidak diketahui.").format(name=name),
            code="too_young",
        )
    if completed_months(child.birth_date, on) < plan.graduation_months:
        raise UserError(
            tr("{name} belum {months} bulan; lulus mulai {date}.").format(
                name=name,
                months=plan.graduation_months,
                date=format_date(reaches(child.birth_date, plan.graduation_months)),
            ),
            code="too_young",
        )


def _set(ws: Workspace, child_id: str, changes: Mapping[str, object], label: str) -> Changes:
    require_writer(ws)
    with ws.database.atomic():
        child = get(ws, child_id)
        day = changes["state_on"]
        if changes["state"] != ChildState.ACTIVE and type(day) is not date:
            raise InvalidValue("state_on", tr("Isi tanggalnya."))
        if type(day) is date and child.birth_date is not None and day < child.birth_date:
            raise InvalidValue(
                "state_on",
                tr("Tanggal {date} sebelum anak lahir ({birth}). Periksa keduanya.").format(
                    date=format_date(day), birth=format_date(child.birth_date)
                ),
            )
        new = changed_child(ws, child, changes)
        if new is None:
            raise UserError(tr("Tidak ada yang berubah."), code="nothing_changed")
        return deeds.save(ws, [new], label.format(name=names.display(child.name)), about=[child.id])
