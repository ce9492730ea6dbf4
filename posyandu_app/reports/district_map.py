"""The district's own map: taken from a GeoJSON file once, simplified, and kept sealed beside the data.

A feature is an area when one of its properties holds a Kemendagri code (with or without dots), or a
name that only one area of the district has. Coordinates must be longitude and latitude (RFC 7946).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from posyandu_app.domain import regions
from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.storage import sealed
from posyandu_app.storage.connection import Database

Ring: TypeAlias = tuple[tuple[float, float], ...]
Shapes: TypeAlias = Mapping[str, tuple[Ring, ...]]

BIGGEST_FILE = 80_000_000
MOST_POINTS = 400
"""Points kept of one ring: more is not seen on a laptop's screen."""
_PURPOSE = "map"
_FORMAT = 1
_LEVELS = (regions.Level.KECAMATAN, regions.Level.VILLAGE)


@dataclass(frozen=True, slots=True)
class Imported:
    """The outlines by area, and the names of features that fit no area of the district."""

    shapes: Shapes
    unmatched: tuple[str, ...]


def path_of(database: Database) -> Path:
    """Where the map is kept."""
    return sealed.beside(database.path, _PURPOSE)


def keep(database: Database, shapes: Shapes) -> None:
    """Keep the outlines; raises `UserError` when the disk refuses."""
    content = json.dumps({"format": _FORMAT, "shapes": shapes}).encode()
    try:
        sealed.write(path_of(database), database.key, _PURPOSE, content)
    except OSError as error:
        raise UserError(
            tr("Peta belum tersimpan: disk penuh atau tidak boleh ditulis. Kosongkan sebagian, lalu ulangi."),
            code="map_unwritable",
        ) from error


def kept(database: Database) -> Shapes:
    """The outlines kept, {} when none were given."""
    content = sealed.read(path_of(database), database.key, _PURPOSE)
    if content is None:
        return {}
    found = json.loads(content)
    if found.get("format") != _FORMAT:
        return {}
    return {
        area: tuple(tuple((float(x), float(y)) for x, y in ring) for ring in rings)
        for area, rings in found["shapes"].items()
    }


def read(path: Path, district: str) -> Imported:
    """The areas of a district ("32.11") in a GeoJSON file, as kecamatan and villages.

    Raises `UserError` that says what is wrong with the file and how to mend it.
    """
    features = _features(path)
    areas = _Areas(district, len(features))
    shapes: dict[str, list[Ring]] = {}
    unmatched: list[str] = []
    for feature in features:
        rings = [_simplified(ring) for ring in _rings(feature.get("geometry"))]
        rings = [ring for ring in rings if len(ring) >= 3]
        if not rings:
            continue
        properties = feature.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        code = areas.code(properties)
        if code is None:
            unmatched.append(_title(properties))
        else:
            shapes.setdefault(code, []).extend(rings)
    if not shapes:
        raise UserError(
            tr(
                "Tidak ada wilayah kabupaten ini di berkas peta. Perlu kode Kemendagri atau nama "
                "kecamatan/desa pada tiap wilayah."
            ),
            code="map_foreign",
        )
    return Imported({code: tuple(rings) for code, rings in shapes.items()}, tuple(unmatched))


def _features(path: Path) -> list[dict[str, Any]]:
    try:
        if path.stat().st_size > BIGGEST_FILE:
            raise UserError(
                tr("Berkas peta terlalu besar. Sederhanakan dulu, paling besar 80 MB."), code="map_too_big"
            )
        text = path.read_bytes().decode("utf-8-sig")
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(
            tr("Berkas ini bukan peta GeoJSON. Minta berkas .geojson dari Bappeda, lalu pilih lagi."),
            code="map_unreadable",
        ) from error
    except OSError as error:
        raise UserError(
            tr("Berkas peta {name} tidak bisa dibuka.").format(name=path.name), code="map_unreadable"
        ) from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise UserError(
            tr("Berkas ini bukan peta GeoJSON. Minta berkas .geojson dari Bappeda, lalu pilih lagi."),
            code="map_unreadable",
        )
    return [feature for feature in features if isinstance(feature, dict)]


class _Areas:
    """The areas of a district by code and by name; a village may be called as its kecamatan is."""

    def __init__(self, district: str, features: int) -> None:
        kecamatan, villages = (regions.search("", level, district, 5000) for level in _LEVELS)
        self._by_code = {region.code.replace(".", ""): region.code for region in (*kecamatan, *villages)}
        self._kecamatan = {_folded(region.name): region.code for region in kecamatan}
        self._villages: dict[str, list[str]] = {}
        for region in villages:
            self._villages.setdefault(_folded(region.name), []).append(region.code)
        self._of_villages = features > 2 * len(kecamatan)

    def code(self, properties: Mapping[str, Any]) -> str | None:
        """The area of a feature: by the longest code in it, else by its names."""
        texts = [str(value) for value in properties.values() if isinstance(value, str | int)]
        digits = [text.replace(".", "").strip() for text in texts]
        coded = [self._by_code[one] for one in digits if one in self._by_code]
        if coded:
            return max(coded, key=len)
        names = [_folded(text) for text in texts]
        around = next((self._kecamatan[name] for name in names if name in self._kecamatan), None)
        if around is not None and not self._of_villages:
            return around
        called = [name for name in names if self._kecamatan.get(name) != around] or names
        for some in (called, names):
            found = {code for name in some for code in self._villages.get(name, ())}
            inside = {code for code in found if around is not None and code.startswith(f"{around}.")}
            for codes in (inside, found):
                if len(codes) == 1:
                    return codes.pop()
        return None


def _folded(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _title(properties: Mapping[str, Any]) -> str:
    named = [str(v) for k, v in properties.items() if isinstance(v, str) and "nam" in k.casefold() and v]
    return (named[0] if named else "—")[:60]


def _rings(geometry: object) -> Iterator[list[tuple[float, float]]]:
    """Every ring of a polygon or of several; raises `UserError` for coordinates that are not degrees."""
    if not isinstance(geometry, dict):
        return
    parts: object = geometry.get("coordinates")
    polygons = {"Polygon": [parts], "MultiPolygon": parts}.get(str(geometry.get("type")), [])
    for polygon in polygons if isinstance(polygons, list) else []:
        for ring in polygon if isinstance(polygon, list) else []:
            points = [_point(point) for point in ring] if isinstance(ring, list) else []
            if len(points) >= 4:
                yield points


def _point(point: object) -> tuple[float, float]:
    if isinstance(point, list) and len(point) >= 2:
        lon, lat = point[0], point[1]
        numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (lon, lat))
        if numbers and math.isfinite(lon) and -180 <= lon <= 180 and -90 <= lat <= 90:
            return float(lon), float(lat)
    raise UserError(
        tr("Koordinat peta ini bukan bujur dan lintang. Simpan ulang sebagai WGS 84 (EPSG:4326)."),
        code="map_not_degrees",
    )


def _simplified(ring: Sequence[tuple[float, float]]) -> Ring:
    """The ring with at most `MOST_POINTS` points, by Douglas and Peucker with a growing tolerance."""
    tolerance, points = 0.0001, list(ring)
    while True:
        kept = _kept(points, tolerance)
        if len(kept) <= MOST_POINTS:
            return tuple((round(x, 5), round(y, 5)) for x, y in kept)
        tolerance *= 2


def _kept(points: Sequence[tuple[float, float]], tolerance: float) -> list[tuple[float, float]]:
    if len(points) < 4:
        return list(points)
    # a ring ends where it begins: it is parted at the point farthest from there
    first = points[0]
    far = max(range(len(points)), key=lambda i: math.dist(first, points[i]))
    keep = {0, far, len(points) - 1}
    stack = [(0, far), (far, len(points) - 1)]
    while stack:
        start, stop = stack.pop()
        (x1, y1), (x2, y2) = points[start], points[stop]
        length = math.hypot(x2 - x1, y2 - y1)
        most, at = 0.0, -1
        for i in range(start + 1, stop):
            x, y = points[i]
            if length:
                away = abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length
            else:
                away = math.hypot(x - x1, y - y1)
            if away > most:
                most, at = away, i
        if most > tolerance and at > 0:
            keep.add(at)
            stack += [(start, at), (at, stop)]
    return [points[i] for i in sorted(keep)]
