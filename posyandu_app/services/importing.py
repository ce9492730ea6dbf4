"""Taking in an e-PPGBM list: a trial run that says row by row what would happen, then the deed.

The trial writes nothing. The deed writes whole children at a time and can be stopped and
repeated: what is here already is recognised, so nothing is doubled. Blanks never
overwrite, other values are reported and left to a person, and what the file computed
(ages, z-scores, labels, N/T) is never taken.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from posyandu_app.domain.clock import timestamp
from posyandu_app.domain.eppgbm import EppgbmSheet
from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.services.import_decisions import Candidate, Choice, Question, Side, decide
from posyandu_app.services.import_plan import (
    ImportCounts,
    ImportPlan,
    Outcome,
    PlannedPosyandu,
    PlannedRow,
    ZDifference,
    field_label,
)
from posyandu_app.services.import_planner import Planner
from posyandu_app.services.import_rows import SOURCE
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace, require_writer
from posyandu_app.storage import imports, log
from posyandu_app.storage.imports import Import
from posyandu_app.storage.log import NewOperation

__all__ = [
    "SOURCE",
    "Candidate",
    "Choice",
    "ImportCounts",
    "ImportPlan",
    "Imported",
    "Outcome",
    "PlannedPosyandu",
    "PlannedRow",
    "Question",
    "Side",
    "ZDifference",
    "apply",
    "decide",
    "field_label",
    "plan",
]

Progress = Callable[[int, int], None]

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Imported(Changes):
    """What an import changed; `finished` is False when it was stopped on the way.

    `made` is what `import_undo.take_back` takes back, None when nothing was written.
    """

    operations: int = 0
    finished: bool = True
    made: Import | None = None


def plan(
    ws: Workspace,
    sheet: EppgbmSheet,
    accept: frozenset[str] | None = None,
    progress: Progress | None = None,
) -> ImportPlan:
    """What the import of a list would do here, row by row; nothing is written.

    Without `accept` the rows of this laptop's own posyandu are taken (or of the only one in
    the file); a village's laptop takes all posyandu of its village. `accept` names the
    posyandu to take instead, whatever village the file puts them in. `progress` gets rows
    done and rows in all. Raises `NotAllowed` for roles that register nobody and `UserError`
    for a name that is not in the file.
    """
    require_writer(ws)
    with ws.database.snapshot():
        return Planner(ws, sheet, accept).run(progress)


def apply(
    ws: Workspace,
    planned: ImportPlan,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
    *,
    file: str = "",
) -> Imported:
    """Carry out a trial run, whole children at a time; `stop` is asked between batches.

    What was written before a stop stays, and a new trial run finds only the rest to do.
    `progress` gets operations done and in all, `file` is the name it is remembered by, so that it
    can be taken back as a whole (`import_undo`). Raises `UserError` when something was saved
    or received here since the trial run; then nothing is written.
    """
    if ws.database.meta("changed") != planned.stamp:
        raise UserError(
            tr("Data di laptop ini berubah sejak uji coba. Ulangi uji coba; belum ada yang ditulis."),
            code="plan_outdated",
        )
    total = sum(map(len, planned.deeds))
    done = 0
    at = timestamp(ws.clock.now())
    entities: set[str] = set()
    for batch in _batches(planned.deeds):
        if done and stop is not None and stop():
            break
        with ws.database.atomic():
            keys = [
                key
                for deed in batch
                for key in log.append(ws.database, deed, actor=ws.user.id, clock=ws.clock)
            ]
            imports.note(ws.database, Import(file, at, *keys[0], keys[-1].seq))
        for deed in batch:
            done += len(deed)
            entities.update(operation.entity for operation in deed)
        if progress is not None:
            progress(done, total)
    return Imported(
        kinds=frozenset({"child", "measurement", "posyandu"}) if done else frozenset(),
        entities=frozenset(entities),
        saved_at=ws.clock.now() if done else None,
        operations=done,
        finished=done == total,
        made=imports.last(ws.database) if done else None,
    )


def _batches(deeds: Sequence[tuple[NewOperation, ...]]) -> Iterator[list[tuple[NewOperation, ...]]]:
    batch: list[tuple[NewOperation, ...]] = []
    size = 0
    for deed in deeds:
        batch.append(deed)
        size += len(deed)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
