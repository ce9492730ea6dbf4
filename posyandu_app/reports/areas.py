"""Where children live and are measured: posyandu and the areas above them, by their scopes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from posyandu_app.domain import regions
from posyandu_app.i18n import tr

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Places = npt.NDArray[np.int32]


class Level(IntEnum):
    """How far down an area lies: the number of parts of its scope (Kemendagri codes, then the posyandu)."""

    KABUPATEN = 2
    KECAMATAN = 3
    VILLAGE = 4
    POSYANDU = 5

    @property
    def label(self) -> str:
        return {
            Level.KABUPATEN: tr("Kabupaten"),
            Level.KECAMATAN: tr("Kecamatan"),
            Level.VILLAGE: tr("Desa/kelurahan"),
            Level.POSYANDU: tr("Posyandu"),
        }[self]


def area_of(scope: str, level: Level) -> str:
    """The area of that level in which a scope lies; a scope that ends higher up stands for itself."""
    return ".".join(scope.split(".")[:level])


def parent_of(area: str) -> str:
    """The area just above; "" above a province."""
    return area.rpartition(".")[0]


def lies_in(scope: str, area: str) -> bool:
    """Whether a scope is an area or lies inside it; every scope lies in ""."""
    return not area or scope == area or scope.startswith(area + ".")


@dataclass(frozen=True, slots=True)
class AreaCodes:
    """The areas of one level, sorted by code, and for each place the index of its area."""

    codes: tuple[str, ...]
    of_place: Places


@dataclass(frozen=True, slots=True)
class Areas:
    """Every scope that occurs in the data (a "place"), in the order first met, and the names of posyandu."""

    scopes: tuple[str, ...]
    posyandu: dict[str, str]

    def at(self, level: Level) -> AreaCodes:
        """The areas of one level."""
        return _coded([area_of(scope, level) for scope in self.scopes])

    def inside(self, area: str) -> npt.NDArray[np.bool_]:
        """For each place, whether it lies in an area."""
        import numpy as np

        return np.array([lies_in(scope, area) for scope in self.scopes], dtype=bool)

    def name(self, area: str) -> str:
        """The area as people call it: a posyandu's own name, a region's official one, else its code."""
        return self.posyandu.get(area) or regions.name_of(area) or area


def _coded(areas: Sequence[str]) -> AreaCodes:
    import numpy as np

    codes = tuple(sorted(set(areas)))
    index = {code: place for place, code in enumerate(codes)}
    return AreaCodes(codes, np.array([index[area] for area in areas], dtype=np.int32))
