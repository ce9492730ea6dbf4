"""Recommendations: sent by Dinas and puskesmas, answered by those who receive them, followed to the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import uuid_utils

from posyandu_app.domain import names, recommendations, regions
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.model import Child, Role
from posyandu_app.domain.operations import Json
from posyandu_app.domain.recommendations import Answer, AnswerState, Figure, Reach, Recommendation, Status
from posyandu_app.i18n import tr
from posyandu_app.services import access, deeds
from posyandu_app.services.children import get
from posyandu_app.services.roster import is_expected
from posyandu_app.services.views import Changes, Undo
from posyandu_app.services.workspace import (
    Workspace,
    inside,
    is_scope,
    posyandu_names,
    require_scope,
    within,
)
from posyandu_app.storage import case_facts, children, log, peer
from posyandu_app.storage.log import NewOperation

SENDERS = (Role.TPG, Role.DINAS)
FigureKey = tuple[str, str, str]
"""A figure by its code, area and last month ("2026-10")."""
_VILLAGE_PARTS = 4
_FEWEST_LETTERS = 3
_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One recommendation as a list shows it; `address` is the name of the area, `child` whom it is about.

    `from_above` says that it is addressed to more than this laptop's area; `may_answer` that the
    person at the keyboard receives it.
    """

    status: Status
    address: str
    child: Child | None
    from_above: bool
    may_answer: bool

    @property
    def id(self) -> str:
        return self.status.recommendation.id


def listed(ws: Workspace, scope: str | None = None, *, only_open: bool = False) -> tuple[Row, ...]:
    """Every recommendation that concerns this laptop's area, or one inside it, the most pressing first."""
    area = scope or ws.scope
    if area is None:
        return ()
    found = [row for row in _rows(ws) if _concerns(row, area) and not row.status.recommendation.voided]
    shown = [row for row in found if row.status.open or not only_open]
    return tuple(sorted(shown, key=lambda row: row.status.most_pressing_first))


def waiting(ws: Workspace) -> tuple[Row, ...]:
    """What waits for an answer from the person at the keyboard, the most pressing first."""
    own = ws.scope
    if own is None:
        return ()
    return tuple(
        row
        for row in listed(ws, only_open=True)
        if row.may_answer and recommendations.waits_for(row.status, own)
    )


def asked(ws: Workspace) -> dict[FigureKey, date]:
    """The figures that recommendations rest on, each with the last day; none that was taken back counts."""
    found: dict[FigureKey, date] = {}
    for item in case_facts.all_recommendations(ws.database):
        for figure in () if item.voided else item.figures:
            key = (figure.code, figure.area, figure.last)
            found[key] = max(found.get(key, item.sent_on), item.sent_on)
    return found


def one(ws: Workspace, recommendation_id: str) -> Row:
    """One recommendation; raises `UserError` when this laptop does not have it."""
    for row in _rows(ws, recommendation_id):
        return row
    raise UserError(tr("Rekomendasi ini tidak ada di laptop ini."), code="unknown_recommendation")


def exists(ws: Workspace, recommendation_id: str) -> bool:
    """Whether this laptop has a recommendation of that id."""
    return case_facts.recommendation(ws.database, recommendation_id) is not None


def send(
    ws: Workspace,
    text: str,
    *,
    scope: str | None = None,
    child_id: str | None = None,
    due_on: date | None = None,
    figures: Sequence[Figure] = (),
) -> Changes:
    """Recommend something to an area, or about a child; Dinas anywhere, puskesmas within its kecamatan.

    It reaches every laptop inside the area at its next contact. Whom of the Dinas it comes from is
    written down as having opened the child's record. Raises `InvalidValue` naming the
    field, `NotAllowed` for roles that do not recommend.
    """
    _require_sender(ws)
    with ws.database.atomic():
        child = get(ws, child_id) if child_id is not None else None
        address = child.scope if child is not None else scope
        if address is None or not is_scope(address):
            raise InvalidValue("scope", tr("Pilih kepada siapa: kecamatan, desa, posyandu, atau anak."))
        if not inside(ws, address):
            raise InvalidValue("scope", tr("Wilayah itu di luar wilayah kerja Anda."))
        today = ws.clock.today()
        made = Recommendation(
            id=str(uuid_utils.uuid7()),
            scope=address,
            text=text,
            sent_on=today,
            due_on=due_on,
            child=None if child is None else child.id,
            figures=tuple(figures),
            role=ws.user.role,
            by=ws.user.name,
            rules=ws.rules.version,
        )
        checked = recommendations.check(made, today)
        new = NewOperation("recommendation.record", checked.id, address, recommendations.payload(checked))
        if child is not None:
            access.note(ws, child)
        to = names.seen_by(ws.user.role, child.name) if child is not None else area_name(ws, address)
        return _saved(ws, new, tr("Rekomendasi dikirim: {to}").format(to=to), child)


def withdraw(ws: Workspace, recommendation_id: str, reason: str = "") -> Changes:
    """Take a recommendation back; whoever has it sees it no more. By its sender, or the Dinas."""
    _require_sender(ws)
    with ws.database.atomic():
        found = one(ws, recommendation_id)
        item = found.status.recommendation
        if ws.user.role is not Role.DINAS and item.actor != ws.user.id:
            raise NotAllowed(tr("Rekomendasi ini dikirim orang lain. Hanya pengirimnya yang dapat menarik."))
        if item.voided:
            raise UserError(tr("Rekomendasi ini sudah ditarik."), code="nothing_changed")
        seen: list[Json] = [list(entry.key) for entry in log.entries_of(ws.database, item.id)]
        payload: dict[str, Json] = {"seen": seen, "reason": " ".join(reason.split())[:500]}
        new = NewOperation("recommendation.void", item.id, item.scope, payload)
        return _saved(ws, new, tr("Rekomendasi ditarik: {to}").format(to=found.address), found.child)


def send_instead(
    ws: Workspace,
    recommendation_id: str,
    text: str,
    *,
    scope: str | None = None,
    child_id: str | None = None,
    due_on: date | None = None,
    figures: Sequence[Figure] = (),
) -> Changes:
    """Take a recommendation back and send another in its place, in one deed that is undone as one."""
    with ws.database.atomic():
        former = withdraw(ws, recommendation_id, tr("diganti dengan yang baru"))
        sent = send(ws, text, scope=scope, child_id=child_id, due_on=due_on, figures=figures)
    assert former.undo is not None, "withdrawing can be undone"
    assert sent.undo is not None, "sending can be undone"
    keys = (*former.undo.operation_keys, *sent.undo.operation_keys)
    return replace(sent, entities=sent.entities | former.entities, undo=Undo(sent.undo.label, keys))


def opened(ws: Workspace, recommendation_id: str) -> Changes | None:
    """Note that the person at the keyboard has opened it, once for her area; None when she has before.

    To be called when a person opens it and by nothing else (sync rule 18).
    """
    with ws.database.atomic():
        found = one(ws, recommendation_id)
        if not found.may_answer or found.status.recommendation.voided:
            return None
        speaks_for = _speaks_for(ws, found)
        if any(item.scope == speaks_for for item in found.status.answers):
            return None
        return _answered(ws, found, AnswerState.SEEN, None)


def answer(ws: Workspace, recommendation_id: str, state: AnswerState, note: str | None = None) -> Changes:
    """Say that it is done, or that it cannot be and why; for those to whom it is addressed."""
    with ws.database.atomic():
        found = one(ws, recommendation_id)
        if not found.may_answer:
            raise NotAllowed(tr("Rekomendasi ini dijawab oleh penerimanya."))
        if found.status.recommendation.voided:
            raise UserError(tr("Rekomendasi ini sudah ditarik."), code="nothing_changed")
        return _answered(ws, found, state, note)


def children_named(ws: Workspace, text: str, most: int = 4) -> tuple[Child, ...]:
    """Children of this laptop's area whose name, mother or NIK fits what is typed, best first.

    None for the Dinas: whoever finds a record by its name has read the name. It recommends something
    about a child from her card, whose opening is written down.
    """
    if ws.user.role is Role.DINAS or ws.scope is None or len(text.strip()) < _FEWEST_LETTERS:
        return ()
    found = children.of_ids(ws.database, children.search(ws.database, text, _LOOKED_AT))
    return tuple(child for child in found if inside(ws, child.scope) and is_expected(child))[:most]


def area_name(ws: Workspace, scope: str) -> str:
    """An area as people call it: a posyandu's own name, a region's official one, else its code."""
    return posyandu_names(ws).get(scope) or regions.name_of(scope) or scope


def _require_sender(ws: Workspace) -> None:
    if ws.user.role not in SENDERS:
        raise NotAllowed(tr("Rekomendasi dikirim oleh Dinas atau puskesmas."))


def _rows(ws: Workspace, only: str | None = None) -> list[Row]:
    database = ws.database
    if only is None:
        items = case_facts.all_recommendations(database)
    else:
        item = case_facts.recommendation(database, only)
        items = [] if item is None else [item]
    answers, places = case_facts.answers(database), posyandu_names(ws)
    sent = case_facts.at_server(database, [item.id for item in items])
    about_children = {item.child for item in items if item.child is not None}
    known = {child.id: child for child in children.of_ids(database, about_children)}
    readers = peer.readers(database)
    return [_row(ws, item, answers, places, sent, known, readers) for item in items]


def _row(
    ws: Workspace,
    item: Recommendation,
    answers: Mapping[str, Sequence[Answer]],
    places: Mapping[str, str],
    sent: Mapping[str, int],
    known: Mapping[str, Child],
    readers: Sequence[peer.Reader],
) -> Row:
    child = known.get(item.child) if item.child is not None else None
    if child is not None:
        item = replace(item, scope=child.scope)
    own = ws.scope or ""
    return Row(
        status=recommendations.status(
            item,
            answers.get(item.id, ()),
            ws.clock.today(),
            _reach(ws, item, sent.get(item.id), readers),
            tuple(places),
        ),
        address=places.get(item.scope) or regions.name_of(item.scope) or item.scope,
        child=child,
        from_above=own != item.scope and within(item.scope, own),
        may_answer=_may_answer(ws, item),
    )


def _concerns(row: Row, area: str) -> bool:
    scope = row.status.recommendation.scope
    return within(area, scope) or within(scope, area)


def _may_answer(ws: Workspace, item: Recommendation) -> bool:
    """Kader and midwife answer for what concerns their area; a puskesmas only for what is addressed to it."""
    own, address = ws.scope, item.scope
    if own is None or item.actor == ws.user.id:
        return False
    if ws.user.role in (Role.KADER, Role.BIDAN):
        return within(own, address) or within(address, own)
    return ws.user.role is Role.TPG and within(address, own)


def _reach(ws: Workspace, item: Recommendation, ss: int | None, readers: Sequence[peer.Reader]) -> Reach:
    """How far it has come, from the server's place for it and from how far each laptop has read."""
    receiving = [reader for reader in readers if _receives(reader.scope, item.scope)]
    read = 0 if ss is None else sum(reader.cursor >= ss for reader in receiving)
    here = _may_answer(ws, item)
    return Reach(at_server=ss is not None, read=read + here, laptops=len(receiving) + here)


def _receives(scope: str, address: str) -> bool:
    """Whether a laptop of that scope belongs to those addressed: inside the area, or their midwife's."""
    return within(address, scope) or (scope.count(".") >= _VILLAGE_PARTS - 1 and within(scope, address))


def _speaks_for(ws: Workspace, found: Row) -> str:
    return recommendations.speaks_for(require_scope(ws), found.status.recommendation.scope)


def _answered(ws: Workspace, found: Row, state: AnswerState, note: str | None) -> Changes:
    made = recommendations.check_answer(
        Answer(
            id=str(uuid_utils.uuid7()),
            to=found.id,
            scope=_speaks_for(ws, found),
            state=state,
            on=ws.clock.today(),
            note=note,
            child=None if found.child is None else found.child.id,
            role=ws.user.role,
            by=ws.user.name,
        )
    )
    new = NewOperation("answer.record", made.id, made.scope, recommendations.answer_payload(made))
    label = tr("Rekomendasi: {state}").format(state=AnswerState(state).label)
    return _saved(ws, new, label, found.child, found.id)


def _saved(ws: Workspace, new: NewOperation, label: str, child: Child | None, *touched: str) -> Changes:
    about = touched if child is None else (*touched, child.id)
    return deeds.save(ws, [new], label, about=about, also=["recommendation"])
