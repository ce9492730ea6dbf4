"""What people write in words: a note, a reason, a name."""

import re
import unicodedata

from posyandu_app.domain.errors import InvalidValue
from posyandu_app.i18n import tr

LONGEST = 500
"""Characters of a note or reason; what is longer belongs in a letter."""


_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters, line breaks, and what turns the direction of writing: none of them is seen itself."""
_WRAPPING = re.compile("[\u061c\u200e\u200f\u202a-\u202c\u2066-\u2069]")
"""What messengers put around a name that is copied from them; in Latin letters it turns nothing."""
_BREAKS = frozenset("\t\n")


def hides_signs(value: str) -> bool:
    """Whether a text that stands on one line holds signs that nobody sees and that change what is read."""
    return not value.isprintable() and _HIDDEN.search(value) is not None


def hides_signs_in_lines(value: str) -> bool:
    """The same for a text of several lines, whose breaks and tabs are meant."""
    return not value.isprintable() and any(sign not in _BREAKS for sign in _HIDDEN.findall(value))


def tidy(value: str) -> str:
    """The text on one line, with nothing left in it that is not seen."""
    if value.isprintable():
        return " ".join(value.split())
    turned = "".join(
        "" if unicodedata.category(sign) == "Cf" and hides_signs(sign) else sign for sign in value
    )
    printable = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in turned)
    return " ".join(printable.split())


def name_line(value: str, field: str) -> str:
    """What stands for somebody or for a place, on one tidy line.

    Raises `InvalidValue` for hidden signs: what was seen when it was typed or copied is not what is kept.
    Those that change nothing of what was seen go by themselves.
    """
    line = " ".join(_WRAPPING.sub("", value).split())
    if hides_signs(line):
        raise InvalidValue(
            field, tr("Ada tanda yang tidak terlihat di sini, mungkin ikut tersalin. Hapus lalu ketik ulang.")
        )
    return tidy(line)


def one_line(value: str | None, field: str) -> str | None:
    """The text as one tidy line, None when nothing is left; raises `InvalidValue` when it is too long."""
    if value is None:
        return None
    text = name_line(value, field) if field == "name" else tidy(value)
    if len(text) > LONGEST:
        raise InvalidValue(field, tr("Terlalu panjang. Ringkas sampai {count} huruf.").format(count=LONGEST))
    return text if text or field == "name" else None
