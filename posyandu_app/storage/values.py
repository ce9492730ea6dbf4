"""Values of the log as rows need them: what is not of the expected kind is None, never an error."""

from datetime import date

from posyandu_app.domain.operations import Json


def text(value: Json) -> str | None:
    """A value that should be text, or None when it is not."""
    return value if isinstance(value, str) else None


def number(value: Json) -> int | None:
    """A value that should be an integer, or None when it is not."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def read_date(value: Json) -> date | None:
    """A date in its one stored form, YYYY-MM-DD; anything else is None."""
    if not isinstance(value, str) or len(value) != 10 or value[7] != "-":  # a week has ten signs too
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
