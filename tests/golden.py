"""`python -m tests.golden FOLDER`: what this release writes, kept so that later ones prove they read it.

Each folder in `tests/data/golden` is named for a release and holds a laptop's database with unsent
entries, a server's folder (its keys are made up for this, like everything in it), a request on the line and
on a stick, and a request with its reply. They are made once for each release and never changed.
"""

import json
import shutil
import sys
from pathlib import Path

from posyandu_app.district import admin, config
from posyandu_app.district.desk import Desk
from posyandu_app.sync import stick
from posyandu_app.sync.conversation import exchange_all
from tests.district import server as servers
from tests.district.server import POSYANDU, VILLAGE, Server, Time, Wire
from tests.sync.laptops import Laptop

GOLDEN = Path(__file__).parent / "data" / "golden"


def make(folder: Path) -> None:
    """Write a golden bundle into a new folder."""
    folder.mkdir(parents=True)
    district_folder = folder / "dinas"
    shutil.copytree(servers._made_once(), district_folder)
    district = config.load(district_folder)
    store = admin.open_store(district)
    clock = Time()
    server = Server(district, store, Desk(district, store, clock), clock)
    kader, bidan = (
        Laptop(folder / f"{name}.db", scope).join(server, scope)
        for name, scope in (("kader", POSYANDU), ("bidan", VILLAGE))
    )
    child = kader.register("Anak Emas", mother_name="Ibu Emas", nik="3211134501250001")
    measurement = kader.weigh(child, 8400)
    payload = {"set": {"weight_g": {"v": 8500, "base": None}}, "reason": "salah baca"}
    kader.log("measurement.correct", measurement, payload)
    kader.log(
        "later.record", "9d2e5f2f-0b1c-4d4e-9f3a-2b3c4d5e6f70", {"child": child, "new": [1, {"a": None}]}
    )
    kader.log("child.register", "8c1f4f1e-9a0b-4c3d-8e2f-1a2b3c4d5e6f", {"name": {"v": "", "base": None}})
    exchange_all(kader.engine, Wire(server.desk))
    kader.edit(child, "name", "Anak Emas Dua")
    kader.weigh(child, 8600)
    request = kader.engine.prepare()
    (folder / "request.json").write_bytes(request.body)
    (folder / "request.psb").write_bytes(stick.seal(request.body, kader.peer.seal_key))
    hearing = bidan.engine.prepare()
    (folder / "bidan-request.json").write_bytes(hearing.body)
    (folder / "bidan-reply.json").write_bytes(server.desk.exchange(hearing.body))
    facts = {
        "child": child,
        "statuses": server.status().statuses,
        "digests": {kind: list(pair) for kind, pair in server.status().digests.items()},
        "kader": kader.statuses(),
    }
    (folder / "facts.json").write_text(json.dumps(facts, indent=1, sort_keys=True), encoding="utf-8")
    for laptop in (kader, bidan):
        laptop.database.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        laptop.database.conn.execute("VACUUM").fetchall()
        laptop.database.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        laptop.database.close()
    store.close()


if __name__ == "__main__":
    make(Path(sys.argv[1]))
