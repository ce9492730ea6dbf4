"""The first start as pure functions of (state, event): which step, what is missing, what to set up."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from posyandu_app.domain.model import Role
from posyandu_app.i18n import tr
from posyandu_app.services.accounts import Setup

SHORTEST_PASSWORD = 8


class Step(StrEnum):
    """The steps of the first start, in order."""

    PLACE = "place"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class FirstRunState:
    """What has been chosen and typed; `texts` by field name, `village` is a Kemendagri code."""

    step: Step = Step.PLACE
    kabupaten: str = ""
    kecamatan: str = ""
    village: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    role: Role = Role.KADER
    errors: Mapping[str, str] = field(default_factory=dict)
    busy: bool = False
    message: str = ""

    @property
    def steps_done(self) -> int:
        return list(Step).index(self.step)


def place_chosen(state: FirstRunState, level: str, code: str) -> FirstRunState:
    """A region was chosen (or with "" given up); those below it must be chosen again."""
    if level == "kabupaten":
        return _without(replace(state, kabupaten=code, kecamatan="", village=""), level)
    if level == "kecamatan":
        return _without(replace(state, kecamatan=code, village=""), level)
    return _without(replace(state, village=code), level)


def typed(state: FirstRunState, name: str, text: str) -> FirstRunState:
    """A field changed; its error goes away."""
    return _without(replace(state, texts={**state.texts, name: text}, message=""), name)


def role_chosen(state: FirstRunState, role: Role) -> FirstRunState:
    """Kader or bidan."""
    return replace(state, role=role)


def forward(state: FirstRunState) -> FirstRunState:
    """On to the next step, or in the last one `busy` with setting up; errors say what is missing."""
    if state.busy:
        return state
    errors = _missing(state)
    if errors:
        return replace(state, errors=errors)
    if state.step == Step.PLACE:
        return replace(state, step=Step.PERSON, errors={})
    return replace(state, busy=True, errors={}, message="")


def back(state: FirstRunState) -> FirstRunState:
    """One step back; nothing typed is lost."""
    return replace(state, step=Step.PLACE, errors={}) if not state.busy else state


def refused(state: FirstRunState, name: str, message: str) -> FirstRunState:
    """Setting up did not work: the sentence stands at its field, or below all when it has none."""
    name = {"label": "user_name"}.get(name, name)
    known = name in ("posyandu_name", "user_name", "password")
    if known:
        step = Step.PLACE if name == "posyandu_name" else Step.PERSON
        return replace(state, busy=False, step=step, errors={name: message})
    return replace(state, busy=False, message=message)


def setup_of(state: FirstRunState) -> Setup:
    """What the services are asked to set up: a kader's posyandu is the first of its village until the Dinas
    numbers it, a midwife works in the whole village.
    """
    name = state.texts.get("user_name", "").strip()
    return Setup(
        scope=f"{state.village}.001" if state.role == Role.KADER else state.village,
        posyandu_name=state.texts.get("posyandu_name", "").strip(),
        user_name=name,
        label=name,
        role=state.role,
        password=state.texts.get("password", ""),
    )


def _missing(state: FirstRunState) -> dict[str, str]:
    texts = state.texts
    errors: dict[str, str] = {}
    if state.step == Step.PLACE:
        if not state.kabupaten:
            errors["kabupaten"] = tr("Pilih kabupaten atau kota dari daftar.")
        if not state.kecamatan:
            errors["kecamatan"] = tr("Pilih kecamatan dari daftar.")
        if not state.village:
            errors["village"] = tr("Pilih desa atau kelurahan dari daftar.")
        if not texts.get("posyandu_name", "").strip():
            errors["posyandu_name"] = tr("Isi nama posyandu, misalnya Melati 1.")
        return errors
    if not texts.get("user_name", "").strip():
        errors["user_name"] = tr("Isi nama Anda.")
    password = texts.get("password", "")
    if len(password) < SHORTEST_PASSWORD:
        sentence = tr("Kata sandi paling sedikit {count} huruf atau angka.")
        errors["password"] = sentence.format(count=SHORTEST_PASSWORD)
    elif texts.get("repeated", "") != password:
        errors["repeated"] = tr("Kata sandi kedua belum sama dengan yang pertama.")
    return errors


def _without(state: FirstRunState, name: str) -> FirstRunState:
    return replace(state, errors={key: error for key, error in state.errors.items() if key != name})
