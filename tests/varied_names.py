"""Children of a made-up district whose names are of very many words, some far more frequent than others."""

import random
from collections.abc import Callable, Sequence
from datetime import date
from itertools import accumulate

import numpy as np

from posyandu_app.reports.duplicates import Records

_MUHAMMAD = ("Muhammad", "Muhammad", "Muhamad", "Mohammad", "Moh.", "Muh.", "M.", "Moch.", "Ahmad", "Abdul")
_HER = ("Siti", "Siti", "Nur", "Putri", "Dewi", "Sri", "Ni Luh")
_GIVEN = """
Ad Ag Ahm Ais Ak Al Alf Am An And Ang Anis Ar Arf Arum As Asy Ay Az Bag Bay Bim Bud Cah Cand Cit Dan Dar Den
Dim Din Dwi Ed Ek El Er Fad Fah Fair Faj Fan Far Fat Fauz Feb Fer Fir Gal Gil Had Hal Han Har Has Hend Her
Hid Hus Ib Id Ik Il Im Ind Irf Is Jam Jih Jok Kam Khal Khoir Kir Kus Lat Len Lest Luk Lut Mah Mai Mal Mar
Mas Mau Meg Mel Mir Mul Mus Nab Nad Naf Nau Nis Nov Nurh Nurul Pand Pram Pras Prat Pur Rad Raf Raih Raj Rak
Ram Rat Ren Ret Rid Rif Rin Riz Rizk Ros Rud Rus Sab Sal Sar Sat Sept Sulist Sur Sus Sy Syah Syif Tar Taufi
Teg Tri Um Unt Vin Wah Wid Wij Wul Yan Yog Yul Yus Zah Zain Zak
""".split()  # noqa: SIM905 - so many quoted beginnings are harder to read
_ENDINGS = """
a ah ahra aini al am ama an ana ani anto ar ari arti asari ati awan awati ayu een eka ela en eni era hana
hayati i ia ianto iara ik ilah in ina indra ini ira is isa ita iyah iza kah lan li mah man mi na nah ngga ni
no ono ota q qi ra ri sa sari sih ta tika to tun u ul um ut wa wan wati ya yah yani yanti yo
""".split()  # noqa: SIM905
_OLD_SPELLING = (("j", "dj"), ("u", "oe"), ("c", "tj"), ("y", "j"), ("h", "kh"), ("i", "ie"))
_FIRST_DAY = date(2022, 1, 1).toordinal()


def children(count: int, seed: int, unnamed: float, days: int = 1800) -> Records:
    """So many children born within so many days; of a share `unnamed`, 0 to 1, the mother's name is missing.

    One of a hundred is written down once more, her name spelled another way and born some days apart.
    """
    drawn = random.Random(seed)
    word = _frequent_and_rare([a + b for a in _GIVEN for b in _ENDINGS], drawn)

    def name(before: Sequence[str]) -> str:
        first = (drawn.choice(before),) if drawn.random() < 0.25 else ()
        return " ".join([*first, *(word() for _ in range(drawn.choices((1, 2, 3), (2, 5, 3))[0]))])

    rows: list[tuple[str, str, int, str]] = []
    for _ in range(count):
        if rows and drawn.random() < 0.01:
            own, sex, born, mother = drawn.choice(rows)
            born += drawn.randint(-20, 20)
            rows.append((_respelled(own, drawn), sex, born, _respelled(mother, drawn)))
        else:
            sex = drawn.choice("MF")
            own = name(_MUHAMMAD if sex == "M" else _HER)
            rows.append((own, sex, _FIRST_DAY + drawn.randint(0, days), name(_HER)))
    names, sexes, births, mothers = zip(*rows, strict=True)
    return Records(
        ids=[f"anak-{number}" for number in range(count)],
        scopes=["32.11.13.2005.001"] * count,
        names=names,
        sexes=sexes,
        births=np.array(births, dtype=np.int32),
        niks=[None] * count,
        mothers=[None if drawn.random() < unnamed else mother for mother in mothers],
    )


def _frequent_and_rare(words: list[str], drawn: random.Random) -> Callable[[], str]:
    """A word at a time, the n-th as often as one over the root of n."""
    drawn.shuffle(words)
    weights = list(accumulate(n**-0.5 for n in range(1, len(words) + 1)))
    return lambda: drawn.choices(words, cum_weights=weights)[0]


def _respelled(name: str, drawn: random.Random) -> str:
    new, old = drawn.choice(_OLD_SPELLING)
    return drawn.choice((name.lower().replace(new, old, 1).title(), name.replace(" ", "", 1), name.upper()))
