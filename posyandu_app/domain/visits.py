"""The ILP card of one visit besides anthropometry: who came, what was asked and what was found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from posyandu_app.domain.facts import Fact, read_head
from posyandu_app.domain.labels import Labelled
from posyandu_app.domain.operations import OpKey
from posyandu_app.domain.reading import Values, codes, flag, text
from posyandu_app.i18n import tr


class Attendance(Labelled):
    """How a child stands in the attendance list of a session."""

    PRESENT = "hadir"
    ABSENT = "tidak_hadir"
    MOVED = "pindah"
    NOT_MEASURABLE = "tidak_dapat_diukur"

    @property
    def label(self) -> str:
        return {
            Attendance.PRESENT: tr("Hadir"),
            Attendance.ABSENT: tr("Tidak hadir"),
            Attendance.MOVED: tr("Pindah"),
            Attendance.NOT_MEASURABLE: tr("Hadir, tidak dapat diukur"),
        }[self]


class Development(Labelled):
    """The outcome of the development checklist of the Buku KIA for the child's age."""

    COMPLETE = "lengkap"
    INCOMPLETE = "tidak_lengkap"
    NOT_DONE = "tidak_diperiksa"

    @property
    def label(self) -> str:
        return {
            Development.COMPLETE: tr("Lengkap"),
            Development.INCOMPLETE: tr("Tidak lengkap"),
            Development.NOT_DONE: tr("Tidak diperiksa"),
        }[self]


class TbSymptom(Labelled):
    """The four questions of TB screening in children; two or more are referred (ILP card)."""

    COUGH = "batuk_dua_minggu"
    FEVER = "demam_dua_minggu"
    WEIGHT = "berat_tidak_naik_dua_bulan"
    CONTACT = "kontak_tbc"

    @property
    def label(self) -> str:
        return {
            TbSymptom.COUGH: tr("Batuk terus-menerus 2 minggu atau lebih"),
            TbSymptom.FEVER: tr("Demam 2 minggu atau lebih"),
            TbSymptom.WEIGHT: tr("Berat badan tidak naik atau turun 2 bulan berturut-turut"),
            TbSymptom.CONTACT: tr("Kontak erat dengan pasien TBC"),
        }[self]


class Referral(Labelled):
    """Where a child is sent."""

    PUSTU = "pustu"
    PUSKESMAS = "puskesmas"
    HOSPITAL = "rs"

    @property
    def label(self) -> str:
        return {
            Referral.PUSTU: tr("Pustu"),
            Referral.PUSKESMAS: tr("Puskesmas"),
            Referral.HOSPITAL: tr("Rumah sakit"),
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Fact):
    """The ILP card of one visit besides measurements; None is "not asked", never "no".

    `tb_symptoms` and `danger_signs` are empty when asked and none was found. `book_copied` says
    that the immunisations in the Buku KIA were looked up and copied, so that what is still
    missing here is missing indeed.
    """

    kind: ClassVar[str] = "visit"

    attendance: str = Attendance.PRESENT
    exclusive_breastfeeding: bool | None = None
    complementary_feeding: bool | None = None
    development: str | None = None
    tb_symptoms: frozenset[str] | None = None
    danger_signs: frozenset[str] | None = None
    local_food: bool | None = None
    counselling: frozenset[str] | None = None
    book_copied: bool | None = None
    referral: str | None = None
    referral_reason: str | None = None
    note: str | None = None

    @property
    def came(self) -> bool:
        """Whether the child was there; a state this version does not know counts as there."""
        return self.attendance not in (Attendance.ABSENT, Attendance.MOVED)


def read_visit(
    entity: str, values: Values, bases: Mapping[str, OpKey] | None = None, **stamp: str
) -> Visit | None:
    """The visit in the visible values of its row; None when it names no child or no date.

    `stamp` is `actor`, `at` and `hlc` of its first operation. A value of the wrong kind is left out.
    """
    head = read_head(entity, values, bases, **stamp)
    if head is None:
        return None
    return Visit(
        **head,
        attendance=text(values, "attendance") or Attendance.PRESENT,
        exclusive_breastfeeding=flag(values, "exclusive_breastfeeding"),
        complementary_feeding=flag(values, "complementary_feeding"),
        development=text(values, "development"),
        tb_symptoms=codes(values, "tb_symptoms"),
        danger_signs=codes(values, "danger_signs"),
        local_food=flag(values, "local_food"),
        counselling=codes(values, "counselling"),
        book_copied=flag(values, "book_copied"),
        referral=text(values, "referral"),
        referral_reason=text(values, "referral_reason"),
        note=text(values, "note"),
    )
