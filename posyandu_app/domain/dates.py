"""Dates as people at the posyandu write them: read here and printed here, nowhere else."""

import re
from calendar import monthrange
from datetime import date, datetime

from posyandu_app.domain.age import MONTH_NAMES, months_before
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.i18n import language, tr

OLDEST_CHILD_YEARS = 10
"""A birth date further back is a slip: the posyandu serves children up to 6 years."""
LATEST_CREDIBLE_TODAY = date(2031, 12, 31)
"""Five years after this version: a clock beyond it may have jumped ahead, and must not forbid work."""

_LONGEST = 40
_LEAP_YEAR = 2000
_DAY_NAMES = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_SPELLINGS = {
    **{name.casefold(): number for number, name in enumerate(MONTH_NAMES, 1)},
    **{name[:3].casefold(): number for number, name in enumerate(MONTH_NAMES, 1)},
    **dict.fromkeys(("peb", "pebruari"), 2),
    **dict.fromkeys(("mrt", "mar"), 3),
    **dict.fromkeys(("agt", "ags", "agust", "aug"), 8),
    **dict.fromkeys(("sept",), 9),
    **dict.fromkeys(("nop", "nopember"), 11),
    **dict.fromkeys(("may",), 5),
    **dict.fromkeys(("oct",), 10),
    **dict.fromkeys(("dec",), 12),
}
_ISO = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,2})[-/., ]+(\d{1,2})[-/., ]+(\d{4}|\d{2})", re.ASCII)
_RUN_TOGETHER = re.compile(r"(\d{2})(\d{2})(\d{4})", re.ASCII)
_DAY_AND_MONTH = re.compile(r"(\d{1,2})[-/., ]+(\d{1,2})|(\d{2})(\d{2})", re.ASCII)
_SHORT_RUN = re.compile(r"(\d{2})(\d{2})(\d{2})", re.ASCII)
_MONTH_AND_YEAR = re.compile(r"(\d{1,2}|[a-z]{3,10})[-/., ]+(\d{4})", re.ASCII)
_NAMED = re.compile(r"(\d{1,2})[-/., ]*([a-z]{3,10})[-/., ]*(\d{4}|\d{2})", re.ASCII)


def parse_date(text: str, field: str = "date") -> date:
    """The date that was typed: day first, or ISO; two-digit years are 20xx.

    Takes `17/8/2026`, `17-08-26`, `17.8.2026`, `17082026`, `17 agustus 2026`, `17 Agt 26` and
    `2026-08-17`. Raises `InvalidValue` for `field` with a sentence that says what to mend.
    """
    typed = " ".join(text[: _LONGEST + 1].casefold().split())
    if not typed:
        raise InvalidValue(field, tr("Tanggal belum diisi. Contoh: 17/08/2026."))
    if len(text) > _LONGEST:
        raise InvalidValue(field, tr("Tanggal terlalu panjang. Tulis seperti 17/08/2026."))
    if found := _ISO.fullmatch(typed):
        year, month, day = found.groups()
    elif found := _NUMBERS.fullmatch(typed) or _RUN_TOGETHER.fullmatch(typed):
        day, month, year = found.groups()
    elif (found := _NAMED.fullmatch(typed)) and found[2] in _SPELLINGS:
        day, month, year = found[1], str(_SPELLINGS[found[2]]), found[3]
    else:
        raise InvalidValue(field, tr("Tanggal tidak terbaca. Tulis hari, bulan, tahun, misalnya 17/08/2026."))
    return _existing(int(day), int(month), int(year) + (2000 if len(year) == 2 else 0), field)


def parse_past_date(text: str, latest: date, field: str = "date") -> date:
    """A date copied from paper, as briefly as it can be typed: never one after `latest`.

    Besides what `parse_date` takes: `17/8` or `1708`, the last such day up to `latest`, and `170826`.
    """
    typed = " ".join(text.split())
    if (found := _SHORT_RUN.fullmatch(typed)) is not None:
        typed = "/".join(found.groups())
    elif (found := _DAY_AND_MONTH.fullmatch(typed)) is not None:
        day, month = (int(part) for part in found.groups() if part is not None)
        _existing(day, month, _LEAP_YEAR, field)
        for year in range(latest.year, latest.year - 8, -1):
            if (month, day) == (2, 29) and monthrange(year, 2)[1] < day:
                continue
            if (on := date(year, month, day)) <= latest:
                return on
    return parse_date(typed, field)


def parse_birth_date(text: str, field: str = "birth_date") -> date:
    """A birth date: besides what `parse_date` takes also `170826`; never shorter, as the year must be said.

    A month without its day is refused with what WHO counts with where nobody knows it: the 15th
    (WHO Anthro, missing day of birth).
    """
    typed = " ".join(text.casefold().split())
    if (found := _SHORT_RUN.fullmatch(typed)) is not None:
        return parse_date("/".join(found.groups()), field)
    if (found := _MONTH_AND_YEAR.fullmatch(typed)) is not None:
        month = _SPELLINGS.get(found[1], 0) if found[1].isalpha() else int(found[1])
        if 1 <= month <= 12:
            said = format_date(_existing(15, month, int(found[2]), field))
            raise InvalidValue(
                field,
                tr("Hari lahir belum ditulis. Kalau tidak ada yang tahu, tulis {date}.").format(date=said),
            )
    return parse_date(text, field)


def _existing(day: int, month: int, year: int, field: str) -> date:
    if not 1 <= month <= 12:
        raise InvalidValue(
            field, tr("Tidak ada bulan {month}. Tulis hari dulu, lalu bulan: 17/08/2026.").format(month=month)
        )
    if not 1900 <= year <= 2999:
        raise InvalidValue(field, tr("Tahun {year} tidak masuk akal. Periksa lagi.").format(year=year))
    last = monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise InvalidValue(
            field,
            tr("Tanggal {day} tidak ada: {month} {year} sampai tanggal {last}.").format(
                day=day, month=tr(MONTH_NAMES[month - 1]), year=year, last=last
            ),
        )
    return date(year, month, day)


def format_date(day: date) -> str:
    """The date in figures: "17/08/2026"."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def format_time(at: datetime) -> str:
    """The time of day on the clock of whoever wrote it: "09.42", in English "09:42"."""
    return at.strftime("%H.%M" if language() == "id" else "%H:%M")


def format_day_long(day: date) -> str:
    """The date in words with its weekday: "Senin, 23 November 2026"."""
    return f"{tr(_DAY_NAMES[day.weekday()])}, {day.day} {tr(MONTH_NAMES[day.month - 1])} {day.year}"


def check_birth_date(birth: date, today: date) -> None:
    """Refuse, with `InvalidValue`, a birth date in the future or more than ten years back."""
    if birth > today:
        raise InvalidValue(
            "birth_date",
            tr("Tanggal lahir {date} belum terjadi. Periksa lagi.").format(date=format_date(birth)),
        )
    if birth < _too_long_ago(today):
        raise InvalidValue(
            "birth_date",
            tr("Tanggal lahir {date} lebih dari {years} tahun yang lalu. Periksa tahunnya.").format(
                date=format_date(birth), years=OLDEST_CHILD_YEARS
            ),
        )


def check_visit_date(visit: date, today: date, birth: date | None = None) -> None:
    """Refuse, with `InvalidValue`, a visit in the future, before birth or more than ten years back."""
    if visit > today:
        raise InvalidValue(
            "date",
            tr("Tanggal penimbangan {date} belum terjadi. Periksa lagi, juga jam laptop.").format(
                date=format_date(visit)
            ),
        )
    if birth is not None and visit < birth:
        raise InvalidValue(
            "date",
            tr("Tanggal penimbangan {date} sebelum anak lahir ({birth}). Periksa keduanya.").format(
                date=format_date(visit), birth=format_date(birth)
            ),
        )
    if visit < _too_long_ago(today):
        raise InvalidValue(
            "date",
            tr("Tanggal penimbangan {date} terlalu lama. Periksa tahunnya.").format(date=format_date(visit)),
        )


def _too_long_ago(today: date) -> date:
    return months_before(min(today, LATEST_CREDIBLE_TODAY), OLDEST_CHILD_YEARS * 12)
