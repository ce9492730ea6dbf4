"""The result of a trial import: what would become of every row, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from posyandu_app.domain.eppgbm import Remark
from posyandu_app.i18n import tr
from posyandu_app.services.import_decisions import Question
from posyandu_app.storage.log import NewOperation


class Outcome(StrEnum):
    """What becomes of a row.

    Something new is written, all of it is here already, it is left out on purpose, or it is
    not taken because a person must look.
    """

    CREATE = "create"
    MATCH = "match"
    SKIP = "skip"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What the import would do with one row, and why; `child` is the id of the child it means.

    `question` is there when a person may decide, or decide anew, which child that is.
    """

    sheet: str
    number: int
    outcome: Outcome
    code: str
    reason: str
    child: str | None = None
    new_child: bool = False
    new_measurement: bool = False
    differences: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    question: Question | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ZDifference:
    """A z-score of the file that differs from ours, both in hundredths of an SD."""

    sheet: str
    number: int
    index: str
    file_centi: int
    our_centi: int


@dataclass(frozen=True, slots=True)
class PlannedPosyandu:
    """A posyandu named in the file: where its children go, or `scope` None when it is left out."""

    name: str
    rows: int
    scope: str | None
    new: bool = False


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """The figures of a trial run; `completed` are those here already that get what was missing."""

    rows: int = 0
    children_created: int = 0
    children_matched: int = 0
    children_completed: int = 0
    measurements_created: int = 0
    measurements_matched: int = 0
    measurements_completed: int = 0
    measurements_differing: int = 0
    z_compared: int = 0
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The result of a trial run, ready to be carried out while nothing else changes here."""

    rows: tuple[PlannedRow, ...]
    counts: ImportCounts
    posyandu: tuple[PlannedPosyandu, ...]
    z_differences: tuple[ZDifference, ...]
    notes: tuple[str, ...]
    deeds: tuple[tuple[NewOperation, ...], ...] = field(repr=False)
    stamp: str | None = field(repr=False)


def field_label(name: str) -> str:
    """What people call a field of a child or a measurement, inside a sentence."""
    labels = {
        "name": tr("nama"),
        "sex": tr("jenis kelamin"),
        "birth_date": tr("tanggal lahir"),
        "nik": "NIK",
        "kk": tr("nomor KK"),
        "mother_name": tr("nama ibu"),
        "father_name": tr("nama ayah"),
        "address": tr("alamat"),
        "rt": "RT",
        "rw": "RW",
        "phone": tr("nomor HP"),
        "child_order": tr("anak ke"),
        "gestation_weeks": tr("umur kehamilan"),
        "birth_weight_g": tr("berat lahir"),
        "birth_length_mm": tr("panjang lahir"),
        "birth_head_mm": tr("lingkar kepala lahir"),
        "kia_held": tr("buku KIA"),
        "imd": "IMD",
        "state": tr("keadaan anak"),
        "weight_g": tr("berat"),
        "length_mm": tr("panjang/tinggi"),
        "position": tr("cara ukur"),
        "head_mm": tr("lingkar kepala"),
        "muac_mm": "LiLA",
        "oedema": tr("bengkak"),
    }
    return labels.get(name, name)
