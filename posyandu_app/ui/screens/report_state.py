"""The monthly report as pure functions: how each posyandu stands, and the lines of one report."""

from posyandu_app.domain.age import Month
from posyandu_app.domain.reports_check import read_month


def address(scope: str, month: Month) -> str:
    """What the window is told to open one report: posyandu and month."""
    return f"{scope}/{month.year:04d}-{month.month:02d}"


def read_address(text: str) -> tuple[str, Month] | None:
    """Posyandu and month of an address; None when it is none."""
    scope, mark, written = text.partition("/")
    month = read_month(written) if mark else None
    return None if month is None else (scope, month)
