"""What is due at which age: read from one file, checked on the way in, never built into code.

The shipped file is `resources/visit_rules.toml`; `visit_rules.md` beside it gives the source of
each value. Ages are completed months.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.paths import resources

FORMAT = 1
OLDEST_MONTHS = 72
_BIGGEST_FILE = 200_000
_MOST_ENTRIES = 100


@dataclass(frozen=True, slots=True)
class Antigen:
    """One dose of the immunisation schedule.

    It is due at `due_age_months`, may be given from `from_age_months`, at the latest on day
    `last_age_days` of life or before `before_age_months`; `after` is the dose before it in its
    series, at least `interval_days` or `interval_months` earlier. One that is not `active` is
    shown only when it was recorded.
    """

    code: str
    name: str
    due_age_months: int
    from_age_months: int
    last_age_days: int | None
    before_age_months: int
    after: str | None
    interval_days: int
    interval_months: int
    active: bool


@dataclass(frozen=True, slots=True)
class DewormingDose:
    """Albendazole from an age on: milligrams, and how many tablets that is."""

    from_age_months: int
    mg: int
    tablets: str


@dataclass(frozen=True, slots=True)
class KpspRules:
    """When the midwife's development questionnaire is due, and how its age is reckoned."""

    age_months: tuple[int, ...]
    round_up_from_days: int
    preterm_below_weeks: int
    term_weeks: int
    preterm_until_months: int


@dataclass(frozen=True, slots=True)
class VisitRules:
    """Everything that `visit_rules.toml` says."""

    version: str
    exclusive_breastfeeding_ages: tuple[int, int]
    complementary_feeding_ages: tuple[int, int]
    milestone_months: tuple[int, ...]
    graduation_months: int
    kpsp: KpspRules
    deworming_doses: tuple[DewormingDose, ...]
    overdue_after_months: int
    antigens: tuple[Antigen, ...]

    def antigen(self, code: str | None) -> Antigen | None:
        """The dose of that code; None for a code this file does not know."""
        return next((antigen for antigen in self.antigens if antigen.code == code), None)

    def antigen_name(self, code: str | None) -> str:
        """The dose as it is called at the posyandu; an unknown code as it came."""
        found = self.antigen(code)
        return found.name if found is not None else code or "—"

    def deworming_dose(self, age_months: int) -> DewormingDose | None:
        """The albendazole dose at an age; None for a child who is too young."""
        fitting = [dose for dose in self.deworming_doses if dose.from_age_months <= age_months]
        return fitting[-1] if fitting else None


@lru_cache(maxsize=1)
def default_visit_rules() -> VisitRules:
    """The rules that ship with the app."""
    return load(resources() / "visit_rules.toml")


def load(source: Path | str) -> VisitRules:
    """The rules in a file (`Path`) or in the text of one (`str`).

    Raises `UserError` with a sentence that names the key that is missing, unknown or wrong.
    """
    root = _Table(_parse(source), "")
    if root.integer("format", 1, 1_000_000) > FORMAT:
        raise UserError(
            tr("Berkas aturan kunjungan ini untuk aplikasi yang lebih baru. Perbarui aplikasi."),
            code="rules_newer",
        )
    questions, milestones = root.table("questions"), root.table("milestones")
    immunisation = root.table("immunisation")
    antigens = tuple(_antigen(table) for table in root.tables("antigen"))
    doses = tuple(
        DewormingDose(
            table.integer("from_age_months", 0, OLDEST_MONTHS),
            table.integer("mg", 1, 2000),
            table.text("tablets"),
        )
        for table in root.tables("deworming_dose")
    )
    rules = VisitRules(
        version=root.text("version"),
        exclusive_breastfeeding_ages=questions.span("exclusive_breastfeeding_age_months"),
        complementary_feeding_ages=questions.span("complementary_feeding_age_months"),
        milestone_months=milestones.rising("age_months"),
        graduation_months=milestones.integer("graduation_age_months", 1, OLDEST_MONTHS),
        kpsp=_kpsp(root.table("kpsp")),
        deworming_doses=doses,
        overdue_after_months=immunisation.integer("overdue_after_months", 0, 24),
        antigens=antigens,
    )
    root.refuse_unknown()
    _check_order(rules)
    return rules


def _antigen(table: "_Table") -> Antigen:
    due = table.integer("due_age_months", 0, OLDEST_MONTHS)
    return Antigen(
        code=table.text("code"),
        name=table.text("name"),
        due_age_months=due,
        from_age_months=table.integer("from_age_months", 0, due, default=due),
        last_age_days=table.optional_integer("last_age_days", 0, OLDEST_MONTHS * 31),
        before_age_months=table.integer("before_age_months", due + 1, OLDEST_MONTHS, default=OLDEST_MONTHS),
        after=table.optional_text("after"),
        interval_days=table.integer("interval_days", 0, 3660, default=0),
        interval_months=table.integer("interval_months", 0, 120, default=0),
        active=table.flag("active", default=True),
    )


def _kpsp(table: "_Table") -> KpspRules:
    return KpspRules(
        age_months=table.rising("age_months"),
        round_up_from_days=table.integer("round_up_from_days", 1, 31),
        preterm_below_weeks=table.integer("preterm_below_weeks", 20, 42),
        term_weeks=table.integer("term_weeks", 37, 42),
        preterm_until_months=table.integer("preterm_until_months", 0, OLDEST_MONTHS),
    )


def _check_order(rules: VisitRules) -> None:
    """Every code once, and each dose after one that stands above it, so that no series runs in a circle."""
    seen: set[str] = set()
    for antigen in rules.antigens:
        if antigen.code in seen:
            raise _wrong(
                "antigen.code",
                tr("berbeda untuk setiap imunisasi, bukan {code} dua kali").format(code=antigen.code),
            )
        if antigen.after is not None and antigen.after not in seen:
            raise _wrong(
                "antigen.after",
                tr("kode imunisasi yang tertulis di atasnya, bukan {code}").format(code=antigen.after),
            )
        seen.add(antigen.code)
    ages = [dose.from_age_months for dose in rules.deworming_doses]
    if ages != sorted(set(ages)):
        raise _wrong("deworming_dose.from_age_months", tr("naik dari satu dosis ke dosis berikutnya"))


def _parse(source: Path | str) -> Mapping[str, object]:
    try:
        text = source if isinstance(source, str) else _read(source)
        if len(text) > _BIGGEST_FILE:
            raise UserError(
                tr("Berkas aturan kunjungan terlalu besar. Periksa apakah berkasnya benar."),
                code="rules_unreadable",
            )
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(
            tr("Berkas aturan kunjungan tidak terbaca: {why}. Perbaiki penulisannya (TOML, UTF-8).").format(
                why=error
            ),
            code="rules_unreadable",
        ) from error


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_BIGGEST_FILE + 1).decode("utf-8")
    except OSError as error:
        raise UserError(
            tr("Berkas aturan kunjungan {name} tidak bisa dibuka.").format(name=path.name),
            code="rules_unreadable",
        ) from error


def _wrong(key: str, expected: str) -> UserError:
    return UserError(
        tr("Aturan kunjungan: {key} harus {expected}.").format(key=key, expected=expected),
        code="rules_invalid",
    )


class _Table:
    """A table of the file, read key by key; what nobody asked for is unknown."""

    def __init__(self, values: Mapping[str, object], path: str) -> None:
        self._values = values
        self._path = path
        self._asked: set[str] = set()
        self._children: list[_Table] = []

    def _take(self, key: str, expected: str) -> object:
        self._asked.add(key)
        if key not in self._values:
            raise _wrong(self._path + key, expected)
        return self._values[key]

    def refuse_unknown(self) -> None:
        for key in self._values:
            if key not in self._asked:
                raise UserError(
                    tr("Aturan kunjungan: {key} tidak dikenal. Hapus atau perbaiki ejaannya.").format(
                        key=self._path + key[:60]
                    ),
                    code="rules_invalid",
                )
        for child in self._children:
            child.refuse_unknown()

    def table(self, key: str) -> "_Table":
        expected = tr("sebuah bagian")
        return self._child(self._take(key, expected), key, expected)

    def tables(self, key: str) -> "list[_Table]":
        expected = tr("satu sampai {count} bagian [[{key}]]").format(count=_MOST_ENTRIES, key=key)
        value = self._take(key, expected)
        if not isinstance(value, list) or not 1 <= len(value) <= _MOST_ENTRIES:
            raise _wrong(self._path + key, expected)
        return [self._child(item, key, expected) for item in value]

    def _child(self, value: object, key: str, expected: str) -> "_Table":
        if not isinstance(value, dict):
            raise _wrong(self._path + key, expected)
        child = _Table(value, f"{self._path}{key}.")
        self._children.append(child)
        return child

    def text(self, key: str) -> str:
        expected = tr("teks 1 sampai 100 huruf")
        value = self._take(key, expected)
        if not isinstance(value, str) or not 1 <= len(value.strip()) <= 100:
            raise _wrong(self._path + key, expected)
        return value.strip()

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if key in self._values else None

    def integer(self, key: str, low: int, high: int, default: int | None = None) -> int:
        if default is not None and key not in self._values:
            return default
        expected = tr("bilangan bulat {low} sampai {high}").format(low=low, high=high)
        return self._whole(self._take(key, expected), key, low, high, expected)

    def optional_integer(self, key: str, low: int, high: int) -> int | None:
        return self.integer(key, low, high) if key in self._values else None

    def flag(self, key: str, default: bool) -> bool:
        if key not in self._values:
            return default
        expected = tr("true atau false")
        value = self._take(key, expected)
        if not isinstance(value, bool):
            raise _wrong(self._path + key, expected)
        return value

    def _whole(self, value: object, key: str, low: int, high: int, expected: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise _wrong(self._path + key, expected)
        return value

    def rising(self, key: str) -> tuple[int, ...]:
        expected = tr("daftar umur yang naik, 0 sampai {high} bulan").format(high=OLDEST_MONTHS)
        value = self._take(key, expected)
        if not isinstance(value, list) or not 1 <= len(value) <= _MOST_ENTRIES:
            raise _wrong(self._path + key, expected)
        numbers = [self._whole(item, key, 0, OLDEST_MONTHS, expected) for item in value]
        if numbers != sorted(set(numbers)):
            raise _wrong(self._path + key, expected)
        return tuple(numbers)

    def span(self, key: str) -> tuple[int, int]:
        ages = self.rising(key)
        if len(ages) != 2:
            raise _wrong(self._path + key, tr("dua umur yang naik, misalnya [6, 23]"))
        return ages[0], ages[1]
