"""One cell of somebody's spreadsheet as text, number, date or yes/no; nothing is guessed.

Files come from many hands: numbers as text with a comma, dates as text, as Excel's day
count or as real dates, "-" for empty, and a unit or a status letter behind a number.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

from posyandu_app.domain.dates import parse_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.notes import hides_signs, tidy

Cell: TypeAlias = "str | int | float | bool | date | datetime | time | timedelta | None"

MAX_TEXT = 300
"""Longer texts are not a cell of a register; they are cut here so that nothing later chokes on them."""

_EMPTY = frozenset({"", "-", "--", "---", "–", "—", ".", "n/a", "na", "nan", "none", "null", "nil"})
_CLOCK = re.compile(r"[T ]\s*\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?$", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?", re.ASCII)
_QUANTITY = re.compile(
    r"([+-]?\d{1,9}(?:[.,]\d{1,9})?)\s*(kg|gram|gr|g|cm|mm)?\s*[.,]?\s*(?:\(?[NTOB]\)?)?",
    re.ASCII | re.IGNORECASE,
)
_UNITS = {"kg": "kg", "gram": "g", "gr": "g", "g": "g", "cm": "cm", "mm": "mm"}
_EXCEL_ERRORS = frozenset({"#REF!", "#VALUE!", "#N/A", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
_YES = frozenset({"ya", "y", "yes", "ada", "true", "1"})
_NO = frozenset({"tidak", "t", "tdk", "no", "false", "0"})
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000


class Unreadable(ValueError):
    """The cell holds something, but not what its column should hold."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and the unit written behind it: "kg", "g", "cm", "mm", or "" when none was."""

    value: Decimal
    unit: str = ""


def text(cell: Cell) -> str:
    """The cell as one line of plain text; "" for what people write when there is nothing."""
    if isinstance(cell, str):
        return _text(cell[: MAX_TEXT * 2])
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "ya" if cell else "tidak"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else str(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return str(cell)


@lru_cache(maxsize=8192)
def _text(raw: str) -> str:
    plain = unicodedata.normalize("NFC", raw).encode("utf-8", "replace").decode("utf-8")
    line = tidy(plain)[:MAX_TEXT]
    return "" if line.casefold() in _EMPTY or line.upper() in _EXCEL_ERRORS else line


def hides(cell: Cell) -> bool:
    """Whether a cell's text holds signs that nobody sees, other than line breaks; `text` leaves them out."""
    return isinstance(cell, str) and hides_signs(" ".join(cell[: MAX_TEXT * 2].split()))


def quantity(cell: Cell) -> Quantity | None:
    """The number in a cell, or None when it is empty; a KMS letter behind it ("8,4 N") is left off.

    Raises `Unreadable` for words, dates, infinities and figures with two commas.
    """
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _number(cell)
    if isinstance(cell, (bool, date, time, timedelta)):
        raise Unreadable(text(cell))
    line = text(cell)
    if not line:
        return None
    match = _QUANTITY.fullmatch(line)
    if match is None:
        raise Unreadable(line)
    return Quantity(Decimal(match[1].replace(",", ".")), _UNITS.get((match[2] or "").casefold(), ""))


def _number(value: int | float) -> Quantity:
    number = Decimal(repr(value))
    if not number.is_finite() or abs(number) >= 10**9:
        raise Unreadable(str(value))
    return Quantity(number)


def day(cell: Cell) -> date | None:
    """The date in a cell, or None when it is empty: a real date, Excel's day count, ISO, or day first.

    Raises `Unreadable` for anything else and for days that no calendar has.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _from_serial(cell)
    line = text(cell)
    return _day(line) if line else None


@lru_cache(maxsize=8192)
def _day(line: str) -> date:
    if _SERIAL.fullmatch(line):
        return _from_serial(float(line.replace(",", ".")))
    try:
        return parse_date(_CLOCK.sub("", line))
    except InvalidValue as error:
        raise Unreadable(line) from error


def _from_serial(value: int | float) -> date:
    """Excel's day count (1900 rule, with its 29 February 1900 that never was)."""
    if not _FIRST_SERIAL <= value <= _LAST_SERIAL:
        raise Unreadable(str(value))
    return date(1899, 12, 30) + timedelta(days=int(value))


def yes_or_no(cell: Cell) -> bool | None:
    """Ya or Tidak; None for an empty cell and for any other word."""
    word = text(cell).casefold()
    if word in _YES:
        return True
    return False if word in _NO else None
