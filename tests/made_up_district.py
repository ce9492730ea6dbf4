"""A made-up district on one laptop: the generator's children and visits under a real login."""

import json
import math
from datetime import datetime
from itertools import pairwise

from posyandu_app.domain import regions
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Role
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts
from tests import generator
from tests.made_up import WIB

NOW = datetime(2026, 11, 28, 9, 12, tzinfo=WIB)
LABEL, PASSWORD = "Rina Kusuma", "kabupaten satu"
KABUPATEN = "32.11"


def clock() -> FixedClock:
    """Late in November, after the posyandu days."""
    return FixedClock(NOW)


def fill(
    folder: DataFolder,
    *,
    role: Role = Role.DINAS,
    scope: str = KABUPATEN,
    children: int = 900,
    months: int = 12,
    posyandu: int = 75,
    seed: int = 5,
    causes: bool = True,
) -> generator.World:
    """The laptop of somebody of that role over an area, with the world that lies in it."""
    world = generator.make(children, months, posyandu, seed)
    setup = accounts.Setup(scope, "Dinas Kesehatan", LABEL, LABEL, role, PASSWORD)
    ws = accounts.set_up(folder, setup, clock(), cheap=True)
    try:
        generator.fill(world, ws.database)
        if causes:
            _cards(world, ws.database)
        with ws.database.atomic():
            ws.database.run(
                "UPDATE child SET vals = json_set(vals, '$.rt', printf('%02d', n % 4 + 1),"
                " '$.rw', printf('%02d', n % 3 + 1), '$.address', 'Kp. Buatan ' || (n % 9 + 1))"
            )
            ws.database.set_meta("changed", "1000")
    finally:
        ws.close()
    return world


def _cards(world: generator.World, database) -> None:
    """A card for every third visit of the last three months, and doses for most children."""
    rows = []
    for index in range(len(world.visit_ids)):
        visit = world.measurement(index)
        if visit.date.year == 2026 and visit.date.month >= 9 and index % 3 == 0:
            values = {
                "child": visit.child,
                "date": visit.date.isoformat(),
                "exclusive_breastfeeding": index % 5 != 0,
                "complementary_feeding": index % 4 != 0,
                "local_food": index % 2 == 0,
            }
            rows.append(("visit", f"card-{index}", visit.child, values))
    for number, child in enumerate(world.children):
        for what, more, day in (
            ("imunisasi", {"antigen": "bcg"}, "2026-03-10"),
            ("imunisasi", {"antigen": "mr1"}, "2026-08-10"),
            ("vitamin_a", {"colour": "merah"}, "2026-08-12"),
        ):
            if (number + len(more)) % 5 and (what != "imunisasi" or more["antigen"] == "bcg" or number % 4):
                values = {"child": child.id, "date": day, "what": what, "state": "diberikan", **more}
                rows.append(("dose", f"dose-{number}-{what}-{day}", child.id, values))
    place = dict(zip(world.child_ids, world.child_place.tolist(), strict=True))
    with database.atomic():
        database.run_many(
            "INSERT INTO other_row(kind, id, scope, child, vals, bases, digest, changed, date, actor, at,"
            " hlc) VALUES (?, ?, ?, ?, ?, '', ?, 1, ?, ?, '', '')",
            [
                (
                    kind,
                    entity,
                    world.scopes[place[child]],
                    child,
                    json.dumps(values),
                    bytes(32),
                    values["date"],
                    world.actors[0],
                )
                for kind, entity, child, values in rows
            ],
        )


def made_up_map(scope: str = KABUPATEN) -> str:
    """A GeoJSON map of the kabupaten's kecamatan that looks like one but is drawn by a rule, not surveyed."""
    found = regions.search("", regions.Level.KECAMATAN, scope, 100)
    across = math.ceil(math.sqrt(len(found) * 1.5))
    features = []
    for number, region in enumerate(found):
        x, y = number % across, number // across

        def corner(i: int, j: int) -> list[float]:
            """A corner of the net, moved a little by a rule so that neighbours share it."""
            shift = math.sin(i * 12.9898 + j * 78.233) * 0.32, math.cos(i * 39.3 + j * 11.1) * 0.32
            return [107.8 + 0.05 * (i + shift[0]), -6.6 - 0.05 * (j + shift[1])]

        ring = [corner(x, y), corner(x + 1, y), corner(x + 1, y + 1), corner(x, y + 1), corner(x, y)]
        bent = []
        for one, other in pairwise(ring):
            for step in range(8):
                part = step / 8
                wave = math.sin(part * math.pi) * 0.004 * math.sin(1000 * (one[0] + other[0]))
                bent.append(
                    [
                        one[0] + (other[0] - one[0]) * part + wave,
                        one[1] + (other[1] - one[1]) * part + wave,
                    ]
                )
        bent.append(bent[0])
        features.append(
            {
                "type": "Feature",
                "properties": {"KODE": region.code.replace(".", ""), "NAMA": region.name},
                "geometry": {"type": "Polygon", "coordinates": [bent]},
            }
        )
    return json.dumps({"type": "FeatureCollection", "features": features})
