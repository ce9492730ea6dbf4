"""Nutritional status by PMK No. 2/2020, decided on the rounded z-score that is shown.

A lower bound belongs to its band on the thin side, an upper bound on the fat side:
−2,00 and +1,00 are both normal, −3,00 is not yet "sangat kurang". Codes are those of
the Buku KIA.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from posyandu_app.domain.growth_standards import LAST_DAY
from posyandu_app.domain.zscore import HEIGHT_FROM_DAY, Growth, ZScore
from posyandu_app.i18n import language, tr


class Index(StrEnum):
    """The indices of PMK 2/2020, head circumference and LiLA, by the field's own names."""

    BB_U = "BB/U"
    TB_U = "TB/U"
    BB_TB = "BB/TB"
    IMT_U = "IMT/U"
    LK_U = "LK/U"
    LILA = "LiLA"


@dataclass(frozen=True, slots=True)
class Category:
    """One status: Buku KIA code, label in the language in force, and side.

    `side` is 0 for normal, negative on the thin, short or small side, positive on the
    other; its size is the severity, 1 to 3.
    """

    index: Index
    code: str
    label: str
    side: int


def weight_for_age(centi: int) -> Category:
    """BB/U by PMK 2/2020: −3, −2 and +1 SD; tells of weight only, never of "gizi"."""
    if centi < -300:
        return Category(Index.BB_U, "SK", tr("Berat badan sangat kurang"), -3)
    if centi < -200:
        return Category(Index.BB_U, "K", tr("Berat badan kurang"), -2)
    if centi <= 100:
        return Category(Index.BB_U, "N", tr("Berat badan normal"), 0)
    return Category(Index.BB_U, "RBBL", tr("Risiko berat badan lebih"), 1)


def length_for_age(centi: int) -> Category:
    """PB/U or TB/U by PMK 2/2020: −3, −2 and +3 SD; "tinggi" is seldom a problem, so its side is 1."""
    if centi < -300:
        return Category(Index.TB_U, "SP", tr("Sangat pendek"), -3)
    if centi < -200:
        return Category(Index.TB_U, "P", tr("Pendek"), -2)
    if centi <= 300:
        return Category(Index.TB_U, "N", tr("Normal"), 0)
    return Category(Index.TB_U, "Ti", tr("Tinggi"), 1)


def _six_bands(index: Index, centi: int) -> Category:
    if centi < -300:
        return Category(index, "GB", tr("Gizi buruk"), -3)
    if centi < -200:
        return Category(index, "GK", tr("Gizi kurang"), -2)
    if centi <= 100:
        return Category(index, "GN", tr("Gizi baik (normal)"), 0)
    if centi <= 200:
        return Category(index, "RGL", tr("Berisiko gizi lebih"), 1)
    if centi <= 300:
        return Category(index, "GL", tr("Gizi lebih"), 2)
    return Category(index, "O", tr("Obesitas"), 3)


def weight_for_length(centi: int) -> Category:
    """BB/PB or BB/TB by PMK 2/2020: −3, −2, +1, +2 and +3 SD."""
    return _six_bands(Index.BB_TB, centi)


def bmi_for_age(centi: int) -> Category:
    """IMT/U by PMK 2/2020, 0–60 months: the bands and labels of BB/TB."""
    return _six_bands(Index.IMT_U, centi)


def head_for_age(centi: int) -> Category:
    """LK/U by the Buku KIA: −2 and +2 SD, both of them normal."""
    if centi < -200:
        return Category(Index.LK_U, "Mi", tr("Mikrosefali"), -2)
    if centi <= 200:
        return Category(Index.LK_U, "N", tr("Normal"), 0)
    return Category(Index.LK_U, "Ma", tr("Makrosefali"), 2)


def lila(mm: int, age_months: int) -> Category:
    """LiLA in millimetres by the cut-offs of the Buku KIA and MTBS.

    Below six completed months 11.0 cm; from six months 11.5 and 12.5 cm, the lower
    bound belonging to the better band.
    """
    if age_months < 6:
        if mm < 110:
            return Category(Index.LILA, "BHP", tr("Berisiko hambatan pertumbuhan"), -2)
        return Category(Index.LILA, "–", tr("Pertumbuhan baik"), 0)
    if mm < 115:
        return Category(Index.LILA, "GB", tr("Gizi buruk"), -3)
    if mm < 125:
        return Category(Index.LILA, "GK", tr("Gizi kurang"), -2)
    return Category(Index.LILA, "N", tr("Gizi baik"), 0)


def index_name(index: Index, age_days: int | None) -> str:
    """The index as the field names it at this age: PB/U and BB/PB while the child is measured lying."""
    if age_days is not None and age_days < HEIGHT_FROM_DAY:
        return {Index.TB_U: "PB/U", Index.BB_TB: "BB/PB"}.get(index, index.value)
    return index.value


def categories(growth: Growth, muac_mm: int | None, age_months: int | None) -> dict[Index, Category]:
    """The status of every index that could be computed; an index not measured is absent, never normal.

    A flagged z-score has its category too: whoever shows it shows the flag beside it.
    LiLA needs the completed months of age and, like the z-scores, ends at 60 months.
    """
    scores: tuple[tuple[Index, ZScore | None], ...] = (
        (Index.BB_U, growth.weight_for_age),
        (Index.TB_U, growth.length_for_age),
        (Index.BB_TB, growth.weight_for_length),
        (Index.IMT_U, growth.bmi_for_age),
        (Index.LK_U, growth.head_for_age),
    )
    spoken = language()
    found = {index: _category(index, score.centi, spoken) for index, score in scores if score is not None}
    in_range = growth.age_days is None or growth.age_days <= LAST_DAY
    if muac_mm is not None and muac_mm > 0 and age_months is not None and age_months >= 0 and in_range:
        found[Index.LILA] = lila(muac_mm, age_months)
    return found


_BANDS: Mapping[Index, Callable[[int], Category]] = {
    Index.BB_U: weight_for_age,
    Index.TB_U: length_for_age,
    Index.BB_TB: weight_for_length,
    Index.IMT_U: bmi_for_age,
    Index.LK_U: head_for_age,
}


@lru_cache(maxsize=16384)
def _category(index: Index, centi: int, spoken: str) -> Category:
    """The status at a z-score in the language in force, `spoken`; each is made once."""
    return _BANDS[index](centi)
