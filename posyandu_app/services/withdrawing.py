"""Taking back what a health worker or the Dinas decided: one compensating operation, by who made it."""

from posyandu_app.domain.errors import NotAllowed, UserError
from posyandu_app.domain.operations import Json, JsonObject, field_write, kind_of
from posyandu_app.i18n import tr
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import case_facts, children, log
from posyandu_app.storage.log import LoggedOperation, NewOperation

KINDS = frozenset({"review", "recommendation", "answer", "report_check", "rules"})
"""The kinds that this module takes back."""

_REASON = "diurungkan"


def compensation(ws: Workspace, entry: LoggedOperation) -> NewOperation:
    """The operation that takes a deed back, or gives it back.

    Raises `NotAllowed` for anybody but who made it, and `UserError` when it has been taken back already.
    """
    operation = entry.operation
    if operation.actor != ws.user.id:
        raise NotAllowed(tr("Hanya yang membuat keputusan ini yang dapat mengurungkannya."))
    kind, _, action = operation.type.partition(".")
    match kind, action:
        case "rules", "register" | "set":
            return _rules(ws, entry)
        case _, "record" | "restore":
            if case_facts.is_voided(ws.database, kind, operation.entity):
                raise UserError(tr("Catatan ini sudah dibatalkan."), code="nothing_to_undo")
            return _new(ws, entry, f"{kind}.void", {"seen": _seen(ws, operation.entity), "reason": _REASON})
        case _, "void":
            return _new(ws, entry, f"{kind}.restore", {"voids": [list(entry.key)], "reason": _REASON})
    raise NotAllowed(tr("Ini tidak dapat diurungkan."))


def _seen(ws: Workspace, entity: str) -> list[Json]:
    return [list(known.key) for known in log.entries_of(ws.database, entity)]


def _rules(ws: Workspace, entry: LoggedOperation) -> NewOperation:
    """A version is withdrawn, or in force again."""
    version = case_facts.rules_version(ws.database, entry.operation.entity)
    if version is None:
        raise UserError(tr("Tidak ada yang dapat diurungkan."), code="nothing_to_undo")
    registered = entry.operation.type == "rules.register"
    shown = dict(version.bases).get("withdrawn")
    if (registered and version.withdrawn) or (not registered and shown != entry.key):
        raise UserError(
            tr("Sudah diubah lagi setelah itu, jadi tidak dapat diurungkan. Periksa datanya."),
            code="changed_since",
        )
    return _new(ws, entry, "rules.set", {"withdrawn": field_write(not version.withdrawn, shown)})


def _new(ws: Workspace, entry: LoggedOperation, type_: str, payload: JsonObject) -> NewOperation:
    """An operation on the same entity, in the scope where its child is now."""
    entity, scope = entry.operation.entity, entry.operation.scope
    child_id = case_facts.child_of(ws.database, kind_of(type_), entity)
    child = None if child_id is None else children.get(ws.database, child_id)
    return NewOperation(type_, entity, child.scope if child is not None else scope, payload)
