"""Taking back a whole import: whoever it brought goes again, unless something was written about her since."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from posyandu_app.domain import names
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.operations import Json
from posyandu_app.i18n import tr
from posyandu_app.services import undoing
from posyandu_app.services.views import Changes, Undo
from posyandu_app.services.workspace import Workspace, require_writer
from posyandu_app.storage import children, imports, log, measurements
from posyandu_app.storage.imports import Import
from posyandu_app.storage.log import LoggedOperation, NewOperation

__all__ = ["Import", "TakenBack", "few", "last", "take_back", "told"]

Progress = Callable[[int, int], None]
_NAMED = 3


@dataclass(frozen=True, slots=True)
class TakenBack(Changes):
    """What taking an import back changed: how many children went, and the names of those who stay."""

    gone: int = 0
    kept: tuple[str, ...] = ()


def last(ws: Workspace) -> Import | None:
    """The import that can be taken back, if any."""
    return imports.last(ws.database)


def take_back(ws: Workspace, made: Import, progress: Progress | None = None) -> TakenBack:
    """Take an import back in one deed, child by child; `progress` gets children done and in all.

    A child of whom anything was changed, measured or noted since stays whole, and is named; so does
    one whose posyandu day was closed over the imported visit. Raises `UserError` when nobody is left
    to take back, or another import has come in since.
    """
    require_writer(ws)
    with ws.database.atomic():
        if imports.last(ws.database) != made:
            raise UserError(
                tr("Impor ini sudah diurungkan, atau sudah ada impor lain sesudahnya."),
                code="nothing_to_undo",
            )
        entries = log.entries_between(ws.database, made.replica, made.first, made.last)
        of_child = _by_child(ws, entries)
        registered = {
            child
            for child, mine in of_child.items()
            if any(entry.operation.type == "child.register" for entry in mine)
        }
        stay = set(imports.touched(ws.database, made, registered))
        back: list[NewOperation] = []
        for done, (child, mine) in enumerate(of_child.items()):
            if progress is not None:
                progress(done, len(of_child))
            if child in stay:
                continue
            try:
                back += [_compensation(ws, entry) for entry in reversed(mine)]
            except UserError:
                stay.add(child)
        kept = tuple(sorted(_names(ws, stay)))
        if not back:
            raise UserError(
                tr("Tidak ada yang dapat diurungkan: semua anak dari impor ini sudah diubah sesudahnya."),
                code="nothing_to_undo",
            )
        keys = log.append(ws.database, back, actor=ws.user.id, clock=ws.clock)
        imports.forget(ws.database)
    label = tr("Diurungkan: {what}").format(what=told(made))
    if kept:
        label += tr(" ({count} anak tetap: {names})").format(count=len(kept), names=few(kept))
    return TakenBack(
        kinds=frozenset({"child", "measurement"}),
        entities=frozenset(new.entity for new in back),
        saved_at=ws.clock.now(),
        undo=Undo(label, tuple((key.replica, key.seq) for key in keys)),
        gone=len(set(of_child) - stay),
        kept=kept,
    )


def told(made: Import) -> str:
    """What an import is called: "impor daftar.xlsx"."""
    return tr("impor {file}").format(file=made.file) if made.file else tr("impor daftar anak")


def few(kept: tuple[str, ...]) -> str:
    """The first names of a list, and how many more there are."""
    shown = ", ".join(kept[:_NAMED])
    rest = len(kept) - _NAMED
    return shown if rest <= 0 else tr("{names} dan {count} lainnya").format(names=shown, count=rest)


def _by_child(ws: Workspace, entries: Iterable[LoggedOperation]) -> dict[str, list[LoggedOperation]]:
    found: dict[str, list[LoggedOperation]] = {}
    for entry in entries:
        operation = entry.operation
        kind = operation.type.partition(".")[0]
        child: Json = operation.entity if kind == "child" else None
        if kind == "measurement":
            child = (operation.payload or {}).get("child")
            if not child and (stands := measurements.get(ws.database, operation.entity)) is not None:
                child = stands.child
        if isinstance(child, str):
            found.setdefault(child, []).append(entry)
    return found


def _compensation(ws: Workspace, entry: LoggedOperation) -> NewOperation:
    if entry.operation.type == "child.register":
        return undoing.unregistered(ws, entry)
    return undoing.compensation(ws, entry)


def _names(ws: Workspace, ids: Iterable[str]) -> list[str]:
    return [names.display(child.name) for child in children.of_ids(ws.database, ids)]
