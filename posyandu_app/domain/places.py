"""Names of posyandu and villages as people write them, brought to one form for comparing."""

import re

from posyandu_app.domain.cells import text

_ROMAN = {
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "x": "10",
}
_KIND_OF_VILLAGE = re.compile(r"^(?:desa|ds|kelurahan|kel)\b\.?\s*")
_WORDS = re.compile(r"[^\W\d_]+|\d+")


def fold_posyandu(name: str) -> str:
    """One form for "POSYANDU MELATI I", "Melati 1" and "melati-01"."""
    words = _WORDS.findall(text(name).casefold())
    if words[:1] == ["posyandu"]:
        words = words[1:]
    if len(words) > 1:
        words[-1] = _ROMAN.get(words[-1], words[-1])
    return " ".join(word.lstrip("0") or "0" if word.isdecimal() else word for word in words)


def fold_village(name: str) -> str:
    """One form for "DESA CILEMBU", "Cilembu" and "Ci Lembu"."""
    return "".join(_WORDS.findall(_KIND_OF_VILLAGE.sub("", text(name).casefold())))
