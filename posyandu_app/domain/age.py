"""Ages and posyandu months: calendar arithmetic that the field does on paper, without its slips."""

from calendar import monthrange
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from posyandu_app.i18n import tr

MONTH_NAMES = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
_SHORTEST_MONTH = 28


class Month(NamedTuple):
    """One posyandu month: a calendar month; sorts and compares as such."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month a date lies in."""
        return cls(day.year, day.month)

    @property
    def number(self) -> int:
        """Months since year 0: the difference of two is the number of months between them."""
        return self.year * 12 + self.month - 1

    def shifted(self, months: int) -> "Month":
        """The month so many months later, or earlier when negative."""
        year, month = divmod(self.number + months, 12)
        return Month(year, month + 1)

    def next(self) -> "Month":
        """The month after this one."""
        return self.shifted(1)

    def previous(self) -> "Month":
        """The month before this one."""
        return self.shifted(-1)

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    @property
    def label(self) -> str:
        """The month in words: "November 2026"."""
        return f"{tr(MONTH_NAMES[self.month - 1])} {self.year}"


def age_in_days(birth: date, on: date) -> int:
    """Days from birth to the given day, as WHO counts age; negative before birth."""
    return (on - birth).days


def completed_months(birth: date, on: date) -> int:
    """Full months from birth to the given day (PMK 2/2020, "umur dalam bulan penuh"); negative before birth.

    A month is full when the day of birth comes round again. In a month without that day
    (born on the 29th, 30th or 31st) it is full on the month's last day, so that nobody has
    to wait for a 29 February.
    """
    months = (on.year - birth.year) * 12 + on.month - birth.month
    if on.day >= birth.day or (on.day >= _SHORTEST_MONTH and on.day == monthrange(on.year, on.month)[1]):
        return months
    return months - 1


@lru_cache(maxsize=8192)
def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of a month that is too short for it."""
    month = Month.of(day).shifted(-months)
    return date(month.year, month.month, min(day.day, month.last_day.day))


def label(birth: date, on: date) -> str:
    """The age in words: "2 tahun 3 bulan"; days in the first month of life; "—" before birth."""
    months = completed_months(birth, on)
    if months < 0:
        return "—"
    if months == 0:
        return tr("{days} hari").format(days=age_in_days(birth, on))
    years, rest = divmod(months, 12)
    if years == 0:
        return tr("1 bulan") if rest == 1 else tr("{months} bulan").format(months=rest)
    if rest == 0:
        return tr("1 tahun") if years == 1 else tr("{years} tahun").format(years=years)
    if rest == 1:
        one = tr("1 tahun 1 bulan") if years == 1 else tr("{years} tahun 1 bulan")
        return one.format(years=years)
    said = tr("1 tahun {months} bulan") if years == 1 else tr("{years} tahun {months} bulan")
    return said.format(years=years, months=rest)
