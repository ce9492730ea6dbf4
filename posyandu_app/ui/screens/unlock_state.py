"""The unlock screen as pure functions of (state, event)."""

from dataclasses import dataclass, replace

from posyandu_app.i18n import tr

_PAUSES = (0, 0, 2, 4, 8, 15, 30, 60)


@dataclass(frozen=True, slots=True)
class UnlockState:
    """Who wants in, and how the last attempt went; times are in ms of one monotonic clock.

    `selected` is −1 while nobody is chosen; `nameless` says that a password was sent all the same.
    """

    labels: tuple[str, ...]
    selected: int = 0
    nameless: bool = False
    busy: bool = False
    caps_lock: bool = False
    failures: int = 0
    wait_until: int = 0
    message: str = ""

    @property
    def label(self) -> str:
        return self.labels[self.selected] if self.labels and self.selected >= 0 else ""


def pause_seconds(failures: int) -> int:
    """How long to wait after that many wrong passwords in a row: nothing twice, then 2 s growing to 60 s."""
    return 0 if failures <= 0 else _PAUSES[min(failures, len(_PAUSES)) - 1]


def select(state: UnlockState, index: int) -> UnlockState:
    """Another person is chosen; what was said to the one before goes away, the pause stays."""
    if not state.labels or state.busy:
        return state
    index = max(0, min(index, len(state.labels) - 1))
    message = "" if index != state.selected else state.message
    return replace(state, selected=index, nameless=False, message=message)


def move(state: UnlockState, step: int) -> UnlockState:
    """↑ as −1 and ↓ as 1: while nobody is chosen they begin at the end and at the top."""
    if state.selected < 0 and step < 0:
        return select(state, len(state.labels) - 1)
    return select(state, state.selected + step)


def asking_who(state: UnlockState) -> UnlockState:
    """It is not known who comes: of several people none is chosen beforehand."""
    return replace(state, selected=-1 if len(state.labels) > 1 else 0, nameless=False)


def typed(state: UnlockState, text: str, shift: bool) -> UnlockState:
    """A key arrived: a capital without Shift, or a small letter with it, means Caps Lock."""
    if len(text) == 1 and text.isalpha() and text.lower() != text.upper():
        return replace(state, caps_lock=text.isupper() != shift)
    return state


def submit(state: UnlockState, password: str, now: int) -> UnlockState:
    """The password is sent; `busy` only when it may be tried now."""
    if state.busy:
        return state
    if state.labels and not state.label:
        return replace(state, nameless=True)
    if not password:
        return replace(state, message=tr("Ketik kata sandi Anda dulu."))
    if now < state.wait_until:
        return waiting(state, now)
    return replace(state, busy=True, message="")


def opening(state: UnlockState) -> UnlockState:
    """The practice data are being opened, which asks for no password."""
    return replace(state, busy=True, message="")


def refused(state: UnlockState, now: int) -> UnlockState:
    """The password was wrong: the pause grows."""
    failures = state.failures + 1
    until = now + 1000 * pause_seconds(failures)
    said = replace(state, busy=False, failures=failures, wait_until=until)
    return waiting(said, now)


def broken(state: UnlockState, message: str) -> UnlockState:
    """Something else than the password stood in the way."""
    return replace(state, busy=False, message=message)


def waiting(state: UnlockState, now: int) -> UnlockState:
    """The sentence of a wrong password, counting down while there is a pause."""
    left = max(0, -(-(state.wait_until - now) // 1000))
    if left:
        sentence = tr("Kata sandi belum cocok. Coba lagi dalam {seconds} detik.").format(seconds=left)
    else:
        sentence = tr("Kata sandi belum cocok. Periksa huruf besar dan kecil, lalu coba lagi.")
    return replace(state, message=sentence)


def is_waiting(state: UnlockState, now: int) -> bool:
    """Whether the pause is still on."""
    return now < state.wait_until
