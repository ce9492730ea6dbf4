"""What one visit records besides anthropometry: the ILP card, doses, home visits, consent, the session.

Every fact is a frozen value, read from the visible values of its row and written as the payload
of an operation. Reading never fails on a code that a newer version invented: codes are text,
known ones have a label, unknown ones are shown as they came. Writing checks first.
"""

import dataclasses
import json
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar, TypeVar

from posyandu_app.domain.dates import format_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.operations import Json, JsonObject, OpKey, clean
from posyandu_app.i18n import LANGUAGES, language, tr
from posyandu_app.paths import resources

LONGEST_TEXT = 500
"""Characters of a note or reason; what is longer belongs in a letter."""
NEWBORN_DAYS = 28
"""Up to this day of life the Buku KIA has its own list of danger signs."""
CONSENT_VERSION = "2026-1"
"""The version of `consent_text`; a changed text needs a new version."""

_SESSIONS = uuid.UUID("6f0f2d5e-4c0c-5d3a-9a77-3b1f6f7f2a11")


class Attendance(StrEnum):
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


class Development(StrEnum):
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


class TbSymptom(StrEnum):
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


class DangerSign(StrEnum):
    """The danger signs of the Buku KIA, and lethargy from MTBS; any one means refer today."""

    CANNOT_DRINK = "tidak_bisa_minum"
    VOMITING = "muntah"
    CONVULSION = "kejang"
    BREATHLESS = "sesak_napas"
    BLUE = "biru"
    LETHARGIC = "lemas_tidak_sadar"
    HIGH_FEVER = "demam_tinggi"
    DIARRHOEA = "diare"
    BLEEDING = "perdarahan"
    SWOLLEN_EAR = "bengkak_telinga"
    NOT_SUCKING = "tidak_mau_menyusu"
    WEAK = "lemah"
    COLD = "dingin"
    YELLOW = "kuning"
    WHIMPERING = "merintih"
    NAVEL = "tali_pusat"
    PALE_STOOL = "tinja_pucat"

    @property
    def label(self) -> str:
        return {
            DangerSign.CANNOT_DRINK: tr("Tidak bisa minum atau menyusu"),
            DangerSign.VOMITING: tr("Muntah-muntah"),
            DangerSign.CONVULSION: tr("Kejang"),
            DangerSign.BREATHLESS: tr("Sesak napas"),
            DangerSign.BLUE: tr("Tampak biru"),
            DangerSign.LETHARGIC: tr("Sangat lemas atau tidak sadar"),
            DangerSign.HIGH_FEVER: tr("Demam atau panas tinggi"),
            DangerSign.DIARRHOEA: tr("Diare"),
            DangerSign.BLEEDING: tr("Perdarahan di hidung, kulit, atau saat BAB"),
            DangerSign.SWOLLEN_EAR: tr("Bengkak yang nyeri di belakang telinga"),
            DangerSign.NOT_SUCKING: tr("Tidak mau menyusu"),
            DangerSign.WEAK: tr("Lemah"),
            DangerSign.COLD: tr("Badan dingin"),
            DangerSign.YELLOW: tr("Kulit dan mata kuning"),
            DangerSign.WHIMPERING: tr("Menangis atau merintih terus-menerus"),
            DangerSign.NAVEL: tr("Tali pusat merah sampai dinding perut, berbau, atau bernanah"),
            DangerSign.PALE_STOOL: tr("Tinja berwarna pucat"),
        }[self]


_NEWBORN_SIGNS = (
    DangerSign.NOT_SUCKING,
    DangerSign.CONVULSION,
    DangerSign.BREATHLESS,
    DangerSign.WEAK,
    DangerSign.COLD,
    DangerSign.HIGH_FEVER,
    DangerSign.YELLOW,
    DangerSign.WHIMPERING,
    DangerSign.VOMITING,
    DangerSign.DIARRHOEA,
    DangerSign.NAVEL,
    DangerSign.PALE_STOOL,
)
_CHILD_SIGNS = (
    DangerSign.CANNOT_DRINK,
    DangerSign.CONVULSION,
    DangerSign.BREATHLESS,
    DangerSign.BLUE,
    DangerSign.LETHARGIC,
    DangerSign.HIGH_FEVER,
    DangerSign.VOMITING,
    DangerSign.DIARRHOEA,
    DangerSign.BLEEDING,
    DangerSign.SWOLLEN_EAR,
)


def danger_signs_for(age_days: int | None) -> tuple[DangerSign, ...]:
    """The signs to ask about at this age, gravest first (Buku KIA 2023: 0–28 days, and older)."""
    return _NEWBORN_SIGNS if age_days is not None and age_days <= NEWBORN_DAYS else _CHILD_SIGNS


class Referral(StrEnum):
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


class DoseKind(StrEnum):
    """What is given by schedule at the posyandu."""

    IMMUNISATION = "imunisasi"
    VITAMIN_A = "vitamin_a"
    DEWORMING = "obat_cacing"

    @property
    def label(self) -> str:
        return {
            DoseKind.IMMUNISATION: tr("Imunisasi"),
            DoseKind.VITAMIN_A: tr("Vitamin A"),
            DoseKind.DEWORMING: tr("Obat cacing"),
        }[self]


class DoseState(StrEnum):
    """Whether the child got it, or the family said no."""

    GIVEN = "diberikan"
    REFUSED = "menolak"

    @property
    def label(self) -> str:
        return {DoseState.GIVEN: tr("Diberikan"), DoseState.REFUSED: tr("Menolak")}[self]


class CapsuleColour(StrEnum):
    """The vitamin A capsule: blue 100,000 IU for 6–11 months, red 200,000 IU for 12–59 months."""

    BLUE = "biru"
    RED = "merah"

    @property
    def label(self) -> str:
        return {CapsuleColour.BLUE: tr("Kapsul biru"), CapsuleColour.RED: tr("Kapsul merah")}[self]


class VisitReason(StrEnum):
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


class VisitOutcome(StrEnum):
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


class Relation(StrEnum):
    """Who speaks for the child."""

    MOTHER = "ibu"
    FATHER = "ayah"
    GUARDIAN = "wali"

    @property
    def label(self) -> str:
        return {
            Relation.MOTHER: tr("Ibu"),
            Relation.FATHER: tr("Ayah"),
            Relation.GUARDIAN: tr("Wali"),
        }[self]


class ConsentState(StrEnum):
    """What the parent or guardian decided (UU 27/2022, articles 22 to 25 and 40)."""

    GIVEN = "diberikan"
    REFUSED = "ditolak"
    WITHDRAWN = "ditarik"

    @property
    def label(self) -> str:
        return {
            ConsentState.GIVEN: tr("Setuju"),
            ConsentState.REFUSED: tr("Tidak setuju"),
            ConsentState.WITHDRAWN: tr("Persetujuan ditarik"),
        }[self]


LabelledCode = (
    Attendance
    | Development
    | TbSymptom
    | DangerSign
    | Referral
    | DoseKind
    | DoseState
    | CapsuleColour
    | VisitReason
    | VisitOutcome
    | Relation
    | ConsentState
)


def label_of(kind: type[LabelledCode], code: str | None) -> str:
    """The label of a code of that kind; a code of a newer version is shown as it is, nothing as "—"."""
    if code is None or code == "":
        return "—"
    try:
        return kind(code).label
    except ValueError:
        return code


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something recorded once about a child on a date; `bases` are the writes shown, for the next edit.

    `actor` wrote it, `at` is when it was saved (RFC 3339). Corrections name what they correct.
    """

    kind: ClassVar[str]

    id: str
    child: str
    date: date
    actor: str = ""
    at: str = ""
    hlc: str = ""
    voided: bool = False
    bases: tuple[tuple[str, OpKey], ...] = ()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose(Fact):
    """One immunisation, vitamin A capsule or deworming, given or refused, on the day it happened."""

    kind: ClassVar[str] = "dose"

    what: str
    state: str = DoseState.GIVEN
    antigen: str | None = None
    colour: str | None = None
    note: str | None = None

    @property
    def given(self) -> bool:
        return self.state == DoseState.GIVEN and not self.voided


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeVisit(Fact):
    """A visit to the child's home: why, what was found, what was agreed."""

    kind: ClassVar[str] = "home_visit"

    reason: str = VisitReason.ABSENT
    outcome: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Fact):
    """The decision of a parent or guardian about the child's data: who, as what, when, to which text."""

    kind: ClassVar[str] = "consent"

    name: str = ""
    relation: str = Relation.MOTHER
    version: str = CONSENT_VERSION
    state: str = ConsentState.GIVEN


F = TypeVar("F", bound=Fact)

_BOOKKEEPING = frozenset({"id", "actor", "at", "hlc", "voided", "bases"})


def read_visit(
    entity: str, values: Mapping[str, Json], bases: Mapping[str, OpKey] | None = None, **stamp: str
) -> Visit | None:
    """The visit in the visible values of its row; None when it names no child or no date.

    `stamp` is `actor`, `at` and `hlc` of its first operation. A value of the wrong kind is left out.
    """
    found = _who_and_when(values)
    if found is None:
        return None
    child, day = found
    return Visit(
        id=entity,
        child=child,
        date=day,
        voided=values.get("voided") is True,
        bases=tuple((bases or {}).items()),
        attendance=_text(values, "attendance") or Attendance.PRESENT,
        exclusive_breastfeeding=_flag(values, "exclusive_breastfeeding"),
        complementary_feeding=_flag(values, "complementary_feeding"),
        development=_text(values, "development"),
        tb_symptoms=_codes(values, "tb_symptoms"),
        danger_signs=_codes(values, "danger_signs"),
        local_food=_flag(values, "local_food"),
        counselling=_codes(values, "counselling"),
        book_copied=_flag(values, "book_copied"),
        referral=_text(values, "referral"),
        referral_reason=_text(values, "referral_reason"),
        note=_text(values, "note"),
        **stamp,
    )


def read_dose(
    entity: str, values: Mapping[str, Json], bases: Mapping[str, OpKey] | None = None, **stamp: str
) -> Dose | None:
    """The dose in the visible values of its row; None when it does not say whose, when or what."""
    found = _who_and_when(values)
    what = _text(values, "what")
    if found is None or what is None:
        return None
    child, day = found
    return Dose(
        id=entity,
        child=child,
        date=day,
        voided=values.get("voided") is True,
        bases=tuple((bases or {}).items()),
        what=what,
        state=_text(values, "state") or DoseState.GIVEN,
        antigen=_text(values, "antigen"),
        colour=_text(values, "colour"),
        note=_text(values, "note"),
        **stamp,
    )


def read_home_visit(
    entity: str, values: Mapping[str, Json], bases: Mapping[str, OpKey] | None = None, **stamp: str
) -> HomeVisit | None:
    """The home visit in the visible values of its row; None when it names no child or no date."""
    found = _who_and_when(values)
    if found is None:
        return None
    child, day = found
    return HomeVisit(
        id=entity,
        child=child,
        date=day,
        voided=values.get("voided") is True,
        bases=tuple((bases or {}).items()),
        reason=_text(values, "reason") or VisitReason.OTHER,
        outcome=_text(values, "outcome"),
        note=_text(values, "note"),
        **stamp,
    )


def read_consent(
    entity: str, values: Mapping[str, Json], bases: Mapping[str, OpKey] | None = None, **stamp: str
) -> Consent | None:
    """The consent in the visible values of its row; None unless it says whose, when, which text and what.

    Consent is never assumed: a decision that cannot be read is no consent.
    """
    found = _who_and_when(values)
    version, state = _text(values, "version"), _text(values, "state")
    if found is None or version is None or state is None:
        return None
    child, day = found
    return Consent(
        id=entity,
        child=child,
        date=day,
        voided=values.get("voided") is True,
        bases=tuple((bases or {}).items()),
        name=_text(values, "name") or "",
        relation=_text(values, "relation") or Relation.GUARDIAN,
        version=version,
        state=state,
        **stamp,
    )


def _who_and_when(values: Mapping[str, Json]) -> tuple[str, date] | None:
    child, day = _text(values, "child"), read_date(values.get("date"))
    return (child, day) if child is not None and day is not None else None


def read_date(value: Json) -> date | None:
    """A date in its one wire form, YYYY-MM-DD; anything else is None."""
    if not isinstance(value, str):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if day.isoformat() == value else None


def _text(values: Mapping[str, Json], name: str) -> str | None:
    value = values.get(name)
    return value if isinstance(value, str) and value else None


def _flag(values: Mapping[str, Json], name: str) -> bool | None:
    value = values.get(name)
    return value if isinstance(value, bool) else None


def _codes(values: Mapping[str, Json], name: str) -> frozenset[str] | None:
    value = values.get(name)
    return frozenset(v for v in value if isinstance(v, str) and v) if isinstance(value, list) else None


def payload(fact: Fact) -> JsonObject:
    """What `<kind>.record` carries: what was not asked is left out, codes are sorted, text is NFC."""
    values: JsonObject = {}
    for field in dataclasses.fields(fact):
        value = getattr(fact, field.name)
        if field.name in _BOOKKEEPING or value is None:
            continue
        values[field.name] = clean(_wire(value))
    return values


def _wire(value: object) -> Json:
    if isinstance(value, frozenset):
        return [*sorted(str(item) for item in value)]
    if isinstance(value, bool):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def correction(before: F, after: F, reason: str = "") -> JsonObject | None:
    """What `<kind>.correct` carries to turn one fact into the other; None when nothing changed.

    Each changed field names the write it is based on; a field taken back is set to null. The child
    of a fact cannot be corrected: void it and record it anew.
    """
    old, new = payload(before), payload(after)
    bases = dict(before.bases)
    changes: JsonObject = {}
    for name in sorted({*old, *new} - {"child"}):
        if old.get(name) != new.get(name):
            base = bases.get(name)
            changes[name] = {"v": new.get(name), "base": list(base) if base is not None else None}
    if not changes:
        return None
    return {"set": changes, **({"reason": clean(reason)} if reason else {})}


def check(fact: F, today: date, birth: date | None = None) -> F:
    """The fact fit to be recorded, its texts trimmed.

    Raises `InvalidValue` that names the field and says how to mend it.
    """
    check_day(fact.date, today, birth)
    texts: dict[str, Any] = {
        name: one_line(getattr(fact, name), name)
        for name in ("note", "referral_reason", "name")
        if hasattr(fact, name)
    }
    fact = dataclasses.replace(fact, **texts)
    if isinstance(fact, Dose):
        _check_dose(fact)
    if isinstance(fact, Consent) and not fact.name:
        raise InvalidValue("name", tr("Tulis nama orang tua atau wali yang memberi keputusan."))
    return fact


def check_day(day: date, today: date, birth: date | None) -> None:
    """Refuse, with `InvalidValue`, a day that has not come or lies before birth."""
    if day > today:
        raise InvalidValue(
            "date",
            tr("Tanggal {date} belum terjadi. Periksa lagi, juga jam laptop.").format(date=format_date(day)),
        )
    if birth is not None and day < birth:
        raise InvalidValue(
            "date",
            tr("Tanggal {date} sebelum anak lahir ({birth}). Periksa keduanya.").format(
                date=format_date(day), birth=format_date(birth)
            ),
        )


def _check_dose(dose: Dose) -> None:
    if dose.what == DoseKind.IMMUNISATION and not dose.antigen:
        raise InvalidValue("antigen", tr("Pilih imunisasi yang diberikan atau ditolak."))
    if dose.what == DoseKind.VITAMIN_A and not dose.colour and dose.state == DoseState.GIVEN:
        raise InvalidValue("colour", tr("Pilih warna kapsul vitamin A: biru atau merah."))


def one_line(value: str | None, field: str) -> str | None:
    """The text as one tidy line, None when nothing is left; raises `InvalidValue` when it is too long."""
    if value is None:
        return None
    printable = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in value)
    text = " ".join(printable.split())
    if len(text) > LONGEST_TEXT:
        raise InvalidValue(
            field, tr("Terlalu panjang. Ringkas sampai {count} huruf.").format(count=LONGEST_TEXT)
        )
    return text if text or field == "name" else None


def standing(facts: Iterable[F], on: date | None = None) -> tuple[F, ...]:
    """The facts that were not voided, up to and including a day, oldest first."""
    kept = [fact for fact in facts if not fact.voided and (on is None or fact.date <= on)]
    return tuple(sorted(kept, key=lambda fact: (fact.date, fact.hlc, fact.id)))


def consent_in_force(consents: Iterable[Consent]) -> Consent | None:
    """The latest decision about a child's data, whatever it was; None when nobody was asked."""
    decisions = standing(consents)
    return decisions[-1] if decisions else None


def consent_text(version: str = CONSENT_VERSION) -> tuple[str, ...]:
    """What is read to the parent or guardian before asking, by paragraph (UU 27/2022, article 21).

    Every version ever asked with stays in `resources/consent`, so that it can be read again.
    Raises `FileNotFoundError` for a version that is not shipped.
    """
    return _consent_texts(version)[language()]


@lru_cache(maxsize=8)
def _consent_texts(version: str) -> Mapping[str, tuple[str, ...]]:
    path = resources() / "consent" / f"{version}.json"
    known = json.loads(path.read_text(encoding="utf-8"))
    return {code: tuple(known[code]) for code in LANGUAGES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One posyandu day: when it was opened and, once it is over, closed (both RFC 3339)."""

    id: str
    scope: str
    date: date
    posyandu: str = ""
    opened_at: str = ""
    closed_at: str | None = None
    bases: tuple[tuple[str, OpKey], ...] = ()

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


def session_id(scope: str, day: date) -> str:
    """The one id of a posyandu's session on a day, so that two laptops that open it open the same."""
    return str(uuid.uuid5(_SESSIONS, f"{scope}/{day.isoformat()}"))


def read_session(
    entity: str, scope: str, values: Mapping[str, Json], bases: Mapping[str, OpKey] | None = None
) -> Session | None:
    """The session in the visible values of its row; None when it has no date."""
    day = read_date(values.get("date"))
    if day is None:
        return None
    return Session(
        id=entity,
        scope=scope,
        date=day,
        posyandu=_text(values, "posyandu") or "",
        opened_at=_text(values, "opened_at") or "",
        closed_at=_text(values, "closed_at"),
        bases=tuple((bases or {}).items()),
    )


def _session_values(session: Session) -> JsonObject:
    return {
        "date": session.date.isoformat(),
        "posyandu": clean(session.posyandu),
        "opened_at": session.opened_at,
        "closed_at": session.closed_at,
    }


def register_session(session: Session) -> JsonObject:
    """What `session.register` carries."""
    return {
        name: {"v": value, "base": None}
        for name, value in _session_values(session).items()
        if value is not None
    }


def set_session(before: Session, after: Session) -> JsonObject | None:
    """What `session.set` carries to turn one state of a session into the other; None when nothing changed."""
    old, new, bases = _session_values(before), _session_values(after), dict(before.bases)
    changes: JsonObject = {}
    for name, value in new.items():
        if old[name] != value:
            base = bases.get(name)
            changes[name] = {"v": value, "base": list(base) if base is not None else None}
    return changes or None
