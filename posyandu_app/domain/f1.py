"""The monthly report in the rows of F1-Gizi (facts.md, 3.4): SKDN by age group and sex, and the services.

Rows about mothers (18 to 22) are not kept by this app and stay empty, never 0. The form's old words
"gizi buruk/kurang (BB/U)" are counted as what PMK 2/2020 calls berat badan sangat kurang and kurang.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from posyandu_app.domain.age import Month, completed_months
from posyandu_app.domain.assessment import Assessed
from posyandu_app.domain.doses import CapsuleColour, DoseKind
from posyandu_app.domain.model import Sex
from posyandu_app.domain.recap import ChildFile, known_in, skdn
from posyandu_app.domain.rules import AgeGroup, ProgramRules
from posyandu_app.domain.skdn import Skdn, SkdnTable
from posyandu_app.i18n import tr

LEAST, SEVERE, UNDER = -10_000, -300, -200
"""Bounds of BB/U in hundredths of SD (PMK 2/2020): below −3 very low, from −3 to below −2 low."""
OLDEST_INFANT = 6
GRADUATES_AT = 36
GRADUATES_WITH_G = 11_500
"""L of the form: 36 months reached with at least 11.5 kg."""

Cell = tuple[AgeGroup, Sex]


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is split by age group and sex; `total` also has children without a known sex."""

    number: str
    label: str
    cells: Mapping[Cell, int]
    by_sex: Mapping[Sex, int]
    total: int


@dataclass(frozen=True, slots=True)
class Single:
    """One row that is not split by age: boys, girls and all; None where this app keeps no such data."""

    number: str
    label: str
    boys: int | None = None
    girls: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Infants:
    """Infants of one completed month of age, of how many it was asked, and who get breast milk alone."""

    month: int
    there: int
    asked: int
    breastfed: int


@dataclass(frozen=True, slots=True)
class F1:
    """The whole form for one posyandu, or several together."""

    month: Month
    groups: tuple[AgeGroup, ...]
    skdn: SkdnTable
    rows: tuple[Row, ...]
    singles: tuple[Single, ...]
    infants: tuple[Infants, ...]


def form(files: Iterable[ChildFile], month: Month, rules: ProgramRules) -> F1:
    """The form of a month, from the children whom the posyandu knew in it."""
    known = known_in(files, month)
    table = skdn(known, month, rules)
    return F1(
        month=month,
        groups=tuple(rules.report_groups),
        skdn=table,
        rows=(*_skdn_rows(table), *_weight_rows(known, month, rules)),
        singles=_singles(known, month),
        infants=_infants(known, month),
    )


def _skdn_rows(table: SkdnTable) -> Iterable[Row]:
    named = (
        ("1", tr("S, semua balita"), "S"),
        ("2", tr("K, punya KIA/KMS"), "K"),
        ("3", tr("N, berat naik"), "N"),
        ("4", tr("T, tidak naik"), "T"),
        ("5", tr("O, bulan lalu tidak ditimbang"), "O"),
        ("6", tr("B, baru"), "B"),
        ("7", tr("D, ditimbang"), "D"),
    )
    for number, label, name in named:
        yield _row(number, label, table, name)
    yield _absent(table)
    yield _row("9", tr("BGM, bawah garis merah"), table, "bgm")
    yield _row("10", tr("2T"), table, "two_t")


def _row(number: str, label: str, table: SkdnTable, name: str) -> Row:
    def of(one: Skdn) -> int:
        return int(getattr(one, name))

    return Row(
        number,
        label,
        {cell: of(one) for cell, one in table.by_group_and_sex.items()},
        {sex: of(one) for sex, one in table.by_sex.items()},
        of(table.total),
    )


def _absent(table: SkdnTable) -> Row:
    """Row 8 of the form is K − D, not S − D; below 0 where children without a card were weighed."""

    def of(one: Skdn) -> int:
        return one.K - one.D

    return Row(
        "8",
        tr("(−) tidak hadir (K − D)"),
        {cell: of(one) for cell, one in table.by_group_and_sex.items()},
        {sex: of(one) for sex, one in table.by_sex.items()},
        of(table.total),
    )


def _weight_rows(known: Sequence[ChildFile], month: Month, rules: ProgramRules) -> Iterable[Row]:
    named = (
        ("11", tr("BB sangat kurang (BB/U)"), LEAST, SEVERE),
        ("12", tr("BB kurang (BB/U)"), SEVERE, UNDER),
    )
    for number, label, low, high in named:
        cells = {(group, sex): 0 for group in rules.report_groups for sex in Sex}
        by_sex = dict.fromkeys(Sex, 0)
        for file in known:
            weighed = _weighed(file, month)
            score = None if weighed is None else weighed.growth.weight_for_age
            sex = file.child.sex
            if (
                weighed is None
                or score is None
                or score.flagged
                or sex is None
                or not low <= score.centi < high
            ):
                continue
            by_sex[sex] += 1
            for group in rules.report_groups:
                if weighed.age_months is not None and weighed.age_months in group:
                    cells[group, sex] += 1
        yield Row(number, label, cells, by_sex, sum(by_sex.values()))


def _weighed(file: ChildFile, month: Month) -> Assessed | None:
    """The weighing that counts for the month."""
    found = [item for item in file.history if item.record is not None and item.record.month == month]
    return found[-1] if found else None


def _singles(known: Sequence[ChildFile], month: Month) -> tuple[Single, ...]:
    reached = [file for file in known if _reaches(file, month, GRADUATES_AT)]
    heavy = [file for file in reached if (_grams(file, month) or 0) >= GRADUATES_WITH_G]
    unknown = (
        ("18", tr("Ibu nifas, vitamin A")),
        ("19", tr("Ibu hamil")),
        ("20", tr("Ibu hamil KEK")),
        ("21", tr("Ibu hamil dapat Fe")),
        ("22", tr("IMD")),
    )
    return (
        _counted("13", tr("S36, mencapai 36 bulan"), reached),
        _counted("14", tr("L, lulus: 36 bulan, BB ≥ 11,5 kg"), heavy),
        _counted("15", tr("Vitamin A biru"), _capsules(known, month, CapsuleColour.BLUE)),
        _counted("15", tr("Vitamin A merah"), _capsules(known, month, CapsuleColour.RED)),
        *(Single(number, label) for number, label in unknown),
    )


def _counted(number: str, label: str, files: Sequence[ChildFile]) -> Single:
    sexes = [file.child.sex for file in files]
    return Single(number, label, sexes.count(Sex.MALE), sexes.count(Sex.FEMALE), len(files))


def _reaches(file: ChildFile, month: Month, months: int) -> bool:
    birth = file.child.birth_date
    if birth is None or birth > month.first_day:
        return False
    before = completed_months(birth, month.previous().last_day) if birth <= month.previous().last_day else -1
    return before < months <= completed_months(birth, month.last_day)


def _grams(file: ChildFile, month: Month) -> int | None:
    weighed = _weighed(file, month)
    return None if weighed is None else weighed.measurement.weight_g


def _capsules(known: Sequence[ChildFile], month: Month, colour: CapsuleColour) -> list[ChildFile]:
    return [
        file
        for file in known
        if any(
            dose.given
            and dose.what == DoseKind.VITAMIN_A
            and dose.colour == colour
            and Month.of(dose.date) == month
            for dose in file.doses
        )
    ]


def _infants(known: Sequence[ChildFile], month: Month) -> tuple[Infants, ...]:
    found = []
    for age in range(OLDEST_INFANT + 1):
        there = [file for file in known if _age_at_end(file, month) == age]
        told = [answer for file in there if (answer := _breastfed(file, month)) is not None]
        found.append(Infants(age, len(there), len(told), sum(told)))
    return tuple(found)


def _age_at_end(file: ChildFile, month: Month) -> int | None:
    birth = file.child.birth_date
    return None if birth is None or birth > month.last_day else completed_months(birth, month.last_day)


def _breastfed(file: ChildFile, month: Month) -> bool | None:
    """What was last answered in the month."""
    said = [
        visit.exclusive_breastfeeding
        for visit in file.visits_in(month)
        if visit.exclusive_breastfeeding is not None
    ]
    return said[-1] if said else None
