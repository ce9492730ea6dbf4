"""Rows of e-PPGBM / SIGIZI lists: columns found by their names, cells turned into typed values.

Reads the status export (older and newer ending), the import templates and the final
register of the Operasi Timbang (`facts.md`, section 5). Ages, labels and N/T letters are
never taken; the file's z-scores are kept beside the row for comparison only. What cannot
be trusted is left out of the row and said so in its remarks: no digit is invented.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from posyandu_app.domain import cells, names
from posyandu_app.domain.age import age_in_days
from posyandu_app.domain.cells import Cell, Quantity, Unreadable
from posyandu_app.domain.model import ChildState, Position, Sex
from posyandu_app.domain.numbers import format_weight
from posyandu_app.domain.zscore import assess
from posyandu_app.i18n import tr

MAX_NAME = 100

_COLUMNS: Mapping[str, str] = {
    "nik": "nik",
    "nik anak": "nik",
    "nama": "name",
    "nama anak": "name",
    "nama balita": "name",
    "jk": "sex",
    "jenis kelamin": "sex",
    "tgl lahir": "birth_date",
    "tanggal lahir": "birth_date",
    "bb lahir": "birth_weight",
    "berat lahir": "birth_weight",
    "berat badan lahir": "birth_weight",
    "berat lahir - sasaran": "birth_weight",
    "tb lahir": "birth_length",
    "pb lahir": "birth_length",
    "panjang lahir": "birth_length",
    "panjang badan lahir": "birth_length",
    "panjang lahir - sasaran": "birth_length",
    "lingkar kepala lahir": "birth_head",
    "lk lahir": "birth_head",
    "nama ortu": "parents",
    "nama orang tua": "parents",
    "nama orangtua": "parents",
    "nama ibu": "mother",
    "nama ayah": "father",
    "nomor kk": "kk",
    "no kk": "kk",
    "hp ortu": "phone",
    "no hp ortu": "phone",
    "no hp orang tua": "phone",
    "anak ke": "child_order",
    "usia hamil": "gestation",
    "usia kehamilan": "gestation",
    "imd": "imd",
    "kia": "kia",
    "desa/kel": "village",
    "desa/kelurahan": "village",
    "desa": "village",
    "kelurahan": "village",
    "posyandu": "posyandu",
    "nama posyandu": "posyandu",
    "rt": "rt",
    "rw": "rw",
    "alamat": "address",
    "hapus": "deleted",
    "pindah": "moved",
    "tanggal pengukuran": "measured_on",
    "tgl pengukuran": "measured_on",
    "tanggal ukur": "measured_on",
    "tgl ukur": "measured_on",
    "tanggalukur": "measured_on",
    "berat": "weight",
    "berat badan": "weight",
    "tinggi": "length",
    "tinggi badan": "length",
    "cara ukur": "position",
    "caraukur": "position",
    "lila": "muac",
    "lingkar kepala": "head",
    "pitting edema": "oedema",
    "zs bb/u": "z_weight",
    "zs tb/u": "z_length",
    "zs pb/u": "z_length",
    "zs bb/tb": "z_ratio",
    "zs bb/pb": "z_ratio",
}
_KNOWN_UNUSED = frozenset(
    {
        "no", "prov", "provinsi", "kab/kota", "kabupaten/kota", "kec", "kecamatan", "pukesmas", "puskesmas",
        "usia saat ukur", "bb/u", "tb/u", "pb/u", "bb/tb", "bb/pb", "naik berat badan", "pmt diterima",
        "jml vit a", "vita", "kpsp", "kelas ibu balita", "mbg", "detail", "nik ortu", "nik orang tua",
        "kia bayi kecil", *(f"asi bulan {month}" for month in range(7)),
    }
)  # fmt: skip
_SEXES = {
    **dict.fromkeys(("l", "lk", "laki", "lelaki", "laki-laki", "laki laki", "laki2", "pria", "m"), Sex.MALE),
    **dict.fromkeys(("p", "pr", "perempuan", "wanita", "f"), Sex.FEMALE),
}
_POSITIONS = {
    **dict.fromkeys(("terlentang", "telentang", "baring", "berbaring"), Position.LYING),
    "berdiri": Position.STANDING,
}
_STATES = (
    (re.compile(r"\bpindah\b", re.IGNORECASE), ChildState.MOVED),
    (re.compile(r"\b(?:meninggal|wafat)\b", re.IGNORECASE), ChildState.DEAD),
    (re.compile(r"\blulus\b", re.IGNORECASE), ChildState.GRADUATED),
)
_OEDEMA = {"tidak": 0, "0": 0, "1": 1, "2": 2, "3": 3, "+": 1, "++": 2, "+++": 3, "+1": 1, "+2": 2, "+3": 3}
_WEIGHT_UNITS = ("", "kg", "g")
_LENGTH_UNITS = ("", "cm", "mm")
_UNIT = re.compile(r"\(([^)]*)\)")
_SCIENTIFIC = re.compile(r"\d+(?:[.,]\d+)?e\+?\d+", re.IGNORECASE | re.ASCII)
_MOBILE = re.compile(r"8\d{8,11}", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)
_EXACT_FLOAT = 2**53


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a person should know about a row that is taken in all the same."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of one sheet stand; `grams` are weight columns headed "(gram)"."""

    columns: Mapping[str, int]
    labels: Mapping[str, str]
    grams: frozenset[str] = frozenset()
    mother_first: bool = False
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EppgbmRow:
    """One line of the file in the units of the wire; None is "not in the file".

    `file_z` holds the file's own z-scores BB/U, TB/U and BB/TB in hundredths, never to
    be stored. `problem` is the sentence for a row that cannot be taken at all.
    """

    sheet: str
    number: int
    name: str = ""
    nik: str | None = None
    sex: Sex | None = None
    birth_date: date | None = None
    mother_name: str | None = None
    father_name: str | None = None
    kk: str | None = None
    phone: str | None = None
    child_order: int | None = None
    gestation_weeks: int | None = None
    birth_weight_g: int | None = None
    birth_length_mm: int | None = None
    birth_head_mm: int | None = None
    kia_held: bool | None = None
    imd: bool | None = None
    village: str = ""
    posyandu: str = ""
    rt: str | None = None
    rw: str | None = None
    address: str | None = None
    state: ChildState | None = None
    deleted: bool = False
    measured_on: date | None = None
    weight_g: int | None = None
    length_mm: int | None = None
    position: Position | None = None
    head_mm: int | None = None
    muac_mm: int | None = None
    oedema: int | None = None
    file_z: tuple[int | None, int | None, int | None] = (None, None, None)
    remarks: tuple[Remark, ...] = ()
    problem: str | None = None

    @property
    def measured(self) -> bool:
        """Whether the row holds anything that was measured."""
        return any(value is not None for value in (self.weight_g, self.length_mm, self.head_mm, self.muac_mm))


@dataclass(frozen=True, slots=True)
class EppgbmSheet:
    """A whole file: its rows in file order, the posyandu named in it, and notes on what was not read."""

    rows: tuple[EppgbmRow, ...]
    posyandu: tuple[str, ...]
    problems: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()


def recognise(header: Sequence[Cell]) -> Layout | None:
    """The layout of a header row, or None when it is not one: it must name NIK, a name and Berat."""
    layout = _layout(header)
    return None if _lacking(layout) else layout


def nearly_a_header(row: Sequence[Cell]) -> tuple[str, ...]:
    """The headings that a row lacks to be a header; () when it names fewer than two columns at all."""
    layout = _layout(row)
    return _lacking(layout) if len(layout.columns) > 1 else ()


def _lacking(layout: Layout) -> tuple[str, ...]:
    found = layout.columns.keys()
    wanted = (("Nama Anak", {"name"}), ("NIK", {"nik"}), ("Berat (kg)", {"weight", "birth_weight"}))
    return tuple(heading for heading, keys in wanted if not keys & found)


def _layout(header: Sequence[Cell]) -> Layout:
    """Every column that is known by its name.

    "Pukesmas" is the export's own spelling; units in brackets, line breaks and
    underscores are looked through; of two columns with one name the first counts.
    """
    columns: dict[str, int] = {}
    labels: dict[str, str] = {}
    grams: set[str] = set()
    unknown: list[str] = []
    mother_first = False
    for index, cell in enumerate(header):
        shown = cells.text(cell) if isinstance(cell, str) else ""
        folded = shown.casefold().replace("_", " ").replace(".", " ")
        unit = _UNIT.search(folded)
        bare = " ".join(_UNIT.sub(" ", folded).replace("*", " ").replace(":", " ").split())
        bare = re.sub(r"^z[ -]?score", "zs", bare)
        key = _COLUMNS.get(bare)
        if key is None:
            if bare and bare not in _KNOWN_UNUSED:
                unknown.append(shown)
            continue
        if key in columns:
            continue
        columns[key], labels[key] = index, shown
        if unit is not None and key in ("weight", "birth_weight") and unit[1].strip() in ("g", "gr", "gram"):
            grams.add(key)
        if unit is not None and key == "parents" and unit[1].strip().startswith("ibu"):
            mother_first = True
    return Layout(columns, labels, frozenset(grams), mother_first, tuple(unknown))


def parse_row(values: Sequence[Cell], layout: Layout, sheet: str, number: int) -> EppgbmRow | None:
    """One line under a header as typed values; None for a blank line, a footer or the header again."""
    return _RowReader(values, layout, sheet, number).read()


@dataclass(slots=True)
class _RowReader:
    """Reads one line; what it leaves out it says in `remarks`, what makes the line unusable in `problem`."""

    values: Sequence[Cell]
    layout: Layout
    sheet: str
    number: int
    remarks: list[Remark] = field(default_factory=list)
    problem: str | None = None
    state: ChildState | None = None

    def read(self) -> EppgbmRow | None:
        if self.text("nik").casefold() == "nik":
            return None
        if not any(self.text(key) for key in ("name", "nik", "birth_date", "measured_on")):
            return None
        name = self.person("name")
        if name is None:
            self.refuse(tr("Nama anak kosong atau tidak terbaca. Isi nama di berkas."))
        sex, birth, measured_on = self.sex(), self.day("birth_date"), self.day("measured_on")
        age = age_in_days(birth, measured_on) if birth is not None and measured_on is not None else None
        father, mother = self.parents()
        length = self.millimetres("length", 200, 1600)
        return EppgbmRow(
            sheet=self.sheet,
            number=self.number,
            name=name or "",
            nik=self.nik(),
            sex=sex,
            birth_date=birth,
            mother_name=mother,
            father_name=father,
            kk=self.kk(),
            phone=self.phone(),
            child_order=self.count("child_order", 1, 20),
            gestation_weeks=self.count("gestation", 20, 45),
            birth_weight_g=self.birth_weight(),
            birth_length_mm=self.millimetres("birth_length", 200, 700),
            birth_head_mm=self.millimetres("birth_head", 200, 500),
            kia_held=cells.yes_or_no(self.cell("kia")),
            imd=cells.yes_or_no(self.cell("imd")),
            village=self.text("village"),
            posyandu=self.text("posyandu"),
            rt=self.text("rt") or None,
            rw=self.text("rw") or None,
            address=names.display(self.text("address")) or None,
            deleted=cells.yes_or_no(self.cell("deleted")) is True,
            measured_on=measured_on,
            weight_g=self.weight(sex, age),
            length_mm=length,
            position=self.position() if length is not None else None,
            head_mm=self.millimetres("head", 100, 800),
            muac_mm=self.millimetres("muac", 30, 500),
            oedema=self.oedema(),
            file_z=(self.hundredths("z_weight"), self.hundredths("z_length"), self.hundredths("z_ratio")),
            state=self.child_state(),
            remarks=tuple(self.remarks),
            problem=self.problem,
        )

    def cell(self, key: str) -> Cell:
        index = self.layout.columns.get(key)
        return self.values[index] if index is not None and index < len(self.values) else None

    def text(self, key: str) -> str:
        return cells.text(self.cell(key))

    def label(self, key: str) -> str:
        return self.layout.labels.get(key, key)

    def remark(self, code: str, sentence: str) -> None:
        self.remarks.append(Remark(code, sentence))

    def refuse(self, sentence: str) -> None:
        self.problem = self.problem or sentence

    def person(self, key: str) -> str | None:
        self.tell_what_is_hidden(key)
        return self.person_name(self.text(key), self.label(key))

    def tell_what_is_hidden(self, key: str) -> None:
        if cells.hides(self.cell(key)):
            self.remark(
                "hidden_signs",
                tr("{column}: ada tanda yang tidak terlihat, dibuang. Periksa tulisannya.").format(
                    column=self.label(key)
                ),
            )

    def person_name(self, line: str, label: str) -> str | None:
        if not line:
            return None
        shown = names.display(line)
        if len(shown) > MAX_NAME or not any(letter.isalpha() for letter in shown):
            self.remark("unreadable", tr("{column}: bukan nama, tidak diambil.").format(column=label))
            return None
        return shown

    def parents(self) -> tuple[str | None, str | None]:
        """Father and mother; "AYAH / IBU" is the export's order, a single name is taken for the mother's."""
        father, mother = self.person("father"), self.person("mother")
        self.tell_what_is_hidden("parents")
        parts = [part.strip() for part in self.text("parents").split("/", 1)]
        label = self.label("parents")
        if len(parts) == 2:
            first, second = (self.person_name(cells.text(part), label) for part in parts)
            by_order = (second, first) if self.layout.mother_first else (first, second)
            return father or by_order[0], mother or by_order[1]
        if parts[0] and mother is None:
            mother = self.person_name(parts[0], label)
            self.remark(
                "one_parent", tr("{column}: hanya satu nama, dicatat sebagai ibu.").format(column=label)
            )
        return father, mother

    def sex(self) -> Sex | None:
        word = self.text("sex").casefold().strip(". ")
        if word and word not in _SEXES:
            self.refuse(
                tr("{column} “{value}” tidak dikenal. Tulis L atau P.").format(
                    column=self.label("sex"), value=word[:20]
                )
            )
        return _SEXES.get(word)

    def day(self, key: str) -> date | None:
        try:
            return cells.day(self.cell(key))
        except Unreadable:
            self.refuse(
                tr("{column} “{value}” tidak terbaca. Tulis seperti 2024-08-17.").format(
                    column=self.label(key), value=self.text(key)[:20]
                )
            )
            return None

    def nik(self) -> str | None:
        cell = self.cell("nik")
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            return self.numeric_nik(cell)
        line = self.text("nik").replace(" ", "").lstrip("'’`").removesuffix(".0")
        if not line or set(line) == {"0"}:
            return None
        if "*" in line or "x" in line.casefold():
            self.remark("nik_masked", tr("NIK disamarkan di berkas: NIK menyusul."))
        elif _SCIENTIFIC.fullmatch(line):
            self.nik_lost_digits()
        elif _DIGITS.fullmatch(line) is None:
            self.remark("nik_form", tr("NIK berisi selain angka: NIK menyusul."))
        elif len(line) != 16:
            self.remark(
                "nik_length", tr("NIK {count} angka, seharusnya 16: NIK menyusul.").format(count=len(line))
            )
        elif len(set(line)) == 1:
            self.remark("nik_form", tr("NIK berisi satu angka yang diulang: NIK menyusul."))
        else:
            return line
        return None

    def numeric_nik(self, value: int | float) -> str | None:
        """A NIK kept as a number: Excel holds 15 digits, so a last digit 0 is not to be trusted."""
        if value == 0:
            return None
        digits = str(int(value)) if 0 < value < 10**17 and float(value).is_integer() else ""
        if len(digits) == 16 and int(digits) < _EXACT_FLOAT and digits[-1] != "0":
            return digits
        if not digits or len(digits) >= 16:
            self.nik_lost_digits()
        else:
            self.remark(
                "nik_length", tr("NIK {count} angka, seharusnya 16: NIK menyusul.").format(count=len(digits))
            )
        return None

    def nik_lost_digits(self) -> None:
        self.remark(
            "nik_number", tr("NIK tersimpan sebagai bilangan sehingga angkanya hilang: NIK menyusul.")
        )

    def phone(self) -> str | None:
        """A phone number; one kept as a number has lost the 0 before its 8."""
        digits = self.text("phone")
        if isinstance(self.cell("phone"), (int, float)) and _MOBILE.fullmatch(digits):
            return f"0{digits}"
        return digits or None

    def kk(self) -> str | None:
        digits = self.text("kk").replace(" ", "").lstrip("'")
        if not digits:
            return None
        if len(digits) == 16 and _DIGITS.fullmatch(digits) and isinstance(self.cell("kk"), str):
            return digits
        self.remark(
            "unreadable", tr("{column}: bukan 16 angka, tidak diambil.").format(column=self.label("kk"))
        )
        return None

    def quantity(self, key: str, units: tuple[str, ...] = ("",)) -> Quantity | None:
        """The number in a column; "PINDAH RUMAH" and its like are understood, another word is remarked on."""
        line = self.text(key)
        try:
            found = cells.quantity(self.cell(key))
            if found is None or found.unit in units:
                return found
        except Unreadable:
            for pattern, state in _STATES:
                if pattern.search(line):
                    self.state = self.state or state
                    return None
        self.remark(
            "unreadable",
            tr("{column} “{value}” bukan angka, tidak diambil.").format(
                column=self.label(key), value=line[:20]
            ),
        )
        return None

    def bounded(self, key: str, value: Decimal, low: int, high: int) -> int | None:
        """The value as a whole number of g or mm, or None with a remark when no child measures that."""
        whole = int(value.to_integral_value(ROUND_HALF_UP))
        if low <= whole <= high:
            return whole
        self.remark(
            "out_of_range",
            tr("{column} “{value}” tidak mungkin, tidak diambil.").format(
                column=self.label(key), value=self.text(key)[:20]
            ),
        )
        return None

    def millimetres(self, key: str, low: int, high: int) -> int | None:
        found = self.quantity(key, _LENGTH_UNITS)
        if found is None:
            return None
        return self.bounded(key, found.value * (1 if found.unit == "mm" else 10), low, high)

    def count(self, key: str, low: int, high: int) -> int | None:
        found = self.quantity(key)
        return None if found is None else self.bounded(key, found.value, low, high)

    def birth_weight(self) -> int | None:
        """Birth weight in grams; above 10 in a column of kilograms the unit is in doubt: not taken."""
        key = "birth_weight"
        found = self.quantity(key, _WEIGHT_UNITS)
        if found is None:
            return None
        if found.unit == "g" or key in self.layout.grams:
            return self.bounded(key, found.value, 300, 7000)
        if found.value > 10:
            self.doubtful(key)
            return None
        return self.bounded(key, found.value * 1000, 300, 7000)

    def doubtful(self, key: str) -> None:
        self.remark(
            "doubtful_unit",
            tr("{column} “{value}”: kg atau gram? Tidak diambil; isi sendiri bila sudah pasti.").format(
                column=self.label(key), value=self.text(key)[:20]
            ),
        )

    def weight(self, sex: Sex | None, age_days: int | None) -> int | None:
        """Weight in grams; a figure above 100 is read as grams only when nothing else can be meant."""
        key = "weight"
        found = self.quantity(key, _WEIGHT_UNITS)
        if found is None:
            return None
        if found.unit == "g" or key in self.layout.grams:
            return self.bounded(key, found.value, 200, 60_000)
        if found.unit == "kg" or found.value <= 100:
            return self.bounded(key, found.value * 1000, 200, 60_000)
        if not _only_grams(found.value, sex, age_days):
            self.doubtful(key)
            return None
        grams = int(found.value)
        self.remark(
            "grams",
            tr("{column} “{value}” dibaca sebagai gram: {weight} kg.").format(
                column=self.label(key), value=self.text(key)[:20], weight=format_weight(grams)
            ),
        )
        return grams

    def position(self) -> Position | None:
        word = self.text("position").casefold()
        if word and word not in _POSITIONS:
            self.remark(
                "unreadable",
                tr("{column} “{value}” bukan Terlentang atau Berdiri, tidak diambil.").format(
                    column=self.label("position"), value=word[:20]
                ),
            )
        return _POSITIONS.get(word)

    def oedema(self) -> int | None:
        word = self.text("oedema").casefold()
        if not word:
            return None
        if word in _OEDEMA:
            return _OEDEMA[word]
        self.remark(
            "unreadable",
            tr("{column} “{value}” bukan tidak, 1, 2 atau 3, tidak diambil.").format(
                column=self.label("oedema"), value=word[:20]
            ),
        )
        return None

    def hundredths(self, key: str) -> int | None:
        """The file's own z-score; words such as "Outlier" are no number and nothing to compare."""
        try:
            found = cells.quantity(self.cell(key))
        except Unreadable:
            return None
        return None if found is None else int((found.value * 100).to_integral_value(ROUND_HALF_UP))

    def child_state(self) -> ChildState | None:
        if cells.yes_or_no(self.cell("moved")):
            return ChildState.MOVED
        return self.state


def _only_grams(figure: Decimal, sex: Sex | None, age_days: int | None) -> bool:
    """Whether a figure above 100 is a possible weight as grams at this age (WHO does not flag it).

    Then no other reading is possible: what WHO does not flag spans less than a factor of ten,
    so a lost comma (84 for 8,4) falls outside.
    """
    if figure != figure.to_integral_value():
        return False
    score = assess(sex, age_days, weight_g=int(figure)).weight_for_age
    return score is not None and not score.flagged
