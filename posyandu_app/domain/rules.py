"""The programme rules in force: read from one file, checked on the way in, never built into code.

The shipped file is `resources/program_rules.toml`, whose comments give the source of each
value; a district's own file has the same form.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Sex
from posyandu_app.i18n import tr
from posyandu_app.paths import resources

FORMAT = 1
LAST_MONTH = 60
"""The last completed month that has a KBM (KMS, months 12–60)."""

_BIGGEST_FILE = 200_000
_RANGE = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?", re.ASCII)


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
    root = _Table(_parse(source), "")
    _refuse_newer(root)
    rules = _program_rules(root)
    root.refuse_unknown()
    return rules


def adopt(text: str) -> ProgramRules:
    """The rules of an override that was published, with whichever version of the app.

    What it does not say is as shipped, and what this version does not know is left out, so that
    laptops of different versions keep following the district. Raises `UserError` like `load`.
    """
    given = _parse(text)
    root = _Table(_over(_parse(_shipped()), given), "")
    _refuse_newer(root)
    return _program_rules(root)


def _over(shipped: Mapping[str, object], given: Mapping[str, object]) -> Mapping[str, object]:
    """The values given in place of those shipped; a row of KBM is replaced as a whole."""
    merged = dict(shipped)
    for key, value in given.items():
        mine = shipped.get(key)
        if isinstance(mine, dict) and isinstance(value, dict) and not key.startswith("kbm_"):
            merged[key] = _over(mine, value)
        elif key in shipped:
            merged[key] = value
    return merged


def _shipped() -> Path:
    return resources() / "program_rules.toml"


def _refuse_newer(root: "_Table") -> None:
    form = root.integer("format", 1, 1_000_000)
    if form > FORMAT:
        raise UserError(
            tr(
                "Berkas aturan ini untuk aplikasi yang lebih baru (format {format}). Perbarui aplikasi."
            ).format(format=form),
            code="rules_newer",
        )


def _parse(source: Path | str) -> Mapping[str, object]:
    try:
        text = source if isinstance(source, str) else _read(source)
        if len(text) > _BIGGEST_FILE:
            raise UserError(
                tr("Berkas aturan terlalu besar. Periksa apakah berkasnya benar."), code="rules_unreadable"
            )
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise UserError(
            tr("Berkas aturan tidak terbaca: {why}. Perbaiki penulisannya (TOML, UTF-8).").format(why=error),
            code="rules_unreadable",
        ) from error


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_BIGGEST_FILE + 1).decode("utf-8")
    except OSError as error:
        raise UserError(
            tr("Berkas aturan {name} tidak bisa dibuka.").format(name=path.name), code="rules_unreadable"
        ) from error


class RuleError(UserError):
    """A rule that is not as it must be: its full name, and what is expected there."""

    def __init__(self, key: str, expected: str) -> None:
        sentence = tr("Aturan program: {key} harus {expected}.").format(key=key, expected=expected)
        super().__init__(sentence, code="rules_invalid")
        self.key, self.expected = key, expected


def _wrong(key: str, expected: str) -> RuleError:
    return RuleError(key, expected)


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
            raise UserError(
                tr("Aturan program: {key} belum ada; isinya harus {expected}.").format(
                    key=self._path + key, expected=expected
                ),
                code="rules_invalid",
            )
        return self._values[key]

    def refuse_unknown(self) -> None:
        for key in self._values:
            if key not in self._asked:
                raise UserError(
                    tr("Aturan program: {key} tidak dikenal. Hapus atau perbaiki ejaannya.").format(
                        key=self._path + key[:60]
                    ),
                    code="rules_invalid",
                )
        for child in self._children:
            child.refuse_unknown()

    def table(self, key: str) -> "_Table":
        expected = tr("sebuah bagian, misalnya [{key}]").format(key=self._path + key)
        value = self._take(key, expected)
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

    def integer(self, key: str, low: int, high: int) -> int:
        expected = tr("bilangan bulat {low} sampai {high}").format(low=low, high=high)
        return self._whole(self._take(key, expected), key, low, high, expected)

    def _whole(self, value: object, key: str, low: int, high: int, expected: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise _wrong(self._path + key, expected)
        return value

    def sd(self, key: str, low: int = -6) -> int:
        """A limit in standard deviations, as hundredths."""
        expected = tr("angka SD {low} sampai 6 dengan paling banyak dua desimal, misalnya 2.00").format(
            low=low
        )
        value = self._take(key, expected)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise _wrong(self._path + key, expected)
        number = Decimal(value)
        if not number.is_finite() or not low <= number <= 6 or number * 100 != int(number * 100):
            raise _wrong(self._path + key, expected)
        return int(number * 100)

    def months_of_year(self, key: str) -> tuple[int, ...]:
        expected = tr("daftar bulan 1 sampai 12 yang naik, misalnya [2, 8]")
        numbers = self._integers(key, 1, 12, expected)
        if sorted(set(numbers)) != list(numbers):
            raise _wrong(self._path + key, expected)
        return numbers

    def pair(self, key: str, low: int, high: int) -> tuple[int, int]:
        expected = tr("dua bilangan bulat yang naik, {low} sampai {high}, misalnya [6, 11]").format(
            low=low, high=high
        )
        numbers = self._integers(key, low, high, expected)
        if len(numbers) != 2 or numbers[0] >= numbers[1]:
            raise _wrong(self._path + key, expected)
        return numbers[0], numbers[1]

    def three(self, key: str, low: int, high: int) -> tuple[int, int, int]:
        expected = tr("tiga bilangan bulat yang tidak turun, {low} sampai {high}").format(low=low, high=high)
        numbers = self._integers(key, low, high, expected)
        if len(numbers) != 3 or list(numbers) != sorted(numbers):
            raise _wrong(self._path + key, expected)
        return numbers[0], numbers[1], numbers[2]

    def _integers(self, key: str, low: int, high: int, expected: str) -> tuple[int, ...]:
        value = self._take(key, expected)
        if not isinstance(value, list) or not 1 <= len(value) <= 100:
            raise _wrong(self._path + key, expected)
        return tuple(self._whole(item, key, low, high, expected) for item in value)

    def age_groups(self, key: str) -> tuple[AgeGroup, ...]:
        """Age groups that touch without overlapping, within 0 to 59 months."""
        expected = tr('daftar kelompok umur yang bersambung dalam 0–59 bulan, misalnya ["0-5", "6-11"]')
        value = self._take(key, expected)
        if not isinstance(value, list) or not 1 <= len(value) <= LAST_MONTH:
            raise _wrong(self._path + key, expected)
        groups = tuple(AgeGroup(*self._ages(item, key, expected)) for item in value)
        gaps = any(one.last + 1 != other.first for one, other in pairwise(groups))
        if gaps or groups[-1].last >= LAST_MONTH:
            raise _wrong(self._path + key, expected)
        return groups

    def kbm_row(self) -> tuple[int, ...]:
        """Grams for every completed month 0 to 60, each given exactly once."""
        expected = tr('setiap bulan 0–{last} tepat satu kali, 0 sampai 3000 g, misalnya "6-7" = 400').format(
            last=LAST_MONTH
        )
        row: dict[int, int] = {}
        for key in self._values:
            grams = self._whole(self._take(key, expected), key, 0, 3000, expected)
            first, last = self._ages(key, key, expected)
            for month in range(first, last + 1):
                if month in row:
                    raise _wrong(self._path + key, expected)
                row[month] = grams
        if sorted(row) != list(range(LAST_MONTH + 1)):
            raise _wrong(self._path.rstrip("."), expected)
        return tuple(row[month] for month in range(LAST_MONTH + 1))

    def _ages(self, value: object, key: str, expected: str) -> tuple[int, int]:
        found = _RANGE.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise _wrong(self._path + key[:60], expected)
        first, last = int(found[1]), int(found[2] or found[1])
        if not first <= last <= LAST_MONTH:
            raise _wrong(self._path + key, expected)
        return first, last


def _program_rules(root: _Table) -> ProgramRules:
    kms, groups, risk = root.table("kms"), root.table("age_groups"), root.table("risk")
    return ProgramRules(
        version=root.text("version"),
        title=root.text("title"),
        kbm_boys=kms.table("kbm_boys_g").kbm_row(),
        kbm_girls=kms.table("kbm_girls_g").kbm_row(),
        red_line=kms.sd("red_line_sd"),
        orange_line=kms.sd("orange_line_sd"),
        refer_after_t=kms.integer("refer_after_t", 1, 2),
        pmt_days=_pmt(root.table("pmt_days")),
        vitamin_a=_vitamin_a(root.table("vitamin_a")),
        deworming=_deworming(root.table("deworming")),
        targets=_targets(root.table("targets")),
        report_groups=groups.age_groups("report"),
        prevalence_groups=groups.age_groups("prevalence"),
        not_seen_months=root.table("not_seen").integer("months", 1, 12),
        revisit_days=_revisit(root.table("revisit_days")),
        same_day=_same_day(risk.table("same_day")),
        refer=_refer(risk.table("refer")),
        watch=_watch(risk.table("watch")),
        plausibility=_plausibility(root.table("plausibility")),
        duplicates=_duplicates(root.table("duplicates")),
    )


def _pmt(table: _Table) -> PmtRules:
    return PmtRules(
        gizi_kurang=table.integer("gizi_kurang", 1, 366),
        bb_kurang=table.integer("bb_kurang", 1, 366),
        tidak_naik=table.integer("tidak_naik", 1, 366),
    )


def _vitamin_a(table: _Table) -> VitaminARules:
    return VitaminARules(
        months=table.months_of_year("months"),
        blue_iu=table.integer("blue_iu", 1, 1_000_000),
        blue_ages=AgeGroup(*table.pair("blue_age_months", 0, LAST_MONTH)),
        red_iu=table.integer("red_iu", 1, 1_000_000),
        red_ages=AgeGroup(*table.pair("red_age_months", 0, LAST_MONTH)),
    )


def _deworming(table: _Table) -> DewormingRules:
    return DewormingRules(
        months=table.months_of_year("months"), from_age_months=table.integer("from_age_months", 0, LAST_MONTH)
    )


def _targets(table: _Table) -> Targets:
    return Targets(
        d_s=table.integer("d_s_percent", 0, 100),
        n_d=table.integer("n_d_percent", 0, 100),
        stunting=table.integer("stunting_percent", 0, 100),
    )


def _revisit(table: _Table) -> RevisitRules:
    return RevisitRules(
        gizi_buruk=table.integer("gizi_buruk", 1, 366),
        gizi_kurang=table.integer("gizi_kurang", 1, 366),
        gizi_kurang_makan=table.integer("gizi_kurang_makan", 1, 366),
        gizi_lebih=table.integer("gizi_lebih", 1, 366),
    )


def _same_day(table: _Table) -> SameDayRules:
    return SameDayRules(
        muac_below_mm=table.integer("muac_below_mm", 50, 300),
        muac_from_age_months=table.integer("muac_from_age_months", 0, LAST_MONTH),
        wfl_below=table.sd("wfl_below_sd"),
        weight_below_g=table.integer("weight_below_g", 500, 30_000),
        weight_from_age_months=table.integer("weight_from_age_months", 0, LAST_MONTH),
    )


def _refer(table: _Table) -> ReferRules:
    return ReferRules(
        wfa_below=table.sd("wfa_below_sd"),
        lfa_below=table.sd("lfa_below_sd"),
        wfl_below=table.sd("wfl_below_sd"),
        wfl_above=table.sd("wfl_above_sd"),
        head_below=table.sd("head_below_sd"),
        head_above=table.sd("head_above_sd"),
        muac_below_mm=table.integer("muac_below_mm", 50, 300),
        muac_from_age_months=table.integer("muac_from_age_months", 0, LAST_MONTH),
        tb_symptoms=table.integer("tb_symptoms", 1, 4),
    )


def _watch(table: _Table) -> WatchRules:
    nearest, aimed, farthest = table.three("z_drop_months", 1, 24)
    return WatchRules(
        wfl_above=table.sd("wfl_above_sd"),
        z_drop=table.sd("z_drop_sd", low=0),
        z_drop_nearest_months=nearest,
        z_drop_months=aimed,
        z_drop_farthest_months=farthest,
    )


def _plausibility(table: _Table) -> PlausibilityRules:
    return PlausibilityRules(
        weight_g=Span(*table.pair("weight_g", 1, 999_999)),
        length_mm=Span(*table.pair("length_mm", 1, 9_999)),
        head_mm=Span(*table.pair("head_mm", 1, 9_999)),
        muac_mm=Span(*table.pair("muac_mm", 1, 9_999)),
        weight_fall_g_per_month=table.integer("weight_fall_g_per_month", 1, 30_000),
        weight_rise_g_per_month=table.integer("weight_rise_g_per_month", 1, 30_000),
        length_fall_mm=table.integer("length_fall_mm", 0, 500),
        head_fall_mm=table.integer("head_fall_mm", 0, 500),
        length_rise_mm_per_month=table.integer("length_rise_mm_per_month", 1, 500),
        length_rise_young_mm_per_month=table.integer("length_rise_young_mm_per_month", 1, 500),
        length_rise_young_below_months=table.integer("length_rise_young_below_months", 0, LAST_MONTH),
        standing_from_age_months=table.integer("standing_from_age_months", 0, LAST_MONTH),
    )


def _duplicates(table: _Table) -> DuplicateRules:
    return DuplicateRules(
        birth_days=table.integer("birth_days", 0, 366), name_percent=table.integer("name_percent", 50, 100)
    )
