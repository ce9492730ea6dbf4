"""A file of rules, read key by key and checked on the way in; what nobody asked for is refused.

Programme, visit and analysis rules are three such files (TOML, UTF-8). Every mistake is a
sentence that names the file's kind and the key.
"""

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import TypeGuard

from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr

_BIGGEST_FILE = 200_000
_MOST_ENTRIES = 100
_HUGE = Decimal("1e9")
_RANGE = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?", re.ASCII)


class RuleError(UserError):
    """A rule that is not as it must be: its full name, and what is expected there."""

    def __init__(self, kind: str, key: str, expected: str) -> None:
        sentence = tr("{rules}: {key} harus {expected}.")
        super().__init__(
            sentence.format(rules=_heading(kind), key=key, expected=expected), code="rules_invalid"
        )
        self.key, self.expected = key, expected


def _heading(kind: str) -> str:
    return kind[:1].upper() + kind[1:]


def parse(kind: str, source: Path | str) -> Mapping[str, object]:
    """The values of a file (`Path`) or of the text of one (`str`); fractions come as `Decimal`.

    `kind` is what people call these rules, "aturan program". Raises `UserError`
    (`rules_unreadable`).
    """
    try:
        text = source if isinstance(source, str) else _read(kind, source)
        if len(text) > _BIGGEST_FILE:
            raise UserError(
                tr("Berkas {rules} terlalu besar. Periksa apakah berkasnya benar.").format(rules=kind),
                code="rules_unreadable",
            )
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise UserError(
            tr("Berkas {rules} tidak terbaca: {why}. Perbaiki penulisannya (TOML, UTF-8).").format(
                rules=kind, why=error
            ),
            code="rules_unreadable",
        ) from error


def _read(kind: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_BIGGEST_FILE + 1).decode("utf-8")
    except OSError as error:
        raise UserError(
            tr("Berkas {rules} {name} tidak bisa dibuka.").format(rules=kind, name=path.name),
            code="rules_unreadable",
        ) from error


class Table:
    """A table of the file; every reader raises `RuleError` when its key is not as expected."""

    def __init__(self, kind: str, values: Mapping[str, object], path: str = "") -> None:
        self._kind = kind
        self._values = values
        self._path = path
        self._asked: set[str] = set()
        self._children: list[Table] = []

    def wrong(self, key: str, expected: str) -> RuleError:
        """The mistake at a key of this table; an empty key is the table itself."""
        return RuleError(self._kind, f"{self._path}{key[:60]}".rstrip("."), expected)

    def refuse_newer(self, newest: int) -> None:
        """Raise `UserError` (`rules_newer`) if the file's `format` is above the newest known."""
        form = self.whole("format", 1, 1_000_000)
        if form > newest:
            text = tr(
                "Berkas {rules} ini untuk aplikasi yang lebih baru (format {format}). Perbarui aplikasi."
            )
            raise UserError(text.format(rules=self._kind, format=form), code="rules_newer")

    def refuse_unknown(self) -> None:
        """Raise `UserError` for the first key that nothing has read, here or below."""
        for key in self._values:
            if key not in self._asked:
                text = tr("{rules}: {key} tidak dikenal. Hapus atau perbaiki ejaannya.")
                raise UserError(
                    text.format(rules=_heading(self._kind), key=self._path + key[:60]), code="rules_invalid"
                )
        for child in self._children:
            child.refuse_unknown()

    def among(self, known: tuple[str, ...]) -> tuple[str, ...]:
        """Which of these keys are there."""
        return tuple(key for key in known if key in self._values)

    def _take(self, key: str, expected: str) -> object:
        self._asked.add(key)
        if key not in self._values:
            text = tr("{rules}: {key} belum ada; isinya harus {expected}.")
            raise UserError(
                text.format(rules=_heading(self._kind), key=self._path + key, expected=expected),
                code="rules_invalid",
            )
        return self._values[key]

    def table(self, key: str) -> "Table":
        """The part [key]."""
        expected = tr("sebuah bagian, misalnya [{key}]").format(key=self._path + key)
        return self._child(self._take(key, expected), key, expected)

    def tables(self, key: str) -> "list[Table]":
        """The parts [[key]], at least one."""
        expected = tr("satu sampai {count} bagian [[{key}]]").format(count=_MOST_ENTRIES, key=key)
        return [self._child(item, key, expected) for item in self._listed(key, expected)]

    def _child(self, value: object, key: str, expected: str) -> "Table":
        if not isinstance(value, dict):
            raise self.wrong(key, expected)
        child = Table(self._kind, value, f"{self._path}{key}.")
        self._children.append(child)
        return child

    def _listed(self, key: str, expected: str) -> list[object]:
        value = self._take(key, expected)
        if not isinstance(value, list) or not 1 <= len(value) <= _MOST_ENTRIES:
            raise self.wrong(key, expected)
        return value

    def text(self, key: str) -> str:
        """1 to 100 characters."""
        expected = tr("teks 1 sampai 100 huruf")
        value = self._take(key, expected)
        if not isinstance(value, str) or not 1 <= len(value.strip()) <= 100:
            raise self.wrong(key, expected)
        return value.strip()

    def optional_text(self, key: str) -> str | None:
        """Like `text`, None where the key is missing."""
        return self.text(key) if key in self._values else None

    def texts(self, key: str, known: tuple[str, ...]) -> frozenset[str]:
        """Some of the known words, or none of them."""
        expected = tr("daftar dari: {known}").format(known=", ".join(known))
        value = self._take(key, expected)
        if not isinstance(value, list) or any(item not in known for item in value):
            raise self.wrong(key, expected)
        return frozenset(value)

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        if key not in self._values:
            return default
        expected = tr("true atau false")
        value = self._take(key, expected)
        if not isinstance(value, bool):
            raise self.wrong(key, expected)
        return value

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number within limits, both included."""
        if default is not None and key not in self._values:
            return default
        expected = tr("bilangan bulat {low} sampai {high}").format(low=low, high=high)
        return self._whole(self._take(key, expected), key, low, high, expected)

    def optional_whole(self, key: str, low: int, high: int) -> int | None:
        """Like `whole`, None where the key is missing."""
        return self.whole(key, low, high) if key in self._values else None

    def _whole(self, value: object, key: str, low: int, high: int, expected: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.wrong(key, expected)
        return value

    def _wholes(self, key: str, low: int, high: int, expected: str) -> tuple[int, ...]:
        return tuple(self._whole(item, key, low, high, expected) for item in self._listed(key, expected))

    def number(self, key: str, low: float, high: float) -> float:
        """A number, whole or not, within limits, both included."""
        expected = tr("angka {low} sampai {high}").format(low=low, high=high)
        value = self._take(key, expected)
        if not _is_number(value) or not low <= float(value) <= high:
            raise self.wrong(key, expected)
        return float(value)

    def numbers(self, key: str, count: int, low: float, high: float) -> list[float]:
        """So many numbers, none smaller than the one before."""
        expected = tr("{count} angka yang naik, {low} sampai {high}").format(count=count, low=low, high=high)
        value = self._take(key, expected)
        if not isinstance(value, list) or len(value) != count:
            raise self.wrong(key, expected)
        numbers = [float(item) for item in value if _is_number(item)]
        if (
            len(numbers) != count
            or numbers != sorted(numbers)
            or not low <= numbers[0] <= numbers[-1] <= high
        ):
            raise self.wrong(key, expected)
        return numbers

    def sd(self, key: str, low: int = -6) -> int:
        """A limit in standard deviations, as hundredths."""
        expected = tr("angka SD {low} sampai 6 dengan paling banyak dua desimal, misalnya 2.00").format(
            low=low
        )
        value = self._take(key, expected)
        if not _is_number(value) or not low <= value <= 6 or value * 100 != int(value * 100):
            raise self.wrong(key, expected)
        return int(value * 100)

    def months_of_year(self, key: str) -> tuple[int, ...]:
        """Months 1 to 12, rising."""
        expected = tr("daftar bulan 1 sampai 12 yang naik, misalnya [2, 8]")
        return self._rising(key, 12, expected, low=1)

    def ages(self, key: str, oldest: int) -> tuple[int, ...]:
        """Ages in months from 0, rising."""
        return self._rising(
            key, oldest, tr("daftar umur yang naik, 0 sampai {high} bulan").format(high=oldest)
        )

    def _rising(self, key: str, high: int, expected: str, low: int = 0) -> tuple[int, ...]:
        numbers = self._wholes(key, low, high, expected)
        if list(numbers) != sorted(set(numbers)):
            raise self.wrong(key, expected)
        return numbers

    def pair(self, key: str, low: int, high: int) -> tuple[int, int]:
        """Two whole numbers, the second larger."""
        expected = tr("dua bilangan bulat yang naik, {low} sampai {high}, misalnya [6, 11]").format(
            low=low, high=high
        )
        numbers = self._wholes(key, low, high, expected)
        if len(numbers) != 2 or numbers[0] >= numbers[1]:
            raise self.wrong(key, expected)
        return numbers[0], numbers[1]

    def three(self, key: str, low: int, high: int) -> tuple[int, int, int]:
        """Three whole numbers, none smaller than the one before."""
        expected = tr("tiga bilangan bulat yang tidak turun, {low} sampai {high}").format(low=low, high=high)
        numbers = self._wholes(key, low, high, expected)
        if len(numbers) != 3 or list(numbers) != sorted(numbers):
            raise self.wrong(key, expected)
        return numbers[0], numbers[1], numbers[2]

    def spans(self, key: str, last: int) -> tuple[tuple[int, int], ...]:
        """Spans like "0-5", "6-11" that touch without overlapping, all below `last`."""
        expected = tr('daftar kelompok umur yang bersambung dalam 0–{last} bulan, misalnya ["0-5", "6-11"]')
        expected = expected.format(last=last - 1)
        spans = tuple(self._span(item, key, last, expected) for item in self._listed(key, expected))
        gaps = any(one[1] + 1 != other[0] for one, other in pairwise(spans))
        if gaps or spans[-1][1] >= last:
            raise self.wrong(key, expected)
        return spans

    def row(self, last: int, most: int) -> tuple[int, ...]:
        """A whole number up to `most` for each of 0 to `last`, given once each; keys like "6-7"."""
        expected = tr(
            'setiap bulan 0–{last} tepat satu kali, 0 sampai {most} g, misalnya "6-7" = 400'
        ).format(last=last, most=most)
        found: dict[int, int] = {}
        for key in self._values:
            value = self._whole(self._take(key, expected), key, 0, most, expected)
            first, final = self._span(key, key, last, expected)
            if any(number in found for number in range(first, final + 1)):
                raise self.wrong(key, expected)
            found |= dict.fromkeys(range(first, final + 1), value)
        if sorted(found) != list(range(last + 1)):
            raise self.wrong("", expected)
        return tuple(found[number] for number in range(last + 1))

    def _span(self, value: object, key: str, last: int, expected: str) -> tuple[int, int]:
        found = _RANGE.fullmatch(value) if isinstance(value, str) else None
        if found is None or not int(found[1]) <= int(found[2] or found[1]) <= last:
            raise self.wrong(key, expected)
        return int(found[1]), int(found[2] or found[1])


def _is_number(value: object) -> TypeGuard[int | Decimal]:
    """Whether a value is a number of sensible size, not true, false, infinite or NaN."""
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        return False
    number = Decimal(value)
    return number.is_finite() and abs(number) <= _HUGE
