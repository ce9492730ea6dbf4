"""What the QR card of a child holds: her id in letters that every scanner types alike, and nothing else.

No name, NIK or birth date: who finds a card learns nothing from it. "PSY" and 26 signs of
Crockford's base 32 (no I, L, O, U), capitals and digits only, so that a scanner set to another
keyboard layout, or a Caps Lock, changes nothing. A last sign checks the others, for cards read
out and typed by hand.
"""

import re
import uuid

PREFIX = "PSY"

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BODY = 26
_CODE = re.compile(f"{PREFIX}([{_SIGNS}]{{{_BODY}}})([{_SIGNS}])", re.ASCII)
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def code_of(child_id: str) -> str:
    """The code of a child's card; raises `ValueError` for an id that is no UUID."""
    number = uuid.UUID(child_id).int
    body = "".join(_SIGNS[number >> 5 * place & 31] for place in reversed(range(_BODY)))
    return PREFIX + body + _check(body)


def looks_like_code(text: str) -> bool:
    """Whether somebody scanned or typed a card, right or wrong: then no name is searched for."""
    typed = _tidy(text)
    return typed.startswith(PREFIX) and len(typed) > len(PREFIX) + _BODY // 2 and any(map(str.isdigit, text))


def child_of(text: str) -> str | None:
    """The id in a scanned or typed code, or None when it is no whole and right one."""
    found = _CODE.fullmatch(_tidy(text))
    if found is None or _check(found[1]) != found[2]:
        return None
    number = 0
    for sign in found[1]:
        number = number << 5 | _SIGNS.index(sign)
    return str(uuid.UUID(int=number)) if number < 1 << 128 else None


def grouped(code: str) -> str:
    """A code as it is printed under the square, in groups that can be read out."""
    body = code.removeprefix(PREFIX)
    return " ".join((PREFIX, *(body[at : at + 5] for at in range(0, len(body), 5))))


def _tidy(text: str) -> str:
    letters = "".join(sign for sign in text.upper() if sign.isalnum())
    return letters[: len(PREFIX)] + letters[len(PREFIX) :].translate(_READ_AS)


def _check(body: str) -> str:
    """A sign that another sign anywhere, or two signs swapped, always changes (a sum in GF(32))."""
    total = 0
    for sign in body:
        total = _times_two(total ^ _SIGNS.index(sign))
    return _SIGNS[total]


def _times_two(value: int) -> int:
    """Twice a number of GF(32), whose modulus is x^5 + x^2 + 1."""
    return (value << 1) ^ (0b100101 if value & 16 else 0)
