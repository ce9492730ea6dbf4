"""Reading visible values of a row by kind; what is not of the kind expected is left out.

A newer version may have written it, or somebody by hand: the rest of the row is still good.
"""

from collections.abc import Mapping
from datetime import date

from posyandu_app.domain.operations import Json

Values = Mapping[str, Json]


def read_date(value: Json) -> date | None:
    """A date in its one stored form, YYYY-MM-DD; anything else is None."""
    if not isinstance(value, str) or len(value) != 10 or value[7] != "-":  # a week has ten signs too
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def text(values: Values, name: str) -> str | None:
    """A text that is not empty."""
    value = values.get(name)
    return value if isinstance(value, str) and value else None


def number(values: Values, name: str) -> int | None:
    """A whole number."""
    value = values.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def flag(values: Values, name: str) -> bool | None:
    """Yes or no."""
    value = values.get(name)
    return value if isinstance(value, bool) else None


def codes(values: Values, name: str) -> frozenset[str] | None:
    """A list of codes; what is not text in it is left out."""
    value = values.get(name)
    return frozenset(v for v in value if isinstance(v, str) and v) if isinstance(value, list) else None


def table(values: Values, name: str) -> Values | None:
    """Values of their own, under one name."""
    value = values.get(name)
    return value if isinstance(value, dict) else None


def tables(values: Values, name: str) -> tuple[Values, ...]:
    """A list of such."""
    value = values.get(name)
    return tuple(item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def day(values: Values, name: str) -> date | None:
    """A date in its one wire form, YYYY-MM-DD."""
    return read_date(values.get(name))
