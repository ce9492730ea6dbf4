"""Why a child is not expected any more, or is again, as pure functions of (state, event)."""

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Literal

from posyandu_app.domain.dates import format_date, parse_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Child, ChildState, Role
from posyandu_app.i18n import tr
from posyandu_app.ui.widgets.choices import Choice

DATE, TO = "date", "to"
_FIELDS = {"state_on": DATE, "moved_to": TO, "date": DATE, "to": TO}


class Why(StrEnum):
    """What happened."""

    MOVED = "moved"
    TRANSFERRED = "transferred"
    DIED = "died"
    GRADUATED = "graduated"
    BACK = "back"

    @property
    def choice(self) -> Choice:
        """How it is offered."""
        return {
            Why.MOVED: Choice(
                "map", tr("Pindah"), tr("Keluarga pindah ke tempat lain; anak tidak ditunggu lagi di sini.")
            ),
            Why.TRANSFERRED: Choice(
                "users",
                tr("Pindah posyandu"),
                tr("Semua catatannya ikut ke posyandu lain di kabupaten ini."),
            ),
            Why.DIED: Choice("flower-2", tr("Meninggal"), tr("Semua catatannya tetap tersimpan.")),
            Why.GRADUATED: Choice("sprout", tr("Lulus"), tr("Umurnya sudah genap 60 bulan.")),
            Why.BACK: Choice("undo-2", tr("Aktif lagi"), tr("Anak ditunggu lagi di posyandu ini.")),
        }[self]


@dataclass(frozen=True, slots=True)
class LeavingState:
    """What was chosen and typed; `whys` are those offered to this person for this child."""

    child: Child
    today: date
    whys: tuple[Why, ...]
    why: Why
    day: str
    to: str = ""
    place: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    phase: Literal["entering", "saving"] = "entering"
    message: str = ""

    @property
    def asks(self) -> tuple[str, ...]:
        """The fields in sight."""
        return {
            Why.MOVED: (DATE, TO),
            Why.TRANSFERRED: (TO, DATE),
            Why.BACK: (),
        }.get(self.why, (DATE,))

    @property
    def on(self) -> date:
        """The day that was typed; raises `InvalidValue`."""
        return parse_date(self.day, DATE)


def opened(child: Child, role: Role, today: date) -> LeavingState:
    """What can be said of this child: back for one who left, else why she leaves."""
    if child.state != ChildState.ACTIVE:
        whys: tuple[Why, ...] = (Why.BACK,)
    elif role is Role.BIDAN:
        whys = (Why.MOVED, Why.TRANSFERRED, Why.DIED, Why.GRADUATED)
    else:
        whys = (Why.MOVED, Why.DIED, Why.GRADUATED)
    return LeavingState(child, today, whys, whys[0], format_date(today))


def chosen(state: LeavingState, at: int) -> LeavingState:
    """Another reason."""
    return replace(state, why=state.whys[at], errors={}, message="")


def typed(state: LeavingState, name: str, text: str) -> LeavingState:
    """A field changed."""
    errors = {key: said for key, said in state.errors.items() if key != name}
    if name == DATE:
        return replace(state, day=text, errors=errors, message="")
    return replace(state, to=text, errors=errors, message="")


def place_chosen(state: LeavingState, scope: str) -> LeavingState:
    """The other posyandu."""
    return replace(state, place=scope, errors={})


def ask_save(state: LeavingState) -> LeavingState:
    """Save, unless the day cannot be read or no posyandu was chosen."""
    errors: dict[str, str] = {}
    if DATE in state.asks:
        try:
            state = replace(state, day=format_date(state.on))
        except InvalidValue as error:
            errors[DATE] = error.message
        if not state.day.strip():
            errors[DATE] = tr("Isi tanggalnya.")
    if state.why is Why.TRANSFERRED and not state.place:
        errors[TO] = tr("Pilih posyandu tujuan.")
    if errors:
        return replace(state, errors=errors)
    return replace(state, phase="saving", errors={}, message="")


def refused(state: LeavingState, name: str, message: str) -> LeavingState:
    """Saving did not work: everything typed stays."""
    if name in _FIELDS:
        return replace(state, phase="entering", errors={_FIELDS[name]: message})
    return replace(state, phase="entering", message=message)
