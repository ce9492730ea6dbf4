"""What people write in words: a note, a reason, a name."""

import unicodedata

from posyandu_app.domain.errors import InvalidValue
from posyandu_app.i18n import tr

LONGEST = 500
"""Characters of a note or reason; what is longer belongs in a letter."""


def one_line(value: str | None, field: str) -> str | None:
    """The text as one tidy line, None when nothing is left; raises `InvalidValue` when it is too long."""
    if value is None:
        return None
    printable = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in value)
    text = " ".join(printable.split())
    if len(text) > LONGEST:
        raise InvalidValue(field, tr("Terlalu panjang. Ringkas sampai {count} huruf.").format(count=LONGEST))
    return text if text or field == "name" else None
