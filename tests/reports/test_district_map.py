"""The district's own map: codes with and without dots, names, what does not fit, and what is no map."""

import json

import pytest

from posyandu_app.domain.errors import UserError
from posyandu_app.reports import district_map
from tests.made_up_district import made_up_map

SQUARE = [[107.8, -6.6], [107.9, -6.6], [107.9, -6.7], [107.8, -6.7], [107.8, -6.6]]


def written(tmp_path, *features, text=None):
    path = tmp_path / "peta.geojson"
    path.write_text(text or json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def feature(properties, coordinates=None, kind="Polygon"):
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": [SQUARE] if coordinates is None else coordinates},
    }


@pytest.mark.parametrize(
    "properties",
    [
        {"KODE_KEC": "321113"},
        {"kode": "32.11.13"},
        {"id": 321113},
        {"NAMOBJ": "Pamulihan"},
        {"nama_kec": "PAMULIHAN ", "luas": 12.5},
    ],
)
def test_an_area_is_known_by_its_code_or_its_name(tmp_path, properties):
    found = district_map.read(written(tmp_path, feature(properties)), "32.11")
    assert set(found.shapes) == {"32.11.13"}
    assert len(found.shapes["32.11.13"][0]) == 5


def test_a_village_called_as_its_kecamatan_is_found_in_a_map_of_villages(tmp_path):
    from posyandu_app.domain import regions

    villages = regions.search("", regions.Level.VILLAGE, "32.11.13", 100)
    named = [feature({"WADMKC": "Pamulihan", "NAMOBJ": village.name}) for village in villages]
    others = [feature({"NAMOBJ": f"Tanpa nama {number}"}) for number in range(60)]
    found = district_map.read(written(tmp_path, *named, *others), "32.11")
    assert set(found.shapes) == {village.code for village in villages}


def test_the_longest_code_of_a_feature_decides(tmp_path):
    properties = {"kab": "3211", "kec": "321113", "desa": "3211132005"}
    assert set(district_map.read(written(tmp_path, feature(properties)), "32.11").shapes) == {"32.11.13.2005"}


def test_several_parts_and_holes_are_kept(tmp_path):
    hole = [[107.83, -6.63], [107.85, -6.63], [107.85, -6.65], [107.83, -6.65], [107.83, -6.63]]
    several = feature({"kode": "321113"}, [[SQUARE, hole], [SQUARE]], "MultiPolygon")
    assert len(district_map.read(written(tmp_path, several), "32.11").shapes["32.11.13"]) == 3


def test_what_fits_no_area_is_named(tmp_path):
    path = written(tmp_path, feature({"kode": "321113"}), feature({"NAMA": "Danau"}))
    assert district_map.read(path, "32.11").unmatched == ("Danau",)


def test_a_coast_of_many_points_is_simplified_but_stays_where_it_is(tmp_path):
    from math import cos, pi, sin

    ring = [[107.8 + 0.1 * cos(a * pi / 5000), -6.6 + 0.1 * sin(a * pi / 5000)] for a in range(10_000)]
    path = written(tmp_path, feature({"kode": "321113"}, [[*ring, ring[0]]]))
    points = district_map.read(path, "32.11").shapes["32.11.13"][0]
    assert 40 < len(points) <= district_map.MOST_POINTS
    assert max(abs((x - 107.8) ** 2 + (y + 6.6) ** 2 - 0.01) for x, y in points) < 1e-4


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("bukan json", "map_unreadable"),
        ("[1, 2]", "map_unreadable"),
        ('{"features": 3}', "map_unreadable"),
        ("[" * 100_000, "map_unreadable"),
        (json.dumps({"features": [feature({"kode": "999999"})]}), "map_foreign"),
        (
            json.dumps({"features": [None, {"geometry": {"type": "Polygon", "coordinates": 5}}]}),
            "map_foreign",
        ),
        (
            json.dumps({"features": [feature({"kode": "321113"}, [[[800000, 9250000]] * 5])]}),
            "map_not_degrees",
        ),
    ],
)
def test_what_is_no_map_of_the_district_is_refused_in_words(tmp_path, text, code):
    with pytest.raises(UserError) as refused:
        district_map.read(written(tmp_path, text=text), "32.11")
    assert refused.value.code == code


def test_the_map_is_kept_sealed_and_read_again(tmp_path):
    from posyandu_app.storage.connection import Database

    database = Database.create(tmp_path / "posyandu.db", bytes(32))
    try:
        assert district_map.kept(database) == {}
        found = district_map.read(written(tmp_path, text=made_up_map()), "32.11")
        district_map.keep(database, found.shapes)
        assert district_map.kept(database) == found.shapes
        assert b"32.11.13" not in district_map.path_of(database).read_bytes()
    finally:
        database.close()
