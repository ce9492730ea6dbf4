"""The programme rules as people read and change them: each in words, with its unit and where it comes from.

A value is shown and typed as the field writes it ("−3,00", "2, 8", "6–7: 400"); the text of the
rules (`program_rules.toml`) is made anew from the values, so that nobody has to know its form.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from posyandu_app.domain import rules
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.rules_file import RuleError
from posyandu_app.i18n import tr, written

LONGEST = 400
_NUMBER = re.compile(r"-?\d{1,7}(?:[.,]\d{1,4})?", re.ASCII)
_RANGE = re.compile(r"\d{1,3}(?:-\d{1,3})?", re.ASCII)


class Kind(StrEnum):
    """How a value is written."""

    WHOLE = "bulat"
    SD = "sd"
    NUMBERS = "daftar"
    AGES = "umur"
    TABLE = "tabel"


class Group(StrEnum):
    """The parts of the page."""

    KMS = "kms"
    SERVICES = "pelayanan"
    TARGETS = "sasaran"
    RISK = "risiko"
    ENTRY = "pencatatan"

    @property
    def label(self) -> str:
        return {
            Group.KMS: tr("KMS"),
            Group.SERVICES: tr("Pelayanan"),
            Group.TARGETS: tr("Target"),
            Group.RISK: tr("Rujukan"),
            Group.ENTRY: tr("Saat mencatat"),
        }[self]


@dataclass(frozen=True, slots=True)
class Field:
    """One rule: its full name in the text, where it stands, its words, unit and source."""

    key: str
    group: Group
    label: str
    unit: str
    kind: Kind
    source: str


def fields() -> tuple[Field, ...]:
    """Every rule of the file, in the order of the page."""
    sd, months, days, g, mm, percent = "SD", tr("bulan"), tr("hari"), "g", "mm", "%"
    kms, ilp, mtbs, pmk = (
        tr("KMS 2008–2020, Juknis KMS 2021"),
        tr("Kartu bantu ILP"),
        "MTBS Kemenkes",
        "PMK 2/2020",
    )
    own = tr("Keputusan proyek, menunggu Dinas")
    entry = tr("Praktik aplikasi posyandu")
    k, s, t, r, e = Group.KMS, Group.SERVICES, Group.TARGETS, Group.RISK, Group.ENTRY
    whole, of_sd, numbers, ages, table = Kind.WHOLE, Kind.SD, Kind.NUMBERS, Kind.AGES, Kind.TABLE
    rows = (
        ("kms.red_line_sd", k, tr("Garis merah KMS, BB/U"), sd, of_sd, kms),
        ("kms.orange_line_sd", k, tr("Garis oranye KMS, BB/U"), sd, of_sd, kms),
        (
            "kms.refer_after_t",
            k,
            tr("Rujuk sesudah berapa T berturut-turut"),
            tr("kali"),
            whole,
            tr("1: Buku KIA 2023 hlm. 54; 2: kartu bantu ILP"),
        ),
        (
            "kms.kbm_boys_g",
            k,
            tr("KBM laki-laki menurut umur"),
            g,
            table,
            tr("KMS 2008/2010 (Permenkes 155/2010)"),
        ),
        (
            "kms.kbm_girls_g",
            k,
            tr("KBM perempuan menurut umur"),
            g,
            table,
            tr("KMS 2008/2010; Buku KIA 2023 hlm. 54"),
        ),
        ("pmt_days.gizi_kurang", s, tr("PMT untuk gizi kurang"), days, whole, "HK.02.02/B/1622/2023"),
        ("pmt_days.bb_kurang", s, tr("PMT untuk berat badan kurang"), days, whole, "HK.02.02/B/1622/2023"),
        ("pmt_days.tidak_naik", s, tr("PMT untuk berat tidak naik"), days, whole, "HK.02.02/B/1622/2023"),
        ("vitamin_a.months", s, tr("Bulan vitamin A"), months, numbers, tr("Buku KIA")),
        ("vitamin_a.blue_iu", s, tr("Isi kapsul biru"), "IU", whole, tr("Buku KIA")),
        ("vitamin_a.blue_age_months", s, tr("Umur kapsul biru"), months, numbers, tr("Buku KIA")),
        ("vitamin_a.red_iu", s, tr("Isi kapsul merah"), "IU", whole, tr("Buku KIA")),
        ("vitamin_a.red_age_months", s, tr("Umur kapsul merah"), months, numbers, tr("Buku KIA")),
        ("deworming.months", s, tr("Bulan obat cacing"), months, numbers, tr("Bersama bulan vitamin A")),
        (
            "deworming.from_age_months",
            s,
            tr("Obat cacing mulai umur"),
            months,
            whole,
            tr("Bersama bulan vitamin A"),
        ),
        ("revisit_days.gizi_buruk", s, tr("Kontrol ulang gizi buruk"), days, whole, mtbs),
        ("revisit_days.gizi_kurang", s, tr("Kontrol ulang gizi kurang"), days, whole, mtbs),
        (
            "revisit_days.gizi_kurang_makan",
            s,
            tr("Kontrol ulang gizi kurang dengan masalah makan"),
            days,
            whole,
            mtbs,
        ),
        ("revisit_days.gizi_lebih", s, tr("Kontrol ulang gizi lebih"), days, whole, mtbs),
        ("targets.d_s_percent", t, tr("Target D/S"), percent, whole, "SIGIZI 2013"),
        ("targets.n_d_percent", t, tr("Target N/D"), percent, whole, "Renstra Kemenkes 2020–2024"),
        ("targets.stunting_percent", t, tr("Target stunting"), percent, whole, "RPJMN"),
        ("age_groups.report", t, tr("Kelompok umur laporan"), months, ages, "F1-Gizi, F2 2023"),
        ("age_groups.prevalence", t, tr("Kelompok umur prevalensi"), months, ages, "WHO anthro"),
        ("not_seen.months", r, tr("Tidak datang berapa bulan: dikunjungi"), months, whole, own),
        ("risk.same_day.muac_below_mm", r, tr("Rujuk segera: LiLA di bawah"), mm, whole, mtbs),
        ("risk.same_day.muac_from_age_months", r, tr("Rujuk segera: LiLA mulai umur"), months, whole, mtbs),
        ("risk.same_day.wfl_below_sd", r, tr("Rujuk segera: BB/TB di bawah"), sd, of_sd, pmk),
        ("risk.same_day.weight_below_g", r, tr("Rujuk segera: berat di bawah"), g, whole, mtbs),
        (
            "risk.same_day.weight_from_age_months",
            r,
            tr("Rujuk segera: berat mulai umur"),
            months,
            whole,
            mtbs,
        ),
        ("risk.refer.wfa_below_sd", r, tr("Rujuk: BB/U di bawah"), sd, of_sd, ilp),
        ("risk.refer.lfa_below_sd", r, tr("Rujuk: TB/U di bawah"), sd, of_sd, ilp),
        ("risk.refer.wfl_below_sd", r, tr("Rujuk: BB/TB di bawah"), sd, of_sd, ilp),
        ("risk.refer.wfl_above_sd", r, tr("Rujuk: BB/TB di atas"), sd, of_sd, ilp),
        ("risk.refer.head_below_sd", r, tr("Rujuk: LK/U di bawah"), sd, of_sd, tr("Buku KIA 2024")),
        ("risk.refer.head_above_sd", r, tr("Rujuk: LK/U di atas"), sd, of_sd, tr("Buku KIA 2024")),
        ("risk.refer.muac_below_mm", r, tr("Rujuk: LiLA di bawah"), mm, whole, tr("Buku KIA 2024")),
        (
            "risk.refer.muac_from_age_months",
            r,
            tr("Rujuk: LiLA mulai umur"),
            months,
            whole,
            tr("Buku KIA 2024"),
        ),
        ("risk.refer.tb_symptoms", r, tr("Rujuk: gejala TBC sebanyak"), tr("gejala"), whole, ilp),
        ("risk.watch.wfl_above_sd", r, tr("Waspada: BB/TB di atas"), sd, of_sd, pmk),
        (
            "risk.watch.z_drop_sd",
            r,
            tr("Waspada: turun dari garisnya sebanyak"),
            sd,
            of_sd,
            tr("Praktik pemantauan gagal tumbuh"),
        ),
        (
            "risk.watch.z_drop_months",
            r,
            tr("Waspada: dibanding berapa bulan lalu"),
            months,
            numbers,
            tr("Praktik pemantauan gagal tumbuh"),
        ),
        ("plausibility.weight_g", e, tr("Berat yang wajar"), g, numbers, entry),
        ("plausibility.length_mm", e, tr("Tinggi yang wajar"), mm, numbers, entry),
        ("plausibility.head_mm", e, tr("Lingkar kepala yang wajar"), mm, numbers, entry),
        ("plausibility.muac_mm", e, tr("LiLA yang wajar"), mm, numbers, entry),
        (
            "plausibility.weight_fall_g_per_month",
            e,
            tr("Tanya bila berat turun sebulan lebih dari"),
            g,
            whole,
            entry,
        ),
        (
            "plausibility.weight_rise_g_per_month",
            e,
            tr("Tanya bila berat naik sebulan lebih dari"),
            g,
            whole,
            entry,
        ),
        ("plausibility.length_fall_mm", e, tr("Tanya bila tinggi turun lebih dari"), mm, whole, entry),
        ("plausibility.head_fall_mm", e, tr("Tanya bila lingkar kepala turun lebih dari"), mm, whole, entry),
        (
            "plausibility.length_rise_mm_per_month",
            e,
            tr("Tanya bila tinggi naik sebulan lebih dari"),
            mm,
            whole,
            entry,
        ),
        ("plausibility.length_rise_young_mm_per_month", e, tr("Sama, untuk bayi muda"), mm, whole, entry),
        (
            "plausibility.length_rise_young_below_months",
            e,
            tr("Bayi muda: di bawah umur"),
            months,
            whole,
            entry,
        ),
        (
            "plausibility.standing_from_age_months",
            e,
            tr("Tanya bila diukur berdiri di bawah umur"),
            months,
            whole,
            entry,
        ),
        ("duplicates.birth_days", e, tr("Anak yang sama: selisih tanggal lahir"), days, whole, own),
        ("duplicates.name_percent", e, tr("Anak yang sama: kemiripan nama"), percent, whole, own),
    )
    return tuple(Field(*row) for row in rows)


def shown(text: str) -> dict[str, str]:
    """Every value of a text as people write it, by full name; what a text does not say is as shipped."""
    whole = rules.over(tomllib.loads(rules.shipped_text()), tomllib.loads(text))
    return {field.key: _written(_at(whole, field.key)) for field in fields()}


def _at(table: Mapping[str, object], key: str) -> object:
    found: object = table
    for part in key.split("."):
        assert isinstance(found, Mapping)
        found = found[part]
    return found


def _written(value: object) -> str:
    if isinstance(value, float):
        return written(f"{value:.2f}").replace("-", "−")
    if isinstance(value, dict):
        return ", ".join(f"{ages.replace('-', '–')}: {grams}" for ages, grams in value.items())
    if isinstance(value, list):
        return ", ".join(str(item).replace("-", "–") for item in value)
    return str(value)


def edited(text: str, changes: Mapping[str, str], version: str, title: str) -> str:
    """The text with values as they were typed, under a new version; raises `InvalidValue` (field: the key).

    The sentence names the rule in words and says what is expected.
    """
    whole = rules.over(tomllib.loads(rules.shipped_text()), tomllib.loads(text))
    by_key = {field.key: field for field in fields()}
    for key, typed in changes.items():
        _put(whole, key, _read(by_key[key], typed))
    whole["version"], whole["title"] = version, title
    made = _toml(whole)
    try:
        rules.load(made)
    except RuleError as error:
        field = next((field for key, field in by_key.items() if error.key.startswith(key)), None)
        if field is None:
            raise
        raise InvalidValue(
            field.key, tr("{rule} harus {expected}.").format(rule=field.label, expected=error.expected)
        ) from error
    return made


def _put(table: dict[str, object], key: str, value: object) -> None:
    *path, last = key.split(".")
    for part in path:
        inner = table[part]
        assert isinstance(inner, dict)
        table = inner
    table[last] = value


def _read(field: Field, typed: str) -> object:
    plain = typed.strip().replace("−", "-").replace("–", "-")[:LONGEST]
    if field.kind is Kind.TABLE:
        return _read_table(field, plain)
    if field.kind is Kind.AGES:
        parts = [part.strip().replace(" ", "") for part in plain.split(",")]
        if not all(_RANGE.fullmatch(part) for part in parts):
            raise _unreadable(field, "0–5, 6–11, 12–23")
        return parts
    if field.kind is Kind.NUMBERS:
        parts = [part for part in re.split(r"[,;\s]+", plain) if part]
        if not parts or not all(part.isascii() and part.isdigit() and len(part) < 8 for part in parts):
            raise _unreadable(field, "2, 8")
        return [int(part) for part in parts]
    if not _NUMBER.fullmatch(plain):
        raise _unreadable(field, written("−2.00") if field.kind is Kind.SD else "14")
    if field.kind is Kind.SD:
        return float(plain.replace(",", "."))
    if not plain.isdigit():
        raise _unreadable(field, "14")
    return int(plain)


def _read_table(field: Field, plain: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for part in (part.strip() for part in re.split(r"[,;\n]", plain) if part.strip()):
        ages, mark, grams = (piece.strip() for piece in part.partition(":"))
        if not mark or not _RANGE.fullmatch(ages) or not grams.isdigit() or len(grams) > 5 or ages in found:
            raise _unreadable(field, "0–1: 800, 2: 900, 12–60: 200")
        found[ages] = int(grams)
    return found


def _unreadable(field: Field, example: str) -> InvalidValue:
    return InvalidValue(
        field.key,
        tr("{rule}: tulis seperti {example}.").format(rule=field.label, example=example),
    )


def _toml(table: Mapping[str, object], path: str = "") -> str:
    """A table as TOML: values first, then the tables inside."""
    lines, inner = [], []
    for key, value in table.items():
        if isinstance(value, dict):
            inner.append(f"\n[{path}{key}]\n{_toml(value, f'{path}{key}.')}")
        else:
            name = key if re.fullmatch(r"[A-Za-z_]+", key) else f'"{key}"'
            lines.append(f"{name} = {_value(value)}\n")
    return "".join(lines) + "".join(inner)


def _value(value: object) -> str:
    if isinstance(value, str):
        inside = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{inside}"'
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".") if value != int(value) else f"{value:.2f}"
    return str(value)
