"""The people of this laptop as pure functions of (state, event): the view, what is missing or refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from posyandu_app.domain.model import Role
from posyandu_app.i18n import tr
from posyandu_app.services.laptop_users import Person
from posyandu_app.ui.screens.unlock_state import pause_seconds

SHORTEST_PASSWORD = 8


class View(StrEnum):
    """What stands on the screen: everybody, one colleague, or the form of a deed."""

    PEOPLE = "people"
    COLLEAGUE = "colleague"
    ADD = "add"
    OWN = "own"
    RESET = "reset"
    REMOVE = "remove"


FIELDS = {
    View.ADD: ("name", "new", "repeated"),
    View.OWN: ("own", "new", "repeated"),
    View.RESET: ("own", "new", "repeated"),
    View.REMOVE: ("own",),
}
"""What each form asks, in order; `own` is always the acting person's password now."""
_BEFORE = {View.RESET: View.COLLEAGUE, View.REMOVE: View.COLLEAGUE}


@dataclass(frozen=True, slots=True)
class UsersState:
    """Who is there, what is being done to whom, and how the last attempt went; `wait_until` in ms."""

    people: tuple[Person, ...] = ()
    roles: tuple[Role, ...] = ()
    practice: bool = False
    view: View = View.PEOPLE
    chosen: str = ""
    role: Role = Role.KADER
    errors: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    busy: bool = False
    failures: int = 0
    wait_until: int = 0

    @property
    def name(self) -> str:
        """The name of the colleague that is chosen, "" for none."""
        return next((person.name for person in self.people if person.user_id == self.chosen), "")

    @property
    def fields(self) -> tuple[str, ...]:
        """What the form in sight asks; nothing while there is none."""
        return FIELDS.get(self.view, ())

    @property
    def asks_role(self) -> bool:
        """Whether there is a choice of roles for somebody new."""
        return self.view == View.ADD and len(self.roles) > 1


def read(
    state: UsersState, people: tuple[Person, ...], roles: tuple[Role, ...], practice: bool
) -> UsersState:
    """The people were read; a colleague who is gone is no longer chosen."""
    role = state.role if state.role in roles else roles[0] if roles else Role.KADER
    fresh = replace(state, people=people, roles=roles, practice=practice, role=role)
    return back(replace(fresh, view=View.PEOPLE)) if state.chosen and not fresh.name else fresh


def opened(state: UsersState, user_id: str) -> UsersState:
    """A person of the list was taken: oneself, a colleague, or somebody one may not change."""
    person = next((person for person in state.people if person.user_id == user_id), None)
    if state.busy or person is None:
        return state
    if state.practice:
        return replace(state, message=tr("Ini latihan: pengguna laptop diatur di luar latihan."))
    if person.here:
        return _form(state, View.OWN, "")
    if not person.may_help:
        sentence = tr("Hanya orang dengan peran yang sama atau lebih tinggi yang dapat mengubahnya.")
        return replace(state, message=sentence)
    return _form(state, View.COLLEAGUE, user_id)


def adding(state: UsersState) -> UsersState:
    """Somebody new is wanted."""
    if state.busy or state.view != View.PEOPLE:
        return state
    if state.practice:
        return replace(state, message=tr("Ini latihan: pengguna laptop diatur di luar latihan."))
    return _form(state, View.ADD, "")


def deed_chosen(state: UsersState, view: View) -> UsersState:
    """What is to be done about the colleague in sight."""
    return _form(state, view, state.chosen) if state.view == View.COLLEAGUE else state


def role_chosen(state: UsersState, index: int) -> UsersState:
    """The role of somebody new."""
    return replace(state, role=state.roles[index])


def typed(state: UsersState, name: str) -> UsersState:
    """A field changed; its error goes away."""
    errors = {key: error for key, error in state.errors.items() if key != name}
    return replace(state, errors=errors, message="")


def back(state: UsersState) -> UsersState:
    """One step back; from the list there is none."""
    if state.busy:
        return state
    view = _BEFORE.get(state.view, View.PEOPLE)
    return _form(state, view, state.chosen if view == View.COLLEAGUE else "")


def submit(state: UsersState, texts: Mapping[str, str], now: int) -> UsersState:
    """The form is sent: `busy`, or every field that needs mending is named."""
    if state.busy or not state.fields:
        return state
    errors = _missing(state, texts)
    if not errors and "own" in state.fields and now < state.wait_until:
        seconds = -(-(state.wait_until - now) // 1000)
        waiting = tr("Kata sandi belum cocok. Coba lagi dalam {seconds} detik.")
        errors["own"] = waiting.format(seconds=seconds)
    return replace(state, errors=errors, message="", busy=not errors)


def refused(state: UsersState, name: str, sentence: str) -> UsersState:
    """It did not work: the sentence stands at its field, or below all when it has none."""
    name = {"label": "name", "user_name": "name", "password": "new"}.get(name, name)
    if name in state.fields:
        return replace(state, busy=False, errors={name: sentence})
    return replace(state, busy=False, errors={}, message=sentence)


def wrong_password(state: UsersState, now: int) -> UsersState:
    """The acting person's own password was wrong: the pause grows, as at the gate."""
    failures = state.failures + 1
    sentence = tr("Kata sandi Anda belum cocok. Periksa huruf besar dan kecil, lalu coba lagi.")
    until = now + 1000 * pause_seconds(failures)
    return replace(refused(state, "own", sentence), failures=failures, wait_until=until)


def finished(state: UsersState) -> UsersState:
    """It is done: back to the list."""
    done = replace(state, busy=False, failures=0, wait_until=0)
    return _form(done, View.PEOPLE, "")


def said(state: UsersState) -> str:
    """What the foot of the window says about the deed that is being done now."""
    sentences = {
        View.ADD: tr("Ditambahkan. Ia dapat membuka laptop ini dengan nama dan kata sandinya."),
        View.OWN: tr("Kata sandi Anda sudah diganti."),
        View.RESET: tr("{name} sekarang punya kata sandi baru."),
        View.REMOVE: tr("{name} dikeluarkan dari laptop ini. Catatannya tetap ada."),
    }
    return sentences[state.view].format(name=state.name)


def words(state: UsersState) -> tuple[str, str]:
    """The title of what is in sight and the sentence below it."""
    every = {
        View.PEOPLE: (
            tr("Pengguna laptop ini"),
            tr("Setiap orang membuka laptop dengan kata sandinya sendiri, dan catatannya memakai namanya."),
        ),
        View.COLLEAGUE: ("{name}", ""),
        View.ADD: (
            tr("Tambah pengguna"),
            tr("Nama ini dipilih setiap kali membuka laptop. Biarkan ia sendiri mengetik kata sandinya."),
        ),
        View.OWN: (
            tr("Ganti kata sandi saya"),
            tr("Bila kelak lupa, rekan di laptop ini dapat memberi Anda kata sandi baru."),
        ),
        View.RESET: (
            tr("Kata sandi baru untuk {name}"),
            tr("Ketik dulu kata sandi Anda. Lalu biarkan {name} sendiri mengetik kata sandi barunya."),
        ),
        View.REMOVE: (
            tr("Keluarkan {name}?"),
            tr(
                "{name} tidak dapat lagi membuka laptop ini. Semua catatannya tetap ada dengan namanya. "
                "Ini tidak dapat diurungkan."
            ),
        ),
    }
    title, lead = every[state.view]
    return title.format(name=state.name), lead.format(name=state.name)


def deed(state: UsersState) -> str:
    """What the button of a form is called."""
    return {
        View.ADD: tr("Tambahkan"),
        View.OWN: tr("Ganti kata sandi"),
        View.RESET: tr("Beri kata sandi baru"),
        View.REMOVE: tr("Keluarkan dari laptop ini"),
    }.get(state.view, "")


def _form(state: UsersState, view: View, chosen: str) -> UsersState:
    return replace(state, view=view, chosen=chosen, errors={}, message="")


def _missing(state: UsersState, texts: Mapping[str, str]) -> dict[str, str]:
    errors: dict[str, str] = {}
    if "name" in state.fields and not texts["name"].strip():
        errors["name"] = tr("Isi namanya.")
    if "own" in state.fields and not texts["own"]:
        errors["own"] = tr("Ketik kata sandi Anda dulu.")
    if "new" in state.fields:
        if len(texts["new"]) < SHORTEST_PASSWORD:
            sentence = tr("Kata sandi paling sedikit {count} huruf atau angka.")
            errors["new"] = sentence.format(count=SHORTEST_PASSWORD)
        elif texts["repeated"] != texts["new"]:
            errors["repeated"] = tr("Kata sandi kedua belum sama dengan yang pertama.")
    return errors
