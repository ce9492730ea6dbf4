"""What earlier releases wrote can still be read, sent and taken in (sync rule 15)."""

import json
import shutil
from pathlib import Path

import pytest

from posyandu_app import __version__
from posyandu_app.district import admin, config
from posyandu_app.district.desk import Desk
from posyandu_app.storage import log
from posyandu_app.storage.connection import Database
from posyandu_app.sync import stick
from posyandu_app.sync.engine import Engine
from tests import golden
from tests.district.server import START_MS, Server, Time, Wire
from tests.sync.laptops import KEY, Laptop

RELEASES = sorted(path for path in golden.GOLDEN.iterdir() if path.is_dir())
DAY_MS = 24 * 60 * 60 * 1000


@pytest.fixture(params=RELEASES, ids=lambda path: path.name)
def bundle(request, tmp_path) -> Path:
    """A copy of what one release wrote."""
    shutil.copytree(request.param, tmp_path / "golden")
    return tmp_path / "golden"


@pytest.fixture
def server(bundle):
    district = config.load(bundle / "dinas")
    store = admin.open_store(district)
    clock = Time(START_MS + DAY_MS)
    yield Server(district, store, Desk(district, store, clock), clock)
    store.close()


def laptop(path: Path) -> Laptop:
    found = object.__new__(Laptop)
    found.database = Database.open(path, KEY)
    from posyandu_app.domain.clock import FixedClock
    from tests.sync.laptops import START

    found.clock = FixedClock(START)
    found.engine, found.scope = Engine(found.database, found.clock), "32.11.13.2005.001"
    return found


def facts(bundle: Path) -> dict:
    return json.loads((bundle / "facts.json").read_text(encoding="utf-8"))


def test_this_release_has_its_bundle():
    assert __version__ in {path.name for path in RELEASES}, (
        "make it: python -m tests.golden (see contributing)"
    )


def test_the_servers_folder_opens_and_holds_what_it_held(bundle, server):
    assert server.status().statuses == facts(bundle)["statuses"]
    assert {kind: list(pair) for kind, pair in server.status().digests.items()} == facts(bundle)["digests"]


def test_a_request_of_that_release_is_taken_in_on_the_line_and_on_a_stick(bundle, server):
    body = (bundle / "request.json").read_bytes()
    assert stick.unseal((bundle / "request.psb").read_bytes(), server.district.keys.seal) == body
    before = server.status().operations
    reply = json.loads(server.desk.exchange(body))
    assert server.status().operations == before + 2
    assert [receipt["status"] for receipt in reply["receipts"] if receipt["seq"] > 5] == [
        "applied",
        "applied",
    ]
    assert json.loads(server.desk.exchange(body))["have"] == reply["have"]


def test_the_laptops_database_opens_sends_what_it_had_and_agrees(bundle, server):
    kader, bidan = laptop(bundle / "kader.db"), laptop(bundle / "bidan.db")
    try:
        assert kader.statuses() == facts(bundle)["kader"]
        log.verify_chain(kader.database)
        assert kader.status.unsent == 2
        bidan.engine.apply((bundle / "bidan-reply.json").read_bytes())
        for each in (kader, bidan, kader):
            assert each.sync(Wire(server.desk)).incidents == ()
        assert kader.status.unsent == 0
        assert bidan.value(facts(bundle)["child"], "name") == "Anak Emas Dua"
        assert bidan.digests() == {kind: tuple(pair) for kind, pair in server.status().digests.items()}
    finally:
        kader.database.close()
        bidan.database.close()


def test_a_bundle_can_be_made_of_this_release(tmp_path):
    golden.make(tmp_path / "new")
    assert {path.name for path in (tmp_path / "new").iterdir()} == {
        path.name for path in RELEASES[-1].iterdir()
    }
