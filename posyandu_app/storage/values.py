"""Values of the log as rows need them: what is not of the expected kind is None, never an error."""

from posyandu_app.domain.operations import Json


def text(value: Json) -> str | None:
    """A value that should be text, or None when it is not."""
    return value if isinstance(value, str) else None


def number(value: Json) -> int | None:
    """A value that should be an integer, or None when it is not."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
