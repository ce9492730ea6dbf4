"""A file for people, written where they want it: a workbook, a page, a picture."""

from pathlib import Path

from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr


def save(path: Path, content: bytes) -> None:
    """Write the file, and its folder when that is missing; raises `UserError` when that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        sentence = tr(
            "Berkas {name} tidak dapat disimpan. Tutup bila sedang terbuka, atau pilih folder lain."
        )
        raise UserError(sentence.format(name=path.name), code="cannot_write") from error
