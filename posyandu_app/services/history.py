"""Everything that happened to a child, in words: who, when, what, oldest first; nothing is left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from posyandu_app.domain import names, nik
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.facts import Fact, payload
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import ChildState
from posyandu_app.domain.numbers import format_length, format_weight
from posyandu_app.domain.operations import Json, JsonObject, Operation, OpKey
from posyandu_app.domain.reading import read_date
from posyandu_app.domain.visit_rules import default_visit_rules
from posyandu_app.i18n import tr
from posyandu_app.services import access, case_words, import_plan
from posyandu_app.services.children import get
from posyandu_app.services.recording import CODES, SETS
from posyandu_app.services.roster import REGISTERED_BY_MISTAKE
from posyandu_app.services.workspace import Workspace, posyandu_name, user_name
from posyandu_app.storage import children, facts, log
from posyandu_app.storage.log import LoggedOperation


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One thing somebody did.

    `details` hold the values, of a change before and after; `reason` is what she gave as one.
    `entity` is the id of the weighing, card or dose it is about, or the child's. `status` is how
    it stands with the Dinas (`local`, `applied`, `held` …).
    """

    at: datetime | None
    who: str
    title: str
    details: tuple[str, ...]
    reason: str
    entity: str
    status: str


def of(ws: Workspace, child_id: str) -> tuple[HistoryEntry, ...]:
    """Everything that happened to a child and is known here, corrected and voided values included.

    Oldest first, by the order in which all laptops count it. Raises `UserError` for an unknown child.
    """
    get(ws, child_id)
    with ws.database.snapshot():
        entries = log.entries_about(ws.database, [child_id, *facts.entities_of(ws.database, child_id)])
        people = {entry.operation.actor: "" for entry in entries}
        for person in people:
            people[person] = ws.user.name if person == ws.user.id else user_name(ws, person)
        teller = _Teller(ws, {entry.key: entry for entry in entries})
        return tuple(teller.told(entry, people[entry.operation.actor]) for entry in entries)


def told(fact: Fact) -> tuple[str, ...]:
    """What a card, dose, home visit or consent says as it stands now, in words."""
    values = {name: value for name, value in payload(fact).items() if name not in _UNTOLD}
    return tuple(_named(fact.kind, name, value) for name, value in _in_order(fact.kind, values))


class _Teller:
    """Puts entries of one child's log into words; it knows them all, to say what stood before."""

    def __init__(self, ws: Workspace, known: Mapping[OpKey, LoggedOperation]) -> None:
        self._ws = ws
        self._known = known

    def told(self, entry: LoggedOperation, who: str) -> HistoryEntry:
        operation = entry.operation
        payload = operation.payload
        title, details = (tr("Isi dihapus sesuai permintaan"), ()) if payload is None else self._words(entry)
        reason = (payload or {}).get("reason")
        kind = operation.type.partition(".")[0]
        return HistoryEntry(
            at=_moment(operation.at),
            who=(case_words.author(operation) or who) if kind in case_words.KINDS else who,
            title=title,
            details=details,
            reason=reason if isinstance(reason, str) and kind != "home_visit" else "",
            entity=operation.entity,
            status=entry.status,
        )

    def _words(self, entry: LoggedOperation) -> tuple[str, tuple[str, ...]]:
        operation = entry.operation
        payload = operation.payload or {}
        kind, _, action = operation.type.partition(".")
        if operation.type == "child.transfer":
            place = payload.get("to")
            name = posyandu_name(self._ws, place) if isinstance(place, str) else "—"
            return tr("Dipindahkan ke posyandu {name}").format(name=name), ()
        if kind == access.KIND:
            return tr("Data anak dibuka oleh Dinas"), ()
        if kind == "person":
            return self._of_person(operation), ()
        if kind in ("child", "conflict"):
            return self._of_child(operation.type, payload)
        if kind in case_words.KINDS:
            return case_words.told(operation)
        what = _kinds().get(kind)
        if what is None:
            return tr("Catatan dari versi aplikasi yang lebih baru ({type})").format(type=operation.type), ()
        day = self._day(entry.operation.entity)
        match action:
            case "record":
                values = {name: value for name, value in payload.items() if name not in _UNTOLD}
                return f"{what} {day}", tuple(
                    _named(kind, name, value) for name, value in _in_order(kind, values)
                )
            case "correct":
                changes = payload.get("set")
                if changes == {}:
                    return tr("Dipilih: {what} {day}").format(what=what.lower(), day=day), ()
                return tr("Diperbaiki: {what} {day}").format(what=what.lower(), day=day), self._changes(
                    kind, changes if isinstance(changes, dict) else {}
                )
            case "void":
                return tr("Dibatalkan: {what} {day}").format(what=what.lower(), day=day), ()
            case "restore":
                return tr("Dikembalikan: {what} {day}").format(what=what.lower(), day=day), ()
        return tr("Catatan dari versi aplikasi yang lebih baru ({type})").format(type=operation.type), ()

    def _of_person(self, operation: Operation) -> str:
        other = (operation.payload or {}).get("other")
        child = children.get(self._ws.database, other) if isinstance(other, str) else None
        name = "—" if child is None else names.display(child.name)
        if operation.type == "person.link":
            return tr("Satu anak dengan catatan {name}").format(name=name)
        return tr("Anak yang berbeda dengan catatan {name}").format(name=name)

    def _of_child(self, type_: str, payload: JsonObject) -> tuple[str, tuple[str, ...]]:
        if type_ == "child.register":
            return tr("Didaftarkan"), tuple(
                _named("child", name, change.get("v"))
                for name, change in _in_order("child", payload)
                if isinstance(change, dict)
            )
        state = payload.get("state")
        title = tr("Data diubah")
        if type_ == "conflict.resolve":
            title = tr("Perbedaan diputuskan")
        elif isinstance(state, dict):
            title = _states().get(str(state.get("v")), title)
            payload = {name: change for name, change in payload.items() if name != "state"}
        return title, self._changes("child", payload)

    def _changes(self, kind: str, changes: JsonObject) -> tuple[str, ...]:
        told = []
        for name, change in _in_order(kind, changes):
            if isinstance(change, dict):
                before = _value(kind, name, self._before(change, name))
                after = _value(kind, name, change.get("v"))
                told.append(f"{_label(kind, name)}: {before} → {after}")
        return tuple(told)

    def _before(self, change: JsonObject, name: str) -> Json:
        """What the write that was on screen had given to a field; None when it was empty."""
        bases = change.get("bases")
        base = change.get("base") or (bases[0] if isinstance(bases, list) and bases else None)
        if not isinstance(base, list) or len(base) != 2:
            return None
        entry = self._known.get(OpKey(str(base[0]), int(str(base[1]))))
        payload = {} if entry is None else entry.operation.payload or {}
        if entry is not None and entry.operation.type.endswith(".record"):
            return payload.get(name)
        values = payload.get("set", payload)
        known = values.get(name) if isinstance(values, dict) else None
        return known.get("v") if isinstance(known, dict) else None

    def _day(self, entity: str) -> str:
        """The day a fact was first recorded for."""
        for entry in self._known.values():
            if entry.operation.entity == entity and entry.operation.type.endswith(".record"):
                day = read_date((entry.operation.payload or {}).get("date"))
                return "—" if day is None else format_date(day)
        return "—"


_UNTOLD = frozenset({"child", "date", "confirmed"})
_ORDER = (
    *(
        "name",
        "sex",
        "birth_date",
        "nik",
        "kk",
        "mother_name",
        "mother_nik",
        "father_name",
        "address",
        "rt",
        "rw",
    ),
    *("phone", "child_order", "gestation_weeks", "birth_weight_g", "birth_length_mm", "birth_head_mm"),
    *(
        "what",
        "antigen",
        "state",
        "colour",
        "weight_g",
        "length_mm",
        "position",
        "head_mm",
        "muac_mm",
        "oedema",
    ),
    *("attendance", "relation", "reason", "outcome"),
)


def _in_order(kind: str, values: JsonObject) -> list[tuple[str, Json]]:
    order = {name: place for place, name in enumerate(_ORDER)}
    shown = [
        (name, value)
        for name, value in values.items()
        if not (name == "reason" and kind != "home_visit") and not (name == "oedema" and value == 0)
    ]
    return sorted(shown, key=lambda item: (order.get(item[0], len(order)), item[0]))


def _kinds() -> dict[str, str]:
    return {
        "measurement": tr("Penimbangan"),
        "visit": tr("Kartu kunjungan"),
        "dose": tr("Dosis"),
        "home_visit": tr("Kunjungan rumah"),
        "consent": tr("Persetujuan"),
    }


def _states() -> dict[str, str]:
    return {
        ChildState.ACTIVE: tr("Aktif lagi"),
        ChildState.MOVED: tr("Pindah"),
        ChildState.DEAD: tr("Meninggal"),
        ChildState.GRADUATED: tr("Lulus"),
        REGISTERED_BY_MISTAKE: tr("Pendaftaran dibatalkan"),
    }


def _named(kind: str, name: str, value: Json) -> str:
    return f"{_label(kind, name)}: {_value(kind, name, value)}"


def _label(kind: str, name: str) -> str:
    labels = {
        "date": tr("tanggal"),
        "mother_nik": tr("NIK ibu"),
        "state_on": tr("sejak"),
        "moved_to": tr("pindah ke"),
        "origin": tr("asal"),
        "attendance": tr("kehadiran"),
        "exclusive_breastfeeding": tr("ASI eksklusif"),
        "complementary_feeding": tr("MP-ASI sesuai"),
        "development": tr("ceklis perkembangan"),
        "tb_symptoms": tr("gejala TBC"),
        "danger_signs": tr("tanda bahaya"),
        "local_food": tr("MT pangan lokal"),
        "counselling": tr("penyuluhan"),
        "book_copied": tr("Buku KIA disalin"),
        "referral": tr("dirujuk ke"),
        "referral_reason": tr("alasan rujukan"),
        "note": tr("catatan"),
        "what": tr("pelayanan"),
        "antigen": tr("imunisasi"),
        "colour": tr("kapsul"),
        "reason": tr("alasan"),
        "outcome": tr("hasil"),
        "relation": tr("sebagai"),
        "version": tr("versi teks"),
        "source": tr("sumber"),
    }
    if name == "state" and kind != "child":
        return tr("keputusan") if kind == "consent" else tr("keadaan")
    return labels.get(name) or import_plan.field_label(name)


def _value(kind: str, name: str, value: Json) -> str:
    """A stored value as people write it; what a newer version stored is shown as it came."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return tr("ya") if value else tr("tidak")
    if isinstance(value, int):
        return _number(name, value)
    if isinstance(value, list):
        return ", ".join(_listed(name, str(item)) for item in value) or tr("tidak ada")
    if not isinstance(value, str):
        return "—"
    if (kind, name) in CODES:
        return label_of(CODES[kind, name], value).lower()
    return _text(kind, name, value)


def _number(name: str, value: int) -> str:
    if name.endswith("_g"):
        return tr("{weight} kg").format(weight=format_weight(value))
    if name.endswith("_mm"):
        return tr("{length} cm").format(length=format_length(value))
    if name == "oedema":
        return f"+{value}"
    return str(value)


def _listed(name: str, code: str) -> str:
    return label_of(SETS[name], code) if name in SETS else code


def _text(kind: str, name: str, value: str) -> str:
    if name in ("nik", "mother_nik", "kk"):
        return nik.mask(value)
    words = {
        ("sex", "M"): tr("laki-laki"),
        ("sex", "F"): tr("perempuan"),
        ("position", "lying"): tr("terlentang"),
        ("position", "standing"): tr("berdiri"),
    }
    if (name, value) in words:
        return words[name, value]
    if name == "antigen":
        return default_visit_rules().antigen_name(value)
    if kind == "child" and name == "state":
        return _states().get(value, value).lower()
    day = read_date(value)
    return value if day is None else format_date(day)


def field_label(kind: str, name: str) -> str:
    """What people call a field of a kind of record, inside a sentence."""
    return _label(kind, name)


def field_value(kind: str, name: str, value: Json) -> str:
    """A field's stored value as people write it; identity numbers are masked."""
    return _value(kind, name, value)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
