"""Which posyandu of an e-PPGBM file a laptop takes in, and where their children belong."""

from collections import Counter

from posyandu_app.domain import names, regions
from posyandu_app.domain.derived_ids import posyandu_entity
from posyandu_app.domain.eppgbm import EppgbmRow, EppgbmSheet
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.operations import field_writes
from posyandu_app.domain.places import fold_posyandu, fold_village
from posyandu_app.i18n import tr
from posyandu_app.services.import_plan import Outcome, PlannedPosyandu
from posyandu_app.services.workspace import Workspace, is_posyandu, posyandu_names, require_scope
from posyandu_app.storage.log import NewOperation

_VILLAGE_DOTS = 3
_Reason = tuple[Outcome, str, str]


class Places:
    """Which posyandu of the file are taken in, and where their children belong."""

    def __init__(self, ws: Workspace, sheet: EppgbmSheet, accept: frozenset[str] | None) -> None:
        self.scope = require_scope(ws)
        if self.scope.count(".") < _VILLAGE_DOTS:
            raise UserError(
                tr("Impor dilakukan di laptop posyandu atau bidan desa, karena anak dicatat di posyandunya."),
                code="scope_too_wide",
            )
        self._rows = Counter(row.posyandu for row in sheet.rows)
        self._named: dict[str, str] = {}
        for name in sheet.posyandu:
            self._named.setdefault(fold_posyandu(name), name)
        self._own_village = None
        if accept is None:
            village = regions.name_of(".".join(self.scope.split(".")[: _VILLAGE_DOTS + 1]))
            self._own_village = fold_village(village) if village is not None else None
        self._known = {
            fold_posyandu(name): scope
            for scope, name in sorted(posyandu_names(ws).items(), reverse=True)
            if scope == self.scope or scope.startswith(f"{self.scope}.")
        }
        self._chosen = self._choose(accept)
        self._new: dict[str, str] = {}
        self._used: set[str] = set()
        self._judged: dict[tuple[str, str], _Reason | None] = {}
        if not is_posyandu(self.scope):
            self._number_new()

    def _choose(self, accept: frozenset[str] | None) -> frozenset[str]:
        if accept is not None:
            wanted = {fold_posyandu(name): name for name in accept}
            unknown = [name for folded, name in wanted.items() if folded not in self._named]
            if unknown:
                raise UserError(
                    tr("Posyandu {name} tidak ada di berkas. Yang ada: {names}.").format(
                        name=", ".join(sorted(unknown)), names=", ".join(self._named.values()) or "—"
                    ),
                    code="posyandu_unknown",
                )
            return frozenset(wanted)
        if not is_posyandu(self.scope):
            return frozenset(self._named)
        own = frozenset(self._known) & frozenset(self._named)
        return own or (frozenset(self._named) if len(self._named) == 1 else frozenset())

    def _number_new(self) -> None:
        """Give each posyandu of the file that is not known here the next number of the village."""
        taken = {int(scope.rpartition(".")[2]) for scope in self._known.values() if is_posyandu(scope)}
        number = max(taken, default=0)
        for folded in self._named:
            if folded in self._chosen and folded not in self._known:
                number += 1
                self._new[folded] = f"{self.scope}.{number:03d}"

    def _folded(self, row: EppgbmRow) -> str | None:
        """The row's posyandu; a blank one means the only one there is, None when that is not clear."""
        if row.posyandu:
            return fold_posyandu(row.posyandu)
        if is_posyandu(self.scope) and self._chosen == frozenset(self._named):
            return ""
        return next(iter(self._named)) if len(self._named) == 1 else None

    def why_left_out(self, row: EppgbmRow) -> _Reason | None:
        """Why a row is not for this laptop, or None when it is."""
        place = (row.posyandu, row.village)
        if place not in self._judged:
            self._judged[place] = self._judge(row)
        return self._judged[place]

    def _judge(self, row: EppgbmRow) -> _Reason | None:
        if self._own_village and row.village and fold_village(row.village) != self._own_village:
            return (
                Outcome.SKIP,
                "other_village",
                tr("Desa {name}: bukan desa laptop ini.").format(name=row.village),
            )
        folded = self._folded(row)
        if folded is None:
            return (
                Outcome.PROBLEM,
                "posyandu_blank",
                tr("Kolom Posyandu kosong, jadi tidak jelas di mana anak ini dicatat. Isi di berkas."),
            )
        if folded and folded not in self._chosen:
            return (
                Outcome.SKIP,
                "other_posyandu",
                tr("Posyandu {name}: tidak dipilih untuk diambil.").format(name=row.posyandu),
            )
        return None

    def scope_of(self, row: EppgbmRow) -> str | None:
        """Where the row's child belongs when she is new here; None when the row is not taken."""
        if self.why_left_out(row) is not None:
            return None
        if is_posyandu(self.scope):
            return self.scope
        folded = self._folded(row) or ""
        return self._known.get(folded) or self._new[folded]

    def notes(self) -> tuple[str, ...]:
        """What a person should know about the choice: that none of the file's posyandu is this one."""
        if self._chosen or not self._named:
            return ()
        return (
            tr("Posyandu laptop ini tidak ada di berkas. Pilih posyandu mana yang diambil: {names}.").format(
                names=", ".join(self._named.values())
            ),
        )

    def use(self, scope: str) -> None:
        """Note that a child is registered there."""
        self._used.add(scope)

    def registrations(self) -> list[NewOperation]:
        """The new posyandu that got children."""
        return [
            NewOperation(
                "posyandu.register",
                posyandu_entity(scope),
                scope,
                field_writes({"name": names.display(self._named[folded])}),
            )
            for folded, scope in self._new.items()
            if scope in self._used
        ]

    def planned(self) -> tuple[PlannedPosyandu, ...]:
        """Every posyandu of the file and what becomes of it."""
        found = []
        for folded, name in self._named.items():
            scope = None
            if folded in self._chosen:
                scope = (
                    self.scope if is_posyandu(self.scope) else self._known.get(folded) or self._new[folded]
                )
            rows = sum(count for written, count in self._rows.items() if fold_posyandu(written) == folded)
            found.append(PlannedPosyandu(name, rows, scope, folded in self._new and scope in self._used))
        return tuple(found)
