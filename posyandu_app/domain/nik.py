"""NIK and KK numbers: refused only when they are not 16 digits, doubted in plain words otherwise.

Form (Dukcapil): PPKKCC of first registration, DDMMYY of birth with 40 added to the day for
women, serial. A NIK never changes, even when its owner moves or the birth date is corrected,
so a mismatch is a warning.
"""

import re
from dataclasses import dataclass
from datetime import date

from posyandu_app.domain import regions
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Sex
from posyandu_app.i18n import tr

_DIGITS = re.compile(r"\d{16}", re.ASCII)
_SEPARATORS = re.compile(r"[\s.'’-]+")
_LONGEST = 40
_WOMEN_ADD = 40


@dataclass(frozen=True, slots=True)
class NikCheck:
    """The 16 digits to keep, and what does not fit, as sentences; no warning is also no proof."""

    digits: str
    warnings: tuple[str, ...]


def sixteen_digits(text: str, field: str = "nik") -> str:
    """The digits of a NIK or KK number as typed, spaces, dots and hyphens left out.

    Raises `InvalidValue` for `field` when they are not exactly 16.
    """
    digits = _SEPARATORS.sub("", text) if len(text) <= _LONGEST else text
    if _DIGITS.fullmatch(digits):
        return digits
    name = tr("Nomor KK") if field == "kk" else "NIK"
    if digits.isascii() and digits.isdigit():
        raise InvalidValue(
            field,
            tr("{name} harus 16 angka, ini {count}. Periksa lagi.").format(name=name, count=len(digits)),
        )
    raise InvalidValue(
        field, tr("{name} hanya angka, 16 buah. Kosongkan kalau belum punya.").format(name=name)
    )


def check(nik: str, birth: date | None = None, sex: Sex | None = None, scope: str | None = None) -> NikCheck:
    """What speaks against a NIK, given birth date, sex and scope (Kemendagri code) as far as known.

    Raises `InvalidValue` only when it is not 16 digits.
    """
    digits = sixteen_digits(nik)
    if len(set(digits)) == 1:
        return NikCheck(
            digits, (tr("NIK berisi satu angka yang diulang. Tulis NIK yang benar atau kosongkan."),)
        )
    warnings = [_about_region(digits, scope), _about_birth(digits, birth), _about_sex(digits, sex)]
    if digits.endswith("0000"):
        warnings.append(tr("Nomor urut NIK 0000 tidak pernah diberikan. Periksa empat angka terakhir."))
    return NikCheck(digits, tuple(warning for warning in warnings if warning is not None))


def _about_region(digits: str, scope: str | None) -> str | None:
    code = f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}"
    if digits[0] == "0":
        return tr("NIK yang diawali 0 biasanya nomor sementara. Ganti setelah NIK keluar.")
    if scope is not None and _same_place(code, scope):
        return None
    path = regions.path_of(code)
    if not path:
        return tr("Kode wilayah {code} di NIK tidak dikenal. Periksa enam angka pertama.").format(code=code)
    if scope is None:
        return None
    return tr("NIK terdaftar pertama kali di {place}. Boleh saja kalau keluarga pernah pindah.").format(
        place=", ".join(region.name for region in reversed(path))
    )


def _same_place(code: str, scope: str) -> bool:
    """Whether the NIK's kecamatan and the scope agree as far down as both go."""
    pairs = zip(code.split("."), scope.split("."), strict=False)
    return all(part == other for part, other in pairs)


def _about_birth(digits: str, birth: date | None) -> str | None:
    day, month, year = _written(digits)
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return tr("Tanggal lahir di dalam NIK tidak ada di kalender. Periksa angka ke-7 sampai ke-12.")
    if birth is None or (birth.day, birth.month, birth.year % 100) == (day, month, year):
        return None
    return tr("Tanggal lahir di NIK {nik}, di sini {birth}. Periksa keduanya.").format(
        nik=f"{day:02d}/{month:02d}/{year:02d}", birth=format_date(birth)
    )


def _about_sex(digits: str, sex: Sex | None) -> str | None:
    female, (day, _, _) = int(digits[6:8]) > _WOMEN_ADD, _written(digits)
    if sex is None or not 1 <= day <= 31 or female == (sex is Sex.FEMALE):
        return None
    if female:
        return tr("NIK ini untuk perempuan, di sini laki-laki. Periksa keduanya.")
    return tr("NIK ini untuk laki-laki, di sini perempuan. Periksa keduanya.")


def _written(digits: str) -> tuple[int, int, int]:
    day = int(digits[6:8])
    return day - _WOMEN_ADD if day > _WOMEN_ADD else day, int(digits[8:10]), int(digits[10:12])


def mask(nik: str) -> str:
    """The NIK as shown by default: "3211********0001"; anything that is no NIK is hidden whole."""
    if _DIGITS.fullmatch(nik):
        return f"{nik[:4]}{'*' * 8}{nik[-4:]}"
    return "*" * min(len(nik), 16)
