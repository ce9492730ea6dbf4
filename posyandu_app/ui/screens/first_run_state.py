"""The first start as pure functions of (state, event): which step, what is missing, what to set up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from posyandu_app.domain.model import Role
from posyandu_app.domain.numbers import format_count
from posyandu_app.i18n import tr
from posyandu_app.services import accounts
from posyandu_app.services.accounts import Setup

SHORTEST_PASSWORD = 8
CODE_FIELDS = ("url", "code", "laptop")


class Step(StrEnum):
    """The steps of the first start."""

    LOOK = "look"
    WAY = "way"
    PLACE = "place"
    PERSON = "person"
    CODE = "code"
    LIST = "list"
    NAME = "name"


class Way(StrEnum):
    """The ways to begin, in the order in which they are offered."""

    NEW = "new"
    JOIN = "join"
    PRACTICE = "practice"


_PATHS = {
    Way.NEW: (Step.LOOK, Step.WAY, Step.PLACE, Step.PERSON, Step.LIST),
    Way.JOIN: (Step.LOOK, Step.WAY, Step.PERSON, Step.CODE),
    Way.PRACTICE: (Step.LOOK, Step.WAY),
}


@dataclass(frozen=True, slots=True)
class FirstRunState:
    """What has been chosen and typed; `texts` by field name, `village` is a Kemendagri code.

    `prepared`: the laptop has its user already and only joining the Dinas is left. `progress`
    says how far long work is. `imports`: an existing list of children is taken over first. The step
    NAME stands after all: the Dinas knows the posyandu by its number alone.
    """

    step: Step = Step.LOOK
    way: Way = Way.NEW
    kabupaten: str = ""
    kecamatan: str = ""
    village: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    role: Role = Role.KADER
    errors: Mapping[str, str] = field(default_factory=dict)
    busy: bool = False
    message: str = ""
    prepared: bool = False
    progress: str = ""
    imports: bool = False

    @property
    def path(self) -> tuple[Step, ...]:
        """The steps of the chosen way, in order."""
        return _PATHS[self.way]

    @property
    def steps_done(self) -> int:
        return self.path.index(self.step) if self.step in self.path else len(self.path)

    @property
    def steps(self) -> int:
        """How many steps there are; while nothing is chosen, as many as on the usual way."""
        return len(_PATHS[Way.NEW] if self.step in (Step.LOOK, Step.WAY) else self.path)

    @property
    def can_go_back(self) -> bool:
        """Whether there is a step before this one that may still be changed."""
        return self.steps_done > 0 and not self.busy and not self.prepared and self.step != Step.NAME

    @property
    def is_last(self) -> bool:
        """Whether nothing more is asked after this step."""
        return self.steps_done + 1 >= len(self.path)


@dataclass(frozen=True, slots=True)
class Joining:
    """A new laptop that takes its place and role from the Dinas: whom to set up, and where to ask."""

    setup: Setup
    url: str
    code: str
    name: str


def way_chosen(state: FirstRunState, way: Way) -> FirstRunState:
    """A new posyandu, a code of the Dinas, or practice."""
    return replace(state, way=way, message="") if not state.busy else state


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


def list_chosen(state: FirstRunState, imports: bool) -> FirstRunState:
    """Begin with an existing list of children, or with none."""
    return replace(state, imports=imports) if not state.busy else state


def forward(state: FirstRunState) -> FirstRunState:
    """On to the next step, or in the last one `busy` with setting up; errors say what is missing."""
    if state.busy:
        return state
    errors = _missing(state)
    if errors:
        return replace(state, errors=errors)
    if not state.is_last:
        return replace(state, step=state.path[state.steps_done + 1], errors={}, message="")
    return replace(state, busy=True, errors={}, message="", progress="")


def back(state: FirstRunState) -> FirstRunState:
    """One step back; nothing typed is lost."""
    if not state.can_go_back:
        return state
    return replace(state, step=state.path[state.steps_done - 1], errors={}, message="")


def name_wanted(state: FirstRunState) -> FirstRunState:
    """Everything is there except what people call this posyandu."""
    return replace(state, step=Step.NAME, busy=False, errors={}, message="", progress="")


def prepared(state: FirstRunState) -> FirstRunState:
    """The laptop has its user; the Dinas is asked now."""
    return replace(state, prepared=True, progress=tr("Menghubungi Dinas…"))


def received(state: FirstRunState, count: int, total: int = 0) -> FirstRunState:
    """The Dinas took this laptop in and its data are arriving; so many so far."""
    if not count:
        return replace(state, progress=tr("Kode diterima. Mengambil data dari Dinas…"))
    figure = format_count(count)
    if total:
        said = tr("Mengambil data dari Dinas: {count} dari {total} catatan…")
        whole = format_count(total)
        return replace(state, progress=said.format(count=figure, total=whole))
    return replace(state, progress=tr("Mengambil data dari Dinas: {count} catatan…").format(count=figure))


def refused(state: FirstRunState, name: str, message: str) -> FirstRunState:
    """Setting up did not work: the sentence stands at its field, or below all when it has none."""
    if state.step == Step.NAME and name == "posyandu_name":
        return replace(state, busy=False, errors={"called": message})
    if state.step == Step.CODE and name:
        at = {"name": "laptop"}.get(name, name)
        return replace(state, busy=False, errors={at: message}, progress="")
    name = {"label": "user_name"}.get(name, name)
    known = name in ("posyandu_name", "user_name", "password")
    if known:
        step = Step.PLACE if name == "posyandu_name" else Step.PERSON
        return replace(state, busy=False, step=step, errors={name: message}, progress="")
    return replace(state, busy=False, message=message, progress="")


def setup_of(state: FirstRunState, own_scope: Callable[[str], str] = accounts.own_scope) -> Setup:
    """What the services are asked to set up: a kader's posyandu in its village, a midwife's whole village."""
    name = state.texts.get("user_name", "").strip()
    return Setup(
        scope=own_scope(state.village) if state.role == Role.KADER else state.village,
        posyandu_name=state.texts.get("posyandu_name", "").strip(),
        user_name=name,
        label=name,
        role=state.role,
        password=state.texts.get("password", ""),
    )


def joining_of(state: FirstRunState) -> Joining:
    """What is asked of the services and the Dinas; place and role come with the answer."""
    name = state.texts.get("user_name", "").strip()
    setup = Setup(None, "", name, name, Role.KADER, state.texts.get("password", ""))
    url, code, laptop = (state.texts.get(key, "").strip() for key in CODE_FIELDS)
    return Joining(setup, url, code, laptop)


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
    if state.step == Step.NAME and not texts.get("called", "").strip():
        return {"called": tr("Isi nama posyandu, misalnya Melati 1.")}
    if state.step == Step.CODE:
        asked = {
            "url": tr("Isi alamat server dari Dinas."),
            "code": tr("Isi kode dari Dinas, seperti ABCD-EFGH-JKLM."),
            "laptop": tr("Isi nama laptop ini, misalnya Laptop Melati 1."),
        }
        return {name: sentence for name, sentence in asked.items() if not texts.get(name, "").strip()}
    if state.step != Step.PERSON:
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
