"""The programme rules in force: read from one file, checked on the way in, never built into code.

The shipped file is `resources/program_rules.toml`, whose comments give the source of each
value; a district's own file has the same form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from posyandu_app.domain.model import Sex
from posyandu_app.domain.rules_file import Table, parse
from posyandu_app.i18n import tr
from posyandu_app.paths import resources

FORMAT = 1
LAST_MONTH = 60
"""The last completed month that has a KBM (KMS, months 12–60)."""
_MOST_KBM_G = 3000


class AgeGroup(NamedTuple):
    """Children from `first` to `last` completed months, both included."""

    first: int
    last: int

    def __contains__(self, months: object) -> bool:
        return isinstance(months, int) and self.first <= months <= self.last

    @property
    def label(self) -> str:
        """The group as reports head their columns: "0–5 bulan"."""
        return tr("{first}–{last} bulan").format(first=self.first, last=self.last)


@dataclass(frozen=True, slots=True)
class PmtRules:
    """Days of supplementary food."""

    gizi_kurang: int
    bb_kurang: int
    tidak_naik: int


@dataclass(frozen=True, slots=True)
class VitaminARules:
    """When vitamin A is given, to whom, and how much (IU)."""

    months: tuple[int, ...]
    blue_iu: int
    blue_ages: AgeGroup
    red_iu: int
    red_ages: AgeGroup


@dataclass(frozen=True, slots=True)
class DewormingRules:
    """When deworming is given and from which age (completed months)."""

    months: tuple[int, ...]
    from_age_months: int


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets printed on reports, per cent."""

    d_s: int
    n_d: int
    stunting: int


@dataclass(frozen=True, slots=True)
class RevisitRules:
    """Days until the next check; every other child comes to the next posyandu.

    `gizi_kurang_makan` is for gizi kurang with a feeding problem.
    """

    gizi_buruk: int
    gizi_kurang: int
    gizi_kurang_makan: int
    gizi_lebih: int


@dataclass(frozen=True, slots=True)
class SameDayRules:
    """RUJUK SEGERA: LiLA in mm, z in hundredths of SD, weight in g, ages in completed months."""

    muac_below_mm: int
    muac_from_age_months: int
    wfl_below: int
    weight_below_g: int
    weight_from_age_months: int


@dataclass(frozen=True, slots=True)
class ReferRules:
    """RUJUK: z in hundredths of SD, LiLA in mm, ages in completed months."""

    wfa_below: int
    lfa_below: int
    wfl_below: int
    wfl_above: int
    head_below: int
    head_above: int
    muac_below_mm: int
    muac_from_age_months: int
    tb_symptoms: int


@dataclass(frozen=True, slots=True)
class WatchRules:
    """WASPADA: z in hundredths of SD; the drop is measured against a visit so many months earlier."""

    wfl_above: int
    z_drop: int
    z_drop_nearest_months: int
    z_drop_months: int
    z_drop_farthest_months: int


class Span(NamedTuple):
    """The values that need no question, both ends included."""

    low: int
    high: int

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class PlausibilityRules:
    """What is asked back at entry: grams, millimetres, completed months."""

    weight_g: Span
    length_mm: Span
    head_mm: Span
    muac_mm: Span
    weight_fall_g_per_month: int
    weight_rise_g_per_month: int
    length_fall_mm: int
    head_fall_mm: int
    length_rise_mm_per_month: int
    length_rise_young_mm_per_month: int
    length_rise_young_below_months: int
    standing_from_age_months: int


@dataclass(frozen=True, slots=True)
class DuplicateRules:
    """How near two registrations must be to be shown as possibly one child."""

    birth_days: int
    name_percent: int


@dataclass(frozen=True, slots=True)
class ProgramRules:
    """Every programme rule in force; z limits in hundredths of SD, weights in g, lengths in mm."""

    version: str
    title: str
    kbm_boys: tuple[int, ...]
    kbm_girls: tuple[int, ...]
    red_line: int
    orange_line: int
    refer_after_t: int
    pmt_days: PmtRules
    vitamin_a: VitaminARules
    deworming: DewormingRules
    targets: Targets
    report_groups: tuple[AgeGroup, ...]
    prevalence_groups: tuple[AgeGroup, ...]
    not_seen_months: int
    revisit_days: RevisitRules
    same_day: SameDayRules
    refer: ReferRules
    watch: WatchRules
    plausibility: PlausibilityRules
    duplicates: DuplicateRules

    def kbm(self, sex: Sex, completed_month: int) -> int | None:
        """The minimum gain in grams at that age, 0 to 60 completed months; None outside (KMS)."""
        row = self.kbm_boys if sex is Sex.MALE else self.kbm_girls
        return row[completed_month] if 0 <= completed_month < len(row) else None


@lru_cache(maxsize=1)
def default_rules() -> ProgramRules:
    """The rules that ship with the app."""
    return load(_shipped())


def shipped_text() -> str:
    """The text of the rules that ship with the app: what a district's own version starts from."""
    return _shipped().read_text(encoding="utf-8")


def load(source: Path | str) -> ProgramRules:
    """The rules in a file (`Path`) or in the text of one (`str`).

    Raises `UserError` with a sentence that names the key that is missing, unknown or wrong
    and says what is expected there.
    """
    root = Table(_kind(), parse(_kind(), source))
    root.refuse_newer(FORMAT)
    rules = _program_rules(root)
    root.refuse_unknown()
    return rules


def adopt(text: str) -> ProgramRules:
    """The rules of an override that was published, with whichever version of the app.

    What it does not say is as shipped, and what this version does not know is left out, so that
    laptops of different versions keep following the district. Raises `UserError` like `load`.
    """
    kind = _kind()
    root = Table(kind, over(parse(kind, _shipped()), parse(kind, text)))
    root.refuse_newer(FORMAT)
    return _program_rules(root)


def over(shipped: Mapping[str, object], given: Mapping[str, object]) -> dict[str, object]:
    """The values given in place of those shipped; a row of KBM is replaced as a whole."""
    merged = dict(shipped)
    for key, value in given.items():
        mine = shipped.get(key)
        if isinstance(mine, dict) and isinstance(value, dict) and not key.startswith("kbm_"):
            merged[key] = over(mine, value)
        elif key in shipped:
            merged[key] = value
    return merged


def _shipped() -> Path:
    return resources() / "program_rules.toml"


def _kind() -> str:
    return tr("aturan program")


def _program_rules(root: Table) -> ProgramRules:
    kms, groups, risk = root.table("kms"), root.table("age_groups"), root.table("risk")
    return ProgramRules(
        version=root.text("version"),
        title=root.text("title"),
        kbm_boys=kms.table("kbm_boys_g").row(LAST_MONTH, _MOST_KBM_G),
        kbm_girls=kms.table("kbm_girls_g").row(LAST_MONTH, _MOST_KBM_G),
        red_line=kms.sd("red_line_sd"),
        orange_line=kms.sd("orange_line_sd"),
        refer_after_t=kms.whole("refer_after_t", 1, 2),
        pmt_days=_pmt(root.table("pmt_days")),
        vitamin_a=_vitamin_a(root.table("vitamin_a")),
        deworming=_deworming(root.table("deworming")),
        targets=_targets(root.table("targets")),
        report_groups=_groups(groups, "report"),
        prevalence_groups=_groups(groups, "prevalence"),
        not_seen_months=root.table("not_seen").whole("months", 1, 12),
        revisit_days=_revisit(root.table("revisit_days")),
        same_day=_same_day(risk.table("same_day")),
        refer=_refer(risk.table("refer")),
        watch=_watch(risk.table("watch")),
        plausibility=_plausibility(root.table("plausibility")),
        duplicates=_duplicates(root.table("duplicates")),
    )


def _groups(table: Table, key: str) -> tuple[AgeGroup, ...]:
    return tuple(AgeGroup(*span) for span in table.spans(key, LAST_MONTH))


def _pmt(table: Table) -> PmtRules:
    return PmtRules(
        gizi_kurang=table.whole("gizi_kurang", 1, 366),
        bb_kurang=table.whole("bb_kurang", 1, 366),
        tidak_naik=table.whole("tidak_naik", 1, 366),
    )


def _vitamin_a(table: Table) -> VitaminARules:
    return VitaminARules(
        months=table.months_of_year("months"),
        blue_iu=table.whole("blue_iu", 1, 1_000_000),
        blue_ages=AgeGroup(*table.pair("blue_age_months", 0, LAST_MONTH)),
        red_iu=table.whole("red_iu", 1, 1_000_000),
        red_ages=AgeGroup(*table.pair("red_age_months", 0, LAST_MONTH)),
    )


def _deworming(table: Table) -> DewormingRules:
    return DewormingRules(
        months=table.months_of_year("months"), from_age_months=table.whole("from_age_months", 0, LAST_MONTH)
    )


def _targets(table: Table) -> Targets:
    return Targets(
        d_s=table.whole("d_s_percent", 0, 100),
        n_d=table.whole("n_d_percent", 0, 100),
        stunting=table.whole("stunting_percent", 0, 100),
    )


def _revisit(table: Table) -> RevisitRules:
    return RevisitRules(
        gizi_buruk=table.whole("gizi_buruk", 1, 366),
        gizi_kurang=table.whole("gizi_kurang", 1, 366),
        gizi_kurang_makan=table.whole("gizi_kurang_makan", 1, 366),
        gizi_lebih=table.whole("gizi_lebih", 1, 366),
    )


def _same_day(table: Table) -> SameDayRules:
    return SameDayRules(
        muac_below_mm=table.whole("muac_below_mm", 50, 300),
        muac_from_age_months=table.whole("muac_from_age_months", 0, LAST_MONTH),
        wfl_below=table.sd("wfl_below_sd"),
        weight_below_g=table.whole("weight_below_g", 500, 30_000),
        weight_from_age_months=table.whole("weight_from_age_months", 0, LAST_MONTH),
    )


def _refer(table: Table) -> ReferRules:
    return ReferRules(
        wfa_below=table.sd("wfa_below_sd"),
        lfa_below=table.sd("lfa_below_sd"),
        wfl_below=table.sd("wfl_below_sd"),
        wfl_above=table.sd("wfl_above_sd"),
        head_below=table.sd("head_below_sd"),
        head_above=table.sd("head_above_sd"),
        muac_below_mm=table.whole("muac_below_mm", 50, 300),
        muac_from_age_months=table.whole("muac_from_age_months", 0, LAST_MONTH),
        tb_symptoms=table.whole("tb_symptoms", 1, 4),
    )


def _watch(table: Table) -> WatchRules:
    nearest, aimed, farthest = table.three("z_drop_months", 1, 24)
    return WatchRules(
        wfl_above=table.sd("wfl_above_sd"),
        z_drop=table.sd("z_drop_sd", low=0),
        z_drop_nearest_months=nearest,
        z_drop_months=aimed,
        z_drop_farthest_months=farthest,
    )


def _plausibility(table: Table) -> PlausibilityRules:
    return PlausibilityRules(
        weight_g=Span(*table.pair("weight_g", 1, 999_999)),
        length_mm=Span(*table.pair("length_mm", 1, 9_999)),
        head_mm=Span(*table.pair("head_mm", 1, 9_999)),
        muac_mm=Span(*table.pair("muac_mm", 1, 9_999)),
        weight_fall_g_per_month=table.whole("weight_fall_g_per_month", 1, 30_000),
        weight_rise_g_per_month=table.whole("weight_rise_g_per_month", 1, 30_000),
        length_fall_mm=table.whole("length_fall_mm", 0, 500),
        head_fall_mm=table.whole("head_fall_mm", 0, 500),
        length_rise_mm_per_month=table.whole("length_rise_mm_per_month", 1, 500),
        length_rise_young_mm_per_month=table.whole("length_rise_young_mm_per_month", 1, 500),
        length_rise_young_below_months=table.whole("length_rise_young_below_months", 0, LAST_MONTH),
        standing_from_age_months=table.whole("standing_from_age_months", 0, LAST_MONTH),
    )


def _duplicates(table: Table) -> DuplicateRules:
    return DuplicateRules(
        birth_days=table.whole("birth_days", 0, 366), name_percent=table.whole("name_percent", 50, 100)
    )
