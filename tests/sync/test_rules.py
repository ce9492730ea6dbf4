"""The page of sync rules names real tests, and what no other test shows of a rule is shown here."""

import ast
import json
import re
import uuid
from functools import lru_cache
from pathlib import Path

from posyandu_app.storage import backup, log, projection, sums
from posyandu_app.storage.connection import Database
from posyandu_app.sync import usb
from tests.district.hand import sign
from tests.district.server import VILLAGE, Wire
from tests.sync.laptops import KEY

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "sync-rules.md"
_ROW = re.compile(r"^\| (\d+) \| (.+) \| (.+) \| (.+) \|$", re.M)
_NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
_PLACE = re.compile(r"`((?:posyandu_app|docs)/[\w/]+\.(?:py|md))`")


@lru_cache
def functions_of(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_rule_names_where_it_is_kept_and_what_proves_it():
    rows = _ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert [int(number) for number, *_ in rows] == list(range(1, 22))
    for number, _, places, proofs in rows:
        assert _PLACE.findall(places), f"rule {number} names no module"
        assert any(name for _, name in _NAMED.findall(proofs)), f"rule {number} names no test"


def test_every_test_and_module_on_the_page_is_there():
    page = PAGE.read_text(encoding="utf-8")
    missing = [place for place in _PLACE.findall(page) if not (ROOT / place).exists()]
    for file, name in _NAMED.findall(page):
        if not (ROOT / file).exists() or (name and name not in functions_of(ROOT / file)):
            missing.append(f"{file}::{name}")
    assert missing == []


def own_deeds(laptop) -> list[tuple]:
    own = "SELECT replica, seq, type FROM log WHERE replica = ? ORDER BY seq"
    return [tuple(row) for row in laptop.database.rows(own, (laptop.database.replica,))]


def test_only_what_a_person_did_creates_operations(server, make, tmp_path):
    """Rule 18: what exchanges, repairs, projects, backs up, carries and opens writes nothing in the log."""
    kader, bidan = make(), make(VILLAGE)
    for number in range(60):
        kader.weigh(kader.register(f"Anak {number}"))
    bidan.scope = kader.scope
    did = own_deeds(kader)
    assert len(did) == 120
    kader.sync()
    bidan.sync()
    assert own_deeds(bidan) == [], "a first fill makes no operation"
    with bidan.database.atomic():
        bidan.database.run("UPDATE log SET ss = NULL WHERE rowid % 7 = 0")
        sums.recount(bidan.database)
    assert "log_differs" in bidan.sync().incidents
    bidan.sync()
    (tmp_path / "flashdisk").mkdir()
    for laptop in (kader, bidan):
        with laptop.database.atomic():
            projection.rebuild(laptop.database)
        backup.make(laptop.database, "uji", laptop.clock.now())
        usb.export_to(laptop.database, laptop.clock, tmp_path / "flashdisk")
        usb.import_from(laptop.database, laptop.clock, tmp_path / "flashdisk")
        path = laptop.database.path
        laptop.database.close()
        laptop.database = Database.open(path, KEY)
    assert own_deeds(kader) == did
    assert own_deeds(bidan) == []
    assert log.verify_chain(kader.database) == 120
    assert server.status().operations == 120


class Newer(Wire):
    """A server of a later release, whose messages have parts that this one does not know."""

    def __init__(self, server) -> None:
        super().__init__(server.desk)
        self.key = server.district.keys.sign

    def exchange(self, body: bytes) -> bytes:
        reply = json.loads(super().exchange(body))
        del reply["signature"]
        reply["weather"] = {"rain": [1, None, True]}
        reply["feed"]["shard"] = "b"
        for item in (*reply["feed"]["ops"], *reply["receipts"]):
            item["judge"] = {"v": 9}
        return sign(reply, self.key)


def test_a_newer_servers_reply_is_taken_in_and_what_is_new_in_it_let_be(server, make):
    """Rule 15, the other way round than the golden bundles."""
    kader, bidan = make(), make(VILLAGE)
    line = Newer(server)
    child = kader.register("Anak Baru", shoe_size=21)
    kader.log("teleposyandu.call", str(uuid.uuid4()), {"child": child, "minutes": 9})
    kader.weigh(child)
    assert kader.sync(line).sent == 3
    assert bidan.sync(line).received == 3
    assert kader.status.unsent == 0
    assert bidan.value(child, "name") == "Anak Baru"
    theirs = kader.database.rows("SELECT envelope, payload, hash FROM log ORDER BY seq")
    told = bidan.database.rows("SELECT payload FROM log ORDER BY seq")
    assert [payload for _, payload, _ in theirs] == [payload for (payload,) in told]
    assert bidan.sync(line).incidents == kader.sync(line).incidents == ()
