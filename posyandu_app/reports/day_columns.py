"""Days of whole columns, `date.toordinal()`: the months they lie in, and ages in completed months."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from posyandu_app.reports.columns import Ints, Wide

_EPOCH = date(1970, 1, 1).toordinal()
_LAST = 31
"""The place of a month's last day among those of a month, whichever it is."""


def month_numbers(days: Ints) -> Ints:
    """The months in which days lie, as `domain.age.Month.number`."""
    return _of_each(days, _month_numbers)


def completed_months(birth: Ints, day: Ints) -> Ints:
    """`domain.age.completed_months` of columns that fit together: of each birth on each day.

    A month is full on the day of the month on which she was born, or on its last day.
    """
    import numpy as np

    months: Ints = _of_each(day, _last_days).astype(np.int32)
    months -= _of_each(birth, _places)
    months >>= 5
    return months


def _month_numbers(days: Wide) -> Ints:
    import numpy as np

    since_1970 = (days - _EPOCH).astype("M8[D]").astype("M8[M]").astype(np.int64)
    return (since_1970 + 1970 * 12).astype(np.int32)


def _places(days: Wide) -> Ints:
    """Days as 32 times their month, and the place in it from 0."""
    import numpy as np

    months = _month_numbers(days)
    place = days - _EPOCH - (months - 1970 * 12).astype("M8[M]").astype("M8[D]").astype(np.int64)
    return (months * 32 + place).astype(np.int32)


def _last_days(days: Wide) -> Ints:
    """As `_places`; the last day of a month stands behind every day of a longer one."""
    import numpy as np

    is_last = _month_numbers(days + 1) != _month_numbers(days)
    places = _places(days)
    return np.where(is_last, places | _LAST, places)


def _of_each(days: Ints, told: Callable[[Wide], Ints]) -> Ints:
    """What is told of days, each day between the first and the last asked once where that is less."""
    import numpy as np

    days = np.asarray(days)
    if not days.size:
        return np.empty(days.shape, dtype=np.int32)
    first, last = int(days.min()), int(days.max())
    if last - first >= days.size:
        return told(days.astype(np.int64))
    found: Ints = told(np.arange(first, last + 1)).take(days - first)
    return found
