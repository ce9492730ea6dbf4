"""Weights and lengths as typed and as printed: `8,4` in, whole grams and millimetres kept.

Integers from the first key on, so that 3,8 − 3,0 is 800 g and never 799,99.
"""

import re

from posyandu_app.domain.errors import InvalidValue
from posyandu_app.i18n import tr, written

_LONGEST = 24
_FORM = re.compile(r"(?P<whole>\d+)(?:(?P<mark>[,.])(?P<part>\d+))?", re.ASCII)
_UNIT = re.compile(r"(?P<number>.*\d)\s*(?P<unit>[a-z]+)\.?", re.ASCII)
_WEIGHT_UNITS = {"kg": 3, "kilo": 3, "kilogram": 3, "g": 0, "gr": 0, "gram": 0}
_LENGTH_UNITS = {"cm": 1, "mm": 0}
_OF_CHILDREN = range(500, 30_001)
"""What a child may weigh, in grams."""
_TOO_MUCH = {"kg": 1_000_000, "cm": 10_000}


def parse_weight(text: str, field: str = "weight_g") -> int | None:
    """Grams from kilograms as typed (`8,4`, `8.4`, `8`, `8,450 kg`, `8450 g`); None when nothing was typed.

    More than 0 and less than 1000 kg, to the gram. Raises `InvalidValue` for `field` with a
    sentence that says what to mend.
    """
    return _parse(text, field, _WEIGHT_UNITS, "kg")


def parse_length(text: str, field: str = "length_mm") -> int | None:
    """Millimetres from centimetres as typed (`85,2`, `85.2`, `85`, `852 mm`); None when nothing was typed.

    More than 0 and less than 1000 cm, to the millimetre; also for head and LiLA. Raises
    `InvalidValue` for `field` with a sentence that says what to mend.
    """
    return _parse(text, field, _LENGTH_UNITS, "cm")


def field_name(field: str) -> str:
    """What people call a measured field, at the beginning of a sentence."""
    names = {
        "weight_g": tr("Berat"),
        "length_mm": tr("Panjang/tinggi"),
        "head_mm": tr("Lingkar kepala"),
        "muac_mm": tr("LiLA"),
        "birth_weight_g": tr("Berat lahir"),
        "birth_length_mm": tr("Panjang lahir"),
        "birth_head_mm": tr("Lingkar kepala lahir"),
    }
    return names.get(field, tr("Angka"))


def _parse(text: str, field: str, units: dict[str, int], unit: str) -> int | None:
    typed = text.strip()
    if not typed:
        return None
    name, example = field_name(field), written("8.4" if unit == "kg" else "85.2")
    if len(typed) > _LONGEST:
        raise InvalidValue(
            field, tr("{name} terlalu panjang. Tulis seperti {example}.").format(name=name, example=example)
        )
    typed, places = typed.casefold(), units[unit]
    if (with_unit := _UNIT.fullmatch(typed)) and with_unit["unit"] in units:
        typed, places = with_unit["number"], units[with_unit["unit"]]
    typed = re.sub(r"\s*([,.])\s*", r"\1", typed)
    found = _FORM.fullmatch(typed)
    if found is None:
        raise InvalidValue(field, _why_unreadable(typed).format(name=name, example=example))
    whole, mark, part = found["whole"], found["mark"], found["part"] or ""
    if mark == written(",") and len(part) == 3:
        raise InvalidValue(
            field,
            tr("{typed} bisa dibaca dua cara. Pakai koma: {right}.").format(
                typed=typed, right=written(f"{whole}.{part}")
            ),
        )
    part = part.rstrip("0")
    if len(part) > places:
        raise InvalidValue(field, _too_fine(places, unit).format(name=name, example=example))
    value = int(whole + part.ljust(places, "0"))
    if value == 0:
        raise InvalidValue(
            field, tr("{name} tidak mungkin 0. Kosongkan kalau tidak diukur.").format(name=name)
        )
    meant = [grams for grams in (int(whole), 10 * int(whole)) if grams in _OF_CHILDREN]
    if value >= _TOO_MUCH[unit] and unit == "kg" and not mark and meant:
        right = " / ".join(format_weight(grams) for grams in meant)
        sentence = tr("{name} {typed} kg terlalu besar. Kurang koma? {right}")
        raise InvalidValue(field, sentence.format(name=name, typed=typed, right=right))
    if value >= _TOO_MUCH[unit]:
        raise InvalidValue(
            field,
            tr("{name} {typed} {unit} terlalu besar. Tulis seperti {example}.").format(
                name=name, typed=typed, unit=unit, example=example
            ),
        )
    return value


def _why_unreadable(typed: str) -> str:
    if typed.startswith(("-", "−")):
        return tr("{name} tidak boleh minus. Tulis seperti {example}.")
    if not typed.isascii() and any(letter.isdecimal() and not letter.isascii() for letter in typed):
        return tr("{name}: pakai angka biasa 0 sampai 9, misalnya {example}.")
    if re.fullmatch(r"[\d,.]+", typed, re.ASCII):
        if typed[-1] in ",." and typed.count(",") + typed.count(".") == 1:
            return tr("{name}: angka di belakang koma belum ditulis. Contoh: {example}.")
        if typed[0] in ",.":
            return tr("{name}: angka di depan koma belum ditulis. Contoh: {example}.")
        return tr("{name}: komanya lebih dari satu. Tulis seperti {example}.")
    if re.fullmatch(r"[\d,. ]+", typed, re.ASCII):
        return tr("{name}: ada spasi di tengah angka. Tulis seperti {example}.")
    return tr("{name} hanya angka dan satu koma, misalnya {example}.")


def _too_fine(places: int, unit: str) -> str:
    if places == 0:
        return tr("{name} dalam satuan ini tanpa koma. Tulis seperti {example}.")
    if unit == "kg":
        return tr("{name}: paling banyak tiga angka di belakang koma (gram). Contoh: {example}.")
    return tr("{name}: paling banyak satu angka di belakang koma. Contoh: {example}.")


def format_count(number: int) -> str:
    """A whole number with the thousands set apart: "1.300"; in English "1,300"."""
    return written(f"{number:,}")


def format_weight(grams: int) -> str:
    """Kilograms with at least one decimal, without the unit: "8,4", "8,45", "8,456"; in English "8.4"."""
    sign, grams = ("−", -grams) if grams < 0 else ("", grams)
    part = f"{grams % 1000:03d}".rstrip("0") or "0"
    return sign + written(f"{grams // 1000}.{part}")


def format_length(millimetres: int) -> str:
    """Centimetres with one decimal, without the unit: "85,2"; in English "85.2"."""
    sign, millimetres = ("−", -millimetres) if millimetres < 0 else ("", millimetres)
    return sign + written(f"{millimetres // 10}.{millimetres % 10}")


def format_gain(grams: int) -> str:
    """A change of weight with its sign and unit: "+250 g", "−300 g", "0 g"."""
    if grams == 0:
        return "0 g"
    return f"+{grams} g" if grams > 0 else f"−{-grams} g"
