"""What is due at which age: read from one file, checked on the way in, never built into code.

The shipped file is `resources/visit_rules.toml`; `visit_rules.md` beside it gives the source of
each value. Ages are completed months.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from posyandu_app.domain.rules_file import RuleError, Table, parse
from posyandu_app.i18n import tr
from posyandu_app.paths import resources

FORMAT = 1
OLDEST_MONTHS = 72


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
    kind = _kind()
    root = Table(kind, parse(kind, source))
    root.refuse_newer(FORMAT)
    questions, milestones = root.table("questions"), root.table("milestones")
    immunisation = root.table("immunisation")
    antigens = tuple(_antigen(table) for table in root.tables("antigen"))
    doses = tuple(
        DewormingDose(
            table.whole("from_age_months", 0, OLDEST_MONTHS),
            table.whole("mg", 1, 2000),
            table.text("tablets"),
        )
        for table in root.tables("deworming_dose")
    )
    rules = VisitRules(
        version=root.text("version"),
        exclusive_breastfeeding_ages=questions.pair("exclusive_breastfeeding_age_months", 0, OLDEST_MONTHS),
        complementary_feeding_ages=questions.pair("complementary_feeding_age_months", 0, OLDEST_MONTHS),
        milestone_months=milestones.ages("age_months", OLDEST_MONTHS),
        graduation_months=milestones.whole("graduation_age_months", 1, OLDEST_MONTHS),
        kpsp=_kpsp(root.table("kpsp")),
        deworming_doses=doses,
        overdue_after_months=immunisation.whole("overdue_after_months", 0, 24),
        antigens=antigens,
    )
    root.refuse_unknown()
    _check_order(rules)
    return rules


def _kind() -> str:
    return tr("aturan kunjungan")


def _antigen(table: Table) -> Antigen:
    due = table.whole("due_age_months", 0, OLDEST_MONTHS)
    return Antigen(
        code=table.text("code"),
        name=table.text("name"),
        due_age_months=due,
        from_age_months=table.whole("from_age_months", 0, due, default=due),
        last_age_days=table.optional_whole("last_age_days", 0, OLDEST_MONTHS * 31),
        before_age_months=table.whole("before_age_months", due + 1, OLDEST_MONTHS, default=OLDEST_MONTHS),
        after=table.optional_text("after"),
        interval_days=table.whole("interval_days", 0, 3660, default=0),
        interval_months=table.whole("interval_months", 0, 120, default=0),
        active=table.flag("active", default=True),
    )


def _kpsp(table: Table) -> KpspRules:
    return KpspRules(
        age_months=table.ages("age_months", OLDEST_MONTHS),
        round_up_from_days=table.whole("round_up_from_days", 1, 31),
        preterm_below_weeks=table.whole("preterm_below_weeks", 20, 42),
        term_weeks=table.whole("term_weeks", 37, 42),
        preterm_until_months=table.whole("preterm_until_months", 0, OLDEST_MONTHS),
    )


def _check_order(rules: VisitRules) -> None:
    """Every code once, and each dose after one that stands above it, so that no series runs in a circle."""
    seen: set[str] = set()
    for antigen in rules.antigens:
        if antigen.code in seen:
            raise RuleError(
                _kind(),
                "antigen.code",
                tr("berbeda untuk setiap imunisasi, bukan {code} dua kali").format(code=antigen.code),
            )
        if antigen.after is not None and antigen.after not in seen:
            raise RuleError(
                _kind(),
                "antigen.after",
                tr("kode imunisasi yang tertulis di atasnya, bukan {code}").format(code=antigen.after),
            )
        seen.add(antigen.code)
    ages = [dose.from_age_months for dose in rules.deworming_doses]
    if ages != sorted(set(ages)):
        raise RuleError(
            _kind(), "deworming_dose.from_age_months", tr("naik dari satu dosis ke dosis berikutnya")
        )
