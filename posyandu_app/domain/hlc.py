"""Hybrid logical clock: stamps that order deeds even when laptops' clocks are wrong.

A stamp is text that sorts: 12 hex digits of milliseconds since 1970 UTC, `-`, 4 hex
digits of counter. Clocks order what concurrent edits show; they never decide whether
something survives (sync rule 7).
"""

import re
from functools import lru_cache

MAX_AHEAD_MS = 5 * 60 * 1000
_MAX_MS = 16**12 - 1
_MAX_COUNTER = 16**4 - 1
_FORM = re.compile(r"[0-9a-f]{12}-[0-9a-f]{4}")

ZERO = "000000000000-0000"


def stamp(ms: int, counter: int = 0) -> str:
    """The stamp of a time; times before 1970 or past the form's end are held at its ends."""
    return f"{min(max(ms, 0), _MAX_MS):012x}-{min(max(counter, 0), _MAX_COUNTER):04x}"


def is_stamp(text: str) -> bool:
    """Whether the text has a stamp's form."""
    return len(text) == len(ZERO) and _has_form(text)


@lru_cache(maxsize=4096)
def _has_form(text: str) -> bool:
    return _FORM.fullmatch(text) is not None


def milliseconds(text: str) -> int:
    """The time of a stamp in milliseconds since 1970 UTC."""
    return int(text[:12], 16)


def tick(last: str, now_ms: int) -> str:
    """The next stamp of a replica: never smaller than or equal to its last one."""
    last_ms, last_counter = milliseconds(last), int(last[13:], 16)
    if now_ms > last_ms:
        return stamp(now_ms)
    if last_counter < _MAX_COUNTER:
        return stamp(last_ms, last_counter + 1)
    return stamp(last_ms + 1)


def observe(last: str, received: str, server_now_ms: int) -> str:
    """The clock after hearing another's stamp: pushed forward, but never beyond server time + 5 min."""
    bound = stamp(server_now_ms + MAX_AHEAD_MS)
    return max(last, min(received, bound))


def effective(hlc: str, received_ms: int, skew_ms: int = 0) -> str:
    """`eff` of an operation: its stamp corrected by the laptop's skew, at most the time it was received.

    `skew_ms` is laptop clock minus server clock, measured at contact. Only a skew of
    five minutes or more is corrected, so that honest stamps keep their order.
    """
    ms = milliseconds(hlc)
    if -MAX_AHEAD_MS < skew_ms < MAX_AHEAD_MS:
        if ms <= received_ms:
            return hlc
    else:
        ms -= skew_ms
    counter = int(hlc[13:], 16)
    return stamp(ms, counter) if ms <= received_ms else stamp(received_ms, counter)
