"""Columns of children and visits, and what the rest of the analysis calls their types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeAlias

from posyandu_app.bulk import side_by_side
from posyandu_app.domain.reading import read_date

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ints: TypeAlias = npt.NDArray[np.int32]
    Wide: TypeAlias = npt.NDArray[np.int64]
    Codes: TypeAlias = npt.NDArray[np.int8]
    Floats: TypeAlias = npt.NDArray[np.float64]
    Bools: TypeAlias = npt.NDArray[np.bool_]
    Rows: TypeAlias = npt.NDArray[np.intp]

_WORTH_A_THREAD = 100_000
MOST = 10**6
"""No child has more grams or millimetres: what is larger is taken for this; differences stay in range."""


@dataclass(frozen=True, slots=True)
class ChildColumns:
    """One row per child. `birth` is `date.toordinal()`, 0 when not known; `place` an index into the areas.

    `active` is a child still expected at the posyandu; `card` one who holds a KIA/KMS.
    """

    ids: tuple[str, ...]
    place: Ints
    sex: Codes
    birth: Ints
    active: Bools
    card: Bools
    has_nik: Bools

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class VisitColumns:
    """One row per measurement that stands, by child and day, those of one day in the order of saving.

    `number` names the record (see `Frame.visit_ids`); `child` is a row of the children, `place` and
    `actor` who measured where. `day`, `saved` and `came` (to the server)
    are `date.toordinal()`, the latter two 0 when not known.
    Grams and millimetres; 0 is "not measured".
    """

    number: Wide
    child: Ints
    place: Ints
    actor: Ints
    day: Ints
    saved: Ints
    came: Ints
    weight_g: Ints
    length_mm: Ints
    head_mm: Ints
    muac_mm: Ints
    position: Codes
    oedema: Bools

    def __len__(self) -> int:
        return len(self.number)

    def chosen(self, rows: Rows | Bools) -> VisitColumns:
        """These rows."""
        import numpy as np

        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        found: dict[str, npt.NDArray[Any]] = {}

        def choose(name: str) -> None:
            found[name] = getattr(self, name).take(places)

        side_by_side(choose, [field.name for field in fields(self)], len(places) // _WORTH_A_THREAD)
        return VisitColumns(**found)


class Numbered(dict[str, int]):
    """Texts numbered in the order in which they are first asked for."""

    def __missing__(self, text: str) -> int:
        self[text] = len(self)
        return self[text]

    def update(self, texts: Iterable[str]) -> None:  # type: ignore[override]
        for text in texts:
            self[text]


class Days(dict[str | None, int]):
    """Dates in their stored form as ordinals, each read once; 0 for what is no date."""

    def __missing__(self, text: str | None) -> int:
        day = read_date(text)
        self[text] = 0 if day is None else day.toordinal()
        return self[text]


def in_order(first: Ints | Rows, second: Ints, bits: int) -> tuple[Wide, Rows]:
    """The rows by two numbers, equal ones as they come, and before them both numbers as one, in that order.

    Neither number is negative; the second has at most so many bits, and stands in the last ones.
    """
    import numpy as np

    key = first.astype(np.int64)
    key <<= bits
    key |= second
    of_row = len(key).bit_length()
    if key.max(initial=0) >> 63 - of_row:
        order = np.argsort(key, kind="stable")
        return key[order], order
    key <<= of_row  # sorting the numbers themselves, with the row in their last bits, takes a quarter
    key |= np.arange(len(key))
    key.sort()
    return key >> of_row, key & ((1 << of_row) - 1)


def distinct(values: Wide) -> Wide:
    """The numbers in order, each once, none negative; hashing them as `np.unique` does takes far longer."""
    import numpy as np

    found = np.sort(values)
    return found[np.flatnonzero(np.diff(found, prepend=-1))]


def limited(values: Wide) -> Ints:
    """Figures no larger than any child's, so that differences stay in range; negative ones are no measure."""
    import numpy as np

    return np.clip(values, 0, MOST).astype(np.int32)


def joined(parts: Sequence[VisitColumns]) -> VisitColumns:
    import numpy as np

    types = {"number": np.int64, "position": np.int8, "oedema": np.bool_}
    return VisitColumns(
        *(
            np.concatenate(
                [np.empty(0, dtype=types.get(field.name, np.int32)), *(getattr(p, field.name) for p in parts)]
            )
            for field in fields(VisitColumns)
        )
    )
