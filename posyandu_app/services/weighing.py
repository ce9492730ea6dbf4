"""Weighing and measuring: recording a visit, correcting it, hiding it, and taking any of these back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import uuid_utils

from posyandu_app.domain import names
from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.dates import check_visit_date
from posyandu_app.domain.errors import InvalidValue, UserError
from posyandu_app.domain.model import Child, Measurement, Position
from posyandu_app.domain.numbers import format_length, format_weight
from posyandu_app.domain.operations import Json, JsonObject, OpKey, clean, field_write
from posyandu_app.i18n import tr
from posyandu_app.services import deeds, sessions
from posyandu_app.services.children import get
from posyandu_app.services.registration import wire
from posyandu_app.services.undoing import undo
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace, latest_date, require_author, require_writer
from posyandu_app.storage import children, drafts, log, measurements
from posyandu_app.storage.log import NewOperation

__all__ = [
    "MEASURED",
    "correct",
    "get_measurement",
    "new_measurement",
    "record",
    "restore",
    "undo",
    "void",
]

MEASURED = ("weight_g", "length_mm", "position", "head_mm", "muac_mm", "oedema")
_MOST_CODES = 50
_HEAVIEST_G = 500_000
_LONGEST_MM = 3_000


def record(ws: Workspace, child_id: str, draft: Draft, confirmed: Sequence[str] = ()) -> Changes:
    """Save one visit and forget its draft, in one transaction; a second one of the day is kept beside it.

    `confirmed` holds the codes of the questions answered with yes. Raises `InvalidValue` for
    a value that cannot be; what is merely doubtful is saved.
    """
    require_writer(ws)
    with ws.database.atomic():
        child = get(ws, child_id)
        new = new_measurement(ws, child, draft, confirmed)
        label = tr("Disimpan: {what}").format(what=told(child, draft))
        saved = deeds.save(ws, [new], label, about=[child_id])
        drafts.clear(ws.database, child_id, ws.user.id)
    return saved


def new_measurement(
    ws: Workspace,
    child: Child,
    draft: Draft,
    confirmed: Sequence[str] = (),
    *,
    source: str | None = None,
    measurement_id: str | None = None,
) -> NewOperation:
    """The checked operation that records a visit, for `record` and for imports."""
    _check(draft, latest_date(ws), child.birth_date)
    payload: JsonObject = {"child": child.id, "date": draft.date.isoformat()}
    for name in MEASURED:
        value = wire(getattr(draft, name))
        if value is not None:
            payload[name] = value
    if confirmed:
        payload["confirmed"] = list(_codes(confirmed))
    if source is not None:
        payload["source"] = clean(source)
    return NewOperation("measurement.record", measurement_id or str(uuid_utils.uuid7()), child.scope, payload)


def correct(
    ws: Workspace,
    measurement_id: str,
    changes: Mapping[str, object],
    reason: str = "",
    *,
    seen: Measurement | None = None,
) -> Changes:
    """Correct values of a visit (None takes one away); what was saved before stays in the log.

    `seen` is the visit as it was when the form was opened. Raises `UserError` when nothing
    changes, and what `correction` raises.
    """
    with ws.database.atomic():
        before = get_measurement(ws, measurement_id)
        child = get(ws, before.child)
        new = correction(ws, child, before, changes, reason, seen=seen)
        if new is None:
            raise UserError(tr("Tidak ada yang berubah."), code="nothing_changed")
        label = tr("Diperbaiki: {what}").format(what=told(child, _changed(before, changes)))
        return deeds.save(ws, [new], label, about=[child.id])


def correction(
    ws: Workspace,
    child: Child,
    before: Measurement,
    changes: Mapping[str, object],
    reason: str = "",
    *,
    seen: Measurement | None = None,
) -> NewOperation | None:
    """The checked operation that corrects a visit; None when it says so already.

    Whoever measures may add what nobody has measured yet. A value that stands is changed by its
    author or the midwife, and with a reason once the posyandu day was closed. A value that came in
    after the visit was `seen` is not taken for corrected.
    """
    require_writer(ws)
    if before.voided:
        require_author(ws, before.actor)
    for name in changes:
        if name not in ("date", *MEASURED):
            raise ValueError(f"a measurement has no field {name!r}")
    after = _changed(before, changes)
    _check(after, latest_date(ws), child.birth_date)
    shown = dict((seen or before).bases)
    values: JsonObject = {}
    replaced = False
    for name in changes:
        stands, value = wire(getattr(before, name)), wire(getattr(after, name))
        if value != stands:
            values[name] = field_write(value, shown.get(name))
            replaced = replaced or stands is not None
    if not values:
        return None
    if replaced:
        require_author(ws, before.actor)
        sessions.require_reason(ws, child.scope, before.date, before.hlc, reason)
    payload: JsonObject = {"set": values, "reason": sessions.reason_text(reason)}
    return NewOperation("measurement.correct", before.id, child.scope, payload)


def on_screen(ws: Workspace, measurement_id: str) -> tuple[OpKey, ...]:
    """All that is known of a visit now: kept while it is on screen, for `void`."""
    return tuple(entry.key for entry in log.entries_of(ws.database, measurement_id))


def void(
    ws: Workspace, measurement_id: str, reason: str = "", *, seen: Sequence[OpKey] | None = None
) -> Changes:
    """Hide a visit that should not count; it stays in the log and can be taken back.

    A kader hides what she entered, the midwife everything; with a reason once the posyandu day
    was closed. `seen` is what was `on_screen`: a correction that came in since brings the visit
    back for a person to decide.
    """
    with ws.database.atomic():
        before = get_measurement(ws, measurement_id)
        require_author(ws, before.actor)
        if before.voided:
            raise UserError(tr("Penimbangan ini sudah dibatalkan."), code="nothing_changed")
        child = get(ws, before.child)
        sessions.require_reason(ws, child.scope, before.date, before.hlc, reason)
        known = on_screen(ws, measurement_id) if seen is None else seen
        payload: JsonObject = {
            "seen": [list(key) for key in known],
            "reason": sessions.reason_text(reason),
        }
        new = NewOperation("measurement.void", measurement_id, child.scope, payload)
        label = tr("Dibatalkan: {what}").format(what=told(child, draft_of(before)))
        return deeds.save(ws, [new], label, about=[child.id])


def restore(ws: Workspace, measurement_id: str, reason: str = "") -> Changes:
    """Let a hidden visit count again; whoever may hide it may bring it back.

    With a reason once the posyandu day was closed, as for every change to what stood in it.
    """
    with ws.database.atomic():
        before = get_measurement(ws, measurement_id)
        require_author(ws, before.actor)
        if not before.voided:
            raise UserError(tr("Penimbangan ini tidak dibatalkan."), code="nothing_changed")
        child = get(ws, before.child)
        sessions.require_reason(ws, child.scope, before.date, before.hlc, reason)
        hidden: list[Json] = [
            [*entry.key]
            for entry in log.entries_of(ws.database, measurement_id)
            if entry.operation.type == "measurement.void"
        ]
        payload: JsonObject = {"voids": hidden, "reason": sessions.reason_text(reason)}
        new = NewOperation("measurement.restore", measurement_id, child.scope, payload)
        label = tr("Dikembalikan: {what}").format(what=told(child, draft_of(before)))
        return deeds.save(ws, [new], label, about=[child.id])


def get_measurement(ws: Workspace, measurement_id: str) -> Measurement:
    """One visit; raises `UserError` when this laptop does not have it."""
    found = measurements.get(ws.database, measurement_id)
    if found is None or children.get(ws.database, found.child) is None:
        raise UserError(tr("Penimbangan ini tidak ada di laptop ini."), code="unknown_measurement")
    return found


def _check(draft: Draft, today: date, birth: date | None) -> None:
    if type(draft.date) is not date:
        raise InvalidValue("date", tr("Isi tanggal penimbangan."))
    check_visit_date(draft.date, today, birth)
    limits = {
        "weight_g": (_HEAVIEST_G, tr("Berat tidak mungkin sebesar itu. Tulis dalam kg, misalnya 8,4.")),
        "length_mm": (_LONGEST_MM, tr("Panjang/tinggi tidak mungkin sebesar itu. Tulis dalam cm.")),
        "head_mm": (_LONGEST_MM, tr("Lingkar kepala tidak mungkin sebesar itu. Tulis dalam cm.")),
        "muac_mm": (_LONGEST_MM, tr("LiLA tidak mungkin sebesar itu. Tulis dalam cm.")),
    }
    for name, (limit, sentence) in limits.items():
        value = getattr(draft, name)
        if value is not None and (type(value) is not int or not 0 < value <= limit):
            raise InvalidValue(name, sentence)
    if draft.oedema is not None and (type(draft.oedema) is not int or not 0 <= draft.oedema <= 3):
        raise InvalidValue("oedema", tr("Bengkak dinilai 0 sampai 3."))
    if draft.position is not None and not isinstance(draft.position, Position):
        raise InvalidValue("position", tr("Pilih terlentang atau berdiri."))
    if all(getattr(draft, name) is None for name in limits) and not draft.oedema:
        raise InvalidValue("weight_g", tr("Isi berat, atau hasil pengukuran yang lain."))


def _codes(confirmed: Sequence[str]) -> list[str]:
    codes = sorted({code for code in confirmed if isinstance(code, str) and 0 < len(code) <= 100})
    return [str(clean(code)) for code in codes[:_MOST_CODES]]


def _changed(before: Measurement, changes: Mapping[str, object]) -> Draft:
    return replace(draft_of(before), **changes)  # type: ignore[arg-type]


def draft_of(item: Measurement) -> Draft:
    """What stands in the form when a visit is opened again."""
    return Draft(
        date=item.date,
        weight_g=item.weight_g,
        length_mm=item.length_mm,
        position=item.position,
        head_mm=item.head_mm,
        muac_mm=item.muac_mm,
        oedema=item.oedema or 0,
    )


def told(child: Child, draft: Draft) -> str:
    """A visit in a few words: "Siti Aminah, 8,4 kg"."""
    name = names.display(child.name)
    if draft.weight_g is not None:
        return tr("{name}, {weight} kg").format(name=name, weight=format_weight(draft.weight_g))
    for length in (draft.length_mm, draft.head_mm, draft.muac_mm):
        if length is not None:
            return tr("{name}, {length} cm").format(name=name, length=format_length(length))
    return name
