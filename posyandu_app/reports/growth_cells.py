"""The cells of a table of children as numbers: which titles are understood, and what may stand below them."""

import re
import unicodedata
from collections.abc import Callable, Sequence

from posyandu_app.domain.dates import parse_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.i18n import tr
from posyandu_app.reports.growth_table import FEMALE, LYING, MALE, STANDING

COLUMN_NAMES: dict[str, tuple[str, ...]] = {
    role: tuple(names.split())
    for role, names in {
        "sex": "sex jenis_kelamin jk kelamin jns_kelamin gender",
        "age_days": "age_days age_in_days umur_hari usia_hari umur_dalam_hari usia_dalam_hari",
        "weight_kg": "weight_kg weight berat_kg berat berat_badan_kg berat_badan bb_kg bb",
        "lenhei_cm": "lenhei_cm lenhei tinggi_cm tinggi tinggi_badan_cm tinggi_badan tb_cm tb panjang_cm "
        "panjang panjang_badan_cm panjang_badan pb_cm pb pb_tb_cm pb_tb tb_pb_cm tb_pb panjang_tinggi_cm "
        "panjang_tinggi length_height_cm length_height height_cm height length_cm length",
        "measure": "measure cara_ukur cara_pengukuran posisi_ukur posisi position",
        "headc_cm": "headc_cm headc lingkar_kepala_cm lingkar_kepala lika_cm lika lk_cm lk",
        "oedema": "oedema edema odema udem bengkak",
        "birth_date": "birth_date tgl_lahir tanggal_lahir birthdate date_of_birth dob",
        "visit_date": "visit_date tanggal_pengukuran tgl_pengukuran tanggal_ukur tgl_ukur measurement_date "
        "tanggal_kunjungan tgl_kunjungan tanggal_penimbangan tanggal_timbang tgl_timbang",
    }.items()
}
"""The column names that are understood, the preferred one first; case, spaces and signs do not matter."""

_LONGEST_NUMBER = 40
_REMEMBERED_CELLS = 100_000

_EMPTY = frozenset({"", "-", "–", "—", ".", "na", "n/a", "nan", "null", "none"})
_NUMBER = re.compile(r"(-?)(\d{1,9}(?:[.,]\d{0,15})?|[.,]\d{1,15})", re.ASCII)
_DATE_WITH_TIME = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[t ]\d{1,2}:.*", re.ASCII)
_SEXES = {
    **dict.fromkeys(("m", "l", "1", "male", "laki-laki", "laki laki", "laki", "lk", "pria"), MALE),
    **dict.fromkeys(("f", "p", "2", "female", "perempuan", "pr", "wanita"), FEMALE),
}
_POSITIONS = {
    **dict.fromkeys(("l", "terlentang", "telentang", "berbaring", "lying", "recumbent", "length"), LYING),
    **dict.fromkeys(("h", "berdiri", "standing", "height"), STANDING),
}
# "1" and "2" as in WHO's anthro; grades of swelling with plus signs as in Indonesian forms
_OEDEMA = {
    **dict.fromkeys(("y", "ya", "yes", "1", "true", "ada", "+", "++", "+++"), 1),
    **dict.fromkeys(("n", "t", "no", "tidak", "tdk", "tidak ada", "2", "0", "false"), 0),
}


class _Unreadable(ValueError):
    """A cell holds something that its column cannot hold; the text is the reason, for people."""


class Cells(dict[str, float]):
    """Numbers of the cells met so far; NaN for an empty cell and for one listed in `reasons`."""

    def __init__(self, read: Callable[[str], float]) -> None:
        super().__init__()
        self.read = read
        self.reasons: dict[str, str] = {}

    def __missing__(self, cell: str) -> float:
        value = float("nan")
        word = " ".join(cell.split()).casefold()
        if word not in _EMPTY:
            try:
                value = self.read(word)
            except _Unreadable as error:
                self.reasons[cell] = str(error)
        self[cell] = value
        return value

    def forget_if_many(self) -> None:
        """Start anew when a file's cells hardly repeat, so that memory stays steady."""
        if len(self) > _REMEMBERED_CELLS:
            self.clear()
            self.reasons.clear()


def _number(word: str) -> tuple[str, str]:
    """Sign and digits of a plain decimal number with point or comma."""
    match = _NUMBER.fullmatch(word) if len(word) <= _LONGEST_NUMBER else None
    if match is None:
        raise _Unreadable(tr("bukan angka. Tulis misalnya 8,4 atau 8.4."))
    return match[1], match[2].replace(",", ".")


def _size(exponent: int, largest: int, unit: str) -> Callable[[str], float]:
    """A reader of sizes above zero that scales by a power of ten without binary error."""

    def read(word: str) -> float:
        sign, digits = _number(word)
        value = float(f"{digits}e{exponent}")
        if sign or value == 0:
            raise _Unreadable(tr("harus lebih dari 0. Kosongkan sel bila tidak diukur."))
        if value > float(f"{largest}e{exponent}"):
            raise _Unreadable(
                tr("lebih dari {largest} {unit}. Periksa koma dan satuannya.").format(
                    largest=largest, unit=unit
                )
            )
        return value

    return read


def _age(word: str) -> float:
    try:
        sign, digits = _number(word)
    except _Unreadable:
        raise _Unreadable(tr("bukan angka. Tulis umur dalam hari, misalnya 905.")) from None
    value = float(digits)
    if sign:
        raise _Unreadable(tr("umur tidak bisa kurang dari 0 hari."))
    if value > 50_000:
        raise _Unreadable(tr("umur terlalu besar. Tulis umur dalam hari, misalnya 905."))
    return value


def _day(word: str) -> float:
    match = _DATE_WITH_TIME.fullmatch(word)
    try:
        return float(parse_date(match[1] if match else word).toordinal())
    except InvalidValue as error:
        raise _Unreadable(error.message) from None


def _word(meanings: dict[str, int], reason: Callable[[], str]) -> Callable[[str], float]:
    def read(word: str) -> float:
        if word not in meanings:
            raise _Unreadable(reason())
        return float(meanings[word])

    return read


def readers() -> dict[str, Cells]:
    """One reader for each column of `COLUMN_NAMES`: grams, millimetres, days, or the codes of `Children`."""
    return {
        "sex": Cells(_word(_SEXES, lambda: tr("jenis kelamin ditulis L atau P (boleh juga M/F atau 1/2)."))),
        "age_days": Cells(_age),
        "birth_date": Cells(_day),
        "visit_date": Cells(_day),
        "weight_kg": Cells(_size(3, 200, "kg")),
        "lenhei_cm": Cells(_size(1, 250, "cm")),
        "measure": Cells(_word(_POSITIONS, lambda: tr("cara ukur ditulis l (terlentang) atau h (berdiri)."))),
        "headc_cm": Cells(_size(1, 150, "cm")),
        "oedema": Cells(_word(_OEDEMA, lambda: tr("edema ditulis y (ya) atau n (tidak)."))),
    }


def _folded(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).casefold()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def places_of(titles: Sequence[str]) -> dict[str, list[int]]:
    """Where each understood column stands; more than one place when the preferred name is there twice."""
    folded = [_folded(title[:200]) for title in titles]
    found: dict[str, list[int]] = {}
    for role, names in COLUMN_NAMES.items():
        preferred = next((name for name in names if name in folded), None)
        if preferred is not None:
            found[role] = [place for place, name in enumerate(folded) if name == preferred]
    return found
