"""A deed saved: its operations logged in one go, what that changed, and how it is taken back by name."""

from collections.abc import Iterable, Sequence

from posyandu_app.services.views import Changes, Undo
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import log
from posyandu_app.storage.log import NewOperation


def save(
    ws: Workspace,
    operations: Sequence[NewOperation],
    label: str,
    *,
    about: Iterable[str] = (),
    also: Iterable[str] = (),
) -> Changes:
    """Log operations as one deed, all or nothing; `label` is what its undo is called.

    `about` are entities that it touches besides those of its operations, `also` kinds that change with them.
    """
    keys = log.append(ws.database, operations, actor=ws.user.id, clock=ws.clock)
    return Changes(
        kinds=frozenset({*also, *(new.type.partition(".")[0] for new in operations)}),
        entities=frozenset({*about, *(new.entity for new in operations)}),
        saved_at=ws.clock.now(),
        undo=Undo(label, tuple((key.replica, key.seq) for key in keys)),
    )
