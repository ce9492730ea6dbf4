"""Spans of posyandu months that figures are given for: a month, a year, or the months in between."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from posyandu_app.domain.age import Month
from posyandu_app.i18n import tr


class Period(NamedTuple):
    """Whole months from `first` to `last`, both included."""

    first: Month
    last: Month

    @classmethod
    def of_month(cls, month: Month) -> Period:
        """One posyandu month."""
        return cls(month, month)

    @classmethod
    def of_year(cls, year: int) -> Period:
        """One calendar year."""
        return cls(Month(year, 1), Month(year, 12))

    @property
    def months(self) -> int:
        """How many months it has."""
        return self.last.number - self.first.number + 1

    @property
    def last_day(self) -> date:
        return self.last.last_day

    def __contains__(self, month: object) -> bool:
        return isinstance(month, Month) and self.first <= month <= self.last

    def previous(self) -> Period:
        """The months just before, as many as these."""
        return Period(self.first.shifted(-self.months), self.last.shifted(-self.months))

    def year_before(self) -> Period:
        """The same months of the year before."""
        return Period(self.first.shifted(-12), self.last.shifted(-12))

    @property
    def label(self) -> str:
        """ "November 2026", "2026", or "Februari 2026 – Agustus 2026"."""
        if self.first == self.last:
            return self.first.label
        if self.first.month == 1 and self.last == Month(self.first.year, 12):
            return str(self.first.year)
        return tr("{first} – {last}").format(first=self.first.label, last=self.last.label)


def months(first: Month, last: Month) -> tuple[Period, ...]:
    """Every month from `first` to `last`, one period each; none when `last` is before `first`."""
    count = last.number - first.number + 1
    return tuple(Period.of_month(first.shifted(place)) for place in range(max(count, 0)))


def years(first: int, last: int) -> tuple[Period, ...]:
    """Every calendar year from `first` to `last`, one period each."""
    return tuple(Period.of_year(year) for year in range(first, last + 1))
