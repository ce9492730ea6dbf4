"""Visits to a child's home: why, what was found, what was agreed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from posyandu_app.domain.facts import Fact, read_head
from posyandu_app.domain.labels import Labelled
from posyandu_app.domain.operations import OpKey
from posyandu_app.domain.reading import Values, text
from posyandu_app.i18n import tr


class VisitReason(Labelled):
    """Why somebody goes to the child's home."""

    ABSENT = "tidak_hadir"
    ABSENT_TWICE = "tidak_hadir_dua_bulan"
    ABSENT_AFTER_T = "tidak_hadir_setelah_tidak_naik"
    ABSENT_AT_RISK = "tidak_hadir_berisiko"
    FOLLOW_UP = "tindak_lanjut"
    OTHER = "lainnya"

    @property
    def label(self) -> str:
        return {
            VisitReason.ABSENT: tr("Tidak hadir bulan ini"),
            VisitReason.ABSENT_TWICE: tr("Tidak hadir dua bulan berturut-turut"),
            VisitReason.ABSENT_AFTER_T: tr("Tidak hadir setelah berat badan tidak naik"),
            VisitReason.ABSENT_AT_RISK: tr("Tidak hadir, padahal sedang dipantau"),
            VisitReason.FOLLOW_UP: tr("Tindak lanjut"),
            VisitReason.OTHER: tr("Alasan lain"),
        }[self]


class VisitOutcome(Labelled):
    """What was found at the child's home."""

    MET = "bertemu"
    NOT_HOME = "tidak_di_rumah"
    MOVED = "pindah"
    REFUSED = "menolak"

    @property
    def label(self) -> str:
        return {
            VisitOutcome.MET: tr("Bertemu"),
            VisitOutcome.NOT_HOME: tr("Tidak di rumah"),
            VisitOutcome.MOVED: tr("Sudah pindah"),
            VisitOutcome.REFUSED: tr("Menolak dikunjungi"),
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeVisit(Fact):
    """A visit to the child's home: why, what was found, what was agreed."""

    kind: ClassVar[str] = "home_visit"

    reason: str = VisitReason.ABSENT
    outcome: str | None = None
    note: str | None = None


def read_home_visit(
    entity: str, values: Values, bases: Mapping[str, OpKey] | None = None, **stamp: str
) -> HomeVisit | None:
    """The home visit in the visible values of its row; None when it names no child or no date."""
    head = read_head(entity, values, bases, **stamp)
    if head is None:
        return None
    return HomeVisit(
        **head,
        reason=text(values, "reason") or VisitReason.OTHER,
        outcome=text(values, "outcome"),
        note=text(values, "note"),
    )
